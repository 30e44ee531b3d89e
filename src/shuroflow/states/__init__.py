"""The machines: for each programme a rulebook, its guards and its clauses, and what an office brings to them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from shuroflow.errors import UnknownProgramme
from shuroflow.events.plugins import plug_in, plug_ins
from shuroflow.states.chart import Edition
from shuroflow.states.diagram import Arrow
from shuroflow.states.editions import Programme
from shuroflow.states.judgement import Finding, Inapplicable, Judgement, Rule, Seen, Wording
from shuroflow.states.machine import Cursor
from shuroflow.states.office import Office, Settings
from shuroflow.states.rows import Lapse, Row
from shuroflow.states.rule_table import RuleTable

BUILT_IN = {"saitama": "shuroflow.states.saitama.rulebook", "tsushima": "shuroflow.states.tsushima.rulebook"}


def programme_codes() -> tuple[str, ...]:
    """Codes of the programmes that can be asked for: built in, and brought by plug-ins."""
    return (*BUILT_IN, *sorted({point.name for point in plug_ins()} - set(BUILT_IN)))


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
    point = plug_in(code)
    if point is not None:
        brought = point.load()()
        if not isinstance(brought, Programme):
            raise UnknownProgramme(f"plug-in {point.value} brings no Programme", field="programme")
        if brought.code != code:
            said = f"plug-in {point.value} is installed as {code!r} and brings programme {brought.code!r}"
            raise UnknownProgramme(said, field="programme")
        return brought
    known = ", ".join(programme_codes())
    raise UnknownProgramme(f"unknown programme {code!r}; known programmes: {known}", field="programme")


__all__ = [
    "Arrow",
    "Cursor",
    "Edition",
    "Finding",
    "Inapplicable",
    "Judgement",
    "Lapse",
    "Office",
    "Programme",
    "Row",
    "Rule",
    "RuleTable",
    "Seen",
    "Settings",
    "Wording",
    "programme",
    "programme_codes",
]
