"""What the files at the root promise is so: commands, versions, diagrams, the first screen."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import shuroflow
from shuroflow import programme, programme_codes
from tests.docs.pages import PAGES, ROOT, fences, name_of, text_of

READMES = ("README.md", "README.ja.md")


@pytest.mark.parametrize("name", READMES)
def test_both_commands_stand_on_the_first_screen(name: str) -> None:
    """The two commands come before the example, and what they need is said."""
    before = text_of(name).partition("```python")[0]

    assert "make demo" in before
    assert "make test" in before
    assert "3.11" in before


@pytest.mark.parametrize("name", READMES)
def test_the_example_is_short(name: str) -> None:
    """Fifteen lines of Python and the refusal they print."""
    blocks = list(fences(ROOT / name))
    at = [language for language, _ in blocks].index("python")
    lines = [line for line in blocks[at][1].splitlines() if line.strip()]

    assert len(lines) <= 16
    assert ("text", "4(1)") == (blocks[at + 1][0], re.findall(r"4\(1\)", blocks[at + 1][1])[0])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_diagrams_are_those_of_the_machine(page: Path) -> None:
    """A state diagram on any page is what the machine draws."""
    drawn = {programme(code).current.mermaid(lang) for code in programme_codes() for lang in ("ja", "en")}
    shown = {body.strip() for language, body in fences(page) if language == "mermaid"}

    assert set() == shown - drawn


@pytest.mark.parametrize("name", READMES)
def test_a_diagram_is_on_the_first_page(name: str) -> None:
    """The README shows a state diagram."""
    assert 1 == [language for language, _ in fences(ROOT / name)].count("mermaid")


def test_one_version() -> None:
    """The package, its project file and the newest entry of the changelog name one version."""
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", text_of("CHANGELOG.md"), re.MULTILINE)
    project = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]

    assert (project, project) == (shuroflow.__version__, released[0])


def test_both_readmes_link_each_other() -> None:
    """A reader of either language finds the other."""
    assert "(README.ja.md)" in text_of("README.md")
    assert "(README.md)" in text_of("README.ja.md")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_speaks_of_law(page: Path) -> None:
    """違法 stands only where it is said that the library never says it."""
    text = page.read_text(encoding="utf-8")

    assert all("not 違法" in line or "unlawful (違法)" in line for line in text.splitlines() if "違法" in line)


def test_make_leaves_nothing_in_the_temporary_folder() -> None:
    """Every program that make runs has its temporary folder below the clone, and ``make clean`` removes it."""
    text = text_of("Makefile")

    assert "export TMPDIR := $(CURDIR)/.cache/tmp\n" in text
    assert re.search(r"^clean:.*\n\trm -rf .*\.cache\b", text, re.MULTILINE)
