"""Where the lines of each case stand in a file, so that many interleaved cases are read case by case in little memory.

The file is gone through once, and not changed. Neighbouring lines of one case are one run. Where there are many runs,
they go into a temporary file: what stays in memory are the ids of the cases.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Self

import msgspec

from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.caselines import CaseLines
from shuroflow.storage.caseplaces import CasePlaces, FileId, Held, case_in, read_case
from shuroflow.storage.caseruns import GROWN, OPENED, RUN, Runs
from shuroflow.storage.journal import Closing
from shuroflow.storage.lines import Line, batch_of, bytes_at, opened, read_at

_HEAD = b'{"case_id":"'
_NEXT = b',"case_id":"'
_STRAYS = b""
"""The id under which lines are found of which no case can be told."""

_LONGEST = 255, 1 << 20
"""The most lines in a run, and the bytes after which a run takes no further line."""


_IN_MEMORY = 1 << 24
"""Bytes that the runs in memory take, all in all: some 750,000 runs of 55,000 cases."""

_SMALL = 1 << 25
"""Bytes up to which a file is read as a whole when the first case is taken: some 85,000 events."""


_PAUSE = 1 << 17
"""Bytes after which something else may be done while a file is looked through."""


class CaseIndex(Closing):
    """Where the lines of each case stand in a file, in order of first appearance.

    A run costs about 19 bytes, in memory for the first 16 MB; a case costs about 180. A small file is held in memory
    once a case was taken. The file is kept open until :meth:`close`.
    """

    def __init__(self, path: str | Path, file: io.FileIO) -> None:
        self.path = Path(path)
        self._name = str(path)
        self._file = file  # without a buffer: one would fetch a megabyte for every run
        self._runs = Runs(self._name)
        self._lines = self._size = 0
        self._told = 0  # cases that were told as quiet
        self._contents: bytes | None = None  # of a small file
        self._held: Held | None = None  # the file, for those who are told of places
        told = os.fstat(file.fileno())
        self._stood = told.st_size, told.st_mtime_ns
        self._id = FileId.of(_from_the_root(self._name), file.fileno())
        self.torn_from: int | None = None
        """The line from which on the end of the file was never acknowledged: no line end, or an append broken off."""

    @classmethod
    def build(cls, path: str | Path, *, meanwhile: Callable[[Self, int], None] | None = None) -> Self:
        """The index of the file as it stands.

        Args:
            path: the file.
            meanwhile: called now and then with the index as far as it is, and how many bytes were looked through.

        Raises:
            Unavailable: if the file cannot be read, or no temporary file can be written.
        """
        file = opened(path)
        offset = file.tell()
        index = cls(path, file.raw)
        try:
            index._fill(file, offset, None if meanwhile is None else partial(meanwhile, index))
        except BaseException:
            file.close()
            index.close()
            raise
        file.detach()
        return index

    def __len__(self) -> int:
        """The number of cases."""
        return len(self._runs.of) - (_STRAYS in self._runs.of)

    @property
    def line_count(self) -> int:
        """The number of lines, good or bad."""
        return self._lines

    @property
    def size(self) -> int:
        """The bytes of the file when the index was made."""
        return self._size

    def sha256(self) -> str:
        """The hash of these bytes.

        Raises:
            Unavailable: if the file has become shorter since the index was made.
        """
        return _sha256_of(self._file.fileno(), self._size, self._name)

    def cases(self) -> Iterator[str]:
        """The ids of the cases, in the order of their first line."""
        return (raw.decode() for raw in self._runs.of if raw)

    def taken(self, case_id: str) -> CaseLines:
        """The lines of one case as bytes; none if there is no such case.

        Raises:
            Unavailable: if the file has become shorter since the index was made.
        """
        return self._taken(self._key_of(case_id), case_id)

    def placing(self) -> Callable[[str], CasePlaces] | None:
        """A function from the id of a case to where its lines stand, unread; none where only this process can read it.

        So it is where the file cannot be told from those of other machines, and where it has been written to since.
        """
        id, name = self._id, self._name
        if id is None or id != FileId.of(id.path, self._file.fileno()):
            return None
        held = self._held = self._held or Held(self._file.fileno(), file=name)

        def places(case_id: str) -> CasePlaces:
            return CasePlaces(id, name, case_id, self._places_of(self._key_of(case_id)), self.torn_from, held)

        return places

    def witness(self, digest: str | None = None) -> Witness:
        """Tells, once all is read, whether the file still was what the index was made of, which had that hash."""
        return Witness(Held(self._file.fileno(), file=self._name), self._name, self._stood, self._size, digest)

    def quiet(self, until: int) -> Iterator[str]:
        """Further cases in the order of their first line, as far as no run of each that is over began behind that byte.

        Each is told once. While the file is looked through, they may well be complete.
        """
        for key in islice(self._runs.of, self._told, None):
            if key:
                latest = self._runs.latest(key)
                if latest is None or latest >= until:
                    return
            self._told += 1
            if key:
                yield key.decode()

    def lines(self, case_id: str) -> Iterator[Line]:
        """The lines of one case in the order of the file; see :meth:`.CaseLines.lines`."""
        return self.taken(case_id).lines()

    def whole(self, case_id: str) -> list[Event] | None:
        """The events of a case, if all is in order; see :meth:`.CaseLines.whole`."""
        return self.taken(case_id).whole()

    def strays(self) -> Iterator[Line]:
        """The lines of which no case can be told, each with its fault."""
        for number, found, raw in self._strays().each():
            if number == self._lines and not raw.strip():
                continue  # a blank line at the end of a file is fine
            if isinstance(found, Event):  # the head of the line deceived the index
                said = "no case can be told from this line: its head and the rest contradict each other; mend the line"
                found = InputError(said).at(file=str(self.path), line=number)  # noqa: PLW2901
            yield number, found

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._runs.close()
        self._contents = self._held = None

    # ------------------------------------------------------------ inside

    def _key_of(self, case_id: str) -> bytes | None:
        try:
            key = case_id.encode()
        except UnicodeEncodeError:  # half a surrogate pair
            key = _STRAYS
        return key if key in self._runs.of else None

    def _places_of(self, key: bytes | None) -> bytes:
        return b"" if key is None else self._runs.all_of(key)

    def _taken(self, key: bytes | None, case_id: str) -> CaseLines:
        places = self._places_of(key)
        if not places or self._size > _SMALL:  # for no line nothing is read
            return read_case(self._file.fileno(), places, self._name, case_id, self.torn_from)
        if self._contents is None:
            self._contents = bytes_at(self._file.fileno(), self._size, 0, file=self._name)
        return case_in(self._contents, places, self._name, case_id, self.torn_from)

    def _strays(self) -> CaseLines:
        # There are few: for them a small file is not read as a whole, whose cases others may read.
        return read_case(self._file.fileno(), self._places_of(_STRAYS), self._name, "", self.torn_from)

    def _fill(
        self, file: io.BufferedReader[io.FileIO], offset: int, meanwhile: Callable[[int], None] | None = None
    ) -> None:
        pack, room = RUN.pack, _IN_MEMORY
        runs_of, held_open, put_away = self._runs.of.get, self._runs.held_open, self._runs.put_away
        most_lines, most_bytes = _LONGEST
        lines, batch_from, batch_line, raw = 0, None, 0, b"\n"
        latest: bytes | None = None  # the case of the run that is being read, all its runs, and where this one began
        runs = bytearray()
        start = first = count = 0
        for raw in _lines_of(file, self._name, meanwhile):
            if raw.startswith(_HEAD):
                end = raw.find(b'"', 12)
                key = raw[12:end] if end > 0 else _STRAYS
                if 92 in key:
                    key = _case_of(raw)
                more = False
            else:
                more = batch_of(raw) > 1
                key = _case_in_batch(raw) if more else _case_of(raw)
            if more:
                if batch_from is None:
                    batch_from, batch_line = offset, lines + 1
            elif batch_from is not None and raw.endswith(b"\n"):
                batch_from = None
            lines += 1
            if key == latest and count < most_lines and offset - start < most_bytes:
                count += 1
            else:
                if count:
                    runs += pack(start, first, offset - start, count)
                    room -= GROWN
                    if room < 0:
                        put_away()
                        room = _IN_MEMORY
                found = runs_of(key)
                if type(found) is bytearray:
                    runs = found
                else:
                    if found is None and not _is_text(key):
                        key = _STRAYS
                    runs = held_open(key)
                    room -= OPENED
                latest, start, first, count = key, offset, lines, 1
            offset += len(raw)
        if count:
            runs += pack(start, first, offset - start, count)
        self._lines, self._size = lines, offset
        if batch_from is not None:
            self.torn_from = batch_line
        elif not raw.endswith(b"\n"):
            self.torn_from = lines


def _lines_of(
    file: io.BufferedReader[io.FileIO], name: str, meanwhile: Callable[[int], None] | None
) -> Iterator[bytes]:
    """The lines; now and then it is told how many bytes they were. What is written while they are read is left out.

    Raises:
        Unavailable: if they cannot be read to the end.
    """
    while True:
        try:
            lines = file.readlines(_PAUSE)
        except OSError as error:
            raise Unavailable(f"cannot be read to its end: {error.strerror}", where=name) from None
        yield from lines
        if not lines or not lines[-1].endswith(b"\n"):  # of a line that is being written the rest would be another one
            return
        if meanwhile is not None:
            meanwhile(file.tell())


def _from_the_root(path: str) -> str:
    """The path for a process that stands elsewhere; not folded, for beyond a link `..` is not what it seems."""
    try:
        return os.path.join(os.getcwd(), path)
    except OSError:  # the folder in which this process stands is gone
        return path


class Witness:
    """A file as it stood when an index was made of it."""

    def __init__(self, held: Held, name: str, stood: tuple[int, int], size: int, digest: str | None) -> None:
        self._held, self._name, self._stood, self._size, self._digest = held, name, stood, size, digest

    def check(self) -> None:
        """Nothing, if what was read is what stood there: more may stand behind it by now.

        Raises:
            Unavailable: if it was written to. Where its hash is not known, a longer file is taken to have grown only.
        """
        told = os.fstat(self._held.descriptor)
        if (told.st_size, told.st_mtime_ns) == self._stood:
            return
        if self._digest is None:
            same = told.st_size > self._stood[0]
        else:
            same = self._digest == _sha256_of(self._held.descriptor, self._size, self._name)
        if not same:
            said = "was changed while it was read: what was said of it may be of either; try again"
            raise Unavailable(said, where=self._name)


def _sha256_of(descriptor: int, size: int, name: str) -> str:
    digest, at = sha256(), 0
    while at < size:
        block = read_at(descriptor, min(1 << 20, size - at), at)
        if not block:
            raise Unavailable("became shorter while it was read; try again", where=name)
        digest.update(block)
        at += len(block)
    return digest.hexdigest()


class _Head(msgspec.Struct, gc=False):
    """As much of a line as tells its case."""

    case_id: str


_decode_head = msgspec.json.Decoder(_Head).decode


def _is_text(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def _case_of(raw: bytes) -> bytes:
    """The id of the case as UTF-8; empty where none can be told."""
    try:
        return _decode_head(raw).case_id.encode()
    except (msgspec.MsgspecError, ValueError):
        return b""


def _case_in_batch(raw: bytes) -> bytes:
    """The same for a line that begins with its count: what follows it is looked at first."""
    start = raw.index(b",")
    if raw.startswith(_NEXT, start):
        start += len(_NEXT)
        key = raw[start : raw.find(b'"', start)]
        if 92 not in key:
            return key
    return _case_of(raw)


__all__ = ["CaseIndex", "Witness"]
