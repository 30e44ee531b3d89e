"""対馬市生活困窮者等就労準備支援事業実施要綱, as this system has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from examples.foreign_system.casefile import CaseFile, Complaint, filled
from examples.foreign_system.days import NEVER, fiscal_year, last_of_fiscal_year, next_open, plus
from examples.foreign_system.mistakes import Mistake
from examples.foreign_system.store import Act, Duty

USE = {"in_support"}
OPEN = {"candidate", "selected"} | USE
USED = USE | {"ended", "discontinued"}

# Yen by year: from, to, amount. The deduction goes by the year of the income, the others by the year of the tax.
DEDUCTION = ((2016, 2019, 650_000), (2020, 2024, 550_000), (2025, 2025, 650_000))
LEVY = ((2017, 2020, 280_000, 168_000, 0), (2021, 2026, 280_000, 168_000, 100_000))
RENT = (32_000, 38_000, 42_000, 42_000, 42_000, 45_000, 50_000)
RENT_KNOWN = ("2018-11-01", "2027-06-30")

APPROVAL = Duty("第5条第3項")
REJECTION = Duty("第5条第4項")
DISCONTINUATION = Duty("第7条第2項")
CONFIRM_INCOME = Duty("第4条第1号ア")
PLAN = Duty("第8条第1項第1号")
REVIEW = Duty("第8条第1項第2号")


@dataclass
class Trial:
    """A work trial."""

    provider: str | None = None
    confirmed: dict[str, str] = field(default_factory=dict)  # workplace: day
    days: set[str] = field(default_factory=set)
    wages: int = 0
    claimed: int = 0
    claimed_days: set[str] = field(default_factory=set)


@dataclass
class Claim:
    """A claim that is not given back."""

    trial: str
    amount: int
    days: list[str]
    payable: int
    paid: bool = False


class TsushimaFile(CaseFile):
    """One case. That use is under way, or over on 31 March, is never written down: it follows from the days."""

    programme = "tsushima"
    where: ClassVar[dict[str, set[str]]] = {
        "applied": {"new"},
        "application_withdrawn": {"candidate"},
        "assessed": OPEN,
        "use_approved": {"candidate"},
        "use_rejected": {"candidate"},
        "approval_notified": {"selected"} | USE,
        "rejection_notified": {"declined"},
        "use_started": {"selected"} | USE,
        "employment_started": OPEN | USED,
        "self_support_recognised": USE,
        "incident_recorded": OPEN,
        "discontinued": {"selected"} | USE,
        "discontinuation_notified": {"discontinued"},
        "plan_made": {"selected"} | USE,
        "plan_reviewed": USE,
        "activity_recorded": USE,
        "agreement_made": OPEN,
        "coverage_arranged": OPEN,
        "coordination_recorded": {"selected"} | USED,
        "workplace_visited": USE,
        "trial_confirmed": {"selected"} | USE,
        "trial_started": USE,
        "attendance_recorded": USED,
        "wages_paid": USED,
        "claim_received": USED,
        "claim_returned": USED,
        "claim_paid": USED,
    }
    moving = frozenset(
        [
            "applied",
            "application_withdrawn",
            "use_approved",
            "use_rejected",
            "use_started",
            "self_support_recognised",
            "discontinued",
            "extended",
        ]
    )
    turns: ClassVar[dict[str, int]] = {
        "activity_recorded": 1,
        "workplace_visited": 1,
        "trial_started": 1,
        "attendance_recorded": 2,
        "claim_received": 3,
        "claim_returned": 3,
        "claim_paid": 4,
    }
    clause_of: ClassVar[dict[str, str]] = {
        "applied": "第5条第1項",
        "use_approved": "第5条第2項",
        "approval_notified": "第5条第3項",
        "discontinued": "第7条第1項",
        "claim_received": "第10条第1項",
        "claim_paid": "第10条第2項",
    }
    any_other_clause = "第6条第1項"

    def __init__(self, planted: frozenset[Mistake]) -> None:
        super().__init__(planted)
        self.applied_on = self.end = ""
        self.application: Act | None = None
        self.assessment: Act | None = None
        self.decided_on = self.discontinued_on = ""
        self.start_on = self.used_from = ""
        self.employed_on = self.plan_on = ""
        self.reviewed = False
        self.agreements: list[Act] = []
        self.covers: list[tuple[str, str]] = []
        self.coordinated: set[str] = set()
        self.incidents: dict[str, list[str]] = {}
        self.trials: dict[str, Trial] = {}
        self.claims: dict[str, Claim] = {}

    # ---- application, assessment, decision

    def check_applied(self, act: Act) -> Complaint:
        if not {"1", "2"} <= {paper["form"] for paper in act["papers"]}:
            yield "第5条第1項", "申込書と資産収入申告書が必要です"
        if act["received_on"] is not None and act["received_on"] < act.day:
            yield "第5条第2項", "申込みの前の受理です"
        last = act["prior_last_day"]
        if last is not None and self.has(Mistake.APPLIED_ON_THE_LAST_DAY):
            last = plus(last, -1)
        running = act["prior_outcome"] == "running" if last is None else act.day <= last
        if running and act["override_reason"] is None:
            yield "第6条第3項", "前の利用期間が終わっていません"

    def check_assessed(self, act: Act) -> Complaint:
        if self.application is not None and act.day < (self.application["received_on"] or self.applied_on):
            yield "第5条第2項", "受理の前の査定です"

    def check_use_rejected(self, act: Act) -> Complaint:
        if act["decided_by"]["role"] != "director":
            yield "第5条第2項", "所長の決定ではありません"
        if self.assessment is None or self.assessment.day > act.day:
            yield "第5条第2項", "査定がありません"

    def check_use_approved(self, act: Act) -> Complaint:
        yield from self.check_use_rejected(act)
        assert self.application is not None
        if self.application["resident"] is not True:
            yield "第4条", "市内に居住していません"
        consulted = self.application["consultation_applied_on"]
        if self.application["person_class"] != "recipient" and (
            self.application["person_class"] != "consultation_applicant" or consulted is None or consulted > act.day
        ):
            yield "第4条", "被保護者でも相談支援の申込者でもありません"
        item_2 = act["ground"] == "item_2"
        if item_2 and not (filled(act["recognition_reason"]) and filled(act["approval"])):
            yield "第4条第2号", "認める理由と決裁が必要です"
        if self.assessment is None:
            return
        household = [each["gang_member"] for each in self.assessment["household"] if each["shares_livelihood"]]
        asked = [self.assessment["gang_member"], *household]
        members = asked[:1] if self.has(Mistake.ONE_NON_MEMBER_IS_ENOUGH) else asked
        if item_2:
            if True in asked and act["override_reason"] is None:
                yield "第4条第2号", "暴力団員を認める理由がありません"
            return
        if True in members:
            yield "第4条第1号ウ", "暴力団員がいます"
        if None in asked or (self.assessment["gang_checked_on"] or "") > act.day:
            yield "第5条第2項", "暴力団員でないことの確認がありません"
        yield from self._means(self.assessment)

    def _means(self, assessed: Act) -> Complaint:
        if assessed["income_month"] != self.applied_on[:7]:
            yield "第4条第1号ア", "申込月の収入ではありません"
        if assessed["assets_as_of"] != self.applied_on:
            yield "第4条第1号イ", "申込日の資産ではありません"
        early = (4, 5) if self.has(Mistake.TAX_YEAR_UP_TO_MAY) else (4, 5, 6)
        tax_year = fiscal_year(self.applied_on) - (int(self.applied_on[5:7]) in early)
        size = assessed["household_size"] or 1 + sum(each["same_household"] for each in assessed["household"])
        taxed = assessed["levy_size"] or size
        deduction = next((each[2] for each in DEDUCTION if each[0] <= tax_year - 1 <= each[1]), None)
        levy = next((each[2:] for each in LEVY if each[0] <= tax_year <= each[1]), None)
        if deduction is None or levy is None or not RENT_KNOWN[0] <= self.applied_on <= RENT_KNOWN[1]:
            yield "第4条第1号ア", "基準額が分かりません"
            return
        a_year = levy[0] * taxed + (levy[1] if taxed > 1 else 0) + levy[2] + deduction
        limit = -(-a_year // 1200) * 1200 if self.has(Mistake.INCOME_ROUNDED_UP) else a_year
        if 12 * (assessed["income"] - RENT[min(size, len(RENT)) - 1]) > limit:
            yield "第4条第1号ア", "収入が基準を超えています"
        owned = sum(each["amount"] for each in assessed["assets"] if each["kind"] != "insurance")
        if 2 * owned > a_year or (2 * owned == a_year and self.has(Mistake.ASSETS_BELOW_THE_LIMIT)):
            yield "第4条第1号イ", "資産が基準を超えています"

    def do_applied(self, act: Act) -> str:
        self.application, self.applied_on = act, act.day
        self.end = last_of_fiscal_year(act.day)
        return "candidate"

    def do_application_withdrawn(self, act: Act) -> str:
        self.close(act.day)
        return "declined"

    def do_assessed(self, act: Act) -> None:
        self.assessment = act
        if not act["income_estimated"] and act["income_month"] == self.applied_on[:7]:
            self.done(CONFIRM_INCOME.clause)

    def do_use_approved(self, act: Act) -> str:
        self.decided_on = act.day
        self.owe(APPROVAL)
        if act["ground"] == "item_1" and self.assessment is not None and self.assessment["income_estimated"]:
            self.owe(CONFIRM_INCOME)
        return "selected"

    def do_use_rejected(self, act: Act) -> str:
        self.decided_on = act.day
        self.close(act.day)
        self.owe(REJECTION)
        return "declined"

    # ---- notices and the period

    def _notice(self, act: Act, form: str, clause: str) -> Complaint:
        if act["paper"]["form"] != form:
            yield clause, f"様式第{form}号ではありません"
        if act.day < (self.discontinued_on or self.decided_on):
            yield clause, "決定の前の通知です"

    def check_approval_notified(self, act: Act) -> Complaint:
        yield from self._notice(act, "3", "第5条第3項")
        if act["start_on"] > self.last_day:
            yield "第6条第1項", "利用期間が空になります"
        early = act["start_on"] < self.applied_on and not self.has(Mistake.START_BEFORE_APPLICATION)
        if early and act["override_reason"] is None:
            yield "第6条第1項", "申込みの前の利用開始日です"

    def check_rejection_notified(self, act: Act) -> Complaint:
        yield from self._notice(act, "4", "第5条第4項")

    def check_discontinuation_notified(self, act: Act) -> Complaint:
        yield from self._notice(act, "5", "第7条第2項")

    def check_use_started(self, act: Act) -> Complaint:
        if not self.start_on:
            yield "第5条第3項", "利用開始日が通知されていません"
        elif not self.start_on <= act.day <= self.last_day:
            yield "第6条第1項", "利用期間の外です"

    def check_self_support_recognised(self, act: Act) -> Complaint:
        employed = act["employed_on"] or self.employed_on or NEVER
        if employed > act.day or not (act["self_supporting"] or self.has(Mistake.WORK_ENDS_THE_USE)):
            yield "第6条第2項", "就職と自立の双方が必要です"

    def _owe_plan(self) -> None:
        if self.period is None and not self.used_from:
            self.done(PLAN.clause)
            self.done(REVIEW.clause)
            return
        if not self.plan_on:
            self.owe(PLAN)
        if not self.reviewed:
            self.owe(REVIEW)

    def do_approval_notified(self, act: Act) -> None:
        self.start_on = act["start_on"]
        self.done(APPROVAL.clause)
        if not self.used_from:
            self._owe_plan()

    def do_rejection_notified(self, act: Act) -> None:
        self.done(REJECTION.clause)

    def do_discontinuation_notified(self, act: Act) -> None:
        self.done(DISCONTINUATION.clause)

    def do_use_started(self, act: Act) -> None:
        self.used_from = act.day
        self._owe_plan()

    def do_employment_started(self, act: Act) -> None:
        self.employed_on = act.day

    def do_self_support_recognised(self, act: Act) -> str:
        self.close(min(act.day, self.last_day))
        return "ended"

    # ---- discontinuing

    def _since(self, kind: str, until: str) -> str:
        return min((day for day in self.incidents.get(kind, ()) if day <= until), default=NEVER)

    def _unheeded(self, told: str, ignored: str, until: str) -> bool:
        """Was something said, and not followed on that day or later?"""
        first = self._since(told, until)
        return any(first <= day <= until for day in self.incidents.get(ignored, ()))

    def check_discontinued(self, act: Act) -> Complaint:
        grounds = act["grounds"]
        if act["decided_by"]["role"] != "director":
            yield "第7条第1項", "所長の決定ではありません"
        if not grounds:
            yield "第7条第1項", "事由がありません"
        if "5" not in grounds and self.stage(act.day) == "selected":
            yield "第7条第1項", "利用は始まっていません"
        if act["effective_on"] is not None and act["effective_on"] < act.day and act["override_reason"] is None:
            yield "第7条第1項", "決定の前に遡ります"
        if "1" in grounds and not {"item_1", "item_2"} <= set(act["failed_items"]):
            yield "第7条第1項第1号", "第4条の各号の双方に該当しないことが必要です"
        if "2" in grounds:
            unheeded = self._unheeded("guidance", "noncompliance", act.day)
            if self._since("obstruction", act.day) == NEVER or not (
                unheeded or self.has(Mistake.DISRUPTION_OR_GUIDANCE)
            ):
                yield "第7条第1項第2号", "支障行為と指導に従わない事実の双方が必要です"
        if "3" in grounds:
            refused = self._since("consultation_refused", act.day) != NEVER
            if not refused and not self._unheeded("instruction", "instruction_ignored", act.day):
                yield "第7条第1項第3号", "支援の拒否も指示に従わない事実もありません"
            if self.application is None or self.application["consultation_applied_on"] is None:
                yield "第7条第1項第3号", "相談支援の利用者ではありません"
        if "4" in grounds and self._since("whereabouts_checked", act.day) == NEVER:
            yield "第7条第1項第4号", "所在を確かめた記録がありません"
        if "5" in grounds and act["continuation_reason"] in {None, "other"} and not filled(act["reason"]):
            yield "第7条第1項第5号", "理由がありません"

    def do_discontinued(self, act: Act) -> str:
        self.discontinued_on = act.day
        self.close(min(max(act["effective_on"] or act.day, act.day), self.last_day))
        died = act["continuation_reason"] == "death"
        if died:
            self.done(APPROVAL.clause)
        if not died and ("4" not in act["grounds"] or self.has(Mistake.NOTICE_FOR_THE_MISSING)):
            self.owe(DISCONTINUATION)
        return "discontinued"

    def do_incident_recorded(self, act: Act) -> None:
        self.incidents.setdefault(act["kind"], []).append(act.day)

    # ---- plan, workplaces, trials

    def check_plan_made(self, act: Act) -> Complaint:
        if act["paper"]["form"] != "6":
            yield "第8条第1項第1号", "計画書の様式ではありません"
        if not (act["issues"] and act["goals"] and act["contents"]):
            yield "第8条第1項第1号", "課題、目標、内容がそろっていません"

    def check_plan_reviewed(self, act: Act) -> Complaint:
        if act["paper"]["form"] != "7":
            yield "第8条第1項第2号", "評価書の様式ではありません"
        if not self.plan_on or self.plan_on > act.day:
            yield "第8条第1項第2号", "計画書がありません"

    def check_agreement_made(self, act: Act) -> Complaint:
        if act["paper"]["form"] != "8":
            yield "第9条第2項", "協定書の様式ではありません"
        if act["end"] < act["start"]:
            yield "第9条第2項", "終わりが始まりより前です"
        if act["honorarium"] is None:
            yield "第9条第4項", "支給額の定めがありません"

    def check_coverage_arranged(self, act: Act) -> Complaint:
        if act["end"] < act["start"]:
            yield "第9条第3項", "終わりが始まりより前です"

    def _agreement(self, provider: str, day: str) -> Act | None:
        fitting = (each for each in reversed(self.agreements) if each["provider"] == provider)
        return next((each for each in fitting if each["start"] <= day <= each["end"]), None)

    def _workplace(self, provider: str | None, days: list[str]) -> Complaint:
        if any(provider is None or self._agreement(provider, day) is None for day in days):
            yield "第9条第2項", "協定がありません"
        if any(not any(start <= day <= end for start, end in self.covers) for day in days):
            yield "第9条第3項", "損害への備えがありません"

    def _confirmed(self, trial: str, provider: str | None, days: list[str]) -> Complaint:
        known = self.trials.get(trial)
        confirmed = known.confirmed.get(provider, NEVER) if known is not None and provider is not None else NEVER
        if days and confirmed > (plus(min(days), 1) if self.has(Mistake.CONFIRMED_A_DAY_LATE) else min(days)):
            yield "第9条第6項", "開始までに確認書がありません"

    def check_workplace_visited(self, act: Act) -> Complaint:
        yield from self._workplace(act["provider"], [act.day])

    def check_trial_confirmed(self, act: Act) -> Complaint:
        if act["paper"]["form"] != "9-1":
            yield "第9条第6項", "確認書の様式ではありません"
        if not (act["voluntary"] and act["agreed"]):
            yield "第9条第6項", "本人の意思と合意が必要です"

    def check_trial_started(self, act: Act) -> Complaint:
        yield from self._workplace(act["provider"], [act.day])
        yield from self._confirmed(act["trial"], act["provider"], [act.day])

    def check_attendance_recorded(self, act: Act) -> Complaint:
        if act["paper"]["form"] != "9-2":
            yield "第9条第6項", "出勤簿の様式ではありません"
        trial = self.trials.get(act["trial"])
        provider = trial.provider if trial is not None else None
        days = [each["on"] for each in act["days"]]
        yield from self._workplace(provider, days)
        yield from self._confirmed(act["trial"], provider, days)
        last = min(self.last_day, self.closed_on or NEVER)
        if any(not self.first_day or not self.first_day <= day <= last for day in days):
            yield "第6条第1項", "利用期間の外の日があります"

    def do_plan_made(self, act: Act) -> None:
        self.plan_on = act.day
        self.done(PLAN.clause)

    def do_plan_reviewed(self, act: Act) -> None:
        self.reviewed = True
        self.done(REVIEW.clause)

    def do_agreement_made(self, act: Act) -> None:
        self.agreements.append(act)

    def do_coverage_arranged(self, act: Act) -> None:
        self.covers.append((act["start"], act["end"]))

    def do_coordination_recorded(self, act: Act) -> None:
        self.coordinated.add(act["provider"])
        self.done("第9条第5項", act["provider"])

    def do_workplace_visited(self, act: Act) -> None:
        if act["provider"] not in self.coordinated:
            self.owe(Duty("第9条第5項", act["provider"]))

    def _trial(self, name: str) -> Trial:
        return self.trials.setdefault(name, Trial())

    def do_trial_confirmed(self, act: Act) -> None:
        trial = self._trial(act["trial"])
        trial.provider = trial.provider or act["provider"]
        trial.confirmed.setdefault(act["provider"], act.day)

    def do_trial_started(self, act: Act) -> None:
        trial = self._trial(act["trial"])
        trial.provider = act["provider"]
        if not trial.days:
            self.owe(Duty("第9条第6項", act["trial"]))
        self.do_workplace_visited(act)

    def do_attendance_recorded(self, act: Act) -> None:
        self._trial(act["trial"]).days |= {each["on"] for each in act["days"]}
        self.done("第9条第6項", act["trial"])

    def do_wages_paid(self, act: Act) -> None:
        self._trial(act["trial"]).wages += act["amount"]

    # ---- claims

    def _payable(self, name: str, days: list[str]) -> int:
        """The smaller of the wages not claimed yet and what the agreements of the days allow."""
        trial = self.trials.get(name)
        if trial is None or trial.provider is None:
            return 0
        wages = max(trial.wages - trial.claimed, 0) + self.has(Mistake.HONORARIUM_ABOVE_WAGES)
        under: dict[int, tuple[dict[str, Any], int]] = {}
        for day in set(days):
            agreement = self._agreement(trial.provider, day)
            if agreement is not None:
                under[agreement.number] = (agreement.body, under.get(agreement.number, ({}, 0))[1] + 1)
        allowed = 0
        for agreement, number in under.values():
            caps = []
            if agreement["honorarium"]["daily_cap"] is not None:
                caps.append(agreement["honorarium"]["daily_cap"] * number)
            if agreement["honorarium"]["total_cap"] is not None:
                caps.append(max(agreement["honorarium"]["total_cap"] - self._spent(agreement), 0))
            if not caps:
                return wages
            allowed += min(caps)
        return min(wages, allowed)

    def _spent(self, agreement: dict[str, Any]) -> int:
        return sum(
            claim.amount
            for claim in self.claims.values()
            if self.trials[claim.trial].provider == agreement["provider"]
            and any(agreement["start"] <= day <= agreement["end"] for day in claim.days)
        )

    def check_claim_received(self, act: Act) -> Complaint:
        if act["paper"]["form"] != "10":
            yield "第10条第1項", "請求書の様式ではありません"
        if "9-2" not in act["attachments"] and not self.has(Mistake.NO_ATTENDANCE_SHEET):
            yield "第9条第6項", "出勤簿がありません"
        if act["claim"] in self.claims:
            yield "第10条第1項", "同じ番号の請求があります"
        trial = self.trials.get(act["trial"], Trial())
        days = set(act["days"])
        if not days or not days <= trial.days - trial.claimed_days or len(days) < len(act["days"]):
            yield "第10条第1項", "請求の日が出勤簿と合いません"
        if act["amount"] > self._payable(act["trial"], act["days"]):
            yield "第9条第4項", "支給できる額を超えています"

    def _open_claim(self, act: Act, clause: str) -> Complaint:
        if act["claim"] not in self.claims or self.claims[act["claim"]].paid:
            yield clause, "受理した請求がないか、支払済みです"

    def check_claim_returned(self, act: Act) -> Complaint:
        yield from self._open_claim(act, "第10条第1項")

    def check_claim_paid(self, act: Act) -> Complaint:
        yield from self._open_claim(act, "第10条第2項")
        if act["claim"] in self.claims and act["amount"] > self.claims[act["claim"]].payable:
            yield "第9条第4項", "支給できる額を超えています"

    def do_claim_received(self, act: Act) -> None:
        name, payable = act["claim"], self._payable(act["trial"], act["days"])
        while name in self.claims:
            name = f"{name}#{act.number}"
        self.claims[name] = Claim(act["trial"], act["amount"], act["days"], payable)
        trial = self._trial(act["trial"])
        trial.claimed += act["amount"]
        trial.claimed_days |= set(act["days"])
        due = plus(act.day, 29 if self.has(Mistake.THIRTY_DAYS_WITH_THE_FIRST) else 30)
        late_after = next_open(due)
        if late_after is not None and self.has(Mistake.OVERDUE_A_DAY_EARLY):
            late_after = plus(late_after, -1)
        self.owe(Duty("第10条第2項", name, due, late_after))

    def do_claim_returned(self, act: Act) -> None:
        claim = self.claims.get(act["claim"])
        if claim is None or claim.paid:
            return
        del self.claims[act["claim"]]
        trial = self._trial(claim.trial)
        trial.claimed -= claim.amount
        trial.claimed_days -= set(claim.days)
        self.done("第10条第2項", act["claim"])

    def do_claim_paid(self, act: Act) -> None:
        if act["claim"] in self.claims:
            self.claims[act["claim"]].paid = True
        if not self.has(Mistake.PAID_STAYS_OPEN):
            self.done("第10条第2項", act["claim"])

    # ---- how it stands

    @property
    def last_day(self) -> str:
        """31 March of the fiscal year of the application."""
        if self.has(Mistake.TWELVE_MONTHS) and self.start_on:
            return plus(self.start_on, 364)
        return self.end

    @property
    def first_day(self) -> str:
        """The notified first day, or an earlier one on which use began."""
        return min(self.start_on or NEVER, self.used_from or NEVER) if self.start_on or self.used_from else ""

    def stage(self, day: str) -> str:
        """In use between first and last day, and over after it."""
        if self.state != "selected" or not self.first_day or self.first_day > self.last_day:
            return self.state
        late = plus(self.last_day, 1) if self.has(Mistake.USED_AFTER_THE_END) else self.last_day
        if day > late:
            return "ended"
        return "selected" if day < self.first_day else "in_support"

    def close(self, day: str) -> None:
        """Where not one day of use came about, neither plan nor review is owed."""
        super().close(day)
        if self.first_day and self.closed_on < self.first_day:
            self.done(PLAN.clause)
            self.done(REVIEW.clause)

    @property
    def period(self) -> tuple[str, str] | None:
        """From the notified first day to 31 March, or to the day on which the use was cut short."""
        first, last = self.start_on or self.used_from, min(self.last_day, self.closed_on or NEVER)
        return (first, last) if first and first <= last else None
