"""How long does it take to explore every path of both programmes to the default bound, and is anything wrong there?

Run on its own: ``python -m benchmarks.exploring [bound]``. Processor time of the one process that explores is quoted,
so that a busy machine does not count.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from benchmarks.measure import Figure, limit
from shuroflow.verification.paths import BOUND, PathReport, explore

PROGRAMMES = ("saitama", "tsushima")
MOST_SECONDS = 60.0


def figures() -> Iterator[Figure]:
    """The time for both, and what was found or left out."""
    seconds, reports = explored(BOUND)
    histories = sum(report.counts.histories for report in reports)
    yield limit(f"paths of both programmes, bound {BOUND}: {histories:,} histories", seconds, MOST_SECONDS, "s")
    wrong = sum(len(report.findings) + (not report.complete) for report in reports)
    yield {
        "figure": "paths of both programmes: wrong or left out",
        "ours": wrong,
        "baseline": 0,
        "baseline_name": "nothing",
        "unit": "findings",
        "ratio": float(wrong),
        "target": 0.0,
        "met": wrong == 0,
    }


def explored(bound: int) -> tuple[float, list[PathReport]]:
    """Processor seconds, and the reports."""
    start = time.process_time()
    reports = [explore(code, bound=bound) for code in PROGRAMMES]
    return time.process_time() - start, reports


if __name__ == "__main__":
    taken, found = explored(int(sys.argv[1]) if len(sys.argv) > 1 else BOUND)
    for each in found:
        print(each.text("en"))
    print(f"{taken:.1f} s")
