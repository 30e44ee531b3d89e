"""What the rules of a programme are made of: the functions that decide, their constants, and the clauses they serve.

Found by following names from the rows of its editions, so that a programme of another package is found as well as our
own. Nothing here knows a rule.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from importlib import import_module
from types import CodeType, FunctionType, ModuleType
from typing import Any

import attrs

from shuroflow.errors import InputError
from shuroflow.states import Edition, Programme
from shuroflow.states.rows import nothing
from shuroflow.verification.mutants import told
from shuroflow.verification.mutants.source import Part, assigned, definitions, names_in

SHARED = ("shuroflow.calendar", "shuroflow.case", "shuroflow.states.means_test", "shuroflow.states.figures")
"""What the library brings to the rules of every programme; looked at as far as a programme uses it."""

WORDS = "shuroflow.vocabulary"


@attrs.frozen(eq=False)
class Constant:
    """A constant of a module that some function of the rules looks up."""

    name: str
    attribute: str
    modules: tuple[ModuleType, ...]
    value: Any
    users: tuple[Part, ...]


def plain(found: object) -> FunctionType | None:
    """The function behind a property, a cache or a static method, if there is one."""
    for name in ("fget", "__wrapped__", "__func__"):
        inner = getattr(found, name, None)
        if isinstance(inner, FunctionType) and not isinstance(found, FunctionType):
            return inner
    return found if isinstance(found, FunctionType) else None


@attrs.define(eq=False, slots=False)
class Scope:
    """The functions and constants that make up the rules of one programme."""

    programme: Programme
    clauses: dict[FunctionType, dict[str, None]] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        for root, citations in self._roots():
            for function in self._reached(root):
                self.clauses.setdefault(function, {}).update(dict.fromkeys(citations))

    # -- what there is

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The functions, in the order of their modules and places."""
        found = []
        for function in self.clauses:
            tree = definitions(sys.modules[function.__module__])
            place = tree.get(function.__qualname__)
            if place is not None:
                node, classes = place
                name = f"{self.prefix(function.__module__)}.{function.__qualname__}"
                found.append(Part(name, function, node, classes))
        return tuple(sorted(found, key=lambda part: (part.function.__module__, part.node.lineno)))

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Guards, folds and conditions whose source is not a function of a module, as those that others make.

        They are dropped from their rows like all others, but nothing inside them is changed.
        """
        names = {root.__qualname__: None for root, _ in self._rows() if not self._inside(root)}
        return tuple(names)

    @cached_property
    def constants(self) -> tuple[Constant, ...]:
        """The constants that the functions look up, each once."""
        users: dict[tuple[str, str], list[Part]] = {}
        homes = {
            (name, module.__name__): module
            for module in (*self.modules, sys.modules[WORDS])
            for name in assigned(module)
        }
        for part in self.parts:
            for name in dict.fromkeys(told.names(part.node)):
                value = part.function.__globals__.get(name)
                if not _is_constant(value):
                    continue
                home = next((key for key in homes if key[0] == name and getattr(homes[key], name) is value), None)
                if home is not None:
                    users.setdefault(home, []).append(part)
        made = []
        for (name, module), parts in users.items():
            value = getattr(homes[name, module], name)
            holders = tuple(each for each in tuple(sys.modules.values()) if _holds(each, name, value))
            made.append(Constant(f"{self.prefix(module)}.{name}", name, holders, value, tuple(parts)))
        return tuple(made)

    @cached_property
    def modules(self) -> tuple[ModuleType, ...]:
        """The modules that the functions are looked for in: those of the programme, and what the library brings."""
        homes = {root.__module__ for root, _ in self._rows()} | {case.__module__ for case in self._case_classes()}
        homes -= {name for name in homes if name in SHARED}
        packages = {home.rpartition(".")[0] for home in homes} - {""}
        packages -= {package for package in packages if package in {"shuroflow", "shuroflow.states"}}
        found = [
            module
            for name, module in sorted(sys.modules.items())
            if name in homes
            or (getattr(module, "__file__", None) and any(f"{name}.".startswith(f"{each}.") for each in packages))
        ]
        return (*found, *map(import_module, SHARED))

    @cached_property
    def home(self) -> str:
        """The package of the programme: what all its modules begin with."""
        names = [module.__name__ for module in self.modules if module.__name__ not in SHARED]
        return min(names, key=len) if names else ""

    def prefix(self, module: str) -> str:
        """How names of a module begin: the code of the programme, or the module of the library, and its last part."""
        tail = module.rpartition(".")[2]
        if module in SHARED or module == WORDS:
            return tail
        return self.programme.code if tail == self.programme.code else f"{self.programme.code}.{tail}"

    def citations(self, function: FunctionType) -> tuple[str, ...]:
        """The clauses that a function serves, as officials cite them."""
        return tuple(self.clauses.get(function, ()))

    def uses(self, *names: str) -> bool:
        """Does some function of the rules look up one of these names?"""
        return any(name in names for part in self.parts for name in told.names(part.node))

    @cached_property
    def forget(self) -> Callable[[], None]:
        """Empties what the modules have remembered of earlier questions (but not what they were built with)."""
        wrappers = [
            value
            for module in self.modules
            for holder in (module, *_classes(module))
            for value in vars(holder).values()
            if is_memory(value)
        ]

        def forget() -> None:
            for wrapper in wrappers:
                wrapper.cache_clear()

        return forget

    # -- how it is found

    def _rows(self) -> Iterator[tuple[FunctionType, tuple[str, ...]]]:
        for edition in self.programme.editions:
            for row in edition.rows:
                own = edition.clauses[row.clause].citation
                for guard in row.guards:
                    yield _function(guard), (edition.rule_of(guard, row).citation,)
                if row.when is not None:
                    yield _function(row.when), (own,)
                if row.fold is not nothing:
                    yield _function(row.fold), (own,)
            notes = notes_of(edition)
            if notes is not None:
                named = _words(_function(notes).__code__)
                rules = [rule.citation for name, rule in edition.table.rules.items() if name in named]
                yield _function(notes), tuple(dict.fromkeys(rules))

    def _roots(self) -> Iterator[tuple[FunctionType, tuple[str, ...]]]:
        yield from self._rows()
        # What the chart itself asks of a case is decided by the programme too, and serves whatever it leads to.
        for function in self._asked():
            yield function, ()

    def _asked(self) -> Iterator[FunctionType]:
        """What a case answers itself: its own methods and those it has from the library, unless it has its own."""
        for edition in self.programme.editions:
            seen: dict[str, bool] = {}
            for cls in type(edition.new_case("-")).__mro__:
                for name, value in vars(cls).items():
                    function = plain(value)
                    if function is None or not self._inside(function) or not seen.get(name, True):
                        continue
                    yield function
                    seen[name] = "super" in names_in(function.__code__)

    def _case_classes(self) -> Iterator[type]:
        for edition in self.programme.editions:
            yield from (cls for cls in type(edition.new_case("-")).__mro__ if cls is not object)

    def _inside(self, function: FunctionType) -> bool:
        return any(function.__module__ == module.__name__ for module in self.modules) and (
            function.__qualname__ in definitions(sys.modules[function.__module__])
        )

    def _meant(self, name: str, by: FunctionType) -> list[FunctionType]:
        """The methods that a name may mean: those of the class it stands in, else of the case, else of any class."""
        methods = self._methods.get(name, [])
        own = by.__qualname__.rpartition(".")[0]
        beside = [each for each in methods if own and each.__qualname__ == f"{own}.{name}"]
        return beside or [each for each in methods if each in self._of_the_case] or methods

    @cached_property
    def _of_the_case(self) -> frozenset[FunctionType]:
        return frozenset(self._asked())

    def _named(self, function: FunctionType) -> Iterator[str]:
        if not self._inside(function):
            return names_in(function.__code__)
        node, _ = definitions(sys.modules[function.__module__])[function.__qualname__]
        return told.names(node)

    @cached_property
    def _methods(self) -> dict[str, list[FunctionType]]:
        found: dict[str, list[FunctionType]] = {}
        overridden = {value for cls in self._case_classes() for value in map(plain, vars(cls).values())} - set(
            self._asked()
        )
        for module in self.modules:
            for cls in _classes(module):
                for name, value in vars(cls).items():
                    function = plain(value)
                    if function is not None and self._inside(function) and function not in overridden:
                        found.setdefault(name, []).append(function)
        return found

    def _reached(self, root: FunctionType) -> Iterator[FunctionType]:
        seen = {root: None} if self._inside(root) else {}
        todo = [root]
        while todo:
            function = todo.pop()
            for name in self._named(function):
                value = function.__globals__.get(name)
                if hasattr(value, "cache_clear") and not is_memory(value):
                    continue  # what is read or built once, before any question
                called = plain(value)
                near = [called] if called is not None and self._inside(called) else self._meant(name, function)
                for each in near:
                    if each not in seen:
                        seen[each] = None
                        todo.append(each)
        yield from seen


def notes_of(edition: Edition) -> Any:
    """What an edition asks of a day, beside its duties."""
    return edition._notes


def _function(given: Any) -> FunctionType:
    function = plain(given)
    if function is None:
        said = f"{given!r} is not a plain function: a rule that is something else cannot be changed"
        raise InputError(said, field="programme")
    return function


def _classes(module: ModuleType) -> Iterator[type]:
    for value in tuple(vars(module).values()):
        if isinstance(value, type) and value.__module__ == module.__name__:
            yield value


def is_memory(value: object) -> bool:
    """Is it a function that remembers answers to questions it was asked? One without a question builds things once."""
    wrapped = getattr(value, "__wrapped__", None)
    return hasattr(value, "cache_clear") and wrapped is not None and bool(inspect.signature(wrapped).parameters)


def _words(code: CodeType) -> frozenset[object]:
    inner = [_words(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    flat = {word for constant in code.co_consts if isinstance(constant, tuple) for word in constant}
    words = {constant for constant in code.co_consts if isinstance(constant, str)}
    return frozenset(words | {word for word in flat if isinstance(word, str)}).union(*inner)


def _is_constant(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | timedelta) or type(value) is date:
        return True
    if isinstance(value, tuple | frozenset | set):
        return bool(value) and all(isinstance(each, Enum | str | int | tuple) for each in value)
    return isinstance(value, dict) and bool(value) and all(isinstance(each, Enum) for each in value.values())


def _holds(module: object, name: str, value: object) -> bool:
    return isinstance(module, ModuleType) and vars(module).get(name, _NOTHING) is value


_NOTHING = object()


__all__ = ["SHARED", "Constant", "Scope", "is_memory", "notes_of", "plain"]
