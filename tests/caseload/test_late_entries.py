"""What is written down late belongs to its own day; what was written down wrong is corrected by a further record."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.errors import InputError, Refused
from shuroflow.events import Corrected, Withdrawn
from shuroflow.vocabulary import Severity, State
from tests.caseload.desk import CASE, desk_of, opened, tell
from tests.states import tsushima_stories
from tests.states.saitama_stories import VISIT, course
from tests.states.story import CW, ES, OFFICER, SV


def on(text: str) -> date:
    """An ISO day."""
    return date.fromisoformat(text)


# Late entries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "allowed"),
    [
        ("2025-04-13", False),  # before the consent
        ("2025-04-15", True),  # the first day of support
        ("2025-06-10", True),
        ("2025-06-20", True),  # the day of the end
        ("2025-06-21", False),  # after it
    ],
)
def test_a_late_entry_is_judged_by_its_own_day(day: str, allowed: bool) -> None:
    """A visit written down after the case has ended belongs to the day it was paid."""
    desk = opened("ended")
    judgement = desk.judge(CASE, VISIT, on=on(day), by=ES)
    assert allowed is judgement.allowed
    if allowed:
        recorded = desk.record(CASE, VISIT, on=on(day), by=ES)
        assert State.ENDED is recorded.case.state
        assert State.IN_SUPPORT is judgement.source
    else:
        with pytest.raises(Refused):
            desk.record(CASE, VISIT, on=on(day), by=ES)


@settings(max_examples=60, deadline=None)
@given(ahead=st.dates(date(2025, 3, 1), date(2025, 9, 1)))
def test_when_it_is_written_down_does_not_matter(ahead: date) -> None:
    """A visit is judged alike whether it is written down on its day or at the end of the case."""
    told = course("ended").events
    then = [event for event in told if event.occurred_on <= ahead]
    late = desk_of()
    tell(late, told)
    at_last = late.judge(CASE, VISIT, on=ahead, by=ES)
    if not then:
        assert not at_last.allowed
        return
    prompt = desk_of()
    tell(prompt, then)
    assert prompt.judge(CASE, VISIT, on=ahead, by=ES).allowed is at_last.allowed


def test_use_is_over_after_march() -> None:
    """対馬: advice given in March may be written down in April; advice given in April may not."""
    desk = desk_of()
    tell(desk, tsushima_stories.course("resume").events)
    assert desk.judge(CASE, tsushima_stories.ADVICE, on=on("2026-03-31"), by=OFFICER).allowed
    late = desk.judge(CASE, tsushima_stories.ADVICE, on=on("2026-04-01"), by=OFFICER)
    assert [("第6条第1項", Severity.VIOLATION)] == [(each.clause, each.severity) for each in late.blocking]


# Corrections at the desk --------------------------------------------------------------------------------------------


def test_a_correction_changes_how_the_case_stands() -> None:
    """A corrected start moves the period; withdrawing the correction moves it back; both stay on record."""
    desk = opened("visit_1")
    start = course("support_started").last.data
    before = desk.show(CASE, as_of=on("2025-05-01")).period
    fixed = Corrected(
        seq=6,
        reason="開始日の誤記",
        approved_by=SV,
        data={
            "specialist": {"id": "es-07", "qualifications": ["employment"]},
            "start_on": "2025-04-21",
        },
    )
    recorded = desk.record(CASE, fixed, on=on("2025-05-01"), by=CW)
    assert recorded.case.period is not None
    assert (on("2025-04-21"), on("2025-07-20")) == (recorded.case.period.start, recorded.case.period.end)
    assert start == desk.journal.read(CASE)[5].data  # nothing that was written is changed
    back = desk.record(CASE, Withdrawn(seq=8, reason="誤記ではない", approved_by=SV), on=on("2025-05-02"), by=CW)
    assert before == back.case.period
    assert 9 == desk.journal.version(CASE)


@pytest.mark.parametrize("seq", [8, 9, 99])
def test_a_correction_of_nothing(seq: int) -> None:
    """A correction or withdrawal names an earlier event of the case, or is not taken."""
    desk = opened("visit_1")
    for amending in (
        Corrected(seq=seq, reason="x", approved_by=SV, occurred_on=on("2025-04-20")),
        Withdrawn(seq=seq, reason="x", approved_by=SV),
    ):
        with pytest.raises(InputError, match="not an earlier event"):
            desk.record(CASE, amending, on=on("2025-05-01"), by=CW)
    assert 7 == desk.journal.version(CASE)


def test_a_correction_with_a_misfitting_payload() -> None:
    """The corrected payload has to fit its kind; every fault of it is named."""
    desk = opened("visit_1")
    bad = Corrected(seq=7, reason="x", approved_by=SV, data={"kind": "dancing", "moed": "home_visit"})
    with pytest.raises(InputError) as error:
        desk.record(CASE, bad, on=on("2025-05-01"), by=CW)
    assert any("kind" in problem for problem in error.value.problems)
    assert any("moed" in problem for problem in error.value.problems)
    assert 7 == desk.journal.version(CASE)
