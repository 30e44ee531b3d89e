"""The stores that the campaigns run on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from shuroflow.storage import open_journal
from shuroflow.verification import Opener
from tests.faults.processes import ready


@pytest.fixture(params=["jsonl", "sqlite", "postgresql"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens an empty store, the same each time; it can be sent to other processes."""
    ready()
    if request.param == "postgresql":
        source: str = request.getfixturevalue("postgres_url")
    else:
        source = {"jsonl": f"{tmp_path}/journal.jsonl", "sqlite": f"sqlite:///{tmp_path}/journal.db"}[request.param]
    return partial(open_journal, source, create=True)
