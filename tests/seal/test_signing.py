"""Signing: keys made by real tools, signatures checked by them, and keys that cannot be used."""

from __future__ import annotations

import builtins
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from shuroflow.errors import InputError, Unavailable
from shuroflow.seal.checkpoint import Checkpoint, Seal
from shuroflow.seal.signing import NAMESPACE, Signer

ORIGIN = "example.jp/cases"
TEXT = Checkpoint(ORIGIN, 3, bytes(32)).text


def tool(name: str) -> str:
    """The path of a tool that must be there: these tests are worth nothing without it."""
    path = shutil.which(name)
    assert path is not None, f"{name} must be on PATH"
    return path


def run(*arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a tool."""
    done = [str(each) for each in arguments]
    return subprocess.run(done, input=stdin, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def openssl_key(tmp_path: Path) -> Path:
    """A private key as openssl makes it."""
    path = tmp_path / "seal.pem"
    assert 0 == run(tool("openssl"), "genpkey", "-algorithm", "ed25519", "-out", path).returncode
    return path


@pytest.fixture
def ssh_key(tmp_path: Path) -> Path:
    """A private key as ssh-keygen makes it."""
    path = tmp_path / "seal_ssh"
    assert 0 == run(tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", path).returncode
    return path


def test_openssl_verifies_the_signature(openssl_key: Path, tmp_path: Path) -> None:
    """The last 64 bytes of the signature, over the text of the note; one letter changed and it fails."""
    signature = Signer.read(openssl_key).sign(TEXT, name=ORIGIN)
    public, text, value = tmp_path / "seal.pub", tmp_path / "text", tmp_path / "value"
    run(tool("openssl"), "pkey", "-in", openssl_key, "-pubout", "-out", public)
    value.write_bytes(signature.value)
    command = [tool("openssl"), "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin"]

    text.write_text(TEXT)
    assert "Signature Verified Successfully\n" == run(*command, "-in", text, "-sigfile", value).stdout
    text.write_text(TEXT.replace("3", "4", 1))
    assert 0 != run(*command, "-in", text, "-sigfile", value).returncode
    assert public.read_text() == Signer.read(openssl_key).public.pem()


@pytest.mark.parametrize("maker", ["openssl_key", "ssh_key"])
def test_ssh_keygen_verifies_the_signature(maker: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """In the armoured form, for the name and the purpose it was made for and no other; whichever tool made the key."""
    signer = Signer.read(request.getfixturevalue(maker))
    signers, signature = tmp_path / "allowed_signers", tmp_path / "text.sig"
    signers.write_text(f'{ORIGIN} namespaces="{NAMESPACE}" {signer.public.openssh()}\n')
    signature.write_text(signer.ssh_signature(TEXT))

    def verified(text: str, *, name: str = ORIGIN, purpose: str = NAMESPACE) -> bool:
        command = [tool("ssh-keygen"), "-Y", "verify", "-f", signers, "-I", name, "-n", purpose, "-s", signature]
        return run(*command, stdin=text).returncode == 0

    assert verified(TEXT)
    assert not verified(TEXT.replace("3", "4", 1))
    assert not verified(TEXT, name="example.jp/others")
    assert not verified(TEXT, purpose="git")


def test_the_signature_is_that_of_ssh_keygen(ssh_key: Path, tmp_path: Path) -> None:
    """Ed25519 has one signature for a key and a text: ``ssh-keygen -Y sign`` writes the same file."""
    text = tmp_path / "text"
    text.write_text(TEXT)
    assert 0 == run(tool("ssh-keygen"), "-q", "-Y", "sign", "-f", ssh_key, "-n", NAMESPACE, text).returncode

    assert (tmp_path / "text.sig").read_text() == Signer.read(ssh_key).ssh_signature(TEXT)
    assert (tmp_path / "seal_ssh.pub").read_text().startswith(Signer.read(ssh_key).public.openssh() + " ")


def test_a_signed_checkpoint(openssl_key: Path) -> None:
    """Its signature is known by the key, under the origin as name, and holds."""
    signer = Signer.read(openssl_key)
    sealed = Seal(Checkpoint(ORIGIN, 3, bytes(32)), (signer.sign(TEXT, name=ORIGIN),))
    back = Seal.parse(sealed.encode())

    assert sealed == back
    assert signer.public.knows(back.signatures[0])
    assert signer.public.verify(back.checkpoint.text.encode(), back.signatures[0].value)


def test_an_encrypted_key_of_openssl(openssl_key: Path, tmp_path: Path) -> None:
    """It is opened with its passphrase; without one, or with a wrong one, an error says so."""
    locked = tmp_path / "locked.pem"
    run(tool("openssl"), "pkey", "-in", openssl_key, "-aes256", "-passout", "pass:open", "-out", locked)

    assert Signer.read(openssl_key).public == Signer.read(locked, passphrase=b"open").public
    with pytest.raises(InputError, match="encrypted and no passphrase") as caught:
        Signer.read(locked)
    assert str(locked) == caught.value.file
    with pytest.raises(InputError, match="passphrase is wrong"):
        Signer.read(locked, passphrase=b"close")


def test_a_passphrase_without_need(openssl_key: Path, ssh_key: Path) -> None:
    """A key that is not encrypted is read all the same: the passphrase may be set for another one."""
    for path in (openssl_key, ssh_key):
        assert Signer.read(path).public == Signer.read(path, passphrase=b"open").public


def test_an_encrypted_key_of_ssh_keygen(tmp_path: Path) -> None:
    """Opening one takes a package more, which the error names; without a passphrase an error says so."""
    path = tmp_path / "locked"
    run(tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "open", "-f", path)

    with pytest.raises(InputError, match="encrypted and no passphrase"):
        Signer.read(path)
    try:
        import bcrypt  # noqa: F401
    except ModuleNotFoundError:
        with pytest.raises(InputError, match="pip install bcrypt"):
            Signer.read(path, passphrase=b"open")
    else:
        assert Signer.read(path, passphrase=b"open").public.openssh() in path.with_suffix(".pub").read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no private key"),
        (b"hello", "no private key"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "damaged"),
    ],
)
def test_what_is_no_private_key(tmp_path: Path, content: bytes, said: str) -> None:
    """An error names the file and what is wrong."""
    path = tmp_path / "key"
    path.write_bytes(content)

    with pytest.raises(InputError, match=said) as caught:
        Signer.read(path)
    assert str(path) == caught.value.file


def test_a_key_of_another_kind(tmp_path: Path) -> None:
    """Only Ed25519 signs seals."""
    pem, ssh = tmp_path / "ec.pem", tmp_path / "ec_ssh"
    run(tool("openssl"), "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", pem)
    run(tool("ssh-keygen"), "-q", "-t", "ecdsa", "-N", "", "-f", ssh)

    for path in (pem, ssh):
        with pytest.raises(InputError, match="of another kind"):
            Signer.read(path)


def test_a_missing_key_file(tmp_path: Path) -> None:
    """It is unavailable."""
    with pytest.raises(Unavailable, match="cannot be read"):
        Signer.read(tmp_path / "none.pem")


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_name_that_no_key_can_have(openssl_key: Path, name: str) -> None:
    """Nothing is signed under it."""
    with pytest.raises(InputError, match="cannot name a key"):
        Signer.read(openssl_key).sign(TEXT, name=name)


def test_signing_without_the_extra(openssl_key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "cryptography":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'shuroflow\[seal\]'"):
        Signer.read(openssl_key)


def test_another_missing_module_is_not_hidden(openssl_key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation of ``cryptography`` is told as it is."""
    real = builtins.__import__

    def broken(name: str, *rest: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "cryptography":
            raise ModuleNotFoundError("No module named '_cffi_backend'", name="_cffi_backend")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(ModuleNotFoundError, match="_cffi_backend"):
        Signer.read(openssl_key)
