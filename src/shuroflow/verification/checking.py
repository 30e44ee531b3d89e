"""The check: does a system obey the rules of a programme? Saved histories first, then the sweep, then the machine.

Each stage is worth nothing without a driver, and none knows how the system is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

import attrs
from hypothesis import seed as seeded
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from shuroflow.errors import InputError
from shuroflow.states import Office
from shuroflow.states import programme as programme_of
from shuroflow.verification.compliance import PROFILES, Profile, Report, Script, agenda, shortened, swept, tried
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Abilities, Driver, DriverFactory, abilities
from shuroflow.verification.drivers.desk import all_duties
from shuroflow.verification.drivers.protocol import opened
from shuroflow.verification.stepping import Parted, compliance_machine, run_settings

Progress = Callable[[str, int, int], None]
"""``progress(stage, done, total)``: the stage is ``replayed``, ``swept`` or ``drawn``, as in :class:`Report`."""


@attrs.frozen
class Plan:
    """What a check will try, and what the system lets it compare.

    ``replayed``: saved histories; ``histories``: of the corpus; ``edges``: histories with a step beyond or at an edge
    of a rule; ``examples``: runs of the machine, each of up to ``steps`` steps.
    """

    programme: str
    profile: str
    seed: int
    replayed: int
    histories: int
    edges: int
    examples: int
    steps: int
    abilities: Abilities


SHRINKS = 150
"""How many runs of the machine go into making a difference short; after them its events are left out one by one."""


def plan(
    factory: DriverFactory,
    programme: str,
    *,
    office: Office | None = None,
    corpus: Corpus | None = None,
    profile: Profile = PROFILES["default"],
    seed: int = 0,
    replay: Iterable[Script] = (),
) -> Plan:
    """What :func:`check` will try with the same arguments; the system is opened, asked what it can do, and closed.

    Raises:
        UnknownProgramme: if there is no such programme.
        InputError: if there is no history to start from, or one to be replayed is of another programme.
        Unavailable: if the system cannot be reached.
    """
    corpus = _corpus(programme, corpus)
    with opened(factory) as driver:
        able = _able(driver)
    todo = agenda(corpus, office=_office(office), profile=profile, seed=seed, corrections=able.corrections)
    return Plan(
        programme=programme,
        profile=profile.name,
        seed=seed,
        replayed=len(_of(programme, replay)),
        histories=len(corpus.histories),
        edges=len(todo) - len(corpus.histories),
        examples=profile.examples,
        steps=profile.steps,
        abilities=able,
    )


def check(
    factory: DriverFactory,
    programme: str,
    *,
    office: Office | None = None,
    corpus: Corpus | None = None,
    profile: Profile = PROFILES["default"],
    seed: int = 0,
    replay: Iterable[Script] = (),
    most: int | None = None,
    progress: Progress | None = None,
    report: Report | None = None,
) -> Report:
    """Drive a system and compare it with our judge.

    Args:
        factory: opens the system; it is closed at the end.
        programme: code of the programme that it claims to follow.
        office: figures, calendar and settings that it claims to follow; by default the built-in ones.
        corpus: the histories to start from; by default those that come with the programme.
        profile: how much is tried.
        seed: of what is drawn; the same seed tries the same.
        replay: histories that are tried first, as :func:`~shuroflow.verification.saving.saved` reads them.
        most: how many differences are enough; ``None``: go on to the end.
        progress: called with the stage and how much of it is done.
        report: what the findings are added to, so that they are there even if the check is broken off.

    Raises:
        UnknownProgramme: if there is no such programme.
        InputError: if there is no history to start from, or one to be replayed is of another programme; if the system
            names a clause that brings no duty, or cannot be closed.
        Unavailable: if the system cannot be reached.
    """
    office, corpus, first = _office(office), _corpus(programme, corpus), _of(programme, replay)
    report = Report(programme) if report is None else report
    with opened(factory) as driver:
        _able(driver)
        _replay(driver, first, office, report, most, progress)
        swept(
            driver,
            corpus,
            report,
            office=office,
            profile=profile,
            seed=seed,
            most=most,
            progress=None if progress is None else lambda done, total: progress("swept", done, total),
        )
        _draw(driver, corpus, office, report, profile, seed, most, progress)
    return report


def replayed(
    factory: DriverFactory,
    programme: str,
    scripts: Iterable[Script],
    *,
    office: Office | None = None,
    most: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Drive a system along given histories alone, such as :func:`~shuroflow.verification.saving.saved` reads them.

    Raises:
        UnknownProgramme: if there is no such programme.
        InputError: if a history is of another programme.
        Unavailable: if the system cannot be reached.
    """
    programme_of(programme)
    todo = _of(programme, scripts)
    report = Report(programme)
    with opened(factory) as driver:
        _able(driver)
        _replay(driver, todo, _office(office), report, most, progress)
    return report


def _able(driver: Driver) -> Abilities:
    """What the system can do, if it says so in terms that there are: a clause misspelt would not be looked at.

    Raises:
        InputError: if it names a clause that brings no duty.
    """
    able = abilities(driver)
    if isinstance(able.duties, str):
        raise InputError("duty_clauses is a text; give the clauses as a set: {'4(5)'}", field="duty_clauses")
    there_are = all_duties()
    for clause in able.duties or ():
        if clause not in there_are:
            near = get_close_matches(str(clause), there_are, n=3, cutoff=0.3)
            known = f"; did you mean {', '.join(near)}?" if near else f"; known: {', '.join(sorted(there_are))}"
            raise InputError(f"no duty rests on {clause!r}{known}", field="duty_clauses")
    return able


def _replay(
    driver: Driver,
    scripts: list[Script],
    office: Office,
    report: Report,
    most: int | None,
    progress: Progress | None,
) -> None:
    for done, script in enumerate(scripts, 1):
        if most is None or len(report.differences) < most:
            found = tried(driver, script, office, report, stage="replayed")
            if found is not None and found.kind not in {each.kind for each in report.differences}:
                report.differences.append(shortened(driver, script, office, found))
        if progress is not None:
            progress("replayed", done, len(scripts))


def _draw(
    driver: Driver,
    corpus: Corpus,
    office: Office,
    report: Report,
    profile: Profile,
    seed: int,
    most: int | None,
    progress: Progress | None,
) -> None:
    """Run the machine; past a difference it goes on with the runs that are left."""
    done, shrinks = 0, SHRINKS
    stops: list[Parted] = []

    def next_run() -> bool:
        nonlocal done, shrinks
        if stops:
            shrinks -= 1
        else:
            done += 1
            if progress is not None and done <= profile.examples:  # some runs come to nothing and do not count
                progress("drawn", done, profile.examples)
        return shrinks > 0

    while done < profile.examples and (most is None or len(report.differences) < most):
        shrinks = SHRINKS
        stops.clear()
        machine = compliance_machine(
            lambda: driver,
            corpus.programme,
            office=office,
            corpus=corpus,
            profile=profile,
            report=report,
            stops=stops,
            progress=next_run,
        )
        settings = run_settings(profile, examples=profile.examples - done)
        try:
            run_state_machine_as_test(seeded(seed + done)(machine), settings=settings)
        except (Parted, Flaky):
            if not stops:
                raise
        if not stops:
            return
        shortest = min(stops, key=lambda parted: len(parted.script))
        script = Script(shortest.script, 0, shortest.near)
        report.differences.append(shortened(driver, script, office, shortest.difference))


def _of(code: str, scripts: Iterable[Script]) -> list[Script]:
    found = list(scripts)
    for script in found:
        for event in script.events:
            if event.programme != code:
                said = f"a history to be replayed is of programme {event.programme!r}, not of {code!r}"
                raise InputError(said, field="programme", case_id=event.case_id)
    return found


def _office(office: Office | None) -> Office:
    return Office() if office is None else office


def _corpus(code: str, corpus: Corpus | None) -> Corpus:
    programme_of(code)
    return Corpus.of(code) if corpus is None else corpus


__all__ = ["Plan", "Progress", "check", "plan", "replayed"]
