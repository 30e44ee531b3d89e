"""Lots on their way to another process, and its verdicts on their way back: as bytes.

They are pickled here and not by whoever carries them: a cluster does it slower, and what cannot be pickled is told by
the process that has it. This module knows no executor.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Iterator
from typing import Any

from shuroflow.audit.judging import Question, Verdict
from shuroflow.audit.lots import Lot, Unread, judged_in, unsendable, unsent
from shuroflow.audit.replay import CaseReport
from shuroflow.audit.summary import Item
from shuroflow.case import Period
from shuroflow.errors import InputError
from shuroflow.states import Finding, Rule

_TOGETHER = 25
"""Verdicts that are pickled together, and made of bytes again when it is their turn.

Fewer take more time: each by itself, three times as much. More would be objects all at once, by the thousand, and the
collector of garbage would go through them again and again.
"""


def sent(value: Lot | Question) -> bytes:
    """A lot, or the question, for :func:`judge_sent`.

    Raises:
        InputError: if it cannot be pickled.
    """
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # whatever a host's classes raise
        what = "a case" if isinstance(value, Lot) else "the question, with its office,"
        raise InputError(unsent(what, f"{type(error).__name__}: {error}")) from None


@functools.lru_cache(maxsize=1)
def _question(data: bytes) -> Question:
    """The question, made once: it is the same for all lots."""
    question = pickle.loads(data)
    assert isinstance(question, Question)
    return question


def judge_sent(question: bytes, lot: bytes) -> bytes:
    """What a worker does. What goes wrong in judging is sent back and not raised: it would look like a lost worker."""
    rules = _Rules()
    told: list[bytes] = []
    failed: Exception | None = None
    some: list[tuple[Any, ...]] = []
    try:
        for verdict in judged_in(pickle.loads(lot), _question(question)):
            some.append(_told(verdict, rules))
            if len(some) == _TOGETHER:
                told.append(pickle.dumps(some, pickle.HIGHEST_PROTOCOL))
                some = []
    except Exception as error:  # whatever a plug-in raises
        fault = unsendable(error)
        said = f"judging fails, and how cannot be told ({fault}): {error!r}"
        failed = error if fault is None else InputError(said)
    try:
        told.append(pickle.dumps(some, pickle.HIGHEST_PROTOCOL))
        return pickle.dumps((rules.found, told, failed), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # what was asked for each verdict of a plug-in holds no longer, or there is no memory
        return pickle.dumps(([], [], InputError(unsent("what was judged", f"{type(error).__name__}: {error}"))))


class Answer:
    """What :func:`judge_sent` answered: the verdicts of a lot, made one after the other.

    Raises:
        Unread: if the worker could not read the cases.
        InputError: if it holds what cannot be made here.
    """

    def __init__(self, data: bytes) -> None:
        self._rules: list[Rule]
        self._told: list[bytes]
        self._failed: Exception | None
        self._rules, self._told, self._failed = _loaded(data)
        if isinstance(self._failed, Unread):  # nothing holds of what was judged before it
            raise self._failed

    def __iter__(self) -> Iterator[Verdict[Item]]:
        """The verdict of each case.

        Raises:
            InputError: if it holds what cannot be made here.
            Exception: whatever judging raised, in its turn.
        """
        for data in self._told:
            for told in _loaded(data):
                yield _made(told, self._rules)
        if self._failed is not None:
            raise self._failed


def _loaded(data: bytes) -> Any:
    try:
        return pickle.loads(data)
    except Exception as error:  # whatever making these values raises
        raise InputError(unsent("what was judged", f"{type(error).__name__}: {error}")) from None


# One verdict ----------------------------------------------------------------------------------------------------------


class _Rules:
    """The rules that verdicts name, each once."""

    def __init__(self) -> None:
        self.found: list[Rule] = []
        self._numbers: dict[int, int] = {}

    def number(self, rule: Rule) -> int:
        """Its place among them. It is held, so that no other comes to its address meanwhile."""
        number = self._numbers.get(id(rule))
        if number is None:
            number = self._numbers[id(rule)] = len(self.found)
            self.found.append(rule)
        return number


def _told(verdict: Verdict[Item], rules: _Rules) -> tuple[Any, ...]:
    """A verdict as a tuple. One that is a report without an explanation, as most are, goes as its bare values."""
    items, torn, digest = verdict
    if torn or digest or len(items) != 1:
        return (*verdict,)
    (report,) = items
    if type(report) is not CaseReport or report.explanation is not None:
        return (*verdict,)
    period = report.period
    findings = [(rules.number(of.rule), of.seq, of.on, of.values, of.overridden, of.refuses) for of in report.findings]
    return (
        report.case_id,
        report.programme,
        report.state,
        None if period is None else (period.start, period.end),
        findings,
        report.events,
        report.source,
    )


def _made(told: tuple[Any, ...], rules: list[Rule]) -> Verdict[Item]:
    if len(told) == len(Verdict._fields):
        return Verdict(*told)
    case_id, programme, state, period, findings, events, source = told
    return Verdict(
        (
            CaseReport(
                case_id,
                programme,
                state,
                None if period is None else Period(*period),
                tuple(
                    [
                        Finding(rules[number], seq, on, values, overridden, refuses)
                        for number, seq, on, values, overridden, refuses in findings
                    ]
                ),
                events,
                None,
                None,
                source,
            ),
        )
    )


__all__ = ["Answer", "judge_sent", "sent"]
