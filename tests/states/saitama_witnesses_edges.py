"""Witnesses of 埼玉 where one rule meets another event, a missing fact or the edge of a reading of ours."""

from __future__ import annotations

from datetime import date

import attrs

from shuroflow.events import Meeting
from shuroflow.events import saitama as e
from tests.states.saitama_stories import (
    ACHIEVED,
    BOTH,
    DIFFICULT,
    FULL_TIME,
    PART_TIME,
    SPECIALIST,
    THREE,
    WEEKLY,
    course,
)
from tests.states.saitama_witnesses import visit, withdrawn
from tests.states.saitama_witnesses_later import (
    CONTRACTED,
    FOUR,
    HOUSEHOLD_ABOLISHED,
    OUTSIDE,
    OWN,
    UNEMPLOYED,
    change,
    conference,
    end,
    evaluation,
    extension,
    first_period,
    in_support,
    training,
)
from tests.states.story import Story, Witness, breaks, holds

REJECTED = e.ApplicationResolved(result=e.ApplicationResult.REJECTED)


def started_by(specialist: e.Specialist) -> Story:
    """Support begun by a specialist."""
    data = e.SupportStarted(specialist=specialist, start_on=date(2025, 4, 15))
    return course("support_started", support_started=data)


UNTIL_MAY = attrs.evolve(CONTRACTED, contract_end=date(2025, 5, 11))
DEATH = e.AssistanceAbolished(cause=e.AbolitionCause.DEATH)

TRAINING = [
    breaks(
        "consent_not_withdrawn",
        "training",
        training(story=withdrawn("2025-05-09", "support_started"), recognised="2025-05-08"),
    ),
    holds(
        "consent_not_withdrawn",
        "training-before",
        training(on="2025-05-08", story=withdrawn("2025-05-09", "support_started")),
    ),
    breaks(
        "contract_covers_day",
        "training-after",
        training(type=UNEMPLOYED, story=started_by(UNTIL_MAY)),
    ),
    holds(
        "contract_covers_day",
        "training-within",
        training(on="2025-05-11", type=UNEMPLOYED, story=started_by(UNTIL_MAY)),
    ),
    breaks("target_still_stands", "training", training(story=in_support().on("2025-05-12", REJECTED))),
    holds(
        "target_still_stands",
        "training-before",
        training(on="2025-05-11", story=in_support().on("2025-05-12", REJECTED)),
    ),
]

CONSENT = [
    breaks(
        "consent_in_writing",
        "renewed-orally",
        in_support().on("2025-05-12", e.Consented(scope=BOTH, medium=e.Medium.ORAL)),
    ),
    holds("consent_in_writing", "renewed-in-writing", in_support().on("2025-05-12", e.Consented(scope=BOTH))),
]

AFTER_THE_END = [
    # 6(2) asks whether support was unfinished; own employment is a matter of 6(1), and nobody is informed of a death.
    holds(
        "support_ended_by_goal",
        "own-employment",
        in_support().on("2025-06-02", OUTSIDE).on("2025-07-31", e.AssistanceAbolished(cause=OWN, need=False)),
    ),
    holds("support_ended_by_goal", "death", in_support().on("2025-06-02", OUTSIDE).on("2025-07-31", DEATH)),
    breaks(
        "support_ended_by_goal",
        "household-income",
        in_support().on("2025-06-02", OUTSIDE).on("2025-06-02", HOUSEHOLD_ABOLISHED),
    ),
]

CONFERRING = [
    breaks("conference_evaluates", "blank", conference(*FOUR, evaluation=" ")),
    breaks("conference_evaluates", "empty", conference(*FOUR, evaluation="")),
]

EXTENDING = [
    holds("target_still_stands", "extension-before", in_support().on("2025-07-11", REJECTED).on(
        "2025-07-10", e.Extended(attendees=THREE))),
    holds("one_person_one_role", "same-role-twice", extension(*THREE, THREE[0])),
]  # fmt: skip

ENDING = [
    breaks(
        "outside_end_documented",
        "empty-reason",
        in_support().on(
            "2025-06-20",
            e.EndedOutside(
                reason=e.OutsideReason.ILLNESS, detail="", consultation=Meeting(on=date(2025, 6, 19), attendees=THREE)
            ),
        ),
        "end_known_to_the_text",
    ),
]

START = [
    holds(
        "contract_covers_day", "own-employee-without-contract", started_by(attrs.evolve(SPECIALIST, contract_end=None))
    ),
]

ONLY_SHORT = e.GoalsSet(goals=(WEEKLY,))
TWO_LONG = e.GoalsSet(goals=(WEEKLY, FULL_TIME, attrs.evolve(PART_TIME, id="long-2")))
GOALS = [
    breaks("goal_change_steps", "blank-analysis", change(evaluation(ACHIEVED, DIFFICULT), analysis=" ")),
    breaks("long_goals_achieved", "no-long-goal", end(evaluation(
        ACHIEVED, None, story=course("support_started", goals_set=ONLY_SHORT)))),
    breaks("long_goals_achieved", "one-of-two", end(evaluation(
        ACHIEVED, ACHIEVED, story=course("support_started", goals_set=TWO_LONG)))),
]  # fmt: skip

WITHIN = [
    breaks("support_within_period", "first-day-of-no-period", visit("2025-04-15", first_period("2025-04-14"))),
]

WITNESSES: list[Witness] = [
    *GOALS,
    *WITHIN,
    *TRAINING,
    *CONSENT,
    *AFTER_THE_END,
    *CONFERRING,
    *EXTENDING,
    *ENDING,
    *START,
]
