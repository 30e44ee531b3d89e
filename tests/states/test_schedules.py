"""所得税法別表第五 and 28条3項, income by salary: every bracket at its first yen and the yen before, and the way back.

The incomes are worked out from the table by hand: thousands of a quarter, a percentage, a fixed amount.
"""

from __future__ import annotations

import pytest

from shuroflow.calendar import OfficeCalendar
from shuroflow.errors import InputError
from shuroflow.states.figures import Figures, Schedule
from shuroflow.states.means_test import means_test
from tests.states.story import day

EDGES: dict[int, dict[int, int]] = {
    2019: {
        0: 0,
        650_999: 0,
        651_000: 1_000,
        1_618_999: 968_999,
        1_619_000: 969_000,
        1_619_999: 969_000,
        1_620_000: 970_000,
        1_621_999: 970_000,
        1_622_000: 972_000,
        1_623_999: 972_000,
        1_624_000: 974_000,
        1_627_999: 974_000,
        1_628_000: 976_800,
        1_799_999: 1_077_600,
        1_800_000: 1_080_000,
        3_599_999: 2_337_200,
        3_600_000: 2_340_000,
        6_599_999: 4_736_800,
        6_600_000: 4_740_000,
        6_600_002: 4_740_001,
        9_999_999: 7_799_999,
        10_000_000: 7_800_000,
        12_000_000: 9_800_000,
    },
    2020: {
        0: 0,
        550_999: 0,
        551_000: 1_000,
        1_618_999: 1_068_999,
        1_619_000: 1_069_000,
        1_619_999: 1_069_000,
        1_620_000: 1_070_000,
        1_621_999: 1_070_000,
        1_622_000: 1_072_000,
        1_623_999: 1_072_000,
        1_624_000: 1_074_000,
        1_627_999: 1_074_000,
        1_628_000: 1_076_800,
        1_799_999: 1_177_600,
        1_800_000: 1_180_000,
        3_599_999: 2_437_200,
        3_600_000: 2_440_000,
        6_599_999: 4_836_800,
        6_600_000: 4_840_000,
        6_600_002: 4_840_001,
        8_499_999: 6_549_999,
        8_500_000: 6_550_000,
        12_000_000: 10_050_000,
    },
    2025: {
        0: 0,
        650_999: 0,
        651_000: 1_000,
        1_899_999: 1_249_999,
        1_900_000: 1_250_000,
        3_599_999: 2_437_200,
        3_600_000: 2_440_000,
        6_599_999: 4_836_800,
        6_600_000: 4_840_000,
        6_600_002: 4_840_001,
        8_499_999: 6_549_999,
        8_500_000: 6_550_000,
        12_000_000: 10_050_000,
    },
}


def schedule(year: int) -> Schedule:
    """The built-in one of an income year."""
    return Figures.default().salary_schedule(year).value


@pytest.mark.parametrize(("year", "salary"), [(year, salary) for year, edges in EDGES.items() for salary in edges])
def test_the_income_at_the_edge_of_a_bracket(year: int, salary: int) -> None:
    """Both sides of each edge, and a yen that is cut."""
    assert EDGES[year][salary] == schedule(year).income(salary)


def test_the_schedules_begin_and_end_on_their_years() -> None:
    """One for 2017 to 2019, one for 2020 to 2024, one after; nothing before."""
    figures = Figures.default()
    for year, first in ((2017, 651_000), (2019, 651_000), (2020, 551_000), (2024, 551_000)):
        assert (0, 1_000) == tuple(figures.salary_schedule(year).value.income(salary) for salary in (first - 1, first))
    with pytest.raises(LookupError, match="2016"):
        figures.salary_schedule(2016)


@pytest.mark.parametrize("year", [2019, 2020, 2025])
def test_the_least_salary_of_an_income(year: int) -> None:
    """It reaches the income and a yen less does not; for incomes at the edges, between them and where doubling ends."""
    table = schedule(year)
    incomes = {0, 1, 999, 1_000, 1_001, 969_000, 969_001, 1_076_801, 2_340_000, 4_740_001, 9_800_000}
    incomes |= {table.income(1 << power) + more for power in range(19, 24) for more in (0, 1)}
    for income in sorted(incomes):
        salary = table.smallest_salary(income)
        assert table.income(salary) >= income
        assert salary == 0 or table.income(salary - 1) < income


ODD = """
[[levy_base]]
from = 2021
to = 2026
value = 280_011
source = "invented, so that a twelfth is no whole yen"
verified = true
"""


def test_both_limits_hold_to_the_fraction() -> None:
    """第4条第1号ア・イ: where neither a twelfth nor a half is whole yen, equality is still the last to pass."""
    figures = Figures.default().overlay(ODD)
    annual = 280_011 + 100_000 + 550_000
    assert (11, 1) == (annual % 12, annual % 2)
    facts = {"applied_on": day("2025-04-10"), "household_size": 1, "figures": figures, "housing": 0}
    for income, assets in ((annual // 12, annual // 2), (annual // 12 + 1, annual // 2 + 1)):
        test = means_test(income=income, assets=assets, **facts)  # type: ignore[arg-type]
        assert annual == test.annual
        assert (12 * income <= annual, 2 * assets <= annual) == (test.income_passes, test.assets_pass)


def test_the_deduction_of_the_national_table_is_what_lies_between() -> None:
    """Salary less its income, for a reader who adds up."""
    test = means_test(
        applied_on=day("2025-07-10"), household_size=2, income=0, assets=0, standard="national_table", housing=0
    )
    assert test.salary is not None
    assert test.levy_limit == test.salary - test.deduction


@pytest.mark.parametrize(("field", "value"), [("household_size", True), ("household_size", 0), ("housing", -1)])
def test_what_cannot_be_a_size_or_an_amount(field: str, value: object) -> None:
    """A truth value is no number of persons, and nothing costs less than nothing."""
    facts = {"applied_on": day("2025-07-10"), "household_size": 1, "income": 0, "assets": 0} | {field: value}
    with pytest.raises(InputError) as error:
        means_test(**facts)  # type: ignore[arg-type]
    assert field == error.value.field


def test_an_office_that_works_at_weekends() -> None:
    """Neither Saturday nor Sunday is closed where the calendar says so."""
    usual = OfficeCalendar.default()
    busy = OfficeCalendar(usual.holidays, usual.first_year, usual.last_year, weekends=False)
    for weekend in (day("2025-06-07"), day("2025-06-08")):
        assert (True, False) == (usual.is_closed(weekend), busy.is_closed(weekend))


@pytest.mark.parametrize("closed", ["2025-12-29", "2025-12-30", "2025-12-31", "2025-01-01", "2025-01-02", "2025-01-03"])
def test_the_year_end_is_closed_on_weekdays_too(closed: str) -> None:
    """29 December to 3 January; the days around it are open where nothing else closes them."""
    calendar = OfficeCalendar.default()
    assert day(closed).weekday() < 5
    assert calendar.is_closed(day(closed))
    assert not calendar.is_closed(day("2025-12-26"))
    assert not calendar.is_closed(day("2025-01-06"))


def test_new_year_is_closed_even_where_its_holiday_was_forgotten() -> None:
    """An office that adds a year gives its holidays; the year-end closure does not hang on them."""
    longer = OfficeCalendar.default().widened({day("2031-02-11"): "建国記念の日"}, first_year=2018, last_year=2031)
    assert [True, True, False] == [longer.is_closed(day(on)) for on in ("2031-01-01", "2031-02-11", "2031-02-12")]
