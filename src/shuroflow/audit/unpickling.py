"""Pickles verdicts, and makes nothing but verdicts of what is read: what was pickled may come from anybody.

It knows what a verdict can hold, and no file.
"""

from __future__ import annotations

import io
import pickle
from enum import Enum
from typing import Any

import attrs

from shuroflow.errors import ShuroflowError, _revived
from shuroflow.events import kinds_of
from shuroflow.states import programme_codes
from shuroflow.states.judgement import Named

_PLAIN = {
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "fractions": {"Fraction"},
    "decimal": {"Decimal"},
    "builtins": {"set", "frozenset"},
}
_ROOMS = {"audit", "states", "events", "case", "calendar", "clauses", "errors", "vocabulary"}


def packages() -> frozenset[str]:
    """The packages that bring programmes: their values stand in verdicts."""
    return frozenset(cls.__module__.partition(".")[0] for code in programme_codes() for cls in kinds_of(code).values())


def written(verdicts: object) -> bytes:
    """Verdicts, pickled.

    Raises:
        Exception: whatever a value raises that cannot be.
    """
    frame = io.BytesIO()
    pickler = pickle.Pickler(frame, pickle.HIGHEST_PROTOCOL)
    # What classes say of themselves, and not what others have laid down for everybody, as Dask does for errors.
    pickler.dispatch_table = {}
    pickler.dump(verdicts)
    return frame.getvalue()


class VerdictReader(pickle.Unpickler):
    """Makes values, records and errors, and calls nothing else."""

    def __init__(self, frame: bytes, packages: frozenset[str]) -> None:
        super().__init__(io.BytesIO(frame))
        self._packages = packages

    def find_class(self, module: str, name: str) -> Any:
        """The class of that name, if verdicts may hold such.

        Raises:
            UnpicklingError: if not.
        """
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        package, _, rest = module.partition(".")
        if package in self._packages and (package != "shuroflow" or rest.partition(".")[0] in _ROOMS):
            found = super().find_class(module, name)
            if found is _revived:
                return found
            if isinstance(found, type) and (attrs.has(found) or issubclass(found, Enum | Named | ShuroflowError)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a verdict")


__all__ = ["VerdictReader", "packages", "written"]
