"""``shuroflow mutate``: a suite that notices, one that does not, one that cannot be used; arguments that cannot rot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.calls import call, one_line

MONTHS = "saitama.case.BASIC_MONTHS:shift:"
WITNESS = """
from datetime import date

from shuroflow.states.saitama.case import basic_end


def test_three_months() -> None:
    assert date(2025, 7, 14) == basic_end(date(2025, 4, 15))
"""
ASLEEP = WITNESS.replace("assert date(2025, 7, 14) == ", "")
WRONG = WITNESS.replace("7, 14", "7, 15")


def suite(folder: Path, text: str, name: str) -> Path:
    """A file of tests."""
    path = folder / f"test_mutate_{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


ONLY = ("--operator", "shift", "--clause", "4(5)", "--jobs", "1")


def months(output: str) -> list[str]:
    """What came of the three months, a month more and a month less."""
    mutants = json.loads(output)["mutants"]
    return [each["status"] for each in mutants if each["name"].startswith(MONTHS)]


def test_a_suite_that_notices(tmp_path: Path) -> None:
    """Both sides of the three months are condemned, and the check is named; what it never meets survives."""
    result = call("mutate", "saitama", "--suite", suite(tmp_path, WITNESS, "witness"), *ONLY, "--format", "json")
    assert 1 == result.exit_code, result.stderr
    assert ["killed", "killed"] == months(result.stdout)
    assert "test_three_months" in result.stdout


def test_a_suite_that_does_not(tmp_path: Path) -> None:
    """Survivors by clause, with what was changed; exit status 1."""
    result = call("mutate", "saitama", "--suite", suite(tmp_path, ASLEEP, "asleep"), *ONLY, "--lang", "en")
    assert 1 == result.exit_code, result.stderr
    assert (
        f"  {MONTHS}+1\n    a number is moved by one: saitama.case.BASIC_MONTHS\n      - 3\n      + 4" in result.stdout
    )
    assert "4(5)" in result.stdout.splitlines()


def test_a_suite_that_fails_as_it_is(tmp_path: Path) -> None:
    """It says nothing about mutants: exit status 2 and the test by name."""
    said = one_line(call("mutate", "saitama", "--suite", suite(tmp_path, WRONG, "wrong"), *ONLY))
    assert "test_three_months does not hold while the rules are whole" in said


def test_every_survivor_argued(tmp_path: Path) -> None:
    """With an argument for each that is left, the run is clean."""
    path = suite(tmp_path, ASLEEP, "argued")
    listed = json.loads(call("mutate", "saitama", *ONLY, "--list", "--format", "json").stdout)
    argued = tmp_path / "equivalent.toml"
    argued.write_text("".join(f'"{each["name"]}" = "seen nowhere"\n' for each in listed), encoding="utf-8")
    result = call("mutate", "saitama", "--suite", path, *ONLY, "--equivalent", argued, "--lang", "en")
    assert 0 == result.exit_code, result.stdout + result.stderr
    assert f"equivalent {len(listed)}, survived 0" in result.stdout


def test_an_argument_that_a_check_refutes(tmp_path: Path) -> None:
    """The report is told, and then that the entry has to go: exit status 2."""
    argued = tmp_path / "equivalent.toml"
    argued.write_text(f'"{MONTHS}+1" = "nobody counts months"\n', encoding="utf-8")
    path = suite(tmp_path, WITNESS, "refuted")
    result = call("mutate", "saitama", "--suite", path, *ONLY, "--equivalent", argued, "--lang", "en")
    assert 2 == result.exit_code
    assert "argued equivalent, but a check tells it" in result.stderr
    assert f"{MONTHS}+1" in result.stderr


def test_an_argument_for_nothing(tmp_path: Path) -> None:
    """A name that no mutant has is an error before anything is run."""
    argued = tmp_path / "equivalent.toml"
    argued.write_text('"saitama.gone:shift:1 → 2" = "gone"\n', encoding="utf-8")
    assert "no mutant has this name" in one_line(call("mutate", "saitama", "--equivalent", argued, "--lang", "en"))


def test_arguments_of_the_other_programme_are_left_alone(tmp_path: Path) -> None:
    """One file serves both programmes."""
    argued = tmp_path / "equivalent.toml"
    argued.write_text('"tsushima.folds.PAYMENT_DAYS:shift:+1" = "of another call"\n', encoding="utf-8")
    result = call("mutate", "saitama", *ONLY, "--list", "--equivalent", argued)
    assert 0 == result.exit_code, result.stderr


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    """So many, in their order, and others for another seed."""
    drawn = [call("mutate", "saitama", "--list", "--sample", 5, "--seed", seed).stdout for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 10 == len(drawn[0].splitlines())


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ((), "PROGRAMME"),
        (("nowhere",), "unknown programme 'nowhere'"),
        (("saitama", "--operator", "nothing"), "known: drop-guard"),
        (("saitama", "--clause", "99"), "known: 2, 3(1)ア"),
        (("saitama", "--operator", "figure"), "no mutant is left"),
        (("saitama", "--suite", "nowhere/at_all"), "nowhere"),
        (("saitama", "--sample", "0"), "0"),
    ],
)
def test_a_call_that_cannot_be_used(arguments: tuple[str, ...], fault: str) -> None:
    """One line, exit status 2, and what would be right."""
    assert fault in one_line(call("mutate", *arguments, "--lang", "en"))
