"""One case, as it was taken out of a store, to its verdict. It needs no store and no file: any process can do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar

import attrs

from shuroflow.audit.explanation import explain
from shuroflow.audit.replay import replay
from shuroflow.audit.summary import Item, Later
from shuroflow.errors import Damaged, InputError, MissingFigure
from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.states.history import effective
from shuroflow.storage.caselines import CaseLines

T = TypeVar("T")


class Rows(Protocol):
    """The rows of one case of a database."""

    case_id: str

    def __len__(self) -> int:
        """The number of rows."""

    def bodies(self) -> Iterator[bytes]:
        """The events as they are stored."""

    def events(self) -> list[Event]:
        """The events, or :class:`~shuroflow.errors.Damaged`."""


@attrs.frozen
class Taken:
    """One case as it stands in a store that ``source`` names to the reader: bytes, not yet looked into.

    Or, in the place of a case, what cannot be used. ``instead``: it is not judged, and this is told in its place.
    """

    source: str
    case: CaseLines | Rows | InputError
    instead: tuple[InputError, ...] | None = None

    @property
    def case_id(self) -> str | None:
        """The id of the case; ``None`` for what belongs to none."""
        return self.case.case_id

    def __reduce__(self) -> tuple[object, ...]:
        return Taken, (self.source, self.case, self.instead)

    def __len__(self) -> int:
        """The number of its lines or rows."""
        return 1 if isinstance(self.case, InputError) else len(self.case)


@attrs.frozen(kw_only=True)
class Question:
    """What is asked of every case."""

    as_of: date
    known_at: datetime | None
    office: Office
    explained: bool = False


class Verdict(NamedTuple, Generic[T]):
    """What came of a case: its report, or why it has none; and the torn end of a file, which is told at the end."""

    items: tuple[T | InputError, ...]
    torn: tuple[InputError, ...] = ()


@attrs.frozen
class Held:
    """The events of one case, and the source they are from.

    ``unusable`` says of an error that judging them raised where in the source it arose.
    """

    source: str
    events: Sequence[Event]
    unusable: Callable[[InputError | MissingFigure], InputError]


@attrs.frozen
class _History:
    """The events of a case, or why they cannot be used. Neither: of this case there is only the torn end of a file."""

    events: Sequence[Event]
    faults: Sequence[InputError] = ()
    torn: Sequence[InputError] = ()
    line_of: Callable[[int], int | None] = lambda at: None
    """The line on which the event at an index stands; ``None`` where the store has no lines."""

    def unusable(self, error: InputError | MissingFigure, taken: Taken) -> InputError:
        """Why a case cannot be judged, with the place of the event that does not fit."""
        if isinstance(error, MissingFigure):
            return left_out(InputError(f"{error}; bring it with an overlay"), taken.case_id).at(file=taken.source)
        return left_out(error, taken.case_id).at(file=taken.source, line=self.line_of(_first_misfit(self.events)))


def judged(taken: Taken, question: Question) -> Verdict[Item]:
    """Judge one case.

    Returns:
        Its report (without the folded case: it would be sent around for nothing), or what takes its place.
    """
    return _verdict(taken, lambda history: _asked(history, taken, question))


def held(taken: Taken) -> Verdict[Held]:
    """Read one case, and judge nothing."""
    return _verdict(taken, lambda history: Held(taken.source, history.events, partial(history.unusable, taken=taken)))


def _verdict(taken: Taken, asked: Callable[[_History], T]) -> Verdict[T]:
    if isinstance(taken.case, InputError):
        return Verdict((taken.case,))
    history = _of_lines(taken.case) if isinstance(taken.case, CaseLines) else _of_rows(taken.case, taken)
    torn = tuple(history.torn)
    if taken.instead is not None:
        return Verdict(taken.instead, torn)
    if history.faults:
        return Verdict(tuple(history.faults), torn)
    return Verdict((asked(history),) if history.events else (), torn)


def _asked(history: _History, taken: Taken, question: Question) -> Item:
    events = history.events
    as_of, known_at, office = question.as_of, question.known_at, question.office
    try:
        report = replay(events, as_of=as_of, known_at=known_at, office=office, folded=False)
        if report is None:
            return Later(events[0].case_id, events[0].programme)
        explanation = None
        if question.explained:
            explanation = explain(events, as_of=as_of, known_at=known_at, office=office)
        return attrs.evolve(report, explanation=explanation, source=taken.source)
    except (InputError, MissingFigure) as error:
        return history.unusable(error, taken)


def _first_misfit(events: Sequence[Event]) -> int:
    """Index of the first correction or withdrawal that does not fit what stands before it."""
    for count in range(1, len(events) + 1):
        try:
            effective(events[:count])
        except InputError:
            return count - 1
    return len(events) - 1


def left_out(error: InputError, case_id: str | None) -> InputError:
    """The same error, naming the case that it keeps from being judged."""
    error.case_id = case_id
    return error


# Reading --------------------------------------------------------------------------------------------------------------


def _of_lines(case: CaseLines) -> _History:
    def line_of(at: int) -> int | None:
        return [line for line, found in case.lines() if isinstance(found, Event)][at]

    whole = case.whole()
    if whole is not None:
        return _History(whole, line_of=line_of)
    events: list[Event] = []
    bad: list[InputError] = []
    torn: list[InputError] = []
    misplaced: int | None = None
    for line, found in case.lines():
        if isinstance(found, InputError):
            if case.torn_from is not None and line >= case.torn_from:
                torn.append(left_out(found, None))  # never acknowledged: no hole in the case, which is judged
            else:
                bad.append(left_out(found, case.case_id))
            continue
        events.append(found)
        if misplaced is None and (found.seq != len(events) or found.programme != events[0].programme):
            misplaced = len(events)
    if misplaced is not None and not bad:  # after a bad line, a gap is only what it leaves
        fault = _misplaced(events[:misplaced], line_of).at(file=case.file, line=line_of(misplaced - 1))
        bad.append(left_out(fault, case.case_id))
    return _History(events, bad, torn, line_of)


def _of_rows(case: Rows, taken: Taken) -> _History:
    try:
        events = case.events()
    except Damaged as error:
        said = str(error).removeprefix(f"{error.where}: ")
        return _History((), [left_out(InputError(said), taken.case_id).at(file=taken.source)])
    for at, event in enumerate(events):
        if event.seq != at + 1 or event.programme != events[0].programme:
            fault = _misplaced(events[: at + 1], lambda _: None)
            return _History((), [left_out(fault, taken.case_id).at(file=taken.source)])
    return _History(events)


def _misplaced(events: Sequence[Event], line_of: Callable[[int], int | None]) -> InputError:
    """What is wrong with the place of the last of these events."""
    event, first = events[-1], events[0]
    if event.programme != first.programme:
        return InputError(
            f"is {event.programme!r}, but the case began under {first.programme!r}: "
            "a case stays in its programme, a second one is a new case",
            field="programme",
        )
    before = next((at for at, other in enumerate(events[:-1]) if other.seq == event.seq), None)
    if before is not None:
        line = line_of(before)
        where = "" if line is None else f" on line {line}"
        return InputError(f"{event.seq} stands{where} already: keep one of the two", field="seq")
    return InputError(
        f"is {event.seq}, expected {len(events)}: the events of a case are numbered from 1 without a gap, "
        "in the order recorded",
        field="seq",
    )


__all__ = ["Held", "Question", "Rows", "Taken", "Verdict", "held", "judged", "left_out"]
