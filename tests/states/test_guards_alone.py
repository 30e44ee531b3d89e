"""Every guard by itself: on a case of which nothing is known it holds, speaks or does not apply, and never falls over.

Guards are public: a plug-in may put one into a row that begins elsewhere, and a host may ask one before there is a
case. What a guard needs and does not find is no error of the person who asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import attrs
import pytest

from shuroflow.events import Event
from shuroflow.states import Inapplicable
from shuroflow.states.office import Office
from shuroflow.states.saitama.case import SaitamaCase
from shuroflow.states.saitama.guards import selection
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.states.tsushima.guards import eligibility, reasons, use, workplaces
from tests.states import (
    saitama_stories,
    saitama_witnesses,
    saitama_witnesses_later,
    tsushima_stories,
    tsushima_witnesses,
    tsushima_witnesses_later,
    tsushima_witnesses_money,
)
from tests.states.story import OFFICE, Story, edition_of, replay

TOLD = {
    "saitama": (saitama_stories.STORIES, (saitama_witnesses, saitama_witnesses_later)),
    "tsushima": (
        tsushima_stories.STORIES,
        (tsushima_witnesses, tsushima_witnesses_later, tsushima_witnesses_money),
    ),
}


def _events(code: str) -> Iterator[Event]:
    stories, rooms = TOLD[code]
    for story in stories.values():
        yield from story()
    for room in rooms:
        for witness in room.WITNESSES:
            yield from witness.story.events


def _of_each_guard(code: str) -> dict[str, list[tuple[Any, Event]]]:
    """Every guard with every event that it is asked about somewhere, each payload once."""
    by_kind: dict[str, dict[Any, Event]] = {}
    for event in _events(code):
        by_kind.setdefault(event.kind, {})[event.data, event.occurred_on] = event
    return {
        guard.__name__: [
            (guard, event)
            for row in edition_of(code).rows
            if guard in row.guards
            for event in by_kind[row.event].values()
        ]
        for each in edition_of(code).rows
        for guard in each.guards
    }


ASKED = {(code, name): asked for code in TOLD for name, asked in _of_each_guard(code).items()}


@pytest.mark.parametrize(("code", "name"), ASKED)
def test_a_guard_answers_on_an_empty_case(code: str, name: str) -> None:
    """``None``, what it saw, or why it does not apply; whatever the event says."""
    for guard, event in ASKED[code, name]:
        seen = guard(edition_of(code).new_case("case-1"), event, OFFICE)
        assert seen is None or isinstance(seen, Mapping | Inapplicable)


@pytest.mark.parametrize("code", TOLD)
def test_a_fold_takes_any_event_as_the_first(code: str) -> None:
    """A record may begin anywhere: each event alone adds up to a case, and the day can be asked about."""
    told: dict[Any, Event] = {(event.kind, event.data): event for event in _events(code)}
    for event in told.values():
        outcome = replay([event], as_of="2026-11-21")
        assert event.case_id == outcome.case.case_id


def test_what_is_not_on_record_is_not_taken_for_granted() -> None:
    """4(1)④, S-02, S-04: a case without consent; one with a decision and none; what speaks, and what waits for it."""
    start = attrs.evolve(saitama_stories.COURSE["support_started"].data, start_on=date(2025, 4, 14))
    (event,) = Story("saitama").on("2025-04-17", start).events
    unknown = SaitamaCase("case-1", "saitama")
    assert selection.consent_stands(unknown, event, OFFICE) == {"consent_on": None, "withdrawn_on": None}
    assert isinstance(selection.decision_day_recorded(unknown, event, OFFICE), Inapplicable)
    decided = SaitamaCase("case-1", "saitama", support_decided_on=date(2025, 4, 15))
    assert selection.start_after_decision(decided, event, OFFICE) == {
        "start_on": date(2025, 4, 14),
        "decided_on": date(2025, 4, 15),
    }


def tsushima(**known: Any) -> TsushimaCase:
    """A case of which only so much is known."""
    return TsushimaCase("case-1", "tsushima", **known)


def event_of(on: str, data: Any) -> Event:
    """One event of 対馬."""
    (event,) = Story("tsushima").on(on, data).events
    return event


def test_an_assessment_without_an_application_breaks_no_limit() -> None:
    """第4条第1号: month and day are those of 申込日; where that is not on record, its own rule speaks."""
    case, event = tsushima(assessment=tsushima_stories.ASSESSED), event_of("2025-06-20", tsushima_stories.APPROVED)
    assert reasons.NO_APPLICATION is eligibility.income_of_the_month(case, event, OFFICE)
    assert reasons.NO_APPLICATION is eligibility.assets_of_the_day(case, event, OFFICE)
    by_table = Office.parse('[settings]\nstandard = "national_table"\n')
    assert reasons.NOT_CALCULATED is eligibility.text_standard_used(case, event, by_table)


def test_a_notice_is_held_against_what_is_known() -> None:
    """第6条第1項: the decision without an application, a first day without an end, and the day after the end."""
    notice = event_of("2025-06-20", tsushima_stories.NOTIFIED)
    late = tsushima(decided_on=date(2025, 7, 2))
    assert use.start_not_backdated(late, notice, OFFICE) == {
        "start_on": date(2025, 7, 1),
        "decided_on": date(2025, 7, 2),
    }
    assert use.start_not_backdated(tsushima(decided_on=date(2025, 7, 1)), notice, OFFICE) is None
    endless, ending = (tsushima(start_on=date(2025, 7, 1), end_on=end) for end in (None, date(2026, 3, 31)))
    started = [event_of(on, tsushima_stories.COURSE["use_started"].data) for on in ("2026-03-31", "2026-04-01")]
    assert [reasons.NO_APPLICATION] * 2 == [use.starts_within_period(endless, each, OFFICE) for each in started]
    assert [True, False] == [use.starts_within_period(ending, each, OFFICE) is None for each in started]


def test_days_of_a_trial_without_an_end_in_sight() -> None:
    """第6条第1項: where no end is known, only what lies before the first day is outside."""
    begun = tsushima(used_from=date(2025, 10, 7))
    (outside,) = (workplaces.trial_days_in_use(begun, event_of("2025-10-08", tsushima_stories.attended()), OFFICE),)
    assert isinstance(outside, Mapping)
    assert [date(2025, 10, 6)] == outside["days"]


def test_a_law_that_moved_on_is_asked_of_the_application() -> None:
    """T-47: the day of application, and none that is not on record."""
    recipient = tsushima_stories.APPLIED.person_class
    told = [
        [name for name, _, _ in use.settle(tsushima(person_class=recipient, applied_on=on), date(2026, 1, 1), OFFICE)]
        for on in (None, date(2025, 3, 31), date(2025, 4, 1))
    ]
    assert [[], [], ["legal_basis_stale"]] == told
