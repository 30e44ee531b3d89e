"""What an exploration has seen: rows, answers of rules, moves, duties, each with the shortest history that shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import TypeVar

import attrs

from shuroflow.case import Duty
from shuroflow.events import Event
from shuroflow.states import Edition, Judgement, Row
from shuroflow.verification.paths.alphabet import as_recorded
from shuroflow.verification.paths.situations import Situation
from shuroflow.vocabulary import CLOSED, State

K = TypeVar("K", bound=Hashable)


@attrs.frozen
class Seen:
    """Where something was seen: a situation, and the events tried on it."""

    situation: Situation
    events: tuple[Event, ...] = ()

    @property
    def length(self) -> int:
        """Number of events."""
        return self.situation.length + len(self.events)

    def history(self) -> tuple[Event, ...]:
        """The whole history, as one case."""
        return as_recorded((*self.situation.history(), *self.events), "witness-1")


Move = tuple[State, State, str | None, str]
"""From, to, the event (``None``: a day came) and the clause."""


@attrs.define
class Coverage:
    """Everything seen, by what it is; a witness is the shortest that was met."""

    edition: Edition
    states: dict[State, Seen] = attrs.field(factory=dict)
    answers: dict[tuple[int, tuple[str, ...]], Seen] = attrs.field(factory=dict)  # by row: the rules that did not hold
    taken: dict[int, Seen] = attrs.field(factory=dict)
    moves: dict[Move, Seen] = attrs.field(factory=dict)
    times: Counter[Move] = attrs.field(factory=Counter)
    refused: dict[str, Seen] = attrs.field(factory=dict)  # by rule, what is not of a row: out of place, not of the text
    settled: dict[str, Seen] = attrs.field(factory=dict)
    overlaps: dict[tuple[int, ...], Seen] = attrs.field(factory=dict)
    gaps: dict[tuple[str, State], Seen] = attrs.field(factory=dict)
    arisen: dict[str, Seen] = attrs.field(factory=dict)
    discharged: dict[tuple[str, str, str], Seen] = attrs.field(factory=dict)  # duty, event, "done", "end" or "again"
    missing: dict[tuple[State, int], Seen] = attrs.field(factory=dict)
    undrawn: dict[tuple[State, State], Seen] = attrs.field(factory=dict)
    elsewhere: dict[str, Seen] = attrs.field(factory=dict)  # rules that did not hold under another office's settings
    fell: dict[tuple[str, str], Seen] = attrs.field(factory=dict)  # event, error
    ways: dict[tuple[State, ...], Seen] = attrs.field(factory=dict)
    judged: int = 0
    allowed: int = 0
    _row_numbers: dict[int, int] = attrs.field(factory=dict, init=False)
    _lapses: dict[tuple[State, State], tuple[Move, ...]] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._row_numbers = {id(row): number for number, row in enumerate(self.edition.rows)}

    def number(self, row: Row) -> int:
        """The place of a row in the rulebook; -1: it is of another edition."""
        return self._row_numbers.get(id(row), -1)

    def answered(self, row: Row, judgement: Judgement, situation: Situation, events: tuple[Event, ...]) -> None:
        """A row was asked."""
        self.judged += 1
        number = self.number(row)
        codes = tuple([finding.rule.code for finding in judgement.findings])
        keep(self.answers, (number, codes), situation, events)
        if judgement.allowed:
            self.allowed += 1
            keep(self.taken, number, situation, events)
            if row.dest is not None:
                self._moved((judgement.source, row.dest, row.event, row.clause), situation, events)

    def out_of_row(self, judgement: Judgement, situation: Situation, events: tuple[Event, ...]) -> None:
        """An event was tried where the chart has no row for it."""
        for finding in judgement.findings:
            keep(self.refused, finding.rule.code, situation, events)

    def _moved(self, move: Move, situation: Situation, events: tuple[Event, ...]) -> None:
        self.times[move] += 1
        keep(self.moves, move, situation, events)

    def passed(self, source: State, dest: State, situation: Situation, events: tuple[Event, ...]) -> None:
        """A day moved the case by itself: along which arrows of the diagram?"""
        moves = self._by_itself(source, dest)
        if moves is None:
            keep(self.undrawn, (source, dest), situation, events)
        else:
            for move in moves:
                self._moved(move, situation, events)

    def _by_itself(self, source: State, dest: State) -> tuple[Move, ...] | None:
        paths: dict[State, tuple[Move, ...]] = {source: ()}
        fresh = [source]
        while fresh and dest not in paths:
            here = fresh.pop(0)
            for lapse in self.edition.by_itself:
                if lapse.source is here and lapse.dest not in paths:
                    paths[lapse.dest] = (*paths[here], (here, lapse.dest, None, lapse.clause))
                    fresh.append(lapse.dest)
        return paths.get(dest)

    def duties(
        self,
        before: dict[tuple[str, str], Duty],
        after: dict[tuple[str, str], Duty],
        closes: bool,
        situation: Situation,
        event: Event,
    ) -> None:
        """An event changed what is owed: done, gone because the case came to its end, or owed anew."""
        for key, duty in before.items():
            if after.get(key) != duty:
                how = "again" if key in after else "end" if closes else "done"
                keep(self.discharged, (key[0], event.kind, how), situation, (event,))
        for key, duty in after.items():
            if before.get(key) != duty:
                keep(self.arisen, key[0], situation, (event,))

    def stands(self, situation: Situation) -> None:
        """A situation was reached."""
        keep(self.states, situation.state, situation, ())
        keep(self.ways, situation.way, situation, ())


def keep(into: dict[K, Seen], key: K, situation: Situation, events: tuple[Event, ...]) -> None:
    """Keep it, if nothing shorter shows the same."""
    known = into.get(key)
    if known is None or situation.length + len(events) < known.length:
        into[key] = Seen(situation, events)


def words(error: Exception) -> str:
    """What fell over, in a line."""
    return f"{type(error).__name__}: {error}"


def is_end(state: State) -> bool:
    """Is it a state in which a case can stay?"""
    return state in CLOSED


__all__ = ["Coverage", "Move", "Seen", "is_end", "keep", "words"]
