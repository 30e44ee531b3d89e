"""The events that are tried: those of a corpus, on days that fit the case they are tried on.

A case has come to a day. An event is tried on its own day, counted from the first day of its history, or on the day
that the case has come to if that is later; all days in it move along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone
from enum import Enum
from typing import Any

import attrs

from shuroflow.errors import InputError
from shuroflow.events import Actor, Event, kinds_of
from shuroflow.events.shapes import Leaf, Many, Maybe, Part, Plain, Shape, bare, fields_of
from shuroflow.states import Edition
from shuroflow.storage.codec import encode
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.probes import places, with_value
from shuroflow.verification.shifting import shifted

JST = timezone(timedelta(hours=9))

Place = tuple[date, int]
"""A day, and the turn within it: how far a case has come."""

AMENDING = frozenset({"corrected", "withdrawn"})


class Alphabet:
    """The events to try on a case that was opened on one day and has come to another.

    Args:
        corpus: where the events come from.
        edition: knows the place of an event among others, and the events of the programme; one that no history of
            the corpus has is made up in its plainest form.
    """

    def __init__(self, corpus: Corpus, edition: Edition) -> None:
        self._corpus = corpus
        self._edition = edition
        self._letters: dict[date, tuple[Event, ...]] = {}
        self._at: dict[tuple[date, Place], tuple[Event, ...]] = {}
        self._moved: dict[tuple[int, Place], Event | None] = {}

    def openings(self) -> list[date]:
        """The days on which histories of the corpus begin."""
        return sorted({history[0].occurred_on for history in self._corpus.histories})

    def letters(self, opened: date) -> tuple[Event, ...]:
        """Every event of the corpus once, as if each history had begun on that day."""
        if opened not in self._letters:
            found: dict[tuple[object, ...], Event] = {}
            for history in self._corpus.histories:
                try:
                    told = shifted(history, (opened - history[0].occurred_on).days)
                except OverflowError:
                    continue
                for event in told:
                    if event.kind not in AMENDING:
                        found.setdefault(_said(event), event)
            first = self._corpus.histories[0][0]
            there = {event.kind for event in found.values()}
            for kind, cls in kinds_of(self._edition.programme).items():
                if kind not in there | AMENDING:
                    made = plainest(kind, cls, first.recorded_by, opened, self._edition.programme)
                    if made is not None:
                        found[_said(made)] = made
            self._letters[opened] = tuple(found.values())
        return self._letters[opened]

    def at(self, opened: date, reached: Place) -> tuple[Event, ...]:
        """The events to try on a case that was opened and has come so far."""
        key = opened, reached
        if key not in self._at:
            found: dict[tuple[object, ...], Event] = {}
            for letter in self.letters(opened):
                event = self._no_earlier(letter, reached)
                if event is not None:
                    found.setdefault(_said(event), event)
            self._at[key] = tuple(found.values())
        return self._at[key]

    def _no_earlier(self, event: Event, reached: Place) -> Event | None:
        key = id(event), reached
        if key not in self._moved:
            self._moved[key] = self._on_or_after(event, reached)
        return self._moved[key]

    def _on_or_after(self, event: Event, reached: Place) -> Event | None:
        place = self._edition.place_of(event)
        if place >= reached:
            return event
        days = (reached[0] - place[0]).days
        for more in (days, days + 1):  # on that day if its turn allows, else on the next
            try:
                moved = later(event, more)
            except OverflowError:
                return None
            if self._edition.place_of(moved) >= reached:
                return moved
        return None


def _said(event: Event) -> tuple[object, ...]:
    return event.kind, event.occurred_on, event.recorded_by, event.data


def later(event: Event, days: int) -> Event:
    """The event so many days later, with every day in it.

    Raises:
        OverflowError: if a day leaves the calendar.
    """
    step, moved = timedelta(days=days), event
    for path, _, value in places(event):
        if isinstance(value, date):
            moved = with_value(moved, path, value + step)
    return moved


def plainest(kind: str, cls: type, by: Actor, on: date, programme: str) -> Event | None:
    """An event of a kind with nothing in it but what it must have; ``None`` if no such value can be made up."""
    values: dict[str, Any] = {}
    for field in fields_of(cls):
        if field.default is attrs.NOTHING:
            values[field.name] = next(_plain(field.shape, on), None)
    made = Event(
        case_id="case-1",
        seq=1,
        programme=programme,
        kind=kind,
        occurred_on=on,
        recorded_at=datetime.combine(on, time(17), JST),
        recorded_by=by,
        data=cls(**values),
    )
    try:
        encode(made)
    except InputError:
        return None
    return made


def _plain(shape: Shape, on: date) -> Iterator[Any]:
    match shape:
        case Maybe():
            yield None
        case Many(of):
            yield tuple(_plain(of, on))
        case Part(cls):
            yield cls(**{f.name: next(_plain(f.shape, on), None) for f in fields_of(cls) if f.default is attrs.NOTHING})
        case Plain():
            yield {}
        case Leaf(hint):
            kind = bare(hint)
            if isinstance(kind, type) and issubclass(kind, Enum):
                yield next(iter(kind))
            elif kind is bool:
                yield True
            elif kind is int:
                yield 1
            elif kind is date:
                yield on
            elif kind is str:
                yield from (text for text in ("x-1", on.isoformat()[:7], on.isoformat()) if _fits(hint, text))


def _fits(hint: Any, text: str) -> bool:
    """Does the text follow the pattern that its place asks for, if it asks for one?"""
    patterns = [getattr(meta, "pattern", None) for meta in getattr(hint, "__metadata__", ())]
    return all(re.search(pattern, text) for pattern in patterns if pattern is not None)


def as_recorded(history: Sequence[Event], case_id: str) -> tuple[Event, ...]:
    """The events as one case: numbered, and each written down no earlier than it happened and than the one before."""
    told: list[Event] = []
    for seq, event in enumerate(history, 1):
        moment = datetime.combine(event.occurred_on, time(17), JST)
        if told:
            moment = max(moment, told[-1].recorded_at)
        told.append(attrs.evolve(event, case_id=case_id, seq=seq, recorded_at=moment, key=None, prev=None))
    return tuple(told)


__all__ = ["AMENDING", "Alphabet", "Place", "as_recorded", "later", "plainest"]
