"""Under which conditions the two sides of a comparison were judged, and what it amounts to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from shuroflow.audit.comparison.difference import Aspect, Change, Conditions
from shuroflow.audit.export import text_record
from shuroflow.audit.receipt import office_sha256
from shuroflow.audit.report import one_line
from shuroflow.audit.source import Compared
from shuroflow.audit.summary import Later, count_absent
from shuroflow.errors import InputError
from shuroflow.states import Edition, programme
from shuroflow.states.judgement import Rule, show
from shuroflow.vocabulary import Lang, Severity


@attrs.frozen(kw_only=True)
class Side:
    """One set of conditions as a report tells of it; ``overlay`` is the name of the office's file, if it has one."""

    conditions: Conditions
    overlay: str | None = None

    def name(self, lang: Lang = "ja") -> str:
        """What the settings of the office are called."""
        return (
            one_line(self.overlay)
            if self.overlay is not None
            else "組込みの設定"
            if lang == "ja"
            else "built-in settings"
        )

    def edition(self, lang: Lang = "ja") -> str:
        """Which edition of the 要綱 judges."""
        day = self.conditions.edition
        if day is None:
            return "出来事の日の版" if lang == "ja" else "the text of the day of each event"
        return f"{show(day, lang)}の版" if lang == "ja" else f"the text of {show(day, lang)} for everything"

    def text(self, lang: Lang = "ja") -> str:
        """The conditions in a line, with the hash of figures, calendar and settings."""
        text = f"要綱は{self.edition(lang)}" if lang == "ja" else self.edition(lang)
        return (
            f"{self.name(lang)} (SHA-256 {office_sha256(self.conditions.office)}){'、' if lang == 'ja' else ', '}{text}"
        )

    def record(self, codes: Iterable[str]) -> dict[str, Any]:
        """The same as plain values, with the editions that judge the programmes."""
        day = self.conditions.edition
        return {
            "overlay": self.overlay,
            "office_sha256": office_sha256(self.conditions.office),
            "edition": None if day is None else day.isoformat(),
            "texts": [text_record(programme(code).title_ja, edition) for code, edition in self.editions(codes)],
        }

    def editions(self, codes: Iterable[str]) -> Iterator[tuple[str, Edition]]:
        """The editions that judge the cases of the programmes."""
        return ((code, edition) for code in codes for edition in self.conditions.programme(code).editions)


@attrs.define
class RuleCount:
    """How often a rule has a finding on one side only, or on both but not the same one.

    ``clauses`` are the citations. ``grades`` counts the findings by their side (``here``, ``there``, ``both``) and how
    grave they are: of those on both sides, here and there where it is not the same.
    """

    rule: Rule
    clauses: set[str] = attrs.field(factory=set)
    grades: Counter[tuple[str, tuple[Severity, ...]]] = attrs.field(factory=Counter)

    def add(self, change: Change) -> None:
        """Count one finding that differs."""
        self.clauses.update(finding.clause for finding in change.findings)
        self.grades[change.side, grades(change)] += 1

    def count(self, side: str) -> int:
        """How many findings there are of a side."""
        return sum(number for (where, _), number in self.grades.items() if where == side)

    @property
    def clause(self) -> str:
        """The citation; of a rule that serves several clauses, all of those found."""
        return "、".join(sorted(self.clauses))

    @property
    def severities(self) -> list[Severity]:
        """How grave its findings are, the gravest first."""
        return [each for each in Severity if any(each in grade for _, grade in self.grades)]

    def record(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {
            "clause": self.clause,
            "severities": [each.value for each in self.severities],
            "here": self.count("here"),
            "there": self.count("there"),
            "other": self.count("both"),
        }


def grades(change: Change) -> tuple[Severity, ...]:
    """How grave a finding that differs is: on both sides with another severity, here and there."""
    return tuple(dict.fromkeys(finding.severity for finding in change.findings))


@attrs.define
class Tally:
    """What a comparison amounts to.

    ``cases`` were judged on both sides, with ``steps`` events; ``differ`` and ``steps_differ`` count those of them for
    which anything differs; in ``only_notes`` of the cases, nothing but notes does. ``codes`` are those of their
    programmes, in the order in which they came. ``violating`` has the number of
    cases with a violation on either side, ``aspects`` the number of cases by what differs in them. ``errors``,
    and ``later``, ``recorded_later`` and ``withdrawn`` as in a :class:`~shuroflow.audit.Summary`, count what was not.
    """

    cases: int = 0
    differ: int = 0
    only_notes: int = 0
    steps: int = 0
    steps_differ: int = 0
    later: int = 0
    errors: int = 0
    recorded_later: int = 0
    withdrawn: int = 0
    withdrawn_cases: list[str] = attrs.field(factory=list)
    here: Counter[Severity] = attrs.field(factory=Counter)
    there: Counter[Severity] = attrs.field(factory=Counter)
    violating: Counter[str] = attrs.field(factory=Counter)
    aspects: Counter[Aspect] = attrs.field(factory=Counter)
    rules: dict[str, RuleCount] = attrs.field(factory=dict)
    codes: dict[str, None] = attrs.field(factory=dict)

    def add(self, item: Compared) -> None:
        """Count one item."""
        if isinstance(item, InputError):
            self.errors += 1
            return
        if isinstance(item, Later):
            count_absent(self, item)
            return
        self.codes[item.programme] = None
        self.cases += 1
        self.differ += item.differs
        self.only_notes += item.only_notes
        self.steps += item.compared
        self.steps_differ += len(item.steps)
        for side, counts, report in (("here", self.here, item.here), ("there", self.there, item.there)):
            severities = Counter(finding.severity for finding in report.findings)
            counts.update(severities)
            self.violating[side] += Severity.VIOLATION in severities
        self.aspects.update({change.aspect for change in item.changes})
        for change in item.changes:
            if change.aspect is Aspect.FINDING:
                rule = change.findings[0].rule
                self.rules.setdefault(rule.code, RuleCount(rule)).add(change)

    def record(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {
            **{name: getattr(self, name) for name in _NUMBERS},
            **{side: {each.value: getattr(self, side)[each] for each in Severity} for side in ("here", "there")},
            "cases_with_violation": {side: self.violating[side] for side in ("here", "there")},
            "cases_by_aspect": {each.value: self.aspects[each] for each in Aspect if self.aspects[each]},
            "findings_by_rule": {code: rule.record() for code, rule in sorted(self.rules.items())},
        }


_NUMBERS = ("cases", "differ", "only_notes", "steps", "steps_differ", "later", "errors", "recorded_later", "withdrawn")

__all__ = ["RuleCount", "Side", "Tally", "grades"]
