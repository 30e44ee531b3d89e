"""The page for auditors: every block of the shell does what the page shows, with the real tools.

The blocks run from top to bottom in one folder, each in a shell of its own that stops at the first failure. What a
block prints stands in the text block below it. In expected output ``…`` stands for any lines, at the end of a line for
its rest.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from tests.docs.pages import DOCS, fences
from tests.postgres import programs

PAGE = DOCS / "how-to" / "check-with-public-tools.md"


def blocks(page: Path) -> list[tuple[str, str]]:
    """Each block of the shell with the output shown below it."""
    found: list[tuple[str, str]] = []
    for language, body in fences(page):
        if language == "sh":
            found.append((body, ""))
        elif language == "text" and found:
            assert found[-1][1] == "", f"a second output below: {found[-1][0]}"
            found[-1] = found[-1][0], body
    return found


def matches(expected: str, actual: str) -> bool:
    """Whether the output is as the page shows it."""
    pattern = ""
    for line in expected.splitlines():
        if line == "…":
            pattern += r"(?:.*\n)*?"
        elif line.endswith("…"):
            pattern += re.escape(line[:-1]) + r".+\n"
        else:
            pattern += re.escape(line) + r"\n"
    return re.fullmatch(pattern, actual) is not None


def test_the_page_for_auditors(tmp_path: Path, postgres_url: str) -> None:
    """Keys, records and a checkpoint are made; then each check on the page says what it shows."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], str(programs())])
    for tool in ("openssl", "ssh-keygen", "sed", "psql", "shuroflow", "python3"):
        assert shutil.which(tool, path=tools), f"{tool} must be on PATH"
    database = sa.make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {**os.environ, "PATH": tools, "DATABASE": database, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
    ran = 0
    for body, expected in blocks(PAGE):
        done = subprocess.run(
            ["sh", "-eu", "-c", body],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        assert 0 == done.returncode, f"{body}\n{done.stdout}"
        assert matches(expected, done.stdout), f"{body}\nthe page shows\n{expected}\nbut it is\n{done.stdout}"
        ran += 1

    assert 14 == ran


def test_output_that_differs_is_told() -> None:
    """An ellipsis stands for lines, or for the rest of one; anything else must be there letter for letter."""
    assert matches("a\n…\nd\n", "a\nb\nc\nd\n")
    assert matches("a …\n", "a b c\n")
    assert not matches("a …\n", "a \n")
    assert not matches("a\n", "b\n")
    assert not matches("a\n", "a\nb\n")
    assert not matches("", "a\n")


def test_nothing_is_shown_that_is_not_run() -> None:
    """Every block of the page is of the shell, or output below one."""
    kinds = [language for language, _ in fences(PAGE)]

    assert {"sh", "text"} == set(kinds)
    assert kinds.count("text") == sum(bool(expected) for _, expected in blocks(PAGE))
