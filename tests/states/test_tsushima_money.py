"""Workplaces, work trials and money, 第9条 and 第10条: every rule against its witnesses, and what is owed on a day."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from shuroflow.events import tsushima as e
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.vocabulary import Basis, Severity
from tests.states.story import CLERK, NOTE, OBSERVATION, VIOLATION, Story, Witness, replay
from tests.states.tsushima_rules import hold_to_language, hold_to_rule
from tests.states.tsushima_stories import AGREEMENT, Step, attended, claimed, course, workplace
from tests.states.tsushima_witnesses_money import BEYOND, DUE_DAYS, WITNESSES, capped, claim, paid, visit

FAILING = [witness for witness in WITNESSES if witness.fails]


@pytest.mark.parametrize("witness", WITNESSES, ids=lambda witness: witness.id)
def test_only_the_named_rules_speak(witness: Witness) -> None:
    """A witness breaks the rules it names and no other."""
    expected, found = witness.told()
    assert expected == found


@pytest.mark.parametrize("witness", FAILING, ids=lambda witness: witness.id)
def test_a_finding_says_where_and_how_grave(witness: Witness) -> None:
    """Code, citation, severity, basis, refusal and event are those of the rule, in sentences of both languages."""
    hold_to_rule(witness)
    hold_to_language(witness.finding())


def test_an_ordinary_trial_has_nothing_to_find() -> None:
    """Agreed, insured, confirmed, attended, claimed and paid on the thirtieth day."""
    told = workplace(story=course("plan_reviewed", plan_reviewed="2025-08-20"))
    assert replay(told).graded == []
    assert list(replay(told).case.duties) == []


@pytest.mark.parametrize(
    ("steps", "rule"),
    [
        ({"agreement_made": None}, "agreement_in_force"),
        ({"coverage_arranged": None}, "covered_against_damage"),
        ({"trial_confirmed": None}, "confirmed_before_trial"),
        ({"claim_received": claimed(12_001)}, "claim_within_payable"),
    ],
)
def test_one_fault_is_told_once(steps: dict[str, object], rule: str) -> None:
    """The start, the sheet, the claim and the payment may all meet the same fault; the reader hears of it once."""
    outcome = replay(workplace(**steps))
    assert outcome.rules.count(rule) == 1


def _owed(told: Story, as_of: str) -> list[tuple[str, Severity, str]]:
    kinds = {event.seq: event.kind for event in told.events}
    found = [each for each in replay(told, as_of=as_of).settled if each.severity is not NOTE]
    for finding in found:
        hold_to_language(finding)
        assert finding.rule.once
    return [(each.clause, each.severity, kinds[each.seq]) for each in found if each.clause[:3] in ("第9条", "第10")]


UNCOORDINATED = {"coordination_recorded": None}
DUTIES: dict[str, tuple[Story, str, list[tuple[str, Severity, str]]]] = {
    "visit-without-coordination": (
        visit("2025-09-22", **UNCOORDINATED),
        "2026-03-31",
        [("第9条第5項", OBSERVATION, "workplace_visited")],
    ),
    "visit-without-coordination-closed": (
        visit("2025-09-22", **UNCOORDINATED),
        "2026-04-01",
        [("第9条第5項", VIOLATION, "workplace_visited")],
    ),
    "visit-coordinated": (visit("2025-09-22"), "2030-01-01", []),
    "visit-coordinated-afterwards": (
        visit("2025-09-22", **UNCOORDINATED).on(
            "2025-09-24", e.CoordinationRecorded(provider="bakery", content="見学後の感想を伝えた")
        ),
        "2030-01-01",
        [],
    ),
    "visit-coordinated-with-another": (
        visit("2025-09-22", **UNCOORDINATED).on(
            "2025-09-24", e.CoordinationRecorded(provider="farm", content="受入れの相談")
        ),
        "2026-04-01",
        [("第9条第5項", VIOLATION, "workplace_visited")],
    ),
    "trial-without-coordination": (
        workplace("attendance_recorded", **UNCOORDINATED),
        "2026-04-01",
        [("第9条第5項", VIOLATION, "trial_started")],
    ),
    "trial-without-sheet": (workplace("trial_started"), "2026-03-31", []),
    "trial-without-sheet-closed": (
        workplace("trial_started"),
        "2026-04-01",
        [],  # due with the claim, and a claim has no day
    ),
    "trial-with-sheet": (workplace("attendance_recorded"), "2030-01-01", []),
    "sheet-of-another-trial": (
        workplace("attendance_recorded", attendance_recorded=attended(trial="trial-2")),
        "2026-04-01",
        [],
    ),
    "paid": (workplace("claim_paid"), "2030-01-01", []),
    "given-back": (
        workplace("claim_received").on("2025-10-21", e.ClaimReturned(claim="claim-1", reason="金額の誤り"), by=CLERK),
        "2030-01-01",
        [],
    ),
    "beyond-the-calendar-thirtieth": (workplace("claim_received", claim_received=BEYOND), "2031-01-19", []),
    "beyond-the-calendar": (
        workplace("claim_received", claim_received=BEYOND),
        "2031-01-20",
        [("第10条第2項", OBSERVATION, "claim_received")],
    ),
}


@pytest.mark.parametrize("name", DUTIES)
def test_what_is_owed_on_a_day(name: str) -> None:
    """A duty is found with the event it arose from, once it may no longer wait, until it is done."""
    told, as_of, expected = DUTIES[name]
    assert expected == _owed(told, as_of)


@pytest.mark.parametrize(("received", "due", "moved"), DUE_DAYS)
def test_a_claim_is_overdue_the_day_after(received: str, due: str, moved: str) -> None:
    """第10条第2項: 受理した日 does not count, the thirtieth day moves past closed days, the next day is overdue."""
    told = workplace("claim_received", claim_received=received)
    last = date.fromisoformat(moved)
    duty = replay(told).case.duties["payment", "claim-1"]
    assert (date.fromisoformat(due), last) == (duty.due, duty.in_time_until)
    assert _owed(told, moved) == []
    assert _owed(told, date.fromordinal(last.toordinal() + 1).isoformat()) == [
        ("第10条第2項", VIOLATION, "claim_received")
    ]


def test_an_overdue_claim_rests_on_the_text() -> None:
    """第10条第2項 says thirty days: the open duty is a violation by the text."""
    (finding,) = [each for each in replay(workplace("claim_received")).settled if each.severity is not NOTE][-1:]
    assert (finding.rule.code, finding.rule.basis) == ("tsushima.payment", Basis.TEXT)


def test_a_closed_day_of_the_office_itself_counts() -> None:
    """民法142: an office that is closed on the thirtieth day pays on the next; without that day it is late."""
    from shuroflow.states.office import Office

    told = paid("2025-11-20")
    assert [each.clause for each in replay(told).last.findings if each.severity is VIOLATION] == ["第10条第2項"]
    closed = Office.parse("[calendar]\nclosed = [2025-11-19]")
    assert [each.rule.code for each in replay(told, office=closed).last.findings] == ["tsushima.paid_on_moved_day"]


@pytest.mark.parametrize(
    ("wages", "daily", "total", "days", "expected"),
    [
        (12_000, 5_000, None, 3, 12_000),
        (15_000, 5_000, None, 3, 15_000),
        (15_001, 5_000, None, 3, 15_000),
        (12_000, 3_999, None, 3, 11_997),
        (12_000, None, None, 3, 12_000),
        (12_000, None, 11_999, 3, 11_999),
        (12_000, 5_000, 9_000, 1, 5_000),
        (0, None, None, 3, 0),
        (12_000, 0, None, 3, 0),
        (12_000, 5_000, None, 0, 0),
    ],
)
def test_payable_is_the_smaller_of_wages_and_agreement(
    wages: int, daily: int | None, total: int | None, days: int, expected: int
) -> None:
    """第9条第4項: what may be paid for the first days of a trial, by hand."""
    told = workplace(
        "wages_paid",
        agreement_made=capped(daily, total),
        wages_paid=Step("2025-10-15", e.WagesPaid(trial="trial-1", amount=wages)),
    )
    case = replay(told).case
    assert isinstance(case, TsushimaCase)
    first = tuple(day.on for day in attended().days[:days])
    assert expected == case.payable("trial-1", first)


def test_two_agreements_bind_their_own_days() -> None:
    """A day is held to the agreement in force on it: 3,000 yen on the first, at most 4,000 in all on the others."""
    told = workplace(
        "wages_paid",
        agreement_made=attrs.evolve(
            AGREEMENT, start=date(2025, 10, 1), end=date(2025, 10, 6), honorarium=e.Honorarium(daily_cap=3_000)
        ),
    )
    told.on("2025-10-06", attrs.evolve(AGREEMENT, start=date(2025, 10, 7), honorarium=e.Honorarium(total_cap=4_000)))
    case = replay(told).case
    assert isinstance(case, TsushimaCase)
    days = tuple(day.on for day in attended().days)
    assert [case.payable("trial-1", some) for some in (days[:1], days[1:], days)] == [3_000, 4_000, 7_000]


def test_a_total_is_used_up_by_its_own_claims_alone() -> None:
    """The total of an agreement counts claims for its own days, first and last included, and its own workplace."""
    total = attrs.evolve(
        AGREEMENT, start=date(2025, 10, 6), end=date(2025, 10, 8), honorarium=e.Honorarium(total_cap=9_000)
    )
    told = workplace("wages_paid", agreement_made=Step("2025-09-01", total))
    told.on("2025-10-16", claimed(4_000, "2025-10-06"), by=CLERK)
    told.on("2025-10-16", claimed(3_000, "2025-10-08", claim="claim-2"), by=CLERK)
    told.on("2025-10-20", attrs.evolve(total, provider="farm"))
    told.on("2025-10-20", e.TrialStarted(trial="trial-2", provider="farm"))
    told.on("2025-10-20", e.WagesPaid(trial="trial-2", amount=9_500))
    case = replay(told).case
    assert isinstance(case, TsushimaCase)
    assert case.payable("trial-1", (date(2025, 10, 7),)) == 2_000
    assert case.payable("trial-2", (date(2025, 10, 7),)) == 9_000


def test_a_claim_given_back_frees_its_days_and_wages() -> None:
    """A returned claim is not owed, and the same days can be claimed anew on another day of receipt."""
    told = claim(12_000).on("2025-10-21", e.ClaimReturned(claim="claim-1", reason="押印がない"), by=CLERK)
    told.on("2025-11-04", claimed(12_000, claim="claim-2"), by=CLERK)
    outcome = replay(told, as_of="2025-12-04")
    assert outcome.last.findings == ()
    assert [date(2025, 12, 4)] == [duty.due for (code, _), duty in outcome.case.duties.items() if code == "payment"]


def test_a_sheet_stays_an_open_item() -> None:
    """第9条第6項: the sheet is owed from the start of the trial until it is recorded, and is no finding by itself."""
    assert ("attendance", "trial-1") in replay(workplace("trial_started"), as_of="2030-01-01").case.duties
    assert ("attendance", "trial-1") not in replay(workplace("attendance_recorded")).case.duties


def test_what_was_paid_cannot_be_given_back() -> None:
    """第10条第1項: a return of a paid claim frees neither days nor wages; nothing can be claimed for them again."""
    told = paid("2025-10-31").on("2025-11-01", e.ClaimReturned(claim="claim-1", reason="金額の誤り"), by=CLERK)
    told.on("2025-11-04", claimed(12_000, claim="claim-2"), by=CLERK)
    outcome = replay(told, as_of="2025-11-04")
    assert {"claimed_days_attended", "claim_within_payable"} == {
        each.rule.code.partition(".")[2] for each in outcome.last.findings
    }
    case = outcome.case
    assert isinstance(case, TsushimaCase)
    assert date(2025, 10, 31) == case.claims["claim-1"].paid_on


def test_a_second_claim_under_one_id_is_owed_too() -> None:
    """第10条第2項: both claims stay owed; paying one leaves the other open and, after its day, overdue."""
    told = claim(10_000, "2025-10-06", "2025-10-08").on("2025-10-21", claimed(2_000, "2025-10-07"), by=CLERK)
    told.on("2025-10-31", e.ClaimPaid(claim="claim-1", amount=10_000), by=CLERK)
    outcome = replay(told, as_of="2030-01-01")
    assert [] == list(outcome.last.findings)
    case = outcome.case
    assert isinstance(case, TsushimaCase)
    assert [("2025-10-31", 10_000), ("None", 2_000)] == [
        (str(each.paid_on), each.amount) for each in case.claims.values()
    ]
    assert [date(2025, 11, 20)] == [duty.due for (code, _), duty in case.duties.items() if code == "payment"]
    assert ("第10条第2項", VIOLATION, told.events[-2].seq) in outcome.graded


def test_a_second_claim_too_high_under_one_id_is_told_again() -> None:
    """第9条第4項: a claim put right that is too high once more is a fault of its own; its payment is not."""
    told = claim(12_001).on("2025-10-21", e.ClaimReturned(claim="claim-1", reason="金額の誤り"), by=CLERK)
    told.on("2025-10-28", claimed(12_002), by=CLERK)
    told.on("2025-11-04", e.ClaimPaid(claim="claim-1", amount=12_002), by=CLERK)
    outcome = replay(told)
    found = [each for each in outcome.findings if each.rule.code == "tsushima.claim_within_payable"]
    kinds = {event.seq: (event.kind, event.occurred_on) for event in told.events}
    assert [("claim_received", date(2025, 10, 20)), ("claim_received", date(2025, 10, 28))] == [
        kinds[each.seq] for each in found
    ]
