"""Runs the examples of a page: Python, what it prints, files it needs, and calls of the command line.

A page is run from top to bottom in an empty folder, with one namespace.

* A ``python`` block is executed. What it prints must stand in a ``text`` block directly below it.
* A ``console`` block holds lines ``$ shuroflow …``, each followed by what the command prints. Where the exit status is
  not 0, ``$ echo $?`` must come next and show it. ``$ cat FILE`` shows a file, ``$ ls FOLDER`` the names in one,
  ``$ pytest`` runs the tests in the folder, ``$ cp -r FOLDER COPY`` copies a folder of the clone.
* A block under ``<!-- file: NAME -->`` is written to that file, Python too; it is run by those who import it.

In expected output a line that is only ``…`` stands for any lines.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner
from sybil import Document, Example, Region
from sybil.parsers.markdown import CodeBlockParser

_FILE = re.compile(r"<!-- file: (?P<name>[\w./-]+) -->\s*\Z")
STATUS = "echo $?"
CLONE = Path(__file__).parents[2]
LANGUAGES = ("python", "text", "console", "toml", "json", "csv", "bash", "mermaid")
"""What a fenced block may be; an unknown or missing name would be left unchecked unnoticed."""


class Mismatch(AssertionError):
    """Raised when a page says another thing than the package does."""


def matches(expected: str, actual: str) -> bool:
    """Whether the output is as the page shows it; ``…`` alone on a line stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() in {"…", "..."} else re.escape(line.rstrip()) + r"[ \t]*\n"
        for line in expected.strip("\n").split("\n")
    )
    return re.fullmatch(pattern, actual.strip("\n") + "\n") is not None


class Page:
    """One page while its examples run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._printed: str | None = None
        self._end = 0
        self._region: Region | None = None
        evaluators = {"python": self._python, "text": self._text, "console": self._console}
        self.document = Document.parse(
            str(path), *(CodeBlockParser(name, evaluators.get(name, self._other)) for name in LANGUAGES)
        )

    def run(self) -> int:
        """Run every example in the current folder; how many there were."""
        count = 0
        for example in self.document.examples():
            if example.region.lexemes["arguments"] != "text":
                self._unshown()
            example.evaluate()
            self._end = example.region.end
            count += 1
        self._unshown()
        return count

    # -- one example

    def _python(self, example: Example) -> None:
        if self._written(example):
            return
        source = "\n" * example.line + example.parsed
        out = io.StringIO()
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(compile(source, str(self.path), "exec", dont_inherit=True), example.namespace)
        self._printed = out.getvalue()

    def _text(self, example: Example) -> None:
        directly_below = not self.document.text[self._end : example.region.start].strip()
        if self._printed is None or not directly_below:
            self._unshown()
            return
        printed, self._printed = self._printed, None
        self._compare(example, str(example.parsed), printed)

    def _console(self, example: Example) -> None:
        status = 0
        for command, expected in calls(str(example.parsed)):
            if status and command != STATUS:
                raise Mismatch(f"{self.path}:{example.line}: exit status {status} is not shown before: $ {command}")
            actual, status = (f"{status}\n", 0) if command == STATUS else call(command)
            self._compare(example, expected, actual)
        if status:
            raise Mismatch(f"{self.path}:{example.line}: exit status {status} is not shown at the end")

    def _other(self, example: Example) -> None:
        self._written(example)

    def _written(self, example: Example) -> bool:
        """Is this a file? Then it is written."""
        before = _FILE.search(self.document.text[: example.region.start])
        if before is None:
            return False
        path = Path(before["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(example.parsed), encoding="utf-8")
        return True

    # -- what is compared

    def _unshown(self) -> None:
        if self._printed:
            raise Mismatch(f"{self.path}: this is printed and not shown in a text block below:\n{self._printed}")
        self._printed = None

    def _compare(self, example: Example, expected: str, actual: str) -> None:
        if not matches(expected, actual):
            raise Mismatch(f"{self.path}:{example.line}: the page shows\n{expected}\nbut it is\n{actual}")


def calls(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output shown below it; a backslash continues a command."""
    command: str | None = None
    shown: list[str] = []
    lines = iter(block.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            shown.append(line)
            continue
        if command is not None:
            yield command, "\n".join(shown)
        command, shown = line[2:], []
        while command.endswith("\\"):
            command = command[:-1] + next(lines).strip()
    if command is None:
        raise Mismatch(f"a console block without a command: {block}")
    yield command, "\n".join(shown)


def call(command: str) -> tuple[str, int]:
    """What a command prints, and its exit status."""
    program, *arguments = shlex.split(command)
    if program == "cat":
        return "".join(Path(name).read_text(encoding="utf-8") for name in arguments), 0
    if program == "ls":
        return "".join(f"{path.name}\n" for name in arguments for path in sorted(Path(name).iterdir())), 0
    if program == "cp":  # a reader stands in the folder of the clone
        option, source, target = arguments
        if option != "-r":
            raise Mismatch(f"only a folder is copied here: {command}")
        shutil.copytree(CLONE / source, target)
        return "", 0
    if program == "pytest":
        alone = ("-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", ".")  # not with the settings of this project
        return _program("pytest", *alone, *arguments)
    if program != "shuroflow":
        raise Mismatch(f"only shuroflow, pytest, cat, ls, cp and {STATUS} are run here: {command}")
    if arguments[:1] == ["check"]:  # it imports what the page has written, which may change on the way
        return _program("shuroflow", *arguments)
    from shuroflow.cli import app

    result = CliRunner().invoke(app, arguments, prog_name="shuroflow", terminal_width=100)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output, result.exit_code


def _program(module: str, *arguments: str) -> tuple[str, int]:
    """The same for a program of its own, run in the current folder."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    return done.stdout, done.returncode


__all__ = ["LANGUAGES", "STATUS", "Mismatch", "Page", "call", "calls", "matches"]
