"""Another system: writes any events into a CSV table of its own, and the mapping that belongs to it.

Every field has a column of its own, named by the event and the path of the field; a list takes as many rows as it has
elements. Days are written in either reckoning, amounts with grouping, truth as はい or いいえ, codes as codes or words
as the seed has it. It knows the types of the fields and nothing of the importer.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from random import Random
from typing import Any

import attrs

from shuroflow.calendar import format_wareki
from shuroflow.events import Event, kinds_of
from shuroflow.events.shapes import Leaf, Many, Maybe, Part, Plain, Shape, bare, fields_of
from shuroflow.vocabulary import Term

_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def table_of(events: Sequence[Event], seed: int = 0, *, delimiter: str = ",") -> tuple[str, str]:
    """The table as text, with CRLF, and the mapping in TOML (of encoding UTF-8)."""
    random = Random(seed)
    used = sorted({(event.programme, event.kind) for event in events})
    names = ["programme", "case", "no", "kind", "day", "written", "by", "role", "note", "commitment"]
    rules = []
    for programme, kind in used:
        prefix = f"{programme}.{kind}"
        data, columns = _spec(Part(kinds_of(programme)[kind]), prefix)
        names += columns
        rules.append(
            f"[[event]]\nprogramme = {_q(programme)}\nevent = {_q(kind)}\n"
            f'when = [{{ column = "programme", is = {_q(programme)} }}, {{ column = "kind", is = {_q(kind)} }}]\n'
            f'together = ["case", "no"]\ndata = {data}\n'
        )
    out = io.StringIO()
    table = csv.DictWriter(out, names, restval="", lineterminator="\r\n", delimiter=delimiter)
    table.writeheader()
    for event in events:
        table.writerows(_rows(event, random))
    head = (
        f'order = {{ column = "no" }}\ndelimiter = {_q(delimiter)}\n\n[common]\ncase_id = {{ column = "case" }}\n'
        'occurred_on = { column = "day" }\nrecorded_at = { column = "written" }\nnote = { column = "note" }\n'
        'recorded_by = { id = { column = "by" }, role = { column = "role" } }\n'
        'commitment = { column = "commitment" }\n\n'
    )
    return out.getvalue(), head + "\n".join(rules)


def _q(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# The mapping ----------------------------------------------------------------------------------------------------------


def _spec(shape: Shape, name: str) -> tuple[str, list[str]]:
    match shape:
        case Maybe(of):
            return _spec(of, name)
        case Many(of):
            inner, columns = _spec(of, name)
            return f"{{ rows = {inner} }}", columns
        case Part(cls):
            parts, columns = [], []
            for field in fields_of(cls):
                inner, more = _spec(field.shape, f"{name}.{field.name}")
                parts.append(f"{field.name} = {inner}")
                columns += more
            return f"{{ {', '.join(parts)} }}", columns
        case Plain():
            return f"{{ column = {_q(name)}, json = true }}", [name]
        case Leaf():
            return f"{{ column = {_q(name)} }}", [name]


# The table ------------------------------------------------------------------------------------------------------------


def _rows(event: Event, random: Random) -> Iterator[dict[str, str]]:
    shared = {
        "programme": event.programme,
        "case": event.case_id,
        "no": str(event.seq),
        "kind": event.kind,
        "day": _day(event.occurred_on, random),
        "written": event.recorded_at.isoformat(),
        "by": event.recorded_by.id,
        "role": _term(event.recorded_by.role, random),
        "note": event.note or "",
        "commitment": event.commitment or "",
    }
    rows: list[dict[str, str]] = [{}]
    _fill(event.data, Part(type(event.data)), f"{event.programme}.{event.kind}", shared, rows, 0, random)
    for row in rows:
        yield {**shared, **row}


def _fill(
    value: Any, shape: Shape, name: str, row: dict[str, str], rows: list[dict[str, str]], at: int, random: Random
) -> None:
    if value is None:
        return
    match shape:
        case Maybe(of):
            _fill(value, of, name, row, rows, at, random)
        case Many(of):
            for number, each in enumerate(value):
                if number == len(rows):
                    rows.append({})
                _fill(each, of, name, rows[number], rows, number, random)
        case Part(cls):
            for field in fields_of(cls):
                _fill(getattr(value, field.name), field.shape, f"{name}.{field.name}", row, rows, at, random)
        case Plain():
            row[name] = json.dumps(value, ensure_ascii=False)
        case Leaf(hint):
            row[name] = _text(value, bare(hint), random)


def _text(value: Any, base: Any, random: Random) -> str:
    if isinstance(value, bool):
        return random.choice(["はい", "true", "1"] if value else ["いいえ", "false", "0"])
    if isinstance(value, Term):
        return _term(value, random)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return _day(value, random)
    if isinstance(value, int):
        return random.choice([f"{value}", f"{value:,}", f"{value}円", f"{value}".translate(_WIDE)])
    return str(value)


def _term(term: Term, random: Random) -> str:
    same = [each for each in type(term) if each.label("ja") == term.label("ja")]
    return random.choice([term.value, term.label("ja")]) if len(same) == 1 else term.value


def _day(day: date, random: Random) -> str:
    forms = [day.isoformat(), f"{day.year:04}/{day.month}/{day.day}", f"{day.year:04}年{day.month}月{day.day}日"]
    if day >= date(1873, 1, 1):
        forms.append(format_wareki(day))
    return random.choice(forms)


def sayable(event: Event) -> Event:
    """The event, with a cap for an honorarium without any: of a part whose cells are all blank a table says nothing."""
    rule = getattr(event.data, "honorarium", None)
    if rule is None or rule.daily_cap is not None or rule.total_cap is not None:
        return event
    return attrs.evolve(event, data=attrs.evolve(event.data, honorarium=attrs.evolve(rule, total_cap=50_000)))


def by_case(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The events of each case."""
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.case_id, []).append(event)
    return found
