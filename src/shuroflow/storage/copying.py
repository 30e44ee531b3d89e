"""From one journal into another, whatever keeps them: every record in its order, resumable, compared at the end.

The target holds the beginning of the source at any moment, and a copy that was stopped goes on from there. Nothing but
the port is used, so that any adapter may stand on either side. What a journal keeps beside its events (papers kept
apart, a host's own tables) is not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice

import attrs
import msgspec

from shuroflow.errors import Conflict, Damaged, DuplicateKey, InputError
from shuroflow.events import Event
from shuroflow.events.envelope import SCHEMA
from shuroflow.storage.codec import canonical, encode, is_link, link
from shuroflow.storage.journal import Bulk, Journal, Record
from shuroflow.storage.scanning import is_canonical

Progress = Callable[[int, int], object]
"""Called with how many records were gone through, and how many there are to go through: comparing counts as well."""

CHUNK = 10_000


@attrs.frozen
class Copied:
    """What a copy did.

    ``size`` records stand in the target now: all that the source held when the copy began. ``copied`` of them were
    added by this call. ``rewritten`` of them stand there in other bytes than in the source, because those were not
    canonical, or because the target sets what links an event to the one before it. ``annexed`` of them speak of a paper
    that is kept apart, and that stays with the source.
    """

    size: int
    copied: int
    rewritten: int
    annexed: int

    @property
    def identical(self) -> bool:
        """Is every leaf the same, so that checkpoints of the source hold for the target too?"""
        return self.rewritten == 0


def copy(source: Journal, target: Journal, *, progress: Progress | None = None, chunk: int = CHUNK) -> Copied:
    """Bring the target to hold what the source holds, in the same order, and compare the two record by record.

    What is appended to the source meanwhile is left for the next call. The target may hold the beginning of the source
    already: from a copy that was stopped, or from an earlier one. It takes ``chunk`` records at a time, and never parts
    the records of one append under a key. A target that offers :meth:`~.journal.Bulk.load` gets the stored bytes, each
    chunk whole or not at all; any other one gets events through its ``append``, neighbours of one case together.

    Raises:
        InputError: if the target holds anything else, or cannot take a record as it is; if ``chunk`` is no number of
            records. What the target held before is unchanged.
        Damaged: if the source cannot be read to its end, or the two differ after all; it says at which position.
        Conflict: if someone else writes into the target.
        Unavailable: if one of them cannot be read or written; a later call goes on.
    """
    if chunk < 1:
        raise InputError(f"a chunk holds 1 record at least, got {chunk}", field="chunk")
    if source is target:
        raise InputError(f"{_name(source)}: source and target are the same journal; name another target")
    size, held = source.size(), target.size()
    if held > size:
        said = f"holds {held:,} records already, and the source only {size:,}: it is no beginning of a copy"
        raise InputError(f"{_name(target)}: {said}; name another target")
    tell = progress or _silent
    total = size if held == size else 2 * size
    by_append = not isinstance(target, Bulk)

    pairs = _pairs(source, _Form(links=by_append), size)
    counts = _compare(islice(pairs, held), target, held, tell=lambda done: tell(done, total), other=_other_content)
    if held == size:
        return Copied(size, 0, *counts)
    done = held
    for part in _chunks(pairs, chunk):
        now = (_append if by_append else _load)(part, source, target)
        done += len(part)
        if now != done:
            raise _disturbed(target, done, now)
        tell(done, total)
    again = _pairs(source, _Form(links=by_append), size)
    counts = _compare(again, target, size, tell=lambda done: tell(size + done, total), other=_difference)
    if (now := target.size()) != size:
        raise _disturbed(target, size, now)
    return Copied(size, size - held, *counts)


# ---------------------------------------------------------------- what the target is to hold


@attrs.frozen
class _Pair:
    """A record of the source, and what the target is to hold for it."""

    record: Record
    body: bytes
    event: Event


class _Form:
    """The bytes that the target is to hold for each record, from the first one on.

    A body is kept as it is where it is canonical; otherwise it is brought into that form, and what links to it is
    linked anew. Where the target sets the ``links`` itself, every event but the first of a case gets one. Remembered
    are the links to the last event of a case, as long as the two differ (with ``links``: always): some 400 bytes for
    each such case.
    """

    def __init__(self, *, links: bool) -> None:
        self._links = links
        self._last: dict[str, tuple[str, str]] = {}  # case → link to its last body in the source, and in the target

    def __call__(self, record: Record, *, where: str) -> _Pair:
        event = record.event
        old, new = self._last.get(event.case_id, (None, None))
        if old is not None and is_link(event.prev) and event.prev != old:
            said = f"event {event.seq} of case {event.case_id!r} does not link to the event before it: one of the two "
            said += f"is not what was recorded (position {record.position}); compare with a checkpoint or a backup"
            raise Damaged(said, where=where)
        if self._links:
            pair = self._linked(record, new, where)
        else:
            body = _canonical(record)
            if old is not None and new is not None and event.prev == old:
                at = body.rindex(b'"prev":"')  # the one of the envelope: nothing that comes after it has such a key
                body = body[:at] + body[at:].replace(old.encode(), new.encode(), 1)
                event = attrs.evolve(event, prev=new)
            pair = _Pair(record, body, event)
        if self._links or pair.body != record.body:
            self._last[event.case_id] = link(record.body), link(pair.body)
        else:
            self._last.pop(event.case_id, None)
        return pair

    def _linked(self, record: Record, prev: str | None, where: str) -> _Pair:
        event = record.event
        if event.prev is not None and not is_link(event.prev):
            said = f"the event at position {record.position} carries a `prev` of another tool, which a journal without "
            said += "`load` sets anew; name another target"
            raise InputError(said, file=where, field="prev", case_id=event.case_id)
        if event.prev != prev:
            event = attrs.evolve(event, prev=prev)
        return _Pair(record, encode(event), event)


def _canonical(record: Record) -> bytes:
    """The body as it is if it is canonical; an older form of it stays that form."""
    if is_canonical(record.body):
        return record.body
    older = msgspec.json.decode(record.body)["schema"] != SCHEMA
    return canonical(record.body) if older else encode(record.event)


def _pairs(source: Journal, form: _Form, size: int) -> Iterator[_Pair]:
    """The first ``size`` records of the source."""
    where, count = _name(source), 0
    for count, record in enumerate(islice(source.feed(), size), 1):  # noqa: B007
        yield form(record, where=where)
    if count < size:
        said = f"{size:,} records are said to be there, and only {count:,} can be read; restore it from a backup"
        raise Damaged(said, where=where)


# ---------------------------------------------------------------- into the target


def _chunks(pairs: Iterator[_Pair], chunk: int) -> Iterator[list[_Pair]]:
    """Parts of ``chunk`` records; one is longer where it would part the records of an append under a key."""
    part: list[_Pair] = []
    for pair in pairs:
        if len(part) >= chunk and (pair.event.key is None or _append_of(pair) != _append_of(part[-1])):
            yield part
            part = []
        part.append(pair)
    if part:
        yield part


def _append_of(pair: _Pair) -> tuple[str, str | None]:
    return pair.event.case_id, pair.event.key


def _load(part: Sequence[_Pair], source: Journal, target: Journal) -> int:
    assert isinstance(target, Bulk)
    try:
        return target.load([pair.body for pair in part])
    except Conflict as error:
        raise _blamed(error, part, source, target) from error


def _append(part: Sequence[_Pair], source: Journal, target: Journal) -> int:
    """Neighbours of one case and key in one append each."""
    for (case_id, key), neighbours in groupby(part, _append_of):
        pairs = list(neighbours)
        events = [pair.event for pair in pairs]
        try:
            appended = target.append(case_id, events, expected=events[0].seq - 1, key=key)
        except DuplicateKey as error:
            raise _twice(target, case_id, key) from error
        except Conflict as error:
            raise _blamed(error, pairs, source, target) from error
        if appended.duplicate:
            raise _twice(target, case_id, key)
    return target.size()


def _blamed(error: Conflict, part: Sequence[_Pair], source: Journal, target: Journal) -> Exception:
    """A conflict where nobody else wrote is the fault of the source: a number or a link that does not fit."""
    if target.size() != part[0].record.position - 1:
        return error
    fits = (pair for pair in part if pair.event.case_id == error.case_id and pair.event.seq > error.expected)
    pair = next(fits, None)
    if pair is None:
        return error
    position, event = pair.record.position, pair.event
    said = (
        f"event {event.seq} of case {event.case_id!r} (position {position:,}) does not follow what stands before it: a "
    )
    said += (
        "number or a link is not the one recorded, or the case lies in two files; compare with a checkpoint or a backup"
    )
    return Damaged(said, where=_name(source))


def _twice(target: Journal, case_id: str, key: str | None) -> InputError:
    said = f"the key {key!r} stands for two appends of the case, which a journal without `load` does not take"
    return InputError(f"{said}; name another target than {_name(target)}", field="key", case_id=case_id)


# ---------------------------------------------------------------- comparing


def _compare(
    pairs: Iterator[_Pair],
    target: Journal,
    size: int,
    *,
    tell: Callable[[int], object],
    other: Callable[[Journal, _Pair, Record | None], Exception],
) -> tuple[int, int]:
    """Hold the records of the target against what they are to be; how many are rewritten, and how many annexed."""
    rewritten = annexed = 0
    theirs = islice(target.feed(), size)
    for done, pair in enumerate(pairs, 1):
        found = next(theirs, None)
        if found is None or found.position != pair.record.position or found.body != pair.body:
            raise other(target, pair, found)
        rewritten += pair.body != pair.record.body
        annexed += pair.event.commitment is not None
        if done % CHUNK == 0 or done == size:
            tell(done)
    return rewritten, annexed


def _other_content(target: Journal, pair: _Pair, found: Record | None) -> InputError:
    said = f"{_name(target)}: holds other records than the source: {_told(pair, found)}; nothing was changed"
    return InputError(f"{said}, name another target")


def _difference(target: Journal, pair: _Pair, found: Record | None) -> Damaged:
    said = f"the copy is not the source: {_told(pair, found)}; discard it and copy again"
    return Damaged(said, where=_name(target))


def _told(pair: _Pair, found: Record | None) -> str:
    event = pair.event
    there = "nothing" if found is None else f"event {found.event.seq} of case {found.event.case_id!r}"
    if found is not None and (found.event.seq, found.event.case_id) == (event.seq, event.case_id):
        there = "another one of that number"
    position = pair.record.position
    return f"at position {position:,} belongs event {event.seq} of case {event.case_id!r}, and there stands {there}"


def _disturbed(target: Journal, expected: int, actual: int) -> Damaged:
    said = f"it holds {actual:,} records where the copy made it {expected:,}: someone else writes into it"
    return Damaged(f"{said}; discard it and copy into one that nobody uses", where=_name(target))


def _name(journal: Journal) -> str:
    """What a journal calls the place where it keeps its records; one in memory has no name."""
    return str(getattr(journal, "where", type(journal).__name__))


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


__all__ = ["CHUNK", "Copied", "Progress", "copy"]
