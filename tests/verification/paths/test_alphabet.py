"""The events that are tried: every one of the corpus, each on a day that the case can have come to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.events import Actor, Event, kinds_of
from shuroflow.states import programme
from shuroflow.storage.codec import encode
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.paths.alphabet import AMENDING, Alphabet, later, plainest
from shuroflow.verification.shifting import days_of
from shuroflow.vocabulary import Role

CODES = ("saitama", "tsushima")
ALPHABETS = {code: Alphabet(Corpus.of(code), programme(code).current) for code in CODES}


@pytest.mark.parametrize("code", CODES)
def test_every_kind_of_event_is_in_it(code: str) -> None:
    """Also those that no history of the corpus has; corrections are no part of the chart."""
    alphabet = ALPHABETS[code]
    for day in alphabet.openings():
        assert set(kinds_of(code)) - AMENDING == {event.kind for event in alphabet.letters(day)}


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=30, deadline=None)
@given(after=st.integers(0, 800), turn=st.integers(0, 5))
def test_no_event_lies_before_the_day_the_case_has_come_to(code: str, after: int, turn: int) -> None:
    """Each stands at that place or later; one that stood there already is as it was, another has all its days moved."""
    alphabet = ALPHABETS[code]
    opened = alphabet.openings()[0]
    reached = (opened + timedelta(days=after), turn)
    place_of = programme(code).current.place_of
    tried = alphabet.at(opened, reached)
    kept = {said(event) for event in alphabet.letters(opened) if place_of(event) >= reached}

    assert all(place_of(event) >= reached for event in tried)
    assert kept <= {said(event) for event in tried}
    assert {event.kind for event in tried} == {event.kind for event in alphabet.letters(opened)}
    assert all((place_of(event)[0] - reached[0]).days <= 1 for event in tried if said(event) not in kept)


def said(event: Event) -> tuple[object, ...]:
    """What an event says: two that say the same are one to try."""
    return event.kind, event.occurred_on, event.recorded_by, event.data


@pytest.mark.parametrize("code", CODES)
@given(days=st.integers(-400, 400))
@settings(max_examples=20, deadline=None)
def test_all_days_of_an_event_move_along(code: str, days: int) -> None:
    """What lies between them stays, and moving back gives the event as it was."""
    for history in Corpus.of(code).histories[:10]:
        for event in history:
            moved = later(event, days)

            assert [day + timedelta(days=days) for _, day in days_of(event)] == [day for _, day in days_of(moved)]
            assert event == later(moved, -days)


@pytest.mark.parametrize("code", CODES)
def test_the_plainest_event_of_a_kind_is_one(code: str) -> None:
    """It can be stored, so it is an event; made up for every kind there is."""
    for kind, cls in kinds_of(code).items():
        made = plainest(kind, cls, Actor("of-01", Role.OFFICER), date(2025, 4, 7), code)

        assert made is not None, kind
        assert encode(made)
