"""``shuroflow show``, ``next`` and ``due`` say what the library says, for every kind of source."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import attrs
import pytest

from shuroflow.audit import replay
from shuroflow.caseload import Caseload
from shuroflow.cli.options import now
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states import Office
from shuroflow.storage import JsonlJournal, open_journal
from shuroflow.vocabulary import Severity
from tests.audit.records import STORIES, snapshot, story, write
from tests.audit.test_explanation import amended
from tests.cli.calls import call, one_line
from tests.states.story import AS_OF, SV, Story


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """All sample records in one file."""
    return write(tmp_path / "cases.jsonl", *map(story, STORIES))


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", STORIES)
def test_show_tells_the_case(cases: Path, name: str, lang: str) -> None:
    """State, period, every finding as of the day, and one line for each event; nothing is changed."""
    as_of = date(2025, 10, 31)
    before = snapshot(cases.parent)
    result = call("show", cases, name, "--as-of", as_of, "--lang", lang)
    report = replay(story(name), as_of=as_of, office=Office())
    if report is None:
        assert name in one_line(result)
        return
    assert 0 == result.exit_code
    assert report.state.label(lang) in result.stdout  # type: ignore[arg-type]
    for finding in report.findings:
        assert finding.message(lang) in result.stdout  # type: ignore[arg-type]
    record = result.stdout.rpartition("経過" if lang == "ja" else "Record\n")[2]
    numbers = [row.split()[0] for row in record.splitlines() if row[:1].isdigit()]
    assert [str(event.seq) for event in story(name)] == numbers
    assert before == snapshot(cases.parent)


def test_show_of_a_case_that_begins_later(cases: Path) -> None:
    """A case that is there but not yet on the day is told as such, with the day on which it begins."""
    told = one_line(call("show", cases, "S01", "--as-of", "2025-04-02"))
    assert "まだありません" in told
    assert "2025-04-03" in told
    told = one_line(call("show", cases, "S01", "--as-of", "2025-04-02", "--lang", "en"))
    assert "not there yet" in told


def test_show_of_a_case_that_is_withdrawn(tmp_path: Path) -> None:
    """So is a case of which everything was withdrawn."""
    told = Story("saitama", "S01", events=story("S01")[:1])
    told.on("2025-04-11", Withdrawn(seq=1, reason="誤記", approved_by=SV))
    path = write(tmp_path / "one.jsonl", told.events)
    assert "取り消されています" in one_line(call("show", path, "S01", "--as-of", "2026-01-01"))


def test_show_tells_goals_and_periods(cases: Path) -> None:
    """The goals with their results, each period of an extended case, and the open duties."""
    text = call("show", cases, "S04", "--as-of", "R8.6.30").stdout
    assert "期間: 令和7年11月30日～令和8年5月31日" in text
    assert "2. 令和8年3月1日～令和8年5月31日" in text
    assert "… 未達成" in text
    assert "延長の協議又は終了" in text


def test_show_tells_the_arithmetic(cases: Path) -> None:
    """The means test of a 対馬 case is shown line by line."""
    text = call("show", cases, "T01", "--as-of", "R8.6.30").stdout
    assert "査定" in text
    assert "109,500円" in text


def test_show_marks_what_came_later(cases: Path) -> None:
    """Events after the day are listed and marked."""
    rows = call("show", cases, "S01", "--as-of", "2025-04-14", "--lang", "en").stdout.splitlines()
    assert ["after" in row for row in rows if row[:1].isdigit()] == [False] * 3 + [True] * 10


@pytest.mark.parametrize("name", STORIES)
def test_next_names_every_event(cases: Path, name: str) -> None:
    """Each event of the programme stands under possible or under not possible, as the desk says, with its reasons."""
    on = date(2026, 1, 20)
    with JsonlJournal(cases) as journal:
        options = Caseload(journal, clock=now).next(name, on=on)
    text = call("next", cases, name, "--on", on).stdout
    possible, impossible = text.split("今は記録できない出来事")
    for option in options:
        half = possible if option.possible else impossible
        assert f"{option.name()} ({option.event})  {option.clause}" in half
        for finding in option.why_not:
            assert (finding.message() in half) is (finding.severity is not Severity.NOTE or not option.possible)
        if option.possible:
            own = possible.split(f"({option.event})  {option.clause}")[1].split("\n  ")
            own = own[: next((at for at, row in enumerate(own[1:], 1) if row[:1] != " "), len(own))]
            needed = {f"・{rule.citation}: {rule.mend.render({}, 'ja')}" for rule in option.asks if rule.blocks}
            assert needed == {row.strip() for row in own if "・" in row[:9]}
            assert bool(needed) is any("記録のとき確かめること" in row for row in own)


def test_next_in_english(cases: Path) -> None:
    """The same in English, with no Japanese left but clauses and the word 要綱."""
    text = call("next", cases, "S04", "--on", "2026-05-20", "--lang", "en").stdout
    assert "Possible" in text
    assert "Not possible now" in text
    assert "supervisor" in text


def test_what_was_known_at_a_moment(cases: Path) -> None:
    """show, next and due tell what had been written down by then, and say so; an audit of that moment agrees."""
    moment = ("--known-at", "2025-04-14T17:00:00+09:00")
    shown = call("--lang", "en", "show", cases, "S01", "--as-of", "2025-06-01", *moment).stdout
    assert "  as recorded up to 2025-04-14T17:00:00+09:00\n" in shown
    record = [row.split()[:2] for row in shown.rpartition("Record\n")[2].splitlines() if row[:1].isdigit()]
    known = [event for event in story("S01") if event.recorded_at.isoformat() <= moment[1]]
    assert known
    assert [[str(event.seq), event.occurred_on.isoformat()] for event in known] == record
    report = replay(known, as_of=date(2025, 6, 1), office=Office())
    assert report is not None
    assert f"state: {report.state.label('en')}\n" in shown
    assert shown == call("--lang", "en", "show", cases, "S01", "--as-of", "2025-06-01", *moment).stdout
    options = call("next", cases, "S01", "--on", "2025-04-14", *moment).stdout
    assert "2025-04-14T17:00:00+09:00 までに記録されたもの" in options
    assert options != call("next", cases, "S01", "--on", "2025-04-14").stdout
    due = call("due", cases, "--on", "2025-12-28", "--known-at", "2025-10-30").stdout
    assert "2025-10-30T23:59:59+09:00 までに記録されたもの" in due
    assert "情報提供" not in due
    assert "情報提供" in call("due", cases, "--on", "2025-12-28", "--known-at", "2025-10-31").stdout


@pytest.mark.parametrize("command", ["show", "next"])
def test_a_case_of_which_nothing_was_written_yet(cases: Path, command: str) -> None:
    """One line says when the first record was made; a moment without offset is refused as an audit does."""
    told = one_line(call("--lang", "en", command, cases, "S01", "--known-at", "2025-04-02"))
    assert "nothing was recorded of it up to 2025-04-02T23:59:59+09:00" in told
    assert "2025-04-03T17:00:00+09:00" in told
    assert "までに記録されたものはありません" in one_line(call(command, cases, "S01", "--known-at", "2025-04-02"))
    assert "offset" in one_line(call(command, cases, "S01", "--known-at", "2025-04-02T10:00:00"))


def test_due_at_the_end_of_the_calendar(cases: Path) -> None:
    """A span that reaches beyond the last day of the calendar is cut there."""
    assert 0 == call("due", cases, "--on", "9999-12-30", "--within", 36500).exit_code


def test_due_is_sorted_by_day(cases: Path) -> None:
    """Everything due of all cases, the earliest first, what has no day last; ``--within`` leaves out the far."""
    on = date(2025, 12, 1)
    with JsonlJournal(cases) as journal:
        items = list(Caseload(journal, clock=now).due(on=on))
        near = list(Caseload(journal, clock=now).due(on=on, within=90))
    rows = call("due", cases, "--on", on, "--lang", "en").stdout.splitlines()[3:]
    days = [row.split("  ")[0] for row in rows]
    assert len(items) == len(rows)
    assert sorted(day for day in days if day != "no day") == [day for day in days if day != "no day"]
    assert ["no day"] * days.count("no day") == days[len(days) - days.count("no day") :]
    assert len(near) == len(call("due", cases, "--on", on, "--within", 90).stdout.splitlines()[3:]) < len(items)


def test_due_tells_moved_and_late_days(cases: Path) -> None:
    """A payment: its thirtieth day, the day it moves to past closed days, and that it is overdue after that."""
    text = call("due", cases, "--on", "2026-05-11").stdout
    assert "令和8年5月11日" in text
    row = next(row for row in text.splitlines() if row.startswith("令和8年5月10日"))
    assert "T07" in row
    assert "期限経過" not in row
    late = call("due", cases, "--on", "2026-05-12").stdout
    assert "期限経過" not in late or "T07" not in late  # paid on that day


def test_due_of_nothing(tmp_path: Path) -> None:
    """A caseload without open duties is told as such."""
    path = write(tmp_path / "cases.jsonl", story("S10"))
    assert "なし" in call("due", path, "--on", "2030-01-01").stdout


def test_a_folder_is_read_as_one(cases: Path, tmp_path: Path) -> None:
    """Reading commands take a folder of journals; recording needs one of them named."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in STORIES:
        write(folder / f"{name}.jsonl", story(name))
    for args in (["show", "S04"], ["next", "T01"], ["due"]):
        day = "--as-of" if args[0] == "show" else "--on"
        results = [call(args[0], source, *args[1:], day, "2026-01-20") for source in (cases, folder)]
        assert results[0].stdout == results[1].stdout
        assert [0, 0] == [result.exit_code for result in results]
    assert "folder" in one_line(call("record", folder, "S01", "listed", "--by", "caseworker:cw-03"))
    write(folder / "again.jsonl", story("S04"))
    assert "S04.jsonl" in one_line(call("show", folder, "S04"))


@pytest.mark.parametrize("second", [["S04", "S01"], ["S01", "S04"]])
def test_two_persons_under_one_number_are_not_made_one(tmp_path: Path, second: list[str]) -> None:
    """due, like show and an audit, refuses the folder and names both files, wherever the cases lie; one is read."""
    write(tmp_path / "A.jsonl", story("S02"), story("S04"))
    write(tmp_path / "B.jsonl", *(story("S01", name) for name in second))
    alone = call("due", tmp_path / "A.jsonl", "--on", "2025-08-01")
    assert 0 == alone.exit_code
    for args in (["due", tmp_path, "--on", "2025-08-01"], ["show", tmp_path, "S04"]):
        said = one_line(call("--lang", "en", *args))
        assert "A.jsonl" in said
        assert "B.jsonl" in said
    assert 2 == call("audit", tmp_path, "--as-of", "2025-08-01").exit_code


# Corrections ----------------------------------------------------------------------------------------------------------


def corrected(events: list[Event], day: date, seq: int = 8) -> list[Event]:
    """The record with a correction of the day of an event."""
    return amended(events, Corrected(seq=seq, reason="誤", approved_by=SV, occurred_on=day), date(2025, 9, 1))


def remarks(shown: str) -> dict[str, str]:
    """What the record shown says of each event, by its number."""
    lines = shown.rpartition("Record\n")[2].splitlines()
    return {line.split()[0]: line for line in lines if line[:1].isdigit()}


def test_a_moved_event_is_shown_with_its_day(tmp_path: Path) -> None:
    """Beyond the day asked about and back before it: the day as corrected decides which is still to come."""
    path = write(tmp_path / "a.jsonl", corrected(story("S01"), date(2026, 12, 1)))
    eight = remarks(call("--lang", "en", "show", path, "S01", "--as-of", "2026-11-21").stdout)["8"]
    assert "(corrected to 2026-12-01) (after the day)" in eight
    first = story("S01")[7].occurred_on
    assert first.isoformat() in eight
    eight = remarks(call("--lang", "en", "show", path, "S01", "--as-of", "2026-12-01").stdout)["8"]
    assert "(corrected to 2026-12-01)" in eight
    assert "after the day" not in eight
    path = write(tmp_path / "b.jsonl", corrected(story("S01"), first - timedelta(days=1)))
    shown = call("--lang", "en", "show", path, "S01", "--as-of", first - timedelta(days=1)).stdout
    assert "after the day" not in remarks(shown)["8"]
    assert "after the day" in remarks(shown)["9"]


def test_a_correction_of_what_is_not_known_yet_is_not_shown(tmp_path: Path) -> None:
    """A clock put back: the event was written down after the moment asked about, what corrects it before."""
    events = story("S01")
    events[7] = attrs.evolve(events[7], recorded_at=events[7].recorded_at.replace(year=2026))
    events = amended(corrected(events, date(2025, 5, 14)), Withdrawn(seq=14, reason="誤", approved_by=SV), AS_OF)
    path = write(tmp_path / "a.jsonl", events)
    shown = call("--lang", "en", "show", path, "S01", "--known-at", "2025-12-31").stdout
    assert not {"8", "14", "15"} & set(remarks(shown))
    assert {"8", "14", "15"} <= set(remarks(call("--lang", "en", "show", path, "S01", "--as-of", "2027-01-01").stdout))


def test_a_database_is_read_alike(cases: Path, tmp_path: Path) -> None:
    """The same answers from SQLite."""
    source = f"sqlite:///{tmp_path / 'cases.db'}"
    with open_journal(source, create=True) as journal:
        for name in STORIES:
            journal.append(name, story(name), expected=0)
    for args in (["show", "S04", "--as-of"], ["next", "T01", "--on"], ["due", "--on"]):
        expected, actual = (call(args[0], place, *args[1:], "2026-01-20") for place in (cases, source))
        assert expected.stdout == actual.stdout
