"""The audit of a file: speed against bare decoding, and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs
import msgspec

from benchmarks.measure import Figure, figure, turns
from shuroflow import Actor, Office
from shuroflow.audit import audit
from shuroflow.events import kinds_of
from shuroflow.simulation import write

SPEED_CASES = 2_500
MEMORY_EVENTS = 1_000_000
EVENTS_A_CASE = 13.4


@attrs.frozen
class Line:
    """The fields of an event with the payload still to be decoded by its kind: how msgspec is made to do it."""

    schema: int
    case_id: str
    seq: int
    programme: str
    event: str
    occurred_on: date
    recorded_at: datetime
    recorded_by: Actor
    data: msgspec.Raw
    note: str | None = None


def figures() -> Iterator[Figure]:
    """Decode, fold and judge a file on one core, and the peak of memory over a million events."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        path = Path(name) / "speed.jsonl"
        _, _, events = write(SPEED_CASES, 1, 0.2, path)
        office = Office()
        lines = msgspec.json.Decoder(Line)
        payloads: dict[tuple[str, str], msgspec.json.Decoder[Any]] = {
            (programme, kind): msgspec.json.Decoder(cls)
            for programme in ("saitama", "tsushima")
            for kind, cls in kinds_of(programme).items()
        }

        def ours() -> None:
            for _ in audit([path], as_of=date(2027, 1, 1), office=office):
                pass

        def bare() -> None:
            with path.open("rb") as file:
                for raw in file:
                    line = lines.decode(raw)
                    payloads[line.programme, line.event].decode(line.data)

        pair = turns(ours, bare, rounds=15)
        yield figure(
            "audit from JSON Lines: decode, fold, judge, per event",
            pair._replace(ours=pair.ours / events, baseline=pair.baseline / events),
            baseline_name="msgspec decoding the same bytes into the same classes",
            target=4.0,
        )
        yield _memory(Path(name))


def _memory(folder: Path) -> Figure:
    path = folder / "memory.jsonl"
    _, _, events = write(round(MEMORY_EVENTS / EVENTS_A_CASE), 2, 0.2, path)
    code = (
        "import json, resource, sys\n"
        "from datetime import date\n"
        "from shuroflow import Office\n"
        "from shuroflow.audit import audit\n"
        "cases = sum(1 for _ in audit([sys.argv[1]], as_of=date(2027, 1, 1), office=Office()))\n"
        "print(json.dumps([cases, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    _, peak = json.loads(done.stdout)
    return {
        "figure": f"audit of {events:,} events: peak memory",
        "ours": round(peak, 1),
        "baseline": 200,
        "baseline_name": "the limit set",
        "unit": "MB",
        "ratio": round(peak / 200, 3),
        "target": 1.0,
        "met": peak <= 200,
    }
