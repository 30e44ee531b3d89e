"""第5条第1項 and 第6条第3項: an application, the day of its receipt, and the use that came before it."""

from __future__ import annotations

from shuroflow.calendar import fiscal_year
from shuroflow.events import Event
from shuroflow.events import tsushima as events
from shuroflow.states.judgement import Inapplicable, Seen
from shuroflow.states.office import Office
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.states.tsushima.guards import reasons as why

BOTH_FORMS = (events.Form.APPLICATION, events.Form.DECLARATION)


def both_forms(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第5条第1項: application and declaration are handed in."""
    forms = {paper.form for paper in event.data.papers}
    return None if forms.issuperset(BOTH_FORMS) else {"missing": [form for form in BOTH_FORMS if form not in forms]}


def received_after_application(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第5条第2項: what is received was applied for (T-18)."""
    received_on = event.data.received_on
    if received_on is None:
        return why.RECEIPT_DAY_NOT_RECORDED
    return None if event.occurred_on <= received_on else {"applied_on": event.occurred_on, "received_on": received_on}


def received_in_same_year(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第1項: the period hangs on 申込日; across 31 March the two days lead to different years (T-18)."""
    received_on = event.data.received_on
    if received_on is None:
        return why.RECEIPT_DAY_NOT_RECORDED
    if fiscal_year(received_on) == fiscal_year(event.occurred_on):
        return None
    return {"applied_on": event.occurred_on, "received_on": received_on}


def no_running_period(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第3項: a new application is made after the period has run out (T-22)."""
    data: events.Applied = event.data
    if data.prior_outcome is None and data.prior_last_day is None:
        return why.NO_EARLIER_PERIOD
    running = data.prior_outcome is events.PriorOutcome.RUNNING and data.prior_last_day is None
    if running or (data.prior_last_day is not None and event.occurred_on <= data.prior_last_day):
        return {"applied_on": event.occurred_on, "last_day": data.prior_last_day}
    if data.prior_last_day is None:
        never_ran = data.prior_outcome in {events.PriorOutcome.REJECTED, events.PriorOutcome.WITHDRAWN}
        return why.NO_PERIOD_RAN if never_ran else why.LAST_DAY_NOT_RECORDED
    return None


def after_discontinuation(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第3項 speaks of a period that ran out, not of one that was discontinued (T-23)."""
    outcome = event.data.prior_outcome
    if outcome is None:
        return why.NO_EARLIER_OUTCOME
    return {"outcome": outcome} if outcome is events.PriorOutcome.DISCONTINUED else None


def prior_use_counted(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第3項: months of earlier use are shown (T-23)."""
    months = event.data.prior_months
    return {"months": months} if months else why.NO_EARLIER_MONTHS
