"""``convert`` and ``migrate``: what they say, their exit status, and what stands in the stores afterwards."""

from __future__ import annotations

import functools
import shutil
import sqlite3
from pathlib import Path

import attrs
import pytest

from shuroflow.cli.output import Meter
from shuroflow.events import Event
from shuroflow.storage import Record, copying, encode, open_journal
from tests.audit.records import interleaved, snapshot, story, write
from tests.cli.calls import call, one_line

GOLDEN = Path(__file__).parents[1] / "storage" / "golden" / "schema-1.jsonl"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A file of two cases whose lines are mixed."""
    return interleaved(tmp_path / "cases.jsonl", story("S01"), story("T01"))


def records(source: object) -> list[Record]:
    """All that a journal holds."""
    with open_journal(str(source)) as journal:
        return list(journal.feed())


def test_into_a_database_and_back(cases: Path, tmp_path: Path) -> None:
    """Whatever way it goes, the records are the same, and so is the file at the end."""
    url, back = f"sqlite:///{tmp_path / 'cases.db'}", tmp_path / "back.jsonl"
    size = len(records(cases))
    for source, target in ((cases, url), (url, back)):
        result = call("convert", source, target, "--lang", "en")
        assert (0, "") == (result.exit_code, result.stderr)
        assert f"copied to {target} ({size} records, all compared)\n" in result.stdout
        assert "every record is the same to the byte" in result.stdout
    assert records(cases) == records(url) == records(back)


def test_in_japanese(cases: Path, tmp_path: Path) -> None:
    """The default language."""
    target = tmp_path / "copy.jsonl"
    size = len(records(cases))
    said = f"{target} に写しました({size} 件、全件照合済み)\nどの記録も元と同じバイト列です。"
    assert call("convert", cases, target).stdout.startswith(said)
    said = f"{target} は {cases} と同じです({size} 件、全件照合済み)\n"
    assert call("convert", cases, target).stdout.startswith(said)


def test_into_postgresql(cases: Path, postgres_url: str) -> None:
    """A database of a server; the URL that is shown holds no password."""
    url = postgres_url.replace("postgres@", "postgres:geheim@")
    result = call("convert", cases, url, "--lang", "en")
    assert (0, "") == (result.exit_code, result.stderr)
    assert "geheim" not in result.stdout
    assert records(cases) == records(url)


def test_a_folder(tmp_path: Path) -> None:
    """All files of a folder, one after the other; a case that lies in two of them is told."""
    folder, target = tmp_path / "histories", tmp_path / "cases.jsonl"
    folder.mkdir()
    write(folder / "a.jsonl", story("S01"))
    write(folder / "b.jsonl", story("T01"))
    assert 0 == call("convert", folder, target).exit_code
    assert (folder / "a.jsonl").read_bytes() + (folder / "b.jsonl").read_bytes() == b"".join(
        record.body + b"\n" for record in records(target)
    )
    write(folder / "c.jsonl", story("S01"))
    assert "the case lies in two files" in one_line(call("convert", folder, tmp_path / "other.jsonl"))


def test_what_was_added_since(cases: Path, tmp_path: Path) -> None:
    """The same call again takes what came since, and says how much was there."""
    target = f"sqlite:///{tmp_path / 'cases.db'}"
    call("convert", cases, target)
    size = len(records(cases))
    with open_journal(str(cases)) as journal:
        journal.append("S02", story("S02"), expected=0)
    added = len(story("S02"))
    result = call("convert", cases, target, "--lang", "en")
    assert f"({size + added} records, {size} of them from before, all compared)" in result.stdout
    assert records(cases) == records(target)


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C: one line, the status of an interrupted program, a beginning in the target; the same call goes on."""
    target = f"sqlite:///{tmp_path / 'cases.db'}"

    def press(meter: Meter, done: int, total: int | None) -> None:
        if done == 200:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(copying, "copy", functools.partial(copying.copy, chunk=100))
        patched.setattr(Meter, "__call__", press)
        result = call("convert", GOLDEN, target, "--lang", "en")
    assert (130, "", "stopped; the same call goes on from here\n") == (result.exit_code, result.stdout, result.stderr)
    assert records(GOLDEN)[:200] == records(target)
    result = call("convert", GOLDEN, target)
    assert (0, "") == (result.exit_code, result.stderr)
    assert "428 件、うち 200 件は前回まで" in result.stdout
    assert records(GOLDEN) == records(target)


def test_lines_of_another_program(tmp_path: Path) -> None:
    """What had to be rewritten is counted, with what that means for checkpoints."""
    source = tmp_path / "cases.jsonl"
    source.write_bytes(b"".join(encode(event).replace(b":", b": ", 1) + b"\n" for event in story("S01")))
    size = len(story("S01"))
    told = call("convert", source, tmp_path / "en.jsonl", "--lang", "en").stdout
    assert f"{size} records brought into canonical form: checkpoints made so far hold for the source only" in told
    told = call("convert", source, tmp_path / "ja.jsonl").stdout
    assert f"{size} 件は書式を整えました。これまでの封印は元の記録簿にしか使えません" in told


def test_papers_and_a_torn_end_are_told(tmp_path: Path) -> None:
    """What stays behind is said: papers kept apart, and what no append finished."""
    source = tmp_path / "cases.jsonl"
    first: Event = attrs.evolve(story("S01")[0], commitment="0" * 64)
    source.write_bytes(encode(first) + b"\n" + encode(story("S01")[1])[:-9])
    told = call("convert", source, tmp_path / "en.jsonl", "--lang", "en").stdout
    assert "papers kept apart, of which 1 record speak, were not copied" in told
    assert "the torn end of the source is no record and was not copied" in told
    told = call("convert", source, tmp_path / "ja.jsonl").stdout
    assert "1 件の記録が指す別置きの書類は写していません" in told
    assert "書きかけの行は記録ではなく" in told


def test_an_empty_journal(tmp_path: Path) -> None:
    """Nothing to copy is fine; the target is there."""
    (tmp_path / "none.jsonl").write_bytes(b"")
    url = f"sqlite:///{tmp_path / 'none.db'}"
    result = call("convert", tmp_path / "none.jsonl", url, "--lang", "en")
    assert (0, f"{url} holds the same as {tmp_path / 'none.jsonl'} (0 records, all compared)\n") == (
        result.exit_code,
        result.stdout,
    )
    assert [] == records(url)


# ---------------------------------------------------------------- refused


def test_other_content(cases: Path, tmp_path: Path) -> None:
    """One line that names the target and the place; nothing has changed."""
    target = write(tmp_path / "other.jsonl", story("S02"))
    before = snapshot(tmp_path)
    told = one_line(call("convert", cases, target))
    assert f"{target}: holds other records than the source: at position 1" in told
    assert "name another target" in told
    assert before == {name: raw for name, raw in snapshot(tmp_path).items() if name in before}
    assert before[target.name] == target.read_bytes()


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_same_twice(cases: Path, lang: str) -> None:
    """A journal is not copied into itself, however it is named."""
    told = one_line(call("convert", cases, cases.parent / "." / cases.name, "--lang", lang))
    assert "SOURCE and TARGET are the same" in told


def test_a_source_that_is_missing_leaves_no_target(tmp_path: Path) -> None:
    """The source is opened first: after a slip of the pen there is nothing to clear away."""
    told = one_line(call("convert", tmp_path / "none.jsonl", tmp_path / "copy.jsonl"))
    assert str(tmp_path / "none.jsonl") in told
    assert {} == snapshot(tmp_path)


def test_a_folder_with_a_damaged_file_leaves_no_target(tmp_path: Path) -> None:
    """Nothing is made either where the folder is there and a file in it is no journal."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "a.jsonl").write_text("{\n")
    told = one_line(call("convert", folder, f"sqlite:///{tmp_path / 'copy.db'}"))
    assert "a.jsonl:1: at byte 0" in told
    assert [folder] == list(tmp_path.iterdir())


def test_a_target_that_is_no_journal(cases: Path, tmp_path: Path) -> None:
    """A name that no journal can have."""
    assert "a journal is a .jsonl file or a database URL" in one_line(call("convert", cases, tmp_path / "copy.csv"))


def test_a_damaged_source(tmp_path: Path) -> None:
    """File, line and remedy."""
    source = tmp_path / "cases.jsonl"
    lines = GOLDEN.read_bytes().splitlines(keepends=True)
    lines[299] = lines[299].replace(b'"occurred_on":"2025', b'"occurred_on":"202x')
    source.write_bytes(b"".join(lines))
    told = one_line(call("convert", source, tmp_path / "copy.jsonl"))
    assert f"{source}:300: " in told
    assert told.startswith("エラー: 記録簿に壊れた箇所があります")


# ---------------------------------------------------------------- migrate


def tables_of_0_1_0(path: Path) -> str:
    """A database as release 0.1.0 made it."""
    db = sqlite3.connect(path)
    db.executescript(
        """
        CREATE TABLE shuroflow_event (position INTEGER NOT NULL PRIMARY KEY, case_id TEXT NOT NULL,
            seq BIGINT NOT NULL, programme TEXT NOT NULL, kind TEXT NOT NULL, occurred_on DATE NOT NULL,
            recorded_at TEXT NOT NULL, "key" TEXT, body TEXT NOT NULL,
            CONSTRAINT shuroflow_event_case_seq UNIQUE (case_id, seq));
        CREATE TABLE shuroflow_schema (version INTEGER NOT NULL PRIMARY KEY);
        CREATE INDEX shuroflow_event_first ON shuroflow_event (position) WHERE seq = 1;
        INSERT INTO shuroflow_schema VALUES (1);
        """
    )
    rows = [
        (e.case_id, e.seq, e.programme, e.kind, str(e.occurred_on), e.recorded_at.isoformat(), e.key, r.body.decode())
        for r in records(GOLDEN)
        for e in [r.event]
    ]
    columns = 'case_id, seq, programme, kind, occurred_on, recorded_at, "key", body'
    db.executemany(f"INSERT INTO shuroflow_event ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.commit()
    db.close()
    return f"sqlite:///{path}"


def test_migrate(tmp_path: Path) -> None:
    """The tables go up, the records stay; a second time there is nothing to do."""
    url = tables_of_0_1_0(tmp_path / "cases.db")
    assert records(GOLDEN) == records(url)
    result = call("migrate", url, "--lang", "en")
    assert (0, "the tables went from version 1 to 2\n", "") == (result.exit_code, result.stdout, result.stderr)
    assert "the tables are up to date (version 2)\n" == call("migrate", url, "--lang", "en").stdout
    assert "表は最新です(版 2)\n" == call("migrate", url).stdout
    assert records(GOLDEN) == records(url)
    with open_journal(url) as journal:
        assert 1 == journal.append("new", [attrs.evolve(story("S01")[0], case_id="new")], expected=0).version


def test_migrate_in_japanese(tmp_path: Path) -> None:
    """The default language."""
    assert "表を版 1 から版 2 に更新しました\n" == call("migrate", tables_of_0_1_0(tmp_path / "cases.db")).stdout


def test_old_tables_as_source_and_target(tmp_path: Path) -> None:
    """Read as they are; written to only after the migration, which the error names."""
    url = tables_of_0_1_0(tmp_path / "old.db")
    assert 0 == call("convert", url, tmp_path / "new.jsonl").exit_code
    assert records(url) == records(tmp_path / "new.jsonl")
    with open_journal(str(tmp_path / "new.jsonl")) as journal:
        journal.append("new", [attrs.evolve(story("S01")[0], case_id="new")], expected=0)
    assert "shuroflow migrate" in one_line(call("convert", tmp_path / "new.jsonl", url))


def test_migrate_what_needs_none(tmp_path: Path) -> None:
    """A file of JSON Lines, a database that is missing, one without a journal."""
    shutil.copy(GOLDEN, tmp_path / "cases.jsonl")
    told = one_line(call("migrate", tmp_path / "cases.jsonl", "--lang", "en"))
    assert f"{tmp_path / 'cases.jsonl'}: only the tables of a database" in told
    assert "no such database" in one_line(call("migrate", f"sqlite:///{tmp_path / 'none.db'}", "--lang", "en"))
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    assert "holds no journal" in one_line(call("migrate", f"sqlite:///{tmp_path / 'empty.db'}"))


def test_into_what_is_read(cases: Path, tmp_path: Path) -> None:
    """Neither the file or database itself by another name, nor a file in the folder that is read."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    assert 0 == call("convert", cases, url).exit_code
    folder = cases.parent
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    before = snapshot(tmp_path)
    for source, target in (
        (cases, tmp_path / "link" / cases.name),
        (url, f"sqlite:///{tmp_path / 'link' / 'a.db'}"),
        (folder, cases),
        (folder, tmp_path / "link" / "new.jsonl"),
    ):
        assert "TARGET" in one_line(call("convert", source, target))
        assert before == snapshot(tmp_path)
