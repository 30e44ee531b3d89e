"""Verification: of journals, for those who write an adapter; of systems and rules, for those who must obey a 要綱.

:mod:`~shuroflow.verification.journals` is the conformance kit of the port. The other modules drive a system along
whole case histories and past the edges of every rule, and compare it with our judge. Needs the extra ``verification``
(hypothesis and pytest); nothing else of the library imports it, and each name here is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module

__all__ = [
    "Concurrency",
    "JournalPromises",
    "Kills",
    "Opener",
    "Progress",
    "any_event",
    "as_recorded",
    "body_of",
    "concurrency",
    "events",
    "example",
    "examples",
    "kill9",
    "link_to",
    "machine",
    "throng",
]

_ROOMS = {"journals": __all__}
"""Where each name is at home."""


def __getattr__(name: str) -> object:
    """A name of one of the rooms, imported when it is first asked for."""
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{room}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
