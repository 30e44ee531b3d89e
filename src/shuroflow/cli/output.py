"""Where answers go: aligned tables, files that appear whole or not at all, and a line of progress."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import say
from shuroflow.columns import table, width

# Files ----------------------------------------------------------------------------------------------------------------


FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What a write says where there is no room; reading never does."""


def cause(error: OSError) -> str:
    """What the operating system says, and where there is no room, what to do."""
    from shuroflow.audit.said import worded

    said = error.strerror or str(error)
    if error.errno not in FULL:
        return say(worded(said), said)
    return say(
        f"書き込む余地がありません。空きを作るか、別の場所を指定してください ({said})",
        f"{said}: make room, or name another place",
    )


@contextlib.contextmanager
def blamed(path: str) -> Iterator[None]:
    """An error that tells of no room tells also of which file."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in FULL:
            error.filename = path
        raise


@contextlib.contextmanager
def writing(path: str | None, *, as_is: bool, option: str = "-o") -> Iterator[TextIO]:
    """A text stream to a file, or to standard output for ``None`` and ``-``.

    The file is written beside its place and moved there at the end: whoever looks finds the old one or the whole new
    one, and after an error only the old one. A journal is never replaced. ``as_is``: UTF-8 without translation of line
    ends even on standard output. ``option``: by which the file was named, for who has to name another.
    """
    if path is None or path == "-":
        if not as_is:
            yield sys.stdout
            return
        sys.stdout.flush()
        stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="backslashreplace", newline="")
        try:
            yield stream
            stream.flush()
        finally:
            with contextlib.suppress(OSError, ValueError):
                stream.detach()
        return
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file() and not target.is_dir():  # a device or a pipe is written to, not moved
        with blamed(path), target.open("w", encoding="utf-8", errors="backslashreplace", newline="") as device:
            yield device
        return
    with (
        placing(path, option=option) as beside,
        open(beside, "w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        yield file


@contextlib.contextmanager
def placing(path: str, *, option: str = "-o") -> Iterator[Path]:
    """An empty file beside ``path``, to be written by its name, and moved there at the end as :func:`writing` does.

    What the running call reads is not replaced (:mod:`shuroflow.cli.inputs`).
    """
    check_output(path, option=option)
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise click.BadParameter(f"{path!r} is a folder: name a file in it", param_hint=option)
    if _is_journal(Path(path)) or _is_journal(target):
        said = say(
            f"{path} は記録簿であるか、その名前です。報告書には別の名前を付けてください",
            f"{path} is a journal, or named like one: name another file",
        )
        raise click.BadParameter(said, param_hint=option)
    if not target.parent.is_dir():
        raise click.BadParameter(f"there is no folder {str(target.parent)!r}: make it first", param_hint=option)
    descriptor, beside = tempfile.mkstemp(prefix=f".{shortened(target.name, 100)}.", suffix=".part", dir=target.parent)
    os.close(descriptor)
    try:
        with blamed(path):
            yield Path(beside)
        with blamed(path), open(beside, "rb+") as file:
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):  # a file system without modes
            os.chmod(beside, _mode(target))
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def shortened(name: str, size: int) -> str:
    """The beginning of a name, in so many bytes: file systems count these, and a kanji has three."""
    raw = os.fsencode(name)
    return name if len(raw) <= size else raw[:size].decode("utf-8", "ignore")


def write_new(path: str, data: bytes) -> None:
    """Write a file that was not there, whole or not at all."""
    with blamed(path), open(path, "xb") as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(path)
            raise


_HEAD = 1 << 16
"""Bytes of a file that are looked at to tell whether it is a journal."""


def _is_journal(target: Path) -> bool:
    """Are there records behind this name, or would the next audit of its folder take it for records?"""
    suffix = target.suffix.lower()
    if suffix == ".jsonl":
        return True
    if not target.is_file():
        return False
    if suffix in {".db", ".sqlite", ".sqlite3"}:
        return True
    with target.open("rb") as file:
        head = file.read(_HEAD)
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    return head.startswith(b"SQLite format 3\0") or (line.startswith(b"{") and b'"case_id"' in line)


def _mode(target: Path) -> int:
    """The mode of the file that is replaced, or that of any new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


# Progress -------------------------------------------------------------------------------------------------------------


class Meter:
    """One line on standard error that says how far a long work is; silent unless a person is watching.

    ``ja`` and ``en`` say what is done, with ``{}`` for how much of it.
    """

    _EVERY = 0.2

    def __init__(self, *, hidden: bool, ja: str = "監査中 {} 行", en: str = "auditing {} lines") -> None:
        self._said = ja, en
        self._shown = not hidden and sys.stderr.isatty()
        self._next = time.monotonic() + 1.0  # short work shows nothing
        self._length = 0

    def __call__(self, done: int, total: int | None) -> None:
        """Take note of how far it is."""
        if self._shown and time.monotonic() >= self._next:
            self._next = time.monotonic() + self._EVERY
            part = f"{done:,}" if not total else f"{done:,} / {total:,} ({100 * done // total}%)"
            self._write(say(*self._said).format(part))

    def note(self, text: str) -> None:
        """Say what is going on while there is nothing to count."""
        if self._shown:
            self._write(text)

    def clear(self) -> None:
        """Take the line away, before anything else is written."""
        if self._length:
            self._write("")
            self._length = 0

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r{' ' * self._length}\r{text}")
        sys.stderr.flush()
        self._length = width(text)


@contextlib.contextmanager
def broken_off(meter: Meter, ja: str, en: str) -> Iterator[None]:
    """Ctrl-C is answered with one line on standard error that says what is left of the work."""
    try:
        yield
    except KeyboardInterrupt:
        meter.clear()
        click.echo(say(ja, en), err=True)
        raise


__all__ = ["Meter", "broken_off", "table", "width", "writing"]
