"""``shuroflow check``: what it says first, each difference with its file and command, the reports, the exit status."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from shuroflow.storage.codec import encode
from shuroflow.verification.corpus import Corpus
from tests.cli.calls import call, one_line, program

DRIFTS = "examples.foreign_system.planted:MONTH_END_DRIFTS"
FOREIGN = "examples.foreign_system:open_system"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in a folder of its own, in which failing histories are saved."""
    monkeypatch.chdir(tmp_path)


def corpus(folder: Path, *names: str) -> str:
    """A file with some histories of the corpus, so that a check takes no time."""
    found = [history for history in Corpus.of("saitama").histories if history[0].case_id in names]
    assert len(names) == len(found)
    path = folder / "corpus.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for history in found for event in history))
    return str(path)


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    """Options for a check of the 埼玉 rules along one short history that comes to a start of support."""
    histories = [h for h in Corpus.of("saitama").histories if h[-1].kind == "support_started"]
    name = histories[0][0].case_id
    return ["--programme", "saitama", "--profile", "quick", "--most", "1", "--corpus", corpus(tmp_path, name)]


def test_our_own_desk_passes(small: list[str]) -> None:
    """Without a system it is our desk; what will be tested comes first, then the counts; nothing is saved."""
    result = call("check", *small, "--seed", 7, "--lang", "en")

    assert 0 == result.exit_code, result.output
    lines = result.stdout.splitlines()
    assert "■ Check: the desk of shuroflow itself" == lines[0]
    assert lines[1].startswith("  text: Saitama Prefecture")
    assert "  compared: answers, record, state and period, corrections, duties" in lines[2] or "duties" in lines[2]
    assert "1 compliant" in lines[3]
    assert lines[3].endswith("seed 7")
    assert lines[-1].startswith("No difference: ")
    assert not Path(".shuroflow").exists()


def test_in_japanese(small: list[str]) -> None:
    """Japanese is the default language."""
    result = call("check", *small)

    assert result.stdout.startswith(
        "■ 検証: shuroflow 自身の窓口\n  要綱: 埼玉県就労支援専門員事業実施要綱(令和3年4月1日"
    )
    assert result.stdout.splitlines()[-1].startswith("相違はありません")


def test_a_difference_is_told_saved_and_replayed(small: list[str]) -> None:
    """By its clause, with the history, both answers, the file, and a command that shows it again as it stands."""
    result = call("check", *small, "--driver", DRIFTS, "--lang", "en")

    assert 1 == result.exit_code, result.output
    (head,) = (line for line in result.stdout.splitlines() if line.startswith("■ Difference"))
    assert "■ Difference 1  4(5): tells another state or period" == head
    assert "expected: in_support, period" in result.stdout
    (saved,) = Path(".shuroflow/failing").glob("*.jsonl")
    assert f"  saved in: {saved}" in result.stdout.splitlines()
    (again,) = (line for line in result.stdout.splitlines() if line.startswith("  again: "))
    words = shlex.split(again.removeprefix("  again: "))
    assert ["shuroflow", "check", "--driver", DRIFTS, "--programme", "saitama", "--replay", str(saved)] == words

    replayed = call(*words[1:], "--lang", "en")
    assert 1 == replayed.exit_code
    assert "  histories to replay: 1" in replayed.stdout.splitlines()
    assert "■ Difference 1  4(5): tells another state or period" in replayed.stdout.splitlines()
    assert replayed.stdout.splitlines()[-1].startswith("1 difference: ")
    mended = call("check", "--driver", FOREIGN, "--replay", saved, "--lang", "en")
    assert 0 == mended.exit_code
    assert "No difference: 1 case" in mended.stdout


def test_saved_histories_are_tried_first(small: list[str]) -> None:
    """The next check finds the folder: it says so, and the very first case asked is that history."""
    call("check", *small, "--driver", DRIFTS)
    result = call("check", *small, "--driver", DRIFTS, "--lang", "en", "--format", "json")
    record = json.loads(result.stdout)

    assert "1 saved, " in result.stderr
    assert 1 == record["stages"]["replayed"]
    assert record["cases"] < 40  # the first one and those by which it was shortened


def test_save_elsewhere_or_not_at_all(small: list[str], tmp_path: Path) -> None:
    """``--save`` names another folder; with ``--no-save`` nothing is written and nothing read."""
    call("check", *small, "--driver", DRIFTS, "--save", "kept")
    assert 1 == len(list(Path("kept").glob("*.jsonl")))
    result = call("check", *small, "--driver", DRIFTS, "--save", "kept", "--no-save", "--lang", "en")

    assert 1 == result.exit_code
    assert "0 saved, " in result.stdout
    assert "saved in" not in result.stdout
    assert 1 == len(list(Path("kept").glob("*.jsonl")))


def test_json(small: list[str]) -> None:
    """A program gets the differences with their histories, the files, and every clause."""
    result = call("check", *small, "--driver", DRIFTS, "--format", "json", "-o", "report.json")
    record = json.loads(Path("report.json").read_text(encoding="utf-8"))

    assert (1, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("■ 検証: ")
    (found,) = record["differences"]
    assert ("saitama", False, DRIFTS) == (record["programme"], record["passed"], record["system"])
    assert ("standing", ["4(5)"]) == (found["difference"], found["clause_ids"][:1])
    assert Path(found["saved"]).is_file()
    assert "support_started" == found["history"][-1]["event"]
    assert 29 == len(record["coverage"]["clauses"])
    page = (Path(__file__).parents[2] / "docs/reference/formats.md").read_text(encoding="utf-8")
    part = page.partition("## The result of a check as JSON\n")[2].partition("\n## ")[0]
    rule = next(rule for clause in record["coverage"]["clauses"] for rule in clause["rules"] if rule["held_in"])
    told = [record, found, record["coverage"], record["coverage"]["clauses"][0], rule, rule["held_in"]]
    assert [] == [key for each in told for key in each if f"`{key}`" not in part]


def test_junit(small: list[str]) -> None:
    """A test case for each clause that a rule enforces: failed, skipped where it was not met, or passed."""
    call("check", *small, "--driver", DRIFTS, "--junit", "junit.xml", "--lang", "en")
    suites = ET.parse("junit.xml").getroot()
    (suite,) = suites
    cases = {case.attrib["name"].split()[0]: case for case in suite.iter("testcase")}
    (failed,) = (name for name, case in cases.items() if case.find("failure") is not None)
    skipped = [case for case in cases.values() if case.find("skipped") is not None]

    assert ("testsuites", "testsuite") == (suites.tag, suite.tag)
    assert "4(5)" == failed
    assert (str(len(cases)), "1", str(len(skipped)), "0") == tuple(
        suite.attrib[name] for name in ("tests", "failures", "skipped", "errors")
    )
    assert 0 < len(skipped) < len(cases)
    failure = cases["4(5)"].find("failure")
    assert failure is not None
    assert "4(5): tells another state or period" == failure.attrib["message"]
    assert "support_started" in (failure.text or "")


def test_coverage_table(small: list[str]) -> None:
    """With ``--coverage`` each rule stands below its clause with the first example of each kind."""
    result = call("check", *small, "--coverage", "--lang", "en")
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("  basic_period"))

    assert 0 == result.exit_code
    assert "both" == line.split()[1]
    assert 2 == line.count("support_started")


def test_what_a_system_prints_is_no_part_of_the_report(small: list[str], tmp_path: Path) -> None:
    """A driver that prints does not spoil the JSON."""
    write_driver(tmp_path, "def open_it():\n    print('hello')\n    return DeskDriver()\n")
    result = call("check", *small, "--driver", "my_driver:open_it", "--format", "json")

    assert json.loads(result.stdout)["passed"]
    assert "hello" in result.stderr


def write_driver(folder: Path, text: str) -> None:
    """A module in the current folder."""
    (folder / "my_driver.py").write_text(f"from shuroflow.verification.drivers import DeskDriver\n\n{text}")


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a module ``my_driver`` of its own, and adds no folder to the path for others."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "my_driver", raising=False)


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        ("examples.foreign_system", "write it as MODULE:NAME"),
        (":open_system", "write it as MODULE:NAME"),
        ("no_such_module:x", "there is no module 'no_such_module'"),
        ("examples.no_such:x", "there is no module 'examples.no_such'"),
        ("os:no_such", "has no attribute 'no_such'"),
        ("os:sep", "sep is no class or function that opens the system, but str"),
        ("examples.foreign_system.planted:NOPE", "no mistake is called 'NOPE'"),
        ("os:getcwd", "what it opens is no driver: str has no record, history, close"),
    ],
)
def test_a_driver_that_cannot_be_used(small: list[str], driver: str, said: str) -> None:
    """One line that says what is wrong, and where the name is looked for."""
    result = call("check", *small, "--driver", driver, "--lang", "en", "-o", "report.txt")

    assert 2 == result.exit_code
    assert said in result.stderr.splitlines()[-1]
    assert result.stderr.splitlines()[-1].startswith("error: driver: ")
    assert not Path("report.txt").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_thing\n", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("def open_it():\n    return 1 / 0\n", "opening the system raises ZeroDivisionError: division by zero"),
    ],
)
def test_a_driver_of_ones_own_that_fails(small: list[str], tmp_path: Path, text: str, said: str) -> None:
    """An error in it is named with its file and line, without a traceback."""
    write_driver(tmp_path, text)
    result = call("check", *small, "--driver", "my_driver:open_it", "--lang", "en")

    assert 2 == result.exit_code
    assert said in result.stderr.splitlines()[-1]
    assert f"my_driver.py:{'4' if 'open' in text else '3'})" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_call_is_wrong(tmp_path: Path) -> None:
    """No programme, an unknown one, two systems, a profile that there is not: one line, exit status 2."""
    assert "saitama, tsushima" in one_line(call("check"))
    assert "nowhere" in one_line(call("check", "--programme", "nowhere"))
    assert "--driver, --command" in one_line(
        call("check", "--programme", "saitama", "--driver", "a:b", "--command", "c")
    )
    assert "thorough" in one_line(call("check", "--programme", "saitama", "--profile", "huge"))


def test_a_file_that_cannot_be_used(small: list[str], tmp_path: Path) -> None:
    """A missing file, an empty folder, a corpus with a violation in it: the file is named, and the case."""
    empty = tmp_path / "empty"
    empty.mkdir()
    unread = call("check", "--programme", "saitama", "--corpus", "missing.jsonl", "--lang", "en", "-o", "r.txt")
    broken = call(
        *("check", "--programme", "saitama", "--profile", "quick", "--lang", "en", "-o", "r.txt"),
        *("--corpus", Path(__file__).parents[2] / "src/shuroflow/samples/saitama.jsonl"),
    )

    assert "missing.jsonl" in one_line(call("check", "--replay", "missing.jsonl"))
    assert "empty" in one_line(call("check", "--replay", empty))
    assert "missing.toml" in one_line(call("check", *small, "--overlay", "missing.toml"))
    assert (2, True) == (unread.exit_code, "missing.jsonl" in unread.stderr.splitlines()[-1])
    assert 2 == broken.exit_code
    assert "saitama.jsonl: event: event " in broken.stderr.splitlines()[-1]
    assert "is not compliant" in broken.stderr.splitlines()[-1]
    assert not Path("r.txt").exists()


def test_histories_of_another_programme_are_not_replayed(small: list[str], tmp_path: Path) -> None:
    """A saved history of 埼玉 named for a check of 対馬 is refused with both codes."""
    result = call("check", "--programme", "tsushima", "--replay", small[-1], "-o", "r.txt")

    assert 2 == result.exit_code
    assert "'saitama', not of 'tsushima'" in result.stderr.splitlines()[-1]


def test_as_a_program(small: list[str]) -> None:
    """Run from the folder of the system: the module beside it is found, and the exit status is that of the check."""
    write_driver(Path.cwd(), "def open_it():\n    return DeskDriver()\n")
    done = program("check", *small, "--driver", "my_driver:open_it", "--lang", "en")

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("■ Check: my_driver:open_it\n")


# -- over a pipe, and as recorded


def test_a_program_over_json_lines(tmp_path: Path) -> None:
    """A command is checked as a driver is; what it takes wrongly is told, and the command to replay it names it."""
    root = Path(__file__).parents[2]
    intake = root / "examples/over_the_pipe/intake.py"
    three = ["listed", "selected", "consented"]
    history = next(h for h in Corpus.of("saitama").histories if [event.kind for event in h[:3]] == three)[:3]
    start = tmp_path / "start.jsonl"
    start.write_bytes(b"".join(encode(event) + b"\n" for event in history))
    options = ["--programme", "saitama", "--profile", "quick", "--most", 1, "--no-save", "--lang", "en"]
    options += ["--corpus", start]
    sound = f"{shlex.quote(sys.executable)} {shlex.quote(str(intake))}"
    passed = call("check", *options, "--command", sound)
    failed = call("check", *options, "--command", f"{sound} --mistake")

    assert 0 == passed.exit_code, passed.output
    assert "  compared: answers, record, state and period" in passed.stdout.splitlines()
    assert 1 == failed.exit_code
    assert "4(1): takes what the rules refuse" in failed.stdout


def test_a_program_that_is_not_there() -> None:
    """One line that names the command."""
    result = call("check", "--programme", "saitama", "--command", "/no/such/program", "--no-save", "-o", "r.txt")

    assert 2 == result.exit_code
    assert "/no/such/program" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_what_a_system_has_on_record(tmp_path: Path) -> None:
    """Each event that should have been refused is a difference with its case; nothing is saved; bad lines are told."""
    samples = Path(__file__).parents[2] / "src/shuroflow/samples/saitama.jsonl"
    result = call("check", "--recorded", samples, "--programme", "saitama", "--lang", "en", "--coverage")
    bad = tmp_path / "more.jsonl"
    bad.write_text("{}\n", encoding="utf-8")
    torn = call("check", "--recorded", samples, "--recorded", bad, "--programme", "saitama", "--lang", "en")

    assert 1 == result.exit_code
    assert 1 == result.stdout.count("4(1)②: The supervisor, the caseworker and the specialist then confer")
    assert result.stdout.count("■ Difference") == result.stdout.count("  case: ")
    assert "  found: on record" in result.stdout.splitlines()
    assert not Path(".shuroflow").exists()
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("  three_parties_consulted"))
    assert "both" == line.split()[1]
    assert 2 == torn.exit_code
    assert "more.jsonl:1" in torn.stderr.splitlines()[-1]
    assert result.stdout.count("■ Difference") == torn.stdout.count("■ Difference")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--recorded", "a.jsonl", "--corpus", "b.jsonl"], "--corpus"),
        (["--recorded", "a.jsonl", "--replay", "b.jsonl"], "--replay"),
        (["--recorded", "a.jsonl", "--most", "1"], "--most --recorded とともには使えません"),
        (["--recorded", "a.jsonl", "--save", ".shuroflow/failing"], "--save --recorded"),
        (["--recorded", "a.jsonl", "--seed", "0", "--profile", "default"], "--profile, --seed --recorded"),
        (["--replay", "b.jsonl", "--profile", "quick"], "--profile --replay"),
        (["--replay", "b.jsonl", "--seed", "0", "--save", "kept"], "--seed, --save --replay"),
        (["--replay", "b.jsonl", "--corpus", "c.jsonl"], "--corpus --replay"),
        (["--told", "t.jsonl"], "--told"),
        (["--recorded", "a.jsonl", "--driver", "a:b"], "--driver, --recorded"),
    ],
)
def test_options_that_say_nothing_together(options: list[str], said: str) -> None:
    """They are refused by name, even where they ask for what goes without saying."""
    assert said in one_line(call("check", "--programme", "saitama", *options))


def test_a_junit_file_that_cannot_be_written(small: list[str]) -> None:
    """The option that named it is named, not another."""
    for path in ("no_such/x.xml", "cases.jsonl", "."):
        line = one_line(call("check", *small, "--junit", path, "--lang", "en"))
        assert "--junit" in line
        assert "-o" not in line.split()


def test_what_was_found_before_ctrl_c(small: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that is broken off tells and saves what it had found; the status is that of an interruption."""
    (tmp_path / "stopping.py").write_text(
        "from examples.foreign_system.planted import ONE_CONSENT_IS_ENOUGH as Open\n"
        "def opened():\n"
        "    system, asked = Open(), []\n"
        "    record = system.record\n"
        "    def recorded(event):\n"
        "        asked.append(event)\n"
        "        if len(asked) > 900:\n"
        "            raise KeyboardInterrupt\n"
        "        return record(event)\n"
        "    system.record = recorded\n"
        "    return system\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    many = [each for each in small if each not in {"--most", "1"}]
    result = call("check", "--driver", "stopping:opened", *many, "--lang", "en")
    assert 130 == result.exit_code
    assert "■ Difference 1  4(1)" in result.stdout
    assert "stopped; this is what was found by then" in result.stderr
    assert list(Path(".shuroflow/failing").glob("*.jsonl"))


@pytest.mark.parametrize("place", ["a file", "a folder below a file"])
def test_a_place_where_nothing_can_be_saved(small: list[str], tmp_path: Path, place: str) -> None:
    """It is told before anything is tried, with what to do."""
    (tmp_path / "taken").write_text("")
    folder = "taken" if place == "a file" else "taken/deeper"
    one_line(call("check", "--driver", DRIFTS, *small, "--save", folder))
    result = call("--lang", "en", "check", "--driver", DRIFTS, *small, "--save", folder)
    assert (2, "") == (result.exit_code, result.stdout)
    assert "--no-save" in result.stderr


def test_a_password_is_shown_nowhere(tmp_path: Path) -> None:
    """Neither in what comes first nor in the reports."""
    source = "postgresql+psycopg://desk:secret@127.0.0.1:1/cases"
    result = call("check", "--recorded", source, "--programme", "saitama", "--junit", "j.xml")
    assert "secret" not in result.output
    assert "secret" not in result.stderr
