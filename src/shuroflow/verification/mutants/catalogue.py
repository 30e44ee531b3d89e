"""Every mutant of the rules of one programme or of several, each under a name that stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import Enum
from typing import Any

import attrs

from shuroflow.verification.mutants import office, structure
from shuroflow.verification.mutants.mutant import Mutant, Operator, with_code, with_constant
from shuroflow.verification.mutants.operators import MOVED, changes, moved
from shuroflow.verification.mutants.reach import function_mark, line_mark
from shuroflow.verification.mutants.scope import Constant, Scope


def gather(scopes: Iterable[Scope]) -> tuple[Mutant, ...]:
    """All mutants of several programmes; what the library brings to all of them is changed once."""
    found: dict[str, Mutant] = {}
    for scope in scopes:
        for mutant in mutants_of(scope):
            known = found.get(mutant.name)
            if known is None:
                found[mutant.name] = mutant
            else:
                clauses = tuple(dict.fromkeys((*known.clauses, *mutant.clauses)))
                found[mutant.name] = attrs.evolve(known, clauses=clauses, reach=known.reach | mutant.reach)
    return tuple(found.values())


def mutants_of(scope: Scope) -> tuple[Mutant, ...]:
    """All mutants of a programme's rules, of the table first; the same ones in the same order each time.

    Raises:
        InputError: if the source of its rules is not at hand, or a rule is no plain function.
    """
    found = (*structure.mutants(scope), *_functions(scope), *_constants(scope), *office.mutants(scope))
    return tuple(_numbered(found))


def _numbered(found: Iterable[Mutant]) -> Iterator[Mutant]:
    """Where one function has the same change at several places, they are counted in the order of its text."""
    times: Counter[str] = Counter()
    every = list(found)
    several = {name for name, number in Counter(mutant.name for mutant in every).items() if number > 1}
    for mutant in every:
        times[mutant.name] += 1
        yield attrs.evolve(mutant, name=f"{mutant.name}#{times[mutant.name]}") if mutant.name in several else mutant


def _functions(scope: Scope) -> Iterator[Mutant]:
    for part in scope.parts:
        for change in changes(part):
            yield Mutant(
                name=f"{part.name}:{change.operator.value}:{change.what}",
                operator=change.operator,
                clauses=scope.citations(part.function),
                where=part.name,
                before=change.before,
                after=change.after.replace(MOVED, "moved"),
                reach=frozenset({line_mark(part.name, change.line)}),
                change=with_code(part.function, change.code, {MOVED: moved}),
                forget=scope.forget,
            )


def _constants(scope: Scope) -> Iterator[Mutant]:
    for constant in scope.constants:
        clauses = dict.fromkeys(clause for user in constant.users for clause in scope.citations(user.function))
        for operator, what, before, after, value in _values(constant):
            yield Mutant(
                name=f"{constant.name}:{operator.value}:{what}",
                operator=operator,
                clauses=tuple(clauses),
                where=constant.name,
                before=before,
                after=after,
                reach=frozenset(function_mark(user.name) for user in constant.users),
                change=with_constant(constant.attribute, constant.modules, value),
                forget=scope.forget,
            )


def _values(constant: Constant) -> Iterator[tuple[Operator, str, str, str, Any]]:
    value = constant.value
    if isinstance(value, int):
        yield from ((Operator.SHIFT, f"{by:+d}", str(value), str(value + by), value + by) for by in (1, -1))
    elif isinstance(value, date | timedelta):
        for by in (1, -1):
            moved_by = value + timedelta(days=by)
            yield Operator.SHIFT, f"{by:+d} day", str(value), str(moved_by), moved_by
    elif isinstance(value, dict):
        keys = list(value)
        for key, following in zip(keys, [*keys[1:], keys[0]], strict=True):
            if value[key] is not value[following]:
                other = {**value, key: value[following]}
                yield Operator.SWAP_ELEMENT, f"{key}", f"{key}: {value[key]}", f"{key}: {value[following]}", other
    else:
        ordered = sorted(value) if isinstance(value, set | frozenset) else list(value)
        for each in ordered:
            told = each.value if isinstance(each, Enum) else str(each)
            yield Operator.DROP_ELEMENT, told, told, "", type(value)(other for other in value if other is not each)


__all__ = ["gather", "mutants_of"]
