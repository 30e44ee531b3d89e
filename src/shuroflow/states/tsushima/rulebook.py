"""対馬市生活困窮者等就労準備支援事業実施要綱 as a table: read it beside the text, article by article."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources

from shuroflow.clauses import load
from shuroflow.states.chart import Edition
from shuroflow.states.editions import Programme
from shuroflow.states.judgement import Wording
from shuroflow.states.rows import Lapse, Row
from shuroflow.states.rule_table import RuleTable
from shuroflow.states.tsushima import folds as f
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.states.tsushima.guards.application import (
    after_discontinuation,
    both_forms,
    no_running_period,
    prior_use_counted,
    received_after_application,
    received_in_same_year,
)
from shuroflow.states.tsushima.guards.eligibility import (
    applicant_in_city,
    assessed_after_receipt,
    assessed_before_decision,
    assets_of_the_day,
    assets_within_limit,
    deduction_reference_sound,
    figures_known,
    figures_verified,
    gang_member_under_item_2,
    gang_membership_checked,
    housing_for_owner,
    income_of_the_month,
    income_within_limit,
    insurance_flagged,
    levy_size_of_dependants,
    no_gang_member,
    nobody_a_gang_member,
    person_of_either_class,
    recipient_in_city,
    recognition_documented,
    size_explained,
    text_standard_used,
)
from shuroflow.states.tsushima.guards.papers import decided_by_director, form_edition, right_form
from shuroflow.states.tsushima.guards.use import (
    any_ground,
    approval_notified_first,
    both_items_lost,
    consultation_refused,
    consultation_user,
    continuation_reason_given,
    days_left,
    disruption_and_guidance,
    effect_not_before_decision,
    eligibility_lost,
    employed_and_self_supporting,
    notified_after_decision,
    period_not_empty,
    plan_before_review,
    plan_complete,
    self_support_by_director,
    serves_an_issue,
    settle,
    start_after_application,
    start_not_backdated,
    start_not_moved,
    starts_within_period,
    support_by_officer,
    whereabouts_searched,
    within_period_of_use,
)
from shuroflow.states.tsushima.guards.workplaces import (
    agreement_in_force,
    attendance_attached,
    claim_id_unused,
    claim_on_record,
    claim_within_payable,
    claimed_days_attended,
    claimed_in_time,
    confirmed_before_trial,
    covered_against_damage,
    days_in_order,
    due_day_known,
    honorarium_agreed,
    open_claim_returned,
    paid_as_claimed,
    paid_on_moved_day,
    paid_within_thirty_days,
    trial_days_in_use,
    voluntary_and_agreed,
)
from shuroflow.vocabulary import State

NEW, CANDIDATE, SELECTED, IN_SUPPORT = State.NEW, State.CANDIDATE, State.SELECTED, State.IN_SUPPORT
EXTENDED, ENDED, DISCONTINUED, DECLINED = State.EXTENDED, State.ENDED, State.DISCONTINUED, State.DECLINED

IN_USE = {IN_SUPPORT, EXTENDED}  # 延長 is not of this text, but a record may claim it
USED = {*IN_USE, ENDED, DISCONTINUED}
OPEN = {CANDIDATE, SELECTED, *IN_USE}

LADDER = {
    CANDIDATE: "第5条第1項",
    SELECTED: "第5条第2項",
    IN_SUPPORT: "第6条第1項",
    EXTENDED: "第6条第1項",
    ENDED: "第6条第1項",
    DISCONTINUED: "第7条第1項",
}

# fmt: off
ROWS = (
    # 第5条 申込みと決定 (第4条の要件は決定のときに見る)
    Row("applied", "第5条第1項", sources={NEW}, dest=CANDIDATE, fold=f.applied, place="T-23",
        guards=(both_forms, form_edition, received_after_application, received_in_same_year,
                no_running_period, after_discontinuation, prior_use_counted)),
    Row("application_withdrawn", "第5条第1項", sources={CANDIDATE}, dest=DECLINED, fold=f.application_withdrawn,
        place="T-32"),
    Row("assessed", "第5条第2項", sources=OPEN, fold=f.assessed,  # 第7条第1項第1号 may call for another one during use
        guards=(assessed_after_receipt,)),
    Row("use_approved", "第5条第2項", sources={CANDIDATE}, dest=SELECTED, fold=f.use_approved,
        guards=(decided_by_director, assessed_before_decision,
                recipient_in_city, applicant_in_city, person_of_either_class,
                income_of_the_month, income_within_limit, assets_of_the_day, assets_within_limit,
                no_gang_member, nobody_a_gang_member, gang_membership_checked, figures_known,
                recognition_documented, gang_member_under_item_2,
                deduction_reference_sound, housing_for_owner, insurance_flagged,
                size_explained, levy_size_of_dependants, figures_verified, text_standard_used)),
    Row("approval_notified", "第5条第3項", sources={SELECTED, *IN_USE}, fold=f.approval_notified,
        guards=(right_form, form_edition, notified_after_decision,
                period_not_empty, start_after_application, start_not_backdated, start_not_moved, days_left)),
    Row("use_rejected", "第5条第2項", sources={CANDIDATE}, dest=DECLINED, fold=f.use_rejected,
        guards=(decided_by_director, assessed_before_decision)),
    Row("rejection_notified", "第5条第4項", sources={DECLINED}, fold=f.rejection_notified,
        guards=(right_form, form_edition, notified_after_decision)),

    # 第6条 利用期間
    Row("use_started", "第6条第1項", sources={SELECTED}, dest=IN_SUPPORT, fold=f.use_started,
        guards=(approval_notified_first, starts_within_period)),
    Row("use_started", "第6条第1項", sources={IN_SUPPORT}, fold=f.use_started,
        guards=(approval_notified_first, starts_within_period)),
    Row("employment_started", "第6条第2項", sources=OPEN | {ENDED, DISCONTINUED}, fold=f.employment_started,
        place="T-24"),
    Row("self_support_recognised", "第6条第2項", sources=IN_USE, dest=ENDED, fold=f.self_support_recognised,
        guards=(employed_and_self_supporting, self_support_by_director)),
    Row("extended", "第6条第1項", dest=EXTENDED, absent="no_extension"),  # claims a state; the period stays (T-22)

    # 第7条 利用の中止
    Row("incident_recorded", "第7条第1項", sources=OPEN, fold=f.incident_recorded, place="T-28"),
    Row("discontinued", "第7条第1項", sources={SELECTED, *IN_USE}, dest=DISCONTINUED, fold=f.discontinued,
        guards=(decided_by_director, any_ground, within_period_of_use, effect_not_before_decision,
                eligibility_lost, both_items_lost, disruption_and_guidance,
                consultation_refused, consultation_user, whereabouts_searched, continuation_reason_given)),
    Row("discontinuation_notified", "第7条第2項", sources={DISCONTINUED}, fold=f.discontinuation_notified,
        guards=(right_form, form_edition, notified_after_decision)),

    # 第8条 担当者の担務
    Row("plan_made", "第8条第1項第1号", sources={SELECTED, *IN_USE}, fold=f.plan_made, place="T-34",
        guards=(right_form, form_edition, plan_complete)),
    Row("plan_reviewed", "第8条第1項第2号", sources=IN_USE, fold=f.plan_reviewed,
        guards=(right_form, form_edition, plan_before_review)),
    Row("activity_recorded", "第8条第2項", turn=1, sources=IN_USE,
        guards=(support_by_officer, serves_an_issue)),

    # 第9条 職場見学・体験就労
    Row("agreement_made", "第9条第2項", sources=OPEN, fold=f.agreement_made, place="T-36",
        guards=(right_form, form_edition, days_in_order, honorarium_agreed)),
    Row("coverage_arranged", "第9条第3項", sources=OPEN, fold=f.coverage_arranged, place="T-36",
        guards=(days_in_order,)),
    Row("coordination_recorded", "第9条第5項", sources={SELECTED, *USED}, fold=f.coordination_recorded, place="T-36"),
    Row("workplace_visited", "第8条第2項第3号", turn=1, sources=IN_USE, fold=f.workplace_visited,
        guards=(agreement_in_force, covered_against_damage)),
    Row("trial_confirmed", "第9条第6項", sources={SELECTED, *IN_USE}, fold=f.trial_confirmed,
        guards=(right_form, form_edition, voluntary_and_agreed)),
    Row("trial_started", "第9条第6項", turn=1, sources=IN_USE, fold=f.trial_started,
        guards=(agreement_in_force, covered_against_damage, confirmed_before_trial)),
    Row("attendance_recorded", "第9条第6項中段", turn=2, sources=USED, fold=f.attendance_recorded,
        guards=(right_form, form_edition, agreement_in_force, covered_against_damage,
                confirmed_before_trial, trial_days_in_use)),
    Row("wages_paid", "第9条第4項", sources=USED, fold=f.wages_paid),

    # 第10条 実績報告及び請求
    Row("claim_received", "第10条第1項", turn=3, sources=USED, fold=f.claim_received,
        guards=(right_form, form_edition, attendance_attached, claim_id_unused, claimed_days_attended,
                claim_within_payable, claimed_in_time)),
    Row("claim_returned", "第10条第1項", turn=3, sources=USED, fold=f.claim_returned,
        guards=(open_claim_returned,)),
    Row("claim_paid", "第10条第2項", turn=4, sources=USED, fold=f.claim_paid,
        guards=(claim_on_record, claim_within_payable, paid_within_thirty_days, due_day_known,
                paid_on_moved_day, paid_as_claimed)),

    # この要綱にない出来事
    Row("consented", "第5条第1項", absent="no_consent"),
    Row("assistance_abolished", "第4条", fold=f.claims_abolition, absent="no_aftercare"),
)
# fmt: on


@cache
def programme() -> Programme:
    """The programme, built once: its only edition on hand is in force from 2021-06-28 (令和3年6月28日)."""
    clauses = load("tsushima")
    text = resources.files(__package__).joinpath("rules.toml").read_text(encoding="utf-8")
    edition = Edition(
        clauses=clauses,
        rules=RuleTable.parse(text, clauses),
        rows=ROWS,
        ladder=LADDER,
        in_force_from=date(2021, 6, 28),
        new_case=lambda case_id: TsushimaCase(case_id, "tsushima"),
        settle=settle,
        by_itself=(
            Lapse(SELECTED, IN_SUPPORT, "第6条第1項", Wording(ja="通知した利用開始日", en="notified first day")),
            Lapse(IN_SUPPORT, ENDED, "第6条第1項", Wording(ja="3月31日の満了", en="31 March")),
        ),
    )
    return Programme(
        code="tsushima",
        title_ja=clauses.title,
        title_en="Tsushima City: employment preparation support",
        editions=(edition,),
    )
