"""What a function only tells: the values a guard saw, words, errors. Whoever changes it changes no rule.

Told are: a dictionary that is returned or yielded, an error that is raised, words in a language, text put together,
and whatever a local name holds that is looked up in such places alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

WORDS = frozenset({"Wording"})
"""Calls whose arguments are words."""


def untold(function: ast.FunctionDef) -> frozenset[ast.AST]:
    """The nodes of a function's body that decide something."""
    told: set[ast.AST] = set()
    for node in ast.walk(function):
        for part in _telling(node):
            told.update(ast.walk(part))
    while True:
        more = [value for name, value in _bound(function) if _only(name, function, told) and value not in told]
        if not more:
            break
        for value in more:
            told.update(ast.walk(value))
    return frozenset(node for statement in function.body for node in ast.walk(statement)) - told


def names(function: ast.FunctionDef) -> Iterator[str]:
    """Every name and attribute that a function looks up to decide something."""
    for node in untold(function):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _telling(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=ast.expr() as value):
            yield from _given(value)
        case ast.Yield(value=ast.Tuple(elts=parts)):
            yield from parts
        case ast.Raise() | ast.JoinedStr():
            yield node
        case ast.Expr(value=ast.Constant()):
            yield node
        case ast.Call(func=ast.Name(id=name)) if name in WORDS:
            yield node
        case ast.IfExp(test=ast.Compare(left=ast.Name(id="lang"))):
            yield node
        case ast.FunctionDef(args=arguments, returns=returns, decorator_list=decorators):
            yield arguments
            yield from decorators
            if returns is not None:
                yield returns
        case ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.Call(func=ast.Name(id="cast"), args=[what, *_]):
            yield what


def _given(value: ast.expr) -> Iterator[ast.AST]:
    match value:
        case ast.Dict():
            yield value
        case ast.IfExp(body=body, orelse=orelse):
            yield from _given(body)
            yield from _given(orelse)


def _bound(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Local names that are given a value, once, by a plain assignment; and the value."""
    stores: dict[str, int] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stores[node.id] = stores.get(node.id, 0) + 1
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if stores[name] == 1:
                yield name, value
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(
                values
            ):
                for target, value in zip(targets, values, strict=True):
                    if isinstance(target, ast.Name) and stores[target.id] == 1:
                        yield target.id, value


def _only(name: str, function: ast.FunctionDef, told: set[ast.AST]) -> bool:
    loads = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]
    return bool(loads) and all(node in told for node in loads)


__all__ = ["names", "untold"]
