"""What two offices have set differently: figures, calendar and settings, in words for a reader of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, TypeAlias

import attrs

from shuroflow.audit.words import describe, field_name
from shuroflow.states import Office
from shuroflow.states.figures import PARAMETERS, Span, label
from shuroflow.states.judgement import show
from shuroflow.vocabulary import Lang

Row: TypeAlias = tuple[str, str, str]
"""What it is called, and what either side has."""

MOST_DAYS = 12
"""Days of a calendar that are named; how many more there are is said."""


def differing(here: Office, there: Office, lang: Lang = "ja") -> Iterator[Row]:
    """What is not the same, and of lists and series only the part that one side has and the other has not."""
    for name, one, other in _differing(here, there, lang):
        yield f"{name[:1].upper()}{name[1:]}", one, other


def _differing(here: Office, there: Office, lang: Lang) -> Iterator[Row]:
    for name, one, other in _unlike(here.settings, there.settings):
        yield field_name(name, lang, of="Settings"), _setting(one, name, lang), _setting(other, name, lang)
    for name, one, other in _unlike(here.calendar, there.calendar):
        yield field_name(name, lang, of="OfficeCalendar"), *_days(name, one, other, lang)
    for parameter in PARAMETERS:
        one, other = (office.figures.series.get(parameter, ()) for office in (here, there))
        if one != other:
            yield label(parameter, lang), _spans(one, other, lang), _spans(other, one, lang)


def _unlike(one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    for field in attrs.fields(type(one)):
        values = getattr(one, field.name), getattr(other, field.name)
        if values[0] != values[1]:
            yield field.name, *values


def _setting(value: Any, name: str, lang: Lang) -> str:
    if value is None:
        return "定めなし" if lang == "ja" else "no such rule"
    return describe(value, lang, field=name)


def _days(name: str, one: Any, other: Any, lang: Lang) -> tuple[str, str]:
    """A field of the calendar on both sides: of days, those of one side only."""
    if name == "holidays":
        named = [{f"{show(day, lang)} {of}" for day, of in side.items()} for side in (one, other)]
        return _listed(named[0] - named[1], lang), _listed(named[1] - named[0], lang)
    if name in {"closed", "year_end"}:
        return _listed(one - other, lang), _listed(other - one, lang)
    return show(one, lang), show(other, lang)


def _listed(days: Iterable[Any], lang: Lang) -> str:
    return describe([_day(day, lang) for day in sorted(days)], lang, most=MOST_DAYS)


def _day(day: Any, lang: Lang) -> str:
    if isinstance(day, tuple):  # every year
        return f"{day[0]}月{day[1]}日" if lang == "ja" else f"{day[0]:02}-{day[1]:02}"
    return show(day, lang)


def _spans(mine: Iterable[Span], theirs: Iterable[Span], lang: Lang) -> str:
    return describe([_span(span, lang) for span in mine if span not in set(theirs)], lang)


def _span(span: Span, lang: Lang) -> str:
    first, last = (_when(each, lang) for each in (span.first, span.last))
    when = first if first == last else f"{first}～{last}" if lang == "ja" else f"{first} to {last}"
    if lang == "ja":
        source = f"({span.source.label(lang)}、{'確認済' if span.verified else '未確認'})"
    else:
        source = f" ({span.source.label(lang)}, {'verified' if span.verified else 'unverified'})"
    return f"{when} {_amount(span, lang)}{source}"


def _when(moment: int | date, lang: Lang) -> str:
    return show(moment, lang) if isinstance(moment, date) else f"{moment}年" if lang == "ja" else str(moment)


def _amount(span: Span, lang: Lang) -> str:
    value = span.value
    if isinstance(value, int):
        return f"{value:,}円" if lang == "ja" else f"{value:,} yen"
    if isinstance(value, tuple):  # by the size of the household
        amounts = " / ".join(f"{each:,}" for each in value)
        return f"{amounts}円" if lang == "ja" else f"{amounts} yen"
    return describe(value.brackets, lang)


__all__ = ["differing"]
