"""A case between two appends, and how an event is judged at the place that its day gives it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import attrs

from shuroflow.case import Case
from shuroflow.errors import InputError, Vetoed
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states import Cursor, Finding, Judgement, Office, programme
from shuroflow.states.history import case_of, chronology, effective


@attrs.define(eq=False)
class Held:
    """A case between two appends: its events, and what they add up to as long as they came in the order of their days.

    An event of an earlier day, or a correction, has its place further up: then there is no shortcut, and
    the case is folded anew.
    """

    events: list[Event] = attrs.field(factory=list)
    head: str | None = None  # the link to the last event, where an append told it
    case: Case | None = None
    reached: tuple[date, int] = (date.min, 0)
    in_order: bool = True

    def take(self, event: Event, office: Office) -> None:
        """Add an event that is recorded, or about to be."""
        self.events.append(event)
        if not self._follows(event):
            self.in_order, self.case = False, None
            return
        kind = programme(event.programme)
        if self.case is None:
            self.case = kind.current.new_case(event.case_id)
        kind.edition_on(event.occurred_on).fold(self.case, event, office)
        self.reached = kind.current.place_of(event)

    def _follows(self, event: Event) -> bool:
        if not self.in_order or isinstance(event.data, Corrected | Withdrawn):
            return False
        return programme(event.programme).current.place_of(event) >= self.reached

    def judge(self, event: Event, office: Office) -> Judgement:
        """Judge an event by the machine's own engine, at the place its day gives it; nothing is added."""
        kind = programme(event.programme)
        edition = kind.edition_on(event.occurred_on)
        if isinstance(event.data, Corrected | Withdrawn):
            return _amending(event, self.events, office)
        if self._follows(event):
            case = self.case or kind.current.new_case(event.case_id)
        else:
            case = case_before(event, self.events, office)
        cursor = Cursor(case, event, office, edition.source_of(case, event).value)
        judgement = edition.drive(cursor)
        if judgement.allowed and not cursor.passed:
            raise Vetoed(event)
        return judgement


def _amending(event: Event, events: Sequence[Event], office: Office) -> Judgement:
    """Judge a correction or withdrawal: the truth may be put on record whatever it shows, and what it shows is told.

    Raises:
        InputError: if it names no event that can be corrected, corrects nothing, or its payload does not fit.
    """
    if isinstance(event.data, Corrected) and event.data.occurred_on is None and event.data.data is None:
        raise InputError("corrects nothing: give the right occurred_on or data", field="data", case_id=event.case_id)
    held = effective([*events, event])
    state = case_of([*events, event], office).state_on(event.occurred_on)
    kind = programme(event.programme)
    case = kind.current.new_case(event.case_id)
    found: tuple[Finding, ...] = ()
    for each in chronology(held, kind.current):
        edition = kind.edition_on(each.occurred_on)
        if each.seq == event.data.seq:
            found = edition.judge(case, each, office).findings
            break
        edition.fold(case, each, office)
    return Judgement(event, state, state, tuple(attrs.evolve(finding, refuses=False) for finding in found))


def case_before(event: Event, events: Sequence[Event], office: Office) -> Case:
    """The case as an event meets it at the place its day gives it, whatever was recorded since."""
    kind = programme(event.programme)
    case = kind.current.new_case(event.case_id)
    for each in chronology([*effective(events), event], kind.current):
        if each is event:
            break
        kind.edition_on(each.occurred_on).fold(case, each, office)
    return case


__all__ = ["Held", "case_before"]
