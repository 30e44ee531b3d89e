"""Where the events of an audit lie: files of event lines, and databases. A store gives its cases one by one, unread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Protocol, runtime_checkable

import attrs

from shuroflow.audit.ahead import Ahead
from shuroflow.audit.judging import Rows, Taken
from shuroflow.audit.receipt import Input
from shuroflow.errors import Damaged, InputError, Unavailable
from shuroflow.storage import open_journal
from shuroflow.storage.caseindex import CaseIndex, Witness
from shuroflow.storage.journal import Journal

_MANY = 4_000
"""Lines from which on a file is read by the workers."""

_FAR = 1 << 26
"""Bytes from which on it can be guessed which cases are complete: before that, each may just be at work."""

Read = Callable[[Input], None]
"""``read(input)``: called once for each source, with what was read of it."""


class Store(Protocol):
    """Where events lie; ``str()`` names it to the reader."""

    @property
    def place(self) -> str:
        """What makes two names the same store."""

    @property
    def total(self) -> int | None:
        """How many lines it holds, once that is known."""

    def check(self) -> None:
        """Raise if it cannot be opened."""

    def cases(self) -> Iterator[str]:
        """The ids of its cases."""

    def taken(self, read: Read | None = None, *, unread: bool = False, ahead: Ahead | None = None) -> Iterator[Taken]:
        """Its cases in the order of first appearance, and then what belongs to none; ``read`` is told what it is.

        ``unread``: where others can read them, only where they stand. ``ahead``: is offered cases before all is looked
        through.
        """

    def settle(self) -> None:
        """Once all its cases are read: raise if it was changed meanwhile."""


def stores_of(source: str) -> Iterator[Store]:
    """The stores that a source names.

    Raises:
        InputError: for a folder or a file that holds no event lines.
        Unavailable: for a folder that cannot be read.
    """
    if "://" in source:
        yield _Database(source)
    else:
        for path in source_files(source):
            yield _File(path)


def source_files(source: str) -> list[Path]:
    """The files that a source names: itself, or the ``.jsonl`` files of a folder by name; none for a database.

    The suffix may be written in capitals. Folders within a folder are not read.

    Raises:
        InputError: for a folder without such files, a file that is none, or a name in a folder that leads to none.
        Unavailable: for a folder that cannot be read.
    """
    if "://" in source:
        return []
    path = Path(source)
    if path.is_dir():
        try:
            files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".jsonl")
        except OSError as error:
            raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=source) from None
        if not files:
            raise InputError("this folder holds no .jsonl file: name one that does, or a file", file=source)
        for file in files:
            if not file.is_file():
                what = (
                    "a folder: folders within a folder are not read" if file.is_dir() else "no file, or leads to none"
                )
                raise InputError(f"is {what}; take it out, rename it or name the files one by one", file=str(file))
        return files
    if path.suffix.lower() != ".jsonl" and path.exists():
        hint = (
            f"; a database is named like sqlite:///{source}"
            if path.suffix.lower() in {".db", ".sqlite", ".sqlite3"}
            else ""
        )
        raise InputError(f"not a .jsonl file: events are read from .jsonl files and databases{hint}", file=source)
    return [path]


def _nothing(store: Store) -> InputError:
    return InputError("holds no event: there is nothing to audit", file=str(store))


@attrs.define
class _File:
    path: Path
    total: int | None = None
    _witness: Witness | None = None
    """Of a file that others read: it is asked when they have."""

    def __str__(self) -> str:
        return str(self.path)

    @property
    def place(self) -> str:
        return os.path.realpath(self.path)

    def check(self) -> None:
        try:
            with self.path.open("rb"):
                pass
        except OSError as error:
            raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=str(self.path)) from None

    def cases(self) -> Iterator[str]:
        with CaseIndex.build(self.path) as index:
            self.total = index.line_count
            yield from index.cases()

    def taken(self, read: Read | None = None, *, unread: bool = False, ahead: Ahead | None = None) -> Iterator[Taken]:
        meanwhile = None if ahead is None else partial(self._offer, ahead)
        with CaseIndex.build(self.path, meanwhile=meanwhile) as index:
            self.total = index.line_count
            digest = None if read is None else index.sha256()
            index.witness().check()  # what was hashed is what was looked through
            if read is not None and digest is not None:
                read(Input(str(self), index.size, index.line_count, digest))
            # Of a small file the bytes are sent: of thousands of files there are never many open at a time.
            places = index.placing() if unread and index.line_count >= _MANY else None
            take = index.taken if places is None else places
            self._witness = None if places is None else index.witness(digest)
            for case_id in index.cases():
                yield Taken(str(self.path), take(case_id))
            strays = 0
            for _, found in index.strays():
                if isinstance(found, InputError):
                    strays += 1
                    yield Taken(str(self), found)
            if not len(index) and not strays:
                yield Taken(str(self), _nothing(self))
            if places is None:
                index.witness(digest).check()

    def _offer(self, ahead: Ahead, index: CaseIndex, looked_through: int) -> None:
        """Cases that have had no line for as long again as it took to come to their last one."""
        places = index.placing() if looked_through >= _FAR else None
        if places is not None:
            ahead.offer(Taken(str(self.path), places(case_id)) for case_id in index.quiet(looked_through // 2))

    def settle(self) -> None:
        if self._witness is not None:
            self._witness.check()
            self._witness = None


@attrs.define
class _Database:
    url: str
    total: int | None = None

    def __str__(self) -> str:
        head, _, rest = self.url.partition("://")
        _, at, host = rest.rpartition("@")
        return f"{head}://…@{host}" if at else self.url  # whatever stands before the host may be a password

    @property
    def place(self) -> str:
        return self.url

    def check(self) -> None:
        open_journal(self.url).close()

    def cases(self) -> Iterator[str]:
        with open_journal(self.url) as journal:
            assert isinstance(journal, _Database.Kind)
            yield from journal.held()  # also where the cases cannot be listed in their order, which is told later

    def taken(self, read: Read | None = None, *, unread: bool = False, ahead: Ahead | None = None) -> Iterator[Taken]:
        with open_journal(self.url) as journal:
            assert isinstance(journal, _Database.Kind)
            digest, size = sha256(), 0
            try:
                self.total = journal.size()
                for case in journal.histories():
                    if read is not None:
                        for body in case.bodies():
                            digest.update(body + b"\n")
                            size += len(body) + 1
                    yield Taken(str(self), case)
            except Damaged as error:
                said = str(error).removeprefix(f"{error.where}: ")
                yield self._fault(f"{said}; no case beyond it can be listed, and none was judged")
                return
            if read is not None:
                read(Input(str(self), size, self.total, digest.hexdigest()))
            if not self.total:
                yield Taken(str(self), _nothing(self))
            for first, last in journal.gaps():
                what = f"position {first} is missing" if first == last else f"positions {first} to {last} are missing"
                said = f"table shuroflow_event: {what}: what was recorded there was taken out past the journal"
                yield self._fault(f"{said}, and no verdict counts it; restore the database from a backup")

    def settle(self) -> None:
        pass

    def _fault(self, said: str) -> Taken:
        return Taken(str(self), InputError(said, file=str(self)))

    @runtime_checkable
    class Kind(Journal, Protocol):
        """The journal behind it, which gives its cases unread."""

        def histories(self) -> Iterator[Rows]:
            """The rows of each case."""

        def held(self) -> Iterator[str]:
            """The ids of all cases that have a row."""

        def gaps(self) -> Iterator[tuple[int, int]]:
            """The positions that are missing."""


__all__ = ["Read", "Store", "source_files", "stores_of"]
