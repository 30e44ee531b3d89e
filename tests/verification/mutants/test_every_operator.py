"""Each kind of change, on the garden: it is made, it is taken back to the last byte, and only a witness condemns it."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest

from shuroflow.calendar import OfficeCalendar
from shuroflow.states import Settings, programme
from shuroflow.states.figures import Figures
from shuroflow.verification.mutants import Mutant, Operator, Result, Scope, mutants_of, run
from tests.verification.mutants.garden import programme as garden
from tests.verification.mutants.garden import said, scope
from tests.verification.mutants.suites import STORIES, idle, listening

GARDEN = mutants_of(scope())
OF_THE_OFFICE = {Operator.FIGURE, Operator.FIGURE_DATE, Operator.CALENDAR, Operator.SETTING}
"""The garden asks for no figures, closed days or settings; they are seen on 対馬."""


def _state(scope: Scope) -> dict[str, Any]:
    """Everything that a mutant may change, as it is now."""
    held: dict[str, Any] = {part.name: part.function.__code__ for part in scope.parts}
    held |= {f"{module.__name__} names": frozenset(vars(module)) for module in scope.modules}
    for constant in scope.constants:
        held[constant.name] = [id(vars(module)[constant.attribute]) for module in constant.modules]
    for edition in scope.programme.editions:
        held |= {f"edition {name}": id(value) for name, value in vars(edition).items()}
    held["figures"] = id(Figures.default().series)
    calendar = OfficeCalendar.default()
    held["calendar"] = (calendar.year_end, calendar.weekends, calendar.first_year, calendar.last_year)
    held["settings"] = (Settings(), dict(Settings.__init__.__kwdefaults__ or {}))
    return held


@pytest.mark.parametrize("scope_of", [scope, lambda: Scope(programme("tsushima"))], ids=["garden", "tsushima"])
def test_a_mutant_is_made_and_taken_back(scope_of: Any) -> None:
    """Inside, something differs; afterwards every code object, constant, edition and figure is the very one it was."""
    rules = scope_of()
    whole = _state(rules)
    every = mutants_of(rules)
    for mutant in Random(0).sample(every, min(len(every), 300)):
        with mutant.applied():
            assert whole != _state(rules), mutant.name
        assert whole == _state(rules), mutant.name


def test_a_mutant_is_taken_back_after_an_error() -> None:
    """Whatever happens inside."""
    rules = scope()
    whole = _state(rules)
    for mutant in GARDEN:
        with pytest.raises(ZeroDivisionError), mutant.applied():
            raise ZeroDivisionError
    assert whole == _state(rules)


def test_what_was_remembered_is_forgotten() -> None:
    """An answer kept from before the change, or from inside it, is not the answer after it."""
    (longer,) = [mutant for mutant in GARDEN if mutant.name == "garden.last_day:shift:3 → 4"]
    before = said(*STORIES["decided"])
    with longer.applied():
        inside = said(*STORIES["decided"])
    assert before != inside
    assert before == said(*STORIES["decided"])


@pytest.fixture(scope="module")
def results() -> tuple[dict[str, Result], dict[str, Result]]:
    """Every mutant against the suite that listens, and against the one that does not."""
    heard, ignored = (run(GARDEN, [scope()], suite, jobs=1) for suite in (listening(), idle()))
    return {each.name: each for each in heard.results}, {each.name: each for each in ignored.results}


@pytest.mark.parametrize("operator", [each for each in Operator if each not in OF_THE_OFFICE])
def test_a_change_is_killed_by_its_witness_alone(
    operator: Operator, results: tuple[dict[str, Result], dict[str, Result]]
) -> None:
    """Each kind has mutants in the garden that live where nobody listens and die where somebody does."""
    heard, ignored = results
    names = [mutant.name for mutant in GARDEN if mutant.operator is operator]
    assert [name for name in names if ignored[name].status == "survived" and heard[name].status == "killed"]


def test_what_a_witness_shows_is_told_by_clause(results: tuple[dict[str, Result], dict[str, Result]]) -> None:
    """The limit of fourteen days, a day more or less: condemned by the witness on its own side of it."""
    heard, _ = results
    longer, shorter = (heard[f"garden.DAYS_TO_DECIDE:shift:{by}"] for by in ("+1", "-1"))
    assert ["killed"] * 2 == [longer.status, shorter.status]
    (compare,) = [each for each in GARDEN if each.name.startswith("garden.in_time:compare:event.occurred_on <=")]
    assert ("第2条",) == compare.clauses
    assert "decided-on-the-last-day" == heard[compare.name].check
    assert compare.before != compare.after


@pytest.fixture(scope="module")
def of_tsushima() -> dict[str, Mutant]:
    """The mutants of 対馬 by name."""
    return {mutant.name: mutant for mutant in mutants_of(Scope(programme("tsushima")))}


def test_a_figure_and_its_date(of_tsushima: dict[str, Mutant]) -> None:
    """A yen more, a day later: the built-in figures are others inside and the same afterwards."""
    figures = Figures.default()
    year = 2025
    with of_tsushima["figures.levy_base[2017]:figure:+1"].applied():
        assert 280_001 == figures.levy_base(year).value
    assert 280_000 == figures.levy_base(year).value
    with of_tsushima["figures.salary_deduction_minimum[2020]:figure-date:first+1"].applied():
        assert 650_000 == figures.deduction_minimum(2020).value
    assert 550_000 == figures.deduction_minimum(2020).value


def test_a_closed_day(of_tsushima: dict[str, Mutant]) -> None:
    """The last day of the year-end closure is open inside."""
    calendar = OfficeCalendar.default()
    with of_tsushima["calendar.office:calendar:01-03"].applied():
        assert not calendar.is_closed(date(2025, 1, 3))
    assert calendar.is_closed(date(2025, 1, 3))


def test_a_default_of_the_settings(of_tsushima: dict[str, Mutant]) -> None:
    """Settings made before and inside have the other default; one that was chosen otherwise keeps its choice."""
    before, chosen = Settings(), Settings(deduction_basis="law_on_application_date")
    with of_tsushima["settings.standard:setting:national_table"].applied():
        assert ["national_table"] * 2 == [Settings().standard, before.standard]
    assert ["text"] * 2 == [Settings().standard, before.standard]
    assert "law_on_application_date" == chosen.deduction_basis


def test_every_operator_has_its_words() -> None:
    """In both languages, and no two alike."""
    for lang in ("ja", "en"):
        words = [each.label(lang) for each in Operator]  # type: ignore[arg-type]
        assert all(words)
    assert len(Operator) == len({each.label("ja") for each in Operator}) == len({each.label("en") for each in Operator})
    assert garden().code == "garden"
