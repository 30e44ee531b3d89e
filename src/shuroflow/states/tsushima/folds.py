"""How each event of a 対馬 case is put into it, as the record claims it, whether or not a guard finds fault.

A fold writes the facts down and takes on or discharges duties; it judges nothing, and no guard knows it.
"""

from __future__ import annotations

from datetime import date

import attrs

from shuroflow.calendar import deadline
from shuroflow.case import Closing, Duty, Period
from shuroflow.errors import InputError, MissingFigure
from shuroflow.events import Event
from shuroflow.events import tsushima as events
from shuroflow.states.means_test import MeansTest, means_test
from shuroflow.states.office import Office
from shuroflow.states.tsushima.case import Claim, TsushimaCase, year_end
from shuroflow.vocabulary import CLOSED, Basis

PAYMENT_DAYS = 30
"""第10条第2項: days from 受理した日 to the payment."""

COUNTED_ASSETS = frozenset({events.AssetKind.DEPOSIT, events.AssetKind.CASH, events.AssetKind.SECURITIES})


def days_after(day: date, days: int) -> date:
    """The last day of "within ``days`` days", or the end of the calendar where a slip of the pen lies beyond it."""
    try:
        return deadline(day, days=days)
    except InputError:
        return date.max


def applied(case: TsushimaCase, event: Event, office: Office) -> None:
    """第5条第1項."""
    data: events.Applied = event.data
    if case.applied_on is not None or case.state in CLOSED:  # or the earlier application is not on record
        _start_over(case)
    case.applied_on = event.occurred_on
    case.end_on = year_end(event.occurred_on)
    case.received_on = data.received_on or event.occurred_on
    case.resident = data.resident
    case.person_class = data.person_class
    case.consultation_applied_on = data.consultation_applied_on
    case.prior_case_id = data.prior_case_id
    case.prior_months = data.prior_months


def _start_over(case: TsushimaCase) -> None:
    """Coming back is a new case; where a record goes on in this one, no step of the earlier use counts for it."""
    case.assessment = case.means = case.ground = None
    case.assessed_on = case.decided_on = case.notified_on = case.discontinued_on = None
    case.start_on = case.used_from = case.employed_on = case.plan_on = case.last_review_on = None
    case.issues = case.decided = frozenset()
    case.incidents.clear()


def assessed(case: TsushimaCase, event: Event, office: Office) -> None:
    """第5条第2項: 査定; the last one before the decision counts."""
    data: events.Assessed = event.data
    case.assessment = data
    case.assessed_on = event.occurred_on
    case.means = _means(case, data, office)
    if not data.income_estimated and data.income_month == case.month_of_application:
        case.discharge("confirm_income")


def _means(case: TsushimaCase, data: events.Assessed, office: Office) -> MeansTest | MissingFigure | None:
    """第4条第1号ア・イ, worked out once; a figure that is not on hand is kept as the answer."""
    if case.applied_on is None:
        return None
    size = data.household_size or 1 + sum([member.same_household for member in data.household])
    try:
        return means_test(
            applied_on=case.applied_on,
            household_size=size,
            n_for_levy=data.levy_size or size,  # the household's unless another number is given (T-13)
            income=data.income,
            assets=sum([asset.amount for asset in data.assets if asset.kind in COUNTED_ASSETS]),
            figures=office.figures,
            standard=office.settings.standard,
            deduction_basis=office.settings.deduction_basis,
        )
    except MissingFigure as missing:
        return missing


def use_approved(case: TsushimaCase, event: Event, office: Office) -> None:
    """第5条第2項, 第3項."""
    case.decided_on = event.occurred_on
    case.ground = event.data.ground
    case.owe_notice("approval_notice", event)
    estimated = case.assessment is not None and case.assessment.income_estimated
    if estimated and event.data.ground is events.EligibilityGround.ITEM_1:
        case.take_on(Duty("confirm_income", event.occurred_on, event.seq))


def approval_notified(case: TsushimaCase, event: Event, office: Office) -> None:
    """第5条第3項, 第6条第1項: the notice fixes the first day of use."""
    case.notified_on = event.occurred_on
    case.start_on = event.data.start_on
    case.notice_given("approval_notice")
    if case.used_from is None:
        _owe_plan_and_review(case, event.data.start_on, event, office)


def _owe_plan_and_review(case: TsushimaCase, first: date, event: Event, office: Office) -> None:
    """第8条第1項: use brings a plan and its review, unless not one day of use is left."""
    if case.used_from is None and case.period is None:
        case.discharge("plan")
        case.discharge("review")
        return
    if case.plan_on is None:
        days = office.settings.plan_due_days
        due = None if days is None else days_after(first, days)
        case.take_on(Duty("plan", first, event.seq, due=due, in_time_until=due))
    if case.last_review_on is None:
        case.take_on(Duty("review", first, event.seq))


def use_rejected(case: TsushimaCase, event: Event, office: Office) -> None:
    """第5条第2項, 第4項."""
    case.decided_on = event.occurred_on
    case.close(Closing(event.occurred_on, "第5条第2項"))
    case.owe_notice("rejection_notice", event)


def rejection_notified(case: TsushimaCase, event: Event, office: Office) -> None:
    """第5条第4項."""
    case.notice_given("rejection_notice")


def application_withdrawn(case: TsushimaCase, event: Event, office: Office) -> None:
    """Not in the text (T-32)."""
    case.close(Closing(event.occurred_on, "第5条第1項", Basis.DECISION))
    if case.notice_owed("approval_notice") is not None:
        case.notice_given("approval_notice")


def use_started(case: TsushimaCase, event: Event, office: Office) -> None:
    """第6条第1項: what use brings is owed from the day it is seen to begin."""
    case.used_from = event.occurred_on
    _owe_plan_and_review(case, event.occurred_on, event, office)


def employment_started(case: TsushimaCase, event: Event, office: Office) -> None:
    """A fact for 第6条第2項; it ends nothing (T-24)."""
    case.employed_on = event.occurred_on


def self_support_recognised(case: TsushimaCase, event: Event, office: Office) -> None:
    """第6条第2項: the day of the decision is the last of use."""
    _end_use(case, event.occurred_on, "第6条第2項")


def _end_use(case: TsushimaCase, on: date, clause: str) -> None:
    """Cut the use short; after 31 March there is nothing left to cut (第6条第1項)."""
    end = case.end_on
    case.close(Closing(on, clause) if end is None or on <= end else Closing(end, "第6条第1項"))


def incident_recorded(case: TsushimaCase, event: Event, office: Office) -> None:
    """第7条第1項: facts on which grounds rest."""
    case.incidents.append((event.data.kind, event.occurred_on))


def discontinued(case: TsushimaCase, event: Event, office: Office) -> None:
    """第7条: the effect is on the day of the decision unless another is given (T-30)."""
    data: events.Discontinued = event.data
    case.discontinued_on = event.occurred_on
    _end_use(case, max(data.effective_on or event.occurred_on, event.occurred_on), "第7条第1項")
    died = data.continuation_reason is events.ContinuationReason.DEATH
    if died and case.notice_owed("approval_notice") is not None:
        case.notice_given("approval_notice")
    if not died and events.Ground.WHEREABOUTS not in data.grounds:
        case.owe_notice("discontinuation_notice", event)


def discontinuation_notified(case: TsushimaCase, event: Event, office: Office) -> None:
    """第7条第2項."""
    case.notice_given("discontinuation_notice")


def plan_made(case: TsushimaCase, event: Event, office: Office) -> None:
    """第8条第1項第1号."""
    case.plan_on = event.occurred_on
    case.issues |= {issue.id for issue in event.data.issues}
    case.discharge("plan")


def plan_reviewed(case: TsushimaCase, event: Event, office: Office) -> None:
    """第8条第1項第2号."""
    case.last_review_on = event.occurred_on
    case.issues |= {issue.id for issue in event.data.issues}
    case.discharge("review")


def agreement_made(case: TsushimaCase, event: Event, office: Office) -> None:
    """第9条第2項."""
    case.agreements.append(event.data)


def coverage_arranged(case: TsushimaCase, event: Event, office: Office) -> None:
    """第9条第3項."""
    case.coverages.append(Period(event.data.start, event.data.end))


def coordination_recorded(case: TsushimaCase, event: Event, office: Office) -> None:
    """第9条第5項."""
    case.coordinated.add(event.data.provider)
    case.discharge("coordination", event.data.provider)


def _coordinate(case: TsushimaCase, event: Event) -> None:
    provider = event.data.provider
    if provider not in case.coordinated:
        case.take_on(Duty("coordination", event.occurred_on, event.seq, subject=provider))


def workplace_visited(case: TsushimaCase, event: Event, office: Office) -> None:
    """第9条第5項: a visit calls for work with the workplace."""
    _coordinate(case, event)


def trial_confirmed(case: TsushimaCase, event: Event, office: Office) -> None:
    """第9条第6項前段: the first confirmation with a workplace counts, and for that workplace alone."""
    data: events.TrialConfirmed = event.data
    trial = case.trial(data.trial)
    trial.provider = trial.provider or data.provider
    trial.confirmed.setdefault(data.provider, event.occurred_on)
    trial.voluntary = data.voluntary
    trial.agreed = data.agreed


def trial_started(case: TsushimaCase, event: Event, office: Office) -> None:
    """第9条第5項, 第6項: the sheet and the work with the workplace become due."""
    data: events.TrialStarted = event.data
    trial = case.trial(data.trial)
    trial.provider = data.provider
    trial.started_on = event.occurred_on
    if not trial.days:
        case.take_on(Duty("attendance", event.occurred_on, event.seq, subject=data.trial))
    _coordinate(case, event)


def attendance_recorded(case: TsushimaCase, event: Event, office: Office) -> None:
    """第9条第6項中段."""
    data: events.AttendanceRecorded = event.data
    case.trial(data.trial).days.update(day.on for day in data.days)
    case.discharge("attendance", data.trial)


def wages_paid(case: TsushimaCase, event: Event, office: Office) -> None:
    """第9条第4項."""
    case.trial(event.data.trial).wages += event.data.amount


def payment_due(received_on: date, office: Office) -> tuple[date, date | None]:
    """第10条第2項: the thirtieth day after 受理した日, and that day moved past office holidays (T-40).

    The second is ``None`` where the office calendar does not reach that far: the nearest year is never taken instead.
    """
    due = days_after(received_on, PAYMENT_DAYS)
    try:
        return due, office.calendar.next_open(due)
    except MissingFigure:
        return due, None


def claim_received(case: TsushimaCase, event: Event, office: Office) -> None:
    """第10条第1項: what may be paid is settled by what was on record when the claim was complete."""
    data: events.ClaimReceived = event.data
    due, due_shown = payment_due(event.occurred_on, office)
    payable = case.payable(data.trial, data.days)
    claim = data.claim
    while claim in case.claims:  # a second one under the same id is owed too: neither takes the other's place
        claim = f"{claim}#{event.seq}"
    case.claims[claim] = Claim(
        trial=data.trial,
        received_on=event.occurred_on,
        amount=data.amount,
        days=data.days,
        payable=payable,
        due=due,
        due_shown=due_shown,
        seq=event.seq,
    )
    trial = case.trial(data.trial)
    trial.claimed += data.amount
    trial.claimed_days |= set(data.days)
    payment = Duty("payment", event.occurred_on, event.seq, subject=data.claim, due=due, in_time_until=due_shown)
    case.take_on(payment, key=claim)


def claim_returned(case: TsushimaCase, event: Event, office: Office) -> None:
    """第10条: a claim given back is not owed (T-41)."""
    claim = case.claims.get(event.data.claim)
    if claim is None or claim.paid_on is not None:  # what was paid cannot be given back, nor what never came
        return
    del case.claims[event.data.claim]
    trial = case.trial(claim.trial)
    trial.claimed -= claim.amount
    trial.claimed_days -= set(claim.days)
    case.discharge("payment", event.data.claim)


def claim_paid(case: TsushimaCase, event: Event, office: Office) -> None:
    """第10条第2項."""
    claim = case.claims.get(event.data.claim)
    if claim is not None:
        case.claims[event.data.claim] = attrs.evolve(claim, paid_on=event.occurred_on)
    case.discharge("payment", event.data.claim)


def claims_abolition(case: TsushimaCase, event: Event, office: Office) -> None:
    """A record of 保護廃止 moves nothing here; losing both statuses is a matter of 第7条第1項第5号 (T-26)."""
    if case.person_class is events.PersonClass.RECIPIENT:
        case.person_class = events.PersonClass.NEITHER
