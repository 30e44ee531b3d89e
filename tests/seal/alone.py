"""How the tests run the verifier in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuroflow.seal import Seal, standalone

SOURCE = Path(standalone.__file__)


def written(folder: Path, one: Seal, name: str = "checkpoint") -> str:
    """A checkpoint in a file; its path."""
    path = folder / name
    path.write_bytes(one.encode())
    return str(path)


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the verifier in this process, in English: its exit status and all it says."""
    try:
        status = standalone.main([*arguments, "--lang", "en"])
    except SystemExit as stop:  # of the parser of arguments
        status = int(stop.code or 0)
    out, err = capsys.readouterr()
    return status, out + err


__all__ = ["SOURCE", "check", "written"]
