"""Papers kept apart: what a commitment binds and hides, and the store in a folder."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from shuroflow.errors import Damaged, InputError, Retained, Unavailable
from shuroflow.seal import check_proof, prove, seal, verify
from shuroflow.storage import JsonlJournal, open_journal
from shuroflow.storage.annexes import Act, Annex, Disposed, Held, Kept, Label, Ledger, commitment_of, open_annexes
from shuroflow.storage.annexfolder import FolderAnnexes
from shuroflow.storage.annexlog import act_from, act_to
from shuroflow.storage.codec import leaf_hash
from shuroflow.verification.journals.events import examples
from tests.storage.annex_cases import CLERK, DAY, DIRECTOR, PAPER, LocalAnnexCases, Opener, machine, oracle

salts = st.binary(min_size=32, max_size=32)
labels = st.builds(
    Label,
    case_id=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
    media_type=st.sampled_from(["application/pdf", "text/plain", "text/plain; charset=utf-8"]),
    keep_until=st.none() | st.dates(),
)


def open_folder(folder: Path) -> FolderAnnexes:
    """The store of the folder."""
    return FolderAnnexes(folder / "cases.annexes", create=True)


class TestFolder(LocalAnnexCases):
    """All promises, in a folder."""

    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        """Opens the store of the folder of the test."""
        return partial(open_folder, tmp_path)


TestFolderMachine = machine(open_folder, durable=True, rounds=30).TestCase


# The scheme -----------------------------------------------------------------------------------------------------------


@given(content=st.binary(max_size=100), salt=salts, label=labels)
def test_the_scheme(content: bytes, salt: bytes, label: Label) -> None:
    """The commitment is HMAC-SHA-256 over the message that the documentation describes."""
    assert oracle(content, salt=salt, **attrs.asdict(label)) == commitment_of(content, salt=salt, label=label)


@given(paper=st.tuples(st.binary(max_size=20), salts, labels), other=st.tuples(st.binary(max_size=20), salts, labels))
def test_another_paper_has_another_commitment(
    paper: tuple[bytes, bytes, Label], other: tuple[bytes, bytes, Label]
) -> None:
    """Two papers that differ in content, salt or label never share a commitment."""
    assume(paper != other)

    assert commitment_of(paper[0], salt=paper[1], label=paper[2]) != commitment_of(
        other[0], salt=other[1], label=other[2]
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("A", "text/plain", b"x"), ("At", "ext/plain", b"x")),
        (("A", "text/plain", b"x"), ("A", "text/plai", b"nx")),
        (("A", "text/plain2031-03-31", b""), ("A", "text/plain", b"2031-03-31")),
    ],
)
def test_nothing_moves_between_fields(one: tuple[str, str, bytes], other: tuple[str, str, bytes]) -> None:
    """Papers whose fields, written one after the other, are the same bytes have different commitments."""

    def made(case_id: str, media_type: str, content: bytes) -> str:
        return commitment_of(content, salt=bytes(32), label=Label(case_id=case_id, media_type=media_type))

    assert made(*one) != made(*other)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_salt_of_another_length(length: int) -> None:
    """A salt has 32 bytes: HMAC would fill up a shorter one, and two keys would then be one."""
    with pytest.raises(InputError, match="32 bytes"):
        commitment_of(b"", salt=bytes(length), label=Label(case_id="A", media_type="text/plain"))


def test_a_commitment_hides_what_can_be_guessed(tmp_path: Path) -> None:
    """Of a content with few possibilities, each can be tried: with the salt one fits, without it none does."""
    guesses = [f"障害等級 {grade}級".encode() for grade in range(1, 8)]
    label = Label(case_id="A-1", media_type="text/plain", keep_until=date(2031, 3, 31))
    with open_folder(tmp_path) as annexes:
        commitment = annexes.put("A-1", guesses[2], media_type="text/plain", keep_until=date(2031, 3, 31))
        found = annexes.get(commitment)
        assert isinstance(found, Annex)
        assert [2] == [
            at for at, guess in enumerate(guesses) if commitment == commitment_of(guess, salt=found.salt, label=label)
        ]
        annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    # Whoever has all that is left may take any of it for the salt.
    tries = {left[at : at + 32] for at in range(len(left) - 31)} | {bytes(32), bytes.fromhex(commitment)}
    hashes = {commitment_of(guess, salt=salt, label=label) for guess in guesses for salt in tries}
    hashes |= {hashlib.sha256(prefix + guess).hexdigest() for guess in guesses for prefix in (b"", b"\x00", b"A-1")}

    assert found.salt not in tries
    assert commitment not in hashes


# Proofs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cases.jsonl", "sqlite:///cases.db"])
def test_a_disposal_changes_no_leaf_and_no_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Events with commitments: stored bytes, leaf hashes, checkpoint and proofs stand after the papers are gone."""
    monkeypatch.chdir(tmp_path)
    with open_journal(name, create=True) as journal, open_annexes(name, create=True) as annexes:
        commitments = [annexes.put("A-1", PAPER, media_type="text/plain") for _ in range(5)]
        events = [
            attrs.evolve(event, commitment=commitment)
            for event, commitment in zip(examples("A-1", 5), commitments, strict=True)
        ]
        journal.append("A-1", events, expected=0)
        before = [record.body for record in journal.feed()]
        sealed = seal(journal, origin="example.jp/cases")
        proof = prove(journal, "A-1", 3, sealed=sealed)
        for commitment in commitments[1:4]:
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
        after = [record.body for record in journal.feed()]

        assert before == after
        assert [hashlib.sha256(b"\x00" + body).digest() for body in after] == [leaf_hash(body) for body in before]
        assert verify(journal, [sealed]).proven
        assert check_proof(proof, seals=[sealed]).proven
        assert sealed == seal(journal, origin="example.jp/cases")
        assert commitments == [event.commitment for event in journal.read("A-1")]
        assert [False, True, True, True, False] == [isinstance(annexes.get(each), Disposed) for each in commitments]


# The folder -----------------------------------------------------------------------------------------------------------


def file_of(annexes: FolderAnnexes, commitment: str) -> Path:
    """Where the paper lies."""
    return annexes.path / f"{commitment}.annex"


@given(at=st.integers(0), flip=st.integers(1, 255))
@example(at=0, flip=1)
@settings(max_examples=150)
def test_every_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, at: int, flip: int) -> None:
    """One changed byte anywhere in the file, of content, salt or label, and the paper is refused."""
    with open_folder(tmp_path_factory.mktemp("annexes")) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain", keep_until=date(2031, 3, 31))
        path = file_of(annexes, commitment)
        raw = bytearray(path.read_bytes())
        raw[at % len(raw)] ^= flip
        path.write_bytes(raw)
        for use in (annexes.get, annexes.check):
            with pytest.raises(Damaged, match=commitment):
                use(commitment)
        with pytest.raises(Damaged):
            annexes.dispose(commitment, on=date.max, by=CLERK, reason="期間満了")
        assert [] == annexes.log()
        assert path.exists()


def test_every_single_byte_of_a_paper(tmp_path: Path) -> None:
    """The same for each byte of one file in turn, cut off, added and put in another's place."""
    with open_folder(tmp_path) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain", keep_until=date(2031, 3, 31))
        path = file_of(annexes, commitment)
        raw = path.read_bytes()
        other = file_of(annexes, annexes.put("A-1", PAPER, media_type="text/plain")).read_bytes()
        changed = [raw[:at] + bytes([raw[at] ^ 32]) + raw[at + 1 :] for at in range(len(raw))]
        changed += [raw[:at] for at in range(len(raw))] + [raw + b"x", b"\n" + raw, other]
        for content in changed:
            path.write_bytes(content)
            with pytest.raises(Damaged):
                annexes.check(commitment)


def test_a_file_that_a_person_can_read(tmp_path: Path) -> None:
    """One line of JSON, then the content as it came; the log is JSON Lines with who, when and why."""
    salt = bytes(range(32))
    with FolderAnnexes(tmp_path / "cases.annexes", create=True, salts=lambda length: salt[:length]) as annexes:
        commitment = annexes.put("A-1", b"%PDF", media_type="application/pdf", keep_until=date(2031, 3, 31))
        head, _, content = file_of(annexes, commitment).read_bytes().partition(b"\n")
        annexes.hold("A-1", on=date(2030, 1, 5), by=DIRECTOR, reason="審査請求")
        log = (annexes.path / "log.jsonl").read_text(encoding="utf-8")

    facts = {"annex": 1, "case_id": "A-1", "keep_until": "2031-03-31", "media_type": "application/pdf"}
    assert (b"%PDF", {**facts, "salt": salt.hex()}) == (content, json.loads(head))
    assert (
        '{"act":"held","by":{"id":"dr-01","role":"director"},"case_id":"A-1","number":1,"on":"2030-01-05",'
        '"reason":"審査請求"}\n' == log
    )


def test_a_salt_is_never_used_twice(tmp_path: Path) -> None:
    """A source of salts that repeats itself is told, while the paper is there and after it is gone."""
    with FolderAnnexes(tmp_path / "annexes", create=True, salts=bytes) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        for _ in range(2):
            with pytest.raises(InputError, match="twice"):
                annexes.put("A-1", PAPER, media_type="text/plain")
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")


def test_a_crash_between_record_and_removal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disposal on record whose file stayed is told by check; a repeated order ends it, but not under a hold."""
    with open_folder(tmp_path) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", _fail)
            with pytest.raises(Unavailable, match="on record"):
                annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
        recorded = annexes.get(commitment)
        assert isinstance(recorded, Disposed)
        assert [] == list(annexes.kept())
        with pytest.raises(Damaged, match="still there"):
            annexes.check(commitment)
        held = annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        with pytest.raises(Retained) as caught:
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
        assert (held,) == caught.value.holds
        assert file_of(annexes, commitment).exists()
        annexes.release("A-1", on=DAY, by=DIRECTOR, reason="取下げ")
        assert recorded == annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了") == annexes.check(commitment)
        assert not file_of(annexes, commitment).exists()


def _fail(*_: object, **__: object) -> None:
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_paper_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A failure of the disk is one typed error; nothing is kept, nothing is left behind, and the next one works."""
    with open_folder(tmp_path) as annexes:
        with monkeypatch.context() as patched:
            patched.setattr(os, name, _fail)
            with pytest.raises(Unavailable, match="nothing was kept"):
                annexes.put("A-1", PAPER, media_type="text/plain")
        assert ["log.jsonl"] == [path.name for path in annexes.path.iterdir()]
        annexes.check(annexes.put("A-1", PAPER, media_type="text/plain"))


@pytest.mark.parametrize("name", ["fsync", "write", "short write"])
def test_an_order_that_cannot_be_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Without its record on the disk no paper goes; the store stops until it is opened again, and lost nothing."""
    with open_folder(tmp_path) as annexes:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        with monkeypatch.context() as patched:
            patched.setattr(os, name.rsplit(maxsplit=1)[-1], _fail if name != "short write" else _short)
            with pytest.raises(Unavailable, match="nothing was recorded"):
                annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
        with pytest.raises(Unavailable, match="open it again"):
            annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")
    with open_folder(tmp_path) as annexes:
        assert [] == annexes.log()
        assert isinstance(annexes.get(commitment), Annex)
        annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了")


_write = os.write


def _short(descriptor: int, block: bytes) -> int:
    return _write(descriptor, block[: len(block) // 2])


class Crash(BaseException):
    """The process dies here: nothing that would tidy up gets a chance."""


OPERATIONS = ("write", "fsync", "replace", "ftruncate", "unlink")


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), Crash()], ids=["error", "crash"])
def test_the_nth_operation_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> None:
    """Whichever file operation fails, or is the last: what was acknowledged stands, and every paper can be told of."""
    runs = 0
    for nth in range(1, 100):
        folder = tmp_path / str(nth)
        folder.mkdir()
        with monkeypatch.context() as patched:
            count = iter(range(1, 10_000))

            def counted(name: str, real: Any, count: Any = count, nth: int = nth) -> Any:
                def call(*args: Any, **kwargs: Any) -> Any:
                    if next(count) == nth:
                        if name == "write" and isinstance(fault, Crash):
                            real(args[0], bytes(args[1])[:7])
                        raise fault
                    return real(*args, **kwargs)

                return call

            for name in OPERATIONS:
                patched.setattr(os, name, counted(name, getattr(os, name)))
            kept, gone, entries, doubtful = _work(folder)
        runs += 1
        with open_folder(folder) as annexes:
            log = annexes.log()
            assert entries == log[: len(entries)]
            assert len(log) - len(entries) <= 1
            assert all(isinstance(annexes.check(commitment), Disposed) for commitment in gone)
            for commitment in kept - {doubtful}:
                assert isinstance(annexes.check(commitment), Kept)
            if doubtful is not None and not isinstance(annexes.get(doubtful), Annex):
                assert isinstance(annexes.dispose(doubtful, on=DAY, by=CLERK, reason="期間満了"), Disposed)
                assert isinstance(annexes.check(doubtful), Disposed)
            annexes.check(annexes.put("A-1", PAPER, media_type="text/plain"))
            annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
            assert [] == list(annexes.path.glob("*.part"))
        if doubtful is None and len(entries) == 4:
            break
    assert runs > 12


def _work(folder: Path) -> tuple[set[str], set[str], list[Act], str | None]:
    """Papers and orders until something fails: what was acknowledged, and the paper whose disposal was not."""
    kept: set[str] = set()
    gone: set[str] = set()
    entries: list[Act] = []
    doubtful: str | None = None
    try:
        with open_folder(folder) as annexes:
            for _ in range(2):
                kept.add(annexes.put("A-1", PAPER, media_type="text/plain"))
            entries.append(annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求"))
            entries.append(annexes.release("A-1", on=DAY, by=DIRECTOR, reason="取下げ"))
            for commitment in sorted(kept):
                doubtful = commitment
                entries.append(annexes.dispose(commitment, on=DAY, by=CLERK, reason="期間満了"))
                kept, gone, doubtful = kept - {commitment}, gone | {commitment}, None
    except (Unavailable, Crash):
        pass
    return kept, gone, entries, doubtful


def test_what_a_writer_that_died_left_behind(tmp_path: Path) -> None:
    """The half of a paper that nobody was told of goes with the next one; the half of an entry counts for nothing."""
    with open_folder(tmp_path) as annexes:
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        (annexes.path / f"{'a' * 64}.part").write_bytes(b"half of a diagn")
        with (annexes.path / "log.jsonl").open("ab") as log:
            log.write(b'{"act":"released","by":')
        assert 1 == len(annexes.log())
        annexes.put("A-1", PAPER, media_type="text/plain")
        assert [] == list(annexes.path.glob("*.part"))
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="監査")
        assert [1, 2] == [entry.number for entry in annexes.log()]
    with open_folder(tmp_path) as annexes:
        assert [1, 2] == [entry.number for entry in annexes.log()]


LOGS: dict[str, tuple[int, list[dict[str, Any]]]] = {
    "an entry is missing": (2, [{"act": "held", "number": 1}, {"act": "held", "number": 3}]),
    "a number twice": (2, [{"act": "held", "number": 1}, {"act": "held", "number": 1}]),
    "another kind of entry": (1, [{"act": "burnt", "number": 1}]),
    "a hold lifted that is not open": (1, [{"act": "released", "number": 1, "hold": 1}]),
    "a hold of another case": (
        2,
        [{"act": "held", "number": 1}, {"act": "released", "number": 2, "hold": 1, "case_id": "A-2"}],
    ),
    "a disposal under a hold": (
        2,
        [{"act": "held", "number": 1}, {"act": "disposed", "number": 2, "commitment": "0" * 64}],
    ),
    "a paper disposed of twice": (
        2,
        [{"act": "disposed", "number": number, "commitment": "0" * 64} for number in (1, 2)],
    ),
    "without a reason": (1, [{"act": "held", "number": 1, "reason": ""}]),
    "unknown field": (1, [{"act": "held", "number": 1, "colour": "red"}]),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_log_that_no_store_wrote(tmp_path: Path, name: str) -> None:
    """A log that says what cannot have been is damage, with the line."""
    number, entries = LOGS[name]
    facts = {"case_id": "A-1", "on": "2031-04-01", "by": {"id": "ck-01", "role": "clerk"}, "reason": "…"}
    folder = tmp_path / "cases.annexes"
    folder.mkdir()
    (folder / "log.jsonl").write_text("".join(json.dumps({**facts, **entry}) + "\n" for entry in entries))
    with pytest.raises(Damaged) as caught:
        FolderAnnexes(folder)

    assert (str(folder / "log.jsonl"), number) == (caught.value.where, caught.value.line)


@pytest.mark.parametrize("raw", [b"\n", b"[]\n", b"hello\n", b"\xff\n", b'{"act": 1}\n'])
def test_a_line_that_is_no_entry(tmp_path: Path, raw: bytes) -> None:
    """Anything that is no entry at all is damage on its line."""
    with open_folder(tmp_path) as annexes:
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        with (annexes.path / "log.jsonl").open("ab") as log:
            log.write(raw)
        with pytest.raises(Damaged) as caught:
            annexes.log()
    assert 2 == caught.value.line


def test_a_log_that_was_cut(tmp_path: Path) -> None:
    """A log that lost its end while it was open is damage."""
    with open_folder(tmp_path) as annexes:
        annexes.hold("A-1", on=DAY, by=DIRECTOR, reason="審査請求")
        os.truncate(annexes.path / "log.jsonl", 5)
        with pytest.raises(Damaged, match="cut off"):
            annexes.log()


def test_entries_come_back() -> None:
    """An entry is the same after the way through its stored form."""
    for entry in Ledger([Held(number=1, case_id="A", on=DAY, by=CLERK, reason="r")]).entries:
        assert entry == act_from(json.loads(json.dumps(act_to(entry))))


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    """What is not named like a paper is no paper, and stays."""
    with open_folder(tmp_path) as annexes:
        for name in (".DS_Store", "notes.txt", "x.annex", f"{'A' * 64}.annex"):
            (annexes.path / name).write_bytes(b"x")
        annexes.put("A-1", PAPER, media_type="text/plain")

        assert 1 == len(list(annexes.kept()))
        assert 6 == len(list(annexes.path.iterdir()))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Without ``create`` nothing is made; a folder without a log, or below none, is told."""
    with pytest.raises(Unavailable, match="no such folder"):
        FolderAnnexes(tmp_path / "a")
    (tmp_path / "b").mkdir()
    with pytest.raises(Unavailable, match="no log"):
        FolderAnnexes(tmp_path / "b")
    with pytest.raises(Unavailable, match="make it first"):
        FolderAnnexes(tmp_path / "c" / "d", create=True)
    (tmp_path / "e").write_bytes(b"")
    with pytest.raises(Unavailable):
        FolderAnnexes(tmp_path / "e", create=True)
    assert ["b", "e"] == sorted(path.name for path in tmp_path.iterdir())


def test_opened_beside_a_journal(tmp_path: Path) -> None:
    """The papers of ``cases.jsonl`` lie in ``cases.annexes``; what is no journal has none."""
    with open_annexes(str(tmp_path / "cases.jsonl"), create=True) as annexes:
        annexes.put("A-1", PAPER, media_type="text/plain")
    assert ["cases.annexes"] == [path.name for path in tmp_path.iterdir()]
    for source in (str(tmp_path), str(tmp_path / "cases.txt"), "cases.db"):
        with pytest.raises(InputError):
            open_annexes(source)


def _race(folder: Path, number: int) -> tuple[int, int]:
    """One of several processes: dispose of everything it may, and set and lift holds in between."""
    gone = refused = 0
    with open_folder(folder) as annexes:
        for at, commitment in enumerate(list(annexes.commitments())):
            if at % 3 == number:
                annexes.hold("A-1", on=DAY, by=DIRECTOR, reason=f"{number}")
            try:
                gone += annexes.dispose(commitment, on=DAY, by=CLERK, reason=f"{number}").reason == f"{number}"
            except Retained:
                refused += 1
            if at % 3 == number:
                mine = next(hold for hold in Ledger(annexes.log()).holds() if hold.reason == f"{number}")
                annexes.release("A-1", on=DAY, by=DIRECTOR, reason="…", hold=mine.number)
    return gone, refused


def test_several_processes(tmp_path: Path) -> None:
    """Processes that dispose, hold and release at once: each paper goes once, none under a hold, the log is gapless."""
    with open_folder(tmp_path) as annexes:
        papers = [annexes.put("A-1", PAPER, media_type="text/plain") for _ in range(12)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        done = pool.starmap(_race, [(tmp_path, number) for number in range(2)])
    with open_folder(tmp_path) as annexes:
        log = annexes.log()  # a disposal under a hold would be damage
        gone = [entry.commitment for entry in log if isinstance(entry, Disposed)]

        assert sorted(set(gone)) == sorted(gone)
        assert len(gone) == sum(count for count, _ in done)
        assert sorted(set(papers) - set(gone)) == list(annexes.commitments())
        assert list(range(1, len(log) + 1)) == [entry.number for entry in log]


def test_a_paper_and_its_event(tmp_path: Path) -> None:
    """The commitment goes into the event and comes back with it, from the file as well."""
    source = str(tmp_path / "cases.jsonl")
    with open_annexes(source, create=True) as annexes, open_journal(source, create=True) as journal:
        commitment = annexes.put("A-1", PAPER, media_type="text/plain")
        journal.append("A-1", [attrs.evolve(examples("A-1", 1)[0], commitment=commitment)], expected=0)
    with JsonlJournal(source) as journal:
        assert commitment == journal.read("A-1")[0].commitment
