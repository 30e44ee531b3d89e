"""A journal in a folder, one file for each append: a toy, written from the page "Write an adapter" alone.

The file of an append is finished under another name and then linked to the next free number, which fails if that
number is taken. So no lock is needed between processes, and an append is there whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from shuroflow import Appended, Conflict, Damaged, Event, InputError, Unavailable
from shuroflow.storage.codec import decode, link
from shuroflow.storage.journal import Closing, Record, chained, check_chain, prepare, repeated


class FolderJournal(Closing):
    """A journal in a folder, which is made if it is missing; for threads and processes of one machine."""

    def __init__(self, folder: str | Path) -> None:
        self.where = str(folder)
        self._folder = Path(folder)
        self._lock = threading.RLock()
        self._records: list[Record] = []
        self._cases: dict[str, list[Record]] = {}
        self._files = 0
        self._closed = False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"cannot be made: {error.strerror}", where=self.where) from None
        self._catch_up()

    # ------------------------------------------------------------ the port

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none, as one file."""
        ready = prepare(case_id, events, expected=expected, key=key)
        with self._lock:
            while True:
                known = self._case(case_id)
                if key is not None and (first := [record.event for record in known if record.event.key == key]):
                    return repeated(case_id, key, ready, first=first)
                if len(known) != expected:
                    raise Conflict(case_id, expected=expected, actual=len(known))
                last = known[-1].body if known else None
                recorded, bodies = chained(ready, last=last, case_id=case_id, expected=expected)
                if not bodies or self._write(bodies):
                    last = bodies[-1] if bodies else last
                    head = link(last) if last is not None else None
                    return Appended(case_id, expected + len(recorded), recorded, head=head)

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond a version."""
        return [record.event for record in self._case(case_id)[max(0, after) :]]

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        return len(self._case(case_id))

    def cases(self) -> Iterator[str]:
        """The cases in the order of their first event."""
        self._catch_up()
        return iter(list(self._cases))

    def scan(self) -> Iterator[Event]:
        """All events, case by case."""
        for case_id in self.cases():
            yield from self.read(case_id)

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """The records beyond a position."""
        self._catch_up()
        return iter(self._records[max(0, after) :])

    def size(self) -> int:
        """The number of records."""
        self._catch_up()
        return len(self._records)

    def close(self) -> None:
        """Nothing is held open, but nothing is answered any more either."""
        self._closed = True

    # ------------------------------------------------------------ the folder

    def _case(self, case_id: str) -> list[Record]:
        self._catch_up()
        return list(self._cases.get(case_id, ()))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:09}.jsonl"

    def _catch_up(self) -> None:
        """Take in the files that this or another journal has added since."""
        with self._lock:
            if self._closed:
                raise Unavailable("the journal is closed; open it again", where=self.where)
            while (path := self._path(self._files + 1)).exists():
                try:
                    bodies = path.read_bytes().splitlines()
                except OSError as error:
                    raise Unavailable(f"cannot be read: {error.strerror}", where=str(path)) from None
                for line, body in enumerate(bodies, 1):
                    self._take_in(body, where=str(path), line=line)
                self._files += 1

    def _take_in(self, body: bytes, *, where: str, line: int) -> None:
        try:
            event = decode(body)
        except InputError as error:
            raise Damaged(str(error), where=where, line=line) from None
        case = self._cases.get(event.case_id, [])
        if event.seq != len(case) + 1:
            raise Damaged(f"event {event.seq} stands where {len(case) + 1} belongs", where=where, line=line)
        check_chain(event, last=case[-1].body if case else None, where=where, line=line)
        record = Record(len(self._records) + 1, body, event)
        self._records.append(record)
        self._cases[event.case_id] = [*case, record]

    def _write(self, bodies: list[bytes]) -> bool:
        """Make the next file, durably; false if another process was faster."""
        draft = self._folder / f".{uuid.uuid4().hex}"
        try:
            with draft.open("xb") as file:
                file.write(b"".join(body + b"\n" for body in bodies))
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, self._path(self._files + 1))
            self._flush_names()
        except FileExistsError:
            return False
        except OSError as error:
            raise Unavailable(f"cannot be written: {error.strerror}", where=self.where) from None
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
        return True

    def _flush_names(self) -> None:
        """A file is only durable when its name in the folder is; Windows sees to that itself."""
        if sys.platform != "win32":
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
