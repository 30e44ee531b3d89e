"""Rows of a CSV file with their lines, their bytes, and what of them is no text.

A byte that the encoding has no character for is never replaced: its cell is faulty, and the row keeps its bytes. Of the
encodings, ``cp932`` is what Windows in Japan calls Shift_JIS; the characters that an office made itself (外字, F040 to
F9FC) are U+E000 to U+E757. This module knows no mapping.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import attrs

from shuroflow.errors import InputError, Unavailable
from shuroflow.importing.faults import Fault, Kind

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "cp932": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "ms932": "cp932",
}
"""Name in a mapping → codec. A byte order mark is taken off either way."""

_BOM = b"\xef\xbb\xbf"
_STRAY = re.compile("[\udc80-\udcff]")
_STRAY_CP932 = re.compile("[\udc80-\udcff\x80\uf8f0-\uf8f3]")
"""Also the five single bytes that Windows gives a code, but no character: 80, A0, FD, FE, FF."""


@attrs.frozen
class Row:
    """One row: ``line`` is the first of its lines, ``raw`` its bytes with line ends. ``faults``: it cannot be used."""

    file: str
    line: int
    cells: tuple[str, ...]
    raw: bytes
    faults: tuple[Fault, ...] = ()


@attrs.frozen
class Sheet:
    """A CSV file that is opened: its headings, the bytes of the row they stand in, and those of what comes before."""

    path: Path
    codec: str
    delimiter: str
    skip: int
    names: tuple[str, ...]
    before: bytes
    head: bytes

    def rows(self) -> Iterator[Row]:
        """The rows below the headings; an empty line is none."""
        for row in _rows(self.path, self.codec, self.delimiter, self.skip + (1 if self.head else 0)):
            if row.faults or len(row.cells) == len(self.names):
                yield _named(row, self.names)
            elif row.cells:
                said = f"holds {len(row.cells)} cells, the headings are {len(self.names)}"
                yield attrs.evolve(row, faults=(Fault(row.file, row.line, None, None, Kind.LAYOUT, said),))


def open_sheet(
    path: str | Path, *, encoding: str, delimiter: str = ",", skip: int = 0, names: Sequence[str] | None = None
) -> Sheet:
    """Read the headings of a file, or take ``names`` for a file without; ``skip`` records come before.

    Raises:
        InputError: if there is no heading, one stands twice, or it is not of that encoding.
        Unavailable: if the file cannot be read.
    """
    codec = ENCODINGS[encoding]
    try:
        with Path(path).open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=str(path)) from None
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError("is UTF-16; save it as CSV in UTF-8", file=str(path), line=1)
    if names is not None:
        return Sheet(Path(path), codec, delimiter, skip, tuple(names), b"", b"")
    row = next(_rows(path, codec, delimiter, skip), None)
    if row is None:
        raise InputError("holds no headings: the file is empty", file=str(path))
    if row.faults and row.faults[0].kind is Kind.LAYOUT:
        raise InputError(f"the headings are not well-formed CSV: {row.faults[0].detail}", file=str(path), line=row.line)
    if row.faults:
        other = "cp932" if codec == "utf-8" else "utf-8"
        said = f'the headings cannot be read as {encoding} ({row.faults[0].detail}); is it `encoding = "{other}"`?'
        raise InputError(said, file=str(path), line=row.line)
    found = tuple(name.strip() for name in row.cells)
    twice = sorted({name for name in found if name and found.count(name) > 1})
    if twice:
        said = f"the heading {twice[0]!r} stands twice; rename one, or give `columns` and skip the headings"
        raise InputError(said, file=str(path), line=row.line)
    with Path(path).open("rb") as file:
        before = b"".join(islice(file, row.line - 1))
    return Sheet(Path(path), codec, delimiter, skip, found, before, row.raw)


def _rows(path: str | Path, codec: str, delimiter: str, skip: int) -> Iterator[Row]:
    raw: list[bytes] = []
    taken = 0
    stray = _STRAY_CP932 if codec == "cp932" else _STRAY

    def lines() -> Iterator[str]:
        with Path(path).open("rb") as file:
            for number, line in enumerate(file):
                raw.append(line)
                yield (line.removeprefix(_BOM) if number == 0 else line).decode(codec, "surrogateescape")

    try:
        reader = csv.reader(lines(), delimiter=delimiter, strict=True)
        done = 0
        while True:
            taken += len(raw)
            raw.clear()
            faults: list[Fault] = []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                cells = []
                said = str(error).replace(
                    "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                    "a carriage return within a cell that is not quoted",
                )
                faults.append(Fault(str(path), taken + 1, None, None, Kind.LAYOUT, said))
            done += 1
            if done <= skip:
                continue
            for at, cell in enumerate(cells):
                if stray.search(cell):
                    faults.append(_bytes(str(path), taken + 1, at, cell, stray, codec))
            if cells or faults:
                yield Row(str(path), taken + 1, tuple(cells), b"".join(raw), tuple(faults))
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=str(path)) from None


def _bytes(file: str, line: int, at: int, cell: str, stray: re.Pattern[str], codec: str) -> Fault:
    bad = [
        f"{found[0].encode(codec, 'surrogateescape').hex(' ').upper()} at byte "
        f"{len(cell[: found.start()].encode(codec, 'surrogateescape')) + 1}"
        for found in stray.finditer(cell)
    ]
    more = f" and {len(bad) - 3} more" if len(bad) > 3 else ""
    said = f"{', '.join(bad[:3])}{more} of the cell, in {codec}"
    return Fault(file, line, at + 1, None, Kind.BYTES, said)


def _named(row: Row, names: Sequence[str]) -> Row:
    """The row with the headings put into its faults."""
    if not row.faults:
        return row
    faults = [
        attrs.evolve(fault, column=names[fault.number - 1])
        if fault.number is not None and fault.number <= len(names)
        else fault
        for fault in row.faults
    ]
    return attrs.evolve(row, faults=tuple(faults))


__all__ = ["ENCODINGS", "Row", "Sheet", "open_sheet"]
