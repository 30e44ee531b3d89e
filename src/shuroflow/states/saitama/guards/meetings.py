"""Who sits at which table: 4(1) the selection, 4(5) an extension, 4(6) a conference."""

from __future__ import annotations

from shuroflow.events import Actor, Event
from shuroflow.states.judgement import Seen
from shuroflow.states.office import Office
from shuroflow.states.saitama.case import SaitamaCase
from shuroflow.vocabulary import Role

SELECTION_PARTIES = (Role.SUPERVISOR, Role.CASEWORKER, Role.SPECIALIST)
EXTENSION_PARTIES = (Role.SUPERVISOR, Role.CASEWORKER)
CONFERENCE_PARTIES = (Role.SUPERVISOR, Role.CASEWORKER, Role.HELLO_WORK, Role.SPECIALIST)


def _absent(parties: tuple[Role, ...], attendees: tuple[Actor, ...]) -> Seen | None:
    present = {attendee.role for attendee in attendees}
    if present.issuperset(parties):
        return None
    missing = [role for role in parties if role not in present]
    return {"missing": missing, "present": [attendee.role for attendee in attendees]}


def three_parties_consulted(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)②: supervisor, caseworker and specialist consult."""
    return _absent(SELECTION_PARTIES, event.data.attendees)


def one_person_one_role(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(1)②, 4(5), 4(6): nobody sits for two roles at one table (S-16)."""
    attendees: tuple[Actor, ...] = event.data.attendees
    if len({attendee.id for attendee in attendees}) == len(attendees):
        return None
    roles: dict[str, set[Role]] = {}
    for attendee in attendees:
        roles.setdefault(attendee.id, set()).add(attendee.role)
    double = sorted(person for person, taken in roles.items() if len(taken) > 1)
    return {"persons": double} if double else None


def extension_consulted(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(5): supervisor and caseworker consult on an extension."""
    return _absent(EXTENSION_PARTIES, event.data.attendees)


def specialist_at_extension(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(5): the specialist takes part too (S-10)."""
    return _absent((Role.SPECIALIST,), event.data.attendees)


def conference_parties(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(6): four parties hold the conference (S-15)."""
    return _absent(CONFERENCE_PARTIES, event.data.attendees)


def conference_evaluates(case: SaitamaCase, event: Event, office: Office) -> Seen | None:
    """4(6): the conference evaluates."""
    evaluation = event.data.evaluation
    return None if evaluation and evaluation.strip() else {}
