"""The names of fields: one name means one thing, and says it of the class that has the field."""

from __future__ import annotations

import inspect
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import attrs
import pytest

from shuroflow.audit import explain
from shuroflow.audit.steps import explanation_record
from shuroflow.audit.words import field_name
from shuroflow.calendar import OfficeCalendar
from shuroflow.case import Case, Closing, Duty, Period
from shuroflow.events import Actor, Corrected, Event, kinds_of
from shuroflow.states import Office, programme
from shuroflow.states.figures import Figure, Figures, Span
from shuroflow.states.means_test import MeansTest
from shuroflow.states.office import Settings
from shuroflow.states.saitama.case import GoalRecord
from shuroflow.states.tsushima.case import Claim, Trial
from shuroflow.vocabulary import Lang
from tests.audit.records import story
from tests.audit.test_explanation import amended, parts_of
from tests.states.story import AS_OF, SV

LANGUAGES: tuple[Lang, ...] = ("ja", "en")
FIELDS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    resources.files("shuroflow.audit").joinpath("words.toml").read_text(encoding="utf-8")
)["field"]

CASES = {"Case", "SaitamaCase", "TsushimaCase"}
SHARED: Mapping[str, set[str]] = {
    "agreed": {"Trial", "TrialConfirmed"},
    "analysis": {"Evaluated", "GoalsChanged"},
    "applied_on": {"MeansTest", "TsushimaCase"},
    "approval": {"SupportDecided", "UseApproved"},
    "approved_by": {"Corrected", "Withdrawn"},
    "assets": {"Assessed", "MeansTest"},
    "attendees": {"ConferenceHeld", "Extended", "Meeting", "Selected"},
    "by": {
        "ActivityRecorded",
        "Evaluated",
        "IncidentRecorded",
        "PlanMade",
        "PlanReviewed",
        "Recognition",
        "TrainingRecognised",
    },
    "case_id": {"Case", "Event", "SaitamaCase", "TsushimaCase"},
    "claim": {"ClaimPaid", "ClaimReceived", "ClaimReturned"},
    "closed_from": CASES,
    "closing": CASES,
    "closing_on": CASES,
    "consultation_applied_on": {"Applied", "TsushimaCase"},
    "consulted_on": {"Extended", "Selected"},
    "content": {"AdviceGiven", "CoordinationRecorded", "InformationGiven"},
    "covers": CASES,
    "decided_by": {"Discontinued", "SelfSupportRecognised", "SupportDecided", "UseApproved", "UseRejected"},
    "decided_on": {"SaitamaCase", "TsushimaCase"},
    "deduction_basis": {"MeansTest", "Settings"},
    "detail": {"Declined", "EmploymentStarted", "EndedOutside", "IncidentRecorded"},
    "due": {"Claim", "Duty"},
    "duties": CASES,
    "employed_on": {"Ended", "SelfSupportRecognised", "TsushimaCase"},
    "end": {"AgreementMade", "CoverageArranged", "Period"},
    "end_on": {"SaitamaCase", "TsushimaCase"},
    "goal": {"GoalRecord", "GoalResult"},
    "goals": {"GoalsChanged", "GoalsSet", "PlanMade", "SaitamaCase"},
    "ground": {"TsushimaCase", "UseApproved"},
    "household_size": {"Assessed", "MeansTest"},
    "id": {"Actor", "Goal", "Issue", "Member", "Specialist", "TrainingProvider"},
    "income": {"Assessed", "MeansTest"},
    "is_closed_on": CASES,
    "is_under_way_on": CASES,
    "issues": {"PlanMade", "TsushimaCase"},
    "levy_addition": {"Figures", "MeansTest"},
    "levy_base": {"Figures", "MeansTest"},
    "levy_size": {"Assessed", "MeansTest"},
    "levy_supplement": {"Figures", "MeansTest"},
    "opened_on": CASES,
    "override_reason": {
        "Applied",
        "ApprovalNotified",
        "ClaimReceived",
        "Discontinued",
        "Ended",
        "GoalsChanged",
        "UseApproved",
    },
    "paper": {
        "AgreementMade",
        "ApprovalNotified",
        "AttendanceRecorded",
        "ClaimReceived",
        "DiscontinuationNotified",
        "PlanMade",
        "PlanReviewed",
        "RejectionNotified",
        "TrialConfirmed",
    },
    "payable": {"Claim", "TsushimaCase"},
    "period": CASES,
    "periods": CASES,
    "person_class": {"Applied", "TsushimaCase"},
    "prior_case_id": {"Applied", "Case", "Listed", "SaitamaCase", "TsushimaCase"},
    "prior_months": {"Applied", "TsushimaCase"},
    "programme": {"Case", "Event", "SaitamaCase", "TsushimaCase"},
    "provider": {
        "AgreementMade",
        "CoordinationRecorded",
        "TrainingUsed",
        "Trial",
        "TrialConfirmed",
        "TrialStarted",
        "WorkplaceVisited",
    },
    "reason": {
        "ApplicationWithdrawn",
        "AssistanceSuspended",
        "ClaimReturned",
        "ConsentWithdrawn",
        "Corrected",
        "Declined",
        "Discontinued",
        "EndedOutside",
        "Extended",
        "Listed",
        "Recognition",
        "SelfSupportRecognised",
        "UseRejected",
        "Withdrawn",
    },
    "received_on": {"Applied", "TsushimaCase"},
    "recognition": {"Selected", "TargetRecognised"},
    "resident": {"Applied", "TsushimaCase"},
    "result": {"GoalRecord", "GoalResult"},
    "specialist": {"SaitamaCase", "SupportStarted"},
    "standard": {"MeansTest", "Settings"},
    "start": {"AgreementMade", "CoverageArranged", "Period"},
    "start_on": {"ApprovalNotified", "SaitamaCase", "SupportStarted", "TsushimaCase"},
    "state": CASES,
    "state_on": CASES,
    "status": {"SaitamaCase", "Selected"},
    "target_class": {"SaitamaCase", "Selected"},
    "text": {"Goal", "Issue"},
    "trial": {
        "AttendanceRecorded",
        "Claim",
        "ClaimReceived",
        "TrialConfirmed",
        "TrialStarted",
        "TsushimaCase",
        "WagesPaid",
    },
    "version": CASES,
    "voluntary": {"Trial", "TrialConfirmed"},
}
"""The names of fields that several classes share, and which: in all of them the field means the same. A field of
another meaning has a name under ``Class.field``; of a new class, decide which it is."""


def classes() -> Iterator[type]:
    """Every class of which a page may show a field: payloads with their parts, cases, and what a guard looks at."""
    for code in ("saitama", "tsushima"):
        for cls in kinds_of(code).values():
            yield from parts_of(cls)
        yield type(programme(code).current.new_case("x"))
    yield from (Case, Event, Actor, Closing, Duty, Period, Trial, Claim, GoalRecord, MeansTest)
    yield from (Office, OfficeCalendar, Settings, Figures, Figure)


def names_of(cls: type) -> set[str]:
    """Its fields, and the properties and methods that have a name for readers."""
    fields = {field.name for field in attrs.fields(cls) if not field.name.startswith("_")}
    others = {name for name, _ in inspect.getmembers(cls) if not name.startswith("_") and name in FIELDS}
    return fields | others


def test_one_name_means_one_thing() -> None:
    """A name under the bare field is that of one class, or of those that share it on purpose."""
    users: dict[str, set[str]] = defaultdict(set)
    for cls in classes():
        for name in names_of(cls):
            users[f"{cls.__name__}.{name}" if f"{cls.__name__}.{name}" in FIELDS else name].add(cls.__name__)
    shared = {name: found for name, found in users.items() if len(found) > 1}
    assert SHARED == shared
    assert [] == sorted(set(FIELDS) - set(users) - {f"{Span.__name__}.{field.name}" for field in attrs.fields(Span)})


def test_a_name_of_one_class_is_another_one_than_that_of_the_field() -> None:
    """Otherwise it would be no name of its own; and every name is in both languages."""
    for name, label in FIELDS.items():
        of, _, field = name.rpartition(".")
        assert set(LANGUAGES) == set(label)
        assert not of or FIELDS.get(field) != label


@pytest.mark.parametrize(
    ("of", "name", "ja", "en"),
    [
        ("Event", "data", "内容", "content"),
        ("Corrected", "data", "正しい内容", "the right content"),
        ("Event", "seq", "記録番号", "number of the event"),
        ("Corrected", "seq", "対象の記録番号", "number of the event concerned"),
        ("Event", "occurred_on", "出来事の日", "day of the event"),
        ("Corrected", "occurred_on", "正しい出来事の日", "the right day of the event"),
        ("PlacementAuthority", "holder", "届出・許可の名義", "held by"),
        ("TsushimaCase", "coordinated", "連携の記録がある事業所", "workplaces worked with"),
        ("OfficeCalendar", "covers", "暦にある年か", "year known to the calendar"),
        ("SaitamaCase", "covers", "期間内か", "within a period"),
    ],
)
def test_fields_of_one_name_and_another_meaning(of: str, name: str, ja: str, en: str) -> None:
    """Each says what it is in its own class."""
    assert (ja, en) == (field_name(name, "ja", of=of), field_name(name, "en", of=of))


def looked_at(step: Any) -> dict[str, str]:
    """Where → what it is called, of the values looked at at a step."""
    return {look["at"]: look["name"] for look in step["looked_at"]}


def test_values_looked_at_are_called_by_the_class_that_has_them() -> None:
    """On the way to a value as well: no event's own content or number goes by the name of a correction's."""
    named: dict[str, set[str]] = defaultdict(set)
    for name in ("S01", "S06", "T01", "T07"):
        found = explain(story(name), as_of=AS_OF)
        assert found is not None
        for step in explanation_record(found)["steps"]:
            for at, told in looked_at(step).items():
                named[at].add(told)
    told = {each for names in named.values() for each in names}
    assert "出来事" in named["event.kind"]
    assert [] == [each for each in told if "正しい" in each or "対象の記録番号" in each]
    assert {"出来事の日"} == named["event.occurred_on"]


def test_the_day_of_a_correction_is_not_the_right_day() -> None:
    """Both stand at its step: the day on which it was made, and the day that it puts in the place of a wrong one."""
    right = AS_OF.replace(year=2025)
    found = explain(
        amended(story("S01"), Corrected(seq=3, reason="r", approved_by=SV, occurred_on=right), AS_OF), as_of=AS_OF
    )
    assert found is not None
    for lang, name in (("ja", "正しい出来事の日"), ("en", "the right day of the event")):
        content = dict(next(s for s in explanation_record(found, lang=lang)["steps"] if s["seq"] == 14)["content"])
        assert name in content
        assert field_name("occurred_on", lang, of="Event") not in content


def test_a_field_that_is_named_goes_by_its_name_in_english_too() -> None:
    """``claim`` is called "claim", in the content as among the values, and not as the class describes the field."""
    found = explain(story("T07"), as_of=AS_OF)
    assert found is not None
    step = next(s for s in explanation_record(found, lang="en")["steps"] if s["event"] == "claim_received")
    assert {"paper", "claim", "amount claimed (yen)"} <= set(dict(step["content"]))
    assert "claim" == looked_at(step)["event.data.claim"]
