"""Ten case records, replayed: what the audit has to find in each, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import attrs
import pytest

from shuroflow.case import Period
from shuroflow.events import Event
from shuroflow.states.means_test import MeansTest
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.vocabulary import Severity, State
from tests.states.story import AS_OF, JST, VIOLATION, replay
from tests.states.tsushima_stories import STORIES

LATER = date(2030, 1, 1)


@attrs.frozen
class Expected:
    """What the text gives for one record: findings as (citation, severity, event), how it ends, its period."""

    state: State
    period: tuple[str, str] | None
    findings: tuple[tuple[str, Severity, str], ...] = ()
    as_of: date = AS_OF
    duties: tuple[str, ...] = ()


FULL = ("2025-07-01", "2026-03-31")
EXPECTED = {
    "T01": Expected(State.ENDED, FULL, as_of=date(2026, 4, 10)),
    "T02": Expected(State.SELECTED, None, (("第6条第1項", VIOLATION, "approval_notified"),), as_of=date(2026, 4, 3)),
    "T03": Expected(State.ENDED, FULL, (("第4条第1号ア", VIOLATION, "use_approved"),)),
    "T04": Expected(
        State.DECLINED,
        None,
        (("第5条第4項", VIOLATION, "use_rejected"),),
        as_of=date(2025, 10, 31),
        duties=("rejection_notice",),
    ),
    "T05": Expected(State.DISCONTINUED, ("2025-07-01", "2025-12-15")),
    "T06": Expected(
        State.DISCONTINUED,
        ("2025-07-01", "2025-12-05"),
        (("第7条第1項第2号", VIOLATION, "discontinued"), ("第7条第2項", VIOLATION, "discontinued")),
        as_of=date(2026, 1, 31),
        duties=("discontinuation_notice",),
    ),
    "T07": Expected(
        State.ENDED,
        FULL,
        (
            ("第9条第6項", VIOLATION, "trial_started"),
            ("第9条第4項", VIOLATION, "claim_received"),
            ("第10条第2項", VIOLATION, "claim_paid"),
        ),
    ),
    "T08": Expected(State.ENDED, ("2025-07-01", "2026-01-15"), (("第6条第2項", VIOLATION, "activity_recorded"),)),
    "T09": Expected(
        State.ENDED,
        FULL,
        (("第6条第1項", VIOLATION, "extended"), ("第6条第1項", VIOLATION, "activity_recorded")),
    ),
    "T10": Expected(State.ENDED, FULL),
}


def _case(events: list[Event]) -> TsushimaCase:
    case = replay(events).case
    assert isinstance(case, TsushimaCase)
    return case


def test_every_record_has_its_expectation() -> None:
    """No record goes unwatched."""
    assert list(EXPECTED) == list(STORIES)


@pytest.mark.parametrize("as_of", ["told", "later"])
@pytest.mark.parametrize("name", STORIES)
def test_a_record_is_found_out_and_no_more(name: str, as_of: str) -> None:
    """違反 and 要確認 are exactly those the text gives, on the day asked about and years later."""
    expected, events = EXPECTED[name], STORIES[name]()
    outcome = replay(events, as_of=expected.as_of if as_of == "told" else LATER)
    kinds = {event.seq: event.kind for event in events}
    assert list(expected.findings) == [(clause, severity, kinds[seq]) for clause, severity, seq in outcome.graded]


@pytest.mark.parametrize("name", ["T08", "T09"])
def test_support_after_the_end_is_the_last_event(name: str) -> None:
    """The finding on support points at the event after the last day and at none before it."""
    events = STORIES[name]()
    assert len(events) == replay(events).graded[-1][2]


@pytest.mark.parametrize("name", STORIES)
def test_a_record_leads_where_it_says(name: str) -> None:
    """State, period and open duties are those of the record."""
    expected, case = EXPECTED[name], _case(STORIES[name]())
    assert expected.state is case.state_on(expected.as_of)
    period = Period(*map(date.fromisoformat, expected.period)) if expected.period else None
    assert period == case.period
    assert list(expected.duties) == [code for code, _ in case.duties]


@pytest.mark.parametrize("name", STORIES)
def test_a_record_is_well_formed(name: str) -> None:
    """Events count from 1, carry the record's name, and are written down the same day at 17:00 in Japan."""
    events = STORIES[name]()
    assert list(range(1, len(events) + 1)) == [event.seq for event in events]
    assert {name} == {event.case_id for event in events}
    for event in events:
        assert datetime.combine(event.occurred_on, time(17), JST) == event.recorded_at
        assert timedelta(hours=9) == event.recorded_at.utcoffset()


def test_an_application_in_june_looks_at_the_year_before() -> None:
    """T01: 基準額 is that of 令和6年度, (280,000 + 100,000 + 550,000) / 12 = 77,500 yen."""
    means = _case(STORIES["T01"]()).means
    assert isinstance(means, MeansTest)
    assert (means.tax_fy, means.income_year) == (2024, 2023)
    assert means.base == 77_500
    assert means.income_limit == 109_500
    assert means.asset_limit == 465_000


def test_the_message_of_the_income_limit_shows_the_arithmetic() -> None:
    """T03: income, limit, base amount and year stand in the message, in either language."""
    (finding,) = [each for each in replay(STORIES["T03"]()).findings if each.severity is VIOLATION]
    for part in ("109,501", "109,500", "77,500", "930,000", "32,000"):
        assert part in finding.message("ja")
        assert part in finding.message("en")
    assert "令和6年度" in finding.message("ja")
    assert "fiscal year 2024" in finding.message("en")


def test_being_employed_alone_ends_nothing() -> None:
    """T08: after 1 December the person is employed and still in use, and the advice of the 16th is in place."""
    events = STORIES["T08"]()
    upto = [event for event in events if event.occurred_on < date(2026, 1, 15)]
    outcome = replay(upto, as_of=date(2026, 1, 14))
    assert State.IN_SUPPORT is outcome.case.state_on(date(2026, 1, 14))
    assert Period(date(2025, 7, 1), date(2026, 3, 31)) == outcome.case.period
    assert outcome.graded == []


def test_an_extension_is_answered_with_the_way_out() -> None:
    """T09: the message says that there is no 延長 and the mend names the new application after the end."""
    events = STORIES["T09"]()
    finding = next(each for each in replay(events).findings if each.rule.code == "tsushima.no_extension")
    assert "延長の規定はありません" in finding.message("ja")
    assert "再申込" in finding.mend("ja")
    assert "満了後" in finding.mend("ja")


def test_the_late_payment_says_both_last_days() -> None:
    """T07: thirty days from 10 April 2026 is Sunday 10 May; moved past the closed day it is the 11th."""
    finding = next(each for each in replay(STORIES["T07"]()).findings if each.clause == "第10条第2項")
    assert date(2026, 5, 10) == finding.values["due"]
    assert date(2026, 5, 11) == finding.values["due_shown"]


@pytest.mark.parametrize(("as_of", "owed"), [("2026-03-31", State.IN_SUPPORT), ("2026-04-01", State.ENDED)])
def test_use_runs_out_by_itself(as_of: str, owed: State) -> None:
    """T01: in use on 31 March, ended on 1 April, without any event."""
    assert owed is _case(STORIES["T01"]()).state_on(date.fromisoformat(as_of))
