"""Civil time: periods, deadlines, fiscal years, closed days and dates of the eras."""

from __future__ import annotations

import calendar as stdlib
import tomllib
import unicodedata
from datetime import date, timedelta
from importlib import resources

import holidays
import jpholiday
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.calendar import (
    OfficeCalendar,
    add_months,
    deadline,
    fiscal_year,
    fiscal_year_end,
    format_fiscal_year,
    format_wareki,
    parse_date,
    period_end,
    tax_fiscal_year,
)
from shuroflow.errors import InputError, MissingFigure

DAY = timedelta(days=1)
YEARS = range(2018, 2031)
JPHOLIDAY = {year: {day for day, _ in jpholiday.year_holidays(year)} for year in YEARS}
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
COVERED = st.dates(date(2018, 1, 1), date(2030, 12, 20))
MONTHS = st.integers(1, 60)
FIRST_DAY = st.sampled_from(["counted", "excluded"])

# Worked by hand from 民法140 and 143; the rule itself was checked against textbook cases (next table).
THREE_MONTHS = [
    ("2026-04-01", "2026-06-30", "2026-07-01"),
    ("2026-04-15", "2026-07-14", "2026-07-15"),
    ("2025-11-29", "2026-02-28", "2026-02-28"),
    ("2025-11-30", "2026-02-28", "2026-02-28"),
    ("2025-12-01", "2026-02-28", "2026-03-01"),
    ("2023-11-29", "2024-02-28", "2024-02-29"),
    ("2023-11-30", "2024-02-29", "2024-02-29"),
    ("2025-10-31", "2026-01-30", "2026-01-31"),
    ("2026-01-31", "2026-04-30", "2026-04-30"),
    ("2026-02-28", "2026-05-27", "2026-05-31"),
    ("2024-02-29", "2024-05-28", "2024-05-31"),
    ("2026-05-31", "2026-08-30", "2026-08-31"),
]

# takken-shikaku.net/takkenshiken/1195 (8 March, 1 April) and gyoseisyoshi.hatenadiary, 2010-11-14 (the January rows).
TEXTBOOK = [
    ("2026-03-08", 3, "excluded", "2026-06-08"),
    ("2026-04-01", 3, "counted", "2026-06-30"),
    ("2026-01-31", 2, "counted", "2026-03-30"),
    ("2026-01-20", 2, "counted", "2026-03-19"),
    ("2026-01-31", 1, "counted", "2026-02-28"),
    ("2024-01-31", 1, "counted", "2024-02-29"),
]

# Received; 30 days later; its weekday (Monday 0); the next open day. Public calendar of 2026 and 2027.
THIRTY_DAYS = [
    ("2026-04-01", "2026-05-01", 4, "2026-05-01"),
    ("2026-04-10", "2026-05-10", 6, "2026-05-11"),
    ("2026-04-03", "2026-05-03", 6, "2026-05-07"),
    ("2026-12-01", "2026-12-31", 3, "2027-01-04"),
    ("2026-08-23", "2026-09-22", 1, "2026-09-24"),
    ("2027-01-29", "2027-02-28", 6, "2027-03-01"),
]


def iso(text: str) -> date:
    """Short for the tables."""
    return date.fromisoformat(text)


def oracle_end(first: date, months: int) -> date:
    """民法143 written a second time, with nothing but month lengths."""
    index = first.year * 12 + first.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    length = stdlib.monthrange(year, month)[1]
    return date(year, month, first.day) - DAY if first.day <= length else date(year, month, length)


# Periods --------------------------------------------------------------------------------------------------------------


@given(DAYS, MONTHS, FIRST_DAY)
def test_period_end_agrees_with_a_second_derivation(start: date, months: int, first_day: str) -> None:
    """The end of a period equals 民法143 derived from month lengths alone, from the first day that counts."""
    first = start if first_day == "counted" else start + DAY
    assert period_end(start, months=months, first_day=first_day) == oracle_end(first, months)


@given(DAYS, MONTHS, FIRST_DAY)
def test_the_day_after_a_period_corresponds_to_its_first_day_or_opens_a_month(
    start: date, months: int, first_day: str
) -> None:
    """The day after the end is the 応当日 of the first day, or the first of a month when there is none."""
    first = start if first_day == "counted" else start + DAY
    after = period_end(start, months=months, first_day=first_day) + DAY
    assert after.day in {first.day, 1}


@given(DAYS, st.lists(MONTHS, min_size=1, max_size=6))
def test_chained_periods_touch_and_never_overlap(start: date, lengths: list[int]) -> None:
    """Each extension that begins the day after the last end is a period of its own, at least 28 days a month."""
    for months in lengths:
        end = period_end(start, months=months)
        assert 28 * months <= (end - start).days + 1 <= 31 * months
        start = end + DAY


@given(DAYS, DAYS, MONTHS, FIRST_DAY)
def test_a_later_start_never_ends_earlier(one: date, other: date, months: int, first_day: str) -> None:
    """The end is monotonic in the start."""
    ends = [period_end(day, months=months, first_day=first_day) for day in sorted((one, other))]
    assert ends == sorted(ends)


@given(DAYS, MONTHS, FIRST_DAY)
def test_a_longer_period_ends_later(start: date, months: int, first_day: str) -> None:
    """The end is strictly monotonic in the number of months."""
    assert period_end(start, months=months, first_day=first_day) < period_end(
        start, months=months + 1, first_day=first_day
    )


@given(DAYS, MONTHS)
def test_leaving_the_first_day_out_costs_at_most_four_days(start: date, months: int) -> None:
    """Counting from the next day never ends earlier and at most four days later."""
    difference = period_end(start, months=months, first_day="excluded") - period_end(start, months=months)
    assert timedelta(0) <= difference <= timedelta(days=4)


@pytest.mark.parametrize(("start", "counted", "excluded"), THREE_MONTHS)
def test_three_months(start: str, counted: str, excluded: str) -> None:
    """Three months from the days where the two ways of counting part or the month has no 応当日."""
    assert period_end(iso(start), months=3) == iso(counted)
    assert period_end(iso(start), months=3, first_day="excluded") == iso(excluded)


@pytest.mark.parametrize(("start", "months", "first_day", "end"), TEXTBOOK)
def test_textbook_cases_of_the_civil_code(start: str, months: int, first_day: str, end: str) -> None:
    """Published examples of 民法140 and 143 come out as published."""
    assert period_end(iso(start), months=months, first_day=first_day) == iso(end)


def test_an_extension_is_chained_and_not_anchored() -> None:
    """From 30 November: end of February, then from 1 March to the end of May, not the 29th of an anchored count."""
    first = period_end(iso("2025-11-30"), months=3)
    assert first == iso("2026-02-28")
    assert period_end(first + DAY, months=3) == iso("2026-05-31")


@pytest.mark.parametrize("months", [0, -1])
def test_a_period_needs_a_month(months: int) -> None:
    """No month, no period."""
    with pytest.raises(InputError, match="give 1 or more"):
        period_end(iso("2026-04-01"), months=months)


def test_an_unknown_way_of_counting_is_refused() -> None:
    """A word that is neither of the two is not taken for either."""
    with pytest.raises(InputError, match="neither 'counted' nor 'excluded'"):
        period_end(iso("2026-04-01"), months=3, first_day="included")


def test_the_end_of_the_calendar_is_an_input_error() -> None:
    """Past 9999-12-31 the error is one of this library."""
    with pytest.raises(InputError, match="smaller number of months"):
        add_months(date(9999, 11, 1), 2)
    with pytest.raises(InputError, match="smaller number of days"):
        deadline(date(9999, 12, 31), days=1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2026-01-31", 1, "2026-02-28"), ("2024-02-29", 12, "2025-02-28"), ("2026-03-31", -1, "2026-02-28")],
)
def test_add_months_stays_within_the_month(day: str, months: int, expected: str) -> None:
    """A day that the target month lacks becomes its last day."""
    assert add_months(iso(day), months) == iso(expected)


# Deadlines ------------------------------------------------------------------------------------------------------------


@given(DAYS, st.integers(1, 400))
def test_a_deadline_leaves_the_first_day_out(day: date, days: int) -> None:
    """Exactly ``days`` full days lie after the day itself."""
    due = deadline(day, days=days)
    assert [day + DAY * count for count in range(1, days + 1)][-1] == due


@pytest.mark.parametrize(("received", "due", "weekday", "open_day"), THIRTY_DAYS)
def test_thirty_days_from_receipt(received: str, due: str, weekday: int, open_day: str) -> None:
    """Thirty days, and the open day that an end on a closed day moves to (民法142)."""
    actual = deadline(iso(received), days=30)
    assert (actual, actual.weekday()) == (iso(due), weekday)
    assert OfficeCalendar.default().next_open(actual) == iso(open_day)


def test_a_deadline_needs_a_day() -> None:
    """Within no days is not a deadline."""
    with pytest.raises(InputError, match="give 1 or more"):
        deadline(iso("2026-04-01"), days=0)


# Fiscal years ---------------------------------------------------------------------------------------------------------


@given(DAYS)
def test_every_day_lies_in_its_fiscal_year(day: date) -> None:
    """A day is at most the end of its fiscal year and after the end of the one before."""
    year = fiscal_year(day)
    assert fiscal_year_end(year - 1) < day <= fiscal_year_end(year)


@pytest.mark.parametrize(
    ("applied", "year", "end", "tax"),
    [
        ("2025-06-10", 2025, "2026-03-31", 2024),
        ("2025-06-30", 2025, "2026-03-31", 2024),
        ("2025-07-01", 2025, "2026-03-31", 2025),
        ("2026-03-02", 2025, "2026-03-31", 2025),
        ("2026-03-31", 2025, "2026-03-31", 2025),
        ("2026-04-01", 2026, "2027-03-31", 2025),
        ("2026-01-01", 2025, "2026-03-31", 2025),
    ],
)
def test_the_fiscal_year_of_an_application(applied: str, year: int, end: str, tax: int) -> None:
    """The year, its 31 March, and the year of the tax looked at: one earlier in April, May and June."""
    assert fiscal_year(iso(applied)) == year
    assert fiscal_year_end(year) == iso(end)
    assert tax_fiscal_year(iso(applied)) == tax


def test_the_last_day_of_a_fiscal_year_is_a_date_and_does_not_move() -> None:
    """31 March 2024 was a Sunday and stays the end."""
    assert fiscal_year_end(2023) == date(2024, 3, 31)
    assert fiscal_year_end(2023).weekday() == stdlib.SUNDAY


# The office calendar --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_national_holidays_equal_two_independent_packages(year: int) -> None:
    """Our table has the same days as ``holidays`` and as ``jpholiday``, all years, transfers included."""
    ours = {day for day in OfficeCalendar.default().holidays if day.year == year}
    assert ours == set(holidays.country_holidays("JP", years=year))
    assert ours == JPHOLIDAY[year]


def test_names_of_holidays_equal_the_package() -> None:
    """Names are those of ``holidays``, which keeps the names of the law."""
    assert dict(OfficeCalendar.default().holidays) == dict(
        holidays.country_holidays("JP", years=YEARS, language="ja").items()
    )


def test_the_table_says_where_it_comes_from_and_what_is_forecast() -> None:
    """The data names the law as its source; equinoxes after 2027 were not published when it was written."""
    table = tomllib.loads((resources.files("shuroflow") / "holidays.toml").read_text(encoding="utf-8"))
    assert "国民の祝日に関する法律" in table["source"]
    assert OfficeCalendar.default().forecast_from == date(2028, 1, 1)


@given(COVERED)
def test_the_next_open_day_is_the_first_open_one(day: date) -> None:
    """It is open, not before the day, and every day between is closed."""
    calendar = OfficeCalendar.default()
    found = calendar.next_open(day)
    assert not calendar.is_closed(found)
    assert all(calendar.is_closed(day + DAY * count) for count in range((found - day).days))


@given(COVERED)
def test_a_day_is_closed_exactly_when_there_is_a_reason(day: date) -> None:
    """Weekend, national holiday or year-end, counted a second time, and a reason in both languages."""
    calendar = OfficeCalendar.default()
    year_end = (day.month == 12 and day.day >= 29) or (day.month == 1 and day.day <= 3)
    expected = day.weekday() >= stdlib.SATURDAY or day in JPHOLIDAY[day.year] or year_end
    assert calendar.is_closed(day) is expected
    assert (calendar.closed_because(day) is None) is (calendar.closed_because(day, "en") is None)


@pytest.mark.parametrize(
    ("day", "ja", "en"),
    [
        ("2026-05-06", "振替休日", "振替休日"),
        ("2026-09-22", "国民の休日", "国民の休日"),
        ("2026-12-31", "年末年始", "year-end closure"),
        ("2026-05-09", "土曜日", "Saturday"),
        ("2026-05-10", "日曜日", "Sunday"),
        ("2026-05-07", "閉庁日", "closed day of the office"),
        ("2026-05-08", None, None),
    ],
)
def test_the_reason_of_a_closed_day(day: str, ja: str | None, en: str | None) -> None:
    """The reason is named; an office's own closed day too."""
    calendar = OfficeCalendar.default().with_closed([iso("2026-05-07")])
    assert calendar.closed_because(iso(day)) == ja
    assert calendar.closed_because(iso(day), "en") == en


def test_an_office_adds_closed_days_without_touching_the_default() -> None:
    """The overlay is a new calendar; the built-in one stays."""
    office = OfficeCalendar.default().with_closed([iso("2026-05-07")])
    assert office.next_open(iso("2026-05-03")) == iso("2026-05-08")
    assert OfficeCalendar.default().next_open(iso("2026-05-03")) == iso("2026-05-07")


def test_an_office_may_work_at_weekends() -> None:
    """Without the weekends only holidays and the year-end are closed."""
    built_in = OfficeCalendar.default()
    office = OfficeCalendar(built_in.holidays, built_in.first_year, built_in.last_year, weekends=False)
    assert office.next_open(iso("2026-05-09")) == iso("2026-05-09")
    assert office.next_open(iso("2026-12-31")) == iso("2027-01-04")


@pytest.mark.parametrize("day", ["2017-12-31", "2031-01-01"])
def test_outside_its_years_the_calendar_does_not_guess(day: str) -> None:
    """The error names the calendar and the day, not the nearest year."""
    with pytest.raises(MissingFigure) as caught:
        OfficeCalendar.default().is_closed(iso(day))
    assert (caught.value.parameter, caught.value.asked) == ("office calendar", iso(day))


@pytest.mark.parametrize("day", ["2018-01-01", "2030-12-31"])
def test_the_first_and_last_covered_days_are_known(day: str) -> None:
    """The years are inclusive."""
    assert OfficeCalendar.default().is_closed(iso(day))


def test_a_search_past_the_last_year_does_not_guess() -> None:
    """The year-end closure of the last year leads out of the table."""
    with pytest.raises(MissingFigure, match="2031-01-01"):
        OfficeCalendar.default().next_open(iso("2030-12-30"))


def test_an_office_may_widen_the_years() -> None:
    """With every holiday of a new year given, the calendar covers it."""
    more = {day: "祝日" for day, _ in jpholiday.year_holidays(2031)}
    office = OfficeCalendar.default().widened(more, first_year=2018, last_year=2031)
    assert office.next_open(iso("2030-12-30")) == iso("2031-01-06")
    assert office.next_open(iso("2031-05-03")) == iso("2031-05-07")


def test_widening_needs_the_holidays_of_every_new_year() -> None:
    """A year without a single holiday is an omission; a narrower span is not a widening."""
    with pytest.raises(InputError, match="2032"):
        OfficeCalendar.default().widened({iso("2031-01-01"): "元日"}, first_year=2018, last_year=2032)
    with pytest.raises(InputError, match="does not contain"):
        OfficeCalendar.default().widened({}, first_year=2019, last_year=2030)


def test_a_closed_day_outside_the_years_is_refused() -> None:
    """One day given does not make a year known."""
    with pytest.raises(InputError, match="widen the years"):
        OfficeCalendar.default().with_closed([iso("2031-01-06")])
    with pytest.raises(InputError, match="covers no year"):
        OfficeCalendar({}, 2031, 2030)


# Eras -----------------------------------------------------------------------------------------------------------------


@given(st.dates(date(1873, 1, 1), date(2199, 12, 31)))
def test_a_date_of_an_era_reads_back(day: date) -> None:
    """Formatting and parsing are inverse; so are the Western forms."""
    assert parse_date(format_wareki(day)) == day
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.year}/{day.month}/{day.day}") == day
    assert parse_date(f"{day.year}年{day.month}月{day.day}日") == day


@given(st.dates(date(2019, 5, 1), date(2117, 12, 31)))
def test_short_forms_and_full_width_signs_read_the_same(day: date) -> None:
    """Letters of either case, dots, spaces and full-width digits change nothing."""
    short = f"r{day.year - 2018}.{day.month}.{day.day}"
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in short)
    assert unicodedata.normalize("NFKC", wide) == short
    assert [parse_date(text) for text in (short, short.upper(), wide, f" {short} ")] == [day] * 4


@given(st.text(max_size=24))
def test_any_text_is_a_date_or_an_input_error(text: str) -> None:
    """No text brings out another error."""
    try:
        said = parse_date(text).isoformat()
    except InputError as error:
        said = error.message if repr(text) in error.message else ""
    assert said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-04-01", "2024-04-01"),
        ("2024/4/1", "2024-04-01"),
        ("2024.4.1", "2024-04-01"),
        ("2024年4月1日", "2024-04-01"),
        ("2024年04月01日", "2024-04-01"),
        ("令和6年4月1日", "2024-04-01"),
        ("令和 6年 4月 1日", "2024-04-01"),
        ("㋿6年4月1日", "2024-04-01"),
        ("令和元年5月1日", "2019-05-01"),
        ("令和1年5月1日", "2019-05-01"),
        ("平成31年5月1日", "2019-05-01"),
        ("平成31年4月30日", "2019-04-30"),
        ("平成32年3月31日", "2020-03-31"),
        ("平成元年1月8日", "1989-01-08"),
        ("昭和64年1月7日", "1989-01-07"),
        ("昭和元年12月25日", "1926-12-25"),
        ("大正15年12月24日", "1926-12-24"),
        ("大正元年7月30日", "1912-07-30"),
        ("明治45年7月29日", "1912-07-29"),
        ("明治6年1月1日", "1873-01-01"),
        ("R6.4.1", "2024-04-01"),
        ("r6.4.1", "2024-04-01"),
        ("R6/4/1", "2024-04-01"),
        ("R6-4-1", "2024-04-01"),
        ("H31.4.30", "2019-04-30"),
        ("S64.1.7", "1989-01-07"),
    ],
)
def test_dates_as_people_write_them(text: str, expected: str) -> None:
    """Every form that papers use."""
    assert parse_date(text) == iso(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("令和元年4月30日", "write 平成31年4月30日"),
        ("平成元年1月7日", "write 昭和64年1月7日"),
        ("昭和元年12月24日", "write 大正15年12月24日"),
        ("大正元年7月29日", "write 明治45年7月29日"),
        ("明治5年12月2日", "lunisolar"),
        ("令和0年5月1日", "元年"),
        ("2025-02-30", "not a day of the calendar"),
        ("2025-02-29", "not a day of the calendar"),
        ("令和7年2月29日", "not a day of the calendar"),
        ("2025-13-01", "not a day of the calendar"),
        ("4/1/2024", "write it as"),
        ("24-4-1", "write it as"),
        ("2024-4/1", "write it as"),
        ("2024-04", "write it as"),
        ("2024-04-01T00:00", "write it as"),
        ("", "write it as"),
    ],
)
def test_a_date_that_cannot_be_read_says_what_would_mend_it(text: str, said: str) -> None:
    """The message names the text and the remedy; the field is carried."""
    with pytest.raises(InputError) as caught:
        parse_date(text, field="applied_on")
    assert repr(text) in caught.value.message
    assert said in caught.value.message
    assert caught.value.field == "applied_on"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-04-01", "令和6年4月1日"),
        ("2019-05-01", "令和元年5月1日"),
        ("2019-04-30", "平成31年4月30日"),
        ("1989-01-08", "平成元年1月8日"),
        ("1989-01-07", "昭和64年1月7日"),
        ("1873-01-01", "明治6年1月1日"),
    ],
)
def test_dates_as_papers_print_them(day: str, expected: str) -> None:
    """The era of the day, with 元年."""
    assert format_wareki(iso(day)) == expected


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2026, "令和8年度"),
        (2024, "令和6年度"),
        (2020, "令和2年度"),
        (2019, "令和元年度"),
        (2018, "平成30年度"),
        (1989, "平成元年度"),
        (1988, "昭和63年度"),
        (1926, "大正15年度"),
    ],
)
def test_fiscal_years_as_papers_print_them(year: int, expected: str) -> None:
    """The year of a change bears the name of the era that most of it lies in."""
    assert format_fiscal_year(year) == expected


def test_before_this_calendar_nothing_is_formatted() -> None:
    """Before 1873 the months were others."""
    with pytest.raises(InputError, match="明治6年1月1日"):
        format_wareki(date(1872, 12, 31))
    with pytest.raises(InputError, match="明治6年"):
        format_fiscal_year(1872)
