"""The JSON Schema (draft 2020-12) of a stored line, made from the classes themselves.

It says what :mod:`~shuroflow.storage.codec` accepts, for those who write events with other tools.
"""

from __future__ import annotations

import inspect
from enum import Enum
from typing import Any

import attrs
import msgspec

from shuroflow.events.envelope import kinds_of, programme_codes
from shuroflow.events.shapes import MAX_SAFE, Leaf, Many, Maybe, Part, Plain, Shape, bare, fields_of
from shuroflow.storage.codec import Line
from shuroflow.vocabulary import Term

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(programme: str | None = None) -> dict[str, Any]:
    """The schema of one event line: the envelope, and for each programme and kind its data under ``$defs``.

    Args:
        programme: only the events of this programme; by default those of all that are registered.

    Raises:
        UnknownProgramme: if no programme of that code is registered.
    """
    codes = programme_codes() if programme is None else (programme,)
    definitions = _Definitions()
    for code in codes:
        for kind, cls in kinds_of(code).items():
            definitions[f"{code}.{kind}"] = {"title": f"{code} {kind}", **_object(cls, definitions)}
    line = _object(Line, definitions)
    line["properties"]["data"] = {"type": "object", "description": line["properties"]["data"]["description"]}
    line["oneOf"] = [
        {"properties": {"programme": {"const": code}, "event": {"enum": list(kinds_of(code))}}} for code in codes
    ]
    line["allOf"] = [
        {
            "if": {
                "properties": {"programme": {"const": code}, "event": {"const": kind}},
                "required": ["programme", "event"],
            },
            "then": {"properties": {"data": {"$ref": f"#/$defs/{code}.{kind}"}}},
        }
        for code in codes
        for kind in kinds_of(code)
    ]
    return {"$schema": DIALECT, "title": "shuroflow event", **line, "$defs": dict(sorted(definitions.items()))}


class _Definitions(dict[str, Any]):
    """``$defs`` by name; a part has the name of its class, with a number where two programmes use the same one."""

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[type, str] = {}

    def name_of(self, cls: type) -> str:
        """The name under which the part is defined, defining it first where that is still to be done."""
        if cls not in self._names:
            taken = sum(known.__qualname__ == cls.__qualname__ for known in self._names)
            name = self._names[cls] = f"{cls.__qualname__}{taken + 1 if taken else ''}"
            self[name] = {"title": cls.__qualname__, **_object(cls, self)}
        return self._names[cls]


def _object(cls: type, definitions: _Definitions) -> dict[str, Any]:
    properties = {}
    for field in fields_of(cls):
        schema = _schema(field.shape, definitions)
        if field.about:
            schema = {**schema, "description": field.about}
        if field.default not in (attrs.NOTHING, None):
            default = field.default.value if isinstance(field.default, Enum) else field.default
            schema = {**schema, "default": list(default) if isinstance(default, tuple) else default}
        properties[field.name] = schema
    return {
        "type": "object",
        "description": inspect.getdoc(cls) or cls.__name__,
        "properties": properties,
        "required": [field.name for field in fields_of(cls) if field.default is attrs.NOTHING],
        "additionalProperties": False,
    }


def _schema(shape: Shape, definitions: _Definitions) -> dict[str, Any]:
    match shape:
        case Part(cls):
            return {"$ref": f"#/$defs/{definitions.name_of(cls)}"}
        case Many(of):
            return {"type": "array", "items": _schema(of, definitions)}
        case Maybe(of):
            return {"anyOf": [_schema(of, definitions), {"type": "null"}]}
        case Plain():
            definitions.setdefault("plain", _PLAIN)
            return {"type": "object", "additionalProperties": {"$ref": "#/$defs/plain"}}
        case Leaf(hint):
            kind = bare(hint)
            if isinstance(kind, type) and issubclass(kind, Enum):
                return _codes(kind)
            return msgspec.json.schema(hint)


_PLAIN = {
    "title": "plain value",
    "description": "Any JSON value without fractions.",
    "type": ["object", "array", "string", "integer", "boolean", "null"],
    "minimum": -MAX_SAFE,
    "maximum": MAX_SAFE,
    "items": {"$ref": "#/$defs/plain"},
    "additionalProperties": {"$ref": "#/$defs/plain"},
}


def _codes(kind: type[Enum]) -> dict[str, Any]:
    """The codes of an enum, each with its label where it has one."""
    if not issubclass(kind, Term):
        return {"enum": [member.value for member in kind]}
    return {
        "oneOf": [{"const": term.value, "title": term.label("ja"), "description": term.label("en")} for term in kind]
    }


__all__ = ["json_schema"]
