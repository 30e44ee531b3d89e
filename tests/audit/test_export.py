"""JSON and CSV: the published shape, whole whatever happens, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, Receipt, Summary, replay, write_csv, write_json
from shuroflow.audit.export import COLUMNS, cell, finding_record
from shuroflow.errors import InputError
from shuroflow.states import Finding, Office
from shuroflow.states.judgement import Wording
from shuroflow.vocabulary import Severity, State
from tests.audit.records import STORIES, story
from tests.states.story import JST

AS_OF = date(2026, 11, 21)
RECEIPT = Receipt(as_of=AS_OF)
ERROR = InputError("bad", file="a.jsonl", line=3, field="data.x", case_id="E", problems=("data.x: bad",))

FINDING = {
    "type": "object",
    "required": ["rule", "clause", "severity", "basis", "seq", "on", "message"],
    "properties": {
        "rule": {"type": "string"},
        "clause": {"type": "string"},
        "severity": {"enum": ["violation", "observation", "note"]},
        "basis": {"enum": ["text", "decision"]},
        "seq": {"type": "integer", "minimum": 1},
        "on": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "message": {"type": "string", "minLength": 1},
    },
}
CONTRACT = {
    "type": "object",
    "required": ["cases", "summary"],
    "properties": {
        "cases": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["case_id", "programme", "state", "period", "findings"],
                "properties": {
                    "case_id": {"type": "string"},
                    "programme": {"enum": ["saitama", "tsushima"]},
                    "state": {"enum": [state.value for state in State]},
                    "period": {"type": ["array", "null"], "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
                    "findings": {"type": "array", "items": FINDING},
                },
            },
        },
        "summary": {
            "type": "object",
            "required": ["cases", "events", "violations", "observations"],
            "additionalProperties": {"type": "integer", "minimum": 0},
        },
    },
}
"""The promised shape, written here by hand."""


def reports() -> list[CaseReport]:
    """The verdicts on all records."""
    found = [replay(story(name), as_of=AS_OF, office=Office()) for name in STORIES]
    return [report for report in found if report is not None]


def as_json(*items: CaseReport | InputError, **options: Any) -> Any:
    """What the JSON report says."""
    out = io.StringIO()
    write_json(items, out, receipt=options.pop("receipt", RECEIPT), **options)
    return json.loads(out.getvalue())


def as_csv(*items: CaseReport | InputError, **options: Any) -> list[dict[str, str]]:
    """The rows of the CSV report by their English heads."""
    out = io.StringIO(newline="")
    write_csv(items, out, receipt=RECEIPT, **{"lang": "en", **options})
    text = out.getvalue()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("count", [0, 1, 20])
@pytest.mark.parametrize("errors", [0, 1, 3])
def test_json_keeps_its_shape(count: int, errors: int) -> None:
    """However many cases and errors there are, it is one JSON object of the promised shape."""
    items = reports()[:count]
    told = as_json(*items, *[ERROR] * errors)
    jsonschema.validate(told, CONTRACT)
    assert [each.case_id for each in items] == [case["case_id"] for case in told["cases"]]
    assert errors == len(told["errors"])
    assert attrs.asdict(Summary.of([*items, *[ERROR] * errors])) == told["summary"]


def test_json_says_what_the_findings_say() -> None:
    """Each finding in its own words, notes included; days are ISO, the rest codes."""
    for report, case in zip(reports(), as_json(*reports())["cases"], strict=True):
        assert [each.message() for each in report.findings] == [each["message"] for each in case["findings"]]
        assert [each.on.isoformat() for each in report.findings] == [each["on"] for each in case["findings"]]
        assert report.state.value == case["state"]
        assert case["period"] == (
            None if report.period is None else [report.period.start.isoformat(), report.period.end.isoformat()]
        )


def test_json_in_english() -> None:
    """Messages and remedies follow the language."""
    english = as_json(*reports(), lang="en")["cases"][1]["findings"][0]
    assert english["message"].isascii()
    assert english["mend"].isascii()


def test_json_errors_and_receipt() -> None:
    """What could not be used stands there with its place, and the conditions under which the rest was judged."""
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=JST)
    told = as_json(ERROR, reports()[0], receipt=Receipt(as_of=AS_OF, known_at=moment, version="9.9"))
    assert told["errors"] == [
        {
            "file": "a.jsonl",
            "line": 3,
            "field": "data.x",
            "case_id": "E",
            "message": "bad",
            "problems": ["data.x: bad"],
        }
    ]
    texts = told["receipt"].pop("texts")
    given = {"as_of": "2026-11-21", "known_at": "2026-01-02T03:04:00+09:00", "version": "9.9"}
    assert told["receipt"] == {**given, "office_sha256": None, "overlays": [], "inputs": []}
    assert [(text["programme"], text["in_force_from"], len(text["source_sha256"])) for text in texts] == [
        ("saitama", "2021-04-01", 64)
    ]


def test_values_become_plain() -> None:
    """Whatever a guard saw has a form in JSON: codes, ISO days, exact fractions, words."""
    (finding, *_) = [finding for report in reports() for finding in report.findings]
    values = {
        "none": None,
        "flag": True,
        "yen": 109_501,
        "day": AS_OF,
        "exact": Fraction(1, 3),
        "code": Severity.NOTE,
        "words": Wording(ja="語", en="word"),
        "codes": frozenset({State.ENDED}),
        "table": {"a": (1, AS_OF)},
    }
    made = finding_record(attrs.evolve(finding, values={**finding.values, **values}), lang="en")["values"]
    made = {name: made[name] for name in values}
    assert json.loads(json.dumps(made)) == {
        "none": None,
        "flag": True,
        "yen": 109_501,
        "day": "2026-11-21",
        "exact": "1/3",
        "code": "note",
        "words": "word",
        "codes": ["ended"],
        "table": {"a": [1, "2026-11-21"]},
    }


def test_csv_has_a_row_for_each_finding_case_and_error() -> None:
    """Findings, cases without one and errors: the list of cases is complete, and says what is not in it."""
    bare = attrs.evolve(reports()[0], case_id="bare", findings=())
    found = [report for report in reports() if report.findings]
    told = as_csv(*found, bare, ERROR)
    findings = [(report.case_id, each.clause) for report in found for each in report.findings]
    assert findings == [(row["case_id"], row["clause"]) for row in told if row["rule"]]
    rest = [(row["case_id"], row["severity"], row["file"], row["line"]) for row in told if not row["rule"]]
    assert rest == [("bare", "nothing found", "", ""), ("E", "unusable", "a.jsonl", "3")]


@pytest.mark.parametrize(("lang", "at"), [("ja", 1), ("en", 0)])
def test_csv_opens_in_excel(lang: Any, at: int) -> None:
    """UTF-8 with a byte order mark, CRLF, heads in the language, ISO days."""
    out = io.StringIO(newline="")
    write_csv(reports()[:2], out, receipt=RECEIPT, lang=lang)
    raw = out.getvalue().encode()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\n") == raw.count(b"\r\n") > 1
    head = raw.decode("utf-8-sig").splitlines()[0].split(",")
    assert [column[at] for column in COLUMNS] == head


HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A",
    '=HYPERLINK("http://x")',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(text: str) -> None:
    """An id or a reason that begins like a formula is text to a spreadsheet, in every column it can reach."""
    report = reports()[1]
    hostile = attrs.evolve(report, case_id=text)
    error = InputError(text, file=text, case_id=text)
    for row in as_csv(hostile, error):
        assert row["case_id"] == f"'{text}"
        assert all(not value.startswith(tuple("=+-@\t\r\n＝＋－＠")) for value in row.values())


@given(st.text())
def test_cells_are_harmless_and_lose_nothing(text: str) -> None:
    """A cell is the text itself, or the text behind an apostrophe; never something that starts a formula."""
    made = cell(text)
    assert made in (text, f"'{text}")
    assert not made or made[0] not in "=+-@\t\r\n＝＋－＠"


def test_csv_survives_quotes_and_lines() -> None:
    """Quotes, commas and line ends in a message come back as they were."""
    report = reports()[1]
    words = Wording(ja='「a","b」\n二行目', en="x")
    first: Finding = report.findings[0]
    report = attrs.evolve(report, findings=(attrs.evolve(first, rule=attrs.evolve(first.rule, says=words)),))
    assert as_csv(report, lang="ja")[0]["内容"] == words.ja
