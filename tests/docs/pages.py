"""The pages of the project, and what they hold. Knows nothing of the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "README.ja.md", *sorted(DOCS.rglob("*.md"))]

_FENCE = re.compile(r"^```(?P<language>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    """A page by its path in the project."""
    return page.relative_to(ROOT).as_posix()


def fences(page: Path) -> Iterator[tuple[str, str]]:
    """Language and body of each fenced block."""
    for found in _FENCE.finditer(page.read_text(encoding="utf-8")):
        yield found["language"].strip(), found["body"]


def text_of(name: str) -> str:
    """The text of a page or file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


__all__ = ["DOCS", "PAGES", "ROOT", "fences", "name_of", "text_of"]
