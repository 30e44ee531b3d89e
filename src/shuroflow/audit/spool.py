"""What an audit has judged so far, kept in a file, so that one that was interrupted is continued and not begun anew.

A verdict that was kept counts for a case if the question, the rules and the library are the same and the case is, byte
by byte: then it is what judging it once more would find. So a continued audit yields what an uninterrupted one would.

The file begins with a line that tells the conditions; after it come frames: length, hash, the verdicts of some cases.
The hash is chained to the one before it, and the first to the conditions, so that no frame counts under others. A frame
that was not written whole ends what counts; its cases are judged again. Frames are pickled, and read by a reader that
makes nothing but verdicts of them: whoever can write the file can forge a verdict, as he can the report, and cannot run
a program.
"""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shuroflow.audit.judging import Question, Taken, Verdict
from shuroflow.audit.receipt import editions_of, library_version, office_sha256, rules_sha256
from shuroflow.audit.summary import Item
from shuroflow.audit.unpickling import VerdictReader, packages, written
from shuroflow.errors import InputError, OutputTaken, Unresumable
from shuroflow.states import programme_codes
from shuroflow.storage.caseplaces import Reader
from shuroflow.storage.filelock import flush_to_disk, locked

LINES = 4_000
"""Lines of cases in a frame: judged in a tenth of a second, which is what an interruption costs at the most."""

_DURABLE = 16
"""After so many frames they are brought to the disk: what a power failure costs is a second or two of work."""

_MAGIC = b"shuroflow audit 2 "
_HEAD = struct.Struct("<I16s")

_CONDITIONS = {
    "version": "the version of the library",
    "rules": "the rules",
    "as_of": "the day asked about",
    "known_at": "the moment asked about",
    "office": "the office (its figures, where they were read, its calendar and settings)",
    "sources": "what is audited",
}

_OTHERWISE_EXPLAINED = {
    True: "HTML and --explain need every step explained, and what was kept has no explanations",
    False: "what was kept explains every step, as for HTML and --explain, and this call asks for neither",
}

_Kept = tuple[bytes, tuple[Item, ...], tuple[InputError, ...]]
Judge = Callable[[Iterator[Taken]], Iterator[tuple[Taken, Verdict[Item]]]]


class Spool:
    """The verdicts of one audit, in a file. Use it as a context manager around the audit and the writing of its report.

    From the beginning of the audit to the end of the block the file is locked: no other audit writes it. It goes when
    the block ends without an error, and where nothing was kept.

    Args:
        path: the file.
        resume: go on with what it holds; otherwise a file that holds verdicts is refused and left as it is.
        given_up: called with the reason if what was judged cannot be kept (a plug-in's values that cannot be pickled):
            the audit goes on, and what was kept until then counts.
    """

    def __init__(
        self, path: str | Path, *, resume: bool = False, given_up: Callable[[str], None] | None = None
    ) -> None:
        self.path = Path(path)
        self.resume = resume
        self.resumed = 0
        """Cases whose verdicts were taken over so far."""
        self._given_up = given_up
        self._keeps = True
        self._file: io.FileIO | None = None
        self._locked = ExitStack()
        self._told = b""  # the hash of what counts: of the head, then of each frame and what stands before it
        self._start = 0  # bytes of the head
        self._end = 0  # bytes of the file that count
        self._reaches = 0  # bytes of the file
        self._refused = False
        self._frames = 0
        self._pending: list[_Kept] = []
        self._lines = 0

    @property
    def holds(self) -> bool:
        """Is there something that a later audit can go on with?"""
        return not self._refused and self._reaches > self._start

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        try:
            if kind is not None and self._pending and (self.holds or kind is KeyboardInterrupt):
                self._write()
        finally:
            self._close(keep=kind is not None and self._reaches > self._start)

    def begin(self, question: Question, sources: Iterable[str]) -> None:
        """Lock the file, and hold the conditions of the audit against those of the one that is to be continued.

        Raises:
            OutputTaken: if another audit is writing the file, or if it is none of an audit.
            Unresumable: if it holds verdicts and is not to be continued, or if one of its conditions is another by now.
        """
        now = {
            "version": library_version(),
            "rules": {
                f"{edition.programme} {edition.in_force_from}": rules_sha256(edition)
                for _, edition in editions_of(programme_codes())
            },
            "as_of": question.as_of.isoformat(),
            "known_at": None if question.known_at is None else question.known_at.isoformat(),
            "office": office_sha256(question.office, worded=True),
            "explained": question.explained,
            "sources": list(sources),
        }
        try:
            file, made = self._open()
            try:
                self._take(file, now, made=made)
            except BaseException:
                if made:
                    self.path.unlink()
                self._locked.close()
                file.close()
                raise
        except OSError as error:
            error.filename = error.filename or str(self.path)
            raise
        self._file = file

    def _open(self) -> tuple[io.FileIO, bool]:
        """The file, locked, and whether it was made for this audit."""
        while True:
            flags = os.O_RDWR | getattr(os, "O_BINARY", 0)
            made = False
            try:
                descriptor = os.open(self.path, flags)
            except FileNotFoundError:
                try:
                    descriptor = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o600)
                    made = True
                except FileExistsError:
                    if os.path.islink(self.path):  # it leads nowhere
                        raise self._foreign() from None
                    continue  # another audit was quicker
            file = io.FileIO(descriptor, "rb+")
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise self._foreign()
                self._locked.enter_context(locked(descriptor, exclusive=True, wait=False))
                if self._is_there(file):
                    return file, made
            except BlockingIOError:
                file.close()
                said = "another audit is being written to this output: wait for its end, or name another output"
                raise OutputTaken(said, file=str(self.path)) from None
            except BaseException:
                self._locked.close()
                file.close()
                raise
            self._locked.close()  # the audit that held it has ended by now, and taken the file away
            file.close()

    def _take(self, file: io.FileIO, now: Mapping[str, Any], *, made: bool) -> None:
        """Go on behind what the file holds, or begin it with the conditions."""
        head = b"" if made else _head(file)
        if head is None:
            raise self._foreign()
        reaches = os.fstat(file.fileno()).st_size
        if head and reaches > len(head):
            changed = _changed(head, now)
            if not self.resume:
                said = "holds what an interrupted audit of this output has judged"
                if changed == "":
                    raise self._error(f"{said}: resume it (--resume), or delete this file to begin anew")
                other = changed or "its beginning is damaged"
                raise self._error(f"{said}, and cannot be continued ({other}): delete this file to begin anew")
            if changed is None:
                raise self._error("is damaged at its beginning; delete it to begin anew")
            if changed:
                raise self._error(f"cannot be continued: {changed}; call it as before, or delete it to begin anew")
        else:
            head = _MAGIC + json.dumps(now).encode() + b"\n"
            file.seek(0)
            file.truncate()
            _write_all(file, head)
            reaches = len(head)
        self._reaches = reaches
        self._start = self._end = len(head)
        self._told = _sha(b"", head)

    def through(self, cases: Iterable[Taken], judge: Judge) -> Iterator[tuple[Taken, Verdict[Item]]]:
        """Each case with its verdict: the one that was kept, as far as these go; then that of ``judge``, to be kept.

        Raises:
            Unresumable: if a case is not the one that was judged.
        """
        source = iter(cases)
        with Reader() as reader:
            for digest, items, torn in self._kept():
                taken = next(source, None)
                if taken is None or taken.with_bytes(reader).digest() != digest:
                    self._refused = True
                    error = self._error(f"cannot be continued: {_what_changed(taken, items)}; delete it to begin anew")
                    error.case_id = None if taken is None else taken.case_id
                    raise error
                self.resumed += taken.case_id is not None
                yield taken, Verdict(items, torn)
        for taken, verdict in judge(source):
            if not self._keeps:
                yield taken, verdict
                continue
            self._pending.append((verdict.digest, verdict.items, verdict.torn))
            self._lines += len(taken)
            if self._lines >= LINES:
                self._write()
            yield taken, verdict

    # ------------------------------------------------------------ inside

    def _kept(self) -> Iterator[_Kept]:
        """What the file holds; a frame that is not whole, or of another audit, and all behind it, is cut off."""
        assert self._file is not None
        known = packages()
        while True:
            self._file.seek(self._end)
            head = self._file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                break
            length, told = _HEAD.unpack(head)
            frame = _read(self._file, length)
            if len(frame) < length or _sha(self._told, frame) != told:
                break
            try:
                found = VerdictReader(frame, known).load()
            except Exception as error:  # bytes can be anything
                self._refused = True
                raise self._error(f"cannot be read ({error}); delete it to begin anew") from None
            self._end += _HEAD.size + length
            self._told = told
            yield from found

    def _write(self) -> None:
        assert self._file is not None
        pending, self._pending, self._lines = self._pending, [], 0
        try:
            frame = written(pending)
        except Exception as error:  # whatever the values of a plug-in raise
            self._keeps = False
            if self._given_up is not None:
                self._given_up(f"{type(error).__name__}: {error}")
            return
        told = _sha(self._told, frame)
        data = _HEAD.pack(len(frame), told) + frame
        try:
            self._file.seek(self._end)
            self._file.truncate()  # of a frame that an interruption broke off
            self._reaches = self._end
            _write_all(self._file, data)
            self._frames += 1
            if self._frames % _DURABLE == 0:
                flush_to_disk(self._file.fileno())
        except OSError as error:
            error.filename = error.filename or str(self.path)
            raise
        self._end += len(data)
        self._reaches = self._end
        self._told = told

    def _close(self, *, keep: bool) -> None:
        """Let go of the file, and take it away while nobody else can have it; what another put there stays."""
        assert self._file is not None
        with suppress(OSError):
            if not keep and self._is_there(self._file):
                if sys.platform == "win32":  # what is open cannot be taken away there: first it loses its verdicts
                    self._file.truncate(self._start)
                else:
                    self.path.unlink(missing_ok=True)
        self._locked.close()
        self._file.close()
        if not keep and sys.platform == "win32":
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
        self._file = None

    def _is_there(self, file: io.FileIO) -> bool:
        """Does the file still stand under its name? On Windows it cannot have lost it while it is open."""
        if sys.platform == "win32":
            return True
        try:
            return os.path.samestat(os.fstat(file.fileno()), os.stat(self.path))
        except FileNotFoundError:
            return False

    def _foreign(self) -> OutputTaken:
        return OutputTaken("is no record of an audit; take it away, or name another output", file=str(self.path))

    def _error(self, said: str) -> Unresumable:
        return Unresumable(said, file=str(self.path))


def _write_all(file: io.FileIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _head(file: io.FileIO) -> bytes | None:
    """The first line of a record of an audit; empty if it was not written whole; ``None`` for another file."""
    start = _read(file, len(_MAGIC))
    if start != _MAGIC:
        return None
    line = start
    while not line.endswith(b"\n"):
        more = file.read(1 << 16)
        if not more:
            return b""
        line, end, _ = (line + more).partition(b"\n")
        line += end
    return line


def _read(file: io.FileIO, length: int) -> bytes:
    """So many bytes, or what there is."""
    frame = b""
    while len(frame) < length and (more := file.read(length - len(frame))):
        frame += more
    return frame


def _changed(head: bytes, now: Mapping[str, Any]) -> str | None:
    """The conditions that are others by now, with what they were; empty if none; ``None`` if they cannot be read."""
    try:
        then = json.loads(head[len(_MAGIC) :])
    except ValueError:
        return None
    if not isinstance(then, dict):
        return None
    found = []
    if then.get("explained") != now["explained"]:
        found.append(_OTHERWISE_EXPLAINED[now["explained"]])
    for name, said in _CONDITIONS.items():
        if then.get(name) != now[name]:
            plain = name not in {"rules", "office"}  # a hash tells a reader nothing
            found.append(
                f"{said} was {_said(then.get(name))} and is {_said(now[name])}" if plain else f"{said} changed"
            )
    return "; ".join(found)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "not given" if value is None else str(value)


def _what_changed(taken: Taken | None, items: Sequence[Item]) -> str:
    """Where the records part from what was judged: what stands there now, and what stood there."""
    before = next((item.case_id for item in items if item.case_id is not None), None)
    stood = "another line or case" if before is None else f"case {before!r}"
    if taken is None:
        return f"{stood} was judged, and there are fewer cases by now: a case was taken out"
    if before is not None and taken.case_id == before:
        return (
            f"{stood} in {taken.source} is not what was judged: "
            "a line of it, or one before it, was moved, taken out or changed"
        )
    stands = "a line of no case" if taken.case_id is None else f"case {taken.case_id!r}"
    return f"in {taken.source}, where {stood} was judged, stands {stands}: a case was moved, taken out or changed"


def _sha(before: bytes, frame: bytes) -> bytes:
    """The hash of a frame, chained to that of what stands before it."""
    return sha256(before + frame).digest()[:16]


__all__ = ["LINES", "Judge", "Spool"]
