"""Events into rows and back, with every check that a row by itself, or those of one case, can be put to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from shuroflow.errors import Damaged, InputError
from shuroflow.events import Event
from shuroflow.storage.codec import decode
from shuroflow.storage.journal import Record, check_chain
from shuroflow.storage.sql.statements import Row


def row_of(position: int, event: Event, body: bytes) -> Row:
    """The row of an event."""
    return Row(
        position,
        event.case_id,
        event.seq,
        event.programme,
        event.kind,
        event.occurred_on.isoformat(),
        event.recorded_at.isoformat(),
        event.key,
        body.decode(),
    )


def text_of(body: object, name: str, *, where: str) -> str:
    """What a column of text holds.

    Raises:
        Damaged: if it is something else; SQLite keeps whatever it is given.
    """
    if not isinstance(body, str):
        raise Damaged(f"{name} is kept as {type(body).__name__}, not as text; no journal wrote that", where=where)
    return body


def number_of(found: object, name: str, *, where: str) -> int:
    """What a column of numbers holds; 0 for nothing.

    Raises:
        Damaged: if it is something else.
    """
    if not isinstance(found, int | None):
        raise Damaged(f"{name} is kept as {type(found).__name__}, not as a number; no journal wrote that", where=where)
    return found or 0


def positive(position: int | None, *, where: str) -> None:
    """Nothing, if the lowest position is one that a journal gives.

    Raises:
        Damaged: if it is below 1.
    """
    if position is not None and position < 1:
        said = f"a row stands at position {position}, and the first is 1: it was put there past the journal"
        raise Damaged(f"{said}; restore the database from a backup", where=where)


def _event(seq: int, body: Any, case_id: str, where: str) -> Event:
    try:
        event = decode(body)
    except InputError as error:
        raise Damaged(f"event {seq} of case {case_id!r} cannot be read: {error}", where=where) from None
    if event.case_id != case_id or event.seq != seq:
        said = f"the row of event {seq} of case {case_id!r} holds event {event.seq} of case {event.case_id!r}"
        raise Damaged(said, where=where)
    return event


def some_of(case_id: str, rows: Iterable[tuple[int, str]], *, where: str) -> list[Event]:
    """Some events of a case, wherever they stand in it."""
    return [
        _event(seq, text_of(body, f"event {seq} of case {case_id!r}", where=where), case_id, where)
        for seq, body in rows
    ]


def events_of(case_id: str, rows: Iterable[Sequence[Any]], *, where: str, after: int = 0) -> list[Event]:
    """The events of a case beyond version ``after``, from its rows from ``after`` on.

    Raises:
        Damaged: if a row is no event of the case, one is missing, or one does not link to the event before it; if a
            column says something else than the event.
    """
    events: list[Event] = []
    last: bytes | None = None
    due = after or 1
    for row in rows:
        seq = row[2]
        if seq != due:
            said = f"event {due} of case {case_id!r} is missing: event {seq} stands in its place"
            raise Damaged(f"{said}; restore the database from a backup", where=where)
        due += 1
        raw = text_of(row[8], f"event {seq} of case {case_id!r}", where=where).encode()
        if seq > after:
            event = _event(seq, raw, case_id, where)
            _check_columns(row, event, where)
            check_chain(event, last=last, where=where)
            events.append(event)
        last = raw
    return events


@attrs.frozen
class CaseRows:
    """All rows of one case as they stand in the database, by number, and not yet looked into.

    Fetching them and reading them are two things, so that whoever reads them needs no database.
    """

    where: str
    case_id: str
    rows: Sequence[Sequence[Any]]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def bodies(self) -> Iterator[bytes]:
        """What stands in the column of bodies, whatever it is."""
        return (str(row[8]).encode("utf-8", "surrogatepass") for row in self.rows)

    def events(self) -> list[Event]:
        """The events; see :func:`events_of`.

        Raises:
            Damaged: if a row is not what a journal wrote.
        """
        lowest = min((number_of(row[0], "a position", where=self.where) for row in self.rows), default=None)
        positive(lowest, where=self.where)
        return events_of(self.case_id, self.rows, where=self.where)


def record_of(row: Sequence[Any], *, where: str) -> Record:
    """The record of a row, whose columns must say the same as its body.

    Raises:
        Damaged: if the body is no event, or a column says something else; it names the position and the column.
    """
    position = row[0]
    body = text_of(row[8], f"position {position}", where=where).encode()
    try:
        event = decode(body)
    except InputError as error:
        raise Damaged(f"position {position} cannot be read: {error}", where=where) from None
    _check_columns(row, event, where)
    return Record(position, body, event)


def _check_columns(row: Sequence[Any], event: Event, where: str) -> None:
    """Nothing, if the columns of a row say the same as its body: who asks the database by SQL goes by them."""
    found = (row[1], row[2], row[3], row[4], str(row[5]), row[6], row[7])
    due = (
        event.case_id,
        event.seq,
        event.programme,
        event.kind,
        event.occurred_on.isoformat(),
        event.recorded_at.isoformat(),
        event.key,
    )
    if found != due:
        name, seen, right = next(
            (name, a, b) for name, a, b in zip(Row._fields[1:8], found, due, strict=True) if a != b
        )
        said = f"table shuroflow_event, position {row[0]}: the column {name} says {seen!r}, the event itself {right!r}"
        more = "one of the two is not what was recorded; compare with a checkpoint or a backup"
        raise Damaged(f"{said}; {more}", where=where)


__all__ = ["CaseRows", "events_of", "number_of", "positive", "record_of", "row_of", "some_of", "text_of"]
