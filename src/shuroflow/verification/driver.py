"""How the kit speaks to the system it checks: a small interface, and our own desk behind it.

A system is asked to record events and to give back what it has on record. It may also tell how a case stands and what
is due; what it does not tell is not compared. The kit never uses a case id twice, so a system need not forget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Protocol, runtime_checkable

import attrs

from shuroflow.caseload import Caseload
from shuroflow.caseload.standing import Standing as Shown
from shuroflow.errors import CaseNotFound, InputError, Refused
from shuroflow.events import Event
from shuroflow.states import Office, programme, programme_codes
from shuroflow.storage import MemoryJournal


@attrs.frozen
class Answer:
    """What the system said to an event: taken, or not; for a refusal the clauses it named, if it names any."""

    accepted: bool
    clauses: tuple[str, ...] = ()
    message: str = ""


@attrs.frozen
class Standing:
    """How a case stands on a day: the code of its state, and its period (first and last day) if it has one."""

    state: str
    period: tuple[date, date] | None = None


@attrs.frozen(order=True)
class OpenDuty:
    """A duty that is open on a day: the clause as an official cites it, its due day, and whether that has passed."""

    clause: str
    due: date | None = None
    overdue: bool = False


@runtime_checkable
class Driver(Protocol):
    """A system that keeps cases."""

    def record(self, event: Event) -> Answer:
        """Try to record the event; the first one of a case opens it. A refused event leaves no trace."""

    def history(self, case_id: str) -> Sequence[Event]:
        """What is on record for a case, in order; empty if there is no such case."""

    def close(self) -> None:
        """Nothing more will be asked."""


@runtime_checkable
class TellsStanding(Protocol):
    """A system that can say how a case stands."""

    def standing(self, case_id: str, on: date) -> Standing:
        """How the case stands on a day."""


@runtime_checkable
class TellsDuties(Protocol):
    """A system that can say what is due."""

    @property
    def duty_clauses(self) -> frozenset[str]:
        """The clauses whose duties it keeps, as officials cite them."""

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """What is open on a day."""


@cache  # looking for plug-ins reads the installed packages
def _all_duties() -> frozenset[str]:
    return frozenset(
        rule.citation
        for code in programme_codes()
        for edition in programme(code).editions
        for rule in edition.table.duties.values()
    )


DriverFactory = Callable[[], Driver]


class DeskDriver:
    """Our own desk over a journal in memory: the system that must pass."""

    def __init__(self, office: Office | None = None) -> None:
        self._office = Office() if office is None else office
        self._now = datetime.min.replace(tzinfo=UTC)
        self._shown: tuple[tuple[str, date], Shown] | None = None  # standing and duties are asked one after the other
        self._desk = Caseload(MemoryJournal(), clock=lambda: self._now, office=self._office)

    def record(self, event: Event) -> Answer:
        """Record through the desk."""
        self._shown = None
        self._now = event.recorded_at
        known = self._desk.journal.version(event.case_id)
        try:
            if known:
                self._desk.record(
                    event.case_id, event.data, on=event.occurred_on, by=event.recorded_by, note=event.note
                )
            else:
                self._desk.open(
                    event.case_id,
                    event.programme,
                    event.data,
                    on=event.occurred_on,
                    by=event.recorded_by,
                    note=event.note,
                )
        except Refused as refused:
            return Answer(False, tuple(finding.clause for finding in refused.findings), refused.explain("en"))
        except InputError as error:
            return Answer(False, (), str(error))
        return Answer(True)

    def history(self, case_id: str) -> Sequence[Event]:
        """The journal's record of the case."""
        return self._desk.journal.read(case_id)

    def _show(self, case_id: str, on: date) -> Shown:
        if self._shown is None or self._shown[0] != (case_id, on):
            self._shown = (case_id, on), self._desk.show(case_id, as_of=on)
        return self._shown[1]

    def standing(self, case_id: str, on: date) -> Standing:
        """As the desk shows it."""
        shown = self._show(case_id, on)
        period = shown.period
        return Standing(shown.state.value, None if period is None else (period.start, period.end))

    @property
    def duty_clauses(self) -> frozenset[str]:
        """All of every programme."""
        return _all_duties()

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """As the desk lists them."""
        try:
            shown = self._show(case_id, on)
        except CaseNotFound:
            return ()
        return [OpenDuty(due.clause, due.due, due.overdue) for due in shown.duties if due.code != "period_end"]

    def close(self) -> None:
        """Nothing to give back."""


__all__ = ["Answer", "DeskDriver", "Driver", "DriverFactory", "OpenDuty", "Standing", "TellsDuties", "TellsStanding"]
