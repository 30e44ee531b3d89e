"""Every error of the library: one tree, one sentence, and its facts as attributes."""

from __future__ import annotations

import inspect
import pickle
from datetime import date

import pytest

from shuroflow import errors
from shuroflow.errors import (
    CaseExists,
    CaseNotFound,
    Conflict,
    Damaged,
    DuplicateKey,
    InputError,
    JournalError,
    MissingFigure,
    OutputTaken,
    Refused,
    Retained,
    SameCaseNumber,
    ShuroflowError,
    Unavailable,
    UnknownEdition,
    UnknownEvent,
    UnknownProgramme,
    Unresumable,
    UnusableOffice,
    Vetoed,
)
from shuroflow.events import Actor
from shuroflow.storage.annexes import Held
from shuroflow.vocabulary import Role
from tests.states.saitama_stories import course
from tests.states.story import replay

DISCONTINUED = replay(course("support_started")).last
EVENTS = course("listed").events
HELD = Held(
    number=2, case_id="c", on=date(2026, 5, 1), by=Actor(id="dr-01", role=Role.DIRECTOR), reason="審査請求\n二行目"
)

CASES: list[tuple[ShuroflowError, type[BaseException], dict[str, object], str]] = [
    (
        InputError("is no day", file="a.jsonl", line=3, field="occurred_on", case_id="c", problems=("x", "y")),
        ValueError,
        {"file": "a.jsonl", "line": 3, "field": "occurred_on", "case_id": "c", "problems": ("x", "y")},
        "a.jsonl:3: occurred_on: is no day",
    ),
    (InputError("is no day"), ValueError, {"file": None, "line": None, "field": None, "problems": ()}, "is no day"),
    (UnknownProgramme("unknown", field="programme"), LookupError, {"field": "programme"}, "programme: unknown"),
    (UnknownEdition("no text", field="edition"), LookupError, {"field": "edition"}, "edition: no text"),
    (UnknownEvent("unknown", field="event"), InputError, {"field": "event"}, "event: unknown"),
    (UnusableOffice("bad", field="settings"), InputError, {"field": "settings"}, "settings: bad"),
    (Unresumable("is of others", file="a.partial"), InputError, {"file": "a.partial"}, "a.partial: is of others"),
    (
        SameCaseNumber("has events in a and in b", file="a", field="case_id", case_id="c"),
        InputError,
        {"file": "a", "case_id": "c"},
        "a: case_id: has events in a and in b",
    ),
    (OutputTaken("is taken", file="a.partial"), InputError, {"file": "a.partial"}, "a.partial: is taken"),
    (
        MissingFigure("levy_base", 2031, known="2017 to 2026"),
        LookupError,
        {"parameter": "levy_base", "asked": 2031, "known": "2017 to 2026"},
        "no value of levy_base for 2031 (known: 2017 to 2026)",
    ),
    (
        MissingFigure("office calendar", date(2031, 1, 1)),
        ShuroflowError,
        {"asked": date(2031, 1, 1), "known": ""},
        "no value of office calendar for 2031-01-01",
    ),
    (
        Conflict("c", expected=2, actual=3),
        JournalError,
        {"case_id": "c", "expected": 2, "actual": 3},
        "case 'c' stands at version 3, not at 2",
    ),
    (
        DuplicateKey("c", "k", EVENTS),
        JournalError,
        {"case_id": "c", "key": "k", "first": tuple(EVENTS)},
        "case 'c': the key 'k' already stands for another record (1 listed)",
    ),
    (CaseNotFound("c"), LookupError, {"case_id": "c"}, "no case 'c' in this journal"),
    (CaseExists("c"), JournalError, {"case_id": "c"}, "case 'c' exists already"),
    (
        Retained("0" * 64, case_id="c", keep_until=date(2031, 3, 31), holds=[HELD]),
        JournalError,
        {"commitment": "0" * 64, "case_id": "c", "keep_until": date(2031, 3, 31), "holds": (HELD,)},
        "case 'c': paper 000000000000… must still be kept: hold 2 stands since 2026-05-01, set by director dr-01",
    ),
    (
        Retained("0" * 64, case_id="c", keep_until=date(2031, 3, 31)),
        JournalError,
        {"holds": ()},
        "case 'c': paper 000000000000… must still be kept: it is kept until 2031-03-31",
    ),
    (Damaged("broken", where="a.jsonl", line=3), JournalError, {"where": "a.jsonl", "line": 3}, "a.jsonl:3: broken"),
    (Damaged("broken", where="a.jsonl"), JournalError, {"line": None}, "a.jsonl: broken"),
    (Unavailable("locked", where="a.db"), JournalError, {"where": "a.db"}, "a.db: locked"),
    (Vetoed(EVENTS[0]), ShuroflowError, {"event": EVENTS[0]}, "a condition of the host stopped event 'listed'"),
    (Refused(DISCONTINUED), ShuroflowError, {"judgement": DISCONTINUED, "findings": ()}, ""),
]


def _classes() -> list[type[BaseException]]:
    found = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if cls.__module__ == errors.__name__]
    return [cls for cls in found if issubclass(cls, BaseException)]


def test_one_tree() -> None:
    """Every error can be caught as a ``ShuroflowError``, stands in the overview and says when it is raised."""
    assert errors.__doc__ is not None
    for cls in _classes():
        assert issubclass(cls, ShuroflowError)
        assert cls.__doc__
        assert cls.__name__ in errors.__doc__
    assert {type(error) for error, *_ in CASES} | {ShuroflowError, JournalError} == set(_classes())


@pytest.mark.parametrize(("error", "kind", "facts", "said"), CASES, ids=lambda value: type(value).__name__)
def test_an_error_carries_its_facts(
    error: ShuroflowError, kind: type[BaseException], facts: dict[str, object], said: str
) -> None:
    """The facts are attributes, the message is one sentence on one line and names them."""
    assert isinstance(error, kind)
    assert facts == {name: getattr(error, name) for name in facts}
    assert str(error).startswith(said)
    assert "\n" not in str(error)


def test_the_place_is_added_on_the_way() -> None:
    """An error met in a file learns the file and the line, and keeps what it knows already."""
    error = InputError("is no day", field="occurred_on", line=4)
    assert error is error.at(file="a.jsonl")
    assert "a.jsonl:4: occurred_on: is no day" == str(error)
    assert "b.jsonl:5: occurred_on: is no day" == str(error.at(file="b.jsonl", line=5))
    assert "b.jsonl:5: occurred_on: is no day" == str(error.at())


def test_a_refusal_explains_itself_in_both_languages() -> None:
    """A refusal holds the whole judgement; what blocks is what it explains."""
    judgement = replay(
        course("consented", consented=None, selected=None).on("2025-04-20", course("ended").last.data)
    ).last
    refused = Refused(judgement)
    assert judgement.blocking == refused.findings
    assert str(refused) == refused.explain() == judgement.explain("ja")
    assert judgement.explain("en") == refused.explain("en")
    assert refused.findings


@pytest.mark.parametrize("error", [error for error, *_ in CASES], ids=lambda value: type(value).__name__)
def test_an_error_crosses_processes(error: ShuroflowError) -> None:
    """Class, message and facts survive pickling, as they must when an audit runs on several processes."""
    back = pickle.loads(pickle.dumps(error))
    assert (type(error), str(error)) == (type(back), str(back))
    assert vars(error) == vars(back)
