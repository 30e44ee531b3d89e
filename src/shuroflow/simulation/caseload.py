"""A realistic synthetic caseload, seeded, with the truth beside it: the fault planted, and what an audit must find.

No record is of a real person. The truth comes from how each history is put together, never from the judge: a
plan is drawn up in order, and a fault is one change to it whose clause is known beforehand.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TextIO

import msgspec

from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.simulation import saitama, tsushima
from shuroflow.simulation.plan import JST, Plan, Truth

FIRST_DAY = date(2021, 7, 1)
LAST_DAY = date(2025, 9, 30)
"""Histories begin between these days: within the texts on hand, and over by the middle of 2026."""

EARLIEST = timedelta(days=100)
"""A course may begin this much before its place in the caseload, to have enough of a fiscal year left."""


Drawer = Callable[[Plan, date, str | None], None]


def plans(cases: int, seed: int, violations: float) -> Iterator[tuple[date, Plan]]:
    """Plans of ``cases`` cases with their first days, ascending; a share ``violations`` of them with one fault."""
    drawers: dict[str, tuple[Drawer, tuple[str, ...]]] = {
        "saitama": (saitama.draw, saitama.FAULTS),
        "tsushima": (tsushima.draw, tsushima.FAULTS),
    }
    span = (LAST_DAY - FIRST_DAY).days
    for number in range(cases):
        random = Random(f"{seed}-{number}")
        programme = random.choice(sorted(drawers))
        draw, faults = drawers[programme]
        fault = random.choice(faults) if random.random() < violations else None
        first = FIRST_DAY + timedelta(days=span * number // cases)
        plan = Plan(f"{programme[:2]}-{seed}-{number:07d}", programme, random, fault=fault)
        draw(plan, first, fault)
        yield first, plan


def caseload(cases: int, seed: int, violations: float) -> Iterator[tuple[Event | None, Truth | None]]:
    """All events in the order recorded, cases interleaved and linked as in a live journal, and each case's truth once.

    Memory holds only the cases under way at one time.
    """
    for found in _drawn(cases, seed, violations):
        yield (None, found) if isinstance(found, Truth) else (found[0], None)


def _drawn(cases: int, seed: int, violations: float) -> Iterator[tuple[Event, bytes] | Truth]:
    """The same, with the bytes of each event."""
    waiting: list[tuple[datetime, int, tuple[Event, bytes]]] = []
    count = 0
    for first, plan in plans(cases, seed, violations):
        yield plan.truth()
        start = datetime(first.year, first.month, first.day, tzinfo=JST) - EARLIEST
        while waiting and waiting[0][0] < start:
            yield heapq.heappop(waiting)[2]
        for event, body in plan.events():
            count += 1
            heapq.heappush(waiting, (event.recorded_at, count, (event, body)))
    while waiting:
        yield heapq.heappop(waiting)[2]


def write(cases: int, seed: int, violations: float, path: str | Path) -> tuple[Path, Path, int]:
    """Write a caseload to ``path`` and the truth to ``path`` with ``.truth.ndjson`` for its suffix.

    Returns:
        Both paths and the number of events.

    Raises:
        InputError: if a number is out of range or a file exists already.
        Unavailable: if a file cannot be written.
    """
    if cases < 1:
        raise InputError(f"{cases} is not a number of cases from 1", field="--cases")
    if not 0 <= violations <= 1:
        raise InputError(f"{violations} is not a share between 0 and 1", field="--violations")
    target = Path(path)
    beside = target.with_suffix(".truth.ndjson")
    for file in (target, beside):
        if file.exists():
            raise InputError("exists already; choose another name or remove it", file=str(file))
    events = 0
    try:
        with target.open("wb") as out, beside.open("w", encoding="utf-8") as truths:
            for found in _drawn(cases, seed, violations):
                if isinstance(found, Truth):
                    _write_truth(truths, found)
                else:
                    out.write(found[1] + b"\n")
                    events += 1
    except OSError as error:
        raise Unavailable(f"cannot be written: {error.strerror}", where=str(error.filename or target)) from None
    return target, beside, events


def _write_truth(out: TextIO, truth: Truth) -> None:
    out.write(msgspec.json.encode(truth).decode() + "\n")


def read_truth(path: str | Path) -> dict[str, Truth]:
    """The truth of each case from a file that :func:`write` made."""
    decoder: Any = msgspec.json.Decoder(Truth)
    with Path(path).open("rb") as lines:
        return {truth.case_id: truth for truth in map(decoder.decode, lines)}
