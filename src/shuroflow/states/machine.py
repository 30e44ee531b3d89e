"""The one judge: a ``transitions.Machine`` whose transitions carry the rows of a rulebook and their rules.

A transition asks its guards in the same way whether the machine's engine drives it or an auditor asks it directly. It
knows nothing of the day on which a text begins, nor of what is missing in a case: the chart does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from transitions import EventData, Machine, Transition

from shuroflow.case import Case
from shuroflow.events import Event
from shuroflow.states.judgement import Finding, Inapplicable, Judgement, Rule, Seen
from shuroflow.states.office import Office
from shuroflow.states.rows import Guard, Row
from shuroflow.vocabulary import State

if TYPE_CHECKING:
    from shuroflow.states.chart import Edition


class Ruled(Transition):
    """A transition that carries its row and its rules."""

    def __init__(self, source: str, dest: str | None, *args: Any, row: Row, edition: Edition, **kwargs: Any) -> None:
        super().__init__(source, dest, *args, **kwargs)  # type: ignore[arg-type] # None: an internal transition
        self.row = row
        self.destination = row.dest if row.dest is not None else State(source)
        self.rules: tuple[tuple[Rule, Guard], ...] = tuple((edition.rule_of(guard, row), guard) for guard in row.guards)

    def ask(self, case: Case, event: Event, office: Office) -> tuple[Finding, ...]:
        """Ask every guard; nothing is moved."""
        found: list[Finding] | None = None
        for rule, guard in self.rules:
            seen = guard(case, event, office)
            if seen is not None and not isinstance(seen, Inapplicable):
                if found is None:
                    found = []
                found.append(finding_of(rule, event, seen))
        return () if found is None else tuple(found)

    def judge(self, case: Case, event: Event, office: Office, source: State) -> Judgement:
        """What the guards find, and where the event leads."""
        return Judgement(event, source, self.destination, self.ask(case, event, office))

    def _eval_conditions(self, event_data: EventData) -> bool:
        cursor = event_data.model
        assert isinstance(cursor, Cursor)
        if self.row.when is not None and not self.row.when(cursor.case, cursor.event):
            return False
        cursor.judgement = self.judge(cursor.case, cursor.event, cursor.office, State(self.source))
        return cursor.judgement.allowed and super()._eval_conditions(event_data) is True


def finding_of(rule: Rule, event: Event, seen: Seen) -> Finding:
    """What a rule finds in an event; a reason that the office gave for another reading takes its force to refuse."""
    reason = getattr(event.data, "override_reason", None) if rule.override else None
    return Finding(rule, event.seq, event.occurred_on, seen, reason, rule.blocks and reason is None)


class RuledMachine(Machine):
    """A machine whose transitions carry rules. It has no model and no door that skips a guard."""

    transition_cls = Ruled


@attrs.define
class Cursor:
    """What the machine moves: a case, an event and the state between them."""

    case: Case
    event: Event
    office: Office
    state: str
    judgement: Judgement | None = None
    passed: bool = False


__all__ = ["Cursor", "Ruled", "RuledMachine", "finding_of"]
