"""What is tried on a system: every edge that the events of a corpus meet, and the corpus on other days.

It is worked out with our judge alone, before the system is asked anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from random import Random

import attrs

from shuroflow.case import Period
from shuroflow.errors import MissingFigure
from shuroflow.events import Event
from shuroflow.states import Office, Rule, programme
from shuroflow.states.history import case_of
from shuroflow.verification.absent import absent_events
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.listening import unheard
from shuroflow.verification.probes import Path, Probe, course, general, nearest, places, probes, with_value
from shuroflow.verification.shifting import days_of, shifted, step_to, turns, turns_and_februaries
from shuroflow.verification.wording import LONGEST, room_for_words, words


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
        return rules_of(self.probe.event, self.probe.rules)

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
    refusals += _of_no_kind(corpus, office)
    planned = [edge.script() for edge in firsts.values()]
    planned += in_words(corpus, office)
    planned += _out_of_place(corpus)
    planned += _moved(corpus, office, limits.values())
    planned += _terms_moved(corpus, office)
    planned += _limits_moved(limits.values(), [*firsts.values(), *others], office)
    return tuple(refusals), tuple(planned), tuple(edge.script() for edge in others)


def _of_no_kind(corpus: Corpus, office: Office) -> Iterator[Script]:
    """Kinds of events that the programme does not know, once after each kind of event that it does."""
    met: set[str] = set()
    for history in corpus.histories:
        for at, event in enumerate(history, 1):
            if event.kind not in met:
                met.add(event.kind)
                made = absent_events(history[:at])
                refused = [each for each in made if not course((*history[:at], each), office, start=at)[0].allowed]
                if refused:
                    yield Script((*history[:at], *refused, *history[at:]), at)


def _edges(history: tuple[Event, ...], at: int, office: Office, corpus: Corpus) -> Iterator[_Edge]:
    for probe in probes(history, at, office, donors=corpus.donors):
        yield _Edge(history, at, probe, probe.edge)


def rules_of(event: Event, codes: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of these codes, as they are on the day of the event; a code that is no rule of it is passed over."""
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


# ---------------------------------------------------------------- words that a system may spoil


def in_words(corpus: Corpus, office: Office) -> Iterator[Script]:
    """Compliant histories with words that a careless system alters in each place for words once, and in every note.

    Any change of them is a loss: a name put in another form, a character of four bytes, a blank, a line break, the end
    of a long text.
    """
    met: set[tuple[str, Path]] = set()
    for history in corpus.histories:
        told = tuple(attrs.evolve(event, note=words(LONGEST)) for event in history)
        filled = False
        for at, event in enumerate(history):
            for path, shape, _ in places(event):
                place, room = (event.kind, general(path)), room_for_words(shape)
                if room and place not in met:
                    tried = (*told[:at], with_value(told[at], path, words(room)), *told[at + 1 :])
                    if all(said.allowed for said in course(tried, office)):
                        told, filled = tried, True
                        met.add(place)
        if filled:
            yield Script(told, 0, (), ("words", *(each.kind for each in history), len(met)))


# ---------------------------------------------------------------- other days


def _moved(corpus: Corpus, office: Office, limits: Iterable[_Edge]) -> Iterator[Script]:
    """Histories moved so that each kind of day falls on the turn of each month, up to the first event refused then,
    the shortest for each kind and for what had made the period by then; and both sides of the limit of an amount, with
    the day that opens the case on each of these days."""
    met: set[tuple[str, Path, tuple[str, ...]]] = set()
    for history in corpus.histories:
        shape: tuple[str, ...] = ()
        for at, event in enumerate(history):
            if _period(history[:at], office) != _period(history[: at + 1], office):
                shape = (*shape, event.kind)
            for path, day in days_of(event):
                place = event.kind, general(path), shape
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


# ---------------------------------------------------------------- days that follow from the events

REPEATS = 2
"""How often an event that prolongs a period is taken once more than any history has it."""


def _terms_moved(corpus: Corpus, office: Office) -> Iterator[Script]:
    """The shortest history of each shape moved so that what follows from it falls on the turn of each month and around
    the end of February: the first and the last day of its period, the day after the one that was the last before, and
    the due day of each duty."""
    met: set[tuple[str, tuple[str, ...]]] = set()
    made: set[tuple[Event, ...]] = set()
    for history in corpus.histories:
        shape: tuple[str, ...] = ()
        for at in range(1, len(history) + 1):
            for events, kinds in _prolonged(history[:at], shape, office):
                if events == history[:at]:
                    shape = kinds
                for name, day in terms(events, office).items():
                    if (name, kinds) not in met:
                        met.add((name, kinds))
                        for script in _with_term(events, name, day, ("term", name, kinds), office):
                            if script.events not in made:
                                made.add(script.events)
                                yield script


def _prolonged(
    events: tuple[Event, ...], shape: tuple[str, ...], office: Office
) -> Iterator[tuple[tuple[Event, ...], tuple[str, ...]]]:
    """The events with the kinds of those that made their period what it is; and again with the last one once more,
    as much later as it prolonged the period, while the judge allows that and it does."""
    before, period = _period(events[:-1], office), _period(events, office)
    if before == period:
        yield events, shape
        return
    shape = (*shape, events[-1].kind)
    yield events, shape
    for _ in range(REPEATS):
        if before is None or period is None or period.end <= before.end:
            return
        events = (*events, *shifted(events[-1:], (period.end - before.end).days))
        if not course(events, office, start=len(events) - 1)[0].allowed:
            return
        before, period, shape = period, _period(events, office), (*shape, events[-1].kind)
        yield events, shape


def _period(events: Sequence[Event], office: Office) -> Period | None:
    with unheard():
        return case_of(events, office).period if events else None


def terms(events: tuple[Event, ...], office: Office) -> dict[str, date]:
    """The days that follow from the events, by what they are."""
    with unheard():
        case = case_of(events, office)
    found = {f"due {duty.code}": duty.due for duty in case.duties.values() if duty.due is not None}
    if case.period is not None:
        found |= {"first": case.period.start, "last": case.period.end}
        before = _period(events[:-1], office)
        if before is not None and before.end < case.period.end:
            found["prolonged"] = before.end + timedelta(days=1)
    return found


def _with_term(
    events: tuple[Event, ...], name: str, day: date, key: tuple[object, ...], office: Office
) -> Iterator[Script]:
    def follows(step: int) -> date | None:
        try:
            return terms(shifted(events, step), office).get(name)
        except (OverflowError, MissingFigure):
            return None

    at = len(events) - 1
    for turn in turns_and_februaries(day):
        step = step_to(turn, day, follows)
        if step is not None:
            moved = shifted(events, step)
            if all(judgement.allowed for judgement in course(moved[:at], office)):
                yield Script(moved, at, (), (*key, turn))


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


__all__ = ["Script", "Scripts", "in_words", "rules_of", "scripts", "terms"]
