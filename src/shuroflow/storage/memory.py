"""A journal that lives as long as the process: for tests, trials and hosts that keep their own record."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from shuroflow.errors import Conflict
from shuroflow.events import Event
from shuroflow.storage.codec import decode, encode
from shuroflow.storage.journal import Appended, Closing, prepare, repeated


class MemoryJournal(Closing):
    """Events in a dictionary, held to the same promises as every other journal; safe between threads."""

    def __init__(self) -> None:
        self._cases: dict[str, tuple[Event, ...]] = {}
        self._lock = threading.Lock()

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none; see :meth:`.journal.Journal.append`."""
        ready = prepare(case_id, events, expected=expected, key=key)
        # Through the stored form and back: what could not be written to a file is refused here too, and what is kept
        # shares nothing with the caller's objects.
        kept = tuple(decode(encode(event)) for event in ready)
        with self._lock:
            known = self._cases.get(case_id, ())
            if key is not None and (first := [event for event in known if event.key == key]):
                return repeated(case_id, key, kept, first=first)
            if len(known) != expected:
                raise Conflict(case_id, expected=expected, actual=len(known))
            if kept:
                self._cases[case_id] = known + kept
        return Appended(case_id, expected + len(kept), kept)

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, in the order of ``seq``; an empty list if there are none."""
        return list(self._cases.get(case_id, ())[after:])

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        return len(self._cases.get(case_id, ()))

    def scan(self) -> Iterator[Event]:
        """All events, case by case in the order of first recording."""
        for case_id in self.cases():
            yield from self._cases[case_id]

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order in which they were first recorded."""
        return iter(list(self._cases))


__all__ = ["MemoryJournal"]
