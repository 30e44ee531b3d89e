"""The lines of one case as bytes, taken out of a file and not yet looked into.

Taking them out and reading them are two things, so that whoever reads them needs no file: another process, on this
machine or another. Every line is answered for, and no fault stops the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.caseruns import RUN, lines_at
from shuroflow.storage.codec import chain_holds, decode_all, is_link, link
from shuroflow.storage.lines import Line, body_of, found_on, unfinished

_HEAD = b'{"case_id":"'


class CaseLines(msgspec.Struct, frozen=True, gc=False):
    """All lines of one case in the order of the file.

    ``places`` tells where they stood: its runs in the order of the file, each as :data:`RUN` packs it. ``torn_from`` is
    the line from which on the end of the file was never acknowledged, if its end is torn.

    As a struct that the collector of garbage does not look at: an audit by several processes holds thousands.
    """

    file: str
    case_id: str
    places: bytes
    block: bytes
    torn_from: int | None = None

    def __len__(self) -> int:
        """The number of lines."""
        return lines_at(self.places)

    def lines(self) -> Iterator[Line]:
        """Each line with its number and its event or its fault.

        An event that follows by its number, but does not link to the line before it, is a fault too.
        """
        before: tuple[int, Event | InputError, bytes] | None = None
        for line, found, raw in self.each():
            fault = None
            if isinstance(found, Event):
                if found.case_id != self.case_id:
                    said = f"once as {self.case_id!r} and once as {found.case_id!r}; keep one"
                    said = f"this key stands twice on the line, {said}"
                    fault = InputError(said, field="case_id", case_id=self.case_id)
                else:
                    fault = _unlinked(found, before)
            before = line, found, raw
            yield line, found if fault is None else fault.at(file=self.file, line=line)

    def whole(self) -> list[Event] | None:
        """The events if all lines are in order: read, of this case and its programme, numbered from 1.

        ``None`` where anything is amiss, also in the links of the events; :meth:`lines` then tells what. An audit goes
        this short way with most cases.
        """
        if self.torn_from is not None and any(number >= self.torn_from for number in self.numbers()):
            return None
        raw = self.block.split(b"\n")
        if raw.pop():  # the last line has no line end
            return None
        events = decode_all(self.block, raw)
        if not events:
            return None
        case_id, programme = self.case_id, events[0].programme
        for seq, event in enumerate(events, 1):
            if event.seq != seq or event.case_id != case_id or event.programme != programme:
                return None
        bodies = [line if line.startswith(_HEAD) else body_of(line) for line in raw]
        return events if chain_holds(events, bodies) else None

    def each(self) -> Iterator[tuple[int, Event | InputError, bytes]]:
        """Each line with its number, its event or its fault, and its bytes; links are not looked at.

        Raises:
            Unavailable: if other lines stand there by now than did when their places were found.
        """
        lines = split(self.block)
        if len(lines) != len(self):
            raise Unavailable("was changed while it was read; try again", where=self.file)
        for number, raw in zip(self.numbers(), lines, strict=True):
            found = found_on(self.file, number, raw)
            if self.torn_from is not None and number >= self.torn_from and raw.endswith(b"\n"):
                [(_, found)] = unfinished(self.file, [(number, found)])
            yield number, found, raw

    def numbers(self) -> Iterator[int]:
        """The number of each line."""
        for _, first, _, count in RUN.iter_unpack(self.places):
            yield from range(first, first + count)


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


def split(block: bytes) -> list[bytes]:
    """Lines by line feed alone, with it; a carriage return is a blank of JSON."""
    *whole, rest = block.split(b"\n")
    lines = [line + b"\n" for line in whole]
    return [*lines, rest] if rest else lines


__all__ = ["CaseLines", "split"]
