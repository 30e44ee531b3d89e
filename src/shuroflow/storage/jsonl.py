"""A journal in one file of JSON Lines that a person can read and any tool can process.

Each event is one line, written as :func:`~shuroflow.storage.codec.encode` gives it. An append is one write, flushed to
the disk before it is acknowledged, under a lock that other processes respect. The line end is the mark that a line is
whole. The lines of an append of several events, or of a load, begin with ``"batch":n``, counting down how many of them
are still to come, so that of an append whose end is missing no line counts. The file is the only truth: the index in
memory is made from it when it is opened and taken further when it grows, and a copy of the index that a large file has
beside it is used only as far as it fits the file byte by byte.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from shuroflow.errors import Conflict, Damaged, InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.codec import canonical, decode, is_link, link
from shuroflow.storage.filelock import flush_folder, flush_to_disk, locked
from shuroflow.storage.index import FileIndex, TornTail
from shuroflow.storage.journal import Appended, Closing, Record, chained, check_chain, prepare, repeated
from shuroflow.storage.lines import body_of, read_at

_FEED = 1 << 18  # bytes read at once for a feed
_KEPT = 64  # cases whose keys are remembered
_MOST = 1 << 30  # bytes given to one write: no system takes more than 2 GiB at once


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
        self._place = self.path.absolute()
        self._copy = self._place.with_name(self._place.name + ".index")
        self._lock = threading.RLock()
        self._index = FileIndex(self.where)
        self._keys: dict[str, tuple[int, dict[str, list[int]]]] = {}  # case → version looked at, key → seqs
        self._torn: TornTail | None = None
        self._flushed = 0  # how many bytes a flush of ours has answered for
        self._stopped: str | None = None
        with self._told():
            self._file, self._writable = self._open_file(create)
            try:
                self._fill()
            except BaseException:
                with contextlib.suppress(OSError):
                    self._file.close()
                raise

    @property
    def torn(self) -> TornTail | None:
        """The torn end of the file, if it has one: it is no part of the journal.

        The next append cuts it off and keeps it in a file beside, ``cases.jsonl.torn-LINE-BYTE``.
        """
        return self._torn

    # ------------------------------------------------------------ the port

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none, with one write; see :meth:`.journal.Journal.append`."""
        ready = prepare(case_id, events, expected=expected, key=key)
        with self._writing():
            if key is not None and (seqs := self._seqs_of(case_id, key)):
                self._settle()
                known = self._events(case_id, after=seqs[0] - 1)
                return repeated(case_id, key, ready, first=[event for event in known if event.key == key])
            actual = self._index.version(case_id)
            if actual != expected:
                raise Conflict(case_id, expected=expected, actual=actual)
            last = self._last(case_id)
            written, bodies = chained(ready, last=last, case_id=case_id, expected=expected)
            self._write(bodies)
        latest = bodies[-1] if bodies else last
        return Appended(case_id, expected + len(written), written, head=link(latest) if latest else None)

    def load(self, bodies: Sequence[bytes]) -> int:
        """Append canonical bodies as they stand, all or none, as one append; see :meth:`.journal.Bulk.load`."""
        events = [_checked(body) for body in bodies]
        with self._writing():
            last: dict[str, tuple[int, bytes | None]] = {}
            for event, body in zip(events, bodies, strict=True):
                case_id = event.case_id
                version, before = last.get(case_id) or (self._index.version(case_id), self._last(case_id))
                fits = not is_link(event.prev) or (before is not None and link(before) == event.prev)
                if event.seq != version + 1 or not fits:
                    raise Conflict(case_id, expected=event.seq - 1, actual=version)
                last[case_id] = event.seq, body
            self._write(bodies)
            return len(self._index)

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, in the order of ``seq``; an empty list if there are none."""
        with self._reading():
            return self._events(case_id, after=max(0, after))

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        with self._reading():
            return self._index.version(case_id)

    def scan(self) -> Iterator[Event]:
        """All events, case by case in the order of first recording."""
        for case_id in self.cases():
            yield from self.read(case_id)

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order in which they were first recorded."""
        with self._reading():
            return iter(self._index.cases())

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """The records beyond position ``after``, in the order of the file."""
        with self._reading():
            after, end = max(after, 0), len(self._index)
        while after < end:
            with self._lock, self._told():
                self._check_open()
                first, after, raws = after + 1, *self._block(after + 1, end)
            for position, raw in enumerate(raws, first):
                yield Record(position, body_of(raw), self._decoded(raw, position))

    def size(self) -> int:
        """The number of records."""
        with self._reading():
            return len(self._index)

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        with self._lock:
            if not self._file.closed:
                try:
                    self._save()
                finally:
                    with contextlib.suppress(OSError):  # whatever was acknowledged is on the disk already
                        self._file.close()

    # ------------------------------------------------------------ opening and locking

    def _open_file(self, create: bool) -> tuple[io.FileIO, bool]:
        if self.path.is_dir():
            raise Unavailable("this is a folder; name a .jsonl file in it", where=self.where)
        if not self.path.parent.is_dir():
            raise Unavailable(f"there is no folder {str(self.path.parent)!r}; make it first", where=self.where)
        if not create and not self.path.exists():
            raise Unavailable("there is no such file; check the path, or create it first", where=self.where)
        try:
            file, writable = io.FileIO(self.path, "a+"), True
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            file, writable = io.FileIO(self.path, "r"), False
        return file, writable

    def _fill(self) -> None:
        """Learn what the open file holds."""
        status = os.fstat(self._file.fileno())
        if status.st_size == 0 and self._writable:
            flush_folder(self.path.parent)  # nothing was acknowledged yet, so perhaps not even the name is durable
        self._index.restore(self._copy, self._read, status.st_size)
        self._refresh()
        self._save()

    def _save(self) -> None:
        """Put a copy of the index beside the file, where that helps the next one who opens it."""
        if self._writable:
            with contextlib.suppress(OSError):
                self._index.save(self._copy, os.fstat(self._file.fileno()).st_mode)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What the operating system refuses is told as an error of ours."""
        try:
            yield
        except OSError as error:
            said = f"cannot be opened, locked or read: {error.strerror}; check the path and the disk"
            raise Unavailable(said, where=self.where) from None

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Alone among the threads, with what other processes appended since."""
        with self._lock, self._told():
            self._check_open()
            self._refresh()
            yield

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone among threads and processes, with what was appended so far."""
        with self._lock, self._told():
            self._check_open()
            if not self._writable:
                raise Unavailable("the file may only be read; check its permissions", where=self.where)
            with locked(self._file.fileno(), exclusive=True):
                self._take_in()
                yield

    def _check_open(self) -> None:
        if self._file.closed:
            raise Unavailable("the journal is closed; open it again", where=self.where)
        if self._stopped:
            raise Unavailable(f"stopped after a failed write ({self._stopped}); open it again", where=self.where)

    def _size(self) -> int:
        """The length of the file, which must still be the one that the path names."""
        ours = os.fstat(self._file.fileno())
        try:
            same = os.path.samestat(ours, os.stat(self._place))
        except FileNotFoundError:
            same = False
        if not same:
            raise Unavailable("the file was moved or replaced since it was opened; open it again", where=self.where)
        return ours.st_size

    def _refresh(self) -> None:
        if self._size() == self._index.end:
            self._torn = None
        else:
            with locked(self._file.fileno(), exclusive=False):
                self._take_in()

    def _take_in(self) -> None:
        """Read on from the last whole append; the lock is held."""
        end, size = self._index.end, self._size()
        if size < end:
            said = f"the file is {size} bytes long, but {end} bytes of it were read before: its end was cut off"
            raise Damaged(said, where=self.where, offset=size)
        self._torn = self._index.take_in(self._read, size)

    # ------------------------------------------------------------ reading

    def _read(self, length: int, offset: int) -> bytes:
        block: bytes = read_at(self._file.fileno(), length, offset)
        return block

    def _block(self, first: int, last: int) -> tuple[int, list[bytes]]:
        """The lines from one event on, about as many as are read at once, and the position of the last of them."""
        until = self._index.until(first, _FEED, last)
        return until, self._lines(first, until)

    def _lines(self, first: int, last: int) -> list[bytes]:
        start, end = self._index.span(first, last)
        block = b""
        while len(block) < end - start:
            more = self._read(end - start - len(block), start + len(block))
            if not more:
                raise self._damaged("the end of the file was cut off while it was read", first)
            block += more
        lines = block.split(b"\n")
        if len(lines) != last - first + 2 or lines.pop():
            raise self._damaged("the file was rewritten since it was read: its lines stand elsewhere now", first)
        return lines

    def _line(self, position: int) -> bytes:
        return self._lines(position, position)[0]

    def _decoded(self, raw: bytes, position: int) -> Event:
        try:
            return decode(raw)
        except InputError as error:
            raise self._damaged(str(error), position) from None

    def _damaged(self, said: str, position: int) -> Damaged:
        return Damaged(said, where=self.where, line=position, offset=self._index.span(position)[0])

    def _events(self, case_id: str, *, after: int = 0) -> list[Event]:
        return [event for event, _ in self._walk(case_id, after)]

    def _walk(self, case_id: str, after: int) -> Iterator[tuple[Event, bytes]]:
        """The events of a case beyond a version with their bodies, each checked against its place and its link."""
        last = None
        for seq, position in enumerate(self._index.positions(case_id, after=after - 1), max(after, 1)):
            raw = self._line(position)
            body = body_of(raw)
            if seq > after:
                event = self._decoded(raw, position)
                if event.case_id != case_id or event.seq != seq:
                    raise self._damaged(f"event {seq} of case {case_id!r} stood here and is gone", position)
                offset = self._index.span(position)[0]
                check_chain(event, last=last, where=self.where, line=position, offset=offset)
                yield event, body
            last = body

    def _last(self, case_id: str) -> bytes | None:
        """The stored body of the last event of a case."""
        bodies = [body for _, body in self._walk(case_id, self._index.version(case_id) - 1)]
        return bodies[0] if bodies else None

    def _seqs_of(self, case_id: str, key: str) -> list[int]:
        """The events of a case that were recorded under a key."""
        seen, keys = self._keys.pop(case_id, (0, {}))
        for event in self._events(case_id, after=seen):
            seen = event.seq
            if event.key is not None:
                keys.setdefault(event.key, []).append(seen)
        self._keys[case_id] = seen, keys
        if len(self._keys) > _KEPT:
            del self._keys[next(iter(self._keys))]
        return keys.get(key, [])

    # ------------------------------------------------------------ writing

    def _write(self, bodies: Sequence[bytes]) -> None:
        """Put the events at the end and on the disk, or leave the file as it was; the lock is held."""
        if not bodies:
            return
        block = b"".join(_lines(bodies))
        descriptor = self._file.fileno()
        try:
            if self._torn:
                self._set_aside(self._torn)
                os.ftruncate(descriptor, self._index.end)
            written = sum(os.write(descriptor, block[start : start + _MOST]) for start in range(0, len(block), _MOST))
            if written < len(block):  # a full disk takes a part first and complains only at the next write
                raise OSError(errno.ENOSPC, f"only {written} of {len(block)} bytes were taken, the disk may be full")
        except BaseException as error:
            self._undo()
            if not isinstance(error, OSError):
                raise
            said = f"cannot be written: {error.strerror}; nothing was recorded"
            raise Unavailable(said, where=self.where) from None
        try:
            self._flush()
        except BaseException:
            self._undo()  # until that is on the disk too, the bytes may come back when the power goes
            raise
        self._torn = None
        self._index.add(block)
        self._flushed = self._index.end

    def _set_aside(self, torn: TornTail) -> None:
        """Keep the torn end in a file of its own before it is cut off: another tool may have left it, and meant it."""
        beside = self._place.with_name(f"{self._place.name}.torn-{torn.line}-{torn.offset}")
        with open(beside, "wb") as file:
            at, end = torn.offset, torn.offset + torn.length
            while at < end and (block := self._read(end - at, at)):
                at += file.write(block)
            file.flush()
            flush_to_disk(file.fileno())

    def _flush(self) -> None:
        """Have on the disk what the file holds; after a failure the journal stops.

        What the disk holds then is unknown, and asking again would answer for less than what was written.
        """
        try:
            flush_to_disk(self._file.fileno())
        except BaseException as error:
            self._stopped = getattr(error, "strerror", None) or "interrupted"
            if not isinstance(error, OSError):
                raise
            said = f"cannot be flushed to the disk: {error.strerror}; open the journal again and see what it holds"
            raise Unavailable(said, where=self.where) from None

    def _settle(self) -> None:
        """Answer for events that another process wrote: it may have ended before it flushed them."""
        if self._flushed < self._index.end:
            self._flush()
            self._flushed = self._index.end

    def _undo(self) -> None:
        """Cut off what was written of an append that failed; what cannot be cut off and is not whole is a torn tail."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._file.fileno(), self._index.end)


def _checked(body: bytes) -> Event:
    event = decode(body)
    if canonical(body) != body:
        said = "not in canonical form: keys sorted, no blanks, no escapes but those JSON demands"
        raise InputError(said, case_id=event.case_id)
    return event


def _lines(bodies: Sequence[bytes]) -> Iterator[bytes]:
    """The lines of one append; ``batch`` sorts before every other key, so they stay canonical."""
    for left, body in zip(range(len(bodies), 0, -1), bodies, strict=True):
        yield body + b"\n" if left == 1 else b'{"batch":%d,%s\n' % (left, body[1:])


__all__ = ["JsonlJournal", "TornTail"]
