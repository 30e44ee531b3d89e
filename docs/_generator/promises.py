"""The page on the promises of a journal, from the tests that hold an adapter to them."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from _generator.markdown import page, table, words
from shuroflow.verification import JournalPromises
from shuroflow.verification.journals.claims import CLAIMS, promises

_ROOMS = {
    "appending": "Appending",
    "reading": "Reading and following",
    "lasting": "Closing, crashes and damage",
    "sharing": "Several at once",
    "loading": "Loading in bulk",
    "journal": "All together",
}


def _claim(test: Callable[..., None]) -> str:
    claim, claimed = getattr(test, "__claim__", ("", True))
    return (f"`{claim}`" if claimed else f"not `{claim}`") if claim else "every journal"


def promises_page() -> str:
    """Every test of the conformance kit: its name, what it says, and for which journals."""
    parts = [
        "Each line is a test of `shuroflow.verification.JournalPromises`, by its name without `test_`. An adapter is "
        "held to those that are for every journal and to those of its claims; where it does not claim something, a "
        "test holds that it does not half offer it. How to run them: "
        "[Write an adapter](../how-to/write-an-adapter.md).",
        "",
        *table(("claim", "it says"), ((f"`{claim}`", words(said)) for claim, said in CLAIMS.items())),
    ]
    for room, title in _ROOMS.items():
        rows = [
            (f"`{name.removeprefix('test_')}`", words(inspect.getdoc(test) or ""), _claim(test))
            for name, test in promises(JournalPromises)
            if test.__module__.endswith(f".{room}")
        ]
        parts += [f"## {title}", "", *table(("promise", "it says", "for"), rows)]
    return page("The promises of a journal", parts)
