"""One byte of a sealed SQLite journal is changed: in a stored body, anywhere in the database file, or in its log.

A database file holds bytes that mean nothing, free pages among them. So a change must either be noticed, by an error of
ours or by the checkpoint, or leave every record as it was, byte by byte. Each should then be found by its case as well;
where an index was hit it may not be, and :data:`INDEX_ONLY` counts that apart.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import attrs

from shuroflow.errors import JournalError
from shuroflow.events import Event
from shuroflow.seal import Seal, seal, verify
from shuroflow.storage.sql import SqlJournal
from tests.faults.changed_bytes import ORIGIN, Result, fill_small, named
from tests.faults.ledger import Ledger

UNCHANGED = "no record changed"
"""What a change counts as that touches nothing the journal says."""

INDEX_ONLY = "only an index, found by integrity_check"
"""What a change counts as that leaves the records as they were and lets SQLite overlook one when it looks up a case.

The checkpoint speaks of the records, which are all there; SQLite's own check tells that an index disagrees with them.
"""


# The bodies ---------------------------------------------------------------------------------------------------------


def bodies(folder: Path, *, values: Callable[[int], Iterable[int]], part: int = 0, parts: int = 1) -> Result:
    """Every byte of every stored body becomes each of ``values`` (given the byte), by someone who drops the triggers.

    ``part`` of ``parts``: only every so many bytes, so that several processes share the work.
    """
    path, result = folder / f"bodies-{part}.db", Result()
    with SqlJournal(f"sqlite:///{path}", create=True) as journal, closing(_intruder(path)) as intruder:
        sealed = fill_small(journal)
        stored = intruder.execute("SELECT position, CAST(body AS BLOB) FROM shuroflow_event").fetchall()
        places = [(position, body, offset) for position, body in stored for offset in range(len(body))]
        for position, body, offset in places[part::parts]:
            for value in values(body[offset]):
                if value != body[offset]:
                    with _put(intruder, position, body, offset, value):
                        by = _noticed(journal, sealed)
                    result.count(by, f"byte {offset} of body {position} from {body[offset]} to {value}")
                    result.complete += 1
        assert _noticed(journal, sealed) == ""
    return result


def _intruder(path: Path) -> sqlite3.Connection:
    """A connection of somebody who may do everything, and has begun by removing what stops mistakes."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    return connection


@contextmanager
def _put(intruder: sqlite3.Connection, position: int, body: bytes, offset: int, value: int) -> Iterator[None]:
    """One byte of a body changed in its place."""
    update = "UPDATE shuroflow_event SET body = CAST(? AS TEXT) WHERE position = ?"
    intruder.execute(update, (body[:offset] + bytes([value]) + body[offset + 1 :], position))
    yield
    intruder.execute(update, (body, position))


def _noticed(journal: SqlJournal, sealed: Seal) -> str:
    """By what the complete check notices a change; nothing: ``""``."""
    try:
        verdict = verify(journal, [sealed])
    except JournalError as error:
        return type(error).__name__
    return "" if verdict.proven else verdict.codes()[0]


# The files ----------------------------------------------------------------------------------------------------------


@attrs.frozen
class Contents:
    """Everything that a journal says, as it should be said."""

    feed: list[tuple[int, bytes]]
    cases: dict[str, list[Event]]

    @classmethod
    def of(cls, journal: SqlJournal) -> Contents:
        """What a journal says now."""
        feed = [(record.position, record.body) for record in journal.feed()]
        return cls(feed, {case_id: journal.read(case_id) for case_id in journal.cases()})


class Files:
    """A sealed journal in SQLite as files: closed and whole, or left in the midst of work with all of it in the log."""

    def __init__(self, folder: Path, *, events: int, logged: bool) -> None:
        self.folder = folder / "trial"
        original = folder / "original.db"
        with SqlJournal(f"sqlite:///{original}", create=True) as journal:
            ledger, number = Ledger(), 0
            while journal.size() < events:
                number += 1
                case_id, count, filler = f"case-{number % 7}", (1, 2, 3)[number % 3], number % 90
                expected = journal.version(case_id)
                ledger.ask(number, case_id, expected=expected, count=count, filler=filler).of(journal)
            self.sealed = seal(journal, origin=ORIGIN)
            self.contents = Contents.of(journal)
            kept = _kept(original)
        self.kept = kept if logged else _kept(original)
        self.name = "journal.db-wal" if logged else "journal.db"
        self.content = self.kept[self.name]

    def check(self, offset: int, value: int, result: Result) -> None:
        """One changed byte in a copy of the files."""
        self.folder.mkdir()
        path = self.folder / self.name
        for name, content in self.kept.items():
            (self.folder / name).write_bytes(content)
        path.write_bytes(self.content[:offset] + bytes([value]) + self.content[offset + 1 :])
        by, said = self._noticed()
        shutil.rmtree(self.folder)
        result.count(by, f"{named(path, offset, self.content[offset], value)}: {said}")
        result.complete += 1

    def _noticed(self) -> tuple[str, str]:
        """By what a change is noticed, or that it changed no record; nothing, if it did and nobody noticed."""
        try:
            with SqlJournal(f"sqlite:///{self.folder}/journal.db") as journal:
                verdict = verify(journal, [self.sealed])
                contents = Contents.of(journal)
        except JournalError as error:
            return type(error).__name__, ""
        except Exception as error:
            return "", f"an error of no known type: {error!r}"
        if not verdict.proven:
            return verdict.codes()[0], ""
        if contents == self.contents:
            return UNCHANGED, ""
        if contents.feed == self.contents.feed and not self._is_sound():
            return INDEX_ONLY, ""
        return "", "proven, and yet the journal says something else"

    def _is_sound(self) -> bool:
        """Does SQLite itself find the file in order?"""
        with closing(sqlite3.connect(self.folder / "journal.db")) as connection:
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _kept(original: Path) -> dict[str, bytes]:
    """The files of a database as they are at this moment, by the names they are to have."""
    there = {suffix: original.with_name(original.name + suffix) for suffix in ("", "-wal")}
    return {f"journal.db{suffix}": path.read_bytes() for suffix, path in there.items() if path.exists()}


def files(folder: Path, *, logged: bool, changes: int, seed: int, events: int = 60) -> Result:
    """Random changes of one byte, of the database file or (``logged``) of its log."""
    trial, random, result = Files(folder, events=events, logged=logged), Random(seed), Result()
    for _ in range(changes):
        offset = random.randrange(len(trial.content))
        trial.check(offset, trial.content[offset] ^ random.randrange(1, 256), result)
    return result


__all__ = ["INDEX_ONLY", "UNCHANGED", "bodies", "files"]
