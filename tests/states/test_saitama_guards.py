"""Every rule of the 埼玉 rulebook against its witnesses: what breaks it by a day or a person, what just keeps it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from string import Formatter

import attrs
import pytest

from shuroflow.events import saitama as e
from shuroflow.states.judgement import Finding
from shuroflow.vocabulary import Basis, Severity, State
from tests.states import saitama_witnesses, saitama_witnesses_edges, saitama_witnesses_later
from tests.states.saitama_stories import SPECIALIST, THREE, VISIT, course
from tests.states.saitama_witnesses_later import NOTIFIED, change, evaluation, extension, in_support, owed, training
from tests.states.story import (
    ES,
    NOTE,
    OBSERVATION,
    VIOLATION,
    Witness,
    edition_of,
    judge_last,
    replay,
)

WITNESSES = [
    *saitama_witnesses.WITNESSES,
    *saitama_witnesses_later.WITNESSES,
    *saitama_witnesses_edges.WITNESSES,
]
FAILING = [witness for witness in WITNESSES if witness.fails]


@attrs.frozen
class Says:
    """What a rule has to be by the text and by our readings of it."""

    clause: str
    severity: Severity
    decision: str | None = None
    blocks: bool = False
    override: bool = False
    once: bool = False


# In the order of the text. A reading of ours has its number and is never a violation; a refusal has blocks=True.
RULES: dict[str, Says] = {
    # the chart
    "out_of_place": Says("4(1)", VIOLATION, blocks=True),
    "out_of_place_observed": Says("4(1)", OBSERVATION, blocks=True),
    "after_close": Says("4(4)", VIOLATION, blocks=True),
    "after_close_observed": Says("4(4)", OBSERVATION, "S-06", blocks=True),
    "no_discontinuation": Says("4(4)", VIOLATION, blocks=True),
    "text_not_on_hand": Says("附則", OBSERVATION, "S-29", once=True),
    # 2, 3
    "contract_covers_day": Says("2", OBSERVATION, "S-18"),
    "target_class_a_facts": Says("3(1)ア", VIOLATION, blocks=True),
    "target_class_i_recognised": Says("3(1)イ", VIOLATION, blocks=True),
    "class_i_reason": Says("3(1)イ", OBSERVATION, "S-24", blocks=True),
    "target_still_stands": Says("3(1)ア", OBSERVATION, "S-23", blocks=True, once=True),
    "specialist_qualified": Says("3(2)", OBSERVATION),
    # 4(1)
    "listed_by_caseworker": Says("4(1)", VIOLATION, blocks=True),
    "three_parties_consulted": Says("4(1)", VIOLATION, blocks=True),
    "one_person_one_role": Says("4(1)", OBSERVATION, "S-16"),
    "selected_after_listing": Says("4(1)", VIOLATION, blocks=True),
    "ledger_consulted": Says("4(1)", OBSERVATION),
    "not_in_the_text": Says("4(1)", NOTE, "S-05"),
    "consent_to_both": Says("4(1)", VIOLATION, blocks=True),
    "consent_after_selection": Says("4(1)", VIOLATION, blocks=True),
    "consent_in_writing": Says("4(1)", OBSERVATION, "S-03"),
    "decision_after_consent": Says("4(1)", OBSERVATION, "S-04", blocks=True),
    "goals_replaced_in_steps": Says("4(3)", VIOLATION, blocks=True),
    "decision_day_recorded": Says("4(1)", NOTE, "S-02"),
    "goals_after_decision": Says("4(1)", OBSERVATION, "S-04", blocks=True),
    "consent_stands": Says("4(1)", VIOLATION, blocks=True),
    "goals_of_both_horizons": Says("4(1)", VIOLATION, blocks=True),
    "start_after_consent": Says("4(1)", VIOLATION, blocks=True),
    "start_after_decision": Says("4(1)", OBSERVATION, "S-04", blocks=True),
    # 4(2)
    "support_by_specialist": Says("4(2)", VIOLATION),
    "support_after_consent": Says("4(1)", VIOLATION),
    "support_after_start": Says("4(5)", OBSERVATION, "S-04"),
    "consent_not_withdrawn": Says("4(1)", OBSERVATION, "S-05", blocks=True),
    # 4(3), 4(4)
    "evaluates_known_goals": Says("4(3)", OBSERVATION, "S-14", blocks=True),
    "goal_change_steps": Says("4(3)", VIOLATION, blocks=True),
    "change_after_evaluation": Says("4(3)", OBSERVATION, "S-14", blocks=True, override=True),
    "goal_achieved": Says("4(4)", VIOLATION, blocks=True),
    "long_goals_achieved": Says("4(4)", OBSERVATION, "S-13"),
    "end_known_to_the_text": Says("4(4)", OBSERVATION, "S-06"),
    "outside_end_documented": Says("4(4)", OBSERVATION, "S-06", blocks=True),
    # 4(5)
    "start_day_recorded": Says("4(5)", NOTE, "S-07"),
    "basic_period": Says("4(5)", OBSERVATION, "S-07"),
    "support_within_period": Says("4(5)", VIOLATION),
    "extension_consulted": Says("4(5)", VIOLATION, blocks=True),
    "specialist_at_extension": Says("4(5)", OBSERVATION, "S-10"),
    "first_period_forward": Says("4(5)", OBSERVATION, "S-07", blocks=True),
    "extension_consulted_first": Says("4(5)", VIOLATION, blocks=True),
    "extended_before_the_end": Says("4(5)", VIOLATION, blocks=True),
    "new_end_is_later": Says("4(5)", VIOLATION, blocks=True),
    # 4(6)
    "conference_parties": Says("4(6)", OBSERVATION, "S-15"),
    "conference_evaluates": Says("4(6)", OBSERVATION),
    # 5
    "training_recognised_first": Says("5", VIOLATION, blocks=True),
    "training_arranged_by_specialist": Says("5", VIOLATION, blocks=True),
    "provider_certified": Says("5", VIOLATION, blocks=True),
    "placement_authority": Says("5", VIOLATION, blocks=True),
    "authority_of_employer": Says("5", OBSERVATION, "S-18", blocks=True),
    # 6
    "abolished_before_support": Says("6(2)", OBSERVATION, "S-20"),
    "suspension_goes_on": Says("6(2)", NOTE, "S-26"),
    "need_judged": Says("6(1)", OBSERVATION, "S-19", blocks=True),
    "support_ended_by_goal": Says("6(2)", OBSERVATION, "S-20"),
    "not_by_death": Says("6(2)", OBSERVATION, "S-20", blocks=True),
    "agency_after_employment": Says("6(1)", VIOLATION, blocks=True),
    "agency_unfinished": Says("6(2)", VIOLATION, blocks=True),
    "attempt_after_employment": Says("6(1)", OBSERVATION, "S-20", blocks=True),
    "attempt_unfinished": Says("6(2)", OBSERVATION, "S-20", blocks=True),
    "sharing_consented": Says("6(2)", OBSERVATION, "S-19", blocks=True),
    # as of a day
    "period_lapsed": Says("4(5)", NOTE, "S-12"),
    "extensions_counted": Says("4(5)", NOTE, "S-10"),
    "contact_gap": Says("4(2)", OBSERVATION, "S-17"),
    "contacts_counted": Says("4(2)", NOTE, "S-17"),
    # duties
    "inform_after_employment": Says("6(1)", VIOLATION, once=True),
    "inform_unfinished": Says("6(2)", VIOLATION, once=True),
}

SILENT_DUTIES = {"evaluate", "extend_or_end"}
"""4(3), 4(5): open items that a reader is shown; what was left undone is said of the event that should have waited."""


def test_every_rule_and_duty_is_expected() -> None:
    """The table above and rules.toml name the same rules, none more and none less."""
    table = edition_of("saitama").table
    assert set(RULES) == {*table.rules, *(set(table.duties) - SILENT_DUTIES)}
    assert set(table.duties) >= SILENT_DUTIES


def test_every_rule_has_witnesses_on_both_sides() -> None:
    """Each rule is broken at least once and kept at least once, and no witness is told twice."""
    assert set(RULES) == {witness.rule for witness in FAILING}
    assert set(RULES) == {witness.rule for witness in WITNESSES if not witness.fails}
    assert [name for name, times in Counter(witness.id for witness in WITNESSES).items() if times > 1] == []


@pytest.mark.parametrize("witness", WITNESSES, ids=lambda witness: witness.id)
def test_only_the_named_rules_speak(witness: Witness) -> None:
    """A witness breaks the rules it names and no other."""
    expected, found = witness.told()
    assert expected == found


@pytest.mark.parametrize("witness", FAILING, ids=lambda witness: witness.id)
def test_a_finding_says_where_and_how_grave(witness: Witness) -> None:
    """Code, citation, severity, basis, refusal and the event (or the duty's event) are those of the rule."""
    finding, says = witness.finding(), RULES[witness.rule]
    assert f"saitama.{witness.rule}" == finding.rule.code
    assert (witness.clause or says.clause) == finding.clause
    assert says.severity is finding.severity
    assert (Basis.DECISION if finding.rule.decision else Basis.TEXT) is finding.rule.basis
    if witness.rule != "out_of_place_observed":  # the reading is that of the row
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


@pytest.mark.parametrize("witness", FAILING, ids=lambda witness: witness.id)
def test_a_finding_is_told_in_both_languages(witness: Witness) -> None:
    """Message and mend are whole sentences without a brace, a bare None or a value that nobody supplied."""
    finding = witness.finding()
    for template in (finding.rule.says, finding.rule.mend):
        for words in (template.ja, template.en):
            assert {name for _, name, _, _ in Formatter().parse(words) if name is not None} <= set(finding.values)
    for told in (finding.message("ja"), finding.mend("ja")):
        assert re.search(r"[ぁ-ん]", told)
        assert not re.search(r"[{}]|None|True|False|違法", told)
    for told in (finding.message("en"), finding.mend("en")):
        assert told.strip()
        assert not re.search(r"[{}]|None|True|False|illegal", told)
    if finding.rule.decision:
        assert f"当ライブラリの読み方 {finding.rule.decision}" in finding.message("ja")
        assert f"our reading {finding.rule.decision}" in finding.message("en")


def _values(finding: Finding, *names: str) -> list[object]:
    return [finding.values[name] for name in names]


def test_the_missing_parties_are_named() -> None:
    """A refusal for a quorum names exactly those who were absent, in the order of the text."""
    finding = _only(judge_last(extension(*THREE[2:])).findings, "extension_consulted")
    assert _values(finding, "missing") == [["supervisor", "caseworker"]]
    assert "査察指導員、ケースワーカーの参加が確認できません" in finding.message("ja")


def _only(findings: tuple[Finding, ...], rule: str) -> Finding:
    (found,) = [finding for finding in findings if finding.rule.code == f"saitama.{rule}"]
    return found


def test_a_reason_lets_a_reading_of_ours_pass() -> None:
    """The desk goes on where only our reading stood against it and a reason is given; the audit still sees it."""
    told = change(in_support(), analysis="求人が閉じた", override_reason="面接で本人から申出があった")
    judgement = judge_last(told)
    assert judgement.allowed
    assert "面接で本人から申出があった" in _only(judgement.findings, "change_after_evaluation").message("ja")
    assert not judge_last(change(in_support(), analysis="求人が閉じた")).allowed


def test_a_reason_does_not_lift_the_text() -> None:
    """No reason stands in for the three steps that the text itself asks for."""
    told = change(interview_on=None, override_reason="急いでいた")
    assert not judge_last(told).allowed


@pytest.mark.parametrize(
    ("upto", "event", "skipped"),
    [
        ("listed", "consented", "4(1)②"),
        ("listed", "support_started", "4(1)②"),
        ("selected", "support_started", "4(1)④"),
        ("selected", "activity", "4(1)④"),
        ("goals_set", "ended", "4(1)⑤"),
        ("goals_set", "evaluated", "4(1)⑤"),
        ("support_started", "support_started", "4(1)⑤"),
    ],
)
def test_a_skipped_step_is_cited(upto: str, event: str, skipped: str) -> None:
    """An event before its time cites the first step that was left out; one after its time, its own clause."""
    data = {
        "consented": e.Consented(scope=tuple(e.ConsentObject)),
        "support_started": e.SupportStarted(specialist=e.Specialist(id="es-07")),
        "activity": e.ActivityRecorded(kind=e.SupportKind.CONSULTATION, mode=e.ContactMode.HOME_VISIT),
        "ended": e.Ended(),
        "evaluated": e.Evaluated(results=()),
    }[event]
    (finding,) = judge_last(course(upto).on("2025-05-01", data)).findings
    assert ("saitama.out_of_place", skipped, "4(1)") == (finding.rule.code, finding.rule.clause, finding.clause)
    assert finding.refuses


def test_one_fault_is_told_once() -> None:
    """After a violation the record's own state is followed: the same visit later raises nothing."""
    told = course("selected").on("2025-04-15", e.SupportStarted(specialist=SPECIALIST))
    told.on("2025-04-22", VISIT, by=ES)
    outcome = replay(told, as_of="2025-04-30")
    assert outcome.graded == [("4(1)", VIOLATION, 3)]
    assert State.IN_SUPPORT is outcome.case.state


def test_information_without_the_agency_is_told_once() -> None:
    """The missing agency is a fault of the event that gave the information, not a second one of the open duty."""
    told = owed().on("2025-06-05", e.InformationGiven(content="窓口の案内"))
    assert [("6(2)", VIOLATION, told.last.seq)] == replay(told).graded


@pytest.mark.parametrize(("upto", "done"), [("support_started", False), ("evaluated", True)])
def test_an_evaluation_stays_owed_only_by_an_end_that_rests_on_it(upto: str, done: bool) -> None:
    """4(3): the duty lapses when support ends otherwise, and stays open where the goal is said to be achieved."""
    achieved = course(upto).on("2025-06-20", e.Ended())
    assert ([] if done else [("evaluate", "")]) == list(replay(achieved).case.duties)
    outside = course(upto).on("2025-06-20", e.EndedOutside(reason=e.OutsideReason.ILLNESS))
    assert list(replay(outside).case.duties) == []


def test_the_end_of_the_period_is_owed_a_decision() -> None:
    """4(5): the open item carries the last day of the current period and is never a finding by itself."""
    case = replay(in_support(), as_of="2030-01-01").case
    assert str(case.duties["extend_or_end", ""].due) == "2025-07-14"
    outcome = replay(extension(*THREE, new_end="2025-09-30"), as_of="2030-01-01")
    assert str(outcome.case.duties["extend_or_end", ""].due) == "2025-09-30"
    assert outcome.graded == []


def test_a_goal_once_changed_has_to_be_evaluated_anew() -> None:
    """4(3), 4(4): the result of the old goal does not carry over to the one in its place."""
    told = change(evaluation(e.Achievement.NOT_ACHIEVED, e.Achievement.NOT_ACHIEVED, analysis="体調の波"))
    told.on("2025-06-20", e.Ended())
    assert [finding.rule.code.partition(".")[2] for finding in judge_last(told).findings] == ["goal_achieved"]


def test_placement_needs_the_day_of_the_authority() -> None:
    """The message of 5 shows the day from which the authority holds, or that none is recorded."""
    late = training(authority=attrs.evolve(NOTIFIED, effective_from=date(2025, 5, 13)))
    assert "2025-05-13" in _only(judge_last(late).findings, "placement_authority").message("en")
    assert "not recorded" in _only(judge_last(training(authority=None)).findings, "placement_authority").message("en")
