"""What the record of one case shows and no rule of a 要綱 says: one person in two roles, and a duty without a time.

These are observations. Where a rule says the same, it is the rule that is heard. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import attrs

from shuroflow.audit.questions import Owed
from shuroflow.case import Case
from shuroflow.events import Actor, Corrected, Event, Withdrawn
from shuroflow.states import Finding, Seen, Wording
from shuroflow.vocabulary import Role

TOLD_BY = "one_person_one_role"
"""The rule that speaks of one person in two roles at one table."""

_DOUBLE = Wording(
    ja="同じ職員コード({person})が二つ以上の役割で記録に現れます: {roles}",
    en="the id {person} is on record in more than one role: {roles}",
)
_OWN = Wording(
    ja="記録した人({person})が、その{what}を自ら承認しています",
    en="{person}, who recorded the {what}, also approved it",
)
_WHAT = {
    "corrected": Wording(ja="訂正", en="correction"),
    "withdrawn": Wording(ja="取消", en="withdrawal"),
}
_MOST = 3
"""Events of a role that are named; that there are more is said."""


@attrs.frozen
class Observation:
    """One thing that the record shows: the event by which it is seen, and the sentence with its values."""

    event: Event
    says: Wording
    values: Seen


def two_roles(entries: Sequence[Event], findings: Iterable[Finding]) -> Iterator[Observation]:
    """Ids that one case has in two roles, and corrections approved by who recorded them.

    An id is not told again where a rule has told of all its roles, as they met at a table. The person and the applicant
    are one.
    """
    told = {finding.seq: finding for finding in findings if finding.rule.code.endswith(f".{TOLD_BY}")}
    taken: dict[str, dict[Role, list[Event]]] = {}
    heard: dict[str, set[Role]] = {}
    for event in entries:
        for actor in actors(event):
            at = taken.setdefault(actor.id, {}).setdefault(_role(actor), [])
            if not at or at[-1] is not event:
                at.append(event)
        if event.seq in told:  # the rule speaks of who sat at the table, and not of who wrote it down
            for actor in getattr(event.data, "attendees", ()):
                if actor.id in told[event.seq].values.get("persons", ()):
                    heard.setdefault(actor.id, set()).add(_role(actor))
        data = event.data
        if isinstance(data, Corrected | Withdrawn) and data.approved_by.id == event.recorded_by.id:
            yield Observation(event, _OWN, {"person": data.approved_by.id, "what": _WHAT[event.kind]})
    for person, roles in taken.items():
        if len(roles) > 1 and not set(roles) <= heard.get(person, set()):
            second = sorted((at[0].seq, at[0]) for at in roles.values())[1][1]
            yield Observation(second, _DOUBLE, {"person": person, "roles": [_where(*each) for each in roles.items()]})


def _role(actor: Actor) -> Role:
    return Role.PERSON if actor.role is Role.APPLICANT else actor.role


def _where(role: Role, at: Sequence[Event]) -> Wording:
    numbers = [f"{event.seq}" for event in at[:_MOST]]
    more = len(at) > _MOST
    return Wording(
        ja=f"{role.label('ja')}(記録{'・'.join(numbers)}{'ほか' if more else ''})",
        en=f"{role.label('en')} (event {', '.join(numbers)}{' and more' if more else ''})",
    )


def actors(event: Event) -> Iterator[Actor]:
    """Everyone whom an event names in a role: who recorded it, and whoever its payload has."""
    yield event.recorded_by
    yield from _within(event.data)


def _within(value: Any) -> Iterator[Actor]:
    if isinstance(value, Actor):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _within(each)
    else:
        for name in _names(type(value)):
            yield from _within(getattr(value, name))


_NAMES: dict[type, tuple[str, ...]] = {}


def _names(cls: type) -> tuple[str, ...]:
    """The fields of a payload or a part of one; none of what is neither."""
    found = _NAMES.get(cls)
    if found is None:
        found = _NAMES[cls] = tuple(field.name for field in attrs.fields(cls)) if attrs.has(cls) else ()
    return found


def still_owed(
    owed: Owed, held: Sequence[Event], case: Case, findings: Iterable[Finding], as_of: date
) -> Iterator[Observation]:
    """A duty that is open in the case, with its days: to the day asked about, or to the end of the case.

    A duty that has lapsed is not open. No text says by when it is to be done, so that this is a figure and no fault.
    """
    duty = case.duties.get((owed.duty, ""))
    if duty is None or any(finding.rule.code == f"{case.programme}.{owed.unless}" for finding in findings):
        return
    closing = case.closing_on(as_of)
    until = as_of if closing is None else min(as_of, closing.on)
    days = (until - duty.arose_on).days
    event = next(event for event in held if event.seq == duty.seq)
    yield Observation(event, owed.says, {"on": duty.arose_on, "until": until, "days": days})


__all__ = ["TOLD_BY", "Observation", "actors", "still_owed", "two_roles"]
