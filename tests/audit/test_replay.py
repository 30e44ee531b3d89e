"""The replay of one case: every fault once, in the order of the record, as of a day and as known at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.audit.explanation import explain
from shuroflow.audit.replay import CaseReport, replay
from shuroflow.caseload.standing import dues
from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.events import saitama as s
from shuroflow.events import tsushima as t
from shuroflow.states import Finding
from shuroflow.states import programme as load
from shuroflow.states.office import Office
from shuroflow.vocabulary import Severity, State
from tests.states import story as told_by_hand
from tests.states import tsushima_notices, tsushima_stories
from tests.states.saitama_stories import SELECTION, STORIES, VISIT, course
from tests.states.story import AS_OF, CW, ES, OFFICE, SV, any_events, gone_astray, snapshot
from tests.states.tsushima_notices import AGAIN, notice

ALL = {**STORIES, **tsushima_stories.STORIES}
HISTORIES = {
    "saitama": any_events("saitama") | gone_astray(STORIES),
    "tsushima": any_events("tsushima") | gone_astray(tsushima_stories.STORIES),
}
ORDER = [Severity.VIOLATION, Severity.OBSERVATION, Severity.NOTE]


def report_of(events: list[Event], as_of: date | str = AS_OF, **options: Any) -> CaseReport:
    """The report on a case that exists."""
    made = replay(events, as_of=told_by_hand.day(as_of), office=OFFICE, **options)
    assert made is not None
    return made


def graded(report: CaseReport) -> list[tuple[str, Severity, int]]:
    """What is more than a note."""
    return [(each.clause, each.severity, each.seq) for each in report.findings if each.severity is not Severity.NOTE]


# Against the replay of the test suite, which judges and folds by hand -------------------------------------------------


@pytest.mark.parametrize("programme", ["saitama", "tsushima"])
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_events_in_order_are_judged_and_folded_one_by_one(programme: str, data: st.DataObject) -> None:
    """For any history in the order of its days, the audit is the judgements of its events and what the day brings."""
    drawn = sorted(data.draw(HISTORIES[programme]), key=load(programme).current.place_of)
    events = [attrs.evolve(event, seq=seq) for seq, event in enumerate(drawn, 1)]
    as_of = max(event.occurred_on for event in events) + timedelta(days=data.draw(st.integers(0, 400)))
    report = report_of(events, as_of)
    by_hand = told_by_hand.replay(events, as_of=as_of)
    assert {_plain(each) for each in by_hand.findings} == {_plain(each) for each in report.findings}
    assert by_hand.case.state_on(as_of) is report.state
    assert by_hand.case.period == report.period
    assert _plain_case(snapshot(by_hand.case)) == _plain_case(snapshot(report.case))
    assert len(events) == report.events


def _plain(finding: Any) -> tuple[object, ...]:
    return finding.rule.code, finding.clause, finding.severity, finding.seq, finding.on, repr(dict(finding.values))


def _plain_case(held: dict[str, Any]) -> dict[str, Any]:
    return {name: repr(value) if isinstance(value, Exception) else value for name, value in held.items()}


@pytest.mark.parametrize("programme", ["saitama", "tsushima"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_each_fault_stands_once_in_the_order_of_the_record(programme: str, data: st.DataObject) -> None:
    """However wild a history, no fault is said twice, findings go by event and gravity, and the counts add up."""
    events = data.draw(HISTORIES[programme])
    report = report_of(events, date(2030, 1, 1))
    subjects = [finding.subject for finding in report.findings]
    assert len(set(subjects)) == len(subjects)
    places = [(finding.seq, ORDER.index(finding.severity)) for finding in report.findings]
    assert sorted(places) == places
    assert len(report.findings) == sum(report.count(severity) for severity in Severity)
    assert all(1 <= finding.seq <= len(events) for finding in report.findings)
    again = report_of(events, date(2030, 1, 1))
    assert report.findings == again.findings


@pytest.mark.parametrize("programme", ["saitama", "tsushima"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_later_day_tells_no_less_of_the_events(programme: str, data: st.DataObject) -> None:
    """What is found in the events up to a day is found whatever happens later, if nothing is corrected."""
    drawn = sorted(data.draw(HISTORIES[programme]), key=load(programme).current.place_of)
    events = [attrs.evolve(event, seq=seq) for seq, event in enumerate(drawn, 1)]
    as_of = data.draw(st.sampled_from(events)).occurred_on
    upto = [event for event in events if event.occurred_on <= as_of]
    early, whole = report_of(upto, as_of), report_of(events, as_of)
    assert early.findings == whole.findings
    assert (early.state, len(upto)) == (whole.state, whole.events)


START = t.UseStarted()


@pytest.mark.parametrize(
    ("upto", "more", "told"),
    [
        ("use_approved", [], [("approval_notice", 3)]),
        ("use_approved", [("2025-07-01", START)], [("approval_notified_first", 4)]),
        ("use_approved", [("2025-07-01", START), ("2025-08-01", START)], [("approval_notified_first", 4)]),
        (
            "use_approved",
            [("2025-07-01", START), ("2025-07-10", notice("2025-07-01"))],
            [("approval_notified_first", 4)],
        ),
        ("use_approved", [("2025-06-25", notice("2025-07-01")), ("2025-07-01", START)], []),
        (
            "use_approved",
            [("2025-07-01", START), *AGAIN],
            [("approval_notified_first", 4), ("approval_notice", 9)],
        ),
        (
            "use_approved",
            [("2025-07-01", START), *AGAIN, ("2026-04-20", START)],
            [("approval_notified_first", 4), ("approval_notified_first", 10)],
        ),
        # What began before any approval is out of place, and says nothing of the notice that is owed from the approval.
        ("assessed", [("2025-06-19", START), ("2025-06-20", tsushima_stories.APPROVED)], [("approval_notice", 4)]),
    ],
    ids=["not-used", "used", "used-twice", "late", "notified", "again", "again-used", "used-before-approval"],
)
def test_a_missing_notice_is_one_fault(upto: str, more: list[tuple[str, Any]], told: list[tuple[str, int]]) -> None:
    """対馬 第5条第3項: told where use began without it, else as what is still owed; once for each approval."""
    history = tsushima_stories.course(upto)
    for when, data in more:
        history.on(when, data)
    found = report_of(history.events).findings
    rules = {f"tsushima.{name}": name for name in ("approval_notice", "approval_notified_first")}
    assert told == [(rules[each.rule.code], each.seq) for each in found if each.rule.code in rules]
    assert all(each.severity is Severity.VIOLATION for each in found if each.rule.code in rules)


@pytest.mark.parametrize(("upto", "more", "told"), tsushima_notices.DECISIONS)
def test_each_decision_calls_for_its_own_notice(
    upto: str, more: Sequence[tuple[str, Any]], told: list[tuple[str, int]]
) -> None:
    """The report, the list of what is due and the explanation of a case tell of the same notices."""
    history = tsushima_notices.history_of(upto, more)
    as_of = date(2026, 9, 1)
    report = report_of(history.events, as_of)
    rules = {f"tsushima.{name}": name for name in (*tsushima_notices.NAMES, "approval_notified_first")}
    assert told == [(rules[each.rule.code], each.seq) for each in report.findings if each.rule.code in rules]
    assert report.case is not None
    owed = [duty for duty in dues(load("tsushima").current, report.case, as_of) if duty.code in tsushima_notices.NAMES]
    day_of = {event.seq: event.occurred_on for event in history.events}
    assert sorted((code, day_of[seq]) for code, seq in told) == sorted((duty.code, duty.arose_on) for duty in owed)
    explained = explain(history.events, as_of=as_of, office=OFFICE)
    assert explained is not None
    open_still = [(each.duty.code, each.duty.seq) for each in explained.duties if each.by is None]
    assert sorted(told) == sorted(each for each in open_still if each[0] in tsushima_notices.NAMES)


def test_whether_the_notice_came_after_use_began_is_told() -> None:
    """While it is owed, the one finding says so with its days; once it came, it speaks of the start of use alone."""
    history = tsushima_stories.course("use_approved").on("2025-07-01", START).on("2025-07-20", notice("2025-07-01"))

    def only(as_of: str) -> Finding:
        codes = {"tsushima.approval_notice", "tsushima.approval_notified_first"}
        (found,) = (each for each in report_of(history.events, as_of).findings if each.rule.code in codes)
        return found

    before, given = only("2025-07-19"), only("2025-07-20")
    assert (before.rule, before.seq, before.on) == (given.rule, given.seq, given.on)
    assert (
        given.message("en") == "when use began, no notice of approval (form 3) with the first day of use was on record"
    )
    more = "no notice (form 3) of the approval of 2025-06-20 is on record (29 days since)"
    assert f"{given.message('en')}; {more}" == before.message("en")
    more = "利用決定(令和7年6月20日)の通知(様式第3号)が確認できません(29日経過)"
    assert f"{given.message('ja')}。{more}" == before.message("ja")
    assert "重ねての通知は要りません" in given.mend("ja")


def _notices(events: Sequence[Event]) -> list[tuple[str, int]]:
    codes = [f"tsushima.{name}" for name in (*tsushima_notices.NAMES, "approval_notified_first")]
    return [(each.rule.code, each.seq) for each in report_of(events, "2026-09-01").findings if each.rule.code in codes]


def test_an_application_that_is_not_on_record() -> None:
    """What is owed of an earlier application is owed also where a withdrawal takes that application off the record."""
    history = tsushima_notices.history_of("use_approved", [AGAIN[0], *AGAIN[2:], ("2026-04-20", notice("2026-05-01"))])
    told = [("tsushima.approval_notice", 3), ("tsushima.discontinuation_notice", 4)]
    assert told == _notices(history.events)
    history.on("2026-05-02", Withdrawn(seq=1, reason="誤り", approved_by=SV))
    assert told == _notices(history.events)
    later = [("2025-06-21", notice("2025-07-01")), *AGAIN, ("2026-05-01", START)]
    history = tsushima_notices.history_of("use_approved", later)
    history.on("2026-05-02", Withdrawn(seq=1, reason="誤り", approved_by=SV))
    assert [("tsushima.approval_notified_first", 10)] == _notices(history.events)


def test_use_that_nobody_approved() -> None:
    """It is told once for an application, however often use is said to begin."""
    twice = [("2025-06-21", START), ("2025-06-22", START)]
    again = [AGAIN[0], AGAIN[1], AGAIN[2], ("2026-05-01", START), ("2026-05-02", START)]
    history = tsushima_notices.history_of("applied", [*twice, *again])
    assert [3, 8] == [seq for code, seq in _notices(history.events) if code == "tsushima.approval_notified_first"]


# Days and moments -----------------------------------------------------------------------------------------------------


def test_a_case_that_was_not_there_yet() -> None:
    """Before its first event, happened or known, there is nothing to report."""
    events = course("listed").events
    first = events[0]
    assert replay(events, as_of=date(2025, 4, 2), office=OFFICE) is None
    early = first.recorded_at - timedelta(microseconds=1)
    assert replay(events, as_of=AS_OF, office=OFFICE, known_at=early) is None
    assert State.CANDIDATE is report_of(events, "2025-04-03", known_at=first.recorded_at).state


def test_a_case_of_which_nothing_holds() -> None:
    """Where all was withdrawn there is no report."""
    events = course("listed").on("2025-04-04", Withdrawn(seq=1, reason="人違い", approved_by=SV)).events
    assert replay(events, as_of=AS_OF, office=OFFICE) is None
    assert 1 == report_of(events[:1]).events


@pytest.mark.parametrize("name", ALL)
def test_a_duty_is_found_from_its_day(name: str) -> None:
    """Day by day, an audit as of a day is the audit of what had happened by then."""
    events = ALL[name]()
    for as_of in sorted({event.occurred_on for event in events}):
        upto = [event for event in events if event.occurred_on <= as_of]
        one, other = report_of(events, as_of), report_of(upto, as_of)
        assert one.findings == other.findings
        assert (one.state, one.period) == (other.state, other.period)


# Corrections ------------------------------------------------------------------------------------------------------


def test_a_correction_mends_and_a_withdrawn_one_does_not() -> None:
    """S02 with the supervisor put in afterwards has nothing to find; without the correction it has again."""
    story = course(selected=attrs.evolve(SELECTION, attendees=(CW, ES)))
    assert [("4(1)", Severity.VIOLATION, 2)] == graded(report_of(story.events))
    attended = [{"id": who.id, "role": who.role.value} for who in (SV, CW, ES)]
    whole = {
        "attendees": attended,
        "target_class": "a",
        "status": "recipient",
        "responsible_office": True,
        "compelling_reason": False,
        "working": False,
        "ledger_consulted": True,
    }
    story.on("2025-08-01", Corrected(seq=2, reason="記載漏れ", approved_by=SV, data=whole))
    mended = report_of(story.events)
    assert ([], len(story.events)) == (graded(mended), mended.events)
    before = story.last.recorded_at - timedelta(seconds=1)
    assert [("4(1)", Severity.VIOLATION, 2)] == graded(report_of(story.events, known_at=before))
    story.on("2025-08-02", Withdrawn(seq=len(story.events), reason="出席していない", approved_by=SV))
    assert [("4(1)", Severity.VIOLATION, 2)] == graded(report_of(story.events))


def test_a_withdrawn_visit_takes_its_finding_along() -> None:
    """A visit after the period that never took place is not held against anybody."""
    events = STORIES["S04"]()
    late = report_of(events, "2026-06-30")
    assert [("4(5)", Severity.VIOLATION, 14)] == graded(late)
    taken_back = Withdrawn(seq=14, reason="別人の記録", approved_by=SV)
    told = told_by_hand.Story("saitama", "S04", events=list(events)).on("2026-06-10", taken_back)
    assert [] == graded(report_of(told.events, "2026-06-30"))


@pytest.mark.parametrize("seq", [2, 3, 99])
def test_a_correction_that_fits_nothing(seq: int) -> None:
    """It stops the audit of the case with an error that names it."""
    events = course("listed").on("2025-04-04", Corrected(seq=seq, reason="x", approved_by=SV)).events
    with pytest.raises(InputError, match="not an earlier event"):
        report_of(events)


# One fault, one finding -----------------------------------------------------------------------------------------------


def test_going_on_with_what_the_record_claims() -> None:
    """A step left out is found where it is missing, once, and not for every event after it."""
    assert [("4(1)", Severity.VIOLATION, 2)] == graded(report_of(course(selected=None).events))


def test_a_late_entry_has_its_number_and_its_day() -> None:
    """A visit written down last but paid before the consent is found at its own number, among the first by its day."""
    events = course("ended").on("2025-04-12", VISIT, by=ES).events
    (found,) = [each for each in report_of(events).findings if each.severity is Severity.VIOLATION]
    assert (len(events), date(2025, 4, 12), "4(1)") == (found.seq, found.on, found.clause)
    assert ["4(1)"] == [clause for clause, _, _ in graded(report_of(events))]


def test_a_rule_that_speaks_once_names_the_first() -> None:
    """Events before the text on hand are marked once, at the first of them."""
    events = course("consented", listed="2021-03-01", selected="2021-03-08", consented="2021-03-10").events
    report = report_of(events, "2021-03-31")
    marked = [each for each in report.findings if each.rule.code == "saitama.text_not_on_hand"]
    assert [(1, Severity.OBSERVATION)] == [(each.seq, each.severity) for each in marked]


def test_the_office_is_the_one_passed_in() -> None:
    """Two offices read one record by their own settings."""
    events = course("support_started").events
    other = replay(events, as_of=AS_OF, office=Office.parse('[settings]\nfirst_day = "excluded"'))
    assert other is not None
    assert report_of(events).period != other.period
    assert s.SupportStarted is type(events[-1].data)
