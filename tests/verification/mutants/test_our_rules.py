"""Our own rules: some of their mutants, always the same, are all condemned; ``make mutate`` tries every one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from shuroflow.states import programme
from shuroflow.verification.mutants import Scope, check_names, gather, read_equivalents

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
EQUIVALENT = HERE / "equivalent.toml"
SAMPLE = 40


def test_a_sample_of_our_rules_is_condemned() -> None:
    """Each mutant drawn is killed by the tests of the rules or argued equivalent: exit status 0."""
    call = ["mutate", "saitama", "tsushima", "--suite", "tests/states", "--suite", "tests/test_calendar.py"]
    drawn = ["--sample", str(SAMPLE), "--seed", "4", "--jobs", "1", "--lang", "en"]
    done = subprocess.run(
        [sys.executable, "-m", "shuroflow", *call, *drawn, "--equivalent", str(EQUIVALENT)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=600,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert 0 == done.returncode, done.stdout + done.stderr


def test_every_argument_is_about_a_mutant() -> None:
    """The file holds names that there are, each with a reason of its own."""
    argued = read_equivalents(EQUIVALENT)
    check_names(
        argued,
        [mutant.name for mutant in gather([Scope(programme(code)) for code in ("saitama", "tsushima")])],
        file=str(EQUIVALENT),
    )
    assert all(len(argument.split()) >= 8 for argument in argued.values())
