"""An audit by workers: the same verdicts in the same order whoever judges, and a lost worker loses nothing."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, Item, Spool, audit, process_pool, sending, stores, workers
from shuroflow.audit import judging as judging_module
from shuroflow.audit import lots as lots_module
from shuroflow.audit.judging import TOGETHER, Question, Taken, Verdict, judged
from shuroflow.audit.lots import Lot, judged_in, lots
from shuroflow.audit.pool import ProcessPool
from shuroflow.audit.sending import Answer, judge_sent, sent
from shuroflow.errors import InputError, Unavailable
from shuroflow.simulation import write as simulate
from shuroflow.states import Office
from shuroflow.storage import caseplaces, open_journal
from shuroflow.storage.caselines import CaseLines
from shuroflow.storage.caseplaces import Reader
from shuroflow.storage.caseruns import RUN
from tests.audit.records import interleaved, line, story
from tests.states.story import JST

AS_OF = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots_module, "FIRST", 100)
    monkeypatch.setattr(lots_module, "MOST", 100)
    monkeypatch.setattr(stores, "_MANY", 1)


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


@given(
    sizes=st.lists(st.integers(1, 250), max_size=40),
    grow=st.booleans(),
    early=st.lists(st.integers(1, 3), max_size=3),
)
@settings(deadline=None)
def test_lots(sizes: list[int], grow: bool, early: list[int]) -> None:
    """The cases of the lots are the cases, in order; every lot but the last has enough lines, and none one too many.

    The first asks for 100 lines; each a quarter more than the one before, up to 150, or all the same. Those that were
    judged ahead have as many cases as they had then.
    """
    cases = [Taken("f", CaseLines("f", str(at), RUN.pack(0, 1, 0, size), b"")) for at, size in enumerate(sizes)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lots_module, "MOST", 150)
        found = list(lots(cases, grow=grow, sizes=early))
    enough = [*(100, 125) * grow, *[150 if grow else 100] * len(found)]
    assert cases == [case for lot in found for case in lot.cases]
    ahead, found = found[: len(early)], found[len(early) :]
    assert [len(lot.cases) for lot in ahead[:-1]] == early[: max(len(ahead) - 1, 0)]
    assert not found or early == [len(lot.cases) for lot in ahead]
    assert all(least <= sum(map(len, lot.cases)) for lot, least in zip(found[:-1], enough, strict=False))
    assert all(least > sum(map(len, lot.cases[:-1])) for lot, least in zip(found, enough, strict=False))


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


# ---------------------------------------------------------------- reading where the cases stand


class Notes(Executor):
    """Judges at once, elsewhere or here, and notes how many bytes it was sent with each lot."""

    def __init__(self, elsewhere: bool = False) -> None:
        self.elsewhere = elsewhere
        self.sizes: list[int] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The answer of a worker on this machine, or of one on another."""
        self.sizes.append(len(args[1]))
        future: Future[Any] = Future()
        with mock.patch.object(caseplaces, "_machine", (lambda: "another") if self.elsewhere else caseplaces._machine):
            future.set_result(fn(*args, **kwargs))
        return future


def test_a_worker_on_this_machine_reads_the_file(caseload: Path) -> None:
    """It is told where the cases stand, in far fewer bytes than they have; the verdicts are the same."""
    executor = Notes()
    assert told(audit([caseload], as_of=AS_OF)) == told(audit([caseload], as_of=AS_OF, executor=executor))
    assert sum(executor.sizes) * 3 < sum(path.stat().st_size for path in caseload.iterdir())


def test_a_worker_elsewhere_is_sent_the_bytes(caseload: Path) -> None:
    """What has that path and that number on another machine is another file: no lot is read from it."""
    executor = Notes(elsewhere=True)
    found = told(audit([caseload], as_of=AS_OF, executor=executor, in_flight=2))
    assert told(audit([caseload], as_of=AS_OF)) == found
    assert sum(executor.sizes) > sum(path.stat().st_size for path in caseload.iterdir())


def test_where_machines_cannot_be_told_apart(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the bytes are sent from the first lot on, and none twice."""
    monkeypatch.setattr(caseplaces, "_machine", lambda: None)
    sizes = [path.stat().st_size for path in caseload.iterdir()]
    executor = Notes()
    assert told(audit([caseload], as_of=AS_OF)) == told(audit([caseload], as_of=AS_OF, executor=executor))
    assert sum(sizes) < sum(executor.sizes) < sum(sizes) * 1.5


@pytest.mark.parametrize("change", ["replaced", "gone", "longer", "written to", "shorter"])
def test_a_file_that_changes_under_the_workers(tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No case is judged by what stands there now: the opened file is read on, or the audit says that it cannot be."""
    simulate(60, 3, 0.3, tmp_path / "cases.jsonl")
    file = tmp_path / "cases.jsonl"
    before = told(audit([file], as_of=AS_OF))

    def changed() -> None:
        match change:
            case "shorter":
                os.truncate(file, 100)
            case "longer":
                with file.open("ab") as out:
                    out.write(line(story("S01")[0]))
            case "written to":
                data = file.read_bytes()
                file.write_bytes(data.replace(b"2", b"1"))
            case _:
                data = file.read_bytes()
                file.unlink()
                if change == "replaced":  # where numbers are given again, it has the same one
                    file.write_bytes(data.replace(b"2", b"1"))

    class Changing(Notes):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            if len(self.sizes) == 2:
                changed()
            return super().submit(fn, *args, **kwargs)

    found: list[Item] = []
    receipt: list[Any] = []
    executor = Changing()
    if change in {"shorter", "written to"}:
        said = {"shorter": "became shorter", "written to": "was changed while it was read"}[change]
        with pytest.raises(Unavailable, match=said) as caught:
            found.extend(audit([file], as_of=AS_OF, executor=executor, read=receipt.append, in_flight=2))
        assert str(file) == caught.value.where
        return
    found.extend(audit([file], as_of=AS_OF, executor=executor, read=receipt.append, in_flight=2))
    assert before == told(iter(found))
    assert len(executor.sizes) > 4


# ---------------------------------------------------------------- this process judges too


class Slow(Executor):
    """Answers one lot, the earliest, whenever the audit has judged two itself; or when it is waited for."""

    def __init__(self) -> None:
        self.handed: list[tuple[Future[Any], Callable[[], Any]]] = []
        self.done = self.most = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Put it behind the others."""
        executor = self

        class Waited(Future[Any]):
            def result(self, timeout: float | None = None) -> Any:
                while not self.done():
                    executor.answer()
                return super().result(timeout)

        future = Waited()
        self.handed.append((future, partial(fn, *args, **kwargs)))
        self.most = max(self.most, len(self.handed))
        return future

    def answer(self) -> None:
        """Answer the earliest."""
        if self.handed:
            future, call = self.handed.pop(0)
            self.done += 1
            future.set_result(call())


@pytest.mark.parametrize("jobs", [2, 3])
def test_what_nobody_was_given_is_judged_here(caseload: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """Every lot is judged once, by a worker or by this process; the verdicts are the same, in the same order."""
    alone = told(audit([caseload], as_of=AS_OF))
    executor = Slow()
    here: list[Lot] = []

    def judging(lot: Lot, question: Question) -> Iterator[Verdict[Any]]:
        here.append(lot)
        if len(here) % 2 == 0:
            executor.answer()
        return judged_in(lot, question)

    monkeypatch.setattr(workers, "judged_in", judging)
    monkeypatch.setattr(ProcessPool, "others", lambda _: executor)
    cases = [
        case for _, case in workers.by_workers(taken(caseload), QUESTION, ProcessPool(jobs), in_flight=9, lost=None)
    ]
    assert len(cases) == sum(1 for _ in taken(caseload))
    assert executor.most == 2 * (jobs - 1)  # for each of the others one, and one that waits
    assert 3 < len(here)
    assert 2 < executor.done
    assert len(list(lots(taken(caseload), grow=True))) == len(here) + executor.done
    assert alone == told(audit([caseload], as_of=AS_OF, executor=ProcessPool(jobs)))


def test_the_first_lot_is_given_on_at_once(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lot is left to this process, and each of its verdicts is there before the next case is judged."""
    monkeypatch.setattr(ProcessPool, "others", lambda _: executor)
    executor = Slow()
    read: list[Taken] = []
    with_bytes = Taken.with_bytes

    def reading(case: Taken, reader: Reader) -> Taken:
        read.append(case)
        return with_bytes(case, reader)

    monkeypatch.setattr(Taken, "with_bytes", reading)
    found = workers.by_workers(taken(caseload), QUESTION, ProcessPool(2), in_flight=9, lost=None)
    first = next(lots(taken(caseload), grow=True))
    for at, case in enumerate(first.cases, 1):
        assert case.case_id == next(found)[0].case_id
        assert at <= len(read) <= at + TOGETHER
    assert 0 == executor.done
    assert 2 == len(executor.handed)


class Prompt(Executor):
    """Answers at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@pytest.mark.parametrize("jobs", [2, 3])
def test_nothing_is_kept_where_workers_are_prompt(caseload: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """What this process judges is then the first lot each time; at the beginning one of as many as there are jobs."""
    alone = told(audit([caseload], as_of=AS_OF))
    here: list[Lot] = []
    given: list[list[int]] = []

    def judging(lot: Lot, question: Question) -> Iterator[Verdict[Any]]:
        here.append(lot)
        return judged_in(lot, question)

    def hand_out(self: Any, waiting: Sequence[Any], *, ours: bool = True) -> None:
        before = {each.number for each in waiting if each.is_open}
        real(self, waiting, ours=ours)
        given.append(sorted(before - {each.number for each in waiting if each.is_open}))
        if not ours:
            assert not [number for number in given[-1] if number % jobs == 0]

    real = workers._Workers.hand_out
    monkeypatch.setattr(workers._Workers, "hand_out", hand_out)
    monkeypatch.setattr(workers._Lot, "judge_here", None)  # it would keep what it judges
    monkeypatch.setattr(workers, "judged_in", judging)
    monkeypatch.setattr(ProcessPool, "others", lambda _: Prompt())
    assert alone == told(audit([caseload], as_of=AS_OF, executor=ProcessPool(jobs)))
    first = next(lots(taken(caseload), grow=True))
    assert [case.case_id for case in here[0].cases] == [case.case_id for case in first.cases]


def test_what_cannot_be_pickled_after_all(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, and no worker is taken for lost."""
    monkeypatch.setattr(sending, "_told", lambda *_: ({}.keys(), (), b""))
    lot = Lot(tuple(taken(caseload)))
    for some in (lot, Lot(lot.cases[:3])):
        with pytest.raises(InputError, match="what was judged cannot go from one process to another"):
            list(Answer(judge_sent(sent(QUESTION), sent(some))))


def test_a_file_cut_off_under_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process can no longer read is told as if it judged alone."""
    monkeypatch.setattr(ProcessPool, "others", lambda _: Slow())
    simulate(60, 3, 0.3, path := tmp_path / "cases.jsonl")
    found = workers.by_workers(taken(path), QUESTION, ProcessPool(2), in_flight=9, lost=None)
    next(found)
    os.truncate(path, 1)
    with pytest.raises(Unavailable, match="became shorter"):
        list(found)


QUESTION = Question(as_of=AS_OF, known_at=None, office=Office())


def taken(folder: Path) -> Iterator[Taken]:
    """The cases of a folder, as an audit takes them."""
    for store in stores.stores_of(str(folder)):
        yield from store.taken(unread=True)


def test_an_error_in_judging_here_is_told_in_its_turn(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a rule raises while this process judges comes out after the verdicts before it, as without workers."""

    def replay(events: Any, **given: Any) -> Any:
        if events[0].case_id == "S02":
            raise ZeroDivisionError("in a guard")
        return real(events, **given)

    def items(executor: Any) -> list[object]:
        found: list[Item] = []
        with pytest.raises(ZeroDivisionError):
            found.extend(audit([caseload], as_of=AS_OF, executor=executor))
        return told(iter(found))

    real = judging_module.replay
    monkeypatch.setattr(judging_module, "replay", replay)
    alone = items(None)
    monkeypatch.setattr(ProcessPool, "others", lambda _: Slow())
    together = items(ProcessPool(2))
    assert len(alone) > 40
    assert together == alone[: len(together)]
    assert len(together) > 30


def test_a_process_that_is_killed(tmp_path: Path) -> None:
    """The lots of a worker are judged once more, once it is lost; it is told once, and the audit comes to its end."""
    simulate(400, 3, 0.3, tmp_path / "cases.jsonl")
    alone = told(audit([tmp_path], as_of=AS_OF))
    for jobs, helps in ((2, True), (2, False), (3, True)):
        lost = mock.Mock()
        items = audit([tmp_path], as_of=AS_OF, executor=ProcessPool(jobs, helps=helps), lost=lost)
        found = [next(items)]
        for process in active_children():
            process.kill()
            break
        found.extend(items)
        assert alone == told(iter(found))
        lost.assert_called_once()
        assert not active_children()


# ---------------------------------------------------------------- lost workers


def _deadly(fn: Callable[..., Any], folder: str, deadly: str, times: int, question: bytes, lot: bytes) -> Any:
    """Judge a lot, or end the process: for a case of that id, so many times."""
    for case in pickle.loads(lot).cases:
        if case.case_id == deadly:
            deaths = len(os.listdir(folder))
            if deaths < times:
                Path(folder, str(deaths)).touch()
                os._exit(9)
    return fn(question, lot)


class Deadly(Executor):
    """A pool of processes in which one case ends the process that judges it, so many times."""

    def __init__(self, folder: Path, deadly: str, times: int) -> None:
        self.pool = process_pool(1)()
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
    """It is found, named and left out; every other case is judged. An audit that is resumed goes on with that."""
    alone = list(audit([caseload], as_of=AS_OF))
    path, folder = tmp_path / "report.partial", tmp_path / "deaths"
    folder.mkdir()
    found: list[Item] = []

    def stopped(kept: Spool) -> None:
        executor = partial(Deadly, folder, "S02", 99)
        found.extend(audit([caseload], as_of=AS_OF, executor=executor, spool=kept, in_flight=2))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Spool(path) as kept:
        stopped(kept)
    (error,) = [item for item in found if isinstance(item, InputError) and "could not be judged" in item.message]
    assert ("S02", str(caseload / "b.jsonl")) == (error.case_id, error.file)
    rest = [item for item in found if item is not error]
    assert told(iter(rest)) == told(i for i in alone if not (isinstance(i, CaseReport) and i.case_id == "S02"))
    with Spool(path, resume=True) as kept:
        assert told(iter(found)) == told(audit([caseload], as_of=AS_OF, spool=kept))
    assert kept.resumed > 40


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
    lines = CaseLines("f", "S01", RUN.pack(0, 1, 0, 1), line(story("S01")[0]))
    question = Question(as_of=AS_OF, known_at=None, office=Office())
    lot = Lot((Taken("f", lines),))
    with pytest.raises(ZeroDivisionError):
        list(judged_in(lot, question))
    answer = judge_sent(sent(question), sent(lot))
    with pytest.raises(ZeroDivisionError, match="in a guard"):
        list(Answer(answer))


@given(which=st.sets(st.integers(0, 70)), explained=st.booleans(), together=st.integers(1, 30))
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_answer_is_what_was_judged(
    caseload: Path, monkeypatch: pytest.MonkeyPatch, which: set[int], explained: bool, together: int
) -> None:
    """Reports, explanations, unusable cases and torn ends come back as they were, however many go together."""
    monkeypatch.setattr(sending, "_TOGETHER", together)
    question = attrs.evolve(QUESTION, explained=explained)
    lot = Lot(tuple(case for at, case in enumerate(taken(caseload)) if at in which))
    found = [*Answer(judge_sent(sent(question), sent(lot)))]
    expected = [*judged_in(lot, question)]
    assert [told(iter(each.items)) for each in expected] == [told(iter(each.items)) for each in found]
    assert [told(iter(each.torn)) for each in expected] == [told(iter(each.torn)) for each in found]


def test_what_was_judged_before_a_rule_failed(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker tells it as this process does: each verdict before the case, then what was raised."""

    def replay(events: Any, **given: Any) -> Any:
        if events[0].case_id == failing:
            raise ZeroDivisionError("in a guard")
        return real(events, **given)

    real = judging_module.replay
    lot = Lot(tuple(taken(caseload)))
    for at in (0, 24, 25, 40):
        failing = lot.cases[at].case_id
        monkeypatch.setattr(judging_module, "replay", replay)
        found: list[object] = []
        with pytest.raises(ZeroDivisionError, match="in a guard"):
            found.extend(Answer(judge_sent(sent(QUESTION), sent(lot))))
        assert at == len(found)


def test_the_question_goes_to_another_process() -> None:
    """An office with an overlay is the same at the other end."""
    office = Office.parse('[calendar]\nclosed = [2026-08-14]\n[settings]\nfirst_day = "excluded"\n')
    question = Question(as_of=AS_OF + timedelta(days=1), known_at=None, office=office)
    assert question == pickle.loads(pickle.dumps(question))


# ---------------------------------------------------------------- values that cannot be sent


def _keys(cases: Iterator[Taken], question: Question) -> Iterator[tuple[Taken, Verdict[Any]]]:
    """A verdict that holds what no process can send to another."""
    for taken, verdict in judged(cases, question):
        yield taken, Verdict(({}.keys(),)) if taken.case_id == "S02" else verdict


def _with_keys(fn: Callable[..., Any], question: bytes, lot: bytes) -> Any:
    with mock.patch.object(lots_module, "judged", _keys):
        return fn(question, lot)


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


@attrs.frozen
class _Stuck(Office):
    """An office that no process can send to another."""

    here: Any = attrs.field(factory={}.keys)


def test_a_question_that_cannot_be_sent(caseload: Path) -> None:
    """One error says so before any process is begun."""
    with pytest.raises(InputError, match=r"the question, with its office, cannot go .*dict_keys"):
        list(audit([caseload], as_of=AS_OF, office=_Stuck(), executor=process_pool(2)))
    assert not active_children()


def test_values_of_a_plug_in_are_asked_here_too(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this process judges, what could not have been sent is refused all the same: whoever judges."""
    monkeypatch.setattr(lots_module, "judged", _keys)
    monkeypatch.setattr(lots_module, "BUILT_IN", ())
    monkeypatch.setattr(ProcessPool, "others", lambda _: Slow())
    with pytest.raises(InputError, match="case 'S02' cannot go"):
        list(audit([caseload], as_of=AS_OF, executor=ProcessPool(2)))


@pytest.mark.parametrize("number", [0, -1])
def test_nothing_in_flight(caseload: Path, number: int) -> None:
    """Where no lot may be handed out, none would ever be judged: that is refused at once."""
    with pytest.raises(InputError, match="at least one lot"):
        audit([caseload], as_of=AS_OF, executor=process_pool(2), in_flight=number)


def test_a_store_that_fails_in_the_middle(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken before it is judged and told, then what failed."""

    def failing() -> Iterator[Taken]:
        yield from list(taken(caseload))[:11]
        raise Unavailable("gone", where="db")

    found: list[object] = []
    with pytest.raises(Unavailable, match="gone"):
        found.extend(judged((case.with_bytes(Reader()) for case in failing()), QUESTION))
    assert 11 == len(found)
    monkeypatch.setattr(ProcessPool, "others", lambda _: Slow())
    for executor in (Notes(), ProcessPool(2)):
        found.clear()
        with pytest.raises(Unavailable, match="gone"):
            found.extend(workers.by_workers(failing(), QUESTION, executor, in_flight=None, lost=None))
        assert 11 == len(found)


def test_processes_that_never_begin(caseload: Path) -> None:
    """No case is blamed for them: one error says that they end before they judge anything."""

    class Stillborn(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(BrokenExecutor("gone"))
            return future

    with pytest.raises(Unavailable, match="end before they begin"):
        list(audit([caseload], as_of=AS_OF, executor=Stillborn))


def test_an_executor_that_was_shut_down(caseload: Path) -> None:
    """It is told as one that takes no more work."""
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(Unavailable, match="takes no more work"):
        list(audit([caseload], as_of=AS_OF, executor=executor))


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
