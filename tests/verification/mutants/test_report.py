"""What is told of the mutants, and the file of those that are argued equivalent: it cannot rot."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuroflow.errors import InputError
from shuroflow.verification.mutants import Report, check_names, mutants_of, read_equivalents
from shuroflow.verification.mutants.running import Outcome, Result
from tests.verification.mutants.garden import scope

MUTANTS = {mutant.name: mutant for mutant in mutants_of(scope())}
IN_TIME = next(name for name in MUTANTS if name.startswith("garden.in_time:compare:event.occurred_on <="))
WATER, STEP = "garden.watered:shift:1 → 2", "garden.row watered:drop-mark:turn"
SHARED = "case.Case.take_on:drop-statement:self.duties[duty.code, duty.subject if key is None else key] = duty"


def report(**argued: str) -> Report:
    """One killed, one stopped by time, three survivors, of which one was never met."""
    results = (
        Result(IN_TIME, "killed", "test_a.py::test_b", "assert 1 == 2", 3),
        Result(WATER, "survived", tried=4),
        Result(STEP, "survived", tried=0),
        Result(SHARED, "timeout", "test_a.py::test_c", tried=1),
    )
    mutants = tuple(MUTANTS[each.name] for each in results)
    return Report(("garden",), "tests", mutants, Outcome(results, 7, 1.5), argued)


def test_survivors_stand_under_their_clause() -> None:
    """With what was changed, before and after; a place that no check comes to is marked."""
    told = report().text("en")
    assert "7 checks, 4 mutants, 2 s" in told
    assert "killed 1, stopped by time 1, equivalent 0, survived 2" in told
    assert f"\n第3条\n  {WATER}\n" in told
    assert "- case.waterings += 1" in told
    assert "+ case.waterings += 2" in told
    assert f"{STEP} (no check comes here)" in told
    assert IN_TIME not in told
    assert "検出 1、時間切れで検出 1、同値 0、生存 2" in report().text("ja")


def test_an_argument_takes_a_survivor_from_the_list() -> None:
    """It is counted apart, and its name is not told again."""
    argued = report(**{WATER: "nobody counts beyond one"})
    assert [STEP] == [mutant.name for mutant in argued.survivors]
    assert ("equivalent", []) == (argued.status_of(argued.outcome.results[1]), argued.refuted)
    assert "nobody counts beyond one" in str(argued.as_json())


def test_an_argument_against_a_kill_is_refuted() -> None:
    """Whatever was said of it, a check tells the difference."""
    assert [IN_TIME, SHARED] == report(**{SHARED: "never ends", IN_TIME: "no"}).refuted


def test_a_program_reads_every_mutant() -> None:
    """With the check that condemned it, in the order tried."""
    read = report().as_json()
    assert {"killed": 1, "timeout": 1, "equivalent": 0, "survived": 2} == read["counts"]
    assert [IN_TIME, WATER, STEP, SHARED] == [each["name"] for each in read["mutants"]]
    first = read["mutants"][0]
    assert ("killed", "test_a.py::test_b", ["第2条"], "compare") == tuple(
        first[key] for key in ("status", "check", "clauses", "operator")
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('"a" = ""', "say in a sentence why"),
        ('"a" = 3', "say in a sentence why"),
        ('[a]\nb = "c"', "say in a sentence why"),
        ("a = ", "not a TOML document"),
        (b'"a" = "\xff"', "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str | bytes, fault: str) -> None:
    """The error names the file, and the entry where there is one."""
    path = tmp_path / "equivalent.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=fault) as error:
        read_equivalents(path)
    assert str(path) == error.value.file


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """One clear error."""
    with pytest.raises(InputError, match="cannot be read"):
        read_equivalents(tmp_path / "nowhere.toml")


def test_a_name_that_no_mutant_has(tmp_path: Path) -> None:
    """The rule changed, and the argument with it: the entry has to go."""
    path = tmp_path / "equivalent.toml"
    path.write_text(f'"{WATER}" = "argued"\n"garden.gone:shift:1 → 2" = "argued"\n', encoding="utf-8")
    argued = read_equivalents(path)
    with pytest.raises(InputError, match="no mutant has this name") as error:
        check_names(argued, MUTANTS, file=str(path))
    assert ("garden.gone:shift:1 → 2",) == error.value.problems
    check_names({WATER: "argued"}, MUTANTS, file=str(path))
