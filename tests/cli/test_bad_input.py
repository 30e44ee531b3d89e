"""Bad input: one clear line with file, line, field and remedy, exit status 2, and nothing on the disk has changed."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from shuroflow.storage import open_journal
from tests.audit.records import line, snapshot, story, write
from tests.cli.calls import call, one_line, program
from tests.storage.sql.databases import unguarded

SECOND = story("S01")[1]


def _with_data(**changes: object) -> bytes:
    import json

    from shuroflow.storage import encode

    data = json.loads(encode(SECOND))["data"]
    return line(SECOND, data={**data, **changes})


LINES: dict[str, tuple[bytes, str, str]] = {
    "torn line": (line(SECOND)[:-30], "", "line end"),
    "torn in the middle": (line(SECOND)[:-30] + b"\n", "", "not JSON"),
    "no JSON": (b"hello\n", "", "not JSON"),
    "no object": (b"[1]\n", "", "object"),
    "blank line": (b"\n" + line(SECOND), "", "blank line"),
    "not UTF-8": (line(SECOND).replace(b"cw-03", b"\xff\xfe"), "", "UTF-8"),
    "unknown event": (line(SECOND, event="selectd"), "event", "did you mean selected?"),
    "unknown key": (line(SECOND, colour="red"), "colour", "unknown field"),
    "unknown field of the data": (_with_data(colour="red"), "data.colour", "unknown field"),
    "missing field": (line(SECOND, recorded_by=...), "recorded_by", "missing"),
    "unknown role": (line(SECOND, recorded_by={"id": "x", "role": "boss"}), "recorded_by.role", "is not one of"),
    "unknown programme": (line(SECOND, programme="osaka"), "programme", "known programmes: saitama, tsushima"),
    "a day that is none": (line(SECOND, occurred_on="2025-02-30"), "occurred_on", "no day of the calendar"),
    "和暦 in the stored form": (line(SECOND, occurred_on="令和7年4月10日"), "occurred_on", "no day of the calendar"),
    "naive timestamp": (line(SECOND, recorded_at="2025-04-10T17:00:00"), "recorded_at", "moment with an offset"),
    "wrong version of the form": (line(SECOND, schema=2), "schema", "version"),
    "no version": (line(SECOND, schema=...), "schema", "missing"),
    "wrong number": (line(SECOND, seq=3), "seq", "expected 2"),
    "number as text": (line(SECOND, seq="2"), "seq", "int"),
    "fraction": (line(SECOND, seq=2.5), "seq", "int"),
    "number twice": (line(SECOND, seq=1), "seq", "already"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_bad_line(tmp_path: Path, name: str) -> None:
    """The audit names file, line, field and remedy, goes on with the rest, and changes nothing."""
    raw, field, said = LINES[name]
    path = tmp_path / "cases.jsonl"
    path.write_bytes(line(story("S01")[0]) + raw)
    before = snapshot(tmp_path)
    told = one_line(call("--lang", "en", "audit", path, "--as-of", "2026-11-21"))
    assert f"{path}:2: {field}" in told
    assert said in told
    in_japanese = one_line(call("audit", path, "--as-of", "2026-11-21"))
    assert f"{path}:2: {field}" in in_japanese
    assert SENTENCE.search(in_japanese.replace(str(path), "")) is None
    assert before == snapshot(tmp_path)


def test_every_bad_line_is_told() -> None:
    """The table above holds what the project promises to name."""
    assert len(LINES) >= 20


SENTENCE = re.compile(r"(?:[A-Za-z]+ ){3}[A-Za-z]+")
"""Four words of English, one after the other."""

Make = Callable[[Path], str]


def _unreadable_database(folder: Path) -> str:
    (folder / "cases.db").write_bytes(b"this is no database, whatever its name says" * 100)
    return f"sqlite:///{folder / 'cases.db'}"


def _foreign_database(folder: Path) -> str:
    db = sqlite3.connect(folder / "cases.db")
    db.execute("CREATE TABLE other (x)")
    db.commit()
    db.close()
    return f"sqlite:///{folder / 'cases.db'}"


def _file(name: str, content: bytes) -> Make:
    def make(folder: Path) -> str:
        (folder / name).write_bytes(content)
        return str(folder / name)

    return make


SOURCES: dict[str, tuple[Make, str]] = {
    "missing file": (lambda folder: str(folder / "none.jsonl"), "check the path"),
    "missing database": (lambda folder: f"sqlite:///{folder / 'none.db'}", "check the path"),
    "missing folder of a database": (lambda folder: f"sqlite:///{folder / 'no' / 'none.db'}", "make it first"),
    "unreadable database": (_unreadable_database, "no SQLite database"),
    "database of something else": (_foreign_database, "holds no journal"),
    "folder without jsonl": (str, "no .jsonl file"),
    "other file": (_file("cases.csv", b"a,b"), ".jsonl"),
    "database without its URL": (_file("cases.db", b"x"), "sqlite:///"),
    "other database": (lambda folder: "mysql://user:geheim@host/cases", "SQLite"),
    "no URL": (lambda folder: "://", "database URL"),
}


@pytest.mark.parametrize("command", ["audit", "show", "next", "due", "record"])
@pytest.mark.parametrize("name", SOURCES)
def test_an_unusable_source(tmp_path: Path, name: str, command: str) -> None:
    """Every command says in one line what is wrong with its source, and creates nothing."""
    make, said = SOURCES[name]
    source = make(tmp_path)
    before = snapshot(tmp_path)
    rest = {"show": ["A-1"], "next": ["A-1"], "record": ["A-1", "listed", "--by", "caseworker:cw-03"]}
    told = one_line(call("--lang", "en", command, source, *rest.get(command, [])))
    if command != "record" or name != "folder without jsonl":
        assert said in told
    assert "geheim" not in told
    assert before == snapshot(tmp_path)


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_an_unusable_source_leaves_the_report_alone(tmp_path: Path, form: str) -> None:
    """With an unusable source the report of the day before stays as it is, and no other file appears."""
    good = write(tmp_path / "a.jsonl", story("S01"))
    (tmp_path / "report").write_text("yesterday")
    before = snapshot(tmp_path)
    told = one_line(call("audit", good, tmp_path / "none.jsonl", "--format", form, "-o", tmp_path / "report"))
    assert "none.jsonl" in told
    assert before == snapshot(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    """An audit of nothing is told, and does not pass for a faultless one."""
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"")
    assert "監査するものがありません" in one_line(call("audit", path))
    assert "nothing to audit" in one_line(call("--lang", "en", "audit", path))


@pytest.mark.parametrize("command", ["show", "next", "due"])
def test_a_damaged_journal(tmp_path: Path, command: str) -> None:
    """A journal with a gap is told with file and line by the desk as well."""
    path = tmp_path / "cases.jsonl"
    path.write_bytes(line(story("S01")[0]) + line(story("S01")[2]))
    rest = [] if command == "due" else ["S01"]
    assert f"{path}:2" in one_line(call(command, path, *rest))


def test_a_damaged_database(tmp_path: Path) -> None:
    """A case without its first row stops ``due`` with one line; the audit names it and goes on."""
    file = tmp_path / "cases.db"
    with open_journal(f"sqlite:///{file}", create=True) as journal:
        journal.append("S01", story("S01"), expected=0)
        journal.append("S10", story("S10"), expected=0)
    unguarded(f"sqlite:///{file}", "DELETE FROM shuroflow_event WHERE case_id = 'S01' AND seq = 1")
    assert "'S01' is missing" in one_line(call("due", f"sqlite:///{file}"))
    result = call("audit", f"sqlite:///{file}", "--as-of", "2026-11-21")
    assert "'S01' is missing" in one_line(result)
    assert "■ S10" in result.stdout


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """A file without permission is told with its name."""
    path = write(tmp_path / "cases.jsonl", story("S01"))
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser reads everything: then there is nothing to be told
        assert 0 == call("audit", path, "--as-of", "2026-11-21").exit_code
    else:
        assert f"{path}: cannot be read" in one_line(call("audit", path))


CALLS: dict[str, tuple[list[str], str]] = {
    "no source": (["audit"], "SOURCE"),
    "unknown command": (["adit"], "adit"),
    "unknown option": (["audit", "x.jsonl", "--frmat", "json"], "--frmat"),
    "option of the group": (["--frmat"], "--frmat"),
    "unknown format": (["audit", "x.jsonl", "--format", "xml"], "xml"),
    "a workbook without a file": (["audit", "x.jsonl", "--format", "xlsx"], "-o FILE"),
    "processes and a cluster": (["audit", "x.jsonl", "--jobs", "2", "--dask", "tcp://a:1"], "--dask"),
    "an explanation of a text": (["audit", "x.jsonl", "--explain"], "--format json"),
    "day that is none": (["audit", "x.jsonl", "--as-of", "2025-02-30"], "no"),
    "day before an era": (["audit", "x.jsonl", "--as-of", "令和元年4月30日"], "write 平成31年4月30日"),
    "no day": (["due", "x.jsonl", "--on", "yesterday"], "R6.4.1"),
    "naive moment": (["audit", "x.jsonl", "--known-at", "2025-04-03T15:04:05"], "+09:00"),
    "no moment": (["audit", "x.jsonl", "--known-at", "noon"], "2025-04-03T15:04:05+09:00"),
    "moment of no day": (["audit", "x.jsonl", "--known-at", "2025-02-30"], "calendar"),
    "negative days": (["due", "x.jsonl", "--within", "-1"], "-1"),
    "too many days": (["due", "x.jsonl", "--within", "36501"], "36501"),
    "nobody": (["record", "x.jsonl", "A", "listed"], "--by"),
    "no role": (["record", "x.jsonl", "A", "listed", "--by", "cw-03"], "caseworker:cw-03"),
    "unknown role": (["record", "x.jsonl", "A", "listed", "--by", "casworker:x"], "did you mean 'caseworker'"),
    "bad id": (["record", "x.jsonl", "A", "listed", "--by", "caseworker:a\nb"], "id: "),
    "missing overlay": (["due", "x.jsonl", "--overlay", "none.toml"], "none.toml: cannot be read"),
    "unknown programme": (["programmes", "osaka"], "known programmes: saitama, tsushima"),
    "diagram of nothing": (["programmes", "--diagram"], "saitama"),
    "schema of an unknown programme": (["schema", "--programme", "osaka"], "osaka"),
    "no cases": (["simulate", "--cases", "0", "--seed", "1", "--violations", "0", "-o", "x.jsonl"], "--cases"),
    "share above one": (["simulate", "--cases", "1", "--seed", "1", "--violations", "2", "-o", "x.jsonl"], "0<=x<=1"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_bad_call(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a call gets wrong is told in one line, with where to look it up or what to write."""
    monkeypatch.chdir(tmp_path)
    args, said = CALLS[name]
    option = ("--lang", "en") if name != "option of the group" else ()
    assert said in one_line(call(*option, *args))
    assert [] == os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[settings]\nfirst_day = 3\n", "settings.first_day"),
        (b"[setings]\n", "setings"),
        (b"not toml", "TOML"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_bad_overlay(tmp_path: Path, content: bytes, said: str) -> None:
    """An overlay is told with its file and the key."""
    overlay = tmp_path / "office.toml"
    overlay.write_bytes(content)
    path = write(tmp_path / "cases.jsonl", story("S01"))
    told = one_line(call("audit", path, "--overlay", overlay))
    assert str(overlay) in told
    assert said in told


def test_a_case_that_is_not_there(tmp_path: Path) -> None:
    """The journal is named, and the case."""
    path = write(tmp_path / "cases.jsonl", story("S01"))
    for command in ("show", "next"):
        told = one_line(call(command, path, "X"))
        assert f"{path}: ケース 'X' はありません" in told
        assert "このケースは記録簿にありません" in told
        assert f"error: {path}: no case 'X' in this journal" == one_line(call(command, path, "X", "--lang", "en"))
    for lang in ("ja", "en"):
        for place in (path, tmp_path / "new.jsonl"):
            told = one_line(call("--lang", lang, "record", place, "X", "listed", "--by", "caseworker:cw-03"))
            assert "--programme saitama" in told
            assert "先に作" not in told
    assert not (tmp_path / "new.jsonl").exists()


@pytest.mark.parametrize("command", [["show", "nai", "X"], ["next", "nai", "X"], ["due", "nai"]])
def test_a_source_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    """A name of nothing is told to be missing, and what may be named, a folder too."""
    monkeypatch.chdir(tmp_path)
    said = one_line(call(*command))
    assert "nai: ファイル又はフォルダーがありません" in said
    assert "そのフォルダー" in said
    assert "a .jsonl file, a folder of them or a database" in one_line(call("--lang", "en", *command))


def test_as_a_program(tmp_path: Path) -> None:
    """Out of process the same holds: one line, no traceback, status 2, nothing on standard output but the report."""
    done = program("audit", tmp_path / "none.jsonl")
    assert (2, "") == (done.returncode, done.stdout)
    assert 1 == len(done.stderr.splitlines())
    assert done.stderr.startswith("エラー: ")
    english = program("--lang", "en", "audit", tmp_path / "none.jsonl")
    assert english.stderr.startswith("error: ")


def test_many_bad_lines_are_summed_up(tmp_path: Path) -> None:
    """A file that is something else altogether does not flood the terminal: the report lists them all."""
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"hello\n" * 50)
    result = call("audit", path, "--lang", "en")
    assert 2 == result.exit_code
    (told,) = result.stderr.splitlines()
    assert f"{path}:1: " in told
    assert told.endswith("(and 49 more, in the report)")
    assert call("audit", path).stderr.endswith("(ほか 49 件は報告書に記載)\n")
    assert 50 == result.stdout.count("not JSON")


def test_a_broken_database_is_told(tmp_path: Path) -> None:
    """A database whose end was cut off is told with its place, and stays as it is."""
    file = tmp_path / "cases.db"
    with open_journal(f"sqlite:///{file}", create=True) as journal:
        journal.append("S01", story("S01")[:1], expected=0)
    file.write_bytes(file.read_bytes()[:5000])
    before = file.read_bytes()
    told = one_line(call("show", f"sqlite:///{file}", "S01"))
    assert str(file) in told
    assert before == file.read_bytes()


@pytest.mark.parametrize(
    "target", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:a?mode=memory&uri=true"]
)
def test_nothing_is_kept_in_a_memory_that_ends_with_the_command(tmp_path: Path, target: str) -> None:
    """A record or a copy that would be gone at once is refused, and never told as done."""
    listed = ("A-1", "listed", "--programme", "saitama", "--by", "caseworker:cw-03", "--on", "2025-04-03")
    file = tmp_path / "cases.jsonl"
    assert 0 == call("record", file, *listed).exit_code
    for args in (("record", target, *listed), ("convert", file, target)):
        told = call(*args)
        one_line(told)
        assert "sqlite:///cases.db" in told.stderr


def test_an_option_of_a_url_that_would_do_nothing(tmp_path: Path) -> None:
    """It is refused: whoever wrote it counted on it."""
    told = call("audit", f"sqlite:///{tmp_path / 'cases.db'}?mode=ro")
    one_line(told)
    assert "unknown option 'mode'" in told.stderr


def test_an_empty_source() -> None:
    """The value of a variable that was not set is no folder."""
    one_line(call("audit", ""))


@pytest.mark.parametrize("case_id", ["x is not one of y", "no case 'a' in this journal", "Invalid value for x: y"])
def test_a_value_that_reads_like_a_message_stays_whole(tmp_path: Path, case_id: str) -> None:
    """What was typed is told as it was typed, whatever it says, and the sentence around it is the Japanese one."""
    journal = write(tmp_path / "cases.jsonl", story("S01"))
    assert f"ケース {case_id!r} はありません" in one_line(call("show", journal, case_id))
    assert f"コマンド {case_id!r} はありません" in one_line(call(case_id))
    assert f"{case_id!r} は日付として読めません" in one_line(call("due", journal, "--on", case_id))


@pytest.mark.parametrize("command", ["audit", "statistics"])
@pytest.mark.parametrize(
    ("lang", "head", "missing"),
    [("ja", "この行は記録として読めません", "必要な項目がありません"), ("en", "cannot be read as a record", "missing")],
)
def test_a_line_that_is_no_record(tmp_path: Path, command: str, lang: str, head: str, missing: str) -> None:
    """JSON of something else: the line is told to be no record, with one list of the fields that it lacks."""
    path = tmp_path / "other.jsonl"
    path.write_text('{"a":1}\n', encoding="utf-8")
    result = call("--lang", lang, command, path)
    assert 2 == result.exit_code
    (line,) = result.stderr.splitlines()
    assert 1 == line.count(head)
    assert 1 == line.count(missing)
    assert "ケース番号が合いません" not in line
    for field in (
        "case_id",
        "data",
        "event",
        "occurred_on",
        "programme",
        "recorded_at",
        "recorded_by",
        "schema",
        "seq",
    ):
        assert field in line
    assert "other.jsonl:1" in line


MISTAKES: dict[str, tuple[list[str], str]] = {
    "a table": (["audit", "visits.csv"], "shuroflow import"),
    "a page": (["audit", "x.html"], ".jsonl ファイルではありません"),
    "twice": (["audit", "cases.jsonl", "cases.jsonl"], "二度指定"),
    "nothing in it": (["audit", "empty.jsonl"], "記録が一件もありません"),
    "no second side": (["compare", "cases.jsonl"], "比べる相手がありません"),
    "xlsx on the screen": (["audit", "cases.jsonl", "--format", "xlsx"], "-o FILE を付けて"),
    "before the era": (["audit", "cases.jsonl", "--as-of", "令和元年4月30日"], "平成31年4月30日 と書いて"),
    "who": (["record", "cases.jsonl", "S01", "listed", "--by", "x"], "caseworker:cw-03 のように"),
    "role": (["record", "cases.jsonl", "S01", "listed", "--by", "x:1"], "使える役割"),
    "event": (["record", "cases.jsonl", "S01", "zzzz", "--by", "caseworker:c"], "この事業の出来事"),
    "programme": (
        ["record", "cases.jsonl", "N", "listed", "--programme", "x", "--by", "caseworker:c"],
        "登録されている",
    ),
    "import without target": (["import", "visits.csv", "--mapping", "map.toml"], "-o TARGET"),
    "no column": (["import", "visits.csv", "--mapping", "map.toml", "-o", "o.jsonl"], "このファイルの列: x, y"),
    "another encoding": (["import", "sjis.csv", "--mapping", "map.toml", "-o", "o.jsonl"], "cp932"),
    "an empty table": (["import", "empty.csv", "--mapping", "map.toml", "-o", "o.jsonl"], "ファイルが空です"),
    "a table as mapping": (["import", "visits.csv", "--mapping", "visits.csv", "-o", "o.jsonl"], "対応表を指定"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_likely_mistakes_are_told_in_japanese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str) -> None:
    """One line, with what to do; no sentence of it is left in English, and nothing is written."""
    write(tmp_path / "cases.jsonl", story("S01"))
    (tmp_path / "visits.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    (tmp_path / "sjis.csv").write_text("番号,氏名\n1,2\n", encoding="cp932")
    (tmp_path / "x.html").write_text("<html>", encoding="utf-8")
    (tmp_path / "map.toml").write_text(call("import", "--example").stdout, encoding="utf-8")
    for name in ("empty.jsonl", "empty.csv"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    before = snapshot(tmp_path)
    args, said = MISTAKES[mistake]
    result = call(*args)
    assert 2 == result.exit_code
    (line,) = result.stderr.splitlines()
    assert said in line
    english = re.sub(r"--[\w-]+|Expected '=' after a key in a key/value pair|\(at line.*?\)", "", line)  # of Python
    assert [] == re.findall(r"\b(?:is|not|no|in|are|has|the|to|of|needed|name|write|give)\b(?!-)", english)
    assert before == snapshot(tmp_path)


def test_one_number_in_two_files_is_told_once(tmp_path: Path) -> None:
    """The remedy stands in the sentence, in Japanese; the place only names the two files."""
    for name in ("a.jsonl", "b.jsonl"):
        write(tmp_path / name, story("S01"))
    for args in (["audit", tmp_path / "a.jsonl", tmp_path / "b.jsonl"], ["show", tmp_path, "S01"]):
        result = call(*args)
        assert 2 == result.exit_code
        (line,) = result.stderr.splitlines()
        assert 1 == line.count("一つの入力にまとめ")
        assert "bring what is one case together" not in line
        assert "の両方に記録があります" in line
