"""Events into rows and back, with every check that a row by itself, or those of one case, can be put to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from shuroflow.errors import Damaged, InputError
from shuroflow.events import Event
from shuroflow.storage.codec import chain_holds, decode, decode_all
from shuroflow.storage.journal import Record, check_chain
from shuroflow.storage.sql.statements import Row


def row_of(position: int, event: Event, body: bytes) -> Row:
    """The row of an event. Its day and its moment are taken from the body: to write them anew takes longer."""
    text = body.decode()
    day, moment = _last_of(text, "occurred_on"), _last_of(text, "recorded_at")
    return Row(
        position,
        event.case_id,
        event.seq,
        event.programme,
        event.kind,
        text[day[0] : day[1]],
        text[moment[0] : moment[1]],
        event.key,
        text,
    )


def around_link(body: str) -> tuple[str, str]:
    """What stands in a body before its link, and after it."""
    start, end = _last_of(body, "prev")
    return body[:start], body[end:]


def _last_of(body: str, name: str) -> tuple[int, int]:
    """Where the value of a text field of the envelope begins and ends; ``name`` sorts behind ``data``.

    The last key of that name is the one: the keys are sorted, so the payload stands before it, and in a text none can
    be told, for its quotation marks are escaped.
    """
    mark = f',"{name}":"'
    start = body.rindex(mark) + len(mark)
    return start, body.index('"', start)


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


def _whole(case_id: str, rows: Sequence[Sequence[Any]]) -> list[Event] | None:
    """All events of a case, if every row is in order; ``None`` where anything is amiss, which the long way then tells.

    An audit goes this short way with most cases: what it asks is what the long way asks, of all rows at once.
    """
    if not rows:
        return []
    try:
        block = "\n".join([row[8] for row in rows]).encode() + b"\n"
    except (TypeError, UnicodeEncodeError):
        return None
    *bodies, _ = block.split(b"\n")
    events = decode_all(block, bodies)
    if events is None or len(events) != len(rows):
        return None
    for seq, (row, event) in enumerate(zip(rows, events, strict=True), 1):
        if not (
            isinstance(row[0], int)
            and row[0] > 0
            and row[1] == event.case_id == case_id
            and row[2] == event.seq == seq
            and row[3] == event.programme
            and row[4] == event.kind
            and str(row[5]) == event.occurred_on.isoformat()
            and row[6] == event.recorded_at.isoformat()
            and row[7] == event.key
        ):
            return None
    return events if chain_holds(events, bodies) else None


def events_of(case_id: str, rows: Sequence[Sequence[Any]], *, where: str, after: int = 0) -> list[Event]:
    """The events of a case beyond version ``after``, from its rows from ``after`` on.

    Raises:
        Damaged: if a row is no event of the case, one is missing, or one does not link to the event before it; if a
            column says something else than the event.
    """
    whole = None if after else _whole(case_id, rows)
    if whole is not None:
        return whole
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
        whole = _whole(self.case_id, self.rows)
        if whole is not None:
            return whole
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


__all__ = ["CaseRows", "around_link", "events_of", "number_of", "positive", "record_of", "row_of", "some_of", "text_of"]
