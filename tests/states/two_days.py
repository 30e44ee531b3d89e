"""What stands as of a day, as known at a moment, told once more from the words of the rule: rows, and plain loops.

Every question goes through all rows for every row. Nothing of :mod:`shuroflow.states.history` is used, and nothing here
judges: the standing events, in the order of judging, go to :func:`tests.states.story.replay`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Withdrawn, kinds_of
from shuroflow.events.structure import structure, unstructure
from tests.states.story import DAYS, JST, SV, edition_of, payloads_of

MOMENT = datetime(2025, 4, 1, 9, tzinfo=JST)
_MICRO = timedelta(microseconds=1)


class Misfit(Exception):
    """Raised where an amendment that stands fits nothing."""


@attrs.frozen
class Row:
    """One line of the record: when it was written, when it happened, its number and kind, and what it says."""

    recorded_at: datetime
    occurred_on: date
    seq: int
    kind: str
    says: Any

    @property
    def amends(self) -> int | None:
        """The number it names, for a correction or withdrawal."""
        return self.says.seq if self.kind in {"corrected", "withdrawn"} else None


def rows_of(events: Iterable[Event]) -> list[Row]:
    """The events as plain rows."""
    return [Row(each.recorded_at, each.occurred_on, each.seq, each.kind, each.data) for each in events]


def standing(rows: Sequence[Row], programme: str, as_of: date, known_at: datetime | None) -> list[Row]:
    """The rows that stand, in the order recorded, each with the day and the content that hold.

    Raises:
        Misfit: if a correction or withdrawal that stands names no earlier row, corrects an amendment, or corrects to
            what is no content of that kind.
    """
    written = [row for row in rows if known_at is None or row.recorded_at <= known_at]

    def about_nothing(row: Row) -> bool:
        """An amendment of a row that is on record, but was not written by then; or of such an amendment."""
        if row.amends is None or row.amends >= row.seq:
            return False
        if any(other.seq == row.amends for other in rows) and not any(other.seq == row.amends for other in written):
            return True
        return any(other.seq == row.amends and about_nothing(other) for other in written)

    known = [row for row in written if not about_nothing(row)]

    def stands(row: Row) -> bool:
        """No withdrawal that stands itself takes it back."""
        return not any(
            other.kind == "withdrawn" and other.amends == row.seq and other.seq > row.seq and stands(other)
            for other in known
        )

    def right(kind: str, says: Any) -> Any:
        try:
            return structure(programme, kind, says)
        except InputError as error:
            raise Misfit(str(error)) from error

    for row in known:
        if row.amends is not None and stands(row):
            named = [other for other in known if other.seq == row.amends and other.seq < row.seq]
            if not named or (row.kind == "corrected" and named[0].amends is not None):
                raise Misfit(f"{row.seq} names {row.amends}")
            if row.kind == "corrected" and row.says.data is not None:
                right(named[0].kind, row.says.data)
    told = []
    for row in known:
        if row.amends is not None or not stands(row):
            continue
        day, says = row.occurred_on, row.says
        for other in known:
            if other.kind == "corrected" and other.amends == row.seq and stands(other):
                day = other.says.occurred_on or day
                says = says if other.says.data is None else right(row.kind, other.says.data)
        if day <= as_of:
            told.append(attrs.evolve(row, occurred_on=day, says=says))
    return told


def in_order(rows: Sequence[Row], programme: str) -> list[Row]:
    """The order of judging.

    What moves the case keeps the order of the record; everything else takes the place of its own day (and on one day
    its turn), but none before the case was opened.
    """
    edition = edition_of(programme)
    moving = {row.event for row in edition.rows if row.dest is not None}
    turns = {row.event: row.turn for row in edition.rows if row.turn}
    counts_from = {row.event: row.counts_from for row in edition.rows if row.counts_from is not None}

    def place(row: Row) -> tuple[date, int]:
        """The day from which it counts, and its turn on that day."""
        named = getattr(row.says, counts_from[row.kind]) if row.kind in counts_from else None
        day = row.occurred_on if named is None else min(named, row.occurred_on)
        return day, turns.get(row.kind, 0)

    moves = [row for row in rows if row.kind in moving]
    opened = place(moves[0]) if moves else (date.min, 0)

    def key(row: Row) -> tuple[tuple[date, int], int]:
        if row.kind in moving:
            return max(place(move) for move in moves if move.seq <= row.seq), row.seq
        return max(place(row), opened), row.seq

    return sorted(rows, key=key)


def events_of(rows: Iterable[Row], events: Sequence[Event]) -> list[Event]:
    """Rows as events again, with the envelope of the event of that number."""
    by_seq = {event.seq: event for event in events}
    return [attrs.evolve(by_seq[row.seq], occurred_on=row.occurred_on, data=row.says) for row in rows]


# Records that were written in batches, late, out of order, and amended -----------------------------------------------


@st.composite
def amended(draw: st.DrawFn, histories: st.SearchStrategy[list[Event]], *, clock_back: bool = False) -> list[Event]:
    """A history with corrections and withdrawals in it, of events, of corrections and of withdrawals.

    Events are written in batches of one moment, days after they happened and in another order; on most days nothing is
    written. ``clock_back``: a later record may also have an earlier moment.
    """
    steps = [timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(days=1), timedelta(days=40)]
    waiting = list(draw(histories))
    events: list[Event] = []
    moment = MOMENT
    while waiting or draw(st.integers(0, 2)):
        moment += draw(st.sampled_from([*steps, -timedelta(hours=5)] if clock_back else steps))
        told = waiting and (not events or draw(st.integers(0, 2)))
        event = waiting.pop(0) if told else _amendment(draw, events)
        events.append(attrs.evolve(event, seq=len(events) + 1, recorded_at=moment))
        if len(events) > 30:
            break
    return events


def _amendment(draw: st.DrawFn, events: Sequence[Event]) -> Event:
    target = draw(st.sampled_from(events))
    cls = kinds_of(target.programme)[target.kind]
    days = DAYS | st.sampled_from([event.occurred_on for event in events])
    seq = (
        draw(st.just(target.seq) | st.just(target.seq) | st.integers(1, len(events) + 2)) if _rare(draw) else target.seq
    )
    data: Corrected | Withdrawn
    if draw(st.booleans()) or (isinstance(target.data, Corrected | Withdrawn) and not _rare(draw)):
        data = Withdrawn(seq=seq, reason="重複", approved_by=SV)
    else:
        says: dict[str, Any] | None = None
        if not isinstance(target.data, Corrected | Withdrawn) and draw(st.booleans()):
            says = {"no_such_field": 1} if _rare(draw) else unstructure(draw(payloads_of(cls)))
        data = Corrected(seq=seq, reason="誤記", approved_by=SV, data=says, occurred_on=draw(st.none() | days))
    kind = "corrected" if isinstance(data, Corrected) else "withdrawn"
    return attrs.evolve(target, kind=kind, data=data, occurred_on=draw(days), note=None, key=None)


def _rare(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 19)) == 0


@st.composite
def asked(draw: st.DrawFn, events: Sequence[Event]) -> tuple[date, datetime | None]:
    """A day and a moment, most of them right on, just before or just after one of the record."""
    days = [event.occurred_on for event in events]
    days += [each.data.occurred_on for each in events if isinstance(each.data, Corrected) and each.data.occurred_on]
    as_of = draw(st.sampled_from(days)) + timedelta(days=draw(st.integers(-1, 1)) if _rare(draw) else 0)
    as_of = draw(st.just(as_of) | st.just(max(days)) | DAYS)
    moments = [event.recorded_at + step for event in events for step in (-_MICRO, timedelta(0), _MICRO)]
    return as_of, draw(st.none() | st.sampled_from(moments))


def once(make: Callable[[], Any], error: type[Exception]) -> Any:
    """What a function gives, or the kind of error in its place."""
    try:
        return make()
    except error:
        return error


__all__ = ["MOMENT", "Misfit", "Row", "amended", "asked", "events_of", "in_order", "once", "rows_of", "standing"]
