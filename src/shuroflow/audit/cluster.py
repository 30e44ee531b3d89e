"""The workers of a Dask cluster as the executor of an audit. Needs the extra ``dask``; nothing else imports it.

Workers need the same version of this library (and the same plug-ins), and no access to the sources: where they do not
share a machine with the file they are sent the bytes of the cases, so the cluster must be one that may see them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any, NamedTuple

from distributed import Client
from distributed.comm.addressing import get_address_host_port

from shuroflow.audit.workers import IN_FLIGHT, Lost
from shuroflow.errors import InputError, Unavailable

_SECONDS = 10


class Cluster(NamedTuple):
    """The workers of a cluster, and how many lots of cases are handed out to them at a time."""

    executor: Executor
    in_flight: int


@contextlib.contextmanager
def cluster(address: str, *, lost: Lost | None = None) -> Iterator[Cluster]:
    """The cluster at an address such as ``tcp://scheduler:8786``, for the time of one audit.

    The scheduler hands the lots of a lost worker to another one; ``lost`` is told of it, with the number of lots.

    Raises:
        InputError: if the address cannot be one.
        Unavailable: if no scheduler answers there, or it has no worker.
    """

    def told(event: tuple[Any, Any]) -> None:
        said = event[1]
        if lost is not None and isinstance(said, dict) and said.get("action") == "remove-worker":
            lots = sum(len(said.get(name) or ()) for name in ("processing-tasks", "lost-computed-tasks"))
            if lots:
                lost(lots, f"worker {said.get('worker')} left the cluster")

    try:
        get_address_host_port(address, strict=True)  # asked first: a client that cannot be made is slow to give up
    except ValueError as error:
        raise InputError(f"{address!r} is no address: write it like tcp://host:8786 ({error})", field="dask") from None
    try:
        client = Client(address, timeout=_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError) as error:
        said = (
            f"no scheduler answers there within {_SECONDS} seconds ({type(error).__name__}); check address and firewall"
        )
        raise Unavailable(said, where=address) from None
    with client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise Unavailable("the scheduler has no worker; start one: dask worker ADDRESS", where=address)
        client.subscribe_topic("all", told)  # type: ignore[no-untyped-call]
        try:
            threads = sum(worker["nthreads"] for worker in workers.values())
            yield Cluster(client.get_executor(pure=False), max(IN_FLIGHT, 3 * threads))  # type: ignore[no-untyped-call]
        finally:
            client.unsubscribe_topic("all")  # type: ignore[no-untyped-call]


__all__ = ["cluster"]
