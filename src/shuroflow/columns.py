"""Text in columns, for a terminal on which a wide character takes two. Knows nothing of the package."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Columns that the text takes on a terminal: two for a wide character, none for a combining one."""
    return sum(
        0
        if unicodedata.category(char) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(char) in {"W", "F"}
        else 1
        for char in text
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their heads, each column as wide as its widest cell; the last one is as wide as its head."""
    widths = [max(map(width, column)) for column in zip(head, *rows, strict=True)]
    widths[-1] = width(head[-1])
    lines = []
    for row in (head, ["-" * wide for wide in widths], *rows):
        filled = [text + " " * (wide - width(text)) for text, wide in zip(row, widths, strict=True)]
        lines.append("  ".join(filled).rstrip())
    return "\n".join(lines)


__all__ = ["table", "width"]
