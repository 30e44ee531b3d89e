"""A PostgreSQL server crashes while clients append: a slice of the campaign of `make faults`."""

from __future__ import annotations

import pytest

from tests.faults.server_crash import WAYS, run


def test_crashes(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing acknowledged is lost, positions stay dense, every journal finds back to the server and logs nothing."""
    result = run(rounds=len(WAYS), seed=3)
    assert [] == result.breaches
    assert set(WAYS) == set(result.crashes)
    assert [] == caplog.records
