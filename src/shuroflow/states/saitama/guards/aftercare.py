"""5 and 6: use of work training, and what follows when public assistance ends."""

from __future__ import annotations

from shuroflow.events import Event
from shuroflow.events import saitama as events
from shuroflow.states.judgement import Inapplicable, Seen
from shuroflow.states.office import Office
from shuroflow.states.saitama.case import SaitamaCase
from shuroflow.states.saitama.guards import reasons as why
from shuroflow.vocabulary import Basis, Role


def training_recognised_first(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """5①: the office recognises the effect before the use begins."""
    recognised_on = case.training_recognised_on
    if recognised_on is not None and recognised_on <= event.occurred_on:
        return None
    return {"recognised_on": recognised_on, "start": event.occurred_on}


def training_arranged_by_specialist(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """5②: the specialist arranges the placement."""
    role = event.data.arranged_by.role
    return None if role is Role.SPECIALIST else {"role": role}


def provider_certified(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """5②: the provider is certified on the day."""
    provider: events.TrainingProvider = event.data.provider
    day = event.occurred_on
    start, end = provider.certified_from, provider.certified_to
    if start is not None and start <= day and (end is None or day <= end):
        return None
    return {"day": day, "start": start, "end": end}


def placement_authority(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """5③: with an employment contract, placement is carried on as a job placement business."""
    data: events.TrainingUsed = event.data
    if data.type is not events.TrainingType.EMPLOYMENT:
        return why.WITHOUT_CONTRACT
    authority = data.authority
    if authority is not None and authority.effective_from <= event.occurred_on:
        return None
    return {"day": event.occurred_on, "from": authority.effective_from if authority else None}


def authority_of_employer(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """5③: the authority belongs to the employer of the specialist who arranges (S-18)."""
    data: events.TrainingUsed = event.data
    if data.type is not events.TrainingType.EMPLOYMENT:
        return why.WITHOUT_CONTRACT
    if data.authority is None:
        return why.NO_AUTHORITY
    if case.specialist is None:
        return why.NO_SPECIALIST
    if data.authority.holder is case.specialist.employer:
        return None
    return {"holder": data.authority.holder, "employer": case.specialist.employer}


def suspension_goes_on(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """6(2): a suspension is not an abolition; the case goes on (S-26)."""
    return {"on": event.occurred_on}


def need_judged(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """6(1): after an abolition through own employment the need for more is judged (S-19)."""
    data: events.AssistanceAbolished = event.data
    if data.cause is not events.AbolitionCause.OWN_EMPLOYMENT:
        return why.NOT_THROUGH_OWN_EMPLOYMENT
    return None if data.need is not None else {"on": event.occurred_on}


def support_ended_by_goal(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """6(2): support that ended outside the text, or after that day, may be unfinished when assistance ends (S-20)."""
    data: events.AssistanceAbolished = event.data
    closing = case.closing
    if data.cause is events.AbolitionCause.OWN_EMPLOYMENT:
        return why.THROUGH_OWN_EMPLOYMENT
    if data.cause is events.AbolitionCause.DEATH:
        return why.BY_DEATH
    if closing is None:
        return why.SUPPORT_NOT_ENDED
    if closing.basis is Basis.TEXT and closing.on <= event.occurred_on:
        return None
    return {"ended_on": closing.on, "abolished_on": event.occurred_on}


def not_by_death(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """6(2): nobody is left to inform; the case ends outside the text (S-20)."""
    return {} if event.data.cause is events.AbolitionCause.DEATH else None


def agency_after_employment(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """6(1): information is given together with the consultation agency."""
    if ("inform_after_employment", "") not in case.duties:
        return why.NOTHING_OWED_AFTER_EMPLOYMENT
    return {} if event.data.agency is None else None


def agency_unfinished(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """6(2): information is given together with the consultation agency."""
    if ("inform_unfinished", "") not in case.duties:
        return why.NOTHING_OWED_UNFINISHED
    return {} if event.data.agency is None else None


def attempt_after_employment(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """6(1): a person who found work can be reached; an attempt is not enough (S-20)."""
    if ("inform_after_employment", "") not in case.duties:
        return why.NOTHING_OWED_AFTER_EMPLOYMENT
    return {"cause": case.abolition_cause} if event.data.attempted_only else None


def attempt_unfinished(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """6(2): an attempt is enough only where the person cannot be found (S-20)."""
    if ("inform_unfinished", "") not in case.duties:
        return why.NOTHING_OWED_UNFINISHED
    if not event.data.attempted_only or case.abolition_cause is events.AbolitionCause.WHEREABOUTS_UNKNOWN:
        return None
    return {"cause": case.abolition_cause}


def sharing_consented(case: SaitamaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """6(2), and 6(1) too: handing personal data to the agency needs a consent of its own (S-19)."""
    data: events.InformationGiven = event.data
    if not data.personal_data_shared:
        return why.NOTHING_SHARED
    return None if data.sharing_consented else {"agency": data.agency}
