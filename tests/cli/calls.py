"""How the tests call the command line: in this process, and as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from click.testing import CliRunner, Result

from shuroflow.cli import app


def call(*args: object, stdin: str | bytes | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin, prog_name="shuroflow")


def program(*args: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run ``python -m shuroflow`` as a program."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "shuroflow", *map(str, args)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
        env=environment,
        **options,
    )


def one_line(result: Result) -> str:
    """The one line of an unusable call: exit status 2, nothing but that line on standard error, no traceback."""
    assert 2 == result.exit_code, (result.stdout, result.stderr)
    assert "Traceback" not in result.stderr
    lines = result.stderr.splitlines()
    assert 1 == len(lines), lines
    assert lines[0].startswith(("エラー: ", "error: "))
    return lines[0]
