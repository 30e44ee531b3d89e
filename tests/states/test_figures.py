"""Dated figures: what is built in, what an office lays over it, and what is refused."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError, MissingFigure
from shuroflow.states.figures import PARAMETERS, Figures, Source, label

FIGURES = Figures.default()
MONEY = st.integers(0, 20_000_000)
SCHEDULE_YEARS = st.integers(2017, 2025)


def span(**changes: object) -> dict[str, object]:
    """A span that is well formed, with changes."""
    return {"from": 2026, "to": 2026, "value": 690_000, "source": "a decision", "verified": True, **changes}


# What is built in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("income_year", "amount", "flags"),
    [
        # 所得税法28条3項1号 by 年分; city pages before and after the change of 令和2年分, ten of them for 令和7年分.
        (2016, 650_000, set()),
        (2019, 650_000, set()),
        (2020, 550_000, set()),
        (2024, 550_000, set()),
        (2025, 650_000, {"reference_dangling"}),
    ],
)
def test_the_least_deduction_by_income_year(income_year: int, amount: int, flags: set[str]) -> None:
    """By the year of the income, and marked where the clause pointed to is gone."""
    found = FIGURES.deduction_minimum(income_year)
    assert (found.value, found.flags, found.verified) == (amount, flags, True)


@pytest.mark.parametrize("income_year", [2015, 2026, 2027])
def test_an_income_year_without_a_figure_is_not_guessed(income_year: int) -> None:
    """令和8年分 was not settled: the error names the parameter and the year."""
    with pytest.raises(MissingFigure) as caught:
        FIGURES.deduction_minimum(income_year)
    assert (caught.value.parameter, caught.value.asked) == ("salary_deduction_minimum", income_year)
    assert caught.value.known == "2016 to 2025"


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        ("2018-11-01", 650_000),
        ("2019-12-31", 650_000),
        ("2020-01-01", 550_000),
        ("2025-11-30", 550_000),
        ("2025-12-01", 650_000),
        ("2026-11-30", 650_000),
    ],
)
def test_the_least_deduction_in_the_law_of_a_day(day: str, amount: int) -> None:
    """The alternative reading: by the day the law was in force, none of it verified."""
    found = FIGURES.deduction_in_law(date.fromisoformat(day))
    assert (found.value, found.verified) == (amount, False)


@pytest.mark.parametrize("day", ["2018-10-31", "2026-12-01"])
def test_the_law_of_a_day_outside_is_not_guessed(day: str) -> None:
    """Before the 要綱, and from the day the next reform may be in force, there is no figure."""
    with pytest.raises(MissingFigure, match="salary_deduction_in_law"):
        FIGURES.deduction_in_law(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("fiscal_year", "supplement"), [(2017, 0), (2020, 0), (2021, 100_000), (2025, 100_000), (2026, 100_000)]
)
def test_the_levy_limit_of_class_three(fiscal_year: int, supplement: int) -> None:
    """280,000 and 168,000 throughout, 100,000 only from fiscal year 2021 (唐津市, 直方市); unverified for 対馬."""
    found = [FIGURES.levy_base(fiscal_year), FIGURES.levy_addition(fiscal_year), FIGURES.levy_supplement(fiscal_year)]
    assert [figure.value for figure in found] == [280_000, 168_000, supplement]
    assert [figure.verified for figure in found] == [False] * 3


@pytest.mark.parametrize("fiscal_year", [2016, 2027])
def test_the_levy_limit_outside_its_years_is_not_guessed(fiscal_year: int) -> None:
    """Each of the three raises on its own."""
    for lookup in (FIGURES.levy_base, FIGURES.levy_addition, FIGURES.levy_supplement):
        with pytest.raises(MissingFigure):
            lookup(fiscal_year)


@pytest.mark.parametrize(
    ("size", "amount"),
    [(1, 32_000), (2, 38_000), (3, 42_000), (4, 42_000), (5, 42_000), (6, 45_000), (7, 50_000), (12, 50_000)],
)
def test_the_housing_ceiling_by_size(size: int, amount: int) -> None:
    """長崎県 3級地 by size of household (社援発0414第9号 as tabulated, one source); the last row is for 7 and more."""
    for day in (date(2018, 11, 1), date(2027, 6, 30)):
        found = FIGURES.housing_ceiling(day, size=size)
        assert (found.value, found.verified) == (amount, False)


@pytest.mark.parametrize("day", ["2018-10-31", "2027-07-01"])
def test_the_housing_ceiling_outside_its_days_is_not_guessed(day: str) -> None:
    """One day past either end there is no figure."""
    with pytest.raises(MissingFigure, match="housing_ceiling"):
        FIGURES.housing_ceiling(date.fromisoformat(day), size=1)


@pytest.mark.parametrize(
    ("income_year", "salary", "income"),
    [
        # 十和田市, 八戸市, 南相馬市: the last two are worked examples of 南相馬市.
        (2019, 650_999, 0),
        (2019, 651_000, 1_000),
        (2019, 1_619_000, 969_000),
        (2019, 6_134_300, 4_365_600),
        (2017, 2_345_678, 1_460_800),
        # 十和田市, 八戸市, 春日井市, 高松市.
        (2020, 550_999, 0),
        (2024, 551_000, 1_000),
        (2024, 1_618_999, 1_068_999),
        (2024, 1_619_999, 1_069_000),
        (2024, 1_621_999, 1_070_000),
        (2024, 1_623_999, 1_072_000),
        (2024, 1_625_000, 1_074_000),
        (2024, 1_628_000, 1_076_800),
        (2024, 1_799_999, 1_177_600),
        (2024, 1_800_000, 1_180_000),
        (2024, 3_600_000, 2_440_000),
        (2024, 6_600_000, 4_840_000),
        (2024, 8_500_000, 6_550_000),
        (2025, 1_899_999, 1_249_999),
        (2025, 1_900_000, 1_250_000),
    ],
)
def test_income_from_salary(income_year: int, salary: int, income: int) -> None:
    """Rows and edges of published income tables."""
    assert FIGURES.salary_schedule(income_year).value.income(salary) == income


@given(SCHEDULE_YEARS, MONEY, MONEY)
def test_income_never_falls_as_salary_rises(year: int, one: int, other: int) -> None:
    """The schedule is monotonic, so it has an inverse."""
    schedule = FIGURES.salary_schedule(year).value
    incomes = [schedule.income(salary) for salary in sorted((one, other))]
    assert incomes == sorted(incomes)


@given(SCHEDULE_YEARS, MONEY)
def test_the_inverse_is_the_least_salary(year: int, income: int) -> None:
    """It reaches the income, and one yen less does not."""
    schedule = FIGURES.salary_schedule(year).value
    salary = schedule.smallest_salary(income)
    assert schedule.income(salary) >= income
    assert salary == 0 or schedule.income(salary - 1) < income


def test_only_the_schedule_of_2025_is_unverified() -> None:
    """It was put together from its first bracket and the table before; the others were read as a whole."""
    assert [FIGURES.salary_schedule(year).verified for year in (2017, 2024, 2025)] == [True, True, False]
    with pytest.raises(MissingFigure, match="salary_schedule"):
        FIGURES.salary_schedule(2026)


def test_every_parameter_has_spans_with_a_source_and_a_name() -> None:
    """Nothing is built in without saying where it was read."""
    assert set(FIGURES.series) == set(PARAMETERS)
    assert all(spans for spans in FIGURES.series.values())
    assert all(label(parameter, "ja") != label(parameter, "en") for parameter in PARAMETERS)


@pytest.mark.parametrize("source", dict.fromkeys(span.source for spans in FIGURES.series.values() for span in spans))
def test_a_source_is_told_in_either_language(source: Source) -> None:
    """No English in the Japanese, no Japanese sentence in the English, whose towns and laws stand in both."""
    assert [] == re.findall(r"[A-Za-z]{2,}", source.ja.replace("OpenFisca-Japan", ""))
    assert source.en != source.ja
    assert not any(hint in source.en for hint in ("、", "。", "年分", "年度", "万円", "による"))
    names = [word for word in re.split(r"[\s,;:()]+", source.en) if re.search("[ぁ-ん一-龥]", word)]
    assert [] == [name for name in names if name not in source.ja]


def test_one_text_of_an_office_stands_in_both_languages() -> None:
    """An office may tell its source once, or once in each language."""
    told = {"ja": "条例第24条第2項", "en": "the ordinance, Article 24"}
    for text, expected in ((told["ja"], {"ja": told["ja"], "en": told["ja"]}), (told, told)):
        source = FIGURES.overlay({"levy_base": [span(source=text)]}).levy_base(2026).source
        assert expected == {"ja": source.label(), "en": source.label("en")}


# What an office lays over it ------------------------------------------------------------------------------------------


def test_an_overlay_extends_a_series() -> None:
    """A year after the last one is added; the built-in figures stay as they are."""
    office = FIGURES.overlay({"salary_deduction_minimum": [span()]})
    assert office.deduction_minimum(2026).value == 690_000
    assert office.deduction_minimum(2025).value == 650_000
    with pytest.raises(MissingFigure):
        FIGURES.deduction_minimum(2026)


def test_an_overlay_of_toml_text_replaces_what_it_speaks_for() -> None:
    """The office's span wins on its days; what was known before and after stays."""
    office = FIGURES.overlay("""
        [[housing_ceiling]]
        from = 2025-10-01
        to = 2026-09-30
        value = [33_000, 40_000]
        source = "notice of the office"
        verified = true
        flags = ["local"]
    """)
    day = timedelta(days=1)
    first, last = date(2025, 10, 1), date(2026, 9, 30)
    found = [office.housing_ceiling(at, size=3).value for at in (first - day, first, last, last + day)]
    assert found == [42_000, 40_000, 40_000, 42_000]
    assert office.housing_ceiling(first, size=1).flags == {"local"}
    assert office.housing_ceiling(first, size=1).verified
    assert office.levy_base(2025) == FIGURES.levy_base(2025)


@given(st.integers(2010, 2035), st.integers(0, 12))
def test_an_overlay_changes_its_own_years_alone(first: int, length: int) -> None:
    """In every year the office's value where it speaks, else the built-in one, unless the overlay leaves a gap."""
    last = first + length
    document = {"levy_base": [span(**{"from": first, "to": last, "value": 1})]}
    if last < 2016 or first > 2027:
        with pytest.raises(InputError, match="no value from"):
            FIGURES.overlay(document)
        return
    office = FIGURES.overlay(document)
    for year in range(min(first, 2017), max(last, 2026) + 1):
        assert office.levy_base(year).value == (1 if first <= year <= last else 280_000)


WANTED: dict[str, dict[str, str]] = {
    "from": {"levy_base": "a year (fiscal_year)", "housing_ceiling": "a date such as 2024-04-01"},
    "to": {"levy_base": "a year (fiscal_year)", "housing_ceiling": "a date such as 2024-04-01"},
    "value": {
        "levy_base": "a whole number of yen, 0 or more",
        "housing_ceiling": "a list of whole yen by size of household",
        "salary_schedule": "a list of brackets",
    },
    "source": {},
    "verified": {},
}


@given(
    st.sampled_from(["levy_base", "housing_ceiling", "salary_schedule"]),
    st.sets(st.sampled_from(sorted(WANTED)), min_size=1),
)
def test_a_span_needs_every_field(parameter: str, missing: set[str]) -> None:
    """Each field that is not there is told as missing, with what to write; what is there is in order."""
    first: int | date = date(2026, 7, 1) if parameter == "housing_ceiling" else 2026
    value: Any = {
        "levy_base": 1,
        "housing_ceiling": [1],
        "salary_schedule": [{"from": 0, "of": "salary", "percent": 100, "plus": 0}],
    }[parameter]
    whole = span(**{"from": first, "to": first, "value": value})
    usual = {
        "from": "a year (income_year)",
        "to": "a year (income_year)",
        "source": "the name of a source, or { ja = one, en = the same }",
    }
    usual["verified"] = "true or false"
    assert FIGURES.overlay({parameter: [whole]}) != FIGURES
    with pytest.raises(InputError) as error:
        FIGURES.overlay({parameter: [{name: told for name, told in whole.items() if name not in missing}]})
    expected = {
        f"{parameter}[0]: {name} is missing: write {WANTED[name].get(parameter) or usual[name]}" for name in missing
    }
    assert (expected, len(missing)) == (set(error.value.problems), len(error.value.problems))


@pytest.mark.parametrize("name", ["from", "to", "value", "source", "verified"])
def test_nothing_in_a_field_is_not_a_missing_one(name: str) -> None:
    """In a mapping of Python a field can hold ``None``: it is there, and is not what it has to be."""
    with pytest.raises(InputError, match=rf"levy_base\[0\]\.{name}: None is not"):
        FIGURES.overlay({"levy_base": [span(**{name: None})]})


def test_an_empty_overlay_changes_nothing() -> None:
    """Nothing said, nothing changed; and the figures can be compared and hashed."""
    assert FIGURES.overlay("") == FIGURES
    assert hash(FIGURES.overlay({})) == hash(FIGURES)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"levy_bse": [span()]}, "levy_bse: not a parameter"),
        ({"levy_base": []}, "give one or more spans"),
        ({"levy_base": 280_000}, "give one or more spans"),
        ({"levy_base": ["x"]}, "not a table"),
        ({"levy_base": [span(value=280_000.0)]}, "whole number of yen"),
        ({"levy_base": [span(value=-1)]}, "whole number of yen"),
        ({"levy_base": [span(value=True)]}, "whole number of yen"),
        ({"levy_base": [span(source=" ")]}, "name of a source"),
        ({"levy_base": [span(source={"ja": "条例"})]}, "name of a source"),
        ({"levy_base": [span(source={"ja": "条例", "en": ""})]}, "name of a source"),
        ({"levy_base": [span(source={"ja": "条例", "en": "ordinance", "fr": "x"})]}, "name of a source"),
        ({"levy_base": [span(verified="yes")]}, "true or false"),
        ({"levy_base": [span(flags="x")]}, "list of words"),
        ({"levy_base": [span(note="x")]}, "note: not a field"),
        ({"levy_base": [span(**{"from": "2026"})]}, "a year (fiscal_year)"),
        ({"levy_base": [span(to=2025)]}, "is after to"),
        ({"levy_base": [span(), span(value=1)]}, "overlap at 2026"),
        ({"levy_base": [span(**{"from": 2028, "to": 2028})]}, "no value from 2027 to 2027"),
        ({"levy_base": [span(), span(**{"from": 2028, "to": 2029})]}, "no value from 2027 to 2027"),
        ({"housing_ceiling": [span()]}, "a date such as"),
        (
            {"housing_ceiling": [span(**{"from": date(2027, 7, 1), "to": date(2028, 3, 31), "value": []})]},
            "by size of household",
        ),
        (
            {"housing_ceiling": [span(**{"from": date(2027, 8, 1), "to": date(2028, 3, 31), "value": [1]})]},
            "no value from 2027-07-01 to 2027-07-31",
        ),
        ({"salary_schedule": [span(value=0)]}, "list of brackets"),
        ({"salary_schedule": [span(value=[{"from": 0}])]}, "a bracket is"),
        (
            {"salary_schedule": [span(value=[{"from": 0, "of": "salary", "percent": 0, "plus": 0}])]},
            "rises without end",
        ),
        (
            {
                "salary_schedule": [
                    span(
                        value=[
                            {"from": 0, "of": "salary", "percent": 100, "plus": 0},
                            {"from": 10, "of": "salary", "percent": 100, "plus": -5},
                        ]
                    )
                ]
            },
            "at 10 yen the income falls",
        ),
    ],
)
def test_a_malformed_overlay_is_refused_with_its_place(document: dict[str, object], said: str) -> None:
    """Each fault is named with its path and what would mend it."""
    with pytest.raises(InputError) as caught:
        FIGURES.overlay(document)
    assert any(said in problem for problem in caught.value.problems)


def test_all_faults_are_listed_at_once() -> None:
    """An office mends its file in one go."""
    with pytest.raises(InputError, match="and 2 more") as caught:
        FIGURES.overlay({"levy_base": [span(value=-1, verified=1)], "x": []})
    assert len(caught.value.problems) == 3


def test_text_that_is_not_toml_is_an_input_error() -> None:
    """The error is one of this library."""
    with pytest.raises(InputError, match="not TOML"):
        FIGURES.overlay("levy_base = [")
