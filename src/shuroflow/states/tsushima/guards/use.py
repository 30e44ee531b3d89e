"""第5条第3項・第4項, 第6条, 第7条 and 第8条: notices, period, discontinuing, plan and support."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from shuroflow.events import Event
from shuroflow.events import tsushima as events
from shuroflow.states.judgement import Inapplicable, Seen
from shuroflow.states.office import Office
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.states.tsushima.guards import reasons as why
from shuroflow.states.tsushima.guards.papers import decided_by_director
from shuroflow.vocabulary import Role, State

NEW_LEGAL_BASIS_FROM = date(2025, 4, 1)
"""From this day the law seems to have a basis of its own for recipients; 第1条 points to the earlier one (T-47)."""

OFFICER = Role.OFFICER  # looked up once: every activity is asked for it


def notified_after_decision(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第5条第3項・第4項, 第7条第2項: first the decision, then its notice."""
    decided_on = case.decided_on if case.discontinued_on is None else case.discontinued_on
    if decided_on is None:
        return why.NO_DECISION
    return None if decided_on <= event.occurred_on else {"decided_on": decided_on, "notified_on": event.occurred_on}


def period_not_empty(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第1項: use begins by 31 March of the fiscal year of 申込日 (T-19)."""
    start_on, end = event.data.start_on, case.end_on
    if end is None:
        return why.NO_APPLICATION
    if start_on <= end:
        return None
    return {"start_on": start_on, "end": end, "applied_on": case.applied_on}


def start_after_application(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第1項: use does not begin before the application (T-21)."""
    start_on = event.data.start_on
    if case.applied_on is None:
        return why.NO_APPLICATION
    return None if case.applied_on <= start_on else {"start_on": start_on, "applied_on": case.applied_on}


def start_not_backdated(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第1項: a first day before the decision is worth a second look (T-21)."""
    start_on, decided_on = event.data.start_on, case.decided_on
    if decided_on is None:
        return why.NEITHER_APPROVED_NOR_REJECTED
    if decided_on <= start_on:
        return None
    if case.applied_on is not None and start_on < case.applied_on:
        return why.BEFORE_APPLICATION  # start_after_application says it, and it weighs more
    return {"start_on": start_on, "decided_on": decided_on}


def start_not_moved(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第1項: once use has begun, another notice does not set another first day (T-21)."""
    start_on = event.data.start_on
    if case.start_on is None:
        return why.NOT_NOTIFIED
    if not case.is_under_way_on(event.occurred_on):
        return why.NOT_IN_USE
    return None if case.start_on == start_on else {"notified": case.start_on, "start_on": start_on}


def days_left(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第1項: a first day in March leaves few days (T-19)."""
    start_on, end = event.data.start_on, case.end_on
    if end is None:
        return why.NO_APPLICATION
    if start_on > end:
        return why.EMPTY_PERIOD
    return None if start_on < date(end.year, 3, 1) else {"days": (end - start_on).days + 1, "end": end}


def approval_notified_first(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第5条第3項: use begins on a notice; where that is still owed, it is told here and not as the open duty too."""
    if case.start_on is not None:
        return None
    duty = case.notice_owed("approval_notice")
    if duty is None:
        return {"subject": case.applied_on}  # never approved: it is told once for an application
    return {"owed": duty.seq, "subject": duty.subject}


def starts_within_period(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第6条第1項: from the notified first day to 31 March."""
    start_on, end, day = case.start_on, case.end_on, event.occurred_on
    if start_on is None:
        return why.NOT_NOTIFIED
    if end is None:
        return why.NO_APPLICATION
    if start_on <= day <= end:
        return None
    return {"day": day, "start_on": start_on, "end": end}


def employed_and_self_supporting(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第6条第2項: two facts, employment and self-support."""
    data: events.SelfSupportRecognised = event.data
    employed_on = data.employed_on or case.employed_on
    if data.self_supporting and employed_on is not None and employed_on <= event.occurred_on:
        return None
    return {"employed_on": employed_on, "self_supporting": data.self_supporting}


def self_support_by_director(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第6条第2項 does not say who decides; we read the director (T-24)."""
    return decided_by_director(case, event, office)


def any_ground(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第7条第1項: at least one ground."""
    return None if event.data.grounds else {}


def within_period_of_use(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第7条第1項: what is discontinued is running; before the first day we let ground 5 alone serve (T-32)."""
    data: events.Discontinued = event.data
    day = event.occurred_on
    if events.Ground.OTHER in data.grounds or case.state_on(day) is not State.SELECTED:
        return None
    return {"day": day, "start_on": case.start_on, "end": case.end_on}


def effect_not_before_decision(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第7条第1項: the effect is on the day of the decision or later (T-30)."""
    effective_on = event.data.effective_on
    if effective_on is None or event.occurred_on <= effective_on:
        return None
    return {"effective_on": effective_on, "decided_on": event.occurred_on}


def eligibility_lost(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第1項第1号: items of 第4条 that no longer hold are named."""
    data: events.Discontinued = event.data
    if events.Ground.NOT_ELIGIBLE not in data.grounds:
        return why.NOT_GROUND_1
    return None if data.failed_items else {}


def both_items_lost(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第1項第1号: one item of 第4条 is enough to stay, so both have to fail (T-25)."""
    data: events.Discontinued = event.data
    if events.Ground.NOT_ELIGIBLE not in data.grounds:
        return why.NOT_GROUND_1
    if not data.failed_items:
        return why.NO_FAILED_ITEM
    standing = [item for item in events.EligibilityGround if item not in data.failed_items]
    return {"standing": standing, "ground": case.ground} if standing else None


def disruption_and_guidance(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第1項第2号: an act that hinders others, and guidance that was not followed."""
    if events.Ground.DISRUPTION not in event.data.grounds:
        return why.NOT_GROUND_2
    day, kind = event.occurred_on, events.IncidentKind
    hindered = case.dates_of(kind.OBSTRUCTION, until=day)
    guided = case.dates_of(kind.GUIDANCE, until=day)
    ignored = case.dates_of(kind.NONCOMPLIANCE, until=day)
    if hindered and guided and any(guided[0] <= on for on in ignored):
        return None
    return {"obstruction": hindered, "guidance": guided, "noncompliance": ignored}


def consultation_refused(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第1項第3号: consultation support refused, or an instruction in it not followed."""
    if events.Ground.REFUSAL not in event.data.grounds:
        return why.NOT_GROUND_3
    day, kind = event.occurred_on, events.IncidentKind
    refused = case.dates_of(kind.CONSULTATION_REFUSED, until=day)
    told = case.dates_of(kind.INSTRUCTION, until=day)
    ignored = case.dates_of(kind.INSTRUCTION_IGNORED, until=day)
    if refused or (told and any(told[0] <= on for on in ignored)):
        return None
    return {"refused": refused, "instruction": told, "ignored": ignored}


def consultation_user(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第1項第3号 fits only someone who uses consultation support (T-27)."""
    if events.Ground.REFUSAL not in event.data.grounds:
        return why.NOT_GROUND_3
    return None if case.consultation_applied_on is not None else {"person_class": case.person_class}


def whereabouts_searched(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第1項第4号: a search without result is on record (T-28)."""
    if events.Ground.WHEREABOUTS not in event.data.grounds:
        return why.NOT_GROUND_4
    return None if case.dates_of(events.IncidentKind.WHEREABOUTS_CHECKED, until=event.occurred_on) else {}


def continuation_reason_given(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第7条第1項第5号: the director's judgement has a reason (T-26)."""
    data: events.Discontinued = event.data
    if events.Ground.OTHER not in data.grounds:
        return why.NOT_GROUND_5
    other = data.continuation_reason in {None, events.ContinuationReason.OTHER}
    return {} if other and not (data.reason and data.reason.strip()) else None


def plan_complete(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第8条第1項第1号: problems, goals and content stand in the plan."""
    data: events.PlanMade = event.data
    if data.issues and data.goals and data.contents:
        return None
    return {"issues": len(data.issues), "goals": len(data.goals), "contents": len(data.contents)}


def plan_before_review(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第8条第1項第2号: what is reviewed is the plan."""
    return None if case.plan_on is not None and case.plan_on <= event.occurred_on else {"plan_on": case.plan_on}


def support_by_officer(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第8条第1項: the officer in charge does the work."""
    by = event.data.by or event.recorded_by
    return None if by.role is OFFICER else {"role": by.role}


def serves_an_issue(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第8条第2項: support serves a problem that the plan names."""
    if case.plan_on is None:
        return why.NO_PLAN
    if event.data.issue in case.issues:
        return None
    return {"issue": event.data.issue, "known": sorted(case.issues)}


def settle(case: TsushimaCase, as_of: date, office: Office) -> Iterator[tuple[str, int, Seen]]:
    """What only the day asked about brings: a law that moved on, days elapsed, unpaid claims, reviews not made."""
    recipient = case.person_class is events.PersonClass.RECIPIENT
    if recipient and case.applied_on is not None and case.applied_on >= NEW_LEGAL_BASIS_FROM:
        yield "legal_basis_stale", case.version, {"applied_on": case.applied_on, "from": NEW_LEGAL_BASIS_FROM}
    if case.decided_on is not None and case.received_on is not None:
        days = (case.decided_on - case.received_on).days
        yield "days_to_decision", case.version, {"days": days, "received_on": case.received_on}
    for (_, key), duty in case.duties.items():  # only a payment has a due day that may not be known to the end
        if duty.in_time_until is None and duty.due is not None and as_of > duty.due:
            yield "due_day_known", duty.seq, {"claim": duty.subject, "due": duty.due, "on": as_of, "subject": key}
    limit = office.settings.review_interval_days
    begun = case.used_from or (case.period.start if case.period is not None else None)
    if limit is not None and begun is not None:
        last = case.last_day_on(as_of)
        until = min(as_of, last) if last is not None else as_of
        since = case.last_review_on or begun
        if until - since > timedelta(days=limit):
            yield "review_interval", case.version, {"since": since, "limit": limit}
