"""What the events of a case add up to on a day: the part that every programme shares.

A :class:`Case` is grown event by event by the folds of a programme's chart and belongs to whoever
grows it; it is never handed out while it grows. It reads no clock: every question carries its day.
"""

from __future__ import annotations

from datetime import date, timedelta

import attrs

from shuroflow.vocabulary import CLOSED, UNDER_WAY, Basis, State


@attrs.define(on_setattr=attrs.setters.frozen, unsafe_hash=True)
class Period:
    """A run of days of support or use; both ends belong to it."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __reduce__(self) -> tuple[object, ...]:
        return Period, (self.start, self.end)


@attrs.define(on_setattr=attrs.setters.frozen, unsafe_hash=True)
class Closing:
    """How a case came to its end: the last day of support, the clause it rests on and whether the text says so."""

    on: date
    clause: str
    basis: Basis = Basis.TEXT


@attrs.define(on_setattr=attrs.setters.frozen, unsafe_hash=True)
class Duty:
    """An open item: something a clause asks for that no event has done yet.

    ``due`` is the last day that the text or the office gives. ``in_time_until`` is the last day on which doing
    it is still taken as in time (for a payment, ``due`` moved past office holidays, 民法142). Both are ``None``
    where no time is set; the second alone where it cannot be told. ``subject`` is what it is of where a case may owe it
    more than once: a claim or a workplace by its id, the decision of which a notice is owed by its day.
    """

    code: str
    arose_on: date
    seq: int
    subject: str = ""
    due: date | None = None
    in_time_until: date | None = None


@attrs.define(eq=False)
class Case:
    """One case, as far as its events have been folded.

    ``state`` is where the recorded events have led; :meth:`state_on` also knows what a day brings by
    itself, such as the end of a fiscal year.
    """

    case_id: str
    programme: str
    state: State = State.NEW
    version: int = 0
    opened_on: date | None = None
    closing: Closing | None = None
    closed_from: State = State.NEW
    prior_case_id: str | None = None
    periods: list[Period] = attrs.field(factory=list)
    duties: dict[tuple[str, str], Duty] = attrs.field(factory=dict)

    def state_on(self, day: date) -> State:
        """The state on ``day``."""
        return self.state

    def closing_on(self, day: date) -> Closing | None:
        """How the case was closed as of ``day``, if it was."""
        return self.closing

    def is_closed_on(self, day: date) -> bool:
        """Is the case at an end as of ``day``?"""
        return self.state_on(day) in CLOSED

    def is_under_way_on(self, day: date) -> bool:
        """Is the case in support or extended as of ``day``?"""
        return self.state_on(day) in UNDER_WAY

    @property
    def period(self) -> Period | None:
        """From the first to the last day of all periods, as the record has them."""
        return Period(self.periods[0].start, self.periods[-1].end) if self.periods else None

    def covers(self, day: date) -> bool:
        """Does one of the periods contain ``day``?"""
        for period in self.periods:  # noqa: SIM110 - asked at every step of support; any() takes as long again
            if period.start <= day <= period.end:
                return True
        return False

    def take_on(self, duty: Duty, *, key: str | None = None) -> None:
        """Open a duty; the same code and key again replaces it. The key is its subject where no other one is given."""
        self.duties[duty.code, duty.subject if key is None else key] = duty

    def discharge(self, code: str, subject: str = "") -> None:
        """A duty was done, of that subject or key. Doing what nobody owed is no fault."""
        self.duties.pop((code, subject), None)

    def close(self, closing: Closing) -> None:
        """Note how the case came to its end; the first closing stands."""
        if self.closing is None:
            self.closing = closing


ONE_DAY = timedelta(days=1)
