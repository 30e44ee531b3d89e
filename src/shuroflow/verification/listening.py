"""Listens to the judge while any code runs, so that the coverage of a test run can be told by clause.

For as long as somebody listens, the questions put to an :class:`~shuroflow.states.Edition` (judge an event, fold it,
ask about a day) are noted with their answers; nothing of what is answered changes. What the kit asks the judge only to
find out what to try (:func:`unheard`) is not counted: it was put to no system.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from shuroflow.audit import Progress, audit
from shuroflow.case import Case
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.states import Cursor, Edition, Finding, Inapplicable, Judgement, Office, Row, Rule
from shuroflow.states.rows import Guard
from shuroflow.verification.coverage import CHART_RULES, Coverage, Key, Witness
from shuroflow.vocabulary import State

_lock = threading.Lock()
_listening: tuple[Coverage, ...] = ()
_answers: dict[str, Any] = {}
_unheard: ContextVar[bool] = ContextVar("unheard", default=False)


@contextmanager
def recording(into: Coverage | None = None) -> Iterator[Coverage]:
    """Count what is asked of any judge of this process while the block runs.

    ::

        with recording() as coverage:
            run_my_tests()
        print(coverage_text(coverage, "saitama"))

    Args:
        into: what was counted before; by default a new count. Blocks may lie within each other.
    """
    coverage = Coverage() if into is None else into
    _start(coverage)
    try:
        yield coverage
    finally:
        _stop(coverage)


@contextmanager
def unheard() -> Iterator[None]:
    """What the judge is asked in this block counts for nobody."""
    before = _unheard.set(True)
    try:
        yield
    finally:
        _unheard.reset(before)


def heard() -> bool:
    """Does anybody listen to what is asked here?"""
    return bool(_listening) and not _unheard.get()


def coverage_of(
    sources: Sequence[str | Path],
    *,
    as_of: date,
    office: Office | None = None,
    progress: Progress | None = None,
) -> tuple[Coverage, list[InputError]]:
    """What a set of histories exercises: every case of the sources is replayed as of a day.

    Args:
        sources: ``.jsonl`` files, folders of them and database URLs, as for an audit.
        as_of: the day asked about; duties are overdue or not as of it.
        office: figures, calendar and settings.
        progress: called after each case.

    Returns:
        The coverage, and what could not be used: it counts for nothing.
    """
    with recording() as coverage:
        items = list(audit(sources, as_of=as_of, office=office, progress=progress))
    return coverage, [item for item in items if isinstance(item, InputError)]


# ---------------------------------------------------------------- between the judge and those who ask


def _start(coverage: Coverage) -> None:
    global _listening  # noqa: PLW0603 - who listens is a fact of the process, as the judge is
    with _lock:
        if not _listening:
            for name, made in _HOOKS.items():
                _answers[name] = getattr(Edition, name)
                setattr(Edition, name, made(_answers[name]))
        _listening = (*_listening, coverage)


def _stop(coverage: Coverage) -> None:
    global _listening  # noqa: PLW0603
    with _lock:
        at = next(at for at, each in enumerate(_listening) if each is coverage)
        _listening = (*_listening[:at], *_listening[at + 1 :])
        if not _listening:
            for name in _HOOKS:
                setattr(Edition, name, _answers.pop(name))


Judge = Callable[[Edition, Case, Event, Office], Judgement]


def _judge(answer: Judge) -> Judge:
    @wraps(answer)
    def judge(self: Edition, case: Case, event: Event, office: Office) -> Judgement:
        judgement = answer(self, case, event, office)
        _judged(self, case, event, office, judgement.findings)
        return judgement

    return judge


def _findings(answer: Callable[..., tuple[Finding, ...]]) -> Callable[..., tuple[Finding, ...]]:
    @wraps(answer)
    def findings(self: Edition, case: Case, event: Event, office: Office) -> tuple[Finding, ...]:
        with unheard():  # it may go on to ask judge()
            found = answer(self, case, event, office)
        _judged(self, case, event, office, found)
        return found

    return findings


def _drive(answer: Callable[[Edition, Cursor], Judgement]) -> Callable[[Edition, Cursor], Judgement]:
    @wraps(answer)
    def drive(self: Edition, cursor: Cursor) -> Judgement:
        judgement = answer(self, cursor)
        _judged(self, cursor.case, cursor.event, cursor.office, judgement.findings)
        return judgement

    return drive


def _fold(answer: Callable[..., None]) -> Callable[..., None]:
    @wraps(answer)
    def fold(self: Edition, case: Case, event: Event, office: Office) -> None:
        before = dict(case.duties)
        answer(self, case, event, office)
        if before and heard():
            for key, duty in before.items():
                last = duty.in_time_until or duty.due
                if case.duties.get(key) is not duty and (last is None or event.occurred_on <= last):
                    _note(self, [(_duty_key(self, duty.code), True)], _witness(event))

    return fold


def _settle(answer: Callable[..., tuple[Finding, ...]]) -> Callable[..., tuple[Finding, ...]]:
    @wraps(answer)
    def settle(self: Edition, case: Case, as_of: date, office: Office) -> tuple[Finding, ...]:
        findings = answer(self, case, as_of, office)
        if heard():
            broken = {finding.rule.code: finding.seq for finding in findings}
            for key in _rules(self).of_days:
                seq = broken.get(key[0])
                witness = Witness(case.case_id, case.version if seq is None else seq, None, as_of.isoformat())
                _note(self, [(key, seq is None)], witness)
            for duty in case.duties.values():
                graded = self.table.duties[duty.code]
                if graded.while_open or graded.when_overdue or graded.when_closed:
                    undone = f"{self.programme}.{duty.code}" in broken
                else:  # nothing is found, but it is listed: late, or open without a day
                    undone = as_of >= duty.arose_on and (duty.due is None or as_of > duty.due)
                if undone:
                    witness = Witness(case.case_id, duty.seq, None, as_of.isoformat())
                    _note(self, [(_duty_key(self, duty.code), False)], witness)
        return findings

    return settle


_HOOKS: dict[str, Callable[[Any], Any]] = {
    "judge": _judge,
    "findings": _findings,
    "drive": _drive,
    "fold": _fold,
    "settle": _settle,
}


# ---------------------------------------------------------------- what a question says about which rules


class _Rules:
    """The rules of an edition as they are met: by the rows of an event, by the chart, and on the days asked about."""

    def __init__(self, edition: Edition) -> None:
        table = edition.table.rules
        self.home = {rule.code: rule.clause for rule in table.values()}
        self.rows: dict[tuple[str, State], list[tuple[Row, tuple[tuple[Guard, tuple[Key, ...]], ...]]]] = {}
        guards: set[str] = set()
        for row in edition.rows:
            guards |= {guard.__name__ for guard in row.guards}
            asked = tuple((guard, self._served(edition.rule_of(guard, row))) for guard in row.guards)
            for source in row.sources:
                self.rows.setdefault((row.event, source), []).append((row, asked))
        chart = {name: (table[name].code, table[name].clause) for name in CHART_RULES}
        self.in_place = [chart[name] for name in CHART_RULES if name.startswith("out_of_place")]
        self.after_close = [chart[name] for name in CHART_RULES if name.startswith("after_close")]
        self.earlier_text = chart["text_not_on_hand"]
        absent = {row.absent for row in edition.rows if row.absent is not None}
        self.absent = [(table[name].code, table[name].clause) for name in absent]
        met = {*guards, *absent, *CHART_RULES}
        self.of_days = [(rule.code, rule.clause) for name, rule in table.items() if name not in met]

    def _served(self, rule: Rule) -> tuple[Key, ...]:
        """A rule serves its own clause, and where it cites that of the row, that one too."""
        return tuple((rule.code, clause) for clause in {rule.clause, self.home[rule.code]})


_known: WeakKeyDictionary[Edition, _Rules] = WeakKeyDictionary()


def _rules(edition: Edition) -> _Rules:
    found = _known.get(edition)
    if found is None:
        found = _known[edition] = _Rules(edition)
    return found


def _duty_key(edition: Edition, name: str) -> Key:
    return f"{edition.programme}.{name}", edition.table.duties[name].clause


def _witness(event: Event) -> Witness:
    return Witness(event.case_id, event.seq, event.kind, event.occurred_on.isoformat())


def _judged(edition: Edition, case: Case, event: Event, office: Office, findings: Iterable[Finding]) -> None:
    if not heard():
        return
    rules = _rules(edition)
    source = edition.source_for(case, event.kind, event.occurred_on)
    said: dict[Key, bool] = {}
    for row, asked in rules.rows.get((event.kind, source), ()):
        if row.when is None or row.when(case, event):
            said = dict.fromkeys(rules.in_place, True)
            for guard, keys in asked:  # a rule that did not apply has not been seen to hold
                if not isinstance(guard(case, event, office), Inapplicable):
                    said |= dict.fromkeys(keys, True)
            # The step that led here was taken, and the event is where its own clause wants it.
            for clause in (row.clause, edition.ladder.get(source)):
                said |= {(code, clause): True for code, _ in rules.in_place if clause is not None}
            closing = case.closing_on(event.occurred_on)
            if closing is not None:
                said |= dict.fromkeys(rules.after_close, True)
                said |= {(code, closing.clause): True for code, _ in rules.after_close}
            break
    said |= dict.fromkeys(rules.absent, True)  # this kind of event is another one
    said[rules.earlier_text] = True
    for finding in findings:
        code = finding.rule.code
        said[code, rules.home[code]] = False
        said[code, finding.rule.clause] = False
    _note(edition, said.items(), _witness(event))


def _note(edition: Edition, said: Iterable[tuple[Key, bool]], witness: Witness) -> None:
    for coverage in _listening:
        for key, holds in said:
            coverage.note(edition.programme, key, witness, holds=holds)


__all__ = ["coverage_of", "heard", "recording", "unheard"]
