"""Nowhere to write: every command says so in one line and ends with status 2, whatever it had to say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from shuroflow.cli import app
from shuroflow.projection import refresh
from shuroflow.samples import SAMPLES
from shuroflow.seal import seal
from shuroflow.storage import open_journal
from shuroflow.storage.copying import copy
from shuroflow.storage.sql import SqlJournal

FULL = "/dev/full"
"""A device that is always full; every Linux has it."""

RECORD = ("record", "new.jsonl", "A-1", "listed", "--programme", "saitama", "--by", "caseworker:cw-03")
CALLS: tuple[tuple[str, ...], ...] = (
    ("--help",),
    ("--version",),
    (),
    ("audit", "--help"),
    ("annex", "--help"),
    ("demo",),
    ("audit", "cases.jsonl"),
    ("audit", "cases.jsonl", "--format", "json"),
    ("audit", "cases.jsonl", "--format", "csv"),
    ("audit", "cases.jsonl", "--format", "html"),
    ("questions", "cases.jsonl"),
    ("questions", "cases.jsonl", "--format", "json"),
    ("compare", "cases.jsonl", "--against-edition", "2022-04-01"),
    ("compare", "cases.jsonl", "--against-edition", "2022-04-01", "--format", "json"),
    ("statistics", "cases.jsonl"),
    ("export", "cases.jsonl", "--format", "xes"),
    ("import", "--example"),
    ("show", "cases.jsonl", "S01"),
    ("next", "cases.jsonl", "S01"),
    ("due", "cases.jsonl", "--on", "2020-01-01"),
    RECORD,
    ("refresh", "sqlite:///cases.db"),
    ("seal", "cases.jsonl"),
    ("seal", "cases.jsonl", "-o", "new"),
    ("verify", "cases.jsonl", "--checkpoint", "c.checkpoint"),
    ("verify", "cases.jsonl", "--checkpoint", "c.checkpoint", "--format", "json"),
    ("verify", "--standalone"),
    ("prove", "cases.jsonl", "S01", "1", "--checkpoint", "c.checkpoint", "-o", "new"),
    ("convert", "cases.jsonl", "other.jsonl"),
    ("migrate", "sqlite:///cases.db"),
    ("check", "--programme", "saitama", "--replay", "replay.jsonl"),
    ("paths", "saitama", "--examples", "replay.jsonl", "--bound", "1"),
    ("mutate", "saitama", "--list"),
    ("programmes",),
    ("programmes", "saitama", "--diagram"),
    ("schema",),
    ("simulate", "--cases", "1", "--seed", "1", "--violations", "0", "-o", "made.jsonl"),
    ("check", "--recorded", "cases.jsonl", "--programme", "saitama"),
    ("paths", "saitama", "--bound", "1"),
    ("mutate", "saitama", "--list"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a journal as a file and as a database, and a checkpoint of it."""
    assert Path(FULL).is_char_device(), f"these tests need Linux: there is no {FULL}, the device that is always full"
    made = tmp_path_factory.mktemp("full")
    (made / "cases.jsonl").write_bytes(SAMPLES[0].read_bytes())
    with open_journal(str(made / "cases.jsonl")) as journal:
        (made / "c.checkpoint").write_bytes(seal(journal, origin="example.jp/cases").encode())
        with SqlJournal(f"sqlite:///{made / 'cases.db'}", create=True) as into:
            copy(journal, into)
            refresh(into, as_of=date(2026, 1, 1))
    listed = next(line for line in SAMPLES[0].read_bytes().splitlines(keepends=True))
    (made / "replay.jsonl").write_bytes(listed)
    return made


def run(arguments: Sequence[str], folder: Path, *, out: str, told: str | None = None) -> tuple[int, str]:
    """Run the program as a shell does, its answers held back as usual; its status and what it said of errors."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open(out, "wb") as stdout, open(told or os.devnull, "wb") as stderr:
        done = subprocess.run(
            [sys.executable, "-m", "shuroflow", "--lang", "en", *arguments],
            cwd=folder,
            env={**environment, "PYTHONIOENCODING": "utf-8"},
            stdout=stdout,
            stderr=subprocess.PIPE if told is None else stderr,
            check=False,
            timeout=120,
        )
    return done.returncode, (done.stderr or b"").decode()


def test_every_command_is_called() -> None:
    """None is forgotten here; of the papers, whose commands are a group, the help is."""
    assert set(app.commands) == {words[0] for words in CALLS if words and words[0] in app.commands}


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_standard_output_is_full(arguments: tuple[str, ...], folder: Path) -> None:
    """However short the answer, that it could not be written is told, and the status is 2 and never 0, 1 or 120."""
    status, said = run(arguments, folder, out=FULL)
    for made in ("new", "new.jsonl", "other.jsonl", "made.jsonl", "made.truth.ndjson"):
        (folder / made).unlink(missing_ok=True)
    lines = [line for line in said.splitlines() if not line.startswith(("note:", "Usage:"))]
    assert (2, 1) == (status, len(lines)), said
    assert lines[0].startswith("error: standard output: No space left on device")


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "cases.jsonl"),
        ("audit", "cases.jsonl", "--format", "csv"),
        ("schema",),
        ("verify", "cases.jsonl", "--checkpoint", "c.checkpoint"),
        ("verify", "--standalone"),
    ],
    ids=" ".join,
)
def test_a_file_for_which_there_is_no_room(arguments: tuple[str, ...], folder: Path) -> None:
    """``-o`` names the place that is full."""
    status, said = run((*arguments, "-o", FULL), folder, out=os.devnull)
    assert (2, [f"error: {FULL}: No space left on device: make room, or name another place"]) == (
        status,
        said.splitlines(),
    )


def test_not_even_the_error_can_be_written(folder: Path) -> None:
    """The status says what the line would have said."""
    assert 2 == run(("audit", "none.jsonl"), folder, out=os.devnull, told=FULL)[0]
    assert 2 == run(("audit", "cases.jsonl"), folder, out=FULL, told=FULL)[0]
