"""The campaigns run without pytest, say what they found, and say at once when they cannot run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from shuroflow.errors import InputError
from shuroflow.storage import JsonlJournal, MemoryJournal
from shuroflow.verification import concurrency, example, kill9, throng
from tests.verification.journals.broken import CommitsLate
from tests.verification.journals.broken_files import (
    AcknowledgesTooEarly,
    KeysOfThisSession,
    LocksNothing,
    WritesLineByLine,
)


def opener(folder: Path) -> partial[JsonlJournal]:
    """Opens the journal of the folder."""
    return partial(JsonlJournal, folder / "cases.jsonl", create=True)


def test_concurrency_counts(tmp_path: Path) -> None:
    """As many appends as were asked for, each told as it went, and the result in one line."""
    told: list[tuple[int, int]] = []
    found = concurrency(
        opener(tmp_path), processes=2, cases=1, appends=21, seed=5, progress=lambda *done: told.append(done)
    )
    assert (2, 1, 21, ()) == (found.writers, found.cases, found.appends, found.faults)
    assert (21, 21) == told[-1]
    assert found.events > found.appends > found.repeats > 0
    assert found.polls > 0
    assert found.rate > 0
    assert str(found).startswith("2 writers on 1 cases: 21 appends")
    assert str(found).endswith("0 faults")


def test_kills_count(tmp_path: Path) -> None:
    """Each round is told, and where the kills hit."""
    told: list[tuple[int, int]] = []
    found = kill9(opener(tmp_path), rounds=6, seed=1, progress=lambda *done: told.append(done))
    assert (6, ()) == (found.rounds, found.faults)
    assert [(done, 6) for done in range(1, 7)] == told
    assert found.acknowledged > 0
    assert found.recorded <= found.inside <= 6 - found.while_opening
    assert str(found).startswith("killed 6 times")
    with opener(tmp_path)() as journal:
        assert journal.size() >= found.acknowledged + 6


def test_threads_count() -> None:
    """Threads on one journal: as many appends as were asked for."""
    found = throng(MemoryJournal(), threads=3, appends=30)
    assert (3, 30, ()) == (found.writers, found.appends, found.faults)


def test_the_store_must_be_empty(tmp_path: Path) -> None:
    """What is in the store already would be counted too: it is refused before anything is written."""
    with opener(tmp_path)() as journal:
        journal.append("case-1", [example()], expected=0)
    with pytest.raises(InputError, match="holds events already"):
        concurrency(opener(tmp_path), processes=1, appends=1)
    with opener(tmp_path)() as journal, pytest.raises(InputError, match="holds events already"):
        throng(journal)
    with pytest.raises(InputError, match="holds events already"):
        kill9(opener(tmp_path), rounds=1)
    with opener(tmp_path)() as journal:
        assert 1 == journal.size()


def test_a_late_commit_is_told() -> None:
    """A follower that was passed by is told as such."""
    found = throng(CommitsLate(Path()), threads=4, appends=60)
    assert any(fault.startswith("the follower saw") for fault in found.faults)


def test_a_lost_update_is_told(tmp_path: Path) -> None:
    """Writers that do not exclude each other are told, and the follower is told to stop all the same."""
    assert concurrency(partial(LocksNothing, tmp_path), processes=3, cases=2, appends=60).faults


@pytest.mark.parametrize(
    ("adapter", "said"),
    [
        (AcknowledgesTooEarly, "was acknowledged and is lost"),
        (WritesLineByLine, "half an append is there"),
        (KeysOfThisSession, "was recorded and is not known"),
    ],
)
def test_what_a_kill_shows_is_told(tmp_path: Path, adapter: type[AcknowledgesTooEarly], said: str) -> None:
    """A lost event, half an append and a forgotten key are each told as what they are, with their round."""
    found = kill9(partial(adapter, tmp_path), rounds=8)
    assert any(fault.startswith("round ") and said in fault for fault in found.faults)
    assert said in str(found)


def broken_opener() -> MemoryJournal:
    """Cannot open anything."""
    raise OSError("no such server")


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    """Whatever the opener raises is raised, before any process is started; for kill9 it is a fault of the round."""
    with pytest.raises(OSError, match="no such server"):
        concurrency(broken_opener, processes=1, appends=1)
    found = kill9(broken_opener, rounds=2)
    assert any("no such server" in fault for fault in found.faults)
