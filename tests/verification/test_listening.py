"""Listening changes no answer, counts what any code asks of the judge, and leaves nothing behind."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import attrs
import pytest

from shuroflow import Caseload, Event, InputError, MemoryJournal, Refused
from shuroflow.audit import replay
from shuroflow.samples import SAMPLES
from shuroflow.states import Cursor, Edition, Office, programme
from shuroflow.storage.codec import encode
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.coverage import Coverage, Tally
from shuroflow.verification.listening import coverage_of, heard, recording, unheard
from shuroflow.verification.probes import course
from tests.states.saitama_stories import course as story

OFFICE = Office()
METHODS = ("judge", "findings", "drive", "fold", "settle")
FAR = date(2030, 1, 1)


def tally(coverage: Coverage, rule: str, clause: str | None = None) -> Tally:
    """What was seen of a rule, under its own clause or the one named."""
    code = rule.partition(".")[0]
    table = programme(code).current.table
    name = rule.partition(".")[2]
    home = clause or (table.rules[name] if name in table.rules else table.duties[name]).clause
    return coverage.tallies.get(code, {}).get((rule, home), Tally())


def times(found: Tally) -> tuple[int, int]:
    """Held and broken."""
    return found.holds, found.breaks


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_no_answer_changes(code: str) -> None:
    """The audit of every history of the corpus says the same with and without a listener."""
    histories = Corpus.of(code).histories
    alone = [replay(history, as_of=FAR) for history in histories]
    with recording() as coverage:
        listened = [replay(history, as_of=FAR) for history in histories]

    assert [each and each.findings for each in alone] == [each and each.findings for each in listened]
    assert coverage.tallies[code]


def test_nothing_stays_behind() -> None:
    """After the last listener, also one that an error threw out, the judge is as it was."""
    before = [vars(Edition)[name] for name in METHODS]
    listening = []
    with pytest.raises(ZeroDivisionError), recording(), recording():
        listening.append(heard() and 1 / 0)

    assert [] == listening
    assert before == [vars(Edition)[name] for name in METHODS]
    assert not heard()


def test_blocks_within_each_other_count_for_each() -> None:
    """The outer one hears all, the inner one its own part; an earlier count may be carried on."""
    history = story("consented").events
    with recording() as outer:
        replay(history, as_of=FAR)
        with recording() as inner:
            replay(history, as_of=FAR)
    with recording(inner):
        replay(history, as_of=FAR)

    assert (2, 0) == times(tally(outer, "saitama.listed_by_caseworker"))
    assert (2, 0) == times(tally(inner, "saitama.listed_by_caseworker"))


def test_what_is_only_planned_counts_for_nobody() -> None:
    """Questions in an ``unheard`` block, as the planner's are, leave no trace; another thread is still heard."""
    history = story("consented").events
    with recording() as coverage:
        course(history, OFFICE)
        assert {} == coverage.tallies
        with unheard():
            replay(history, as_of=FAR)
            other = threading.Thread(target=replay, args=(history,), kwargs={"as_of": FAR})
            other.start()
            other.join()

    assert (1, 0) == times(tally(coverage, "saitama.listed_by_caseworker"))


def test_a_guard_that_holds_and_one_that_does_not() -> None:
    """Every guard of the row that was met is counted: the broken one as broken, with its event, the others as held."""
    listed = story("listed").events[0]
    desk = Caseload(MemoryJournal(), clock=lambda: listed.recorded_at)
    by = story("selected").events[1].recorded_by
    with recording() as coverage:
        desk.open("case-1", "saitama", listed.data, on=listed.occurred_on, by=listed.recorded_by)
        selected = story("selected").events[1]
        early = date(2025, 4, 2)
        with pytest.raises(Refused) as refused:
            desk.record("case-1", selected.data, on=early, by=by)

    (finding,) = refused.value.findings
    broken = coverage.tallies["saitama"][finding.rule.code, finding.rule.clause]
    assert broken.breaks == 1
    assert broken.broken is not None
    assert ("case-1", 2, "selected", "2025-04-02") == (
        broken.broken.case_id,
        broken.broken.seq,
        broken.broken.event,
        broken.broken.on,
    )


def test_a_guard_that_does_not_apply_is_neither() -> None:
    """3(1): who is selected under ア keeps that item; イ was not kept by it, whoever puts the question."""
    listed, selected = story("selected").events
    edition, case = programme("saitama").current, programme("saitama").current.new_case("case-1")
    edition.fold(case, listed, OFFICE)
    with recording() as coverage:
        edition.judge(case, selected, OFFICE)
        edition.findings(case, selected, OFFICE)
        edition.drive(Cursor(case, selected, OFFICE, "candidate"))

    assert (3, 0) == times(tally(coverage, "saitama.target_class_a_facts"))
    assert (0, 0) == times(tally(coverage, "saitama.target_class_i_recognised"))
    assert ("saitama.class_i_reason", "3(1)イ") not in coverage.tallies["saitama"]


def test_the_chart() -> None:
    """In its place an event keeps the order; out of it, it breaks it under the clause of the step left out."""
    listed, selected, consented = story("consented").events
    with recording() as coverage:
        replay([listed, selected, consented], as_of=FAR)
        assert (3, 0) == times(tally(coverage, "saitama.out_of_place"))
        replay([listed, _numbered(consented, 2)], as_of=FAR)

    assert (4, 1) == times(tally(coverage, "saitama.out_of_place"))
    assert (2, 1) == times(tally(coverage, "saitama.out_of_place", "4(1)②"))
    assert (5, 0) == times(tally(coverage, "saitama.no_discontinuation"))


def _numbered(event: Event, seq: int) -> Event:
    return attrs.evolve(event, seq=seq)


def test_a_text_that_is_not_on_hand() -> None:
    """An event before the first text breaks that rule, any other keeps it."""
    first = programme("saitama").current.in_force_from
    (listed,) = story("listed").events
    with recording() as coverage:
        for day in (date(first.year - 1, 12, 31), first):
            replay([attrs.evolve(listed, occurred_on=day)], as_of=FAR)

    assert (1, 1) == times(tally(coverage, "saitama.text_not_on_hand"))


def test_duties_done_and_left_undone() -> None:
    """Done by an event, a duty is kept; open on the day asked about, past its time or without one, it is broken."""
    whole = story("ended").events
    without = [event for event in whole if event.kind not in {"evaluated", "ended"}]
    with recording() as coverage:
        replay(whole, as_of=FAR)
    done = times(tally(coverage, "saitama.evaluate")), times(tally(coverage, "saitama.extend_or_end"))
    with recording() as coverage:
        replay([_numbered(event, seq) for seq, event in enumerate(without, 1)], as_of=FAR)
    undone = times(tally(coverage, "saitama.evaluate")), times(tally(coverage, "saitama.extend_or_end"))

    assert ((1, 0), (1, 0)) == done
    assert ((0, 1), (0, 1)) == undone


def test_notes_of_a_day() -> None:
    """What only the day asked about brings is kept on a day that does not bring it."""
    history = story("support_started").events
    started = history[-1].occurred_on
    with recording() as coverage:
        replay(history, as_of=started)
        assert (1, 0) == times(tally(coverage, "saitama.period_lapsed"))
        replay(history, as_of=FAR)

    found = tally(coverage, "saitama.period_lapsed")
    assert (1, 1) == times(found)
    assert found.broken is not None
    assert (None, FAR.isoformat()) == (found.broken.event, found.broken.on)


def test_a_set_of_histories(tmp_path: Path) -> None:
    """Files are replayed case by case; what cannot be used is told and counts for nothing."""
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"".join(encode(_numbered(event, event.seq + 1)) + b"\n" for event in story("consented").events))
    seen: list[int] = []
    coverage, unusable = coverage_of([SAMPLES[0], bad], as_of=FAR, progress=lambda done, total: seen.append(done))
    alone, _ = coverage_of([SAMPLES[0]], as_of=FAR)

    assert alone == coverage
    assert [True] == [isinstance(error, InputError) and error.file == str(bad) for error in unusable]
    assert seen
    assert {"saitama"} == set(coverage.tallies)
