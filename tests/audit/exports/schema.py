"""What the XML schema of IEEE 1849-2016 asks of a log, in Python: an oracle that knows nothing of the writer.

The schema itself is not here, for its terms do not let it be copied. Its facts: no namespace; ``log`` has the required
``xes.version`` (decimal), may have ``xes.features`` (token), and holds in this order any number of ``extension``,
``global``, ``classifier``, attributes, ``trace``, ``event``; ``trace`` has attributes, then events; ``event`` has
attributes. An attribute is one of seven elements with a ``key`` (an XML Name) and, but for ``list``, a ``value`` of its
type; it may contain attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

START = (
    ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
)
START += "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
NAME = re.compile(f"[{START}][{START}.0-9\u00b7\u0300-\u036f\u203f-\u2040-]*")
MOMENT = re.compile(r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
"""An ``xs:dateTime`` with the offset that the schema leaves open and we promise."""
SIMPLE = ("string", "date", "int", "float", "boolean", "id")
ATTRIBUTES = (*SIMPLE, "list")
PREFIXES = {"concept": "Concept", "lifecycle": "Lifecycle", "org": "Organizational", "time": "Time"}


def problems(path: Path) -> Iterator[str]:
    """Everything about a file that the schema does not allow."""
    root = ElementTree.parse(path).getroot()
    if root.tag != "log":
        yield f"the root is {root.tag}"
    if set(root.attrib) - {"xes.version", "xes.features"}:
        yield f"attributes of log: {sorted(root.attrib)}"
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", root.get("xes.version", "")):
        yield "xes.version is no decimal"
    elif Decimal(root.get("xes.version", "")) != Decimal("1849.2016"):
        yield "xes.version is not that of the standard"
    order = ["extension", "global", "classifier", "attribute", "trace", "event"]
    yield from _ordered(root, order)
    declared = {each.get("prefix"): each.get("name") for each in root.iter("extension")}
    for each in root:
        if each.tag == "extension":
            yield from _has(each, {"name", "prefix", "uri"})
        elif each.tag == "classifier":
            yield from _has(each, {"name", "scope", "keys"})
        elif each.tag == "global":
            yield from _ordered(each, ["attribute"])
            yield from (said for inner in each for said in _attribute(inner, declared))
        elif each.tag == "trace":
            yield from _ordered(each, ["attribute", "event"])
            for inner in each:
                if inner.tag == "event":
                    yield from _ordered(inner, ["attribute"])
                    yield from (said for deep in inner for said in _attribute(deep, declared))
                    keys = [deep.get("key") for deep in inner]
                    if len(set(keys)) < len(keys):
                        yield f"a key stands twice: {keys}"
                else:
                    yield from _attribute(inner, declared)
        else:
            yield from _attribute(each, declared)


def _ordered(parent: ElementTree.Element, order: list[str]) -> Iterator[str]:
    reached = 0
    for child in parent:
        kind = "attribute" if child.tag in ATTRIBUTES else child.tag
        if kind not in order:
            yield f"{child.tag} within {parent.tag}"
        elif order.index(kind) < reached:
            yield f"{child.tag} after {order[reached]} within {parent.tag}"
        else:
            reached = order.index(kind)


def _has(element: ElementTree.Element, names: set[str]) -> Iterator[str]:
    if set(element.attrib) != names:
        yield f"{element.tag} has {sorted(element.attrib)}"
    for name in names - {"uri", "keys"}:
        value = element.get(name, "")
        if ":" in value or not NAME.fullmatch(value):
            yield f"{element.tag} {name} is no NCName: {value!r}"


def _attribute(element: ElementTree.Element, declared: dict[str | None, str | None]) -> Iterator[str]:
    if set(element.attrib) != {"key", "value"} or element.tag not in SIMPLE:
        yield f"{element.tag} has {sorted(element.attrib)}"
    key, value = element.get("key", ""), element.get("value", "")
    if not NAME.fullmatch(key):
        yield f"the key is no Name: {key!r}"
    prefix, colon, _ = key.partition(":")
    if colon and declared.get(prefix) != PREFIXES.get(prefix, ""):
        yield f"{key}: no such extension is declared"
    fits = {
        "date": lambda: MOMENT.fullmatch(value) and datetime.fromisoformat(value),
        "int": lambda: re.fullmatch(r"[+-]?[0-9]+", value) and -(2**63) <= int(value) < 2**63,
        "boolean": lambda: value in {"true", "false", "1", "0"},
    }.get(element.tag)
    if fits is not None and not fits():
        yield f"{key}: {value!r} is no {element.tag}"
    yield from (said for inner in element for said in _attribute(inner, declared))


OCEL_JSON = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "properties": {
        "eventTypes": {"type": "array", "items": {"$ref": "#/$defs/type"}},
        "objectTypes": {"type": "array", "items": {"$ref": "#/$defs/type"}},
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "type", "time"],
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "time": {"type": "string", "format": "date-time"},
                    "attributes": {"type": "array", "items": {"$ref": "#/$defs/value"}},
                    "relationships": {"$ref": "#/$defs/relationships"},
                },
            },
        },
        "objects": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "type"],
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "attributes": {
                        "type": "array",
                        "items": {"$ref": "#/$defs/value", "required": ["name", "value", "time"]},
                    },
                    "relationships": {"$ref": "#/$defs/relationships"},
                },
            },
        },
    },
    "$defs": {
        "type": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "attributes"],
            "properties": {
                "name": {"type": "string"},
                "attributes": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "type"],
                        "properties": {
                            "name": {"type": "string"},
                            "type": {"enum": ["string", "time", "integer", "float", "boolean"]},
                        },
                    },
                },
            },
        },
        "value": {
            "type": "object",
            "required": ["name", "value"],
            "properties": {
                "name": {"type": "string"},
                "value": {"type": "string"},
                "time": {"type": "string", "format": "date-time"},
            },
        },
        "relationships": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["objectId", "qualifier"],
                "properties": {"objectId": {"type": "string"}, "qualifier": {"type": "string"}},
            },
        },
    },
}
"""What the specification of OCEL 2.0 (16 October 2023) says of the JSON form, with every value a string."""
