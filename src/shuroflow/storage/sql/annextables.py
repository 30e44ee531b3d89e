"""The tables of the papers that are kept apart, and the triggers that hold them to their rules. Knows only SQLAlchemy.

A paper is put and, some day, deleted; it is never changed. The log of holds, releases and disposals only grows. The
triggers refuse the rest, so that a paper goes only when its disposal is on record, and no disposal comes on record
while a hold is open or the retention runs. They stop mistakes; whoever may drop a trigger is stopped by nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from shuroflow.storage.sql.tables import metadata

annex_table = sa.Table(
    "shuroflow_annex",
    metadata,
    sa.Column("commitment", sa.Text, primary_key=True, comment="what the event carries"),
    sa.Column("case_id", sa.Text, nullable=False, index=True),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("keep_until", sa.Date, comment="the last day it must be kept; none: no end is set"),
    sa.Column("salt", sa.LargeBinary, nullable=False, comment="key of the commitment; goes with the content"),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
"""One row for each paper that is kept."""

annex_log_table = sa.Table(
    "shuroflow_annex_log",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("act", sa.Text, nullable=False, comment="held, released or disposed"),
    sa.Column("case_id", sa.Text, nullable=False, index=True),
    sa.Column("occurred_on", sa.Date, nullable=False),
    sa.Column("by_id", sa.Text, nullable=False),
    sa.Column("by_role", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("commitment", sa.Text, unique=True, comment="of a disposal: the paper"),
    sa.Column("hold", sa.BigInteger, unique=True, comment="of a release: the number of the hold"),
    sa.Column("keep_until", sa.Date, comment="of a release: every paper of the case is kept at least until then"),
    sa.CheckConstraint(
        "(act = 'held' AND commitment IS NULL AND hold IS NULL AND keep_until IS NULL)"
        " OR (act = 'released' AND commitment IS NULL AND hold IS NOT NULL)"
        " OR (act = 'disposed' AND commitment IS NOT NULL AND hold IS NULL AND keep_until IS NULL)",
        name="shuroflow_annex_log_act",
    ),
)
"""One row for each hold, release and disposal; rows are never changed and never deleted."""

# What stands against a disposal: an open hold, a day of the case, the label of the paper; {0} is the schema with a dot.
_AGAINST = """EXISTS (SELECT 1 FROM {0}shuroflow_annex_log h WHERE h.act = 'held' AND h.case_id = NEW.case_id
    AND NOT EXISTS (SELECT 1 FROM {0}shuroflow_annex_log r WHERE r.hold = h.number))
  OR EXISTS (SELECT 1 FROM {0}shuroflow_annex_log r WHERE r.case_id = NEW.case_id AND r.keep_until >= NEW.occurred_on)
  OR EXISTS (SELECT 1 FROM {0}shuroflow_annex a WHERE a.commitment = NEW.commitment
    AND (a.case_id <> NEW.case_id OR a.keep_until >= NEW.occurred_on))"""
_ON_RECORD = "EXISTS (SELECT 1 FROM {0}shuroflow_annex_log d WHERE d.commitment = OLD.commitment)"

_SAID = {
    "hold": "shuroflow_annex_log: a disposal is refused while a hold is open or the retention runs",
    "record": "shuroflow_annex: a paper is deleted only when its disposal is on record",
    "same": "shuroflow_annex: a paper is never changed",
    "log": "shuroflow_annex_log is append-only",
}


def _sqlite() -> Iterator[tuple[sa.Table, str]]:
    def trigger(name: str, table: sa.Table, when: str, condition: str, said: str) -> tuple[sa.Table, str]:
        guard = f"WHEN {condition} " if condition else ""
        body = f"BEGIN SELECT RAISE(ABORT, '{_SAID[said]}'); END"
        return table, f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {when} ON %(fullname)s {guard}{body}"

    taken = "EXISTS (SELECT 1 FROM shuroflow_annex WHERE commitment = NEW.commitment)"
    yield trigger("shuroflow_annex_no_update", annex_table, "UPDATE", "", "same")
    yield trigger("shuroflow_annex_no_replace", annex_table, "INSERT", taken, "same")
    # The log is made after the papers: a trigger may speak of a table that is not there yet.
    yield trigger("shuroflow_annex_on_record", annex_table, "DELETE", f"NOT {_ON_RECORD.format('')}", "record")
    for verb in ("UPDATE", "DELETE"):
        yield trigger(f"shuroflow_annex_log_no_{verb.lower()}", annex_log_table, verb, "", "log")
    # SQLite lets REPLACE delete a row without asking the triggers on DELETE.
    taken = "EXISTS (SELECT 1 FROM shuroflow_annex_log WHERE number = NEW.number OR commitment = NEW.commitment"
    taken += " OR hold = NEW.hold)"
    yield trigger("shuroflow_annex_log_no_replace", annex_log_table, "INSERT", taken, "log")
    against = f"NEW.act = 'disposed' AND ({_AGAINST.format('')})"
    yield trigger("shuroflow_annex_log_hold", annex_log_table, "INSERT", against, "hold")


def _function() -> str:
    # In the schema of the table, whatever the search path of the session is; NEW and OLD are not known in there.
    against = _AGAINST.format("%%1$I.").replace("NEW.case_id", "$1").replace("NEW.occurred_on", "$2")
    against = " ".join(against.replace("NEW.commitment", "$3").replace("'", "''").split())
    on_record = _ON_RECORD.format("%%1$I.").replace("OLD.commitment", "$1")
    return f"""CREATE OR REPLACE FUNCTION shuroflow_annex_guard() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    found boolean;
    said text := '{_SAID["log"]}';
BEGIN
    IF TG_TABLE_NAME = 'shuroflow_annex_log' AND TG_OP = 'INSERT' THEN
        IF NEW.act <> 'disposed' THEN
            RETURN NEW;
        END IF;
        EXECUTE format('SELECT {against}', TG_TABLE_SCHEMA) INTO found
            USING NEW.case_id, NEW.occurred_on, NEW.commitment;
        IF NOT found THEN
            RETURN NEW;
        END IF;
        said := '{_SAID["hold"]}';
    ELSIF TG_TABLE_NAME = 'shuroflow_annex' AND TG_OP = 'DELETE' THEN
        EXECUTE format('SELECT {on_record}', TG_TABLE_SCHEMA) INTO found USING OLD.commitment;
        IF found THEN
            RETURN OLD;
        END IF;
        said := '{_SAID["record"]}';
    ELSIF TG_TABLE_NAME = 'shuroflow_annex' THEN
        said := '{_SAID["same"]}';
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = said || ': ' || TG_OP || ' is refused';
END $body$"""


def _postgresql() -> Iterator[tuple[sa.Table, str]]:
    for table, verbs in ((annex_table, "UPDATE OR DELETE"), (annex_log_table, "INSERT OR UPDATE OR DELETE")):
        yield table, _function()
        for name, when in (
            (f"{table.name}_guard", f"BEFORE {verbs} ON %(fullname)s FOR EACH ROW"),
            (f"{table.name}_no_truncate", "BEFORE TRUNCATE ON %(fullname)s FOR EACH STATEMENT"),
        ):
            yield table, f"CREATE OR REPLACE TRIGGER {name} {when} EXECUTE FUNCTION shuroflow_annex_guard()"
            yield table, f"ALTER TABLE %(fullname)s ENABLE ALWAYS TRIGGER {name}"


_ddl: Any = sa.DDL  # which SQLAlchemy leaves without types
for _dialect, _made in (("sqlite", _sqlite()), ("postgresql", _postgresql())):
    for _table, _text in _made:
        sa.event.listen(_table, "after_create", _ddl(_text).execute_if(dialect=_dialect))

__all__ = ["annex_log_table", "annex_table"]
