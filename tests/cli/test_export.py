"""``shuroflow export`` and ``audit --format xlsx``: files that appear whole, what a reader must know, exit status."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
import openpyxl
import pytest

from shuroflow.samples import SAMPLES
from tests.audit.records import line, snapshot, story, write
from tests.cli.calls import call, one_line

AS_OF = ("--as-of", "2026-11-21")


@pytest.mark.parametrize("form", ["xes", "ocel-json", "csv"])
def test_a_log_on_standard_output_is_that_in_a_file(tmp_path: Path, form: str) -> None:
    """The same bytes; what was written is counted on standard error, so that a pipe gets the log alone."""
    piped = call("--lang", "en", "export", *SAMPLES, "--format", form, *AS_OF)
    filed = call("--lang", "en", "export", *SAMPLES, "--format", form, *AS_OF, "-o", tmp_path / "log")

    assert 0 == piped.exit_code == filed.exit_code
    assert piped.stdout_bytes == (tmp_path / "log").read_bytes()
    assert piped.stderr.startswith("20 cases, 233 events")
    assert "" == filed.stdout
    assert ["log"] == [path.name for path in tmp_path.iterdir()]


def test_a_database_needs_a_file(tmp_path: Path) -> None:
    """It is refused on standard output, and written whole to a file that is replaced as a whole."""
    assert "-o FILE" in one_line(call("export", *SAMPLES, "--format", "ocel-sqlite"))
    target = tmp_path / "log.ocel"
    for _ in range(2):
        assert 0 == call("export", *SAMPLES, "--format", "ocel-sqlite", *AS_OF, "-o", target).exit_code
        with closing(sqlite3.connect(target)) as database:
            assert (233,) == database.execute("SELECT count(*) FROM event").fetchone()
        target.write_bytes(b"")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """Not what is read, not another journal, and not a database."""
    source = write(tmp_path / "cases.jsonl", story("S01"))
    database = tmp_path / "other.sqlite"
    database.write_bytes(b"SQLite format 3\0")
    before = snapshot(tmp_path)

    for target in (source, tmp_path / "new.jsonl", database):
        for form in ("xes", "ocel-sqlite"):
            one_line(call("export", source, "--format", form, "-o", target))
        one_line(call("audit", source, "--format", "xlsx", "-o", target))

    assert before == snapshot(tmp_path)


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    """Exit status 2, each error on standard error, the rest in the log."""
    source = write(tmp_path / "cases.jsonl", story("S01"))
    source.write_bytes(source.read_bytes() + line(story("S02")[0], event="nothing"))

    result = call("--lang", "en", "export", source, "--format", "csv", *AS_OF)

    assert 2 == result.exit_code
    assert "cases.jsonl:14: event: programme 'saitama' has no event 'nothing'" in result.stderr
    assert "Traceback" not in result.stderr
    assert 14 == len(result.stdout.splitlines())


def test_what_a_reader_must_know_is_told(tmp_path: Path) -> None:
    """Replaced characters, moments that run backwards, later cases."""
    events = story("S01")
    events[0] = attrs.evolve(events[0], note="a\x01b")
    events[4] = attrs.evolve(events[4], recorded_at=events[3].recorded_at.replace(year=2020))
    source = write(tmp_path / "cases.jsonl", events, [attrs.evolve(each, case_id="L") for each in story("T09")])

    result = call(
        "--lang", "en", "export", source, "--format", "xes", "--as-of", "2025-10-01", "-o", tmp_path / "a.xes"
    )

    assert 0 == result.exit_code, result.output
    assert "1 characters that XML cannot hold were written like [U+0001]: S01 #1: note[1]=U+0001" in result.stderr
    assert "1 events were written at an earlier moment" in result.stderr


def test_a_workbook(tmp_path: Path) -> None:
    """The exit status is that of the audit; the file holds the findings; standard output holds nothing."""
    target = tmp_path / "audit.xlsx"
    report = json.loads(call("audit", *SAMPLES, *AS_OF, "--format", "json").stdout)

    result = call("audit", *SAMPLES, *AS_OF, "--format", "xlsx", "-o", target)

    assert 1 == result.exit_code
    assert "" == result.stdout
    sheet = openpyxl.load_workbook(target)["指摘"]
    assert sum(len(case["findings"]) for case in report["cases"]) == sheet.max_row - 1
    assert "-o FILE" in one_line(call("audit", *SAMPLES, "--format", "xlsx"))
    assert ["audit.xlsx"] == [path.name for path in tmp_path.iterdir()]
