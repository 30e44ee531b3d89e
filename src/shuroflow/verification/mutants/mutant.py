"""One change to the rules of a programme: its name, what it touches, and how it is made and taken back in this process.

A mutant never touches a file. It changes objects that are already there (the code of a function, a constant, an
edition, a figure), so that whoever imported them sees the change, and puts the very same objects back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import CodeType, FunctionType, ModuleType
from typing import Any

import attrs

from shuroflow.vocabulary import Lang, Term


class Operator(Term):
    """What kind of change it is."""

    DROP_GUARD = "drop-guard", "判定規則を外す", "a guard is dropped"
    DROP_ROW = "drop-row", "行を外す", "a row is dropped"
    DROP_CONDITION = "drop-condition", "行の条件(但書)を外す", "the condition of a row (但書) is dropped"
    DESTINATION = "destination", "行き先を変える", "another destination"
    DROP_SOURCE = "drop-source", "出発の状態を外す", "a state is no longer a source"
    ADD_SOURCE = "add-source", "出発の状態を加える", "a state becomes a source"
    DROP_MARK = "drop-mark", "行の属性を外す", "a mark of a row is dropped"
    EFFECTIVE_DATE = "effective-date", "適用の日をずらす", "the effective date is moved"
    STEP = "step", "手順の条項を変える", "the clause of a step is another"
    LAPSE = "lapse", "日による移行を外す", "a move that a day brings is dropped"
    BLOCKS = "blocks", "拒否を入れ替える", "refusal and mere finding change places"
    SEVERITY = "severity", "重大度を変える", "another severity"
    CITE = "cite", "別の条項を引く", "another clause is cited"
    MARK = "mark", "規則の属性を変える", "a mark of a rule is turned"
    DUTY = "duty", "未了事項の評価を外す", "a grade of a duty is dropped"
    COMPARE = "compare", "比較の端を変える", "the edge of a comparison"
    LIMIT = "limit", "限度を1だけずらす", "a limit is moved by one"
    SHIFT = "shift", "数を1だけずらす", "a number is moved by one"
    AND_OR = "and-or", "かつ・又はを入れ替える", "AND for OR"
    DROP_OPERAND = "drop-operand", "条件の一つを外す", "one of several conditions is dropped"
    DROP_NOT = "drop-not", "否定を外す", "a negation is dropped"
    CONDITION = "condition", "条件を固定する", "a condition always holds, or never"
    DROP_ELEMENT = "drop-element", "列挙の一つを外す", "one of several is dropped"
    SWAP_ELEMENT = "swap-element", "対応を入れ替える", "one of several is another"
    DROP_STATEMENT = "drop-statement", "文を外す", "a statement is dropped"
    QUANTIFIER = "quantifier", "全てといずれかを入れ替える", "all for any"
    EXTREME = "extreme", "最大と最小を入れ替える", "max for min"
    ARITHMETIC = "arithmetic", "演算を入れ替える", "another operation"
    FIGURE = "figure", "数値を変える", "a figure is another"
    FIGURE_DATE = "figure-date", "数値の適用の日をずらす", "the first or last day of a figure is moved"
    CALENDAR = "calendar", "閉庁日を変える", "another day on which the office is closed"
    SETTING = "setting", "既定の設定を変える", "another default of the settings"


Change = Callable[[], Callable[[], None]]
"""Makes the change and returns what takes it back."""


@attrs.frozen(eq=False, kw_only=True)
class Mutant:
    """One change to the rules.

    ``name`` is stable: it names the rule and the change and never a line. ``clauses`` are those that the changed place
    serves, as officials cite them. ``where`` says what is changed, ``before`` and ``after`` what it said and now says.
    ``reach`` holds marks of :mod:`~shuroflow.verification.mutants.reach`: a check that met none of them while the rules
    were whole cannot tell.
    """

    name: str
    operator: Operator
    clauses: tuple[str, ...]
    where: str
    before: str
    after: str
    reach: frozenset[object]
    change: Change = attrs.field(repr=False)
    forget: Callable[[], None] = attrs.field(repr=False)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The rules are changed inside the ``with`` and whole again after it, whatever happens."""
        undo = self.change()
        try:
            self.forget()
            yield
        finally:
            undo()
            self.forget()

    def text(self, lang: Lang = "ja") -> str:
        """What was changed, in one line."""
        after = self.after or ("(なし)" if lang == "ja" else "(nothing)")
        return f"{self.operator.label(lang)}: {self.where}: {self.before} → {after}"

    def diff(self) -> str:
        """What it said and what it says now, as lines that were taken out and put in."""
        taken = [f"- {line}" for line in self.before.splitlines()]
        return "\n".join([f"# {self.where}", *taken, *(f"+ {line}" for line in self.after.splitlines())])


# ---------------------------------------------------------------- ways of changing


def with_code(function: FunctionType, code: Callable[[], CodeType], helpers: Mapping[str, object]) -> Change:
    """Other code for a function that everyone keeps; ``helpers`` are names that the other code needs."""

    def change() -> Callable[[], None]:
        whole, names = function.__code__, function.__globals__
        new = code()
        names.update(helpers)
        function.__code__ = new

        def undo() -> None:
            function.__code__ = whole
            for name in helpers:
                names.pop(name, None)

        return undo

    return change


def with_constant(name: str, modules: tuple[ModuleType, ...], value: object) -> Change:
    """Another value of a constant, in every module that holds it under its name."""

    def change() -> Callable[[], None]:
        held = [(module, module.__dict__[name]) for module in modules]
        for module in modules:
            module.__dict__[name] = value

        def undo() -> None:
            for module, old in held:
                module.__dict__[name] = old

        return undo

    return change


def with_state_of(thing: Any, other: Callable[[], Any]) -> Change:
    """What another object of the same class holds, inside the object that everyone keeps."""

    def change() -> Callable[[], None]:
        new = vars(other())
        held = dict(vars(thing))
        vars(thing).clear()
        vars(thing).update(new)

        def undo() -> None:
            vars(thing).clear()
            vars(thing).update(held)

        return undo

    return change


def with_field(things: Callable[[], list[Any]], name: str, value: object) -> Change:
    """Another value in a field of frozen objects."""

    def change() -> Callable[[], None]:
        held = [(thing, getattr(thing, name)) for thing in things()]
        for thing, _ in held:
            object.__setattr__(thing, name, value)

        def undo() -> None:
            for thing, old in held:
                object.__setattr__(thing, name, old)

        return undo

    return change


Applied = AbstractContextManager[None]

__all__ = ["Applied", "Change", "Mutant", "Operator", "with_code", "with_constant", "with_field", "with_state_of"]
