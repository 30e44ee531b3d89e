"""Where the lines of one case stand in a file, so that another process on the same machine can read them there.

A place is worth nothing in another file: whoever reads looks first whether it is the same one. Nothing is read here
that was not asked for, and no line is looked into.
"""

from __future__ import annotations

import functools
import os
from typing import Self

import attrs
import msgspec

from shuroflow.errors import Unavailable
from shuroflow.storage.caselines import CaseLines
from shuroflow.storage.caseruns import SPAN, lines_at
from shuroflow.storage.lines import bytes_at


@functools.cache
def _machine() -> str | None:
    """What a machine is called from one start to the next; none where the system has no such name."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip() or None
    except OSError:
        return None


@attrs.frozen
class FileId:
    """One file of one machine as it was at a time: no other is taken for it, nor it itself once it was written to."""

    path: str
    machine: str
    device: int
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: str, descriptor: int) -> FileId | None:
        """The file that is open; ``None`` where it cannot be told from those of other machines."""
        machine = _machine()
        if machine is None:
            return None
        told = os.fstat(descriptor)
        return cls(path, machine, told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns)


class Held:
    """A descriptor of an open file; it is closed when nobody holds this any more."""

    def __init__(self, descriptor: int, *, file: str) -> None:
        self.descriptor = -1
        try:
            self.descriptor = os.dup(descriptor)
        except OSError as error:
            raise Unavailable(f"cannot be held open: {error.strerror}", where=file) from None

    def __del__(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)


class CasePlaces(msgspec.Struct, frozen=True, gc=False):
    """The lines of one case by where they stand: its runs in the order of the file, each as :data:`RUN` packs it.

    ``file`` is the name of the file as the reader knows it, ``held`` the open file in the process that made this one:
    as long as it is open, its number is not given to another. The other fields are those of :class:`.CaseLines`.
    """

    id: FileId
    file: str
    case_id: str
    places: bytes
    torn_from: int | None = None
    held: Held | None = None

    def __len__(self) -> int:
        """The number of lines."""
        return lines_at(self.places)

    def __reduce__(self) -> tuple[object, ...]:
        return CasePlaces, (self.id, self.file, self.case_id, self.places, self.torn_from)


class Reader:
    """Reads cases where they stand. Of the files of others it keeps the latest open, until the end of the block."""

    def __init__(self) -> None:
        self._id: FileId | None = None
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def read(self, case: CasePlaces) -> CaseLines:
        """The lines of a case.

        Raises:
            Unavailable: if its file is not to be found from here, is another by now, or cannot be read.
        """
        descriptor = self._opened(case.id, case.file) if case.held is None else case.held.descriptor
        return read_case(descriptor, case.places, case.file, case.case_id, case.torn_from)

    def check(self) -> None:
        """Nothing, if the file that is open is still what it was when the places were found.

        Raises:
            Unavailable: if not: what was read may be of either.
        """
        if (
            self._id is not None
            and self._descriptor is not None
            and FileId.of(self._id.path, self._descriptor) != self._id
        ):
            raise Unavailable("was changed while it was read; try again", where=self._id.path)

    def _opened(self, id: FileId, file: str) -> int:
        if self._descriptor is None or id != self._id:
            self.check()
            self._close()
            if id.machine != _machine():
                raise Unavailable("is on another machine", where=file)
            try:
                self._descriptor = os.open(id.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            except OSError as error:
                raise Unavailable(f"cannot be read any more: {error.strerror}; try again", where=file) from None
            self._id = id
            self.check()
        return self._descriptor

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = self._id = None


def read_case(descriptor: int, places: bytes, file: str, case_id: str, torn_from: int | None) -> CaseLines:
    """The lines of a case that stand in these runs, from a descriptor of the file.

    Raises:
        Unavailable: if the file has become shorter, or cannot be read any more.
    """
    blocks = [bytes_at(descriptor, length, start, file=file) for start, length in SPAN.iter_unpack(places)]
    return CaseLines(file, case_id, places, b"".join(blocks), torn_from)


def case_in(contents: bytes, places: bytes, file: str, case_id: str, torn_from: int | None) -> CaseLines:
    """The same from the contents of the file."""
    blocks = [contents[start : start + length] for start, length in SPAN.iter_unpack(places)]
    return CaseLines(file, case_id, places, b"".join(blocks), torn_from)


__all__ = ["CasePlaces", "FileId", "Held", "Reader", "case_in", "read_case"]
