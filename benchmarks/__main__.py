"""Measure every figure, print the table, write benchmarks/latest.json."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.measure import Figure

# Imported when they are measured: each worker process imports this module, and is no slower than one of the command.
ROOMS = ("importing", "judging", "live", "storing", "auditing", "scaling", "viewing", "exploring")


def main(chosen: list[str]) -> int:
    """Measure the rooms named, or all; exit status 1 if a figure falls short."""
    if unknown := [name for name in chosen if name not in ROOMS]:
        print(f"unknown benchmark {unknown[0]!r}; known: {', '.join(ROOMS)}", file=sys.stderr)
        return 2
    rows: list[Figure] = []
    for name in ROOMS:
        if chosen and name not in chosen:
            continue
        for row in import_module(f"benchmarks.{name}").figures():
            rows.append(row)
            mark = "met" if row["met"] else "SHORT"
            target = "told only" if row["target"] is None else f"target {row['target']:g}"
            print(f"{mark:<6} {row['ratio']:>7.3f} ({target})  {row['figure']}", flush=True)
            print(f"{'':22}{row['ours']:,} {row['unit']} : {row['baseline']:,} {row['unit']}  {row['baseline_name']}")
    (Path(__file__).parent / "latest.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return 0 if all(row["met"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
