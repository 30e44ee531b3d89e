"""The statistics written out: tables for people, JSON and CSV for programs. A share stands with what it is of."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TextIO

from shuroflow.audit.export import BOM, cell, error_record, receipt_record
from shuroflow.audit.receipt import Receipt
from shuroflow.audit.report import absences, condition_lines, error_text, head_text, one_line
from shuroflow.audit.statistics import Count, Statistics, Table, counts_of
from shuroflow.calendar import format_fiscal_year
from shuroflow.columns import table
from shuroflow.states import programme
from shuroflow.states.judgement import show
from shuroflow.vocabulary import Lang, Term

UNITS = {"cases": ("件", "cases"), "events": ("回", "events"), "days": ("日", "days"), "yen": ("円", "yen")}


def write_text(found: Statistics, out: TextIO, *, receipt: Receipt, lang: Lang = "ja") -> None:
    """A table for each office and programme, with a column for each fiscal year, between the parts of the receipt."""
    ja = lang == "ja"
    out.write(head_text(receipt, "就労支援の統計", "Statistics of employment support", lang=lang))
    for line in table_lines(found, lang=lang):
        out.write(f"{line}\n")
    if found.errors:
        out.write("\n■ 使えない記録\n" if ja else "\n■ Records that cannot be used\n")
        out.writelines(f"  {error_text(error, lang=lang)}\n" for error in found.errors)
    ja_text = (
        f"ケース {found.cases:,}件を数えました。()の中は割合と分母です。同じ年度の数どうしの比なので、"
        "年度をまたぐ手続では100%を超えることがあります。記録にないもの(増収など)は数えていません。"
    )
    en_text = (
        f"Cases counted: {found.cases:,}. In brackets the share and what it is of, both of the same year: it may be "
        "more than 100% where a step follows in the next. What is not on record (a rise of income) is not counted."
    )
    told = [ja_text if ja else en_text, *absence_lines(found, lang)]
    codes = dict.fromkeys(each.programme for each in found.tables.values())
    out.write("".join(f"{line}\n" for line in ("", *condition_lines(receipt, codes, lang), *told)))


def absence_lines(found: Statistics, lang: Lang = "ja") -> Iterator[str]:
    """How many cases count for nothing, and why; a line for each reason there is."""
    for said in absences(found, lang):
        yield f"このほか {said}、数えていません。" if lang == "ja" else f"Not counted: {said}."


def table_lines(
    found: Statistics, *, lang: Lang = "ja", only: Mapping[str, Sequence[str]] | None = None
) -> Iterator[str]:
    """A table for each office and programme, with a column for each fiscal year, line by line.

    ``only``: of each programme these counts alone, by their codes; a programme that is not named has no table.
    """
    for (office, code), group in groupby(found.tables.values(), key=lambda each: (each.office, each.programme)):
        counts = _chosen(code, only)
        if not counts:
            continue
        years = list(group)
        yield f"\n■ {one_line(office)}  {programme(code).title(lang)}\n"
        heads = [_year(each, found, lang) for each in years]
        rows = [row for count in counts for row in _rows(count, years, lang)]
        yield table([("項目" if lang == "ja" else "count"), *heads, ""], [[*row, ""] for row in rows])


def _year(each: Table, found: Statistics, lang: Lang) -> str:
    """The year of a column, and to which day it reaches where it runs still: that is its "last day" then."""
    ja = lang == "ja"
    name = format_fiscal_year(each.year) if ja else f"FY {each.year}"
    if not found.runs_still(each.year):
        return name
    return f"{name}({show(found.as_of, lang)}現在)" if ja else f"{name} (as of {found.as_of})"


def _chosen(code: str, only: Mapping[str, Sequence[str]] | None) -> list[Count]:
    return [count for count in counts_of(code) if only is None or count.code in only.get(code, ())]


def _rows(count: Count, years: list[Table], lang: Lang) -> Iterator[list[str]]:
    unit = UNITS[count.unit][0 if lang == "ja" else 1]
    yield [f"{count.label.render({}, lang)} [{unit}]", *(_number(count, each) for each in years)]
    for part in _parts(count, years):
        yield [f"  {part.label(lang)}", *(f"{each.parts[count.code, part]:,}" for each in years)]


def _parts(count: Count, years: list[Table]) -> list[Term]:
    found = {part for each in years for code, part in each.parts if code == count.code}
    return sorted(found, key=lambda part: list(type(part).__members__).index(part.name))


def _number(count: Count, each: Table) -> str:
    number = f"{each.numbers[count.code]:,}"
    share = each.share(count)
    if share is None:
        return number
    part, whole = share
    return f"{number} ({(200 * part + whole) // (2 * whole):d}% / {whole:,})"  # half a percent up, as people round


def write_json(found: Statistics, out: TextIO, *, receipt: Receipt, lang: Lang = "ja") -> None:
    """One object: ``as_of``, ``cases``, those not counted, ``counts``, ``errors``, ``receipt``; a count is a line."""
    head = {"as_of": found.as_of.isoformat(), "cases": found.cases, **not_counted(found)}
    out.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "counts": [')
    for at, record in enumerate(records(found, lang=lang)):
        out.write(("," if at else "") + "\n" + json.dumps(record, ensure_ascii=False))
    errors = json.dumps([error_record(error) for error in found.errors], ensure_ascii=False)
    codes = dict.fromkeys(each.programme for each in found.tables.values())
    told = json.dumps(receipt_record(receipt, codes), ensure_ascii=False)
    out.write(f'],\n"errors": {errors},\n"receipt": {told}}}\n')


def not_counted(found: Statistics) -> dict[str, Any]:
    """How many cases count for nothing, and why, as plain values; the first of those withdrawn as a whole by name."""
    return {
        "later": found.later,
        "recorded_later": found.recorded_later,
        "withdrawn": found.withdrawn,
        "withdrawn_cases": found.withdrawn_cases,
    }


def records(
    found: Statistics, *, lang: Lang = "ja", only: Mapping[str, Sequence[str]] | None = None
) -> Iterator[dict[str, Any]]:
    """The counts as plain values, those alone that ``only`` names for a programme where it is given."""
    for each in found.tables.values():
        place = {
            "office": each.office,
            "programme": each.programme,
            "fiscal_year": each.year,
            "until": found.until(each.year).isoformat(),
        }
        for count in _chosen(each.programme, only):
            share = each.share(count)
            yield {
                **place,
                "count": count.code,
                "label": count.label.render({}, lang),
                "unit": count.unit,
                "number": each.numbers[count.code],
                "of": count.of,
                "of_number": None if share is None else share[1],
                "by": count.by,
                "parts": {str(part): each.parts[count.code, part] for part in _parts(count, [each])},
            }


HEADS = (
    ("office", "所"),
    ("programme", "事業"),
    ("fiscal_year", "年度"),
    ("until", "集計の末日"),
    ("count", "項目"),
    ("label", "項目名"),
    ("part", "内訳"),
    ("unit", "単位"),
    ("number", "数"),
    ("of", "分母の項目"),
    ("of_number", "分母"),
)


def write_csv(found: Statistics, out: TextIO, *, receipt: Receipt, lang: Lang = "ja") -> None:
    """A row for each count and each part of a breakdown; UTF-8 with a byte order mark, as the audit's CSV.

    ``receipt`` is no part of the table; it is taken so that all three writers are called alike.
    """
    del receipt
    out.write(BOM)
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([ja if lang == "ja" else en for en, ja in HEADS])
    for record in records(found, lang=lang):
        for part, number in (("", record["number"]), *record["parts"].items()):
            told = {**record, "part": part, "number": number}
            if part:
                told |= {"of": None, "of_number": None}
            rows.writerow([cell(told[name]) for name, _ in HEADS])


__all__ = [
    "HEADS",
    "UNITS",
    "absence_lines",
    "not_counted",
    "records",
    "table_lines",
    "write_csv",
    "write_json",
    "write_text",
]
