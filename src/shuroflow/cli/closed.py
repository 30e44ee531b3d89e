"""That a case is closed, as ``shuroflow next`` says it: since when, by which clause, and how long it goes on still.

It follows the events to the one that closed the case and the one that brought the state of the day; it judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from shuroflow.vocabulary import CLOSED, Basis, Lang, State

if TYPE_CHECKING:
    from shuroflow.case import Case
    from shuroflow.events import Event
    from shuroflow.states import Office


def closed_line(held: Sequence[Event], on: date, *, office: Office, any_more: bool, lang: Lang) -> str | None:
    """How a case is closed as of ``on``, and whether anything can be recorded still; ``None`` of one that is not.

    ``held``: the events that hold as of that day, in the order recorded.
    """
    from shuroflow.states.judgement import show

    case, closed_by, closed_as, entered = _followed(held, office)
    if not case.is_closed_on(on):
        return None
    said = "".join(_sentences(case, closed_by, closed_as, entered, on, lang))
    day = show(on, lang)
    if lang == "ja":
        rest = "は、次のものだけです" if any_more else "はありません"
        return f"  {said}訂正と取消のほかに、{day}の出来事として記録できるもの{rest}。"
    rest = "only the following" if any_more else "nothing"
    return f"  {said}Besides corrections and withdrawals, {rest} may be recorded as having happened on {day}."


def _followed(held: Sequence[Event], office: Office) -> tuple[Case, Event | None, State, Event | None]:
    """The case; the event that closed it, the state it was closed in, and the event that brought its present state."""
    from shuroflow.states import programme
    from shuroflow.states.history import chronology

    kind = programme(held[0].programme)
    case = kind.current.new_case(held[0].case_id)
    closed_by, closed_as, entered = None, case.state, None
    for event in chronology(held, kind.current):
        state, closing, day = case.state, case.closing, event.occurred_on
        stood = case.state_on(day)
        kind.edition_on(day).fold(case, event, office)
        if case.state is not state:
            entered = event
        if case.closing is None:
            closed_by = None
        elif case.closing is not closing:  # one that had come to its end by itself stays so until that event
            by_itself = case.closing.on < day and stood in CLOSED
            closed_by, closed_as = event, stood if by_itself else case.state
    return case, closed_by, closed_as, entered


def _sentences(
    case: Case, closed_by: Event | None, closed_as: State, entered: Event | None, on: date, lang: Lang
) -> Iterator[str]:
    from shuroflow.states import programme
    from shuroflow.states.judgement import show

    edition = programme(case.programme).edition_on(on)
    closing, state = case.closing_on(on), case.state_on(on)
    if closing is None or closed_by is None:  # by itself, or by no day
        closed_as = state
    label = edition.state_name(closed_as).label(lang)
    clause = edition.clauses[closing.clause].citation if closing is not None and closing.basis is Basis.TEXT else ""
    facts = ("、" if lang == "ja" else ", ").join(filter(None, (label, clause)))
    if closing is None:
        yield f"このケースは閉じています({facts})。" if lang == "ja" else f"The case is closed ({facts}). "
    elif closed_by is not None and closed_by.occurred_on < closing.on and on <= closing.on:
        decided, last = show(closed_by.occurred_on, lang), show(closing.on, lang)
        if lang == "ja":
            yield f"このケースは{decided}に{label}と決まり{clause and f'({clause})'}、{last}まで続きます。"
        else:
            by = clause and f" ({clause})"
            yield f"The case was set on {decided} to be closed as {label}{by}, and goes on until {last}. "
    elif lang == "ja":
        yield f"このケースは{show(closing.on, lang)}に閉じています({facts})。"
    else:
        yield f"The case has been closed since {show(closing.on, lang)} ({facts}). "
    if state is not closed_as and entered is not None:
        name, day = edition.state_name(state).label(lang), show(entered.occurred_on, lang)
        yield f"{day}からは{name}です。" if lang == "ja" else f"Since {day} its state is: {name}. "


__all__ = ["closed_line"]
