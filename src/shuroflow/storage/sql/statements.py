"""What is said to a database, built with SQLAlchemy Core for either dialect and compiled once for its driver.

Each statement can be run in two ways: as Core, on a connection of the host, whatever its driver; or as text with
the driver's own marks, on the driver's own connection, which costs little more than the database itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import dialect as postgresql_dialect
from sqlalchemy.dialects.sqlite.pysqlite import dialect as sqlite_dialect

from shuroflow.storage.codec import CHAINED
from shuroflow.storage.codec import link as link_of
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
    by_name: bool = False

    def given(self, values: tuple[object, ...]) -> tuple[object, ...] | dict[str, object]:
        """The values as the driver takes them with the text: by name, where one stands in it twice."""
        return dict(zip(self.names, values, strict=True)) if self.by_name else values


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
    linked: Statement | None
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


def _given() -> dict[str, Any]:
    """The values of a row of which the database gives the position: the next one."""
    head = sa.select(sa.func.coalesce(sa.func.max(_e.position), _ZERO)).scalar_subquery()
    row = {name: sa.bindparam(name, type_=event_table.c[name].type) for name in Row._fields}
    return {**row, "position": head + _ONE}


def _allowed(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The conditions; and that the tables are of this version, and that the case does not know the key."""
    schema = sa.select(sa.func.max(schema_table.c.version)).scalar_subquery()
    e = event_table.alias("e").c
    keyed = sa.select(_ONE).where(e.case_id == _case_id, e.key == _key).exists()
    return sa.and_(*conditions, schema == sa.literal_column(str(SCHEMA_VERSION)), sa.or_(_key.is_(None), ~keyed))


def _guarded(free: sa.ColumnElement[bool] | None) -> sa.Insert:
    """One event, if the case stands as it is thought to: ``last`` is the body that stands before, none for none.

    ``free`` takes the lock for the time of the statement, if it is free; none where every statement has one.
    """
    e = event_table.alias("e").c
    body = sa.case((e.seq == _seq - _ONE, e.body), else_=sa.literal_column("''", sa.Text))
    stands = _page(sa.select(body).where(e.case_id == _case_id).order_by(e.seq.desc()), _ONE).scalar_subquery()
    as_thought = stands.is_not_distinct_from(sa.bindparam("last", type_=sa.Text))
    row = _given()
    if free is None:
        # INSERT … SELECT that reads the table it writes into goes through a table of its own in SQLite, which takes
        # longer than all the rest. So what is guarded is a value without which no row is taken.
        return event_table.insert().inline().values({**row, "case_id": sa.case((_allowed(as_thought), _case_id))})
    return event_table.insert().from_select(list(row), sa.select(*row.values()).where(_allowed(free, as_thought)))


def _linked(free: sa.ColumnElement[bool]) -> Any:
    """One event that is not the first of its case, after whatever stands there: the database makes the link.

    It is put between ``before`` and ``after``, the parts of the body, and given back; ``prev``, if any, is what it must
    be. That saves a round trip; SQLite, to which there is none, would gain nothing by it.
    """
    before, after, prev = (sa.bindparam(name, type_=sa.Text) for name in ("before", "after", "prev"))
    of_case = sa.select(_e.seq, _e.body).where(_e.case_id == _case_id).order_by(_e.seq.desc())
    last = _page(of_case, _ONE).subquery("last")
    digest = "encode(sha256(decode('00', 'hex') || convert_to(last.body, 'UTF8')), 'hex')"
    link = sa.literal_column(f"('{CHAINED}' || {digest})", sa.Text)
    row = {**_given(), "body": before.concat(link).concat(after)}
    guard = _allowed(free, last.c.seq == _seq - _ONE, sa.or_(prev.is_(None), link == prev))
    chosen = sa.select(*row.values()).select_from(last).where(guard)
    given_back = sa.func.substr(_e.body, sa.func.length(before) + _ONE, sa.literal_column(str(len(link_of(b"")))))
    return event_table.insert().from_select(list(row), chosen).returning(given_back)


@cache
def statements(dialect: str) -> Statements:
    """The statements for ``sqlite`` or ``postgresql``."""
    on_sqlite = dialect == "sqlite"
    make: Any = sqlite_dialect if on_sqlite else postgresql_dialect
    in_order: sa.Dialect = make(paramstyle="qmark" if on_sqlite else "format")
    by_name: sa.Dialect = make(paramstyle="named" if on_sqlite else "pyformat")

    def made(statement: Any, *names: str) -> Statement:
        compiled = statement.compile(dialect=in_order)
        marks = tuple(compiled.positiontup or ())
        assert set(marks) == set(names), marks
        if marks == names:
            return Statement(statement, str(compiled), names)
        return Statement(statement, str(statement.compile(dialect=by_name)), names, by_name=True)

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
    free = None if on_sqlite else sa.literal_column(f"(SELECT pg_try_advisory_xact_lock({LOCK}, {events}))", sa.Boolean)
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
        guarded=made(_guarded(free), *Row._fields[1:], "last"),
        linked=None if free is None else made(_linked(free), *Row._fields[1:-1], "before", "after", "prev"),
        lock=None if on_sqlite else made(sa.text(f"SELECT pg_advisory_xact_lock({LOCK}, {events})")),
        lock_schema=None if on_sqlite else made(sa.text(f"SELECT pg_advisory_xact_lock({LOCK}, 0)")),
    )


__all__ = ["LOCK", "LOWEST", "PAGE", "Row", "Statement", "Statements", "statements"]
