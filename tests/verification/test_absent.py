"""A system that takes what the 要綱 does not know is found, though no compliant history has such an event."""

from __future__ import annotations

import pytest

from shuroflow.events import Event
from shuroflow.states import programme
from shuroflow.storage.codec import decode, encode
from shuroflow.verification.absent import absent_events
from shuroflow.verification.checking import check
from shuroflow.verification.compliance import PROFILES
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Answer, DeskDriver


class TakesAnyEnd(DeskDriver):
    """Takes whatever its text does not know."""

    def record(self, event: Event) -> Answer:
        """Yes to those alone."""
        answer = super().record(event)
        return Answer(True) if event.kind in programme(event.programme).current.absent else answer


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_they_are_events_of_every_absent_kind(code: str) -> None:
    """One of each, that the stored form takes."""
    history = Corpus.of(code).histories[0]
    made = absent_events(history[:1])

    assert list(programme(code).current.absent) == [event.kind for event in made]
    assert made == [decode(encode(event)) for event in made]


@pytest.mark.parametrize(("code", "clause"), [("saitama", "4(4)"), ("tsushima", "第6条第1項")])
def test_a_system_that_takes_them_is_found(code: str, clause: str) -> None:
    """The rule that knows no such event is named, with a history of that event alone."""
    corpus = Corpus(code, Corpus.of(code).histories[:3])
    found = check(TakesAnyEnd, code, corpus=corpus, profile=PROFILES["quick"], most=1).differences[0]

    assert ("accepts", clause, 1) == (found.what, found.clauses[0], len(found.history))
    assert found.rules[0].partition(".")[2] == programme(code).current.absent[found.history[-1].kind].absent
