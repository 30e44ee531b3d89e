"""The types that a payload's fields may have, sorted by what the stored form makes of each.

Everything that reads, writes or describes payloads (structuring, the codec, the JSON Schema) goes by these
few shapes, so that all of them hold the same fields to the same limits. This module knows no values.
"""

from __future__ import annotations

import functools
import types
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from msgspec import Meta

MAX_SAFE = 2**53 - 1
"""Largest integer that every reader of JSON holds exactly; nothing beyond it is stored."""

_SCALARS = (str, int, bool, date, datetime)


@attrs.frozen
class Leaf:
    """A value without inner structure; ``type`` is the field's type with our limits on integers and moments added."""

    type: Any


@attrs.frozen
class Plain:
    """A mapping of plain JSON values whose own types are known elsewhere (the data of a correction)."""


@attrs.frozen
class Part:
    """A nested attrs class."""

    cls: type


@attrs.frozen
class Many:
    """A tuple of any length."""

    of: Shape


@attrs.frozen
class Maybe:
    """The shape, or nothing."""

    of: Shape


Shape = Leaf | Plain | Part | Many | Maybe


@attrs.frozen
class Field:
    """One field of a part or payload. ``default`` is :data:`attrs.NOTHING` where the field is required."""

    name: str
    shape: Shape
    default: Any
    about: str


def shape_of(hint: Any) -> Shape:
    """The shape that a resolved type hint stands for.

    Raises:
        TypeError: if the stored form has no place for such a type; the message says what to use.
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        rest = tuple(arg for arg in args if arg is not type(None))
        if len(rest) != 1 or len(rest) == len(args):
            raise TypeError(f"{hint!r}: of unions only `T | None` can be stored")
        return Maybe(shape_of(rest[0]))
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return Many(shape_of(args[0]))
    if hint == dict[str, Any]:
        return Plain()
    if isinstance(hint, type) and attrs.has(hint):
        return Part(hint)
    return Leaf(_leaf(hint))


def _leaf(hint: Any) -> Any:
    """The hint with the limits of the stored form: exact integers, and moments with an offset."""
    base, metas = (hint.__origin__, hint.__metadata__) if get_origin(hint) is Annotated else (hint, ())
    known = base in _SCALARS or (isinstance(base, type) and issubclass(base, Enum)) or get_origin(base) is Literal
    if not known:
        raise TypeError(
            f"{hint!r} cannot be stored; use str, int, bool, date, datetime, an Enum, tuple[T, ...] or a part"
        )
    limits: dict[str, Any] = {}
    if base is int:
        if all(getattr(meta, "ge", None) is None and getattr(meta, "gt", None) is None for meta in metas):
            limits["ge"] = -MAX_SAFE
        if all(getattr(meta, "le", None) is None and getattr(meta, "lt", None) is None for meta in metas):
            limits["le"] = MAX_SAFE
    if base is datetime and all(getattr(meta, "tz", None) is None for meta in metas):
        limits["tz"] = True
    return Annotated[hint, Meta(**limits)] if limits else hint


def bare(hint: Any) -> Any:
    """The type of a leaf without its limits: ``str``, ``int``, an enum …"""
    while get_origin(hint) is Annotated:
        hint = hint.__origin__
    return hint


@functools.cache
def fields_of(cls: type) -> tuple[Field, ...]:
    """The fields of a part or payload in the order of the class.

    Raises:
        TypeError: if a field cannot be stored.
    """
    hints = get_type_hints(cls, include_extras=True)
    found = []
    for attribute in attrs.fields(cls):
        if not attribute.init or attribute.alias != attribute.name:
            raise TypeError(
                f"{cls.__qualname__}.{attribute.name}: a stored field is set by __init__ under its own name"
            )
        default = attribute.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            raise TypeError(f"{cls.__qualname__}.{attribute.name}: give a constant default, not a factory")
        try:
            shape = shape_of(hints[attribute.name])
        except TypeError as error:
            raise TypeError(f"{cls.__qualname__}.{attribute.name}: {error}") from None
        found.append(Field(attribute.name, shape, default, attribute.metadata.get("about", "")))
    return tuple(found)


__all__ = ["MAX_SAFE", "Field", "Leaf", "Many", "Maybe", "Part", "Plain", "Shape", "bare", "fields_of", "shape_of"]
