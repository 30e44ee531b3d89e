"""Counting days the way this system does it: a day is its ISO text, and texts of days compare as days do."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

NEVER = "9999-12-31"


def plus(day: str, number: int) -> str:
    """So many days later; the end of the calendar where it would lie beyond."""
    try:
        return (date.fromisoformat(day) + timedelta(days=number)).isoformat()
    except OverflowError:
        return NEVER


def _corresponding(first: str, months: int) -> tuple[str, bool]:
    """The same number so many months on, or the last day of that month; and whether the month has the number."""
    year, month, number = map(int, first.split("-"))
    year, month = year + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1
    if year > date.max.year:
        return NEVER, False
    last = monthrange(year, month)[1]
    return date(year, month, min(number, last)).isoformat(), number <= last


def end_of_months(first: str, months: int = 3) -> str:
    """The last day of so many months of which ``first`` is the first day.

    That is the eve of the same number, or the last day of a month that is too short to have the number.
    """
    day, exists = _corresponding(first, months)
    return plus(day, -1) if exists else day


def clipped_end_of_months(first: str, months: int = 3) -> str:
    """The wrong way: go back a day in any case."""
    day, _ = _corresponding(first, months)
    return day if day == NEVER else plus(day, -1)


def fiscal_year(day: str) -> int:
    """April to March, named by the year it begins in."""
    year, month = int(day[:4]), int(day[5:7])
    return year if month >= 4 else year - 1


def last_of_fiscal_year(day: str) -> str:
    """31 March."""
    year = fiscal_year(day) + 1
    return f"{year:04}-03-31" if year <= date.max.year else NEVER


FIRST_YEAR, LAST_YEAR = 2018, 2030
_FIXED = ((1, 1), (2, 11), (4, 29), (5, 3), (5, 4), (5, 5), (11, 3), (11, 23))
_MOVED = {
    2018: ((2018, 7, 16), (2018, 8, 11), (2018, 10, 8), (2018, 12, 23)),
    2019: ((2019, 4, 30), (2019, 5, 1), (2019, 5, 2), (2019, 7, 15), (2019, 8, 11), (2019, 10, 14), (2019, 10, 22)),
    2020: ((2020, 2, 23), (2020, 7, 23), (2020, 7, 24), (2020, 8, 10)),
    2021: ((2021, 2, 23), (2021, 7, 22), (2021, 7, 23), (2021, 8, 8)),
}


def _monday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (which - 1))


@cache
def holidays(year: int) -> frozenset[date]:
    """The national holidays of a year from 2018 to 2030, worked out from the law."""
    since = year - 1980
    spring = date(year, 3, int(20.8431 + 0.242194 * since - since // 4))
    autumn = date(year, 9, int(23.2488 + 0.242194 * since - since // 4))
    named = {date(year, *each) for each in _FIXED}
    named |= {spring, autumn, _monday(year, 1, 2), _monday(year, 9, 3)}
    moved = _MOVED.get(year)
    if moved is not None:
        named |= {date(*each) for each in moved}
    else:
        named |= {date(year, 2, 23), _monday(year, 7, 3), date(year, 8, 11), _monday(year, 10, 2)}
    found = set(named)
    for day in sorted(named):
        if day.weekday() == 6:
            instead = day + timedelta(days=1)
            while instead in named:
                instead += timedelta(days=1)
            found.add(instead)
        between = day + timedelta(days=1)
        if day + timedelta(days=2) in named and between not in named and between.weekday() != 6:
            found.add(between)
    return frozenset(found)


def next_open(day: str) -> str | None:
    """The day, or the next one on which the office is open; nothing where no calendar is at hand."""
    at = date.fromisoformat(day)
    while FIRST_YEAR <= at.year <= LAST_YEAR:
        year_end = (at.month, at.day) >= (12, 29) or (at.month, at.day) <= (1, 3)
        if at.weekday() < 5 and not year_end and at not in holidays(at.year):
            return at.isoformat()
        at += timedelta(days=1)
    return None
