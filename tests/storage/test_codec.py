"""One stored line ↔ event: the canonical bytes, the round trip, and one answer from both ways in."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from unittest import mock

import attrs
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.errors import InputError, UnknownEvent, UnknownProgramme
from shuroflow.events import Actor, Event, kinds_of, programme_codes
from shuroflow.events.saitama import ActivityRecorded, Listed, Selected, TargetClass
from shuroflow.storage import codec
from shuroflow.storage import quick as quick_way
from shuroflow.storage.codec import decode, decode_all, encode, event_from
from shuroflow.storage.schema import json_schema
from shuroflow.verification.journals.events import KINDS, any_event, events, example
from shuroflow.verification.journals.oracle import stored
from shuroflow.vocabulary import Role

quick = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def dumped(form: Any) -> bytes:
    """The canonical bytes by the standard library: the oracle."""
    return json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class _Refused(Exception):
    """Stands for "the quick way has given the line up"."""


def quickly(line: bytes) -> Event | None:
    """What the quick way alone makes of the line; ``None`` where it refuses."""
    with mock.patch.object(codec, "_parse", side_effect=_Refused):
        try:
            return decode(line)
        except _Refused:
            return None


def patiently(form: Any) -> Event | None:
    """What the patient way alone makes of a parsed line; ``None`` where it refuses."""
    try:
        return event_from(form)
    except InputError:
        return None


# ---------------------------------------------------------------- canonical bytes and round trip


@pytest.mark.parametrize(("programme", "kind"), KINDS)
@given(data=st.data())
@settings(quick, max_examples=15)
def test_round_trip(programme: str, kind: str, data: st.DataObject) -> None:
    """Every kind of event comes back equal, by both ways in, and its bytes are those of the standard library."""
    event = data.draw(events(programme, kind))
    line = encode(event)
    assert dumped(stored(event)) == line
    assert event == quickly(line) == decode(line) == decode(line.decode()) == event_from(json.loads(line))
    assert event.recorded_at.utcoffset() == decode(line).recorded_at.utcoffset()
    assert line == encode(decode(line))


@given(form=any_event.map(stored), indent=st.sampled_from([None, 1]), plain=st.booleans(), data=st.data())
@settings(quick, max_examples=100)
def test_any_spelling_of_the_json(form: dict[str, Any], indent: int | None, plain: bool, data: st.DataObject) -> None:
    """Blanks, the order of the keys and escapes make no difference."""
    shuffled = {key: form[key] for key in data.draw(st.permutations(list(form)))}
    line = json.dumps(shuffled, indent=indent, ensure_ascii=plain).encode()
    assert dumped(form) == encode(decode(line))
    assert quickly(line) == decode(line)


def test_escapes() -> None:
    """Of all characters only those are escaped that JSON demands, in the short form where there is one (RFC 8785)."""
    for code in [*range(0x3000), 0xD7FF, 0xE000, 0xFA19, 0xFFFF, 0x10000, 0x10FFFF]:
        line = encode(example(note=f"a{chr(code)}b"))
        assert dumped(stored(example(note=f"a{chr(code)}b"))) == line
        assert f"a{chr(code)}b" == decode(line).note


def test_names_are_left_alone() -> None:
    """神 as U+FA19 and as U+795E stay what they are: no normalisation anywhere."""
    for character in ("\ufa19", "\u795e", "\u304b\u3099", "\u304c"):
        event = example(character, note=character)
        assert (character, character) == (decode(encode(event)).case_id, decode(encode(event)).note)


@pytest.mark.parametrize(
    ("text", "stored_form"),
    [
        ("2025-04-03T15:04:05+09:00", "2025-04-03T15:04:05+09:00"),
        ("2025-04-03T06:04:05Z", "2025-04-03T06:04:05+00:00"),
        ("2025-04-03T06:04:05.120000-00:30", "2025-04-03T06:04:05.120000-00:30"),
        ("2025-04-03T06:04:05.1234567+09:00", "2025-04-03T06:04:05.123457+09:00"),
    ],
)
def test_moments(text: str, stored_form: str) -> None:
    """The offset is kept, in digits; Z is understood; fractions are kept to the microsecond."""
    event = event_from({**stored(example()), "recorded_at": text})
    assert stored_form == json.loads(encode(event))["recorded_at"]


def test_defaults_are_left_out() -> None:
    """What is at its default or None is not written; an explicit null is understood."""
    form = json.loads(encode(example()))
    assert form["data"] == {"reason": "求職中"}
    assert {"note", "key", "prev", "hash", "batch"}.isdisjoint(form)
    assert example() == decode(dumped({**form, "note": None, "batch": None}))
    assert example() == decode(dumped({**form, "batch": 2}))


def test_form_numbers_of_the_text() -> None:
    """第9―1号 is understood with any dash and stored under its code."""
    form = {
        "trial": "t",
        "provider": "p",
        "voluntary": True,
        "agreed": True,
        "paper": {"form": "様式第９－１号"},
    }
    line = dumped({**stored(example()), "programme": "tsushima", "event": "trial_confirmed", "data": form})
    assert json.loads(encode(decode(line)))["data"]["paper"]["form"] == "9-1"


# ---------------------------------------------------------------- both ways in give one answer


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += paths(inner, (*path, index))
    return found


strange = st.sampled_from(
    [
        *(
            None,
            True,
            False,
            0,
            1,
            -1,
            2**53 - 1,
            2**53,
            -(2**53),
            10**30,
            1.0,
            1.5,
            "",
            "x",
            "a\n",
            "\x7f",
            "1",
            "\ud800",
        ),
        *([], {}, ["x"], {"id": "x"}, {"id": "x", "role": "clerk"}, {"on": "2025-04-03"}, {"日": 1}, [[1.5]]),
        *(
            "2025-02-29",
            "2024-02-29",
            "2025-4-3",
            "2025-04-03T00:00:00",
            "2025-04-03T00:00:00Z",
            "saitama",
            "corrected",
        ),
        *("x" * 201, "x" * 20_001, "2025-13", "２０２５-04", "2025-04\n", "office", "Office", "9―1"),
    ]
)


@given(event=any_event, data=st.data())
@settings(quick, max_examples=600)
def test_both_ways_agree(event: Event, data: st.DataObject) -> None:
    """A line with one or two random faults: refused by both ways, or accepted by both as the same event."""
    form = copy.deepcopy(stored(event))
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from([path for path in paths(form) if path]))
        target = form
        for step in way:
            target = target[step]
        match data.draw(st.sampled_from(["set", "drop", "add"])):
            case "set":
                target[last] = copy.deepcopy(data.draw(strange))
            case "drop":
                del target[last]
            case "add" if isinstance(target, dict):
                target[data.draw(st.sampled_from(["x", "note", "id", "Role", "seq"]))] = copy.deepcopy(
                    data.draw(strange)
                )
    line = json.dumps(form).encode()
    found = quickly(line)
    assert found == patiently(form)
    if found is None:
        with pytest.raises(InputError) as caught:
            decode(line)
        assert caught.value.problems or caught.value.field is None
    else:
        assert found == decode(encode(found))


@given(base=any_event.map(encode), data=st.data())
@settings(quick, max_examples=300)
def test_any_bytes(base: bytes, data: st.DataObject) -> None:
    """Any change of a byte gives an event or an InputError, never anything else."""
    at = data.draw(st.integers(0, len(base) - 1))
    line = base[:at] + data.draw(st.binary(max_size=2)) + base[at + data.draw(st.integers(0, 2)) :]
    try:
        assert isinstance(decode(line), Event)
    except InputError:
        assert quickly(line) is None


# ---------------------------------------------------------------- bad input


LINE = {
    "schema": 1,
    "case_id": "c-1",
    "seq": 2,
    "programme": "saitama",
    "event": "selected",
    "occurred_on": "2025-04-03",
    "recorded_at": "2025-04-03T15:04:05+09:00",
    "recorded_by": {"id": "cw-1", "role": "caseworker"},
    "data": {"attendees": [{"id": "cw-1", "role": "caseworker"}], "target_class": "a"},
}


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"schema": 2}, "schema", "known versions: 1"),
        ({"schema": "1"}, "schema", "known versions: 1"),
        ({"schema": True}, "schema", "known versions: 1"),
        ({"case_id": ""}, "case_id", "length >= 1"),
        ({"case_id": "a\u0000"}, "case_id", "regex"),
        ({"case_id": "a\n"}, "case_id", "regex"),
        ({"seq": 0}, "seq", ">= 1"),
        ({"seq": 2**53}, "seq", "out of range"),
        ({"seq": 2.0}, "seq", "float"),
        ({"seq": True}, "seq", "bool"),
        ({"occurred_on": "2025-02-29"}, "occurred_on", "no day of the calendar"),
        ({"occurred_on": "令和7年4月3日"}, "occurred_on", "2025-04-03"),
        ({"recorded_at": "2025-04-03T15:04:05"}, "recorded_at", "offset"),
        ({"recorded_by": {"id": "x", "role": "caseworke"}}, "recorded_by.role", "did you mean 'caseworker'"),
        ({"recorded_by": {"id": "x"}}, "recorded_by.role", "missing"),
        ({"nots": "x"}, "nots", "did you mean 'note'"),
        ({"note": 1}, "note", "`str`"),
        ({"batch": 1}, "batch", ">= 2"),
        ({"data": None}, "data", "expected an object"),
        (
            {"data": {"attendees": [{"id": "x", "role": "boss"}], "target_class": "a"}},
            "data.attendees[0].role",
            "clerk",
        ),
        ({"data": {"attendees": "x", "target_class": "a"}}, "data.attendees", "expected a list"),
        ({"data": {"attendees": [], "target_class": "a", "x": 1}}, "data.x", "unknown field"),
        ({"data": {"attendees": [], "target_class": "a", "status": 5}}, "data.status", "recipient, applicant, none"),
        ({"event": "listed", "data": {"reason": "\ud800"}}, "data.reason", "surrogate"),
    ],
)
def test_bad_field(change: dict[str, Any], field: str, said: str) -> None:
    """One wrong field: the error names its path, what is allowed and the case."""
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        decode(json.dumps({**LINE, **change}).encode())
    assert field == caught.value.field
    assert (change.get("case_id", "c-1"),) == (caught.value.case_id,)
    assert len(caught.value.problems) == 1


def test_all_faults_at_once() -> None:
    """Every fault is told, envelope and data alike, each with its path."""
    form = {**LINE, "seq": -1, "data": {"attendees": [{"rol": "x"}, 5], "consulted_on": "x"}}
    del form["recorded_at"]
    with pytest.raises(InputError) as caught:
        decode(json.dumps(form).encode())
    found = sorted(problem.partition(": ")[0] for problem in caught.value.problems)
    assert [
        *("data.attendees[0].id", "data.attendees[0].rol", "data.attendees[0].role", "data.attendees[1]"),
        *("data.consulted_on", "data.target_class", "recorded_at", "seq"),
    ] == found


@pytest.mark.parametrize("name", sorted({*LINE} - {"data"}))
def test_missing_field(name: str) -> None:
    """Each field of the envelope is required, and a missing one is named with what it is for."""
    with pytest.raises(InputError, match="missing") as caught:
        decode(json.dumps({key: value for key, value in LINE.items() if key != name}).encode())
    assert name == caught.value.field


@pytest.mark.parametrize(
    ("change", "kind", "field", "said"),
    [
        ({"programme": "saitma"}, UnknownProgramme, "programme", "saitama, .*tsushima"),
        ({"event": "selekted"}, UnknownEvent, "event", "did you mean selected"),
        ({"event": "selekted", "seq": 0}, UnknownEvent, "event", "selected"),
    ],
)
def test_unknown(change: dict[str, Any], kind: type[InputError], field: str, said: str) -> None:
    """An unknown programme or event is an error of its own kind that proposes known ones."""
    with pytest.raises(kind, match=said) as caught:
        decode(json.dumps({**LINE, **change}).encode())
    assert (field, "c-1") == (caught.value.field, caught.value.case_id)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "byte 1"),
        (b'{"case_id": "\xe3\x81\x82", x', "byte 20"),
        (b'{"case_id": "\xff"}', "not UTF-8 (byte 14"),
        (b'{"case_id": "a\x01"}', "not JSON (byte 15 of the line): Invalid control character; restore the line from"),
        (b'{"case_id": "a', "not JSON (byte 13 of the line): Unterminated string; restore the line from"),
        (b"[]", "one event"),
        (b"null", "one event"),
        (b"[" * 100_000, "not JSON"),
        (json.dumps(LINE).encode() + b"x", "not JSON"),
        (json.dumps(LINE).encode().replace(b'"seq": 2', b'"seq": ' + b"9" * 5000), "not JSON"),
        (json.dumps(LINE).encode().replace(b'"seq": 2', b'"seq": NaN'), "seq"),
        (json.dumps(LINE).encode().replace(b'"seq": 2', b'"seq": 2, "seq": 0'), "twice"),
    ],
)
def test_no_json(line: bytes, said: str) -> None:
    """Bytes that are no event at all: the message says where the reading stopped."""
    with pytest.raises(InputError, match=re.escape(said)):
        decode(line)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"case_id": ""}, "case_id"),
        ({"case_id": 5}, "case_id"),
        ({"seq": 0}, "seq"),
        ({"seq": True}, "seq"),
        ({"kind": "listed"}, "data.attendees"),
        ({"occurred_on": "2025-04-03"}, "occurred_on"),
        ({"occurred_on": datetime(2025, 4, 3, tzinfo=UTC)}, "occurred_on"),
        ({"recorded_at": datetime(2025, 4, 3)}, "recorded_at"),  # noqa: DTZ001 - the fault under test
        ({"recorded_at": datetime(2025, 4, 3, tzinfo=timezone(timedelta(hours=9, seconds=59)))}, "recorded_at"),
        ({"recorded_at": date(2025, 4, 3)}, "recorded_at"),
        ({"recorded_by": {"id": "x", "role": "clerk"}}, "recorded_by"),
        ({"recorded_by": Actor("", Role.CLERK)}, "recorded_by.id"),
        ({"data": {"attendees": [], "target_class": "a"}}, "data"),
        ({"data": Selected(attendees=[], target_class=TargetClass.A)}, "data.attendees"),
        ({"data": Selected(attendees=None, target_class=TargetClass.A)}, "data.attendees"),
        ({"data": Selected(attendees=(), target_class=TargetClass.A, working=1)}, "data.working"),
        (
            {"data": Selected(attendees=({"id": "x", "role": "clerk"},), target_class=TargetClass.A)},
            "data.attendees[0]",
        ),
        ({"data": Listed()}, "data.attendees"),
        ({"data": ActivityRecorded}, "data"),
        ({"data": object()}, "data"),
        ({"note": "\ud800"}, "note"),
        ({"key": b"x"}, "key"),
    ],
)
def test_encode_is_strict(change: dict[str, Any], field: str) -> None:
    """An event made in Python with a wrong type or value is refused before anything is written."""
    with pytest.raises(InputError) as caught:
        encode(attrs.evolve(decode(json.dumps(LINE).encode()), **change))
    assert field == caught.value.field


def test_negative_yen() -> None:
    """An amount below zero is refused on the way out."""
    wages = kinds_of("tsushima")["wages_paid"](trial="t", amount=-1)
    with pytest.raises(InputError, match=">= 0"):
        encode(attrs.evolve(example(), programme="tsushima", kind="wages_paid", data=wages))


def test_correction_holds_plain_values() -> None:
    """The data of a correction is kept as it is; what JSON Lines cannot hold exactly is refused."""
    made = kinds_of("saitama")["corrected"]
    for data, good in (({"goals": [{"id": "g", "n": None}]}, True), ({"x": 1.5}, False), ({"x": 2**53}, False)):
        payload = made(seq=1, reason="r", approved_by=Actor("x", Role.SUPERVISOR), data=data)
        event = attrs.evolve(example(seq=2), kind="corrected", data=payload)
        if good:
            assert event == decode(encode(event))
        else:
            with pytest.raises(InputError, match=r"data\.data\.x"):
                encode(event)


def test_upcaster(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of an earlier version is brought up to date before it is read."""

    def raise_to_1(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "schema": 1, "event": value["event"].removeprefix("old_")}

    monkeypatch.setitem(codec.UPCASTERS, 0, raise_to_1)
    assert decode(json.dumps({**LINE, "schema": 0, "event": "old_selected"}).encode()).kind == "selected"
    with pytest.raises(InputError, match="known versions: 0, 1"):
        decode(json.dumps({**LINE, "schema": 2}).encode())


def test_actors_are_shared_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal actors of different events are one object, and the store of them does not grow without end."""
    line = json.dumps(LINE).encode()
    assert decode(line).recorded_by is decode(line).recorded_by
    monkeypatch.setattr(quick_way, "_ACTORS_KEPT", 3)
    for number in range(50):
        made = decode(line.replace(b"cw-1", b"cw-%d" % number)).recorded_by
        assert Actor(f"cw-{number}", Role.CASEWORKER) == made
    assert len(quick_way._actors) <= 3


# ---------------------------------------------------------------- JSON Schema

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def test_schema_is_one() -> None:
    """The schema is valid, describes every kind, and says what each field is for."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for code, kind in KINDS:
        described = SCHEMA["$defs"][f"{code}.{kind}"]
        assert described["description"]
        assert all(schema["description"] for schema in described["properties"].values())
        assert described["additionalProperties"] is False


@pytest.mark.parametrize("programme", programme_codes())
def test_schema_of_one_programme(programme: str) -> None:
    """Asked for one programme, the schema holds its events and no others."""
    schema = json_schema(programme)
    assert {programme} == {name.partition(".")[0] for name in schema["$defs"] if "." in name}
    with pytest.raises(UnknownProgramme):
        json_schema("nowhere")


@pytest.mark.parametrize(("programme", "kind"), KINDS)
@given(data=st.data())
@settings(quick, max_examples=4)
def test_schema_accepts(programme: str, kind: str, data: st.DataObject) -> None:
    """Every encoded event fits the schema; with an unknown field, or without its data, it does not."""
    form = json.loads(encode(data.draw(events(programme, kind))))
    assert [error.message for error in VALIDATOR.iter_errors(form)] == []
    other = data.draw(st.sampled_from([pair for pair in KINDS if pair[1] not in kinds_of(programme)]))[1]
    for spoilt in (
        {**form, "unknown": 1},
        {**form, "data": {**form["data"], "unknown": 1}},
        {key: value for key, value in form.items() if key != "data"},
        {**form, "event": other},
        {**form, "schema": 2},
        {**form, "occurred_on": "2025-02-29"},
    ):
        assert not VALIDATOR.is_valid(spoilt)


@given(event=any_event, data=st.data())
@settings(quick, max_examples=150)
def test_schema_agrees_with_the_codec(event: Event, data: st.DataObject) -> None:
    """What the schema accepts of lines with a random fault, the codec accepts."""
    form = copy.deepcopy(stored(event))
    *way, last = data.draw(st.sampled_from([path for path in paths(form) if path]))
    target = form
    for step in way:
        target = target[step]
    target[last] = data.draw(strange.filter(lambda value: not isinstance(value, float) and value != "\ud800"))
    if patiently(form) is None and last != "recorded_at":  # the format of moments needs a package to be checked
        assert not VALIDATOR.is_valid(form)


# ---------------------------------------------------------------- many lines at once

_PIECES = (b"\n", b" ", b"\r\n", b"{", b"}", b"", b"\\u0041", b"\x7f", b"{}", b'"')


@given(st.lists(any_event, min_size=1, max_size=4), st.data())
@quick
def test_a_block_is_read_as_its_lines(found: list[Event], data: st.DataObject) -> None:
    """All at once gives what each line gives, or gives the block up; whatever is put between the lines or into them."""
    block = bytearray(b"".join(encode(event) + b"\n" for event in found))
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(block)) | st.sampled_from([i + 1 for i, b in enumerate(block) if b == 10]))
        block[at:at] = data.draw(st.sampled_from((*_PIECES, bytes(block))))
    whole = bytes(block)
    lines = whole.split(b"\n")
    lines.pop()
    taken = decode_all(whole, lines) if whole.endswith(b"\n") else None
    if whole == b"".join(encode(event) + b"\n" for event in found):
        assert found == taken
    if taken is not None:
        assert [decode(line) for line in lines] == taken


def test_two_values_on_a_line_and_none_on_the_next() -> None:
    """As many values as lines are not enough: a value over two lines makes up for two on one."""
    first, second = encode(example()), encode(example())
    for block in (first + second + b"\n\n", first + second[:-1] + b"\n}\n", first + b"{" + b"\n" + second[1:] + b"\n"):
        assert decode_all(block, block.split(b"\n")[:-1]) is None


def test_what_is_made_from_its_fields_alone() -> None:
    """Every payload of the library is; a class whose making does more goes through its own ``__init__``."""
    for programme, kind in KINDS:
        made = quick_way.blank_of(kinds_of(programme)[kind])
        assert made is not None
    for more in (
        attrs.make_class(
            "Checked", {"a": attrs.field(validator=attrs.validators.instance_of(str))}, weakref_slot=False
        ),
        attrs.make_class("Turned", {"a": attrs.field(converter=str)}, weakref_slot=False),
        attrs.make_class("Loose", {"a": attrs.field()}),
        attrs.make_class("After", {"a": attrs.field()}, class_body={"__attrs_post_init__": print}, weakref_slot=False),
        attrs.make_class("Built", {"b": attrs.field()}, bases=(attrs.make_class("Base", {"a": attrs.field()}),)),
    ):
        assert quick_way.blank_of(more) is None


@pytest.mark.parametrize(("programme", "kind"), KINDS)
@given(data=st.data())
@settings(quick, max_examples=10)
def test_what_is_decoded_is_as_what_is_made(programme: str, kind: str, data: st.DataObject) -> None:
    """Made from its fields alone, an event equals the one that its ``__init__`` makes, and is as unchangeable."""
    event = data.draw(events(programme, kind))
    found = decode(encode(event))
    assert (event, type(event), type(event.data)) == (found, type(found), type(found.data))
    for made in (found, found.data):
        for field in attrs.fields(type(made)):
            with pytest.raises(attrs.exceptions.FrozenAttributeError):
                setattr(made, field.name, None)
    assert event == copy.deepcopy(found) == attrs.evolve(found)
