"""Reading a file of event lines as an auditor does: every line is answered for, no fault stops the rest.

:func:`read_lines` goes through the file once. :class:`CaseIndex` finds where the lines of each case stand,
so that a file of many interleaved cases can be read case by case with little memory. Neither changes the file.
"""

from __future__ import annotations

import io
import os
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

import msgspec

from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.codec import decode, is_link, link
from shuroflow.storage.journal import Closing

Line = tuple[int, Event | InputError]
"""The number of a line, from 1, and the event on it or what is wrong with it."""

BOM = b"\xef\xbb\xbf"
"""The byte order mark that some editors put before the first line; it is passed over."""
_BUFFER = 1 << 20
_HEAD = b'{"case_id":"'
_NEXT = b',"case_id":"'


def batch_of(raw: bytes) -> int:
    """How many lines of one append, this one included, are still to come: 1 unless a journal wrote otherwise.

    The count is looked for where the journal puts it, at the head of the line.
    """
    if not raw.startswith(b'{"batch":'):
        return 1
    digits, comma, _ = raw[9:29].partition(b",")
    return int(digits) if comma and digits.isdigit() else 1


def body_of(raw: bytes) -> bytes:
    """The event of a stored line as its bytes: without the line end (LF or CR LF) and the count of :func:`batch_of`."""
    body = raw.removesuffix(b"\n").removesuffix(b"\r")
    return b"{" + body.split(b",", 1)[1] if batch_of(raw) > 1 else body


def read_lines(path: str | Path) -> Iterator[Line]:
    """Every line of the file in order, each with its number and its event or its fault.

    A fault is an :class:`~shuroflow.errors.InputError` with file and line: a line that is no event, a blank line
    (but for one at the end), a last line without its line end, the lines of an append whose last line is missing.
    A byte order mark at the start is passed over.

    Raises:
        Unavailable: if the file cannot be read.
    """
    with _opened(path) as file:
        held: list[Line] = []  # lines of an append whose last line is still to come
        for number, raw in enumerate(file, 1):
            if not raw.strip() and file.tell() == Path(path).stat().st_size:
                break
            found = _read(path, number, raw)
            if raw.endswith(b"\n"):
                held.append((number, found))
                if batch_of(raw) > 1:
                    continue
                yield from held
                held.clear()
            else:
                yield from _unfinished(path, held)
                held.clear()
                yield number, found
        yield from _unfinished(path, held)


class CaseIndex(Closing):
    """Where the lines of each case stand in a file, in order of first appearance.

    Neighbouring lines of one case are one run. A run costs about 17 bytes and a case about 180, so a million
    interleaved lines of 80,000 cases fit into less than 30 MB. The file is kept open until :meth:`close`.
    """

    def __init__(self, path: str | Path, file: io.FileIO) -> None:
        self.path = Path(path)
        self._file = file  # without a buffer: one would fetch a megabyte for every run
        self._starts = array("Q", [0])  # runs are numbered from 1: 0 is "none"
        self._next = array("I", [0])
        self._counts = bytearray(1)
        self._numbers = array("I", [0])  # line number at which the run begins
        self._lines = 0
        self._size = 0
        self._unfinished_from = 0
        self.torn_from: int | None = None
        """The line from which on the end of the file was never acknowledged: no line end, or an append broken off."""
        self._ids: dict[bytes, int] = {b"": 0}  # case 0: lines of which no case can be told
        self._first = array("I", [0])
        self._last = array("I", [0])

    @classmethod
    def build(cls, path: str | Path) -> Self:
        """The index of the file as it stands.

        Raises:
            Unavailable: if the file cannot be read.
        """
        file = _opened(path)
        offset = file.tell()
        index = cls(path, file.raw)
        try:
            index._fill(file, offset)
        except OSError as error:
            file.close()
            raise Unavailable(f"cannot be read to its end: {error.strerror}", where=str(path)) from None
        file.detach()
        return index

    def __len__(self) -> int:
        """The number of cases."""
        return len(self._ids) - 1

    @property
    def line_count(self) -> int:
        """The number of lines, good or bad."""
        return self._lines

    def cases(self) -> Iterator[str]:
        """The ids of the cases, in the order of their first line."""
        return (raw.decode() for raw in self._ids if raw)

    def lines(self, case_id: str) -> Iterator[Line]:
        """The lines of one case in the order of the file, each with its number and its event or its fault.

        An event that follows by its number, but does not link to the line before it, is a fault too.
        """
        try:
            number = self._ids.get(case_id.encode(), 0)
        except UnicodeEncodeError:
            number = 0
        if number == 0:
            return
        before: tuple[int, Event | InputError, bytes] | None = None
        for line, found, raw in self._walk(self._first[number]):
            fault = None
            if isinstance(found, Event):
                if found.case_id != case_id:
                    said = f"once as {case_id!r} and once as {found.case_id!r}; keep one"
                    fault = InputError(f"this key stands twice on the line, {said}", field="case_id", case_id=case_id)
                else:
                    fault = _unlinked(found, before)
            before = line, found, raw
            yield line, found if fault is None else fault.at(file=str(self.path), line=line)

    def whole(self, case_id: str) -> list[Event] | None:
        """The events of a case if all its lines are in order: read, of this case and its programme, numbered from 1.

        ``None`` where anything is amiss, also in the links of the events; :meth:`lines` then tells what. An audit goes
        this short way with most cases.
        """
        from hashlib import sha256  # here, because loading it takes longer than opening a file

        events: list[Event] = []
        run = self._first[self._ids[case_id.encode()]]
        descriptor = self._file.fileno()
        before: bytes | None = None
        while run:
            start, end = self._starts[run], self._starts[run + 1]
            block = read_at(descriptor, end - start, start)
            if len(block) != end - start or end > self._unfinished_from:
                return None
            for raw in (block,) if self._counts[run] == 1 else _split(block):
                if not raw.endswith(b"}\n"):
                    return None
                try:
                    event = decode(raw)
                except InputError:
                    return None
                events.append(event)
                if event.seq != len(events) or event.case_id != case_id or event.programme != events[0].programme:
                    return None
                prev = event.prev
                if prev is not None and is_link(prev):
                    if before is None:
                        return None
                    body = before[:-1] if before.startswith(_HEAD) else body_of(before)
                    if sha256(b"\x00" + body).hexdigest() != prev[8:]:  # `link`, without its price a million times
                        return None
                before = raw
            run = self._next[run]
        return events

    def strays(self) -> Iterator[Line]:
        """The lines of which no case can be told, each with its fault."""
        for line, found, _ in self._walk(self._first[0]):
            if isinstance(found, Event):  # the head of the line deceived the index
                found = InputError("no case can be told from this line").at(file=str(self.path), line=line)  # noqa: PLW2901
            yield line, found

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # ------------------------------------------------------------ inside

    def _fill(self, file: Iterable[bytes], offset: int) -> None:
        ids, starts, counts, follows = self._ids, self._starts, self._counts, self._next
        first, last, numbers = self._first, self._last, self._numbers
        lines, latest = 0, -1
        batch_from: int | None = None
        batch_line, raw = 0, b"\n"
        for raw in file:
            if raw.startswith(_HEAD):
                end = raw.find(b'"', 12)
                key = raw[12:end] if end > 0 else b""
                if 92 in key:
                    key = _case_of(raw)
                more = False
            else:
                more = batch_of(raw) > 1
                key = _case_in_batch(raw) if more else _case_of(raw)
            if more:
                if batch_from is None:
                    batch_from, batch_line = offset, lines + 1
            elif batch_from is not None and raw.endswith(b"\n"):
                batch_from = None
            number = ids.get(key)
            if number is None:
                number = self._new_case(key)
            if number == latest and counts[-1] < 255:
                counts[-1] += 1
            else:
                run = len(starts)
                numbers.append(lines + 1)
                starts.append(offset)
                counts.append(1)
                follows.append(0)
                if first[number]:
                    follows[last[number]] = run
                else:
                    first[number] = run
                last[number] = run
                latest = number
            lines += 1
            offset += len(raw)
        starts.append(offset)  # where the last run ends
        self._lines, self._size = lines, offset
        self._unfinished_from = offset if batch_from is None else batch_from
        if batch_from is not None:
            self.torn_from = batch_line
        elif not raw.endswith(b"\n"):
            self.torn_from = lines

    def _new_case(self, key: bytes) -> int:
        try:
            key.decode()
        except UnicodeDecodeError:
            return 0
        number = self._ids[key] = len(self._ids)
        self._first.append(0)
        self._last.append(0)
        return number

    def _walk(self, run: int) -> Iterator[tuple[int, Event | InputError, bytes]]:
        """The lines from a run on, each with its number, its event or its fault, and its bytes."""
        descriptor = self._file.fileno()
        while run:
            start, end, number = self._starts[run], self._starts[run + 1], self._numbers[run]
            block = read_at(descriptor, end - start, start)
            while len(block) < end - start and (
                more := read_at(descriptor, end - start - len(block), start + len(block))
            ):
                block += more
            offset = start
            for raw in (block,) if self._counts[run] == 1 else _split(block):
                at, offset = offset, offset + len(raw)
                if offset == self._size and not raw.strip():
                    break
                found = _read(self.path, number, raw)
                if at >= self._unfinished_from and raw.endswith(b"\n"):
                    [(_, found)] = _unfinished(self.path, [(number, found)])
                yield number, found, raw
                number += 1
            run = self._next[run]


if hasattr(os, "pread"):
    read_at = os.pread
else:

    def read_at(descriptor: int, length: int, offset: int, /) -> bytes:
        """So many bytes from an offset on, or fewer; Windows has no such call."""
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, length)


def _opened(path: str | Path) -> io.BufferedReader[io.FileIO]:
    try:
        file = io.BufferedReader(io.FileIO(path), _BUFFER)
        if file.read(3) != BOM:
            file.seek(0)
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=str(path)) from None
    return file


def _read(path: str | Path, number: int, raw: bytes) -> Event | InputError:
    try:
        if raw.endswith(b"}\n"):
            return decode(raw)
        if not raw.endswith(b"\n"):
            said = "the last line has no line end: it was perhaps not written whole and counts for nothing; "
            said += "add a line end if it is whole"
            raise InputError(said)
        if not raw.strip():
            raise InputError("a blank line between events; remove it")
        return decode(raw)
    except InputError as error:
        return error.at(file=str(path), line=number)


def _unfinished(path: str | Path, lines: list[Line]) -> Iterator[Line]:
    said = "belongs to an append of several events whose end is missing, so none of it was recorded; remove the line"
    for number, found in lines:
        yield number, InputError(said, case_id=found.case_id).at(file=str(path), line=number)


def _unlinked(event: Event, before: tuple[int, Event | InputError, bytes] | None) -> InputError | None:
    """What is wrong if an event links to another line than the one before it in its case.

    Told where it follows by its number; where it does not, or the line before it cannot be read, that is the fault.
    """
    if not is_link(event.prev):
        return None
    if before is None:
        said = "links to an event before it, but is the first: that one is gone, or this one is not what was recorded"
        return InputError(said, field="prev", case_id=event.case_id) if event.seq == 1 else None
    number, last, raw = before
    if not isinstance(last, Event) or event.seq != last.seq + 1 or link(body_of(raw)) == event.prev:
        return None
    said = f"does not link to the event before it, on line {number}: one of the two is not what was recorded; "
    return InputError(said + "compare them with a checkpoint or a backup", field="prev", case_id=event.case_id)


def _split(block: bytes) -> list[bytes]:
    """Lines by line feed alone, with it; a carriage return is a blank of JSON."""
    *whole, rest = block.split(b"\n")
    lines = [line + b"\n" for line in whole]
    return [*lines, rest] if rest else lines


class _Head(msgspec.Struct, gc=False):
    """As much of a line as tells its case."""

    case_id: str


_decode_head = msgspec.json.Decoder(_Head).decode


def _case_of(raw: bytes) -> bytes:
    """The id of the case as UTF-8; empty where none can be told."""
    try:
        return _decode_head(raw).case_id.encode()
    except (msgspec.MsgspecError, ValueError):
        return b""


def _case_in_batch(raw: bytes) -> bytes:
    """The same for a line that begins with its count: what follows it is looked at first."""
    start = raw.index(b",")
    if raw.startswith(_NEXT, start):
        start += len(_NEXT)
        key = raw[start : raw.find(b'"', start)]
        if 92 not in key:
            return key
    return _case_of(raw)


__all__ = ["BOM", "CaseIndex", "Line", "batch_of", "body_of", "read_at", "read_lines"]
