"""The 埼玉 rulebook as a table: it names what the text has and nothing else, and its machine keeps what it promises."""

from __future__ import annotations

import inspect
import re
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.calendar import period_end
from shuroflow.clauses import load
from shuroflow.events import Corrected, Event, Withdrawn, kinds_of
from shuroflow.events import saitama as e
from shuroflow.states.saitama.guards import aftercare, meetings, selection, support
from shuroflow.vocabulary import UNDER_WAY, Enforcement, Lang, State
from tests.states.saitama_stories import SPECIALIST, STORIES, THREE, VISIT, course
from tests.states.story import (
    ES,
    OBSERVATION,
    OFFICE,
    VIOLATION,
    any_events,
    edition_of,
    follow,
    gone_astray,
    programme_of,
    record,
    replay,
)

EDITION = edition_of("saitama")
CLAUSES = load("saitama")
OF_THE_CHART = {"out_of_place", "out_of_place_observed", "after_close", "after_close_observed", "text_not_on_hand"}
OF_THE_DAY = {"period_lapsed", "extensions_counted", "contact_gap", "contacts_counted"}
GUARDS = {guard.__name__ for row in EDITION.rows for guard in row.guards}
LANGS: tuple[Lang, ...] = ("ja", "en")
ABSENT = {row.absent for row in EDITION.rows if row.absent is not None}


# The table and the text ---------------------------------------------------------------------------------------------

GUARD_ROOMS = (meetings, selection, support, aftercare)


def test_every_rule_row_and_step_names_a_clause() -> None:
    """Nothing rests on a clause that the text does not have, and citations are those of the registry."""
    table = EDITION.table
    for rule in (*table.rules.values(), *table.duties.values()):
        assert CLAUSES[rule.clause].citation == rule.citation
    for row in EDITION.rows:
        assert row.clause == CLAUSES[row.clause].id
    for clause in EDITION.ladder.values():
        assert clause == CLAUSES[clause].id


@pytest.mark.parametrize("kind", [Enforcement.GUARD, Enforcement.DUTY])
def test_the_clause_table_tells_what_the_code_does(kind: Enforcement) -> None:
    """A clause says guard or duty exactly where a rule or a duty of this edition serves it."""
    table = EDITION.table
    serving = table.rules if kind is Enforcement.GUARD else table.duties
    assert {rule.clause for rule in serving.values()} == {each.id for each in CLAUSES if kind in each.enforced}


def test_a_clause_with_events_keeps_a_record_of_them() -> None:
    """Every clause that a row names is one whose facts are recorded."""
    assert {row.clause for row in EDITION.rows} <= {each.id for each in CLAUSES if Enforcement.RECORD in each.enforced}


def test_the_clause_table_names_events_that_exist() -> None:
    """Each event named in the table of clauses is one of the programme, and every event is named somewhere."""
    known = {name for name, cls in kinds_of("saitama").items() if cls not in (Corrected, Withdrawn)}
    for lang in LANGS:
        named = {word for clause in CLAUSES for word in re.findall(r"[a-z]+(?:_[a-z]+)*", clause.where.in_(lang))}
        assert known <= named
        assert {word for word in named if "_" in word} <= known


def test_every_guard_has_a_rule_and_every_rule_a_guard() -> None:
    """Guards and rules share their names; what has no guard belongs to the chart or to the day asked about."""
    assert set(EDITION.table.rules) >= GUARDS
    assert set(EDITION.table.rules) - GUARDS == OF_THE_CHART | OF_THE_DAY | ABSENT


def test_every_guard_function_is_in_use() -> None:
    """No guard is written and then forgotten, and each says in its first words which clause it serves."""
    written = {
        name: function
        for room in GUARD_ROOMS
        for name, function in inspect.getmembers(room, inspect.isfunction)
        if function.__module__ == room.__name__ and not name.startswith("_") and name != "settle"
    }
    assert set(written) == GUARDS
    for name, function in written.items():
        cited = EDITION.table.rules[name].citation
        assert (function.__doc__ or "").startswith(cited), name


def test_every_event_has_a_row_and_a_name() -> None:
    """Each kind of event has its place in the table and is called something in both languages."""
    kinds = kinds_of("saitama")
    judged = {name for name, cls in kinds.items() if cls not in (Corrected, Withdrawn)}
    assert judged == {row.event for row in EDITION.rows}
    assert set(kinds) == set(EDITION.table.events)
    for row in EDITION.rows:
        label = EDITION.event_label(row.event)
        assert label.ja != label.en


def test_rows_follow_the_text() -> None:
    """Someone who reads the table beside the text goes down both at once: clause numbers never run backwards."""
    order = [clause.id for clause in CLAUSES]
    sections = [CLAUSES[row.clause].citation.split("(")[0] for row in EDITION.rows]
    assert sorted(sections) == sections
    within_4_1 = [order.index(row.clause) for row in EDITION.rows if row.clause.startswith("4(1)")]
    assert sorted(within_4_1) == within_4_1


def test_what_leaves_support_and_what_does_not() -> None:
    """The arrows are those of the chart: into support only from consent, out of it only by three ways."""
    arrows = {
        (source, row.dest)
        for row in EDITION.rows
        for source in row.sources
        if row.dest is not None and row.dest is not source
    }
    s = State
    assert arrows == {
        (s.NEW, s.CANDIDATE),
        (s.CANDIDATE, s.SELECTED),
        (s.SELECTED, s.CONSENTED),
        (s.CONSENTED, s.IN_SUPPORT),
        (s.CANDIDATE, s.DECLINED),
        (s.SELECTED, s.DECLINED),
        (s.CONSENTED, s.DECLINED),
        (s.IN_SUPPORT, s.EXTENDED),
        (s.IN_SUPPORT, s.ENDED),
        (s.EXTENDED, s.ENDED),
        (s.IN_SUPPORT, s.AFTERCARE),
        (s.EXTENDED, s.AFTERCARE),
        (s.ENDED, s.AFTERCARE),
    }


def test_one_edition_applies_from_reiwa_3() -> None:
    """The only text on hand applies from 1 April 2021 and is used before it too, with a remark."""
    programme = programme_of("saitama")
    assert date(2021, 4, 1) == programme.current.in_force_from
    assert programme.current is programme.edition_on(date(2015, 4, 1)) is programme.edition_on(date(2099, 1, 1))


# Properties ---------------------------------------------------------------------------------------------------------


def _agreed(events: list[Event], on: date) -> bool:
    """Has the person agreed to both objects and not taken it back by that day, as recorded?"""
    scope: set[e.ConsentObject] = set()
    for event in events:
        if isinstance(event.data, e.ConsentWithdrawn):
            scope = scope if event.occurred_on > on else set()
        elif isinstance(event.data, e.Consented):
            scope |= set(event.data.scope)
    return scope == set(e.ConsentObject)


@settings(deadline=None)
@given(any_events("saitama") | gone_astray(STORIES))
def test_nobody_comes_into_support_unasked(events: list[Event]) -> None:
    """Whatever the record claims: support without any consent on record is refused and found where it is claimed."""
    edition = EDITION
    case = edition.new_case("case-1")
    for count, event in enumerate(events, 1):
        before = case.state
        judgement = edition.judge(case, event, OFFICE)
        edition.fold(case, event, OFFICE)
        asked = any(isinstance(earlier.data, e.Consented) for earlier in events[:count])
        if case.state in UNDER_WAY and before not in UNDER_WAY and not asked:
            assert not judgement.allowed
            assert {finding.severity for finding in judgement.blocking} & {VIOLATION, OBSERVATION}


@settings(deadline=None)
@given(st.integers(0, 5), any_events("saitama"), st.booleans())
def test_the_desk_lets_nobody_into_support_unasked(upto: int, events: list[Event], tidy: bool) -> None:
    """What the desk lets pass leads into support only with a consent to both objects and goals of both horizons."""
    told = follow(course("goals_set").events[:upto], events)
    case, kept = record(follow(told, course("support_started").events[upto:] if tidy else []))
    if case.state in UNDER_WAY:
        start = next(i for i, event in enumerate(kept) if event.kind == "support_started")
        assert _agreed(kept[:start], kept[start].occurred_on)
        goals = [goal for event in kept[:start] if isinstance(event.data, e.GoalsSet) for goal in event.data.goals]
        assert set(e.Horizon) == {goal.horizon for goal in goals}


_LENGTHS = st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(1, 400)), max_size=6)


@settings(deadline=None)
@given(st.dates(date(2022, 1, 1), date(2030, 12, 31)), _LENGTHS)
def test_a_chain_of_extensions_has_no_gap(first: date, extensions: list[tuple[int, int | None]]) -> None:
    """4(5): extended in time, each period begins the day after the one before and runs three months unless said."""
    begin = first.isoformat()
    story = course(
        "support_started",
        listed=begin,
        selected=begin,
        consented=begin,
        support_decided=begin,
        goals_set=begin,
    )
    story.events.pop()
    story.on(first, e.SupportStarted(specialist=SPECIALIST, start_on=first), by=ES)
    expected = [(first, period_end(first, months=3))]
    for early, length in extensions:
        end = expected[-1][1]
        consulted = max(first, end - timedelta(days=early))
        follows = end + timedelta(days=1)
        new_end = None if length is None else end + timedelta(days=length)
        story.on(consulted, e.Extended(attendees=THREE, new_end=new_end))
        expected.append((follows, new_end or period_end(follows, months=3)))
    outcome = replay(story, as_of=first)
    assert expected == [(period.start, period.end) for period in outcome.case.periods]
    assert outcome.graded == []
    assert len(extensions) == outcome.case.extensions
    assert sum((end - start).days + 1 for start, end in expected[1:]) == outcome.case.days_extended


@settings(deadline=None)
@given(st.dates(date(2025, 4, 15), date(2027, 4, 15)), st.integers(0, 3))
def test_support_is_found_exactly_outside_the_periods(on: date, extensions: int) -> None:
    """4(5): a visit is a violation if and only if its day lies after the last day of the chain of periods."""
    story = course("support_started")
    end = period_end(date(2025, 4, 15), months=3)
    for _ in range(extensions):
        story.on(end, e.Extended(attendees=THREE))
        end = period_end(end + timedelta(days=1), months=3)
    story.on(on, VISIT, by=ES)
    found = [finding.clause for finding in replay(story).last.findings]
    assert (["4(5)"] if on > end else []) == found


@settings(max_examples=60, deadline=None)
@given(any_events("saitama"), st.sampled_from([date.min, date.max, date(9999, 11, 30), date(1, 3, 1)]))
def test_a_slip_in_a_year_stops_nothing(events: list[Event], slip: date) -> None:
    """A day at either end of the calendar is judged, folded, settled and told like any other."""
    slipped = [attrs.evolve(event, occurred_on=slip) if event.seq % 2 else event for event in events]
    story = course("support_started")
    story.on(slip, e.Extended(attendees=THREE, new_end=slip)).on(slip, e.Extended(attendees=THREE))
    tail = [attrs.evolve(event, seq=event.seq + len(story.events)) for event in slipped]
    outcome = replay([*story.events, *tail], as_of=date.max)
    assert all(finding.message(lang) and finding.mend(lang) for finding in outcome.findings for lang in LANGS)
