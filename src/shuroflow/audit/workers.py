"""The work of an audit, handed in lots to the workers of an executor and given back in its order.

Any :class:`concurrent.futures.Executor` will do: the processes of this machine, or a cluster (Dask's
``Client.get_executor()``). What is judged is the same whoever judges it. Workers get the question and the bytes of the
cases; they need neither the files nor the database. Of a file they are first told only where the cases stand: workers
on the same machine read them there. One that does not find the very same file says so, and from then on bytes are sent.

A worker may be lost: killed, out of memory, its machine gone. Its lot is judged once more, alone; a lot that costs
another worker is halved until the case is found that does, and that case is named and left out.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from itertools import chain

from shuroflow.audit.ahead import Ahead
from shuroflow.audit.judging import Question, Taken, Verdict, left_out
from shuroflow.audit.lots import FIRST, MOST, Lot, Unread, judged_in, lots
from shuroflow.audit.pool import ProcessPool
from shuroflow.audit.sending import Answer, judge_sent, sent
from shuroflow.audit.summary import Item
from shuroflow.errors import InputError, Unavailable

Lost = Callable[[int, str], None]
"""``lost(lots, why)``: a worker was lost, and so many lots of cases are judged once more."""

Executors = Executor | Callable[[], Executor]
"""An executor of the host's, which is left as it is; or what makes one, which is made anew if it breaks."""

IN_FLIGHT = 8
"""Lots of cases that are handed out at a time, where nothing else is said."""

Verdicts = Iterable[Verdict[Item]]


def by_workers(
    cases: Iterable[Taken],
    question: Question,
    executor: Executors,
    *,
    in_flight: int | None,
    lost: Lost | None,
    ahead: Ahead | None = None,
) -> Iterator[tuple[Taken, Verdict[Item]]]:
    """Each case with its verdict, in the order given.

    Args:
        cases: taken out of their stores while the workers judge: never more than ``in_flight`` lots at a time.
        question: what is asked.
        executor: who judges.
        in_flight: lots that are handed out at a time; by default 8, or what a pool of processes says.
        lost: told of each lost worker.
        ahead: is offered cases while their file is looked through, and gives them here.

    Raises:
        Unavailable: if an executor of the host's is broken, or a file can no longer be read.
        InputError: if the question cannot be sent to another process.
        Exception: whatever judging a case raised, as if it had been judged here.
    """
    if in_flight is None:
        in_flight = executor.in_flight if isinstance(executor, ProcessPool) else IN_FLIGHT
    with _Workers(executor, question, lost) as workers:
        waiting: deque[_Lot] = deque()
        early = _Early(workers, in_flight, kept=in_flight * (1 if question.explained else MOST // FIRST))
        if ahead is not None:
            ahead.wants, ahead.give = early.wants, early.give
        source = lots(cases, grow=not question.explained, sizes=early.sizes)
        more = True
        number = 0
        failed: list[Exception] = []
        while more or waiting:
            while more and len(waiting) < in_flight:
                try:
                    lot = next(source, None)
                except Exception as error:  # whatever a store raises: it is told in its turn
                    lot = None
                    failed.append(error)
                if lot is None:
                    more = False
                else:
                    waiting.append(early.found(lot, number) or _Lot(lot, number))
                    number += 1
                    workers.hand_out(waiting, ours=False)
            if not waiting:
                break
            workers.hand_out(waiting)
            workers.help(waiting)
            first = waiting.popleft()
            if first.is_open:
                yield from zip(first.lot.cases, _judged_here(first.lot, question), strict=True)
                continue
            try:
                found = first.verdicts()
            except Unread:
                workers.reads_files = False
                waiting.appendleft(first)
                for each in (*waiting, *early):
                    each.take_back(only=Unread)
                continue
            except WorkerLost as error:
                workers.lost(first, error)
                workers.clear((*waiting, *early))
                found = workers.alone(first.lot)
            yield from zip(first.lot.cases, found, strict=True)
        if failed:
            raise failed.pop()  # held here it would hold this frame, and with it what is open


class _Early:
    """Lots that are judged while their file is looked through: the first ones, if no case gets a further line.

    ``kept``: how many may be answered and wait for their turn. They are small: where later ones are large, there may be
    more than ``in_flight``.
    """

    def __init__(self, workers: _Workers, in_flight: int, *, kept: int) -> None:
        self._workers, self._in_flight, self._kept = workers, in_flight, kept
        self._lots: deque[_Lot] = deque()
        self.sizes: list[int] = []
        """How many cases each of them has."""

    def __iter__(self) -> Iterator[_Lot]:
        """Those whose turn has not come."""
        return iter(self._lots)

    def wants(self) -> bool:
        """Is there time for a further one?"""
        under_way = sum(not each.is_answered for each in self._lots)
        return under_way < self._in_flight and len(self._lots) < self._kept and self._workers.room(self._lots) > 0

    def give(self, lot: Lot) -> None:
        """Have one judged."""
        each = _Lot(lot)
        self._workers.give(each)
        self._lots.append(each)
        self.sizes.append(len(lot.cases))

    def found(self, lot: Lot, number: int) -> _Lot | None:
        """The next of them, if it is that lot: what was judged of another is of no use."""
        if not self._lots:
            return None
        each = self._lots.popleft()
        if each.lot != lot:
            each.drop()
            return None
        each.number = number
        return each


class WorkerLost(Exception):
    """Raised where a worker took a lot and never answered."""


class _Lot:
    """A lot on its way: not handed out yet, handed out, or answered."""

    def __init__(self, lot: Lot, number: int = 0) -> None:
        self.lot = lot
        self.number = number
        self.future: Future[bytes] | None = None
        self.executor: Executor | None = None
        self._answer: Verdicts | Exception | None = None

    @property
    def is_open(self) -> bool:
        """Is there neither an answer, nor anybody who was asked for it?"""
        return self.future is None and self._answer is None

    @property
    def is_answered(self) -> bool:
        """Need nobody wait for it?"""
        return self._answer is not None or (self.future is not None and self.future.done())

    def judge_here(self, question: Question) -> None:
        """Judge it in this process; what that raises is told in its turn."""
        found: list[Verdict[Item]] = []
        failed: Exception | None = None
        try:
            for verdict in _judged_here(self.lot, question):
                found.append(verdict)
        except Exception as error:  # whatever a plug-in raises
            failed = error
        self._answer = _then(found, failed)

    def verdicts(self) -> Verdicts:
        """The answer, once it is there.

        Raises:
            WorkerLost: if there will be none.
            Unread: if the worker cannot read the cases.
            InputError: if the answer holds what cannot be made here. What judging raised comes in its turn.
        """
        if self._answer is None:
            self._answer = self._answered()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def _answered(self) -> Verdicts | Exception:
        assert self.future is not None
        try:
            answer = self.future.result()
        except CancelledError:
            return WorkerLost("it was not begun")
        except Exception as error:  # what an executor raises for a lost worker is its own affair
            return WorkerLost(f"{type(error).__name__}: {error}")
        try:
            return Answer(answer)
        except Exception as error:  # it holds none
            return error

    def drop(self) -> None:
        """Nobody needs the answer any more."""
        if self.future is not None:
            self.future.cancel()

    def take_back(self, *, only: type[Exception]) -> None:
        """Forget an answer that is of this kind: the lot has to be handed out once more."""
        if self.is_answered and self._answer is None:
            self._answer = self._answered()
        if isinstance(self._answer, only):
            self.future = self.executor = self._answer = None


def _judged_here(lot: Lot, question: Question) -> Iterator[Verdict[Item]]:
    """The verdict of each case, judged in this process.

    Raises:
        Unavailable: if a case can no longer be read.
        Exception: whatever judging raises.
    """
    try:
        yield from judged_in(lot, question)
    except Unread as error:
        raise error.cause from None


def _then(found: Iterable[Verdict[Item]], failed: Exception | None) -> Iterator[Verdict[Item]]:
    yield from found
    if failed is not None:
        raise failed


class _Workers:
    """An executor for the time of one audit."""

    def __init__(self, executor: Executors, question: Question, lost: Lost | None) -> None:
        self._question = question
        self._sent = sent(question)
        self._told = lost
        self._make = None if isinstance(executor, Executor) else executor
        self._jobs: int | None = None
        """How many judge where this process is one of them; ``None`` where it only hands out."""
        if isinstance(executor, Executor):
            self._executor = executor
        elif isinstance(executor, ProcessPool) and executor.helps and executor.jobs > 1:
            self._executor = executor.others()
            self._jobs = executor.jobs
        else:
            self._executor = executor()
        self.reads_files = True
        """Do the workers read what stands in files, as far as is known?"""

    @property
    def made(self) -> bool:
        """Is the executor one that was made for this audit?"""
        return self._make is not None

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._make is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def hand_out(self, waiting: Sequence[_Lot], *, ours: bool = True) -> None:
        """Give the workers what nobody was given, as far as there is room.

        Where this process judges too, each worker has a lot to judge and one to come, so that it never waits. One of so
        many lots as there are processes is left to this one: of the first lot it gives on each verdict at once, and
        what is judged before its turn is kept, which has its price. Where there is no other and ``ours`` says so, they
        are given these too, but for the earliest; the latest first, for its turn comes last.

        Raises:
            Unavailable: if the executor takes no more work and is not one that can be made anew, or if a file that
                only this process can read can no longer be read.
        """
        left = [each for each in waiting if each.is_open]
        jobs = self._jobs
        if jobs is not None:
            kept = [each for each in left if each.number % jobs == 0]
            left = [each for each in left if each.number % jobs]
            if ours:
                left += kept[:0:-1]
            left = left[: self.room(waiting)]
        for each in left:
            self.give(each)
        if jobs is not None and self._jobs is None:  # the workers were made anew meanwhile: nothing is judged here now
            self.hand_out(waiting)

    def room(self, waiting: Iterable[_Lot]) -> int:
        """How many lots the workers could be given besides these."""
        if self._jobs is None:
            return sys.maxsize
        under_way = sum(not (each.is_open or each.is_answered) for each in waiting)
        return max(2 * (self._jobs - 1) - under_way, 0)

    def give(self, each: _Lot) -> None:
        """Give them this one.

        Raises:
            Unavailable: as :meth:`hand_out` does.
        """
        data = sent(each.lot if self.reads_files else each.lot.with_bytes())
        try:
            each.future = self._executor.submit(judge_sent, self._sent, data)
        except RuntimeError as error:  # it is broken, or was shut down
            if self._make is None:
                said = f"it takes no more work ({error}); give a function that makes one, and it is made anew"
                raise Unavailable(said, where="the executor of this audit") from error
            self._renew(f"{type(error).__name__}: {error}")
            each.future = self._executor.submit(judge_sent, self._sent, data)
        each.executor = self._executor

    def help(self, waiting: Sequence[_Lot]) -> None:
        """Until the first of them is answered, judge here what nobody was given."""
        if self._jobs is None or waiting[0].is_open:
            return
        for each in waiting:
            if waiting[0].is_answered:
                return
            if each.is_open:
                each.judge_here(self._question)
                self.hand_out(waiting)

    def alone(self, lot: Lot) -> Verdicts:
        """Judge a lot while nothing else is under way: if a worker is lost again, the lot was the reason."""
        self._try_out()
        each = _Lot(lot)
        self.give(each)
        try:
            return each.verdicts()
        except Unread:
            self.reads_files = False
            return self.alone(lot)
        except WorkerLost as error:
            if len(lot.cases) == 1:
                self.lost(each, error, tell=False)
                return (self._given_up(lot, error),)
            self.lost(each, error)
        first, second = lot.halves()
        return chain(self.alone(first), self.alone(second))

    def _try_out(self) -> None:
        """Do workers of our making live at all? Otherwise each case would be taken for one that costs workers.

        Raises:
            Unavailable: if they end before they judge anything.
        """
        if self._make is None:
            return
        for again in (True, False):  # the first time they may have more to judge than this
            nothing = _Lot(Lot(()))
            self.give(nothing)
            try:
                nothing.verdicts()
                return
            except WorkerLost as error:
                if not again:
                    said = f'they end before they begin ({error}); is the call guarded by `if __name__ == "__main__":`?'
                    raise Unavailable(said, where="the processes of this audit") from None
                self._renew(str(error), tell=False)

    def _given_up(self, lot: Lot, error: WorkerLost) -> Verdict[Item]:
        (case,) = lot.with_bytes().cases
        said = f"could not be judged: each worker that tried was lost ({error})"
        told = left_out(InputError(said), case.case_id).at(file=case.source)
        return Verdict((told,), digest=case.digest() if self._question.digests else b"")

    def lost(self, each: _Lot, error: WorkerLost, *, tell: bool = True) -> None:
        """A lot was not answered: tell of it, and put another executor in the place of one of our making.

        That was done already if the lot was handed to an earlier one.
        """
        if self._make is None:
            if tell and self._told is not None:
                self._told(1, str(error))
        elif each.executor is self._executor:
            self._renew(str(error), tell=tell)

    def clear(self, others: Iterable[_Lot]) -> None:
        """Have nothing under way besides: a lot that is judged alone would be blamed for what another does.

        What an executor of our making did not answer is to be handed out once more.
        """
        if self._make is None:
            return
        others = list(others)
        if any(each.executor is self._executor and not each.is_answered for each in others):
            self._renew("", tell=False)
        for each in others:
            each.take_back(only=WorkerLost)

    def _renew(self, why: str, *, tell: bool = True) -> None:
        """From now on this process only hands out: a case may cost the next that judges it, too."""
        assert self._make is not None
        if tell and self._told is not None:
            self._told(1, why)
        with suppress(Exception):  # it is broken: what it says of that is known
            self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._make()
        self._jobs = None


__all__ = ["IN_FLIGHT", "Executors", "Lost", "by_workers"]
