"""The driver: how the kit speaks to this system. Only this module knows the kit, and the system does not know it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import attrs

from examples.foreign_system.mistakes import Mistake
from examples.foreign_system.store import Act
from examples.foreign_system.system import System
from shuroflow.events import Actor, Event
from shuroflow.events.structure import structure
from shuroflow.verification.drivers import Answer, OpenDuty, Standing
from shuroflow.vocabulary import Role


class ForeignDriver:
    """Events go in as acts and come back as events."""

    def __init__(self, *planted: Mistake) -> None:
        self._system = System(frozenset(planted))

    def record(self, event: Event) -> Answer:
        """Hand in the act; the first one opens the case."""
        body = json.loads(_text(attrs.asdict(event.data)))  # every field, filled in or not
        number = self._system.count(event.case_id) + 1
        act = Act(
            number,
            event.kind,
            event.occurred_on.isoformat(),
            event.recorded_by.id,
            event.recorded_by.role.value,
            event.recorded_at.isoformat(),
            event.note,
            body,
        )
        complaints = self._system.hand_in(event.case_id, event.programme, act)
        return Answer(
            not complaints,
            tuple(dict.fromkeys(clause for clause, _ in complaints)),
            "; ".join(f"{clause} {reason}" for clause, reason in complaints),
        )

    def history(self, case_id: str) -> Sequence[Event]:
        """All acts of the case."""
        programme = self._system.programme(case_id)
        return [] if programme is None else [_event(case_id, programme, act) for act in self._system.acts(case_id)]

    def standing(self, case_id: str, on: date) -> Standing:
        """State and period."""
        state, period = self._system.standing(case_id, on.isoformat())
        days = None if period is None else (date.fromisoformat(period[0]), date.fromisoformat(period[1]))
        return Standing(state, days)

    duty_clauses = frozenset(
        [
            "4(3)",
            "4(5)",
            "6(1)",
            "6(2)",
            "第4条第1号ア",
            "第5条第3項",
            "第5条第4項",
            "第7条第2項",
            "第8条第1項第1号",
            "第8条第1項第2号",
            "第9条第5項",
            "第9条第6項",
            "第10条第2項",
        ]
    )

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """What is open."""
        day = on.isoformat()
        return [
            OpenDuty(
                duty.clause,
                None if duty.due is None else date.fromisoformat(duty.due),
                duty.late_after is not None and duty.late_after < day,
            )
            for duty in self._system.open_duties(case_id, day)
        ]

    def close(self) -> None:
        """Close the database."""
        self._system.close()


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, default=str)


def _event(case_id: str, programme: str, act: Act) -> Event:
    return Event(
        case_id=case_id,
        seq=act.number,
        programme=programme,
        kind=act.name,
        occurred_on=date.fromisoformat(act.day),
        recorded_at=datetime.fromisoformat(act.written),
        recorded_by=Actor(act.person, Role(act.role)),
        data=_payload(programme, act.name, _text(act.body)),
        note=act.remark,
    )


@lru_cache(maxsize=1 << 16)
def _payload(programme: str, name: str, body: str) -> Any:
    return structure(programme, name, json.loads(body))
