"""How the kit speaks to the system it checks: a small interface, whatever the system is written in.

A system is asked to record events and to give back what it has on record. It may also tell how a case stands, what is
due, and that it takes corrections; what it does not tell is not compared. The kit never uses a case id twice, so a
system need not forget. This module knows no system and no rule.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

import attrs

from shuroflow.errors import InputError, ShuroflowError
from shuroflow.events import Event


@attrs.frozen
class Answer:
    """What the system said to an event: taken, or not; for a refusal the clauses it named, if it names any."""

    accepted: bool
    clauses: tuple[str, ...] = ()
    message: str = ""


@attrs.frozen
class Standing:
    """How a case stands on a day: the code of its state, and its period (first and last day) if it has one.

    The state of a case of which everything was taken back is ``new``.
    """

    state: str
    period: tuple[date, date] | None = None


@attrs.frozen(order=True)
class OpenDuty:
    """A duty that is open on a day: the clause as an official cites it, its due day, and whether that has passed."""

    clause: str
    due: date | None = None
    overdue: bool = False


@runtime_checkable
class Driver(Protocol):
    """A system that keeps cases."""

    def record(self, event: Event) -> Answer:
        """Try to record the event; the first one of a case opens it. A refused event leaves no trace."""

    def history(self, case_id: str) -> Sequence[Event]:
        """What is on record for a case, in order; empty if there is no such case."""

    def close(self) -> None:
        """Nothing more will be asked."""


@runtime_checkable
class TellsStanding(Protocol):
    """A system that can say how a case stands."""

    def standing(self, case_id: str, on: date) -> Standing:
        """How the case stands on a day."""


@runtime_checkable
class TellsDuties(Protocol):
    """A system that can say what is due."""

    @property
    def duty_clauses(self) -> frozenset[str]:
        """The clauses whose duties it keeps, as officials cite them."""

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        """What is open on a day."""


@runtime_checkable
class TakesCorrections(Protocol):
    """A system that takes 訂正 and 取消: ``corrected`` and ``withdrawn``, which name an earlier event by ``seq``."""

    @property
    def takes_corrections(self) -> bool:
        """Whether it does."""


@attrs.frozen
class Abilities:
    """What a system tells beyond its answers and its record, and takes beyond the events of a programme.

    ``duties`` are the clauses whose duties it keeps, as officials cite them; ``None``: it tells no duties.
    """

    standing: bool = False
    duties: frozenset[str] | None = None
    corrections: bool = False


@runtime_checkable
class Able(Protocol):
    """A driver that learns from its system what that can do, and has the methods whether or not it can."""

    @property
    def abilities(self) -> Abilities:
        """What the system can do."""


def abilities(driver: Driver) -> Abilities:
    """What a driver says it can do, or else what it has the methods for."""
    if isinstance(driver, Able):
        return driver.abilities
    return Abilities(
        standing=isinstance(driver, TellsStanding),
        duties=driver.duty_clauses if isinstance(driver, TellsDuties) else None,
        corrections=isinstance(driver, TakesCorrections) and driver.takes_corrections,
    )


DriverFactory = Callable[[], Driver]
"""Opens the system: called once for a check, and the driver is closed at the end of it."""


@contextlib.contextmanager
def opened(factory: DriverFactory) -> Iterator[Driver]:
    """The system, closed at the end.

    Raises:
        InputError: if closing it raises.
    """
    driver = factory()
    try:
        yield driver
    except BaseException:
        with contextlib.suppress(Exception, SystemExit):  # what went wrong before is what is told
            driver.close()
        raise
    try:
        driver.close()
    except ShuroflowError:
        raise
    except (Exception, SystemExit) as error:
        said = f"closing the system raises {type(error).__name__}: {error}; let close() come to its end"
        raise InputError(said, field="driver") from error


__all__ = [
    "Abilities",
    "Able",
    "Answer",
    "Driver",
    "DriverFactory",
    "OpenDuty",
    "Standing",
    "TakesCorrections",
    "TellsDuties",
    "TellsStanding",
    "abilities",
    "opened",
]
