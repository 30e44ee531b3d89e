"""What the events of a case add up to, and the folds that put them in."""

from __future__ import annotations

from datetime import date, timedelta

import attrs

from hoshimino import events
from shuroflow.calendar import period_end
from shuroflow.case import ONE_DAY, Case, Closing, Duty, Period
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.vocabulary import CLOSED, UNDER_WAY, State

PERIOD_MONTHS = 6
EXTENSION_MONTHS = 3
DAYS_TO_DECIDE = 30
DAYS_TO_NOTIFY = 7
DAYS_TO_CONFIRM = 30


def after(day: date, days: int) -> date:
    """So many days later, or the last day there is: a fold may meet any day and must not fail."""
    return day + timedelta(days=min(days, (date.max - day).days))


def months_from(start: date, months: int, office: Office) -> date:
    """Last day of a period of months, counted as the office counts, or the last day there is."""
    try:
        return period_end(start, months=months, first_day=office.settings.first_day)
    except InputError:
        return date.max


@attrs.define(eq=False)
class HoshiminoCase(Case):
    """A case of this programme."""

    application: events.Applied | None = None
    consent_on: date | None = None
    decided_on: date | None = None
    accepted: bool = False
    notified_on: date | None = None

    @property
    def end_on(self) -> date | None:
        """Last day of the period."""
        return self.periods[-1].end if self.periods else None

    @property
    def support_ended_on(self) -> date | None:
        """第10条: the day from which the thirty days run: that of an early end, else the last of the period."""
        return self.closing.on if self.closing is not None else self.end_on

    def state_on(self, day: date) -> State:
        """第6条: after the last day of the period the case has ended, and no event needs to say so."""
        if self.state in UNDER_WAY and self.end_on is not None and day > self.end_on:
            return State.ENDED
        return self.state

    def closing_on(self, day: date) -> Closing | None:
        """Closed by an event, or by the end of the period."""
        if self.closing is None and self.end_on is not None and self.state not in CLOSED and self.is_closed_on(day):
            return Closing(self.end_on, "第6条第1項")
        return self.closing


def applied(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第3条; the committee has thirty days."""
    case.application = event.data
    last = after(event.occurred_on, DAYS_TO_DECIDE)
    case.take_on(Duty("decide", event.occurred_on, event.seq, due=last, in_time_until=last))


def consented(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第2条第1項第4号."""
    case.consent_on = event.occurred_on


def _decided(case: HoshiminoCase, event: Event) -> None:
    case.decided_on = event.occurred_on
    case.discharge("decide")
    last = after(event.occurred_on, DAYS_TO_NOTIFY)
    case.take_on(Duty("notify", event.occurred_on, event.seq, due=last, in_time_until=last))


def accepted(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第4条第1項."""
    case.accepted = True
    _decided(case, event)


def rejected(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第4条第1項."""
    case.close(Closing(event.occurred_on, "第4条第1項"))
    _decided(case, event)


def notified(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第5条."""
    if case.notified_on is None:
        case.notified_on = event.occurred_on
    case.discharge("notify")


def _owes_confirmation(case: HoshiminoCase, event: Event, last_day: date) -> None:
    due = after(last_day, DAYS_TO_CONFIRM)
    case.take_on(Duty("confirm_outcome", last_day, event.seq, due=due, in_time_until=due))


def interviewed(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第6条: six months; what 第10条 will ask is known from here on."""
    end = months_from(event.occurred_on, PERIOD_MONTHS, office)
    case.periods.append(Period(event.occurred_on, end))
    _owes_confirmation(case, event, end)


def extended(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第7条: the extension follows on the last day, whatever day it was decided."""
    end = case.end_on
    if end is not None and event.data.new_end > end:
        case.periods.append(Period(end + ONE_DAY, event.data.new_end))
        _owes_confirmation(case, event, event.data.new_end)


def found_work(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第9条第1号."""
    case.close(Closing(event.occurred_on, "第9条第1号"))
    _owes_confirmation(case, event, event.occurred_on)


def consent_withdrawn(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第9条第2号: what was not decided or notified yet need not be; only support that began is asked after."""
    case.close(Closing(event.occurred_on, "第9条第2号"))
    case.discharge("decide")
    case.discharge("notify")
    if case.periods:
        _owes_confirmation(case, event, event.occurred_on)


def outcome_confirmed(case: HoshiminoCase, event: Event, office: Office) -> None:
    """第10条."""
    case.discharge("confirm_outcome")
