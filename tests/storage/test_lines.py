"""An auditor's reading: every line answered for, cases found again wherever their lines stand, flat memory."""

from __future__ import annotations

import io
import json
import os
import random
import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage import caseindex, caseruns
from shuroflow.storage import lines as lines_module
from shuroflow.storage.caseindex import CaseIndex
from shuroflow.storage.caselines import CaseLines, split
from shuroflow.storage.caseruns import RUN
from shuroflow.storage.codec import encode
from shuroflow.storage.lines import batch_of, body_of, read_lines
from shuroflow.verification.journals import as_recorded, example, examples


def canonical(case_id: str, seq: int) -> bytes:
    """A line as a journal writes it."""
    return encode(example(case_id, seq)) + b"\n"


def foreign(case_id: str, seq: int) -> bytes:
    """A line as another system may write it: other order, escapes, blanks, CR LF."""
    form = json.loads(canonical(case_id, seq))
    return json.dumps({"schema": form.pop("schema"), **form}).encode() + b"\r\n"


def numbered(case_id: str, seq: int) -> bytes:
    """A line that stands alone but begins like one of a batch."""
    return b'{"batch":1,' + canonical(case_id, seq)[1:]


lines_of_cases = st.lists(
    st.tuples(st.sampled_from(["a", "b", "神", 'q"\\', "\x80"]), st.sampled_from([canonical, canonical, foreign])),
    max_size=40,
)


@given(plan=lines_of_cases, bom=st.booleans())
@settings(deadline=None, derandomize=True, max_examples=150)
def test_index_against_a_dictionary(tmp_path_factory: pytest.TempPathFactory, plan: list, bom: bool) -> None:  # type: ignore[type-arg]
    """Whatever the order of the lines, the index finds those of each case, in order, with their numbers."""
    file = tmp_path_factory.mktemp("index") / "cases.jsonl"
    counts: dict[str, list[tuple[int, int]]] = {}
    written = b"\xef\xbb\xbf" if bom else b""
    for number, (case_id, write) in enumerate(plan, 1):
        seq = len(counts.setdefault(case_id, [])) + 1
        counts[case_id].append((number, seq))
        written += write(case_id, seq)
    file.write_bytes(written)
    with CaseIndex.build(file) as index:
        assert list(counts) == list(index.cases())
        assert (len(counts), len(plan)) == (len(index), index.line_count)
        for case_id, wanted in counts.items():
            found = list(index.lines(case_id))
            assert wanted == [(number, event.seq) for number, event in found if isinstance(event, Event)]
        assert list(index.strays()) == []
        assert list(index.lines("nobody")) == []
        assert list(index.lines("\ud800")) == []
    events = [event for _, event in read_lines(file)]
    assert [case_id for case_id, _ in plan] == [event.case_id for event in events if isinstance(event, Event)]


def test_long_runs(tmp_path: Path) -> None:
    """Cases of more lines than one run can count, and more runs than one mark: the numbers stay right."""
    file = tmp_path / "cases.jsonl"
    plan = ["a"] * 600 + ["a", "b", "c"] * 300 + ["b"] * 255 + ["c"] * 256
    file.write_bytes(b"".join(canonical(case_id, 1) for case_id in plan))
    with CaseIndex.build(file) as index:
        for case_id in "abc":
            wanted = [number for number, known in enumerate(plan, 1) if known == case_id]
            assert wanted == [number for number, _ in index.lines(case_id)]


GOOD = canonical("a", 1)


@pytest.mark.parametrize(
    ("content", "line", "said", "events"),
    [
        (GOOD + b"\n" + GOOD, 2, "blank line", 2),
        (GOOD + b"{}\n" + GOOD, 2, "missing", 2),
        (GOOD + b"nonsense\n" + GOOD, 2, "not JSON (byte 1 of the line): Expecting value; restore the line", 2),
        (GOOD + b"\xff\xfe\n" + GOOD, 2, "not UTF-8 (byte 1", 2),
        (GOOD + b'{"case_id":"\xff","x":1}\n' + GOOD, 2, "not UTF-8", 2),
        (GOOD + GOOD.replace(b"listed", b"lsited") + GOOD, 2, "did you mean listed", 2),
        (GOOD + GOOD.replace(b'"seq":1', b'"seq":1,"case_id":"b"') + GOOD, 2, "twice", 2),
        (GOOD + b'{"case_id":"a', 2, "no line end", 1),
        (GOOD + GOOD[:-1], 2, "no line end", 1),
        (GOOD + b'{"batch":2,' + GOOD[1:], 2, "end is missing", 1),
        (GOOD + b'{"batch":x,' + GOOD[1:] + GOOD, 2, "not JSON", 2),
        (GOOD + b'{"batch":1,' + GOOD[1:] + GOOD, 2, "batch", 2),
    ],
)
def test_a_fault_stops_nothing(tmp_path: Path, content: bytes, line: int, said: str, events: int) -> None:
    """A bad line is told with file, line and reason, once; all the other lines are read. Both readers agree."""
    file = tmp_path / "cases.jsonl"
    file.write_bytes(content)
    with CaseIndex.build(file) as index:
        by_case = [found for case_id in index.cases() for found in index.lines(case_id)] + list(index.strays())
    for found in (list(read_lines(file)), sorted(by_case, key=lambda pair: pair[0])):
        if said == "twice" and not any(isinstance(event, InputError) for _, event in found):
            continue  # a key that stands twice in a line without another fault is seen where the case is looked up
        faults = [(number, fault) for number, fault in found if isinstance(fault, InputError)]
        assert [line] == [number for number, _ in faults]
        assert said in str(faults[0][1])
        assert str(faults[0][1]).startswith(f"{file}:{line}: ")
        assert events == len(found) - 1


@pytest.mark.parametrize(
    ("content", "torn_from"),
    [
        (GOOD, None),
        (GOOD + b"\n", None),
        (GOOD + b"{}\n", None),
        (GOOD + GOOD[:-1], 2),
        (GOOD + GOOD[:9], 2),
        (GOOD + b'{"batch":3,' + GOOD[1:], 2),
        (GOOD + b'{"batch":3,' + GOOD[1:] + b'{"batch":2,' + GOOD[1:-9], 2),
        (b'{"batch":2,' + GOOD[1:] + GOOD, None),
    ],
)
def test_where_the_torn_end_begins(tmp_path: Path, content: bytes, torn_from: int | None) -> None:
    """The index knows from which line on the end of the file was never acknowledged."""
    file = tmp_path / "cases.jsonl"
    file.write_bytes(content)
    with CaseIndex.build(file) as index:
        assert torn_from == index.torn_from


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", GOOD, GOOD + b"\n", GOOD + b"  ", GOOD + b"\r\n"])
def test_nothing_to_complain_of(tmp_path: Path, content: bytes) -> None:
    """An empty file, and a blank line at the end, are fine."""
    file = tmp_path / "cases.jsonl"
    file.write_bytes(content)
    with CaseIndex.build(file) as index:
        assert list(index.strays()) == []
        assert (1 if GOOD in content else 0) == len(list(index.lines("a"))) == len(list(read_lines(file)))


def test_missing_file(tmp_path: Path) -> None:
    """A file that cannot be read is told with its path."""
    for read in (lambda path: list(read_lines(path)), CaseIndex.build):
        for path in (tmp_path / "none.jsonl", tmp_path):
            with pytest.raises(Unavailable, match="cannot be read") as caught:
                read(path)
            assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "count"),
    [(b'{"batch":3,"case_id"', 3), (b'{"batch":x,', 1), (b'{"batch":', 1), (b"{}", 1), (b'{"batch":' + b"9" * 99, 1)],
)
def test_batch_of(raw: bytes, count: int) -> None:
    """The count of an append is read from the head of the line, and anything else there counts for nothing."""
    assert count == batch_of(raw)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("count", [b"", b'"batch":2,', b'"batch":123456789,'])
def test_body_of(end: bytes, count: bytes) -> None:
    """The body of a stored line is the event alone, whatever stands before and behind it."""
    assert GOOD[:-1] == body_of(b"{" + count + GOOD[1:-1] + end)


# ---------------------------------------------------------------- the links


def chain(count: int, *, key: str | None = None) -> list[bytes]:
    """The lines of a case as a journal records them."""
    return [encode(event) + b"\n" for event in as_recorded(examples("a", count), key=key)]


def counted(lines: list[bytes]) -> list[bytes]:
    """The same lines as one append."""
    counts = range(len(lines), 1, -1)
    return [*(b'{"batch":%d,%s' % (left, line[1:]) for left, line in zip(counts, lines[:-1], strict=True)), lines[-1]]


def faults(file: Path, lines: list[bytes]) -> tuple[bool, list[InputError]]:
    """Is the case whole? And what is told of its lines."""
    other = canonical("b", 1)
    file.write_bytes(other.join(lines))  # each line a run of its own
    with CaseIndex.build(file) as index:
        told = [found for _, found in index.lines("a") if isinstance(found, InputError)]
        return index.whole("a") is not None, told


@pytest.mark.parametrize("write", [list, counted])
def test_links_that_hold(tmp_path: Path, write: Callable[[list[bytes]], list[bytes]]) -> None:
    """A case as it was recorded is whole, in one append or in several; so is one without links, or with others'."""
    file = tmp_path / "cases.jsonl"
    lines = write(chain(4))
    file.write_bytes(b"".join(lines))
    with CaseIndex.build(file) as index:
        assert 4 == len(index.whole("a") or [])
        assert all(isinstance(found, Event) for _, found in index.lines("a"))
    mixed = [encode(event) + b"\n" for event in examples("a", 3)]
    assert (True, []) == faults(file, mixed)
    others = [line.replace(b"rfc6962:", b"other:") for line in chain(3)]
    assert (True, []) == faults(file, others)
    file.write_bytes(b"".join(line.replace(b"\n", b"\r\n") for line in lines))
    with CaseIndex.build(file) as index:
        assert all(isinstance(found, Event) for _, found in index.lines("a"))


@given(count=st.integers(2, 5), at=st.integers(0, 4), where=st.integers(0, 400), bit=st.integers(0, 7))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_a_changed_event(tmp_path_factory: pytest.TempPathFactory, count: int, at: int, where: int, bit: int) -> None:
    """Whatever byte of an event changes, if another follows it, a case is not whole: of a fault, or by its numbers."""
    lines = chain(count)
    at %= count - 1
    line = bytearray(lines[at])
    line[where % (len(line) - 1)] ^= 1 << bit
    lines[at] = bytes(line)
    file = tmp_path_factory.mktemp("links") / "cases.jsonl"
    file.write_bytes(b"".join(lines))
    with CaseIndex.build(file) as index:
        amiss = [case_id for case_id in index.cases() if index.whole(case_id) is None]
        told = [found for _, found in index.strays()]
        told += [found for case_id in amiss for _, found in index.lines(case_id) if isinstance(found, InputError)]
        seqs = [[event.seq for _, event in index.lines(i) if isinstance(event, Event)] for i in index.cases()]
        assert amiss or told
        assert told or any(seq != list(range(1, len(seq) + 1)) for seq in seqs)


def test_what_is_told_of_a_broken_link(tmp_path: Path) -> None:
    """The line after the changed one is told, with both numbers; the lines behind it are events again."""
    file = tmp_path / "cases.jsonl"
    lines = chain(4)
    lines[1] = lines[1].replace(b"a 2", b"b 2")
    file.write_bytes(b"".join(lines))
    with CaseIndex.build(file) as index:
        found = list(index.lines("a"))
    assert [1, 2, 4] == [line for line, event in found if isinstance(event, Event)]
    (fault,) = [event for _, event in found if isinstance(event, InputError)]
    assert ("prev", 3, "a", str(file)) == (fault.field, fault.line, fault.case_id, fault.file)
    assert "on line 2: one of the two is not what was recorded" in str(fault)


def test_a_link_before_the_first(tmp_path: Path) -> None:
    """A first event that links to one before it is a fault: a link there is none to."""
    body = encode(attrs.evolve(example("a"), prev="rfc6962:" + "0" * 64)) + b"\n"
    whole, told = faults(tmp_path / "cases.jsonl", [body])
    assert (False, ["prev"]) == (whole, [fault.field for fault in told])


@pytest.mark.parametrize("change", ["left out", "twice", "unreadable"])
def test_one_fault_is_told_once(tmp_path: Path, change: str) -> None:
    """Where a line is missing, stands twice or cannot be read, that is the fault; the link behind it is not told."""
    lines = chain(4)
    if change == "left out":
        del lines[1]
    elif change == "twice":
        lines.insert(2, lines[1])
    else:
        lines[1] = lines[1].replace(b"listed", b"lsited")
    whole, told = faults(tmp_path / "cases.jsonl", lines)
    assert not whole
    assert (["event"] if change == "unreadable" else []) == [fault.field for fault in told]


def interleaved(file: Path) -> list[int]:
    """60,000 lines of 4,800 cases, in no order; the number of the case of each line."""
    template = canonical("CASE", 1).split(b"CASE")
    order = [number % 4800 for number in range(60_000)]
    random.Random(1).shuffle(order)
    with file.open("wb") as out:
        out.writelines(b"2025-saitama-%06d".join(template) % number for number in order)
    return order


def test_flat_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index stays within its promised bytes per run and case, and beyond a limit the runs cost nothing."""
    order = interleaved(file := tmp_path / "cases.jsonl")
    assert measured(file, order) < 60_000 * 22 + 4800 * 200
    monkeypatch.setattr(caseindex, "_IN_MEMORY", 1 << 16)
    assert measured(file, order) < (1 << 17) + 4800 * 200


def measured(file: Path, order: list[int]) -> int:
    """Bytes that an index holds once it is built."""
    tracemalloc.start()
    index = CaseIndex.build(file)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sorted(set(order)) == sorted(int(case_id[-6:]) for case_id in index.cases())
    index.close()
    assert peak < held + 1_500_000  # the read buffer
    return held


@pytest.mark.parametrize("cases", [2, 20_000])
def test_memory_is_full_when_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cases: int) -> None:
    """What is held is counted, whether it is many runs of few cases or few of many; and anew each time it was put away.

    The bytes that Python gives for the runs are the measure, not the sizes that the code reckons with.
    """
    held: list[int] = []
    real = caseruns.Runs.put_away

    def put_away(self: caseruns.Runs) -> None:
        held.append(sum(runs.__sizeof__() for runs in self.of.values() if isinstance(runs, bytearray)))
        real(self)

    monkeypatch.setattr(caseruns.Runs, "put_away", put_away)
    monkeypatch.setattr(caseindex, "_IN_MEMORY", 1 << 18)
    template = canonical("CASE", 1).split(b"CASE")
    (file := tmp_path / "cases.jsonl").write_bytes(
        b"".join(b"2025-saitama-%06d".join(template) % (number % cases) for number in range(60_000))
    )
    CaseIndex.build(file).close()
    assert 3 < len(held)
    assert all((1 << 17) < each < 1.1 * (1 << 18) for each in held)


def test_runs_in_a_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the runs go into a file, in whole or in part, the lines of every case are the same."""
    interleaved(file := tmp_path / "cases.jsonl")

    def told() -> list[list[int]]:
        with CaseIndex.build(file) as index:
            return [list(index.taken(case_id).numbers()) for case_id in index.cases()]

    in_memory = told()
    for most, at_once in (
        (1, 1 << 20),
        (1000, 1 << 20),
        (1 << 19, 1 << 20),
        (1 << 19, 1),
        (1 << 19, 40),
        (1 << 19, 999),
    ):
        monkeypatch.setattr(caseindex, "_IN_MEMORY", most)
        monkeypatch.setattr(caseruns, "_BLOCK", at_once)
        assert in_memory == told()


def test_no_room_for_a_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told of the folder where there is none, not of the file that is read; and no file stays open."""
    interleaved(file := tmp_path / "cases.jsonl")
    monkeypatch.setattr(caseindex, "_IN_MEMORY", 1 << 16)
    monkeypatch.setattr(caseruns.tempfile, "TemporaryFile", lambda buffering: io.FileIO("/dev/full", "r+"))
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(Unavailable, match=r"a temporary file cannot be written \(No space left") as told:
        CaseIndex.build(file)
    assert caseruns.tempfile.gettempdir() == told.value.where
    assert before == len(os.listdir("/proc/self/fd"))


def test_no_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there is no such folder at all, as in a container that takes no writing, that is what is told."""
    interleaved(file := tmp_path / "cases.jsonl")
    monkeypatch.setattr(caseindex, "_IN_MEMORY", 1 << 16)
    monkeypatch.setattr(caseruns.tempfile, "tempdir", None)
    monkeypatch.setattr(caseruns.tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "nowhere")])
    with pytest.raises(Unavailable, match=r"^temporary folder: a temporary file cannot be written \(No usable"):
        CaseIndex.build(file)


def test_a_line_that_is_being_written(tmp_path: Path) -> None:
    """Half a line at the end is the torn end, also if its rest is there before the next look: it is left for then."""
    file = tmp_path / "cases.jsonl"
    file.write_bytes(GOOD + canonical("b", 1)[:-30])

    class Grows(io.BufferedReader):
        def readlines(self, hint: int = -1, /) -> list[bytes]:
            found = super().readlines(hint)
            with file.open("ab") as out:
                out.write(canonical("b", 1)[-30:])
            return found

    index = CaseIndex(file, io.FileIO(file))
    with index:
        index._fill(reader := Grows(index._file), 0)
        assert ["a", "b"] == list(index.cases())
        assert GOOD.count(b"\n") + 1 == index.line_count == index.torn_from
        reader.detach()


def test_a_file_that_became_shorter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no longer there is told; it is not passed over. A small file is read as one."""
    file = tmp_path / "cases.jsonl"
    for small in (True, False):
        monkeypatch.setattr(caseindex, "_SMALL", 1 << 25 if small else 0)
        file.write_bytes(GOOD + canonical("b", 1))
        with CaseIndex.build(file) as index:
            file.write_bytes(GOOD)
            for case_id, stands in (("a", not small), ("b", False)):
                with nullcontext() if stands else pytest.raises(Unavailable, match="became shorter"):
                    assert 1 == len(index.taken(case_id))


def test_a_small_file_and_a_large_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a file is read as a whole or case by case, its cases are the same; the border is a size."""
    interleaved(file := tmp_path / "cases.jsonl")

    def told() -> list[CaseLines]:
        with CaseIndex.build(file) as index:
            return [index.taken(case_id) for case_id in [*index.cases(), "nobody"]]

    read: list[int] = []

    def read_at(descriptor: int, length: int, offset: int) -> bytes:
        read.append(length)
        return os.pread(descriptor, length, offset)

    monkeypatch.setattr(lines_module, "read_at", read_at)
    size = file.stat().st_size
    monkeypatch.setattr(caseindex, "_SMALL", size)
    whole = told()
    assert [size] == read
    monkeypatch.setattr(caseindex, "_SMALL", size - 1)
    assert whole == told()
    assert len(whole) < len(read) - 1


HISTORY = [encode(event) for event in as_recorded([example("a", seq) for seq in range(1, 6)])]


@given(data=st.data())
@settings(deadline=None)
def test_the_short_way_and_the_long_one(data: st.DataObject) -> None:
    """Lines are read together only where each by itself is in order and follows the one before it."""
    raw = [b"%b\n" % body for body in HISTORY]
    assert as_recorded([example("a", seq) for seq in range(1, 6)]) == case(raw).whole()
    at = data.draw(st.integers(0, len(raw) - 1))
    match data.draw(st.sampled_from(["byte", "missing", "twice", "moved", "batch", "unlinked", "end"])):
        case "byte":
            place = data.draw(st.integers(0, len(raw[at]) - 1))
            raw[at] = (
                raw[at][:place] + data.draw(st.sampled_from([b" ", b"\n", b"9", b"{", b"}"])) + raw[at][place + 1 :]
            )
        case "missing":
            del raw[at]
        case "twice":
            raw.insert(at, raw[at])
        case "moved":
            raw.append(raw.pop(at))
        case "batch":
            raw[at] = b'{"batch":%d,' % data.draw(st.integers(0, 3)) + raw[at][1:]
        case "unlinked":
            raw[at] = canonical("a", at + 1)
        case "end":
            raw[-1] = raw[-1].rstrip(b"\n")
    lines = case(raw)
    whole = lines.whole()
    if whole is not None:
        assert [found for _, found in lines.lines()] == whole
        assert [*range(1, len(whole) + 1)] == [event.seq for event in whole]
        assert raw[-1].endswith(b"\n")


def case(raw: list[bytes]) -> CaseLines:
    """Neighbouring lines of case a."""
    block = b"".join(raw)
    return CaseLines("cases.jsonl", "a", RUN.pack(0, 1, 0, len(split(block))), block)


def test_other_lines_than_were_found() -> None:
    """Where more or fewer lines stand by now than did when the case was looked up, the file was changed."""
    lines = case([b"%b\n" % body for body in HISTORY])
    for block in (lines.block + b"{}\n", lines.block.partition(b"\n")[2]):
        with pytest.raises(Unavailable, match="was changed"):
            list(msgspec.structs.replace(lines, block=block).lines())
