"""The explanation of a case: for each event the state it met, every rule of its row and how it came out, with values.

The verdict is that of the one judge; the values come from asking each guard a second time with stand-ins that note
what it looks at (:mod:`~shuroflow.audit.watching`). A pure module: it renders nothing, reads no clock and no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs

from shuroflow.audit.amending import Amendment, amendments, effects
from shuroflow.audit.replay import still_owed
from shuroflow.audit.watching import Log, Look, Watched, leaves
from shuroflow.case import Case, Duty, Period
from shuroflow.events import Event
from shuroflow.states import Edition, Finding, Office, Programme, Row, Rule, programme
from shuroflow.states.history import chronology, effective, known, taken_back
from shuroflow.states.judgement import Inapplicable, Wording
from shuroflow.vocabulary import State, Term


class Outcome(Term):
    """How a rule came out for one event."""

    HELD = "held", "守られている", "held"
    NOT_HELD = "not_held", "守られていない", "did not hold"
    NOT_APPLICABLE = "not_applicable", "適用なし", "did not apply"


class Status(Term):
    """What an event of the record counts for, as of what was asked."""

    STANDS = "stands", "有効", "stands"
    CORRECTED = "corrected", "訂正後の内容で有効", "stands as corrected"
    WITHDRAWN = "withdrawn", "取消済み", "withdrawn"
    MOVED = "moved", "訂正により基準日の後へ", "moved beyond the day asked about"
    AMENDING = "amending", "訂正・取消の記録", "amends another record"


@attrs.frozen(kw_only=True)
class Asked:
    """One rule and how it came out.

    ``looked_at``: where the guard read → what was there; ``None`` if no stand-in could follow the guard.
    ``finding`` is there if the rule did not hold, ``reason`` if it did not apply. ``first_at`` is the event for which
    the same fault is reported, where that is an earlier one.
    """

    rule: Rule
    outcome: Outcome
    finding: Finding | None = None
    reason: Wording | None = None
    first_at: int | None = None
    looked_at: Mapping[str, Look] | None = attrs.field(factory=dict)


@attrs.frozen
class AtLast:
    """A finding that the day asked about brings, of something that an event began and no later one has put right.

    ``duty`` is the number of the open duty that it is about, in the list of the case; ``None``: it is about no duty.
    """

    finding: Finding
    duty: int | None = None


@attrs.define
class DutyStory:
    """A duty of the case from the event that brought it to the one with which it was no longer open.

    ``by`` and ``on`` are of that event, which did what was owed, or after which nobody owes it any more; ``None``: the
    duty is open. ``replaced``: it is owed anew instead, such as with another day. ``of`` is what the rule says of its
    subject.
    """

    duty: Duty
    label: Wording
    clause: str
    by: int | None = None
    on: date | None = None
    replaced: bool = False
    of: Wording | None = None


@attrs.frozen(kw_only=True)
class Step:
    """One event of the record, as it counts.

    ``event`` is what holds, ``written`` what was written first where a correction changed it. Where a correction moved
    the event beyond the day asked about, it stands as it was written, and ``moved_to`` is its day now. ``source`` is
    the state it met, ``destination`` where the chart leads from there, ``after`` the state on its day once it is in the
    case; all ``None`` for an event that is not judged. ``clause`` is the row's, or that of the step left out. ``means``
    is a calculation made at this step or looked at by its rules. ``at_last`` is what the day asked about brings of what
    this event began. ``days_since`` counts from the event ``since``, the last one before that is in force;
    ``days_late`` from the day it happened to the day of its record. Duties are numbers in the list of the case.
    """

    event: Event
    status: Status
    in_force_from: date
    written: Event | None = None
    moved_to: date | None = None
    amended_by: tuple[Amendment, ...] = ()
    source: State | None = None
    destination: State | None = None
    after: State | None = None
    clause: str | None = None
    asked: tuple[Asked, ...] = ()
    at_last: tuple[AtLast, ...] = ()
    means: Any = None
    period: Period | None = None
    since: int | None = None
    days_since: int | None = None
    days_late: int = 0
    arose: tuple[int, ...] = ()
    discharged: tuple[int, ...] = ()
    replaced: tuple[int, ...] = ()
    open: tuple[int, ...] = ()


@attrs.frozen
class Explanation:
    """One case, step by step in the order judged; what is not judged stands where its day puts it.

    ``as_of`` is the day asked about.
    """

    case_id: str
    programme: str
    steps: tuple[Step, ...]
    duties: tuple[DutyStory, ...]
    as_of: date


def explain(
    events: Sequence[Event],
    *,
    as_of: date,
    office: Office | None = None,
    known_at: datetime | None = None,
    under: Programme | None = None,
) -> Explanation | None:
    """Explain the whole history of one case.

    Args:
        events: the events of one case, in the order of ``seq``.
        as_of: the day asked about: what happened later is left out.
        office: figures, calendar and settings; by default the built-in ones.
        known_at: the moment asked about: what was written down later is left out.
        under: the programme that judges, such as ``kind.under(edition)``, where it is not the one on hand.

    Returns:
        The explanation, or ``None`` if the case did not exist yet on that day.

    Raises:
        InputError: if a correction does not fit.
    """
    office = Office() if office is None else office
    kind = programme(events[0].programme) if under is None else under
    heard = list(events) if known_at is None else known(events, known_at)
    held = effective(events, as_of=as_of, known_at=known_at)
    if not held:
        return None
    amended, gone = amendments(heard), taken_back(heard)
    written = {event.seq: event for event in heard}
    case = kind.current.new_case(events[0].case_id)
    duties: list[DutyStory] = []
    first_at: dict[tuple[object, ...], int] = {}
    steps: list[Step] = []
    for event in chronology(held, kind.current):
        edition = kind.edition_on(event.occurred_on)
        step = _judged(edition, case, event, office, first_at)
        before, means = dict(case.duties), getattr(case, "means", None)
        edition.fold(case, event, office)
        moved = _bring_up_to_date(duties, before, case.duties, event, edition)
        reckoned = getattr(case, "means", None)
        changed = written[event.seq]
        steps.append(
            attrs.evolve(
                step,
                status=Status.STANDS if changed == event else Status.CORRECTED,
                written=None if changed == event else changed,
                amended_by=effects(amended.get(event.seq, ()), gone),
                after=case.state_on(event.occurred_on),
                means=reckoned if reckoned is not means else step.means,
                period=case.period,
                arose=moved["arose"],
                discharged=moved["discharged"],
                replaced=moved["replaced"],
                open=tuple(at for at, story in enumerate(duties) if story.by is None),
            )
        )
    judged = {step.event.seq for step in steps}
    beyond = {event.seq: event.occurred_on for event in effective(heard) if event.occurred_on > as_of}
    brought: dict[int, list[AtLast]] = {}
    settled = kind.edition_on(as_of).settle(case, as_of, office)
    steps = [attrs.evolve(step, asked=tuple(_still_owed(each, settled) for each in step.asked)) for step in steps]
    for each in _at_last(kind.edition_on(as_of), settled, duties, first_at):
        place = each.finding.seq if each.finding.seq in judged else steps[-1].event.seq  # a plug-in may name none
        brought.setdefault(place, []).append(each)
    steps = [
        attrs.evolve(step, at_last=tuple(brought[step.event.seq])) if step.event.seq in brought else step
        for step in steps
    ]
    for event in heard:
        if event.seq not in judged:
            late = event.occurred_on > as_of and event.kind not in {"corrected", "withdrawn"}
            if not late:
                step = _unjudged(event, gone, amended, kind.edition_on(event.occurred_on))
                if event.seq in beyond:
                    step = attrs.evolve(step, status=Status.MOVED, moved_to=beyond[event.seq])
                _put(steps, step)
    return Explanation(case.case_id, kind.code, tuple(_counted(steps)), tuple(duties), as_of)


def _judged(
    edition: Edition, case: Case, event: Event, office: Office, first_at: dict[tuple[object, ...], int]
) -> Step:
    """What the judge says, and what each guard of the row looked at."""
    judgement = edition.judge(case, event, office)
    row = _row(edition, case, event, judgement.source)
    asked: list[Asked] = []
    left = list(judgement.findings)
    for guard in row.guards if row is not None else ():
        assert row is not None
        rule = edition.rule_of(guard, row)
        finding = next((each for each in left if each.rule == rule), None)
        if finding is not None:
            left.remove(finding)
        asked.append(_asked(rule, guard, finding, case, event, office))
    asked.extend(Asked(rule=each.rule, outcome=Outcome.NOT_HELD, finding=each) for each in left)
    asked = [_told_once(each, event, first_at) for each in asked]
    looked = [path for each in asked for path in each.looked_at or ()]
    clause = edition.clauses[row.clause].citation if row is not None else (left[0].clause if left else None)
    return Step(
        event=event,
        status=Status.STANDS,
        in_force_from=edition.in_force_from,
        source=judgement.source,
        destination=judgement.destination,
        clause=clause,
        asked=tuple(asked),
        means=getattr(case, "means", None) if any(path.startswith("case.means") for path in looked) else None,
    )


def _told_once(asked: Asked, event: Event, first_at: dict[tuple[object, ...], int]) -> Asked:
    if asked.finding is None:
        return asked
    first = first_at.setdefault(asked.finding.subject, event.seq)
    return asked if first == event.seq else attrs.evolve(asked, first_at=first)


def _row(edition: Edition, case: Case, event: Event, source: State) -> Row | None:
    """The row by which the judge judged; ``None`` where the chart has no way from the state."""
    for row in edition.rows:
        if row.event == event.kind and source in row.sources and (row.when is None or row.when(case, event)):
            return row
    return None


def _asked(rule: Rule, guard: Any, finding: Finding | None, case: Case, event: Event, office: Office) -> Asked:
    log: Log = {}
    looked: Mapping[str, Look] | None
    try:
        answer = guard(Watched(case, "case", log), Watched(event, "event", log), Watched(office, "office", log))
        looked = leaves(log)
    except Exception:  # a guard of a plug-in may do with its arguments what no stand-in can follow
        answer, looked = guard(case, event, office), None
    if finding is not None:
        return Asked(rule=rule, outcome=Outcome.NOT_HELD, finding=finding, looked_at=looked)
    if isinstance(answer, Inapplicable):
        return Asked(rule=rule, outcome=Outcome.NOT_APPLICABLE, reason=answer.reason, looked_at=looked)
    return Asked(rule=rule, outcome=Outcome.HELD, looked_at=looked)


def _bring_up_to_date(
    duties: list[DutyStory],
    before: Mapping[tuple[str, str], Duty],
    after: Mapping[tuple[str, str], Duty],
    event: Event,
    edition: Edition,
) -> dict[str, tuple[int, ...]]:
    """Bring the list up to date with what an event did; the numbers of the duties that it brought, did and replaced."""
    moved: dict[str, list[int]] = {"arose": [], "discharged": [], "replaced": []}
    for key, duty in before.items():
        if after.get(key) != duty:
            at = next(at for at, story in enumerate(duties) if story.duty == duty and story.by is None)
            duties[at].by, duties[at].on, duties[at].replaced = event.seq, event.occurred_on, key in after
            moved["replaced" if key in after else "discharged"].append(at)
    for key, duty in after.items():
        if before.get(key) != duty:
            rule = edition.table.duties[duty.code]
            moved["arose"].append(len(duties))
            duties.append(DutyStory(duty, rule.label, rule.citation, of=rule.of))
    return {what: tuple(places) for what, places in moved.items()}


def _still_owed(asked: Asked, settled: Iterable[Finding]) -> Asked:
    """The finding of an event as the report has it; told again at a later one, it is not the one that stands there."""
    if asked.finding is None or asked.first_at is not None:
        return asked
    return attrs.evolve(asked, finding=still_owed(asked.finding, settled))


def _at_last(
    edition: Edition, settled: Iterable[Finding], duties: Sequence[DutyStory], first_at: dict[tuple[object, ...], int]
) -> Iterator[AtLast]:
    """What the day asked about brings, without what an event has told already."""
    for finding in settled:
        if finding.subject not in first_at:
            first_at[finding.subject] = finding.seq
            about = (at for at, story in enumerate(duties) if story.by is None and _is_of(finding, story.duty, edition))
            yield AtLast(finding, next(about, None))


def _is_of(finding: Finding, duty: Duty, edition: Edition) -> bool:
    """Is it the finding of this open duty?"""
    graded = edition.table.duties[duty.code]
    return (
        finding.rule in (graded.while_open, graded.when_overdue, graded.when_closed)
        and finding.seq == duty.seq
        and finding.values.get("subject") == duty.subject
    )


def overdue(duty: Duty, on: date) -> bool:
    """Is it late as of a day? Only where it is known until when it is in time; a due day alone makes nothing late."""
    return duty.in_time_until is not None and on > duty.in_time_until


def _unjudged(
    event: Event, gone: Mapping[int, Event], amended: Mapping[int, Sequence[Event]], edition: Edition
) -> Step:
    return Step(
        event=event,
        status=Status.WITHDRAWN if event.seq in gone else Status.AMENDING,
        in_force_from=edition.in_force_from,
        amended_by=effects(amended.get(event.seq, ()), gone),
    )


def _put(steps: list[Step], step: Step) -> None:
    """After the last step that is not later by its day, or by its number on the same day."""
    place = (step.event.occurred_on, step.event.seq)
    at = len(steps)
    while at and (steps[at - 1].event.occurred_on, steps[at - 1].event.seq) > place:
        at -= 1
    before = steps[at - 1] if at else None
    if before is not None:
        step = attrs.evolve(step, period=before.period, open=before.open)
    steps.insert(at, step)


def days_late(event: Event) -> int:
    """Days from the day it happened to the date of its record, in the offset with which that was written."""
    return (event.recorded_at.date() - event.occurred_on).days


def _counted(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps with the days between them; what is withdrawn or moved, or amends another, is none to count from."""
    before: Event | None = None
    for step in steps:
        yield attrs.evolve(
            step,
            since=None if before is None else before.seq,
            days_since=None if before is None else (step.event.occurred_on - before.occurred_on).days,
            days_late=days_late(step.event),
        )
        if step.status in {Status.STANDS, Status.CORRECTED}:
            before = step.event


__all__ = [
    "Asked",
    "AtLast",
    "DutyStory",
    "Explanation",
    "Outcome",
    "Status",
    "Step",
    "days_late",
    "explain",
    "overdue",
]
