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
    """Medians over all rounds: seconds a call of ours, of the baseline, and of the ratio round by round."""

    ours: float
    baseline: float
    ratio: float


def turns(ours: Callable[[], object], baseline: Callable[[], object], *, rounds: int, calls: int = 1) -> Pair:
    """Time both in turn, `rounds` times, `calls` calls each; the order alternates."""
    mine: list[float] = []
    theirs: list[float] = []
    ours(), baseline()
    for number in range(rounds):
        for side, times in ((ours, mine), (baseline, theirs)) if number % 2 else ((baseline, theirs), (ours, mine)):
            gc.collect()
            start = time.perf_counter()
            for _ in range(calls):
                side()
            times.append((time.perf_counter() - start) / calls)
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    return Pair(statistics.median(mine), statistics.median(theirs), ratio)


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


def figure(name: str, pair: Pair, *, baseline_name: str, target: float) -> Figure:
    """A row of the table: times in microseconds, met if the ratio is at most the target."""
    return {
        "figure": name,
        "ours": round(pair.ours * 1e6, 2),
        "baseline": round(pair.baseline * 1e6, 2),
        "baseline_name": baseline_name,
        "unit": "µs",
        "ratio": round(pair.ratio, 3),
        "target": target,
        "met": pair.ratio <= target,
    }
