"""A rulebook with one defect: each is found, named and shown by a history that its own judge allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from shuroflow.events import Event
from shuroflow.states import Office, Programme, Row, programme
from shuroflow.states.rows import nothing
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.paths import PathFinding, PathReport, explore
from shuroflow.verification.probes import course
from shuroflow.vocabulary import State
from tests.verification.paths import seats
from tests.verification.paths.conftest import Install
from tests.verification.paths.seats import ROWS, examples, rule

NEEDS = {State.IN_SUPPORT: ("agreed",)}


def with_rows(*more: Row, without: str = "", **changed: Any) -> tuple[Row, ...]:
    """The rows with one left out, or with other values; ``name={...}`` changes the row of that name."""
    kept = [attrs.evolve(row, **changed.get(name, {})) for name, row in ROWS.items() if name != without]
    return (*kept, *more)


def explored(made: Programme, install: Install, *, bound: int = 2) -> PathReport:
    """The report on a programme, from the examples of the sound one."""
    install(made)
    return explore(made.code, corpus=Corpus(made.code, tuple(examples())), bound=bound, needs=NEEDS)


def named(report: PathReport) -> dict[tuple[str, str], PathFinding]:
    """The findings by kind and subject."""
    return {(each.kind, each.subject): each for each in report.findings}


def allowed(history: Iterable[Event]) -> list[bool]:
    """Would the desk have recorded the events one after the other?"""
    return [judgement.allowed for judgement in course(tuple(history), Office())]


def never(case: Any, event: Event, office: Office) -> dict[str, Any]:
    """A guard that nothing satisfies."""
    return {}


def always(case: Any, event: Event, office: Office) -> None:
    """A guard that nothing breaks."""


def never_once_prolonged(case: Any, event: Event, office: Office) -> dict[str, Any] | None:
    """A guard that refuses an end to a case that was prolonged."""
    return {} if case.state is State.EXTENDED else None


def falls_on_long_ones(case: Any, event: Event, office: Office) -> None:
    """A guard with a mistake in it."""
    if event.data.days == 30:
        raise ZeroDivisionError("days")


LONGER_ONLY = {"sources": {State.IN_SUPPORT}}


def test_a_state_that_nothing_leads_to(install: Install) -> None:
    """Consent that moves nothing: the state after it is used and never reached, whatever the length of a history."""
    found = named(explored(seats.seats(with_rows(agreed={"dest": None})), install))

    assert found["unreachable_state", "consented"].any_length
    assert {("row_not_taken", "lent"), ("end_not_reached", "ended"), ("end_not_reached", "discontinued")} <= set(found)


def test_an_end_that_is_cut_off(install: Install) -> None:
    """A loss that is always refused: no history comes to that end."""
    made = seats.seats(with_rows(lost={"guards": (never,)}), rules=seats.RULES + rule("never", "第4条"))
    found = named(explored(made, install))

    assert {("end_not_reached", "discontinued"), ("row_not_taken", "lost")} == set(found)
    assert ("第4条",) == found["end_not_reached", "discontinued"].clauses
    assert not found["end_not_reached", "discontinued"].any_length


def test_a_trap_of_the_chart(install: Install) -> None:
    """No row and no day leads out of the extension."""

    class Endless(seats.SeatCase):
        def state_on(self, day: Any) -> State:
            return self.state

    rows = with_rows(given_back=LONGER_ONLY, lost=LONGER_ONLY)
    made = seats.seats(rows, lapses=(), new_case=lambda case_id: Endless(case_id, seats.CODE))
    found = named(explored(made, install))

    assert [("trap", "extended")] == list(found)
    assert found["trap", "extended"].any_length
    assert "prolonged" == found["trap", "extended"].history[-1].kind


def test_a_trap_that_only_the_rules_make(install: Install) -> None:
    """The chart has a way out of the extension, and a rule refuses it to every case: the history shows one."""

    class Endless(seats.SeatCase):
        def state_on(self, day: Any) -> State:
            return self.state

    closed = {"guards": (never_once_prolonged,)}
    made = seats.seats(
        with_rows(given_back=closed, lost=closed),
        rules=seats.RULES + rule("never_once_prolonged", "第3条"),
        lapses=(),
        new_case=lambda case_id: Endless(case_id, seats.CODE),
    )
    found = named(explored(made, install))
    trap = found["trap", "extended"]

    assert not trap.any_length
    assert ["asked", "agreed", "lent", "prolonged"] == [event.kind for event in trap.history]
    assert all(allowed(trap.history))
    assert {
        ("trap", "extended"),
        ("move_not_taken", "extended>ended"),
        ("move_not_taken", "extended>discontinued"),
    } == set(found)


def test_a_rule_that_cannot_fail(install: Install) -> None:
    """It is asked, and never speaks."""
    always.__name__ = "agreed_in_writing"
    found = named(explored(seats.seats(with_rows(agreed={"guards": (always,)})), install))

    assert [("dead_rule", "seats.agreed_in_writing")] == list(found)
    dead = found["dead_rule", "seats.agreed_in_writing"]
    assert "it is asked and never speaks" in dead.message("en")
    assert "agreed" == dead.history[-1].kind


def test_a_rule_that_nothing_asks(install: Install) -> None:
    """It stands in the table, and no row has it."""
    found = named(explored(seats.seats(rules=seats.RULES + rule("spare")), install))

    assert [("dead_rule", "seats.spare")] == list(found)
    assert "no row has it" in found["dead_rule", "seats.spare"].message("en")


def test_two_rows_that_both_apply(install: Install) -> None:
    """They overlap on one number of days: it is found, and no other."""

    def also_long(case: Any, event: Event) -> bool:
        return bool(event.data.days <= seats.LONG)

    found = named(explored(seats.seats(with_rows(**{"a little": {"when": also_long}})), install))
    overlap = found["overlapping_rows", "prolonged"]

    assert [("overlapping_rows", "prolonged")] == list(found)
    assert seats.LONG == overlap.history[-1].data.days
    assert "prolonged: in_support → –, prolonged: in_support → extended" in overlap.message("en")


def test_two_rows_that_always_both_apply(install: Install) -> None:
    """Nothing chooses between them: the chart alone says so."""
    again = attrs.evolve(ROWS["lost"], dest=State.ENDED)
    found = named(explored(seats.seats(with_rows(again)), install))

    assert found["overlapping_rows", "lost"].any_length


def test_a_gap_between_two_rows(install: Install) -> None:
    """Neither wants one number of days."""

    def well_above(case: Any, event: Event) -> bool:
        return bool(event.data.days > seats.LONG)

    found = named(explored(seats.seats(with_rows(longer={"when": well_above})), install))

    assert [("no_row_applies", "prolonged")] == list(found)
    assert seats.LONG == found["no_row_applies", "prolonged"].history[-1].data.days


def test_support_without_consent(install: Install) -> None:
    """A row that passes over the consent: the history has none, and its own judge allows it."""
    rows = with_rows(lent={"sources": {State.CANDIDATE, State.CONSENTED}})
    report = explored(seats.seats(rows), install)
    found = named(report)["without_step", "in_support"]

    assert ["asked", "lent"] == [event.kind for event in found.history]
    assert all(allowed(found.history))
    assert ["nothing"] == [each.secured_by for each in report.needs]
    assert "a history does without it" in report.text("en")


def test_a_duty_that_nothing_discharges(install: Install) -> None:
    """The seat is given back, and still owed."""
    found = named(explored(seats.seats(with_rows(given_back={"fold": seats.lost})), install))

    assert [("duty_never_discharged", "give_back")] == list(found)
    assert "lent" == found["duty_never_discharged", "give_back"].history[-1].kind


def test_a_duty_that_never_arises(install: Install) -> None:
    """Nothing brings it."""

    def lent(case: Any, event: Event, office: Office) -> None:
        seats.lent(case, event, office)
        case.duties.clear()

    found = named(explored(seats.seats(with_rows(lent={"fold": lent})), install))

    assert [("duty_never_arises", "give_back")] == list(found)


def test_an_event_without_a_row(install: Install) -> None:
    """A payload class that the rulebook does not know."""
    found = named(explored(seats.seats(with_rows(without="reminded")), install))

    assert [("event_without_row", "reminded")] == list(found)


def test_a_row_that_always_refuses(install: Install) -> None:
    """An event that moves nothing, and that nobody may ever record."""
    made = seats.seats(with_rows(reminded={"guards": (never,)}), rules=seats.RULES + rule("never"))
    found = named(explored(made, install))

    assert [("row_not_taken", "reminded")] == list(found)


def test_a_move_of_the_days_that_is_not_drawn(install: Install) -> None:
    """The period ends by itself, and no lapse says so."""
    found = named(explored(seats.seats(lapses=()), install))

    assert {("move_not_drawn", "in_support>ended"), ("move_not_drawn", "extended>ended")} == set(found)


def test_a_guard_that_falls_over(install: Install) -> None:
    """An error in a guard is a finding with the event that brings it about, and the rest is explored all the same."""
    guards = (seats.no_more_than_thirty_days, falls_on_long_ones)
    made = seats.seats(
        with_rows(**{"a little": {"guards": guards}, "longer": {"guards": guards}}),
        rules=seats.RULES + rule("falls_on_long_ones", "第3条"),
    )
    found = named(explored(made, install))

    assert "ZeroDivisionError" in found["falls_over", "prolonged"].message("en")
    assert 30 == found["falls_over", "prolonged"].history[-1].data.days


def test_a_guard_that_falls_over_on_one_day(install: Install) -> None:
    """No example meets the error: it shows where the days of a history are drawn together, and stops nothing."""

    def on_the_first_day(case: Any, event: Event, office: Office) -> None:
        if event.occurred_on == case.opened_on:
            raise LookupError("first day")

    on_the_first_day.__name__ = "agreed_in_writing"
    found = named(explored(seats.seats(with_rows(agreed={"guards": (on_the_first_day,)})), install))

    assert "LookupError" in found["falls_over", "agreed"].message("en")
    assert {"agreed"} == {event.kind for event in found["falls_over", "agreed"].history[1:]}


def test_a_day_that_falls_over(install: Install) -> None:
    """A case that cannot say its state on some day: found, with the history that leads there."""

    class Short(seats.SeatCase):
        def state_on(self, day: Any) -> State:
            if self.periods and day > self.periods[-1].end:
                raise OverflowError("after the end")
            return self.state

    found = named(explored(seats.seats(lapses=(), new_case=lambda case_id: Short(case_id, seats.CODE)), install))

    assert "judging a day fails: OverflowError: after the end" == found["falls_over", "day"].message("en")
    assert "lent" in [event.kind for event in found["falls_over", "day"].history]


# ---------------------------------------------------------------- the two programmes


def changed(code: str, rows: Iterable[Row]) -> Programme:
    """One of the two programmes with other rows."""
    kind = programme(code)
    old = kind.current
    edition = type(old)(
        clauses=old.clauses,
        rules=old.table,
        rows=tuple(rows),
        ladder=old.ladder,
        in_force_from=old.in_force_from,
        new_case=old.new_case,
        settle=old._notes,
        by_itself=old.by_itself,
    )
    return attrs.evolve(kind, editions=(edition,))


def rows_of(code: str, event: str, **values: Any) -> list[Row]:
    """The rows of a programme, those of one event with other values."""
    return [attrs.evolve(row, **values) if row.event == event else row for row in programme(code).current.rows]


def without_guard(code: str, name: str) -> list[Row]:
    """The rows of a programme without one guard."""
    rows = programme(code).current.rows
    return [attrs.evolve(row, guards=[guard for guard in row.guards if guard.__name__ != name]) for row in rows]


def test_saitama_without_a_standing_consent(install: Install) -> None:
    """4(1)④ without its guard: support starts on a consent that was taken back, and the events show it."""
    install(changed("saitama", without_guard("saitama", "consent_stands")))

    found = named(explore("saitama", bound=1))["without_step", "in_support"]
    about_consent = [event.kind for event in found.history if event.kind.startswith("consent")]

    assert ["consented", "consent_withdrawn"] == about_consent
    assert "support_started" == found.history[-1].kind
    assert all(allowed(found.history))
    assert "consent to support and to the setting of goals" in found.message("en")


def test_saitama_with_half_a_consent(install: Install) -> None:
    """4(1)④ without its second object: consent to one of the two is not enough, and the events show it."""
    install(changed("saitama", without_guard("saitama", "consent_to_both")))

    found = named(explore("saitama", bound=1))["without_step", "in_support"]
    scopes = [event.data.scope for event in found.history if event.kind == "consented"]

    assert [1] == [len(scope) for scope in scopes]
    assert all(allowed(found.history))


def test_tsushima_without_a_notice(install: Install) -> None:
    """第5条第3項 passed over: use begins on the decision alone."""
    install(changed("tsushima", without_guard("tsushima", "approval_notified_first")))

    found = named(explore("tsushima", bound=1))

    assert "approval_notified" not in [event.kind for event in found["without_step", "in_support"].history]
    assert ("dead_rule", "tsushima.approval_notified_first") in found


def test_saitama_information_that_discharges_nothing(install: Install) -> None:
    """6: the information is given and stays owed."""
    install(changed("saitama", rows_of("saitama", "information_given", fold=nothing)))

    found = named(explore("saitama", bound=1))

    assert {
        ("duty_never_discharged", "inform_after_employment"),
        ("duty_never_discharged", "inform_unfinished"),
    } == set(found)
    assert ("6(2)",) == found["duty_never_discharged", "inform_unfinished"].clauses


def test_saitama_rows_that_nothing_chooses_between(install: Install) -> None:
    """6(1) after the end: without its conditions both rows want every abolition."""
    install(changed("saitama", rows_of("saitama", "assistance_abolished", when=None)))

    found = named(explore("saitama", bound=1))

    assert found["overlapping_rows", "assistance_abolished"].any_length


@pytest.mark.parametrize("most", [1, 10])
def test_what_was_cut_is_said(install: Install, most: int) -> None:
    """Too few situations: the report is not complete, does not pass, and says so."""
    install(seats.seats())

    report = explore(seats.CODE, most=most)

    assert not report.complete
    assert not report.passed
    assert "not everything up to the bound was explored" in report.text("en")


@attrs.define(eq=False)
class LateCase(seats.SeatCase):
    """A case that remembers whether the seat came back late."""

    late: bool = False


def late(case: Any, event: Event, office: Office) -> None:
    """The seat comes back after the last day of a loan that was prolonged."""
    case.late = case.late or (case.state is State.EXTENDED and event.occurred_on > case.periods[-1].end)
    seats.given_back(case, event, office)


def falls_over_if_late(case: Any, event: Event, office: Office) -> None:
    """A fold that one way to a state does not suit."""
    if case.late:
        raise ZeroDivisionError


def test_a_day_that_passes_counts_as_one(install: Install) -> None:
    """Two events with a day before the first are three steps: within a bound of 3, and beyond one of 2, as is said."""
    back = {"fold": late, "sources": {*seats.BOTH, State.ENDED}}
    rows = with_rows(given_back=back, reminded={"sources": {*seats.BOTH, State.ENDED}, "fold": falls_over_if_late})
    made = seats.seats(rows, new_case=lambda case_id: LateCase(case_id, seats.CODE))

    assert ("falls_over", "reminded") not in named(explored(made, install))
    found = named(explored(made, install, bound=3))["falls_over", "reminded"]
    assert ["prolonged", "given_back", "reminded"] == [event.kind for event in found.history[-3:]]
