"""Events at the edge of every rule, found by asking the judge and not by knowing the rules.

Take one step of a history. Change one value of its event and ask the judge again: for days and amounts, look further
and further away in both directions, and where the answer changes, close in on the two neighbouring values between
which it does. What is left are the limits of the rules that the step meets, whatever they are: a day after a due date,
one yen above a limit, a person missing from a meeting. A random search among ten million amounts would not meet them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import Annotated, Any, get_args, get_origin

import attrs

from shuroflow.caseload.held import case_before
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.events.envelope import payload_class
from shuroflow.events.shapes import MAX_SAFE, Leaf, Many, Maybe, Part, Shape, bare, fields_of
from shuroflow.states import Judgement, Office, programme
from shuroflow.storage.codec import encode
from shuroflow.verification.lines import Line
from shuroflow.vocabulary import Role

Path = tuple[str | int, ...]
"""Where a value stands in an event: names of fields and places in lists."""

Answers = frozenset[tuple[int, str, bool]]
"""What the judge says along a history: at which event, which rule, and whether it refuses."""

ALIKE: Answers = frozenset()

FAR = 1 << 24
"""How far from the recorded amount a limit is looked for (16 million)."""

FAR_DAYS = 1 << 10
"""How far from the recorded day a limit is looked for, in days (almost three years)."""


@attrs.frozen
class Probe:
    """One event at one step of a history, and what our judge says of it.

    ``path`` is the value that was changed, ``value`` what it became and ``told`` the same in words; an empty path is
    another event altogether.
    ``later`` is what the judge says of the rest of the history after it. ``rules`` are those whose answer, to it or to
    a later event, differs from that to the event as it was, and those whose answer changes right next to it. ``side``
    is -1 for a lower or earlier value or a shorter list, 1 for a higher, later or longer one, 0 for any other change.
    """

    event: Event
    judgement: Judgement
    later: tuple[Judgement, ...]
    path: Path
    value: Any
    told: str
    rules: tuple[str, ...]
    side: int = 0

    @property
    def edge(self) -> tuple[object, ...]:
        """Which edge of which rules it meets and from which side; each code of a catalogue counts as one of its own."""
        chosen = self.value if isinstance(self.value, Enum | bool | None) else None
        later = all(judgement.allowed for judgement in self.later)
        return self.event.kind, general(self.path), self.rules, self.judgement.allowed, later, self.side, chosen


def judged(before: Sequence[Event], event: Event, office: Office) -> Judgement:
    """What the judge says of an event on top of those before it."""
    case = case_before(event, before, office)
    return programme(event.programme).edition_on(event.occurred_on).judge(case, event, office)


def course(history: Sequence[Event], office: Office, *, start: int = 0) -> list[Judgement]:
    """What the judge says of each event from ``start`` on, each on top of all before it."""
    return Line(history[:start], office).course(history[start:])


Donors = Callable[[str, Path], Iterable[Any]]
"""Other values seen at a place of events of a kind: what cannot be made up, another history lends."""


def _nobody(kind: str, path: Path) -> tuple[Any, ...]:
    return ()


def probes(history: Sequence[Event], at: int, office: Office, *, donors: Donors = _nobody) -> Iterator[Probe]:
    """All variants of one event of a history at the edge of a rule, its own or one of a later event, each once."""
    event = history[at]
    seen: set[Any] = {(event.occurred_on, event.recorded_by, event.data)}

    line, rest = Line(history[:at], office), history[at + 1 :]

    def with_rest(changed: Event) -> list[Judgement]:
        return line.course([changed, *rest])

    usual = _codes(with_rest(event))

    def ask(path: Path) -> Callable[[Any], Any]:
        return lambda value: _codes(with_rest(with_value(event, path, value)))

    for path, shape, value in places(event):
        lent = donors(event.kind, general(path))
        for told, near in (
            *_alternatives(shape, value, event.occurred_on, ask(path)),
            *((each, ALIKE) for each in lent),
        ):
            changed = with_value(event, path, told)
            key = (changed.occurred_on, changed.recorded_by, changed.data)
            if key in seen:
                continue
            seen.add(key)
            if not _valid(changed):
                continue
            said = with_rest(changed)
            rules = dict.fromkeys(rule for _, rule, _ in sorted(near | (usual ^ _codes(said))))
            yield Probe(changed, said[0], tuple(said[1:]), path, told, str(told), tuple(rules), _side(value, told))


def _valid(event: Event) -> bool:
    """Is it an event at all? A value may fit its place and not the pattern that the place asks for."""
    try:
        encode(event)
    except InputError:
        return False
    return True


def _side(here: Any, told: Any) -> int:
    if isinstance(here, tuple) and isinstance(told, tuple):
        here, told = len(here), len(told)
    if isinstance(here, bool) or not isinstance(here, int | date) or not isinstance(told, type(here)) or here == told:
        return 0
    later: bool = told > here  # type: ignore[operator] # of one type, as was just seen
    return 1 if later else -1


def _codes(said: Sequence[Judgement]) -> Answers:
    return frozenset(
        (at, finding.rule.code, finding.refuses) for at, judgement in enumerate(said) for finding in judgement.findings
    )


# ---------------------------------------------------------------- the places of an event


def places(event: Event) -> Iterator[tuple[Path, Shape, Any]]:
    """Every value of an event that can be changed, with its shape: the day, the role of the writer, the payload."""
    yield ("occurred_on",), Leaf(date), event.occurred_on
    yield ("recorded_by", "role"), Leaf(Role), event.recorded_by.role
    cls = payload_class(event.programme, event.kind)
    for field in fields_of(cls):
        yield from _places(("data", field.name), field.shape, getattr(event.data, field.name), field.default)


def _places(path: Path, shape: Shape, value: Any, default: Any = attrs.NOTHING) -> Iterator[tuple[Path, Shape, Any]]:
    yield path, shape, value
    match shape:
        case Maybe(of) if value is not None:
            yield from _inner(path, of, value)
        case _ if value is not None:
            yield from _inner(path, shape, value)


def _inner(path: Path, shape: Shape, value: Any) -> Iterator[tuple[Path, Shape, Any]]:
    match shape:
        case Part(cls):
            for field in fields_of(cls):
                yield from _places((*path, field.name), field.shape, getattr(value, field.name), field.default)
        case Many(of):
            for index, item in enumerate(value):
                yield from _places((*path, index), of, item)


def _at(event: Event, path: Path) -> Any:
    value: Any = event
    for step in path:
        value = value[step] if isinstance(step, int) else getattr(value, step)
    return value


def general(path: Path) -> Path:
    """The place without the numbers of list items."""
    return tuple("*" if isinstance(step, int) else step for step in path)


def with_value(event: Event, path: Path, value: Any) -> Event:
    """The event with one value changed."""
    made: Event = _with(event, path, value)
    return made


def _with(whole: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        return (*whole[:step], _with(whole[step], tuple(rest), value), *whole[step + 1 :])
    return attrs.evolve(whole, **{step: _with(getattr(whole, step), tuple(rest), value)})


# ---------------------------------------------------------------- other values for one place

Ask = Callable[[Any], frozenset[Any]]


def _alternatives(shape: Shape, value: Any, today: date, ask: Ask) -> Iterator[tuple[Any, Answers]]:
    """Other values for a place, each with the rules that change their answer right next to it."""
    match shape:
        case Maybe(of):
            if value is not None:
                yield None, ALIKE
                yield from _alternatives(of, value, today, ask)
            else:
                yield from ((fresh, ALIKE) for fresh in _fresh(of, today))
        case Many():
            yield from (((*value[:index], *value[index + 1 :]), ALIKE) for index in range(len(value)))
            if value:
                yield (), ALIKE
                yield (*value, value[-1]), ALIKE
        case Leaf(hint):
            kind = bare(hint)
            if kind is bool:
                yield not value, ALIKE
            elif kind is int:
                low, high = _limits(hint)
                yield from _edges(value, (low, high, FAR), ask)
            elif kind is date:
                span = (date.min.toordinal(), date.max.toordinal(), FAR_DAYS)
                days = _edges(value.toordinal(), span, lambda at: ask(date.fromordinal(at)))
                yield from ((date.fromordinal(at), near) for at, near in days)
            elif isinstance(kind, type) and issubclass(kind, Enum):
                yield from ((member, ALIKE) for member in kind if member is not value)
            elif kind is str and value.strip():
                yield " ", ALIKE


def _fresh(shape: Shape, today: date) -> Iterator[Any]:
    """Values for an optional place that is empty: only what needs no further choice."""
    match shape:
        case Leaf(hint) if isinstance(bare(hint), type) and issubclass(bare(hint), Enum):
            yield from bare(hint)
        case Leaf(hint) if bare(hint) is bool:
            yield from (True, False)
        case Leaf(hint) if bare(hint) is date:
            yield from (today + timedelta(days=days) for days in (-1, 0, 1))
        case Leaf(hint) if bare(hint) is int:
            low, _ = _limits(hint)
            yield from (low, low + 1)


def _limits(hint: Any) -> tuple[int, int]:
    low, high = 0, MAX_SAFE
    if get_origin(hint) is Annotated:
        for meta in get_args(hint)[1:]:
            low = meta.ge if meta.ge is not None else low
            high = meta.le if meta.le is not None else high
    return low, high


def _edges(here: int, span: tuple[int, int, int], ask: Ask) -> Iterator[tuple[int, Answers]]:
    """The values on both sides of each limit near ``here``, and one beyond, with the rules that change there.

    Args:
        here: the value as recorded.
        span: the lowest and the highest value there is, and how far to look.
        ask: what the judge says of a value.
    """
    low, high, far = span
    known: dict[int, Answers] = {}

    def of(at: int) -> Answers:
        if at not in known:
            known[at] = ask(at)
        return known[at]

    steps = [0]
    step = 1
    while step <= far:
        steps += [step, -step]
        step *= 2
    points = sorted({min(max(here + step, low), high) for step in steps})
    found: dict[int, Answers] = {}
    beyond: dict[int, Answers] = {}
    for left, right in pairwise(points):
        if of(left) == of(right):
            continue
        start, end = left, right
        while end - start > 1:
            middle = (start + end) // 2
            if of(middle) == of(start):
                start = middle
            else:
                end = middle
        for pair, into in (((start, end), found), ((start - 1, end + 1), beyond)):
            for edge in pair:
                if low <= edge <= high and edge != here:
                    into[edge] = into.get(edge, ALIKE) | (of(start) ^ of(end))
    for edges in (found, beyond):  # the values that touch each other are the sharpest question
        yield from sorted(edges.items(), key=lambda each: abs(each[0] - here))


def nearest(here: int, event: Event, path: Path, ask: Ask) -> list[int]:
    """The two values of a number in an event between which the answer changes, nearest to ``here``; none: no change."""
    shape = next(shape for at, shape, _ in places(event) if at == path)
    while isinstance(shape, Maybe):
        shape = shape.of
    low, high = _limits(shape.type) if isinstance(shape, Leaf) else (0, MAX_SAFE)
    return [value for value, _ in _edges(here, (low, high, FAR), ask)][:2]


def seams(event: Event, ask: Callable[[Event], frozenset[Any]]) -> Iterator[Event]:
    """Other values for each place of an event, among them those next to where the answer to ``ask`` changes."""
    for path, shape, value in places(event):

        def asked(told: Any, path: Path = path) -> frozenset[Any]:
            return ask(with_value(event, path, told))

        for told, _ in _alternatives(shape, value, event.occurred_on, asked):
            changed = with_value(event, path, told)
            if _valid(changed):
                yield changed


__all__ = [
    "Donors",
    "Path",
    "Probe",
    "course",
    "general",
    "judged",
    "nearest",
    "places",
    "probes",
    "seams",
    "with_value",
]
