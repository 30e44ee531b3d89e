"""2, 3 and 4(1): the specialist and the persons supported; list, selection, consent, decision, goals, start."""

from __future__ import annotations

from shuroflow.events import Event
from shuroflow.events import saitama as events
from shuroflow.states.judgement import Inapplicable, Seen
from shuroflow.states.office import Office
from shuroflow.states.saitama.case import BOTH_OBJECTS, SaitamaCase
from shuroflow.states.saitama.guards import reasons as why
from shuroflow.vocabulary import Role

BOTH_HORIZONS = frozenset(events.Horizon)
STANDING = frozenset({events.AssistanceStatus.RECIPIENT, events.AssistanceStatus.APPLICANT})
CONTRACTOR = events.Employer.CONTRACTOR  # looked up once: every activity is asked for it


def contract_covers_day(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """2但書: whoever acts for a contractor acts within the contract."""
    specialist = getattr(event.data, "specialist", None) or case.specialist
    if specialist is None:
        return why.NO_SPECIALIST
    if specialist.employer is not CONTRACTOR:
        return why.OWN_STAFF
    start, end = specialist.contract_start, specialist.contract_end
    day = event.occurred_on
    if start is not None and start <= day and (end is None or day <= end):
        return None
    return {"day": day, "start": start, "end": end}


def target_class_a_facts(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """3(1)ア: recipient or applicant, under the prefectural office, not working, without a compelling reason."""
    data: events.Selected = event.data
    if data.target_class is not events.TargetClass.A:
        return why.NOT_CLASS_A
    standing = data.status in STANDING
    if standing and data.responsible_office is True and data.compelling_reason is False and data.working is False:
        return None
    return {
        "status": data.status,
        "responsible": data.responsible_office,
        "compelling": data.compelling_reason,
        "working": data.working,
    }


def target_class_i_recognised(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """3(1)イ: the office recognised the need."""
    data: events.Selected = event.data
    if data.target_class is not events.TargetClass.I:
        return why.NOT_CLASS_I
    return None if data.recognition is not None else {}


def class_i_reason(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """3(1)イ: the recognition has a reason."""
    recognition = event.data.recognition
    if recognition is None:
        return why.NO_RECOGNITION
    return None if recognition.reason.strip() else {"on": recognition.on}


def target_still_stands(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """3(1)ア: after a failed application the person is supported only if recognised under イ (S-23)."""
    failed = case.application_failed_on
    if failed is None:
        return why.APPLICATION_NOT_FAILED
    if event.occurred_on < failed:
        return why.FAILED_LATER
    return None if case.recognised else {"failed_on": failed}


def specialist_qualified(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """3(2)後段: a qualification of the specialist is on file."""
    specialist: events.Specialist = event.data.specialist
    return None if specialist.qualifications else {"specialist": specialist.id}


def listed_by_caseworker(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)①: the caseworker lists."""
    role = event.recorded_by.role
    return None if role is Role.CASEWORKER else {"role": role}


def selected_after_listing(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(1)②: first the list, then the consultation, then the selection."""
    listed_on, selected_on = case.listed_on, event.occurred_on
    consulted_on = event.data.consulted_on or selected_on
    if listed_on is None:
        return why.NOT_LISTED
    if listed_on <= consulted_on <= selected_on:
        return None
    return {"listed_on": listed_on, "consulted_on": consulted_on, "selected_on": selected_on}


def ledger_consulted(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)③: the register was looked at."""
    return None if event.data.ledger_consulted else {}


def not_in_the_text(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1): refusal of consent has no clause of its own (S-05)."""
    reason = event.data.reason
    outside = {events.DeclineReason.CONSENT_REFUSED, events.DeclineReason.CONSENT_WITHDRAWN}
    return {"reason": reason} if reason in outside else None


def abolished_before_support(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """6(2): a person selected but not yet supported may be among those whose support has not ended."""
    if event.data.reason is not events.DeclineReason.ASSISTANCE_ABOLISHED:
        return why.NOT_FOR_ABOLITION
    if case.selected_on is None:
        return why.NOT_SELECTED
    return {"selected_on": case.selected_on}


def consent_to_both(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)④: consent to the specialist's support and to goals being set."""
    earlier = case.consent_scope if case.consent_withdrawn_on is None else frozenset()
    given = earlier | set(event.data.scope)
    if given >= BOTH_OBJECTS:
        return None
    return {"missing": [part for part in events.ConsentObject if part not in given], "given": sorted(given)}


def consent_after_selection(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(1)④: consent follows the selection."""
    if case.selected_on is None:
        return why.NOT_SELECTED
    if case.selected_on <= event.occurred_on:
        return None
    return {"selected_on": case.selected_on, "consent_on": event.occurred_on}


def consent_in_writing(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)④: no form is asked for, but an oral consent is worth a second look (S-03)."""
    return None if event.data.medium is events.Medium.WRITTEN else {"medium": event.data.medium}


def decision_after_consent(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)⑤: the office decides after selection and consent (S-04)."""
    if case.consent_on is not None and case.consent_on <= event.occurred_on:
        return None
    return {"consent_on": case.consent_on, "decided_on": event.occurred_on}


def goals_after_decision(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)⑤: goals follow the decision (S-04)."""
    decided_on = case.decided_on
    if decided_on is not None and decided_on <= event.occurred_on:
        return None
    return {"decided_on": decided_on, "set_on": event.occurred_on}


def goals_replaced_in_steps(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(3): during support a goal is changed by its three steps, not set anew."""
    if not case.is_under_way_on(event.occurred_on):
        return why.NOT_UNDER_WAY
    replaced = [goal.id for goal in event.data.goals if goal.id in case.goals]
    return {"goals": replaced} if replaced else None


def decision_day_recorded(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(1): without a day of its own, the decision is taken to be of the day of consent (S-02)."""
    if case.support_decided_on is not None:
        return None
    return why.NO_CONSENT if case.consent_on is None else {"consent_on": case.consent_on}


def consent_stands(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)④: support rests on a consent that was not taken back."""
    withdrawn = case.consent_withdrawn_on
    if case.consent_on is not None and (withdrawn is None or withdrawn > event.occurred_on):
        return None
    return {"consent_on": case.consent_on, "withdrawn_on": withdrawn}


def goals_of_both_horizons(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)⑤: a short-term and a medium- and long-term goal were set."""
    set_so_far = {record.goal.horizon for record in case.goals.values()}
    if set_so_far >= BOTH_HORIZONS:
        return None
    return {"missing": [horizon for horizon in events.Horizon if horizon not in set_so_far]}


def start_after_consent(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(1)④: support does not begin before the consent."""
    start_on = event.data.start_on
    if start_on is None:
        return why.FIRST_DAY_NOT_RECORDED
    if case.consent_on is None:
        return why.NO_CONSENT
    if case.consent_on <= start_on:
        return None
    return {"start_on": start_on, "consent_on": case.consent_on}


def start_after_decision(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """4(1)⑤: support begins on the day of the decision or later (S-04)."""
    start_on, decided_on = event.data.start_on, case.decided_on
    if start_on is None:
        return why.FIRST_DAY_NOT_RECORDED
    if decided_on is None:
        return why.NO_DECISION
    if decided_on <= start_on:
        return None
    if case.consent_on is not None and start_on < case.consent_on:
        return why.BEFORE_CONSENT  # start_after_consent says it, and it weighs more
    return {"start_on": start_on, "decided_on": decided_on}


def start_day_recorded(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(5): the period is counted from the first day of support (S-07)."""
    if event.data.start_on is not None:
        return None
    return {"counted_from": case.decided_on or event.occurred_on}
