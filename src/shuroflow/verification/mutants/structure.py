"""Changes to the table of a rulebook: its rows, its rules, its duties and its days.

The edition that everyone holds keeps its identity; what it holds is that of an edition put together from other parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import attrs

from shuroflow.clauses import ClauseRegistry
from shuroflow.errors import InputError
from shuroflow.states import Edition, Row, Rule
from shuroflow.states.rows import nothing
from shuroflow.verification.mutants.mutant import Mutant, Operator, with_state_of
from shuroflow.verification.mutants.reach import kind_mark, table_mark
from shuroflow.verification.mutants.scope import Scope
from shuroflow.vocabulary import CLOSED, UNDER_WAY, Severity, State

_PLACES = (("turn", 0), ("counts_from", None), ("place", None), ("absent", None))
"""Marks of a row, and what they are when there is none."""


_MAY_FAIL = {Operator.DROP_ROW, Operator.DROP_SOURCE, Operator.DROP_MARK}


@attrs.frozen
class _Other:
    """One change: the operator, what of the name tells it from others, its clauses, and the parts that are others."""

    operator: Operator
    what: str
    where: str
    before: str
    after: str
    clauses: tuple[str, ...]
    parts: dict[str, Any]
    kinds: tuple[str, ...] = ()


def mutants(scope: Scope) -> Iterator[Mutant]:
    """Every change of the tables of a programme's editions that still makes an edition."""
    editions = scope.programme.editions
    for edition in editions:
        prefix = scope.programme.code
        if len(editions) > 1:
            prefix = f"{prefix}@{edition.in_force_from.isoformat()}"
        for other in (*_rows(edition), *_rules(edition), *_days(edition)):
            made = _made(edition, other.parts)
            if other.operator in _MAY_FAIL:
                try:
                    made()
                except (InputError, StopIteration):  # such a rulebook is refused as it is
                    continue
            marks = {kind_mark(prefix.partition("@")[0], kind) for kind in other.kinds}
            yield Mutant(
                name=f"{prefix}.{other.where}:{other.operator.value}:{other.what}",
                operator=other.operator,
                clauses=other.clauses,
                where=other.where,
                before=other.before,
                after=other.after,
                reach=frozenset({table_mark(scope.programme.code), *marks}),
                change=with_state_of(edition, made),
                forget=scope.forget,
            )


def _made(edition: Edition, parts: dict[str, Any]) -> Callable[[], Edition]:
    return lambda: edition.amended(**parts)


# ---------------------------------------------------------------- rows


def _rows(edition: Edition) -> Iterator[_Other]:
    names = _names_of(edition.rows)
    used = {state for row in edition.rows for state in (*row.sources, row.dest) if state is not None} - {State.NEW}
    for at, row in enumerate(edition.rows):
        clauses = (edition.clauses[row.clause].citation,)
        rest = edition.rows

        def other(
            operator: Operator,
            what: str,
            before: str,
            after: str,
            *new: Row,
            at: int = at,
            row: Row = row,
            clauses: tuple[str, ...] = clauses,
            rest: tuple[Row, ...] = rest,
        ) -> _Other:
            rows = (*rest[:at], *new, *rest[at + 1 :])
            kinds = (row.event, *(each for each in (_opening(rest),) if row.dest is not None))
            return _Other(operator, what, f"row {names[at]}", before, after, clauses, {"rows": rows}, kinds)

        yield other(Operator.DROP_ROW, row.event, _told(row), "")
        for guard in row.guards:
            rule = edition.rule_of(guard, row)
            kept = tuple(each for each in row.guards if each is not guard)
            new = attrs.evolve(row, guards=kept)
            dropped = other(Operator.DROP_GUARD, guard.__name__, guard.__name__, "", new)
            yield attrs.evolve(dropped, clauses=tuple(dict.fromkeys((rule.citation, *clauses))))
        if row.when is not None:
            new = attrs.evolve(row, when=None)
            yield other(Operator.DROP_CONDITION, row.when.__name__, f"when {row.when.__name__}", "", new)
        if row.dest is not None:
            instead = _instead(row.dest, used)
            new = attrs.evolve(row, dest=instead)
            yield other(Operator.DESTINATION, instead.value, f"→ {row.dest.value}", f"→ {instead.value}", new)
        if row.fold is not nothing:
            yield other(
                Operator.DROP_STATEMENT, "fold", f"fold {row.fold.__name__}", "", attrs.evolve(row, fold=nothing)
            )
        for state in sorted(row.sources):
            new = attrs.evolve(row, sources=row.sources - {state})
            yield other(Operator.DROP_SOURCE, state.value, f"from {state.value}", "", new)
        for state in sorted(used - row.sources) if row.absent is None else ():
            if any(state in each.sources for each in edition.rows if each.event == row.event):
                continue  # another row of the event begins there: two that both apply would be another mistake
            new = attrs.evolve(row, sources=row.sources | {state})
            yield other(Operator.ADD_SOURCE, state.value, "", f"from {state.value}", new)
        for field, none in _PLACES:
            value = getattr(row, field)
            if value != none:
                new = attrs.evolve(row, **dict[str, Any]({field: none}))
                yield other(Operator.DROP_MARK, field, f"{field} = {value!r}", "", new)
        if row.absent is None:
            cited = _another(edition.clauses, row.clause)
            new = attrs.evolve(row, clause=cited)
            yield other(Operator.CITE, cited, row.clause, cited, new)


def _names_of(rows: tuple[Row, ...]) -> list[str]:
    """A name for each row: its event, and where there are several of one event the states they start from."""
    events = [row.event for row in rows]
    named: list[str] = []
    for row in rows:
        name = row.event
        if events.count(row.event) > 1:
            name += f"[{'+'.join(sorted(row.sources))}{f' {row.when.__name__}' if row.when is not None else ''}]"
        named.append(name)
    return named


def _told(row: Row) -> str:
    sources = ", ".join(sorted(row.sources)) or "nowhere"
    return f"{row.event}: {sources} → {row.dest.value if row.dest is not None else '(stays)'}"


def _opening(rows: tuple[Row, ...]) -> str:
    return next(row.event for row in rows if State.NEW in row.sources and row.dest is not None)


def _instead(dest: State, used: set[State]) -> State:
    """Another state of the same sort where there is one: the mistake that is the easiest to make."""
    for sort in (UNDER_WAY, CLOSED, frozenset(State) - UNDER_WAY - CLOSED - {State.NEW}):
        if dest in sort:
            alike = sorted((sort & used) - {dest}) or sorted(used - {dest})
            return alike[0]
    return State.CANDIDATE


def _another(clauses: ClauseRegistry, clause: str) -> str:
    """The clause after it that is cited otherwise; the one before it at the end."""
    every = [each.id for each in clauses]
    own = clauses[clause].citation
    at = every.index(clauses[clause].id)
    return next((each for each in (*every[at + 1 :], *reversed(every[:at])) if clauses[each].citation != own), clause)


# ---------------------------------------------------------------- rules and duties


_GRAVER = {
    Severity.VIOLATION: Severity.OBSERVATION,
    Severity.OBSERVATION: Severity.VIOLATION,
    Severity.NOTE: Severity.OBSERVATION,
}


_CITED_ANEW = {"out_of_place", "out_of_place_observed", "after_close", "after_close_observed"}
"""Rules of the chart that cite whatever clause stood in the way, and never the one they are written under."""


def _rules(edition: Edition) -> Iterator[_Other]:
    table = edition.table
    kinds_of = {
        name: tuple(dict.fromkeys(row.event for row in edition.rows if name in _asked(row))) for name in table.rules
    }
    for name, rule in table.rules.items():

        def other(operator: Operator, what: str, before: str, after: str, new: Rule, name: str = name) -> _Other:
            rules = {**table.rules, name: new}
            kinds = kinds_of[name] or ("*",)  # one of the chart itself may speak of any event
            parts = {"rules": attrs.evolve(table, rules=rules)}
            return _Other(operator, what, f"rule {name}", before, after, (table.rules[name].citation,), parts, kinds)

        new = attrs.evolve(rule, blocks=not rule.blocks)
        yield other(Operator.BLOCKS, str(new.blocks).lower(), f"blocks = {rule.blocks}", f"blocks = {new.blocks}", new)
        graded = _GRAVER[rule.severity]
        yield other(
            Operator.SEVERITY, graded.value, rule.severity.value, graded.value, attrs.evolve(rule, severity=graded)
        )
        once = attrs.evolve(rule, once=not rule.once)
        yield other(Operator.MARK, "once", f"once = {rule.once}", f"once = {once.once}", once)
        if rule.override:
            yield other(Operator.MARK, "override", "override = True", "", attrs.evolve(rule, override=False))
        if not rule.of_row and name not in _CITED_ANEW:
            cited = edition.clauses[_another(edition.clauses, rule.clause)]
            yield other(Operator.CITE, cited.id, rule.clause, cited.id, rule.citing(cited))
    for code, duty in table.duties.items():
        for grade in ("while_open", "when_overdue", "when_closed"):
            graded_rule: Rule | None = getattr(duty, grade)
            if graded_rule is None:
                continue

            def graded_as(operator: Operator, what: str, before: str, after: str, new: Rule | None) -> _Other:
                duties = {**table.duties, code: attrs.evolve(duty, **dict[str, Any]({grade: new}))}  # noqa: B023 - used at once
                parts = {"rules": attrs.evolve(table, duties=duties)}
                return _Other(operator, what, f"duty {code}", before, after, (duty.citation,), parts, ("settle",))  # noqa: B023

            yield graded_as(Operator.DUTY, grade, f"{grade} = {graded_rule.severity.value}", "", None)
            other_severity = _GRAVER[graded_rule.severity]
            new = attrs.evolve(graded_rule, severity=other_severity)
            yield graded_as(
                Operator.SEVERITY,
                f"{grade}={other_severity.value}",
                f"{grade} = {graded_rule.severity.value}",
                f"{grade} = {other_severity.value}",
                new,
            )


def _asked(row: Row) -> set[str]:
    return {guard.__name__ for guard in row.guards} | ({row.absent} if row.absent is not None else set())


# ---------------------------------------------------------------- days and steps


def _days(edition: Edition) -> Iterator[_Other]:
    last = (list(edition.clauses)[-1].citation,)
    day = edition.in_force_from
    for by in (1, -1):
        moved = day + timedelta(days=by)
        yield _Other(
            Operator.EFFECTIVE_DATE,
            f"{by:+d}",
            "in_force_from",
            day.isoformat(),
            moved.isoformat(),
            last,
            {"in_force_from": moved},
            ("*",),
        )
    for state, clause in edition.ladder.items():
        cited = _another(edition.clauses, clause)
        ladder = {**edition.ladder, state: cited}
        citation = (edition.clauses[clause].citation,)
        yield _Other(
            Operator.STEP, cited, f"step to {state.value}", clause, cited, citation, {"ladder": ladder}, ("*",)
        )
    for at, lapse in enumerate(edition.by_itself):
        rest = (*edition.by_itself[:at], *edition.by_itself[at + 1 :])
        citation = (edition.clauses[lapse.clause].citation,)
        told = f"{lapse.source.value} → {lapse.dest.value}"
        yield _Other(Operator.LAPSE, told, "by itself", told, "", citation, {"by_itself": rest}, ("*",))


__all__ = ["mutants"]
