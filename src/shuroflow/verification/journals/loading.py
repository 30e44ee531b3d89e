"""What taking events in bulk promises: bodies as they stand, all or none, held to numbers and links all the same."""

from __future__ import annotations

import json

import attrs
import pytest

from shuroflow.errors import Conflict, InputError
from shuroflow.events import Event
from shuroflow.storage.journal import Bulk, Journal
from shuroflow.verification.journals.appending import ELSEWHERE
from shuroflow.verification.journals.claims import Adapter, where
from shuroflow.verification.journals.events import example, examples
from shuroflow.verification.journals.oracle import as_recorded, body_of


def bulk(journal: Journal) -> Bulk:
    """The journal as one that takes events in bulk."""
    assert isinstance(journal, Bulk)
    return journal


def _bad() -> dict[str, tuple[type[Exception], bytes]]:
    """What cannot be loaded behind two events of the case "one", and the error it is."""
    last = as_recorded(examples("one", 2))[-1]
    (three,) = as_recorded(examples("one", 1, after=2), last=last)
    return {
        "no event": (InputError, b"{}"),
        "no JSON": (InputError, b"{"),
        "not canonical": (InputError, json.dumps(json.loads(body_of(three))).encode()),
        "line end": (InputError, body_of(three) + b"\n"),
        "number taken": (Conflict, body_of(last)),
        "number left out": (Conflict, body_of(attrs.evolve(three, seq=4))),
        "another link": (Conflict, body_of(attrs.evolve(three, prev=ELSEWHERE))),
        "a link before the first": (Conflict, body_of(attrs.evolve(example("new"), prev=ELSEWHERE))),
    }


class Loading(Adapter):
    """The promises of ``load``."""

    @where("bulk")
    def test_bodies_are_loaded_as_they_stand(self, journal: Journal) -> None:
        """Bodies of any cases, mixed, are recorded byte by byte in the order given; the new size comes back."""
        one, two = as_recorded(examples("one", 3), key="k"), as_recorded(examples("two", 2))
        mixed = [body_of(event) for event in (one[0], two[0], one[1], one[2], two[1])]
        assert 3 == bulk(journal).load(mixed[:3])
        assert 5 == bulk(journal).load(mixed[3:])
        assert list(enumerate(mixed, 1)) == [(record.position, record.body) for record in journal.feed()]
        assert (one, two) == (journal.read("one"), journal.read("two"))

    @where("bulk")
    def test_a_load_of_nothing(self, journal: Journal) -> None:
        """No bodies at all: the size, and nothing is written."""
        assert 0 == bulk(journal).load([])
        journal.append("one", examples("one", 2), expected=0)
        assert 2 == bulk(journal).load([])

    @where("bulk")
    @pytest.mark.parametrize("kind", list(_bad()))
    def test_a_load_is_all_or_none(self, journal: Journal, kind: str) -> None:
        """One body that cannot be recorded keeps all of its load out."""
        journal.append("one", examples("one", 1), expected=0)
        wanted, bad = _bad()[kind]
        others = [example("zwei"), as_recorded(examples("one", 2))[1]]
        with pytest.raises(wanted):
            bulk(journal).load([*map(body_of, others), bad])
        assert [1] == [record.position for record in journal.feed()]

    @where("bulk")
    def test_what_is_loaded_counts_like_any_other(self, journal: Journal) -> None:
        """Appends go on from a loaded event: its version, its link, its key."""
        one = as_recorded(examples("one", 2), key="k")
        bulk(journal).load([body_of(event) for event in one])
        assert journal.append("one", examples("one", 2), expected=0, key="k").duplicate
        journal.append("one", examples("one", 1, after=2), expected=2)
        assert [*one, *as_recorded(examples("one", 1, after=2), last=one[-1])] == journal.read("one")

    @where("bulk")
    def test_events_without_links_are_loaded(self, journal: Journal) -> None:
        """What an earlier version recorded carries no link, and stays so; the next append links to it."""
        old: list[Event] = examples("one", 2)
        bulk(journal).load([body_of(event) for event in old])
        journal.append("one", examples("one", 1, after=2), expected=2)
        assert [*old, *as_recorded(examples("one", 1, after=2), last=old[-1])] == journal.read("one")

    # ------------------------------------------------------------ not claimed

    @where("bulk", claimed=False)
    def test_it_offers_no_load(self, journal: Journal) -> None:
        """It does not half load: who asks whether it takes events in bulk is told that it does not."""
        assert not isinstance(journal, Bulk)


__all__ = ["Loading", "bulk"]
