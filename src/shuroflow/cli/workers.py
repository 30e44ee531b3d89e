"""Who judges an audit: this process, several of this machine, or a cluster."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from shuroflow.cli.options import say

if TYPE_CHECKING:
    from shuroflow.audit.workers import Lost


@contextlib.contextmanager
def judging(jobs: int, dask: str | None, *, lost: Lost, careful: bool = False) -> Iterator[dict[str, Any]]:
    """What judges for the time of one audit, as arguments of it; none: this process.

    ``careful``: this process judges nothing itself if there are others, in case that is what ended the audit before.
    """
    if dask is not None:
        if jobs != 1:
            said = say("--jobs と --dask はどちらか一方です", "choose one of --jobs and --dask")
            raise click.BadParameter(said, param_hint="--dask")
        try:
            from shuroflow.audit.cluster import cluster
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] not in {"distributed", "dask"}:
                raise
            from shuroflow.errors import installing

            said = say("Dask には extra `dask` が必要です", "a cluster needs the extra `dask`")
            raise click.BadParameter(f"{said}: {installing('dask')}", param_hint="--dask") from None
        with cluster(dask, lost=lost) as found:
            yield {"executor": found.executor, "in_flight": found.in_flight}
        return
    count = jobs or os.cpu_count() or 1
    if count == 1:
        yield {}
        return
    from shuroflow.audit.pool import process_pool

    yield {"executor": process_pool(count, helps=not careful)}


__all__ = ["judging"]
