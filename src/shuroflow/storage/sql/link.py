"""What a journal needs of a database, whoever the connection belongs to: ask, write in a transaction, insert."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import sqlalchemy as sa

from shuroflow.errors import Unavailable
from shuroflow.storage.sql.statements import Row, Statement, Statements, statements


class Taken(Exception):
    """Raised when the database itself refuses a number that is given already; nothing was written."""


class Link(ABC):
    """A way to the tables of one database. It is used by one thread at a time."""

    own = False
    """Does the connection belong to the journal alone, so that :meth:`guarded` can be used?"""

    def __init__(self, dialect: str, where: str) -> None:
        self.where = where
        self.sql: Statements = statements(dialect)

    @property
    @abstractmethod
    def connection(self) -> sa.Connection:
        """The connection as SQLAlchemy knows it, for all that need not be quick."""

    @abstractmethod
    def rows(self, statement: Statement, values: tuple[object, ...] = ()) -> Sequence[Any]:
        """All rows that a statement gives."""

    @abstractmethod
    def insert(self, rows: Sequence[Row]) -> None:
        """Insert rows into the table of events."""

    @abstractmethod
    def writing(self, lock: Statement | None) -> AbstractContextManager[None]:
        """All or nothing: a transaction, or a part of the host's, in which nobody else writes what ``lock`` guards."""

    @abstractmethod
    def translated(self, error: BaseException) -> BaseException:
        """The error of the driver in our terms; any other error as it is."""

    @abstractmethod
    def load(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Insert many rows, given in the order of :class:`.statements.Row`, the quickest way there is."""

    def guarded(self, row: Row, last: str | None) -> bool:
        """Insert one row and commit, if ``last`` is the body that stands before it; otherwise nothing is written."""
        raise NotImplementedError

    def linked(self, row: Row, before: str, after: str, prev: str | None) -> str | None:
        """Insert one row and commit, its body with the link to what stands before it in the middle; that link.

        None, and nothing is written, if the case does not stand just before it, or if the link is not ``prev``, where
        there is one. Only where there is a statement for it.
        """
        raise NotImplementedError

    def histories(self, case_ids: Sequence[str], until: int) -> dict[str, Sequence[Any]]:
        """All rows of each of the cases up to a position, in the order of their numbers."""
        return {case_id: self.rows(self.sql.read_until, (case_id, until)) for case_id in case_ids}

    def tails(self, case_ids: Iterable[str]) -> Iterator[tuple[str, int, str]]:
        """Case, last number and last body of those of the cases that have events."""
        for case_id in case_ids:
            for seq, body in self.rows(self.sql.last, (case_id,)):
                yield case_id, seq, body

    @abstractmethod
    def close(self) -> None:
        """Give back what belongs to this link; closing twice is fine."""


class Door:
    """The way to the tables for one thread at a time, entered again and again; errors come out in our terms.

    Args:
        link: the way, which is closed with the door.
        closed: what to tell whoever comes when it is closed.
    """

    def __init__(self, link: Link, *, closed: str) -> None:
        self.link: Link | None = link
        self.where = link.where
        self.lock = threading.Lock()
        self._closed = closed

    def __enter__(self) -> Link:
        self.lock.acquire()
        if self.link is None:
            self.lock.release()
            raise Unavailable(self._closed, where=self.where)
        return self.link

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if error is not None and self.link is not None:
                told = self.link.translated(error)
                if told is not error:
                    raise told from None
        finally:
            self.lock.release()

    def close(self) -> None:
        """Give back what belongs to the link; closing twice is fine."""
        with self.lock:
            if self.link is not None:
                self.link.close()
                self.link = None


__all__ = ["Door", "Link", "Taken"]
