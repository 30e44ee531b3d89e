"""Histories on other days: every day moves, months move along, and the turns of the months are met."""

from __future__ import annotations

from datetime import date, timedelta

from shuroflow.verification.corpus import Corpus
from shuroflow.verification.probes import places
from shuroflow.verification.shifting import MONTHS, days_of, shifted, turns


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
