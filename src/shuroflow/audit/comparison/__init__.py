"""What would change if …: a case judged under two sets of conditions, and the difference written out.

Sides and writers are loaded when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shuroflow.audit.comparison.data import write_csv, write_json, write_receipt
    from shuroflow.audit.comparison.page import write_html
    from shuroflow.audit.comparison.tally import RuleCount, Side, Tally
    from shuroflow.audit.comparison.text import write_text

_HOME = {
    "RuleCount": "tally",
    "Side": "tally",
    "Tally": "tally",
    "write_csv": "data",
    "write_html": "page",
    "write_json": "data",
    "write_receipt": "data",
    "write_text": "text",
}

__all__ = ["RuleCount", "Side", "Tally", "write_csv", "write_html", "write_json", "write_receipt", "write_text"]


def __getattr__(name: str) -> object:
    """A name of one of the other modules of this room."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
