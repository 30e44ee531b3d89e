"""The machines: for each programme a rulebook, its guards and its clauses, and what an office brings to them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from shuroflow.errors import UnknownProgramme
from shuroflow.states.chart import Cursor, Edition, Programme, Row
from shuroflow.states.judgement import Finding, Judgement, Rule
from shuroflow.states.office import Office, Settings

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

BUILT_IN = {"saitama": "shuroflow.states.saitama.rulebook", "tsushima": "shuroflow.states.tsushima.rulebook"}
PLUG_INS = "shuroflow.programmes"
"""Entry point group: code of a programme → a function without arguments that returns it."""


def programme_codes() -> tuple[str, ...]:
    """Codes of the programmes that can be asked for: built in, and brought by plug-ins."""
    return (*BUILT_IN, *sorted(point.name for point in _plug_ins()))


def _plug_ins() -> EntryPoints:
    from importlib.metadata import entry_points  # asked for seldom, and slow to import

    return entry_points(group=PLUG_INS)


@cache
def programme(code: str) -> Programme:
    """The programme of that code, made once.

    Raises:
        UnknownProgramme: if it is neither built in nor brought by a plug-in.
    """
    if code in BUILT_IN:
        made = import_module(BUILT_IN[code]).programme()
        assert isinstance(made, Programme)
        return made
    for point in _plug_ins():
        if point.name == code:
            brought = point.load()()
            if not isinstance(brought, Programme):
                raise UnknownProgramme(f"plug-in {point.value} brings no Programme", field="programme")
            return brought
    known = ", ".join(programme_codes())
    raise UnknownProgramme(f"unknown programme {code!r}; known programmes: {known}", field="programme")


__all__ = [
    "Cursor",
    "Edition",
    "Finding",
    "Judgement",
    "Office",
    "Programme",
    "Row",
    "Rule",
    "Settings",
    "programme",
    "programme_codes",
]
