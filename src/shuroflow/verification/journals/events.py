"""Events to try a journal with: strategies for every kind, made from the types of the fields, and small examples."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

import attrs
from hypothesis import strategies as st

from shuroflow.events import Actor, Event, kinds_of, programme_codes
from shuroflow.events.envelope import Id
from shuroflow.events.shapes import MAX_SAFE, Leaf, Many, Maybe, Part, Plain, Shape, fields_of
from shuroflow.vocabulary import Role

JST = timezone(timedelta(hours=9))

ids = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
integers = st.integers(-MAX_SAFE, MAX_SAFE)
names = st.text(st.characters(codec="ascii"), max_size=5)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
plain_values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=5,
)
moments = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 - the strategy adds the offset
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-23 * 60, 23 * 60)),
)


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Valid values of one shape."""
    match shape:
        case Part(cls):
            return parts(cls)
        case Many(of):
            return st.lists(values(of), max_size=3).map(tuple)
        case Maybe(of):
            return st.none() | values(of)
        case Plain():
            return st.dictionaries(names, plain_values, max_size=3)
        case Leaf(hint):
            return _leaf(hint)


def _leaf(hint: Any) -> st.SearchStrategy[Any]:
    base, metas = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    limits = {
        name: value
        for meta in metas
        for name in ("ge", "le", "min_length", "pattern")
        if (value := getattr(meta, name)) is not None
    }
    if hint == Id:
        return ids
    if base is bool:
        return st.booleans()
    if base is int:
        return st.integers(limits["ge"], limits["le"])
    if base is date:
        return st.dates()
    if base is datetime:
        return moments
    if isinstance(base, type) and issubclass(base, Enum):
        return st.sampled_from(base)
    if "pattern" in limits:
        return st.from_regex(limits["pattern"]).filter(lambda text: re.search(limits["pattern"], text) is not None)
    return texts.filter(lambda text: len(text) >= limits.get("min_length", 0))


def parts(cls: type) -> st.SearchStrategy[Any]:
    """Valid instances of a part or payload; fields with a default are sometimes left at it."""
    made = {}
    for field in fields_of(cls):
        made[field.name] = values(field.shape)
        if field.default is not attrs.NOTHING:
            made[field.name] |= st.just(field.default)
    return st.builds(cls, **made)


KINDS = [(code, kind) for code in programme_codes() for kind in kinds_of(code)]
"""Every kind of event as (programme, kind)."""


def events(programme: str, kind: str) -> st.SearchStrategy[Event]:
    """Valid events of one kind, with any id, number and envelope."""
    optional = st.none() | texts
    return st.builds(
        Event,
        case_id=ids,
        seq=st.integers(1, MAX_SAFE),
        programme=st.just(programme),
        kind=st.just(kind),
        occurred_on=st.dates(),
        recorded_at=moments,
        recorded_by=st.builds(Actor, id=ids, role=st.sampled_from(Role)),
        data=parts(kinds_of(programme)[kind]),
        note=optional,
        key=optional,
        prev=optional,
        hash=optional,
        commitment=st.none() | digests,
    )


any_event = st.sampled_from(KINDS).flatmap(lambda kind: events(*kind))
"""Valid events of any kind."""


def example(case_id: str = "case-1", seq: int = 1, *, note: str | None = None, key: str | None = None) -> Event:
    """A small valid event."""
    return Event(
        case_id=case_id,
        seq=seq,
        programme="saitama",
        kind="listed",
        occurred_on=date(2025, 4, 3),
        recorded_at=datetime(2025, 4, 3, 15, 4, 5, tzinfo=JST),
        recorded_by=Actor("cw-1", Role.CASEWORKER),
        data=kinds_of("saitama")["listed"](reason="求職中"),
        note=note,
        key=key,
    )


def examples(case_id: str, count: int, *, after: int = 0) -> list[Event]:
    """Small valid events that follow one another, numbered from ``after + 1``."""
    return [example(case_id, seq, note=f"{case_id} {seq}") for seq in range(after + 1, after + count + 1)]


__all__ = ["KINDS", "any_event", "events", "example", "examples", "parts", "values"]
