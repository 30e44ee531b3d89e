"""Pages on events, their fields and the codes they take, from the payload classes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import attrs

from _generator.markdown import heading, page, plain, summary, table
from _generator.rulebook import clause_link
from shuroflow import Edition, Severity, State, programme
from shuroflow.audit import answered
from shuroflow.audit.comparison import data as comparison
from shuroflow.audit.export import COLUMNS
from shuroflow.events import kinds_of
from shuroflow.events.envelope import Aware, Count, Id, Name, Seq, Text, Yen
from shuroflow.events.shapes import Field, Leaf, Many, Maybe, Part, Plain, Shape, bare, fields_of
from shuroflow.events.tsushima import Month
from shuroflow.states.rows import Row
from shuroflow.storage.codec import Line
from shuroflow.vocabulary import Basis, Enforcement, Modality, Role, Term

_NAMED: tuple[tuple[Any, str], ...] = (
    (Id, "id"),
    (Name, "code"),
    (Seq, "number from 1"),
    (Aware, "moment with offset"),
    (Text, "text"),
    (Yen, "yen"),
    (Count, "number"),
    (Month, "month `YYYY-MM`"),
)
_SCALARS: dict[Any, str] = {
    str: "text, may be empty",
    int: "integer",
    bool: "true/false",
    date: "day",
    datetime: "moment",
}


def kind_of(shape: Shape) -> str:
    """The type of a field for a reader; parts and code lists lead to their table."""
    match shape:
        case Maybe(of):
            return kind_of(of)
        case Many(of):
            return f"list of {kind_of(of)}"
        case Part(cls):
            return f"[{cls.__name__}](#{cls.__name__})"
        case Plain():
            return "object"
        case Leaf(hint):
            for known, name in _NAMED:
                if hint == known:
                    return name
            base = bare(hint)
            if get_origin(base) is Literal:
                return " or ".join(f"`{value}`" for value in get_args(base))
            if isinstance(base, type) and issubclass(base, Enum):
                return f"code of [{base.__name__}](#{base.__name__})"
            return _SCALARS.get(base, getattr(base, "__name__", str(base)))


def default_of(field: Field) -> str:
    """Whether a field must be there, or what stands for it."""
    if field.default is attrs.NOTHING:
        return "required"
    if field.default is None:
        return "–"
    if field.default == ():
        return "`[]`"
    value = field.default.value if isinstance(field.default, Enum) else field.default
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _inside(shape: Shape) -> type | None:
    while isinstance(shape, Maybe | Many):
        shape = shape.of
    if isinstance(shape, Part):
        return shape.cls
    if isinstance(shape, Leaf):
        base = bare(shape.type)
        if isinstance(base, type) and issubclass(base, Enum):
            return base
    return None


def used_by(classes: Iterable[type]) -> tuple[list[type], list[type[Term]]]:
    """Parts and code lists that the fields of these classes use, by name."""
    found: dict[type, None] = {}
    queue = list(classes)
    while queue:
        cls = queue.pop(0)
        for field in fields_of(cls):
            inner = _inside(field.shape)
            if inner is not None and inner not in found:
                found[inner] = None
                if not issubclass(inner, Term):
                    queue.append(inner)
    by_name = sorted(found, key=lambda each: each.__name__)
    return [each for each in by_name if not issubclass(each, Term)], [e for e in by_name if issubclass(e, Term)]


def fields_table(cls: type) -> list[str]:
    """The fields of a payload or part."""
    fields = fields_of(cls)
    if not fields:
        return ["No fields.", ""]
    return table(
        ("field", "type", "default", "meaning"),
        ((f"`{f.name}`", kind_of(f.shape), default_of(f), plain(f.about)) for f in fields),
    )


def states(found: Iterable[State]) -> str:
    """States in the order of the chart."""
    return ", ".join(f"`{state}`" for state in sorted(found, key=list(State).index))


def _row_line(edition: Edition, row: Row) -> str:
    clause = clause_link(edition, row.clause)
    if row.absent is not None:
        return f"- clause {clause}: not in this 要綱; always refused (`{row.absent}`)"
    way = f"→ `{row.dest}`" if row.dest is not None else "leaves the state as it is"
    when = f", {summary(row.when)}" if row.when is not None and row.when.__doc__ else ""
    guards = ", ".join(f"[`{g.__name__}`](rules-{edition.programme}.md#{g.__name__})" for g in row.guards)
    return f"- clause {clause}: from {states(row.sources)} {way}{when}" + (f"; rules: {guards}" if guards else "")


def events_page(code: str) -> str:
    """Events of a programme with their fields."""
    edition = programme(code).current
    kinds = kinds_of(code)
    sections: list[str] = []
    for name, cls in kinds.items():
        label = edition.event_label(name)
        rows = [row for row in edition.rows if row.event == name]
        title = f"{label.render({}, 'ja')} · {label.render({}, 'en')}"
        sections += [
            *heading(name, f"`{name}`"),
            f"{title}. {summary(cls)}",
            "",
            *[_row_line(edition, row) for row in rows],
            *([] if rows else ["- possible in every state"]),
            "",
            f"Python: `shuroflow.{cls.__name__}`"
            if name in {"corrected", "withdrawn"}
            else f"Python: `shuroflow.{code}.{cls.__name__}`",
            "",
            *fields_table(cls),
        ]
    parts, lists = used_by(kinds.values())
    inner: list[str] = []
    for part in parts:
        inner += [*heading(part.__name__, part.__name__), summary(part), "", *fields_table(part)]
    codes: list[str] = []
    for terms in lists:
        codes += [*heading(terms.__name__, terms.__name__), summary(terms), ""]
        codes += table(("code", "日本語", "English"), ((f"`{t.value}`", t.label("ja"), t.label("en")) for t in terms))
    index = ", ".join(f"[`{name}`](#{name})" for name in kinds)
    return page(
        f"Events: {programme(code).title()}",
        [
            f"{len(kinds)} kinds of event, in the order of the text: {index}.",
            "",
            "The envelope around every event is on the page [Files and reports](formats.md). "
            "`shuroflow schema` prints all of this as a JSON Schema.",
            "",
            "In every table: *id* is one line of 1 to 200 characters without control characters; *text* is 1 to 20,000 "
            "characters, kept as written; *yen* is a whole number from 0; *day* is `YYYY-MM-DD`. A dash as default "
            "means that the field may be left out and is then not recorded.",
            "",
        ],
        ["## Events", "", *sections],
        ["## Parts of events", "", *inner],
        ["## Code lists", "", *codes],
    )


def codes_page() -> str:
    """The small vocabularies and the fields of the stored line."""
    lists: list[tuple[str, type[Term]]] = [
        ("Severity", Severity),
        ("Basis", Basis),
        ("Role", Role),
        ("Modality", Modality),
        ("Enforcement", Enforcement),
    ]
    parts: list[str] = []
    for name, terms in lists:
        parts += [f"## {name}", "", summary(terms), ""]
        parts += table(("code", "日本語", "English"), ((f"`{t.value}`", t.label("ja"), t.label("en")) for t in terms))
    line = [
        (f"`{f.name}`", kind_of(f.shape).replace(f"[{Part.__name__}]", ""), default_of(f), plain(f.about))
        for f in fields_of(Line)
        if f.name != "recorded_by"
    ]
    line.append(("`recorded_by`", "object with `id` and `role`", "required", "who wrote it down, in which role"))
    return page(
        "Codes, fields and columns",
        ["What is stored and reported under fixed names. States are on [their own page](states.md).", ""],
        parts,
        ["## Fields of a stored event", "", *table(("field", "type", "default", "meaning"), sorted(line))],
        [
            "## Columns of the CSV report",
            "",
            *table(("column", "heading in Japanese"), ((f"`{en}`", ja) for en, ja in COLUMNS)),
            "",
            "## Columns of the CSV of questions",
            "",
            *table(("column", "heading in Japanese"), ((f"`{en}`", ja) for en, ja in answered.COLUMNS)),
            "",
            "## Columns of a comparison",
            "",
            *table(("column", "heading in Japanese"), ((f"`{en}`", ja) for en, ja in comparison.COLUMNS)),
        ],
    )
