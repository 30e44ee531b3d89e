"""Compliant histories, from which the verification of this programme, and of other systems for it, starts.

Between them they meet every guard: each event happens in one of them, and each limit has a value to move.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from hoshimino import events as e
from shuroflow.events import Actor, Event, event_name
from shuroflow.vocabulary import Role

JST = timezone(timedelta(hours=9))
OFFICER, COMPANION = Actor("of-01", Role.OFFICER), Actor("cp-01", Role.SPECIALIST)
COMMITTEE = (
    e.Member(id="m-1", seat=e.Seat.CHAIR),
    e.Member(id="m-2", seat=e.Seat.MEMBER),
    e.Member(id="m-3", seat=e.Seat.MEMBER),
)
APPLIED = e.Applied(born_on=date(2004, 5, 9), resident=True, working=False)
YES, NO = e.Notified(form=e.NoticeForm.SUPPORT), e.Notified(form=e.NoticeForm.NO_SUPPORT)
REFUSED = e.Rejected(committee=COMMITTEE, reason="就職が決まっている")


def history(case_id: str, *steps: tuple[str, Any], by: Actor = COMPANION) -> list[Event]:
    """One case: (day, payload) of each event, written down at five o'clock on the same day."""
    told = []
    for seq, (text, data) in enumerate(steps, 1):
        day = date.fromisoformat(text)
        told.append(
            Event(
                case_id=case_id,
                seq=seq,
                programme=e.CODE,
                kind=event_name(data),
                occurred_on=day,
                recorded_at=datetime.combine(day, time(17), JST),
                recorded_by=by,
                data=data,
            )
        )
    return told


BEGUN = (
    ("2025-04-07", APPLIED),
    ("2025-04-10", e.Consented()),
    ("2025-04-24", e.Accepted(committee=COMMITTEE)),
    ("2025-04-28", YES),
    ("2025-05-12", e.Interviewed()),  # the period: to 11 November 2025
)


def examples() -> Iterator[list[Event]]:
    """One history for each way through the chart."""
    confirmed = e.OutcomeConfirmed(content="続けて通っている")
    yield history("refused", ("2025-04-07", APPLIED), ("2025-04-24", REFUSED), ("2025-04-28", NO), by=OFFICER)
    yield history("refused-late", BEGUN[0], BEGUN[1], ("2025-04-24", REFUSED), ("2025-04-28", NO), by=OFFICER)
    yield history("taken-back-early", *BEGUN[:2], ("2025-04-15", e.ConsentWithdrawn()))
    yield history("taken-back", *BEGUN, ("2025-06-02", e.ConsentWithdrawn()), ("2025-06-20", confirmed))
    yield history(
        "work",
        *BEGUN,
        ("2025-05-20", e.Supported(content="面接の練習", by=COMPANION)),
        ("2025-07-01", e.FoundWork(first_day=date(2025, 7, 1))),
        ("2025-07-14", confirmed),
    )
    yield history(
        "to-the-end",
        *BEGUN,
        ("2025-11-04", e.Extended(committee=COMMITTEE, new_end=date(2026, 1, 31))),
        ("2026-01-20", e.Supported(content="職場見学への同行")),
        ("2026-02-16", confirmed),
    )
    youngest = e.Applied(born_on=date(2010, 4, 7), resident=True, working=False)
    oldest = e.Applied(born_on=date(1985, 4, 8), resident=True, working=False)
    yield history("youngest", ("2025-04-07", youngest), *BEGUN[1:], ("2025-12-01", confirmed))
    yield history("oldest", ("2025-04-07", oldest), *BEGUN[1:3])
