"""The audit for other programs: JSON for tools, CSV for spreadsheets. Both are written while the audit runs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, TextIO

import attrs

from shuroflow.audit.receipt import Receipt, editions_of, rules_sha256
from shuroflow.audit.replay import CaseReport
from shuroflow.audit.report import Held
from shuroflow.audit.steps import explanation_record, programme_record
from shuroflow.audit.summary import Item, Later, Summary
from shuroflow.errors import InputError
from shuroflow.states import Edition, Finding, programme
from shuroflow.states.judgement import Wording
from shuroflow.vocabulary import Lang

BOM = "\ufeff"
"""What tells Excel that a CSV file is UTF-8."""


# JSON -----------------------------------------------------------------------------------------------------------------


def write_json(items: Iterable[Item], out: TextIO, *, receipt: Receipt, lang: Lang = "ja") -> Summary:
    """Write one JSON object: ``cases``, ``not_judged``, ``errors``, ``receipt`` and ``summary``, with one case a line.

    Notes are included. Reports with an explanation have their steps too; ``programmes`` then holds the rules and
    clauses that the steps refer to. ``lang`` is the language of every text; all else is codes and ISO dates.
    """
    summary = Summary()
    codes: dict[str, None] = {}
    explained: dict[str, None] = {}
    with Held() as errors, Held() as absent:
        between, then = '{"cases": [\n', ""
        for item in items:
            summary.add(item)
            if isinstance(item, InputError):
                errors.add((",\n" if summary.errors > 1 else "") + _dumps(error_record(item)))
                continue
            if isinstance(item, Later):
                absent.add(then + _dumps(absent_record(item)))
                then = ",\n"
                continue
            codes[item.programme] = None
            if item.explanation is not None:
                explained[item.programme] = None
            out.write(between + _dumps(case_record(item, lang=lang)))
            between = ",\n"
        out.write((between if not summary.cases else "\n") + '],\n"not_judged": [')
        out.writelines(absent)
        out.write('],\n"errors": [')
        out.writelines(errors)
        out.write("],\n")
    if explained:
        programmes = {code: programme_record(code, lang=lang) for code in explained}
        out.write(f'"programmes": {_dumps(programmes)},\n')
    out.write(f'"receipt": {_dumps(receipt_record(receipt, codes))},\n')
    out.write(f'"summary": {_dumps(attrs.asdict(summary))}}}\n')
    return summary


def case_record(report: CaseReport, *, lang: Lang = "ja") -> dict[str, Any]:
    """One case as plain values; with ``steps`` and ``duties`` where the report was made with its explanation."""
    period = report.period
    record: dict[str, Any] = {
        "case_id": report.case_id,
        "source": report.source,
        "programme": report.programme,
        "state": report.state.value,
        "period": None if period is None else [period.start.isoformat(), period.end.isoformat()],
        "events": report.events,
        "findings": [finding_record(finding, lang=lang) for finding in report.findings],
    }
    if report.explanation is not None:
        record |= explanation_record(report.explanation, lang=lang)
    return record


def finding_record(finding: Finding, *, lang: Lang = "ja") -> dict[str, Any]:
    """One finding as plain values. ``overridden`` is the reason the office gave for going against our reading."""
    return {
        "rule": finding.rule.code,
        "clause": finding.clause,
        "severity": finding.severity.value,
        "basis": finding.rule.basis.value,
        "decision": finding.rule.decision,
        "seq": finding.seq,
        "on": finding.on.isoformat(),
        "message": finding.message(lang),
        "mend": finding.mend(lang),
        "values": {name: _plain(value, lang) for name, value in finding.values.items()},
        "overridden": finding.overridden,
    }


def error_record(error: InputError) -> dict[str, Any]:
    """What could not be used, as plain values."""
    return {
        "file": error.file,
        "line": error.line,
        "field": error.field,
        "case_id": error.case_id,
        "message": error.message,
        "problems": list(error.problems),
    }


def absent_record(case: Later) -> dict[str, Any]:
    """A case of which nothing holds, as plain values."""
    return {"case_id": case.case_id, "programme": case.programme, "why": case.why.value, "file": case.source}


def receipt_record(receipt: Receipt, codes: Iterable[str]) -> dict[str, Any]:
    """The conditions of a report as plain values."""
    return {
        "as_of": receipt.as_of.isoformat(),
        "known_at": None if receipt.known_at is None else receipt.known_at.isoformat(),
        "version": receipt.version,
        "office_sha256": receipt.office,
        "overlays": list(receipt.overlays),
        "inputs": [attrs.asdict(each) for each in receipt.inputs],
        "texts": [text_record(title, edition) for title, edition in editions_of(codes)],
    }


def write_receipt(out: TextIO, receipt: Receipt, *, codes: Iterable[str], summary: Mapping[str, int]) -> None:
    """Write the receipt of an audit by itself, as one JSON object: the conditions, and the counts.

    ``codes`` are the programmes of the cases judged; ``summary`` has the counts by their names.
    """
    told = {"receipt": receipt_record(receipt, codes), "summary": dict(summary)}
    out.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def text_record(title: str, edition: Edition) -> dict[str, Any]:
    """An edition of a text as plain values, with the hash of the text it was checked against and that of its rules."""
    return {
        "programme": edition.programme,
        "title": title,
        "in_force_from": edition.in_force_from.isoformat(),
        "source_sha256": edition.clauses.source_sha256,
        "rules_sha256": rules_sha256(edition),
    }


def _plain(value: Any, lang: Lang) -> Any:
    """A value that a guard saw, as JSON holds it: codes, ISO dates; a fraction as ``n/d``."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Wording):
        return value.render({}, lang)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return {str(name): _plain(inner, lang) for name, inner in value.items()}
    if isinstance(value, Iterable):
        return [_plain(inner, lang) for inner in value]
    return str(value)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# CSV ------------------------------------------------------------------------------------------------------------------

COLUMNS = (
    ("case_id", "ケース"),
    ("programme", "事業"),
    ("state", "状態"),
    ("period_start", "期間の初日"),
    ("period_end", "期間の末日"),
    ("severity", "重大度"),
    ("clause", "条項"),
    ("seq", "記録番号"),
    ("on", "日付"),
    ("message", "内容"),
    ("mend", "是正の方法"),
    ("basis", "根拠"),
    ("decision", "読み方の番号"),
    ("rule", "規則"),
    ("file", "ファイル"),
    ("line", "行"),
)
"""The columns of the CSV report: English and Japanese heading."""

_TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")  # the full-width ones start a formula in a Japanese Excel as well


def write_csv(items: Iterable[Item], out: TextIO, *, receipt: Receipt, lang: Lang = "ja") -> Summary:
    """Write a table: a row for each finding (notes included), for each case without one, and for each error.

    A case that is not judged has a row that says why: it began later, was recorded later, or is withdrawn as a whole.

    UTF-8 with a byte order mark and CRLF, so that Excel opens it as it is; ``out`` must not translate line ends. A
    cell that a spreadsheet would take for a formula (it begins with ``= + - @``, their full-width forms, a tab or a
    line end) gets an apostrophe in front, which spreadsheets read as "text". Dates are ISO. The conditions of the
    audit are no part of the table (:func:`write_receipt` writes them): ``receipt`` is taken so that all writers are
    called alike.
    """
    del receipt
    summary = Summary()
    out.write(BOM)
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([ja if lang == "ja" else en for en, ja in COLUMNS])
    names = [en for en, _ in COLUMNS]
    for item in items:
        summary.add(item)
        table.writerows([cell(row.get(name)) for name in names] for row in _rows(item, lang))
    return summary


def _rows(item: Item, lang: Lang) -> Iterator[dict[str, Any]]:
    ja = lang == "ja"
    if isinstance(item, InputError):
        yield {
            "case_id": item.case_id,
            "severity": "使えない記録" if ja else "unusable",
            "message": f"{item.field}: {item.message}" if item.field else item.message,
            "file": item.file,
            "line": item.line,
        }
        return
    if isinstance(item, Later):
        yield {
            "case_id": item.case_id,
            "programme": item.programme,
            "severity": "対象外" if ja else "not judged",
            "message": item.why.label(lang),
            "file": item.source,
        }
        return
    head: dict[str, Any] = {
        "case_id": item.case_id,
        "programme": item.programme,
        "state": programme(item.programme).current.state_name(item.state).label(lang),
        "period_start": item.period and item.period.start,
        "period_end": item.period and item.period.end,
        "file": item.source,
    }
    if not item.findings:
        yield {**head, "severity": "指摘なし" if ja else "nothing found"}
    for finding in item.findings:
        yield {
            **head,
            "severity": finding.severity.label(lang),
            "clause": finding.clause,
            "seq": finding.seq,
            "on": finding.on,
            "message": finding.message(lang),
            "mend": finding.mend(lang),
            "basis": finding.rule.basis.label(lang),
            "decision": finding.rule.decision,
            "rule": finding.rule.code,
        }


def cell(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula. A number is none, whatever its sign."""
    if isinstance(value, int):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_TRIGGERS) else text


__all__ = [
    "BOM",
    "COLUMNS",
    "absent_record",
    "case_record",
    "cell",
    "error_record",
    "finding_record",
    "receipt_record",
    "text_record",
    "write_csv",
    "write_json",
    "write_receipt",
]
