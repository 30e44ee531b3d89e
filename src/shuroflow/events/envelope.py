"""The envelope of every event, the parts that payloads share, and the table of event kinds.

An event is a fact in the past tense: what happened (``occurred_on``) apart from when it was written
down (``recorded_at``). This module knows nothing of any programme's rules; a programme hands in its
payload classes with :func:`register_kinds`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib import import_module
from typing import Annotated, Any, Final, TypeVar, dataclass_transform

import attrs
from msgspec import Meta

from shuroflow.errors import UnknownEvent, UnknownProgramme
from shuroflow.events.plugins import plug_in
from shuroflow.vocabulary import Role, Term

SCHEMA = 1
"""The version of the stored form. A changed shape gets the next number and an upcaster."""

_MAX_SAFE = 2**53 - 1

Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
"""Words a person wrote: never empty, kept exactly as written (no normalisation: it would change names)."""

Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
"""An identifier of a case, a person in a role, a goal …: one line without control characters."""

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$(?!\n)", max_length=64)]
"""A stable ASCII code in snake_case."""

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
"""A SHA-256 in lower-case hexadecimal."""

Yen = Annotated[int, Meta(ge=0, le=_MAX_SAFE)]
"""An amount in whole yen."""

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Seq = Annotated[int, Meta(ge=1, le=_MAX_SAFE)]

Aware = Annotated[datetime, Meta(tz=True)]
"""A moment with its offset from UTC; a naive timestamp is an error."""


def about(text: str, **options: Any) -> Any:
    """Declare an attrs field that documents itself: the text goes into the published JSON Schema."""
    return attrs.field(metadata={"about": text}, **options)


_T = TypeVar("_T")

IMMUTABLE: Final[Any] = {"on_setattr": attrs.setters.frozen, "unsafe_hash": True, "weakref_slot": False}
"""As ``attrs.frozen``: only ``__init__`` may set a field. An audit makes millions of these, and where there is no slot
for weak references the codec can make one from its fields alone."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(about, attrs.field))
def part(cls: type[_T]) -> type[_T]:
    """Make ``cls`` a frozen attrs class that a payload may contain."""
    made: type[_T] = attrs.define(kw_only=True, **IMMUTABLE)(cls)
    return made


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(about, attrs.field))
def payload(name: str) -> Callable[[type[_T]], type[_T]]:
    """Make a class the typed payload of the event ``name`` (snake_case, past tense)."""

    def decorate(cls: type[_T]) -> type[_T]:
        made = part(cls)
        made.__event__ = name  # type: ignore[attr-defined]
        return made

    return decorate


def evolve(part_or_payload: _T, **changes: Any) -> _T:
    """A copy with some fields changed."""
    whole: Any = part_or_payload
    copy: _T = attrs.evolve(whole, **changes)
    return copy


@attrs.define(**IMMUTABLE)
class Actor:
    """Who acted, in which role. ``id`` is bound to the role; no names of people are kept."""

    id: Id = about("id of the person or office, bound to the role; never a name")
    role: Role = about("role in which this person or office acts")


@part
class Meeting:
    """A consultation that was held: when, and who took part in which role."""

    on: date = about("day of the meeting")
    attendees: tuple[Actor, ...] = about("those present, one entry for each role a person takes")


@attrs.define(**IMMUTABLE)
class Event:
    """One recorded fact of one case.

    ``seq`` counts the events of the case from 1 without a gap and is the case's version once recorded.
    ``key`` is the caller's idempotency key; ``commitment`` is for a paper that is kept apart and may be disposed of
    some day; ``prev`` and ``hash`` are carried for journals that chain their entries. None is interpreted here.
    """

    case_id: Id = about("id of the case")
    seq: Seq = about("position in the case, from 1, without a gap")
    programme: Name = about("code of the programme")
    kind: Name = about("name of the event, past tense")
    occurred_on: date = about("the day it happened")
    recorded_at: Aware = about("the moment it was written down, with its offset")
    recorded_by: Actor = about("who wrote it down")
    data: Any = about("the typed payload of this kind of event")
    note: str | None = about("free remark", default=None)
    key: str | None = about("idempotency key of the append", default=None)
    prev: str | None = about("hash of the event before it in the case, set by the journal", default=None)
    hash: str | None = about("hash of this entry, where another tool wrote one", default=None)
    commitment: Digest | None = about("salted commitment to a paper kept apart", default=None)


@payload("corrected")
class Corrected:
    """An earlier event of the case was wrong: this one says what it should have said. Nothing is overwritten."""

    seq: Seq = about("the event that is corrected")
    reason: Text = about("why it was wrong")
    approved_by: Actor = about("who approved the correction")
    occurred_on: date | None = about("the right day, if the day was wrong", default=None)
    data: dict[str, Any] | None = about("the right payload, whole, if the payload was wrong", default=None)


@payload("withdrawn")
class Withdrawn:
    """An earlier event of the case should not have been recorded at all."""

    seq: Seq = about("the event that is withdrawn")
    reason: Text = about("why it should not stand")
    approved_by: Actor = about("who approved the withdrawal")


def event_name(payload_or_class: object) -> str:
    """The event that a payload (or its class) belongs to.

    Raises:
        TypeError: if it is no payload.
    """
    name = getattr(payload_or_class, "__event__", None)
    if not isinstance(name, str):
        raise TypeError(f"{payload_or_class!r} is no event payload; payload classes are made with @payload(name)")
    return name


_BUILT_IN = {"saitama": "shuroflow.events.saitama", "tsushima": "shuroflow.events.tsushima"}
_KINDS: dict[str, dict[str, type]] = {}
_NOWHERE: set[str] = set()  # codes that no package brings: a file may name one a million times
_MOST_NOWHERE = 1_000


def register_kinds(programme: str, classes: tuple[type, ...]) -> None:
    """Make the payload classes of a programme known to the codec; corrections come with every programme.

    Raises:
        ValueError: if the code is not snake_case ASCII or the programme is registered with other classes.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", programme):
        raise ValueError(f"programme code {programme!r} must be snake_case ASCII")
    kinds = {event_name(cls): cls for cls in (*classes, Corrected, Withdrawn)}
    if _KINDS.get(programme, kinds) != kinds:
        raise ValueError(f"programme {programme!r} is registered already with other events")
    _KINDS[programme] = kinds
    _NOWHERE.discard(programme)


def programme_codes() -> tuple[str, ...]:
    """Codes of all programmes whose events are known, sorted."""
    return tuple(sorted({*_BUILT_IN, *_KINDS}))


def kinds_of(programme: str) -> Mapping[str, type]:
    """Event name → payload class of a programme.

    Raises:
        UnknownProgramme: if no programme of that code is registered, built in or brought by a plug-in.
    """
    if programme not in _KINDS:  # the classes of a programme are made when it is first used
        if programme in _BUILT_IN:
            import_module(_BUILT_IN[programme])
        elif programme not in _NOWHERE:
            _import_plug_in(programme)
    try:
        return _KINDS[programme]
    except KeyError:
        known = ", ".join(programme_codes())
        raise UnknownProgramme(
            f"unknown programme {programme!r}; known programmes: {known}", field="programme"
        ) from None


def _import_plug_in(programme: str) -> None:
    """Import the module that the entry point of a programme names, which registers its events."""
    point = plug_in(programme)
    if point is None:
        if len(_NOWHERE) >= _MOST_NOWHERE:
            _NOWHERE.clear()
        _NOWHERE.add(programme)
        return
    try:
        point.load()
    except Exception as error:  # whatever another project's code raises
        said = f"the plug-in of {programme!r} cannot be loaded: {error}"
        raise UnknownProgramme(said, field="programme") from error


def payload_class(programme: str, kind: str) -> type:
    """The payload class of one kind of event.

    Raises:
        UnknownProgramme: if no programme of that code is registered.
        UnknownEvent: if the programme has no such event; the message proposes the nearest names.
    """
    kinds = kinds_of(programme)
    try:
        return kinds[kind]
    except KeyError:
        import difflib  # only where a name is wrong

        near = difflib.get_close_matches(kind, kinds, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"its events: {', '.join(sorted(kinds))}"
        raise UnknownEvent(f"programme {programme!r} has no event {kind!r}; {hint}", field="event") from None


__all__ = [
    "SCHEMA",
    "Actor",
    "Aware",
    "Corrected",
    "Count",
    "Event",
    "Id",
    "Meeting",
    "Name",
    "Seq",
    "Term",
    "Text",
    "Withdrawn",
    "Yen",
    "about",
    "event_name",
    "evolve",
    "kinds_of",
    "part",
    "payload",
    "payload_class",
    "programme_codes",
    "register_kinds",
]
