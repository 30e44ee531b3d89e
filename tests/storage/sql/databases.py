"""Both databases for the tests of the journal in SQL: plain connections, and what somebody can do who owns them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.postgres import connect

DIALECTS = ("sqlite", "postgresql")


def sqlite_url(folder: Path) -> str:
    """The URL of the SQLite database of a folder."""
    return f"sqlite:///{folder / 'cases.db'}"


def plain(url: str) -> Any:
    """A connection of the driver, on which each statement commits by itself."""
    made = sa.make_url(url)
    if made.get_backend_name() == "postgresql":
        return connect(url)
    return sqlite3.connect(str(made.database), isolation_level=None)


def run(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements one after the other; the rows of the last one."""
    db = plain(url)
    try:
        for statement in statements:
            cursor = db.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
    finally:
        db.close()


def unguarded(url: str, *statements: str) -> None:
    """Change rows as somebody does who may drop the triggers first."""
    if url.startswith("sqlite"):
        names = run(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        run(url, *(f"DROP TRIGGER {name}" for (name,) in names), *statements)
    else:
        tables = ("shuroflow_event", "shuroflow_schema")
        run(url, *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables), *statements)


__all__ = ["DIALECTS", "plain", "run", "sqlite_url", "unguarded"]
