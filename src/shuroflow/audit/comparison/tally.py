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
from shuroflow.audit.summary import Later
from shuroflow.errors import InputError
from shuroflow.states import Edition, programme
from shuroflow.states.judgement import show
from shuroflow.vocabulary import Lang, Severity


@attrs.frozen(kw_only=True)
class Side:
    """One set of conditions as a report tells of it; ``overlay`` is the name of the office's file, if it has one."""

    conditions: Conditions
    overlay: str | None = None

    def text(self, lang: Lang = "ja") -> str:
        """The conditions in a line, with the hash of figures, calendar and settings."""
        ja = lang == "ja"
        name = one_line(self.overlay) if self.overlay is not None else "内蔵の設定" if ja else "built-in settings"
        day = self.conditions.edition
        if day is None:
            text = "要綱は出来事の日の版" if ja else "the text of the day of each event"
        else:
            text = f"要綱は{show(day, lang)}の版" if ja else f"the text of {show(day, lang)} for everything"
        return f"{name} (SHA-256 {office_sha256(self.conditions.office)}){'、' if ja else ', '}{text}"

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
    """How often a rule has a finding on one side only (``here``, ``there``), or on both but not the same one."""

    clause: str
    here: int = 0
    there: int = 0
    other: int = 0


@attrs.define
class Tally:
    """What a comparison amounts to.

    ``cases`` were judged on both sides, with ``steps`` events; ``differ`` and ``steps_differ`` count those of them for
    which anything differs. ``aspects`` has the number of cases by what differs in them. ``later`` and ``errors`` count
    what was not compared.
    """

    cases: int = 0
    differ: int = 0
    steps: int = 0
    steps_differ: int = 0
    later: int = 0
    errors: int = 0
    here: Counter[Severity] = attrs.field(factory=Counter)
    there: Counter[Severity] = attrs.field(factory=Counter)
    aspects: Counter[Aspect] = attrs.field(factory=Counter)
    rules: dict[str, RuleCount] = attrs.field(factory=dict)

    def add(self, item: Compared) -> None:
        """Count one item."""
        if isinstance(item, InputError):
            self.errors += 1
            return
        if isinstance(item, Later):
            self.later += 1
            return
        self.cases += 1
        self.differ += item.differs
        self.steps += item.compared
        self.steps_differ += len(item.steps)
        self.here.update(finding.severity for finding in item.here.findings)
        self.there.update(finding.severity for finding in item.there.findings)
        self.aspects.update({change.aspect for change in item.changes})
        for change in item.changes:
            if change.aspect is Aspect.FINDING:
                self._count(change)

    def _count(self, change: Change) -> None:
        finding = change.here or change.there
        rule = self.rules.setdefault(finding.rule.code, RuleCount(finding.clause))
        if change.there is None:
            rule.here += 1
        elif change.here is None:
            rule.there += 1
        else:
            rule.other += 1

    def record(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {
            **{name: getattr(self, name) for name in ("cases", "differ", "steps", "steps_differ", "later", "errors")},
            **{side: {each.value: getattr(self, side)[each] for each in Severity} for side in ("here", "there")},
            "cases_by_aspect": {each.value: self.aspects[each] for each in Aspect if self.aspects[each]},
            "findings_by_rule": {code: attrs.asdict(rule) for code, rule in sorted(self.rules.items())},
        }


__all__ = ["RuleCount", "Side", "Tally"]
