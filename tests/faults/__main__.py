"""The whole fault campaign: ``python -m tests.faults``, or ``make faults``.

Every campaign runs on its stores until the first broken promise, which ends the run with status 1, an account, and the
seed that does the same once more. A run of all campaigns writes its table to ``tests/faults/latest.json``.
"""

from __future__ import annotations

import argparse
import platform
import secrets
import sqlite3
import sys
import tempfile
import traceback
from contextlib import ExitStack
from pathlib import Path

from tests.faults.campaigns import CAMPAIGNS
from tests.faults.processes import ready
from tests.faults.running import Row, Run, write

LATEST = Path(__file__).with_name("latest.json")


def main(arguments: list[str] | None = None) -> int:
    """Run the campaigns that are asked for; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=list(CAMPAIGNS), help="this campaign; may be repeated")
    parser.add_argument("--rounds", type=int, help="how many kills, crashes and appends, instead of the usual number")
    parser.add_argument("--seed", type=int, help="do the same once more; otherwise one is drawn")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, ExitStack() as stack:
        ready()
        run = Run(Path(folder), seed=seed, rounds=given.rounds, stack=stack)
        for name in given.only or CAMPAIGNS:
            try:
                for row in CAMPAIGNS[name](run):
                    rows.append(row)
                    print(row, file=sys.stderr, flush=True)
                    if row.faults:
                        return _broken(row, name, seed)
            except Exception:  # whatever a store raises where nobody expected it
                traceback.print_exc()
                print(f"The campaign stopped. {_again(name, seed)}")
                return 1
    print("\n".join(map(str, rows)))
    print(f"No promise was broken, in {sum(row.seconds for row in rows):.0f} seconds; seed {seed}.")
    if not given.only and given.rounds is None:
        versions = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
        write(LATEST, rows, seed=seed, versions=versions)
    return 0


def _broken(row: Row, name: str, seed: int) -> int:
    print(f"{row.campaign}, {row.store}: a promise was broken.")
    for fault in row.faults[:20]:
        print(f"- {fault}")
    if len(row.faults) > 20:
        print(f"- and {len(row.faults) - 20} more")
    print(_again(name, seed))
    return 1


def _again(name: str, seed: int) -> str:
    return f"The same once more: python -m tests.faults --only {name} --seed {seed}"


if __name__ == "__main__":
    sys.exit(main())
