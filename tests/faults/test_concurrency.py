"""Many processes write to few cases at once: a slice of the campaign of `make faults`."""

from __future__ import annotations

from shuroflow.verification import Opener, concurrency

APPENDS = 160


def test_many_writers(opener: Opener) -> None:
    """Every acknowledged event is there once, gapless, in order, and the feed shows each of them."""
    done = concurrency(opener, processes=8, cases=5, appends=APPENDS, seed=3)
    assert (APPENDS, ()) == (done.appends, done.faults)
    assert done.repeats > 0
