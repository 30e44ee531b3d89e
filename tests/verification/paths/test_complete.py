"""Complete to the bound: what a plain enumeration of all sequences comes to, the exploration has come to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from shuroflow.caseload.held import Held
from shuroflow.events import Event
from shuroflow.states import Office, programme
from shuroflow.states.history import case_of
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.paths import explore
from shuroflow.verification.paths.alphabet import Alphabet, Place, as_recorded
from shuroflow.verification.paths.exploring import Explorer
from shuroflow.verification.paths.situations import Situation, content
from shuroflow.verification.paths.starting import beginnings, variants
from shuroflow.vocabulary import State
from tests.verification.paths import seats
from tests.verification.paths.conftest import Install

OFFICE = Office()
LENGTH = 3


def sequences(
    alphabet: Alphabet, opened: date, before: tuple[Event, ...], reached: Place, left: int
) -> Iterator[tuple[tuple[Event, ...], Place]]:
    """All that a desk would record, event by event and each time from the beginning, up to so many events."""
    for event in alphabet.at(opened, reached):
        held = Held()
        for each in as_recorded(before, "case-1"):
            held.take(each, OFFICE)
        tried = as_recorded((*before, event), "case-1")
        if held.judge(tried[-1], OFFICE).allowed:
            place = max(reached, programme(event.programme).current.place_of(event))
            yield tried, place
            if left > 1:
                yield from sequences(alphabet, opened, tried, place, left - 1)


def explored(code: str, bound: int) -> Explorer:
    """An exploration, with all it has come to."""
    explorer = Explorer(programme(code), Corpus.of(code), OFFICE, {})
    explorer.run(beginnings(explorer), variants(explorer), bound)
    return explorer


@pytest.mark.parametrize("code", [seats.CODE, "saitama"])
def test_every_sequence_was_come_to(code: str, install: Install) -> None:
    """Each allowed sequence from the beginning of a case ends in a situation that the exploration keeps."""
    install(seats.seats())
    explorer = explored(code, LENGTH + 1 if code == seats.CODE else 2)
    kept = {(content(each.case), each.reached) for each in explorer.situations}
    length = LENGTH if code == seats.CODE else 1
    told = [
        (content(case_of(events, OFFICE)), place)
        for day in explorer.alphabet.openings()
        for events, place in sequences(explorer.alphabet, day, (), (day, 0), length)
    ]

    assert len(told) > 1
    assert [] == [each for each in told if each not in kept]


def test_the_number_of_histories_is_that_of_an_enumeration(install: Install) -> None:
    """Counted along the situations, the sequences are as many as one by one."""
    install(seats.seats())
    explorer = explored(seats.CODE, 3)

    def following(situation: Situation, left: int) -> int:
        found = list(explorer.onward(situation))
        return len(found) + (sum(following(each, left - 1) for each in found) if left > 1 else 0)

    starts = [each for each in explorer.situations if each.before is None]
    one_by_one = sum(following(each, 3 - each.distance) + each.distance for each in starts)

    assert one_by_one == explore(seats.CODE, bound=3).counts.histories


def test_what_is_equal_is_answered_equally(install: Install) -> None:
    """Two situations of one content are the same to the judge: every event gets the same answer, whatever led there."""
    install(seats.seats())
    explorer = explored(seats.CODE, 3)
    edition = programme(seats.CODE).current
    pairs = 0
    for situation in explorer.situations:
        for after in explorer.onward(situation):
            other = next((each for each in explorer.situations if each.key() == after.key()), None)
            if other is None or other.history() == after.history():
                continue
            pairs += 1
            for event in explorer.alphabet.at(after.opened, after.reached):
                answers = [
                    [finding.rule.code for finding in edition.judge(each.case, event, OFFICE).findings]
                    for each in (after, other)
                ]
                assert answers[0] == answers[1]

    assert pairs > 10


def test_a_situation_knows_its_history(install: Install) -> None:
    """Folded anew, the history of each situation comes to its case."""
    install(seats.seats())
    for situation in explored(seats.CODE, 3).situations:
        if situation.length:
            history = as_recorded(situation.history(), "case-1")

            assert situation.length == len(history)
            assert content(situation.case) == content(case_of(history, OFFICE))
            assert situation.state is situation.case.state_on(situation.reached[0]) is not State.NEW
