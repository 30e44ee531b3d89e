"""The audit asked as the questions of an audit office: case by case, what answers each question, and how many cases.

The findings are those of the one judge, put under the questions that their rules answer; nothing is judged again. What
no rule says (late entries, one person in two roles, the effect) is told as an observation of the record. This module
holds numbers alone: the answers go out one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from operator import itemgetter

import attrs

from shuroflow.audit.explanation import days_late
from shuroflow.audit.judging import Held
from shuroflow.audit.lateness import LATE_DAYS, Lateness, entries
from shuroflow.audit.observing import Observation, still_owed, two_roles
from shuroflow.audit.questions import Answering, AuditQuestion, answering, audit_questions
from shuroflow.audit.replay import CaseReport, replay
from shuroflow.audit.statistics import ANY, Statistics, counts_of, tables_of
from shuroflow.audit.summary import Summary, absent
from shuroflow.errors import InputError, MissingFigure
from shuroflow.states import Finding, Office, Wording
from shuroflow.states.history import effective
from shuroflow.vocabulary import Lang, Severity

_LATE = Wording(
    ja="記録が{days}日後です(記録: {recorded})",
    en="written down {days:day} later ({recorded})",
)

_PARTED = Wording(ja="{what}({part})", en="{what} ({part})")
_EARLY = Wording(
    ja="出来事の日より{days}日前に記録されています(記録: {recorded})",
    en="written down {days:day} before it happened ({recorded})",
)


@attrs.frozen(kw_only=True)
class Answer:
    """One thing that answers a question: a finding of the audit, or an observation of the record.

    ``kind`` is the kind of the event ``seq``, ``None`` where the case has no such event; ``days`` the delay of a late
    entry, less than 0 for one that was written down before its day.
    """

    question: str
    office: str
    case_id: str
    programme: str
    severity: Severity
    seq: int
    on: date
    kind: str | None
    finding: Finding | None = None
    seen: Observation | None = None
    days: int | None = None

    def message(self, lang: Lang = "ja") -> str:
        """What is wrong, or what the record shows."""
        if self.finding is not None:
            return self.finding.message(lang)
        assert self.seen is not None
        return self.seen.says.render(self.seen.values, lang)


@attrs.define
class Tally:
    """How one programme answers one question.

    ``asked`` cases are asked: they have an event at which a rule of the question is asked or a duty of it arises.
    ``found`` of them have a violation or an observation; a note makes no case one of those asked. Of the effect: cases
    that were under way on any day, and those of them with an effect on record. ``severities`` and ``rules`` count the
    answers.
    """

    asked: int = 0
    found: int = 0
    severities: Counter[Severity] = attrs.field(factory=Counter)
    rules: Counter[str] = attrs.field(factory=Counter)


@attrs.define(kw_only=True)
class Asking:
    """What is asked of every case, and the numbers so far.

    Args:
        as_of: the day asked about: what happened later is left out.
        known_at: the moment asked about: what was written down later is left out.
        office: figures, calendar and settings; by default the built-in ones.
        chosen: codes of the questions; by default all.
        late_days: an entry written down more than so many days later is late.

    ``tallies`` has the numbers by question and programme, ``lateness`` the delays, ``effect`` the counts that tell the
    effect. ``summary`` counts cases, events and the findings under the questions, each finding once; ``observed`` what
    the record shows besides, ``not_asked`` the findings that belong to no question at all.
    """

    as_of: date
    known_at: datetime | None = None
    office: Office = attrs.field(factory=Office)
    chosen: Collection[str] = attrs.field(factory=lambda: [each.code for each in audit_questions()])
    late_days: int = LATE_DAYS
    summary: Summary = attrs.field(factory=Summary, init=False)
    tallies: dict[tuple[str, str], Tally] = attrs.field(factory=dict, init=False)
    observed: int = attrs.field(default=0, init=False)
    not_asked: Tally = attrs.field(factory=Tally, init=False)
    lateness: Lateness = attrs.field(init=False)
    effect: Statistics = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """What grows with the cases.

        Raises:
            InputError: if a code is that of no question.
        """
        known = [each.code for each in audit_questions()]
        for code in self.chosen:
            if code not in known:
                raise InputError(f"there is no question {code!r}; known: {', '.join(known)}", field="chosen")
        self.lateness = Lateness(self.late_days)
        self.effect = Statistics(self.as_of)

    @property
    def questions(self) -> list[AuditQuestion]:
        """The questions asked, in their order."""
        return [each for each in audit_questions() if each.code in self.chosen]

    @property
    def programmes(self) -> list[str]:
        """Codes of the programmes whose cases were asked, in the order in which they came."""
        return list(dict.fromkeys(programme for _, programme in self.tallies))

    def answers(self, found: Iterable[Held | InputError]) -> Iterator[Answer | InputError]:
        """Ask case by case.

        Args:
            found: what :func:`~shuroflow.audit.histories` yields.

        Yields:
            the answers of each case, question by question; in the place of a case that cannot be used, why.

        Raises:
            InputError: if a rule of a plug-in names a question that there is not.
        """
        for held in found:
            for told in (held,) if isinstance(held, InputError) else self._asked(held):
                if isinstance(told, InputError):
                    self.summary.add(told)
                yield told
        self.effect.sort()

    def _asked(self, held: Held) -> Sequence[Answer | InputError]:
        events = held.events
        answered_by = answering(events[0].programme)  # a fault of a plug-in's table is none of the case
        try:
            report = replay(events, as_of=self.as_of, known_at=self.known_at, office=self.office)
            if report is None:
                self.summary.add(absent(events, known_at=self.known_at, source=held.source))
                return ()
            case = _OneCase(self, held, report, answered_by)
            answers = [answer for question in self.questions for answer in case.answers(question)]
        except (InputError, MissingFigure) as error:
            return (held.unusable(error),)
        self.summary.add(attrs.evolve(report, findings=case.told))
        for question in self.questions:
            self._count(case, question, [answer for answer in answers if answer.question == question.code])
        case.count()
        left = [finding for finding, under in case.under if not under]
        self.not_asked.found += bool(left)
        self.not_asked.severities.update(finding.severity for finding in left)
        self.not_asked.rules.update(finding.rule.code for finding in left)
        self.observed += sum(answer.seen is not None and answer.severity is not Severity.NOTE for answer in answers)
        return answers

    def _count(self, case: _OneCase, question: AuditQuestion, answers: Sequence[Answer]) -> None:
        tally = self.tallies.setdefault((question.code, case.report.programme), Tally())
        tally.asked += case.is_asked(question)
        effect = question.code == "effect"
        tally.found += any(effect or answer.severity is not Severity.NOTE for answer in answers)
        tally.severities.update(answer.severity for answer in answers)
        tally.rules.update(answer.finding.rule.code for answer in answers if answer.finding is not None)


class _OneCase:
    """One case while it is asked: nothing is counted before everything is answered."""

    def __init__(self, asking: Asking, held: Held, report: CaseReport, answered_by: Answering) -> None:
        self.asking, self.office, self.report, self.answering = asking, held.source, report, answered_by
        as_of, known_at = asking.as_of, asking.known_at
        self.held = effective(held.events, as_of=as_of, known_at=known_at)
        self.entries = list(entries(held.events, as_of=as_of, known_at=known_at))
        self.kinds = {event.kind for event in self.held}
        self.kind_of = {event.seq: event.kind for event in held.events}
        self.under = [
            (finding, self.answering.questions_of(finding.rule.code, self.kind_of.get(finding.seq)))
            for finding in report.findings
        ]
        asks_effect = any(question.code == "effect" for question in asking.questions)
        self.effect = tables_of(self.held, self.office, as_of, asking.office) if asks_effect else []

    @property
    def told(self) -> tuple[Finding, ...]:
        """The findings that answer a question asked."""
        chosen = {question.code for question in self.asking.questions}
        return tuple(finding for finding, under in self.under if not chosen.isdisjoint(under))

    def is_asked(self, question: AuditQuestion) -> bool:
        """Is it one of the cases that the question is of? Whatever answers it is of such a case."""
        if question.code == "effect":
            return any(table.numbers[ANY] for table in self.effect)
        if question.observed:
            return True
        kinds = self.answering.asked_at[question.code]
        return kinds is None or not self.kinds.isdisjoint(kinds)

    def count(self) -> None:
        """Count what is kept as numbers."""
        for question in self.asking.questions:
            if question.code == "lateness":
                for event in self.entries:
                    self.asking.lateness.add(event, self.office)
            elif question.code == "effect":
                self.asking.effect.put(self.effect)

    def answers(self, question: AuditQuestion) -> Iterator[Answer]:
        """What answers a question: first the findings, then what the record shows."""
        for finding, under in self.under:
            if question.code in under:
                yield self._answer(
                    question, finding.severity, finding.seq, finding.on, self.kind_of.get(finding.seq), finding=finding
                )
        owed = question.owed.get(self.report.programme)
        if owed is not None:
            case, findings = self.report.case, self.report.findings
            assert case is not None
            for seen in still_owed(owed, self.held, case, findings, self.asking.as_of):
                yield self._seen(question, Severity.NOTE, seen)
        if question.code == "lateness":
            yield from self._late(question)
        elif question.code == "roles":
            for seen in two_roles(self.entries, self.report.findings):
                yield self._seen(question, Severity.OBSERVATION, seen)
        elif question.code == "effect":
            yield from self._effect(question)

    def _late(self, question: AuditQuestion) -> Iterator[Answer]:
        for event in self.entries:
            days = days_late(event)
            if days < 0 or days > self.asking.late_days:
                says = _EARLY if days < 0 else _LATE
                seen = Observation(event, says, {"days": abs(days), "recorded": event.recorded_at.date()})
                yield attrs.evolve(self._seen(question, Severity.OBSERVATION, seen), days=days)

    def _effect(self, question: AuditQuestion) -> Iterator[Answer]:
        if not self.is_asked(question):  # what came of a case that was never under way is no effect of support
            return
        named = question.counts.get(self.report.programme, ())
        but_not = question.but_not.get(self.report.programme, ())
        for count in counts_of(self.report.programme):
            if count.days is not None:  # the day that the record gives, which may not have come yet
                told = [each for each in count.days(self.held) if each[0] <= self.asking.as_of]
                if told and count.code in named:
                    day, event = min(told, key=itemgetter(0))
                    seen = Observation(event, count.label, {"what": count.label, "part": None})
                    yield self._seen(question, Severity.NOTE, seen, day)
                continue
            for event in self.held if count.code in named else ():
                part = None if count.by is None else getattr(event.data, count.by, None)
                if event.kind in count.events and count.amount(event.data) and part not in but_not:
                    says = count.label if part is None else _PARTED
                    seen = Observation(event, says, {"what": count.label, "part": part})
                    yield self._seen(question, Severity.NOTE, seen)
                    break

    def _seen(self, question: AuditQuestion, severity: Severity, seen: Observation, on: date | None = None) -> Answer:
        event = seen.event
        return self._answer(question, severity, event.seq, on or event.occurred_on, event.kind, seen=seen)

    def _answer(
        self,
        question: AuditQuestion,
        severity: Severity,
        seq: int,
        on: date,
        kind: str | None,
        *,
        finding: Finding | None = None,
        seen: Observation | None = None,
    ) -> Answer:
        return Answer(
            question=question.code,
            office=self.office,
            case_id=self.report.case_id,
            programme=self.report.programme,
            severity=severity,
            seq=seq,
            on=on,
            kind=kind,
            finding=finding,
            seen=seen,
        )


__all__ = ["Answer", "Asking", "Tally"]
