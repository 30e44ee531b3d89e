"""A journal in a SQL database, through SQLAlchemy Core. SQLite; the statements are kept free of its dialect.

One table holds one row for each event: the canonical line as text, and beside it the columns that plain
SQL asks for. The statements are built with Core, compiled once for the dialect of the engine, and run on
the driver's own connection: recording one event costs little more than the commit itself.
"""

from __future__ import annotations

import contextlib
import heapq
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from shuroflow.errors import Conflict, Damaged, InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.codec import decode, encode
from shuroflow.storage.journal import Appended, Closing, prepare, repeated

SCHEMA_VERSION = 1
"""The version of the tables (not of the events). A later one comes with its migration."""

metadata = sa.MetaData()
"""The tables of the journal, for hosts that manage their schema themselves."""

event_table = sa.Table(
    "shuroflow_event",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("occurred_on", sa.Date, nullable=False),
    sa.Column("recorded_at", sa.Text, nullable=False, comment="ISO 8601 with its offset, as recorded"),
    sa.Column("key", sa.Text, comment="idempotency key of the append"),
    sa.Column("body", sa.Text, nullable=False, comment="the event as its canonical line"),
    sa.UniqueConstraint("case_id", "seq", name="shuroflow_event_case_seq"),
)
"""One row for each event. ``position`` grows with every append; rows are never changed and never deleted."""

_FIRST = event_table.c.seq == 1
first_index = sa.Index("shuroflow_event_first", event_table.c.position, sqlite_where=_FIRST, postgresql_where=_FIRST)

schema_table = sa.Table("shuroflow_schema", metadata, sa.Column("version", sa.Integer, primary_key=True))
"""The versions of the tables that this database has gone through; the highest is the present one."""

_LOWEST = -(2**63)
"""Below every number that a row can have."""

_PAGE = 500
"""Cases listed with one statement: a long scan holds neither a transaction nor all ids."""

_TROUBLE: tuple[tuple[str, type[Damaged] | type[Unavailable], str], ...] = (
    ("SQLITE_BUSY", Unavailable, "another process holds the database; try again when it is done"),
    ("SQLITE_LOCKED", Unavailable, "another connection holds the database; try again when it is done"),
    ("SQLITE_READONLY", Unavailable, "the database or its folder cannot be written; check the permissions"),
    ("SQLITE_CANTOPEN", Unavailable, "the file cannot be opened; check that it and its folder exist and may be read"),
    ("SQLITE_FULL", Unavailable, "the disk is full; nothing was written, make room and try again"),
    ("SQLITE_NOTADB", Damaged, "this is no SQLite database; check the path"),
    ("SQLITE_CORRUPT", Damaged, "the database file is damaged; restore it from a backup"),
)


class SqlJournal(Closing):
    """A journal in a SQL database; safe between threads and between processes.

    Args:
        source: a URL (``sqlite:///cases.db``, ``sqlite://`` for one in memory) or an engine of the host.
        create: make the database and its tables where they are missing; otherwise that is an error.
        busy_timeout: seconds to wait for another process that is writing.

    Raises:
        InputError: if the URL is none, or names a database other than SQLite.
        Unavailable: if the database is missing, cannot be opened, or is of a later version.
        Damaged: if the file is no database or is broken.
    """

    def __init__(self, source: str | sa.Engine, *, create: bool = False, busy_timeout: float = 10.0) -> None:
        self._engine = source if isinstance(source, sa.Engine) else _engine(source)
        self._owned = not isinstance(source, sa.Engine)
        self.where = self._engine.url.render_as_string(hide_password=True)
        """The URL, without its password."""
        if self._engine.dialect.name != "sqlite":
            raise InputError(f"{self.where}: a journal in SQL is kept in SQLite; use sqlite:///path.db")
        self._errors: Any = self._engine.dialect.dbapi
        self._lock = threading.Lock()
        self._sql = _Statements(self._engine.dialect)
        self._db: Any = None
        _check_path(self._engine.url, self.where, create=create)
        try:
            self._db = self._connect()
            self._db.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            if create:
                self._create()
            self._check_version()
        except BaseException as error:
            self.close()
            raise self._translated(error) from None

    # ------------------------------------------------------------ the port

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none, in one transaction; see :meth:`.journal.Journal.append`."""
        ready = prepare(case_id, events, expected=expected, key=key)
        rows = [
            (case_id, e.seq, e.programme, e.kind, str(e.occurred_on), e.recorded_at.isoformat(), key, body.decode())
            for e, body in [(event, encode(event)) for event in ready]
        ]
        with self._lock:
            db = self._open()
            try:
                db.execute(
                    "BEGIN IMMEDIATE"
                )  # the write lock first: nothing that is read now can change before the commit
                if key is not None and (first := db.execute(self._sql.keyed, (case_id, key)).fetchall()):
                    db.execute("ROLLBACK")
                    return repeated(case_id, key, ready, first=self._decoded(case_id, first, after=None))
                actual = db.execute(self._sql.version, (case_id,)).fetchone()[0] or 0
                if actual != expected:
                    raise Conflict(case_id, expected=expected, actual=actual)
                for row in rows:
                    db.execute(self._sql.insert, row)
                db.execute("COMMIT")
            except BaseException as error:
                if db.in_transaction:
                    with contextlib.suppress(self._errors.Error):
                        db.execute("ROLLBACK")
                if isinstance(error, self._errors.IntegrityError):  # the database itself has the last word on a seq
                    actual = db.execute(self._sql.version, (case_id,)).fetchone()[0] or 0
                    raise Conflict(case_id, expected=expected, actual=actual) from None
                raise self._translated(error) from None
        return Appended(case_id, expected + len(ready), ready)

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, in the order of ``seq``; an empty list if there are none."""
        # From the start every row is read, whatever its number: one below 1 is damage, and not to be passed over.
        return self._decoded(case_id, self._rows(self._sql.read, (case_id, after or _LOWEST)), after=after)

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        version: int = self._rows(self._sql.version, (case_id,))[0][0] or 0
        return version

    def scan(self) -> Iterator[Event]:
        """All events that were there when the scan began, case by case in the order of first recording."""
        head = self._rows(self._sql.head, ())[0][0] or 0
        for case_id in self._cases_until(head):
            yield from self._decoded(case_id, self._rows(self._sql.read_until, (case_id, head)))

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order in which they were first recorded."""
        yield from self._cases_until(self._rows(self._sql.head, ())[0][0] or 0)

    def close(self) -> None:
        """Give back the connection; closing twice is fine."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None
                if self._owned:
                    self._engine.dispose()

    # ------------------------------------------------------------ inside

    def _connect(self) -> Any:
        """The driver's own connection, taken out of the pool: it is held until close and its settings stay its own."""
        pooled = self._engine.raw_connection()
        db: Any = pooled.driver_connection
        pooled.detach()
        db.isolation_level = None  # transactions are begun and ended by the statements here, and by nothing else
        return db

    def _open(self) -> Any:
        if self._db is None:
            raise Unavailable("the journal is closed; open it again", where=self.where)
        return self._db

    def _rows(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                rows: list[tuple[Any, ...]] = self._open().execute(statement, values).fetchall()
            except self._errors.Error as error:
                raise self._translated(error) from None
        return rows

    def _cases_until(self, head: int) -> Iterator[str]:
        """First rows page by page, and between them the cases without one: reading such a case says what is wrong."""
        orphans = self._rows(self._sql.orphans, (head,))
        for _, case_id in heapq.merge(self._firsts_until(head), orphans):
            yield case_id

    def _firsts_until(self, head: int) -> Iterator[tuple[int, str]]:
        position = 0
        while rows := self._rows(self._sql.cases, (position, head, _PAGE)):
            for position, case_id in rows:
                yield position, case_id

    def _decoded(self, case_id: str, rows: Iterable[tuple[Any, ...]], *, after: int | None = 0) -> list[Event]:
        """The events of rows of a case, gapless from ``after`` on; ``None``: some of its rows, wherever they stand."""
        events: list[Event] = []
        for seq, body in rows:
            try:
                event = decode(body)
            except InputError as error:
                raise Damaged(f"event {seq} of case {case_id!r} cannot be read: {error}", where=self.where) from None
            if event.case_id != case_id or event.seq != seq:
                said = f"the row of event {seq} of case {case_id!r} holds event {event.seq} of case {event.case_id!r}"
                raise Damaged(said, where=self.where)
            if after is not None and seq != after + len(events) + 1:
                said = (
                    f"event {after + len(events) + 1} of case {case_id!r} is missing: event {seq} stands in its place"
                )
                raise Damaged(f"{said}; restore the database from a backup", where=self.where)
            events.append(event)
        return events

    def _create(self) -> None:
        """Tables and write-ahead log, where they are missing; several processes may do so at once."""
        if self._db.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
            self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("BEGIN IMMEDIATE")
        dialect = self._engine.dialect
        for table in metadata.sorted_tables:
            self._db.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
        self._db.execute(str(CreateIndex(first_index, if_not_exists=True).compile(dialect=dialect)))
        if self._db.execute(self._sql.schema).fetchone()[0] is None:
            self._db.execute(self._sql.schema_insert, (SCHEMA_VERSION,))
        self._db.execute("COMMIT")

    def _check_version(self) -> None:
        try:
            found = self._db.execute(self._sql.schema).fetchone()[0]
        except self._errors.OperationalError as error:
            if "no such table" not in str(error):
                raise
            found = None
        if found is None:
            raise Unavailable("holds no journal; create one there, or check the path", where=self.where)
        if found > SCHEMA_VERSION:
            said = f"its tables are of version {found}, this release knows {SCHEMA_VERSION}; use a newer shuroflow"
            raise Unavailable(said, where=self.where)

    def _translated(self, error: BaseException) -> BaseException:
        """The error of the driver in our terms; any other error as it is."""
        if not isinstance(error, self._errors.Error):
            inner = getattr(error, "orig", None)  # SQLAlchemy wraps what the driver raises while connecting
            return self._translated(inner) if inner is not None else error
        name = getattr(error, "sqlite_errorname", None) or ""
        for prefix, kind, remedy in _TROUBLE:
            if name.startswith(prefix):
                return kind(f"{remedy} ({error})", where=self.where)
        if "decode to UTF-8" in str(error):
            return Damaged(f"a row holds text that is not UTF-8 ({error})", where=self.where)
        return Unavailable(f"the database answers: {error}", where=self.where)


class _Statements:
    """What is said to the database, compiled once: text with positional parameters in the order given here."""

    def __init__(self, dialect: sa.Dialect) -> None:
        t = event_table.c
        case_id: sa.BindParameter[str] = sa.bindparam("case_id")
        until: sa.BindParameter[int] = sa.bindparam("until")
        after: sa.BindParameter[int] = sa.bindparam("after")

        zero: sa.ColumnClause[int] = sa.literal_column("0")

        def compiled(statement: sa.ClauseElement, *names: str) -> str:
            made: Any = statement.compile(dialect=dialect)
            assert tuple(made.positiontup or ()) == names, made.positiontup
            return str(made)

        body = sa.select(t.seq, t.body).where(t.case_id == case_id)
        beyond: sa.BindParameter[int] = sa.bindparam("beyond")
        self.read = compiled(body.where(t.seq > beyond).order_by(t.seq), "case_id", "beyond")
        self.read_until = compiled(body.where(t.position <= until).order_by(t.seq), "case_id", "until")
        self.keyed = compiled(body.where(t.key == sa.bindparam("key")).order_by(t.seq), "case_id", "key")
        self.version = compiled(sa.select(sa.func.max(t.seq)).where(t.case_id == case_id), "case_id")
        self.head = compiled(sa.select(sa.func.max(t.position)))
        first = sa.select(t.position, t.case_id).where(t.seq == sa.literal_column("1"))
        page = first.where(t.position > after, t.position <= until).order_by(t.position).limit(sa.bindparam("page"))
        page = page.offset(zero)  # or the dialect of SQLite binds a zero of its own
        self.cases = compiled(page, "after", "until", "page")
        # The unique index on case and seq holds all that is asked for here: it is gone through once, the table is not.
        is_first = sa.case((t.seq == sa.literal_column("1"), sa.literal_column("1")), else_=zero)
        earliest = sa.func.min(t.position)
        orphans = sa.select(earliest, t.case_id).where(t.position <= until).group_by(t.case_id)
        self.orphans = compiled(orphans.having(sa.func.max(is_first) == zero).order_by(earliest), "until")
        names = [column.name for column in event_table.columns if column.name != "position"]
        self.insert = compiled(event_table.insert().values({name: sa.bindparam(name) for name in names}), *names)
        self.schema = compiled(sa.select(sa.func.max(schema_table.c.version)))
        self.schema_insert = compiled(schema_table.insert().values(version=sa.bindparam("version")), "version")


def _engine(url: str) -> sa.Engine:
    try:
        made = sa.make_url(url)
        if made.get_backend_name() != "sqlite":
            raise InputError(f"{made.render_as_string()}: a journal in SQL is kept in SQLite; use sqlite:///path.db")
        if _in_memory(made):  # one connection for all threads: another would see another, empty database
            return sa.create_engine(made, poolclass=StaticPool, connect_args={"check_same_thread": False})
        return sa.create_engine(made, connect_args={"check_same_thread": False})
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise InputError(f"{url.partition('://')[0]}://…: no database URL that can be used ({error})") from None


def _in_memory(url: sa.URL) -> bool:
    return url.database in (None, "", ":memory:") or "mode=memory" in str(url.query)


def _check_path(url: sa.URL, where: str, *, create: bool) -> None:
    """SQLite makes whatever it is asked to open: what is missing is told before that."""
    if _in_memory(url) or url.database is None or url.database.startswith("file:"):
        return
    path = Path(url.database)
    if path.is_dir():
        raise Unavailable("this is a folder; name a file in it", where=where)
    if not path.parent.is_dir():
        raise Unavailable(f"there is no folder {str(path.parent)!r}; make it first", where=where)
    if not create and not path.exists():
        raise Unavailable("there is no such database; check the path, or create it first", where=where)


__all__ = ["SCHEMA_VERSION", "SqlJournal", "event_table", "metadata", "schema_table"]
