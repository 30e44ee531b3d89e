"""The chart drawn: the arrows that a person sees of an edition. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from shuroflow.states.judgement import Wording
from shuroflow.vocabulary import Lang, State

if TYPE_CHECKING:
    from shuroflow.states.chart import Edition


@attrs.frozen
class Arrow:
    """One arrow of the state diagram; ``event`` is ``None`` where a day moves the case by itself."""

    source: State
    dest: State
    event: str | None
    clause: str
    label: Wording


def arrows_of(edition: Edition) -> tuple[Arrow, ...]:
    """The moves that the text knows and a case can come to, in the order of their states."""
    order = list(State).index
    arrows: dict[Arrow, None] = {}
    reached, seen = {State.NEW}, 0
    while len(reached) != seen:
        seen = len(reached)
        for row in edition.rows:
            if row.dest is None or row.absent is not None:
                continue
            for source in sorted(row.sources & reached, key=order):
                arrows[Arrow(source, row.dest, row.event, row.clause, edition.event_label(row.event))] = None
                reached.add(row.dest)
    for lapse in edition.by_itself:
        arrows[Arrow(lapse.source, lapse.dest, None, lapse.clause, lapse.label)] = None
    return tuple(sorted(arrows, key=lambda arrow: (order(arrow.source), order(arrow.dest))))


def mermaid(edition: Edition, lang: Lang, beside: Callable[[Arrow], str] | None) -> str:
    """The state diagram, in Mermaid: the moves the text knows, with event and clause."""
    arrows = arrows_of(edition)
    shown = {arrow.dest for arrow in arrows} - {State.NEW}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{edition.state_name(s).label(lang)}" as {s.value}' for s in State if s in shown]
    drawn: dict[str, None] = {}
    for arrow in arrows:
        label = f"{arrow.label.render({}, lang)} {edition.clauses[arrow.clause].citation}"
        if beside is not None:
            label += f" {beside(arrow)}"
        source = "[*]" if arrow.source is State.NEW else arrow.source.value
        drawn[f"    {source} --> {arrow.dest.value}: {label}"] = None
    return "\n".join([*lines, *drawn])


__all__ = ["Arrow", "arrows_of", "mermaid"]
