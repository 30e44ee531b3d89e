"""Histories moved as a whole to other days: where months, fiscal years and leap years make another answer of them.

A rule that counts days is wrong only from certain days on: three months from the 30th of November, a tax year in June.
A history is moved so that one of its days falls on the first or last day of each of the next months, every other day
and month in it moving along; what the judge then no longer allows is left out. The day may be one that stands in an
event, or one that follows from the events: where a period begins or ends, when a duty is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from shuroflow.events import Event
from shuroflow.events.shapes import Leaf, bare
from shuroflow.verification.probes import Path, places, with_value

MONTHS = 13
"""How many months ahead a day is moved; all firsts and lasts of a year, and each month once more as the next year's."""


def turns(day: date) -> Iterator[date]:
    """The last day of each month from that of ``day`` on, the day after it, and the next leap day."""
    year, month = day.year, day.month
    for _ in range(MONTHS):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        first = date(year, month, 1)
        yield first - timedelta(days=1)
        yield first
    leap = next((each for each in range(day.year, day.year + 9) if _is_leap(each) and day <= date(each, 2, 29)), None)
    if leap is not None:
        yield date(leap, 2, 29)


def turns_and_februaries(day: date) -> list[date]:
    """The :func:`turns`, and the days around the end of February of leap years and a common one, and the end of March.

    The leap years are the next one and the one before: of a year that lies ahead the figures may not be known yet.
    """
    found = dict.fromkeys(turns(day))
    coming = day.year + (day.month > 2)
    ahead = range(coming, date.max.year)
    before = range(coming - 1, date.min.year, -1)
    for years, leap in ((ahead, True), (before, True), (ahead, False)):
        year = next((each for each in years if _is_leap(each) is leap), None)
        if year is not None:
            first = date(year, 3, 1)
            found |= dict.fromkeys((first - timedelta(days=2), first - timedelta(days=1), first, date(year, 3, 31)))
    return list(found)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def shifted(history: Sequence[Event], days: int) -> tuple[Event, ...]:
    """Every day of the history so many days later, and every month with the day that it was the month of.

    Raises:
        OverflowError: if a day leaves the calendar.
    """
    step = timedelta(days=days)
    months: dict[str, str] = {}
    for event in history:
        for _, _, value in places(event):
            if isinstance(value, date):
                months.setdefault(_month(value), _month(value + step))

    def moved(value: Any) -> Any:
        if isinstance(value, date):
            return value + step
        return months.get(value, value) if isinstance(value, str) and type(value) is str else value

    found = []
    for event in history:
        at = event
        for path, shape, value in places(event):
            if isinstance(value, date) or (isinstance(shape, Leaf) and bare(shape.type) is str and value in months):
                at = with_value(at, path, moved(value))
        found.append(attrs.evolve(at, recorded_at=event.recorded_at + step))
    return tuple(found)


def _month(day: date) -> str:
    return day.isoformat()[:7]


NEARER = 4
"""How often a step is mended: months differ by three days at most, so two or three times are enough."""


def step_to(target: date, day: date, follows: Callable[[int], date | None]) -> int | None:
    """By how many days a history is to be moved for a day that follows from it to fall on ``target``.

    Such a day need not move as far as the history: three months are 89 days or 92.

    Args:
        target: where the day is to fall.
        day: where it falls if the history is not moved.
        follows: where it falls if the history is moved by so many days; ``None``: there is no such day then.

    Returns:
        The step; ``None`` if there is none, as where no period of whole months ends on that day.
    """
    step = (target - day).days
    for _ in range(NEARER):
        reached = follows(step)
        if reached is None:
            return None
        if reached == target:
            return step
        step += (target - reached).days
    return None


def days_of(event: Event) -> Iterator[tuple[Path, date]]:
    """Every day in an event, with its place."""
    for path, _, value in places(event):
        if isinstance(value, date):
            yield path, value


__all__ = ["MONTHS", "days_of", "shifted", "step_to", "turns", "turns_and_februaries"]
