"""One byte of a sealed journal is changed: a slice of the campaign of `make faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import changed_bytes, changed_database


def test_every_byte_of_a_small_file(tmp_path: Path) -> None:
    """Whichever byte of a sealed JSON Lines journal becomes another, the check notices it."""
    result = changed_bytes.small(tmp_path, values=changed_bytes.some_values)
    assert [] == result.missed
    size = (tmp_path / "small-0.jsonl").stat().st_size
    assert result.changes > 3 * size
    assert {"not opened", "unreadable", "root_differs", "fewer_events"} == set(result.noticed)


def test_random_bytes_of_a_larger_file(tmp_path: Path) -> None:
    """Random changes of a larger journal are noticed; the short check and the complete one say the same."""
    path = tmp_path / "large.jsonl"
    sealed = changed_bytes.fill_large(path, 3000, seed=1)
    result = changed_bytes.large(path, sealed.encode(), changes=600, complete=20, seed=1)
    assert [] == result.missed
    assert result.changes == 600
    assert result.complete >= 20


def test_a_change_that_is_not_noticed_would_be_told(tmp_path: Path) -> None:
    """The campaign itself: bytes after the sealed events may change, and it says that nobody noticed."""
    path = tmp_path / "large.jsonl"
    sealed = changed_bytes.fill_large(path, 40, seed=1)
    content = path.read_bytes()
    path.write_bytes(content + b'{"case_id":')
    result = changed_bytes.Result()
    with changed_bytes.changed(path, len(content) + 2, 88):
        by, _ = changed_bytes.answer(path, sealed)
    result.count(by, "the torn tail")
    assert ["the torn tail"] == result.missed


def test_every_byte_of_every_body(tmp_path: Path) -> None:
    """Whichever byte of a body stored in SQLite becomes another, behind the triggers' back, the check notices it."""
    result = changed_database.bodies(tmp_path, values=lambda byte: {byte ^ 1})
    assert [] == result.missed
    assert result.changes > 1000


@pytest.mark.parametrize("logged", [False, True], ids=["database", "log"])
def test_random_bytes_of_the_database(tmp_path: Path, logged: bool) -> None:
    """A random byte of SQLite's files is changed: that is noticed, or every record is as it was."""
    result = changed_database.files(tmp_path, logged=logged, changes=100, seed=3)
    assert [] == result.missed
    assert result.changes == 100
