"""Our own desk behind the driver's interface: the system that must pass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from shuroflow.caseload import Caseload
from shuroflow.caseload.standing import Standing as Shown
from shuroflow.errors import CaseNotFound, InputError, Refused
from shuroflow.events import Event
from shuroflow.states import Office, programme, programme_codes
from shuroflow.storage import MemoryJournal
from shuroflow.verification.drivers.protocol import Answer, OpenDuty, Standing
from shuroflow.vocabulary import State


def all_duties() -> frozenset[str]:
    """The clauses, as officials cite them, on which a duty of any programme rests."""
    return frozenset(
        rule.citation
        for code in programme_codes()
        for edition in programme(code).editions
        for rule in edition.table.duties.values()
    )


class DeskDriver:
    """Our own desk over a journal in memory: the system that must pass."""

    takes_corrections = True

    def __init__(self, office: Office | None = None) -> None:
        self._office = Office() if office is None else office
        self._now = datetime.min.replace(tzinfo=UTC)
        self._shown: tuple[tuple[str, date], Shown] | None = None  # standing and duties are asked one after the other
        self._duty_clauses = all_duties()  # once: looking for plug-ins reads the installed packages
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
        """As the desk shows it; a case of which everything was taken back is no case to it."""
        try:
            shown = self._show(case_id, on)
        except CaseNotFound:
            return Standing(State.NEW.value)
        period = shown.period
        return Standing(shown.state.value, None if period is None else (period.start, period.end))

    @property
    def duty_clauses(self) -> frozenset[str]:
        """All of every programme."""
        return self._duty_clauses

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """As the desk lists them."""
        try:
            shown = self._show(case_id, on)
        except CaseNotFound:
            return ()
        return [OpenDuty(due.clause, due.due, due.overdue) for due in shown.duties if due.code != "period_end"]

    def close(self) -> None:
        """Nothing to give back."""


__all__ = ["DeskDriver"]
