"""Papers in a folder beside a journal in a file: one file for each paper, and a log that a person can read.

A paper is a file named by its commitment: one line of JSON (its label and its salt), then the content as it came. All
of it appears together and goes together. The log is JSON Lines, only ever appended to; its lock is the lock of
the folder. A disposal is on record before the file goes: a crash in between leaves a paper that :meth:`check` tells of
and a repeated :meth:`dispose` removes, never a paper that is gone and nobody knows why.

Removing is unlinking: what a disk, its file system and its snapshots still hold of the bytes is beyond this module.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from shuroflow.errors import Damaged, InputError, Retained, Unavailable
from shuroflow.events import Actor
from shuroflow.events.structure import unstructure
from shuroflow.storage.annexes import (
    Annex,
    Kept,
    Label,
    Salts,
    checked_commitment,
    kept_of,
    new_annex,
    new_label,
    stored_annex,
    unknown,
)
from shuroflow.storage.annexlog import (
    Act,
    Disposed,
    Held,
    Ledger,
    Released,
    act_from,
    act_to,
    may_go,
    new_act,
    which_hold,
)
from shuroflow.storage.filelock import flush_folder, flush_to_disk, locked
from shuroflow.storage.journal import Closing

LOG = "log.jsonl"
SUFFIX = ".annex"
_PART = ".part"
_FORM = 1
_HEAD = 8192
"""Bytes in which the first line of a paper ends: a case id has at most 200 characters."""

_dumps = msgspec.json.Encoder(order="sorted").encode


class FolderAnnexes(Closing):
    """Papers in a folder; safe between threads and between processes of one machine.

    Args:
        path: the folder; :func:`~.annexes.open_annexes` takes ``cases.annexes`` beside ``cases.jsonl``.
        create: make it where it is missing; otherwise that is an error.
        salts: where salts come from; another source than the default is for tests only.

    Raises:
        Unavailable: if the folder is missing or cannot be opened.
        Damaged: if its log holds what no store wrote.
    """

    def __init__(self, path: str | Path, *, create: bool = False, salts: Salts = secrets.token_bytes) -> None:
        self.path = Path(path)
        self.where = str(path)
        self._log_where = str(self.path / LOG)
        self._salts = salts
        self._lock = threading.RLock()
        self._ledger = Ledger()
        self._end = 0
        self._stopped: str | None = None
        self._file, self._writable = self._open_log(create)
        try:
            with self._reading():
                pass
        except BaseException:
            self._close()
            raise

    # ------------------------------------------------------------ the port

    def put(self, case_id: str, content: bytes, *, media_type: str, keep_until: date | None = None) -> str:
        """Keep a paper; see :meth:`.annexes.Annexes.put`."""
        label = new_label(case_id, media_type=media_type, keep_until=keep_until)
        annex = new_annex(content, label, salts=self._salts)
        with self._writing() as ledger:
            for stale in self.path.glob(f"*{_PART}"):  # of a writer that died: nobody was told of the paper in it
                with contextlib.suppress(OSError):
                    stale.unlink()
            target = self._file_of(annex.commitment)
            if target.exists() or annex.commitment in ledger.disposals:
                raise InputError("the source of salts gives the same salt twice", field="salt", case_id=case_id)
            self._keep(annex, target)
        return annex.commitment

    def get(self, commitment: str) -> Annex | Disposed:
        """The paper, or the record of its disposal; see :meth:`.annexes.Annexes.get`."""
        with self._reading() as ledger:
            return ledger.disposals.get(checked_commitment(commitment)) or self._annex(commitment)

    def check(self, commitment: str) -> Kept | Disposed:
        """Hash the paper again; see :meth:`.annexes.Annexes.check`."""
        with self._reading() as ledger:
            disposed = ledger.disposals.get(checked_commitment(commitment))
            if disposed is None:
                return self._annex(commitment).kept(ledger)
            file = self._file_of(commitment)
            if file.exists():
                said = f"is still there though its disposal is on record ({disposed.number}); dispose of it again"
                raise Damaged(said, where=str(file))
            return disposed

    def commitments(self) -> Iterator[str]:
        """The commitments of the papers that are there, sorted, none of them opened."""
        with self._reading():
            names = sorted(path.name.removesuffix(SUFFIX) for path in self.path.glob(f"*{SUFFIX}"))
        for name in names:
            with contextlib.suppress(InputError):  # a file of somebody else
                yield checked_commitment(name)

    def kept(self, case_id: str | None = None) -> Iterator[Kept]:
        """The papers that are kept; see :meth:`.annexes.Annexes.kept`."""
        for commitment in self.commitments():
            with self._reading() as ledger:
                file = self._file_of(commitment)
                if commitment in ledger.disposals or not file.exists():
                    continue
                with self._open(file) as source:
                    line = source.readline(_HEAD)
                    size = os.fstat(source.fileno()).st_size - len(line)
                label, _ = self._head(line, file)
                found = kept_of(commitment, label, size=size, ledger=ledger)
            if case_id in (None, found.case_id):
                yield found

    def expired(self, *, on: date) -> Iterator[Kept]:
        """The papers that could be disposed of on a day: past their last day, and under no hold."""
        for found in self.kept():
            with self._reading() as ledger:
                over = found.expired(ledger, on=on)
            if over:
                yield found

    def hold(self, case_id: str, *, on: date, by: Actor, reason: str) -> Held:
        """Let nothing of the case be disposed of; see :meth:`.annexes.Annexes.hold`."""
        with self._writing() as ledger:
            held = new_act(Held, number=len(ledger.entries) + 1, case_id=case_id, on=on, by=by, reason=reason)
            self._append(held)
        return held

    def release(
        self,
        case_id: str,
        *,
        on: date,
        by: Actor,
        reason: str,
        hold: int | None = None,
        keep_until: date | None = None,
    ) -> Released:
        """Lift a hold of the case; see :meth:`.annexes.Annexes.release`."""
        with self._writing() as ledger:
            number = which_hold(ledger, case_id, hold, on=on).number
            facts = {"case_id": case_id, "on": on, "by": by, "reason": reason, "keep_until": keep_until}
            released = new_act(Released, number=len(ledger.entries) + 1, hold=number, **facts)
            self._append(released)
        return released

    def dispose(self, commitment: str, *, on: date, by: Actor, reason: str) -> Disposed:
        """Dispose of one paper; see :meth:`.annexes.Annexes.dispose`."""
        with self._writing() as ledger:
            file = self._file_of(checked_commitment(commitment))
            disposed = ledger.disposals.get(commitment)
            if disposed is None:
                annex = self._annex(commitment)
                facts = {"case_id": annex.case_id, "on": on, "by": by, "reason": reason, "commitment": commitment}
                disposed = new_act(Disposed, number=len(ledger.entries) + 1, **facts)
                may_go(commitment, ledger, case_id=annex.case_id, keep_until=annex.label.keep_until, on=on)
                self._append(disposed)
            elif file.exists() and (holds := ledger.holds(disposed.case_id)):
                raise Retained(commitment, case_id=disposed.case_id, holds=holds)
            self._remove(file, disposed)
        return disposed

    def log(self, case_id: str | None = None) -> list[Act]:
        """Every hold, release and disposal, of a case or all."""
        with self._reading() as ledger:
            return ledger.of_case(case_id)

    def close(self) -> None:
        """Close the log; closing twice is fine."""
        with self._lock:
            self._close()

    # ------------------------------------------------------------ files

    def _file_of(self, commitment: str) -> Path:
        return self.path / f"{commitment}{SUFFIX}"

    def _open(self, file: Path) -> Any:
        try:
            return file.open("rb")
        except OSError as error:
            raise Unavailable(f"cannot be read: {error.strerror}; check its permissions", where=str(file)) from None

    def _annex(self, commitment: str) -> Annex:
        """The paper, compared with its commitment; a lock is held."""
        file = self._file_of(commitment)
        if not file.exists():
            raise unknown(commitment, self.where)
        try:
            with self._open(file) as source:
                line = source.readline(_HEAD)
                content = source.read()
        except OSError as error:
            raise Unavailable(f"cannot be read: {error.strerror}", where=str(file)) from None
        label, salt = self._head(line, file)
        return stored_annex(commitment, label, salt, content, where=str(file))

    def _head(self, line: bytes, file: Path) -> tuple[Label, bytes]:
        try:
            value = msgspec.json.decode(line)
            salt = bytes.fromhex(value.pop("salt"))
            value.pop("annex")
            label = new_label(value.pop("case_id"), keep_until=value.pop("keep_until", None), **value)
            if _head_of(label, salt) == line:  # no byte of it may be another, even where it says the same
                return label, salt
        except (msgspec.MsgspecError, ValueError, LookupError, TypeError, AttributeError):
            pass
        raise Damaged("the first line is not that of a paper; restore the file from a backup", where=str(file))

    def _keep(self, annex: Annex, target: Path) -> None:
        """Write the paper beside its place, flush it, and move it there; or leave nothing behind."""
        part = target.with_suffix(_PART)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            try:
                rest = memoryview(_head_of(annex.label, annex.salt) + annex.content)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                flush_to_disk(descriptor)
            finally:
                os.close(descriptor)
            os.replace(part, target)
            flush_folder(self.path)
        except OSError as error:
            for file in (part, target):
                with contextlib.suppress(OSError):
                    file.unlink()
            raise Unavailable(f"cannot be written: {error.strerror}; nothing was kept", where=self.where) from None

    def _remove(self, file: Path, disposed: Disposed) -> None:
        try:
            file.unlink(missing_ok=True)
            flush_folder(self.path)
        except OSError as error:
            said = f"the disposal is on record ({disposed.number}), but the file cannot be removed: {error.strerror}; "
            raise Unavailable(f"{said}dispose of it again", where=str(file)) from None

    # ------------------------------------------------------------ the log

    def _open_log(self, create: bool) -> tuple[Any, bool]:
        if not self.path.is_dir():
            if not create:
                raise Unavailable("there is no such folder of papers; none was put there yet", where=self.where)
            if not self.path.parent.is_dir():
                raise Unavailable(f"there is no folder {str(self.path.parent)!r}; make it first", where=self.where)
        try:
            self.path.mkdir(exist_ok=True)
            log = self.path / LOG
            fresh = not log.exists()
            if fresh and not create:
                raise Unavailable("this folder holds no log of papers; check the path", where=self.where)
            try:
                file, writable = log.open("ab+", buffering=0), True
            except PermissionError:
                file, writable = log.open("rb", buffering=0), False
            if fresh:
                flush_folder(self.path)
                flush_folder(self.path.parent)
        except OSError as error:
            raise Unavailable(f"cannot be opened: {error.strerror}; check the path", where=self.where) from None
        return file, writable

    def _close(self) -> None:
        self._file.close()

    def _check_open(self) -> None:
        if self._file.closed:
            raise Unavailable("the store of papers is closed; open it again", where=self.where)
        if self._stopped:
            raise Unavailable(f"stopped after a failed write ({self._stopped}); open it again", where=self.where)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Ledger]:
        with self._lock:
            self._check_open()
            with locked(self._file.fileno(), exclusive=False):
                self._take_in()
                yield self._ledger

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Ledger]:
        with self._lock:
            self._check_open()
            if not self._writable:
                raise Unavailable("the log may only be read; check its permissions", where=self._log_where)
            with locked(self._file.fileno(), exclusive=True):
                self._take_in()
                yield self._ledger

    def _take_in(self) -> None:
        """Read on from the last whole line; a line without its end was never acknowledged and counts for nothing."""
        status = os.fstat(self._file.fileno())
        try:
            same = os.path.samestat(status, os.stat(self._log_where))
        except FileNotFoundError:
            same = False
        if not same:
            raise Unavailable("was replaced by another file; open the store again", where=self._log_where)
        size = status.st_size
        if size < self._end:
            said = f"is {size} bytes long, but {self._end} bytes of it were read before: its end was cut off"
            raise Damaged(said, where=self._log_where)
        if size == self._end:
            return
        self._file.seek(self._end)
        block = self._file.read(size - self._end)
        for raw in block[: block.rfind(b"\n") + 1].splitlines(keepends=True):
            number = len(self._ledger.entries) + 1
            try:
                value = msgspec.json.decode(raw, type=dict[str, Any])
                entry = act_from(value)
                if entry.number != number:
                    raise InputError(f"is {entry.number}, expected {number}", field="number")
                self._ledger.add(entry)
            except (msgspec.MsgspecError, ValueError) as error:
                said = f"no entry of a log of papers: {error}; restore it from a backup"
                raise Damaged(said, where=self._log_where, line=number) from None
            self._end += len(raw)

    def _append(self, entry: Act) -> None:
        """Put the entry at the end of the log and on the disk, or leave the log as it was; the lock is held."""
        line = _dumps(act_to(entry)) + b"\n"
        descriptor = self._file.fileno()
        try:
            if os.fstat(descriptor).st_size > self._end:
                os.ftruncate(descriptor, self._end)
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(None, f"only {written} of {len(line)} bytes could be written, the disk may be full")
            flush_to_disk(descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, self._end)
            # What the disk holds now is not known for sure: who goes on reads it again first.
            self._stopped = error.strerror or "a failed write"
            said = f"cannot be written: {error.strerror}; nothing was recorded, open the store again"
            raise Unavailable(said, where=self._log_where) from None
        self._take_in()


def _head_of(label: Label, salt: bytes) -> bytes:
    return _dumps({"annex": _FORM, "salt": salt.hex(), **unstructure(label)}) + b"\n"


__all__ = ["LOG", "SUFFIX", "FolderAnnexes"]
