"""Loading in bulk is recording one by one, only quicker: whatever the cases, their order, and the borders of a load."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.errors import Conflict
from shuroflow.events import Event
from shuroflow.storage.sql import SqlJournal
from shuroflow.verification import as_recorded, body_of, examples
from shuroflow.verification.journals.appending import ELSEWHERE
from shuroflow.verification.journals.events import ids

new = count()
"""Makes the cases of one example other ones than those of the last: all of them go into one journal."""

some = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def mixed(draw: st.DrawFn) -> list[Event]:
    """The events of some cases, linked, those of each case in their order, and between them those of the others."""
    cases = [f"{draw(ids)} {next(new)}" for _ in range(draw(st.integers(1, 4)))]
    left = {case_id: as_recorded(examples(case_id, draw(st.integers(1, 5)))) for case_id in cases}
    turns = draw(st.permutations([case_id for case_id, events in left.items() for _ in events]))
    return [left[case_id].pop(0) for case_id in turns]


@pytest.fixture(params=["own", "host"])
def journal(url: str, request: pytest.FixtureRequest) -> Iterator[SqlJournal]:
    """A journal on a connection of its own, and one on a connection of the host, in each database."""
    with SqlJournal(url, create=True) as own:
        if request.param == "own":
            yield own
            return
    engine = sa.create_engine(url)
    with engine.connect() as host, SqlJournal(host) as hosted:
        yield hosted
    engine.dispose()


@some
@given(events=mixed(), data=st.data())
def test_loaded_or_appended(journal: SqlJournal, events: list[Event], data: st.DataObject) -> None:
    """In one load, in several, or with appends in between: the same records come of it."""
    before = journal.size()
    start = 0
    while start < len(events):
        end = data.draw(st.integers(start + 1, len(events)))
        part = events[start:end]
        if data.draw(st.booleans()):
            assert before + end == journal.load([body_of(event) for event in part])
        else:
            for event in part:
                journal.append(event.case_id, [event], expected=event.seq - 1)
        start = end
    assert list(enumerate(map(body_of, events), before + 1)) == [
        (record.position, record.body) for record in journal.feed(after=before)
    ]
    for case_id in {event.case_id for event in events}:
        assert [event for event in events if event.case_id == case_id] == journal.read(case_id)


@some
@given(events=mixed(), data=st.data())
def test_what_does_not_follow(journal: SqlJournal, events: list[Event], data: st.DataObject) -> None:
    """Wherever a number or a link does not fit what stands before it, in the journal or the load, nothing is loaded."""
    held, at = data.draw(st.integers(0, len(events) - 1)), data.draw(st.integers(0, len(events) - 1))
    held = min(held, at)
    size = journal.load([body_of(event) for event in events[:held]])
    event = events[at]
    wrong = data.draw(
        st.sampled_from(
            [attrs.evolve(event, prev=ELSEWHERE), attrs.evolve(event, seq=event.seq + 1)]
            + ([attrs.evolve(event, seq=event.seq - 1)] if event.seq > 1 else [])
        )
    )
    with pytest.raises(Conflict) as caught:
        journal.load([body_of(each) for each in [*events[held:at], wrong, *events[at + 1 :]]])
    assert event.case_id == caught.value.case_id
    assert size == journal.size()
    assert len(events) - held == journal.load([body_of(each) for each in events[held:]]) - size
