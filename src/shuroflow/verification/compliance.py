"""Does a system obey the rules? It is driven along histories and past their edges, and compared with our judge.

The sweep is deterministic: every history of the corpus, every edge of every rule that one of its events meets, before
and after it. The first difference of each kind is made as short as it can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import attrs

from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.driver import Driver, DriverFactory
from shuroflow.verification.planning import Script, scripts
from shuroflow.verification.walking import Difference, Expected, Walk


@attrs.frozen
class Profile:
    """How much is tried: how many variants beyond those that meet a new edge, and how many random examples."""

    name: str
    extra: int
    examples: int


PROFILES = {
    profile.name: profile
    for profile in (Profile("quick", 0, 20), Profile("default", 300, 100), Profile("thorough", 20_000, 2_000))
}


@attrs.define
class Report:
    """What a check found: the differences, one for each kind, and how much was tried."""

    programme: str
    differences: list[Difference] = attrs.field(factory=list)
    cases: int = 0
    events: int = 0
    rules: Counter[tuple[str, bool]] = attrs.field(factory=Counter)

    @property
    def passed(self) -> bool:
        """No difference was found."""
        return not self.differences


def tried(driver: Driver, script: Script, office: Office, report: Report | None = None) -> Difference | None:
    """Walk a script on a fresh case; the first difference, if there is one.

    What follows from an event is compared from the event in question on; before it, only whether both take it.
    """
    walk = Walk(driver, office)
    found = None
    for at, event in enumerate(script.events):
        found = walk.step(event, near=script.near if at >= script.at else (), compare=at >= script.at)
        if found is not None:
            break
    if report is not None:
        report.cases += 1
        report.events += walk.asked
        report.rules.update(walk.rules)
    return found


def shortened(driver: Driver, script: Script, office: Office, found: Difference) -> Difference:
    """The same difference by as few events as will show it: any that is not needed is left out."""
    best, events = found, list(script.events)
    plain = tried(driver, Script(found.history, 0, script.near), office)
    if plain is not None and plain.kind == found.kind:  # what was refused on the way had no part in it
        best, events = plain, list(plain.history)
    left_out = True
    while left_out:
        left_out = False
        for at in reversed(range(len(events))):
            if at >= len(events):
                continue
            again = tried(driver, Script(tuple(events[:at] + events[at + 1 :]), 0, script.near), office)
            if again is not None and again.kind == best.kind:
                best, events, left_out = again, list(again.history), True
    return best


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
    office = Office() if office is None else office
    report = Report(corpus.programme)
    driver = factory()
    known: set[tuple[object, ...]] = set()
    try:
        refusals, variants = scripts(corpus, office, seed)
        firsts = sum(1 for _ in {script.key for script in variants})
        todo = [*map(_straight, corpus.histories), *refusals, *variants[: firsts + profile.extra]]
        for done, script in enumerate(todo, 1):
            rest: Script | None = script
            while rest is not None and (most is None or len(report.differences) < most):
                found = tried(driver, rest, office, report)
                if found is None:
                    break
                if found.kind not in known:
                    known.add(found.kind)
                    report.differences.append(shortened(driver, rest, office, found))
                rest = _without(rest, found)
            if progress is not None:
                progress(done, len(todo))
    finally:
        driver.close()
    return report


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
    "scripts",
    "shortened",
    "sweep",
    "tried",
]
