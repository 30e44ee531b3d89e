"""Text of unknown origin as HTML: every character there, none of them obeyed. Knows nothing of audits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

# Marks that steer the direction of what follows, controls, and signs that cannot be seen. Selectors and joiners are
# not among them: names are written with them.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")


def text(value: str) -> str:
    """The text as an element of its own: it steers nothing around it, and marks that would are named where they stand.

    Such a mark is shut into an element of its own, so that it ends with it; a NUL, which no page can hold, is written
    out.
    """
    return f"<bdi>{_STEERING.sub(_shut_in, escape(value))}</bdi>"


def _shut_in(match: re.Match[str]) -> str:
    mark = match[0]
    held = "" if mark in "\x00\r" else mark
    return f'<bdi class="mark" data-code="U+{ord(mark):04X}">{held}</bdi>'


def embedded(value: Any) -> str:
    """A value as JSON for a ``<script type="application/json">``: no end tag and no comment can occur in it.

    The name of a file may hold bytes that are no text; they stand as the escapes of JSON.
    """
    held = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    held = held.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return held.encode(errors="backslashreplace").decode()


def filled(template: str, parts: Mapping[str, str | Iterable[str]]) -> Iterator[str]:
    """The template with each ``{{name}}`` replaced, piece by piece: what is put in is not looked at again."""
    for at, piece in enumerate(re.split(r"\{\{(\w+)\}\}", template)):
        if at % 2 == 0:
            yield piece
        else:
            part = parts[piece]
            yield from (part,) if isinstance(part, str) else part


__all__ = ["embedded", "filled", "text"]
