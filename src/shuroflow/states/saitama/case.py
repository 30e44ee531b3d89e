"""What the events of a 埼玉 case add up to: the facts that its guards look at, and what can be asked of them.

It knows no guard, and not how an event is put in: the folds do.
"""

from __future__ import annotations

from datetime import date

import attrs

from shuroflow.calendar import FirstDay, period_end
from shuroflow.case import Case
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.events import saitama as events

BASIC_MONTHS = 3
"""4(5): the basic length of a period, and of an extension whose new end is not given (S-10)."""

BOTH_OBJECTS = frozenset(events.ConsentObject)


def basic_end(start: date, *, first_day: FirstDay = "counted") -> date:
    """Last day of the basic three months from ``start``; the last day there is, where the calendar ends before."""
    try:
        return period_end(start, months=BASIC_MONTHS, first_day=first_day)
    except InputError:
        return date.max


@attrs.frozen
class GoalRecord:
    """A goal, the day it was set and what the last evaluation says of it."""

    goal: events.Goal
    set_on: date
    result: events.Achievement | None = None


@attrs.define(eq=False)
class SaitamaCase(Case):
    """A case under 埼玉県就労支援専門員事業実施要綱."""

    listed_on: date | None = None
    selected_on: date | None = None
    status: events.AssistanceStatus | None = None
    target_class: events.TargetClass | None = None
    recognised: bool = False
    application_failed_on: date | None = None
    suspended_on: date | None = None
    first_consent_on: date | None = None
    consent_on: date | None = None
    consent_scope: frozenset[events.ConsentObject] = frozenset()
    consent_withdrawn_on: date | None = None
    support_decided_on: date | None = None
    start_on: date | None = None
    specialist: events.Specialist | None = None
    goals: dict[str, GoalRecord] = attrs.field(factory=dict)
    evaluated_on: date | None = None
    analysed_on: date | None = None
    extensions: int = 0
    contacts: int = 0
    first_contact_on: date | None = None
    last_contact_on: date | None = None
    longest_gap_days: int = 0
    training_recognised_on: date | None = None
    abolished_on: date | None = None
    abolition_cause: events.AbolitionCause | None = None

    @property
    def decided_on(self) -> date | None:
        """Day of the decision; where none is recorded, the day of consent stands for it (S-02)."""
        return self.support_decided_on or self.consent_on

    @property
    def end_on(self) -> date | None:
        """Last day of the current period."""
        return self.periods[-1].end if self.periods else None

    @property
    def days_extended(self) -> int:
        """Days of all extensions together (S-10)."""
        return sum((period.end - period.start).days + 1 for period in self.periods[1:])

    def longest_gap_on(self, day: date) -> int:
        """Longest time without a contact, in days: from the start, between contacts, and up to ``day`` or the end."""
        if self.start_on is None or day < self.start_on:
            return self.longest_gap_days
        until = min(day, self.periods[-1].end, self.closing.on if self.closing is not None else date.max)
        first, last = self.first_contact_on or self.start_on, self.last_contact_on or self.start_on
        return max(self.longest_gap_days, (first - self.start_on).days, (until - last).days)

    def lapsed_on(self, day: date) -> bool:
        """Has the period run out without an extension or an end as of ``day`` (S-12)?"""
        return self.is_under_way_on(day) and self.end_on is not None and day > self.end_on


def first_day_of(case: SaitamaCase, event: Event) -> date:
    """4(5): the first day of support on record; else of the decision, the consent, the event (S-07, S-02)."""
    start_on: date | None = event.data.start_on
    return start_on or case.decided_on or event.occurred_on
