"""Scanning a body: it accepts what decoding accepts, if it is canonical, and says the same of it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.storage.codec import UPCASTERS, canonical, decode, encode
from shuroflow.storage.lines import body_of
from shuroflow.storage.scanning import Scanned, is_canonical, scan
from shuroflow.verification.journals.events import any_event, example

GOLDEN = Path(__file__).parent / "golden" / "schema-1.jsonl"


def the_long_way(body: bytes) -> Scanned | None:
    """The same by way of the event; none where it cannot be used."""
    try:
        event = decode(body)
        if canonical(body) != body:
            return None
    except InputError:
        return None
    moment = event.recorded_at.isoformat()
    kind, day = event.kind, event.occurred_on.isoformat()
    return Scanned(event.case_id, event.seq, event.programme, kind, day, moment, event.key, event.prev)


def agree(body: bytes) -> None:
    """Both ways take it, and say the same, or neither does."""
    wanted = the_long_way(body)
    if wanted is None:
        with pytest.raises(InputError):
            scan(body)
    else:
        assert wanted == scan(body)


@given(any_event)
def test_any_event(event: Any) -> None:
    """Of every body that a journal writes."""
    body = encode(event)
    assert is_canonical(body)
    assert the_long_way(body) == scan(body)


def test_the_golden_journal() -> None:
    """Of every line of an earlier release."""
    for raw in GOLDEN.read_bytes().splitlines(keepends=True):
        assert the_long_way(body_of(raw)) == scan(body_of(raw))


@given(any_event, st.data())
def test_any_change(event: Any, data: st.DataObject) -> None:
    """Of a body with a byte changed, put in or taken out, both ways think alike."""
    body = bytearray(encode(event))
    at = data.draw(st.integers(0, len(body) - 1))
    match data.draw(st.sampled_from(["change", "insert", "remove"])):
        case "change":
            body[at] = data.draw(st.integers(0, 255))
        case "insert":
            body.insert(at, data.draw(st.sampled_from([*b' ,:"{}[]0ee\\-.', 0x7F, 0xFF])))
        case _:
            del body[at]
    agree(bytes(body))


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
    assert scan(encode(example())) == scan(body)


def test_the_moment_is_the_one_of_the_event() -> None:
    """However it is written, it comes out as Python writes it."""
    event = attrs.evolve(example(), recorded_at=datetime.fromisoformat("2025-04-03T15:04:05.000500-09:30"))
    assert "2025-04-03T15:04:05.000500-09:30" == scan(encode(event)).recorded_at


def test_the_error_says_what_is_wrong() -> None:
    """Not canonical, or the fault of the event with its path."""
    with pytest.raises(InputError, match="event 1 is not in canonical form") as caught:
        scan(encode(example()).replace(b":", b": ", 1))
    assert "case-1" == caught.value.case_id
    with pytest.raises(InputError) as caught:
        scan(encode(example()).replace('"求職中"'.encode(), b"1"))
    assert "data.reason" == caught.value.field
