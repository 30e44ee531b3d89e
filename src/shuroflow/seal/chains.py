"""The chain of each case, checked while the events of all cases go by in the order of a journal.

Every event but the first of a case names the hash of the one before it. Kept of each case: a mark of its id, and the
number, the position and the hash of its last event, some 70 bytes in flat arrays, so that ten million events of a
million cases fit. The chain alone proves little: whoever rewrites a file can compute it anew.
"""

from __future__ import annotations

import secrets
from array import array
from hashlib import blake2b

import attrs

from shuroflow.seal.merkle import HASH_SIZE
from shuroflow.storage.codec import is_link
from shuroflow.storage.journal import Record


@attrs.frozen
class Break:
    """Where a case does not hang together.

    ``code`` is ``order_broken`` if event ``seq`` stands where ``expected`` belongs, ``link_broken`` if the event names
    another one than stands before it.
    """

    code: str
    position: int
    case_id: str
    seq: int
    expected: int


class Chains:
    """The last event of every case so far."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)  # nobody can choose case ids that are taken for one another
        self._slots = array("I", [0]) * 1024  # number of the case from 1; 0 is free
        self._marks = array("Q")
        self._seqs = array("Q")
        self._positions = array("Q")
        self._hashes = bytearray()
        self.unlinked = 0
        """Events after the first of their case that name no event before them."""

    def __len__(self) -> int:
        """The number of cases."""
        return len(self._marks)

    def later(self, position: int) -> int:
        """The number of cases with an event beyond a position."""
        return sum(1 for last in self._positions if last > position)

    def take(self, record: Record, leaf: bytes) -> Break | None:
        """Take the next record, given with its leaf hash; what is wrong with its place in the case, if anything."""
        event = record.event
        number = self._number(event.case_id)
        start = number * HASH_SIZE
        expected = self._seqs[number] + 1
        before = self._hashes[start : start + HASH_SIZE]
        self._seqs[number] = event.seq
        self._positions[number] = record.position
        self._hashes[start : start + HASH_SIZE] = leaf
        prev = event.prev
        if event.seq != expected:
            wrong = "order_broken"
        elif prev is not None and is_link(prev):
            if expected > 1 and prev.partition(":")[2] == before.hex():
                return None
            wrong = "link_broken"
        else:
            self.unlinked += expected > 1
            return None
        return Break(wrong, record.position, event.case_id, event.seq, expected)

    def _number(self, case_id: str) -> int:
        """The number of a case, from 0; a new one gets the next, and has no event yet."""
        name = case_id.encode(errors="surrogatepass")
        mark = int.from_bytes(blake2b(name, digest_size=8, key=self._key).digest(), "little")
        slots, marks = self._slots, self._marks
        mask = len(slots) - 1
        at = mark & mask
        while number := slots[at]:
            if marks[number - 1] == mark:
                return number - 1
            at = (at + 1) & mask
        marks.append(mark)
        self._seqs.append(0)
        self._positions.append(0)
        self._hashes += bytes(HASH_SIZE)
        slots[at] = len(marks)
        if len(marks) * 3 > len(slots) * 2:
            self._widen()
        return len(marks) - 1

    def _widen(self) -> None:
        slots = array("I", [0]) * (2 * len(self._slots))
        mask = len(slots) - 1
        for number, mark in enumerate(self._marks, 1):
            at = mark & mask
            while slots[at]:
                at = (at + 1) & mask
            slots[at] = number
        self._slots = slots


__all__ = ["Break", "Chains"]
