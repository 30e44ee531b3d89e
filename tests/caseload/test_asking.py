"""The live desk answers: what may come next and why not, what is due and when, how a case stood and stands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.audit.replay import replay
from shuroflow.calendar import OfficeCalendar, period_end
from shuroflow.caseload import Caseload, Due, Option
from shuroflow.errors import CaseNotFound, InputError
from shuroflow.events import Corrected, Event, Withdrawn, kinds_of
from shuroflow.events import saitama as s
from shuroflow.events import tsushima as t
from shuroflow.states.office import Office
from shuroflow.storage import MemoryJournal
from shuroflow.vocabulary import State
from tests.caseload.desk import CASE, OPENERS, PROGRAMMES, STORIES, desk_of, force, tell
from tests.states import tsushima_stories
from tests.states.saitama_stories import VISIT, course
from tests.states.story import CW, ES, JST, OFFICE, OFFICER, SV, any_events, edition_of, payloads_of, snapshot
from tests.states.tsushima_stories import claimed, workplace

AMENDING = ("corrected", "withdrawn")


def on(text: str) -> date:
    """An ISO day."""
    return date.fromisoformat(text)


def standing(events: list[Event]) -> Caseload:
    """A desk over a journal that holds these events, whether or not a rule forbids them."""
    desk = desk_of()
    force(desk.journal, events)
    return desk


def options(desk: Caseload, day: date) -> dict[str, Option]:
    """What may come next, by event."""
    return {option.event: option for option in desk.next(CASE, on=day)}


# What may come next -------------------------------------------------------------------------------------------------


def _good_payloads(programme: str) -> dict[str, list[Any]]:
    """Payloads that stand in the told histories, by event."""
    held: dict[str, list[Any]] = {}
    told = [story() for story in STORIES[programme].values()]
    if programme == "tsushima":
        told.append(workplace().events)
    for events in told:
        for event in events:
            held.setdefault(event.kind, []).append(event.data)
    return held


GOOD = {programme: _good_payloads(programme) for programme in PROGRAMMES}


@st.composite
def prefixes(draw: st.DrawFn, programme: str) -> tuple[list[Event], date]:
    """A told history up to some event, and a day not before it."""
    told = STORIES[programme][draw(st.sampled_from(sorted(STORIES[programme])))]()
    held = told[: draw(st.integers(1, len(told)))]
    return held, max(event.occurred_on for event in held) + timedelta(days=draw(st.integers(0, 120)))


@pytest.mark.parametrize("programme", PROGRAMMES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_is_called_impossible_is_refused(programme: str, data: st.DataObject) -> None:
    """Each event is possible or has its reasons; one that is not possible is refused, whatever good payload it has."""
    held, day = data.draw(prefixes(programme))
    desk = standing(held)
    answered = desk.next(CASE, on=day)
    assert [option.event for option in answered] == list(dict.fromkeys(row.event for row in edition_of(programme).rows))
    assert set(kinds_of(programme)) - set(AMENDING) == {option.event for option in answered}
    for option in answered:
        assert option.possible or option.why_not
        assert option.name("ja")
        assert option.name("en")
        assert option.clause in {clause.citation for clause in edition_of(programme).clauses}
        for finding in option.why_not:
            assert finding.message("ja")
            assert finding.mend("en")
        if option.possible:
            continue
        payload = data.draw(
            st.sampled_from(GOOD[programme][option.event])
            if option.event in GOOD[programme]
            else payloads_of(kinds_of(programme)[option.event])
        )
        by = data.draw(st.sampled_from([CW, ES, OFFICER]))
        judgement = desk_judge(desk, payload, day, by)
        assert not judgement.allowed
        said = {finding.rule.code for finding in option.why_not if finding.refuses}
        assert said <= {finding.rule.code for finding in judgement.blocking}


def desk_judge(desk: Caseload, payload: Any, day: date, by: Any) -> Any:
    """The judgement of the desk, or of the machine where a drawn payload is none that could be stored."""
    held = desk.journal.read(CASE)
    edition = edition_of(held[0].programme)
    try:
        return desk.judge(CASE, payload, on=day, by=by)
    except ValueError:
        case = desk.show(CASE, as_of=day).case
        event = attrs.evolve(held[-1], seq=len(held) + 1, kind=payload.__event__, occurred_on=day, data=payload)
        return edition.judge(case, attrs.evolve(event, recorded_by=by), OFFICE)


@pytest.mark.parametrize(("programme", "name"), [(code, name) for code in PROGRAMMES for name in STORIES[code]])
def test_what_was_recorded_had_been_possible(programme: str, name: str) -> None:
    """Along every history: what the desk would take as it was told was among the possible ones on its day."""
    told = STORIES[programme][name]()
    for at in range(1, len(told)):
        desk, event = standing(told[:at]), told[at]
        option = options(desk, event.occurred_on)[event.kind]
        judgement = desk.judge(CASE, event.data, on=event.occurred_on, by=event.recorded_by)
        assert option.possible or not judgement.allowed
        if judgement.allowed:  # of several rows the payload chooses one
            rows = [row for row in edition_of(programme).rows if row.event == event.kind]
            assert judgement.destination in {option.destination, *(row.dest or judgement.source for row in rows)}


@pytest.mark.parametrize("programme", PROGRAMMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_record_can_be_asked_what_comes_next(programme: str, data: st.DataObject) -> None:
    """Whatever stands on record, on any day, each event of the programme gets its answer, and nothing is written."""
    events = data.draw(any_events(programme))
    case = edition_of(programme).new_case(CASE)
    for event in events:  # any payload, storable or not: asked of the machine that the desk asks
        edition_of(programme).fold(case, event, OFFICE)
    before = snapshot(case)
    probe = attrs.evolve(events[-1], seq=len(events) + 1, data=None, recorded_by=None)
    for kind in {row.event for row in edition_of(programme).rows}:
        asked = attrs.evolve(probe, kind=kind)
        source = edition_of(programme).source_for(case, kind, asked.occurred_on)
        row, _, _ = edition_of(programme).possible(case, asked, OFFICE, source)
        assert kind == row.event
    assert before == snapshot(case)


def test_why_not_and_what_will_be_asked() -> None:
    """After the consent: support may start but asks for goals; an end is out of place."""
    desk = standing(course("consented").events)
    may = options(desk, on("2025-04-15"))
    assert {"support_decided", "goals_set", "declined"} <= {name for name, option in may.items() if option.possible}
    start = may["support_started"]
    assert ["saitama.goals_of_both_horizons"] == [each.rule.code for each in start.why_not]
    assert "saitama.specialist_qualified" in [rule.code for rule in start.asks]
    assert State.IN_SUPPORT is start.destination
    assert "4(1)" == start.clause
    assert not may["ended"].possible
    assert not may["listed"].possible
    assert not may["discontinued"].possible
    assert "saitama.no_discontinuation" in [each.rule.code for each in may["discontinued"].why_not]
    assert ["支援の開始", "start of support"] == [start.name("ja"), start.name("en")]


def test_next_writes_nothing_and_needs_a_day() -> None:
    """What may come next depends on the day: after 31 March nothing more is done under 対馬."""
    desk = desk_of()
    tell(desk, tsushima_stories.course("resume").events)
    count = desk.journal.version(CASE)
    assert options(desk, on("2026-03-31"))["activity_recorded"].possible
    assert not options(desk, on("2026-04-01"))["activity_recorded"].possible
    assert count == desk.journal.version(CASE)


# What is due --------------------------------------------------------------------------------------------------------


def dues(desk: Caseload, day: str, within: int | None = None) -> list[tuple[str, date | None, bool]]:
    """Code, day and whether it is overdue, of everything that is due."""
    return [(item.code, item.due, item.overdue) for item in desk.due(on=on(day), within=within)]


def test_what_is_due_along_a_course() -> None:
    """The evaluation has no day; the period has its last; both are gone once the case has ended."""
    told = course("ended").events
    assert [] == dues(standing(told[:5]), "2025-04-15")
    support = standing(told[:8])
    assert [("evaluate", None, False), ("extend_or_end", on("2025-07-14"), False)] == dues(support, "2025-05-20")
    assert [("extend_or_end", on("2025-07-14"), False)] == dues(standing(told[:-1]), "2025-06-19")
    assert [] == dues(standing(told), "2025-06-20")
    assert 2 == len(dues(standing(told), "2025-05-20"))  # as of a day before the end


def thirty_days(received: date) -> tuple[date, date]:
    """The thirtieth day after, and the first of the days from it on that no office keeps closed; counted by hand."""
    last = received
    for _ in range(30):
        last += timedelta(days=1)
    calendar, moved = OfficeCalendar.default(), last
    while moved.weekday() >= 5 or moved in calendar.holidays or (moved.month, moved.day) in {
        (12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)
    }:  # fmt: skip
        moved += timedelta(days=1)
    return last, moved


@settings(max_examples=60, deadline=None)
@given(received=st.dates(date(2025, 10, 20), date(2026, 3, 31)))
def test_a_payment_is_due_on_the_thirtieth_day(received: date) -> None:
    """第10条第2項: thirty days after the receipt; late only once the next working day has passed too (民法142)."""
    story = workplace("wages_paid").on(received, claimed(12_000), by=OFFICER)
    desk = standing(story.events)
    last, moved = thirty_days(received)

    def payment(day: date) -> Due:
        (item,) = [each for each in desk.due(on=day) if each.code == "payment"]
        return item

    due = payment(received)
    assert (last, moved, False) == (due.due, due.in_time_until, due.overdue)
    assert "第10条第2項" == due.clause
    assert (CASE, "tsushima", received) == (due.case_id, due.programme, due.arose_on)
    assert not payment(moved).overdue
    assert payment(moved + timedelta(days=1)).overdue
    story.on(moved, t.ClaimPaid(claim="claim-1", amount=12_000), by=OFFICER)
    assert "payment" not in [item.code for item in standing(story.events).due(on=moved)]


def test_the_golden_week_moves_a_payment() -> None:
    """Received on 3 April 2026: the thirtieth day is Sunday 3 May, the office opens again on Thursday the 7th."""
    story = workplace("wages_paid").on("2026-04-03", claimed(12_000), by=OFFICER)
    (due,) = [each for each in standing(story.events).due(on=on("2026-05-07")) if each.code == "payment"]
    assert (on("2026-05-03"), on("2026-05-07"), False) == (due.due, due.in_time_until, due.overdue)


def test_a_payment_outside_the_calendar_is_never_called_late() -> None:
    """Where the office calendar ends, the day it would be late cannot be told and is left open."""
    calendar = OfficeCalendar(OfficeCalendar.default().holidays, 2018, 2030)
    short = attrs.evolve(
        calendar, holidays={d: n for d, n in calendar.holidays.items() if d.year < 2026}, last_year=2025
    )
    story = workplace("wages_paid").on("2025-12-10", claimed(12_000), by=OFFICER)
    desk = desk_of(office=Office(calendar=short))
    force(desk.journal, story.events)
    (due,) = [each for each in desk.due(on=on("2026-03-01")) if each.code == "payment"]
    assert (on("2026-01-09"), None, False) == (due.due, due.in_time_until, due.overdue)


@pytest.mark.parametrize("start", ["2025-07-01", "2025-12-01"])
def test_the_end_of_the_period_is_due(start: str) -> None:
    """対馬: 31 March of the fiscal year is announced while the case is in use, before and never after."""
    told = tsushima_stories.course("use_started").events
    desk = standing(told)
    announced = [each for each in desk.due(on=on(start)) if each.code == "period_end"]
    assert [(on("2026-03-31"), "第6条第1項", False)] == [(d.due, d.clause, d.overdue) for d in announced]
    assert [] == [each for each in desk.due(on=on("2026-04-01")) if each.code == "period_end"]
    assert [] == [each for each in desk.due(on=on("2025-06-30")) if each.code == "period_end"]


def test_the_period_of_three_months() -> None:
    """埼玉: the last day of the period is that of 民法143, and an extension replaces it."""
    told = course("interview").events
    (item,) = [each for each in standing(told).due(on=on("2025-05-20")) if each.code == "extend_or_end"]
    assert period_end(on("2025-04-15"), months=3) == item.due
    longer = s.Extended(attendees=(SV, CW, ES), new_end=on("2025-10-14"), reason="応募が続いている")
    desk = standing(told)
    desk.record(CASE, longer, on=on("2025-07-10"), by=CW)
    assert on("2025-10-14") in [due for _, due, _ in dues(desk, "2025-07-10")]
    assert on("2025-07-14") not in [due for _, due, _ in dues(desk, "2025-07-10")]


@settings(max_examples=60, deadline=None)
@given(day=st.dates(date(2025, 4, 1), date(2026, 6, 30)))
def test_what_arises_later_is_to_come(day: date) -> None:
    """第8条第1項: the plan of a use decided on is to come until its first day, and owed from that day on."""
    for item in ALL_CASES.due(on=day):
        assert (item.arose_on > day) is item.to_come
        assert not (item.to_come and item.overdue)


def test_the_plan_is_to_come_until_the_first_day_of_use() -> None:
    """Decided on in June for a use from 1 July: both papers of 第8条第1項 are owed from that day, not before."""
    desk = standing(tsushima_stories.course("decision_told").events)
    first = on("2025-07-01")
    for day, coming in ((on("2025-06-30"), True), (first, False)):
        told = {(item.clause, item.arose_on, item.to_come) for item in desk.due(on=day) if "第8条第1項" in item.clause}
        assert {("第8条第1項第1号", first, coming), ("第8条第1項第2号", first, coming)} == told


@settings(max_examples=60, deadline=None)
@given(day=st.dates(date(2025, 4, 1), date(2026, 6, 30)), within=st.integers(0, 200))
def test_within_leaves_out_what_falls_due_later(day: date, within: int) -> None:
    """``within`` keeps what has no day, what is overdue and what falls due in that many days, in the same order."""
    every = list(ALL_CASES.due(on=day))
    kept = [each for each in every if each.due is None or (each.due - day).days <= within]
    assert kept == list(ALL_CASES.due(on=day, within=within))


def _all_cases() -> Caseload:
    desk = desk_of()
    for stories in STORIES.values():
        for name, story in stories.items():
            force(desk.journal, story(), case_id=name)
    return desk


ALL_CASES = _all_cases()


@pytest.mark.parametrize("opener", OPENERS)
def test_due_goes_through_all_cases(opener: str, tmp_path: Path) -> None:
    """Every open item of every case is listed, case by case, whatever keeps them; closed and later cases have none."""
    day = on("2025-10-31")
    with OPENERS[opener](tmp_path) as journal:
        for stories in STORIES.values():
            for name, story in stories.items():
                force(journal, story(), case_id=name)
        found = list(desk_of(journal).due(on=day))
    assert list(ALL_CASES.due(on=day)) == found
    cases = [item.case_id for item in found]
    assert len(set(cases)) == sum(before != after for before, after in pairwise(["", *cases]))
    assert "S01" not in cases  # closed
    assert "S04" not in cases  # not yet opened
    assert {"S08", "T01", "T04"} <= set(cases)
    expected = {
        (name, duty.code, duty.due)
        for stories in STORIES.values()
        for name, story in stories.items()
        if (report := replay(story(), as_of=day, office=OFFICE)) is not None
        for duty in report.case.duties.values()
    }
    assert expected == {(item.case_id, item.code, item.due) for item in found if item.code != "period_end"}


# How a case stands --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("programme", "name"), [(code, name) for code in PROGRAMMES for name in STORIES[code]])
def test_show_as_of_each_day_is_what_had_happened(programme: str, name: str) -> None:
    """As of any day a case stands as if later events were not on record; they are still listed."""
    told = STORIES[programme][name]()
    desk = standing(told)
    for day in sorted({event.occurred_on + timedelta(days=n) for event in told for n in (0, 1, 100)}):
        held = [event for event in told if event.occurred_on <= day]
        shown = desk.show(CASE, as_of=day)
        alone = standing(held).show(CASE, as_of=day)
        assert snapshot(alone.case) == snapshot(shown.case)
        assert (alone.state, alone.period, alone.duties, alone.findings) == (
            shown.state,
            shown.period,
            shown.duties,
            shown.findings,
        )
        assert day == shown.as_of
        assert desk.journal.read(CASE) == list(shown.events)


def test_what_was_known_at_a_moment() -> None:
    """A visit written down a month late is not known before, and belongs to its own day once it is."""
    told = course("interview")
    moment = datetime(2025, 6, 1, 9, tzinfo=JST)
    told.on("2025-04-30", VISIT, by=ES, recorded_at=moment)
    desk = standing(told.events)
    day = on("2025-07-01")
    before = desk.show(CASE, as_of=day, known_at=moment - timedelta(seconds=1))
    after = desk.show(CASE, as_of=day, known_at=moment)
    assert (2, 3) == (before.case.contacts, after.case.contacts)  # type: ignore[attr-defined]
    recorded = [attrs.evolve(event, prev=None) for event in after.events]  # the journal linked them
    assert (told.events, after.events[:-1]) == (recorded, before.events)
    assert (21, 13) == (before.case.longest_gap_days, after.case.longest_gap_days)  # type: ignore[attr-defined]
    elsewhere = moment.astimezone(UTC)
    assert after.events == desk.show(CASE, as_of=day, known_at=elsewhere).events == desk.show(CASE, as_of=day).events


@pytest.mark.parametrize(("programme", "name"), [(code, name) for code in PROGRAMMES for name in STORIES[code]])
def test_what_was_known_is_as_if_the_rest_had_never_been_written(programme: str, name: str) -> None:
    """Due and next at a moment: as at a desk over a journal that holds no more than what was written by then."""
    told = STORIES[programme][name]()
    # Written down days later, and not in the order of the days, as when a pile of papers is worked off.
    delays = [timedelta(days=(at * 5) % 9) for at in range(len(told))]
    late = [attrs.evolve(event, recorded_at=event.recorded_at + more) for event, more in zip(told, delays, strict=True)]
    desk = standing(late)
    for moment in sorted({event.recorded_at + timedelta(seconds=n) for event in late for n in (-1, 0)}):
        written = [event for event in late if event.recorded_at <= moment]
        day = moment.date() + timedelta(days=1)
        if not written:
            assert [] == list(desk.due(on=day, known_at=moment))
            with pytest.raises(CaseNotFound):
                desk.next(CASE, on=day, known_at=moment)
            continue
        alone = standing([attrs.evolve(event, seq=seq) for seq, event in enumerate(written, 1)])
        assert list(alone.due(on=day)) == list(desk.due(on=day, known_at=moment))
        assert [(o.event, o.possible, o.destination, o.asks) for o in alone.next(CASE, on=day)] == [
            (o.event, o.possible, o.destination, o.asks) for o in desk.next(CASE, on=day, known_at=moment)
        ]
    with pytest.raises(InputError, match="offset"):
        desk.next(CASE, on=day, known_at=datetime(2025, 4, 3))  # noqa: DTZ001
    with pytest.raises(InputError, match="offset"):
        list(desk.due(on=day, known_at=datetime(2025, 4, 3)))  # noqa: DTZ001


def test_a_case_that_was_not_there_yet() -> None:
    """Before its first event happened, or was known, there is no case to show."""
    desk = standing(course("listed").events)
    with pytest.raises(CaseNotFound):
        desk.show(CASE, as_of=on("2025-04-02"))
    with pytest.raises(CaseNotFound):
        desk.show(CASE, as_of=on("2025-04-03"), known_at=datetime(2025, 4, 3, 16, 59, tzinfo=JST))
    assert State.CANDIDATE is desk.show(CASE, as_of=on("2025-04-03")).state


def test_a_case_that_was_taken_back_whole() -> None:
    """Where every event was withdrawn nothing is shown and nothing is due, and the listing can be recorded anew."""
    desk = standing(course("listed").events)
    desk.record(CASE, Withdrawn(seq=1, reason="人違い", approved_by=SV), on=on("2025-04-04"), by=CW)
    with pytest.raises(CaseNotFound):
        desk.show(CASE, as_of=on("2025-05-01"))
    assert [] == list(desk.due(on=on("2025-05-01")))
    assert options(desk, on("2025-05-01"))["listed"].possible
    assert State.CANDIDATE is desk.record(CASE, s.Listed(), on=on("2025-05-01"), by=CW).case.state


def test_shown_findings_are_those_of_the_day() -> None:
    """What is missing as of the day comes with the standing: nobody told the person of S08."""
    desk = standing(STORIES["saitama"]["S08"]())
    shown = desk.show(CASE, as_of=on("2025-12-28"))
    assert "saitama.inform_unfinished" in [finding.rule.code for finding in shown.findings]
    assert ["inform_unfinished"] == [duty.code for duty in shown.duties]
    assert State.AFTERCARE is shown.state


def test_correcting_a_day_moves_the_fact() -> None:
    """A corrected day counts as of any day, whenever the correction itself was written down."""
    desk = standing(course("visit_1").events)
    fix = Corrected(seq=7, reason="日付の誤記", approved_by=SV, occurred_on=on("2025-05-22"))
    desk.record(CASE, fix, on=on("2025-06-01"), by=CW)
    shown = desk.show(CASE, as_of=on("2025-05-10"))
    assert 0 == shown.case.contacts  # type: ignore[attr-defined]
    assert 1 == desk.show(CASE, as_of=on("2025-05-22")).case.contacts  # type: ignore[attr-defined]


def test_an_office_of_its_own() -> None:
    """Two desks over the same events, one office counting from the day after: only its period is longer."""
    told = course("support_started").events
    journal = MemoryJournal()
    force(journal, told)
    later = Office.parse('[settings]\nfirst_day = "excluded"')
    usual, other = desk_of(journal), desk_of(journal, office=later)
    ends = [desk.show(CASE, as_of=on("2025-05-01")).period for desk in (usual, other)]
    assert [on("2025-07-14"), on("2025-07-15")] == [period.end for period in ends if period is not None]
    late = [desk.judge(CASE, VISIT, on=on("2025-07-15"), by=ES) for desk in (usual, other)]
    assert [["saitama.support_within_period"], []] == [[each.rule.code for each in said.findings] for said in late]
