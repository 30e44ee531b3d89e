"""The compliance machine: Hypothesis drives a system step by step beside our judge, several cases at a time.

It goes where the sweep does not: two events of an earlier day in one case, a correction of what another event rested
on, three cases in turn. What differs is shrunk to few steps, and :mod:`~shuroflow.verification.checking` makes a short
history of it. It knows events by the corpus and limits by :mod:`~shuroflow.verification.probes`, and no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import attrs
from hypothesis import HealthCheck, Phase, assume
from hypothesis import settings as Settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from shuroflow.errors import InputError, MissingFigure
from shuroflow.events import Actor, Corrected, Event, Withdrawn
from shuroflow.events.envelope import event_name, evolve
from shuroflow.events.structure import unstructure
from shuroflow.states import Office, Rule
from shuroflow.verification.compliance import PROFILES, Profile, Report
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Driver, DriverFactory, abilities
from shuroflow.verification.listening import unheard
from shuroflow.verification.planning import rules_of
from shuroflow.verification.probes import Probe, probes
from shuroflow.verification.shifting import shifted, turns
from shuroflow.verification.strategies import at_edges, days_of
from shuroflow.verification.walking import Difference, Walk
from shuroflow.vocabulary import Role

CASES = 3
"""How many cases are under way at a time."""

_LOOKED_AT = 40
"""How many events of the corpus are looked at for one that may come next."""

_any = st.integers(0, 2**16)
_which = st.integers(0, CASES - 1)


class Parted(AssertionError):
    """The system and the judge part. ``difference`` tells where; ``script`` is all that was asked, in order."""

    def __init__(self, difference: Difference, script: Sequence[Event], near: Sequence[Rule]) -> None:
        self.difference = difference
        self.script = tuple(script)
        self.near = tuple(near)
        super().__init__(difference.explain())


@attrs.define(eq=False)
class _Case:
    """A case under way: both sides of it, the history of the corpus it follows, and how far it has come there."""

    walk: Walk
    path: tuple[Event, ...]
    at: int = 0

    @property
    def events(self) -> list[Event]:
        return self.walk.expected.events

    @property
    def following(self) -> Event:
        """The next event of the path, or its last one for good."""
        return self.path[min(self.at, len(self.path) - 1)]

    @property
    def today(self) -> date:
        """The last day on which something happened; before the first event, that of the path."""
        return max((event.occurred_on for event in self.events), default=self.path[0].occurred_on)


def run_settings(profile: Profile, *, examples: int | None = None) -> Settings:
    """How Hypothesis runs the machine: the same with the same seed, and nothing kept from one run to the next."""
    return Settings(
        max_examples=profile.examples if examples is None else examples,
        stateful_step_count=profile.steps,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )


def compliance_machine(
    factory: DriverFactory,
    programme: str,
    *,
    office: Office | None = None,
    corpus: Corpus | None = None,
    profile: Profile = PROFILES["default"],
    report: Report | None = None,
    stops: list[Parted] | None = None,
    progress: Callable[[], bool] | None = None,
) -> type[RuleBasedStateMachine]:
    """A state machine of Hypothesis that drives a system and compares it with our judge after every step.

    Name its ``TestCase`` in a test module: ``TestOurSystem = compliance_machine(open_it, "saitama").TestCase``. The
    system is opened once and used for all runs, since no case id comes twice; the test case closes it at the end.

    Args:
        factory: opens the system.
        programme: code of the programme that it claims to follow.
        office: figures, calendar and settings that it claims to follow; by default the built-in ones.
        corpus: the histories to start from; by default those that come with the programme.
        profile: how many runs, and how many steps in each.
        report: where to count what is tried; a kind of difference that it has already does not stop the machine.
        stops: takes every stop at a difference, those of shrinking too.
        progress: called before each run; from when it is false, no run does anything.

    Raises:
        UnknownProgramme: if there is no such programme.
        InputError: if there is no history to start from.
    """
    the_office = Office() if office is None else office
    the_corpus = Corpus.of(programme) if corpus is None else corpus
    counted = Report(programme) if report is None else report
    pool = _Pool.of(the_corpus)
    opened: list[Driver] = []

    def driver() -> Driver:
        if not opened:
            opened.append(factory())
        return opened[0]

    class ComplianceMachine(RuleBasedStateMachine):
        """A few cases of the system, each beside what the judge makes of it."""

        def __init__(self) -> None:
            super().__init__()
            assume(progress is None or progress())
            self.driver = driver()
            self.corrects = abilities(self.driver).corrections
            self.cases: list[_Case] = []
            self.walks: list[Walk] = []
            self.script: list[Event] = []

        # -------------------------------------------------------- what the steps are made of

        def case(self, which: int) -> _Case:
            """One of the cases under way."""
            return self.cases[which % len(self.cases)]

        def send(self, case: _Case, event: Event, near: Sequence[Rule] = ()) -> bool:
            """Try an event on both sides; was it taken?"""
            version = len(case.events)
            self.script.append(case.walk.expected.next(event))
            try:
                found = case.walk.step(event, near=near)
            except MissingFigure:  # the judge does not know that year: nothing was asked of the system
                self.script.pop()
                return False
            self.settle(case, found, near)
            return len(case.events) > version

        def settle(self, case: _Case, found: Difference | None, near: Sequence[Rule] = ()) -> None:
            """Stop at a new difference; a case in which a known one shows is left alone from then on."""
            if found is None:
                return
            if found.kind not in {each.kind for each in counted.differences}:
                parted = Parted(found, self.script, near)
                if stops is not None:
                    stops.append(parted)
                raise parted
            if found.what == "fails":  # a process that was started anew has forgotten the other cases too
                self.cases.clear()
            elif case in self.cases:
                self.cases.remove(case)

        def follow(self, case: _Case, steps: int) -> None:
            """The next events of the history that the case follows, those alone that the judge allows."""
            for event in case.path[case.at : case.at + steps]:
                case.at += 1
                if case in self.cases and self.allows(case, event):
                    self.send(case, event)

        def allows(self, case: _Case, event: Event) -> bool:
            """Would the judge let it be recorded now?"""
            try:
                with unheard():  # it is not put to the system yet
                    return case.walk.expected.judge(case.walk.expected.next(event)).allowed
            except (InputError, MissingFigure):
                return False

        # -------------------------------------------------------- in the order of the rules

        @precondition(lambda self: len(self.cases) < CASES)
        @rule(
            history=st.integers(0, len(the_corpus.histories) - 1),
            turn=st.integers(0, 40),
            steps=st.integers(1, max(map(len, the_corpus.histories))),
        )
        def open_case(self, history: int, turn: int, steps: int) -> None:
            """Open a case that follows a history of the corpus, on its own days or so that it begins on a turn."""
            walk = Walk(self.driver, the_office)
            case = _Case(walk, _on_turn(the_corpus.histories[history], turn))
            self.walks.append(walk)
            self.cases.append(case)
            self.follow(case, steps)
            if not case.events and case in self.cases:  # on that day the history cannot begin
                self.cases.remove(case)

        @precondition(lambda self: self.cases)
        @rule(which=_which, steps=st.integers(1, 6))
        def go_on(self, which: int, steps: int) -> None:
            """The next events of the history that the case follows."""
            self.follow(self.case(which), steps)

        @precondition(lambda self: self.cases)
        @rule(which=_which, pick=_any, gap=st.integers(0, 3))
        def do_something_else(self, which: int, pick: int, gap: int) -> None:
            """Another event that may come next, from any history."""
            case = self.case(which)
            for at in range(_LOOKED_AT):
                event = _moved(pool.nth(pick + at), case.today + timedelta(days=gap))
                if event is not None and self.allows(case, event):
                    self.send(case, event)
                    return

        # -------------------------------------------------------- past their edges

        @precondition(lambda self: self.cases)
        @rule(which=_which, pick=_any)
        def meet_an_edge(self, which: int, pick: int) -> None:
            """The next event at the edge of a rule, as the case stands."""
            case = self.case(which)
            edges = _edges(case, the_corpus, the_office)
            assume(edges)
            probe = edges[pick % len(edges)]
            if self.send(case, probe.event, rules_of(probe.event, probe.rules)):
                case.at += 1

        @precondition(lambda self: self.cases)
        @rule(which=_which, pick=_any, gap=st.integers(0, 3))
        def do_it_out_of_place(self, which: int, pick: int, gap: int) -> None:
            """Any event of any history, whether or not it may come next."""
            case = self.case(which)
            event = _moved(pool.nth(pick), case.today + timedelta(days=gap))
            assume(event is not None)
            if event is not None:
                self.send(case, event)

        @precondition(lambda self: self.cases)
        @rule(which=_which, back=_any)
        def repeat(self, which: int, back: int) -> None:
            """An event that is on record already, the last one first."""
            case = self.case(which)
            self.send(case, case.events[-1 - back % len(case.events)])

        @precondition(lambda self: self.cases)
        @rule(which=_which, pick=_any, back=_any, off=st.sampled_from([0, -1, 1]), along=st.booleans())
        def enter_it_late(self, which: int, pick: int, back: int, off: int, along: bool) -> None:
            """An event of an earlier day: the next one of the history, or any other."""
            case = self.case(which)
            day = case.events[-1 - back % len(case.events)].occurred_on + timedelta(days=off)
            event = _moved(case.following if along else pool.nth(pick), day)
            assume(event is not None and day < case.today)
            if event is not None:
                self.send(case, event)

        # -------------------------------------------------------- 訂正 and 取消

        @precondition(lambda self: self.cases and self.corrects)
        @rule(which=_which, back=_any, pick=_any, day=st.sampled_from([False, False, True]), gap=st.integers(0, 3))
        def correct(self, which: int, back: int, pick: int, day: bool, gap: int) -> None:
            """Correct the day or the payload of an event on record, to one at the edge of a rule if there is one."""
            case = self.case(which)
            target = case.events[-1 - back % len(case.events)]
            right = Corrected(seq=target.seq, reason="転記誤り", approved_by=_APPROVER)
            if day:
                on = target.occurred_on + timedelta(days=_OFFSETS[pick % len(_OFFSETS)])
                assume(on <= case.today + timedelta(days=gap))  # what is corrected has happened
                right = evolve(right, occurred_on=on)
            elif isinstance(target.data, Corrected | Withdrawn):
                right = evolve(right, data={})
            else:
                others = _payloads(case, target, the_corpus, the_office)
                right = evolve(right, data=unstructure(others[pick % len(others)]))
            self.send(case, _amendment(case, right, gap))

        @precondition(lambda self: self.cases and self.corrects)
        @rule(which=_which, back=_any, gap=st.integers(0, 3))
        def withdraw(self, which: int, back: int, gap: int) -> None:
            """Take an event on record back, a correction too."""
            case = self.case(which)
            target = case.events[-1 - back % len(case.events)]
            self.send(case, _amendment(case, Withdrawn(seq=target.seq, reason="重複入力", approved_by=_APPROVER), gap))

        # -------------------------------------------------------- looking

        @precondition(lambda self: self.cases)
        @rule(which=_which, pick=_any)
        def look(self, which: int, pick: int) -> None:
            """The record, and how the case stands on one of the days that matter, whatever happened elsewhere since."""
            case = self.case(which)
            days = days_of(case.walk.expected)
            try:
                self.settle(case, case.walk.compare(days=[days[pick % len(days)]]))
            except MissingFigure:  # nor does the judge know
                return

        def teardown(self) -> None:
            """Count what was tried."""
            for walk in self.walks:
                counted.count(walk, "drawn")

    ComplianceMachine.TestCase.settings = run_settings(profile)

    def close(cls: type) -> None:
        """The last run is over."""
        while opened:
            opened.pop().close()

    ComplianceMachine.TestCase.tearDownClass = classmethod(close)  # type: ignore[assignment,method-assign]
    return ComplianceMachine


_APPROVER = Actor("sv-01", Role.SUPERVISOR)

_OFFSETS = (-1, 1, -7, 7, -31, 31, 92)


def _amendment(case: _Case, data: Corrected | Withdrawn, gap: int) -> Event:
    on = case.today + timedelta(days=gap)
    return attrs.evolve(case.events[-1], kind=event_name(data), occurred_on=on, data=data, note=None)


@attrs.frozen(eq=False)
class _Pool:
    """Every event of a corpus once, whatever its day, by its kind: each kind comes as often as any other."""

    kinds: tuple[tuple[Event, ...], ...]

    @classmethod
    def of(cls, corpus: Corpus) -> _Pool:
        found: dict[str, dict[Any, Event]] = {}
        for history in corpus.histories:
            for event in history:
                found.setdefault(event.kind, {}).setdefault(event.data, event)
        return cls(tuple(tuple(events.values()) for events in found.values()))

    def nth(self, number: int) -> Event:
        """One of them; the next number is of another kind."""
        turn, kind = divmod(number, len(self.kinds))
        return self.kinds[kind][turn % len(self.kinds[kind])]


@lru_cache(maxsize=4096)
def _on_turn(history: tuple[Event, ...], turn: int) -> tuple[Event, ...]:
    day = history[0].occurred_on
    found = dict(enumerate(turns(day), 1)).get(turn)
    return history if found is None else shifted(history, (found - day).days)


def _moved(event: Event, day: date) -> Event | None:
    """The event on another day, with every day in it; ``None`` where the calendar ends."""
    try:
        return shifted([event], (day - event.occurred_on).days)[0]
    except OverflowError:
        return None


def _edges(case: _Case, corpus: Corpus, office: Office) -> list[Probe]:
    """The next event at each edge that it meets on top of the case; of a corrected case, on top of its path."""
    amended = any(isinstance(event.data, Corrected | Withdrawn) for event in case.events)
    if amended:
        found: Iterator[Probe] | list[Probe] = at_edges(corpus, case.path, min(case.at, len(case.path) - 1), office)
    else:
        history = (*case.events, case.walk.expected.next(case.following))
        found = probes(history, len(history) - 1, office, donors=corpus.donors)
    sharpest: dict[object, Probe] = {}
    for probe in found:
        sharpest.setdefault(probe.edge, probe)
    return list(sharpest.values())


def _payloads(case: _Case, target: Event, corpus: Corpus, office: Office) -> list[Any]:
    """Other payloads for an event: at the edges of its place in the history of the case, or lent by others."""
    found: dict[Any, None] = {}
    place = next((at for at, event in enumerate(case.path) if event.data == target.data), None)
    if place is not None:
        found |= dict.fromkeys(probe.event.data for probe in at_edges(corpus, case.path, place, office))
    found |= dict.fromkeys(e.data for history in corpus.histories for e in history if e.kind == target.kind)
    found.pop(target.data, None)
    return list(found) or [target.data]


__all__ = ["Parted", "compliance_machine", "run_settings"]
