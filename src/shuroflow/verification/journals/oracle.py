"""What a journal should hold, worked out a second way: the stored form, its bytes, the links between events.

Nothing here may use the codec or the helpers of the adapters: a mistake in those must not be repeated here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from enum import Enum
from typing import Any

import attrs

from shuroflow.events import Event


def stored(event: Event) -> dict[str, Any]:
    """The stored form of an event as a dictionary, by attrs' own way of taking objects apart."""
    form: dict[str, Any] = _taken_apart(event)
    form["event"] = form.pop("kind")
    return {"schema": 1, **form}


def _taken_apart(value: Any) -> Any:
    if attrs.has(type(value)):
        return {
            field.name: _taken_apart(getattr(value, field.name))
            for field in attrs.fields(type(value))
            if field.default is attrs.NOTHING or getattr(value, field.name) != field.default
        }
    if isinstance(value, (tuple, list)):
        return [_taken_apart(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _taken_apart(inner) for name, inner in value.items()}
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def canonical(form: Any) -> bytes:
    """The canonical bytes of a JSON value, by the standard library."""
    return json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def body_of(event: Event) -> bytes:
    """The bytes under which an event is stored."""
    return canonical(stored(event))


def link_to(event: Event) -> str:
    """What the next event of the case carries as ``prev``."""
    return "rfc6962:" + hashlib.sha256(b"\x00" + body_of(event)).hexdigest()


def as_recorded(events: Iterable[Event], *, last: Event | None = None, key: str | None = None) -> list[Event]:
    """The events as a journal records them in one append under ``key``: each linked to the one before it.

    ``last`` is the event, as recorded, at which the case stands before.
    """
    done = []
    for event in events:
        last = attrs.evolve(event, key=key, prev=link_to(last) if last is not None else None)
        done.append(last)
    return done


def unlinked(events: Iterable[Event]) -> list[Event]:
    """The events without their links, for promises that say nothing about links."""
    return [attrs.evolve(event, prev=None) for event in events]


__all__ = ["as_recorded", "body_of", "canonical", "link_to", "stored", "unlinked"]
