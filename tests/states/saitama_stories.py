"""Ten invented case records of the 埼玉 programme as events, and the ordinary course from which tests depart.

No record is of a real person. Each ``s01`` … ``s10`` returns the whole history, in the order recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import attrs

from shuroflow.events import Actor, Event
from shuroflow.events import saitama as e
from tests.states.story import CW, ES, SV, Story

THREE = (SV, CW, ES)
BOTH = (e.ConsentObject.SPECIALIST_SUPPORT, e.ConsentObject.GOAL_SETTING)
SHORT, LONG = e.Horizon.SHORT, e.Horizon.LONG
ACHIEVED, DIFFICULT = e.Achievement.ACHIEVED, e.Achievement.DIFFICULT

SPECIALIST = e.Specialist(id="es-07", qualifications=(e.Qualification.EMPLOYMENT,))
SELECTION = e.Selected(
    attendees=THREE,
    target_class=e.TargetClass.A,
    status=e.AssistanceStatus.RECIPIENT,
    responsible_office=True,
    compelling_reason=False,
    compelling_reason_source="病状把握",
    working=False,
    ledger_consulted=True,
)
VISIT = e.ActivityRecorded(kind=e.SupportKind.CONSULTATION, mode=e.ContactMode.HOME_VISIT)
INTERVIEW = e.ActivityRecorded(kind=e.SupportKind.CONSULTATION, mode=e.ContactMode.OFFICE_INTERVIEW)
ACCOMPANIED = e.ActivityRecorded(
    kind=e.SupportKind.HELLO_WORK_LIAISON, mode=e.ContactMode.ACCOMPANIMENT, tag=e.ActivityTag.ACCOMPANIMENT
)
WEEKLY = e.Goal(id="short-1", horizon=SHORT, text="ハローワークを週に2回利用する")
FULL_TIME = e.Goal(id="long-1", horizon=LONG, text="6月末までに常勤の仕事に就く")
PART_TIME = e.Goal(id="long-1", horizon=LONG, text="パートの仕事に就く")


def results(short: e.Achievement | None = ACHIEVED, long: e.Achievement | None = ACHIEVED) -> tuple[e.GoalResult, ...]:
    """Results for the short and the long goal; ``None`` leaves one out."""
    pairs = (("short-1", short), ("long-1", long))
    return tuple(e.GoalResult(goal=goal, result=result) for goal, result in pairs if result is not None)


@attrs.frozen
class Step:
    """One event of a course: when, what, and who wrote it down."""

    on: str
    data: Any
    by: Actor = CW


COURSE: dict[str, Step] = {
    "listed": Step("2025-04-03", e.Listed(reason="稼働能力があり求職活動が進んでいない")),
    "selected": Step("2025-04-10", SELECTION),
    "consented": Step("2025-04-14", e.Consented(scope=BOTH, taken_by=ES)),
    "support_decided": Step("2025-04-15", e.SupportDecided(approval="決裁-118")),
    "goals_set": Step("2025-04-15", e.GoalsSet(goals=(WEEKLY, FULL_TIME)), ES),
    "support_started": Step("2025-04-15", e.SupportStarted(specialist=SPECIALIST, start_on=date(2025, 4, 15)), ES),
    "visit_1": Step("2025-04-22", VISIT, ES),
    "interview": Step("2025-05-13", INTERVIEW, ES),
    "accompanied": Step("2025-05-20", ACCOMPANIED, ES),
    "visit_2": Step("2025-06-03", VISIT, ES),
    "evaluated": Step("2025-06-17", e.Evaluated(results=results(), by=ES), ES),
    "ended": Step("2025-06-20", e.Ended(employed_on=date(2025, 6, 16))),
    "assistance_abolished": Step(
        "2025-07-31",
        e.AssistanceAbolished(cause=e.AbolitionCause.OWN_EMPLOYMENT, need=False, need_judged_on=date(2025, 7, 31)),
    ),
}
"""The ordinary course: listed on 3 April, supported from 15 April, ended by the achieved goal on 20 June 2025."""


def course(upto: str = "assistance_abolished", *, case_id: str = "case-1", **changes: Any) -> Story:
    """The ordinary course up to and including a step.

    A change names a step: a payload in its place, a day (ISO) for it, a whole :class:`Step`, or ``None`` to leave
    it out.
    """
    assert changes.keys() <= COURSE.keys()
    story = Story("saitama", case_id)
    for name, usual in COURSE.items():
        change = changes.get(name, usual)
        if isinstance(change, str):
            change = attrs.evolve(usual, on=change)
        elif change is not None and not isinstance(change, Step):
            change = attrs.evolve(usual, data=change)
        if change is not None:
            story.on(change.on, change.data, by=change.by)
        if name == upto:
            break
    return story


def started(
    case_id: str,
    *,
    listed: str,
    selected: str,
    consented: str,
    decided: str,
    start: str,
    selection: e.Selected = SELECTION,
    goals: tuple[e.Goal, ...] = (WEEKLY, FULL_TIME),
) -> Story:
    """A case brought into support without a fault, on the days given."""
    return (
        Story("saitama", case_id)
        .on(listed, e.Listed())
        .on(selected, selection)
        .on(consented, e.Consented(scope=BOTH, taken_by=ES))
        .on(decided, e.SupportDecided())
        .on(decided, e.GoalsSet(goals=goals), by=ES)
        .on(start, e.SupportStarted(specialist=SPECIALIST, start_on=date.fromisoformat(start)), by=ES)
    )


# The records ----------------------------------------------------------------------------------------------------------


def s01() -> list[Event]:
    """Ended by the achieved goal, then off assistance through work; nothing to find."""
    return course(case_id="S01").events


def s02() -> list[Event]:
    """Selected without the supervisor."""
    return course(case_id="S02", selected=attrs.evolve(SELECTION, attendees=(CW, ES))).events


def s03() -> list[Event]:
    """Consent to the specialist's support alone."""
    consent = e.Consented(scope=(e.ConsentObject.SPECIALIST_SUPPORT,), taken_by=ES)
    return course(case_id="S03", consented=consent).events


def s04() -> list[Event]:
    """Extended in time, then a visit after the extended period."""
    goal = e.Goal(id="long-1", horizon=LONG, text="常勤の仕事に就く")
    return (
        started(
            "S04",
            listed="2025-11-17",
            selected="2025-11-21",
            consented="2025-11-26",
            decided="2025-11-28",
            start="2025-11-30",
            goals=(WEEKLY, goal),
        )
        .each(("2025-12-16", "2026-01-20", "2026-02-17"), VISIT, by=ES)
        .on("2026-02-20", e.Extended(attendees=THREE, new_end=date(2026, 5, 31), reason="応募が続いている"))
        .each(("2026-03-24", "2026-04-21"), INTERVIEW, by=ES)
        .on("2026-05-26", e.Evaluated(results=results(ACHIEVED, e.Achievement.NOT_ACHIEVED), by=ES), by=ES)
        .on("2026-06-02", VISIT, by=ES)
        .events
    )


def s05() -> list[Event]:
    """The consultation on the extension came after the period had run out."""
    return (
        started(
            "S05",
            listed="2025-03-24",
            selected="2025-03-26",
            consented="2025-03-28",
            decided="2025-03-31",
            start="2025-04-01",
        )
        .each(("2025-04-25", "2025-05-23", "2025-06-20"), INTERVIEW, by=ES)
        .on("2025-07-03", e.Extended(attendees=THREE, new_end=date(2025, 9, 30), reason="面接の結果待ち"))
        .on("2025-07-25", INTERVIEW, by=ES)
        .on("2025-08-29", e.Evaluated(results=results(), by=ES), by=ES)
        .on("2025-08-29", e.Ended())
        .events
    )


def s06() -> list[Event]:
    """The long goal was changed without an interview and without the person's agreement."""
    return (
        course("accompanied", case_id="S06")
        .on(
            "2025-05-20",
            e.Evaluated(
                results=results(e.Achievement.IN_PROGRESS, DIFFICULT),
                analysis="通勤の手段が限られ常勤の応募先が少ない",
                by=ES,
            ),
            by=ES,
        )
        .on("2025-05-21", e.GoalsChanged(goals=(PART_TIME,), interview_on=None, understood=False), by=ES)
        .on("2025-06-03", VISIT, by=ES)
        .on("2025-06-17", e.Evaluated(results=results(), by=ES), by=ES)
        .on("2025-06-20", e.Ended(employed_on=date(2025, 6, 16)))
        .on("2025-07-31", COURSE["assistance_abolished"].data)
        .events
    )


def s07() -> list[Event]:
    """Employment-type work training without a job placement business on record."""
    provider = e.TrainingProvider(id="provider-11", certified_from=date(2023, 4, 1), certificate="認定-34")
    return (
        course("visit_1", case_id="S07")
        .on("2025-05-08", e.TrainingRecognised(effect="勤務の習慣を身に付ける効果が見込まれる"))
        .on("2025-05-12", e.TrainingUsed(type=e.TrainingType.EMPLOYMENT, provider=provider, arranged_by=ES), by=ES)
        .on("2025-05-13", INTERVIEW, by=ES)
        .on("2025-05-20", ACCOMPANIED, by=ES)
        .on("2025-06-03", VISIT, by=ES)
        .on("2025-06-17", e.Evaluated(results=results(), by=ES), by=ES)
        .on("2025-06-20", e.Ended(employed_on=date(2025, 6, 16)))
        .on("2025-07-31", COURSE["assistance_abolished"].data)
        .events
    )


def _autumn(case_id: str) -> Story:
    return started(
        case_id,
        listed="2025-09-01",
        selected="2025-09-04",
        consented="2025-09-08",
        decided="2025-09-09",
        start="2025-09-09",
        goals=(WEEKLY, e.Goal(id="long-1", horizon=LONG, text="年内に就職する")),
    ).on("2025-09-25", INTERVIEW, by=ES)


def s08() -> list[Event]:
    """Off assistance through another member's income while support was unfinished; nobody told the person."""
    return _autumn("S08").on("2025-10-31", e.AssistanceAbolished(cause=e.AbolitionCause.HOUSEHOLD_INCOME)).events


def s09() -> list[Event]:
    """A record of 中止, which this 要綱 does not know."""
    return _autumn("S09").on("2025-10-20", e.Discontinued(reason="所在不明")).events


def s10() -> list[Event]:
    """A part-time worker whom the office recognised under class イ; nothing to find."""
    why = e.Recognition(on=date(2025, 6, 5), reason="収入が安定せず、働く時間を増やせる見込みがある", by=SV)
    selection = attrs.evolve(SELECTION, target_class=e.TargetClass.I, working=True, recognition=why)
    return (
        started(
            "S10",
            listed="2025-06-02",
            selected="2025-06-05",
            consented="2025-06-09",
            decided="2025-06-10",
            start="2025-06-10",
            selection=selection,
        )
        .on("2025-07-08", INTERVIEW, by=ES)
        .on("2025-08-05", e.Evaluated(results=results(), by=ES), by=ES)
        .on("2025-08-08", e.Ended())
        .events
    )


STORIES: dict[str, Callable[[], list[Event]]] = {
    "S01": s01,
    "S02": s02,
    "S03": s03,
    "S04": s04,
    "S05": s05,
    "S06": s06,
    "S07": s07,
    "S08": s08,
    "S09": s09,
    "S10": s10,
}
