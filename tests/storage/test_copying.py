"""Copying between any two journals: equal, resumable, refused where the target holds something else, compared."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.errors import Conflict, Damaged, InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage import Journal, JsonlJournal, MemoryJournal, encode, open_journal
from shuroflow.storage.codec import link
from shuroflow.storage.copying import Copied, copy
from shuroflow.storage.journal import Bulk, Record
from shuroflow.verification.journals.events import any_event, example, examples
from tests.postgres import schema

STORES = ("memory", "jsonl", "sqlite", "postgres")
GOLDEN = Path(__file__).parent / "golden" / "schema-1.jsonl"

Opened = Callable[[str], Journal]


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], Any]:
    """Makes, for each example of a property, what opens new and empty journals of any store and closes them after."""
    numbers = count()

    @contextmanager
    def scope() -> Iterator[Opened]:
        with ExitStack() as stack:

            def make(store: str) -> Journal:
                if store == "memory":
                    return MemoryJournal()
                source = str(tmp_path / f"{next(numbers)}.jsonl")
                if store == "sqlite":
                    source = f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"
                if store == "postgres":
                    source = stack.enter_context(schema(request.getfixturevalue("postgres")))
                return stack.enter_context(open_journal(source, create=True))

            yield make

    return scope


# ---------------------------------------------------------------- histories

Append = tuple[str, str | None, list[Event]]


@st.composite
def histories(draw: st.DrawFn) -> list[Append]:
    """Appends of one or several events to a few cases, some under a key, as a desk would send them."""
    appends: list[Append] = []
    versions: dict[str, int] = {}
    small = st.just(example())
    for number in range(draw(st.integers(0, 8))):
        case_id = draw(st.sampled_from(["a", "b", "神"]))
        key = draw(st.none() | st.just(f"key {number}"))
        version = versions.get(case_id, 0)
        events = []
        for seq in range(version + 1, version + 1 + draw(st.integers(1, 3))):
            event = draw(small | small | any_event)
            events.append(attrs.evolve(event, case_id=case_id, seq=seq, key=None, prev=None))
        versions[case_id] = version + len(events)
        appends.append((case_id, key, events))
    return appends


def record(journal: Journal, appends: Sequence[Append]) -> None:
    """Send the appends."""
    for case_id, key, events in appends:
        journal.append(case_id, events, expected=events[0].seq - 1, key=key)


def held(journal: Journal) -> list[tuple[int, bytes, Event]]:
    """All that a journal holds, in its order."""
    return [(found.position, found.body, found.event) for found in journal.feed()]


def same(one: Journal, other: Journal) -> None:
    """Every way of reading gives the same from both."""
    assert held(one) == held(other)
    assert one.size() == other.size()
    assert list(one.cases()) == list(other.cases())
    assert list(one.scan()) == list(other.scan())
    for case_id in one.cases():
        assert one.version(case_id) == other.version(case_id)
        assert one.read(case_id) == other.read(case_id)


FEW = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
SOME = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


# ---------------------------------------------------------------- equal


@pytest.mark.parametrize("to", STORES)
@pytest.mark.parametrize("of", STORES)
@FEW
@given(appends=histories())
def test_any_history_between_any_two(opened: Callable[[], Any], of: str, to: str, appends: list[Append]) -> None:
    """The copy reads the same in every way, its keys hold, and a second copy finds nothing to do."""
    with opened() as make:
        source, target = make(of), make(to)
        record(source, appends)
        size = sum(len(events) for _, _, events in appends)
        assert Copied(size, size, 0, sum(_annexed(appends))) == copy(source, target)
        same(source, target)
        again = copy(source, target, chunk=1)
        assert (size, 0, True) == (again.size, again.copied, again.identical)
        for case_id, key, events in appends:
            if key is not None:
                assert target.append(case_id, events, expected=events[0].seq - 1, key=key).duplicate
        same(source, target)


def _annexed(appends: Sequence[Append]) -> Iterator[bool]:
    return (event.commitment is not None for _, _, events in appends for event in events)


@pytest.mark.parametrize("to", ["jsonl", "sqlite", "postgres"])
def test_a_journal_of_an_earlier_release(opened: Callable[[], Any], to: str) -> None:
    """What 0.1.0 wrote, without links and with hashes of other tools, is the same to the byte wherever it goes."""
    with opened() as make, JsonlJournal(GOLDEN) as source:
        target = make(to)
        assert copy(source, target, chunk=100).identical
        same(source, target)


# ---------------------------------------------------------------- resumed


class Stopped(Exception):
    """Someone pressed Ctrl-C."""


@pytest.mark.parametrize("to", STORES)
@FEW
@given(appends=histories(), chunk=st.integers(1, 5), calls=st.integers(0, 12))
def test_stopped_after_any_chunk(
    opened: Callable[[], Any], to: str, appends: list[Append], chunk: int, calls: int
) -> None:
    """A copy that was stopped, at any call of its progress, holds a beginning of the source and goes on from there."""
    left = iter(range(calls))

    def stop(done: int, total: int) -> None:
        if next(left, None) is None:
            raise Stopped

    with opened() as make:
        source, target = make("jsonl"), make(to)
        record(source, appends)
        try:
            copy(source, target, chunk=chunk, progress=stop)
        except Stopped:
            assert held(target) == held(source)[: target.size()]
        before = target.size()
        copied = copy(source, target, chunk=chunk)
        assert (source.size(), source.size() - before) == (copied.size, copied.copied)
        same(source, target)


class Failing(JsonlJournal):
    """A file whose disk is full from some load on, before or after the bytes are on it."""

    loads = 0
    late = False

    def load(self, bodies: Sequence[bytes]) -> int:
        """As long as there is room."""
        self.loads -= 1
        if self.loads < 0 and not self.late:
            raise Unavailable("the disk is full", where=self.where)
        size = super().load(bodies)
        if self.loads < 0:
            raise Unavailable("the disk went away", where=self.where)
        return size


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("loads", [0, 1, 3])
def test_a_target_that_fails(tmp_path: Path, loads: int, late: bool) -> None:
    """The error comes through, and a later call goes on, whether the last chunk was written or not."""
    source = MemoryJournal()
    record(source, [("a", None, examples("a", 9)), ("b", None, examples("b", 4))])
    with Failing(tmp_path / "copy.jsonl", create=True) as target:
        target.loads, target.late = loads, late
        with pytest.raises(Unavailable):
            copy(source, target, chunk=3)
    with JsonlJournal(tmp_path / "copy.jsonl") as target:
        done = 3 * (loads + late)
        assert done == target.size()
        assert Copied(13, 13 - done, 0, 0) == copy(source, target, chunk=3)
        same(source, target)


def test_progress_tells_how_far() -> None:
    """It rises up to the total, which counts the comparing too; where there is nothing to do it only compares."""
    source, target = MemoryJournal(), MemoryJournal()
    record(source, [("a", None, examples("a", 7))])
    calls: list[tuple[int, int]] = []
    copy(source, target, chunk=3, progress=lambda *call: calls.append(call))
    assert [(3, 14), (6, 14), (7, 14), (14, 14)] == calls
    calls.clear()
    copy(source, target, chunk=3, progress=lambda *call: calls.append(call))
    assert [(7, 7)] == calls
    record(source, [("b", None, examples("b", 1))])
    calls.clear()
    copy(source, target, chunk=3, progress=lambda *call: calls.append(call))
    assert [(7, 16), (8, 16), (16, 16)] == calls


# ---------------------------------------------------------------- refused


MIXED: list[Append] = [
    ("a", None, examples("a", 1)),
    ("b", None, examples("b", 1)),
    ("a", None, examples("a", 1, after=1)),
]

OTHERS: dict[str, list[Append]] = {
    "another event": [("a", None, [example("a", note="other")])],
    "another order": [("b", None, examples("b", 1)), ("a", None, examples("a", 1))],
    "more than the source": [("a", None, examples("a", 2)), ("b", None, examples("b", 2))],
    "another case": [("c", None, examples("c", 1))],
    "the beginning, then something else": [("a", None, examples("a", 1)), ("b", None, [example("b", note="other")])],
}


@pytest.mark.parametrize("to", STORES)
@pytest.mark.parametrize("what", OTHERS)
def test_other_content_is_refused(opened: Callable[[], Any], to: str, what: str) -> None:
    """One clear error, and the target is as it was."""
    with opened() as make:
        source, target = make("memory"), make(to)
        record(
            source,
            [("a", None, examples("a", 1)), ("b", None, examples("b", 1)), ("a", None, examples("a", 1, after=1))],
        )
        record(target, OTHERS[what])
        before = held(target)
        with pytest.raises(InputError, match="name another target"):
            copy(source, target)
        assert before == held(target)


def test_the_error_says_where(tmp_path: Path) -> None:
    """It names the target, the position, and both events."""
    source = MemoryJournal()
    record(source, [("a", None, examples("a", 2))])
    with JsonlJournal(tmp_path / "copy.jsonl", create=True) as target:
        record(target, [("a", None, examples("a", 1)), ("b", None, examples("b", 1))])
        with pytest.raises(InputError) as caught:
            copy(source, target)
    said = "at position 2 belongs event 2 of case 'a', and there stands event 1 of case 'b'; nothing was changed"
    assert f"{target.where}: holds other records than the source: {said}, name another target" == str(caught.value)


def test_bad_arguments() -> None:
    """A chunk of nothing, and a journal into itself."""
    journal = MemoryJournal()
    with pytest.raises(InputError, match="1 record at least") as caught:
        copy(journal, MemoryJournal(), chunk=0)
    assert "chunk" == caught.value.field
    with pytest.raises(InputError, match="the same journal"):
        copy(journal, journal)


# ---------------------------------------------------------------- in use


@pytest.mark.parametrize("of", STORES)
def test_what_comes_meanwhile_is_left_for_the_next_call(opened: Callable[[], Any], of: str) -> None:
    """An append of several events during the copy is not taken, not even in part; the next copy takes it whole."""
    with opened() as make:
        source, target = make(of), make("jsonl")
        record(source, [("a", None, examples("a", 5))])

        def meanwhile(done: int, total: int) -> None:
            version = source.version("a")
            source.append("a", examples("a", 3, after=version), expected=version)

        assert 5 == copy(source, target, chunk=2, progress=meanwhile).size
        assert held(source)[:5] == held(target)
        assert source.size() == copy(source, target).size
        same(source, target)


@pytest.mark.parametrize("of", ["jsonl", "sqlite", "postgres"])
def test_a_writer_at_work(opened: Callable[[], Any], of: str) -> None:
    """While a thread appends three events at a time, every copy ends between two appends and compares equal."""
    with opened() as make:
        source, target = make(of), make("jsonl")
        done = threading.Event()

        def write() -> None:
            for number in range(25):
                source.append("a", examples("a", 3, after=3 * number), expected=3 * number)
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        sizes = []
        while not done.is_set():
            sizes.append(copy(source, target, chunk=2).size)
        writer.join()
        assert [0] * len(sizes) == [size % 3 for size in sizes]
        assert 75 == copy(source, target).size
        same(source, target)


def test_records_under_a_key_are_not_parted() -> None:
    """A chunk grows to the end of an append under a key: a target without ``load`` takes it in one append."""
    source, target = MemoryJournal(), MemoryJournal()
    record(source, [("a", "k", examples("a", 5)), ("a", "l", examples("a", 2, after=5)), ("b", None, examples("b", 3))])
    sizes: list[int] = []
    copy(source, target, chunk=2, progress=lambda done, total: sizes.append(done))
    assert [5, 7, 9, 10, 20] == sizes
    same(source, target)


# ---------------------------------------------------------------- written by another hand


def by_another_hand(event: Event, **changes: Any) -> bytes:
    """A line as another program writes it: blanks, its own order, escapes; the same event."""
    value = {**json.loads(encode(event)), **changes}
    return json.dumps(dict(sorted(value.items(), reverse=True))).encode() + b"\n"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Lines of another program, canonical ones, and events that our journal appended to both."""
    path = tmp_path / "cases.jsonl"
    a, b = examples("神", 3), examples("b", 2)
    lines = [by_another_hand(a[0], note=None), encode(b[0]) + b"\n", by_another_hand(a[1]), encode(b[1]) + b"\n"]
    path.write_bytes(b"\xef\xbb\xbf" + b"".join(lines).replace(b"\n", b"\r\n", 1))
    with JsonlJournal(path) as journal:
        journal.append("神", examples("神", 2, after=2), expected=2)
        journal.append("b", examples("b", 2, after=2), expected=2)
    return path


@pytest.mark.parametrize("to", STORES)
@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_lines_of_another_hand(opened: Callable[[], Any], foreign: Path, to: str, chunk: int) -> None:
    """They are brought into canonical form, what linked to them is linked anew, and the count is told."""
    raw = foreign.read_bytes()
    with opened() as make, JsonlJournal(foreign) as source:
        target = make(to)
        copied = copy(source, target, chunk=chunk)
        # Two lines, and the two events that link to them; a journal that appends also links one that carried no link,
        # and anew what follows it.
        assert (8, 8, 7 if to == "memory" else 4) == (copied.size, copied.copied, copied.rewritten)
        assert not copied.identical
        records = list(target.feed())
        assert [encode(record.event) for record in records] == [record.body for record in records]
        assert _unlinked(source.scan()) == _unlinked(target.scan())
        _check_links(records)
        assert (0, copied.rewritten) == ((again := copy(source, target)).copied, again.rewritten)
        target.append("神", examples("神", 1, after=4), expected=4)
        assert 5 == len(target.read("神"))
    assert raw == foreign.read_bytes()


def _unlinked(events: Iterator[Event]) -> list[Event]:
    return [attrs.evolve(event, prev=None) for event in events]


def _check_links(records: Sequence[Record]) -> None:
    last: dict[str, bytes] = {}
    linked = 0
    for found in records:
        if found.event.prev is not None:
            assert link(last[found.event.case_id]) == found.event.prev
            linked += 1
        last[found.event.case_id] = found.body
    assert linked >= 4


@pytest.mark.parametrize("stop", range(1, 8))
def test_lines_of_another_hand_are_resumed(foreign: Path, tmp_path: Path, stop: int) -> None:
    """What was rewritten before the stop is known after it: the links that follow come out the same."""
    with JsonlJournal(foreign) as source:
        with JsonlJournal(tmp_path / "whole.jsonl", create=True) as whole:
            copy(source, whole)
            wanted = held(whole)
        with JsonlJournal(tmp_path / "part.jsonl", create=True) as part:
            part.load([body for _, body, _ in wanted[:stop]])
        with JsonlJournal(tmp_path / "part.jsonl") as part:
            assert 8 - stop == copy(source, part, chunk=2).copied
            assert wanted == held(part)


def test_a_key_that_stands_twice_in_a_line(tmp_path: Path) -> None:
    """The last value counts, as when it is read."""
    path = tmp_path / "cases.jsonl"
    path.write_bytes(encode(example("a"))[:-1] + b',"note":"first","note":"last"}\n')
    with JsonlJournal(path) as source, JsonlJournal(tmp_path / "copy.jsonl", create=True) as target:
        assert 1 == copy(source, target).rewritten
        assert [example("a", note="last")] == target.read("a")


def test_a_canonical_body_with_a_default_stays(tmp_path: Path) -> None:
    """What another program wrote canonically stays to the byte, even what ours would have left out."""
    path = tmp_path / "cases.jsonl"
    value = {**json.loads(encode(example("a"))), "note": None}
    path.write_bytes(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    with JsonlJournal(path) as source, open_journal(f"sqlite:///{tmp_path / 'copy.db'}", create=True) as target:
        assert copy(source, target).identical
        same(source, target)


def test_a_broken_link_is_not_mended(foreign: Path, tmp_path: Path) -> None:
    """Where an event links to something else than stands before it, a rewriting does not hide it."""
    raw = foreign.read_bytes()
    foreign.write_bytes(
        raw.replace("神 2".encode("ascii", "backslashreplace"), "神 9".encode("ascii", "backslashreplace"))
    )
    assert raw != foreign.read_bytes()
    with (
        JsonlJournal(foreign) as source,
        JsonlJournal(tmp_path / "copy.jsonl", create=True) as target,
        pytest.raises(Damaged, match="does not link to the event before it") as caught,
    ):
        copy(source, target)
    assert str(foreign) == caught.value.where


@pytest.mark.parametrize("to", STORES)
def test_a_broken_link_between_canonical_bodies(opened: Callable[[], Any], tmp_path: Path, to: str) -> None:
    """The target checks the links of what it is given: the copy stops, and holds what stood before."""
    path = tmp_path / "cases.jsonl"
    with JsonlJournal(path, create=True) as journal:
        record(
            journal,
            [("b", None, examples("b", 1)), ("a", None, examples("a", 1)), ("a", None, examples("a", 1, after=1))],
        )
    path.write_bytes(path.read_bytes().replace(b'"note":"a 1"', b'"note":"a 9"'))
    with opened() as make, JsonlJournal(path) as source:
        target = make(to)
        with pytest.raises(Damaged, match=r"event 2 of case 'a' .*does not (follow|link)") as caught:
            copy(source, target)
        assert str(path) == caught.value.where
        assert held(source)[: target.size()] == held(target)


# ---------------------------------------------------------------- what a target without load cannot take


def test_links_of_another_tool_need_load(tmp_path: Path) -> None:
    """They would be lost: refused with the position, and nothing of that chunk is written."""
    path = tmp_path / "cases.jsonl"
    path.write_bytes(encode(example("a")) + b"\n" + encode(attrs.evolve(example("a", 2), prev="theirs")) + b"\n")
    target = MemoryJournal()
    assert not isinstance(target, Bulk)
    with JsonlJournal(path) as source:
        with pytest.raises(InputError, match="position 2 carries a `prev` of another tool") as caught:
            copy(source, target)
        assert "prev" == caught.value.field
        assert 0 == target.size()
        with JsonlJournal(tmp_path / "copy.jsonl", create=True) as other:
            assert copy(source, other).identical


@pytest.mark.parametrize("note", [None, "other"])
def test_a_key_of_two_appends_needs_load(tmp_path: Path, note: str | None) -> None:
    """No append can make it: refused. A journal with ``load`` takes it as it stands."""
    path = tmp_path / "cases.jsonl"
    events = [example("a", 1, key="k"), example("a", 2), example("a", 3, key="k", note=note)]
    path.write_bytes(b"".join(encode(event) + b"\n" for event in events))
    with JsonlJournal(path) as source:
        with pytest.raises(InputError, match="the key 'k' stands for two appends"):
            copy(source, MemoryJournal())
        with open_journal(f"sqlite:///{tmp_path / 'copy.db'}", create=True) as target:
            assert copy(source, target).identical


# ---------------------------------------------------------------- compared


class Lying(MemoryJournal):
    """A target that gives back something else at one position."""

    def __init__(self, position: int, change: Callable[[Record], Record | None]) -> None:
        super().__init__()
        self.position, self.change = position, change

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """All but the truth."""
        for found in super().feed(after=after):
            changed = self.change(found) if found.position == self.position else found
            if changed is not None:
                yield changed


CHANGES: dict[str, Callable[[Record], Record | None]] = {
    "a byte": lambda found: attrs.evolve(found, body=found.body.replace(b"a 2", b"a 3")),
    "missing": lambda found: None,
    "another position": lambda found: attrs.evolve(found, position=9),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_difference_is_told(change: str) -> None:
    """What the target gives back is compared: the error names the position and what belongs there."""
    source = MemoryJournal()
    record(source, [("a", None, examples("a", 4))])
    with pytest.raises(Damaged, match="at position 2 belongs event 2 of case 'a'") as caught:
        copy(source, Lying(2, CHANGES[change]))
    assert "Lying" == caught.value.where


class Ending(MemoryJournal):
    """A source that cannot be read to its end."""

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """All but the last."""
        return iter(list(super().feed(after=after))[:-1])


def test_a_source_that_ends_early() -> None:
    """It is told with both numbers."""
    source = Ending()
    record(source, [("a", None, examples("a", 4))])
    with pytest.raises(Damaged, match="4 records are said to be there, and only 3 can be read"):
        copy(source, MemoryJournal())


@pytest.mark.parametrize("moment", [2, 4, 8])
def test_someone_else_writes_into_the_target(tmp_path: Path, moment: int) -> None:
    """At any moment it is noticed: between two chunks, after the last, and while comparing."""
    source = MemoryJournal()
    record(source, [("a", None, examples("a", 4))])
    path = tmp_path / "copy.jsonl"

    def disturb(done: int, total: int) -> None:
        if done == moment:
            with JsonlJournal(path) as other:
                other.append("z", examples("z", 1), expected=0)

    with JsonlJournal(path, create=True) as target, pytest.raises(Damaged, match="someone else writes into it"):
        copy(source, target, chunk=2, progress=disturb)


def test_two_copies_at_once(tmp_path: Path) -> None:
    """The slower one gets a conflict; what stands there is the source, once."""
    source = MemoryJournal()
    record(source, [("a", None, examples("a", 6))])
    path = tmp_path / "copy.jsonl"

    def other(done: int, total: int) -> None:
        if done == 2:
            with JsonlJournal(path) as same_place:
                copy(source, same_place)

    with JsonlJournal(path, create=True) as target:
        with pytest.raises(Conflict):
            copy(source, target, chunk=2, progress=other)
        same(source, target)


def test_a_damaged_source_is_told_with_its_line(tmp_path: Path) -> None:
    """The line comes through, and the target is a beginning that a repaired source can be copied on to."""
    shutil.copy(GOLDEN, tmp_path / "cases.jsonl")
    lines = GOLDEN.read_bytes().splitlines(keepends=True)
    with (
        JsonlJournal(tmp_path / "cases.jsonl") as source,
        JsonlJournal(tmp_path / "copy.jsonl", create=True) as target,
    ):
        bad = lines[299].replace(b'"occurred_on":"2025', b'"occurred_on":"202x')
        assert bad != lines[299]
        (tmp_path / "cases.jsonl").write_bytes(b"".join([*lines[:299], bad, *lines[300:]]))
        with pytest.raises(Damaged) as caught:
            copy(source, target, chunk=100)
        assert (str(source.path), 300) == (caught.value.where, caught.value.line)
        assert 200 == target.size()
        (tmp_path / "cases.jsonl").write_bytes(b"".join(lines))
        assert Copied(428, 228, 0, 0) == copy(source, target, chunk=100)
