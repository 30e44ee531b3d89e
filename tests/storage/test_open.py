"""Opening a journal by name, with and without the database extra."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shuroflow.errors import InputError
from shuroflow.storage import JsonlJournal, open_journal
from shuroflow.storage.sql import SqlJournal


def test_by_name(tmp_path: Path) -> None:
    """A path with .jsonl and a URL each open their kind of journal."""
    with open_journal(str(tmp_path / "x.jsonl"), create=True) as journal:
        assert isinstance(journal, JsonlJournal)
    with open_journal(f"sqlite:///{tmp_path / 'x.db'}", create=True) as journal:
        assert isinstance(journal, SqlJournal)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database URL without SQLAlchemy says what to install."""
    for name in [name for name in sys.modules if name.startswith("shuroflow.storage.sql")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(
        InputError, match=r"pip install '\.\[sql\]' \(clone\) / pip install 'shuroflow\[sql\]' \(PyPI\)"
    ):
        open_journal("sqlite:///x.db")


def test_light_import() -> None:
    """Importing the journals loads no SQLAlchemy."""
    code = "import sys, shuroflow.storage; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
