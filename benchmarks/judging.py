"""Judging one event in memory, all guards, against one trigger of the state machine library with two conditions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from transitions import Machine

from benchmarks.measure import Figure, figure, turns
from shuroflow import Office, programme
from shuroflow.events import Event
from shuroflow.samples import SAMPLES
from shuroflow.storage.lines import read_lines


class Model:
    """Something with a state."""


def figures() -> Iterator[Figure]:
    """Each event of the compliant sample of a programme, judged at its place."""
    for path, case_id in zip(SAMPLES, ("S01", "T01"), strict=True):
        yield _figure(path, case_id)


def _figure(path: Path, case_id: str) -> Figure:
    office = Office()
    edition = programme(path.stem).edition_on(date(2025, 6, 1))
    story = [event for _, event in read_lines(path) if isinstance(event, Event) and event.case_id == case_id]
    steps = []
    for number, event in enumerate(story):
        case = edition.new_case(case_id)
        for earlier in story[:number]:
            edition.fold(case, earlier, office)
        steps.append((case, event))

    def ours() -> None:
        for case, event in steps:
            edition.judge(case, event, office)

    model = Model()
    machine = Machine(model, states=["a", "b"], initial="a", auto_transitions=False)
    machine.add_transition("go", ["a", "b"], "=", conditions=[lambda: True, lambda: True])

    def trigger() -> None:
        for _ in steps:
            model.go()  # type: ignore[attr-defined]

    pair = turns(ours, trigger, rounds=41, calls=200)
    return figure(
        f"judging one event, all guards ({path.stem})",
        pair._replace(ours=pair.ours / len(steps), baseline=pair.baseline / len(steps)),
        baseline_name="one transitions trigger with two trivial conditions on a reused model",
        target=1.0,
    )
