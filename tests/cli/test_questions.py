"""``shuroflow questions``: its formats, its exit status, and one line for what cannot be used."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from shuroflow.samples import SAMPLES
from shuroflow.storage import open_journal
from tests.audit.records import interleaved, snapshot, story
from tests.cli.calls import call, one_line

AS_OF = date(2026, 11, 21)
NAMES = ("S01", "S02", "S05", "T03", "T07")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Some cases with something to find."""
    return interleaved(tmp_path / "cases.jsonl", *map(story, NAMES))


def test_every_question_in_its_order(cases: Path) -> None:
    """The text has each question with what it asks and its numbers; a question nobody asks is not there."""
    result = call("--lang", "en", "questions", cases, "--as-of", AS_OF)
    assert 1 == result.exit_code
    heads = [line.split(" ", 2)[1] for line in result.stdout.splitlines() if line.startswith("■ ") and "(" in line]
    assert [str(number) for number in range(1, 12)] == heads
    assert "1 of 3 (cases with any of these on record: selection, extension, conference): 1 violation," in result.stdout
    assert "1 of 3 (cases with any of these on record: start of support, extension): 1 violation," in result.stdout
    assert "this text knows no payments" in result.stdout
    ja = call("questions", cases, "--as-of", AS_OF).stdout
    assert "「選定」「期間の延長」「カンファレンス」の記録のあるケース 3件のうち 1件に違反又は要確認" in ja


def test_the_head_and_the_foot_are_those_of_an_audit(cases: Path) -> None:
    """Day, moment and version; what was read with its hash, the texts, and the same findings."""
    told = call("questions", cases, "--as-of", AS_OF, "--known-at", "2026-11-21", "--notes").stdout.splitlines()
    audit = call("audit", cases, "--as-of", AS_OF, "--known-at", "2026-11-21").stdout.splitlines()
    assert audit[1:3] == told[1:3]
    assert [line for line in audit if line.startswith(("読んだもの", "照合した要綱"))] == [
        line for line in told if line.startswith(("読んだもの", "照合した要綱"))
    ]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("ja", "ここに示した着眼点について: ケース 1件・記録 13件のうち: 違反 0件"),
        ("en", "Under the questions asked: 1 case, 13 events: 0 violations"),
    ],
)
def test_the_totals_say_what_they_are_of(tmp_path: Path, lang: str, said: str) -> None:
    """A case with a violation, asked about something else: no violation under that, and no word that there is none."""
    path = interleaved(tmp_path / "a.jsonl", story("S02"))
    assert 1 == call("audit", path, "--as-of", AS_OF).exit_code
    told = call("--lang", lang, "questions", path, "--as-of", AS_OF, "--question", "lateness", "--question", "roles")
    assert any(line.startswith(said) for line in told.stdout.splitlines())
    assert all(not line.startswith(("ケース 1件", "1 case")) for line in told.stdout.splitlines())


@pytest.mark.parametrize(("name", "question", "status"), [("S02", "quorum", 1), ("S02", "period", 0), ("S01", None, 0)])
def test_the_status_is_of_what_was_asked(tmp_path: Path, name: str, question: str | None, status: int) -> None:
    """Violations under the questions asked give 1; observations of the record alone do not."""
    path = interleaved(tmp_path / "a.jsonl", story(name))
    more = [] if question is None else ["--question", question]
    assert status == call("questions", path, "--as-of", AS_OF, "--late-days", 0, *more).exit_code


def test_json_and_csv_tell_the_same(cases: Path) -> None:
    """The same answers in the same order, and the same numbers with what they are of."""
    told = json.loads(call("--lang", "en", "questions", cases, "--as-of", AS_OF, "--format", "json").stdout)
    table = call("--lang", "en", "questions", cases, "--as-of", AS_OF, "--format", "csv").stdout
    assert table.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    answers = [(each["question"], each["case_id"], str(each["seq"]), each["message"]) for each in told["answers"]]
    assert answers == [
        tuple(row[n] for n in ("question", "case_id", "seq", "message")) for row in rows if row["case_id"]
    ]
    numbers = [
        (each["question"], of["programme"], str(of["asked"]), str(of["found"]), of["asked_of"])
        for each in told["questions"]
        for of in each["programmes"]
    ]
    names = ("question", "programme", "asked", "found", "asked_of")
    assert numbers == [tuple(row[name] for name in names) for row in rows if not row["case_id"]]
    assert {"saitama", "tsushima"} == {each["programme"] for each in told["receipt"]["texts"]}


def test_a_case_that_cannot_be_used(tmp_path: Path) -> None:
    """It is named in every format and on standard error; what is whole is answered, and the status is 2."""
    events = story("S01")
    path = interleaved(tmp_path / "a.jsonl", [*events[:3], *events[4:]], story("S02"))
    for form in ("text", "json", "csv"):
        result = call("--lang", "en", "questions", path, "--as-of", AS_OF, "--format", form)
        assert 2 == result.exit_code
        assert "S01" in one_line(result)
        assert "expected 4" in result.stdout
        assert "S02" in result.stdout


def test_nothing_to_answer_is_still_whole(tmp_path: Path) -> None:
    """No case on the day asked about: JSON is JSON, and the text says how many began later."""
    path = interleaved(tmp_path / "a.jsonl", story("S01"))
    result = call("questions", path, "--as-of", "2020-01-01", "--format", "json")
    assert (0, []) == (result.exit_code, json.loads(result.stdout)["answers"])
    assert "1ケース" in call("questions", path, "--as-of", "2020-01-01").stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ["none.jsonl"],
        ["cases.jsonl", "--question", "moon"],
        ["cases.jsonl", "--late-days", "-1"],
        ["cases.jsonl", "--as-of", "2025-02-30"],
        ["cases.jsonl", "-o", "cases.jsonl"],
        ["cases.jsonl", "-o", "none/report.txt"],
        ["cases.jsonl", "--overlay", "none.toml"],
        ["cases.jsonl", "cases.jsonl"],
        [],
    ],
)
def test_one_line_for_a_wrong_call(
    cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: list[str]
) -> None:
    """Nothing is written."""
    monkeypatch.chdir(tmp_path)
    before = snapshot(tmp_path)
    one_line(call("questions", *wrong))
    assert before == snapshot(tmp_path)


def test_to_a_file(cases: Path, tmp_path: Path) -> None:
    """The report is in the file, whole, and standard output is empty."""
    out = tmp_path / "report.txt"
    result = call("questions", cases, "--as-of", AS_OF, "-o", out)
    assert (1, "") == (result.exit_code, result.stdout)
    assert call("questions", cases, "--as-of", AS_OF).stdout == out.read_text(encoding="utf-8")


def test_from_a_database_and_by_office(tmp_path: Path) -> None:
    """Each source is an office; a database answers what the file does."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with open_journal(url, create=True) as journal:
        journal.append("S02", story("S02"), expected=0)
    path = interleaved(tmp_path / "a.jsonl", story("S05"))
    told = json.loads(call("questions", url, path, "--as-of", AS_OF, "--format", "json").stdout)
    assert {url, str(path)} == {each["office"] for each in told["lateness"]["groups"]}
    assert {("S02", url), ("S05", str(path))} == {(each["case_id"], each["office"]) for each in told["answers"]}


def test_hostile_text_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    """An id with a control sequence or a formula does no harm in the text or the table."""
    path = interleaved(tmp_path / "a.jsonl", story("S02", "=1+\u202e1"))
    assert "\u202e" not in call("questions", path, "--as-of", AS_OF).stdout
    assert ",'=1+" in call("questions", path, "--as-of", AS_OF, "--format", "csv").stdout


def test_the_samples(tmp_path: Path) -> None:
    """The records that come with the package: the violations of the audit, each under a question."""
    result = call("questions", *SAMPLES, "--as-of", AS_OF, "--format", "json")
    told = json.loads(result.stdout)
    audit = json.loads(call("audit", *SAMPLES, "--as-of", AS_OF, "--format", "json").stdout)
    assert audit["summary"]["violations"] == told["summary"]["violations"]
    assert audit["receipt"] == told["receipt"]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_several_sources_are_named(tmp_path: Path, lang: str) -> None:
    """As soon as more than one is read, also of a folder, each answer of the text says from which, as JSON has it."""
    folder = tmp_path / "offices"
    folder.mkdir()
    one = interleaved(folder / "a.jsonl", *map(story, NAMES[:3]))
    alone = call("--lang", lang, "questions", one, "--as-of", AS_OF, "--notes", "--late-days", 0).stdout
    assert f"({one})" not in alone
    other = interleaved(folder / "b.jsonl", *map(story, NAMES[3:]))
    for sources in ((one, other), (folder,)):
        options = ("--as-of", AS_OF, "--late-days", 0)
        text = call("--lang", lang, "questions", *sources, *options, "--notes").stdout.splitlines()
        told = json.loads(call("questions", *sources, *options, "--format", "json").stdout)["answers"]
        assert {str(one), str(other)} == {each["office"] for each in told}
        for each in told:
            assert any(line.startswith(f"  {each['case_id']} ({each['office']})  ") for line in text)
        assert len(told) == sum(line.startswith(tuple(f"  {name} (" for name in NAMES)) for line in text)
