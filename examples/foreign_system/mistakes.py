"""The mistakes that can be planted: each breaks one reading of one clause, and any of them can be switched on alone."""

from __future__ import annotations

from enum import Enum


class Mistake(Enum):
    """A planted mistake: the programme it is in, the clause it breaks as an official cites it, and what goes wrong."""

    def __init__(self, programme: str, clause: str, note: str) -> None:
        self.programme = programme
        self.clause = clause
        self.note = note

    # 埼玉
    TWO_PARTIES_SELECT = "saitama", "4(1)", "選定: the specialist need not be at the consultation"
    APPLICANT_IS_NO_TARGET = "saitama", "3(1)ア", "an applicant for assistance is not taken as a person of class ア"
    ONE_CONSENT_IS_ENOUGH = "saitama", "4(1)", "consent to the specialist's support alone lets the case go on"
    WITHDRAWN_CONSENT_IGNORED = "saitama", "4(1)", "support goes on after the consent was taken back"
    ONE_HORIZON_IS_ENOUGH = "saitama", "4(1)", "support starts with a short-term goal alone"
    START_BEFORE_DECISION = "saitama", "4(1)", "the first day of support may lie before the decision"
    FIRST_DAY_EXCLUDED = "saitama", "4(5)", "the first day of the three months is not counted"
    MONTH_END_DRIFTS = "saitama", "4(5)", "three months from the 30th end a day early where the month is short"
    EXTENSION_FROM_THE_FIRST_DAY = (
        "saitama",
        "4(5)",
        "an extension is counted from the first day and not from the last end",
    )
    EXTENDED_A_DAY_LATE = "saitama", "4(5)", "an extension may be consulted on the day after the end"
    CHANGE_WITHOUT_INTERVIEW = "saitama", "4(3)", "goals change without an interview"
    ENDED_UNEVALUATED = "saitama", "4(4)", "support ends by an achieved goal that no evaluation speaks of"
    CERTIFICATE_RUN_OUT = "saitama", "5", "the provider's certification may have run out the day before"
    CONFERENCE_LOST = "saitama", "4(6)", "a conference is answered for and never written down"
    UNFINISHED_NOT_INFORMED = "saitama", "6(2)", "an abolition with support unfinished brings no duty to inform"

    # 対馬
    APPLIED_ON_THE_LAST_DAY = "tsushima", "第6条第3項", "a new application is taken on the last day of a running period"
    TAX_YEAR_UP_TO_MAY = "tsushima", "第4条第1号ア", "an application in June looks at the running tax year"
    INCOME_ROUNDED_UP = "tsushima", "第4条第1号ア", "the standard is rounded up to a hundred yen before it is compared"
    ASSETS_BELOW_THE_LIMIT = "tsushima", "第4条第1号イ", "assets have to be below the limit and not just up to it"
    ONE_NON_MEMBER_IS_ENOUGH = (
        "tsushima",
        "第4条第1号ウ",
        "a member in the household does no harm if the applicant is none",
    )
    TWELVE_MONTHS = "tsushima", "第6条第1項", "use runs for twelve months and not to 31 March"
    START_BEFORE_APPLICATION = "tsushima", "第6条第1項", "the first day of use may lie before the application"
    USED_AFTER_THE_END = "tsushima", "第6条第1項", "support is still recorded on 1 April"
    WORK_ENDS_THE_USE = "tsushima", "第6条第2項", "employment alone counts as self-support"
    DISRUPTION_OR_GUIDANCE = (
        "tsushima",
        "第7条第1項第2号",
        "a hindering act is enough, whether or not guidance was followed",
    )
    NOTICE_FOR_THE_MISSING = "tsushima", "第7条第2項", "a notice is owed for ground 4 as well"
    CONFIRMED_A_DAY_LATE = "tsushima", "第9条第6項", "a work trial may be confirmed on the day after it began"
    HONORARIUM_ABOVE_WAGES = "tsushima", "第9条第4項", "a yen more than the wages may be claimed"
    NO_ATTENDANCE_SHEET = "tsushima", "第9条第6項", "a claim is taken without the attendance sheet"
    THIRTY_DAYS_WITH_THE_FIRST = "tsushima", "第10条第2項", "the day of receipt counts as the first of the thirty"
    OVERDUE_A_DAY_EARLY = "tsushima", "第10条第2項", "a payment is overdue on its last day"
    PAID_STAYS_OPEN = "tsushima", "第10条第2項", "a claim that was paid is still listed as owed"
