"""Every sequence of events that leaves a known history by up to so many events, as the judge answers it.

The exploration goes breadth first, from where :mod:`~shuroflow.verification.paths.starting` says. On every situation
every event of the alphabet is tried, and the days are let come; a day that passes counts as one event. What the judge
allows is gone on with; what it refuses is noted with the rules that did not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache

import attrs

from shuroflow.case import Case
from shuroflow.events import Event
from shuroflow.states import Edition, Office, Programme
from shuroflow.states.machine import Ruled
from shuroflow.states.rows import nothing
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.lines import copied
from shuroflow.verification.paths.alphabet import Alphabet
from shuroflow.verification.paths.coverage import Coverage, is_end, keep, words
from shuroflow.verification.paths.needs import Need
from shuroflow.verification.paths.situations import Key, Situation, heard
from shuroflow.vocabulary import State

Told = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def _nobody(what: str, done: int, total: int) -> None:
    """Nobody listens."""


@attrs.define
class Explorer:
    """The exploration of one programme.

    Args:
        kind: the programme.
        corpus: the histories to start from, and the events to try.
        office: figures, calendar and settings.
        needs: what must have come before a state.
        others: offices with other settings, for rules that speak only there.
        most: how many situations are kept at most.
        told: hears how far it is.
    """

    kind: Programme
    corpus: Corpus
    office: Office
    needs: dict[State, tuple[Need, ...]]
    others: tuple[Office, ...] = ()
    most: int | None = None
    told: Told = _nobody
    coverage: Coverage = attrs.field(init=False)
    situations: list[Situation] = attrs.field(factory=list, init=False)
    cut: bool = attrs.field(default=False, init=False)
    alphabet: Alphabet = attrs.field(init=False)
    _known: dict[Key, Situation] = attrs.field(factory=dict, init=False)
    listens: frozenset[str] = attrs.field(default=frozenset(), init=False)
    _out: set[tuple[State, str]] = attrs.field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self.coverage = Coverage(self.kind.current)
        self.alphabet = Alphabet(self.corpus, self.kind.current)
        self.listens = frozenset().union(*(need.events for needs in self.needs.values() for need in needs))

    def run(self, beginnings: Iterable[Situation], variants: Iterable[Situation], bound: int) -> None:
        """Explore all sequences of up to ``bound`` events, each day on which something may change counting as one.

        Args:
            beginnings: where nothing has been tried yet.
            variants: where one event has been tried already.
            bound: the number of events and days.
        """
        level = [situation for situation in beginnings if self.kept(situation)]
        waiting = [situation for situation in variants if self.kept(situation)]
        level.sort(key=lambda situation: situation.length)
        for distance in range(bound):
            found: list[Situation] = []
            for done, situation in enumerate(level, 1):
                found += self.expand(situation, followed=distance + 1 < bound)
                self.told(f"{distance + 1}/{bound}", done, len(level))
            level, waiting = [*found, *waiting], []

    # -- one step

    def expand(self, situation: Situation, *, followed: bool) -> list[Situation]:
        """Try every event on a situation, and let the days come; the situations that were not known before.

        Without ``followed`` the situations one step on are looked at and not kept.
        """
        found: list[Situation] = []
        for after in self.onward(situation):
            self._linked(situation, after, found, followed)
        return found

    def onward(self, situation: Situation) -> Iterator[Situation]:
        """Every situation one step on: after an event that is allowed, or on a day to come."""
        for event in self.alphabet.at(situation.opened, situation.reached):
            after = self.step(situation, event)
            if after is not None:
                yield after
        for day in situation.days():
            try:
                later = self._on(situation, day)
            except Exception as error:
                keep(self.coverage.fell, ("day", words(error)), situation, ())
                return
            yield later

    def _on(self, situation: Situation, day: date) -> Situation:
        state = situation.case.state_on(day)
        later = Situation(
            situation.case,
            (day, 0),
            situation.opened,
            state,
            situation.distance + 1,
            before=situation,
            told=situation.told,
            way=situation.way if state is situation.state else (*situation.way, state),
            length=situation.length,
        )
        if state is not situation.state:
            self.coverage.passed(situation.state, state, situation, ())
            self.entered(situation, later, None)
        return later

    def _linked(self, situation: Situation, after: Situation, found: list[Situation], followed: bool) -> None:
        if is_end(after.state):
            situation.ends = True
        if not followed:
            situation.leaves += 1
            self.coverage.stands(after)
            return
        key = after.key()
        known = self._known.get(key)
        if known is None:
            if not self.kept(after, key):
                situation.leaves += 1
                return
            found.append(after)
            known = after
        else:
            self.coverage.stands(after)
        situation.after.append(known)

    def kept(self, situation: Situation, key: Key | None = None) -> bool:
        """Is it one that was not known before, and is there room for it?"""
        self.coverage.stands(situation)
        key = situation.key() if key is None else key
        if key in self._known:
            return False
        if self.most is not None and len(self.situations) >= self.most:
            self.cut = True
            return False
        self._known[key] = situation
        self.situations.append(situation)
        self._settled(situation)
        return True

    def _settled(self, situation: Situation) -> None:
        """What the days to come bring by themselves, under the settings of this office and under others."""
        case = situation.case
        days = [situation.reached[0], *situation.days()]
        for day in days:
            edition = self.kind.edition_on(day)
            for office in (self.office, *self.others):
                try:
                    findings = edition.settle(case, day, office)
                except Exception as error:
                    keep(self.coverage.fell, ("day", words(error)), situation, ())
                    return
                for finding in findings:
                    keep(self.coverage.settled, finding.rule.code, situation, ())

    def step(self, situation: Situation, event: Event) -> Situation | None:
        """Try one event: the situation after it, or ``None`` if it is refused."""
        try:
            return self._step(situation, event)
        except Exception as error:  # a guard or a fold fell over: that is a finding, and no reason to stop
            keep(self.coverage.fell, (event.kind, words(error)), situation, (event,))
            return None

    def _step(self, situation: Situation, event: Event) -> Situation | None:
        case, coverage = situation.case, self.coverage
        edition = self.kind.edition_on(event.occurred_on)
        source = edition.source_for(case, event.kind, event.occurred_on)
        choices = choices_of(edition, event.kind, source)
        if not choices:
            if (source, event.kind) not in self._out:  # the chart alone refuses it, whatever the case holds
                self._out.add((source, event.kind))
                coverage.out_of_row(edition.judge(case, event, self.office), situation, (event,))
            return None
        ruled: Ruled | None = choices[0]
        if len(choices) > 1 or choices[0].row.when is not None:
            ruled = self.fitting(choices, case, event, situation, (event,))
        if ruled is None:
            return None
        judgement = edition.judge(case, event, self.office)
        coverage.answered(ruled.row, judgement, situation, (event,))
        if not judgement.allowed:
            return None
        changed = case
        if ruled.row.fold is not nothing or ruled.row.dest is not None:
            changed = copied(case)
            edition.fold(changed, event, self.office)
        place = self.kind.current.place_of(event)
        reached = max(situation.reached, place)
        state = changed.state_on(reached[0])
        after = Situation(
            changed,
            reached,
            situation.opened,
            state,
            situation.distance + 1,
            before=situation,
            event=event,
            told=heard(situation.told, event, self.listens),
            way=situation.way if state is situation.way[-1] and ruled.row.dest is None else (*situation.way, state),
            length=situation.length + 1,
        )
        on_the_day = case.state_on(event.occurred_on)
        if on_the_day is not situation.state:
            coverage.passed(situation.state, on_the_day, situation, (event,))
        if state is not situation.state:
            self.entered(situation, after, event)
        if changed.duties != case.duties:
            coverage.duties(
                case.duties, changed.duties, is_end(state) and not is_end(situation.state), situation, event
            )
        return after

    def entered(self, before: Situation, after: Situation, event: Event | None) -> None:
        """A case came to another state, by an event or on a day."""
        if after.state is not before.state and after.state in self.needs:
            day = after.reached[0] if event is None else event.occurred_on
            self.missing(after.state, after.history(), day, before, () if event is None else (event,))

    def missing(
        self, state: State, history: Sequence[Event], day: date, before: Situation, told: tuple[Event, ...]
    ) -> None:
        """Is everything there that must have come before a state? The history ends with what leads to it."""
        for at, need in enumerate(self.needs.get(state, ())):
            if not need.holds(history, day):
                keep(self.coverage.missing, (state, at), before, told)

    def reach(self, start: Situation, goal: Callable[[Situation], bool], *, steps: int, most: int) -> Situation | None:
        """The nearest situation that meets the goal, by up to so many further steps; ``None`` if none is met."""
        level, known = [start], {start.key()}
        for _ in range(steps):
            found: list[Situation] = []
            for situation in level:
                for after in self.onward(situation):
                    if goal(after):
                        return after
                    key = after.key()
                    if key not in known and len(known) < most:
                        known.add(key)
                        found.append(after)
            level = found
        return None

    def fitting(
        self,
        choices: Sequence[Ruled],
        case: Case,
        event: Event,
        situation: Situation,
        told: tuple[Event, ...],
    ) -> Ruled | None:
        """The row of an event that has several: exactly one must want it."""
        fitting = [ruled for ruled in choices if ruled.row.when is None or ruled.row.when(case, event)]
        if len(fitting) > 1:
            numbers = tuple(self.coverage.number(ruled.row) for ruled in fitting)
            keep(self.coverage.overlaps, numbers, situation, told)
        elif not fitting:
            keep(self.coverage.gaps, (event.kind, State(choices[0].source)), situation, told)
            return None
        return fitting[0]


def choices_of(edition: Edition, kind: str, source: State) -> tuple[Ruled, ...]:
    """The rows from which an event of a kind may take its way out of a state."""
    return _transitions(edition).get((kind, source), ())


@cache
def _transitions(edition: Edition) -> dict[tuple[str, State], tuple[Ruled, ...]]:
    """The transitions that the machine drives, by event and source."""
    return {
        (name, State(source)): tuple(each for each in transitions if isinstance(each, Ruled))
        for name, trigger in edition.machine.events.items()
        for source, transitions in trigger.transitions.items()
    }


__all__ = ["Explorer", "Told"]
