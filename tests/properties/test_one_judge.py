"""One judge: whatever is put on record, the live desk and the auditor come to the same findings and the same state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transitions.core import Condition

from shuroflow.audit.replay import CaseReport, replay
from shuroflow.caseload import Caseload
from shuroflow.errors import InputError, Refused
from shuroflow.events import Actor, Corrected, Withdrawn, kinds_of
from shuroflow.events import saitama as e
from shuroflow.states.judgement import Finding, Judgement
from shuroflow.states.machine import Cursor, RuledMachine
from shuroflow.states.saitama import rulebook
from shuroflow.storage import MemoryJournal, encode
from shuroflow.vocabulary import State
from tests.caseload.desk import CASE, PROGRAMMES, STORIES, Fact, desk_of, facts_of, put, tell
from tests.states.saitama_stories import VISIT, course
from tests.states.story import (
    DAYS,
    ES,
    OFFICE,
    SV,
    any_events,
    edition_of,
    payloads_of,
    programme_of,
    snapshot,
    values_of,
)

END = date(2030, 6, 30)
"""The day asked about: after everything that a history here can hold."""

ACTORS = values_of(Actor)


# Histories ----------------------------------------------------------------------------------------------------------


def _amendments(count: int) -> st.SearchStrategy[Any]:
    """A correction of the day or a withdrawal, of an event on record or, now and then, of none."""
    seqs = st.integers(1, count + 2)
    reasons = st.sampled_from(["wrong day", "written down twice"])
    return st.builds(Withdrawn, seq=seqs, reason=reasons, approved_by=st.just(SV)) | st.builds(
        Corrected, seq=seqs, reason=reasons, approved_by=st.just(SV), occurred_on=DAYS
    )


def _kinds(programme: str) -> list[type]:
    return [cls for cls in kinds_of(programme).values() if cls not in (Corrected, Withdrawn)]


EDITS = st.sampled_from(["drop", "double", "swap", "day", "fill", "insert", "amend"])


@st.composite
def plausible(draw: st.DrawFn, programme: str) -> list[Fact]:
    """A told history that went through careless hands: facts dropped, doubled, swapped, dated anew, filled in anew."""
    stories = STORIES[programme]
    facts = facts_of(stories[draw(st.sampled_from(sorted(stories)))]())
    for edit in draw(st.lists(EDITS, max_size=4)):
        at = draw(st.integers(0, len(facts) - 1))
        fact = facts[at]
        match edit:
            case "drop" if len(facts) > 1:
                del facts[at]
            case "double":
                facts.insert(draw(st.integers(0, len(facts))), fact)
            case "swap":
                other = draw(st.integers(0, len(facts) - 1))
                facts[at], facts[other] = facts[other], fact
            case "day":
                shift = draw(st.integers(-40, 40) | st.integers(-400, 400))
                facts[at] = attrs.evolve(fact, on=fact.on + timedelta(days=shift))
            case "fill" if not isinstance(fact.data, Corrected | Withdrawn):
                facts[at] = attrs.evolve(fact, data=draw(payloads_of(type(fact.data))))
            case "insert":
                data = draw(payloads_of(draw(st.sampled_from(_kinds(programme)))))
                facts.insert(at, Fact(fact.on, data, draw(ACTORS)))
            case "amend":
                facts.insert(draw(st.integers(1, len(facts))), Fact(fact.on, draw(_amendments(len(facts))), SV))
    return facts


def wild(programme: str) -> st.SearchStrategy[list[Fact]]:
    """Anything at all, in any order."""
    return any_events(programme).map(facts_of)


# The two drivers ----------------------------------------------------------------------------------------------------


def _told(finding: Finding) -> tuple[object, ...]:
    rule = finding.rule
    # That it is owed still on the day asked about is what the auditor adds.
    seen = sorted((name, repr(value)) for name, value in finding.values.items() if name != "still_owed")
    return rule.code, finding.clause, finding.severity, finding.seq, finding.on, tuple(seen), finding.overridden


def _live(desk: Caseload, programme: str, fact: Fact) -> Judgement | None:
    """What the desk says of a fact, which is on record afterwards; ``None``: of what cannot be recorded at all."""
    before = desk.journal.read(CASE)
    try:
        judgement = put(desk, programme, fact).judgements[-1]
    except Refused as refused:
        judgement = refused.judgement
    except InputError:
        judgement = None
    if judgement is None or not judgement.allowed:
        assert before == desk.journal.read(CASE)
    if judgement is not None and not judgement.allowed:
        desk.journal.append(CASE, [judgement.event], expected=len(before))
    if judgement is not None and before:  # a desk that has not followed the case so far says the same
        stranger = MemoryJournal()
        stranger.append(CASE, [attrs.evolve(event, key=None) for event in before], expected=0)
        anew = desk_of(stranger).judge(CASE, fact.data, on=fact.on, by=fact.by)
        assert [_told(each) for each in judgement.findings] == [_told(each) for each in anew.findings]
    return judgement


def _agree(desk: Caseload, judgement: Judgement, report: CaseReport) -> None:
    settled = programme_of(report.programme).edition_on(END).settle(report.case, END, OFFICE)
    seq = judgement.event.seq
    of_the_day = [_told(each) for each in settled]
    audited = {_told(each) for each in report.findings}
    lived = {_told(each) for each in judgement.findings}
    assert {each for each in audited if each[3] == seq and each not in of_the_day} <= lived
    reported = {each.subject for each in report.findings}
    for finding in judgement.findings:  # a fault that stands already is not said a second time
        assert _told(finding) in audited or (finding.rule.once and finding.subject in reported)

    standing = desk.show(CASE, as_of=END)
    assert report.state is standing.state
    assert report.period == standing.period
    assert of_the_day == [_told(each) for each in standing.findings]
    assert _comparable(snapshot(standing.case)) == _comparable(snapshot(report.case))
    if judgement.allowed and not isinstance(judgement.event.data, Corrected | Withdrawn):
        assert judgement.event.kind in edition_of(report.programme).table.events


def _comparable(held: dict[str, Any]) -> dict[str, Any]:
    return {name: repr(value) if isinstance(value, Exception) else value for name, value in held.items()}


def _drive_both(programme: str, facts: list[Fact]) -> None:
    desk = desk_of()
    for fact in facts:
        judgement = _live(desk, programme, fact)
        if judgement is None:
            _unusable_for_both(desk, programme, fact)
            continue
        report = replay(desk.journal.read(CASE), as_of=END, office=OFFICE)
        if report is None:  # everything on record was withdrawn
            assert isinstance(fact.data, Corrected | Withdrawn)
            continue
        _agree(desk, judgement, report)


def _unusable_for_both(desk: Caseload, programme: str, fact: Fact) -> None:
    """What the desk cannot use is a value that no journal takes, or an amendment that stops the auditor too."""
    if not isinstance(fact.data, Corrected | Withdrawn):
        return
    version = desk.journal.version(CASE)
    if not version:
        return
    last = desk.journal.read(CASE)[-1]
    kind = "corrected" if isinstance(fact.data, Corrected) else "withdrawn"
    event = attrs.evolve(last, seq=version + 1, kind=kind, data=fact.data, occurred_on=fact.on)
    encode(event)
    with pytest.raises(InputError):
        replay([*desk.journal.read(CASE), event], as_of=END, office=OFFICE)


@pytest.mark.parametrize("programme", PROGRAMMES)
@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_careless_records_are_judged_alike(programme: str, data: st.DataObject) -> None:
    """Histories that nearly happened: the desk, record by record, and the auditor of each prefix say the same."""
    _drive_both(programme, data.draw(plausible(programme)))


@pytest.mark.parametrize("programme", PROGRAMMES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_wild_records_are_judged_alike(programme: str, data: st.DataObject) -> None:
    """Histories that never happened: the desk and the auditor say the same of them too."""
    _drive_both(programme, data.draw(wild(programme)))


@pytest.mark.parametrize(("programme", "name"), [(code, name) for code in PROGRAMMES for name in STORIES[code]])
def test_told_records_are_judged_alike(programme: str, name: str) -> None:
    """Every sample history, event by event."""
    _drive_both(programme, facts_of(STORIES[programme][name]()))


# What a host hangs on the machine -----------------------------------------------------------------------------------


@contextmanager
def _hung(machine: RuledMachine, *, before: Any, after: Any) -> Iterator[None]:
    machine.before_state_change = [before]
    machine.after_state_change = [after]
    try:
        yield
    finally:
        machine.before_state_change = []
        machine.after_state_change = []


def test_callbacks_run_at_the_desk() -> None:
    """What a host hangs on the machine is called around each event that is allowed, moved or not, and no other."""
    seen: list[tuple[str, str, str]] = []

    def heard(when: str) -> Any:
        def callback(event_data: Any) -> None:
            cursor = event_data.model
            assert cursor.judgement is not None
            seen.append((when, cursor.event.kind, cursor.state))

        return callback

    machine = edition_of("saitama").machine
    desk = desk_of()
    with _hung(machine, before=heard("before"), after=heard("after")):
        tell(desk, course("support_started").events)
        desk.record(CASE, VISIT, on=date(2025, 4, 22), by=ES)
        with pytest.raises(Refused):
            desk.record(CASE, e.Discontinued(), on=date(2025, 4, 23), by=ES)
        with pytest.raises(Refused):
            desk.record(CASE, e.Ended(), on=date(2025, 4, 23), by=ES)
    path = ["new", "candidate", "selected", "consented", "consented", "consented", "in_support"]
    names = ["listed", "selected", "consented", "support_decided", "goals_set", "support_started"]
    expected = [
        entry
        for name, source, dest in zip(names, path, path[1:], strict=False)
        for entry in (("before", name, source), ("after", name, dest))
    ]
    visit = "activity_recorded"
    assert [*expected, ("before", visit, "in_support"), ("after", visit, "in_support")] == seen


def test_a_condition_of_a_host_stops_the_move_and_not_the_judgement() -> None:
    """A host may keep the engine from moving; what the rules say of the event stays the same."""
    edition = rulebook.programme.__wrapped__().current  # one of its own: what is hung on it concerns nobody else
    listed, selected = course("selected").events
    case = edition.new_case(CASE)
    edition.fold(case, listed, OFFICE)
    (ruled,) = edition.machine.events["selected"].transitions[State.CANDIDATE.value]
    asked: list[str] = []

    def not_today(event_data: Any) -> bool:
        asked.append(event_data.model.event.kind)
        return False

    free = Cursor(case, selected, OFFICE, State.CANDIDATE.value)
    judged = edition.drive(free)
    assert State.SELECTED.value == free.state
    ruled.conditions.append(Condition(not_today))
    held = Cursor(case, selected, OFFICE, State.CANDIDATE.value)
    assert judged == edition.drive(held) == edition.judge(case, selected, OFFICE)
    assert State.CANDIDATE.value == held.state
    assert ["selected"] == asked
    assert judged.allowed
    wrong = attrs.evolve(selected, data=attrs.evolve(selected.data, attendees=()))
    assert not edition.drive(Cursor(case, wrong, OFFICE, State.CANDIDATE.value)).allowed
    assert ["selected"] == asked  # what the rules stop is not put to the host
