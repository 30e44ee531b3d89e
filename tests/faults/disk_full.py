"""Disks that are really full, without root or mounting: the system lets a process make its files only so large.

A write that crosses the limit comes back short and the next one fails, as on a full disk. The limit is one of the whole
process, so this module is a program of its own: it goes through one limit after the other, does the same appends under
each, and says what the journal held afterwards.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import sqlalchemy as sa

from shuroflow.errors import JournalError, Unavailable
from shuroflow.storage import Journal, JsonlJournal
from shuroflow.storage.sql import SqlJournal
from tests.faults.ledger import Ledger

ROOT = Path(__file__).parents[2]

APPENDS: tuple[tuple[str, int, str | None, int], ...] = (
    ("one", 1, None, 0),
    ("two", 3, None, 30),
    ("one", 2, "key-1", 0),
    ("three", 1, None, 300),
    ("two", 1, "key-2", 0),
    ("one", 3, None, 80),
    ("four", 1, None, 0),
    ("three", 1, "key-1", 0),
)
"""Case, number of events, key and letters in each note of the appends done under every limit."""


@attrs.frozen
class Store:
    """How a journal is opened in a folder, where it may become so many bytes large or (none) as large as it likes.

    ``scale``: by how much the notes of its events are longer, so that the appends fill many pages.
    """

    open: Callable[[Path, int | None], Journal]
    scale: int = 1
    by_system: bool = True
    """The system sets the limit; otherwise the store sets it for itself."""


def _jsonl(folder: Path, _: int | None) -> Journal:
    return JsonlJournal(folder / "journal.jsonl", create=True)


def _sqlite(folder: Path, _: int | None) -> Journal:
    return SqlJournal(f"sqlite:///{folder}/journal.db", create=True)


def _sqlite_set(folder: Path, *settings: str) -> Journal:
    """A journal on an engine of the host, which says how SQLite is to work on each connection."""
    engine = sa.create_engine(f"sqlite:///{folder}/journal.db", poolclass=sa.NullPool)

    @sa.event.listens_for(engine, "connect")
    def configure(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(f"PRAGMA {setting}").fetchall()
        cursor.close()

    return SqlJournal(engine, create=True)


def _checkpointing(folder: Path, _: int | None) -> Journal:
    return _sqlite_set(folder, "wal_autocheckpoint = 3")


def _rolling_back(folder: Path, _: int | None) -> Journal:
    return _sqlite_set(folder, "journal_mode = TRUNCATE")


def _counting_pages(folder: Path, limit: int | None) -> Journal:
    return _sqlite_set(folder, *([] if limit is None else [f"max_page_count = {limit // PAGE}"]))


PAGE = 4096
"""Bytes of a page of SQLite."""

STORES: dict[str, Store] = {
    "jsonl": Store(_jsonl),
    "sqlite": Store(_sqlite, scale=10),
    "sqlite-checkpoint": Store(_checkpointing, scale=60),
    "sqlite-rollback": Store(_rolling_back, scale=60),
    "sqlite-pages": Store(_counting_pages, scale=60, by_system=False),
}
"""``sqlite`` fills its log; with a checkpoint every few pages, or a rollback journal, the database itself is filled."""


@attrs.define
class Result:
    """What came of all limits: how many of each answer, and every promise that was not kept."""

    limits: int = 0
    answers: Counter[str] = attrs.field(factory=Counter)
    breaches: list[str] = attrs.field(factory=list)

    def add(self, other: Result) -> None:
        """Take in what another part of the work found."""
        self.limits += other.limits
        self.answers += other.answers
        self.breaches += other.breaches


@contextlib.contextmanager
def limited(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Trial:
    """One journal in an empty folder, and the appends under one limit."""

    def __init__(self, store: Store, folder: Path, result: Result) -> None:
        self.store = store
        self.folder = folder
        self.result = result
        self.ledger = Ledger()
        self.versions: Counter[str] = Counter()

    def append(self, journal: Journal, case_id: str, count: int, key: str | None, filler: int) -> bool:
        """Ask for one append, numbered by what was acknowledged so far: was it acknowledged?"""
        number = len(self.ledger.asked) + 1
        filler *= self.store.scale
        ask = self.ledger.ask(number, case_id, expected=self.versions[case_id], count=count, key=key, filler=filler)
        try:
            ask.of(journal)
        except Unavailable:
            self.ledger.refuse(ask)
            self.result.answers["appends refused"] += 1
            return False
        self.ledger.acknowledge(ask)
        self.versions[case_id] += count
        self.result.answers["appends acknowledged"] += 1
        return True

    def run(self, limit: int, *, room_again: bool) -> None:
        """The appends under the limit, perhaps one more without it, and then all anew on the journal opened again."""
        by_system = self.store.by_system
        with contextlib.ExitStack() as full:
            if by_system:
                full.enter_context(limited(limit))
            try:
                journal = self.store.open(self.folder, limit)
            except Unavailable:
                self.result.answers["times not opened"] += 1
            else:
                full.callback(journal.close)
                for appended in APPENDS:
                    self.append(journal, *appended)
                if room_again and by_system:
                    with room():
                        self.append(journal, "two", 2, "key-3", 20)
        for _ in range(2):
            with self.store.open(self.folder, None) as journal:
                self.check(journal, limit)
                for case_id in ("one", "two", "five"):
                    if not self.append(journal, case_id, 2, None, 0):
                        self.result.breaches.append(f"limit {limit}: there is room again, and the journal refuses")
                self.check(journal, limit)

    def check(self, journal: Journal, limit: int) -> None:
        """Hold the journal against what it acknowledged."""
        self.result.breaches += [f"limit {limit}: {said}" for said in self.ledger.breaches(journal)]


def room() -> contextlib.AbstractContextManager[None]:
    """Room again for a moment, in the midst of :func:`limited`."""
    return limited(resource.getrlimit(resource.RLIMIT_FSIZE)[1])


def limits(store: Store, step: int) -> range:
    """Every ``step``-th limit between the sizes that the largest file has in an empty journal and after all appends."""
    with tempfile.TemporaryDirectory(prefix="full-") as name:
        folder = Path(name)
        with store.open(folder, None) as journal:
            trial = Trial(store, folder, Result())
            empty = _largest(folder)
            for appended in APPENDS:
                trial.append(journal, *appended)
            return range(empty, _largest(folder) + step, step)


def _largest(folder: Path) -> int:
    return max(path.stat().st_size for path in folder.iterdir())


def run(name: str, *, step: int, part: int = 0, parts: int = 1) -> Result:
    """Every ``step``-th limit, and a few below the size of an empty journal; ``part`` of ``parts`` of them."""
    store, result = STORES[name], Result()
    later = limits(store, step)
    for limit in [*range(0, later[0], 8 * step), *later][part::parts]:
        with tempfile.TemporaryDirectory(prefix="full-") as folder:
            trial = Trial(store, Path(folder), result)
            try:
                trial.run(limit, room_again=limit // step % 2 == 1)
            except JournalError as error:
                result.breaches.append(f"limit {limit}: the journal answers {error!r}")
            except Exception as error:  # whatever a journal raises is what is looked for
                result.breaches.append(f"limit {limit}: an error of no known type: {error!r}")
        result.limits += 1
    return result


def in_child(name: str, *, step: int, part: int = 0, parts: int = 1) -> Result:
    """:func:`run` in a process of its own."""
    command = [sys.executable, "-m", "tests.faults.disk_full", name, str(step), str(part), str(parts)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE)
    told = json.loads(done.stdout)
    return Result(told["limits"], Counter(told["answers"]), told["breaches"])


if __name__ == "__main__":
    given = run(sys.argv[1], step=int(sys.argv[2]), part=int(sys.argv[3]), parts=int(sys.argv[4]))
    print(json.dumps(attrs.asdict(given)))


__all__ = ["STORES", "Result", "in_child", "run"]
