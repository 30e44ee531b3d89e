"""What a caseload amounts to, by fiscal year, office and programme: the numbers that yearly reports ask for.

An office is a source: each office's export is a file or a database of its own. A rate is never printed without the
number that it is of. What the records do not hold (a rise of income, say) is not counted, and not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs

from shuroflow.audit.judging import Held
from shuroflow.audit.summary import absent, count_absent
from shuroflow.calendar import fiscal_year, fiscal_year_end
from shuroflow.case import ONE_DAY, Case
from shuroflow.errors import InputError, MissingFigure
from shuroflow.events import Event
from shuroflow.states import Office, Row, Wording, programme
from shuroflow.states.history import case_of, effective
from shuroflow.vocabulary import UNDER_WAY, Term

Told = tuple[date, Event]
"""A day on which what is counted happened, and the first event that tells it."""


@attrs.frozen
class Count:
    """One thing that is counted. ``unit``: ``cases`` (each once a year), ``events``, ``days`` or ``yen``.

    ``events`` are the kinds of event it looks at; ``amount`` what each of them adds, 0 for none. ``by`` names the field
    whose codes it is broken down by. ``of`` is the code of the count that it is a share of.

    ``days``: of the events of a case, the days on which it happened, where these are not the days of the events
    themselves: a sheet lists days that lie before it, and two records may tell of one employment. Each is one.
    """

    code: str
    label: Wording
    events: tuple[str, ...]
    unit: str = "cases"
    amount: Callable[[Any], int] = lambda data: 1
    by: str | None = None
    of: str | None = None
    days: Callable[[Sequence[Event]], Iterable[Told]] | None = None


def _trial_days(events: Sequence[Event]) -> Iterable[Told]:
    """The days of work trials: the sheets may be cumulative, so a day of one trial is one day on however many."""
    found: dict[tuple[str, date], Event] = {}
    for event in events:
        if event.kind == "attendance_recorded":
            for each in event.data.days:
                found.setdefault((event.data.trial, each.on), event)
    return [(on, event) for (_, on), event in found.items()]


def _goes_to_work(data: Any) -> bool:
    """Does an end of support or of assistance (埼玉) say that the person works?"""
    return getattr(data, "employed_on", None) is not None or getattr(data, "cause", None) == "own_employment"


def _first_days_of_work(events: Sequence[Event]) -> Iterable[Told]:
    """埼玉: the first day of work as an end of support has it, and the day assistance ended where none has it.

    Assistance ends once for an employment: of the same support, so many ends of it as first days are on record tell of
    those, and each further one of an employment that is on record by it alone. Who is listed anew begins anew.
    """
    found: dict[date, Event] = {}
    told: dict[date, Event] = {}
    ends: dict[date, Event] = {}
    for event in sorted(events, key=_in_order):
        if event.kind == "listed":
            found |= _employed(told, ends)
            told, ends = {}, {}
        elif event.kind == "ended" and event.data.employed_on is not None:
            told.setdefault(event.data.employed_on, event)
        elif event.kind == "assistance_abolished" and _goes_to_work(event.data):
            ends.setdefault(event.occurred_on, event)
    return (found | _employed(told, ends)).items()


def _employed(told: Mapping[date, Event], ends: Mapping[date, Event]) -> dict[date, Event]:
    return {**dict([*ends.items()][len(told) :]), **told}


def _employments(events: Sequence[Event]) -> Iterable[Told]:
    """対馬: each day of employment on record, whether recorded by itself or with the recognition of self-support.

    The day of the recognition is that of a decision, and says nothing of when the work began.
    """
    found: dict[date, Event] = {}
    for event in sorted(events, key=_in_order):
        if event.kind == "employment_started":
            found.setdefault(event.occurred_on, event)
        elif event.kind == "self_support_recognised" and event.data.employed_on is not None:
            found.setdefault(event.data.employed_on, event)
    return found.items()


def _in_order(event: Event) -> tuple[date, int]:
    return event.occurred_on, event.seq


def _count(code: str, ja: str, en: str, *events: str, **options: Any) -> Count:
    return Count(code, Wording(ja=ja, en=en), events, **options)


FIRST, ANY, LAST = "under_way_first", "under_way", "under_way_last"
_STANDING = (
    _count(FIRST, "支援中(年度の初日)", "under way on the first day"),
    _count(ANY, "支援中(年度内に一日でも)", "under way on any day"),
    _count(LAST, "支援中(年度の末日)", "under way on the last day"),
)
EXPIRED = "expired"

COUNTS: dict[str, tuple[Count, ...]] = {
    "saitama": (
        _count("listed", "候補", "listed", "listed"),
        _count("selected", "選定", "selected", "selected", of="listed", by="target_class"),
        _count("consented", "同意", "consented", "consented", of="selected"),
        _count("declined", "不採択", "declined", "declined", of="listed", by="reason"),
        _count("decided", "決定(記録のあるもの)", "decided, on record", "support_decided"),
        _count("started", "支援開始", "support begun", "support_started", of="consented"),
        *_STANDING,
        _count("extended", "延長したケース", "cases extended", "extended", of=ANY),
        _count("extensions", "延長", "extensions", "extended", unit="events"),
        _count("goals_changed", "目標変更", "changes of goals", "goals_changed", unit="events"),
        _count("activities", "支援の記録", "support on record", "activity_recorded", unit="events", by="mode"),
        _count("conferences", "カンファレンス", "conferences", "conference_held", unit="events"),
        _count("ended", "終了(目標達成)", "ended by an achieved goal", "ended", of=ANY),
        _count("ended_outside", "要綱外終了", "ended outside the text", "ended_outside", of=ANY, by="reason"),
        _count(
            "employed",
            "就労開始(終了又は廃止の記録によるもの)",
            "employed, as the end or the abolition says",
            "ended",
            "assistance_abolished",
            amount=lambda data: int(_goes_to_work(data)),
            of=ANY,
            days=_first_days_of_work,
        ),
        _count("abolished", "保護廃止", "assistance ended", "assistance_abolished", by="cause"),
        _count(
            "informed", "廃止後の情報提供", "informed after the end of assistance", "information_given", of="abolished"
        ),
    ),
    "tsushima": (
        _count("applied", "申込み", "applied", "applied"),
        _count(
            "applied_again",
            "うち再申込み",
            "of these again",
            "applied",
            amount=lambda data: int(bool(data.prior_case_id or data.prior_outcome)),
            of="applied",
        ),
        _count("approved", "利用決定", "approved", "use_approved", of="applied", by="ground"),
        _count("rejected", "却下", "rejected", "use_rejected", of="applied"),
        _count("taken_back", "取下げ", "taken back", "application_withdrawn", of="applied"),
        *_STANDING,
        _count(
            "employed",
            "就職",
            "employed",
            "employment_started",
            "self_support_recognised",
            of=ANY,
            days=_employments,
        ),
        _count("self_supporting", "満了(就職自立)", "ended by self-support", "self_support_recognised", of=ANY),
        _count(EXPIRED, "満了(3月31日)", "ended on 31 March", of=ANY),
        _count("discontinued", "中止", "discontinued", "discontinued", of=ANY, by="grounds"),
        _count("plans", "計画書", "plans", "plan_made", of=ANY),
        _count("reviews", "計画の見直し", "reviews of plans", "plan_reviewed", unit="events"),
        _count("activities", "支援の記録", "support on record", "activity_recorded", unit="events", by="kind"),
        _count(
            "trials", "体験就労をしたケース", "cases with work trials", "attendance_recorded", of=ANY, days=_trial_days
        ),
        _count(
            "trial_days", "体験就労の日数", "days of work trials", "attendance_recorded", unit="days", days=_trial_days
        ),
        _count(
            "honoraria",
            "協力謝礼金",
            "honoraria",
            "claim_paid",
            unit="yen",
            amount=lambda data: int(data.amount),
        ),
    ),
}
"""What is counted of each built-in programme, in the order of its text."""


def counts_of(code: str) -> tuple[Count, ...]:
    """What is counted of a programme; of a plug-in, every event that moves a case, with the codes it carries."""
    if code in COUNTS:
        return COUNTS[code]
    edition = programme(code).current
    moving: dict[str, Row] = {row.event: row for row in edition.rows if row.dest is not None and row.absent is None}
    return (*(Count(name, edition.event_label(name), (name,)) for name in moving), *_STANDING)


@attrs.define
class Table:
    """The counts of one office, one programme and one fiscal year: by code, and by code and code of a breakdown."""

    office: str
    programme: str
    year: int
    numbers: Counter[str] = attrs.field(factory=Counter)
    parts: Counter[tuple[str, Term]] = attrs.field(factory=Counter)

    def share(self, count: Count) -> tuple[int, int] | None:
        """The number and the number it is of; ``None`` where it is no share, or of nothing."""
        whole = self.numbers[count.of] if count.of is not None else 0
        return (self.numbers[count.code], whole) if whole else None


@attrs.define
class Statistics:
    """All tables, in the order of offices, programmes and years; and what could not be used.

    ``as_of``: the last year reaches to this day. ``later``, ``recorded_later``, ``withdrawn`` and ``withdrawn_cases``
    are of the cases that count for nothing, as in a :class:`~shuroflow.audit.Summary`.
    """

    as_of: date
    tables: dict[tuple[str, str, int], Table] = attrs.field(factory=dict)
    errors: list[InputError] = attrs.field(factory=list)
    cases: int = 0
    later: int = 0
    recorded_later: int = 0
    withdrawn: int = 0
    withdrawn_cases: list[str] = attrs.field(factory=list)

    def add(self, found: Held | InputError, *, office: Office, known_at: datetime | None = None) -> None:
        """Count one case; one that cannot be folded is an error."""
        if isinstance(found, InputError):
            self.errors.append(found)
            return
        try:
            self._add(found, office, known_at)
        except (InputError, MissingFigure) as error:
            self.errors.append(found.unusable(error))

    def _add(self, found: Held, office: Office, known_at: datetime | None) -> None:
        held = effective(found.events, as_of=self.as_of, known_at=known_at)
        if held:
            self.put(tables_of(held, found.source, self.as_of, office))
        else:
            count_absent(self, absent(found.events, known_at=known_at, source=found.source))

    def put(self, tables: Iterable[Table]) -> None:
        """Add what one case amounts to."""
        for table in tables:
            place = (table.office, table.programme, table.year)
            kept = self.tables.setdefault(place, Table(*place))
            kept.numbers.update(table.numbers)
            kept.parts.update(table.parts)
        self.cases += 1

    def until(self, year: int) -> date:
        """The last day that the numbers of a fiscal year reach to: 31 March, or the day asked about before it."""
        return min(_reach(year)[1], self.as_of)

    def runs_still(self, year: int) -> bool:
        """Does the fiscal year run on after the day asked about?"""
        return self.as_of < _reach(year)[1]

    def sort(self) -> None:
        """Put the tables into the order of offices, programmes and years."""
        self.tables = dict(sorted(self.tables.items()))


def tables_of(held: Sequence[Event], source: str, as_of: date, office: Office) -> list[Table]:
    """What one case amounts to: a table for each fiscal year in which it has something to count.

    ``held`` are the events that hold, at least one; ``source`` is their office.
    """
    code = held[0].programme
    found = []
    on_day = _OnDay(held, office)
    happened = {count.code: [day for day, _ in count.days(held)] for count in counts_of(code) if count.days is not None}
    first, last = (f(event.occurred_on for event in held) for f in (min, max))
    years = set(range(fiscal_year(first), fiscal_year(max(last, as_of)) + 1))
    years |= {fiscal_year(day) for days in happened.values() for day in days if day <= as_of}
    for year in sorted(years):
        numbers = _of_year(held, year, as_of, on_day, happened)
        if any(numbers[0].values()):
            found.append(Table(source, code, year, *numbers))
    return found


def statistics(
    found: Iterable[Held | InputError],
    *,
    as_of: date,
    known_at: datetime | None = None,
    office: Office | None = None,
) -> Statistics:
    """Count the cases of an audit's sources.

    Args:
        found: what :func:`~shuroflow.audit.histories` yields.
        as_of: the day asked about: what happened later is left out, and the last year reaches to this day.
        known_at: the moment asked about: what was written down later is left out.
        office: figures, calendar and settings; by default the built-in ones.
    """
    made = Statistics(as_of)
    office = Office() if office is None else office
    for each in found:
        made.add(each, office=office, known_at=known_at)
    made.sort()
    return made


def _of_year(
    events: Sequence[Event], year: int, as_of: date, on_day: _OnDay, happened: Mapping[str, Sequence[date]]
) -> tuple[Counter[str], Counter[tuple[str, Term]]]:
    """What one case adds to the numbers of a fiscal year, and to their breakdowns."""
    numbers: Counter[str] = Counter()
    parts: Counter[tuple[str, Term]] = Counter()
    start, end = _reach(year)
    end = min(end, as_of)
    within = [event for event in events if start <= event.occurred_on <= end]
    for count in counts_of(events[0].programme):
        if count.code in happened:
            number = sum(start <= day <= end for day in happened[count.code])
            numbers[count.code] = min(number, 1) if count.unit == "cases" else number
            continue
        for event in within:
            amount = count.amount(event.data) if event.kind in count.events else 0
            if amount and not (count.unit == "cases" and numbers[count.code]):
                numbers[count.code] += amount
            if amount and count.by is not None:
                for part in set(_codes(getattr(event.data, count.by, None))):
                    if count.unit != "cases" or not parts[count.code, part]:
                        parts[count.code, part] += 1
    numbers.update(_standing(on_day, start, end, within))
    return numbers, parts


def _reach(year: int) -> tuple[date, date]:
    """First and last day of a fiscal year; the calendar ends within the first and the last one."""
    first = fiscal_year_end(year - 1) + ONE_DAY if year >= date.min.year else date.min
    return first, fiscal_year_end(year) if year < date.max.year else date.max


def _codes(value: object) -> Iterator[Term]:
    if isinstance(value, Term):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _codes(each)


def _standing(on_day: _OnDay, start: date, end: date, within: Sequence[Event]) -> Iterator[str]:
    """In which of the counts of the standing a case is: on the first day, on any day, on the last; and expired."""
    by_start, by_end = on_day(start), on_day(end)
    if by_start is not None and by_start.state_on(start) in UNDER_WAY:
        yield FIRST
    if by_end is None:
        return
    on_last = by_end.state_on(end)
    days = {start, end, *(event.occurred_on for event in within)}
    if by_end.period is not None:
        days |= {day for day in (by_end.period.start, by_end.period.end) if start <= day <= end}
    stood = (case.state_on(day) for day in sorted(days) if (case := on_day(day)) is not None)
    if any(state in UNDER_WAY for state in stood):
        yield ANY
    if on_last in UNDER_WAY:
        yield LAST
        ended = by_end.closing_on(date.max)
        if by_end.closing is None and ended is not None and ended.on == end:
            yield EXPIRED


class _OnDay:
    """What the events of one case up to a day add up to; of days between which nothing happened, it is folded once."""

    def __init__(self, events: Sequence[Event], office: Office) -> None:
        self._events, self._office = events, office
        self._folded: dict[int, Case] = {}

    def __call__(self, day: date) -> Case | None:
        some = [event for event in self._events if event.occurred_on <= day]
        if some and len(some) not in self._folded:
            self._folded[len(some)] = case_of(some, self._office)
        return self._folded.get(len(some))


__all__ = ["ANY", "COUNTS", "Count", "Statistics", "Table", "counts_of", "statistics", "tables_of"]
