"""What the events of a 対馬 case add up to: each fact a fold gathers, and the edges of use, agreements and amounts.

The guards look at these facts and at nothing else; a fact that is lost or taken from the wrong event is a wrong rule.
"""

from __future__ import annotations

from datetime import MAXYEAR, date
from typing import Any

import attrs
import pytest

from shuroflow.case import Closing, Period
from shuroflow.events import saitama as s
from shuroflow.events import tsushima as e
from shuroflow.states.office import Office
from shuroflow.states.tsushima.case import Claim, Trial, TsushimaCase, year_end
from shuroflow.vocabulary import Basis, State
from tests.states.story import CLERK, DIRECTOR, OFFICER, Story, replay
from tests.states.tsushima_stories import (
    AGREEMENT,
    APPLIED,
    APPROVED,
    ASSESSED,
    CONFIRMED,
    NOTIFIED,
    PLAN,
    REVIEW,
    TRIAL,
    attended,
    course,
    discontinued,
    incident,
    paper,
    workplace,
)
from tests.states.tsushima_witnesses import notice, self_support

STARTED = e.UseStarted(officer=OFFICER)


def day(text: str) -> date:
    """An ISO date."""
    return date.fromisoformat(text)


def case_of(story: Story, as_of: str = "2026-11-21", office: Office | None = None) -> TsushimaCase:
    """The case of a story; the day asked about is settled on the way."""
    case = replay(story, as_of=as_of, office=office or Office()).case
    assert isinstance(case, TsushimaCase)
    return case


def told(*steps: tuple[str, Any]) -> Story:
    """A record of its own."""
    story = Story("tsushima", recorder=OFFICER)
    for when, data in steps:
        story.on(when, data)
    return story


# 第5条 ---------------------------------------------------------------------------------------------------------------


def test_an_application_is_kept_with_all_it_says() -> None:
    """第5条第1項: the days, the person, and what came before."""
    data = attrs.evolve(
        APPLIED,
        received_on=day("2025-06-12"),
        consultation_applied_on=day("2025-06-02"),
        prior_case_id="case-0",
        prior_months=7,
    )
    case = case_of(told(("2025-06-10", data)))
    assert (day("2025-06-10"), day("2025-06-12"), day("2026-03-31")) == (case.applied_on, case.received_on, case.end_on)
    assert (True, e.PersonClass.RECIPIENT) == (case.resident, case.person_class)
    assert (day("2025-06-02"), "case-0", 7) == (case.consultation_applied_on, case.prior_case_id, case.prior_months)
    assert "2025-06" == case.month_of_application


def test_a_first_application_takes_nothing_back() -> None:
    """Papers that were written down before it count."""
    case = case_of(told(("2025-06-09", ASSESSED), ("2025-06-10", APPLIED)))
    assert (ASSESSED, day("2025-06-09")) == (case.assessment, case.assessed_on)


def test_coming_back_starts_over() -> None:
    """第6条第3項: no step of the earlier use counts for the next application."""
    story = workplace("trial_started", story=course("plan_reviewed"))
    story.on("2025-11-01", incident(e.IncidentKind.OBSTRUCTION)).on("2025-11-02", e.EmploymentStarted())
    story.on("2025-12-05", discontinued("5", reason="転出"))
    before, after = case_of(story.fork()), case_of(story.on("2026-04-10", APPLIED))
    blank = TsushimaCase("case-1", "tsushima")
    for name in (
        "assessment", "means", "ground", "assessed_on", "decided_on", "notified_on", "discontinued_on", "start_on",
        "used_from", "employed_on", "plan_on", "last_review_on", "issues", "incidents",
    ):  # fmt: skip
        assert getattr(blank, name) != getattr(before, name), name
        assert getattr(blank, name) == getattr(after, name), name
    assert day("2027-03-31") == after.end_on


def test_an_assessment_without_an_application_is_kept_without_a_result() -> None:
    """第4条第1号: the limits hang on 申込日."""
    case = case_of(told(("2025-06-09", ASSESSED)))
    assert (ASSESSED, None, None) == (case.assessment, case.means, case.month_of_application)


@pytest.mark.parametrize("levy_size", [None, 0])
def test_the_levy_counts_the_household(levy_size: int | None) -> None:
    """T-13: unless another number of persons is given; a slip of none is not one."""
    case = case_of(course("assessed", assessed=attrs.evolve(ASSESSED, levy_size=levy_size, household_size=3)))
    assert (3, 3) == (case.means.household_size, case.means.levy_size)  # type: ignore[union-attr]


def test_a_decision_and_its_notice() -> None:
    """第5条第2項・第3項: day and ground; the notice fixes the first day."""
    case = case_of(course("approval_notified"), as_of="2025-06-20")
    assert (day("2025-06-20"), e.EligibilityGround.ITEM_1) == (case.decided_on, case.ground)
    assert (day("2025-06-20"), day("2025-07-01")) == (case.notified_on, case.start_on)
    assert {("plan", ""), ("review", "")} == set(case.duties)


def test_a_withdrawal_leaves_nothing_to_notify() -> None:
    """T-32: taken back after the decision, which only a record can claim, no notice is owed."""
    case = case_of(course("use_approved").on("2025-06-25", e.ApplicationWithdrawn(reason="気が変わった")))
    assert (Closing(day("2025-06-25"), "第5条第1項", Basis.DECISION), {}) == (case.closing, case.duties)


@pytest.mark.parametrize("who", list(e.PersonClass))
def test_assistance_that_ends_is_a_matter_of_the_person(who: e.PersonClass) -> None:
    """T-26: a recipient is one no longer; whoever came by consultation stays what they are."""
    story = course("assessed", applied=attrs.evolve(APPLIED, person_class=who))
    case = case_of(story.on("2025-07-01", e.AssistanceAbolished(cause=s.AbolitionCause.WAIVED)))
    expected = e.PersonClass.NEITHER if who is e.PersonClass.RECIPIENT else who
    assert (expected, State.CANDIDATE) == (case.person_class, case.state)


# 第6条 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applied", "end"),
    [
        ("2025-04-01", date(2026, 3, 31)),
        ("2026-03-31", date(2026, 3, 31)),
        ("9998-04-01", date(MAXYEAR, 3, 31)),
        ("9999-03-31", date(MAXYEAR, 3, 31)),
        ("9999-04-01", date.max),
    ],
)
def test_the_end_of_the_fiscal_year(applied: str, end: date) -> None:
    """第6条第1項: 31 March; where the calendar has no such day any more, its last."""
    assert end == year_end(day(applied))


def states(story: Story, *days: str) -> list[State]:
    """The state on some days."""
    case = case_of(story, as_of=days[-1])
    return [case.state_on(day(each)) for each in days]


def test_use_begins_and_ends_by_itself() -> None:
    """第6条第1項: from the notified day to 31 March, both of them days of use."""
    assert [State.SELECTED, State.IN_SUPPORT, State.IN_SUPPORT, State.ENDED] == states(
        course("approval_notified"), "2025-06-30", "2025-07-01", "2026-03-31", "2026-04-01"
    )
    assert [State.SELECTED, State.IN_SUPPORT, State.ENDED] == states(
        notice("2026-03-31"), "2026-03-30", "2026-03-31", "2026-04-01"
    )
    assert [State.SELECTED] * 3 == states(notice("2026-04-01"), "2026-03-31", "2026-04-01", "2026-04-02")


def test_a_record_without_an_application_goes_where_it_claims() -> None:
    """No end is known, and none is made up."""
    approved = told(("2025-06-20", APPROVED), ("2025-06-20", NOTIFIED))
    assert [State.SELECTED] * 2 == states(approved, "2025-07-01", "2026-04-01")
    begun = told(("2025-07-01", STARTED))
    assert [State.SELECTED, State.IN_SUPPORT, State.IN_SUPPORT] == states(
        begun, "2025-06-30", "2025-07-01", "2026-04-01"
    )
    case = case_of(begun)
    assert (None, None, day("2025-07-01")) == (case.period, case.last_day_on(day("2026-04-01")), case.first_day)
    supporting = told(("2025-12-05", e.SelfSupportRecognised(decided_by=DIRECTOR, self_supporting=True)))
    ended = case_of(supporting)
    assert (Closing(day("2025-12-05"), "第6条第2項"), State.ENDED) == (ended.closing, ended.state_on(day("2026-04-01")))
    assert day("2025-12-05") == ended.last_day_on(day("2026-04-01"))


def test_a_claimed_extension_is_the_state_the_record_claims() -> None:
    """T-22: until 31 March, and with or without a first day."""
    longer = e.Extended()
    assert [State.EXTENDED, State.ENDED] == states(
        course("use_started").on("2025-12-01", longer), "2026-03-31", "2026-04-01"
    )
    assert [State.EXTENDED] == states(course("use_approved").on("2025-12-01", longer), "2025-12-02")


def test_the_first_day_is_the_earlier_one() -> None:
    """第6条第1項: the notified day, or the day on which the record has use begin where that is earlier or alone."""
    early = course("approval_notified").on("2025-06-30", STARTED)
    assert [day("2025-06-30"), day("2025-07-01")] == [
        case_of(each).first_day for each in (early, course("use_started"))
    ]
    unnotified = course("use_approved").on("2025-07-03", STARTED)
    assert (day("2025-07-03"), None) == (case_of(unnotified).first_day, case_of(unnotified).start_on)
    assert Period(day("2025-07-03"), day("2026-03-31")) == case_of(unnotified).period
    assert case_of(course("use_approved")).first_day is None


@pytest.mark.parametrize(
    ("on", "last"), [("2025-12-05", "2025-12-05"), ("2026-03-31", "2026-03-31"), ("2026-04-01", "2026-03-31")]
)
def test_an_end_cuts_the_use_short(on: str, last: str) -> None:
    """第6条第1項・第2項, 第7条: the day of the decision is the last, and after 31 March there is nothing to cut."""
    for story in (self_support(on), course("plan_reviewed").on(on, discontinued("5", reason="転出"))):
        case = case_of(story, as_of="2026-06-01")
        assert (Period(day("2025-07-01"), day(last)), day(last)) == (case.period, case.last_day_on(day("2026-06-01")))
        assert case.closing is not None
        assert day(last) == case.closing.on
        assert ("第6条第1項" if on > "2026-03-31" else case.closing.clause) == case.closing.clause


def test_what_closed_a_case_is_told_as_it_was() -> None:
    """第6条第1項: closed by an event, by 31 March, or not at all."""
    day_after = day("2026-04-01")
    assert Closing(day("2026-03-31"), "第6条第1項") == case_of(course("use_started")).closing_on(day_after)
    cut = case_of(self_support("2025-12-05"))
    assert (Closing(day("2025-12-05"), "第6条第2項"),) * 2 == (cut.closing, cut.closing_on(day_after))
    assert case_of(course("use_started")).closing_on(day("2026-03-31")) is None
    assert case_of(told(("2025-07-01", STARTED))).closing_on(day_after) is None
    assert TsushimaCase("case-1", "tsushima", state=State.ENDED).closing_on(day_after) is None


# 第8条 ---------------------------------------------------------------------------------------------------------------


def duties(story: Story) -> dict[str, date]:
    """Open duties, and the day on which each arose."""
    return {code: duty.arose_on for (code, _), duty in case_of(story).duties.items()}


def test_use_brings_a_plan_and_its_review() -> None:
    """第8条第1項: from the first day; what was done is not owed again, whatever is notified or begun anew."""
    first, again = day("2025-07-01"), attrs.evolve(NOTIFIED, start_on=day("2025-07-08"))
    assert {"plan": first, "review": first} == duties(course("use_started"))
    assert {"plan": first, "review": first} == duties(course("use_started").on("2025-07-05", again))
    assert {"plan": day("2025-07-08"), "review": day("2025-07-08")} == duties(
        course("approval_notified").on("2025-06-25", again)
    )
    assert {"review": first} == duties(course("plan_made"))
    assert {} == duties(course("plan_reviewed").on("2025-10-05", STARTED))
    planned = course("approval_notified").on("2025-06-25", PLAN)
    assert {"review": day("2025-07-01")} == duties(planned.on("2025-07-01", STARTED))
    reviewed = course("use_started").on("2025-07-10", REVIEW)
    assert {"plan": day("2025-07-12")} == duties(reviewed.on("2025-07-12", STARTED))


def test_a_period_without_a_day_brings_nothing() -> None:
    """第6条第1項: a notice for after 31 March leaves no use to plan; use that is seen to begin then does."""
    late = notice("2026-04-01", story=course("approval_notified"))
    assert {} == duties(late)
    assert {"plan": day("2026-04-02"), "review": day("2026-04-02")} == duties(late.on("2026-04-02", STARTED))


# 第9条, 第10条 --------------------------------------------------------------------------------------------------------


def test_a_trial_is_kept_from_its_confirmation() -> None:
    """第9条第6項: workplace, will and agreement, first day; the first workplace stands until work begins."""
    story = workplace("trial_confirmed")
    trial = case_of(story.fork()).trials["trial-1"]
    assert ("bakery", None, True, True) == (trial.provider, trial.started_on, trial.voluntary, trial.agreed)
    other = attrs.evolve(CONFIRMED, provider="farm", voluntary=False, agreed=False)
    trial = case_of(story.on("2025-10-02", other)).trials["trial-1"]
    assert ("bakery", False, False) == (trial.provider, trial.voluntary, trial.agreed)
    assert {"bakery": day("2025-10-01"), "farm": day("2025-10-02")} == trial.confirmed
    assert day("2025-10-06") == case_of(workplace("trial_started")).trials["trial-1"].started_on


def test_a_sheet_that_is_there_is_not_owed() -> None:
    """第9条第6項: days on the sheet before the start was written down."""
    story = workplace("trial_confirmed").on("2025-10-06", attended("2025-10-06")).on("2025-10-06", TRIAL)
    assert ("attendance", "trial-1") not in case_of(story).duties
    assert ("attendance", "trial-1") in case_of(workplace("trial_started")).duties


BAKERY_1 = attrs.evolve(AGREEMENT, start=date(2025, 9, 1), end=date(2025, 10, 6))
BAKERY_2 = attrs.evolve(AGREEMENT, start=date(2025, 10, 7), end=date(2025, 10, 31))
OCTOBER = tuple(date(2025, 10, number) for number in range(5, 11))


def with_claims(
    *claims: tuple[int, tuple[date, ...]], agreements: tuple[e.AgreementMade, ...], wages: int
) -> TsushimaCase:
    """A case with a trial at the bakery and claims for it."""
    case = TsushimaCase("case-1", "tsushima")
    case.agreements.extend(agreements)
    case.trials["trial-1"] = Trial(provider="bakery", wages=wages, claimed=sum(amount for amount, _ in claims))
    for number, (amount, days) in enumerate(claims):
        case.claims[f"claim-{number}"] = Claim(
            trial="trial-1", received_on=days[-1], amount=amount, days=days, payable=amount, due=days[-1],
            due_shown=None, seq=number,
        )  # fmt: skip
    return case


def total(amount: int) -> e.Honorarium:
    """A cap on everything under one agreement."""
    return e.Honorarium(total_cap=amount)


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (OCTOBER[:2], 10_000),  # 5 and 6 October: the last days of the first agreement
        (OCTOBER[1:3], 7_000),  # 6 and 7: one day of each
        (OCTOBER[2:3], 7_000),  # 7: the first day of the second
        ((date(2025, 10, 31),), 7_000),  # its last day
        ((date(2025, 11, 1),), 10_000),  # the day after
        ((date(2025, 10, 7), date(2025, 11, 1)), 7_000),
    ],
)
def test_a_total_is_used_up_by_claims_under_its_own_agreement(days: tuple[date, ...], left: int) -> None:
    """第9条第4項なお書: 10,000 yen in all; an earlier claim of 3,000 takes from it if one of its days is under it."""
    second = attrs.evolve(BAKERY_2, honorarium=total(10_000))
    first = attrs.evolve(BAKERY_1, honorarium=total(10_000))
    case = with_claims((3_000, days), agreements=(first, second), wages=50_000)
    assert left == case.payable("trial-1", (date(2025, 10, 20),))


def test_no_more_than_nothing_is_payable() -> None:
    """第9条第4項: over-claimed wages, a total used up, an unknown trial: nothing is left, nothing owed back."""
    agreement = attrs.evolve(BAKERY_2, honorarium=total(1_000))
    over = with_claims((3_000, OCTOBER[2:3]), agreements=(BAKERY_2,), wages=2_999)
    used_up = with_claims((1_001, OCTOBER[2:3]), agreements=(agreement,), wages=5_000)
    assert [0, 0, 0] == [
        over.payable("trial-1", OCTOBER[3:4]),
        used_up.payable("trial-1", OCTOBER[3:4]),
        over.payable("trial-2", OCTOBER[3:4]),
    ]
    assert 1_001 == with_claims(agreements=(attrs.evolve(agreement, honorarium=total(1_001)),), wages=5_000).payable(
        "trial-1", OCTOBER[3:4]
    )


def test_of_two_agreements_the_later_counts() -> None:
    """第9条第2項: where two are in force, the one that was made last."""
    renewed = attrs.evolve(BAKERY_2, honorarium=e.Honorarium(daily_cap=4_000))
    case = with_claims(agreements=(BAKERY_2, renewed), wages=50_000)
    assert renewed is case.agreement_on("bakery", OCTOBER[3])
    assert 4_000 == case.payable("trial-1", OCTOBER[3:4])


def test_a_paper_is_a_paper() -> None:
    """The forms of the stories are those of the text."""
    assert e.Form.APPROVAL is paper("3").form
    assert CLERK.id != OFFICER.id


# As of a day ---------------------------------------------------------------------------------------------------------


def late_review(story: Story, as_of: str, days: int) -> date | None:
    """Since when there was no review, if that is longer ago than the office allows."""
    office = Office.parse(f"[settings]\nreview_interval_days = {days}\n")
    found = [each for each in replay(story, as_of=as_of, office=office).settled if "review_interval" in each.rule.code]
    return found[0].values["since"] if found else None


@pytest.mark.parametrize(
    ("upto", "since", "until", "as_of"),
    [
        ("approval_notified", "2025-07-01", "2025-10-01", "2025-10-01"),  # nothing but the notified day
        ("use_started", "2025-07-01", "2025-10-01", "2025-10-01"),
        ("plan_reviewed", "2025-10-02", "2026-01-10", "2026-01-10"),
        ("plan_reviewed", "2025-10-02", "2026-03-31", "2026-06-30"),  # up to the last day of use
    ],
)
def test_time_without_a_review(upto: str, since: str, until: str, as_of: str) -> None:
    """第11条: from the first day or the last review, up to the day asked about or the end; the limit is in time."""
    gap = (day(until) - day(since)).days
    assert late_review(course(upto), as_of, gap) is None
    assert day(since) == late_review(course(upto), as_of, gap - 1)


def test_a_review_is_counted_from_the_day_use_began() -> None:
    """第11条: begun later than notified, from that day; begun without an end in sight, up to the day asked about."""
    later = course("approval_notified").on("2025-07-10", STARTED)
    assert day("2025-07-10") == late_review(later, "2025-10-01", 82)
    assert late_review(later, "2025-10-01", 83) is None
    endless = told(("2025-07-10", STARTED))
    assert day("2025-07-10") == late_review(endless, "2026-10-01", 400)
    assert late_review(course("use_approved"), "2026-10-01", 1) is None
