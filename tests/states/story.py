"""Tell a case in a few lines and hear what the judge says of it: shared by all tests of the state machines.

A :class:`Story` gathers events; :func:`replay` judges and folds them one by one, as an auditor does; and
:func:`any_events` draws arbitrary histories of a programme for the properties. Nothing here knows a rule.
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime, time, timedelta, timezone
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from shuroflow.case import Case
from shuroflow.events import Actor, Corrected, Event, Withdrawn, event_name, kinds_of
from shuroflow.states.chart import Edition
from shuroflow.states.editions import Programme
from shuroflow.states.judgement import Finding, Judgement
from shuroflow.states.office import Office
from shuroflow.vocabulary import Role, Severity

JST = timezone(timedelta(hours=9))
AS_OF = date(2026, 11, 21)
"""The day asked about where a story names none."""

VIOLATION, OBSERVATION, NOTE = Severity.VIOLATION, Severity.OBSERVATION, Severity.NOTE
OFFICE = Office()

# People by role-bound ids: one for each role that sits at a table of either programme.
CW = Actor(id="cw-03", role=Role.CASEWORKER)
SV = Actor(id="sv-01", role=Role.SUPERVISOR)
ES = Actor(id="es-07", role=Role.SPECIALIST)
HW = Actor(id="hw-02", role=Role.HELLO_WORK)
PERSON = Actor(id="person-1", role=Role.PERSON)
DIRECTOR = Actor(id="dir-01", role=Role.DIRECTOR)
OFFICER = Actor(id="of-05", role=Role.OFFICER)
APPLICANT = Actor(id="applicant-1", role=Role.APPLICANT)
PROVIDER = Actor(id="provider-1", role=Role.PROVIDER)
CLERK = Actor(id="clerk-04", role=Role.CLERK)


def day(text: str | date) -> date:
    """An ISO date; a date is passed through."""
    return text if isinstance(text, date) else date.fromisoformat(text)


@attrs.define
class Story:
    """The events of one case, told in the order in which they were recorded.

    ``Story("saitama").on("2025-04-03", Listed(), by=CW)``: each ``on`` adds one event and returns the story.
    """

    programme: str
    case_id: str = "case-1"
    recorder: Actor = CW
    events: list[Event] = attrs.field(factory=list)

    def on(
        self,
        when: str | date,
        data: Any,
        *,
        by: Actor | None = None,
        recorded_at: datetime | None = None,
        note: str | None = None,
        key: str | None = None,
    ) -> Story:
        """Add what happened on a day; it is written down the same day at 17:00 unless told otherwise."""
        happened = day(when)
        self.events.append(
            Event(
                case_id=self.case_id,
                seq=len(self.events) + 1,
                programme=self.programme,
                kind=event_name(data),
                occurred_on=happened,
                recorded_at=recorded_at or datetime.combine(happened, time(17), JST),
                recorded_by=by or self.recorder,
                data=data,
                note=note,
                key=key,
            )
        )
        return self

    def each(self, days: Iterable[str | date], data: Any, *, by: Actor | None = None) -> Story:
        """The same on each of several days."""
        for when in days:
            self.on(when, data, by=by)
        return self

    def fork(self) -> Story:
        """A story that begins like this one and goes its own way."""
        return attrs.evolve(self, events=list(self.events))

    @property
    def last(self) -> Event:
        """The event told last."""
        return self.events[-1]


@attrs.frozen
class Outcome:
    """What came of a replay: the case, one judgement for each event, and what is missing as of the day asked about."""

    case: Case
    judgements: tuple[Judgement, ...]
    settled: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, of the events and of the day; one that is reported once stands once."""
        found: list[Finding] = []
        seen: dict[tuple[object, ...], int] = {}
        for finding in (*(each for judged in self.judgements for each in judged.findings), *self.settled):
            if finding.rule.once and finding.subject in seen:
                first = found[seen[finding.subject]]
                if finding.rule.duty is not None and finding.rule != first.rule:  # told by a rule, and open still
                    found[seen[finding.subject]] = first.still(finding)
                continue
            seen[finding.subject] = len(found)
            found.append(finding)
        return tuple(found)

    @property
    def graded(self) -> list[tuple[str, Severity, int]]:
        """(citation, severity, seq) of every finding that is more than a note, in the order of the events."""
        return [(each.clause, each.severity, each.seq) for each in self.findings if each.severity is not NOTE]

    @property
    def rules(self) -> list[str]:
        """Codes of all findings without the programme's prefix."""
        return [each.rule.code.partition(".")[2] for each in self.findings]

    @property
    def last(self) -> Judgement:
        """The judgement of the event told last."""
        return self.judgements[-1]


@cache
def programme_of(code: str) -> Programme:
    """The programme of that code."""
    module = importlib.import_module(f"shuroflow.states.{code}.rulebook")
    made: Programme = module.programme()
    return made


def edition_of(code: str, when: date = AS_OF) -> Edition:
    """The edition in force on a day."""
    return programme_of(code).edition_on(when)


def replay(told: Story | Iterable[Event], *, as_of: str | date = AS_OF, office: Office = OFFICE) -> Outcome:
    """Judge each event where the record has led so far, then fold it, whatever the judgement; at last settle."""
    events = told.events if isinstance(told, Story) else list(told)
    programme = programme_of(events[0].programme)
    case = programme.edition_on(events[0].occurred_on).new_case(events[0].case_id)
    judgements = []
    for event in events:
        edition = programme.edition_on(event.occurred_on)
        judgements.append(edition.judge(case, event, office))
        edition.fold(case, event, office)
    settled = programme.edition_on(day(as_of)).settle(case, day(as_of), office)
    return Outcome(case, tuple(judgements), settled)


def record(told: Story | Iterable[Event], *, office: Office = OFFICE) -> tuple[Case, list[Event]]:
    """Only what the live desk lets pass is folded, numbered anew; the case and the events that stand."""
    events = told.events if isinstance(told, Story) else list(told)
    programme = programme_of(events[0].programme)
    case = programme.edition_on(events[0].occurred_on).new_case(events[0].case_id)
    kept: list[Event] = []
    for tried in events:
        event = attrs.evolve(tried, seq=len(kept) + 1)
        edition = programme.edition_on(event.occurred_on)
        if edition.judge(case, event, office).allowed:
            edition.fold(case, event, office)
            kept.append(event)
    return case, kept


def judge_last(told: Story, *, office: Office = OFFICE) -> Judgement:
    """What the rules say of the last event of a story."""
    return replay(told, office=office).last


def snapshot(case: Case) -> dict[str, Any]:
    """Everything a case holds, copied: two snapshots are equal if nothing was touched in between."""
    held = {field.name: getattr(case, field.name) for field in attrs.fields(type(case))}
    # An error equals only itself: what it says stands for it.
    return deepcopy({name: repr(value) if isinstance(value, Exception) else value for name, value in held.items()})


# ---------------------------------------------------------------- arbitrary histories

DAYS = st.dates(date(2025, 1, 1), date(2025, 12, 31)) | st.dates(date(2020, 6, 1), date(2027, 12, 31))
# Few words, so that goals, persons and trials meet again; one is blank, one is not of the basic plane.
WORDS = st.sampled_from(["g-1", "g-2", "cw-03", "2025-04", " ", "𠮷野 神"])


@cache
def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """A strategy for a field of a payload, from its type alone."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return values_of(args[0])
    if origin in (Union, types.UnionType):
        return st.one_of([st.none() if arg is type(None) else values_of(arg) for arg in args])
    if origin is tuple:
        return st.lists(values_of(args[0]), max_size=4).map(tuple)
    if isinstance(hint, type) and attrs.has(hint):
        return payloads_of(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    known: Mapping[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(0, 60) | st.integers(0, 1_000_000),
        date: DAYS,
        str: WORDS,
    }
    return known[hint]


@cache
def payloads_of(cls: type) -> st.SearchStrategy[Any]:
    """A strategy for a payload (or a part of one) with anything in it that its types allow."""
    hints = get_type_hints(cls, include_extras=True)
    return st.builds(cls, **{field.name: values_of(hints[field.name]) for field in attrs.fields(cls)})


def _likely(programme: str) -> Iterator[st.SearchStrategy[Any]]:
    for cls in kinds_of(programme).values():
        if cls not in (Corrected, Withdrawn):  # these are applied before anything is judged
            yield payloads_of(cls)


@cache
def any_events(programme: str, *, max_size: int = 10) -> st.SearchStrategy[list[Event]]:
    """Histories of one case made of any events of a programme, on any days and in any order."""
    told = st.tuples(DAYS, st.one_of(list(_likely(programme))), values_of(Actor))

    def tell(facts: list[tuple[date, Any, Actor]]) -> list[Event]:
        story = Story(programme)
        for when, data, actor in facts:
            story.on(when, data, by=actor)
        return story.events

    return st.lists(told, min_size=1, max_size=max_size).map(tell)


@st.composite
def gone_astray(draw: st.DrawFn, stories: Mapping[str, Callable[[], list[Event]]]) -> list[Event]:
    """A told history up to some event of it, and from there on anything at all."""
    events = stories[draw(st.sampled_from(sorted(stories)))]()
    upto = draw(st.integers(0, len(events)))
    return follow(events[:upto], draw(any_events(events[0].programme, max_size=6)))


def follow(events: Iterable[Event], more: Iterable[Event]) -> list[Event]:
    """One history: the events, and after them more, numbered on and of the same case."""
    told = list(events)
    for event in more:
        case_id = told[0].case_id if told else event.case_id
        told.append(attrs.evolve(event, seq=len(told) + 1, case_id=case_id))
    return told


# ---------------------------------------------------------------- witnesses


@attrs.frozen
class Witness:
    """A story that shows a rule at work: its last event (or, with ``as_of``, the day) breaks the rule or does not.

    ``also`` are the other rules that speak of the same event; every rule that is not named must stay silent.
    ``clause`` is the citation where it differs from the rule's own.
    """

    rule: str
    why: str
    story: Story
    fails: bool
    also: tuple[str, ...] = ()
    as_of: str | None = None
    office: Office = OFFICE
    clause: str | None = None

    @property
    def id(self) -> str:
        """Name of the witness in a test report."""
        return f"{self.rule}-{'breaks' if self.fails else 'holds'}-{self.why}"

    def found(self) -> tuple[Finding, ...]:
        """What the rules say of the last event, or of the day."""
        outcome = replay(self.story, as_of=self.as_of or AS_OF, office=self.office)
        return outcome.settled if self.as_of else outcome.last.findings

    def finding(self) -> Finding:
        """The one finding of a witness that fails."""
        (found,) = [each for each in self.found() if _short(each) == self.rule]
        return found

    def told(self) -> tuple[list[str], list[str]]:
        """Rules expected to speak and rules that spoke, both sorted."""
        expected = [*self.also, *([self.rule] if self.fails else [])]
        return sorted(expected), sorted(_short(each) for each in self.found())


def _short(finding: Finding) -> str:
    return finding.rule.code.partition(".")[2]


def breaks(rule: str, why: str, story: Story, *also: str, **options: Any) -> Witness:
    """A witness that breaks the rule."""
    return Witness(rule, why, story, True, also, **options)


def holds(rule: str, why: str, story: Story, *also: str, **options: Any) -> Witness:
    """A witness that keeps the rule, as close to breaking it as can be."""
    return Witness(rule, why, story, False, also, **options)
