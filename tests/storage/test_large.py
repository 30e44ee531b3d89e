"""The large benchmark, small: its steps run and keep to their limits, and what it makes up is what a journal holds."""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import large
from benchmarks.histories import bodies, case_id, cases
from shuroflow.storage import JsonlJournal, decode, encode, open_journal

EVENTS = 20_000
WAITS_TOLD = int(large.WAITS.exists())
"""One figure more where the system tells how long a thread has waited for a processor."""


@pytest.mark.parametrize("events", [1, 25, 26, 27, 1_000, 4_321])
def test_made_up_histories(tmp_path: Path, events: int) -> None:
    """Canonical bodies, gapless and linked: a journal takes them and reads every case; as many cases as are told."""
    made = list(bodies(events))
    assert events == len(made)
    assert made == [encode(decode(body)) for body in made]
    with JsonlJournal(tmp_path / "cases.jsonl", create=True) as journal:
        journal.load(made)
        assert [case_id(number) for number in range(cases(events))] == list(journal.cases())
        assert events == sum(len(journal.read(name)) for name in journal.cases())


def test_cases_are_interleaved() -> None:
    """Many are under way at one time: neighbours belong to different cases, as in a journal of an office."""
    ids = [decode(body).case_id for body in bodies(EVENTS)]
    assert all(one != other for one, other in pairwise(ids))
    assert 13 == max(Counter(ids).values())
    assert 770_048 == cases(large.EVENTS)


def test_the_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in a process of its own, and none with more memory than the whole: import to verify, and the audit."""
    monkeypatch.setattr(large, "SMALL", EVENTS // 10)
    rows = {row["figure"].removeprefix("20,000 events in SQLite: "): row for row in large.figures(tmp_path, EVENTS)}
    told = ", by the clock less the time that others had the processors"
    reads = [f"read one case{way}" for way in (", by the clock", *WAITS_TOLD * (told,), ", time of the processor")]
    times = ["import, per event", "open", *reads, "verify, per event"]
    memory = ["import, peak memory", "seal, peak memory", "verify, peak memory"]
    audit = f"audit of {EVENTS:,} events from JSON Lines"
    memory.append(f"{audit}: peak memory")
    times.append(f"{audit}, all rules, one core, time of the processor per event")
    assert {*times, *memory} == set(rows)
    assert all(20 < rows[name]["ours"] < large.MEMORY for name in memory)
    assert all(0 < rows[name]["ours"] for name in times)
    with open_journal(f"sqlite:///{tmp_path / 'large.sqlite'}") as journal:
        assert EVENTS == journal.size()
        assert 13 == len(journal.read(case_id(0)))


def test_waits_are_no_part_of_the_time() -> None:
    """What a thread is told to have waited is never negative, and never more than went by."""
    with large._waits() as waited:
        start, before = time.perf_counter(), waited()
        while time.perf_counter() - start < 0.05:
            pass
        waits, whole = waited() - before, time.perf_counter() - start
    assert 0 <= waits <= whole


def test_without_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the system does not tell them, there are none."""
    monkeypatch.setattr(large, "WAITS", tmp_path / "none")
    with large._waits() as waited:
        assert 0.0 == waited()


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every figure is printed, one beyond its limit gives status 1, and only the whole number of events is kept."""
    file = large.ROOT / "benchmarks" / "large.json"
    before = file.read_bytes() if file.exists() else None
    facts = {"seconds": 1.0, "proven": True, "open": 0.1}
    ways = ("clock", "less waits", "processor", "idle")
    facts |= {f"{way} p{at}{of}": 0.001 for way in ways for at in (50, 99) for of in ("", ", quietest")}
    for peak, power, short in ((150.0, 1.0, 0), (201.0, 1.0, 4), (150.0, 0.8, 0), (150.0, 1.2, 1)):

        def run(step: str, folder: Path, events: int, peak: float = peak, power: float = power) -> large.Facts:
            if step == "write":
                large._lines(folder / "large.checkpoint", events).touch()
            return {**facts, "peak": peak, "processor": events**power}

        monkeypatch.setattr(large, "run", run)
        assert int(short > 0) == large.main(["--events", "200000"])
        lines = capsys.readouterr().out.splitlines()
        assert 10 + WAITS_TOLD == len(lines)
        assert short == sum(line.startswith("SHORT ") for line in lines)
    assert before == (file.read_bytes() if file.exists() else None)
