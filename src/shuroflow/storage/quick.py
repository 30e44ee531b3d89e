"""The quick way from JSON to the classes of events: strict structs, and functions that copy them field by field.

For each attrs class a strict ``msgspec`` struct with the same fields is made once; it refuses unknown fields, which
msgspec cannot do for attrs classes. This module knows no line, no envelope and no file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import GenericAlias
from typing import Annotated, Any

import attrs
import msgspec
from msgspec import Meta, Struct

from shuroflow.events.envelope import Actor, Id
from shuroflow.events.shapes import Leaf, Many, Maybe, Part, Plain, Shape, fields_of
from shuroflow.events.structure import check_plain


@functools.cache
def struct_of(cls: type, plain: bool) -> type[Struct]:
    """A strict struct with the fields of an attrs class.

    ``plain``: the line holds no escape and no DEL, so no text in it can hold a control character and the pattern of
    :data:`Id` (most of the cost of a line) need not be asked.
    """
    required, optional = [], []
    for field in fields_of(cls):
        hint = quick_hint(field.shape, plain)
        if field.default is attrs.NOTHING:
            required.append((field.name, hint))
        elif isinstance(field.shape, Leaf) or field.default is None or field.default == ():
            optional.append((field.name, hint, field.default))
        else:
            raise TypeError(f"{cls.__qualname__}.{field.name}: a nested default can only be None or ()")
    # Written again, as scanning does, it leaves out what the line left out.
    return msgspec.defstruct(
        cls.__name__,
        [*required, *optional],
        forbid_unknown_fields=True,
        frozen=True,
        gc=False,
        kw_only=True,
        omit_defaults=True,
    )


_ID_PLAIN = Annotated[str, Meta(min_length=1, max_length=200)]


def quick_hint(shape: Shape, plain: bool) -> Any:
    """The type of a field of such a struct; ``plain`` as for :func:`struct_of`."""
    match shape:
        case Leaf(hint):
            return _ID_PLAIN if plain and hint == Id else hint
        case Plain():
            return dict[str, Any]
        case Part(cls):
            return struct_of(cls, plain)
        case Many(of):
            return GenericAlias(tuple, (quick_hint(of, plain), ...))
        case Maybe(of):
            return quick_hint(of, plain) | None


@functools.cache
def builder_of(cls: type) -> Callable[[Any], Any]:
    """A function from the struct of ``cls`` to ``cls``, written out field by field: no loop, no look-up by name."""
    if cls is Actor:
        return actor_of
    names: dict[str, Any] = {"_cls": cls}
    values = {field.name: _expression(field.shape, f"s.{field.name}", names) for field in fields_of(cls)}
    return maker_of(cls, "s", values, names)


def maker_of(cls: type, parameters: str, values: dict[str, str], names: dict[str, Any]) -> Callable[..., Any]:
    """A function that makes a ``cls`` whose fields have the values of these expressions over the parameters.

    The ``__init__`` of a class that lets no field be set is slow, for it must get around that for each of them. Where
    it does nothing else, the fields are set in an object of the same layout that is then made one of the class.
    """
    blank = blank_of(cls)
    if blank is None:
        named = {name: field.kw_only for name, field in attrs.fields_dict(cls).items()}
        parts = [f"{name + '=' if named[name] else ''}{value}" for name, value in values.items()]
        body = [f"return _cls({', '.join(parts)})"]
    else:
        names["_blank"] = blank
        body = ["o = _blank()", *(f"o.{name} = {value}" for name, value in values.items())]
        body += ["o.__class__ = _cls", "return o"]
    exec(f"def make({parameters}):\n    " + "\n    ".join(body), names)
    make: Callable[..., Any] = names["make"]
    return make


def blank_of(cls: type) -> type | None:
    """A class without any method whose objects can become objects of ``cls``; none if its ``__init__`` does more."""
    fields = attrs.fields(cls)
    does_more = any(hasattr(cls, f"__attrs_{when}_init__") for when in ("pre", "post")) or any(
        field.validator or field.converter or not field.init for field in fields
    )
    if (
        does_more
        or cls.__bases__ != (object,)
        or [*cls.__dict__.get("__slots__", ())] != [each.name for each in fields]
    ):
        return None
    return type(cls.__name__, (), {"__slots__": cls.__slots__})  # type: ignore[attr-defined]


def _expression(shape: Shape, source: str, names: dict[str, Any]) -> str:
    match shape:
        case Part(cls):
            name = f"_build_{len(names)}"
            names[name] = builder_of(cls)
            return f"{name}({source})"
        case Plain():
            names["_check_plain"] = check_plain
            return f"_check_plain({source})"
        case Many(of):
            each = _expression(of, "x", names)
            return source if each == "x" else f"tuple([{each} for x in {source}])"
        case Maybe(of):
            some = _expression(of, source, names)
            return source if some == source else f"None if {source} is None else {some}"
    return source


_ACTORS_KEPT = 4096
_actors: dict[tuple[str, str], Actor] = {}


def actor_of(struct: Any) -> Actor:
    """The actor, shared between events: an office has few, and a shared one costs less than a new one."""
    key = (struct.id, struct.role)
    actor = _actors.get(key)
    if actor is None:
        if len(_actors) >= _ACTORS_KEPT:
            _actors.clear()
        actor = _actors[key] = Actor(*key)
    return actor


__all__ = ["actor_of", "blank_of", "builder_of", "maker_of", "quick_hint", "struct_of"]
