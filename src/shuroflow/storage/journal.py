"""The port: what every journal promises, and the checks that all of them share.

A journal is an append-only record of events by case. This module knows no store; the adapters are
:mod:`~shuroflow.storage.memory`, :mod:`~shuroflow.storage.jsonl` and :mod:`~shuroflow.storage.sql`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import attrs

from shuroflow.errors import DuplicateKey, InputError
from shuroflow.events import Event


@attrs.frozen
class Appended:
    """What an append did. ``version`` is the number of events the case holds as far as this append goes.

    ``events`` are the events as recorded. ``duplicate``: the key was known, ``events`` are those recorded the first
    time, and nothing was written now.
    """

    case_id: str
    version: int
    events: tuple[Event, ...]
    duplicate: bool = False


@runtime_checkable
class Journal(Protocol):
    """An append-only store of events.

    The version of a case is the number of its events: 0 before the first, and the ``seq`` of the last. All events of
    an append under a ``key`` carry that key, so a journal that is opened again still knows what was done under it.
    """

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none; durable on return.

        ``expected`` is the version that was read, and the events are numbered from ``expected + 1``. No events at all
        only checks the version. A ``key`` that the case knows gives back the first result, whatever ``expected``
        says: the same content may be sent again with another ``seq`` and ``recorded_at``, and is not written again.

        Raises:
            Conflict: if the case stands at another version.
            DuplicateKey: if the key was used in this case for other content.
            InputError: if an event does not belong to the case, is misnumbered, or holds a wrong value.
            Unavailable: if the store cannot be written.
        """

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, in the order of ``seq``; an empty list if there are none."""

    def version(self, case_id: str) -> int:
        """The number of events of a case."""

    def scan(self) -> Iterator[Event]:
        """All events, case by case in the order of :meth:`cases`, each case in the order of ``seq``.

        What is appended while the scan runs may or may not be part of it; a case always comes with its events from
        the first on, without a gap.
        """

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order in which they were first recorded."""

    def close(self) -> None:
        """Give back what the journal holds open; closing twice is fine."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


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


def repeated(case_id: str, key: str, events: Sequence[Event], *, first: Sequence[Event]) -> Appended:
    """The first result of a key that is used again.

    Raises:
        DuplicateKey: if the content is another than the first time.
    """
    if list(map(_content, events)) != list(map(_content, first)):
        raise DuplicateKey(case_id, key, first)
    return Appended(case_id, first[-1].seq, tuple(first), duplicate=True)


def _content(event: Event) -> tuple[object, ...]:
    """What makes two attempts the same record: all but the number, the moment of writing and what a journal adds."""
    return event.programme, event.kind, event.occurred_on, event.recorded_by, event.data, event.note


__all__ = ["Appended", "Closing", "Journal", "prepare", "repeated"]
