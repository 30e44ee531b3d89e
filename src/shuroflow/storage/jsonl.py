"""A journal in one file of JSON Lines that a person can read and any tool can process.

Each event is one line, written as :func:`~shuroflow.storage.codec.encode` gives it. An append is one write,
flushed to the disk before it is acknowledged, under a lock that other processes respect. The line end is the
mark that a line is whole. The lines of an append of several events begin with ``"batch":n``, counting down
how many of them are still to come, so that of an append whose end is missing no line counts. The file is the
only truth: the index in memory is made from it when it is opened and taken further when it grows.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
import msgspec

from shuroflow.errors import Conflict, Damaged, InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.codec import decode, encode
from shuroflow.storage.filelock import flush_folder, flush_to_disk, locked
from shuroflow.storage.journal import Appended, Closing, prepare, repeated
from shuroflow.storage.lines import BOM, batch_of


@attrs.frozen
class TornTail:
    """The end of a file that no append finished: from which line and byte on, and how many bytes."""

    line: int
    offset: int
    length: int


class _Head(msgspec.Struct, gc=False):
    """As much of a line as the index needs."""

    case_id: str
    seq: int
    key: str | None = None


_decode_head = msgspec.json.Decoder(_Head).decode


class JsonlJournal(Closing):
    """A journal in a ``.jsonl`` file; safe between threads and between processes of one machine.

    Args:
        path: the file.
        create: make it where it is missing; otherwise that is an error. A file that may only be read is opened for
            reading, and an append to it fails.

    Raises:
        Unavailable: if the file is missing or cannot be opened.
        Damaged: if it holds, anywhere but at its end, what no journal wrote.
    """

    def __init__(self, path: str | Path, *, create: bool = False) -> None:
        self.path = Path(path)
        self.where = str(path)
        self._lock = threading.RLock()
        self._spans: dict[str, array[int]] = {}  # case → start, end, start, end … of its lines
        self._keys: dict[tuple[str, str], tuple[int, int]] = {}  # (case, key) → first and last seq
        self._end = 0
        self._lines = 0
        self._torn: TornTail | None = None
        self._stopped: str | None = None
        self._file, self._writable = self._open_file(create)
        try:
            self._refresh()
        except BaseException:
            self._file.close()
            raise

    @property
    def torn(self) -> TornTail | None:
        """The torn end of the file, if it has one: it is no part of the journal and goes with the next append."""
        return self._torn

    # ------------------------------------------------------------ the port

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none, with one write; see :meth:`.journal.Journal.append`."""
        ready = prepare(case_id, events, expected=expected, key=key)
        bodies = [encode(event) for event in ready]
        with self._lock:
            self._check_open()
            if not self._writable:
                raise Unavailable("the file may only be read; check its permissions", where=self.where)
            with locked(self._file.fileno(), exclusive=True):
                self._take_in()
                if key is not None and (found := self._keys.get((case_id, key))):
                    first, last = found
                    return repeated(case_id, key, ready, first=self._events(case_id)[first - 1 : last])
                actual = len(self._spans.get(case_id, ())) // 2
                if actual != expected:
                    raise Conflict(case_id, expected=expected, actual=actual)
                if bodies:
                    self._write(b"".join(_lines(bodies)))
                    self._take_in()
        return Appended(case_id, expected + len(ready), ready)

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, in the order of ``seq``; an empty list if there are none."""
        with self._lock:
            self._refresh()
            return self._events(case_id, after=after)

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        with self._lock:
            self._refresh()
            return len(self._spans.get(case_id, ())) // 2

    def scan(self) -> Iterator[Event]:
        """All events, case by case in the order of first recording."""
        for case_id in self.cases():
            yield from self.read(case_id)

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order in which they were first recorded."""
        with self._lock:
            self._refresh()
            return iter(list(self._spans))

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        with self._lock:
            self._file.close()

    # ------------------------------------------------------------ reading

    def _open_file(self, create: bool) -> tuple[io.FileIO, bool]:
        if self.path.is_dir():
            raise Unavailable("this is a folder; name a .jsonl file in it", where=self.where)
        if not self.path.parent.is_dir():
            raise Unavailable(f"there is no folder {str(self.path.parent)!r}; make it first", where=self.where)
        fresh = not self.path.exists()
        if fresh and not create:
            raise Unavailable("there is no such file; check the path, or create it first", where=self.where)
        try:
            try:
                file, writable = io.FileIO(self.path, "a+"), True
            except PermissionError:
                file, writable = io.FileIO(self.path, "r"), False
            if fresh:
                flush_folder(self.path.parent)
        except OSError as error:
            raise Unavailable(f"cannot be opened: {error.strerror}; check the path", where=self.where) from None
        return file, writable

    def _check_open(self) -> None:
        if self._file.closed:
            raise Unavailable("the journal is closed; open it again", where=self.where)
        if self._stopped:
            raise Unavailable(f"stopped after a failed write ({self._stopped}); open it again", where=self.where)

    def _refresh(self) -> None:
        """Take in what other processes appended since."""
        self._check_open()
        if os.fstat(self._file.fileno()).st_size != self._end:
            with locked(self._file.fileno(), exclusive=False):
                self._take_in()

    def _take_in(self) -> None:
        """Read on from the last whole append; the lock is held, so whatever is not whole now never will be."""
        size = os.fstat(self._file.fileno()).st_size
        if size < self._end:
            said = f"the file is {size} bytes long, but {self._end} bytes of it were read before: its end was cut off"
            raise Damaged(said, where=self.where)
        self._torn = None
        if size == self._end:
            return
        self._file.seek(self._end)
        start, number = self._end, self._lines
        append: list[tuple[_Head, int, int]] = []
        awaited = 1
        with io.BufferedReader(_Unclosed(self._file), 1 << 20) as source:
            for raw in source:
                if not raw.endswith(b"\n"):
                    break
                number += 1
                head = self._head(raw, number)
                count = batch_of(raw)
                if append and (count != awaited - 1 or head.case_id != append[0][0].case_id):
                    raise Damaged(
                        "an append of several events breaks off before this line", where=self.where, line=number
                    )
                awaited = count
                append.append((head, start, start + len(raw)))
                start += len(raw)
                if count == 1:
                    self._index(append, number)
                    append.clear()
                    self._end, self._lines = start, number
        if self._end != size:
            self._torn = TornTail(self._lines + 1, self._end, size - self._end)

    def _head(self, raw: bytes, number: int) -> _Head:
        try:
            return _decode_head(raw.removeprefix(BOM) if number == 1 else raw)
        except (msgspec.MsgspecError, ValueError) as error:
            said = f"no event of a journal: {error}; restore the file from a backup, or audit it to see what it holds"
            raise Damaged(said, where=self.where, line=number) from None

    def _index(self, append: list[tuple[_Head, int, int]], number: int) -> None:
        for line, (head, start, end) in enumerate(append, number - len(append) + 1):
            spans = self._spans.setdefault(head.case_id, array("Q"))
            if head.seq != len(spans) // 2 + 1:
                said = f"event {head.seq} of case {head.case_id!r} stands where event {len(spans) // 2 + 1} belongs"
                raise Damaged(said, where=self.where, line=line)
            spans.append(start)
            spans.append(end)
            if head.key is not None:
                first, _ = self._keys.get((head.case_id, head.key), (head.seq, 0))
                self._keys[head.case_id, head.key] = first, head.seq

    def _events(self, case_id: str, *, after: int = 0) -> list[Event]:
        spans = self._spans.get(case_id, ())
        return [self._event(spans[at], spans[at + 1]) for at in range(2 * after, len(spans), 2)]

    def _event(self, start: int, end: int) -> Event:
        self._file.seek(start)
        raw = self._file.read(end - start)
        try:
            return decode(raw.removeprefix(BOM) if start == 0 else raw)
        except InputError as error:
            raise Damaged(str(error), where=self.where, line=self._line_at(start)) from None

    def _line_at(self, offset: int) -> int:
        self._file.seek(0)
        number = 1
        while offset > 0 and (block := self._file.read(min(offset, 1 << 20))):
            number += block.count(b"\n")
            offset -= len(block)
        return number

    # ------------------------------------------------------------ writing

    def _write(self, block: bytes) -> None:
        """Put the block at the end and on the disk, or leave the file as it was; the lock is held."""
        descriptor = self._file.fileno()
        try:
            if self._torn:
                os.ftruncate(descriptor, self._end)
            written = os.write(descriptor, block)
        except OSError as error:
            self._undo()
            raise Unavailable(f"cannot be written: {error.strerror}; nothing was recorded", where=self.where) from None
        if written != len(block):  # a full disk takes a part first and complains only at the next write
            self._undo()
            said = f"only {written} of {len(block)} bytes could be written, the disk may be full; nothing was recorded"
            raise Unavailable(said, where=self.where)
        try:
            flush_to_disk(descriptor)
        except OSError as error:
            # What the disk holds now is unknown, and asking again would answer for less than this write.
            self._undo()
            self._stopped = error.strerror or "flush failed"
            said = f"cannot be flushed to the disk: {error.strerror}; nothing was recorded, open the journal again"
            raise Unavailable(said, where=self.where) from None

    def _undo(self) -> None:
        """Cut off what was written of an append that failed; what cannot be cut off is a torn tail."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._file.fileno(), self._end)


class _Unclosed(io.RawIOBase):
    """The file for a buffered reader that shall not close it."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        """Read from where the file stands."""
        return self._file.readinto(buffer)


def _lines(bodies: list[bytes]) -> Iterator[bytes]:
    """The lines of one append; ``batch`` sorts before every other key, so they stay canonical."""
    for left, body in zip(range(len(bodies), 0, -1), bodies, strict=True):
        yield body + b"\n" if left == 1 else b'{"batch":%d,%s\n' % (left, body[1:])


__all__ = ["JsonlJournal", "TornTail"]
