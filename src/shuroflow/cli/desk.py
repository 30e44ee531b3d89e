"""The live desk for a command: which journal a source names, and how it is opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shuroflow.audit import load_plug_ins, source_files
from shuroflow.caseload import Caseload
from shuroflow.cli.options import now, tell_torn
from shuroflow.errors import CaseNotFound, InputError
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
                said = f"has events in {first} and in {path}: bring all events of a case into one file"
                raise InputError(said, field="case_id", case_id=case_id)
            if events:
                found, first = events, path
        return found[after:]

    def version(self, case_id: str) -> int:
        """The number of events of a case."""
        return len(self.read(case_id))

    def scan(self) -> Iterator[Event]:
        """All events, file by file."""
        for path in self.files:
            with open_journal(str(path)) as journal:
                yield from journal.scan()

    def cases(self) -> Iterator[str]:
        """The ids of all cases, file by file."""
        for path in self.files:
            with open_journal(str(path)) as journal:
                yield from journal.cases()

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


@contextlib.contextmanager
def desk(source: str, office: Office) -> Iterator[Caseload]:
    """The desk over what a source names, for reading."""
    load_plug_ins()
    journal: Journal = Folder(source_files(source)) if Path(source).is_dir() else open_journal(source)
    with journal:
        tell_torn(journal)
        try:
            yield Caseload(journal, clock=now, office=office)
        except CaseNotFound as error:
            raise InputError(str(error), file=source, case_id=error.case_id) from error
