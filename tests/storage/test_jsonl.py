"""The journal in JSON Lines keeps the promises of the port, and no crash leaves half an append."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from shuroflow.errors import Damaged, InputError, JournalError, Unavailable
from shuroflow.storage import jsonl, open_journal
from shuroflow.storage.jsonl import JsonlJournal, TornTail
from shuroflow.storage.lines import CaseIndex, read_lines
from tests.conformance.events import example, examples
from tests.conformance.journal_cases import DurableCases, machine


def path(folder: Path) -> str:
    """The file of a folder."""
    return str(folder / "cases.jsonl")


def open_jsonl(folder: Path) -> JsonlJournal:
    """The journal of the folder."""
    return JsonlJournal(path(folder), create=True)


class TestJsonl(DurableCases):
    """All promises."""

    opener = staticmethod(open_jsonl)
    source = staticmethod(path)


TestJsonlMachine = machine(open_jsonl, durable=True).TestCase


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
def test_cut_at_every_byte(tmp_path: Path, count: int) -> None:
    """Wherever an append breaks off, all of it is there or nothing, for the journal and for an auditor alike."""
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
    ("line", "said"),
    [
        (b"{}", "case_id"),
        (b"", "no event"),
        (b'{"case_id":"one","seq":"2"}', "seq"),
        (b'{"case_id":"one","seq":3}', "event 3 .* where event 2 belongs"),
        (b'{"batch":2,"case_id":"one","seq":2}', "breaks off"),
        (b'{"batch":3,"case_id":"two","seq":1}', "breaks off"),
        (b"\xff", "no event"),
    ],
)
def test_damage_in_the_middle(tmp_path: Path, line: bytes, said: str) -> None:
    """A line in the middle that no journal wrote stops the journal, with file and line."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        journal.append("two", examples("two", 1), expected=0)
    first, last = file.read_bytes().splitlines()
    file.write_bytes(b"\n".join([first, line, last, b""]))
    with pytest.raises(Damaged, match=said) as caught:
        open_jsonl(tmp_path)
    assert caught.value.line in (2, 3)
    assert str(caught.value).startswith(f"{file}:{caught.value.line}: ")


def test_damage_inside_an_event(tmp_path: Path) -> None:
    """An event whose payload no journal wrote is damage when it is read; other cases can still be read."""
    file = Path(path(tmp_path))
    with open_jsonl(tmp_path) as journal:
        journal.append("one", examples("one", 1), expected=0)
        journal.append("two", examples("two", 1), expected=0)
    file.write_bytes(file.read_bytes().replace(b'"reason"', b'"raeson"', 2).replace(b'"raeson"', b'"reason"', 1))
    with open_jsonl(tmp_path) as journal:
        assert examples("one", 1) == journal.read("one")
        with pytest.raises(Damaged, match=r"did you mean 'reason'") as caught:
            journal.read("two")
    assert caught.value.line == 2


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
        assert examples("one", 2) == journal.read("one")


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
