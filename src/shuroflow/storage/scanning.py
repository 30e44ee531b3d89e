"""What a journal must know of a body that is given to it as it stands, at a fraction of the price of the event.

:func:`scan` accepts exactly what :func:`~shuroflow.storage.codec.decode` accepts and :func:`is_canonical` holds for; it
checks every field of envelope and payload and builds neither. A body that it does not take the quick way is looked at
again the patient way, which names the fault.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from shuroflow.errors import InputError
from shuroflow.events.envelope import payload_class
from shuroflow.events.shapes import Many, Maybe, Part, Plain, Shape, fields_of
from shuroflow.storage.codec import _decode_plain, _payloads_plain, canonical, decode

_loads = msgspec.json.Decoder().decode
_dumps = msgspec.json.Encoder(order="sorted").encode


class Scanned(NamedTuple):
    """The fields that a journal goes by; days and moments as ISO 8601 writes them."""

    case_id: str
    seq: int
    programme: str
    kind: str
    occurred_on: str
    recorded_at: str
    key: str | None
    prev: str | None


class _Checks(dict[tuple[str, str], Callable[[Any], Any] | None]):
    """(programme, event) → what checks its data; none where there are plain values, which only the event checks."""

    def __missing__(self, key: tuple[str, str]) -> Callable[[Any], Any] | None:
        check = None if _holds_plain(Part(payload_class(*key))) else _payloads_plain[key][0]
        self[key] = check
        return check


_checks = _Checks()


def _holds_plain(shape: Shape) -> bool:
    match shape:
        case Plain():
            return True
        case Part(cls):
            return any(_holds_plain(field.shape) for field in fields_of(cls))
        case Many(of) | Maybe(of):
            return _holds_plain(of)
    return False


def is_canonical(body: bytes) -> bool:
    """Are these the canonical bytes of their JSON value? That they are an event is not asked."""
    return _dumps(_loads(body)) == body


def scan(body: bytes) -> Scanned:
    """The fields of a canonical body that is an event.

    Raises:
        InputError: if it is no event, or not canonical; ``problems`` lists every fault.
    """
    try:
        # An escape or a DEL (see decode): a text may hold what an id may not.
        if 92 not in body and 127 not in body:
            found = _decode_plain(body)
            check = _checks[found.programme, found.event]
            value = _loads(body)
            if check is not None and _dumps(value) == body and found.batch is None:
                check(found.data)
                return Scanned(
                    found.case_id,
                    found.seq,
                    found.programme,
                    found.event,
                    value["occurred_on"],
                    _moment(value["recorded_at"], found.recorded_at),
                    found.key,
                    found.prev,
                )
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    event = decode(body)
    if canonical(body) != body:
        said = "is not in canonical form: keys sorted, no blanks, no escapes but those JSON demands, no `batch`"
        raise InputError(f"event {event.seq} {said}", case_id=event.case_id)
    day, moment = event.occurred_on.isoformat(), event.recorded_at.isoformat()
    return Scanned(event.case_id, event.seq, event.programme, event.kind, day, moment, event.key, event.prev)


def _moment(text: str, moment: datetime) -> str:
    """The moment as Python writes it; most are written that way already."""
    usual = len(text) == 25 and text[10] == "T" and text[19] in "+-" and text[19:] != "-00:00"
    return text if usual else moment.isoformat()


__all__ = ["Scanned", "is_canonical", "scan"]
