"""第9条 and 第10条: visits, work trials, honorarium, claim and payment."""

from __future__ import annotations

from datetime import date

from shuroflow.events import Event
from shuroflow.events import tsushima as events
from shuroflow.states.judgement import Inapplicable, Seen
from shuroflow.states.office import Office
from shuroflow.states.tsushima.case import TsushimaCase, year_end
from shuroflow.states.tsushima.guards import reasons as why


def honorarium_agreed(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第9条第4項なお書: the agreement fixes the amount."""
    return None if event.data.honorarium is not None else {"provider": event.data.provider}


def days_in_order(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第9条第2項・第3項: what is agreed or arranged holds for at least one day (T-36)."""
    start, end = event.data.start, event.data.end
    return {"start": start, "end": end} if end < start else None


def _days_of(case: TsushimaCase, event: Event) -> tuple[str | None, list[date]]:
    if event.kind == "attendance_recorded":
        trial = case.trials.get(event.data.trial)
        return (trial.provider if trial else None), sorted(day.on for day in event.data.days)
    return event.data.provider, [event.occurred_on]


def agreement_in_force(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第9条第2項: an agreement with the workplace on each day."""
    provider, days = _days_of(case, event)
    if not days:
        return why.NO_DAYS
    bare = [day for day in days if provider is None or case.agreement_on(provider, day) is None]
    return {"days": bare, "provider": provider, "subject": provider or ""} if bare else None


def covered_against_damage(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第9条第3項: a measure against damage on each day."""
    provider, days = _days_of(case, event)
    if not days:
        return why.NO_DAYS
    bare = [day for day in days if not case.covered_on(day)]
    return {"days": bare, "subject": provider or ""} if bare else None


def confirmed_before_trial(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第9条第6項: content and conditions are confirmed by the first day, with that workplace (T-38)."""
    trial = case.trials.get(event.data.trial)
    provider, days = _days_of(case, event)
    confirmed_on = trial.confirmed.get(provider) if trial is not None and provider is not None else None
    first = min(days, default=None)
    if first is None:
        return why.NO_DAYS
    if confirmed_on is not None and confirmed_on <= first:
        return None
    return {"trial": event.data.trial, "confirmed_on": confirmed_on, "first": first, "subject": event.data.trial}


def voluntary_and_agreed(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第9条第6項: of the person's own will, understood and agreed."""
    data: events.TrialConfirmed = event.data
    return None if data.voluntary and data.agreed else {"voluntary": data.voluntary, "agreed": data.agreed}


def trial_days_in_use(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第1項: work on trial falls within the use."""
    if not event.data.days:
        return why.NO_DAYS
    start, last = case.first_day, case.last_day_on(event.occurred_on)
    outside = [
        day.on for day in event.data.days if start is None or day.on < start or (last is not None and day.on > last)
    ]
    return {"days": sorted(outside), "start": start, "last": last} if outside else None


def attendance_attached(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第9条第6項なお書: the attendance sheet comes with the report."""
    attachments = event.data.attachments
    return None if events.Form.ATTENDANCE in attachments else {"attachments": attachments}


def claimed_days_attended(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第10条第1項: the days claimed are days on the sheet, and none is claimed twice."""
    data: events.ClaimReceived = event.data
    trial = case.trials.get(data.trial)
    open_days = trial.days - trial.claimed_days if trial is not None else set()
    claimed = set(data.days)
    if claimed and claimed <= open_days and len(data.days) == len(claimed):
        return None
    return {"claimed": sorted(claimed), "attended": sorted(open_days), "wrong": sorted(claimed - open_days)}


def claim_within_payable(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第9条第4項: no more than the wages paid, and no more than the agreement allows (T-37)."""
    amount = event.data.amount
    if event.kind == "claim_received":
        payable = case.payable(event.data.trial, event.data.days)
        trial_id, receipt = event.data.trial, event.seq
    else:
        claim = case.claims.get(event.data.claim)
        if claim is None:
            return why.NO_CLAIM
        payable, trial_id, receipt = claim.payable, claim.trial, claim.seq
    if amount <= payable:
        return None
    trial = case.trials.get(trial_id)
    wages = trial.wages if trial is not None else 0
    # One claim, received and paid, is one fault; another one under the same id, after a return, is another.
    return {"amount": amount, "payable": payable, "wages": wages, "subject": f"{event.data.claim}#{receipt}"}


def claimed_in_time(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第10条第1項: no day is set; a claim for a closed fiscal year is worth a second look (T-39)."""
    days = event.data.days
    if not days:
        return why.NO_DAYS
    books_close = date(year_end(min(days)).year, 5, 31)
    if event.occurred_on <= books_close:
        return None
    return {"first": min(days), "books_close": books_close, "received_on": event.occurred_on}


def claim_id_unused(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第10条第1項: an id that a claim bears, open or paid, names no other one (T-41)."""
    claim = case.claims.get(event.data.claim)
    if claim is None:
        return None
    return {"claim": event.data.claim, "received_on": claim.received_on, "paid_on": claim.paid_on}


def open_claim_returned(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第10条第1項: what is given back was received and is not paid yet (T-41)."""
    claim = case.claims.get(event.data.claim)
    if claim is not None and claim.paid_on is None and claim.received_on <= event.occurred_on:
        return None
    return {"claim": event.data.claim, "paid_on": claim.paid_on if claim is not None else None}


def claim_on_record(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第10条第2項: what is paid was claimed before, and is paid once."""
    claim = case.claims.get(event.data.claim)
    if claim is not None and claim.paid_on is None and claim.received_on <= event.occurred_on:
        return None
    return {"claim": event.data.claim, "paid_on": claim.paid_on if claim is not None else None}


def paid_within_thirty_days(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第10条第2項: within thirty days of 受理した日, moved past office holidays (T-40)."""
    claim = case.claims.get(event.data.claim)
    if claim is None:
        return why.NO_CLAIM
    if event.occurred_on <= (claim.due_shown or claim.due):
        return None
    if claim.due_shown is None:
        return why.CALENDAR_ENDS
    return {
        "paid_on": event.occurred_on,
        "received_on": claim.received_on,
        "due": claim.due,
        "due_shown": claim.due_shown,
        "subject": event.data.claim,
    }


def due_day_known(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第10条第2項: after the thirtieth day, a payment outside the office calendar cannot be judged."""
    claim = case.claims.get(event.data.claim)
    if claim is None:
        return why.NO_CLAIM
    if claim.due_shown is not None:
        return None
    if event.occurred_on <= claim.due:
        return why.PAID_BY_DUE_DAY
    return {"claim": event.data.claim, "due": claim.due, "on": event.occurred_on, "subject": event.data.claim}


def paid_on_moved_day(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第10条第2項: the thirtieth day was a holiday and the payment came on the next working day (T-40)."""
    claim = case.claims.get(event.data.claim)
    if claim is None:
        return why.NO_CLAIM
    if event.occurred_on <= claim.due:
        return None
    if claim.due_shown is None:
        return why.CALENDAR_ENDS
    if event.occurred_on > claim.due_shown:
        return why.PAID_LATE  # paid_within_thirty_days says it, and it weighs more
    return {"due": claim.due, "due_shown": claim.due_shown}


def paid_as_claimed(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第10条第2項: the amount claimed is paid; another amount has a reason (T-42)."""
    claim = case.claims.get(event.data.claim)
    if claim is None:
        return why.NO_CLAIM
    if claim.amount == event.data.amount or event.data.difference_reason:
        return None
    return {"claimed": claim.amount, "paid": event.data.amount}
