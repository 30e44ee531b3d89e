"""The difference between two sides is exactly what two audits differ in, told at the step where it arises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, Change, Conditions, Difference, compare, differences, explain, replay
from shuroflow.audit.comparison.difference import Aspect
from shuroflow.audit.explanation import Explanation, Step
from shuroflow.audit.report import error_text
from shuroflow.case import Duty, Period
from shuroflow.errors import InputError, MissingFigure, UnknownEdition
from shuroflow.events import Corrected, Event
from shuroflow.events.saitama import ApplicationResolved, ApplicationResult, AssistanceStatus, Extended
from shuroflow.states import Finding, Office, programme
from shuroflow.states.means_test import MeansTest
from shuroflow.states.saitama.case import SaitamaCase
from shuroflow.vocabulary import Lang, Severity, State
from tests.audit.comparison.conditions import CONDITIONS, NEW_TEXT, OVERLAYS, amended, office, two_editions
from tests.audit.records import STORIES, story, write
from tests.states.saitama_stories import SELECTION, VISIT, course
from tests.states.story import AS_OF, CW, ES, JST, SV, Story, any_events, gone_astray
from tests.states.tsushima_notices import START, history_of, notice
from tests.states.tsushima_stories import applied_on

HERE = Conditions()
HISTORIES = {
    "saitama": any_events("saitama") | gone_astray({name: STORIES[name] for name in STORIES if name[0] == "S"}),
    "tsushima": any_events("tsushima") | gone_astray({name: STORIES[name] for name in STORIES if name[0] == "T"}),
}
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
BUILT_IN = Office().figures.levy_base(2025).value


def difference(
    events: Sequence[Event], there: Conditions, here: Conditions = HERE, as_of: date = AS_OF, **options: Any
) -> Difference:
    """What differs in a case that is there."""
    found = compare(events, as_of=as_of, here=here, there=there, **options)
    assert found is not None
    return found


def under(name: str) -> Conditions:
    """An office with one of the overlays."""
    return Conditions(office=office(name))


def changes_at(found: Difference, seq: int) -> dict[Aspect, list[tuple[Any, Any]]]:
    """What differs at an event, by aspect."""
    (step,) = [each for each in found.steps if each.event.seq == seq]
    return by_aspect(step.changes)


def by_aspect(changes: Iterable[Change]) -> dict[Aspect, list[tuple[Any, Any]]]:
    """(here, there) of each change, by aspect."""
    told: dict[Aspect, list[tuple[Any, Any]]] = {}
    for change in changes:
        told.setdefault(change.aspect, []).append((change.here, change.there))
    return told


def codes(finding: Finding | None) -> str | None:
    """The code of a rule without its programme."""
    return None if finding is None else finding.rule.code.partition(".")[2]


# Against two audits ---------------------------------------------------------------------------------------------------


def audited(events: Sequence[Event], side: Conditions, as_of: date) -> CaseReport | None:
    """The audit under one side's conditions."""
    kind = side.programme(events[0].programme)
    return replay(events, as_of=as_of, office=side.office, under=kind)


@pytest.mark.parametrize("code", HISTORIES)
def test_the_findings_are_those_in_which_two_audits_differ(code: str) -> None:
    """For any history, day and conditions: no finding is missing, none is told that both audits have."""

    @settings(max_examples=120, deadline=None)
    @given(HISTORIES[code], DAYS, st.sampled_from(CONDITIONS), st.sampled_from(CONDITIONS))
    def check(events: list[Event], as_of: date, here: Conditions, there: Conditions) -> None:
        one, other = audited(events, here, as_of), audited(events, there, as_of)
        found = compare(events, as_of=as_of, here=here, there=there)
        assert (one is None) == (found is None)
        if one is None or other is None or found is None:
            return
        told = [change for change in found.changes if change.aspect is Aspect.FINDING]
        assert _sorted(each for each in one.findings if each not in other.findings) == _sorted(
            change.here for change in told if change.here is not None
        )
        assert _sorted(each for each in other.findings if each not in one.findings) == _sorted(
            change.there for change in told if change.there is not None
        )
        # The reports on either side are the audits; that is what is counted.
        for audit, side in ((one, found.here), (other, found.there)):
            assert (audit.state, audit.period, audit.findings, audit.events) == (
                side.state,
                side.period,
                side.findings,
                side.events,
            )
        # As of the day: state, period and open duties.
        assert one.case is not None
        assert other.case is not None
        last = by_aspect(found.at_last)
        states, periods = (one.state, other.state), (one.period, other.period)
        assert ([states] if states[0] is not states[1] else []) == last.get(Aspect.STATE, [])
        assert ([periods] if periods[0] != periods[1] else []) == last.get(Aspect.PERIOD, [])
        keys = {key for case in (one.case, other.case) for key in case.duties}
        duties = [(one.case.duties.get(key), other.case.duties.get(key)) for key in keys]
        assert _sorted(pair for pair in duties if pair[0] != pair[1]) == _sorted(last.get(Aspect.DUTY, []))

    check()


def _sorted(values: Iterable[Any]) -> list[str]:
    return sorted(map(repr, values))


@pytest.mark.parametrize("code", HISTORIES)
def test_each_step_is_what_two_explanations_differ_in(code: str) -> None:
    """States, period, means test and duties of every event, as the explanation of either side has them."""

    @settings(max_examples=60, deadline=None)
    @given(HISTORIES[code], DAYS, st.sampled_from(CONDITIONS), st.sampled_from(CONDITIONS))
    def check(events: list[Event], as_of: date, here: Conditions, there: Conditions) -> None:
        found = compare(events, as_of=as_of, here=here, there=there)
        if found is None:
            return
        one, other = (
            explain(events, as_of=as_of, office=side.office, under=side.programme(code)) for side in (here, there)
        )
        assert one is not None
        assert other is not None
        left, right = _facts(one), _facts(other)
        assert left.keys() == right.keys()
        assert len(left) == found.compared
        expected = {}
        for seq, facts in left.items():
            beside = right[seq]
            differing = {
                aspect
                for aspect in (Aspect.SOURCE, Aspect.DESTINATION, Aspect.STATE, Aspect.DUTY, Aspect.DISCHARGED)
                if facts[aspect] != beside[aspect]
            }
            if (facts["period moved"] or beside["period moved"]) and facts[Aspect.PERIOD] != beside[Aspect.PERIOD]:
                differing.add(Aspect.PERIOD)
            expected[seq] = differing
        told: dict[int, set[Aspect]] = {seq: set() for seq in left}
        for step in found.steps:
            told[step.event.seq] = {each.aspect for each in step.changes} - {Aspect.FINDING, Aspect.MEANS_TEST}
        assert expected == told
        orders = [[step.event.seq for step in each.steps if step.source is not None] for each in (one, other)]
        assert (orders[0] != orders[1]) == (found.reordered is not None)
        shown = {step.event.seq for step in found.steps if step.changes}
        assert [seq for seq in orders[0] if seq in shown] == [step.event.seq for step in found.steps]

    check()


def _facts(explanation: Explanation) -> dict[int, dict[Any, Any]]:
    """What each event did, by its number, from the explanation of one side."""
    facts: dict[int, dict[Any, Any]] = {}
    before: Period | None = None
    for step in explanation.steps:
        if step.source is None:
            continue
        facts[step.event.seq] = {
            Aspect.SOURCE: step.source,
            Aspect.DESTINATION: step.destination,
            Aspect.STATE: step.after,
            Aspect.PERIOD: step.period,
            "period moved": step.period != before,
            Aspect.DUTY: _duties(explanation, step, "arose"),
            Aspect.DISCHARGED: {(duty.code, duty.subject) for duty in _duties(explanation, step, "discharged")},
        }
        before = step.period
    return facts


def _duties(explanation: Explanation, step: Step, what: str) -> set[Duty]:
    return {explanation.duties[at].duty for at in getattr(step, what)}


# What must hold of any two sides --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", HISTORIES)
def test_under_the_same_conditions_nothing_differs(code: str) -> None:
    """For any history and any conditions; also where these were read twice."""

    @settings(max_examples=80, deadline=None)
    @given(HISTORIES[code], DAYS, st.sampled_from(CONDITIONS), st.sampled_from(sorted(OVERLAYS)))
    def check(events: list[Event], as_of: date, side: Conditions, name: str) -> None:
        again = attrs.evolve(side, office=Office.parse(OVERLAYS[name]))
        side = attrs.evolve(side, office=office(name))
        found = compare(events, as_of=as_of, here=side, there=again)
        assert found is None or not (found.differs or list(found.changes))

    check()


@pytest.mark.parametrize("code", HISTORIES)
def test_the_other_way_round_is_the_mirror_image(code: str) -> None:
    """Here and there exchanged, the same things differ at the same steps."""

    @settings(max_examples=80, deadline=None)
    @given(HISTORIES[code], DAYS, st.sampled_from(CONDITIONS), st.sampled_from(CONDITIONS))
    def check(events: list[Event], as_of: date, here: Conditions, there: Conditions) -> None:
        one = compare(events, as_of=as_of, here=here, there=there)
        other = compare(events, as_of=as_of, here=there, there=here)
        if one is None or other is None:
            assert one is other
            return
        assert {step.event.seq: _plain(step.changes) for step in one.steps} == {
            step.event.seq: _plain(_mirrored(step.changes)) for step in other.steps
        }
        assert _plain(one.at_last) == _plain(_mirrored(other.at_last))
        assert one.reordered == (None if other.reordered is None else other.reordered[::-1])
        assert (one.here.findings, one.there.findings) == (other.there.findings, other.here.findings)

    check()


def _mirrored(changes: Iterable[Change]) -> list[Change]:
    return [Change(each.aspect, each.there, each.here) for each in changes]


def _plain(changes: Iterable[Change]) -> list[str]:
    return sorted(map(repr, changes))


# One example of each kind of condition --------------------------------------------------------------------------------


def test_the_first_day_counted_or_not() -> None:
    """S05: the period ends a day later, the duty with it; the late extension is as late by another last day."""
    found = difference(story("S05"), under("first day"))
    start = changes_at(found, 6)
    assert [(date(2025, 6, 30), date(2025, 7, 1))] == [(a.end, b.end) for a, b in start[Aspect.PERIOD]]
    assert [("extend_or_end", date(2025, 6, 30), date(2025, 7, 1))] == [
        (a.code, a.due, b.due) for a, b in start[Aspect.DUTY]
    ]
    ((one, other),) = changes_at(found, 10)[Aspect.FINDING]
    assert ("extended_before_the_end",) * 2 == (codes(one), codes(other))
    assert one.values != other.values
    assert [6, 10] == [step.event.seq for step in found.steps]


def test_a_day_that_decides() -> None:
    """A visit on the day after three months is outside the period, or on its last day, by the first day alone."""
    events = course("visit_2").on("2025-07-15", VISIT, by=ES).events
    found = difference(events, under("first day"))
    gone = [codes(here) for here, there in changes_at(found, 11)[Aspect.FINDING] if there is None]
    assert ["support_within_period"] == gone
    assert found.here.count(Severity.VIOLATION) == found.there.count(Severity.VIOLATION) + 1


def test_another_standard_of_the_means_test() -> None:
    """T03: one yen above the limit by the text, below it by the national table; both calculations are told."""
    found = difference(story("T03"), under("standard"))
    ((one, other),) = changes_at(found, 2)[Aspect.MEANS_TEST]
    assert isinstance(one, MeansTest)
    assert isinstance(other, MeansTest)
    assert (False, True) == (one.income_passes, other.income_passes)
    told = changes_at(found, 3)[Aspect.FINDING]
    assert [("income_within_limit", None), (None, "text_standard_used")] == [(codes(a), codes(b)) for a, b in told]


def test_another_basis_of_the_deduction() -> None:
    """T02: applied for in March 2026, the deduction of the day is 100,000 yen more a year than that of the income."""
    found = difference(story("T02"), under("deduction"))
    ((one, other),) = changes_at(found, 2)[Aspect.MEANS_TEST]
    assert 100_000 == other.annual - one.annual


def test_a_figure_of_the_office() -> None:
    """A levy base of the office's own moves the standard by the same amount a year."""
    found = difference(story("T01"), under("figure"))
    ((one, other),) = changes_at(found, 2)[Aspect.MEANS_TEST]
    assert (BUILT_IN, 315_000) == (one.levy_base, other.levy_base)
    assert other.levy_base - one.levy_base == other.annual - one.annual


@pytest.mark.parametrize("name", ["T01", "T02", "T03"])
def test_the_same_amount_from_another_source(name: str) -> None:
    """An overlay that restates an amount and where it was read changes no result: nothing differs.

    That it is verified now is told by the finding that named it, and by that alone.
    """
    restated = OVERLAYS["figure"].replace("315_000", str(BUILT_IN)).replace("verified = true", "verified = false")
    read = Conditions(office=Office.parse(restated))
    again = Conditions(office=Office.parse(restated.replace("条例", "市税条例第24条")))
    for here, there in ((HERE, read), (read, again)):
        assert not difference(story(name), there, here).differs

    verified = Conditions(office=Office.parse(restated.replace("verified = false", "verified = true")))
    told = list(difference(story(name), verified).changes)
    assert {Aspect.FINDING} == {change.aspect for change in told}
    assert {("figures_verified", "figures_verified")} == {(codes(each.here), codes(each.there)) for each in told}


def test_a_figure_that_one_side_lacks() -> None:
    """Where the standard cannot be worked out on either side, that is the same; on one side, it is told."""
    events = applied_on("2034-06-10").events
    further = Conditions(office=Office.parse(OVERLAYS["figure"].replace("to = 2026", "to = 2040")))
    assert Aspect.MEANS_TEST not in by_aspect(difference(events, under("days"), as_of=date(2034, 7, 1)).changes)
    found = difference(events, further, as_of=date(2034, 7, 1))
    ((one, other),) = changes_at(found, 2)[Aspect.MEANS_TEST]
    assert isinstance(one, MissingFigure)
    assert isinstance(other, MissingFigure)
    assert str(one) != str(other)


def test_due_days_of_the_office() -> None:
    """T01: the plan is due five days after the start; reviewing after three months is too seldom for once a month."""
    found = difference(story("T01"), under("days"))
    ((one, other),) = changes_at(found, 4)[Aspect.DUTY]
    assert ("plan", None, date(2025, 7, 6)) == (one.code, one.due, other.due)
    assert [(None, "review_interval")] == [(codes(a), codes(b)) for a, b in by_aspect(found.at_last)[Aspect.FINDING]]


def test_a_closed_day() -> None:
    """T07: the thirtieth day is a Sunday; with the Monday closed too, a payment on Tuesday is in time."""
    events = story("T07")
    found = difference(events, under("closed"))
    ((one, other),) = changes_at(found, 19)[Aspect.DUTY]
    assert (date(2026, 5, 11), date(2026, 5, 12)) == (one.in_time_until, other.in_time_until)
    assert (date(2026, 5, 10),) * 2 == (one.due, other.due)
    tuesday = [*events[:-1], attrs.evolve(events[-1], occurred_on=date(2026, 5, 12))]
    told = changes_at(difference(tuesday, under("closed")), 20)
    expected = [("paid_within_thirty_days", None), (None, "paid_on_moved_day")]
    assert expected == [(codes(a), codes(b)) for a, b in told[Aspect.FINDING]]


def test_another_edition() -> None:
    """S02 and S03: by the invented second text three parties are not asked for, and a consent is less grave."""
    here, there = two_editions(date(2025, 4, 11)), two_editions(NEW_TEXT)
    ((one, other),) = changes_at(difference(story("S02"), there, here), 2)[Aspect.FINDING]
    assert ("three_parties_consulted", None) == (codes(one), other)
    ((one, other),) = changes_at(difference(story("S03"), there, here), 3)[Aspect.FINDING]
    assert (Severity.VIOLATION, Severity.OBSERVATION) == (one.severity, other.severity)
    assert one.values == other.values
    # By its own day the selection of 10 April falls under the first text, the consent of 14 April under the second.
    for name, side in (("S02", here), ("S03", there)):
        assert Aspect.FINDING not in by_aspect(difference(story(name), two_editions(), side).changes)


@pytest.mark.parametrize("turned", [False, True])
def test_a_step_that_one_edition_knows_nothing_of(turned: bool) -> None:
    """S04: by the second text an extension brings no period and no new duty, and settles the one that was open."""
    sides = two_editions(date(2025, 4, 11)), two_editions(NEW_TEXT)
    events = course("visit_2").on("2025-07-10", Extended(attendees=(SV, CW, ES))).events
    found = difference(events, *(sides if turned else reversed(sides)))
    told = changes_at(found, 11)

    def ordered(pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        return [pair[::-1] for pair in pairs] if turned else pairs

    assert [(date(2025, 10, 14), date(2025, 7, 14))] == [(a.end, b.end) for a, b in ordered(told[Aspect.PERIOD])]
    ((arose, none),) = ordered(told[Aspect.DUTY])
    assert (date(2025, 10, 14), None) == (arose.due, none)
    ((none, settled),) = ordered(told[Aspect.DISCHARGED])
    assert (None, date(2025, 7, 14)) == (none, settled.due)


def test_a_fault_that_is_told_once() -> None:
    """Two visits after a failed application: the rule speaks once, and so it does where the other side has none."""
    story_ = course("support_started", selected=attrs.evolve(SELECTION, status=AssistanceStatus.APPLICANT))
    story_.on("2025-05-01", ApplicationResolved(result=ApplicationResult.REJECTED))
    story_.on("2025-05-02", VISIT, by=ES).on("2025-05-09", VISIT, by=ES)
    found = difference(story_.events, two_editions(NEW_TEXT), two_editions(date(2025, 4, 11)))
    told = [(step.event.seq, codes(each.here)) for step in found.steps for each in step.changes]
    assert [(8, "target_still_stands")] == told


def test_an_edition_that_judges_in_another_order() -> None:
    """Without a turn of its own, a visit written down before the consent of its day is judged before it."""
    told = course("selected").on("2025-04-14", VISIT, by=ES)
    told.on("2025-04-14", course("consented").last.data)
    found = difference(told.events, two_editions(NEW_TEXT), two_editions(date(2025, 4, 11)))
    assert ((1, 2, 4, 3), (1, 2, 3, 4)) == found.reordered
    assert [(State.CONSENTED, State.SELECTED)] == changes_at(found, 3)[Aspect.SOURCE]


# Editions -------------------------------------------------------------------------------------------------------------


def test_the_only_edition_on_every_day_changes_nothing() -> None:
    """Naming the edition that is in force anyway is no condition at all, also before the first text on hand."""
    early = Story("saitama").on("2020-03-20", course("listed").last.data).on("2020-04-01", SELECTION)
    for events in (early.events, *(story(name) for name in STORIES)):
        found = difference(events, Conditions(edition=date(2022, 1, 1)))
        assert not found.differs


def test_a_time_without_a_text_stays_one() -> None:
    """By whichever edition: before the first text there is none on hand, between two of them there is."""
    old = Story("saitama").on("2020-03-20", course("listed").last.data)
    between = Story("saitama").on("2025-03-20", course("listed").last.data)
    for told, expected in ((old, 1), (between, 0)):
        for side in (two_editions(), two_editions(NEW_TEXT), two_editions(date(2021, 4, 1))):
            kind = side.programme("saitama")
            report = replay(told.events, as_of=date(2025, 3, 31), under=kind)
            assert report is not None
            marked = [each for each in report.findings if codes(each) == "text_not_on_hand"]
            assert expected == len(marked)
            assert all(kind.edition_on(date(2025, 3, 20)).in_force_from == each.values["from"] for each in marked)


def test_an_edition_that_is_not_on_hand() -> None:
    """A day before the first text cannot be asked for; the error names the day, the first text and the field."""
    with pytest.raises(UnknownEdition, match=r"2021-03-31.*2021-04-01") as error:
        compare(story("S01"), as_of=AS_OF, here=HERE, there=Conditions(edition=date(2021, 3, 31)))
    assert ("edition", True) == (error.value.field, isinstance(error.value, InputError))
    assert not difference(story("S01"), Conditions(edition=date(2021, 4, 1))).differs


def _failing(error: Callable[[], Exception], name: str | None = None) -> Conditions:
    """Conditions under which the first event of a 埼玉 case cannot be folded."""

    def fail(case: SaitamaCase, event: Event, office: Office) -> None:
        raise error()

    kind = programme("saitama")
    rows = [attrs.evolve(row, fold=fail if row.event == "listed" else row.fold) for row in kind.current.rows]
    planted = attrs.evolve(kind, editions=(kind.current.amended(rows=rows, in_force_from=date(2021, 4, 2)),))
    return Conditions(programmes={"saitama": planted}, name=name)


ERRORS: dict[str, Callable[[], Exception]] = {
    "input": lambda: InputError("x (and 1 more: see problems)", field="f", problems=("f: x", "g: y")),
    "figure": lambda: MissingFigure("levy_base", 2031, known="2017 to 2026"),
}


@pytest.mark.parametrize("name", [None, "別の条件: conf.toml"])
@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_of_one_side_names_the_side(tmp_path: Path, kind: str, name: str | None) -> None:
    """By its own name or as here and there, in the error and in what the sources yield; also in every fault of it."""
    path = write(tmp_path / "a.jsonl", story("S01"))
    plain, failing = str(ERRORS[kind]()), _failing(ERRORS[kind], name)
    for here, there, usual in ((HERE, failing, "there"), (failing, HERE, "here")):
        with pytest.raises((InputError, MissingFigure)) as error:
            compare(story("S01"), as_of=AS_OF, here=here, there=there)
        assert f"{plain} [{name or usual}]" == str(error.value)
        (item,) = differences([path], as_of=AS_OF, here=here, there=there)
        assert isinstance(item, InputError)
        assert f"[{name or usual}]" in item.message
        assert f"[{name or usual}]" in error_text(item)
        assert all(each.endswith(f" [{name or usual}]") for each in item.problems)
        assert "S01" == item.case_id


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_of_both_sides_names_none(kind: str) -> None:
    """What either side says alike is not of the conditions; where they say different things, the first is told."""
    failing = _failing(ERRORS[kind])
    with pytest.raises((InputError, MissingFigure)) as error:
        compare(story("S01"), as_of=AS_OF, here=failing, there=_failing(ERRORS[kind], "other"))
    assert str(ERRORS[kind]()) == str(error.value)
    with pytest.raises((InputError, MissingFigure)) as error:
        compare(story("S01"), as_of=AS_OF, here=failing, there=_failing(lambda: InputError("otherwise")))
    assert f"{ERRORS[kind]()} [here]" == str(error.value)


def test_a_name_is_no_condition() -> None:
    """Two sets of conditions that are called otherwise are the same."""
    assert Conditions(name="a") == Conditions(name="b") == HERE


def test_a_programme_under_one_edition() -> None:
    """It has that one alone, every day is its day, and the programme itself is left as it was."""
    kind = amended()
    first, later = kind.editions
    alone = kind.under(later)
    assert (1, NEW_TEXT) == (len(alone.editions), alone.current.in_force_from)
    assert alone.edition_on(date(1999, 1, 1)) is alone.current
    assert kind.editions == (first, later)
    assert NEW_TEXT == later.text_known_from
    assert kind.under(first).current is first
    assert programme("saitama").under(first).editions == programme("saitama").editions


# Days and moments -----------------------------------------------------------------------------------------------------


def test_a_case_that_was_not_there_yet() -> None:
    """Before its first event there is nothing to compare."""
    assert compare(story("S01"), as_of=date(2025, 4, 2), here=HERE, there=under("first day")) is None


def test_what_was_known() -> None:
    """A correction that was not known yet changes neither side; once it is known, both."""
    events = course(selected=attrs.evolve(SELECTION, attendees=(CW, ES))).events
    data = {
        "attendees": [{"id": who.id, "role": who.role.value} for who in (SV, CW, ES)],
        "target_class": "a",
        "status": "recipient",
        "responsible_office": True,
        "compelling_reason": False,
        "working": False,
        "ledger_consulted": True,
    }
    mended = Corrected(seq=2, reason="記載漏れ", approved_by=SV, data=data)
    events = Story("saitama", events=list(events)).on("2025-08-01", mended).events
    here, there = two_editions(date(2025, 4, 11)), two_editions(NEW_TEXT)
    then = datetime.combine(date(2025, 7, 31), time(17), JST)
    told = difference(events, there, here, known_at=then)
    assert [("three_parties_consulted", None)] == [
        (codes(each.here), codes(each.there)) for each in told.changes if each.aspect is Aspect.FINDING
    ]
    now = difference(events, there, here)
    assert [] == [each for each in now.changes if each.aspect is Aspect.FINDING]
    assert 13 == now.compared
    assert 14 == now.here.events


@pytest.mark.parametrize("told", [True, False])
def test_what_is_left_out_says_where_it_is_owed_still(told: bool) -> None:
    """対馬 第5条第3項: at the step of the use that began without its notice, only while that is open as of the day."""
    kind = programme("tsushima")
    rows = [
        attrs.evolve(row, guards=tuple(each for each in row.guards if each.__name__ != "approval_notified_first"))
        for row in kind.current.rows
    ]
    draft = kind.current.amended(rows=rows, in_force_from=date(2024, 4, 1))
    there = Conditions(programmes={"tsushima": kind.under(draft)})
    history = history_of("use_approved", [("2025-07-01", START)])
    if told:
        history.on("2025-07-02", notice("2025-07-01"))
    found = difference(history.events, there)
    ((one, other),) = changes_at(found, 4)[Aspect.FINDING]
    assert other is None
    assert one in found.here.findings
    assert ("still_owed" in one.values) is not told
    assert ("(519 days since)" in one.message("en")) is not told


@pytest.mark.parametrize("code", HISTORIES)
def test_each_step_tells_its_findings_as_the_explanation_does(code: str) -> None:
    """Word for word, with what is owed still: under the other text nothing is asked, so that every finding differs."""
    kind = programme(code)
    nothing = [attrs.evolve(row, guards=()) for row in kind.current.rows]
    draft = kind.current.amended(rows=nothing, in_force_from=kind.current.in_force_from)
    there = Conditions(programmes={code: kind.under(draft)})

    @settings(max_examples=60, deadline=None)
    @given(HISTORIES[code], DAYS, st.sampled_from(["ja", "en"]))
    def check(events: list[Event], as_of: date, lang: Lang) -> None:
        found = compare(events, as_of=as_of, here=HERE, there=there)
        explanation = explain(events, as_of=as_of)
        if found is None or explanation is None:
            return
        asked = {guard.__name__ for row in kind.current.rows for guard in row.guards}
        expected = {
            (step.event.seq, each.finding.rule.code, each.finding.message(lang))
            for step in explanation.steps
            for each in step.asked
            if each.finding is not None and each.first_at is None and codes(each.finding) in asked
        }
        told = {
            (step.event.seq, change.here.rule.code, change.here.message(lang))
            for step in found.steps
            for change in step.changes
            if change.aspect is Aspect.FINDING and change.here is not None and codes(change.here) in asked
        }
        assert expected == told

    check()
