"""What a desk answers: what may come next, what is due, how a case stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import attrs

from shuroflow.case import Case, Duty, Period
from shuroflow.caseload.held import case_before
from shuroflow.events import Event
from shuroflow.states import Edition, Finding, Office, Programme, Rule
from shuroflow.states.subjects import subjects
from shuroflow.vocabulary import Lang, State


@attrs.frozen
class Option:
    """One event that might come next: possible, or why not, and what will be asked of it.

    It is asked as if everything the event speaks of happened on the day itself: a consultation held earlier, say, may
    still be recorded though the day is too late to hold one. ``destination`` is the usual one.
    """

    event: str
    name_ja: str
    name_en: str
    clause: str
    destination: State
    why_not: tuple[Finding, ...]
    asks: tuple[Rule, ...]
    destination_ja: str
    destination_en: str

    @property
    def possible(self) -> bool:
        """May it be recorded, as far as the case alone can tell?"""
        return not any(finding.refuses for finding in self.why_not)

    def name(self, lang: Lang = "ja") -> str:
        """What the event is called."""
        return self.name_ja if lang == "ja" else self.name_en

    def destination_name(self, lang: Lang = "ja") -> str:
        """What the programme calls the usual destination."""
        return self.destination_ja if lang == "ja" else self.destination_en


@attrs.frozen
class Due:
    """An open duty of a case, or the end of its period (``code`` ``period_end``), as of the day asked about.

    ``arose_on`` is the day from which it is owed: of a notice, that of the decision. ``to_come``: that day is after the
    one asked about, so that nothing is owed yet (a plan for a use decided on, before its first day). ``subject`` is
    what it is of, plain: a claim or a workplace by its id, that decision by its day. ``of_ja`` and ``of_en`` say the
    same in words, so that it is told from the other ones of the case. All are empty where a case owes it once at most.
    """

    case_id: str
    programme: str
    code: str
    name_ja: str
    name_en: str
    clause: str
    arose_on: date
    due: date | None
    in_time_until: date | None
    overdue: bool
    subject: str = ""
    of_ja: str = ""
    of_en: str = ""
    to_come: bool = False

    def name(self, lang: Lang = "ja") -> str:
        """What has to be done."""
        return self.name_ja if lang == "ja" else self.name_en

    def of(self, lang: Lang = "ja") -> str:
        """What it is of, in words."""
        return self.of_ja if lang == "ja" else self.of_en


@attrs.frozen
class Standing:
    """How a case stands as of a day: its state, its periods, its duties (open and to come), and everything recorded."""

    case: Case
    as_of: date
    state: State
    period: Period | None
    duties: tuple[Due, ...]
    findings: tuple[Finding, ...]
    events: tuple[Event, ...]


def option(edition: Edition, kind: Programme, events: Sequence[Event], name: str, on: date, office: Office) -> Option:
    """May the event be recorded on the day, and what will be asked of it?"""
    probe = Event(
        case_id=events[0].case_id,
        seq=events[-1].seq + 1,  # of what was known at a moment, some numbers may be missing
        programme=kind.code,
        kind=name,
        occurred_on=on,
        recorded_at=datetime.min,  # noqa: DTZ901 - a probe is never recorded
        recorded_by=events[0].recorded_by,
        data=None,
    )
    case = case_before(probe, events, office)
    source = edition.source_of(case, probe)
    row, why_not, asks = edition.possible(case, probe, office, source)
    label = edition.event_label(name)
    destination = row.dest or source
    named = edition.state_name(destination)
    return Option(
        event=name,
        name_ja=label.ja,
        name_en=label.en,
        clause=edition.clauses[row.clause].citation,
        destination=destination,
        why_not=why_not,
        asks=asks,
        destination_ja=named.label("ja"),
        destination_en=named.label("en"),
    )


def dues(edition: Edition, case: Case, on: date) -> Iterator[Due]:
    """The open duties of a case and the end of its period, as of a day."""

    def item(duty: Duty, of_ja: str, of_en: str) -> Due:
        rule = edition.table.duties[duty.code]
        return Due(
            case_id=case.case_id,
            programme=case.programme,
            code=duty.code,
            name_ja=rule.label.ja,
            name_en=rule.label.en,
            clause=rule.citation,
            arose_on=duty.arose_on,
            due=duty.due,
            in_time_until=duty.in_time_until,
            overdue=duty.in_time_until is not None and on > duty.in_time_until,
            subject=duty.subject,
            of_ja=of_ja,
            of_en=of_en,
            to_come=duty.arose_on > on,
        )

    duties = [(duty, edition.table.duties[duty.code].of) for duty in case.duties.values()]
    yield from map(item, case.duties.values(), subjects(duties, "ja"), subjects(duties, "en"))
    for ending in edition.ending(case, on):
        yield Due(
            case_id=case.case_id,
            programme=case.programme,
            code="period_end",
            name_ja="利用期間の満了",
            name_en="end of the period of use",
            clause=edition.clauses[ending.clause].citation,
            arose_on=case.opened_on or on,
            due=ending.on,
            in_time_until=None,
            overdue=False,
        )


__all__ = ["Due", "Option", "Standing", "dues", "option"]
