"""What an audit amounts to: counted as the reports are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import attrs

from shuroflow.audit.replay import CaseReport
from shuroflow.errors import InputError
from shuroflow.vocabulary import Severity


@attrs.frozen
class Later:
    """A case that is there, but not yet on the day (or at the moment) asked about: it is counted and not judged."""

    case_id: str
    programme: str


Item = CaseReport | Later | InputError
"""What an audit yields: the report of a case, a case that began later, or what could not be used and why."""


@attrs.define(slots=False)
class Summary:
    """Counts over an audit. ``events`` are those of the cases judged; ``errors`` is what could not be used,
    ``left_out`` how many cases were not judged for it.

    ``later``: cases that began, or were recorded, only after what was asked about; they are in no other count.
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

    def __attrs_post_init__(self) -> None:
        self._left_out: str | None = None  # the case of the error before: all errors of a case come together

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
            self.later += 1
            return
        self.cases += 1
        self.events += item.events
        violations = item.count(Severity.VIOLATION)
        self.violations += violations
        self.cases_with_violations += violations > 0
        self.observations += item.count(Severity.OBSERVATION)
        self.notes += item.count(Severity.NOTE)


__all__ = ["Item", "Later", "Summary"]
