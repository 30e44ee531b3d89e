"""Histories of the 対馬 programme: a course in order, or with one planted fault whose clause is known."""

from __future__ import annotations

from datetime import date, timedelta

from shuroflow.calendar import fiscal_year, fiscal_year_end
from shuroflow.events import Actor, evolve
from shuroflow.events import tsushima as e
from shuroflow.events.saitama import Extended
from shuroflow.simulation.plan import Expected, Plan, people
from shuroflow.vocabulary import Role

INCOME_LIMITS = (109_500, 152_833, 180_166, 203_500)
ASSET_LIMITS = (465_000, 689_000, 829_000, 969_000)
"""Highest amounts in whole yen that pass for one to four persons, for applications up to 2026-06-30."""

FAULTS = (
    "income_over",
    "assets_over",
    "gang_unchecked",
    "declaration_missing",
    "unassessed",
    "not_by_director",
    "rejection_unnotified",
    "empty_period",
    "support_after_end",
    "employment_alone",
    "extended",
    "no_guidance",
    "discontinuation_unnotified",
    "plan_missing",
    "support_by_another",
    "agreement_missing",
    "insurance_missing",
    "confirmed_late",
    "overclaim",
    "sheet_missing",
    "paid_late",
)
"""Faults that can be planted, in the order of the text."""

_TRIAL = {"agreement_missing", "insurance_missing", "confirmed_late", "overclaim", "sheet_missing", "paid_late"}
_DISCONTINUING = {"no_guidance", "discontinuation_unnotified"}
PROVIDER = "workplace-1"


def _paper(form: e.Form) -> e.Paper:
    return e.Paper(form=form)


def draw(plan: Plan, first: date, fault: str | None) -> None:
    """Put a whole history into ``plan``, beginning on ``first``."""
    r, staff = plan.random, people(plan.random)
    director, officer = staff(Role.DIRECTOR), staff(Role.OFFICER)
    if fault == "empty_period":
        first = date(first.year + (first > date(first.year, 3, 20)), 3, 20)
    elif first.month in (1, 2, 3):  # enough of the fiscal year is left for the rest of the course
        first = date(first.year, 4, 1) + plan.days(0, 80)
    elif first.month > 9:
        first -= timedelta(days=90)

    papers = (_paper(e.Form.APPLICATION), _paper(e.Form.DECLARATION))
    consulted = r.random() < 0.4
    applied = e.Applied(
        papers=papers[:1] if fault == "declaration_missing" else papers,
        resident=True,
        person_class=e.PersonClass.CONSULTATION_APPLICANT if consulted else e.PersonClass.RECIPIENT,
        consultation_applied_on=first - plan.days(1, 60) if consulted else None,
    )
    seq = plan.add(first, applied, officer)
    if fault == "declaration_missing":
        plan.expect("第5条第1項", seq)

    day = first
    rejecting = fault == "rejection_unnotified" or (fault is None and r.random() < 0.08)
    if fault != "unassessed":
        day += plan.days(2, 8)
        plan.add(day, _assessment(plan, first, "income_over" if rejecting else fault), officer)
    day += plan.days(1, 4)
    if rejecting:
        seq = plan.add(day, e.UseRejected(decided_by=director, reason="収入が基準を超える"), officer)
        if fault is None:
            plan.add(day + plan.days(0, 5), e.RejectionNotified(paper=_paper(e.Form.REJECTION)), officer)
        else:
            plan.expect("第5条第4項", seq)
        return
    if fault == "empty_period":
        day = max(day, date(first.year, 3, 30))
    by = officer if fault == "not_by_director" else director
    seq = plan.add(day, e.UseApproved(decided_by=by, ground=e.EligibilityGround.ITEM_1), officer)
    clauses = {
        "income_over": "第4条第1号ア",
        "assets_over": "第4条第1号イ",
        "gang_unchecked": "第5条第2項",
        "unassessed": "第5条第2項",
        "not_by_director": "第5条第2項",
    }
    if fault in clauses:
        plan.expect(clauses[fault], seq)
    start = day + plan.days(1, 12)
    if fault == "empty_period":
        start = date(first.year, 4, 1) + plan.days(0, 9)
    seq = plan.add(day, e.ApprovalNotified(paper=_paper(e.Form.APPROVAL), start_on=start), officer)
    if fault == "empty_period":
        plan.expect("第6条第1項", seq)
        return
    _use(plan, start, fiscal_year_end(fiscal_year(first)), fault, director, officer)


def _assessment(plan: Plan, applied_on: date, fault: str | None) -> e.Assessed:
    r = plan.random
    size = r.choices((1, 2, 3, 4), (60, 20, 12, 8))[0]
    income = INCOME_LIMITS[size - 1] + (1 if fault == "income_over" else -r.choice((0, 1, r.randint(2, 100_000))))
    assets = ASSET_LIMITS[size - 1] + (1 if fault == "assets_over" else -r.choice((0, 1, r.randint(2, 460_000))))
    checked = None if fault == "gang_unchecked" else False
    deposit = r.randint(0, assets)
    return e.Assessed(
        income_month=applied_on.isoformat()[:7],
        income=income,
        assets=(
            e.Asset(kind=e.AssetKind.DEPOSIT, amount=deposit),
            e.Asset(kind=e.AssetKind.CASH, amount=assets - deposit),
        ),
        assets_as_of=applied_on,
        household=tuple(e.Member(id=f"member-{number}", gang_member=False) for number in range(2, size + 1)),
        gang_member=checked,
        gang_checked_on=None if checked is None else applied_on,
    )


def _support(plan: Plan, issue: str | None) -> e.ActivityRecorded:
    r = plan.random
    return e.ActivityRecorded(kind=r.choice(tuple(e.PreparationKind)), mode=r.choice(tuple(e.VisitKind)), issue=issue)


def _use(plan: Plan, start: date, end: date, fault: str | None, director: Actor, officer: Actor) -> None:
    r = plan.random
    started = plan.add(start, e.UseStarted(officer=officer), officer)
    issue: str | None = None
    if fault == "plan_missing":
        plan.expect("第8条第1項第1号", started)
    else:
        issue = "issue-1"
        made = e.PlanMade(
            paper=_paper(e.Form.PLAN),
            issues=(e.Issue(id=issue, text=r.choice(("生活のリズムが乱れている", "人と話すことに不安がある"))),),
            goals=("週に3日決まった時間に通う",),
            contents=("起床と就寝の助言", "面接の練習"),
            by=officer,
        )
        plan.add(start + plan.days(1, 5), made, officer)
    day = start + timedelta(days=6)
    trial = fault in _TRIAL or (fault is None and r.random() < 0.2)
    stop = start + timedelta(days=110)
    reviewed = start + timedelta(days=60)
    while day + timedelta(days=7) < stop:
        day += plan.days(7, 25)
        if plan.entries[-1][0] < reviewed <= day and fault != "plan_missing":
            review = e.PlanReviewed(paper=_paper(e.Form.REVIEW), changes="朝の支援を増やす", by=officer)
            plan.add(reviewed, review, officer)
        plan.add(day, _support(plan, issue), officer)
    if fault == "plan_missing":  # a review without a plan would be a second fault; without a review the audit asks too
        plan.expected.append(Expected("observation", "第8条第1項第2号", started))
    if fault == "support_by_another":
        caseworker = Actor("caseworker-01", Role.CASEWORKER)
        plan.expect("第8条第2項", plan.add(day, evolve(_support(plan, issue), by=caseworker), officer))
    if trial:
        _trial(plan, day + timedelta(days=1), fault, officer)
        day = plan.entries[-1][0] if fault != "paid_late" else day + timedelta(days=30)
    _end(plan, max(day, plan.entries[-1][0]), end, fault, director, officer)


def _end(plan: Plan, day: date, end: date, fault: str | None, director: Actor, officer: Actor) -> None:
    r = plan.random
    if fault in _DISCONTINUING or (fault is None and r.random() < 0.1):
        kinds = [e.IncidentKind.OBSTRUCTION, e.IncidentKind.GUIDANCE, e.IncidentKind.NONCOMPLIANCE]
        for kind in kinds[:1] if fault == "no_guidance" else kinds:
            day += plan.days(1, 3)
            plan.add(day, e.IncidentRecorded(kind=kind), officer)
        day += plan.days(1, 5)
        seq = plan.add(day, e.Discontinued(decided_by=director, grounds=(e.Ground.DISRUPTION,)), officer)
        if fault == "no_guidance":
            plan.expect("第7条第1項第2号", seq)
        if fault == "discontinuation_unnotified":
            plan.expect("第7条第2項", seq)
        else:
            notice = e.DiscontinuationNotified(paper=_paper(e.Form.DISCONTINUATION))
            plan.add(day + plan.days(0, 5), notice, officer)
    elif fault == "employment_alone" or (fault is None and r.random() < 0.25):
        day += plan.days(2, 10)
        plan.add(day, e.EmploymentStarted(detail="常勤"), officer)
        decided = e.SelfSupportRecognised(
            decided_by=director, employed_on=day, self_supporting=fault is None, reason="収入が安定した"
        )
        seq = plan.add(day + plan.days(5, 15), decided, officer)
        if fault is not None:
            plan.expect("第6条第2項", seq)
    elif fault == "extended":
        plan.expect("第6条第1項", plan.add(day + plan.days(1, 9), Extended(new_end=date(end.year, 6, 30)), officer))
    elif fault == "support_after_end":
        plan.expect("第6条第1項", plan.add(end + plan.days(1, 30), _support(plan, None), officer))


def _trial(plan: Plan, day: date, fault: str | None, officer: Actor) -> None:
    r = plan.random
    until = day + timedelta(days=60)
    if fault != "agreement_missing":
        agreement = e.AgreementMade(
            paper=_paper(e.Form.AGREEMENT),
            provider=PROVIDER,
            start=day,
            end=until,
            honorarium=e.Honorarium(daily_cap=5_000),
        )
        plan.add(day, agreement, officer)
    if fault != "insurance_missing":
        plan.add(day, e.CoverageArranged(kind="傷害・賠償責任保険", start=day, end=until), officer)
    plan.add(day, e.CoordinationRecorded(provider=PROVIDER, content="作業の内容と連絡の方法"), officer)
    first = day + plan.days(1, 3)
    confirmation = e.TrialConfirmed(
        paper=_paper(e.Form.TRIAL_CONFIRMATION), trial="trial-1", provider=PROVIDER, voluntary=True, agreed=True
    )
    if fault != "confirmed_late":
        plan.add(first, confirmation, officer)
    started = plan.add(first, e.TrialStarted(trial="trial-1", provider=PROVIDER), officer)
    clauses = {"agreement_missing": "第9条第2項", "insurance_missing": "第9条第3項", "confirmed_late": "第9条第6項"}
    if fault in clauses:
        plan.expect(clauses[fault], started)
    days = tuple(first + timedelta(days=number) for number in range(r.randint(2, 5)))
    if fault == "confirmed_late":
        plan.add(days[-1], confirmation, officer)
    sheet = e.AttendanceRecorded(
        paper=_paper(e.Form.ATTENDANCE),
        trial="trial-1",
        days=tuple(e.AttendedDay(on=each, arrived="09:00", left="12:00") for each in days),
    )
    plan.add(days[-1], sheet, officer)
    if fault == "agreement_missing":
        return
    wages = 4_000 * len(days)
    plan.add(days[-1] + plan.days(1, 5), e.WagesPaid(trial="trial-1", amount=wages), officer)
    received = plan.entries[-1][0] + plan.days(1, 10)
    claim = e.ClaimReceived(
        paper=_paper(e.Form.CLAIM),
        claim="claim-1",
        trial="trial-1",
        days=days,
        amount=wages + (1 if fault == "overclaim" else 0),
        attachments=() if fault == "sheet_missing" else (e.Form.ATTENDANCE,),
    )
    seq = plan.add(received, claim, officer)
    if fault in {"overclaim", "sheet_missing"}:
        plan.expect({"overclaim": "第9条第4項", "sheet_missing": "第9条第6項"}[fault], seq)
    paid = received + (timedelta(days=46) if fault == "paid_late" else plan.days(5, 30))
    difference = "支払賃金の額まで" if fault == "overclaim" else None
    seq = plan.add(paid, e.ClaimPaid(claim="claim-1", amount=wages, difference_reason=difference), officer)
    if fault == "paid_late":
        plan.expect("第10条第2項", seq)
