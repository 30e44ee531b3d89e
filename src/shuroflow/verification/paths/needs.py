"""What must have come before a state: said of the events themselves, not by the guards that are to secure it.

A programme's own statement is an argument of the exploration. For the two programmes of this package it stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import attrs

from shuroflow.errors import InputError
from shuroflow.events import Event, kinds_of
from shuroflow.states import Edition
from shuroflow.states.judgement import Wording
from shuroflow.vocabulary import State


@attrs.frozen
class Need:
    """Something that the events of a case must have brought about before it comes to a state.

    ``events`` are the kinds of event that can change the answer; ``holds`` gets the events so far, in order, the one
    that leads to the state among them, and the day on which the case comes there. ``plain``: it asks for nothing but
    an event of the kind, which the chart alone may secure.
    """

    label: Wording
    events: frozenset[str]
    holds: Callable[[Sequence[Event], date], bool]
    plain: bool = False

    @classmethod
    def of(cls, event: str, label: Wording | None = None) -> Need:
        """There is an event of that kind, on that day or before."""

        def there_is(history: Sequence[Event], day: date) -> bool:
            return any(each.kind == event and each.occurred_on <= day for each in history)

        return cls(label or Wording(event, event), frozenset({event}), there_is, plain=True)


Needs = Mapping[State, Sequence[str | Need]]
"""For a state, what must have come before it: a kind of event, or a :class:`Need`."""

_BOTH = {"specialist_support", "goal_setting"}


def _consent_to_both(history: Sequence[Event], day: date) -> bool:
    """埼玉 4(1)④: consent to support and to the setting of goals, not taken back by that day."""
    agreed: set[str] = set()
    for event in sorted((each for each in history if each.occurred_on <= day), key=_by_day):
        if event.kind == "consented":
            agreed |= {each.value for each in event.data.scope}
        elif event.kind == "consent_withdrawn":
            agreed.clear()
    return agreed == _BOTH


def _by_day(event: Event) -> date:
    return event.occurred_on


def _once_consented_to_both(history: Sequence[Event], day: date) -> bool:
    return any(_consent_to_both(history[: at + 1], day) for at in range(len(history)))


CONSENT = Need(
    Wording("支援と目標設定の双方への同意", "consent to support and to the setting of goals"),
    frozenset({"consented", "consent_withdrawn"}),
    _consent_to_both,
)
CONSENT_ONCE = Need(CONSENT.label, CONSENT.events, _once_consented_to_both)

_USE = (
    Need.of("use_approved", Wording("利用決定", "decision on use")),
    Need.of("approval_notified", Wording("利用決定の通知", "notice of the decision on use")),
)

NEEDS: Mapping[str, Needs] = {
    # An extension goes on with a support that was agreed to; what a later withdrawal means for it the text leaves open.
    "saitama": {State.IN_SUPPORT: (CONSENT,), State.EXTENDED: (CONSENT_ONCE,)},
    "tsushima": {State.IN_SUPPORT: _USE, State.EXTENDED: _USE},
}
"""No support without consent (埼玉); no use without the decision and its notice (対馬)."""


def stated(edition: Edition, needs: Needs | None) -> dict[State, tuple[Need, ...]]:
    """The needs of a programme by state: those given, or those of the programme itself.

    Raises:
        InputError: if one names an event that the programme does not have.
    """
    code = edition.programme
    given = NEEDS.get(code, {}) if needs is None else needs
    found: dict[State, tuple[Need, ...]] = {}
    for state, wanted in given.items():
        made = tuple(Need.of(each, edition.event_label(each)) if isinstance(each, str) else each for each in wanted)
        for need in made:
            for kind in sorted(need.events - set(kinds_of(code))):
                said = f"programme {code!r} has no event {kind!r}; its events: {', '.join(sorted(kinds_of(code)))}"
                raise InputError(said, field=f"needs.{state.value}")
        found[state] = made
    return found


__all__ = ["NEEDS", "Need", "Needs", "stated"]
