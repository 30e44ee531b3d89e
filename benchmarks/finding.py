"""Does the kit find what was planted in the foreign system? Each mistake with each seed; off-by-ones by example.

Run on its own: ``python -m benchmarks.finding [number of seeds]``. The rows have the shape of the other benchmarks:
what was missed, against what was planted, and nothing may be missed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from benchmarks.measure import Figure
from examples.foreign_system import Mistake, open_system
from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.verification.checking import check
from shuroflow.verification.compliance import PROFILES, Script, sweep, tried
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import DeskDriver
from shuroflow.verification.probes import Probe
from shuroflow.verification.stepping import Parted, compliance_machine, run_settings
from shuroflow.verification.strategies import boundary_events

SEEDS, MANY_SEEDS, EXAMPLES = 10, 30, 100

SECONDS = 60
"""In which the default profile is to be done with our own desk, sweep and machine together."""

CODES = ("saitama", "tsushima")

OFF_BY_ONE = {
    Mistake.ASSETS_BELOW_THE_LIMIT: "assessed",
    Mistake.HONORARIUM_ABOVE_WAGES: "claim_received",
    Mistake.THIRTY_DAYS_WITH_THE_FIRST: "claim_received",
    Mistake.OVERDUE_A_DAY_EARLY: "claim_received",
    Mistake.EXTENDED_A_DAY_LATE: "extended",
    Mistake.FIRST_DAY_EXCLUDED: "support_started",
}
"""A limit or a due date, off by one yen or one day, and the step of a history at whose edges it shows."""


def figures() -> Iterator[Figure]:
    """What is missed of all that is planted."""
    missed = [name for name, seed, found in by_sweep(SEEDS) if not found]
    yield _figure(f"planted mistakes not found, {len(Mistake)} mistakes x {SEEDS} seeds", missed, len(Mistake) * SEEDS)
    missed = [mistake.name for mistake in OFF_BY_ONE for seed in range(MANY_SEEDS) if not by_examples(mistake, seed)]
    total = len(OFF_BY_ONE) * MANY_SEEDS
    yield _figure(f"planted off-by-ones not found, {EXAMPLES} examples x {MANY_SEEDS} seeds", missed, total)
    told = [code for code in CODES for seed in range(SEEDS) if not passes_the_machine(code, seed)]
    yield _figure(f"runs with nothing planted in which the machine finds something, {SEEDS} seeds", told, 2 * SEEDS)
    for code in CODES:
        yield _time(code)


def by_sweep(seeds: int) -> Iterator[tuple[str, int, bool]]:
    """Each mistake alone with each seed by the default profile: its name, the seed, and whether it was found by its
    clause; and each programme without one, found if nothing was."""
    for seed in range(seeds):
        for programme in CODES:
            yield f"none in {programme}", seed, sweep(open_system, Corpus.of(programme), seed=seed).passed
        for mistake in Mistake:
            yield mistake.name, seed, found_by_sweep(mistake, seed)


def passes_the_machine(code: str, seed: int) -> bool:
    """Does the machine of the default profile find nothing in the foreign system as it is?"""
    driver = open_system()
    machine = compliance_machine(lambda: driver, code)
    try:
        run_state_machine_as_test(seeded(seed)(machine), settings=run_settings(PROFILES["default"]))
    except Parted:
        return False
    finally:
        driver.close()
    return True


def _time(code: str) -> Figure:
    begun = time.perf_counter()
    report = check(DeskDriver, code)
    took = time.perf_counter() - begun
    return {
        "figure": f"default profile on our own desk, {code}: {report.cases:,} cases, {report.events:,} events",
        "ours": round(took, 1),
        "baseline": SECONDS,
        "baseline_name": "to reach",
        "unit": "s",
        "ratio": round(took / SECONDS, 3),
        "target": 1.0,
        "met": took <= SECONDS and report.passed,
    }


def found_by_sweep(mistake: Mistake, seed: int, *, profile: str = "default") -> bool:
    """Is the first thing that a sweep finds the clause that the mistake breaks?"""
    corpus = Corpus.of(mistake.programme)
    report = sweep(lambda: open_system(mistake), corpus, profile=PROFILES[profile], seed=seed, most=1)
    return [mistake.clause] == [found.clauses[0] for found in report.differences]


def by_examples(mistake: Mistake, seed: int) -> bool:
    """Is a mistake found among a hundred examples that Hypothesis draws at the edges of the step it shows at?"""
    history, at = _step(mistake.programme, OFF_BY_ONE[mistake])
    office = Office()
    driver = open_system(mistake)
    clauses: list[str] = []

    @seeded(seed)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(boundary_events(history, at))
    def check(probe: Probe) -> None:
        difference = tried(driver, Script((*history[:at], probe.event, *history[at + 1 :]), at), office)
        if difference is not None:
            clauses.append(difference.clauses[0])

    check()
    driver.close()
    return mistake.clause in clauses


def _step(programme: str, kind: str) -> tuple[tuple[Event, ...], int]:
    """The first step of a kind in the shortest history in which it meets a limit."""
    for history in Corpus.of(programme).histories:
        for at, event in enumerate(history):
            rests = event.kind != "assessed" or any(
                getattr(later.data, "ground", None) == "item_1" for later in history[at:]
            )
            if event.kind == kind and rests:
                return history, at
    raise LookupError(f"no history of {programme} has {kind}")


def _figure(name: str, missed: list[str], total: int) -> Figure:
    return {
        "figure": name,
        "ours": len(missed),
        "baseline": total,
        "baseline_name": "planted" + (f"; missed: {', '.join(sorted(set(missed)))}" if missed else ""),
        "unit": "mistakes",
        "ratio": round(len(missed) / total, 3),
        "target": 0.0,
        "met": not missed,
    }


if __name__ == "__main__":
    begun = time.perf_counter()
    told = list(by_sweep(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
    for name, seed, found in told:
        if not found:
            print(f"MISSED  {name}, seed {seed}")
    print(f"{sum(found for *_, found in told)} of {len(told)} as they should be; {time.perf_counter() - begun:.0f} s")
    for planted in OFF_BY_ONE:
        number = sum(by_examples(planted, seed) for seed in range(MANY_SEEDS))
        print(f"{number} of {MANY_SEEDS} by {EXAMPLES} examples: {planted.name}")
