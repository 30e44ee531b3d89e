"""Late entries: the days are those of the lines themselves, the percentiles those of a sorted list."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit import histories
from shuroflow.audit.asking import Answer, Asking
from shuroflow.audit.lateness import Delay, Group, Lateness, entries, percentile
from shuroflow.calendar import fiscal_year
from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.simulation import write as simulate
from tests.audit.records import story, write
from tests.cli.calls import call
from tests.states.saitama_stories import course
from tests.states.story import CW, JST, SV

AS_OF = date(2026, 11, 21)

DAYS = st.lists(st.integers(-5, 400), min_size=1, max_size=200)


@given(days=DAYS, percent=st.sampled_from([1, 50, 90, 99, 100]))
def test_a_percentile_is_that_of_the_sorted_list(days: list[int], percent: int) -> None:
    """Nearest rank: the entry at that place of the list, so it is always a delay that was seen."""
    assert sorted(days)[math.ceil(percent * len(days) / 100) - 1] == percentile(Counter(days), percent)


@given(days=DAYS, limit=st.integers(0, 30))
def test_the_delays_of_some_entries(days: list[int], limit: int) -> None:
    """Number, late and early ones, and the longest, as a loop over the list counts them."""
    found = Delay.of(Counter(days), limit)
    rest = sorted(day for day in days if day >= 0)
    told = (found.median, found.p90, found.p99, found.longest)
    if rest:
        assert (*(rest[math.ceil(percent * len(rest) / 100) - 1] for percent in (50, 90, 99)), rest[-1]) == told
    else:
        assert (None, None, None, None) == told
    assert len(days) == found.entries
    assert sum(day > limit for day in days) == found.late
    assert sum(day < 0 for day in days) == found.early


def test_of_no_entry_there_is_no_percentile() -> None:
    """It is no zero."""
    with pytest.raises(ValueError, match="no entry"):
        percentile({}, 50)


def late(events: list[Event], path: Path, **options: Any) -> tuple[Asking, list[Answer]]:
    """The late entries of one case."""
    asking = Asking(**{"as_of": AS_OF, "chosen": ["lateness"], **options})
    answers = list(asking.answers(histories([write(path, events)])))
    return asking, [answer for answer in answers if not isinstance(answer, InputError)]


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (13, False), (14, False), (15, True), (400, True)])
def test_the_limit_itself_is_not_late(tmp_path: Path, days: int, is_late: bool) -> None:
    """Written down on the day of the limit is in time; a day later is late, and the answer tells the days."""
    events = course("listed", case_id="A").events
    moment = datetime.combine(events[0].occurred_on + timedelta(days=days), time(23, 59), JST)
    asking, answers = late([attrs.evolve(events[0], recorded_at=moment)], tmp_path / "a.jsonl", late_days=14)
    assert ([days] if is_late else []) == [answer.days for answer in answers]
    (delay,) = asking.lateness.by(lambda group: group).values()
    assert (days, int(is_late), 1) == (delay.longest, delay.late, delay.entries)
    assert int(is_late) == asking.observed


@pytest.mark.parametrize("form", ["text", "json", "csv"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_is_written_down_before_it_happened(tmp_path: Path, lang: str, form: str) -> None:
    """It is listed with its days, makes no delay, and no exit status; the others have their median."""
    events = course("selected", case_id="A").events
    early = attrs.evolve(
        events[1], recorded_at=datetime.combine(events[1].occurred_on - timedelta(days=2), time(9), JST)
    )
    path = write(tmp_path / "a.jsonl", [events[0], early])
    result = call("--lang", lang, "questions", path, "--as-of", AS_OF, "--question", "lateness", "--format", form)
    assert 0 == result.exit_code
    message = {"ja": "2日前に記録されています", "en": "written down 2 days before it happened"}[lang]
    assert message in result.stdout
    if form == "json":
        told = json.loads(result.stdout)
        (answer,) = told["answers"]
        assert ("observation", 2, "selected", -2) == tuple(answer[n] for n in ("severity", "seq", "event", "days"))
        groups = {each["event"]: each for each in told["lateness"]["groups"]}
        assert (1, 1, 0, None, None) == tuple(
            groups["selected"][name] for name in ("entries", "early", "late", "median", "longest")
        )
        assert (0, 0) == (groups["listed"]["early"], groups["listed"]["median"])
    if form == "csv":
        assert ",-2," in result.stdout
    if form == "text":
        assert "–" in result.stdout


def test_the_date_is_that_of_the_offset_it_was_written_with(tmp_path: Path) -> None:
    """20:00 UTC is the next day in Japan: the record says UTC, and its date counts, as in the explanation of a case."""
    events = course("listed", case_id="A").events
    moment = datetime.combine(events[0].occurred_on, time(20), UTC)
    asking, _ = late([attrs.evolve(events[0], recorded_at=moment)], tmp_path / "a.jsonl")
    assert [{0: 1}] == [dict(each) for each in asking.lateness.groups.values()]


def amended(*more: Any) -> list[Event]:
    """A case of three events, and what amends them, each written down a hundred days after the day it is dated."""
    told = course("consented", case_id="A")
    for data in more:
        moment = datetime(2025, 9, 9, 9, tzinfo=JST)
        told.on("2025-06-01", data, by=CW, recorded_at=moment)
    return told.events


def test_a_corrected_event_counts_from_its_right_day(tmp_path: Path) -> None:
    """The day moves, the moment of the first record stays; the correction is an entry of its own, of its own day."""
    day = Corrected(seq=1, reason="slip", approved_by=SV, occurred_on=date(2025, 3, 1))
    asking, answers = late(amended(day), tmp_path / "a.jsonl", late_days=30)
    assert [(1, 33, "listed"), (4, 100, "corrected")] == [(each.seq, each.days, each.kind) for each in answers]
    assert 2024 == next(group.year for group in asking.lateness.groups if group.event == "listed")
    before = datetime(2025, 5, 1, tzinfo=JST)
    asking, answers = late(amended(day), tmp_path / "a.jsonl", late_days=30, known_at=before)
    assert ([], 3) == (answers, sum(sum(each.values()) for each in asking.lateness.groups.values()))


def test_what_was_taken_back_does_not_count(tmp_path: Path) -> None:
    """A withdrawn event is no entry; a correction that was withdrawn neither; the withdrawal is one."""
    gone = amended(Withdrawn(seq=3, reason="slip", approved_by=SV))
    assert [1, 2, 4] == [event.seq for event in entries(gone, as_of=AS_OF)]
    day = Corrected(seq=1, reason="slip", approved_by=SV, occurred_on=date(2025, 3, 1))
    back = amended(day, Withdrawn(seq=4, reason="it was right", approved_by=SV))
    assert [1, 2, 3, 5] == [event.seq for event in entries(back, as_of=AS_OF)]
    assert date(2025, 4, 3) == next(iter(entries(back, as_of=AS_OF))).occurred_on


@pytest.mark.parametrize("kind", ["corrected", "withdrawn"])
def test_nothing_is_dated_after_the_day_asked_about(tmp_path: Path, kind: str) -> None:
    """A correction or withdrawal of the next fiscal year is in no row and no answer of this one."""
    data = {
        "corrected": Corrected(seq=2, reason="slip", approved_by=CW, occurred_on=date(2025, 4, 9)),
        "withdrawn": Withdrawn(seq=2, reason="slip", approved_by=CW),
    }
    told = course("selected", case_id="A").on("2026-05-01", data[kind], by=CW)
    late_on = attrs.evolve(told.last, recorded_at=datetime(2026, 8, 1, 9, tzinfo=JST))
    path = tmp_path / "a.jsonl"
    for as_of, years in ((date(2026, 4, 30), {2025}), (date(2026, 5, 1), {2025, 2026})):
        chosen = ["lateness", "roles"]
        asking, answers = late([*told.events[:-1], late_on], path, as_of=as_of, chosen=chosen, late_days=0)
        assert years == {group.year for group in asking.lateness.groups}
        assert (2026 in years) == any(answer.kind == kind for answer in answers if answer.question == "lateness")
        assert (2026 in years) == any(answer.kind == kind for answer in answers if answer.question == "roles")


def test_against_the_lines_themselves(tmp_path: Path) -> None:
    """Every group of a made up caseload has the delays that a loop over the lines of the file gives."""
    path = tmp_path / "cases.jsonl"
    simulate(60, 5, 0.5, path)
    told: dict[tuple[str, int, str], list[int]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        each = json.loads(line)
        day = date.fromisoformat(each["occurred_on"])
        if day <= AS_OF:
            days = (date.fromisoformat(each["recorded_at"][:10]) - day).days
            told.setdefault((each["programme"], fiscal_year(day), each["event"]), []).append(days)
    result = call("questions", path, "--as-of", AS_OF, "--question", "lateness", "--late-days", 1, "--format", "json")
    report = json.loads(result.stdout)
    groups = {(each["programme"], each["fiscal_year"], each["event"]): each for each in report["lateness"]["groups"]}
    assert set(told) == set(groups)
    for key, days_ in told.items():
        ordered = sorted(day for day in days_ if day >= 0)
        expected = {
            "entries": len(days_),
            "early": sum(day < 0 for day in days_),
            "late": sum(day > 1 for day in days_),
            "median": ordered[math.ceil(len(ordered) / 2) - 1],
            "p90": ordered[math.ceil(0.9 * len(ordered)) - 1],
            "longest": ordered[-1],
        }
        assert expected == {name: groups[key][name] for name in expected}
    late_ones = sum(day > 1 for days_ in told.values() for day in days_)
    assert 0 < late_ones == len(report["answers"])
    assert {"cases": 60, "late_days": 1} == {
        "cases": report["summary"]["cases"],
        "late_days": report["lateness"]["late_days"],
    }


def test_joined_groups_add_up() -> None:
    """What is joined by a part of the group has all the entries of its parts."""
    lateness = Lateness(3)
    for event in story("S01"):
        lateness.add(event, "one")
        lateness.add(attrs.evolve(event, occurred_on=event.occurred_on - timedelta(days=9)), "two")
    by_office = lateness.by(lambda group: (group.office,))
    assert {("one",): 0, ("two",): len(story("S01"))} == {key: delay.late for key, delay in by_office.items()}
    assert {Group("one", "saitama", 2025, "listed")} <= set(lateness.groups)
    (whole,) = lateness.by(lambda group: ()).values()
    assert 2 * len(story("S01")) == whole.entries
