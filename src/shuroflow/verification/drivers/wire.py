"""The line protocol: how a question and its answer are written when the system is another process.

One JSON object a line, UTF-8, ended by LF. The kit asks one thing at a time and waits; the answer carries the ``id`` of
its question. Both sides of the pipe read and write by this module, which opens nothing and starts nothing. The protocol
is told in full in ``docs/reference/drivers.md``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.storage.codec import decode, encode
from shuroflow.verification.drivers.protocol import Abilities, Answer, OpenDuty, Standing

PROTOCOL = 1
"""The version of the protocol; another number is another protocol."""


class _Message(msgspec.Struct, forbid_unknown_fields=True):
    """Whatever goes over the pipe: an unknown field is a fault, so that a misspelt one is not passed over."""

    id: int


# ---------------------------------------------------------------- questions


class Hello(_Message, tag_field="ask", tag="hello"):
    """The first question: what can the system do?"""

    protocol: int


class Record(_Message, tag_field="ask", tag="record"):
    """Try to record an event, in the stored form."""

    event: msgspec.Raw


class History(_Message, tag_field="ask", tag="history"):
    """What is on record for a case?"""

    case_id: str


class StandingOn(_Message, tag_field="ask", tag="standing"):
    """How does a case stand on a day?"""

    case_id: str
    on: date


class DutiesOn(_Message, tag_field="ask", tag="duties"):
    """What is open on a day?"""

    case_id: str
    on: date


class Close(_Message, tag_field="ask", tag="close"):
    """Nothing more will be asked."""


Question = Hello | Record | History | StandingOn | DutiesOn | Close


# ---------------------------------------------------------------- answers


class HelloAnswer(_Message, omit_defaults=True):
    """What the system can do; ``duties`` are the clauses whose duties it keeps, left out if it tells none."""

    protocol: int
    system: str = ""
    standing: bool = False
    duties: tuple[str, ...] | None = None
    corrections: bool = False

    def abilities(self) -> Abilities:
        """The same for the kit."""
        return Abilities(self.standing, None if self.duties is None else frozenset(self.duties), self.corrections)


class RecordAnswer(_Message, omit_defaults=True):
    """Taken or not; if not, the clauses that the system names, and its words."""

    accepted: bool
    clauses: tuple[str, ...] = ()
    message: str = ""

    def answer(self) -> Answer:
        """The same for the kit."""
        return Answer(self.accepted, self.clauses, self.message)


class HistoryAnswer(_Message):
    """The events on record, in order, in the stored form."""

    events: tuple[msgspec.Raw, ...]

    def history(self) -> list[Event]:
        """The same for the kit.

        Raises:
            InputError: if one is no event.
        """
        return [decode(bytes(event)) for event in self.events]


class StandingAnswer(_Message):
    """The code of the state; first and last day of the period, or null."""

    state: str
    period: tuple[date, date] | None = None

    def standing(self) -> Standing:
        """The same for the kit."""
        return Standing(self.state, self.period)


class DutyAnswer(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An open duty: the clause as an official cites it, its due day, and whether that has passed."""

    clause: str
    due: date | None = None
    overdue: bool = False


class DutiesAnswer(_Message):
    """What is open."""

    duties: tuple[DutyAnswer, ...]

    def open(self) -> list[OpenDuty]:
        """The same for the kit."""
        return [OpenDuty(duty.clause, duty.due, duty.overdue) for duty in self.duties]


class Done(_Message):
    """Understood; there is nothing to tell."""


class Fault(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The question could not be answered: ``error`` says why. The ``id`` is null if the question had none."""

    id: int | None = None
    error: str | None = None


# ---------------------------------------------------------------- lines

_A = TypeVar("_A", bound=msgspec.Struct)

_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""No UTF-8 is a ``ValueError``, and so is a number of many thousand digits."""


def line(message: msgspec.Struct) -> bytes:
    """A message as a line, with its line end."""
    return msgspec.json.encode(message) + b"\n"


def raw(event: Event) -> msgspec.Raw:
    """An event in the stored form, to be put in a message."""
    return msgspec.Raw(encode(event))


def answer_to(question: int, said: bytes, kind: type[_A]) -> _A:
    """Read the answer to a question.

    Raises:
        InputError: if the line is no answer to it, or tells an error of the system's own.
    """
    if not said.endswith(b"\n"):
        raise InputError("no whole line: LF, the end of it, is missing")
    try:
        head = msgspec.json.decode(said, type=Fault)
        _each_key_once(said)
    except _UNREADABLE as error:
        raise InputError(f"no answer in the protocol ({error})") from None
    if head.id != question:
        raise InputError(f"the answer to question {head.id}, not to {question}", field="id")
    if head.error is not None:
        raise InputError(f"an error of its own: {head.error}")
    try:
        return msgspec.json.decode(said, type=kind)
    except _UNREADABLE as error:
        raise InputError(f"no answer in the protocol ({error})") from None


def _each_key_once(said: bytes) -> None:
    """Of two values for one key a reader would take either.

    Raises:
        ValueError: if a key stands twice in an object, at whatever depth.
    """
    json.loads(said, object_pairs_hook=_pairs)


def _pairs(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise ValueError(f"the key {key!r} stands twice in one object")
        seen.add(key)


def question_in(said: bytes) -> Question:
    """Read a question.

    Raises:
        InputError: if it is none.
    """
    try:
        found: Any = msgspec.json.decode(said, type=Question)
        _each_key_once(said)
    except _UNREADABLE as error:
        raise InputError(f"no question of the protocol ({error})") from None
    asked: Question = found
    return asked


def id_in(said: bytes) -> int | None:
    """The number of a question that could not be read, if that much can be told."""
    try:
        return msgspec.json.decode(said, type=Fault).id
    except _UNREADABLE:
        return None


def duties_told(number: int, duties: Sequence[OpenDuty]) -> DutiesAnswer:
    """Open duties as an answer."""
    told = tuple(DutyAnswer(clause=duty.clause, due=duty.due, overdue=duty.overdue) for duty in duties)
    return DutiesAnswer(id=number, duties=told)


__all__ = [
    "PROTOCOL",
    "Close",
    "Done",
    "DutiesAnswer",
    "DutiesOn",
    "Fault",
    "Hello",
    "HelloAnswer",
    "History",
    "HistoryAnswer",
    "Question",
    "Record",
    "RecordAnswer",
    "StandingAnswer",
    "StandingOn",
    "answer_to",
    "duties_told",
    "id_in",
    "line",
    "question_in",
    "raw",
]
