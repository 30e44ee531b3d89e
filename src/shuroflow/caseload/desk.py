"""The desk itself: it reads the case, asks the machine and appends with the version that was read.

It remembers the cases it touched last, but asks the journal each time what came since; it knows no clock but the one
passed in.
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

from shuroflow.case import Case
from shuroflow.caseload.held import Held
from shuroflow.caseload.standing import Due, Option, Standing, dues, option
from shuroflow.errors import CaseExists, CaseNotFound, Conflict, InputError, Refused
from shuroflow.events import Actor, Event, event_name, kinds_of
from shuroflow.states import Finding, Judgement, Office, Programme, programme
from shuroflow.states.history import case_of, effective
from shuroflow.states.history import known as known_by
from shuroflow.storage.codec import encode
from shuroflow.storage.journal import Journal

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
    """One fact to be recorded: its payload, the day it happened, a remark, and the commitment to a paper kept apart."""

    payload: Any
    on: date
    note: str | None = None
    commitment: str | None = None


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
        self._held: dict[str, Held] = {}

    def subscribe(self, subscriber: Callable[[Recorded], None]) -> None:
        """Call ``subscriber`` after each append has been committed.

        Where the journal is on a connection of the host, that is after the append and before the host's commit, which
        may still fail: what must not be told too early is read from the feed.
        """
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
        commitment: str | None = None,
    ) -> Recorded:
        """Open a case with its first event (埼玉 4(1): ``Listed``; 対馬 第5条第1項: ``Applied``).

        Raises:
            CaseExists: if the id is taken.
            Refused: if a guard is not met.
            InputError: if a value cannot be used.
        """
        entries = (Entry(payload=payload, on=on, note=note, commitment=commitment),)
        return self._append(case_id, programme(programme_code), entries, by=by, key=key, opening=True)

    def record(
        self,
        case_id: str,
        payload: object,
        *,
        on: date,
        by: Actor,
        note: str | None = None,
        key: str | None = None,
        commitment: str | None = None,
    ) -> Recorded:
        """Record one event of a case.

        Args:
            case_id: the case.
            payload: what happened, an instance of a payload class of the case's programme.
            on: the day it happened; earlier than today is fine.
            by: who writes it down.
            note: free remark.
            key: idempotency key: the same key again gives the first result and writes nothing.
            commitment: to a paper that is kept apart (:mod:`shuroflow.storage.annexes`).

        Raises:
            Refused: if a guard is not met; the journal is untouched.
            Conflict: if someone else recorded in between; the journal is untouched.
            CaseNotFound: if there is no such case.
            InputError: if a value cannot be used.
        """
        entry = Entry(payload=payload, on=on, note=note, commitment=commitment)
        return self.record_all(case_id, (entry,), by=by, key=key)

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
        held = Held()
        for recorded in events:
            held.take(recorded, self.office)
        return held.judge(event, self.office)

    def next(self, case_id: str, *, on: date, known_at: datetime | None = None) -> tuple[Option, ...]:
        """For every event of the programme: may it be recorded on that day, and why not.

        ``known_at``: as far as was written down at that moment.

        Raises:
            CaseNotFound: if there is no such case, or nothing of it was written down by then.
            InputError: if ``known_at`` has no offset.
        """
        events = self._read(case_id)
        if known_at is not None:
            events = known_by(events, known_at)
        if not events:
            raise CaseNotFound(case_id)
        kind = programme(events[0].programme)
        edition = kind.edition_on(on)
        return tuple(
            option(edition, kind, events, name, on, self.office)
            for name in dict.fromkeys(r.event for r in edition.rows)
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
            duties=tuple(dues(edition, case, as_of)),
            findings=edition.settle(case, as_of, self.office),
            events=tuple(events if known_at is None else known_by(events, known_at)),
        )

    def due(self, *, on: date, within: int | None = None, known_at: datetime | None = None) -> Iterator[Due]:
        """Open duties and ends of period of all cases; what is not owed yet on the day is marked ``to_come``.

        Args:
            on: the day asked about.
            within: leave out what falls due later than this many days after ``on``; what has no day always stays.
            known_at: leave out what was written down after this moment.

        Raises:
            InputError: if ``within`` is less than 0, or ``known_at`` has no offset.
        """
        if within is not None and within < 0:
            raise InputError(f"{within} is not a number of days from 0", field="within")
        until = None if within is None or within > (date.max - on).days else on + timedelta(days=within)
        for _, run in groupby(self.journal.scan(), key=attrgetter("case_id")):
            events = list(run)
            if not effective(events, as_of=on, known_at=known_at):
                continue
            case = case_of(events, self.office, as_of=on, known_at=known_at)
            for item in dues(programme(case.programme).edition_on(on), case, on):
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
            prev = held.head if len(held.events) == version else None  # the journal links the rest
            event = self._event(kind, case_id, len(held.events) + 1, entry, by, key, prev)
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
            held.events[version:] = done.events  # as recorded, with their links
            held.head = done.head
            history = tuple(held.events)
            self._keep(held)
        recorded = Recorded(done.events, tuple(judgements), history, self.office, done.duplicate)
        if not done.duplicate:
            for subscriber in self._subscribers:
                subscriber(recorded)
        return recorded

    def _hold(self, case_id: str) -> Held:
        """The case as the journal has it now. What was folded before is not folded again, only what came since.

        The last event held is read again: where it is gone or another one, a host rolled its transaction back or a
        backup was restored, and nothing that was held counts. Each event links to the one before it, so the last
        one answers for all.
        """
        held = self._held.pop(case_id, None) or Held()  # taken out: it belongs to this call until it is put back
        known = len(held.events)
        found = self.journal.read(case_id, after=max(0, known - 1))
        if known and found[:1] != held.events[-1:]:
            held, known = Held(), 0
            found = self.journal.read(case_id)
        fresh = found[1:] if known else found
        if fresh:
            held.head = None
        for event in fresh:
            held.take(event, self.office)
        return held

    def _keep(self, held: Held) -> None:
        if not held.in_order:
            return  # it would be folded anew all the same
        self._held[held.events[0].case_id] = held
        if len(self._held) > KEPT_CASES:
            with suppress(KeyError, StopIteration, RuntimeError):  # another thread may have been there first
                del self._held[next(iter(self._held))]

    def _event(
        self,
        kind: Programme,
        case_id: str,
        seq: int,
        entry: Entry,
        by: Actor,
        key: str | None = None,
        prev: str | None = None,
    ) -> Event:
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
        if type(entry.on) is not date:  # a datetime is a date to Python, and compares with none
            said = f"expected a date, got {type(entry.on).__name__}; give the day it happened, without a time"
            raise InputError(said, field="occurred_on", case_id=case_id)
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
            prev=prev,
            commitment=entry.commitment,
        )


__all__ = ["KEPT_CASES", "Caseload", "Clock", "Entry", "Recorded"]
