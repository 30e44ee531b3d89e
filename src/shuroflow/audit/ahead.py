"""Cases that may well be complete are handed out while the rest of their file is looked through.

Whether they were is seen afterwards: of a case that has further lines by then, what was judged ahead is of no use, and
it is judged with all of them. So nothing that is told rests on this; only the time. It knows no executor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shuroflow.audit.judging import Taken
from shuroflow.audit.lots import FIRST, Lot


class Ahead:
    """Whoever judges, as far as there is time to judge while a file is looked through.

    Lots are small: one case that has further lines is enough, and all of its lot were judged for nothing.
    """

    def __init__(self) -> None:
        self._some: list[Taken] = []
        self._lines = 0
        self.wants: Callable[[], bool] = lambda: False
        """Could somebody judge a further lot?"""
        self.give: Callable[[Lot], None] = lambda lot: None
        """Have it judged."""

    def offer(self, cases: Iterator[Taken]) -> None:
        """Have these judged in lots, as far as there is time for it; the others are left with whoever offers them."""
        while self.wants():
            case = next(cases, None)
            if case is None:
                return
            self._some.append(case)
            self._lines += len(case)
            if self._lines >= FIRST:
                self.give(Lot(tuple(self._some)))
                self._some, self._lines = [], 0


__all__ = ["Ahead"]
