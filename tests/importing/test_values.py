"""Cells as people and systems write them: moments, truth, numbers, codes; what is not one of these is said so."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.calendar import format_wareki
from shuroflow.events.envelope import Aware, Yen
from shuroflow.events.shapes import MAX_SAFE
from shuroflow.importing.values import Unreadable, value_of
from shuroflow.vocabulary import Role

JAPAN = timezone(timedelta(hours=9))


def value(text: str, hint: Any, **options: Any) -> Any:
    """The value of a cell, with the offset of Japan where it has none."""
    return value_of(text, hint, **{"offset": JAPAN, **options})


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-03T15:04:00+09:00",
        "2025-04-03T06:04:00Z",
        "2025-04-03 15:04",
        "2025/4/3 15:04:00",
        "令和7年4月3日 15時4分",
        "令和7年4月3日15時04分00秒",
        "R7.4.3 15:04",
        "２０２５／０４／０３　１５：０４",
        " 2025-04-03 15:04:00.000 ",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    """All of these are the same moment."""
    moment = datetime.fromisoformat(value(text, Aware))

    assert datetime(2025, 4, 3, 15, 4, tzinfo=JAPAN) == moment


DAYS = st.datetimes(min_value=datetime(1873, 1, 1), max_value=datetime(2999, 12, 31))  # noqa: DTZ001 - the offset is given below


@given(moment=DAYS, sign=st.sampled_from([" ", "T", "　", "  "]))
def test_moments_to_the_microsecond(moment: datetime, sign: str) -> None:
    """Day in either reckoning, time as Python writes it: nothing is cut off, and the stated offset is taken."""
    expected = moment.replace(tzinfo=JAPAN)
    for day in (moment.date().isoformat(), format_wareki(moment.date())):
        for zone in ("", "+09:00"):
            assert expected.isoformat() == value(f"{day}{sign}{moment.time().isoformat()}{zone}", Aware)


@pytest.mark.parametrize(
    ("text", "hint", "said"),
    [
        ("2025-04-03", Aware, "no day with a time"),
        ("2025-04-03 24:00", Aware, "no time of day"),
        ("2025-04-03 15:60", Aware, "no time of day"),
        ("2025-02-29 15:00", Aware, "not a day of the calendar"),
        ("12,34", Yen, "no whole number"),
        ("1.5", Yen, "no whole number"),
        ("一万円", Yen, "no whole number"),
        ("9" * 30, Yen, "no whole number"),
        ("たぶん", bool, "neither yes nor no"),
        ("コック", Role, "not one of"),
    ],
)
def test_what_is_none_is_said_so(text: str, hint: Any, said: str) -> None:
    """It names the text and what was wanted."""
    with pytest.raises(Unreadable, match=said) as caught:
        value(text, hint)

    assert any(part[:10] in str(caught.value) for part in text.split())


def test_an_offset_is_never_guessed() -> None:
    """Without one in the text or the mapping, a moment is none."""
    with pytest.raises(Unreadable, match="has no offset"):
        value("2025-04-03 15:04", Aware, offset=None)


@given(number=st.integers(0, 10**9) | st.integers(0, MAX_SAFE))
def test_amounts(number: int) -> None:
    """With grouping, 円, a yen sign or full-width digits: the same number."""
    wide = f"{number:,}".translate(str.maketrans("0123456789,", "０１２３４５６７８９，"))
    for text in (f"{number}", f"{number:,}", f"{number:,}円", f"¥{number:,}", f"￥{number}", wide):
        assert number == value(text, Yen)


@pytest.mark.parametrize("role", list(Role))
def test_codes_and_words(role: Role) -> None:
    """A code is read by itself, and by its word in either language."""
    assert [role.value] * 3 == [value(text, Role) for text in (role.value, role.label("ja"), role.label("en"))]


def test_unusual_forms_of_days() -> None:
    """A form is given where a day is written as no other system writes it."""
    assert "2025-04-03" == value("20250403", date, form="%Y%m%d")
    with pytest.raises(Unreadable, match="is not written as"):
        value("2025-04-03", date, form="%Y%m%d")


@given(text=st.text())
def test_text_is_taken_as_it_is(text: str) -> None:
    """Not trimmed, not normalised."""
    assert text == value(text, str)
