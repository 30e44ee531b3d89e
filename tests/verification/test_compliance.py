"""The sweep: our desk passes, and desks with one thing wrong are told by what, where, and the clause at stake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import attrs
import pytest

from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.verification.compliance import PROFILES, Difference, Script, scripts, sweep, tried
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.driver import Answer, DeskDriver, OpenDuty, Standing

OFFICE = Office()
QUICK = PROFILES["quick"]


class OnlyRecords:
    """A desk that tells nothing but its answers and its record."""

    def __init__(self) -> None:
        self.desk = DeskDriver()
        self.closed = False

    def record(self, event: Event) -> Answer:
        """As the desk."""
        return self.desk.record(event)

    def history(self, case_id: str) -> Sequence[Event]:
        """As the desk."""
        return self.desk.history(case_id)

    def close(self) -> None:
        """Closed once, at the end."""
        assert not self.closed
        self.closed = True


class Tells(OnlyRecords):
    """A desk that tells all."""

    duty_clauses = frozenset({"4(3)", "4(5)", "第10条第2項"})

    def standing(self, case_id: str, on: date) -> Standing:
        """As the desk."""
        return self.desk.standing(case_id, on)

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """As the desk, as far as it keeps them."""
        return [duty for duty in self.desk.duties(case_id, on) if duty.clause in self.duty_clauses]


class Forgets(OnlyRecords):
    """Drops every advice from what it gives back."""

    def history(self, case_id: str) -> Sequence[Event]:
        """Without the advice."""
        return [event for event in super().history(case_id) if event.kind != "evaluated"]


class Rewrites(OnlyRecords):
    """Gives another day back than it was sent."""

    def history(self, case_id: str) -> Sequence[Event]:
        """With the last one a day later."""
        *rest, last = super().history(case_id)
        return [*rest, attrs.evolve(last, occurred_on=last.occurred_on + timedelta(days=1))]


class EndsLater(Tells):
    """The period is a day longer than it should be."""

    def standing(self, case_id: str, on: date) -> Standing:
        """With another end."""
        told = super().standing(case_id, on)
        if told.period is None:
            return told
        return attrs.evolve(told, period=(told.period[0], told.period[1] + timedelta(days=1)))


class NoDuties(Tells):
    """Has forgotten what is to be done."""

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """Nothing."""
        return []


class FallsOver(OnlyRecords):
    """Falls over at an evaluation."""

    def record(self, event: Event) -> Answer:
        """Or not at all."""
        if event.kind == "evaluated":
            raise ZeroDivisionError("division by zero")
        return super().record(event)


class Speechless(OnlyRecords):
    """Refuses a consent that is worth a second look only, and does not say why."""

    def record(self, event: Event) -> Answer:
        """Written consent alone."""
        if event.kind == "consented" and event.data.medium != "written":
            return Answer(False)
        return super().record(event)


class TakesAll(OnlyRecords):
    """Answers yes whatever happens."""

    def record(self, event: Event) -> Answer:
        """Yes."""
        super().record(event)
        return Answer(True)


def first(made: type[OnlyRecords], code: str = "saitama") -> Difference:
    """The first difference of a desk with something wrong."""
    (found,) = sweep(made, Corpus.of(code), profile=QUICK, most=1).differences
    return found


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_our_desk_passes(code: str) -> None:
    """No difference in either programme, and every blocking rule was met with both answers."""
    report = sweep(DeskDriver, Corpus.of(code), profile=QUICK)

    assert report.passed
    assert report.cases > 1_000
    assert {True, False} == {kept for _, kept in report.rules}


def test_what_a_system_does_not_tell_is_not_compared() -> None:
    """With answers and record alone, a sound system passes."""
    assert sweep(OnlyRecords, Corpus.of("saitama"), profile=QUICK).passed


def test_a_lost_event() -> None:
    """The clause of the event that is missing, and the shortest history that has one."""
    found = first(Forgets)

    assert ("history", "4(3)") == (found.what, found.clauses[0])
    assert "evaluated" == found.history[-1].kind
    assert ["listed", "selected", "consented", "goals_set", "support_started"] == [e.kind for e in found.history[:-1]]


def test_an_event_that_reads_otherwise() -> None:
    """What was sent and what came back is told."""
    found = first(Rewrites)

    assert "history" == found.what
    assert 1 == len(found.history)
    assert "was sent as" in found.found


@pytest.mark.parametrize(("code", "clause"), [("saitama", "4(5)"), ("tsushima", "第6条第1項")])
def test_a_period_that_ends_on_another_day(code: str, clause: str) -> None:
    """The clause of the period, not that of the event that brought it."""
    found = first(EndsLater, code)

    assert ("standing", clause) == (found.what, found.clauses[0])
    assert found.on is not None


@pytest.mark.parametrize(("code", "clause"), [("saitama", "4(3)"), ("tsushima", "第10条第2項")])
def test_a_duty_that_is_not_told(code: str, clause: str) -> None:
    """The clause of the duty; what the system does not claim to keep is not asked for."""
    found = first(NoDuties, code)

    assert ("duties", clause) == (found.what, found.clauses[0])


def test_a_system_that_falls_over() -> None:
    """It is told as an answer, with the error."""
    found = first(FallsOver)

    assert ("fails", "4(3)") == (found.what, found.clauses[0])
    assert "ZeroDivisionError" in found.found


def test_a_refusal_without_a_reason() -> None:
    """Where the system names no clause, the rule at stake does."""
    found = first(Speechless)

    assert ("refuses", "4(1)") == (found.what, found.clauses[0])
    assert ("saitama.consent_in_writing",) == found.rules


def test_a_system_that_takes_all() -> None:
    """The first thing refused by the judge; and going on, every blocking rule of the programme that was met."""
    report = sweep(TakesAll, Corpus.of("saitama"), profile=QUICK)

    assert {"accepts"} == {found.what for found in report.differences}
    named = {rule for found in report.differences for rule in found.rules}
    assert {"saitama.consent_to_both", "saitama.goal_achieved", "saitama.provider_certified"} <= named
    assert all(len(found.history) <= 9 for found in report.differences)


def test_a_seed_moves_only_the_tail() -> None:
    """The first of each edge are the same for every seed; the others come in an order that the seed gives again."""
    corpus = Corpus.of("saitama")
    refusals, zero = scripts(corpus, OFFICE, 0)
    again, one = scripts(corpus, OFFICE, 1)
    firsts = len({script.key for script in zero})

    assert refusals == again
    assert zero[:firsts] == one[:firsts]
    assert zero[firsts:] != one[firsts:]
    assert zero == scripts(corpus, OFFICE, 0)[1]


def test_the_values_that_touch_at_a_limit_come_first() -> None:
    """Of an amount with a limit, the highest that passes and the lowest that does not are among the firsts."""
    _, variants = scripts(Corpus.of("tsushima"), OFFICE, 0)
    firsts = variants[: len({script.key for script in variants})]

    tried_at = {
        sum(asset.amount for asset in event.data.assets)
        for script in firsts
        for event in script.events
        if event.kind == "assessed"
    }
    assert {465_000, 465_001, 689_000, 689_001} <= tried_at


def test_a_script_is_compared_from_the_event_in_question_on() -> None:
    """What came before was compared elsewhere: only whether both take it matters."""
    history = Corpus.of("saitama").histories[8]

    assert tried(Rewrites(), Script(history, len(history)), OFFICE) is None
    assert tried(Rewrites(), Script(history, 0), OFFICE) is not None
