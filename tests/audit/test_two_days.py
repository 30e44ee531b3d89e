"""Two days for every question: what had happened, and what had been written down, held against a naive model.

Records are written in batches, late and in another order than they happened, with corrections and withdrawals of one
another; the days and moments asked about lie on the boundaries, and on either side of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import event as noted
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.audit import explain, replay
from shuroflow.caseload import Caseload
from shuroflow.errors import CaseNotFound, InputError
from shuroflow.events import Event
from shuroflow.states.history import effective
from shuroflow.storage.memory import MemoryJournal
from tests.states import saitama_stories, tsushima_stories
from tests.states import story as told_by_hand
from tests.states import two_days as naive
from tests.states.story import OFFICE, any_events, gone_astray

HISTORIES = {
    "saitama": any_events("saitama", max_size=8) | gone_astray(saitama_stories.STORIES),
    "tsushima": any_events("tsushima", max_size=8) | gone_astray(tsushima_stories.STORIES),
}
CODES = pytest.mark.parametrize("code", HISTORIES)
CLOCKS = pytest.mark.parametrize("clock_back", [False, True])


def modelled(events: Sequence[Event], as_of: date, known_at: datetime | None) -> list[Event] | None:
    """What stands, by the naive model, in the order recorded; ``None`` where an amendment fits nothing."""
    try:
        rows = naive.standing(naive.rows_of(events), events[0].programme, as_of, known_at)
    except naive.Misfit:
        return None
    return naive.events_of(rows, events)


@CODES
@CLOCKS
def test_what_stands_is_what_the_words_say(code: str, clock_back: bool) -> None:
    """For any record, day and moment: the same events with the same days and contents, or no answer from either."""

    @settings(max_examples=250, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        events = data.draw(naive.amended(HISTORIES[code], clock_back=clock_back))
        as_of, known_at = data.draw(naive.asked(events))
        expected = modelled(events, as_of, known_at)
        noted("a misfit" if expected is None else "an answer")
        if expected is None:
            with pytest.raises(InputError):
                effective(events, as_of=as_of, known_at=known_at)
        else:
            assert expected == list(effective(events, as_of=as_of, known_at=known_at))

    check()


@CODES
@CLOCKS
def test_the_audit_is_that_of_what_stands(code: str, clock_back: bool) -> None:
    """State, period, findings and counts are those of the naive model, judged and folded by hand, one by one."""

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        events = data.draw(naive.amended(HISTORIES[code], clock_back=clock_back))
        as_of, known_at = data.draw(naive.asked(events))
        expected = modelled(events, as_of, known_at)
        if expected is None:
            with pytest.raises(InputError):
                replay(events, as_of=as_of, known_at=known_at, office=OFFICE)
            return
        report = replay(events, as_of=as_of, known_at=known_at, office=OFFICE)
        if not expected:
            assert report is None
            return
        assert report is not None
        ordered = naive.events_of(naive.in_order(naive.rows_of(expected), code), events)
        by_hand = told_by_hand.replay(ordered, as_of=as_of)
        assert by_hand.case.state_on(as_of) is report.state
        assert by_hand.case.period == report.period
        assert {_plain(each) for each in by_hand.findings} == {_plain(each) for each in report.findings}
        written = [each for each in events if known_at is None or each.recorded_at <= known_at]
        assert len([each for each in written if each.occurred_on <= as_of]) == report.events

    check()


def _plain(finding: Any) -> tuple[object, ...]:
    return finding.rule.code, finding.clause, finding.severity, finding.seq, finding.on, repr(dict(finding.values))


@CODES
def test_the_old_view_stays(code: str) -> None:
    """What was known at a moment is answered alike whatever is written down later: corrections, withdrawals, events."""

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        events = data.draw(naive.amended(HISTORIES[code]))
        as_of, known_at = data.draw(naive.asked(events))
        if known_at is None:
            known_at = events[-1].recorded_at
        then = [event for event in events if event.recorded_at <= known_at]
        assert events[: len(then)] == then  # moments go forward
        if not then:
            assert replay(events, as_of=as_of, known_at=known_at, office=OFFICE) is None
            return
        later = data.draw(st.integers(len(then), len(events)))
        noted(f"{'something' if later > len(then) else 'nothing'} was written later")
        assert _answers(then, as_of, None) == _answers(events[:later], as_of, known_at)

    check()


def _answers(events: Sequence[Event], as_of: date, known_at: datetime | None) -> list[object]:
    """Everything that can be asked of a case, as text."""
    return [
        naive.once(lambda: repr(_report(events, as_of, known_at)), InputError),
        naive.once(lambda: repr(explain(events, as_of=as_of, known_at=known_at, office=OFFICE)), InputError),
        naive.once(lambda: _shown(events, as_of, known_at), InputError),
    ]


class _Told(MemoryJournal):
    """A journal of one case, which also holds what no journal would take: any payload that its class can hold."""

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__()
        self._told = events

    def read(self, case_id: str) -> list[Event]:
        return [event for event in self._told if event.case_id == case_id]


def _desk(events: Sequence[Event]) -> Caseload:
    return Caseload(_Told(events), clock=lambda: naive.MOMENT, office=OFFICE)


def _report(events: Sequence[Event], as_of: date, known_at: datetime | None) -> object:
    report = replay(events, as_of=as_of, known_at=known_at, office=OFFICE)
    return report and (report.state, report.period, report.findings, report.events)


def _shown(events: Sequence[Event], as_of: date, known_at: datetime | None) -> object:
    desk = _desk(events)
    try:
        shown = desk.show(events[0].case_id, as_of=as_of, known_at=known_at)
    except CaseNotFound:
        return None
    return repr((shown.state, shown.period, shown.duties, shown.findings, shown.events))


@CODES
def test_the_desk_and_the_auditor_stand_alike(code: str) -> None:
    """As of any day and as known at any moment, the desk shows the state and the period of the audit."""

    @settings(max_examples=100, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        events = data.draw(naive.amended(HISTORIES[code], clock_back=True))
        as_of, known_at = data.draw(naive.asked(events))
        if modelled(events, as_of, known_at) is None:
            return
        desk = _desk(events)
        report = replay(events, as_of=as_of, known_at=known_at, office=OFFICE)
        if report is None:
            with pytest.raises(CaseNotFound):
                desk.show(events[0].case_id, as_of=as_of, known_at=known_at)
            return
        shown = desk.show(events[0].case_id, as_of=as_of, known_at=known_at)
        assert (report.state, report.period) == (shown.state, shown.period)

    check()
