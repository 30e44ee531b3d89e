"""The work of an audit in lots, judged here or by the workers of an executor, and given back in its order.

Any :class:`concurrent.futures.Executor` will do: the processes of this machine, or a cluster (Dask's
``Client.get_executor()``). Workers get the bytes of the cases and the question; they need neither the files nor the
database. What is judged is the same whoever judges it.

A worker may be lost: killed, out of memory, its machine gone. Its lot is judged once more, alone; a lot that costs
another worker is halved until the case is found that does, and that case is named and left out.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread

import attrs

from shuroflow.audit.judging import Question, Taken, Verdict, judged, left_out
from shuroflow.audit.summary import Item
from shuroflow.errors import InputError, Unavailable
from shuroflow.states import BUILT_IN, programme

LINES = 4_000
"""Lines in a lot: enough to make its journey worth while, few enough to be told of progress."""

Lost = Callable[[int, str], None]
"""``lost(lots, why)``: a worker was lost, and so many lots of cases are judged once more."""

Executors = Executor | Callable[[], Executor]
"""An executor of the host's, which is left as it is; or what makes one, which is made anew if it breaks."""


@attrs.frozen
class Lot:
    """Neighbouring cases, to be judged in one go."""

    cases: tuple[Taken, ...]

    def halves(self) -> tuple[Lot, Lot]:
        """The same cases as two lots."""
        middle = len(self.cases) // 2
        return Lot(self.cases[:middle]), Lot(self.cases[middle:])


def lots(cases: Iterable[Taken]) -> Iterator[Lot]:
    """The cases in lots of at least :data:`LINES` lines, the last one less."""
    some: list[Taken] = []
    lines = 0
    for case in cases:
        some.append(case)
        lines += len(case)
        if lines >= LINES:
            yield Lot(tuple(some))
            some, lines = [], 0
    if some:
        yield Lot(tuple(some))


Answer = list[tuple[tuple[Item, ...], tuple[InputError, ...]]] | BaseException
"""The verdicts of a lot as bare values, which take a third of the time on their way between processes."""


def judge_lot(lot: Lot, question: Question) -> Answer:
    """What a worker does. What goes wrong in judging is sent back and not raised: it would look like a lost worker."""
    try:
        return [(verdict.items, verdict.torn) for case in lot.cases for verdict in (judged(case, question),)]
    except Exception as error:  # whatever a plug-in raises
        return error


def judge_again(lot: Lot, question: Question) -> Answer:
    """As :func:`judge_lot`, and looks whether the answer can go to another process: one that cannot looks lost."""
    answer = judge_lot(lot, question)
    if isinstance(answer, BaseException):
        fault = _unsendable(answer)
        return answer if fault is None else InputError(f"judging fails, and how cannot be told ({fault}): {answer!r}")
    for case, found in zip(lot.cases, answer, strict=True):
        fault = _unsendable(found)
        if fault is not None:
            said = (
                f"what was judged of case {case.case_id!r} cannot go from one process to another ({fault}): "
                "have the guards give plain values, or judge in one process (--jobs 1)"
            )
            return InputError(said, file=case.source)
    return answer


def _unsendable(value: object) -> str | None:
    try:
        pickle.dumps(value)
    except Exception as error:  # whatever the values of a plug-in raise
        return f"{type(error).__name__}: {error}"
    return None


def process_pool(jobs: int) -> Callable[[], Executor]:
    """Makes pools of that many processes of this machine."""

    def made() -> Executor:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # Begun anew and not forked: the process of a host has threads, and is no good to copy.
        pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin)
        with _unheard():
            for _ in range(jobs):  # they make themselves ready while this process looks through the first file
                pool.submit(_ready)
        return pool

    return made


@contextmanager
def _unheard() -> Iterator[None]:
    """Processes that are begun hear no Ctrl-C from their birth on; this one hears it afterwards.

    On Windows they hear it until they have begun.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # begun later, it would let this process hear again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """A worker's first act.

    A Ctrl-C is for the process that hands out the work: it ends the others in order. When that process is gone, however
    it ended, there is nobody to work for.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _ready() -> None:
    """Load what judging needs: the rules of the programmes that come with the library."""
    for code in BUILT_IN:
        programme(code)


def by_workers(
    cases: Iterable[Taken], question: Question, executor: Executors, *, in_flight: int, lost: Lost | None
) -> Iterator[tuple[Taken, Verdict[Item]]]:
    """Each case with its verdict, in the order given.

    Args:
        cases: taken out of their stores while the workers judge: never more than ``in_flight`` lots at a time.
        question: what is asked.
        executor: who judges.
        in_flight: lots that are handed out at a time.
        lost: told of each lost worker.

    Raises:
        Unavailable: if an executor of the host's is broken.
        Exception: whatever judging a case raised, as if it had been judged here.
    """
    with _Workers(executor) as workers:
        waiting: deque[tuple[Lot, Future[Answer]]] = deque()
        source = lots(cases)
        more = True
        while more or waiting:
            while more and len(waiting) < in_flight:
                lot = next(source, None)
                if lot is None:
                    more = False
                else:
                    waiting.append((lot, workers.submit(lot, question)))
            if not waiting:
                break
            lot, future = waiting.popleft()
            try:
                found = _answer(future)
            except WorkerLost as error:
                if lost is not None and not isinstance(error.__cause__, _UNSENT):
                    lost(1, str(error))
                workers.renew()
                found = _alone(lot, question, workers, lost)
                if workers.made:  # what else was handed out went down with the pool
                    waiting = deque((each, _again(each, done, question, workers)) for each, done in waiting)
            yield from zip(lot.cases, found, strict=True)


_UNSENT = (pickle.PicklingError, TypeError, AttributeError)
"""What a worker answers that cannot send its answer: it is not lost."""


class WorkerLost(Exception):
    """Raised where a worker took a lot and never answered."""


def _answer(future: Future[Answer]) -> tuple[Verdict[Item], ...]:
    try:
        answer = future.result()
    except Exception as error:  # what an executor raises for a lost worker is its own affair
        raise WorkerLost(f"{type(error).__name__}: {error}") from error
    if isinstance(answer, BaseException):
        raise answer
    return tuple(Verdict(*each) for each in answer)


def _again(lot: Lot, future: Future[Answer], question: Question, workers: _Workers) -> Future[Answer]:
    if future.done() and future.exception() is None:
        return future
    return workers.submit(lot, question)


def _alone(lot: Lot, question: Question, workers: _Workers, lost: Lost | None) -> tuple[Verdict[Item], ...]:
    """Judge a lot while nothing else is under way: if a worker is lost again, the lot was the reason."""
    try:
        return _answer(workers.submit(lot, question, again=True))
    except WorkerLost as error:
        workers.renew()
        if len(lot.cases) == 1:
            (case,) = lot.cases
            said = f"could not be judged: each worker that tried was lost ({error})"
            return (Verdict((left_out(InputError(said), case.case_id).at(file=case.source),)),)
        if lost is not None:
            lost(1, str(error))
    first, second = lot.halves()
    return _alone(first, question, workers, lost) + _alone(second, question, workers, lost)


class _Workers:
    """An executor for the time of one audit."""

    def __init__(self, executor: Executors) -> None:
        self._make = None if isinstance(executor, Executor) else executor
        self._executor = executor if isinstance(executor, Executor) else executor()

    @property
    def made(self) -> bool:
        """Is the executor one that was made for this audit?"""
        return self._make is not None

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self.made:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(self, lot: Lot, question: Question, *, again: bool = False) -> Future[Answer]:
        """Hand out a lot; ``again``: whose answer did not come.

        Raises:
            Unavailable: if the executor takes no more work and is not one that can be made anew.
        """
        judge = judge_again if again else judge_lot
        try:
            return self._submit(judge, lot, question)
        except BrokenExecutor as error:
            if not self.made:
                said = f"it takes no more work ({error}); give a function that makes one, and it is made anew"
                raise Unavailable(said, where="the executor of this audit") from error
            self.renew()
            return self._submit(judge, lot, question)

    def _submit(self, judge: Callable[[Lot, Question], Answer], lot: Lot, question: Question) -> Future[Answer]:
        if not self.made:
            return self._executor.submit(judge, lot, question)
        with _unheard():  # a pool begins a process when there is no idle one
            return self._executor.submit(judge, lot, question)

    def renew(self) -> None:
        """A new executor in place of one of our making that has lost a worker."""
        if self._make is not None:
            with suppress(Exception):  # it is broken: what it says of that is known
                self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = self._make()


__all__ = ["LINES", "Executors", "Lost", "Lot", "by_workers", "judge_lot", "lots", "process_pool"]
