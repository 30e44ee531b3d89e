"""The journal in a SQL database: the promises of the port, on whatever way leads to the tables."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from shuroflow.errors import Conflict, Damaged, Unavailable
from shuroflow.events import Event
from shuroflow.storage.codec import CHAINED, encode, with_prev
from shuroflow.storage.codec import link as link_of
from shuroflow.storage.journal import Appended, Closing, Record, chained, prepare, repeated
from shuroflow.storage.sql import bulk
from shuroflow.storage.sql.link import Door, Link, Taken
from shuroflow.storage.sql.migrations import found_version, known, make, recordable
from shuroflow.storage.sql.opening import link_to
from shuroflow.storage.sql.rows import (
    CaseRows,
    around_link,
    events_of,
    number_of,
    positive,
    record_of,
    row_of,
    some_of,
    text_of,
)
from shuroflow.storage.sql.statements import LOWEST, Statement

if TYPE_CHECKING:
    from shuroflow.storage.sql.opening import Source

_CASES = 50
"""Cases that a scan reads with one statement."""

KEPT = 1024
"""Cases whose last event a journal remembers, so that an append need not ask for it; it is looked at again then."""

Seen = tuple[int, str | None, str | None]
"""What was seen of a case: number and body of its last event, and the link to that."""
_NOTHING: Seen = (0, None, None)
"""What is seen of a case that has no event."""

_SOME_LINK = f"{CHAINED}{0:064}"
"""Stands for a link that is not known yet."""

_BEYOND = 2**63
"""Above every number that a row can have."""


class SqlJournal(Closing):
    """A journal in SQLite or PostgreSQL; safe between threads and between processes.

    Args:
        source: a URL (``sqlite:///cases.db``, ``sqlite://`` for one in memory, ``postgresql+psycopg://host/database``)
            or an engine of the host: the journal has a connection of its own, and every append is a transaction. Or
            an open connection or ORM session of the host: then all is done on it, in the host's transaction, and what
            is appended stands or falls with it; nothing is committed here, and the connection is not closed here.
        create: make the tables (and, with SQLite, the file) where they are missing; otherwise that is an error.
        busy_timeout: seconds to wait for another process that is writing; a connection of the host has its own.

    Raises:
        InputError: if the source names no database that can be used.
        Unavailable: if the database is missing, cannot be opened, is of a later version, or the file is no database.
        Damaged: if the file is broken.
    """

    def __init__(self, source: Source, *, create: bool = False, busy_timeout: float = 10.0) -> None:
        link = link_to(source, create=create, busy_timeout=busy_timeout)
        self._door = Door(link, closed="the journal is closed; open it again")
        self._known: OrderedDict[str, Seen] = OrderedDict()
        self.where = link.where
        """The URL, without its password."""
        try:
            with self._door as link:
                if create and found_version(link) is None:
                    make(link)
                known(found_version(link), where=self.where)
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------ the port

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Record all the events, or none; see :meth:`.journal.Journal.append`.

        Durable on return, or with the host's transaction where the journal is on a connection of the host.
        """
        ready = prepare(case_id, events, expected=expected, key=key)
        try:
            with self._door as link:
                done = self._at_once(link, case_id, ready, expected) if link.own else None
                return done or self._append(link, case_id, ready, expected, key)
        except Taken:  # the database itself has the last word on a number
            raise Conflict(case_id, expected=expected, actual=self.version(case_id)) from None

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, in the order of ``seq``; an empty list if there are none."""
        after = max(0, after)
        if after >= _BEYOND or not _can_exist(case_id):
            return []
        with self._door as link:
            # From the start every row is read, whatever its number: one below 1 is damage, and not to be passed over.
            rows = link.rows(link.sql.read, (case_id, after or LOWEST))
        positive(min((row[0] for row in rows), default=None), where=self.where)
        events = events_of(case_id, rows, where=self.where, after=after)
        if rows and link.own:
            with self._door.lock:
                self._remember(case_id, rows[-1][2], rows[-1][8], link_of(rows[-1][8].encode()))
        return events

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        if not _can_exist(case_id):
            return 0
        found = self._rows("version", case_id)[0][0]
        return number_of(found, f"the number of the last event of case {case_id!r}", where=self.where)

    def scan(self) -> Iterator[Event]:
        """All events that were there when the scan began, case by case in the order of first recording."""
        for case in self.histories():
            yield from case.events()

    def histories(self) -> Iterator[CaseRows]:
        """The rows of each case that were there when this began, unread, in the order of :meth:`cases`."""
        head = self.size()
        cases = self._cases_until(head)
        while some := list(islice(cases, _CASES)):
            with self._door as link:
                found = link.histories(some, head)
            for case_id in some:
                yield CaseRows(self.where, case_id, found.get(case_id, ()))

    def cases(self) -> Iterator[str]:
        """The ids of all cases, in the order in which they were first recorded."""
        yield from self._cases_until(self.size())

    def held(self) -> Iterator[str]:
        """The ids of all cases that have a row, however damaged the rest of the table is; in the order of the ids."""
        last = ""
        while rows := self._rows("held", last):
            for (last,) in rows:
                yield text_of(last, "the id of a case", where=self.where)

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """The records beyond position ``after``, in the order of commits, up to the last that is there now.

        Positions are given under a lock that is held until the commit, so nothing is ever added below one that was
        seen.
        """
        position, head = max(0, after), self.size()
        while position < head:
            rows = self._rows("feed", position, head)
            for row in rows:
                position += 1
                if row[0] != position:
                    break
                yield record_of(row, where=self.where)
            if not rows or rows[-1][0] != position:
                said = f"position {position if rows else position + 1} is missing; restore the database from a backup"
                raise Damaged(said, where=self.where)

    def size(self) -> int:
        """The number of records.

        Raises:
            Damaged: if a row stands at a position below 1, where no journal writes.
        """
        last, lowest = self._rows("head")[0]
        positive(lowest, where=self.where)
        return number_of(last, "the last position", where=self.where)

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Runs of positions that are missing before the last that is there: the first and the last of each.

        A journal leaves none: a row that stood there was deleted past it. A feed ends with an error at the first; of
        records that are missing at the end, no store can tell by itself, but a checkpoint can.
        """
        position, head = 0, self.size()
        while rows := self._rows("gaps", position, head):
            yield from rows
            position = rows[-1][1]

    def load(self, bodies: Sequence[bytes]) -> int:
        """Append canonical bodies as they stand, of any cases, all or none; the new size. See :class:`.journal.Bulk`.

        Raises:
            Conflict: if one is not the next event of its case, or links to another event than stands before it.
            InputError: if one is no event, or not canonical.
        """
        found = bulk.scanned(bodies)
        try:
            with self._door as link, link.writing(link.sql.lock):
                return bulk.load(link, bodies, found)
        except Taken as error:
            raise Unavailable(f"a number was given twice; nothing was written ({error})", where=self.where) from None

    def close(self) -> None:
        """Give back the connection, unless it is the host's; closing twice is fine."""
        self._door.close()

    # ------------------------------------------------------------ inside

    def _rows(self, name: str, *values: object) -> Sequence[Any]:
        with self._door as link:
            statement: Statement = getattr(link.sql, name)
            return link.rows(statement, values)

    def _at_once(self, link: Link, case_id: str, ready: Sequence[Event], expected: int) -> Appended | None:
        """Append one event to a case that stands at the version expected; none if it does not, or not any more.

        It is one statement of the database, which looks itself at all that this rests on: what was seen of the case
        saves work and decides nothing.
        """
        if len(ready) != 1:
            return None
        (event,) = ready
        seen, last, prev = self._known.get(case_id, _NOTHING)
        if seen != expected:
            if link.sql.linked is not None:
                return self._linked(link, event) if expected else None
            seen, last = next(iter(link.rows(link.sql.last, (case_id,))), _NOTHING[:2])
            if not isinstance(last, str | None):
                return None
            prev = None if last is None else link_of(last.encode())
        if event.prev is None and prev is not None:
            event = with_prev(event, prev)
        if seen != expected or event.prev != prev:
            return None
        body = encode(event)
        row, head = row_of(0, event, body), link_of(body)
        if not link.guarded(row, last):
            self._known.pop(case_id, None)
            return None
        self._remember(case_id, row.seq, row.body, head)
        return Appended(case_id, row.seq, (event,), head=head)

    def _linked(self, link: Link, event: Event) -> Appended | None:
        """Append one event after one that was not looked at; none if it is not the next, or links to another one.

        The database makes the link: what is encoded, and read back, has another one of the same form in its place.
        """
        linked = with_prev(event, _SOME_LINK) if event.prev is None else event
        row = row_of(0, linked, encode(linked))
        before, after = around_link(row.body)
        prev = link.linked(row, before, after, event.prev)
        if prev is None:
            return None
        body = f"{before}{prev}{after}"
        head = link_of(body.encode())
        self._remember(event.case_id, event.seq, body, head)
        return Appended(event.case_id, event.seq, (with_prev(event, prev),), head=head)

    def _append(self, link: Link, case_id: str, ready: Sequence[Event], expected: int, key: str | None) -> Appended:
        """Look under the lock and then write."""
        with link.writing(link.sql.lock):
            version, position, actual, found = link.rows(link.sql.stand, (case_id,))[0]
            recordable(version, where=self.where)
            if key is not None and (first := link.rows(link.sql.keyed, (case_id, key))):
                return repeated(case_id, key, ready, first=some_of(case_id, first, where=self.where))
            told = f"the last event of case {case_id!r}"
            actual = number_of(actual, f"the number of {told}", where=self.where)
            if actual != expected:
                raise Conflict(case_id, expected=expected, actual=actual)
            last = None if found is None else text_of(found, told, where=self.where).encode()
            events, bodies = chained(ready, last=last, case_id=case_id, expected=expected)
            rows = [
                row_of(number, event, body)
                for number, (event, body) in enumerate(zip(events, bodies, strict=True), position + 1)
            ]
            link.insert(rows)
        end = bodies[-1] if bodies else last
        head = None if end is None else link_of(end)
        if rows and link.own:
            self._remember(case_id, rows[-1].seq, rows[-1].body, head)
        return Appended(case_id, expected + len(rows), events, head=head)

    def _remember(self, case_id: str, seq: int, body: str, head: str | None) -> None:
        self._known[case_id] = seq, body, head
        self._known.move_to_end(case_id)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)

    def _cases_until(self, head: int) -> Iterator[str]:
        """First rows page by page, and between them the cases without one: reading such a case says what is wrong."""
        orphans = self._rows("orphans", head)
        for position, case_id in heapq.merge(self._firsts_until(head), orphans):
            yield text_of(case_id, f"the case at position {position}", where=self.where)

    def _firsts_until(self, head: int) -> Iterator[tuple[int, str]]:
        position = 0
        while rows := self._rows("cases", position, head):
            for position, case_id in rows:
                yield position, case_id


def _can_exist(case_id: str) -> bool:
    """Is the id a text that a database takes? No case is recorded under any other."""
    try:
        return b"\x00" not in case_id.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False


__all__ = ["SqlJournal"]
