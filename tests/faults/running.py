"""What every campaign of this room is given, and what it gives back: a table of figures, written down at the end."""

from __future__ import annotations

import concurrent.futures
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import attrs

from shuroflow.storage import open_journal
from shuroflow.verification import Opener
from tests import postgres
from tests.faults.processes import ready

_T = TypeVar("_T")


@attrs.frozen
class Row:
    """What a campaign has shown on one store: figures by name, and every promise that was not kept."""

    campaign: str
    store: str
    figures: Mapping[str, int]
    seed: int
    seconds: float
    faults: Sequence[str] = ()

    def __str__(self) -> str:
        """One line of the table."""
        said = ", ".join(f"{count:,} {name}" for name, count in self.figures.items())
        return f"{self.campaign:<14} {self.store:<20} {self.seconds:>7.1f} s  {len(self.faults):>3} broken  {said}"


@attrs.define
class Run:
    """One run of campaigns: its seed, a folder that is removed afterwards, and what it needs started once."""

    folder: Path
    seed: int
    rounds: int | None
    stack: ExitStack
    workers: int = attrs.field(factory=lambda: min(os.cpu_count() or 1, 8))
    _server: str | None = None
    _pool: concurrent.futures.Executor | None = None

    def rounds_of(self, usual: int) -> int:
        """How many rounds are asked for, where so many are usual."""
        return usual if self.rounds is None else self.rounds

    @contextmanager
    def stores(self) -> Iterator[dict[str, Opener]]:
        """Openers of empty stores, by name."""
        if self._server is None:
            self._server = self.stack.enter_context(postgres.server(self.folder / "postgres"))
        empty = self.new_folder("stores")
        with postgres.schema(self._server) as url:
            sources = {
                "JSON Lines": f"{empty}/journal.jsonl",
                "SQLite": f"sqlite:///{empty}/journal.db",
                "PostgreSQL": url,
            }
            yield {name: partial(open_journal, source, create=True) for name, source in sources.items()}

    def new_folder(self, name: str) -> Path:
        """An empty folder."""
        made = self.folder / f"{name}-{len(list(self.folder.iterdir()))}"
        made.mkdir()
        return made

    def spread(self, calls: Iterable[Callable[[], _T]], *, name: str) -> list[_T]:
        """What the calls give, done by several processes at once."""
        if self._pool is None:
            ready()
            method = "forkserver" if sys.platform == "linux" else "spawn"
            context = multiprocessing.get_context(method)
            made = concurrent.futures.ProcessPoolExecutor(self.workers, mp_context=context)
            self._pool = self.stack.enter_context(made)
        waiting = [self._pool.submit(call) for call in calls]
        told = self.progress(name)
        for done, _ in enumerate(concurrent.futures.as_completed(waiting), 1):
            told(done, len(waiting))
        return [each.result() for each in waiting]

    def progress(self, name: str) -> Callable[[int, int], None]:
        """Says every tenth of the way how far a campaign is."""
        told = 0

        def tell(done: int, total: int) -> None:
            nonlocal told
            if total and done * 10 // total > told:
                told = done * 10 // total
                print(f"  {name}: {done:,} of {total:,}", file=sys.stderr, flush=True)

        return tell


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Gives the seconds since it began."""
    began = time.perf_counter()
    yield lambda: round(time.perf_counter() - began, 1)


def write(path: Path, rows: Sequence[Row], *, seed: int, versions: Mapping[str, str]) -> None:
    """Write the table for other programs: nothing in it is of this machine but the durations."""
    table: dict[str, Any] = {
        "seed": seed,
        "seconds": round(sum(row.seconds for row in rows), 1),
        "versions": dict(versions),
        "rows": [attrs.asdict(row) for row in rows],
    }
    path.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


__all__ = ["Row", "Run", "timed", "write"]
