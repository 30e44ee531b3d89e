"""One history in the making: what happens, in order, and what an audit must find in it.

The truth comes from how a history is put together, never from the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from random import Random

import attrs

from shuroflow.events import Actor, Event, event_name
from shuroflow.storage.journal import chained
from shuroflow.vocabulary import Role

JST = timezone(timedelta(hours=9))


@attrs.frozen
class Expected:
    """A finding that an audit must report."""

    severity: str
    clause: str
    seq: int


@attrs.frozen
class Truth:
    """What is known of a case from the way it was made. ``fault`` is ``None`` for a compliant one."""

    case_id: str
    programme: str
    fault: str | None
    expected: tuple[Expected, ...]


@attrs.define
class Plan:
    """A history in the making: entries in order, and the finding each fault stands for."""

    case_id: str
    programme: str
    random: Random
    entries: list[tuple[date, object, Actor]] = attrs.field(factory=list)
    fault: str | None = None
    expected: list[Expected] = attrs.field(factory=list)

    def add(self, day: date, payload: object, by: Actor) -> int:
        """Append a fact; its position from 1."""
        self.entries.append((day, payload, by))
        return len(self.entries)

    def expect(self, clause: str, seq: int) -> None:
        """The audit must report a violation of that clause at that event."""
        self.expected.append(Expected("violation", clause, seq))

    def days(self, low: int, high: int) -> timedelta:
        """A random number of days, both ends included."""
        return timedelta(days=self.random.randint(low, high))

    def events(self) -> Iterator[tuple[Event, bytes]]:
        """The events, recorded on their day or shortly after, each linked as by a journal; and their stored bytes."""
        moment = datetime.min.replace(tzinfo=JST)
        last: bytes | None = None
        for seq, (day, payload, by) in enumerate(self.entries, 1):
            lag = 0 if self.random.random() < 0.8 else self.random.randint(1, 3)
            written = datetime(day.year, day.month, day.day, 9, tzinfo=JST) + timedelta(
                days=lag, minutes=self.random.randint(0, 500), seconds=self.random.randint(0, 59)
            )
            moment = max(moment + timedelta(seconds=1), written)
            event = Event(
                case_id=self.case_id,
                seq=seq,
                programme=self.programme,
                kind=event_name(payload),
                occurred_on=day,
                recorded_at=moment,
                recorded_by=by,
                data=payload,
            )
            (event,), (last,) = chained([event], last=last, case_id=self.case_id, expected=seq - 1)
            yield event, last

    def truth(self) -> Truth:
        """What an audit must find."""
        return Truth(self.case_id, self.programme, self.fault, tuple(self.expected))


def people(random: Random) -> Callable[[Role], Actor]:
    """Role-bound ids of one office: the same person for a role within a case, never one person for two roles."""
    staff = {role: Actor(f"{role.value}-{random.randint(1, 40):02d}", role) for role in Role}
    return staff.__getitem__
