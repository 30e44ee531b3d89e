"""埼玉県就労支援専門員事業実施要綱 as a table: read it beside the text, clause by clause."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources

from shuroflow.clauses import load
from shuroflow.events import Event
from shuroflow.events.saitama import AbolitionCause
from shuroflow.states.chart import Edition
from shuroflow.states.editions import Programme
from shuroflow.states.rows import Row
from shuroflow.states.rule_table import RuleTable
from shuroflow.states.saitama import folds as f
from shuroflow.states.saitama.case import SaitamaCase
from shuroflow.states.saitama.guards.aftercare import (
    agency_after_employment,
    agency_unfinished,
    attempt_after_employment,
    attempt_unfinished,
    authority_of_employer,
    need_judged,
    not_by_death,
    placement_authority,
    provider_certified,
    sharing_consented,
    support_ended_by_goal,
    suspension_goes_on,
    training_arranged_by_specialist,
    training_recognised_first,
)
from shuroflow.states.saitama.guards.meetings import (
    conference_evaluates,
    conference_parties,
    extension_consulted,
    one_person_one_role,
    specialist_at_extension,
    three_parties_consulted,
)
from shuroflow.states.saitama.guards.selection import (
    abolished_before_support,
    class_i_reason,
    consent_after_selection,
    consent_in_writing,
    consent_stands,
    consent_to_both,
    contract_covers_day,
    decision_after_consent,
    decision_day_recorded,
    goals_after_decision,
    goals_of_both_horizons,
    goals_replaced_in_steps,
    ledger_consulted,
    listed_by_caseworker,
    not_in_the_text,
    selected_after_listing,
    specialist_qualified,
    start_after_consent,
    start_after_decision,
    start_day_recorded,
    target_class_a_facts,
    target_class_i_recognised,
    target_still_stands,
)
from shuroflow.states.saitama.guards.support import (
    basic_period,
    change_after_evaluation,
    consent_not_withdrawn,
    end_known_to_the_text,
    evaluates_known_goals,
    extended_before_the_end,
    extension_consulted_first,
    first_period_forward,
    goal_achieved,
    goal_change_steps,
    long_goals_achieved,
    new_end_is_later,
    outside_end_documented,
    settle,
    support_after_consent,
    support_after_start,
    support_by_specialist,
    support_within_period,
)
from shuroflow.vocabulary import State

NEW, CANDIDATE, SELECTED, CONSENTED = State.NEW, State.CANDIDATE, State.SELECTED, State.CONSENTED
IN_SUPPORT, EXTENDED, ENDED = State.IN_SUPPORT, State.EXTENDED, State.ENDED
AFTERCARE, DECLINED, DISCONTINUED = State.AFTERCARE, State.DECLINED, State.DISCONTINUED

BEFORE_SUPPORT = {CANDIDATE, SELECTED, CONSENTED}
SUPPORTED = {IN_SUPPORT, EXTENDED}
OPEN = BEFORE_SUPPORT | SUPPORTED

LADDER = {
    CANDIDATE: "4(1)①",
    SELECTED: "4(1)②",
    CONSENTED: "4(1)④",
    IN_SUPPORT: "4(1)⑤",
    EXTENDED: "4(5)但書",
    ENDED: "4(4)",
    AFTERCARE: "6(1)",
}


def _more_needed(case: SaitamaCase, event: Event) -> bool:
    """6(1) reaches a case that has ended only through own employment, where more support is needed."""
    return event.data.cause is AbolitionCause.OWN_EMPLOYMENT and event.data.need is True


def _nothing_needed(case: SaitamaCase, event: Event) -> bool:
    return not _more_needed(case, event)


# fmt: off
ROWS = (
    # 3(1) 支援対象者
    Row("application_resolved", "3(1)ア", sources=OPEN, fold=f.application_resolved),
    Row("target_recognised", "3(1)イ", sources=OPEN, fold=f.target_recognised,
        guards=(class_i_reason,)),

    # 4(1) 選定及び同意
    Row("listed", "4(1)①", sources={NEW}, dest=CANDIDATE, fold=f.listed, place="S-27",
        guards=(listed_by_caseworker,)),
    Row("selected", "4(1)②", sources={CANDIDATE}, dest=SELECTED, fold=f.selected,
        guards=(three_parties_consulted, one_person_one_role, selected_after_listing,
                target_class_a_facts, target_class_i_recognised, class_i_reason, ledger_consulted)),
    Row("declined", "4(1)②", sources=BEFORE_SUPPORT, dest=DECLINED, fold=f.declined,
        guards=(not_in_the_text, abolished_before_support)),
    Row("consented", "4(1)④", sources={SELECTED}, dest=CONSENTED, fold=f.consented,
        guards=(consent_to_both, consent_after_selection, consent_in_writing)),
    Row("consented", "4(1)④", sources={CONSENTED, *SUPPORTED}, fold=f.consented,
        guards=(consent_to_both, consent_after_selection, consent_in_writing)),
    Row("consent_withdrawn", "4(1)④", sources={CONSENTED, *SUPPORTED}, fold=f.consent_withdrawn, place="S-05"),
    Row("support_decided", "4(1)⑤", sources={SELECTED, CONSENTED}, fold=f.support_decided,
        guards=(decision_after_consent,)),
    Row("goals_set", "4(1)⑤", sources={SELECTED, CONSENTED, *SUPPORTED}, fold=f.goals_set,
        guards=(goals_after_decision, goals_replaced_in_steps)),
    Row("support_started", "4(1)⑤", sources={CONSENTED}, dest=IN_SUPPORT, fold=f.support_started,
        guards=(consent_stands, goals_of_both_horizons, start_after_consent, start_after_decision,
                specialist_qualified, contract_covers_day, target_still_stands,
                start_day_recorded, decision_day_recorded, basic_period, first_period_forward)),

    # 4(2) 就労支援の実施
    Row("activity_recorded", "4(2)", sources={CONSENTED, *SUPPORTED}, fold=f.activity_recorded, turn=1,
        guards=(support_by_specialist, support_after_consent, support_within_period, support_after_start,
                consent_not_withdrawn, contract_covers_day, target_still_stands)),

    # 4(3) 到達度評価
    Row("evaluated", "4(3)", sources=SUPPORTED, fold=f.evaluated,
        guards=(evaluates_known_goals,)),
    Row("goals_changed", "4(3)変更", sources=SUPPORTED, fold=f.goals_changed,
        guards=(goal_change_steps, change_after_evaluation)),

    # 4(4) 目標の達成
    Row("ended", "4(4)", sources=SUPPORTED, dest=ENDED, fold=f.ended,
        guards=(goal_achieved, long_goals_achieved)),
    Row("ended_outside", "4(4)", sources=SUPPORTED, dest=ENDED, fold=f.ended_outside, place="S-06",
        guards=(end_known_to_the_text, outside_end_documented)),
    Row("discontinued", "4(4)", dest=DISCONTINUED, fold=f.discontinued, absent="no_discontinuation"),

    # 4(5) 支援の期間
    Row("extended", "4(5)但書", sources=SUPPORTED, dest=EXTENDED, fold=f.extended, counts_from="consulted_on",
        guards=(extension_consulted, extension_consulted_first, specialist_at_extension, one_person_one_role,
                extended_before_the_end, new_end_is_later, target_still_stands)),

    # 4(6) カンファレンス, 4(7) その他
    Row("conference_held", "4(6)", sources=SUPPORTED,
        guards=(conference_parties, one_person_one_role, conference_evaluates)),
    Row("advice_given", "4(7)前段", sources=OPEN),

    # 5 就労訓練事業の利用
    Row("training_recognised", "5①", sources=OPEN - {CANDIDATE}, fold=f.training_recognised),
    Row("training_used", "5②", sources=SUPPORTED, turn=1,
        guards=(training_recognised_first, training_arranged_by_specialist, provider_certified,
                placement_authority, authority_of_employer,
                support_after_consent, support_within_period, support_after_start,
                consent_not_withdrawn, contract_covers_day, target_still_stands)),

    # 6 生活保護廃止後の支援
    Row("assistance_suspended", "6(2)", sources=OPEN, fold=f.assistance_suspended, place="S-26",
        guards=(suspension_goes_on,)),
    Row("assistance_abolished", "6(1)", sources=SUPPORTED, dest=AFTERCARE, fold=f.assistance_abolished, place="S-20",
        guards=(need_judged, not_by_death)),
    Row("assistance_abolished", "6(1)", sources={ENDED}, dest=AFTERCARE, fold=f.assistance_abolished,
        when=_more_needed),
    Row("assistance_abolished", "6(1)", sources={ENDED}, fold=f.assistance_abolished,
        when=_nothing_needed, guards=(need_judged, support_ended_by_goal)),
    Row("information_given", "6(1)", sources={AFTERCARE, ENDED}, fold=f.information_given, turn=1, place="S-22",
        guards=(agency_after_employment, agency_unfinished, attempt_after_employment, attempt_unfinished,
                sharing_consented)),
)
# fmt: on


@cache
def programme() -> Programme:
    """The programme, built once: its only edition on hand applies from 2021-04-01 (令和3年4月1日)."""
    clauses = load("saitama")
    text = resources.files(__package__).joinpath("rules.toml").read_text(encoding="utf-8")
    edition = Edition(
        clauses=clauses,
        rules=RuleTable.parse(text, clauses),
        rows=ROWS,
        ladder=LADDER,
        in_force_from=date(2021, 4, 1),
        new_case=lambda case_id: SaitamaCase(case_id, "saitama"),
        settle=settle,
    )
    return Programme(
        code="saitama",
        title_ja=clauses.title,
        title_en="Saitama Prefecture: employment support specialists",
        editions=(edition,),
    )
