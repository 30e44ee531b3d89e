"""What every rule of the 対馬 rulebook has to be by the text and by our readings, and how a witness is held to it."""

from __future__ import annotations

import re
from string import Formatter

import attrs

from shuroflow.states.judgement import Finding
from shuroflow.vocabulary import Basis, Severity
from tests.states.story import NOTE, OBSERVATION, VIOLATION, Witness


@attrs.frozen
class Says:
    """Citation, severity, the number of our reading (none: the text), and what it does on the live desk."""

    clause: str
    severity: Severity
    decision: str | None = None
    blocks: bool = False
    override: bool = False
    once: bool = False


# In the order of the text. A reading of ours has its number and is never a violation; a refusal has blocks=True.
CHART: dict[str, Says] = {
    "out_of_place": Says("第5条第1項", VIOLATION, blocks=True),
    "out_of_place_observed": Says("第5条第1項", OBSERVATION, blocks=True),
    "after_close": Says("第6条第1項", VIOLATION, blocks=True),
    "after_close_observed": Says("第6条第1項", OBSERVATION, "T-32", blocks=True),
    "text_not_on_hand": Says("附則(令和3年)第1項", OBSERVATION, "T-46", once=True),
    "no_extension": Says("第6条第1項", VIOLATION, blocks=True),
    "no_consent": Says("第5条第1項", OBSERVATION, "T-33", blocks=True),
    "no_aftercare": Says("第4条", OBSERVATION, "T-26", blocks=True),
}
GUARDS: dict[str, Says] = {
    # forms, who decides
    "right_form": Says("様式", VIOLATION, blocks=True),
    "form_edition": Says("附則(令和3年)第2項", OBSERVATION, "T-45"),
    "decided_by_director": Says("第3条", VIOLATION, blocks=True),
    # 第4条, 第5条
    "both_forms": Says("第5条第1項", VIOLATION, blocks=True),
    "received_after_application": Says("第5条第2項", OBSERVATION, "T-18", blocks=True),
    "received_in_same_year": Says("第6条第1項", OBSERVATION, "T-18"),
    "no_running_period": Says("第6条第3項", OBSERVATION, "T-22", blocks=True, override=True),
    "after_discontinuation": Says("第6条第3項", OBSERVATION, "T-23"),
    "prior_use_counted": Says("第6条第3項", NOTE, "T-23"),
    "assessed_after_receipt": Says("第5条第2項", VIOLATION, blocks=True),
    "assessed_before_decision": Says("第5条第2項", VIOLATION, blocks=True),
    "recipient_in_city": Says("第4条", VIOLATION, blocks=True),
    "applicant_in_city": Says("第4条", OBSERVATION, "T-01", blocks=True),
    "person_of_either_class": Says("第4条", VIOLATION, blocks=True),
    "income_of_the_month": Says("第4条第1号ア", VIOLATION, blocks=True),
    "income_within_limit": Says("第4条第1号ア", VIOLATION, blocks=True),
    "assets_of_the_day": Says("第4条第1号イ", VIOLATION, blocks=True),
    "assets_within_limit": Says("第4条第1号イ", VIOLATION, blocks=True),
    "no_gang_member": Says("第4条第1号ウ", VIOLATION, blocks=True),
    "nobody_a_gang_member": Says("第4条第1号ウ", OBSERVATION, "T-03", blocks=True),
    "gang_membership_checked": Says("第5条第2項", VIOLATION, blocks=True),
    "figures_known": Says("第4条第1号ア", OBSERVATION, "T-07", blocks=True),
    "recognition_documented": Says("第4条第2号", OBSERVATION, "T-14", blocks=True),
    "gang_member_under_item_2": Says("第4条第2号", OBSERVATION, "T-14", blocks=True, override=True),
    "deduction_reference_sound": Says("第4条第1号ア", OBSERVATION, "T-07"),
    "housing_for_owner": Says("第4条第1号ア", OBSERVATION, "T-12"),
    "insurance_flagged": Says("第4条第1号イ", OBSERVATION, "T-49"),
    "size_explained": Says("第4条第1号ア", OBSERVATION, "T-04"),
    "levy_size_of_dependants": Says("第4条第1号ア", OBSERVATION, "T-13"),
    "figures_verified": Says("第4条第1号ア", NOTE, "T-13"),
    "text_standard_used": Says("第4条第1号ア", NOTE, "T-09"),
    # 第5条第3項・第4項, 第6条
    "notified_after_decision": Says("第5条第3項", VIOLATION, blocks=True),
    "period_not_empty": Says("第6条第1項", VIOLATION, blocks=True),
    "start_after_application": Says("第6条第1項", OBSERVATION, "T-21", blocks=True, override=True),
    "start_not_backdated": Says("第6条第1項", OBSERVATION, "T-21"),
    "start_not_moved": Says("第6条第1項", OBSERVATION, "T-21"),
    "days_left": Says("第6条第1項", NOTE, "T-19"),
    "approval_notified_first": Says("第5条第3項", VIOLATION, blocks=True, once=True),
    "starts_within_period": Says("第6条第1項", VIOLATION, blocks=True),
    "employed_and_self_supporting": Says("第6条第2項", VIOLATION, blocks=True),
    "self_support_by_director": Says("第6条第2項", OBSERVATION, "T-24"),
    # 第7条
    "any_ground": Says("第7条第1項", VIOLATION, blocks=True),
    "within_period_of_use": Says("第7条第1項", OBSERVATION, "T-32", blocks=True),
    "effect_not_before_decision": Says("第7条第1項", OBSERVATION, "T-30", blocks=True, override=True),
    "eligibility_lost": Says("第7条第1項第1号", VIOLATION, blocks=True),
    "both_items_lost": Says("第7条第1項第1号", OBSERVATION, "T-25", blocks=True),
    "disruption_and_guidance": Says("第7条第1項第2号", VIOLATION, blocks=True),
    "consultation_refused": Says("第7条第1項第3号", VIOLATION, blocks=True),
    "consultation_user": Says("第7条第1項第3号", OBSERVATION, "T-27", blocks=True),
    "whereabouts_searched": Says("第7条第1項第4号", OBSERVATION, "T-28", blocks=True),
    "continuation_reason_given": Says("第7条第1項第5号", OBSERVATION, "T-26", blocks=True),
    # 第8条
    "plan_complete": Says("第8条第1項第1号", VIOLATION, blocks=True),
    "plan_before_review": Says("第8条第1項第2号", OBSERVATION, "T-34", blocks=True),
    "support_by_officer": Says("第8条第1項", VIOLATION),
    "serves_an_issue": Says("第8条第2項", OBSERVATION),
}
MONEY: dict[str, Says] = {
    "days_in_order": Says("第9条第2項", OBSERVATION, "T-36", blocks=True),
    "honorarium_agreed": Says("第9条第4項", VIOLATION, blocks=True),
    "agreement_in_force": Says("第9条第2項", VIOLATION, blocks=True, once=True),
    "covered_against_damage": Says("第9条第3項", VIOLATION, blocks=True, once=True),
    "confirmed_before_trial": Says("第9条第6項", VIOLATION, blocks=True, once=True),
    "voluntary_and_agreed": Says("第9条第6項", VIOLATION, blocks=True),
    "trial_days_in_use": Says("第6条第1項", VIOLATION, blocks=True),
    "attendance_attached": Says("第9条第6項", VIOLATION, blocks=True),
    "claim_id_unused": Says("第10条第1項", OBSERVATION, "T-41", blocks=True),
    "open_claim_returned": Says("第10条第1項", OBSERVATION, "T-41", blocks=True),
    "claimed_days_attended": Says("第10条第1項", VIOLATION, blocks=True),
    "claim_within_payable": Says("第9条第4項", VIOLATION, blocks=True, once=True),
    "claimed_in_time": Says("第10条第1項", OBSERVATION, "T-39"),
    "claim_on_record": Says("第10条第2項", VIOLATION, blocks=True),
    "paid_within_thirty_days": Says("第10条第2項", VIOLATION, once=True),
    "due_day_known": Says("第10条第2項", OBSERVATION, "T-40", once=True),
    "paid_on_moved_day": Says("第10条第2項", NOTE, "T-40"),
    "paid_as_claimed": Says("第10条第2項", OBSERVATION, "T-42"),
}
OF_THE_DAY: dict[str, Says] = {
    "legal_basis_stale": Says("第1条", NOTE, "T-47"),
    "days_to_decision": Says("第5条第2項", NOTE, "T-17"),
    "review_interval": Says("第11条", OBSERVATION, "T-35"),
}
RULES = CHART | GUARDS | MONEY | OF_THE_DAY

# Events whose stage the text does not give: the reading on which their place rests.
STAGES = {
    "applied": "T-23",
    "application_withdrawn": "T-32",
    "employment_started": "T-24",
    "incident_recorded": "T-28",
    "plan_made": "T-34",
    "agreement_made": "T-36",
    "coverage_arranged": "T-36",
    "coordination_recorded": "T-36",
}


def hold_to_rule(witness: Witness) -> None:
    """Code, citation, severity, basis, refusal and event of the finding are those of the rule."""
    finding, says = witness.finding(), RULES[witness.rule]
    if witness.rule == "out_of_place_observed":
        says = attrs.evolve(says, decision=STAGES.get(witness.story.last.kind))
    assert f"tsushima.{witness.rule}" == finding.rule.code
    assert (witness.clause or says.clause) == finding.clause
    assert says.severity is finding.severity
    assert (Basis.DECISION if says.decision else Basis.TEXT) is finding.rule.basis
    assert says.decision == finding.rule.decision
    assert says.blocks is finding.rule.blocks
    assert says.override is finding.rule.override
    assert says.once is finding.rule.once
    assert not (says.decision and says.severity is VIOLATION)
    if witness.as_of is None:
        assert witness.story.last.seq == finding.seq
        assert witness.story.last.occurred_on == finding.on
        reason = getattr(witness.story.last.data, "override_reason", None) if says.override else None
        assert reason == finding.overridden
        assert (says.blocks and reason is None) is finding.refuses


def hold_to_language(finding: Finding) -> None:
    """Message and mend are whole sentences without a brace, a bare None or a value that nobody supplied."""
    for template in (finding.rule.says, finding.rule.mend):
        for words in (template.ja, template.en):
            assert {name for _, name, _, _ in Formatter().parse(words) if name is not None} <= set(finding.values)
    for told in (finding.message("ja"), finding.mend("ja")):
        assert re.search(r"[ぁ-ん]", told)
        assert not re.search(r"[{}\[\]]|None|True|False|違法", told)
    for told in (finding.message("en"), finding.mend("en")):
        assert re.search(r"[a-z]{2,} ", told)
        assert not re.search(r"[{}]|None|True|False|illegal", told)
    if finding.rule.decision:
        assert f"当ライブラリの読み方 {finding.rule.decision}" in finding.message("ja")
        assert f"our reading {finding.rule.decision}" in finding.message("en")
