"""A journal that lives as long as the process: for tests, trials and hosts that keep their own record."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from shuroflow.errors import Conflict
from shuroflow.events import Event
from shuroflow.storage.codec import decode, link
from shuroflow.storage.journal import Appended, Closing, Record, chained, prepare, repeated


class MemoryJournal(Closing):
    """Events in a dictionary, held to the same promises as every other journal; safe between threads."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._cases: dict[str, tuple[Record, ...]] = {}
        self._lock = threading.Lock()

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none; see :meth:`.journal.Journal.append`."""
        ready = prepare(case_id, events, expected=expected, key=key)
        with self._lock:
            known = self._cases.get(case_id, ())
            if key is not None and (first := [record.event for record in known if record.event.key == key]):
                return repeated(case_id, key, ready, first=first)
            if len(known) != expected:
                raise Conflict(case_id, expected=expected, actual=len(known))
            last = known[-1].body if known else None
            _, bodies = chained(ready, last=last, case_id=case_id, expected=expected)
            # Read back from the stored form: what is kept shares nothing with the caller's objects.
            kept = tuple(Record(len(self._records) + at, body, decode(body)) for at, body in enumerate(bodies, 1))
            if kept:
                self._records.extend(kept)
                self._cases[case_id] = known + kept
        end = bodies[-1] if bodies else last
        head = None if end is None else link(end)
        return Appended(case_id, expected + len(kept), tuple(record.event for record in kept), head=head)

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, in the order of ``seq``; an empty list if there are none."""
        return [record.event for record in self._cases.get(case_id, ())[max(0, after) :]]

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        return len(self._cases.get(case_id, ()))

    def scan(self) -> Iterator[Event]:
        """All events, case by case in the order of first recording."""
        for case_id in self.cases():
            yield from (record.event for record in self._cases[case_id])

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order in which they were first recorded."""
        return iter(list(self._cases))

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """The records beyond position ``after``, in the order in which they were appended."""
        return iter(self._records[max(0, after) :])

    def size(self) -> int:
        """The number of records."""
        return len(self._records)


__all__ = ["MemoryJournal"]
