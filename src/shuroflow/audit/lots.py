"""Lots of cases, and how one is judged: here, or by another process, which is sent bytes and answers with bytes.

Question, lots and answers are pickled here and not by whoever carries them: a cluster does it slower, and what cannot
be pickled is told by the process that has it. This module knows no executor.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import attrs

from shuroflow.audit.judging import Question, Taken, Verdict, judged
from shuroflow.audit.summary import Item
from shuroflow.errors import InputError, Unavailable
from shuroflow.states import BUILT_IN
from shuroflow.storage.caseplaces import Reader

LINES = 4_000
"""Lines in a lot: enough to make its journey worth while, few enough to be told of progress."""


@attrs.frozen
class Lot:
    """Neighbouring cases, to be judged in one go."""

    cases: tuple[Taken, ...]

    def with_bytes(self) -> Lot:
        """The same cases, read.

        Raises:
            Unavailable: if they stand in a file that can no longer be read.
        """
        with Reader() as reader:
            return Lot(tuple([taken.with_bytes(reader) for taken in self.cases]))

    def halves(self) -> tuple[Lot, Lot]:
        """The same cases as two lots."""
        middle = len(self.cases) // 2
        return Lot(self.cases[:middle]), Lot(self.cases[middle:])


def lots(cases: Iterable[Taken]) -> Iterator[Lot]:
    """The cases in lots of at least :data:`LINES` lines, the last one less."""
    some: list[Taken] = []
    lines = 0
    failed: Exception | None = None
    try:
        for case in cases:
            some.append(case)
            lines += len(case)
            if lines >= LINES:
                yield Lot(tuple(some))
                some, lines = [], 0
    except Exception as error:  # whatever a store raises: it is told in its turn
        failed = error
    if some:
        yield Lot(tuple(some))
    if failed is not None:
        raise failed


class Unread(Exception):
    """Raised where the cases of a lot cannot be read in the file where they stand."""


def judge(lot: Lot, question: Question) -> list[Verdict[Item]]:
    """The verdict of each case.

    Raises:
        Unread: if one cannot be read from here.
        Exception: whatever judging a case raises.
    """
    with Reader() as reader:
        try:
            return [verdict for _, verdict in judged(_read(lot, reader), question)]
        finally:  # of a file that was changed nothing holds, whatever came of it
            with _unread():
                reader.check()


def _read(lot: Lot, reader: Reader) -> Iterator[Taken]:
    for taken in lot.cases:
        with _unread():
            found = taken.with_bytes(reader)
        yield found


@contextmanager
def _unread() -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        raise Unread(str(error)) from None


# Between processes ----------------------------------------------------------------------------------------------------


def sent(value: Lot | Question) -> bytes:
    """A lot, or the question, for :func:`judge_sent`.

    Raises:
        InputError: if it cannot be pickled.
    """
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # whatever a host's classes raise
        what = "a case" if isinstance(value, Lot) else "the question, with its office,"
        raise InputError(_unsent(what, f"{type(error).__name__}: {error}")) from None


@functools.lru_cache(maxsize=1)
def _question(data: bytes) -> Question:
    """The question, made once: it is the same for all lots."""
    question = pickle.loads(data)
    assert isinstance(question, Question)
    return question


def judge_sent(question: bytes, lot: bytes) -> bytes:
    """What a worker does. What goes wrong in judging is sent back and not raised: it would look like a lost worker."""
    cases: Lot = pickle.loads(lot)
    try:
        # Bare values take a third of the time on their way.
        answer: object = [(*verdict,) for verdict in judge(cases, _question(question))]
    except Exception as error:  # whatever a plug-in raises
        fault = _unsendable(error)
        said = f"judging fails, and how cannot be told ({fault}): {error!r}"
        return pickle.dumps(error if fault is None else InputError(said))
    try:
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # whatever the values of a plug-in raise
        told = unsendable(cases, judge(cases, _question(question)))
        return pickle.dumps(told or InputError(_unsent("what was judged", f"{type(error).__name__}: {error}")))


def verdicts(answer: bytes) -> list[Verdict[Item]]:
    """What :func:`judge_sent` answered.

    Raises:
        Unread: if the worker could not read the cases.
        InputError: if the values of a plug-in cannot be sent between processes.
        Exception: whatever judging raised.
    """
    try:
        found = pickle.loads(answer)
    except Exception as error:  # whatever making these values raises
        raise InputError(_unsent("what was judged", f"{type(error).__name__}: {error}")) from None
    if isinstance(found, BaseException):
        raise found
    return [Verdict(*each) for each in found]


def unsendable(lot: Lot, found: Iterable[Verdict[Item]]) -> InputError | None:
    """Of which case the verdict cannot be sent, and why; ``None`` if all can.

    Only the values of plug-ins can be such; of others nobody asks.
    """
    for case, verdict in zip(lot.cases, found, strict=True):
        built_in = all(getattr(item, "programme", None) in BUILT_IN for item in verdict.items)
        fault = None if built_in else _unsendable((*verdict,))
        if fault is not None:
            return InputError(_unsent(f"what was judged of case {case.case_id!r}", fault), file=case.source)
    return None


def _unsent(what: str, fault: str) -> str:
    return (
        f"{what} cannot go from one process to another ({fault}): "
        "have the guards give plain values, or judge in one process (--jobs 1)"
    )


def _unsendable(value: object) -> str | None:
    try:
        pickle.loads(pickle.dumps(value))
    except Exception as error:  # whatever the values of a plug-in raise
        return f"{type(error).__name__}: {error}"
    return None


__all__ = ["LINES", "Lot", "Unread", "judge", "judge_sent", "lots", "sent", "unsendable", "verdicts"]
