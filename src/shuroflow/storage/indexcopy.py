"""The copy of an index on disk: written beside a large journal, read again, and checked against the file line by line.

A copy says where each line starts and to which case it belongs, no more. Its own hash tells whether it is whole, and
the hash of the file whether the file still begins with the bytes it was made from. Neither tells who made it: whoever
can write into the folder can write a copy with both hashes right. So each line it names is looked at: a line must
start there, and it must be of that case; and there must be no other. Numbers and order of the events of a case follow
from that. What stands behind the case on a line is not read here; it is checked when the event is.

One thing is taken from a line without reading all of it: where the line begins with a case, that is its case. A line
on which the key ``case_id`` stands twice, which no journal writes, may so be listed under the first of the two, while
reading goes by the last and tells the damage only to whoever asks for the first.
"""

from __future__ import annotations

import contextlib
import os
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import lt
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import attrs
import msgspec

from shuroflow.storage.lines import BOM, batch_of

if TYPE_CHECKING:
    from hashlib import _Hash as HASH

BLOCK = 1 << 20
"""Bytes of a file that are read at once."""

_MAGIC = b"shuroflow index 2 %s\n" % sys.byteorder.encode()

ReadAt = Callable[[int, int], bytes]
"""Gives so many bytes (at least one, if there are any) from an offset on."""


class Head(msgspec.Struct, gc=False):
    """As much of a line as an index needs."""

    case_id: str
    seq: int


HEADS = msgspec.json.Decoder(Head)
"""Reads the head of one line, or of many."""


class _Preface(msgspec.Struct):
    """What stands before the numbers in a copy on disk."""

    end: int
    digest: bytes
    events: int
    cases: list[str]


@attrs.frozen
class Copy:
    """What a copy says of the first ``end`` bytes of a file.

    ``starts`` has the first byte of each line and at its end ``end``, ``owners`` for each line the place of its case in
    ``cases``, which stand in the order in which they appear.
    """

    end: int
    digest: bytes
    cases: list[str]
    starts: array[int]
    owners: array[int]


_decode = msgspec.msgpack.Decoder(_Preface).decode
_encode = msgspec.msgpack.Encoder().encode
_UNREADABLE = (OSError, EOFError, ValueError, RecursionError, msgspec.MsgspecError)


def write(path: Path, copy: Copy, mode: int) -> None:
    """Put a copy on disk, whole or not at all.

    A copy cut short by a crash does not fit its own hash, so it needs no flushing.

    Raises:
        OSError: if it cannot be written; the copy that was there still is.
    """
    preface = _encode(_Preface(copy.end, copy.digest, len(copy.owners), copy.cases))
    parts: list[bytes | array[int]] = [len(preface).to_bytes(8, "little"), preface, copy.starts, copy.owners]
    digest = sha256()
    for part in parts:
        digest.update(part)
    new = path.with_name(path.name + ".new")
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)
        with open(new, "xb", opener=lambda name, flags: os.open(name, flags, mode & 0o666)) as file:
            file.writelines([_MAGIC, digest.digest(), *parts])
        os.replace(new, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise


def read(path: Path) -> Copy | None:
    """The copy on disk; none if there is none, or none that is whole. What it says is still to be checked."""
    with contextlib.suppress(*_UNREADABLE), open(path, "rb") as file:
        if file.readline(len(_MAGIC)) != _MAGIC or file.read(32) != _hash_of(file):
            return None
        left = file.tell() - len(_MAGIC) - 32 - 8
        file.seek(len(_MAGIC) + 32)
        length = int.from_bytes(file.read(8), "little")
        if length > left:
            return None
        preface = _decode(file.read(length))
        starts, owners = array("Q"), array("I")
        # Room is made for numbers that are there, not for as many as it says.
        if (preface.events + 1) * starts.itemsize + preface.events * owners.itemsize != left - length:
            return None
        starts.fromfile(file, preface.events + 1)
        owners.fromfile(file, preface.events)
        return Copy(preface.end, preface.digest, preface.cases, starts, owners)
    return None


def check(copy: Copy, read_at: ReadAt, size: int) -> HASH | None:
    """The hash of the bytes that the copy covers, to go on from; none unless all it says of them is so.

    Args:
        copy: what :func:`read` gave.
        read_at: reads the file.
        size: the length of the file in bytes.
    """
    starts, owners = copy.starts, copy.owners
    in_order = list(dict.fromkeys(owners)) == list(range(len(copy.cases))) and len(set(copy.cases)) == len(copy.cases)
    if not in_order or not starts[0] <= starts[-1] == copy.end <= size:
        return None
    if not all(map(lt, starts, islice(starts, 1, None))):
        return None
    digest = sha256()
    if starts[0]:
        bom = read_at(len(BOM), 0)
        if bom != BOM or starts[0] != len(BOM):
            return None
        digest.update(bom)
    lines = _Lines(copy.cases)
    for first, last in _blocks(starts):
        start, end = starts[first], starts[last]
        # With the end of the line before: a line is what stands between two of them.
        block = _whole(read_at, start - 1, end) if first else b"\n" + _whole(read_at, start, end)
        digest.update(memoryview(block)[1:])
        if len(block) != end - start + 1 or not lines.fit(block, starts[first:last], owners[first:last]):
            return None
    return digest if not lines.awaited and digest.digest() == copy.digest else None


def _blocks(starts: array[int]) -> Iterator[tuple[int, int]]:
    """The lines that are read at once: about a block, but one line at least."""
    first, end = 0, len(starts) - 1
    while first < end:
        last = max(bisect_right(starts, starts[first] + BLOCK, first, end + 1) - 1, first + 1)
        yield first, last
        first = last


def _whole(read_at: ReadAt, start: int, end: int) -> bytes:
    """The bytes from ``start`` to ``end``; fewer if the file ends before."""
    block = read_at(end - start, start)
    while len(block) < end - start and (more := read_at(end - start - len(block), start + len(block))):
        block += more
    return block


class _Lines:
    """Are the lines of a file those that a copy says? Asked block by block."""

    def __init__(self, cases: Sequence[str]) -> None:
        self._cases = cases
        self._begin = [b'\n{"case_id":%s,' % msgspec.json.encode(case_id) for case_id in cases]
        self.awaited = 0
        """How many lines of an append are still to come."""

    def fit(self, block: bytes, starts: array[int], owners: array[int]) -> bool:
        """Do lines begin at these bytes of the file and at no others, each with its case?

        The block has all of the lines, and before them the end of the line before, so that each stands behind one.
        """
        if not block.endswith(b"\n") or block.count(b"\n") != len(starts) + 1:
            return False
        base = starts[0]
        offsets = [start - base for start in starts]
        plain = list(map(block.startswith, map(self._begin.__getitem__, owners), offsets))
        if all(plain) and not self.awaited:
            return True
        awaited = self.awaited
        for usual, offset, owner in zip(plain, offsets, owners, strict=True):
            mark = b'\n{"batch":%d,' % awaited
            if usual:
                count = 1
            elif awaited > 1 and block.startswith(mark + self._begin[owner][2:], offset):
                count = awaited  # one of the many of a load, of which this is the quick way
            else:
                count = self._count(block, offset, owner)
            if not count or awaited not in {0, count}:
                return False
            awaited = count - 1
        self.awaited = awaited
        return True

    def _count(self, block: bytes, offset: int, owner: int) -> int:
        """How many lines of an append are to come with this one, which does not begin with its case; 0 if amiss."""
        if block[offset] != 10:
            return 0
        line = block[offset + 1 : block.index(b"\n", offset + 1)]
        try:
            fits = HEADS.decode(line).case_id == self._cases[owner]
        except (msgspec.MsgspecError, ValueError):
            return 0
        return batch_of(line) if fits else 0


def sha256() -> HASH:
    """A new hash; imported here, because not everyone who loads the library opens a journal."""
    from hashlib import sha256 as make

    return make()


def _hash_of(file: BinaryIO) -> bytes:
    """The hash of the rest of a file."""
    digest = sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.digest()


__all__ = ["BLOCK", "HEADS", "Copy", "Head", "ReadAt", "check", "read", "sha256", "write"]
