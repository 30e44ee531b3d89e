"""For each rule of 第9条 and 第10条, stories that break it and stories that just keep it, by what the text asks for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs

from shuroflow.events import tsushima as e
from shuroflow.states.office import Office
from tests.states.story import CLERK, DIRECTOR, PROVIDER, Story, Witness, breaks, day, holds
from tests.states.tsushima_stories import (
    AGREEMENT,
    CONFIRMED,
    COVERAGE,
    TRIAL,
    TRIAL_DAYS,
    Form,
    Step,
    attended,
    claimed,
    paper,
    workplace,
)

FIRST, SECOND, THIRD = TRIAL_DAYS


def under(start: str, end: str, rule: e.Honorarium | None = AGREEMENT.honorarium) -> e.AgreementMade:
    """The agreement with the same workplace for other days or with another rule."""
    return attrs.evolve(AGREEMENT, start=day(start), end=day(end), honorarium=rule)


def capped(daily: int | None = None, total: int | None = None) -> e.AgreementMade:
    """The agreement with other caps."""
    return attrs.evolve(AGREEMENT, honorarium=e.Honorarium(daily_cap=daily, total_cap=total))


def covered(start: str, end: str) -> e.CoverageArranged:
    """The insurance for other days."""
    return attrs.evolve(COVERAGE, start=day(start), end=day(end))


def visit(on: str, **steps: Any) -> Story:
    """A visit to the workplace."""
    return workplace("coordination_recorded", **steps).on(on, e.WorkplaceVisited(provider="bakery"))


def claim(amount: int, *days: str, wages: int = 12_000, agreement: e.AgreementMade = AGREEMENT, **facts: Any) -> Story:
    """The ordinary claim with another amount, other days, wages or agreement."""
    paid = Step("2025-10-15", e.WagesPaid(trial="trial-1", amount=wages), PROVIDER)
    told = claimed(amount, *days, **facts)
    return workplace("claim_received", agreement_made=agreement, wages_paid=paid, claim_received=told)


def again(amount: int, *days: str, story: Story) -> Story:
    """A second claim for the same trial."""
    return story.fork().on("2025-10-21", claimed(amount, *days, claim="claim-2"), by=CLERK)


def second_trial(amount: int, *, total: int) -> Story:
    """A second trial under the same agreement, whose total is used up in part by the first (12,000 yen)."""
    story = claim(12_000, agreement=capped(total=total))
    story.on("2025-11-01", attrs.evolve(CONFIRMED, trial="trial-2"))
    story.on("2025-11-04", attrs.evolve(TRIAL, trial="trial-2"))
    story.on("2025-11-04", attended("2025-11-04", trial="trial-2"))
    story.on("2025-11-10", e.WagesPaid(trial="trial-2", amount=5_000), by=PROVIDER)
    return story.on("2025-11-11", claimed(amount, "2025-11-04", claim="claim-2", trial="trial-2"), by=CLERK)


def paid(on: str, *, received: str = "2025-10-20", amount: int = 12_000, **facts: Any) -> Story:
    """The ordinary claim received and paid on some days."""
    return workplace("claim_received", claim_received=received).on(
        on, e.ClaimPaid(claim="claim-1", amount=amount, **facts), by=CLERK
    )


AT_THE_FARM = attrs.evolve(CONFIRMED, provider="farm")


def returned(on: str = "2025-10-21", *, story: Story, claim: str = "claim-1") -> Story:
    """A claim given back."""
    return story.fork().on(on, e.ClaimReturned(claim=claim, reason="金額の誤り"), by=CLERK)


PLACES = [
    breaks(
        "days_in_order",
        "agreement-day-before",
        workplace("agreement_made", agreement_made=under("2025-09-02", "2025-09-01")),
    ),
    holds("days_in_order", "agreement-one-day", workplace("agreement_made", agreement_made=under(FIRST, FIRST))),
    breaks(
        "days_in_order",
        "coverage-day-before",
        workplace("coverage_arranged", coverage_arranged=covered("2025-09-02", "2025-09-01")),
        clause="第9条第3項",
    ),
    holds("days_in_order", "coverage-one-day", workplace("coverage_arranged", coverage_arranged=covered(FIRST, FIRST))),
    breaks(
        "honorarium_agreed",
        "nothing-said",
        workplace("agreement_made", agreement_made=under("2025-09-01", "2026-03-31", None)),
    ),
    holds("honorarium_agreed", "daily", workplace("agreement_made", agreement_made=capped(daily=5_000))),
    holds("honorarium_agreed", "whole-wages", workplace("agreement_made", agreement_made=capped())),
    breaks(
        "right_form",
        "agreement",
        workplace("agreement_made", agreement_made=attrs.evolve(AGREEMENT, paper=paper("9-1"))),
        clause="第9条第2項",
    ),
    holds("right_form", "agreement", workplace("agreement_made")),
    breaks(
        "right_form",
        "confirmation",
        workplace("trial_confirmed", trial_confirmed=attrs.evolve(CONFIRMED, paper=paper("9-2"))),
        clause="第9条第6項",
    ),
    holds(
        "right_form",
        "confirmation-any-dash",
        workplace("trial_confirmed", trial_confirmed=attrs.evolve(CONFIRMED, paper=paper("様式第9―1号"))),
    ),
    breaks(
        "right_form",
        "attendance",
        workplace("attendance_recorded", attendance_recorded=attrs.evolve(attended(), paper=paper("9-1"))),
        clause="第9条第6項",
    ),
    holds(
        "right_form",
        "attendance-any-dash",
        workplace("attendance_recorded", attendance_recorded=attrs.evolve(attended(), paper=paper("9－2"))),
    ),
    breaks("right_form", "claim", claim(12_000, paper=paper("9-2")), clause="第10条第1項"),
    holds("right_form", "claim", claim(12_000)),
    breaks("agreement_in_force", "visit-without", visit("2025-09-22", agreement_made=None)),
    breaks(
        "agreement_in_force", "visit-day-before", visit("2025-09-22", agreement_made=under("2025-09-23", "2026-03-31"))
    ),
    holds(
        "agreement_in_force", "visit-first-day", visit("2025-09-22", agreement_made=under("2025-09-22", "2026-03-31"))
    ),
    holds(
        "agreement_in_force", "visit-last-day", visit("2025-09-22", agreement_made=under("2025-09-01", "2025-09-22"))
    ),
    breaks(
        "agreement_in_force", "visit-day-after", visit("2025-09-22", agreement_made=under("2025-09-01", "2025-09-21"))
    ),
    breaks(
        "agreement_in_force",
        "another-workplace",
        visit("2025-09-22", agreement_made=attrs.evolve(AGREEMENT, provider="farm")),
    ),
    breaks("agreement_in_force", "trial-day-before", workplace("trial_started", agreement_made=under(SECOND, THIRD))),
    holds("agreement_in_force", "trial-first-day", workplace("trial_started", agreement_made=under(FIRST, THIRD))),
    breaks(
        "agreement_in_force",
        "attendance-day-after",
        workplace("attendance_recorded", agreement_made=under(FIRST, SECOND)),
    ),
    holds(
        "agreement_in_force",
        "attendance-last-day",
        workplace("attendance_recorded", agreement_made=under(FIRST, THIRD)),
    ),
    breaks("covered_against_damage", "visit-without", visit("2025-09-22", coverage_arranged=None)),
    breaks(
        "covered_against_damage",
        "visit-day-before",
        visit("2025-09-22", coverage_arranged=covered("2025-09-23", THIRD)),
    ),
    holds(
        "covered_against_damage", "visit-first-day", visit("2025-09-22", coverage_arranged=covered("2025-09-22", THIRD))
    ),
    holds(
        "covered_against_damage",
        "visit-last-day",
        visit("2025-09-22", coverage_arranged=covered("2025-09-01", "2025-09-22")),
    ),
    breaks(
        "covered_against_damage",
        "visit-day-after",
        visit("2025-09-22", coverage_arranged=covered("2025-09-01", "2025-09-21")),
    ),
    breaks(
        "covered_against_damage",
        "trial-day-before",
        workplace("trial_started", coverage_arranged=covered(SECOND, THIRD)),
    ),
    holds(
        "covered_against_damage", "trial-first-day", workplace("trial_started", coverage_arranged=covered(FIRST, THIRD))
    ),
    breaks(
        "covered_against_damage",
        "attendance-day-after",
        workplace("attendance_recorded", coverage_arranged=covered(FIRST, SECOND)),
    ),
    holds(
        "covered_against_damage",
        "attendance-last-day",
        workplace("attendance_recorded", coverage_arranged=covered(FIRST, THIRD)),
    ),
    breaks("confirmed_before_trial", "never", workplace("trial_started", trial_confirmed=None)),
    breaks("confirmed_before_trial", "day-after", workplace("trial_started", trial_confirmed="2025-10-07")),
    holds("confirmed_before_trial", "same-day", workplace("trial_started", trial_confirmed=FIRST)),
    breaks(
        "confirmed_before_trial",
        "another-trial",
        workplace("trial_started", trial_confirmed=attrs.evolve(CONFIRMED, trial="trial-2")),
    ),
    breaks("confirmed_before_trial", "with-another-workplace", workplace("trial_started", trial_confirmed=AT_THE_FARM)),
    breaks(
        "confirmed_before_trial",
        "sheet-with-another-workplace",
        workplace("trial_started", trial_confirmed=None).on("2025-10-06", AT_THE_FARM).on("2025-10-08", attended()),
    ),
    holds(
        "confirmed_before_trial",
        "with-both-workplaces",
        workplace("trial_confirmed", trial_confirmed=AT_THE_FARM).on("2025-10-06", CONFIRMED).on("2025-10-06", TRIAL),
    ),
    breaks("confirmed_before_trial", "sheet-only", workplace("attendance_recorded", trial_confirmed="2025-10-07")),
    holds("confirmed_before_trial", "sheet-same-day", workplace("attendance_recorded", trial_confirmed=FIRST)),
    breaks(
        "voluntary_and_agreed",
        "not-voluntary",
        workplace("trial_confirmed", trial_confirmed=attrs.evolve(CONFIRMED, voluntary=False)),
    ),
    breaks(
        "voluntary_and_agreed",
        "not-agreed",
        workplace("trial_confirmed", trial_confirmed=attrs.evolve(CONFIRMED, agreed=False)),
    ),
    holds("voluntary_and_agreed", "both", workplace("trial_confirmed")),
    breaks(
        "trial_days_in_use",
        "day-before-first-day",
        workplace(
            "attendance_recorded",
            agreement_made=under("2025-06-01", THIRD),
            coverage_arranged=covered("2025-06-01", THIRD),
            trial_confirmed="2025-06-30",
            attendance_recorded=attended("2025-06-30", "2025-07-01"),
        ),
    ),
    holds(
        "trial_days_in_use",
        "first-day",
        workplace(
            "attendance_recorded",
            agreement_made=under("2025-06-01", THIRD),
            coverage_arranged=covered("2025-06-01", THIRD),
            trial_confirmed="2025-06-30",
            attendance_recorded=attended("2025-07-01"),
        ),
    ),
    breaks(
        "trial_days_in_use",
        "1-april",
        workplace(
            "trial_started", agreement_made=under(FIRST, "2026-04-30"), coverage_arranged=covered(FIRST, "2026-04-30")
        ).on("2026-04-02", attended("2026-03-31", "2026-04-01")),
    ),
    holds("trial_days_in_use", "31-march", workplace("trial_started").on("2026-04-02", attended("2026-03-31"))),
    breaks(
        "trial_days_in_use",
        "after-self-support",
        workplace("trial_started")
        .on(
            "2025-10-07",
            e.SelfSupportRecognised(decided_by=DIRECTOR, employed_on=date(2025, 10, 7), self_supporting=True),
        )
        .on("2025-10-08", attended()),
    ),
]

MONEY = [
    breaks("attendance_attached", "missing", claim(12_000, attachments=())),
    breaks("attendance_attached", "another-form", claim(12_000, attachments=(Form.TRIAL_CONFIRMATION,))),
    holds("attendance_attached", "attached", claim(12_000, attachments=(Form.TRIAL_CONFIRMATION, Form.ATTENDANCE))),
    breaks("claimed_days_attended", "one-day-more", claim(12_000, *TRIAL_DAYS, "2025-10-09")),
    breaks("claimed_days_attended", "a-day-twice", claim(5_000, FIRST, FIRST)),
    breaks(
        "claimed_days_attended",
        "no-days",
        workplace("claim_received", claim_received=attrs.evolve(claimed(0), days=())),
    ),
    breaks("claimed_days_attended", "claimed-before", again(0, THIRD, story=claim(12_000))),
    breaks("claimed_days_attended", "unknown-trial", claim(0, trial="trial-9")),
    holds("claimed_days_attended", "all-days", claim(12_000)),
    holds("claimed_days_attended", "some-days", claim(10_000, FIRST, THIRD)),
    holds("claimed_days_attended", "the-rest", again(2_000, SECOND, story=claim(10_000, FIRST, THIRD))),
    holds(
        "claimed_days_attended",
        "after-a-return",
        workplace("claim_received")
        .on("2025-10-21", e.ClaimReturned(claim="claim-1", reason="押印がない"), by=CLERK)
        .on("2025-10-28", claimed(12_000), by=CLERK),
    ),
    breaks(
        "claim_id_unused",
        "open",
        claim(10_000, FIRST, THIRD).on("2025-10-21", claimed(2_000, SECOND), by=CLERK),
    ),
    breaks(
        "claim_id_unused",
        "paid",
        claim(10_000, FIRST, THIRD)
        .on("2025-10-31", e.ClaimPaid(claim="claim-1", amount=10_000), by=CLERK)
        .on("2025-11-04", claimed(2_000, SECOND), by=CLERK),
    ),
    holds("claim_id_unused", "another-id", again(2_000, SECOND, story=claim(10_000, FIRST, THIRD))),
    holds(
        "claim_id_unused", "after-a-return", returned(story=claim(12_000)).on("2025-10-28", claimed(12_000), by=CLERK)
    ),
    breaks("open_claim_returned", "never-received", returned(story=workplace("wages_paid"))),
    breaks("open_claim_returned", "another-id", returned(story=claim(12_000), claim="claim-2")),
    breaks("open_claim_returned", "paid", returned("2025-11-01", story=paid("2025-10-31"))),
    breaks("open_claim_returned", "twice", returned(story=returned(story=claim(12_000)))),
    breaks("open_claim_returned", "before-receipt", returned("2025-10-19", story=claim(12_000))),
    holds("open_claim_returned", "same-day", returned("2025-10-20", story=claim(12_000))),
    # no more than the wages
    breaks("claim_within_payable", "a-yen-above-the-wages", claim(12_001)),
    holds("claim_within_payable", "the-wages", claim(12_000)),
    breaks("claim_within_payable", "no-wages", claim(1, wages=0)),
    holds("claim_within_payable", "nothing-for-no-wages", claim(0, wages=0)),
    breaks("claim_within_payable", "wages-claimed-before", again(2_001, SECOND, story=claim(10_000, FIRST, THIRD))),
    # no more than the agreement has it
    breaks("claim_within_payable", "a-yen-above-the-daily-cap", claim(9_001, agreement=capped(daily=3_000))),
    holds("claim_within_payable", "the-daily-cap", claim(9_000, agreement=capped(daily=3_000))),
    breaks("claim_within_payable", "cap-for-days-claimed", claim(6_001, FIRST, SECOND, agreement=capped(daily=3_000))),
    holds("claim_within_payable", "cap-for-days-claimed", claim(6_000, FIRST, SECOND, agreement=capped(daily=3_000))),
    breaks("claim_within_payable", "a-yen-above-the-total", claim(8_001, agreement=capped(total=8_000))),
    holds("claim_within_payable", "the-total", claim(8_000, agreement=capped(total=8_000))),
    breaks("claim_within_payable", "total-below-daily", claim(8_001, agreement=capped(daily=3_000, total=8_000))),
    breaks("claim_within_payable", "daily-below-total", claim(9_001, agreement=capped(daily=3_000, total=10_000))),
    holds("claim_within_payable", "no-cap", claim(12_000, agreement=capped())),
    breaks("claim_within_payable", "no-rule", claim(1, agreement=under("2025-09-01", "2026-03-31", None))),
    breaks("claim_within_payable", "total-across-trials", second_trial(3_001, total=15_000)),
    holds("claim_within_payable", "total-across-trials", second_trial(3_000, total=15_000)),
    breaks("claim_within_payable", "day-without-agreement", claim(10_001, agreement=under(FIRST, SECOND))),
    holds("claim_within_payable", "days-with-agreement", claim(10_000, agreement=under(FIRST, SECOND))),
    breaks("claim_within_payable", "paid-above", paid("2025-10-31", amount=12_001), "paid_as_claimed"),
    holds("claim_within_payable", "paid-as-claimed", paid("2025-10-31")),
    breaks("claimed_in_time", "1-june", workplace("claim_received", claim_received="2026-06-01")),
    holds("claimed_in_time", "31-may", workplace("claim_received", claim_received="2026-05-31")),
    breaks(
        "claim_on_record",
        "never-claimed",
        workplace("wages_paid").on("2025-10-31", e.ClaimPaid(claim="claim-1", amount=12_000), by=CLERK),
    ),
    breaks(
        "claim_on_record",
        "paid-twice",
        paid("2025-10-31").on("2025-11-01", e.ClaimPaid(claim="claim-1", amount=12_000), by=CLERK),
    ),
    breaks("claim_on_record", "paid-before-receipt", paid("2025-10-19")),
    breaks(
        "claim_on_record",
        "given-back",
        workplace("claim_received")
        .on("2025-10-21", e.ClaimReturned(claim="claim-1", reason="金額の誤り"), by=CLERK)
        .on("2025-10-31", e.ClaimPaid(claim="claim-1", amount=12_000), by=CLERK),
    ),
    holds("claim_on_record", "same-day", paid("2025-10-20")),
    breaks("paid_as_claimed", "less", paid("2025-10-31", amount=11_999)),
    holds("paid_as_claimed", "less-with-a-reason", paid("2025-10-31", amount=11_999, difference_reason="源泉徴収")),
    holds("paid_as_claimed", "as-claimed", paid("2025-10-31")),
]

# Received, the thirtieth day, and the last day when that one is moved past closed days. 2026-09-22 is a day between two
# national holidays; 2026-12-31 lies in the year-end closure.
DUE_DAYS = (
    ("2026-04-01", "2026-05-01", "2026-05-01"),
    ("2026-04-10", "2026-05-10", "2026-05-11"),
    ("2026-04-03", "2026-05-03", "2026-05-07"),
    ("2026-12-01", "2026-12-31", "2027-01-04"),
    ("2026-08-23", "2026-09-22", "2026-09-24"),
    ("2027-01-29", "2027-02-28", "2027-03-01"),
)
BEYOND = "2030-12-20"
"""Received so late that the thirtieth day lies beyond the built-in calendar."""


def _payments() -> list[Witness]:
    found = []
    for received, due, moved in DUE_DAYS:
        late = (day(moved) + timedelta(days=1)).isoformat()
        found.append(holds("paid_within_thirty_days", f"{received}-thirtieth", paid(due, received=received)))
        found.append(holds("paid_on_moved_day", f"{received}-thirtieth", paid(due, received=received)))
        if moved != due:
            after = (day(due) + timedelta(days=1)).isoformat()
            for on in dict.fromkeys((after, moved)):
                found.append(breaks("paid_on_moved_day", f"{received}-{on}", paid(on, received=received)))
        found.append(breaks("paid_within_thirty_days", f"{received}-late", paid(late, received=received)))
    return found


PAYMENTS = [
    *_payments(),
    breaks("due_day_known", "day-after-the-thirtieth", paid("2031-01-20", received=BEYOND)),
    holds("due_day_known", "thirtieth", paid("2031-01-19", received=BEYOND)),
    holds(
        "due_day_known",
        "calendar-brought-in",
        paid("2031-01-20", received=BEYOND),
        "paid_on_moved_day",
        office=Office.parse(
            "[calendar]\nfirst_year = 2018\nlast_year = 2031\n"
            "holidays = { 2031-01-01 = '元日', 2031-01-13 = '成人の日' }"
        ),
    ),
]

WITNESSES = [*PLACES, *MONEY, *PAYMENTS]
