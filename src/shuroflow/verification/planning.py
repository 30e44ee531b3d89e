"""What is tried on a system: every edge that the events of a corpus meet, and the corpus on other days.

It is worked out with our judge alone, before the system is asked anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import Enum
from functools import lru_cache
from random import Random

import attrs

from shuroflow.events import Event
from shuroflow.states import Office, Rule, programme
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.probes import Path, Probe, course, general, nearest, places, probes, with_value
from shuroflow.verification.shifting import days_of, shifted, turns


@attrs.frozen
class Script:
    """Events to be tried in order, the one in question at ``at``, and the rules at stake there."""

    events: tuple[Event, ...]
    at: int
    near: tuple[Rule, ...] = ()
    key: tuple[object, ...] = ()


@attrs.frozen
class _Edge:
    """A variant of one event of a history; ``key`` tells which edge of which rule it meets, and from which side."""

    history: tuple[Event, ...]
    at: int
    probe: Probe
    key: tuple[object, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """The history with the variant in its place."""
        return (*self.history[: self.at], self.probe.event, *self.history[self.at + 1 :])

    @property
    def near(self) -> tuple[Rule, ...]:
        """The rules at stake."""
        return _rules(self.probe.event, self.probe.rules)

    @property
    def of_amount(self) -> bool:
        """Is it a number that was changed, at the limit of a rule?"""
        return bool(self.probe.rules) and type(self.probe.value) is int

    @property
    def passes(self) -> bool:
        """Does the judge allow it, and all that comes after it?"""
        return self.probe.judgement.allowed and all(later.allowed for later in self.probe.later)

    def script(self) -> Script:
        """It is tried in its history."""
        return Script(self.events, self.at, self.near, self.key)


Scripts = tuple[list[Script], list[Script]]
"""Refusals in passing, and variants that the judge allows."""


def scripts(corpus: Corpus, office: Office, seed: int) -> Scripts:
    """What is to be tried: refusals in passing, one script for each step; and variants that the judge allows.

    The variants come with those first that meet an edge no earlier one met, the others after them in an order that
    ``seed`` gives. Finding them takes most of the time, so they are kept for the next sweep of the same corpus.
    """
    refusals, firsts, others = _found(corpus, office)
    shuffled = list(others)
    Random(seed).shuffle(shuffled)
    return list(refusals), [*firsts, *shuffled]


@lru_cache(maxsize=4)
def _found(corpus: Corpus, office: Office) -> tuple[tuple[Script, ...], tuple[Script, ...], tuple[Script, ...]]:
    refusals: list[Script] = []
    firsts: dict[tuple[object, ...], _Edge] = {}
    limits: dict[tuple[object, ...], _Edge] = {}
    others: list[_Edge] = []
    for history in corpus.histories:
        for at in range(len(history)):
            refused: dict[tuple[object, ...], Event] = {}
            for edge in _edges(history, at, office, corpus):
                if edge.of_amount:
                    limits.setdefault(edge.key, edge)
                if not edge.probe.judgement.allowed:
                    refused.setdefault((*edge.key, edge.probe.told), edge.probe.event)
                elif edge.key in firsts:
                    others.append(edge)
                else:
                    firsts[edge.key] = edge
            refusals.append(Script((*history[:at], *refused.values(), *history[at:]), at))
    planned = [edge.script() for edge in firsts.values()]
    planned += _out_of_place(corpus)
    planned += _moved(corpus, office, limits.values())
    planned += _limits_moved(limits.values(), [*firsts.values(), *others], office)
    return tuple(refusals), tuple(planned), tuple(edge.script() for edge in others)


def _edges(history: tuple[Event, ...], at: int, office: Office, corpus: Corpus) -> Iterator[_Edge]:
    for probe in probes(history, at, office, donors=corpus.donors):
        yield _Edge(history, at, probe, probe.edge)


def _rules(event: Event, codes: Iterable[str]) -> tuple[Rule, ...]:
    table = programme(event.programme).edition_on(event.occurred_on).table
    found: list[Rule] = []
    for code in codes:
        name = code.partition(".")[2]
        duty = table.duties.get(name)
        rule = table.rules.get(name) or (None if duty is None else duty.while_open or duty.when_overdue)
        if rule is not None:
            found.append(rule)
    return tuple(found)


# ---------------------------------------------------------------- steps left out, repeated, in another order


def _out_of_place(corpus: Corpus) -> Iterator[Script]:
    """Each step left out, taken twice, and taken before the one it follows; once for what comes around it."""
    met: set[tuple[object, ...]] = set()
    for history in corpus.histories:
        kinds = [event.kind for event in history]
        for at, event in enumerate(history):
            before, after = history[:at], history[at + 1 :]
            tries = (
                (("without", event.kind, *kinds[at + 1 :]), (*before, *after)),
                (("twice", *kinds[max(0, at - 1) : at + 2]), (*before, event, event, *after)),
                (("before", *kinds[at : at + 2]), (*before, *after[:1], event, *after[1:])),
            )
            for key, events in tries:
                if events and key not in met:
                    met.add(key)
                    yield Script(events, min(at, len(events) - 1), (), key)


# ---------------------------------------------------------------- other days


def _moved(corpus: Corpus, office: Office, limits: Iterable[_Edge]) -> Iterator[Script]:
    """Histories moved so that each kind of day falls on the turn of each month, up to the first event refused then;
    and both sides of the limit of an amount, with the day that opens the case on each of these days."""
    met: set[tuple[str, Path]] = set()
    for history in corpus.histories:
        for at, event in enumerate(history):
            for path, day in days_of(event):
                place = event.kind, general(path)
                if place not in met:
                    met.add(place)
                    for turn, events, refused in _at_turns(history, day, office):
                        if refused >= at:
                            yield Script(events[: refused + 1], at, (), (*place, turn))
    for limit in limits:
        for turn, events, refused in _at_turns(limit.events, limit.history[0].occurred_on, office):
            yield Script(events[: max(limit.at, refused) + 1], limit.at, limit.near, (*limit.key, turn))


def _at_turns(history: Sequence[Event], day: date, office: Office) -> Iterator[tuple[date, tuple[Event, ...], int]]:
    """The history with a day of it on each turn, and the place of the first event that the judge then refuses."""
    for turn in turns(day):
        try:
            moved = shifted(history, (turn - day).days)
        except OverflowError:
            continue
        said = course(moved, office)
        yield turn, moved, next((place for place, each in enumerate(said) if not each.allowed), len(said))


# ---------------------------------------------------------------- limits that another value moves


def _limits_moved(limits: Iterable[_Edge], edges: Iterable[_Edge], office: Office) -> Iterator[Script]:
    """The limit of an amount where another value of the history puts it elsewhere: both sides of where it is then."""
    by_history: dict[int, list[_Edge]] = {}
    for edge in edges:
        day_or_words = isinstance(edge.probe.value, date | str) and not isinstance(edge.probe.value, Enum)
        if edge.passes and not day_or_words:
            by_history.setdefault(id(edge.history), []).append(edge)
    done: set[tuple[object, ...]] = set()
    for limit in limits:
        here = _refused(limit.events, limit, office)
        for other in by_history.get(id(limit.history), ()):
            key = (limit.key[0], limit.key[1], limit.probe.rules, other.key)
            if key in done or not _together(other, limit):
                continue

            def ask(value: int, other: _Edge = other, limit: _Edge = limit) -> frozenset[str]:
                return _refused(_both(other, limit, value), limit, office)

            if ask(limit.probe.value) == here:
                continue
            done.add(key)
            for value in nearest(limit.probe.value, limit.probe.event, limit.probe.path, ask):
                yield Script(_both(other, limit, value), min(other.at, limit.at), limit.near, (*key, value))


def _together(other: _Edge, limit: _Edge) -> bool:
    """Can both values be changed? The other one comes no later, and leaves the place of the amount where it is."""
    if other.at != limit.at:
        return other.at < limit.at
    return other.probe.path != limit.probe.path and any(
        path == limit.probe.path for path, _, _ in places(other.probe.event)
    )


def _both(other: _Edge, limit: _Edge, value: int) -> tuple[Event, ...]:
    events = other.events
    return (
        *events[: limit.at],
        with_value(events[limit.at], limit.probe.path, value),
        *events[limit.at + 1 :],
    )


def _refused(events: Sequence[Event], limit: _Edge, office: Office) -> frozenset[str]:
    """Those of the rules at the limit that do not hold somewhere along the history."""
    return frozenset(
        finding.rule.code
        for judgement in course(events, office, start=limit.at)
        for finding in judgement.findings
        if finding.rule.code in limit.probe.rules
    )


__all__ = ["Script", "Scripts", "scripts"]
