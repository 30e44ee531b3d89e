"""The source of functions: read, found by name, and compiled again so that it can take the place of what it was."""

from __future__ import annotations
import __future__

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from types import CodeType, ModuleType
from typing import Any

import attrs

from shuroflow.errors import InputError


@attrs.frozen(eq=False)
class Part:
    """One function of the rules, with its source. ``name`` has the programme or the module of the library before it."""

    name: str
    function: Any  # a plain function; said so, a checker would take it for a method
    node: ast.FunctionDef
    classes: tuple[str, ...]


@cache
def source_of(module: ModuleType) -> ast.Module:
    """The source of a module, read."""
    try:
        return ast.parse(inspect.getsource(module))
    except (OSError, TypeError):
        raise InputError(f"the source of {module.__name__} is not at hand: its rules cannot be changed") from None


@cache
def definitions(module: ModuleType) -> dict[str, tuple[ast.FunctionDef, tuple[str, ...]]]:
    """The functions that a module defines, by qualified name, with the classes around them."""
    found: dict[str, tuple[ast.FunctionDef, tuple[str, ...]]] = {}

    def look(body: list[ast.stmt], classes: tuple[str, ...]) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef):
                found[".".join((*classes, node.name))] = node, classes
            elif isinstance(node, ast.ClassDef):
                look(node.body, (*classes, node.name))

    look(source_of(module).body, ())
    return found


@cache
def assigned(module: ModuleType) -> frozenset[str]:
    """The names that a module gives a value to at its top."""
    names = set()
    for node in source_of(module).body:
        match node:
            case ast.Assign(targets=targets):
                names |= {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                names.add(name)
    return frozenset(names)


def names_in(code: CodeType) -> Iterator[str]:
    """Every name that a piece of code looks up, and those of the functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


def compiled(tree: ast.FunctionDef, part: Part) -> CodeType:
    """Code that takes the place of that of the part's function."""
    tree = ast.FunctionDef(**{**vars(tree), "decorator_list": []})
    if "__class__" in part.function.__code__.co_freevars:
        # What the old code had from around it, the new one has to have too, whether or not it still calls super().
        tree.body = [*tree.body, ast.If(ast.Constant(False), [ast.Expr(ast.Name("__class__", ast.Load()))], [])]
    whole: ast.stmt = tree
    for name in reversed(part.classes):
        # A class around it, so that super() finds its own.
        around = ast.parse(f"class {name}: pass").body[0]
        assert isinstance(around, ast.ClassDef)
        around.body = [whole]
        whole = around
    module = ast.fix_missing_locations(ast.Module(body=[whole], type_ignores=[]))
    flags = part.function.__code__.co_flags & _FUTURE
    code: CodeType = compile(module, part.function.__code__.co_filename, "exec", flags=flags, dont_inherit=True)
    for name in (*part.classes, tree.name):
        code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
    return code


def _future_flags() -> int:
    flags = 0
    for name in __future__.all_feature_names:
        flags |= getattr(__future__, name).compiler_flag
    return flags


_FUTURE = _future_flags()


__all__ = ["Part", "assigned", "compiled", "definitions", "names_in", "source_of"]
