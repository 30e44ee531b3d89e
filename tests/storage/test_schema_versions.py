"""Journals of earlier versions keep reading: golden files of each release, and the way an older form is brought up.

``golden/schema-1.jsonl`` is a journal that release 0.1.0 wrote: the samples, and every kind of event at least twice,
once with nothing but what is required and once with every field, every code, and texts that are easily spoilt.
``golden/schema-1.values.jsonl`` is what that release read from it, field by field. Neither is ever made anew.
"""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import pytest

from shuroflow.audit import audit
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.storage import Journal, JsonlJournal, decode, encode, open_journal
from shuroflow.storage.codec import UPCASTERS, link
from shuroflow.storage.lines import batch_of, body_of
from shuroflow.verification.journals.events import example
from tests.audit.records import story

GOLDEN = Path(__file__).parent / "golden" / "schema-1.jsonl"
LINES = GOLDEN.read_bytes().splitlines(keepends=True)
VALUES = [json.loads(line) for line in GOLDEN.with_suffix(".values.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def apart(value: Any) -> Any:
    """A value as the golden file writes it: its fields, its codes and days, and nothing of our class names."""
    if attrs.has(type(value)):
        return {field.name: apart(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, tuple):
        return [apart(each) for each in value]
    if isinstance(value, list):
        return {"list": [apart(each) for each in value]}
    if isinstance(value, dict):
        return {"object": {name: apart(each) for name, each in value.items()}}
    if isinstance(value, Enum):
        return {"code": value.value}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def grown(old: Any, new: Any) -> Any:
    """``new`` without the fields that came later and hold nothing: a new optional field changes no old value."""
    if isinstance(old, dict) and isinstance(new, dict):
        later = {name for name in new.keys() - old.keys() if new[name] in (None, [])}
        return {name: grown(old.get(name), value) for name, value in new.items() if name not in later}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [grown(one, other) for one, other in zip(old, new, strict=True)]
    return new


def test_the_golden_file_holds_every_kind() -> None:
    """Both programmes with all kinds of that release, one and several lines to an append, keys, strange texts."""
    kinds = {(value["programme"], value["kind"]) for value in VALUES}
    assert 428 == len(LINES) == len(VALUES)
    assert (26, 32) == tuple(sum(code == programme for programme, _ in kinds) for code in ("saitama", "tsushima"))
    assert {1, 2, 12} <= {batch_of(raw) for raw in LINES}
    for field in ("note", "key", "prev", "hash"):
        assert any(value[field] is not None for value in VALUES)
    text = GOLDEN.read_text(encoding="utf-8")
    assert all(sign in text for sign in ("\u795e", "\ufa19", "\U00020bb7", "\u2028", r"\u0000", "\x7f", "か\u3099"))


def test_every_line_reads_to_the_same_values() -> None:
    """Field by field what the release read."""
    for raw, old in zip(LINES, VALUES, strict=True):
        assert old == grown(old, apart(decode(raw)))


def test_every_line_is_written_as_before() -> None:
    """The same event is the same bytes, so that no checkpoint over an old journal comes to nothing."""
    for raw in LINES:
        assert body_of(raw) == encode(decode(raw))


def test_the_old_journal_opens_and_grows(tmp_path: Path) -> None:
    """Read by case, in order and as a feed; what is appended comes behind and leaves the old bytes alone."""
    path = tmp_path / "cases.jsonl"
    shutil.copy(GOLDEN, path)
    with open_journal(str(path)) as journal:
        old = list(journal.feed())
        assert list(range(1, len(LINES) + 1)) == [record.position for record in old]
        assert [body_of(raw) for raw in LINES] == [record.body for record in old]
        by_case: dict[str, list[Event]] = {}
        for record in old:
            by_case.setdefault(record.event.case_id, []).append(record.event)
        assert list(by_case) == list(journal.cases())
        assert all(events == journal.read(case_id) for case_id, events in by_case.items())
        first = by_case["S01"]
        added = attrs.evolve(first[-1], seq=len(first) + 1, note="later")
        appended = journal.append("S01", [added], expected=len(first))
        last = next(record for record in reversed(old) if record.event.case_id == "S01")
        assert link(last.body) == appended.events[0].prev
    assert path.read_bytes().startswith(GOLDEN.read_bytes())


def test_keys_of_the_old_journal_still_hold(tmp_path: Path) -> None:
    """What was done under a key is known: sent again, it gives the first result."""
    path = tmp_path / "cases.jsonl"
    shutil.copy(GOLDEN, path)
    with open_journal(str(path)) as journal:
        first = [event for event in journal.read("S02") if event.key == "first-S02"]
        again = [attrs.evolve(event, key=None, seq=event.seq + 20) for event in first]
        appended = journal.append("S02", again, expected=20, key="first-S02")
    assert (3, True, tuple(first)) == (appended.version, appended.duplicate, appended.events)
    assert GOLDEN.read_bytes() == path.read_bytes()


# ---------------------------------------------------------------- an older form


def older(event: Event) -> bytes:
    """The event in an invented form 0: the day has another name, and the actor is one text."""
    value = json.loads(encode(event))
    value["schema"] = 0
    value["day"] = value.pop("occurred_on")
    value["recorded_by"] = "{role}:{id}".format(**value["recorded_by"])
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def upcast(value: dict[str, Any]) -> dict[str, Any]:
    """From form 0 to form 1, as an upcaster does it: a new object, the given one is left alone."""
    role, _, name = value["recorded_by"].partition(":")
    rest = {key: each for key, each in value.items() if key != "day"}
    return {**rest, "schema": 1, "occurred_on": value["day"], "recorded_by": {"id": name, "role": role}}


@pytest.fixture
def form_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release whose journals may hold form 0."""
    monkeypatch.setitem(UPCASTERS, 0, upcast)


@pytest.fixture
def mixed(tmp_path: Path, form_0: None) -> Path:
    """A journal that began in form 0 and goes on in form 1."""
    events = story("S01")
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"".join(older(event) + b"\n" for event in events[:5]))
    with open_journal(str(path)) as journal:
        journal.append("S01", events[5:], expected=5)
    return path


def plain(events: list[Event]) -> list[Event]:
    """The events without the links that a journal adds."""
    return [attrs.evolve(event, prev=None) for event in events]


@pytest.mark.usefixtures("form_0")
def test_an_older_line_is_the_same_event() -> None:
    """A line of form 0 reads as the event of form 1, from bytes and from text."""
    event = example(note="神\\")
    assert event == decode(older(event)) == decode(older(event).decode())


def test_without_its_upcaster_the_form_is_unknown() -> None:
    """The error names the version met and those that are known."""
    with pytest.raises(InputError, match="version 0 of the stored form is not known; known versions: 1"):
        decode(older(example()))


def test_upcasters_are_taken_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line two versions back goes through both."""
    monkeypatch.setitem(UPCASTERS, 0, upcast)
    monkeypatch.setitem(UPCASTERS, -1, lambda value: {**value, "schema": 0, "day": value["day"].replace("/", "-")})
    line = json.loads(older(example()))
    line |= {"schema": -1, "day": "2025/04/03"}
    assert example() == decode(json.dumps(line))


@pytest.mark.usefixtures("form_0")
def test_faults_of_an_older_line_are_told() -> None:
    """What is wrong after it was brought up is named at its place as ever."""
    line = older(example()).replace(b'"day":"2025-04-03"', b'"day":"2025-04-31"')
    with pytest.raises(InputError, match="no day of the calendar") as caught:
        decode(line)
    assert "occurred_on" == caught.value.field


def test_a_journal_of_two_forms_reads(mixed: Path) -> None:
    """Reading, scanning and the feed give the events; the bytes and the links over them are those stored."""
    raw = mixed.read_bytes()
    with JsonlJournal(mixed) as journal:
        assert story("S01") == plain(journal.read("S01")) == plain(list(journal.scan()))
        records = list(journal.feed())
    assert story("S01") == plain([record.event for record in records])
    bodies = [body_of(line) for line in raw.splitlines(keepends=True)]
    assert bodies == [record.body for record in records]
    assert [None] * 5 + [link(body) for body in bodies[4:-1]] == [record.event.prev for record in records]
    assert raw == mixed.read_bytes()


def test_a_journal_of_two_forms_is_audited(mixed: Path, tmp_path: Path) -> None:
    """The audit says of it what it says of the same case in form 1, and the file stays as it is."""
    raw = mixed.read_bytes()
    new = tmp_path / "new.jsonl"
    new.write_bytes(b"".join(encode(event) + b"\n" for event in story("S01")))
    one, other = (list(audit([str(path)], as_of=date(2026, 11, 21), office=Office())) for path in (mixed, new))
    assert 1 == len(one)
    assert not isinstance(one[0], InputError)
    assert [(item.case_id, item.state, item.findings) for item in other] == [  # type: ignore[union-attr]
        (item.case_id, item.state, item.findings)  # type: ignore[union-attr]
        for item in one
    ]
    assert raw == mixed.read_bytes()


def test_any_journal_reads_an_older_form(mixed: Path, tmp_path: Path) -> None:
    """Copied to a database, the stored bytes stay in their form and read the same."""
    from shuroflow.storage.copying import copy

    with JsonlJournal(mixed) as source, open_journal(f"sqlite:///{tmp_path / 'cases.db'}", create=True) as target:
        assert copy(source, target).identical
        assert source.read("S01") == target.read("S01")
        assert b'"schema":0' in next(_bodies(target))


def _bodies(journal: Journal) -> Any:
    return (record.body for record in journal.feed())
