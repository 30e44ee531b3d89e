"""``shuroflow annex``: papers kept apart, from the first to the last day of their retention, in file and database."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import attrs
import pytest

from shuroflow.storage import open_journal
from shuroflow.storage.annexes import Annex, Disposed, open_annexes
from tests.audit.records import story
from tests.cli.calls import call, one_line, program

BY = ("--by", "director:dr-01")
DAY = ("--on", "R3.4.1")
GONE = (*BY, *DAY, "--reason", "保存期間満了")
PAPER = b"\x89 any bytes\r\n\x00"
UNKNOWN = "0" * 64


@pytest.fixture(params=["jsonl", "sqlite"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A journal with one case, and a paper beside it that is not kept yet."""
    (tmp_path / "diagnosis.pdf").write_bytes(PAPER)
    name = str(tmp_path / "cases.jsonl") if request.param == "jsonl" else f"sqlite:///{tmp_path / 'cases.db'}"
    with open_journal(name, create=True) as journal:
        journal.append("A-1", story("S01", "A-1")[:1], expected=0)
    return name


@pytest.fixture
def paper(source: str, tmp_path: Path) -> str:
    """The commitment to a paper that is kept until the end of a fiscal year and belongs to the second event."""
    put = call("annex", "put", source, "A-1", tmp_path / "diagnosis.pdf", "--keep-until", "令和3年3月31日")
    assert (0, "") == (put.exit_code, put.stderr)
    commitment = put.stdout.strip()
    second = attrs.evolve(story("S01", "A-1")[1], commitment=commitment)
    with open_journal(source) as journal:
        journal.append("A-1", [second], expected=1)
    return commitment


def log(source: str) -> list[str]:
    """The kinds of entries on record."""
    with open_annexes(source, create=True) as annexes:
        return [type(entry).__name__ for entry in annexes.log()]


def test_put(source: str, paper: str) -> None:
    """The commitment is printed alone; the paper is kept under it, its type told from the name."""
    assert re.fullmatch(r"[0-9a-f]{64}", paper)
    with open_annexes(source) as annexes:
        found = annexes.get(paper)
    assert isinstance(found, Annex)
    assert (PAPER, "A-1", "application/pdf", date(2021, 3, 31)) == (
        found.content,
        found.case_id,
        found.media_type,
        found.label.keep_until,
    )


@pytest.mark.parametrize(
    ("name", "args", "kind"),
    [
        ("a.txt", (), "text/plain"),
        ("a.tar.gz", (), "application/octet-stream"),
        ("a", (), "application/octet-stream"),
        ("a.txt", ("--media-type", "text/plain; charset=utf-8"), "text/plain; charset=utf-8"),
    ],
)
def test_the_type_of_a_paper(source: str, tmp_path: Path, name: str, args: tuple[str, ...], kind: str) -> None:
    """The type is told from the name by a table that is the same everywhere, or given."""
    (tmp_path / name).write_bytes(b"")
    commitment = call("annex", "put", source, "A-1", tmp_path / name, *args).stdout.strip()
    with open_annexes(source) as annexes:
        assert [(commitment, kind, 0)] == [(kept.commitment, kept.media_type, kept.size) for kept in annexes.kept()]


def test_from_standard_input(source: str) -> None:
    """A dash reads the paper from standard input, byte for byte."""
    commitment = call("annex", "put", source, "A-1", "-", stdin=PAPER).stdout.strip()

    assert PAPER == call("annex", "get", source, commitment).stdout_bytes


def test_a_case_without_records(source: str, tmp_path: Path) -> None:
    """A paper may come before the first event of its case; that nothing is recorded of it is told."""
    put = call("annex", "put", source, "A-2", tmp_path / "diagnosis.pdf")

    assert (0, 65) == (put.exit_code, len(put.stdout))
    assert "注意: ケース A-2 の記録はまだありません\n" == put.stderr


def test_recorded_with_its_event(source: str, paper: str) -> None:
    """``record --commitment`` puts the commitment into the event; what is no commitment is refused."""
    facts = ("--on", "2025-04-03", "--by", "caseworker:cw-03")
    new = ("record", source, "A-9", "listed", "--programme", "saitama", *facts)
    one_line(call(*new, "--commitment", "abc"))
    assert 0 == call(*new, "--commitment", paper).exit_code
    withdrawn = ("withdrawn", "--set", "seq=1", "--set", "reason=…", "--set", "approved_by=supervisor:sv-01")
    assert 0 == call("record", source, "A-9", *withdrawn, *facts, "--commitment", paper).exit_code
    with open_journal(source) as journal:
        assert [paper, paper] == [event.commitment for event in journal.read("A-9")]


def test_get(source: str, paper: str, tmp_path: Path) -> None:
    """The paper goes to standard output or to a new file, by its commitment or by its event; nothing is overwritten."""
    for name in (paper, "A-1#2"):
        assert PAPER == call("annex", "get", source, name).stdout_bytes
    copy = tmp_path / "copy.pdf"
    assert f"書き出しました: {copy}\n" == call("annex", "get", source, paper, "-o", copy).stdout
    assert PAPER == copy.read_bytes()
    for target in (copy, tmp_path / "new.jsonl", tmp_path / "no" / "folder"):
        one_line(call("annex", "get", source, paper, "-o", target))
    assert not (tmp_path / "new.jsonl").exists()


def test_dispose(source: str, paper: str) -> None:
    """A paper whose retention is over goes; afterwards every command tells who disposed of it, when and why."""
    said = f"廃棄済み: {paper} (A-1) 令和3年4月1日 所長 dr-01: 保存期間満了\n"
    done = call("annex", "dispose", source, "A-1#2", *GONE)
    assert (0, said) == (done.exit_code, done.stdout)
    got = call("annex", "get", source, paper)
    assert (1, "", said) == (got.exit_code, got.stdout, got.stderr)
    assert (0, said) == (0, call("annex", "check", source, paper).stdout)
    again = call("annex", "dispose", source, paper, "--by", "clerk:ck-01", "--reason", "念のため")
    assert (0, said) == (again.exit_code, again.stdout)
    assert "なし\n" == call("annex", "list", source).stdout
    english = call("annex", "check", source, paper, "--lang", "en").stdout
    assert f"disposed of: {paper} (A-1) 2021-04-01 director of the welfare office dr-01: 保存期間満了\n" == english
    with open_journal(source) as journal:
        assert paper == journal.read("A-1")[1].commitment


def test_retention_runs(source: str, paper: str) -> None:
    """On the last day the paper is kept still: refused with the reason, exit status 1, nothing changed."""
    refused = call("annex", "dispose", source, paper, *BY, "--on", "R3.3.31", "--reason", "不要")

    assert (1, "") == (refused.exit_code, refused.stderr)
    assert f"廃棄しません: {paper} (A-1)\n  保存期間中です(令和3年3月31日 まで)\n" == refused.stdout
    assert [] == log(source)
    assert 0 == call("annex", "check", source, paper).exit_code


def test_hold_and_release(source: str, paper: str) -> None:
    """Under a hold nothing goes, and every hold is named; released with a day, the paper is kept until then."""
    for reason in ("審査請求", "監査"):
        held = call("annex", "hold", source, "A-1", *BY, "--on", "R3.1.5", "--reason", reason)
    assert (0, "ケース A-1 の書類の廃棄を停止しました(番号 2)\n") == (held.exit_code, held.stdout)
    refused = call("annex", "dispose", source, paper, *GONE)
    assert 1 == refused.exit_code
    assert [
        f"廃棄しません: {paper} (A-1)",
        "  廃棄停止中です(番号 1、令和3年1月5日 から、所長 dr-01): 審査請求",
        "  廃棄停止中です(番号 2、令和3年1月5日 から、所長 dr-01): 監査",
    ] == refused.stdout.splitlines()
    assert "なし\n" == call("annex", "list", source, "--expired", "R3.4.1").stdout
    assert "say which" in one_line(call("annex", "release", source, "A-1", *BY, *DAY, "--reason", "裁決"))
    until = ("--keep-until", "令和6年6月30日")
    released = call("annex", "release", source, "A-1", *BY, *DAY, "--reason", "裁決", "--hold", "1", *until)
    assert "ケース A-1 の廃棄停止(番号 1)を解除しました。書類は 令和6年6月30日 まで保存します\n" == released.stdout
    english = ("annex", "release", source, "A-1", *BY, *DAY, "--reason", "監査終了", "--lang", "en")
    assert "hold 2 of case A-1 is lifted\n" == call(*english).stdout
    refused = call("annex", "dispose", source, paper, *GONE, "--lang", "en")
    assert [f"Refused: {paper} (A-1)", "  it is kept until 2024-06-30"] == refused.stdout.splitlines()
    assert 0 == call("annex", "dispose", source, paper, *BY, "--on", "2024-07-01", "--reason", "満了").exit_code
    assert ["Held", "Held", "Released", "Released", "Disposed"] == log(source)


def test_list_and_log(source: str, paper: str, tmp_path: Path) -> None:
    """Papers with the last day of their retention, holds and sizes; every order with its day, who and why."""
    other = call("annex", "put", source, "A-2", tmp_path / "diagnosis.pdf").stdout.strip()
    call("annex", "hold", source, "A-1", *BY, "--on", "R3.1.5", "--reason", "審査請求\n二行目")
    call("annex", "release", source, "A-1", *BY, *DAY, "--reason", "取下げ", "--keep-until", "R3.3.31")
    call("annex", "hold", source, "A-2", *BY, *DAY, "--reason", "監査")
    lines = call("annex", "list", source).stdout.splitlines()[2:]
    assert sorted([paper, other]) == [line.split()[0] for line in lines]
    assert [paper, "A-1", "令和3年3月31日", "14", "application/pdf"] in [*map(str.split, lines)]
    assert [other, "A-2", "3", "14", "application/pdf"] in [*map(str.split, lines)]
    assert [paper] == [line.split()[0] for line in call("annex", "list", source, "A-1").stdout.splitlines()[2:]]
    expired = call("annex", "list", source, "--expired", "R3.4.1", "--lang", "en").stdout
    assert [[paper, "A-1", "2021-03-31", "14", "application/pdf"]] == [*map(str.split, expired.splitlines()[2:])]
    assert "なし\n" == call("annex", "list", source, "A-2", "--expired", "R3.4.1").stdout
    assert "なし\n" == call("annex", "list", source, "--expired", "R3.3.31").stdout
    entries = call("annex", "log", source).stdout.splitlines()[2:]
    assert ["1", "2", "3"] == [line.split()[0] for line in entries]
    assert "審査請求 二行目" in entries[0]
    assert "停止 1 の解除(令和3年3月31日 まで保存)" in entries[1]
    assert 2 == len(call("annex", "log", source, "A-1", "--lang", "en").stdout.splitlines()[2:])


def test_check_everything(source: str, paper: str, tmp_path: Path) -> None:
    """All papers, and all that the events speak of: what is changed, missing or of another case is told, status 1."""
    fine = call("annex", "check", source)
    said = "書類 1 件は照合値のとおり、廃棄済み 0 件、異常 0 件(うち、どの記録からも指されていないもの 0 件)"
    assert (0, f"{said}\n") == (fine.exit_code, fine.stdout)
    gone, stray = (
        call("annex", "put", source, case_id, tmp_path / "diagnosis.pdf").stdout.strip() for case_id in ("A-1", "A-2")
    )
    call("annex", "dispose", source, gone, *GONE)
    events = [attrs.evolve(event, commitment=UNKNOWN) for event in story("S01", "B-1")[:1]]
    events += [attrs.evolve(event, commitment=stray) for event in story("S01", "B-1")[1:2]]
    with open_journal(source) as journal:
        journal.append("B-1", events, expected=0)
    result = call("annex", "check", source, "--lang", "en")
    assert (1, "") == (result.exit_code, result.stderr)
    assert sorted(
        [
            f"wrong: {UNKNOWN} (B-1 #1): no such paper, and no record of its disposal",
            f"wrong: {stray}: of case A-2, but named by B-1 #2",
        ]
    ) == sorted(result.stdout.splitlines()[:-1])
    assert "1 intact, 1 disposed of, 2 wrong (1 of them named by no event)" == result.stdout.splitlines()[-1]
    assert 0 == call("annex", "check", source, paper, gone).exit_code
    assert 1 == call("annex", "check", source, paper, UNKNOWN).exit_code


def test_check_finds_damage(tmp_path: Path) -> None:
    """A changed byte in a paper is found, and what was changed is not handed out."""
    name = str(tmp_path / "cases.jsonl")
    (tmp_path / "a.txt").write_bytes(b"text")
    commitment = call("annex", "put", name, "A-1", tmp_path / "a.txt", "--create").stdout.strip()
    open_journal(name, create=True).close()
    file = tmp_path / "cases.annexes" / f"{commitment}.annex"
    file.write_bytes(file.read_bytes()[:-1] + b"T")
    result = call("annex", "check", name)
    assert 1 == result.exit_code
    assert f"異常: {commitment}: {file}: paper {commitment}" in result.stdout
    got = call("annex", "get", name, commitment)
    assert "記録簿に壊れた箇所があります" in one_line(got)
    assert "" == got.stdout


def test_nothing_kept_yet(tmp_path: Path) -> None:
    """A journal beside which no paper was ever put has none; reading makes nothing."""
    name = str(tmp_path / "cases.jsonl")
    with open_journal(name, create=True) as journal:
        journal.append("A-1", [attrs.evolve(story("S01", "A-1")[0], commitment=UNKNOWN)], expected=0)
    for command in ("list", "log"):
        assert (0, "なし\n") == (0, call("annex", command, name).stdout)
    assert 1 == call("annex", "check", name).exit_code
    one_line(call("annex", "get", name, UNKNOWN))
    assert ["cases.jsonl"] == os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("put", "{missing}", "A-1", "{file}"), "no such"),
        (("put", "{source}", "A-1", "{folder}/missing"), "No such file"),
        (("put", "{source}", "", "{file}"), "case_id"),
        (("put", "{source}", "A-1", "{file}", "--media-type", "pdf"), "media_type"),
        (("put", "{source}", "A-1", "{file}", "--keep-until", "R3.2.30"), "day of the calendar"),
        (("get", "{source}", "abc"), "no commitment"),
        (("get", "{source}", UNKNOWN), "no paper"),
        (("get", "{source}", "A-1#1"), "speaks of no paper"),
        (("get", "{source}", "A-1#0"), "no event 0"),
        (("get", "{source}", "A-1#7"), "no event 7"),
        (("get", "{source}", "A-7#1"), "no event 1"),
        (("check", "{source}", "abc"), "no commitment"),
        (("check", "{missing}"), "no such"),
        (("hold", "{source}", "A-7", *GONE), "no case 'A-7'"),
        (("hold", "{missing}", "A-1", *GONE), "no such"),
        (("release", "{source}", "A-1", *GONE), "no such hold"),
        (("dispose", "{source}", UNKNOWN, *GONE), "no paper"),
        (("dispose", "{source}", "{paper}", *BY, "--reason", ""), "reason"),
        (("dispose", "{source}", "{paper}", *BY, "--reason", "…", "--on", "9999-01-01"), "lies after today"),
        (("hold", "{source}", "A-1", *BY, "--reason", "…", "--on", "9999-01-01"), "lies after today"),
        (("release", "{source}", "A-1", *BY, "--reason", "…", "--on", "9999-01-01"), "lies after today"),
        (("dispose", "{source}", "{paper}", "--by", "boss:x", "--reason", "…"), "unknown role"),
        (("dispose", "{source}", "{paper}"), "--by"),
        (("shred", "{source}"), "shred"),
    ],
)
def test_what_cannot_be_used(source: str, paper: str, tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    """One clear line on standard error, exit status 2; no paper went and nothing is on record."""
    places = {
        "source": source,
        "missing": source.replace("cases.", "none."),
        "folder": str(tmp_path),
        "file": str(tmp_path / "diagnosis.pdf"),
        "paper": paper,
    }
    before = sorted(os.listdir(tmp_path))

    assert said in one_line(call("--lang", "en", "annex", *(arg.format(**places) for arg in args)))
    assert before == sorted(os.listdir(tmp_path))
    assert [] == log(source)
    with open_annexes(source) as annexes:
        assert not isinstance(annexes.get(paper), Disposed)


def test_a_hold_before_the_first_paper(source: str) -> None:
    """A case that has records and no papers yet can be put under a hold; what comes later is under it."""
    assert 0 == call("annex", "hold", source, "A-1", *GONE).exit_code
    commitment = call("annex", "put", source, "A-1", "-", stdin=b"x").stdout.strip()

    assert 1 == call("annex", "dispose", source, commitment, *GONE).exit_code


def test_as_a_program(tmp_path: Path) -> None:
    """As a program, a paper of any bytes goes through standard output as it is."""
    (tmp_path / "a.bin").write_bytes(bytes(range(32, 127)))
    name = str(tmp_path / "cases.jsonl")
    commitment = program("annex", "put", name, "A-1", tmp_path / "a.bin", "--create").stdout.strip()

    assert bytes(range(32, 127)).decode() == program("annex", "get", name, commitment).stdout


def test_every_command_explains_itself() -> None:
    """Each command has help in English with a line of Japanese."""
    for name in ("put", "get", "check", "list", "log", "hold", "release", "dispose"):
        text = call("annex", name, "--help").stdout
        assert f"shuroflow annex {name}" in text
        assert not text.isascii()
