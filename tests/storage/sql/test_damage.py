"""Rows that no journal wrote are damage, never events: whoever reads is told what is wrong and where."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from shuroflow.errors import Damaged, JournalError
from shuroflow.storage.sql import SqlJournal
from shuroflow.storage.sql.statements import PAGE, Row, statements
from shuroflow.verification import as_recorded, body_of, examples
from tests.storage.sql.databases import run, unguarded


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE shuroflow_event SET body = replace(body, 'case-1', 'case-2') WHERE seq = 2",
        "UPDATE shuroflow_event SET body = substr(body, 2) WHERE seq = 2",
        "UPDATE shuroflow_event SET body = replace(body, '\"seq\":2', '\"seq\":7') WHERE seq = 2",
        "UPDATE shuroflow_event SET body = replace(body, '2025-04-03\"', '2025-04-02\"') WHERE seq = 2",
        "UPDATE shuroflow_event SET body = replace(body, 'rfc6962:', 'rfc6962:0') WHERE seq = 2",
        "UPDATE shuroflow_event SET seq = 9 WHERE seq = 2",
        "UPDATE shuroflow_event SET seq = 0 WHERE seq = 1",
        "DELETE FROM shuroflow_event WHERE seq = 2",
    ],
)
def test_damaged_rows(url: str, change: str) -> None:
    """A row that was changed, or one that is gone from the middle, is damage and not an event."""
    with SqlJournal(url, create=True) as journal:
        journal.append("case-1", examples("case-1", 3), expected=0)
        unguarded(url, change)
        with pytest.raises(Damaged):
            journal.read("case-1")


def test_not_utf_8(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Bytes that are no text are damage (SQLite; PostgreSQL takes none)."""
    url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'cases.db'}"
    with SqlJournal(url, create=True) as journal:
        journal.append("case-1", examples("case-1", 3), expected=0)
        unguarded(url, "UPDATE shuroflow_event SET body = CAST(x'ff' AS TEXT) WHERE seq = 2")
        for reading in (lambda: journal.read("case-1"), lambda: list(journal.feed())):
            with pytest.raises(Damaged, match="UTF-8"):
                reading()


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
def test_a_case_that_lost_a_row_does_not_vanish(url: str, change: str) -> None:
    """Every case with any row is listed, once and in its place; reading it, a scan and a feed tell the damage."""
    with SqlJournal(url, create=True) as journal:
        for case_id in ("one", "two", "three"):
            journal.append(case_id, examples(case_id, 3), expected=0)
        unguarded(url, change)
        assert ["one", "two", "three"] == list(journal.cases())
        with pytest.raises(Damaged):
            journal.read("two")
        for reading in (journal.scan, journal.feed):
            with pytest.raises(Damaged):
                list(reading())
        assert as_recorded(examples("three", 3)) == journal.read("three")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("case_id", "'two'"),
        ("seq", "4"),
        ("programme", "'tsushima'"),
        ("kind", "'selected'"),
        ("occurred_on", "'2025-04-04'"),
        ("recorded_at", "'2025-04-03T15:04:05+00:00'"),
        ("key", "'l'"),
        ("key", "NULL"),
    ],
)
def test_columns_say_what_the_event_says(url: str, column: str, value: str) -> None:
    """A column that was changed beside its event is damage, told with its name, what it says and what is right."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 3), expected=0, key="k")
        unguarded(url, f"UPDATE shuroflow_event SET {column} = {value} WHERE position = 3")
        found = []
        with pytest.raises(Damaged, match=f"position 3: the column {column} says") as caught:
            found.extend(journal.feed())
        assert journal.where == caught.value.where
        assert len(found) <= 2
        assert [1, 2] == [record.position for record in found]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("programme", "'tsushima'"),
        ("kind", "'selected'"),
        ("occurred_on", "'2025-04-04'"),
        ("recorded_at", "'2025-04-03T15:04:05+00:00'"),
        ("key", "NULL"),
    ],
)
def test_reading_compares_the_columns(url: str, column: str, value: str) -> None:
    """Reading a case and scanning all are as strict as a feed, but for what stands before the version asked about."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 3), expected=0, key="k")
        unguarded(url, f"UPDATE shuroflow_event SET {column} = {value} WHERE position = 2")
        for reading in (
            lambda: journal.read("one"),
            lambda: journal.read("one", after=1),
            lambda: list(journal.scan()),
        ):
            with pytest.raises(Damaged, match=f"table shuroflow_event, position 2: the column {column} says"):
                reading()
        assert [3] == [event.seq for event in journal.read("one", after=2)]


@pytest.mark.parametrize(
    ("gone", "runs"),
    [
        ("position < 0", []),
        ("position = 1", [(1, 1)]),
        ("position IN (2, 3, 5)", [(2, 3), (5, 5)]),
        ("position < 7", [(1, 6)]),
        ("position > 4", []),
        ("position > 0", []),
    ],
)
def test_gaps(url: str, gone: str, runs: list[tuple[int, int]]) -> None:
    """Every run of missing positions before the last row is told once; what is missing at the end is not."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 7), expected=0)
        unguarded(url, f"DELETE FROM shuroflow_event WHERE {gone}")
        assert runs == [tuple(run) for run in journal.gaps()]


def test_more_gaps_than_a_page(url: str) -> None:
    """Every other row gone, more often than is asked for at once: none is told twice and none is passed over."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 2 * PAGE + 5), expected=0)
        unguarded(url, "DELETE FROM shuroflow_event WHERE position & 1 = 0")
        assert [(at, at) for at in range(2, 2 * PAGE + 5, 2)] == [tuple(run) for run in journal.gaps()]


@pytest.mark.parametrize(("gone", "missing"), [("position = 1", 1), ("position IN (2, 3)", 2), ("position = 4", 4)])
def test_a_feed_tells_a_gap(url: str, gone: str, missing: int) -> None:
    """A position that is missing is damage; what stands before it is given first."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 5), expected=0)
        unguarded(url, f"DELETE FROM shuroflow_event WHERE {gone}")
        found = []
        with pytest.raises(Damaged, match=f"position {missing} is missing"):
            found.extend(journal.feed())
        assert list(range(1, missing)) == [record.position for record in found]
        with pytest.raises(Damaged, match=f"position {missing} is missing"):
            list(journal.feed(after=missing - 1))


def test_a_feed_tells_a_gap_between_pages(url: str) -> None:
    """A page that is missing altogether, and one row after it, do not go unnoticed."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", PAGE + 3), expected=0)
        assert PAGE + 3 == sum(1 for _ in journal.feed())
        assert [PAGE, PAGE + 1, PAGE + 2, PAGE + 3] == [record.position for record in journal.feed(after=PAGE - 1)]
        unguarded(url, f"DELETE FROM shuroflow_event WHERE position BETWEEN {PAGE + 1} AND {PAGE + 2}")
        with pytest.raises(Damaged, match=f"position {PAGE + 1} is missing"):
            list(journal.feed())


def test_what_a_journal_did_not_number_is_told(url: str) -> None:
    """A row put in past the journal, with a position of its own, is a gap in the feed and no event of its case."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 2), expected=0)
        columns = ", ".join(Row._fields[2:])
        run(
            url,
            f"INSERT INTO shuroflow_event (position, case_id, {columns}) "
            f"SELECT 7, 'two', {columns} FROM shuroflow_event WHERE seq = 1",
        )
        with pytest.raises(Damaged, match="position 3 is missing"):
            list(journal.feed())
        with pytest.raises(Damaged, match="holds event 1 of case 'one'"):
            journal.read("two")


@pytest.mark.parametrize("position", [0, -5])
def test_positions_below_1_are_told(url: str, position: int) -> None:
    """A row put below the first position, where older tables let it, is damage for whoever reads."""
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 2), expected=0)
        unguarded(url, f"UPDATE shuroflow_event SET position = {position} WHERE seq = 2")
        readings = (journal.feed, lambda: journal.feed(after=1), journal.cases, journal.scan)
        for reading in (
            journal.size,
            lambda: journal.read("one"),
            *(lambda each=each: list(each()) for each in readings),
        ):
            with pytest.raises(Damaged, match=f"at position {position}"):
                reading()


@pytest.mark.parametrize(
    "change",
    [
        "body = CAST(body AS BLOB) WHERE seq = 2",
        "seq = 'x' WHERE seq = 2",
        "seq = x'32' WHERE seq = 2",
        "case_id = CAST(case_id AS BLOB)",
        "occurred_on = 'some day' WHERE seq = 2",
        "occurred_on = 7 WHERE seq = 2",
    ],
)
@pytest.mark.parametrize("through", ["url", "connection"])
def test_values_of_another_type(tmp_path_factory: pytest.TempPathFactory, change: str, through: str) -> None:
    """SQLite: a value of another type is damage for all who come upon it, and no error of the language."""
    url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'cases.db'}"
    with SqlJournal(url, create=True) as journal:
        journal.append("one", examples("one", 2), expected=0, key="k")
    unguarded(url, f"UPDATE shuroflow_event SET {change}")
    engine = sa.create_engine(url)
    with engine.connect() as host, SqlJournal(url if through == "url" else host) as journal:
        found = 0
        for use in (
            lambda: list(journal.feed()),
            lambda: list(journal.scan()),
            lambda: list(journal.cases()),
            lambda: journal.read("one"),
            lambda: journal.version("one"),
            lambda: journal.append("one", examples("one", 1, after=2), expected=2),
            lambda: journal.append("one", examples("one", 2), expected=0, key="k"),
            lambda: journal.load([body_of(event) for event in examples("one", 1, after=2)]),
        ):
            try:
                use()
            except Damaged:
                found += 1
            except JournalError:
                pass
        assert found
    engine.dispose()


@pytest.mark.parametrize("name", ["orphans", "cases"])
def test_listing_needs_the_indexes_only(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """The cases are listed from the two indexes, without going through the rows (SQLite)."""
    url = f"sqlite:///{tmp_path_factory.mktemp('db') / 'cases.db'}"
    SqlJournal(url, create=True).close()
    text = getattr(statements("sqlite"), name).text.replace("?", "9")
    plan = " ".join(row[3] for row in run(url, f"EXPLAIN QUERY PLAN {text}"))
    assert "COVERING INDEX" in plan or "INDEX shuroflow_event_first" in plan, plan


@pytest.mark.parametrize("name", ["orphans", "cases", "read", "stand", "guarded", "linked"])
def test_postgresql_needs_no_walk_through_the_table(postgres_url: str, name: str) -> None:
    """Each of the statements has an index to go by (PostgreSQL, asked to avoid the walk)."""
    SqlJournal(postgres_url, create=True).close()
    text = getattr(statements("postgresql"), name).text
    text = re.sub(r"%(\(\w+\))?s::", "NULL::", text)
    plan = " ".join(row[0] for row in run(postgres_url, "SET enable_seqscan = off", f"EXPLAIN {text}"))
    assert "Seq Scan on shuroflow_event" not in plan, plan
