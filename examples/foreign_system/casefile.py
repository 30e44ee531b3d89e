"""One case as its acts add up: what both programmes of this system have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import ClassVar

from examples.foreign_system.mistakes import Mistake
from examples.foreign_system.store import Act, Duty

Complaint = Iterator[tuple[str, str]]
"""Clause and reason, for each thing that stands in the way."""

CLOSED = {"ended", "discontinued", "aftercare", "declined"}


def filled(text: str | None) -> bool:
    """Is there anything but blanks?"""
    return bool(text and text.strip())


class CaseFile:
    """Grown act by act. A kind of act may have a ``check_…`` and a ``do_…``, which gives the next state."""

    programme: ClassVar[str]
    where: ClassVar[Mapping[str, Set[str]]]
    moving: ClassVar[frozenset[str]]
    turns: ClassVar[Mapping[str, int]]
    clause_of: ClassVar[Mapping[str, str]]
    any_other_clause: ClassVar[str]

    def __init__(self, planted: frozenset[Mistake]) -> None:
        self._planted = planted
        self.state = "new"
        self.closed_on = ""
        self.left = "new"
        self.duties: dict[tuple[str, str], Duty] = {}

    def has(self, mistake: Mistake) -> bool:
        """Is it planted?"""
        return mistake in self._planted

    def complaints(self, act: Act) -> list[tuple[str, str]]:
        """What stands in the way of an act."""
        places = self.where.get(act.name, frozenset())
        stage = self.stage(act.day)
        # The last day of support still belongs to it.
        if stage not in places and act.name not in self.moving and self.closed_on and act.day <= self.closed_on:
            stage = self.left
        if stage not in places:
            return [(self.clause_of.get(act.name, self.any_other_clause), f"{stage}ではできません")]
        check = getattr(self, f"check_{act.name}", None)
        return [] if check is None else list(check(act))

    def take(self, act: Act) -> None:
        """The act is done."""
        before = self.stage(act.day)
        do = getattr(self, f"do_{act.name}", None)
        state = None if do is None else do(act)
        if state is None:
            return
        self.state = state
        if state not in CLOSED:
            self.closed_on = ""
        elif before not in CLOSED:
            self.left = before

    def close(self, day: str) -> None:
        """The first closing stands."""
        self.closed_on = self.closed_on or day

    def owe(self, duty: Duty) -> None:
        """There is something to be done."""
        self.duties[duty.clause, duty.about] = duty

    def done(self, clause: str, about: str = "") -> None:
        """It is done."""
        self.duties.pop((clause, about), None)

    def place(self, act: Act) -> tuple[str, int]:
        """Day, and order within the day: what rests on a paper of the same day comes after the paper."""
        return act.day, self.turns.get(act.name, 0)

    def stage(self, day: str) -> str:
        """The state on a day."""
        raise NotImplementedError

    @property
    def period(self) -> tuple[str, str] | None:
        """First and last day."""
        raise NotImplementedError

    def loses(self, act: Act) -> bool:
        """Is the act forgotten as soon as it was answered for?"""
        return False

    def in_order(self, acts: list[Act]) -> list[Act]:
        """As they happened: acts that move the case stay in the order written, all others go to their day."""
        first = next((self.place(act) for act in acts if act.name in self.moving), ("", 0))
        reached = first
        keyed = []
        for act in acts:
            if act.name in self.moving:
                reached = max(reached, self.place(act))
                keyed.append((reached, act.number, act))
            else:
                keyed.append((max(first, self.place(act)), act.number, act))
        return [act for _, _, act in sorted(keyed, key=lambda each: each[:2])]
