"""The machine: sound systems pass; mistakes that no history of the corpus shows are found, and told shortly."""

from __future__ import annotations

import unittest
from collections.abc import Sequence
from datetime import date

import attrs
import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states import Office
from shuroflow.states.history import case_of
from shuroflow.verification.checking import check
from shuroflow.verification.compliance import Profile, Report, sweep
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Answer, DeskDriver, Standing
from shuroflow.verification.stepping import Parted, compliance_machine, run_settings

FEW = Profile("few", 0, 40, 15)
MORE = Profile("more", 0, 200, 15)
"""Ends at the first difference: how early that is drawn hangs on the numbers that stand in the source, too."""
STARTED = Corpus.made("saitama", Corpus.of("saitama").histories[7:9])
LISTED = Corpus.made("saitama", Corpus.of("saitama").histories[:4])
AMENDING = Corrected | Withdrawn


class Uncorrected(DeskDriver):
    """Takes corrections and withdrawals, and goes on with the period as it was."""

    def standing(self, case_id: str, on: date) -> Standing:
        """With the period of what was recorded at first."""
        told = super().standing(case_id, on)
        first = [event for event in self.history(case_id) if not isinstance(event.data, AMENDING)]
        period = case_of(first, Office(), as_of=on).period
        return told if None in (told.period, period) else attrs.evolve(told, period=(period.start, period.end))


class NoLateEntries(DeskDriver):
    """Refuses whatever is of an earlier day."""

    def record(self, event: Event) -> Answer:
        """Only in the order of the days."""
        late = any(event.occurred_on < known.occurred_on for known in self.history(event.case_id))
        return Answer(False, (), "too late") if late else super().record(event)


class TakesLateEntries(DeskDriver):
    """Takes an evaluation of an earlier day whatever happened then."""

    def record(self, event: Event) -> Answer:
        """Without a look at the case."""
        late = any(event.occurred_on < known.occurred_on for known in self.history(event.case_id))
        return Answer(True) if late and event.kind == "support_decided" else super().record(event)


class MixesCasesUp(DeskDriver):
    """Tells the standing of the case that was recorded last, whichever is asked about."""

    last = ""

    def record(self, event: Event) -> Answer:
        """As the desk; and remember the case."""
        answer = super().record(event)
        self.last = event.case_id if answer.accepted else self.last
        return answer

    def standing(self, case_id: str, on: date) -> Standing:
        """Of another case, perhaps."""
        return super().standing(self.last, on)


class KeepsRefused(DeskDriver):
    """Refuses a selection, and keeps it all the same."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, list[Event]] = {}

    def record(self, event: Event) -> Answer:
        """As the desk, with a trace."""
        answer = super().record(event)
        if not answer.accepted and event.kind == "selected":
            self.kept.setdefault(event.case_id, []).append(event)
        return answer

    def history(self, case_id: str) -> Sequence[Event]:
        """With what should not be there."""
        return [*super().history(case_id), *self.kept.get(case_id, [])]


def drawn(made: type[DeskDriver], corpus: Corpus, number: int, *, profile: Profile = FEW) -> Parted | None:
    """Where the machine alone stops."""
    machine = compliance_machine(made, corpus.programme, corpus=corpus, profile=profile)
    try:
        run_state_machine_as_test(seed(number)(machine), settings=run_settings(profile))
    except Parted as parted:
        return parted
    finally:
        machine.TestCase.tearDownClass()
    return None


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_our_desk_passes(code: str) -> None:
    """With corrections, late entries and several cases at a time."""
    report = Report(code)
    machine = compliance_machine(DeskDriver, code, profile=FEW, report=report)
    run_state_machine_as_test(seed(7)(machine), settings=run_settings(FEW))

    assert report.stages["drawn"] > FEW.examples
    assert {True, False} == {kept for _, kept in report.rules}


@pytest.mark.parametrize("number", range(3))
def test_a_correction_that_is_not_heeded(number: int) -> None:
    """It is found by the clause of the period, with few events, one of them the correction or withdrawal."""
    report = check(Uncorrected, "saitama", corpus=STARTED, profile=MORE, seed=number, most=1)

    assert 0 < report.stages["swept"]
    assert {"standing"} == {found.what for found in report.differences}
    assert {"4(1)", "4(5)"} >= {found.clauses[0] for found in report.differences}
    for found in report.differences:
        assert any(isinstance(event.data, AMENDING) for event in found.history)
        assert len(found.history) <= 8


def test_sweep_and_machine_find_it_each_alone() -> None:
    """The sweep corrects each kind of event that a case rests on; the machine corrects whatever it has drawn."""
    (swept,) = sweep(Uncorrected, STARTED, profile=FEW, most=1).differences
    parted = drawn(Uncorrected, STARTED, 0, profile=MORE)

    assert parted is not None
    assert {"standing"} == {swept.what, parted.difference.what}


@pytest.mark.parametrize("number", range(3))
def test_a_late_entry_that_is_taken_unseen(number: int) -> None:
    """What the judge refuses by the state of its day."""
    report = check(TakesLateEntries, "saitama", corpus=STARTED, profile=FEW, seed=number, most=1)

    (found,) = report.differences
    assert "accepts" == found.what
    assert "support_decided" == found.history[-1].kind
    assert found.history[-1].occurred_on < max(event.occurred_on for event in found.history)


def test_late_entries_that_are_refused() -> None:
    """What the judge allows, in few events."""
    parted = drawn(NoLateEntries, STARTED, 0)

    assert parted is not None
    assert ("refuses", "too late") == (parted.difference.what, parted.difference.found)


def test_cases_that_are_mixed_up() -> None:
    """The shortest way to show it has two cases of one event each or little more, and says which of them differs."""
    (found,) = check(MixesCasesUp, "saitama", corpus=LISTED, profile=FEW, most=1).differences

    cases = {event.case_id for event in found.history}
    assert "standing" == found.what
    assert 2 == len(cases)
    assert found.case_id in cases
    assert len(found.history) <= 3
    assert "case 1, 1 listed" in found.explain()


def test_a_refused_event_that_leaves_a_trace() -> None:
    """The refused event is in the history that is told: without it there is nothing to see."""
    report = check(KeepsRefused, "saitama", corpus=LISTED, profile=FEW, most=1)

    (found,) = report.differences
    assert "history" == found.what
    assert "selected" in {event.kind for event in found.history}
    assert len(found.history) <= 3


def test_the_same_seed_tries_the_same() -> None:
    """Kind, events and counts are the same again; another seed tries something else."""

    def run(number: int) -> tuple[object, ...]:
        report = check(TakesLateEntries, "saitama", corpus=STARTED, profile=Profile("few", 0, 20, 10), seed=number)
        told = [(found.kind, [(e.kind, e.occurred_on, e.data) for e in found.history]) for found in report.differences]
        return report.stages, report.events, report.rules, told

    first = run(3)
    assert first == run(3)
    assert first[:3] != run(4)[:3]


class Closes(DeskDriver):
    """Counts how often it is opened and closed."""

    opened = closed = 0

    def __init__(self) -> None:
        super().__init__()
        Closes.opened += 1

    def close(self) -> None:
        """Counted."""
        Closes.closed += 1


def test_as_a_test_case() -> None:
    """It runs under unittest and pytest: opened once, closed once, and a difference is a failure with its history."""
    profile = Profile("tiny", 0, 5, 5)
    sound = compliance_machine(Closes, "saitama", corpus=LISTED, profile=profile).TestCase
    passed = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(sound).run(passed)
    unsound = compliance_machine(MixesCasesUp, "saitama", corpus=LISTED, profile=FEW).TestCase
    failed = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(unsound).run(failed)

    assert (1, True) == (passed.testsRun, passed.wasSuccessful())
    assert (1, 1) == (Closes.opened, Closes.closed)
    ((_, told),) = failed.failures
    assert "4(1): the standing differs" in told
    assert "state.open_case(" in told
