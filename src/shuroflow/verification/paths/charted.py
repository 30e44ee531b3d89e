"""What the chart alone says, whatever its guards answer: for histories of any length.

A walk takes a row out of a state that the row names, or lets a day move the case; each guard may hold or not. What no
such walk can do no case can do. Rows of what the 要綱 does not know are no way for a case to take; a record may claim
the state all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import attrs

from shuroflow.events import kinds_of
from shuroflow.states import Edition, Row
from shuroflow.verification.paths.alphabet import AMENDING
from shuroflow.verification.paths.coverage import is_end
from shuroflow.verification.paths.needs import Need
from shuroflow.vocabulary import State

Moves = Sequence[tuple[State, State, Row | None]]


def moves(edition: Edition) -> Moves:
    """Every arrow of the rulebook: from, to, and its row (``None``: a day moves the case by itself)."""
    found: list[tuple[State, State, Row | None]] = [
        (source, row.dest, row)
        for row in edition.rows
        if row.dest is not None and row.absent is None
        for source in sorted(row.sources)
    ]
    return [*found, *((lapse.source, lapse.dest, None) for lapse in edition.by_itself)]


def reachable(arrows: Moves, start: State = State.NEW) -> frozenset[State]:
    """The states to which some walk leads."""
    found, fresh = {start}, [start]
    while fresh:
        here = fresh.pop()
        for source, dest, _ in arrows:
            if source is here and dest not in found:
                found.add(dest)
                fresh.append(dest)
    return frozenset(found)


@attrs.frozen
class Charted:
    """The facts: states used, reached, only claimed, without an end; rows that overlap; events without a row."""

    used: frozenset[State]
    reached: frozenset[State]
    claimed: frozenset[State]
    trapped: frozenset[State]
    overlaps: tuple[tuple[int, int], ...]
    unknown_events: tuple[str, ...]
    walks: int

    @property
    def unreachable(self) -> frozenset[State]:
        """States that rows or lapses of the programme use and no walk comes to."""
        return self.used - self.reached - self.claimed


def charted(edition: Edition, *, longest: int) -> Charted:
    """Look at a chart. ``longest`` is the number of moves up to which walks are counted."""
    arrows = moves(edition)
    used = {State.NEW}
    for row in edition.rows:
        if row.absent is None:
            used |= row.sources | ({row.dest} if row.dest is not None else set())
    used |= {state for source, dest, _ in arrows for state in (source, dest)}
    reached = reachable(arrows)
    claimed = {row.dest for row in edition.rows if row.absent is not None and row.dest is not None}
    trapped = {state for state in reached if not any(is_end(each) for each in reachable(arrows, state))}
    events = set(kinds_of(edition.programme)) - AMENDING
    return Charted(
        used=frozenset(used),
        reached=reached,
        claimed=frozenset(claimed) - reached,
        trapped=frozenset(trapped),
        overlaps=tuple(_overlaps(edition)),
        unknown_events=tuple(sorted(events - {row.event for row in edition.rows})),
        walks=_walks(edition, arrows, longest),
    )


def _overlaps(edition: Edition) -> Iterator[tuple[int, int]]:
    """Rows of one event that share a source and both want every case."""
    numbered = list(enumerate(edition.rows))
    for (left, one), (right, other) in combinations(numbered, 2):
        if one.event == other.event and one.sources & other.sources and one.when is None and other.when is None:
            yield left, right


def _walks(edition: Edition, arrows: Moves, longest: int) -> int:
    """Number of walks of up to so many moves; where rows share source, event and destination each counts."""
    ways = {State.NEW: 1}
    total = 0
    for _ in range(longest):
        step: dict[State, int] = {}
        for source, dest, _row in arrows:
            if source in ways:
                step[dest] = step.get(dest, 0) + ways[source]
        ways = step
        total += sum(ways.values())
    return total


def secured_by_chart(edition: Edition, state: State, need: Need) -> bool:
    """Does every walk to the state take the event that the need asks for? Else it hangs on the rules."""
    if not need.plain:
        return False
    without = [
        (source, dest, row) for source, dest, row in moves(edition) if row is None or row.event not in need.events
    ]
    return state not in reachable(without)


def ways(edition: Edition, longest: int) -> Iterator[tuple[State, ...]]:
    """Every sequence of states of up to so many moves, the shorter ones first."""
    arrows = moves(edition)
    level: list[tuple[State, ...]] = [(State.NEW,)]
    for _ in range(longest):
        following = []
        for way in level:
            nexts = dict.fromkeys(dest for source, dest, _ in arrows if source is way[-1])
            following += [(*way, dest) for dest in nexts]
        yield from following
        level = following


__all__ = ["Charted", "charted", "moves", "reachable", "secured_by_chart", "ways"]
