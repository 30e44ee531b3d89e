"""Public keys: read from what common tools write, and what is refused."""

from __future__ import annotations

import builtins
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError, Unavailable
from shuroflow.seal.keys import PublicKey, read_keys
from shuroflow.seal.note import Signature
from shuroflow.seal.standalone import ed25519_holds
from tests.seal import vectors

NAME = "example.jp/cases"


@given(st.binary(min_size=32, max_size=32))
def test_each_form_is_read_back(raw: bytes) -> None:
    """PEM, OpenSSH and verifier key say the same 32 bytes; only the last says a name."""
    key = PublicKey(raw)

    assert key == PublicKey.parse(key.pem()) == PublicKey.parse(key.openssh()) == PublicKey.parse(key.openssh() + " me")
    assert PublicKey(raw, NAME) == PublicKey.parse(key.vkey(NAME))


@pytest.mark.parametrize("text", [vectors.PETER_KEY, vectors.ENOCH_KEY, vectors.EXAMPLE_KEY])
def test_published_verifier_keys(text: str) -> None:
    """They are read and written letter for letter."""
    key = PublicKey.parse(text)

    assert key.name is not None
    assert text == key.vkey(key.name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (vectors.BAD_KEYS[0], "holds no Ed25519 key"),
        (vectors.BAD_KEYS[1], "holds no Ed25519 key"),
        (vectors.PETER_KEY.replace("c74f20a3", "c74f20a4"), "a letter may be wrong"),
        (vectors.PETER_KEY.replace("Peter", "Petra"), "a letter may be wrong"),
        (vectors.PETER_KEY[:-1] + "X", "a letter may be wrong|holds no"),
        ("", "no public key"),
        ("hello", "no public key"),
        ("ssh-ed25519 AAAA", "cannot be read"),
        ("ssh-ed25519 not-base64!", "cannot be read"),
        ("ssh-rsa AAAAB3NzaC1yc2E", "of the kind ssh-rsa"),
        ("ecdsa-sha2-nistp256 AAAA", "of the kind ecdsa"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "a private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "a private key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no public Ed25519 key"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no public Ed25519 key"),
        ("-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----", "no public Ed25519 key"),
    ],
)
def test_what_is_no_key_is_refused(text: str, said: str) -> None:
    """With one error that says what it is, and the file."""
    with pytest.raises(InputError, match=said) as caught:
        PublicKey.parse(text, file="key.pub")

    assert "key.pub" == caught.value.file


def test_a_key_is_known_by_name_and_id() -> None:
    """Both must fit; a key of which no name is known knows its own under every name."""
    named, bare = PublicKey(bytes(32), NAME), PublicKey(bytes(32))
    other = PublicKey(bytes(31) + b"\1", NAME)
    signature = Signature(NAME, named.key_id(NAME), b"x")
    renamed = Signature("else", bare.key_id("else"), b"x")

    assert (True, True, False) == (named.knows(signature), bare.knows(signature), other.knows(signature))
    assert (False, True) == (named.knows(renamed), bare.knows(renamed))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_no_key_can_have(name: str) -> None:
    """It is refused before anything is signed under it."""
    with pytest.raises(InputError, match="cannot name a key"):
        PublicKey(bytes(32)).vkey(name)


def test_keys_in_files(tmp_path: Path) -> None:
    """One PEM block, or a key on each line, with remarks between; a verifier key needs no file."""
    one, two = PublicKey(bytes(32)), PublicKey(b"\1" * 32)
    pem, many = tmp_path / "key.pem", tmp_path / "keys.txt"
    pem.write_text(one.pem())
    many.write_text(f"# ours\n{one.openssh()} seal\n\n{two.vkey(NAME)}\n")

    assert [one] == list(read_keys(str(pem)))
    assert [one, PublicKey(two.raw, NAME)] == list(read_keys(str(many)))
    assert [PublicKey(two.raw, NAME)] == list(read_keys(two.vkey(NAME)))


@pytest.mark.parametrize(
    ("content", "said", "line"),
    [(b"", "is empty", None), (b"\xff", "no text", None), (b"# one\nhello\n", "no public key", 2)],
)
def test_files_without_keys(tmp_path: Path, content: bytes, said: str, line: int | None) -> None:
    """An error names the file and the line."""
    path = tmp_path / "keys.txt"
    path.write_bytes(content)

    with pytest.raises(InputError, match=said) as caught:
        list(read_keys(str(path)))

    assert (str(path), line) == (caught.value.file, caught.value.line)


def test_a_missing_file_of_keys(tmp_path: Path) -> None:
    """It is unavailable."""
    with pytest.raises(Unavailable, match="cannot be read"):
        list(read_keys(str(tmp_path / "none.pub")))


def test_keys_of_real_tools(tmp_path: Path) -> None:
    """What ``openssl`` and ``ssh-keygen`` write is read; their other kinds of key are refused."""
    openssl, ssh = shutil.which("openssl"), shutil.which("ssh-keygen")
    assert openssl, "openssl must be on PATH"
    assert ssh, "ssh-keygen must be on PATH"
    for arguments in (
        [openssl, "genpkey", "-algorithm", "ed25519", "-out", "a.pem"],
        [openssl, "pkey", "-in", "a.pem", "-pubout", "-out", "a.pub.pem"],
        [openssl, "genpkey", "-algorithm", "X25519", "-out", "x.pem"],
        [openssl, "pkey", "-in", "x.pem", "-pubout", "-out", "x.pub.pem"],
        [ssh, "-q", "-t", "ed25519", "-N", "", "-C", "who @ where", "-f", "b"],
        [ssh, "-q", "-t", "ecdsa", "-N", "", "-f", "c"],
    ):
        subprocess.run(arguments, check=True, cwd=tmp_path, capture_output=True)

    assert [None, None] == [key.name for name in ("a.pub.pem", "b.pub") for key in read_keys(str(tmp_path / name))]
    for name, said in (("a.pem", "a private key"), ("x.pub.pem", "no public Ed25519"), ("c.pub", "kind ecdsa")):
        with pytest.raises(InputError, match=said):
            list(read_keys(str(tmp_path / name)))


# Ed25519 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("public", "message", "signature"), vectors.ED25519)
def test_published_signatures(public: str, message: str, signature: str) -> None:
    """The verifier in Python alone, and through ``cryptography``, accept them and nothing near them."""
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    order = 2**252 + 27742317777372353535851937790883648493
    beyond = signed[:32] + (int.from_bytes(signed[32:], "little") + order).to_bytes(32, "little")
    for holds in (ed25519_holds, lambda raw, text, value: PublicKey(raw).verify(text, value)):
        assert holds(key, text, signed)
        assert not holds(key, text + b"\0", signed)
        assert not holds(key, text, signed[:-1] + bytes([signed[-1] ^ 1]))
        assert not holds(key, text, bytes([signed[0] ^ 1]) + signed[1:])
        assert not holds(bytes([key[0] ^ 1]) + key[1:], text, signed)
        assert not holds(key, text, beyond)
        assert not holds(key, text, signed[:63])


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 64 * 8 - 1))
def test_both_verifiers_agree(seed: bytes, message: bytes, bit: int) -> None:
    """On signatures that hold, and on those with one bit changed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signed = private.public_key().public_bytes_raw(), private.sign(message)
    wrong = bytearray(signed)
    wrong[bit // 8] ^= 1 << bit % 8

    assert (True, False) == (ed25519_holds(public, message, signed), ed25519_holds(public, message, bytes(wrong)))
    assert not PublicKey(public).verify(message, bytes(wrong))


@pytest.mark.parametrize(
    ("public", "size"), [(b"\xff" * 32, 64), (bytes(31) + b"\x80", 64), (bytes(31), 64), (b"\x02" + bytes(31), 64)]
)
def test_what_is_no_point_is_no_key(public: bytes, size: int) -> None:
    """A number beyond the field, a sign without a coordinate, too few bytes, no point of the curve."""
    assert not ed25519_holds(public, b"", bytes(size))


def test_signatures_are_checked_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ``cryptography`` is not installed, the verifier in Python alone answers."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "cryptography":
            raise ModuleNotFoundError(name, name=name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    public, message, signature = map(bytes.fromhex, vectors.ED25519[1])

    assert PublicKey(public).verify(message, signature)
    assert not PublicKey(public).verify(message + b"\0", signature)


def test_a_file_of_several_blocks(tmp_path: Path) -> None:
    """Every PEM block is a key, and so is a line beside them; one that does not end is told, two are not one."""
    one, two = PublicKey(bytes(32)), PublicKey(b"\1" * 32)
    path = tmp_path / "keys"
    path.write_text(f"remark\n{one.pem()}{two.pem()}{two.vkey(NAME)}\n")

    assert [one, two, PublicKey(two.raw, NAME)] == list(read_keys(str(path)))
    with pytest.raises(InputError, match="2 keys"):
        PublicKey.parse(one.pem() + two.pem())
    path.write_text(one.pem() + two.pem().partition("-----END")[0])
    with pytest.raises(InputError, match="does not end"):
        list(read_keys(str(path)))
