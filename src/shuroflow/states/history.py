"""From the events of a case, as they were recorded, to the order in which they are judged and folded.

Two days are asked about: what had happened (*as of* a day) and what had been written down (*known at* a
moment). Corrections and withdrawals are applied; nothing that was recorded is changed by it.

Events that move the case keep the order in which they were recorded: that is the sequence the office
claims, and where their days contradict it, a guard says so, once. Everything else takes its place by the
day it happened, so that a visit written down late is judged by the state of its own day; and on one day, what is
done comes after the papers it rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import attrs

from shuroflow.case import Case
from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.events.structure import structure
from shuroflow.states import Edition, programme
from shuroflow.states.office import Office

_AMENDING = {"corrected": "correction", "withdrawn": "withdrawal"}


def effective(
    events: Sequence[Event], *, as_of: date | None = None, known_at: datetime | None = None
) -> Sequence[Event]:
    """The events that hold, in the order recorded: corrected, withdrawn ones left out, up to the two days asked about.

    Args:
        events: one case, in the order of ``seq``.
        as_of: leave out what happened after this day.
        known_at: leave out what was written down after this moment.

    Raises:
        InputError: if a correction or withdrawal does not name an earlier event that can be corrected, or if
            ``known_at`` has no offset.
    """
    if known_at is not None:
        events = known(events, known_at)
    amended = late = False
    for event in events:  # an audit goes through here with every event, and seldom finds one of either
        if event.kind in _AMENDING:
            amended = True
        elif as_of is not None and event.occurred_on > as_of:
            late = True
    if amended:
        events = _amended(events)
    if amended or late:
        events = [event for event in events if as_of is None or event.occurred_on <= as_of]
    return events


def known(events: Sequence[Event], known_at: datetime) -> list[Event]:
    """The events written down by a moment. A correction of what is not known yet has nothing to correct.

    Raises:
        InputError: if the moment has no offset.
    """
    if known_at.tzinfo is None:
        raise InputError("a moment needs its offset: write it like 2025-04-03T15:04:05+09:00", field="known_at")
    later = {event.seq for event in events if event.recorded_at > known_at}
    held: list[Event] = []
    for event in events:
        if event.kind in _AMENDING and event.data.seq < event.seq and event.data.seq in later:
            later.add(event.seq)  # written by a clock put back; what amends it in turn has nothing to amend either
        if event.seq not in later:
            held.append(event)
    return held


def taken_back(events: Sequence[Event]) -> dict[int, Event]:
    """``seq`` of each event that does not stand → the withdrawal that takes it back.

    Raises:
        InputError: if a withdrawal does not name an earlier event.
    """
    by_seq = {event.seq: event for event in events}
    gone: dict[int, Event] = {}
    for event in reversed(events):  # a later withdrawal may take back an earlier correction or withdrawal
        if isinstance(event.data, Withdrawn) and event.seq not in gone:
            _target(by_seq, event)
            gone[event.data.seq] = event
    return gone


def _amended(events: Sequence[Event]) -> list[Event]:
    by_seq = {event.seq: event for event in events}
    gone = taken_back(events)
    held = dict(by_seq)
    for event in events:
        if isinstance(event.data, Corrected) and event.seq not in gone:
            held[event.data.seq] = corrected(held[_target(by_seq, event).seq], event)
    return [held[event.seq] for event in events if event.seq not in gone and event.kind not in _AMENDING]


def _target(by_seq: dict[int, Event], amending: Event) -> Event:
    seq = amending.data.seq
    target = by_seq.get(seq)
    if target is None or seq >= amending.seq:
        raise InputError(
            f"event {amending.seq} of case {amending.case_id!r} names event {seq}, which is not an earlier event of it",
            field="data.seq",
            case_id=amending.case_id,
        )
    return target


def corrected(target: Event, correction: Event) -> Event:
    """What the corrected event says; its place and the moment of its record stay.

    Raises:
        InputError: if the target is itself a correction, or the new payload does not fit its kind.
    """
    data: Corrected = correction.data
    if target.kind in _AMENDING:
        raise InputError(
            f"event {correction.seq} corrects event {target.seq}, which is a {_AMENDING[target.kind]} itself: "
            "withdraw that one and correct the original",
            field="data.seq",
            case_id=target.case_id,
        )
    payload = target.data if data.data is None else structure(target.programme, target.kind, data.data)
    return attrs.evolve(target, occurred_on=data.occurred_on or target.occurred_on, data=payload)


def chronology(events: Sequence[Event], edition: Edition) -> Sequence[Event]:
    """The events in the order in which they are judged.

    Args:
        events: what holds, in the order recorded.
        edition: knows which events move the case and so keep their order, and the turn of each within a day.
    """
    turns, dated_otherwise = edition.turns, edition.counts_from
    reached_day, reached_turn = date.min, 0
    for event in events:
        day, turn = event.occurred_on, turns.get(event.kind, 0)
        if event.kind in dated_otherwise:
            day, turn = edition.place_of(event)
        if day < reached_day or (day == reached_day and turn < reached_turn):
            break
        reached_day, reached_turn = day, turn
    else:
        return events
    moving = edition.moving
    first = reached = next((edition.place_of(event) for event in events if event.kind in moving), (date.min, 0))
    keyed: list[tuple[tuple[date, int], int, Event]] = []
    for event in events:
        place = edition.place_of(event)
        if event.kind in moving:
            reached = max(reached, place)
            keyed.append((reached, event.seq, event))
        else:
            keyed.append((max(first, place), event.seq, event))
    keyed.sort(key=lambda item: item[:2])
    return [event for _, _, event in keyed]


def case_of(
    events: Sequence[Event],
    office: Office,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Case:
    """What the events of one case add up to.

    Raises:
        ValueError: if there is no event.
    """
    if not events:
        raise ValueError("a case has at least one event")
    kind = programme(events[0].programme)
    case = kind.current.new_case(events[0].case_id)
    for event in chronology(effective(events, as_of=as_of, known_at=known_at), kind.current):
        kind.edition_on(event.occurred_on).fold(case, event, office)
    return case
