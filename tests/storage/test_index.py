"""The index of a file says what the file says, however it was read; its copy on disk is never trusted over the file."""

from __future__ import annotations

import json
import random
import tracemalloc
from array import array
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import example as example_of
from hypothesis import strategies as st

from shuroflow.errors import Damaged
from shuroflow.storage import index, indexcopy, jsonl
from shuroflow.storage.index import FileIndex, TornTail
from shuroflow.storage.indexcopy import Copy
from shuroflow.storage.jsonl import JsonlJournal
from shuroflow.verification.journals import body_of, example, examples

IDS = ["a", "b", "神", 'q"\\', "\x80"]


def head(case_id: str, seq: int, *, batch: int = 1) -> bytes:
    """As much of a line as the index looks at."""
    body = body_of(example(case_id, seq))
    return (b'{"batch":%d,%s' % (batch, body[1:]) if batch > 1 else body) + b"\n"


def taken(content: bytes, into: FileIndex | None = None) -> FileIndex:
    """The index of these bytes."""
    made = FileIndex("x.jsonl") if into is None else into
    made.take_in(lambda length, offset: content[offset : offset + length], len(content))
    return made


def told(made: FileIndex) -> object:
    """All that an index knows."""
    cases = [(case_id, made.version(case_id), made.positions(case_id)) for case_id in made.cases()]
    return len(made), made.end, cases, [made.span(position) for position in range(1, len(made) + 1)]


appends = st.lists(st.tuples(st.sampled_from(IDS), st.integers(1, 4)), max_size=25)


@given(
    plan=appends,
    bom=st.booleans(),
    block=st.integers(1, 3000),
    stops=st.lists(st.integers(0, 20_000), max_size=3),
    end=st.integers(0, 20_000),
)
@settings(deadline=None, derandomize=True, max_examples=150)
def test_against_a_list(plan: list[tuple[str, int]], bom: bool, block: int, stops: list[int], end: int) -> None:
    """In whatever pieces a file is read and grows, and wherever it ends: whole appends are known, the rest is told."""
    content = b"\xef\xbb\xbf" if bom else b""
    lines: list[tuple[str, int, int, int]] = []  # case, seq, from, to
    ends = [(len(content), 0)]  # of whole appends: byte, lines
    counts: dict[str, int] = {}
    for case_id, count in plan:
        for left in range(count, 0, -1):
            seq = counts[case_id] = counts.get(case_id, 0) + 1
            raw = head(case_id, seq, batch=left)
            lines.append((case_id, seq, len(content), len(content) + len(raw)))
            content += raw
        ends.append((len(content), len(lines)))
    made = FileIndex("x.jsonl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "BLOCK", max(block, 3))
        for stop in [*sorted(stops), end]:
            shown = content[: max(made.end, min(stop, len(content)))]
            torn = made.take_in(lambda length, offset, shown=shown: shown[offset : offset + length], len(shown))  # type: ignore[misc]
            whole, known = max((pair for pair in ends if pair[0] <= len(shown)), default=(0, 0))
            assert (whole, known) == (made.end, len(made))
            assert (TornTail(known + 1, whole, len(shown) - whole) if len(shown) > whole else None) == torn
    wanted: dict[str, list[int]] = {}
    for position, (case_id, _, start, stop) in enumerate(lines[: len(made)], 1):
        wanted.setdefault(case_id, []).append(position)
        assert (start, stop) == made.span(position)
    assert list(wanted) == made.cases()
    for case_id in IDS:
        positions = wanted.get(case_id, [])
        assert len(positions) == made.version(case_id)
        for after in (-1, 0, 1, 3, 100):
            assert positions[max(after, 0) :] == made.positions(case_id, after=after)


@given(plan=appends, first=st.integers(1, 30), length=st.integers(0, 3000))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_until(plan: list[tuple[str, int]], first: int, length: int) -> None:
    """Lines that are read together are as many as fit, and one at least."""
    made = taken(b"".join(head("a", seq) for seq in range(1, 31)))
    until = made.until(first, length, 30)
    start, end = made.span(first, until)
    assert until == first or end - start <= length
    assert until == 30 or made.span(first, until + 1)[1] - start > length


@pytest.mark.parametrize("number", range(1, 6))
def test_a_misnumbered_line_leaves_no_trace(number: int) -> None:
    """Of the lines read together with one that is misnumbered none is entered; the index goes on when it is mended."""
    known = head("a", 1) + head("b", 1)
    more = [head("a", 2), head("c", 1), head("a", 3), head("c", 2), head("b", 2)]
    made = taken(known)
    before = told(made)
    bad = [*more[: number - 1], head("b", 7), *more[number:]]
    with pytest.raises(Damaged, match="event 7 of case 'b' stands where event 2 belongs") as caught:
        taken(known + b"".join(bad), made)
    offset = len(known + b"".join(bad[: number - 1]))
    assert (2 + number, offset) == (caught.value.line, caught.value.offset)
    assert before == told(made)
    assert told(taken(known + b"".join(more))) == told(taken(known + b"".join(more), made))


def test_a_large_append(monkeypatch: pytest.MonkeyPatch) -> None:
    """An append of many blocks is looked at a few times, not once for each block; so is one line of many blocks."""
    monkeypatch.setattr(index, "BLOCK", 512)
    looked: list[int] = []
    add = FileIndex.add
    monkeypatch.setattr(FileIndex, "add", lambda made, data: (looked.append(len(data)), add(made, data))[1])
    batch = b"".join(head("a", seq, batch=2001 - seq) for seq in range(1, 2001))
    assert 2000 == len(taken(batch))
    assert sum(looked) < 3 * len(batch)
    looked.clear()
    line = b'{"case_id":"a","note":"%s","seq":1}\n' % (b"x" * 1_000_000)
    assert 1 == len(taken(line))
    assert sum(looked) < 2 * len(line)


def test_memory() -> None:
    """The index of 60,000 interleaved lines of 4,800 cases stays within its promised bytes per event and case."""
    template = head("CASE", 987654).split(b"CASE")
    order = [number % 4800 for number in range(60_000)]
    random.Random(1).shuffle(order)
    counts = [0] * 4800
    lines = []
    for number in order:
        counts[number] += 1
        lines.append((b"2025-saitama-%06d" % number).join(template).replace(b"987654", b"%d" % counts[number]))
    content = b"".join(lines)
    tracemalloc.start()
    made = taken(content)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 60_000 == len(made)
    assert held < 60_000 * 14 + 4800 * 220
    assert peak < held + 8_000_000  # a block, its lines and their heads


# ---------------------------------------------------------------- the copy beside the file


@pytest.fixture
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy is worth its while for any file."""
    monkeypatch.setattr(index, "_WORTH", 1)


def opened(folder: Path) -> JsonlJournal:
    """The journal of the folder."""
    return JsonlJournal(folder / "cases.jsonl", create=True)


def known(journal: JsonlJournal) -> object:
    """All that its index knows."""
    return told(journal._index)


@pytest.fixture
def folder(tmp_path: Path, worth: None) -> Path:
    """A folder with a journal, and the copy of its index beside it."""
    with opened(tmp_path) as journal:
        journal.append("one", examples("one", 3), expected=0)
        journal.append("神", examples("神", 1), expected=0, key="k")
        journal.append("one", examples("one", 1, after=3), expected=3)
    assert {"cases.jsonl", "cases.jsonl.index"} == {path.name for path in tmp_path.iterdir()}
    return tmp_path


def plain(folder: Path) -> object:
    """What the index is without the copy."""
    content = (folder / "cases.jsonl").read_bytes()
    return told(taken(content))


def opened_and_closed(folder: Path) -> JsonlJournal:
    """A journal that was open a moment ago."""
    with opened(folder) as journal:
        return journal


def said(ask: Callable[[], object]) -> object:
    """The answer, or where the damage is."""
    try:
        return ask()
    except Damaged as error:
        return error.line, error.offset


def test_the_copy_spares_reading(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened again, no line is read, and the index is the same; what came later is read, and only that."""
    seen: list[int] = []
    add = FileIndex.add
    monkeypatch.setattr(FileIndex, "add", lambda made, data: (seen.append(made.end), add(made, data))[1])
    with opened(folder) as journal:
        assert [] == seen
        assert plain(folder) == known(journal)
        seen.clear()
        end = journal._index.end
        copy = (folder / "cases.jsonl.index").read_bytes()
        journal.append("two", examples("two", 1), expected=0)
    (folder / "cases.jsonl.index").write_bytes(copy)
    seen.clear()
    with opened(folder) as journal:
        assert [end] == seen
        assert 1 == journal.version("two")
        assert plain(folder) == known(journal)


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_a_changed_byte_of_the_file(tmp_path_factory: pytest.TempPathFactory, at: int, bit: int) -> None:
    """Whatever byte of the file changes under the copy: the journal is what it would be without the copy."""
    folder = tmp_path_factory.mktemp("copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_WORTH", 1)
        patch.setattr(jsonl, "flush_to_disk", lambda _: None)
        with opened(folder) as journal:
            journal.append("one", examples("one", 2), expected=0)
        file = folder / "cases.jsonl"
        content = bytearray(file.read_bytes())
        content[at % len(content)] ^= 1 << bit
        file.write_bytes(content)
        assert said(lambda: plain(folder)) == said(lambda: known(opened_and_closed(folder)))


@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=150)
def test_a_damaged_copy(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A copy that was cut off, changed or prolonged is passed over, and mended when the journal is closed."""
    folder = tmp_path_factory.mktemp("copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_WORTH", 1)
        patch.setattr(jsonl, "flush_to_disk", lambda _: None)
        with opened(folder) as journal:
            journal.append("one", examples("one", 2), expected=0)
        copy = folder / "cases.jsonl.index"
        whole = copy.read_bytes()
        at = data.draw(st.integers(0, len(whole) - 1))
        changed = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
        copy.write_bytes(
            data.draw(
                st.sampled_from([whole[:at], whole[:at] + changed + whole[at + 1 :], whole + changed, changed, b""])
            )
        )
        with opened(folder) as journal:
            assert plain(folder) == known(journal)
        assert whole == copy.read_bytes()


def test_a_foreign_copy(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The copy of another journal, or of a longer state of this one, says nothing of this file."""
    other = tmp_path_factory.mktemp("other")
    with opened(other) as journal:
        journal.append("other", examples("other", 9), expected=0)
    (folder / "cases.jsonl.index").write_bytes((other / "cases.jsonl.index").read_bytes())
    with opened(folder) as journal:
        assert ["one", "神"] == list(journal.cases())
    file = folder / "cases.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:4]))
    with opened(folder) as journal:
        assert (3, 1) == (journal.version("one"), journal.version("神"))
    assert plain(folder) == known(opened_and_closed(folder))


def forge(copy: Path, content: bytes, **changes: Any) -> None:
    """Write a copy that says something else, with its own hash and that of the file made right again."""
    forged = attrs.evolve(honest(content), **changes)
    indexcopy.write(copy, attrs.evolve(forged, digest=sha256(content[: forged.end]).digest()), 0o600)


def honest(content: bytes) -> Copy:
    """What the index of these bytes is copied as."""
    found = taken(content)
    cases = found.cases()
    owner = {position: at for at, case_id in enumerate(cases) for position in found.positions(case_id)}
    owners = array("I", [owner[position] for position in range(1, len(found) + 1)])
    return Copy(found.end, sha256(content[: found.end]).digest(), cases, found._starts, owners)


HIDING: dict[str, dict[str, Any]] = {
    "given to another case": {"owners": array("I", [0, 0, 0, 1, 1])},
    "given to a case that is not there": {"cases": ["one", "神", "x"], "owners": array("I", [0, 0, 0, 1, 2])},
    "two cases change their names": {"cases": ["神", "one"]},
    "one name for two cases": {"cases": ["one", "one"]},
    "a case left out": {"owners": array("I", [0, 0, 0, 0, 0]), "cases": ["one"]},
    "a case too many": {"cases": ["one", "神", "x"]},
    "another order of cases": {"cases": ["神", "one"], "owners": array("I", [1, 1, 1, 0, 1])},
    "a case that does not exist": {"owners": array("I", [0, 0, 0, 7, 0])},
}


@pytest.mark.parametrize("change", HIDING.values(), ids=HIDING)
def test_a_forged_copy_hides_nothing(folder: Path, change: dict[str, Any]) -> None:
    """A copy that gives an event to another case, with all its hashes right, is not believed: reading tells all."""
    content = (folder / "cases.jsonl").read_bytes()
    with opened(folder) as journal:
        events = {case_id: journal.read(case_id) for case_id in ("one", "神")}
    forge(folder / "cases.jsonl.index", content, **change)
    with opened(folder) as journal:
        assert plain(folder) == known(journal)
        assert events == {case_id: journal.read(case_id) for case_id in journal.cases()}


@pytest.mark.parametrize("gone", range(5))
def test_a_forged_copy_that_leaves_out_a_line(folder: Path, gone: int) -> None:
    """A line that the copy runs together with the one before it, or the one after it, is not lost."""
    content = (folder / "cases.jsonl").read_bytes()
    found = honest(content)
    owners = array("I", [owner for at, owner in enumerate(found.owners) if at != gone])
    for lost in {gone, gone + 1} - {0, 5}:
        starts = array("Q", [start for at, start in enumerate(found.starts) if at != lost])
        forge(folder / "cases.jsonl.index", content, starts=starts, owners=owners)
        with opened(folder) as journal:
            assert plain(folder) == known(journal)


numbers = st.one_of(
    st.integers(-3, 300), st.integers(-(2**63), 2**64 - 1), st.integers(0, 63).map(lambda bit: 1 << bit)
)


@given(
    length=st.none() | numbers.map(abs),
    events=numbers,
    end=numbers,
    behind=st.binary(max_size=80),
    within=st.sampled_from([b"", b"\xdd\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\x91" * 5000]),
)
@example_of(length=2**64 - 1, events=0, end=0, behind=b"", within=b"")
@example_of(length=2**62, events=0, end=0, behind=b"", within=b"")
@example_of(length=None, events=2**61, end=0, behind=b"", within=b"")
@example_of(length=None, events=-1, end=0, behind=b"", within=b"")
@settings(deadline=None, derandomize=True, max_examples=300)
def test_whatever_numbers_a_copy_begins_with(
    tmp_path_factory: pytest.TempPathFactory, length: int | None, events: int, end: int, behind: bytes, within: bytes
) -> None:
    """Lengths that the copy cannot have, its hash right: it is passed over without room for them, and made anew."""
    folder = tmp_path_factory.mktemp("copy")
    preface = msgspec.msgpack.encode({"end": end, "digest": sha256(b"").digest(), "events": events, "cases": []})
    if within:  # the list of cases says another length, or is nested
        preface = preface[:-1] + within
    body = (len(preface) if length is None else length).to_bytes(8, "little") + preface + behind
    copy = folder / "cases.jsonl.index"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_WORTH", 1)
        patch.setattr(jsonl, "flush_to_disk", lambda _: None)
        with opened(folder) as journal:
            journal.append("one", examples("one", 2), expected=0)
        whole = copy.read_bytes()
        copy.write_bytes(indexcopy._MAGIC + sha256(body).digest() + body)
        tracemalloc.start()
        assert indexcopy.read(copy) is None or (events + 1) * 8 + events * 4 == len(behind)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20  # a block to read, and not much else
        tracemalloc.stop()
        with opened(folder) as journal:
            assert plain(folder) == known(journal)
        assert whole == copy.read_bytes()


def test_a_nested_object_is_no_line(tmp_path: Path, worth: None) -> None:
    """What looks like the beginning of an event within a line does not stand in for a line that is left out."""
    inner = b'{"case_id":"a","seq":9}'
    lines = [b'{"case_id":"a","data":%s,"seq":1}\n' % inner, head("a", 2), head("a", 3)]
    content = b"".join(lines)
    found = honest(content)
    within = content.index(inner)
    for starts in ([0, within, len(lines[0] + lines[1])], [0, within, len(lines[0])]):
        forge(tmp_path / "copy", content, starts=array("Q", [*starts, len(content)]))
        made = FileIndex("x.jsonl")
        made.restore(tmp_path / "copy", lambda length, offset: content[offset : offset + length], len(content))
        assert 0 == made.end
    forge(tmp_path / "copy", content, starts=found.starts)
    made.restore(tmp_path / "copy", lambda length, offset: content[offset : offset + length], len(content))
    assert told(taken(content)) == told(made)


def foreign(line: bytes) -> bytes:
    """The same line as another tool might have written it."""
    return json.dumps(dict(reversed(json.loads(line).items()))).encode() + b"\r\n"


@given(plan=appends, bom=st.booleans(), block=st.integers(1, 3000), data=st.data())
@settings(deadline=None, derandomize=True, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_copy_says(
    plan: list[tuple[str, int]], bom: bool, block: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any entries of a copy changed, and all its hashes right: the index is what the file alone gives."""
    content = b"\xef\xbb\xbf" if bom else b""
    counts: dict[str, int] = {}
    for case_id, count in plan:
        for left in range(count, 0, -1):
            seq = counts[case_id] = counts.get(case_id, 0) + 1
            raw = head(case_id, seq, batch=left)
            content += raw if left > 1 or data.draw(st.integers(0, 4)) else foreign(raw)
    found = honest(content)
    starts, owners, cases, end = list(found.starts), list(found.owners), list(found.cases), found.end
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, max(len(owners) - 1, 0)))
        match data.draw(st.sampled_from(["owner", "drop", "move", "twice", "cut", "rename", "swap", "order"])):
            case "owner" if owners:
                owners[at] = data.draw(st.integers(0, len(cases)))
            case "drop" if owners:
                del owners[at], starts[at + data.draw(st.integers(0, 1))]
            case "move":
                starts[at] = max(0, starts[at] + data.draw(st.integers(-40, 400)))
            case "twice" if owners:
                owners.insert(at, owners[at])
                starts.insert(at, starts[at])
            case "cut" if owners:
                del owners[at:], starts[at + 1 :]
                end = starts[-1]
                cases = cases[: max(owners, default=-1) + 1]
            case "rename" if cases:
                cases[data.draw(st.integers(0, len(cases) - 1))] = data.draw(st.sampled_from([*IDS, "x"]))
            case "swap" if cases:
                cases[0], cases[-1] = cases[-1], cases[0]
            case "order" if cases:
                cases.reverse()
                owners = [len(cases) - 1 - owner for owner in owners if owner < len(cases)]
    copy = tmp_path_factory.mktemp("copy") / "copy"
    changes = {"starts": array("Q", starts), "owners": array("I", owners), "cases": cases, "end": end}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexcopy, "BLOCK", block)
        forge(copy, content, **changes)
        made = FileIndex("x.jsonl")
        made.restore(copy, lambda length, offset: content[offset : offset + length], len(content))
    taken(content, made)
    assert told(taken(content)) == told(made)
    if (starts, owners, cases, end) == (list(found.starts), list(found.owners), found.cases, found.end):
        assert end == made._copied


def test_what_reading_finds_wrong_is_left_to_reading(folder: Path) -> None:
    """A copy of a file with a misnumbered line, with its hashes right, opens; whoever reads the case is told."""
    file = folder / "cases.jsonl"
    content = file.read_bytes()
    bad = content.replace(b'"seq":3}', b'"seq":7}')
    file.write_bytes(bad)
    changed = honest(content)
    indexcopy.write(folder / "cases.jsonl.index", attrs.evolve(changed, digest=sha256(bad).digest()), 0o600)
    with opened(folder) as journal:
        assert 1 == len(journal.read("神"))
        for reading in (lambda: journal.read("one"), lambda: list(journal.scan())):
            with pytest.raises(Damaged):
                reading()


@pytest.mark.parametrize("there", ["nothing", "folder", "leftover"])
def test_where_no_copy_can_be_made(folder: Path, there: str) -> None:
    """Without a copy, with a folder in its place or the leftover of a crash beside it: no error, the same journal."""
    (folder / "cases.jsonl.index").unlink()
    if there != "nothing":
        (folder / f"cases.jsonl.index{'.new' if there == 'leftover' else ''}").mkdir()
    with opened(folder) as journal:
        assert plain(folder) == known(journal)
        journal.append("two", examples("two", 1), expected=0)
    with opened(folder) as journal:
        assert plain(folder) == known(journal)


def test_rights_of_the_copy(folder: Path) -> None:
    """The ids of cases stand in the copy: nobody may read it who may not read the journal."""
    (folder / "cases.jsonl").chmod(0o600)
    (folder / "cases.jsonl.index").unlink()
    opened_and_closed(folder)
    assert 0 == (folder / "cases.jsonl.index").stat().st_mode & 0o077


def test_small_files_have_no_copy(tmp_path: Path) -> None:
    """A copy is made where it spares reading many bytes, and again when an eighth of the file is beyond it."""
    with opened(tmp_path) as journal:
        journal.append("one", examples("one", 3), expected=0)
    assert ["cases.jsonl"] == [path.name for path in tmp_path.iterdir()]
    made = FileIndex("x")
    for end, copied, written in (
        (index._WORTH - 1, 0, False),
        (index._WORTH, 0, True),
        (index._WORTH * 9, index._WORTH * 8 - index._WORTH // 8, True),
        (index._WORTH * 16, index._WORTH * 15, False),
    ):
        made.end, made._copied = end, copied
        copy = tmp_path / "copy"
        copy.unlink(missing_ok=True)
        made.save(copy, 0o600)
        assert written == copy.exists()


def test_a_copy_made_while_it_is_open(tmp_path: Path, worth: None) -> None:
    """Who opens a file without a copy makes one at once: a process that is killed later leaves it."""
    file = tmp_path / "cases.jsonl"
    with opened(tmp_path) as journal:
        journal.append("one", examples("one", 3), expected=0)
    (tmp_path / "cases.jsonl.index").unlink()
    with opened(tmp_path) as journal:
        assert (tmp_path / "cases.jsonl.index").exists()
        assert file.stat().st_size == journal._index._copied
