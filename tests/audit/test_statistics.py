"""The statistics: every number is that of a plain count over the events, and every share stands with what it is of."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from datetime import date
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow import __version__
from shuroflow.audit import histories
from shuroflow.audit.judging import Held
from shuroflow.audit.statistics import COUNTS, FIRST, LAST, Statistics, counts_of, statistics
from shuroflow.calendar import fiscal_year
from shuroflow.events import Corrected
from shuroflow.samples import SAMPLES
from shuroflow.simulation import caseload
from shuroflow.simulation import write as simulate
from shuroflow.states import Office, programme
from shuroflow.states.history import case_of
from shuroflow.storage import open_journal
from shuroflow.vocabulary import UNDER_WAY
from tests.audit.records import interleaved, story
from tests.cli.calls import call, one_line
from tests.states.story import SV

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
            if count.unit != "cases":
                assert sum(count.amount(e.data) for e in mine if e.kind in count.events) == told[count.code], count.code
        opening = programme(code).current.opening
        assert sum(event.kind == opening for event in mine) == told[counts_of(code)[0].code]


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
