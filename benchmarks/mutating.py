"""Are the rules held by their tests? Every rule mutant of both programmes against the suite of the state machines.

Run on its own: ``python -m benchmarks.mutating [number of processes]``. The rows have the shape of the other
benchmarks: how many survive, of how many, and how long the whole run takes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure, limit
from shuroflow.states import programme
from shuroflow.verification.mutants import PytestSuite, Report, Scope, gather, read_equivalents, run

CODES = ("saitama", "tsushima")
SUITE = ("tests/states", "tests/test_calendar.py")
EQUIVALENT = Path("tests/verification/mutants/equivalent.toml")
SECONDS = 300.0


def report(jobs: int | None = None) -> Report:
    """Everything against everything."""
    scopes = [Scope(programme(code)) for code in CODES]
    mutants = gather(scopes)
    outcome = run(mutants, scopes, PytestSuite(SUITE), jobs=jobs)
    return Report(CODES, " ".join(SUITE), mutants, outcome, read_equivalents(EQUIVALENT))


def figures(jobs: int | None = None) -> Iterator[Figure]:
    """Survivors, and the time of the whole run."""
    found = report(jobs)
    missed, total = len(found.survivors) + len(found.refuted), len(found.mutants)
    argued = found.counts["equivalent"]
    yield {
        "figure": "rule mutants of both programmes that nothing kills",
        "ours": missed,
        "baseline": total,
        "baseline_name": f"mutants, {argued} of them argued equivalent",
        "unit": "mutants",
        "ratio": round(missed / total, 4),
        "target": 0.0,
        "met": not missed,
    }
    yield limit("rule mutants, the whole run", found.outcome.seconds, SECONDS, "s")


if __name__ == "__main__":
    for row in figures(int(sys.argv[1]) if len(sys.argv) > 1 else None):
        mark = "met" if row["met"] else "SHORT"
        print(f"{mark:<6} {row['ours']:,} of {row['baseline']:,} {row['unit']}: {row['figure']}")
