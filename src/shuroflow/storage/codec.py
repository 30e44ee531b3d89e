"""The bytes of one stored line ↔ :class:`~shuroflow.events.Event`.

Two ways lead from a line to an event and they accept exactly the same lines. The quick way is what an
audit of millions of lines pays for: for each attrs class a strict ``msgspec`` struct with the same
fields is made once (it refuses unknown fields, which msgspec cannot do for attrs classes) and a
generated function copies it into the attrs class. A line that the quick way refuses is read again the
patient way, which names every fault at its path. This module opens no file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

import attrs
import msgspec
from msgspec import Meta

from shuroflow.errors import InputError, UnknownEvent, UnknownProgramme
from shuroflow.events.envelope import SCHEMA, Actor, Aware, Digest, Event, Id, Name, Seq, about, part, payload_class
from shuroflow.events.shapes import MAX_SAFE, fields_of
from shuroflow.events.structure import Fault, input_error, structure_part, unstructure
from shuroflow.storage.quick import actor_of, builder_of, maker_of, quick_hint, struct_of

UPCASTERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""Earlier version of the stored form → what turns a line of it into one of the next version. None so far."""

Batch = Annotated[int, Meta(ge=2, le=MAX_SAFE)]
"""``batch`` of a line: how many lines, this one included, still belong to the same append; absent on the last."""


@part
class Line:
    """An event as one line of a journal. The fields stand in the order in which they are written."""

    batch: Batch | None = about("lines, this one included, that still belong to the same append", default=None)
    case_id: Id = about("id of the case")
    commitment: Digest | None = about("salted commitment to a paper kept apart", default=None)
    data: dict[str, Any] = about("payload of this kind of event")
    event: Name = about("name of the event, past tense")
    hash: str | None = about("hash of this entry, where another tool wrote one", default=None)
    key: str | None = about("idempotency key of the append", default=None)
    note: str | None = about("free remark", default=None)
    occurred_on: date = about("the day it happened")
    prev: str | None = about("hash of the event before it in the case, set by the journal", default=None)
    programme: Name = about("code of the programme")
    recorded_at: Aware = about("the moment it was written down, with its offset from UTC")
    recorded_by: Actor = about("who wrote it down")
    schema: Literal[1] = about("version of the stored form")
    seq: Seq = about("position in the case, from 1, without a gap")


# ---------------------------------------------------------------- the quick way in


def _line_decoder(plain: bool) -> msgspec.json.Decoder[Any]:
    """Decoder of the envelope; ``programme`` and ``event`` carry no pattern, for the table of kinds must know them."""
    quick: dict[str, Any] = {"data": msgspec.Raw, "programme": str, "event": str}
    columns = []
    for field in fields_of(Line):
        hint = quick.get(field.name) or quick_hint(field.shape, plain)
        columns.append((field.name, hint) if field.default is attrs.NOTHING else (field.name, hint, field.default))
    struct = msgspec.defstruct("Line", columns, forbid_unknown_fields=True, frozen=True, gc=False, kw_only=True)
    return msgspec.json.Decoder(struct)


_FIELDS = {name: f"line.{name}" for name in attrs.fields_dict(Event)}
_FIELDS |= {"kind": "line.event", "recorded_by": "by", "data": "data"}
_event: Callable[[Any, Actor, Any], Event] = maker_of(Event, "line, by, data", _FIELDS, {"_cls": Event})
"""The event of a struct of its line, of who wrote it down and of its payload."""

_SAME = {name: f"event.{name}" for name in attrs.fields_dict(Event)}
with_prev: Callable[[Event, str], Event] = maker_of(Event, "event, prev", _SAME | {"prev": "prev"}, {"_cls": Event})
"""The event with its link set: every append pays for it, and ``attrs.evolve`` takes many times as long."""


class _Payloads(dict[tuple[str, str], tuple[Callable[[Any], Any], Callable[[Any], Any]]]):
    """(programme, event) → decoder of its data and builder of its payload, made when first asked for."""

    def __init__(self, plain: bool) -> None:
        super().__init__()
        self._plain = plain

    def __missing__(self, key: tuple[str, str]) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
        cls = payload_class(*key)
        made = self[key] = msgspec.json.Decoder(struct_of(cls, self._plain)).decode, builder_of(cls)
        return made


_plain_line, _full_line = _line_decoder(True), _line_decoder(False)
_decode_plain, _payloads_plain = _plain_line.decode, _Payloads(True)
_decode_full, _payloads_full = _full_line.decode, _Payloads(False)
_decode_all_plain, _decode_all_full = _plain_line.decode_lines, _full_line.decode_lines


def decode(line: bytes | str) -> Event:
    """The event that one line holds (with or without its line end).

    ``recorded_at`` keeps its offset; fractions of a second are kept to the microsecond. Of a key that stands twice in
    an otherwise faultless object the last value counts, as in most readers of JSON.

    Raises:
        UnknownProgramme: if no programme of that code is registered.
        UnknownEvent: if the programme has no such event.
        InputError: for anything else that is wrong; ``problems`` lists every fault.
    """
    try:
        # An escape or a DEL is a number here: looking for one byte by its number is what bytes do fastest.
        if (92 in line or 127 in line) if isinstance(line, bytes) else ("\\" in line or "\x7f" in line):
            found, payloads = _decode_full(line), _payloads_full
        else:
            found, payloads = _decode_plain(line), _payloads_plain
        decode_data, build = payloads[found.programme, found.event]
        return _event(found, actor_of(found.recorded_by), build(decode_data(found.data)))
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: broken UTF-8, and our own InputError
        return event_from(_parse(line))


def decode_all(block: bytes, lines: Sequence[bytes]) -> list[Event] | None:
    """The events of a block that joins these lines, a line end behind each; ``None`` if one must be looked at.

    That is so if :func:`decode` refuses it, and if a line does not begin and end with a brace. No line end between two
    braces can stand within one value, so as many values as lines are one on each.
    """
    try:
        if 92 in block or 127 in block:  # see decode
            values, payloads = _decode_all_full(block), _payloads_full
        else:
            values, payloads = _decode_all_plain(block), _payloads_plain
        if len(values) != len(lines) or b"" in lines or [line for line in lines if line[0] != 123 or line[-1] != 125]:
            return None  # the numbers are those of the braces
        events: list[Event] = []
        before: Any = None
        actor: Any = None
        for found in values:
            decode_data, build = payloads[found.programme, found.event]
            by = found.recorded_by
            if by != before:  # neighbouring events of a case have mostly one author
                before, actor = by, actor_of(by)
            events.append(_event(found, actor, build(decode_data(found.data))))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return events


# ---------------------------------------------------------------- the patient way in


_RESTORE = "restore the line from a backup, or take it from its source again"
"""What is to be done about a line that is damaged: what stood there cannot be told from what is left."""


def _parse(line: bytes | str) -> Any:
    """The JSON value of the line; refuses what the quick way refuses, and keys that stand twice."""
    try:
        text = line.decode() if isinstance(line, bytes) else line
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8") from None
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            names = [name for name, _ in found]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return made

    import json  # only the patient way needs it

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        column = len(text[: error.pos].encode(errors="replace")) + 1
        what = error.msg.removesuffix(" at").removesuffix(" starting")  # where, is said before it
        raise InputError(f"not JSON (byte {column} of the line): {what}; {_RESTORE}") from None
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits, thousands of open brackets
        raise InputError(f"not JSON that can be read: {error}; {_RESTORE}") from None
    if twice:
        case_id = value.get("case_id") if isinstance(value, dict) else None
        faults = [Fault(name, "this key stands twice in one object; keep one") for name in twice]
        raise input_error(faults, case_id=case_id if isinstance(case_id, str) else None)
    return value


def event_from(value: Any) -> Event:
    """The event that a parsed line holds; older versions of the stored form are brought up to date first.

    Raises:
        UnknownProgramme: if no programme of that code is registered.
        UnknownEvent: if the programme has no such event.
        InputError: for anything else that is wrong; ``problems`` lists every fault.
    """
    if not isinstance(value, dict):
        raise InputError("expected an object with the fields of an event; one event stands on one line")
    case_id = value.get("case_id") if isinstance(value.get("case_id"), str) else None
    value = _upcast(value, case_id)
    envelope, faults = structure_part(Line, {**value, "data": {}} if "data" in value else value, path="")
    kind: type[InputError] = InputError
    payload = None
    programme, event = value.get("programme"), value.get("event")
    if isinstance(programme, str) and isinstance(event, str):
        try:
            cls = payload_class(programme, event)
        except (UnknownProgramme, UnknownEvent) as error:
            kind = type(error)
            where = error.field or "event"
            faults = [Fault(where, error.message), *(fault for fault in faults if fault.path != where)]
        else:
            if "data" in value:
                payload, more = structure_part(cls, value["data"], path="data")
                faults += more
    if faults:
        raise input_error(faults, case_id=case_id, kind=kind)
    return Event(
        case_id=envelope.case_id,
        seq=envelope.seq,
        programme=envelope.programme,
        kind=envelope.event,
        occurred_on=envelope.occurred_on,
        recorded_at=envelope.recorded_at,
        recorded_by=envelope.recorded_by,
        data=payload,
        note=envelope.note,
        key=envelope.key,
        prev=envelope.prev,
        hash=envelope.hash,
        commitment=envelope.commitment,
    )


def _upcast(value: dict[str, Any], case_id: str | None) -> dict[str, Any]:
    version = value.get("schema", SCHEMA)  # a missing one is told with the other missing fields
    while type(version) is int and version in UPCASTERS:
        value = UPCASTERS[version](value)
        version = value["schema"]
    if type(version) is not int or version != SCHEMA:
        known = ", ".join(map(str, sorted({*UPCASTERS, SCHEMA})))
        fault = Fault("schema", f"version {version!r} of the stored form is not known; known versions: {known}")
        raise input_error([fault], case_id=case_id)
    return value


# ---------------------------------------------------------------- the way out

_dumps = msgspec.json.Encoder(order="sorted").encode

_latest: tuple[Event, bytes] | None = None
"""The event encoded last and its bytes: a desk checks an event before it judges it, the journal then writes it."""


def encode(event: Event) -> bytes:
    """The canonical bytes of an event, without a line end.

    Canonical: keys sorted at every level, no blanks, text as it is (no escape but those JSON demands), fields at
    their default left out, the offset of ``recorded_at`` in digits. The bytes are those of ``json.dumps`` with
    ``ensure_ascii=False, sort_keys=True, separators=(",", ":")``, and of RFC 8785. What would be written is read back
    and compared first, so nothing gets out that would not come in again as the same event.

    Raises:
        InputError: if the event holds a wrong type or value; ``problems`` lists every fault.
    """
    global _latest  # noqa: PLW0603 - one reference, set and read whole; events are immutable
    latest = _latest
    if latest is not None and latest[0] is event:
        return latest[1]
    at, day, by, data = event.recorded_at, event.occurred_on, event.recorded_by, event.data
    # The encoder writes a day and a moment as isoformat does, and sooner; but Z where there is no offset from UTC.
    value: dict[str, Any] = {
        "case_id": event.case_id,
        "data": unstructure(data) if hasattr(type(data), "__attrs_attrs__") else data,
        "event": event.kind,
        "occurred_on": day if type(day) is date else _told(day),
        "programme": event.programme,
        "recorded_at": at if type(at) is datetime and at.utcoffset() else _told(at),
        "recorded_by": {"id": by.id, "role": by.role} if isinstance(by, Actor) else by,
        "schema": SCHEMA,
        "seq": event.seq,
    }
    if event.note is not None:
        value["note"] = event.note
    if event.key is not None:
        value["key"] = event.key
    if event.prev is not None:
        value["prev"] = event.prev
    if event.hash is not None:
        value["hash"] = event.hash
    if event.commitment is not None:
        value["commitment"] = event.commitment
    try:
        line = _dumps(value)
    except (TypeError, ValueError, OverflowError) as error:  # a value JSON has no form for: say which
        event_from(value)
        raise InputError(f"cannot be written as JSON: {error}", case_id=event.case_id) from None
    back = decode(line)
    if not back == event:  # noqa: SIM201 - the way through __ne__ is longer
        event_from({**value, "recorded_at": _told(at)})  # says it of an offset with seconds, which was written without
        fault = Fault(_difference(event, back, ""), "would not read back as it is: its type is not that of the field")
        raise input_error([fault], case_id=back.case_id)
    _latest = (event, line)
    return line


def _told(moment: Any) -> Any:
    """A day or a moment in the form of ISO 8601; anything else as it is."""
    return moment.isoformat() if isinstance(moment, date) else moment


CHAINED = "rfc6962:"


@functools.cache
def _leaf() -> Any:
    """SHA-256 over a zero byte, to go on from: a copy of it is there sooner than a new one."""
    from hashlib import sha256  # when first asked for: loading it is a tenth of the time the whole library takes

    return sha256(b"\x00")


def leaf_hash(body: bytes) -> bytes:
    """The hash of an event as a leaf of a Merkle tree (RFC 6962): SHA-256 over a zero byte and the body."""
    state = _leaf().copy()
    state.update(body)
    digest: bytes = state.digest()
    return digest


def link(body: bytes) -> str:
    """What the next event of the case carries as ``prev``: the leaf hash of the body before it."""
    return CHAINED + leaf_hash(body).hex()


def chain_holds(events: Sequence[Event], bodies: Sequence[bytes]) -> bool:
    """Does every event of a case, from its first, link to the body before it, if it carries a link of ours?"""
    from hashlib import sha256

    before: bytes | None = None
    for event, body in zip(events, bodies, strict=True):
        prev = event.prev
        if (
            prev is not None
            # `link`, without its price a million times
            and (before is None or prev != CHAINED + sha256(b"\x00" + before).hexdigest())
            and is_link(prev)
        ):
            return False
        before = body
    return True


def is_link(prev: str | None) -> bool:
    """Is it a link of ours? A ``prev`` in another form was written by another tool and is not interpreted."""
    return prev is not None and prev.startswith(CHAINED)


def canonical(line: bytes | str) -> bytes:
    """The canonical bytes of one stored line, whatever its order of keys and blanks; ``batch`` is no part of them.

    Raises:
        InputError: if the line is no JSON object.
    """
    value = _parse(line)
    if not isinstance(value, dict):
        raise InputError("expected an object with the fields of an event; one event stands on one line")
    value.pop("batch", None)
    return _dumps(value)


def _difference(given: Any, back: Any, path: str) -> str:
    """Path of the first value that differs (the file's name for it)."""
    if type(given) is type(back) and attrs.has(type(given)):
        for attribute in attrs.fields(type(given)):
            one, other = getattr(given, attribute.name), getattr(back, attribute.name)
            if one != other:
                name = "event" if not path and attribute.name == "kind" else attribute.name
                return _difference(one, other, f"{path}.{name}" if path else name)
    if isinstance(given, tuple) and isinstance(back, tuple):
        for index, (one, other) in enumerate(zip(given, back, strict=False)):
            if one != other:
                return _difference(one, other, f"{path}[{index}]")
    return path


__all__ = [
    "UPCASTERS",
    "Batch",
    "Line",
    "canonical",
    "decode",
    "decode_all",
    "encode",
    "event_from",
    "is_link",
    "leaf_hash",
    "link",
    "with_prev",
]
