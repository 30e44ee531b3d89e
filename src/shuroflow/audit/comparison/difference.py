"""What would change if …: one case judged twice, under two sets of conditions, and what differs step by step.

Conditions are an office (its figures, calendar and settings) and the edition of the 要綱. The record is the same on
both sides and so are its steps: each event is held beside itself. A pure module: it renders nothing, reads no clock and
no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs

from shuroflow.audit.replay import CaseReport, recorded_by, report_of, still_owed
from shuroflow.case import Case, Duty
from shuroflow.errors import InputError, MissingFigure, UnknownEdition
from shuroflow.events import Event
from shuroflow.states import Finding, Office, Programme, programme
from shuroflow.states.history import chronology, effective
from shuroflow.states.means_test import MeansTest
from shuroflow.vocabulary import Severity, State, Term


class Aspect(Term):
    """What differs at a step, or on the day asked about."""

    FINDING = "finding", "指摘", "finding"
    SOURCE = "from", "記録を受けた状態", "state it met"
    DESTINATION = "to", "進む先の状態", "state it leads to"
    STATE = "state", "状態", "state"
    PERIOD = "period", "期間", "period"
    MEANS_TEST = "means_test", "収入・資産の計算", "means test"
    DUTY = "duty", "未了事項", "duty"
    DISCHARGED = "duty_discharged", "解消した事項", "duty no longer open"


@attrs.frozen(kw_only=True)
class Conditions:
    """Under what a case is judged.

    Args:
        office: figures, calendar and settings; by default the built-in ones.
        edition: a day; the edition in force on it judges everything, whenever it happened. ``None``: what happened is
            judged by the edition of its own day.
        programmes: by their codes, programmes that take the place of those on hand, such as one with a drafted edition.
        name: what an error that arises under these conditions alone calls them; by default ``here`` or ``there``.
    """

    office: Office = attrs.field(factory=Office)
    edition: date | None = None
    programmes: Mapping[str, Programme] = attrs.field(factory=dict)
    name: str | None = attrs.field(default=None, eq=False)

    def programme(self, code: str) -> Programme:
        """The programme that judges the cases of that code.

        Raises:
            UnknownEdition: if no text of it is on hand for the day named.
            UnknownProgramme: if there is none.
        """
        kind = self.programmes.get(code) or programme(code)
        if self.edition is None:
            return kind
        first = kind.editions[0].in_force_from
        if self.edition < first:
            said = (
                f"no text of programme {code!r} is on hand for {self.edition}: the first one applies from {first}; "
                "name that day or a later one"
            )
            raise UnknownEdition(said, field="edition")
        return kind.under(kind.edition_on(self.edition))


@attrs.frozen
class Change:
    """One thing that differs. ``None`` on a side: it is not there under these conditions.

    The values are, by their aspect: a :class:`.Finding`, a :class:`.State`, a :class:`.Period`, the answer of the means
    test, or a :class:`.Duty`.
    """

    aspect: Aspect
    here: Any
    there: Any

    @property
    def side(self) -> str:
        """Where it is: ``here`` only, ``there`` only, or on ``both`` and not the same."""
        return "here" if self.there is None else "there" if self.here is None else "both"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of either side, where it is about one."""
        return tuple(each for each in (self.here, self.there) if isinstance(each, Finding))

    @property
    def only_note(self) -> bool:
        """Is it nothing but a note on either side?"""
        found = self.findings
        return bool(found) and all(finding.severity is Severity.NOTE for finding in found)


@attrs.frozen
class StepDifference:
    """An event of the record for which something differs; ``event`` is what holds, corrections applied."""

    event: Event
    changes: tuple[Change, ...]


@attrs.frozen(kw_only=True)
class Difference:
    """One case, judged ``here`` under the one set of conditions and ``there`` under the other.

    ``compared`` counts the events judged; ``steps`` has those for which something differs, in the order judged here.
    ``at_last`` is what differs as of the day: state, period, open duties, and what they amount to. ``reordered``: the
    numbers of the events in the order judged here and there, where the orders differ.
    """

    here: CaseReport
    there: CaseReport
    compared: int
    steps: tuple[StepDifference, ...] = ()
    at_last: tuple[Change, ...] = ()
    reordered: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    @property
    def case_id(self) -> str:
        """Id of the case."""
        return self.here.case_id

    @property
    def programme(self) -> str:
        """Code of its programme."""
        return self.here.programme

    @property
    def differs(self) -> bool:
        """Does anything differ?"""
        return bool(self.steps or self.at_last or self.reordered)

    @property
    def only_notes(self) -> bool:
        """Does something differ, and nothing but notes?"""
        return self.differs and self.reordered is None and all(change.only_note for change in self.changes)

    @property
    def changes(self) -> Iterator[Change]:
        """All that differs, step by step and then as of the day."""
        for step in self.steps:
            yield from step.changes
        yield from self.at_last


def compare(
    events: Sequence[Event],
    *,
    as_of: date,
    here: Conditions,
    there: Conditions,
    known_at: datetime | None = None,
) -> Difference | None:
    """Judge the whole history of one case under two sets of conditions.

    Args:
        events: the events of one case, in the order of ``seq``.
        as_of: the day asked about: what happened later is left out.
        here: the one set of conditions.
        there: the other.
        known_at: the moment asked about: what was written down later is left out.

    Returns:
        What differs, or ``None`` if the case did not exist yet on that day.

    Raises:
        InputError: if a correction does not fit.
        UnknownEdition: if no text is on hand for the day that a side names.
        MissingFigure: if a figure or a day of the calendar is missing under one of the two.

    An error that only one of the sides raises ends with its name, such as ``[there]``.
    """
    held = effective(events, as_of=as_of, known_at=known_at)
    if not held:
        return None
    one, other = _both(lambda side: _traced(events, held, as_of, known_at, side), here, there)
    beside = {moment.event.seq: moment for moment in other.moments}
    steps = ((moment.event, tuple(_moved(moment, beside[moment.event.seq]))) for moment in one.moments)
    orders = tuple(moment.event.seq for moment in one.moments), tuple(moment.event.seq for moment in other.moments)
    return Difference(
        here=one.report,
        there=other.report,
        compared=len(held),
        steps=tuple(StepDifference(event, changes) for event, changes in steps if changes),
        at_last=tuple(_ended(one, other)),
        reordered=orders if orders[0] != orders[1] else None,
    )


# One side -------------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class _Moment:
    """One event under one set of conditions.

    ``states`` are those it met, leads to, and left; ``holding`` is what holds once it is in the case, of which it
    brought what is in ``brought``.
    """

    event: Event
    states: Mapping[Aspect, State]
    holding: Mapping[Aspect, Any]
    brought: frozenset[Aspect]
    findings: Sequence[Finding]
    arose: Mapping[tuple[str, str], Duty]
    discharged: Mapping[tuple[str, str], Duty]


@attrs.frozen
class _Trace:
    moments: Sequence[_Moment]
    settled: Sequence[Finding]
    report: CaseReport

    @property
    def case(self) -> Case:
        assert self.report.case is not None
        return self.report.case


def _traced(
    events: Sequence[Event], held: Sequence[Event], as_of: date, known_at: datetime | None, side: Conditions
) -> _Trace:
    """Judge and fold as the replay does, and take down what each event brought."""
    kind, office = side.programme(held[0].programme), side.office
    case = kind.current.new_case(held[0].case_id)
    told: set[tuple[object, ...]] = set()

    def first(findings: Iterable[Finding]) -> list[Finding]:
        """Those that are not told already."""
        found = []
        for each in findings:
            if each.subject not in told:
                told.add(each.subject)
                found.append(each)
        return found

    moments: list[_Moment] = []
    for event in chronology(held, kind.current):
        edition = kind.edition_on(event.occurred_on)
        judgement = edition.judge(case, event, office)
        duties, before = dict(case.duties), _holding(case)
        edition.fold(case, event, office)
        after = _holding(case)
        moments.append(
            _Moment(
                event=event,
                states={
                    Aspect.SOURCE: judgement.source,
                    Aspect.DESTINATION: judgement.destination,
                    Aspect.STATE: case.state_on(event.occurred_on),
                },
                holding=after,
                brought=frozenset(aspect for aspect, value in after.items() if not _same(value, before[aspect])),
                findings=first(judgement.findings),
                arose={key: duty for key, duty in case.duties.items() if duties.get(key) != duty},
                discharged={key: duty for key, duty in duties.items() if key not in case.duties},
            )
        )
    settled = kind.edition_on(as_of).settle(case, as_of, office)
    moments = [attrs.evolve(each, findings=[still_owed(it, settled) for it in each.findings]) for each in moments]
    found = [finding for moment in moments for finding in moment.findings]
    report = report_of(kind, case, [*found, *settled], recorded_by(events, as_of, known_at), as_of)
    return _Trace(moments, first(settled), report)


def _both(traced: Callable[[Conditions], _Trace], here: Conditions, there: Conditions) -> Iterator[_Trace]:
    """The two sides, judged; or the error that the record has on both, or the first that a side has for itself."""
    found: list[_Trace] = []
    errors: list[tuple[str, InputError | MissingFigure]] = []
    for side, usual in ((here, "here"), (there, "there")):
        try:
            found.append(traced(side))
        except (InputError, MissingFigure) as error:
            errors.append((side.name or usual, error))
    if errors:
        (name, first), *others = errors
        if str(first) not in [str(other) for _, other in others]:
            first.args = (f"{first.args[0]} [{name}]",)
            if isinstance(first, InputError):
                first.message = f"{first.message} [{name}]"
                first.problems = tuple(f"{problem} [{name}]" for problem in first.problems)
        raise first
    return iter(found)


def _holding(case: Case) -> dict[Aspect, Any]:
    return {Aspect.PERIOD: case.period, Aspect.MEANS_TEST: getattr(case, "means", None)}


# Two sides ------------------------------------------------------------------------------------------------------------


def _moved(here: _Moment, there: _Moment) -> Iterator[Change]:
    """What differs between the two sides of one event."""
    for aspect, state in here.states.items():
        if state is not there.states[aspect]:
            yield Change(aspect, state, there.states[aspect])
    for aspect, value in here.holding.items():  # told where one of the sides brings it, and not again at every step
        if aspect in here.brought | there.brought and not _same(value, there.holding[aspect]):
            yield Change(aspect, value, there.holding[aspect])
    yield from _paired(Aspect.DUTY, here.arose, there.arose)
    for key in dict.fromkeys((*here.discharged, *there.discharged)):
        one, other = here.discharged.get(key), there.discharged.get(key)
        if one is None or other is None:  # that it was another duty is told where it arose
            yield Change(Aspect.DISCHARGED, one, other)
    yield from _paired(Aspect.FINDING, _by_rule(here.findings), _by_rule(there.findings))


def _ended(here: _Trace, there: _Trace) -> Iterator[Change]:
    """What differs as of the day asked about."""
    if here.report.state is not there.report.state:
        yield Change(Aspect.STATE, here.report.state, there.report.state)
    if here.report.period != there.report.period:
        yield Change(Aspect.PERIOD, here.report.period, there.report.period)
    yield from _paired(Aspect.DUTY, here.case.duties, there.case.duties)
    yield from _paired(Aspect.FINDING, _by_rule(here.settled), _by_rule(there.settled))


def _by_rule(findings: Iterable[Finding]) -> dict[tuple[object, ...], Finding]:
    """The findings of one step by what they are about."""
    return {finding.subject: finding for finding in findings}


def _paired(aspect: Aspect, here: Mapping[Any, Any], there: Mapping[Any, Any]) -> Iterator[Change]:
    for key in dict.fromkeys((*here, *there)):
        one, other = here.get(key), there.get(key)
        if one != other:
            yield Change(aspect, one, other)


def _same(one: Any, other: Any) -> bool:
    """Are they equal? Two errors are if they say the same, two calculations if all their amounts are the same.

    Where a figure was read is no difference: an overlay may state the same amount with a source of its own. Whether it
    was verified is one where a finding says so, and then that finding differs.
    """
    if isinstance(one, MissingFigure) and isinstance(other, MissingFigure):
        return str(one) == str(other)
    if isinstance(one, MeansTest) and isinstance(other, MeansTest):
        one, other = (attrs.evolve(each, used=()) for each in (one, other))
    return bool(one == other)


__all__ = ["Aspect", "Change", "Conditions", "Difference", "StepDifference", "compare"]
