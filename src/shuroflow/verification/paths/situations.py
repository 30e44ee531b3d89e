"""Where a case can come to: what its events add up to, how far its days have come, and by which events it came there.

Two situations are the same if all that the folds left in the case is equal, the days have come equally far and the
same was told that the needs look at: then the judge cannot tell them apart, now or later. Nothing
coarser is used, so that looking at one of them is looking at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum
from functools import cache
from typing import Any

import attrs

from shuroflow.case import Case
from shuroflow.events import Event
from shuroflow.verification.paths.alphabet import Place
from shuroflow.vocabulary import State

Key = tuple[object, ...]


@attrs.define(eq=False)
class Situation:
    """A case on the way.

    ``start`` is what came before the exploration began: some events of a known history. ``before`` and ``event`` are
    the step that led here from another situation; a step without an event is a day that came. ``told`` is what
    the needs will look at. ``way`` are the states that were passed. ``after`` are the situations one step on,
    ``leaves`` the number of steps that are not followed, and ``ends`` says whether one step leads to an end state.
    """

    case: Case
    reached: Place
    opened: date
    state: State
    distance: int
    start: tuple[Event, ...] = ()
    before: Situation | None = None
    event: Event | None = None
    told: tuple[object, ...] = ()
    way: tuple[State, ...] = (State.NEW,)
    length: int = 0
    after: list[Situation] = attrs.field(factory=list)
    leaves: int = 0
    ends: bool = False

    def history(self) -> tuple[Event, ...]:
        """All events that led here, in order."""
        steps: list[Event] = []
        here: Situation | None = self
        while here is not None:
            if here.event is not None:
                steps.append(here.event)
            if here.before is None:
                return (*here.start, *reversed(steps))
            here = here.before
        raise AssertionError("a situation without a beginning")

    def key(self) -> Key:
        """What makes two situations the same."""
        return content(self.case), self.opened, self.reached, self.told

    def days(self) -> list[date]:
        """The days to come on which something about the case may change: each day it knows, and the day after."""
        known: set[date] = set()
        for value in _values(self.case):
            known |= {value} if isinstance(value, date) else set()
        if self.case.period is not None:
            known |= {self.case.period.start, self.case.period.end}
        for duty in self.case.duties.values():
            known |= {day for day in (duty.due, duty.in_time_until) if day is not None}
        after = {day + timedelta(days=1) for day in known if day < date.max}
        return sorted(day for day in known | after if day > self.reached[0])


def heard(told: tuple[object, ...], event: Event, listens: frozenset[str]) -> tuple[object, ...]:
    """What the needs will look at, with one more event: two situations in which it differs are not the same."""
    if event.kind not in listens:
        return told
    said = event.kind, event.occurred_on, event.data
    return told if told and told[-1] == said else (*told, said)


# ---------------------------------------------------------------- what a case holds, as a value

_LEFT_OUT = frozenset({"case_id", "version", "seq"})
"""Names and numbers of records: two cases that differ in nothing else are alike."""

_PLAIN: set[type] = {str, int, bool, date, type(None)}


def content(case: Case) -> object:
    """All that the folds have left in a case, as a value that can be compared and hashed."""
    return _frozen(case)


def _frozen(value: Any) -> object:
    cls = type(value)
    if cls in _PLAIN:
        return value
    if cls is list or cls is tuple:
        return tuple([each if type(each) in _PLAIN else _frozen(each) for each in value])
    if cls is dict:
        return frozenset([(key, each if type(each) in _PLAIN else _frozen(each)) for key, each in value.items()])
    if cls is set or cls is frozenset:
        return frozenset(value)
    if isinstance(value, Enum):
        _PLAIN.add(cls)
        return value
    if attrs.has(cls):
        names, numbered = _fields(cls)
        if not numbered and _is_value(cls):
            return value
        inner = [getattr(value, name) for name in names]
        return cls, *[each if type(each) in _PLAIN else _frozen(each) for each in inner]
    return value if _is_value(cls) else repr(value)


def _is_value(cls: Any) -> bool:
    """Does it compare and hash by what it holds?"""
    return cls.__hash__ is not None and cls.__hash__ is not object.__hash__


@cache
def _fields(cls: Any) -> tuple[tuple[str, ...], bool]:
    names = [field.name for field in attrs.fields(cls)]
    return tuple(name for name in names if name not in _LEFT_OUT), any(name in _LEFT_OUT for name in names)


def _values(case: Case) -> Iterator[Any]:
    cls: Any = type(case)
    for name in _fields(cls)[0]:
        yield getattr(case, name)


__all__ = ["Key", "Situation", "content", "heard"]
