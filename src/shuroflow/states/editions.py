"""A programme: the editions of one 要綱, and which of them is in force on a day.

It judges nothing; how an edition judges, its chart knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import attrs

from shuroflow.events import Event
from shuroflow.states.chart import Edition
from shuroflow.vocabulary import Lang


@attrs.frozen(kw_only=True)
class Programme:
    """One programme: its code and its editions, the earliest first.

    ``examples`` gives compliant histories, which the verification of other systems starts from.
    """

    code: str
    title_ja: str
    title_en: str
    editions: tuple[Edition, ...] = attrs.field(validator=attrs.validators.min_len(1))
    examples: Callable[[], Iterable[Sequence[Event]]] | None = None

    def edition_on(self, day: date) -> Edition:
        """The edition in force on ``day``; before the first text on hand, the first."""
        for edition in reversed(self.editions):
            if edition.in_force_from <= day:
                return edition
        return self.editions[0]

    @property
    def current(self) -> Edition:
        """The newest edition."""
        return self.editions[-1]

    def under(self, edition: Edition) -> Programme:
        """The same programme as if that edition had been in force all the time: to ask what it would change."""
        return attrs.evolve(self, editions=(edition.serving_from(self.editions[0].in_force_from),))

    def title(self, lang: Lang = "ja") -> str:
        """Name of the 要綱."""
        return self.title_ja if lang == "ja" else self.title_en


__all__ = ["Programme"]
