"""Changes to what the built-in office brings: amounts and their dates, closed days, defaults of the settings.

Only for a programme that asks for them.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import attrs

from shuroflow.calendar import OfficeCalendar
from shuroflow.states import Settings
from shuroflow.states.figures import Figures, Schedule, Span
from shuroflow.verification.mutants.mutant import Change, Mutant, Operator, with_field
from shuroflow.verification.mutants.reach import ANYTHING, SETTLED, function_mark, kind_mark, table_mark
from shuroflow.verification.mutants.scope import Scope


def mutants(scope: Scope) -> Iterator[Mutant]:
    """Every change of a figure, a closed day or a default that the programme's rules look at."""
    if scope.uses("means_test"):
        yield from _figures(scope)
    if scope.uses("next_open", "is_closed"):
        yield from _calendar(scope)
    yield from _settings(scope)


# ---------------------------------------------------------------- figures


def _figures(scope: Scope) -> Iterator[Mutant]:
    figures = Figures.default()
    clauses = next(scope.citations(part.function) for part in scope.parts if part.name == "means_test.means_test")
    reach = frozenset({function_mark("figures.Figures._at")})
    for parameter, spans in figures.series.items():
        for at, span in enumerate(spans):
            for operator, what, before, after, instead in _others(spans, at):
                yield Mutant(
                    name=f"figures.{parameter}[{span.first}]:{operator.value}:{what}",
                    operator=operator,
                    clauses=clauses,
                    where=f"figures from {span.first}: figures.{parameter}",
                    before=before,
                    after=after,
                    reach=reach,
                    change=_made_of(figures, _with(figures.series, parameter, instead)),
                    forget=scope.forget,
                )


def _with(
    series: Mapping[str, tuple[Span, ...]], parameter: str, spans: tuple[Span, ...]
) -> Mapping[str, tuple[Span, ...]]:
    return {**series, parameter: spans}


def _made_of(figures: Figures, series: Mapping[str, tuple[Span, ...]]) -> Change:
    """Every field of the figures as it is where they are made of other series: what was worked out from them too."""

    def change() -> Callable[[], None]:
        other = Figures(series)
        undone = [
            with_field(lambda: [figures], each.name, getattr(other, each.name))() for each in attrs.fields(Figures)
        ]

        def undo() -> None:
            for each in undone:
                each()

        return undo

    return change


_Told = tuple[Operator, str, str, str, tuple[Span, ...]]


def _others(spans: tuple[Span, ...], at: int) -> Iterator[_Told]:
    span = spans[at]

    def put(*new: Span, at: int = at) -> tuple[Span, ...]:
        return (*spans[:at], *new, *spans[at + len(new) :])

    for place, value, other in _values(span.value):
        told = f"{place}{other - value:+d}"
        yield (
            Operator.FIGURE,
            told,
            f"{place}{value:,}",
            f"{place}{other:,}",
            put(attrs.evolve(span, value=_put(span.value, place, other))),
        )
    for by in (1, -1):
        moved = _step(span.first, by)
        if at == 0:
            new = put(attrs.evolve(span, first=moved))
        else:
            before = attrs.evolve(spans[at - 1], last=_step(spans[at - 1].last, by))
            new = put(before, attrs.evolve(span, first=moved), at=at - 1)
        yield Operator.FIGURE_DATE, f"first{by:+d}", f"from {span.first}", f"from {moved}", new
        if at == len(spans) - 1:
            last = _step(span.last, by)
            yield (
                Operator.FIGURE_DATE,
                f"last{by:+d}",
                f"to {span.last}",
                f"to {last}",
                put(attrs.evolve(span, last=last)),
            )
    turned = attrs.evolve(span, verified=not span.verified)
    yield (
        Operator.FIGURE,
        "verified",
        f"verified = {span.verified}".lower(),
        f"verified = {turned.verified}".lower(),
        put(turned),
    )
    for flag in sorted(span.flags):
        yield Operator.FIGURE, flag, flag, "", put(attrs.evolve(span, flags=span.flags - {flag}))


def _step(moment: Any, by: int) -> Any:
    return moment + timedelta(days=by) if isinstance(moment, date) else moment + by


def _values(value: Any) -> Iterator[tuple[str, int, int]]:
    """Each number of a value: where it stands in it, what it is, and what it is instead."""
    if isinstance(value, Schedule):
        for at, bracket in enumerate(value.brackets):
            for field in ("first", "percent", "plus"):
                number = getattr(bracket, field)
                yield from ((f"[{at}].{field} ", number, number + by) for by in (1, -1))
    elif isinstance(value, tuple):
        for at, number in enumerate(value):
            yield from ((f"[{at}] ", number, number + by) for by in (1, -1))
    else:
        yield from (("", value, value + by) for by in (1, -1))


def _put(value: Any, place: str, number: int) -> Any:
    if not place:
        return number
    index, _, field = place.strip().removeprefix("[").partition("]")
    at = int(index)
    if not field:
        return (*value[:at], number, *value[at + 1 :])
    brackets = value.brackets
    new = attrs.evolve(brackets[at], **{field.removeprefix("."): number})
    return Schedule((*brackets[:at], new, *brackets[at + 1 :]))


# ---------------------------------------------------------------- the office calendar


def _calendar(scope: Scope) -> Iterator[Mutant]:
    calendar = OfficeCalendar.default()
    clauses = next(
        scope.citations(part.function) for part in scope.parts if part.name.endswith("OfficeCalendar.next_open")
    )

    def made(what: str, before: str, after: str, field: str, value: object) -> Mutant:
        return Mutant(
            name=f"calendar.office:{Operator.CALENDAR.value}:{what}",
            operator=Operator.CALENDAR,
            clauses=clauses,
            where=f"office calendar, {field}",
            before=before,
            after=after,
            reach=frozenset({function_mark("calendar.OfficeCalendar.closed_because")}),
            change=with_field(lambda: [calendar], field, value),
            forget=scope.forget,
        )

    yield made("weekends", "weekends = true", "weekends = false", "weekends", False)
    for month, day in sorted(calendar.year_end):
        told = f"{month:02d}-{day:02d}"
        yield made(told, told, "", "year_end", calendar.year_end - {(month, day)})
    for by in (1, -1):
        year = calendar.last_year
        yield made(f"last{by:+d}", f"to {year}", f"to {year + by}", "last_year", year + by)
        year = calendar.first_year
        yield made(f"first{by:+d}", f"from {year}", f"from {year + by}", "first_year", year + by)


# ---------------------------------------------------------------- settings


_OTHER_CHOICE: Mapping[str, str] = {
    "first_day": "excluded",
    "standard": "national_table",
    "deduction_basis": "law_on_application_date",
}


def _settings(scope: Scope) -> Iterator[Mutant]:
    usual = Settings()
    for name, other in _OTHER_CHOICE.items():
        users = [part for part in scope.parts if _looks_up(part, name)]
        if not users:
            continue
        value = getattr(usual, name)
        clauses = dict.fromkeys(clause for part in users for clause in scope.citations(part.function))

        def held(name: str = name, value: object = value) -> list[Any]:
            gc.unfreeze()  # what was made before the processes parted is looked for too
            return [each for each in gc.get_objects() if type(each) is Settings and getattr(each, name, value) == value]

        yield Mutant(
            name=f"settings.{name}:{Operator.SETTING.value}:{other}",
            operator=Operator.SETTING,
            clauses=tuple(clauses),
            where=f"settings.{name}",
            before=str(value),
            after=other,
            reach=frozenset(
                {
                    table_mark(scope.programme.code),
                    kind_mark(scope.programme.code, ANYTHING),
                    kind_mark(scope.programme.code, SETTLED),
                }
            ),
            change=with_default(name, other, held),
            forget=scope.forget,
        )


def _looks_up(part: Any, name: str) -> bool:
    return "settings" in part.function.__code__.co_names and name in part.function.__code__.co_names


def with_default(name: str, value: object, held: Any) -> Any:
    """Another default of a setting: for the settings that have the usual one, and for those still to be made."""
    in_place = with_field(held, name, value)

    def change() -> Any:
        back = in_place()
        defaults: dict[str, Any] = Settings.__init__.__kwdefaults__ or {}
        old = defaults[name]
        defaults[name] = value

        def undo() -> None:
            defaults[name] = old
            back()

        return undo

    return change


__all__ = ["mutants"]
