"""Public Ed25519 keys: how they are written, which signatures are theirs, and whether one holds.

A key is read from what common tools write: a PEM file of ``openssl``, the ``.pub`` line of ``ssh-keygen``, or the
verifier key of a signed note. Signing is the business of :mod:`~shuroflow.seal.signing`; checking needs no package
beyond the standard library, and uses ``cryptography`` where it is installed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import attrs

from shuroflow.errors import InputError, Unavailable
from shuroflow.seal.note import KEY_ID_SIZE, Signature, decode64, encode64, is_key_name

KEY_SIZE = 32
ED25519 = b"\x01"
"""The type of a signature in a note: Ed25519 over the text."""

_SPKI = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes in the DER form of a public Ed25519 key (RFC 8410)."""
_SSH = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s(.*?)-----END \1-----", re.DOTALL)
_VKEY = re.compile(r"(?P<name>[^+\s]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/]+={0,2})")


@attrs.frozen
class PublicKey:
    """A public key, and the name it signs under if that is known: a PEM file says none."""

    raw: bytes
    name: str | None = None

    @classmethod
    def parse(cls, text: str, *, file: str | None = None) -> PublicKey:
        """The key in a PEM block, an OpenSSH line or a verifier key.

        Raises:
            InputError: if it is none of them, or a key of another kind.
        """
        text = text.strip()
        if blocks := list(_PEM.finditer(text)):
            if len(blocks) > 1:
                raise InputError(f"holds {len(blocks)} keys where one is expected", file=file)
            return cls(_from_pem(blocks[0][1], blocks[0][2], file))
        if text.startswith("ssh-ed25519 "):
            raw = _decoded(text.split()[1])
            if raw is None or not raw.startswith(_SSH) or len(raw) != len(_SSH) + KEY_SIZE:
                raise InputError("a public key of OpenSSH that cannot be read; a part may be missing", file=file)
            return cls(raw.removeprefix(_SSH))
        if text.startswith(("ssh-", "ecdsa-", "sk-")):
            raise InputError(f"a key of the kind {text.split()[0]}; seals are signed with ssh-ed25519", file=file)
        if found := _VKEY.fullmatch(text):
            return cls._from_vkey(found["name"], found["id"], found["key"], file)
        raise InputError(
            "no public key: a PEM file (PUBLIC KEY), a line of OpenSSH (ssh-ed25519 …) or a verifier key "
            "(name+id+key) is read",
            file=file,
        )

    @classmethod
    def _from_vkey(cls, name: str, key_id: str, encoded: str, file: str | None) -> PublicKey:
        raw = decode64(encoded)
        if raw is None or raw[:1] != ED25519 or len(raw) != 1 + KEY_SIZE:
            raise InputError("the verifier key holds no Ed25519 key", file=file)
        key = cls(raw[1:], name)
        if key.key_id(name).hex() != key_id:
            said = f"the verifier key says id {key_id}, its key has {key.key_id(name).hex()}: a letter may be wrong"
            raise InputError(said, file=file)
        return key

    def key_id(self, name: str) -> bytes:
        """The id of the key under a name: four bytes that stand before each of its signatures in a note."""
        return sha256(name.encode() + b"\n" + ED25519 + self.raw).digest()[:KEY_ID_SIZE]

    def vkey(self, name: str) -> str:
        """The key as the verifier key of signed notes.

        Raises:
            InputError: if no key can have that name.
        """
        if not is_key_name(name):
            said = f"{name!r} cannot name a key: no blanks and no '+'; best is an address such as example.jp/cases"
            raise InputError(said, field="origin")
        return f"{name}+{self.key_id(name).hex()}+{encode64(ED25519 + self.raw)}"

    def pem(self) -> str:
        """The key as a PEM file."""
        return f"-----BEGIN PUBLIC KEY-----\n{encode64(_SPKI + self.raw)}\n-----END PUBLIC KEY-----\n"

    def openssh(self) -> str:
        """The key as in a ``.pub`` file of OpenSSH, without a comment."""
        return f"ssh-ed25519 {encode64(self.openssh_blob())}"

    def openssh_blob(self) -> bytes:
        """The key as OpenSSH puts it on the wire."""
        return _SSH + self.raw

    def knows(self, signature: Signature) -> bool:
        """Does a signature say it is by this key? A key without a name knows its own under every name."""
        return self.name in {None, signature.name} and self.key_id(signature.name) == signature.key_id

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Does the signature hold?"""
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ModuleNotFoundError:
            from shuroflow.seal.standalone import ed25519_holds

            return ed25519_holds(self.raw, text, signature)
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text)
        except InvalidSignature:
            return False
        return True


def read_keys(given: str) -> Iterator[PublicKey]:
    """The key that a verifier key names, or those in a file: PEM blocks, or a key on each line; also both.

    Raises:
        InputError: if there is none.
        Unavailable: if the file cannot be read.
    """
    if _VKEY.fullmatch(given) and not Path(given).exists():
        yield PublicKey.parse(given)
        return
    try:
        text = Path(given).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("no public key: the file is no text", file=given) from None
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=given) from None
    if blocks := list(_PEM.finditer(text)):
        rest = [line.strip() for line in _PEM.sub("", text).splitlines()]  # openssl writes remarks between blocks
        if any("-----BEGIN " in line for line in rest):
            raise InputError("a PEM block that does not end: a part of the file is missing", file=given)
        for block in blocks:
            yield PublicKey.parse(block[0], file=given)
        for line in rest:
            if line.startswith(("ssh-", "ecdsa-", "sk-")) or _VKEY.fullmatch(line):
                yield PublicKey.parse(line, file=given)
        return
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()[:1] not in {"", "#"}]
    if not lines:
        raise InputError("no public key: the file is empty", file=given)
    for number, line in lines:
        try:
            yield PublicKey.parse(line)
        except InputError as error:
            raise error.at(file=given, line=number) from None


def _from_pem(kind: str, body: str, file: str | None) -> bytes:
    if "PRIVATE" in kind:
        said = "a private key; the public one belongs here: openssl pkey -in KEY -pubout, or the .pub of ssh-keygen"
        raise InputError(said, file=file)
    raw = _decoded("".join(body.split()))
    if kind != "PUBLIC KEY" or raw is None or not raw.startswith(_SPKI) or len(raw) != len(_SPKI) + KEY_SIZE:
        raise InputError("no public Ed25519 key: openssl genpkey -algorithm ed25519 makes a pair", file=file)
    return raw.removeprefix(_SPKI)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


__all__ = ["ED25519", "KEY_SIZE", "PublicKey", "read_keys"]
