"""埼玉県就労支援専門員事業実施要綱, as this system has it."""

from __future__ import annotations

from typing import ClassVar

from examples.foreign_system.casefile import CaseFile, Complaint, filled
from examples.foreign_system.days import NEVER, clipped_end_of_months, end_of_months, plus
from examples.foreign_system.mistakes import Mistake
from examples.foreign_system.store import Act, Duty

BEFORE = {"candidate", "selected", "consented"}
SUPPORT = {"in_support", "extended"}

EVALUATE = Duty("4(3)")
TELL_WORKER = Duty("6(1)")
TELL_UNFINISHED = Duty("6(2)")


class SaitamaFile(CaseFile):
    """One case."""

    programme = "saitama"
    where: ClassVar[dict[str, set[str]]] = {
        "listed": {"new"},
        "selected": {"candidate"},
        "declined": BEFORE,
        "consented": {"selected", "consented"} | SUPPORT,
        "consent_withdrawn": {"consented"} | SUPPORT,
        "support_decided": {"selected", "consented"},
        "goals_set": {"selected", "consented"} | SUPPORT,
        "support_started": {"consented"},
        "activity_recorded": {"consented"} | SUPPORT,
        "evaluated": SUPPORT,
        "goals_changed": SUPPORT,
        "ended": SUPPORT,
        "ended_outside": SUPPORT,
        "extended": SUPPORT,
        "conference_held": SUPPORT,
        "advice_given": BEFORE | SUPPORT,
        "training_recognised": {"selected", "consented"} | SUPPORT,
        "training_used": SUPPORT,
        "application_resolved": BEFORE | SUPPORT,
        "target_recognised": BEFORE | SUPPORT,
        "assistance_suspended": BEFORE | SUPPORT,
        "assistance_abolished": SUPPORT | {"ended"},
        "information_given": {"aftercare", "ended"},
    }
    moving = frozenset(
        [
            "listed",
            "selected",
            "declined",
            "consented",
            "support_started",
            "extended",
            "ended",
            "ended_outside",
            "discontinued",
            "assistance_abolished",
        ]
    )
    turns: ClassVar[dict[str, int]] = {"activity_recorded": 1, "training_used": 1, "information_given": 1}
    clause_of: ClassVar[dict[str, str]] = {
        "ended": "4(4)",
        "ended_outside": "4(4)",
        "discontinued": "4(4)",
        "extended": "4(5)",
        "evaluated": "4(3)",
        "goals_changed": "4(3)",
        "training_used": "5",
        "activity_recorded": "4(2)",
        "assistance_abolished": "6(1)",
        "information_given": "6(1)",
    }
    any_other_clause = "4(1)"

    def __init__(self, planted: frozenset[Mistake]) -> None:
        super().__init__(planted)
        self.listed_on = self.selected_on = ""
        self.office_recognised = False
        self.application_failed = NEVER
        self.consents: set[str] = set()
        self.consent_on = self.withdrawn_on = ""
        self.decided_on = ""
        self.goals: dict[str, tuple[str, str]] = {}  # id: horizon, result
        self.analysed = False
        self.employer = "prefecture"
        self.parts: list[tuple[str, str]] = []  # the first period and each extension
        self.training_from = NEVER
        self.cause = ""

    # ---- what stands in the way

    def check_listed(self, act: Act) -> Complaint:
        if act.role != "caseworker":
            yield "4(1)", "リストアップはケースワーカーが行います"

    def check_selected(self, act: Act) -> Complaint:
        needed = {"supervisor", "caseworker", "specialist"}
        if self.has(Mistake.TWO_PARTIES_SELECT):
            needed.discard("specialist")
        if not needed <= {each["role"] for each in act["attendees"]}:
            yield "4(1)", "三者の協議になっていません"
        if not self.listed_on <= (act["consulted_on"] or act.day) <= act.day:
            yield "4(1)", "リストアップ、協議、選定の順ではありません"
        known = {"recipient"} if self.has(Mistake.APPLICANT_IS_NO_TARGET) else {"recipient", "applicant"}
        if act["target_class"] == "a":
            hindered = act["compelling_reason"] is not False or act["working"] is not False
            if act["status"] not in known or act["responsible_office"] is not True or hindered:
                yield "3(1)ア", "アの要件を満たしていません"
        elif act["recognition"] is None:
            yield "3(1)イ", "福祉事務所の認定がありません"
        yield from self._recognition(act)

    def _recognition(self, act: Act) -> Complaint:
        if act["recognition"] is not None and not filled(act["recognition"]["reason"]):
            yield "3(1)イ", "認定の理由がありません"

    check_target_recognised = _recognition

    def check_consented(self, act: Act) -> Complaint:
        given = set(act["scope"]) | (set() if self.withdrawn_on else self.consents)
        enough = (
            {"specialist_support"}
            if self.has(Mistake.ONE_CONSENT_IS_ENOUGH)
            else {"specialist_support", "goal_setting"}
        )
        if not given >= enough:
            yield "4(1)", "二つの事項への同意が必要です"
        if act.day < self.selected_on:
            yield "4(1)", "選定の前の同意です"

    def check_support_decided(self, act: Act) -> Complaint:
        if not self.consent_on or act.day < self.consent_on:
            yield "4(1)", "同意の前の決定です"

    def check_goals_set(self, act: Act) -> Complaint:
        decided = self.decided_on or self.consent_on
        if not decided or act.day < decided:
            yield "4(1)", "決定の前の目標です"
        if self.state in SUPPORT and any(goal["id"] in self.goals for goal in act["goals"]):
            yield "4(3)", "支援中の目標は変更の手順で改めます"

    def check_support_started(self, act: Act) -> Complaint:
        if not self.consent_on or (self.withdrawn_on and self.withdrawn_on <= act.day):
            yield "4(1)", "同意がありません"
        horizons = {horizon for horizon, _ in self.goals.values()}
        if not horizons >= ({"short"} if self.has(Mistake.ONE_HORIZON_IS_ENOUGH) else {"short", "long"}):
            yield "4(1)", "短期と中長期の目標が必要です"
        start = act["start_on"]
        if start is not None and start < self.consent_on:
            yield "4(1)", "同意の前の開始日です"
        if start is not None and start < self.decided_on and not self.has(Mistake.START_BEFORE_DECISION):
            yield "4(1)", "決定の前の開始日です"
        if act["end_on"] is not None and act["end_on"] < self._first_day(act):
            yield "4(5)", "末日が開始日より前です"
        yield from self._still_a_target(act)

    def _still_a_target(self, act: Act) -> Complaint:
        if self.application_failed <= act.day and not self.office_recognised:
            yield "3(1)ア", "保護申請が認められず、対象者ではありません"

    def check_activity_recorded(self, act: Act) -> Complaint:
        if self.withdrawn_on and self.withdrawn_on <= act.day and not self.has(Mistake.WITHDRAWN_CONSENT_IGNORED):
            yield "4(1)", "同意は撤回されています"
        yield from self._still_a_target(act)

    def check_evaluated(self, act: Act) -> Complaint:
        if not act["results"] or any(each["goal"] not in self.goals for each in act["results"]):
            yield "4(3)", "設定した目標についての評価ではありません"

    def check_goals_changed(self, act: Act) -> Complaint:
        interviewed = act["interview_on"] is not None and act["interview_on"] <= act.day
        if self.has(Mistake.CHANGE_WITHOUT_INTERVIEW):
            interviewed = True
        if not (self.analysed or filled(act["analysis"])) or not interviewed or not act["understood"]:
            yield "4(3)", "要因の分析、面接、本人の了解が必要です"
        hard = any(result in {"difficult", "not_achieved"} for _, result in self.goals.values())
        if not hard and act["override_reason"] is None:
            yield "4(3)", "達成が困難とした評価がありません"

    def check_ended(self, act: Act) -> Complaint:
        achieved = any(result == "achieved" for _, result in self.goals.values())
        if not achieved and not self.has(Mistake.ENDED_UNEVALUATED):
            yield "4(4)", "達成とした評価がありません"

    def check_ended_outside(self, act: Act) -> Complaint:
        if not filled(act["detail"]) or act["consultation"] is None:
            yield "4(4)", "理由と協議の記録が必要です"

    def check_extended(self, act: Act) -> Complaint:
        if not {"supervisor", "caseworker"} <= {each["role"] for each in act["attendees"]}:
            yield "4(5)", "査察指導員とケースワーカーとの協議が必要です"
        consulted = act["consulted_on"] or act.day
        if consulted > act.day:
            yield "4(5)", "協議の前の延長です"
        end = self.parts[-1][1] if self.parts else NEVER
        if consulted > (plus(end, 1) if self.has(Mistake.EXTENDED_A_DAY_LATE) else end):
            yield "4(5)", "期間が過ぎています"
        if act["new_end"] is not None and self.parts and act["new_end"] <= end:
            yield "4(5)", "新しい末日が今の末日より後ではありません"
        yield from self._still_a_target(act)

    def check_training_used(self, act: Act) -> Complaint:
        if act.day < self.training_from:
            yield "5", "効果があると認めていません"
        if act["arranged_by"]["role"] != "specialist":
            yield "5", "専門員のあっせんではありません"
        since, until = act["provider"]["certified_from"], act["provider"]["certified_to"] or NEVER
        if self.has(Mistake.CERTIFICATE_RUN_OUT):
            until = plus(until, 1)
        if since is None or not since <= act.day <= until:
            yield "5", "認定された事業所ではありません"
        if act["type"] == "employment":
            authority = act["authority"]
            if authority is None or authority["effective_from"] > act.day:
                yield "5", "職業紹介事業の届出がありません"
            elif authority["holder"] != self.employer:
                yield "5", "届出の名義が違います"
        yield from self.check_activity_recorded(act)

    def check_assistance_abolished(self, act: Act) -> Complaint:
        if act["cause"] == "own_employment" and act["need"] is None:
            yield "6(1)", "支援の要否を判断してください"
        if act["cause"] == "death" and self.state != "ended":
            yield "6(2)", "死亡は要綱外の終了です"

    def check_information_given(self, act: Act) -> Complaint:
        for duty in (TELL_WORKER, TELL_UNFINISHED):
            if duty not in self.duties.values():
                continue
            if act["agency"] is None:
                yield duty.clause, "自立相談支援機関との連携がありません"
            if act["attempted_only"] and (duty is TELL_WORKER or self.cause != "whereabouts_unknown"):
                yield duty.clause, "試みただけでは足りません"
        if act["personal_data_shared"] and not act["sharing_consented"]:
            yield "6(2)", "個人情報の提供に同意がありません"

    # ---- what follows

    def do_listed(self, act: Act) -> str:
        self.listed_on = act.day
        return "candidate"

    def do_selected(self, act: Act) -> str:
        self.selected_on = act.day
        self.office_recognised = act["target_class"] == "i" and act["recognition"] is not None
        return "selected"

    def do_declined(self, act: Act) -> str:
        self.close(act.day)
        return "declined"

    def do_consented(self, act: Act) -> str | None:
        if self.withdrawn_on:
            self.consents = set()
            self.consent_on = ""
        self.consents |= set(act["scope"])
        self.consent_on = self.consent_on or act.day
        self.withdrawn_on = ""
        return "consented" if self.state == "selected" else None

    def do_consent_withdrawn(self, act: Act) -> None:
        self.withdrawn_on = min(self.withdrawn_on or NEVER, act.day)

    def do_support_decided(self, act: Act) -> None:
        self.decided_on = act.day

    def do_goals_set(self, act: Act) -> None:
        self.goals |= {goal["id"]: (goal["horizon"], "") for goal in act["goals"]}

    def _first_day(self, act: Act) -> str:
        return str(act["start_on"] or self.decided_on or self.consent_on or act.day)

    def _three_months(self, first: str) -> str:
        if self.has(Mistake.FIRST_DAY_EXCLUDED):
            first = plus(first, 1)
        return clipped_end_of_months(first) if self.has(Mistake.MONTH_END_DRIFTS) else end_of_months(first)

    def do_support_started(self, act: Act) -> str:
        first = self._first_day(act)
        self.employer = act["specialist"]["employer"]
        self.parts.append((first, act["end_on"] or self._three_months(first)))
        self.owe(EVALUATE)
        self.owe(Duty("4(5)", due=self.parts[-1][1]))
        return "in_support"

    def do_evaluated(self, act: Act) -> None:
        self.analysed = self.analysed or bool(act["analysis"])
        for each in act["results"]:
            if each["goal"] in self.goals:
                self.goals[each["goal"]] = (self.goals[each["goal"]][0], each["result"])
        self.done("4(3)")

    def do_goals_changed(self, act: Act) -> None:
        for gone in act["dropped"]:
            self.goals.pop(gone, None)
        self.do_goals_set(act)
        self.analysed = False

    def do_extended(self, act: Act) -> str:
        end = self.parts[-1][1] if self.parts else ""
        consulted = act["consulted_on"] or act.day
        first = plus(end, 1) if end and consulted <= end else consulted
        usual = self._three_months(first)
        if self.has(Mistake.EXTENSION_FROM_THE_FIRST_DAY) and self.parts:
            usual = end_of_months(self.parts[0][0], 3 * (len(self.parts) + 1))
        new_end = act["new_end"] or usual
        if new_end >= first:
            self.parts.append((first, new_end))
        elif self.parts and self.parts[-1][0] <= new_end < end:
            self.parts[-1] = (self.parts[-1][0], new_end)
        self.owe(Duty("4(5)", due=self.parts[-1][1] if self.parts else None))
        return "extended"

    def do_ended(self, act: Act) -> str:
        self.close(act.day)
        self.done("4(5)")
        return "ended"

    def do_ended_outside(self, act: Act) -> str:
        self.done("4(3)")
        return self.do_ended(act)

    def do_training_recognised(self, act: Act) -> None:
        self.training_from = min(self.training_from, act.day)

    def do_application_resolved(self, act: Act) -> None:
        self.application_failed = NEVER if act["result"] == "granted" else act.day

    def do_target_recognised(self, act: Act) -> None:
        self.office_recognised = True

    def do_assistance_abolished(self, act: Act) -> str | None:
        self.cause = act["cause"]
        supported = self.state in SUPPORT
        if self.cause == "own_employment":
            if act["need"]:
                self.owe(TELL_WORKER)
        elif supported and self.cause != "death" and not self.has(Mistake.UNFINISHED_NOT_INFORMED):
            self.owe(TELL_UNFINISHED)
        if supported:
            self.close(act.day)
            self.done("4(3)")
            self.done("4(5)")
        return "aftercare" if supported or (self.cause == "own_employment" and act["need"]) else None

    def do_information_given(self, act: Act) -> None:
        if not act["attempted_only"] or self.cause == "whereabouts_unknown":
            self.done("6(1)")
            self.done("6(2)")

    # ---- how it stands

    def place(self, act: Act) -> tuple[str, int]:
        """An extension counts from its consultation."""
        day, turn = super().place(act)
        return (min(act["consulted_on"] or day, day) if act.name == "extended" else day), turn

    def stage(self, day: str) -> str:
        """Nothing moves here but by an act."""
        return self.state

    @property
    def period(self) -> tuple[str, str] | None:
        """From the first day to the last of the latest extension."""
        return (self.parts[0][0], self.parts[-1][1]) if self.parts else None

    def loses(self, act: Act) -> bool:
        """Is the act forgotten as soon as it was answered for?"""
        return act.name == "conference_held" and self.has(Mistake.CONFERENCE_LOST)
