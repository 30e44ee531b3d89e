"""Rows of a case are read together where all is in order, and one by one where anything is not: the same comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import Damaged
from shuroflow.storage.memory import MemoryJournal
from shuroflow.storage.sql import rows
from shuroflow.storage.sql.rows import CaseRows, row_of
from tests.audit.records import STORIES, story


def stored(name: str) -> list[list[Any]]:
    """The rows of a record as a database gives them."""
    journal = MemoryJournal()
    journal.append(name, story(name), expected=0)
    return [list(row_of(record.position, record.event, record.body)) for record in journal.feed()]


def outcome(read: Callable[[], Sequence[Any]]) -> object:
    """The events, or what was said of the damage."""
    try:
        return read()
    except Damaged as error:
        return str(error)


def both(case_id: str, found: Sequence[Sequence[Any]]) -> object:
    """What comes of the rows, the short way and the long one."""
    case = CaseRows("db", case_id, found)
    short = outcome(case.events)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "_whole", lambda *_: None)
        long = outcome(case.events)
    assert long == short
    return short


@pytest.mark.parametrize("day", [str, date.fromisoformat])
@pytest.mark.parametrize("name", sorted(STORIES))
def test_what_a_journal_wrote(name: str, day: Callable[[str], Any]) -> None:
    """Every record is read the short way, with its days as text or as dates; the events are those of the long way."""
    found = [[*row[:5], day(row[5]), *row[6:]] for row in stored(name)]
    short = rows._whole(name, found)
    assert short is not None
    assert short == both(name, found)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 3),
    st.just(1.0),
    st.sampled_from(["", "S01", "saitama", "2025-04-01", "2025-04-01T09:00:00+09:00", "{}", "{}\n{}", "x"]),
    st.binary(max_size=3),
)


@given(data=st.data(), name=st.sampled_from(["S01", "S08", "T01", "T02"]))
def test_damage(data: st.DataObject, name: str) -> None:
    """Whatever stands in whatever column, and whatever row is missing, twice or elsewhere: the same is said of it."""
    found = stored(name)
    at = data.draw(st.integers(0, len(found) - 1))
    match data.draw(st.sampled_from(["column", "byte", "missing", "twice", "moved", "case"])):
        case "column":
            found[at][data.draw(st.integers(0, 8))] = data.draw(VALUES)
        case "byte":
            body = found[at][8]
            place = data.draw(st.integers(0, len(body) - 1))
            found[at][8] = body[:place] + data.draw(st.sampled_from(' \n\r"x{}9')) + body[place + 1 :]
        case "missing":
            del found[at]
        case "twice":
            found.insert(at, found[at])
        case "moved":
            found.append(found.pop(at))
        case "case":
            assert isinstance(both("another", found), str)
    both(name, found)


def test_no_rows() -> None:
    """A case without rows has no events."""
    assert [] == both("nobody", [])
