"""What an object-centric event log (OCEL 2.0) holds of a case: its objects, and which events touch them, in which part.

Objects are what events refer to: the case itself, people and offices in their roles, workplaces and providers, and what
has an id within the case (goals, issues, work trials, claims, other members of the household). Ids are made so that no
two objects share one. A qualifier is the name of the field that refers to the object; ``case`` and ``recorded_by`` come
from the envelope. This module knows no format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import attrs

from shuroflow.audit.exports.log import CaseLog, Step
from shuroflow.events import Actor
from shuroflow.events.envelope import Id
from shuroflow.events.shapes import Leaf, Many, Maybe, Part, Shape, fields_of

CASE = "case"
_SHARED = {
    "prior_case_id": CASE,
    "provider": "provider",
    "agency": "consultation_agency",
    "Specialist": "specialist",
    "TrainingProvider": "provider",
}
"""Field or part that refers to an object beyond the case → type of the object."""
_OWN = {"dropped": "goal"}
"""Field that refers to something with an id within the case → its type, where that is not the field's name."""


@attrs.frozen
class Thing:
    """An object: its id in the log, its type, and the id it has in the record."""

    id: str
    type: str
    name: str
    case_id: str | None = None
    """The case to which it belongs, if it belongs to one."""


@attrs.frozen
class Touch:
    """An event refers to an object."""

    thing: Thing
    qualifier: str


def case_thing(case_id: str) -> Thing:
    """The object that a case is."""
    return Thing(f"{CASE}:{case_id}", CASE, case_id)


def event_id(step: Step) -> str:
    """Unique in a log: no other case and event can make the same."""
    return f"{step.event.seq}@{step.event.case_id}"


def touches(step: Step) -> Iterator[Touch]:
    """The objects that an event refers to, each once for each part it plays in it."""
    event = step.event
    seen: dict[Touch, None] = {
        Touch(case_thing(event.case_id), CASE): None,
        Touch(_person(event.recorded_by), "recorded_by"): None,
    }
    for touch in _of_part(event.data, event.case_id, ""):
        seen.setdefault(touch)
    yield from seen


def states(case: CaseLog) -> Iterator[tuple[Step, str]]:
    """Each step at which the case comes into another state, with that state."""
    last = None
    for step in case.steps:
        if step.after is not None and step.after is not last:
            last = step.after
            yield step, last.value


def _person(actor: Actor) -> Thing:
    return Thing(f"{actor.role.value}:{actor.id}", actor.role.value, actor.id)


def _of_part(value: Any, case_id: str, path: str) -> Iterator[Touch]:
    cls: Any = type(value)
    for name, shape in _referring(cls):
        yield from _of_field(getattr(value, name), shape, case_id, f"{path}{name}")


def _of_field(value: Any, shape: Shape, case_id: str, path: str) -> Iterator[Touch]:
    if value is None:
        return
    name = path.rpartition(".")[2]
    match shape:
        case Maybe(of):
            yield from _of_field(value, of, case_id, path)
        case Many(of):
            for each in value:
                yield from _of_field(each, of, case_id, path)
        case Part() if isinstance(value, Actor):
            yield Touch(_person(value), path)
        case Part(cls) if _has_id(cls):
            yield Touch(_thing(_type_of(cls), cls.__name__, value.id, case_id), path)
        case Part():
            yield from _of_part(value, case_id, f"{path}.")
        case Leaf():
            yield Touch(_thing(_OWN.get(name, name), name, value, case_id), path)


def _thing(kind: str, name: str, own_id: str, case_id: str) -> Thing:
    if name in _SHARED:
        kind = _SHARED[name]
        return Thing(f"{kind}:{own_id}", kind, own_id)
    scope = case_id.replace("%", "%25").replace("/", "%2F")  # so that the first slash ends it
    return Thing(f"{kind}:{scope}/{own_id}", kind, own_id, case_id)


def _has_id(cls: type) -> bool:
    return any(field.name == "id" and field.shape == Leaf(Id) for field in fields_of(cls))


def _type_of(cls: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@cache
def _referring(cls: type) -> tuple[tuple[str, Shape], ...]:
    """The fields of a class that can refer to an object."""
    return tuple((field.name, field.shape) for field in fields_of(cls) if _refers(field.shape))


def _refers(shape: Shape) -> bool:
    match shape:
        case Maybe(of) | Many(of):
            return _refers(of)
        case Part(cls):
            return cls is Actor or _has_id(cls) or any(_refers(field.shape) for field in fields_of(cls))
        case Leaf():
            return shape == Leaf(Id)
    return False


__all__ = ["CASE", "Thing", "Touch", "case_thing", "event_id", "states", "touches"]
