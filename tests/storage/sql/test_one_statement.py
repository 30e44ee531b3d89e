"""An append of one event is one statement of the database, and what it rests on is looked at in that statement."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from shuroflow.errors import Conflict, DuplicateKey, Unavailable
from shuroflow.storage.codec import link
from shuroflow.storage.sql import SqlJournal
from shuroflow.storage.sql.link import Link
from shuroflow.storage.sql.tables import SCHEMA_VERSION
from shuroflow.verification import examples
from tests.storage.sql.databases import run, unguarded


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


def test_nothing_else_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that was read or appended to is written with the one statement; one that was not is looked at before."""
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
            assert 1 == len(asked)
        assert [5, 2, 2] == [len(journal.read(case_id)) for case_id in ("read", "new", "unread")]  # every link fits


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


def test_a_key_that_was_given(url: str) -> None:
    """The key of an append is looked for in the case, not only among what is known."""
    with SqlJournal(url, create=True) as one, SqlJournal(url) as other:
        first = one.append("case", examples("case", 1), expected=0, key="k")
        one.append("case", examples("case", 1, after=1), expected=1)
        other.read("case")
        with pytest.raises(DuplicateKey) as refused:
            other.append("case", examples("case", 1, after=2), expected=2, key="k")
        assert first.events == refused.value.first
        assert 2 == other.version("case")


def test_the_event_before_was_changed(url: str) -> None:
    """What is appended is linked to the event that stands there, not to the one that was known."""
    with SqlJournal(url, create=True) as journal:
        journal.append("case", examples("case", 2), expected=0)
        unguarded(url, "UPDATE shuroflow_event SET body = replace(body, '求職中', '就労中') WHERE seq = 2")
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
def test_a_gap(url: str, change: str, actual: int) -> None:
    """No event is put into a gap, or beyond one."""
    with SqlJournal(url, create=True) as journal:
        journal.append("case", examples("case", 2), expected=0)
        unguarded(url, change)
        held = run(url, "SELECT position, seq, body FROM shuroflow_event ORDER BY position")
        with pytest.raises(Conflict) as refused:
            journal.append("case", examples("case", 1, after=2), expected=2)
        assert actual == refused.value.actual
        assert held == run(url, "SELECT position, seq, body FROM shuroflow_event ORDER BY position")


def test_tables_of_a_later_release(url: str) -> None:
    """A database that was brought up to date meanwhile is written no more by a journal that knows its old form."""
    with SqlJournal(url, create=True) as journal:
        journal.append("case", examples("case", 1), expected=0)
        unguarded(url, f"INSERT INTO shuroflow_schema VALUES ({SCHEMA_VERSION + 1})")
        with pytest.raises(Unavailable, match=r"are of version|of a later"):
            journal.append("case", examples("case", 1, after=1), expected=1)
        assert [(1,)] == run(url, "SELECT count(*) FROM shuroflow_event")
