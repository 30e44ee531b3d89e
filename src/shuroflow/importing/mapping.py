"""The mapping: which column of another system's export means which field of which event.

It is written in TOML and read by :mod:`~shuroflow.importing.mappingfile`; the example explains its keys and is itself a
mapping that works. This module reads no CSV.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from importlib import resources
from typing import Any, Literal

import attrs

# What a mapping is made of --------------------------------------------------------------------------------------------


@attrs.frozen
class Constant:
    """The same value everywhere."""

    value: Any


@attrs.frozen
class Cell:
    """The value of a cell; of the piece of a cell, where ``column`` is ``None``.

    ``pattern`` takes a part of the text out, ``table`` turns codes into values, ``default`` stands for a blank cell.
    """

    column: str | None
    hint: Any
    pattern: re.Pattern[str] | None = None
    table: dict[str, Any] | None = None
    default: Any = None
    form: str | None = None
    json: bool = False


@attrs.frozen
class Moment:
    """A moment whose day and time stand apart."""

    day: Cell
    time: Cell | Constant


@attrs.frozen
class Fields:
    """A part: field → where its value comes from."""

    of: dict[str, Source]


@attrs.frozen
class Listed:
    """A list with one element from each of these; one whose cells are all blank is left out."""

    of: tuple[Source, ...]


@attrs.frozen
class Split:
    """A list of the pieces of one cell."""

    column: str
    at: tuple[str, ...]
    each: Source


@attrs.frozen
class Rows:
    """A list with one element from each row of the event."""

    each: Source


Source = Constant | Cell | Moment | Fields | Listed | Split | Rows


@attrs.frozen
class Condition:
    """A row is meant if the cell holds one of these; without any, if it holds something at all."""

    column: str
    values: tuple[str, ...] | None


@attrs.frozen
class Rule:
    """From a row (or the rows that agree in ``together``) to one event."""

    number: int
    event: str
    programme: str
    when: tuple[Condition, ...]
    together: tuple[str, ...]
    envelope: Fields
    data: Fields


Order = Literal["recorded_at", "occurred_on", "rows"]


@attrs.frozen(kw_only=True)
class Mapping:
    """A mapping that is sound in itself; whether a file has its columns shows when the file is read.

    ``order`` puts the events of a case in order: by a field, by the numbers in a column, or as the rows stand.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    skip: int = 0
    columns: tuple[str, ...] | None = None
    blank: frozenset[str] = frozenset({""})
    offset: tzinfo | None = None
    order: Order | Cell = "recorded_at"
    ignore: tuple[Condition, ...] = ()
    unused: frozenset[str] = frozenset()
    rules: tuple[Rule, ...]

    def used(self) -> frozenset[str]:
        """Every column that the mapping speaks of."""
        found = {condition.column for condition in self.ignore}
        if isinstance(self.order, Cell) and self.order.column:
            found.add(self.order.column)
        for rule in self.rules:
            found |= {condition.column for condition in rule.when} | set(rule.together)
            found |= set(columns_of(rule.envelope)) | set(columns_of(rule.data))
        return frozenset(found)


def columns_of(source: Source, *, of_rows: bool = True) -> Iterator[str]:
    """The columns that a source reads; without ``of_rows`` not those that are read from every row of an event."""
    match source:
        case Cell(column=str() as column) | Split(column=column):
            yield column
        case Moment(day, at):
            yield from columns_of(day)
            yield from columns_of(at)
        case Fields(fields):
            for each in fields.values():
                yield from columns_of(each, of_rows=of_rows)
        case Listed(elements):
            for each in elements:
                yield from columns_of(each, of_rows=of_rows)
        case Rows(each) if of_rows:
            yield from columns_of(each)
    if isinstance(source, Split):
        yield from columns_of(source.each)


def example() -> str:
    """A mapping with every key explained, in Japanese and English, that works with the table at its end."""
    return (resources.files(__package__) / "example.toml").read_text(encoding="utf-8")


__all__ = [
    "Cell",
    "Condition",
    "Constant",
    "Fields",
    "Listed",
    "Mapping",
    "Moment",
    "Rows",
    "Rule",
    "Source",
    "Split",
    "columns_of",
    "example",
]
