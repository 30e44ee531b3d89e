"""An append of one event is one statement of the database, and what it rests on is looked at in that statement."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.errors import Conflict, Damaged, DuplicateKey, Unavailable
from shuroflow.events import Actor, Event
from shuroflow.storage.codec import link
from shuroflow.storage.sql import SqlJournal
from shuroflow.storage.sql.link import Link
from shuroflow.storage.sql.rows import row_of
from shuroflow.storage.sql.tables import SCHEMA_VERSION
from shuroflow.verification import as_recorded, body_of, examples
from shuroflow.verification.journals.events import any_event
from shuroflow.verification.journals.oracle import link_to
from shuroflow.vocabulary import Role
from tests.storage.sql.databases import run, sqlite_url, unguarded

SOME_LINK = f"rfc6962:{0:064}"
LOOKALIKES = [
    f"{quote}{name}{quote}:{quote}{value}"
    for quote in ('"', ',"', '\\",\\"')
    for name, value in (
        ("prev", SOME_LINK),
        ("recorded_at", "2020-01-01"),
        ("occurred_on", "2020-01-01"),
        ("programme", "x"),
    )
]
"""Texts that look like a field of the envelope."""


@st.composite
def deceptive(draw: st.DrawFn) -> Event:
    """An event of any kind, some of whose texts look like fields of the envelope."""
    texts = st.none() | st.sampled_from(LOOKALIKES)
    event = draw(any_event)
    by = Actor(draw(texts) or event.recorded_by.id, draw(st.sampled_from(Role)))
    return attrs.evolve(event, recorded_by=by, note=draw(texts) or event.note, hash=draw(texts), prev=None, key=None)


@contextlib.contextmanager
def no_transaction(journal: SqlJournal, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The journal may begin none of several statements; the statements that it asks for rows."""
    link = journal._door.link
    assert isinstance(link, Link)
    asked: list[str] = []
    rows = type(link).rows

    def noted(self: Link, statement: Any, values: tuple[object, ...] = ()) -> Any:
        asked.append(statement.text)
        return rows(self, statement, values)

    with monkeypatch.context() as patch:
        patch.setattr(type(link), "writing", None)
        patch.setattr(type(link), "rows", noted)
        yield asked


def forget(journal: SqlJournal) -> None:
    """Let it be as if the journal had seen no case."""
    journal._known.clear()


def test_nothing_else_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case is written with the one statement; before that, SQLite is asked for a case that is not known."""
    with SqlJournal(url, create=True) as journal:
        journal.append("read", examples("read", 3), expected=0)
        journal.append("unread", examples("unread", 1), expected=0)
    with SqlJournal(url) as journal:
        journal.read("read")
        with no_transaction(journal, monkeypatch) as asked:
            journal.append("read", examples("read", 1, after=3), expected=3)
            journal.append("read", examples("read", 1, after=4), expected=4, key="k")
            assert [] == asked
            journal.append("new", examples("new", 1), expected=0)
            journal.append("new", examples("new", 1, after=1), expected=1)
            assert [] == asked
            journal.append("unread", examples("unread", 1, after=1), expected=1)
            forget(journal)
            journal.append("unread", examples("unread", 1, after=2), expected=2, key="k")
            assert (2 if url.startswith("sqlite") else 0) == len(asked)
        assert [5, 2, 3] == [len(journal.read(case_id)) for case_id in ("read", "new", "unread")]  # every link fits


@pytest.mark.parametrize("seen", [True, False])
def test_what_is_recorded(url: str, seen: bool) -> None:
    """Whatever the events say, known or unknown the case: the bytes, the links and the result are right."""
    with SqlJournal(url, create=True) as journal:
        number = 0

        @given(drawn=st.lists(deceptive(), min_size=2, max_size=4), linked=st.booleans())
        @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
        def check(drawn: list[Event], linked: bool) -> None:
            nonlocal number
            number += 1
            case_id, start = f"case {number}", journal.size()
            events = [attrs.evolve(event, case_id=case_id, seq=seq) for seq, event in enumerate(drawn, 1)]
            right = as_recorded(events)
            for event in right if linked else events:
                if not seen:
                    forget(journal)
                done = journal.append(case_id, [event], expected=event.seq - 1)
                due = right[event.seq - 1]
                assert (event.seq, (due,), link_to(due)) == (done.version, done.events, done.head)
            assert [body_of(event) for event in right] == [record.body for record in journal.feed(after=start)]
            assert right == journal.read(case_id)

        check()


@given(event=deceptive(), prev=st.none() | st.just(SOME_LINK))
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_the_columns_of_a_row(event: Event, prev: str | None) -> None:
    """The day and the moment of a row are those of the event, whatever else it says."""
    event = attrs.evolve(event, prev=prev)
    row = row_of(1, event, body_of(event))
    assert (event.occurred_on.isoformat(), event.recorded_at.isoformat()) == (row.occurred_on, row.recorded_at)


@pytest.mark.parametrize("prev", [SOME_LINK, SOME_LINK[:-1], "theirs", 'a"b', ""])
def test_another_link(url: str, prev: str) -> None:
    """An event that was judged on another one than stands there is refused, and nothing is written."""
    with SqlJournal(url, create=True) as journal:
        journal.append("case", examples("case", 1), expected=0)
        for _ in range(2):
            with pytest.raises(Conflict):
                journal.append("case", [attrs.evolve(examples("case", 1, after=1)[0], prev=prev)], expected=1)
            forget(journal)
        assert 1 == journal.size()


@pytest.mark.parametrize("value", ["x'7b7d'", "CAST(x'ff' AS TEXT)"])
def test_no_link_to_what_is_no_text(tmp_path: Path, value: str) -> None:
    """What stands before a new event and is no text is told, and nothing is linked to it (SQLite)."""
    url = sqlite_url(tmp_path)
    with SqlJournal(url, create=True) as journal:
        journal.append("case", examples("case", 2), expected=0)
        unguarded(url, f"UPDATE shuroflow_event SET body = {value} WHERE seq = 2")
        for _ in range(2):
            with pytest.raises(Damaged):
                journal.append("case", examples("case", 1, after=2), expected=2)
            forget(journal)
        assert [(2,)] == run(url, "SELECT count(*) FROM shuroflow_event")


def test_others_have_recorded(url: str) -> None:
    """What this journal knows is out of date: it looks again, and refuses or appends by what stands there now."""
    with SqlJournal(url, create=True) as one, SqlJournal(url) as other:
        one.append("case", examples("case", 2), expected=0)
        other.append("case", examples("case", 1, after=2), expected=2)
        with pytest.raises(Conflict) as refused:
            one.append("case", examples("case", 1, after=2), expected=2)
        assert 3 == refused.value.actual
        one.append("case", examples("case", 1, after=3), expected=3)
        other.append("case", examples("case", 1, after=4), expected=4)
        assert one.read("case") == other.read("case")


@pytest.mark.parametrize("seen", [True, False])
def test_a_key_that_was_given(url: str, seen: bool) -> None:
    """The key of an append is looked for in the case, not only among what is known."""
    with SqlJournal(url, create=True) as one, SqlJournal(url) as other:
        first = one.append("case", examples("case", 1), expected=0, key="k")
        one.append("case", examples("case", 1, after=1), expected=1)
        if seen:
            other.read("case")
        with pytest.raises(DuplicateKey) as refused:
            other.append("case", examples("case", 1, after=2), expected=2, key="k")
        assert first.events == refused.value.first
        assert 2 == other.version("case")


@pytest.mark.parametrize("seen", [True, False])
def test_the_event_before_was_changed(url: str, seen: bool) -> None:
    """What is appended is linked to the event that stands there, not to the one that was known."""
    with SqlJournal(url, create=True) as journal:
        journal.append("case", examples("case", 2), expected=0)
        unguarded(url, "UPDATE shuroflow_event SET body = replace(body, '求職中', '就労中') WHERE seq = 2")
        if not seen:
            forget(journal)
        journal.append("case", examples("case", 1, after=2), expected=2)
        second, third = (record for record in journal.feed() if record.event.seq > 1)
        assert link(second.body) == third.event.prev


@pytest.mark.parametrize(
    ("change", "actual"),
    [
        ("DELETE FROM shuroflow_event WHERE seq = 2", 1),
        ("UPDATE shuroflow_event SET seq = 7 WHERE seq = 1", 7),
    ],
)
@pytest.mark.parametrize("seen", [True, False])
def test_a_gap(url: str, change: str, actual: int, seen: bool) -> None:
    """No event is put into a gap, or beyond one."""
    with SqlJournal(url, create=True) as journal:
        journal.append("case", examples("case", 2), expected=0)
        unguarded(url, change)
        if not seen:
            forget(journal)
        held = run(url, "SELECT position, seq, body FROM shuroflow_event ORDER BY position")
        with pytest.raises(Conflict) as refused:
            journal.append("case", examples("case", 1, after=2), expected=2)
        assert actual == refused.value.actual
        assert held == run(url, "SELECT position, seq, body FROM shuroflow_event ORDER BY position")


@pytest.mark.parametrize("seen", [True, False])
def test_tables_of_a_later_release(url: str, seen: bool) -> None:
    """A database that was brought up to date meanwhile is written no more by a journal that knows its old form."""
    with SqlJournal(url, create=True) as journal:
        journal.append("case", examples("case", 1), expected=0)
        unguarded(url, f"INSERT INTO shuroflow_schema VALUES ({SCHEMA_VERSION + 1})")
        if not seen:
            forget(journal)
        with pytest.raises(Unavailable, match=r"are of version|of a later"):
            journal.append("case", examples("case", 1, after=1), expected=1)
        assert [(1,)] == run(url, "SELECT count(*) FROM shuroflow_event")
