"""For each rule of 第3条 to 第6条, stories that break it and stories that just keep it, by what the text asks for."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from shuroflow.events import Actor
from shuroflow.events import saitama as s
from shuroflow.events import tsushima as e
from shuroflow.states.office import Office
from shuroflow.vocabulary import Role
from tests.states.story import CLERK, DIRECTOR, OFFICER, Story, Witness, breaks, day, holds
from tests.states.tsushima_stories import (
    ADVICE,
    APPLIED,
    APPROVED,
    ASSESSED,
    NOTIFIED,
    PLAN,
    RECOGNISED,
    REVIEW,
    Step,
    applied_on,
    course,
    discontinued,
    paper,
)

OLD_FORM_1 = (paper("1", "2019-05-01"), paper("2"))
ON_NEW_FORMS = (paper("1", "2021-06-28"), paper("2", "2021-06-28"))

VERIFIED = Office.parse(
    "\n".join(
        f"[[figures.{name}]]\nfrom = {start}\nto = {end}\nvalue = {value}\nsource = '確認済み'\nverified = true"
        for name, start, end, value in (
            ("levy_base", 2017, 2026, 280_000),
            ("levy_addition", 2017, 2026, 168_000),
            ("levy_supplement", 2017, 2020, 0),
            ("levy_supplement", 2021, 2026, 100_000),
            ("housing_ceiling", "2018-11-01", "2027-06-30", [32_000, 38_000, 42_000, 42_000, 42_000, 45_000, 50_000]),
        )
    )
)
"""An office that has looked its figures up, so that only the rule in question speaks."""

AS_CONSULTED = attrs.evolve(
    APPLIED, person_class=e.PersonClass.CONSULTATION_APPLICANT, consultation_applied_on=date(2025, 6, 2)
)
REJECTION = e.RejectionNotified(paper=paper("4"))
DISCONTINUATION = e.DiscontinuationNotified(paper=paper("5"))
DEPOSIT, CASH, SECURITIES, INSURANCE = e.AssetKind


def application(when: str = "2025-06-10", **facts: Any) -> Story:
    """An application like the ordinary one but for the facts given."""
    return course("applied", applied=Step(when, attrs.evolve(APPLIED, **facts), CLERK))


def member(name: str = "kin-1", **facts: Any) -> e.Member:
    """Another member of the household, not of an organised crime group unless told so."""
    return e.Member(id=name, **({"gang_member": False} | facts))


def household(size: int, **facts: Any) -> tuple[e.Member, ...]:
    """The other members of a household of that size."""
    return tuple(member(f"kin-{number}", **facts) for number in range(1, size))


def decision(*, applied: e.Applied = APPLIED, approved: e.UseApproved = APPROVED, **facts: Any) -> Story:
    """The decision of 20 June 2025 on an ordinary assessment but for the facts given."""
    return course("use_approved", applied=applied, assessed=attrs.evolve(ASSESSED, **facts), use_approved=approved)


def under_2(**facts: Any) -> Story:
    """The same decision under item 2."""
    return decision(approved=RECOGNISED, **facts)


def recognised(**changes: Any) -> Story:
    """A decision under item 2 that says something else."""
    return decision(approved=attrs.evolve(RECOGNISED, **changes))


def recognised_on(when: str) -> Story:
    """A decision under item 2, with everything on one day."""
    approved = Step(when, RECOGNISED, CLERK)
    return course("use_approved", applied=when, assessed=when, use_approved=approved)


def decided(rule: str, why: str, story: Story, *also: str, fails: bool = True, **options: Any) -> Witness:
    """A witness judged by the office whose figures are verified."""
    return (breaks if fails else holds)(rule, why, story, *also, **({"office": VERIFIED} | options))


def kept(rule: str, why: str, story: Story, *also: str, **options: Any) -> Witness:
    """The same, just kept."""
    return decided(rule, why, story, *also, fails=False, **options)


def asset(amount: int, kind: e.AssetKind = DEPOSIT) -> e.Asset:
    """A financial asset in yen."""
    return e.Asset(kind=kind, amount=amount)


def savings(cash: int) -> tuple[e.Asset, ...]:
    """365,000 yen in the bank and in securities, and some in cash."""
    return (asset(300_000), asset(cash, CASH), asset(65_000, SECURITIES))


def notice(start: str, *, on: str = "2025-06-20", story: Story | None = None, **facts: Any) -> Story:
    """A notice of approval that names a first day of use."""
    data = attrs.evolve(NOTIFIED, start_on=day(start), **facts)
    return (story or course("use_approved")).fork().on(on, data, by=CLERK)


def self_support(on: str = "2026-01-15", by: Actor = DIRECTOR, story: Story | None = None, **facts: Any) -> Story:
    """The decision that the person is employed and self-supporting."""
    data = {"decided_by": by, "employed_on": date(2025, 12, 1), "self_supporting": True} | facts
    return (story or course("plan_reviewed")).fork().on(on, e.SelfSupportRecognised(**data), by=CLERK)


def rejected(on: str = "2025-06-20", by: Actor = DIRECTOR, story: Story | None = None) -> Story:
    """The application rejected on a day."""
    return (story or course("assessed")).fork().on(on, e.UseRejected(decided_by=by, reason="収入超過"), by=CLERK)


def ended(kind: str) -> Story:
    """A case that came to its end on 15 December 2025, in one of the ways there are."""
    told = {
        "self-support": lambda: self_support("2025-12-15"),
        "discontinued": lambda: course("plan_reviewed").on("2025-12-15", discontinued("5", reason="入院")),
        "later-effect": lambda: course("plan_reviewed").on(
            "2025-12-01", discontinued("5", reason="入院", effective_on=date(2025, 12, 15))
        ),
        "rejected": lambda: rejected("2025-12-15"),
        "withdrawn": lambda: course("assessed").on("2025-12-15", e.ApplicationWithdrawn(reason="気が変わった")),
    }
    return told[kind]()


ROLES = [Actor(id="x-1", role=role) for role in Role if role is not Role.DIRECTOR]

CHART = [
    # what was left out is cited: the first step that is missing, or the clause of the event itself
    breaks("out_of_place", "decision-without-application", Story("tsushima").on("2025-06-20", APPROVED)),
    breaks(
        "out_of_place", "notice-before-decision", course("assessed").on("2025-06-20", NOTIFIED), clause="第5条第2項"
    ),
    breaks(
        "out_of_place",
        "start-before-decision",
        course("assessed").on("2025-07-01", e.UseStarted()),
        clause="第5条第2項",
    ),
    breaks(
        "out_of_place", "support-without-notice", course("use_approved").on("2025-07-15", ADVICE), clause="第6条第1項"
    ),
    breaks(
        "out_of_place",
        "support-before-first-day",
        course("approval_notified").on("2025-06-30", ADVICE),
        clause="第6条第1項",
    ),
    breaks(
        "out_of_place",
        "support-dated-before-first-day",
        course("plan_made").on("2025-06-30", ADVICE),
        clause="第6条第1項",
    ),
    breaks(
        "out_of_place",
        "notice-of-no-rejection",
        course("assessed").on("2025-06-20", REJECTION),
        clause="第5条第4項",
    ),
    breaks(
        "out_of_place",
        "notice-of-no-discontinuation",
        course("plan_made").on("2025-08-01", DISCONTINUATION),
        clause="第7条第2項",
    ),
    holds("out_of_place", "first-day", course("use_started").on("2025-07-01", ADVICE)),
    holds(
        "after_close",
        "discontinued-without-start",
        course("approval_notified").on("2025-12-15", discontinued("5", reason="入院")).on("2025-12-15", ADVICE),
    ),
    holds("out_of_place", "last-day", course("plan_made").on("2026-03-31", ADVICE)),
    holds("out_of_place", "notified-day-without-start", course("approval_notified").on("2025-07-01", ADVICE)),
    holds("out_of_place", "last-day-without-start", course("approval_notified").on("2026-03-31", ADVICE)),
    holds("out_of_place", "start-noted-in-use", course("approval_notified").on("2025-08-01", e.UseStarted())),
    breaks(
        "out_of_place",
        "support-in-an-empty-period",
        notice("2026-04-06", on="2026-04-02", story=applied_on("2026-03-20")).on("2026-04-06", ADVICE),
        clause="第6条第1項",
    ),
    breaks("out_of_place_observed", "applied-for-again", course("plan_made").on("2025-08-01", APPLIED)),
    breaks(
        "out_of_place_observed",
        "withdrawn-after-decision",
        course("use_approved").on("2025-06-25", e.ApplicationWithdrawn()),
        clause="第5条第1項",
    ),
    breaks(
        "out_of_place_observed",
        "self-support-before-first-day",
        self_support("2025-06-30", employed_on=date(2025, 6, 25), story=course("approval_notified")),
        clause="第6条第1項",
    ),
    holds("out_of_place_observed", "withdrawn-before-decision", ended("withdrawn")),
    holds("out_of_place_observed", "assessed-again-in-use", course("plan_made").on("2025-08-01", ASSESSED)),
    breaks("after_close", "1-april", course("resume").on("2026-04-01", ADVICE)),
    breaks("after_close", "1-april-without-start", course("approval_notified").on("2026-04-01", ADVICE)),
    breaks(
        "after_close_observed", "start-noted-on-1-april", course("approval_notified").on("2026-04-01", e.UseStarted())
    ),
    holds("after_close", "31-march", course("resume").on("2026-03-31", ADVICE)),
    breaks("after_close", "after-self-support", ended("self-support").on("2025-12-16", ADVICE), clause="第6条第2項"),
    holds("after_close", "on-the-day-of-self-support", ended("self-support").on("2025-12-15", ADVICE)),
    breaks("after_close", "after-discontinuing", ended("discontinued").on("2025-12-16", ADVICE), clause="第7条第1項"),
    holds("after_close", "on-the-day-of-discontinuing", ended("discontinued").on("2025-12-15", ADVICE)),
    breaks("after_close", "after-the-effect", ended("later-effect").on("2025-12-16", ADVICE), clause="第7条第1項"),
    holds("after_close", "before-the-effect", ended("later-effect").on("2025-12-15", ADVICE)),
    breaks("after_close", "after-rejection", ended("rejected").on("2025-12-16", ADVICE), clause="第5条第2項"),
    breaks(
        "after_close",
        "effect-beyond-31-march",
        course("resume")
        .on("2026-03-30", discontinued("5", reason="入院", effective_on=date(2026, 4, 30)))
        .on("2026-04-10", ADVICE),
    ),
    breaks(
        "after_close",
        "extension-after-self-support",
        ended("self-support").on("2025-12-20", s.Extended()).on("2025-12-22", ADVICE),
        clause="第6条第2項",
    ),
    breaks(
        "after_close",
        "discontinued-after-the-end",
        course("resume").on("2026-04-10", discontinued("5", reason="転居")).on("2026-04-05", ADVICE),
    ),
    breaks(
        "after_close_observed",
        "discontinued-on-1-april-without-start",
        course("approval_notified").on(
            "2026-04-01", discontinued("5", continuation_reason=e.ContinuationReason.WAIVED)
        ),
    ),
    breaks("after_close_observed", "applied-for-again", course("resume").on("2026-04-01", APPLIED)),
    breaks("after_close_observed", "reviewed-after-the-end", course("resume").on("2026-04-01", REVIEW)),
    holds("after_close_observed", "reviewed-on-the-last-day", course("resume").on("2026-03-31", REVIEW)),
    breaks("after_close_observed", "self-support-after-31-march", self_support("2026-04-01")),
    holds("after_close_observed", "self-support-on-31-march", self_support("2026-03-31")),
    breaks(
        "after_close_observed", "after-withdrawal", ended("withdrawn").on("2025-12-16", ADVICE), clause="第5条第1項"
    ),
    breaks("text_not_on_hand", "the-day-before", application("2021-06-27")),
    holds("text_not_on_hand", "first-day", application("2021-06-28")),
    breaks("no_extension", "in-use", course("resume").on("2026-03-16", s.Extended(new_end=date(2026, 6, 30)))),
    breaks("no_extension", "as-candidate", course("applied").on("2025-06-16", s.Extended())),
    breaks("no_extension", "after-the-end", course("resume").on("2026-04-01", s.Extended())),
    holds(
        "no_extension",
        "a-new-case-after-the-end",
        application(
            "2026-04-01", prior_case_id="case-0", prior_outcome=e.PriorOutcome.EXPIRED, prior_last_day=date(2026, 3, 31)
        ),
    ),
    breaks("no_consent", "consent", course("use_approved").on("2025-06-20", s.Consented(scope=tuple(s.ConsentObject)))),
    holds("no_consent", "application-is-the-will", course("approval_notified")),
    breaks(
        "no_aftercare",
        "assistance-ended",
        course("plan_made").on("2025-09-30", s.AssistanceAbolished(cause=s.AbolitionCause.OWN_EMPLOYMENT)),
    ),
    holds(
        "no_aftercare",
        "status-lost",
        course("plan_made").on("2025-09-30", discontinued("5", continuation_reason=e.ContinuationReason.STATUS_LOST)),
    ),
]

FORMS = [
    breaks("right_form", "approval", notice("2025-07-01", paper=paper("4")), clause="第5条第3項"),
    holds("right_form", "approval", notice("2025-07-01", paper=paper("様式第3号"))),
    breaks(
        "right_form",
        "rejection",
        rejected().on("2025-06-20", e.RejectionNotified(paper=paper("3"))),
        clause="第5条第4項",
    ),
    holds("right_form", "rejection", rejected().on("2025-06-20", REJECTION)),
    breaks(
        "right_form",
        "discontinuation",
        ended("discontinued").on("2025-12-15", e.DiscontinuationNotified(paper=paper("4"))),
        clause="第7条第2項",
    ),
    holds(
        "right_form",
        "discontinuation",
        ended("discontinued").on("2025-12-15", DISCONTINUATION),
    ),
    breaks(
        "right_form",
        "plan",
        course("plan_made", plan_made=attrs.evolve(PLAN, paper=paper("7"))),
        clause="第8条第1項第1号",
    ),
    holds("right_form", "plan", course("plan_made")),
    breaks(
        "right_form",
        "review",
        course("plan_reviewed", plan_reviewed=attrs.evolve(REVIEW, paper=paper("6"))),
        clause="第8条第1項第2号",
    ),
    holds("right_form", "review", course("plan_reviewed")),
    breaks("form_edition", "day-after-the-change", application("2021-06-29", papers=OLD_FORM_1)),
    holds("form_edition", "day-of-the-change", application("2021-06-28", papers=OLD_FORM_1)),
    holds("form_edition", "new-edition", application("2021-06-29", papers=ON_NEW_FORMS)),
    breaks("form_edition", "last-old-day", application(papers=(paper("1"), paper("2", "2021-06-27")))),
    breaks("form_edition", "old-notice", notice("2025-07-01", paper=paper("3", "2018-11-01"))),
    holds("form_edition", "edition-not-recorded", notice("2025-07-01")),
    *(
        breaks(
            "decided_by_director",
            f"approved-by-{by.role}",
            decision(approved=attrs.evolve(APPROVED, decided_by=by)),
            clause="第5条第2項",
            office=VERIFIED,
        )
        for by in ROLES
    ),
    breaks("decided_by_director", "rejected-by-officer", rejected(by=OFFICER), clause="第5条第2項"),
    breaks(
        "decided_by_director",
        "discontinued-by-officer",
        course("plan_made").on("2025-08-01", attrs.evolve(discontinued("5", reason="入院"), decided_by=OFFICER)),
        clause="第7条第1項",
    ),
    holds("decided_by_director", "approved", decision(), office=VERIFIED),
    holds("decided_by_director", "rejected", rejected()),
    holds("decided_by_director", "discontinued", ended("discontinued")),
]

APPLICATION = [
    breaks("both_forms", "form-1-missing", application(papers=(paper("2"),))),
    breaks("both_forms", "form-2-missing", application(papers=(paper("1"),))),
    breaks("both_forms", "none", application(papers=())),
    breaks("both_forms", "other-forms", application(papers=(paper("3"), paper("4")))),
    breaks("both_forms", "item-2-too", application(papers=(paper("1"), paper("1")))),
    holds("both_forms", "in-any-order", application(papers=(paper("様式第2号"), paper("第1号")))),
    breaks("received_after_application", "day-before", application(received_on=date(2025, 6, 9))),
    holds("received_after_application", "same-day", application(received_on=date(2025, 6, 10))),
    holds("received_after_application", "not-recorded-apart", application()),
    breaks("received_in_same_year", "1-april", application("2026-03-31", received_on=date(2026, 4, 1))),
    holds("received_in_same_year", "31-march", application("2026-03-31", received_on=date(2026, 3, 31))),
    holds("received_in_same_year", "whole-year", application("2025-04-01", received_on=date(2026, 3, 31))),
    breaks(
        "received_in_same_year",
        "received-before",
        application("2026-04-01", received_on=date(2026, 3, 31)),
        "received_after_application",
    ),
    breaks("no_running_period", "last-day", application("2026-03-31", prior_last_day=date(2026, 3, 31))),
    holds("no_running_period", "day-after", application("2026-04-01", prior_last_day=date(2026, 3, 31))),
    *(
        holds("no_running_period", f"{outcome}-no-end-known", application(prior_outcome=outcome))
        for outcome in (e.PriorOutcome.EXPIRED, e.PriorOutcome.REJECTED, e.PriorOutcome.WITHDRAWN)
    ),
    breaks("no_running_period", "running-no-end-known", application(prior_outcome=e.PriorOutcome.RUNNING)),
    breaks(
        "no_running_period",
        "with-a-reason",
        application("2026-03-31", prior_last_day=date(2026, 3, 31), override_reason="年度替わりに切れ目を作らない"),
    ),
    breaks("after_discontinuation", "discontinued", application(prior_outcome=e.PriorOutcome.DISCONTINUED)),
    *(
        holds(
            "after_discontinuation",
            outcome,
            application("2026-04-01", prior_outcome=outcome, prior_last_day=date(2026, 3, 31)),
        )
        for outcome in e.PriorOutcome
        if outcome is not e.PriorOutcome.DISCONTINUED
    ),
    breaks("prior_use_counted", "one-month", application(prior_months=1)),
    holds("prior_use_counted", "none", application(prior_months=0)),
]

ASSESSMENT = [
    breaks(
        "assessed_after_receipt",
        "day-before",
        course("assessed", applied=attrs.evolve(APPLIED, received_on=date(2025, 6, 19))),
    ),
    holds(
        "assessed_after_receipt",
        "same-day",
        course("assessed", applied=attrs.evolve(APPLIED, received_on=date(2025, 6, 18))),
    ),
    breaks("assessed_after_receipt", "received-on-application", course("assessed", assessed="2025-06-09")),
    decided("assessed_before_decision", "none", course("use_approved", assessed=None)),
    decided("assessed_before_decision", "day-after", course("use_approved", assessed="2025-06-21")),
    kept("assessed_before_decision", "same-day", course("use_approved", assessed="2025-06-20")),
    breaks("assessed_before_decision", "rejected-unseen", rejected(story=course("applied"))),
    holds("assessed_before_decision", "rejected-same-day", rejected("2025-06-18")),
    decided("recipient_in_city", "elsewhere", decision(applied=attrs.evolve(APPLIED, resident=False))),
    decided("recipient_in_city", "unknown", decision(applied=attrs.evolve(APPLIED, resident=None))),
    kept("recipient_in_city", "resident", decision()),
    decided(
        "recipient_in_city",
        "item-2-changes-nothing",
        decision(applied=attrs.evolve(APPLIED, resident=None), approved=RECOGNISED),
    ),
    decided("applicant_in_city", "elsewhere", decision(applied=attrs.evolve(AS_CONSULTED, resident=False))),
    decided("applicant_in_city", "unknown", decision(applied=attrs.evolve(AS_CONSULTED, resident=None))),
    kept("applicant_in_city", "resident", decision(applied=AS_CONSULTED)),
    decided("person_of_either_class", "unknown", decision(applied=attrs.evolve(APPLIED, person_class=None))),
    decided(
        "person_of_either_class",
        "neither",
        decision(applied=attrs.evolve(APPLIED, person_class=e.PersonClass.NEITHER)),
    ),
    decided(
        "person_of_either_class",
        "consultation-never-applied-for",
        decision(applied=attrs.evolve(AS_CONSULTED, consultation_applied_on=None)),
    ),
    decided(
        "person_of_either_class",
        "consultation-after-the-decision",
        decision(applied=attrs.evolve(AS_CONSULTED, consultation_applied_on=date(2025, 6, 21))),
    ),
    kept(
        "person_of_either_class",
        "consultation-on-the-day",
        decision(applied=attrs.evolve(AS_CONSULTED, consultation_applied_on=date(2025, 6, 20))),
    ),
    kept("person_of_either_class", "recipient", decision()),
    decided("income_of_the_month", "month-before", decision(income_month="2025-05")),
    decided("income_of_the_month", "month-of-assessment", applied_on("2025-05-31", income_month="2025-06")),
    kept("income_of_the_month", "month-of-application", decision(income_month="2025-06")),
    kept("income_of_the_month", "item-2", under_2(income_month="2025-05")),
    decided("assets_of_the_day", "day-of-assessment", decision(assets_as_of=date(2025, 6, 18))),
    decided("assets_of_the_day", "day-before", decision(assets_as_of=date(2025, 6, 9))),
    kept("assets_of_the_day", "same-day", decision(assets_as_of=date(2025, 6, 10))),
    kept("assets_of_the_day", "item-2", under_2(assets_as_of=date(2025, 6, 18))),
    decided("no_gang_member", "alone", decision(gang_member=True)),
    decided("no_gang_member", "everyone", decision(gang_member=True, household=household(3, gang_member=True))),
    kept("no_gang_member", "none", decision(household=household(3))),
    decided("nobody_a_gang_member", "one-at-home", decision(household=(member(gang_member=True), member("kin-2")))),
    decided("nobody_a_gang_member", "the-applicant-only", decision(gang_member=True, household=household(2))),
    kept(
        "nobody_a_gang_member",
        "lives-apart",
        decision(household=(member(gang_member=True, shares_livelihood=False),)),
    ),
    kept("nobody_a_gang_member", "none", decision(household=household(3))),
    decided("gang_membership_checked", "applicant-unknown", decision(gang_member=None)),
    decided("gang_membership_checked", "member-unknown", decision(household=(member(gang_member=None),))),
    kept(
        "gang_membership_checked",
        "unknown-lives-apart",
        decision(household=(member(gang_member=None, shares_livelihood=False),)),
    ),
    kept("gang_membership_checked", "item-2", under_2(gang_member=None)),
    decided("gang_membership_checked", "day-after-the-decision", decision(gang_checked_on=date(2025, 6, 21))),
    kept("gang_membership_checked", "day-of-the-decision", decision(gang_checked_on=date(2025, 6, 20))),
    decided("figures_known", "day-after-the-last-year", applied_on("2027-07-01")),
    kept("figures_known", "last-day-of-the-last-year", applied_on("2027-06-30"), "deduction_reference_sound"),
    kept(
        "figures_known",
        "item-2",
        course(
            "use_approved",
            applied="2027-07-01",
            assessed="2027-07-01",
            use_approved=Step("2027-07-01", RECOGNISED, CLERK),
        ),
    ),
    decided("recognition_documented", "no-reason", recognised(recognition_reason=None)),
    decided("recognition_documented", "blank", recognised(recognition_reason=" ")),
    decided("recognition_documented", "no-approval", recognised(approval=None)),
    decided("recognition_documented", "blank-approval", recognised(approval=" ")),
    kept("recognition_documented", "both", under_2()),
    kept(
        "recognition_documented",
        "item-1-needs-none",
        decision(approved=attrs.evolve(APPROVED, approval=None)),
    ),
    decided("gang_member_under_item_2", "applicant", under_2(gang_member=True)),
    decided("gang_member_under_item_2", "at-home", under_2(household=(member(gang_member=True),))),
    decided(
        "gang_member_under_item_2",
        "with-a-reason",
        decision(approved=attrs.evolve(RECOGNISED, override_reason="離脱の支援を受けている"), gang_member=True),
    ),
    kept("gang_member_under_item_2", "none", under_2()),
    kept("gang_member_under_item_2", "not-checked", under_2(gang_member=None)),
    kept("gang_member_under_item_2", "member-not-checked", under_2(household=(member(gang_member=None),))),
    decided("deduction_reference_sound", "1-july-2026", applied_on("2026-07-01")),
    kept("deduction_reference_sound", "30-june-2026", applied_on("2026-06-30")),
    decided("housing_for_owner", "owner", decision(owns_home=True)),
    kept("housing_for_owner", "tenant", decision(owns_home=False)),
    kept("housing_for_owner", "item-2", under_2(owns_home=True)),
    decided("insurance_flagged", "insurance", decision(assets=(asset(465_000), asset(1, INSURANCE)))),
    kept("insurance_flagged", "none", decision(assets=(asset(465_000),))),
    decided("size_explained", "household", decision(household_size=2, household=household(2))),
    decided("size_explained", "levy", decision(levy_size=2)),
    kept(
        "size_explained",
        "with-a-reason",
        decision(household_size=2, household=household(2), size_reason="入院中の子を数える"),
    ),
    kept("size_explained", "as-it-is", decision(household=household(2))),
    decided("levy_size_of_dependants", "one-elsewhere", decision(household=(member(same_household=False),))),
    decided("levy_size_of_dependants", "one-at-home-is-none", decision(household=(member(tax_dependant=False),))),
    decided("levy_size_of_dependants", "another-size", decision(household_size=2, size_reason="入院中の子を数える")),
    kept("levy_size_of_dependants", "the-same", decision(household=household(3))),
    kept(
        "levy_size_of_dependants",
        "another-number-given",
        decision(household=(member(tax_dependant=False),), levy_size=1, size_reason="扶養していない"),
    ),
    kept("levy_size_of_dependants", "item-2", under_2(household=(member(tax_dependant=False),))),
    breaks("figures_verified", "built-in", decision()),
    holds("figures_verified", "looked-up", decision(), office=VERIFIED),
    holds("figures_verified", "item-2", under_2()),
    breaks(
        "text_standard_used",
        "national-table",
        decision(),
        "figures_verified",
        office=Office.parse('[settings]\nstandard = "national_table"'),
    ),
    breaks(
        "text_standard_used",
        "law-on-the-day",
        decision(),
        "figures_verified",
        office=Office.parse('[settings]\ndeduction_basis = "law_on_application_date"'),
    ),
    holds("text_standard_used", "text", decision(), office=VERIFIED),
]

# By hand: n, income limit and asset limit in whole yen of fiscal years 2021 to 2025, and from 2026 on.
LIMITS = (
    (1, 109_500, 465_000, 117_833, 515_000),
    (2, 152_833, 689_000, 161_166, 739_000),
    (3, 180_166, 829_000, 188_500, 879_000),
    (4, 203_500, 969_000, 211_833, 1_019_000),
    (5, 226_833, 1_109_000, 235_166, 1_159_000),
    (6, 253_166, 1_249_000, 261_500, 1_299_000),
    (7, 281_500, 1_389_000, 289_833, 1_439_000),
)
DANGLING = "deduction_reference_sound"


def _limits() -> list[Witness]:
    found = []
    for size, income, assets, income_2026, assets_2026 in LIMITS:
        for when, (most, savings), also in (
            ("2025-07-01", (income, assets), ()),
            ("2026-06-30", (income, assets), ()),
            ("2026-07-01", (income_2026, assets_2026), (DANGLING,)),
        ):
            others, why = household(size), f"{size}-persons-{when}"
            for amount, judge in ((most, kept), (most + 1, decided)):
                story = applied_on(when, household=others, income=amount)
                found.append(judge("income_within_limit", f"{why}-{amount}", story, *also))
            for amount, judge in ((savings, kept), (savings + 1, decided)):
                story = applied_on(when, household=others, assets=(asset(amount),))
                found.append(judge("assets_within_limit", f"{why}-{amount}", story, *also))
    return found


MEANS = [
    *_limits(),
    kept("income_within_limit", "both-years-alike-june", applied_on("2021-06-30", income=109_500)),
    decided("income_within_limit", "both-years-alike-june", applied_on("2021-06-30", income=109_501)),
    kept("income_within_limit", "both-years-alike-july", applied_on("2021-07-01", income=109_500)),
    decided("income_within_limit", "both-years-alike-july", applied_on("2021-07-01", income=109_501)),
    decided("income_within_limit", "december-2025-not-the-new-deduction", applied_on("2025-12-10", income=109_501)),
    kept("income_within_limit", "item-2", under_2(income=109_501)),
    decided(
        "income_within_limit",
        "member-of-another-household",
        decision(income=109_501, household=(member(same_household=False, tax_dependant=False),)),
    ),
    kept(
        "income_within_limit",
        "dependant-elsewhere",
        decision(income=109_500, household=(member(same_household=False),)),
        "levy_size_of_dependants",
    ),
    decided(
        "income_within_limit",
        "dependant-elsewhere",
        decision(income=109_501, household=(member(same_household=False),)),
        "levy_size_of_dependants",
    ),
    kept(
        "income_within_limit",
        "not-a-dependant",
        decision(income=152_833, household=(member(tax_dependant=False),)),
        "levy_size_of_dependants",
    ),
    decided(
        "income_within_limit",
        "not-a-dependant",
        decision(income=152_834, household=(member(tax_dependant=False),)),
        "levy_size_of_dependants",
    ),
    kept(
        "income_within_limit",
        "levy-for-one-rent-for-two",
        decision(income=115_500, household=household(2), levy_size=1, size_reason="扶養していない"),
    ),
    decided(
        "income_within_limit",
        "levy-for-one-rent-for-two",
        decision(income=115_501, household=household(2), levy_size=1, size_reason="扶養していない"),
    ),
    decided(
        "assets_within_limit",
        "levy-for-two",
        decision(assets=(asset(689_001),), levy_size=2, size_reason="別居の子を扶養"),
    ),
    kept(
        "assets_within_limit",
        "levy-for-two",
        decision(assets=(asset(689_000),), levy_size=2, size_reason="別居の子を扶養"),
    ),
    decided(
        "assets_within_limit",
        "summed",
        decision(assets=savings(100_001)),
    ),
    kept(
        "assets_within_limit",
        "summed",
        decision(assets=savings(100_000)),
    ),
    kept("assets_within_limit", "none", decision(assets=())),
    kept("assets_within_limit", "item-2", under_2(assets=(asset(465_001),))),
]

WITNESSES = [*CHART, *FORMS, *APPLICATION, *ASSESSMENT, *MEANS]
