"""What is said to a database, built with SQLAlchemy Core for either dialect and compiled once for its driver.

Each statement can be run in two ways: as Core, on a connection of the host, whatever its driver; or as text with
positional parameters, on the driver's own connection, which costs little more than the database itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import dialect as postgresql_dialect
from sqlalchemy.dialects.sqlite.pysqlite import dialect as sqlite_dialect

from shuroflow.storage.sql.tables import SCHEMA_VERSION, event_table, schema_table

PAGE = 1000
"""Rows fetched with one statement: a long read holds neither a transaction nor all rows."""

LOWEST = -(2**63)
"""Below every number that a row can have."""

LOCK = 1937075302
"""The first half of the number of every advisory lock taken here (PostgreSQL)."""


class Row(NamedTuple):
    """A row of the table of events as it is written; the day and the moment in the form of ISO 8601."""

    position: int
    case_id: str
    seq: int
    programme: str
    kind: str
    occurred_on: str
    recorded_at: str
    key: str | None
    body: str


@attrs.frozen
class Statement:
    """A statement as Core and as text for the driver, and the names of its parameters in the order they are given."""

    core: sa.Executable
    text: str
    names: tuple[str, ...] = ()
    order: tuple[int, ...] | None = None

    def placed(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """The values in the order of the marks in the text, where one stands twice."""
        return values if self.order is None else tuple([values[at] for at in self.order])


@attrs.frozen(kw_only=True)
class Statements:
    """All statements for one dialect."""

    read: Statement
    read_until: Statement
    keyed: Statement
    last: Statement
    version: Statement
    head: Statement
    schema: Statement
    present: Statement
    feed: Statement
    gaps: Statement
    cases: Statement
    held: Statement
    orphans: Statement
    stand: Statement
    insert: Statement
    guarded: Statement
    lock: Statement | None
    lock_schema: Statement | None


_ZERO, _ONE = sa.literal_column("0", sa.BigInteger), sa.literal_column("1", sa.BigInteger)
_e = event_table.c
_case_id, _seq = sa.bindparam("case_id", type_=sa.Text), sa.bindparam("seq", type_=sa.BigInteger)
_after, _until = sa.bindparam("after", type_=sa.BigInteger), sa.bindparam("until", type_=sa.BigInteger)
_key = sa.bindparam("key", type_=sa.Text)


def _page(statement: sa.Select[Any], size: sa.ColumnElement[int]) -> sa.Select[Any]:
    return statement.limit(size).offset(_ZERO)  # with a zero in sight, or the dialect of SQLite binds one of its own


def _orphans() -> sa.Select[Any]:
    """The cases that have rows but no first one, by their earliest row; told from an index, without the bodies."""
    first = sa.case((_e.seq == _ONE, _ONE), else_=_ZERO)
    lost = sa.select(_e.case_id).group_by(_e.case_id).having(sa.func.max(first) == _ZERO).subquery("lost")
    earliest = sa.func.min(_e.position)
    found = sa.select(earliest, _e.case_id).join_from(event_table, lost, lost.c.case_id == _e.case_id)
    return found.where(_e.position <= _until).group_by(_e.case_id).order_by(earliest)


def _gaps() -> sa.Select[Any]:
    """Runs of positions that no row has, each by its first and its last: told from the key of the table in order."""
    before = sa.func.lag(_e.position, _ONE, _after).over(order_by=_e.position).label("before")
    placed = sa.select(_e.position, before).where(_e.position > _after, _e.position <= _until).subquery("placed")
    missing = placed.c.position - placed.c.before > _ONE
    return sa.select(placed.c.before + _ONE, placed.c.position - _ONE).where(missing).order_by(placed.c.position)


def _ends() -> sa.Select[Any]:
    """The last position and the lowest, each by itself: SQLite walks through the table where it is asked for both."""
    last, lowest = (sa.select(end(_e.position)).scalar_subquery() for end in (sa.func.max, sa.func.min))
    return sa.select(last, lowest)


def _stand() -> sa.Select[Any]:
    """All that an append asks under the lock: version of the schema, last position, last row of the case."""
    schema = sa.select(sa.func.max(schema_table.c.version)).scalar_subquery()
    head = sa.select(sa.func.coalesce(sa.func.max(_e.position), _ZERO).label("position")).subquery("head")
    of_case = sa.select(_e.seq, _e.body).where(_e.case_id == _case_id).order_by(_e.seq.desc())
    last = _page(of_case, _ONE).subquery("last")
    return sa.select(schema, head.c.position, last.c.seq, last.c.body).select_from(head.outerjoin(last, sa.true()))


def _guarded(*locked: sa.ColumnElement[bool]) -> sa.Insert:
    """One event, if the case stands as it is thought to: ``last`` is the body that stands before, none for none.

    ``locked`` takes the lock for the time of the statement, if it is free.
    """
    schema = sa.select(sa.func.max(schema_table.c.version)).scalar_subquery()
    head = sa.select(sa.func.coalesce(sa.func.max(_e.position), _ZERO).label("position")).subquery("head")
    e = event_table.alias("e").c
    last = sa.bindparam("last", type_=sa.Text)
    here = sa.select(_ONE).where(e.case_id == _case_id)
    before = sa.select(e.body).where(e.case_id == _case_id, e.seq == _seq - _ONE).scalar_subquery()
    values = [sa.bindparam(name, type_=event_table.c[name].type) for name in Row._fields[1:]]
    guard = sa.and_(
        *locked,
        schema == sa.literal_column(str(SCHEMA_VERSION)),
        ~here.where(e.seq >= _seq).exists(),
        sa.or_(last.is_(None), before == last),
        sa.or_(_key.is_(None), ~here.where(e.key == _key).exists()),
    )
    chosen = sa.select(head.c.position + _ONE, *values).where(guard)
    return event_table.insert().from_select(list(Row._fields), chosen)


@cache
def statements(dialect: str) -> Statements:
    """The statements for ``sqlite`` or ``postgresql``."""
    on_sqlite = dialect == "sqlite"
    make: Any = sqlite_dialect if on_sqlite else postgresql_dialect
    language: sa.Dialect = make(paramstyle="qmark" if on_sqlite else "format")

    def made(statement: Any, *names: str) -> Statement:
        compiled = statement.compile(dialect=language)
        marks = tuple(compiled.positiontup or ())
        assert set(marks) == set(names), marks
        order = None if marks == names else tuple(names.index(mark) for mark in marks)
        return Statement(statement, str(compiled), names, order)

    of_case = sa.select(_e.seq, _e.body).where(_e.case_id == _case_id)
    whole = sa.select(*(_e[name] for name in Row._fields))
    rows_of_case = whole.where(_e.case_id == _case_id).order_by(_e.seq)
    firsts = sa.select(_e.position, _e.case_id).where(_e.seq == _ONE, _e.position > _after, _e.position <= _until)
    records = whole.where(_e.position > _after, _e.position <= _until)
    ids = sa.select(_e.case_id).distinct().where(_e.case_id > _case_id)
    size: sa.ColumnElement[int] = sa.literal_column(str(PAGE), sa.BigInteger)
    row = {name: sa.bindparam(name, type_=event_table.c[name].type) for name in Row._fields}
    if on_sqlite:
        present = (
            "SELECT count(*), 'UTF8', 'UTF8' FROM sqlite_master WHERE type = 'table' AND name = 'shuroflow_schema'"
        )
    else:
        present = (
            "SELECT to_regclass('shuroflow_schema') IS NOT NULL, "
            "current_setting('server_encoding'), current_setting('client_encoding')"
        )
    # By the number of the table: each schema that holds a journal has a lock of its own.
    events = "CAST(CAST(CAST('shuroflow_event' AS regclass) AS oid) AS int)"
    free = sa.literal_column(f"(SELECT pg_try_advisory_xact_lock({LOCK}, {events}))", sa.Boolean)
    return Statements(
        read=made(rows_of_case.where(_e.seq >= _seq), "case_id", "seq"),
        # The sum keeps a planner from going by the position, which says nothing of the case.
        read_until=made(rows_of_case.where(_e.position + _ZERO <= _until), "case_id", "until"),
        keyed=made(of_case.where(_e.key == _key).order_by(_e.seq), "case_id", "key"),
        last=made(_page(of_case.order_by(_e.seq.desc()), _ONE), "case_id"),
        version=made(sa.select(sa.func.max(_e.seq)).where(_e.case_id == _case_id), "case_id"),
        head=made(_ends()),
        schema=made(sa.select(sa.func.max(schema_table.c.version))),
        present=made(sa.text(present)),
        feed=made(_page(records.order_by(_e.position), size), "after", "until"),
        gaps=made(_page(_gaps(), size), "after", "until"),
        cases=made(_page(firsts.order_by(_e.position), size), "after", "until"),
        held=made(_page(ids.order_by(_e.case_id), size), "case_id"),
        orphans=made(_orphans(), "until"),
        stand=made(_stand(), "case_id"),
        insert=made(event_table.insert().values(row), *Row._fields),
        guarded=made(_guarded(*[] if on_sqlite else [free]), *Row._fields[1:], "last"),
        lock=None if on_sqlite else made(sa.text(f"SELECT pg_advisory_xact_lock({LOCK}, {events})")),
        lock_schema=None if on_sqlite else made(sa.text(f"SELECT pg_advisory_xact_lock({LOCK}, 0)")),
    )


__all__ = ["LOCK", "LOWEST", "PAGE", "Row", "Statement", "Statements", "statements"]
