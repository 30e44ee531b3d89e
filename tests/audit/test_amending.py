"""Which corrections and withdrawals of an event are in force: against what the history itself comes to."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit import explain
from shuroflow.audit.amending import Effect
from shuroflow.audit.explanation import Status, Step
from shuroflow.audit.steps import explanation_record
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states.history import effective, taken_back
from tests.audit.records import STORIES, story
from tests.audit.test_explanation import amended, explained, step_of
from tests.states.story import JST, OFFICE, SV, gone_astray

LONG_AFTER = date(2026, 9, 1)


@st.composite
def amended_records(draw: st.DrawFn) -> list[Event]:
    """S01 with corrections of its first events, each with a day or a reason of its own, and withdrawals of anything."""
    events = story("S01")
    for number in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            parts = draw(st.sampled_from(["day", "content", "both", "neither"]))
            day = date(2025, 3, 1) + timedelta(days=number) if parts in {"day", "both"} else None
            content = {"reason": f"reason {number}"} if parts in {"content", "both"} else None
            change: Corrected | Withdrawn = Corrected(seq=1, reason="r", approved_by=SV, occurred_on=day, data=content)
        else:
            seq = draw(st.sampled_from([1, *range(14, len(events) + 1)]))
            change = Withdrawn(seq=seq, reason="r", approved_by=SV)
        events = amended(events, change, LONG_AFTER)
    return events


@given(amended_records(), st.integers(0, 6))
def test_an_amendment_is_in_force_if_what_it_says_is_what_holds(events: list[Event], known: int) -> None:
    """Of the day and the content that it states, the event has all, some or none; or it is not there at all."""
    heard = events[: len(story("S01")) + known]
    found = explain(heard, as_of=LONG_AFTER, office=OFFICE)
    assert found is not None
    holding = {event.seq: event for event in effective(heard)}
    gone = taken_back(heard)
    for step in found.steps:
        names = [event.seq for event in heard if getattr(event.data, "seq", None) == step.event.seq]
        assert names == [each.event.seq for each in step.amended_by]
        for each in step.amended_by:
            told = each.event.data
            if each.event.seq in gone:
                assert (Effect.WITHDRAWN, gone[each.event.seq].seq) == (each.effect, each.by)
            elif isinstance(told, Withdrawn):
                assert (Effect.HOLDS, None) == (each.effect, each.by)
                assert told.seq not in holding
            elif told.seq not in holding:
                assert (Effect.MOOT, gone[told.seq].seq) == (each.effect, each.by)
            else:
                now = holding[told.seq]
                stated = [told.occurred_on is not None, told.data is not None]
                seen = [now.occurred_on == told.occurred_on, told.data == {"reason": now.data.reason}]
                holds = [has for has, said in zip(seen, stated, strict=True) if said]
                expected = Effect.HOLDS if all(holds) else Effect.PARTLY if any(holds) else Effect.REPLACED
                assert (expected if holds else Effect.NOTHING) is each.effect
                assert (each.effect in {Effect.HOLDS, Effect.NOTHING}) == (each.by is None)
                assert each.by is None or each.by > each.event.seq


def test_a_correction_taken_back_is_told_so_beside_the_one_that_holds() -> None:
    """Both stand at the event, with what each does, in the order recorded; neither is dropped."""
    events = amended(story("S01"), Corrected(seq=3, reason="a", approved_by=SV, occurred_on=date(2025, 4, 13)), END)
    events = amended(events, Corrected(seq=3, reason="b", approved_by=SV, occurred_on=date(2025, 4, 12)), END)
    first = explanation_record(explained(amended(events, Withdrawn(seq=15, reason="c", approved_by=SV), END)))
    told = next(step for step in first["steps"] if step["seq"] == 3)["amended_by"]
    assert [(14, "holds", None), (15, "withdrawn", 16)] == [
        (each["seq"], each["effect"], each.get("by")) for each in told
    ]
    assert ["a", "b"] == [each["reason"] for each in told]
    second = next(step for step in explanation_record(explained(events), lang="en")["steps"] if step["seq"] == 3)
    assert [("replaced", "replaced by a later correction", 15), ("holds", None, None)] == [
        (each["effect"], each.get("shown"), each.get("by")) for each in second["amended_by"]
    ]


def test_what_was_not_known_yet_takes_nothing_out_of_force() -> None:
    """Known before the withdrawal of the correction was written down, the correction holds."""
    events = amended(story("S01"), Corrected(seq=3, reason="a", approved_by=SV, occurred_on=date(2025, 4, 13)), END)
    later = amended(events, Withdrawn(seq=14, reason="c", approved_by=SV), END + timedelta(days=9))
    at = datetime(END.year, END.month, END.day, 23, tzinfo=JST)
    assert [Effect.HOLDS] == [each.effect for each in step_of(explained(later, known_at=at), 3).amended_by]
    assert [Effect.WITHDRAWN] == [each.effect for each in step_of(explained(later), 3).amended_by]


def test_a_correction_of_neither_day_nor_content_is_told_so() -> None:
    """It is in words, and there is no event by which."""
    events = amended(story("S01"), Corrected(seq=3, reason="a", approved_by=SV), END)
    for lang, shown in (("ja", "日付も内容も変えない"), ("en", "changes nothing: neither a day nor a content")):
        steps = explanation_record(explained(events), lang=lang)["steps"]
        (told,) = next(step for step in steps if step["seq"] == 3)["amended_by"]
        assert ("nothing", shown, None) == (told["effect"], told["shown"], told["by"])


END = date(2025, 9, 1)


# What an event counts for ---------------------------------------------------------------------------------------------


@given(gone_astray({"S01": STORIES["S01"]}), st.data())
def test_what_an_event_counts_for_is_where_its_day_lies(events: list[Event], data: st.DataObject) -> None:
    """Corrected beyond the day asked about, it is there as written, with its day now, under a status of its own."""
    for _ in range(data.draw(st.integers(1, 4))):
        seq = data.draw(st.integers(1, len(events)))
        change: Corrected | Withdrawn = Withdrawn(seq=seq, reason="r", approved_by=SV)
        if data.draw(st.booleans()) and events[seq - 1].kind not in {"corrected", "withdrawn"}:
            day = data.draw(st.dates(date(2025, 3, 1), LONG_AFTER))
            change = Corrected(seq=seq, reason="r", approved_by=SV, occurred_on=day)
        events = amended(events, change, LONG_AFTER)
    as_of = data.draw(st.dates(date(2025, 4, 1), LONG_AFTER))
    found = explain(events, as_of=as_of, office=OFFICE)
    holding, gone = {event.seq: event for event in effective(events)}, taken_back(events)
    assert (found is None) == all(event.occurred_on > as_of for event in holding.values())
    told = {} if found is None else {step.event.seq: step for step in found.steps}
    for event in events if found is not None else ():
        now, written_late = holding.get(event.seq), event.occurred_on > as_of
        if event.kind in {"corrected", "withdrawn"}:
            expected = Status.WITHDRAWN if event.seq in gone else Status.AMENDING
        elif now is not None and now.occurred_on <= as_of:
            expected = Status.STANDS if now == event else Status.CORRECTED
        elif written_late:
            assert event.seq not in told
            continue
        else:
            expected = Status.WITHDRAWN if now is None else Status.MOVED
        step = told[event.seq]
        assert expected is step.status
        assert (now.occurred_on if now is not None and expected is Status.MOVED else None) == step.moved_to
        if expected is Status.MOVED:
            assert (event, None, ()) == (step.event, step.after, step.asked)


def test_the_day_to_which_an_event_was_moved_stands_in_the_record() -> None:
    """Beside the day that was written first."""
    moved = Corrected(seq=8, reason="a", approved_by=SV, occurred_on=date(2026, 12, 1))
    steps = explanation_record(explained(amended(story("S01"), moved, END)))["steps"]
    told = next(step for step in steps if step["seq"] == 8)
    day = story("S01")[7].occurred_on.isoformat()
    assert ("moved", day, "2026-12-01") == (told["status"], told["occurred_on"], told["moved_to"])
    assert [8] == [step["seq"] for step in steps if "moved_to" in step]


# Days between ---------------------------------------------------------------------------------------------------------


@given(amended_records())
def test_days_count_from_the_event_in_force_before(events: list[Event]) -> None:
    """Never from a record that was withdrawn, nor from a correction; the number of the event counted from is there."""
    found = explain(events, as_of=LONG_AFTER, office=OFFICE)
    assert found is not None
    before: Step | None = None
    for step in found.steps:
        assert step.since == (None if before is None else before.event.seq)
        day = step.event.occurred_on
        assert step.days_since == (None if before is None else (day - before.event.occurred_on).days)
        if step.status in (Status.STANDS, Status.CORRECTED):
            before = step
    told = [(step["since"], step["days_since"]) for step in explanation_record(found)["steps"]]
    assert told == [(step.since, step.days_since) for step in found.steps]


def test_a_visit_that_was_withdrawn_is_no_day_to_count_from() -> None:
    """Event 8 is withdrawn: the days to event 9 count from event 7."""
    plain = explained(story("S01"))
    steps = explained(amended(story("S01"), Withdrawn(seq=8, reason="twice", approved_by=SV), END)).steps
    seven, eight, nine = (next(step for step in plain.steps if step.event.seq == seq) for seq in (7, 8, 9))
    assert seven.event.occurred_on < eight.event.occurred_on < nine.event.occurred_on
    step = next(step for step in steps if step.event.seq == 9)
    assert (7, (nine.event.occurred_on - seven.event.occurred_on).days) == (step.since, step.days_since)
    assert attrs.asdict(nine)["days_since"] < (step.days_since or 0)
