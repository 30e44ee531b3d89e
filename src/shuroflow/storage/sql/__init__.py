"""A journal in a SQL database: SQLite or PostgreSQL, on a connection of its own or in the host's transaction.

One table holds one row for each event: its canonical bytes as text, and beside them the columns that plain SQL asks
for. Rows are only ever added.
"""

from __future__ import annotations

# All are attached to the metadata: who makes the tables of a journal gets the rest.
from shuroflow.storage.sql import annextables, readmodel, triggers, views
from shuroflow.storage.sql.journal import SqlJournal
from shuroflow.storage.sql.migrations import install, migrate
from shuroflow.storage.sql.tables import SCHEMA_VERSION, event_table, metadata, schema_table

__all__ = [
    "SCHEMA_VERSION",
    "SqlJournal",
    "annextables",
    "event_table",
    "install",
    "metadata",
    "migrate",
    "readmodel",
    "schema_table",
    "triggers",
    "views",
]
