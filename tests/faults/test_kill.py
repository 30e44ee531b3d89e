"""A process that writes is killed again and again: a slice of the campaign of `make faults`."""

from __future__ import annotations

from shuroflow.verification import Opener, kill9

ROUNDS = 20


def test_killed_while_writing(opener: Opener) -> None:
    """Nothing acknowledged is lost, no append is there in part, and the journal opens and goes on."""
    kills = kill9(opener, rounds=ROUNDS, seed=3)
    assert (ROUNDS, ()) == (kills.rounds, kills.faults)
    assert kills.acknowledged > ROUNDS
