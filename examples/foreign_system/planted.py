"""Each mistake as a system of its own, to be named on a command line: ``…planted:TWELVE_MONTHS``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from examples.foreign_system.driver import ForeignDriver
from examples.foreign_system.mistakes import Mistake


def __getattr__(name: str) -> Callable[[], ForeignDriver]:
    """What opens the system with that mistake."""
    try:
        return partial(ForeignDriver, Mistake[name])
    except KeyError:
        raise AttributeError(f"no mistake is called {name!r}; there are {', '.join(Mistake.__members__)}") from None
