"""訂正 and 取消 in their turn: each kind of event that a case rests on is corrected, taken back, and put right again.

It is worked out with our judge alone, and asks nothing but whether a history with the amendment stands otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

import attrs

from shuroflow.errors import InputError, MissingFigure
from shuroflow.events import Actor, Corrected, Event, Withdrawn
from shuroflow.events.envelope import event_name
from shuroflow.events.shapes import Leaf, Maybe, bare
from shuroflow.events.structure import unstructure
from shuroflow.states import Office
from shuroflow.states.history import case_of
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.listening import unheard
from shuroflow.verification.planning import Script, terms
from shuroflow.verification.probes import Path, course, general, places, probes, with_value
from shuroflow.vocabulary import Role

DAYS = (1, -1, 7, -7, 31, -31)
"""By how many days an event is corrected, if the judge allows it and the case stands otherwise."""

_APPROVER = Actor("sv-01", Role.SUPERVISOR)


@lru_cache(maxsize=4)
def amendments(corpus: Corpus, office: Office) -> tuple[Script, ...]:
    """For each kind of event on which state, period or a duty rests, in the shortest history that it ends:

    its day corrected, each of its values corrected, if possible to one by which the case stands otherwise, the event
    taken back; and each correction and withdrawal taken back again.
    """
    met: set[tuple[str, ...]] = set()
    found: list[Script] = []
    for history in corpus.histories:
        for at, event in enumerate(history):
            events = history[: at + 1]
            # An event that does one thing in one history may do another in the next.
            moves = _moves(events, office)
            if moves and (event.kind, *moves) not in met:
                met.add((event.kind, *moves))
                found += _amended(_shortest(events, moves, office), corpus, office)
    return tuple(found)


def _moves(events: tuple[Event, ...], office: Office) -> tuple[str, ...]:
    """What the last event makes otherwise, on the last of the days."""
    on = max(event.occurred_on for event in events)
    before, after = _stands(events[:-1], office, on), _stands(events, office, on)
    return tuple(name for name in sorted({*before, *after}) if before.get(name) != after.get(name))


def _shortest(events: tuple[Event, ...], moves: tuple[str, ...], office: Office) -> tuple[Event, ...]:
    """The events without those that the judge does not ask for and the last one does the same without."""
    for at in reversed(range(len(events) - 1)):
        fewer = tuple(attrs.evolve(event, seq=seq) for seq, event in enumerate((*events[:at], *events[at + 1 :]), 1))
        if all(judgement.allowed for judgement in course(fewer, office)) and _moves(fewer, office) == moves:
            events = fewer
    return events


def _amended(events: tuple[Event, ...], corpus: Corpus, office: Office) -> Iterator[Script]:
    target = events[-1]
    others = list(_others(events, corpus, office))
    variants = [(*events[:-1], other) for _, other in others]
    by_day = [told for each in (events, *variants) for told in _by_day(each, office)]
    moving = [told for told in by_day if _moves(told, office)]
    for told in (moving or by_day)[:1]:
        yield _script(told, len(events), (target.kind, "occurred_on"))
    chosen: dict[Path, tuple[Event, ...]] = {}
    moved: set[Path] = set()
    for place, other in others:
        if place not in moved:
            right = _corrected(events, office, on=target.occurred_on, data=unstructure(other.data))
            if right is not None:
                chosen.setdefault(place, right)
                if _moves(right, office):
                    chosen[place] = right
                    moved.add(place)
    for place, told in chosen.items():
        yield _script(told, len(events), (target.kind, *place))
    gone = _with(events, Withdrawn(seq=len(events), reason="重複入力", approved_by=_APPROVER), target.occurred_on)
    yield _script(gone, len(events), (target.kind, "withdrawn"))


def _by_day(events: tuple[Event, ...], office: Office) -> Iterator[tuple[Event, ...]]:
    """The history and a correction of the day of its last event, to each of the days near it that the judge allows."""
    for days in DAYS:
        try:
            day = events[-1].occurred_on + timedelta(days=days)
        except OverflowError:
            continue
        told = _corrected(events, office, on=max(day, events[-1].occurred_on), occurred_on=day)
        if told is not None:
            yield told


def _others(events: tuple[Event, ...], corpus: Corpus, office: Office) -> Iterator[tuple[Path, Event]]:
    """The last event with one value of its payload at an edge that the judge allows; a day that was left open also
    next to a day that follows from the events."""
    target = events[-1]
    for probe in probes(events, len(events) - 1, office, donors=corpus.donors):
        if probe.path[:1] == ("data",) and probe.judgement.allowed:
            yield general(probe.path), probe.event
    following = {day + timedelta(days=days) for day in terms(events, office).values() for days in (-1, 0, 1)}
    for path, shape, value in places(target):
        if value is None and isinstance(shape, Maybe) and isinstance(shape.of, Leaf) and bare(shape.of.type) is date:
            for day in sorted(following):
                other = with_value(target, path, day)
                if course((*events[:-1], other), office, start=len(events) - 1)[0].allowed:
                    yield general(path), other


def _corrected(
    events: tuple[Event, ...],
    office: Office,
    *,
    on: date,
    occurred_on: date | None = None,
    data: dict[str, object] | None = None,
) -> tuple[Event, ...] | None:
    """The history and a correction of its last event; ``None`` if the judge does not allow that."""
    right = Corrected(seq=len(events), reason="転記誤り", approved_by=_APPROVER, occurred_on=occurred_on, data=data)
    amended = _with(events, right, on)
    try:
        _moves(amended, office)  # a figure may be missing on the new day
        allowed = all(judgement.allowed for judgement in course(amended, office, start=len(events)))
    except (InputError, MissingFigure):
        return None
    return amended if allowed else None


def _script(amended: tuple[Event, ...], at: int, key: tuple[object, ...]) -> Script:
    """The amendment, and the amendment taken back, compared after each."""
    last = amended[-1]
    back = Withdrawn(seq=len(amended), reason="誤った訂正", approved_by=_APPROVER)
    return Script(_with(amended, back, last.occurred_on), at, (), ("amended", *key))


def _with(events: tuple[Event, ...], data: Corrected | Withdrawn, on: date) -> tuple[Event, ...]:
    last = events[-1]
    amending = attrs.evolve(
        last,
        kind=event_name(data),
        seq=len(events) + 1,
        occurred_on=on,
        recorded_at=last.recorded_at + (on - last.occurred_on),
        data=data,
        note=None,
    )
    return (*events, amending)


def _stands(events: Sequence[Event], office: Office, on: date) -> dict[str, object]:
    """What the events add up to on a day: state, period, and duties with their due days."""
    if not events:
        return {}
    with unheard():
        case = case_of(events, office, as_of=on)
    found: dict[str, object] = {"state": case.state_on(on), "period": case.period}
    return found | {duty.code: duty.due for duty in case.duties.values()}


__all__ = ["DAYS", "amendments"]
