"""Writes the reference pages of the documentation from the package itself.

Run from a checkout: ``python docs/generate.py`` writes them, ``python docs/generate.py --check`` only tells which of
them are out of date (exit status 1). A test runs the second, so that a page never says what the code does not.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from _generator import interface, payloads, promises, rulebook

REFERENCE = Path(__file__).parent / "reference"
CODES = ("saitama", "tsushima")


def pages() -> dict[str, str]:
    """File name → text of every generated page."""
    made = {
        "api.md": interface.api_page(),
        "cli.md": interface.cli_page(),
        "codes.md": payloads.codes_page(),
        "errors.md": interface.errors_page(),
        "promises.md": promises.promises_page(),
        "questions.md": rulebook.questions_page(),
        "states.md": rulebook.states_page(),
    }
    for code in CODES:
        made[f"clauses-{code}.md"] = rulebook.clauses_page(code)
        made[f"rules-{code}.md"] = rulebook.rules_page(code)
        made[f"events-{code}.md"] = payloads.events_page(code)
    return made


def stale() -> list[str]:
    """Names of the pages on disk that are not what would be written now."""
    return [
        name
        for name, text in pages().items()
        if not (REFERENCE / name).is_file() or (REFERENCE / name).read_text(encoding="utf-8") != text
    ]


def run(arguments: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` only tell which are out of date."""
    if arguments == ["--check"]:
        late = stale()
        for name in late:
            sys.stderr.write(f"docs/reference/{name} is out of date: run `make docs-generate`\n")
        return 1 if late else 0
    if arguments:
        sys.stderr.write("usage: python docs/generate.py [--check]\n")
        return 2
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
