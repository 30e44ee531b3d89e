"""``shuroflow show``, ``next`` and ``due`` say what the library says, for every kind of source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.audit import replay
from shuroflow.caseload import Caseload
from shuroflow.cli.options import now, today
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states import Office, programme
from shuroflow.states.judgement import show
from shuroflow.storage import JsonlJournal, open_journal
from shuroflow.vocabulary import CLOSED, Lang, Severity
from tests.audit.records import STORIES, snapshot, story, write
from tests.audit.test_explanation import amended
from tests.cli.calls import call, one_line
from tests.states.story import AS_OF, SV, Story
from tests.states.tsushima_notices import DECISIONS, NAMES, history_of


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
    on = max(date(2026, 1, 20), story(name)[0].occurred_on)
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


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_next_of_a_day_before_the_case(cases: Path, lang: str) -> None:
    """A day on which there was no case yet is refused with the words of ``show``."""
    for day in ("2020-01-01", "2025-04-02"):
        told = [
            one_line(call("--lang", lang, *args, day))
            for args in (("next", cases, "S01", "--on"), ("show", cases, "S01", "--as-of"))
        ]
        assert told[0] == told[1]
        assert "2025-04-03" in told[0]
    assert 0 == call("next", cases, "S01", "--on", "2025-04-03").exit_code


@pytest.mark.parametrize(
    ("lang", "said", "headings", "states"),
    [
        (
            "ja",
            "令和7年7月31日までの記録があり、その日の状態は「終了」です",
            ("今は記録できない出来事", "後の記録に続くため記録できない出来事"),
            ("「支援中」", "「終了」の段階"),
        ),
        (
            "en",
            'later records, up to 2025-07-31: its state is "ended" by then',
            ("Not possible now", "Not possible after the later records"),
            ('state "in support"', 'state "ended"'),
        ),
    ],
)
def test_next_of_a_day_of_the_past(
    cases: Path, lang: str, said: str, headings: tuple[str, str], states: tuple[str, str]
) -> None:
    """What moves the case follows its later records, which are told, and stands apart from what its day forbids."""
    text = call("--lang", lang, "next", cases, "S01", "--on", "2025-05-01").stdout
    assert 1 == text.count(said)
    of_day, found, later = text.partition(headings[0])[2].partition(headings[1])
    assert found
    assert [True, False] == [state in of_day for state in states]
    assert [False, True] == [state in later for state in states]
    assert "(discontinued)" in of_day  # the text has no such thing, whatever was recorded later
    last = call("--lang", lang, "next", cases, "S01", "--on", "2025-07-31").stdout
    assert said not in last
    assert headings[1] not in last


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
    assert "時差" in one_line(call(command, cases, "S01", "--known-at", "2025-04-02T10:00:00"))


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


@pytest.mark.parametrize(
    ("lang", "heading", "since"),
    [
        ("ja", "これから生じる事項(まだ未了ではありません)", "令和7年7月1日"),
        ("en", "Duties to come (not owed yet)", "2025-07-01"),
    ],
)
@pytest.mark.parametrize("command", ["show", "due"])
def test_what_is_not_owed_yet_is_told_apart(tmp_path: Path, command: str, lang: str, heading: str, since: str) -> None:
    """第8条第1項: the plan of a use from 1 July is no open duty in June, but one to come; in July it is open."""
    path = write(tmp_path / "cases.jsonl", story("T01")[:4])
    case = ("T01", "--as-of") if command == "show" else ("--on",)
    june = call("--lang", lang, command, path, *case, "2025-06-25").stdout
    owed, told, coming = june.partition(heading)
    assert told
    assert [] == [line for line in owed.splitlines() if "第8条第1項" in line and "[" not in line]
    assert 2 == len([line for line in coming.splitlines() if line.startswith(since) and "第8条第1項" in line])
    july = call("--lang", lang, command, path, *case, "2025-07-01").stdout
    assert heading not in july
    assert 2 == len([line for line in july.splitlines() if "第8条第1項" in line and "[" not in line])


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


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(("upto", "more", "told"), DECISIONS)
def test_each_notice_that_is_owed_has_a_line_of_its_own(
    tmp_path: Path, upto: str, more: Iterable[tuple[str, Any]], told: list[tuple[str, int]], lang: Lang
) -> None:
    """対馬 第5条第3項・第4項: ``due`` and ``show`` name the day of the decision; no two lines are the same."""
    history = history_of(upto, more)
    path = write(tmp_path / "cases.jsonl", history.events)
    days = {event.seq: show(event.occurred_on, lang) for event in history.events}
    for command in (("due", path), ("show", path, history.case_id)):
        text = call(*command, "--lang", lang, "--as-of" if command[0] == "show" else "--on", "2026-09-01").stdout
        sheet = [line for line in text.splitlines() if ("様式第" if lang == "ja" else "notice of ") in line]
        lines = [line for line in sheet if "期日なし" in line or "no day" in line]
        assert len(lines) == len(set(lines))
        for code, seq in told:
            assert code in NAMES
            assert any(days[seq] in line for line in lines)
        assert "#" not in "".join(lines)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("command", ["next", "due"])
def test_the_day_has_the_name_that_other_commands_give_it(cases: Path, command: str, lang: str) -> None:
    """``--as-of``, as ``show`` and ``audit`` have it, is ``--on``: the same answer, and the same refusal."""
    case = ("S04",) if command == "next" else ()
    for day in ("2025-12-20", "R8.2.28", "2027-01-01"):
        one, other = (call("--lang", lang, command, cases, *case, flag, day) for flag in ("--on", "--as-of"))
        assert (0, one.stdout) == (other.exit_code, other.stdout)
    refused = [one_line(call("--lang", lang, command, cases, *case, flag, "R8.2.29")) for flag in ("--on", "--as-of")]
    assert refused[0] == refused[1]
    assert "--on" in refused[0]
    same = call("--lang", lang, command, cases, *case, "--on", "2026-02-28", "--as-of", "R8.2.28")
    assert call("--lang", lang, command, cases, *case, "--on", "2026-02-28").stdout == same.stdout
    two = call("--lang", lang, command, cases, *case, "--on", "2026-02-28", "--as-of", "2026-03-01")
    told = one_line(two)
    assert (2, "") == (two.exit_code, two.stdout)
    assert all(named in told for named in ("--on", "--as-of", "2026-02-28", "2026-03-01"))


@given(
    name=st.sampled_from(sorted(STORIES)),
    after=st.integers(0, 700),
    lang=st.sampled_from(["ja", "en"]),
)
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_next_says_that_a_case_is_closed(cases: Path, name: str, after: int, lang: Lang) -> None:
    """Since when, and whether anything can be recorded still; and no heading has nothing under it."""
    day = story(name)[0].occurred_on + timedelta(days=after)
    result = call("--lang", lang, "next", cases, name, "--on", day)
    assert 0 == result.exit_code
    lines = result.stdout.splitlines()
    headings = {"記録できる出来事", "今は記録できない出来事", "Possible", "Not possible now"}
    headings |= {"後の記録に続くため記録できない出来事", "Not possible after the later records"}
    for line, below in pairwise(lines):
        assert line not in headings or below.startswith("  ")
    report = replay(story(name), as_of=day, office=Office())
    closed = report is not None and report.state in CLOSED
    told = "閉じています" in lines[1] or lines[1].startswith(("  The case has been closed", "  The case is closed"))
    assert closed is told
    if closed and report is not None:
        assert report.case is not None
        closing = report.case.closing_on(day)
        assert closing is not None
        assert show(closing.on, lang) in lines[1]
        assert programme(report.programme).current.state_name(report.state).label(lang) in lines[1]
        any_more = "記録できる出来事" in lines or "Possible" in lines
        assert any_more is ("次のものだけ" in lines[1] or "only the following" in lines[1])


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "ja",
            "このケースは令和7年10月20日に閉じています(中止)。"
            "訂正と取消のほかに、令和8年11月21日の出来事として記録できるものはありません。",
        ),
        (
            "en",
            "The case has been closed since 2025-10-20 (discontinued). "
            "Besides corrections and withdrawals, nothing may be recorded as having happened on 2026-11-21.",
        ),
    ],
)
def test_next_of_a_case_at_its_end(cases: Path, lang: str, said: str) -> None:
    """Nothing is left to be recorded: a sentence says so in the place of an empty heading."""
    lines = call("--lang", lang, "next", cases, "S09", "--on", "2026-11-21").stdout.splitlines()
    assert said == lines[1].strip()
    assert not {"記録できる出来事", "Possible"} & set(lines)


@pytest.mark.parametrize(("lang", "said"), [("ja", "十年以上先の日です"), ("en", "more than ten years in the future")])
@pytest.mark.parametrize("day", ["令和71年4月1日", "3000-01-01"])
def test_a_day_far_in_the_future_is_told(cases: Path, day: str, lang: str, said: str) -> None:
    """A day that was perhaps mistyped is answered as asked, status and answer alike, with one line beside it."""
    for args in (["audit", cases, "--as-of"], ["due", cases, "--on"], ["show", cases, "S04", "--as-of"]):
        far = call("--lang", lang, *args, day)
        (line,) = far.stderr.splitlines()
        assert said in line
        assert args[-1] in line
        assert far.exit_code == call("--lang", lang, *args, today() + timedelta(days=3653)).exit_code
        assert "" != far.stdout


def test_a_day_within_ten_years_is_asked_on_purpose(cases: Path) -> None:
    """The last day about which nothing is said, and the next one."""
    for days, lines in ((0, 0), (3653, 0), (3654, 1)):
        told = call("due", cases, "--on", today() + timedelta(days=days))
        assert lines == len(told.stderr.splitlines())
