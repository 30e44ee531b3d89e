"""The campaigns of this room, each on every store that it is about; what they show comes back as rows of a table."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from shuroflow.verification import concurrency, kill9
from tests.faults import changed_bytes, changed_database, disk_full, injector, server_crash
from tests.faults.running import Row, Run, timed

SEEDS = 10
"""Workloads in which every operation on the file fails once, in each way."""

EVENTS = 100_000
"""Events of the large journal whose bytes are changed."""


def kill(run: Run) -> Iterator[Row]:
    """A process that writes is killed, again and again."""
    rounds = run.rounds_of(200)
    with run.stores() as stores:
        for store, opener in stores.items():
            with timed() as seconds:
                found = kill9(opener, rounds=rounds, seed=run.seed, progress=run.progress(f"kill -9, {store}"))
                figures = {
                    "rounds": found.rounds,
                    "events acknowledged": found.acknowledged,
                    "killed inside an append": found.inside,
                    "of these recorded whole": found.recorded,
                    "killed while opening": found.while_opening,
                }
                yield Row("kill -9", store, figures, run.seed, seconds(), found.faults)


def crashes(run: Run) -> Iterator[Row]:
    """A server crashes while clients append."""
    rounds = run.rounds_of(20)
    with timed() as seconds:
        found = server_crash.run(rounds=rounds, seed=run.seed, progress=run.progress("server crash"))
        figures = {
            **{f"× {way}": count for way, count in found.crashes.items()},
            "appends acknowledged": found.acknowledged,
            "left without an answer": found.unanswered,
            "of these recorded whole": found.recorded,
        }
        yield Row("server crash", "PostgreSQL", figures, run.seed, seconds(), found.breaches)


def files(run: Run) -> Iterator[Row]:
    """The Nth operation on a JSON Lines file fails, for every N, in each of the ways there are."""
    for kind, lasting in injector.KINDS:
        with timed() as seconds:
            seeds = range(run.seed, run.seed + SEEDS)
            name = f"{kind}, from then on" if lasting else kind
            calls = [partial(_swept, seed, kind, lasting) for seed in seeds]
            found = run.spread(calls, name=f"failing files, {name}")
            figures = {"workloads": len(found), "operations struck": sum(struck for struck, _ in found)}
            faults = [said for _, breaches in found for said in breaches]
            yield Row("failing files", name, figures, run.seed, seconds(), faults)


def _swept(seed: int, kind: injector.Kind, lasting: bool) -> tuple[int, list[str]]:
    """How many operations of one workload were struck, and what came of it."""
    struck, faults = 0, []
    for at, done in injector.sweep(seed, kind, lasting=lasting):
        struck += bool(done.struck)
        faults += [f"seed {seed}, {kind} at operation {at}, lasting: {lasting}: {said}" for said in done.breaches]
    return struck, faults


def full_disks(run: Run) -> Iterator[Row]:
    """The disk is full at every place of a row of appends."""
    steps = {"jsonl": 3, "sqlite-pages": disk_full.PAGE}
    for store in disk_full.STORES:
        with timed() as seconds:
            parts, step = 2 * run.workers, steps.get(store, 1000)
            calls = [partial(disk_full.in_child, store, step=step, part=part, parts=parts) for part in range(parts)]
            found = disk_full.Result()
            for each in run.spread(calls, name=f"full disk, {store}"):
                found.add(each)
            figures = {"limits": found.limits, **found.answers}
            yield Row("full disk", store, figures, 0, seconds(), found.breaches)


def writers(run: Run) -> Iterator[Row]:
    """Eight processes write to five cases, and one follows."""
    with run.stores() as stores:
        for store in ("SQLite", "PostgreSQL"):
            with timed() as seconds:
                found = concurrency(
                    stores[store],
                    processes=8,
                    cases=5,
                    appends=run.rounds_of(5000),
                    seed=run.seed,
                    progress=run.progress(f"8 processes, {store}"),
                )
                figures = {
                    "appends": found.appends,
                    "events": found.events,
                    "conflicts": found.conflicts,
                    "sent twice": found.repeats,
                    "polls of the feed": found.polls,
                }
                yield Row("8 processes", store, figures, run.seed, seconds(), found.faults)


def bytes_changed(run: Run) -> Iterator[Row]:
    """Single bytes of sealed journals are changed."""
    parts, every = 4 * run.workers, changed_bytes.every_value
    small, bodies, large = run.new_folder("small"), run.new_folder("bodies"), run.new_folder("large")
    yield _changed(
        run,
        "JSON Lines, each",
        [partial(changed_bytes.small, small, values=every, part=part, parts=parts) for part in range(parts)],
    )
    yield _changed(
        run,
        "SQLite, bodies",
        [partial(changed_database.bodies, bodies, values=every, part=part, parts=parts) for part in range(parts)],
    )
    sealed = changed_bytes.fill_large(large / "large.jsonl", EVENTS, seed=run.seed).encode()
    copies = [Path(shutil.copy(large / "large.jsonl", large / f"large-{part}.jsonl")) for part in range(run.workers)]
    changes, complete = -(-10_000 // run.workers), -(-120 // run.workers)
    yield _changed(
        run,
        "JSON Lines, large",
        [
            partial(changed_bytes.large, copy, sealed, changes=changes, complete=complete, seed=run.seed + part)
            for part, copy in enumerate(copies)
        ],
        of=EVENTS,
    )
    for store, logged, changes in (("SQLite, file", False, 4000), ("SQLite, log", True, 1000)):
        yield _changed(
            run,
            store,
            [
                partial(
                    changed_database.files,
                    run.new_folder("files"),
                    logged=logged,
                    changes=changes // parts,
                    seed=run.seed + part,
                )
                for part in range(parts)
            ],
        )


def _changed(run: Run, store: str, calls: list[Callable[[], changed_bytes.Result]], *, of: int | None = None) -> Row:
    with timed() as seconds:
        found = changed_bytes.Result()
        for each in run.spread(calls, name=f"changed bytes, {store}"):
            found.add(each)
        figures = {"events": of} if of is not None else {}
        figures |= {"changes": found.changes, "by the complete check": found.complete, **found.noticed}
        return Row("changed bytes", store, figures, run.seed, seconds(), found.missed)


CAMPAIGNS: dict[str, Callable[[Run], Iterator[Row]]] = {
    "kill": kill,
    "files": files,
    "full-disks": full_disks,
    "crashes": crashes,
    "writers": writers,
    "bytes": bytes_changed,
}
"""Every campaign by the name that ``--only`` knows it by."""

__all__ = ["CAMPAIGNS"]
