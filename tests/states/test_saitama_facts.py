"""What the events of a 埼玉 case add up to: each fact a fold gathers, its day, and the edges of periods and gaps.

The guards look at these facts and at nothing else; a fact that is lost or taken from the wrong event is a wrong rule.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import attrs
import pytest

from shuroflow.case import Closing, Period
from shuroflow.events import saitama as e
from shuroflow.states.office import Office, Settings
from shuroflow.states.saitama.case import GoalRecord, SaitamaCase
from shuroflow.vocabulary import Basis, State
from tests.states.saitama_stories import ACHIEVED, BOTH, FULL_TIME, PART_TIME, SELECTION, THREE, VISIT, WEEKLY, course
from tests.states.saitama_witnesses_later import (
    HOUSEHOLD,
    OWN,
    abolished,
    evaluation,
    extension,
    in_support,
    informed,
    owed,
)
from tests.states.story import CW, ES, SV, Story, replay

SPECIALIST_ALONE, GOALS_ALONE = BOTH[:1], BOTH[1:]
WHY = e.Recognition(on=date(2025, 4, 10), reason="働く時間を増やせる見込みがある", by=SV)


def case_of(story: Story, as_of: str = "2026-11-21") -> SaitamaCase:
    """The case of a story."""
    case = replay(story, as_of=as_of).case
    assert isinstance(case, SaitamaCase)
    return case


def day(text: str) -> date:
    """An ISO date."""
    return date.fromisoformat(text)


# 3(1), 4(1) ----------------------------------------------------------------------------------------------------------


def test_a_case_begins_with_its_listing() -> None:
    """4(1)①: the day of the list, and the case that it comes back from."""
    case = case_of(Story("saitama").on("2025-04-03", e.Listed(prior_case_id="case-0")))
    assert (day("2025-04-03"), "case-0", day("2025-04-03")) == (case.listed_on, case.prior_case_id, case.opened_on)


@pytest.mark.parametrize(
    ("target", "recognition", "recognised"),
    [
        (e.TargetClass.A, None, False),
        (e.TargetClass.A, WHY, False),
        (e.TargetClass.I, None, False),
        (e.TargetClass.I, WHY, True),
    ],
)
def test_only_class_i_is_recognised_at_the_selection(
    target: e.TargetClass, recognition: e.Recognition | None, recognised: bool
) -> None:
    """3(1)イ: the reason counts where the person is taken under イ; status and class are kept."""
    applicant = e.AssistanceStatus.APPLICANT
    data = attrs.evolve(SELECTION, target_class=target, recognition=recognition, status=applicant)
    case = case_of(course("selected", selected=data))
    assert (day("2025-04-10"), applicant, target) == (case.selected_on, case.status, case.target_class)
    assert recognised is case.recognised


def test_whoever_is_declined_leaves_on_that_day() -> None:
    """4(1): not selected; that the case is at its end then is our reading."""
    case = case_of(course("listed").on("2025-04-10", e.Declined(reason=e.DeclineReason.NOT_SELECTED)))
    assert Closing(day("2025-04-10"), "4(1)②", Basis.DECISION) == case.closing


def consents(*steps: tuple[str, object]) -> SaitamaCase:
    """Consents and withdrawals on top of a selection."""
    story = course("selected")
    for when, data in steps:
        story.on(when, data)
    return case_of(story)


def test_consent_is_added_to_and_keeps_its_first_day() -> None:
    """4(1)④: what was missing is added later; the day of consent stays the first."""
    case = consents(("2025-04-14", e.Consented(scope=SPECIALIST_ALONE)), ("2025-04-21", e.Consented(scope=GOALS_ALONE)))
    assert (day("2025-04-14"), day("2025-04-14")) == (case.first_consent_on, case.consent_on)
    assert frozenset(BOTH) == case.consent_scope


def test_consent_written_down_later_may_be_the_first() -> None:
    """4(1)④: the earliest day on record is the first consent; the consent in force keeps its own."""
    case = consents(("2025-04-14", e.Consented(scope=BOTH)), ("2025-04-11", e.Consented(scope=BOTH)))
    assert (day("2025-04-11"), day("2025-04-14")) == (case.first_consent_on, case.consent_on)


def test_consent_renewed_begins_anew() -> None:
    """S-05: after a withdrawal only what is given again counts, from that day; that there was consent before stays."""
    case = consents(
        ("2025-04-14", e.Consented(scope=SPECIALIST_ALONE)),
        ("2025-05-01", e.ConsentWithdrawn()),
        ("2025-05-12", e.Consented(scope=GOALS_ALONE)),
    )
    assert (day("2025-04-14"), day("2025-05-12")) == (case.first_consent_on, case.consent_on)
    assert (frozenset(GOALS_ALONE), None) == (case.consent_scope, case.consent_withdrawn_on)


def test_the_earliest_withdrawal_counts() -> None:
    """S-05: of two, whichever is written down first."""
    for days in (("2025-05-01", "2025-05-08"), ("2025-05-08", "2025-05-01")):
        case = consents(("2025-04-14", e.Consented(scope=BOTH)), *((each, e.ConsentWithdrawn()) for each in days))
        assert day("2025-05-01") == case.consent_withdrawn_on


@pytest.mark.parametrize(
    ("result", "status", "failed_on"),
    [
        (e.ApplicationResult.GRANTED, e.AssistanceStatus.RECIPIENT, None),
        (e.ApplicationResult.REJECTED, e.AssistanceStatus.NONE, day("2025-05-01")),
        (e.ApplicationResult.WITHDRAWN, e.AssistanceStatus.NONE, day("2025-05-01")),
    ],
)
def test_an_application_is_resolved(
    result: e.ApplicationResult, status: e.AssistanceStatus, failed_on: date | None
) -> None:
    """S-23: granted, the person receives assistance; otherwise the day from which イ has to carry the support."""
    applicant = attrs.evolve(SELECTION, status=e.AssistanceStatus.APPLICANT)
    story = course("support_started", selected=applicant).on("2025-05-01", e.ApplicationResolved(result=result))
    case = case_of(story)
    assert (status, failed_on) == (case.status, case.application_failed_on)


def test_a_later_grant_mends_a_failed_application() -> None:
    """S-23: an application that is granted in the end leaves nothing behind."""
    story = in_support()
    story.on("2025-05-01", e.ApplicationResolved(result=e.ApplicationResult.REJECTED))
    story.on("2025-05-20", e.ApplicationResolved(result=e.ApplicationResult.GRANTED))
    assert case_of(story).application_failed_on is None


# 4(2), 4(5): start, periods, gaps ------------------------------------------------------------------------------------


def started(data: e.SupportStarted, **changes: object) -> SaitamaCase:
    """Support begun on 17 April, decided on the 15th unless changed."""
    story = course("goals_set", **changes)
    return case_of(story.on("2025-04-17", data, by=ES))


START = e.SupportStarted(specialist=e.Specialist(id="es-07"))


def test_the_first_day_of_support_is_the_best_one_on_record() -> None:
    """S-07, S-02: the day given; else that of the decision; else of the consent; else that of the record itself."""
    given = attrs.evolve(START, start_on=day("2025-04-16"))
    assert day("2025-04-16") == started(given).start_on
    assert day("2025-04-15") == started(START).start_on
    assert day("2025-04-14") == started(START, support_decided=None).start_on
    assert day("2025-04-17") == started(START, support_decided=None, consented=None).start_on


def test_the_first_period_is_the_basic_one_unless_another_is_given() -> None:
    """4(5): three months from the first day, or up to the day given; either is owed a decision at its end."""
    usual, given = started(START), started(attrs.evolve(START, end_on=day("2025-06-30")))
    assert [Period(day("2025-04-15"), day("2025-07-14"))] == usual.periods
    assert [Period(day("2025-04-15"), day("2025-06-30"))] == given.periods
    assert [day("2025-07-14"), day("2025-06-30")] == [each.duties["extend_or_end", ""].due for each in (usual, given)]


def extended(*steps: e.Extended, on: str = "2025-07-10") -> SaitamaCase:
    """Extensions decided on one day, of the period from 15 April to 14 July."""
    story = in_support()
    for data in steps:
        story.on(on, data)
    return case_of(story)


def until(new_end: str | None, consulted: str | None = None) -> e.Extended:
    """An extension with these days."""
    return e.Extended(
        attendees=THREE,
        new_end=None if new_end is None else day(new_end),
        consulted_on=None if consulted is None else day(consulted),
    )


FIRST = Period(date(2025, 4, 15), date(2025, 7, 14))


@pytest.mark.parametrize(
    ("on", "data", "second"),
    [
        ("2025-07-10", until("2025-09-30"), ("2025-07-15", "2025-09-30")),
        ("2025-07-10", until(None), ("2025-07-15", "2025-10-14")),
        ("2025-07-14", until("2025-09-30"), ("2025-07-15", "2025-09-30")),
        ("2025-07-15", until("2025-09-30"), ("2025-07-15", "2025-09-30")),
        ("2025-07-16", until("2025-09-30"), ("2025-07-16", "2025-09-30")),
        ("2025-07-16", until("2025-09-30", consulted="2025-07-14"), ("2025-07-15", "2025-09-30")),
        ("2025-07-20", until(None, consulted="2025-07-18"), ("2025-07-18", "2025-10-17")),
        ("2025-07-10", until("2025-07-15"), ("2025-07-15", "2025-07-15")),
    ],
)
def test_the_next_period_follows_on_the_last(on: str, data: e.Extended, second: tuple[str, str]) -> None:
    """S-11: from the day after the end; a late one from its consultation; the basic three months if none are given."""
    case = extended(data, on=on)
    assert [FIRST, Period(day(second[0]), day(second[1]))] == case.periods
    assert (1, day(second[1])) == (case.extensions, case.duties["extend_or_end", ""].due)


@pytest.mark.parametrize(
    ("new_end", "end"),
    [
        ("2025-07-14", "2025-07-14"),
        ("2025-07-13", "2025-07-13"),
        ("2025-04-15", "2025-04-15"),
        ("2025-04-14", "2025-07-14"),
    ],
)
def test_a_record_that_shortens_the_period_is_taken_at_its_word(new_end: str, end: str) -> None:
    """4(5): refused at the desk, but a record of it claims an earlier end; before the first day it claims nothing."""
    case = extended(until(new_end))
    assert [attrs.evolve(FIRST, end=day(end))] == case.periods
    assert (1, day(end)) == (case.extensions, case.duties["extend_or_end", ""].due)


def test_a_shortened_extension_leaves_the_first_period_alone() -> None:
    """Only the last period is the one that ends otherwise."""
    case = extended(until("2025-09-30"), until("2025-08-31"))
    assert [FIRST, Period(day("2025-07-15"), day("2025-08-31"))] == case.periods
    back = extended(until("2025-09-30"), until("2025-07-10"))
    assert [FIRST, Period(day("2025-07-15"), day("2025-09-30"))] == back.periods


def test_a_late_consultation_cannot_stretch_the_old_period() -> None:
    """An end after the old period and before the new one could begin moves nothing."""
    case = extended(until("2025-07-20", consulted="2025-07-25"), on="2025-07-25")
    assert [FIRST] == case.periods


def test_an_extension_of_nothing_is_a_period_of_its_own() -> None:
    """Out of place, but the record claims days of support from the consultation on, or none at all."""
    ahead = case_of(course("consented").on("2025-05-01", until("2025-05-31")))
    assert [Period(day("2025-05-01"), day("2025-05-31"))] == ahead.periods
    behind = replay(course("consented").on("2025-05-01", until("2025-04-30")), as_of="2025-06-01")
    assert ([], State.EXTENDED) == (behind.case.periods, behind.case.state)
    assert "period_lapsed" not in behind.rules


def test_days_of_all_extensions_are_counted() -> None:
    """S-10: both ends of each extension count, and the first period does not."""
    case = extended(until("2025-07-31"), until("2025-08-31"))
    assert (2, 17 + 31) == (case.extensions, case.days_extended)
    assert 0 == case_of(in_support()).days_extended


DAYS = [day(text) for text in ("2025-04-22", "2025-05-13", "2025-05-20", "2025-06-03")]


def longest_gap(visits: list[date], start: date, until: date) -> int:
    """Written from S-17 alone: the longest stretch between start, visits and the day asked about."""
    marks = [start, *visits, until]
    return max((later - earlier).days for earlier, later in pairwise(marks))


@pytest.mark.parametrize("chosen", [DAYS[:0], DAYS[:1], DAYS[:2], DAYS, DAYS[3:]], ids=len)
@pytest.mark.parametrize("as_of", ["2025-04-15", "2025-06-03", "2025-06-25", "2025-07-14", "2025-07-15", "2025-09-01"])
def test_the_longest_gap(chosen: list[date], as_of: str) -> None:
    """S-17: from the first day of support, between visits, and up to the day asked about or the end of the period."""
    visits = [each for each in chosen if each <= day(as_of)]
    case = case_of(in_support().each(visits, VISIT, by=ES))
    expected = longest_gap(visits, day("2025-04-15"), min(day(as_of), day("2025-07-14")))
    assert expected == case.longest_gap_on(day(as_of))


def test_the_gap_ends_with_the_case() -> None:
    """S-17: nobody is owed a visit after the end of support."""
    case = case_of(course("ended"))
    assert 21 == case.longest_gap_on(day("2025-06-20")) == case.longest_gap_on(day("2025-09-01"))
    lone = case_of(course("visit_1").on("2025-06-20", e.Ended()))
    assert (day("2025-06-20") - day("2025-04-22")).days == lone.longest_gap_on(day("2025-07-10"))


def test_the_gap_goes_on_through_an_extension() -> None:
    """S-17: the end of support is that of the last period."""
    case = case_of(in_support().on("2025-07-10", until("2025-09-30")))
    assert (day("2025-09-30") - day("2025-04-15")).days == case.longest_gap_on(day("2025-12-01"))


def test_before_support_there_is_no_gap() -> None:
    """S-17: no period, or a day before it: only what lies between visits on record."""
    assert 0 == case_of(course("consented")).longest_gap_on(day("2025-06-01"))
    assert 0 == case_of(in_support()).longest_gap_on(day("2025-04-14"))
    early = case_of(course("consented").each(["2025-04-14", "2025-05-20"], VISIT, by=ES))
    assert 36 == early.longest_gap_on(day("2025-06-01"))
    unstarted = case_of(course("consented").on("2025-05-01", until("2025-05-31")))
    assert 0 == unstarted.longest_gap_on(day("2025-05-20"))


def test_a_first_visit_before_the_start_counts_from_itself() -> None:
    """S-04, S-17: a visit between consent and start is the last contact when support begins."""
    story = course("goals_set").on("2025-04-14", VISIT, by=ES)
    story.on("2025-04-17", attrs.evolve(START, start_on=day("2025-04-17")), by=ES)
    case = case_of(story)
    assert (1, day("2025-04-14"), day("2025-04-14")) == (case.contacts, case.first_contact_on, case.last_contact_on)
    assert [0, 3, 46] == [case.longest_gap_on(day(on)) for on in ("2025-04-16", "2025-04-17", "2025-05-30")]


# 4(3), 4(4) ----------------------------------------------------------------------------------------------------------


def test_an_evaluation_is_kept_with_its_day_and_analysis() -> None:
    """4(3): the result of each goal, the day, and whether the reasons were looked into."""
    plain = case_of(evaluation(ACHIEVED, None))
    assert (day("2025-05-20"), None) == (plain.evaluated_on, plain.analysed_on)
    assert [ACHIEVED, None] == [plain.goals[goal].result for goal in ("short-1", "long-1")]
    assert day("2025-05-20") == case_of(evaluation(ACHIEVED, None, analysis="通勤")).analysed_on


def test_a_change_of_goals_replaces_and_drops() -> None:
    """4(3): the new goal stands with its day and no result; a goal that is dropped is gone; the analysis is used up."""
    told = evaluation(ACHIEVED, ACHIEVED, analysis="通勤")
    change = e.GoalsChanged(
        goals=(PART_TIME,), dropped=("short-1", "unknown"), interview_on=day("2025-05-21"), understood=True
    )
    case = case_of(told.on("2025-05-21", change, by=ES))
    assert {"long-1": GoalRecord(PART_TIME, day("2025-05-21"))} == case.goals
    assert case.analysed_on is None


def test_goals_are_kept_with_the_day_they_were_set() -> None:
    """4(1)⑤."""
    case = case_of(in_support())
    expected = {goal.id: GoalRecord(goal, day("2025-04-15")) for goal in (WEEKLY, FULL_TIME)}
    assert expected == case.goals


# 5, 6 ----------------------------------------------------------------------------------------------------------------


def test_the_first_recognition_counts() -> None:
    """5①: recognised again later, the effect was known from the first day on."""
    story = in_support().each(["2025-05-08", "2025-05-20"], e.TrainingRecognised(effect="習慣"))
    assert day("2025-05-08") == case_of(story).training_recognised_on


def test_a_suspension_is_kept_and_ends_nothing() -> None:
    """S-26."""
    case = case_of(in_support().on("2025-06-01", e.AssistanceSuspended()))
    assert (day("2025-06-01"), State.IN_SUPPORT, None) == (case.suspended_on, case.state, case.closing)


@pytest.mark.parametrize(
    ("cause", "need", "clause", "owed_code"),
    [
        (OWN, True, "6(1)", "inform_after_employment"),
        (OWN, False, "6(1)", None),
        (OWN, None, "6(1)", None),
        (HOUSEHOLD, None, "6(2)", "inform_unfinished"),
        (e.AbolitionCause.DEATH, None, "6(1)", None),
    ],
)
def test_an_abolition_during_support(
    cause: e.AbolitionCause, need: bool | None, clause: str, owed_code: str | None
) -> None:
    """6: the cause decides what is owed and by which sentence; what 4(3) and 4(5) asked lapses."""
    case = case_of(abolished(cause, need=need))
    assert (day("2025-06-01"), cause) == (case.abolished_on, case.abolition_cause)
    assert Closing(day("2025-06-01"), clause, Basis.DECISION) == case.closing
    assert ([] if owed_code is None else [(owed_code, "")]) == list(case.duties)


def test_an_abolition_after_the_end_leaves_the_end_as_it_was() -> None:
    """4(4), 6(1): the goal was achieved first; an evaluation that the end rests on stays owed."""
    story = in_support().on("2025-05-20", e.Ended())
    case = case_of(story.on("2025-06-01", e.AssistanceAbolished(cause=OWN, need=True)))
    assert Closing(day("2025-05-20"), "4(4)") == case.closing
    assert {("evaluate", ""), ("inform_after_employment", "")} == set(case.duties)


def test_an_abolition_through_income_after_the_end_owes_nothing() -> None:
    """6(2) reaches support that had begun and was not finished."""
    case = case_of(abolished(HOUSEHOLD, story=course("ended"), on="2025-07-31"))
    assert (day("2025-07-31"), HOUSEHOLD) == (case.abolished_on, case.abolition_cause)
    assert {} == case.duties


def test_only_own_employment_leads_on_after_the_end() -> None:
    """6(1): more support after another cause is a need that this sentence does not speak of."""
    story = course("ended").on("2025-07-31", e.AssistanceAbolished(cause=HOUSEHOLD, need=True))
    assert State.ENDED is case_of(story).state
    assert State.AFTERCARE is case_of(abolished(OWN, need=True, story=course("ended"), on="2025-07-31")).state


def test_an_abolition_before_support_closes_without_a_duty() -> None:
    """Out of place, and the record claims the end: nothing was begun that could be unfinished."""
    case = case_of(abolished(HOUSEHOLD, story=course("consented")))
    assert Closing(day("2025-06-01"), "6(1)", Basis.DECISION) == case.closing
    assert {} == case.duties


def test_information_discharges_what_was_owed() -> None:
    """6: given, nothing is owed; an attempt is enough only for someone who cannot be found."""
    assert {} == case_of(informed(owed(OWN))).duties
    assert {} == case_of(informed(owed())).duties
    assert [("inform_unfinished", "")] == list(case_of(informed(owed(), attempted_only=True)).duties)
    gone = owed(e.AbolitionCause.WHEREABOUTS_UNKNOWN)
    assert {} == case_of(informed(gone, attempted_only=True)).duties


def test_a_period_is_counted_as_the_office_counts() -> None:
    """S-08: the first day left out, three months end a day later."""
    office = Office(settings=Settings(first_day="excluded"))
    case = replay(course("support_started"), office=office).case
    assert FIRST.end + timedelta(days=1) == case.periods[0].end


def test_the_extension_of_the_calendar_itself() -> None:
    """A slip of the pen at the end of the calendar stops nothing."""
    last = e.SupportStarted(specialist=e.Specialist(id="es-07"), start_on=day("2025-04-15"), end_on=date.max)
    story = course("support_started", support_started=last).on("2025-07-10", e.Extended(attendees=THREE))
    assert [Period(date.max, date.max)] == case_of(story).periods[1:]
    assert CW.id == story.last.recorded_by.id
    assert date.max == extension(*THREE, new_end="9999-12-31").events[-1].data.new_end
