"""The system and our judge side by side along one case, and where they part.

Nothing is known of the system but what a :class:`~shuroflow.verification.drivers.Driver` tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from itertools import count
from operator import attrgetter
from typing import TypeVar
from uuid import uuid4

import attrs

from shuroflow.case import Case
from shuroflow.caseload.held import Held
from shuroflow.caseload.standing import dues
from shuroflow.errors import InputError, ShuroflowError, Unavailable
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states import Judgement, Office, Rule, programme
from shuroflow.states.history import case_of
from shuroflow.verification.drivers import Driver, OpenDuty, Standing, TellsDuties, TellsStanding, abilities
from shuroflow.verification.drivers.answers import duties_in, events_in, said_in, standing_in
from shuroflow.verification.listening import heard, unheard

JST = timezone(timedelta(hours=9))


@attrs.frozen
class Difference:
    """Where the system and the judge part: the history up to the event in question, and what each said.

    ``what`` is ``accepts``, ``refuses``, ``standing``, ``duties``, ``history`` or ``fails``. ``clauses`` are those of
    the rules that are at stake, the nearest first. ``on`` is the day asked about, where one was. The history is that
    of ``case_id`` alone, unless it takes events of other cases to show the difference.
    """

    what: str
    history: tuple[Event, ...]
    clauses: tuple[str, ...]
    rules: tuple[str, ...]
    expected: str
    found: str
    on: date | None = None
    case_id: str = ""

    @property
    def kind(self) -> tuple[str, tuple[str, ...]]:
        """Two differences of one kind are probably one mistake."""
        return self.what, self.rules if self.what == "accepts" else self.clauses[:1]

    def explain(self) -> str:
        """The difference in a few lines, and the history that shows it, an event a line."""
        asked = "" if self.on is None else f" on {self.on}"
        cases = list(dict.fromkeys(event.case_id for event in self.history))
        if len(cases) > 1 and self.case_id in cases:
            asked += f" for case {cases.index(self.case_id) + 1}"
        lines = [
            f"{', '.join(self.clauses) or 'no clause'}: the system {self.what}{asked}"
            if self.what in {"accepts", "refuses", "fails"}
            else f"{', '.join(self.clauses) or 'no clause'}: the {self.what} differs{asked}",
            f"  expected: {self.expected}",
            f"  found:    {self.found}",
            *(
                f"  {f'case {cases.index(event.case_id) + 1}, ' if len(cases) > 1 else ''}"
                f"{event.seq} {event.kind} on {event.occurred_on}"
                for event in self.history
            ),
        ]
        return "\n".join(lines)


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
        """What the judge says of it.

        Raises:
            InputError: if it is a correction or withdrawal that fits no event of the case.
        """
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
        with unheard():  # these events were counted when they were taken
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
        if heard():
            edition.settle(case, on, self.office)  # what is left undone by then counts as seen
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
        last = self.clause_of(self.events[-1])
        return [edition.clauses[clause].citation for clause in found] + ([last] if not found else [])

    def clause_of(self, event: Event) -> str:
        """The clause that an event rests on, as officials cite it; of a correction that of what it corrects."""
        while isinstance(event.data, Corrected | Withdrawn) and 0 < event.data.seq < event.seq:
            event = self.events[event.data.seq - 1]
        return _own(event)

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


class _NoAnswer(Exception):
    """The system was asked and fell over."""


T = TypeVar("T")

_numbers = count(1)
_RUN = uuid4().hex[:8]
"""No case id is used twice, in this run of Python or another: a system behind a driver may well keep its cases."""


class Walk:
    """The system and the judge side by side along one case, until they part."""

    def __init__(
        self,
        driver: Driver,
        office: Office,
    ) -> None:
        self.driver = driver
        able = abilities(driver)
        self.standing = driver if able.standing and isinstance(driver, TellsStanding) else None
        self.owing = driver if able.duties is not None and isinstance(driver, TellsDuties) else None
        self.owed = able.duties or frozenset()
        self.asked = 0
        self.last: Event | None = None
        self.rules: Counter[tuple[str, bool]] = Counter()
        self.expected = Expected(f"check-{_RUN}-{next(_numbers)}", office)

    def step(self, event: Event, *, near: Sequence[Rule] = (), compare: bool = True) -> Difference | None:
        """Try one event on both sides.

        ``near`` are the rules at stake if the system refuses what the judge allows, or draws other conclusions from
        it. Without ``compare`` only the answer is looked at, not what follows from it.
        """
        event = self.last = self.expected.next(event)
        self.asked += 1
        try:
            said = self.expected.judge(event)
        except InputError as error:  # a correction that fits no event: whatever its clause, it cannot be recorded
            try:
                accepted = self._ask(said_in, self.driver.record, event).accepted
            except _NoAnswer as none:
                return self._difference(event, "fails", near, "an answer", str(none))
            return self._difference(event, "accepts", near, f"refused: {error}", "accepted") if accepted else None
        self.rules.update(met(event, said))
        try:
            answer = self._ask(said_in, self.driver.record, event)
        except _NoAnswer as none:
            return self._difference(event, "fails", near, "an answer", str(none))
        if said.allowed != answer.accepted:
            if answer.accepted:
                return self._difference(
                    event, "accepts", [finding.rule for finding in said.blocking], refusal(said), "accepted"
                )
            # What the system itself names comes first: it knows why it refused.
            named = [clause for clause in answer.clauses if clause in _citations(event)]
            clauses = [*named, *(rule.citation for rule in near)]
            return self._difference(event, "refuses", near, "accepted", answer.message or "refused", clauses=clauses)
        if not said.allowed:
            return None
        self.expected.take(event)
        return self.compare(near=near) if compare else None

    def _ask(self, read: Callable[[object], T], method: Callable[..., object], *question: object) -> T:
        """Put a question, and read the whole of what is answered: an answer may fall over only while it is read."""
        try:
            return read(method(*question))
        except Unavailable:  # there is no system to ask anything of
            raise
        except (Exception, SystemExit) as error:  # the system fell over, or left: that is an answer too
            said = str(error) if isinstance(error, ShuroflowError) else f"{type(error).__name__}: {error}"
            raise _NoAnswer(said) from error

    def compare(self, *, near: Sequence[Rule] = (), days: Iterable[date] | None = None) -> Difference | None:
        """Is the record the same, and what follows from it on the days that matter?

        ``days`` are none before the last event; by default those on which something about the case changes.
        """
        event = self.expected.events[-1] if self.expected.events else self.last
        if event is None:  # nothing was asked
            return None
        try:
            if not self.expected.events:  # all was refused: there is no case
                return self._trace_of(event, near)
            found = self._record_apart(event, near)
            for day in self.expected.days() if days is None else days:
                if found is None:
                    found = self._standing_apart(event, near, day) or self._duties_apart(event, near, day)
        except _NoAnswer as none:
            return self._difference(event, "fails", near, "an answer", str(none))
        return found

    def _trace_of(self, event: Event, near: Sequence[Rule]) -> Difference | None:
        left = self._ask(events_in, self.driver.history, self.expected.case_id)
        return self._difference(event, "history", near, "no events", f"{len(left)} events") if left else None

    def _record_apart(self, event: Event, near: Sequence[Rule]) -> Difference | None:
        expected = self.expected
        on_record = [_fact(each) for each in self._ask(events_in, self.driver.history, expected.case_id)]
        wanted = [_fact(each) for each in expected.events]
        if on_record == wanted:
            return None
        gap = next((at for at, pair in enumerate(zip(wanted, on_record, strict=False)) if pair[0] != pair[1]), None)
        first = expected.events[min(len(wanted) - 1, len(on_record)) if gap is None else gap]
        named = [expected.clause_of(first), *(rule.citation for rule in near)]
        said = _first_gap(wanted, on_record)
        return self._difference(event, "history", near, f"{len(wanted)} events as sent", said, clauses=named)

    def _standing_apart(self, event: Event, near: Sequence[Rule], day: date) -> Difference | None:
        if self.standing is None:
            return None
        ours = self.expected.standing(day)
        theirs = self._ask(standing_in, self.standing.standing, self.expected.case_id, day)
        if ours == theirs:
            return None
        named = [*self.expected.behind(day, theirs), *(rule.citation for rule in near)]
        return self._difference(event, "standing", near, _stands(ours), _stands(theirs), on=day, clauses=named)

    def _duties_apart(self, event: Event, near: Sequence[Rule], day: date) -> Difference | None:
        if self.owing is None:
            return None
        due = [duty for duty in self.expected.duties(day) if duty.clause in self.owed]
        told = self._ask(duties_in, self.owing.duties, self.expected.case_id, day)
        if Counter(due) == Counter(told):
            return None
        apart = sorted((Counter(due) - Counter(told)) + (Counter(told) - Counter(due)), key=str)
        named = [duty.clause for duty in apart]
        return self._difference(event, "duties", near, _listed(due), _listed(told), on=day, clauses=named)

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
        named = list(clauses) or [rule.citation for rule in rules] or [self.expected.clause_of(event)]
        history = [each for each in self.expected.events if each.seq < event.seq]
        return Difference(
            what=what,
            history=(*history, event),
            clauses=tuple(dict.fromkeys(each for each in named if each)),
            rules=tuple(dict.fromkeys(rule.code for rule in rules)),
            expected=expected,
            found=found,
            on=on,
            case_id=self.expected.case_id,
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


def met(event: Event, said: Judgement) -> set[tuple[str, bool]]:
    """The rules that an event meets, by their code, and whether it keeps them."""
    edition = programme(event.programme).edition_on(event.occurred_on)
    broken = {finding.rule.code for finding in said.findings}
    kept = _met_by(event.programme, edition.in_force_from, event.kind) - broken
    return {(rule, False) for rule in broken} | {(rule, True) for rule in kept}


def refusal(judgement: Judgement) -> str:
    """Why the judge refuses, clause by clause."""
    return "refused: " + "; ".join(f"{each.clause} {each.message('en')}" for each in judgement.blocking)


_FACTS = ("case_id", "seq", "programme", "kind", "occurred_on", "recorded_at", "recorded_by", "data", "note")
"""What is sent and has to come back; key, hashes and commitment are a journal's own."""

_fact = attrgetter(*_FACTS)

_SHOWN = 400


def _first_gap(wanted: list[tuple[object, ...]], found: list[tuple[object, ...]]) -> str:
    for number, (ours, theirs) in enumerate(zip(wanted, found, strict=False), 1):
        apart = [at for at in range(len(_FACTS)) if ours[at] != theirs[at]]
        if apart:
            told = ", ".join(f"{_FACTS[at]} {_short(theirs[at], ours[at])}" for at in apart)
            sent = ", ".join(f"{_FACTS[at]} {_short(ours[at], theirs[at])}" for at in apart)
            return f"event {number} reads {told}, was sent as {sent}"
    return f"{len(found)} events"


def _short(value: object, other: object) -> str:
    """A value in code, around the first place where it parts from the other one if it is long."""
    text, beside = repr(value), repr(other)
    if len(text) <= _SHOWN:
        return text
    part = next((at for at, (a, b) in enumerate(zip(text, beside, strict=False)) if a != b), len(beside))
    start = max(0, min(part, len(text)) - _SHOWN // 2)
    return f"{'…' if start else ''}{text[start : start + _SHOWN]}{'…' if start + _SHOWN < len(text) else ''}"


def _stands(standing: Standing) -> str:
    period = "no period" if standing.period is None else f"period {standing.period[0]} to {standing.period[1]}"
    return f"{standing.state}, {period}"


def _listed(duties: Iterable[OpenDuty]) -> str:
    return (
        ", ".join(f"{d.clause} due {d.due}{' (overdue)' if d.overdue else ''}" for d in sorted(duties, key=str))
        or "none"
    )


__all__ = ["Difference", "Expected", "Walk", "met", "refusal"]
