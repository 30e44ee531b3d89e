"""Every schema that was ever released keeps reading, and comes to the present one by its steps, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from shuroflow.errors import Unavailable
from shuroflow.storage.sql import SCHEMA_VERSION, SqlJournal, install, migrate, migrations, triggers
from shuroflow.verification import as_recorded, body_of, examples
from tests.storage.sql.databases import run, sqlite_url, unguarded

GOLDEN = Path(__file__).parent / "golden"
RELEASED = {int(path.stem.removeprefix("schema-")): path for path in sorted(GOLDEN.glob("schema-*.sql"))}
"""Version of the tables → a database as the release wrote it that brought them."""

EVENTS = 38


def released(folder: Path, version: int = 1) -> str:
    """The URL of a database as an earlier release left it."""
    db = sqlite3.connect(folder / "cases.db")
    db.executescript(RELEASED[version].read_text(encoding="utf-8"))
    db.close()
    return sqlite_url(folder)


def objects(url: str) -> set[tuple[str, ...]]:
    """Everything the database consists of, but for rows."""
    return set(run(url, "SELECT type, name, tbl_name, sql FROM sqlite_master"))


def test_every_release_has_its_golden_file() -> None:
    """Each version before the present one is there, and has a step that leads on from it."""
    assert list(range(1, SCHEMA_VERSION)) == list(RELEASED)
    assert list(range(2, SCHEMA_VERSION + 1)) == sorted(migrations.STEPS)


@pytest.mark.parametrize("version", RELEASED)
def test_an_earlier_schema_reads(tmp_path: Path, version: int) -> None:
    """Everything is read from the tables of an earlier release as it stands, and nothing is changed by it."""
    url = released(tmp_path, version)
    before = objects(url)
    for create in (False, True):
        with SqlJournal(url, create=create) as journal:
            bodies = [body for (body,) in run(url, "SELECT body FROM shuroflow_event ORDER BY position")]
            assert (EVENTS, EVENTS) == (len(bodies), journal.size())
            assert bodies == [record.body.decode() for record in journal.feed()]
            assert ["S01", "S02", "T10", '神\'s "case"'] == list(journal.cases())
            assert sorted(bodies) == sorted(body_of(event).decode() for event in journal.scan())
            assert list(range(3, journal.version("S01") + 1)) == [event.seq for event in journal.read("S01", after=2)]
    assert before == objects(url)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_an_earlier_schema_is_not_written(tmp_path: Path, count: int) -> None:
    """An append or a load says how to migrate, and neither writes nor migrates."""
    url = released(tmp_path)
    with SqlJournal(url, create=True) as journal:
        for use in (
            lambda: journal.append("new", examples("new", count), expected=0),
            lambda: journal.load([body_of(event) for event in examples("new", count)]),
        ):
            with pytest.raises(Unavailable, match="shuroflow migrate sqlite:///"):
                use()
        assert EVENTS == journal.size()
    assert [(1,)] == run(url, "SELECT version FROM shuroflow_schema")


@pytest.mark.parametrize("version", RELEASED)
def test_migrated_is_as_made_today(tmp_path: Path, version: int) -> None:
    """After the steps the database consists of what a new one consists of; its events are those it had."""
    url = released(tmp_path, version)
    told: list[tuple[int, int]] = []
    with SqlJournal(url) as journal:
        before = list(journal.feed())
        assert (version, SCHEMA_VERSION) == migrate(url, lambda done, total: told.append((done, total)))
        assert (SCHEMA_VERSION, SCHEMA_VERSION) == migrate(url)
        assert before == list(journal.feed())
        # A journal that was open all the time records now, and links to what stood there without links.
        last = journal.read("S01")[-1]
        journal.append("S01", examples("S01", 2, after=last.seq), expected=last.seq)
        assert as_recorded(examples("S01", 2, after=last.seq), last=last) == journal.read("S01", after=last.seq)
    steps = SCHEMA_VERSION - version
    assert [(done, steps) for done in range(1, steps + 1)] == told
    install(f"sqlite:///{tmp_path / 'new.db'}")
    assert objects(f"sqlite:///{tmp_path / 'new.db'}") == objects(url)
    with pytest.raises(sqlite3.IntegrityError, match="DELETE is refused"):
        run(url, "DELETE FROM shuroflow_event")
    assert [(each,) for each in range(version, SCHEMA_VERSION + 1)] == run(url, "SELECT version FROM shuroflow_schema")


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a step breaks off, the database is what it was before it."""
    url = released(tmp_path)
    before = objects(url)

    def broken(_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(triggers, "put_on", broken)
        with pytest.raises(Unavailable, match="disk I/O error"):
            migrate(url)
    assert before == objects(url)
    assert [(1,)] == run(url, "SELECT version FROM shuroflow_schema")
    assert (1, SCHEMA_VERSION) == migrate(url)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_in_the_hosts_transaction(tmp_path: Path, end: str) -> None:
    """On a connection of the host, as in an Alembic script, the steps stand or fall with the host's transaction."""
    url = released(tmp_path)
    before = objects(url)
    engine = sa.create_engine(url)
    with engine.connect() as host:
        assert (1, SCHEMA_VERSION) == migrate(host)
        assert SqlJournal(host).append("new", examples("new", 1), expected=0).version == 1
        getattr(host, end)()
    engine.dispose()
    versions = {"commit": list(range(1, SCHEMA_VERSION + 1)), "rollback": [1]}
    assert [(each,) for each in versions[end]] == run(url, "SELECT version FROM shuroflow_schema ORDER BY version")
    assert (before == objects(url)) == (end == "rollback")


def test_two_at_once(tmp_path: Path) -> None:
    """Who migrates while somebody else does finds it done."""
    url = released(tmp_path)
    with ThreadPoolExecutor(4) as others:
        done = list(others.map(migrate, [url] * 4))
    assert {SCHEMA_VERSION} == {reached for _, reached in done}
    assert [(each,) for each in range(1, SCHEMA_VERSION + 1)] == run(url, "SELECT version FROM shuroflow_schema")


def _nothing(url: str) -> None:
    run(url, "CREATE TABLE other (x int)")


def _later(url: str) -> None:
    install(url)
    unguarded(url, f"INSERT INTO shuroflow_schema VALUES ({SCHEMA_VERSION + 1})")


@pytest.mark.parametrize(("prepare", "said"), [(_nothing, "holds no journal"), (_later, "newer shuroflow")])
def test_what_cannot_be_migrated(url: str, prepare: Callable[[str], None], said: str) -> None:
    """A database without a journal, or of a later release, is refused and left as it is."""
    prepare(url)
    with pytest.raises(Unavailable, match=said):
        migrate(url)


def test_the_present_version(url: str) -> None:
    """A new journal is of the present version, on both databases, and has nothing to migrate."""
    install(url)
    assert (SCHEMA_VERSION, SCHEMA_VERSION) == migrate(url)
    assert [(SCHEMA_VERSION,)] == run(url, "SELECT version FROM shuroflow_schema")


def test_into_postgresql(tmp_path: Path, postgres_url: str) -> None:
    """What an earlier release wrote in SQLite moves to PostgreSQL byte by byte."""
    with SqlJournal(released(tmp_path)) as old, SqlJournal(postgres_url, create=True) as new:
        bodies = [record.body for record in old.feed()]
        new.load(bodies)
        assert list(old.feed()) == list(new.feed())
