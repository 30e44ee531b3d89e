"""``shuroflow record``: what is allowed is recorded once, what is refused leaves no trace and says all its reasons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from shuroflow.events import saitama as e
from shuroflow.storage import encode, open_journal
from tests.audit.records import STORIES, snapshot, story, write
from tests.cli.calls import call, one_line

OPEN = ("listed", "--programme", "saitama", "--by", "caseworker:cw-03", "--on", "2025-04-03")
SELECT = (
    "selected",
    *("--by", "caseworker:cw-03", "--on", "R7.4.10"),
    *("--set", "target_class=a", "--set", "status=recipient", "--set", "responsible_office=true"),
    *("--set", "compelling_reason=false", "--set", "working=no", "--set", "ledger_consulted=はい"),
)
THREE = ("--set", "attendees=supervisor:sv-01,caseworker:cw-03,specialist:es-07")


@pytest.fixture(params=["jsonl", "sqlite"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a journal may be made; it is not there yet."""
    return str(tmp_path / "cases.jsonl") if request.param == "jsonl" else f"sqlite:///{tmp_path / 'cases.db'}"


def events_of(source: str, case_id: str = "A-1") -> list[Any]:
    """What the journal holds of the case."""
    with open_journal(source) as journal:
        return journal.read(case_id)


def test_a_case_is_opened_and_moved(source: str) -> None:
    """Opening makes the journal; the next event is typed from plain text, days in 和暦 included."""
    opened = call("record", source, "A-1", *OPEN, "--at", "2025-04-03T17:00:00+09:00", "--set", "reason=求職中")
    assert (0, "記録しました: A-1 #1 令和7年4月3日 リストアップ → 候補\n") == (opened.exit_code, opened.stdout)
    selected = call("record", source, "A-1", *SELECT, *THREE, "--note", "三者協議", "--lang", "en")
    assert (0, "Recorded: A-1 #2 2025-04-10 selection → selected\n") == (selected.exit_code, selected.stdout)
    first, second = events_of(source)
    assert (e.Listed(reason="求職中"), "2025-04-03T17:00:00+09:00") == (first.data, first.recorded_at.isoformat())
    assert (e.TargetClass.A, True, "三者協議") == (second.data.target_class, second.data.ledger_consulted, second.note)
    assert ["sv-01", "cw-03", "es-07"] == [each.id for each in second.data.attendees]


def test_a_refusal_says_everything_and_changes_nothing(source: str, tmp_path: Path) -> None:
    """Every unmet rule with its clause, the values seen and what would mend it; exit status 1."""
    call("record", source, "A-1", *OPEN)
    before = events_of(source)
    result = call(
        "record",
        source,
        "A-1",
        "selected",
        "--by",
        "caseworker:cw-03",
        "--set",
        "target_class=a",
        "--set",
        "attendees=caseworker:cw-03",
        "--on",
        "2025-04-02",
    )
    assert 1 == result.exit_code
    assert "記録しません: A-1 令和7年4月2日 選定" in result.stdout
    for said in ("[違反] 4(1): ", "査察指導員、就労支援専門員", "出席: ケースワーカー", "[違反] 3(1)ア: ", "→ "):
        assert said in result.stdout
    assert 3 == result.stdout.count("[違反]")
    assert "" == result.stderr
    assert before == events_of(source)


@pytest.mark.parametrize(
    ("args", "status"),
    [
        ((*OPEN[:4], "specialist:es-07"), 1),
        ((*OPEN, "--set", "colour=red"), 2),
        ((*OPEN, "--data", "{"), 2),
        (("selected", *OPEN[1:], *SELECT[5:], *THREE), 1),
        (("listd", *OPEN[1:]), 2),
        (("listed", "--programme", "osaka", *OPEN[3:]), 2),
        (("listed", *OPEN[3:]), 2),
    ],
)
def test_no_journal_is_made_in_vain(source: str, tmp_path: Path, args: tuple[str, ...], status: int) -> None:
    """Only an opening that is recorded makes a journal; a refused or faulty one leaves the folder empty."""
    result = call("record", source, "A-1", *args)
    assert status == result.exit_code, result.output
    assert {} == snapshot(tmp_path)


def test_an_id_is_taken_once(source: str) -> None:
    """Opening a second time is no refusal by the 要綱 but a call that cannot be used."""
    call("record", source, "A-1", *OPEN)
    assert "exists already" in one_line(call("record", source, "A-1", *OPEN))


def test_a_key_records_once(source: str) -> None:
    """The same key with the same content records nothing twice; with other content it is an error."""
    for said in ("記録しました", "記録済みです(同じキー)"):
        result = call("record", source, "A-1", *OPEN, "--key", "k-1")
        assert 0 == result.exit_code
        assert said in result.stdout
    assert "k-1" in one_line(call("record", source, "A-1", *SELECT, *THREE, "--key", "k-1"))
    assert 1 == len(events_of(source))


def test_observations_are_told(tmp_path: Path) -> None:
    """What is recorded and still needs a look is told with its clause, and exits 0."""
    path = write(tmp_path / "cases.jsonl", story("S01")[:2])
    result = call(
        "record",
        path,
        "S01",
        "consented",
        "--by",
        "specialist:es-07",
        "--on",
        "2025-04-14",
        "--set",
        "scope=specialist_support,goal_setting",
        "--set",
        "medium=oral",
    )
    assert 0 == result.exit_code
    assert "[要確認] 4(1)" in result.stdout


def test_an_override_is_hinted_at(tmp_path: Path) -> None:
    """Where only our reading refuses, the way to go against it is told."""
    path = write(tmp_path / "cases.jsonl", story("S01")[:7])
    refused = call("record", path, "S01", "ended", "--by", "caseworker:cw-03", "--on", "2025-04-30")
    assert 1 == refused.exit_code
    if "override_reason" in refused.stdout:
        assert "要確認" in refused.stdout


@pytest.mark.parametrize("name", STORIES)
def test_every_record_can_be_typed_in(name: str, tmp_path: Path) -> None:
    """The data of every event of the samples goes through ``--data`` from a file and comes out the same."""
    path = tmp_path / "cases.jsonl"
    recorded = 0
    for event in story(name):
        data = json.loads(encode(event))["data"]
        file = tmp_path / "data.json"
        file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        by = f"{event.recorded_by.role}:{event.recorded_by.id}"
        opening = ("--programme", event.programme) if not recorded else ()
        at = ("--on", event.occurred_on, "--at", event.recorded_at.isoformat())
        result = call(
            "record", path, name, event.kind, "--by", by, *at, *opening, "--data", f"@{tmp_path / 'data.json'}"
        )
        assert result.exit_code in (0, 1), result.output
        if result.exit_code == 0:
            recorded += 1
            assert event.data == events_of(str(path), name)[-1].data


def run(tmp_path: Path, *args: object, stdin: str | bytes | None = None) -> Result:
    """Record a consent in a fresh case that has been selected."""
    path = write(tmp_path / "cases.jsonl", story("S01")[:2])
    return call(
        "record", path, "S01", "consented", "--by", "specialist:es-07", "--on", "2025-04-14", *args, stdin=stdin
    )


def test_data_from_standard_input(tmp_path: Path) -> None:
    """``-`` reads UTF-8, with or without a byte order mark."""
    data = '{"scope": ["specialist_support", "goal_setting"], "note": null}'.replace(', "note": null', "")
    assert 0 == run(tmp_path, "--data", "-", stdin=data).exit_code
    assert 0 == run(tmp_path, "--data", "-", stdin=b"\xef\xbb\xbf" + data.encode()).exit_code
    assert "UTF-8" in one_line(run(tmp_path, "--data", "-", stdin=b"\xff\xfe"))


BAD_DATA = {
    "no JSON": (["--data", "{scope}"], "--data: not JSON"),
    "no object": (["--data", "[]"], "--data: expected a JSON object"),
    "twice": (["--data", '{"scope": [], "scope": []}'], "twice"),
    "endless number": (["--data", '{"scope": ' + "9" * 5000 + "}"], "--data"),
    "deep": (["--data", '{"scope": ' + "[" * 100_000 + "}"], "--data"),
    "fraction": (["--data", '{"scope": [1.5]}'], "data.scope[0]"),
    "missing": ([], "data.scope: missing"),
    "unknown word": (["--data", '{"scope": ["support"]}'], "data.scope[0]"),
    "unknown field": (["--set", "scop=goal_setting"], "data.scop: unknown field; did you mean 'scope'?"),
    "no value": (["--set", "scope"], "key=value"),
    "no key": (["--set", "=x"], "key=value"),
    "inside a list": (["--set", "scope.x=1"], "data.scope: has no fields"),
    "no role": (["--set", "scope=goal_setting", "--set", "taken_by=es-07"], "data.taken_by"),
    "unknown role": (["--set", "scope=goal_setting", "--set", "taken_by=boss:x"], "data.taken_by.role"),
    "missing file": (["--data", "@none.json"], "none.json: cannot be read"),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_bad_data_names_its_field(tmp_path: Path, name: str) -> None:
    """One line with the path of the field below ``data``; nothing is recorded."""
    args, said = BAD_DATA[name]
    assert said in one_line(run(tmp_path, *args, "--lang", "en"))
    assert 2 == len(events_of(str(tmp_path / "cases.jsonl"), "S01"))


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Several faults of the data stand on the one line, each with its path."""
    told = one_line(run(tmp_path, "--data", '{"scope": ["x"], "colour": 1}'))
    assert "data.scope[0]: " in told
    assert "data.colour: " in told
