"""Suites for the garden: one that knows what the judge has to say, and one that asks and does not listen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs

from shuroflow.events import Actor, Event
from shuroflow.verification.mutants import Check, Session
from shuroflow.verification.mutants.checks import PlainSession
from shuroflow.vocabulary import Role
from tests.verification.mutants.garden import (
    BOTH,
    DIRECTOR,
    OFFICER,
    Asked,
    Decided,
    GivenBack,
    Paper,
    Sold,
    Watered,
    said,
    story,
)

T = TypeVar("T")

ASKED, DECIDED = ("2024-04-10", Asked()), ("2024-04-12", Decided(panel=BOTH))
PROVIDER, CLERK = Actor("pr-1", Role.PROVIDER), Actor("cl-1", Role.CLERK)


def asked(**facts: Any) -> list[Event]:
    """One request."""
    return story(("2024-04-10", Asked(**facts)))


def decided(on: str = "2024-04-12", *panel: Actor, **facts: Any) -> list[Event]:
    """A request of 10 April, decided on a day by a panel."""
    return story(ASKED, (on, Decided(panel=panel or BOTH, **facts)))


def used(*steps: tuple[str, Any]) -> list[Event]:
    """In use from 12 April to 11 July, and what comes after."""
    return story(ASKED, DECIDED, *steps)


STORIES: dict[str, tuple[list[Event], str]] = {
    "asked": (asked(), "2024-04-24"),
    "asked-a-day-later": (asked(), "2024-04-25"),
    "asked-before-it-arose": (asked(), "2024-04-09"),
    "asked-with-the-notice": (asked(paper=Paper.NOTICE), "2024-04-10"),
    "largest": (asked(area=50), "2024-04-10"),
    "too-large": (asked(area=51), "2024-04-10"),
    "large-for-a-recipient": (asked(area=51, recipient=True), "2024-04-10"),
    "larger-from-may": (story(("2024-05-01", Asked(area=55))), "2024-05-01"),
    "too-large-from-may": (story(("2024-05-01", Asked(area=56))), "2024-05-01"),
    "larger-the-day-before": (story(("2024-04-30", Asked(area=51))), "2024-04-30"),
    "just-right-the-day-before": (story(("2024-04-30", Asked(area=50))), "2024-04-30"),
    "larger-the-day-after": (story(("2024-05-02", Asked(area=55))), "2024-05-02"),
    "before-the-text": (story(("2024-03-31", Asked())), "2024-04-01"),
    "first-day-of-the-text": (story(("2024-04-01", Asked())), "2024-04-01"),
    "second-day-of-the-text": (story(("2024-04-02", Asked())), "2024-04-02"),
    "asked-twice": (story(ASKED, ("2024-04-11", Asked())), "2024-04-11"),
    "decided": (decided(), "2024-07-11"),
    "decided-as-of-the-day-after": (decided(), "2024-07-12"),
    "decided-as-of-the-day-before": (decided(), "2024-04-11"),
    "decided-as-of-the-first-day": (decided(), "2024-04-12"),
    "decided-on-the-last-day": (decided("2024-04-24"), "2024-04-24"),
    "decided-a-day-late": (decided("2024-04-25"), "2024-04-25"),
    "decided-on-a-month-end": (decided("2024-04-30"), "2024-07-30"),
    "decided-with-the-request": (decided(paper=Paper.REQUEST), "2024-04-12"),
    "decided-without-officer": (decided("2024-04-12", DIRECTOR), "2024-04-12"),
    "decided-without-director": (decided("2024-04-12", OFFICER), "2024-04-12"),
    "decided-with-provider": (decided("2024-04-12", *BOTH, PROVIDER), "2024-04-12"),
    "decided-with-clerk": (decided("2024-04-12", *BOTH, CLERK), "2024-04-12"),
    "decided-unasked": (story(DECIDED), "2024-04-12"),
    "decided-twice": (used(("2024-04-13", Decided(panel=BOTH))), "2024-07-12"),
    "watered": (used(("2024-05-01", Watered())), "2024-06-01"),
    "watered-twice": (used(("2024-05-01", Watered()), ("2024-05-02", Watered())), "2024-06-01"),
    "watered-as-a-candidate": (story(ASKED, ("2024-04-11", Watered())), "2024-06-01"),
    "watered-on-the-last-day": (used(("2024-07-11", Watered())), "2024-07-11"),
    "watered-a-day-late": (used(("2024-07-12", Watered())), "2024-07-12"),
    "given-back-unpaid": (used(("2024-06-01", GivenBack())), "2024-06-01"),
    "given-back-for-a-yen": (used(("2024-06-01", GivenBack(paid=1))), "2024-06-01"),
    "given-back-in-time": (used(("2024-07-16", GivenBack(paid=500))), "2024-07-16"),
    "given-back-a-day-late": (used(("2024-07-17", GivenBack(paid=500))), "2024-07-17"),
    "given-back-twice": (used(("2024-06-01", GivenBack(paid=500)), ("2024-06-02", GivenBack(paid=100))), "2024-06-02"),
    "given-back-unasked": (story(("2024-06-01", GivenBack(paid=500))), "2024-06-01"),
    "given-back-by-a-candidate": (story(ASKED, ("2024-06-01", GivenBack(paid=500))), "2024-06-01"),
    "sold": (used(("2024-06-01", Sold())), "2024-06-01"),
    "after-the-sale": (used(("2024-06-01", Sold()), ("2024-06-02", Watered())), "2024-06-02"),
}


@attrs.define(eq=False)
class Heard:
    """A story whose every answer is known."""

    name: str
    expected: Any

    def fault(self) -> str | None:
        """What the judge says now against what it has to say."""
        told = said(*STORIES[self.name])
        return None if told == self.expected else f"{self.name}: {told}"


@attrs.define(eq=False)
class Ignored:
    """The same story, and nobody listens."""

    name: str

    def fault(self) -> str | None:
        """Ask, and be content."""
        said(*STORIES[self.name])
        return None


@attrs.define(eq=False)
class Called:
    """A check that does something of its own."""

    name: str
    does: Callable[[], str | None]

    def fault(self) -> str | None:
        """Do it."""
        return self.does()


@attrs.frozen
class Given:
    """A suite of given checks."""

    checks: Sequence[Check]

    def with_checks(self, work: Callable[[Sequence[Check], Session], T]) -> T:
        """They are there already."""
        return work(self.checks, PlainSession())


def listening(*names: str) -> Given:
    """Every story, or those named, with what it has to say; to be made while the rules are whole."""
    return Given([Heard(name, said(*STORIES[name])) for name in names or STORIES])


def idle(*names: str) -> Given:
    """Every story, or those named, without anyone who listens."""
    return Given([Ignored(name) for name in names or STORIES])
