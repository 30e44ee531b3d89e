"""Exhaustive paths: is the rulebook of a programme sound, whatever happens in a case?

Every sequence of events that leaves a known history by up to so many events is tried on the judge. What the chart alone
decides is decided for histories of any length. No driver and no system is asked: it is the rules themselves that are
looked at.
"""

from __future__ import annotations

from shuroflow.verification.paths.checks import PathFinding
from shuroflow.verification.paths.exploration import BOUND, explore
from shuroflow.verification.paths.needs import NEEDS, Need
from shuroflow.verification.paths.report import (
    Counts,
    DutySeen,
    MoveSeen,
    NeedSeen,
    PathReport,
    RuleSeen,
    StateSeen,
)

__all__ = [
    "BOUND",
    "NEEDS",
    "Counts",
    "DutySeen",
    "MoveSeen",
    "Need",
    "NeedSeen",
    "PathFinding",
    "PathReport",
    "RuleSeen",
    "StateSeen",
    "explore",
]
