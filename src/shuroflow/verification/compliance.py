"""Does a system obey the rules? It is driven along histories and past their edges, and compared with our judge.

The sweep is deterministic: every history of the corpus, every edge of every rule that one of its events meets, before
and after it. The first difference of each kind is made as short as it can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.events.envelope import evolve
from shuroflow.states import Office
from shuroflow.verification.amending import amendments
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Driver, DriverFactory, abilities
from shuroflow.verification.drivers.protocol import opened
from shuroflow.verification.planning import Script, scripts
from shuroflow.verification.walking import Difference, Expected, Walk


@attrs.frozen
class Profile:
    """How much is tried.

    ``extra``: how many variants beyond those that meet a new edge. ``examples``: how many runs of the machine, each of
    up to ``steps`` steps.
    """

    name: str
    extra: int
    examples: int
    steps: int = 30


PROFILES = {
    profile.name: profile
    for profile in (Profile("quick", 0, 20), Profile("default", 300, 100), Profile("thorough", 20_000, 2_000, 50))
}


@attrs.define
class Report:
    """What a check found: the differences, one for each kind, and how much was tried.

    ``cases`` and ``events`` count what was asked of the system, whatever it answered; ``stages`` the cases of each
    stage: ``replayed`` from saved histories, ``swept`` along the corpus and past its edges, ``drawn`` at random, and
    ``recorded`` by a system that was only looked at afterwards, of which ``unusable`` is what could not be judged.
    ``rules`` counts how often each rule was met by an event that keeps it (``True``) and one that breaks it.
    """

    programme: str
    differences: list[Difference] = attrs.field(factory=list)
    cases: int = 0
    events: int = 0
    rules: Counter[tuple[str, bool]] = attrs.field(factory=Counter)
    stages: Counter[str] = attrs.field(factory=Counter)
    unusable: list[InputError] = attrs.field(factory=list)

    @property
    def passed(self) -> bool:
        """No difference was found, and all that there was to be judged could be."""
        return not self.differences and not self.unusable

    def count(self, walk: Walk, stage: str) -> None:
        """Add what was tried on one case."""
        self.cases += 1
        self.events += walk.asked
        self.rules.update(walk.rules)
        self.stages[stage] += 1

    def add(self, other: Report) -> None:
        """Add what another check of the same system tried and found; of each kind of difference the first stays."""
        known = {found.kind for found in self.differences}
        self.differences += [found for found in other.differences if found.kind not in known]
        self.cases += other.cases
        self.events += other.events
        self.rules.update(other.rules)
        self.stages.update(other.stages)
        self.unusable += other.unusable


def tried(
    driver: Driver, script: Script, office: Office, report: Report | None = None, *, stage: str = "swept"
) -> Difference | None:
    """Walk a script on a fresh case, or on as many as it has; the first difference, if there is one.

    What follows from an event is compared from the event in question on; before it, only whether both take it. Where
    there are several cases, each is compared after every event.
    """
    walks = {case_id: Walk(driver, office) for case_id in dict.fromkeys(event.case_id for event in script.events)}
    done: list[Event] = []
    numbers: dict[tuple[str, int], int] = {}  # of what was taken, by its number in the script
    found = None
    for at, event in enumerate(script.events):
        walk, compare = walks[event.case_id], at >= script.at
        version = len(walk.expected.events)
        asked = attrs.evolve(event, data=_following(event, numbers, version + 1))
        found = walk.step(asked, near=script.near if compare else (), compare=compare)
        if len(walk.expected.events) > version:
            numbers[event.case_id, event.seq] = version + 1
        if len(walks) > 1:
            taken = walk.expected.events[version:]
            done += taken
            if found is None and compare:
                found = _first_apart(walks.values())
            if found is not None:
                found = attrs.evolve(found, history=tuple(done) if taken else (*done, found.history[-1]))
        if found is not None:
            break
    else:
        if script.events and len(walk.expected.events) == version:  # the last one was refused: did it leave a trace?
            found = _first_apart(walks.values())
    if report is not None:
        for walk in walks.values():
            report.count(walk, stage)
    return None if found is None else _renamed(found, {w.expected.case_id: case_id for case_id, w in walks.items()})


def _renamed(found: Difference, names: Mapping[str, str]) -> Difference:
    """The difference under the case ids of the script: those that the system was asked with are of one run only."""
    history = tuple(attrs.evolve(event, case_id=names[event.case_id]) for event in found.history)
    return attrs.evolve(found, history=history, case_id=names[found.case_id])


def _first_apart(walks: Iterable[Walk]) -> Difference | None:
    return next(filter(None, (walk.compare() for walk in walks)), None)


def shortened(driver: Driver, script: Script, office: Office, found: Difference) -> Difference:
    """The same difference by as few events as will show it: any that is not needed is left out.

    What was refused on the way seldom has a part in it, and is left out at once unless it has.
    """
    for events in (found.history, script.events):
        best = tried(driver, Script(events, 0, script.near), office)
        if best is not None and best.kind == found.kind:
            break
    else:
        return found
    all_taken = events is found.history
    left_out = True
    while left_out:
        left_out = False
        for at in reversed(range(len(events))):
            if at >= len(events):
                continue
            fewer = without(events, at)
            again = tried(driver, Script(fewer, 0, script.near), office)
            if again is not None and again.kind == best.kind:
                best, events, left_out = again, again.history if all_taken else fewer, True
    return best if all_taken else attrs.evolve(best, history=_numbered(events))


def _numbered(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events that were asked, taken or not, numbered case by case as they can be written down.

    What was refused takes a number too, so a correction or withdrawal follows what it names to its new one: as it was
    asked, it names an event by its number among those that were taken. :func:`tried` finds the way back.
    """
    count: Counter[str] = Counter()
    numbers: dict[tuple[str, int], int] = {}
    told = []
    for event in events:
        count[event.case_id] += 1
        # Where one was refused, the next has the same number; the last with it is the one that was taken.
        told.append(
            attrs.evolve(event, seq=count[event.case_id], data=_following(event, numbers, count[event.case_id]))
        )
        numbers[event.case_id, event.seq] = count[event.case_id]
    return tuple(told)


def _following(event: Event, numbers: Mapping[tuple[str, int], int], now: int) -> Any:
    """The payload of an event that is number ``now`` from here on; an amendment with the new number of what it names.

    One that names no earlier event still names none.
    """
    if not isinstance(event.data, Corrected | Withdrawn):
        return event.data
    moved = event.data.seq + now - event.seq if event.data.seq >= event.seq else event.data.seq
    return evolve(event.data, seq=numbers.get((event.case_id, event.data.seq), moved))


def without(events: Sequence[Event], at: int) -> tuple[Event, ...]:
    """The events without one, and without what corrects it; other corrections follow theirs to its new number."""
    left: list[Event] = []
    numbers: dict[tuple[str, int], int] = {}
    count: Counter[str] = Counter()
    for place, event in enumerate(events):
        data = event.data
        if isinstance(data, Corrected | Withdrawn):
            target = numbers.get((event.case_id, data.seq))
            if target is None:
                continue
            data = evolve(data, seq=target)
        if place == at:
            continue
        mark = event.case_id, event.seq  # one that was refused has the number of the one that came in its place
        if mark not in numbers:
            count[event.case_id] += 1
            numbers[mark] = count[event.case_id]
        left.append(attrs.evolve(event, seq=numbers[mark], data=data))
    return tuple(left)


def sweep(
    factory: DriverFactory,
    corpus: Corpus,
    *,
    office: Office | None = None,
    profile: Profile = PROFILES["default"],
    seed: int = 0,
    most: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Drive a system along every history of the corpus and past every edge that its events meet.

    Args:
        factory: opens the system; it is closed at the end.
        corpus: the histories to start from.
        office: figures, calendar and settings that the system claims to follow.
        profile: how much is tried.
        seed: which of the variants beyond the first of each edge are taken.
        most: how many differences are enough; ``None``: go on to the end.
        progress: called with the number of scripts done and of all.
    """
    report = Report(corpus.programme)
    with opened(factory) as driver:
        swept(
            driver,
            corpus,
            report,
            office=Office() if office is None else office,
            profile=profile,
            seed=seed,
            most=most,
            progress=progress,
        )
    return report


def swept(
    driver: Driver,
    corpus: Corpus,
    report: Report,
    *,
    office: Office,
    profile: Profile,
    seed: int,
    most: int | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    """The sweep with a driver that is open, added to a report; kinds of difference that it has are not told again."""
    corrections = abilities(driver).corrections
    todo = agenda(corpus, office=office, profile=profile, seed=seed, corrections=corrections)
    for done, script in enumerate(todo, 1):
        rest: Script | None = script
        while rest is not None and (most is None or len(report.differences) < most):
            found = tried(driver, rest, office, report)
            if found is None:
                break
            if found.kind not in {each.kind for each in report.differences}:
                report.differences.append(shortened(driver, rest, office, found))
            rest = _without(rest, found)
        if progress is not None:
            progress(done, len(todo))


def agenda(corpus: Corpus, *, office: Office, profile: Profile, seed: int, corrections: bool = False) -> list[Script]:
    """What a sweep tries, in its order; ``corrections``: also 訂正 and 取消, of a system that takes them."""
    refusals, variants = scripts(corpus, office, seed)
    firsts = len({script.key for script in variants})
    amended = amendments(corpus, office) if corrections else ()
    return [*map(_straight, corpus.histories), *refusals, *amended, *variants[: firsts + profile.extra]]


def _straight(history: tuple[Event, ...]) -> Script:
    return Script(history, 0)


def _without(script: Script, found: Difference) -> Script | None:
    """The script without the refused event that the system took, if it was one in passing: the others still count."""
    if found.what != "accepts":
        return None
    last = found.history[-1]
    events = list(script.events)
    for at, event in enumerate(events):
        if (event.kind, event.occurred_on, event.recorded_by, event.data) == (
            last.kind,
            last.occurred_on,
            last.recorded_by,
            last.data,
        ):
            del events[at]
            return Script(tuple(events), max(0, script.at - (at < script.at)), script.near, script.key)
    return None


__all__ = [
    "PROFILES",
    "Difference",
    "Expected",
    "Profile",
    "Report",
    "Script",
    "Walk",
    "agenda",
    "scripts",
    "shortened",
    "sweep",
    "swept",
    "tried",
    "without",
]
