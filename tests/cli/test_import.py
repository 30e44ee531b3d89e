"""``shuroflow import``: nothing is written where anything cannot be mapped; what is left out is kept and explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shuroflow.samples import SAMPLES
from shuroflow.storage import decode, open_journal
from tests.cli.calls import call, one_line
from tests.importing import test_amending as amending
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
        json.loads(call("audit", *sources, "--as-of", "2026-11-21", "--format", "json").stdout)["cases"]
        for sources in ([place], SAMPLES)
    ]
    assert {place} == {case.pop("source") for case in verdicts[0]}
    assert set(map(str, SAMPLES)) == {case.pop("source") for case in verdicts[1]}
    assert verdicts[1] == verdicts[0]


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


def test_a_case_that_is_there_already_is_counted_right(tmp_path: Path, mapping: Path) -> None:
    """The same rows once more: how many events its case holds there is told, one of them as one."""
    target = tmp_path / "cases.jsonl"
    args = ("--lang", "en", "import", csv_file(tmp_path / "in.csv", GOOD), "--mapping", mapping, "-o", target)
    assert 0 == call(*args).exit_code
    count = len(target.read_text(encoding="utf-8").splitlines())
    said = call(*args).stdout
    assert f"holds {count} event{'' if count == 1 else 's'} there" in said


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


@pytest.mark.parametrize(("lang", "place"), [("ja", "列 5「of」"), ("en", "column 5 (of)")])
def test_an_amendment_that_names_nothing_is_told_at_its_cell(tmp_path: Path, lang: str, place: str) -> None:
    """Line and column of the wrong number; its case is kept whole among the rejects, and comes in once it is right."""
    rules, source, target = tmp_path / "m.toml", tmp_path / "in.csv", tmp_path / "cases.jsonl"
    rules.write_text(amending.MAPPING, encoding="utf-8")
    rows = ["T,1,V,2025-06-10,", "T,3,V,2025-06-20,", "T,5,W,2025-07-01,2", "U,4,V,2025-06-30,", "U,8,W,2025-07-01,4"]
    source.write_text(amending.HEAD + "".join(f"{row}\r\n" for row in rows), encoding="utf-8", newline="")

    result = call("--lang", lang, "import", source, "--mapping", rules, "-o", target, "--partial")

    assert 2 == result.exit_code
    assert f"{source}:4: {place}: " in result.stdout
    assert "there is no record 2 in case 'T'" in result.stdout
    kept = (tmp_path / "in.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert rows[:3] == [line.rpartition('",')[2] for line in kept[1:]]
    with open_journal(str(target)) as journal:
        assert ["U"] == list(journal.cases())

    mended = tmp_path / "mended.csv"
    mended.write_text("\n".join(kept).replace("-01,2", "-01,3"), encoding="utf-8")
    again = call("--lang", lang, "import", mended, "--mapping", rules, "-o", target)
    assert 0 == again.exit_code, again.output
    assert {"ja": "訂正・取消 1 件", "en": "1 correction or withdrawal: "}[lang] in again.stdout
    assert {"ja": "列「no」の番号", "en": "the column no"}[lang] in again.stdout
    with open_journal(str(target)) as journal:
        assert 2 == journal.read("T")[-1].data.seq


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_the_numbers_were_taken_for_is_told(tmp_path: Path, mapping: Path, lang: str) -> None:
    """Without a column of numbers they are places in the case; who means record numbers reads here what to do."""
    source = csv_file(tmp_path / "in.csv", GOOD, GOOD.replace(",L,", ",W,").replace(",,,,", ",x,,,1"))

    result = call("--lang", lang, "import", source, "--mapping", mapping, "--dry-run")

    assert 0 == result.exit_code, result.output
    assert {"ja": "何番目の出来事か(並び順 recorded_at)", "en": "in the order of recorded_at"}[lang] in result.stdout
    assert "order" in result.stdout
    alone = call("--lang", lang, "import", csv_file(tmp_path / "in.csv", GOOD), "--mapping", mapping, "--dry-run")
    assert "order" not in alone.stdout


def test_rejects_keep_bytes_that_are_no_characters(tmp_path: Path) -> None:
    """Bytes without a character are in the rejects as they stood, in the same encoding."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.format(encoding="cp932"), encoding="utf-8")
    bad = b"B,L,2025-04-03,2025-04-03 15:04,cw-1,caseworker,\xf0\x40\xfd,,,\r\n"
    source = tmp_path / "in.csv"
    source.write_bytes(HEAD.encode() + GOOD.encode() + bad)

    result = call("import", source, "--mapping", mapping, "-o", tmp_path / "cases.jsonl", "--partial")

    assert 2 == result.exit_code
    lines = (tmp_path / "in.rejects.csv").read_bytes().split(b"\r\n")
    assert lines[1].endswith(bad.strip())
    assert "文字として読めません" in lines[1][: -len(bad)].decode("cp932")


@pytest.mark.parametrize(
    ("lang", "said"),
    [("ja", "判別できない行があり、--partial でも取り込めません"), ("en", "of a case that cannot be told")],
)
def test_nothing_is_taken_where_a_withdrawal_may_be_of_any_case(
    tmp_path: Path, mapping: Path, lang: str, said: str
) -> None:
    """One line that names the row and what to do; nothing is written, no rejects either."""
    source = csv_file(tmp_path / "in.csv", GOOD, GOOD.replace("A,L,", ",W,"), 'C,L,"x"y,,,,,,,\r\n')
    before = sorted(tmp_path.iterdir())

    result = call("--lang", lang, "import", source, "--mapping", mapping, "-o", tmp_path / "c.jsonl", "--partial")

    assert 2 == result.exit_code
    assert said in one_line(result)
    assert f"{source}:3" in one_line(result)
    assert "ignore" in one_line(result)
    assert before == sorted(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("lang", "count", "whole"),
    [
        ("ja", "取り込めない箇所が 1 件", "すべての行を除いたケース 1 件"),
        ("en", "1 thing cannot be mapped", "1 case left out whole"),
    ],
)
def test_a_case_left_out_for_a_row_is_no_second_fault(
    tmp_path: Path, mapping: Path, lang: str, count: str, whole: str
) -> None:
    """The row is told and counted once; the case that goes with it is named, and with which row it goes."""
    row = "A,W,2025-04-31,2025-04-04 15:04,cw-1,caseworker,x,,,1\r\n"
    source = csv_file(tmp_path / "in.csv", GOOD, row, GOOD.replace("A,", "B,"))

    result = call("--lang", lang, "import", source, "--mapping", mapping, "-o", tmp_path / "c.jsonl", "--partial")

    assert count in one_line(result)
    (line,) = [line for line in result.stdout.splitlines() if whole in line]
    assert line.endswith(f"A ({source}:3)")
    with open_journal(str(tmp_path / "c.jsonl")) as journal:
        assert ["B"] == list(journal.cases())


@pytest.mark.parametrize(
    ("lang", "said"), [("ja", "複数のファイルにあるケース番号 1 件"), ("en", "1 case number in several files")]
)
def test_one_case_number_in_two_files_is_told(tmp_path: Path, mapping: Path, lang: str, said: str) -> None:
    """One line with the number and both files; what stands twice is told only of cases that are taken."""
    first = csv_file(tmp_path / "a.csv", GOOD)
    second = csv_file(tmp_path / "b.csv", GOOD, GOOD.replace("A,", "B,"))
    told = {"ja": "どれも取込みの対象", "en": "taken all the same"}[lang]

    result = call("--lang", lang, "import", first, second, "--mapping", mapping, "-o", tmp_path / "c.jsonl")
    assert 0 == result.exit_code, result.output
    (line,) = [line for line in result.stdout.splitlines() if said in line]
    assert f"A ({first}, {second})" in line
    assert told in result.stdout

    again = call("--lang", lang, "import", first, second, "--mapping", mapping, "-o", tmp_path / "c.jsonl")
    assert said in again.stdout
    assert told not in again.stdout


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
    assert "no folder" in one_line(
        call("--lang", "en", "import", source, "--mapping", mapping, "-o", tmp_path / "no/out.jsonl")
    )
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
