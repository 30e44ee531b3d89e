"""``shuroflow import``: nothing is written where anything cannot be mapped; what is left out is kept and explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shuroflow.samples import SAMPLES
from shuroflow.storage import decode, open_journal
from tests.cli.calls import call, one_line
from tests.importing.foreign import by_case, table_of
from tests.importing.test_faults import GOOD, HEAD, MAPPING

SAMPLED = [decode(line) for path in SAMPLES for line in path.read_bytes().splitlines()]
BAD = "B,L,2025-04-31,2025-04-03 15:04,cw-1,cook,渡\U000e0101邉 \ue000,,,\r\n"


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """A mapping."""
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING.format(encoding="utf-8"), encoding="utf-8")
    return path


def csv_file(path: Path, *rows: str) -> Path:
    """A table under the headings of the mapping."""
    path.write_text(HEAD + "".join(rows), encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("target", ["cases.jsonl", "監" * 80 + ".jsonl", "sqlite:///{}/cases.db"])
def test_a_table_becomes_a_journal(tmp_path: Path, target: str) -> None:
    """The samples through another system: the journal is chained and its audit is that of the samples."""
    text, mapping = table_of(SAMPLED)
    (tmp_path / "in.csv").write_text(text, encoding="utf-8", newline="")
    (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
    place = target.format(tmp_path) if "://" in target else str(tmp_path / target)

    result = call("--lang", "en", "import", tmp_path / "in.csv", "--mapping", tmp_path / "m.toml", "-o", place)

    assert 0 == result.exit_code, result.output
    assert f"{len(SAMPLED)} events, 20 cases, 0 rows left out" in result.stdout
    with open_journal(place) as journal:
        for case_id, events in by_case(SAMPLED).items():
            found = journal.read(case_id)
            assert [event.data for event in events] == [event.data for event in found]
            assert all((event.prev is None) == (event.seq == 1) for event in found)
    verdicts = [
        json.loads(call("audit", *sources, "--as-of", "2026-11-21", "--format", "json").stdout)
        for sources in ([place], SAMPLES)
    ]
    assert verdicts[1]["cases"] == verdicts[0]["cases"]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_headings_alone_are_nothing_to_import(tmp_path: Path, mapping: Path, lang: str) -> None:
    """Nothing is wrong, and nothing is made; a line on standard error says so."""
    target = tmp_path / "cases.jsonl"
    result = call("--lang", lang, "import", csv_file(tmp_path / "in.csv"), "--mapping", mapping, "-o", target)
    assert 0 == result.exit_code
    (said,) = result.stderr.splitlines()
    assert {"ja": "取り込む出来事がありません", "en": "there is nothing to import"}[lang] in said
    assert not target.exists()
    assert "" == call("import", csv_file(tmp_path / "in.csv", GOOD), "--mapping", mapping, "-o", target).stderr


def test_nothing_is_written_where_anything_is_wrong(tmp_path: Path, mapping: Path) -> None:
    """Everything is listed, one line on standard error, exit status 2, and no file has come into being."""
    source = csv_file(tmp_path / "in.csv", GOOD, BAD)
    before = sorted(tmp_path.iterdir())

    result = call("import", source, "--mapping", mapping, "-o", tmp_path / "cases.jsonl")

    assert "エラー: 取り込めない箇所が 2 件あります。何も書き込んでいません" == one_line(result)
    assert f"{source}:3: 列 3「day」: 値として読めません" in result.stdout
    assert f"{source}:3: 列 6「role」: コード表にありません" in result.stdout
    assert before == sorted(tmp_path.iterdir())


def test_partial_keeps_what_is_left_out(tmp_path: Path, mapping: Path) -> None:
    """The rest is imported; the row is kept byte for byte behind its reason, and comes in once it is put right."""
    source = csv_file(tmp_path / "in.csv", GOOD, BAD)
    target = tmp_path / "cases.jsonl"

    result = call("--lang", "en", "import", source, "--mapping", mapping, "-o", target, "--partial")

    assert "error: 2 things cannot be mapped; the rest was imported" == one_line(result)
    rejects = tmp_path / "in.rejects.csv"
    head, row = rejects.read_bytes().split(b"\r\n")[:2]
    assert head.endswith(HEAD.strip().encode())
    assert row.endswith(BAD.strip().encode())
    assert b"no day of the calendar" in row or b"not a day of the calendar" in row

    mended = tmp_path / "mended.csv"
    mended.write_bytes(rejects.read_bytes().replace(b"04-31", b"04-30").replace(b",cook,", b",caseworker,"))
    again = call("import", mended, "--mapping", mapping, "-o", target)
    assert 0 == again.exit_code, again.output
    with open_journal(str(target)) as journal:
        assert ["A", "B"] == list(journal.cases())
        assert "渡\U000e0101邉 \ue000" == journal.read("B")[0].note


def test_rejects_keep_bytes_that_are_no_characters(tmp_path: Path) -> None:
    """Bytes without a character, and a row of broken quotes, are in the rejects as they stood, in the same encoding."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.format(encoding="cp932"), encoding="utf-8")
    bad = b"B,L,2025-04-03,2025-04-03 15:04,cw-1,caseworker,\xf0\x40\xfd,,,\r\n"
    broken = b'C,L,"x"y,,,,,,,\r\n'
    source = tmp_path / "in.csv"
    source.write_bytes(HEAD.encode() + GOOD.encode() + bad + broken)

    result = call("import", source, "--mapping", mapping, "-o", tmp_path / "cases.jsonl", "--partial")

    assert 2 == result.exit_code
    lines = (tmp_path / "in.rejects.csv").read_bytes().split(b"\r\n")
    assert lines[1].endswith(bad.strip())
    assert lines[2].endswith(broken.strip())
    assert "文字として読めません" in lines[1][: -len(bad)].decode("cp932")


def test_a_case_that_is_there_already(tmp_path: Path, mapping: Path) -> None:
    """It is told at its row; nothing is added to it."""
    source, target = csv_file(tmp_path / "in.csv", GOOD), tmp_path / "cases.jsonl"
    assert 0 == call("import", source, "--mapping", mapping, "-o", target).exit_code
    before = target.read_bytes()

    result = call("import", source, "--mapping", mapping, "-o", target)

    assert 2 == result.exit_code
    assert f"{source}:2: このケースは既に記録簿にあります" in result.stdout
    assert before == target.read_bytes()


def test_a_dry_run_writes_nothing(tmp_path: Path, mapping: Path) -> None:
    """It counts, and names columns that the mapping does not speak of."""
    source = tmp_path / "in.csv"
    source.write_text(HEAD.replace("\r\n", ",extra\r\n") + GOOD.replace("\r\n", ",x\r\n"), encoding="utf-8", newline="")
    before = sorted(tmp_path.iterdir())

    result = call("--lang", "en", "import", source, "--mapping", mapping, "--dry-run")

    assert 0 == result.exit_code
    assert "1 row, 1 event, 1 case, 0 rows left out" in result.stdout
    assert "columns that the mapping does not speak of: extra" in result.stdout
    assert before == sorted(tmp_path.iterdir())


def test_calls_that_cannot_be_used(tmp_path: Path, mapping: Path) -> None:
    """One line each: no target, a target that is no journal, a mapping that is wrong, files that are not there."""
    source = csv_file(tmp_path / "in.csv", GOOD)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("skip = -1\noffset = 9\n", encoding="utf-8")
    taken = csv_file(tmp_path / "bad.csv", GOOD, BAD)
    (tmp_path / "bad.rejects.csv").write_text("kept", encoding="utf-8")
    target = tmp_path / "out.jsonl"

    assert "--dry-run" in one_line(call("import", source, "--mapping", mapping))
    assert "a journal is a .jsonl file" in one_line(call("import", source, "--mapping", mapping, "-o", "out.csv"))
    assert "skip: " in one_line(call("import", source, "--mapping", wrong, "-o", target))
    assert "offset: " in one_line(call("import", source, "--mapping", wrong, "-o", target))
    assert "none.toml" in one_line(call("import", source, "--mapping", tmp_path / "none.toml", "-o", target))
    assert "none.csv" in one_line(call("import", tmp_path / "none.csv", "--mapping", mapping, "-o", target))
    assert "no folder" in one_line(call("import", source, "--mapping", mapping, "-o", tmp_path / "no/out.jsonl"))
    partial = call("import", taken, "--mapping", mapping, "-o", target, "--partial")
    assert "not overwritten" in partial.stderr
    assert not target.exists()


def test_the_example_is_printed() -> None:
    """It is a mapping, with nothing around it."""
    from shuroflow.importing import example, parse_mapping

    result = call("import", "--example")

    assert 0 == result.exit_code
    assert example() == result.stdout
    assert 3 == len(parse_mapping(result.stdout).rules)
