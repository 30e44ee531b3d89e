"""The verifier in one file: what it cannot use is told in one line, with exit status 2."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from shuroflow.errors import InputError
from shuroflow.seal import Seal, seal, standalone
from shuroflow.storage import open_journal
from tests.seal.alone import check, written
from tests.seal.bad import BAD, GOOD
from tests.seal.journals import ORIGIN, OTHER, SIGNER, STORES, made, sealed, source_of


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello\n", "no checkpoint"),
        (b"", "no checkpoint"),
        (b"\xff\n1\n", "no checkpoint"),
        (b"a\n-1\n" + b"A" * 43 + b"=\n", "no checkpoint"),
        (b"a\none\n" + b"A" * 43 + b"=\n", "no checkpoint"),
        (b"a\n1\nAAAA\n", "no checkpoint"),
        (b"a\n1\n" + b"A" * 43 + b"=\n\n- a AAAAAAAA\n", "no checkpoint"),
        (b"a\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 a AAAA\n", "no checkpoint"),
    ],
)
def test_what_is_no_checkpoint(content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and one line that names the file."""
    source = made("jsonl", tmp_path)
    (tmp_path / "c").write_bytes(content)
    status, text = check(capsys, source, "--checkpoint", str(tmp_path / "c"))

    assert 2 == status
    assert text.startswith(f"error: {tmp_path / 'c'}: {said}")
    assert 1 == len(text.splitlines())


@pytest.mark.parametrize(
    "key", ["hello", "a+b+c", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
)
def test_what_is_no_key(key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2."""
    source = made("jsonl", tmp_path)
    file = written(tmp_path, sealed(source))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    for one in (key, str(tmp_path / "binary")):
        status, text = check(capsys, source, "--checkpoint", file, "--key", one)
        assert (2, f"error: {one}: no public Ed25519 key (PEM, OpenSSH or verifier key)\n") == (status, text)


def test_what_is_no_journal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, a database of something else; a wrong call."""
    source = made("jsonl", tmp_path)
    file, other = written(tmp_path, sealed(source)), tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE t (x)")
    db.close()

    for journal, said in ((str(tmp_path / "none.jsonl"), "No such file"), (str(other), "holds no journal")):
        status, text = check(capsys, journal, "--checkpoint", file)
        assert (2, True) == (status, said in text)
    assert 2 == check(capsys, source)[0]
    assert (0, True) == (check(capsys, "--help")[0], True)


@pytest.mark.parametrize("store", STORES)
def test_an_empty_journal(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its checkpoint holds, of it and of everything."""
    source = source_of(store, tmp_path)
    with open_journal(source, create=True) as journal:
        file = written(tmp_path, seal(journal, origin=ORIGIN))

    assert 0 == check(capsys, source, "--checkpoint", file)[0]


@pytest.mark.parametrize("name", BAD)
def test_both_verifiers_refuse_the_same_checkpoints(name: str, tmp_path: Path) -> None:
    """One is as strict as the other; the good one beside them is read by both."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(GOOD, encoding="utf-8", newline="")
    bad.write_bytes(BAD[name])

    assert Seal.read(good).checkpoint.root == standalone.Checkpoint(str(good)).root
    with pytest.raises(InputError):
        Seal.read(bad)
    with pytest.raises(standalone.Unusable):
        standalone.Checkpoint(str(bad))


def test_a_file_of_two_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both count, in either order and with remarks between; a block that does not end is refused."""
    source, path = made("jsonl", tmp_path), tmp_path / "keys.pem"
    file = written(tmp_path, sealed(source, signer=SIGNER))
    for keys in ([SIGNER, OTHER], [OTHER, SIGNER]):
        path.write_text("a remark\n".join(key.public.pem() for key in keys))
        assert 0 == check(capsys, source, "--checkpoint", file, "--key", str(path))[0]
    path.write_text(OTHER.public.pem() + SIGNER.public.pem().partition("-----END")[0])
    assert 2 == check(capsys, source, "--checkpoint", file, "--key", str(path))[0]
