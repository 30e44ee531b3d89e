"""pm4py reads the event logs that are written here, and finds the same cases, events, orders, objects and relations.

It runs as a program of its own, in an environment of its own: its licence (AGPL) reaches nothing of this project.
"""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest

from shuroflow.audit.exports.log import CaseLog, case_logs
from shuroflow.audit.exports.ocel import event_id, touches
from shuroflow.events import Event
from shuroflow.samples import SAMPLES
from shuroflow.simulation import caseload
from shuroflow.storage import decode, encode
from shuroflow.vocabulary import Severity
from tests.cli.calls import call

ROOT = Path(__file__).parents[2]
PM4PY = ROOT / ".cache" / "pm4py" / "bin" / "python"
DAY = date(2026, 11, 21)
LOGS = ("samples", "hostile", "caseload-1", "caseload-2")


def events_of(name: str) -> list[Event]:
    """The events of a log; hostile: text that breaks what is not escaped, moments that stand still or run backwards."""
    if name.startswith("caseload"):
        seed = int(name.rpartition("-")[2])
        return [event for event, _ in caseload(60, seed, 0.5) if event is not None]
    events = [decode(line) for path in SAMPLES for line in path.read_bytes().splitlines()]
    if name == "samples":
        return events
    notes = ['<&>"', "神\ufa19 𠮷\U000e0101 \ue000", "]]>", "a\tb\nc\rd", "&#1;=1+1", "'; DROP TABLE event; --"]
    changed = [
        attrs.evolve(event, note=notes[at % len(notes)], case_id=f"{event.case_id}/%&<'")
        for at, event in enumerate(events)
    ]
    for at in range(3, len(changed), 7):
        if changed[at].seq > 1:
            earlier = changed[at - 1].recorded_at - timedelta(minutes=at % 2)
            changed[at] = attrs.evolve(changed[at], recorded_at=earlier)
    return changed


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What pm4py finds in each log, and what was to be found."""
    assert PM4PY.exists(), "pm4py has no environment yet: make .cache/ready-pm4py"
    folder = tmp_path_factory.mktemp("logs")
    logs = {}
    for name in LOGS:
        source = folder / f"{name}.jsonl"
        source.write_bytes(b"".join(encode(event) + b"\n" for event in events_of(name)))
        for form, suffix in (("xes", "xes"), ("ocel-json", "json"), ("ocel-sqlite", "sqlite")):
            output = folder / f"{name}.{suffix}"
            result = call("export", source, "--format", form, "-o", output, "--as-of", DAY.isoformat())
            assert 0 == result.exit_code, result.output
        logs[name] = list(case_logs([source], as_of=DAY))
    done = subprocess.run(
        [PM4PY, "-I", ROOT / "tests" / "outside" / "reader.py", *(folder / name for name in LOGS)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "HOME": str(folder), "MPLCONFIGDIR": str(folder)},
    )
    assert 0 == done.returncode, done.stderr
    read = json.loads(done.stdout[done.stdout.index('{"') :])
    return {name: {**read[str(folder / name)], "logs": logs[name]} for name in LOGS}


@cache
def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _told(log: CaseLog) -> list[dict[str, Any]]:
    return [
        {
            "activity": step.event.kind,
            "time": _utc(step.event.recorded_at),
            "seq": step.event.seq,
            "resource": step.event.recorded_by.id,
            "role": step.event.recorded_by.role.value,
            "before": step.before and step.before.value,
            "after": step.after and step.after.value,
            "violations": sum(finding.severity is Severity.VIOLATION for finding in step.findings),
            "note": step.event.note,
        }
        for step in log.steps
    ]


@pytest.mark.parametrize("name", LOGS)
def test_xes(found: dict[str, dict[str, Any]], name: str) -> None:
    """Every case, every event in its order, times to the second and text to the character."""
    expected = [[log.case_id, _told(log)] for log in found[name]["logs"]]
    actual = [[case_id, [dict(event) for event in events]] for case_id, events in found[name]["xes"]]
    labels = [event.pop("label") for _, events in actual for event in events]

    assert expected == actual
    assert not any("&" in label for label in labels)


@pytest.mark.parametrize("name", LOGS)
def test_xes_by_pm4pys_default_reader(found: dict[str, dict[str, Any]], name: str) -> None:
    """The reader that pm4py takes by itself knows no references of XML; cases, events, orders and times it finds."""
    keys = ("activity", "time", "seq", "resource", "role", "before", "after", "violations")
    expected = [[{key: step[key] for key in keys} for step in _told(log)] for log in found[name]["logs"]]
    actual = [[{key: event[key] for key in keys} for event in events] for _, events in found[name]["xes_by_default"]]

    assert expected == actual


@pytest.mark.parametrize("name", LOGS)
def test_ocel(found: dict[str, dict[str, Any]], name: str) -> None:
    """Events, times, objects, relations with their qualifiers, and the changes of state, from both forms.

    From JSON, pm4py keeps one qualifier for an event and an object, however many there are.
    """
    steps = [step for log in found[name]["logs"] for step in log.steps]
    events = {event_id(step): [step.event.kind, _utc(step.event.recorded_at), step.event.seq] for step in steps}
    relations = {(event_id(step), touch.thing.id, touch.qualifier) for step in steps for touch in touches(step)}
    things = {touch.thing for step in steps for touch in touches(step)}
    objects = {thing.id: thing.type for thing in things}
    links = {(thing.id, f"case:{thing.case_id}", "case") for thing in things if thing.case_id is not None}
    links |= {
        (f"case:{e.case_id}", f"case:{p}", "prior_case")
        for e in (step.event for step in steps)
        if (p := getattr(e.data, "prior_case_id", None))
    }
    for form in ("json", "sqlite"):
        actual = found[name][form]
        assert events == actual["events"]
        assert objects == actual["objects"]
        assert sorted(map(list, links)) == actual["links"]
    assert sorted(map(list, relations)) == found[name]["sqlite"]["relations"]
    from_json = {tuple(each) for each in found[name]["json"]["relations"]}
    assert from_json <= relations
    assert {each[:2] for each in relations} == {each[:2] for each in from_json}
    assert found[name]["sqlite"]["states"] == found[name]["json"]["states"]


@pytest.mark.parametrize("name", LOGS)
def test_the_constraints_of_ocel(found: dict[str, dict[str, Any]], name: str) -> None:
    """Every constraint on the relational form that pm4py knows holds: tables, keys, references."""
    assert [] == found[name]["broken_constraints"]
