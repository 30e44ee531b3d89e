"""The events of 対馬市生活困窮者等就労準備支援事業実施要綱, in the order of its text: one attrs class for each kind."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated

from msgspec import Meta

from shuroflow.events.envelope import Actor, Count, Id, Text, Yen, about, part, payload, register_kinds
from shuroflow.events.saitama import AssistanceAbolished, Consented, Extended
from shuroflow.vocabulary import Term

Month = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)")]
"""A calendar month, ``YYYY-MM``."""

Persons = Annotated[int, Meta(ge=1, le=1_000_000)]
"""A number of persons of whom the applicant is one."""

_DASHES = dict.fromkeys(map(ord, "―–—‐‑‒−ー－ｰ"), "-")


class Form(Term):
    """The forms of the 要綱. 第9―1号 is accepted with any dash, in half or full width, with or without 様式第…号."""

    APPLICATION = "1", "様式第1号(申込書)", "Form 1 (application)"
    DECLARATION = "2", "様式第2号(資産収入申告書)", "Form 2 (declaration of assets and income)"
    APPROVAL = "3", "様式第3号(利用決定通知書)", "Form 3 (notice of approval)"
    REJECTION = "4", "様式第4号(利用却下決定通知書)", "Form 4 (notice of rejection)"
    DISCONTINUATION = "5", "様式第5号(利用中止決定通知書)", "Form 5 (notice of discontinuation)"
    PLAN = "6", "様式第6号(計画書)", "Form 6 (plan)"
    REVIEW = "7", "様式第7号(評価書)", "Form 7 (review)"
    AGREEMENT = "8", "様式第8号(協定書)", "Form 8 (agreement)"
    TRIAL_CONFIRMATION = "9-1", "様式第9―1号(体験就労確認書)", "Form 9-1 (confirmation of the work trial)"
    ATTENDANCE = "9-2", "様式第9―2号(出勤簿)", "Form 9-2 (attendance sheet)"
    CLAIM = "10", "様式第10号(実績報告書兼請求書)", "Form 10 (report and claim)"

    @classmethod
    def _missing_(cls, value: object) -> Form | None:
        if not isinstance(value, str):
            return None
        plain = unicodedata.normalize("NFKC", value.translate(_DASHES)).translate(_DASHES)
        plain = re.sub(r"^(?:様式)?第?|号$", "", plain.strip())
        return next((form for form in cls if form.value == plain), None)


class PersonClass(Term):
    """第4条: the two groups of persons."""

    RECIPIENT = "recipient", "被保護者", "recipient of public assistance"
    CONSULTATION_APPLICANT = (
        "consultation_applicant",
        "自立相談支援の申込者",
        "applicant for self-reliance consultation",
    )
    NEITHER = "neither", "いずれでもない", "neither"


class PriorOutcome(Term):
    """How an earlier case of the same person came to its end."""

    EXPIRED = "expired", "期間満了", "period ran out"
    SELF_SUPPORTED = "self_supported", "就職自立による満了", "self-support recognised"
    DISCONTINUED = "discontinued", "中止", "discontinued"
    REJECTED = "rejected", "却下", "rejected"
    WITHDRAWN = "withdrawn", "取下げ", "application taken back"
    RUNNING = "running", "利用中", "still running"


class AssetKind(Term):
    """第4条第1号: kinds of financial assets; insurance is not defined by the text and is only flagged."""

    DEPOSIT = "deposit", "預貯金", "deposit"
    CASH = "cash", "現金", "cash"
    SECURITIES = "securities", "有価証券", "securities"
    INSURANCE = "insurance", "保険解約返戻金", "surrender value of insurance"


class EligibilityGround(Term):
    """第4条: the item on which a decision rests."""

    ITEM_1 = "item_1", "第4条第1号", "Article 4 item 1"
    ITEM_2 = "item_2", "第4条第2号", "Article 4 item 2"


class PreparationKind(Term):
    """第8条第2項: the three kinds of support."""

    DAILY = "daily", "日常生活自立", "daily life"
    SOCIAL = "social", "社会生活自立", "social life"
    EMPLOYMENT = "employment", "就労自立", "employment"


class IncidentKind(Term):
    """第7条第1項: facts on which grounds for discontinuing may rest."""

    OBSTRUCTION = "obstruction", "他の利用者への支障行為", "act that hinders other users"
    GUIDANCE = "guidance", "担当者の指導", "guidance by the officer"
    NONCOMPLIANCE = "noncompliance", "指導に従わない事実", "guidance not followed"
    CONSULTATION_REFUSED = "consultation_refused", "自立相談支援の拒否", "consultation support refused"
    INSTRUCTION = "instruction", "自立相談支援での指示", "instruction in consultation support"
    INSTRUCTION_IGNORED = "instruction_ignored", "指示に従わない事実", "instruction not followed"
    WHEREABOUTS_CHECKED = "whereabouts_checked", "所在の確認(確認できず)", "search without result"


class Ground(Term):
    """第7条第1項: the grounds for discontinuing, by number."""

    NOT_ELIGIBLE = "1", "第1号(要件非該当)", "item 1 (not eligible)"
    DISRUPTION = "2", "第2号(支障行為と指導不服従)", "item 2 (disruption and guidance not followed)"
    REFUSAL = "3", "第3号(自立相談支援の拒否等)", "item 3 (consultation support refused)"
    WHEREABOUTS = "4", "第4号(所在不明)", "item 4 (whereabouts unknown)"
    OTHER = "5", "第5号(継続困難)", "item 5 (hard to continue)"


class ContinuationReason(Term):
    """第7条第1項第5号: why going on is hard, for cases the other grounds do not fit."""

    MOVED_OUT = "moved_out", "転出", "moved away"
    STATUS_LOST = "status_lost", "資格喪失", "no longer in either group"
    WAIVED = "waived", "辞退", "waived by the person"
    DEATH = "death", "死亡", "death"
    OTHER = "other", "その他", "other"


class VisitKind(Term):
    """How preparatory support was given."""

    INTERVIEW = "interview", "面接", "interview"
    ADVICE = "advice", "助言", "advice"
    MOCK_INTERVIEW = "mock_interview", "模擬面接", "mock interview"
    GUIDANCE = "guidance", "指導", "guidance"
    OTHER = "other", "その他", "other"


@part
class Paper:
    """A form that was used. ``edition`` is the day from which that edition of the form applied."""

    form: Form = about("which form")
    edition: date | None = about("first day of that edition; none: not known", default=None)


@part
class Asset:
    """A financial asset on the day of the application."""

    kind: AssetKind = about("kind")
    amount: Yen = about("yen")


@part
class Member:
    """Another member of the household: the text uses four notions of it, so each is a flag of its own."""

    id: Id = about("id within the case; never a name")
    same_household: bool = about("belongs to the household (income, assets)", default=True)
    shares_livelihood: bool = about("lives in and shares the livelihood (organised crime check)", default=True)
    tax_dependant: bool = about("counts for the per-capita levy", default=True)
    gang_member: bool | None = about("member of an organised crime group? none: not checked", default=None)


@part
class Issue:
    """第8条第1項第1号: a problem that was found."""

    id: Id = about("id within the case")
    text: Text = about("the problem in words")


@part
class Honorarium:
    """第9条第4項: the rule for the amount, as the agreement has it."""

    daily_cap: Yen | None = about("most that is paid for one day, yen; none: no cap", default=None)
    total_cap: Yen | None = about("most that is paid in all, yen; none: no cap", default=None)


@part
class AttendedDay:
    """One day of a work trial on the attendance sheet."""

    on: date = about("the day")
    arrived: str | None = about("time of arrival", default=None)
    left: str | None = about("time of leaving", default=None)


@payload("applied")
class Applied:
    """第5条第1項: the person applied; the day of the event is 申込日."""

    papers: tuple[Paper, ...] = about("the forms handed in")
    received_on: date | None = about("day the office received them; none: the same day", default=None)
    resident: bool | None = about("lives in the city?", default=None)
    person_class: PersonClass | None = about("group of 第4条", default=None)
    consultation_applied_on: date | None = about("day of the application for consultation support", default=None)
    prior_case_id: Id | None = about("an earlier case of the same person", default=None)
    prior_outcome: PriorOutcome | None = about("how that case ended", default=None)
    prior_last_day: date | None = about("last day of use in that case", default=None)
    prior_months: Count = about("months of use so far, all earlier cases together", default=0)
    override_reason: Text | None = about("why a new application is taken while a period runs", default=None)


@payload("assessed")
class Assessed:
    """第5条第2項: the office assessed the application against 第4条."""

    income_month: Month = about("month of the income")
    income: Yen = about("income of the household in that month, gross, without public assistance, yen")
    assets: tuple[Asset, ...] = about("financial assets of the household")
    assets_as_of: date = about("day of those balances")
    income_estimated: bool = about("is the income an estimate?", default=False)
    household: tuple[Member, ...] = about("the other members", default=())
    gang_member: bool | None = about("is the applicant a member? none: not checked", default=None)
    gang_checked_on: date | None = about("day of that check", default=None)
    household_size: Persons | None = about("size taken instead of the number of members", default=None)
    levy_size: Persons | None = about("number taken for the levy instead of the household's size", default=None)
    size_reason: str | None = about("why other numbers were taken", default=None)
    owns_home: bool = about("lives in a home of their own without rent?", default=False)


@payload("use_approved")
class UseApproved:
    """第5条第2項: the director approved the use."""

    decided_by: Actor = about("who decided")
    ground: EligibilityGround = about("item of 第4条 on which it rests")
    recognition_reason: str | None = about("item 2: why support is needed", default=None)
    approval: str | None = about("reference of the approval (決裁)", default=None)
    override_reason: Text | None = about("reason for going on where only our reading stands against it", default=None)


@payload("approval_notified")
class ApprovalNotified:
    """第5条第3項: the approval was notified; the notice fixes the first day of use."""

    paper: Paper = about("the notice, form 3")
    start_on: date = about("first day of use (利用開始日)")
    override_reason: Text | None = about("reason for going on where only our reading stands against it", default=None)


@payload("use_rejected")
class UseRejected:
    """第5条第2項: the director rejected the application."""

    decided_by: Actor = about("who decided")
    reason: str | None = about("why", default=None)


@payload("rejection_notified")
class RejectionNotified:
    """第5条第4項: the rejection was notified."""

    paper: Paper = about("the notice, form 4")


@payload("application_withdrawn")
class ApplicationWithdrawn:
    """The person took the application back (not in the text)."""

    reason: str | None = about("why", default=None)


@payload("use_started")
class UseStarted:
    """第6条第1項: use began."""

    officer: Actor | None = about("officer in charge", default=None)


@payload("employment_started")
class EmploymentStarted:
    """The person found work; by itself that ends nothing (第6条第2項 asks for more)."""

    detail: str | None = about("in words", default=None)


@payload("self_support_recognised")
class SelfSupportRecognised:
    """第6条第2項: employed and self-supporting, so decided; that day is the last of use."""

    decided_by: Actor = about("who decided")
    employed_on: date | None = about("first day of work", default=None)
    self_supporting: bool = about("was self-support recognised?", default=False)
    reason: str | None = about("on what facts", default=None)


@payload("incident_recorded")
class IncidentRecorded:
    """第7条第1項: a fact on which a ground may rest; by itself it ends nothing."""

    kind: IncidentKind = about("which fact")
    detail: str | None = about("in words", default=None)
    by: Actor | None = about("who acted; none: who recorded it", default=None)


@payload("discontinued")
class Discontinued:
    """第7条第1項: the director discontinued the use."""

    decided_by: Actor = about("who decided")
    grounds: tuple[Ground, ...] = about("numbers of the grounds")
    failed_items: tuple[EligibilityGround, ...] = about("ground 1: items of 第4条 that no longer hold", default=())
    continuation_reason: ContinuationReason | None = about("ground 5: code of the reason", default=None)
    reason: str | None = about("in words", default=None)
    effective_on: date | None = about("last day of use; none: the day of the decision", default=None)
    override_reason: Text | None = about("reason for going on where only our reading stands against it", default=None)


@payload("discontinuation_notified")
class DiscontinuationNotified:
    """第7条第2項: the discontinuation was notified."""

    paper: Paper = about("the notice, form 5")


@payload("plan_made")
class PlanMade:
    """第8条第1項第1号: problems, goals and content of support were put into the plan."""

    paper: Paper = about("the plan, form 6")
    issues: tuple[Issue, ...] = about("the problems found")
    goals: tuple[Text, ...] = about("goals")
    contents: tuple[Text, ...] = about("content of support")
    by: Actor | None = about("who made it", default=None)


@payload("plan_reviewed")
class PlanReviewed:
    """第8条第1項第2号: the plan was reviewed."""

    paper: Paper = about("the review, form 7")
    changes: Text = about("what was found and changed")
    issues: tuple[Issue, ...] = about("problems added to the plan", default=())
    by: Actor | None = about("who reviewed", default=None)


@payload("activity_recorded")
class ActivityRecorded:
    """第8条第2項: support was given."""

    kind: PreparationKind = about("which of the three kinds")
    mode: VisitKind = about("how", default=VisitKind.OTHER)
    issue: Id | None = about("id of the problem in the plan that it serves", default=None)
    by: Actor | None = about("who gave it; none: who recorded it", default=None)


@payload("agreement_made")
class AgreementMade:
    """第9条第2項: an agreement with a workplace."""

    paper: Paper = about("the agreement, form 8")
    provider: Id = about("the workplace")
    start: date = about("first day it holds")
    end: date = about("last day it holds")
    honorarium: Honorarium | None = about("the rule for the honorarium; none: the agreement says nothing", default=None)


@payload("coverage_arranged")
class CoverageArranged:
    """第9条第3項: a measure against damage, such as insurance."""

    kind: Text = about("which measure")
    start: date = about("first day it holds")
    end: date = about("last day it holds")


@payload("coordination_recorded")
class CoordinationRecorded:
    """第9条第5項: the officer worked with the workplace."""

    provider: Id = about("the workplace")
    content: Text = about("what was arranged")


@payload("workplace_visited")
class WorkplaceVisited:
    """第8条第2項第3号: a visit to a workplace."""

    provider: Id = about("the workplace")
    by: Actor | None = about("officer who went along", default=None)


@payload("trial_confirmed")
class TrialConfirmed:
    """第9条第6項: content and conditions of the work trial were confirmed in writing."""

    paper: Paper = about("the confirmation, form 9-1")
    trial: Id = about("id of the work trial within the case")
    provider: Id = about("the workplace")
    voluntary: bool = about("does it rest on the person's own will?")
    agreed: bool = about("did the person understand and agree?")


@payload("trial_started")
class TrialStarted:
    """第9条第6項: a work trial began; the day of the event is its first day."""

    trial: Id = about("id of the work trial within the case")
    provider: Id = about("the workplace")


@payload("attendance_recorded")
class AttendanceRecorded:
    """第9条第6項: days of a work trial, from the attendance sheet."""

    paper: Paper = about("the sheet, form 9-2")
    trial: Id = about("id of the work trial")
    days: tuple[AttendedDay, ...] = about("the days")


@payload("wages_paid")
class WagesPaid:
    """第9条第4項: wages that the workplace paid for the trial."""

    trial: Id = about("id of the work trial")
    amount: Yen = about("yen")


@payload("claim_received")
class ClaimReceived:
    """第10条第1項: a complete report and claim was received; the day of the event is 受理した日."""

    paper: Paper = about("the claim, form 10")
    claim: Id = about("id of the claim within the case")
    trial: Id = about("id of the work trial")
    days: tuple[date, ...] = about("days claimed for")
    amount: Yen = about("amount claimed, yen")
    attachments: tuple[Form, ...] = about("forms that came with it", default=())
    arrived_on: date | None = about("day it first arrived, if it was not complete then", default=None)
    override_reason: Text | None = about("reason for going on where only our reading stands against it", default=None)


@payload("claim_returned")
class ClaimReturned:
    """第10条: a claim was given back to be put right."""

    claim: Id = about("id of the claim")
    reason: Text = about("what is wrong with it")


@payload("claim_paid")
class ClaimPaid:
    """第10条第2項: a claim was paid."""

    claim: Id = about("id of the claim")
    amount: Yen = about("amount paid, yen")
    difference_reason: str | None = about("why another amount than claimed", default=None)


KINDS: tuple[type, ...] = (
    Applied,
    Assessed,
    UseApproved,
    ApprovalNotified,
    UseRejected,
    RejectionNotified,
    ApplicationWithdrawn,
    UseStarted,
    EmploymentStarted,
    SelfSupportRecognised,
    IncidentRecorded,
    Discontinued,
    DiscontinuationNotified,
    PlanMade,
    PlanReviewed,
    ActivityRecorded,
    AgreementMade,
    CoverageArranged,
    CoordinationRecorded,
    WorkplaceVisited,
    TrialConfirmed,
    TrialStarted,
    AttendanceRecorded,
    WagesPaid,
    ClaimReceived,
    ClaimReturned,
    ClaimPaid,
    Consented,
    Extended,
    AssistanceAbolished,
)

register_kinds("tsushima", KINDS)
