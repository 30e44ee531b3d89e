"""An empty database of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storage.sql.databases import DIALECTS, sqlite_url


@pytest.fixture(params=DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    found: str = request.getfixturevalue("postgres_url")
    return found
