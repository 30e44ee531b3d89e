"""A small programme for these tests, sound as it stands: seats in a reading room, with a period and one extension."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import attrs

from shuroflow.case import Case, Closing, Duty, Period
from shuroflow.clauses import ClauseRegistry
from shuroflow.events import Actor, Event, Term, about, event_name, payload
from shuroflow.states import Edition, Lapse, Office, Programme, Row, RuleTable, Wording
from shuroflow.vocabulary import CLOSED, UNDER_WAY, Role, State

CODE = "seats"
JST = timezone(timedelta(hours=9))
OFFICER = Actor("of-01", Role.OFFICER)
LONG = 8
"""Days from which a prolongation counts as an extension."""


class Medium(Term):
    """How the person agreed."""

    WRITTEN = "written", "書面", "in writing"
    ORAL = "oral", "口頭", "orally"


@payload("asked")
class Asked:
    """A person asked for a seat."""


@payload("refused")
class Refused:
    """There was no seat."""


@payload("agreed")
class Agreed:
    """The person agreed to the rules of the room."""

    medium: Medium = about("how")


@payload("lent")
class Lent:
    """The seat was lent."""


@payload("prolonged")
class Prolonged:
    """The time was prolonged."""

    days: int = about("by how many days")


@payload("reminded")
class Reminded:
    """The person was reminded."""


@payload("given_back")
class GivenBack:
    """The seat was given back."""


@payload("lost")
class Lost:
    """The seat was lost."""


KINDS = (Asked, Refused, Agreed, Lent, Prolonged, Reminded, GivenBack, Lost)


@attrs.define(eq=False)
class SeatCase(Case):
    """A case of this programme."""

    agreed_on: date | None = None

    def state_on(self, day: date) -> State:
        """After the last day the loan is at its end by itself."""
        if self.state in UNDER_WAY and self.periods and day > self.periods[-1].end:
            return State.ENDED
        return self.state

    def closing_on(self, day: date) -> Closing | None:
        """Closed by an event, or by the end of the period."""
        if self.closing is None and self.state not in CLOSED and self.is_closed_on(day):
            return Closing(self.periods[-1].end, "第3条")
        return self.closing


def agreed(case: Any, event: Event, office: Office) -> None:
    """第2条."""
    case.agreed_on = event.occurred_on


def lent(case: Any, event: Event, office: Office) -> None:
    """第3条: thirty days, and the seat is owed back."""
    end = event.occurred_on + timedelta(days=29)
    case.periods.append(Period(event.occurred_on, end))
    case.take_on(Duty("give_back", event.occurred_on, event.seq, due=end, in_time_until=end))


def prolonged(case: Any, event: Event, office: Office) -> None:
    """第3条: the period is longer."""
    last = case.periods[-1]
    case.periods[-1] = Period(last.start, last.end + timedelta(days=max(0, min(event.data.days, 1000))))


def given_back(case: Any, event: Event, office: Office) -> None:
    """第3条."""
    case.discharge("give_back")
    case.close(Closing(event.occurred_on, "第3条"))


def lost(case: Any, event: Event, office: Office) -> None:
    """第4条."""
    case.close(Closing(event.occurred_on, "第4条"))


def agreed_in_writing(case: Any, event: Event, office: Office) -> dict[str, Any] | None:
    """第2条."""
    return None if event.data.medium is Medium.WRITTEN else {}


def lent_after_agreement(case: Any, event: Event, office: Office) -> dict[str, Any] | None:
    """第2条: not before the day of the agreement."""
    return None if case.agreed_on is None or case.agreed_on <= event.occurred_on else {}


def no_more_than_thirty_days(case: Any, event: Event, office: Office) -> dict[str, Any] | None:
    """第3条."""
    return None if event.data.days <= 30 else {}


def short(case: Any, event: Event) -> bool:
    """A prolongation of a few days leaves the case where it is."""
    return bool(event.data.days < LONG)


def long(case: Any, event: Event) -> bool:
    """A longer one is an extension."""
    return bool(event.data.days >= LONG)


NEW, CANDIDATE, CONSENTED, IN_SUPPORT = State.NEW, State.CANDIDATE, State.CONSENTED, State.IN_SUPPORT
EXTENDED, ENDED, DISCONTINUED, DECLINED = State.EXTENDED, State.ENDED, State.DISCONTINUED, State.DECLINED
BOTH = {IN_SUPPORT, EXTENDED}
LENGTH = (no_more_than_thirty_days,)

ROWS: dict[str, Row] = {
    "asked": Row("asked", "第1条", sources={NEW}, dest=CANDIDATE),
    "refused": Row("refused", "第1条", sources={CANDIDATE}, dest=DECLINED),
    "agreed": Row("agreed", "第2条", sources={CANDIDATE}, dest=CONSENTED, fold=agreed, guards=(agreed_in_writing,)),
    "lent": Row("lent", "第3条", sources={CONSENTED}, dest=IN_SUPPORT, fold=lent, guards=(lent_after_agreement,)),
    "a little": Row("prolonged", "第3条", sources={IN_SUPPORT}, fold=prolonged, when=short, guards=LENGTH),
    "longer": Row("prolonged", "第3条", sources={IN_SUPPORT}, dest=EXTENDED, fold=prolonged, when=long, guards=LENGTH),
    "reminded": Row("reminded", "第3条", sources=BOTH),
    "given_back": Row("given_back", "第3条", sources={*BOTH, ENDED}, dest=ENDED, fold=given_back),
    "lost": Row("lost", "第4条", sources=BOTH, dest=DISCONTINUED, fold=lost),
}

LAPSES = tuple(Lapse(source, ENDED, "第3条", Wording("期間の満了", "end of the period")) for source in sorted(BOTH))

LADDER = {CANDIDATE: "第1条", CONSENTED: "第2条", IN_SUPPORT: "第3条", ENDED: "第3条", DISCONTINUED: "第4条"}


def _clause(number: int) -> str:
    return f"""
[[clause]]
id = "第{number}条"
citation = "第{number}条"
modality = "MUST"
summary.ja = "第{number}条。"
summary.en = "Article {number}."
in_force_from = "2024-04-01"
enforced = ["record"]
where.ja = "記録"
where.en = "record"
decisions = []
"""


CLAUSES = f"""
programme = "{CODE}"
title = "読書席貸出要綱(創作)"
source_sha256 = "{"0" * 64}"
in_force_from = "2024-04-01"
editions = ["2024-04-01"]
""" + "".join(map(_clause, range(1, 5)))


def rule(name: str, clause: str = "第2条", *, blocks: bool = True) -> str:
    """A rule as the table has it."""
    words = f'says = {{ ja = "{name}", en = "{name}" }}\nmend = {{ ja = "-", en = "-" }}\n'
    return f'[rule.{name}]\nclause = "{clause}"\nseverity = "violation"\nblocks = {str(blocks).lower()}\n{words}'


RULES = (
    rule("agreed_in_writing")
    + rule("lent_after_agreement")
    + rule("no_more_than_thirty_days", "第3条")
    + """
[duty.give_back]
clause = "第3条"
when_overdue = "violation"
label = { ja = "返却", en = "return" }
says = { ja = "返却がありません", en = "not given back" }
mend = { ja = "-", en = "-" }
"""
)


def seats(
    rows: Sequence[Row] = tuple(ROWS.values()),
    *,
    rules: str = RULES,
    lapses: Sequence[Lapse] = LAPSES,
    new_case: Callable[[str], Case] = lambda case_id: SeatCase(case_id, CODE),
) -> Programme:
    """The programme, whole or with another part."""
    clauses = ClauseRegistry.parse(CLAUSES)
    edition = Edition(
        clauses=clauses,
        rules=RuleTable.parse(rules, clauses),
        rows=rows,
        ladder=LADDER,
        in_force_from=clauses.in_force_from,
        new_case=new_case,
        by_itself=lapses,
    )
    return Programme(code=CODE, title_ja="読書席", title_en="Seats", editions=(edition,), examples=examples)


def told(*steps: tuple[str, Any]) -> tuple[Event, ...]:
    """One case: (day, payload) of each event."""
    made = []
    for seq, (text, data) in enumerate(steps, 1):
        day = date.fromisoformat(text)
        made.append(
            Event(
                case_id="case-1",
                seq=seq,
                programme=CODE,
                kind=event_name(data),
                occurred_on=day,
                recorded_at=datetime.combine(day, time(17), JST),
                recorded_by=OFFICER,
                data=data,
            )
        )
    return tuple(made)


BEGUN = (("2025-04-07", Asked()), ("2025-04-08", Agreed(medium=Medium.WRITTEN)), ("2025-04-10", Lent()))


def examples() -> list[tuple[Event, ...]]:
    """A compliant history for each way."""
    return [
        told(("2025-04-07", Asked()), ("2025-04-08", Refused())),
        told(*BEGUN, ("2025-04-20", Reminded()), ("2025-05-02", GivenBack())),
        told(*BEGUN, ("2025-04-21", Prolonged(days=3)), ("2025-04-30", Lost())),
        told(*BEGUN, ("2025-04-21", Prolonged(days=14)), ("2025-05-20", GivenBack())),
    ]
