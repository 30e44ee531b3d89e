"""Makes the programme visible as if it were installed: its sources, and the entry point of its ``pyproject.toml``.

An outsider runs ``pip install -e .`` instead and needs none of this. Here the tests share one Python with those of the
library, for which there are two programmes and no third.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shuroflow.events import envelope
from shuroflow.states import programme

HOME = Path(__file__).resolve().parents[1]

sys.path.insert(0, str(HOME / "src"))
import hoshimino.rulebook  # noqa: E402, F401 - registers the events, which are put away until they are needed

KINDS = envelope._KINDS.pop("hoshimino")


def install(folder: Path) -> Path:
    """A folder for ``sys.path`` that holds what an installer writes about the package."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8"
    )
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the package is installed."""
    return install(tmp_path_factory.mktemp("site"))


@pytest.fixture(autouse=True)
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package is installed for the length of one test."""
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setitem(envelope._KINDS, "hoshimino", KINDS)
    yield
    programme.cache_clear()
