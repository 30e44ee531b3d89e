"""``shuroflow refresh`` fills the views of a database, tells in one line what it did, or what stands in its way."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from shuroflow.storage import open_journal
from shuroflow.storage.sql import SqlJournal
from tests.audit.records import STORIES, story, write
from tests.cli.calls import call, one_line, program
from tests.storage.sql.databases import run, sqlite_url, unguarded

SIZE = sum(len(story(name)) for name in STORIES)


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A database with all sample records."""
    url = sqlite_url(tmp_path)
    with open_journal(url, create=True) as journal:
        for name in STORIES:
            journal.append(name, story(name), expected=0)
    return url


def test_views_are_filled(source: str) -> None:
    """The first call fills everything, the next one finds nothing to do; both say as of which day and how far."""
    first = call("refresh", source, "--as-of", "R8.1.20")
    cases, records = f"{len(STORIES):,}", f"{SIZE:,}"
    assert (0, "") == (first.exit_code, first.stderr)
    assert f"すべて作り直しました: 基準日 令和8年1月20日、{cases} ケース、記録 {records} 件まで\n" == first.stdout
    again = call("refresh", source, "--as-of", "2026-01-20")
    assert f"更新しました: 基準日 令和8年1月20日、0 ケース、記録 {records} 件まで\n" == again.stdout
    there = sum(any(event.occurred_on <= date(2026, 1, 20) for event in story(name)) for name in STORIES)
    assert [(there,)] == run(source, "SELECT count(*) FROM 支援ケース一覧")
    assert [("2026-01-20",)] == run(source, "SELECT DISTINCT 基準日 FROM 支援ケース一覧")


def test_in_english(source: str) -> None:
    """The same in English; ``--rebuild`` fills all anew though nothing is new."""
    assert 0 == call("refresh", source, "--as-of", "2026-01-20").exit_code
    told = call("--lang", "en", "refresh", source, "--as-of", "2026-01-20", "--rebuild").stdout
    assert f"rebuilt as of 2026-01-20: {len(STORIES)} cases, up to record {SIZE}\n" == told
    told = call("refresh", source, "--as-of", "2026-01-20", "--lang", "en").stdout
    assert f"brought up to date as of 2026-01-20: 0 cases, up to record {SIZE}\n" == told


def test_today_is_the_day(source: str) -> None:
    """Without a day it is today, in Japan."""
    assert 0 == call("refresh", source).exit_code
    ((found,),) = run(source, "SELECT DISTINCT 基準日 FROM 支援ケース一覧")
    assert abs(date.fromisoformat(found) - date.today()) <= timedelta(days=1)  # noqa: DTZ011 - the test may run anywhere


def test_an_office_of_its_own(source: str, tmp_path: Path) -> None:
    """With an overlay the rows are those of that office, and are folded anew for it."""
    overlay = tmp_path / "office.toml"
    overlay.write_text("[settings]\nplan_due_days = 14\n", encoding="utf-8")
    assert 0 == call("refresh", source, "--as-of", "2026-01-20").exit_code
    result = call("refresh", source, "--as-of", "2026-01-20", "--overlay", overlay, "--lang", "en")
    assert result.stdout.startswith("rebuilt")


@pytest.mark.parametrize(("lang", "word"), [("ja", "データベース"), ("en", "database")])
def test_a_file_is_no_database(tmp_path: Path, lang: str, word: str) -> None:
    """A JSON Lines file has no tables: what to do first is said, in one line, and the file stays as it is."""
    path = write(tmp_path / "cases.jsonl", story("S01"))
    before = path.read_bytes()
    told = one_line(call("refresh", path, "--lang", lang))
    assert word in told
    assert "shuroflow convert" in told
    assert before == path.read_bytes()


def test_what_is_not_there(tmp_path: Path) -> None:
    """A database that is missing is told and not made; so is one without a journal."""
    missing = sqlite_url(tmp_path)
    assert "cases.db" in one_line(call("refresh", missing))
    assert [] == list(tmp_path.iterdir())
    run(missing, "CREATE TABLE t (x)")
    assert "cases.db" in one_line(call("refresh", missing))


def test_a_damaged_case(source: str) -> None:
    """What no journal wrote stops it with exit status 2; the views stay as they were."""
    assert 0 == call("refresh", source, "--as-of", "2026-01-20").exit_code
    before = run(source, "SELECT * FROM 支援ケース一覧")
    unguarded(source, "UPDATE shuroflow_event SET body = '{}' WHERE case_id = 'S04' AND seq = 2")
    assert "S04" in one_line(call("refresh", source, "--as-of", "2026-01-20", "--rebuild"))
    assert before == run(source, "SELECT * FROM 支援ケース一覧")


def test_on_postgresql(postgres_url: str) -> None:
    """The same command on PostgreSQL, as a program of its own."""
    with SqlJournal(postgres_url, create=True) as journal:
        journal.append("S01", story("S01"), expected=0)
    done = program("refresh", postgres_url, "--as-of", "2026-01-20", "--lang", "en")
    assert (0, "") == (done.returncode, done.stderr)
    assert f"rebuilt as of 2026-01-20: 1 case, up to record {len(story('S01'))}\n" == done.stdout
    assert [("終了",)] == run(postgres_url, "SELECT 状態 FROM 支援ケース一覧")
    again = program("refresh", postgres_url, "--as-of", "2026-01-20", "--lang", "en")
    assert again.stdout.startswith("brought up to date")  # what another process folded is known again


def test_tables_of_an_earlier_release(source: str) -> None:
    """Tables that are to be migrated first are told as such; nothing is made in them."""
    unguarded(source, "DELETE FROM shuroflow_schema", "INSERT INTO shuroflow_schema VALUES (1)")
    run(source, "DROP TABLE shuroflow_duty")
    assert "shuroflow migrate" in one_line(call("refresh", source))
    assert [] == run(source, "SELECT name FROM sqlite_master WHERE name = 'shuroflow_duty'")
