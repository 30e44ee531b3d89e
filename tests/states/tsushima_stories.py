"""Ten invented case records of the 対馬 programme as events, and the ordinary course from which tests depart.

No record is of a real person. Each ``t01`` … ``t10`` returns the whole history, in the order recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import attrs

from shuroflow.events import Actor, Event
from shuroflow.events import tsushima as e
from tests.states.story import APPLICANT, CLERK, DIRECTOR, OFFICER, PROVIDER, Story, day

Form, Kind, Mode, Incident, Ground = e.Form, e.PreparationKind, e.VisitKind, e.IncidentKind, e.Ground
ITEM_1, ITEM_2 = e.EligibilityGround.ITEM_1, e.EligibilityGround.ITEM_2


def paper(form: str | e.Form, edition: str | None = None) -> e.Paper:
    """A form by its number, of the edition that applied from a day."""
    return e.Paper(form=Form(form), edition=day(edition) if edition else None)


APPLIED = e.Applied(papers=(paper("1"), paper("2")), resident=True, person_class=e.PersonClass.RECIPIENT)
ASSESSED = e.Assessed(
    income_month="2025-06",
    income=100_000,
    assets=(e.Asset(kind=e.AssetKind.DEPOSIT, amount=300_000),),
    assets_as_of=date(2025, 6, 10),
    gang_member=False,
    gang_checked_on=date(2025, 6, 16),
)
APPROVED = e.UseApproved(decided_by=DIRECTOR, ground=ITEM_1, approval="決裁-31")
RECOGNISED = e.UseApproved(
    decided_by=DIRECTOR, ground=ITEM_2, recognition_reason="家族の介護で働く時間が限られている", approval="決裁-31"
)
NOTIFIED = e.ApprovalNotified(paper=paper("3"), start_on=date(2025, 7, 1))
PLAN = e.PlanMade(
    paper=paper("6"),
    issues=(e.Issue(id="rhythm", text="朝起きられない"), e.Issue(id="talk", text="面接で話せない")),
    goals=("週3日、午前中に外出する",),
    contents=("生活の記録をつけ、面接の練習を重ねる",),
)
ADVICE = e.ActivityRecorded(kind=Kind.DAILY, mode=Mode.ADVICE, issue="rhythm")
INTERVIEW = e.ActivityRecorded(kind=Kind.SOCIAL, mode=Mode.INTERVIEW, issue="talk")
MOCK = e.ActivityRecorded(kind=Kind.EMPLOYMENT, mode=Mode.MOCK_INTERVIEW, issue="talk")
RESUME = e.ActivityRecorded(kind=Kind.EMPLOYMENT, mode=Mode.GUIDANCE, issue="talk")
REVIEW = e.PlanReviewed(paper=paper("7"), changes="起床は安定した。面接の練習を増やす")


@attrs.frozen
class Step:
    """One event of a course: when, what, and who wrote it down."""

    on: str
    data: Any
    by: Actor = OFFICER


COURSE: dict[str, Step] = {
    "applied": Step("2025-06-10", APPLIED, CLERK),
    "assessed": Step("2025-06-18", ASSESSED, CLERK),
    "use_approved": Step("2025-06-20", APPROVED, CLERK),
    "approval_notified": Step("2025-06-20", NOTIFIED, CLERK),
    "use_started": Step("2025-07-01", e.UseStarted(officer=OFFICER)),
    "plan_made": Step("2025-07-04", PLAN),
    "advice": Step("2025-07-15", ADVICE),
    "interview": Step("2025-08-19", INTERVIEW),
    "plan_reviewed": Step("2025-10-02", REVIEW),
    "mock_interview": Step("2025-11-11", MOCK),
    "resume": Step("2026-01-20", RESUME),
}
"""The ordinary course: applied for on 10 June 2025, in use from 1 July to 31 March 2026."""


def course(upto: str = "resume", *, case_id: str = "case-1", **changes: Any) -> Story:
    """The ordinary course up to and including a step.

    A change names a step: a payload in its place, a day (ISO) for it, a whole :class:`Step`, or ``None`` to leave
    it out.
    """
    assert changes.keys() <= COURSE.keys()
    story = Story("tsushima", case_id, recorder=OFFICER)
    for name, usual in COURSE.items():
        change = changes.get(name, usual)
        if isinstance(change, str):
            change = attrs.evolve(usual, on=change)
        elif change is not None and not isinstance(change, Step):
            change = attrs.evolve(usual, data=change)
        if change is not None:
            story.on(change.on, change.data, by=change.by)
        if name == upto:
            break
    return story


def applied_on(when: str, upto: str = "use_approved", **facts: Any) -> Story:
    """Applied for, received, assessed and decided on one day; ``facts`` change the assessment."""
    assessed = attrs.evolve(
        ASSESSED, **({"income_month": when[:7], "assets_as_of": day(when), "gang_checked_on": day(when)} | facts)
    )
    dated = {"applied": when, "assessed": Step(when, assessed, CLERK), "use_approved": when}
    return course(upto, **dated)


def started(applied: str, start: str) -> Story:
    """A case applied for and decided on one day, notified and in use from another."""
    story = applied_on(applied)
    story.on(applied, e.ApprovalNotified(paper=paper("3"), start_on=day(start)), by=CLERK)
    return story.on(start, e.UseStarted(officer=OFFICER))


# Workplaces and work trials -------------------------------------------------------------------------------------------

AGREEMENT = e.AgreementMade(
    paper=paper("8"),
    provider="bakery",
    start=date(2025, 9, 1),
    end=date(2026, 3, 31),
    honorarium=e.Honorarium(daily_cap=5_000),
)
COVERAGE = e.CoverageArranged(kind="傷害・賠償責任保険", start=date(2025, 9, 1), end=date(2026, 3, 31))
COORDINATION = e.CoordinationRecorded(provider="bakery", content="作業と見守りの分担を打ち合わせた")
CONFIRMED = e.TrialConfirmed(paper=paper("9-1"), trial="trial-1", provider="bakery", voluntary=True, agreed=True)
TRIAL = e.TrialStarted(trial="trial-1", provider="bakery")
TRIAL_DAYS = ("2025-10-06", "2025-10-07", "2025-10-08")


def attended(*days: str, trial: str = "trial-1") -> e.AttendanceRecorded:
    """The attendance sheet for some days of a trial."""
    return e.AttendanceRecorded(
        paper=paper("9-2"), trial=trial, days=tuple(e.AttendedDay(on=day(on)) for on in days or TRIAL_DAYS)
    )


def claimed(amount: int, *days: str, claim: str = "claim-1", trial: str = "trial-1", **facts: Any) -> e.ClaimReceived:
    """A complete claim for some days of a trial."""
    facts = {"paper": paper("10"), "attachments": (Form.ATTENDANCE,)} | facts
    return e.ClaimReceived(claim=claim, trial=trial, days=tuple(map(day, days or TRIAL_DAYS)), amount=amount, **facts)


WORKPLACE: dict[str, Step] = {
    "agreement_made": Step("2025-09-01", AGREEMENT),
    "coverage_arranged": Step("2025-09-01", COVERAGE),
    "coordination_recorded": Step("2025-09-16", COORDINATION),
    "trial_confirmed": Step("2025-10-01", CONFIRMED),
    "trial_started": Step("2025-10-06", TRIAL),
    "attendance_recorded": Step("2025-10-08", attended()),
    "wages_paid": Step("2025-10-15", e.WagesPaid(trial="trial-1", amount=12_000), PROVIDER),
    "claim_received": Step("2025-10-20", claimed(12_000), CLERK),
    "claim_paid": Step("2025-11-19", e.ClaimPaid(claim="claim-1", amount=12_000), CLERK),
}
"""An ordinary work trial of three days, claimed on 20 October and paid on the thirtieth day, 19 November 2025."""


def workplace(upto: str = "claim_paid", *, story: Story | None = None, **changes: Any) -> Story:
    """The ordinary work trial up to and including a step, after the plan or after a story; changes as in ``course``."""
    assert changes.keys() <= WORKPLACE.keys()
    told = course("plan_made") if story is None else story.fork()
    for name, usual in WORKPLACE.items():
        change = changes.get(name, usual)
        if isinstance(change, str):
            change = attrs.evolve(usual, on=change)
        elif change is not None and not isinstance(change, Step):
            change = attrs.evolve(usual, data=change)
        if change is not None:
            told.on(change.on, change.data, by=change.by)
        if name == upto:
            break
    return told


def discontinued(*grounds: str, **facts: Any) -> e.Discontinued:
    """The director's decision to discontinue on the grounds of these numbers."""
    return e.Discontinued(decided_by=DIRECTOR, grounds=tuple(map(Ground, grounds)), **facts)


def incident(kind: e.IncidentKind) -> e.IncidentRecorded:
    """A fact on which a ground may rest."""
    return e.IncidentRecorded(kind=kind)


# The records ----------------------------------------------------------------------------------------------------------


def t01() -> list[Event]:
    """Used until 31 March and run out; nothing to find."""
    return course(case_id="T01").events


def t02() -> list[Event]:
    """Applied for in March, first day of use in April: no day is left."""
    story = Story("tsushima", "T02", recorder=CLERK)
    story.on("2026-03-20", APPLIED)
    story.on("2026-03-27", attrs.evolve(ASSESSED, income_month="2026-03", assets_as_of=date(2026, 3, 20)))
    story.on("2026-04-02", APPROVED)
    return story.on("2026-04-02", e.ApprovalNotified(paper=paper("3"), start_on=date(2026, 4, 6))).events


def t03() -> list[Event]:
    """One yen of income too much."""
    return course(case_id="T03", assessed=attrs.evolve(ASSESSED, income=109_501)).events


def t04() -> list[Event]:
    """Rejected, and never notified."""
    story = Story("tsushima", "T04", recorder=CLERK)
    story.on("2025-09-01", APPLIED)
    assessed = attrs.evolve(ASSESSED, income_month="2025-09", income=150_000, assets_as_of=date(2025, 9, 1))
    story.on("2025-09-10", assessed)
    return story.on("2025-09-12", e.UseRejected(decided_by=DIRECTOR, reason="収入が上限を超える")).events


def t05() -> list[Event]:
    """Discontinued because nobody knows where the person is; no notice is owed."""
    story = course("mock_interview", case_id="T05")
    story.each(["2025-12-01", "2025-12-08"], incident(Incident.WHEREABOUTS_CHECKED))
    return story.on("2025-12-15", discontinued("4"), by=CLERK).events


def t06() -> list[Event]:
    """Discontinued for an act that hindered others, without guidance and without notice."""
    story = course("mock_interview", case_id="T06")
    story.on("2025-11-25", incident(Incident.OBSTRUCTION))
    return story.on("2025-12-05", discontinued("2"), by=CLERK).events


def t07() -> list[Event]:
    """A work trial confirmed too late, claimed too high and paid too late."""
    story = course("interview", case_id="T07")
    story = workplace("coordination_recorded", story=story)
    story.on("2025-10-02", REVIEW)
    story.on("2025-10-06", TRIAL)
    story.on("2025-10-08", CONFIRMED)
    story.on("2025-10-08", attended())
    story.on("2025-10-15", e.WagesPaid(trial="trial-1", amount=12_000), by=PROVIDER)
    story.on("2025-11-11", MOCK)
    story.on("2026-01-20", RESUME)
    story.on("2026-04-10", claimed(15_000), by=CLERK)
    return story.on("2026-05-12", e.ClaimPaid(claim="claim-1", amount=15_000), by=CLERK).events


def t08() -> list[Event]:
    """Employed, later recognised as self-supporting, and supported one day longer."""
    story = course("mock_interview", case_id="T08")
    story.on("2025-12-01", e.EmploymentStarted(detail="週3日の短時間勤務"), by=APPLICANT)
    story.on("2025-12-16", ADVICE)
    story.on("2026-01-15", e.SelfSupportRecognised(decided_by=DIRECTOR, self_supporting=True, reason="常勤になった"))
    return story.on("2026-01-16", INTERVIEW).events


def t09() -> list[Event]:
    """An 「延長」, which this text does not know, and support after 31 March."""
    story = course(case_id="T09")
    story.on("2026-03-16", e.Extended(new_end=date(2026, 6, 30), reason="もう少しで就職できる"))
    return story.on("2026-04-14", INTERVIEW).events


def t10() -> list[Event]:
    """The income of the third record, recognised by the director under item 2."""
    assessed = attrs.evolve(ASSESSED, income=109_501)
    return course(case_id="T10", assessed=assessed, use_approved=RECOGNISED).events


STORIES: dict[str, Callable[[], list[Event]]] = {
    "T01": t01,
    "T02": t02,
    "T03": t03,
    "T04": t04,
    "T05": t05,
    "T06": t06,
    "T07": t07,
    "T08": t08,
    "T09": t09,
    "T10": t10,
}
"""The ten records by name."""
