"""Disks that are really full: what was acknowledged is there, what was refused is not, and the journal goes on."""

from __future__ import annotations

import pytest

from tests.faults.disk_full import STORES, in_child

STEPS = {"jsonl": 83, "sqlite": 12_001, "sqlite-checkpoint": 9_001, "sqlite-rollback": 9_001, "sqlite-pages": 12_288}


@pytest.mark.parametrize("store", sorted(STORES))
def test_full_at_many_places(store: str) -> None:
    """Wherever in a row of appends the disk is full: one kind of error, nothing lost, nothing half there."""
    result = in_child(store, step=STEPS[store])
    assert [] == result.breaches
    assert result.limits > 10
    assert result.answers["appends refused"] > 10  # the limit was felt
    assert result.answers["appends acknowledged"] > 6 * result.limits  # and there was room again afterwards
