"""From typed text to typed data: guided by the fields of the event, and never a guess."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import attrs
import pytest

from shuroflow.cli.payload import gather
from shuroflow.errors import InputError, UnknownEvent
from shuroflow.events import Actor, kinds_of
from shuroflow.events import saitama as s
from shuroflow.events.shapes import fields_of
from shuroflow.storage import encode
from shuroflow.vocabulary import Role
from tests.audit.records import STORIES, story


def test_samples_come_through_as_json() -> None:
    """Whatever the samples hold can be given as JSON; their dates in 和暦 mean the same."""
    for name in STORIES:
        for event in story(name):
            data = json.loads(encode(event))["data"]
            assert event.data == gather(event.programme, event.kind, json.dumps(data), ())
            assert event.data == gather(event.programme, event.kind, json.dumps(_in_wareki(data)), ())


def _in_wareki(value: Any) -> Any:
    from shuroflow.calendar import format_wareki

    if isinstance(value, dict):
        return {name: _in_wareki(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_in_wareki(inner) for inner in value]
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return format_wareki(date.fromisoformat(value))
    return value


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        ("listed", ["reason=007"], s.Listed(reason="007")),
        ("listed", ["reason=true"], s.Listed(reason="true")),
        ("listed", ["reason=a=b"], s.Listed(reason="a=b")),
        ("listed", [" reason =令和7年4月1日"], s.Listed(reason="令和7年4月1日")),
        ("ended", ["employed_on=R7.6.16"], s.Ended(employed_on=date(2025, 6, 16))),
        (
            "evaluated",
            ["results=[]", "by=specialist:es:07", 'results={"goal":"a","result":"achieved"}', "analysis=,"],
            s.Evaluated(
                results=(s.GoalResult(goal="a", result=s.Achievement.ACHIEVED),),
                by=Actor("es:07", Role.SPECIALIST),
                analysis=",",
            ),
        ),
        (
            "support_started",
            ["specialist.id=es-07", "specialist.qualifications=employment", "start_on=2025/4/15"],
            s.SupportStarted(
                specialist=s.Specialist(id="es-07", qualifications=(s.Qualification.EMPLOYMENT,)),
                start_on=date(2025, 4, 15),
            ),
        ),
        (
            "consented",
            ["scope=goal_setting", "scope=specialist_support"],
            s.Consented(scope=(s.ConsentObject.GOAL_SETTING, s.ConsentObject.SPECIALIST_SUPPORT)),
        ),
    ],
)
def test_settings_follow_the_fields(kind: str, settings: list[str], expected: Any) -> None:
    """Text stays text, days are read, people are ROLE:ID, lists gather, parts are reached with a dot."""
    assert expected == gather("saitama", kind, None, settings)


def test_settings_lie_over_data() -> None:
    """``--set`` replaces what ``--data`` says; numbers may be grouped."""
    made = gather("tsushima", "wages_paid", '{"trial": "t-1", "amount": 1}', ["amount=12,000"])
    assert attrs.evolve(made, amount=12_000) == made
    assert "t-1" == made.trial


def test_a_number_that_is_none_is_told() -> None:
    """What is no number is told with its field, as it was written."""
    for text in ("many", "1.5", "９９９９９９９９９９９９９９９９９９９９９９"):
        with pytest.raises(InputError) as caught:
            gather("tsushima", "wages_paid", '{"trial": "t-1"}', [f"amount={text}"])
        assert "data.amount" == caught.value.field


def test_an_unknown_event_is_told() -> None:
    """With the nearest name."""
    with pytest.raises(UnknownEvent, match="did you mean listed"):
        gather("saitama", "listd", None, ())


@pytest.mark.parametrize("programme", ["saitama", "tsushima"])
def test_every_kind_can_be_asked_for(programme: str) -> None:
    """Without data every event either needs nothing or names what it needs."""
    for kind, cls in kinds_of(programme).items():
        if any(field.default is attrs.NOTHING for field in fields_of(cls)):
            with pytest.raises(InputError, match="missing") as caught:
                gather(programme, kind, None, ())
            assert all("missing" in problem for problem in caught.value.problems)
        else:
            assert cls() == gather(programme, kind, None, ())


def test_parts_given_twice_are_not_mixed() -> None:
    """A part given whole cannot be reached into where it is no object."""
    with pytest.raises(InputError, match="either the whole or its fields"):
        gather("saitama", "support_started", '{"specialist": 3}', ["specialist.id=es-07"])
