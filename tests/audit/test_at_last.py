"""What the day asked about brings stands at the step that began it; duties are told as the verdict and the desk do."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, case_record, explain, replay
from shuroflow.audit.explanation import Explanation
from shuroflow.audit.steps import explanation_record
from shuroflow.audit.words import seen_name
from shuroflow.calendar import OfficeCalendar
from shuroflow.caseload.standing import dues
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states import Office, programme
from shuroflow.states.history import chronology, effective
from shuroflow.vocabulary import Lang, Severity
from tests.audit.records import STORIES
from tests.audit.test_explanation import END, HISTORIES, amended, explained, step_of
from tests.states.story import OFFICE, SV
from tests.states.tsushima_stories import workplace

ALL_DAYS = OfficeCalendar.default()
SHORT = attrs.evolve(
    ALL_DAYS, holidays={day: name for day, name in ALL_DAYS.holidays.items() if day.year < 2025}, last_year=2024
)
"""A calendar that does not know the closed days of the claims: until when a payment is in time cannot be told."""
OFFICES = [
    OFFICE,
    Office.parse("[settings]\nplan_due_days = 5\ncontact_gap_days = 14\nreview_interval_days = 60"),
    attrs.evolve(OFFICE, calendar=SHORT),
]
TOLD = {
    code: HISTORIES[code]
    | st.sampled_from([name for name in STORIES if name[0] == code[0].upper()]).map(lambda name: STORIES[name]())
    for code in HISTORIES
}
TOLD["tsushima"] |= st.sampled_from(["claim_received", "claim_paid"]).map(lambda upto: workplace(upto).events)
AS_OF_DAYS = st.dates(date(2024, 12, 1), END)


def both(events: list[Event], as_of: date, office: Office = OFFICE) -> tuple[CaseReport, Explanation]:
    """The verdict and the explanation of a case that is there."""
    report = replay(events, as_of=as_of, office=office)
    found = explain(events, as_of=as_of, office=office)
    assume(report is not None and found is not None)
    assert report is not None
    assert found is not None
    return report, found


# Every finding at one step --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", HISTORIES)
def test_each_finding_stands_at_exactly_one_step_and_each_at_a_step_is_in_the_verdict(code: str) -> None:
    """Whatever is on record, corrected or withdrawn, on any day: the same findings, each at the event that it names."""

    @given(TOLD[code], AS_OF_DAYS, st.sampled_from(OFFICES), st.data())
    def check(events: list[Event], as_of: date, office: Office, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(0, 2))):
            seq, on = data.draw(st.integers(1, len(events))), data.draw(AS_OF_DAYS)
            if events[seq - 1].kind in {"corrected", "withdrawn"} or data.draw(st.booleans()):
                events = amended(events, Withdrawn(seq=seq, reason="r", approved_by=SV), END)
            else:
                events = amended(events, Corrected(seq=seq, reason="r", approved_by=SV, occurred_on=on), END)
        report, found = both(events, as_of, office)
        at_steps = [
            (step.event.seq, finding)
            for step in found.steps
            for finding in [
                *(each.finding for each in step.asked if each.finding is not None and each.first_at is None),
                *(each.finding for each in step.at_last),
            ]
        ]
        assert all(seq == finding.seq for seq, finding in at_steps)

        def told(finding: Any) -> tuple[Any, ...]:
            return finding.seq, finding.on, finding.rule, finding.message(), finding.overridden

        assert Counter(map(told, report.findings)) == Counter(told(finding) for _, finding in at_steps)
        # Told again at a later step is only what stands at an earlier one.
        subjects = {finding.subject for finding in report.findings}
        again = [each for step in found.steps for each in step.asked if each.first_at is not None]
        assert [] == [each for each in again if each.finding is None or each.finding.subject not in subjects]

    check()


@pytest.mark.parametrize("code", HISTORIES)
def test_the_json_has_them_in_the_steps(code: str) -> None:
    """``findings`` of a case and what its steps say are the same, with rule, grade, clause, wording and remedy."""

    @given(TOLD[code], AS_OF_DAYS, st.sampled_from(["ja", "en"]))
    def check(events: list[Event], as_of: date, lang: Lang) -> None:
        report, found = both(events, as_of)
        keys = ("rule", "clause", "severity", "basis", "decision", "message", "mend", "overridden")
        told = explanation_record(found, lang=lang)
        texts = {edition.in_force_from.isoformat() for edition in programme(code).editions}
        at_steps = []
        for step in told["steps"]:
            rules = [each for each in step.get("rules", ()) if each["outcome"] == "not_held" and "first_at" not in each]
            at_steps += [(step["seq"], *(each[key] for key in keys)) for each in [*rules, *step.get("at_last", ())]]
            for each in step.get("at_last", ()):
                assert each["text"] in texts
                assert each["duty"] is None or told["duties"][each["duty"]]["status"] == "open"
                assert each["duty"] is None or told["duties"][each["duty"]]["seq"] == step["seq"]
                assert lang == "en" or [] == [value for value in each["values"] if value["name"] == value["at"]]
        findings = case_record(report, lang=lang)["findings"]
        assert Counter((each["seq"], *(each[key] for key in keys)) for each in findings) == Counter(at_steps)

    check()


def test_a_claim_that_was_never_paid_stands_at_its_receipt() -> None:
    """第10条第2項: at the step of the claim, graded, with the duty it is about, its days and what would mend it."""
    events = workplace("claim_received").events
    found = explained(events)
    step = found.steps[-1]
    (each,) = [each for each in step.at_last if each.duty is not None]
    assert ("tsushima.payment", Severity.VIOLATION) == (each.finding.rule.code, each.finding.severity)
    assert each.duty is not None
    assert ("payment", step.event.seq) == (found.duties[each.duty].duty.code, found.duties[each.duty].duty.seq)
    (told,) = [it for it in explanation_record(found, lang="en")["steps"][-1]["at_last"] if it["duty"] == each.duty]
    assert ("第10条第2項", "text", each.duty) == (told["clause"], told["basis"], told["duty"])
    assert "is not seen to be paid" in told["message"]
    assert told["mend"]
    values = {value["at"]: value.get("value", value["shown"]) for value in told["values"]}
    owed = found.duties[each.duty].duty
    assert owed.due is not None
    assert {
        "subject": "claim-1",
        "arose": owed.arose_on.isoformat(),
        "due": owed.due.isoformat(),
        "in_time_until": str(owed.in_time_until),
        "days": (found.as_of - owed.arose_on).days,
    } == values


@pytest.mark.parametrize("code", HISTORIES)
def test_every_value_of_a_duty_has_a_name(code: str) -> None:
    """What a finding about any duty of the programme says of it is called something in both languages."""
    for rule in programme(code).current.table.duties.values():
        for graded in filter(None, (rule.while_open, rule.when_overdue, rule.when_closed)):
            for name in ("subject", "arose", "due", "in_time_until", "days"):
                assert name != seen_name(graded.code, name, "ja") != seen_name(graded.code, name, "en")


# How a duty stands on a day -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", HISTORIES)
def test_a_duty_is_late_where_the_desk_and_the_verdict_say_so(code: str) -> None:
    """As of any day, and at every step as of its own: the duties that ``due`` calls overdue, and no others."""

    @given(TOLD[code], AS_OF_DAYS, st.sampled_from(OFFICES))
    def check(events: list[Event], as_of: date, office: Office) -> None:
        report, found = both(events, as_of, office)
        kind = programme(code)
        told = explanation_record(found)

        def of_the_desk(case: Any, on: date) -> Counter[Any]:
            items = [each for each in dues(kind.edition_on(on), case, on) if each.code != "period_end"]
            return Counter((each.code, each.arose_on, each.due, each.overdue) for each in items)

        def of_the_page(numbers: list[int], overdue: set[int]) -> Counter[Any]:
            owed = [(found.duties[at].duty, at in overdue) for at in numbers]
            return Counter((duty.code, duty.arose_on, duty.due, late) for duty, late in owed)

        is_open = [at for at, duty in enumerate(told["duties"]) if duty["status"] == "open"]
        late = {at for at, duty in enumerate(told["duties"]) if duty["overdue"]}
        assert of_the_desk(report.case, as_of) == of_the_page(is_open, late)
        # What the verdict grades by lateness alone is found where the duty is late, and only there.
        graded = kind.edition_on(as_of).table.duties
        by_lateness = {at for at in is_open if graded[found.duties[at].duty.code].when_overdue is not None}
        said = {each.duty for step in found.steps for each in step.at_last if each.duty in by_lateness}
        assert by_lateness & late == said
        case = kind.current.new_case(events[0].case_id)
        steps = {step["seq"]: step for step in told["steps"]}
        for event in chronology(effective(events, as_of=as_of), kind.current):
            kind.edition_on(event.occurred_on).fold(case, event, office)
            numbers = steps[event.seq]["duties"]
            assert of_the_desk(case, event.occurred_on) == of_the_page(numbers["open"], set(numbers["overdue"]))

    check()


def test_the_day_that_decides_is_the_one_after_closed_days() -> None:
    """民法142: the thirtieth day is a Saturday; on the Monday to which it moves nothing is late, on Tuesday it is."""
    events = workplace("claim_received", claim_received="2025-11-13").events
    saturday, monday = date(2025, 12, 13), date(2025, 12, 15)
    for on, late in [
        (saturday, False),
        (saturday + timedelta(days=1), False),
        (monday, False),
        (date(2025, 12, 16), True),
    ]:
        told = explanation_record(explained(events, on))
        (payment,) = [duty for duty in told["duties"] if duty["duty"] == "payment"]
        assert (saturday.isoformat(), monday.isoformat()) == (payment["due"], payment["in_time_until"])
        assert late == payment["overdue"]
        brought = step_record(told, events[-1].seq)["at_last"]
        assert late == ("tsushima.payment" in {each["rule"] for each in brought})


def step_record(told: Any, seq: int) -> Any:
    """The step of an event."""
    return next(step for step in told["steps"] if step["seq"] == seq)


def test_a_period_that_ran_out_makes_nothing_late() -> None:
    """4(5): the last day of the period is a day on which a decision is expected; the text calls no day late."""
    events = STORIES["S04"]()
    found = explained(events)
    duty = next(each for each in explanation_record(found)["duties"] if each["status"] == "open")
    assert ("extend_or_end", "2026-05-31", None, False) == (
        duty["duty"],
        duty["due"],
        duty["in_time_until"],
        duty["overdue"],
    )
    assert "saitama.period_lapsed" in {each.finding.rule.code for step in found.steps for each in step.at_last}
    assert step_of(found, events[-1].seq).at_last
