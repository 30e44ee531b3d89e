"""A journal in a list, made of small steps: sound as it stands, and each step can be broken by itself."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from shuroflow.errors import Conflict, Damaged, InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.codec import decode, encode, link
from shuroflow.storage.filelock import locked
from shuroflow.storage.journal import Appended, Closing, Record, chained, check_chain, prepare, repeated


class Sound(Closing):
    """Keeps every promise of a journal in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records: list[Record] = []
        self.lock = threading.RLock()

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """The steps of an append, one after another."""
        ready = self.prepared(case_id, events, expected, key)
        with self.lock:
            if key is not None and (first := self.first(case_id, key)):
                return self.again(case_id, key, ready, first)
            self.check(case_id, expected, key, ready)
            made, bodies = self.linked(case_id, ready, expected)
            last = bodies[-1] if bodies else self.last(case_id)
            self.keep(bodies)
            return self.answer(case_id, expected, made, last)

    def prepared(self, case_id: str, events: Sequence[Event], expected: int, key: str | None) -> tuple[Event, ...]:
        """The events checked and with their key."""
        return prepare(case_id, events, expected=expected, key=key)

    def first(self, case_id: str, key: str) -> list[Event]:
        """What was recorded under the key."""
        return [record.event for record in self.case(case_id) if record.event.key == key]

    def again(self, case_id: str, key: str, ready: Sequence[Event], first: list[Event]) -> Appended:
        """The answer to a key that is known."""
        return repeated(case_id, key, ready, first=first)

    def check(self, case_id: str, expected: int, _key: str | None, _ready: Sequence[Event]) -> None:
        """Is this the version of the case?"""
        if len(self.case(case_id)) != expected:
            raise Conflict(case_id, expected=expected, actual=len(self.case(case_id)))

    def linked(self, case_id: str, ready: Sequence[Event], expected: int) -> tuple[tuple[Event, ...], list[bytes]]:
        """The events with their links, and their bodies."""
        return chained(ready, last=self.last(case_id), case_id=case_id, expected=expected)

    def last(self, case_id: str) -> bytes | None:
        """The body of the last event of the case."""
        return next((record.body for record in reversed(self.case(case_id))), None)

    def keep(self, bodies: list[bytes]) -> None:
        """Record the bodies."""
        self.records += [Record(len(self.records) + at, body, decode(body)) for at, body in enumerate(bodies, 1)]

    def answer(self, case_id: str, expected: int, made: tuple[Event, ...], last: bytes | None) -> Appended:
        """What an append says."""
        return Appended(case_id, expected + len(made), made, head=link(last) if last is not None else None)

    # ------------------------------------------------------------ reading

    def case(self, case_id: str) -> list[Record]:
        """The records of a case."""
        return [record for record in self.records if record.event.case_id == case_id]

    def order(self) -> list[str]:
        """The cases in the order of their first event."""
        return list(dict.fromkeys(record.event.case_id for record in self.records))

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case."""
        return [record.event for record in self.case(case_id)[max(0, after) :]]

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        return len(self.case(case_id))

    def cases(self) -> Iterator[str]:
        """The cases."""
        return iter(self.order())

    def scan(self) -> Iterator[Event]:
        """All events, case by case."""
        return (record.event for case_id in self.order() for record in self.case(case_id))

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """The records beyond a position."""
        return iter(self.records[max(0, after) :])

    def size(self) -> int:
        """The number of records."""
        return len(self.records)


class SoundBulk(Sound):
    """Keeps every promise of loading too."""

    def load(self, bodies: Sequence[bytes]) -> int:
        """The steps of loading, one after another."""
        before = list(self.records)
        try:
            for body in bodies:
                self.take(body)
        except BaseException:
            self.records = before
            raise
        return self.size()

    def take(self, body: bytes) -> None:
        """Record one body as it stands."""
        event = self.understood(body)
        self.follows(event)
        self.records.append(Record(len(self.records) + 1, body, event))

    def understood(self, body: bytes) -> Event:
        """The event of a canonical body."""
        event = decode(body)
        if encode(event) != body:
            raise InputError("not canonical")
        return event

    def follows(self, event: Event) -> None:
        """Is it the next event of its case, and linked to the one before?"""
        self.numbered(event)
        self.chained(event)

    def numbered(self, event: Event) -> None:
        """Is it the next of its case?"""
        known = len(self.case(event.case_id))
        if event.seq != known + 1:
            raise Conflict(event.case_id, expected=event.seq - 1, actual=known)

    def chained(self, event: Event) -> None:
        """Does it link to the last of its case, if it links at all?"""
        last = self.last(event.case_id)
        if event.prev is not None and (last is None or event.prev != link(last)):
            raise Conflict(event.case_id, expected=event.seq - 1, actual=event.seq - 1)


class SoundFile(Sound):
    """Keeps every promise of a durable journal: one line for each append, written at once, under a lock.

    With ``alone`` a second journal on the file is refused.
    """

    alone = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.path = folder / "journal"
        self.file = io.FileIO(self.path, "a+")
        self.taken: list[Record] = []
        self.end = 0
        self.held = contextlib.ExitStack()
        try:
            if self.alone:
                self.held.enter_context(at_once(self.file.fileno(), str(self.path)))
            self.catch_up()
        except BaseException:
            self.close()
            raise

    @property
    def records(self) -> list[Record]:
        """What the file holds by now."""
        with self.lock:
            self.catch_up()
            return list(self.taken)

    @records.setter
    def records(self, _: list[Record]) -> None:
        """The file is the only truth."""

    def catch_up(self) -> None:
        """Take in the whole lines that came since."""
        if self.file.closed:
            raise Unavailable("the journal is closed", where=str(self.path))
        self.file.seek(self.end)
        *lines, _torn = self.file.read().split(b"\n")
        for line in lines:
            for body in line.split(b"\t"):
                self.take(body)
            self.end += len(line) + 1

    def take(self, body: bytes) -> None:
        """Take in one body of the file."""
        event = self.understood(body)
        case = [record.body for record in self.taken if record.event.case_id == event.case_id]
        self.checked(event, case)
        self.taken.append(Record(len(self.taken) + 1, body, event))

    def understood(self, body: bytes) -> Event:
        """The event of a body."""
        try:
            return decode(body)
        except InputError as error:
            raise Damaged(str(error), where=str(self.path)) from None

    def checked(self, event: Event, case: list[bytes]) -> None:
        """Does it stand where it belongs, and link to the one before?"""
        self.numbered(event, case)
        self.chain(event, case)

    def numbered(self, event: Event, case: list[bytes]) -> None:
        """Does it stand where it belongs?"""
        if event.seq != len(case) + 1:
            raise Damaged(f"event {event.seq} stands where {len(case) + 1} belongs", where=str(self.path))

    def chain(self, event: Event, case: list[bytes]) -> None:
        """Does it link to the one before?"""
        check_chain(event, last=case[-1] if case else None, where=str(self.path))

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """The same steps, under a lock that other processes respect."""
        with self.lock, self.alone_with_the_file():
            return super().append(case_id, events, expected=expected, key=key)

    def alone_with_the_file(self) -> contextlib.AbstractContextManager[None]:
        """Nobody else writes meanwhile."""
        if self.file.closed or self.alone:
            return contextlib.nullcontext()
        return locked(self.file.fileno(), exclusive=True)

    def keep(self, bodies: list[bytes]) -> None:
        """One write, flushed; a torn line of somebody who died is cut off first."""
        if bodies:
            self.catch_up()
            os.ftruncate(self.file.fileno(), self.end)
            self.write(b"\t".join(bodies) + b"\n")
            self.catch_up()

    def write(self, block: bytes) -> None:
        """Onto the disk."""
        self.file.write(block)
        os.fsync(self.file.fileno())

    def close(self) -> None:
        """Give back the file."""
        self.held.close()
        self.file.close()


@contextlib.contextmanager
def at_once(descriptor: int, where: str) -> Iterator[None]:
    """Hold a lock as long as the journal is open; who comes second is refused and does not wait."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Unavailable("another journal holds the file", where=where) from None
    yield


def tamper(folder: Path, position: int, body: bytes) -> None:
    """Put another body in the place of a record of the file."""
    path = folder / "journal"
    lines = [line.split(b"\t") for line in path.read_bytes().splitlines()]
    places = [(line, at) for line, bodies in enumerate(lines) for at in range(len(bodies))]
    line, at = places[position - 1]
    lines[line][at] = body
    path.write_bytes(b"".join(b"\t".join(bodies) + b"\n" for bodies in lines))
