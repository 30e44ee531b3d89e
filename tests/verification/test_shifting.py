"""Histories on other days: every day moves, months move along, and the turns of the months are met."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.states import Office
from shuroflow.states.history import case_of
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.planning import scripts
from shuroflow.verification.probes import places
from shuroflow.verification.shifting import MONTHS, days_of, shifted, step_to, turns, turns_and_februaries


def test_turns_are_the_ends_and_beginnings_of_a_year_of_months() -> None:
    """From the month of the day on: its last day, the next first day, and so on for a year; and a leap day."""
    found = list(turns(date(2025, 6, 10)))

    assert [date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 31)] == found[:3]
    assert date(2026, 2, 28) in found
    assert date(2026, 6, 30) in found
    assert date(2028, 2, 29) == found[-1]
    assert 2 * MONTHS + 1 == len(found)


def test_every_day_moves() -> None:
    """Each day of each event, wherever it stands, is as many days later; the moment of recording moves along."""
    history = Corpus.of("tsushima").histories[-1]
    moved = shifted(history, 100)

    before = [day for event in history for _, day in days_of(event)]
    assert len(before) > len(history)
    assert [day + timedelta(days=100) for day in before] == [day for event in moved for _, day in days_of(event)]
    assert [event.recorded_at + timedelta(days=100) for event in history] == [event.recorded_at for event in moved]


def test_a_month_goes_with_its_day() -> None:
    """The month of the income stays the month of the application; other words are left as they are."""
    history = next(h for h in Corpus.of("tsushima").histories if len(h) > 2 and h[1].kind == "assessed")
    moved = shifted(history, 31)

    assert moved[0].occurred_on.isoformat()[:7] == moved[1].data.income_month
    words = [value for event in history for path, _, value in places(event) if type(value) is str]
    assert {each for each in words if each[:2] != "20"} <= {
        value for event in moved for _, _, value in places(event) if type(value) is str
    }


def test_moving_back_gives_the_same_history() -> None:
    """Nothing is lost on the way."""
    for history in Corpus.of("saitama").histories:
        assert history == shifted(shifted(history, 400), -400)


@given(day=st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_leap_years_before_and_ahead_and_a_common_one(day: date) -> None:
    """The ends of February of all three, the days beside them, and the ends of March; never a day twice."""
    found = turns_and_februaries(day)

    assert len(set(found)) == len(found)
    assert set(turns(day)) <= set(found)
    leap = [each.year for each in found if (each.month, each.day) == (2, 29)]
    assert min(leap) <= day.year
    assert max(leap) >= day.year
    assert 2 == len(leap)
    for year in leap:
        assert {date(year, 2, 28), date(year, 3, 1), date(year, 3, 31)} <= set(found)
    assert any(
        date(each.year, 3, 1) - each == timedelta(days=1) and each.day == 28 for each in found if each.month == 2
    )


def _three_months_later(day: date) -> date:
    month = day.month + 3
    first = date(day.year + (month > 12), (month - 1) % 12 + 1, 1)
    return first + timedelta(days=day.day - 1)


@given(start=st.dates(date(2000, 1, 1), date(2050, 12, 31)), target=st.dates(date(2000, 1, 1), date(2050, 12, 31)))
def test_a_day_that_follows_comes_to_its_target(start: date, target: date) -> None:
    """A rule of months is met exactly, however far the months differ, or there is no such step near."""

    def follows(step: int) -> date:
        return _three_months_later(start + timedelta(days=step))

    step = step_to(target, follows(0), follows)
    if step is None:
        guess = (target - follows(0)).days
        assert target not in {follows(guess + off) for off in range(-6, 7)}
    else:
        assert target == follows(step)


def test_without_such_a_day_there_is_no_step() -> None:
    """A history that has no period when it is moved."""
    assert step_to(date(2028, 2, 29), date(2025, 7, 14), lambda step: None) is None


@pytest.mark.parametrize("prolonged", [0, 1, 2])
def test_every_period_ends_on_the_turns_of_months_and_at_the_end_of_february(prolonged: int) -> None:
    """By the fold of the desk: three months, six and nine that end there, in a leap year and in a common one."""
    _, variants = scripts(Corpus.of("saitama"), Office(), 0)
    ends = set()
    for script in variants:
        kinds = [event.kind for event in script.events]
        if script.key[:1] == ("term",) and prolonged == kinds.count("extended"):
            case = case_of(script.events, Office())
            assert case.period is not None
            ends.add(case.period.end)

    assert {date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2028, 3, 31)} <= ends
    assert {2, 28} <= {part for end in ends if end.year % 4 and end.month == 2 for part in (end.month, end.day)}
    months = {each.month for each in ends if (each + timedelta(days=1)).day == 1}
    assert set(range(1, 13)) == months


def test_a_term_of_days_spans_a_leap_day() -> None:
    """The due day of the payment in the year before, since figures of a year ahead are not known yet."""
    _, variants = scripts(Corpus.of("tsushima"), Office(), 0)
    due = {
        duty.due
        for script in variants
        if script.key[:2] == ("term", "due payment")
        for duty in case_of(script.events, Office()).duties.values()
        if duty.code == "payment"
    }

    assert {date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2026, 2, 28), date(2026, 3, 1)} <= due
