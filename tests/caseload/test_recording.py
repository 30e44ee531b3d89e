"""The live desk records: what passes is kept, what does not is refused whole, and nobody is written over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from shuroflow.audit.replay import replay
from shuroflow.caseload import Caseload, Entry, Recorded
from shuroflow.caseload import desk as desk_module
from shuroflow.errors import (
    CaseExists,
    CaseNotFound,
    Conflict,
    DuplicateKey,
    InputError,
    Refused,
    Unavailable,
    UnknownProgramme,
    Vetoed,
)
from shuroflow.events import Actor, Corrected, Event
from shuroflow.events import saitama as s
from shuroflow.events import tsushima as t
from shuroflow.states import programme
from shuroflow.states.history import case_of
from shuroflow.storage import MemoryJournal
from shuroflow.storage.journal import Appended
from shuroflow.vocabulary import Basis, Role, Severity, State
from tests.caseload.desk import CASE, OPENERS, PROGRAMMES, STORIES, desk_of, facts_of, force, opened, put, tell
from tests.states import saitama_stories, tsushima_stories
from tests.states.saitama_stories import BOTH, SELECTION, VISIT, course, results
from tests.states.story import CW, ES, JST, OFFICE, OFFICER, SV, snapshot

LISTED = s.Listed(reason="求職中")


def on(text: str) -> date:
    """An ISO day."""
    return date.fromisoformat(text)


# What passes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(("programme", "name"), [("saitama", "S01"), ("saitama", "S10"), ("tsushima", "T05")])
def test_every_journal_keeps_what_was_recorded(opener: str, programme: str, name: str, tmp_path: Path) -> None:
    """Step by step the desk says where the case stands; what is kept replays to the same, whatever keeps it."""
    with OPENERS[opener](tmp_path) as journal:
        desk = desk_of(journal)
        told = STORIES[programme][name]()
        for count, fact in enumerate(facts_of(told), 1):
            recorded = put(desk, programme, fact)
            assert (fact.data, fact.on, fact.by) == (
                recorded.event.data,
                recorded.event.occurred_on,
                recorded.event.recorded_by,
            )
            assert count == recorded.event.seq == recorded.case.version == journal.version(CASE)
            assert not recorded.duplicate
        kept = journal.read(CASE)
        assert [event.data for event in told] == [event.data for event in kept]
        report = replay(kept, as_of=on("2026-11-21"), office=OFFICE)
        assert report is not None
        assert recorded.case.state_on(on("2026-11-21")) is report.state
        assert desk.show(CASE, as_of=on("2026-11-21")).state is report.state


def test_what_was_recorded_says_who_and_when() -> None:
    """Moment, recorder, note and key of the record are those given; the moment comes from the clock passed in."""
    moment = datetime(2025, 4, 4, 8, 30, tzinfo=JST)
    desk = Caseload(MemoryJournal(), clock=lambda: moment)
    recorded = desk.open(CASE, "saitama", LISTED, on=on("2025-04-03"), by=CW, note="電話で", key="k-1")
    event = Event(CASE, 1, "saitama", "listed", on("2025-04-03"), moment, CW, LISTED, "電話で", "k-1")
    assert event == recorded.event
    assert (event,) == recorded.events
    assert [event] == desk.journal.read(CASE)
    (judgement,) = recorded.judgements
    assert (State.NEW, State.CANDIDATE) == (judgement.source, judgement.destination)
    assert State.CANDIDATE is recorded.case.state


def test_observations_ride_along() -> None:
    """What is only to be looked at again does not stop the record, and is told with it."""
    desk = opened("selected")
    oral = s.Consented(scope=BOTH, medium=s.Medium.ORAL)
    recorded = desk.record(CASE, oral, on=on("2025-04-14"), by=ES)
    assert [("saitama.consent_in_writing", Severity.OBSERVATION, 3)] == [
        (each.rule.code, each.severity, each.seq) for each in recorded.findings
    ]
    assert 3 == desk.journal.version(CASE)


def test_several_are_judged_one_upon_the_other() -> None:
    """What comes second in one record may rest on what comes first."""
    desk = opened("selected")
    steps = course("support_started").events[2:]
    entries = [Entry(payload=event.data, on=event.occurred_on) for event in steps]
    recorded = desk.record_all(CASE, entries, by=ES)
    assert [event.kind for event in steps] == [event.kind for event in recorded.events]
    assert [3, 4, 5, 6] == [event.seq for event in recorded.events]
    assert len(recorded.judgements) == len(steps)
    assert State.IN_SUPPORT is recorded.case.state
    assert list(recorded.events) == desk.journal.read(CASE)[2:]


@pytest.mark.parametrize("opener", OPENERS)
def test_all_or_none(opener: str, tmp_path: Path) -> None:
    """Where the last of several is refused, none of them is kept."""
    with OPENERS[opener](tmp_path) as journal:
        desk = opened("selected", journal)
        before = journal.read(CASE)
        entries = [
            Entry(payload=s.Consented(scope=BOTH), on=on("2025-04-14")),
            Entry(payload=s.SupportDecided(), on=on("2025-04-15")),
            Entry(payload=s.Extended(attendees=(SV, CW, ES)), on=on("2025-04-15")),
        ]
        with pytest.raises(Refused) as refused:
            desk.record_all(CASE, entries, by=CW)
        assert "extended" == refused.value.judgement.event.kind
        assert State.CONSENTED is refused.value.judgement.source
        assert before == journal.read(CASE)


def test_there_is_something_to_record() -> None:
    """An empty list of entries is a slip of the caller."""
    desk = opened("selected")
    with pytest.raises(InputError, match="nothing to record") as error:
        desk.record_all(CASE, (), by=CW)
    assert ("entries", CASE) == (error.value.field, error.value.case_id)
    assert 2 == desk.journal.version(CASE)


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opener", OPENERS)
def test_a_refusal_names_everything_at_once(opener: str, tmp_path: Path) -> None:
    """All unmet guards stand in one refusal, each with its clause, what was seen and what would mend it."""
    with OPENERS[opener](tmp_path) as journal:
        desk = opened("listed", journal)
        before = journal.read(CASE)
        wrong = attrs.evolve(SELECTION, attendees=(CW,), working=True, consulted_on=on("2025-04-01"))
        with pytest.raises(Refused) as caught:
            desk.record(CASE, wrong, on=on("2025-04-10"), by=CW)
        assert before == journal.read(CASE)
    refused = caught.value
    assert {
        ("saitama.three_parties_consulted", "4(1)"),
        ("saitama.target_class_a_facts", "3(1)ア"),
        ("saitama.selected_after_listing", "4(1)"),
    } == {(each.rule.code, each.clause) for each in refused.findings}
    assert refused.judgement.blocking == refused.findings
    missing = next(each for each in refused.findings if each.rule.code == "saitama.three_parties_consulted")
    assert [Role.SUPERVISOR, Role.SPECIALIST] == missing.values["missing"]
    for finding in refused.findings:
        assert finding.mend("ja") in refused.explain("ja")
        assert finding.message("en") in refused.explain("en")
    assert "査察指導員" in str(refused)
    assert refused.explain("ja") == str(refused)


def test_a_refused_opening_leaves_no_case() -> None:
    """A case that could not be opened is not there, and its id is free."""
    desk = desk_of()
    with pytest.raises(Refused):
        desk.open(CASE, "saitama", LISTED, on=on("2025-04-03"), by=ES)
    assert [] == list(desk.journal.cases())
    desk.open(CASE, "saitama", LISTED, on=on("2025-04-03"), by=CW)
    assert [CASE] == list(desk.journal.cases())


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_a_case_begins_at_the_beginning(programme: str) -> None:
    """Of all the events of a history only the first can open a case."""
    for name, story in STORIES[programme].items():
        first, *later = facts_of(story())
        for fact in later:
            with pytest.raises(Refused):
                desk_of().open(name, programme, fact.data, on=fact.on, by=fact.by)
        assert 1 == desk_of().open(name, programme, first.data, on=first.on, by=first.by).case.version


def test_judging_writes_nothing() -> None:
    """``judge`` says the same as ``record`` would, of what passes and of what does not, and keeps nothing."""
    desk = opened("selected")
    good, bad = s.Consented(scope=BOTH), s.Consented(scope=())
    told = desk.judge(CASE, good, on=on("2025-04-14"), by=ES)
    refused = desk.judge(CASE, bad, on=on("2025-04-14"), by=ES)
    assert 2 == desk.journal.version(CASE)
    assert told.allowed
    assert not refused.allowed
    with pytest.raises(Refused) as caught:
        desk.record(CASE, bad, on=on("2025-04-14"), by=ES)
    assert refused.findings == caught.value.judgement.findings
    (recorded,) = desk.record(CASE, good, on=on("2025-04-14"), by=ES).judgements
    assert (told.source, told.destination, told.findings) == (
        recorded.source,
        recorded.destination,
        recorded.findings,
    )


# A reason lets pass what rests on our reading, and nothing else -------------------------------------------------------


def test_a_reason_lets_our_reading_pass_and_is_kept() -> None:
    """A change of goals before the evaluation is refused; with a reason it is recorded, and the reason with it."""
    desk = opened("visit_1")
    change = s.GoalsChanged(
        goals=(saitama_stories.PART_TIME,), analysis="通勤が難しい", interview_on=on("2025-05-01"), understood=True
    )
    with pytest.raises(Refused) as refused:
        desk.record(CASE, change, on=on("2025-05-01"), by=ES)
    (finding,) = refused.value.findings
    assert ("saitama.change_after_evaluation", Basis.DECISION) == (finding.rule.code, finding.rule.basis)

    reasoned = attrs.evolve(change, override_reason="本人の申出による")
    recorded = desk.record(CASE, reasoned, on=on("2025-05-01"), by=ES)
    (finding,) = recorded.findings
    assert ("saitama.change_after_evaluation", "本人の申出による") == (finding.rule.code, finding.overridden)
    assert not finding.refuses
    assert "本人の申出による" in finding.message("ja")
    assert "本人の申出による" in finding.message("en")
    assert reasoned == desk.journal.read(CASE)[-1].data


def test_a_reason_lets_no_text_pass() -> None:
    """Whatever reason is given, what rests on the text stays refused."""
    desk = opened("visit_1")
    change = s.GoalsChanged(goals=(saitama_stories.PART_TIME,), understood=False, override_reason="急ぐため")
    with pytest.raises(Refused) as refused:
        desk.record(CASE, change, on=on("2025-05-01"), by=ES)
    assert ["saitama.goal_change_steps"] == [each.rule.code for each in refused.value.findings]
    assert "急ぐため" not in {each.overridden for each in refused.value.findings}
    ended = s.Ended(override_reason="本人の希望")
    with pytest.raises(Refused, match="4\\(4\\)"):
        desk.record(CASE, ended, on=on("2025-05-01"), by=CW)


def test_a_reason_in_the_other_programme() -> None:
    """対馬: a first day before the application passes with a reason only."""
    desk = desk_of()
    tell(desk, tsushima_stories.course("use_approved").events)
    early = t.ApprovalNotified(paper=tsushima_stories.paper("3"), start_on=on("2025-06-01"))
    with pytest.raises(Refused) as refused:
        desk.record(CASE, early, on=on("2025-06-20"), by=OFFICER)
    codes = [each.rule.code for each in refused.value.findings]
    assert "tsushima.start_after_application" in codes
    reasoned = attrs.evolve(early, override_reason="窓口の誤り")
    judgement = desk.judge(CASE, reasoned, on=on("2025-06-20"), by=OFFICER)
    overridden = [each.rule.code for each in judgement.findings if each.overridden]
    assert ["tsushima.start_after_application"] == overridden


# Nobody is written over ---------------------------------------------------------------------------------------------


class Overtaken(MemoryJournal):
    """A journal in which somebody else records between our reading and our writing."""

    def __init__(self, *between: Event) -> None:
        super().__init__()
        self.between = list(between)

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Let the other one go first."""
        for event in self.between:
            super().append(case_id, [event], expected=event.seq - 1, key=event.key)
        self.between.clear()
        return super().append(case_id, events, expected=expected, key=key)


def test_somebody_else_was_faster() -> None:
    """A record between our reading and our writing is a conflict; ours is not written, and works when tried again."""
    told = course("consented").events
    journal = Overtaken()
    desk = opened("selected", journal)
    journal.between = [told[2]]
    other = s.ApplicationResolved(result=s.ApplicationResult.GRANTED)
    with pytest.raises(Conflict) as conflict:
        desk.record(CASE, other, on=on("2025-04-14"), by=CW)
    assert (CASE, 2, 3) == (conflict.value.case_id, conflict.value.expected, conflict.value.actual)
    assert [event.data for event in told] == [event.data for event in journal.read(CASE)]
    assert 4 == desk.record(CASE, other, on=on("2025-04-14"), by=CW).event.seq


def test_somebody_else_opened_the_case() -> None:
    """Two open the same id at the same moment: the second hears that it is taken."""
    journal = Overtaken(course("listed").events[0])
    desk = desk_of(journal)
    with pytest.raises(CaseExists) as taken:
        desk.open(CASE, "saitama", s.Listed(reason="別の記録"), on=on("2025-04-03"), by=CW)
    assert CASE == taken.value.case_id
    assert 1 == journal.version(CASE)


def test_what_somebody_else_recorded_is_seen() -> None:
    """Two desks over one journal: what one records, the other judges by."""
    journal = MemoryJournal()
    one, two = desk_of(journal), desk_of(journal)
    for count, fact in enumerate(facts_of(STORIES["saitama"]["S01"]())):
        put((one, two)[count % 2], "saitama", fact)
    assert one.show(CASE, as_of=on("2026-01-01")).state is two.show(CASE, as_of=on("2026-01-01")).state
    force(journal, [course("visit_1").events[-1]])
    assert 1 + len(STORIES["saitama"]["S01"]()) == one.show(CASE, as_of=on("2026-01-01")).events[-1].seq


class RollingBack(MemoryJournal):
    """A journal in a transaction of the host, who rolls back what was recorded since it began."""

    def roll_back(self, size: int) -> None:
        """Nothing beyond the first ``size`` records was ever there."""
        self._records = self._records[:size]
        self._cases = {}
        for record in self._records:
            self._cases[record.event.case_id] = (*self._cases.get(record.event.case_id, ()), record)


@pytest.mark.parametrize("told_after", [0, 1, 2, 3])
def test_what_a_host_rolled_back_never_was(told_after: int) -> None:
    """A desk forgets what its host rolled back: what was judged on it is judged anew, whoever recorded since."""
    journal = RollingBack()
    desk, other = desk_of(journal), desk_of(journal)
    other.open("another", "saitama", s.Listed(reason="求職中"), on=on("2025-04-03"), by=CW)
    facts = facts_of(course("decided").events)
    for fact in facts:
        put(desk, "saitama", fact)
    journal.roll_back(2)
    for fact in facts[1 : 1 + told_after]:
        put(other, "saitama", fact)  # the clock of the other desk gives another moment
    on_record = journal.read(CASE)
    assert 1 + told_after == len(on_record)
    if told_after < 2:
        with pytest.raises(Refused):  # the consent that this needs was rolled back
            desk.record(CASE, s.SupportDecided(), on=on("2025-04-20"), by=CW)
        assert on_record == journal.read(CASE)
    for fact in facts[1 + told_after :]:
        recorded = put(desk, "saitama", fact)
        assert snapshot(case_of(journal.read(CASE), OFFICE)) == snapshot(recorded.case)
    assert len(facts) == journal.version(CASE)


def test_an_opening_that_was_rolled_back() -> None:
    """A case whose opening was rolled back can be opened again."""
    journal = RollingBack()
    desk = opened("listed", journal)
    journal.roll_back(0)
    assert 1 == put(desk, "saitama", facts_of(course("listed").events)[0]).event.seq


def test_the_record_names_what_it_was_judged_on() -> None:
    """Another event where the desk saw one stops the append, though the number of events is right."""
    told = course("selected").events

    class Replaced(RollingBack):
        """Between reading and writing, the last event becomes another one."""

        def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
            """Replace, then append."""
            if expected == 2:
                self.roll_back(1)
                super().append(case_id, [attrs.evolve(told[1], note="another")], expected=1)
            return super().append(case_id, events, expected=expected, key=key)

    journal = Replaced()
    desk = opened("selected", journal)
    with pytest.raises(Conflict, match="not the one that was read") as conflict:
        desk.record(CASE, s.Consented(scope=BOTH), on=on("2025-04-14"), by=ES)
    assert (2, 2) == (conflict.value.expected, conflict.value.actual)
    assert "another" == journal.read(CASE)[-1].note
    assert 2 == journal.version(CASE)


def test_a_commitment_goes_on_record() -> None:
    """A commitment to a paper kept apart is recorded with the event, and a malformed one is refused."""
    desk = opened("selected")
    given = "0123456789abcdef" * 4
    recorded = desk.record(CASE, s.Consented(scope=BOTH), on=on("2025-04-14"), by=ES, commitment=given)
    assert given == recorded.event.commitment
    assert given == desk.journal.read(CASE)[-1].commitment
    with pytest.raises(InputError, match="commitment"):
        desk.record(CASE, s.SupportDecided(), on=on("2025-04-15"), by=CW, commitment="no digest")


def test_more_cases_than_a_desk_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases told in turns, two desks among them, come to what each comes to alone, however few are remembered."""
    monkeypatch.setattr(desk_module, "KEPT_CASES", 2)
    journal = MemoryJournal()
    desks = (desk_of(journal), desk_of(journal))
    told = {name: course("ended", case_id=name).events for name in ("a", "b", "c", "d")}
    for count, events in enumerate(zip(*told.values(), strict=True)):
        for turn, (event, name) in enumerate(zip(events, told, strict=True)):
            fact = facts_of([event])[0]
            with pytest.raises(Refused):  # a refusal leaves no trace in what is remembered
                put(desks[count % 2], "saitama", attrs.evolve(fact, data=s.Discontinued()), case_id=name)
            recorded = put(desks[(count + turn) % 2], "saitama", fact, case_id=name)
            alone = case_of(journal.read(name), OFFICE)
            assert snapshot(alone) == snapshot(recorded.case)
    assert all(State.ENDED is desks[0].show(name, as_of=on("2025-07-01")).state for name in told)


# Keys, ids and values -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opener", OPENERS)
def test_a_key_records_once(opener: str, tmp_path: Path) -> None:
    """The same record under the same key is written once; the second answer is the first, and nobody is told again."""
    with OPENERS[opener](tmp_path) as journal:
        desk = opened("selected", journal)
        heard: list[Recorded] = []
        desk.subscribe(heard.append)
        consent = s.Consented(scope=BOTH)
        first = desk.record(CASE, consent, on=on("2025-04-14"), by=ES, key="form-7")
        again = desk.record(CASE, consent, on=on("2025-04-14"), by=ES, key="form-7")
        assert first.events == again.events
        assert (False, True) == (first.duplicate, again.duplicate)
        assert 3 == journal.version(CASE)
        assert [first] == heard
        desk.record(CASE, s.SupportDecided(), on=on("2025-04-15"), by=CW)
        late = desk.record(CASE, consent, on=on("2025-04-14"), by=ES, key="form-7")
        assert (first.events, True, 4) == (late.events, late.duplicate, late.case.version)
        with pytest.raises(DuplicateKey) as other:
            desk.record(CASE, s.SupportDecided(), on=on("2025-04-15"), by=CW, key="form-7")
        assert ("form-7", first.events) == (other.value.key, other.value.first)
        assert 4 == journal.version(CASE)


def test_an_opening_with_a_key_can_be_sent_again() -> None:
    """The answer to an opening may get lost on the way: sent again under its key it is no second case."""
    desk = desk_of()
    first = desk.open(CASE, "saitama", LISTED, on=on("2025-04-03"), by=CW, key="k")
    again = desk.open(CASE, "saitama", LISTED, on=on("2025-04-03"), by=CW, key="k")
    assert (first.events, True) == (again.events, again.duplicate)
    with pytest.raises(CaseExists):
        desk.open(CASE, "saitama", LISTED, on=on("2025-04-03"), by=CW, key="another")
    assert 1 == desk.journal.version(CASE)


def test_ids_that_are_taken_or_not_there() -> None:
    """A taken id cannot be opened; a case that is not there cannot be asked about."""
    desk = opened()
    with pytest.raises(CaseExists, match="case-1"):
        desk.open(CASE, "tsushima", tsushima_stories.APPLIED, on=on("2025-06-10"), by=OFFICER)
    day = on("2025-04-10")
    for ask in (
        lambda: desk.record("nobody", SELECTION, on=day, by=CW),
        lambda: desk.judge("nobody", SELECTION, on=day, by=CW),
        lambda: desk.next("nobody", on=day),
        lambda: desk.show("nobody", as_of=day),
        lambda: desk.record_all("nobody", [Entry(payload=SELECTION, on=day)], by=CW),
    ):
        with pytest.raises(CaseNotFound) as missing:
            ask()
        assert "nobody" == missing.value.case_id
    with pytest.raises(UnknownProgramme, match="nagasaki"):
        desk.open("case-2", "nagasaki", LISTED, on=day, by=CW)
    assert [CASE] == list(desk.journal.cases())


def test_a_payload_of_the_other_programme() -> None:
    """An event that both programmes know is taken in the case's own class only, and the message names it."""
    desk = opened("support_started")
    visit = tsushima_stories.ADVICE
    with pytest.raises(InputError, match=r"shuroflow\.events\.saitama\.ActivityRecorded") as error:
        desk.record(CASE, visit, on=on("2025-04-22"), by=ES)
    assert ("event", CASE) == (error.value.field, error.value.case_id)
    with pytest.raises(InputError, match="no event of programme 'saitama'"):
        desk.record(CASE, tsushima_stories.APPLIED, on=on("2025-04-22"), by=ES)
    with pytest.raises(TypeError, match="no event payload"):
        desk.record(CASE, {"reason": "x"}, on=on("2025-04-22"), by=ES)
    assert 6 == desk.journal.version(CASE)


def test_a_value_that_cannot_be_stored() -> None:
    """A wrong value is told by its path before any rule looks at it."""
    desk = opened("selected")
    with pytest.raises(InputError, match=r"data\.medium"):
        desk.record(CASE, s.Consented(scope=BOTH, medium="by telepathy"), on=on("2025-04-14"), by=ES)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"data\.attendees"):  # and not refused for those who did not attend
        desk.record(CASE, attrs.evolve(SELECTION, attendees=("sv-01",)), on=on("2025-04-14"), by=CW)
    with pytest.raises(InputError, match="recorded_by"):
        desk.record(CASE, s.Consented(scope=BOTH), on=on("2025-04-14"), by=Actor("", Role.CASEWORKER))
    assert 2 == desk.journal.version(CASE)


def test_a_clock_without_offset() -> None:
    """A moment that does not say where it was is not written down."""
    desk = Caseload(MemoryJournal(), clock=lambda: datetime(2025, 4, 3, 9))  # noqa: DTZ001
    with pytest.raises(InputError, match="offset") as error:
        desk.open(CASE, "saitama", LISTED, on=on("2025-04-03"), by=CW)
    assert "recorded_at" == error.value.field
    assert [] == list(desk.journal.cases())


# Who is told --------------------------------------------------------------------------------------------------------


def test_subscribers_hear_after_the_commit() -> None:
    """Each subscriber is called in turn once the record can be read, and not for a refusal or a conflict."""
    journal = Overtaken()
    desk = opened("selected", journal)
    heard: list[Any] = []
    desk.subscribe(lambda recorded: heard.append((1, recorded.event.seq, journal.version(CASE))))
    desk.subscribe(lambda recorded: heard.append((2, recorded.event.seq, journal.version(CASE))))
    desk.judge(CASE, s.Consented(scope=BOTH), on=on("2025-04-14"), by=ES)
    with pytest.raises(Refused):
        desk.record(CASE, s.Ended(), on=on("2025-04-14"), by=ES)
    journal.between = [course("consented").events[2]]
    with pytest.raises(Conflict):
        desk.record(CASE, s.Consented(scope=BOTH), on=on("2025-04-14"), by=ES)
    assert [] == heard
    recorded = desk.record(CASE, s.SupportDecided(), on=on("2025-04-15"), by=CW)
    assert [(1, 4, 4), (2, 4, 4)] == heard
    assert 4 == recorded.event.seq


def test_a_subscriber_that_fails_undoes_nothing() -> None:
    """The record stands, whatever a subscriber makes of it."""
    desk = opened("selected")

    def broken(_recorded: Recorded) -> None:
        raise RuntimeError("no printer")

    desk.subscribe(broken)
    with pytest.raises(RuntimeError, match="no printer"):
        desk.record(CASE, s.Consented(scope=BOTH), on=on("2025-04-14"), by=ES)
    assert 3 == desk.journal.version(CASE)


class Failing(MemoryJournal):
    """A journal that cannot be written any more."""

    full = False

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Fail once the disk is full."""
        if self.full:
            raise Unavailable("no space left", where="cases.jsonl")
        return super().append(case_id, events, expected=expected, key=key)


def test_a_store_that_fails() -> None:
    """What could not be written was not recorded: the error comes through, nobody is told, and it works later."""
    journal = Failing()
    desk = opened("selected", journal)
    heard: list[Recorded] = []
    desk.subscribe(heard.append)
    journal.full = True
    with pytest.raises(Unavailable):
        desk.record(CASE, s.Consented(scope=BOTH), on=on("2025-04-14"), by=ES)
    assert [] == heard
    journal.full = False
    assert State.SELECTED is desk.show(CASE, as_of=on("2025-04-14")).state
    recorded = desk.record(CASE, s.Consented(scope=BOTH), on=on("2025-04-14"), by=ES)
    assert (3, [recorded]) == (recorded.event.seq, heard)


def test_the_desk_judges_by_what_it_recorded() -> None:
    """The end is refused until an evaluation says that the goals were achieved, and passes from then on."""
    desk = opened("visit_2")
    with pytest.raises(Refused):
        desk.record(CASE, s.Ended(), on=on("2025-06-20"), by=CW)
    desk.record(CASE, s.Evaluated(results=results(), by=ES), on=on("2025-06-17"), by=ES)
    assert State.ENDED is desk.record(CASE, s.Ended(), on=on("2025-06-20"), by=CW).case.state


def test_the_same_record_was_faster() -> None:
    """Sent twice at the same moment under one key: the second hears of the first, and nobody is told again."""
    journal = Overtaken()
    desk = opened("selected", journal)
    heard: list[Recorded] = []
    desk.subscribe(heard.append)
    consent = s.Consented(scope=BOTH)
    other = attrs.evolve(course("consented").last, data=consent, key="form-7", recorded_by=ES)
    journal.between = [other]
    late = desk.record(CASE, consent, on=on("2025-04-14"), by=ES, key="form-7")
    assert (journal.read(CASE)[-1:], True, []) == (list(late.events), late.duplicate, heard)
    assert (other.recorded_at, other.data) == (late.event.recorded_at, late.event.data)
    assert (3, State.CONSENTED) == (late.case.version, late.case.state)
    assert 4 == desk.record(CASE, s.SupportDecided(), on=on("2025-04-15"), by=CW).event.seq


def test_a_correction_stays_as_it_was_written() -> None:
    """What the caller does with the parts of a payload afterwards changes nothing on record nor at the desk."""
    desk = opened("visit_1")
    data = {"kind": "consultation", "mode": "office_interview"}
    fix = Corrected(seq=7, reason="面接の誤記", approved_by=SV, data=data)
    desk.record(CASE, fix, on=on("2025-05-01"), by=CW)
    data["mode"] = "by telepathy"
    recorded = desk.record(CASE, VISIT, on=on("2025-05-02"), by=ES)
    assert 2 == recorded.case.contacts
    assert "office_interview" == desk.journal.read(CASE)[7].data.data["mode"]


def test_a_condition_of_the_host_stops_a_record() -> None:
    """What the rules allow and the host's own condition does not is not recorded, and says so."""
    desk = opened("listed")
    edition = programme("saitama").current
    (ruled,) = edition.machine.events["selected"].transitions["candidate"]
    ruled.conditions.append(ruled.condition_cls(lambda event_data: False))
    try:
        with pytest.raises(Vetoed):
            desk.record(CASE, SELECTION, on=on("2025-04-10"), by=CW)
    finally:
        ruled.conditions.clear()
    assert 1 == desk.journal.version(CASE)
    assert 2 == desk.record(CASE, SELECTION, on=on("2025-04-10"), by=CW).event.seq


def test_nothing_is_recorded_before_it_happens() -> None:
    """The day of recording will do; the day after it is one clear error and changes nothing."""
    moment = datetime(2025, 4, 3, 23, 59, tzinfo=JST)
    desk = Caseload(MemoryJournal(), clock=lambda: moment)
    with pytest.raises(InputError, match="lies after 2025-04-03") as error:
        desk.open(CASE, "saitama", LISTED, on=on("2025-04-04"), by=CW)
    assert ("occurred_on", 0) == (error.value.field, desk.journal.version(CASE))
    assert 1 == desk.open(CASE, "saitama", LISTED, on=on("2025-04-03"), by=CW).event.seq


@pytest.mark.parametrize("given", [datetime(2025, 4, 14), "2025-04-14"])  # noqa: DTZ001 - that it is none is the point
def test_a_day_is_a_date(given: Any) -> None:
    """A moment or a text in place of a day is an error of input that says so."""
    desk = opened("selected")
    with pytest.raises(InputError, match="expected a date") as caught:
        desk.record(CASE, s.Consented(scope=BOTH), on=given, by=ES)
    assert "occurred_on" == caught.value.field
