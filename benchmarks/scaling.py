"""The same audit by two processes, and by two workers of a Dask cluster, against one core: wall clock, in turn.

What is counted is the whole call: the processes of a pool start within it and end within it. The workers of a cluster
stand ready, as they do; so does the process that judges alone, in which no scheduler takes time.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from distributed import LocalCluster

from benchmarks.auditing import AS_OF
from benchmarks.measure import Figure, figure, turns
from shuroflow import Office
from shuroflow.audit import audit, process_pool
from shuroflow.audit.cluster import cluster
from shuroflow.simulation import write

CASES = int(os.environ.get("BENCH_SCALING_CASES", "75000"))
"""About a million events."""
ROUNDS = 5


def figures() -> Iterator[Figure]:
    """Two processes, two Dask workers."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        path = Path(name) / "cases.jsonl"
        _, _, events = write(CASES, 1, 0.2, path)
        yield _against_one(f"audit of {events:,} events by two processes", path, process_pool(2), faster=1.7)
        with (
            LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=2,
                threads_per_worker=1,
                processes=True,
                protocol="tcp://",
                dashboard_address=None,
                local_directory=name,
            ) as made,
            cluster(made.scheduler_address) as found,
        ):
            yield _against_one(f"audit of {events:,} events by two Dask workers", path, found.executor, faster=1.5)


def _judge(path: Path, executor: Executor | Callable[[], Executor] | None = None) -> None:
    for _ in audit([path], as_of=AS_OF, office=Office(), executor=executor):
        pass


def _against_one(name: str, path: Path, executor: Executor | Callable[[], Executor], *, faster: float) -> Figure:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as another:
        pair = turns(partial(_judge, path, executor), lambda: another.submit(_judge, path).result(), rounds=ROUNDS)
    return figure(
        f"{name}, by the clock ({1 / pair.ratio:.2f} times as fast, to reach {faster})",
        pair,
        baseline_name="one process; the start and the end of the processes of a pool are counted",
        target=round(1 / faster, 4),
    )
