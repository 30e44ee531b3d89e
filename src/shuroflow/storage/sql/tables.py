"""The tables of a journal in SQL, as SQLAlchemy knows them. Imports nothing but SQLAlchemy.

A host that manages its schema with Alembic adopts :data:`metadata` as it stands: what belongs to a table besides its
columns (the triggers that keep it append-only, its first row) is attached to it as DDL and comes with ``create_all``.
"""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA_VERSION = 2
"""The version of the tables (not of the events). See :mod:`~shuroflow.storage.sql.migrations`."""

metadata = sa.MetaData()
"""Every table of a journal, with the read model and the annexes, for hosts that manage their schema themselves."""

event_table = sa.Table(
    "shuroflow_event",
    metadata,
    # Given by the journal under a lock and never by the database: a sequence leaves gaps and commits out of order.
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
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
"""One row for each event. ``position`` is 1, 2, 3 … in the order of commits; rows are never changed, never deleted."""

_FIRST = event_table.c.seq == 1
first_index = sa.Index("shuroflow_event_first", event_table.c.position, sqlite_where=_FIRST, postgresql_where=_FIRST)
"""The first event of each case, in the order of recording: the cases are listed from it."""

schema_table = sa.Table(
    "shuroflow_schema", metadata, sa.Column("version", sa.Integer, primary_key=True, autoincrement=False)
)
"""The versions of the tables that this database has gone through; the highest is the present one."""

_begin = sa.DDL(f"INSERT INTO %(fullname)s (version) VALUES ({SCHEMA_VERSION})")  # type: ignore[no-untyped-call]
sa.event.listen(schema_table, "after_create", _begin)

__all__ = ["SCHEMA_VERSION", "event_table", "first_index", "metadata", "schema_table"]
