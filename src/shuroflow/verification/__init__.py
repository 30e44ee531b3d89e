"""Verification: of journals, for those who write an adapter; of systems and rules, for those who must obey a 要綱.

:mod:`~shuroflow.verification.journals` is the conformance kit of the port, :mod:`~shuroflow.verification.paths`
explores the rules themselves. The other modules drive a system along whole case histories and past the edges of every
rule, and compare it with our judge. Needs the extra ``verification`` (hypothesis and pytest); nothing else of the
library imports it but the command line, and each name here is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module

_ROOMS = {
    "journals": [
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
    ],
    "checking": ["Plan", "check", "plan", "replayed"],
    "compliance": ["PROFILES", "Profile", "Report", "sweep"],
    "corpus": ["Corpus"],
    "coverage": ["Coverage", "Kind", "Seen", "by_clause", "coverage_line", "coverage_record", "coverage_text"],
    "drivers": [
        "Abilities",
        "Able",
        "Answer",
        "DeskDriver",
        "Driver",
        "DriverFactory",
        "OpenDuty",
        "ProcessDriver",
        "Standing",
        "TakesCorrections",
        "TellsDuties",
        "TellsStanding",
        "abilities",
        "factory_of",
        "serve",
    ],
    "listening": ["coverage_of", "recording"],
    "paths": ["Need", "PathFinding", "PathReport", "explore"],
    "planning": ["Script"],
    "probes": ["Probe"],
    "recorded": ["check_recorded"],
    "saving": ["save", "saved"],
    "stepping": ["Parted", "compliance_machine"],
    "strategies": ["boundary_events", "days", "histories", "next_events", "violating"],
    "walking": ["Difference"],
}
"""Where each name is at home."""

__all__ = [name for names in _ROOMS.values() for name in names]


def __getattr__(name: str) -> object:
    """A name of one of the rooms, imported when it is first asked for."""
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{room}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
