"""Fair measuring on a shared, noisy machine: both sides take turns, and medians are quoted."""

from __future__ import annotations

import contextlib
import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

Figure = dict[str, Any]


class Pair(NamedTuple):
    """Medians over all rounds: seconds a call of ours, of the baseline, and of the ratio round by round.

    ``processor`` is the ratio of the time that this process had a processor: what others do beside it is no part of
    that, and neither is what a disk or a server does for it.
    """

    ours: float
    baseline: float
    ratio: float
    processor: float


def turns(ours: Callable[[], object], baseline: Callable[[], object], *, rounds: int, calls: int = 1) -> Pair:
    """Time both in turn, `rounds` times, `calls` calls each; the order alternates."""
    mine: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    ours(), baseline()
    for number in range(rounds):
        for side, times in ((ours, mine), (baseline, theirs)) if number % 2 else ((baseline, theirs), (ours, mine)):
            gc.collect()
            start, given = time.perf_counter(), time.process_time()
            for _ in range(calls):
                side()
            times.append(((time.perf_counter() - start) / calls, (time.process_time() - given) / calls))
    clock, processor = [statistics.median(a[way] / b[way] for a, b in zip(mine, theirs, strict=True)) for way in (0, 1)]
    seconds = [statistics.median(clocked for clocked, _ in times) for times in (mine, theirs)]
    return Pair(seconds[0], seconds[1], clock, processor)


def limit(name: str, ours: float, most: float, unit: str, *, baseline_name: str = "the limit set") -> Figure:
    """A row of the table for a figure that is held against a limit, not against something measured."""
    return {
        "figure": name,
        "ours": round(ours, 3),
        "baseline": most,
        "baseline_name": baseline_name,
        "unit": unit,
        "ratio": round(ours / most, 3),
        "target": 1.0,
        "met": ours <= most,
    }


def peak() -> float:
    """The most memory that this process has held at a time, in MB (of 2**20 bytes)."""
    # What getrusage says may be that of the process that started this one; the kernel keeps the true one by the side.
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    import resource  # not there on Windows

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / 1024 if sys.platform == "darwin" else most / 1024


def figure(name: str, pair: Pair, *, baseline_name: str, target: float | None) -> Figure:
    """A row of the table: times in microseconds, met if the ratio is at most the target, where there is one."""
    return {
        "figure": name,
        "ours": round(pair.ours * 1e6, 2),
        "baseline": round(pair.baseline * 1e6, 2),
        "baseline_name": baseline_name,
        "unit": "µs",
        "ratio": round(pair.ratio, 3),
        "target": target,
        "met": target is None or pair.ratio <= target,
    }
