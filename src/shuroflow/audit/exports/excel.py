"""The audit as an Excel workbook: findings, cases, counts and the conditions of the audit, a sheet each.

Every text is written as text, so that no cell is ever taken for a formula, a number or a link, and stands as it was
recorded. Needs the extra ``excel`` (XlsxWriter). Rows go to disk as they come; the same audit gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs

from shuroflow.audit.export import error_record
from shuroflow.audit.receipt import Receipt, editions_of, rules_sha256
from shuroflow.audit.replay import CaseReport
from shuroflow.audit.report import counted
from shuroflow.audit.summary import Item, Later, Summary
from shuroflow.calendar import format_wareki
from shuroflow.errors import InputError, installing
from shuroflow.states import Finding, programme
from shuroflow.states.judgement import Rule
from shuroflow.vocabulary import Lang, Severity

ROWS = 1_048_576
"""Rows of a sheet; what does not fit goes to a further sheet of the same columns."""
LONGEST = 32_767
"""UTF-16 units of text that a cell holds; what is longer is cut, and the sheet of conditions says which."""
_LINE = 18.0
"""Points that a line of text takes: Japanese is somewhat higher than the 15 that a row has by default."""
_HIGHEST = 408.75
_A4 = 9
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a day that never was
_FIRST_WAREKI = date(1873, 1, 1)

_FINDINGS = (
    ("ケース", "case", 16),
    ("事業", "programme", 12),
    ("状態", "state", 12),
    ("重大度", "severity", 10),
    ("条項", "clause", 20),
    ("記録番号", "event no.", 9),
    ("日付", "day", 11),
    ("日付(和暦)", "day (era)", 20),
    ("内容", "finding", 60),
    ("是正の方法", "remedy", 44),
    ("根拠", "basis", 16),
    ("読み方の番号", "decision", 13),
    ("規則", "rule", 40),
    ("押して進めた理由", "reason given", 24),
    ("ファイル", "file", 30),
)
_CASES = (
    ("ケース", "case", 16),
    ("事業", "programme", 12),
    ("状態", "state", 12),
    ("期間の初日", "first day", 11),
    ("期間の初日(和暦)", "first day (era)", 20),
    ("期間の末日", "last day", 11),
    ("期間の末日(和暦)", "last day (era)", 20),
    ("記録数", "events", 9),
    ("違反", "violations", 9),
    ("要確認", "observations", 12),
    ("注記", "notes", 9),
    ("ファイル", "file", 40),
)
_COUNTS = (
    ("規則", "rule", 40),
    ("条項", "clause", 20),
    ("重大度", "severity", 10),
    ("指摘数", "findings", 9),
    ("ケース数", "cases", 9),
    ("監査したケース数(同じ事業)", "cases audited (same programme)", 26),
)
_ERRORS = (
    ("ケース", "case", 14),
    ("ファイル", "file", 40),
    ("行", "line", 9),
    ("項目", "field", 24),
    ("内容", "what is wrong", 90),
)
_ABSENT = (
    ("ケース", "case", 16),
    ("事業", "programme", 12),
    ("理由", "reason", 50),
    ("ファイル", "file", 40),
)
_CONDITIONS = (("項目", "item", 30), ("内容", "value", 90))


def write_xlsx(items: Iterable[Item], path: str | Path, *, receipt: Receipt, lang: Lang = "ja") -> Summary:
    """Write the workbook to ``path``, which is replaced.

    Raises:
        InputError: if the extra ``excel`` is not installed.
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError:
        raise InputError(f"an Excel file needs the extra `excel`: {installing('excel')}") from None
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": datetime(1980, 1, 1)})  # noqa: DTZ001 - no clock: as the parts of the file
        return _Report(workbook, lang).write(items, receipt)


class _Sheet:
    """One table of the workbook, on as many sheets as it needs."""

    def __init__(
        self, workbook: Any, name: str, columns: Sequence[tuple[str, str, int]], lang: Lang, *, across: int = 1
    ) -> None:
        self._workbook, self._name, self._columns, self._lang, self._across = workbook, name, columns, lang, across
        self._head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._text = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        side = "left" if len(columns) == 2 else "right"  # of two columns the second has texts too
        self._number = workbook.add_format(
            {"num_format": "#,##0", "valign": "top", "align": side, "indent": int(side == "right")}
        )
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        self._sheets = 0
        self.cut: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        self._sheet = self._workbook.add_worksheet(self._name if self._sheets == 1 else f"{self._name} {self._sheets}")
        self._row = 0
        heads = [ja if self._lang == "ja" else en for ja, en, _ in self._columns]
        for at, (_, _, wide) in enumerate(self._columns):
            self._sheet.set_column(at, at, wide)
        self._sheet.set_default_row(_LINE)
        self._sheet.set_row(0, self._height(heads))
        for at, head in enumerate(heads):
            self._sheet.write_string(0, at, head, self._head)
        self._sheet.freeze_panes(1, 1)
        self._on_paper()

    def _on_paper(self) -> None:
        """A4 across, all columns on one page (or as many as they need to be legible), each with the headings."""
        self._sheet.set_landscape()
        self._sheet.set_paper(_A4)
        self._sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        self._sheet.fit_to_pages(self._across, 0)
        self._sheet.print_across()
        self._sheet.repeat_rows(0)
        if self._across > 1:
            self._sheet.repeat_columns(0)
        self._sheet.hide_gridlines(0)  # they are printed
        self._sheet.set_header("&L&A")
        self._sheet.set_footer("&R&P / &N")

    def add(self, *values: object) -> None:
        """One row; ``None`` leaves its cell empty."""
        self._row += 1
        if self._row >= ROWS:
            self.end()
            self._begin()
            self._row = 1
        fitted = [
            self._fitted(str(value), at) if not isinstance(value, int | date) and value is not None else value
            for at, value in enumerate(values)
        ]
        self._sheet.set_row(self._row, self._height(fitted))
        for at, value in enumerate(fitted):
            if value is None:
                continue
            if isinstance(value, int):
                self._sheet.write_number(self._row, at, value, self._number)
            elif isinstance(value, date) and value >= _FIRST_DAY:
                self._sheet.write_datetime(self._row, at, value, self._day)
            else:
                self._sheet.write_string(self._row, at, str(value), self._text)

    def _height(self, values: Iterable[object]) -> float | None:
        """How high a row must be for its texts; programs that do not work it out themselves cut them off.

        It is reckoned: a character of Japanese is as wide as two digits, and a line is seldom filled to its end.
        """
        lines = 1
        for value, (_, _, wide) in zip(values, self._columns, strict=False):
            if isinstance(value, str):
                lines = max(lines, sum(1 + int(1.2 * _width(line)) // wide for line in value.split("\n")))
        return None if lines == 1 else min(_LINE * lines, _HIGHEST)

    def _fitted(self, text: str, at: int) -> str:
        text = text.encode(errors="backslashreplace").decode()  # the name of a file may hold bytes that are no text
        if len(text) * 2 <= LONGEST or len(text.encode("utf-16-le")) // 2 <= LONGEST:
            return text
        short = text.encode("utf-16-le")[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore")
        self.cut.append(f"{self._sheet.get_name()}!{chr(ord('A') + at)}{self._row + 1}: {len(short):,} / {len(text):,}")
        return f"{short}…"

    def end(self) -> None:
        """Put the filter on what was written."""
        self._sheet.autofilter(0, 0, max(self._row, 1), len(self._columns) - 1)


def _width(text: str) -> float:
    """About how many digits wide a text is: its bytes in UTF-8 tell one of Japanese from one of Latin."""
    return (len(text) + len(text.encode())) / 2


@attrs.define
class _Count:
    rule: Rule
    severity: Severity
    findings: int = 0
    cases: int = 0


class _Report:
    def __init__(self, workbook: Any, lang: Lang) -> None:
        ja = lang == "ja"
        self._lang = lang
        self._findings = _Sheet(workbook, "指摘" if ja else "findings", _FINDINGS, lang, across=2)
        self._cases = _Sheet(workbook, "ケース" if ja else "cases", _CASES, lang)
        self._counts = _Sheet(workbook, "集計" if ja else "counts", _COUNTS, lang)
        self._absent = _Sheet(workbook, "対象外" if ja else "not judged", _ABSENT, lang)
        self._errors = _Sheet(workbook, "使えない記録" if ja else "unusable", _ERRORS, lang)
        self._conditions = _Sheet(workbook, "監査の条件" if ja else "conditions", _CONDITIONS, lang)

    def write(self, items: Iterable[Item], receipt: Receipt) -> Summary:
        summary = Summary()
        counts: dict[tuple[str, str, Severity], _Count] = {}
        audited: Counter[str] = Counter()
        for item in items:
            summary.add(item)
            if isinstance(item, InputError):
                record = error_record(item)
                said = "\n".join(record["problems"]) if len(record["problems"]) > 1 else record["message"]
                self._errors.add(record["case_id"], record["file"], record["line"], record["field"], said)
            elif isinstance(item, Later):
                self._absent.add(item.case_id, item.programme, item.why.label(self._lang), item.source)
            else:
                audited[item.programme] += 1
                self._case(item)
                _count(item, counts)
        for (_, clause, _), count in sorted(counts.items(), key=lambda found: (-found[1].findings, found[0])):
            of = count.rule.code.partition(".")[0]
            severity = count.severity.label(self._lang)
            self._counts.add(count.rule.code, clause, severity, count.findings, count.cases, audited[of])
        self._receipt(receipt, summary, audited)
        for sheet in (self._findings, self._cases, self._counts, self._absent, self._errors, self._conditions):
            sheet.end()
        return summary

    def _case(self, report: CaseReport) -> None:
        state = programme(report.programme).current.state_name(report.state).label(self._lang)
        start, end = (report.period.start, report.period.end) if report.period else (None, None)
        self._cases.add(
            report.case_id,
            report.programme,
            state,
            start,
            _wareki(start),
            end,
            _wareki(end),
            report.events,
            *(report.count(severity) for severity in Severity),
            report.source,
        )
        for finding in report.findings:
            self._finding(report, state, finding)

    def _finding(self, report: CaseReport, state: str, finding: Finding) -> None:
        lang = self._lang
        self._findings.add(
            report.case_id,
            report.programme,
            state,
            finding.severity.label(lang),
            finding.clause,
            finding.seq,
            finding.on,
            _wareki(finding.on),
            finding.message(lang),
            finding.mend(lang),
            finding.rule.basis.label(lang),
            finding.rule.decision,
            finding.rule.code,
            finding.overridden,
            report.source,
        )

    def _receipt(self, receipt: Receipt, summary: Summary, audited: Iterable[str]) -> None:
        ja = self._lang == "ja"
        add = self._conditions.add
        add("基準日" if ja else "as of", receipt.as_of)
        add("基準日(和暦)" if ja else "as of (era)", _wareki(receipt.as_of))
        add("知り得た時点" if ja else "known at", receipt.known_at and receipt.known_at.isoformat())
        add("shuroflow", receipt.version)
        for title, edition in editions_of(audited):
            since = edition.in_force_from.isoformat()
            add("要綱" if ja else "text", f"{title} ({since}) SHA-256 {edition.clauses.source_sha256}")
            add("規則" if ja else "rules", f"{title} ({since}) SHA-256 {rules_sha256(edition)}")
        if receipt.office is not None:
            add(
                "実施機関の数値・閉庁日・細則" if ja else "figures and settings of the office",
                f"SHA-256 {receipt.office}",
            )
        for overlay in receipt.overlays:
            add("設定ファイル" if ja else "overlay", overlay)
        for each in receipt.inputs:
            read = f"{each.lines:,}行" if ja else counted(each.lines, "line")
            add("読んだもの" if ja else "read", f"{each.source} {read} SHA-256 {each.sha256}")
        names = {
            "cases": "監査したケース",
            "events": "記録",
            "violations": "違反",
            "observations": "要確認",
            "notes": "注記",
            "errors": "使えない記録",
            "cases_with_violations": "違反のあるケース",
            "later": "基準日・時点より後に始まったか記録されたケース",
            "recorded_later": "うち、その時点ではまだ記録がないケース",
            "withdrawn": "記録がすべて取り消されているケース",
            "left_out": "使えない記録があるため対象外としたケース",
        }
        counts = attrs.asdict(summary)
        for name in sorted(counts, key=list(names).index):  # a part stands below what it is of
            english = "of these, not on record yet" if name == "recorded_later" else name.replace("_", " ")
            add(names[name] if ja else english, counts[name])
        for sheet in (self._findings, self._cases, self._absent, self._errors):
            for place in sheet.cut:
                add("セルに入りきらず切った文字列" if ja else "text cut to what a cell holds", place)


def _count(report: CaseReport, counts: dict[tuple[str, str, Severity], _Count]) -> None:
    seen = set()
    for finding in report.findings:
        key = (finding.rule.code, finding.clause, finding.severity)
        count = counts.setdefault(key, _Count(finding.rule, finding.severity))
        count.findings += 1
        count.cases += key not in seen
        seen.add(key)


def _wareki(day: date | None) -> str | None:
    return None if day is None or day < _FIRST_WAREKI else format_wareki(day)


__all__ = ["LONGEST", "ROWS", "write_xlsx"]
