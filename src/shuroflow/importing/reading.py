"""All rows of all files under one mapping: the events of every case in order, numbered, and what is left out and why.

A row that cannot be mapped takes with it whatever was made of it: all events of the row, and all rows of those events.
A case with corrections or withdrawals of which any row is left out is left out whole: they name events by their number,
and the numbers would be others. The events are held in memory until all of them are known to be sound.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.events.structure import did_you_mean
from shuroflow.importing.csvfile import Row, Sheet, open_sheet
from shuroflow.importing.events import Builder
from shuroflow.importing.faults import Fault, Kind
from shuroflow.importing.mapping import Cell, Condition, Mapping, Rule
from shuroflow.states.history import effective
from shuroflow.storage.codec import encode

Progress = Callable[[int, int | None], None]
"""``progress(done, total)``: rows read so far; the total is not known."""

_AMENDING = ("corrected", "withdrawn")


@attrs.define
class _Made:
    """An event that was made, the rows it was made of, and its place in its case."""

    event: Event
    rows: tuple[Row, ...]
    place: tuple[Any, ...]


@attrs.define
class Imported:
    """What a mapping makes of files.

    ``cases``: case id → its events, in order, numbered from 1. ``faults``: everything that could not be mapped, in the
    order of the files. ``rejected``: the rows that are left out for it, with the reasons. ``holes``: the cases of which
    a row is left out, as far as can be told. ``twice``: where an event is the same in everything as one before it in
    its case; both are taken. ``ignored`` rows were to be left out by the mapping. ``unused``: columns that the mapping
    does not speak of.
    """

    sheets: list[Sheet] = attrs.field(factory=list)
    cases: dict[str, list[Event]] = attrs.field(factory=dict)
    faults: list[Fault] = attrs.field(factory=list)
    rejected: dict[tuple[str, int], tuple[Row, list[Fault]]] = attrs.field(factory=dict)
    holes: set[str] = attrs.field(factory=set)
    twice: list[str] = attrs.field(factory=list)
    rows: int = 0
    ignored: int = 0
    unused: tuple[str, ...] = ()
    _first_rows: dict[str, list[Row]] = attrs.field(factory=dict, repr=False)

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(map(len, self.cases.values()))

    def leave_out(self, case_id: str, kind: Kind, detail: str) -> None:
        """Take a case out, with all its rows."""
        rows = self._first_rows[case_id]
        self.faults.append(Fault(rows[0].file, rows[0].line, None, None, kind, detail))
        for row in {(row.file, row.line): row for row in rows}.values():
            fault = Fault(row.file, row.line, None, None, kind, detail)
            self.rejected.setdefault((row.file, row.line), (row, []))[1].append(fault)
        del self.cases[case_id]


def read(paths: Sequence[str | Path], mapping: Mapping, *, progress: Progress | None = None) -> Imported:
    """Read files under a mapping.

    Raises:
        InputError: if a file lacks a column of the mapping, or its headings cannot be read; ``problems`` lists all.
        Unavailable: if a file cannot be read.
    """
    done = Imported()
    places = [os.path.realpath(path) for path in paths]
    for path, place in zip(paths, places, strict=True):
        if places.count(place) > 1:
            raise InputError("is named twice: its rows would be imported twice", file=str(path))
        sheet = open_sheet(
            path, encoding=mapping.encoding, delimiter=mapping.delimiter, skip=mapping.skip, names=mapping.columns
        )
        _check_columns(sheet, mapping)
        done.sheets.append(sheet)
    known = mapping.used() | mapping.unused | {""}
    done.unused = tuple(dict.fromkeys(name for sheet in done.sheets for name in sheet.names if name not in known))
    made: list[_Made] = []
    ids: dict[tuple[str, int], str | None] = {}
    for number, sheet in enumerate(done.sheets):
        made += _Reading(mapping, sheet, number, done, ids, progress).run()
    _drop_together(made, done)
    _settle(made, ids, done)
    done.faults.sort()
    return done


def _check_columns(sheet: Sheet, mapping: Mapping) -> None:
    missing = sorted(mapping.used() - set(sheet.names))
    if missing:
        problems = [f"no column {name!r}; {did_you_mean(name, sheet.names, what='columns')}" for name in missing]
        more = f" (and {len(problems) - 1} more columns)" if len(problems) > 1 else ""
        raise InputError(f"{problems[0]}{more}", file=str(sheet.path), line=1 + mapping.skip, problems=problems)


@attrs.define
class _Reading:
    """One file while it is read."""

    mapping: Mapping
    sheet: Sheet
    number: int
    done: Imported
    ids: dict[tuple[str, int], str | None]
    progress: Progress | None
    builder: Builder = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.builder = Builder(self.mapping, self.sheet.names)

    def run(self) -> Iterator[_Made]:
        together: dict[tuple[int, tuple[str, ...]], tuple[Rule, list[Row]]] = {}
        for row in self.sheet.rows():
            self.done.rows += 1
            if self.progress is not None:
                self.progress(self.done.rows, None)
            if row.faults:
                self._reject(row, row.faults, self.mapping.rules if len(row.cells) == len(self.sheet.names) else ())
                continue
            if any(self._meant(row, [condition]) for condition in self.mapping.ignore):
                self.done.ignored += 1
                continue
            rules = [rule for rule in self.mapping.rules if self._meant(row, rule.when)]
            if not rules:
                self._reject(row, [self.builder.fault(row, None, Kind.NO_RULE, self._said(row))], self.mapping.rules)
            for rule in rules:
                if rule.together:
                    key = (rule.number, tuple(self.builder.text(row, column) for column in rule.together))
                    together.setdefault(key, (rule, []))[1].append(row)
                else:
                    yield from self._made(rule, [row])
        for rule, rows in together.values():
            yield from self._made(rule, rows)

    def _meant(self, row: Row, conditions: Iterable[Condition]) -> bool:
        return all(
            not self.builder.blank(row, condition.column)
            if condition.values is None
            else self.builder.text(row, condition.column) in condition.values
            for condition in conditions
        )

    def _said(self, row: Row) -> str:
        """What the columns hold by which rules are chosen."""
        columns = dict.fromkeys(condition.column for rule in self.mapping.rules for condition in rule.when)
        return ", ".join(f"{column} = {self.builder.text(row, column)!r}" for column in columns)

    def _made(self, rule: Rule, rows: list[Row]) -> Iterator[_Made]:
        event, faults = self.builder.event(rule, rows)
        arrival = (self.number, rows[0].line, rule.number)
        place: tuple[Any, ...] = arrival
        order = self.mapping.order
        if isinstance(order, Cell):
            number, more = self.builder.number(rows[0], order)
            faults = [*faults, *more]
            place = (number, *arrival)
        if event is None or faults:
            for row in rows:
                self._reject(row, [fault for fault in faults if fault.line == row.line], [rule])
            _reject_with(rows, self.done, min(fault.line for fault in faults))
            return
        if order == "recorded_at":
            place = (event.recorded_at, *arrival)
        elif order == "occurred_on":
            place = (event.occurred_on, event.recorded_at, *arrival)
        yield _Made(event, tuple(rows), place)

    def _reject(self, row: Row, faults: Sequence[Fault], rules: Sequence[Rule]) -> None:
        if not faults:
            return
        key = (row.file, row.line)
        listed = self.done.rejected.setdefault(key, (row, []))[1]
        for fault in faults:
            if fault not in listed:
                listed.append(fault)
                self.done.faults.append(fault)
        if rules and self.ids.get(key) is None:
            self.ids[key] = self.builder.case_id(rules, row)


def _drop_together(made: list[_Made], done: Imported) -> None:
    """Take out the events of which a row is left out, and with them their other rows, until nothing changes."""
    before = -1
    while before != len(made):
        before = len(made)
        kept = []
        for each in made:
            keys = [(row.file, row.line) for row in each.rows]
            gone = next((key for key in keys if key in done.rejected), None)
            if gone is None:
                kept.append(each)
                continue
            done.holes.add(each.event.case_id)
            _reject_with(each.rows, done, gone[1])
        made[:] = kept


def _reject_with(rows: Iterable[Row], done: Imported, line: int) -> None:
    """Leave out what belongs together with a row that is left out."""
    for row in rows:
        key = (row.file, row.line)
        if key not in done.rejected:
            done.rejected[key] = (row, [Fault(row.file, row.line, None, None, Kind.TOGETHER, f"line {line}")])


def _settle(made: Iterable[_Made], ids: dict[tuple[str, int], str | None], done: Imported) -> None:
    """Put the events of each case in order and number them; take out the cases that do not hold together."""
    of: dict[str, list[_Made]] = {}
    for each in made:
        of.setdefault(each.event.case_id, []).append(each)
    found = [ids.get(key) for key in done.rejected]
    done.holes |= {case_id for case_id in found if case_id is not None}
    nobody_knows = any(
        key not in ids or ids[key] is None
        for key, (_, faults) in done.rejected.items()
        if any(fault.kind is not Kind.TOGETHER for fault in faults)
    )
    for case_id, entries in of.items():
        entries.sort(key=lambda entry: entry.place)
        events = [attrs.evolve(entry.event, seq=seq) for seq, entry in enumerate(entries, 1)]
        done.twice += _twice(entries)
        done.cases[case_id] = events
        done._first_rows[case_id] = [row for entry in entries for row in entry.rows]
        amends = any(event.kind in _AMENDING for event in events)
        if amends and (case_id in done.holes or nobody_knows):
            said = "corrections and withdrawals name events by number, and a row that may be of this case is left out"
            done.leave_out(case_id, Kind.CASE, said)
            continue
        other = next((event for event in events if event.programme != events[0].programme), None)
        if other is not None:
            said = f"event {other.seq} is of {other.programme!r}, the case began under {events[0].programme!r}"
            done.leave_out(case_id, Kind.CASE, said)
            continue
        if amends:
            try:
                effective(events)
            except InputError as error:
                done.leave_out(case_id, Kind.CASE, error.message)


def _twice(entries: Iterable[_Made]) -> Iterator[str]:
    seen = set()
    for entry in entries:
        body = encode(entry.event)  # all of them are numbered 1 here
        if body in seen:
            yield f"{entry.rows[0].file}:{entry.rows[0].line}"
        seen.add(body)


__all__ = ["Imported", "Progress", "read"]
