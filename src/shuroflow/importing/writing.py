"""Imported events into a journal, all or none; the rows left out into a file beside, as they stood, with the reason."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from shuroflow.errors import InputError
from shuroflow.importing.faults import Kind
from shuroflow.importing.reading import Imported
from shuroflow.storage import Bulk, Journal, open_journal
from shuroflow.storage.journal import chained, prepare
from shuroflow.vocabulary import Lang

REASON = "理由 / reason"
"""Heading of the column that a file of rejected rows has in front of the others."""


def exists(target: str) -> bool:
    """Is there a journal already? Of a database only the journal itself can tell; it is opened and may be made."""
    return "://" in target or os.path.lexists(target)


def leave_out_taken(imported: Imported, journal: Journal) -> None:
    """Take out the cases that the journal holds already: their histories would run into each other."""
    for case_id in list(imported.cases):
        if version := journal.version(case_id):
            events = "1 event" if version == 1 else f"{version} events"
            said = f"case {case_id!r} holds {events} there; import it into another journal, or record what is new"
            imported.leave_out(case_id, Kind.TAKEN, said)
    imported.faults.sort()


def write(imported: Imported, target: str) -> None:
    """Write the events into a journal, case by case: all of them, or none.

    A new ``.jsonl`` file appears whole. A journal that is there takes them as one append.

    Raises:
        InputError: if the target names no journal, or one that takes nothing in bulk.
        Conflict: if it holds one of the cases.
        Unavailable: if it cannot be written.
    """
    bodies = list(_bodies(imported))
    if not exists(target):
        _write_file(target, bodies)
        return
    with open_journal(target, create=True) as journal:
        if not isinstance(journal, Bulk):
            raise InputError(f"{target}: takes no events in bulk; import into a .jsonl file and convert it")
        journal.load(bodies)


def _bodies(imported: Imported) -> list[bytes]:
    found: list[bytes] = []
    for case_id, events in imported.cases.items():
        ready = prepare(case_id, events, expected=0, key=None)
        found += chained(ready, last=None, case_id=case_id, expected=0)[1]
    return found


def _write_file(target: str, bodies: list[bytes]) -> None:
    path = Path(target)
    if path.suffix.lower() != ".jsonl":
        open_journal(target)  # says what a journal is called
    if not path.absolute().parent.is_dir():
        raise InputError(f"there is no folder {str(path.parent)!r}: make it first", file=target)
    # A character of a name has up to four bytes, and a name up to 255.
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name[:50]}.", suffix=".part", dir=path.absolute().parent)
    try:
        with open(descriptor, "wb") as file:
            file.writelines(body + b"\n" for body in bodies)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        with contextlib.suppress(OSError):  # a file system without modes
            os.chmod(beside, 0o666 & ~mask)
        try:
            os.link(beside, path)  # fails, as a replacement would not, where a file has come into being meanwhile
        except FileExistsError:
            raise InputError("has come into being meanwhile; nothing was written", file=target) from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(beside)


# Rejected rows --------------------------------------------------------------------------------------------------------


def reject_paths(imported: Imported, folder: str | Path) -> dict[str, Path]:
    """Source → the file for its rejected rows, for each source that has any.

    Raises:
        InputError: if such a file is there already.
    """
    made: dict[str, Path] = {}
    for file in dict.fromkeys(file for file, _ in sorted(imported.rejected)):
        name = Path(file).stem
        at, path = 2, Path(folder) / f"{name}.rejects.csv"
        while path in made.values():
            at, path = at + 1, Path(folder) / f"{name}-{at}.rejects.csv"
        if os.path.lexists(path):
            raise InputError("exists already and is not overwritten: move it away", file=str(path))
        made[file] = path
    return made


def write_rejects(imported: Imported, folder: str | Path, *, lang: Lang = "ja") -> list[Path]:
    """Write the rows that are left out into ``NAME.rejects.csv``, byte for byte, each with the reason in front.

    A file can be put right and imported under the same mapping: the column of reasons is one more than it asks for.

    Raises:
        InputError: if such a file is there already.
    """
    paths = reject_paths(imported, folder)
    sheets = {str(sheet.path): sheet for sheet in imported.sheets}
    for file, path in paths.items():
        sheet = sheets[file]
        sign = sheet.delimiter.encode()
        with _new(path) as out:
            bom = b"\xef\xbb\xbf"
            marked = (sheet.before or sheet.head).startswith(bom)
            out.write(bom * marked + sheet.before.removeprefix(bom))
            if sheet.head:
                head = sheet.head if sheet.before else sheet.head.removeprefix(bom)
                out.write(_quoted(REASON, sheet.codec) + sign + _ended(head))
            for (source, _), (row, faults) in sorted(imported.rejected.items(), key=lambda each: each[0]):
                if source == file:
                    said = " / ".join(f"{row.line}: {fault.text(lang, where=False)}" for fault in faults)
                    raw = row.raw if row.line > 1 else row.raw.removeprefix(bom)
                    out.write(_quoted(said, sheet.codec) + sign + _ended(raw))
    return list(paths.values())


@contextlib.contextmanager
def _new(path: Path) -> Iterator[BinaryIO]:
    """A file that was not there, whole or not at all."""
    with path.open("xb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise


def _quoted(text: str, codec: str) -> bytes:
    plain = " ".join(text.split()).replace('"', '""')
    return f'"{plain}"'.encode(codec, "backslashreplace")


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\n") else raw + b"\r\n"


__all__ = ["REASON", "exists", "leave_out_taken", "reject_paths", "write", "write_rejects"]
