"""Programmes that other packages bring, found by their entry points.

Nothing of a package is imported before it is asked for: to list codes, their names are enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUG_INS = "shuroflow.programmes"
"""Entry point group: code of a programme → a function without arguments that returns it.

The module that the entry point names imports the events of the programme, which registers them.
"""


def plug_ins() -> tuple[EntryPoint, ...]:
    """The entry points of all programmes that installed packages bring."""
    from importlib.metadata import entry_points  # asked for seldom, and slow to import

    return tuple(entry_points(group=PLUG_INS))


def plug_in(code: str) -> EntryPoint | None:
    """The entry point of one programme, if a package brings it."""
    return next((point for point in plug_ins() if point.name == code), None)


__all__ = ["PLUG_INS", "plug_in", "plug_ins"]
