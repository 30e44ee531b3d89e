"""The system and our judge side by side along one case, and where they part.

Nothing is known of the system but what a :class:`~shuroflow.verification.driver.Driver` tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from itertools import count

import attrs

from shuroflow.case import Case
from shuroflow.caseload.held import Held
from shuroflow.caseload.standing import dues
from shuroflow.events import Event
from shuroflow.states import Judgement, Office, Rule, programme
from shuroflow.states.history import case_of
from shuroflow.verification.driver import Driver, OpenDuty, Standing, TellsDuties, TellsStanding

JST = timezone(timedelta(hours=9))


@attrs.frozen
class Difference:
    """Where the system and the judge part: the history up to the event in question, and what each said.

    ``what`` is ``accepts``, ``refuses``, ``standing``, ``duties``, ``history`` or ``fails``. ``clauses`` are those of
    the rules that are at stake, the nearest first. ``on`` is the day asked about, where one was.
    """

    what: str
    history: tuple[Event, ...]
    clauses: tuple[str, ...]
    rules: tuple[str, ...]
    expected: str
    found: str
    on: date | None = None

    @property
    def kind(self) -> tuple[str, tuple[str, ...]]:
        """Two differences of one kind are probably one mistake."""
        return self.what, self.rules if self.what == "accepts" else self.clauses[:1]


class Expected:
    """One case as our judge sees it, next to the system that is checked."""

    def __init__(self, case_id: str, office: Office) -> None:
        self.case_id = case_id
        self.office = office
        self.events: list[Event] = []
        self._held = Held()
        self._moment = datetime.min.replace(tzinfo=JST)

    def next(self, event: Event) -> Event:
        """The event as the next one of this case: its number, and written down no earlier than it happened."""
        day = datetime.combine(event.occurred_on, time(17), JST) if event.occurred_on > date.min else self._moment
        moment = max(self._moment, day)
        return attrs.evolve(
            event, case_id=self.case_id, seq=len(self.events) + 1, recorded_at=moment, key=None, prev=None
        )

    def judge(self, event: Event) -> Judgement:
        """What the judge says of it."""
        return self._held.judge(event, self.office)

    def take(self, event: Event) -> None:
        """It is on record now."""
        self.events.append(event)
        self._moment = event.recorded_at
        self._held.take(event, self.office)

    def case(self, on: date) -> Case:
        """What the events add up to on a day; it is to be looked at only."""
        held = self._held.case
        if held is not None and self._held.in_order and all(event.occurred_on <= on for event in self.events):
            return held
        return case_of(self.events, self.office, as_of=on)

    def standing(self, on: date) -> Standing:
        """State and period on a day."""
        case = self.case(on)
        period = case.period
        return Standing(case.state_on(on).value, None if period is None else (period.start, period.end))

    def duties(self, on: date) -> list[OpenDuty]:
        """What is open on a day."""
        case = self.case(on)
        edition = programme(case.programme).edition_on(on)
        return [
            OpenDuty(due.clause, due.due, due.overdue) for due in dues(edition, case, on) if due.code != "period_end"
        ]

    def behind(self, on: date, theirs: Standing) -> list[str]:
        """The clauses, as officials cite them, on which the standing rests as far as the system sees another one."""
        case, ours = self.case(on), self.standing(on)
        edition = programme(case.programme).edition_on(on)
        closing = case.closing_on(on)
        found: list[str] = []
        if ours.period != theirs.period:
            end = None if ours.period is None else ours.period[1]
            if closing is not None and closing.on == end:
                found.append(closing.clause)
            found += [edition.table.duties[duty.code].clause for duty in case.duties.values() if duty.due == end]
            found += [lapse.clause for lapse in edition.by_itself]
        if ours.state != theirs.state:
            found += [] if closing is None else [closing.clause]
            found += [lapse.clause for lapse in edition.by_itself if lapse.dest.value == ours.state]
            found += [clause for state, clause in edition.ladder.items() if state.value == ours.state]
        last = _own(self.events[-1])
        return [edition.clauses[clause].citation for clause in found] + ([last] if not found else [])

    def days(self) -> list[date]:
        """The days on which something about the case changes, each with its neighbours; none before the last event."""
        last = max(event.occurred_on for event in self.events)
        case = self.case(last)
        edges = {last}
        if case.period is not None:
            edges |= {case.period.start, case.period.end}
        for duty in case.duties.values():
            edges |= {day for day in (duty.due, duty.in_time_until) if day is not None}
        around = {edge + timedelta(days=step) for edge in edges for step in (-1, 0, 1)}
        return sorted(day for day in around if day >= last)


_numbers = count(1)
"""One run of Python never uses a case id twice, whatever system is behind the driver."""


class Walk:
    """The system and the judge side by side along one case, until they part."""

    def __init__(self, driver: Driver, office: Office, *, prefix: str = "check") -> None:
        self.driver = driver
        self.standing = driver if isinstance(driver, TellsStanding) else None
        self.owing = driver if isinstance(driver, TellsDuties) else None
        self.owed = frozenset() if self.owing is None else self.owing.duty_clauses
        self.asked = 0
        self.rules: Counter[tuple[str, bool]] = Counter()
        self.expected = Expected(f"{prefix}-{next(_numbers)}", office)

    def step(self, event: Event, *, near: Sequence[Rule] = (), compare: bool = True) -> Difference | None:
        """Try one event on both sides.

        ``near`` are the rules at stake if the system refuses what the judge allows, or draws other conclusions from
        it. Without ``compare`` only the answer is looked at, not what follows from it.
        """
        event = self.expected.next(event)
        said = self.expected.judge(event)
        self.asked += 1
        self.rules.update({(finding.rule.code, False) for finding in said.findings})
        self.rules.update({(rule, True) for rule in _met(event) - {finding.rule.code for finding in said.findings}})
        try:
            answer = self.driver.record(event)
        except Exception as error:  # the system fell over: that is an answer too
            return self._difference(event, "fails", near, "an answer", f"{type(error).__name__}: {error}")
        if said.allowed != answer.accepted:
            if answer.accepted:
                return self._difference(
                    event, "accepts", [finding.rule for finding in said.blocking], _told(said), "accepted"
                )
            # What the system itself names comes first: it knows why it refused.
            named = [clause for clause in answer.clauses if clause in _citations(event)]
            clauses = [*named, *(rule.citation for rule in near)]
            return self._difference(event, "refuses", near, "accepted", answer.message or "refused", clauses=clauses)
        if not said.allowed:
            return None
        self.expected.take(event)
        return self._compared(event, near) if compare else None

    def _compared(self, event: Event, near: Sequence[Rule]) -> Difference | None:
        """After an event that both took: is the record the same, and what follows from it on the days that matter?"""
        case_id, expected = self.expected.case_id, self.expected
        on_record = [_fact(each) for each in self.driver.history(case_id)]
        wanted = [_fact(each) for each in expected.events]
        if on_record != wanted:
            gap = next((at for at, pair in enumerate(zip(wanted, on_record, strict=False)) if pair[0] != pair[1]), None)
            first = expected.events[min(len(wanted) - 1, len(on_record)) if gap is None else gap]
            said = _first_gap(wanted, on_record)
            named = [_own(first), *(rule.citation for rule in near)]
            return self._difference(event, "history", near, f"{len(wanted)} events as sent", said, clauses=named)
        for day in expected.days():
            if self.standing is not None:
                ours, theirs = expected.standing(day), self.standing.standing(case_id, day)
                if ours != theirs:
                    named = [*expected.behind(day, theirs), *(rule.citation for rule in near)]
                    return self._difference(
                        event, "standing", near, _stands(ours), _stands(theirs), on=day, clauses=named
                    )
            if self.owing is not None:
                due = [duty for duty in expected.duties(day) if duty.clause in self.owed]
                told = list(self.owing.duties(case_id, day))
                if Counter(due) != Counter(told):
                    apart = sorted((Counter(due) - Counter(told)) + (Counter(told) - Counter(due)), key=str)
                    named = [duty.clause for duty in apart]
                    return self._difference(event, "duties", near, _listed(due), _listed(told), on=day, clauses=named)
        return None

    def _difference(
        self,
        event: Event,
        what: str,
        rules: Sequence[Rule],
        expected: str,
        found: str,
        *,
        on: date | None = None,
        clauses: Sequence[str] = (),
    ) -> Difference:
        named = list(clauses) or [rule.citation for rule in rules] or [_own(event)]
        history = [each for each in self.expected.events if each.seq < event.seq]
        return Difference(
            what=what,
            history=(*history, event),
            clauses=tuple(dict.fromkeys(each for each in named if each)),
            rules=tuple(dict.fromkeys(rule.code for rule in rules)),
            expected=expected,
            found=found,
            on=on,
        )


def _own(event: Event) -> str:
    """The clause that an event of the kind rests on, as officials cite it; empty if the programme has no such event."""
    edition = programme(event.programme).edition_on(event.occurred_on)
    row = next((row for row in edition.rows if row.event == event.kind), None)
    return "" if row is None else edition.clauses[row.clause].citation


def _citations(event: Event) -> frozenset[str]:
    return _citations_of(event.programme, programme(event.programme).edition_on(event.occurred_on).in_force_from)


@cache
def _citations_of(code: str, day: date) -> frozenset[str]:
    return frozenset(clause.citation for clause in programme(code).edition_on(day).clauses)


@cache
def _met_by(code: str, day: date, kind: str) -> frozenset[str]:
    edition = programme(code).edition_on(day)
    return frozenset(
        edition.rule_of(guard, row).code for row in edition.rows if row.event == kind for guard in row.guards
    )


def _met(event: Event) -> frozenset[str]:
    """The rules that an event of the kind meets."""
    edition = programme(event.programme).edition_on(event.occurred_on)
    return _met_by(event.programme, edition.in_force_from, event.kind)


def _told(judgement: Judgement) -> str:
    return "refused: " + "; ".join(f"{each.clause} {each.message('en')}" for each in judgement.blocking)


def _fact(event: Event) -> tuple[object, ...]:
    return event.seq, event.kind, event.occurred_on, event.recorded_by, event.data


def _first_gap(wanted: list[tuple[object, ...]], found: list[tuple[object, ...]]) -> str:
    for ours, theirs in zip(wanted, found, strict=False):
        if ours != theirs:
            return f"event {ours[0]} reads {theirs[1:]!r}, was sent as {ours[1:]!r}"
    return f"{len(found)} events"


def _stands(standing: Standing) -> str:
    period = "no period" if standing.period is None else f"period {standing.period[0]} to {standing.period[1]}"
    return f"{standing.state}, {period}"


def _listed(duties: Iterable[OpenDuty]) -> str:
    return (
        ", ".join(f"{d.clause} due {d.due}{' (overdue)' if d.overdue else ''}" for d in sorted(duties, key=str))
        or "none"
    )


__all__ = ["Difference", "Expected", "Walk"]
