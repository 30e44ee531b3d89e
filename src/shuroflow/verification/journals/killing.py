"""The crash campaign: a process that writes is killed at a random moment, again and again, and nothing may be lost.

Runs without pytest, knows no adapter, and reports what it found instead of raising.
"""

from __future__ import annotations

import hashlib
import random
import time
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import attrs

from shuroflow.errors import Conflict, DuplicateKey, InputError
from shuroflow.storage.journal import Journal, Record
from shuroflow.verification.journals.events import example
from shuroflow.verification.journals.oracle import link_to
from shuroflow.verification.journals.processes import UNREACHABLE, Opener, Progress, start_method

_CASES = 3
"""Cases that one round writes to."""

_OPENING, _READY, _BEGUN, _DONE, _FAILED = b"o", b"r", b"b", b"d", b"f"
"""What the writer says through the pipe: a word before and after everything it does."""


@attrs.frozen
class Kills:
    """What the rounds have shown. ``faults`` are sentences; none: every promise was kept.

    Of the ``rounds``, ``while_opening`` hit a process that was opening the store, ``inside`` one that was in the
    middle of an append. Of those appends, none of which was acknowledged, ``recorded`` were there whole and the
    others not at all. ``acknowledged`` counts the events that were, in all rounds.
    """

    rounds: int
    while_opening: int
    inside: int
    recorded: int
    acknowledged: int
    seconds: float
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """One line, and one for each fault."""
        said = (
            f"killed {self.rounds} times in {self.seconds:.1f} s: {self.while_opening} while opening, {self.inside} "
            f"inside an append ({self.recorded} of these recorded whole); {self.acknowledged} events acknowledged: "
            f"{len(self.faults)} faults"
        )
        return "\n".join([said, *(f"  {fault}" for fault in self.faults)])


@attrs.frozen
class _Step:
    """One append that the writer is to make: its case, its notes, and its key."""

    case_id: str
    expected: int
    notes: tuple[str, ...]
    key: str | None

    def make(self, journal: Journal) -> Any:
        """Make the append."""
        batch = [example(self.case_id, self.expected + at, note=note) for at, note in enumerate(self.notes, 1)]
        return journal.append(self.case_id, batch, expected=self.expected, key=self.key)


def _plan(seed: int, number: int) -> Iterator[_Step]:
    """The appends of a round, without end; the writer and whoever checks it afterwards make the same."""
    rng = random.Random(f"{seed}/{number}")
    versions = dict.fromkeys(range(_CASES), 0)
    turn = 0
    while True:
        case, count = rng.randrange(_CASES), rng.choice((1, 1, 2, 4))
        notes = tuple(f"{number}/{turn}/{part}" for part in range(count))
        key = f"{number}-{turn}" if rng.random() < 0.5 else None
        yield _Step(f"round-{number}-{case}", versions[case], notes, key)
        versions[case] += count
        turn += 1


@attrs.define
class _Seen:
    """What the campaign knows of the store from round to round."""

    position: int = 0
    digest: Any = attrs.field(factory=hashlib.sha256)
    late: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    """Appends that were not acknowledged and are not there yet: a server may still finish one, whole and once."""
    took: float = 0.001
    """Seconds that an append takes, about."""
    opened: float = 0.05
    """Seconds that opening takes, about."""


def kill9(opener: Opener, *, rounds: int = 200, seed: int = 0, progress: Progress | None = None) -> Kills:
    """Kill a writing process, open the store, check it; so many rounds on one store.

    The writer makes appends of one to four events and says through a pipe when it begins one and when it has come
    back. The moment of the kill is random: after some acknowledgements and a part of the time that an append takes,
    every tenth time while the store is being opened. Afterwards the store must open and take an append; everything
    acknowledged must be there in order, every append whole or not at all; what is sent again under its key must be
    there once.

    Args:
        opener: opens the store, which must be empty; it must be possible to pickle it.
        rounds: how many times to kill.
        seed: chooses appends and moments.
        progress: called after each round.

    Raises:
        InputError: if the store holds events already, or another process cannot make anything of the opener.
    """
    rng = random.Random(f"{seed}/kills")
    context = start_method()
    seen, counts, faults = _Seen(), dict.fromkeys(("while_opening", "inside", "recorded", "acknowledged"), 0), []
    began, occupied = time.perf_counter(), False
    for number in range(rounds):
        acks, last = _victim(context, opener, seen, rng, seed=seed, number=number)
        plan = _plan(seed, number)
        acknowledged = [next(plan) for _ in range(acks)]
        begun = next(plan) if last == _BEGUN else None
        counts["acknowledged"] += sum(len(step.notes) for step in acknowledged)
        counts["while_opening"] += last == _OPENING
        counts["inside"] += last == _BEGUN
        try:
            if last.startswith(_FAILED):
                faults.append(f"round {number}: the writer stopped by itself: {last[1:].decode()}")
            with opener() as journal:
                occupied = number == 0 and _occupied(journal)
                if occupied:
                    break
                counts["recorded"] += _check(journal, seen, number, acknowledged, begun, faults)
        except Exception:  # whatever an adapter raises is what is looked for
            faults.append(f"round {number}: the store cannot be used after the kill: {traceback.format_exc()}")
            break
        if progress is not None:
            progress(number + 1, rounds)
    else:
        faults += _unchanged(opener, seen)
    if occupied:
        raise InputError("the campaign needs an empty store, this one holds events already")
    return Kills(rounds=rounds, seconds=time.perf_counter() - began, faults=tuple(faults), **counts)


# ---------------------------------------------------------------- the writer and its end


def _write(opener: Opener, pipe: Connection, seed: int, number: int) -> None:
    """Append without end, and say so before and after each."""
    try:
        pipe.send_bytes(_OPENING)
        with opener() as journal:
            if number == 0 and journal.size():
                return
            pipe.send_bytes(_READY)
            for step in _plan(seed, number):
                pipe.send_bytes(_BEGUN)
                step.make(journal)
                pipe.send_bytes(_DONE)
    except Exception:  # whatever an adapter raises is what is looked for
        pipe.send_bytes(_FAILED + traceback.format_exc().encode())


def _victim(
    context: Any, opener: Opener, seen: _Seen, rng: random.Random, *, seed: int, number: int
) -> tuple[int, bytes]:
    """Start a writer and kill it; how many appends it had back, and the last word it said."""
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_write, args=(opener, there, seed, number), daemon=True)
    process.start()
    there.close()
    heard: list[bytes] = []
    if not _hear(here, heard):
        process.join()
        here.close()
        raise InputError(UNREACHABLE)
    began = time.perf_counter()
    if rng.random() < 0.1:
        _listen(here, heard, until=began + rng.random() * seen.opened)
    else:
        wanted = 3 + 2 * rng.randrange(25)  # two words for opening, two for each append: the last begins one
        while len(heard) < wanted and _hear(here, heard):
            if heard[-1] == _READY:
                seen.opened, began = time.perf_counter() - began, time.perf_counter()
        if len(heard) > 3:
            seen.took = (time.perf_counter() - began) / (len(heard) - 3) * 2
        # More often soon than late: waiting for the disk is most of the time, and the least of what can go wrong.
        _listen(here, heard, until=time.perf_counter() + rng.random() ** 2 * 1.5 * seen.took)
    process.kill()
    while _hear(here, heard):
        pass
    process.join()
    here.close()
    return heard.count(_DONE), heard[-1]


def _hear(pipe: Connection, heard: list[bytes]) -> bool:
    """Wait for the next word; false when there will be none."""
    try:
        heard.append(pipe.recv_bytes())
    except EOFError:
        return False
    return True


def _listen(pipe: Connection, heard: list[bytes], *, until: float) -> None:
    """Listen up to a moment; by polling, for an append may take less time than waiting can be told to."""
    while time.perf_counter() < until:
        if pipe.poll(0) and not _hear(pipe, heard):
            return


# ---------------------------------------------------------------- what must be there afterwards


def _occupied(journal: Journal) -> bool:
    """Has somebody else recorded anything? Asked before anything is written here; the writer has asked too."""
    return any(not record.event.case_id.startswith("round-0-") for record in journal.feed())


def _check(
    journal: Journal, seen: _Seen, number: int, acknowledged: list[_Step], begun: _Step | None, faults: list[str]
) -> int:
    """Compare what is new in the store with what was acknowledged; whether the append under way was recorded."""
    before = list(journal.feed(after=seen.position))
    required = [step.notes for step in acknowledged]
    after = _Step(f"round-{number}-after", 0, (f"{number}/after",), None)
    after.make(journal)
    required.append(after.notes)
    if (keyed := next((step for step in reversed(acknowledged) if step.key), None)) is not None:
        _sent_again(journal, number, keyed, faults)
    again = begun is not None and begun.key is not None and _sent_again(journal, number, begun, faults, new=True)
    records = list(journal.feed(after=seen.position))
    if records[: len(before)] != before:
        faults.append(f"round {number}: the append after the kill changed what was there before it")
    if [record.position for record in records] != list(range(seen.position + 1, seen.position + len(records) + 1)):
        faults.append(f"round {number}: the positions do not go on without a gap")
    recorded = begun is not None and begun.notes[0] in {record.event.note for record in before}
    if begun is not None:
        seen.late[begun.notes[0]] = begun.notes
    faults += _compared(number, records, required, seen.late)
    if begun is not None and (recorded or again) and begun.notes[0] in seen.late:
        faults.append(f"round {number}: {', '.join(begun.notes)} was there, or sent again, and is lost")
    for case_id in dict.fromkeys(record.event.case_id for record in records):
        events = journal.read(case_id)
        if [None, *map(link_to, events[:-1])] != [event.prev for event in events]:
            faults.append(f"round {number}: {case_id}: an event does not link to the one before it")
        if [event.seq for event in events] != list(range(1, len(events) + 1)):
            faults.append(f"round {number}: {case_id}: its numbers are not 1, 2, 3 … without a gap")
    for record in records:
        seen.position = record.position
        seen.digest.update(record.body)
    return int(recorded)


def _sent_again(journal: Journal, number: int, step: _Step, faults: list[str], *, new: bool = False) -> bool:
    """Send an append again under its key; with ``new`` it may not be there yet, and is recorded now."""
    try:
        if not step.make(journal).duplicate and not new:
            faults.append(f"round {number}: the key {step.key} was recorded, is not known, and was recorded again")
    except Conflict:
        faults.append(f"round {number}: the key {step.key} was recorded and is not known")
    except DuplicateKey as error:
        there = [event.note for event in error.first]
        faults.append(f"round {number}: half an append is there: {there} of {list(step.notes)}")
    else:
        return True
    return False


def _compared(
    number: int, records: list[Record], required: list[tuple[str, ...]], late: dict[str, tuple[str, ...]]
) -> Iterator[str]:
    """What is wrong with the new records: they must be the required appends, each whole and in order."""
    notes = [record.event.note or "" for record in records]
    at = 0
    while at < len(notes):
        if required and notes[at] == required[0][0]:
            wanted = required.pop(0)
        elif notes[at] in late:
            wanted = late.pop(notes[at])
        else:
            yield f"round {number}: event {notes[at]} is there once more, or in the place of another"
            at += 1
            continue
        if tuple(notes[at : at + len(wanted)]) != wanted:
            yield f"round {number}: half an append is there: {notes[at : at + len(wanted)]} of {list(wanted)}"
        at += len(wanted)
    for wanted in required:
        yield f"round {number}: {', '.join(wanted)} was acknowledged and is lost"


def _unchanged(opener: Opener, seen: _Seen) -> Iterator[str]:
    """At the end everything is still there as it was seen after each round."""
    digest = hashlib.sha256()
    try:
        with opener() as journal:
            for record in journal.feed():
                if record.position <= seen.position:
                    digest.update(record.body)
        if digest.digest() != seen.digest.digest():
            yield "what was recorded in earlier rounds is not what it was"
    except Exception:  # whatever an adapter raises is what is looked for
        yield f"the store cannot be read at the end: {traceback.format_exc()}"


__all__ = ["Kills", "kill9"]
