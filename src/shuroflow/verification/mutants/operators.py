"""Changes to the source of one function: the edge of a comparison, AND for OR, a condition or a statement dropped ...

Each is a place in the tree of the function and another node for it; the tree of the function itself is never touched.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from types import CodeType
from typing import Any, Protocol

import attrs

from shuroflow.verification.mutants.mutant import Operator
from shuroflow.verification.mutants.source import Part, compiled
from shuroflow.verification.mutants.told import untold

Place = tuple[tuple[str, int | None], ...]
"""The way from a function to a node: fields, and places in those that are lists."""

MOVED = "__shuroflow_moved__"
"""The name under which a changed function finds :func:`moved`."""

_SWAPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.LtE: ast.Lt,
    ast.Lt: ast.LtE,
    ast.GtE: ast.Gt,
    ast.Gt: ast.GtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}

_LIMITS: dict[type[ast.cmpop], tuple[str, int]] = {
    ast.LtE: ("<=", 1),
    ast.Lt: ("<", -1),
    ast.GtE: (">=", -1),
    ast.Gt: (">", 1),
}
"""For each sign, the way to move the limit that changing the sign does not go."""

_CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
_OPERATIONS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_SETS = (ast.BitOr, ast.BitAnd)


@attrs.frozen(eq=False)
class Change:
    """Another node at a place of a function.

    ``line`` is that of the statement around it, ``before`` and ``after`` are its first line. ``what`` is the expression
    that changes and what it becomes.
    """

    operator: Operator
    part: Part
    place: Place
    node: ast.AST
    line: int
    before: str
    after: str = ""
    what: str = ""

    def code(self) -> CodeType:
        """The function as it is after the change, compiled."""
        with _put(self.part.node, self.place, self.node):
            return compiled(self.part.node, self.part)


@contextmanager
def _put(root: ast.AST, place: Place, node: ast.AST) -> Iterator[None]:
    """Another node at a place, for a moment."""
    *way, (field, index) = place
    holder = _at(root, tuple(way))
    held = getattr(holder, field)
    new = ast.copy_location(node, root)
    if index is None:
        setattr(holder, field, new)
    else:
        setattr(holder, field, [*held[:index], new, *held[index + 1 :]])
    try:
        yield
    finally:
        setattr(holder, field, held)


def moved(left: Any, sign: str, right: Any) -> bool:
    """A comparison with its limit moved by one: a day, a yen, one of those who have to be there."""
    by = {"<=": 1, "<": -1, ">=": -1, ">": 1}[sign]
    if isinstance(left, set | frozenset):
        lesser = {"<=": left, ">=": right}.get(sign, left)
        without = frozenset(sorted(lesser)[1:])
        left, right = (without, right) if lesser is left else (left, without)
    else:
        right = later(right, by)
    if sign == "<=":
        return bool(left <= right)
    if sign == "<":
        return bool(left < right)
    return bool(left >= right) if sign == ">=" else bool(left > right)


def later(value: Any, by: int) -> Any:
    """A value so many days or units later; the last there is where the calendar ends."""
    if isinstance(value, tuple):
        return (*value[:-1], later(value[-1], by))
    if isinstance(value, date):
        try:
            return value + timedelta(days=by)
        except OverflowError:
            return value
    return value + (timedelta(days=by) if isinstance(value, timedelta) else by)


# ---------------------------------------------------------------- every change of a function


def changes(part: Part) -> Iterator[Change]:
    """Every change of one function that may change what the rules decide."""
    deciding = untold(part.node)
    for at, statement in enumerate(part.node.body):
        yield from _of_statement(statement, (("body", at),), part, deciding)


def _of_statement(node: ast.stmt, place: Place, part: Part, deciding: frozenset[ast.AST]) -> Iterator[Change]:
    if node not in deciding:
        return
    head = ast.unparse(node).splitlines()[0]

    def made(operator: Operator, at: Place, new: ast.AST, named: ast.AST | None = None) -> Change:
        change = Change(operator, part, at, new, node.lineno, head)
        if operator is Operator.DROP_STATEMENT:
            return attrs.evolve(change, what=_short(head))
        near = at if isinstance(_at(part.node, at), ast.expr) and at[-1][0] != "func" else at[:-1]
        was = _short(ast.unparse(_at(part.node, near)))
        with _put(part.node, at, new):
            after = ast.unparse(_at(part.node, place)).splitlines()[0]
            what = f"{was} → {_short(ast.unparse(_at(part.node, near)))}"
        if named is not None:  # the change is small, and what it is in may be long
            what = _short(ast.unparse(named))
        return attrs.evolve(change, after=after, what=what.replace(MOVED, "moved"))

    if _may_be_dropped(node):
        yield made(Operator.DROP_STATEMENT, place, ast.Pass())
    for field, value in ast.iter_fields(node):
        parts = value if isinstance(value, list) else [value]
        for index, inner in enumerate(parts):
            at = (*place, (field, index if isinstance(value, list) else None))
            if isinstance(inner, ast.stmt):
                yield from _of_statement(inner, at, part, deciding)
            elif isinstance(inner, ast.ExceptHandler):
                for number, body in enumerate(inner.body):
                    yield from _of_statement(body, (*at, ("body", number)), part, deciding)
            elif isinstance(inner, ast.expr):
                yield from _of_expression(inner, at, made, deciding, test=field == "test")


def _at(root: ast.AST, place: Place) -> Any:
    node: Any = root
    for name, index in place:
        node = getattr(node, name) if index is None else getattr(node, name)[index]
    return node


_LONG = 70


def _short(text: str) -> str:
    """Text on one line, and so short that it can stand in a name."""
    line = " ".join(text.split())
    return line if len(line) <= _LONG else f"{line[: _LONG - 1]}…"


def _may_be_dropped(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call()) | ast.Delete() | ast.AugAssign():
            return True
        case ast.Assign(targets=[target, *_]):
            parts = target.elts if isinstance(target, ast.Tuple) else [target]
            return not any(isinstance(each, ast.Name) for each in parts)
    return False


class Made(Protocol):
    """Makes a change of a statement; ``named`` is what the change is called by, where not by what changes."""

    def __call__(self, operator: Operator, at: Place, new: ast.AST, named: ast.AST | None = None) -> Change:
        """Make it."""


def _of_expression(
    node: ast.expr, place: Place, made: Made, deciding: frozenset[ast.AST], *, test: bool = False
) -> Iterator[Change]:
    if node not in deciding:
        return
    if test and not isinstance(node, ast.Constant):
        yield made(Operator.CONDITION, place, ast.Constant(True))
        yield made(Operator.CONDITION, place, ast.Constant(False))
    yield from (made(operator, (*place, *more), new, named) for operator, more, new, named in _here(node))
    for field, value in ast.iter_fields(node):
        parts = value if isinstance(value, list) else [value]
        for index, inner in enumerate(parts):
            at = (*place, (field, index if isinstance(value, list) else None))
            if isinstance(inner, ast.expr):
                yield from _of_expression(
                    inner, at, made, deciding, test=isinstance(node, ast.IfExp) and field == "test"
                )
            elif isinstance(inner, ast.keyword):
                yield from _of_expression(inner.value, (*at, ("value", None)), made, deciding)
            elif isinstance(inner, ast.comprehension):
                yield from _of_comprehension(inner, at, made, deciding)


def _of_comprehension(
    node: ast.comprehension, place: Place, made: Made, deciding: frozenset[ast.AST]
) -> Iterator[Change]:
    yield from _of_expression(node.iter, (*place, ("iter", None)), made, deciding)
    for number, condition in enumerate(node.ifs):
        at = (*place, ("ifs", number))
        if condition in deciding:
            yield made(Operator.CONDITION, at, ast.Constant(True))
        yield from _of_expression(condition, at, made, deciding)


_Here = Iterator[tuple[Operator, Place, ast.AST, ast.AST | None]]


def _here(node: ast.expr) -> _Here:
    match node:
        case ast.Compare():
            yield from _comparison(node)
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield Operator.AND_OR, (), ast.BoolOp(other, values), node
            for at in range(len(values)):
                rest = [*values[:at], *values[at + 1 :]]
                yield Operator.DROP_OPERAND, (), rest[0] if len(rest) == 1 else ast.BoolOp(op, rest), values[at]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield Operator.DROP_NOT, (), operand, None
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            yield Operator.SHIFT, (), ast.Constant(number + 1), None
            yield Operator.SHIFT, (), ast.Constant(number - 1), None
        case ast.Tuple(elts=parts, ctx=ast.Load()) | ast.Set(elts=parts) | ast.List(elts=parts, ctx=ast.Load()):
            yield from _without_one(node, parts)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            operator = Operator.QUANTIFIER if name in {"any", "all"} else Operator.EXTREME
            yield operator, (("func", None),), ast.Name(_CALLS[name], ast.Load()), None
        case ast.BinOp(op=op) if type(op) in _OPERATIONS:
            yield Operator.ARITHMETIC, (("op", None),), _OPERATIONS[type(op)](), None


def _comparison(node: ast.Compare) -> _Here:
    for at, op in enumerate(node.ops):
        yield Operator.COMPARE, (("ops", at),), _SWAPPED[type(op)](), None
    operands = [node.left, *node.comparators]
    for at, op in enumerate(node.ops):
        if type(op) not in _LIMITS or any(isinstance(each, ast.Constant) for each in operands[at : at + 2]):
            continue
        pairs: list[ast.expr] = [
            ast.Compare(operands[place], [sign], [operands[place + 1]]) for place, sign in enumerate(node.ops)
        ]
        sign, _ = _LIMITS[type(op)]
        arguments = [operands[at], ast.Constant(sign), operands[at + 1]]
        pairs[at] = ast.Call(ast.Name(MOVED, ast.Load()), arguments, [])
        yield Operator.LIMIT, (), pairs[0] if len(pairs) == 1 else ast.BoolOp(ast.And(), pairs), pairs[at]


def _without_one(node: ast.expr, parts: list[ast.expr]) -> _Here:
    if not all(isinstance(each, ast.Attribute | ast.Name | ast.Constant | ast.Starred) for each in parts):
        return
    for at in range(len(parts)):
        rest = [*parts[:at], *parts[at + 1 :]]
        if isinstance(node, ast.Set):
            yield (
                Operator.DROP_ELEMENT,
                (),
                ast.Set(rest) if rest else ast.Call(ast.Name("set", ast.Load()), [], []),
                parts[at],
            )
        else:
            kind = ast.Tuple if isinstance(node, ast.Tuple) else ast.List
            yield Operator.DROP_ELEMENT, (), kind(rest, ast.Load()), parts[at]


__all__ = ["MOVED", "Change", "changes", "later", "moved"]
