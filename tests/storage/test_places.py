"""Where the lines of a case stand: read there, they are what the index itself reads."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.errors import Unavailable
from shuroflow.storage import caseindex
from shuroflow.storage.caseindex import CaseIndex
from shuroflow.storage.caseplaces import CasePlaces, Reader

LINES = st.lists(st.tuples(st.sampled_from(["a", "b", "第1", '"', ""]), st.integers(0, 400)), min_size=1, max_size=60)


def written(file: Path, lines: list[tuple[str, int]], torn: bool) -> Path:
    """A file of lines of these cases, each of another length; the last without its end."""
    out = [b'{"case_id":"%s","x":"%s"}\n' % (case.replace('"', '\\"').encode(), b"." * size) for case, size in lines]
    file.write_bytes(b"".join(out)[: -1 if torn else None])
    return file


@given(lines=LINES, torn=st.booleans(), in_memory=st.sampled_from([1, 100, 1 << 24]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_read_elsewhere_as_here(tmp_path: Path, lines: list[tuple[str, int]], torn: bool, in_memory: int) -> None:
    """Of every case the bytes, the numbers and the torn end are the same, after a journey to another process."""
    file = written(tmp_path / "cases.jsonl", lines, torn)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caseindex, "_IN_MEMORY", in_memory)
        index = CaseIndex.build(file)
    with index, Reader() as reader:
        place = index.placing()
        assert place is not None
        cases = list(index.cases())
        assert {case for case, _ in lines} - {""} == set(cases)
        for case_id in [*cases, "nobody"]:
            here = index.taken(case_id)
            places = pickle.loads(pickle.dumps(place(case_id)))
            assert len(here) == len(places)
            assert here == reader.read(places) == reader.read(place(case_id))
        reader.check()


def placing(index: CaseIndex) -> Callable[[str], CasePlaces]:
    """Where the lines of a case stand, as another process is told."""
    place = index.placing()
    assert place is not None
    return lambda case_id: pickle.loads(pickle.dumps(place(case_id)))


def test_another_file_of_that_name(tmp_path: Path) -> None:
    """A file with the same bytes is another one, if it is another one; a second name of the same file is not."""
    file = written(tmp_path / "cases.jsonl", [("a", 1)], torn=False)
    with CaseIndex.build(file) as index:
        places = placing(index)("a")
        os.link(file, tmp_path / "second")
        file.unlink()
        with Reader() as reader, pytest.raises(Unavailable, match="cannot be read any more"):
            reader.read(places)
        file.write_bytes((tmp_path / "second").read_bytes())
        with Reader() as reader, pytest.raises(Unavailable, match="was changed"):
            reader.read(places)
        (tmp_path / "second").replace(file)
        with Reader() as reader:
            assert index.taken("a") == reader.read(places)


def test_a_number_that_is_given_again(tmp_path: Path) -> None:
    """As long as somebody holds places of a file, no other has its number, and its lines are read from it."""
    file = written(tmp_path / "cases.jsonl", [("a", 1)], torn=False)
    with CaseIndex.build(file) as index:
        here, place = index.taken("a"), index.placing()
        assert place is not None
        places = place("a")
    del place
    number = file.stat().st_ino
    file.unlink()
    for at in range(20):
        (tmp_path / str(at)).write_bytes(b"x")
        assert number != (tmp_path / str(at)).stat().st_ino
    with Reader() as reader:
        assert here == reader.read(places)


def test_a_file_that_was_written_to(tmp_path: Path) -> None:
    """It is not read where the lines stood, by nobody who comes later; whoever read it before can find it out."""
    file = written(tmp_path / "cases.jsonl", [("a", 1), ("b", 2)], torn=False)
    with CaseIndex.build(file) as index, Reader() as early, Reader() as late:
        place = placing(index)
        early.read(place("a"))
        early.check()
        with file.open("ab") as out:
            out.write(b"\n")
        assert index.placing() is None
        with pytest.raises(Unavailable, match="was changed"):
            early.check()
        with pytest.raises(Unavailable, match="was changed"):
            late.read(place("b"))


def test_the_way_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found from wherever the reader stands, through links as they are, whatever bytes its name has."""
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "elsewhere" / "deep")
    written(tmp_path / "elsewhere" / "cases\udcff.jsonl", [("a", 1)], torn=False)
    monkeypatch.chdir(tmp_path / "here")
    with CaseIndex.build("link/../cases\udcff.jsonl") as index:
        place = placing(index)
        monkeypatch.chdir(tmp_path)
        with Reader() as reader:
            assert index.taken("a") == reader.read(place("a"))


def test_files_are_closed(tmp_path: Path) -> None:
    """A reader has one file open at a time and none after its block; the one that is held goes with its last place."""
    files = [written(tmp_path / name, [("a", 1), ("b", 2)], torn=False) for name in ("1", "2")]
    before = len(os.listdir("/proc/self/fd"))
    with Reader() as reader:
        for file in [*files, *files]:
            with CaseIndex.build(file) as index:
                place = placing(index)
                for case_id in "abab":
                    reader.read(place(case_id))
            del place
            assert before + 1 == len(os.listdir("/proc/self/fd"))
    assert before == len(os.listdir("/proc/self/fd"))
    with CaseIndex.build(files[0]) as index:
        place = placing(index)
        another = attrs.evolve(place("a").id, inode=1)
        with Reader() as reader, pytest.raises(Unavailable, match="was changed"):
            reader.read(msgspec.structs.replace(place("a"), id=another))
    del place
    assert before == len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("known", [True, False])
def test_a_witness(tmp_path: Path, known: bool) -> None:
    """More behind what was read is no change; anything else is, as far as it can be told; so is less."""
    file = written(tmp_path / "cases.jsonl", [("a", 1), ("b", 2)], torn=False)
    before = file.read_bytes()
    with CaseIndex.build(file) as index:
        witness = index.witness(index.sha256() if known else None)
    witness.check()
    with file.open("ab") as out:
        out.write(b"more\n")
    witness.check()
    for content in (before.replace(b"a", b"c"), before[:-1], before.replace(b"a", b"c") + b"more\n"):
        with file.open("r+b") as out:
            out.truncate()
            out.write(content)
            os.utime(file, ns=(0, 1))
        if known or len(content) <= len(before):
            with pytest.raises(Unavailable, match=r"was changed|became shorter"):
                witness.check()
        else:
            witness.check()  # nobody can tell
