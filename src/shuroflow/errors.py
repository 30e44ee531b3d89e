"""Every error of the library, in one tree. Each says in one sentence when it is raised and carries its facts.

::

    ShuroflowError
    ├── Refused                a guard on the live desk is not met; nothing was written
    ├── Vetoed                 a condition that the host hung on the machine did not hold
    ├── InputError             bytes, a line, a field or an argument that cannot be used
    │   ├── UnknownProgramme
    │   ├── UnknownEdition     no text of a programme is on hand for a day
    │   ├── UnknownEvent
    │   ├── UnusableOffice     the overlay of an office, or what it holds
    │   ├── Unresumable        what an interrupted audit has kept stands in the way
    │   ├── OutputTaken        beside the output of an audit stands what is not its own
    │   ├── SameCaseNumber     two sources have events under one case number
    │   └── UnknownClause      (in shuroflow.clauses)
    ├── MissingFigure          a figure or a calendar day is asked for outside the dates it is known for
    └── JournalError           storage
        ├── Conflict           someone else recorded first; read again and decide again
        ├── DuplicateKey       an idempotency key is used again for other content
        ├── CaseNotFound
        ├── CaseExists
        ├── Retained           a paper must still be kept; nothing was disposed of
        ├── Damaged            the store holds something that no journal wrote
        └── Unavailable        the store cannot be opened, read or written
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from shuroflow.events import Event
    from shuroflow.states.judgement import Judgement
    from shuroflow.storage.annexes import Held
    from shuroflow.vocabulary import Lang


class ShuroflowError(Exception):
    """The base of every error that this library raises on purpose. Errors keep their facts across processes."""

    def __reduce__(self) -> tuple[object, ...]:
        return _revived, (type(self), self.args, self.__dict__)


def _revived(cls: type[ShuroflowError], args: tuple[object, ...], facts: dict[str, object]) -> ShuroflowError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(facts)
    return error


class Refused(ShuroflowError):
    """Raised by the live desk when at least one blocking guard is not met; the journal is untouched.

    ``judgement`` holds every finding at once, blocking or not; ``findings`` are those that block.
    """

    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        self.findings = judgement.blocking
        super().__init__(self.explain("ja"))

    def explain(self, lang: Lang = "ja") -> str:
        """All unmet guards with clause, what was seen and what would mend it, a line or two each."""
        return self.judgement.explain(lang)


class Vetoed(ShuroflowError):
    """Raised by the live desk when the rules allow an event but a condition of the host did not hold."""

    def __init__(self, event: Event) -> None:
        self.event = event
        super().__init__(f"a condition of the host stopped event {event.kind!r} of case {event.case_id!r}")


class InputError(ShuroflowError, ValueError):
    """Raised when input cannot be used. ``problems`` lists every fault found, each with its path."""

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
        case_id: str | None = None,
        problems: Sequence[str] = (),
    ) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.field = field
        self.case_id = case_id
        self.problems = tuple(problems)
        super().__init__(message)

    def at(self, *, file: str | None = None, line: int | None = None) -> InputError:
        """The same error with the place it was met."""
        self.file = file if file is not None else self.file
        self.line = line if line is not None else self.line
        return self

    def __str__(self) -> str:
        """One line: file, line, field, what is wrong and what would mend it."""
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        text = f"{self.field}: {self.message}" if self.field else self.message
        return f"{where}: {text}" if where else text


class UnknownProgramme(InputError, LookupError):
    """Raised when an event names a programme that is neither built in nor registered."""


class UnknownEdition(InputError, LookupError):
    """Raised when the edition of a day is asked for before which no text of the programme is on hand."""


class UnknownEvent(InputError, LookupError):
    """Raised when a programme has no event of that name."""


class UnusableOffice(InputError):
    """Raised when an office's overlay cannot be read, or its figures, calendar or settings cannot be used."""


class Unresumable(InputError):
    """Raised when an audit cannot begin, or go on, because of what an interrupted one has kept; that is left as it is.

    It goes on under the same conditions and with the same records; otherwise the file that it names is to be deleted.
    """


class OutputTaken(InputError):
    """Raised when another audit is writing to an output, or a file that is none of an audit stands beside it."""


class SameCaseNumber(InputError):
    """Raised where two sources have events under one case number: they are one case in two places, or two cases.

    What is one case is to be brought together in one source. Two offices that use the same numbers are audited apart.
    """


class MissingFigure(ShuroflowError, LookupError):
    """Raised when a figure is asked for outside its dates: the nearest value is never taken instead."""

    def __init__(self, parameter: str, asked: date | str | int, *, known: str = "") -> None:
        self.parameter = parameter
        self.asked = asked
        self.known = known
        super().__init__(f"no value of {parameter} for {asked}" + (f" (known: {known})" if known else ""))


class JournalError(ShuroflowError):
    """Raised for anything that goes wrong between the library and its store."""


class Conflict(JournalError):
    """Raised when the case is not as it was read; nothing was written.

    Where ``actual`` equals ``expected``, the number is right and another event stands at the end: what was read has
    been rolled back or restored since.
    """

    def __init__(self, case_id: str, *, expected: int, actual: int) -> None:
        self.case_id = case_id
        self.expected = expected
        self.actual = actual
        said = f"stands at version {actual}, not at {expected}: someone recorded in between"
        if actual == expected:
            said = f"stands at version {actual}, but its last event is not the one that was read"
        super().__init__(f"case {case_id!r} {said}; read the case again and decide again")


class DuplicateKey(JournalError):
    """Raised when an idempotency key was used in this case before, for something else; nothing was written.

    ``first`` holds the events that were recorded under the key.
    """

    def __init__(self, case_id: str, key: str, first: Sequence[Event]) -> None:
        self.case_id = case_id
        self.key = key
        self.first = tuple(first)
        kinds = ", ".join(f"{event.seq} {event.kind}" for event in self.first)
        super().__init__(
            f"case {case_id!r}: the key {key!r} already stands for another record ({kinds}); "
            "a new record needs a new key"
        )


class CaseNotFound(JournalError, LookupError):
    """Raised when a journal holds no event of the case."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        super().__init__(f"no case {case_id!r} in this journal")


class CaseExists(JournalError):
    """Raised when a case is opened under an id that is taken."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        super().__init__(f"case {case_id!r} exists already; coming back is a new case with its own id")


class Retained(JournalError):
    """Raised when a paper is to be disposed of that must still be kept; nothing was disposed of.

    ``holds`` are the open holds of its case, each with number, day, who set it and why; ``keep_until`` is the last day
    of its retention if that still runs, else ``None``.
    """

    def __init__(
        self, commitment: str, *, case_id: str, keep_until: date | None = None, holds: Sequence[Held] = ()
    ) -> None:
        self.commitment = commitment
        self.case_id = case_id
        self.keep_until = keep_until
        self.holds = tuple(holds)
        reasons = [
            f"hold {hold.number} stands since {hold.on}, set by {hold.by.role} {hold.by.id} ({hold.reason!r})"
            for hold in self.holds
        ]
        if keep_until is not None:
            reasons.append(f"it is kept until {keep_until}")
        super().__init__(f"case {case_id!r}: paper {commitment[:12]}… must still be kept: {'; '.join(reasons)}")


class Damaged(JournalError):
    """Raised when a store holds something that no journal wrote; it says where.

    ``line`` counts from 1; ``offset`` is the byte at which that line begins, from 0.
    """

    def __init__(self, message: str, *, where: str, line: int | None = None, offset: int | None = None) -> None:
        self.where = where
        self.line = line
        self.offset = offset
        place = f"{where}{f':{line}' if line is not None else ''}"
        super().__init__(f"{place}: {f'at byte {offset}: ' if offset is not None else ''}{message}")


class Unavailable(JournalError):
    """Raised when a store cannot be opened, read or written; what was acknowledged before still stands."""

    def __init__(self, message: str, *, where: str) -> None:
        self.where = where
        super().__init__(f"{where}: {message}")


def installing(extra: str) -> str:
    """How an extra of the package is installed: from the clone that it came from, or where it is published."""
    return f"pip install '.[{extra}]' (clone) / pip install 'shuroflow[{extra}]' (PyPI)"
