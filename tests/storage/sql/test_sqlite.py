"""The journal in SQLite keeps the promises of the port, and says clearly what is wrong with a database."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from shuroflow.errors import Damaged, InputError, JournalError, Unavailable
from shuroflow.storage import open_journal
from shuroflow.storage.sql import SCHEMA_VERSION, SqlJournal, event_table
from shuroflow.verification import example, examples
from tests.storage.sql.databases import sqlite_url, unguarded


def url(folder: Path) -> str:
    """The URL of the journal of a folder."""
    return sqlite_url(folder)


def open_sql(folder: Path) -> SqlJournal:
    """The journal of the folder."""
    return SqlJournal(url(folder), create=True)


def test_settings(tmp_path: Path) -> None:
    """The database runs with a write-ahead log and waits for the disk at every commit."""
    with open_sql(tmp_path) as journal:
        raw = journal._door.link._raw  # type: ignore[union-attr]
        found = [raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]


def test_plain_sql(tmp_path: Path) -> None:
    """The rows can be asked with plain SQL and with Core: columns beside the canonical line."""
    with open_sql(tmp_path) as journal:
        journal.append("one", examples("one", 2), expected=0, key="k")
    engine = sa.create_engine(url(tmp_path))
    with engine.connect() as connection:
        rows = connection.execute(sa.select(event_table).order_by(event_table.c.position)).all()
        reasons = connection.execute(
            sa.text("SELECT json_extract(body, '$.data.reason') FROM shuroflow_event")
        ).scalars()
        assert list(reasons) == ["求職中", "求職中"]
    engine.dispose()
    assert [
        (row.case_id, row.seq, row.programme, row.kind, str(row.occurred_on), row.recorded_at, row.key)
        for row in rows[:1]
    ] == [("one", 1, "saitama", "listed", "2025-04-03", "2025-04-03T15:04:05+09:00", "k")] * 1


def test_reading_does_not_create(tmp_path: Path) -> None:
    """Opening what is not there is an error and leaves nothing behind."""
    with pytest.raises(Unavailable, match="no such database"):
        SqlJournal(url(tmp_path))
    assert list(tmp_path.iterdir()) == []


def _empty(folder: Path) -> None:
    (folder / "cases.db").touch()


def _text(folder: Path) -> None:
    (folder / "cases.db").write_text("this is no database " * 200)


def _folder(folder: Path) -> None:
    (folder / "cases.db").mkdir()


def _foreign(folder: Path) -> None:
    db = sqlite3.connect(folder / "cases.db")
    db.execute("CREATE TABLE other (x)")
    db.close()


def _newer(folder: Path) -> None:
    open_sql(folder).close()
    unguarded(url(folder), f"INSERT INTO shuroflow_schema VALUES ({SCHEMA_VERSION + 1})")


def _broken(folder: Path) -> None:
    with open_sql(folder) as journal:
        journal.append("one", examples("one", 200), expected=0)
    file = folder / "cases.db"
    file.write_bytes(file.read_bytes()[:100] + b"\xff" * 4000)


@pytest.mark.parametrize(
    ("prepare", "kind", "said"),
    [
        (_empty, Unavailable, "holds no journal"),
        (_foreign, Unavailable, "holds no journal"),
        (_text, Unavailable, "no SQLite database"),
        (_folder, Unavailable, "is a folder"),
        (_newer, Unavailable, "newer shuroflow"),
        (_broken, Damaged, "damaged"),
    ],
)
def test_unreadable(tmp_path: Path, prepare: object, kind: type[JournalError], said: str) -> None:
    """A file that is no journal is told as what it is, with its URL."""
    prepare(tmp_path)  # type: ignore[operator]
    with pytest.raises(kind, match=said) as caught:
        SqlJournal(url(tmp_path))
    assert url(tmp_path) in str(caught.value)


def test_no_folder(tmp_path: Path) -> None:
    """A database in a folder that does not exist: the folder is named, also when it should be created."""
    with pytest.raises(Unavailable, match="no folder"):
        SqlJournal(url(tmp_path / "missing"), create=True)


def test_busy(tmp_path: Path) -> None:
    """Another process that holds the database: unavailable, nothing written, and fine again afterwards."""
    with open_sql(tmp_path) as _, SqlJournal(url(tmp_path), busy_timeout=0) as journal:
        other = sqlite3.connect(tmp_path / "cases.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="another process"):
            journal.append("one", [example("one")], expected=0)
        other.execute("ROLLBACK")
        other.close()
        journal.append("one", [example("one")], expected=0)


def test_read_only(tmp_path: Path) -> None:
    """A database that may only be read can be read; an append says that it cannot be written."""
    with open_sql(tmp_path) as journal:
        journal.append("one", [example("one")], expected=0)
    with SqlJournal(f"sqlite:///file:{tmp_path / 'cases.db'}?mode=ro&uri=true") as journal:
        assert [example("one")] == journal.read("one")
        with pytest.raises(Unavailable, match="permissions"):
            journal.append("one", examples("one", 1, after=1), expected=1)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("oracle://u:secret@h/d", "SQLite or PostgreSQL"),
        ("sqlitee:///x.db", "SQLite or PostgreSQL"),
        ("postgresql+nope://u:secret@h/d", "database URL"),
        ("://", "database URL"),
        ("sqlite+nope:///x.db", "database URL"),
    ],
)
def test_url(source: str, said: str) -> None:
    """A URL that names no database for a journal is an error of input, and never shows a password."""
    with pytest.raises(InputError, match=said) as caught:
        open_journal(source)
    assert "secret" not in str(caught.value)


def test_a_copy_on_a_read_only_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that cannot be written, in a folder that cannot either, is read as it is; an append is refused."""
    url = sqlite_url(tmp_path)
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 3), expected=0)
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with SqlJournal(url) as journal:
        assert ["one"] == list(journal.cases())
        assert 3 == len(list(journal.feed()))
        with pytest.raises(Unavailable, match="cannot be written"):
            journal.append("one", examples("one", 1, after=3), expected=3)
    assert before == sorted(tmp_path.iterdir())
