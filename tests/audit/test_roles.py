"""One person in two roles: seen across a whole case, and not said again where a rule says it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import attrs
import pytest

from shuroflow.audit import histories
from shuroflow.audit.asking import Answer, Asking
from shuroflow.audit.observing import actors
from shuroflow.errors import InputError
from shuroflow.events import Actor, Corrected, Event, Withdrawn
from shuroflow.vocabulary import Role
from tests.audit.records import STORIES, story, write
from tests.states.saitama_stories import SELECTION, Step, course
from tests.states.story import APPLICANT, CW, ES, SV, Story

AS_OF = date(2026, 11, 21)


def roles(events: list[Event], path: Path) -> list[Answer]:
    """What answers the question of roles for one case."""
    answers = Asking(as_of=AS_OF, chosen=["roles"]).answers(histories([write(path, events)]))
    return [answer for answer in answers if not isinstance(answer, InputError)]


def as_supervisor(actor: Actor) -> Actor:
    """The same id in another role."""
    return attrs.evolve(actor, role=Role.SUPERVISOR)


@pytest.mark.parametrize("name", sorted(STORIES))
def test_the_told_records_have_none(tmp_path: Path, name: str) -> None:
    """Each id of these cases has one role."""
    assert [] == roles(story(name), tmp_path / "a.jsonl")


def test_at_one_table_the_rule_says_it(tmp_path: Path) -> None:
    """S-16 is heard, once, and the record is not asked again for the same two roles."""
    events = course(case_id="A", selected=attrs.evolve(SELECTION, attendees=(as_supervisor(CW), CW, ES))).events
    (answer,) = roles(events, tmp_path / "a.jsonl")
    assert "saitama.one_person_one_role" == (answer.finding and answer.finding.rule.code)


def test_across_a_case_the_record_shows_it(tmp_path: Path) -> None:
    """The caseworker of the case sits as supervisor at the selection; both roles and their events are named."""
    events = course(case_id="A", selected=attrs.evolve(SELECTION, attendees=(as_supervisor(ES), CW, SV))).events
    (answer,) = roles(events, tmp_path / "a.jsonl")
    assert answer.finding is None
    assert "es-07" in answer.message("en")
    assert "supervisor (event 2)" in answer.message("en")
    assert "employment support specialist (event 3, 5, 6 and more)" in answer.message("en")
    assert "就労支援専門員(記録3・5・6ほか)" in answer.message("ja")
    assert (3, "consented") == (answer.seq, answer.kind)  # from here on there are two


def test_a_third_role_is_more_than_the_rule_says(tmp_path: Path) -> None:
    """Two roles meet at the table, a third is elsewhere: the rule and the record are both heard."""
    both = attrs.evolve(SELECTION, attendees=(as_supervisor(CW), CW, ES))
    by_clerk = Step("2025-04-22", course().events[6].data, Actor("cw-03", Role.CLERK))
    answers = roles(course(case_id="A", selected=both, visit_1=by_clerk).events, tmp_path / "a.jsonl")
    assert [True, False] == [answer.finding is not None for answer in answers]


def test_who_writes_it_down_does_not_sit_there(tmp_path: Path) -> None:
    """Two roles at the table and a third as the recorder of the very event: the rule has told of two of them only."""
    sitting = Step("2025-04-10", attrs.evolve(SELECTION, attendees=(as_supervisor(CW), CW, ES)))
    by_specialist = attrs.evolve(sitting, by=Actor(CW.id, Role.SPECIALIST))
    answers = roles(course(case_id="A", selected=by_specialist).events, tmp_path / "a.jsonl")
    assert [True, False] == [answer.finding is not None for answer in answers]
    assert "employment support specialist (event 2)" in answers[1].message("en")


def test_the_person_and_the_applicant_are_one(tmp_path: Path) -> None:
    """Two names of the texts for the same side of the table; an official with that id is another matter."""
    told = Story("tsushima", "A", events=story("T01", "A"))
    data = told.events[0].data
    first = attrs.evolve(told.events[0], recorded_by=APPLICANT, data=data)
    person = attrs.evolve(told.events[1], recorded_by=attrs.evolve(APPLICANT, role=Role.PERSON))
    assert [] == roles([first, person, *told.events[2:]], tmp_path / "a.jsonl")
    official = attrs.evolve(told.events[1], recorded_by=attrs.evolve(APPLICANT, role=Role.OFFICER))
    (answer,) = roles([first, official, *told.events[2:]], tmp_path / "b.jsonl")
    assert "applicant-1" in answer.message()


@pytest.mark.parametrize("data", [Corrected, Withdrawn])
def test_a_correction_approved_by_its_writer(tmp_path: Path, data: type[Corrected] | type[Withdrawn]) -> None:
    """Whoever records it does not approve it; approved by another, there is nothing to tell."""
    for approver, told in ((CW, 1), (SV, 0)):
        case = course(case_id="A").on("2025-08-01", data(seq=7, reason="slip", approved_by=approver), by=CW)
        answers = roles(case.events, tmp_path / "a.jsonl")
        assert told == len(answers)
        assert all("cw-03" in answer.message("en") and 14 == answer.seq for answer in answers)


def test_everyone_in_an_event_is_found() -> None:
    """Who recorded it, who sat there, and who stands in a part of a part."""
    events = course(case_id="A").events
    assert [CW, SV, CW, ES] == list(actors(events[1]))
    assert [CW, ES] == list(actors(events[2]))
