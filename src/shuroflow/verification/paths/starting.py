"""Where an exploration starts: the histories of a corpus, step by step; the same with their days drawn together; each
step with its event at an edge of a rule.

What stands on other days, or under other settings of the office, is judged too and not gone on from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import get_args

import attrs

from shuroflow.case import Case
from shuroflow.caseload.held import case_before
from shuroflow.events import Event
from shuroflow.states import Judgement, Office, Settings
from shuroflow.states.figures import DeductionBasis, Standard
from shuroflow.states.history import case_of
from shuroflow.verification.paths.alphabet import AMENDING, later
from shuroflow.verification.paths.coverage import Seen, keep, words
from shuroflow.verification.paths.exploring import Explorer, choices_of
from shuroflow.verification.paths.situations import Situation, heard
from shuroflow.verification.probes import Probe, course, probes, seams
from shuroflow.verification.shifting import shifted
from shuroflow.vocabulary import State

YEARS = (-8, -3, -1, 1, 4, 10)
"""How far whole histories are moved, in years: to where figures and calendars of the office end."""

History = tuple[Event, ...]


def beginnings(explorer: Explorer) -> Iterator[Situation]:
    """Before the first event, and after each event of each history, as it stands and drawn together."""
    for day in explorer.alphabet.openings():
        yield _new(explorer, day)
    histories = explorer.corpus.histories
    for done, whole in enumerate(histories, 1):
        history = _compliant(explorer, whole)
        yield from _along(explorer, history)
        for told in (drawn_together(explorer, history), *_in_other_years(history)):
            _note_course(explorer, told)
        for office in explorer.others:
            _note_elsewhere(explorer, history, office)
        explorer.told("histories", done, len(histories))


def _compliant(explorer: Explorer, history: History) -> History:
    """The history up to the first event that the judge refuses: a programme may not obey its own examples yet."""
    for at, judgement in enumerate(course(history, explorer.office)):
        if not judgement.allowed:
            return history[:at]
    return history


def _new(explorer: Explorer, day: date) -> Situation:
    return Situation(explorer.kind.current.new_case("case-1"), (day, 0), day, State.NEW, 0)


def _along(explorer: Explorer, history: History) -> Iterator[Situation]:
    if not history:
        return
    before = _new(explorer, history[0].occurred_on)
    for at in range(1, len(history) + 1):
        _note_seams(explorer, history[: at - 1], history[at - 1], before)
        before = after(explorer, history[:at], before, 0)
        yield before
    together = drawn_together(explorer, history)
    before = _new(explorer, history[0].occurred_on)
    for at in range(1, len(together) + 1):
        _note_late(explorer, together[:at], before)
        before = after(explorer, together[:at], before, 0)
        yield before


def after(explorer: Explorer, events: History, before: Situation, distance: int) -> Situation:
    """The situation after some events, the last of which may have its place further up."""
    event, current = events[-1], explorer.kind.current
    case = case_of(events, explorer.office)
    reached = max(before.reached, current.place_of(event))
    state = case.state_on(reached[0])
    situation = Situation(
        case,
        reached,
        before.opened,
        state,
        distance,
        start=events,
        told=heard(before.told, event, explorer.listens),
        way=before.way if state is before.state else (*before.way, state),
        length=len(events),
    )
    explorer.entered(before, situation, event)
    return situation


def drawn_together(explorer: Explorer, history: History) -> History:
    """The history with every event as early as the ones before it allow, on the first day if it can be.

    An order of steps that may share a day shows its edge only there. What is refused then stays on its day.
    """
    told: list[Event] = []
    for event in history:
        if event.kind in AMENDING:
            return tuple(told)
        early = later(event, (history[0].occurred_on - event.occurred_on).days) if told else event
        for tried in (early, event):
            said = _course(explorer, tuple(told), (tried,), explorer.office)
            if said and said[0].allowed:
                told.append(tried)
                break
    return tuple(told)


def _course(explorer: Explorer, before: History, events: History, office: Office) -> list[Judgement]:
    """What the judge says of the events that follow; nothing, and a finding, where judging them falls over."""
    try:
        return course((*before, *events), office, start=len(before))
    except Exception as error:
        opened = (before or events)[0].occurred_on
        keep(explorer.coverage.fell, (events[-1].kind, words(error)), _new(explorer, opened), (*before, *events))
        return []


def _note_late(explorer: Explorer, events: History, before: Situation) -> None:
    """The last of the events as one of the day before the first: written down late, or with a slip of the pen."""
    try:
        late = later(events[-1], (events[0].occurred_on - events[-1].occurred_on).days - 1)
    except OverflowError:
        return
    told = (*events, late)
    for judgement in _course(explorer, events, (late,), explorer.office):
        _note(
            explorer, late, judgement, before, told[before.length :], lambda: case_before(late, events, explorer.office)
        )


def _note_seams(explorer: Explorer, events: History, event: Event, before: Situation) -> None:
    """An event that has more rows than one, with values next to where another of them applies."""
    edition = explorer.kind.edition_on(event.occurred_on)
    case = case_before(event, events, explorer.office)
    choices = choices_of(edition, event.kind, edition.source_for(case, event.kind, event.occurred_on))
    if all(ruled.row.when is None for ruled in choices):
        return

    def wanting(changed: Event) -> frozenset[int]:
        rows = [ruled.row for ruled in choices]
        return frozenset(at for at, row in enumerate(rows) if row.when is None or row.when(case, changed))

    for changed in seams(event, wanting):
        for judgement in _course(explorer, events, (changed,), explorer.office):
            _note(
                explorer,
                changed,
                judgement,
                before,
                (changed,),
                lambda: case_before(changed, events, explorer.office),  # noqa: B023 - called at once
            )


def _in_other_years(history: History) -> Iterator[History]:
    day = history[0].occurred_on
    for years in YEARS:
        try:
            yield shifted(history, (day.replace(year=day.year + years, day=min(day.day, 28)) - day).days)
        except (OverflowError, ValueError):
            continue


def _note_course(explorer: Explorer, history: History) -> None:
    """What the judge says along a history, up to the first event that it refuses."""
    if not history:
        return
    start = _new(explorer, history[0].occurred_on)
    for at, (event, judgement) in enumerate(
        zip(history, _course(explorer, (), history, explorer.office), strict=False)
    ):
        if event.kind in AMENDING:
            return
        before = history[:at]
        _note(explorer, event, judgement, start, history[: at + 1], lambda: case_before(event, before, explorer.office))  # noqa: B023 - called at once
        if not judgement.allowed:
            return


def _note_elsewhere(explorer: Explorer, history: History, office: Office) -> None:
    start = _new(explorer, history[0].occurred_on)
    for at, judgement in enumerate(_course(explorer, (), history, office), 1):
        for finding in judgement.findings:
            keep(explorer.coverage.elsewhere, finding.rule.code, start, history[:at])


def _note(
    explorer: Explorer,
    event: Event,
    judgement: Judgement,
    before: Situation,
    told: History,
    case: Callable[[], Case],
) -> None:
    if judgement.allowed and judgement.destination is not judgement.source:
        explorer.missing(judgement.destination, (*before.history(), *told), event.occurred_on, before, told)
    choices = choices_of(explorer.kind.edition_on(event.occurred_on), event.kind, judgement.source)
    if not choices:
        explorer.coverage.out_of_row(judgement, before, told)
    elif len(choices) == 1 and choices[0].row.when is None:
        explorer.coverage.answered(choices[0].row, judgement, before, told)
    else:
        fitting = explorer.fitting(choices, case(), event, before, told)
        if fitting is not None:
            explorer.coverage.answered(fitting.row, judgement, before, told)


def variants(explorer: Explorer) -> Iterator[Situation]:
    """Each step of each history with its event at an edge: all are judged, one of each edge is gone on from."""
    edges: set[tuple[object, ...]] = set()
    histories = [_compliant(explorer, history) for history in explorer.corpus.histories]
    steps, done = sum(map(len, histories)), 0
    for history in filter(None, histories):
        before = _new(explorer, history[0].occurred_on)
        for at in range(len(history)):
            for probe in _probes(explorer, history, at, before):
                rest = (probe.event, *history[at + 1 :])
                _note_variant(explorer, history[:at], rest, (probe.judgement, *probe.later), before)
                if probe.judgement.allowed and probe.event.kind not in AMENDING and probe.edge not in edges:
                    edges.add(probe.edge)
                    yield after(explorer, (*history[:at], probe.event), before, 1)
            done += 1
            explorer.told("edges", done, steps)
            before = after(explorer, history[: at + 1], before, 0)


def _probes(explorer: Explorer, history: History, at: int, before: Situation) -> Iterator[Probe]:
    """The variants of a step; if judging one of them falls over, that one is looked for instead.

    A correction has none: it is no step of the chart.
    """
    if history[at].kind in AMENDING:
        return
    try:
        yield from probes(history, at, explorer.office, donors=explorer.corpus.donors)
    except Exception as error:  # a guard or a fold of the programme: no reason to stop, and to be told
        keep(explorer.coverage.fell, (history[at].kind, words(error)), before, history[at : at + 1])

        def answer(changed: Event) -> frozenset[str]:
            try:
                said = course((*history[:at], changed), explorer.office, start=at)[0]
            except Exception as also:
                explorer.coverage.fell[changed.kind, words(also)] = Seen(before, (changed,))
                return frozenset({words(also)})
            return frozenset(finding.rule.code for finding in said.findings)

        for _ in seams(history[at], answer):
            pass


def _note_variant(
    explorer: Explorer, start: History, rest: History, said: tuple[Judgement, ...], before: Situation
) -> None:
    """What the judge said of a variant, and of the rest of the history up to the first event it then refuses."""
    for at, (event, judgement) in enumerate(zip(rest, said, strict=True)):
        if event.kind in AMENDING:
            return
        told = rest[: at + 1]
        _note(
            explorer,
            event,
            judgement,
            before,
            told,
            lambda: case_before(event, (*start, *told[:-1]), explorer.office),  # noqa: B023 - called at once
        )
        if not judgement.allowed:
            return


def other_offices(office: Office) -> tuple[Office, ...]:
    """The office with each of its settings otherwise, one at a time: some rules speak only there.

    Of the standard and the basis of the deduction, the one that is not changed is put back to the usual one: the two
    do not all go together.
    """
    usual = Settings()
    others = [
        {"first_day": "excluded" if office.settings.first_day == "counted" else "counted"},
        *(
            {"standard": each, "deduction_basis": usual.deduction_basis}
            for each in get_args(Standard)
            if each != office.settings.standard
        ),
        *(
            {"deduction_basis": each, "standard": usual.standard}
            for each in get_args(DeductionBasis)
            if each != office.settings.deduction_basis
        ),
        {"plan_due_days": 1},
        {"review_interval_days": 1},
        {"contact_gap_days": 1},
    ]
    made: list[Settings] = [attrs.evolve(office.settings, **changed) for changed in others]
    return tuple(attrs.evolve(office, settings=settings) for settings in made)


__all__ = ["after", "beginnings", "drawn_together", "other_offices", "variants"]
