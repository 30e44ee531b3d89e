"""Witnesses of 対馬 where one rule meets another event, a missing fact or the edge of a reading of ours."""

from __future__ import annotations

from datetime import date

import attrs

from shuroflow.events import tsushima as e
from shuroflow.states.office import Office
from tests.states.story import CLERK, OFFICER, Witness, breaks, holds
from tests.states.tsushima_stories import (
    APPLIED,
    CONFIRMED,
    NOTIFIED,
    PLAN,
    REVIEW,
    Step,
    attended,
    claimed,
    course,
    discontinued,
    paper,
    workplace,
)
from tests.states.tsushima_witnesses import (
    DISCONTINUATION,
    INSURANCE,
    REJECTION,
    asset,
    decided,
    decision,
    kept,
    recognised_on,
    rejected,
    under_2,
)
from tests.states.tsushima_witnesses_later import (
    DISOBEYED,
    GUIDED,
    IGNORED,
    OF_CONSULTATION,
    TOLD,
    on_ground,
)

OLD = "2021-06-27"
"""The last day of the old forms."""

ENDED = course("plan_reviewed").on("2025-12-05", discontinued("5", reason="転出"))

ON_OLD_FORMS = {
    "rejection": rejected().on("2025-06-20", attrs.evolve(REJECTION, paper=paper("4", OLD)), by=CLERK),
    "discontinuation": ENDED.fork().on("2025-12-05", attrs.evolve(DISCONTINUATION, paper=paper("5", OLD)), by=CLERK),
    "plan": course("plan_made", plan_made=attrs.evolve(PLAN, paper=paper("6", OLD))),
    "review": course("plan_reviewed", plan_reviewed=attrs.evolve(REVIEW, paper=paper("7", OLD))),
    "agreement": workplace(
        "agreement_made",
        agreement_made=e.AgreementMade(
            paper=paper("8", OLD),
            provider="bakery",
            start=date(2025, 9, 1),
            end=date(2026, 3, 31),
            honorarium=e.Honorarium(daily_cap=5_000),
        ),
    ),
    "confirmation": workplace("trial_confirmed", trial_confirmed=attrs.evolve(CONFIRMED, paper=paper("9-1", OLD))),
    "attendance": workplace(
        "attendance_recorded", attendance_recorded=attrs.evolve(attended(), paper=paper("9-2", OLD))
    ),
    "claim": workplace(
        "claim_received", claim_received=Step("2025-10-20", claimed(12_000, paper=paper("10", OLD)), CLERK)
    ),
}
FORMS = [breaks("form_edition", f"old-{name}", story) for name, story in ON_OLD_FORMS.items()]

STARTED = e.UseStarted(officer=OFFICER)
BEGINNING = [
    # 第5条第3項, 第6条第1項: of use that is seen to begin while it runs by itself the same is asked.
    breaks("starts_within_period", "again-before-the-notified-day", course("use_started").on(
        "2025-07-10", attrs.evolve(NOTIFIED, start_on=date(2025, 8, 1))).on("2025-07-20", STARTED)),
    breaks("approval_notified_first", "again-without-notice", course("use_approved").on("2025-07-01", STARTED).on(
        "2025-07-10", STARTED)),
    holds("start_not_moved", "first-notice-during-use", course("use_approved").on("2025-07-01", STARTED).on(
        "2025-07-03", attrs.evolve(NOTIFIED, start_on=date(2025, 7, 1)), by=CLERK)),
]  # fmt: skip

ITEM_2 = [
    # 第4条第2号 stands alone: what the means test would have said is not asked.
    kept("deduction_reference_sound", "item-2", recognised_on("2026-07-10"), office=Office()),
    kept("insurance_flagged", "item-2", under_2(assets=(asset(50_000, INSURANCE),))),
    kept("size_explained", "item-2", under_2(household_size=3)),
    kept("text_standard_used", "item-2", under_2(), office=Office.parse('[settings]\nstandard = "national_table"\n')),
]

NEITHER_WITH_A_DATE = attrs.evolve(
    APPLIED, person_class=e.PersonClass.NEITHER, consultation_applied_on=date(2025, 6, 2)
)
DECIDING = [
    decided("person_of_either_class", "neither-with-a-date", decision(applied=NEITHER_WITH_A_DATE)),
    kept("gang_membership_checked", "day-not-recorded", decision(gang_checked_on=None)),
]

TWO_TALKS = ((GUIDED, "2025-11-01"), (GUIDED, "2025-12-01"))
DISCONTINUING = [
    # One guidance, or one instruction, that was not followed is enough; a later one takes nothing back.
    holds(
        "disruption_and_guidance",
        "guided-again-after-it",
        on_ground("2", facts=((e.IncidentKind.OBSTRUCTION, "2025-10-20"), *TWO_TALKS, (IGNORED, "2025-11-10"))),
    ),
    holds(
        "consultation_refused",
        "told-again-after-it",
        on_ground(
            "3", facts=((TOLD, "2025-11-01"), (DISOBEYED, "2025-11-10"), (TOLD, "2025-12-01")), story=OF_CONSULTATION
        ),
    ),
    breaks(
        "consultation_refused",
        "disobeyed-the-day-before-it-was-told",
        on_ground("3", facts=((DISOBEYED, "2025-11-09"), (TOLD, "2025-11-10")), story=OF_CONSULTATION),
    ),
    holds(
        "both_items_lost",
        "another-ground",
        on_ground("5", failed_items=(e.EligibilityGround.ITEM_1,), reason="転出"),
    ),
]

CLAIMING = [
    holds("confirmed_before_trial", "sheet-without-a-day", workplace("trial_started").on(
        "2025-10-08", e.AttendanceRecorded(paper=paper("9-2"), trial="trial-1", days=()))),
    # T-39: the books of the year of the first day close first.
    breaks(
        "claimed_in_time",
        "days-of-two-years",
        workplace("attendance_recorded").on(
            "2026-06-01", claimed(0, "2025-10-06", "2026-04-06", claim="claim-9"), by=CLERK
        ),
        "claimed_days_attended",
    ),
]  # fmt: skip

WITNESSES: list[Witness] = [*FORMS, *BEGINNING, *ITEM_2, *DECIDING, *DISCONTINUING, *CLAIMING]
