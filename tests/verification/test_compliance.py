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
from shuroflow.verification.drivers import Answer, DeskDriver, OpenDuty, Standing

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


class FebruaryHas28(Tells):
    """Counts months by a table of twelve lengths: what ends on a leap day ends a day before it."""

    def standing(self, case_id: str, on: date) -> Standing:
        """With another end in a leap year."""
        told = super().standing(case_id, on)
        if told.period is None or (told.period[1].month, told.period[1].day) != (2, 29):
            return told
        return attrs.evolve(told, period=(told.period[0], told.period[1] - timedelta(days=1)))


class NoLeapDays(Tells):
    """Counts thirty days without the leap day: a payment is due a day later where one lies between."""

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """With another due day in a leap year."""
        return [self._counted(duty, on) for duty in super().duties(case_id, on)]

    @staticmethod
    def _counted(duty: OpenDuty, on: date) -> OpenDuty:
        if duty.clause != "第10条第2項" or duty.due is None or duty.due.year % 4:
            return duty
        if not duty.due - timedelta(days=30) < date(duty.due.year, 2, 29) <= duty.due:
            return duty
        due = duty.due + timedelta(days=1)
        return attrs.evolve(duty, due=due, overdue=on > due)


class SecondTimeShort(Tells):
    """Prolongs a period from the end of a month a day too short, the second time alone."""

    def standing(self, case_id: str, on: date) -> Standing:
        """With another end after two prolongations."""
        told = super().standing(case_id, on)
        twice = 2 == [event.kind for event in self.history(case_id)].count("extended")
        if not twice or told.period is None or told.period[0].day < 29:
            return told
        return attrs.evolve(told, period=(told.period[0], told.period[1] - timedelta(days=1)))


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


@pytest.mark.parametrize(
    ("made", "code", "what", "clause"),
    [
        (FebruaryHas28, "saitama", "standing", "4(5)"),
        (NoLeapDays, "tsushima", "duties", "第10条第2項"),
        (SecondTimeShort, "saitama", "standing", "4(5)"),
    ],
)
def test_a_day_that_is_wrong_in_some_months_alone(made: type[OnlyRecords], code: str, what: str, clause: str) -> None:
    """What follows from the events falls on the turns of months too, on leap days, and after one more prolongation."""
    found = first(made, code)

    assert (what, clause) == (found.what, found.clauses[0])


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


class StopsAtTwo(OnlyRecords):
    """Knows a cap on extensions that the text does not have."""

    def record(self, event: Event) -> Answer:
        """The third one is refused."""
        if event.kind == "extended" and sum(each.kind == "extended" for each in self.history(event.case_id)) == 2:
            return Answer(False, ("4(5)",), "twice is enough")
        return super().record(event)


def test_a_cap_on_extensions() -> None:
    """The text gives none: a history that is extended three times is among those that come with the package."""
    longest = max(Corpus.of("saitama").histories, key=lambda history: sum(each.kind == "extended" for each in history))
    found = tried(StopsAtTwo(), Script(longest, 0), OFFICE)

    assert found is not None
    assert ("refuses", ("4(5)",)) == (found.what, found.clauses)
    assert tried(DeskDriver(), Script(longest, 0), OFFICE) is None
