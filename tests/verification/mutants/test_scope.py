"""What counts as a rule: found from the rows of any programme, by name, and nothing that only tells."""

from __future__ import annotations

import ast
from typing import Any

import attrs
import pytest

from shuroflow.errors import InputError
from shuroflow.states import Edition, Programme, programme
from shuroflow.verification.mutants import Scope
from shuroflow.verification.mutants.told import names, untold
from tests.verification.mutants.garden import programme as garden


def names_of(scope: Scope) -> set[str]:
    """The functions of the rules."""
    return {part.name for part in scope.parts}


def test_every_guard_and_fold_is_found() -> None:
    """Of both programmes and of the garden, under the name of its module; what a case answers belongs to it."""
    for kind in (programme("saitama"), programme("tsushima"), garden()):
        scope = Scope(kind)
        found = {part.function for part in scope.parts}
        for row in kind.current.rows:
            assert found.issuperset(row.guards)
        assert () == scope.unread
    assert {"garden.in_time", "garden.last_day", "garden.GardenCase.state_on", "case.Case.close"} <= names_of(
        Scope(garden())
    )
    assert {"calendar.period_end", "saitama.case.basic_end"} <= names_of(Scope(programme("saitama")))
    assert {"means_test.means_test", "calendar.tax_fiscal_year"} <= names_of(Scope(programme("tsushima")))


def test_what_a_programme_does_not_use_is_not_its_rule() -> None:
    """埼玉 has no means test; 対馬 answers itself what the library answers for a case; words are no rules."""
    assert not any(name.startswith(("means_test.", "figures.")) for name in names_of(Scope(programme("saitama"))))
    tsushima = names_of(Scope(programme("tsushima")))
    assert "case.Case.state_on" not in tsushima
    assert not {"figures.label", "tsushima.eligibility._yen", "calendar.format_fiscal_year"} & tsushima


def test_a_function_serves_the_clauses_of_whoever_asks_it() -> None:
    """A guard its own; a helper those of all guards above it."""
    scope = Scope(garden())
    by_name = {part.name: scope.citations(part.function) for part in scope.parts}
    assert ("第2条",) == by_name["garden.in_time"]
    assert ("第1条", "第2条") == by_name["garden.right_form"]
    assert "第2条" in by_name["garden.last_day"]


def _with_guard(guard: Any) -> Programme:
    edition = garden().current
    rows = [attrs.evolve(row, guards=(guard,)) if row.event == "watered" else row for row in edition.rows]
    made = Edition(
        clauses=edition.clauses,
        rules=edition.table,
        rows=rows,
        ladder=edition.ladder,
        in_force_from=edition.in_force_from,
        new_case=edition.new_case,
    )
    return attrs.evolve(garden(), editions=(made,))


def test_a_guard_that_another_function_makes_is_told() -> None:
    """It can be dropped, but nothing inside it is changed: whoever reads the result has to know."""

    def in_time(case: Any, event: Any, office: Any) -> None:
        return None

    assert (in_time.__qualname__,) == Scope(_with_guard(in_time)).unread


def test_a_guard_that_is_no_function_is_refused() -> None:
    """It has no code that could be changed."""

    class Guard:
        __name__ = "in_time"

        def __call__(self, case: Any, event: Any, office: Any) -> None:
            return None

    with pytest.raises(InputError, match="not a plain function"):
        Scope(_with_guard(Guard()))


def test_what_is_only_told_is_left_alone() -> None:
    """Values of a finding, words, errors and what leads to nothing else; a condition is none of them."""
    source = """
def guard(case, event, office):
    shown = case.days + 1
    limit = case.limit
    if event.day > limit:
        raise ValueError("so many: " + str(case.count))
    return None if event.ok else {"shown": shown, "limit": limit, "extra": case.extra}
"""
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    asked = set(names(function))
    assert {"limit", "day", "ok", "event"} <= asked
    assert not {"days", "count", "extra"} & asked
    assert all(not isinstance(node, ast.Dict) for node in untold(function))
