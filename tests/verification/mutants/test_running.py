"""How a suite is tried against mutants: only what can tell is run, what hangs is stopped, nothing is left behind."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from shuroflow.errors import InputError
from shuroflow.states import Office, programme
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.mutants import Mutant, PytestSuite, Scope, gather, mutants_of, run
from shuroflow.verification.mutants.checks import HistoryCheck
from shuroflow.verification.planning import Script
from tests.verification.mutants.garden import GardenCase, said, scope
from tests.verification.mutants.suites import STORIES, Called, Given, Heard, idle, listening

GARDEN = {mutant.name: mutant for mutant in mutants_of(scope())}
PANEL = "garden.PANEL:drop-element:director"


def these(*names: str) -> list[Mutant]:
    """Mutants of the garden by name."""
    return [GARDEN[name] for name in names]


def test_only_what_meets_the_change_is_run() -> None:
    """A check that never comes to the changed statement is not tried; where none does, the mutant survives untried."""
    suite = idle("asked", "watered", "decided")
    outcome = run(
        these(PANEL, "garden.paid_in_time:compare:case.end_on is not None → case.end_on is None"), [scope()], suite
    )
    assert [("survived", 2), ("survived", 0)] == [(each.status, each.tried) for each in outcome.results]
    assert 3 == outcome.checks


def test_the_process_that_asks_stays_whole() -> None:
    """The rules are changed elsewhere; here every answer is as before."""
    before = [said(*STORIES[name]) for name in STORIES]
    outcome = run(list(GARDEN.values())[:60], [scope()], listening(), jobs=2)
    assert 60 == len(outcome.results)
    assert before == [said(*STORIES[name]) for name in STORIES]


def test_one_process_or_several_give_the_same() -> None:
    """The order of the results is that of the mutants, whoever tried them."""
    chosen = list(GARDEN.values())[::9]
    one, two = (run(chosen, [scope()], listening(), jobs=jobs) for jobs in (1, 2))
    assert (
        [mutant.name for mutant in chosen] == [each.name for each in one.results] == [each.name for each in two.results]
    )
    assert [each.status for each in one.results] == [each.status for each in two.results]


def test_a_check_that_fails_on_the_rules_as_they_are() -> None:
    """Such a suite says nothing about mutants, and the error says which check it is and what it found."""
    wrong = Given([Heard("asked", ["another answer"])])
    with pytest.raises(InputError, match="asked does not hold while the rules are whole"):
        run(these(PANEL), [scope()], wrong)


def test_a_suite_without_a_check() -> None:
    """Nothing was asked, so nothing can be said."""
    with pytest.raises(InputError, match="no test"):
        run(these(PANEL), [scope()], Given([]))


def test_what_hangs_is_stopped_and_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that never comes to an end is noticed, by time."""
    monkeypatch.setattr("shuroflow.verification.mutants.running.LEAST_SECONDS", 0.2)

    def forever() -> str | None:
        case = GardenCase("case-1", "garden")
        while case.is_closed_on(STORIES["asked"][0][0].occurred_on):
            pass
        return None

    closed = "case.Case.is_closed_on:compare:self.state_on(day) in CLOSED → self.state_on(day) not in CLOSED"
    outcome = run(these(closed), [scope()], Given([Called("forever", forever)]))
    assert ["timeout"] == [each.status for each in outcome.results]


def test_a_process_that_ends_is_told() -> None:
    """A suite that ends the process itself cannot be tried."""
    home = os.getpid()

    def leave() -> str | None:
        if os.getpid() != home:
            os._exit(3)
        return said(*STORIES["asked"]) and None

    with pytest.raises(InputError, match="a process ended before it told"):
        run(these("garden.row asked:drop-guard:right_form"), [scope()], Given([Called("leave", leave)]), jobs=1)


def test_names_stay_and_are_each_once() -> None:
    """The same names in the same order each time, and no line number in any."""
    first, second = ([mutant.name for mutant in mutants_of(scope())] for _ in range(2))
    assert first == second
    assert len(first) == len(set(first))
    assert "garden.in_time:drop-operand:case.asked_on is None" in first
    assert "garden.row decided:drop-guard:panel_complete" in first


def test_what_both_programmes_share_is_changed_once() -> None:
    """The calendar and the case of the library belong to both; their mutants serve the clauses of both."""
    scopes = [Scope(programme(code)) for code in ("saitama", "tsushima")]
    names = [mutant.name for mutant in gather(scopes)]
    assert len(names) == len(set(names))
    own = [{mutant.name for mutant in mutants_of(each)} for each in scopes]
    assert own[0] | own[1] == set(names)
    assert own[0] & own[1]


# Suites of pytest ----------------------------------------------------------------------------------------------------

WITNESS = """
    import pytest
    from hypothesis import given, strategies as st
    from tests.verification.mutants.garden import said, story, Asked, BOTH, Decided

    @pytest.fixture(scope="session")
    def case():
        return story(("2024-04-10", Asked()), ("2024-04-24", Decided(panel=BOTH)))

    def test_the_last_day(case):
        assert said(case)[1][2:] == (True,)

    @given(st.integers(1, 300))
    def test_every_day_after_it(days):
        import datetime
        day = (datetime.date(2024, 4, 24) + datetime.timedelta(days=days)).isoformat()
        assert said(story(("2024-04-10", Asked()), (day, Decided(panel=BOTH))))[1][3][0] == "garden.in_time"
"""
IN_TIME = [mutant for name, mutant in GARDEN.items() if name.startswith("garden.DAYS_TO_DECIDE")]


def suite(folder: Path, text: str, name: str) -> PytestSuite:
    """A file of tests."""
    path = folder / f"test_{name}.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return PytestSuite((str(path),))


def test_a_suite_of_pytest_condemns(tmp_path: Path) -> None:
    """Tests with fixtures and tests of Hypothesis are run again and again; each side of the limit has its own."""
    outcome = run(IN_TIME, [scope()], suite(tmp_path, WITNESS, "garden_witness"), jobs=1)
    told = {each.name: (each.status, each.check.rpartition("::")[2]) for each in outcome.results}
    assert ("killed", "test_every_day_after_it") == told["garden.DAYS_TO_DECIDE:shift:+1"]
    assert ("killed", "test_the_last_day") == told["garden.DAYS_TO_DECIDE:shift:-1"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import nowhere_at_all", "cannot be collected.*nowhere_at_all"),
        ("def test_wrong():\n    assert 1 == 2", "test_wrong does not hold while the rules are whole: assert 1 == 2"),
        ("def helper():\n    pass", "no test"),
    ],
    ids=["import", "fails", "empty"],
)
def test_a_suite_of_pytest_that_cannot_be_used(tmp_path: Path, text: str, fault: str) -> None:
    """What is wrong is said in a line, by the error that every command knows."""
    with pytest.raises(InputError, match=fault):
        run(IN_TIME, [scope()], suite(tmp_path, text, f"garden_{abs(hash(fault))}"))


def test_a_suite_that_is_not_there() -> None:
    """A path that does not exist is named."""
    with pytest.raises(InputError, match="nowhere"):
        run(IN_TIME, [scope()], PytestSuite(("nowhere/at_all",)))


# The kit's own histories ---------------------------------------------------------------------------------------------


def test_the_histories_tell_a_limit_apart() -> None:
    """Without any suite: the answers along them are others when the three months of 4(5) are four or two."""
    rules = Scope(programme("saitama"))
    chosen = [mutant for mutant in mutants_of(rules) if mutant.name.startswith("saitama.case.BASIC_MONTHS")]
    histories = Corpus.of("saitama").histories[:12]
    checks = [HistoryCheck(Script(history, 0), Office(), number) for number, history in enumerate(histories, 1)]
    outcome = run(chosen, [rules], Given(checks))
    assert ["killed", "killed"] == [each.status for each in outcome.results]
    assert "of saitama at" in outcome.results[0].check
    assert "the judge says otherwise" in outcome.results[0].said
