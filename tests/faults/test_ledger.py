"""The ledger itself: what a journal does not keep, it tells."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from shuroflow.storage import MemoryJournal, Record
from tests.faults.ledger import Ledger


def _filled(drop: Callable[[list[Record]], list[Record]]) -> tuple[Ledger, MemoryJournal]:
    """Three acknowledged appends and a refused one; the journal then holds what ``drop`` makes of its records."""
    ledger, journal = Ledger(), MemoryJournal()
    for ask in (
        ledger.ask(1, "one", expected=0),
        ledger.ask(2, "two", expected=0, count=3),
        ledger.ask(3, "one", expected=1),
    ):
        ask.of(journal)
        ledger.acknowledge(ask)
    refused = ledger.ask(4, "one", expected=2)
    ledger.refuse(refused)
    other = MemoryJournal()
    other.__dict__.update(journal.__dict__)
    other.__dict__["_records"] = drop(list(journal.feed()))
    cases: dict[str, tuple[Record, ...]] = {}
    for record in other.feed():
        cases[record.event.case_id] = (*cases.get(record.event.case_id, ()), record)
    other.__dict__["_cases"] = cases
    return ledger, other


def _renumbered(records: list[Record]) -> list[Record]:
    return [attrs.evolve(record, position=at) for at, record in enumerate(records, 1)]


def test_all_is_well() -> None:
    """A journal that keeps everything breaks nothing."""
    ledger, journal = _filled(list)
    assert [] == ledger.breaches(journal)


@pytest.mark.parametrize(
    ("drop", "said"),
    [
        (lambda records: records[:-1], "append 3 was acknowledged and is lost"),
        (lambda records: _renumbered(records[:3] + records[4:]), "append 2 is not there once, whole"),
        (lambda records: _renumbered([*records, records[-1]]), "append 3 is not there once, whole"),
        (lambda records: records[:2] + records[3:], "the positions of the feed are not 1, 2, 3"),
        (lambda records: _renumbered([records[1], records[0], *records[2:]]), "append 2 is torn apart"),
        (lambda records: _renumbered(records[1:]), "the events of case 'one' are not numbered"),
    ],
)
def test_a_breach_is_told(drop: Callable[[list[Record]], list[Record]], said: str) -> None:
    """A lost append, half of one, one that is there twice, a gap, a torn one."""
    ledger, journal = _filled(drop)
    assert any(breach.startswith(said) for breach in ledger.breaches(journal))


def test_a_refused_append_that_is_there() -> None:
    """What the journal said it had not recorded must not be there; what nobody asked for neither."""
    ledger, journal = _filled(list)
    ledger.asked[4].of(journal)
    assert ["append 4 was refused, and 1 of its 1 events are there"] == ledger.breaches(journal)
    del ledger.asked[4]
    assert ["append 4 is there and was never asked for"] == ledger.breaches(journal)


def test_an_unknown_outcome() -> None:
    """An append that got no answer may be there or not, but only whole."""
    ledger, journal = _filled(list)
    ledger.refused.clear()
    assert [] == ledger.breaches(journal)
    ledger.asked[4].of(journal)
    assert [] == ledger.breaches(journal)
