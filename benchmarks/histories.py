"""Many events quickly: the steps of one real case over and over, many cases under way at a time, each event linked."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice

import attrs

from shuroflow.events import Event
from shuroflow.samples import SAMPLES
from shuroflow.storage.codec import encode
from shuroflow.storage.lines import read_lines

UNDER_WAY = 4_096
"""Cases that are open at one time: this many events lie between two of one case."""


def steps() -> list[Event]:
    """The events of the compliant sample case: 13, from the list of candidates to the end of aftercare."""
    return [event for _, event in read_lines(SAMPLES[0]) if isinstance(event, Event) and event.case_id == "S01"]


STEPS = len(steps())


def case_id(number: int) -> str:
    """The id of a case, counted from 0 in the order of beginning."""
    return f"case-{number:07d}"


def cases(events: int) -> int:
    """How many cases have an event among the first ``events``."""
    slots = _slots(events)
    whole, rest = divmod(events, slots * STEPS)
    return whole * slots + min(rest, slots)


def _slots(events: int) -> int:
    return min(UNDER_WAY, max(1, events // (2 * STEPS)))


def bodies(events: int) -> Iterator[bytes]:
    """Canonical bodies, as a journal would hold them: gapless, each linked to the one before it in its case."""
    slots = _slots(events)
    last = [b""] * slots
    # What stands before the id, between it and the link, and after that; the first event of a case has no link.
    first, *later = [
        encode(attrs.evolve(event, case_id="@", seq=seq, prev="@" if seq > 1 else None)).split(b'"@"')
        for seq, event in enumerate(steps(), 1)
    ]

    def endless() -> Iterator[bytes]:
        begun = 0
        while True:
            ids = [b'"%s"' % case_id(begun + slot).encode() for slot in range(slots)]
            begun += slots
            before, after = first
            for slot, name in enumerate(ids):
                last[slot] = body = before + name + after
                yield body
            for before, between, after in later:
                for slot, name in enumerate(ids):
                    link = sha256(b"\x00" + last[slot]).hexdigest().encode()
                    last[slot] = body = b'%s%s%s"rfc6962:%s"%s' % (before, name, between, link, after)
                    yield body

    return islice(endless(), events)


__all__ = ["STEPS", "bodies", "case_id", "cases", "steps"]
