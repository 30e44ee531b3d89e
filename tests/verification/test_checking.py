"""The check as a whole: saved histories first, then the sweep, then the machine, and nothing that is told twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.foreign_system import Mistake, open_system
from shuroflow.errors import InputError, UnknownProgramme
from shuroflow.verification import DeskDriver, check, plan, save, saved
from shuroflow.verification.compliance import Profile
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Abilities

FEW = Profile("few", 5, 8, 10)
CORPUS = Corpus.made("saitama", Corpus.of("saitama").histories[:6])


def test_a_plan_says_what_is_then_tried() -> None:
    """Cases of the sweep and runs of the machine are those that were announced, and so are the stages."""
    told: list[tuple[str, int, int]] = []
    ahead = plan(DeskDriver, "saitama", corpus=CORPUS, profile=FEW, seed=4)
    report = check(DeskDriver, "saitama", corpus=CORPUS, profile=FEW, seed=4, progress=lambda *step: told.append(step))

    assert report.passed
    assert (6, 0, 8, 10, "few", 4) == (
        ahead.histories,
        ahead.replayed,
        ahead.examples,
        ahead.steps,
        ahead.profile,
        ahead.seed,
    )
    assert ahead.histories + ahead.edges == report.stages["swept"]
    assert ["swept", "drawn"] == list(dict.fromkeys(stage for stage, _, _ in told))
    for stage, total in (("swept", ahead.histories + ahead.edges), ("drawn", ahead.examples)):
        assert [(done, total) for done in range(1, total + 1)] == [step[1:] for step in told if step[0] == stage]
    assert report.cases == sum(report.stages.values())


def test_a_plan_says_what_is_compared() -> None:
    """As the driver says: the foreign system takes no corrections, and tells its duties."""
    ours, theirs = (plan(each, "saitama", corpus=CORPUS, profile=FEW) for each in (DeskDriver, open_system))

    assert Abilities(True, DeskDriver().duty_clauses, True) == ours.abilities
    assert (True, False) == (theirs.abilities.standing, theirs.abilities.corrections)


def test_what_failed_is_tried_first(tmp_path: Path) -> None:
    """A saved history finds its difference again at once, by the same kind and in the same file."""

    def broken() -> object:
        return open_system(Mistake.TWO_PARTIES_SELECT)

    (found,) = check(broken, "saitama", corpus=CORPUS, profile=FEW, most=1).differences
    path = save(found, tmp_path)
    again = check(broken, "saitama", corpus=CORPUS, profile=FEW, most=1, replay=saved(tmp_path))
    mended = check(open_system, "saitama", corpus=CORPUS, profile=FEW, replay=saved(tmp_path))

    assert [found.kind] == [each.kind for each in again.differences]
    assert {"replayed"} == set(again.stages)
    assert path == save(again.differences[0], tmp_path)
    assert mended.passed
    assert 1 == mended.stages["replayed"]


def test_a_kind_is_told_once_in_all_stages(tmp_path: Path) -> None:
    """What was replayed is not found again by the sweep, nor by the machine; all kinds are found without ``most``."""

    def broken() -> object:
        return open_system(Mistake.TWO_PARTIES_SELECT, Mistake.APPLICANT_IS_NO_TARGET)

    report = check(broken, "saitama", corpus=CORPUS, profile=FEW)
    for found in report.differences:
        save(found, tmp_path)
    again = check(broken, "saitama", corpus=CORPUS, profile=FEW, replay=saved(tmp_path))

    assert {"4(1)", "3(1)ア"} <= {found.clauses[0] for found in report.differences}
    kinds = [found.kind for found in again.differences]
    assert len(kinds) == len(set(kinds))
    assert {found.kind for found in report.differences} == set(kinds)


def test_a_call_that_cannot_be_used() -> None:
    """An unknown programme, a history of another one: told before the system is opened."""

    def never() -> DeskDriver:
        raise AssertionError("opened")

    with pytest.raises(UnknownProgramme):
        check(never, "nowhere")
    with pytest.raises(UnknownProgramme):
        plan(never, "nowhere")
    with pytest.raises(InputError, match="is of programme 'saitama', not of 'tsushima'"):
        check(never, "tsushima", replay=[*_scripts()])


def _scripts() -> list[object]:
    from shuroflow.verification.planning import Script

    return [Script(CORPUS.histories[1], 0)]


def test_counts_can_be_added() -> None:
    """Two checks of one system are one report."""
    one = check(DeskDriver, "saitama", corpus=CORPUS, profile=FEW, seed=1)
    two = check(DeskDriver, "saitama", corpus=CORPUS, profile=FEW, seed=2)
    cases, events, drawn = one.cases, one.events, one.stages["drawn"]
    one.add(two)

    assert (cases + two.cases, events + two.events) == (one.cases, one.events)
    assert drawn + two.stages["drawn"] == one.stages["drawn"]
