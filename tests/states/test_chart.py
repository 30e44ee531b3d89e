"""The chart: rows become one machine, two drivers give one judgement, and nothing but the arguments decides."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuroflow.case import Case, Closing, Duty, Period
from shuroflow.clauses import load
from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event
from shuroflow.events import saitama as e
from shuroflow.states.chart import Edition
from shuroflow.states.editions import Programme
from shuroflow.states.judgement import Wording, show
from shuroflow.states.machine import Cursor
from shuroflow.states.office import Office
from shuroflow.states.rows import Row
from shuroflow.states.rule_table import RuleTable
from shuroflow.vocabulary import Basis, Role, State
from tests.states import tsushima_stories
from tests.states.saitama_stories import COURSE, STORIES, VISIT, course
from tests.states.story import (
    ES,
    NOTE,
    OBSERVATION,
    OFFICE,
    VIOLATION,
    Story,
    any_events,
    edition_of,
    gone_astray,
    programme_of,
    replay,
    snapshot,
)

ROOT = Path(__file__).parents[2]
PROGRAMMES = ("saitama", "tsushima")
HISTORIES = {
    "saitama": any_events("saitama") | gone_astray(STORIES),
    "tsushima": any_events("tsushima") | gone_astray(tsushima_stories.STORIES),
}


# Two drivers, one judgement -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("programme", PROGRAMMES)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_the_engine_and_the_judge_agree(programme: str, data: st.DataObject) -> None:
    """For any events in any state both drivers give the same judgement, and the engine moves where it is allowed to."""
    events = data.draw(HISTORIES[programme])
    edition = edition_of(programme)
    case = edition.new_case("case-1")
    for event in events:
        _agree(edition, case, event)
        edition.fold(case, event, OFFICE)


@pytest.mark.parametrize("name", STORIES)
def test_the_engine_and_the_judge_agree_on_real_courses(name: str) -> None:
    """The two drivers agree along every sample history too, where most events are allowed."""
    edition = edition_of("saitama")
    case = edition.new_case(name)
    for event in STORIES[name]():
        _agree(edition, case, event)
        edition.fold(case, event, OFFICE)


def _agree(edition: Edition, case: Case, event: Event) -> None:
    source = edition.source_of(case, event)
    judged = edition.judge(case, event, OFFICE)
    cursor = Cursor(case, event, OFFICE, source.value)
    assert judged == edition.drive(cursor)
    assert judged == cursor.judgement
    assert (judged.destination if judged.allowed else source).value == cursor.state
    assert source is judged.source


@pytest.mark.parametrize("programme", PROGRAMMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_judging_touches_nothing(programme: str, data: st.DataObject) -> None:
    """Judged twice, an event gets the same answer, and the case is as it was; so with the open items of any day."""
    events = data.draw(HISTORIES[programme])
    edition = edition_of(programme)
    case = edition.new_case("case-1")
    for event in events:
        before = snapshot(case)
        assert edition.judge(case, event, OFFICE) == edition.judge(case, event, OFFICE)
        assert edition.settle(case, event.occurred_on, OFFICE) == edition.settle(case, event.occurred_on, OFFICE)
        assert before == snapshot(case)
        edition.fold(case, event, OFFICE)
        assert before["version"] + 1 == case.version


@pytest.mark.parametrize("programme", PROGRAMMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_case_does_not_hear_of_another(programme: str, data: st.DataObject) -> None:
    """Judged in between the events of another case, a history gets the findings it gets alone."""
    one, other = data.draw(HISTORIES[programme]), data.draw(HISTORIES[programme])
    alone = replay(one)
    edition = edition_of(programme)
    cases = edition.new_case(one[0].case_id), edition.new_case("other")
    together = []
    for index in range(max(len(one), len(other))):
        for case, events in zip(cases, (one, other), strict=True):
            if index < len(events):
                judgement = edition.judge(case, events[index], OFFICE)
                edition.fold(case, events[index], OFFICE)
                if case is cases[0]:
                    together.append(judgement)
    assert list(alone.judgements) == together
    assert snapshot(alone.case) == snapshot(cases[0])


_TELL = """
import sys
from tests.states.saitama_stories import STORIES
from tests.states.story import replay

def tell():
    for name, story in STORIES.items():
        outcome = replay(story(), as_of="2026-11-21")
        for each in outcome.findings:
            yield "|".join((name, each.rule.code, str(each.seq), each.message("ja"), each.mend("en")))
        for judged in outcome.judgements:
            yield judged.explain("en")

first = list(tell())
def refuse(name, args):
    if name in {"open", "os.listdir", "socket.connect", "subprocess.Popen", "time.sleep"}:
        raise RuntimeError(f"{name}{args}")
sys.addaudithook(refuse)
assert first == list(tell())
sys.stdout.write("\\n".join(first))
"""


def test_nothing_but_the_arguments_decides() -> None:
    """Another place, clock zone, language and hash seed change no word, and no file is read on the way."""

    def tell(**surroundings: str) -> str:
        env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT), **surroundings}
        done = subprocess.run([sys.executable, "-c", _TELL], env=env, capture_output=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    here = tell(PYTHONHASHSEED="1", TZ="Asia/Tokyo", LANG="ja_JP.UTF-8")
    assert here == tell(PYTHONHASHSEED="2", TZ="Pacific/Honolulu", LANG="C")
    assert "S08|saitama.inform_unfinished|8|" in here


PURE = sorted(
    path
    for place in ("calendar.py", "clauses.py", "case.py", "events", "states")
    for path in ([ROOT / "src/shuroflow" / place] if "." in place else (ROOT / "src/shuroflow" / place).rglob("*.py"))
)


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT / "src/shuroflow")))
def test_the_core_asks_no_clock_and_no_surroundings(path: Path) -> None:
    """No module of the core names the time of day, the environment or a file of the user."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    named |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not named & {"today", "now", "utcnow", "environ", "getenv", "open", "time", "random", "os", "sys"}


# The machine --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_the_machine_has_no_door_that_skips_a_guard(programme: str) -> None:
    """One machine without models and without automatic ``to_<state>`` triggers; its events are those of the rows."""
    edition = edition_of(programme)
    assert edition.machine.models == []
    assert {row.event for row in edition.rows if row.sources} == set(edition.machine.events)
    assert [name for name in edition.machine.events if name.startswith("to_")] == []


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_every_guard_is_named_by_a_rule(programme: str) -> None:
    """A guard has a rule of its name, and what the 要綱 does not know has the rule that says so."""
    edition = edition_of(programme)
    for row in edition.rows:
        assert row.absent is None or row.absent in edition.table.rules
        for guard in row.guards:
            rule, written = edition.rule_of(guard, row), edition.table.rules[guard.__name__]
            assert written.code == rule.code
            assert (row.clause if written.of_row else written.clause) == rule.clause
            assert edition.clauses[rule.clause].citation == rule.citation


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_rows_of_one_event_and_source_exclude_each_other(programme: str) -> None:
    """Where two rows share an event and a source, each says when it is meant."""
    rows = edition_of(programme).rows
    for i, row in enumerate(rows):
        for other in rows[i + 1 :]:
            if row.event == other.event and row.sources & other.sources:
                assert row.when is not None
                assert other.when is not None


@pytest.mark.parametrize("programme", PROGRAMMES)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_diagram_shows_every_arrow(programme: str, lang: Any) -> None:
    """Each move of the rulebook is an arrow with its event and citation; what the text does not know is not drawn."""
    edition = edition_of(programme)
    drawn = [line.strip() for line in edition.mermaid(lang).splitlines()]
    assert drawn[0] == "stateDiagram-v2"
    arrows = [line for line in drawn if "-->" in line]
    assert len(set(arrows)) == len(arrows)
    moves = [
        (source, row.dest, f"{edition.event_label(row.event).render({}, lang)} {edition.clauses[row.clause].citation}")
        for row in edition.rows
        for source in row.sources
        if row.dest is not None and row.absent is None
    ]
    moves += [
        (lapse.source, lapse.dest, f"{lapse.label.render({}, lang)} {edition.clauses[lapse.clause].citation}")
        for lapse in edition.by_itself
    ]
    reached = {State.NEW}
    for _ in State:
        reached |= {dest for source, dest, _ in moves if source in reached}
    assert {
        f"{'[*]' if source is State.NEW else source.value} --> {dest.value}: {label}"
        for source, dest, label in moves
        if source in reached
    } == set(arrows)
    named = [line for line in drawn if line.startswith("state ")]
    assert {f'state "{state.label(lang)}" as {state.value}' for state in reached - {State.NEW}} == set(named)


# A small chart ------------------------------------------------------------------------------------------------------

_RULES = """
[event]
listed = { ja = "候補", en = "listing" }

[rule.out_of_place]
clause = "4(1)①"
severity = "violation"
blocks = true
says = { ja = "{event}は{state}ではできない({sources})", en = "{event}: not in {state} ({sources})" }
mend = { ja = "先の段階へ", en = "go on first" }

[rule.after_close]
clause = "4(4)"
severity = "violation"
blocks = true
says = { ja = "{event}は終わった後", en = "{event}: after the end" }
mend = { ja = "日付を見る", en = "look at the day" }

[rule.text_not_on_hand]
clause = "附則"
severity = "observation"
decision = "S-29"
once = true
says = { ja = "{on}は{from}より前", en = "{on} is before {from}" }
mend = { ja = "本文を見る", en = "look up the text" }

[rule.heavy]
clause = "4(1)②"
severity = "observation"
decision = "S-16"
blocks = true
override = true
says = { ja = "重い", en = "heavy" }
mend = { ja = "軽くする", en = "make it light" }

[rule.remark]
clause = "4(2)"
severity = "note"
decision = "S-17"
says = { ja = "{as_of}現在", en = "as of {as_of}" }
mend = { ja = "なし", en = "none" }

[duty.report]
clause = "6(2)"
while_open = "note"
when_overdue = "violation"
label = { ja = "報告", en = "report" }
says = { ja = "{arose}から{days}日({subject}、期限{due})", en = "{days} days since {arose} ({subject}, due {due})" }
mend = { ja = "報告する", en = "report" }

[duty.plan]
clause = "4(3)"
while_open = "observation"
when_closed = "violation"
decision = "S-14"
label = { ja = "計画", en = "plan" }
says = { ja = "計画がない", en = "no plan" }
mend = { ja = "立てる", en = "make one" }

[duty.quiet]
clause = "4(5)"
label = { ja = "静か", en = "quiet" }
says = { ja = "", en = "" }
mend = { ja = "", en = "" }
"""
for _name in ("out_of_place", "after_close"):
    _RULES += _RULES.partition(f"[rule.{_name}]")[1].replace(_name, f"{_name}_observed") + (
        '\nclause = "4(4)"\nseverity = "observation"\nblocks = true\n'
        'says = { ja = "{event}({state})", en = "{event} ({state})" }\nmend = { ja = "見る", en = "look" }\n'
    )


def heavy(case: Case, event: Event, office: Office) -> dict[str, Any] | None:
    """A guard that holds unless the reason of the listing is heavy."""
    return {} if event.data.reason == "heavy" else None


def _ends(case: Case, event: Event, office: Office) -> None:
    case.close(Closing(event.occurred_on, "4(4)"))


def _notes(case: Case, as_of: date, office: Office) -> Iterator[tuple[str, int, dict[str, Any]]]:
    yield "remark", case.version, {"as_of": as_of}


def small(since: date = date(2021, 4, 1)) -> Edition:
    """A chart of three states: listed into support, ended from there, visits in between."""
    clauses = load("saitama")
    return Edition(
        clauses=clauses,
        rules=RuleTable.parse(_RULES, clauses),
        rows=(
            Row("listed", "4(1)①", sources={State.NEW}, dest=State.IN_SUPPORT, guards=(heavy,)),
            Row("activity_recorded", "4(2)", sources={State.IN_SUPPORT}),
            Row("ended", "4(4)", sources={State.IN_SUPPORT}, dest=State.ENDED, fold=_ends),
            Row("advice_given", "4(7)前段", sources={State.ENDED}),
        ),
        ladder={State.IN_SUPPORT: "4(1)⑤"},
        in_force_from=since,
        new_case=lambda case_id: Case(case_id, "saitama"),
        settle=_notes,
    )


def _told(edition: Edition, story: Story) -> tuple[Case, list[list[str]]]:
    case = edition.new_case("case-1")
    spoken = []
    for event in story.events:
        judgement = edition.judge(case, event, OFFICE)
        spoken.append([finding.rule.code.partition(".")[2] for finding in judgement.findings])
        edition.fold(case, event, OFFICE)
    return case, spoken


def _begun() -> Story:
    return Story("saitama").on("2025-04-01", e.Listed())


def test_the_last_day_of_support_still_belongs_to_it() -> None:
    """What is written down after the end but happened on the last day, or before, is met by the state before it."""
    story = _begun().on("2025-06-20", e.Ended())
    for when in ("2025-05-01", "2025-06-20", "2025-06-21"):
        story.on(when, VISIT, by=ES)
    case, spoken = _told(small(), story)
    assert spoken == [[], [], [], [], ["after_close"]]
    assert State.ENDED is case.state
    assert State.IN_SUPPORT is case.closed_from


def test_what_belongs_to_the_closed_state_is_met_by_it() -> None:
    """An event whose place is the closed state itself is in place from the last day on."""
    story = _begun().on("2025-06-20", e.Ended()).on("2025-06-20", e.AdviceGiven(content="相談先"))
    assert _told(small(), story)[1] == [[], [], []]


def test_an_event_that_moves_is_met_by_the_state_it_finds() -> None:
    """A second end dated before the first one is out of place: only what moves nothing is let back in."""
    story = _begun().on("2025-06-20", e.Ended()).on("2025-06-19", e.Ended())
    assert _told(small(), story)[1] == [[], [], ["out_of_place"]]


def test_an_event_of_no_row_is_left_alone() -> None:
    """A correction is possible everywhere: it is applied before anything is folded and moves nothing."""
    story = _begun().on("2025-04-02", Corrected(seq=1, reason="誤記", approved_by=ES))
    case, spoken = _told(small(), story)
    assert spoken == [[], []]
    assert (case.state, case.version) == (State.IN_SUPPORT, 2)


def test_the_fold_follows_the_record() -> None:
    """A claimed move is made whether or not a rule forbids it, and the days of it are kept."""
    story = Story("saitama").on("2025-06-20", e.Ended()).on("2025-06-10", e.Listed(reason="heavy"))
    case, spoken = _told(small(), story)
    assert spoken != [["out_of_place"], ["after_close"]]
    assert State.IN_SUPPORT is case.state
    assert case.closing is None
    assert date(2025, 6, 20) == case.opened_on


def test_the_first_day_of_a_text() -> None:
    """Events before the text on hand are judged by it with a remark; those of its first day without."""
    first = date(2025, 4, 1)
    for when, expected in ((first - timedelta(days=1), ["text_not_on_hand"]), (first, [])):
        assert [expected] == _told(small(first), Story("saitama").on(when, e.Listed()))[1]


def test_a_programme_takes_the_edition_of_the_day() -> None:
    """Of two editions the later one rules from its first day on; the earlier one also before its own."""
    old, new = small(date(2021, 4, 1)), small(date(2025, 4, 1))
    programme = Programme(code="saitama", title_ja="要綱", title_en="guideline", editions=(old, new))
    assert old is programme.edition_on(date(2015, 1, 1))
    assert old is programme.edition_on(date(2025, 3, 31))
    assert new is programme.edition_on(date(2025, 4, 1)) is programme.current
    assert (programme.title(), programme.title("en")) == ("要綱", "guideline")


def test_a_host_can_listen_to_the_engine() -> None:
    """A callback hung on a transition is called when the engine lets an event pass, and only then."""
    edition, heard = small(), []
    (transition,) = edition.machine.get_transitions("listed")
    transition.add_callback("after", lambda data: heard.append(data.model.event.data.reason))
    for reason in ("light", "heavy"):
        event = Story("saitama").on("2025-04-01", e.Listed(reason=reason)).last
        edition.drive(Cursor(edition.new_case("c"), event, OFFICE, State.NEW.value))
    assert heard == ["light"]


def test_a_reason_overrides_only_what_may_be_overridden() -> None:
    """A blocking finding carries whether it refuses; the explanation of a refusal leaves out what does not block."""
    edition = small()
    judgement = edition.judge(
        edition.new_case("c"), Story("saitama").on("2020-04-01", e.Listed(reason="heavy")).last, OFFICE
    )
    assert not judgement.allowed
    assert [finding.rule.code for finding in judgement.blocking] == ["saitama.heavy"]
    assert judgement.explain() == "[要確認] 4(1): 重い(当ライブラリの読み方 S-16)\n    → 軽くする"
    assert judgement.explain("en") == "[to be confirmed] 4(1): heavy (our reading S-16)\n    → make it light"


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2025-03-31", []),
        ("2025-04-01", [NOTE]),
        ("2025-05-02", [NOTE]),
        ("2025-05-07", [NOTE]),
        ("2025-05-08", [VIOLATION]),
    ],
)
def test_a_duty_is_graded_by_the_day_asked_about(as_of: str, expected: list[Any]) -> None:
    """Open from the day it arose, overdue only after its last day, moved past the holidays where it was."""
    edition = small()
    case = edition.new_case("c")
    case.take_on(
        Duty("report", date(2025, 4, 1), 3, subject="請求1", due=date(2025, 5, 1), in_time_until=date(2025, 5, 7))
    )
    found = [each for each in edition.settle(case, date.fromisoformat(as_of), OFFICE) if "remark" not in each.rule.code]
    assert expected == [each.severity for each in found]
    for each in found:
        assert (3, date(2025, 5, 1), ("report", "請求1", 3)) == (each.seq, each.on, each.subject)
        assert "請求1、期限令和7年5月1日" in each.message()


def test_a_duty_is_done_by_its_subject_or_its_key() -> None:
    """A fold names what was done as before, by its subject; a duty with a key of its own is done by that key alone."""
    case = small().new_case("c")
    one, other = (Duty("report", date(2025, 4, 1), seq, subject="請求1") for seq in (3, 4))
    case.take_on(one)
    case.take_on(other, key="請求1#4")
    case.discharge("report", subject="請求1")
    assert [other] == list(case.duties.values())
    case.discharge("report", "請求1")
    assert [other] == list(case.duties.values())
    case.discharge("report", subject="請求1#4")
    assert {} == case.duties


def test_a_duty_is_graded_by_the_end_of_the_case() -> None:
    """What is 要確認 while the case runs, on our reading, becomes a 違反 by the text once it has closed."""
    edition = small()
    case, _ = _told(edition, _begun())
    case.take_on(Duty("plan", date(2025, 4, 1), 1))
    case.take_on(Duty("quiet", date(2025, 4, 1), 1))
    (running, _) = edition.settle(case, date(2025, 6, 1), OFFICE)
    assert (running.severity, running.rule.basis, running.rule.decision) == (OBSERVATION, Basis.DECISION, "S-14")
    edition.fold(case, _begun().on("2025-06-20", e.Ended()).last, OFFICE)
    (closed, remark) = edition.settle(case, date(2025, 6, 20), OFFICE)
    assert (closed.severity, closed.rule.basis, closed.clause) == (VIOLATION, Basis.TEXT, "4(3)")
    assert ("saitama.remark", date(2025, 6, 20)) == (remark.rule.code, remark.on)
    case.discharge("plan")
    case.discharge("plan")
    assert [remark] == list(edition.settle(case, date(2025, 6, 20), OFFICE))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('severity = "note"', 'severity = "violation"'), "rests on the text"),
        (("blocks = true\noverride", "override"), "can be overridden"),
        (('decision = "S-16"\n', ""), "can be overridden"),
        (("once = true", "twice = true"), "unknown key 'twice'"),
        (('says = { ja = "重い", en = "heavy" }', 'says = { ja = "重い" }'), "needs says.ja and says.en"),
        (('clause = "4(2)"', 'clause = "4(20)"'), "no clause '4(20)'"),
    ],
)
def test_a_faulty_table_is_refused(change: tuple[str, str], fault: str) -> None:
    """A rule that claims too much, is cut short or names no clause never comes to judge anybody."""
    assert change[0] in _RULES
    with pytest.raises(InputError, match=fault.replace("(", r"\(").replace(")", r"\)")):
        RuleTable.parse(_RULES.replace(*change), load("saitama"))


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (None, "記録なし", "not recorded"),
        (True, "はい", "yes"),
        (False, "いいえ", "no"),
        (date(2025, 4, 3), "令和7年4月3日", "2025-04-03"),
        (date(1873, 1, 1), "明治6年1月1日", "1873-01-01"),
        (date(1872, 12, 31), "1872-12-31", "1872-12-31"),
        (1234567, "1,234,567", "1,234,567"),
        (Fraction(458500, 3), "152,833", "152,833"),
        ((), "なし", "none"),
        ((Role.SUPERVISOR, Role.CASEWORKER), "査察指導員、ケースワーカー", "supervisor, caseworker"),
        (Wording(ja="選定", en="selection"), "選定", "selection"),
        ("神 {x}", "神 {x}", "神 {x}"),
    ],
)
def test_a_value_is_written_as_its_reader_writes_it(value: object, ja: str, en: str) -> None:
    """Era dates and labels for a Japanese reader, ISO dates and English labels for another; braces are only signs."""
    assert (ja, en) == (show(value, "ja"), show(value, "en"))


# Cases --------------------------------------------------------------------------------------------------------------


def test_a_case_covers_the_days_of_its_periods() -> None:
    """Both ends of a period belong to it; between two periods there is none, though the whole runs over it."""
    case = Case("c", "saitama")
    assert case.period is None
    assert not case.covers(date(2025, 4, 1))
    case.periods += [Period(date(2025, 4, 1), date(2025, 6, 30)), Period(date(2025, 7, 3), date(2025, 9, 30))]
    covered = [case.covers(date(2025, 4, 1) + timedelta(days=n)) for n in range(-1, 184)]
    assert [False, *[True] * 91, False, False, *[True] * 90, False] == covered
    assert Period(date(2025, 4, 1), date(2025, 9, 30)) == case.period


def test_the_first_closing_stands() -> None:
    """A second end does not overwrite how the case came to its first one."""
    case = Case("c", "saitama")
    case.close(Closing(date(2025, 6, 20), "4(4)"))
    case.close(Closing(date(2025, 7, 20), "6(2)", Basis.DECISION))
    assert Closing(date(2025, 6, 20), "4(4)") == case.closing_on(date(2025, 8, 1))


def test_a_step_of_the_course_is_a_step_of_the_chart() -> None:
    """The ordinary course runs through the machine's own engine from the first event to the last without a finding."""
    programme = programme_of("saitama")
    case, state = programme.current.new_case("case-1"), State.NEW.value
    for event in course().events:
        cursor = Cursor(case, event, OFFICE, state)
        judgement = programme.current.drive(cursor)
        assert (event.kind, ()) == (event.kind, judgement.findings)
        programme.current.fold(case, event, OFFICE)
        state = cursor.state
        assert state == case.state.value
    assert len(COURSE) == case.version
    assert attrs.evolve(case.periods[0]) == case.period
