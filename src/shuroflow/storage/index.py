"""Where the lines of a journal file stand: made from the file, kept in memory, taken further when the file grows.

:class:`FileIndex` knows the start of every line and the lines of every case, in about 12 bytes an event and 200 a
case. What it says is checked against the line itself whenever a line is read.

A large journal opens from a copy of its index beside it (``cases.jsonl.index``). The file stays the only truth: the
copy counts only if the file still begins with the very bytes it was made from, and if each line begins where the copy
says and with the case that it says (:mod:`~shuroflow.storage.indexcopy`). That takes a fraction of the time of reading
the lines. A copy that is missing, damaged, or of other bytes is passed over and made anew; it can be deleted at any
time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from itertools import accumulate, count
from pathlib import Path

import attrs
import msgspec

from shuroflow.errors import Damaged
from shuroflow.storage import indexcopy
from shuroflow.storage.indexcopy import BLOCK, HEADS, Copy, Head, ReadAt, sha256
from shuroflow.storage.lines import BOM, batch_of

_WORTH = 8 << 20  # bytes of the file that a copy must save from being read
_LOW = (1 << 32) - 1


@attrs.frozen
class TornTail:
    """The end of a file that no append finished: from which line and byte on, and how many bytes."""

    line: int
    offset: int
    length: int


class FileIndex:
    """The whole appends at the front of a file. The position of an event is the number of its line.

    Args:
        where: the file, for the errors.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.end = 0
        """How many bytes of the file the index covers: up to here stand whole appends."""
        self._digest = sha256()  # of these bytes
        self._starts = array("Q", [0])  # of each line, and behind the last the end
        self._before = array("I")  # for each event the position of the one before it in its case; 0: none
        self._latest: dict[str, int] = {}  # case → version << 32 | position of its last event, in order of appearance
        self._copied = 0  # bytes of the file that the copy on disk covers

    def __len__(self) -> int:
        """The number of events: the position of the last."""
        return len(self._before)

    def cases(self) -> list[str]:
        """The ids of all cases, in the order in which they were first recorded."""
        return list(self._latest)

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        return self._latest.get(case_id, 0) >> 32

    def positions(self, case_id: str, *, after: int = 0) -> list[int]:
        """Where the events of a case beyond version ``after`` stand, in the order of ``seq``."""
        found = []
        latest = self._latest.get(case_id, 0)
        position = latest & _LOW
        for _ in range((latest >> 32) - max(after, 0)):
            found.append(position)
            position = self._before[position - 1]
        found.reverse()
        return found

    def span(self, first: int, last: int | None = None) -> tuple[int, int]:
        """The bytes from which to which an event stands, or all events from one to another."""
        return self._starts[first - 1], self._starts[first if last is None else last]

    def until(self, first: int, length: int, last: int) -> int:
        """The position up to which the lines from ``first`` on make no more than so many bytes; at least one line."""
        end = bisect_right(self._starts, self._starts[first - 1] + length, first, last + 1)
        return max(end - 1, first)

    # ------------------------------------------------------------ taking in

    def take_in(self, read_at: ReadAt, size: int) -> TornTail | None:
        """Read on from the last whole append to the end of the file; what is not whole there is told and left out.

        Nobody writes meanwhile, so whatever is not whole now never will be.

        Args:
            read_at: reads the file.
            size: the length of the file in bytes.

        Raises:
            Damaged: if a line is no event, or not the next one of its case, or an append breaks off before another.
        """
        offset = self.end
        parts: list[bytes] = []  # what was read of an append whose end is still to come
        missing, pending, due = 1, 0, 0  # line ends it still needs; bytes of it, and at how many it is looked at anyhow
        while offset < size:
            block = read_at(min(BLOCK, size - offset), offset)
            if not block:
                break
            if offset == 0 and block.startswith(BOM):
                self._digest.update(BOM)
                block = block[len(BOM) :]
                self.end = self._starts[0] = offset = len(BOM)
            offset += len(block)
            parts.append(block)
            ends = block.count(b"\n")
            missing, pending = missing - ends, pending + len(block)
            if missing <= 0 or offset >= size or (ends and pending >= due):
                data = b"".join(parts)
                taken, missing = self.add(data)
                parts, pending = [data[taken:]], len(data) - taken
                due = 2 * pending
        return TornTail(len(self) + 1, self.end, size - self.end) if self.end < size else None

    def add(self, data: bytes) -> tuple[int, int]:
        """Take in bytes that follow at the end, as far as they make whole appends.

        Returns:
            How many bytes these are, and how many more lines the append needs that the others begin.

        Raises:
            Damaged: as :meth:`take_in`.
        """
        lines = data.split(b"\n")
        lines.pop()
        missing = self._leave_whole(lines) if b'{"batch":' in data else 1
        if not lines:
            return 0, missing
        starts = array("Q", accumulate([len(line) + 1 for line in lines], initial=self.end))
        length = starts[-1] - self.end
        whole = data[:length]
        try:
            heads = HEADS.decode_lines(whole)
        except (msgspec.MsgspecError, ValueError):
            heads = []
        if len(heads) != len(lines):  # a blank line counts for nothing there
            heads = [
                self._head(line, number, start) for number, (line, start) in enumerate(zip(lines, starts, strict=False))
            ]
        self._enter(heads, starts)
        self._starts.extend(starts[1:])
        self._digest.update(whole)
        self.end += length
        return length, missing

    def _leave_whole(self, lines: list[bytes]) -> int:
        """Take the lines of an unfinished append off the end; how many lines it still needs."""
        whole, awaited, start = 0, 1, self.end
        for number, line in enumerate(lines):
            count = batch_of(line)
            if awaited > 1 and count != awaited - 1:
                raise self._damaged("an append of several events breaks off before this line", number, start)
            awaited = count
            start += len(line) + 1
            if count == 1:
                whole = number + 1
        del lines[whole:]
        return awaited

    def _head(self, line: bytes, number: int, start: int) -> Head:
        try:
            return HEADS.decode(line)
        except (msgspec.MsgspecError, ValueError) as error:
            said = f"no event of a journal: {error}; restore the file from a backup, or audit it to see what it holds"
            raise self._damaged(said, number, start) from None

    def _enter(self, heads: list[Head], starts: array[int]) -> None:
        """Enter the events under their cases: all, or none if one of them is misnumbered."""
        latest, known = self._latest, len(self)
        added: list[int] = []
        for position, head in enumerate(heads, known + 1):
            last = latest.get(head.case_id, 0)
            seq = (last >> 32) + 1
            if head.seq != seq:
                for done, before in zip(reversed(heads[: len(added)]), reversed(added), strict=True):
                    if before:
                        latest[done.case_id] = (done.seq - 1) << 32 | before
                    else:
                        del latest[done.case_id]
                said = f"event {head.seq} of case {head.case_id!r} stands where event {seq} belongs"
                raise self._damaged(said, len(added), starts[len(added)])
            added.append(last & _LOW)
            latest[head.case_id] = seq << 32 | position
        self._before.extend(added)

    def _damaged(self, said: str, number: int, start: int) -> Damaged:
        return Damaged(said, where=self.where, line=len(self) + 1 + number, offset=start)

    # ------------------------------------------------------------ the copy on disk

    def restore(self, path: Path, read_at: ReadAt, size: int) -> None:
        """Take the index over from its copy, if there is one and all it says of the file is so."""
        copy = indexcopy.read(path)
        digest = None if copy is None else indexcopy.check(copy, read_at, size)
        if copy is None or digest is None:
            return
        before, latest = array("I", bytes(4 * len(copy.owners))), [0] * len(copy.cases)
        for number, owner in enumerate(copy.owners):
            before[number] = latest[owner]
            latest[owner] = number + 1
        counts = Counter(copy.owners)
        self._digest, self._starts, self._before = digest, copy.starts, before
        self._latest = {case_id: counts[owner] << 32 | latest[owner] for owner, case_id in enumerate(copy.cases)}
        self.end = self._copied = copy.end

    def save(self, path: Path, mode: int) -> None:
        """Put a copy of the index on disk if it would spare the next reader a good deal.

        Raises:
            OSError: if it cannot be written; the copy that was there still is.
        """
        if self.end - self._copied < max(_WORTH, self.end // 8):
            return
        owners, cases = array("I"), count()
        for before in self._before:
            owners.append(owners[before - 1] if before else next(cases))
        indexcopy.write(path, Copy(self.end, self._digest.digest(), self.cases(), self._starts, owners), mode)
        self._copied = self.end


__all__ = ["FileIndex", "TornTail"]
