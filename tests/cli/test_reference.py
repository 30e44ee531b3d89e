"""``demo``, ``programmes``, ``schema``, ``simulate``, help and version; and what importing the command line costs."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import jsonschema
import pytest

from shuroflow import __version__
from shuroflow.cli import app
from shuroflow.states import programme, programme_codes
from shuroflow.storage import encode, json_schema
from tests.audit.records import STORIES, story
from tests.cli.calls import call, one_line, program


def test_help_names_every_command() -> None:
    """The contract's commands are listed, and the others."""
    text = call("--help").stdout
    present = (
        "demo audit show next due record programmes paths schema simulate "
        "seal verify prove convert migrate refresh annex check mutate "
        "statistics import export"
    )
    for name in present.split():
        assert name in app.commands
        assert f"\n  {name} " in text
    assert text == call().stdout


@pytest.mark.parametrize("name", list(app.commands))
def test_every_command_explains_itself(name: str) -> None:
    """Each command and each of its options has help, in English with a line of Japanese."""
    command = app.commands[name]
    text = call(name, "--help").stdout
    assert not text.isascii()
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "form":
            assert parameter.help, parameter.name


def test_version() -> None:
    """The version of the library."""
    assert f"shuroflow {__version__}\n" == call("--version").stdout


def test_programmes() -> None:
    """Every programme with its name and the first day of its text."""
    text = call("programmes").stdout
    for code in programme_codes():
        assert code in text
        assert programme(code).title() in text


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_a_programme(code: str, lang: str) -> None:
    """Its events, all clauses, all rules, and the diagram alone, ready to be piped."""
    edition = programme(code).current
    overview = call("programmes", code, "--lang", lang).stdout
    clauses = call("programmes", code, "--clauses", "--lang", lang).stdout
    rules = call("programmes", code, "--rules", "--lang", lang).stdout
    assert all(row.event in overview for row in edition.rows)
    assert all(clause.text(lang) in clauses for clause in edition.clauses)  # type: ignore[arg-type]
    assert all(rule.code in rules for rule in edition.table.rules.values())
    assert all(f"{code}.{duty}" in rules for duty in edition.table.duties)
    diagram = call("programmes", code, "--diagram", "--lang", lang).stdout
    assert f"{edition.mermaid(lang)}\n" == diagram  # type: ignore[arg-type]
    both = call("programmes", code, "--diagram", "--rules", "--lang", lang).stdout
    assert f"{diagram}\n{rules}" == both


def test_schema(tmp_path: Path) -> None:
    """The published schema, whole or of one programme; the samples fit it."""
    schema = json.loads(call("schema").stdout_bytes)
    assert json_schema() == schema
    validator = jsonschema.Draft202012Validator(schema)
    for name in STORIES:
        for event in story(name):
            assert not list(validator.iter_errors(json.loads(encode(event))))
    call("schema", "--programme", "tsushima", "-o", tmp_path / "schema.json")
    assert json_schema("tsushima") == json.loads((tmp_path / "schema.json").read_bytes())


def test_simulate(tmp_path: Path) -> None:
    """The same seed gives the same file, which can be audited; an existing file is left alone."""
    made = []
    for name in ("a.jsonl", "b.jsonl"):
        result = call("simulate", "--cases", 6, "--seed", 7, "--violations", 0.5, "-o", tmp_path / name)
        assert 0 == result.exit_code
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    assert call("audit", tmp_path / "a.jsonl", "--as-of", "2026-11-21").exit_code in (0, 1)
    again = ("simulate", "--cases", 1, "--seed", 7, "--violations", 0, "-o", tmp_path / "a.jsonl")
    assert "a.jsonl" in one_line(call(*again))
    assert made[0] == (tmp_path / "a.jsonl").read_bytes()


@pytest.mark.parametrize("name", ["y.txt", "y", "y.json", "-"])
def test_what_is_made_up_can_be_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A name that an audit would not take is refused before anything is written."""
    monkeypatch.chdir(tmp_path)
    assert ".jsonl" in one_line(call("simulate", "--cases", 1, "--seed", 7, "--violations", 0, "-o", name))
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_demo(lang: str, tmp_path: Path) -> None:
    """The demonstration runs to its end, in either language, and then names a call to try next, which works."""
    from shuroflow.demo import run

    result = call("demo", "--lang", lang)
    assert 0 == result.exit_code
    lines = result.stdout.splitlines()
    end = len(list(run(lang)))  # type: ignore[arg-type]
    assert ["", {"ja": "次に試すこと:", "en": "To try next:"}[lang]] == lines[end : end + 2]
    (page, other) = [shlex.split(each) for each in lines[end + 2 :] if each.startswith("  shuroflow ")]
    page[page.index("-o") + 1] = str(tmp_path / "audit.html")
    assert 1 == call(*page[1:]).exit_code
    assert f'<html lang="{lang}">' in (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert 0 == call(*other[1:]).exit_code


def test_as_a_program_and_entry_point() -> None:
    """``python -m shuroflow`` is the command."""
    done = program("--version")
    assert (0, f"shuroflow {__version__}\n", "") == (done.returncode, done.stdout, done.stderr)


INTERRUPT = """
import sys
from importlib.abc import MetaPathFinder

class Interrupt(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == sys.argv[1]:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from importlib.metadata import EntryPoint
EntryPoint("shuroflow", sys.argv[2], "console_scripts").load()()
"""


@pytest.mark.parametrize("module", ["shuroflow", "shuroflow.errors", "shuroflow.cli", "click"])
def test_interrupted_while_it_loads(module: str) -> None:
    """Ctrl-C before the command line is there ends the program as later: no traceback, status 130."""
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    command = [sys.executable, "-c", INTERRUPT, module, project["project"]["scripts"]["shuroflow"]]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (130, "", "") == (done.returncode, done.stdout, done.stderr)


def test_a_terminal_of_another_encoding() -> None:
    """A character that the terminal has no code for is written out; it stops nothing."""
    import os

    told = {}
    for encoding in ("ascii", "latin-1", "cp932"):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run(
            [sys.executable, "-m", "shuroflow", "programmes"], capture_output=True, check=False, env=environment
        )
        assert (0, b"") == (done.returncode, done.stderr)
        told[encoding] = done.stdout
    assert "埼玉県" in told["ascii"].decode()
    assert b"\\u57fc" in told["latin-1"]
    assert "埼玉県" in told["cp932"].decode("cp932")


def test_importing_the_command_line_is_light() -> None:
    """It loads neither a database nor what only one command needs."""
    heavy = ["sqlalchemy", "hypothesis", "sqlite3", "shuroflow.demo", "shuroflow.simulation", "shuroflow.audit.export"]
    code = f"import sys, shuroflow.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert "[]\n" == done.stdout
