"""The events of one case, put in order, numbered from 1, with corrections and withdrawals naming them by that number.

Where a column of numbers gives the order, such a number is the record's own in the other system: an amendment names a
record by it, it stands once in a case, and it may have gaps. Otherwise an amendment names an event by its place; where
another count would give another event, nobody can tell which is meant, and it is refused. What does not hold together
is told at its cell. This module reads no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.events.envelope import event_name
from shuroflow.importing.csvfile import Row
from shuroflow.importing.events import Builder
from shuroflow.importing.faults import Fault, Kind
from shuroflow.importing.mapping import Rule
from shuroflow.states.history import corrected, taken_back
from shuroflow.storage.codec import encode

_TARGET = "data.seq"
AMENDING = frozenset(map(event_name, (Corrected, Withdrawn)))
"""The events that amend others."""


@attrs.frozen
class Made:
    """An event that was made, what it was made of, and its place in its case.

    ``numbers``: the number of each of its rows that has one, where the order is that of a column of numbers.
    """

    event: Event
    rows: tuple[Row, ...]
    rule: Rule
    builder: Builder
    place: tuple[Any, ...]
    numbers: tuple[tuple[Row, int], ...] = ()

    def fault(self, path: str, kind: Kind, detail: str) -> Fault:
        """A fault of the field at ``path``, at the cell it was read from."""
        return self.builder.fault_of(self.rule, self.rows, path, kind, detail)


def amends(event: Event) -> bool:
    """Does it correct or withdraw another event?"""
    return isinstance(event.data, Corrected | Withdrawn)


def settled(
    entries: Sequence[Made], column: str | None, *, ignored: Row | None = None
) -> tuple[list[Event], list[Fault]]:
    """The events of one case, given in order, numbered; and what keeps the case from being taken, at its cells.

    ``column``: the column whose numbers give the order, if that is what gives it. ``ignored``: a row of the case that
    the mapping leaves out, if there is one.
    """
    faults = list(_of_other_programmes(entries))
    if column is not None:
        faults += dict.fromkeys(_standing_twice(entries, column))
    named, misnamed = _targets(entries, column)
    faults += misnamed
    faults += _unclear(entries, named, ignored) if column is None else _of_some_rows(entries, named)
    if faults:
        return [], faults
    numbered = [_numbered(entry, seq, named.get(seq)) for seq, entry in enumerate(entries, 1)]
    if named:
        faults += _misfits(numbered, column)
    return [entry.event for entry in numbered], faults


def repeated(entries: Iterable[Made]) -> Iterator[Row]:
    """The first row of each event that is the same in everything as one before it."""
    seen = set()
    for entry in entries:
        body = encode(entry.event)  # all of them are numbered 1 here
        if body in seen:
            yield entry.rows[0]
        seen.add(body)


def _numbered(entry: Made, seq: int, target: int | None) -> Made:
    event = entry.event
    data = event.data if target is None else attrs.evolve(event.data, seq=target)
    return attrs.evolve(entry, event=attrs.evolve(event, seq=seq, data=data))


def _of_other_programmes(entries: Sequence[Made]) -> Iterator[Fault]:
    first = entries[0].event
    for entry in entries:
        if entry.event.programme != first.programme:
            said = f"is of {entry.event.programme!r}, case {first.case_id!r} began under {first.programme!r}"
            yield entry.builder.fault(entry.rows[0], None, Kind.CASE, said)


def _standing_twice(entries: Sequence[Made], column: str) -> Iterator[Fault]:
    """Rows with a number that another record of the case has already; the rows of one event may share theirs."""
    beside: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for entry in entries:
        places = {(row.file, row.line) for row in entry.rows}
        for place in places:
            beside.setdefault(place, set()).update(places)
    first: dict[int, Row] = {}
    for entry in entries:
        for row, number in entry.numbers:
            known = first.setdefault(number, row)
            if (known.file, known.line) not in beside[row.file, row.line]:
                where = f"line {known.line}" if known.file == row.file else f"{known.file}:{known.line}"
                said = f"the number {number} stands on {where} already: in a case each record has its own; keep one"
                yield entry.builder.fault(row, column, Kind.CASE, said)


def _targets(entries: Sequence[Made], column: str | None) -> tuple[dict[int, int], list[Fault]]:
    """Place of each amendment → place of the event it names, from 1; and the amendments that name none."""
    found: dict[int, int] = {}
    faults: list[Fault] = []
    at = _places(entries, column)
    word = "event" if column is None else "record"
    for seq, entry in enumerate(entries, 1):
        if not amends(entry.event):
            continue
        named = entry.event.data.seq
        places = at.get(named, [])
        if len(places) == 1 and places[0] < seq:
            found[seq] = places[0]
            continue
        if not places:
            held = f"it has {len(entries)}" if column is None else "no row of it has this number"
            said = f"there is no {word} {named} in case {entry.event.case_id!r}: {held}"
        elif len(places) == 1:
            said = f"{word} {named} does not stand before this one, which is {_called(entry, seq, column)}"
        else:
            kinds = ", ".join(entries[place - 1].event.kind for place in places)
            said = f"several events are of {word} {named} ({kinds}): it does not say which of them is meant"
        faults.append(entry.fault(_TARGET, Kind.CASE, said))
    return found, faults


def _places(entries: Sequence[Made], column: str | None) -> dict[int, list[int]]:
    """What an amendment may name → the places of the events meant by it, from 1."""
    if column is None:
        return {seq: [seq] for seq in range(1, len(entries) + 1)}
    found: dict[int, list[int]] = {}
    for seq, entry in enumerate(entries, 1):
        for number in dict.fromkeys(number for _, number in entry.numbers):
            found.setdefault(number, []).append(seq)
    return found


def _unclear(entries: Sequence[Made], named: Mapping[int, int], ignored: Row | None) -> Iterator[Fault]:
    """Amendments by place whose place would be that of another event if rows were counted, or files, or repeats."""
    if not named:
        return
    files = sorted({row.file for entry in entries for row in entry.rows})
    same = next(repeated(entries), None)
    of_row = Counter((row.file, row.line) for entry in entries for row in entry.rows)
    apart = next(
        (at for at, entry in enumerate(entries, 1) if [of_row[row.file, row.line] for row in entry.rows] != [1]), None
    )
    arrivals = [entry.place[-3:] for entry in entries]
    moments = Counter(entry.place[:-3] for entry in entries)
    numbers = "name the column of the record numbers in `order`"
    for seq, target in named.items():
        if len(files) > 1:
            said = f"the case stands in several files ({', '.join(files)})"
            remedy = f"{numbers}, or put its rows into one file"
        elif same is not None:
            said, remedy = f"an event of the case stands twice (line {same.line})", f"keep one, or {numbers}"
        elif ignored is not None:
            said, remedy = f"line {ignored.line} of the case is left out by `ignore`", numbers
        elif apart is not None and target >= apart:
            row = entries[apart - 1].rows[0]
            said, remedy = f"the events are not one to a row (line {row.line})", numbers
        elif moments[entries[target - 1].place[:-3]] > 1 and arrivals != sorted(arrivals):
            said = "the rows do not stand in that order, and another event has the same place in it"
            remedy = f"sort the rows, or {numbers}"
        else:
            continue
        said = f"which event is number {target} of case {entries[0].event.case_id!r} cannot be told: {said}; {remedy}"
        yield entries[seq - 1].fault(_TARGET, Kind.CASE, said)


def _of_some_rows(entries: Sequence[Made], named: Mapping[int, int]) -> Iterator[Fault]:
    """Amendments that name one row of an event whose rows are records of their own: the others may stand.

    What can be said of the event is that each of its rows was withdrawn, in one moment.
    """
    for seq, target in named.items():
        numbers = {number for _, number in entries[target - 1].numbers}
        if len(numbers) < 2:
            continue
        beside = [each for each, its in named.items() if its == target]
        events = [entries[each - 1].event for each in beside]
        whole = (
            all(isinstance(event.data, Withdrawn) for event in events)
            and {event.data.seq for event in events} == numbers
            and len({event.recorded_at for event in events}) == 1
            and not set(beside) & set(named.values())
        )
        if not whole:
            held = ", ".join(map(str, sorted(numbers)))
            said = (
                f"record {entries[seq - 1].event.data.seq} is one of several rows of one event (records {held}): "
                "whether the others stand is not said; withdraw all of them in one moment, or give them one number"
            )
            yield entries[seq - 1].fault(_TARGET, Kind.CASE, said)


def _called(entry: Made, seq: int, column: str | None) -> str:
    return f"event {seq}" if column is None else f"record {entry.numbers[0][1]}"


def _misfits(entries: Sequence[Made], column: str | None) -> Iterator[Fault]:
    """Corrections that stand and cannot be applied, one by one as :func:`~shuroflow.states.history.effective` does."""
    events = [entry.event for entry in entries]
    gone = taken_back(events)
    held = {event.seq: event for event in events}
    for entry in entries:
        event = entry.event
        if not isinstance(event.data, Corrected) or event.seq in gone:
            continue
        target = held[event.data.seq]
        amended = entries[target.seq - 1]
        if amends(target):
            named = _called(amended, target.seq, column)
            said = f"{named} is a correction or withdrawal itself: withdraw it and correct the original"
            yield entry.fault(_TARGET, Kind.CASE, said)
            continue
        try:
            held[target.seq] = corrected(target, event)
        except InputError as error:
            for problem in error.problems or (str(error),):
                path, colon, _ = problem.partition(": ")
                yield entry.fault(f"data.{path}" if colon else "data.data", Kind.VALUE, f"data.{problem}")


__all__ = ["AMENDING", "Made", "amends", "repeated", "settled"]
