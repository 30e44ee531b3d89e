"""The statistics: every number is that of a plain count over the events, and every share stands with what it is of."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow import __version__
from shuroflow.audit import histories
from shuroflow.audit.judging import Held
from shuroflow.audit.statistics import COUNTS, FIRST, LAST, Statistics, counts_of, statistics
from shuroflow.calendar import fiscal_year
from shuroflow.events import Corrected, Event, Withdrawn, saitama, tsushima
from shuroflow.samples import SAMPLES
from shuroflow.simulation import caseload
from shuroflow.simulation import write as simulate
from shuroflow.states import Office, programme
from shuroflow.states.history import case_of
from shuroflow.storage import encode, open_journal
from shuroflow.vocabulary import UNDER_WAY
from tests.audit.records import interleaved, story
from tests.cli.calls import call, one_line
from tests.states.story import DIRECTOR, SV, Story
from tests.states.tsushima_stories import course, paper

AS_OF = date(2026, 11, 21)


def counted(*sources: str | Path, as_of: date = AS_OF) -> Statistics:
    """The statistics of sources."""
    return statistics(histories(sources), as_of=as_of)


def numbers(found: Statistics, code: str) -> Counter[str]:
    """The numbers of a programme over all offices and years."""
    return sum((each.numbers for each in found.tables.values() if each.programme == code), Counter())


@pytest.mark.parametrize("seed", [1, 2])
def test_against_a_plain_count(tmp_path: Path, seed: int) -> None:
    """Over all years together, the number of events of each kind, days and yen are those of a loop over the events."""
    events = [event for event, _ in caseload(80, seed, 0.4) if event is not None]
    simulate(80, seed, 0.4, tmp_path / "cases.jsonl")
    found = counted(tmp_path / "cases.jsonl", as_of=date(2030, 1, 1))
    assert len({event.case_id for event in events}) == found.cases
    for code in ("saitama", "tsushima"):
        told = numbers(found, code)
        mine = [event for event in events if event.programme == code]
        for count in COUNTS[code]:
            if count.unit != "cases" and count.days is None:
                assert sum(count.amount(e.data) for e in mine if e.kind in count.events) == told[count.code], count.code
        sheets = [(e.case_id, json.loads(encode(e))["data"]) for e in mine if e.kind == "attendance_recorded"]
        listed = {(case, sheet["trial"], each["on"]) for case, sheet in sheets for each in sheet["days"]}
        assert len(listed) == told["trial_days"]
        assert len({case for case, _, _ in listed}) <= told["trials"]
        opening = programme(code).current.opening
        assert sum(event.kind == opening for event in mine) == told[counts_of(code)[0].code]


def year_of(day: date) -> int:
    """The fiscal year of a day, by its letters alone."""
    text = day.isoformat()
    return int(text[:4]) - (text[5:] < "04-01")


def by_year(events: list[Event], code: str, as_of: date) -> dict[int, int]:
    """What is counted of one case under a code, by fiscal year."""
    found = Statistics(as_of)
    found.add(Held("a", events, lambda error: error), office=Office())  # type: ignore[arg-type,return-value]
    return {year: each.numbers[code] for (_, _, year), each in found.tables.items() if each.numbers[code]}


SPRING = st.dates(date(2026, 3, 20), date(2026, 4, 12))


@given(
    sheets=st.lists(st.tuples(st.sampled_from("ab"), st.lists(SPRING, max_size=6), SPRING), max_size=5),
    as_of=SPRING,
)
def test_a_day_of_a_trial_is_counted_once_in_its_own_year(
    sheets: list[tuple[str, list[date], date]], as_of: date
) -> None:
    """However many sheets list it, and whenever they were written: the year is that of the day itself."""
    told = course("mock_interview", case_id="T")
    for trial, days, written in sheets:
        rows = tuple(tsushima.AttendedDay(on=each) for each in days)
        told.on(written, tsushima.AttendanceRecorded(paper=paper("9-2"), trial=trial, days=rows))
    expected: Counter[int] = Counter()
    for ordinal in range(date(2026, 3, 1).toordinal(), as_of.toordinal() + 1):
        day = date.fromordinal(ordinal)
        for name in "ab":
            told_of = [1 for trial, days, written in sheets if trial == name and written <= as_of and day in days]
            expected[year_of(day)] += bool(told_of)
    assert +expected == by_year(told.events, "trial_days", as_of)
    assert dict.fromkeys(+expected, 1) == by_year(told.events, "trials", as_of)


DAYS = st.dates(date(2025, 7, 1), date(2027, 6, 30))


@given(employed_on=st.none() | DAYS, ended=DAYS, abolished=st.none() | DAYS)
def test_one_employment_is_counted_once(employed_on: date | None, ended: date, abolished: date | None) -> None:
    """埼玉: in the year of the first day of work; where no record has it, in that of the end of assistance for it."""
    told = Story("saitama").on("2025-04-03", saitama.Listed()).on(ended, saitama.Ended(employed_on=employed_on))
    if abolished is not None:
        told.on(abolished, saitama.AssistanceAbolished(cause=saitama.AbolitionCause.OWN_EMPLOYMENT))
    day = employed_on or abolished
    assert ({} if day is None else {year_of(day): 1}) == by_year(told.events, "employed", date(2030, 1, 1))


WORKS, DIED = saitama.AbolitionCause.OWN_EMPLOYMENT, saitama.AbolitionCause.DEATH


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([("2025-10-01", "2025-09-20"), ("2026-05-01", WORKS)], {2025: 1}),  # the end of assistance is of that work
        ([("2025-10-01", None), ("2026-05-01", DIED)], {}),
        ([("2025-10-01", "2025-09-20"), ("2025-12-01", WORKS), ("2027-05-01", WORKS)], {2025: 1, 2027: 1}),
        ([("2025-10-01", None), ("2025-12-01", WORKS), ("2027-05-01", WORKS)], {2025: 1, 2027: 1}),
        ([("2025-10-01", "2025-09-20"), ("2026-04-01", None), ("2027-05-01", WORKS)], {2025: 1}),
        ([("2025-10-01", "2025-09-20"), ("2026-04-01", "listed"), ("2027-05-01", WORKS)], {2025: 1, 2027: 1}),
        ([("2025-10-01", "2025-09-20"), ("2026-10-01", "2026-09-20"), ("2027-05-01", WORKS)], {2025: 1, 2026: 1}),
        ([("2025-10-01", "2025-09-20"), ("2026-03-01", "2026-02-20"), ("2027-05-01", WORKS)], {2025: 1}),
    ],
    ids=["one", "none", "two-ends", "two-ends-alone", "same-support", "listed-anew", "two-told", "two-in-a-year"],
)
def test_no_employment_is_lost_or_counted_twice(more: list[tuple[str, Any]], expected: dict[int, int]) -> None:
    """埼玉: a further end of assistance, or one after a new beginning, tells of an employment of its own."""
    told = Story("saitama").on("2025-04-03", saitama.Listed())
    for day, what in more:
        if what == "listed":
            told.on(day, saitama.Listed())
        elif isinstance(what, saitama.AbolitionCause):
            told.on(day, saitama.AssistanceAbolished(cause=what))
        else:
            told.on(day, saitama.Ended(employed_on=None if what is None else date.fromisoformat(what)))
    assert expected == by_year(told.events, "employed", date(2030, 1, 1))


@given(
    records=st.lists(st.tuples(DAYS, st.none() | st.tuples(st.booleans(), st.none() | DAYS)), max_size=4),
    as_of=st.just(date(2030, 1, 1)) | DAYS,
)
def test_employment_is_counted_by_its_own_days(
    records: list[tuple[date, tuple[bool, date | None] | None]], as_of: date
) -> None:
    """対馬: a year has an employment if a day in it is on record as one of employment; a decision's day is none."""
    told = course(case_id="T")
    for on, recognised in records:
        if recognised is None:
            told.on(on, tsushima.EmploymentStarted())
        else:
            yes, day = recognised
            told.on(on, tsushima.SelfSupportRecognised(decided_by=DIRECTOR, employed_on=day, self_supporting=yes))
    expected: Counter[int] = Counter()
    for event in map(json.loads, map(encode, told.events)):  # what is written down, and nothing that is read from it
        if event["occurred_on"] <= as_of.isoformat():
            own = event["occurred_on"] if event["event"] == "employment_started" else None
            day = event["data"].get("employed_on") or own
            if day is not None and day <= as_of.isoformat():
                expected[year_of(date.fromisoformat(day))] = 1
    assert expected == by_year(told.events, "employed", as_of)


def test_the_effect_names_the_day_of_employment(tmp_path: Path) -> None:
    """対馬: an employment is told on its own day with the record that has it, and none where no day is on record."""
    began, decided = date(2025, 10, 1), date(2026, 1, 10)
    days = {"none": None, "told": began, "later": date(2026, 12, 1)}
    for name, day in days.items():
        history = course("use_started", case_id=name)
        history.on(decided, tsushima.SelfSupportRecognised(decided_by=DIRECTOR, employed_on=day))
        file = interleaved(tmp_path / f"{name}.jsonl", history.events)
        out = call("questions", file, "--as-of", AS_OF, "--question", "effect", "--format", "json").stdout
        answers = [each for each in json.loads(out)["answers"] if each["message"] == "就職"]
        expected = [(began.isoformat(), history.events[-1].seq)] if name == "told" else []
        assert expected == [(each["on"], each["seq"]) for each in answers], name


def test_cases_that_count_for_nothing_are_told(tmp_path: Path) -> None:
    """One that begins later, and one withdrawn as a whole, by name, in every format and in the receipt."""
    gone = Story("saitama", case_id="gone").on("2025-04-03", saitama.Listed())
    gone.on("2025-04-04", Withdrawn(seq=1, reason="人違い", approved_by=SV))
    later = Story("saitama", case_id="later").on("2027-04-03", saitama.Listed())
    file = interleaved(tmp_path / "a.jsonl", story("S01"), gone.events, later.events)
    ask = ("statistics", file, "--as-of", AS_OF, "--receipt", tmp_path / "receipt.json")
    text = call("--lang", "en", *ask).stdout
    assert "Cases counted: 1." in text
    said = "Not counted: 1 case of which everything on record is withdrawn (gone)."
    assert said in text
    assert "Not counted: 1 case that began only after the day asked about." in text
    assert "1ケース(gone)は、記録がすべて取り消されているため、数えていません。" in call(*ask).stdout
    told = json.loads(call(*ask, "--format", "json").stdout)
    expected = {"cases": 1, "later": 1, "recorded_later": 0, "withdrawn": 1}
    assert {**expected, "withdrawn_cases": ["gone"]} == {name: told[name] for name in (*expected, "withdrawn_cases")}
    table = call("--lang", "en", *ask, "--format", "csv")
    assert said in table.stderr
    assert said not in table.stdout
    receipt = json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8"))["summary"]
    assert {**expected, "errors": 0} == receipt


@pytest.mark.parametrize(("as_of", "running"), [("2026-03-30", True), ("2026-03-31", False), ("2026-04-01", False)])
def test_a_year_that_runs_still_says_to_which_day(tmp_path: Path, as_of: str, running: bool) -> None:
    """Its last day is the day asked about: the head of its column says so, and ``until`` in JSON and CSV."""
    file = interleaved(tmp_path / "a.jsonl", story("S01"))
    english = call("--lang", "en", "statistics", file, "--as-of", as_of).stdout
    japanese = call("statistics", file, "--as-of", as_of).stdout
    assert running == (f"FY 2025 (as of {as_of})" in english)
    assert running == ("令和7年度(令和8年3月30日現在)" in japanese)
    told = json.loads(call("statistics", file, "--as-of", as_of, "--format", "json").stdout)["counts"]
    assert {min(as_of, "2026-03-31")} == {each["until"] for each in told if each["fiscal_year"] == 2025}
    table = call("--lang", "en", "statistics", file, "--as-of", as_of, "--format", "csv").stdout
    rows = csv.DictReader(io.StringIO(table.lstrip("\ufeff")))
    assert {min(as_of, "2026-03-31")} == {row["until"] for row in rows if row["fiscal_year"] == "2025"}


@pytest.mark.parametrize("day", [date.min, date.max])
def test_at_the_ends_of_the_calendar(day: date) -> None:
    """A slip of the pen in a year is counted where it says, and an audit that asks far ahead ends."""
    told = course("mock_interview", case_id="T")
    sheet = tsushima.AttendanceRecorded(paper=paper("9-2"), trial="a", days=(tsushima.AttendedDay(on=day),))
    told.on("2025-12-01", sheet)
    assert {year_of(day): 1} == by_year(told.events, "trial_days", date.max)


def test_a_case_counts_once_a_year(tmp_path: Path) -> None:
    """Two extensions in one year are one case extended and two extensions."""
    events = story("S02")
    kinds = [event.kind for event in events]
    twice = [*events[:-1], attrs.evolve(events[-2], seq=len(events))]
    found = counted(interleaved(tmp_path / "a.jsonl", twice))
    told = numbers(found, "saitama")
    assert kinds.count("activity_recorded") + (twice[-1].kind == "activity_recorded") == told["activities"]
    assert 1 == told["selected"]


def test_offices_add_up(tmp_path: Path) -> None:
    """Each source is an office of its own, and together they have the numbers of one source with all cases."""
    names = ["S01", "S02", "S04", "T02"]
    files = [interleaved(tmp_path / f"{name}.jsonl", story(name)) for name in names]
    apart = counted(*files)
    (tmp_path / "all").mkdir()
    together = counted(interleaved(tmp_path / "all" / "all.jsonl", *map(story, names)))
    assert {str(file) for file in files} == {each.office for each in apart.tables.values()}
    for code in ("saitama", "tsushima"):
        assert numbers(apart, code) == numbers(together, code)


@given(day=st.dates(date(2025, 3, 1), date(2026, 12, 31)))
def test_the_standing_of_a_day(day: date) -> None:
    """A case counts as under way on the last day asked about if its own state says so, and on 1 April alike."""
    events = [event for event in story("S04") if event.occurred_on <= day]
    found = Statistics(day)
    found.add(Held("a", story("S04"), lambda error: error), office=Office())  # type: ignore[arg-type,return-value]
    if not events:
        assert {} == found.tables
        return
    under_way = case_of(events, Office()).state_on(day) in UNDER_WAY
    table = found.tables.get(("a", "saitama", fiscal_year(day)))
    assert under_way == (table is not None and table.numbers[LAST] == 1)
    first = date(fiscal_year(day), 4, 1)
    before = [event for event in events if event.occurred_on <= first]
    stood = bool(before) and case_of(before, Office()).state_on(first) in UNDER_WAY
    assert stood == (table is not None and table.numbers[FIRST] == 1)


def test_the_end_of_the_fiscal_year() -> None:
    """A case of 対馬 that runs out on 31 March is counted as expired in that year, and not a day earlier."""
    path = next(path for path in SAMPLES if "tsushima" in str(path))
    assert 0 == numbers(counted(path, as_of=date(2026, 3, 30)), "tsushima")["expired"]
    assert 5 == numbers(counted(path, as_of=date(2026, 3, 31)), "tsushima")["expired"]
    assert 5 == numbers(counted(path), "tsushima")["expired"]


def test_corrections_are_applied(tmp_path: Path) -> None:
    """An event that was moved to another fiscal year counts there."""
    events = story("S01")
    at = next(event for event in events if event.kind == "listed")
    moved = Corrected(seq=at.seq, reason="year", approved_by=SV, occurred_on=date(2024, 4, 3))
    last = attrs.evolve(events[-1], seq=len(events) + 1, kind="corrected", data=moved)
    found = counted(interleaved(tmp_path / "a.jsonl", [*events, last]))
    assert [2024] == [year for (_, _, year), table in found.tables.items() if table.numbers["listed"]]


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    """A case with a gap is named and not counted; the status is 2."""
    events = story("S01")
    file = interleaved(tmp_path / "a.jsonl", [*events[:3], *events[4:]], story("S02"))
    result = call("--lang", "en", "statistics", file, "--as-of", AS_OF)
    assert 2 == result.exit_code
    assert "S01" in result.stderr
    assert "Cases counted: 1." in result.stdout
    one_line(call("statistics", tmp_path / "none.jsonl"))


def test_every_format_tells_the_same(tmp_path: Path) -> None:
    """JSON and CSV hold the same numbers; each share in the text stands with its denominator."""
    file = interleaved(tmp_path / "a.jsonl", *map(story, ("S01", "S02", "S04", "T02")))
    told = json.loads(call("statistics", file, "--as-of", AS_OF, "--format", "json").stdout)
    table = call("--lang", "en", "statistics", file, "--as-of", AS_OF, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    whole = [(row["fiscal_year"], row["count"], row["number"]) for row in rows if not row["part"]]
    assert [(str(each["fiscal_year"]), each["count"], str(each["number"])) for each in told["counts"]] == whole
    for each in told["counts"]:
        if each["of_number"]:
            assert any(o["count"] == each["of"] and o["number"] == each["of_number"] for o in told["counts"])
    assert "3 (100% / 3)" in call("statistics", file, "--as-of", AS_OF).stdout


def test_half_a_percent_is_rounded_up(tmp_path: Path) -> None:
    """One case of eight is 13%, as people round; all of them are 100%."""
    consented = story("S01")
    names = [*(f"c-{at}" for at in range(7))]
    only_listed = [[attrs.evolve(event, case_id=name) for event in consented[:1]] for name in names]
    text = call("statistics", interleaved(tmp_path / "a.jsonl", consented, *only_listed), "--as-of", AS_OF).stdout
    assert "1 (13% / 8)" in text
    assert "1 (100% / 1)" in text


def test_the_receipt_says_what_was_counted(tmp_path: Path) -> None:
    """Version, days asked and every input with its hash, in the text and in the JSON as an audit has them."""
    file = interleaved(tmp_path / "a.jsonl", story("S01"), story("T02"))
    hashed = hashlib.sha256(file.read_bytes()).hexdigest()
    known = ("--known-at", "2026-11-01T00:00:00+09:00")
    text = call("--lang", "en", "statistics", file, "--as-of", AS_OF, *known).stdout
    assert f"as of {AS_OF}" in text.splitlines()[0]
    assert ["as recorded up to 2026-11-01T00:00:00+09:00", f"shuroflow {__version__}"] == text.splitlines()[1:3]
    count = len(file.read_bytes().splitlines())
    assert f"\nRead: {file}, {count} lines, SHA-256 {hashed}\n" in text
    told = json.loads(call("statistics", file, "--as-of", AS_OF, *known, "--format", "json").stdout)["receipt"]
    assert json.loads(call("audit", file, "--as-of", AS_OF, *known, "--format", "json").stdout)["receipt"] == told
    assert [hashed] == [each["sha256"] for each in told["inputs"]]


def test_from_a_database(tmp_path: Path) -> None:
    """A database gives what the file gives; its name is told without a password."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with open_journal(url, create=True) as journal:
        journal.append("S01", story("S01"), expected=0)
    file = interleaved(tmp_path / "a.jsonl", story("S01"))
    assert numbers(counted(file), "saitama") == numbers(counted(url), "saitama")


def test_no_unit_stands_twice() -> None:
    """The unit stands beside what is counted; the name of it says no other one."""
    for counts in COUNTS.values():
        for count in counts:
            for label, units in ((count.label.ja, "件人回日円"), (count.label.en, ("cases", "persons", "days", "yen"))):
                assert not label.endswith(tuple(f"({unit})" for unit in units))
                assert not label.endswith(tuple(f", {unit}" for unit in units))
