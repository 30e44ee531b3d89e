"""Synthetic caseloads: the audit must find what was planted and nothing else; the same seed gives the same bytes."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import attrs
import pytest

from shuroflow.audit import CaseReport, audit
from shuroflow.audit.replay import replay
from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event, kinds_of
from shuroflow.simulation import Truth, caseload, read_truth, saitama, tsushima, write
from shuroflow.states import Office
from shuroflow.storage import MemoryJournal, decode, encode, open_journal
from shuroflow.storage.caseindex import CaseIndex
from shuroflow.storage.copying import copy
from shuroflow.vocabulary import Severity

AS_OF = date(2027, 12, 31)
OFFICE = Office()
SEEDS, SHARES, CASES = (1, 5, 20260), (0.0, 0.5, 1.0), 600
FAULTS = {"saitama": saitama.FAULTS, "tsushima": tsushima.FAULTS}


@cache
def drawn(seed: int, share: float, cases: int = CASES) -> tuple[tuple[Event, ...], tuple[Truth, ...]]:
    """All events in the order recorded, and every truth."""
    both = list(caseload(cases, seed, share))
    events = tuple(event for event, _ in both if event is not None)
    return events, tuple(truth for _, truth in both if truth is not None)


@cache
def by_case(seed: int, share: float) -> dict[str, list[Event]]:
    """The events of each case, in the order recorded."""
    held: dict[str, list[Event]] = {}
    for event in drawn(seed, share)[0]:
        held.setdefault(event.case_id, []).append(event)
    return held


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_audit_finds_what_was_planted(seed: int, share: float) -> None:
    """For every case 違反 and 要確認 are those of the truth, by clause and event, and no others."""
    held = by_case(seed, share)
    truths = drawn(seed, share)[1]
    assert [truth.case_id for truth in truths] == sorted(held, key=lambda case_id: case_id[-7:])
    for truth in truths:
        report = replay(held[truth.case_id], as_of=AS_OF, office=OFFICE)
        assert report is not None
        found = sorted(
            (each.severity.value, each.clause, each.seq)
            for each in report.findings
            if each.severity is not Severity.NOTE
        )
        planted = sorted((each.severity, each.clause, each.seq) for each in truth.expected)
        assert (truth.case_id, truth.fault, planted) == (truth.case_id, truth.fault, found)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_truth_says_what_was_planted(seed: int) -> None:
    """A compliant case has no fault and expects nothing; the share is kept, and each fault expects something."""
    assert {None} == {truth.fault for truth in drawn(seed, 0.0)[1]}
    assert {()} == {truth.expected for truth in drawn(seed, 0.0)[1]}
    assert None not in {truth.fault for truth in drawn(seed, 1.0)[1]}
    half = [truth.fault is not None for truth in drawn(seed, 0.5)[1]]
    assert 0.35 < sum(half) / len(half) < 0.65
    for share in SHARES:
        for truth in drawn(seed, share)[1]:
            assert (truth.fault is None) is (truth.expected == ())


def test_every_fault_occurs() -> None:
    """Each fault that can be planted is planted somewhere, in the programme it belongs to, and breaks one clause."""
    seen: dict[tuple[str, str], set[str]] = {}
    for seed in SEEDS:
        for truth in drawn(seed, 1.0)[1]:
            assert truth.fault is not None
            clauses = {each.clause for each in truth.expected if each.severity == "violation"}
            seen.setdefault((truth.programme, truth.fault), set()).update(clauses)
    assert {(code, fault) for code, faults in FAULTS.items() for fault in faults} == set(seen)
    assert {1} == {len(clauses) for clauses in seen.values()}


def test_a_caseload_is_like_life() -> None:
    """Both programmes, most kinds of events, facts written down on their day or a little later."""
    events = drawn(SEEDS[0], 0.5)[0]
    for code in FAULTS:
        used = {event.kind for event in events if event.programme == code}
        assert len(used) > len(kinds_of(code)) / 2
    lags = [(event.recorded_at.date() - event.occurred_on).days for event in events]
    assert min(lags) == 0
    assert 0.05 < sum(lag > 0 for lag in lags) / len(lags) < 0.6
    assert len({event.recorded_by.id for event in events}) > 50


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seed", SEEDS)
def test_cases_come_interleaved_in_the_order_recorded(seed: int, share: float) -> None:
    """As in a live journal: moments never go back, cases mix, and each case counts from 1."""
    events = drawn(seed, share)[0]
    assert all(one.recorded_at <= other.recorded_at for one, other in pairwise(events))
    switches = sum(one.case_id != other.case_id for one, other in pairwise(events))
    assert switches > len(events) / 2
    for held in by_case(seed, share).values():
        assert list(range(1, len(held) + 1)) == [event.seq for event in held]
        assert len({event.programme for event in held}) == 1


@pytest.mark.parametrize("share", SHARES)
def test_events_are_linked_as_a_journal_links_them(share: float) -> None:
    """A journal that is given the same facts without their links writes the same bytes, in the same order."""
    events = drawn(SEEDS[0], share)[0]
    journal = MemoryJournal()
    for event in events:
        journal.append(event.case_id, [attrs.evolve(event, prev=None)], expected=event.seq - 1)
    assert [encode(event) for event in events] == [record.body for record in journal.feed()]
    assert all((event.prev is None) is (event.seq == 1) for event in events)


def test_a_changed_line_shows(tmp_path: Path) -> None:
    """Whoever alters an event of a simulated file, in any place but the last of its case, breaks a link of it."""
    target, _, _ = write(5, 1, 0, tmp_path / "load.jsonl")
    lines = target.read_bytes().splitlines(keepends=True)
    for at, line in enumerate(lines):
        event = decode(line)
        moved = attrs.evolve(event, note="altered")
        target.write_bytes(b"".join([*lines[:at], encode(moved) + b"\n", *lines[at + 1 :]]))
        last = all(decode(other).case_id != event.case_id for other in lines[at + 1 :])
        errors = [item for item in audit([target], as_of=AS_OF) if isinstance(item, InputError)]
        assert ([] if last else [event.case_id]) == [error.case_id for error in errors]


@pytest.mark.parametrize("share", SHARES)
def test_a_caseload_converts(share: float, tmp_path: Path) -> None:
    """Copied into a database every record is the same to the byte, and the audit of it finds the same."""
    target, _, count = write(40, 2, share, tmp_path / "load.jsonl")
    url = f"sqlite:///{tmp_path / 'load.db'}"
    with open_journal(str(target)) as journal, open_journal(url, create=True) as into:
        copied = copy(journal, into)
    assert (count, True) == (copied.size, copied.identical)
    found = [
        [(item.case_id, item.findings) for item in audit([source], as_of=AS_OF) if isinstance(item, CaseReport)]
        for source in (target, url)
    ]
    assert found[0] == found[1]
    assert 40 == len(found[0])


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs are equal byte by byte, events and truth; another seed is another caseload."""
    files = {}
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        target, beside, count = write(120, seed, 0.5, tmp_path / f"{name}.jsonl")
        files[name] = (target.read_bytes(), beside.read_bytes(), count)
    assert files["one"] == files["two"]
    assert files["one"][0] != files["other"][0]
    assert len(files["one"][0].splitlines()) == files["one"][2]


def test_what_is_written_is_what_was_drawn(tmp_path: Path) -> None:
    """The file holds the events line by line, the truth lies beside it and reads back."""
    target, beside, count = write(80, 3, 0.5, str(tmp_path / "load.jsonl"))
    assert (tmp_path / "load.jsonl", tmp_path / "load.truth.ndjson") == (target, beside)
    events, truths = drawn(3, 0.5, 80)
    assert b"".join(encode(event) + b"\n" for event in events) == target.read_bytes()
    assert (len(events), {truth.case_id: truth for truth in truths}) == (count, read_truth(beside))
    with CaseIndex.build(target) as index:
        assert {truth.case_id for truth in truths} == set(index.cases())


@pytest.mark.parametrize("cases", [1, 2])
def test_a_small_caseload(cases: int, tmp_path: Path) -> None:
    """One case is a caseload too."""
    _, beside, count = write(cases, 1, 1, tmp_path / "small.jsonl")
    assert cases == len(read_truth(beside))
    assert count >= cases


@pytest.mark.parametrize(
    ("cases", "share", "named"),
    [(0, 0.5, "--cases"), (-3, 0.5, "--cases"), (5, -0.1, "--violations"), (5, 1.01, "--violations")],
)
def test_numbers_out_of_range(cases: int, share: float, named: str, tmp_path: Path) -> None:
    """A wrong number is named, and nothing is written."""
    with pytest.raises(InputError) as error:
        write(cases, 1, share, tmp_path / "x.jsonl")
    assert named == error.value.field
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("there", ["x.jsonl", "x.truth.ndjson"])
def test_nothing_is_written_over(there: str, tmp_path: Path) -> None:
    """A file that exists, of either kind, is left alone."""
    (tmp_path / there).write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="exists already") as error:
        write(5, 1, 0.5, tmp_path / "x.jsonl")
    assert str(tmp_path / there) == error.value.file
    assert ["mine"] == [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """What cannot be written is told with its place."""
    with pytest.raises(Unavailable, match="cannot be written") as error:
        write(5, 1, 0.5, tmp_path / "nowhere" / "x.jsonl")
    assert "nowhere" in error.value.where
