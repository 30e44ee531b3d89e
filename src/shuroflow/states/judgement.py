"""Rules, findings and judgements: what a guard says, and how it is told to a reader.

The wording of every rule is data (``rules.toml`` of a programme); the test itself is a small function.
A finding keeps the values it saw and renders its message only when someone reads it. How the data is read is not
known here: :mod:`~shuroflow.states.rule_table` does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from numbers import Rational
from typing import Any

import attrs

from shuroflow.calendar import format_wareki
from shuroflow.clauses import Clause
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
    """A duty: its clause, its name, and what it amounts to while open, after its due date and once the case closed.

    ``of`` says what it is of, where a case may owe it more than once and its subject alone does not say it.
    """

    code: str
    clause: str
    citation: str
    label: Wording
    while_open: Rule | None = None
    when_overdue: Rule | None = None
    when_closed: Rule | None = None
    of: Wording | None = None


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
