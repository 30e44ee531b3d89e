"""The state diagram of an edition as an SVG: drawn from its rows alone, and the same every time.

Open states stand one under the other in the order in which a case reaches them, those that end it beside them. The
script of the page lights the way of a case by the names on the shapes; ``data-events`` says which events take an arrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import attrs

from shuroflow.states import Edition
from shuroflow.vocabulary import CLOSED, Lang, State

_WIDE, _HIGH = 116, 32
_STEP = 58
_LEFT, _RIGHT = 86, 288
_TOP = 26


@attrs.frozen
class Move:
    """A move between two states: the events that make it (none: the day alone) and how it is told."""

    source: State
    dest: State
    events: tuple[str, ...]
    told: tuple[str, ...]


def moves_of(edition: Edition, lang: Lang) -> list[Move]:
    """The arrows of the chart, those between the same two states together."""
    found: dict[tuple[State, State], dict[str, dict[str, None]]] = {}
    for arrow in edition.arrows():
        told = f"{arrow.label.render({}, lang)} {edition.clauses[arrow.clause].citation}"
        found.setdefault((arrow.source, arrow.dest), {}).setdefault(arrow.event or "", {})[told] = None
    return [
        Move(*way, tuple(filter(None, events)), tuple(each for told in events.values() for each in told))
        for way, events in found.items()
    ]


def diagram(edition: Edition, *, lang: Lang = "ja") -> str:
    """The SVG element."""
    moves = moves_of(edition, lang)
    places = _places(moves)
    height = max(y for _, y in places.values()) + _HIGH
    out = [
        f'<svg class="diagram" viewBox="0 0 {_RIGHT + _WIDE // 2 + 30} {height}" role="img">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" '
        'markerWidth="10" markerHeight="10" '
        'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>',
    ]
    out += [_arrow(move, places, moves) for move in moves]
    out += [_state(state, places[state], edition, lang) for state in sorted(places, key=_place)]
    out.append("</svg>")
    return "".join(out)


def _place(state: State) -> int:
    return list(State).index(state)


def _places(moves: Iterable[Move]) -> dict[State, tuple[int, int]]:
    """The middle of each state."""
    moves = list(moves)
    order = [State.NEW]
    for state in order:  # grows while it is walked: the order in which a case reaches the open states
        for move in moves:
            if move.source is state and move.dest not in CLOSED and move.dest not in order:
                order.append(move.dest)
    places = {state: (_LEFT, _TOP + at * _STEP) for at, state in enumerate(order)}
    closed = sorted({move.dest for move in moves} - set(order), key=_place)
    wanted = {
        state: [places[move.source][1] for move in moves if move.dest is state and move.source in places]
        for state in closed
    }
    lowest = _TOP - _STEP
    for state in sorted(closed, key=lambda state: (sum(wanted[state]) / (len(wanted[state]) or 1), _place(state))):
        middle = sum(wanted[state]) // (len(wanted[state]) or 1)
        lowest = max(middle, lowest + _STEP)
        places[state] = (_RIGHT, lowest)
    return places


def _arrow(move: Move, places: dict[State, tuple[int, int]], moves: Iterable[Move]) -> str:
    return (
        f'<g class="arrow" data-from="{move.source.value}" data-to="{move.dest.value}" '
        f'data-events="{escape(" ".join(move.events))}"><title>{escape(" / ".join(move.told))}</title>'
        f'<path d="{_way(move, places, list(moves))}" marker-end="url(#tip)"/></g>'
    )


def _way(move: Move, places: dict[State, tuple[int, int]], moves: list[Move]) -> str:
    (x1, y1), (x2, y2) = places[move.source], places[move.dest]
    half, tall = _WIDE // 2, _HIGH // 2
    if move.source is move.dest:
        side = x1 - half
        return f"M{side} {y1 + 8}C{side - 34} {y1 + 14} {side - 34} {y1 - 14} {side} {y1 - 8}"
    if x1 == x2:
        down = 1 if y2 > y1 else -1
        if abs(y2 - y1) == _STEP and down > 0:
            start = y1 + (9 if move.source is State.NEW else tall)
            return f"M{x1} {start}L{x2} {y2 - tall}"
        out = half + 24 if x1 == _RIGHT else -half - 24  # past the states between, on the outer side
        edge = half if x1 == _RIGHT else -half
        bend = f"{x1 + out} {y1 + 20 * down} {x2 + out} {y2 - 20 * down}"
        return f"M{x1 + edge} {y1 + 6 * down}C{bend} {x2 + edge} {y2 - 6 * down}"
    into = [each for each in moves if each.dest is move.dest and places[each.source][0] != x2]
    into.sort(key=lambda each: places[each.source][1])
    shift = round((into.index(move) - (len(into) - 1) / 2) * 7)  # arrows that meet end beside each other
    right = 1 if x2 > x1 else -1
    start, end = x1 + right * half, x2 - right * half
    return f"M{start} {y1}C{start + right * 40} {y1} {end - right * 40} {y2 + shift} {end} {y2 + shift}"


def _state(state: State, place: tuple[int, int], edition: Edition, lang: Lang) -> str:
    x, y = place
    label = escape(edition.state_name(state).label(lang))
    kind = "closed" if state in CLOSED else "open"
    if state is State.NEW:
        shape = f'<circle cx="{x}" cy="{y}" r="9"/>'
        words = f'<text x="{x + 18}" y="{y + 4}" class="start">{label}</text>'
    else:
        left, top = x - _WIDE // 2, y - _HIGH // 2
        shape = f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_HIGH}" rx="{4 if kind == "open" else 16}"/>'
        words = f'<text x="{x}" y="{y + 5}" text-anchor="middle">{label}</text>'
    return f'<g class="state {kind}" data-state="{state.value}" data-x="{x}" data-y="{y}">{shape}{words}</g>'


__all__ = ["Move", "diagram", "moves_of"]
