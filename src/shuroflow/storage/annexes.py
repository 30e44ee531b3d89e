"""Papers kept apart from the events, so that each can be disposed of when its retention ends: the scheme and the port.

An event carries only a salted commitment to its paper. The salt lies with the paper and goes with it; what remains in
the journal says nothing of the content, even of one that could be guessed, and every hash and proof stands as before.

Nothing here disposes of anything by itself: a person orders each disposal, and it is refused while the retention runs
or the case is under a hold. This module knows no store; the adapters are :mod:`~shuroflow.storage.annexfolder` and
:mod:`shuroflow.storage.sql.annexes`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Annotated, Protocol, Self, get_args, runtime_checkable

import attrs
from msgspec import Meta

from shuroflow.errors import Damaged, InputError, installing
from shuroflow.events import Actor
from shuroflow.events.envelope import Digest, Id, about, part
from shuroflow.storage.annexlog import Act, Disposed, Held, Ledger, Released, made

PREFIX = b"shuroflow annex 1\n"
"""What every commitment begins with, so that it is no hash of anything else; a changed scheme gets another number."""

SALT_BYTES = 32
MAX_BYTES = 1 << 27
"""The largest paper that is taken, 128 MiB: it is held in memory as a whole, and databases have limits of their own."""

MediaType = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(; ?[A-Za-z0-9=_.+-]+)*$(?!\n)", max_length=200)
]
"""A media type such as ``application/pdf`` or ``text/plain; charset=utf-8``."""

Salts = Callable[[int], bytes]
"""Gives so many random bytes, as :func:`secrets.token_bytes` does."""

# The paper and its commitment -----------------------------------------------------------------------------------------


@part
class Label:
    """What is known of a paper besides its content; the commitment covers it too."""

    case_id: Id = about("id of the case")
    media_type: MediaType = about("media type of the content")
    keep_until: date | None = about("the last day it must be kept; none: no end is set", default=None)


@attrs.frozen(kw_only=True)
class Annex:
    """A paper that is kept: its label, its content, and the salt that goes when it goes."""

    commitment: str
    label: Label
    salt: bytes = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)

    @property
    def case_id(self) -> str:
        """The case it belongs to."""
        return self.label.case_id

    @property
    def media_type(self) -> str:
        """The media type of the content."""
        return self.label.media_type

    @property
    def fits(self) -> bool:
        """Is this the paper that was committed to, to the last byte?"""
        return self.commitment == commitment_of(self.content, salt=self.salt, label=self.label)

    def kept(self, ledger: Ledger) -> Kept:
        """The paper without its content, as a list shows it."""
        return kept_of(self.commitment, self.label, size=len(self.content), ledger=ledger)


@attrs.frozen(kw_only=True)
class Kept:
    """A paper that is kept, without its content: what a list shows.

    ``keep_until`` is the last day it must be kept: that of its label, or a later one that came with a release.
    """

    commitment: str
    label: Label
    keep_until: date | None
    size: int

    @property
    def case_id(self) -> str:
        """The case it belongs to."""
        return self.label.case_id

    @property
    def media_type(self) -> str:
        """The media type of the content."""
        return self.label.media_type

    def expired(self, ledger: Ledger, *, on: date) -> bool:
        """Could it be disposed of on that day, its retention being over?"""
        last = self.keep_until if self.label.keep_until is not None else None
        return last is not None and last < on and not ledger.holds(self.case_id)


def commitment_of(content: bytes, *, salt: bytes, label: Label) -> str:
    """The commitment to a paper, 64 hexadecimal digits: HMAC-SHA-256 keyed with the salt.

    The message is :data:`PREFIX`, then case, media type and last day (``YYYY-MM-DD`` or empty) as UTF-8, each after its
    length in eight bytes, then the content. Nothing can move from one field to the next, so two papers give one message
    only if they are one paper. HMAC, for it is made to show nothing of the message to those without the key, and with a
    key of fixed length another key and message with the same result would be a collision of SHA-256.
    """
    if len(salt) != SALT_BYTES:
        raise InputError(f"a salt has {SALT_BYTES} bytes, got {len(salt)}", field="salt")
    mac = hmac.new(salt, PREFIX, "sha256")
    for text in (label.case_id, label.media_type, label.keep_until.isoformat() if label.keep_until else ""):
        raw = text.encode()
        mac.update(len(raw).to_bytes(8, "big"))
        mac.update(raw)
    mac.update(content)
    return mac.hexdigest()


# The port -------------------------------------------------------------------------------------------------------------


@runtime_checkable
class Annexes(Protocol):
    """A store of papers, by their commitments, with an append-only log of holds, releases and disposals."""

    def put(self, case_id: str, content: bytes, *, media_type: str, keep_until: date | None = None) -> str:
        """Keep a paper, durable on return; its commitment goes into the event that speaks of it.

        ``keep_until`` is the last day it must be kept. Without one no end is set: it never counts as expired, and
        whoever disposes of it answers for that.

        Raises:
            InputError: if a value cannot be used.
            Unavailable: if the store cannot be written.
        """

    def get(self, commitment: str) -> Annex | Disposed:
        """The paper, compared with its commitment; or who disposed of it, when and why.

        Raises:
            Damaged: if what is kept is not what was committed to.
            InputError: if nothing of that commitment was ever kept here.
            Unavailable: if the store cannot be read.
        """

    def check(self, commitment: str) -> Kept | Disposed:
        """Hash the paper again; as :meth:`get`, without handing out the content.

        Raises:
            Damaged: if what is kept is not what was committed to, or is still there though its disposal is on record.
            InputError: if nothing of that commitment was ever kept here.
            Unavailable: if the store cannot be read.
        """

    def commitments(self) -> Iterator[str]:
        """The commitments of the papers that are there, sorted, none of them opened: to check them one by one."""

    def kept(self, case_id: str | None = None) -> Iterator[Kept]:
        """The papers that are kept, of a case or all, in the order of their commitments."""

    def expired(self, *, on: date) -> Iterator[Kept]:
        """The papers that could be disposed of on a day: past their last day, and under no hold."""

    def hold(self, case_id: str, *, on: date, by: Actor, reason: str) -> Held:
        """Let nothing of the case be disposed of until this hold is released; a case may be under several."""

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
        """Lift a hold of the case; which one must be said where there are several.

        ``keep_until``: every paper of the case is kept at least until then, as is due after a decision on an appeal.

        Raises:
            InputError: if there is no such hold, or it is not said which.
        """

    def dispose(self, commitment: str, *, on: date, by: Actor, reason: str) -> Disposed:
        """Dispose of one paper and its salt. Of one that is gone already, the record of it is given again.

        Raises:
            Retained: if it must still be kept on that day, or its case is under a hold.
            Damaged: if what is kept is not what was committed to, so that its case cannot be told for sure.
            InputError: if nothing of that commitment was ever kept here.
            Unavailable: if the store cannot be written.
        """

    def log(self, case_id: str | None = None) -> list[Act]:
        """Every hold, release and disposal, of a case or all, in the order in which they were recorded."""

    def close(self) -> None:
        """Give back what the store holds open; closing twice is fine."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def folder_of(source: str) -> Path:
    """Where the papers of a journal in a file are kept: ``cases.annexes`` beside ``cases.jsonl``.

    Raises:
        InputError: if the source names no such file.
    """
    path = Path(source).resolve()  # one journal has one store of papers, whatever link leads to it
    if path.suffix.lower() != ".jsonl" or path.is_dir():
        raise InputError(f"{source}: papers are kept beside a .jsonl file or in a database such as sqlite:///cases.db")
    return path.with_suffix(".annexes")


def open_annexes(source: str, *, create: bool = False) -> Annexes:
    """The papers of the journal that a path or a database URL names: in a folder beside the file, or in its database.

    Without ``create`` a store that is not there is an error and is not made.

    Raises:
        InputError: if the source names no journal, or needs the extra ``sql`` that is not installed.
        Unavailable: if the store cannot be opened.
    """
    if "://" not in source:
        from shuroflow.storage.annexfolder import FolderAnnexes

        return FolderAnnexes(folder_of(source), create=create)
    try:
        from shuroflow.storage.sql.annexes import SqlAnnexes
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sqlalchemy":
            raise
        raise InputError(f"{source}: a database needs the extra `sql`: {installing('sql')}") from None
    return SqlAnnexes(source, create=create)


# What every store checks ----------------------------------------------------------------------------------------------


def new_label(case_id: str, *, media_type: str, keep_until: date | None) -> Label:
    """The label of a paper that comes in.

    Raises:
        InputError: if a value cannot be used; ``problems`` lists every fault.
    """
    return made(Label, {"case_id": case_id, "media_type": media_type, "keep_until": keep_until})


def new_annex(content: bytes, label: Label, *, salts: Salts) -> Annex:
    """A paper that comes in, with a salt of its own.

    Raises:
        InputError: if the content is not bytes, or too much.
    """
    if not isinstance(content, bytes):
        raise InputError(f"the content of a paper is bytes, got {type(content).__name__}", field="content")
    if len(content) > MAX_BYTES:
        raise InputError(f"{len(content)} bytes are more than the {MAX_BYTES} that are taken", field="content")
    salt = salts(SALT_BYTES)
    return Annex(commitment=commitment_of(content, salt=salt, label=label), label=label, salt=salt, content=content)


def checked_commitment(commitment: str) -> str:
    """The commitment as it stands.

    Raises:
        InputError: if it is not 64 hexadecimal digits in lower case.
    """
    meta = get_args(Digest)[1]
    import re

    if not isinstance(commitment, str) or not re.match(meta.pattern, commitment):
        said = f"{commitment!r} is no commitment: it has 64 hexadecimal digits, in lower case"
        raise InputError(said, field="commitment")
    return commitment


def kept_of(commitment: str, label: Label, *, size: int, ledger: Ledger) -> Kept:
    """What a list shows of a paper."""
    until = ledger.keep_until(label.case_id, label.keep_until)
    return Kept(commitment=commitment, label=label, keep_until=until, size=size)


def unknown(commitment: str, where: str) -> InputError:
    """Nothing of that commitment was ever kept in a store."""
    said = f"no paper with the commitment {commitment} is kept in {where}, and no disposal of one is on record there"
    return InputError(said, field="commitment")


def stored_annex(commitment: str, label: Label, salt: bytes, content: bytes, *, where: str) -> Annex:
    """A paper as it was found in a store.

    Raises:
        Damaged: if it is not what was committed to.
    """
    annex = Annex(commitment=commitment, label=label, salt=salt, content=content)
    if len(salt) != SALT_BYTES or not annex.fits:
        said = f"paper {commitment}: label, salt or content is not what was committed to; restore it from a backup"
        raise Damaged(said, where=where)
    return annex


__all__ = [
    "MAX_BYTES",
    "PREFIX",
    "SALT_BYTES",
    "Act",
    "Annex",
    "Annexes",
    "Disposed",
    "Held",
    "Kept",
    "Label",
    "Ledger",
    "Released",
    "commitment_of",
    "folder_of",
    "open_annexes",
]
