"""A system that can only be looked at: what it took and should not have, and what it told otherwise, case by case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError, Unavailable, UnknownProgramme
from shuroflow.events import Actor, Corrected, Event
from shuroflow.states import Office
from shuroflow.storage import open_journal
from shuroflow.storage.codec import encode
from shuroflow.verification import check_recorded, histories, violating
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.strategies import as_recorded
from shuroflow.verification.walking import Expected
from shuroflow.vocabulary import Role

RULE = "saitama.consent_to_both"
SOUND = as_recorded(Corpus.of("saitama").histories[8], Office(), case_id="sound")


def written(path: Path, *cases: Sequence[Event]) -> Path:
    """The cases in a file, interleaved as their days have it."""
    events = sorted((event for case in cases for event in case), key=lambda event: event.occurred_on)
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events))
    return path


@given(history=histories("saitama", case_id="sound"), broken=violating("saitama", RULE, case_id="broken"))
def test_what_should_have_been_refused_is_found(
    tmp_path_factory: pytest.TempPathFactory, history: tuple[Event, ...], broken: tuple[Event, ...]
) -> None:
    """The event that breaks a rule, with the history up to it, and nothing in a case that the desk would have kept."""
    path = tmp_path_factory.mktemp("export") / "export.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in (*history, *broken)))
    report = check_recorded([path], "saitama")

    (found,) = report.differences
    assert ("accepts", "4(1)", "broken") == (found.what, found.clauses[0], found.case_id)
    assert RULE in found.rules
    assert broken == found.history
    assert (2, len(history) + len(broken), 2) == (report.cases, report.events, report.stages["recorded"])
    assert (RULE, False) in report.rules


def test_the_rest_of_a_case_is_judged_as_the_record_claims(tmp_path: Path) -> None:
    """A selection without the specialist is told once; what rests on it is not blamed for it."""
    data = SOUND[1].data
    two = attrs.evolve(SOUND[1], data=attrs.evolve(data, attendees=data.attendees[:2]))
    report = check_recorded([written(tmp_path / "e.jsonl", (SOUND[0], two, *SOUND[2:]))], "saitama")

    (found,) = report.differences
    assert 2 == len(found.history)


def test_a_correction_does_not_make_a_mistake_of_what_was_sound(tmp_path: Path) -> None:
    """Nor does it mend, afterwards, what should have been refused."""
    bad = attrs.asdict(SOUND[1].data, value_serializer=lambda _, __, value: getattr(value, "value", value))
    corrected = Expected("sound", Office())
    for event in SOUND:
        corrected.take(event)
    amendment = corrected.next(
        attrs.evolve(
            SOUND[-1],
            kind="corrected",
            data=Corrected(
                seq=2,
                reason="転記誤り",
                approved_by=Actor("sv-01", Role.SUPERVISOR),
                data={
                    "attendees": [each for each in bad["attendees"] if each["role"] != "specialist"],
                    "target_class": bad["target_class"],
                },
            ),
        )
    )

    assert check_recorded([written(tmp_path / "e.jsonl", (*SOUND, amendment))], "saitama").passed


def _told(path: Path, *lines: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_what_the_system_told_is_compared(tmp_path: Path) -> None:
    """State, period and duties on a day, each only where it is told."""
    expected = Expected("sound", Office())
    for event in SOUND:
        expected.take(event)
    day = SOUND[-1].occurred_on
    stands = expected.standing(day)
    assert stands.period is not None
    first, last = (each.isoformat() for each in stands.period)
    right = {"case_id": "sound", "on": day.isoformat(), "state": stands.state, "period": [first, last]}
    duties = [
        {"clause": due.clause, "due": None if due.due is None else due.due.isoformat(), "overdue": due.overdue}
        for due in expected.duties(day)
    ]
    export = written(tmp_path / "e.jsonl", SOUND)

    def found(**line: object) -> list[tuple[str, str]]:
        told = _told(tmp_path / "told", {"case_id": "sound", "on": day.isoformat(), **line})
        report = check_recorded([export], "saitama", told=told, duty_clauses=frozenset({"4(3)", "4(5)"}))
        return [(each.what, each.clauses[0]) for each in report.differences]

    assert [] == found(**right)
    assert [] == found(duties=[duty for duty in duties if duty["clause"] in {"4(3)", "4(5)"}])
    assert [] == found()
    assert [("standing", "4(5)")] == found(**right | {"period": [first, first]})
    assert ["standing"] == [what for what, _ in found(state="candidate")]
    assert [("duties", "4(3)")] == found(duties=[])


def test_a_database(tmp_path: Path) -> None:
    """As a file."""
    url = f"sqlite:///{tmp_path / 'export.db'}"
    with open_journal(url, create=True) as journal:
        journal.append("sound", SOUND, expected=0)

    assert 1 == check_recorded([url], "saitama").cases


@given(lines=st.lists(st.binary(max_size=30).filter(lambda line: line.strip()), min_size=1, max_size=3))
def test_whatever_a_file_holds_is_answered_for(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    """Lines that tell nothing are told with file and line, and the cases are judged all the same."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "told").write_bytes(b"\n".join(lines))
    report = check_recorded([written(folder / "e.jsonl", SOUND)], "saitama", told=folder / "told")

    assert [] == report.differences
    assert not report.passed
    assert 1 == report.cases
    assert {str(folder / "told")} == {error.file for error in report.unusable}


def test_what_cannot_be_judged(tmp_path: Path) -> None:
    """A case with a gap and one that is not there are named; no case at all, or no source, is an error of the call."""
    gap = [attrs.evolve(event, case_id="gap") for event in SOUND if event.seq != 2]
    export = written(tmp_path / "e.jsonl", SOUND, gap)
    told = _told(tmp_path / "told", {"case_id": "nobody", "on": "2025-04-30", "state": "candidate"})
    report = check_recorded([export], "saitama", told=told)

    assert ([], False, 1) == (report.differences, report.passed, report.cases)
    assert ["gap", "nobody"] == [error.case_id for error in report.unusable]
    with pytest.raises(InputError, match="no case of programme 'tsushima'"):
        check_recorded([written(tmp_path / "s.jsonl", SOUND)], "tsushima")
    with pytest.raises(Unavailable):
        check_recorded([tmp_path / "missing.jsonl"], "saitama")
    with pytest.raises(Unavailable):
        check_recorded([export], "saitama", told=tmp_path / "missing")
    with pytest.raises(UnknownProgramme):
        check_recorded([export], "nowhere")


def test_a_file_of_which_nothing_can_be_judged(tmp_path: Path) -> None:
    """No difference, and nothing passed either."""
    (tmp_path / "bad.jsonl").write_text("nonsense\n", encoding="utf-8")
    report = check_recorded([tmp_path / "bad.jsonl"], "saitama")

    assert ([], 0, 1) == (report.differences, report.cases, len(report.unusable))
    assert not report.passed


def test_progress_goes_to_the_end(tmp_path: Path) -> None:
    """With the number of lines done and of all."""
    steps: list[tuple[int, int | None]] = []
    check_recorded([written(tmp_path / "e.jsonl", SOUND)], "saitama", progress=lambda *step: steps.append(step))

    assert (len(SOUND), len(SOUND)) == steps[-1]
