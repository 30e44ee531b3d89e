"""Whichever file operation fails, and however: nothing acknowledged is lost, and nothing is there by halves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shuroflow.storage import jsonl
from tests.faults import injector
from tests.faults.injector import KINDS, Fault, Kind, Layer, run, sweep


def test_without_a_fault() -> None:
    """The workload of a seed is the same each time, does all kinds of operations, and keeps its books."""
    assert run(1) == run(1)
    for seed in range(5):
        done = run(seed)
        assert ([], []) == (done.struck, done.breaches)
        assert done.operations > 50


@pytest.mark.parametrize(("kind", "lasting"), KINDS, ids=str)
def test_every_operation(kind: Kind, lasting: bool) -> None:
    """The fault at operation 1, 2, 3 … until a run ends without it: one typed error, no loss, usable when reopened."""
    struck = set()
    for at, done in sweep(9, kind, lasting=lasting):
        assert (at, []) == (at, done.breaches)
        struck.update(done.struck)
    assert at > 50
    known = {"open", "fstat", "stat", "flock", "read", "write", "fsync", "close", "replace"}
    assert ({"fsync"} if kind == "flush" else known) <= struck


def _no_flush(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(jsonl, "flush_to_disk", lambda _: None)


def _no_name(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(jsonl, "flush_folder", lambda _: None)


def _no_undo(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Layer, "_ftruncate", lambda *_: None)


def _no_batch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(jsonl, "_lines", lambda bodies: [body + b"\n" for body in bodies])


def _undo_of_all(patch: pytest.MonkeyPatch) -> None:
    def undo(journal: jsonl.JsonlJournal) -> None:
        jsonl.os.ftruncate(journal._file.fileno(), 0)

    patch.setattr(jsonl.JsonlJournal, "_undo", undo)


def _flush_again(patch: pytest.MonkeyPatch) -> None:
    flush = jsonl.flush_to_disk

    def again(descriptor: int) -> None:
        try:
            flush(descriptor)
        except OSError:
            flush(descriptor)

    patch.setattr(jsonl, "flush_to_disk", again)


def _raw_errors(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(jsonl.JsonlJournal, "_told", lambda _: injector.contextlib.nullcontext())


@pytest.mark.parametrize(
    ("break_it", "kind", "lasting"),
    [
        (_no_flush, "power", False),
        (_no_name, "power", False),
        (_no_undo, "short", False),
        (_no_batch, "power", False),
        (_undo_of_all, "short", False),
        (_flush_again, "flush", False),
        (_raw_errors, "EIO", False),
    ],
)
def test_a_broken_journal_is_found_out(
    monkeypatch: pytest.MonkeyPatch, break_it: object, kind: Kind, lasting: bool
) -> None:
    """The same runs over a journal without one of its precautions show what that precaution is for."""

    def breaches() -> Iterator[str]:
        for seed in range(3, 9):
            for _, done in sweep(seed, kind, lasting=lasting):
                yield from done.breaches

    break_it(monkeypatch)  # type: ignore[operator]
    assert next(breaches(), None)


def test_one_operation_alone() -> None:
    """A fault strikes exactly the operation it is meant for, and a lasting one all that follow."""
    assert ["open"] == run(1, Fault("EIO", 1)).struck
    assert len(run(1, Fault("EIO", 1, lasting=True)).struck) > 5
