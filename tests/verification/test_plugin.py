"""The pytest plug-in, run as its users run it: fixture, marker, options, saved histories, summary, pytest-xdist."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shuroflow.storage.codec import encode
from shuroflow.verification.corpus import Corpus

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]

SYSTEM = f"""
import sys

sys.path.insert(0, {str(ROOT)!r})
from examples.foreign_system import open_system
from shuroflow.verification.corpus import Corpus

CORPUS = Corpus.from_files("saitama", ["corpus.jsonl"])


def open_wrong():
    return open_system("MONTH_END_DRIFTS")
"""
"""A system of the user's, right or wrong; and one short history, so that a check takes no time."""


@pytest.fixture(autouse=True)
def _system(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(system=SYSTEM)
    pytester.makeini(
        "[pytest]\nfilterwarnings = error\naddopts = --strict-markers --strict-config -p no:cacheprovider\n"
    )
    history = next(h for h in Corpus.of("saitama").histories if h[-1].kind == "support_started")
    (pytester.path / "corpus.jsonl").write_bytes(b"".join(encode(event) + b"\n" for event in history))


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """pytest as a program of its own."""
    return pytester.runpytest_subprocess(*arguments)


RIGHT = """
from system import CORPUS, open_system


def test_it(compliance):
    report = compliance.check(open_system, "saitama", profile="quick", corpus=CORPUS, most=1)
    assert report.passed
    assert report.cases > 10
"""

WRONG = """
import pytest
from system import CORPUS, open_wrong


@pytest.mark.shuroflow(programme="saitama", profile="quick")
def test_it(compliance):
    compliance.check(open_wrong, corpus=CORPUS, most=1)
"""


def test_it_is_there_and_says_so(pytester: pytest.Pytester) -> None:
    """It is loaded where the library is installed; marker, fixture and options are listed."""
    assert "shuroflow(programme=None, profile=None, seed=None)" in run(pytester, "--markers").stdout.str()
    assert "--shuroflow-profile" in run(pytester, "--help").stdout.str()
    pytester.makepyfile("def test_it(): pass")
    assert "compliance" in run(pytester, "--fixtures").stdout.str()


def test_it_costs_nothing_unused(pytester: pytest.Pytester) -> None:
    """A run that does not use it imports nothing of the library, no Hypothesis on its account, and prints nothing."""
    pytester.makepyfile(
        """
        import sys


        def test_nothing_is_loaded():
            assert "shuroflow_pytest" in sys.modules
            assert [] == [name for name in sys.modules if name.partition(".")[0] in ("shuroflow", "attrs", "msgspec")]
        """
    )
    result = run(pytester, "-p", "no:hypothesispytest", "-p", "no:xdist")

    result.assert_outcomes(passed=1)
    assert "= shuroflow =" not in result.stdout.str()


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    """``-p no:shuroflow`` leaves no trace of it."""
    pytester.makepyfile("def test_it(compliance): pass")
    result = run(pytester, "-p", "no:shuroflow")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'compliance' not found"])


def test_a_system_that_obeys(pytester: pytest.Pytester) -> None:
    """The test passes, the counts by clause stand at the end, and nothing is saved."""
    pytester.makepyfile(RIGHT)
    result = run(pytester, "--shuroflow-lang", "en")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*= shuroflow =*", "[[]saitama[]] * of * clauses with a rule, and * of * rules, were seen*"]
    )
    assert not (pytester.path / ".shuroflow").exists()


def test_a_difference(pytester: pytest.Pytester) -> None:
    """The test fails with the clause, the history and both answers, no traceback; the summary names the file."""
    pytester.makepyfile(WRONG)
    result = run(pytester, "--shuroflow-lang", "en")

    result.assert_outcomes(failed=1)
    (saved,) = (pytester.path / ".shuroflow/failing").glob("*.jsonl")
    name = saved.relative_to(pytester.path).as_posix()
    result.stdout.fnmatch_lines(
        [
            "4(5): tells another state or period",
            "*support_started*",
            "  expected: in_support, period * to *",
            "  found: in_support, period * to *",
            f"  saved in: {name}",
            "*= shuroflow =*",
            f"4(5)  test_a_difference.py::test_it  {name}",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "checking.py" not in result.stdout.str()


def test_the_failing_history_is_tried_first(pytester: pytest.Pytester) -> None:
    """Next time it is the first thing that is tried, and fails at once; a mended system passes it too."""
    pytester.makepyfile(WRONG)
    run(pytester)
    pytester.makepyfile(
        test_next="""
        import pytest
        from system import CORPUS, open_system, open_wrong


        def test_again(compliance):
            compliance.check(open_wrong, "saitama", profile="quick", corpus=CORPUS, most=1)


        def test_mended(compliance):
            report = compliance.check(open_system, "saitama", profile="quick", corpus=CORPUS, most=1)
            assert 1 == report.stages["replayed"]
        """
    )
    result = run(pytester, "test_next.py", "--shuroflow-lang", "en")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["1 difference: 1 case, 5 events put to the system."])
    assert 1 == len(list((pytester.path / ".shuroflow/failing").glob("*.jsonl")))


def test_settings_and_what_comes_before_what(pytester: pytest.Pytester) -> None:
    """An argument of the call, an option of the command line, the marker, the ini file: in that order."""
    pytester.makeini(
        "[pytest]\nshuroflow_programme = tsushima\nshuroflow_profile = thorough\nshuroflow_failing = kept\n"
        "shuroflow_seed = 3\nshuroflow_lang = en\n"
    )
    pytester.makepyfile(
        """
        import pytest
        from shuroflow.verification import checking


        @pytest.fixture
        def asked(monkeypatch):
            found = []

            def check(factory, programme, **how):
                found.append((programme, how["profile"].name, how["seed"]))
                return checking.Report(programme)

            monkeypatch.setattr(checking, "check", check)
            return found


        def test_ini(compliance, asked):
            compliance.check(None)
            assert ("tsushima", EXPECTED or "thorough", 3) == asked[0]


        @pytest.mark.shuroflow(programme="saitama", profile="default", seed=4)
        def test_marker(compliance, asked):
            compliance.check(None)
            assert ("saitama", EXPECTED or "default", 4) == asked[0]


        @pytest.mark.shuroflow(programme="saitama", profile="default", seed=4)
        def test_argument(compliance, asked):
            compliance.check(None, "tsushima", profile="thorough", seed=5)
            assert ("tsushima", "thorough", 5) == asked[0]


        EXPECTED = None
        """
    )
    run(pytester).assert_outcomes(passed=3)
    module = next(pytester.path.glob("test_settings*.py"))
    module.write_text(module.read_text().replace("EXPECTED = None", "EXPECTED = 'quick'"))
    run(pytester, "--shuroflow-profile", "quick").assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("compliance.check(open_system)", "name a programme in check()*known: saitama, tsushima"),
        ("compliance.check(open_system, 'nowhere')", "*unknown programme 'nowhere'*"),
        ("compliance.check(open_system, 'saitama', profile='huge')", "there is no profile 'huge'*"),
        ("compliance.check(open_system, 'saitama', seed='x')", "the seed has to be a whole number, not 'x'"),
        ("compliance.check(open_system, 'saitama', seed='--5')", "the seed has to be a whole number, not '--5'"),
    ],
)
def test_a_call_that_cannot_be_used(pytester: pytest.Pytester, call: str, said: str) -> None:
    """One line that says what is wrong."""
    pytester.makepyfile(f"from system import open_system\n\n\ndef test_it(compliance):\n    {call}\n")
    result = run(pytester)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([said])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("shuroflow_seed = --5", "shuroflow_seed has to be a whole number, not '--5'"),
        ("shuroflow_seed = 1.5", "shuroflow_seed has to be a whole number, not '1.5'"),
        ("shuroflow_lang = fr", "shuroflow_lang has to be ja or en, not 'fr'"),
        ("shuroflow_profile = huge", "shuroflow_profile has to be quick or default or thorough, not 'huge'"),
    ],
)
def test_a_setting_that_cannot_be_used(pytester: pytest.Pytester, line: str, said: str) -> None:
    """One line that names the ini file, the setting and what it may be; no test is run."""
    ini = pytester.makeini(f"[pytest]\n{line}\n")
    pytester.makepyfile("def test_it():\n    pass\n")
    result = run(pytester)

    assert (pytest.ExitCode.USAGE_ERROR, [f"ERROR: {ini}: {said}"]) == (
        result.ret,
        [each for each in result.errlines if each],
    )


def test_a_marker_that_cannot_be_used(pytester: pytest.Pytester) -> None:
    """An argument that the marker does not take is named."""
    pytester.makepyfile(
        """
        import pytest


        @pytest.mark.shuroflow(program="saitama")
        def test_it(compliance):
            pass
        """
    )
    result = run(pytester)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*marker shuroflow takes programme=, profile= and seed=, not program"])


def test_a_saved_file_that_cannot_be_read(pytester: pytest.Pytester) -> None:
    """It is named with its line; the test fails and tries nothing."""
    folder = pytester.path / ".shuroflow/failing"
    folder.mkdir(parents=True)
    (folder / "spoilt.jsonl").write_text("{}\n")
    pytester.makepyfile(RIGHT)
    result = run(pytester)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the check cannot be made: *spoilt.jsonl:1: *"])


def test_any_test_can_be_counted(pytester: pytest.Pytester) -> None:
    """A marked test counts what it asks of the judge without the fixture; with the option, every test and a table."""
    pytester.makepyfile(
        """
        from datetime import date

        import pytest
        from shuroflow import replay
        from shuroflow.verification.corpus import Corpus


        def asked():
            replay(Corpus.of("saitama").histories[0], as_of=date(2030, 1, 1))


        @pytest.mark.shuroflow
        def test_marked():
            asked()


        def test_other():
            replay(Corpus.of("tsushima").histories[0], as_of=date(2030, 1, 1))
        """
    )
    marked = run(pytester)
    everything = run(pytester, "--shuroflow-coverage", "--shuroflow-lang", "en")

    assert ("[saitama] " in marked.stdout.str(), "[tsushima] " in marked.stdout.str()) == (True, False)
    everything.stdout.fnmatch_lines(["[[]saitama[]]", "clause *seen *held *broken *rules", "4(1)① *only held*"])
    assert "[tsushima]" in everything.stdout.str()


def test_under_xdist(pytester: pytest.Pytester) -> None:
    """Workers hand over what they have seen: one summary, with the differences and the counts of all."""
    pytester.makepyfile(test_right=RIGHT, test_wrong=WRONG)
    result = run(pytester, "-n", "2", "--shuroflow-lang", "en")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*= shuroflow =*",
            "4(5)  test_wrong.py::test_it  .shuroflow/failing/saitama-4-5-*.jsonl",
            "[[]saitama[]] * clauses with a rule*",
            "  both: * 4(1)①*",
        ]
    )
    assert 1 == result.stdout.str().count("[saitama]")


def test_it_imports_pytest_alone() -> None:
    """The module that pytest loads is small and knows nothing of the library until it is used."""
    code = "import sys, pytest; old = set(sys.modules); import shuroflow_pytest; print(set(sys.modules) - old)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "{'shuroflow_pytest'}" == done.stdout.strip()
