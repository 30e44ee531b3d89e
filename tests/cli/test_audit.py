"""``shuroflow audit``: exit status, formats, files that appear whole, pipes and interrupts."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shuroflow.audit import source as auditing
from shuroflow.audit.judging import judged
from shuroflow.storage import open_journal
from tests.audit.records import line, snapshot, story, write
from tests.cli.calls import call, one_line, program

AS_OF = ("--as-of", "2026-11-21")


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A caseload without a fault."""
    return write(tmp_path / "clean.jsonl", story("S01"), story("S10"))


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A caseload with one violation."""
    return write(tmp_path / "faulty.jsonl", story("S01"), story("S02"))


def test_exit_status(clean: Path, faulty: Path, tmp_path: Path) -> None:
    """0 nothing wrong; 1 violations; 2 where anything could not be used, violations or not."""
    assert 0 == call("audit", clean, *AS_OF).exit_code
    assert 1 == call("audit", faulty, *AS_OF).exit_code
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(faulty.read_bytes() + b"hello\n")
    result = call("audit", bad, *AS_OF)
    assert 2 == result.exit_code
    assert "[違反] 4(1)" in result.stdout


@pytest.mark.parametrize("day", ["2025-04-05", "令和7年4月5日", "R7.4.5", "2025/4/5", "R７.４.５"])
def test_days_in_either_reckoning(faulty: Path, day: str) -> None:
    """The day asked about may be written as on paper: before the fault there is nothing to find."""
    result = call("audit", faulty, "--as-of", day)
    assert 0 == result.exit_code
    assert "基準日 令和7年4月5日 (2025-04-05)" in result.stdout


def test_the_day_is_today_in_japan(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a day it is that of the offices, whatever zone the machine is in; it is printed."""
    from datetime import UTC, datetime

    from shuroflow.cli import options

    class Late(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Late:
            return cls(2026, 3, 31, 16, 0, tzinfo=UTC).astimezone(tz)  # type: ignore[arg-type]

    monkeypatch.setattr(options, "datetime", Late)
    assert "(2026-04-01)" in call("audit", clean).stdout


def test_japan_without_zone_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without zone data has the fixed offset."""
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfoNotFoundError

    from shuroflow.cli import options

    def missing(name: str) -> object:
        raise ZoneInfoNotFoundError(name)

    at = datetime(2026, 7, 1)  # noqa: DTZ001 - only its offset is asked
    assert timedelta(hours=9) == options.japan().utcoffset(at)
    monkeypatch.setattr(options, "ZoneInfo", missing)
    assert timedelta(hours=9) == options.japan().utcoffset(at)


def test_known_at(faulty: Path) -> None:
    """A moment, or a day that stands for its end, leaves out what was written down later."""
    for moment in ("2025-04-09T23:59:59+09:00", "令和7年4月9日"):
        result = call("audit", faulty, *AS_OF, "--known-at", moment)
        assert 0 == result.exit_code
        assert "2025-04-09T23:59:59+09:00 までに記録されたもの" in result.stdout
    assert 1 == call("audit", faulty, *AS_OF, "--known-at", "2025-04-10").exit_code


def test_notes_and_languages(clean: Path) -> None:
    """Notes on request; English before or after the command."""
    assert "注記]" not in call("audit", clean, *AS_OF).stdout
    assert "[注記]" in call("audit", clean, *AS_OF, "--notes").stdout
    after = call("audit", clean, *AS_OF, "--notes", "--lang", "en").stdout
    assert "[note]" in after
    assert after == call("--lang", "en", "audit", clean, *AS_OF, "--notes").stdout


def test_json_and_csv(faulty: Path) -> None:
    """Both forms on standard output, in UTF-8 whatever the terminal is; CSV with its mark and CRLF."""
    told = json.loads(call("audit", faulty, *AS_OF, "--format", "json").stdout_bytes)
    assert [("S01", 0), ("S02", 1)] == [
        (case["case_id"], sum(finding["severity"] == "violation" for finding in case["findings"]))
        for case in told["cases"]
    ]
    raw = call("audit", faulty, *AS_OF, "--format", "csv").stdout_bytes
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert "ケース" == rows[0][0]
    assert raw.count(b"\r\n") == len(rows)


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_a_file_holds_what_the_screen_shows(faulty: Path, tmp_path: Path, form: str) -> None:
    """``-o`` writes the same bytes to a file, leaves nothing else behind and says nothing."""
    shown = call("audit", faulty, *AS_OF, "--format", form)
    before = snapshot(tmp_path)
    result = call("audit", faulty, *AS_OF, "--format", form, "-o", tmp_path / "report")
    assert (1, "") == (result.exit_code, result.stdout)
    assert {**before, "report": shown.stdout_bytes} == snapshot(tmp_path)


def test_a_report_with_errors_is_written(faulty: Path, tmp_path: Path) -> None:
    """One bad line does not cost the report: it is written, with the error in it."""
    faulty.write_bytes(faulty.read_bytes() + b"hello\n")
    result = call("audit", faulty, *AS_OF, "--format", "json", "-o", tmp_path / "report.json")
    assert 2 == result.exit_code
    told = json.loads((tmp_path / "report.json").read_bytes())
    assert [27] == [error["line"] for error in told["errors"]]
    assert 2 == told["summary"]["cases"]


def test_a_report_replaces_the_last_one(faulty: Path, tmp_path: Path) -> None:
    """The file is replaced whole; its permissions stay; through a link the file itself is meant."""
    target, link = tmp_path / "report.txt", tmp_path / "link.txt"
    target.write_text("yesterday")
    target.chmod(0o640)
    link.symlink_to(target)
    call("audit", faulty, *AS_OF, "-o", link)
    assert link.is_symlink()
    assert "監査" in target.read_text(encoding="utf-8")
    assert 0o640 == stat.S_IMODE(target.stat().st_mode)


@pytest.mark.parametrize("where", ["folder", "no/such/folder.txt", "faulty.jsonl"])
def test_an_output_that_cannot_be(faulty: Path, tmp_path: Path, where: str) -> None:
    """A folder, a missing folder, and the audited file itself are refused; nothing changes."""
    (tmp_path / "folder").mkdir()
    before = snapshot(tmp_path)
    for source in (faulty, tmp_path):
        result = call("audit", source, *AS_OF, "-o", tmp_path / where)
        assert 2 == result.exit_code
        assert "-o" in result.stderr
        assert 1 == len(result.stderr.splitlines())
    assert before == snapshot(tmp_path)


def test_a_database_is_not_overwritten(tmp_path: Path) -> None:
    """The same for the file of a database."""
    file = tmp_path / "cases.db"
    with open_journal(f"sqlite:///{file}", create=True) as journal:
        journal.append("S02", story("S02"), expected=0)
    before = file.read_bytes()
    assert 2 == call("audit", f"sqlite:///{file}", "-o", file).exit_code
    assert before == file.read_bytes()
    assert 1 == call("audit", f"sqlite:///{file}", *AS_OF, "-o", tmp_path / "report").exit_code


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("other.jsonl", b""),
        ("OTHER.JSONL", b"x"),
        ("new.jsonl", None),
        ("other.db", b""),
        ("other.sqlite3", b"x"),
        ("kept", b"SQLite format 3\0 and so on"),
        ("kept.txt", b"\xef\xbb\xbf" + line(story("S01")[0])),
        ("truth.ndjson", b'{"programme":"saitama", "case_id":"S01"}\n'),
    ],
)
@pytest.mark.parametrize("command", ["audit", "schema"])
def test_a_journal_is_not_overwritten(
    faulty: Path, tmp_path: Path, name: str, content: bytes | None, command: str
) -> None:
    """What holds records, or is named so, is never replaced by a report; a link to it neither."""
    target = tmp_path / name
    if content is not None:
        target.write_bytes(content)
    (tmp_path / "link").symlink_to(target)
    before = snapshot(tmp_path)
    for place in (target, tmp_path / "link"):
        result = call(command, *([faulty, *AS_OF] if command == "audit" else []), "-o", place)
        assert (2, 1) == (result.exit_code, len(result.stderr.splitlines()))
        assert "記録簿" in result.stderr
    assert before == snapshot(tmp_path)


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_a_report_is_overwritten_by_the_next(faulty: Path, tmp_path: Path, form: str) -> None:
    """No report of ours is taken for a journal; neither is a schema."""
    for _ in range(2):
        assert 1 == call("audit", faulty, *AS_OF, "--format", form, "-o", tmp_path / "report").exit_code
        assert 0 == call("schema", "-o", tmp_path / "schema.json").exit_code


def test_cases_that_began_later_are_told(faulty: Path) -> None:
    """They do not vanish: the text and JSON say how many there are, and the exit status is as without them."""
    day = ("--as-of", "2025-04-02")
    result = call("audit", faulty, *day)
    assert 0 == result.exit_code
    assert "このほか 2ケース" in result.stdout
    summary = json.loads(call("audit", faulty, *day, "--format", "json").stdout_bytes)["summary"]
    assert (0, 2) == (summary["cases"], summary["later"])


def test_a_device_is_written_to(faulty: Path) -> None:
    """A device is not replaced by a file."""
    assert 1 == call("audit", faulty, *AS_OF, "-o", os.devnull).exit_code
    assert not Path(os.devnull).is_file()


def test_a_full_disk(faulty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is told in one line, and nothing half-written stays behind."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = snapshot(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    result = call("audit", faulty, *AS_OF, "--format", "json", "-o", tmp_path / "report.json")
    assert "No space left on device" in one_line(result)
    assert str(tmp_path / "report.json") in result.stderr
    assert before == snapshot(tmp_path)


def _many(path: Path, cases: int) -> Path:
    template = b"".join(line(event) for event in story("S02"))
    path.write_bytes(b"".join(template.replace(b'"S02"', b'"C%d"' % number) for number in range(cases)))
    return path


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_a_reader_that_goes_away(tmp_path: Path, form: str) -> None:
    """``| head -1``: quiet, and with the status of a closed pipe."""
    path = _many(tmp_path / "cases.jsonl", 2000)
    with subprocess.Popen(
        [sys.executable, "-m", "shuroflow", "audit", str(path), *AS_OF, "--format", form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        told = running.stderr.read()
        assert (141, b"") == (running.wait(timeout=60), told)


@pytest.fixture
def heard() -> Iterator[None]:
    """Programs begun meanwhile hear an interrupt, also where the shell had this one begun in the background, deaf."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c(tmp_path: Path) -> None:
    """An interrupt ends it with its own status, says how to go on, and leaves no half-written report."""
    path = _many(tmp_path / "cases.jsonl", 60000)
    with subprocess.Popen(
        [sys.executable, "-m", "shuroflow", "audit", str(path), *AS_OF, "-o", str(tmp_path / "report")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        kept = tmp_path / "report.partial"
        while running.poll() is None and not (kept.exists() and kept.stat().st_size > 10_000):  # more than its head
            pass
        running.send_signal(signal.SIGINT)
        out, told = running.communicate(timeout=60)
    said = "続けるには、同じ指定に --resume を付けてください\n"
    assert (130, b"", said) == (running.returncode, out, told.decode())
    assert {"cases.jsonl", "report.partial"} == set(os.listdir(tmp_path))


BROKEN_OFF = {
    "ja": "中断しました。途中経過は残っていません。-o FILE を付けた監査は --resume で続けられます\n",
    "en": "broken off; nothing is kept: an audit with -o FILE can be resumed (--resume)\n",
}
BEFORE_ANYTHING = {
    "ja": "中断しました。途中経過は残っていません。次は最初から行います\n",
    "en": "broken off; nothing is kept yet: the next call begins at the beginning\n",
}


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("where", [(), ("-o", "-"), ("-o", "/dev/null"), ("-o", "report")])
def test_ctrl_c_where_nothing_is_kept(
    faulty: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[str, ...], lang: str
) -> None:
    """Without a file of its own, or before the first verdict, one line says that nothing is kept."""

    def stopped(cases: object, question: object) -> Iterator[object]:
        if where == ("-o", "report"):
            raise KeyboardInterrupt
        yield next(iter(judged(cases, question)))  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.chdir(faulty.parent)
    monkeypatch.setattr(auditing, "judged", stopped)
    before = snapshot(faulty.parent)
    result = call("audit", faulty, *AS_OF, *where, "--lang", lang)
    expected = BEFORE_ANYTHING if where == ("-o", "report") else BROKEN_OFF
    assert (130, expected[lang]) == (result.exit_code, result.stderr)
    assert before == snapshot(faulty.parent)


def test_progress_only_for_people(tmp_path: Path) -> None:
    """Nothing about progress is written where standard error is no terminal."""
    done = program("audit", _many(tmp_path / "cases.jsonl", 500), *AS_OF, "-o", tmp_path / "report")
    assert (1, "", "") == (done.returncode, done.stdout, done.stderr)


def test_overlay(tmp_path: Path) -> None:
    """An overlay's settings are those the cases are judged by."""
    path = write(tmp_path / "cases.jsonl", story("S01"))
    overlay = tmp_path / "office.toml"
    overlay.write_text('[settings]\nfirst_day = "excluded"\n', encoding="utf-8-sig")
    assert "令和7年7月14日" in call("audit", path, *AS_OF).stdout
    assert "令和7年7月15日" in call("audit", path, *AS_OF, "--overlay", overlay).stdout


# Several sources, and the receipt -------------------------------------------------------------------------------------


def test_several_sources_are_named(clean: Path, tmp_path: Path) -> None:
    """In the text each case has its source as soon as more than one is read, also of a folder; in JSON always."""
    alone = call("--lang", "en", "audit", clean, *AS_OF).stdout
    assert "  source: " not in alone
    other = write(tmp_path / "other.jsonl", story("T01"))
    for sources in ((clean, other), (tmp_path,)):
        told = call("--lang", "en", "audit", *sources, *AS_OF).stdout
        assert 2 == told.count(f"  source: {clean}\n")
        assert 1 == told.count(f"  source: {other}\n")
        cases = json.loads(call("audit", *sources, *AS_OF, "--format", "json").stdout)["cases"]
        assert {"S01": str(clean), "S10": str(clean), "T01": str(other)} == {c["case_id"]: c["source"] for c in cases}
    (case, _) = json.loads(call("audit", clean, *AS_OF, "--format", "json").stdout)["cases"]
    assert str(clean) == case["source"]


def test_two_offices_with_the_same_numbers(clean: Path, tmp_path: Path) -> None:
    """They are not merged: each number is named once with both remedies, and audited apart both are fine."""
    other = write(tmp_path / "other.jsonl", story("S01"), story("S10"))
    result = call("--lang", "en", "audit", clean, other, *AS_OF)
    assert 2 == result.exit_code
    assert 2 == result.stdout.count("audit two offices that use the same number apart")
    counted = call("--lang", "en", "statistics", clean, other, *AS_OF)
    assert "audit two offices that use the same number apart" in one_line(counted)
    assert [0, 0] == [call("audit", each, *AS_OF).exit_code for each in (clean, other)]
    assert "所ごとに分けて" in one_line(call("show", tmp_path, "S01"))


@pytest.mark.parametrize("form", ["text", "json", "csv", "html"])
def test_a_receipt_beside_every_form(faulty: Path, tmp_path: Path, form: str) -> None:
    """It is the receipt and the summary of the JSON, also where there are violations, with the overlay by its name."""
    overlay = tmp_path / "office.toml"
    overlay.write_text("[settings]\nplan_due_days = 14\n", encoding="utf-8")
    file = tmp_path / "receipt.json"
    options = (*AS_OF, "--known-at", "2026-11-01", "--overlay", overlay)
    assert 1 == call("audit", faulty, *options, "--format", form, "--receipt", file).exit_code
    told = json.loads(file.read_text(encoding="utf-8"))
    whole = json.loads(call("audit", faulty, *options, "--format", "json").stdout)
    assert {"receipt": whole["receipt"], "summary": whole["summary"]} == told
    assert [str(overlay)] == told["receipt"]["overlays"]
    assert 1 == told["summary"]["violations"]


def test_the_text_tells_the_overlay(faulty: Path, tmp_path: Path) -> None:
    """The last lines name the file and the hash of what it made of the office."""
    overlay = tmp_path / "office.toml"
    overlay.write_text("[settings]\nplan_due_days = 14\n", encoding="utf-8")
    for command in ("audit", "questions", "statistics"):
        plain = call("--lang", "en", command, faulty, *AS_OF).stdout
        other = call("--lang", "en", command, faulty, *AS_OF, "--overlay", overlay).stdout
        one = plain.partition("\nFigures, calendar, settings: built-in\n  SHA-256 ")[2].partition("\n")[0]
        two = other.partition(f"\nFigures, calendar, settings: overlay {overlay}\n  SHA-256 ")[2].partition("\n")[0]
        assert [64, 64] == [len(one), len(two)]
        assert one != two


@pytest.mark.parametrize("command", ["audit", "questions", "statistics"])
def test_a_receipt_of_what_could_not_all_be_used(faulty: Path, tmp_path: Path, command: str) -> None:
    """It is written also where the status is 2, and says how many records were unusable."""
    faulty.write_bytes(faulty.read_bytes() + b"hello\n")
    file = tmp_path / "receipt.json"
    assert 2 == call(command, faulty, *AS_OF, "--format", "csv", "--receipt", file).exit_code
    told = json.loads(file.read_text(encoding="utf-8"))
    assert (2, 1) == (told["summary"]["cases"], told["summary"]["errors"])
    assert ["saitama"] == [each["programme"] for each in told["receipt"]["texts"]]
    assert [str(faulty)] == [each["source"] for each in told["receipt"]["inputs"]]


@pytest.mark.parametrize(
    "where", ["-", "faulty.jsonl", "new.jsonl", "report.csv", "report.csv.partial", "no/r.json", "."]
)
def test_a_receipt_that_cannot_be_written(faulty: Path, tmp_path: Path, where: str) -> None:
    """It is refused before anything is read, and nothing is written."""
    place = where if where == "-" else tmp_path / where
    before = snapshot(tmp_path)
    report = tmp_path / "report.csv"
    told = one_line(call("audit", faulty, *AS_OF, "--format", "csv", "-o", report, "--receipt", place))
    assert "--receipt" in told
    assert before == snapshot(tmp_path)


# Explanations and the page --------------------------------------------------------------------------------------------


def test_json_with_every_step(faulty: Path) -> None:
    """``--explain`` adds steps and duties to each case, and the table of rules and clauses they refer to."""
    plain = json.loads(call("audit", faulty, *AS_OF, "--format", "json").stdout)
    result = call("audit", faulty, *AS_OF, "--format", "json", "--explain")
    assert 1 == result.exit_code
    told = json.loads(result.stdout)
    programmes = told.pop("programmes")
    for case in told["cases"]:
        steps, duties = case.pop("steps"), case.pop("duties")
        assert (case["events"], 3) == (len(steps), len(duties) + 1)
        rules = programmes[case["programme"]]["texts"]["2021-04-01"]["rules"]
        assert set() == {rule["rule"] for step in steps for rule in step["rules"]} - set(rules)
    assert plain == told


def test_a_page_that_is_whole_or_not_there(faulty: Path, tmp_path: Path) -> None:
    """HTML has the exit status of the audit, in either language, and the file appears at its end."""
    for lang, title in (("ja", "就労支援ケースの監査"), ("en", "Audit of employment-support cases")):
        out = tmp_path / f"{lang}.html"
        result = call("audit", faulty, *AS_OF, "--format", "html", "-o", out, "--lang", lang)
        assert 1 == result.exit_code
        page = out.read_text(encoding="utf-8")
        assert f"<title>{title}</title>" in page
        assert page.endswith("</html>\n")
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(faulty.read_bytes() + b"<b>hello\n")
    result = call("audit", bad, *AS_OF, "--format", "html")
    assert 2 == result.exit_code
    assert "bad.jsonl:27" in result.stdout


def test_what_a_checkpoint_proves_stands_in_the_page(clean: Path, tmp_path: Path) -> None:
    """Proven while the journal is as it was sealed; a changed one is not, and that alone is status 1."""
    seal = tmp_path / "cp.txt"
    assert 0 == call("seal", clean, "-o", seal).exit_code
    page = ("audit", clean, *AS_OF, "--format", "html", "--checkpoint", seal)
    result = call(*page)
    assert 0 == result.exit_code
    assert "" == result.stderr
    assert '<details class="proof proven">' in result.stdout
    count = len(clean.read_bytes().splitlines())
    assert f"封印により {count} 件の記録が証明されています" in result.stdout
    assert "証明されないこと" in result.stdout
    text = clean.read_text(encoding="utf-8")
    clean.write_text(text.replace("cw-03", "cw-04", 1), encoding="utf-8")
    result = call(*page, "--lang", "en")
    assert 1 == result.exit_code
    assert "Not proven by the checkpoint" in result.stdout
    assert '<details class="proof unproven" open>' in result.stdout
    (said,) = result.stderr.splitlines()
    head, _, why = said.partition(": the checkpoint does not prove this journal: ")
    assert "error" == head
    assert why
    assert why in result.stdout[result.stdout.index("Contradicted") :]
    (said,) = call(*page).stderr.splitlines()
    assert said.startswith("エラー: 封印はこの記録簿を証明しません: ")
    assert "Contradicted" in result.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--explain",),
        ("--explain", "--format", "html"),
        ("--checkpoint", "cp.txt"),
        ("--checkpoint", "cp.txt", "--format", "json"),
    ],
)
def test_options_that_go_with_another_format(clean: Path, options: tuple[str, ...]) -> None:
    """An option that would do nothing is an error that names what it goes with."""
    result = call("audit", clean, *AS_OF, *options)
    assert 2 == result.exit_code
    assert "--format" in result.stderr


def test_a_checkpoint_is_of_one_journal(clean: Path, faulty: Path, tmp_path: Path) -> None:
    """With several sources nobody could tell which one was sealed; a checkpoint that is none is named."""
    page = ("--format", "html", "--checkpoint", tmp_path / "cp.txt")
    assert 2 == call("audit", clean, faulty, *AS_OF, *page).exit_code
    assert "cp.txt" in call("audit", clean, *AS_OF, *page).stderr
