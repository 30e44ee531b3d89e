"""4(2) to 4(5): support, evaluation, change of goals, end, period and extension."""

from __future__ import annotations

from datetime import date
from typing import Any

from shuroflow.events import Event
from shuroflow.events import saitama as events
from shuroflow.states.judgement import Inapplicable, Seen, Wording
from shuroflow.states.office import Office
from shuroflow.states.saitama.case import SaitamaCase, basic_end, first_day_of
from shuroflow.states.saitama.guards import reasons as why
from shuroflow.vocabulary import Role

# Looked up once: every activity is asked for the first, and every goal for the others.
SPECIALIST, ACHIEVED, LONG = Role.SPECIALIST, events.Achievement.ACHIEVED, events.Horizon.LONG


def support_within_period(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(5): after the end of a period nothing is done without an extension."""
    day = event.occurred_on
    if not case.periods:
        return why.NO_PERIOD
    if day < case.periods[0].start:
        return why.BEFORE_PERIOD
    if case.covers(day):
        return None
    end = max((period.end for period in case.periods if period.end < day), default=case.end_on)
    return {"day": day, "end": end, "days": (day - end).days if end else None}


def support_after_consent(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(1)④: nobody is supported before they have agreed (S-04)."""
    consent_on = case.first_consent_on
    if consent_on is None:
        return why.NO_CONSENT
    return None if consent_on <= event.occurred_on else {"day": event.occurred_on, "consent_on": consent_on}


def support_after_start(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(5): between consent and the first day of support (S-04)."""
    day = event.occurred_on
    start: date | None = case.periods[0].start if case.periods else None
    if start is not None and start <= day:
        return None
    if case.first_consent_on is not None and day < case.first_consent_on:
        return why.BEFORE_CONSENT  # support_after_consent says it, and it weighs more
    return {"day": day, "start": start}


def support_by_specialist(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(2): the specialist gives the support."""
    by = event.data.by or event.recorded_by
    return None if by.role is SPECIALIST else {"role": by.role}


def consent_not_withdrawn(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)④: support after the consent was taken back (S-05)."""
    withdrawn = case.consent_withdrawn_on
    return None if withdrawn is None or event.occurred_on < withdrawn else {"withdrawn_on": withdrawn}


def evaluates_known_goals(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(3): an evaluation speaks of goals that were set."""
    data: events.Evaluated = event.data
    unknown = [result.goal for result in data.results if result.goal not in case.goals]
    if data.results and not unknown:
        return None
    return {"unknown": unknown, "known": list(case.goals)}


def goal_change_steps(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(3): analysis, interview and the person's understanding come before a change of goals."""
    data: events.GoalsChanged = event.data
    analysed = bool(data.analysis and data.analysis.strip()) or case.analysed_on is not None
    interviewed = data.interview_on is not None and data.interview_on <= event.occurred_on
    if analysed and interviewed and data.understood:
        return None
    return {"analysed": analysed, "interview_on": data.interview_on, "understood": data.understood}


def change_after_evaluation(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(3): a goal is changed after an evaluation found it hard to reach (S-14)."""
    difficult = (events.Achievement.DIFFICULT, events.Achievement.NOT_ACHIEVED)
    if any(record.result in difficult for record in case.goals.values()):
        return None
    return {"evaluated_on": case.evaluated_on}


def _achieved(case: SaitamaCase, horizon: events.Horizon | None = None) -> list[bool]:
    return [
        record.result is ACHIEVED for record in case.goals.values() if horizon is None or record.goal.horizon is horizon
    ]


def goal_achieved(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(4): support ends when an evaluation says that a goal was achieved."""
    return None if any(_achieved(case)) else {"evaluated_on": case.evaluated_on}


def long_goals_achieved(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(4): which goal is meant? Every medium- and long-term one (S-13)."""
    if not any(_achieved(case)):
        return why.NO_GOAL_ACHIEVED
    long_goals = _achieved(case, LONG)
    if long_goals and all(long_goals):
        return None
    open_goals = [
        record.goal.text
        for record in case.goals.values()
        if record.goal.horizon is LONG and record.result is not ACHIEVED
    ]
    return {"goals": open_goals, "reason": event.data.override_reason}


def end_known_to_the_text(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(4): the only end the text knows is the achieved goal (S-06)."""
    return {"reason": event.data.reason}


def outside_end_documented(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(4): an end outside the text has a written reason and a consultation (S-06)."""
    data: events.EndedOutside = event.data
    if data.detail and data.detail.strip() and data.consultation is not None:
        return None
    return {"detail": data.detail or None, "consulted_on": data.consultation.on if data.consultation else None}


def basic_period(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(5): three months are the rule; another first period needs a look."""
    data: events.SupportStarted = event.data
    if data.end_on is None:
        return None
    usual = basic_end(first_day_of(case, event), first_day=office.settings.first_day)
    return None if data.end_on == usual else {"end": data.end_on, "usual": usual}


def first_period_forward(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(5): a period ends on its first day or later (S-07)."""
    data: events.SupportStarted = event.data
    start = first_day_of(case, event)
    if data.end_on is None or start <= data.end_on:
        return None
    return {"start": start, "end": data.end_on}


def extension_consulted_first(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(5): the consultation comes before the extension; the same day will do."""
    consulted_on = event.data.consulted_on
    if consulted_on is None:
        return why.CONSULTATION_DAY_NOT_RECORDED
    return (
        None if consulted_on <= event.occurred_on else {"consulted_on": consulted_on, "extended_on": event.occurred_on}
    )


def extended_before_the_end(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(5): what has run out can no longer be extended."""
    consulted_on = getattr(event.data, "consulted_on", None) or event.occurred_on
    end = case.end_on
    if end is None:
        return why.NO_PERIOD
    return None if consulted_on <= end else {"consulted_on": consulted_on, "end": end}


def new_end_is_later(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(5): an extension leads beyond the current end."""
    new_end, end = event.data.new_end, case.end_on
    if end is None:
        return why.NO_PERIOD
    # One that is not given is counted from the end.
    return None if new_end is None or new_end > end else {"new_end": new_end, "end": end}


_NEVER = Wording(ja="延長協議なし", en="without an extension")
_NOT_AGAIN = Wording(ja="再延長の協議なし", en="without a further extension")
"""How a period ran out (S-12), by whether it was extended before."""


def settle(case: SaitamaCase, as_of: date, office: Office) -> Any:
    """What only the day asked about brings: a period that ran out, and the gaps between contacts."""
    if case.lapsed_on(as_of):
        without = _NOT_AGAIN if case.extensions else _NEVER
        yield "period_lapsed", case.version, {"end": case.end_on, "as_of": as_of, "without": without}
    if case.extensions:
        yield "extensions_counted", case.version, {"count": case.extensions, "days": case.days_extended}
    limit = office.settings.contact_gap_days
    if limit is not None and (gap := case.longest_gap_on(as_of)) > limit:
        yield "contact_gap", case.version, {"gap": gap, "limit": limit}
    elif case.contacts > 1:
        yield "contacts_counted", case.version, {"count": case.contacts, "gap": case.longest_gap_days}
