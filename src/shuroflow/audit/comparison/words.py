"""What the things that differ between two sides are called: line by line, or each side in a cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from shuroflow.audit.comparison.difference import Aspect, Change, Difference, StepDifference
from shuroflow.audit.comparison.tally import Side
from shuroflow.audit.report import one_line, period_text
from shuroflow.audit.steps import means_record
from shuroflow.case import Duty
from shuroflow.states import Finding
from shuroflow.states.judgement import DutyRule, Rule, show
from shuroflow.states.subjects import subjects
from shuroflow.vocabulary import Lang, State

ONLY_HERE, ONLY_THERE, BOTH = "-", "+", "≠"


def finding_of(rule: Rule, lang: Lang) -> str:
    """What a finding of a rule says, without the values of any case."""
    return rule.says.outline(lang)


@attrs.frozen(slots=False)  # for what is worked out once
class Words:
    """What the things that differ in a case are called."""

    found: Difference
    here: Side
    there: Side
    lang: Lang

    @property
    def code(self) -> str:
        """Code of the programme of the case."""
        return self.found.programme

    def event(self, step: StepDifference) -> str:
        """The name of an event."""
        edition = self.here.conditions.programme(self.code).edition_on(step.event.occurred_on)
        return edition.event_label(step.event.kind).render({}, self.lang)

    def lines(self, change: Change) -> Iterator[str]:
        """One change, line by line."""
        label = change.aspect.label(self.lang)
        if change.aspect is Aspect.FINDING:
            yield from self._finding_lines(change)
        elif change.aspect is Aspect.MEANS_TEST:
            yield f"    {label}:"
            one, other = (self.means(side) for side in (change.here, change.there))
            yield from (f"      {ONLY_HERE} {line.strip()}" for line in one if line not in other)
            yield from (f"      {ONLY_THERE} {line.strip()}" for line in other if line not in one)
        elif change.aspect in {Aspect.DUTY, Aspect.DISCHARGED} and (change.here is None or change.there is None):
            mark, duty = (ONLY_HERE, change.here) if change.there is None else (ONLY_THERE, change.there)
            yield f"    {mark} {label}: {self._duty(duty)}"
        elif change.aspect is Aspect.DUTY:
            yield f"    {label}: {self._duty(change.here)} → {self._due(change.there)}"
        else:
            yield f"    {label}: {self.shown(change.aspect, change.here)} → {self.shown(change.aspect, change.there)}"

    def _finding_lines(self, change: Change) -> Iterator[str]:
        both = change.here is not None and change.there is not None
        if both:
            yield f"    {BOTH} {change.here.rule.code}"
        for mark, finding in ((ONLY_HERE, change.here), (ONLY_THERE, change.there)):
            if finding is not None:
                grade = f"{mark} [{finding.severity.label(self.lang)}] {finding.clause}"
                yield f"      {grade}" if both else f"    {grade}  {finding.rule.code}"
                yield f"        {self.said(finding)}"

    def said(self, finding: Finding) -> str:
        """What a finding says, with its record where one of another record says the same as of the day asked about."""
        said = one_line(finding.message(self.lang))
        if not self._records.get(said, set()) - {finding.seq}:
            return said
        return f"{said} (記録{finding.seq})" if self.lang == "ja" else f"{said} (event {finding.seq})"

    @cached_property
    def _records(self) -> Mapping[str, set[int]]:
        records: dict[str, set[int]] = defaultdict(set)
        for change in self.found.at_last:
            for finding in (change.here, change.there):
                if isinstance(finding, Finding):
                    records[one_line(finding.message(self.lang))].add(finding.seq)
        return records

    def shown(self, aspect: Aspect, value: Any) -> str:
        """What one side has, on one line; empty where it has nothing of the kind."""
        if aspect is Aspect.PERIOD:
            return period_text(value, self.lang)
        if value is None:
            return ""
        if isinstance(value, State):
            return self.here.conditions.programme(self.code).current.state_name(value).label(self.lang)
        if isinstance(value, Duty):
            return self._duty(value)
        if isinstance(value, Finding):
            return self.said(value)
        return one_line(" / ".join(line.strip() for line in self.means(value)))

    def means(self, value: Any) -> list[str]:
        """A calculation line by line, and what it rests on; for a figure that is missing, what is missing."""
        if value is None:
            return []
        told = means_record(value, self.lang)
        return [*told["lines"], *told["sources"]]

    def rule_of(self, duty: Duty) -> DutyRule:
        """The rule of a duty, from the side that has it."""
        for side in (self.here, self.there):
            for edition in side.conditions.programme(self.code).editions:
                if duty.code in edition.table.duties:
                    return edition.table.duties[duty.code]
        raise LookupError(duty.code)

    def of(self, duty: Duty) -> str:
        """What a duty is of, told from the other ones that differ."""
        return self._of[duty]

    @cached_property
    def _of(self) -> dict[Duty, str]:
        sides = (side for change in self.found.changes for side in (change.here, change.there))
        duties = list(dict.fromkeys(side for side in sides if isinstance(side, Duty)))
        named = subjects([(duty, self.rule_of(duty).of) for duty in duties], self.lang)
        return dict(zip(duties, named, strict=True))

    def _duty(self, duty: Duty) -> str:
        """What a duty is called, of what it is, and when it is due."""
        parts = (self.rule_of(duty).label.render({}, self.lang), one_line(self.of(duty)), self._due(duty))
        return ("、" if self.lang == "ja" else ", ").join(part for part in parts if part)

    def _due(self, duty: Duty) -> str:
        if duty.due is None:
            return "期日なし" if self.lang == "ja" else "without a due day"
        text = f"期日 {show(duty.due, 'ja')}" if self.lang == "ja" else f"due {show(duty.due, 'en')}"
        if duty.in_time_until is None or duty.in_time_until == duty.due:
            return text
        until = show(duty.in_time_until, self.lang)
        return text + (f"({until}まで期限内)" if self.lang == "ja" else f" (in time until {until})")


__all__ = ["BOTH", "ONLY_HERE", "ONLY_THERE", "Words", "finding_of"]
