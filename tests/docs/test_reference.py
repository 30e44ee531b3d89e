"""The reference says what the package says: generated pages are fresh and nothing public is left out."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest

import shuroflow
from shuroflow import Basis, Role, Severity, ShuroflowError, State, programme, programme_codes
from shuroflow.cli import app
from shuroflow.events import kinds_of
from tests.docs.pages import DOCS, ROOT, text_of

CODES = sorted({"saitama", "tsushima"} & set(programme_codes()))


def test_generated_pages_are_up_to_date() -> None:
    """``docs/generate.py --check`` finds nothing to write."""
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert "" == done.stderr
    assert 0 == done.returncode


def test_public_names_are_sorted_and_there() -> None:
    """``__all__`` is sorted, without doubles, and every name in it can be had."""
    assert sorted(set(shuroflow.__all__)) == shuroflow.__all__
    assert [] == [name for name in shuroflow.__all__ if not hasattr(shuroflow, name)]


def test_every_public_name_is_in_the_reference() -> None:
    """The page on the Python API mentions each name of ``__all__``."""
    page = text_of("docs/reference/api.md")

    assert [] == [name for name in shuroflow.__all__ if f"`{name}`" not in page]


def _errors(base: type[Exception]) -> list[type[Exception]]:
    below = [each for each in base.__subclasses__() if each.__module__.startswith("shuroflow")]
    return [base, *(error for each in below for error in _errors(each))]


def test_every_error_is_listed() -> None:
    """The page on errors has each class, in the tree and in the table."""
    page = text_of("docs/reference/errors.md")

    assert [] == [e.__name__ for e in _errors(ShuroflowError) if len(re.findall(rf"\b{e.__name__}\b", page)) < 2]


def _commands(command: click.Command, path: str) -> list[str]:
    if not isinstance(command, click.Group):
        return [path]
    names = command.list_commands(click.Context(command))
    return [path, *(each for name in names for each in _commands(command.commands[name], f"{path} {name}"))]


def test_every_command_and_option_is_documented() -> None:
    """The page on the command line has a section for each command, with all its options."""
    page = text_of("docs/reference/cli.md")
    sections = dict(re.findall(r"^## (shuroflow[^\n]*)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))

    assert _commands(app, "shuroflow") == list(sections)
    assert [] == [
        (name, option)
        for name, command in app.commands.items()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option not in sections[f"shuroflow {name}"]
    ]


def test_every_command_is_in_both_readmes() -> None:
    """A newcomer meets every command on the first page."""
    for name in ("README.md", "README.ja.md"):
        page = text_of(name)
        assert [] == [command for command in app.commands if f"`{command}`" not in page]


@pytest.mark.parametrize("code", CODES)
def test_every_clause_has_its_row(code: str) -> None:
    """The traceability table has each clause with both summaries and at least one way of enforcement."""
    clauses = programme(code).current.clauses
    rows = [
        line for line in text_of(f"docs/reference/clauses-{code}.md").splitlines() if line.startswith('| <a id="c-')
    ]

    assert len(clauses) == len(rows)
    for clause, row in zip(clauses, rows, strict=True):
        assert f">{clause.id}" in row.replace("</a>", ">")
        assert clause.enforced[0].value in row


@pytest.mark.parametrize("code", CODES)
def test_every_rule_duty_and_event_has_its_section(code: str) -> None:
    """Rules, duties and events each stand under their own heading."""
    table = programme(code).current.table
    rules, events = text_of(f"docs/reference/rules-{code}.md"), text_of(f"docs/reference/events-{code}.md")

    assert [] == [rule.code for rule in table.rules.values() if f"</a>{rule.code}\n" not in rules]
    assert [] == [duty for duty in table.duties if f'<a id="duty-{duty}">' not in rules]
    assert [] == [kind for kind in kinds_of(code) if f"\n### `{kind}`\n" not in events]


def test_every_decision_named_has_its_row() -> None:
    """Each reading that a clause or a rule names is explained."""
    page = (DOCS / "decisions.md").read_text(encoding="utf-8")
    named = {
        decision
        for code in CODES
        for edition in programme(code).editions
        for decision in (
            *(each for clause in edition.clauses for each in clause.decisions),
            *(rule.decision for rule in edition.table.rules.values() if rule.decision),
        )
    }

    assert set() == {decision for decision in named if f'<a id="{decision}">' not in page}


def test_the_glossary_knows_every_code() -> None:
    """Each state, role, severity and basis stands in the glossary with its words in both languages."""
    page = text_of("docs/glossary.md")
    terms = [*State, *Role, *Severity, *Basis]

    assert [] == [
        f"{term.value} {term.label('ja')}" for term in terms if f"| `{term.value}` | {term.label('ja')} |" not in page
    ]
    assert [] == [f"{term.value} {term.label('en')}" for term in terms if term.label("en") not in page]
