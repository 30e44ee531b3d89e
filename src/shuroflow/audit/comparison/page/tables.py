"""What a reader without scripts sees of a case: all that differs as one table, closed until asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from html import escape
from typing import Any

from shuroflow.audit.comparison.difference import Aspect, Change, Difference
from shuroflow.audit.comparison.words import Words as Names
from shuroflow.audit.page.document import Words
from shuroflow.audit.page.markup import text
from shuroflow.audit.report import day_text, one_line
from shuroflow.case import Duty
from shuroflow.states import Finding

MARKS = {"here": "−", "there": "+", "both": "≠"}
"""What stands before the name of a side in a page, and before what is on both and not the same."""


def case_table(found: Difference, names: Names, words: Words, as_of: date) -> str:
    """One case, between ``<details>`` and ``</details>``; a line where nothing differs."""
    title = escape(names.here.conditions.programme(found.programme).title(names.lang))
    head = f"{text(found.case_id)} {title} "
    read = found.here.source
    source = "" if read is None else f" {words['source']}: {text(one_line(read))}"
    if not found.differs:
        return f"<p>{head}{words['no_difference']}{source}</p>"
    differ = words["steps_differ"].format(n=f"{len(found.steps):,}", of=f"{found.compared:,}")
    if found.at_last:
        differ += f" {words['and_at_last']}"
    order = ""
    if found.reordered is not None:
        one, other = (" ".join(map(str, numbers)) for numbers in found.reordered)
        order = f"<p>{words['reordered']}: {one} → {other}</p>"
    rows = "".join(_rows(found, names, words, as_of))
    heads = [words["events"], words["date"], words["event"], words["what"]]
    heads += [f"{MARKS[side]} {words[side]}" for side in ("here", "there")]
    columns = "".join(f'<th scope="col">{each}' for each in heads)
    table = f'<div class="wide"><table><tr>{columns}{rows}</table></div>' if rows else ""
    read_from = f"<p>{source}</p>" if source else ""
    return f"<details><summary>{head}{differ}</summary>{read_from}{order}{table}</details>"


def _rows(found: Difference, names: Names, words: Words, as_of: date) -> Iterator[str]:
    for step in found.steps:
        day = day_text(step.event.occurred_on, names.lang)
        place = f"<td>{step.event.seq}<td>{day}<td>{escape(names.event(step))}"
        yield from _changes(step.changes, place, names)
    yield from _changes(found.at_last, f"<td><td>{day_text(as_of, names.lang)}<td>{words['as_of_day']}", names)


def _changes(changes: Iterable[Change], place: str, names: Names) -> Iterator[str]:
    for change in changes:
        cells = "".join(f"<td>{_cell(change.aspect, side, names)}" for side in (change.here, change.there))
        yield f"<tr>{place}<td>{escape(change.aspect.label(names.lang))}{cells}"


def _cell(aspect: Aspect, value: Any, names: Names) -> str:
    if isinstance(value, Finding):
        grade = f"[{value.severity.label(names.lang)}] {value.clause} "
        return f"{escape(grade)}{text(value.message(names.lang))}<br>{escape(value.rule.code)}"
    if aspect is Aspect.MEANS_TEST:
        return "<br>".join(map(text, names.means(value)))
    if isinstance(value, Duty):
        return f"{text(names.shown(aspect, value))} {escape(names.rule_of(value).citation)}"
    return text(names.shown(aspect, value)) if value is not None or aspect is Aspect.PERIOD else ""


__all__ = ["MARKS", "case_table"]
