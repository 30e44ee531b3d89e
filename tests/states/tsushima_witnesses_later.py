"""For each rule of 第6条 to 第8条, stories that break it and stories that just keep it, by what the text asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import product
from typing import Any

import attrs

from shuroflow.events import Actor
from shuroflow.events import tsushima as e
from tests.states.story import CLERK, CW, DIRECTOR, OFFICER, SV, Story, Witness, breaks, holds
from tests.states.tsushima_stories import (
    ADVICE,
    APPLIED,
    ITEM_1,
    ITEM_2,
    PLAN,
    REVIEW,
    Incident,
    applied_on,
    course,
    discontinued,
    incident,
)
from tests.states.tsushima_witnesses import (
    DISCONTINUATION,
    REJECTION,
    ended,
    notice,
    rejected,
    self_support,
)

IN_USE = course("plan_reviewed")
OF_CONSULTATION = course("plan_reviewed", applied=attrs.evolve(APPLIED, consultation_applied_on=date(2025, 6, 2)))
DECISION = "2025-12-05"


def employed(on: str) -> Story:
    """In use, and employed from a day."""
    return course("plan_reviewed").on(on, e.EmploymentStarted())


def support(recorder: Actor = OFFICER, story: Story | None = None, **changes: Any) -> Story:
    """Advice after the plan, written down by somebody."""
    return (story or course("plan_made")).fork().on("2025-10-03", attrs.evolve(ADVICE, **changes), by=recorder)


def told(facts: Iterable[tuple[e.IncidentKind, str]], *, story: Story = IN_USE) -> Story:
    """Facts recorded on their days, the earliest first."""
    story = story.fork()
    for kind, on in sorted(facts, key=lambda fact: fact[1]):
        story.on(on, incident(kind))
    return story


def on_ground(
    *grounds: str, facts: Iterable[tuple[e.IncidentKind, str]] = (), story: Story = IN_USE, **given: Any
) -> Story:
    """Discontinued on 5 December 2025 on some grounds, after some facts."""
    return told(facts, story=story).on(DECISION, discontinued(*grounds, **given), by=CLERK)


def gone(on: str, *grounds: str, story: Story | None = None, **given: Any) -> Story:
    """Notified, but not to be found; by default on ground 4 alone."""
    told = (story or course("approval_notified")).fork().on("2025-06-20", incident(Incident.WHEREABOUTS_CHECKED))
    return told.on(on, discontinued(*(grounds or ("4",)), **given), by=CLERK)


ACT, GUIDED, IGNORED = Incident.OBSTRUCTION, Incident.GUIDANCE, Incident.NONCOMPLIANCE
REFUSED, TOLD, DISOBEYED = Incident.CONSULTATION_REFUSED, Incident.INSTRUCTION, Incident.INSTRUCTION_IGNORED
BEFORE, EVE, AFTER = "2025-11-25", "2025-12-04", "2025-12-06"


def _orders_of_ground_2() -> list[Witness]:
    """第7条第1項第2号 with every choice of days: an act AND guidance not followed, in that order, by the decision."""
    found = []
    days = (None, BEFORE, EVE, DECISION, AFTER)
    for act, guided, ignored in product(days, repeat=3):
        facts = [(kind, on) for kind, on in ((ACT, act), (GUIDED, guided), (IGNORED, ignored)) if on]
        enough = (
            act is not None
            and guided is not None
            and ignored is not None
            and max(act, guided, ignored) <= DECISION
            and guided <= ignored
        )
        why = "-".join(str(days.index(on)) for on in (act, guided, ignored))
        found.append((holds if enough else breaks)("disruption_and_guidance", why, on_ground("2", facts=facts)))
    return found


def _orders_of_ground_3() -> list[Witness]:
    """第7条第1項第3号 with every choice of days: a refusal OR an instruction and then its not being followed."""
    found = []
    days = (None, BEFORE, DECISION, AFTER)
    for refused, instructed, disobeyed in product(days, repeat=3):
        facts = [(kind, on) for kind, on in ((REFUSED, refused), (TOLD, instructed), (DISOBEYED, disobeyed)) if on]
        by_refusal = refused is not None and refused <= DECISION
        by_instruction = instructed is not None and disobeyed is not None and instructed <= disobeyed <= DECISION
        why = "-".join(str(days.index(on)) for on in (refused, instructed, disobeyed))
        story = on_ground("3", facts=facts, story=OF_CONSULTATION)
        found.append((holds if by_refusal or by_instruction else breaks)("consultation_refused", why, story))
    return found


MOVED, LOST, WAIVED, DEATH, OTHER = e.ContinuationReason

DISCONTINUING = [
    breaks("any_ground", "none", on_ground()),
    holds("any_ground", "one", on_ground("5", reason="長期の入院")),
    breaks("within_period_of_use", "day-before-first-day", gone("2025-06-30")),
    holds("within_period_of_use", "first-day", gone("2025-07-01")),
    holds("within_period_of_use", "last-day", gone("2026-03-31")),
    breaks("within_period_of_use", "not-notified", gone("2025-07-01", story=course("use_approved"))),
    breaks("within_period_of_use", "dated-before-the-use", gone("2025-06-30", story=course("plan_made"))),
    breaks(
        "within_period_of_use",
        "empty-period",
        gone("2026-04-06", story=notice("2026-04-06", on="2026-04-02", story=applied_on("2026-03-20"))),
    ),
    holds(
        "within_period_of_use",
        "ground-5-before-first-day",
        course("approval_notified").on("2025-06-30", discontinued("5", continuation_reason=WAIVED)),
    ),
    holds("within_period_of_use", "ground-5-too", gone("2025-06-30", "4", "5", continuation_reason=DEATH)),
    breaks("effect_not_before_decision", "day-before", on_ground("5", reason="入院", effective_on=date(2025, 12, 4))),
    holds("effect_not_before_decision", "same-day", on_ground("5", reason="入院", effective_on=date(2025, 12, 5))),
    holds("effect_not_before_decision", "later", on_ground("5", reason="入院", effective_on=date(2025, 12, 6))),
    breaks(
        "effect_not_before_decision",
        "with-a-reason",
        on_ground("5", reason="入院", effective_on=date(2025, 12, 4), override_reason="入院の日に合わせる"),
    ),
    breaks("eligibility_lost", "not-said", on_ground("1")),
    holds("eligibility_lost", "both", on_ground("1", failed_items=(ITEM_1, ITEM_2))),
    holds("eligibility_lost", "other-ground", on_ground("5", reason="入院")),
    breaks("both_items_lost", "item-1-only", on_ground("1", failed_items=(ITEM_1,))),
    breaks("both_items_lost", "item-2-only", on_ground("1", failed_items=(ITEM_2,))),
    holds("both_items_lost", "both", on_ground("1", failed_items=(ITEM_2, ITEM_1))),
    *_orders_of_ground_2(),
    *_orders_of_ground_3(),
    breaks("consultation_user", "recipient", on_ground("3", facts=[(REFUSED, BEFORE)])),
    holds(
        "consultation_user",
        "recipient-in-consultation",
        on_ground("3", facts=[(REFUSED, BEFORE)], story=OF_CONSULTATION),
    ),
    breaks("whereabouts_searched", "never", on_ground("4")),
    breaks("whereabouts_searched", "day-after", on_ground("4", facts=[(Incident.WHEREABOUTS_CHECKED, AFTER)])),
    holds("whereabouts_searched", "same-day", on_ground("4", facts=[(Incident.WHEREABOUTS_CHECKED, DECISION)])),
    holds("whereabouts_searched", "once", on_ground("4", facts=[(Incident.WHEREABOUTS_CHECKED, BEFORE)])),
    breaks("continuation_reason_given", "nothing", on_ground("5")),
    breaks("continuation_reason_given", "blank", on_ground("5", reason="  ")),
    breaks("continuation_reason_given", "other", on_ground("5", continuation_reason=OTHER)),
    holds("continuation_reason_given", "in-words", on_ground("5", reason="長期の入院")),
    holds(
        "continuation_reason_given", "other-in-words", on_ground("5", continuation_reason=OTHER, reason="長期の入院")
    ),
    *(
        holds("continuation_reason_given", reason.value, on_ground("5", continuation_reason=reason))
        for reason in (MOVED, LOST, WAIVED, DEATH)
    ),
]

PERIOD = [
    breaks(
        "notified_after_decision", "approval-day-before", notice("2025-07-01", on="2025-06-19"), clause="第5条第3項"
    ),
    holds("notified_after_decision", "approval-same-day", notice("2025-07-01", on="2025-06-20")),
    breaks(
        "notified_after_decision",
        "rejection-day-before",
        rejected().on("2025-06-19", REJECTION),
        clause="第5条第4項",
    ),
    holds(
        "notified_after_decision",
        "rejection-same-day",
        rejected().on("2025-06-20", REJECTION),
    ),
    breaks(
        "notified_after_decision",
        "discontinuation-day-before",
        ended("discontinued").on("2025-12-14", DISCONTINUATION),
        clause="第7条第2項",
    ),
    holds(
        "notified_after_decision",
        "discontinuation-same-day",
        ended("discontinued").on("2025-12-15", DISCONTINUATION),
    ),
    breaks("period_not_empty", "1-april", notice("2026-04-01")),
    holds("period_not_empty", "31-march", notice("2026-03-31"), "days_left"),
    breaks(
        "period_not_empty", "applied-in-march", notice("2026-04-06", on="2026-04-02", story=applied_on("2026-03-20"))
    ),
    holds(
        "period_not_empty",
        "one-day",
        notice("2026-03-31", on="2026-03-31", story=applied_on("2026-03-31")),
        "days_left",
    ),
    holds("period_not_empty", "new-year", notice("2026-04-01", on="2026-04-01", story=applied_on("2026-04-01"))),
    holds(
        "period_not_empty",
        "whole-year",
        notice("2027-03-31", on="2026-04-01", story=applied_on("2026-04-01")),
        "days_left",
    ),
    breaks("start_after_application", "day-before", notice("2025-06-09")),
    breaks("start_after_application", "with-a-reason", notice("2025-06-09", override_reason="受付の前に来所していた")),
    holds("start_after_application", "same-day", notice("2025-06-10"), "start_not_backdated"),
    breaks("start_not_backdated", "day-before-decision", notice("2025-06-19")),
    holds("start_not_backdated", "day-of-decision", notice("2025-06-20")),
    breaks("start_not_moved", "first-day", notice("2025-07-02", on="2025-07-01", story=course("approval_notified"))),
    breaks("start_not_moved", "in-use", notice("2025-09-01", on="2025-08-01", story=course("plan_made"))),
    holds("start_not_moved", "day-before", notice("2025-07-02", on="2025-06-30", story=course("approval_notified"))),
    holds("start_not_moved", "same-day-again", notice("2025-07-01", on="2025-08-01", story=course("plan_made"))),
    holds("start_not_moved", "first-notice", notice("2025-07-01", on="2025-08-01")),
    breaks("days_left", "1-march", notice("2026-03-01")),
    holds("days_left", "last-of-february", notice("2026-02-28")),
    breaks("approval_notified_first", "no-notice", course("use_approved").on("2025-07-01", e.UseStarted())),
    holds("approval_notified_first", "notified", course("use_started")),
    breaks("starts_within_period", "day-before", course("use_started", use_started="2025-06-30")),
    holds("starts_within_period", "first-day", course("use_started", use_started="2025-07-01")),
    holds("starts_within_period", "last-day", course("use_started", use_started="2026-03-31")),
    breaks(
        "starts_within_period",
        "empty-period",
        notice("2026-04-06", on="2026-04-02", story=applied_on("2026-03-20")).on("2026-04-06", e.UseStarted()),
    ),
    breaks("employed_and_self_supporting", "neither", self_support(employed_on=None, self_supporting=False)),
    breaks("employed_and_self_supporting", "employment-alone", self_support(self_supporting=False)),
    breaks("employed_and_self_supporting", "self-support-alone", self_support(employed_on=None)),
    breaks("employed_and_self_supporting", "employed-the-day-after", self_support(employed_on=date(2026, 1, 16))),
    holds("employed_and_self_supporting", "employed-that-day", self_support(employed_on=date(2026, 1, 15))),
    holds(
        "employed_and_self_supporting",
        "employment-on-record",
        self_support(employed_on=None, story=employed("2026-01-15")),
    ),
    breaks(
        "employed_and_self_supporting",
        "employment-on-record-later",
        self_support(employed_on=None, story=employed("2026-01-16")),
    ),
    breaks("self_support_by_director", "officer", self_support(by=OFFICER)),
    holds("self_support_by_director", "director", self_support(by=DIRECTOR)),
]

SUPPORT = [
    breaks("plan_complete", "no-issue", course("plan_made", plan_made=attrs.evolve(PLAN, issues=()))),
    breaks("plan_complete", "no-goal", course("plan_made", plan_made=attrs.evolve(PLAN, goals=()))),
    breaks("plan_complete", "no-content", course("plan_made", plan_made=attrs.evolve(PLAN, contents=()))),
    holds("plan_complete", "all-three", course("plan_made")),
    breaks("plan_before_review", "no-plan", course("plan_reviewed", plan_made=None)),
    breaks("plan_before_review", "plan-the-day-after", course("plan_reviewed", plan_made="2025-10-03")),
    holds("plan_before_review", "same-day", course("plan_reviewed", plan_made="2025-10-02")),
    breaks("support_by_officer", "caseworker", support(recorder=CW), clause="第8条第2項"),
    breaks(
        "support_by_officer",
        "given-by-another",
        support(by=SV),
        clause="第8条第2項",
    ),
    holds(
        "support_by_officer",
        "written-down-by-a-clerk",
        support(by=OFFICER, recorder=CLERK),
    ),
    breaks("serves_an_issue", "none", support(issue=None)),
    breaks("serves_an_issue", "unknown", support(issue="debt")),
    holds("serves_an_issue", "of-the-plan", support(issue="talk")),
    holds(
        "serves_an_issue",
        "of-the-review",
        course(
            "plan_reviewed", plan_reviewed=attrs.evolve(REVIEW, issues=(e.Issue(id="debt", text="返済の見通しがない"),))
        ).on("2025-10-03", attrs.evolve(ADVICE, issue="debt")),
    ),
    holds(
        "serves_an_issue", "plan-not-made-yet", course("use_started").on("2025-07-02", attrs.evolve(ADVICE, issue=None))
    ),
]

WITNESSES = [*PERIOD, *DISCONTINUING, *SUPPORT]
