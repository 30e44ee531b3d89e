"""Words for a reader who sees no code: what a field is called, and any value of a record or a case in a line.

The labels are data (``words.toml``). Nothing here judges; codes and dates are shown by
:func:`~shuroflow.states.judgement.show`, as everywhere else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import attrs

from shuroflow.case import Period
from shuroflow.events import Actor
from shuroflow.states.judgement import Wording, show
from shuroflow.vocabulary import Lang

MOST_SHOWN = 20
"""Entries of a list that a guard looked at that are shown; how many more there are is said."""


@cache
def _tables() -> Mapping[str, Any]:
    tables: Mapping[str, Any] = tomllib.loads(
        resources.files("shuroflow.audit").joinpath("words.toml").read_text(encoding="utf-8")
    )
    return tables


@cache
def field_name(name: str, lang: Lang = "ja", *, of: str = "") -> str:
    """What the field is called; ``of`` is the class that has it. A field without a label is called by its name."""
    fields = _tables()["field"]
    label = fields.get(f"{of}.{name}") or fields.get(name)
    return name if label is None else str(label[lang])


def seen_name(rule: str, name: str, lang: Lang = "ja") -> str:
    """What a value is called that a finding of the day asked about saw; ``rule`` is the code of its rule."""
    labels = _tables()["seen"]
    label = labels.get(f"{rule.partition('.')[2]}.{name}") or labels.get(name)
    return name if label is None else str(label[lang])


def describe(value: Any, lang: Lang = "ja", *, field: str = "", most: int | None = None) -> str:
    """Any value in one line: a period as its two days, someone in a role, the parts of a record by their names.

    ``field`` is where it stands, for a code that means something there alone; ``most`` cuts a longer list and says so.
    """
    if isinstance(value, Period):
        return ("～" if lang == "ja" else " to ").join((show(value.start, lang), show(value.end, lang)))
    if isinstance(value, Actor):
        return f"{show(value.role, lang)} {value.id}"
    if isinstance(value, datetime):
        return f"{show(value.date(), lang)} {value:%H:%M}"
    if hasattr(value, "arithmetic"):  # it is shown whole, line by line, apart from this
        return "計算あり" if lang == "ja" else "calculated"
    if attrs.has(type(value)) and not isinstance(value, Wording):
        return str(value.label(lang)) if hasattr(value, "label") else _parts(value, lang, most)
    if isinstance(value, Mapping):
        pairs = [f"{describe(key, lang)}: {describe(part, lang, most=most)}" for key, part in value.items()]
        return _listed(pairs, lang, most)
    if isinstance(value, str):
        code = _tables()["value"].get(field, {}).get(value)
        return show(value, lang) if code is None else str(code[lang])
    if isinstance(value, Iterable):
        parts = [describe(part, lang, field=field, most=most) for part in value]
        mixed = len(parts) > 1 and any(attrs.has(type(part)) and not isinstance(part, Actor | Period) for part in value)
        return _listed([f"({part})" for part in parts] if mixed else parts, lang, most)
    if field in _YEARS and isinstance(value, int):
        return f"{value}年" if lang == "ja" else str(value)
    return show(value, lang)


_YEARS = frozenset({"tax_fy", "income_year"})


def _parts(value: Any, lang: Lang, most: int | None) -> str:
    of = type(value).__name__
    parts = [
        f"{field_name(name, lang, of=of)}: {describe(part, lang, field=name, most=most)}"
        for name, part in content(value)
    ]
    if not parts:
        return "記録あり" if lang == "ja" else "recorded"
    return ("、" if lang == "ja" else ", ").join(parts)


def content(record: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a record that hold something, in the order of its class."""
    for field in attrs.fields(type(record)):
        part = getattr(record, field.name)
        if part is not None and part != ():
            yield field.name, part


def _listed(parts: list[str], lang: Lang, most: int | None) -> str:
    if not parts:
        return "なし" if lang == "ja" else "none"
    text = ("、" if lang == "ja" else ", ").join(parts[:most])
    more = 0 if most is None else len(parts) - most
    if more > 0:
        text += f" ほか{more:,}件" if lang == "ja" else f" and {more:,} more"
    return text


__all__ = ["MOST_SHOWN", "content", "describe", "field_name", "seen_name"]
