"""Corrections, withdrawals, what had happened and what was known; and the order in which all of it is judged."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.events import saitama as e
from shuroflow.states.history import case_of, chronology, corrected, effective
from shuroflow.vocabulary import State
from tests.states import tsushima_stories
from tests.states.saitama_stories import STORIES, VISIT, course
from tests.states.story import ES, JST, OFFICE, SV, Story, edition_of, replay, snapshot

FIRST = date(2025, 4, 1)
MOMENT = datetime(2025, 4, 1, 9, tzinfo=JST)


def correction(seq: int, *, on: date | None = None, data: dict[str, Any] | None = None) -> Corrected:
    """A correction of the day, of the payload, or of both."""
    return Corrected(seq=seq, reason="誤記", approved_by=SV, occurred_on=on, data=data)


def withdrawal(seq: int) -> Withdrawn:
    """A withdrawal."""
    return Withdrawn(seq=seq, reason="重複", approved_by=SV)


# Corrections against a naive model ------------------------------------------------------------------------------------

_AMENDING = (Corrected, Withdrawn)


def naive(events: list[Event], as_of: date | None, known_at: datetime | None) -> list[tuple[int, date, str]] | None:
    """(seq, day, reason) of every listing that holds, told event by event from the words of the rule.

    ``None``: an amendment that stands names no earlier event, or corrects an amendment, or corrects to no payload.
    """
    known = {event.seq: event for event in events if known_at is None or event.recorded_at <= known_at}

    def stands(seq: int) -> bool:
        """It was not withdrawn by a withdrawal that itself stands."""
        return not any(
            isinstance(other.data, Withdrawn) and other.data.seq == seq and other.seq > seq and stands(other.seq)
            for other in known.values()
        )

    told = []
    for seq, event in known.items():
        if isinstance(event.data, _AMENDING) and stands(seq):
            target = known.get(event.data.seq)
            if target is None or target.seq >= seq:
                return None
            if isinstance(event.data, Corrected):
                data = event.data.data
                if isinstance(target.data, _AMENDING) or (data is not None and set(data) != {"reason"}):
                    return None
    for seq, event in known.items():
        if isinstance(event.data, _AMENDING) or not stands(seq):
            continue
        day, reason = event.occurred_on, event.data.reason
        for other in known.values():
            if isinstance(other.data, Corrected) and other.data.seq == seq and stands(other.seq):
                day = other.data.occurred_on or day
                reason = other.data.data["reason"] if other.data.data is not None else reason
        if as_of is None or day <= as_of:
            told.append((seq, day, reason))
    return told


@st.composite
def amended(draw: st.DrawFn) -> list[Event]:
    """Listings, corrections and withdrawals of one another, most of them of something that is there."""
    story = Story("saitama")
    days = st.integers(0, 9).map(lambda n: FIRST + timedelta(days=n))
    moment = MOMENT
    for seq in range(1, draw(st.integers(1, 12)) + 1):
        target = draw(st.integers(1, max(1, seq - 1)) | st.integers(1, seq + 1))
        new_day = draw(st.none() | days)
        new_data = draw(st.none() | st.sampled_from("abc").map(lambda word: {"reason": word}))
        if draw(st.integers(0, 40)) == 0:
            new_data = {"reson": "x"}
        facts = [
            e.Listed(reason=f"r-{seq}"),
            e.Listed(reason=f"r-{seq}"),
            correction(target, on=new_day, data=new_data),
            withdrawal(target),
        ]
        moment += timedelta(hours=draw(st.integers(0, 2)))
        story.on(draw(days), draw(st.sampled_from(facts)), recorded_at=moment)
    return story.events


@settings(max_examples=400, deadline=None)
@given(
    events=amended(),
    as_of=st.none() | st.integers(-1, 10).map(lambda n: FIRST + timedelta(days=n)),
    known=st.none() | st.integers(-1, 25).map(lambda n: MOMENT + timedelta(hours=n)),
)
def test_what_holds_is_what_the_words_say(events: list[Event], as_of: date | None, known: datetime | None) -> None:
    """For any corrections and withdrawals, as of any day and as known at any moment."""
    expected = naive(events, as_of, known)
    before = list(events)
    if expected is None:
        with pytest.raises(InputError) as error:
            effective(events, as_of=as_of, known_at=known)
        assert error.value.field is not None
        assert str(error.value)
    else:
        held = effective(events, as_of=as_of, known_at=known)
        assert expected == [(event.seq, event.occurred_on, event.data.reason) for event in held]
        by_seq = {event.seq: event for event in events}
        assert all(by_seq[event.seq].recorded_at == event.recorded_at for event in held)
    assert before == events


def test_without_amendments_nothing_is_touched() -> None:
    """What needs no correction is passed on as it is."""
    events = course().events
    assert effective(events) is events
    assert effective(events, as_of=date(2026, 1, 1)) is events


# Corrections by example -----------------------------------------------------------------------------------------------


def test_a_corrected_day_and_a_corrected_payload() -> None:
    """Day and payload can be corrected one after the other; place, moment and recorder stay."""
    story = course("visit_1")
    visit = story.last
    story.on("2025-05-01", correction(7, on=date(2025, 4, 24)))
    story.on("2025-05-02", correction(7, data={"kind": "consultation", "mode": "office_interview"}))
    held = effective(story.events)[-1]
    assert (7, date(2025, 4, 24), e.ContactMode.OFFICE_INTERVIEW) == (held.seq, held.occurred_on, held.data.mode)
    assert (visit.recorded_at, visit.recorded_by) == (held.recorded_at, held.recorded_by)
    assert type(visit.data) is type(held.data)


def test_a_withdrawn_correction_restores() -> None:
    """Once the correction is withdrawn the first record holds again; and withdrawing that, the correction."""
    story = course("visit_1").on("2025-05-01", correction(7, on=date(2025, 4, 24)))
    first = story.events[6]
    days = [effective(story.events)[-1].occurred_on]
    for seq in (8, 9, 10):
        story.on("2025-05-02", withdrawal(seq))
        days.append(effective(story.events)[-1].occurred_on)
    assert [date(2025, 4, 24), first.occurred_on, date(2025, 4, 24), first.occurred_on] == days


@pytest.mark.parametrize(("amending", "kind"), [(correction(8), "correction"), (correction(9), "withdrawal")])
def test_a_correction_is_not_corrected(amending: Corrected, kind: str) -> None:
    """Whoever erred in a correction withdraws it and corrects the original; the message says so."""
    story = course("visit_1").on("2025-05-01", correction(7, on=date(2025, 4, 24))).on("2025-05-01", withdrawal(8))
    story.on("2025-05-02", amending)
    with pytest.raises(InputError, match=f"which is a {kind} itself: withdraw that one") as error:
        effective(story.events)
    assert ("data.seq", "case-1") == (error.value.field, error.value.case_id)
    with pytest.raises(InputError, match="itself"):
        corrected(story.events[amending.seq - 1], story.last)


def test_a_withdrawn_misfit_harms_nobody() -> None:
    """An amendment that fits nothing stops the reader until it is withdrawn itself."""
    story = course("visit_1").on("2025-05-01", correction(7, data={"kind": "dancing"}))
    with pytest.raises(InputError, match=r"data\.kind"):
        effective(story.events)
    story.on("2025-05-02", withdrawal(8))
    assert course("visit_1").events == list(effective(story.events))


def test_a_withdrawn_event_never_was() -> None:
    """A case folds as if the withdrawn event had not been recorded."""
    story = course("evaluated").on("2025-06-18", withdrawal(11))
    usual = course("visit_2")
    mine, theirs = (snapshot(case_of(told.events, OFFICE)) for told in (story, usual))
    assert theirs == mine
    assert State.ENDED is case_of(course("ended").events, OFFICE).state
    assert State.IN_SUPPORT is case_of(course("ended").on("2025-06-21", withdrawal(12)).events, OFFICE).state


# What was known -------------------------------------------------------------------------------------------------------

ALL = {**STORIES, **tsushima_stories.STORIES}


@pytest.mark.parametrize("name", ALL)
def test_known_at_a_moment_is_what_was_on_record(name: str) -> None:
    """As known at each moment of writing, a case is what the record was then; a second earlier, one event less."""
    told = ALL[name]()
    for at, event in enumerate(told, 1):
        then = snapshot(case_of(told, OFFICE, known_at=event.recorded_at))
        same = [other for other in told if other.recorded_at <= event.recorded_at]
        assert snapshot(case_of(same, OFFICE)) == then
        earlier = effective(told, known_at=event.recorded_at - timedelta(seconds=1))
        assert [other for other in told[:at] if other.recorded_at < event.recorded_at] == list(earlier)


def test_a_correction_not_yet_known() -> None:
    """What was decided on what was known then can be seen as it was known then."""
    story = course("visit_1").on("2025-05-30", correction(7, on=date(2025, 4, 14)))
    before = story.last.recorded_at - timedelta(seconds=1)
    assert date(2025, 4, 22) == effective(story.events, known_at=before)[-1].occurred_on
    assert date(2025, 4, 14) == effective(story.events, known_at=story.last.recorded_at)[-1].occurred_on
    assert date(2025, 4, 14) == effective(story.events, as_of=date(2025, 5, 1))[-1].occurred_on


def test_what_amends_what_is_not_known_has_nothing_to_amend() -> None:
    """Where a clock was put back, a correction may be known before what it names, and so may its own withdrawal."""
    story = course("visit_1")
    noon = datetime(2025, 4, 22, 12, tzinfo=JST)
    story.on("2025-04-22", correction(7, on=date(2025, 4, 14)), recorded_at=noon)
    days = [date(2025, 4, 14), date(2025, 4, 22), date(2025, 4, 14)]
    for seq, on in zip((8, 9, 10), days, strict=True):
        assert course("support_started").events == list(effective(story.events, known_at=noon))
        assert on == effective(story.events)[-1].occurred_on
        story.on("2025-04-22", withdrawal(seq), recorded_at=noon)


def test_a_case_without_events() -> None:
    """There is no such case."""
    with pytest.raises(ValueError, match="at least one event"):
        case_of([], OFFICE)


# The order of judging -------------------------------------------------------------------------------------------------

MOVING = edition_of("saitama").moving
EDITION = edition_of("saitama")


@st.composite
def shuffled_days(draw: st.DrawFn) -> list[Event]:
    """Moving and internal events on any days."""
    story = Story("saitama")
    kinds = st.sampled_from([e.Listed(), e.Ended(), VISIT, VISIT, e.SupportDecided()])
    for _ in range(draw(st.integers(0, 12))):
        story.on(FIRST + timedelta(days=draw(st.integers(0, 12))), draw(kinds))
    return story.events


@settings(max_examples=300, deadline=None)
@given(events=shuffled_days())
def test_moving_events_keep_their_order_and_others_go_by_their_day(events: list[Event]) -> None:
    """The order of judging, by what it promises of any two events."""
    ordered = list(chronology(events, EDITION))
    assert sorted(ordered, key=lambda event: event.seq) == events
    moving = [event for event in events if event.kind in MOVING]
    others = [event for event in ordered if event.kind not in MOVING]
    assert moving == [event for event in ordered if event.kind in MOVING]
    opened = (moving[0].occurred_on, 0) if moving else (date.min, 0)
    place = {event.seq: at for at, event in enumerate(ordered)}
    own = {event.seq: max((event.occurred_on, 1 if event.data == VISIT else 0), opened) for event in others}
    for one in others:
        for other in others:
            if (own[one.seq], one.seq) < (own[other.seq], other.seq):
                assert place[one.seq] < place[other.seq]
        for count, move in enumerate(moving, 1):
            reached = max(event.occurred_on for event in moving[:count]), 0  # what the record had come to with it
            first = (own[one.seq], one.seq) < (reached, move.seq)
            assert first is (place[one.seq] < place[move.seq])


@settings(max_examples=100, deadline=None)
@given(events=shuffled_days())
def test_an_order_that_is_one_already_stays(events: list[Event]) -> None:
    """Events in the order of their days are passed on as they are."""
    in_order = sorted(events, key=lambda event: (event.occurred_on, event.data == VISIT))
    assert chronology(in_order, EDITION) is in_order


def test_a_visit_written_down_late_is_judged_by_its_own_day() -> None:
    """Told last, a visit of May belongs before the end in June; the case comes to the same end."""
    prompt = course("ended")
    late = course("ended", interview=None).on("2025-05-13", prompt.events[7].data, by=ES)
    for told in (prompt, late):
        assert State.ENDED is case_of(told.events, OFFICE).state
    (one, other) = (snapshot(case_of(told.events, OFFICE)) for told in (prompt, late))
    told_of = ("contacts", "longest_gap_days", "last_contact_on", "closing", "periods")
    assert {name: one[name] for name in told_of} == {name: other[name] for name in told_of}
    in_order = replay(chronology(late.events, EDITION))
    assert [] == in_order.graded


def test_moving_events_out_of_order_are_told_once() -> None:
    """A consent dated before the selection stays where the office recorded it: one guard says so, and no more."""
    story = course("evaluated", consented="2025-04-09")
    assert [event.seq for event in story.events] == [event.seq for event in chronology(story.events, EDITION)]
    assert ["4(1)"] == [clause for clause, _, _ in replay(chronology(story.events, EDITION)).graded]


def test_case_of_asks_the_edition_of_each_day() -> None:
    """Folding is what the auditor of the test suite does by hand, for all records as of any day."""
    for told in (story() for story in ALL.values()):
        by_hand = replay(told).case
        assert snapshot(by_hand) == snapshot(case_of(told, OFFICE))
        assert attrs.asdict(case_of(told, OFFICE, as_of=told[0].occurred_on))["version"] >= 1
