"""A live desk for tests: a clock that is told the moment, journals of every kind, and facts to be put on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs

from shuroflow.caseload import Caseload, Recorded
from shuroflow.events import Actor, Event
from shuroflow.states.office import Office
from shuroflow.storage import Journal, JsonlJournal, MemoryJournal
from shuroflow.storage.sql import SqlJournal
from tests.states import saitama_stories, tsushima_stories
from tests.states.story import JST

CASE = "case-1"
STORIES: dict[str, dict[str, Callable[[], list[Event]]]] = {
    "saitama": saitama_stories.STORIES,
    "tsushima": tsushima_stories.STORIES,
}
PROGRAMMES = tuple(STORIES)


@attrs.define
class Ticking:
    """A clock that is a minute further on each time it is asked, after all days that a test may tell of."""

    moment: datetime = datetime(2110, 4, 3, 9, tzinfo=JST)

    def __call__(self) -> datetime:
        """The moment of recording."""
        self.moment += timedelta(minutes=1)
        return self.moment


@attrs.frozen
class Fact:
    """What somebody wants to put on record."""

    on: date
    data: Any
    by: Actor


def facts_of(events: Iterable[Event]) -> list[Fact]:
    """The facts that a told history puts on record."""
    return [Fact(event.occurred_on, event.data, event.recorded_by) for event in events]


def desk_of(journal: Journal | None = None, *, office: Office | None = None) -> Caseload:
    """A desk over a journal, in memory unless told otherwise."""
    return Caseload(MemoryJournal() if journal is None else journal, clock=Ticking(), office=office)


def put(desk: Caseload, programme: str, fact: Fact, *, case_id: str = CASE) -> Recorded:
    """Record a fact; the first one opens the case."""
    if desk.journal.version(case_id):
        return desk.record(case_id, fact.data, on=fact.on, by=fact.by)
    return desk.open(case_id, programme, fact.data, on=fact.on, by=fact.by)


def tell(desk: Caseload, events: Iterable[Event], *, case_id: str = CASE) -> Recorded:
    """Record a whole history that meets no refusal; the last record."""
    recorded: Recorded | None = None
    for event in events:
        recorded = put(desk, event.programme, Fact(event.occurred_on, event.data, event.recorded_by), case_id=case_id)
    assert recorded is not None
    return recorded


def opened(upto: str = "listed", journal: Journal | None = None) -> Caseload:
    """A desk with the ordinary 埼玉 course recorded up to a step."""
    desk = desk_of(journal)
    tell(desk, saitama_stories.course(upto).events)
    return desk


def force(journal: Journal, events: Iterable[Event], *, case_id: str = CASE) -> None:
    """Put events into the journal without asking anybody, as an office without this library would."""
    for event in events:
        version = journal.version(case_id)
        journal.append(case_id, [attrs.evolve(event, case_id=case_id, seq=version + 1)], expected=version)


def open_memory(_folder: Path) -> Journal:
    """A journal in memory."""
    return MemoryJournal()


def open_jsonl(folder: Path) -> Journal:
    """A journal in a file of lines."""
    return JsonlJournal(folder / "cases.jsonl", create=True)


def open_sqlite(folder: Path) -> Journal:
    """A journal in a SQLite database."""
    return SqlJournal(f"sqlite:///{folder / 'cases.sqlite'}", create=True)


OPENERS = {"memory": open_memory, "jsonl": open_jsonl, "sqlite": open_sqlite}
