"""A system behind a command line: sound ones are as in this process, and whatever goes wrong is told in one line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from itertools import takewhile
from pathlib import Path

import pytest

from examples.foreign_system import Mistake
from shuroflow.errors import InputError, Unavailable
from shuroflow.states import Office
from shuroflow.verification.checking import check
from shuroflow.verification.compliance import Profile
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import DeskDriver, Driver, ProcessDriver, abilities
from shuroflow.verification.strategies import as_recorded

ROOT = Path(__file__).parents[3]
FEW = Profile("few", 0, 5, 10)
SHORT = Corpus.made("saitama", Corpus.of("saitama").histories[:3])
HISTORY = as_recorded(Corpus.of("saitama").histories[8], Office(), case_id="案件-1 😀")
INTAKE = {"listed", "selected", "consented", "declined"}

ANSWERS = """
import json, sys, time
def say(question, **told):
    print(json.dumps({"id": question["id"], **told}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    if question["ask"] == "hello":
        say(question, protocol=1, system="fake")
    elif question["ask"] == "history":
        say(question, events=[])
    elif question["ask"] == "record":
        RECORD
"""


def served(name: str) -> Callable[[], ProcessDriver]:
    """A driver of Python, over a pipe."""
    return lambda: ProcessDriver([sys.executable, "-m", "shuroflow.verification.serve", name], cwd=ROOT)


@pytest.fixture
def fake(tmp_path: Path) -> Callable[..., ProcessDriver]:
    """A process that answers as it should, but for events."""

    def made(record: str, *, timeout: float = 20.0, script: str = ANSWERS) -> ProcessDriver:
        file = tmp_path / "fake.py"
        file.write_text(script.replace("RECORD", record), encoding="utf-8")
        return ProcessDriver([sys.executable, "-I", "-S", str(file)], timeout=timeout)

    return made


def test_a_case_over_the_pipe_is_as_in_this_process() -> None:
    """Our desk answers the same to every question, and what it recorded comes back as the same events."""
    with_pipe, in_process = served("shuroflow.verification.drivers:DeskDriver")(), DeskDriver()
    day = date(2025, 5, 1)
    try:
        assert abilities(in_process) == abilities(with_pipe)
        for event in (*HISTORY, HISTORY[0]):
            assert in_process.record(event) == with_pipe.record(event)
        case_id = HISTORY[0].case_id
        assert list(in_process.history(case_id)) == list(with_pipe.history(case_id))
        assert len(HISTORY) == len(with_pipe.history(case_id))
        assert in_process.standing(case_id, day) == with_pipe.standing(case_id, day)
        assert list(in_process.duties(case_id, day)) == list(with_pipe.duties(case_id, day))
        assert [] == list(with_pipe.history("no such case"))
    finally:
        with_pipe.close()


def test_a_check_over_the_pipe_finds_nothing_in_our_desk() -> None:
    """The whole check, with corrections, on short histories."""
    report = check(served("shuroflow.verification.drivers:DeskDriver"), "saitama", corpus=SHORT, profile=FEW)

    assert [] == report.differences
    assert report.stages["swept"] > 50
    assert report.stages["drawn"] >= FEW.examples


@pytest.mark.parametrize("mistake", [Mistake.TWO_PARTIES_SELECT, Mistake.APPLICANT_IS_NO_TARGET], ids=lambda m: m.name)
def test_a_mistake_is_found_over_the_pipe_as_in_this_process(mistake: Mistake) -> None:
    """The same difference, and its clause, whether the foreign system is in this process or another."""
    name = f"examples.foreign_system.planted:{mistake.name}"
    corpus = Corpus.made("saitama", Corpus.of("saitama").histories[:4])
    report = check(served(name), "saitama", corpus=corpus, profile=FEW, most=1)

    (found,) = report.differences
    assert mistake.clause == found.clauses[0]
    assert ["listed", "selected"] == [event.kind for event in found.history]


def test_an_independent_system_over_the_pipe() -> None:
    """The toy of the examples passes; its mistake is found, with the shortest history there is."""
    histories = [tuple(takewhile(lambda event: event.kind in INTAKE, each)) for each in Corpus.of("saitama").histories]
    corpus = Corpus.made("saitama", dict.fromkeys(histories[:8]))
    command = [sys.executable, str(ROOT / "examples/over_the_pipe/intake.py")]

    assert check(lambda: ProcessDriver(command), "saitama", corpus=corpus, profile=FEW).passed
    (found,) = check(lambda: ProcessDriver([*command, "--mistake"]), "saitama", corpus=corpus, profile=FEW).differences
    assert ("accepts", "4(1)") == (found.what, found.clauses[0])
    assert ["listed", "selected", "consented"] == [event.kind for event in found.history]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ("print('oh', file=sys.stderr); sys.exit(3)", r"ended with status 3 .* on standard error: oh"),
        ("print('¡nonsense!', flush=True)", r"answered ¡nonsense!, which is no answer in the protocol"),
        ("print('x' * 5000, flush=True)", r"answered x{400}… \(5001 characters\)|answered x{400}… \(5000 characters\)"),
        ("say({'id': 99}, accepted=True)", r"the answer to question 99, not to 2"),
        ("say(question, accepted='yes')", r"Expected `bool`, got `str` - at `\$.accepted`"),
        ("say(question, accepted=True, clause='4(1)')", r"unknown field `clause`"),
        ("say(question, error='no disk')", r"which is an error of its own: no disk"),
        ("sys.stdout.buffer.write(b'\\xff\\n'); sys.stdout.flush()", r"answered \\xff, which is no answer"),
        (
            "print(json.dumps({'id': 2, 'accepted': True}), end='', flush=True); sys.exit()",
            r"no whole line: LF, the end",
        ),
        (
            'print(\'{"id":2,"accepted":false,"accepted":true}\', flush=True)',
            r"key 'accepted' stands twice in one object",
        ),
        ('print(\'{"id":9,"id":2,"accepted":true}\', flush=True)', r"the key 'id' stands twice in one object"),
    ],
    ids=[
        "dies",
        "babbles",
        "at length",
        "another question",
        "wrong type",
        "unknown field",
        "own error",
        "no UTF-8",
        "half a line",
        "two answers",
        "two numbers",
    ],
)
def test_what_goes_wrong_is_told_in_one_line(fake: Callable[..., ProcessDriver], record: str, told: str) -> None:
    """The command, the line sent and what came back; the next question is answered, by a new process if need be."""
    driver = fake(record)
    try:
        with pytest.raises(InputError, match=told) as caught:
            driver.record(HISTORY[0])
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(driver.command)
        assert '{"ask":"record","id":2,"event":{"case_id":"案件-1 😀"' in str(caught.value)
        assert [] == list(driver.history("case-1"))
    finally:
        driver.close()


def test_a_process_that_hangs(fake: Callable[..., ProcessDriver]) -> None:
    """It is given its time, ended, and started again."""
    driver = fake("time.sleep(600)", timeout=3)
    try:
        with pytest.raises(InputError, match=r"did not answer within 3 s; it was sent"):
            driver.record(HISTORY[0])
        assert [] == list(driver.history("case-1"))
    finally:
        driver.close()


def test_what_a_process_started_is_ended_with_it(fake: Callable[..., ProcessDriver], tmp_path: Path) -> None:
    """Even if it ended by itself before; what it started holds its output open, and its status is told all the same."""
    child = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    started = (
        f"import os, subprocess; started = subprocess.Popen([sys.executable, '-c', {'import os, time; ' + child!r}])"
    )
    waits = f"\n        while not os.path.exists({str(tmp_path / 'pid')!r}): time.sleep(0.01)\n"
    driver = fake(f"{started}{waits}        os._exit(3)", timeout=3)
    try:
        with pytest.raises(InputError, match=r"ended with status 3 and did not answer; it was sent"):
            driver.record(HISTORY[0])
        assert _ended(int((tmp_path / "pid").read_text()))
    finally:
        driver.close()


def test_a_process_that_ends_at_close_leaves_nothing_behind(fake: Callable[..., ProcessDriver], tmp_path: Path) -> None:
    """What it started is ended too."""
    begin = "import subprocess\nleft = subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL)\n"
    note = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(left.pid))\n"
    driver = fake("pass", script=f"{begin}{note}{ANSWERS}    elif question['ask'] == 'close':\n        sys.exit()\n")
    driver.close()

    assert _ended(int((tmp_path / "pid").read_text()))


def test_a_process_that_falls_over_is_a_difference(fake: Callable[..., ProcessDriver]) -> None:
    """The check goes on and tells it by its clause."""
    report = check(lambda: fake("sys.exit(3)"), "saitama", corpus=SHORT, profile=FEW, most=1)

    (found,) = report.differences
    assert ("fails", "4(1)") == (found.what, found.clauses[0])
    assert "ended with status 3" in found.found
    assert ["listed"] == [event.kind for event in found.history]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import sys; sys.exit(1)", "ended with status 1"),
        ("import sys; print('hi', flush=True); sys.stdin.read()", "answered hi, which is no answer"),
        ('print(\'{"id":1,"protocol":2}\', flush=True)', "speaks protocol 2, this kit speaks 1"),
    ],
    ids=["dies", "babbles", "another protocol"],
)
def test_a_process_that_is_no_system(fake: Callable[..., ProcessDriver], script: str, told: str) -> None:
    """Then nothing can be checked: that is no difference but an error of the call."""
    with pytest.raises(Unavailable, match=told):
        fake("", script=script)


def test_a_command_that_is_none() -> None:
    """Told before anything is asked."""
    with pytest.raises(Unavailable, match=r"no-such-program --now: cannot be started: .*check the command"):
        ProcessDriver("no-such-program --now")
    with pytest.raises(InputError, match="there is no command"):
        ProcessDriver([])
    with pytest.raises(Unavailable, match="cannot be started"):
        ProcessDriver([sys.executable, "\0"])


def test_closing_ends_the_process(fake: Callable[..., ProcessDriver], tmp_path: Path) -> None:
    """One that goes on by itself after ``close`` is ended; closing twice does no harm."""
    begin = f"import os\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
    driver: Driver = fake("pass", timeout=0.5, script=begin + ANSWERS + "\nwhile True: time.sleep(60)\n")
    number = int((tmp_path / "pid").read_text())
    assert _alive(number)

    driver.close()
    driver.close()

    assert not _alive(number)


def _ended(number: int) -> bool:
    """Within a few seconds: a process whose parent has ended is cleared away by another one."""
    until = time.monotonic() + 10
    while _alive(number) and time.monotonic() < until:
        if Path(f"/proc/{number}/stat").exists() and " Z " in Path(f"/proc/{number}/stat").read_text():
            return True  # it has ended, and only its entry is left
        time.sleep(0.02)
    return not _alive(number)


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_driver_that_is_forgotten_leaves_no_process(tmp_path: Path) -> None:
    """Whoever ends without closing it leaves none behind, even one that would go on by itself."""
    script = tmp_path / "fake.py"
    begin = f"import os\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
    script.write_text(begin + ANSWERS.replace("RECORD", "pass") + "\nwhile True: time.sleep(60)\n")
    opened = f"ProcessDriver([{sys.executable!r}, {str(script)!r}])"
    forgets = f"from shuroflow.verification.drivers import ProcessDriver\ndriver = {opened}\n"
    subprocess.run([sys.executable, "-c", forgets], check=True, timeout=60)

    assert not _alive(int((tmp_path / "pid").read_text()))
