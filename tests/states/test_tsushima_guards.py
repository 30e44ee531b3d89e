"""Every rule of 第3条 to 第8条 against its witnesses: what breaks it by a day or a yen, and what just keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import attrs
import pytest

from shuroflow.case import Period
from shuroflow.events import tsushima as e
from shuroflow.states.judgement import Finding
from shuroflow.states.office import Office
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.vocabulary import Basis, Severity, State
from tests.states import (
    tsushima_notices,
    tsushima_witnesses,
    tsushima_witnesses_edges,
    tsushima_witnesses_later,
    tsushima_witnesses_money,
)
from tests.states.story import (
    CLERK,
    DIRECTOR,
    NOTE,
    OBSERVATION,
    OFFICER,
    VIOLATION,
    Story,
    Witness,
    edition_of,
    judge_last,
    record,
    replay,
)
from tests.states.tsushima_notices import AGAIN, DECISIONS, NAMES, history_of
from tests.states.tsushima_rules import CHART, GUARDS, MONEY, OF_THE_DAY, RULES, hold_to_language, hold_to_rule
from tests.states.tsushima_stories import (
    ADVICE,
    APPLIED,
    ASSESSED,
    COURSE,
    PLAN,
    RECOGNISED,
    Ground,
    Incident,
    applied_on,
    course,
    discontinued,
    incident,
    paper,
    started,
)
from tests.states.tsushima_witnesses import VERIFIED, decision, ended, household, member, notice, rejected, self_support
from tests.states.tsushima_witnesses_later import IN_USE, on_ground

WITNESSES = [
    *tsushima_witnesses.WITNESSES,
    *tsushima_witnesses_later.WITNESSES,
    *tsushima_witnesses_edges.WITNESSES,
]
FAILING = [witness for witness in WITNESSES if witness.fails]
EVERYWHERE = [*WITNESSES, *tsushima_witnesses_money.WITNESSES]


def test_every_rule_is_expected() -> None:
    """The tables of expectations and rules.toml name the same rules, none more and none less."""
    assert set(RULES) == set(edition_of("tsushima").table.rules)
    assert len(CHART) + len(GUARDS) + len(MONEY) + len(OF_THE_DAY) == len(RULES)


def test_every_rule_has_witnesses_on_both_sides() -> None:
    """Each rule is broken at least once and kept at least once, and no witness is told twice."""
    judged = set(RULES) - set(OF_THE_DAY)
    assert judged == {witness.rule for witness in EVERYWHERE if witness.fails}
    assert judged == {witness.rule for witness in EVERYWHERE if not witness.fails}
    assert [name for name, times in Counter(witness.id for witness in EVERYWHERE).items() if times > 1] == []


@pytest.mark.parametrize("witness", WITNESSES, ids=lambda witness: witness.id)
def test_only_the_named_rules_speak(witness: Witness) -> None:
    """A witness breaks the rules it names and no other."""
    expected, found = witness.told()
    assert expected == found


@pytest.mark.parametrize("witness", FAILING, ids=lambda witness: witness.id)
def test_a_finding_says_where_and_how_grave(witness: Witness) -> None:
    """Code, citation, severity, basis, refusal and event are those of the rule, in sentences of both languages."""
    hold_to_rule(witness)
    hold_to_language(witness.finding())


def _only(findings: tuple[Finding, ...], rule: str) -> Finding:
    (found,) = [finding for finding in findings if finding.rule.code == f"tsushima.{rule}"]
    return found


def test_the_missing_forms_are_named() -> None:
    """第5条第1項: the refusal names exactly the forms that are missing."""
    told = Story("tsushima").on("2025-06-10", attrs.evolve(APPLIED, papers=(paper("1"),)))
    assert _only(judge_last(told).findings, "both_forms").values["missing"] == [e.Form.DECLARATION]


def test_all_that_is_wrong_is_told_at_once() -> None:
    """One refusal lists every unmet guard, so that nobody comes back five times."""
    told = decision(
        applied=attrs.evolve(APPLIED, resident=None, person_class=None),
        income=200_000,
        income_month="2025-05",
        assets_as_of=date(2025, 6, 1),
        gang_member=None,
    )
    blocking = {finding.rule.code.partition(".")[2] for finding in judge_last(told).blocking}
    assert {
        "recipient_in_city",
        "person_of_either_class",
        "income_within_limit",
        "income_of_the_month",
        "assets_of_the_day",
        "gang_membership_checked",
    } == blocking


def test_an_approval_under_item_2_is_never_a_violation() -> None:
    """第4条第2号 stands alone: against income, assets and ウ together the audit has at most 要確認 (T-14)."""
    told = decision(approved=RECOGNISED, income=900_000, assets=(), gang_member=True, household=())
    assert all(finding.severity is not VIOLATION for finding in judge_last(told).findings)
    assert not judge_last(told).allowed


@pytest.mark.parametrize(
    ("facts", "allowed"),
    [({"override_reason": None}, False), ({"override_reason": "離脱の支援を受けている"}, True)],
)
def test_a_reason_lets_a_reading_of_ours_pass(facts: dict[str, str | None], allowed: bool) -> None:
    """The desk goes on where only our reading stood against it and a reason is given; the audit still sees it."""
    judgement = judge_last(decision(approved=attrs.evolve(RECOGNISED, **facts), gang_member=True))
    assert allowed is judgement.allowed
    finding = _only(judgement.findings, "gang_member_under_item_2")
    assert OBSERVATION is finding.severity
    assert (facts["override_reason"] or "reason") in finding.message("ja") + "reason"


def test_a_reason_does_not_lift_the_text() -> None:
    """No reason stands in for an income within the limit."""
    approved = attrs.evolve(COURSE["use_approved"].data, override_reason="事情がある")
    assert not judge_last(decision(approved=approved, income=109_501)).allowed


def test_facts_alone_move_nothing() -> None:
    """第7条第1項 lets the director decide: every fact on record leaves the case in use (T-28)."""
    told = IN_USE.fork()
    for kind in Incident:
        told.on("2025-11-25", incident(kind))
    outcome = replay(told.on("2025-12-01", e.EmploymentStarted()), as_of="2025-12-31")
    assert State.IN_SUPPORT is outcome.case.state_on(date(2025, 12, 31))
    assert outcome.graded == []


# The period -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applied", "start", "end"),
    [
        ("2025-06-10", "2025-07-01", "2026-03-31"),
        ("2025-07-01", "2025-07-15", "2026-03-31"),
        ("2026-03-02", "2026-03-16", "2026-03-31"),
        ("2026-03-31", "2026-03-31", "2026-03-31"),
        ("2026-04-01", "2026-04-01", "2027-03-31"),
        ("2023-05-01", "2023-05-01", "2024-03-31"),
    ],
)
def test_the_period_ends_with_the_year_of_the_application(applied: str, start: str, end: str) -> None:
    """第6条第1項: from the notified day to 31 March of the fiscal year of 申込日; a Sunday moves nothing."""
    outcome = replay(started(applied, start), as_of=applied)
    assert Period(date.fromisoformat(start), date.fromisoformat(end)) == outcome.case.period
    assert State.ENDED is not outcome.case.state_on(date.fromisoformat(end))
    assert State.ENDED is outcome.case.state_on(date.fromisoformat(end).replace(month=4, day=1))


def test_the_period_begins_on_the_notified_day() -> None:
    """第6条第1項 counts from the day in the notice, also where the person first came two days later."""
    outcome = replay(course("use_started", use_started="2025-07-03").on("2025-07-02", ADVICE), as_of="2025-07-31")
    assert Period(date(2025, 7, 1), date(2026, 3, 31)) == outcome.case.period
    assert outcome.graded == [("第8条第1項第1号", OBSERVATION, 5)]


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2025-06-30", State.SELECTED),
        ("2025-07-01", State.IN_SUPPORT),
        ("2026-03-31", State.IN_SUPPORT),
        ("2026-04-01", State.ENDED),
    ],
)
def test_use_begins_and_ends_by_itself(as_of: str, state: State) -> None:
    """第6条第1項: the notice alone brings the use about, and 31 March ends it; no event says either."""
    case = replay(course("approval_notified")).case
    asked = date.fromisoformat(as_of)
    closing = case.closing_on(asked)
    assert state is case.state_on(asked)
    assert (None if closing is None else (closing.on, closing.clause)) == (
        (date(2026, 3, 31), "第6条第1項") if state is State.ENDED else None
    )
    assert Period(date(2025, 7, 1), date(2026, 3, 31)) == case.period


def test_an_empty_period_brings_no_use() -> None:
    """第6条第1項: where the first day lies after the last, the case stays approved, and nothing ends."""
    case = replay(notice("2026-04-06", on="2026-04-02", story=applied_on("2026-03-20"))).case
    for asked in (date(2026, 4, 5), date(2026, 4, 6), date(2030, 1, 1)):
        assert State.SELECTED is case.state_on(asked)
        assert case.closing_on(asked) is None
    assert case.period is None
    assert case.duties == {}


def test_a_start_on_record_owes_what_is_not_done() -> None:
    """第8条第1項: recording the start takes plan and review anew with its own number, and nothing that is done."""
    told = course("use_started")
    assert {("plan", ""): 5, ("review", ""): 5} == {key: duty.seq for key, duty in replay(told).case.duties.items()}
    noted = course("approval_notified").on("2025-07-04", PLAN).on("2025-07-07", e.UseStarted())
    assert {("review", ""): 6} == {key: duty.seq for key, duty in replay(noted).case.duties.items()}


@pytest.mark.parametrize(("effective_on", "used"), [("2025-06-30", False), ("2025-07-01", True)])
def test_cut_short_before_the_first_day(effective_on: str, used: bool) -> None:
    """第6条第1項: where the last day comes before the first there was no use; on the first day there was one."""
    last = date.fromisoformat(effective_on)
    told = course("approval_notified").on("2025-06-25", discontinued("5", reason="転居", effective_on=last))
    case = replay(told).case
    assert (Period(date(2025, 7, 1), last) if used else None) == case.period
    assert used is (("plan", "") in case.duties)
    assert used is (("review", "") in case.duties)


def test_another_notice_sets_another_first_day() -> None:
    """第6条第1項: before use began a second notice moves what is owed; one that leaves no day takes it away."""
    told = notice("2025-08-01", on="2025-06-25", story=course("approval_notified"))
    case = replay(told).case
    assert {(date(2025, 8, 1), 5)} == {(duty.arose_on, duty.seq) for duty in case.duties.values()}
    assert {} == replay(notice("2026-04-01", on="2025-06-26", story=told)).case.duties


def test_march_says_how_many_days_are_left() -> None:
    """第6条第1項: the vector of 16 March 2026 leaves sixteen days."""
    told = applied_on("2026-03-02").on("2026-03-10", e.ApprovalNotified(paper=paper("3"), start_on=date(2026, 3, 16)))
    finding = _only(judge_last(told).findings, "days_left")
    assert (16, date(2026, 3, 31)) == (finding.values["days"], finding.values["end"])


def test_an_extension_does_not_reopen_a_case() -> None:
    """第6条第2項: what came to its end stays ended, whatever a record of 「延長」 claims."""
    outcome = replay(ended("self-support").on("2025-12-20", e.Extended()))
    assert State.ENDED is outcome.case.state
    assert Period(date(2025, 7, 1), date(2025, 12, 15)) == outcome.case.period


def test_an_effect_beyond_the_year_is_cut_at_31_march() -> None:
    """第6条第1項: discontinuing later than 31 March leaves no day of use beyond it."""
    told = course().on("2026-03-30", discontinued("5", reason="入院", effective_on=date(2026, 4, 30)))
    assert Period(date(2025, 7, 1), date(2026, 3, 31)) == replay(told).case.period


def test_self_support_on_the_last_day_is_how_it_ended() -> None:
    """第6条第2項: a decision on 31 March itself is the one that ends the use; on 1 April the year has ended it."""
    for on, clause in (("2026-03-31", "第6条第2項"), ("2026-04-01", "第6条第1項")):
        closing = replay(self_support(on)).case.closing_on(date(2026, 4, 2))
        assert closing is not None
        assert (closing.on, closing.clause) == (date(2026, 3, 31), clause)


def test_going_on_in_the_same_record_starts_over() -> None:
    """A second application in one record is 要確認, and no step of the first use counts for the second."""
    told = course().on("2026-04-01", APPLIED, by=CLERK)
    told.on("2026-04-02", attrs.evolve(ASSESSED, income_month="2026-04", assets_as_of=date(2026, 4, 1)))
    told.on("2026-04-03", COURSE["use_approved"].data, by=CLERK)
    told.on("2026-04-06", e.UseStarted())
    outcome = replay(told, as_of="2026-05-01")
    assert outcome.graded[:2] == [
        ("第6条第1項", OBSERVATION, 12),
        ("第5条第3項", VIOLATION, 15),
    ]
    assert {"approval_notice", "plan", "review"} == {code for code, _ in outcome.case.duties}
    case = outcome.case
    assert isinstance(case, TsushimaCase)
    assert date(2027, 3, 31) == case.end_on


def test_the_desk_keeps_a_record_without_faults() -> None:
    """What the live desk let pass, the audit finds nothing in but the notes of the day."""
    case, kept = record(course().on("2026-04-01", ADVICE).on("2026-03-31", ADVICE))
    assert len(COURSE) + 1 == len(kept) == case.version
    assert replay(kept).graded == []


# Duties and notes of a day --------------------------------------------------------------------------------------------

NOTIFIED_4 = e.RejectionNotified(paper=paper("4"))
NOTIFIED_5 = e.DiscontinuationNotified(paper=paper("5"))
SEARCHED = (Incident.WHEREABOUTS_CHECKED, "2025-12-01")
DIED = e.ContinuationReason.DEATH
NO_REVIEW = ("第8条第1項第2号", OBSERVATION, "use_started")
NO_PLAN_YET = ("第8条第1項第1号", OBSERVATION, "use_started")
NO_PLAN = ("第8条第1項第1号", VIOLATION, "use_started")
NOTICED_NO_PLAN_YET = ("第8条第1項第1号", OBSERVATION, "approval_notified")
NOTICED_NO_PLAN = ("第8条第1項第1号", VIOLATION, "approval_notified")
NOTICED_NO_REVIEW = ("第8条第1項第2号", OBSERVATION, "approval_notified")
ESTIMATED = attrs.evolve(ASSESSED, income_estimated=True)
NO_CONFIRMATION = ("第4条第1号ア", OBSERVATION, "use_approved")
NO_NOTICE_3 = ("第5条第3項", VIOLATION, "use_approved")
NO_NOTICE_4 = ("第5条第4項", VIOLATION, "use_rejected")
NO_NOTICE_5 = ("第7条第2項", VIOLATION, "discontinued")

DUTIES: dict[str, tuple[Story, str, list[tuple[str, Severity, str]]]] = {
    "approval-not-notified": (decision(), "2025-06-20", [NO_NOTICE_3]),
    "approval-not-notified-later": (decision(), "2030-01-01", [NO_NOTICE_3]),
    "approval-not-yet": (decision(), "2025-06-19", []),
    "approval-notified": (course("approval_notified"), "2025-06-30", []),
    "began-by-itself": (course("approval_notified"), "2025-07-01", [NOTICED_NO_PLAN_YET]),
    "ran-out-by-itself": (course("approval_notified"), "2026-04-01", [NOTICED_NO_PLAN, NOTICED_NO_REVIEW]),
    "began-by-itself-planned": (course("approval_notified").on("2025-07-04", PLAN), "2026-03-31", []),
    "empty-period": (
        notice("2026-04-06", on="2026-04-02", story=applied_on("2026-03-20")),
        "2030-01-01",
        [],
    ),
    "waived-before-the-first-day": (
        course("approval_notified")
        .on("2025-06-30", discontinued("5", continuation_reason=e.ContinuationReason.WAIVED))
        .on("2025-06-30", e.DiscontinuationNotified(paper=paper("5"))),
        "2030-01-01",
        [],
    ),
    "waived-on-the-first-day": (
        course("approval_notified")
        .on("2025-07-01", discontinued("5", continuation_reason=e.ContinuationReason.WAIVED))
        .on("2025-07-01", e.DiscontinuationNotified(paper=paper("5"))),
        "2030-01-01",
        [NOTICED_NO_PLAN, NOTICED_NO_REVIEW],
    ),
    "estimate-unconfirmed": (course("approval_notified", assessed=ESTIMATED), "2025-06-20", [NO_CONFIRMATION]),
    "estimate-unconfirmed-ever": (
        course("plan_reviewed", assessed=ESTIMATED),
        "2030-01-01",
        [NO_CONFIRMATION],
    ),
    "estimate-not-yet-decided": (course("assessed", assessed=ESTIMATED), "2030-01-01", []),
    "estimate-under-item-2": (
        course("approval_notified", assessed=ESTIMATED, use_approved=RECOGNISED),
        "2025-06-30",
        [],
    ),
    "estimate-confirmed-before-use": (
        course("approval_notified", assessed=ESTIMATED).on("2025-06-30", ASSESSED),
        "2025-06-30",
        [],
    ),
    "estimate-confirmed-in-use": (
        course("plan_reviewed", assessed=ESTIMATED).on("2025-11-04", ASSESSED),
        "2030-01-01",
        [],
    ),
    "estimate-after-estimate": (
        course("plan_reviewed", assessed=ESTIMATED).on("2025-11-04", ESTIMATED),
        "2030-01-01",
        [NO_CONFIRMATION],
    ),
    "another-month-confirms-nothing": (
        course("plan_reviewed", assessed=ESTIMATED).on("2025-11-04", attrs.evolve(ASSESSED, income_month="2025-07")),
        "2030-01-01",
        [NO_CONFIRMATION],
    ),
    "approval-notified-late": (
        decision().on("2025-09-30", e.ApprovalNotified(paper=paper("3"), start_on=date(2025, 10, 1))),
        "2025-09-30",
        [],
    ),
    "approval-never-notified-then-waived": (
        decision().on("2025-06-25", discontinued("5", continuation_reason=e.ContinuationReason.WAIVED)),
        "2025-07-31",
        [NO_NOTICE_3, NO_NOTICE_5],
    ),
    "approval-never-notified-then-died": (
        decision().on("2025-06-25", discontinued("5", continuation_reason=DIED)),
        "2025-07-31",
        [],
    ),
    "rejection-not-notified": (rejected(), "2025-06-20", [NO_NOTICE_4]),
    "rejection-notified": (rejected().on("2025-06-20", NOTIFIED_4), "2030-01-01", []),
    "withdrawn": (ended("withdrawn"), "2030-01-01", []),
    "discontinued-not-notified": (on_ground("5", reason="入院"), "2025-12-05", [NO_NOTICE_5]),
    "discontinued-notified": (on_ground("5", reason="入院").on("2025-12-05", NOTIFIED_5), "2030-01-01", []),
    "ground-1": (on_ground("1", failed_items=tuple(e.EligibilityGround)), "2025-12-31", [NO_NOTICE_5]),
    "ground-4": (on_ground("4", facts=[SEARCHED]), "2030-01-01", []),
    "ground-4-notified-all-the-same": (on_ground("4", facts=[SEARCHED]).on("2025-12-05", NOTIFIED_5), "2030-01-01", []),
    "ground-4-and-5": (on_ground("4", "5", facts=[SEARCHED], reason="連絡も途絶えた"), "2030-01-01", []),
    "ground-5-and-4": (on_ground("5", "4", facts=[SEARCHED], reason="連絡も途絶えた"), "2030-01-01", []),
    "death": (on_ground("5", continuation_reason=DIED), "2030-01-01", []),
    "moved-out": (on_ground("5", continuation_reason=e.ContinuationReason.MOVED_OUT), "2030-01-01", [NO_NOTICE_5]),
    "no-plan-first-day": (course("use_started"), "2025-07-01", [NO_PLAN_YET]),
    "no-plan-last-day": (course("use_started"), "2026-03-31", [NO_PLAN_YET]),
    "no-plan-closed": (course("use_started"), "2026-04-01", [NO_PLAN, NO_REVIEW]),
    "no-plan-not-yet": (course("use_started"), "2025-06-30", []),
    "no-review-last-day": (course("plan_made"), "2026-03-31", []),
    "no-review-closed": (course("plan_made"), "2026-04-01", [NO_REVIEW]),
    "reviewed": (course("plan_reviewed"), "2030-01-01", []),
    "no-review-self-supported": (
        course("plan_made").on(
            "2025-08-01",
            e.SelfSupportRecognised(decided_by=DIRECTOR, employed_on=date(2025, 8, 1), self_supporting=True),
        ),
        "2025-08-01",
        [NO_REVIEW],
    ),
}


@pytest.mark.parametrize(("upto", "more", "told"), DECISIONS)
def test_each_decision_calls_for_its_own_notice(
    upto: str, more: Iterable[tuple[str, Any]], told: list[tuple[str, int]]
) -> None:
    """第5条第3項・第4項, 第7条第2項: a new application takes nothing of what the one before still calls for."""
    outcome = replay(history_of(upto, more), as_of="2026-09-01")
    rules = {f"tsushima.{name}": name for name in NAMES}
    found = [each for each in outcome.settled if each.rule.code in rules]
    assert sorted(told) == sorted((rules[each.rule.code], each.seq) for each in found)
    assert set(told) == {(duty.code, duty.seq) for duty in outcome.case.duties.values() if duty.code in NAMES}


@pytest.mark.parametrize(
    ("more", "subjects"),
    [
        ([], {3: "2025-06-20"}),
        (AGAIN, {3: "2025-06-20", 8: "2026-04-15"}),
        ([("2025-06-22", COURSE["use_approved"].data)], {4: "2025-06-22"}),
        ([("2025-06-20", data) for _, data in AGAIN], {3: "2025-06-20", 8: "2025-06-20"}),
    ],
    ids=["one", "again", "twice-decided", "all-on-one-day"],
)
def test_a_notice_is_named_by_the_day_of_the_decision(
    more: Iterable[tuple[str, Any]], subjects: dict[int, str]
) -> None:
    """By the last one on its application; two applications that were decided on one day are two all the same."""
    duties = replay(history_of("use_approved", more), as_of="2026-09-01").case.duties.values()
    assert subjects == {duty.seq: duty.subject for duty in duties if duty.code == "approval_notice"}


def test_use_without_any_approval_is_told_once() -> None:
    """第5条第3項: where nothing was approved, no notice is owed, and each further start of use is the same fault."""
    told = history_of("assessed", [(when, e.UseStarted()) for when in ("2025-07-01", "2025-08-01", "2025-09-01")])
    assert [4] == [each.seq for each in replay(told).findings if each.rule.code == "tsushima.approval_notified_first"]


def test_use_names_the_notice_that_it_leaves_out() -> None:
    """第5条第3項: with the record of the decision, so that the open duty is not told a second time."""
    judged = replay(history_of("use_approved", [("2025-07-01", e.UseStarted())])).judgements[-1]
    assert [{"owed": 3, "subject": "2025-06-20"}] == [each.values for each in judged.findings]


def test_use_names_the_notice_of_its_own_application() -> None:
    """第5条第3項: what an earlier approval still calls for is nothing that the second use leaves out."""
    told = history_of("use_approved", [*AGAIN[:3], ("2026-04-11", e.UseStarted()), ("2026-04-12", e.UseStarted())])
    found = [each for each in replay(told).findings if each.clause == "第5条第3項"]
    assert [(8, date(2026, 4, 10)), (3, "2025-06-20")] == [(each.seq, each.values["subject"]) for each in found]


def test_an_earlier_course_without_its_application() -> None:
    """第5条第3項: an application after its end begins anew, so that its notices are of no decision after it."""
    told = history_of("use_approved", [AGAIN[0], *AGAIN[2:], ("2026-04-20", tsushima_notices.notice("2026-05-01"))])
    del told.events[0]
    found = replay(told).findings
    assert [3] == [each.seq for each in found if each.clause == "第5条第3項"]
    assert [4] == [each.seq for each in found if each.rule.code == "tsushima.discontinuation_notice"]


@pytest.mark.parametrize("name", DUTIES)
def test_what_is_owed_on_a_day(name: str) -> None:
    """A duty is found from the day it arose on, with the event it arose from, until it is done."""
    told, as_of, expected = DUTIES[name]
    outcome = replay(told, as_of=as_of)
    kinds = {event.seq: event.kind for event in told.events}
    found = [finding for finding in outcome.settled if finding.severity is not NOTE]
    assert expected == [(each.clause, each.severity, kinds[each.seq]) for each in found]
    for finding in found:
        hold_to_language(finding)
        assert (Basis.TEXT if finding.severity is VIOLATION else Basis.DECISION) is finding.rule.basis
        assert finding.rule.once
        assert not finding.refuses


def test_a_plan_before_the_first_day_is_a_plan() -> None:
    """第8条第1項第1号: a plan made between the decision and the first day leaves nothing owed but the review."""
    told = course("approval_notified").on("2025-06-27", PLAN).on("2025-07-01", e.UseStarted())
    assert list(replay(told).case.duties) == [("review", "")]


@pytest.mark.parametrize(("as_of", "severity"), [("2025-07-15", OBSERVATION), ("2025-07-16", OBSERVATION)])
def test_an_office_may_set_a_day_for_the_plan(as_of: str, severity: Severity) -> None:
    """第11条: with plan_due_days the open item has a due day; the text has none, so it stays 要確認 (T-34)."""
    office = Office.parse("[settings]\nplan_due_days = 14")
    outcome = replay(course("use_started"), as_of=as_of, office=office)
    assert date(2025, 7, 15) == outcome.case.duties["plan", ""].due
    (finding,) = [each for each in outcome.settled if each.severity is not NOTE]
    assert (severity, date(2025, 7, 15)) == (finding.severity, finding.on)
    assert finding.rule.decision == "T-34"


@pytest.mark.parametrize(
    ("applied", "person_class", "found"),
    [
        ("2025-03-31", e.PersonClass.RECIPIENT, False),
        ("2025-04-01", e.PersonClass.RECIPIENT, True),
        ("2025-04-01", e.PersonClass.CONSULTATION_APPLICANT, False),
        ("2025-04-01", None, False),
    ],
)
def test_the_legal_basis_moved_on(applied: str, person_class: e.PersonClass | None, found: bool) -> None:
    """第1条: for recipients who applied on 1 April 2025 or later, a note and nothing more (T-47)."""
    told = Story("tsushima").on(applied, attrs.evolve(APPLIED, person_class=person_class))
    hits = list(replay(told).settled)
    assert found is bool(hits)
    for finding in hits:
        assert ("第1条", NOTE, "T-47") == (finding.clause, finding.severity, finding.rule.decision)
        hold_to_language(finding)


def test_the_size_for_the_levy_is_named_where_it_differs() -> None:
    """第4条第1号ア・イ: the message shows with how many persons the levy was calculated, if not the household's."""
    facts = {"income": 900_000, "assets": (e.Asset(kind=e.AssetKind.CASH, amount=900_000),), "household": (member(),)}
    for changes, named in (({}, False), ({"levy_size": 1, "size_reason": "扶養していない"}, True)):
        findings = judge_last(decision(**facts, **changes), office=VERIFIED).findings
        for rule in ("income_within_limit", "assets_within_limit"):
            found = _only(findings, rule)
            assert named is ("均等割は1人" in found.message("ja"))
            assert named is ("1 person for the levy" in found.message("en"))


@pytest.mark.parametrize("others", [0, 1, 3])
def test_no_household_is_spoken_of_where_none_is_known(others: int) -> None:
    """第4条第1号ウ: everyone at home is named where somebody shares it, and the applicant alone where nobody does."""
    kin = household(others + 1, gang_member=True) if others else (member(gang_member=True, shares_livelihood=False),)
    found = _only(judge_last(decision(gang_member=True, household=kin)).findings, "no_gang_member")
    assert bool(others) is ("世帯員" in found.message("ja"))
    assert bool(others) is ("everyone sharing home" in found.message("en"))
    assert ("暴力団員です(確認日" in found.message("ja")) is not bool(others)
    assert found.message("en").startswith("the applicant is a member of an organised crime group")


def test_both_numbers_for_the_levy_are_named() -> None:
    """第4条第1号ア: the household has two, the flags say one (T-13)."""
    found = _only(judge_last(decision(household=(member(tax_dependant=False),))).findings, "levy_size_of_dependants")
    assert (2, 1) == (found.values["size"], found.values["flagged"])
    assert "2人" in found.message("ja")
    assert "1人" in found.message("ja")


@pytest.mark.parametrize(
    ("setting", "size", "words"),
    [
        ("standard = 'national_table'", 1, ("全国の一覧表方式", "78,000円", "77,500円", "500円高い", "500 yen higher")),
        ("standard = 'national_table'", 3, ("140,000円", "138,166円", "1,833円高い", "1,833 yen higher")),
        (
            "deduction_basis = 'law_on_application_date'",
            1,
            ("申込日の法律", "77,500円", "差はありません", "no difference"),
        ),
    ],
)
def test_another_standard_shows_how_far_it_is_from_the_text(setting: str, size: int, words: tuple[str, ...]) -> None:
    """第4条第1号ア: both amounts and the difference, in words and not in codes (T-09)."""
    office = Office.parse(f"[settings]\n{setting}")
    found = _only(judge_last(decision(household=household(size)), office=office).findings, "text_standard_used")
    told = found.message("ja") + found.message("en")
    assert [] == [word for word in words if word not in told]
    assert "_" not in told


def test_a_standard_is_compared_as_far_as_figures_go() -> None:
    """第4条第1号ア: the law of the day (650,000) against that of the income year (550,000): 100,000 / 12 above."""
    office = Office.parse("[settings]\ndeduction_basis = 'law_on_application_date'")
    assessed = applied_on("2025-12-10")
    found = _only(judge_last(assessed, office=office).findings, "text_standard_used")
    assert "8,333円高い" in found.message("ja")


def test_figures_are_called_by_their_names() -> None:
    """第4条第1号ア: parameters that are missing or not verified are named in words."""
    unverified = _only(judge_last(decision()).findings, "figures_verified")
    assert "住宅扶助の限度額" in unverified.message("ja")
    assert "ceiling of the housing assistance" in unverified.message("en")
    missing = _only(judge_last(applied_on("2027-07-01")).findings, "figures_known")
    for told in (unverified.message("ja"), unverified.message("en"), missing.message("ja"), missing.message("en")):
        assert "_" not in told


@pytest.mark.parametrize(("decided", "days"), [("2025-06-18", 8), ("2025-09-30", 112)])
def test_the_days_to_the_decision_are_shown(decided: str, days: int) -> None:
    """第5条第2項 sets no time: the days from 受理 to the decision are a note and nothing more (T-17)."""
    told = course("use_approved", applied=attrs.evolve(APPLIED, received_on=date(2025, 6, 10)), use_approved=decided)
    (finding,) = [each for each in replay(told).settled if each.rule.code == "tsushima.days_to_decision"]
    assert (days, NOTE, "第5条第2項", "T-17") == (
        finding.values["days"],
        finding.severity,
        finding.clause,
        finding.rule.decision,
    )
    hold_to_language(finding)


def test_before_the_decision_no_days_are_shown() -> None:
    """Nothing is said of a decision that has not been taken."""
    assert [each.rule.code for each in replay(course("assessed")).settled] == ["tsushima.legal_basis_stale"]


@pytest.mark.parametrize(
    ("upto", "as_of", "found"),
    [
        ("plan_made", "2025-09-29", False),  # ninety days from 1 July
        ("plan_made", "2025-09-30", True),
        ("plan_reviewed", "2025-12-31", False),
        ("plan_reviewed", "2026-01-01", True),
        ("plan_reviewed", "2030-01-01", True),
    ],
)
def test_an_office_may_set_an_interval_of_reviews(upto: str, as_of: str, found: bool) -> None:
    """第11条: the office's own interval is 要確認 one day later than it allows, and there is none by default."""
    told, office = course(upto), Office.parse("[settings]\nreview_interval_days = 90")
    says = OF_THE_DAY["review_interval"]
    hits = [each for each in replay(told, as_of=as_of, office=office).settled if each.rule.code.endswith("interval")]
    assert found is bool(hits)
    for finding in hits:
        assert (says.clause, says.severity, says.decision) == (finding.clause, finding.severity, finding.rule.decision)
        hold_to_language(finding)
    assert not [each for each in replay(told, as_of=as_of).settled if each.rule.code.endswith("interval")]


def test_no_interval_runs_beyond_the_last_day() -> None:
    """A review within the interval of the last day is enough for ever."""
    office = Office.parse("[settings]\nreview_interval_days = 90")
    told = course().on("2026-01-20", COURSE["plan_reviewed"].data)
    assert not [
        each for each in replay(told, as_of="2030-01-01", office=office).settled if each.severity is OBSERVATION
    ]


def test_every_ground_is_in_the_tables() -> None:
    """Each of the five grounds is decided upon by at least one witness on either side."""
    used = {
        (ground, witness.fails)
        for witness in tsushima_witnesses_later.DISCONTINUING
        for ground in witness.story.last.data.grounds
    }
    assert {(ground, fails) for ground in Ground for fails in (True, False)} == used


def test_officers_write_down_their_own_support() -> None:
    """第8条: where nobody is named, the one who recorded the support is the one who gave it."""
    assert list(judge_last(course("plan_made").on("2025-07-15", ADVICE, by=OFFICER)).findings) == []
