"""The workbook holds what the audit says, as text, number or day; openpyxl, which did not write it, reads it."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs
import openpyxl
import pytest

from shuroflow.audit import CaseReport, Item, Receipt, audit, write_csv
from shuroflow.audit.export import receipt_record
from shuroflow.audit.exports import excel
from shuroflow.audit.exports.excel import write_xlsx
from shuroflow.audit.receipt import office_sha256
from shuroflow.errors import InputError
from shuroflow.samples import SAMPLES
from shuroflow.states import Office
from tests.audit.records import STORIES, line, story, write

DAY = date(2026, 11, 21)


def book(path: Path, items: list[Item], **options: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Sheet → its rows, as openpyxl reads them."""
    write_xlsx(iter(items), path, receipt=Receipt(as_of=DAY), **options)
    found = openpyxl.load_workbook(path)
    for sheet in found:
        assert "B2" == sheet.freeze_panes
        assert sheet.auto_filter.ref is not None
        assert [] == [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in found}


def test_the_findings_are_those_of_the_csv(tmp_path: Path) -> None:
    """Every finding of the samples stands in both, with the same words."""
    sheets = book(tmp_path / "a.xlsx", list(audit(SAMPLES, as_of=DAY)))
    out = io.StringIO(newline="")
    summary = write_csv(audit(SAMPLES, as_of=DAY), out, receipt=Receipt(as_of=DAY))
    rows = [row for row in csv.DictReader(io.StringIO(out.getvalue().removeprefix("\ufeff"))) if row["規則"]]

    assert ["指摘", "ケース", "集計", "対象外", "使えない記録", "監査の条件"] == list(sheets)
    head, *findings = sheets["指摘"]
    assert [(row["ケース"], row["内容"], row["日付"], row["規則"]) for row in rows] == [
        (row[0], row[8], row[6].date().isoformat(), row[12]) for row in findings
    ]
    assert "日付(和暦)" == head[7]
    assert {("2025-04-10", "令和7年4月10日")} <= {(row[6].date().isoformat(), row[7]) for row in findings}
    assert "ファイル" == head[-1]
    assert [row["ファイル"] for row in rows] == [row[-1] for row in findings]
    assert {str(path) for path in SAMPLES} == {row[-1] for row in findings} == {row[-1] for row in sheets["ケース"][1:]}
    assert summary.cases == len(sheets["ケース"]) - 1
    assert summary.violations == sum(row[8] for row in sheets["ケース"][1:])
    assert len(findings) == sum(row[3] for row in sheets["集計"][1:])
    assert {10} == {row[5] for row in sheets["集計"][1:]}
    conditions = dict(row[:2] for row in sheets["監査の条件"][1:])
    assert datetime(2026, 11, 21) == conditions["基準日"]  # noqa: DTZ001 - as the workbook has it
    assert summary.violations == conditions["違反"]
    assert "SHA-256" in conditions["要綱"]


def test_what_was_read_stands_among_the_conditions(tmp_path: Path) -> None:
    """Every source with its lines and hash, and the hashes of the rules and of the settings, as in the JSON."""
    receipt = Receipt(as_of=DAY, office=office_sha256(Office()))
    write_xlsx(audit(SAMPLES, as_of=DAY, read=receipt.inputs.append), tmp_path / "a.xlsx", receipt=receipt)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["監査の条件"]
    told = [tuple(map(str, row[:2])) for row in sheet.iter_rows(min_row=2, values_only=True)]
    record = receipt_record(receipt, ["saitama", "tsushima"])
    assert [f"{each.source} {each.lines}行 SHA-256 {each.sha256}" for each in receipt.inputs] == [
        value for name, value in told if name == "読んだもの"
    ]
    assert [("実施機関の数値・閉庁日・細則", f"SHA-256 {receipt.office}")] == [
        row for row in told if row[0].startswith("実施機関")
    ]
    assert {text["rules_sha256"] for text in record["texts"]} == {
        value.rpartition(" ")[2] for name, value in told if name == "規則"
    }


def test_what_cannot_be_used_is_said_once(tmp_path: Path) -> None:
    """One fault stands once, beside its field; of several each has its own line."""
    good = line(story("S01")[0])
    source = tmp_path / "a.jsonl"
    source.write_bytes(
        line(story("S01")[0], occurred_on="2025-02-30") + line(story("S02")[0], occurred_on="x", seq=0) + good
    )
    _, one, two, *_ = book(tmp_path / "a.xlsx", list(audit([source], as_of=DAY)))["使えない記録"]
    assert 1 == one[4].count("2025-02-30")
    assert "occurred_on" == one[3]
    assert ["occurred_on:", "seq:"] == sorted(each.partition(" ")[0] for each in two[4].split("\n"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "＝1", "http://a.example", "0123", "𠮷\U000e0101\ue000", "a\nb"]
)
def test_text_stays_text(tmp_path: Path, text: str) -> None:
    """No id and no message becomes a formula, a link or a number, and no character is changed."""
    report = next(item for item in audit(SAMPLES, as_of=DAY) if isinstance(item, CaseReport) and item.findings)

    sheets = book(tmp_path / "a.xlsx", [attrs.evolve(report, case_id=text), InputError(text, file=text, field=text)])

    assert text == sheets["指摘"][1][0] == sheets["ケース"][1][0]
    assert (text, text, text) == (
        sheets["使えない記録"][1][1],
        sheets["使えない記録"][1][3],
        sheets["使えない記録"][1][4],
    )


def _lines(text: str, wide: float) -> int:
    """Lines that a text takes in a column at the least; a full-width character is as wide as two digits."""
    of = {"F": 2, "W": 2, "A": 2}
    widths = (sum(of.get(unicodedata.east_asian_width(char), 1) for char in line) for line in text.split("\n"))
    return sum(max(1, math.ceil(width / wide)) for width in widths)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_rows_are_as_high_as_their_texts(tmp_path: Path, lang: Any) -> None:
    """No text is cut off where a program takes the heights of the file as they are; none is higher than can be."""
    source = write(tmp_path / "cases.jsonl", *map(story, STORIES), story("S09", "長い番号の" * 40))
    items = [*audit([source], as_of=DAY), InputError("直す所 " * 900), InputError("one\ntwo\nthree")]
    write_xlsx(items, tmp_path / "a.xlsx", receipt=Receipt(as_of=DAY), lang=lang)
    heights = set()
    for sheet in openpyxl.load_workbook(tmp_path / "a.xlsx"):
        columns = sheet.column_dimensions.values()  # one stands for several beside each other that are alike
        wide = {at: each.width for each in columns for at in range(each.min, each.max + 1)}
        usual = sheet.sheet_format.defaultRowHeight
        for row in sheet.iter_rows():
            height = sheet.row_dimensions[row[0].row].height or usual
            need = max(
                (_lines(cell.value, wide[cell.column]) for cell in row if isinstance(cell.value, str)), default=1
            )
            assert min(15 * need, 408) <= height <= 409
            heights.add(height)
    assert {18, 36, 408.75} <= heights


def test_every_sheet_can_be_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A4 across, as wide as the page (findings: two pages, the case on both), headings on each page, page numbers."""
    monkeypatch.setattr(excel, "ROWS", 15)
    write_xlsx(audit(SAMPLES, as_of=DAY), tmp_path / "a.xlsx", receipt=Receipt(as_of=DAY), lang="en")
    found = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert {"findings", "findings 2", "cases", "cases 2"} <= set(found.sheetnames)
    for sheet in found:
        across = 2 if sheet.title.startswith("findings") else 1
        assert ("landscape", 9) == (sheet.page_setup.orientation, sheet.page_setup.paperSize)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (across, 0) == (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight)
        assert "$1:$1" == sheet.print_title_rows
        assert ("$A:$A" if across == 2 else None) == (sheet.print_title_cols or None)
        assert sheet.print_options.gridLines
        assert ("&A", "&P / &N") == (sheet.oddHeader.left.text, sheet.oddFooter.right.text)


def test_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    """Bytes of a name that are no text are written out, wherever the name stands."""
    name = "a\udcff.jsonl"
    report = attrs.evolve(next(iter(audit(SAMPLES, as_of=DAY))), source=name)
    assert isinstance(report, CaseReport)
    sheets = book(tmp_path / "a.xlsx", [report, InputError("bad", file=name)])
    assert "a\\udcff.jsonl" == sheets["ケース"][1][-1] == sheets["使えない記録"][1][1]


def test_more_rows_than_a_sheet_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go on to a further sheet with the same headings."""
    monkeypatch.setattr(excel, "ROWS", 5)
    source = write(tmp_path / "cases.jsonl", *(story("S01", f"c-{at}") for at in range(10)))

    sheets = book(tmp_path / "a.xlsx", list(audit([source], as_of=DAY)))

    rows = [row for name, found in sheets.items() if name.startswith("ケース") for row in found[1:]]
    assert [f"c-{at}" for at in range(10)] == [row[0] for row in rows]
    assert 3 == sum(name.startswith("ケース") for name in sheets)


@pytest.mark.parametrize("length", [32_766, 32_767, 32_768, 40_000])
@pytest.mark.parametrize("char", ["a", "𠮷"])
def test_text_longer_than_a_cell(tmp_path: Path, length: int, char: str) -> None:
    """What Excel cannot hold is cut at a whole character, marked, and named among the conditions."""
    units = len(char.encode("utf-16-le")) // 2
    text = char * (length // units)

    sheets = book(tmp_path / "a.xlsx", [InputError(text)])

    found = sheets["使えない記録"][1][4]
    cut = [row for row in sheets["監査の条件"] if row[0] == "セルに入りきらず切った文字列"]
    if len(text) * units <= excel.LONGEST:
        assert text == found
        assert [] == cut
    else:
        assert len(found.encode("utf-16-le")) // 2 <= excel.LONGEST
        assert text.startswith(found[:-1])
        assert "…" == found[-1]
        assert 1 == len(cut)


def test_the_same_audit_gives_the_same_bytes(tmp_path: Path) -> None:
    """No clock goes into the file."""
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx(audit(SAMPLES, as_of=DAY), tmp_path / name, receipt=Receipt(as_of=DAY), lang="en")

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    import sys

    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(InputError, match=r"shuroflow\[excel\]"):
        write_xlsx([], tmp_path / "a.xlsx", receipt=Receipt(as_of=DAY))
