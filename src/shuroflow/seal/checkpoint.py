"""The head of a journal to be kept elsewhere: a checkpoint (https://c2sp.org/tlog-checkpoint), signed or not.

Its text has three lines: the origin, which says which journal it is; how many events; and the root of their Merkle
tree in base64. Lines beyond these are kept as they are. This module knows no journal.
"""

from __future__ import annotations

import re
from pathlib import Path

import attrs

from shuroflow.errors import InputError, Unavailable
from shuroflow.seal.merkle import HASH_SIZE
from shuroflow.seal.note import MAX_SIZE, Note, Signature, decode64, encode64, is_utf8

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@attrs.frozen
class Checkpoint:
    """So many events of the journal of that origin have that root.

    Raises:
        InputError: if the origin is empty or longer than a line, the size negative, or the root no SHA-256.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not is_utf8(line):
                raise InputError("is not UTF-8", field="origin")
            if not line or any(char < " " for char in line):
                raise InputError("is one line that is not empty and holds no control character", field="origin")
        if self.size < 0 or len(self.root) != HASH_SIZE:
            raise InputError("the size of a checkpoint is not negative, its root has 32 bytes", field="size")

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), encode64(self.root), *self.extensions))

    @classmethod
    def parse(cls, text: str, *, file: str | None = None) -> Checkpoint:
        """The checkpoint of that text.

        Raises:
            InputError: if it is none; it names the file, if given, and the line.
        """
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines):
            said = "no checkpoint: three lines are expected first, the origin, the number of events and the root"
            raise InputError(said, file=file)
        if not _NUMBER.fullmatch(lines[1]):
            raise InputError("no checkpoint: the second line is the number of events", file=file, line=2)
        root = decode64(lines[2])
        if root is None or len(root) != HASH_SIZE:
            raise InputError("no checkpoint: the third line is a SHA-256 in base64", file=file, line=3)
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))


@attrs.frozen
class Seal:
    """A checkpoint, and the signatures under it; there may be none."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...] = ()
    file: str | None = attrs.field(default=None, eq=False)
    """Where it was read, for messages."""

    @property
    def name(self) -> str:
        """How messages call it: the file, or what it seals."""
        return self.file or f"{self.checkpoint.origin} {self.checkpoint.size}"

    def encode(self) -> bytes:
        """The bytes of the file: a signed note."""
        return Note(self.checkpoint.text, self.signatures).encode()

    @classmethod
    def parse(cls, data: bytes, *, file: str | None = None) -> Seal:
        """The seal that these bytes are.

        Raises:
            InputError: if they are none; it names the file, if given, and the line.
        """
        note = Note.parse(data, file=file)
        return cls(Checkpoint.parse(note.text, file=file), note.signatures, file)

    @classmethod
    def read(cls, path: str | Path) -> Seal:
        """The seal in a file.

        Raises:
            InputError: if it holds none.
            Unavailable: if it cannot be read.
        """
        return cls.parse(read_small(path), file=str(path))


def read_small(path: str | Path) -> bytes:
    """The content of a file that must be small: a journal given by mistake is not read to its end.

    Raises:
        Unavailable: if it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read(MAX_SIZE + 1)
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=str(path)) from None


__all__ = ["Checkpoint", "Seal", "read_small"]
