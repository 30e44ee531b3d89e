"""The way to a SQLite database of one's own: its settings, its locks, what its errors mean."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from shuroflow.errors import Damaged, Unavailable
from shuroflow.storage.sql.link import Link, Taken
from shuroflow.storage.sql.statements import Row, Statement

_TAILS = """SELECT last.case_id, last.seq, last.body FROM json_each(?) AS asked
CROSS JOIN shuroflow_event AS last ON last.case_id = asked.value
AND last.seq = (SELECT max(seq) FROM shuroflow_event AS e WHERE e.case_id = asked.value)"""
_TROUBLE: tuple[tuple[str, type[Damaged] | type[Unavailable], str], ...] = (
    (
        "SQLITE_BUSY_SNAPSHOT",
        Unavailable,
        "others wrote since this transaction began; roll back and try again",
    ),
    ("SQLITE_BUSY", Unavailable, "another process holds the database; try again when it is done"),
    ("SQLITE_LOCKED", Unavailable, "another connection holds the database; try again when it is done"),
    ("SQLITE_READONLY", Unavailable, "the database or its folder cannot be written; check the permissions"),
    ("SQLITE_CANTOPEN", Unavailable, "the file cannot be opened; check that it and its folder exist and may be read"),
    ("SQLITE_FULL", Unavailable, "the disk is full; nothing was written, make room and try again"),
    (
        "SQLITE_IOERR",
        Unavailable,
        "the disk failed; open the journal again and read the case before trying again, or use an idempotency key",
    ),
    ("SQLITE_NOTADB", Unavailable, "this is no SQLite database; check the path"),
    ("SQLITE_CORRUPT", Damaged, "the database file is damaged; restore it from a backup"),
)


def translated(error: BaseException, *, where: str) -> BaseException:
    """An error of the driver in our terms; any other error as it is."""
    if isinstance(error, UnicodeDecodeError):  # the driver cannot even read what the database answers
        return Damaged(f"the database file is damaged; restore it from a backup ({error})", where=where)
    if not isinstance(error, sqlite3.Error):
        return error
    name = getattr(error, "sqlite_errorname", None) or ""
    if isinstance(error, sqlite3.IntegrityError):
        return Taken(str(error))
    for prefix, kind, remedy in _TROUBLE:
        if name.startswith(prefix):
            return kind(f"{remedy} ({error})", where=where)
    if "decode to UTF-8" in str(error):
        return Damaged(f"a row holds text that is not UTF-8 ({error})", where=where)
    return Unavailable(f"the database answers: {error}", where=where)


def in_memory(url: sa.URL) -> bool:
    """Does the database live in memory only?"""
    return url.database in (None, "", ":memory:") or "mode=memory" in str(url.query)


def check_path(url: sa.URL, *, where: str, create: bool) -> None:
    """SQLite makes whatever it is asked to open: what is missing is told before that.

    Raises:
        Unavailable: if there is no such file, or no folder for it.
    """
    if in_memory(url) or url.database is None or url.database.startswith("file:"):
        return
    path = Path(url.database)
    if path.is_dir():
        raise Unavailable("this is a folder; name a file in it", where=where)
    if not path.parent.is_dir():
        raise Unavailable(f"there is no folder {str(path.parent)!r}; make it first", where=where)
    if not create and not path.exists():
        raise Unavailable("there is no such database; check the path, or create it first", where=where)


class SqliteLink(Link):
    """A connection of the journal's own, taken out of the pool: it is held until close, and its settings stay its own.

    Args:
        engine: where the connection comes from.
        create: the database may be made where it is missing; then it gets a write-ahead log.
        busy_timeout: seconds to wait for another process that is writing.
    """

    own = True

    def __init__(self, engine: sa.Engine, *, where: str, create: bool, busy_timeout: float) -> None:
        super().__init__("sqlite", where)
        check_path(engine.url, where=where, create=create)
        self._connection = engine.connect()
        pooled = self._connection.connection
        self._raw: sqlite3.Connection = pooled.dbapi_connection  # type: ignore[assignment]
        self._connection.detach()
        self._cursor = self._raw.cursor()  # for appends: no statement of theirs is left half read
        try:
            if getattr(self._raw, "autocommit", -1) != -1:  # a setting of Python 3.12 that begins transactions itself
                self._raw.autocommit = True  # type: ignore[attr-defined,unused-ignore]
            self._raw.isolation_level = None  # transactions are begun and ended by the statements here only
            self._raw.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
            self._raw.execute("PRAGMA synchronous = FULL")
            self._raw.execute("PRAGMA foreign_keys = ON")
            self._raw.execute("PRAGMA cache_size = -32000")  # KB at most: a load of many cases touches many pages
            if create and self._raw.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
                self._raw.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            self.close()
            raise

    @property
    def connection(self) -> sa.Connection:
        """The connection as SQLAlchemy knows it."""
        return self._connection

    def rows(self, statement: Statement, values: tuple[object, ...] = ()) -> Sequence[Any]:
        """All rows that a statement gives."""
        return self._raw.execute(statement.text, statement.given(values)).fetchall()

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert rows into the table of events."""
        for row in rows:
            self._raw.execute(self.sql.insert.text, row)

    def load(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Insert many rows with one call of the driver."""
        self._raw.executemany(self.sql.insert.text, rows)

    def tails(self, case_ids: Iterable[str]) -> Iterator[tuple[str, int, str]]:
        """Case, last number and last body, with one statement for all."""
        yield from self._raw.execute(_TAILS, (msgspec.json.encode(list(case_ids)).decode(),))

    @contextlib.contextmanager
    def writing(self, lock: Statement | None) -> Iterator[None]:
        """A transaction that has the write lock from its beginning: nothing that is read in it can change."""
        self._raw.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._raw.execute("COMMIT")
        except BaseException:
            if self._raw.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._raw.execute("ROLLBACK")
            raise

    def guarded(self, row: Row, last: str | None) -> bool:
        """Look, insert and commit in one statement: it takes the write lock before it looks, and commits by itself."""
        statement = self.sql.guarded
        try:
            self._cursor.execute(statement.text, statement.given((*row[1:], last)))
        except sqlite3.IntegrityError:  # there is no id for a case that stands otherwise
            return False
        return True

    def translated(self, error: BaseException) -> BaseException:
        """The error of the driver in our terms."""
        if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:  # while making tables, or filling them
            error = error.orig
        return translated(error, where=self.where)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


__all__ = ["SqliteLink", "check_path", "in_memory", "translated"]
