"""What the events of a 対馬 case add up to: the facts that its guards look at, and what can be asked of them.

It knows no guard, and not how an event is put in: the folds do.
"""

from __future__ import annotations

from datetime import MAXYEAR, date
from functools import lru_cache

import attrs

from shuroflow.calendar import fiscal_year, fiscal_year_end
from shuroflow.case import Case, Closing, Duty, Period
from shuroflow.errors import MissingFigure
from shuroflow.events import Event
from shuroflow.events import tsushima as events
from shuroflow.states.means_test import MeansTest
from shuroflow.vocabulary import UNDER_WAY, State

# What is compared at every event stands under a name of its own: to look it up in its enum is slow before Python 3.12.
SELECTED, IN_SUPPORT, ENDED = State.SELECTED, State.IN_SUPPORT, State.ENDED

RUNNING = frozenset({SELECTED, *UNDER_WAY})
"""The states that a day by itself may bring to another one."""


@lru_cache(maxsize=4096)  # asked at every event of every case, for few days
def year_end(day: date) -> date:
    """31 March of the fiscal year of a day; the end of the calendar where a slip of the pen lies beyond it."""
    year = fiscal_year(day)
    return fiscal_year_end(year) if year < MAXYEAR else date.max


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
    to_notify: dict[str, str] = attrs.field(factory=dict)  # of each, the key of the last one, while it is owed
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
        day = event.occurred_on.isoformat()
        key = self.to_notify.get(code) if code in self.decided else None
        if key is None:  # an earlier application may have been decided on the same day
            key = day if (code, day) not in self.duties else f"{day}#{event.seq}"
        self.decided |= {code}
        self.to_notify[code] = key
        self.take_on(Duty(code, event.occurred_on, event.seq, subject=day), key=key)

    def notice_given(self, code: str) -> None:
        """A notice is of the last decision before it; what an earlier application still calls for stays open."""
        if code in self.to_notify:
            self.discharge(code, self.to_notify.pop(code))

    def notice_owed(self, code: str) -> Duty | None:
        """The notice that a decision on the application at hand calls for, if it was not given yet."""
        key = self.to_notify.get(code) if code in self.decided else None
        return None if key is None else self.duties[code, key]

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
