"""The read model says of every case what the desk says of it, however it came about; it is made of the events alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from shuroflow import projection
from shuroflow.caseload import Caseload
from shuroflow.errors import CaseNotFound, Damaged, InputError, Unavailable
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.events import saitama as s
from shuroflow.projection import Refreshed, refresh, refresh_case
from shuroflow.simulation.caseload import caseload
from shuroflow.states.office import Office
from shuroflow.storage import JsonlJournal, MemoryJournal
from shuroflow.storage.codec import encode
from shuroflow.storage.sql import SqlJournal
from shuroflow.storage.sql.readmodel import READ_MODEL, case_table, duty_table
from tests.caseload.desk import STORIES, Ticking
from tests.states.saitama_stories import course
from tests.states.story import CW, OFFICE, SV, gone_astray
from tests.storage.sql.databases import DIALECTS, run, sqlite_url, unguarded

DAY = date(2026, 4, 30)
Shown = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]
"""Rows of the cases and of their duties, as the database or the desk has them."""


@pytest.fixture(params=DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    found: str = request.getfixturevalue("postgres_url")
    return found


# What is compared ---------------------------------------------------------------------------------------------------


def said_by_desk(journal: SqlJournal, as_of: date, office: Office = OFFICE) -> Shown:
    """What the desk says of every case as of a day."""
    desk = Caseload(journal, clock=Ticking(), office=office)
    cases: list[tuple[Any, ...]] = []
    duties: list[tuple[Any, ...]] = []
    for case_id in sorted(journal.cases()):
        events = journal.read(case_id)
        try:
            standing = desk.show(case_id, as_of=as_of)
        except CaseNotFound:
            cases.append((case_id, events[0].programme, None, None, None, None, None, None, len(events), as_of))
            continue
        case, period, closing = standing.case, standing.period, standing.case.closing_on(as_of)
        start, end = (period.start, period.end) if period else (None, None)
        closed_on = closing.on if closing else None
        known = (standing.state.value, case.opened_on, start, end, closed_on, case.prior_case_id)
        cases.append((case_id, case.programme, *known, len(events), as_of))
        for number, due in enumerate(standing.duties, 1):
            told = attrs.astuple(
                due, filter=lambda field, _: field.name not in {"subject", "of_ja", "of_en", "to_come"}
            )
            duties.append((case_id, number, *told[2:]))
    return cases, duties


def in_tables(journal: SqlJournal) -> Shown:
    """What the tables say of every case."""
    c, d = case_table.c, duty_table.c
    names = ["case_id", "programme", "state", "opened_on", "period_start", "period_end", "closed_on", "prior_case_id"]
    with journal._door as link:
        cases = link.connection.execute(sa.select(*(c[name] for name in names), c.version, c.as_of))
        kept = [
            d.case_id,
            d.number,
            d.code,
            d.name_ja,
            d.name_en,
            d.clause,
            d.arose_on,
            d.due,
            d.in_time_until,
            d.overdue,
        ]
        duties = link.connection.execute(sa.select(*kept))
        return sorted(map(tuple, cases), key=lambda row: row[0]), sorted(map(tuple, duties), key=lambda row: row[:2])


def everything(journal: SqlJournal) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all derived tables."""
    with journal._door as link:
        return {
            table.name: sorted(map(tuple, link.connection.execute(sa.select(table))), key=repr) for table in READ_MODEL
        }


def same_as_desk(journal: SqlJournal, as_of: date, office: Office = OFFICE) -> None:
    """The tables say what the desk says, also in the order in which it lists what is due."""
    assert said_by_desk(journal, as_of, office) == in_tables(journal)
    listed = {
        (due.case_id, due.code, due.due) for due in Caseload(journal, clock=Ticking(), office=office).due(on=as_of)
    }
    assert listed == {(row[0], row[2], row[7]) for row in in_tables(journal)[1]}


def simulated(cases: int, seed: int) -> list[Event]:
    """The events of a simulated caseload in the order recorded."""
    return [event for event, _ in caseload(cases, seed, 0.4) if event is not None]


def put(journal: SqlJournal, events: Sequence[Event]) -> None:
    """Record events, whatever a desk would say of them."""
    for event in events:
        version = journal.version(event.case_id)
        journal.append(event.case_id, [attrs.evolve(event, seq=version + 1)], expected=version)


def stored(events: Sequence[Event]) -> list[bytes]:
    """The events as a journal would hold them, each linked to the one before it."""
    journal = MemoryJournal()
    for event in events:
        version = journal.version(event.case_id)
        journal.append(event.case_id, [attrs.evolve(event, seq=version + 1)], expected=version)
    return [record.body for record in journal.feed()]


@contextmanager
def opened(url: str, events: Sequence[Event] = ()) -> Iterator[SqlJournal]:
    """A journal with those events."""
    with SqlJournal(url, create=True) as journal:
        put(journal, events)
        yield journal


def told(name: str, case_id: str | None = None, *, upto: int | None = None) -> list[Event]:
    """A told history, under an id of its own."""
    stories = {**STORIES["saitama"], **STORIES["tsushima"]}
    return [attrs.evolve(event, case_id=case_id or name) for event in stories[name]()[:upto]]


# The property -------------------------------------------------------------------------------------------------------


def _writable(event: Event) -> bool:
    """Can the event be stored at all? What goes astray may also leave the limits of its fields."""
    try:
        encode(event)
    except InputError:
        return False
    return True


@st.composite
def amended(draw: st.DrawFn, case_id: str) -> list[Event]:
    """Any history of a case, some of its events corrected or withdrawn afterwards."""
    told = filter(_writable, draw(gone_astray(STORIES[draw(st.sampled_from(sorted(STORIES)))])))
    events = [attrs.evolve(event, seq=seq) for seq, event in enumerate(told, 1)]
    assume(events)
    count = len(events)
    days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
    for target in draw(st.lists(st.integers(1, count), max_size=2, unique=True)):
        gone = Withdrawn(seq=target, reason="written down twice", approved_by=SV)
        right = Corrected(seq=target, reason="wrong day", approved_by=SV, occurred_on=draw(days))
        data = draw(st.sampled_from([gone, right]))
        kind = "withdrawn" if data is gone else "corrected"
        last = events[-1]
        events.append(attrs.evolve(last, seq=last.seq + 1, kind=kind, data=data, occurred_on=draw(days)))
    return [attrs.evolve(event, case_id=case_id, recorded_by=CW) for event in events]


@st.composite
def caseloads(draw: st.DrawFn) -> list[Event]:
    """The events of a few cases, simulated and arbitrary ones, their records mixed."""
    waiting: dict[str, list[Event]] = {}
    for event in simulated(draw(st.integers(1, 4)), draw(st.integers(0, 50))):
        waiting.setdefault(event.case_id, []).append(event)
    for number in range(draw(st.integers(0, 2))):
        waiting[f"astray-{number}"] = draw(amended(f"astray-{number}"))
    order = draw(st.permutations([case_id for case_id, held in waiting.items() for _ in held]))
    return [waiting[case_id].pop(0) for case_id in order]


DAYS = st.dates(date(2021, 6, 1), date(2027, 5, 31)) | st.sampled_from(
    [date(year, 3, 31) + timedelta(days=by) for year in range(2022, 2027) for by in (0, 1)]
)


@given(caseloads(), st.data())
@settings(max_examples=25)
def test_rows_are_what_the_desk_says(events: list[Event], data: st.DataObject) -> None:
    """Whatever is recorded, on whatever days it is asked: a refresh ends in the desk's answers, and in a rebuild's."""
    with tempfile.TemporaryDirectory() as folder, opened(sqlite_url(Path(folder))) as journal:
        bodies = stored(events)
        while bodies:
            upto = data.draw(st.integers((len(bodies) + 2) // 3, len(bodies)))
            journal.load(bodies[:upto])
            bodies = bodies[upto:]
            if case_id := data.draw(st.none() | st.sampled_from(sorted(journal.cases()))):
                refresh_case(journal, case_id, as_of=data.draw(DAYS))
            as_of = data.draw(DAYS)
            refresh(journal, as_of=as_of)
            same_as_desk(journal, as_of)
            found = everything(journal)
            assert refresh(journal, as_of=as_of, rebuild=True).rebuilt
            assert found == everything(journal)


def test_days_alone_move_a_caseload(url: str) -> None:
    """Day by day over the turn of a fiscal year, far ahead and back again: each refresh ends in the desk's words."""
    events = simulated(40, 3)
    with opened(url) as journal:
        journal.load(stored(events))
        for as_of in [
            *(date(2024, 3, 29) + timedelta(days=by) for by in range(5)),
            date(2026, 4, 30),
            date(2023, 1, 1),
        ]:
            done = refresh(journal, as_of=as_of)
            same_as_desk(journal, as_of)
            assert not done.rebuilt or as_of == date(2024, 3, 29)


# What is folded -----------------------------------------------------------------------------------------------------


def test_only_what_changed_is_folded(tmp_path: Path) -> None:
    """A second refresh folds nothing; one new event folds its case; a later day folds what is open, nothing closed."""
    with opened(sqlite_url(tmp_path), [*told("S01"), *told("S04", upto=8)]) as journal:
        first = refresh(journal, as_of=DAY)
        assert Refreshed(as_of=DAY, position=journal.size(), cases=2, rebuilt=True) == first
        assert 0 == refresh(journal, as_of=DAY).cases
        put(journal, told("S04")[8:9])
        again = refresh(journal, as_of=DAY)
        assert Refreshed(as_of=DAY, position=first.position + 1, cases=1, rebuilt=False) == again
        assert 1 == refresh(journal, as_of=DAY + timedelta(days=1)).cases
        same_as_desk(journal, DAY + timedelta(days=1))


def test_other_rules_fold_everything_anew(tmp_path: Path) -> None:
    """An office with its own settings: nothing that was folded by others stays, and the rows say what its desk says."""
    own = Office.parse("[settings]\nplan_due_days = 14\nfirst_day = 'excluded'\n")
    with opened(sqlite_url(tmp_path), [*told("S01"), *told("T01", upto=4)]) as journal:
        refresh(journal, as_of=DAY)
        before = in_tables(journal)
        assert refresh(journal, as_of=DAY, office=own).rebuilt
        same_as_desk(journal, DAY, own)
        assert before != in_tables(journal)
        assert not refresh(
            journal, as_of=DAY, office=Office.parse("[settings]\nfirst_day='excluded'\nplan_due_days=14")
        ).rebuilt


def test_another_journal_is_noticed(tmp_path: Path) -> None:
    """A journal that was restored and went another way, though not shorter, is folded from the beginning."""
    url = sqlite_url(tmp_path)
    with opened(url, [*told("S01"), *told("S04")]) as journal:
        refresh(journal, as_of=DAY)
    unguarded(url, "DELETE FROM shuroflow_event WHERE case_id = 'S04'")
    with opened(url, [*told("S03"), *told("T01")]) as journal:
        assert refresh(journal, as_of=DAY).rebuilt
        same_as_desk(journal, DAY)


def test_a_case_to_come(tmp_path: Path) -> None:
    """A case that begins later is held without a state, is looked at again on each day, and appears on its first."""
    with opened(sqlite_url(tmp_path), told("S01")) as journal:
        first = told("S01")[0].occurred_on
        refresh(journal, as_of=first - timedelta(days=2))
        assert [None] == [row[2] for row in in_tables(journal)[0]]
        refresh(journal, as_of=first)
        assert ["candidate"] == [row[2] for row in in_tables(journal)[0]]


def test_small_batches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However few cases are held in memory at one time, the rows are the same."""
    monkeypatch.setattr(projection, "BATCH", 2)
    with opened(sqlite_url(tmp_path), simulated(7, 5)) as journal:
        refresh(journal, as_of=DAY)
        same_as_desk(journal, DAY)


def test_progress(tmp_path: Path) -> None:
    """A rebuild tells how many records are done, and goes up to all of them; later on it is cases."""
    heard: list[tuple[int, int | None]] = []
    with opened(sqlite_url(tmp_path), simulated(3, 5)) as journal:
        refresh(journal, as_of=DAY, progress=lambda done, total: heard.append((done, total)))
        assert 3 == len(heard)
        assert heard == sorted(heard)
        assert (journal.size(), journal.size()) == heard[-1]
        heard.clear()
        refresh(journal, as_of=date(2021, 7, 2), progress=lambda done, total: heard.append((done, total)))
        assert [(1, 3), (2, 3), (3, 3)] == heard


def test_an_empty_journal(url: str) -> None:
    """There is nothing to fold, and nothing wrong; the first case comes with the next refresh."""
    with opened(url) as journal:
        assert Refreshed(as_of=DAY, position=0, cases=0, rebuilt=True) == refresh(journal, as_of=DAY)
        put(journal, told("S01"))
        refresh(journal, as_of=DAY)
        same_as_desk(journal, DAY)


# What goes wrong ----------------------------------------------------------------------------------------------------


def test_a_damaged_case_stops_everything(url: str) -> None:
    """A row that is no event: a typed error that says where, and not one derived row is changed, asked either way."""
    with opened(url, [*told("S01"), *told("S04")]) as journal:
        refresh(journal, as_of=DAY)
        before = everything(journal)
    unguarded(url, "UPDATE shuroflow_event SET body = replace(body, 'occurred_on', 'occured_on') WHERE case_id = 'S04'")
    with SqlJournal(url) as journal:
        for rebuild in (True, False):
            with pytest.raises(Damaged, match=r"S04|position"):
                refresh(journal, as_of=DAY + timedelta(days=1), rebuild=rebuild)
        assert before == everything(journal)


def test_a_case_that_cannot_be_folded(url: str) -> None:
    """A withdrawal of what is not there, as only another program writes it: the case is named, nothing is changed."""
    with opened(url, told("S01")) as journal:
        refresh(journal, as_of=DAY)
        before = everything(journal)
        wrong = Withdrawn(seq=90, reason="of nothing", approved_by=SV)
        first, *_ = told("S04")
        put(journal, [first, attrs.evolve(first, kind="withdrawn", data=wrong)])
        for rebuild in (False, True):
            with pytest.raises(InputError) as raised:
                refresh(journal, as_of=DAY, rebuild=rebuild)
            assert "S04" == raised.value.case_id
        with pytest.raises(InputError):
            refresh_case(journal, "S04", as_of=DAY)
        assert before == everything(journal)


@pytest.mark.parametrize("kind", ["memory", "jsonl"])
def test_a_journal_that_is_no_database(kind: str, tmp_path: Path) -> None:
    """Where there is no database there is no read model; what to do is said."""
    journal = MemoryJournal() if kind == "memory" else JsonlJournal(tmp_path / "cases.jsonl", create=True)
    with journal:
        for call in (lambda: refresh(journal, as_of=DAY), lambda: refresh_case(journal, "S01", as_of=DAY)):
            with pytest.raises(InputError, match="convert"):
                call()


def test_dropped_tables_come_back(url: str) -> None:
    """Derived tables may be dropped: a refresh makes them again, with the views."""
    with opened(url, told("S01")) as journal:
        refresh(journal, as_of=DAY)
        before = everything(journal)
        cascade = "" if url.startswith("sqlite") else " CASCADE"
        run(url, *(f"DROP TABLE {table.name}{cascade}" for table in READ_MODEL))
        refresh(journal, as_of=DAY)
        assert before == everything(journal)
    assert [("終了",)] == run(url, "SELECT 状態 FROM 支援ケース一覧")


# With others --------------------------------------------------------------------------------------------------------


def test_recording_goes_on_meanwhile(url: str) -> None:
    """While cases are folded, others record; what they add is there at the latest after the next refresh."""
    with opened(url, [*told("S01"), *told("S04", upto=5)]) as journal, SqlJournal(url, busy_timeout=1) as other:
        more = told("S04")[5:]

        def meanwhile(done: int, total: int | None) -> None:
            put(other, [more.pop(0)])

        refresh(journal, as_of=DAY, progress=meanwhile)
        assert journal.size() == len(told("S01")) + 5 + 2
        refresh(journal, as_of=DAY)
        same_as_desk(journal, DAY)


def test_another_refresh_was_faster(url: str) -> None:
    """Two at the same time: the slower one finds that the other was faster, and begins anew from there."""
    with opened(url, told("S01")) as journal, SqlJournal(url, busy_timeout=1) as other:
        rivals = [DAY - timedelta(days=1)]

        def meanwhile(done: int, total: int | None) -> None:
            if rivals:
                refresh(other, as_of=rivals.pop())

        assert not refresh(journal, as_of=DAY, progress=meanwhile).rebuilt
        same_as_desk(journal, DAY)


def test_others_refresh_again_and_again(tmp_path: Path) -> None:
    """Whoever is overtaken each time gives up with a typed error, and leaves the rows of the others."""
    url = sqlite_url(tmp_path)
    with opened(url, told("S04", upto=6)) as journal, SqlJournal(url) as other:
        days = iter(DAY - timedelta(days=by) for by in range(1, 20))
        with pytest.raises(Unavailable, match="same time"):
            refresh(journal, as_of=DAY, progress=lambda *_: refresh(other, as_of=next(days)) and None)
        same_as_desk(journal, next(days) + timedelta(days=1))


def test_newer_rows_of_one_case_stay(url: str) -> None:
    """A case that was brought up to date by itself while all were folded keeps its newer rows."""
    with opened(url, told("S04", upto=4)) as journal, SqlJournal(url, busy_timeout=1) as other:
        refresh(journal, as_of=DAY)
        put(journal, told("S04")[4:5])

        def meanwhile(done: int, total: int | None) -> None:
            put(other, told("S04")[5:])
            refresh_case(other, "S04", as_of=DAY)

        refresh(journal, as_of=DAY, progress=meanwhile)
        same_as_desk(journal, DAY)


# In the host's transaction ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_session", [False, True])
@pytest.mark.parametrize("kept", [True, False])
def test_in_the_hosts_transaction(url: str, kept: bool, by_session: bool) -> None:
    """An event, the row of its case and the host's own row stand or fall together."""
    with opened(url, told("S01")) as journal:
        refresh(journal, as_of=DAY)
    run(url, "CREATE TABLE host_log (said TEXT)")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    listed = told("S01", "S99")[:1]
    with Session(engine) if by_session else engine.connect() as host:
        host.execute(sa.text("INSERT INTO host_log VALUES ('x')"))
        journal = SqlJournal(host)
        put(journal, listed)
        row = refresh_case(journal, "S99", as_of=DAY)
        assert ("candidate", 1) == (row.state, row.version)
        refresh(journal, as_of=DAY)
        same_as_desk(journal, DAY)
        (host.commit if kept else host.rollback)()
    engine.dispose()
    expected = 2 if kept else 1
    assert [(expected,)] == run(url, "SELECT count(*) FROM 支援ケース一覧")
    assert [(expected - 1,)] == run(url, "SELECT count(*) FROM host_log")
    with SqlJournal(url) as journal:
        assert (0 if kept else 1) == 1 - len(journal.read("S99"))
        same_as_desk(journal, DAY)


def test_a_failed_refresh_leaves_the_host_its_transaction(url: str) -> None:
    """What cannot be folded is told inside the host's transaction, which goes on as if nothing had been asked."""
    with opened(url, told("S01")):
        pass
    run(url, "CREATE TABLE host_log (said TEXT)")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    first, *_ = told("S04")
    wrong = attrs.evolve(first, kind="withdrawn", data=Withdrawn(seq=90, reason="of nothing", approved_by=SV))
    with engine.connect() as host:
        journal = SqlJournal(host)
        put(journal, [first, wrong])
        with pytest.raises(InputError):
            refresh(journal, as_of=DAY)
        host.execute(sa.text("INSERT INTO host_log VALUES ('x')"))
        host.commit()
    assert [("x",)] == run(url, "SELECT said FROM host_log")
    assert [(0,)] == run(url, "SELECT count(*) FROM shuroflow_case")
    with SqlJournal(url) as journal:
        assert 2 == journal.version("S04")


def test_from_a_subscriber(tmp_path: Path) -> None:
    """A desk that refreshes the case after each record keeps its row up to date."""
    with opened(sqlite_url(tmp_path)) as journal:
        desk = Caseload(journal, clock=Ticking())
        desk.subscribe(lambda recorded: refresh_case(journal, recorded.event.case_id, as_of=DAY) and None)
        for event in course("consented").events:
            if event.seq == 1:
                desk.open("C-1", "saitama", event.data, on=event.occurred_on, by=event.recorded_by)
            else:
                desk.record("C-1", event.data, on=event.occurred_on, by=event.recorded_by)
        assert ["consented"] == [row[2] for row in in_tables(journal)[0]]
        same_as_desk(journal, DAY)


def test_a_case_that_is_not_there(tmp_path: Path) -> None:
    """To refresh a case that nobody opened is an error."""
    with opened(sqlite_url(tmp_path)) as journal, pytest.raises(CaseNotFound):
        refresh_case(journal, "nobody", as_of=DAY)


def test_withdrawn_altogether(tmp_path: Path) -> None:
    """A case whose only event was withdrawn has no state, and no later day looks at it again."""
    listed = told("S01")[0]
    gone = Withdrawn(seq=1, reason="another person", approved_by=SV)
    with opened(sqlite_url(tmp_path), [listed, attrs.evolve(listed, kind="withdrawn", data=gone)]) as journal:
        refresh(journal, as_of=DAY)
        assert [None] == [row[2] for row in in_tables(journal)[0]]
        assert 0 == refresh(journal, as_of=DAY + timedelta(days=400)).cases
        assert s.Listed is type(journal.read("S01")[0].data)
