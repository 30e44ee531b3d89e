"""What must hold, one small function for each sentence: ``None`` if it does, the values it saw if not, or why it does
not apply.

Each has the name of its rule in ``rules.toml``.
"""

from __future__ import annotations

from datetime import date

from hoshimino import events
from hoshimino.case import (
    DAYS_TO_CONFIRM,
    DAYS_TO_DECIDE,
    DAYS_TO_NOTIFY,
    EXTENSION_MONTHS,
    HoshiminoCase,
    after,
    months_from,
)
from shuroflow.case import ONE_DAY
from shuroflow.events import Event
from shuroflow.states import Inapplicable, Office, Seen, Wording
from shuroflow.vocabulary import Role

YOUNGEST, TOO_OLD = 15, 40
QUORUM = 3

# What cannot be compared is not said to be kept: the fact that is missing is the reason.
NO_APPLICATION = Inapplicable(Wording(ja="申込みが記録されていない", en="no application is on record"))
NO_CONSENT = Inapplicable(Wording(ja="同意が記録されていない", en="no consent is on record"))
NO_DECISION = Inapplicable(Wording(ja="決定が記録されていない", en="no decision is on record"))
NO_PERIOD = Inapplicable(Wording(ja="支援期間が記録されていない", en="no period of support is on record"))
NOT_ENDED = Inapplicable(Wording(ja="支援の終了が記録されていない", en="no end of the support is on record"))


def age_on(born_on: date, day: date) -> int:
    """第2条第2項: one more on each birthday."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def age_within_limits(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第2条第1項第1号: from 15, and not yet 40, on the day of application."""
    if case.application is None or case.opened_on is None:
        return NO_APPLICATION
    age = age_on(case.application.born_on, case.opened_on)
    return None if YOUNGEST <= age < TOO_OLD else {"age": age, "applied_on": case.opened_on}


def lives_in_town(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第2条第1項第2号."""
    if case.application is None:
        return NO_APPLICATION
    return None if case.application.resident else {}


def not_in_work(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第2条第1項第3号."""
    if case.application is None:
        return NO_APPLICATION
    return {} if case.application.working else None


def consent_in_writing(case: HoshiminoCase, event: Event, office: Office) -> Seen | None:
    """第2条第1項第4号."""
    return None if event.data.medium is events.Medium.WRITTEN else {"medium": event.data.medium}


def consent_before_decision(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第2条第1項第4号: consent is a condition, so it is there when the committee decides; the same day will do."""
    if case.consent_on is None:
        return NO_CONSENT
    if case.consent_on <= event.occurred_on:
        return None
    return {"consent_on": case.consent_on, "decided_on": event.occurred_on}


def decided_after_application(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1項: the committee decides on an application."""
    if case.opened_on is None:
        return NO_APPLICATION
    if case.opened_on <= event.occurred_on:
        return None
    return {"applied_on": case.opened_on, "decided_on": event.occurred_on}


def committee_complete(case: HoshiminoCase, event: Event, office: Office) -> Seen | None:
    """第4条第2項: three at least, each counted once, the chair among them."""
    members: tuple[events.Member, ...] = event.data.committee
    present = len({member.id for member in members})
    chaired = any(member.seat is events.Seat.CHAIR for member in members)
    return None if present >= QUORUM and chaired else {"present": present, "chaired": chaired}


def decided_in_time(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第3項: within thirty days; the day of application does not count."""
    if case.opened_on is None:
        return NO_APPLICATION
    if event.occurred_on <= (last := after(case.opened_on, DAYS_TO_DECIDE)):
        return None
    return {"decided_on": event.occurred_on, "last": last}


def right_form(case: HoshiminoCase, event: Event, office: Office) -> Seen | None:
    """第5条: form 2 to support, form 3 not to."""
    form = events.NoticeForm.SUPPORT if case.accepted else events.NoticeForm.NO_SUPPORT
    return None if event.data.form is form else {"form": event.data.form, "right": form}


def notified_in_time(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第5条: within seven days of the decision."""
    if case.decided_on is None:
        return NO_DECISION
    if event.occurred_on <= (last := after(case.decided_on, DAYS_TO_NOTIFY)):
        return None
    return {"notified_on": event.occurred_on, "last": last}


def notified_before_interview(case: HoshiminoCase, event: Event, office: Office) -> Seen | None:
    """第6条第2項: first the notice, then the interview; the same day will do."""
    if case.notified_on is not None and case.notified_on <= event.occurred_on:
        return None
    return {"notified_on": case.notified_on, "interviewed_on": event.occurred_on}


def extended_during_support(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第1項: what has not begun is not extended. What has ended is not either: the chart says so."""
    if not case.periods:
        return NO_PERIOD
    if case.periods[0].start <= event.occurred_on:
        return None
    return {"day": event.occurred_on, "start": case.periods[0].start}


def extension_forward(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条: an extension leads beyond the last day."""
    if case.end_on is None:
        return NO_PERIOD
    if event.data.new_end > case.end_on:
        return None
    return {"new_end": event.data.new_end, "end": case.end_on}


def extension_within_three_months(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第2項: three months from the day after the last."""
    if case.end_on is None:
        return NO_PERIOD
    if case.end_on == date.max:
        return None
    # The day after the end is the first of the extension, and counts, however the office counts the first period.
    latest = months_from(case.end_on + ONE_DAY, EXTENSION_MONTHS, Office())
    return None if event.data.new_end <= latest else {"new_end": event.data.new_end, "latest": latest}


def by_companion(case: HoshiminoCase, event: Event, office: Office) -> Seen | None:
    """第8条: the companion (伴走員) gives the support; the library's word for that role is specialist."""
    by = event.data.by or event.recorded_by
    return None if by.role is Role.SPECIALIST else {"role": by.role}


def work_begun(case: HoshiminoCase, event: Event, office: Office) -> Seen | None:
    """第9条第1号: work found during the support, and begun."""
    first: date = event.data.first_day
    start = case.periods[0].start if case.periods else first
    return None if start <= first <= event.occurred_on else {"first_day": first, "start": start}


def withdrawn_after_consent(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第9条第2号: only what was given can be taken back."""
    if case.consent_on is None:
        return NO_CONSENT
    if case.consent_on <= event.occurred_on:
        return None
    return {"consent_on": case.consent_on, "withdrawn_on": event.occurred_on}


def confirmed_in_time(case: HoshiminoCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第10条: within thirty days of the end."""
    ended = case.support_ended_on
    if ended is None:
        return NOT_ENDED
    if event.occurred_on <= (last := after(ended, DAYS_TO_CONFIRM)):
        return None
    return {"confirmed_on": event.occurred_on, "last": last}
