"""Scanning bodies: it accepts what decoding accepts, if it is canonical, and says the same of each, however many."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.storage.codec import UPCASTERS, canonical, decode, encode
from shuroflow.storage.lines import body_of
from shuroflow.storage.scanning import BLOCK, Scanned, is_canonical, scan
from shuroflow.verification.journals.events import any_event, example

GOLDEN = Path(__file__).parent / "golden" / "schema-1.jsonl"


Fields = tuple[object, ...]


def the_long_way(body: bytes) -> Fields | None:
    """The fields by way of the event; none where it cannot be used."""
    try:
        event = decode(body)
        if canonical(body) != body:
            return None
    except InputError:
        return None
    moment = event.recorded_at.isoformat()
    kind, day = event.kind, event.occurred_on.isoformat()
    return event.case_id, event.seq, event.programme, kind, day, moment, event.key, event.prev


def scanned(*bodies: bytes) -> list[Fields]:
    """What scanning the bodies in one go says of each."""
    return [tuple(getattr(each, name) for name in Scanned.__struct_fields__) for each in scan(bodies)]


def agree(*bodies: bytes) -> None:
    """Both ways take them all, and say the same of each, or neither does."""
    wanted = [the_long_way(body) for body in bodies]
    if None in wanted:
        with pytest.raises(InputError):
            scan(bodies)
    else:
        assert wanted == scanned(*bodies)


@given(any_event)
def test_any_event(event: Any) -> None:
    """Of every body that a journal writes."""
    body = encode(event)
    assert is_canonical(body)
    assert [the_long_way(body)] == scanned(body)


def test_the_golden_journal() -> None:
    """Of every line of an earlier release."""
    bodies = [body_of(raw) for raw in GOLDEN.read_bytes().splitlines(keepends=True)]
    assert [the_long_way(body) for body in bodies] == scanned(*bodies)


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """The body of an event, with a byte changed, put in or taken out."""
    body = bytearray(encode(draw(any_event)))
    at = draw(st.integers(0, len(body) - 1))
    match draw(st.sampled_from(["change", "insert", "remove"])):
        case "change":
            body[at] = draw(st.integers(0, 255))
        case "insert":
            body.insert(at, draw(st.sampled_from([*b' ,:"{}[]0ee\\-.\n', 0x7F, 0xFF])))
        case _:
            del body[at]
    return bytes(body)


@given(changed())
def test_any_change(body: bytes) -> None:
    """Of a body with a byte changed, put in or taken out, both ways think alike."""
    agree(body)


@given(st.lists(any_event.map(encode) | changed(), max_size=8))
def test_many_at_once(bodies: list[bytes]) -> None:
    """Of many bodies, sound ones among others, it says what it says of each alone."""
    agree(*bodies)


@given(st.lists(any_event.map(encode), min_size=1, max_size=4), st.data())
def test_other_borders(bodies: list[bytes], data: st.DataObject) -> None:
    """Events whose bytes are parted elsewhere than between two of them are none, whatever the number of the parts."""
    text = b"\n".join(bodies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=len(bodies) + 1)))
    agree(*(text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)))


def test_as_many_lines_as_bodies() -> None:
    """A line too many in one body does not make up for one that is torn over two."""
    one = encode(example())
    torn = one.replace(b'"data":{', b'"data":{\n', 1).partition(b"\n")
    for bodies in (
        [one + b"\n" + one, torn[0], torn[2]],
        [torn[0], torn[2], one + b"\n" + one],
        [one + b"\n" + one, b""],
    ):
        agree(*bodies)


@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1])
def test_any_number(count: int) -> None:
    """Every body is looked at, and comes out at its place; the first fault is told, wherever it stands."""
    bodies = [encode(attrs.evolve(example(), seq=seq)) for seq in range(1, count + 1)]
    assert [*range(1, count + 1)] == [each.seq for each in scan(bodies)]
    for at in {0, count // 2, count - 1} if count else set():
        with pytest.raises(InputError, match=f"event {at + 1} is not in canonical form"):
            scan([body.replace(b":", b": ", 1) if number >= at else body for number, body in enumerate(bodies)])


def test_what_takes_longer_stands_at_its_place() -> None:
    """Bodies that are looked at one by one, among others: escapes, plain values, a moment that is written otherwise."""
    events = [attrs.evolve(example(), seq=seq) for seq in range(1, 9)]
    events[1] = attrs.evolve(events[1], note='a "word"\n')
    events[4] = attrs.evolve(events[4], recorded_at=datetime(2025, 4, 3, 15, tzinfo=UTC))
    bodies = [encode(event) for event in events]
    plain = {**json.loads(bodies[5]), "event": "corrected", "data": corrected({"reason": "x"})}
    bodies[5] = compact(plain).encode()
    assert [the_long_way(body) for body in bodies] == scanned(*bodies)


FORMS: dict[str, Any] = {
    "blanks": lambda value: json.dumps(value, sort_keys=True),
    "order": lambda value: json.dumps(dict(reversed(value.items())), separators=(",", ":")),
    "escapes": lambda value: json.dumps({**value, "note": "神"}, sort_keys=True, separators=(",", ":")),
    "batch": lambda value: compact({**value, "batch": 2}),
    "a default": lambda value: compact({**value, "note": None}),
    "UTC": lambda value: compact({**value, "recorded_at": "2025-04-03T15:04:05Z"}),
    "minus nought": lambda value: compact({**value, "recorded_at": "2025-04-03T15:04:05-00:00"}),
    "a fraction": lambda value: compact({**value, "recorded_at": "2025-04-03T15:04:05.5+09:00"}),
    "a key twice": lambda value: compact(value)[:-1] + ',"seq":1}',
    "no offset": lambda value: compact({**value, "recorded_at": "2025-04-03T15:04:05"}),
    "unknown key": lambda value: compact({**value, "zzz": 1}),
    "unknown event": lambda value: compact({**value, "event": "lissted"}),
    "unknown programme": lambda value: compact({**value, "programme": "osaka"}),
    "wrong data": lambda value: compact({**value, "data": {"reason": 1}}),
    "another version": lambda value: compact({**value, "schema": 0}),
    "control character": lambda value: compact({**value, "case_id": "a\x7f"}),
    "a text": lambda value: '"text"',
    "nothing": lambda value: "",
    "corrected with a float": lambda value: compact(
        {**value, "event": "corrected", "data": corrected({"reason": 1.5})}
    ),
    "corrected": lambda value: compact({**value, "event": "corrected", "data": corrected({"reason": "x"})}),
}


def compact(value: Any) -> str:
    """Canonical JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def corrected(data: dict[str, Any]) -> dict[str, Any]:
    """The data of a correction."""
    return {"approved_by": {"id": "sv-01", "role": "supervisor"}, "data": data, "reason": "slip", "seq": 1}


@pytest.mark.parametrize("form", FORMS)
def test_other_forms(form: str) -> None:
    """What other programs write, and what nobody should."""
    agree(FORMS[form](json.loads(encode(example()))).encode())


def test_an_older_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """A canonical body of an earlier version of the stored form is taken as it stands."""
    monkeypatch.setitem(UPCASTERS, 0, lambda value: {**value, "schema": 1})
    body = compact({**json.loads(encode(example())), "schema": 0}).encode()
    assert scanned(encode(example())) == scanned(body)


def test_the_moment_is_the_one_of_the_event() -> None:
    """However it is written, it comes out as Python writes it."""
    event = attrs.evolve(example(), recorded_at=datetime.fromisoformat("2025-04-03T15:04:05.000500-09:30"))
    assert "2025-04-03T15:04:05.000500-09:30" == scan([encode(event)])[0].recorded_at


def test_the_error_says_what_is_wrong() -> None:
    """Not canonical, or the fault of the event with its path."""
    with pytest.raises(InputError, match="event 1 is not in canonical form") as caught:
        scan([encode(example()).replace(b":", b": ", 1)])
    assert "case-1" == caught.value.case_id
    with pytest.raises(InputError) as caught:
        scan([encode(example()).replace('"求職中"'.encode(), b"1")])
    assert "data.reason" == caught.value.field
