"""Papers in the database of the journal, on a connection of its own or in the host's transaction.

A disposal is one transaction: its record is inserted and the row of the paper deleted, or neither. What the database
keeps of a deleted row (its log, its backups, pages not yet used again) is beyond this module; SQLite is asked to
overwrite it.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from shuroflow.errors import Damaged, InputError, Unavailable
from shuroflow.events import Actor
from shuroflow.storage.annexes import (
    Annex,
    Kept,
    Salts,
    checked_commitment,
    kept_of,
    new_annex,
    new_label,
    stored_annex,
    unknown,
)
from shuroflow.storage.annexlog import (
    Act,
    Disposed,
    Held,
    Ledger,
    Released,
    act_from,
    act_to,
    may_go,
    new_act,
    which_hold,
)
from shuroflow.storage.journal import Closing
from shuroflow.storage.sql.annextables import annex_log_table, annex_table
from shuroflow.storage.sql.host import HostLink
from shuroflow.storage.sql.link import Door, Link, Taken
from shuroflow.storage.sql.migrations import found_version, make, recordable
from shuroflow.storage.sql.opening import link_to

if TYPE_CHECKING:
    from shuroflow.storage.sql.opening import Source

_PAGE = 500
"""Papers listed with one statement."""

_a, _log = annex_table.c, annex_log_table.c


class SqlAnnexes(Closing):
    """Papers in SQLite or PostgreSQL; safe between threads and between processes.

    Args:
        source: as for :class:`~shuroflow.storage.sql.SqlJournal`. On an open connection or ORM session of the host all
            is done in the host's transaction, and nothing is committed here: paper and event stand or fall together.
        create: make the tables (and, with SQLite, the file) where they are missing; otherwise that is an error.
        busy_timeout: seconds to wait for another process that is writing; a connection of the host has its own.
        salts: where salts come from; another source than the default is for tests only.

    Raises:
        InputError: if the source names no database that can be used.
        Unavailable: if the database is missing, cannot be opened, or is of another version.
        Damaged: if the file is no database or is broken.
    """

    def __init__(
        self,
        source: Source,
        *,
        create: bool = False,
        busy_timeout: float = 10.0,
        salts: Salts = secrets.token_bytes,
    ) -> None:
        self._salts = salts
        link = link_to(source, create=create, busy_timeout=busy_timeout)
        self._door = Door(link, closed="the store of papers is closed; open it again")
        self.where = link.where
        """The URL, without its password."""
        try:
            with self._using() as link:
                if create and found_version(link) is None:
                    make(link)
                recordable(found_version(link), where=self.where)
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------ the port

    def put(self, case_id: str, content: bytes, *, media_type: str, keep_until: date | None = None) -> str:
        """Keep a paper, durable on return or with the host's transaction; see :meth:`.annexes.Annexes.put`."""
        label = new_label(case_id, media_type=media_type, keep_until=keep_until)
        annex = new_annex(content, label, salts=self._salts)
        with self._using() as link, link.writing(None):
            taken = sa.select(_a.commitment).where(_a.commitment == annex.commitment)
            gone = sa.select(_log.commitment).where(_log.commitment == annex.commitment)
            if link.connection.execute(taken.union(gone)).first():
                raise InputError("the source of salts gives the same salt twice", field="salt", case_id=case_id)
            row = {"case_id": case_id, "media_type": media_type, "keep_until": keep_until, "salt": annex.salt}
            insert = annex_table.insert().values(commitment=annex.commitment, content=content, **row)
            link.connection.execute(insert)
        return annex.commitment

    def get(self, commitment: str) -> Annex | Disposed:
        """The paper, or the record of its disposal; see :meth:`.annexes.Annexes.get`."""
        checked_commitment(commitment)
        with self._using() as link:
            return self._annex(link, commitment) or self._disposal(link, commitment)

    def check(self, commitment: str) -> Kept | Disposed:
        """Hash the paper again; see :meth:`.annexes.Annexes.check`."""
        checked_commitment(commitment)
        with self._using() as link:
            annex = self._annex(link, commitment)
            if annex is None:
                return self._disposal(link, commitment)
            if self._entries(link, _log.commitment == commitment):
                said = f"paper {commitment} is still there though its disposal is on record"
                raise Damaged(said, where=self.where)
            return annex.kept(self._ledger(link, annex.case_id))

    def commitments(self) -> Iterator[str]:
        """The commitments of the papers that are there, sorted, none of them looked at."""
        last = ""
        while rows := self._page(sa.select(_a.commitment), last):
            for (last,) in rows:
                yield last

    def kept(self, case_id: str | None = None) -> Iterator[Kept]:
        """The papers that are kept; see :meth:`.annexes.Annexes.kept`."""
        for found, _ in self._kept(sa.true() if case_id is None else _a.case_id == case_id):
            yield found

    def expired(self, *, on: date) -> Iterator[Kept]:
        """The papers that could be disposed of on a day: past their last day, and under no hold."""
        for found, ledger in self._kept(_a.keep_until < on):
            if found.expired(ledger, on=on):
                yield found

    def hold(self, case_id: str, *, on: date, by: Actor, reason: str) -> Held:
        """Let nothing of the case be disposed of; see :meth:`.annexes.Annexes.hold`."""
        with self._recording() as link:
            held = new_act(Held, number=self._next(link), case_id=case_id, on=on, by=by, reason=reason)
            self._append(link, held)
        return held

    def release(
        self,
        case_id: str,
        *,
        on: date,
        by: Actor,
        reason: str,
        hold: int | None = None,
        keep_until: date | None = None,
    ) -> Released:
        """Lift a hold of the case; see :meth:`.annexes.Annexes.release`."""
        with self._recording() as link:
            number = which_hold(self._ledger(link, case_id), case_id, hold, on=on).number
            facts = {"case_id": case_id, "on": on, "by": by, "reason": reason, "keep_until": keep_until}
            released = new_act(Released, number=self._next(link), hold=number, **facts)
            self._append(link, released)
        return released

    def dispose(self, commitment: str, *, on: date, by: Actor, reason: str) -> Disposed:
        """Dispose of one paper; see :meth:`.annexes.Annexes.dispose`."""
        checked_commitment(commitment)
        with self._recording() as link:
            annex = self._annex(link, commitment)
            if annex is None:
                return self._disposal(link, commitment)
            facts = {"case_id": annex.case_id, "on": on, "by": by, "reason": reason, "commitment": commitment}
            disposed = new_act(Disposed, number=self._next(link), **facts)
            ledger = self._ledger(link, annex.case_id)
            may_go(commitment, ledger, case_id=annex.case_id, keep_until=annex.label.keep_until, on=on)
            self._append(link, disposed)
            with _overwriting(link):
                link.connection.execute(annex_table.delete().where(_a.commitment == commitment))
        with self._using() as link:
            _forget(link)
        return disposed

    def log(self, case_id: str | None = None) -> list[Act]:
        """Every hold, release and disposal, of a case or all."""
        with self._using() as link:
            return self._ledger(link, None).of_case(case_id)

    def close(self) -> None:
        """Give back the connection, unless it is the host's; closing twice is fine."""
        self._door.close()

    # ------------------------------------------------------------ inside

    @contextlib.contextmanager
    def _using(self) -> Iterator[Link]:
        """The way to the tables, for this thread alone; errors come out in our terms."""
        try:
            with self._door as link:
                yield link
        except Taken as error:
            said = "another transaction recorded since this one began to read, or the database refused the row"
            raise Unavailable(f"{said}; roll back and try again ({error})", where=self.where) from None

    @contextlib.contextmanager
    def _recording(self) -> Iterator[Link]:
        """A transaction under the lock of the journal: no hold comes between looking and disposing."""
        with self._using() as link, link.writing(link.sql.lock):
            yield link

    def _annex(self, link: Link, commitment: str) -> Annex | None:
        row = _rows(link, sa.select(annex_table).where(_a.commitment == commitment), where=self.where)
        if not row:
            return None
        _, case_id, media_type, keep_until, salt, content = row[0]
        try:
            label = new_label(case_id, media_type=media_type, keep_until=keep_until)
            return stored_annex(commitment, label, bytes(salt), bytes(content), where=self.where)
        except (InputError, TypeError) as error:
            raise Damaged(f"paper {commitment}: {error}", where=self.where) from None

    def _disposal(self, link: Link, commitment: str) -> Disposed:
        for entry in self._entries(link, _log.commitment == commitment):
            if isinstance(entry, Disposed):
                return entry
        raise unknown(commitment, self.where)

    def _kept(self, chosen: sa.ColumnElement[bool]) -> Iterator[tuple[Kept, Ledger]]:
        with self._using() as link:
            ledger = self._ledger(link, None)
        columns = (_a.commitment, _a.case_id, _a.media_type, _a.keep_until, sa.func.length(_a.content))
        last = ""
        while rows := self._page(sa.select(*columns).where(chosen), last):
            for last, case_id, media_type, keep_until, size in rows:
                try:
                    label = new_label(case_id, media_type=media_type, keep_until=keep_until)
                except InputError as error:
                    raise Damaged(f"paper {last}: {error}", where=self.where) from None
                yield kept_of(last, label, size=size, ledger=ledger), ledger

    def _page(self, statement: sa.Select[Any], last: str) -> list[Any]:
        with self._using() as link:
            page = statement.where(_a.commitment > last).order_by(_a.commitment).limit(_PAGE)
            return _rows(link, page, where=self.where)

    # -- the log

    def _entries(self, link: Link, chosen: sa.ColumnElement[bool]) -> list[Act]:
        rows = _rows(link, sa.select(annex_log_table).where(chosen).order_by(_log.number), where=self.where)
        return [self._entry(row) for row in rows]

    def _entry(self, row: Any) -> Act:
        number, act, case_id, on, by_id, by_role, reason, commitment, hold, keep_until = row
        facts = {"number": number, "act": act, "case_id": case_id, "on": on, "reason": reason, "hold": hold}
        facts |= {"by": {"id": by_id, "role": by_role}, "commitment": commitment, "keep_until": keep_until}
        try:
            return act_from({name: value for name, value in facts.items() if value is not None})
        except InputError as error:
            raise Damaged(f"entry {number} of the log of papers: {error}", where=self.where) from None

    def _ledger(self, link: Link, case_id: str | None) -> Ledger:
        """What is on record of a case, or of all; that no entry is missing is looked at in either case."""
        ledger = Ledger()
        self._next(link)
        for entry in self._entries(link, sa.true() if case_id is None else _log.case_id == case_id):
            try:
                ledger.add(entry)
            except InputError as error:
                raise Damaged(f"entry {entry.number} of the log of papers: {error}", where=self.where) from None
        return ledger

    def _next(self, link: Link) -> int:
        """The number of the next entry."""
        ((count, first, last),) = _rows(
            link, sa.select(sa.func.count(), sa.func.min(_log.number), sa.func.max(_log.number)), where=self.where
        )
        if count and (first, last) != (1, count):
            said = "an entry of the log of papers is missing; restore the database from a backup"
            raise Damaged(said, where=self.where)
        return int(count) + 1

    def _append(self, link: Link, entry: Act) -> None:
        facts = act_to(entry)
        row = {name: facts[name] for name in ("number", "act", "case_id", "reason")}
        row |= {name: getattr(entry, name, None) for name in ("commitment", "hold", "keep_until")}
        by = {"by_id": entry.by.id, "by_role": entry.by.role.value}
        link.connection.execute(annex_log_table.insert().values(occurred_on=entry.on, **row, **by))


def _rows(link: Link, statement: sa.Executable, *, where: str) -> list[Any]:
    try:
        return list(link.connection.execute(statement))
    except (ValueError, TypeError) as error:  # SQLite keeps what it is given: a day that is none, say
        raise Damaged(f"a row cannot be read: {error}", where=where) from None


@contextlib.contextmanager
def _overwriting(link: Link) -> Iterator[None]:
    """Let SQLite write zeros over what is deleted; the setting of the connection is put back."""
    if link.connection.dialect.name != "sqlite":
        yield
        return
    before = link.connection.exec_driver_sql("PRAGMA secure_delete").scalar_one()
    link.connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        link.connection.exec_driver_sql(f"PRAGMA secure_delete = {('OFF', 'ON', 'FAST')[before]}")


def _forget(link: Link) -> None:
    """Let SQLite empty its write-ahead log, where it can at once: that holds the pages as they were."""
    if isinstance(link, HostLink) or link.connection.dialect.name != "sqlite":
        return
    patience = link.connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    link.connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        with contextlib.suppress(sa.exc.DBAPIError):  # somebody is reading: the log is emptied later
            link.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        link.connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience)}")


__all__ = ["SqlAnnexes", "annex_log_table", "annex_table"]
