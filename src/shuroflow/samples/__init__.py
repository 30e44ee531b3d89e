"""Twenty invented case records, ten of each programme, with the findings that an audit must make: these and no others.

No record is of a real person. ``saitama.jsonl`` and ``tsushima.jsonl`` are journals like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import attrs
import msgspec

from shuroflow.vocabulary import Severity, State

_HERE = Path(__file__).parent
SAMPLES = (_HERE / "saitama.jsonl", _HERE / "tsushima.jsonl")


@attrs.frozen
class ExpectedFinding:
    """A finding that the audit of a record must make."""

    severity: Severity
    clause: str
    seq: int


@attrs.frozen
class ExpectedCase:
    """What is known of one record: where the case stands on the day it was looked at, and every finding on it."""

    case_id: str
    programme: str
    as_of: date
    state: State
    period: tuple[date, date] | None
    expected: tuple[ExpectedFinding, ...]


@cache
def expected() -> Mapping[str, ExpectedCase]:
    """Case id → what an audit must find."""
    cases = msgspec.json.decode((_HERE / "expected.json").read_bytes(), type=list[ExpectedCase])
    return {case.case_id: case for case in cases}
