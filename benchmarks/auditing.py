"""The audit of a caseload on one core: against bare decoding, against pm4py's token replay, from databases; memory."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import msgspec

from benchmarks.measure import Figure, figure, limit, turns
from shuroflow import Office
from shuroflow.audit import audit
from shuroflow.events import Event, kinds_of
from shuroflow.simulation import write
from shuroflow.storage import decode, open_journal
from shuroflow.storage.journal import Bulk
from tests.postgres import Server, schema

AS_OF = date(2027, 1, 1)
SPEED_CASES = 2_500
MEMORY_EVENTS = 1_000_000
EVENTS_A_CASE = 13.4
CHUNK = 10_000

ROOT = Path(__file__).resolve().parents[1]
PM4PY = ROOT / ".cache" / "pm4py" / "bin" / "python"


def line_class() -> Any:
    """The class of an event as msgspec can fill it from a line.

    The fields are those of :class:`~shuroflow.events.Event`, with their types and limits; the kind goes by its name in
    the file, and the payload is left to be decoded by its kind.
    """
    fields = {
        "event" if field.name == "kind" else field.name: attrs.field(
            type=msgspec.Raw if field.name == "data" else field.type, default=field.default
        )
        for field in attrs.fields(attrs.resolve_types(Event, include_extras=True))
    }
    return attrs.make_class("Line", {**fields, "schema": attrs.field(type=int, default=1)}, frozen=True)


def figures() -> Iterator[Figure]:
    """Every figure of one core."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        path = Path(name) / "speed.jsonl"
        _, _, events = write(SPEED_CASES, 1, 0.2, path)
        yield _against_decoding(path, events)
        yield _against_token_replay(path, events)
        yield from _from_databases(path, events)
        yield _memory(Path(name))


def judge(source: str | Path) -> None:
    """All rules, all cases."""
    for _ in audit([source], as_of=AS_OF, office=Office()):
        pass


def _against_decoding(path: Path, events: int) -> Figure:
    lines = msgspec.json.Decoder(line_class())
    payloads: dict[tuple[str, str], msgspec.json.Decoder[Any]] = {
        (programme, kind): msgspec.json.Decoder(cls)
        for programme in ("saitama", "tsushima")
        for kind, cls in kinds_of(programme).items()
    }

    def bare() -> None:
        with path.open("rb") as file:
            for raw in file:
                line = lines.decode(raw)
                payloads[line.programme, line.event].decode(line.data)

    pair = turns(partial(judge, path), bare, rounds=15)
    return figure(
        "audit from JSON Lines, all rules, one core, per event",
        pair._replace(ours=pair.ours / events, baseline=pair.baseline / events),
        baseline_name="msgspec decoding the same bytes into the same classes, envelope and payload, with their limits; "
        f"processor time: {pair.processor:.2f}",
        target=2.5,
    )


def _against_token_replay(path: Path, events: int) -> Figure:
    table = path.with_suffix(".csv")
    with table.open("w", encoding="utf-8", newline="") as out, path.open("rb") as file:
        rows = csv.writer(out)
        rows.writerow(["case", "event", "time"])
        for raw in file:
            event = decode(raw)
            rows.writerow([event.case_id, event.kind, event.recorded_at.isoformat()])
    with _token_replay(table) as replay:
        pair = turns(partial(judge, path), replay, rounds=5)
    return figure(
        "the same caseload, file to verdict on all rules, per event",
        pair._replace(ours=pair.ours / events, baseline=pair.baseline / events),
        baseline_name="pm4py: CSV of case, event and time to token-based replay (control flow only); its start and the "
        "discovery of the model are not counted",
        target=1.0,
    )


@contextmanager
def _token_replay(table: Path) -> Iterator[Callable[[], None]]:
    assert PM4PY.exists(), "pm4py has no environment yet: make .cache/ready-pm4py"
    folder = str(table.parent)
    with subprocess.Popen(
        [PM4PY, "-I", ROOT / "benchmarks" / "tokens.py", table],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"HOME": folder, "MPLCONFIGDIR": folder},
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert "ready\n" == running.stdout.readline()

        def replay() -> None:
            assert running.stdin is not None
            assert running.stdout is not None
            print("again", file=running.stdin, flush=True)
            cases, _ = running.stdout.readline().split()
            assert SPEED_CASES == int(cases)

        yield replay
        running.stdin.close()


def _from_databases(path: Path, events: int) -> Iterator[Figure]:
    sqlite = f"sqlite:///{path.with_suffix('.sqlite')}"
    with Server(path.parent / "server") as server, schema(server.url) as postgresql:
        for name, url in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
            _load(url, path)
            pair = turns(partial(judge, url), partial(judge, path), rounds=7)
            yield figure(
                f"audit from {name}, per event",
                pair._replace(ours=pair.ours / events, baseline=pair.baseline / events),
                baseline_name="the same events from JSON Lines",
                target=1.5,
            )


def _load(url: str, path: Path) -> None:
    bodies = path.read_bytes().splitlines()
    with open_journal(url, create=True) as journal:
        assert isinstance(journal, Bulk)
        for start in range(0, len(bodies), CHUNK):
            journal.load(bodies[start : start + CHUNK])


def _memory(folder: Path) -> Figure:
    path = folder / "memory.jsonl"
    _, _, events = write(round(MEMORY_EVENTS / EVENTS_A_CASE), 2, 0.2, path)
    code = (
        "import json, sys\n"
        "from benchmarks.auditing import judge\n"
        "from benchmarks.measure import peak\n"
        "judge(sys.argv[1])\n"
        "print(json.dumps(peak()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True, text=True, cwd=ROOT)
    return limit(f"audit of {events:,} events: peak memory", json.loads(done.stdout), 200, "MB")
