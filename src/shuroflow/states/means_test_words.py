"""A means test in words: the calculation line by line, for an official to check by hand, in Japanese and English.

It calculates nothing and decides nothing: it tells what :mod:`~shuroflow.states.means_test` has worked out.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from shuroflow.calendar import format_fiscal_year
from shuroflow.states.figures import Figure, label
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.states.means_test import MeansTest, Standards


def arithmetic(test: MeansTest, lang: Lang) -> str:
    """The calculation, line by line."""
    return "\n".join(_lines_ja(test) if lang == "ja" else _lines_en(test))


def sources(test: MeansTest, lang: Lang) -> str:
    """The figures it rests on, one on each line: what it is, how much, where it was read."""
    return "\n".join(_source(figure, lang) for figure in test.used)


def comparison(standards: Standards, lang: Lang) -> str:
    """Both standards, the difference, and whether it changes the result, in one line each."""
    text, table = (_outcome(test, lang) for test in (standards.text, standards.national_table))
    difference = _exact(standards.difference, lang)
    if lang == "ja":
        verdict = "同じ" if standards.same_result else "異なる"
        lines = [
            f"要綱の文言による基準額: {text}",
            f"全国の一覧表方式の基準額: {table}",
            f"差: {difference}。判定は{verdict}。",
        ]
    else:
        verdict = "the same" if standards.same_result else "not the same"
        lines = [f"standard by the text: {text}", f"standard by the national table: {table}"]
        lines.append(f"difference: {difference}; the result is {verdict}.")
    return "\n".join(lines)


def _yen(amount: int, lang: Lang) -> str:
    return f"{amount:,}円" if lang == "ja" else f"{amount:,} yen"


def _exact(amount: Fraction, lang: Lang) -> str:
    """Whole yen as they are; otherwise cut down to the yen and marked as cut, with the exact value."""
    if amount.denominator == 1:
        return _yen(amount.numerator, lang)
    exact = f"{amount.numerator:,}/{amount.denominator}"
    whole = _yen(amount.__floor__(), lang)
    return f"{whole}(円未満切捨て表示、正確には{exact}円)" if lang == "ja" else f"{whole} (cut; exactly {exact})"


def _source(figure: Figure[Any], lang: Lang) -> str:
    amount = f" {_yen(figure.value, lang)}" if isinstance(figure.value, int) else ""
    unverified = "" if figure.verified else "(未確認)" if lang == "ja" else " (unverified)"
    return f"{label(figure.parameter, lang)}{amount}: {figure.source.label(lang)}{unverified}"


def _outcome(test: MeansTest, lang: Lang) -> str:
    base = _exact(test.base, lang)
    if lang == "ja":
        return f"{base} [収入 {_ja(test.income_passes)}、資産 {_ja(test.assets_pass)}]"
    return f"{base} [income: {_en(test.income_passes)}, assets: {_en(test.assets_pass)}]"


def _ja(passes: bool) -> str:
    return "以下: 該当" if passes else "超過: 非該当"


def _en(passes: bool) -> str:
    return "passes" if passes else "exceeds"


def _persons(number: int) -> str:
    return "1 person" if number == 1 else f"{number} persons"


def _sum(test: MeansTest) -> str:
    addition = f" + {test.levy_addition:,}" if test.levy_size > 1 else ""
    supplement = f" + {test.levy_supplement:,}" if test.levy_supplement else ""
    return f"{test.levy_base:,} × {test.levy_size}{addition}{supplement}"


def _lines_ja(test: MeansTest) -> list[str]:
    tax, annual = format_fiscal_year(test.tax_fy), _yen(test.annual, "ja")
    year = format_fiscal_year(test.income_year).removesuffix("度") + "分"
    housing = "個別に指定した額" if test.housing_overridden else f"{test.household_size}人世帯の限度額"
    basis = year if test.deduction_basis == "income_year" else "申込日の法律"
    lines = [
        f"申込日 {test.applied_on.isoformat()}: 市民税は{tax}分、所得は{year}",
        f"均等割の非課税限度額({test.levy_size}人): {_sum(test)} = {_yen(test.levy_limit, 'ja')}",
    ]
    if test.salary is None:
        lines += [
            f"給与所得控除額({basis}): {_yen(test.deduction, 'ja')}",
            f"年額: {test.levy_limit:,} + {test.deduction:,} = {annual}",
            f"基準額: {test.annual:,} ÷ 12 = {_exact(test.base, 'ja')}",
            "端数処理の定めなし: 判定では端数を処理しない。",
        ]
    else:
        lines += [
            f"限度額に達する最小の給与収入: 年{_yen(test.salary, 'ja')}",
            f"基準額: {test.salary:,} ÷ 12、千円未満切上げ = {_exact(test.base, 'ja')}",
            "全国の一覧表方式: 要綱の文言とは異なる。要綱に端数処理の定めなし、資産の100万円上限なし。",
        ]
    lines += [
        f"収入の上限(ア): 基準額 + 住宅扶助 {_yen(test.housing, 'ja')}({housing}) = {_exact(test.income_limit, 'ja')}",
        f"  収入 {_yen(test.income, 'ja')} → {_ja(test.income_passes)}",
        f"資産の上限(イ): 基準額 × 6 = {_exact(test.asset_limit, 'ja')}",
        f"  資産 {_yen(test.assets, 'ja')} → {_ja(test.assets_pass)}",
    ]
    if test.reference_dangling:
        lines.append("要確認: 所得税法28条3項1号に括弧書きがなく、参照先が失われている可能性がある。")
    if test.unverified:
        lines.append("未確認の数値: " + "、".join(label(name, "ja") for name in test.unverified))
    return lines


def _lines_en(test: MeansTest) -> list[str]:
    housing = "given for this case" if test.housing_overridden else f"ceiling for {_persons(test.household_size)}"
    basis = f"income year {test.income_year}" if test.deduction_basis == "income_year" else "law on the day"
    lines = [
        f"applied on {test.applied_on.isoformat()}: tax of fiscal year {test.tax_fy}, income of {test.income_year}",
        f"income limit of the levy ({_persons(test.levy_size)}): {_sum(test)} = {_yen(test.levy_limit, 'en')}",
    ]
    if test.salary is None:
        lines += [
            f"deduction from salary ({basis}): {_yen(test.deduction, 'en')}",
            f"annual: {test.levy_limit:,} + {test.deduction:,} = {_yen(test.annual, 'en')}",
            f"standard: {test.annual:,} / 12 = {_exact(test.base, 'en')}",
            "The text names no rounding: nothing is rounded in the tests.",
        ]
    else:
        lines += [
            f"least salary whose income reaches the limit: {_yen(test.salary, 'en')} a year",
            f"standard: {test.salary:,} / 12, up to the next 1,000 = {_exact(test.base, 'en')}",
            "By the national table. The text itself names no rounding and no cap on savings.",
        ]
    lines += [
        f"income limit (ア): standard + housing {_yen(test.housing, 'en')} ({housing})"
        f" = {_exact(test.income_limit, 'en')}",
        f"  income {_yen(test.income, 'en')}: {_en(test.income_passes)}",
        f"asset limit (イ): standard x 6 = {_exact(test.asset_limit, 'en')}",
        f"  assets {_yen(test.assets, 'en')}: {_en(test.assets_pass)}",
    ]
    if test.reference_dangling:
        lines.append("To be confirmed: 所得税法28条3項1号 may have no bracketed clause left to point to.")
    if test.unverified:
        lines.append("Unverified: " + ", ".join(label(name, "en") for name in test.unverified))
    return lines
