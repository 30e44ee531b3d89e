"""The concurrency campaign: many write at once to a few cases, a follower reads along, and afterwards all is counted.

:func:`concurrency` does it with processes that open the store each for themselves, :func:`throng` with threads that
share one journal. Runs without pytest, knows no adapter, and reports what it found instead of raising.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from multiprocessing.connection import Connection, wait
from typing import Any

import attrs

from shuroflow.errors import Conflict, InputError
from shuroflow.storage.journal import Journal, Record
from shuroflow.verification.journals.events import example
from shuroflow.verification.journals.oracle import link_to
from shuroflow.verification.journals.processes import UNREACHABLE, Opener, Progress, start_method

_PATIENCE = 10_000
"""Conflicts in a row after which a writer gives up: nobody is that unlucky."""

_AT_MOST = 20
"""Faults that are told; one mistake is usually seen many times."""


@attrs.frozen
class Concurrency:
    """What a run of writers at once has shown. ``faults`` are sentences; none: every promise was kept.

    ``appends`` and ``events`` were acknowledged; ``repeats`` of the appends were sent a second time under their key;
    ``conflicts`` were answered by reading again; ``polls`` are those of the follower.
    """

    writers: int
    cases: int
    appends: int
    events: int
    repeats: int
    conflicts: int
    polls: int
    seconds: float
    faults: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Appends per second, of all writers together."""
        return self.appends / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        """One line, and one for each fault."""
        said = (
            f"{self.writers} writers on {self.cases} cases: {self.appends} appends with {self.events} events in "
            f"{self.seconds:.1f} s ({self.rate:.0f}/s), {self.conflicts} conflicts, {self.repeats} repeated, "
            f"{self.polls} polls of the feed: {len(self.faults)} faults"
        )
        return "\n".join([said, *(f"  {fault}" for fault in self.faults)])


@attrs.frozen
class _Ack:
    """One acknowledged append: the case, its version then, and the notes of its events."""

    case_id: str
    version: int
    notes: tuple[str, ...]


@attrs.define
class _Work:
    """What one writer has done."""

    acks: list[_Ack] = attrs.field(factory=list)
    conflicts: int = 0
    repeats: int = 0
    faults: list[str] = attrs.field(factory=list)


@attrs.define
class _Followed:
    """What the follower saw: position, case, number and hash of each record."""

    seen: list[tuple[int, str, int, bytes]] = attrs.field(factory=list)
    polls: int = 0
    faults: list[str] = attrs.field(factory=list)

    def poll(self, journal: Journal) -> None:
        """Go on from the last position seen."""
        for record in journal.feed(after=self.seen[-1][0] if self.seen else 0):
            self.seen.append(_mark(record))
        self.polls += 1


def _mark(record: Record) -> tuple[int, str, int, bytes]:
    return record.position, record.event.case_id, record.event.seq, hashlib.sha256(record.body).digest()


# ---------------------------------------------------------------- the two campaigns


def concurrency(
    opener: Opener,
    *,
    processes: int = 8,
    cases: int = 5,
    appends: int = 5000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Concurrency:
    """Let processes append to the same cases, and one follow the feed meanwhile.

    Each append has one to three events; about half have a key, and some of those are sent twice. After a conflict the
    writer reads again. At the end every acknowledged event must be there exactly once, gapless and in order, and the
    follower must have seen every record.

    Args:
        opener: opens the store, which must be empty; it must be possible to pickle it.
        processes: how many write.
        cases: how many cases they write to.
        appends: how many appends are acknowledged in all.
        seed: the same seed makes the same appends (not the same order of the processes).
        progress: called from time to time.

    Raises:
        InputError: if the store holds events already.
    """
    with opener() as journal:
        _check_empty(journal)
    context = start_method()
    start, stop = context.Event(), context.Event()
    shares = _shares(appends, processes)
    pipes: dict[Connection, Any] = {}
    for number, share in enumerate([*shares, None]):
        here, there = context.Pipe(duplex=False)
        arguments = (opener, there, start, stop, number, share, cases, seed)
        process = context.Process(target=_one_process, args=arguments, daemon=True)
        process.start()
        there.close()
        pipes[here] = process
    for pipe in pipes:
        pipe.poll(None)  # each says that it has opened the store: they shall begin together
    began = time.perf_counter()
    start.set()
    works, followed, faults = _gather(pipes, stop, writers=processes, progress=progress, appends=appends)
    seconds = time.perf_counter() - began
    return _result(opener, works, followed, cases=cases, seconds=seconds, faults=faults)


def throng(journal: Journal, *, threads: int = 4, cases: int = 2, appends: int = 200, seed: int = 0) -> Concurrency:
    """The same with threads that share one journal, the follower being one of them.

    Raises:
        InputError: if the journal holds events already.
    """
    _check_empty(journal)
    works = [_Work() for _ in range(threads)]
    followed, done = _Followed(), threading.Event()
    start = threading.Barrier(threads + 1)

    def write(number: int, share: int) -> None:
        start.wait()
        try:
            for _ in _write(journal, works[number], name=number, appends=share, cases=cases, seed=seed):
                pass
        except Exception:  # whatever an adapter raises is what is looked for
            works[number].faults.append(f"writer {number} stopped: {traceback.format_exc()}")

    def follow() -> None:
        start.wait()
        _follow(journal, followed, done)

    shares = _shares(appends, threads)
    writers = [threading.Thread(target=write, args=pair) for pair in enumerate(shares)]
    follower = threading.Thread(target=follow)
    began = time.perf_counter()
    for thread in (*writers, follower):
        thread.start()
    for thread in writers:
        thread.join()
    seconds = time.perf_counter() - began
    done.set()
    follower.join()
    return _result(lambda: nullcontext(journal), works, followed, cases=cases, seconds=seconds, faults=[])


# ---------------------------------------------------------------- in another process or thread


def _one_process(
    opener: Opener, pipe: Connection, start: Any, stop: Any, name: int, appends: int | None, cases: int, seed: int
) -> None:
    """A writer with its share of appends, or the follower, which has none."""
    work: _Work | _Followed = _Followed() if appends is None else _Work()
    try:
        with opener() as journal:
            pipe.send(0)
            start.wait()
            if isinstance(work, _Followed):
                _follow(journal, work, stop)
            else:
                for done in _write(journal, work, name=name, appends=appends or 0, cases=cases, seed=seed):
                    pipe.send(done)
    except Exception:  # whatever an adapter raises is what is looked for
        work.faults.append(f"process {name} stopped: {traceback.format_exc()}")
    pipe.send(work)
    pipe.close()


def _write(journal: Journal, work: _Work, *, name: int, appends: int, cases: int, seed: int) -> Iterator[int]:
    """Append, read again after each conflict, and now and then send the same once more; yields how many are done."""
    rng = random.Random(f"{seed}/{name}")
    for turn in range(appends):
        case_id, count = f"case-{rng.randrange(cases)}", rng.choice((1, 1, 2, 3))
        key = f"{name}-{turn}" if rng.random() < 0.5 else None
        notes = tuple(f"{name}/{turn}/{part}" for part in range(count))
        for _ in range(_PATIENCE):
            version = journal.version(case_id)
            batch = [example(case_id, version + at, note=note) for at, note in enumerate(notes, 1)]
            try:
                done = journal.append(case_id, batch, expected=version, key=key)
            except Conflict:
                work.conflicts += 1
                continue
            work.acks.append(_Ack(case_id, done.version, notes))
            if key is not None and rng.random() < 0.3:
                work.repeats += 1
                again = journal.append(case_id, batch, expected=version, key=key)
                if not again.duplicate or again.events != done.events:
                    work.faults.append(f"{case_id}: the key {key} gave another result the second time")
            break
        else:
            work.faults.append(f"{case_id}: {_PATIENCE} conflicts one after another, each read anew")
        yield turn + 1


def _follow(journal: Journal, followed: _Followed, stop: Any) -> None:
    """Poll until the writers are done, and once more after that."""
    try:
        last = False
        while not last:
            last = stop.wait(0.001)
            followed.poll(journal)
    except Exception:  # whatever an adapter raises is what is looked for
        followed.faults.append(f"the follower stopped: {traceback.format_exc()}")


# ---------------------------------------------------------------- gathering and judging


def _check_empty(journal: Journal) -> None:
    if journal.size():
        raise InputError("the campaign needs an empty store, this one holds events already")


def _shares(appends: int, writers: int) -> list[int]:
    return [appends // writers + (number < appends % writers) for number in range(writers)]


def _gather(
    pipes: dict[Connection, Any], stop: Any, *, writers: int, progress: Progress | None, appends: int
) -> tuple[list[_Work], _Followed, list[str]]:
    """Take in what the processes send until each has ended; the follower is told when the writers are done."""
    works: list[_Work] = []
    followed, faults = _Followed(), []
    done: dict[Connection, int] = {}
    writing = set(list(pipes)[:writers])
    waiting = set(pipes)
    while waiting:
        for pipe in wait(list(waiting)):
            assert isinstance(pipe, Connection)
            try:
                message = pipe.recv()
            except EOFError:
                waiting.remove(pipe)
                writing.discard(pipe)
                pipes[pipe].join()
                if pipes[pipe].exitcode:
                    faults.append(f"a process ended with status {pipes[pipe].exitcode}; {UNREACHABLE}")
                pipe.close()
                continue
            if isinstance(message, _Work):
                works.append(message)
                writing.discard(pipe)
            elif isinstance(message, _Followed):
                followed = message
            else:
                done[pipe] = message
                if progress is not None:
                    progress(sum(done.values()), appends)
        if not writing:
            stop.set()
    return works, followed, faults


def _result(
    opener: Callable[[], AbstractContextManager[Journal]],
    works: list[_Work],
    followed: _Followed,
    *,
    cases: int,
    seconds: float,
    faults: list[str],
) -> Concurrency:
    acks = [ack for work in works for ack in work.acks]
    found = [*faults, *(fault for work in works for fault in work.faults), *followed.faults]
    try:
        with opener() as journal:
            found += _judged(journal, works, followed)
    except Exception:  # whatever an adapter raises is what is looked for
        found.append(f"what was recorded cannot be read: {traceback.format_exc()}")
    if len(found) > _AT_MOST:
        found = [*found[:_AT_MOST], f"and {len(found) - _AT_MOST} more"]
    return Concurrency(
        writers=len(works),
        cases=cases,
        appends=len(acks),
        events=sum(len(ack.notes) for ack in acks),
        repeats=sum(work.repeats for work in works),
        conflicts=sum(work.conflicts for work in works),
        polls=followed.polls,
        seconds=seconds,
        faults=tuple(found),
    )


def _judged(journal: Journal, works: list[_Work], followed: _Followed) -> Iterator[str]:
    """Everything that is not as it was acknowledged."""
    acks = [ack for work in works for ack in work.acks]
    records = list(journal.feed())
    if [record.position for record in records] != list(range(1, len(records) + 1)):
        yield "the positions of the feed are not 1, 2, 3 … without a gap"
    if len(records) != journal.size():
        yield f"the feed has {len(records)} records, the size is {journal.size()}"
    acknowledged: Counter[str | None] = Counter(note for ack in acks for note in ack.notes)
    recorded = Counter(record.event.note for record in records)
    for note in acknowledged - recorded:
        yield f"event {note} was acknowledged and is lost"
    for note in recorded - acknowledged:
        yield f"event {note} is recorded more often than it was acknowledged"
    for case_id in sorted({ack.case_id for ack in acks}):
        events = journal.read(case_id)
        if events != [record.event for record in records if record.event.case_id == case_id]:
            yield f"{case_id}: the feed holds its events otherwise than the case"
        if [event.seq for event in events] != list(range(1, len(events) + 1)):
            yield f"{case_id}: its numbers are not 1, 2, 3 … without a gap"
        if [None, *map(link_to, events[:-1])] != [event.prev for event in events]:
            yield f"{case_id}: an event does not link to the one before it"
        for ack in acks:
            if ack.case_id == case_id:
                there = tuple(event.note for event in events[ack.version - len(ack.notes) : ack.version])
                if there != ack.notes:
                    yield f"{case_id}: at version {ack.version} stands {there}, acknowledged was {ack.notes}"
    at = {record.event.note: record.position for record in records}
    for work in works:
        order = [at.get(note, 0) for ack in work.acks for note in ack.notes]
        if any(one >= other for one, other in pairwise(order)):
            yield f"what one writer recorded one after another stands in another order in the feed: {order[:50]}"
    if followed.seen != (wanted := [_mark(record) for record in records]):
        missed = len(set(wanted) - set(followed.seen))
        yield f"the follower saw {len(followed.seen)} records of {len(records)}, {missed} it missed or saw otherwise"


__all__ = ["Concurrency", "concurrency", "throng"]
