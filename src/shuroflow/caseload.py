"""The live desk: open a case, record what happened, ask what may come next, what is due and how a case stands.

The desk reads the case, asks the machine and appends with the version that was read. It remembers the cases it
touched last, but asks the journal each time what came since; it knows no clock but the one passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

import attrs

from shuroflow.case import Case, Duty, Period
from shuroflow.errors import CaseExists, CaseNotFound, Conflict, InputError, Refused, Vetoed
from shuroflow.events import Actor, Corrected, Event, Withdrawn, event_name, kinds_of
from shuroflow.states import Cursor, Edition, Finding, Judgement, Office, Programme, Rule, programme
from shuroflow.states.history import case_of, chronology, effective
from shuroflow.storage.codec import encode
from shuroflow.storage.journal import Journal
from shuroflow.vocabulary import Lang, State

Clock = Callable[[], datetime]

KEPT_CASES = 256
"""Cases that a desk remembers between appends, so that only what others recorded since has to be read and folded."""


@attrs.frozen
class Recorded:
    """What was recorded, what the rules said of it, and how the case stands now.

    ``history``: the whole case as recorded, these events included. ``duplicate``: the idempotency key was known;
    nothing was written and ``events`` are those of the first time.
    """

    events: tuple[Event, ...]
    judgements: tuple[Judgement, ...]
    history: tuple[Event, ...] = attrs.field(repr=False)
    office: Office = attrs.field(repr=False)
    duplicate: bool = False

    @cached_property
    def case(self) -> Case:
        """What the events of the case add up to now."""
        return case_of(self.history, self.office)

    @property
    def event(self) -> Event:
        """The event, where one was recorded."""
        return self.events[-1]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was observed though nothing stood in the way."""
        return tuple(finding for judgement in self.judgements for finding in judgement.findings)


@attrs.frozen(kw_only=True)
class Entry:
    """One fact to be recorded: its payload, the day it happened, and a remark."""

    payload: Any
    on: date
    note: str | None = None


@attrs.frozen
class Option:
    """One event that might come next: possible, or why not, and what will be asked of it.

    It is asked as if everything the event speaks of happened on the day itself: a consultation held earlier, say, may
    still be recorded though the day is too late to hold one. ``destination`` is the usual one.
    """

    event: str
    name_ja: str
    name_en: str
    clause: str
    destination: State
    why_not: tuple[Finding, ...]
    asks: tuple[Rule, ...]

    @property
    def possible(self) -> bool:
        """May it be recorded, as far as the case alone can tell?"""
        return not any(finding.refuses for finding in self.why_not)

    def name(self, lang: Lang = "ja") -> str:
        """What the event is called."""
        return self.name_ja if lang == "ja" else self.name_en


@attrs.frozen
class Due:
    """An open duty of a case, or the end of its period (``code`` ``period_end``), as of the day asked about."""

    case_id: str
    programme: str
    code: str
    name_ja: str
    name_en: str
    clause: str
    arose_on: date
    due: date | None
    in_time_until: date | None
    overdue: bool

    def name(self, lang: Lang = "ja") -> str:
        """What has to be done."""
        return self.name_ja if lang == "ja" else self.name_en


@attrs.frozen
class Standing:
    """How a case stands as of a day: its state, its periods, its open duties, and everything recorded so far."""

    case: Case
    as_of: date
    state: State
    period: Period | None
    duties: tuple[Due, ...]
    findings: tuple[Finding, ...]
    events: tuple[Event, ...]


class Caseload:
    """The live desk over a journal.

    Args:
        journal: where events are kept.
        clock: gives the moment of recording, with its offset; the only clock there is.
        office: figures, calendar and settings of the office.
    """

    def __init__(self, journal: Journal, *, clock: Clock, office: Office | None = None) -> None:
        self.journal = journal
        self.office = Office() if office is None else office
        self._clock = clock
        self._subscribers: list[Callable[[Recorded], None]] = []
        self._held: dict[str, _Held] = {}

    def subscribe(self, subscriber: Callable[[Recorded], None]) -> None:
        """Call ``subscriber`` after each append has been committed."""
        self._subscribers.append(subscriber)

    def open(
        self,
        case_id: str,
        programme_code: str,
        payload: object,
        *,
        on: date,
        by: Actor,
        note: str | None = None,
        key: str | None = None,
    ) -> Recorded:
        """Open a case with its first event (埼玉 4(1): ``Listed``; 対馬 第5条第1項: ``Applied``).

        Raises:
            CaseExists: if the id is taken.
            Refused: if a guard is not met.
            InputError: if a value cannot be used.
        """
        entries = (Entry(payload=payload, on=on, note=note),)
        return self._append(case_id, programme(programme_code), entries, by=by, key=key, opening=True)

    def record(
        self, case_id: str, payload: object, *, on: date, by: Actor, note: str | None = None, key: str | None = None
    ) -> Recorded:
        """Record one event of a case.

        Args:
            case_id: the case.
            payload: what happened, an instance of a payload class of the case's programme.
            on: the day it happened; earlier than today is fine.
            by: who writes it down.
            note: free remark.
            key: idempotency key: the same key again gives the first result and writes nothing.

        Raises:
            Refused: if a guard is not met; the journal is untouched.
            Conflict: if someone else recorded in between; the journal is untouched.
            CaseNotFound: if there is no such case.
            InputError: if a value cannot be used.
        """
        return self.record_all(case_id, (Entry(payload=payload, on=on, note=note),), by=by, key=key)

    def record_all(self, case_id: str, entries: Sequence[Entry], *, by: Actor, key: str | None = None) -> Recorded:
        """Record several events of a case, all or none; each is judged on top of those before it.

        Raises:
            InputError: if there is no entry, and whatever :meth:`record` raises.
        """
        if not entries:
            raise InputError("there is nothing to record", field="entries", case_id=case_id)
        return self._append(case_id, None, entries, by=by, key=key, opening=False)

    def judge(self, case_id: str, payload: object, *, on: date, by: Actor) -> Judgement:
        """What the rules would say; nothing is recorded."""
        events = self._read(case_id)
        event = self._event(programme(events[0].programme), case_id, len(events) + 1, Entry(payload=payload, on=on), by)
        encode(event)
        held = _Held()
        for recorded in events:
            held.take(recorded, self.office)
        return held.judge(event, self.office)

    def next(self, case_id: str, *, on: date) -> tuple[Option, ...]:
        """For every event of the programme: may it be recorded on that day, and why not."""
        events = self._read(case_id)
        kind = programme(events[0].programme)
        edition = kind.edition_on(on)
        return tuple(
            self._option(edition, kind, events, name, on) for name in dict.fromkeys(r.event for r in edition.rows)
        )

    def _option(self, edition: Edition, kind: Programme, events: Sequence[Event], name: str, on: date) -> Option:
        probe = Event(
            case_id=events[0].case_id,
            seq=len(events) + 1,
            programme=kind.code,
            kind=name,
            occurred_on=on,
            recorded_at=datetime.min,  # noqa: DTZ901 - a probe is never recorded
            recorded_by=events[0].recorded_by,
            data=None,
        )
        case = _case_before(probe, events, self.office)
        source = edition.source_of(case, probe)
        row, why_not, asks = edition.possible(case, probe, self.office, source)
        label = edition.event_label(name)
        return Option(
            event=name,
            name_ja=label.ja,
            name_en=label.en,
            clause=edition.clauses[row.clause].citation,
            destination=row.dest or source,
            why_not=why_not,
            asks=asks,
        )

    def show(self, case_id: str, *, as_of: date, known_at: datetime | None = None) -> Standing:
        """How a case stands as of a day, as far as was known at a moment."""
        events = self._read(case_id)
        held = effective(events, as_of=as_of, known_at=known_at)
        if not held:
            raise CaseNotFound(case_id)
        case = case_of(events, self.office, as_of=as_of, known_at=known_at)
        edition = programme(case.programme).edition_on(as_of)
        return Standing(
            case=case,
            as_of=as_of,
            state=case.state_on(as_of),
            period=case.period,
            duties=tuple(_dues(edition, case, as_of)),
            findings=edition.settle(case, as_of, self.office),
            events=tuple(event for event in events if known_at is None or event.recorded_at <= known_at),
        )

    def due(self, *, on: date, within: int | None = None) -> Iterator[Due]:
        """Open duties and ends of period of all cases.

        Args:
            on: the day asked about.
            within: leave out what falls due later than this many days after ``on``; what has no day always stays.
        """
        if within is not None and within < 0:
            raise InputError(f"{within} is not a number of days from 0", field="within")
        until = None if within is None or within > (date.max - on).days else on + timedelta(days=within)
        for _, run in groupby(self.journal.scan(), key=attrgetter("case_id")):
            events = list(run)
            if not effective(events, as_of=on):
                continue
            case = case_of(events, self.office, as_of=on)
            for item in _dues(programme(case.programme).edition_on(on), case, on):
                if until is None or item.due is None or item.due <= until:
                    yield item

    # -- one append

    def _read(self, case_id: str) -> list[Event]:
        events = self.journal.read(case_id)
        if not events:
            raise CaseNotFound(case_id)
        return events

    def _append(
        self,
        case_id: str,
        kind: Programme | None,
        entries: Sequence[Entry],
        *,
        by: Actor,
        key: str | None,
        opening: bool,
    ) -> Recorded:
        held = self._hold(case_id)
        known = key is not None and any(event.key == key for event in held.events)
        if not held.events and not opening:
            raise CaseNotFound(case_id)
        if held.events and opening and not known:
            raise CaseExists(case_id)
        if kind is None:
            kind = programme(held.events[0].programme)
        version = len(held.events)
        judgements: list[Judgement] = []
        for entry in entries:
            event = self._event(kind, case_id, len(held.events) + 1, entry, by, key)
            if not known:
                encode(event)  # a wrong value is told before any rule looks at it
                judgement = held.judge(event, self.office)
                if not judgement.allowed:
                    raise Refused(judgement)
                judgements.append(judgement)
            held.take(event, self.office)
        fresh = held.events[version:]
        try:
            done = self.journal.append(case_id, fresh, expected=version, key=key)
        except Conflict:
            if opening:
                raise CaseExists(case_id) from None
            raise
        if done.duplicate:
            history = tuple(self.journal.read(case_id))
        else:
            history = tuple(held.events)
            self._keep(held)
        recorded = Recorded(done.events, tuple(judgements), history, self.office, done.duplicate)
        if not done.duplicate:
            for subscriber in self._subscribers:
                subscriber(recorded)
        return recorded

    def _hold(self, case_id: str) -> _Held:
        """The case as the journal has it now. What was folded before is not folded again, only what came since."""
        held = self._held.pop(case_id, None) or _Held()  # taken out: it belongs to this call until it is put back
        for event in self.journal.read(case_id, after=len(held.events)):
            held.take(event, self.office)
        return held

    def _keep(self, held: _Held) -> None:
        if not held.in_order:
            return  # it would be folded anew all the same
        self._held[held.events[0].case_id] = held
        if len(self._held) > KEPT_CASES:
            with suppress(KeyError, StopIteration, RuntimeError):  # another thread may have been there first
                del self._held[next(iter(self._held))]

    def _event(self, kind: Programme, case_id: str, seq: int, entry: Entry, by: Actor, key: str | None = None) -> Event:
        name = event_name(entry.payload)
        expected = kinds_of(kind.code).get(name)
        if expected is not type(entry.payload):
            given = f"{type(entry.payload).__module__}.{type(entry.payload).__name__}"
            raise InputError(
                f"{given} is no event of programme {kind.code!r}"
                + (f"; it has its own {expected.__module__}.{expected.__name__}" if expected else ""),
                field="event",
                case_id=case_id,
            )
        now = self._clock()
        if now.tzinfo is None:
            raise InputError("the clock gives a moment without its offset", field="recorded_at", case_id=case_id)
        if entry.on > now.date():
            raise InputError(
                f"{entry.on} lies after {now.date()}, the day of recording: an event has happened; check the day",
                field="occurred_on",
                case_id=case_id,
            )
        return Event(
            case_id=case_id,
            seq=seq,
            programme=kind.code,
            kind=name,
            occurred_on=entry.on,
            recorded_at=now,
            recorded_by=by,
            data=entry.payload,
            note=entry.note,
            key=key,
        )


@attrs.define(eq=False)
class _Held:
    """A case between two appends: its events, and what they add up to as long as they came in the order of their days.

    An event of an earlier day, or a correction, has its place further up: then there is no shortcut, and
    the case is folded anew.
    """

    events: list[Event] = attrs.field(factory=list)
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
            case = _case_before(event, self.events, office)
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


def _case_before(event: Event, events: Sequence[Event], office: Office) -> Case:
    """The case as an event meets it at the place its day gives it, whatever was recorded since."""
    kind = programme(event.programme)
    case = kind.current.new_case(event.case_id)
    for each in chronology([*effective(events), event], kind.current):
        if each is event:
            break
        kind.edition_on(each.occurred_on).fold(case, each, office)
    return case


def _dues(edition: Edition, case: Case, on: date) -> Iterator[Due]:
    def item(duty: Duty) -> Due:
        rule = edition.table.duties[duty.code]
        return Due(
            case_id=case.case_id,
            programme=case.programme,
            code=duty.code,
            name_ja=rule.label.ja,
            name_en=rule.label.en,
            clause=rule.citation,
            arose_on=duty.arose_on,
            due=duty.due,
            in_time_until=duty.in_time_until,
            overdue=duty.in_time_until is not None and on > duty.in_time_until,
        )

    yield from map(item, case.duties.values())
    for ending in edition.ending(case, on):
        yield Due(
            case_id=case.case_id,
            programme=case.programme,
            code="period_end",
            name_ja="利用期間の満了",
            name_en="end of the period of use",
            clause=edition.clauses[ending.clause].citation,
            arose_on=case.opened_on or on,
            due=ending.on,
            in_time_until=None,
            overdue=False,
        )
