"""What an office brings to every judgement: its figures, its calendar and its own detail rules.

An overlay is a TOML document. Each table and each setting is optional; a span of figures needs all of its fields::

    [settings]
    first_day = "excluded"          # a period begins on the day after (民法140条); "counted" by default
    standard = "national_table"     # the means test by the national tables instead of the text
    deduction_basis = "income_year" # or, under the standard "text" only, "law_on_application_date"
    plan_due_days = 14              # detail rule of 第11条: days from the first day of use to the plan
    review_interval_days = 92       # detail rule of 第11条: longest time without a review
    contact_gap_days = 31           # 4(2): longest gap between two contacts

    [calendar]
    closed = [2026-08-14]           # further days on which the office is closed
    holidays = { "2031-01-01" = "元日" }
    first_year = 2018
    last_year = 2031

    [[figures.levy_base]]           # any series of figures.toml, in the same shape
    from = 2021
    to = 2026
    value = 280_000
    source = "条例第24条第2項"
    verified = true
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args

import attrs

from shuroflow.calendar import FirstDay, OfficeCalendar, parse_date
from shuroflow.errors import InputError, UnusableOffice
from shuroflow.states.figures import DeductionBasis, Figures, Standard

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "first_day": get_args(FirstDay),
    "standard": get_args(Standard),
    "deduction_basis": get_args(DeductionBasis),
}

_MOST_DAYS = 36_500


@attrs.frozen(kw_only=True)
class Settings:
    """The choices the text leaves to an office. Days are whole days; ``None``: no such rule here.

    Raises:
        UnusableOffice: if two of them contradict each other.
    """

    first_day: FirstDay = "counted"
    standard: Standard = "text"
    deduction_basis: DeductionBasis = "income_year"
    plan_due_days: int | None = None
    review_interval_days: int | None = None
    contact_gap_days: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.standard == "national_table" and self.deduction_basis == "law_on_application_date":
            raise UnusableOffice(
                'standard = "national_table" and deduction_basis = "law_on_application_date" contradict each other: '
                "the national table has a schedule by income year only; leave one of the two out",
                field="settings",
            )

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> Settings:
        """Read the ``[settings]`` of an overlay.

        Raises:
            InputError: for an unknown name, a value that is none of the choices, or two that contradict each other.
        """
        names = [field.name for field in attrs.fields(cls)]
        for name, value in table.items():
            field = f"settings.{name}"
            if name not in names:
                raise InputError(f"unknown setting; known: {', '.join(names)}", field=field)
            choices = _CHOICES.get(name)
            if choices is not None:
                if value not in choices:
                    raise InputError(f"{value!r} is none of {', '.join(choices)}", field=field)
            elif isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_DAYS:
                raise InputError(f"{value!r} is not a number of days from 1 to {_MOST_DAYS}", field=field)
        return cls(**table)


def _default_figures() -> Figures:
    return Figures.default()


def _default_calendar() -> OfficeCalendar:
    return OfficeCalendar.default()


@attrs.frozen(kw_only=True)
class Office:
    """Figures, calendar and settings that a judgement takes as an argument, so that it reads nothing else."""

    figures: Figures = attrs.field(factory=_default_figures)
    calendar: OfficeCalendar = attrs.field(factory=_default_calendar)
    settings: Settings = attrs.field(factory=Settings)

    @classmethod
    def parse(cls, text: str) -> Office:
        """The built-in office with an overlay (TOML text) laid over it.

        Raises:
            UnusableOffice: if the document is no TOML or anything in it cannot be used; it names the key.
        """
        try:
            return cls._read(text)
        except InputError as error:
            raise UnusableOffice(error.message, field=error.field, problems=error.problems) from None

    @classmethod
    def _read(cls, text: str) -> Office:
        import tomllib

        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"not a TOML document: {error}") from None
        known: tuple[Literal["settings"], Literal["calendar"], Literal["figures"]] = ("settings", "calendar", "figures")
        for name, table in document.items():
            if name not in known:
                raise InputError(f"unknown table; known: {', '.join(known)}", field=name)
            if not isinstance(table, dict):
                raise InputError(f"must be a table: write [{name}]", field=name)
        figures = Figures.default()
        if "figures" in document:
            figures = figures.overlay(document["figures"])
        return cls(
            figures=figures,
            calendar=_calendar(document.get("calendar", {})),
            settings=Settings.parse(document.get("settings", {})),
        )


def _calendar(table: Mapping[str, Any]) -> OfficeCalendar:
    known = ("closed", "holidays", "first_year", "last_year")
    for name in table:
        if name not in known:
            raise InputError(f"unknown key; known: {', '.join(known)}", field=f"calendar.{name}")
    calendar = OfficeCalendar.default()
    if "holidays" in table:
        named = table["holidays"]
        if not isinstance(named, dict):
            raise InputError("must be a table of day = name", field="calendar.holidays")
        days = {_day(day, "calendar.holidays"): str(name) for day, name in named.items()}
        for year in ("first_year", "last_year"):
            if type(table.get(year)) is not int:
                raise InputError("holidays need first_year and last_year that they cover", field=f"calendar.{year}")
        try:
            calendar = calendar.widened(days, first_year=table["first_year"], last_year=table["last_year"])
        except InputError as error:
            error.field = "calendar.holidays"
            raise
    elif years := [name for name in ("first_year", "last_year") if name in table]:
        raise InputError("years without their holidays: give calendar.holidays too", field=f"calendar.{years[0]}")
    closed = table.get("closed", [])
    if not isinstance(closed, list):
        raise InputError("must be a list of days", field="calendar.closed")
    try:
        return calendar.with_closed(_day(day, "calendar.closed") for day in closed)
    except InputError as error:
        error.field = "calendar.closed"
        raise


def _day(value: object, field: str) -> date:
    if type(value) is date:  # a moment is a date to Python, but no day of a calendar
        return value
    return parse_date(str(value), field=field)
