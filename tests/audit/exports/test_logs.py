"""Event logs say what the record says: the same cases, events, order, text, states and findings, in every format."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, Later, Receipt, audit
from shuroflow.audit.exports.log import CaseLog, Exported, case_logs
from shuroflow.audit.exports.ocel_files import write_ocel_json, write_ocel_sqlite
from shuroflow.audit.exports.table import write_event_csv
from shuroflow.audit.exports.xes import write_xes
from shuroflow.errors import InputError
from shuroflow.events import Actor, Corrected, Event, Withdrawn
from shuroflow.events.structure import unstructure
from shuroflow.samples import SAMPLES
from shuroflow.storage import decode
from shuroflow.vocabulary import Role, Severity
from tests.audit.exports.schema import OCEL_JSON, problems
from tests.audit.records import line, story, write

DAY = date(2026, 11, 21)
HOSTILE = ["<&>\"'", "]]>\n\t\r", "𠮷\U000e0101\ue000", "\x00\x01\x0b\x7f\x85\ufffe\uffff", "=1+1", "&#1;", " x "]
SAMPLED = [decode(line) for path in SAMPLES for line in path.read_bytes().splitlines()]


def xes(folder: Path, sources: Sequence[Path], **options: Any) -> tuple[ElementTree.Element, Exported]:
    """The log as a reader of XML has it; it keeps to the schema."""
    path = folder / "log.xes"
    with path.open("w", encoding="utf-8", newline="") as out:
        logs = case_logs(sources, **{"as_of": DAY, **options})
        done = write_xes(logs, out, receipt=Receipt(as_of=DAY))
    assert [] == list(problems(path))
    return ElementTree.parse(path).getroot(), done


def values(element: ElementTree.Element) -> dict[str, str]:
    """The attributes of a trace or event."""
    return {each.get("key", ""): each.get("value", "") for each in element if each.get("key")}


def ocel(folder: Path, sources: Sequence[Path], **options: Any) -> tuple[dict[str, Any], sqlite3.Connection, Exported]:
    """Both forms of the log: the JSON, held to its schema, and the database, held to its keys."""
    text = io.StringIO()
    done = write_ocel_json(case_logs(sources, **{"as_of": DAY, **options}), text)
    log = json.loads(text.getvalue())
    jsonschema.Draft202012Validator(OCEL_JSON).validate(log)
    path = folder / "log.sqlite"
    path.unlink(missing_ok=True)
    assert done == write_ocel_sqlite(case_logs(sources, **{"as_of": DAY, **options}), path)
    database = sqlite3.connect(path)
    assert [] == database.execute("PRAGMA foreign_key_check").fetchall()
    return log, database, done


@settings(max_examples=30)
@given(
    names=st.lists(st.sampled_from(["S01", "S05", "T06", "T10"]), min_size=1, unique=True),
    notes=st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=3),
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
)
def test_any_text_is_there_again(
    names: list[str], notes: list[str], name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cases, order, times and text are the same in XES and OCEL; what XML cannot hold is listed beside it."""
    folder = tmp_path_factory.mktemp("logs", numbered=True)
    records = [
        [attrs.evolve(event, note=notes[at % len(notes)]) for at, event in enumerate(story(each, each + name))]
        for each in names
    ]
    source = write(folder / "cases.jsonl", *records)

    root, done = xes(folder, [source])

    traces = root.findall("trace")
    assert len(records) == len(traces) == done.cases
    for events, trace in zip(records, traces, strict=True):
        assert _restored(values(trace), "concept:name") == events[0].case_id
        found = [values(event) for event in trace.findall("event")]
        assert [event.kind for event in events] == [each["concept:name"] for each in found]
        assert [event.recorded_at for event in events] == [
            datetime.fromisoformat(each["time:timestamp"]) for each in found
        ]
        assert [event.note for event in events] == [_restored(each, "note") for each in found]
        assert [event.recorded_by.id for event in events] == [each["org:resource"] for each in found]
    assert (done.replaced > 0) == bool(root.findall(".//string[@key='replaced']"))

    log, database, _ = ocel(folder, [source])
    with closing(database):
        for events in records:
            own = f"case:{events[0].case_id}"
            rows = [each for each in log["events"] if {"objectId": own, "qualifier": "case"} in each["relationships"]]
            assert [event.kind for event in events] == [row["type"] for row in rows]
            assert [event.recorded_at for event in events] == [datetime.fromisoformat(row["time"]) for row in rows]
            notes_of = [next(v["value"] for v in row["attributes"] if v["name"] == "note") for row in rows]
            assert [event.note for event in events] == notes_of
            stored = database.execute(
                "SELECT ocel_event_id FROM event_object WHERE ocel_object_id = ? AND ocel_qualifier = 'case'", (own,)
            )
            assert {row["id"] for row in rows} == {each for (each,) in stored}


def _restored(attributes: dict[str, str], key: str) -> str:
    """The text with what was replaced put back, by what ``replaced`` says of it."""
    text = attributes[key]
    for place in attributes.get("replaced", "").split():
        name, at, code = (place.rpartition("[")[0], *place.rpartition("[")[2].split("]=U+"))
        if name == key:
            assert f"[U+{code}]" == text[int(at) : int(at) + len(f"[U+{code}]")]
            text = text[: int(at)] + chr(int(code, 16)) + text[int(at) + len(f"[U+{code}]") :]
    return text


def test_states_clauses_and_findings_are_those_of_the_audit(tmp_path: Path) -> None:
    """For every sample: the state of the case and the findings of each event are what the audit says."""
    root, _ = xes(tmp_path, SAMPLES)
    reports = {item.case_id: item for item in audit(SAMPLES, as_of=DAY) if isinstance(item, CaseReport)}

    assert list(reports) == [values(trace)["concept:name"] for trace in root.findall("trace")]
    for trace in root.findall("trace"):
        report = reports[values(trace)["concept:name"]]
        events = [values(event) for event in trace.findall("event")]
        assert report.events == len(events)
        assert report.state.value == values(trace)["state"]
        assert "new" == events[0]["state_before"]
        assert all(each["clause"] for each in events)
        for each in events:
            of_event = [finding for finding in report.findings if finding.seq == int(each["seq"])]
            assert " ".join(finding.rule.code for finding in of_event) == each.get("rules", "")
            assert sum(f.severity is Severity.VIOLATION for f in of_event) == int(each["violations"])
            assert all(finding.message("ja") in each["findings"] for finding in of_event)


def test_corrections_apply_or_not(tmp_path: Path) -> None:
    """The log gives what holds; as recorded, it gives every event as it was written."""
    whole = story("S01")
    by = Actor("sv-01", Role.SUPERVISOR)
    right = {**unstructure(whole[0].data), "reason": "正しい理由"}
    for data in (
        Corrected(seq=1, reason="誤記", approved_by=by, data=right),
        Withdrawn(seq=13, reason="誤り", approved_by=by),
    ):
        kind = "corrected" if isinstance(data, Corrected) else "withdrawn"
        whole.append(attrs.evolve(whole[-1], seq=len(whole) + 1, kind=kind, data=data))
    source = write(tmp_path / "cases.jsonl", whole)

    root, done = xes(tmp_path, [source])
    events = [values(event) for event in root.iter("event")]
    assert [str(seq) for seq in range(1, 13)] == [each["seq"] for each in events]
    assert "正しい理由" == events[0]["data.reason"]
    assert 4 == done.amended

    root, done = xes(tmp_path, [source], as_recorded=True)
    events = [values(event) for event in root.iter("event")]
    assert [event.kind for event in whole] == [each["concept:name"] for each in events]
    assert "state_after" not in events[0]
    assert 0 == done.amended


def test_the_two_days_asked_about(tmp_path: Path) -> None:
    """What happened or was written later is left out; a case that began later is counted, not written."""
    source = write(tmp_path / "cases.jsonl", story("S01"), story("T01"))
    events = story("S01")
    moment = events[3].recorded_at

    root, done = xes(tmp_path, [source], known_at=moment)
    expected = sum(event.recorded_at <= moment for name in ("S01", "T01") for event in story(name))
    assert expected == len(root.findall(".//event")) == done.events
    assert 2 == done.cases + done.later

    assert [True, True] == [isinstance(item, Later) for item in case_logs([source], as_of=date(2020, 1, 1))]


def test_what_cannot_be_used_is_left_out_and_told(tmp_path: Path) -> None:
    """A case with a bad line is no part of any log."""
    source = write(tmp_path / "cases.jsonl", story("S01"), story("S02"))
    source.write_bytes(source.read_bytes() + line(story("S02")[-1], seq=99, event="nothing"))

    items = list(case_logs([source], as_of=DAY))

    assert ["S01"] == [item.case_id for item in items if isinstance(item, CaseLog)]
    assert ["S02"] == [item.case_id for item in items if isinstance(item, InputError)]


def test_a_correction_that_does_not_fit_is_told_at_its_line(tmp_path: Path) -> None:
    """The error names file, line and case, as the audit does."""
    wrong = Withdrawn(seq=99, reason="誤り", approved_by=Actor("sv-01", Role.SUPERVISOR))
    events = story("S01")[:3]
    events.append(attrs.evolve(events[-1], seq=4, kind="withdrawn", data=wrong))
    source = write(tmp_path / "cases.jsonl", events)

    (error,) = case_logs([source], as_of=DAY)

    assert isinstance(error, InputError)
    assert (str(source), 4, "S01") == (error.file, error.line, error.case_id)
    assert [str(error)] == [str(item) for item in audit([source], as_of=DAY)]


def test_written_backwards_is_told(tmp_path: Path) -> None:
    """An event that was written at an earlier moment than the one before keeps its place, and is counted."""
    events = story("S01")
    events[4] = attrs.evolve(events[4], recorded_at=events[3].recorded_at.replace(year=2020))
    source = write(tmp_path / "cases.jsonl", events)

    root, done = xes(tmp_path, [source])

    assert 1 == done.backwards
    assert [str(event.seq) for event in events] == [values(each)["seq"] for each in root.iter("event")]


def test_objects_and_what_refers_to_them(tmp_path: Path) -> None:
    """A case with a work trial: trial, provider, claim and people are objects; qualifiers are the referring fields."""
    log, database, _ = ocel(tmp_path, SAMPLES)
    database.close()
    things = {each["id"]: each for each in log["objects"]}
    events = {each["id"]: each for each in log["events"]}
    trial = next(event for event in SAMPLED if event.kind == "trial_confirmed")

    refers = {(each["objectId"], each["qualifier"]) for each in events[f"{trial.seq}@{trial.case_id}"]["relationships"]}
    assert refers == {
        (f"case:{trial.case_id}", "case"),
        (f"{trial.recorded_by.role.value}:{trial.recorded_by.id}", "recorded_by"),
        (f"trial:{trial.case_id}/{trial.data.trial}", "trial"),
        (f"provider:{trial.data.provider}", "provider"),
    }
    assert "trial" == things[f"trial:{trial.case_id}/{trial.data.trial}"]["type"]
    assert [{"objectId": f"case:{trial.case_id}", "qualifier": "case"}] == things[
        f"trial:{trial.case_id}/{trial.data.trial}"
    ]["relationships"]
    referred = {
        link["objectId"] for each in (*log["events"], *log["objects"]) for link in each.get("relationships", ())
    }
    assert set() == referred - set(things)
    for kinds, listed in (("eventTypes", log["events"]), ("objectTypes", log["objects"])):
        declared = {kind["name"]: {each["name"] for each in kind["attributes"]} for kind in log[kinds]}
        assert all({value["name"] for value in each["attributes"]} <= declared[each["type"]] for each in listed)


def test_the_states_of_a_case_change_in_time(tmp_path: Path) -> None:
    """The state of a case is an attribute with the moment of each change; the last one is where the case stands."""
    log, database, _ = ocel(tmp_path, SAMPLES)
    with closing(database):
        changes = database.execute(
            "SELECT state FROM object_case WHERE ocel_id = 'case:S01' ORDER BY ocel_time"
        ).fetchall()
    case = next(each for each in log["objects"] if each["id"] == "case:S01")
    states = [value["value"] for value in case["attributes"] if value["name"] == "state"]

    assert ["candidate", "selected", "consented", "in_support", "ended"] == states == [state for (state,) in changes]
    assert all(datetime.fromisoformat(value["time"]).tzinfo == UTC for value in case["attributes"])


def test_ids_never_meet(tmp_path: Path) -> None:
    """Cases whose ids look like parts of others have objects of their own."""
    base = next(event for event in SAMPLED if event.kind == "goals_set")
    goals = story("S01")
    at = next(at for at, event in enumerate(goals) if event.kind == "goals_set")
    ids = ["a", "a/b", "a%2Fb", "a/b/c"]
    records: list[list[Event]] = []
    for case_id in ids:
        events = [attrs.evolve(event, case_id=case_id) for event in goals[: at + 1]]
        goal = attrs.evolve(base.data.goals[0], id=case_id[1:] or "b/c")
        events[at] = attrs.evolve(events[at], data=attrs.evolve(base.data, goals=(goal,)))
        records.append(events)

    log, database, _ = ocel(tmp_path, [write(tmp_path / "cases.jsonl", *records)])
    database.close()

    assert len(ids) == sum(each["type"] == "case" for each in log["objects"])
    assert len(ids) == sum(each["type"] == "goal" for each in log["objects"])


def test_the_table_of_events() -> None:
    """A row for each event, its payload as JSON; nothing begins like a formula."""
    out = io.StringIO(newline="")
    write_event_csv(case_logs(SAMPLES, as_of=DAY), out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().removeprefix("\ufeff"), newline="")))

    assert [(event.case_id, str(event.seq), event.kind) for event in SAMPLED] == [
        (row["case_id"], row["seq"], row["event"]) for row in rows
    ]
    assert [event.occurred_on.isoformat() for event in SAMPLED] == [row["occurred_on"] for row in rows]
    assert [unstructure(event.data) for event in SAMPLED] == [json.loads(row["data"]) for row in rows]
