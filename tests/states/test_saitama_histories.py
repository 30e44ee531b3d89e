"""Ten case records, replayed: what the audit has to find in each, and nothing else."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from shuroflow.events import saitama as e
from shuroflow.vocabulary import Severity, State
from tests.states.saitama_stories import STORIES, VISIT, course
from tests.states.story import AS_OF, CW, ES, NOTE, SV, VIOLATION, replay

LATER = date(2099, 3, 31)


@attrs.frozen
class Expected:
    """What the text gives for one record: findings as (citation, severity, event), the end of it, its periods."""

    state: State
    periods: tuple[tuple[str, str], ...]
    findings: tuple[tuple[str, Severity, str], ...] = ()
    as_of: date = AS_OF
    duties: tuple[str, ...] = ()


SPRING = (("2025-04-15", "2025-07-14"),)
AUTUMN = (("2025-09-09", "2025-12-08"),)
EXPECTED = {
    "S01": Expected(State.ENDED, SPRING),
    "S02": Expected(State.ENDED, SPRING, (("4(1)", VIOLATION, "selected"),)),
    "S03": Expected(State.ENDED, SPRING, (("4(1)", VIOLATION, "consented"),)),
    "S04": Expected(
        State.EXTENDED,
        (("2025-11-30", "2026-02-28"), ("2026-03-01", "2026-05-31")),
        (("4(5)", VIOLATION, "activity_recorded"),),
        as_of=date(2026, 6, 30),
        duties=("extend_or_end",),
    ),
    "S05": Expected(
        State.ENDED,
        (("2025-04-01", "2025-06-30"), ("2025-07-03", "2025-09-30")),
        (("4(5)", VIOLATION, "extended"),),
    ),
    "S06": Expected(State.ENDED, SPRING, (("4(3)", VIOLATION, "goals_changed"),)),
    "S07": Expected(State.ENDED, SPRING, (("5", VIOLATION, "training_used"),)),
    "S08": Expected(
        State.AFTERCARE,
        AUTUMN,
        (("6(2)", VIOLATION, "assistance_abolished"),),
        as_of=date(2025, 12, 28),
        duties=("inform_unfinished",),
    ),
    "S09": Expected(State.DISCONTINUED, AUTUMN, (("4(4)", VIOLATION, "discontinued"),)),
    "S10": Expected(State.ENDED, (("2025-06-10", "2025-09-09"),)),
}


def test_every_record_has_its_expectation() -> None:
    """No record goes unwatched."""
    assert list(EXPECTED) == list(STORIES)


@pytest.mark.parametrize("as_of", ["told", "later"])
@pytest.mark.parametrize("name", STORIES)
def test_a_record_is_found_out_and_no_more(name: str, as_of: str) -> None:
    """違反 and 要確認 are exactly those the text gives, on the day asked about and seventy years on."""
    expected, events = EXPECTED[name], STORIES[name]()
    outcome = replay(events, as_of=expected.as_of if as_of == "told" else LATER)
    kinds = {event.seq: event.kind for event in events}
    assert list(expected.findings) == [(clause, severity, kinds[seq]) for clause, severity, seq in outcome.graded]


@pytest.mark.parametrize("name", STORIES)
def test_a_record_leads_where_it_says(name: str) -> None:
    """State, periods and open duties are those of the record."""
    expected = EXPECTED[name]
    case = replay(STORIES[name](), as_of=expected.as_of).case
    assert expected.state is case.state_on(expected.as_of)
    assert list(expected.periods) == [(each.start.isoformat(), each.end.isoformat()) for each in case.periods]
    assert list(expected.duties) == [code for code, _ in case.duties]


@pytest.mark.parametrize("name", STORIES)
def test_a_record_is_numbered_and_anonymous(name: str) -> None:
    """Events count from 1 without a gap, are written down the day they happened, and name people by role only."""
    events = STORIES[name]()
    assert list(range(1, len(events) + 1)) == [event.seq for event in events]
    assert {name} == {event.case_id for event in events}
    assert all(event.recorded_at.isoformat() == f"{event.occurred_on}T17:00:00+09:00" for event in events)
    assert sorted(events, key=lambda event: event.occurred_on) == events
    prefix = {"caseworker": "cw-", "specialist": "es-"}
    assert all(event.recorded_by.id.startswith(prefix[event.recorded_by.role]) for event in events)


def test_s04_is_past_its_period() -> None:
    """As of 30 June the period has run out without an extension; on its last day it has not."""
    events = STORIES["S04"]()
    late = replay(events, as_of="2026-06-30")
    lapsed = [each for each in late.findings if each.rule.code == "saitama.period_lapsed"]
    assert [(each.severity, each.clause) for each in lapsed] == [(NOTE, "4(5)")]
    assert "令和8年5月31日" in lapsed[0].message("ja")
    assert "period_lapsed" not in replay(events[:-1], as_of="2026-05-31").rules
    assert "period_lapsed" in replay(events[:-1], as_of="2026-06-01").rules


@pytest.mark.parametrize(
    ("extended", "ja", "en"),
    [
        (False, "期間経過(延長協議なし)", "without an extension"),
        (True, "期間経過(再延長の協議なし)", "without a further extension"),
    ],
)
def test_a_period_that_ran_out_says_whether_it_was_extended(extended: bool, ja: str, en: str) -> None:
    """S-12: of a case that was extended and ran out since, nothing says that it had no extension."""
    told = course("interview")
    if extended:
        told.on("2025-07-10", e.Extended(attendees=(SV, CW, ES)))
    told.on("2025-11-15", VISIT, by=ES)
    found = {each.rule.code: each for each in replay(told, as_of="2025-11-20").findings}
    lapsed, visit = found["saitama.period_lapsed"], found["saitama.support_within_period"]
    assert lapsed.message("ja").startswith(ja)
    assert f" {en} (as of 2025-11-20)" in lapsed.message("en")
    assert "この日に及ぶ延長の協議が確認できません" in visit.message("ja")
    assert "no extension to that day is seen" in visit.message("en")


def test_s05_names_the_day_the_period_ended() -> None:
    """The late consultation is told with the end of the period that it missed."""
    (finding,) = [each for each in replay(STORIES["S05"]()).findings if each.severity is VIOLATION]
    assert "2025-07-03" in finding.message("en")
    assert "2025-06-30" in finding.message("en")


def test_s07_asks_for_the_record_of_job_placement() -> None:
    """The message speaks of the job placement business that is not on record."""
    (finding,) = [each for each in replay(STORIES["S07"]()).findings if each.severity is VIOLATION]
    assert "職業紹介事業として実施した記録が確認できません" in finding.message("ja")


def test_s08_owes_the_information_until_it_is_given() -> None:
    """The duty is found from the day assistance ended, and not the day before."""
    events = STORIES["S08"]()
    assert replay(events, as_of="2025-10-30").graded == []
    assert [("6(2)", VIOLATION, events[-1].seq)] == replay(events, as_of="2025-10-31").graded
    (finding,) = replay(events, as_of="2025-12-28").settled[-1:]
    assert "58" in finding.message("en")  # 31 October to 28 December


def test_s09_names_the_way_out() -> None:
    """The refusal says that there is no 中止 and what to record instead."""
    judgement = replay(STORIES["S09"]()).last
    assert not judgement.allowed
    assert "この要綱に中止の規定はありません" in judgement.explain("ja")
    assert "要綱外終了" in judgement.explain("ja")
    assert "ended_outside" in judgement.explain("en")
