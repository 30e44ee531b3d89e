"""``shuroflow compare``: what it writes, its exit status, and every way in which the call cannot be used."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shuroflow.audit import Conditions, source
from shuroflow.audit.comparison import difference
from shuroflow.cli import app, comparing
from shuroflow.cli.output import Meter
from shuroflow.errors import MissingFigure
from shuroflow.states import programme
from shuroflow.storage import open_journal
from tests.audit.comparison.conditions import OVERLAYS, amended
from tests.audit.records import STORIES, line, snapshot, story, write
from tests.cli.calls import call, one_line, program

AS_OF = ("--as-of", "2026-11-21")


@pytest.fixture
def caseload(tmp_path: Path) -> Path:
    """All told records in one file."""
    return write(tmp_path / "cases.jsonl", *(story(name) for name in STORIES))


@pytest.fixture
def overlays(tmp_path: Path) -> dict[str, Path]:
    """The overlays as files, in a folder of their own."""
    (tmp_path / "overlays").mkdir()
    paths = {name: tmp_path / "overlays" / f"{name.replace(' ', '-')}.toml" for name in OVERLAYS}
    for name, path in paths.items():
        path.write_text(OVERLAYS[name], encoding="utf-8-sig")
    return paths


def test_exit_status(caseload: Path, overlays: dict[str, Path], tmp_path: Path) -> None:
    """0 where nothing differs, 1 where anything does, 2 where something cannot be used, whatever else differs."""
    same, other = overlays["built in"], overlays["first day"]
    assert 0 == call("compare", caseload, *AS_OF, "--against-overlay", same).exit_code
    assert 1 == call("compare", caseload, *AS_OF, "--against-overlay", other).exit_code
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(caseload.read_bytes() + line(story("S01")[0], case_id="C-9", event="lissted"))
    for overlay in (same, other):
        result = call("compare", bad, *AS_OF, "--against-overlay", overlay)
        assert 2 == result.exit_code
        assert "C-9" in result.stderr
        assert 1 == len(result.stderr.splitlines())
        assert "使えない記録 1件" in result.stdout
        assert "ケース 20件のうち" in result.stdout


def test_the_text_in_both_languages(caseload: Path, overlays: dict[str, Path]) -> None:
    """Head, steps and totals; the same text for ``--lang`` before or after the command."""
    arguments = ("compare", caseload, *AS_OF, "--against-overlay", overlays["first day"])
    ja = call(*arguments).stdout
    assert "基準日 令和8年11月21日 (2026-11-21)" in ja
    assert "期間: 令和7年4月15日～令和7年7月14日 → 令和7年4月15日～令和7年7月15日" in ja
    assert "比べたケース 20件のうち 9件" in ja
    en = call(*arguments, "--lang", "en").stdout
    assert "period: 2025-04-15 to 2025-07-14 → 2025-04-15 to 2025-07-15" in en
    assert "9 of 20 cases" in en
    assert en == call("--lang", "en", *arguments).stdout


def test_what_the_other_side_does_not_name(caseload: Path, overlays: dict[str, Path]) -> None:
    """It is as on this side: an edition alone leaves the overlay, an overlay alone the edition."""
    base = ("compare", caseload, *AS_OF, "--format", "json")
    this = ("--overlay", overlays["first day"], "--edition", "2022-04-01")
    told = json.loads(call(*base, *this, "--against-edition", "R5.4.1").stdout)["receipt"]
    assert told["here"]["office_sha256"] == told["there"]["office_sha256"]
    assert ("2022-04-01", "2023-04-01") == (told["here"]["edition"], told["there"]["edition"])
    told = json.loads(call(*base, *this, "--against-overlay", overlays["days"]).stdout)["receipt"]
    assert ("2022-04-01", "2022-04-01") == (told["here"]["edition"], told["there"]["edition"])
    assert (str(overlays["first day"]), str(overlays["days"])) == (told["here"]["overlay"], told["there"]["overlay"])
    assert told["here"]["office_sha256"] != told["there"]["office_sha256"]


def test_either_direction(caseload: Path, overlays: dict[str, Path]) -> None:
    """With the files exchanged, here and there are."""
    one, other = overlays["days"], overlays["standard"]
    there = json.loads(
        call("compare", caseload, *AS_OF, "--format", "json", "--overlay", one, "--against-overlay", other).stdout
    )
    back = json.loads(
        call("compare", caseload, *AS_OF, "--format", "json", "--overlay", other, "--against-overlay", one).stdout
    )
    assert there["summary"]["here"] == back["summary"]["there"]
    assert there["receipt"]["there"] == back["receipt"]["here"]
    for case, mirror in zip(there["cases"], back["cases"], strict=True):
        pairs = [[(each["here"], each["there"]) for each in step["changes"]] for step in case["steps"]]
        mirrored = [[(each["there"], each["here"]) for each in step["changes"]] for step in mirror["steps"]]
        assert [sorted(map(repr, step)) for step in pairs] == [sorted(map(repr, step)) for step in mirrored]


def test_another_edition(caseload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two editions on hand, the one of a day judges everything; the text says which one that was."""
    kind = amended()
    for name, module in list(sys.modules.items()):
        if name.startswith("shuroflow.audit") and getattr(module, "programme", None) is programme:
            monkeypatch.setattr(module, "programme", lambda code: kind if code == "saitama" else programme(code))
    result = call(
        "compare", caseload, *AS_OF, "--edition", "2025-04-11", "--against-edition", "2025-04-12", "--lang", "en"
    )
    assert 1 == result.exit_code
    assert "- [violation] 4(1)  saitama.three_parties_consulted" in result.stdout
    assert "text from 2021-04-01" in result.stdout
    assert "text from 2025-04-12" in result.stdout


def test_json_and_csv(caseload: Path, overlays: dict[str, Path]) -> None:
    """Both forms on standard output, in UTF-8 whatever the terminal is; CSV with its mark and CRLF."""
    arguments = ("compare", caseload, *AS_OF, "--against-overlay", overlays["standard"])
    told = json.loads(call(*arguments, "--format", "json").stdout_bytes)
    assert [f"T{number:02}" for number in range(1, 11)] == [case["case_id"] for case in told["cases"]]
    raw = call(*arguments, "--format", "csv").stdout_bytes
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert "ケース" == rows[0][0]
    assert raw.count(b"\r\n") == len(rows)
    assert {f"S{number:02}" for number in range(1, 11)} == {row[0] for row in rows if "違いなし" in row}


@pytest.mark.parametrize("form", ["text", "json", "csv", "html"])
def test_a_file_holds_what_the_screen_shows(
    caseload: Path, overlays: dict[str, Path], tmp_path: Path, form: str
) -> None:
    """``-o`` writes the same bytes to a file, leaves nothing else behind and says nothing."""
    arguments = ("compare", caseload, *AS_OF, "--against-overlay", overlays["days"], "--format", form)
    shown = call(*arguments)
    before = snapshot(tmp_path)
    result = call(*arguments, "-o", tmp_path / "report")
    assert (1, "", "") == (result.exit_code, result.stdout, result.stderr)
    assert {**before, "report": shown.stdout_bytes} == snapshot(tmp_path)


def test_the_page(caseload: Path, overlays: dict[str, Path], tmp_path: Path) -> None:
    """One HTML file with the names of both overlays and every case compared, in the language asked for."""
    both = ("--overlay", overlays["days"], "--against-overlay", overlays["first day"])
    for lang, told in (("ja", "比べたケース 20件のうち"), ("en", "of 20 cases")):
        path = tmp_path / f"{lang}.html"
        result = call("compare", caseload, *AS_OF, *both, "--format", "html", "-o", path, "--lang", lang)
        assert (1, "", "") == (result.exit_code, result.stdout, result.stderr)
        page = path.read_text(encoding="utf-8")
        assert page.startswith(f'<!DOCTYPE html>\n<html lang="{lang}">')
        assert all(str(overlays[name]) in page for name in ("days", "first day"))
        assert told in page
        assert len(STORIES) == page.count('type="application/json" id="case-')


def test_files_whose_names_are_no_text(caseload: Path, overlays: dict[str, Path], tmp_path: Path) -> None:
    """Their bytes are written out in the page, and it can be read."""
    source, overlay = (tmp_path / f"{name}\udcff{kind}" for name, kind in (("a", ".jsonl"), ("b", ".toml")))
    source.write_bytes(caseload.read_bytes())
    overlay.write_bytes(overlays["first day"].read_bytes())
    done = program("compare", source, *AS_OF, "--against-overlay", overlay, "--format", "html", "-o", tmp_path / "page")
    assert (1, "", "") == (done.returncode, done.stdout, done.stderr)
    page = (tmp_path / "page").read_text(encoding="utf-8")
    assert "a\\udcff.jsonl" in page
    assert "b\\udcff.toml" in page


def test_days_and_moments(caseload: Path, overlays: dict[str, Path]) -> None:
    """As of a day before all cases there is nothing to compare, and that is said; known at a moment likewise."""
    against = ("--against-overlay", overlays["first day"])
    for asked in (("--as-of", "2024-01-01"), (*AS_OF, "--known-at", "令和6年1月1日")):
        result = call("compare", caseload, *asked, *against)
        assert 0 == result.exit_code
        assert "比べることのできたケースはありません" in result.stdout
        assert "このほか 20ケース" in result.stdout


def test_a_database_and_a_file(tmp_path: Path, overlays: dict[str, Path]) -> None:
    """Several sources of either kind are one caseload."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with open_journal(url, create=True) as journal:
        journal.append("S02", story("S02"), expected=0)
    path = write(tmp_path / "more.jsonl", story("S01"))
    result = call("compare", url, path, *AS_OF, "--against-overlay", overlays["first day"], "--format", "json")
    told = json.loads(result.stdout)
    assert ["S02", "S01"] == [case["case_id"] for case in told["cases"]]
    assert 2 == len(told["receipt"]["inputs"])


def test_notes(caseload: Path, overlays: dict[str, Path]) -> None:
    """Notes on request."""
    arguments = ("compare", caseload, *AS_OF, "--against-overlay", overlays["standard"])
    assert "[注記]" not in call(*arguments).stdout
    assert "[注記]" in call(*arguments, "--notes").stdout


# Calls that cannot be used --------------------------------------------------------------------------------------------


def test_nothing_to_compare_with(caseload: Path, overlays: dict[str, Path]) -> None:
    """One side alone is no comparison."""
    told = one_line(call("compare", caseload, *AS_OF, "--overlay", overlays["days"]))
    assert "--against-overlay" in told
    assert "--against-edition" in told


@pytest.mark.parametrize("option", ["--overlay", "--against-overlay"])
def test_an_overlay_that_cannot_be_used(caseload: Path, tmp_path: Path, option: str) -> None:
    """Missing, no TOML, no UTF-8, an unknown setting: the file is named, and with it what is wrong."""
    good = tmp_path / "good.toml"
    good.write_text("", encoding="utf-8")
    bad = tmp_path / "bad.toml"
    contradiction = b'[settings]\nstandard = "national_table"\ndeduction_basis = "law_on_application_date"'
    for content, said in (
        (None, "cannot be read"),
        (contradiction, 'standard = "national_table" and deduction_basis = "law_on_application_date" contradict'),
        (b"[[figures.levy_base]]\nfrom = 2021", "levy_base[0]: verified is missing: write true or false"),
        (b"[settings", "not a TOML document"),
        ("[settings]\nstandard = '表'".encode("cp932"), "not UTF-8"),
        (b"[settings]\nplan_due_day = 3", "settings.plan_due_day"),
    ):
        if content is not None:
            bad.write_bytes(content)
        given = {"--overlay": good, "--against-overlay": good, option: bad}
        arguments = ("compare", caseload, *AS_OF, *(part for pair in given.items() for part in pair))
        told = one_line(call("--lang", "en", *arguments))
        assert said in told
        assert str(bad) in told
        assert "実施機関の設定が使えません。設定のファイルを直すか、別のファイルを指定してください" in one_line(
            call(*arguments)
        )


@pytest.mark.parametrize("option", ["--edition", "--against-edition"])
def test_an_edition_that_is_not_on_hand(caseload: Path, option: str) -> None:
    """A day before the first text of one programme: its cases are named, and those of the other are compared."""
    given = {"--edition": "2025-04-01", "--against-edition": "2025-04-01", option: "2021-04-01"}
    options = [part for pair in given.items() for part in pair]
    result = call("compare", caseload, *AS_OF, *options, "--format", "json", "--lang", "en")
    told, others = json.loads(result.stdout), [name for name in STORIES if name.startswith("T")]
    assert (2, len(others)) == (result.exit_code, len(told["errors"]))
    assert len(STORIES) - len(others) == told["summary"]["cases"]
    for error in told["errors"]:
        assert "no text of programme 'tsushima' is on hand for 2021-04-01" in error["message"]
        assert "2021-06-28" in error["message"]
        assert error["message"].endswith(f"[{'here' if option == '--edition' else 'there'}]")
    assert 1 == len(result.stderr.splitlines())
    said = call("compare", caseload, *AS_OF, *options).stderr
    assert "この日の要綱の本文は手元にありません。本文のある日を指定してください" in said
    assert ("[元の条件]" if option == "--edition" else "[別の条件]") in said


@pytest.mark.parametrize("option", ["--overlay", "--against-overlay"])
def test_the_side_of_an_error_is_named_by_its_overlay(
    caseload: Path, overlays: dict[str, Path], monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """What cannot be judged under one of the two overlays names the side and the file, in either language."""

    def judged(events: object, held: object, as_of: object, known_at: object, side: Conditions) -> object:
        if side.office.settings.plan_due_days is not None:
            raise MissingFigure("levy_base", 2031)
        return traced(events, held, as_of, known_at, side)

    traced: Any = difference._traced
    monkeypatch.setattr(difference, "_traced", judged)
    given = {"--overlay": overlays["built in"], "--against-overlay": overlays["built in"], option: overlays["days"]}
    arguments = ("compare", caseload, *AS_OF, *(part for pair in given.items() for part in pair))
    for lang, here, there in (("ja", "元の条件", "別の条件"), ("en", "here", "there")):
        name = f"[{here if option == '--overlay' else there}: {overlays['days']}]"
        assert name in call(*arguments, "--lang", lang).stderr


@pytest.mark.parametrize("arguments", [("--against-edition", "yesterday"), ("--against-edition", "2025-02-30")])
def test_a_day_that_is_none(caseload: Path, arguments: tuple[str, ...]) -> None:
    """A day of an edition is read as any other day."""
    assert "--against-edition" in one_line(call("compare", caseload, *arguments))


def test_sources_that_are_not_there(tmp_path: Path, overlays: dict[str, Path]) -> None:
    """A missing file, an empty folder, nothing at all."""
    (tmp_path / "empty").mkdir()
    against = ("--against-overlay", overlays["days"])
    assert "missing.jsonl" in one_line(call("compare", tmp_path / "missing.jsonl", *against))
    assert "empty" in one_line(call("compare", tmp_path / "empty", *against))
    assert "SOURCE" in one_line(call("compare", *against))


def test_what_is_read_is_not_overwritten(caseload: Path, overlays: dict[str, Path], tmp_path: Path) -> None:
    """``-o`` with the records or one of the overlays is refused, and nothing changes."""
    before = snapshot(tmp_path)
    files = overlays["days"], overlays["standard"]
    against = ("--overlay", files[0], "--against-overlay", files[1])
    for place in (caseload, *files):
        assert "-o" in one_line(call("compare", caseload, *AS_OF, *against, "-o", place))
    assert before == snapshot(tmp_path)


def test_a_correction_that_fits_nothing(tmp_path: Path, overlays: dict[str, Path]) -> None:
    """Its case is named with file and line and not compared; the others are."""
    from shuroflow.events import Withdrawn
    from tests.states.saitama_stories import course
    from tests.states.story import SV

    bad = course("listed", case_id="C-1").on("2025-04-04", Withdrawn(seq=7, reason="x", approved_by=SV)).events
    path = write(tmp_path / "cases.jsonl", bad, story("S01"))
    result = call("compare", path, *AS_OF, "--against-overlay", overlays["first day"])
    assert 2 == result.exit_code
    assert f"{path}:2: data.seq" in result.stderr
    assert "■ S01" in result.stdout


# Long work ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "where", "said"),
    [
        ("ja", "report", "中断しました。何も書いていません\n"),
        ("en", "report", "broken off; nothing was written\n"),
        ("ja", "-", "中断しました。報告書は途中までです\n"),
        ("en", "-", "broken off; the report is not whole\n"),
    ],
)
def test_ctrl_c(
    caseload: Path,
    overlays: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    where: str,
    said: str,
) -> None:
    """An interrupt ends it with its own status and one line, and leaves no half-written report."""
    compared, cases = source.compare, iter(range(5))

    def stopping(*arguments: Any, **options: Any) -> object:
        if next(cases, None) is None:
            raise KeyboardInterrupt
        return compared(*arguments, **options)

    monkeypatch.chdir(caseload.parent)
    monkeypatch.setattr(source, "compare", stopping)
    before = snapshot(caseload.parent)
    result = call("compare", caseload, *AS_OF, "--against-overlay", overlays["first day"], "-o", where, "--lang", lang)
    assert (130, said) == (result.exit_code, result.stderr)
    assert ("■ S01" in result.stdout) is (where == "-")
    assert before == snapshot(caseload.parent)


def test_progress_is_told(caseload: Path, overlays: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The meter hears of every case, up to the last line."""
    heard: list[tuple[int, int | None]] = []

    class Heard(Meter):
        def __call__(self, done: int, total: int | None) -> None:
            heard.append((done, total))

    monkeypatch.setattr(comparing, "Meter", Heard)
    call("compare", caseload, *AS_OF, "--against-overlay", overlays["days"])
    count = len(caseload.read_bytes().splitlines())
    assert len(STORIES) == len(heard)
    assert (count, count) == heard[-1]


def test_as_a_program(caseload: Path, overlays: dict[str, Path], tmp_path: Path) -> None:
    """Nothing about progress is written where standard error is no terminal."""
    done = program("compare", caseload, *AS_OF, "--against-overlay", overlays["days"], "-o", tmp_path / "report")
    assert (1, "", "") == (done.returncode, done.stdout, done.stderr)


def test_the_command_is_in_the_list() -> None:
    """It stands beside the audit, and its help says what its exit status means."""
    names = list(app.commands)
    assert names.index("audit") < names.index("compare") < names.index("statistics")
    assert "Exit status 2" in call("compare", "--help").stdout


@pytest.mark.parametrize("command", ["audit", "compare"])
def test_the_examples_of_the_help(
    caseload: Path, overlays: dict[str, Path], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Each can be called as it stands; the Japanese line is a paragraph of its own."""
    monkeypatch.chdir(caseload.parent)
    Path("office.toml").write_bytes(overlays["first day"].read_bytes())
    text = call(command, "--help").stdout
    examples = [line.strip() for line in text.splitlines() if line.startswith(f"  shuroflow {command} ")]
    assert 2 == len(examples)
    for example in examples:
        arguments, comment = example.removeprefix("shuroflow ").split("#")
        assert " / " in comment
        assert call(*arguments.split()).exit_code in {0, 1}
    paragraphs = text.partition("\nOptions:")[0].split("\n\n")
    assert 1 == sum(part.strip().endswith("。") and "\n" not in part.strip() for part in paragraphs)


@pytest.mark.parametrize("form", ["text", "json", "csv", "html"])
def test_a_receipt_beside_every_form(caseload: Path, overlays: dict[str, Path], tmp_path: Path, form: str) -> None:
    """It is the receipt and the summary of the JSON: of both sides, also where something differs or is unusable."""
    caseload.write_bytes(caseload.read_bytes() + b"hello\n")
    file = tmp_path / "receipt.json"
    options = (*AS_OF, "--known-at", "2026-11-01", "--against-overlay", overlays["first day"])
    assert 2 == call("compare", caseload, *options, "--format", form, "--receipt", file).exit_code
    told = json.loads(file.read_text(encoding="utf-8"))
    whole = json.loads(call("compare", caseload, *options, "--format", "json").stdout)
    assert {"receipt": whole["receipt"], "summary": whole["summary"]} == told
    assert [None, str(overlays["first day"])] == [told["receipt"][side]["overlay"] for side in ("here", "there")]
    assert (1, True) == (told["summary"]["errors"], told["summary"]["differ"] > 0)


@pytest.mark.parametrize("where", ["-", "cases.jsonl", "report.csv", "no/r.json", "."])
def test_a_receipt_that_cannot_be_written(
    caseload: Path, overlays: dict[str, Path], tmp_path: Path, where: str
) -> None:
    """It is refused before anything is read, and nothing is written."""
    place = where if where == "-" else tmp_path / where
    before = snapshot(tmp_path)
    against = ("--against-overlay", overlays["first day"])
    told = one_line(call("compare", caseload, *AS_OF, *against, "-o", tmp_path / "report.csv", "--receipt", place))
    assert "--receipt" in told
    assert before == snapshot(tmp_path)
