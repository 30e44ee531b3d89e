"""A case that is not judged is told with its true reason, in every form: begun later, recorded later, all withdrawn.

The reasons are held against the naive model of :mod:`tests.states.two_days`, in the words of the record.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import attrs
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.audit import Absence, CaseReport, Item, Later, Summary, audit
from shuroflow.audit.exports.log import CaseLog, case_logs
from shuroflow.audit.report import absences
from shuroflow.audit.summary import NAMED
from shuroflow.events import Actor, Corrected, Event, Withdrawn
from shuroflow.verification.strategies import histories
from shuroflow.vocabulary import Lang, Role
from tests.audit.records import story, write
from tests.audit.test_two_days import CLOCKS, CODES, modelled
from tests.cli.calls import call
from tests.states import two_days as naive

AS_OF, KNOWN_AT = "2025-06-30", "2025-07-10T00:00:00+09:00"
DAYS = ("--as-of", AS_OF, "--known-at", KNOWN_AT)


def reason(events: Sequence[Event], known_at: datetime | None) -> Absence:
    """Why nothing of a record holds that has nothing on the day, told from the rows that were written by then."""
    rows = naive.rows_of(events)
    if naive.standing(rows, events[0].programme, date.max, known_at):
        return Absence.BEGAN_LATER
    written = [row for row in rows if row.amends is None and (known_at is None or row.recorded_at <= known_at)]
    return Absence.WITHDRAWN if written else Absence.RECORDED_LATER


@CODES
@CLOCKS
def test_the_reason_is_the_true_one(code: str, clock_back: bool, tmp_path: Path) -> None:
    """For any record, day and moment an audit, and a log of what holds, yield the case with the reason it is absent."""
    source = tmp_path / "case.jsonl"

    @settings(max_examples=100, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        events = data.draw(naive.amended(histories(code).map(list), clock_back=clock_back))
        as_of, known_at = data.draw(naive.asked(events))
        early = min(event.recorded_at for event in events) - timedelta(hours=1)
        as_of = data.draw(st.sampled_from([as_of, min(event.occurred_on for event in events) - timedelta(days=1)]))
        known_at = data.draw(st.sampled_from([known_at, early]))
        expected = modelled(events, as_of, known_at)
        write(source, events)
        found: list[Item] = list(audit([source], as_of=as_of, known_at=known_at))
        if expected is None:
            assert all(not isinstance(item, CaseReport) for item in found)
        elif expected:
            assert [CaseReport] == [type(item) for item in found]
        else:
            absent = Later("case-1", code, reason(events, known_at), str(source))
            assert [absent] == found
            assert [absent] == list(case_logs([source], as_of=as_of, known_at=known_at))

    check()


@CODES
def test_a_log_counts_what_does_not_hold_as_written(code: str, tmp_path: Path) -> None:
    """Of what was known: what was corrected to something else or taken back, and the amendments; each of them once."""
    source = tmp_path / "case.jsonl"

    @settings(max_examples=100, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        events = data.draw(naive.amended(histories(code).map(list)))
        as_of, known_at = data.draw(naive.asked(events))
        write(source, events)
        for item in case_logs([source], as_of=as_of, known_at=known_at):
            if isinstance(item, CaseLog):
                written = [event for event in events if known_at is None or event.recorded_at <= known_at]
                standing = modelled(events, date.max, known_at)
                assert standing is not None
                assert len([event for event in written if event not in standing]) == item.amended

    check()


# One file with a case of each -----------------------------------------------------------------------------------------


def gone(case_id: str) -> list[Event]:
    """A case whose only record is withdrawn on the day it was made."""
    (first, *_) = story("S01", case_id)
    withdrawal = Withdrawn(seq=1, reason="別人の記録", approved_by=Actor("sv-01", Role.SUPERVISOR))
    return [first, attrs.evolve(first, seq=2, kind="withdrawn", data=withdrawal)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Judged, all withdrawn, begun after the day (and written by the moment), written after the moment."""
    begun = [attrs.evolve(story("S01", "begun")[0], occurred_on=date(2025, 7, 1))]
    first = story("S01", "late")[0]
    late = [attrs.evolve(first, recorded_at=first.recorded_at.replace(year=2026))]
    return write(tmp_path / "cases.jsonl", story("S01", "judged"), gone("gone"), begun, late)


WHY = {"gone": Absence.WITHDRAWN, "begun": Absence.BEGAN_LATER, "late": Absence.RECORDED_LATER}
SENTENCES: dict[Lang, list[str]] = {
    "ja": [
        "1ケースは、基準日の後に始まったため",
        "1ケースは、その時点ではまだ記録がないため",
        "1ケース(gone)は、記録がすべて取り消されているため",
    ],
    "en": [
        "1 case that began only after the day asked about",
        "1 case of which nothing was on record yet at the moment asked about",
        "1 case of which everything on record is withdrawn (gone)",
    ],
}


@pytest.mark.parametrize("lang", SENTENCES)
@pytest.mark.parametrize("command", [["audit"], ["audit", "--format", "html"], ["questions"], ["export"], ["compare"]])
def test_each_reason_has_its_sentence(source: Path, command: list[str], lang: Lang) -> None:
    """In the text, on the page, below questions and comparisons, and beside a log."""
    more = {"export": ["--format", "csv"], "compare": ["--against-edition", "2025-06-30"]}.get(command[0], [])

    result = call("--lang", lang, *command, source, *more, *DAYS)

    assert result.exit_code in (0, 1), result.output
    told = result.stderr if command == ["export"] else result.stdout
    assert [sentence for sentence in SENTENCES[lang] if sentence in told] == SENTENCES[lang]


@pytest.mark.parametrize("lang", SENTENCES)
def test_each_case_is_named_with_its_reason(source: Path, lang: Lang, tmp_path: Path) -> None:
    """In JSON by a code, in the table and the workbook in words; the counts are those of the reasons."""
    told = json.loads(call("audit", source, *DAYS, "--format", "json").stdout)
    assert ["judged"] == [case["case_id"] for case in told["cases"]]
    assert [
        {"case_id": case_id, "programme": "saitama", "why": why.value, "file": str(source)}
        for case_id, why in WHY.items()
    ] == told["not_judged"]
    summary = told["summary"]
    assert (1, 2, 1, 1) == tuple(summary[name] for name in ("cases", "later", "recorded_later", "withdrawn"))

    table = call("--lang", lang, "audit", source, *DAYS, "--format", "csv").stdout.removeprefix("\ufeff")
    rows = [row for row in csv.reader(io.StringIO(table, newline="")) if row[0] in WHY]
    words = {case_id: why.label(lang) for case_id, why in WHY.items()}
    assert words == {row[0]: row[9] for row in rows}
    assert {{"ja": "対象外", "en": "not judged"}[lang]} == {row[5] for row in rows}

    compare = ["--lang", lang, "compare", source, "--against-edition", "2025-06-30", *DAYS, "--format"]
    compared = json.loads(call(*compare, "json").stdout)
    assert told["not_judged"] == compared["not_judged"]
    assert [summary[name] for name in ("later", "recorded_later", "withdrawn")] == [
        compared["summary"][name] for name in ("later", "recorded_later", "withdrawn")
    ]
    table = call(*compare, "csv").stdout.removeprefix("\ufeff")
    rows = [row for row in csv.reader(io.StringIO(table, newline="")) if row[0] in WHY]
    assert [
        [case_id, "saitama", {"ja": "対象外", "en": "not judged"}[lang], word, str(source)]
        for case_id, word in words.items()
    ] == [[row[0], row[1], row[5], row[10], row[12]] for row in rows]

    call("--lang", lang, "audit", source, *DAYS, "--format", "xlsx", "-o", tmp_path / "audit.xlsx")
    book = openpyxl.load_workbook(tmp_path / "audit.xlsx")
    sheet = book[{"ja": "対象外", "en": "not judged"}[lang]]
    assert words == {row[0]: row[2] for row in list(sheet.iter_rows(values_only=True))[1:]}
    conditions = dict(row[:2] for row in book.worksheets[-1].iter_rows(values_only=True))
    names = {
        "ja": [
            "基準日・時点より後に始まったか記録されたケース",
            "うち、その時点ではまだ記録がないケース",
            "記録がすべて取り消されているケース",
        ],
        "en": ["later", "of these, not on record yet", "withdrawn"],
    }
    assert [2, 1, 1] == [conditions[name] for name in names[lang]]


def test_as_recorded_a_withdrawn_case_is_there(source: Path) -> None:
    """Its events stand in the log as they were written; the others are left out for their own reasons."""
    moment = datetime.fromisoformat(KNOWN_AT)

    items = list(case_logs([source], as_of=date.fromisoformat(AS_OF), known_at=moment, as_recorded=True))

    assert ["judged", "gone"] == [item.case_id for item in items if isinstance(item, CaseLog)]
    assert [("begun", WHY["begun"]), ("late", WHY["late"])] == [
        (item.case_id, item.why) for item in items if isinstance(item, Later)
    ]


def test_the_first_of_many_withdrawn_cases_are_named() -> None:
    """The number is that of all of them."""
    summary = Summary.of(Later(f"C-{at}", "saitama", Absence.WITHDRAWN) for at in range(NAMED + 1))

    (said,) = absences(summary, "en")

    assert said.startswith(f"{NAMED + 1} cases ")
    assert said.endswith(f"C-{NAMED - 1}, …)")


def test_what_a_correction_taken_back_concerns(tmp_path: Path) -> None:
    """Two amendments, one of which takes back the other: both, and the event only if it reads otherwise for it."""
    events = story("S01")
    last = events[-1]
    by = Actor("sv-01", Role.SUPERVISOR)
    told = [
        Corrected(seq=11, reason="誤記", approved_by=by, occurred_on=date(2025, 6, 18)),
        Withdrawn(seq=14, reason="誤り", approved_by=by),
    ]
    for data, kind in zip(told, ["corrected", "withdrawn"], strict=True):
        day = last.recorded_at + timedelta(days=len(events))
        events.append(attrs.evolve(last, seq=len(events) + 1, kind=kind, data=data, recorded_at=day))
    path = write(tmp_path / "cases.jsonl", events)

    for moment, concerned in ((None, 2), (events[13].recorded_at, 2), (events[12].recorded_at, 0)):
        (item,) = case_logs([path], as_of=date(2026, 11, 21), known_at=moment)
        assert isinstance(item, CaseLog)
        assert concerned == item.amended
