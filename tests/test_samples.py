"""The packaged records: what they hold, what an audit of them must find, and that they are nobody's."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from shuroflow.audit import audit
from shuroflow.audit.replay import CaseReport, replay
from shuroflow.case import Period
from shuroflow.events import Actor, Event
from shuroflow.samples import SAMPLES, ExpectedCase, expected
from shuroflow.states import Office
from shuroflow.storage import decode, encode, open_journal
from shuroflow.vocabulary import Role, Severity
from tests.states import saitama_stories, tsushima_stories

STORIES = {"saitama": saitama_stories.STORIES, "tsushima": tsushima_stories.STORIES}
LATER = date(2099, 3, 31)
CASES = list(expected().values())


def lines(path: Path) -> list[bytes]:
    """The lines of a file, each with its end."""
    return path.read_bytes().splitlines(keepends=True)


def recorded(case_id: str) -> list[Event]:
    """The events of one packaged record."""
    events = (decode(line.rstrip(b"\n")) for path in SAMPLES for line in lines(path))
    return [event for event in events if event.case_id == case_id]


def test_twenty_records_ten_of_each_programme() -> None:
    """Each record has its expectation and each expectation its record, in the same order."""
    ids = [decode(line.rstrip(b"\n")).case_id for path in SAMPLES for line in lines(path)]
    assert [case.case_id for case in CASES] == list(dict.fromkeys(ids))
    assert {"saitama": 10, "tsushima": 10} == {
        code: sum(case.programme == code for case in CASES) for code in ("saitama", "tsushima")
    }


@pytest.mark.parametrize("as_of", [None, LATER], ids=["its day", "2099"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case_id)
def test_an_audit_finds_what_is_expected_and_no_more(case: ExpectedCase, as_of: date | None) -> None:
    """違反 and 要確認 are exactly those, on the day the record was looked at and long afterwards."""
    report = replay(recorded(case.case_id), as_of=as_of or case.as_of, office=Office())
    assert report is not None
    found = [(each.severity, each.clause, each.seq) for each in report.findings if each.severity is not Severity.NOTE]
    assert sorted((each.severity, each.clause, each.seq) for each in case.expected) == sorted(found)
    assert (case.programme, len(recorded(case.case_id))) == (report.programme, report.events)
    if as_of is None:
        period = Period(*case.period) if case.period is not None else None
        assert (case.state, period) == (report.state, report.period)


def test_the_audit_of_the_files_gives_the_same() -> None:
    """Through the files as any source: one report for each record, no error, the same findings."""
    reports = list(audit(SAMPLES, as_of=LATER))
    assert all(isinstance(report, CaseReport) for report in reports)
    for case, report in zip(CASES, reports, strict=True):
        assert isinstance(report, CaseReport)
        grave = [each for each in report.findings if each.severity is not Severity.NOTE]
        assert (case.case_id, len(case.expected)) == (report.case_id, len(grave))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_files_are_the_stories_byte_for_byte(path: Path) -> None:
    """What is packaged is what the rules are tested by."""
    told = chain.from_iterable(story() for story in STORIES[path.stem].values())
    assert b"".join(encode(event) + b"\n" for event in told) == path.read_bytes()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_lines_are_canonical(path: Path) -> None:
    """Sorted keys, no spaces, no escapes: the one way to write each event."""
    for line in lines(path):
        plain = json.loads(line)
        canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert canonical.encode() + b"\n" == line
        assert encode(decode(line.rstrip(b"\n"))) + b"\n" == line


def test_a_sample_is_a_journal_like_any_other(tmp_path: Path) -> None:
    """A copy of a file can be opened and read case by case."""
    for path in SAMPLES:
        copy = tmp_path / path.name
        copy.write_bytes(path.read_bytes())
        with open_journal(str(copy)) as journal:
            assert list(STORIES[path.stem]) == list(journal.cases())
            for case_id in journal.cases():
                assert recorded(case_id) == journal.read(case_id)


PREFIX = {
    Role.CASEWORKER: "cw",
    Role.SUPERVISOR: "sv",
    Role.SPECIALIST: "es",
    Role.DIRECTOR: "dir",
    Role.OFFICER: "of",
    Role.CLERK: "clerk",
    Role.APPLICANT: "applicant",
    Role.PROVIDER: "provider",
}


def actors_in(value: object) -> list[Actor]:
    """Everybody named anywhere in a payload or an event."""
    if isinstance(value, Actor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [actor for part in value for actor in actors_in(part)]
    names = getattr(type(value), "__attrs_attrs__", ())
    return [actor for field in names for actor in actors_in(getattr(value, field.name))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case_id)
def test_nobody_is_named(case: ExpectedCase) -> None:
    """People are known by an id that tells their role and a number, and by nothing else."""
    for event in recorded(case.case_id):
        for actor in actors_in(event):
            assert re.fullmatch(rf"{PREFIX[actor.role]}-\d+", actor.id)
        assert event.note is None
    text = b"".join(encode(event) for event in recorded(case.case_id)).decode()
    assert not re.search(r"さん|様[^式]|氏[^名]|電話|\d{2,4}-\d{2,4}-\d{4}|〒", text)
