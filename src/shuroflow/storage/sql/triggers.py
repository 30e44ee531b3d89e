"""Append-only, kept by the database itself: triggers that refuse to change or delete what was recorded.

They are attached to the tables, so that they come with them, and can be put on tables that are there without them.
They stop mistakes and programs that have the rights of a user; whoever may drop a trigger is stopped by nothing here,
and told by a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from shuroflow.storage.sql.tables import SCHEMA_VERSION, event_table, schema_table

GUARDED = (event_table, schema_table)
"""The tables whose rows stay as they are."""

_FUNCTION = """CREATE OR REPLACE FUNCTION shuroflow_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation',
        MESSAGE = TG_TABLE_NAME || ' ' || coalesce(TG_ARGV[0], 'is append-only') || ': ' || TG_OP || ' is refused',
        HINT = 'Nothing that was recorded is changed, and only a journal gives numbers; a correction is another event.';
END $$"""

# SQLite lets REPLACE delete a row without asking the triggers on DELETE, hence the one on INSERT.
_REPLACE = """CREATE TRIGGER IF NOT EXISTS shuroflow_event_no_replace BEFORE INSERT ON %(fullname)s
WHEN EXISTS (SELECT 1 FROM %(fullname)s WHERE position = NEW.position)
  OR EXISTS (SELECT 1 FROM %(fullname)s WHERE case_id = NEW.case_id AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'shuroflow_event is append-only: its number is taken, REPLACE is refused'); END"""

# What no journal writes, and what would hide a row or stop the office. A later release replaces the one on versions.
_WRONG = {
    event_table: ("numbers its rows from 1", "NEW.position < 1 OR NEW.seq < 1"),
    schema_table: (f"knows versions up to {SCHEMA_VERSION}", f"NEW.version < 1 OR NEW.version > {SCHEMA_VERSION}"),
}
_TEXTS = ("case_id", "programme", "kind", "occurred_on", "recorded_at", "body")
_OTHER_TYPES = "".join(f" OR typeof(NEW.{name}) <> 'text'" for name in _TEXTS)
"""SQLite takes values of any type in any column."""


def _statements(table: sa.Table) -> Iterator[tuple[str, str]]:
    """Dialect and DDL; each may be run again where it has been run."""
    for verb in ("UPDATE", "DELETE"):
        yield (
            "sqlite",
            f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{verb.lower()} BEFORE {verb} ON %(fullname)s "
            f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only: {verb} is refused'); END",
        )
    if table is event_table:
        yield "sqlite", _REPLACE
    said, wrong = _WRONG[table]
    types = " OR typeof(NEW.seq) <> 'integer' OR typeof(NEW.key) NOT IN ('text', 'null')" + _OTHER_TYPES
    yield "sqlite", f"DROP TRIGGER IF EXISTS {table.name}_numbers"
    yield (
        "sqlite",
        f"CREATE TRIGGER {table.name}_numbers BEFORE INSERT ON %(fullname)s "
        f"WHEN {wrong}{types if table is event_table else ''} "
        f"BEGIN SELECT RAISE(ABORT, '{table.name} {said}: INSERT is refused'); END",
    )
    yield "postgresql", _FUNCTION
    # Changes that come by logical replication are applied row by row: no trigger on statements fires for them, except
    # on TRUNCATE. A statement that finds no row is refused by the one on statements.
    for name, when, given in (
        ("append_only", "BEFORE UPDATE OR DELETE OR TRUNCATE ON %(fullname)s FOR EACH STATEMENT", ""),
        ("append_only_row", "BEFORE UPDATE OR DELETE ON %(fullname)s FOR EACH ROW", ""),
        # Refused either way, and after: COPY puts rows in one by one where a trigger is to see each before.
        ("numbers", f"AFTER INSERT ON %(fullname)s FOR EACH ROW WHEN ({wrong})", f"'{said}'"),
    ):
        yield (
            "postgresql",
            f"CREATE OR REPLACE TRIGGER {table.name}_{name} {when} EXECUTE FUNCTION shuroflow_append_only({given})",
        )
        # In a session that replicates, too: a subscriber has no more right to change history than anybody else.
        yield "postgresql", f"ALTER TABLE %(fullname)s ENABLE ALWAYS TRIGGER {table.name}_{name}"


def _only_on(dialect: str, text: str) -> sa.DDL:
    made: sa.DDL = sa.DDL(text)  # type: ignore[no-untyped-call]
    return made.execute_if(dialect=dialect)


_DDL = {table: [_only_on(*each) for each in _statements(table)] for table in GUARDED}

for _table, _each in _DDL.items():
    for _one in _each:
        sa.event.listen(_table, "after_create", _one)


def put_on(connection: sa.Connection) -> None:
    """Make the triggers where they are missing; the tables must be there."""
    for table, statements in _DDL.items():
        for ddl in statements:
            ddl(table, connection)


__all__ = ["GUARDED", "put_on"]
