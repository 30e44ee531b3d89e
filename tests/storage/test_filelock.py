"""The lock and the flush on each system: here as they are, and the branches of other systems against a stand-in."""

from __future__ import annotations

import errno
import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shuroflow.storage import filelock, lines
from shuroflow.storage.jsonl import JsonlJournal
from shuroflow.verification.journals import examples


class Msvcrt(ModuleType):
    """What Windows offers: locks on bytes of a file, wherever the descriptor stands, for whoever asks first."""

    LK_UNLCK, LK_LOCK, LK_NBLCK = 0, 1, 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[tuple[int, int, int], int] = {}  # device, file, byte → descriptor
        self.refused = 0
        self.errno = errno.EACCES

    def locking(self, descriptor: int, mode: int, length: int) -> None:
        """Lock or unlock one byte where the descriptor stands."""
        status, at = os.fstat(descriptor), os.lseek(descriptor, 0, os.SEEK_CUR)
        byte = status.st_dev, status.st_ino, at
        assert (1, True) == (length, at > 2**41)
        if mode == self.LK_UNLCK:
            if self.held.get(byte) != descriptor:
                raise OSError(errno.EACCES, "was not locked")
            del self.held[byte]
        elif byte in self.held:
            self.refused += 1
            raise OSError(self.errno, "locked")
        else:
            self.held[byte] = descriptor


def load(platform: str, **modules: ModuleType) -> ModuleType:
    """The module as another system loads it."""
    spec = importlib.util.spec_from_file_location("filelock_elsewhere", filelock.__file__)
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "platform", platform)
        for name, module in modules.items():
            patch.setitem(sys.modules, name, module)
        spec.loader.exec_module(made)
    return made


@pytest.fixture
def msvcrt() -> Msvcrt:
    """The stand-in."""
    return Msvcrt()


@pytest.fixture
def windows(msvcrt: Msvcrt, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module as Windows loads it, whose waits take no time."""
    made = load("win32", msvcrt=msvcrt)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(made, "time", ModuleType("time"))
    waits: list[float] = []
    made.time.sleep = waits.append
    made.waits = waits  # type: ignore[attr-defined]
    return made


def test_windows_lock(windows: Any, msvcrt: Msvcrt, tmp_path: Path) -> None:
    """The lock is one far byte, given back at the end, also after an error; the file itself can be read meanwhile."""
    with (tmp_path / "x").open("w+b", buffering=0) as file:
        for kind in (None, ValueError):
            try:
                with windows.locked(file.fileno(), exclusive=kind is None):
                    assert 1 == len(msvcrt.held)
                    file.seek(0)  # whoever reads moves the place at which the lock was taken
                    if kind:
                        raise kind
            except ValueError:
                pass
            assert {} == msvcrt.held


@pytest.mark.parametrize("number", [errno.EACCES, errno.EDEADLK])
def test_windows_waits(windows: Any, msvcrt: Msvcrt, tmp_path: Path, number: int) -> None:
    """While another holds the lock it is asked for again, far longer than ten times, and less and less often."""
    msvcrt.errno = number
    path = tmp_path / "x"
    with (
        path.open("w+b", buffering=0) as file,
        path.open("r+b", buffering=0) as other,
        windows.locked(other.fileno(), exclusive=True),
    ):
        taken = dict(msvcrt.held)

        def give_back(seconds: float) -> None:
            windows.waits.append(seconds)
            if len(windows.waits) == 30:
                msvcrt.held.clear()

        windows.time.sleep = give_back
        with windows.locked(file.fileno(), exclusive=True):
            assert 30 == msvcrt.refused
            assert windows.waits == sorted(windows.waits)
            assert 0 < windows.waits[0] < windows.waits[-1] <= 0.1
        msvcrt.held.update(taken)


def test_windows_does_not_wait(windows: Any, msvcrt: Msvcrt, tmp_path: Path) -> None:
    """Who does not want to wait is told at once, and the other's lock stays."""
    path = tmp_path / "x"
    with (
        path.open("w+b", buffering=0) as file,
        path.open("r+b", buffering=0) as other,
        windows.locked(other.fileno(), exclusive=True),
    ):
        with pytest.raises(BlockingIOError), windows.locked(file.fileno(), exclusive=True, wait=False):
            raise AssertionError
        assert ([], 1) == (windows.waits, len(msvcrt.held))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is asked above")
def test_posix_does_not_wait(tmp_path: Path) -> None:
    """The same with the real lock; when it is free it is to be had."""
    path = tmp_path / "x"
    with path.open("w+b", buffering=0) as file, path.open("r+b", buffering=0) as other:
        with (
            filelock.locked(other.fileno(), exclusive=True),
            pytest.raises(BlockingIOError),
            filelock.locked(file.fileno(), exclusive=True, wait=False),
        ):
            raise AssertionError
        with filelock.locked(file.fileno(), exclusive=True, wait=False):
            pass


def test_windows_error(windows: Any, msvcrt: Msvcrt, tmp_path: Path) -> None:
    """Anything but a lock that is held is an error at once."""
    msvcrt.errno = errno.EBADF
    path = tmp_path / "x"
    with path.open("w+b", buffering=0) as file, path.open("r+b", buffering=0) as other:
        with (
            windows.locked(other.fileno(), exclusive=True),
            pytest.raises(OSError, match="locked") as caught,
            windows.locked(file.fileno(), exclusive=True),
        ):
            raise AssertionError
        assert errno.EBADF == caught.value.errno
        assert [] == windows.waits


def test_windows_flush(windows: Any, tmp_path: Path) -> None:
    """Files are flushed; there is nothing to flush of a folder, and none is opened."""
    windows.flush_folder(tmp_path / "missing")
    with (tmp_path / "x").open("w+b", buffering=0) as file:
        windows.flush_to_disk(file.fileno())


def test_journal_on_windows(windows: Any, msvcrt: Msvcrt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal works with that lock, and without a call that reads at an offset."""
    elsewhere = _without_pread()
    for name in ("locked", "flush_folder", "flush_to_disk"):
        monkeypatch.setattr(f"shuroflow.storage.jsonl.{name}", getattr(windows, name))
    monkeypatch.setattr("shuroflow.storage.jsonl.read_at", elsewhere.read_at)
    with JsonlJournal(tmp_path / "x.jsonl", create=True) as one, JsonlJournal(tmp_path / "x.jsonl") as two:
        for turn, journal in enumerate([one, two, two, one, one, two]):
            journal.append("one", examples("one", 1, after=turn), expected=turn)
        assert 6 == len(one.read("one")) == len(list(two.feed()))
    assert {} == msvcrt.held


def _without_pread() -> ModuleType:
    """The readers of lines as a system loads them that cannot read at an offset."""
    spec = importlib.util.spec_from_file_location("lines_elsewhere", lines.__file__)
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(os, "pread", raising=False)
        spec.loader.exec_module(made)
    return made


class Fcntl(ModuleType):
    """What macOS offers beside the lock: a flush through the cache of the disk."""

    F_FULLFSYNC, LOCK_EX, LOCK_SH, LOCK_UN = 51, 2, 1, 8

    def __init__(self, number: int | None) -> None:
        super().__init__("fcntl")
        self.number = number
        self.calls: list[int] = []

    def fcntl(self, _descriptor: int, call: int) -> None:
        """Flush, or say that it cannot be done."""
        self.calls.append(call)
        if self.number is not None:
            raise OSError(self.number, "no")


@pytest.mark.parametrize(
    ("number", "plain"), [(None, 0), (errno.ENOTSUP, 1), (errno.EINVAL, 1), (errno.ENOTTY, 1), (errno.EIO, None)]
)
def test_macos_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None, plain: int | None) -> None:
    """The flush through the cache of the disk; where a file system has none, the plain one; an error is an error."""
    fcntl = Fcntl(number)
    macos = load("darwin", fcntl=fcntl)
    monkeypatch.setattr(sys, "platform", "darwin")
    calls: list[int] = []
    monkeypatch.setattr(os, "fsync", calls.append)
    with (tmp_path / "x").open("w+b", buffering=0) as file:
        if plain is None:
            with pytest.raises(OSError, match="no"):
                macos.flush_to_disk(file.fileno())
        else:
            macos.flush_to_disk(file.fileno())
    assert [51] == fcntl.calls
    assert (plain or 0) == len(calls)


@pytest.mark.parametrize(("number", "passed"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)])
def test_folder_that_cannot_be_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, passed: bool
) -> None:
    """A file system that knows no flush of folders is passed over; one that fails at it is not. Nothing stays open."""
    opened: list[int] = []
    open_it = os.open

    def remember(*arguments: Any) -> int:
        opened.append(open_it(*arguments))
        return opened[-1]

    def refuse(_descriptor: int) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(os, "open", remember)
    monkeypatch.setattr(os, "fsync", refuse)
    if passed:
        filelock.flush_folder(tmp_path)
    else:
        with pytest.raises(OSError, match="refused"):
            filelock.flush_folder(tmp_path)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def test_readers_together_writers_alone(tmp_path: Path) -> None:
    """Two readers hold the lock at once; a writer waits for both, and a reader for the writer, in one process too."""
    path = tmp_path / "x"
    path.touch()
    order: list[str] = []
    with path.open("r+b") as one, path.open("r+b") as two, path.open("r+b") as three:

        def write() -> None:
            with filelock.locked(three.fileno(), exclusive=True):
                order.append("writer")

        writer = threading.Thread(target=write)
        with filelock.locked(one.fileno(), exclusive=False), filelock.locked(two.fileno(), exclusive=False):
            writer.start()
            order.append("readers")
        writer.join()
        with filelock.locked(one.fileno(), exclusive=False):
            order.append("reader")
    assert ["readers", "writer", "reader"] == order


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    """A process that is killed while it holds the lock leaves it to others."""
    path = tmp_path / "x"
    path.touch()
    code = (
        "import os, sys; from shuroflow.storage.filelock import locked\n"
        "with open(sys.argv[1], 'r+b') as file, locked(file.fileno(), exclusive=True):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False, timeout=60)
    assert -9 == done.returncode
    with path.open("r+b") as file, filelock.locked(file.fileno(), exclusive=True):
        assert path.exists()
