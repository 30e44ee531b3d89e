"""From sources to verdicts: every case answered for, in order, with little memory; what cannot be used is named."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from shuroflow.audit import Absence, CaseReport, Later, Summary, audit, replay
from shuroflow.audit.report import error_text
from shuroflow.errors import InputError, SameCaseNumber, Unavailable
from shuroflow.events import Corrected, Event, Withdrawn, kinds_of
from shuroflow.states import Office, programme
from shuroflow.storage import Bulk, caseindex, open_journal
from shuroflow.storage.codec import canonical
from shuroflow.vocabulary import Severity
from tests.audit.records import STORIES, interleaved, line, snapshot, story, write
from tests.states.saitama_stories import VISIT
from tests.states.story import JST, SV, Story
from tests.storage.sql.databases import sqlite_url, unguarded

AS_OF = date(2026, 11, 21)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    found: str = request.getfixturevalue("postgres_url")
    return found


def run(*sources: str | Path, **options: Any) -> tuple[list[CaseReport], list[InputError]]:
    """Reports and errors of an audit."""
    items = list(audit(sources, **{"as_of": AS_OF, **options}))
    return [item for item in items if isinstance(item, CaseReport)], [i for i in items if isinstance(i, InputError)]


def facts(report: CaseReport) -> tuple[object, ...]:
    """What a report says, without the case object it keeps."""
    return report.case_id, report.state, report.period, report.findings, report.events


def test_every_story_is_judged_as_by_replay(tmp_path: Path) -> None:
    """A file of interleaved cases gives, case by case in order of appearance, what replaying each one gives."""
    path = interleaved(tmp_path / "all.jsonl", *(story(name) for name in STORIES))
    reports, errors = run(path)
    expected = [replay(story(name), as_of=AS_OF, office=Office()) for name in STORIES]
    assert errors == []
    assert [facts(each) for each in expected if each] == [facts(each) for each in reports]


@pytest.mark.parametrize("kind", ["file", "folder", "database"])
def test_every_kind_of_source_says_the_same(tmp_path: Path, kind: str) -> None:
    """The same events give the same reports, whether they lie in a file, in a folder or in a database."""
    names = ["S02", "T02", "S08"]
    if kind == "database":
        source = f"sqlite:///{tmp_path / 'cases.db'}"
        with open_journal(source, create=True) as journal:
            for name in names:
                journal.append(name, story(name), expected=0)
    elif kind == "folder":
        source = str(tmp_path)
        for at, name in enumerate(names):
            write(tmp_path / f"{at}.jsonl", story(name))
        (tmp_path / "notes.txt").write_text("not events")
    else:
        source = str(write(tmp_path / "cases.jsonl", *map(story, names)))
    reports, errors = run(source)
    assert errors == []
    assert [facts(replay(story(name), as_of=AS_OF, office=Office())) for name in names] == [  # type: ignore[arg-type]
        facts(report) for report in reports
    ]


def test_days_reach_the_replay(tmp_path: Path) -> None:
    """A case that was not there yet on the day, or was not known yet at the moment, has no report."""
    path = write(tmp_path / "cases.jsonl", story("S01"), story("S04"))
    assert [report.case_id for report in run(path, as_of=date(2025, 6, 1))[0]] == ["S01"]
    reports, _ = run(path, known_at=datetime(2025, 4, 3, 17, tzinfo=JST))
    assert [(report.case_id, report.state.value) for report in reports] == [("S01", "candidate")]
    items = list(audit([path], as_of=date(2025, 6, 1)))
    assert [Later("S04", "saitama", Absence.BEGAN_LATER, str(path))] == items[1:]
    summary = Summary.of(items)
    by_then = sum(event.occurred_on <= date(2025, 6, 1) for event in story("S01"))
    assert (1, 1, by_then) == (summary.cases, summary.later, summary.events)


def test_a_moment_needs_its_offset(tmp_path: Path) -> None:
    """A naive moment is refused at once."""
    with pytest.raises(InputError, match="offset"):
        audit([tmp_path], as_of=AS_OF, known_at=datetime(2025, 4, 3))  # noqa: DTZ001 - the point of the test


# What cannot be used --------------------------------------------------------------------------------------------------


def test_a_bad_line_costs_its_own_case_only(tmp_path: Path) -> None:
    """The line is named with its place, its case is left out of the verdict, and every other case is judged."""
    bad, good = story("S02"), story("S08")
    lines = [line(event) for event in bad] + [line(event) for event in good]
    lines[3] = line(bad[3], occurred_on="2025-02-30")
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"".join(lines))
    reports, (error,) = run(path)
    assert [report.case_id for report in reports] == ["S08"]
    assert (str(path), 4, "occurred_on", "S02") == (error.file, error.line, error.field, error.case_id)


def test_a_line_of_no_case_is_named(tmp_path: Path) -> None:
    """Of a line that is no JSON no case can be told: it is reported at the end, and all cases are judged."""
    path = write(tmp_path / "cases.jsonl", story("S01"))
    path.write_bytes(path.read_bytes() + b"{not json\n")
    reports, (error,) = run(path)
    assert [report.case_id for report in reports] == ["S01"]
    assert (error.line, error.case_id) == (14, None)


def test_a_torn_tail_is_named(tmp_path: Path) -> None:
    """A last line that was not written whole is an error of no case; its case is judged by what stands before it."""
    path = write(tmp_path / "cases.jsonl", story("S01"), story("S02"))
    path.write_bytes(path.read_bytes()[:-40])
    reports, (error,) = run(path)
    whole = replay(story("S02")[:-1], as_of=AS_OF, office=Office())
    assert whole is not None
    assert [report.case_id for report in reports] == ["S01", "S02"]
    assert facts(whole) == facts(reports[1])
    assert (error.line, error.case_id) == (26, None)


@pytest.mark.parametrize("tail", [line(story("S02")[0])[:-1], b'{"batch":2,' + line(story("S02")[0])[1:]])
def test_a_case_of_a_torn_tail_alone(tmp_path: Path, tail: bytes) -> None:
    """A case of which only the torn end tells is not judged, and the line is named; in two files it is an error too."""
    first = write(tmp_path / "a.jsonl", story("S01"))
    first.write_bytes(first.read_bytes() + tail)
    reports, (error,) = run(first)
    assert [report.case_id for report in reports] == ["S01"]
    assert (14, None) == (error.line, error.case_id)
    second = write(tmp_path / "b.jsonl", story("S02"))
    reports, errors = run(first, second)
    assert [report.case_id for report in reports] == ["S01"]
    assert {None, "S02"} == {error.case_id for error in errors}


def test_an_earlier_fault_still_costs_the_case(tmp_path: Path) -> None:
    """A torn end does not hide a fault further up in the same case."""
    path = tmp_path / "cases.jsonl"
    events = story("S01")
    path.write_bytes(line(events[0]) + line(events[1], seq="x") + line(events[2])[:-9])
    reports, errors = run(path)
    assert ([], [(2, "S01"), (3, None)]) == (reports, [(error.line, error.case_id) for error in errors])


@pytest.mark.parametrize(
    ("seqs", "at", "said"),
    [
        ((1, 3, 4), 2, "is 3, expected 2"),
        ((2, 3, 4), 1, "is 2, expected 1"),
        ((1, 2, 2), 3, "2 stands on line 2 already"),
        ((2, 1, 3), 1, "is 2, expected 1"),
    ],
)
def test_a_case_is_numbered_from_one(tmp_path: Path, seqs: tuple[int, ...], at: int, said: str) -> None:
    """A gap, a number that stands twice, a false start: one error with the line, and no verdict."""
    path = tmp_path / "cases.jsonl"
    events = story("S01")[: len(seqs)]
    numbered = [line(event, seq=seq) for seq, event in zip(seqs, events, strict=True)]
    path.write_bytes(b"".join(numbered))
    reports, (error,) = run(path)
    assert reports == []
    assert (at, "seq", "S01") == (error.line, error.field, error.case_id)
    assert said in error.message


def test_a_case_stays_in_its_programme(tmp_path: Path) -> None:
    """An event of another programme within a case is an error with its line."""
    path = tmp_path / "cases.jsonl"
    stray = attrs.evolve(story("T01", "S01")[0], seq=2)
    path.write_bytes(line(story("S01")[0]) + line(stray))
    reports, (error,) = run(path)
    assert reports == []
    assert (error.line, error.field, error.case_id) == (2, "programme", "S01")


def test_a_case_lies_in_one_source(tmp_path: Path) -> None:
    """A case with events in two files is reported once, naming both, and not judged; the others are."""
    first = write(tmp_path / "a.jsonl", story("S01")[:3], story("S02"))
    second = write(tmp_path / "b.jsonl", story("S03"), story("S01")[3:])
    reports, (error,) = run(tmp_path)
    assert [report.case_id for report in reports] == ["S02", "S03"]
    assert isinstance(error, SameCaseNumber)
    assert error.case_id == "S01"
    for lang, remedies in (("en", ("in one source", "apart")), ("ja", ("一つの入力にまとめ", "所ごとに分けて"))):
        told = error_text(error, lang=lang)
        assert all(said in told for said in (str(first), str(second), *remedies))


def test_sources_are_one_caseload(tmp_path: Path) -> None:
    """Several sources are audited in the order given; one named twice is refused, for its cases would count twice."""
    first, second = write(tmp_path / "a.jsonl", story("S01")), write(tmp_path / "b.jsonl", story("S02"))
    assert [report.case_id for report in run(second, first)[0]] == ["S02", "S01"]
    with pytest.raises(InputError, match="named twice"):
        audit([first, tmp_path], as_of=AS_OF)


@pytest.mark.parametrize("amendment", ["corrected", "withdrawn"])
def test_a_correction_that_does_not_fit(tmp_path: Path, amendment: str) -> None:
    """A correction of an event that is not there is an error with its line."""
    told = Story("saitama", "S01", events=story("S01")[:2])
    wrong = Corrected(seq=9, reason="誤記", approved_by=SV, occurred_on=date(2025, 4, 9))
    told.on("2025-04-11", wrong if amendment == "corrected" else Withdrawn(seq=9, reason="誤記", approved_by=SV))
    reports, (error,) = run(write(tmp_path / "cases.jsonl", told.events))
    assert reports == []
    assert (error.line, error.field, error.case_id) == (3, "data.seq", "S01")


def test_the_line_of_a_correction_that_does_not_fit(tmp_path: Path) -> None:
    """One that was taken back is at no fault, unless what took it back was taken back itself."""
    told = Story("saitama", "S01", events=story("S01")[:2])
    bad = Corrected(seq=9, reason="誤記", approved_by=SV, occurred_on=date(2025, 4, 9))
    told.on("2025-04-11", bad).on("2025-04-11", Withdrawn(seq=3, reason="誤記", approved_by=SV))
    assert 0 == len(run(write(tmp_path / "taken-back.jsonl", told.events))[1])
    told.on("2025-04-12", bad)
    assert 5 == run(write(tmp_path / "again.jsonl", told.events))[1][0].line
    told.on("2025-04-13", Withdrawn(seq=4, reason="誤記", approved_by=SV))
    assert 3 == run(write(tmp_path / "stands.jsonl", told.events))[1][0].line


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_no_clean_bill(tmp_path: Path, content: bytes) -> None:
    """Nothing to audit is an error, or an empty export would pass for a faultless caseload."""
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    reports, (error,) = run(path)
    assert reports == []
    assert str(path) == error.file


def test_an_empty_database_is_no_clean_bill(tmp_path: Path) -> None:
    """The same for a database."""
    source = f"sqlite:///{tmp_path / 'cases.db'}"
    open_journal(source, create=True).close()
    assert "holds no event" in run(source)[1][0].message


def test_a_damaged_row_costs_its_own_case_only(tmp_path: Path) -> None:
    """A row that is no event leaves its case out, and the rest of the database is judged."""
    file = tmp_path / "cases.db"
    with open_journal(f"sqlite:///{file}", create=True) as journal:
        journal.append("S01", story("S01"), expected=0)
        journal.append("S02", story("S02"), expected=0)
    unguarded(f"sqlite:///{file}", "UPDATE shuroflow_event SET body = '{}' WHERE case_id = 'S01' AND seq = 4")
    reports, (error,) = run(f"sqlite:///{file}")
    assert [report.case_id for report in reports] == ["S02"]
    assert error.case_id == "S01"


def test_a_case_without_its_first_row_is_named(tmp_path: Path) -> None:
    """A case of a database that lost its first event is an error of that case, and the rest is judged."""
    file = tmp_path / "cases.db"
    with open_journal(f"sqlite:///{file}", create=True) as journal:
        journal.append("S01", story("S01"), expected=0)
        journal.append("S02", story("S02"), expected=0)
    unguarded(f"sqlite:///{file}", "DELETE FROM shuroflow_event WHERE case_id = 'S01' AND seq = 1")
    reports, (error, gap) = run(f"sqlite:///{file}")
    assert [report.case_id for report in reports] == ["S02"]
    assert ("S01", True) == (error.case_id, "missing" in error.message)
    assert (None, True) == (gap.case_id, "position 1 is missing" in gap.message)


def three_cases(url: str) -> str:
    """A database with three cases, S01 before S02 before S08; its URL."""
    with open_journal(url, create=True) as journal:
        for name in ("S01", "S02", "S08"):
            journal.append(name, story(name), expected=0, key="k")
    return url


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("programme", "'tsushima'"),
        ("kind", "'selected'"),
        ("occurred_on", "'2020-01-01'"),
        ("recorded_at", "'2025-04-03T15:04:05+00:00'"),
        ("key", "'l'"),
        ("key", "NULL"),
    ],
)
def test_a_column_that_disagrees_costs_its_own_case_only(url: str, column: str, value: str) -> None:
    """Who asks the database by SQL goes by the columns: one that was changed beside its event is told in one line with
    table, position, column and remedy; its case is left out and the others are judged.
    """
    unguarded(three_cases(url), f"UPDATE shuroflow_event SET {column} = {value} WHERE case_id = 'S01' AND seq = 4")
    reports, (error,) = run(url)
    assert ["S02", "S08"] == [report.case_id for report in reports]
    assert "S01" == error.case_id
    assert f"table shuroflow_event, position 4: the column {column} says" in error.message
    assert "backup" in error.message
    assert 1 == len(str(error).splitlines())


@pytest.mark.parametrize(("change", "hurt"), [("seq = 99", ["S01"]), ("case_id = 'S02', seq = 99", ["S01", "S02"])])
def test_a_row_moved_to_another_place_costs_both(url: str, change: str, hurt: list[str]) -> None:
    """A row that was given another number, or to another case, is missed where it belongs and told where it is."""
    unguarded(three_cases(url), f"UPDATE shuroflow_event SET {change} WHERE position = 4")
    reports, errors = run(url)
    assert hurt == [error.case_id for error in errors]
    assert [name for name in ("S01", "S02", "S08") if name not in hurt] == [report.case_id for report in reports]


def test_a_case_that_was_taken_out_whole_leaves_a_hole(url: str) -> None:
    """Of a case whose rows are all gone nothing speaks but the positions: the audit names them, and judges the rest."""
    size = len(story("S01")), len(story("S02"))
    unguarded(three_cases(url), "DELETE FROM shuroflow_event WHERE case_id = 'S02'")
    reports, (error,) = run(url)
    assert ["S01", "S08"] == [report.case_id for report in reports]
    assert error.case_id is None
    assert f"positions {size[0] + 1} to {sum(size)} are missing" in error.message
    assert "backup" in error.message


def test_a_broken_listing_hides_no_case_that_lies_elsewhere_too(url: str, tmp_path: Path) -> None:
    """A case with lines in a file as well is not judged by those alone, however damaged the database is."""
    unguarded(three_cases(url), "UPDATE shuroflow_event SET position = -1 WHERE case_id = 'S08' AND seq = 2")
    for sources in ((url, write(tmp_path / "a.jsonl", story("S02"))), (tmp_path / "a.jsonl", url)):
        reports, errors = run(*sources)
        assert [] == reports
        assert "S02" in {error.case_id for error in errors} or sources[0] == url
        assert any("no case beyond it can be listed" in error.message for error in errors)


def test_every_hole_is_told(url: str) -> None:
    """Holes at the beginning and between are errors of no case, each run once, in order."""
    unguarded(
        three_cases(url),
        "DELETE FROM shuroflow_event WHERE position IN (1, 2, 5) OR case_id = 'S02'",
    )
    _, errors = run(url)
    between = len(story("S01")) + 1, len(story("S01")) + len(story("S02"))
    told = [error.message.split(": ")[1].split(" ", 1)[1] for error in errors if error.case_id is None]
    assert ["1 to 2 are missing", "5 is missing", f"{between[0]} to {between[1]} are missing"] == told


def test_a_listing_that_breaks_off(url: str) -> None:
    """Where the cases cannot be listed, that is told as what could not be used; with another source that is judged."""
    unguarded(three_cases(url), "UPDATE shuroflow_event SET position = -1 WHERE case_id = 'S02' AND seq = 2")
    reports, (error,) = run(url)
    assert ([], None) == (reports, error.case_id)
    assert "position -1" in error.message
    assert "no case beyond it can be listed" in error.message


def test_a_broken_listing_beside_another_source(url: str, tmp_path: Path) -> None:
    """The other source is audited all the same."""
    unguarded(three_cases(url), "UPDATE shuroflow_event SET position = -1 WHERE case_id = 'S02' AND seq = 2")
    reports, errors = run(url, write(tmp_path / "a.jsonl", story("S03")))
    assert (["S03"], 1) == ([report.case_id for report in reports], len(errors))


def test_a_database_as_a_journal_left_it_has_no_fault(url: str) -> None:
    """Neither appends nor loads leave a column or a position that an audit takes for damage."""
    three_cases(url)
    with open_journal(url) as journal:
        assert isinstance(journal, Bulk)
        journal.load([canonical(line(event)) for event in story("T01")])
    reports, errors = run(url)
    assert (["S01", "S02", "S08", "T01"], []) == ([report.case_id for report in reports], errors)


def test_a_suffix_in_capitals(tmp_path: Path) -> None:
    """Files from other systems may be named in capitals, alone or in a folder; folders within are not read."""
    write(tmp_path / "A.JSONL", story("S01"))
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub" / "b.jsonl", story("S02"))
    for source in (tmp_path, tmp_path / "A.JSONL"):
        assert [report.case_id for report in run(source)[0]] == ["S01"]


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_name_that_leads_to_no_file(tmp_path: Path, kind: str) -> None:
    """A folder named like a file, or a link to nowhere, is an error that names it: nothing is passed over silently."""
    write(tmp_path / "a.jsonl", story("S01"))
    odd = tmp_path / "b.jsonl"
    if kind == "folder":
        odd.mkdir()
    else:
        odd.symlink_to(tmp_path / "gone")
    with pytest.raises(InputError) as caught:
        audit([tmp_path], as_of=AS_OF)
    assert str(odd) == caught.value.file


@pytest.mark.parametrize(
    ("make", "kind", "said"),
    [
        (lambda folder: folder / "none.jsonl", Unavailable, "No such file"),
        (lambda folder: f"sqlite:///{folder}/none.db", Unavailable, "no such database"),
        (lambda folder: folder, InputError, "holds no .jsonl file"),
        (lambda folder: (folder / "a.csv").write_text("x") and folder / "a.csv", InputError, "not a .jsonl file"),
        (lambda folder: (folder / "a.db").write_text("x") and folder / "a.db", InputError, "sqlite:///"),
        (lambda folder: "oracle://host/cases", InputError, "kept in SQLite"),
    ],
)
def test_an_unusable_source_stops_before_anything_is_judged(tmp_path: Path, make: Any, kind: type, said: str) -> None:
    """It is raised by the call itself and not in the middle of a report; nothing is created."""
    source = make(tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(kind, match=said):
        audit([source], as_of=AS_OF)
    assert before == snapshot(tmp_path)


def test_no_source_at_all() -> None:
    """An audit of nothing is refused."""
    with pytest.raises(InputError, match="no source"):
        audit([], as_of=AS_OF)


# Around it ------------------------------------------------------------------------------------------------------------


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    """Progress is told after each case, never falls, and ends at the number of lines."""
    path = write(tmp_path / "cases.jsonl", story("S01"), story("S02"))
    told: list[tuple[int, int | None]] = []
    list(audit([path], as_of=AS_OF, progress=lambda done, total: told.append((done, total))))
    assert told == [(13, 26), (26, 26)]


def test_summary_counts() -> None:
    """Cases, events, findings by severity and errors; an error is no case."""
    report = replay(story("S02"), as_of=AS_OF, office=Office())
    assert report is not None
    summary = Summary.of([report, InputError("bad line"), Later("S04", "saitama"), report])
    expected = Summary(cases=2, events=26, violations=2, errors=1, cases_with_violations=2, later=1)
    assert attrs.evolve(summary, notes=0, observations=0) == expected
    assert (2 * report.count(Severity.NOTE), 2 * report.count(Severity.OBSERVATION)) == (
        summary.notes,
        summary.observations,
    )


class _EntryPoint:
    """Stands for an installed plug-in."""

    name, value = "elsewhere", "elsewhere:programme"

    def __init__(self, load: Any) -> None:
        self.load = lambda: load


@pytest.fixture
def plug_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Installs a plug-in for one test."""

    def install(load: Any) -> None:
        monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [_EntryPoint(load)])

    yield install
    programme.cache_clear()


def test_plug_ins_are_loaded_before_lines_are_read(tmp_path: Path, plug_in: Any, monkeypatch: Any) -> None:
    """The events of an installed programme are known to the audit without any import by the caller."""
    from shuroflow.events import envelope

    monkeypatch.setattr(envelope, "_KINDS", dict(envelope._KINDS))

    def load() -> Any:
        envelope.register_kinds("elsewhere", tuple(kinds_of("saitama").values())[:3])
        return attrs.evolve(programme("saitama"), code="elsewhere")

    path = tmp_path / "cases.jsonl"
    path.write_bytes(line(story("S01")[0], programme="elsewhere"))
    plug_in(load)
    reports, errors = run(path)
    assert errors == []
    assert [report.programme for report in reports] == ["elsewhere"]


def test_a_broken_plug_in_is_named(tmp_path: Path, plug_in: Any) -> None:
    """Whatever its code raises, the error names the programme."""

    def load() -> Any:
        raise ZeroDivisionError("oops")

    plug_in(load)
    with pytest.raises(InputError, match=r"plug-in of 'elsewhere' cannot be loaded: oops"):
        run(write(tmp_path / "cases.jsonl", story("S01")))


def _caseload(path: Path, cases: int) -> None:
    visits = Story("saitama", "S01", events=story("S01")[:6])
    visits.each(["2025-05-13"] * 14, VISIT)
    template = b"".join(line(event) for event in visits.events)
    with path.open("wb") as file:
        for number in range(cases):
            file.write(template.replace(b'"case_id":"S01"', b'"case_id":"C%05d"' % number))


def test_memory_stays_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the cases take the memory of their index (ids and places) and no more: events are not kept."""
    monkeypatch.setattr(caseindex, "_SMALL", 0)  # as a large file is read
    peaks = []
    for cases in (100, 1000):
        path = tmp_path / f"{cases}.jsonl"
        _caseload(path, cases)
        list(audit([path], as_of=AS_OF))  # what is made once is not counted
        tracemalloc.start()
        summary = Summary.of(audit([path], as_of=AS_OF))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (cases, 20 * cases, 0) == (summary.cases, summary.events, summary.errors)
        size = path.stat().st_size
    assert peaks[1] - peaks[0] < 900 * 600
    assert peaks[1] - peaks[0] < size / 8


def test_memory_of_a_small_file(tmp_path: Path) -> None:
    """It is held as a whole, once, and nothing else is."""
    _caseload(path := tmp_path / "cases.jsonl", 1000)
    list(audit([path], as_of=AS_OF))  # what is made once is not counted
    tracemalloc.start()
    assert 1000 == sum(1 for _ in audit([path], as_of=AS_OF))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size < peak < path.stat().st_size + 1000 * 600 + 1_500_000  # and the read buffer


def test_many_sources_are_told_apart_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place of each is looked up once: a folder of thousands of files is begun at once."""
    files = [write(tmp_path / f"{at}.jsonl", story("S01")) for at in range(20)]
    asked: list[object] = []
    real = os.path.realpath
    monkeypatch.setattr("shuroflow.audit.stores.os.path.realpath", lambda path: asked.append(path) or real(path))
    audit([tmp_path], as_of=AS_OF)
    assert sorted(files) == sorted(map(Path, map(str, asked)))


def test_stories_are_whole() -> None:
    """The records used here are numbered from 1: what a test breaks, it breaks itself."""
    events: list[Event] = [event for name in STORIES for event in story(name)]
    assert len({event.case_id for event in events}) == 20
