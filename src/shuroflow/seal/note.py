"""A text and the signatures under it, in the form of a signed note (https://c2sp.org/signed-note).

The text ends with a line end, an empty line follows, then one line for each signature: a dash, the name of the key, and
in base64 the id of the key and the signature. This module reads and writes the form; whether a signature holds is the
business of :mod:`~shuroflow.seal.keys`.
"""

from __future__ import annotations

import base64
import binascii

import attrs

from shuroflow.errors import InputError

MAX_SIZE = 1_000_000
"""Bytes of the longest note that is read."""

KEY_ID_SIZE = 4
_DASH = "\u2014 "


@attrs.frozen
class Signature:
    """One signature under a note: by the key of this name and id."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """The line of a note, with its line end."""
        return f"{_DASH}{self.name} {encode64(self.key_id + self.value)}\n"


@attrs.frozen
class Note:
    """A text, ending with a line end, and the signatures under it; there may be none yet."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def encode(self) -> bytes:
        """The bytes of the note. Without signatures it ends with the empty line, so that they can be added below."""
        return (self.text + "\n" + "".join(each.line() for each in self.signatures)).encode()

    @classmethod
    def parse(cls, data: bytes, *, file: str | None = None) -> Note:
        """The note that these bytes are; a bare text without an empty line is one without signatures.

        Raises:
            InputError: if they are none; it names the file, if given, and the line.
        """
        if len(data) > MAX_SIZE:
            raise InputError(f"too long for a note ({len(data)} bytes); is this the right file?", file=file)
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8 (byte {error.start + 1}); is this the right file?", file=file) from None
        for number, line in enumerate(whole.split("\n"), 1):
            if any(char < " " for char in line):
                said = "holds a control character (a carriage return of Windows, perhaps); take the file as it was made"
                raise InputError(said, file=file, line=number)
        if not whole.endswith("\n"):
            raise InputError(
                "its last line has no line end: a part is missing; take the file as it was made", file=file
            )
        text, empty, below = whole.rpartition("\n\n")
        if not empty:
            return cls(whole)
        text += "\n"
        first = text.count("\n") + 2
        lines = below.split("\n")[:-1] if below else []
        return cls(text, tuple(_signature(line, file, number) for number, line in enumerate(lines, first)))


def _signature(line: str, file: str | None, number: int) -> Signature:
    name, blank, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not blank or not is_key_name(name):
        said = "no line of a signature: it is a dash (U+2014), the name of a key and its signature in base64"
        raise InputError(said, file=file, line=number)
    raw = decode64(encoded)
    if raw is None or len(raw) <= KEY_ID_SIZE:
        raise InputError("the signature is not base64, or too short", file=file, line=number)
    return Signature(name, raw[:KEY_ID_SIZE], raw[KEY_ID_SIZE:])


def is_key_name(name: str) -> bool:
    """May a key have this name? It is UTF-8, not empty and holds neither blanks nor ``+``."""
    return bool(name) and "+" not in name and not any(char.isspace() or char < " " for char in name) and is_utf8(name)


def is_utf8(text: str) -> bool:
    """Can the text be written as UTF-8? Bytes of a command line that are none cannot."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def encode64(raw: bytes) -> str:
    """Base64 with its padding."""
    return base64.b64encode(raw).decode()


def decode64(text: str) -> bytes | None:
    """The bytes, if this is how they are written in base64; there is one way only."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if encode64(raw) == text else None


__all__ = ["KEY_ID_SIZE", "MAX_SIZE", "Note", "Signature", "decode64", "encode64", "is_key_name", "is_utf8"]
