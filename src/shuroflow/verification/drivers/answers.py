"""Is an answer of a system one of the interface? Each is read to its end, and whatever is none is told as such.

Nothing is known here of what was asked, nor of what the answer should have been.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.verification.drivers.protocol import Answer, OpenDuty, Standing

_T = TypeVar("_T")

_SHOWN = 200


def said_in(told: object) -> Answer:
    """What was said to an event.

    Raises:
        InputError: if it is no answer.
    """
    if not isinstance(told, Answer):
        raise _no("an Answer", told)
    if type(told.accepted) is not bool or not isinstance(told.message, str) or not _texts(told.clauses):
        raise _no("an Answer of True or False, a tuple of clauses and a message", told)
    return told


def events_in(told: object) -> list[Event]:
    """The record of a case.

    Raises:
        InputError: if it is no series of events.
    """
    return _all("events", Event, told)


def standing_in(told: object) -> Standing:
    """How a case stands.

    Raises:
        InputError: if it is no standing.
    """
    if not isinstance(told, Standing):
        raise _no("a Standing", told)
    period = told.period
    days = period is None or (isinstance(period, tuple) and len(period) == 2 and all(map(_is_day, period)))
    if not isinstance(told.state, str) or not days:
        raise _no("a Standing of the code of a state, and two days or None", told)
    return told


def duties_in(told: object) -> list[OpenDuty]:
    """What is open.

    Raises:
        InputError: if it is no series of duties.
    """
    found = _all("open duties", OpenDuty, told)
    for duty in found:
        day = duty.due is None or _is_day(duty.due)
        if not isinstance(duty.clause, str) or not day or type(duty.overdue) is not bool:
            raise _no("an OpenDuty of a clause, a day or None, and True or False", duty)
    return found


def _all(what: str, kind: type[_T], told: object) -> list[_T]:
    if not isinstance(told, Iterable) or isinstance(told, str | bytes):
        raise _no(f"a series of {what}", told)
    found = list(told)
    for each in found:
        if not isinstance(each, kind):
            raise _no(f"one of the {what}", each)
    return found


def _texts(told: object) -> bool:
    return isinstance(told, tuple) and all(isinstance(each, str) for each in told)


def _is_day(told: object) -> bool:
    return isinstance(told, date) and not isinstance(told, datetime)


def _no(wanted: str, told: object) -> InputError:
    shown = repr(told)
    return InputError(f"answered {shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}, which is not {wanted}")


__all__ = ["duties_in", "events_in", "said_in", "standing_in"]
