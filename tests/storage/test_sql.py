"""The journal in SQLite keeps the promises of the port, and says clearly what is wrong with a database."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from shuroflow.errors import Conflict, Damaged, InputError, JournalError, Unavailable
from shuroflow.storage import open_journal
from shuroflow.storage.sql import SCHEMA_VERSION, SqlJournal, event_table
from tests.conformance.events import example, examples
from tests.conformance.journal_cases import DurableCases, JournalCases, machine


def url(folder: Path) -> str:
    """The URL of the journal of a folder."""
    return f"sqlite:///{folder / 'cases.db'}"


def open_sql(folder: Path) -> SqlJournal:
    """The journal of the folder."""
    return SqlJournal(url(folder), create=True)


class TestSqlite(DurableCases):
    """All promises, in a file."""

    opener = staticmethod(open_sql)
    source = staticmethod(url)


class TestInMemory(JournalCases):
    """The promises that need no disk, in a database in memory."""

    opener = staticmethod(lambda _folder: SqlJournal("sqlite://", create=True))


class TestHostEngine(JournalCases):
    """The promises hold with an engine of the host."""

    opener = staticmethod(lambda folder: SqlJournal(sa.create_engine(url(folder)), create=True))


TestSqliteMachine = machine(open_sql, durable=True).TestCase


def test_settings(tmp_path: Path) -> None:
    """The database runs with a write-ahead log and waits for the disk at every commit."""
    with open_sql(tmp_path) as journal:
        found = [journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
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


def test_database_refuses_a_second_seq(tmp_path: Path) -> None:
    """Even past our own check the database keeps a seq from being given twice: that is a conflict."""
    with open_sql(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        journal._sql.version = "SELECT 0 WHERE ? IS NOT NULL"
        with pytest.raises(Conflict):
            journal.append("one", examples("one", 1), expected=0)
        assert examples("one", 1) == journal.read("one")


def test_threads(tmp_path: Path) -> None:
    """Threads that share one journal: every event exactly once, gapless."""
    with open_sql(tmp_path) as journal:

        def add() -> None:
            for _ in range(10):
                while True:
                    version = journal.version("one")
                    try:
                        journal.append("one", [example("one", version + 1)], expected=version)
                    except Conflict:
                        continue
                    break

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(range(1, 41)) == [event.seq for event in journal.read("one")]


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
    db = sqlite3.connect(folder / "cases.db", isolation_level=None)
    db.execute("INSERT INTO shuroflow_schema VALUES (?)", (SCHEMA_VERSION + 1,))
    db.close()


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
        (_text, Damaged, "no SQLite database"),
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
    "change",
    [
        "UPDATE shuroflow_event SET body = replace(body, 'case-1', 'case-2') WHERE seq = 2",
        "UPDATE shuroflow_event SET body = substr(body, 2) WHERE seq = 2",
        "UPDATE shuroflow_event SET body = CAST(x'ff' AS TEXT) WHERE seq = 2",
        "UPDATE shuroflow_event SET seq = 9 WHERE seq = 2",
        "DELETE FROM shuroflow_event WHERE seq = 2",
    ],
)
def test_damaged_rows(tmp_path: Path, change: str) -> None:
    """A row that no journal wrote, or one that is gone from the middle, is damage and not an event."""
    with open_sql(tmp_path) as journal:
        journal.append("case-1", examples("case-1", 3), expected=0)
        db = sqlite3.connect(tmp_path / "cases.db", isolation_level=None)
        db.execute(change)
        db.close()
        with pytest.raises(Damaged):
            journal.read("case-1")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM shuroflow_event WHERE case_id = 'two' AND seq = 1",
        "DELETE FROM shuroflow_event WHERE case_id = 'two' AND seq < 3",
        "UPDATE shuroflow_event SET seq = 9 WHERE case_id = 'two' AND seq = 1",
        "UPDATE shuroflow_event SET seq = 0 WHERE case_id = 'two' AND seq = 1",
        "UPDATE shuroflow_event SET seq = -1 WHERE case_id = 'two' AND seq = 2",
        "UPDATE shuroflow_event SET case_id = 'one', seq = 9 WHERE case_id = 'two' AND seq = 1",
        "UPDATE shuroflow_event SET case_id = 'two', seq = 9 WHERE case_id = 'one' AND seq = 1",
        "DELETE FROM shuroflow_event WHERE case_id = 'two' AND seq = 2",
        "UPDATE shuroflow_event SET body = replace(body, 'two', 'six') WHERE case_id = 'two' AND seq = 3",
    ],
)
def test_a_case_that_lost_a_row_does_not_vanish(tmp_path: Path, change: str) -> None:
    """Every case with any row is listed, once and in its place; reading it, and a scan, say that it is damaged."""
    with open_sql(tmp_path) as journal:
        for case_id in ("one", "two", "three"):
            journal.append(case_id, examples(case_id, 3), expected=0)
        db = sqlite3.connect(tmp_path / "cases.db", isolation_level=None)
        db.execute(change)
        db.close()
        assert ["one", "two", "three"] == list(journal.cases())
        with pytest.raises(Damaged):
            journal.read("two")
        with pytest.raises(Damaged):
            list(journal.scan())
        assert examples("three", 3) == journal.read("three")


def test_listing_needs_the_indexes_only(tmp_path: Path) -> None:
    """The cases are listed from the two indexes, without going through the rows."""
    with open_sql(tmp_path) as journal:
        for statement, values in ((journal._sql.orphans, (9,)), (journal._sql.cases, (0, 9, 5))):
            plan = " ".join(row[3] for row in journal._rows(f"EXPLAIN QUERY PLAN {statement}", values))
            assert "COVERING INDEX" in plan or "INDEX shuroflow_event_first" in plan, plan


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("postgresql://u:secret@h/d", "SQLite"),
        ("sqlitee:///x.db", "SQLite"),
        ("://", "database URL"),
        ("sqlite+nope:///x.db", "database URL"),
    ],
)
def test_url(source: str, said: str) -> None:
    """A URL that names no SQLite database is an error of input, and never shows a password."""
    with pytest.raises(InputError, match=said) as caught:
        open_journal(source)
    assert "secret" not in str(caught.value)
