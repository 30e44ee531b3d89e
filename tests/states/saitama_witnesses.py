"""For each rule of 2 to 4(2), stories that break it and stories that just keep it, by what the text asks for."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from shuroflow.events import Actor
from shuroflow.events import saitama as e
from shuroflow.states.office import Office, Settings
from shuroflow.vocabulary import Role
from tests.states.saitama_stories import (
    BOTH,
    COURSE,
    FULL_TIME,
    SELECTION,
    SPECIALIST,
    THREE,
    VISIT,
    WEEKLY,
    Step,
    course,
)
from tests.states.story import CW, ES, HW, SV, Story, Witness, breaks, day, holds

NON_COUNTED = Office(settings=Settings(first_day="excluded"))
SUPPORT, GOALS = e.ConsentObject.SPECIALIST_SUPPORT, e.ConsentObject.GOAL_SETTING
RECOGNISED = e.Recognition(on=date(2025, 4, 10), reason="家計が不安定で働く時間を増やせる", by=SV)
BLANK = e.Recognition(on=date(2025, 4, 10), reason=" ", by=SV)
REJECTED, WITHDRAWN, GRANTED = e.ApplicationResult.REJECTED, e.ApplicationResult.WITHDRAWN, e.ApplicationResult.GRANTED


def selection(**changes: Any) -> Story:
    """A selection like the ordinary one but for the changes."""
    return course("selected", selected=attrs.evolve(SELECTION, **changes))


def consent(*scope: e.ConsentObject, medium: e.Medium = e.Medium.WRITTEN) -> e.Consented:
    """A consent to the given objects."""
    return e.Consented(scope=scope, medium=medium)


def contractor(start: str | None, end: str | None) -> e.Specialist:
    """A contractor's specialist whose contract runs from ``start`` to ``end``."""
    return attrs.evolve(
        SPECIALIST,
        employer=e.Employer.CONTRACTOR,
        contract_start=day(start) if start else None,
        contract_end=day(end) if end else None,
    )


def start(
    specialist: e.Specialist = SPECIALIST, on: str | None = "2025-04-15", end: str | None = None, **steps: Any
) -> Story:
    """The start of support on 15 April with another specialist, first day or last day."""
    data = e.SupportStarted(specialist=specialist, start_on=day(on) if on else None, end_on=day(end) if end else None)
    return course("support_started", support_started=data, **steps)


def visit(on: str, story: Story | None = None, *, by: Actor = ES, data: e.ActivityRecorded = VISIT) -> Story:
    """A home visit on a day, after a story or after the ordinary start of support."""
    return (story or course("support_started")).fork().on(on, data, by=by)


def applicant() -> Step:
    """Selected as an applicant for assistance."""
    return attrs.evolve(COURSE["selected"], data=attrs.evolve(SELECTION, status=e.AssistanceStatus.APPLICANT))


def resolved(result: e.ApplicationResult, on: str = "2025-05-01") -> Story:
    """An applicant in support whose application was decided on a day."""
    return course("support_started", selected=applicant()).on(on, e.ApplicationResolved(result=result))


def withdrawn(on: str, upto: str = "support_started") -> Story:
    """The ordinary course, and the consent taken back on a day."""
    return course(upto).on(on, e.ConsentWithdrawn(reason="気持ちが変わった"), by=ES)


def goals(*wanted: e.Goal) -> Story:
    """The start of support with these goals."""
    without = None if not wanted else e.GoalsSet(goals=wanted)
    return course("support_started", goals_set=without)


FROM_2_TO_3 = [
    breaks("contract_covers_day", "one-day-early", start(contractor("2025-04-16", None))),
    holds("contract_covers_day", "first-day", start(contractor("2025-04-15", None))),
    breaks("contract_covers_day", "one-day-late", start(contractor("2024-04-01", "2025-04-14"))),
    holds("contract_covers_day", "last-day", start(contractor("2024-04-01", "2025-04-15"))),
    breaks("contract_covers_day", "no-contract", start(contractor(None, None))),
    breaks("contract_covers_day", "no-first-day", start(contractor(None, "2026-03-31"))),
    holds("contract_covers_day", "prefecture", start(SPECIALIST)),
    breaks("contract_covers_day", "visit-after", visit("2025-04-22", start(contractor("2025-04-01", "2025-04-21")))),
    holds("contract_covers_day", "visit-within", visit("2025-04-21", start(contractor("2025-04-01", "2025-04-21")))),
    breaks("target_class_a_facts", "status-unknown", selection(status=None)),
    breaks("target_class_a_facts", "status-neither", selection(status=e.AssistanceStatus.NONE)),
    holds("target_class_a_facts", "applicant", selection(status=e.AssistanceStatus.APPLICANT)),
    holds("target_class_a_facts", "recipient", selection(status=e.AssistanceStatus.RECIPIENT)),
    breaks("target_class_a_facts", "office-unknown", selection(responsible_office=None)),
    breaks("target_class_a_facts", "other-office", selection(responsible_office=False)),
    breaks("target_class_a_facts", "reason-unknown", selection(compelling_reason=None)),
    breaks("target_class_a_facts", "ill", selection(compelling_reason=True)),
    breaks("target_class_a_facts", "working-unknown", selection(working=None)),
    breaks("target_class_a_facts", "working", selection(working=True)),
    breaks("target_class_a_facts", "recognised-but-class-a", selection(working=True, recognition=RECOGNISED)),
    holds(
        "target_class_a_facts",
        "class-i-needs-none",
        selection(
            target_class=e.TargetClass.I,
            recognition=RECOGNISED,
            status=None,
            responsible_office=None,
            compelling_reason=None,
            working=None,
        ),
    ),
    breaks("target_class_i_recognised", "no-recognition", selection(target_class=e.TargetClass.I)),
    holds("target_class_i_recognised", "recognised", selection(target_class=e.TargetClass.I, recognition=RECOGNISED)),
    holds("target_class_i_recognised", "class-a-needs-none", selection()),
    breaks("class_i_reason", "blank", selection(target_class=e.TargetClass.I, recognition=BLANK)),
    holds("class_i_reason", "given", selection(target_class=e.TargetClass.I, recognition=RECOGNISED)),
    breaks(
        "class_i_reason", "blank-later", course("consented").on("2025-04-14", e.TargetRecognised(recognition=BLANK))
    ),
    holds("class_i_reason", "later", course("consented").on("2025-04-14", e.TargetRecognised(recognition=RECOGNISED))),
    breaks("target_still_stands", "rejected-same-day", visit("2025-05-01", resolved(REJECTED))),
    breaks("target_still_stands", "taken-back", visit("2025-05-02", resolved(WITHDRAWN))),
    holds("target_still_stands", "the-day-before", visit("2025-04-30", resolved(REJECTED))),
    holds("target_still_stands", "granted", visit("2025-05-01", resolved(GRANTED))),
    holds("target_still_stands", "pending", visit("2025-05-01", course("support_started", selected=applicant()))),
    holds(
        "target_still_stands",
        "recognised-since",
        visit("2025-05-02", resolved(REJECTED).on("2025-05-01", e.TargetRecognised(recognition=RECOGNISED))),
    ),
    holds(
        "target_still_stands",
        "class-i",
        visit(
            "2025-05-02",
            course(
                "support_started",
                selected=attrs.evolve(SELECTION, target_class=e.TargetClass.I, recognition=RECOGNISED),
            ).on("2025-05-01", e.ApplicationResolved(result=REJECTED)),
        ),
    ),
    breaks(
        "target_still_stands",
        "start",
        course("goals_set", selected=applicant())
        .on("2025-04-15", e.ApplicationResolved(result=REJECTED))
        .on("2025-04-15", COURSE["support_started"].data, by=ES),
    ),
    breaks("target_still_stands", "extension", resolved(REJECTED).on("2025-07-10", e.Extended(attendees=THREE))),
    breaks("specialist_qualified", "nothing-on-file", start(attrs.evolve(SPECIALIST, qualifications=()))),
    *(
        holds("specialist_qualified", each.value, start(attrs.evolve(SPECIALIST, qualifications=(each,))))
        for each in e.Qualification
    ),
]

DOUBLE = (SV, Actor(id=SV.id, role=Role.CASEWORKER), ES)

SELECTING = [
    *(
        breaks("listed_by_caseworker", who.role.value, course("listed", listed=attrs.evolve(COURSE["listed"], by=who)))
        for who in (SV, ES, HW)
    ),
    holds("listed_by_caseworker", "caseworker", course("listed")),
    breaks("three_parties_consulted", "no-supervisor", selection(attendees=(CW, ES))),
    breaks("three_parties_consulted", "no-caseworker", selection(attendees=(SV, ES))),
    breaks("three_parties_consulted", "no-specialist", selection(attendees=(SV, CW))),
    breaks("three_parties_consulted", "nobody", selection(attendees=())),
    breaks("three_parties_consulted", "hello-work-instead", selection(attendees=(SV, CW, HW))),
    holds("three_parties_consulted", "three", selection(attendees=(ES, CW, SV))),
    holds("three_parties_consulted", "and-hello-work", selection(attendees=(*THREE, HW))),
    breaks("one_person_one_role", "supervisor-as-caseworker", selection(attendees=DOUBLE)),
    holds("one_person_one_role", "named-twice", selection(attendees=(*THREE, SV))),
    breaks("selected_after_listing", "selected-before", course("selected", selected="2025-04-02")),
    holds("selected_after_listing", "same-day", course("selected", selected="2025-04-03")),
    breaks("selected_after_listing", "consulted-before", selection(consulted_on=date(2025, 4, 2))),
    holds("selected_after_listing", "consulted-same-day", selection(consulted_on=date(2025, 4, 3))),
    breaks("selected_after_listing", "consulted-afterwards", selection(consulted_on=date(2025, 4, 11))),
    holds("selected_after_listing", "consulted-on-the-day", selection(consulted_on=date(2025, 4, 10))),
    breaks("ledger_consulted", "not-looked-at", selection(ledger_consulted=False)),
    holds("ledger_consulted", "looked-at", selection()),
    *(
        breaks(
            "not_in_the_text",
            reason.value,
            course("selected").on("2025-04-14", e.Declined(reason=reason)),
        )
        for reason in (e.DeclineReason.CONSENT_REFUSED, e.DeclineReason.CONSENT_WITHDRAWN)
    ),
    holds(
        "not_in_the_text",
        "not-selected",
        course("listed").on("2025-04-10", e.Declined(reason=e.DeclineReason.NOT_SELECTED)),
    ),
    breaks(
        "abolished_before_support",
        "selected",
        course("selected").on("2025-04-14", e.Declined(reason=e.DeclineReason.ASSISTANCE_ABOLISHED)),
    ),
    holds(
        "abolished_before_support",
        "only-listed",
        course("listed").on("2025-04-14", e.Declined(reason=e.DeclineReason.ASSISTANCE_ABOLISHED)),
    ),
]

CONSENTING = [
    breaks("consent_to_both", "support-alone", course("consented", consented=consent(SUPPORT))),
    breaks("consent_to_both", "goals-alone", course("consented", consented=consent(GOALS))),
    breaks("consent_to_both", "neither", course("consented", consented=consent())),
    holds("consent_to_both", "both", course("consented", consented=consent(GOALS, SUPPORT))),
    holds(
        "consent_to_both",
        "completed-later",
        course("consented", consented=consent(SUPPORT)).on("2025-04-15", consent(GOALS)),
    ),
    breaks("consent_to_both", "renewed-in-part", withdrawn("2025-04-15", "consented").on("2025-04-16", consent(GOALS))),
    holds("consent_to_both", "renewed-in-full", withdrawn("2025-04-15", "consented").on("2025-04-16", consent(*BOTH))),
    breaks("consent_after_selection", "one-day-early", course("consented", consented="2025-04-09")),
    holds("consent_after_selection", "same-day", course("consented", consented="2025-04-10")),
    breaks("consent_after_selection", "renewed-a-day-early", course("consented").on("2025-04-09", consent(*BOTH))),
    holds("consent_after_selection", "renewed-the-same-day", course("consented").on("2025-04-10", consent(*BOTH))),
    breaks("consent_in_writing", "orally", course("consented", consented=consent(*BOTH, medium=e.Medium.ORAL))),
    holds("consent_in_writing", "in-writing", course("consented", consented=consent(*BOTH))),
    breaks("decision_after_consent", "one-day-early", course("support_decided", support_decided="2025-04-13")),
    holds("decision_after_consent", "same-day", course("support_decided", support_decided="2025-04-14")),
    breaks("decision_after_consent", "no-consent", course("support_decided", consented=None)),
    breaks("goals_after_decision", "one-day-early", course("goals_set", goals_set="2025-04-14")),
    holds("goals_after_decision", "same-day", course("goals_set", goals_set="2025-04-15")),
    holds(
        "goals_after_decision", "consent-day-stands", course("goals_set", support_decided=None, goals_set="2025-04-14")
    ),
    breaks(
        "goals_after_decision", "before-consent-day", course("goals_set", support_decided=None, goals_set="2025-04-13")
    ),
    breaks("goals_after_decision", "no-consent-either", course("goals_set", consented=None, support_decided=None)),
]

STARTING = [
    *(
        breaks(
            "consent_stands",
            f"taken-back-{when}",
            withdrawn(when, "goals_set").on("2025-04-15", COURSE["support_started"].data, by=ES),
        )
        for when in ("2025-04-14", "2025-04-15")
    ),
    holds(
        "consent_stands",
        "taken-back-afterwards",
        withdrawn("2025-04-16", "goals_set").on("2025-04-15", COURSE["support_started"].data, by=ES),
    ),
    breaks(
        "consent_stands",
        "taken-back-twice",
        withdrawn("2025-04-15", "goals_set")
        .on("2025-05-01", e.ConsentWithdrawn())
        .on("2025-04-15", COURSE["support_started"].data, by=ES),
    ),
    holds(
        "consent_stands",
        "renewed",
        withdrawn("2025-04-14", "goals_set")
        .on("2025-04-15", consent(*BOTH))
        .on("2025-04-15", COURSE["support_started"].data, by=ES),
    ),
    breaks("goals_of_both_horizons", "short-alone", goals(WEEKLY)),
    breaks("goals_of_both_horizons", "long-alone", goals(FULL_TIME)),
    breaks("goals_of_both_horizons", "none", goals()),
    holds("goals_of_both_horizons", "both", goals(WEEKLY, FULL_TIME)),
    breaks("start_after_consent", "one-day-early", start(on="2025-04-13")),
    holds("start_after_consent", "same-day", start(on="2025-04-14", support_decided="2025-04-14")),
    breaks("start_after_decision", "one-day-early", start(on="2025-04-14")),
    holds("start_after_decision", "same-day", start(on="2025-04-15")),
    breaks("start_day_recorded", "not-recorded", start(on=None)),
    holds("start_day_recorded", "recorded", start()),
    breaks("basic_period", "one-day-short", start(end="2025-07-13")),
    breaks("basic_period", "one-day-long", start(end="2025-07-15")),
    holds("basic_period", "three-months", start(end="2025-07-14")),
    holds("basic_period", "not-said", start()),
    holds("basic_period", "first-day-not-counted", start(end="2025-07-15"), office=NON_COUNTED),
    breaks("basic_period", "first-day-not-counted", start(end="2025-07-14"), office=NON_COUNTED),
]

LATE = course("support_started").on("2025-07-17", e.Extended(attendees=THREE, new_end=date(2025, 10, 14)))
IN_TIME = course("support_started").on("2025-07-14", e.Extended(attendees=THREE, new_end=date(2025, 10, 14)))

SUPPORTING = [
    breaks("support_by_specialist", "by-the-caseworker", visit("2025-04-22", by=CW)),
    breaks("support_by_specialist", "said-to-be-the-caseworker", visit("2025-04-22", data=attrs.evolve(VISIT, by=CW))),
    holds(
        "support_by_specialist", "written-down-by-another", visit("2025-04-22", by=CW, data=attrs.evolve(VISIT, by=ES))
    ),
    holds("support_by_specialist", "by-the-specialist", visit("2025-04-22")),
    breaks("support_after_consent", "one-day-early", visit("2025-04-13")),
    holds("support_after_consent", "same-day", visit("2025-04-14"), "support_after_start"),
    holds(
        "support_after_consent",
        "before-a-renewal",
        visit("2025-04-22", withdrawn("2025-05-01").on("2025-05-07", consent(*BOTH))),
    ),
    breaks("support_after_start", "one-day-early", visit("2025-04-14")),
    holds("support_after_start", "first-day", visit("2025-04-15")),
    breaks("support_after_start", "not-begun", visit("2025-04-15", course("goals_set"))),
    breaks("support_within_period", "one-day-late", visit("2025-07-15")),
    holds("support_within_period", "last-day", visit("2025-07-14")),
    holds("support_within_period", "extended", visit("2025-07-15", IN_TIME)),
    breaks("support_within_period", "past-the-extension", visit("2025-10-15", IN_TIME)),
    breaks("support_within_period", "before-a-late-extension", visit("2025-07-16", LATE)),
    holds("support_within_period", "after-a-late-extension", visit("2025-07-17", LATE)),
    breaks("support_within_period", "counted", visit("2025-07-15"), office=Office()),
    holds("support_within_period", "first-day-not-counted", visit("2025-07-15"), office=NON_COUNTED),
    breaks("consent_not_withdrawn", "same-day", visit("2025-05-01", withdrawn("2025-05-01"))),
    holds("consent_not_withdrawn", "the-day-before", visit("2025-04-30", withdrawn("2025-05-01"))),
    holds(
        "consent_not_withdrawn",
        "renewed",
        visit("2025-05-07", withdrawn("2025-05-01").on("2025-05-07", consent(*BOTH))),
    ),
]

WITNESSES: list[Witness] = [*FROM_2_TO_3, *SELECTING, *CONSENTING, *STARTING, *SUPPORTING]
