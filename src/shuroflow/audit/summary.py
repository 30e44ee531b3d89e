"""What an audit amounts to: counted as the reports are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, Self

import attrs

from shuroflow.audit.replay import CaseReport
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.states.history import effective, known
from shuroflow.vocabulary import Severity, Term


class Absence(Term):
    """Why nothing of a case holds that could be judged, by what was known at the moment asked about."""

    BEGAN_LATER = "began_later", "基準日の後に始まる", "began only after the day asked about"
    RECORDED_LATER = "recorded_later", "その時点ではまだ記録がない", "not on record yet at the moment asked about"
    WITHDRAWN = "withdrawn", "記録がすべて取り消されている", "everything on record is withdrawn"


@attrs.frozen
class Later:
    """A case that is there, but of which nothing holds on the day (or at the moment) asked about: it is not judged.

    ``why``: it began later, was recorded only later, or everything recorded of it is withdrawn.
    """

    case_id: str
    programme: str
    why: Absence = Absence.BEGAN_LATER
    source: str | None = None


def absent(events: Sequence[Event], *, known_at: datetime | None, source: str | None = None) -> Later:
    """What is to be said of a case of which nothing holds on the day asked about, as known at the moment."""
    written = events if known_at is None else known(events, known_at)
    why = Absence.RECORDED_LATER
    if written:
        why = Absence.BEGAN_LATER if effective(written) else Absence.WITHDRAWN
    return Later(events[0].case_id, events[0].programme, why, source)


NAMED = 20
"""So many cases of which everything is withdrawn are named beside their number."""


class Absences(Protocol):
    """Counts of cases that were not judged; ``withdrawn_cases`` are the first of those counted in ``withdrawn``."""

    later: int
    recorded_later: int
    withdrawn: int
    withdrawn_cases: list[str]


def count_absent(counts: Absences, case: Later) -> None:
    """Count a case that is not judged."""
    if case.why is Absence.WITHDRAWN:
        counts.withdrawn += 1
        if len(counts.withdrawn_cases) < NAMED:
            counts.withdrawn_cases.append(case.case_id)
        return
    counts.later += 1
    counts.recorded_later += case.why is Absence.RECORDED_LATER


Item = CaseReport | Later | InputError
"""What an audit yields: the report of a case, a case of which nothing holds, or what could not be used and why."""


@attrs.define(slots=False)
class Summary:
    """Counts over an audit. ``events`` are those of the cases judged; ``errors`` is what could not be used,
    ``left_out`` how many cases were not judged for it.

    ``later``: cases that began, or were recorded, only after what was asked about; ``recorded_later`` of these were not
    on record yet. ``withdrawn``: cases of which everything recorded is withdrawn. They are in no other count.
    """

    cases: int = 0
    events: int = 0
    violations: int = 0
    observations: int = 0
    notes: int = 0
    errors: int = 0
    cases_with_violations: int = 0
    later: int = 0
    left_out: int = 0
    recorded_later: int = 0
    withdrawn: int = 0

    def __attrs_post_init__(self) -> None:
        self._left_out: str | None = None  # the case of the error before: all errors of a case come together
        self.withdrawn_cases: list[str] = []

    @classmethod
    def of(cls, items: Iterable[Item]) -> Self:
        """The counts over all the items."""
        summary = cls()
        for item in items:
            summary.add(item)
        return summary

    def add(self, item: Item) -> None:
        """Count one item."""
        if isinstance(item, InputError):
            self.errors += 1
            if item.case_id is not None and item.case_id != self._left_out:
                self.left_out += 1
                self._left_out = item.case_id
            return
        if isinstance(item, Later):
            count_absent(self, item)
            return
        self.cases += 1
        self.events += item.events
        violations = item.count(Severity.VIOLATION)
        self.violations += violations
        self.cases_with_violations += violations > 0
        self.observations += item.count(Severity.OBSERVATION)
        self.notes += item.count(Severity.NOTE)


__all__ = ["NAMED", "Absence", "Absences", "Item", "Later", "Summary", "absent", "count_absent"]
