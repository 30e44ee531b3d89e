"""An audit by workers: the same verdicts in the same order whoever judges, and a lost worker loses nothing."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, Item, audit, process_pool, workers
from shuroflow.audit.judging import Question, Taken, Verdict, judged
from shuroflow.audit.workers import Lot, judge_lot, lots
from shuroflow.errors import InputError, Unavailable
from shuroflow.simulation import write as simulate
from shuroflow.states import Office
from shuroflow.storage import open_journal
from shuroflow.storage.caselines import CaseLines
from tests.audit.records import interleaved, line, story
from tests.states.story import JST

AS_OF = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "LINES", 100)


def told(items: Iterator[Item]) -> list[object]:
    """What was yielded, in a form that compares by value."""
    return [str(item) + repr(vars(item)) if isinstance(item, InputError) else item for item in items]


@pytest.fixture(scope="module")
def caseload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two offices: interleaved cases, a bad line, strays, a case in both, a torn end."""
    folder = tmp_path_factory.mktemp("caseload")
    simulate(60, 3, 0.3, folder / "a.jsonl")
    names = ["S01", "S02", "T02", "S08"]
    second = interleaved(folder / "b.jsonl", *map(story, names))
    first = (folder / "a.jsonl").read_bytes().splitlines(keepends=True)
    first[40:40] = [b"nonsense\n", line(story("S01")[0])]
    first[90] = first[90].replace(b'"seq":', b'"seq":9')
    (folder / "a.jsonl").write_bytes(b"".join(first))
    second.write_bytes(second.read_bytes() + line(story("S03")[0])[:-1])
    return folder


class Backwards(Executor):
    """Answers the last that was handed out first: nothing is done before as many are waiting as will be."""

    def __init__(self, together: int) -> None:
        self.together = together
        self.handed: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Answer all that are waiting once they are enough, each by way of another process's memory."""
        future: Future[Any] = Future()
        self.handed.append((future, partial(fn, *pickle.loads(pickle.dumps(args)), **kwargs)))
        if len(self.handed) == self.together:
            self.together = 1  # from now on one is asked for after each answer
            while self.handed:
                waiting, call = self.handed.pop()
                waiting.set_result(pickle.loads(pickle.dumps(call())))
        return future


EXECUTORS: dict[str, Callable[[], Executor]] = {
    "threads": partial(ThreadPoolExecutor, 3),
    "backwards": partial(Backwards, 4),
    "processes": process_pool(2),
}


@pytest.mark.parametrize("name", EXECUTORS)
@pytest.mark.parametrize("known_at", [None, datetime(2025, 9, 1, tzinfo=JST)])
def test_whoever_judges(caseload: Path, name: str, known_at: datetime | None) -> None:
    """Reports, errors and their order are those of an audit in one process."""
    alone = told(audit([caseload], as_of=AS_OF, known_at=known_at))
    assert alone == told(audit([caseload], as_of=AS_OF, known_at=known_at, executor=EXECUTORS[name], in_flight=4))
    assert 40 < sum(isinstance(item, CaseReport) for item in alone)
    assert 4 == sum(isinstance(item, str) for item in alone)


def test_a_database_by_workers(tmp_path: Path) -> None:
    """The rows of a database go to the workers as they stand; a worker opens no database."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with open_journal(url, create=True) as journal:
        for name in ("S01", "S02", "T02", "S08"):
            journal.append(name, story(name), expected=0)
    alone = told(audit([url], as_of=AS_OF))
    assert alone == told(audit([url], as_of=AS_OF, executor=process_pool(1)))


@given(sizes=st.lists(st.integers(1, 250), max_size=30))
@settings(deadline=None)
def test_lots(sizes: list[int]) -> None:
    """The cases of the lots are the cases, in order; every lot but the last has enough lines, and none one too many."""
    cases = [Taken("f", CaseLines("f", str(at), array("I", [1, size]), b"")) for at, size in enumerate(sizes)]
    found = list(lots(cases))
    assert cases == [case for lot in found for case in lot.cases]
    assert all(100 <= sum(map(len, lot.cases)) for lot in found[:-1])
    assert all(100 > sum(map(len, lot.cases[:-1])) for lot in found)


def test_no_more_is_taken_than_is_in_flight(caseload: Path) -> None:
    """The stores are read while the workers judge: never more lots are waiting than was asked for."""
    handed: list[Future[Any]] = []

    class Counts(ThreadPoolExecutor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            handed.append(super().submit(fn, *args, **kwargs))
            return handed[-1]

    with Counts(1) as executor:
        items = audit([caseload], as_of=AS_OF, executor=executor, in_flight=2)
        next(items)
        assert 2 == len(handed)
        assert len(list(items)) > 60
    assert len(handed) > 4


def test_a_hosts_executor_is_left_open(caseload: Path) -> None:
    """What the host brought is still its own afterwards; what was made here is shut down, also if nobody reads on."""
    made: list[Executor] = []

    def make() -> Executor:
        made.append(ThreadPoolExecutor(1))
        return made[-1]

    with ThreadPoolExecutor(1) as executor:
        list(audit([caseload], as_of=AS_OF, executor=executor))
        assert 2 == executor.submit(int, "2").result()
    items = audit([caseload], as_of=AS_OF, executor=make)
    next(items)
    items.close()  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="shutdown"):
        made[0].submit(int)


# ---------------------------------------------------------------- lost workers


def _deadly(fn: Callable[..., Any], folder: str, deadly: str, times: int, lot: Lot, question: Question) -> Any:
    """Judge a lot, or end the process: for a case of that id, so many times."""
    for case in lot.cases:
        if case.case_id == deadly:
            deaths = len(os.listdir(folder))
            if deaths < times:
                Path(folder, str(deaths)).touch()
                os._exit(9)
    return fn(lot, question)


class Deadly(Executor):
    """A pool of processes in which one case ends the process that judges it, so many times."""

    def __init__(self, folder: Path, deadly: str, times: int) -> None:
        self.pool = process_pool(2)()
        self.how = (str(folder), deadly, times)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """With the danger."""
        return self.pool.submit(_deadly, fn, *self.how, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As the pool."""
        self.pool.shutdown(wait, cancel_futures=cancel_futures)


def test_a_worker_that_is_lost_once(caseload: Path, tmp_path: Path) -> None:
    """What it had is judged once more, nothing is left out, and it is told."""
    alone = told(audit([caseload], as_of=AS_OF))
    lost: list[tuple[int, str]] = []
    executor = partial(Deadly, tmp_path, "S02", 1)
    found = told(audit([caseload], as_of=AS_OF, executor=executor, lost=lambda *said: lost.append(said)))
    assert alone == found
    ((count, why),) = lost
    assert 1 == count
    assert "terminated abruptly" in why


def test_a_case_that_costs_every_worker(caseload: Path, tmp_path: Path) -> None:
    """It is found, named and left out; every other case is judged."""
    alone = list(audit([caseload], as_of=AS_OF))
    found = list(audit([caseload], as_of=AS_OF, executor=partial(Deadly, tmp_path, "S02", 99)))
    (error,) = [item for item in found if isinstance(item, InputError) and "could not be judged" in item.message]
    assert ("S02", str(caseload / "b.jsonl")) == (error.case_id, error.file)
    rest = [item for item in found if item is not error]
    assert told(iter(rest)) == told(i for i in alone if not (isinstance(i, CaseReport) and i.case_id == "S02"))


def test_a_broken_executor_of_the_host(caseload: Path) -> None:
    """It cannot be made anew here: one error says what to do about that."""

    class Broken(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            raise BrokenExecutor("gone")

    with pytest.raises(Unavailable, match="give a function that makes one"):
        list(audit([caseload], as_of=AS_OF, executor=Broken()))


def test_an_error_in_judging_is_no_lost_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a rule of a plug-in raises comes out as it would without workers."""

    def raises(*_: object, **__: object) -> None:
        raise ZeroDivisionError("in a guard")

    monkeypatch.setattr("shuroflow.audit.judging.replay", raises)
    lines = CaseLines("f", "S01", array("I", [1, 1]), line(story("S01")[0]))
    question = Question(as_of=AS_OF, known_at=None, office=Office())
    with pytest.raises(ZeroDivisionError):
        judged(Taken("f", lines), question)
    assert isinstance(judge_lot(Lot((Taken("f", lines),)), question), ZeroDivisionError)


def test_the_question_goes_to_another_process() -> None:
    """An office with an overlay is the same at the other end."""
    office = Office.parse('[calendar]\nclosed = [2026-08-14]\n[settings]\nfirst_day = "excluded"\n')
    question = Question(as_of=AS_OF + timedelta(days=1), known_at=None, office=office)
    assert question == pickle.loads(pickle.dumps(question))


# ---------------------------------------------------------------- values that cannot be sent


def _keys(taken: Taken, question: Question) -> Verdict[Any]:
    """A verdict that holds what no process can send to another."""
    return Verdict(({}.keys(),)) if taken.case_id == "S02" else judged(taken, question)


def _with_keys(fn: Callable[..., Any], lot: Lot, question: Question) -> Any:
    with mock.patch.object(workers, "judged", _keys):
        return fn(lot, question)


class WithKeys(Executor):
    """A pool of processes whose rules give such values."""

    def __init__(self) -> None:
        self.pool = process_pool(1)()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """With those values."""
        return self.pool.submit(_with_keys, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As the pool."""
        self.pool.shutdown(wait, cancel_futures=cancel_futures)


def test_values_that_cannot_be_sent(caseload: Path) -> None:
    """One error says of which case, why, and what to do; no worker is said to be lost, and no case left out for it."""
    lost: list[object] = []
    with pytest.raises(InputError, match=r"case 'S02' cannot go .*cannot pickle 'dict_keys'.*--jobs 1") as caught:
        list(audit([caseload], as_of=AS_OF, executor=WithKeys, lost=lambda *said: lost.append(said)))
    assert (str(caseload / "b.jsonl"), []) == (caught.value.file, lost)


# ---------------------------------------------------------------- the life of a worker

POOL = """
import sys
from shuroflow.audit import process_pool

if __name__ == "__main__":
    pool = process_pool(2)()
    for _ in range(4):
        pool.submit(int).result()
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """Even if it is killed: their standard output, which is its own, comes to its end."""
    script = tmp_path / "pool.py"
    script.write_text(POOL, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert b"ready" == running.stdout.readline().strip()
        running.kill()
        rest, _ = running.communicate(timeout=60)
    assert b"" == rest


@pytest.mark.skipif(sys.platform == "win32", reason="there a signal cannot be held back")
def test_no_interrupt_for_a_worker() -> None:
    """A worker hears no Ctrl-C from its birth on, so none is interrupted while it loads; who makes it still does."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    pool = process_pool(1)()
    try:
        assert signal.SIGINT in pool.submit(signal.pthread_sigmask, signal.SIG_BLOCK, []).result()
        assert before == signal.pthread_sigmask(signal.SIG_BLOCK, [])
        assert signal.SIGINT not in before
    finally:
        pool.shutdown()
