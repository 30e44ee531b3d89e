"""Which of the rules a check meets while they are whole: only these can it condemn when they are changed.

Every statement of every function of the rules leaves a mark when it is about to run, and every edition when it is
asked about an event or read as a table. A check that leaves no mark on what a mutant changes is not run against it.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from shuroflow.case import Case
from shuroflow.events import Event
from shuroflow.states import Edition, Finding, Judgement, Office
from shuroflow.verification.mutants.scope import Scope
from shuroflow.verification.mutants.source import Part, compiled

MET = "__shuroflow_met__"
"""The name under which a watched function finds where to leave its marks."""

ANYTHING = "*"
"""Stands for any kind of event."""

SETTLED = "settle"
"""Stands for the day asked about, where a kind of event is expected."""

_NEUTRAL = frozenset(
    {"clauses", "counts_from", "in_force_from", "moving", "new_case", "place_of", "programme", "turns"}
)
"""What is looked up on the way to an event, and changes nothing that the event itself would not show."""


def line_mark(part: str, line: int) -> object:
    """Of a statement of a function."""
    return "line", part, line


def function_mark(part: str) -> object:
    """Of a function as a whole."""
    return "function", part


def kind_mark(programme: str, kind: str) -> object:
    """Of an event of a kind that is judged, folded or offered."""
    return "kind", programme, kind


def table_mark(programme: str) -> object:
    """Of an edition that is read as a table."""
    return "table", programme


class Watch:
    """Leaves marks while it is on. ``met`` are those left since it was last emptied."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self.met: set[object] = set()
        self.scopes = tuple(scopes)
        self._inside = 0

    @contextmanager
    def on(self) -> Iterator[None]:
        """Watch the rules for as long as the ``with`` lasts."""
        undo: list[Callable[[], None]] = []
        try:
            for part in {part.function: part for scope in self.scopes for part in scope.parts}.values():
                undo.append(self._watch_function(part))
            for scope in self.scopes:
                for edition in scope.programme.editions:
                    undo.append(self._watch_edition(edition))
            yield
        finally:
            for each in reversed(undo):
                each()

    def fresh(self) -> None:
        """Forget the marks, and let the rules forget what they remember: each check meets them anew."""
        for scope in self.scopes:
            scope.forget()
        self.met.clear()

    def _watch_function(self, part: Part) -> Callable[[], None]:
        function, names, whole = part.function, part.function.__globals__, part.function.__code__
        names[MET] = self.met.add
        function.__code__ = compiled(_marked(part), part)

        def undo() -> None:
            function.__code__ = whole
            names.pop(MET, None)

        return undo

    def _watch_edition(self, edition: Edition) -> Callable[[], None]:
        kind = type(edition)
        edition.__class__ = self._watched(kind, edition.programme)

        def undo() -> None:
            edition.__class__ = kind

        return undo

    @contextmanager
    def _asked(self, programme: str, kind: str) -> Iterator[None]:
        self.met.add(kind_mark(programme, kind))
        self.met.add(kind_mark(programme, ANYTHING))
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def _watched(self, kind: type[Edition], code: str) -> type[Edition]:
        watch = self

        class Watched(kind):  # type: ignore[valid-type, misc]
            def __getattribute__(self, name: str) -> Any:
                if not watch._inside and name not in _NEUTRAL and name not in _QUESTIONS and name[:2] != "__":
                    watch.met.add(table_mark(code))
                return super().__getattribute__(name)

            def judge(self, case: Case, event: Event, office: Office) -> Judgement:
                with watch._asked(code, event.kind):
                    return super().judge(case, event, office)  # type: ignore[no-any-return]

            def findings(self, case: Case, event: Event, office: Office) -> tuple[Finding, ...]:
                with watch._asked(code, event.kind):
                    return super().findings(case, event, office)  # type: ignore[no-any-return]

            def drive(self, cursor: Any) -> Judgement:
                with watch._asked(code, cursor.event.kind):
                    return super().drive(cursor)  # type: ignore[no-any-return]

            def fold(self, case: Case, event: Event, office: Office) -> None:
                with watch._asked(code, event.kind):
                    super().fold(case, event, office)

            def possible(self, case: Case, probe: Event, *rest: Any) -> Any:
                with watch._asked(code, probe.kind):
                    return super().possible(case, probe, *rest)

            def source_for(self, case: Case, kind: str, *rest: Any) -> Any:
                with watch._asked(code, kind):
                    return super().source_for(case, kind, *rest)

            def settle(self, *args: Any) -> Any:
                with watch._asked(code, SETTLED):
                    return super().settle(*args)

        return Watched


_QUESTIONS = frozenset({"judge", "findings", "drive", "fold", "possible", "source_for", "source_of", "settle"})


def _marked(part: Part) -> ast.FunctionDef:
    """The function with a mark before each statement."""
    root = copy.deepcopy(part.node)
    _mark(root.body, part.name)
    root.body.insert(0, _leave(function_mark(part.name)))
    return root


def _mark(body: list[ast.stmt], name: str) -> None:
    for statement in list(body):
        for _, value in ast.iter_fields(statement):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                _mark(value, name)
            elif isinstance(value, list):
                for each in value:
                    if isinstance(each, ast.ExceptHandler):
                        _mark(each.body, name)
        body.insert(body.index(statement), _leave(line_mark(name, statement.lineno)))


def _leave(mark: object) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Name(MET, ast.Load()), [ast.Constant(mark)], []))  # type: ignore[arg-type]


__all__ = ["ANYTHING", "SETTLED", "Watch", "function_mark", "kind_mark", "line_mark", "table_mark"]
