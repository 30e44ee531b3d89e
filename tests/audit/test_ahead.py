"""Cases judged while their file is looked through: the same verdicts, whatever stands further on in it."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.audit import Item, audit, stores
from shuroflow.audit import ahead as ahead_module
from shuroflow.audit import lots as lots_module
from shuroflow.audit.ahead import Ahead
from shuroflow.audit.lots import Lot
from shuroflow.audit.pool import ProcessPool
from shuroflow.errors import InputError
from shuroflow.storage import caseindex, caseplaces
from shuroflow.storage.caseindex import CaseIndex
from tests.audit.records import line, story

AS_OF = date(2026, 11, 21)
CASES = ["S01", "S02", "T02", "S08", "S03", "T01"]


@pytest.fixture(autouse=True)
def _near() -> Iterator[None]:
    """Also in a small file there is something to judge ahead, in lots of two or three cases."""
    with (
        mock.patch.object(stores, "_MANY", 1),
        mock.patch.object(stores, "_FAR", 0),
        mock.patch.object(caseindex, "_PAUSE", 1),
        mock.patch.object(ahead_module, "FIRST", 20),
    ):
        yield


class Now(Executor):
    """Judges at once, and notes of every lot the cases and how many lines each had."""

    def __init__(self, worker: str = "here") -> None:
        self.worker = worker
        self.lots: list[list[tuple[str | None, int]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The answer of a worker on this machine or on another; or of one that is lost with its first two lots."""
        self.lots.append([(case.case_id, len(case)) for case in pickle.loads(args[1]).cases])
        future: Future[Any] = Future()
        if self.worker == "lost" and len(self.lots) < 3:
            future.set_exception(MemoryError())
        else:
            machine = (lambda: "another") if self.worker == "elsewhere" else caseplaces._machine
            with mock.patch.object(caseplaces, "_machine", machine):
                future.set_result(fn(*args, **kwargs))
        return future


def told(items: Iterator[Item]) -> list[object]:
    """What was yielded, in a form that compares by value."""
    return [str(item) + repr(vars(item)) if isinstance(item, InputError) else item for item in items]


def records(order: Random, near: int) -> Iterator[bytes]:
    """The lines of some thirty cases, each in its order; those of ``near`` cases at a time are mixed."""
    waiting = [story(name, f"{name}-{at}") for at in range(5) for name in CASES]
    while waiting:
        events = order.choice(waiting[:near])
        yield line(events.pop(0))
        waiting = [each for each in waiting if each]


@given(
    order=st.randoms(use_true_random=False),
    near=st.integers(1, 30),
    late=st.integers(0, 3),
    torn=st.booleans(),
    worker=st.sampled_from(["here", "elsewhere", "lost"]),
    in_flight=st.integers(1, 9),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_judged_ahead_or_not(
    tmp_path: Path, order: Random, near: int, late: int, torn: bool, worker: str, in_flight: int
) -> None:
    """However the lines of the cases are mixed, a case ends late or the file is torn, and whoever judges or is lost."""
    lines = list(records(order, near))
    for _ in range(late):  # of some case the last line stands at the end
        lines.append(lines.pop(order.randrange(len(lines) // 2)))
    (path := tmp_path / "cases.jsonl").write_bytes(b"".join(lines)[: -5 if torn else None])
    alone = told(audit([path], as_of=AS_OF))
    assert alone == told(audit([path], as_of=AS_OF, executor=Now(worker), in_flight=in_flight))


def test_a_case_with_a_further_line_is_judged_with_it(tmp_path: Path) -> None:
    """The lot that it was judged in is judged again, with all its lines; the other lots are judged once."""
    lines = list(records(Random(1), 1))
    lines.append(lines.pop(len(story(CASES[0])) - 1))
    (path := tmp_path / "cases.jsonl").write_bytes(b"".join(lines))
    alone = told(audit([path], as_of=AS_OF))
    executor = Now()
    assert alone == told(audit([path], as_of=AS_OF, executor=executor, in_flight=3))
    first, size = f"{CASES[0]}-0", len(story(CASES[0]))
    assert (first, size - 1) == executor.lots[0][0]
    assert 1 == executor.lots.count([(first, size), *executor.lots[0][1:]])
    once = [case for lot in executor.lots[1:] for case, _ in lot]
    assert len(once) == len(set(once)) == len(CASES) * 5


def test_after_small_files_a_large_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only of the first file cases are judged ahead: the lots of the others are as large as ever, each judged once."""
    monkeypatch.setattr(lots_module, "FIRST", 20)
    monkeypatch.setattr(lots_module, "MOST", 40)
    (tmp_path / "a.jsonl").write_bytes(b"".join(line(story("S01", f"A-{at}")[0]) for at in range(15)) + b"nonsense\n")
    (tmp_path / "b.jsonl").write_bytes(b"".join(records(Random(1), 1)))
    executor = Now()
    assert told(audit([tmp_path], as_of=AS_OF)) == told(audit([tmp_path], as_of=AS_OF, executor=executor))
    once = [case for lot in executor.lots for case, _ in lot if case is not None]
    assert len(once) == len(set(once)) == 15 + len(CASES) * 5
    assert all(sum(size for _, size in lot[:-1]) < 40 for lot in executor.lots)


def test_what_is_of_no_use_is_not_waited_for(tmp_path: Path) -> None:
    """A lot that has to be judged again, and that nobody began yet, is taken back."""
    handed: list[Future[Any]] = []

    class Later(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            handed.append(Future())
            if len(handed) > 1:
                handed[-1].set_result(fn(*args, **kwargs))
            return handed[-1]

    lines = list(records(Random(1), 1))
    lines.append(lines.pop(len(story(CASES[0])) - 1))
    (path := tmp_path / "cases.jsonl").write_bytes(b"".join(lines))
    assert told(audit([path], as_of=AS_OF)) == told(audit([path], as_of=AS_OF, executor=Later()))
    assert [True, False] == [future.cancelled() for future in handed[:2]]


def test_from_where_on_it_is_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing before so many bytes were looked through; then cases without a line in the latter half of these."""
    asked: list[tuple[int, int]] = []
    real = stores._File._offer

    def offer(self: Any, ahead: Ahead, index: CaseIndex, looked_through: int) -> None:
        monkeypatch.setattr(index, "quiet", lambda until: iter(asked.append((looked_through, until)) or ()))
        real(self, ahead, index, looked_through)

    (path := tmp_path / "cases.jsonl").write_bytes(b"".join(records(Random(1), 1)))
    far = path.stat().st_size // 2
    monkeypatch.setattr(stores, "_FAR", far)
    monkeypatch.setattr(stores._File, "_offer", offer)
    assert told(audit([path], as_of=AS_OF)) == told(audit([path], as_of=AS_OF, executor=Now()))
    assert far <= min(asked)[0] < far + 2000
    assert all(looked_through // 2 == until for looked_through, until in asked)


def test_explanations_are_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of lots with explanations no more are answered and wait than may be under way."""
    (path := tmp_path / "cases.jsonl").write_bytes(b"".join(records(Random(1), 1)))
    executor, before = Now(), []
    real = stores._File.taken

    def taken(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        for case in real(self, *args, **kwargs):
            before.append(len(executor.lots))
            yield case

    monkeypatch.setattr(stores._File, "taken", taken)
    list(audit([path], as_of=AS_OF, executor=executor, in_flight=2, explained=True))
    assert 2 == before[0]


class Killed(Executor):
    """A pool: the worker that takes one of these cases is lost, and all that the pool has not answered with it."""

    def __init__(self, deadly: frozenset[str], order: Random) -> None:
        self.deadly, self.order = deadly, order
        self.waiting: list[tuple[Future[Any], Callable[[], Any], bool]] = []
        self.broken = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Two are under way before the first is answered."""
        if self.broken:
            raise RuntimeError("broken")
        future: Answered = Answered(self)
        cases = getattr(pickle.loads(args[1]), "cases", ())
        kills = any(case.case_id in self.deadly for case in cases)
        self.waiting.append((future, lambda: fn(*args, **kwargs), kills))
        if len(self.waiting) > 2:
            self.next()
        return future

    def next(self) -> None:
        """Answer any, or break."""
        future, call, kills = self.waiting.pop(self.order.randrange(len(self.waiting)))
        if not future.set_running_or_notify_cancel():
            return
        if not kills:
            future.set_result(call())
            return
        self.broken = True
        for lost, _, _ in [(future, call, kills), *self.waiting]:
            if not lost.cancelled():
                lost.set_exception(BrokenExecutor("killed"))
        self.waiting = []

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """What was not begun is not."""
        for future, _, _ in self.waiting:
            future.cancel()
        self.waiting = []


class Answered(Future[Any]):
    """Whoever waits for it has the pool go on."""

    def __init__(self, pool: Killed) -> None:
        super().__init__()
        self.pool = pool

    def result(self, timeout: float | None = None) -> Any:
        """The answer."""
        while not self.done():
            self.pool.next()
        return super().result(timeout)


@given(
    order=st.randoms(use_true_random=False),
    near=st.integers(1, 8),
    deadly=st.frozensets(st.sampled_from([f"{name}-{at}" for name in CASES for at in range(5)]), max_size=8),
    in_flight=st.integers(1, 6),
    size=st.sampled_from([1, 20]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_no_case_is_blamed_for_another(
    tmp_path: Path, order: Random, near: int, deadly: frozenset[str], in_flight: int, size: int
) -> None:
    """Where cases end the workers of a pool of our making, these are left out and no others, also of lots ahead."""
    (path := tmp_path / "cases.jsonl").write_bytes(b"".join(records(order, near)))
    with mock.patch.object(ahead_module, "FIRST", size), mock.patch.object(lots_module, "FIRST", size):
        found = list(audit([path], as_of=AS_OF, executor=lambda: Killed(deadly, order), in_flight=in_flight))
    assert deadly == {item.case_id for item in found if isinstance(item, InputError)}
    assert 30 == len(found)


def test_no_more_than_there_is_time_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody answers, no more is handed out than may be under way; what was handed out is judged once.

    Where answers come at once, four small lots wait for their turn in the place of a large one.
    """
    handed: list[Future[Any]] = []

    class Waits(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            handed.append(Future())
            if looked:
                handed[-1].set_result(fn(*args, **kwargs))
            else:
                waiting.append((handed[-1], lambda: fn(*args, **kwargs)))
            return handed[-1]

    class Prompt(Now):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            handed.append(super().submit(fn, *args, **kwargs))
            return handed[-1]

    def taken(self: Any, *args: Any, **kwargs: Any) -> Any:
        for case in real(self, *args, **kwargs):
            if not looked:
                looked.append(len(handed))
                for future, call in waiting:
                    future.set_result(call())
            yield case

    looked: list[int] = []
    waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
    real = stores._File.taken
    monkeypatch.setattr(stores._File, "taken", taken)
    (path := tmp_path / "cases.jsonl").write_bytes(b"".join(records(Random(1), 1)))
    alone = told(audit([path], as_of=AS_OF))
    looked.clear()
    monkeypatch.setattr(ProcessPool, "others", lambda _: Waits())
    for executor, in_flight, most in (
        (Waits(), 4, 4),
        (ProcessPool(3), 9, 4),
        (ProcessPool(3), 3, 3),
        (Prompt(), 1, 4),
    ):
        assert alone == told(audit([path], as_of=AS_OF, executor=executor, in_flight=in_flight))
        assert [most] == looked
        for kept in (looked, waiting, handed):
            kept.clear()


@given(order=st.randoms(use_true_random=False), near=st.integers(1, 30), in_memory=st.sampled_from([1, 2000, 1 << 24]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_quiet(tmp_path: Path, order: Random, near: int, in_memory: int) -> None:
    """Each case is told once, in the order of the first lines, and none of which a run that is over began too late."""
    lines = list(records(order, near))
    for at in range(0, len(lines), 40):  # of these no case can be told; they hold up no other one
        lines.insert(at, b"a b c d\n" if at % 80 else b'"a" "b"\n')
    (path := tmp_path / "cases.jsonl").write_bytes(b"".join(lines))
    told: list[str] = []

    def meanwhile(index: CaseIndex, looked_through: int) -> None:
        until = order.randrange(looked_through)
        for case_id in index.quiet(until):
            begun = [at for at, case in runs(looked_through)[:-1] if case == case_id]
            assert begun[-1] < until
            told.append(case_id)
            if order.random() < 0.3:
                break

    def runs(looked_through: int) -> list[tuple[int, str]]:
        """Where each run of lines of one case begins, of those that were looked through; the last is not over."""
        at, found = 0, [(-1, "")]
        for each in lines:
            case_id = each.split(b'"')[3].decode() if each.startswith(b"{") else ""
            if at < looked_through and case_id != found[-1][1]:
                found.append((at, case_id))
            at += len(each)
        return found

    with mock.patch.object(caseindex, "_IN_MEMORY", in_memory):
        index = CaseIndex.build(path, meanwhile=meanwhile)
    with index:
        assert told == list(index.cases())[: len(told)]
        told += index.quiet(path.stat().st_size)
        assert told == list(index.cases())
        assert not list(index.quiet(path.stat().st_size))


def test_nobody_has_time() -> None:
    """Then no case is even taken."""

    def cases() -> Iterator[Any]:
        raise AssertionError
        yield

    Ahead().offer(cases())


def test_lots_of_an_offer() -> None:
    """What does not fill a lot waits for more; what nobody has time for is left with whoever offers it."""
    given: list[Lot] = []
    ahead = Ahead()
    ahead.wants, ahead.give = lambda: len(given) < 2, given.append
    cases = iter([InputError(str(at)) for at in range(50)])
    offered = (stores.Taken("f", case) for case in cases)
    ahead.offer(islice(offered, 15))
    assert not given
    ahead.offer(offered)
    assert [20, 20] == [len(lot.cases) for lot in given]
    assert "40" == str(next(cases))
