"""The port: what every journal promises, and the checks that all of them share.

A journal is an append-only record of events by case. This module knows no store; the adapters are
:mod:`~shuroflow.storage.memory`, :mod:`~shuroflow.storage.jsonl` and :mod:`~shuroflow.storage.sql`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import attrs

from shuroflow.errors import Conflict, Damaged, DuplicateKey, InputError
from shuroflow.events import Event
from shuroflow.storage.codec import encode, is_link, link, with_prev


@attrs.frozen
class Appended:
    """What an append did. ``version`` is the number of events the case holds as far as this append goes.

    ``events`` are the events as recorded. ``duplicate``: the key was known, ``events`` are those recorded the first
    time, and nothing was written now. ``head`` is the link to the last event: what the next one carries as ``prev``.
    """

    case_id: str
    version: int
    events: tuple[Event, ...]
    duplicate: bool = False
    head: str | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen
class Record:
    """One event in the order in which a journal took them all in.

    ``position`` counts from 1 without a gap. ``body`` are the stored bytes: the event as canonical JSON, and the leaf
    that a checkpoint seals.
    """

    position: int
    body: bytes
    event: Event


@runtime_checkable
class Journal(Protocol):
    """An append-only store of events.

    The version of a case is the number of its events: 0 before the first, and the ``seq`` of the last. All events of
    an append under a ``key`` carry that key, so a journal that is opened again still knows what was done under it.
    Every event but the first of a case carries in ``prev`` the link to the stored event before it.
    """

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none; durable on return.

        ``expected`` is the version that was read, and the events are numbered from ``expected + 1``. No events at all
        only checks the version. A ``key`` that the case knows gives back the first result, whatever ``expected``
        says: the same content may be sent again with another ``seq`` and ``recorded_at``, and is not written again.
        An event that comes with its ``prev`` says what it was judged on: another event in that place is a conflict.

        Raises:
            Conflict: if the case stands at another version, or another event stands before.
            DuplicateKey: if the key was used in this case for other content.
            InputError: if an event does not belong to the case, is misnumbered, or holds a wrong value.
            Unavailable: if the store cannot be written.
        """

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, in the order of ``seq``; an empty list if there are none.

        ``after`` below 0 is 0. A text that can be no id has no events.

        Raises:
            Damaged: if what is read is no event, is misnumbered, or does not link to the event before it.
            Unavailable: if the store cannot be read.
        """

    def version(self, case_id: str) -> int:
        """The number of events of a case."""

    def scan(self) -> Iterator[Event]:
        """All events, case by case in the order of :meth:`cases`, each case in the order of ``seq``.

        What is appended while the scan runs may or may not be part of it; a case always comes with its events from
        the first on, without a gap.
        """

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order in which they were first recorded."""

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """The records beyond position ``after``, of all cases, in the order in which they became durable.

        It ends at the present end; ``after`` below 0 is 0. Who goes on from the last position seen misses nothing,
        however late a writer that began early finishes.

        Raises:
            Damaged: if what is read is no event of this journal, or a position is missing.
        """

    def size(self) -> int:
        """The number of records: the position of the last."""

    def close(self) -> None:
        """Give back what the journal holds open; closing twice is fine."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class Bulk(Protocol):
    """A journal that also takes events in bulk, as another journal holds them."""

    def load(self, bodies: Sequence[bytes]) -> int:
        """Append canonical bodies as they stand, of any cases, all or none; the new size, durable on return.

        Raises:
            Conflict: if one is not the next event of its case, or links to another event than stands before it.
            InputError: if one is no event, or not canonical.
            Unavailable: if the store cannot be written.
        """


class Closing:
    """``with`` for a journal: closes it at the end."""

    def close(self) -> None:
        """Give back what the journal holds open; closing twice is fine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def prepare(case_id: str, events: Sequence[Event], *, expected: int, key: str | None) -> tuple[Event, ...]:
    """The events as they are to be written: numbered from ``expected + 1``, each with the key of the append.

    Raises:
        InputError: if one belongs to another case, is misnumbered or carries another key; if ``expected`` is negative.
    """
    if expected < 0:
        raise InputError(f"the version of a case is never negative, got {expected}", field="expected", case_id=case_id)
    if key == "":
        raise InputError("an idempotency key is not empty; leave it out instead", field="key", case_id=case_id)
    if key is not None and "\x00" in key:
        raise InputError("an idempotency key holds no NUL, which no database takes", field="key", case_id=case_id)
    ready = []
    for seq, event in enumerate(events, expected + 1):
        if event.case_id != case_id:
            raise InputError(f"belongs to case {event.case_id!r}, not to {case_id!r}", field="case_id", case_id=case_id)
        if event.seq != seq:
            raise InputError(
                f"is {event.seq}, must be {seq}: an append at version {expected} is numbered from {expected + 1}",
                field="seq",
                case_id=case_id,
            )
        if event.key not in (None, key):
            raise InputError(
                f"the event carries the key {event.key!r}, the append {key!r}; one append has one key",
                field="key",
                case_id=case_id,
            )
        ready.append(event if event.key == key else attrs.evolve(event, key=key))
    return tuple(ready)


def chained(
    ready: Sequence[Event], *, last: bytes | None, case_id: str, expected: int
) -> tuple[tuple[Event, ...], list[bytes]]:
    """The prepared events, each linked to the one before it, and their canonical bytes.

    Args:
        ready: what :func:`prepare` gave.
        last: the stored body of the last event of the case; none if the case is new.
        case_id: the case, for the errors.
        expected: the version it stands at.

    Raises:
        Conflict: if the first comes with a ``prev`` that names another event than ``last``.
        InputError: if an event holds a wrong value.
    """
    events: list[Event] = []
    bodies: list[bytes] = []
    for event in ready:
        prev = link(last) if last is not None else None
        if event.prev is None and prev is not None:
            event = with_prev(event, prev)  # noqa: PLW2901
        elif event.prev != prev:
            if not events:
                raise Conflict(case_id, expected=expected, actual=expected)
            said = "links to another event than the one before it; leave `prev` out, the journal sets it"
            raise InputError(said, field="prev", case_id=case_id)
        last = encode(event)
        events.append(event)
        bodies.append(last)
    return tuple(events), bodies


def check_chain(
    event: Event, *, last: bytes | None, where: str, line: int | None = None, offset: int | None = None
) -> None:
    """Does the event link to the body before it? Asked only of links that a journal of ours wrote.

    Raises:
        Damaged: if it links to another one: either of the two is not what was recorded.
    """
    if is_link(event.prev) and (last is None or link(last) != event.prev):
        said = f"event {event.seq} of case {event.case_id!r} does not link to the event before it: one of the two is "
        said += "not what was recorded; compare with a checkpoint or a backup"
        raise Damaged(said, where=where, line=line, offset=offset)


def repeated(case_id: str, key: str, events: Sequence[Event], *, first: Sequence[Event]) -> Appended:
    """The first result of a key that is used again.

    Raises:
        DuplicateKey: if the content is another than the first time.
    """
    if list(map(_content, events)) != list(map(_content, first)):
        raise DuplicateKey(case_id, key, first)
    return Appended(case_id, first[-1].seq, tuple(first), duplicate=True, head=link(encode(first[-1])))


def _content(event: Event) -> tuple[object, ...]:
    """What makes two attempts the same record: all but the number, the moment of writing and what a journal adds."""
    return event.programme, event.kind, event.occurred_on, event.recorded_by, event.data, event.note, event.commitment


__all__ = [
    "Appended",
    "Bulk",
    "Closing",
    "Journal",
    "Record",
    "chained",
    "check_chain",
    "prepare",
    "repeated",
]
