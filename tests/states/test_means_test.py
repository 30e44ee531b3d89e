"""The means test of 対馬市 第4条第1号ア・イ, against hand calculation and published tables of other cities."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError, MissingFigure
from shuroflow.states.figures import Figures
from shuroflow.states.means_test import MeansTest, compare_standards, means_test

FY2025 = date(2025, 7, 1)
FY2026 = date(2026, 7, 1)
SIZES = st.integers(1, 9)
YEN = st.integers(0, 3_000_000)
APPLIED = st.dates(date(2018, 11, 1), date(2027, 6, 30))


def by(applied_on: date = FY2025, size: int = 1, income: int = 0, assets: int = 0, **options: Any) -> MeansTest:
    """A calculation with what does not matter left at nothing."""
    return means_test(applied_on=applied_on, household_size=size, income=income, assets=assets, **options)


def of_class(base: int, addition: int) -> Figures:
    """The figures of a city of another class (級地), fiscal years 2017 to 2026."""

    def rows(value: int) -> list[dict[str, object]]:
        return [{"from": 2017, "to": 2026, "value": value, "source": "地方税法施行令47条の3", "verified": True}]

    return Figures.default().overlay({"levy_base": rows(base), "levy_addition": rows(addition)})


CLASS_1 = of_class(350_000, 210_000)
CLASS_2 = of_class(315_000, 189_000)
CLASS_3 = Figures.default()

# By hand from 280,000 x n + 168,000 (n > 1) + 100,000 + deduction, 長崎県 3級地 rents. Annual amounts for the tax of
# fiscal years 2021-2025 (deduction 550,000) and 2026 (650,000).
TSUSHIMA = [
    (1, 930_000, 1_030_000, 32_000),
    (2, 1_378_000, 1_478_000, 38_000),
    (3, 1_658_000, 1_758_000, 42_000),
    (4, 1_938_000, 2_038_000, 42_000),
    (5, 2_218_000, 2_318_000, 42_000),
    (6, 2_498_000, 2_598_000, 45_000),
    (7, 2_778_000, 2_878_000, 50_000),
]

# The same as printed for a reader: standard, income limit and asset limit in yen, cut down.
TSUSHIMA_YEN = [
    (FY2025, 1, 77_500, 109_500, 465_000),
    (FY2025, 2, 114_833, 152_833, 689_000),
    (FY2025, 3, 138_166, 180_166, 829_000),
    (FY2025, 4, 161_500, 203_500, 969_000),
    (FY2025, 5, 184_833, 226_833, 1_109_000),
    (FY2025, 6, 208_166, 253_166, 1_249_000),
    (FY2025, 7, 231_500, 281_500, 1_389_000),
    (FY2026, 1, 85_833, 117_833, 515_000),
    (FY2026, 2, 123_166, 161_166, 739_000),
    (FY2026, 3, 146_500, 188_500, 879_000),
    (FY2026, 4, 169_833, 211_833, 1_019_000),
    (FY2026, 5, 193_166, 235_166, 1_159_000),
    (FY2026, 6, 216_500, 261_500, 1_299_000),
    (FY2026, 7, 239_833, 289_833, 1_439_000),
]

# Published standards (基準額, rent left out) of 住居確保給付金, persons 1, 2, 3 ...
PUBLISHED = [
    (CLASS_2, (81_000, 123_000, 157_000, 194_000, 232_000, 269_000, 306_000, 339_000)),  # 高岡市, 松山市 (2級地)
    (CLASS_1, (84_000, 130_000, 172_000, 214_000, 255_000)),  # as quoted for 1級地 in Tokyo; not read in full on a page
    (CLASS_3, (78_000, 115_000, 140_000, 175_000)),  # 蓮田市 (埼玉県, 3級地)
    (CLASS_3, (78_000, 115_000, 140_000, 175_000, 209_000)),  # 葛城市 (奈良県, 3級地)
    (CLASS_3, (78_000, 115_000, 140_000, 175_000, 209_000, 242_000)),  # the same, one row further, by hand
]


# Properties -----------------------------------------------------------------------------------------------------------


@given(APPLIED, SIZES, YEN, YEN)
def test_the_result_equals_exact_division(applied: date, size: int, income: int, assets: int) -> None:
    """Comparing whole numbers gives what exact fractions give, in every year the figures cover."""
    test = by(applied, size, income, assets)
    base = Fraction(test.levy_limit + test.deduction) / 12
    assert test.income_limit == base + test.housing
    assert test.income_passes is (Fraction(income) <= base + test.housing)
    assert test.assets_pass is (Fraction(assets) <= base * 6)
    assert test.passes is (test.income_passes and test.assets_pass)


@given(APPLIED, SIZES, st.sampled_from(["text", "national_table"]))
def test_one_yen_above_the_limit_fails(applied: date, size: int, standard: str) -> None:
    """The displayed limit is the highest amount that passes: the yen passes and the next one fails."""
    limits = by(applied, size, standard=standard)
    at = by(applied, size, limits.income_limit_yen, limits.asset_limit_yen, standard=standard)
    above = by(applied, size, limits.income_limit_yen + 1, limits.asset_limit_yen + 1, standard=standard)
    assert (at.income_passes, at.assets_pass) == (True, True)
    assert (above.income_passes, above.assets_pass) == (False, False)


@given(APPLIED, SIZES, st.sampled_from(["text", "national_table"]))
def test_a_larger_household_never_has_lower_limits(applied: date, size: int, standard: str) -> None:
    """Both limits are monotonic in the number of persons."""
    small, large = by(applied, size, standard=standard), by(applied, size + 1, standard=standard)
    assert small.income_limit < large.income_limit
    assert small.asset_limit < large.asset_limit


@given(APPLIED, SIZES)
def test_the_national_table_is_never_below_the_text(applied: date, size: int) -> None:
    """The deduction is at least its minimum, and rounding goes up."""
    both = compare_standards(applied_on=applied, household_size=size, income=0, assets=0)
    assert both.difference >= 0
    assert both.national_table.deduction >= both.text.deduction
    assert both.national_table.base.denominator == 1
    assert both.national_table.base % 1000 == 0


@given(APPLIED)
def test_the_tax_year_and_the_income_year_follow_the_application(applied: date) -> None:
    """The tax is of a running or, from April to June, of the last fiscal year; the income of the year before it."""
    test = by(applied)
    assert test.income_year == test.tax_fy - 1
    assert date(test.tax_fy, 7, 1) <= applied < date(test.tax_fy + 1, 7, 1)


# By the text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "until_2025", "in_2026", "housing"), TSUSHIMA)
def test_annual_amounts_of_tsushima(size: int, until_2025: int, in_2026: int, housing: int) -> None:
    """Annual amount, standard, both limits, for fiscal years 2021 to 2025 and for 2026; nothing is rounded."""
    days = [date(year, 7, 1) for year in range(2021, 2027)]
    assert [by(day, size).annual for day in days] == [until_2025] * 5 + [in_2026]
    for test in (by(FY2025, size), by(FY2026, size)):
        assert test.base == Fraction(test.annual, 12)
        assert test.income_limit == Fraction(test.annual, 12) + housing
        assert test.asset_limit == Fraction(test.annual, 2)


@pytest.mark.parametrize(("applied", "size", "base", "income", "assets"), TSUSHIMA_YEN)
def test_limits_of_tsushima_in_yen(applied: date, size: int, base: int, income: int, assets: int) -> None:
    """The same limits as a reader sees them, cut down to the yen."""
    test = by(applied, size)
    assert (int(test.base), test.income_limit_yen, test.asset_limit_yen) == (base, income, assets)


@pytest.mark.parametrize(
    ("size", "income", "income_passes", "assets", "assets_pass"),
    [
        (2, 152_833, True, 689_000, True),
        (2, 152_834, False, 689_001, False),
        (1, 109_500, True, 465_000, True),
        (1, 109_501, False, 465_001, False),
    ],
)
def test_the_boundary_of_both_tests(
    size: int, income: int, income_passes: bool, assets: int, assets_pass: bool
) -> None:
    """以下 includes equality; a third of a yen is not rounded away."""
    test = by(FY2025, size, income, assets)
    assert (test.income_passes, test.assets_pass) == (income_passes, assets_pass)


@pytest.mark.parametrize("day", ["2019-07-01", "2020-07-01", "2020-10-01", "2021-05-01", "2021-07-01", "2025-12-10"])
def test_the_sum_of_limit_and_deduction_did_not_move_in_2021(day: str) -> None:
    """65万 without the supplement and 55万 with it are the same 930,000 for one person."""
    assert by(date.fromisoformat(day)).annual == 930_000


@pytest.mark.parametrize(
    ("applied", "tax_fy", "annual", "literal"),
    [
        ("2020-10-01", 2020, 930_000, 830_000),
        ("2021-05-10", 2020, 930_000, 830_000),
        ("2025-12-10", 2025, 930_000, 1_030_000),
        ("2026-05-10", 2025, 930_000, 1_030_000),
        ("2026-07-01", 2026, 1_030_000, 1_030_000),
    ],
)
def test_the_law_on_the_day_mismatches_the_year_of_the_tax(
    applied: str, tax_fy: int, annual: int, literal: int
) -> None:
    """By income year 77,500 a month throughout; the literal reading gives 69,166 or 85,833 until the years meet."""
    day = date.fromisoformat(applied)
    one, other = by(day), by(day, deduction_basis="law_on_application_date")
    assert (one.tax_fy, one.annual, other.tax_fy, other.annual) == (tax_fy, annual, tax_fy, literal)
    assert "salary_deduction_in_law" in other.unverified


@pytest.mark.parametrize(
    ("applied", "tax_fy", "income_year"),
    [("2025-06-10", 2024, 2023), ("2025-07-01", 2025, 2024), ("2026-03-20", 2025, 2024), ("2026-04-01", 2025, 2024)],
)
def test_years_of_an_application(applied: str, tax_fy: int, income_year: int) -> None:
    """Which tax and which income an application of that day looks at."""
    test = by(date.fromisoformat(applied))
    assert (test.tax_fy, test.income_year) == (tax_fy, income_year)


def test_the_reference_dangles_from_the_tax_of_2026() -> None:
    """From income year 2025 the clause pointed to has no bracket left; under the literal reading from its day on."""
    assert [by(day).reference_dangling for day in (date(2026, 6, 30), FY2026)] == [False, True]
    literal = [
        by(day, deduction_basis="law_on_application_date").reference_dangling
        for day in (date(2025, 11, 30), date(2025, 12, 1))
    ]
    assert literal == [False, True]
    assert not by(FY2026, standard="national_table").reference_dangling


def test_what_nobody_verified_is_named() -> None:
    """The levy figures and the rent are unverified for 対馬; the addition is not used for one person."""
    assert by(size=1).unverified == ("levy_base", "levy_supplement", "housing_ceiling")
    assert by(size=2).unverified == ("levy_base", "levy_addition", "levy_supplement", "housing_ceiling")
    assert by(size=1, housing=30_000).unverified == ("levy_base", "levy_supplement")
    assert by(FY2026, standard="national_table").unverified[-2:] == ("salary_schedule", "housing_ceiling")


def test_persons_for_the_levy_may_differ_from_the_household() -> None:
    """The limit counts a taxpayer's dependants; the rent counts the household."""
    test = by(size=4, n_for_levy=1)
    assert (test.levy_limit, test.annual, test.housing) == (380_000, 930_000, 42_000)
    assert (test.household_size, test.levy_size) == (4, 1)


def test_the_ceiling_may_be_given_for_a_case() -> None:
    """A ceiling given replaces the table, also outside its days, and the result says so."""
    test = by(size=1, income=107_500, housing=30_000)
    assert (test.housing, test.housing_overridden, test.income_passes) == (30_000, True, True)
    assert not by(size=1, income=107_501, housing=30_000).income_passes
    assert by(date(2018, 10, 1), housing=0).income_limit == 77_500


@pytest.mark.parametrize("day", ["2018-10-31", "2027-07-01"])
def test_outside_the_figures_nothing_is_calculated(day: str) -> None:
    """No nearest year is taken."""
    with pytest.raises(MissingFigure):
        by(date.fromisoformat(day))


# By the national table ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("figures", "published"), PUBLISHED)
def test_published_standards_come_out(figures: Figures, published: tuple[int, ...]) -> None:
    """The inverse rounded up to 1,000 yen equals the tables that cities publish."""
    actual = tuple(
        by(size=size, figures=figures, standard="national_table").base for size in range(1, len(published) + 1)
    )
    assert actual == published


def test_the_text_differs_from_published_standards_of_class_two() -> None:
    """The fixed deduction of the text would give other amounts there: the two are not the same rule."""
    assert [round(float(by(size=size, figures=CLASS_2).base), 2) for size in range(1, 6)] == [
        80_416.67,
        122_416.67,
        148_666.67,
        174_916.67,
        201_166.67,
    ]


def test_levy_limits_published_by_a_city_of_class_two() -> None:
    """直方市: 415,000 / 919,000 / 1,234,000 / 1,549,000 / 1,864,000."""
    limits = [by(size=size, figures=CLASS_2).levy_limit for size in range(1, 6)]
    assert limits == [415_000, 919_000, 1_234_000, 1_549_000, 1_864_000]


@pytest.mark.parametrize(
    ("figures", "published"),
    [
        (CLASS_3, (468_000, 690_000, 840_000, 1_000_000)),  # 蓮田市
        (CLASS_2, (486_000, 738_000, 942_000, 1_000_000)),  # 松山市
    ],
)
def test_published_asset_limits_are_six_standards_and_a_cap_we_do_not_apply(
    figures: Figures, published: tuple[int, ...]
) -> None:
    """Six times the rounded standard; the published cap of 1,000,000 is not in 第4条."""
    limits = [by(size=size, figures=figures, standard="national_table").asset_limit for size in range(1, 5)]
    assert tuple(min(limit, 1_000_000) for limit in limits) == published
    assert limits[-1] > 1_000_000


@pytest.mark.parametrize(
    ("size", "housing", "published"),
    [(1, 33_000, 111_000), (2, 40_000, 155_000), (3, 43_000, 183_000), (4, 43_000, 218_000), (5, 43_000, 252_000)],
)
def test_published_income_limits_with_rent(size: int, housing: int, published: int) -> None:
    """葛城市: standard plus the rent ceiling of 奈良県 3級地."""
    assert by(size=size, housing=housing, standard="national_table").income_limit == published


@pytest.mark.parametrize(("size", "difference"), [(1, 500), (2, Fraction(500, 3)), (3, Fraction(5500, 3)), (4, 13_500)])
def test_the_difference_of_the_standards(size: int, difference: Fraction) -> None:
    """Up to two persons it is only the rounding; from three on the table is a different amount."""
    both = compare_standards(applied_on=FY2025, household_size=size, income=0, assets=0)
    assert both.difference == difference
    assert both.same_result


def test_an_income_between_the_standards_is_told_apart() -> None:
    """210,000 yen for four persons and 42,000 rent: 203,500 by the text, 217,000 by the table."""
    both = compare_standards(applied_on=FY2025, household_size=4, income=210_000, assets=0)
    assert (both.text.passes, both.national_table.passes, both.same_result) == (False, True, False)
    assert "差: 13,500円。判定は異なる。" in both.explain()
    assert "difference: 13,500 yen; the result is not the same." in both.explain("en")


# Words and refusals ---------------------------------------------------------------------------------------------------


def test_the_arithmetic_can_be_checked_by_hand_in_japanese() -> None:
    """Each step on its line, and that the text names no rounding."""
    lines = by(FY2026, 2, 161_166, 739_001).arithmetic().splitlines()
    assert lines[0] == "申込日 2026-07-01: 市民税は令和8年度分、所得は令和7年分"
    assert "280,000 × 2 + 168,000 + 100,000 = 828,000円" in lines[1]
    assert "年額: 828,000 + 650,000 = 1,478,000円" in lines
    assert "基準額: 1,478,000 ÷ 12 = 123,166円(円未満切捨て表示、正確には369,500/3円)" in lines
    assert any("端数処理の定めなし" in line for line in lines)
    assert "  収入 161,166円 → 以下: 該当" in lines
    assert "  資産 739,001円 → 超過: 非該当" in lines
    assert any(line.startswith("要確認: 所得税法28条3項1号") for line in lines)
    assert lines[-1].startswith("未確認の数値: 均等割の非課税限度額の基本額")


def test_the_arithmetic_can_be_checked_by_hand_in_english() -> None:
    """The same steps, for another reader."""
    lines = by(FY2026, 2, 161_166, 739_001).arithmetic("en").splitlines()
    assert "annual: 828,000 + 650,000 = 1,478,000 yen" in lines
    assert any("names no rounding" in line for line in lines)
    assert "  income 161,166 yen: passes" in lines
    assert "  assets 739,001 yen: exceeds" in lines
    assert lines[-1].startswith("Unverified: ")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_arithmetic_says_which_standard_and_which_reading_was_used(lang: Any) -> None:
    """National table, law of the day and a ceiling given for the case can each be told from the text."""
    plain = by(size=3).arithmetic(lang)
    table = by(size=3, standard="national_table").arithmetic(lang)
    assert "1,680,000" in table
    assert {"ja": "端数処理の定めなし", "en": "names no rounding"}[lang] in table
    assert len({plain, table, by(size=3, housing=42_000).arithmetic(lang)}) == 3
    assert by(deduction_basis="law_on_application_date").arithmetic(lang) != by().arithmetic(lang)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"size": 0}, "household_size"),
        ({"size": 2.0}, "household_size"),
        ({"n_for_levy": 0}, "n_for_levy"),
        ({"income": -1}, "income"),
        ({"income": 1.5}, "income"),
        ({"assets": True}, "assets"),
        ({"housing": -1}, "housing"),
        ({"standard": "table"}, "standard"),
        ({"deduction_basis": "today"}, "deduction_basis"),
        ({"standard": "national_table", "deduction_basis": "law_on_application_date"}, "deduction_basis"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(options: dict[str, Any], field: str) -> None:
    """Whole yen, at least one person, a known standard and basis."""
    with pytest.raises(InputError) as caught:
        by(**options)
    assert caught.value.field == field
