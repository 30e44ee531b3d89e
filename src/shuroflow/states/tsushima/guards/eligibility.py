"""第4条 and 第5条第2項: assessment and decision."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from shuroflow.calendar import format_fiscal_year
from shuroflow.errors import MissingFigure
from shuroflow.events import Event
from shuroflow.events import tsushima as events
from shuroflow.states.figures import label
from shuroflow.states.judgement import Inapplicable, Seen, Wording
from shuroflow.states.means_test import MeansTest, compare_standards, means_test
from shuroflow.states.office import Office
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.states.tsushima.guards import reasons as why

# Looked up once: most guards of a decision ask for one of these.
RECIPIENT, CONSULTATION_APPLICANT = events.PersonClass.RECIPIENT, events.PersonClass.CONSULTATION_APPLICANT
ITEM_1 = events.EligibilityGround.ITEM_1


def assessed_after_receipt(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第5条第2項: received first, then assessed."""
    if case.received_on is None:
        return why.NO_RECEIPT
    if case.received_on <= event.occurred_on:
        return None
    return {"received_on": case.received_on, "assessed_on": event.occurred_on}


def assessed_before_decision(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第5条第2項: assessed first, then decided."""
    if case.assessed_on is not None and case.assessed_on <= event.occurred_on:
        return None
    return {"assessed_on": case.assessed_on, "decided_on": event.occurred_on}


def recipient_in_city(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条: a recipient lives in the city."""
    if case.person_class is CONSULTATION_APPLICANT:
        return why.CONSULTATION_APPLICANT
    return None if case.resident is True else {"resident": case.resident}


def applicant_in_city(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条: we read 市内に居住 for both groups (T-01)."""
    if case.person_class is not CONSULTATION_APPLICANT:
        return why.NOT_CONSULTATION_APPLICANT
    return None if case.resident is True else {"resident": case.resident}


def person_of_either_class(case: TsushimaCase, event: Event, office: Office) -> Seen | None:
    """第4条: a recipient, or someone who applied for consultation support; who they are is asked at the decision."""
    if case.person_class is RECIPIENT:
        return None
    consulted = case.consultation_applied_on
    if case.person_class is CONSULTATION_APPLICANT and consulted is not None and consulted <= event.occurred_on:
        return None
    return {"person_class": case.person_class, "consultation_applied_on": consulted}


def _assessment(case: TsushimaCase, event: Event) -> events.Assessed | Inapplicable:
    """The assessment on which a decision under item 1 rests, or why there is none to look at."""
    if event.data.ground is not ITEM_1:
        return why.NOT_BY_ITEM_1
    return why.NO_ASSESSMENT if case.assessment is None else case.assessment


def _calculation(case: TsushimaCase, event: Event) -> MeansTest | Inapplicable:
    """The means test on which a decision under item 1 rests, or why there is none to look at."""
    if event.data.ground is not ITEM_1:
        return why.NOT_BY_ITEM_1
    if isinstance(case.means, MeansTest):
        return case.means
    return why.NOT_CALCULATED if case.means is None else why.FIGURE_MISSING


def income_of_the_month(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア: the income is that of the month of 申込日."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    month = case.month_of_application
    if month is None:
        return why.NO_APPLICATION
    return None if assessment.income_month == month else {"month": assessment.income_month, "needed": month}


def _levy(means: MeansTest) -> Wording:
    """The number of persons taken for the levy, where it is not the household's (T-13)."""
    if means.levy_size == means.household_size:
        return Wording(ja="", en="")
    persons = "1 person" if means.levy_size == 1 else f"{means.levy_size} persons"
    return Wording(ja=f"、均等割は{means.levy_size}人", en=f", {persons} for the levy")


def income_within_limit(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア: income of the household up to the limit; equality passes."""
    means = _calculation(case, event)
    if isinstance(means, Inapplicable):
        return means
    if means.income_passes:
        return None
    return {
        "income": means.income,
        "levy": _levy(means),
        "limit": means.income_limit,
        "base": means.base,
        "housing": means.housing,
        "annual": means.annual,
        "year": Wording(ja=format_fiscal_year(means.tax_fy), en=str(means.tax_fy)),
        "size": means.household_size,
    }


def assets_of_the_day(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号イ: the assets are those of 申込日."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    if case.applied_on is None:
        return why.NO_APPLICATION
    as_of = assessment.assets_as_of
    return None if as_of == case.applied_on else {"as_of": as_of, "applied_on": case.applied_on}


def assets_within_limit(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号イ: financial assets of the household up to six times the standard; equality passes."""
    means = _calculation(case, event)
    if isinstance(means, Inapplicable):
        return means
    if means.assets_pass:
        return None
    return {
        "assets": means.assets,
        "limit": means.asset_limit,
        "base": means.base,
        "annual": means.annual,
        "levy": _levy(means),
    }


def _gang_answers(assessment: events.Assessed) -> list[bool | None]:
    members = [member.gang_member for member in assessment.household if member.shares_livelihood]
    return [assessment.gang_member, *members]


_ALONE = Wording(ja="です", en="")
_HOUSEHOLD = Wording(
    ja="で、生計を一にする同居の世帯員にも暴力団員でない人がいません",
    en=", and so is everyone sharing home and livelihood",
)
"""What is told of the others, by whether any other is on record who shares home and livelihood."""


def no_gang_member(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ウ: not everyone concerned is a member, which is as far as the words carry by themselves."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    answers = _gang_answers(assessment)
    if all(answers):
        return {"checked_on": assessment.gang_checked_on, "household": _HOUSEHOLD if len(answers) > 1 else _ALONE}
    return None if False in answers else why.MEMBERSHIP_NOT_CONFIRMED


def nobody_a_gang_member(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ウ: by its words one non-member would do; we ask it of the person and everyone concerned (T-03)."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    answers = _gang_answers(assessment)
    if True not in answers:
        return None if None not in answers else why.MEMBERSHIP_NOT_CONFIRMED
    if all(answers):
        return why.ALL_MEMBERS  # no_gang_member says it, and it weighs more
    return {"checked_on": assessment.gang_checked_on, "count": answers.count(True)}


def gang_membership_checked(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第5条第2項: the assessment covers ウ for everyone concerned."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    checked_on, answers = assessment.gang_checked_on, _gang_answers(assessment)
    after = checked_on is not None and checked_on > event.occurred_on  # nobody had been checked when it was decided
    unchecked = len(answers) if after else answers.count(None)
    return {"count": unchecked, "checked_on": checked_on} if unchecked else None


@cache
def _named(parameter: str) -> Wording:
    return Wording(ja=label(parameter, "ja"), en=label(parameter, "en"))


def figures_known(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア: the figures of the day are on hand; the nearest year is never taken instead."""
    means = case.means
    if event.data.ground is not ITEM_1:
        return why.NOT_BY_ITEM_1
    if means is None:
        return why.NOT_CALCULATED
    if isinstance(means, MeansTest):
        return None
    asked = means.asked if isinstance(means.asked, date) else str(means.asked)
    return {"parameter": _named(means.parameter), "asked": asked}


def recognition_documented(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第2号: the recognition has a reason and an approval (T-14)."""
    data: events.UseApproved = event.data
    if event.data.ground is ITEM_1:
        return why.NOT_BY_ITEM_2
    reason, approval = (data.recognition_reason or "").strip(), (data.approval or "").strip()
    if reason and approval:
        return None
    return {"reason": reason or None, "approval": approval or None}


def gang_member_under_item_2(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第2号 stands alone by its words, even against ウ; it takes a reason (T-14)."""
    if event.data.ground is ITEM_1:
        return why.NOT_BY_ITEM_2
    if case.assessment is None:
        return why.NO_ASSESSMENT
    answers = _gang_answers(case.assessment)
    if True in answers:
        return {"checked_on": case.assessment.gang_checked_on}
    return None if None not in answers else why.MEMBERSHIP_NOT_RECORDED


def deduction_reference_sound(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア points into a law whose wording has changed since (T-07)."""
    means = _calculation(case, event)
    if isinstance(means, Inapplicable):
        return means
    if not means.reference_dangling:
        return None
    return {"year": str(means.income_year), "deduction": means.deduction}


def housing_for_owner(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア: the ceiling is added for owners too (T-12)."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    if not assessment.owns_home:
        return None
    return {"housing": case.means.housing if isinstance(case.means, MeansTest) else None}


def insurance_flagged(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号イ: whether insurance counts is not said (T-49)."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    amounts = [asset.amount for asset in assessment.assets if asset.kind is events.AssetKind.INSURANCE]
    return {"amount": sum(amounts)} if amounts else None


def size_explained(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア: other numbers of persons than the household's need a reason (T-04, T-13)."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    if assessment.household_size is None and assessment.levy_size is None:
        return why.HOUSEHOLD_COUNTED
    if assessment.size_reason:
        return None
    return {"household_size": assessment.household_size, "levy_size": assessment.levy_size}


def levy_size_of_dependants(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア: the levy counts the household unless told otherwise; other flags are worth a second look (T-13)."""
    assessment = _assessment(case, event)
    if isinstance(assessment, Inapplicable):
        return assessment
    if assessment.levy_size:
        return why.LEVY_SIZE_GIVEN
    means = _calculation(case, event)
    if isinstance(means, Inapplicable):
        return means
    flagged = 1 + sum([member.tax_dependant for member in assessment.household])
    return None if flagged == means.levy_size else {"size": means.levy_size, "flagged": flagged}


def figures_verified(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア: figures nobody has verified for the city are named (T-13)."""
    means = _calculation(case, event)
    if isinstance(means, Inapplicable):
        return means
    unverified = means.unverified
    return {"parameters": [_named(parameter) for parameter in unverified]} if unverified else None


STANDARDS = {
    "text": Wording(ja="要綱の文言", en="the text"),
    "national_table": Wording(ja="全国の一覧表方式", en="the national table"),
}
DEDUCTION_BASES = {
    "income_year": Wording(ja="所得の年分", en="the income year"),
    "law_on_application_date": Wording(ja="申込日の法律", en="the law on the day of the application"),
}
NOT_KNOWN = Wording(ja="額がなく計算できません", en="cannot be calculated for want of a figure")


def text_standard_used(case: TsushimaCase, event: Event, office: Office) -> Seen | Inapplicable | None:
    """第4条第1号ア: where an office calculates otherwise than the text, the report says so (T-08, T-09)."""
    means = _calculation(case, event)
    if isinstance(means, Inapplicable):
        return means
    settings = office.settings
    if settings.standard == "text" and settings.deduction_basis == "income_year":
        return None
    by_text = _by_the_text(means, office)
    return {
        "standard": STANDARDS[settings.standard],
        "basis": DEDUCTION_BASES[settings.deduction_basis],
        "base": _yen(means.base),
        "by_text": NOT_KNOWN if by_text is None else _yen(by_text.base),
        "difference": NOT_KNOWN if by_text is None else _apart(means.base - by_text.base),
    }


def _by_the_text(means: MeansTest, office: Office) -> MeansTest | None:
    """The same application by the words of the text; ``None`` where a figure for it is not on hand."""
    facts: dict[str, Any] = {
        "applied_on": means.applied_on,
        "household_size": means.household_size,
        "n_for_levy": means.levy_size,
        "income": means.income,
        "assets": means.assets,
        "figures": office.figures,
    }
    try:
        # The table needs a schedule that the text does not: it is asked only where it was used.
        return compare_standards(**facts).text if means.standard == "national_table" else means_test(**facts)
    except MissingFigure:
        return None


def _yen(amount: Fraction) -> Wording:
    return Wording(ja=f"{int(amount):,}円", en=f"{int(amount):,} yen")


def _apart(difference: Fraction) -> Wording:
    """How far from the text, cut down to the yen like the amounts themselves."""
    if not difference:
        return Wording(ja="差はありません", en="no difference")
    yen, above = f"{int(abs(difference)):,}", difference > 0
    return Wording(ja=f"{yen}円{'高い' if above else '低い'}", en=f"{yen} yen {'higher' if above else 'lower'}")
