"""A comparison for other programs: JSON for tools, CSV for spreadsheets, written while the cases are judged."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, TextIO

import attrs

from shuroflow.audit.comparison.difference import Aspect, Change, Difference
from shuroflow.audit.comparison.tally import Side, Tally
from shuroflow.audit.comparison.words import Words
from shuroflow.audit.export import BOM, absent_record, cell, error_record, finding_record
from shuroflow.audit.receipt import Receipt
from shuroflow.audit.report import Held
from shuroflow.audit.source import Compared
from shuroflow.audit.steps import Record, duty_record, means_record, period_record
from shuroflow.audit.summary import Later
from shuroflow.case import Duty
from shuroflow.errors import InputError
from shuroflow.vocabulary import Lang

# JSON -----------------------------------------------------------------------------------------------------------------


def write_json(
    items: Iterable[Compared], out: TextIO, *, receipt: Receipt, here: Side, there: Side, lang: Lang = "ja"
) -> Tally:
    """Write one JSON object: ``cases``, ``not_judged``, ``errors``, ``receipt`` and ``summary``.

    ``cases`` has those that differ, one on each line, notes included; ``not_judged`` those of which nothing holds that
    could be compared, and why. ``lang`` is the language of every text; all else is codes and ISO dates.
    """
    tally = Tally()
    with Held() as errors, Held() as absent:
        between, then = '{"cases": [\n', ""
        for item in items:
            tally.add(item)
            if isinstance(item, InputError):
                errors.add((",\n" if tally.errors > 1 else "") + _dumps(error_record(item)))
                continue
            if isinstance(item, Later):
                absent.add(then + _dumps(absent_record(item)))
                then = ",\n"
                continue
            if item.differs:
                out.write(between + _dumps(difference_record(item, here=here, there=there, lang=lang)))
                between = ",\n"
        out.write((between if not tally.differ else "\n") + '],\n"not_judged": [')
        out.writelines(absent)
        out.write('],\n"errors": [')
        out.writelines(errors)
        out.write("],\n")
    told = receipt_record(receipt, tally.codes, here=here, there=there)
    out.write(f'"receipt": {_dumps(told)},\n')
    out.write(f'"summary": {_dumps(tally.record())}}}\n')
    return tally


def receipt_record(receipt: Receipt, codes: Iterable[str], *, here: Side, there: Side) -> Record:
    """Under which conditions the cases of the programmes were compared, as plain values."""
    codes = list(codes)
    return {
        "as_of": receipt.as_of.isoformat(),
        "known_at": None if receipt.known_at is None else receipt.known_at.isoformat(),
        "version": receipt.version,
        "inputs": [attrs.asdict(each) for each in receipt.inputs],
        "here": here.record(codes),
        "there": there.record(codes),
    }


def write_receipt(out: TextIO, receipt: Receipt, tally: Tally, *, here: Side, there: Side) -> None:
    """Write the receipt of a comparison by itself, as one JSON object: the conditions of both sides, and the counts."""
    told = {"receipt": receipt_record(receipt, tally.codes, here=here, there=there), "summary": tally.record()}
    out.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def difference_record(found: Difference, *, here: Side, there: Side, lang: Lang = "ja") -> Record:
    """What differs in one case, as plain values."""
    words = Words(found, here, there, lang)
    record: Record = {
        "case_id": found.case_id,
        "programme": found.programme,
        "events": found.compared,
        "steps": [
            {
                "seq": step.event.seq,
                "event": step.event.kind,
                "name": words.event(step),
                "occurred_on": step.event.occurred_on.isoformat(),
                "changes": [_change(change, words) for change in step.changes],
            }
            for step in found.steps
        ],
        "at_last": [_change(change, words) for change in found.at_last],
    }
    if found.reordered is not None:
        record["reordered"] = {"here": list(found.reordered[0]), "there": list(found.reordered[1])}
    return record


def _change(change: Change, words: Words) -> Record:
    return {
        "what": change.aspect.value,
        "here": _value(change.aspect, change.here, words),
        "there": _value(change.aspect, change.there, words),
    }


def _value(aspect: Aspect, value: Any, words: Words) -> Any:
    if value is None:
        return None
    if aspect is Aspect.FINDING:
        return finding_record(value, lang=words.lang)
    if aspect is Aspect.PERIOD:
        return period_record(value)
    if aspect is Aspect.MEANS_TEST:
        return means_record(value, words.lang)
    if aspect in {Aspect.DUTY, Aspect.DISCHARGED}:
        rule = words.rule_of(value)
        return duty_record(value, rule.label, words.of(value), rule.citation, words.lang)
    return value.value


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# CSV ------------------------------------------------------------------------------------------------------------------

COLUMNS = (
    ("case_id", "ケース"),
    ("programme", "事業"),
    ("seq", "記録番号"),
    ("on", "日付"),
    ("event", "出来事"),
    ("what", "異なるもの"),
    ("name", "名称"),
    ("clause", "条項"),
    ("severity_here", "重大度(元)"),
    ("severity_there", "重大度(別)"),
    ("here", "元の条件"),
    ("there", "別の条件"),
    ("file", "ファイル"),
    ("line", "行"),
)
"""The columns of the table: English and Japanese heading."""


def write_csv(
    items: Iterable[Compared], out: TextIO, *, receipt: Receipt, here: Side, there: Side, lang: Lang = "ja"
) -> Tally:
    """Write a table: a row for each thing that differs (notes included), each case without one, and each error.

    A case that is not judged has a row that says why. The form is that of :func:`~shuroflow.audit.write_csv`. What
    differs as of the day asked about has no ``seq``.
    """
    tally = Tally()
    out.write(BOM)
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([ja if lang == "ja" else en for en, ja in COLUMNS])
    for item in items:
        tally.add(item)
        for row in _rows(item, receipt.as_of, here, there, lang):
            rows.writerow([cell(row.get(name)) for name, _ in COLUMNS])
    return tally


def _rows(item: Compared, as_of: date, here: Side, there: Side, lang: Lang) -> Iterator[Record]:
    ja = lang == "ja"
    if isinstance(item, Later):
        yield {
            "case_id": item.case_id,
            "programme": item.programme,
            "what": "対象外" if ja else "not judged",
            "here": item.why.label(lang),
            "file": item.source,
        }
        return
    if isinstance(item, InputError):
        yield {
            "case_id": item.case_id,
            "what": "使えない記録" if ja else "unusable",
            "here": f"{item.field}: {item.message}" if item.field else item.message,
            "file": item.file,
            "line": item.line,
        }
        return
    head = {"case_id": item.case_id, "programme": item.programme}
    words = Words(item, here, there, lang)
    if not item.differs:
        yield {**head, "what": "違いなし" if ja else "no difference"}
    if item.reordered is not None:
        one, other = (" ".join(map(str, order)) for order in item.reordered)
        yield {**head, "what": "判定の順" if ja else "order judged", "here": one, "there": other}
    for step in item.steps:
        place = {"seq": step.event.seq, "on": step.event.occurred_on, "event": words.event(step)}
        for change in step.changes:
            yield {**head, **place, **_cells(change, words)}
    for change in item.at_last:
        yield {**head, "on": as_of, **_cells(change, words)}


def _cells(change: Change, words: Words) -> Record:
    told: Record = {
        "what": change.aspect.label(words.lang),
        "here": words.shown(change.aspect, change.here),
        "there": words.shown(change.aspect, change.there),
    }
    some = change.here or change.there
    if change.aspect is Aspect.FINDING:
        told |= {"name": some.rule.code, "clause": some.clause}
        for name, side in (("severity_here", change.here), ("severity_there", change.there)):
            told[name] = "" if side is None else side.severity.label(words.lang)
    elif isinstance(some, Duty):
        told |= {"name": some.code, "clause": words.rule_of(some).citation}
    return told


__all__ = ["COLUMNS", "difference_record", "receipt_record", "write_csv", "write_json", "write_receipt"]
