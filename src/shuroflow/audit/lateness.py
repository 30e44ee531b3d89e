"""How much later than it happened each entry was written down: counted by days, so that no entry has to be kept.

No 要綱 sets a time for recording. This module judges nothing and reads no clock; what is late is the reader's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import attrs

from shuroflow.audit.explanation import days_late
from shuroflow.calendar import fiscal_year
from shuroflow.events import Event
from shuroflow.states.history import effective, known, taken_back

LATE_DAYS = 14
"""Days above which an entry is late where nothing else is said. Ours and no text's: who writes up the records once a
week, and misses a week, is still within it."""


class Group(NamedTuple):
    """Whose entries are counted together: of one office (a source), programme, fiscal year and kind of event."""

    office: str
    programme: str
    year: int
    event: str


@attrs.frozen(kw_only=True)
class Delay:
    """The delays of some entries, in days. Each of the four is one that was seen: see :func:`percentile`.

    ``entries`` is the number of entries, ``late`` how many of them were written down more than so many days later,
    ``early`` how many before their day. Of an early one there is no delay: the four are of the others, and ``None``
    where there are none.
    """

    entries: int
    early: int
    late: int
    median: int | None
    p90: int | None
    p99: int | None
    longest: int | None

    @classmethod
    def of(cls, days: Mapping[int, int], late_days: int) -> Delay:
        """The delays of at least one entry, given as days → number of entries."""
        delays = {day: number for day, number in days.items() if day >= 0}
        return cls(
            entries=sum(days.values()),
            early=sum(days.values()) - sum(delays.values()),
            late=sum(number for day, number in days.items() if day > late_days),
            median=percentile(delays, 50) if delays else None,
            p90=percentile(delays, 90) if delays else None,
            p99=percentile(delays, 99) if delays else None,
            longest=max(delays, default=None),
        )


def percentile(days: Mapping[int, int], percent: int) -> int:
    """The least number of days that at least ``percent`` of a hundred entries do not exceed (nearest rank).

    ``days`` is days → number of entries, with at least one.
    """
    rank = -(-percent * sum(days.values()) // 100)
    reached = 0
    for day in sorted(days):
        reached += days[day]
        if reached >= rank:
            return day
    raise ValueError("there is no entry")


@attrs.define
class Lateness:
    """The delays of all entries by group: days → number of entries. ``late_days``: more than these are late."""

    late_days: int = LATE_DAYS
    groups: dict[Group, Counter[int]] = attrs.field(factory=dict)

    def add(self, event: Event, office: str) -> int:
        """Count one entry.

        Returns:
            its delay in days.
        """
        days = days_late(event)
        group = Group(office, event.programme, fiscal_year(event.occurred_on), event.kind)
        self.groups.setdefault(group, Counter())[days] += 1
        return days

    def by(self, key: Callable[[Group], tuple[str | int, ...]]) -> dict[tuple[str | int, ...], Delay]:
        """The delays of the groups that have the same key, in the order of the keys."""
        joined: dict[tuple[str | int, ...], Counter[int]] = {}
        for group, days in self.groups.items():
            joined.setdefault(key(group), Counter()).update(days)
        return {each: Delay.of(joined[each], self.late_days) for each in sorted(joined)}


def entries(events: Sequence[Event], *, as_of: date, known_at: datetime | None = None) -> Iterator[Event]:
    """The entries of one case that count: what holds as of the day, as corrected, then corrections and withdrawals.

    Both are of that day or before; what a later one amends is amended all the same, as in an audit.
    What was withdrawn is left out, a correction that was taken back as well. A corrected event has its right day and
    the moment at which it was first written down.
    """
    yield from effective(events, as_of=as_of, known_at=known_at)
    heard = events if known_at is None else known(events, known_at)
    amending = [event for event in heard if event.kind in {"corrected", "withdrawn"} and event.occurred_on <= as_of]
    if amending:
        gone = taken_back(heard)
        yield from (event for event in amending if event.seq not in gone)


__all__ = ["LATE_DAYS", "Delay", "Group", "Lateness", "entries", "percentile"]
