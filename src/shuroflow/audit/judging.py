"""One case, as it was taken out of a store, to its verdict. It needs no store and no file: any process can do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Generic, NamedTuple, Protocol, TypeVar

import attrs
import msgspec

from shuroflow.audit.explanation import explain
from shuroflow.audit.replay import replay
from shuroflow.audit.summary import Item, absent
from shuroflow.errors import Damaged, InputError, MissingFigure
from shuroflow.events import Event, Withdrawn
from shuroflow.states import Office
from shuroflow.states.history import effective
from shuroflow.storage.caselines import CaseLines
from shuroflow.storage.caseplaces import CasePlaces, Reader

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


class Taken(msgspec.Struct, frozen=True, gc=False):
    """One case as it stands in a store that ``source`` names to the reader: bytes, not yet looked into, or their place.

    Or, in the place of a case, what cannot be used. ``instead``: it is not judged, and this is told in its place.
    """

    source: str
    case: CaseLines | CasePlaces | Rows | InputError
    instead: tuple[InputError, ...] | None = None

    @property
    def case_id(self) -> str | None:
        """The id of the case; ``None`` for what belongs to none."""
        return self.case.case_id

    def with_bytes(self, reader: Reader) -> Taken:
        """The same, read.

        Raises:
            Unavailable: if it cannot be read where it stands.
        """
        if isinstance(self.case, CasePlaces):
            return Taken(self.source, reader.read(self.case), self.instead)
        return self

    def digest(self) -> bytes:
        """The hash of all that a verdict rests on besides the question; a case must be read by then."""
        case = self.case
        assert not isinstance(case, CasePlaces)
        faults = [repr(vars(error)) for error in (self.instead or ())]
        facts: tuple[object, ...] = (self.source, self.case_id, self.instead is None, faults)
        if isinstance(case, CaseLines):
            told = sha256(repr((*facts, case.torn_from, [*case.numbers()])).encode())
            told.update(case.block)
        else:
            told = sha256(repr((*facts, vars(case) if isinstance(case, InputError) else case)).encode())
        return told.digest()[:16]

    def __len__(self) -> int:
        """The number of its lines or rows."""
        return 1 if isinstance(self.case, InputError) else len(self.case)


@attrs.frozen(kw_only=True)
class Question:
    """What is asked of every case; ``digests``: each verdict says of what it is one."""

    as_of: date
    known_at: datetime | None
    office: Office
    explained: bool = False
    digests: bool = False


class Verdict(NamedTuple, Generic[T]):
    """What came of a case: its report, or why it has none; and the torn end of a file, which is told at the end.

    ``digest`` is that of the case, where it was asked for: see :meth:`.Taken.digest`.
    """

    items: tuple[T | InputError, ...]
    torn: tuple[InputError, ...] = ()
    digest: bytes = b""


@attrs.frozen
class Held:
    """The events of one case, and the source they are from.

    ``unusable`` says of an error that judging them raised where in the source it arose.
    """

    source: str
    events: Sequence[Event]
    unusable: Callable[[InputError | MissingFigure], InputError]


@attrs.define
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


TOGETHER = 8
"""Cases that are read before the first of them is judged: a processor does the same thing to several ones faster."""


def judged(cases: Iterable[Taken], question: Question) -> Iterator[tuple[Taken, Verdict[Item]]]:
    """Each case with its verdict: its report, or what takes its place.

    Reports are without the folded case, which would be sent around for nothing.
    """
    source, asked = iter(cases), partial(_asked, question=question)
    failed: Exception | None = None
    while failed is None:
        some: list[tuple[Taken, _History | None]] = []
        try:
            for taken in islice(source, TOGETHER):
                some.append((taken, _history(taken)))
        except Exception as error:  # whatever a store raises: it is told in its turn
            failed = error
        if not some:
            break
        for taken, history in some:
            verdict = _verdict(taken, history, asked)
            yield taken, verdict._replace(digest=taken.digest()) if question.digests else verdict
    if failed is not None:
        raise failed


def held(taken: Taken) -> Verdict[Held]:
    """Read one case, and judge nothing."""
    return _verdict(taken, _history(taken), _held)


def _held(taken: Taken, history: _History) -> Held:
    return Held(taken.source, history.events, partial(history.unusable, taken=taken))


def _history(taken: Taken) -> _History | None:
    """The events of a case; ``None`` for what belongs to none."""
    case = taken.case
    if isinstance(case, InputError):
        return None
    assert not isinstance(case, CasePlaces), "a case is read before it is judged"
    return _of_lines(case) if isinstance(case, CaseLines) else _of_rows(case, taken)


def _verdict(taken: Taken, history: _History | None, asked: Callable[[Taken, _History], T]) -> Verdict[T]:
    if history is None:
        assert isinstance(taken.case, InputError)
        return Verdict((taken.case,))
    torn = tuple(history.torn)
    if taken.instead is not None:
        return Verdict(taken.instead, torn)
    if history.faults:
        return Verdict(tuple(history.faults), torn)
    return Verdict((asked(taken, history),) if history.events else (), torn)


def _asked(taken: Taken, history: _History, question: Question) -> Item:
    events = history.events
    as_of, known_at, office = question.as_of, question.known_at, question.office
    try:
        report = replay(events, as_of=as_of, known_at=known_at, office=office, folded=False, source=taken.source)
        if report is None:
            return absent(events, known_at=known_at, source=taken.source)
        if question.explained:
            explanation = explain(events, as_of=as_of, known_at=known_at, office=office)
            return attrs.evolve(report, explanation=explanation)
        return report
    except (InputError, MissingFigure) as error:
        return history.unusable(error, taken)


def _first_misfit(events: Sequence[Event]) -> int:
    """Index of the first correction or withdrawal that stands and does not fit what is before it."""
    for count in range(1, len(events) + 1):
        some = list(events[:count])
        named = {event.seq for event in some}
        for event in events[count:]:  # what is taken back later is at no fault
            if isinstance(event.data, Withdrawn) and event.data.seq in named:
                some.append(event)
                named.add(event.seq)
        try:
            effective(some)
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
