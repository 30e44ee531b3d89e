"""What a mutant is tried against: checks that hold while the rules are whole, and the kit's own histories as such.

A suite gathers its checks once and hands them to whoever asks, in the one process that also changes the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

import attrs

from shuroflow.events import Event
from shuroflow.states import Edition, Finding, Judgement, Office, programme
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.planning import Script, scripts
from shuroflow.verification.walking import Expected

T = TypeVar("T")


class Check(Protocol):
    """Something that holds while the rules are whole."""

    @property
    def name(self) -> str:
        """What a reader finds it by."""

    def fault(self) -> str | None:
        """Run it: what is wrong, in a line; ``None`` if it holds."""


class Suite(Protocol):
    """A set of checks."""

    def with_checks(self, work: Callable[[Sequence[Check], Session], T]) -> T:
        """Gather the checks and do the work with them.

        Raises:
            InputError: if there is none, or they cannot be gathered.
        """


class Session(Protocol):
    """What surrounds the checks while they run."""

    def shown(self) -> AbstractContextManager[Any]:
        """What is written inside the ``with`` comes to the terminal."""

    def finish(self) -> None:
        """One mutant is done: whatever the checks share among them is given up."""

    def forget(self) -> None:
        """Empties what the checks have remembered of the rules."""


class PlainSession:
    """Nothing surrounds them."""

    def shown(self) -> AbstractContextManager[Any]:
        """As ever."""
        return nullcontext()

    def finish(self) -> None:
        """Nothing is shared."""

    def forget(self) -> None:
        """Nothing is remembered."""


# ---------------------------------------------------------------- the kit's own histories


Said = tuple[object, ...]


@attrs.define(eq=False)
class HistoryCheck:
    """A history of the kit: what the judge says along it, as a desk and as an auditor, is what it said at first."""

    script: Script
    office: Office
    number: int
    said: Said | None = None

    @property
    def name(self) -> str:
        """Its number in the plan, its programme and the step in question."""
        event = self.script.events[min(self.script.at, len(self.script.events) - 1)]
        return f"history {self.number} of {event.programme} at {event.kind}"

    def fault(self) -> str | None:
        """The first time the answer is kept; afterwards it has to be the same."""
        said = _said(self.script, self.office)
        if self.said is None:
            self.said = said
        if said == self.said:
            return None
        at = next((at for at, pair in enumerate(zip(said, self.said, strict=False)) if pair[0] != pair[1]), -1)
        return f"the judge says otherwise: {said[at]!r}, was {self.said[at]!r}"


@attrs.frozen
class HistorySuite:
    """The histories of the deterministic sweep, with the answers of the judge as it is.

    It shows which mutants the kit can tell from the rules, not that anything condemns them: the answers are the
    judge's own.
    """

    codes: tuple[str, ...]
    office: Office = attrs.field(factory=Office)
    seed: int = 0

    def with_checks(self, work: Callable[[Sequence[Check], Session], T]) -> T:
        """Plan the histories of each programme."""
        found: list[Script] = []
        for code in self.codes:
            corpus = Corpus.of(code)
            refusals, variants = scripts(corpus, self.office, self.seed)
            firsts = sum(1 for _ in {script.key for script in variants})
            found += [Script(history, 0) for history in corpus.histories]
            found += [*refusals, *variants[:firsts]]
        checks = [HistoryCheck(script, self.office, number) for number, script in enumerate(found, 1)]
        return work(checks, PlainSession())


def _said(script: Script, office: Office) -> Said:
    """What the judge says of each event, desk and auditor, and of the days that matter at the end."""
    kept = Expected("case-1", office)
    said: list[object] = []
    for event in script.events:
        following = kept.next(event)
        judgement = kept.judge(following)
        said.append(_judged(judgement))
        if judgement.allowed:
            kept.take(following)
    if kept.events:
        case = kept.case(max(event.occurred_on for event in kept.events))
        edition = programme(case.programme).current
        for day in kept.days():
            standing = kept.standing(day)
            said.append((day, standing, *kept.duties(day), *map(_found, edition.settle(kept.case(day), day, office))))
    return (*said, *_audited(script.events, office))


def _audited(events: Sequence[Event], office: Office) -> Said:
    """Every event judged and folded as the record has it, whatever the judge says."""
    kind = programme(events[0].programme)
    case = kind.current.new_case(events[0].case_id)
    said: list[object] = []
    edition: Edition = kind.current
    for seq, event in enumerate(events, 1):
        each = attrs.evolve(event, seq=seq)
        edition = kind.edition_on(each.occurred_on)
        said.append(_judged(edition.judge(case, each, office)))
        edition.fold(case, each, office)
    day = max(event.occurred_on for event in events)
    said.append((case.state_on(day), case.period, *map(_found, edition.settle(case, day, office))))
    return tuple(said)


def _judged(judgement: Judgement) -> object:
    found = tuple(map(_found, judgement.findings))
    return judgement.allowed, judgement.source, judgement.destination, found


def _found(finding: Finding) -> object:
    rule = finding.rule
    return rule.code, finding.clause, rule.severity, rule.basis, rule.once, finding.refuses, finding.seq, finding.on


__all__ = ["Check", "HistoryCheck", "HistorySuite", "PlainSession", "Session", "Suite"]
