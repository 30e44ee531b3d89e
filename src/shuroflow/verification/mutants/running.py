"""Every mutant against a suite: first the rules as they are, then each mutant until a check condemns it.

The rules are changed in a few processes that share the gathered suite, each for many mutants, so that the process that
asked is never one in which a rule is wrong. There is no process for each mutant and no import for any.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Literal

import attrs

from shuroflow.errors import InputError
from shuroflow.verification.mutants.checks import Check, Session, Suite
from shuroflow.verification.mutants.mutant import Mutant
from shuroflow.verification.mutants.reach import Watch
from shuroflow.verification.mutants.scope import Scope

Status = Literal["killed", "timeout", "survived"]

Progress = Callable[[str, int, int], None]
"""``progress(phase, done, total)``: ``checks`` while the rules are whole, then ``mutants``."""

LEAST_SECONDS = 2.0
TIMES_AS_LONG = 20
"""A check is stopped after this many times the time it took at first, but not before that many seconds."""


@attrs.frozen
class Result:
    """What came of one mutant: by which check it was condemned, what that said, and how many were tried."""

    name: str
    status: Status
    check: str = ""
    said: str = ""
    tried: int = 0
    seconds: float = 0.0


@attrs.define(eq=False)
class _Known:
    """A check, what it met while the rules were whole, and how long it took."""

    check: Check
    met: frozenset[object]
    seconds: float
    kills: int = 0


@attrs.frozen
class Outcome:
    """All results, in the order of the mutants; how many checks there were, and how long everything took."""

    results: tuple[Result, ...]
    checks: int
    seconds: float


def run(
    mutants: Sequence[Mutant],
    scopes: Sequence[Scope],
    suite: Suite,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Try every mutant against the suite.

    Args:
        mutants: what to try.
        scopes: the rules that they are of.
        suite: the checks; each must hold while the rules are whole.
        jobs: how many processes; ``None``: as many as there are cores.
        progress: called now and then.

    Raises:
        InputError: if a check does not hold while the rules are whole, or the suite cannot be gathered.
    """
    begun = time.perf_counter()

    def work(checks: Sequence[Check], session: Session) -> Outcome:
        def tell(phase: str, done: int, total: int) -> None:
            if progress is not None:
                with session.shown():
                    progress(phase, done, total)

        known = _whole(checks, session, scopes, tell)
        number = min(jobs or os.cpu_count() or 1, max(1, len(mutants)))
        if hasattr(os, "fork"):
            results = _forked(mutants, known, session, number, tell)
        else:
            results = {}
            for at, mutant in enumerate(mutants):
                results[at] = _tried(mutant, known, session)
                tell("mutants", at + 1, len(mutants))
        ordered = tuple(results[at] for at in range(len(mutants)))
        return Outcome(ordered, len(checks), time.perf_counter() - begun)

    return suite.with_checks(work)


def _whole(
    checks: Sequence[Check], session: Session, scopes: Sequence[Scope], tell: Callable[[str, int, int], None]
) -> list[_Known]:
    """Run every check on the rules as they are, and see what it meets."""
    if not checks:
        raise InputError("the suite has no test: name one that has", field="--suite")
    watch = Watch(scopes)
    known = []
    with watch.on():
        for done, check in enumerate(checks, 1):
            watch.fresh()
            session.forget()
            begun = time.perf_counter()
            fault = check.fault()
            if fault is not None:
                session.finish()
                said = f"{check.name} does not hold while the rules are whole: {fault}"
                raise InputError(said, field="--suite")
            known.append(_Known(check, frozenset(watch.met), time.perf_counter() - begun))
            tell("checks", done, len(checks))
    session.finish()
    session.forget()
    watch.fresh()
    return known


# ---------------------------------------------------------------- one mutant


class _TooLong(BaseException):
    """A check took too long: no test that catches every exception may catch this one."""


@contextmanager
def _within(seconds: float) -> Iterator[list[bool]]:
    """Stops what runs inside after so many seconds; the list then holds ``True``."""
    stopped: list[bool] = []
    if not hasattr(signal, "setitimer"):
        yield stopped
        return

    def stop(*_: object) -> None:
        stopped.append(True)
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        with suppress(_TooLong):
            yield stopped
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


_RECENT = 4
"""How many of the checks that condemned the last mutants of the same place are tried first."""


def _candidates(mutant: Mutant, known: Sequence[_Known], recent: dict[str, list[_Known]]) -> list[_Known]:
    """The checks that meet what was changed: those first that condemned its neighbours, then those named after it.

    Of the others the quick ones first, and among these what has condemned the most and meets the least else.
    """
    word = mutant.where.split()[-1].rpartition(".")[2].strip("_")

    def order(each: _Known) -> tuple[bool, float, int, int]:
        return word not in each.check.name, round(each.seconds / (1 + each.kills), 2), -each.kills, len(each.met)

    fitting = [each for each in known if not mutant.reach.isdisjoint(each.met)]
    near = [each for each in recent.get(mutant.where, ()) if not mutant.reach.isdisjoint(each.met)]
    rest = sorted((each for each in fitting if each not in near), key=order)
    return [*near, *rest]


def _tried(
    mutant: Mutant, known: Sequence[_Known], session: Session, recent: dict[str, list[_Known]] | None = None
) -> Result:
    """Run the checks that can tell, until one does."""
    begun = time.perf_counter()
    recent = {} if recent is None else recent
    result = Result(mutant.name, "survived")
    tried = 0
    with mutant.applied():
        session.forget()
        for each in _candidates(mutant, known, recent):
            tried += 1
            with _within(max(LEAST_SECONDS, TIMES_AS_LONG * each.seconds)) as stopped:
                fault = None
                try:
                    fault = each.check.fault()
                except Exception as error:  # the judge fell over: that tells them apart too
                    fault = f"{type(error).__name__}: {error}"
            if stopped or fault is not None:
                each.kills += 1
                near = recent.setdefault(mutant.where, [])
                if each in near:
                    near.remove(each)
                near.insert(0, each)
                del near[_RECENT:]
                status: Status = "timeout" if stopped else "killed"
                result = attrs.evolve(result, status=status, check=each.check.name, said=(fault or "")[:300])
                break
        session.finish()
    session.forget()
    return attrs.evolve(result, tried=tried, seconds=time.perf_counter() - begun)


# ---------------------------------------------------------------- several processes


def _forked(
    mutants: Sequence[Mutant],
    known: Sequence[_Known],
    session: Session,
    number: int,
    tell: Callable[[str, int, int], None],
) -> dict[int, Result]:
    """Share the mutants among processes that begin with everything this one has gathered."""
    context = multiprocessing.get_context("fork")
    following = context.Value("i", 0)
    gc.collect()
    gc.freeze()  # what is shared stays shared: a collector that looks at it would copy it
    sys.stdout.flush()
    sys.stderr.flush()
    workers: dict[Connection, Any] = {}
    results: dict[int, Result] = {}
    try:
        for _ in range(number):
            here, there = context.Pipe(duplex=False)
            worker = context.Process(target=_worker, args=(mutants, known, session, following, there), daemon=True)
            with warnings.catch_warnings():
                # Newer Pythons warn where there is another thread. What is forked here runs checks and nothing else.
                warnings.simplefilter("ignore", DeprecationWarning)
                worker.start()
            there.close()
            workers[here] = worker
        open_pipes = list(workers)
        while open_pipes:
            for pipe in wait(open_pipes):
                assert isinstance(pipe, Connection)
                try:
                    at, result = pipe.recv()
                except EOFError:
                    open_pipes.remove(pipe)
                    continue
                results[at] = result
                tell("mutants", len(results), len(mutants))
        for worker in workers.values():
            worker.join()
    finally:
        for pipe, worker in workers.items():
            pipe.close()
            if worker.is_alive():
                worker.terminate()
                worker.join()
        gc.unfreeze()
    missing = [mutant.name for at, mutant in enumerate(mutants) if at not in results]
    if missing:
        raise InputError(f"a process ended before it told what came of {missing[0]}: the suite ends the process itself")
    return results


def _worker(mutants: Sequence[Mutant], known: Sequence[_Known], session: Session, following: Any, pipe: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked; it ends this one
    recent: dict[str, list[_Known]] = {}
    status = 1
    try:
        while True:
            with following.get_lock():
                at = following.value
                following.value += 1
            if at >= len(mutants):
                break
            pipe.send((at, _tried(mutants[at], known, session, recent)))
        status = 0
    finally:
        pipe.close()
        os._exit(status)  # nothing of what surrounds the suite is to end twice


__all__ = ["Outcome", "Progress", "Result", "Status", "run"]
