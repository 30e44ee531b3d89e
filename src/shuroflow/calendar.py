"""Civil time: periods, deadlines, fiscal years, the days an office is closed, and dates of the Japanese eras.

A pure module: it reads no clock and no file but its own table of national holidays, and it knows
nothing of programmes, cases or clauses. Every function takes plain ``date`` values.

Two articles of the Civil Code (民法) carry the counting, applied here by analogy, for a 要綱 names no rule of
its own. Article 140: the first day does not count unless the period begins at midnight. Article 143: months run by
the calendar and end on the eve of the day that corresponds (応当日) to the first one, or on the last day of the month
when there is no such day. Article 142 (an end on a holiday) concerns acts to be done and never the end of support:
it is :meth:`OfficeCalendar.next_open`, applied by the caller to a deadline and to nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache, lru_cache, partial
from types import MappingProxyType
from typing import Literal, get_args

from attrs import evolve, field, fields, frozen
from dateutil.relativedelta import relativedelta

from shuroflow.errors import InputError, MissingFigure
from shuroflow.vocabulary import Lang

FirstDay = Literal["counted", "excluded"]

_DAY = timedelta(days=1)
_APRIL, _JUNE = 4, 6
_SATURDAY, _SUNDAY = 5, 6


# Periods and deadlines ------------------------------------------------------------------------------------------------


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or the last day of that month where it is shorter."""
    try:
        return day + relativedelta(months=months)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{months} months from {day} leave the calendar: use a smaller number of months") from error


@lru_cache(maxsize=4096)  # an audit asks for the same few days over and over
def period_end(start: date, *, months: int, first_day: FirstDay = "counted") -> date:
    """The last day, inclusive, of a period of ``months`` whole months.

    ``first_day="counted"``: the period begins at midnight of ``start`` (民法140 但書) and ``start`` is its first day.
    ``first_day="excluded"``: it begins within ``start``, so its first day is the next one (民法140 本文).
    From the first day on 民法143条2項 decides: the eve of the corresponding day, or the end of the month without one.
    Raises ``InputError`` for fewer than one month or an unknown ``first_day``.
    """
    if months < 1:
        raise InputError(f"a period of {months} months has no last day: give 1 or more", field="months")
    if first_day not in get_args(FirstDay):
        raise InputError(f"{first_day!r} is neither 'counted' nor 'excluded'", field="first_day")
    first = start if first_day == "counted" else _plus_days(start, 1)
    corresponding = add_months(first, months)
    return corresponding - _DAY if corresponding.day == first.day else corresponding


def deadline(day: date, *, days: int) -> date:
    """The last day of "within ``days`` days of ``day``"; ``day`` itself does not count (民法140 本文).

    Raises ``InputError`` for fewer than one day. A closed day is not moved here: see :meth:`OfficeCalendar.next_open`.
    """
    if days < 1:
        raise InputError(f"a deadline of {days} days has no last day: give 1 or more", field="days")
    return _plus_days(day, days)


def _plus_days(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise InputError(f"{days} days from {day} leave the calendar: use a smaller number of days") from error


# Fiscal years ---------------------------------------------------------------------------------------------------------


def fiscal_year(day: date) -> int:
    """The fiscal year (会計年度, April to March) of a day, named by the calendar year it begins in."""
    return day.year if day.month >= _APRIL else day.year - 1


def fiscal_year_end(year: int) -> date:
    """31 March that closes the fiscal year; a date, so it is never moved when it falls on a closed day."""
    return date(year + 1, 3, 31)


def tax_fiscal_year(applied_on: date) -> int:
    """The fiscal year whose municipal tax an application looks at: the previous one for April to June (対馬 第4条)."""
    year = fiscal_year(applied_on)
    return year - 1 if _APRIL <= applied_on.month <= _JUNE else year


# The office calendar --------------------------------------------------------------------------------------------------


def _frozen_names(days: Mapping[date, str]) -> Mapping[date, str]:
    return MappingProxyType(dict(sorted(days.items())))


def _frozen_days(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)


# 地方自治法4条の2第2項3号 leaves the days to each ordinance; these are the ones offices keep.
YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


@frozen
class OfficeCalendar:
    """The days on which an office is closed, for the years ``first_year`` to ``last_year`` and no others.

    ``holidays``: national holidays with their names; ``closed``: further closed days of this office;
    ``weekends``: Saturdays and Sundays are closed; ``year_end``: (month, day) pairs closed every year;
    ``forecast_from``: from this day on the equinoxes, and what hangs on them, are computed and not yet published.
    """

    holidays: Mapping[date, str] = field(converter=_frozen_names, hash=False)
    first_year: int
    last_year: int
    closed: frozenset[date] = field(default=frozenset(), converter=_frozen_days, kw_only=True)
    weekends: bool = field(default=True, kw_only=True)
    year_end: frozenset[tuple[int, int]] = field(default=YEAR_END, kw_only=True)
    forecast_from: date | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.first_year > self.last_year:
            raise InputError(f"an office calendar from {self.first_year} to {self.last_year} covers no year")
        outside = sorted(day for day in (*self.holidays, *self.closed) if not self.covers(day))
        if outside:
            raise InputError(
                f"{outside[0]} lies outside the years {self.first_year}-{self.last_year} of this office calendar: "
                "widen the years and give every holiday of the new ones",
                problems=[day.isoformat() for day in outside],
            )

    def __reduce__(self) -> tuple[object, ...]:
        """To another process: the view of a table cannot go there, the table can."""
        facts = {each.name: getattr(self, each.name) for each in fields(OfficeCalendar)}
        return partial(OfficeCalendar, **{**facts, "holidays": dict(self.holidays)}), ()

    @staticmethod
    def default() -> OfficeCalendar:
        """The calendar built in: weekends, national holidays 2018-2030, 29 December to 3 January."""
        return _built_in()

    def covers(self, day: date) -> bool:
        """Whether the calendar knows the year of ``day``."""
        return self.first_year <= day.year <= self.last_year

    def closed_because(self, day: date, lang: Lang = "ja") -> str | None:
        """Why the office is closed on ``day``, or ``None`` when it is open.

        A national holiday is named in Japanese in either language. Raises ``MissingFigure`` outside the covered years.
        """
        if not self.covers(day):
            raise MissingFigure("office calendar", day, known=f"{self.first_year}-01-01 to {self.last_year}-12-31")
        if day in self.holidays:
            return self.holidays[day]
        if (day.month, day.day) in self.year_end:
            return "年末年始" if lang == "ja" else "year-end closure"
        if day in self.closed:
            return "閉庁日" if lang == "ja" else "closed day of the office"
        if self.weekends and day.weekday() == _SATURDAY:
            return "土曜日" if lang == "ja" else "Saturday"
        if self.weekends and day.weekday() == _SUNDAY:
            return "日曜日" if lang == "ja" else "Sunday"
        return None

    def is_closed(self, day: date) -> bool:
        """Whether the office is closed on ``day``; raises ``MissingFigure`` outside the covered years."""
        return self.closed_because(day) is not None

    def next_open(self, day: date) -> date:
        """``day`` itself when the office is open, else the next day it is (民法142: the end of a deadline moves on).

        Raises ``MissingFigure`` when the search leaves the covered years, never a guess.
        """
        while self.is_closed(day):
            day = _plus_days(day, 1)
        return day

    def with_closed(self, days: Iterable[date]) -> OfficeCalendar:
        """The same calendar with further closed days of one office, all within the covered years."""
        return evolve(self, closed=self.closed | frozenset(days))

    def widened(self, holidays: Mapping[date, str], *, first_year: int, last_year: int) -> OfficeCalendar:
        """The calendar of a longer span: ``holidays`` are all national holidays of the years added.

        Raises ``InputError`` when the new span does not contain the old one, or when an added year has no holiday.
        """
        if first_year > self.first_year or last_year < self.last_year:
            raise InputError(f"{first_year}-{last_year} does not contain {self.first_year}-{self.last_year}")
        added = {*range(first_year, self.first_year), *range(self.last_year + 1, last_year + 1)}
        empty = sorted(added - {day.year for day in holidays})
        if empty:
            raise InputError(f"no national holiday is given for {empty[0]}: give every holiday of the years added")
        return evolve(self, holidays={**self.holidays, **holidays}, first_year=first_year, last_year=last_year)


@cache
def _built_in() -> OfficeCalendar:
    import tomllib
    from importlib import resources

    table = tomllib.loads((resources.files("shuroflow") / "holidays.toml").read_text(encoding="utf-8"))
    return OfficeCalendar(
        {date.fromisoformat(day): name for day, name in table["days"].items()},
        table["first_year"],
        table["last_year"],
        forecast_from=table["forecast_from"],
    )


# Dates of the eras ----------------------------------------------------------------------------------------------------


@frozen
class _Era:
    name: str
    letter: str
    first: date
    year_one: int


# 明治 begins in 1868, but its first five years ran on the old lunisolar calendar and cannot be read as these dates.
_ERAS = (
    _Era("令和", "R", date(2019, 5, 1), 2019),
    _Era("平成", "H", date(1989, 1, 8), 1989),
    _Era("昭和", "S", date(1926, 12, 25), 1926),
    _Era("大正", "T", date(1912, 7, 30), 1912),
    _Era("明治", "M", date(1873, 1, 1), 1868),
)
_BY_MARK = {mark: era for era in _ERAS for mark in (era.name, era.letter)}
_DATE = re.compile(
    r"(?:(?P<era>令和|平成|昭和|大正|明治|[RHSTM])(?P<era_year>元|[0-9]{1,3})|(?P<year>[0-9]{4}))"
    r"(?:年(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日|(?P<sign>[-/.])(?P<month2>[0-9]{1,2})(?P=sign)(?P<day2>[0-9]{1,2}))"
)
_FORMS = "write it as 2024-04-01, 2024/4/1, 2024年4月1日, 令和6年4月1日 or R6.4.1"


def parse_date(text: str, *, field: str | None = None) -> date:
    """A date as people write it, in the Western or the Japanese reckoning, with full-width signs or not.

    A year past the end of an era is read (平成31年5月1日 is 2019-05-01), for papers are printed before an era ends;
    a day before an era begins is an error. Raises ``InputError`` naming the text, the fault and the remedy;
    ``field`` is passed on to it.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    match = _DATE.fullmatch(plain)
    if match is None:
        raise InputError(f"{text!r} is not a date: {_FORMS}", field=field)
    era = _BY_MARK.get(match["era"] or "")
    year = int(match["year"] or 0)
    if era is not None:
        of_era = 1 if match["era_year"] == "元" else int(match["era_year"])
        if of_era < 1:
            raise InputError(f"{text!r} has no year {of_era}: the first year of {era.name} is 元年", field=field)
        year = era.year_one + of_era - 1
    try:
        day = date(year, int(match["month"] or match["month2"]), int(match["day"] or match["day2"]))
    except ValueError:
        raise InputError(f"{text!r} is not a day of the calendar: check year, month and day", field=field) from None
    if era is not None and day < era.first:
        why = f"{text!r} is before the first day of {era.name} ({era.first.isoformat()})"
        remedy = f"write {format_wareki(day)}" if day >= _ERAS[-1].first else "the lunisolar calendar is not read"
        raise InputError(f"{why}: {remedy}", field=field)
    return day


def format_wareki(day: date) -> str:
    """A day in the era it belongs to, as official papers print it: 令和6年4月1日, with 元年 for the first year.

    Raises ``InputError`` before 1873-01-01, when the calendar was another.
    """
    for era in _ERAS:
        if day >= era.first:
            return f"{era.name}{_year_of(era, day.year)}年{day.month}月{day.day}日"
    raise InputError(f"{day} is before 明治6年1月1日, when this calendar came into use")


def eras() -> tuple[tuple[str, date, int], ...]:
    """The eras known here, the newest first: name, first day, and the year (of the Western reckoning) of its 元年."""
    return tuple((era.name, era.first, era.year_one) for era in _ERAS)


def format_fiscal_year(year: int) -> str:
    """A fiscal year by its era: 令和6年度, 令和元年度 for 2019 (the era of 1 October, the middle of the year)."""
    middle = date(year, 10, 1)
    for era in _ERAS:
        if middle >= era.first:
            return f"{era.name}{_year_of(era, year)}年度"
    raise InputError(f"fiscal year {year} is before 明治6年, when this calendar came into use")


def _year_of(era: _Era, year: int) -> str:
    of_era = year - era.year_one + 1
    return "元" if of_era == 1 else str(of_era)
