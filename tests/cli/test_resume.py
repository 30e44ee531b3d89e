"""``shuroflow audit --resume``: an interrupted audit goes on, and its report is that of an uninterrupted one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from shuroflow.audit import CaseReport, source, spool
from shuroflow.audit.judging import Question, Taken, Verdict, judged
from shuroflow.audit.summary import Item
from shuroflow.simulation import write as simulate
from tests.cli.calls import call, one_line, program

AS_OF = ("--as-of", "2027-01-01")
FORMATS = ("text", "json", "csv", "xlsx", "html")


@pytest.fixture
def caseload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of 60 cases, for some eight frames."""
    monkeypatch.setattr(spool, "LINES", 100)
    simulate(60, 4, 0.3, tmp_path / "cases.jsonl")
    return tmp_path / "cases.jsonl"


Judged = Iterator[tuple[Taken, Verdict[Item]]]


def stopping(at: int) -> Callable[[Iterator[Taken], Question], Judged]:
    """Judges so many cases; then Ctrl-C is pressed."""

    def judge(cases: Iterator[Taken], question: Question) -> Judged:
        for number, pair in enumerate(judged(cases, question)):
            if number == at:
                raise KeyboardInterrupt
            yield pair

    return judge


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_report(caseload: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Interrupted in the middle and continued: in every format the same bytes, and nothing is left beside them."""
    monkeypatch.chdir(caseload.parent)
    plain = ("audit", caseload.name, *AS_OF, "--format", form, "--lang", "en", "-o")
    alone = call(*plain, "alone")
    with monkeypatch.context() as patch:
        patch.setattr(source, "judged", stopping(47))
        stopped = call(*plain, "report")
    assert (130, "to go on: the same call with --resume\n") == (stopped.exit_code, stopped.stderr)
    assert {"alone", "cases.jsonl", "cases.truth.ndjson", "report.partial"} == set(os.listdir())
    with monkeypatch.context() as patch:
        patch.setattr(source, "judged", stopping(60 - 47))  # what was judged is not judged again
        done = call(*plain, "report", "--resume")
    assert (1, "report.partial: the verdicts kept there were taken over (cases: 47)\n") == (done.exit_code, done.stderr)
    assert alone.exit_code == done.exit_code
    assert Path("alone").read_bytes() == Path("report").read_bytes()
    assert {"alone", "cases.jsonl", "cases.truth.ndjson", "report"} == set(os.listdir())


def test_in_another_format(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged is the same in every format and language: it goes on in the one that is asked for now."""
    monkeypatch.chdir(caseload.parent)
    call("audit", caseload, *AS_OF, "--format", "json", "-o", "alone")
    with monkeypatch.context() as patch:
        patch.setattr(source, "judged", stopping(30))
        call("audit", caseload, *AS_OF, "--lang", "en", "-o", "report")
    assert 1 == call("audit", caseload, *AS_OF, "--format", "json", "-o", "report", "--resume").exit_code
    assert Path("alone").read_bytes() == Path("report").read_bytes()


def whole_frames(kept: Path) -> int:
    """How many frames the file holds that were written whole."""
    data = kept.read_bytes() if kept.exists() else b""
    at, count = data.find(b"\n") + 1, 0
    while at and at + spool._HEAD.size <= len(data):
        at += spool._HEAD.size + spool._HEAD.unpack_from(data, at)[0]
        count += at <= len(data)
    return count


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed(tmp_path: Path, jobs: str) -> None:
    """Not even kill -9 costs what was kept; the report is the same, whoever judges on."""
    simulate(3000, 4, 0.3, tmp_path / "cases.jsonl")
    plain = ("audit", str(tmp_path / "cases.jsonl"), *AS_OF, "--format", "json", "-o")
    assert 1 == program(*plain, tmp_path / "alone").returncode
    kept = tmp_path / "report.partial"
    command = [sys.executable, "-m", "shuroflow", *plain, str(tmp_path / "report"), "--jobs", jobs]
    with subprocess.Popen(command, start_new_session=True) as running:
        while running.poll() is None and whole_frames(kept) < 2:
            pass
        os.killpg(running.pid, signal.SIGKILL)
    assert -signal.SIGKILL == running.returncode
    assert not (tmp_path / "report").exists()
    kept.write_bytes(kept.read_bytes()[:-7])  # and of a power failure that its end is gone
    done = program(*plain, tmp_path / "report", "--resume")
    assert (1, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
    assert f"{kept}: 途中経過から " in done.stderr
    assert (tmp_path / "alone").read_bytes() == (tmp_path / "report").read_bytes()
    assert not kept.exists()


def test_another_call(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under other conditions it is refused in one line that says which, and nothing is written."""
    monkeypatch.chdir(caseload.parent)
    with monkeypatch.context() as patch:
        patch.setattr(source, "judged", stopping(30))
        call("audit", caseload.name, *AS_OF, "-o", "report")
    kept = Path("report.partial").read_bytes()
    overlay = Path("office.toml")
    overlay.write_text('[settings]\nfirst_day = "excluded"\n')
    same = ("audit", caseload.name, "-o", "report", "--lang", "en", "--resume")
    said = one_line(call(*same, "--as-of", "2027-01-02"))
    assert "report.partial: cannot be continued: the day asked about was 2027-01-01 and is 2027-01-02" in said
    assert "the office" in one_line(call(*same, *AS_OF, "--overlay", overlay))
    said = one_line(call(*same, *AS_OF, "--format", "html"))
    assert "HTML and --explain need every step explained, and what was kept has no explanations" in said
    lines = caseload.read_bytes().splitlines(keepends=True)
    caseload.write_bytes(b"".join(lines[1:]))
    said = one_line(call(*same, *AS_OF))
    assert "is not what was judged: a line of it, or one before it, was moved, taken out or changed; delete" in said
    assert kept == Path("report.partial").read_bytes()
    assert not Path("report").exists()


def test_nothing_to_go_on_with(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing was kept it begins at the beginning, and says so; what was kept is not given up silently."""
    monkeypatch.chdir(caseload.parent)
    done = call("audit", caseload.name, *AS_OF, "-o", "report", "--lang", "en", "--resume")
    assert (1, 1) == (done.exit_code, done.stderr.count("\n"))
    assert "the audit began at the beginning" in done.stderr
    with monkeypatch.context() as patch:
        patch.setattr(source, "judged", stopping(30))
        call("audit", caseload.name, *AS_OF, "-o", "report")
    kept = Path("report.partial").read_bytes()
    said = one_line(call("audit", caseload.name, *AS_OF, "-o", "report", "--lang", "en"))
    assert "report.partial: holds what an interrupted audit of this output has judged: resume it (--resume), or" in said
    assert kept == Path("report.partial").read_bytes()
    Path("report.partial").unlink()
    assert (1, "") == ((anew := call("audit", caseload.name, *AS_OF, "-o", "report")).exit_code, anew.stderr)


def test_two_at_a_time(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second audit into the same output is refused in one line that names the file; the first one is not touched."""
    monkeypatch.chdir(caseload.parent)
    call("audit", caseload.name, *AS_OF, "-o", "alone")
    said = []

    def judge(cases: Iterator[Taken], question: Question) -> Judged:
        for pair in judged(cases, question):
            if not said:
                said.append(program("audit", caseload.name, "--as-of", "2025-09-01", "-o", "report", "--lang", "en"))
            yield pair

    monkeypatch.setattr(source, "judged", judge)
    assert 1 == call("audit", caseload.name, *AS_OF, "-o", "report").exit_code
    (second,) = said
    assert (2, "", 1) == (second.returncode, second.stdout, second.stderr.count("\n"))
    assert "report.partial: another audit is being written to this output" in second.stderr
    assert Path("alone").read_bytes() == Path("report").read_bytes()


@pytest.mark.parametrize("name", ["監" * 82 + ".csv", "x" * 255])
def test_a_long_name(caseload: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A name as long as a file system takes has room for what stands beside it: bytes count, not characters."""
    monkeypatch.chdir(caseload.parent)
    with monkeypatch.context() as patch:
        patch.setattr(source, "judged", stopping(30))
        assert 130 == call("audit", caseload.name, *AS_OF, "-o", name).exit_code
    assert 1 == call("audit", caseload.name, *AS_OF, "-o", name, "--resume").exit_code
    assert {name, "cases.jsonl", "cases.truth.ndjson"} == set(os.listdir())


def test_without_a_file(caseload: Path) -> None:
    """On standard output and on a device nothing is kept, so nothing can be continued."""
    for more in ((), ("-o", "-")):
        assert "--resume goes with -o FILE" in one_line(call("audit", caseload, *AS_OF, "--resume", *more))
    assert "nothing was kept beside it" in one_line(
        call("audit", caseload, *AS_OF, "--lang", "en", "--resume", "-o", "/dev/null")
    )


def test_a_file_of_that_name(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's own file of that name is left alone, and named."""
    monkeypatch.chdir(caseload.parent)
    for mine in ("mine", ""):
        Path("report.partial").write_text(mine)
        said = one_line(call("audit", caseload.name, *AS_OF, "-o", "report", "--lang", "en"))
        assert "report.partial: is no record of an audit" in said
        assert mine == Path("report.partial").read_text()


def test_values_that_cannot_be_kept(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a plug-in's values cannot be pickled the audit goes on and says once that it could not be resumed."""
    monkeypatch.chdir(caseload.parent)
    call("audit", caseload.name, *AS_OF, "-o", "alone")

    def keyed(cases: Iterator[Taken], question: Question) -> Judged:
        for case, verdict in judged(cases, question):
            (item,) = verdict.items
            assert isinstance(item, CaseReport)
            more = [attrs.evolve(finding, values={**finding.values, "more": {}.keys()}) for finding in item.findings]
            yield case, verdict._replace(items=(attrs.evolve(item, findings=tuple(more)),))

    monkeypatch.setattr(source, "judged", keyed)
    done = call("audit", caseload.name, *AS_OF, "-o", "report", "--lang", "ja")
    assert (1, 1) == (done.exit_code, done.stderr.count("\n"))
    assert "report.partial: 途中経過を保存できません(TypeError: cannot pickle 'dict_keys' object)" in done.stderr
    assert Path("alone").read_bytes() == Path("report").read_bytes()
    assert not Path("report.partial").exists()
