"""Where neighbouring lines of one case stand in a file, packed as a run; and the runs of all cases, in little memory.

Nothing is known here of what a line holds.
"""

from __future__ import annotations

import io
import tempfile
from struct import Struct

from shuroflow.errors import Unavailable
from shuroflow.storage.lines import bytes_at

RUN = Struct("<QIIB")
"""Neighbouring lines of one case: where they begin, the number of the first, how many bytes, how many lines."""
SPAN = Struct("<Q4xIx")
"""Of a run where it begins and its bytes: whoever needs no more does not pay for it."""


def lines_at(places: bytes) -> int:
    """The number of lines in these runs."""
    return sum(places[RUN.size - 1 :: RUN.size])


_EARLIER = Struct("<Q")
"""What stands before the runs of a case: where earlier ones were put, as :class:`Runs` writes such a place; or 0."""

_LENGTH = 26
"""Bits of such a place that tell how long the piece is: more than fits into memory. Those above tell where it is."""
_LENGTHS = (1 << _LENGTH) - 1

OPENED, GROWN = 80, 19
"""Bytes that it takes to hold the runs of a further case in memory, and a further run."""

_BLOCK = 1 << 20
"""Bytes that are written at once, but for larger pieces."""


class Runs:
    """The runs of each case, in the order of its first line: in memory while they are few, else in a temporary file.

    When memory is full, what there is of each case is put into the file as one piece, and of the case stays its place.
    A case whose lines lie near each other is so read again in few pieces, however many runs it has.
    """

    def __init__(self, name: str) -> None:
        self.of: dict[bytes, bytearray | int] = {}
        """The runs of each case, each as :data:`RUN` packs it, behind :data:`_EARLIER`; or where they were put."""
        self._name = name
        self._open: list[bytes] = []  # the cases whose runs are in memory
        self._file: io.FileIO | None = None
        self._written = 0

    def held_open(self, key: bytes) -> bytearray:
        """The runs of a case that are in memory from now on: whoever has a further one packs it behind them."""
        found = self.of.get(key)
        if isinstance(found, bytearray):
            return found
        runs = self.of[key] = bytearray(_EARLIER.pack(found or 0))
        self._open.append(key)
        return runs

    def put_away(self) -> None:
        """Put what is in memory into the temporary file.

        Raises:
            Unavailable: if that cannot be made, or takes no more.
        """
        try:
            self._put_away()
        except OSError as error:
            said = f"a temporary file cannot be written ({error.strerror}): make room there, or set TMPDIR to another"
            raise Unavailable(said, where=_folder()) from None

    def _put_away(self) -> None:
        if self._file is None:
            made = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the index
            assert isinstance(made, io.FileIO)
            self._file = made
        waiting = bytearray()
        for key in self._open:
            runs = self.of[key]
            assert isinstance(runs, bytearray)
            if len(waiting) + len(runs) > _BLOCK:
                self._write(waiting)
                waiting.clear()
            self.of[key] = (self._written + len(waiting)) << _LENGTH | len(runs)
            if len(runs) > _BLOCK:
                self._write(runs)
            else:
                waiting += runs
        self._write(waiting)
        self._open.clear()

    def all_of(self, key: bytes) -> bytes:
        """All runs of a case, in the order of the file."""
        runs: bytes | bytearray
        pieces: list[bytes | bytearray] = []
        found = self.of.get(key, 0)
        while found:
            runs = found if isinstance(found, bytearray) else self._fetched(found)
            pieces.append(runs[_EARLIER.size :])
            (found,) = _EARLIER.unpack_from(runs)
        pieces.reverse()
        return b"".join(pieces)

    def latest(self, key: bytes) -> int | None:
        """Where the latest run of a case begins; ``None`` if it is not packed yet."""
        found = self.of[key]
        if isinstance(found, bytearray):
            return SPAN.unpack_from(found, len(found) - RUN.size)[0] if len(found) > _EARLIER.size else None
        start: int = SPAN.unpack_from(self._fetched(found), (found & _LENGTHS) - RUN.size)[0]
        return start

    def _fetched(self, place: int) -> bytes:
        assert self._file is not None
        return bytes_at(self._file.fileno(), place & _LENGTHS, place >> _LENGTH, file=self._name)

    def _write(self, data: bytes | bytearray) -> None:
        assert self._file is not None
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]
        left.release()
        self._written += len(data)

    def close(self) -> None:
        """Give back the temporary file."""
        if self._file is not None:
            self._file.close()


def _folder() -> str:
    """Where temporary files go, as far as there is such a place."""
    try:
        return tempfile.gettempdir()
    except OSError:
        return "temporary folder"


__all__ = ["GROWN", "OPENED", "RUN", "SPAN", "Runs", "lines_at"]
