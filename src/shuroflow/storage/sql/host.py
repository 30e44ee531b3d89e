"""The way through the host's own connection or ORM session, in the host's transaction.

Nothing of the host's is begun for good, committed or rolled back here. What is written is written within a savepoint,
so that a conflict undoes the half append and leaves the host's rows and its transaction as they were.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from shuroflow.errors import Damaged, InputError, Unavailable
from shuroflow.storage.sql import postgresql, sqlite
from shuroflow.storage.sql.link import Link
from shuroflow.storage.sql.statements import PAGE, Row, Statement
from shuroflow.storage.sql.tables import event_table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_AUTOCOMMIT = "the connection commits every statement by itself (AUTOCOMMIT); an append needs a transaction"
_SAVEPOINT = (
    "the host is in a savepoint, for which the driver begins no transaction: its release would commit the event. Let "
    "SQLAlchemy begin: set isolation_level = None on the event `connect` and send BEGIN on the event `begin` (its page "
    "on SQLite, on transactions with the driver of Python)"
)


class HostLink(Link):
    """The connection that the host has open, or that its session has open at the moment."""

    def __init__(self, source: sa.Connection | Session, *, dialect: str, where: str) -> None:
        super().__init__(dialect, where)
        self._source = source
        self._on_sqlite = dialect == "sqlite"

    @property
    def connection(self) -> sa.Connection:
        """The host's connection."""
        return connection_of(self._source)

    def rows(self, statement: Statement, values: tuple[object, ...] = ()) -> Sequence[Any]:
        """All rows that a statement gives."""
        found = self.connection.execute(statement.core, dict(zip(statement.names, values, strict=True)))
        try:
            return [tuple(row) for row in found]
        except (
            TypeError,
            ValueError,
        ) as error:  # SQLite keeps anything in any column, and SQLAlchemy makes a day of it
            raise Damaged(f"a row holds what no journal wrote ({error})", where=self.where) from None

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert rows into the table of events."""
        if rows:
            values = [{**row._asdict(), "occurred_on": date.fromisoformat(row.occurred_on)} for row in rows]
            self.connection.execute(self.sql.insert.core, values)

    def load(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert many rows, as many with one call as is usual."""
        source = iter(rows)
        while some := [Row._make(row) for row in islice(source, PAGE)]:
            self.insert(some)

    @contextlib.contextmanager
    def writing(self, lock: Statement | None) -> Iterator[None]:
        """A savepoint in the host's transaction. The lock is held until the host ends it, unless all is undone."""
        connection = self.connection
        if self._on_sqlite:
            self._begin(connection)
        elif getattr(connection.connection.dbapi_connection, "autocommit", False):
            raise InputError(f"{self.where}: {_AUTOCOMMIT}")
        savepoint = connection.begin_nested()
        try:
            if lock is not None:
                connection.execute(lock.core)
            yield
            savepoint.commit()
        except BaseException:
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                savepoint.rollback()
            raise

    def _begin(self, connection: sa.Connection) -> None:
        """A transaction of SQLite that ends when SQLAlchemy ends its own, and not before."""
        if not connection.in_transaction():
            connection.begin()  # as its first statement would; who listens sends a BEGIN now
        raw: Any = connection.connection.dbapi_connection
        own = getattr(raw, "autocommit", None)  # of Python 3.12; -1 for the old way
        if connection.in_nested_transaction() and own is not False and not connection.dispatch.begin:
            raise InputError(f"{self.where}: {_SAVEPOINT}")
        if raw.in_transaction:
            return
        if own is True or getattr(raw, "isolation_level", "") is None:
            raise InputError(f"{self.where}: {_AUTOCOMMIT}")
        connection.exec_driver_sql(
            "BEGIN IMMEDIATE"
        )  # the driver begins none for a savepoint: releasing it would commit

    def close(self) -> None:
        """Nothing: the connection is the host's."""

    def translated(self, error: BaseException) -> BaseException:
        """The error of the driver, or of SQLAlchemy, in our terms."""
        if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
            if self._on_sqlite:
                return sqlite.translated(error.orig, where=self.where)
            if error.connection_invalidated or postgresql.is_lost(error.orig):
                said = f"the host's connection was lost; nothing of its transaction stands ({error.orig})"
                return Unavailable(" ".join(said.split()), where=self.where)
            return postgresql.translated(error.orig, where=self.where)
        if isinstance(error, sa.exc.SQLAlchemyError):
            return unusable(error, where=self.where)
        return error


def connection_of(source: sa.Connection | Session) -> sa.Connection:
    """The connection of a source: itself, or the one that a session uses for the table of events."""
    if isinstance(source, sa.Connection):
        return source
    return source.connection(bind_arguments={"clause": event_table})


def unusable(error: sa.exc.SQLAlchemyError, *, where: str) -> Unavailable:
    """What SQLAlchemy says of a connection that was closed or a session that has failed, without values of the host."""
    said = re.split(r"Original exception|\[SQL|\(Background", str(error))[0]
    return Unavailable(f"the host's connection or session cannot be used: {' '.join(said.split())}", where=where)


__all__ = ["HostLink", "connection_of", "unusable"]
