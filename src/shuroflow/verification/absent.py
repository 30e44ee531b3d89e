"""Events of kinds that a programme does not know: no compliant history has one to vary, so they are made up.

対馬 knows no extension and 埼玉 no discontinuation; a system that takes one breaks the text, whatever is in the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import attrs

from shuroflow.events import Event
from shuroflow.events.envelope import payload_class
from shuroflow.events.shapes import Leaf, Many, Maybe, Part, Shape, bare, fields_of
from shuroflow.states import programme


def absent_events(before: Sequence[Event]) -> list[Event]:
    """One event of each kind that the programme does not know, on the day of the last one before it, by the same hand.

    Its payload says as little as it can.
    """
    last = before[-1]
    edition = programme(last.programme).edition_on(last.occurred_on)
    return [
        attrs.evolve(last, kind=kind, data=_made(payload_class(last.programme, kind), last.occurred_on), note=None)
        for kind in edition.absent
    ]


def _made(cls: type, today: date) -> Any:
    """An instance with its required fields alone."""
    required = {field.name: field.shape for field in fields_of(cls) if field.default is attrs.NOTHING}
    return cls(**{name: _least(shape, today) for name, shape in required.items()})


def _least(shape: Shape, today: date) -> Any:
    match shape:
        case Maybe():
            return None
        case Many():
            return ()
        case Part(cls):
            return _made(cls, today)
        case Leaf(hint):
            kind = bare(hint)
            if get_origin(kind) is Literal:
                return get_args(kind)[0]
            if isinstance(kind, type) and issubclass(kind, Enum):
                return next(iter(kind))
            return {bool: False, int: 1, date: today}.get(kind, "x")
    return {}


__all__ = ["absent_events"]
