"""Coverage by clause: which rules of a 要綱 were seen to hold and seen broken, counted under the clauses they serve.

A rule that was never broken in front of a test may be wrong without any test failing, and one that never held may
refuse everything. One that did not apply was neither kept nor broken, and counts for nothing. What is counted is filled
in by :mod:`~shuroflow.verification.listening`; this module knows the tables of rules and clauses and asks no judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import attrs

from shuroflow.clauses import Clause
from shuroflow.columns import table
from shuroflow.states import Edition, Rule, programme
from shuroflow.vocabulary import Enforcement, Lang, Term

CHART_RULES = ("out_of_place", "out_of_place_observed", "after_close", "after_close_observed", "text_not_on_hand")
"""Rules of the chart itself: they are met by every event and stand in no row."""

Key = tuple[str, str]
"""Code of a rule or duty (``saitama.consent_in_writing``) and id of the clause it served."""


@attrs.frozen
class Witness:
    """Where a rule was seen: the case, the number of the event, what it was (``None``: a day asked about) and when."""

    case_id: str
    seq: int
    event: str | None
    on: str

    def text(self, lang: Lang = "ja") -> str:
        """For a reader, as ``case-1/3 extended 2025-06-30``."""
        asked = "基準日" if lang == "ja" else "as of"
        return f"{self.case_id}/{self.seq} {self.event or asked} {self.on}"


@attrs.define
class Tally:
    """How often a rule was asked and held, how often it was broken, and the first example of each."""

    holds: int = 0
    breaks: int = 0
    held: Witness | None = None
    broken: Witness | None = None

    def add(self, other: Tally) -> None:
        """Count what was seen elsewhere as well."""
        self.holds += other.holds
        self.breaks += other.breaks
        self.held = self.held or other.held
        self.broken = self.broken or other.broken


@attrs.define
class Coverage:
    """What was seen of the rules of each programme."""

    tallies: dict[str, dict[Key, Tally]] = attrs.field(factory=dict)

    def note(self, code: str, key: Key, witness: Witness, *, holds: bool) -> None:
        """A rule of a programme was seen to hold, or to be broken."""
        tally = self.tallies.setdefault(code, {}).setdefault(key, Tally())
        if holds:
            tally.holds += 1
            tally.held = tally.held or witness
        else:
            tally.breaks += 1
            tally.broken = tally.broken or witness

    def add(self, other: Coverage) -> None:
        """Count what was seen elsewhere as well, such as in another process."""
        for code, tallies in other.tallies.items():
            here = self.tallies.setdefault(code, {})
            for key, tally in tallies.items():
                here.setdefault(key, Tally()).add(tally)

    def dump(self) -> list[list[Any]]:
        """The same in lists, strings and numbers, for another process."""
        return [
            [code, *key, tally.holds, tally.breaks, *(attrs.astuple(each) if each else None for each in _ends(tally))]
            for code, tallies in self.tallies.items()
            for key, tally in tallies.items()
        ]

    @classmethod
    def load(cls, dumped: Iterable[Iterable[Any]]) -> Coverage:
        """What :meth:`dump` gave."""
        made = cls()
        for code, rule, clause, holds, breaks, held, broken in dumped:
            ends = [None if each is None else Witness(*each) for each in (held, broken)]
            made.tallies.setdefault(code, {})[rule, clause] = Tally(holds, breaks, *ends)
        return made


def _ends(tally: Tally) -> tuple[Witness | None, Witness | None]:
    return tally.held, tally.broken


# ---------------------------------------------------------------- by clause


class Seen(Term):
    """What was seen of a rule, or of all rules of a clause together."""

    BOTH = "both", "両方", "both"
    HOLDS = "holds", "充足のみ", "only held"
    BREAKS = "breaks", "違反のみ", "only broken"
    NEITHER = "neither", "未確認", "not seen"
    NO_RULE = "no_rule", "規則なし", "no rule"


class Kind(Enum):
    """What gives effect to a clause: a guard of an event, the order of the chart, a duty, a note on a day."""

    GUARD = "guard"
    CHART = "chart"
    DUTY = "duty"
    DAY = "day"


@attrs.frozen
class RuleCoverage:
    """One rule or duty of a clause, and what was seen of it."""

    code: str
    kind: Kind
    tally: Tally

    @property
    def seen(self) -> Seen:
        """What was seen."""
        return _seen(self.tally.holds, self.tally.breaks)


@attrs.frozen
class ClauseCoverage:
    """One clause, and what was seen of the rules that enforce it; none for a clause that no rule enforces."""

    clause: Clause
    rules: tuple[RuleCoverage, ...]

    @property
    def holds(self) -> int:
        """How often its rules were asked and held."""
        return sum(rule.tally.holds for rule in self.rules)

    @property
    def breaks(self) -> int:
        """How often its rules were broken."""
        return sum(rule.tally.breaks for rule in self.rules)

    @property
    def seen(self) -> Seen:
        """What was seen of its rules together."""
        return _seen(self.holds, self.breaks) if self.rules else Seen.NO_RULE

    @property
    def missing(self) -> tuple[RuleCoverage, ...]:
        """Its rules that were not seen both ways."""
        return tuple(rule for rule in self.rules if rule.seen is not Seen.BOTH)

    @property
    def binds(self) -> bool:
        """Does the clause bind the office, by its words? A definition and a permission do not."""
        modalities = (self.clause.modality, self.clause.also)
        return any(each is not None and each.severity is not None for each in modalities)


def _seen(holds: int, breaks: int) -> Seen:
    if holds and breaks:
        return Seen.BOTH
    return Seen.HOLDS if holds else Seen.BREAKS if breaks else Seen.NEITHER


def rules_of(edition: Edition, clause: Clause) -> Iterator[tuple[str, Rule]]:
    """Rules that serve a clause, by their short code; some serve that of the row in which they stand as well."""
    in_rows = {guard.__name__ for row in edition.rows if row.clause == clause.id for guard in row.guards}
    for name, rule in edition.table.rules.items():
        if rule.clause == clause.id or (rule.of_row and name in in_rows):
            yield name, rule


def by_clause(coverage: Coverage, edition: Edition) -> list[ClauseCoverage]:
    """Every clause of an edition in the order of its text, with its rules and duties and what was seen of them.

    A clause for whose sake the chart refused an event has that rule of the chart among its own.
    """
    tallies: Mapping[Key, Tally] = coverage.tallies.get(edition.programme, {})
    guards = {guard.__name__ for row in edition.rows for guard in row.guards}
    chart = {*CHART_RULES, *(row.absent for row in edition.rows if row.absent is not None)}

    def kind(name: str) -> Kind:
        return Kind.CHART if name in chart else Kind.GUARD if name in guards else Kind.DAY

    found = []
    for clause in edition.clauses:
        own = {f"{edition.programme}.{name}": kind(name) for name, _ in rules_of(edition, clause)}
        own |= {
            f"{edition.programme}.{name}": Kind.DUTY
            for name, duty in edition.table.duties.items()
            if duty.clause == clause.id
        }
        for (code, of), tally in tallies.items():
            if of == clause.id and tally.breaks and code.partition(".")[2] in chart:
                own.setdefault(code, Kind.CHART)
        rules = (RuleCoverage(code, what, tallies.get((code, clause.id), Tally())) for code, what in own.items())
        found.append(ClauseCoverage(clause, tuple(rules)))
    return found


# ---------------------------------------------------------------- for a reader, and for a program


def coverage_text(coverage: Coverage, code: str, *, lang: Lang = "ja", rules: bool = False) -> str:
    """The table by clause; with ``rules`` each rule below its clause, with the first example of each kind.

    Clauses without a rule come after it, by what gives effect to them instead.
    """
    ja = lang == "ja"
    edition = programme(code).current
    clauses = by_clause(coverage, edition)
    head: tuple[str, ...]
    head = ("条項", "確認", "充足", "違反", "規則") if ja else ("clause", "seen", "held", "broken", "rules")
    if rules:
        head = (*head[:4], "充足の例", "違反の例") if ja else (*head[:4], "held in", "broken in")
    rows: list[tuple[str, ...]] = []
    for each in clauses:
        if not each.rules:
            continue
        counts = (each.seen.label(lang), f"{each.holds:,}", f"{each.breaks:,}")
        if not rules:
            short = f"{len(each.rules) - len(each.missing)}/{len(each.rules)}"
            lacking = ", ".join(f"{rule.code.partition('.')[2]} ({rule.seen.label(lang)})" for rule in each.missing)
            rows.append((each.clause.id, *counts, f"{short} {lacking}".rstrip()))
            continue
        rows.append((each.clause.id, *counts, "", ""))
        for rule in each.rules:
            ends = ("–" if end is None else end.text(lang) for end in _ends(rule.tally))
            name = f"  {rule.code.partition('.')[2]}"
            rows.append((name, rule.seen.label(lang), f"{rule.tally.holds:,}", f"{rule.tally.breaks:,}", *ends))
    lines = [table(head, rows), ""]
    free: dict[str, list[str]] = {}
    for each in clauses:
        if not each.rules:
            free.setdefault(_given_effect(each, lang), []).append(each.clause.id)
    if free:
        lines.append("規則のない条項" if ja else "Clauses without a rule")
        lines += [f"  {how}: {('、' if ja else ', ').join(ids)}" for how, ids in free.items()]
        lines.append("")
    lines.append(coverage_line(coverage, code, lang=lang))
    return "\n".join(lines)


def _given_effect(each: ClauseCoverage, lang: Lang) -> str:
    means = [how for how in each.clause.enforced if how not in {Enforcement.GUARD, Enforcement.DUTY}]
    said = ("・" if lang == "ja" else ", ").join(how.label(lang) for how in means)
    if each.binds:
        return said
    return said + (" (義務付けなし)" if lang == "ja" else " (binds nobody)")


def coverage_line(coverage: Coverage, code: str, *, lang: Lang = "ja") -> str:
    """The counts of a programme in one sentence."""
    counts = _counts(by_clause(coverage, programme(code).current))
    if lang == "ja":
        return (
            f"規則のある条項 {counts['clauses']} のうち {counts['clauses_both']}、規則 {counts['rules']} のうち "
            f"{counts['rules_both']} で、充足と違反の両方を確かめました(充足のみ {counts['rules_holds']}、違反のみ "
            f"{counts['rules_breaks']}、未確認 {counts['rules_neither']})。規則のない条項 {counts['no_rule']}。"
        )
    return (
        f"{counts['clauses_both']} of {counts['clauses']} clauses with a rule, and {counts['rules_both']} of "
        f"{counts['rules']} rules, were seen to hold and seen broken ({counts['rules_holds']} only held, "
        f"{counts['rules_breaks']} only broken, {counts['rules_neither']} not seen). {counts['no_rule']} clauses have "
        "no rule."
    )


def seen_lines(coverage: Coverage, code: str, *, lang: Lang = "ja") -> Iterator[str]:
    """The enforced clauses in a few lines, by what was seen of them."""
    clauses = by_clause(coverage, programme(code).current)
    comma = "、" if lang == "ja" else ", "
    for seen in (Seen.BOTH, Seen.HOLDS, Seen.BREAKS, Seen.NEITHER):
        ids = [each.clause.id for each in clauses if each.seen is seen]
        if ids:
            yield f"{seen.label(lang)}: {comma.join(ids)}"


def _counts(clauses: Sequence[ClauseCoverage]) -> dict[str, int]:
    held = [each for each in clauses if each.rules]
    rules = [rule for each in held for rule in each.rules]
    return {
        "clauses": len(held),
        "clauses_both": sum(each.seen is Seen.BOTH for each in held),
        "no_rule": len(clauses) - len(held),
        "rules": len(rules),
        **{
            f"rules_{seen.value}": sum(rule.seen is seen for rule in rules) for seen in Seen if seen is not Seen.NO_RULE
        },
    }


def coverage_record(coverage: Coverage, code: str) -> dict[str, Any]:
    """The same for a program: counts, then each clause with its rules and their first examples."""
    clauses = by_clause(coverage, programme(code).current)

    def witness(found: Witness | None) -> dict[str, Any] | None:
        return None if found is None else attrs.asdict(found)

    return {
        "programme": code,
        "counts": _counts(clauses),
        "clauses": [
            {
                "id": each.clause.id,
                "citation": each.clause.citation,
                "modality": each.clause.modality.value,
                "binds": each.binds,
                "enforced": [how.value for how in each.clause.enforced],
                "seen": each.seen.value,
                "holds": each.holds,
                "breaks": each.breaks,
                "rules": [
                    {
                        "code": rule.code,
                        "kind": rule.kind.value,
                        "seen": rule.seen.value,
                        "holds": rule.tally.holds,
                        "breaks": rule.tally.breaks,
                        "held_in": witness(rule.tally.held),
                        "broken_in": witness(rule.tally.broken),
                    }
                    for rule in each.rules
                ],
            }
            for each in clauses
        ],
    }


__all__ = [
    "CHART_RULES",
    "ClauseCoverage",
    "Coverage",
    "Key",
    "Kind",
    "RuleCoverage",
    "Seen",
    "Tally",
    "Witness",
    "by_clause",
    "coverage_line",
    "coverage_record",
    "coverage_text",
    "rules_of",
    "seen_lines",
]
