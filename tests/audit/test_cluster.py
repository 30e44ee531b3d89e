"""An audit on a real Dask cluster: two worker processes over TCP, and one of them killed in the middle."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from shuroflow.audit import audit, lots
from shuroflow.audit.cluster import cluster
from shuroflow.errors import InputError, Unavailable
from shuroflow.simulation import write as simulate
from tests.cli.calls import call

AS_OF = date(2027, 1, 1)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """A scheduler and two worker processes, with their files in a folder of the test."""
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        protocol="tcp://",
        dashboard_address=None,
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as made:
        yield made


@pytest.fixture
def caseload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of 150 cases, for some twenty lots."""
    monkeypatch.setattr(lots, "FIRST", 100)
    monkeypatch.setattr(lots, "MOST", 100)
    simulate(150, 4, 0.3, tmp_path / "cases.jsonl")
    return tmp_path / "cases.jsonl"


def test_the_same_as_here(two: LocalCluster, caseload: Path) -> None:
    """The verdicts of two workers are those of this process, in the same order; nobody was lost."""
    lost: list[tuple[int, str]] = []
    with cluster(two.scheduler_address, lost=lambda *said: lost.append(said)) as found:
        assert list(audit([caseload], as_of=AS_OF)) == list(audit([caseload], as_of=AS_OF, executor=found.executor))
    assert [] == lost


def test_a_worker_killed_in_the_middle(two: LocalCluster, caseload: Path) -> None:
    """Its lots go to the other one, and it is told; the verdicts are the same."""
    alone = list(audit([caseload], as_of=AS_OF))
    told = threading.Event()
    with (
        Client(two.scheduler_address, set_as_default=False) as client,  # type: ignore[no-untyped-call]
        cluster(two.scheduler_address, lost=lambda *_: told.set()) as made,
    ):
        pids = client.run(os.getpid)
        items = audit([caseload], as_of=AS_OF, executor=made.executor, in_flight=16)
        found = [next(items)]
        os.kill(next(iter(pids.values())), signal.SIGKILL)
        found += items
        assert told.wait(30)
    assert alone == found


def test_on_the_command_line(two: LocalCluster, tmp_path: Path) -> None:
    """``--dask`` gives the same report as none."""
    simulate(20, 4, 0.3, tmp_path / "cases.jsonl")
    plain = ("audit", str(tmp_path / "cases.jsonl"), "--as-of", "2027-01-01", "--format", "json")
    alone, found = call(*plain), call(*plain, "--dask", two.scheduler_address)
    assert (1, alone.stdout) == (found.exit_code, found.stdout)


def test_no_such_cluster() -> None:
    """An address that is none, and one where nobody answers, are told in one sentence."""
    with pytest.raises(InputError, match="write it like"), cluster("nonsense"):
        pass
    with pytest.raises(Unavailable, match="no scheduler answers"), cluster("tcp://127.0.0.1:1"):
        pass
