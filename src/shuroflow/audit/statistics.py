"""What a caseload amounts to, by fiscal year, office and programme: the numbers that yearly reports ask for.

An office is a source: each office's export is a file or a database of its own. A rate is never printed without the
number that it is of. What the records do not hold (a rise of income, say) is not counted, and not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import attrs

from shuroflow.audit.judging import Held
from shuroflow.calendar import fiscal_year, fiscal_year_end
from shuroflow.case import ONE_DAY, Case
from shuroflow.errors import InputError, MissingFigure
from shuroflow.events import Event
from shuroflow.states import Office, Row, Wording, programme
from shuroflow.states.history import case_of, effective
from shuroflow.vocabulary import UNDER_WAY, Term


@attrs.frozen
class Count:
    """One thing that is counted. ``unit``: ``cases`` (each once a year), ``events``, ``days`` or ``yen``.

    ``events`` are the kinds of event it looks at; ``amount`` what each of them adds, 0 for none. ``by`` names the field
    whose codes it is broken down by. ``of`` is the code of the count that it is a share of.
    """

    code: str
    label: Wording
    events: tuple[str, ...]
    unit: str = "cases"
    amount: Callable[[Any], int] = lambda data: 1
    by: str | None = None
    of: str | None = None


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
        _count("extensions", "延長(回)", "extensions", "extended", unit="events"),
        _count("goals_changed", "目標変更(回)", "changes of goals", "goals_changed", unit="events"),
        _count("activities", "支援の記録(回)", "support on record", "activity_recorded", unit="events", by="mode"),
        _count("conferences", "カンファレンス(回)", "conferences", "conference_held", unit="events"),
        _count("ended", "終了(目標達成)", "ended by an achieved goal", "ended", of=ANY),
        _count("ended_outside", "要綱外終了", "ended outside the text", "ended_outside", of=ANY, by="reason"),
        _count(
            "employed",
            "就労開始(終了又は廃止の記録によるもの)",
            "employed, as the end or the abolition says",
            "ended",
            "assistance_abolished",
            amount=lambda data: int(
                getattr(data, "employed_on", None) is not None or getattr(data, "cause", None) == "own_employment"
            ),
            of=ANY,
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
        _count("employed", "就職", "employed", "employment_started", of=ANY),
        _count("self_supporting", "満了(就職自立)", "ended by self-support", "self_support_recognised", of=ANY),
        _count(EXPIRED, "満了(3月31日)", "ended on 31 March", of=ANY),
        _count("discontinued", "中止", "discontinued", "discontinued", of=ANY, by="grounds"),
        _count("plans", "計画書", "plans", "plan_made", of=ANY),
        _count("reviews", "計画の見直し(回)", "reviews of plans", "plan_reviewed", unit="events"),
        _count("activities", "支援の記録(回)", "support on record", "activity_recorded", unit="events", by="kind"),
        _count("trials", "体験就労(人)", "work trials, persons", "attendance_recorded", of=ANY),
        _count(
            "trial_days",
            "体験就労(日)",
            "work trials, days",
            "attendance_recorded",
            unit="days",
            amount=lambda data: len(data.days),
        ),
        _count(
            "honoraria",
            "協力謝礼金(円)",
            "honoraria, yen",
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

    ``as_of``: the last year reaches to this day.
    """

    as_of: date
    tables: dict[tuple[str, str, int], Table] = attrs.field(factory=dict)
    errors: list[InputError] = attrs.field(factory=list)
    cases: int = 0

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

    def put(self, tables: Iterable[Table]) -> None:
        """Add what one case amounts to."""
        for table in tables:
            place = (table.office, table.programme, table.year)
            kept = self.tables.setdefault(place, Table(*place))
            kept.numbers.update(table.numbers)
            kept.parts.update(table.parts)
        self.cases += 1

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
    first, last = (f(event.occurred_on for event in held) for f in (min, max))
    for year in _years(first, max(last, as_of)):
        numbers = _of_year(held, year, as_of, on_day)
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


def _years(first: date, last: date) -> range:
    return range(fiscal_year(first), fiscal_year(last) + 1)


def _of_year(
    events: Sequence[Event], year: int, as_of: date, on_day: _OnDay
) -> tuple[Counter[str], Counter[tuple[str, Term]]]:
    """What one case adds to the numbers of a fiscal year, and to their breakdowns."""
    numbers: Counter[str] = Counter()
    parts: Counter[tuple[str, Term]] = Counter()
    start, end = fiscal_year_end(year - 1) + ONE_DAY, min(fiscal_year_end(year), as_of)
    within = [event for event in events if start <= event.occurred_on <= end]
    for count in counts_of(events[0].programme):
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
