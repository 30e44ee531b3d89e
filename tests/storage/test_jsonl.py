"""The journal in JSON Lines keeps the promises of the port, and no crash leaves half an append."""

from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.errors import Damaged, InputError, JournalError, Unavailable
from shuroflow.events import Event
from shuroflow.storage import index, jsonl, open_journal
from shuroflow.storage.caseindex import CaseIndex
from shuroflow.storage.codec import link
from shuroflow.storage.jsonl import JsonlJournal, TornTail
from shuroflow.storage.lines import batch_of, read_lines
from shuroflow.verification.journals import JournalPromises, body_of, example, examples


def path(folder: Path) -> str:
    """The file of a folder."""
    return str(folder / "cases.jsonl")


def open_jsonl(folder: Path) -> JsonlJournal:
    """The journal of the folder."""
    return JsonlJournal(path(folder), create=True)


class TestJsonl(JournalPromises):
    """All promises."""

    durable, shared, processes, threads, bulk = True, True, True, True, True

    def open(self, folder: Path) -> JsonlJournal:
        """The journal of the folder."""
        return open_jsonl(folder)

    def tamper(self, folder: Path, position: int, body: bytes) -> None:
        """Write the body over the event of that line; the count of a batch stays before it."""
        file = Path(path(folder))
        lines = file.read_bytes().split(b"\n")
        count = batch_of(lines[position - 1])
        lines[position - 1] = b'{"batch":%d,%s' % (count, body[1:]) if count > 1 else body
        file.write_bytes(b"\n".join(lines))


def test_a_person_can_read_it(tmp_path: Path) -> None:
    """One canonical line for each event, in the order recorded; a batch counts down to its last line."""
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        journal.append("two", examples("two", 3), expected=0, key="k")
    text = Path(path(tmp_path)).read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert text.endswith("\n")
    assert "求職中" in text
    assert [line.get("batch") for line in lines] == [None, 3, 2, None]
    assert [(line["case_id"], line["seq"]) for line in lines] == [("one", 1), ("two", 1), ("two", 2), ("two", 3)]
    canonical = [json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for line in lines]
    assert canonical == text.splitlines()


@pytest.mark.parametrize("count", [1, 3])
def test_cut_at_every_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Wherever an append breaks off, all of it is there or nothing, for the journal and for an auditor alike."""
    monkeypatch.setattr(jsonl, "flush_to_disk", lambda _: None)  # a thousand appends
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 2), expected=0)
        before = file.stat().st_size
        journal.append("one", examples("one", count, after=2), expected=2, key="k")
    whole = file.read_bytes()
    for size in range(before, len(whole) + 1):
        file.write_bytes(whole[:size])
        wanted = 2 + count if size == len(whole) else 2
        told = [found for _, found in read_lines(file)]
        with CaseIndex.build(file) as index:
            indexed = [found for case_id in index.cases() for _, found in index.lines(case_id)]
            indexed += [found for _, found in index.strays()]
        for seen in (told, indexed):
            assert wanted == sum(not isinstance(found, InputError) for found in seen)
            assert (size in (before, len(whole))) == (not any(isinstance(found, InputError) for found in seen))
        with open_jsonl(tmp_path) as journal:
            torn = None if size in (before, len(whole)) else TornTail(3, before, size - before)
            assert torn == journal.torn
            assert wanted == journal.version("one")
            again = journal.append("one", examples("one", count, after=2), expected=2, key="k")
            assert (size == len(whole)) == again.duplicate
            assert journal.torn is None
        assert whole == file.read_bytes()


@pytest.mark.parametrize(
    ("line", "said", "number"),
    [
        (b"{}", "case_id", 2),
        (b"", "no event", 2),
        (b'{"case_id":"one","seq":"2"}', "seq", 2),
        (b'{"case_id":"one","seq":3}', "event 3 .* where event 2 belongs", 2),
        (b'{"case_id":"two","seq":1}', "event 1 .* where event 2 belongs", 3),
        (b'{"batch":3,"case_id":"two","seq":1}', "breaks off", 3),
        (b'{"batch":9999999999999,"case_id":"two","seq":1}', "breaks off", 3),
        (b'{"case_id":"one","seq":2}{}', "no event", 2),
        (b"\xff", "no event", 2),
        (b"\0" * 5000, "no event", 2),
    ],
)
def test_damage_in_the_middle(tmp_path: Path, line: bytes, said: str, number: int) -> None:
    """A line in the middle that no journal wrote stops the journal, with file, line and byte."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        journal.append("two", examples("two", 1), expected=0)
    first, last = file.read_bytes().splitlines()
    lines = [first, line, last, b""]
    file.write_bytes(b"\n".join(lines))
    with pytest.raises(Damaged, match=said) as caught:
        open_jsonl(tmp_path)
    offset = len(b"\n".join([*lines[: number - 1], b""]))
    assert (number, offset) == (caught.value.line, caught.value.offset)
    assert str(caught.value).startswith(f"{file}:{number}: at byte {offset}: ")


def test_damage_inside_an_event(tmp_path: Path) -> None:
    """An event whose payload no journal wrote is damage when it is read; other cases can still be read."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        journal.append("two", examples("two", 1), expected=0)
    file.write_bytes(file.read_bytes().replace(b'"reason"', b'"raeson"', 2).replace(b'"raeson"', b'"reason"', 1))
    first = len(file.read_bytes().splitlines(keepends=True)[0])
    with open_jsonl(tmp_path) as journal:
        assert examples("one", 1) == journal.read("one")
        for use in (
            lambda: journal.read("two"),
            lambda: list(journal.feed()),
            lambda: journal.append("two", examples("two", 1, after=1), expected=1),
        ):
            with pytest.raises(Damaged, match=r"did you mean 'reason'") as caught:
                use()
            assert (2, first) == (caught.value.line, caught.value.offset)


def test_every_changed_byte(tmp_path: Path) -> None:
    """Whatever single byte of a chained case is changed: it is damage, or in the last event, to which nothing links."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 2), expected=0)
        journal.append("one", examples("one", 1, after=2), expected=2)
        recorded = journal.read("one")
    whole = file.read_bytes()
    last = len(b"".join(whole.splitlines(keepends=True)[:2]))
    for at, byte in enumerate(whole):
        file.write_bytes(whole[:at] + bytes([byte ^ 1]) + whole[at + 1 :])
        try:
            with open_jsonl(tmp_path) as journal:
                found = [event for case_id in journal.cases() for event in journal.read(case_id)]
                assert journal.torn or at >= last
                assert recorded[: len(found)] != found or journal.torn
        except Damaged:
            continue


def test_cut_off_while_open(tmp_path: Path) -> None:
    """A file that becomes shorter under an open journal is damage: acknowledged events are gone."""
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 2), expected=0)
        os.truncate(path(tmp_path), 10)
        with pytest.raises(Damaged, match="cut off"):
            journal.read("one")


def _full(_descriptor: int, _block: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


_write = os.write


def _short(descriptor: int, block: bytes) -> int:
    return _write(descriptor, block[: len(block) // 2])


@pytest.mark.parametrize("fault", [_full, _short])
@pytest.mark.parametrize("count", [1, 3])
def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: object, count: int) -> None:
    """A write that fails or is cut short leaves the file as it was; with room again the journal goes on."""
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        before = Path(path(tmp_path)).read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", fault)
            with pytest.raises(Unavailable, match="nothing was recorded"):
                journal.append("one", examples("one", count, after=1), expected=1, key="k")
        assert before == Path(path(tmp_path)).read_bytes()
        assert not journal.append("one", examples("one", count, after=1), expected=1, key="k").duplicate
        assert 1 + count == len(journal.read("one"))


def test_failed_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed flush the journal stops; opened again, it holds what was acknowledged and nothing else."""

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        with monkeypatch.context() as patch:
            patch.setattr(jsonl, "flush_to_disk", fail)
            with pytest.raises(Unavailable, match="flushed"):
                journal.append("one", examples("one", 1, after=1), expected=1)
        for use in (lambda: journal.read("one"), lambda: journal.append("one", [], expected=1)):
            with pytest.raises(Unavailable, match="open it again"):
                use()
    with open_jsonl(tmp_path) as journal:
        assert examples("one", 1) == journal.read("one")


def test_file_of_another_hand(tmp_path: Path) -> None:
    """A file written by other means is a journal too: other order of keys, a byte order mark, CR LF."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
    line = json.dumps(json.loads(file.read_bytes()), indent=None).encode()
    file.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n")
    with open_jsonl(tmp_path) as journal:
        assert examples("one", 1) == journal.read("one")
        journal.append("one", examples("one", 1, after=1), expected=1)
        read = journal.read("one")
        assert [*examples("one", 1), attrs.evolve(examples("one", 2)[1], prev=link(line))] == read
        assert [line, body_of(read[1])] == [record.body for record in journal.feed()]


def test_line_ends_of_another_system(tmp_path: Path) -> None:
    """A tool that puts a mark before the file and CR LF behind its lines changes no body, so no link and no seal."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 3), expected=0)
        journal.append("two", examples("two", 1), expected=0)
        before = list(journal.feed())
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    with open_jsonl(tmp_path) as journal:
        assert before == list(journal.feed())
        assert [record.event for record in before] == list(journal.scan())
        journal.append("one", examples("one", 1, after=3), expected=3)
    with open_jsonl(tmp_path) as journal:
        assert 4 == len(journal.read("one"))


@pytest.mark.parametrize("made", [b"", b"\xef\xbb\xbf", b"\xef\xbb"])
def test_file_without_a_line(tmp_path: Path, made: bytes) -> None:
    """A file that is empty, or holds a byte order mark or a part of one, is an empty journal that can be written."""
    Path(path(tmp_path)).write_bytes(made)
    with open_jsonl(tmp_path) as journal:
        assert (0, []) == (journal.size(), list(journal.feed()))
        journal.append("one", examples("one", 1), expected=0)
    with open_jsonl(tmp_path) as journal:
        assert examples("one", 1) == journal.read("one")


@given(
    plan=st.lists(st.tuples(st.sampled_from("ab神"), st.integers(1, 4), st.booleans()), max_size=12),
    block=st.integers(1, 1500),
    after=st.integers(-1, 40),
)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_feed_in_pieces(plan: list[tuple[str, int, bool]], block: int, after: int) -> None:
    """However the lines fall into the pieces that are read at once, the feed is what was recorded, from anywhere on."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "_FEED", block)
        patch.setattr(index, "BLOCK", block)
        wanted: list[Event] = []
        with open_jsonl(Path(folder)) as journal:
            for case_id, count, load in plan:
                version = journal.version(case_id)
                new = examples(case_id, count, after=version)
                if load:
                    journal.load([body_of(event) for event in new])
                    wanted += new
                else:
                    wanted += journal.append(case_id, new, expected=version).events
            with open_jsonl(Path(folder)) as other:
                for each in (journal, other):
                    found = list(each.feed(after=after))
                    assert wanted[max(after, 0) :] == [record.event for record in found]
                    positions = range(1, len(wanted) + 1)[max(after, 0) :]
                    assert [*positions] == [record.position for record in found]
                    assert len(wanted) == each.size()


def test_a_load_cut_at_every_byte(tmp_path: Path) -> None:
    """Wherever a load of several cases breaks off, all of it is there or nothing, for an auditor too."""
    file = Path(path(tmp_path))
    bodies = [body_of(event) for event in (*examples("one", 2), *examples("two", 1))]
    with open_jsonl(tmp_path) as journal:
        journal.append("three", examples("three", 1), expected=0)
        before = file.stat().st_size
        journal.load([bodies[0], bodies[2], bodies[1]])
    length = file.stat().st_size
    for size in range(length, before - 1, -1):
        os.truncate(file, size)
        wanted = 4 if size == length else 1
        with open_jsonl(tmp_path) as journal, CaseIndex.build(file) as audited:
            assert wanted == journal.size()
            found = [found for case_id in audited.cases() for _, found in audited.lines(case_id)]
            assert wanted == sum(isinstance(event, Event) for event in found)


@pytest.mark.parametrize("replace", [False, True])
def test_moved_while_open(tmp_path: Path, replace: bool) -> None:
    """A file that is moved away under an open journal takes no further event that nobody would find; nor is it read."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        content = file.read_bytes()
        file.rename(tmp_path / "moved.jsonl")
        if replace:
            file.write_bytes(content)
        for use in (
            lambda: journal.append("one", examples("one", 1, after=1), expected=1),
            lambda: journal.read("one"),
            lambda: list(journal.feed()),
        ):
            with pytest.raises(Unavailable, match="moved or replaced"):
                use()
    assert content == (tmp_path / "moved.jsonl").read_bytes()


def test_another_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that was opened by a relative path stays the same wherever the process goes."""
    monkeypatch.chdir(tmp_path)
    with JsonlJournal("cases.jsonl", create=True) as journal:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        journal.append("one", examples("one", 1), expected=0)
        assert examples("one", 1) == journal.read("one")


def test_rewritten_while_open(tmp_path: Path) -> None:
    """A file that is rewritten in its place with the same length is noticed where it is read or built upon."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        file.write_bytes(file.read_bytes().replace(b'"case_id":"one"', b'"case_id":"two"'))
        for use in (
            lambda: journal.read("one"),
            lambda: journal.append("one", examples("one", 1, after=1), expected=1),
        ):
            with pytest.raises(Damaged, match="event 1 of case 'one' stood here") as caught:
                use()
            assert (1, 0) == (caught.value.line, caught.value.offset)


@pytest.mark.parametrize("line_end", [b" ", b"\n\n"])
def test_lines_moved_while_open(tmp_path: Path, line_end: bytes) -> None:
    """A file rewritten so that its lines stand elsewhere is damage with its place, however it is read."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        journal.append("one", examples("one", 1, after=1), expected=1)
        first, second = file.read_bytes().splitlines()
        file.write_bytes((first + line_end + second + b"\n").ljust(len(first + second) + 2)[: len(first + second) + 2])
        for use in (lambda: journal.read("one"), lambda: list(journal.feed())):
            with pytest.raises(Damaged) as caught:
                use()
            assert caught.value.line in (1, 2)
            assert caught.value.offset in (0, len(first) + 1)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_may_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A file that may not be written is read, and an append says so; nothing is put beside it."""
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
    file_io = io.FileIO

    def refuse(name: str, mode: str) -> io.FileIO:
        if mode != "r":
            raise OSError(number, "no writing here")
        return file_io(name, mode)

    monkeypatch.setattr(jsonl.io, "FileIO", refuse)
    monkeypatch.setattr(index, "_WORTH", 1)
    with open_jsonl(tmp_path) as journal:
        assert examples("one", 1) == journal.read("one")
        with pytest.raises(Unavailable, match="may only be read"):
            journal.append("one", examples("one", 1, after=1), expected=1)
        with pytest.raises(Unavailable, match="may only be read"):
            journal.load([])
    assert [Path(path(tmp_path))] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["write", "flush_to_disk"])
def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Who presses Ctrl-C in the middle of an append leaves nothing of it behind."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        before = Path(path(tmp_path)).read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(*((os, name) if name == "write" else (jsonl, name)), interrupt)
            with pytest.raises(KeyboardInterrupt):
                journal.append("one", examples("one", 1, after=1), expected=1)
    assert before == Path(path(tmp_path)).read_bytes()


def test_a_known_key_of_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it answers for events under a known key, the journal flushes what another may not have lived to flush."""
    calls: list[int] = []
    flush = jsonl.flush_to_disk
    with monkeypatch.context() as patch, open_jsonl(tmp_path) as killed:
        patch.setattr(jsonl, "flush_to_disk", lambda _: None)
        killed.append("one", examples("one", 1), expected=0, key="k")
    monkeypatch.setattr(jsonl, "flush_to_disk", lambda descriptor: (calls.append(descriptor), flush(descriptor)))
    with open_jsonl(tmp_path) as journal:
        for _ in range(2):
            assert journal.append("one", examples("one", 1), expected=0, key="k").duplicate
            assert 1 == len(calls)


def test_keys_of_many_cases(tmp_path: Path) -> None:
    """Keys are known in however many cases they were used, and a key of several events in all of its events."""
    with open_jsonl(tmp_path) as journal:
        for number in range(jsonl._KEPT + 3):
            journal.append(f"{number}", examples(f"{number}", 2), expected=0, key="k")
        for number in range(jsonl._KEPT + 3):
            again = journal.append(f"{number}", examples(f"{number}", 2), expected=0, key="k")
            assert (True, 2, [1, 2]) == (again.duplicate, again.version, [event.seq for event in again.events])
        assert jsonl._KEPT == len(journal._keys)


def _missing(folder: Path) -> str:
    return path(folder)


def _folder(folder: Path) -> str:
    Path(path(folder)).mkdir()
    return path(folder)


def _no_folder(folder: Path) -> str:
    return path(folder / "missing")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [(_missing, "no such file"), (_no_folder, "no folder")],
)
def test_cannot_be_opened(tmp_path: Path, prepare: object, said: str) -> None:
    """What cannot be opened is told with its path, and nothing is created."""
    source = prepare(tmp_path)  # type: ignore[operator]
    with pytest.raises(Unavailable, match=said) as caught:
        open_journal(source)
    assert str(caught.value).startswith(source)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [("", InputError, "folder"), ("x.db", InputError, "sqlite:///"), ("x.txt", InputError, "jsonl")],
)
def test_no_journal(tmp_path: Path, name: str, kind: type[Exception], said: str) -> None:
    """A source that names no journal is an error of input that says how one is named."""
    with pytest.raises(kind, match=said):
        open_journal(str(tmp_path / name))


def test_folder_as_file(tmp_path: Path) -> None:
    """A folder that ends in .jsonl is no journal."""
    with pytest.raises(JournalError, match="folder"):
        JsonlJournal(_folder(tmp_path))


def test_example_is_one_line(tmp_path: Path) -> None:
    """Line ends inside a text do not break the line."""
    with open_jsonl(tmp_path) as journal:
        journal.append("one", [example("one", note="a\nb\u2028c\r\n")], expected=0)
        assert Path(path(tmp_path)).read_bytes().count(b"\n") == 1
        assert journal.read("one")[0].note == "a\nb\u2028c\r\n"


def test_a_torn_end_is_kept_aside(tmp_path: Path) -> None:
    """What is cut off before the next append lies in a file beside it: another tool may have left it, and meant it."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        journal.append("one", examples("one", 1, after=1), expected=1)
    whole = file.read_bytes()
    first, last = whole.splitlines(keepends=True)
    file.write_bytes(first + last[:-1])
    with open_jsonl(tmp_path) as journal:
        assert TornTail(2, len(first), len(last) - 1) == journal.torn
        assert file.read_bytes() == first + last[:-1]
        journal.append("two", examples("two", 1), expected=0)
    assert first in file.read_bytes()
    assert last[:-1] == (tmp_path / f"{file.name}.torn-2-{len(first)}").read_bytes()
