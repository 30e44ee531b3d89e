"""Explanations: the verdict is the judge's, every rule of the row is there, and what is said of an event is true."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit import case_record, explain, replay
from shuroflow.audit import explanation as room
from shuroflow.audit.explanation import Explanation, Outcome, Status, Step
from shuroflow.audit.steps import explanation_record, programme_record
from shuroflow.audit.words import MOST_SHOWN, describe, field_name
from shuroflow.calendar import OfficeCalendar
from shuroflow.case import Closing, Duty, Period
from shuroflow.events import Corrected, Event, Withdrawn, about, kinds_of, payload
from shuroflow.events.shapes import Many, Maybe, Part, fields_of
from shuroflow.states import Inapplicable, programme
from shuroflow.states.figures import Figure
from shuroflow.states.judgement import Wording
from shuroflow.states.means_test import MeansTest
from shuroflow.states.office import Settings
from shuroflow.states.saitama.case import GoalRecord
from shuroflow.states.tsushima.case import Claim, Trial
from shuroflow.vocabulary import Lang, Severity, State
from tests.audit.records import STORIES, story
from tests.states.story import AS_OF, JST, OFFICE, SV, any_events, gone_astray

END = date(2030, 6, 30)
LANGUAGES: tuple[Lang, ...] = ("ja", "en")
HISTORIES = {
    "saitama": any_events("saitama") | gone_astray({name: STORIES[name] for name in STORIES if name[0] == "S"}),
    "tsushima": any_events("tsushima") | gone_astray({name: STORIES[name] for name in STORIES if name[0] == "T"}),
}


def explained(events: Sequence[Event], as_of: date = AS_OF, known_at: datetime | None = None) -> Explanation:
    """The explanation of a case that is there."""
    found = explain(events, as_of=as_of, known_at=known_at, office=OFFICE)
    assert found is not None
    return found


def amended(events: Sequence[Event], data: Corrected | Withdrawn, on: date) -> list[Event]:
    """The record with a correction or a withdrawal at its end."""
    more = attrs.evolve(
        events[-1],
        seq=len(events) + 1,
        kind="corrected" if isinstance(data, Corrected) else "withdrawn",
        data=data,
        occurred_on=on,
        recorded_at=datetime.combine(on, time(9), JST),
        note=None,
    )
    return [*events, more]


def step_of(found: Explanation, seq: int) -> Step:
    """The step of an event."""
    return next(step for step in found.steps if step.event.seq == seq)


# The verdict ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", HISTORIES)
def test_the_verdict_is_that_of_the_audit(code: str) -> None:
    """Whatever is on record: told once each, the rules that did not hold are the findings of the audit's events."""

    @given(HISTORIES[code], st.dates(date(2024, 12, 1), END))
    def check(events: list[Event], as_of: date) -> None:
        report = replay(events, as_of=as_of, office=OFFICE)
        found = explain(events, as_of=as_of, office=OFFICE)
        assert (report is None) == (found is None)
        if report is None or found is None:
            return
        told = [
            (asked.finding.subject, asked.finding.message(), asked.finding.refuses)
            for step in found.steps
            for asked in step.asked
            if asked.finding is not None and asked.first_at is None
        ]
        audited = [(each.subject, each.message(), each.refuses) for each in report.findings]
        assert [each for each in told if each not in audited] == []
        settled = programme(code).edition_on(as_of).settle(report.case, as_of, OFFICE)
        of_the_day = {(each.subject, each.message(), each.refuses) for each in settled}
        assert [each for each in audited if each not in told and each not in of_the_day] == []
        assert len(told) == len({subject for subject, _, _ in told})
        # The last state is that of the record, unless the days have moved the case on since.
        judged = [step for step in found.steps if step.after is not None]
        assert report.case.state_on(judged[-1].event.occurred_on) == judged[-1].after
        assert report.period == judged[-1].period

    check()


@pytest.mark.parametrize("code", HISTORIES)
def test_every_rule_of_the_row_is_told_with_values(code: str) -> None:
    """Each guard of the row that the machine holds for the event is there once; all guards can be followed."""

    @given(HISTORIES[code])
    def check(events: list[Event]) -> None:
        edition = programme(code).current
        found = explain(events, as_of=END, office=OFFICE)
        assert found is not None
        for step in found.steps:
            assert step.source is not None
            trigger = edition.machine.events.get(step.event.kind)
            rows = trigger.transitions.get(step.source.value, ()) if trigger is not None else ()
            guards = [[guard.__name__ for guard in transition.row.guards] for transition in rows]  # type: ignore[attr-defined]
            asked = [each.rule.code.partition(".")[2] for each in step.asked]
            of_the_chart = [name for name in asked if name not in {each for row in guards for each in row}]
            assert [name for name in asked if name not in of_the_chart] in (guards or [[]])
            assert all(
                each.finding is not None for each in step.asked if each.rule.code.partition(".")[2] in of_the_chart
            )
            assert [each.rule.code for each in step.asked if each.looked_at is None] == []
            out = [each for each in step.asked if each.outcome is Outcome.NOT_APPLICABLE]
            assert out == [each for each in step.asked if each.reason is not None]
            assert [each.rule.code for each in out if not each.looked_at or each.finding is not None] == []

    check()


def test_the_values_are_those_that_were_there() -> None:
    """S02 was selected without the supervisor: the rule did not hold on exactly the attendees of that event."""
    step = step_of(explained(story("S02")), 2)
    consulted = next(asked for asked in step.asked if asked.rule.code == "saitama.three_parties_consulted")
    assert Outcome.NOT_HELD is consulted.outcome
    assert consulted.looked_at is not None
    assert step.event.data.attendees == consulted.looked_at["event.data.attendees"].value
    later = next(asked for asked in step.asked if asked.rule.code == "saitama.selected_after_listing")
    assert Outcome.HELD is later.outcome
    assert later.looked_at is not None
    assert date(2025, 4, 3) == later.looked_at["case.listed_on"].value
    assert (State.CANDIDATE, State.SELECTED, State.SELECTED) == (step.source, step.destination, step.after)
    assert "4(1)" == step.clause


def test_an_event_out_of_place_says_which_step_was_left_out() -> None:
    """Without its selection, a consent meets a candidate: the chart's own rule says so, in the clause of that step."""
    first, _, consent, *_ = story("S01")
    step = explained([first, attrs.evolve(consent, seq=2)]).steps[1]
    (asked,) = step.asked
    assert "saitama.out_of_place" == asked.rule.code
    assert Outcome.NOT_HELD is asked.outcome
    assert "4(1)" == step.clause


def test_a_guard_that_no_stand_in_can_follow_is_still_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The values are missing then, and said to be; the verdict is not."""
    monkeypatch.setattr(room, "Watched", lambda *args: (_ for _ in ()).throw(TypeError("no stand-in")))
    found, report = explained(story("S02")), replay(story("S02"), as_of=AS_OF, office=OFFICE)
    assert report is not None
    assert {None} == {asked.looked_at for step in found.steps for asked in step.asked}
    told = [asked.finding for step in found.steps for asked in step.asked if asked.finding is not None]
    assert [each.rule.code for each in report.findings if each.severity is Severity.VIOLATION] == [
        each.rule.code for each in told
    ]
    looked = [rule["looked_at"] for step in explanation_record(found)["steps"] for rule in step["rules"]]
    assert [None] * len(looked) == looked


def test_a_rule_that_does_not_apply_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard that says why it does not apply is neither held nor broken; whatever it looked at is shown."""
    row = next(row for row in programme("saitama").current.rows if row.event == "support_decided")
    (guard,) = row.guards

    def reasoned(case: Any, event: Event, office: Any) -> Inapplicable | None:
        return Inapplicable(Wording(ja="同意は口頭です", en="the consent was oral")) if case.consent_on else None

    reasoned.__name__ = guard.__name__
    monkeypatch.setattr(room, "_row", lambda *args: attrs.evolve(row, guards=(reasoned,)))
    (asked,) = step_of(explained(story("S01")), 4).asked
    assert Outcome.NOT_APPLICABLE is asked.outcome
    assert asked.looked_at is not None
    assert ["case.consent_on"] == list(asked.looked_at)
    record = explanation_record(explained(story("S01")), lang="en")["steps"][3]["rules"][0]
    assert ("not_applicable", "the consent was oral") == (record["outcome"], record["reason"])


def test_a_rule_that_the_text_keeps_for_others_shows_what_it_was_told_by() -> None:
    """2: the contract is asked of a contractor's specialist; for the prefecture's own the reason and the fact stand."""
    step = step_of(explained(story("S01")), 6)
    asked = next(each for each in step.asked if each.rule.code == "saitama.contract_covers_day")
    assert (Outcome.NOT_APPLICABLE, None) == (asked.outcome, asked.finding)
    assert asked.reason is not None
    assert "受託事業者の者ではない" in asked.reason.ja
    assert asked.looked_at is not None
    assert "prefecture" == asked.looked_at["event.data.specialist.employer"].value


# Corrections ----------------------------------------------------------------------------------------------------------


def test_a_corrected_event_shows_both_and_by_which_event() -> None:
    """The step is judged by what holds now; what was written first, and the correction, stand beside it."""
    events = amended(
        story("S01"),
        Corrected(seq=3, reason="転記の誤り", approved_by=SV, occurred_on=date(2025, 4, 13)),
        date(2025, 9, 1),
    )
    found = explained(events)
    step = step_of(found, 3)
    assert Status.CORRECTED is step.status
    assert date(2025, 4, 13) == step.event.occurred_on
    assert step.written is not None
    assert date(2025, 4, 14) == step.written.occurred_on
    assert [14] == [each.event.seq for each in step.amended_by]
    last = found.steps[-1]
    assert (14, Status.AMENDING, ()) == (last.event.seq, last.status, last.asked)
    before = explained(events, known_at=datetime(2025, 8, 31, tzinfo=JST))
    assert explained(story("S01")) == before


def test_a_withdrawn_event_is_shown_and_not_judged() -> None:
    """It takes its place by its day; a withdrawal that is itself withdrawn leaves everything as it was."""
    events = amended(story("S01"), Withdrawn(seq=8, reason="二重", approved_by=SV), date(2025, 9, 1))
    found = explained(events)
    step = step_of(found, 8)
    assert (Status.WITHDRAWN, None, ()) == (step.status, step.source, step.asked)
    assert list(range(1, 15)) == [each.event.seq for each in found.steps]
    again = explained(amended(events, Withdrawn(seq=14, reason="誤り", approved_by=SV), date(2025, 9, 2)))
    assert [Status.STANDS] * 13 + [Status.WITHDRAWN, Status.AMENDING] == [each.status for each in again.steps]
    plain = explained(story("S01"))
    assert [each.asked for each in plain.steps] == [each.asked for each in again.steps[:13]]


@given(HISTORIES["saitama"], st.data())
def test_every_event_known_is_a_step(events: list[Event], data: st.DataObject) -> None:
    """Each event that had happened, or amends one, is there exactly once, whatever was corrected or withdrawn."""
    seq = data.draw(st.integers(1, len(events)))
    change: Corrected | Withdrawn = Withdrawn(seq=seq, reason="r", approved_by=SV)
    if data.draw(st.booleans()):
        change = Corrected(seq=seq, reason="r", approved_by=SV, occurred_on=data.draw(st.dates(date(2025, 1, 1), END)))
    changed = amended(events, change, END)
    found = explain(changed, as_of=END, office=OFFICE)
    if found is None:  # all that there was is withdrawn
        assert 1 == len(events)
        return
    assert list(range(1, len(changed) + 1)) == sorted(step.event.seq for step in found.steps)


def test_a_withdrawn_correction_is_shown_as_it_was_written() -> None:
    """Its payload fits no event and need not: it never held. The reader sees it all the same."""
    wrong = Corrected(seq=3, reason="誤り", approved_by=SV, data={"nonsense": ["𠮷", 1]})
    events = amended(story("S01"), wrong, date(2025, 9, 1))
    found = explained(amended(events, Withdrawn(seq=14, reason="取消", approved_by=SV), date(2025, 9, 2)))
    told = next(step for step in explanation_record(found)["steps"] if step["seq"] == 14)
    assert "withdrawn" == told["status"]
    assert ["正しい内容", "nonsense: 𠮷、1"] in told["content"]


@pytest.mark.parametrize("code", HISTORIES)
def test_any_explanation_can_be_told(code: str) -> None:
    """Whatever is on record becomes plain JSON in either language, with the same codes, days and numbers."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            words = {"name", "shown", "message", "mend", "reason", "content", "written", "lines", "sources", "value"}
            words |= {"of"}
            return {key: bare(part) for key, part in value.items() if key not in words}
        return [bare(part) for part in value] if isinstance(value, list) else value

    @given(HISTORIES[code])
    def check(events: list[Event]) -> None:
        found = explain(events, as_of=END, office=OFFICE)
        assert found is not None
        ja, en = (json.loads(json.dumps(explanation_record(found, lang=lang), allow_nan=False)) for lang in LANGUAGES)
        assert bare(ja) == bare(en)
        told = [(duty["duty"], duty["seq"], duty["subject"]) for duty in ja["duties"]]
        assert len(told) == len(set(told))
        assert [each.duty.subject for each in found.duties] == [subject for _, _, subject in told]

    check()


# Days and duties ------------------------------------------------------------------------------------------------------


def test_days_between_and_late_entries() -> None:
    """Elapsed days count from the event before, lateness from the day it happened to the day of its record."""
    first, second, *rest = story("S01")
    late = attrs.evolve(second, recorded_at=second.recorded_at + timedelta(days=12))
    steps = explained([first, late, *rest]).steps
    assert [None, 7, 4, 1, 0, 0, 7] == [step.days_since for step in steps[:7]]
    assert [0, 12, 0] == [step.days_late for step in steps[:3]]


@pytest.mark.parametrize("name", STORIES)
def test_duties_arise_once_and_end_once(name: str) -> None:
    """Each duty arises at one step, is done or put anew at no more than one, and is open in between alone."""
    found = explained(story(name), END)
    for number, duty in enumerate(found.duties):
        arose = [at for at, step in enumerate(found.steps) if number in step.arose]
        ended = [at for at, step in enumerate(found.steps) if number in (*step.discharged, *step.replaced)]
        assert 1 == len(arose)
        assert len(ended) == (duty.by is not None)
        until = ended[0] if ended else len(found.steps)
        is_open = [at for at, step in enumerate(found.steps) if number in step.open]
        assert list(range(arose[0], until)) == is_open
    report = replay(story(name), as_of=END, office=OFFICE)
    assert report is not None
    left = [duty.duty for duty in found.duties if duty.by is None]
    assert sorted(report.case.duties.values(), key=repr) == sorted(left, key=repr)


def test_a_duty_put_anew_is_not_called_done() -> None:
    """An extension sets another day for the next decision: the duty of the first period was put anew."""
    found = explained(story("S04"))
    first, second = (duty for duty in found.duties if duty.duty.code == "extend_or_end")
    assert (True, 10, date(2026, 2, 28)) == (first.replaced, first.by, first.duty.due)
    assert (None, date(2026, 5, 31)) == (second.by, second.duty.due)
    record = explanation_record(found)
    assert ["discharged", "replaced", "open"] == [duty["status"] for duty in record["duties"]]


# In words -------------------------------------------------------------------------------------------------------------


def test_the_means_test_is_told_line_by_line() -> None:
    """At the assessment and at the decision that looks at it: the arithmetic, and where each figure was read."""
    found = explained(story("T03"))
    assert [2, 3] == [step.event.seq for step in found.steps if isinstance(step.means, MeansTest)][:2]
    told = explanation_record(found)["steps"][2]["means_test"]
    assert "収入の上限(ア): 基準額 + 住宅扶助 32,000円(1人世帯の限度額) = 109,500円" in told["lines"]
    assert any(
        line.startswith("均等割の非課税限度額の基本額 280,000円: 地方税法施行令47条の3") for line in told["sources"]
    )
    assert all(line.endswith("(未確認)") for line in told["sources"] if "対馬市 was not read" in line)


def parts_of(cls: type) -> list[type]:
    """A payload and the records that its fields hold."""
    found = [cls]
    for field in fields_of(cls):
        shape = field.shape
        while isinstance(shape, Many | Maybe):
            shape = shape.of
        if isinstance(shape, Part):
            found += parts_of(shape.cls)
    return found


@pytest.mark.parametrize("code", HISTORIES)
def test_every_field_has_a_label(code: str) -> None:
    """No reader meets the name of a field of a record, of a case or of an office's settings."""
    classes = [part for cls in kinds_of(code).values() for part in parts_of(cls)]
    classes += [type(programme(code).current.new_case("x")), Settings, MeansTest, Event]
    classes += [Closing, Duty, Period, Trial, Claim, GoalRecord, Figure, OfficeCalendar]
    names = {(cls.__name__, field.name) for cls in classes for field in attrs.fields(cls)}
    assert [] == sorted(name for of, name in names if field_name(name, of=of) == name)
    assert [] == sorted(name for of, name in names if field_name(name, "en", of=of) == "")


@pytest.mark.parametrize("code", HISTORIES)
def test_every_look_has_a_label(code: str) -> None:
    """Nor the name of anything that a guard looks at, methods included."""

    @given(HISTORIES[code])
    def check(events: list[Event]) -> None:
        found = explain(events, as_of=END, office=OFFICE)
        assert found is not None
        looks = [look for step in found.steps for asked in step.asked for look in (asked.looked_at or {}).values()]
        names = {(look.of, look.name) for look in looks} | {way for look in looks for way in look.within}
        assert [] == sorted(name for of, name in names if field_name(name, of=of) == name)

    check()


def test_a_field_of_a_plug_in_is_called_as_it_describes_itself() -> None:
    """We have no label for it; its own description is better than its name."""

    @payload("mended")
    class Mended:
        quirk: str = about("what was mended")
        reason: str = about("why")

    event = attrs.evolve(story("S01")[0], data=Mended(quirk="x", reason="y"))
    found = explained(story("S01"))
    steps = (attrs.evolve(found.steps[0], event=event), *found.steps[1:])
    told = explanation_record(attrs.evolve(found, steps=steps))
    assert [["what was mended", "x"], ["理由", "y"]] == told["steps"][0]["content"]


def test_values_in_words() -> None:
    """Periods, people, parts, tables and long lists, in both languages; a list of a record itself is never cut."""
    days = tuple(date(2025, 4, day) for day in range(1, 26))
    assert "令和7年4月1日～令和7年6月30日" == describe(Period(date(2025, 4, 1), date(2025, 6, 30)))
    assert "査察指導員 sv-01" == describe(SV)
    assert "supervisor sv-01, supervisor sv-01" == describe((SV, SV), "en")
    assert "なし" == describe(())
    assert describe(days[:20]) + " ほか5件" == describe(days, most=MOST_SHOWN)
    assert "令和7年4月25日" == describe(days).rpartition("、")[2]
    assert "a: はい、b: 記録なし" == describe({"a": True, "b": None})
    assert ("2024年", "2,024") == (describe(2024, field="tax_fy"), describe(2024))
    assert ("要綱の文言", "text") == (describe("text", field="standard"), describe("text"))


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", STORIES)
def test_the_json_holds_together(name: str, lang: Any) -> None:
    """Every number points to what is there, every rule and clause is in the programme's table, all of it is JSON."""
    report = replay(story(name), as_of=END, office=OFFICE)
    assert report is not None
    report = attrs.evolve(report, explanation=explained(story(name), END))
    record = json.loads(json.dumps(case_record(report, lang=lang), allow_nan=False))
    texts: Mapping[str, Any] = programme_record(report.programme, lang=lang)["texts"]
    seqs = {step["seq"] for step in record["steps"]}
    for step in record["steps"]:
        places = [at for rule in step["rules"] for at in rule["looked_at"]]
        assert set(range(len(step["looked_at"]))) == set(places)
        for rule in step["rules"]:
            assert rule["rule"] in texts[step["text"]]["rules"]
            clause = texts[step["text"]]["clauses"][rule.get("clause_id", rule["clause"])]
            assert rule["clause"] == clause["clause"]
        for numbers in step["duties"].values():
            assert all(number < len(record["duties"]) for number in numbers)
    assert {finding["seq"] for finding in record["findings"]} <= seqs


def test_an_explanation_travels() -> None:
    """Another process can make it: it is the same after a journey, and says the same."""
    for name in ("S04", "T03"):
        found = explained(story(name))
        assert explanation_record(found) == explanation_record(pickle.loads(pickle.dumps(found)))
