"""A small case system of its own, written without the library's judge, and with mistakes that can be planted in it."""

from __future__ import annotations

from examples.foreign_system.driver import ForeignDriver
from examples.foreign_system.mistakes import Mistake


def open_system(*planted: str | Mistake) -> ForeignDriver:
    """A fresh system that knows no case; ``planted`` are the mistakes it makes, by name."""
    return ForeignDriver(*(each if isinstance(each, Mistake) else Mistake[each] for each in planted))


__all__ = ["ForeignDriver", "Mistake", "open_system"]
