"""The other side of the pipe: every line of it, sound or not, gets one answer with its number."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.storage.codec import encode
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Answer, DeskDriver, OpenDuty, Standing, factory_of, serve, wire

ROOT = Path(__file__).parents[3]
EVENT = Corpus.of("saitama").histories[0][0]

_days = st.dates(date(1000, 1, 1))
_words = st.text(max_size=20)


class Chatty:
    """Records only, prints all the while, and cannot give a history back."""

    closed = 0

    def record(self, event: Event) -> Answer:
        """With words on the standard output."""
        print("recording", event.kind)
        return Answer(False, ("4(1)",), "いいえ")

    def history(self, case_id: str) -> Sequence[Event]:
        """Falls over."""
        raise ZeroDivisionError("by zero")

    def close(self) -> None:
        """Counted."""
        self.closed += 1


def said(driver: Any, *questions: bytes) -> list[dict[str, Any]]:
    """What is answered to lines."""
    answers = io.BytesIO()
    serve(driver, questions=io.BytesIO(b"".join(each + b"\n" for each in questions)), answers=answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_the_protocol_line_by_line() -> None:
    """What the reference page says, word for word."""
    event = encode(EVENT).decode()
    day = EVENT.occurred_on.isoformat()
    hello, recorded, record, stands, owes, done = said(
        DeskDriver(),
        b'{"id":1,"ask":"hello","protocol":1}',
        f'{{"id":2,"ask":"record","event":{event}}}'.encode(),
        f'{{"id":3,"ask":"history","case_id":"{EVENT.case_id}"}}'.encode(),
        f'{{"id":4,"ask":"standing","case_id":"{EVENT.case_id}","on":"{day}"}}'.encode(),
        f'{{"id":5,"ask":"duties","case_id":"{EVENT.case_id}","on":"{day}"}}'.encode(),
        b'{"id":6,"ask":"close"}',
        b'{"id":7,"ask":"never read"}',
    )

    assert {"id", "protocol", "system", "standing", "duties", "corrections"} == set(hello)
    assert (1, 1, True, True) == (hello["id"], hello["protocol"], hello["standing"], hello["corrections"])
    assert {"id": 2, "accepted": True} == recorded
    assert {"id": 3, "events": [json.loads(event)]} == record
    assert {"id": 4, "state": "candidate", "period": None} == stands
    assert {"id": 5, "duties": []} == owes
    assert {"id": 6} == done


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"nonsense", {"id": None, "error": "no question of the protocol"}),
        (b'{"id":4,"ask":"sing"}', {"id": 4, "error": "sing"}),
        (b'{"id":4,"ask":"history"}', {"id": 4, "error": "case_id"}),
        (b'{"id":4,"ask":"history","case":"x","case_id":"x"}', {"id": 4, "error": "`case`"}),
        (b'{"id":4,"ask":"history","case_id":"x"}', {"id": 4, "error": "ZeroDivisionError: by zero"}),
        (b'{"id":4,"ask":"standing","case_id":"x","on":"2025-04-03"}', {"id": 4, "error": "does not tell"}),
        (b'{"id":4,"ask":"record","event":{}}', {"id": 4, "error": "case_id"}),
        (b"\xff", {"id": None, "error": "no question"}),
    ],
)
def test_a_question_that_cannot_be_answered(line: bytes, told: dict[str, Any]) -> None:
    """It is told with its number, and the next one is answered."""
    first, second = said(Chatty(), line, b'{"id":9,"ask":"close"}')

    assert told["id"] == first.get("id")
    assert told["error"] in first["error"]
    assert {"id": 9} == second


def test_what_the_system_prints_stays_out_of_the_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """It goes to standard error; the driver is closed once, whether ``close`` is asked or the lines end."""
    driver = Chatty()
    question = b'{"id":2,"ask":"record","event":' + encode(EVENT) + b"}"

    assert [{"id": 2, "accepted": False, "clauses": ["4(1)"], "message": "いいえ"}] == said(driver, question)
    assert ("", "recording listed\n") == capsys.readouterr()
    assert 1 == driver.closed


@given(
    state=_words,
    period=st.none() | st.tuples(_days, _days),
    duties=st.lists(st.builds(OpenDuty, _words, st.none() | _days, st.booleans()), max_size=3),
    answer=st.builds(Answer, st.booleans(), st.lists(_words, max_size=3).map(tuple), _words),
    number=st.integers(0, 2**53),
)
def test_answers_come_through_as_they_are(
    state: str, period: tuple[date, date] | None, duties: list[OpenDuty], answer: Answer, number: int
) -> None:
    """Whatever a system tells reads back the same on the other side, on one line."""
    stands = wire.line(wire.StandingAnswer(number, state, period))
    owes = wire.line(wire.duties_told(number, duties))
    tells = wire.line(wire.RecordAnswer(number, answer.accepted, answer.clauses, answer.message))

    assert Standing(state, period) == wire.answer_to(number, stands, wire.StandingAnswer).standing()
    assert duties == wire.answer_to(number, owes, wire.DutiesAnswer).open()
    assert answer == wire.answer_to(number, tells, wire.RecordAnswer).answer()
    assert all(1 == line.count(b"\n") for line in (stands, owes, tells))


@given(line=st.binary(max_size=60), number=st.integers(0, 5))
def test_whatever_comes_back_is_an_answer_or_told(line: bytes, number: int) -> None:
    """No bytes make the kit fall over."""
    with contextlib.suppress(InputError):
        assert number == wire.answer_to(number, line, wire.RecordAnswer).id


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("DeskDriver", "write it as MODULE:NAME"),
        ("no.such.module:x", "there is no module 'no'"),
        ("shuroflow.verification.drivers:Nobody", "has no attribute 'Nobody'"),
        ("shuroflow.verification.drivers:__all__", "__all__ is no class or function that opens the system, but list"),
    ],
)
def test_a_driver_that_is_none(name: str, told: str) -> None:
    """Told with what would mend it."""
    with pytest.raises(InputError, match=told):
        factory_of(name)


def test_the_command_of_the_other_side() -> None:
    """It answers on its pipes and ends with 0; a driver that is none is an error of the call."""
    command = [sys.executable, "-m", "shuroflow.verification.serve"]
    sound = subprocess.run(
        [*command, "shuroflow.verification.drivers:DeskDriver"],
        input=b'{"id":1,"ask":"hello","protocol":1}\n',
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    unsound = subprocess.run([*command, "nothing"], capture_output=True, check=False, text=True, cwd=ROOT)

    assert (0, b"") == (sound.returncode, sound.stderr)
    assert "shuroflow.verification.drivers:DeskDriver" == json.loads(sound.stdout)["system"]
    assert 2 == unsound.returncode
    assert "write it as MODULE:NAME" in unsound.stderr
    assert "Traceback" not in unsound.stderr
