"""The 対馬 rulebook as a table: it names what the text has and nothing else, and its machine keeps what it promises."""

from __future__ import annotations

import inspect
import re
from datetime import date, timedelta
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.clauses import load
from shuroflow.events import Corrected, Event, Withdrawn, kinds_of
from shuroflow.events import tsushima as e
from shuroflow.states.judgement import Rule
from shuroflow.states.machine import Cursor
from shuroflow.states.rows import Row
from shuroflow.states.tsushima.case import TsushimaCase
from shuroflow.states.tsushima.guards import application, eligibility, papers, use, workplaces
from shuroflow.vocabulary import UNDER_WAY, Basis, Enforcement, Lang, Severity, State
from tests.states.story import (
    CLERK,
    OFFICE,
    OFFICER,
    PROVIDER,
    Outcome,
    Story,
    any_events,
    edition_of,
    follow,
    gone_astray,
    programme_of,
    record,
    replay,
)
from tests.states.tsushima_rules import CHART, OF_THE_DAY
from tests.states.tsushima_stories import (
    ADVICE,
    ASSESSED,
    COURSE,
    STORIES,
    WORKPLACE,
    Step,
    attended,
    claimed,
    course,
    paper,
    workplace,
)
from tests.states.tsushima_witnesses import household

EDITION = edition_of("tsushima")
CLAUSES = load("tsushima")
GUARDS = {guard.__name__ for row in EDITION.rows for guard in row.guards}
LANGS: tuple[Lang, ...] = ("ja", "en")
ABSENT = {row.absent for row in EDITION.rows if row.absent is not None}


def _rules_of(row: Row) -> list[Rule]:
    return [EDITION.rule_of(guard, row) for guard in row.guards]


# The table and the text ---------------------------------------------------------------------------------------------


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
    """A clause says guard or duty exactly where a rule, by itself or in its row, or a duty serves it."""
    if kind is Enforcement.GUARD:
        serving = {rule.clause for rule in EDITION.table.rules.values()}
        serving |= {rule.clause for row in EDITION.rows for rule in _rules_of(row)}
    else:
        serving = {duty.clause for duty in EDITION.table.duties.values()}
    assert serving == {clause.id for clause in CLAUSES if kind in clause.enforced}


def test_a_clause_with_events_keeps_a_record_of_them() -> None:
    """Every clause that a row names is one whose facts are recorded."""
    assert {row.clause for row in EDITION.rows} <= {each.id for each in CLAUSES if Enforcement.RECORD in each.enforced}


@pytest.mark.parametrize("lang", LANGS)
def test_the_clause_table_names_the_events(lang: Lang) -> None:
    """Each event named in the table of clauses is one of the programme, and every event is named somewhere."""
    known = {name for name, cls in kinds_of("tsushima").items() if cls not in (Corrected, Withdrawn)}
    named = {word for clause in CLAUSES for word in re.findall(r"[a-z]+(?:_[a-z]+)*", clause.where.in_(lang))}
    assert known <= named
    assert {word for word in named if "_" in word} <= known


@pytest.mark.parametrize("lang", LANGS)
def test_a_clause_names_the_events_it_is_judged_on(lang: Lang) -> None:
    """Where a rule cites a clause, the clause table names the event; papers of every kind are said in general."""
    for row in EDITION.rows:
        for rule in _rules_of(row):
            if rule.clause != "附則(令和3年)第2項":
                assert row.event in CLAUSES[rule.clause].where.in_(lang), (row.event, rule.code, rule.clause)


def test_every_guard_has_a_rule_and_every_rule_a_guard() -> None:
    """Guards and rules share their names; what has no guard belongs to the chart or to the day asked about."""
    assert set(EDITION.table.rules) >= GUARDS
    assert set(EDITION.table.rules) - GUARDS == set(CHART) | set(OF_THE_DAY)
    assert set(CHART) >= ABSENT


def test_every_guard_function_is_in_use() -> None:
    """No guard is written and then forgotten, and each says in its first words which clause it serves."""
    written = {
        name: function
        for room in (papers, application, eligibility, use, workplaces)
        for name, function in inspect.getmembers(room, inspect.isfunction)
        if function.__module__ == room.__name__ and not name.startswith("_") and name != "settle"
    }
    assert set(written) == GUARDS
    for name, function in written.items():
        assert (function.__doc__ or "").startswith(EDITION.table.rules[name].citation), name


def test_every_event_has_a_row_and_a_name() -> None:
    """Each kind of event has its place in the table and is called something in both languages."""
    kinds = kinds_of("tsushima")
    judged = {name for name, cls in kinds.items() if cls not in (Corrected, Withdrawn)}
    assert judged == {row.event for row in EDITION.rows}
    assert set(kinds) == set(EDITION.table.events)
    for row in EDITION.rows:
        label = EDITION.event_label(row.event)
        assert label.ja != label.en


def test_every_duty_is_owed_somewhere_and_graded() -> None:
    """Each duty has a name, and a grade for at least one of the times it may be asked about."""
    for duty in EDITION.table.duties.values():
        assert duty.label.ja != duty.label.en
        grades = [rule for rule in (duty.while_open, duty.when_overdue, duty.when_closed) if rule is not None]
        assert bool(grades) is (duty.code != "attendance")  # due with the claim, whose own rule says it
        for rule in grades:
            assert (Basis.TEXT if rule.decision is None else Basis.DECISION) is rule.basis
            assert rule.decision is None or rule.severity is not Severity.VIOLATION


def test_our_readings_are_those_of_the_clause() -> None:
    """The number of a reading that a rule rests on stands in the table of clauses."""
    numbered = {number for clause in CLAUSES for number in clause.decisions}
    assert {rule.decision for rule in EDITION.table.rules.values() if rule.decision} <= numbered


def test_what_leaves_use_and_what_does_not() -> None:
    """The arrows are those of the chart: into use only from the decision, out of it by two ways and by 31 March."""
    arrows = {(source, row.dest) for row in EDITION.rows for source in row.sources if row.dest is not None}
    s = State
    assert arrows == {
        (s.NEW, s.CANDIDATE),
        (s.CANDIDATE, s.SELECTED),
        (s.CANDIDATE, s.DECLINED),
        (s.SELECTED, s.IN_SUPPORT),
        (s.SELECTED, s.DISCONTINUED),
        (s.IN_SUPPORT, s.ENDED),
        (s.EXTENDED, s.ENDED),
        (s.IN_SUPPORT, s.DISCONTINUED),
        (s.EXTENDED, s.DISCONTINUED),
    }
    assert [(s.SELECTED, s.IN_SUPPORT, "第6条第1項"), (s.IN_SUPPORT, s.ENDED, "第6条第1項")] == [
        (lapse.source, lapse.dest, lapse.clause) for lapse in EDITION.by_itself
    ]


def test_what_the_text_does_not_know() -> None:
    """Consent, extension and aftercare have no source; the record of an extension alone claims a state."""
    assert {row.event: row.dest for row in EDITION.absent.values()} == {
        "extended": State.EXTENDED,
        "consented": None,
        "assistance_abolished": None,
    }
    assert all(not row.sources for row in EDITION.absent.values())


def test_one_edition_applies_from_28_june_2021() -> None:
    """The only text on hand applies from 令和3年6月28日 and is used before it too, with a remark."""
    programme = programme_of("tsushima")
    assert programme.current.in_force_from == date(2021, 6, 28)
    assert programme.current is programme.edition_on(date(2018, 11, 1)) is programme.edition_on(date(2099, 1, 1))


# The period and the way into use ------------------------------------------------------------------------------------

HISTORIES = any_events("tsushima") | gone_astray(STORIES)


def _case(outcome: Outcome) -> TsushimaCase:
    assert isinstance(outcome.case, TsushimaCase)
    return outcome.case


def _last_day(applied: date) -> date:
    """31 March after the application, or that very day."""
    march = date(applied.year, 3, 31)
    return march if applied <= march else date(applied.year + 1, 3, 31)


@given(HISTORIES)
def test_nobody_comes_into_use_unseen(events: list[Event]) -> None:
    """Whatever the record claims: use without an approval and its notice on record is found where it is claimed."""
    case = EDITION.new_case("case-1")
    for count, event in enumerate(events, 1):
        before = case.state
        judgement = EDITION.judge(case, event, OFFICE)
        EDITION.fold(case, event, OFFICE)
        told = {earlier.kind for earlier in events[:count]}
        if case.state in UNDER_WAY and before not in UNDER_WAY and not {"use_approved", "approval_notified"} <= told:
            assert not judgement.allowed
            assert any(finding.severity is not Severity.NOTE for finding in judgement.findings)


@given(st.integers(0, 5), any_events("tsushima"), st.booleans())
def test_the_desk_lets_nobody_into_use_unseen(upto: int, events: list[Event], tidy: bool) -> None:
    """What the desk lets pass leads into use only by application, decision and notice, in this order."""
    told = follow(course().events[:upto], events)
    case, kept = record(follow(told, course("use_started").events[upto:] if tidy else []))
    if case.state in UNDER_WAY:
        order = [event.kind for event in kept]
        steps = [
            order.index(kind) for kind in ("applied", "assessed", "use_approved", "approval_notified", "use_started")
        ]
        assert sorted(steps) == steps


@given(HISTORIES)
def test_the_period_never_leaves_its_year(events: list[Event]) -> None:
    """第6条第1項: no event, and no extension, carries the period beyond 31 March of the year of 申込日."""
    case = EDITION.new_case("case-1")
    assert isinstance(case, TsushimaCase)
    for event in events:
        EDITION.fold(case, event, OFFICE)
        if case.applied_on is None:
            continue
        last = _last_day(case.applied_on)
        if case.period is not None:
            assert case.period.start <= case.period.end <= last
        assert case.state_on(last + timedelta(days=1)) not in UNDER_WAY


@given(st.dates(date(2021, 6, 28), date(2026, 6, 30)), st.integers(-3, 400), st.integers(-3, 400))
def test_support_is_found_exactly_outside_the_period(applied: date, start: int, on: int) -> None:
    """第6条第1項: the period is empty exactly after 31 March, and support is a violation exactly outside of it."""
    first, given_on = applied + timedelta(days=max(start, 0)), applied + timedelta(days=on)
    last = _last_day(applied)
    when = applied.isoformat()
    assessed = attrs.evolve(ASSESSED, income_month=when[:7], assets_as_of=applied)
    story = course("use_approved", applied=when, assessed=Step(when, assessed), use_approved=when)
    story.on(applied, e.ApprovalNotified(paper=paper("3"), start_on=first))
    empty = [each.clause for each in replay(story).last.findings if each.severity is Severity.VIOLATION]
    assert (["第6条第1項"] if first > last else []) == empty
    if first <= last:
        story.on(first, e.UseStarted()).on(given_on, ADVICE)
        found = [each.clause for each in replay(story).last.findings if each.severity is Severity.VIOLATION]
        assert ([] if first <= given_on <= last else ["第6条第1項"]) == found


# Money --------------------------------------------------------------------------------------------------------------

FIRST = date(2025, 10, 6)
_CAPS = st.none() | st.integers(0, 30_000)
_AMOUNTS = st.integers(0, 40_000)


@attrs.frozen
class Try:
    """A claim somebody tries: days counted from the first of the trial, and an amount above or below what is left."""

    days: tuple[int, ...]
    amount: int


_TRIES = st.lists(
    st.builds(Try, days=st.lists(st.integers(0, 9), max_size=5).map(tuple), amount=_AMOUNTS), min_size=1, max_size=5
)


def _claims(daily: int | None, total: int | None, wages: list[int], tries: list[Try]) -> Story:
    """Eight attended days under one agreement, wages paid now and again, and claims in between."""
    agreement = attrs.evolve(
        WORKPLACE["agreement_made"].data, honorarium=e.Honorarium(daily_cap=daily, total_cap=total)
    )
    sheet = attended(*((FIRST + timedelta(days=count)).isoformat() for count in range(8)))
    story = workplace("attendance_recorded", agreement_made=agreement, attendance_recorded=Step("2025-10-13", sheet))
    for count, tried in enumerate(tries):
        if count < len(wages):
            story.on("2025-10-20", e.WagesPaid(trial="trial-1", amount=wages[count]), by=PROVIDER)
        days = ((FIRST + timedelta(days=each)).isoformat() for each in tried.days)
        data = attrs.evolve(claimed(tried.amount, claim=f"claim-{count}"), days=tuple(map(date.fromisoformat, days)))
        story.on("2025-10-21", data, by=CLERK)
    return story


@given(_CAPS, _CAPS, st.lists(_AMOUNTS, max_size=4), _TRIES)
def test_nothing_is_payable_beyond_wages_and_agreement(
    daily: int | None, total: int | None, wages: list[int], tries: list[Try]
) -> None:
    """第9条第4項: what may be paid is within the wages and both caps, and so is all that was accepted."""
    story = _claims(daily, total, wages, tries)
    case = EDITION.new_case("case-1")
    assert isinstance(case, TsushimaCase)
    accepted, paid, days = 0, 0, set()
    for event in story.events:
        judgement = EDITION.judge(case, event, OFFICE)
        if isinstance(event.data, e.WagesPaid):
            paid += event.data.amount
        if isinstance(event.data, e.ClaimReceived):
            most = case.payable(event.data.trial, event.data.days)
            assert 0 <= most <= paid
            assert daily is None or most <= daily * len(set(event.data.days))
            assert total is None or most <= total
            if not judgement.findings:
                accepted += event.data.amount
                assert not days & set(event.data.days)
                days |= set(event.data.days)
        EDITION.fold(case, event, OFFICE)
    assert accepted <= paid
    assert total is None or accepted <= total
    assert daily is None or accepted <= daily * len(days)


@given(_CAPS, _CAPS, st.lists(_AMOUNTS, max_size=4), _TRIES)
def test_the_desk_pays_no_more_than_was_paid(
    daily: int | None, total: int | None, wages: list[int], tries: list[Try]
) -> None:
    """第9条第4項: the claims the desk lets pass never add up to more than the wages or the agreement."""
    _, kept = record(_claims(daily, total, wages, tries))
    accepted = sum(event.data.amount for event in kept if isinstance(event.data, e.ClaimReceived))
    assert accepted <= sum(event.data.amount for event in kept if isinstance(event.data, e.WagesPaid))
    assert total is None or accepted <= total


@settings(max_examples=60)
@given(_CAPS, _CAPS, st.lists(_AMOUNTS, max_size=4), _TRIES)
def test_the_engine_and_the_judge_agree_on_money(
    daily: int | None, total: int | None, wages: list[int], tries: list[Try]
) -> None:
    """Both drivers give one judgement along a history whose events are mostly allowed."""
    case = EDITION.new_case("case-1")
    for event in _claims(daily, total, wages, tries).events:
        source = EDITION.source_of(case, event)
        judged = EDITION.judge(case, event, OFFICE)
        cursor = Cursor(case, event, OFFICE, source.value)
        assert judged == EDITION.drive(cursor)
        assert (judged.destination if judged.allowed else source).value == cursor.state
        EDITION.fold(case, event, OFFICE)


@given(st.dates(date(2025, 10, 8), date(2030, 11, 15)), st.integers(0, 60))
def test_a_payment_is_late_exactly_after_the_moved_day(received: date, days: int) -> None:
    """第10条第2項: late from the first open day after the thirtieth, counted day by day without our calendar code."""
    due = received + timedelta(days=30)
    last = due
    while OFFICE.calendar.closed_because(last) is not None:
        last += timedelta(days=1)
    on = received + timedelta(days=days)
    story = workplace("claim_received", claim_received=received.isoformat())
    story.on(on, e.ClaimPaid(claim="claim-1", amount=12_000), by=CLERK)
    clauses = {finding.rule.code.partition(".")[2] for finding in replay(story).last.findings}
    assert (on > last) is ("paid_within_thirty_days" in clauses)
    assert (due < on <= last) is ("paid_on_moved_day" in clauses)


# The means test, from the sentence of 第4条第1号ア・イ ----------------------------------------------------------------

HOUSING = (32_000, 38_000, 42_000, 42_000, 42_000, 45_000, 50_000)


def _base(applied: date, size: int) -> Fraction:
    """The amount free of the per-capita levy plus the least deduction from salary, divided by twelve."""
    year = applied.year - (applied.month < 4) - (4 <= applied.month <= 6)
    free = 280_000 * size + (168_000 if size > 1 else 0) + (100_000 if year >= 2021 else 0)
    deduction = 550_000 if 2020 <= year - 1 <= 2024 else 650_000
    return Fraction(free + deduction, 12)


@st.composite
def _applications(draw: st.DrawFn) -> tuple[date, int, int, int]:
    """A day, a size of household, and amounts of which some lie within a few yen of their limits."""
    applied = draw(st.dates(date(2018, 11, 1), date(2027, 6, 30)))
    size = draw(st.integers(1, 9))
    base = _base(applied, size)
    near = st.integers(-2, 2)
    income = draw(st.integers(0, 400_000) | near.map(lambda off: int(base) + HOUSING[min(size, 7) - 1] + off))
    assets = draw(st.integers(0, 2_000_000) | near.map(lambda off: int(base * 6) + off))
    return applied, size, income, assets


@settings(max_examples=400)
@given(_applications())
def test_the_means_test_is_the_sentence(told: tuple[date, int, int, int]) -> None:
    """第4条第1号ア・イ: the guards speak exactly where the sentence, worked out in fractions, is not met."""
    applied, size, income, assets = told
    when = applied.isoformat()
    assessed = attrs.evolve(
        ASSESSED,
        income_month=when[:7],
        assets_as_of=applied,
        income=income,
        assets=(e.Asset(kind=e.AssetKind.DEPOSIT, amount=assets),),
        household=household(size),
    )
    story = course("use_approved", applied=when, assessed=Step(when, assessed, CLERK), use_approved=when)
    found = {finding.rule.code.partition(".")[2] for finding in replay(story).last.findings}
    base = _base(applied, size)
    assert (income > base + HOUSING[min(size, 7) - 1]) is ("income_within_limit" in found)
    assert (assets > base * 6) is ("assets_within_limit" in found)
    assert "figures_known" not in found


@settings(max_examples=60)
@given(any_events("tsushima"), st.sampled_from([date.min, date.max, date(9999, 11, 30), date(1, 3, 1)]))
def test_a_slip_in_a_year_stops_nothing(events: list[Event], slip: date) -> None:
    """A day at either end of the calendar is judged, folded, settled and told like any other."""
    slipped = [attrs.evolve(event, occurred_on=slip) if event.seq % 2 else event for event in events]
    story = course("use_started", use_started=slip.isoformat())
    story.on(slip, claimed(1)).on(slip, COURSE["applied"].data).on(slip, ADVICE, by=OFFICER)
    outcome = replay(follow(story.events, slipped), as_of=date.max)
    assert all(finding.message(lang) and finding.mend(lang) for finding in outcome.findings for lang in LANGS)
