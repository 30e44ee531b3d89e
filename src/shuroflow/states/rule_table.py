"""The table of rules of one edition, read from its ``rules.toml``; an error names the place of what is wrong in it.

Nothing is judged here. Rules of the chart itself that a table leaves out are those of ``shared.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

import attrs

from shuroflow.clauses import Clause, ClauseRegistry
from shuroflow.errors import InputError
from shuroflow.states.judgement import DutyRule, Named, Rule, Wording
from shuroflow.vocabulary import Basis, Severity, State


def _wording(table: Mapping[str, Any], key: str, where: str) -> Wording:
    try:
        made = Wording(ja=table[key]["ja"], en=table[key]["en"])
    except (KeyError, TypeError):
        raise InputError(f"{where} needs {key}.ja and {key}.en", field=where) from None
    for lang, template in (("ja", made.ja), ("en", made.en)):
        if fault := _unusable(template, lang):
            raise InputError(f"{template!r} {fault}", field=f"{where}.{key}.{lang}" if key else f"{where}.{lang}")
    return made


def _unusable(template: str, lang: str) -> str | None:
    """Why a template cannot be used: it takes the names of values, in English with a noun, and no other format."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        return f"is no template: {error}; write {{{{ and }}}} for braces"
    for _, name, noun, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or conversion:
            return "does not give the plain name of a value in braces: write it like {days}"
        if noun and lang == "ja":
            return f"puts an English noun after a number: write {{{name}}}"
        if noun and not noun.isalpha():
            return f"has {noun!r} after {name!r}: only a noun may stand there, like {{days:day}}"
    return None


def _of(table: Mapping[str, Any], where: str) -> Wording | None:
    """What a duty is of: it is told without a finding, so that two values alone are there."""
    if "of" not in table:
        return None
    made = _wording(table, "of", where)
    for lang, template in (("ja", made.ja), ("en", made.en)):
        for _, name, _, _ in Formatter().parse(template):
            if name not in {"subject", "arose", None}:
                field = f"{where}.of.{lang}"
                raise InputError(f"{template!r} has no value {name!r}: write {{subject}} or {{arose}}", field=field)
    return made


def _term(table: Mapping[str, Any], where: str) -> Wording:
    return _wording({"": table}, "", where)


def _severity(value: Any, where: str) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        known = ", ".join(each.value for each in Severity)
        raise InputError(f"the severity of {where} is {value!r}, which is none of {known}", field=where) from None


def _questions(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise InputError('questions is no list of codes; write it like questions = ["notices"]', field=where)


def _clause(table: Mapping[str, Any], clauses: ClauseRegistry, where: str) -> Clause:
    if "clause" not in table:
        raise InputError(f"{where} names no clause", field=where)
    return clauses[table["clause"]]


def _rule(code: str, table: Mapping[str, Any], clauses: ClauseRegistry) -> Rule:
    known = {"clause", "severity", "decision", "blocks", "override", "once", "asks_case_only", "of_row", "duty"}
    known |= {"says", "mend"}
    if extra := set(table) - known:
        raise InputError(f"unknown key {sorted(extra)[0]!r}; known: {', '.join(sorted(known))}", field=code)
    clause = _clause(table, clauses, code)
    decision = table.get("decision")
    severity = _severity(table.get("severity"), code)
    if decision and severity is Severity.VIOLATION:
        raise InputError("a violation rests on the text, not on a decision of ours", field=code)
    if table.get("override") and not (table.get("blocks") and decision):
        raise InputError("only a blocking rule that rests on a decision can be overridden", field=code)
    return Rule(
        code=code,
        clause=clause.id,
        citation=clause.citation,
        severity=severity,
        basis=Basis.DECISION if decision else Basis.TEXT,
        decision=decision,
        says=_wording(table, "says", code),
        mend=_wording(table, "mend", code),
        blocks=table.get("blocks", False),
        override=table.get("override", False),
        once=table.get("once", False),
        asks_case_only=table.get("asks_case_only", False),
        of_row=table.get("of_row", False),
        duty=table.get("duty"),
    )


_KNOWN_TABLES = {"event", "state", "rule", "duty"}


@cache
def _shared() -> Mapping[str, Mapping[str, Any]]:
    """The rules of the chart itself, for a programme without words of its own for them."""
    import tomllib

    text = resources.files(__package__).joinpath("shared.toml").read_text(encoding="utf-8")
    rules: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)["rule"]
    return rules


@attrs.frozen
class RuleTable:
    """The rules and duties of one edition, by their short codes; what its events are called, and its states.

    ``states`` has the states alone that this programme calls otherwise than the library does; ``questions`` the rules
    and duties that name the questions of an audit office which they answer.
    """

    rules: Mapping[str, Rule]
    duties: Mapping[str, DutyRule]
    events: Mapping[str, Wording]
    states: Mapping[State, Named] = attrs.field(factory=dict)
    questions: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)

    @classmethod
    def parse(cls, text: str, clauses: ClauseRegistry) -> RuleTable:
        """Read a ``rules.toml``. Rules of the chart itself that it leaves out are :meth:`filled` in later.

        Raises:
            InputError: if it is no TOML, or a rule is incomplete, names an unknown clause, or claims a violation for a
                decision.
        """
        import tomllib

        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"the table of rules is not TOML: {error}") from None
        if unknown := set(tables) - _KNOWN_TABLES:
            raise InputError(f"unknown table; known: {', '.join(sorted(_KNOWN_TABLES))}", field=sorted(unknown)[0])
        prefix = clauses.programme
        named = {**tables.get("rule", {}), **tables.get("duty", {})}
        questions = {
            name: _questions(table.pop("questions"), name) for name, table in named.items() if "questions" in table
        }
        rules = {name: _rule(f"{prefix}.{name}", table, clauses) for name, table in tables.get("rule", {}).items()}
        duties = {}
        for name, table in tables.get("duty", {}).items():
            clause = _clause(table, clauses, name)
            graded = {
                when: _rule(
                    f"{prefix}.{name}",
                    {
                        "clause": clause.id,
                        "severity": table[when],
                        "decision": table.get("decision") if table[when] != "violation" else None,
                        "once": True,
                        "duty": name,
                        "says": table["says"],
                        "mend": table["mend"],
                    },
                    clauses,
                )
                for when in ("while_open", "when_overdue", "when_closed")
                if when in table
            }
            duties[name] = DutyRule(
                code=name,
                clause=clause.id,
                citation=clause.citation,
                label=_wording(table, "label", name),
                of=_of(table, name),
                **graded,
            )
        for rule in rules.values():
            if rule.duty is not None and rule.duty not in duties:
                raise InputError(f"unknown duty {rule.duty!r}; known: {', '.join(duties)}", field=rule.code)
        events = {name: _term(table, name) for name, table in tables.get("event", {}).items()}
        states = {}
        for code, table in tables.get("state", {}).items():
            if code not in set(State) - {State.NEW}:
                known = ", ".join(state.value for state in State if state is not State.NEW)
                raise InputError(f"unknown state {code!r}; known: {known}", field=f"state.{code}")
            states[State(code)] = Named(code, _term(table, f"state.{code}"))
        return cls(rules=rules, duties=duties, events=events, states=states, questions=questions)

    def filled(self, clauses: ClauseRegistry) -> RuleTable:
        """The same table with the rules of the chart itself that it leaves out, in the words of the library."""
        missing = {name: table for name, table in _shared().items() if name not in self.rules}
        if not missing:
            return self
        last = list(clauses)[-1].id
        made = {
            name: _rule(f"{clauses.programme}.{name}", {**table, "clause": last}, clauses)
            for name, table in missing.items()
        }
        return attrs.evolve(self, rules={**self.rules, **made})
