"""For each rule of 4(3) to 6, of the chart and of the day asked about, stories that break it and that just keep it."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from shuroflow.events import Actor, Meeting
from shuroflow.events import saitama as e
from shuroflow.states.office import Office, Settings
from shuroflow.vocabulary import Role
from tests.states.saitama_stories import (
    ACHIEVED,
    BOTH,
    COURSE,
    DIFFICULT,
    PART_TIME,
    SELECTION,
    SPECIALIST,
    THREE,
    VISIT,
    course,
    results,
)
from tests.states.saitama_witnesses import DOUBLE, visit, withdrawn
from tests.states.story import CW, ES, HW, SV, Story, Witness, breaks, day, holds

FOUR = (SV, CW, HW, ES)
PROGRESS, MISSED = e.Achievement.IN_PROGRESS, e.Achievement.NOT_ACHIEVED
OWN, HOUSEHOLD = e.AbolitionCause.OWN_EMPLOYMENT, e.AbolitionCause.HOUSEHOLD_INCOME


def in_support() -> Story:
    """The ordinary course up to the start of support."""
    return course("support_started")


def evaluation(
    short: e.Achievement | None, long: e.Achievement | None, *, analysis: str | None = None, story: Story | None = None
) -> Story:
    """An evaluation on 20 May with these results."""
    data = e.Evaluated(results=results(short, long), analysis=analysis, by=ES)
    return (story or in_support()).on("2025-05-20", data, by=ES)


HARD = "通勤の手段がなく応募先が限られる"


def change(story: Story | None = None, on: str = "2025-05-21", **changes: Any) -> Story:
    """The long goal is changed on 21 May, with everything the text asks for unless changed."""
    told = story or evaluation(ACHIEVED, DIFFICULT, analysis=HARD)
    data = e.GoalsChanged(goals=(PART_TIME,), interview_on=date(2025, 5, 21), understood=True)
    return told.on(on, attrs.evolve(data, **changes), by=ES)


def first_period(end_on: str) -> Story:
    """Support begins on 15 April with a first period that ends on a day of its own."""
    data = e.SupportStarted(specialist=SPECIALIST, start_on=date(2025, 4, 15), end_on=day(end_on))
    return course("support_started", support_started=data)


def end(story: Story, **data: Any) -> Story:
    """Ended by the achieved goal on 20 June."""
    return story.on("2025-06-20", e.Ended(**data))


def end_outside(detail: str | None = "連絡が取れず協議のうえ終えた", consulted: bool = True) -> Story:
    """Ended on 20 June in a way the text does not know."""
    meeting = Meeting(on=date(2025, 6, 19), attendees=THREE) if consulted else None
    data = e.EndedOutside(reason=e.OutsideReason.WHEREABOUTS_UNKNOWN, detail=detail, consultation=meeting)
    return in_support().on("2025-06-20", data)


def extension(
    *attendees: Actor, on: str = "2025-07-10", new_end: str | None = None, consulted: str | None = None
) -> Story:
    """An extension of the period that ends on 14 July."""
    data = e.Extended(
        attendees=attendees,
        new_end=day(new_end) if new_end else None,
        consulted_on=day(consulted) if consulted else None,
    )
    return in_support().on(on, data)


def conference(*attendees: Actor, evaluation: str | None = "短期の目標は達した") -> Story:
    """A conference on 3 June."""
    return in_support().on("2025-06-03", e.ConferenceHeld(attendees=attendees, evaluation=evaluation))


EVALUATING = [
    breaks("evaluates_known_goals", "unknown-goal", in_support().on(
        "2025-05-20", e.Evaluated(results=(e.GoalResult(goal="other", result=ACHIEVED),)), by=ES)),
    breaks("evaluates_known_goals", "one-of-two-unknown", in_support().on(
        "2025-05-20", e.Evaluated(results=(*results(), e.GoalResult(goal="other", result=ACHIEVED))), by=ES)),
    breaks("evaluates_known_goals", "no-result", evaluation(None, None)),
    holds("evaluates_known_goals", "one-goal", evaluation(PROGRESS, None)),
    breaks("goal_change_steps", "no-analysis", change(evaluation(ACHIEVED, DIFFICULT))),
    holds("goal_change_steps", "analysis-with-the-change", change(evaluation(ACHIEVED, DIFFICULT), analysis=HARD)),
    breaks("goal_change_steps", "no-interview", change(interview_on=None)),
    breaks("goal_change_steps", "interview-afterwards", change(interview_on=date(2025, 5, 22))),
    holds("goal_change_steps", "interview-same-day", change(interview_on=date(2025, 5, 21))),
    breaks("goal_change_steps", "not-understood", change(understood=False)),
    breaks("goal_change_steps", "nothing", change(evaluation(ACHIEVED, MISSED), interview_on=None, understood=False)),
    breaks(
        "goal_change_steps",
        "analysis-used-up",
        change(
            evaluation(MISSED, DIFFICULT, analysis=HARD).on(
                "2025-05-21", e.GoalsChanged(goals=(PART_TIME,), interview_on=date(2025, 5, 21), understood=True), by=ES
            ),
            on="2025-05-22",
        ),
    ),
    breaks("change_after_evaluation", "never-evaluated", change(in_support(), analysis=HARD)),
    breaks("change_after_evaluation", "going-well", change(evaluation(ACHIEVED, PROGRESS), analysis=HARD)),
    breaks(
        "change_after_evaluation",
        "reason-given",
        change(in_support(), analysis=HARD, override_reason="求人が閉じたことを面接で確かめた"),
    ),
    holds("change_after_evaluation", "hard", change(evaluation(ACHIEVED, DIFFICULT), analysis=HARD)),
    holds("change_after_evaluation", "missed", change(evaluation(ACHIEVED, MISSED), analysis=HARD)),
]  # fmt: skip

ENDING = [
    breaks("goal_achieved", "never-evaluated", end(in_support())),
    breaks("goal_achieved", "not-achieved", end(evaluation(PROGRESS, MISSED))),
    holds("goal_achieved", "short-alone", end(evaluation(ACHIEVED, MISSED)), "long_goals_achieved"),
    holds("goal_achieved", "both", end(evaluation(ACHIEVED, ACHIEVED))),
    breaks("long_goals_achieved", "short-alone", end(evaluation(ACHIEVED, MISSED))),
    breaks("long_goals_achieved", "long-not-looked-at", end(evaluation(ACHIEVED, None))),
    breaks("long_goals_achieved", "reason-given", end(evaluation(ACHIEVED, MISSED), override_reason="本人が就職した")),
    holds("long_goals_achieved", "long-alone", end(evaluation(MISSED, ACHIEVED))),
    breaks("end_known_to_the_text", "outside", end_outside()),
    holds("end_known_to_the_text", "achieved", end(evaluation(ACHIEVED, ACHIEVED))),
    breaks("outside_end_documented", "no-reason", end_outside(None), "end_known_to_the_text"),
    breaks("outside_end_documented", "blank-reason", end_outside(" "), "end_known_to_the_text"),
    breaks("outside_end_documented", "no-consultation", end_outside(consulted=False), "end_known_to_the_text"),
    holds("outside_end_documented", "documented", end_outside(), "end_known_to_the_text"),
    breaks("no_discontinuation", "in-support", in_support().on("2025-06-20", e.Discontinued(reason="所在不明"))),
    breaks("no_discontinuation", "candidate", course("listed").on("2025-06-20", e.Discontinued())),
    breaks("no_discontinuation", "ended", course("ended").on("2025-06-20", e.Discontinued())),
    holds("no_discontinuation", "the-way-out", end_outside(), "end_known_to_the_text"),
]

EXTENDING = [
    breaks("extension_consulted", "no-supervisor", extension(CW, ES)),
    breaks("extension_consulted", "no-caseworker", extension(SV, ES)),
    breaks("extension_consulted", "nobody", extension(), "specialist_at_extension"),
    holds("extension_consulted", "three", extension(*THREE)),
    breaks("specialist_at_extension", "supervisor-and-caseworker", extension(SV, CW)),
    holds("specialist_at_extension", "three", extension(*THREE)),
    breaks("one_person_one_role", "extending", extension(*DOUBLE), clause="4(5)"),
    holds("one_person_one_role", "extending", extension(*THREE, CW)),
    breaks("extended_before_the_end", "one-day-late", extension(*THREE, on="2025-07-15")),
    holds("extended_before_the_end", "last-day", extension(*THREE, on="2025-07-14")),
    holds("extended_before_the_end", "decided-later", extension(*THREE, on="2025-07-16", consulted="2025-07-14")),
    breaks("extended_before_the_end", "consulted-late", extension(*THREE, on="2025-07-16", consulted="2025-07-15")),
    breaks(
        "extended_before_the_end",
        "second-time",
        extension(*THREE, new_end="2025-08-31").on("2025-09-01", e.Extended(attendees=THREE)),
    ),
    holds(
        "extended_before_the_end",
        "second-time",
        extension(*THREE, new_end="2025-08-31").on("2025-08-31", e.Extended(attendees=THREE)),
    ),
    breaks("new_end_is_later", "one-day-less", extension(*THREE, new_end="2025-07-13")),
    breaks("new_end_is_later", "the-same", extension(*THREE, new_end="2025-07-14")),
    holds("new_end_is_later", "one-day-more", extension(*THREE, new_end="2025-07-15")),
    holds("new_end_is_later", "not-said", extension(*THREE)),
    holds("new_end_is_later", "no-cap", extension(*THREE, new_end="2035-03-31")),
]

HOUSEHOLD_ABOLISHED = e.AssistanceAbolished(cause=HOUSEHOLD)
OUTSIDE = e.EndedOutside(
    reason=e.OutsideReason.UNCOOPERATIVE,
    detail="連絡が取れない",
    consultation=Meeting(on=date(2025, 6, 2), attendees=THREE),
)
ON_RECORD = [
    breaks(
        "goals_replaced_in_steps",
        "long-goal-anew",
        in_support().on("2025-05-21", e.GoalsSet(goals=(PART_TIME,)), by=ES),
    ),
    holds(
        "goals_replaced_in_steps",
        "another-goal",
        in_support().on("2025-05-21", e.GoalsSet(goals=(attrs.evolve(PART_TIME, id="long-2"),)), by=ES),
    ),
    holds(
        "goals_replaced_in_steps",
        "before-support",
        course("goals_set").on("2025-04-15", e.GoalsSet(goals=(PART_TIME,)), by=ES),
    ),
    breaks("decision_day_recorded", "no-decision", course("support_started", support_decided=None)),
    holds("decision_day_recorded", "decided", in_support()),
    breaks("first_period_forward", "ends-the-day-before", first_period("2025-04-14"), "basic_period"),
    holds("first_period_forward", "one-day", first_period("2025-04-15"), "basic_period"),
    breaks("extension_consulted_first", "the-day-after", extension(*THREE, on="2025-07-10", consulted="2025-07-11")),
    holds("extension_consulted_first", "the-same-day", extension(*THREE, on="2025-07-10", consulted="2025-07-10")),
    breaks(
        "support_ended_by_goal", "outside", in_support().on("2025-06-02", OUTSIDE).on("2025-07-31", HOUSEHOLD_ABOLISHED)
    ),
    breaks("support_ended_by_goal", "abolished-before-the-end", course("ended").on("2025-06-19", HOUSEHOLD_ABOLISHED)),
    holds("support_ended_by_goal", "by-goal", course("ended").on("2025-06-20", HOUSEHOLD_ABOLISHED)),
]

CONFERRING = [
    *(
        breaks("conference_parties", f"no-{out.role.value}", conference(*(each for each in FOUR if each is not out)))
        for out in FOUR
    ),
    holds("conference_parties", "four", conference(*FOUR)),
    holds("conference_parties", "and-the-person", conference(*FOUR, Actor(id="person-1", role=Role.PERSON))),
    breaks(
        "one_person_one_role",
        "conferring",
        conference(SV, Actor(id=SV.id, role=Role.CASEWORKER), HW, ES),
        clause="4(6)",
    ),
    holds("one_person_one_role", "conferring", conference(*FOUR)),
    breaks("conference_evaluates", "nothing-found", conference(*FOUR, evaluation=None)),
    holds("conference_evaluates", "found", conference(*FOUR)),
]

CERTIFIED = e.TrainingProvider(id="provider-11", certified_from=date(2023, 4, 1))
NOTIFIED = e.PlacementAuthority(kind=e.AuthorityKind.NOTIFICATION, number="届出-5", effective_from=date(2020, 4, 1))
EMPLOYED, UNEMPLOYED = e.TrainingType.EMPLOYMENT, e.TrainingType.NON_EMPLOYMENT
CONTRACTED = attrs.evolve(SPECIALIST, employer=e.Employer.CONTRACTOR, contract_start=date(2025, 4, 1))
BY_CONTRACT = e.SupportStarted(specialist=CONTRACTED, start_on=date(2025, 4, 15))


def training(
    on: str = "2025-05-12", recognised: str | None = "2025-05-08", story: Story | None = None, **changes: Any
) -> Story:
    """Use of an employment-type programme from 12 May, in order unless changed."""
    data = e.TrainingUsed(type=EMPLOYED, provider=CERTIFIED, arranged_by=ES, authority=NOTIFIED)
    told = story or in_support()
    if recognised is not None:
        told.on(recognised, e.TrainingRecognised(effect="朝の習慣が付く"))
    return told.on(on, attrs.evolve(data, **changes), by=ES)


def certified(start: str | None, end: str | None = None) -> e.TrainingProvider:
    """A provider certified from ``start`` to ``end``."""
    return attrs.evolve(CERTIFIED, certified_from=day(start) if start else None, certified_to=day(end) if end else None)


TRAINING = [
    breaks("training_recognised_first", "never", training(recognised=None)),
    breaks("training_recognised_first", "one-day-late", training(recognised="2025-05-13")),
    holds("training_recognised_first", "same-day", training(recognised="2025-05-12")),
    breaks("training_arranged_by_specialist", "caseworker", training(arranged_by=CW)),
    breaks("training_arranged_by_specialist", "hello-work", training(arranged_by=HW)),
    holds("training_arranged_by_specialist", "specialist", training(arranged_by=ES)),
    breaks("provider_certified", "unknown", training(provider=certified(None))),
    breaks("provider_certified", "one-day-early", training(provider=certified("2025-05-13"))),
    holds("provider_certified", "first-day", training(provider=certified("2025-05-12"))),
    breaks("provider_certified", "one-day-late", training(provider=certified("2023-04-01", "2025-05-11"))),
    holds("provider_certified", "last-day", training(provider=certified("2023-04-01", "2025-05-12"))),
    breaks("placement_authority", "none", training(authority=None)),
    breaks(
        "placement_authority",
        "one-day-early",
        training(authority=attrs.evolve(NOTIFIED, effective_from=date(2025, 5, 13))),
    ),
    holds(
        "placement_authority", "first-day", training(authority=attrs.evolve(NOTIFIED, effective_from=date(2025, 5, 12)))
    ),
    holds("placement_authority", "no-employment-contract", training(type=UNEMPLOYED, authority=None)),
    breaks(
        "authority_of_employer", "another", training(authority=attrs.evolve(NOTIFIED, holder=e.Employer.CONTRACTOR))
    ),
    breaks("authority_of_employer", "lent", training(story=course("support_started", support_started=BY_CONTRACT))),
    holds("authority_of_employer", "prefecture", training()),
    holds(
        "authority_of_employer",
        "contractor",
        training(
            story=course("support_started", support_started=BY_CONTRACT),
            authority=attrs.evolve(NOTIFIED, kind=e.AuthorityKind.LICENCE, holder=e.Employer.CONTRACTOR),
        ),
    ),
    holds(
        "authority_of_employer",
        "no-employment-contract",
        training(type=UNEMPLOYED, authority=attrs.evolve(NOTIFIED, holder=e.Employer.CONTRACTOR)),
    ),
    breaks("support_within_period", "training", training(on="2025-07-15")),
    holds("support_within_period", "training", training(on="2025-07-14")),
    breaks("support_after_consent", "training", training(on="2025-04-13", recognised="2025-04-12")),
    breaks("support_after_start", "training", training(on="2025-04-14", recognised="2025-04-14")),
]


def abolished(
    cause: e.AbolitionCause, *, need: bool | None = None, story: Story | None = None, on: str = "2025-06-01"
) -> Story:
    """Assistance ended on 1 June, during support unless told otherwise."""
    return (story or in_support()).on(on, e.AssistanceAbolished(cause=cause, need=need))


INFORMED = e.InformationGiven(content="相談の窓口と申込みの方法", agency="agency-1")


def informed(story: Story, **changes: Any) -> Story:
    """Information on 5 June, with the agency unless changed."""
    return story.on("2025-06-05", attrs.evolve(INFORMED, **changes))


def owed(cause: e.AbolitionCause = HOUSEHOLD) -> Story:
    """A case that owes information: by 6(1) after own employment, by 6(2) after anything else."""
    return abolished(cause, need=True if cause is OWN else None)


AFTER_ABOLITION = [
    breaks("suspension_goes_on", "suspended", in_support().on("2025-06-01", e.AssistanceSuspended())),
    holds("suspension_goes_on", "abolished", abolished(HOUSEHOLD)),
    breaks("need_judged", "not-judged", abolished(OWN)),
    breaks("need_judged", "after-the-end", abolished(OWN, story=course("ended"), on="2025-07-31")),
    holds("need_judged", "needed", abolished(OWN, need=True)),
    holds("need_judged", "not-needed", abolished(OWN, need=False)),
    *(
        holds("need_judged", cause.value, abolished(cause))
        for cause in e.AbolitionCause
        if cause not in (OWN, e.AbolitionCause.DEATH)
    ),
    breaks("not_by_death", "death", abolished(e.AbolitionCause.DEATH)),
    holds("not_by_death", "waived", abolished(e.AbolitionCause.WAIVED)),
    breaks("agency_after_employment", "alone", informed(owed(OWN), agency=None)),
    holds("agency_after_employment", "with-agency", informed(owed(OWN))),
    holds("agency_after_employment", "not-owed", informed(abolished(OWN, need=False), agency=None)),
    breaks("agency_unfinished", "alone", informed(owed(), agency=None)),
    holds("agency_unfinished", "with-agency", informed(owed())),
    holds("agency_unfinished", "nothing-owed", informed(course("ended"), agency=None)),
    breaks("attempt_after_employment", "attempt", informed(owed(OWN), attempted_only=True)),
    holds("attempt_after_employment", "given", informed(owed(OWN))),
    breaks("attempt_unfinished", "attempt", informed(owed(), attempted_only=True)),
    holds("attempt_unfinished", "given", informed(owed())),
    holds("attempt_unfinished", "not-found", informed(owed(e.AbolitionCause.WHEREABOUTS_UNKNOWN), attempted_only=True)),
    breaks("sharing_consented", "shared", informed(owed(), personal_data_shared=True)),
    holds("sharing_consented", "agreed", informed(owed(), personal_data_shared=True, sharing_consented=True)),
    holds("sharing_consented", "not-shared", informed(owed())),
]

STRICT = Office(settings=Settings(contact_gap_days=21))
VISITS = course("visit_2")  # 22 April, 13 May (21 days), 20 May (7), 3 June (14)

AS_OF_A_DAY = [
    breaks("period_lapsed", "one-day-past", in_support(), as_of="2025-07-15"),
    holds("period_lapsed", "last-day", in_support(), as_of="2025-07-14"),
    holds("period_lapsed", "ended", course("ended"), "contacts_counted", as_of="2025-07-15"),
    breaks("extensions_counted", "once", extension(*THREE), as_of="2025-07-15"),
    holds("extensions_counted", "never", in_support(), as_of="2025-07-14"),
    breaks("contact_gap", "one-day-more", visit("2025-06-25", VISITS.fork()), as_of="2025-07-01", office=STRICT),
    holds("contact_gap", "as-long-as-allowed", visit("2025-06-24", VISITS.fork()), "contacts_counted",
          as_of="2025-07-01", office=STRICT),
    holds("contact_gap", "no-limit-of-its-own", visit("2025-07-14", VISITS.fork()), "contacts_counted",
          as_of="2025-07-14"),
    breaks("contacts_counted", "two", visit("2025-05-01", visit("2025-04-22")), as_of="2025-05-01"),
    holds("contacts_counted", "one", visit("2025-04-22"), as_of="2025-05-01"),
    breaks("inform_after_employment", "same-day", owed(OWN), as_of="2025-06-01"),
    holds("inform_after_employment", "the-day-before", owed(OWN), as_of="2025-05-31"),
    holds("inform_after_employment", "given", informed(owed(OWN)), as_of="2030-01-01"),
    holds("inform_after_employment", "not-needed", abolished(OWN, need=False), as_of="2030-01-01"),
    breaks("inform_after_employment", "after-the-end",
           abolished(OWN, need=True, story=course("evaluated").on("2025-06-20", e.Ended()), on="2025-07-31"),
           "contacts_counted", as_of="2025-07-31"),
    breaks("inform_after_employment", "only-tried", informed(owed(OWN), attempted_only=True), as_of="2025-06-05"),
    *(
        breaks("inform_unfinished", cause.value, owed(cause), as_of="2025-06-01")
        for cause in e.AbolitionCause
        if cause not in (OWN, e.AbolitionCause.DEATH)
    ),
    holds("inform_unfinished", "death", abolished(e.AbolitionCause.DEATH), as_of="2030-01-01"),
    holds("inform_unfinished", "the-day-before", owed(), as_of="2025-05-31"),
    holds("inform_unfinished", "given", informed(owed()), as_of="2030-01-01"),
    holds("inform_unfinished", "told-once-already", informed(owed(), agency=None), as_of="2030-01-01"),
    breaks("inform_unfinished", "only-tried", informed(owed(), attempted_only=True), as_of="2025-06-05"),
    holds("inform_unfinished", "not-found", informed(owed(e.AbolitionCause.WHEREABOUTS_UNKNOWN), attempted_only=True),
          as_of="2030-01-01"),
    holds("inform_unfinished", "support-had-ended", abolished(HOUSEHOLD, story=course("ended"), on="2025-07-31"),
          "contacts_counted", as_of="2030-01-01"),
]  # fmt: skip


def early(on: str) -> Story:
    """A listing around the first day of the text on hand."""
    return course("listed", listed=on)


START = COURSE["support_started"].data

CHART = [
    breaks("out_of_place", "selection-left-out", course("listed").on("2025-04-14", e.Consented(scope=BOTH))),
    breaks("out_of_place", "consent-left-out", course("selected").on("2025-04-15", START, by=ES)),
    breaks("out_of_place", "listing-left-out", Story("saitama").on("2025-04-10", SELECTION)),
    breaks("out_of_place", "support-before-consent", course("selected").on("2025-04-11", VISIT, by=ES)),
    breaks("out_of_place", "start-left-out", course("goals_set").on("2025-06-20", e.Ended())),
    breaks("out_of_place", "extended-without-consent", course("selected").on("2025-07-01", e.Extended(attendees=FOUR))),
    breaks("out_of_place", "started-twice", in_support().on("2025-04-16", START, by=ES)),
    holds("out_of_place", "in-order", course("ended")),
    breaks("out_of_place_observed", "listed-twice", course("listed").on("2025-04-04", e.Listed())),
    breaks("out_of_place_observed", "recognised-as-candidate",
           course("listed").on("2025-04-04", e.TrainingRecognised(effect="朝の習慣が付く")), clause="4(1)"),
    breaks("out_of_place_observed", "conference-before-support",
           course("goals_set").on("2025-04-15", e.ConferenceHeld(attendees=FOUR, evaluation="順調")), clause="4(1)"),
    breaks("out_of_place_observed", "information-before-abolition", informed(in_support()), clause="6(1)"),
    breaks("out_of_place_observed", "abolished-before-support", abolished(HOUSEHOLD, story=course("consented")),
           clause="6(1)"),
    breaks("out_of_place_observed", "outside-end-before-support",
           course("selected").on("2025-04-14", e.EndedOutside(reason=e.OutsideReason.DEATH)), clause="4(4)"),
    holds("out_of_place_observed", "consent-renewed",
          withdrawn("2025-04-16", "consented").on("2025-04-16", e.Consented(scope=BOTH))),
    breaks("after_close", "visit-the-day-after", visit("2025-06-21", course("ended"))),
    holds("after_close", "visit-on-the-last-day", visit("2025-06-20", course("ended"))),
    breaks("after_close", "evaluated-afterwards", evaluation(ACHIEVED, ACHIEVED, story=course("evaluated").on(
        "2025-05-19", e.Ended()))),
    breaks("after_close", "extended-afterwards", course("ended").on("2025-06-21", e.Extended(attendees=THREE))),
    breaks("after_close_observed", "visit-after-abolition", visit("2025-06-02", owed()), clause="6(2)"),
    holds("after_close_observed", "visit-on-the-day-of-abolition", visit("2025-06-01", owed())),
    breaks("after_close_observed", "visit-after-an-outside-end", visit("2025-06-21", end_outside())),
    breaks("after_close_observed", "suspended-after-the-end",
           course("ended").on("2025-07-01", e.AssistanceSuspended())),
    breaks("after_close_observed", "listed-again", course("ended").on("2025-09-01", e.Listed())),
    breaks("text_not_on_hand", "the-day-before", early("2021-03-31")),
    holds("text_not_on_hand", "first-day", early("2021-04-01")),
]  # fmt: skip

WITNESSES: list[Witness] = [
    *ON_RECORD,
    *EVALUATING,
    *ENDING,
    *EXTENDING,
    *CONFERRING,
    *TRAINING,
    *AFTER_ABOLITION,
    *AS_OF_A_DAY,
    *CHART,
]
