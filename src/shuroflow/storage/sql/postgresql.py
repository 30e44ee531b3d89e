"""The way to a PostgreSQL database of one's own, through psycopg 3: its locks, few round trips, what its errors mean.

Every append takes one advisory lock for as long as its transaction lasts, so positions are given in the order of
commits and without a gap. The connection is made again after it was lost.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from shuroflow.errors import Damaged, Unavailable
from shuroflow.storage.sql.link import Link, Taken
from shuroflow.storage.sql.statements import Row, Statement

if TYPE_CHECKING:
    import psycopg

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"  # what is read after the lock is what stands, whatever the server's way
_COPY = f"COPY shuroflow_event ({', '.join(Row._fields)}) FROM STDIN"
_TAILS = """SELECT asked.case_id, last.seq, last.body FROM unnest(%s::text[]) AS asked (case_id)
CROSS JOIN LATERAL (SELECT seq, body FROM shuroflow_event AS e WHERE e.case_id = asked.case_id
ORDER BY seq DESC LIMIT 1) AS last"""
# The sum keeps the planner from gathering every position up to the head, for each few cases anew.
_HISTORIES = f"""SELECT {", ".join(Row._fields)} FROM shuroflow_event WHERE case_id = ANY(%s) AND position + 0 <= %s
ORDER BY case_id, seq"""
_RETRY = "roll back and try again"
_TROUBLE: tuple[tuple[str, type[Damaged] | type[Unavailable], str], ...] = (
    ("25006", Unavailable, "the database may only be read: a standby, or a setting of the role"),
    ("25P02", Unavailable, "the transaction has failed before; roll it back"),
    ("28", Unavailable, "the server does not let this role in; check the name and the password"),
    ("3D000", Unavailable, "there is no such database; check its name, or create it first"),
    ("3F000", Unavailable, "there is no schema for the tables; create it first, or check the search_path of the URL"),
    ("40", Unavailable, f"another transaction came in between; {_RETRY}"),
    (
        "42501",
        Unavailable,
        "this role lacks a right; a journal needs SELECT on shuroflow_event and shuroflow_schema, to record INSERT on "
        "shuroflow_event as well; papers (shuroflow_annex…) and the tables behind the views have rights of their own",
    ),
    ("42P01", Unavailable, "holds no journal, or only a part of one; create one there, or check the search_path"),
    ("53100", Unavailable, "the disk of the server is full; nothing was written, make room and try again"),
    ("53300", Unavailable, "the server has no connection left; nothing was written, try again later"),
    ("53", Unavailable, "the server is short of resources; nothing was written, try again later"),
    ("55P03", Unavailable, "another process is writing; nothing was written, try again when it is done"),
    ("57014", Unavailable, "the statement was cancelled; nothing was written"),
    ("57P03", Unavailable, "the server is not ready; try again in a moment"),
    ("58", Unavailable, "the server cannot read or write its files; ask who runs it"),
    ("XX001", Damaged, "the data of the server are damaged; restore them from a backup"),
    ("XX002", Damaged, "an index of the server is damaged; ask who runs it"),
)


def translated(error: BaseException, *, where: str) -> BaseException:
    """An error of any driver of PostgreSQL in our terms, by its SQLSTATE."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""
    told = " ".join(str(error).split())
    if state == "23505":
        if getattr(getattr(error, "diag", None), "constraint_name", None) == "shuroflow_event_case_seq":
            return Taken(told)
        said = f"another transaction recorded since this one began to read; {_RETRY}"
        return Unavailable(f"{said} ({told})", where=where)
    for prefix, kind, remedy in _TROUBLE:
        if state.startswith(prefix):
            return kind(f"{remedy} ({told})", where=where)
    if not state and "connect" in told:
        return Unavailable(f"the server cannot be reached, or does not let this role in ({told})", where=where)
    return Unavailable(f"the database answers: {told}", where=where)


def is_lost(error: BaseException) -> bool:
    """Does the error say that the connection is gone?"""
    state = getattr(error, "sqlstate", None) or ""
    return state.startswith(("08", "57P01", "57P02", "57P04", "57P05", "25P03"))


class PostgresqlLink(Link):
    """A connection of the journal's own, taken out of the pool and made again when it is lost.

    Args:
        engine: where the connections come from.
        busy_timeout: seconds to wait for another process that is writing.
    """

    own = True

    def __init__(self, engine: sa.Engine, *, where: str, busy_timeout: float) -> None:
        super().__init__("postgresql", where)
        self._engine = engine
        self._errors: Any = engine.dialect.loaded_dbapi
        self._patience = max(1, int(busy_timeout * 1000))  # 0 would be for ever
        self._writing = self._committing = False
        self._sql: sa.Connection | None = None
        self._raw: psycopg.Connection[Any]
        self._cursor: psycopg.Cursor[Any]
        self._connect()

    def _connect(self) -> None:
        connection = self._engine.connect()
        raw: Any = connection.connection.dbapi_connection
        connection.detach()
        self._sql, self._raw = connection, raw
        try:
            raw.rollback()
            raw.autocommit = True  # transactions are begun and ended by the statements here only
            raw.execute("SELECT set_config('lock_timeout', %s, false)", (str(self._patience),))
            raw.execute("SET client_encoding TO 'UTF8'")
            raw.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")
            # Every statement here goes by a key, whatever the values: planning it anew takes longer than running it.
            raw.execute("SET plan_cache_mode TO 'force_generic_plan'")
            self._cursor = raw.cursor()  # kept: to make one for each statement takes as long as a good part of it
            if raw.execute("SHOW synchronous_commit").fetchone()[0] == "off":
                raw.execute("SET synchronous_commit TO 'on'")  # an acknowledged event is on the disk
        except BaseException:
            self.close()
            raise

    def _ready(self) -> psycopg.Connection[Any]:
        """The connection, made anew if it was lost; never within a transaction, which is lost with it."""
        if not self._writing and (self._sql is None or self._raw.closed):
            self.close()
            self._connect()
        return self._raw

    @property
    def connection(self) -> sa.Connection:
        """The connection as SQLAlchemy knows it."""
        self._ready()
        assert self._sql is not None
        return self._sql

    def rows(self, statement: Statement, values: tuple[object, ...] = ()) -> Sequence[Any]:
        """All rows that a statement gives."""
        self._ready()
        return self._cursor.execute(statement.text, statement.given(values)).fetchall()

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert rows into the table of events."""
        for row in rows:
            self._raw.execute(self.sql.insert.text, row)

    def load(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Insert many rows by COPY."""
        with self._raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)

    def histories(self, case_ids: Sequence[str], until: int) -> dict[str, Sequence[Any]]:
        """All rows of each of the cases, with one statement for all."""
        rows = self._ready().execute(_HISTORIES, (list(case_ids), until))
        return {case_id: list(of_case) for case_id, of_case in groupby(rows, key=itemgetter(1))}

    def tails(self, case_ids: Iterable[str]) -> Iterator[tuple[str, int, str]]:
        """Case, last number and last body, with one statement for all."""
        yield from self._raw.execute(_TAILS, (list(case_ids),))

    @contextlib.contextmanager
    def writing(self, lock: Statement | None) -> Iterator[None]:
        """A transaction in which nobody else writes what the lock guards."""
        raw = self._ready()
        self._writing = True
        try:
            raw.execute(_BEGIN)
            if lock is not None:
                raw.execute(lock.text)
            yield
            self._committing = True
            raw.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        finally:
            self._writing = False
        self._committing = False

    def guarded(self, row: Row, last: str | None) -> bool:
        """Lock, look, insert and commit in one statement."""
        return self._at_once(self.sql.guarded, (*row[1:], last))

    def linked(self, row: Row, before: str, after: str, prev: str | None) -> str | None:
        """Lock, look, link, insert and commit in one statement."""
        assert self.sql.linked is not None
        done = self._at_once(self.sql.linked, (*row[1:-1], before, after, prev))
        return self._cursor.fetchall()[0][0] if done else None

    def _at_once(self, statement: Statement, values: tuple[object, ...]) -> bool:
        """Has a statement that is a transaction by itself written its row?

        What it looks at is what stood when it began, which may be before it had the lock. Then the numbers that it
        gives are taken, and the database refuses them.
        """
        self._ready()
        self._committing = True
        try:
            self._cursor.execute(statement.text, statement.given(values))
        except self._errors.errors.UniqueViolation:
            self._committing = False
            return False
        self._committing = False
        return self._cursor.rowcount == 1

    def _undo(self) -> None:
        """Out of the transaction; a connection that cannot even do that is given up."""
        try:
            if not self._raw.closed and self._raw.info.transaction_status:
                self._raw.execute("ROLLBACK")
        except self._errors.Error:
            self._raw.close()

    def translated(self, error: BaseException) -> BaseException:
        """The error of the driver in our terms; after it nothing is under way."""
        committing, self._committing = self._committing, False
        if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:  # while connecting, or making tables
            error = error.orig
        elif isinstance(error, sa.exc.TimeoutError):
            return Unavailable(f"the engine has no connection left: {error}", where=self.where)
        if not isinstance(error, self._errors.Error):
            return error
        if is_lost(error) or (self._sql is not None and self._raw.closed):
            said = "nothing was written, and the next call connects anew"
            if committing:
                said = (
                    "whether the last append was recorded is unknown: read the case again; to append the same again "
                    "under the same idempotency key is safe"
                )
            return Unavailable(f"the connection was lost; {said} ({' '.join(str(error).split())})", where=self.where)
        return translated(error, where=self.where)

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        if self._sql is not None:
            connection, self._sql = self._sql, None
            # Past the pool, which would roll back first and print what a lost connection says to that.
            with contextlib.suppress(self._errors.Error, sa.exc.SQLAlchemyError):
                self._raw.close()
                connection.invalidate()
                connection.close()


__all__ = ["PostgresqlLink", "is_lost", "translated"]
