"""All rows of all files under one mapping: the events of every case in order, numbered, and what is left out and why.

A row that cannot be mapped takes with it whatever was made of it: all events of the row, and all rows of those events.
No case is taken without a correction or withdrawal of it: if a row that is left out is or may be one, so is its case,
and if that case cannot be told, everything. A case with corrections or withdrawals of which any other row is left out
is left out as well: what they name may be missing. The events are held in memory until all of them are known to be
sound.
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
from shuroflow.importing.concern import Concern, meant, of_no_rule, of_rules, of_unreadable
from shuroflow.importing.csvfile import Row, Sheet, open_sheet
from shuroflow.importing.events import Builder
from shuroflow.importing.faults import Fault, Kind
from shuroflow.importing.mapping import Cell, Mapping, Rule
from shuroflow.importing.settling import Made, amends, repeated, settled

Progress = Callable[[int, int | None], None]
"""``progress(done, total)``: rows read so far; the total is not known."""


@attrs.define
class Imported:
    """What a mapping makes of files.

    ``cases``: case id → its events, in order, numbered from 1. ``faults``: everything that could not be mapped, in the
    order of the files. ``rejected``: the rows that are left out for it, with the reasons. ``holes``: the cases of which
    a row is left out, as far as can be told. ``whole``: case → the row for which it is left out with all of its rows.
    ``unplaced``: rows that are or may be corrections or withdrawals, of a case that cannot be told; where there is one,
    no case is taken. ``shared``: the cases of which several files hold rows, with these files. ``ignored`` rows were to
    be left out by the mapping. ``unused``: columns that the mapping does not speak of.
    """

    sheets: list[Sheet] = attrs.field(factory=list)
    cases: dict[str, list[Event]] = attrs.field(factory=dict)
    faults: list[Fault] = attrs.field(factory=list)
    rejected: dict[tuple[str, int], tuple[Row, list[Fault]]] = attrs.field(factory=dict)
    holes: set[str] = attrs.field(factory=set)
    whole: dict[str, Fault] = attrs.field(factory=dict)
    unplaced: list[Fault] = attrs.field(factory=list)
    shared: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    rows: int = 0
    ignored: int = 0
    unused: tuple[str, ...] = ()
    _repeated: dict[str, list[str]] = attrs.field(factory=dict, repr=False)
    _of_case: dict[str, list[Row]] = attrs.field(factory=dict, repr=False)

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(map(len, self.cases.values()))

    @property
    def amending(self) -> int:
        """How many of them are corrections and withdrawals."""
        return sum(amends(event) for events in self.cases.values() for event in events)

    @property
    def twice(self) -> list[str]:
        """Where an event stands that is the same in everything as one before it in its case; both are taken."""
        return [place for case_id in self.cases for place in self._repeated.get(case_id, ())]

    def leave_out(self, case_id: str, kind: Kind, detail: str) -> None:
        """Take a case out, with all its rows, each for the same reason."""
        told = [Fault(row.file, row.line, None, None, kind, detail) for row in self._of_case[case_id]]
        self.faults.append(told[0])
        self._take_out(case_id, told)

    def leave_out_for(self, case_id: str, faults: Sequence[Fault]) -> None:
        """Take a case out, with all its rows, for what is wrong in some of them."""
        self.faults += faults
        first = min(faults)
        wrong = {(fault.file, fault.line) for fault in faults}
        others = [row for row in self._of_case[case_id] if (row.file, row.line) not in wrong]
        self._take_out(case_id, [*faults, *(_together(row, first) for row in others)])

    def leave_out_with(self, case_id: str, fault: Fault, why: str) -> None:
        """Take a case out, with all its rows, for a row that is left out already and told."""
        self._take_out(case_id, [_together(row, fault, why) for row in self._of_case[case_id]])

    def _take_out(self, case_id: str, faults: Iterable[Fault]) -> None:
        rows = {(row.file, row.line): row for row in self._of_case[case_id]}
        for fault in dict.fromkeys(faults):
            key = (fault.file, fault.line)
            self.rejected.setdefault(key, (rows[key], []))[1].append(fault)
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
    left = _Left(done)
    made: list[Made] = []
    for number, sheet in enumerate(done.sheets):
        made += _Reading(mapping, sheet, number, left, progress).run()
    _drop_together(made, left)
    _settle(made, left, mapping.order.column if isinstance(mapping.order, Cell) else None)
    done.faults.sort()
    return done


def _check_columns(sheet: Sheet, mapping: Mapping) -> None:
    missing = sorted(mapping.used() - set(sheet.names))
    if missing:
        said = {name: did_you_mean(name, sheet.names, what="columns") for name in missing}
        # Those that are like none of the file are told together, with its columns once.
        unlike = [name for name in missing if said[name].startswith("columns: ")]
        problems = [f"no column {name!r}; {said[name]}" for name in missing if name not in unlike[1:]]
        if len(unlike) > 1:
            names = ", ".join(map(repr, unlike))
            problems[missing.index(unlike[0])] = f"no columns {names}; {said[unlike[0]]}"
        more = f" (and {len(problems) - 1} more: see problems)" if len(problems) > 1 else ""
        raise InputError(f"{problems[0]}{more}", file=str(sheet.path), line=1 + mapping.skip, problems=problems)


@attrs.define
class _Left:
    """The rows that are left out while the files are read, and what each of them may be.

    ``ignored``: case → a row of it that the mapping leaves out.
    """

    done: Imported
    concerns: dict[tuple[str, int], Concern] = attrs.field(factory=dict)
    ignored: dict[str, Row] = attrs.field(factory=dict)

    def reject(self, row: Row, faults: Sequence[Fault], concern: Concern) -> None:
        """Leave out a row for what is wrong with it."""
        listed = self.done.rejected.setdefault(_key(row), (row, []))[1]
        for fault in faults:
            if fault not in listed:
                listed.append(fault)
                self.done.faults.append(fault)
        self._add(row, concern)

    def reject_with(self, row: Row, fault: Fault, concern: Concern) -> None:
        """Leave out a row that belongs together with one that is left out."""
        self.done.rejected.setdefault(_key(row), (row, [_together(row, fault)]))
        self._add(row, concern)

    def _add(self, row: Row, concern: Concern) -> None:
        self.concerns[_key(row)] = self.concerns.get(_key(row), Concern()) | concern


@attrs.define
class _Reading:
    """One file while it is read."""

    mapping: Mapping
    sheet: Sheet
    number: int
    left: _Left
    progress: Progress | None
    builder: Builder = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.builder = Builder(self.mapping, self.sheet.names)

    def run(self) -> Iterator[Made]:
        together: dict[tuple[int, tuple[str, ...]], tuple[Rule, list[Row]]] = {}
        done = self.left.done
        for row in self.sheet.rows():
            done.rows += 1
            if self.progress is not None:
                self.progress(done.rows, None)
            if row.faults:
                self.left.reject(row, row.faults, of_unreadable(self.builder, self.mapping, row))
                continue
            if any(meant(self.builder, row, [condition]) for condition in self.mapping.ignore):
                done.ignored += 1
                if isinstance(self.mapping.order, str):  # by place: does the other system count such a row?
                    for case_id in of_rules(self.builder, row, self.mapping.rules).cases:
                        self.left.ignored.setdefault(case_id, row)
                continue
            rules = tuple(rule for rule in self.mapping.rules if meant(self.builder, row, rule.when))
            if not rules:
                fault = self.builder.fault(row, None, Kind.NO_RULE, self._said(row))
                self.left.reject(row, [fault], of_no_rule(self.builder, self.mapping, row))
            for rule in rules:
                if rule.together:
                    key = (rule.number, tuple(self.builder.text(row, column) for column in rule.together))
                    together.setdefault(key, (rule, []))[1].append(row)
                else:
                    yield from self._made(rule, [row])
        for rule, rows in together.values():
            yield from self._made(rule, rows)

    def _said(self, row: Row) -> str:
        """What the columns hold by which rules are chosen."""
        columns = dict.fromkeys(condition.column for rule in self.mapping.rules for condition in rule.when)
        return ", ".join(f"{column} = {self.builder.text(row, column)!r}" for column in columns)

    def _made(self, rule: Rule, rows: list[Row]) -> Iterator[Made]:
        event, faults = self.builder.event(rule, rows)
        arrival = (self.number, rows[0].line, rule.number)
        place: tuple[Any, ...] = arrival
        order = self.mapping.order
        numbers: tuple[tuple[Row, int], ...] = ()
        if isinstance(order, Cell):
            found, more = self.builder.numbers(rows, order)
            faults = [*faults, *more]
            numbers = tuple(found)
            place = (*(number for _, number in found[:1]), *arrival)
        if event is None or faults:
            for row in rows:
                concern = of_rules(self.builder, row, [rule])
                own = [fault for fault in faults if fault.line == row.line]
                if own:
                    self.left.reject(row, own, concern)
                else:
                    self.left.reject_with(row, min(faults), concern)
            return
        if order == "recorded_at":
            place = (event.recorded_at, *arrival)
        elif order == "occurred_on":
            place = (event.occurred_on, event.recorded_at, *arrival)
        yield Made(event, tuple(rows), rule, self.builder, place, numbers)


def _drop_together(made: list[Made], left: _Left) -> None:
    """Take out the events of which a row is left out, and with them their other rows, until nothing changes."""
    before = -1
    while before != len(made):
        before = len(made)
        kept = []
        for each in made:
            gone = next((row for row in each.rows if _key(row) in left.done.rejected), None)
            if gone is None:
                kept.append(each)
                continue
            fault = left.done.rejected[_key(gone)][1][0]
            for row in each.rows:
                left.reject_with(row, fault, Concern(frozenset({each.event.case_id}), amends=amends(each.event)))
        made[:] = kept


def _key(row: Row) -> tuple[str, int]:
    return row.file, row.line


def _together(row: Row, fault: Fault, why: str = "") -> Fault:
    """The fault of a row that is left out for another one's."""
    where = f"line {fault.line}" if fault.file == row.file else f"{fault.file}:{fault.line}"
    return Fault(row.file, row.line, None, None, Kind.TOGETHER, f"{where}: {why}" if why else where)


def _settle(made: Iterable[Made], left: _Left, column: str | None) -> None:
    """Put the events of each case in order and number them; take out the cases that do not hold together."""
    done = left.done
    of: dict[str, list[Made]] = {}
    for each in made:
        of.setdefault(each.event.case_id, []).append(each)
    amended: dict[str, Fault] = {}
    lacking: dict[str, Fault] = {}
    anywhere: list[Fault] = []
    for key, concern in sorted(left.concerns.items()):
        fault = done.rejected[key][1][0]
        for case_id in concern.cases:
            lacking.setdefault(case_id, fault)
            if concern.amends:
                amended.setdefault(case_id, fault)
        if concern.any_case:
            anywhere.append(fault)
    done.holes |= set(lacking)
    _tell_shared(of, left)
    _find_unplaced(of, left)
    for case_id, entries in of.items():
        entries.sort(key=lambda entry: entry.place)
        done._repeated[case_id] = [f"{row.file}:{row.line}" for row in repeated(entries)]
        done._of_case[case_id] = [row for entry in entries for row in entry.rows]
        done.cases[case_id], faults = settled(entries, column, ignored=left.ignored.get(case_id))
        missing = lacking.get(case_id) or next(iter(anywhere), None)
        if done.unplaced:
            why = "it is or may be a correction or withdrawal of any case"
            done.leave_out_with(case_id, done.unplaced[0], why)
        elif case_id in amended:
            done.whole[case_id] = amended[case_id]
            why = "it is or may be a correction or withdrawal of this case"
            done.leave_out_with(case_id, amended[case_id], why)
        elif missing is not None and any(amends(entry.event) for entry in entries):
            done.whole[case_id] = missing
            why = "it is or may be of this case, whose corrections and withdrawals name events by number"
            done.leave_out_with(case_id, missing, why)
        elif faults:
            done.leave_out_for(case_id, faults)


def _tell_shared(of: dict[str, list[Made]], left: _Left) -> None:
    """Say of which cases several files hold rows: it may be one case in two exports, or two that share a number."""
    files: dict[str, set[str]] = {}
    for case_id, entries in of.items():
        files[case_id] = {row.file for entry in entries for row in entry.rows}
    for (file, _), concern in left.concerns.items():
        for case_id in concern.cases:
            files.setdefault(case_id, set()).add(file)
    order = [str(sheet.path) for sheet in left.done.sheets]
    for case_id, found in files.items():
        if len(found) > 1:
            left.done.shared[case_id] = tuple(file for file in order if file in found)


def _find_unplaced(of: dict[str, list[Made]], left: _Left) -> None:
    """Find what is or may be an amendment of a case that cannot be told.

    Where nothing but amendments bear the number of a case, the number is as good as none: it may be misread, and the
    case that is meant would be taken without them.
    """
    done = left.done
    known = {case_id for case_id, entries in of.items() if not all(amends(entry.event) for entry in entries)}
    for concern in left.concerns.values():
        if not concern.amends:
            known |= concern.cases
    for key, concern in left.concerns.items():
        if concern.amends and (concern.any_case or not concern.cases <= known):
            done.unplaced.append(done.rejected[key][1][0])
    for case_id, entries in of.items():
        if case_id in known:
            continue
        for entry in entries:
            said = f"no other row is of case {case_id!r}: put its number right, or leave it out with `ignore`"
            fault = entry.fault("case_id", Kind.CASE, said)
            left.reject(entry.rows[0], [fault], Concern())
            done.unplaced.append(fault)
    done.unplaced.sort()


__all__ = ["Imported", "Progress", "read"]
