"""Reading a file of event lines as an auditor does: every line is answered for, no fault stops the rest.

:func:`read_lines` goes through the file once. To read a file of many interleaved cases case by case, there is the
index of :mod:`.caseindex`. Neither changes the file.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.codec import decode

Line = tuple[int, Event | InputError]
"""The number of a line, from 1, and the event on it or what is wrong with it."""

BOM = b"\xef\xbb\xbf"
"""The byte order mark that some editors put before the first line; it is passed over."""
_BUFFER = 1 << 20


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
    with opened(path) as file:
        held: list[Line] = []  # lines of an append whose last line is still to come
        for number, raw in enumerate(file, 1):
            if not raw.strip() and file.tell() == Path(path).stat().st_size:
                break
            found = found_on(path, number, raw)
            if raw.endswith(b"\n"):
                held.append((number, found))
                if batch_of(raw) > 1:
                    continue
                yield from held
                held.clear()
            else:
                yield from unfinished(path, held)
                held.clear()
                yield number, found
        yield from unfinished(path, held)


if hasattr(os, "pread"):
    read_at = os.pread
else:

    def read_at(descriptor: int, length: int, offset: int, /) -> bytes:
        """So many bytes from an offset on, or fewer; Windows has no such call."""
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, length)


def bytes_at(descriptor: int, length: int, start: int, *, file: str) -> bytes:
    """So many bytes of a file, from there on.

    Raises:
        Unavailable: if it has become shorter, or cannot be read any more.
    """
    try:
        block = read_at(descriptor, length, start)
        while len(block) < length:
            more = read_at(descriptor, length - len(block), start + len(block))
            if not more:
                raise Unavailable("became shorter while it was read; try again", where=file)
            block += more
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; try again", where=file) from None
    return block


def opened(path: str | Path) -> io.BufferedReader[io.FileIO]:
    """The file for reading, past its byte order mark.

    Raises:
        Unavailable: if it cannot be read.
    """
    try:
        file = io.BufferedReader(io.FileIO(path), _BUFFER)
        if file.read(3) != BOM:
            file.seek(0)
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=str(path)) from None
    return file


def found_on(path: str | Path, number: int, raw: bytes) -> Event | InputError:
    """The event on a line, or what is wrong with it, with file and line."""
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


def unfinished(path: str | Path, lines: list[Line]) -> Iterator[Line]:
    """The lines of an append whose last line is missing, each with its fault."""
    said = "belongs to an append of several events whose end is missing, so none of it was recorded; remove the line"
    for number, found in lines:
        yield number, InputError(said, case_id=found.case_id).at(file=str(path), line=number)


__all__ = [
    "BOM",
    "Line",
    "batch_of",
    "body_of",
    "bytes_at",
    "found_on",
    "opened",
    "read_at",
    "read_lines",
    "unfinished",
]
