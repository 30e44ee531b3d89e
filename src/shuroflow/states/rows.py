"""A rulebook as data: which event leads from where to where, by which clause, and what must hold then.

Rows know no machine, no rules and no wording: the chart brings these together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from shuroflow.case import Case
from shuroflow.events import Event
from shuroflow.states.judgement import Inapplicable, Seen, Wording
from shuroflow.states.office import Office
from shuroflow.vocabulary import State

Guard = Callable[[Any, Event, Office], Seen | Inapplicable | None]
"""``guard(case, event, office)``: ``None`` if it holds, the values it saw if not, or why it does not apply.

The rule has the guard's name.
"""

Fold = Callable[[Any, Event, Office], None]
"""``fold(case, event, office)``: put what the event says into the case."""


def nothing(case: Case, event: Event, office: Office) -> None:
    """Fold for an event that leaves no trace but itself."""


def _states(states: Iterable[State]) -> frozenset[State]:
    return frozenset(states)


def _guards(guards: Iterable[Guard]) -> tuple[Guard, ...]:
    return tuple(guards)


@attrs.frozen(kw_only=True)
class Row:
    """One row of a rulebook: an event, its clause, from where to where, what must hold, what it leaves in the case.

    ``dest`` is ``None`` for an internal event. ``when`` chooses between rows of the same event and source;
    such rows must exclude each other. ``absent`` marks an event that the 要綱 does not know: it is never
    allowed, for the reason that the rule of that name gives, and ``dest`` is the state such a record claims.
    ``place`` is the reading that the sources rest on, where the text does not say when the event may happen.
    ``turn`` is its place among the events of one day: what is done on the strength of a paper of the same day comes
    after it. ``counts_from`` names the field of the payload with the day from which it counts, if not its own.
    """

    event: str = attrs.field(kw_only=False)
    clause: str = attrs.field(kw_only=False)
    sources: frozenset[State] = attrs.field(converter=_states, default=frozenset())
    dest: State | None = None
    guards: tuple[Guard, ...] = attrs.field(converter=_guards, default=())
    fold: Fold = nothing
    when: Callable[[Any, Event], bool] | None = None
    absent: str | None = None
    place: str | None = None
    turn: int = 0
    counts_from: str | None = None


@attrs.frozen
class Lapse:
    """A move that a day brings by itself, such as the end of a fiscal year."""

    source: State
    dest: State
    clause: str
    label: Wording


__all__ = ["Fold", "Guard", "Lapse", "Row", "nothing"]
