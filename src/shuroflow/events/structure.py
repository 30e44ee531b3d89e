"""Plain mappings ↔ typed payloads, with every fault named at its path.

This is the patient way in and out: it is used where a person typed something (the command line, the
importers, corrections) and where a stored line has been found faulty and every fault of it is to be
told. It knows the types of the fields and nothing of files; the quick way for stored lines is in
``shuroflow.storage.codec`` and accepts exactly the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

import attrs
import cattrs
import msgspec
from cattrs.gen import make_dict_structure_fn

from shuroflow.errors import InputError
from shuroflow.events.envelope import payload_class
from shuroflow.events.shapes import MAX_SAFE, Leaf, Many, Maybe, Part, Plain, Shape, bare, fields_of, shape_of

# ---------------------------------------------------------------- mapping → payload


@attrs.frozen
class Fault:
    """One thing that is wrong: where, and what would mend it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class _Bad(ValueError):
    """A fault of one value; the path is added on the way out."""


def structure(programme: str, kind: str, mapping: Mapping[str, Any]) -> Any:
    """The typed payload of one kind of event, from plain values (or values that are typed already).

    Raises:
        UnknownProgramme: if the programme is not registered.
        UnknownEvent: if it has no such event.
        InputError: if the mapping does not fit; ``problems`` lists every fault with its path below ``data``.
    """
    value, faults = structure_part(payload_class(programme, kind), mapping, path="data")
    if faults:
        raise input_error(faults)
    return value


def structure_part(cls: type, mapping: Any, *, path: str) -> tuple[Any, list[Fault]]:
    """An instance of an attrs class, or the faults that stand in the way (the instance is then ``None``)."""
    try:
        return _converter().structure(mapping, cls), []
    except Exception as error:  # cattrs gathers whatever the hooks raise
        return None, list(_faults(error, path))


def input_error(
    faults: Iterable[Fault], *, case_id: str | None = None, kind: type[InputError] = InputError
) -> InputError:
    """One error for all the faults; its field and message are those of the first."""
    listed = tuple(faults)
    first = listed[0]
    more = f" (and {len(listed) - 1} more: see problems)" if len(listed) > 1 else ""
    return kind(
        f"{first.message}{more}",
        field=first.path or None,
        case_id=case_id,
        problems=tuple(str(fault) for fault in listed),
    )


def did_you_mean(word: object, known: Iterable[str], *, what: str) -> str:
    """The end of a message about an unknown word: the nearest known ones, or all of them."""
    words = sorted(known)
    import difflib  # only where something is wrong

    near = difflib.get_close_matches(word, words, n=3) if isinstance(word, str) else []
    return f"did you mean {' or '.join(map(repr, near))}?" if near else f"{what}: {', '.join(words) or 'none'}"


@functools.cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)

    def is_shape(kind: type) -> Callable[[Any], bool]:
        def check(hint: Any) -> bool:
            try:
                return isinstance(shape_of(hint), kind)
            except TypeError:
                return False

        return check

    def part_hook(cls: Any) -> Callable[[Any, Any], Any]:
        fields_of(cls)  # a class that cannot be stored is refused with its reason
        build = make_dict_structure_fn(cls, converter)

        def hook(value: Any, target: Any) -> Any:
            if type(value) is cls:
                return value
            if not isinstance(value, Mapping):
                raise _Bad(f"expected an object with {', '.join(f.name for f in fields_of(cls))}, got {_shown(value)}")
            return build(value, target)

        return hook

    def many_hook(hint: Any) -> Callable[[Any, Any], Any]:
        build = cattrs.cols.homogenous_tuple_structure_factory(hint, converter)

        def hook(value: Any, target: Any) -> Any:
            if not isinstance(value, (list, tuple)):
                raise _Bad(f"expected a list, got {_shown(value)}")
            return build(value, target)

        return hook

    for scalar in (str, int):  # cattrs would call these two, and what derives from them, instead of checking
        converter.register_structure_hook(scalar, _leaf_value)
    converter.register_structure_hook_func(is_shape(Leaf), _leaf_value)
    converter.register_structure_hook_func(is_shape(Plain), lambda value, _: check_plain(value))
    converter.register_structure_hook_factory(is_shape(Part), part_hook)
    converter.register_structure_hook_factory(is_shape(Many), many_hook)
    return converter


def _leaf_value(value: Any, hint: Any) -> Any:
    shape = shape_of(hint)
    assert isinstance(shape, Leaf)
    try:
        made = msgspec.convert(value, shape.type)
    except msgspec.ValidationError as error:
        raise _Bad(_explain(value, shape.type, str(error))) from None
    if isinstance(value, str) and not value.isascii():
        _check_text(value)
    return made


def check_plain(value: Any) -> dict[str, Any]:
    """A mapping of plain JSON values as it stands.

    Raises:
        InputError: if it holds what the stored form does not: a fraction, an integer beyond ±(2⁵³−1), a key that is
            no ASCII text, half a surrogate pair.
    """
    if not isinstance(value, dict):
        raise _Bad(f"expected an object, got {_shown(value)}")
    faults = list(_plain_faults(value, ""))
    if faults:
        raise input_error(faults)
    return value


def _plain_faults(value: Any, path: str) -> Iterable[Fault]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not (isinstance(key, str) and key.isascii()):
                yield Fault(path, f"the key {key!r} is not ASCII text")
            yield from _plain_faults(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _plain_faults(inner, f"{path}[{index}]")
    elif type(value) is str:
        try:
            _check_text(value)
        except _Bad as error:
            yield Fault(path, str(error))
    elif type(value) is int:
        if abs(value) > MAX_SAFE:
            yield Fault(path, f"{_shown(value)} is beyond ±(2^53-1)")
    elif value is not None and type(value) is not bool:
        yield Fault(
            path, f"{_shown(value)} is no plain JSON value (fractions are not stored: use whole numbers or text)"
        )


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Bad("holds half of a surrogate pair, which is no character") from None


# ---------------------------------------------------------------- faults, in words


def _faults(error: BaseException, path: str) -> Iterable[Fault]:
    if isinstance(error, cattrs.ClassValidationError):
        noted, rest = error.group_exceptions()
        for inner, note in noted:
            where = f"{path}.{note.name}" if path else note.name
            if isinstance(inner, KeyError):
                yield Fault(where, f"missing ({_about(error.cl, note.name)})")
            else:
                yield from _faults(inner, where)
        for other in rest:
            yield from _faults(other, path)
    elif isinstance(error, cattrs.IterableValidationError):
        for inner, index in error.group_exceptions()[0]:
            yield from _faults(inner, f"{path}[{index.index}]")
    elif isinstance(error, cattrs.ForbiddenExtraKeysError):
        known = [field.name for field in fields_of(error.cl)]
        for extra in sorted(map(str, error.extra_fields)):
            yield Fault(
                f"{path}.{extra}" if path else extra, f"unknown field; {did_you_mean(extra, known, what='fields')}"
            )
    elif isinstance(error, InputError):
        for line in error.problems:
            inside, _, message = line.partition(": ")
            yield Fault(f"{path}.{inside}" if message else path, message or line)
    else:
        yield Fault(path, str(error))


def _about(cls: type, name: str) -> str:
    return next((field.about for field in fields_of(cls) if field.name == name), "")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _explain(value: Any, hint: Any, said: str) -> str:
    """What msgspec found, with the allowed values or an example where that helps more."""
    base = bare(hint)
    if isinstance(base, type) and issubclass(base, Enum):
        codes = [str(member.value) for member in base]
        return f"{_shown(value)} is not one of {', '.join(codes)}" + _near(value, codes)
    if base is datetime:
        return f"{_shown(value)} is no moment with an offset; write it like 2025-04-03T15:04:05+09:00"
    if base is date:
        return f"{_shown(value)} is no day of the calendar; write it like 2025-04-03"
    if base is int and type(value) is int:
        return f"{_shown(value)} is out of range ({said})"
    said = f"{said[:1].lower()}{said[1:]}"
    return said if ", got " in said else f"{said}, got {_shown(value)}"


def _near(value: Any, codes: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(value, codes, n=1) if isinstance(value, str) else []
    return f"; did you mean {near[0]!r}?" if near else ""


# ---------------------------------------------------------------- payload → mapping


def unstructure(payload: Any) -> dict[str, Any]:
    """The payload (or part) as plain JSON values, in the order of its class; values equal to a default are left out."""
    cls: Any = type(payload)
    return _writer(cls)(payload)


@functools.cache
def _writer(cls: Any) -> Callable[[Any], dict[str, Any]]:
    """A function that does it for one class, written out field by field: no loop, no look-up by name."""
    if not attrs.has(cls):
        raise TypeError(f"{cls.__qualname__} is no attrs class and cannot be stored")
    names: dict[str, Any] = {"date": date, "Enum": Enum, "unstructure": unstructure}
    body = ["out = {}"]
    for at, field in enumerate(fields_of(cls)):
        body.append(f"v = s.{field.name}")
        if field.default is None:
            body.append("if v is not None:")
        elif field.default is not attrs.NOTHING:
            names[f"default_{at}"] = field.default
            body.append(f"if type(v) is not type(default_{at}) or v != default_{at}:")
        indent = "" if field.default is attrs.NOTHING else "    "
        body.append(f"{indent}out[{field.name!r}] = {_plain(field.shape, 'v', names)}")
    exec("def write(s):\n    " + "\n    ".join([*body, "return out"]), names)
    write: Callable[[Any], dict[str, Any]] = names["write"]
    return write


def _plain(shape: Shape, source: str, names: dict[str, Any]) -> str:
    """The expression of what a value of that shape is as a plain one. A misfit is passed on as it is."""
    match shape:
        case Part(cls):
            name = f"part_{len(names)}"
            names[name] = cls
            return f"unstructure({source}) if isinstance({source}, {name}) else {source}"
        case Many(of):
            each = _plain(of, "x", names)
            made = f"list({source})" if each == "x" else f"[{each} for x in {source}]"
            return f"{made} if isinstance({source}, tuple) else {source}"
        case Maybe(of):
            some = _plain(of, source, names)
            return some if some == source else f"None if {source} is None else {some}"
        case Leaf(hint):
            base = bare(hint)
            if base in (date, datetime):
                return f"{source}.isoformat() if isinstance({source}, date) else {source}"
            if isinstance(base, type) and issubclass(base, Enum):
                return f"{source}._value_ if isinstance({source}, Enum) else {source}"  # Python looks slowly for value
    return source


__all__ = ["Fault", "check_plain", "did_you_mean", "input_error", "structure", "structure_part", "unstructure"]
