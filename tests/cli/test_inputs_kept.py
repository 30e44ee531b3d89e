"""No command writes its output over a file that it reads, nor one output over another."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from shuroflow.cli import app
from shuroflow.cli.inputs import READ, WRITTEN
from shuroflow.storage import open_journal
from tests.audit.records import interleaved, snapshot, story
from tests.cli.calls import call, one_line

CALLS = (
    ("audit", "cases.jsonl", "-o"),
    ("audit", "cases.jsonl", "--format", "json", "-o"),
    ("audit", "cases.jsonl", "--format", "html", "-o"),
    ("questions", "cases.jsonl", "-o"),
    ("statistics", "cases.jsonl", "-o"),
    ("export", "cases.jsonl", "--format", "xes", "-o"),
    ("export", "cases.jsonl", "--format", "ocel-sqlite", "-o"),
    ("compare", "cases.jsonl", "--against-edition", "2026-01-01", "-o"),
    ("paths", "saitama", "--bound", "2", "-o"),
    ("check", "--programme", "saitama", "--no-save", "-o"),
    ("check", "--programme", "saitama", "--no-save", "--junit"),
)


@pytest.mark.parametrize("place", ["a.toml", "./a.toml", "link.toml"])
@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_the_overlay_is_not_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], place: str
) -> None:
    """Under any name of the file the call is refused in one line that names the option, and nothing is changed."""
    monkeypatch.chdir(tmp_path)
    interleaved(tmp_path / "cases.jsonl", story("S01"))
    overlay = tmp_path / "a.toml"
    overlay.write_text('[settings]\nfirst_day = "excluded"\n', encoding="utf-8")
    (tmp_path / "link.toml").symlink_to(overlay)
    before = snapshot(tmp_path)
    assert arguments[-1] in one_line(call(*arguments, place, "--overlay", "a.toml"))
    assert before == snapshot(tmp_path)


@pytest.mark.parametrize("arguments", [each for each in CALLS if each[0] in {"audit", "questions", "statistics"}])
def test_another_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    """With an overlay, to a file of another name: the report is there."""
    monkeypatch.chdir(tmp_path)
    interleaved(tmp_path / "cases.jsonl", story("S01"))
    (tmp_path / "a.toml").write_text('[settings]\nfirst_day = "excluded"\n', encoding="utf-8")
    assert call(*arguments, "report", "--overlay", "a.toml").exit_code in {0, 1}
    assert (tmp_path / "report").stat().st_size > 0


# Every file that is read ----------------------------------------------------------------------------------------------

HTML = ("audit", "cases.jsonl", "--format", "html", "--checkpoint", "cp")
WRITES = (
    ((*HTML, "-o"), "cp"),
    ((*HTML, "-o", "page", "--receipt"), "cp"),
    ((*HTML, "-o", "page", "--receipt"), "page"),
    ((*HTML, "-o", "page", "--receipt"), "page.partial"),
    (("audit", "sqlite:///a.db", "-o"), "a.db"),
    (("audit", "sqlite:///a.db?timeout=5", "-o"), "./a.db"),
    (("audit", "sqlite:///a.db", "-o"), "a.db-wal"),
    (("audit", "cases.jsonl", "--receipt"), "cases.jsonl"),
    (("questions", "cases.jsonl", "--overlay", "a.toml", "--receipt"), "a.toml"),
    (("questions", "cases.jsonl", "-o", "page", "--receipt"), "page"),
    (("statistics", "cases.jsonl", "--overlay", "a.toml", "--receipt"), "a.toml"),
    (("statistics", "cases.jsonl", "-o", "page", "--receipt"), "page"),
    (("compare", "cases.jsonl", "--against-overlay", "a.toml", "-o"), "a.toml"),
    (("compare", "cases.jsonl", "--against-overlay", "a.toml", "--receipt"), "a.toml"),
    (("compare", "cases.jsonl", "--against-overlay", "a.toml", "-o", "page", "--receipt"), "page"),
    (("verify", "cases.jsonl", "--checkpoint", "cp", "-o"), "cp"),
    (("verify", "cases.jsonl", "--checkpoint", "cp", "-o"), "cases.jsonl"),
    (("verify", "cases.jsonl", "--checkpoint", "cp", "--key", "notes", "-o"), "notes"),
    (("verify", "--proof", "notes", "-o"), "notes"),
    (("check", "--programme", "saitama", "--recorded", "cases.jsonl", "--told", "notes", "-o"), "notes"),
    (("check", "--programme", "saitama", "--recorded", "cases.jsonl", "--told", "notes", "--junit"), "notes"),
    (("check", "--programme", "saitama", "--no-save", "--corpus", "notes", "-o"), "notes"),
    (("check", "--programme", "saitama", "--replay", "saved", "-o"), "saved/one.json"),
    (("check", "--programme", "saitama", "--replay", "saved/one.jsonl", "-o"), "saved/one.json"),
    (("check", "--programme", "saitama", "--no-save", "--driver", "driver:make", "-o"), "driver.py"),
    (("check", "--programme", "saitama", "--no-save", "--command", "python driver.py", "-o"), "driver.py"),
    (("check", "--programme", "saitama", "--no-save", "-o", "page", "--junit"), "page"),
    (("paths", "saitama", "--examples", "notes", "-o"), "notes"),
    (("mutate", "saitama", "--equivalent", "a.toml", "-o"), "a.toml"),
    (("mutate", "saitama", "--suite", "driver.py::test", "-o"), "driver.py"),
    (("mutate", "saitama", "--suite", "tests", "-o"), "tests/deep/test_it.py"),
    (("prove", "cases.jsonl", "S01", "1", "--checkpoint", "cp", "-o"), "cp"),
    (("seal", "cases.jsonl", "--after", "cp", "-o"), "cp"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file of each kind that is read."""
    monkeypatch.chdir(tmp_path)
    interleaved(tmp_path / "cases.jsonl", story("S01"))
    with open_journal("sqlite:///a.db", create=True) as journal:
        journal.append("S01", story("S01"), expected=0)
    assert 0 == call("seal", "cases.jsonl", "-o", "cp").exit_code
    for name in ("notes", "driver.py", "saved/one.json", "tests/deep/test_it.py", "page", "a.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    (tmp_path / "saved" / "one.jsonl").write_bytes((tmp_path / "cases.jsonl").read_bytes())
    return tmp_path


@pytest.mark.parametrize(("arguments", "file"), WRITES, ids=lambda each: each if isinstance(each, str) else each[0])
@pytest.mark.parametrize("named", ["{}", "link"])
def test_what_is_read_is_not_replaced(folder: Path, arguments: tuple[str, ...], file: str, named: str) -> None:
    """By its own name or another, it is refused in one line that names the option; every file is what it was."""
    os.symlink(file, "link")
    before = snapshot(folder)
    line = one_line(call(*arguments, named.format(file)))
    assert arguments[-1] in line
    assert "別のファイルを指定してください" in line or "既にあります" in line
    assert before == snapshot(folder)


def test_the_verdicts_kept_beside_a_report_replace_nothing_either(folder: Path) -> None:
    """A checkpoint by the name under which an audit keeps what it has judged so far."""
    os.rename("cp", "new.partial")
    before = snapshot(folder)
    assert "-o" in one_line(call(*HTML[:-1], "new.partial", "-o", "new"))
    assert before == snapshot(folder)


def test_a_device_is_written_to_twice(folder: Path) -> None:
    """Nothing is lost there."""
    assert call("audit", "cases.jsonl", "-o", os.devnull, "--receipt", os.devnull).exit_code in {0, 1}


def test_a_receipt_and_a_report_beside_what_is_read(folder: Path) -> None:
    """Other names are written, and over a report of before."""
    assert call(*HTML, "-o", "page", "--receipt", "receipt").exit_code in {0, 1}
    assert json.loads(Path("receipt").read_bytes())["receipt"]
    assert Path("page").stat().st_size > 0


def parameters(command: click.Command) -> Iterator[tuple[click.Command, click.Parameter]]:
    """All parameters of all commands below."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from parameters(each)
        return
    yield from ((command, parameter) for parameter in command.params)


NO_FILE = {"known_at", "dask", "origin", "name", "programme", "case_id", "paper", "codes", "needs", "programmes"}
NO_FILE |= {"operators", "clauses"}


def test_every_parameter_of_a_command_with_an_output_is_known() -> None:
    """Each that takes a text is read, written or known to be no file; nothing is listed that no command has."""
    found = list(parameters(app))
    writing = {command for command, parameter in found if parameter.name in WRITTEN}
    texts = {parameter.name for command, parameter in found if command in writing and parameter.type.name == "text"}
    assert set() == texts - set(READ) - WRITTEN - NO_FILE
    assert set() == {*READ, *WRITTEN} - texts
