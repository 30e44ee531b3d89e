"""From sources to verdicts: files of event lines, folders of them and databases, case by case with little memory.

What cannot be used is answered for and does not stop the rest. A case with a line that cannot be read, with a gap in
its numbers, with lines in two places or with a column beside it that says something else is left out of the verdict and
said so: judged with a hole in it, it would be blamed for what the missing line may well hold. The torn end of a file is
no such hole: no journal acknowledged it. A missing position of a database belongs to no case that is left, and is told.
This module reads no clock and changes no source.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import attrs

from shuroflow.audit.replay import replay
from shuroflow.audit.summary import Item, Later
from shuroflow.errors import Damaged, InputError, MissingFigure, Unavailable
from shuroflow.events import Event
from shuroflow.states import BUILT_IN, Office, programme, programme_codes
from shuroflow.states.history import effective
from shuroflow.storage import Journal, open_journal
from shuroflow.storage.lines import CaseIndex

if TYPE_CHECKING:
    from shuroflow.storage.sql import SqlJournal

Progress = Callable[[int, int | None], None]
"""``progress(done, total)``: events or lines dealt with so far, and of how many where that is known."""


def audit(
    sources: Sequence[str | Path],
    *,
    as_of: date,
    known_at: datetime | None = None,
    office: Office | None = None,
    progress: Progress | None = None,
) -> Iterator[Item]:
    """Judge every case of the sources, in the order in which the cases first appear.

    Args:
        sources: ``.jsonl`` files, folders (their ``.jsonl`` files by name) and database URLs. Together they are one
            caseload: a case whose events lie in two of them is an error that names both.
        as_of: the day asked about: what happened later is left out.
        known_at: the moment asked about, with its offset: what was written down later is left out.
        office: figures, calendar and settings; by default the built-in ones.
        progress: called after each case.

    Yields:
        A report for each case that existed on the day, a :class:`~shuroflow.audit.Later` for each that began (or was
        recorded) only after what was asked about, and an :class:`~shuroflow.errors.InputError` with file, line
        and field for each thing that cannot be used: a bad line, a case with a gap, a file without events. Where
        such an error has a ``case_id``, that case is not judged and has no report.

    Raises:
        InputError: at once, if there is no source, a folder without ``.jsonl`` files or a moment without offset.
        Unavailable: at once, if a source is not there or cannot be opened.
    """
    if known_at is not None and known_at.tzinfo is None:
        raise InputError("a moment needs its offset: write it like 2025-04-03T15:04:05+09:00", field="known_at")
    return _audit(_opened(sources), as_of, known_at, Office() if office is None else office, progress)


def histories(
    sources: Sequence[str | Path], *, progress: Progress | None = None
) -> Iterator[Sequence[Event] | InputError]:
    """The cases of the sources as they were recorded, without a verdict; the sources and errors are those of an audit.

    Yields:
        The events of each case in the order recorded, and an error for each thing that cannot be used.

    Raises:
        InputError: at once, if there is no source or a folder without ``.jsonl`` files.
        Unavailable: at once, if a source is not there or cannot be opened.
    """
    found = _histories(_opened(sources), progress)
    return (each if isinstance(each, InputError) else each[1].events for each in found)


def _opened(sources: Sequence[str | Path]) -> list[_Store]:
    if any(not str(source).strip() for source in sources):
        raise InputError("a source is empty: name a .jsonl file, a folder of them or a database URL", field="sources")
    stores = [store for source in sources for store in _stores(str(source))]
    if not stores:
        raise InputError("no source was given: name a .jsonl file, a folder of them or a database URL", field="sources")
    twice = [str(store) for at, store in enumerate(stores) if store.place in {other.place for other in stores[:at]}]
    if twice:
        raise InputError(f"{twice[0]} is named twice: its cases would count twice", field="sources")
    load_plug_ins()
    for store in stores:
        store.check()
    return stores


def load_plug_ins() -> None:
    """Make the events of all installed plug-ins known, so that their lines can be read.

    Raises:
        InputError: if one cannot be loaded.
    """
    for code in programme_codes():
        if code not in BUILT_IN:
            try:
                programme(code)
            except Exception as error:  # whatever another project's code raises
                said = f"the plug-in of {code!r} cannot be loaded: {error}; mend it, or take its package away"
                raise InputError(said, field="programme") from error


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


# The verdicts ---------------------------------------------------------------------------------------------------------


@attrs.frozen
class _History:
    """What a store holds of one case (``None``: of none that can be told): its events, or why they cannot be used.

    Neither: of this case there is only the torn end of a file.
    """

    case_id: str | None
    events: list[Event]
    faults: list[InputError]
    line_of: Callable[[int], int | None] = lambda at: None
    """The line on which the event at an index stands; ``None`` where the store has no lines."""


def _audit(
    stores: Sequence[_Store], as_of: date, known_at: datetime | None, office: Office, progress: Progress | None
) -> Iterator[Item]:
    for found in _histories(stores, progress):
        yield found if isinstance(found, InputError) else _verdict(found[1], found[0], as_of, known_at, office)


def _histories(stores: Sequence[_Store], progress: Progress | None) -> Iterator[tuple[_Store, _History] | InputError]:
    """The cases that can be used, each with its store, and an error for whatever cannot."""
    spread = _spread(stores)
    done = 0
    for store in stores:
        for history in store.histories():
            done += len(history.events) + len(history.faults)
            places = spread.get(history.case_id) if history.case_id is not None else None
            if places is not None:
                if places[0] == str(store):
                    yield _error_of_spread(history.case_id, places)
            elif history.faults:
                yield from history.faults
            elif history.events:
                yield store, history
            if progress is not None:
                totals = [each.total for each in stores]
                progress(done, None if None in totals else sum(total or 0 for total in totals))


def _verdict(history: _History, store: _Store, as_of: date, known_at: datetime | None, office: Office) -> Item:
    try:
        report = replay(history.events, as_of=as_of, known_at=known_at, office=office)
        return report or Later(history.events[0].case_id, history.events[0].programme)
    except InputError as error:
        line = history.line_of(_first_misfit(history.events))
        return _left_out(error, history.case_id).at(file=str(store), line=line)
    except MissingFigure as error:
        return _left_out(InputError(f"{error}; bring it with an overlay"), history.case_id).at(file=str(store))


def _first_misfit(events: Sequence[Event]) -> int:
    """Index of the first correction or withdrawal that does not fit what stands before it."""
    for count in range(1, len(events) + 1):
        try:
            effective(events[:count])
        except InputError:
            return count - 1
    return len(events) - 1


def _left_out(error: InputError, case_id: str | None) -> InputError:
    """The same error, naming the case that it keeps from being judged."""
    error.case_id = case_id
    return error


def _spread(stores: Sequence[_Store]) -> dict[str, tuple[str, str]]:
    """Cases that lie in more than one store, with the first two of them."""
    if len(stores) == 1:
        return {}
    home: dict[str, str] = {}
    spread: dict[str, tuple[str, str]] = {}
    for store in stores:
        here = str(store)
        for case_id in store.cases():
            first = home.setdefault(case_id, here)
            if first is not here:
                spread.setdefault(case_id, (first, here))
    return spread


def _error_of_spread(case_id: str | None, places: tuple[str, str]) -> InputError:
    first, second = places
    said = f"has events in {first} and in {second}: bring all events of a case into one source"
    return _left_out(InputError(said, file=first, field="case_id"), case_id)


# The stores -----------------------------------------------------------------------------------------------------------


class _Store(Protocol):
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

    def histories(self) -> Iterator[_History]:
        """Its cases in the order of first appearance, and what belongs to none."""


def _stores(source: str) -> Iterator[_Store]:
    if "://" in source:
        yield _Database(source)
    else:
        for path in source_files(source):
            yield _File(path)


@attrs.define
class _File:
    path: Path
    total: int | None = None

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

    def histories(self) -> Iterator[_History]:
        with CaseIndex.build(self.path) as index:
            self.total = index.line_count
            torn: list[InputError] = []
            for case_id in index.cases():
                yield self._history(index, case_id, torn)
            strays = [*(found for _, found in index.strays() if isinstance(found, InputError)), *torn]
            if strays:
                yield _History(None, [], strays)
            elif not len(index):
                yield _History(None, [], [InputError("holds no event: there is nothing to audit", file=str(self))])

    def _history(self, index: CaseIndex, case_id: str, torn: list[InputError]) -> _History:
        def line_of(at: int) -> int | None:
            return [line for line, found in index.lines(case_id) if isinstance(found, Event)][at]

        whole = index.whole(case_id)
        if whole is not None:
            return _History(case_id, whole, [], line_of)
        events: list[Event] = []
        bad: list[InputError] = []
        misplaced: int | None = None
        for line, found in index.lines(case_id):
            if isinstance(found, InputError):
                if index.torn_from is not None and line >= index.torn_from:
                    torn.append(_left_out(found, None))  # never acknowledged: no hole in the case, which is judged
                else:
                    bad.append(_left_out(found, case_id))
                continue
            events.append(found)
            if misplaced is None and (found.seq != len(events) or found.programme != events[0].programme):
                misplaced = len(events)
        if misplaced is not None and not bad:  # after a bad line, a gap is only what it leaves
            fault = _misplaced(events[:misplaced], line_of).at(file=str(self), line=line_of(misplaced - 1))
            bad.append(_left_out(fault, case_id))
        return _History(case_id, events, bad, line_of)


def _misplaced(events: Sequence[Event], line_of: Callable[[int], int | None]) -> InputError:
    """What is wrong with the place of the last of these events."""
    event, first = events[-1], events[0]
    if event.programme != first.programme:
        return InputError(
            f"is {event.programme!r}, but the case began under {first.programme!r}: "
            "a case stays in its programme, a second one is a new case",
            field="programme",
        )
    before = next((at for at, other in enumerate(events[:-1]) if other.seq == event.seq), None)
    if before is not None:
        line = line_of(before)
        where = "" if line is None else f" on line {line}"
        return InputError(f"{event.seq} stands{where} already: keep one of the two", field="seq")
    return InputError(
        f"is {event.seq}, expected {len(events)}: the events of a case are numbered from 1 without a gap, "
        "in the order recorded",
        field="seq",
    )


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
        with open_journal(self.url) as journal, contextlib.suppress(Damaged):  # which is told with the histories
            yield from journal.cases()

    def histories(self) -> Iterator[_History]:
        with open_journal(self.url) as journal:
            found = False
            try:
                for case_id in journal.cases():
                    found = True
                    yield self._history(journal, case_id)
            except Damaged as error:
                yield _History(None, [], [self._fault(error, "; no case beyond it can be listed, and none was judged")])
                return
            if not found:
                yield _History(None, [], [InputError("holds no event: there is nothing to audit", file=str(self))])
            for first, last in cast("SqlJournal", journal).gaps():
                yield _History(None, [], [self._gap(first, last)])

    def _fault(self, error: Damaged, more: str = "") -> InputError:
        return InputError(str(error).removeprefix(f"{error.where}: ") + more, file=str(self))

    def _gap(self, first: int, last: int) -> InputError:
        what = f"position {first} is missing" if first == last else f"positions {first} to {last} are missing"
        said = f"table shuroflow_event: {what}: what was recorded there was taken out past the journal, and no verdict "
        return InputError(said + "counts it; restore the database from a backup", file=str(self))

    def _history(self, journal: Journal, case_id: str) -> _History:
        try:
            events = journal.read(case_id)
        except Damaged as error:
            return _History(case_id, [], [_left_out(self._fault(error), case_id)])
        for at, event in enumerate(events):
            if event.seq != at + 1 or event.programme != events[0].programme:
                fault = _misplaced(events[: at + 1], lambda _: None)
                return _History(case_id, [], [_left_out(fault, case_id).at(file=str(self))])
        return _History(case_id, events, [])


__all__ = ["Progress", "audit", "histories", "load_plug_ins", "source_files"]
