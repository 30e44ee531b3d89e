"""What the judge says along a history in which one event is another: everything before it is folded once.

The same answers as the desk's own way (:class:`~shuroflow.caseload.held.Held`), many times as fast: the judge is asked
directly, and what was folded is copied and not folded again.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date
from enum import Enum
from functools import cache
from typing import Any

import attrs

from shuroflow.case import Case
from shuroflow.caseload.held import Held
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states import Judgement, Office, programme
from shuroflow.states.history import chronology
from shuroflow.verification.listening import unheard


class Line:
    """A history up to one of its events, ready to be carried on with another event in its place.

    Args:
        before: what comes before the event, in the order recorded.
        office: figures, calendar and settings.
    """

    def __init__(self, before: Sequence[Event], office: Office) -> None:
        self._before = tuple(before)
        self._office = office
        self._amended = any(isinstance(event.data, Corrected | Withdrawn) for event in before)
        self._base: Case | None = None
        self._reached = (date.min, 0)
        if not self._amended:
            self._fold_base()

    def _fold_base(self) -> None:
        reached = (date.min, 0)
        for event in self._before:
            place = programme(event.programme).current.place_of(event)
            if place < reached:
                return
            reached = place
        self._reached = reached
        for event in self._before:
            kind = programme(event.programme)
            self._base = self._base or kind.current.new_case(event.case_id)
            kind.edition_on(event.occurred_on).fold(self._base, event, self._office)

    def course(self, events: Sequence[Event]) -> list[Judgement]:
        """What the judge says of each of the events that follow, each on top of all before it.

        It counts for no coverage: nothing is put to any system here.
        """
        with unheard():
            return self._course(events)

    def _course(self, events: Sequence[Event]) -> list[Judgement]:
        if not events:
            return []
        if self._amended or any(isinstance(event.data, Corrected | Withdrawn) for event in events):
            return self._slowly(events)
        said: list[Judgement] = []
        kind = programme(events[0].programme)
        done = 0
        if self._base is not None or not self._before:
            case = kind.current.new_case(events[0].case_id) if self._base is None else copied(self._base)
            reached = self._reached
            for done, event in enumerate(events):  # noqa: B007 - how far it came is asked afterwards
                place = kind.current.place_of(event)
                if place < reached:
                    break
                reached = place
                edition = kind.edition_on(event.occurred_on)
                said.append(edition.judge(case, event, self._office))
                edition.fold(case, event, self._office)
            else:
                return said
        return [*said, *self._out_of_order(events, done)]

    def _out_of_order(self, events: Sequence[Event], start: int) -> list[Judgement]:
        kind = programme(events[0].programme)
        whole = [*self._before, *events]
        reached: list[Event] = []
        case: Case | None = None  # what those reached add up to
        said = []
        for at in range(len(self._before) + start, len(whole)):
            event = whole[at]
            order: list[Event] = []
            for each in chronology(whole[: at + 1], kind.current):
                if each is event:
                    break
                order.append(each)
            if case is None or order[: len(reached)] != reached:
                case, reached = self._begun(order, event.case_id)
            for each in order[len(reached) :]:
                kind.edition_on(each.occurred_on).fold(case, each, self._office)
            reached = order
            said.append(kind.edition_on(event.occurred_on).judge(case, event, self._office))
        return said

    def _begun(self, order: Sequence[Event], case_id: str) -> tuple[Case, list[Event]]:
        """A case that has come some way along the order, and how far."""
        before = list(self._before)
        if self._base is not None and order[: len(before)] == before:
            return copied(self._base), before
        return programme((order or self._before)[0].programme).current.new_case(case_id), []

    def _slowly(self, events: Sequence[Event]) -> list[Judgement]:
        held, said = Held(), []
        for event in self._before:
            held.take(event, self._office)
        for event in events:
            said.append(held.judge(event, self._office))
            held.take(event, self._office)
        return said


def copied(case: Case) -> Case:
    """A case that can be carried on without touching this one; what cannot change is shared."""
    whole: Case = _apart(case)
    return whole


_SHARED: set[type] = {str, int, bool, date, tuple, frozenset, type(None)}
"""Types of values that do not change; classes found to be made so are added as they are met."""


def _apart(value: Any) -> Any:
    cls = type(value)
    if cls in _SHARED:
        return value
    if cls is list:
        return [each if type(each) in _SHARED else _apart(each) for each in value]
    if cls is dict:
        return {key: each if type(each) in _SHARED else _apart(each) for key, each in value.items()}
    if cls is set:
        return set(value)
    if isinstance(value, Enum) or (attrs.has(cls) and cls.__hash__ not in {None, object.__hash__}):
        _SHARED.add(cls)  # an attrs class that hashes by its values is made not to change
        return value
    if not attrs.has(cls):
        return copy.deepcopy(value)
    whole = object.__new__(cls)
    for name in _fields(cls):
        inner = getattr(value, name)
        object.__setattr__(whole, name, inner if type(inner) in _SHARED else _apart(inner))
    return whole


@cache
def _fields(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cls))


__all__ = ["Line", "copied"]
