"""訂正 and 取消 in the sweep: systems that ignore one, or one that was taken back, are found without the machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import attrs
import pytest

from shuroflow.events import Actor, Corrected, Event, Withdrawn
from shuroflow.states import Office
from shuroflow.states.history import case_of
from shuroflow.verification.amending import amendments
from shuroflow.verification.compliance import PROFILES, Difference, Script, agenda, shortened, tried
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Answer, DeskDriver, Standing
from shuroflow.verification.probes import course
from shuroflow.verification.saving import save, saved
from shuroflow.vocabulary import Role

OFFICE = Office()


class Ignores(DeskDriver):
    """Has an amendment on record, and tells how the case stood without it."""

    def ignored(self, target: Event, amending: Event) -> bool:
        """Is it one of those?"""
        raise NotImplementedError

    def standing(self, case_id: str, on: date) -> Standing:
        """Of the events, as far as they count here."""
        events = self.history(case_id)
        left: list[Event] = []
        for event in events:
            amends = isinstance(event.data, Corrected | Withdrawn)
            seqs = {each.seq for each in left}
            if not amends or (event.data.seq in seqs and not self.ignored(events[event.data.seq - 1], event)):
                left.append(event)
        case = case_of(left, OFFICE, as_of=on)
        return Standing(case.state_on(on).value, None if case.period is None else (case.period.start, case.period.end))


class IgnoresDays(Ignores):
    """A corrected day changes nothing."""

    def ignored(self, target: Event, amending: Event) -> bool:
        """Corrections of the day."""
        return isinstance(amending.data, Corrected) and amending.data.occurred_on is not None


class IgnoresNewEnds(Ignores):
    """What a prolongation says, corrected, changes nothing."""

    def ignored(self, target: Event, amending: Event) -> bool:
        """Corrections of its payload."""
        return isinstance(amending.data, Corrected) and amending.data.data is not None and target.kind == "extended"


class KeepsProlongations(Ignores):
    """A prolongation that was taken back still counts."""

    def ignored(self, target: Event, amending: Event) -> bool:
        """Withdrawals of one."""
        return isinstance(amending.data, Withdrawn) and target.kind == "extended"


class KeepsCorrections(Ignores):
    """A correction that was taken back still counts."""

    def ignored(self, target: Event, amending: Event) -> bool:
        """Withdrawals of one."""
        return isinstance(amending.data, Withdrawn) and isinstance(target.data, Corrected)


def found_by_amendments(made: type[DeskDriver], code: str = "saitama") -> Difference | None:
    """The first difference along the amendments alone."""
    driver = made()
    corpus = Corpus.of(code)
    return next(filter(None, (tried(driver, script, OFFICE) for script in amendments(corpus, OFFICE))), None)


@pytest.mark.parametrize("made", [IgnoresDays, IgnoresNewEnds, KeepsProlongations, KeepsCorrections])
def test_an_amendment_that_does_not_count(made: type[DeskDriver]) -> None:
    """The period differs, and the history ends with the amendment."""
    found = found_by_amendments(made)

    assert found is not None
    assert "standing" == found.what
    assert isinstance(found.history[-1].data, Corrected | Withdrawn)


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_our_desk_passes(code: str) -> None:
    """No amendment parts it from the judge."""
    assert found_by_amendments(DeskDriver, code) is None


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_each_amendment_is_allowed_and_taken_back(code: str) -> None:
    """The judge allows all of it; the last event takes back the one before it."""
    for script in amendments(Corpus.of(code), OFFICE):
        assert all(judgement.allowed for judgement in course(script.events, OFFICE))
        *_, amending, back = script.events
        assert isinstance(back.data, Withdrawn)
        assert amending.seq == back.data.seq
        assert script.at == len(script.events) - 2


def _kinds(events: Sequence[Event]) -> set[str]:
    return {event.kind for event in events}


@pytest.mark.parametrize("seed", [0, 1])
def test_only_of_a_system_that_takes_them(seed: int) -> None:
    """The same for each seed; without the ability the sweep has neither 訂正 nor 取消."""
    corpus = Corpus.of("saitama")
    plain = agenda(corpus, office=OFFICE, profile=PROFILES["quick"], seed=seed)
    whole = agenda(corpus, office=OFFICE, profile=PROFILES["quick"], seed=seed, corrections=True)

    assert list(amendments(corpus, OFFICE)) == [script for script in whole if script not in plain]
    assert not any(script.key[:1] == ("amended",) for script in plain)
    assert {"corrected", "withdrawn"} <= set().union(*(_kinds(script.events) for script in whole))


class Locks(DeskDriver):
    """Takes no correction of a case of which it has refused something."""

    def __init__(self) -> None:
        super().__init__()
        self.locked: set[str] = set()

    def record(self, event: Event) -> Answer:
        """As the desk, and keeps in mind what it refused."""
        if isinstance(event.data, Corrected) and event.case_id in self.locked:
            return Answer(False, (), "locked")
        said = super().record(event)
        if not said.accepted:
            self.locked.add(event.case_id)
        return said


def test_a_correction_after_a_refusal_names_its_event(tmp_path: Path) -> None:
    """What is told and saved counts the refused event too, so the correction names the event by its new number; saved
    and read again, it is the same question, and the same difference."""
    listed, selected = next(h for h in Corpus.of("saitama").histories if len(h) > 2 and h[1].kind == "selected")[:2]
    late = attrs.evolve(selected, seq=2, occurred_on=listed.occurred_on - timedelta(days=1))
    day = selected.occurred_on + timedelta(days=1)
    right = Corrected(seq=2, reason="転記誤り", approved_by=Actor("sv-01", Role.SUPERVISOR), occurred_on=day)
    correction = attrs.evolve(selected, kind="corrected", seq=3, occurred_on=day, data=right)
    script = Script((listed, late, selected, correction), 0)

    found = tried(Locks(), script, OFFICE)
    assert found is not None
    told = shortened(Locks(), script, OFFICE, found)
    assert ["listed", "selected", "selected", "corrected"] == [event.kind for event in told.history]
    assert [1, 2, 3, 4] == [event.seq for event in told.history]
    assert 3 == told.history[-1].data.seq

    (again,) = saved(save(told, tmp_path))
    assert tried(DeskDriver(), again, OFFICE) is None
    replayed = tried(Locks(), again, OFFICE)
    assert replayed is not None
    assert (found.kind, found.found) == (replayed.kind, replayed.found)
    assert 2 == replayed.history[-1].data.seq
    short = shortened(Locks(), again, OFFICE, replayed).history
    assert [(e.seq, e.kind, e.data) for e in told.history] == [(e.seq, e.kind, e.data) for e in short]


def test_a_correction_of_nothing_still_names_nothing() -> None:
    """However many were refused before it, its number is that of no earlier event."""
    listed, selected = next(h for h in Corpus.of("saitama").histories if len(h) > 2 and h[1].kind == "selected")[:2]
    late = attrs.evolve(selected, seq=2, occurred_on=listed.occurred_on - timedelta(days=1))
    wrong = Corrected(
        seq=4, reason="転記誤り", approved_by=Actor("sv-01", Role.SUPERVISOR), occurred_on=listed.occurred_on
    )
    correction = attrs.evolve(selected, kind="corrected", seq=3, data=wrong)

    assert tried(DeskDriver(), Script((listed, late, late, late, selected, correction), 0), OFFICE) is None
