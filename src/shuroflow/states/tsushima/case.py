"""What the events of a 対馬 case add up to: the facts its guards look at, and the folds that gather them."""

from __future__ import annotations

from datetime import MAXYEAR, date
from functools import lru_cache

import attrs

from shuroflow.calendar import deadline, fiscal_year, fiscal_year_end
from shuroflow.case import Case, Closing, Duty, Period
from shuroflow.errors import InputError, MissingFigure
from shuroflow.events import Event
from shuroflow.events import tsushima as events
from shuroflow.states.means_test import MeansTest, means_test
from shuroflow.states.office import Office
from shuroflow.vocabulary import CLOSED, UNDER_WAY, Basis, State

PAYMENT_DAYS = 30
"""第10条第2項: days from 受理した日 to the payment."""

# What is compared at every event stands under a name of its own: to look it up in its enum is slow before Python 3.12.
SELECTED, IN_SUPPORT, ENDED = State.SELECTED, State.IN_SUPPORT, State.ENDED

RUNNING = frozenset({SELECTED, *UNDER_WAY})
"""The states that a day by itself may bring to another one."""


@lru_cache(maxsize=4096)  # asked at every event of every case, for few days
def year_end(day: date) -> date:
    """31 March of the fiscal year of a day; the end of the calendar where a slip of the pen lies beyond it."""
    year = fiscal_year(day)
    return fiscal_year_end(year) if year < MAXYEAR else date.max


def days_after(day: date, days: int) -> date:
    """The last day of "within ``days`` days", or the end of the calendar where a slip of the pen lies beyond it."""
    try:
        return deadline(day, days=days)
    except InputError:
        return date.max


@attrs.define
class Trial:
    """A work trial, from its confirmation to its last claim. Amounts are yen."""

    provider: str | None = None
    started_on: date | None = None
    confirmed: dict[str, date] = attrs.field(factory=dict)  # by workplace: a confirmation holds for its own alone
    voluntary: bool = False
    agreed: bool = False
    days: set[date] = attrs.field(factory=set)
    wages: int = 0
    claimed: int = 0
    claimed_days: set[date] = attrs.field(factory=set)


@attrs.frozen
class Claim:
    """A claim that was received and not given back. ``payable``: most that may be paid, yen; ``seq``: its receipt."""

    trial: str
    received_on: date
    amount: int
    days: tuple[date, ...]
    payable: int
    due: date
    due_shown: date | None
    seq: int
    paid_on: date | None = None


@attrs.define(eq=False)
class TsushimaCase(Case):
    """A case under 対馬市生活困窮者等就労準備支援事業実施要綱."""

    applied_on: date | None = None
    end_on: date | None = None  # 第6条第1項: 31 March of the fiscal year of 申込日, whatever else the record says
    received_on: date | None = None
    resident: bool | None = None
    person_class: events.PersonClass | None = None
    consultation_applied_on: date | None = None
    prior_months: int = 0
    assessment: events.Assessed | None = None
    means: MeansTest | MissingFigure | None = None
    assessed_on: date | None = None
    decided_on: date | None = None
    discontinued_on: date | None = None
    ground: events.EligibilityGround | None = None
    start_on: date | None = None
    notified_on: date | None = None
    decided: frozenset[str] = frozenset()  # the notices for which a decision on the application at hand calls
    to_notify: dict[str, str] = attrs.field(factory=dict)  # of each, the subject of the last one, while it is owed
    used_from: date | None = None
    employed_on: date | None = None
    plan_on: date | None = None
    issues: frozenset[str] = frozenset()
    last_review_on: date | None = None
    agreements: list[events.AgreementMade] = attrs.field(factory=list)
    coverages: list[Period] = attrs.field(factory=list)
    coordinated: set[str] = attrs.field(factory=set)
    incidents: list[tuple[events.IncidentKind, date]] = attrs.field(factory=list)
    trials: dict[str, Trial] = attrs.field(factory=dict)
    claims: dict[str, Claim] = attrs.field(factory=dict)

    @property
    def month_of_application(self) -> str | None:
        """第4条第1号ア: the month whose income counts, ``YYYY-MM``."""
        return None if self.applied_on is None else self.applied_on.isoformat()[:7]

    @property
    def first_day(self) -> date | None:
        """The notified first day of use, or the day the record has use begin where that is earlier or the only one."""
        start, used = self.start_on, self.used_from
        if start is None or (used is not None and used < start):
            return used
        return start

    def state_on(self, day: date) -> State:
        """第6条第1項: use begins on the notified day and comes to its end after 31 March; no event needs to say so."""
        state = self.state
        if state not in RUNNING:
            return state
        first, end = self.first_day, self.end_on
        if state is SELECTED and (first is None or end is None or first > end):
            return SELECTED  # not notified yet, or no day of use is left
        if end is not None and day > end:
            return ENDED
        if first is not None and day < first:
            return SELECTED
        return IN_SUPPORT if state is SELECTED else state

    def closing_on(self, day: date) -> Closing | None:
        """Closed by an event, or by the end of the fiscal year."""
        end = self.end_on
        if self.closing is None and end is not None and self.is_closed_on(day):
            return Closing(end, "第6条第1項")
        return self.closing

    def close(self, closing: Closing) -> None:
        """Where not one day of use came about, neither a plan nor its review is owed."""
        super().close(closing)
        first = self.first_day
        if self.closing is not None and first is not None and self.closing.on < first:
            self.discharge("plan")
            self.discharge("review")

    def last_day_on(self, day: date) -> date | None:
        """The last day of use, as known on ``day``: the end of the fiscal year, or the day it was cut short."""
        ends = (self.end_on, None if self.closing is None else self.closing.on)
        return min((end for end in ends if end is not None), default=None)

    @property
    def period(self) -> Period | None:
        """第6条: from the notified first day of use to its last, once a start is fixed that leaves a day of use."""
        start = self.start_on or self.used_from
        if start is None or self.end_on is None:
            return None
        end = self.end_on if self.closing is None else min(self.closing.on, self.end_on)
        return Period(start, end) if start <= end else None

    def owe_notice(self, code: str, event: Event) -> None:
        """第5条, 第7条第2項: each decision calls for its notice; where made again on one application, the last."""
        subject = self.to_notify.get(code) if code in self.decided else None
        if subject is None:
            subject = event.occurred_on.isoformat()
            if (code, subject) in self.duties:  # an earlier application was decided on the same day
                subject = f"{subject}#{event.seq}"
        self.decided |= {code}
        self.to_notify[code] = subject
        self.take_on(Duty(code, event.occurred_on, event.seq, subject=subject))

    def notice_given(self, code: str) -> None:
        """A notice is of the last decision before it; what an earlier application still calls for stays open."""
        if code in self.to_notify:
            self.discharge(code, self.to_notify.pop(code))

    def notice_owed(self, code: str) -> Duty | None:
        """The notice that a decision on the application at hand calls for, if it was not given yet."""
        subject = self.to_notify.get(code) if code in self.decided else None
        return None if subject is None else self.duties[code, subject]

    def agreement_on(self, provider: str, day: date) -> events.AgreementMade | None:
        """The agreement with a workplace in force on ``day``."""
        for agreement in reversed(self.agreements):
            if agreement.provider == provider and agreement.start <= day <= agreement.end:
                return agreement
        return None

    def covered_on(self, day: date) -> bool:
        """第9条第3項: is there a measure against damage on ``day``?"""
        return any(day in coverage for coverage in self.coverages)

    def trial(self, trial_id: str) -> Trial:
        """The trial of that id, begun or not."""
        return self.trials.setdefault(trial_id, Trial())

    def payable(self, trial_id: str, days: tuple[date, ...]) -> int:
        """第9条第4項: the smaller of wages paid and not yet claimed, and what the agreement allows for the days."""
        trial = self.trials.get(trial_id)
        if trial is None or trial.provider is None:
            return 0
        wages = max(trial.wages - trial.claimed, 0)
        days_under: dict[int, int] = {}  # days by the agreement in force on them; a day without one allows nothing
        for day in set(days):
            agreement = self.agreement_on(trial.provider, day)
            if agreement is not None:
                place = self.agreements.index(agreement)
                days_under[place] = days_under.get(place, 0) + 1
        allowed = 0
        for place, count in days_under.items():
            agreement = self.agreements[place]
            rule = agreement.honorarium
            if rule is None:
                continue
            caps = [] if rule.daily_cap is None else [rule.daily_cap * count]
            if rule.total_cap is not None:
                caps.append(max(rule.total_cap - self._claimed_under(agreement), 0))
            if not caps:  # the whole of the wages may be paid
                return wages
            allowed += min(caps)
        return min(wages, allowed)

    def _claimed_under(self, agreement: events.AgreementMade) -> int:
        """What was claimed so far for days under one agreement, whichever trial they belong to."""
        return sum(
            claim.amount
            for claim in self.claims.values()
            if self.trials[claim.trial].provider == agreement.provider
            and any(agreement.start <= day <= agreement.end for day in claim.days)
        )

    def dates_of(self, kind: events.IncidentKind, *, until: date) -> list[date]:
        """Days of the facts of one kind, up to and including ``until``."""
        return sorted(on for known, on in self.incidents if known is kind and on <= until)


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


COUNTED_ASSETS = frozenset({events.AssetKind.DEPOSIT, events.AssetKind.CASH, events.AssetKind.SECURITIES})


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
    case.take_on(Duty("payment", event.occurred_on, event.seq, subject=claim, due=due, in_time_until=due_shown))


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
