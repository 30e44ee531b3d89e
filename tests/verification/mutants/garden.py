"""An invented 要綱 of a few sentences: a town lends plots of a garden. Small, and with something for every operator.

第1条 a plot is asked for; 第2条 a panel of director and officer decides within fourteen days; the plot is at most 50 m²
unless the person is a recipient; 第3条 the use runs for three months from the first day; the water money is paid back
within five days of the end of use. 附則 in force from 1 April 2024.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from functools import cache, lru_cache
from typing import Any

import attrs

from shuroflow.calendar import period_end
from shuroflow.case import ONE_DAY, Case, Closing, Duty, Period
from shuroflow.clauses import ClauseRegistry
from shuroflow.events import Actor, Event, about, event_name, payload
from shuroflow.states import Edition, Lapse, Office, Programme, Row, RuleTable, Seen, Wording
from shuroflow.verification.mutants import Scope
from shuroflow.vocabulary import CLOSED, Role, State, Term

DAYS_TO_DECIDE = 14
PANEL = (Role.DIRECTOR, Role.OFFICER)
NEW_PLOTS_FROM = date(2024, 5, 1)
GRACE = timedelta(days=5)


class Paper(Term):
    """The forms."""

    REQUEST = "request", "申込書", "request"
    NOTICE = "notice", "通知書", "notice"


FORM_OF = {"asked": Paper.REQUEST, "decided": Paper.NOTICE}


@payload("asked")
class Asked:
    """第1条."""

    paper: Paper = about("the form", default=Paper.REQUEST)
    area: int = about("square metres", default=50)
    recipient: bool = about("does the person receive assistance?", default=False)


@payload("decided")
class Decided:
    """第2条."""

    panel: tuple[Actor, ...] = about("who sat", default=())
    paper: Paper = about("the form", default=Paper.NOTICE)


@payload("watered")
class Watered:
    """第3条."""


@payload("given_back")
class GivenBack:
    """第3条."""

    paid: int = about("yen", default=0)


@payload("sold")
class Sold:
    """Not in this text."""


@attrs.define(eq=False)
class GardenCase(Case):
    """A case."""

    asked_on: date | None = None
    asked: Asked | None = None
    waterings: int = 0
    paid: int = 0

    @property
    def end_on(self) -> date | None:
        """The last day of use."""
        return self.periods[-1].end if self.periods else None

    def state_on(self, day: date) -> State:
        """第3条: the use ends with its last day."""
        if self.state is State.IN_SUPPORT and self.end_on is not None and day > self.end_on:
            return State.ENDED
        return self.state

    def close(self, closing: Closing) -> None:
        """第3条: nothing is owed before the end."""
        super().close(closing)
        self.discharge("water")


@lru_cache(maxsize=64)
def last_day(start: date) -> date:
    """第3条."""
    return period_end(start, months=3)


def asked(case: GardenCase, event: Event, office: Office) -> None:
    """第1条."""
    case.asked_on, case.asked = event.occurred_on, event.data
    case.take_on(Duty("decide", event.occurred_on, event.seq, due=event.occurred_on + ONE_DAY * DAYS_TO_DECIDE))


def decided(case: GardenCase, event: Event, office: Office) -> None:
    """第2条, 第3条."""
    case.discharge("decide")
    case.periods.append(Period(event.occurred_on, last_day(event.occurred_on)))
    case.take_on(Duty("water", event.occurred_on, event.seq, in_time_until=min(date.max, case.periods[-1].end)))


def watered(case: GardenCase, event: Event, office: Office) -> None:
    """第3条."""
    case.waterings += 1


def given_back(case: GardenCase, event: Event, office: Office) -> None:
    """第3条."""
    case.paid = max(case.paid, event.data.paid)
    case.close(Closing(event.occurred_on, "第3条"))


def right_form(case: GardenCase, event: Event, office: Office) -> Seen | None:
    """第1条, 第2条: each act has its form."""
    right = FORM_OF[event.kind]
    return None if event.data.paper is right else {"form": event.data.paper, "right": right}


def small_enough(case: GardenCase, event: Event, office: Office) -> Seen | None:
    """第2条: at most 50 m², but for recipients; from May 2024 five more."""
    limit = 50 + 5 if event.occurred_on >= NEW_PLOTS_FROM else 50
    if event.data.area <= limit or event.data.recipient:
        return None
    return {"area": event.data.area, "limit": limit}


def panel_complete(case: GardenCase, event: Event, office: Office) -> Seen | None:
    """第2条: both sit, and neither is under guard of the other."""
    present = {member.role for member in event.data.panel}
    if all(role in present for role in PANEL) and not present & {Role.PROVIDER, Role.CLERK}:
        return None
    return {"present": sorted(present)}


def in_time(case: GardenCase, event: Event, office: Office) -> Seen | None:
    """第2条: within fourteen days of the request."""
    if case.asked_on is None or event.occurred_on <= case.asked_on + timedelta(days=DAYS_TO_DECIDE):
        return None
    return {"asked_on": case.asked_on, "decided_on": event.occurred_on}


def paid_in_time(case: GardenCase, event: Event, office: Office) -> Seen | None:
    """第3条: within five days of the end of use."""
    if case.end_on is not None and event.occurred_on - case.end_on <= GRACE:
        return None
    return {"end": case.end_on}


def settle(case: GardenCase, as_of: date, office: Office) -> Iterator[tuple[str, int, Seen]]:
    """第3条: a plot that nobody waters."""
    if case.covers(as_of) and case.waterings == 0:
        yield "dry", case.version, {"as_of": as_of}


def new_case(case_id: str) -> GardenCase:
    """An empty case."""
    return GardenCase(case_id, "garden")


def _clause(name: str, modality: str = "SHALL", enforced: str = "guard") -> str:
    return f"""
[[clause]]
id = "{name}"
citation = "{name}"
modality = "{modality}"
summary = {{ ja = "要旨", en = "summary" }}
in_force_from = "2024-04-01"
enforced = ["{enforced}"]
where = {{ ja = "記録", en = "record" }}
decisions = []
"""


CLAUSES = (
    """
programme = "garden"
title = "菜園貸出要綱(創作)"
source_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
in_force_from = "2024-04-01"
editions = ["2024-04-01"]
"""
    + _clause("第1条")
    + _clause("第2条")
    + _clause("第3条")
    + _clause("附則", "DEF", "definition")
)


def _rule(name: str, clause: str, more: str = "") -> str:
    return f"""
[rule.{name}]
clause = "{clause}"
severity = "violation"
says = {{ ja = "いけません", en = "not so" }}
mend = {{ ja = "直してください", en = "mend it" }}
{more}
"""


OURS = '\ndecision = "G-01"\nblocks = true\noverride = true'
RULES = (
    _rule("right_form", "第1条", "of_row = true\nblocks = true")
    + _rule("small_enough", "第2条", OURS).replace("violation", "observation")
    + _rule("panel_complete", "第2条", "blocks = true")
    + _rule("in_time", "第2条")
    + _rule("paid_in_time", "第3条")
    + _rule("dry", "第3条").replace("violation", "note")
    + _rule("not_sold", "第1条", "blocks = true")
    + """
[duty.decide]
clause = "第2条"
while_open = "note"
label = { ja = "決定", en = "decision" }
says = { ja = "決定がありません", en = "no decision" }
mend = { ja = "決定してください", en = "decide" }

[duty.water]
clause = "第3条"
when_overdue = "observation"
when_closed = "violation"
label = { ja = "水やり", en = "water" }
says = { ja = "水がありません", en = "no water" }
mend = { ja = "水をやってください", en = "water it" }
"""
)


def _nothing_paid(case: GardenCase, event: Event) -> bool:
    return bool(event.data.paid == 0)


def _something_paid(case: GardenCase, event: Event) -> bool:
    return not _nothing_paid(case, event)


@cache
def programme() -> Programme:
    """The programme."""
    clauses = ClauseRegistry.parse(CLAUSES)
    edition = Edition(
        clauses=clauses,
        rules=RuleTable.parse(RULES, clauses),
        rows=(
            Row("asked", "第1条", sources={State.NEW}, dest=State.CANDIDATE, fold=asked,
                guards=(right_form, small_enough)),
            Row("decided", "第2条", sources={State.CANDIDATE}, dest=State.IN_SUPPORT, fold=decided, place="G-02",
                guards=(right_form, panel_complete, in_time)),
            Row("watered", "第3条", sources={State.IN_SUPPORT}, fold=watered, turn=1),
            Row("given_back", "第3条", sources={State.IN_SUPPORT, State.ENDED}, dest=State.ENDED, fold=given_back,
                when=_something_paid, guards=(paid_in_time,)),
            Row("given_back", "第3条", sources={State.IN_SUPPORT, State.ENDED}, dest=State.DISCONTINUED,
                fold=given_back, when=_nothing_paid),
            Row("sold", "第1条", dest=State.DECLINED, absent="not_sold"),
        ),
        ladder={State.CANDIDATE: "第1条", State.IN_SUPPORT: "第2条"},
        in_force_from=date(2024, 4, 1),
        new_case=new_case,
        settle=settle,
        by_itself=(Lapse(State.IN_SUPPORT, State.ENDED, "第3条", Wording(ja="満了", en="the end")),),
    )  # fmt: skip
    return Programme(code="garden", title_ja=clauses.title, title_en="Garden (invented)", editions=(edition,))


JST = timezone(timedelta(hours=9))
DIRECTOR, OFFICER = Actor("dir-1", Role.DIRECTOR), Actor("of-1", Role.OFFICER)
BOTH = (DIRECTOR, OFFICER)


def story(*steps: tuple[str, Any]) -> list[Event]:
    """A case: (day, payload) of each event."""
    told = []
    for seq, (text, data) in enumerate(steps, 1):
        day = date.fromisoformat(text)
        told.append(
            Event(
                case_id="case-1",
                seq=seq,
                programme="garden",
                kind=event_name(data),
                occurred_on=day,
                recorded_at=datetime.combine(day, time(17), JST),
                recorded_by=OFFICER,
                data=data,
            )
        )
    return told


def said(events: list[Event], as_of: str = "2024-07-01") -> list[Any]:
    """What the judge says along a case and of a day, as the tests compare it."""
    edition, office = programme().current, Office()
    case = edition.new_case("case-1")
    told: list[Any] = []
    for event in events:
        judgement = edition.judge(case, event, office)
        told.append(
            (
                judgement.source.value,
                judgement.destination.value,
                judgement.allowed,
                *((each.rule.code, each.clause, each.severity.value, each.subject) for each in judgement.findings),
            )
        )
        edition.fold(case, event, office)
    day = date.fromisoformat(as_of)
    told.append(
        (
            case.state_on(day).value,
            case.is_closed_on(day) and case.state in CLOSED,
            case.period,
            case.closing,
            list(edition.ending(case, day)),
            list(case.duties.values()),
            [(each.rule.code, each.clause, each.severity.value, each.on) for each in edition.settle(case, day, office)],
        )
    )
    return told


def scope() -> Scope:
    """The rules of the garden."""
    return Scope(programme())
