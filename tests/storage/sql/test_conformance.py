"""The journal in SQL keeps every promise of the port, on every way that leads to its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings

from shuroflow.storage import Journal
from shuroflow.storage.sql import SqlJournal, install
from shuroflow.verification import JournalPromises
from shuroflow.verification.journals.claims import FEW
from tests.postgres import Schemas
from tests.storage.sql.databases import plain, sqlite_url, unguarded


def overwrite(url: str, position: int, body: bytes) -> None:
    """Put another body into a row."""
    unguarded(url)
    db = plain(url)
    mark = "?" if url.startswith("sqlite") else "%s"
    db.execute(f"UPDATE shuroflow_event SET body = {mark} WHERE position = {mark}", (body.decode(), position))
    db.close()


class TestSqlite(JournalPromises):
    """In a file, by its URL."""

    durable, shared, processes, threads, bulk = True, True, True, True, True

    def open(self, folder: Path) -> Journal:
        """The database of the folder."""
        return SqlJournal(sqlite_url(folder), create=True)

    def tamper(self, folder: Path, position: int, body: bytes) -> None:
        """As the owner of the file."""
        overwrite(sqlite_url(folder), position, body)


class TestInMemory(JournalPromises):
    """In memory: gone with the journal."""

    durable, shared, processes, threads, bulk = False, False, False, True, True

    def open(self, folder: Path) -> Journal:
        """An empty database, whatever the folder."""
        return SqlJournal("sqlite://", create=True)


class TestPostgresql(JournalPromises):
    """By its URL, in a schema for each folder."""

    durable, shared, processes, threads, bulk = True, True, True, True, True
    settings = settings(FEW, max_examples=8)
    kills = 3
    schemas: Schemas

    @pytest.fixture(autouse=True)
    def _schemas(self, postgres: str) -> Iterator[None]:
        with Schemas(postgres) as self.schemas:
            yield

    def open(self, folder: Path) -> Journal:
        """The schema that stands for the folder."""
        return SqlJournal(self.schemas.of(folder), create=True)

    def opener(self, folder: Path) -> Callable[[], Journal]:
        """By the URL, for another process."""
        return partial(SqlJournal, self.schemas.of(folder), create=True)

    def tamper(self, folder: Path, position: int, body: bytes) -> None:
        """As the owner of the tables."""
        overwrite(self.schemas.of(folder), position, body)


class OnTheHostsConnection(SqlJournal):
    """A journal and the host that has its connection open, in a transaction that never ends."""

    def __init__(self, url: str) -> None:
        options = {"check_same_thread": False, "timeout": 0} if url.startswith("sqlite") else {}
        self.engine = sa.create_engine(url, connect_args=options)
        install(self.engine)
        self.host = self.engine.connect()
        super().__init__(self.host)

    def close(self) -> None:
        """The journal leaves the connection open; the host closes it."""
        super().close()
        self.host.close()
        self.engine.dispose()


class TestSqliteConnection(JournalPromises):
    """On an open connection of the host: whoever has another one sees nothing of it."""

    durable, shared, processes, threads, bulk = False, False, False, True, True
    settings = settings(FEW, max_examples=8)

    def open(self, folder: Path) -> Journal:
        """On a connection that the host has just opened."""
        return OnTheHostsConnection(sqlite_url(folder))


class TestPostgresqlConnection(JournalPromises):
    """On an open connection of the host: whoever has another one sees nothing of it."""

    durable, shared, processes, threads, bulk = False, False, False, True, True
    settings = settings(FEW, max_examples=8)
    schemas: Schemas

    @pytest.fixture(autouse=True)
    def _schemas(self, postgres: str) -> Iterator[None]:
        with Schemas(postgres) as self.schemas:
            yield

    def open(self, folder: Path) -> Journal:
        """On a connection that the host has just opened."""
        return OnTheHostsConnection(self.schemas.of(folder))

    def opener(self, folder: Path) -> Callable[[], Journal]:
        """By the URL, for another process."""
        return partial(OnTheHostsConnection, self.schemas.of(folder))
