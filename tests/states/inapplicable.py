"""Rules that do not apply, and the facts for which they do not: for each a story that shows it.

A reason is named as in the programme's ``reasons``. Most stories are those of a witness of the tests beside;
:data:`TOLD` adds records that leave steps out, :data:`ALONE` cases of which nothing but what is given is known.
"""

from __future__ import annotations

from datetime import date

import attrs

from shuroflow.events import Event
from shuroflow.events import saitama as s
from shuroflow.events import tsushima as t
from shuroflow.states.saitama.case import SaitamaCase
from shuroflow.states.tsushima.case import TsushimaCase
from tests.states import saitama_stories as saitama
from tests.states import tsushima_stories as tsushima
from tests.states.saitama_witnesses_later import training
from tests.states.story import DIRECTOR, ES, OFFICER, Story

SAITAMA = {
    "class_i_reason": {
        "NO_RECOGNITION": "ledger_consulted-breaks-not-looked-at",
    },
    "target_class_a_facts": {
        "NOT_CLASS_A": "target_class_a_facts-holds-class-i-needs-none",
    },
    "target_class_i_recognised": {
        "NOT_CLASS_I": "target_class_i_recognised-holds-class-a-needs-none",
    },
    "abolished_before_support": {
        "NOT_FOR_ABOLITION": "not_in_the_text-breaks-consent_refused",
        "NOT_SELECTED": "abolished_before_support-holds-only-listed",
    },
    "goals_replaced_in_steps": {
        "NOT_UNDER_WAY": "goals_replaced_in_steps-holds-before-support",
    },
    "start_after_consent": {
        "FIRST_DAY_NOT_RECORDED": "start_day_recorded-breaks-not-recorded",
    },
    "start_after_decision": {
        "BEFORE_CONSENT": "start_after_consent-breaks-one-day-early",
        "FIRST_DAY_NOT_RECORDED": "start_day_recorded-breaks-not-recorded",
    },
    "contract_covers_day": {
        "OWN_STAFF": "contract_covers_day-holds-own-employee-without-contract",
        "NO_SPECIALIST": "support_after_start-breaks-not-begun",
    },
    "target_still_stands": {
        "APPLICATION_NOT_FAILED": "target_still_stands-holds-granted",
        "FAILED_LATER": "target_still_stands-holds-extension-before",
    },
    "support_within_period": {
        "BEFORE_PERIOD": "support_after_consent-breaks-one-day-early",
        "NO_PERIOD": "support_after_start-breaks-not-begun",
    },
    "support_after_start": {
        "BEFORE_CONSENT": "support_after_consent-breaks-one-day-early",
    },
    "long_goals_achieved": {
        "NO_GOAL_ACHIEVED": "goal_achieved-breaks-never-evaluated",
    },
    "extension_consulted_first": {
        "CONSULTATION_DAY_NOT_RECORDED": "extended_before_the_end-breaks-one-day-late",
    },
    "placement_authority": {
        "WITHOUT_CONTRACT": "placement_authority-holds-no-employment-contract",
    },
    "authority_of_employer": {
        "NO_AUTHORITY": "placement_authority-breaks-none",
        "WITHOUT_CONTRACT": "authority_of_employer-holds-no-employment-contract",
    },
    "need_judged": {
        "NOT_THROUGH_OWN_EMPLOYMENT": "need_judged-holds-household_income",
    },
    "support_ended_by_goal": {
        "THROUGH_OWN_EMPLOYMENT": "support_ended_by_goal-holds-own-employment",
        "BY_DEATH": "support_ended_by_goal-holds-death",
    },
    "agency_after_employment": {
        "NOTHING_OWED_AFTER_EMPLOYMENT": "agency_after_employment-holds-not-owed",
    },
    "agency_unfinished": {
        "NOTHING_OWED_UNFINISHED": "agency_unfinished-holds-nothing-owed",
    },
    "attempt_after_employment": {
        "NOTHING_OWED_AFTER_EMPLOYMENT": "agency_after_employment-holds-not-owed",
    },
    "attempt_unfinished": {
        "NOTHING_OWED_UNFINISHED": "agency_after_employment-breaks-alone",
    },
    "sharing_consented": {
        "NOTHING_SHARED": "sharing_consented-holds-not-shared",
    },
}

TSUSHIMA = {
    "form_edition": {
        "BEFORE_NEW_FORMS": "form_edition-holds-day-of-the-change",
        "EDITION_NOT_RECORDED": "form_edition-holds-edition-not-recorded",
        "NO_PAPER": "both_forms-breaks-none",
    },
    "received_after_application": {
        "RECEIPT_DAY_NOT_RECORDED": "received_after_application-holds-not-recorded-apart",
    },
    "received_in_same_year": {
        "RECEIPT_DAY_NOT_RECORDED": "after_discontinuation-breaks-discontinued",
    },
    "no_running_period": {
        "NO_EARLIER_PERIOD": "both_forms-breaks-form-1-missing",
        "NO_PERIOD_RAN": "no_running_period-holds-rejected-no-end-known",
        "LAST_DAY_NOT_RECORDED": "no_running_period-holds-expired-no-end-known",
    },
    "after_discontinuation": {
        "NO_EARLIER_OUTCOME": "both_forms-breaks-form-1-missing",
    },
    "prior_use_counted": {
        "NO_EARLIER_MONTHS": "prior_use_counted-holds-none",
    },
    "recipient_in_city": {
        "CONSULTATION_APPLICANT": "applicant_in_city-breaks-elsewhere",
    },
    "applicant_in_city": {
        "NOT_CONSULTATION_APPLICANT": "assessed_before_decision-breaks-day-after",
    },
    "income_of_the_month": {
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "income_of_the_month-holds-item-2",
    },
    "income_within_limit": {
        "NOT_CALCULATED": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "income_within_limit-holds-item-2",
        "FIGURE_MISSING": "figures_known-breaks-day-after-the-last-year",
    },
    "assets_of_the_day": {
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "assets_of_the_day-holds-item-2",
    },
    "assets_within_limit": {
        "NOT_CALCULATED": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "assets_within_limit-holds-item-2",
        "FIGURE_MISSING": "figures_known-breaks-day-after-the-last-year",
    },
    "no_gang_member": {
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "assets_of_the_day-holds-item-2",
        "MEMBERSHIP_NOT_CONFIRMED": "gang_membership_checked-breaks-applicant-unknown",
    },
    "nobody_a_gang_member": {
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "assets_of_the_day-holds-item-2",
        "ALL_MEMBERS": "no_gang_member-breaks-alone",
        "MEMBERSHIP_NOT_CONFIRMED": "gang_membership_checked-breaks-member-unknown",
    },
    "gang_membership_checked": {
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "gang_membership_checked-holds-item-2",
    },
    "figures_known": {
        "NOT_CALCULATED": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "figures_known-holds-item-2",
    },
    "recognition_documented": {
        "NOT_BY_ITEM_2": "recognition_documented-holds-item-1-needs-none",
    },
    "gang_member_under_item_2": {
        "MEMBERSHIP_NOT_RECORDED": "gang_member_under_item_2-holds-not-checked",
        "NOT_BY_ITEM_2": "applicant_in_city-breaks-elsewhere",
    },
    "deduction_reference_sound": {
        "NOT_CALCULATED": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "deduction_reference_sound-holds-item-2",
        "FIGURE_MISSING": "figures_known-breaks-day-after-the-last-year",
    },
    "housing_for_owner": {
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "housing_for_owner-holds-item-2",
    },
    "insurance_flagged": {
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "insurance_flagged-holds-item-2",
    },
    "size_explained": {
        "HOUSEHOLD_COUNTED": "size_explained-holds-as-it-is",
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "size_explained-holds-item-2",
    },
    "levy_size_of_dependants": {
        "NO_ASSESSMENT": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "levy_size_of_dependants-holds-item-2",
        "FIGURE_MISSING": "figures_known-breaks-day-after-the-last-year",
        "LEVY_SIZE_GIVEN": "levy_size_of_dependants-holds-another-number-given",
    },
    "figures_verified": {
        "NOT_CALCULATED": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "figures_verified-holds-item-2",
        "FIGURE_MISSING": "figures_known-breaks-day-after-the-last-year",
    },
    "text_standard_used": {
        "NOT_CALCULATED": "assessed_before_decision-breaks-none",
        "NOT_BY_ITEM_1": "text_standard_used-holds-item-2",
        "FIGURE_MISSING": "figures_known-breaks-day-after-the-last-year",
    },
    "start_not_backdated": {
        "BEFORE_APPLICATION": "start_after_application-breaks-day-before",
    },
    "start_not_moved": {
        "NOT_NOTIFIED": "start_not_moved-holds-first-notice",
        "NOT_IN_USE": "start_not_moved-holds-day-before",
    },
    "days_left": {
        "EMPTY_PERIOD": "period_not_empty-breaks-1-april",
    },
    "starts_within_period": {
        "NOT_NOTIFIED": "approval_notified_first-breaks-again-without-notice",
    },
    "eligibility_lost": {
        "NOT_GROUND_1": "eligibility_lost-holds-other-ground",
    },
    "both_items_lost": {
        "NOT_GROUND_1": "both_items_lost-holds-another-ground",
        "NO_FAILED_ITEM": "eligibility_lost-breaks-not-said",
    },
    "disruption_and_guidance": {
        "NOT_GROUND_2": "any_ground-breaks-none",
    },
    "consultation_refused": {
        "NOT_GROUND_3": "any_ground-breaks-none",
    },
    "consultation_user": {
        "NOT_GROUND_3": "any_ground-breaks-none",
    },
    "whereabouts_searched": {
        "NOT_GROUND_4": "any_ground-breaks-none",
    },
    "continuation_reason_given": {
        "NOT_GROUND_5": "any_ground-breaks-none",
    },
    "serves_an_issue": {
        "NO_PLAN": "serves_an_issue-holds-plan-not-made-yet",
    },
    "agreement_in_force": {
        "NO_DAYS": "confirmed_before_trial-holds-sheet-without-a-day",
    },
    "covered_against_damage": {
        "NO_DAYS": "confirmed_before_trial-holds-sheet-without-a-day",
    },
    "confirmed_before_trial": {
        "NO_DAYS": "confirmed_before_trial-holds-sheet-without-a-day",
    },
    "trial_days_in_use": {
        "NO_DAYS": "confirmed_before_trial-holds-sheet-without-a-day",
    },
    "claim_within_payable": {
        "NO_CLAIM": "claim_on_record-breaks-given-back",
    },
    "claimed_in_time": {
        "NO_DAYS": "claimed_days_attended-breaks-no-days",
    },
    "paid_within_thirty_days": {
        "NO_CLAIM": "claim_on_record-breaks-given-back",
        "CALENDAR_ENDS": "due_day_known-breaks-day-after-the-thirtieth",
    },
    "due_day_known": {
        "NO_CLAIM": "claim_on_record-breaks-given-back",
        "PAID_BY_DUE_DAY": "due_day_known-holds-thirtieth",
    },
    "paid_on_moved_day": {
        "NO_CLAIM": "claim_on_record-breaks-given-back",
        "PAID_LATE": "paid_within_thirty_days-breaks-2026-04-01-late",
        "CALENDAR_ENDS": "due_day_known-breaks-day-after-the-thirtieth",
    },
    "paid_as_claimed": {
        "NO_CLAIM": "claim_on_record-breaks-given-back",
    },
}

SHOWN: dict[str, dict[str, dict[str, str]]] = {"saitama": SAITAMA, "tsushima": TSUSHIMA}
"""Programme → rule → reason → id of a witness whose last event the rule does not reach."""

_CONSENT = saitama.COURSE["consented"].data
_START = saitama.COURSE["support_started"].data
_EXTENDED = s.Extended(attendees=saitama.THREE)


def _unperiodic() -> Story:
    """An extension that nothing went before, and that ends before it begins: support is claimed, and no day of it."""
    return saitama.course("listed").on("2025-04-10", attrs.evolve(_EXTENDED, new_end=date(2025, 4, 9)))


def _unapplied() -> Story:
    """A case of 対馬 that nobody applied for."""
    return Story("tsushima", recorder=OFFICER)


_UNNOTICED = _unapplied().on("2025-07-01", t.UseStarted(officer=OFFICER)).on("2025-07-02", tsushima.NOTIFIED)

TOLD: tuple[tuple[str, str, Story], ...] = (
    ("consent_after_selection", "NOT_SELECTED", saitama.course("listed").each(("2025-04-14", "2025-04-15"), _CONSENT)),
    (
        "support_after_consent",
        "NO_CONSENT",
        saitama.course("listed").on("2025-04-15", _START).on("2025-04-22", saitama.VISIT, by=ES),
    ),
    ("extended_before_the_end", "NO_PERIOD", _unperiodic().on("2025-04-11", _EXTENDED)),
    ("new_end_is_later", "NO_PERIOD", _unperiodic().on("2025-04-11", _EXTENDED)),
    ("authority_of_employer", "NO_SPECIALIST", training(story=_unperiodic())),
    (
        "assessed_after_receipt",
        "NO_RECEIPT",
        _unapplied().on("2025-06-20", tsushima.APPROVED).on("2025-06-25", tsushima.ASSESSED),
    ),
    (
        "gang_member_under_item_2",
        "NO_ASSESSMENT",
        tsushima.course("use_approved", assessed=None, use_approved=tsushima.RECOGNISED),
    ),
    ("notified_after_decision", "NO_DECISION", _UNNOTICED),
    ("start_not_backdated", "NEITHER_APPROVED_NOR_REJECTED", _UNNOTICED),
    (  # a decision is on record, and none on an application
        "start_not_backdated",
        "NEITHER_APPROVED_NOR_REJECTED",
        _unapplied()
        .on("2025-07-01", t.UseStarted(officer=OFFICER))
        .on("2025-07-02", t.Discontinued(decided_by=DIRECTOR, grounds=(t.Ground("4"),)))
        .on("2025-07-02", tsushima.NOTIFIED),
    ),
    ("period_not_empty", "NO_APPLICATION", _UNNOTICED),
    ("start_after_application", "NO_APPLICATION", _UNNOTICED),
    ("days_left", "NO_APPLICATION", _UNNOTICED),
    (
        "starts_within_period",
        "NO_APPLICATION",
        _unapplied()
        .on("2025-06-20", tsushima.APPROVED)
        .on("2025-06-20", tsushima.NOTIFIED)
        .on("2025-07-01", t.UseStarted(officer=OFFICER)),
    ),
)
"""Rule, reason, and a record that leaves out what the rule needs."""


_UNKNOWN = SaitamaCase("case-1", "saitama")
_ASSESSED = TsushimaCase("case-1", "tsushima", assessment=tsushima.ASSESSED)
_SELECTED, _STARTED = (saitama.course(upto).last for upto in ("selected", "support_started"))
_ABOLISHED = saitama.course("listed").on("2025-06-01", s.AssistanceAbolished(cause=s.AbolitionCause.WAIVED)).last
_APPROVED = tsushima.course("use_approved").last

ALONE: tuple[tuple[str, str, SaitamaCase | TsushimaCase, Event], ...] = (
    ("selected_after_listing", "NOT_LISTED", _UNKNOWN, _SELECTED),
    ("decision_day_recorded", "NO_CONSENT", _UNKNOWN, _STARTED),
    ("start_after_consent", "NO_CONSENT", _UNKNOWN, _STARTED),
    ("start_after_decision", "NO_DECISION", _UNKNOWN, _STARTED),
    ("support_ended_by_goal", "SUPPORT_NOT_ENDED", _UNKNOWN, _ABOLISHED),
    ("income_of_the_month", "NO_APPLICATION", _ASSESSED, _APPROVED),
    ("assets_of_the_day", "NO_APPLICATION", _ASSESSED, _APPROVED),
)
"""Rule, reason, a case of which nothing else is known, and an event: no record leads there, but a plug-in may ask."""
