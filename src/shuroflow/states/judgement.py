"""Rules, findings and judgements: what a guard says, and how it is told to a reader.

The wording of every rule is data (``rules.toml`` of a programme); the test itself is a small function.
A finding keeps the values it saw and renders its message only when someone reads it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from numbers import Rational
from string import Formatter
from typing import Any

import attrs

from shuroflow.calendar import format_wareki
from shuroflow.clauses import Clause, ClauseRegistry
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.vocabulary import Basis, Lang, Severity, State, Term

Seen = Mapping[str, Any]
"""The values a guard saw, when it does not hold."""


@attrs.frozen
class Wording:
    """A template in each language; ``{name}`` stands for a value that was seen.

    In English ``{days:day}`` is a number with its noun: "1 day", "2 days".
    """

    ja: str
    en: str

    def __reduce__(self) -> tuple[object, ...]:
        """As a :class:`Finding`: among its values are lists of these."""
        return Wording, (self.ja, self.en)

    def render(self, values: Seen, lang: Lang) -> str:
        """The sentence with the values put in, as a reader of that language writes them."""
        template = self.ja if lang == "ja" else self.en
        return template.format_map({name: _Shown(show(value, lang)) for name, value in values.items()})

    def outline(self, lang: Lang) -> str:
        """The sentence where no value has been seen: a mark stands for each."""
        return (self.ja if lang == "ja" else self.en).format_map(_Unseen())


class _Shown(str):
    """A value put into a template: with the noun that follows the colon, in the plural where it is not one."""

    def __format__(self, noun: str) -> str:
        return f"{self!s} {noun}{'' if self == '1' else 's'}" if noun else str(self)


class Named(str):
    """The code of a state under the name that a programme gives it; it shows itself as a :class:`.Term` does."""

    wording: Wording

    def __new__(cls, code: str, wording: Wording) -> Named:
        """Make a name of a code and its words."""
        made = super().__new__(cls, code)
        made.wording = wording
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return Named, (str(self), self.wording)

    def label(self, lang: Lang = "ja") -> str:
        """The word for a reader."""
        return self.wording.render({}, lang)


class _Unseen(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return _Shown("…")


@attrs.frozen
class Inapplicable:
    """A guard's answer where its rule does not apply to the event, and why: the fact that puts it out of play.

    It is no finding. Where a fact that the rule needs is not on record, that is the reason; another rule asks for it.
    """

    reason: Wording


_FIRST_WAREKI = date(1873, 1, 1)


def show(value: Any, lang: Lang) -> str:
    """A value as an official of that language writes it: 和暦 or ISO dates, grouped yen, labels of codes."""
    if value is None:
        return "記録なし" if lang == "ja" else "not recorded"
    if isinstance(value, bool):
        if lang == "ja":
            return "はい" if value else "いいえ"
        return "yes" if value else "no"
    if isinstance(value, date):
        if lang == "ja" and value >= _FIRST_WAREKI:  # a slip of the pen may lie before any era we can write
            return format_wareki(value)
        return value.isoformat()
    if isinstance(value, Term | Named):
        return value.label(lang)
    if isinstance(value, Wording):
        return value.render({}, lang)
    if isinstance(value, Rational):  # an exact amount is cut down to the yen; the text names no rounding
        return f"{math.floor(value):,}"
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        parts = [show(part, lang) for part in value]
        if not parts:
            return "なし" if lang == "ja" else "none"
        return ("、" if lang == "ja" else ", ").join(parts)
    return str(value)


@attrs.frozen
class Rule:
    """One rule: the clause it serves, how grave a breach is, what it rests on, and its wording.

    ``blocks`` says whether the live desk refuses; ``override`` whether a recorded reason lets it pass
    (only where the rule rests on our reading). ``once`` reports it once for a case, or once for each
    subject that the guard names. ``of_row`` rules cite the clause of the row they stand in; those with
    ``asks_case_only`` look at the case and the day alone and can be asked before there is an event.
    ``duty`` is the duty whose omission it tells: where a case went on without what it still owes, that is one fault,
    told there and not once more as the open duty: it says so besides while the duty is open still. Its guard names with
    ``owed`` the event that the duty arose from and with ``subject`` what it is of; ``once`` is where nothing is owed.
    """

    code: str
    clause: str
    citation: str
    severity: Severity
    basis: Basis
    says: Wording
    mend: Wording
    decision: str | None = None
    blocks: bool = False
    override: bool = False
    once: bool = False
    asks_case_only: bool = False
    of_row: bool = False
    duty: str | None = None

    def citing(self, clause: Clause) -> Rule:
        """The same rule resting on another clause."""
        return attrs.evolve(self, clause=clause.id, citation=clause.citation)


@attrs.frozen
class DutyRule:
    """A duty: its clause, its name, and what it amounts to while open, after its due date and once the case closed."""

    code: str
    clause: str
    citation: str
    label: Wording
    while_open: Rule | None = None
    when_overdue: Rule | None = None
    when_closed: Rule | None = None


@attrs.frozen
class Finding:
    """One rule that does not hold for one event (or, for a duty, as of a day)."""

    rule: Rule
    seq: int
    on: date
    values: Seen = attrs.field(factory=dict)
    overridden: str | None = None
    refuses: bool = False

    def __reduce__(self) -> tuple[object, ...]:
        """As its values in their order: an audit by several processes sends a great many."""
        return Finding, (self.rule, self.seq, self.on, self.values, self.overridden, self.refuses)

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return self.rule.severity

    @property
    def clause(self) -> str:
        """The citation as an official writes it."""
        return self.rule.citation

    @property
    def subject(self) -> tuple[object, ...]:
        """What makes two findings the same one: a fault is reported once and not for every event after it."""
        if self.rule.duty is not None:
            of_the_duty = self.rule.code.rpartition(".")[2] == self.rule.duty
            owed = self.values.get("owed", self.seq if of_the_duty or not self.rule.once else None)
            if owed is not None:
                return (self.rule.duty, self.values.get("subject", ""), owed)
        return (self.rule.code, self.values.get("subject", "")) if self.rule.once else (self.rule.code, self.seq)

    def still(self, open_duty: Finding) -> Finding:
        """The same fault where the duty that it left out is open as of the day asked about: so it says besides."""
        says, values = open_duty.rule.says, open_duty.values
        told = Wording(*(says.render(values, lang).replace("{", "{{").replace("}", "}}") for lang in ("ja", "en")))
        return attrs.evolve(self, values={**self.values, "still_owed": told})

    def message(self, lang: Lang = "ja") -> str:
        """What is wrong, with the values seen."""
        text = self.rule.says.render(self.values, lang)
        if self.rule.duty is not None and "still_owed" in self.values:
            text += ("。" if lang == "ja" else "; ") + show(self.values["still_owed"], lang)
        if self.rule.basis is Basis.DECISION:
            mark = f"当ライブラリの読み方 {self.rule.decision}" if lang == "ja" else f"our reading {self.rule.decision}"
            text = f"{text}({mark})" if lang == "ja" else f"{text} ({mark})"
        if self.overridden is not None:
            text += f" 〔理由: {self.overridden}〕" if lang == "ja" else f" [reason given: {self.overridden}]"
        return text

    def mend(self, lang: Lang = "ja") -> str:
        """What would mend it."""
        return self.rule.mend.render(self.values, lang)


@attrs.define(on_setattr=attrs.setters.frozen, unsafe_hash=True)
class Judgement:
    """What the rules say of one event: where it leads, and every finding, blocking or not."""

    event: Event
    source: State
    destination: State
    findings: tuple[Finding, ...] = ()

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings for which the live desk refuses."""
        return tuple(finding for finding in self.findings if finding.refuses)

    @property
    def allowed(self) -> bool:
        """May the live desk record the event?"""
        return not any(finding.refuses for finding in self.findings)

    def explain(self, lang: Lang = "ja") -> str:
        """The refusal in words, or the observations of an event that passes."""
        chosen = self.blocking or self.findings
        return "\n".join(
            f"[{finding.severity.label(lang)}] {finding.clause}: {finding.message(lang)}\n    → {finding.mend(lang)}"
            for finding in chosen
        )


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
