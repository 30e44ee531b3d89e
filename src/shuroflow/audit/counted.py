"""The statistics written out: tables for people, JSON and CSV for programs. A share stands with what it is of."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any, TextIO

from shuroflow.audit.export import BOM, cell, error_record
from shuroflow.audit.report import day_text, error_text, one_line
from shuroflow.audit.statistics import Count, Statistics, Table, counts_of
from shuroflow.calendar import format_fiscal_year
from shuroflow.columns import table
from shuroflow.states import programme
from shuroflow.vocabulary import Lang, Term

UNITS = {"cases": ("件", "cases"), "events": ("回", "events"), "days": ("日", "days"), "yen": ("円", "yen")}


def write_text(found: Statistics, out: TextIO, *, lang: Lang = "ja") -> None:
    """A table for each office and programme, with a column for each fiscal year."""
    ja = lang == "ja"
    day = day_text(found.as_of, lang)
    out.write(f"就労支援の統計  基準日 {day}\n" if ja else f"Statistics of employment support  as of {day}\n")
    for (office, code), group in groupby(found.tables.values(), key=lambda each: (each.office, each.programme)):
        years = list(group)
        out.write(f"\n■ {one_line(office)}  {programme(code).title(lang)}\n\n")
        heads = [format_fiscal_year(each.year) if ja else f"FY {each.year}" for each in years]
        rows = [row for count in counts_of(code) for row in _rows(count, years, lang)]
        out.write(table([("項目" if ja else "count"), *heads, ""], [[*row, ""] for row in rows]) + "\n")
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
    out.write(f"\n{ja_text if ja else en_text}\n")


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
    return number if share is None else f"{number} ({share[0] / share[1]:.0%} / {share[1]:,})"


def write_json(found: Statistics, out: TextIO, *, lang: Lang = "ja") -> None:
    """One object: ``as_of``, ``cases``, ``counts`` and ``errors``; a count on each line."""
    head = {"as_of": found.as_of.isoformat(), "cases": found.cases}
    out.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "counts": [')
    for at, record in enumerate(_records(found, lang)):
        out.write(("," if at else "") + "\n" + json.dumps(record, ensure_ascii=False))
    errors = json.dumps([error_record(error) for error in found.errors], ensure_ascii=False)
    out.write(f'],\n"errors": {errors}}}\n')


def _records(found: Statistics, lang: Lang) -> Iterator[dict[str, Any]]:
    for each in found.tables.values():
        place = {"office": each.office, "programme": each.programme, "fiscal_year": each.year}
        for count in counts_of(each.programme):
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
    ("count", "項目"),
    ("label", "項目名"),
    ("part", "内訳"),
    ("unit", "単位"),
    ("number", "数"),
    ("of", "分母の項目"),
    ("of_number", "分母"),
)


def write_csv(found: Statistics, out: TextIO, *, lang: Lang = "ja") -> None:
    """A row for each count and each part of a breakdown; UTF-8 with a byte order mark, as the audit's CSV."""
    out.write(BOM)
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([ja if lang == "ja" else en for en, ja in HEADS])
    for record in _records(found, lang):
        for part, number in (("", record["number"]), *record["parts"].items()):
            told = {**record, "part": part, "number": number}
            if part:
                told |= {"of": None, "of_number": None}
            rows.writerow([cell(told[name]) for name, _ in HEADS])


__all__ = ["HEADS", "UNITS", "write_csv", "write_json", "write_text"]
