"""The chart drawn: what a person sees of an edition. Nothing is judged here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuroflow.vocabulary import Lang, State

if TYPE_CHECKING:
    from shuroflow.states.chart import Edition


def mermaid(edition: Edition, lang: Lang = "ja") -> str:
    """The state diagram, in Mermaid: the moves the text knows, with event and clause."""
    order = list(State).index
    arrows: dict[tuple[State, State, str], None] = {}
    reached, seen = {State.NEW}, 0
    while len(reached) != seen:
        seen = len(reached)
        for row in edition.rows:
            if row.dest is None or row.absent is not None:
                continue
            for source in sorted(row.sources & reached, key=order):
                label = f"{edition.event_label(row.event).render({}, lang)} {edition.clauses[row.clause].citation}"
                arrows[source, row.dest, label] = None
                reached.add(row.dest)
    for lapse in edition.by_itself:
        label = f"{lapse.label.render({}, lang)} {edition.clauses[lapse.clause].citation}"
        arrows[lapse.source, lapse.dest, label] = None
        reached.add(lapse.dest)
    lines = ["stateDiagram-v2"]
    for state in sorted(reached - {State.NEW}, key=order):
        lines.append(f'    state "{edition.state_name(state).label(lang)}" as {state.value}')
    for source, dest, label in sorted(arrows, key=lambda arrow: (order(arrow[0]), order(arrow[1]))):
        lines.append(f"    {'[*]' if source is State.NEW else source.value} --> {dest.value}: {label}")
    return "\n".join(lines)


__all__ = ["mermaid"]
