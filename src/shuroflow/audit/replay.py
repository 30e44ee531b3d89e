"""Replay: the events of a case against the 要綱, as the auditor asks the one judge.

An event takes the same way as on the live desk, without the writing: judge, collect, fold, and go on with
the state that the record claims, so that one fault is reported once and not for every event after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import attrs

from shuroflow.case import Case, Period
from shuroflow.events import Event
from shuroflow.states import Finding, Office, Programme, programme
from shuroflow.states.history import chronology, effective
from shuroflow.vocabulary import Severity, State

if TYPE_CHECKING:
    from shuroflow.audit.explanation import Explanation

_GRAVITY = {Severity.VIOLATION: 0, Severity.OBSERVATION: 1, Severity.NOTE: 2}


@attrs.frozen
class CaseReport:
    """One case as of a day: where it stands, and every finding, in the order of the record.

    ``events`` counts what was recorded by then, corrections included; ``case`` is what those in force add up to, and is
    ``None`` in the reports of an audit, which are sent between processes. ``explanation`` is there where it was asked
    for; ``source`` is the file or database that the case was read from, where there is one.
    """

    case_id: str
    programme: str
    state: State
    period: Period | None
    findings: tuple[Finding, ...]
    events: int
    case: Case | None
    explanation: Explanation | None = None
    source: str | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """As its values in their order: an audit by several processes sends one for every case."""
        return CaseReport, (
            self.case_id,
            self.programme,
            self.state,
            self.period,
            self.findings,
            self.events,
            self.case,
            self.explanation,
            self.source,
        )

    def count(self, severity: Severity) -> int:
        """Number of findings of that severity."""
        return sum(finding.severity is severity for finding in self.findings)


def replay(
    events: Sequence[Event],
    *,
    as_of: date,
    office: Office | None = None,
    known_at: datetime | None = None,
    under: Programme | None = None,
    folded: bool = True,
    source: str | None = None,
) -> CaseReport | None:
    """Judge the whole history of one case.

    Args:
        events: the events of one case, in the order of ``seq``.
        as_of: the day asked about: what happened later is left out.
        office: figures, calendar and settings; by default the built-in ones.
        known_at: the moment asked about: what was written down later is left out.
        under: the programme that judges, such as ``kind.under(edition)``, where it is not the one on hand.
        folded: the report has the folded case.
        source: the file or database that the events were read from, for the report.

    Returns:
        The report, or ``None`` if the case did not exist yet on that day, or everything of it is withdrawn.

    Raises:
        InputError: if a correction does not fit.
    """
    office = Office() if office is None else office
    kind = programme(events[0].programme) if under is None else under
    held = effective(events, as_of=as_of, known_at=known_at)
    if not held:
        return None
    newest = kind.current
    case = newest.new_case(events[0].case_id)
    findings: list[Finding] = []
    single = len(kind.editions) == 1
    edition = newest
    for event in chronology(held, newest):
        if not single:
            edition = kind.edition_on(event.occurred_on)
        found = edition.findings(case, event, office)
        if found:
            findings += found
        edition.fold(case, event, office)
    findings.extend(kind.edition_on(as_of).settle(case, as_of, office))
    count = len(events) if held is events else recorded_by(events, as_of, known_at)
    return report_of(kind, case, findings, count, as_of, folded=folded, source=source)


def report_of(
    kind: Programme,
    case: Case,
    findings: Iterable[Finding],
    events: int,
    as_of: date,
    *,
    folded: bool = True,
    source: str | None = None,
) -> CaseReport:
    """The report on a case that has been judged and folded; ``events`` were recorded by then."""
    return CaseReport(
        case_id=case.case_id,
        programme=kind.code,
        state=case.state_on(as_of),
        period=case.period,
        findings=_once(findings),
        events=events,
        case=case if folded else None,
        source=source,
    )


def recorded_by(events: Sequence[Event], as_of: date, known_at: datetime | None) -> int:
    """How many events were recorded by then, corrections included."""
    known = [event for event in events if known_at is None or event.recorded_at <= known_at]
    return sum(event.occurred_on <= as_of for event in known)


def still_owed(finding: Finding, settled: Iterable[Finding]) -> Finding:
    """What an event left out says so besides, where it is among the duties open still on the day asked about."""
    for each in settled:
        if each.rule.duty is not None and each.subject == finding.subject and each.rule.code != finding.rule.code:
            return finding.still(each)
    return finding


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each fault once: where two findings are about the same thing, the first stands; in the order of the record."""
    if not findings:
        return ()
    kept: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        first = kept.setdefault(finding.subject, finding)
        if finding.rule.duty is not None and first.rule.code != finding.rule.code:
            kept[finding.subject] = first.still(finding)
    return tuple(sorted(kept.values(), key=lambda finding: (finding.seq, _GRAVITY[finding.severity])))
