"""From what a person typed to the data of an event: ``--data`` and ``--set``, guided by the fields of its class."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from shuroflow.calendar import parse_date
from shuroflow.errors import InputError
from shuroflow.events import Actor, payload_class
from shuroflow.events.shapes import Leaf, Many, Maybe, Part, Shape, bare, fields_of
from shuroflow.events.structure import did_you_mean, structure


def gather(programme: str, kind: str, text: str | None, settings: Iterable[str]) -> Any:
    """The payload of an event.

    Args:
        programme: code of the programme.
        kind: name of the event.
        text: a JSON object, ``@file`` or ``-`` for standard input; ``None``: start from nothing.
        settings: ``key=value`` each, laid over it; ``a.b=…`` reaches into a part.

    Raises:
        UnknownEvent: if the programme has no such event.
        InputError: if anything does not fit; it names the field.
    """
    cls = payload_class(programme, kind)
    data = {} if text is None else _by_fields(Part(cls), _document(text))
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise InputError(f"{setting!r} is not key=value", field="--set")
        _put(cls, data, name.strip(), value)
    return structure(programme, kind, data)


def _document(text: str) -> dict[str, Any]:
    where = "--data"
    if text == "-":
        where = "--data -"
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError("standard input is not UTF-8", field=where) from None
    elif text.startswith("@"):
        where = text[1:]
        try:
            text = Path(where).read_text(encoding="utf-8-sig")
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}; check the path", file=where) from None
        except UnicodeDecodeError:
            raise InputError("not UTF-8; save the file as UTF-8", file=where) from None
    try:
        found = json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})", field=where) from None
    except (InputError, ValueError, RecursionError) as error:
        raise InputError(f"not JSON that can be used: {error}", field=where) from None
    if not isinstance(found, dict):
        raise InputError('expected a JSON object such as {"reason": "…"}', field=where)
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{twice!r} stands twice in one object; keep one")
    return made


def _by_fields(shape: Shape, value: Any) -> Any:
    """The value with ISO dates where fields hold dates; anything that does not fit stays as it is."""
    match shape:
        case Maybe(of):
            return _by_fields(of, value)
        case Many(of) if isinstance(value, list):
            return [_by_fields(of, inner) for inner in value]
        case Part(cls) if isinstance(value, dict):
            shapes = {field.name: field.shape for field in fields_of(cls)}
            return {name: _by_fields(shapes[name], inner) if name in shapes else inner for name, inner in value.items()}
        case Leaf(hint) if bare(hint) is date and isinstance(value, str):
            try:
                return parse_date(value).isoformat()
            except InputError:
                return value
    return value


def _put(cls: type, data: dict[str, Any], name: str, text: str) -> None:
    """Set one field, given as text, where its dotted name leads."""
    *way, last = name.split(".")
    path = "data"
    for step in way:
        shape = _field(cls, step, path)
        path += f".{step}"
        if not isinstance(shape, Part):
            raise InputError("has no fields of its own", field=path)
        cls = shape.cls
        inner = data.setdefault(step, {})
        if not isinstance(inner, dict):
            raise InputError("is given as a value already: give either the whole or its fields", field=path)
        data = inner
    shape = _field(cls, last, path)
    path += f".{last}"
    value = _from_text(shape, text, path)
    if isinstance(shape, Many) and isinstance(value, list) and isinstance(data.get(last), list):
        data[last] = [*data[last], *value]  # --set given several times gathers
    else:
        data[last] = value


def _field(cls: type, name: str, path: str) -> Shape:
    fields = {field.name: field.shape for field in fields_of(cls)}
    if name not in fields:
        raise InputError(f"unknown field; {did_you_mean(name, fields, what='fields')}", field=f"{path}.{name}")
    shape = fields[name]
    return shape.of if isinstance(shape, Maybe) else shape


def _from_text(shape: Shape, text: str, path: str) -> Any:
    match shape:
        case Leaf(hint):
            return _leaf(bare(hint), text, path)
        case Part(cls) if cls is Actor and not text.lstrip().startswith("{"):
            role, colon, name = text.strip().partition(":")
            if not colon:
                raise InputError(f"{text!r} is not ROLE:ID, such as caseworker:cw-03", field=path)
            return {"role": role, "id": name}
        case Many(of) if not text.lstrip().startswith(("[", "{")):
            return [_from_text(of, part, path) for part in text.split(",") if part.strip()]
        case _:
            value = _json(text, path)
            if isinstance(shape, Many) and isinstance(value, dict):
                value = [value]
            return _by_fields(shape, value)


def _leaf(base: Any, text: str, path: str) -> Any:
    plain = text.strip()
    if base is str:
        return text
    if base is date:
        return parse_date(plain, field=path).isoformat()
    if base is bool:
        return {"true": True, "yes": True, "はい": True, "false": False, "no": False, "いいえ": False}.get(plain, text)
    if base is int:
        digits = plain.replace(",", "")
        return int(digits) if digits.removeprefix("-").isdecimal() and len(digits) < 20 else text
    return plain


def _json(text: str, path: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg} (column {error.colno}); write this field as JSON", field=path
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON that can be used: {error}", field=path) from None
