"""Both programmes of this package are sound to the bound, and so is a small one made for these tests."""

from __future__ import annotations

from datetime import date

import pytest

from shuroflow.events import Corrected, Withdrawn
from shuroflow.states import programme
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.paths import PathReport, explore
from shuroflow.vocabulary import State
from tests.verification.paths import seats
from tests.verification.paths.conftest import Install


@pytest.fixture(scope="module", params=["saitama", "tsushima"])
def report(request: pytest.FixtureRequest) -> PathReport:
    """What is found at the default bound."""
    return explore(request.param)


def test_both_programmes_are_sound(report: PathReport) -> None:
    """Nothing is wrong, and everything up to the bound was explored."""
    assert () == report.findings
    assert report.complete
    assert report.passed


def test_every_state_rule_and_duty_has_its_history(report: PathReport) -> None:
    """Each state is reached, each rule is seen broken, each duty is brought about and discharged: by a history."""
    assert [] == [each.state for each in report.states if not each.history and each.state is not State.NEW]
    assert [] == [each.rule for each in report.rules if each.broken is None]
    assert [] == [each.duty for each in report.duties if each.arisen is None or not each.discharged_by]


def test_every_sequence_of_states_is_shown_by_a_history(report: PathReport) -> None:
    """Whatever way the chart has, up to eight moves, the rules let a case go it."""
    assert report.counts.ways == report.counts.ways_walked


def test_what_is_not_taken_is_taken_in_another_way(report: PathReport) -> None:
    """The one arrow of 対馬 that no case takes: the notified day has come by then, and moves the case by itself."""
    by_itself = {(lapse.source, lapse.dest) for lapse in programme(report.programme).current.by_itself}
    untaken = [each.arrow for each in report.moves if not each.times]

    assert untaken == [each for each in untaken if (each.source, each.dest) in by_itself]
    assert [each.subject for each in report.notes if each.kind == "only_refuses"] == [each.event for each in untaken]


def test_what_secures_the_steps_before_support(report: PathReport) -> None:
    """The decision on use is on every way of the chart; the notice and the two objects of consent hang on rules."""
    told = {(each.state.value, each.label.en): each.secured_by for each in report.needs}
    consent = "consent to support and to the setting of goals"

    assert {
        "saitama": {("in_support", consent): "rules", ("extended", consent): "rules"},
        "tsushima": {
            ("in_support", "decision on use"): "chart",
            ("in_support", "notice of the decision on use"): "rules",
            ("extended", "decision on use"): "chart",
            ("extended", "notice of the decision on use"): "chart",
        },
    }[report.programme] == told


@pytest.mark.parametrize("bound", [1, 2, 3, 4])
def test_a_sound_programme_is_sound_at_any_bound(install: Install, bound: int) -> None:
    """Nothing is found in the small one, near and far."""
    install(seats.seats())

    report = explore(seats.CODE, bound=bound, needs={State.IN_SUPPORT: ("agreed",)})

    assert () == report.findings
    assert report.passed


def test_corrected_histories_are_a_beginning_too(install: Install) -> None:
    """A history in which a record was corrected, and one in which it was withdrawn, are gone on from as they stand."""
    install(seats.seats())
    lent_late = seats.told(
        *seats.BEGUN,
        ("2025-04-11", Corrected(seq=3, occurred_on=date(2025, 4, 9), reason="写し誤り", approved_by=seats.OFFICER)),
        ("2025-04-20", seats.Reminded()),
        ("2025-04-21", Withdrawn(seq=5, reason="別の人", approved_by=seats.OFFICER)),
        ("2025-05-02", seats.GivenBack()),
    )
    report = explore(seats.CODE, corpus=Corpus(seats.CODE, (*seats.examples(), lent_late)))

    assert () == report.findings
