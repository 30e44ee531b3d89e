"""The live desk for a command: which journal a source names, and how it is opened."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shuroflow.audit import load_plug_ins, source_files
from shuroflow.caseload import Caseload
from shuroflow.cli.options import now, tell_torn
from shuroflow.errors import CaseNotFound, InputError, SameCaseNumber
from shuroflow.storage import Appended, Journal, Record, open_journal
from shuroflow.storage.journal import Closing

if TYPE_CHECKING:
    from shuroflow.events import Event
    from shuroflow.states import Office


class Folder(Closing):
    """A folder of ``.jsonl`` journals, to be read as one. A case lies in one of them."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = list(files)

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Refused: nobody could tell which file is meant."""
        raise InputError("events are recorded in one journal: name a file in this folder", file=str(self._place))

    def read(self, case_id: str, *, after: int = 0) -> list[Event]:
        """The events of a case beyond version ``after``, from the file that holds it."""
        found: list[Event] = []
        first: Path | None = None
        for path in self.files:
            with open_journal(str(path)) as journal:
                events = journal.read(case_id)
            if events and first is not None:
                raise _twice(case_id, first, path)
            if events:
                found, first = events, path
        return found[after:]

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        return len(self.read(case_id))

    def scan(self) -> Iterator[Event]:
        """All events, file by file.

        Raises:
            SameCaseNumber: where a case lies in two of them, before the second one is read.
        """
        for _, journal in self._apart():
            yield from journal.scan()

    def cases(self) -> Iterator[str]:
        """The ids of all cases, file by file.

        Raises:
            SameCaseNumber: where a case lies in two of them.
        """
        for cases, _ in self._apart():
            yield from cases

    def _apart(self) -> Iterator[tuple[list[str], Journal]]:
        """File by file, what cases it has, none of them in a file before, and the journal."""
        home: dict[str, Path] = {}
        for path in self.files:
            with open_journal(str(path)) as journal:
                cases = list(journal.cases())
                for case_id in cases:
                    if home.setdefault(case_id, path) is not path:
                        raise _twice(case_id, home[case_id], path)
                yield cases, journal

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """The records, file by file."""
        before = 0
        for path in self.files:
            with open_journal(str(path)) as journal:
                for record in journal.feed(after=max(0, after - before)):
                    yield Record(before + record.position, record.body, record.event)
                before += journal.size()

    def size(self) -> int:
        """The number of records in all files."""
        total = 0
        for path in self.files:
            with open_journal(str(path)) as journal:
                total += journal.size()
        return total

    @property
    def _place(self) -> Path:
        return self.files[0].parent


def _twice(case_id: str, first: Path, second: Path) -> SameCaseNumber:
    said = (
        f"has events in {first} and in {second}: bring what is one case together in one file; "
        "if two offices use the same number, name the file of the one you mean"
    )
    return SameCaseNumber(said, field="case_id", case_id=case_id)


@contextlib.contextmanager
def desk(source: str, office: Office) -> Iterator[Caseload]:
    """The desk over what a source names, for reading."""
    load_plug_ins()
    if "://" not in source and not os.path.lexists(source):
        raise InputError(
            "there is no such file or folder; check the path: a .jsonl file, a folder of them or a database is named",
            file=source,
        )
    journal: Journal = Folder(source_files(source)) if Path(source).is_dir() else open_journal(source)
    with journal:
        tell_torn(journal)
        try:
            yield Caseload(journal, clock=now, office=office)
        except CaseNotFound as error:
            raise InputError(str(error), file=source, case_id=error.case_id) from error
