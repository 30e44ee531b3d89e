"""From the rows of one event to the event, with every fault at the cell it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import attrs
import msgspec

from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Id
from shuroflow.events.envelope import SCHEMA
from shuroflow.importing.csvfile import Row
from shuroflow.importing.faults import Fault, Kind
from shuroflow.importing.mapping import (
    Cell,
    Constant,
    Fields,
    Listed,
    Mapping,
    Moment,
    Rows,
    Rule,
    Source,
    Split,
    columns_of,
)
from shuroflow.importing.values import Unreadable, day_of, looked_up, time_of, value_of, with_offset
from shuroflow.storage.codec import event_from

_STRAY = re.compile("[\ud800-\udfff]")

Place = tuple[Row, str | None]
"""A row, and the column of the cell in it."""


class Builder:
    """Makes events of the rows of one file."""

    def __init__(self, mapping: Mapping, names: Sequence[str]) -> None:
        self._mapping = mapping
        self._at = {name: at for at, name in enumerate(names)}
        self.width = len(names)

    def text(self, row: Row, column: str) -> str:
        """The cell of a row as it stands."""
        return row.cells[self._at[column]]

    def blank(self, row: Row, column: str) -> bool:
        """Does the cell say nothing?"""
        return self.text(row, column) in self._mapping.blank

    def fault(self, row: Row, column: str | None, kind: Kind, detail: str) -> Fault:
        """A fault of a cell, or of the whole row."""
        number = None if column is None else self._at[column] + 1
        return Fault(row.file, row.line, number, column, kind, detail)

    def event(self, rule: Rule, rows: Sequence[Row]) -> tuple[Event | None, list[Fault]]:
        """The event of one rule, numbered 1, or what stands in its way."""
        making = _Making(self, self._mapping, rows)
        making.agree(rule)
        first = rows[0]
        value: dict[str, Any] = {
            "schema": SCHEMA,
            "seq": 1,
            "programme": rule.programme,
            "event": rule.event,
            **making.fields(rule.envelope, first, ""),
            "data": making.fields(rule.data, first, "data"),
        }
        if making.faults:
            return None, making.faults
        try:
            event = event_from(value)
        except InputError as error:
            return None, list(making.located(error, first))
        if isinstance(event.data, Corrected) and event.data.occurred_on is None and event.data.data is None:
            # The desk refuses it as well. A stored line may hold it: it was taken once, and is read for ever.
            where, column = making.origin("data.data" if "data.data" in making.origins else "data.occurred_on", first)
            said = "a correction of nothing: it needs the right day (data.occurred_on) or the right payload (data.data)"
            return None, [self.fault(where, column, Kind.MISSING, said)]
        return event, []

    def fault_of(self, rule: Rule, rows: Sequence[Row], path: str, kind: Kind, detail: str) -> Fault:
        """A fault of the field at ``path`` of an event that was made of these rows, at the cell it was read from."""
        making = _Making(self, self._mapping, rows)
        making.fields(rule.envelope, rows[0], "")
        making.fields(rule.data, rows[0], "data")
        row, column = making.origin(path, rows[0])
        return self.fault(row, column, kind, detail)

    def case_id(self, rule: Rule, row: Row) -> str | None:
        """The case that a row belongs to under a rule, if that can be read at all."""
        making = _Making(self, self._mapping, (row,))
        found = making.value(rule.envelope.of["case_id"], row, "case_id")
        if making.faults or not isinstance(found, str) or _STRAY.search(found):
            return None
        try:
            return msgspec.convert(found, type=Id)
        except msgspec.ValidationError:
            return None

    def numbers(self, rows: Sequence[Row], cell: Cell) -> tuple[list[tuple[Row, int]], list[Fault]]:
        """The numbers in a column that puts events in order: the first row needs one, a further row may have one."""
        found: list[tuple[Row, int]] = []
        faults: list[Fault] = []
        for row in rows:
            if row is not rows[0] and cell.column is not None and self.blank(row, cell.column):
                continue
            making = _Making(self, self._mapping, (row,))
            number = making.value(cell, row, "order")
            faults += making.faults
            if number is not None:
                found.append((row, number))
            elif row is rows[0] and not making.faults:
                faults.append(self.fault(row, cell.column, Kind.MISSING, "the number that puts the events in order"))
        return found, faults


@attrs.define
class _Making:
    """One event in the making: where each value came from, and what is wrong."""

    builder: Builder
    mapping: Mapping
    rows: Sequence[Row]
    faults: list[Fault] = attrs.field(factory=list)
    origins: dict[str, Place] = attrs.field(factory=dict)

    def agree(self, rule: Rule) -> None:
        """All rows of an event say the same, but for what is read from each of them."""
        if len(self.rows) == 1:
            return
        first = self.rows[0]
        once = [*columns_of(rule.envelope), *columns_of(rule.data, of_rows=False)]
        for column in dict.fromkeys(once):
            said = self.builder.text(first, column)
            for row in self.rows[1:]:
                if self.builder.text(row, column) != said:
                    detail = f"{self.builder.text(row, column)!r} here, {said!r} on line {first.line}"
                    self.faults.append(self.builder.fault(row, column, Kind.DIFFERS, detail))

    def fields(self, source: Fields, row: Row, path: str, piece: str | None = None) -> dict[str, Any]:
        """The values of a part."""
        found = {}
        for name, each in source.of.items():
            value = self.value(each, row, f"{path}.{name}" if path else name, piece)
            if value is not None:
                found[name] = value
        return found

    def _part(self, source: Fields, row: Row, path: str, piece: str | None) -> dict[str, Any] | None:
        """The values of a part within another; ``None`` if it names cells and all of them are blank."""
        found = self.fields(source, row, path, piece)
        if piece is not None or any(isinstance(each, Cell) and each.default is not None for each in source.of.values()):
            return found
        read = list(columns_of(source, of_rows=False))
        listed = [name for name, each in source.of.items() if isinstance(each, Rows)]
        blank = all(self.builder.blank(row, column) for column in read) and not any(found.get(name) for name in listed)
        if blank and (read or listed):
            self.origins[path] = (row, read[0] if read else None)
            return None
        return found

    def value(self, source: Source, row: Row, path: str, piece: str | None = None) -> Any:
        """A plain value; ``None`` where there is none."""
        match source:
            case Constant(value):
                return value
            case Cell():
                return self._cell(source, row, path, piece)
            case Moment():
                return self._moment(source, row, path)
            case Fields():
                return self._part(source, row, path, piece)
            case Listed(of):
                made = self._numbered(((row, each, None) for each in of), path)
                return made or ([] if not of else None)
            case Rows(each):
                return self._numbered(((row, each, None) for row in self.rows), path)
            case Split(column, at, each):
                self.origins.setdefault(path, (row, column))
                if self.builder.blank(row, column):
                    return None
                pieces = _pieces(self.builder.text(row, column), at)
                return self._numbered(((row, each, piece) for piece in pieces), path, column)

    def _numbered(
        self, elements: Iterable[tuple[Row, Source, str | None]], path: str, column: str | None = None
    ) -> list[Any]:
        made: list[Any] = []
        for row, each, piece in elements:
            where = f"{path}[{len(made)}]"
            if column is not None:
                self.origins[where] = (row, column)
            value = self.value(each, row, where, piece)
            if value is not None:
                made.append(value)
        return made

    def _cell(self, cell: Cell, row: Row, path: str, piece: str | None) -> Any:
        column = cell.column
        if column is not None:
            text = self.builder.text(row, column)
            self.origins[path] = (row, column)
        else:
            text = piece or ""
        if text in self.mapping.blank:
            return cell.default
        try:
            if cell.pattern is not None:
                text = _taken(text, cell.pattern)
            if cell.table is not None:
                return _plain(looked_up(text, cell.table))
            if cell.json:
                return _json(text)
            return value_of(text, cell.hint, offset=self.mapping.offset, form=cell.form)
        except Unreadable as error:
            self._add(path, row, error.kind, error.detail)
            return None

    def _moment(self, source: Moment, row: Row, path: str) -> Any:
        day = self._cell(source.day, row, f"{path}.date", None)
        clock = self.value(source.time, row, f"{path}.time")
        self.origins[path] = (row, source.day.column)
        if day is None or clock is None:
            return None
        try:
            moment = datetime.combine(day_of(day), time_of(clock))
            return with_offset(moment, f"{day} {clock}", self.mapping.offset).isoformat()
        except Unreadable as error:
            self._add(f"{path}.time", row, error.kind, error.detail)
            return None

    def _add(self, path: str, row: Row, kind: Kind, detail: str) -> None:
        found, column = self.origin(path, row)
        self.faults.append(self.builder.fault(found, column, kind, detail))

    def origin(self, path: str, row: Row) -> Place:
        """The cell that a path came from, or the nearest path above it that came from one."""
        while path:
            if path in self.origins:
                return self.origins[path]
            path = path[: max(path.rfind("."), path.rfind("["))] if "." in path or "[" in path else ""
        return row, None

    def located(self, error: InputError, row: Row) -> Iterator[Fault]:
        """What the stored form says against the values, at the cells they came from."""
        for problem in error.problems or (str(error),):
            path, colon, said = problem.partition(": ")
            where, column = self.origin(path, row) if colon else (row, None)
            missing = said.startswith("missing")
            yield self.builder.fault(where, column, Kind.MISSING if missing else Kind.VALUE, f"{path}: {said}")


def _pieces(text: str, at: Sequence[str]) -> list[str]:
    for sign in at[1:]:
        text = text.replace(sign, at[0])
    return [piece for piece in text.split(at[0]) if piece.strip()]


def _taken(text: str, pattern: Any) -> str:
    match = pattern.search(text)
    if match is None:
        raise Unreadable(Kind.VALUE, f"{text!r} does not fit the pattern {pattern.pattern!r}")
    found: str = match[pattern.groups] or ""
    return found


def _plain(value: Any) -> Any:
    """A value of a code table: TOML knows days and times, a stored line holds them as text."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(Kind.VALUE, f"is not JSON: {error}") from None


__all__ = ["Builder"]
