"""Signing with Ed25519. The only module that needs ``cryptography`` (the extra ``seal``), and only when it signs.

The private key is a PEM file of ``openssl genpkey -algorithm ed25519`` or a file of ``ssh-keygen -t ed25519``. A
signature goes under the note; the same text can also be signed in the form of ``ssh-keygen -Y``, for who has no other
tool.
"""

from __future__ import annotations

import base64
import struct
import textwrap
from hashlib import sha512
from pathlib import Path
from typing import TYPE_CHECKING

from shuroflow.errors import InputError, Unavailable, installing
from shuroflow.seal.keys import PublicKey
from shuroflow.seal.note import Signature, is_key_name

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAMESPACE = "shuroflow-checkpoint"
"""What a signature of OpenSSH is for: ``ssh-keygen -Y verify -n`` must name the same."""


class Signer:
    """A private key that signs."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = PublicKey(private.public_key().public_bytes_raw())

    @classmethod
    def read(cls, path: str | Path, *, passphrase: bytes | None = None) -> Signer:
        """The key in a file.

        Raises:
            InputError: if it holds no private Ed25519 key, the passphrase is missing or wrong, or ``cryptography`` is
                not installed.
            Unavailable: if it cannot be read.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=str(path)) from None
        return cls.parse(data, passphrase=passphrase, file=str(path))

    @classmethod
    def parse(cls, data: bytes, *, passphrase: bytes | None = None, file: str | None = None) -> Signer:
        """The key in the bytes of a file.

        Raises:
            InputError: as for :meth:`read`.
        """
        try:
            from cryptography.exceptions import UnsupportedAlgorithm
            from cryptography.hazmat.primitives import serialization
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != "cryptography":
                raise
            raise InputError(f"signing needs the extra `seal`: {installing('seal')}") from None
        if b"PRIVATE KEY-----" not in data:
            said = "no private key: openssl genpkey -algorithm ed25519 -out seal.pem makes one"
            raise InputError(said, file=file)
        openssh = b"BEGIN OPENSSH PRIVATE KEY" in data
        load = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
        try:
            key = load(data, passphrase)
        except TypeError:  # a passphrase without need, or none where one is needed
            if passphrase is not None:
                return cls.parse(data, file=file)
            raise InputError("the key is encrypted and no passphrase was given", file=file) from None
        except UnsupportedAlgorithm as error:  # an encrypted file of ssh-keygen, and its key derivation not installed
            said = (
                f"a private key that cannot be used here ({error}): pip install bcrypt, or keep the key in a PEM file"
            )
            raise InputError(said, file=file) from None
        except ValueError:
            said = "the passphrase is wrong, or the key is damaged" if passphrase else "a private key that is damaged"
            raise InputError(said, file=file) from None
        if not isinstance(key, Ed25519PrivateKey):
            said = "a private key of another kind; seals are signed with Ed25519: openssl genpkey -algorithm ed25519"
            raise InputError(said, file=file)
        return cls(key)

    def sign(self, text: str, *, name: str) -> Signature:
        """The signature of a text, for a note.

        Raises:
            InputError: if no key can have that name.
        """
        if not is_key_name(name):
            said = f"{name!r} cannot name a key: no blanks and no '+'; best is an address such as example.jp/cases"
            raise InputError(said, field="origin")
        return Signature(name, self.public.key_id(name), self._private.sign(text.encode()))

    def ssh_signature(self, text: str) -> str:
        """The signature of a text in the armoured form that ``ssh-keygen -Y verify`` checks."""
        space = _string(NAMESPACE.encode()) + _string(b"") + _string(b"sha512")
        signed = self._private.sign(b"SSHSIG" + space + _string(sha512(text.encode()).digest()))
        blob = b"SSHSIG" + struct.pack(">I", 1) + _string(self.public.openssh_blob()) + space
        blob += _string(_string(b"ssh-ed25519") + _string(signed))
        body = "\n".join(textwrap.wrap(base64.b64encode(blob).decode(), 70))
        return f"-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n"


def _string(data: bytes) -> bytes:
    """A string as OpenSSH writes it: its length in four bytes, then itself."""
    return struct.pack(">I", len(data)) + data


__all__ = ["NAMESPACE", "Signer"]
