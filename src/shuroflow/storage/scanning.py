"""What a journal must know of bodies that are given to it as they stand, at a fraction of the price of the events.

:func:`scan` accepts exactly what :func:`~shuroflow.storage.codec.decode` accepts and :func:`is_canonical` holds for; it
checks every field of envelope and payload and builds no event. Many bodies are looked at in one go: read as lines of
one text into structs, and written again. Only what is canonical comes out as the bytes that went in, and a line that
holds no line end comes out at its place. What is not taken so is looked at again the patient way, body by body, which
names the fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import attrs
import msgspec
from msgspec import Raw, Struct

from shuroflow.errors import InputError
from shuroflow.events.envelope import Aware, payload_class
from shuroflow.events.shapes import Many, Maybe, Part, Plain, Shape, fields_of
from shuroflow.storage.codec import Line, canonical, decode
from shuroflow.storage.quick import quick_hint, struct_of

BLOCK = 500
"""Bodies that are looked at in one go: enough to make little of the calls, few enough to look at one by one again."""

_dumps = msgspec.json.Encoder(order="sorted").encode
_lines = msgspec.json.Encoder(order="sorted").encode_lines
_loads = msgspec.json.Decoder().decode
_days = msgspec.json.Decoder(list[date]).decode
_moments = msgspec.json.Decoder(list[Aware]).decode


class Scanned(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename={"kind": "event"}):
    """The fields that a journal goes by; days and moments as ISO 8601 writes them."""

    case_id: str
    seq: int
    programme: str
    kind: str
    occurred_on: str
    recorded_at: str
    key: str | None = None
    prev: str | None = None


def _envelope() -> Any:
    """All that a line may hold, as a struct: the data unread, the day and the moment as they are written."""
    taken = {"data": Raw, "programme": str, "event": str, "occurred_on": str, "recorded_at": str}
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field in fields_of(Line):
        if field.name == "batch":  # what a file says of its appends, and no part of the canonical form
            continue
        name, hint = "kind" if field.name == "event" else field.name, taken.get(field.name)
        hint = hint or quick_hint(field.shape, True)
        fields.append((name, hint) if field.default is attrs.NOTHING else (name, hint, field.default))
    made: Any = msgspec.defstruct(
        "Envelope",
        fields,
        bases=(Scanned,),
        forbid_unknown_fields=True,
        frozen=True,
        gc=False,
        kw_only=True,
        omit_defaults=True,
        rename={"kind": "event"},
    )
    return made


_envelopes = msgspec.json.Decoder(_envelope()).decode_lines


class _Payloads(dict[tuple[str, str], Any]):
    """(programme, event) → what reads its data, one a line; none where plain values are among them: see _patient."""

    def __missing__(self, key: tuple[str, str]) -> Any:
        cls = payload_class(*key)
        read = None if _holds_plain(Part(cls)) else msgspec.json.Decoder(struct_of(cls, True)).decode_lines
        self[key] = read
        return read


_payloads = _Payloads()


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


def scan(bodies: Sequence[bytes]) -> list[Scanned]:
    """The fields of canonical bodies that are events, in their order.

    Raises:
        InputError: if one is no event, or not canonical; it is about the first such, and ``problems`` lists its faults.
    """
    found: list[Scanned] = []
    for start in range(0, len(bodies), BLOCK):
        found += _block(bodies[start : start + BLOCK])
    return found


def _block(bodies: Sequence[bytes]) -> Sequence[Scanned]:
    # With an escape or a DEL a text may hold what an id may not (see decode); they are few.
    plain = [92 not in body and 127 not in body for body in bodies]
    quick = _quick([body for body, is_plain in zip(bodies, plain, strict=True) if is_plain])
    if quick is None:
        return [_patient(body) for body in bodies]
    if len(quick) == len(bodies):
        return quick
    rest = iter(quick)
    return [next(rest) if is_plain else _patient(body) for body, is_plain in zip(bodies, plain, strict=True)]


def _quick(bodies: Sequence[bytes]) -> Sequence[Scanned] | None:
    """The fields of canonical bodies; none if any of them has to be looked at the patient way."""
    text = b"\n".join((*bodies, b""))
    try:
        found = _envelopes(text)
        # As many as there are bodies, each a line, and each line as it was: so each of them is what one body holds.
        if len(found) != len(bodies) or _lines(found) != text:
            return None
        patient = _checked(found)
        days = _dumps([each.occurred_on for each in found])
        if _dumps(_days(days)) != days:
            return None
        written = _dumps([each.recorded_at for each in found])
        moments = _moments(written)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: broken UTF-8, and our own InputError
        return None
    if b"Z" in written or _dumps(moments) != written:  # UTC has two forms, and Python's is the other
        found = [_at(each, moment) for each, moment in zip(found, moments, strict=True)]
    if patient:
        pairs = zip(found, bodies, strict=True)
        found = [_patient(body) if (each.programme, each.kind) in patient else each for each, body in pairs]
    return found


def _checked(found: Sequence[Any]) -> set[tuple[str, str]]:
    """Hold the data of all to what their events demand; the kinds that nothing here can check.

    Raises:
        ValueError: if data are wrong, or not canonical.
    """
    of_kind: dict[tuple[str, str], list[Raw]] = defaultdict(list)
    for each in found:
        of_kind[each.programme, each.kind].append(each.data)
    patient = set()
    for kind, data in of_kind.items():
        read = _payloads[kind]
        if read is None:
            patient.add(kind)
        else:
            text = b"\n".join((*data, b""))
            values = read(text)
            if len(values) != len(data) or _lines(values) != text:
                raise ValueError("not canonical")
    return patient


def _at(found: Scanned, moment: datetime) -> Scanned:
    """With the moment as Python writes it; most are written that way already."""
    text = moment.isoformat()
    return found if found.recorded_at == text else msgspec.structs.replace(found, recorded_at=text)


def _patient(body: bytes) -> Scanned:
    event = decode(body)
    if canonical(body) != body:
        said = "is not in canonical form: keys sorted, no blanks, no escapes but those JSON demands, no `batch`"
        raise InputError(f"event {event.seq} {said}", case_id=event.case_id)
    return Scanned(
        case_id=event.case_id,
        seq=event.seq,
        programme=event.programme,
        kind=event.kind,
        occurred_on=event.occurred_on.isoformat(),
        recorded_at=event.recorded_at.isoformat(),
        key=event.key,
        prev=event.prev,
    )


__all__ = ["Scanned", "is_canonical", "scan"]
