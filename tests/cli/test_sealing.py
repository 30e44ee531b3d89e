"""``shuroflow seal``, ``verify`` and ``prove``: every option, every outcome, every error."""

from __future__ import annotations

import builtins
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from shuroflow.cli import sealing
from shuroflow.seal import Seal, standalone
from shuroflow.storage import open_journal
from shuroflow.verification.journals.events import example, examples
from tests.cli.calls import call, one_line
from tests.seal.journals import ORIGIN, OTHER, SIGNER, STORES, bodies, edited, made, overwrite

PRIVATE = "seal.pem"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a journal and a pair of keys."""
    from cryptography.hazmat.primitives import serialization

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(sealing.PASSPHRASE, raising=False)
    made("jsonl", tmp_path)
    key = SIGNER._private
    plain, pkcs8 = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    locked = serialization.BestAvailableEncryption(b"open")
    Path(PRIVATE).write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    Path("locked.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, locked))
    Path("seal.pub").write_text(SIGNER.public.pem())
    Path("other.pub").write_text(OTHER.public.openssh())
    return tmp_path


def good(*args: object) -> Result:
    """A call that must succeed."""
    result = call(*args)
    assert 0 == result.exit_code, result.output
    return result


def seal(*more: object, output: str = "c.checkpoint") -> Seal:
    """The checkpoint that the command writes."""
    good("seal", "cases.jsonl", "-o", output, "--name", ORIGIN, *more)
    return Seal.read(output)


def add(case: str = "A-1", seq: int = 4) -> None:
    """One more event in the journal."""
    with open_journal("cases.jsonl") as journal:
        journal.append(case, [example(case, seq)], expected=seq - 1)


# seal -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
def test_seal(store: str, folder: Path) -> None:
    """A signed checkpoint in a new file; its key is told."""
    source = made(store, folder, name="more")
    result = good("seal", source, "-o", "c.checkpoint", "--key", PRIVATE, "--name", ORIGIN)
    one = Seal.read("c.checkpoint")

    assert (ORIGIN, 9, 1) == (one.checkpoint.origin, one.checkpoint.size, len(one.signatures))
    assert f"封印 9 件: c.checkpoint\n公開鍵: {SIGNER.public.vkey(ORIGIN)}\n" == result.stdout
    assert "" == result.stderr


def test_seal_to_standard_output(folder: Path) -> None:
    """The checkpoint alone, byte for byte; without a key a line on standard error warns."""
    result = good("seal", "cases.jsonl", "--name", ORIGIN)

    assert seal(output="same").encode().decode() == result.stdout
    assert "注意: 署名がありません" in result.stderr
    assert "note: not signed" in good("--lang", "en", "seal", "cases.jsonl", "-o", "-").stderr


@pytest.mark.parametrize(
    ("source", "origin"),
    [("a b+c.jsonl", "shuroflow/a-b-c.jsonl"), ("sqlite:///cases.db", "shuroflow/cases.db")],
)
def test_a_journal_without_a_name_is_named_by_its_file(folder: Path, source: str, origin: str) -> None:
    """As far as a key can have that name."""
    open_journal(source, create=True).close()

    assert origin == good("seal", source, "--key", PRIVATE).stdout.splitlines()[0]


def test_the_name_of_a_database_holds_no_password() -> None:
    """Only its path."""
    assert "shuroflow/cases" == sealing._origin("postgresql+psycopg://me:secret@db.example.jp/cases?sslmode=require")


def test_seal_after_a_checkpoint(folder: Path) -> None:
    """The name is that of the checkpoint before, which must still hold: otherwise status 1 and no file."""
    seal()
    add()
    good("seal", "cases.jsonl", "--after", "c.checkpoint", "-o", "d.checkpoint")
    assert (ORIGIN, 10) == (Seal.read("d.checkpoint").checkpoint.origin, Seal.read("d.checkpoint").checkpoint.size)

    overwrite("cases.jsonl", bodies("cases.jsonl")[:-2])
    result = call("seal", "cases.jsonl", "--after", "d.checkpoint", "-o", "e.checkpoint")
    assert (1, "", False) == (result.exit_code, result.stdout, Path("e.checkpoint").exists())
    assert 1 == len(result.stderr.splitlines())
    assert "記録簿に壊れた箇所があります" in result.stderr
    assert "sealed 10 events, the journal holds 8" in result.stderr


def test_seal_for_ssh_keygen(folder: Path) -> None:
    """The signature of OpenSSH goes beside the checkpoint, over its text."""
    one = seal("--key", PRIVATE, "--ssh-signature")

    assert SIGNER.ssh_signature(one.checkpoint.text) == Path("c.checkpoint.sig").read_text()


def test_a_key_with_a_passphrase(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken from the environment, and never from the command line."""
    assert "locked.pem: the key is encrypted" in one_line(call("seal", "cases.jsonl", "--key", "locked.pem"))
    monkeypatch.setenv(sealing.PASSPHRASE, "shut")
    assert "passphrase is wrong" in one_line(call("seal", "cases.jsonl", "--key", "locked.pem"))
    monkeypatch.setenv(sealing.PASSPHRASE, "open")
    assert 1 == len(seal("--key", "locked.pem").signatures)


def test_no_file_is_overwritten(folder: Path) -> None:
    """Neither the checkpoint, nor the signature beside it, nor a proof; the name of a journal is refused."""
    seal()
    Path("d.sig").write_text("mine")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert "既にあります" in one_line(call("seal", "cases.jsonl", "-o", "c.checkpoint"))
    assert "既にあります" in one_line(call("seal", "cases.jsonl", "-o", "d", "--key", PRIVATE, "--ssh-signature"))
    proof = ("prove", "cases.jsonl", "A-1", "1", "--checkpoint", "c.checkpoint", "-o")
    assert "exists already" in one_line(call("--lang", "en", *proof, "seal.pub"))
    assert "named like a journal" in one_line(call("--lang", "en", *proof, "p.jsonl"))
    assert "記録簿の名前" in one_line(call("seal", "cases.jsonl", "-o", "d.JSONL"))
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_that_cannot_be_written_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: one line, and no half of a checkpoint."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in one_line(call("seal", "cases.jsonl", "-o", "c.checkpoint"))
    assert not Path("c.checkpoint").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("missing.jsonl",), "no such file"),
        ((".",), "is a folder"),
        (("cases.jsonl", "--key", "missing.pem"), "missing.pem: cannot be read"),
        (("cases.jsonl", "--key", "seal.pub"), "seal.pub: no private key"),
        (("cases.jsonl", "--key", PRIVATE, "--name", "two words"), "cannot name a key"),
        (("cases.jsonl", "--name", ""), ""),
        (("cases.jsonl", "--after", "cases.jsonl"), "cases.jsonl"),
        (("cases.jsonl", "--after", "missing"), "missing: cannot be read"),
        (("cases.jsonl", "--after", "c.checkpoint", "--name", "example.jp/else"), "one journal has one origin"),
        (("cases.jsonl", "--ssh-signature", "--key", PRIVATE), "needs --key and -o"),
        (("cases.jsonl", "--ssh-signature", "-o", "d"), "needs --key and -o"),
        (("cases.jsonl", "-o", "none/d"), "none/d"),
        ((), "SOURCE"),
    ],
)
def test_what_seal_cannot_use(folder: Path, args: tuple[str, ...], said: str) -> None:
    """One line on standard error, status 2; an empty name is none."""
    seal()
    result = call("--lang", "en", "seal", *args)
    if args == ("cases.jsonl", "--name", ""):
        assert 0 == result.exit_code
        return

    assert said in one_line(result)


def test_sealing_without_the_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said; without a key nothing more is needed, and verifying never needs it."""
    seal("--key", PRIVATE)
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "cryptography":
            raise ModuleNotFoundError(name, name=name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install 'shuroflow[seal]'" in one_line(call("seal", "cases.jsonl", "--key", PRIVATE))
    good("seal", "cases.jsonl")
    good("verify", "cases.jsonl", "--checkpoint", "c.checkpoint", "--key", "seal.pub")


# verify ---------------------------------------------------------------------------------------------------------------


def test_verify(folder: Path) -> None:
    """What is proven and what is not, in Japanese by default."""
    seal("--key", PRIVATE)
    add("B-1")
    result = good("verify", "cases.jsonl", "--checkpoint", "c.checkpoint", "--key", "seal.pub")

    assert "" == result.stderr
    assert [
        "検証 cases.jsonl: 10 件",
        "証明されたこと:",
        "  - 最初の 9 件(3 ケース)は、封印 c.checkpoint のときの記録とまったく同じである",
        f"  - 封印 c.checkpoint の署名は、鍵 {ORIGIN}+{SIGNER.public.key_id(ORIGIN).hex()} によるものである",
        "証明されないこと:",
        "  - 10 件目から 10 件目まで(1 件、1 ケース: B-1)は封印の後の記録である。"
        "前の記録のハッシュ値でつながっているだけで、書き込める者は作り直すことができる。次の封印で証明される",
        f"  - 封印 c.checkpoint は、記録簿 {ORIGIN} のものと称している。その名は指定されていないため確かめていない",
        "結果: 上記の範囲で証明された",
    ] == result.stdout.splitlines()


def test_verify_in_english(folder: Path) -> None:
    """The same in English."""
    seal()
    lines = good("--lang", "en", "verify", "cases.jsonl", "--checkpoint", "c.checkpoint").stdout.splitlines()

    assert ["Checked cases.jsonl: 9 events", "Proven:"] == lines[:2]
    assert "Result: proven, as far as said above" == lines[-1]


def test_verify_as_json(folder: Path) -> None:
    """Codes and values for other programs, to a file if asked for."""
    seal()
    good("verify", "cases.jsonl", "--checkpoint", "c.checkpoint", "--format", "json", "-o", "v.json", "--lang", "en")
    report = json.loads(Path("v.json").read_text(encoding="utf-8"))

    assert ("cases.jsonl", True, 9, 9) == (report["source"], report["proven"], report["events"], report["sealed"])
    assert ["events_unchanged", "nothing_after", "origin_unchecked", "not_signed"] == (
        [each["code"] for each in report["facts"]]
    )
    assert {"checkpoint": "c.checkpoint", "count": 9, "cases": 3} == report["facts"][0]["values"]


def test_several_checkpoints_tell_from_where_on(folder: Path) -> None:
    """The one that still holds, and the first that does not."""
    seal(output="1")
    add()
    add("B-1")
    seal(output="2")
    whole = bodies("cases.jsonl")
    overwrite("cases.jsonl", [*whole[:-1], edited(whole[-1], note="else")])
    result = call("--lang", "en", "verify", "cases.jsonl", "--checkpoint", "2", "--checkpoint", "1")

    assert 1 == result.exit_code
    assert "the first 9 events (of 3 cases) are exactly those that 1 sealed" in result.stdout
    assert "the first 11 events are not those that 2 sealed" in result.stdout
    assert "the difference lies in events 10 to 11" in result.stdout
    assert "Result: not proven" in result.stdout


@pytest.mark.parametrize(("key", "status"), [("seal.pub", 0), ("other.pub", 1)])
def test_keys(folder: Path, key: str, status: int) -> None:
    """A file or a verifier key; the wrong one proves nothing."""
    seal("--key", PRIVATE)
    of = SIGNER if status == 0 else OTHER
    for given in (key, of.public.vkey(ORIGIN)):
        result = call("verify", "cases.jsonl", "--checkpoint", "c.checkpoint", "--key", given)
        assert status == result.exit_code
    assert (
        0 == call("verify", "cases.jsonl", "--checkpoint", "c.checkpoint", "--key", key, "--key", "seal.pub").exit_code
    )


@pytest.mark.parametrize("store", STORES)
def test_a_damaged_journal_is_not_proven(store: str, folder: Path) -> None:
    """That it cannot be read is an answer, and where: status 1."""
    source = made(store, folder, name="more")
    good("seal", source, "-o", "c", "--name", ORIGIN)
    whole = bodies(source)
    overwrite(source, [*whole[:4], edited(whole[4], seq=7), *whole[5:]])
    result = call("--lang", "en", "verify", source, "--checkpoint", "c")

    assert (1, "") == (result.exit_code, result.stderr)
    assert "Contradicted:" in result.stdout


@pytest.mark.parametrize(
    "content",
    [b"hello\n", b"hello", b"\n\n", b'{"name": "x"}\n', b"\x00\xff\n" * 9, b"SQLite format 3\0", b"[1]\n" * 9],
)
@pytest.mark.parametrize("command", ["verify", "seal", "prove", "continue", "check"])
def test_a_file_that_is_no_journal(command: str, content: bytes, folder: Path) -> None:
    """That is a call that cannot be used, and no verdict on a journal: status 2, one line, nothing written."""
    seal()
    good("prove", "cases.jsonl", "A-1", "1", "--checkpoint", "c.checkpoint", "-o", "p")
    Path("x.jsonl").write_bytes(content)
    before = sorted(Path().iterdir())
    calls: dict[str, tuple[str, ...]] = {
        "verify": ("verify", "x.jsonl", "--checkpoint", "c.checkpoint"),
        "seal": ("seal", "x.jsonl", "-o", "new"),
        "prove": ("prove", "x.jsonl", "A-1", "1", "--checkpoint", "c.checkpoint", "-o", "new"),
        "continue": ("prove", "x.jsonl", "--after", "c.checkpoint", "--checkpoint", "c.checkpoint", "-o", "new"),
        "check": ("verify", "x.jsonl", "--proof", "p"),
    }
    result = call("--lang", "en", *calls[command])

    assert "x.jsonl: is no journal" in one_line(result)
    assert "" == result.stdout
    assert before == sorted(Path().iterdir())
    assert content == Path("x.jsonl").read_bytes()


@pytest.mark.parametrize("command", ["verify", "seal"])
def test_a_file_that_is_no_database(command: str, folder: Path) -> None:
    """The same of a database, and of one that holds no journal."""
    seal()
    Path("x.db").write_text("hello " * 99)
    sqlite3.connect("y.db").executescript("CREATE TABLE x (y); INSERT INTO x VALUES (1)").connection.close()
    for name, said in (("x.db", "no SQLite database"), ("y.db", "holds no journal")):
        more = ("--checkpoint", "c.checkpoint") if command == "verify" else ("-o", "new")
        assert said in one_line(call("--lang", "en", command, f"sqlite:///{name}", *more))
    assert not Path("new").exists()


@pytest.mark.parametrize("left", [b'{"case_id"', b'broken\n{"case_id":1\n'])
def test_what_is_left_of_a_journal(left: bytes, folder: Path) -> None:
    """However little is left: it was a journal, and what is gone of it is an answer, status 1."""
    seal()
    Path("cases.jsonl").write_bytes(left)
    result = call("--lang", "en", "verify", "cases.jsonl", "--checkpoint", "c.checkpoint")

    assert (1, "") == (result.exit_code, result.stderr)
    assert "Contradicted:" in result.stdout


def test_an_empty_file_is_a_journal(folder: Path) -> None:
    """Nothing was recorded in it yet; against a checkpoint of more, that is a contradiction."""
    seal()
    Path("cases.jsonl").write_bytes(b"")
    assert 1 == call("verify", "cases.jsonl", "--checkpoint", "c.checkpoint").exit_code
    assert 0 == seal(output="empty").checkpoint.size


def test_the_verifier_in_one_file(folder: Path) -> None:
    """It is written out as it stands, and runs."""
    seal()
    good("verify", "--standalone", "-o", "check.py")
    source = Path(standalone.__file__).read_text(encoding="utf-8")

    assert source == Path("check.py").read_text(encoding="utf-8") == good("verify", "--standalone").stdout
    command = [sys.executable, "-I", "check.py", "cases.jsonl", "--checkpoint", "c.checkpoint", "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.endswith("Result: proven, as far as said above\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "SOURCE and --checkpoint are needed"),
        (("cases.jsonl",), "SOURCE and --checkpoint are needed"),
        (("--checkpoint", "c.checkpoint"), "SOURCE and --checkpoint are needed"),
        (("--standalone", "cases.jsonl"), "goes with -o alone"),
        (("missing.jsonl", "--checkpoint", "c.checkpoint"), "no such file"),
        (("cases.jsonl", "--checkpoint", "missing"), "missing: cannot be read"),
        (("cases.jsonl", "--checkpoint", "cases.jsonl"), "cases.jsonl"),
        (("cases.jsonl", "--checkpoint", "seal.pub"), "seal.pub:2: no checkpoint: the second line"),
        (("cases.jsonl", "--checkpoint", "c.checkpoint", "--key", "missing.pub"), "missing.pub: cannot be read"),
        (("cases.jsonl", "--checkpoint", "c.checkpoint", "--key", PRIVATE), "a private key"),
        (("cases.jsonl", "--checkpoint", "c.checkpoint", "--key", "c.checkpoint"), "no public key"),
        (("--proof", "missing"), "missing: cannot be read"),
        (("--proof", "c.checkpoint"), "c.checkpoint: no proof"),
        (("cases.jsonl", "--checkpoint", "c.checkpoint", "-o", "cases.jsonl"), "cases.jsonl"),
    ],
)
def test_what_verify_cannot_use(folder: Path, args: tuple[str, ...], said: str) -> None:
    """One line on standard error, status 2, and the journal as it was."""
    seal()
    before = Path("cases.jsonl").read_bytes()

    assert said in one_line(call("--lang", "en", "verify", *args))
    assert before == Path("cases.jsonl").read_bytes()


# prove ----------------------------------------------------------------------------------------------------------------


def test_prove_an_event(folder: Path) -> None:
    """A file that is checked without the journal, and with it."""
    seal("--key", PRIVATE)
    add()
    result = good("prove", "cases.jsonl", "B-1", "2", "--checkpoint", "c.checkpoint", "-o", "p.tlog-proof")
    assert "証明書: p.tlog-proof\n" == result.stdout

    shown = good("--lang", "en", "verify", "--proof", "p.tlog-proof", "--key", "seal.pub").stdout
    assert "event 2 of case B-1 is number 4 of the 9 events that are sealed, unchanged" in shown
    assert shown.endswith("Result: proven, as far as said above\n")
    assert "c2sp.org/tlog-proof@v1\nextra " == Path("p.tlog-proof").read_text()[:29]
    good("verify", "cases.jsonl", "--proof", "p.tlog-proof", "--checkpoint", "c.checkpoint")
    good("verify", "--proof", "p.tlog-proof", "--checkpoint", "c.checkpoint")
    assert 1 == call("verify", "--proof", "p.tlog-proof", "--key", "other.pub").exit_code
    report = json.loads(good("verify", "--proof", "p.tlog-proof", "--key", "seal.pub", "--format", "json").stdout)
    assert ("p.tlog-proof", "event_sealed") == (report["source"], report["facts"][0]["code"])


def test_a_proof_without_its_event(folder: Path) -> None:
    """It is checked with the journal that holds it; one that was changed is not proven."""
    seal()
    good("prove", "cases.jsonl", "B-1", "2", "--checkpoint", "c.checkpoint", "-o", "p", "--without-event")

    assert "extra" not in Path("p").read_text()
    good("verify", "cases.jsonl", "--proof", "p", "--checkpoint", "c.checkpoint")
    assert "name the journal" in one_line(call("verify", "--proof", "p"))
    whole = bodies("cases.jsonl")
    overwrite("cases.jsonl", [*whole[:3], edited(whole[3], note="else"), *whole[4:]])
    result = call("--lang", "en", "verify", "cases.jsonl", "--proof", "p")
    assert 1 == result.exit_code
    assert "the event is not the one that is sealed as number 4" in result.stdout
    overwrite("cases.jsonl", whole[:3])
    assert "holds fewer events than the 4" in one_line(call("verify", "cases.jsonl", "--proof", "p"))
    Path("cases.jsonl").write_bytes(b'{"case_id":1}\n' * 9)
    assert 1 == call("verify", "cases.jsonl", "--proof", "p").exit_code


def test_prove_that_a_checkpoint_continues_another(folder: Path) -> None:
    """Whoever has the earlier one checks it without the journal."""
    seal(output="1")
    add()
    seal(output="2")
    good("prove", "cases.jsonl", "--after", "1", "--checkpoint", "2", "-o", "p")

    shown = good("--lang", "en", "verify", "--proof", "p", "--checkpoint", "1").stdout
    assert "p (10 events) contains the events of the earlier 1 (9) unchanged" in shown
    assert "the earlier checkpoint, of 9 events, is needed" in one_line(call("verify", "--proof", "p"))
    Path("other").write_bytes(Path("1").read_bytes().replace(Seal.read("1").encode()[-46:-2], b"A" * 43 + b"="))
    assert 1 == call("verify", "--proof", "p", "--checkpoint", "other").exit_code


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (("Z-9", "1"), 2, "no case 'Z-9'"),
        (("A-1", "9"), 2, "the case has no event 9"),
        (("A-1", "4"), 2, "the checkpoint seals 9: seal it anew first"),
        (("A-1",), 2, "either CASE and SEQ, or --after"),
        ((), 2, "either CASE and SEQ, or --after"),
        (("A-1", "1", "--after", "c.checkpoint"), 2, "either CASE and SEQ, or --after"),
        (("A-1", "zero"), 2, "'zero' is not a valid integer"),
        (("--after", "missing"), 2, "missing: cannot be read"),
    ],
)
def test_what_prove_cannot_use(folder: Path, args: tuple[str, ...], status: int, said: str) -> None:
    """One line on standard error, and no file."""
    seal()
    add()

    assert said in one_line(
        call("--lang", "en", "prove", "cases.jsonl", *args, "--checkpoint", "c.checkpoint", "-o", "p")
    )
    assert not Path("p").exists()


def test_no_proof_from_a_changed_journal(folder: Path) -> None:
    """Status 1: it is not what was sealed."""
    seal()
    overwrite("cases.jsonl", bodies("cases.jsonl")[:5])
    result = call("prove", "cases.jsonl", "A-1", "1", "--checkpoint", "c.checkpoint", "-o", "p")

    assert (1, "", False) == (result.exit_code, result.stdout, Path("p").exists())
    assert "the journal holds 5" in result.stderr


# Long work ------------------------------------------------------------------------------------------------------------


def test_progress_is_shown_to_a_person(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says what is done, and is taken away at the end."""
    told: list[tuple[int, int | None]] = []

    class Watched(sealing.Meter):
        def __call__(self, done: int, total: int | None) -> None:
            told.append((done, total))
            self._write(self._said[0].format(done))

    monkeypatch.setattr(sealing, "Meter", Watched)
    with open_journal("cases.jsonl") as journal:
        journal.append("A-1", examples("A-1", 1000, after=3), expected=3)
    result = good("seal", "cases.jsonl", "-o", "c.checkpoint")

    assert [(1000, 1009)] == told
    assert "封印中 1000 件" in result.stderr


# What a review has found ----------------------------------------------------------------------------------------------


def test_a_proof_alone_is_not_proven(folder: Path) -> None:
    """Anybody can make one up: status 1, and what to give."""
    seal("--key", PRIVATE)
    good("prove", "cases.jsonl", "B-1", "2", "--checkpoint", "c.checkpoint", "-o", "p")

    for more in ((), ("cases.jsonl",)):
        result = call("--lang", "en", "verify", *more, "--proof", "p")
        assert 1 == result.exit_code
        assert "nothing from elsewhere anchors this proof: give --checkpoint or --key" in result.stdout


def test_a_continuation_is_checked_without_a_journal(folder: Path) -> None:
    """A journal beside it would not be looked at: status 2."""
    seal(output="1")
    add()
    seal(output="2")
    good("prove", "cases.jsonl", "--after", "1", "--checkpoint", "2", "-o", "p")

    said = one_line(call("verify", "cases.jsonl", "--proof", "p", "--checkpoint", "1"))
    assert "a continuation is checked without a journal" in said


def test_the_name_that_a_checkpoint_must_have(folder: Path) -> None:
    """Another one: status 1."""
    seal()

    good("verify", "cases.jsonl", "--checkpoint", "c.checkpoint", "--name", ORIGIN)
    assert 1 == call("verify", "cases.jsonl", "--checkpoint", "c.checkpoint", "--name", "example.jp/b").exit_code


@pytest.mark.parametrize("output", ["c.checkpoint", "link", "seal.pub", "other.pub", PRIVATE, "p", "spare"])
def test_a_report_never_replaces_evidence(folder: Path, output: str) -> None:
    """Neither what is checked, under whatever name, nor another seal, proof or key; a report may be replaced."""
    seal("--key", PRIVATE)
    seal(output="spare")
    os.link("c.checkpoint", "link")
    good("prove", "cases.jsonl", "B-1", "2", "--checkpoint", "c.checkpoint", "-o", "p")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    inputs = ("cases.jsonl", "--checkpoint", "c.checkpoint", "--key", "seal.pub")

    assert output in one_line(call("verify", *inputs, "-o", output))
    assert output in one_line(call("verify", "--standalone", "-o", output))
    assert output in one_line(call("seal", "cases.jsonl", "-o", output))
    assert output in one_line(call("prove", "cases.jsonl", "A-1", "1", "--checkpoint", "c.checkpoint", "-o", output))
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}
    for _ in range(2):
        good("verify", *inputs, "-o", "report.txt")


def test_what_is_no_utf8(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name, a path or a passphrase that the shell gave as other bytes: one line, no traceback."""
    assert "UTF-8" in one_line(call("seal", "cases.jsonl", "--name", "x\udcff"))
    one_line(call("seal", "cases.jsonl", "--name", "x\udcff", "--key", PRIVATE))
    one_line(call("seal", "c\udcff.jsonl"))
    one_line(call("seal", "c\udcff.jsonl", "--key", PRIVATE))
    monkeypatch.setenv(sealing.PASSPHRASE, "\udcff")
    assert "passphrase is wrong" in one_line(call("seal", "cases.jsonl", "--key", "locked.pem"))


def test_a_torn_end_is_told(folder: Path) -> None:
    """By all three: a fact of the verdict, a line on standard error."""
    seal()
    with open("cases.jsonl", "ab") as file:
        file.write(b'{"case_id"')

    assert "from line 10 on" in good("--lang", "en", "verify", "cases.jsonl", "--checkpoint", "c.checkpoint").stdout
    assert "10 bytes from line 10" in good("--lang", "en", "seal", "cases.jsonl").stderr
    prove = ("prove", "cases.jsonl", "A-1", "1", "--checkpoint", "c.checkpoint", "-o", "p")
    assert "10 bytes from line 10" in good("--lang", "en", *prove).stderr


def test_a_journal_damaged_in_the_middle(folder: Path) -> None:
    """The right event is named, and what is sealed before it still holds."""
    seal(output="1")
    add()
    seal(output="2")
    lines = Path("cases.jsonl").read_bytes().splitlines(keepends=True)
    Path("cases.jsonl").write_bytes(b"".join([*lines[:9], b"broken\n", lines[9]]))
    result = call("--lang", "en", "verify", "cases.jsonl", "--checkpoint", "1", "--checkpoint", "2")

    assert 1 == result.exit_code
    assert "event number 10 cannot be read" in result.stdout
    assert "the first 9 events (of 3 cases) are exactly those that 1 sealed" in result.stdout
