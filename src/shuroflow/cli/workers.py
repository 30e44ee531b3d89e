"""Who judges an audit: this process, several of this machine, or a cluster."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from shuroflow.cli.options import say

if TYPE_CHECKING:
    from shuroflow.audit.workers import Executors, Lost


@contextlib.contextmanager
def judging(jobs: int, dask: str | None, *, lost: Lost) -> Iterator[Executors | None]:
    """What judges for the time of one audit; ``None``: this process."""
    if dask is not None:
        if jobs != 1:
            said = say("--jobs と --dask はどちらか一方です", "choose one of --jobs and --dask")
            raise click.BadParameter(said, param_hint="--dask")
        try:
            from shuroflow.audit.cluster import cluster
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] not in {"distributed", "dask"}:
                raise
            said = say("Dask には extra `dask` が必要です", "a cluster needs the extra `dask`")
            raise click.BadParameter(f"{said}: pip install 'shuroflow[dask]'", param_hint="--dask") from None
        with cluster(dask, lost=lost) as executor:
            yield executor
        return
    count = jobs or os.cpu_count() or 1
    if count == 1:
        yield None
        return
    from shuroflow.audit.workers import process_pool

    yield process_pool(count)


__all__ = ["judging"]
