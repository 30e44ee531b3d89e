"""The questions of an audit office: every rule has its place, every number is that of a plain count, nothing is new."""

from __future__ import annotations

import json
import tomllib
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
import pytest

from shuroflow.audit import histories, replay
from shuroflow.audit.answered import asked_of
from shuroflow.audit.asking import Answer, Asking
from shuroflow.audit.lateness import LATE_DAYS
from shuroflow.audit.questions import OTHER, answering, audit_questions
from shuroflow.audit.statistics import counts_of
from shuroflow.case import Duty
from shuroflow.cli.questioning import CODES, questions_command
from shuroflow.errors import InputError
from shuroflow.events import Event, Withdrawn
from shuroflow.events.saitama import AbolitionCause, AssistanceAbolished, Ended, EndedOutside, Extended, OutsideReason
from shuroflow.events.tsushima import TrialStarted, WorkplaceVisited
from shuroflow.simulation import caseload as simulated
from shuroflow.simulation import write as simulate
from shuroflow.states import Office, RuleTable, programme
from shuroflow.states.history import chronology, effective
from shuroflow.storage import caseindex
from shuroflow.vocabulary import Severity
from tests.audit.records import line, story, write
from tests.cli.calls import call
from tests.states import (
    saitama_witnesses,
    saitama_witnesses_edges,
    saitama_witnesses_later,
    tsushima_witnesses,
    tsushima_witnesses_later,
    tsushima_witnesses_money,
)
from tests.states.saitama_stories import course
from tests.states.story import CW, JST, SV, Story, Witness
from tests.states.tsushima_stories import ASSESSED, TRIAL, workplace
from tests.states.tsushima_stories import course as tsushima_course

AS_OF = date(2026, 11, 21)
FAR = date(2045, 1, 1)
PROGRAMMES = ("saitama", "tsushima")
DATA: dict[str, Any] = tomllib.loads(
    resources.files("shuroflow.audit").joinpath("questions.toml").read_text(encoding="utf-8")
)
CHART = ("out_of_place", "out_of_place_observed", "after_close", "after_close_observed")


def asked(path: Path, as_of: date = AS_OF, **options: Any) -> tuple[Asking, list[Answer]]:
    """Everything that a file answers; nothing in it is unusable."""
    asking = Asking(as_of=as_of, **options)
    answers = list(asking.answers(histories([path])))
    assert [] == [answer for answer in answers if isinstance(answer, InputError)]
    return asking, [answer for answer in answers if isinstance(answer, Answer)]


def listed(part: str, question: str, code: str) -> set[str]:
    """The rules that the data names for a question, those of the chart itself included."""
    table = next(each for each in DATA["question"] if each["code"] == question)
    return {*table.get(part, {}).get(code, ()), *table.get(part, {}).get("chart", ())}


# The data -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", PROGRAMMES)
def test_every_rule_has_its_place(code: str) -> None:
    """Each rule and duty of a text, and of the chart, is under a question or not asked with a reason, never both."""
    table = programme(code).current.table
    named = {name for each in DATA["question"] for name in listed("rules", each["code"], code)}
    left = {**DATA["not_asked"]["chart"], **DATA["not_asked"][code]}
    assert {*table.rules, *table.duties} == named | set(left)
    assert set() == named & set(left)
    assert all(reason["ja"] and reason["en"] for reason in left.values())
    also = {name for each in DATA["question"] for name in listed("also", each["code"], code)}
    assert also <= named
    made = answering(code)
    for name in named:
        assert {q["code"] for q in DATA["question"] if name in listed("rules", q["code"], code)} == set(
            made.rules[name]
        )
    assert set(left) == set(made.not_asked)


def test_the_eleven_questions() -> None:
    """Eleven questions and the rest, in the order of the command line; each programme has rules, counts or a reason."""
    questions = audit_questions()
    assert CODES == tuple(each.code for each in questions)
    assert 12 == len(questions)
    assert OTHER == questions[-1].code
    default = next(each.default for each in questions_command.params if each.name == "late_days")
    assert LATE_DAYS == default
    for question in questions[:-1]:
        for code in PROGRAMMES:
            answered = listed("rules", question.code, code) - set(CHART) or question.counts.get(code)
            assert bool(answered) or question.observed or code in question.silent, (question.code, code)
            assert not (answered and code in question.silent)
            assert set(question.counts.get(code, ())) <= {count.code for count in counts_of(code)}
            owed = question.owed.get(code)
            if owed is not None:
                assert owed.duty in programme(code).current.table.duties
                assert owed.unless in programme(code).current.table.rules


ASKED_OF: dict[tuple[str, str], str | None] = {
    ("saitama", "papers"): None,
    ("saitama", "eligibility"): ("selected support_started activity_recorded extended target_recognised training_used"),
    ("saitama", "quorum"): "selected extended conference_held",
    ("saitama", "goals"): "support_started goals_set evaluated goals_changed ended conference_held",
    ("saitama", "period"): "support_started activity_recorded training_used",
    ("saitama", "extension"): "support_started extended",
    ("saitama", "notices"): "declined assistance_abolished information_given",
    ("saitama", "money"): "",
    ("saitama", "lateness"): None,
    ("saitama", "roles"): None,
    ("saitama", "other"): "",
    ("tsushima", "papers"): None,
    ("tsushima", "eligibility"): "applied use_approved use_rejected discontinued",
    ("tsushima", "quorum"): "",
    ("tsushima", "goals"): "approval_notified use_started plan_made plan_reviewed activity_recorded",
    ("tsushima", "period"): (
        "approval_notified use_started activity_recorded workplace_visited trial_started attendance_recorded"
    ),
    ("tsushima", "extension"): "extended",
    ("tsushima", "notices"): (
        "use_approved approval_notified use_started use_rejected rejection_notified "
        "discontinued discontinuation_notified"
    ),
    ("tsushima", "money"): (
        "agreement_made workplace_visited trial_started attendance_recorded claim_received claim_returned claim_paid"
    ),
    ("tsushima", "lateness"): None,
    ("tsushima", "roles"): None,
    ("tsushima", "other"): "",
}
"""Which events make a case one of those asked, as the text has it; ``None``: all cases."""


@pytest.mark.parametrize(("code", "question"), list(ASKED_OF))
def test_at_which_events_it_is_asked(code: str, question: str) -> None:
    """The caption of the denominator names these events, and no other."""
    kinds = ASKED_OF[code, question]
    words = asked_of(next(each for each in audit_questions() if each.code == question), code, "en")
    if kinds is None:
        assert "all cases" == words
    elif not kinds:
        assert "no case: no rule of this text is asked here" == words
    else:
        named = {programme(code).current.event_label(kind).render({}, "en") for kind in kinds.split()}
        assert named == set(words.removeprefix("cases with any of these on record: ").split(", "))


def duties_of(events: Sequence[Event], office: Office) -> Iterator[tuple[str, str]]:
    """Each duty that comes about while the events of a history are folded, and the kind of event that brings it."""
    kind = programme(events[0].programme)
    case = kind.current.new_case(events[0].case_id)
    owed: dict[tuple[str, str], Duty] = {}
    for event in chronology(effective(events), kind.current):
        kind.edition_on(event.occurred_on).fold(case, event, office)
        yield from ((key[0], event.kind) for key, duty in case.duties.items() if owed.get(key) != duty)
        owed = dict(case.duties)


@pytest.mark.parametrize("code", PROGRAMMES)
def test_with_which_events_a_duty_arises(code: str) -> None:
    """Of every history at hand, each duty comes about with an event that the data names for it, and each is seen."""
    told = [(each.story.events, each.office) for each in all_witnesses(with_days=True)]
    told += [(events, Office()) for events in made_up()]
    estimated = attrs.evolve(ASSESSED, income_estimated=True)
    told += [(tsushima_course("use_approved", assessed=estimated).events, Office())]
    told += [(workplace("trial_started", coordination_recorded=None).events, Office())]
    told += [(workplace("coverage_arranged").on("2025-09-16", WorkplaceVisited(provider="bakery")).events, Office())]
    seen: dict[str, set[str]] = {}
    for events, office in told:
        for duty, event in duties_of(events, office) if events[0].programme == code else ():
            seen.setdefault(duty, set()).add(event)
    assert set(programme(code).current.table.duties) == set(seen)
    assert seen == {name: set(DATA["arises"][code][name]) for name in seen}


def made_up() -> list[list[Event]]:
    """Some made up cases, with faults."""
    cases: dict[str, list[Event]] = {}
    for event, _ in simulated(150, 9, 0.5):
        if event is not None:
            cases.setdefault(event.case_id, []).append(event)
    return list(cases.values())


def test_whatever_answers_is_of_a_case_that_is_asked() -> None:
    """Every finding of every history, on its own day and much later, is of a case with an event that is counted."""
    for witness in all_witnesses(with_days=True):
        code = witness.story.programme
        for as_of in (FAR, date.fromisoformat(witness.as_of or "2045-01-01")):
            report = replay(witness.story.events, as_of=as_of, office=witness.office)
            assert report is not None
            held = {event.kind for event in effective(witness.story.events, as_of=as_of)}
            kind_of = {event.seq: event.kind for event in witness.story.events}
            for finding in report.findings:
                for question in answering(code).questions_of(finding.rule.code, kind_of.get(finding.seq)):
                    kinds = ASKED_OF[code, question]
                    assert kinds is None or held & set(kinds.split()), (witness.id, finding.rule.code, question)


def test_a_note_makes_no_case_one_of_those_asked(tmp_path: Path) -> None:
    """Without an event that the caption names nobody was asked, whatever else there is to note of the case."""
    path = write(tmp_path / "a.jsonl", story("T01"), course("goals_set", case_id="new").events)
    asking, _ = asked(path, chosen=["extension"])
    assert {"tsushima": 0, "saitama": 0} == {code: tally.asked for (_, code), tally in asking.tallies.items()}
    extended = Story("saitama", "odd", events=course("goals_set", case_id="odd").events).on(
        "2025-06-02", Extended(consulted_on=date(2025, 6, 2), attendees=(SV, CW))
    )
    asking, _ = asked(write(tmp_path / "b.jsonl", extended.events), chosen=["quorum", "extension", "goals"])
    assert [1, 1, 1] == [tally.asked for tally in asking.tallies.values()]


@pytest.mark.parametrize("code", PROGRAMMES)
def test_what_the_denominator_counts_is_said(code: str) -> None:
    """Every question says in words, in both languages, which cases it is asked of."""
    for question in audit_questions():
        for lang in ("ja", "en"):
            words = asked_of(question, code, lang)  # type: ignore[arg-type]
            assert words
            kinds = answering(code).asked_at[question.code]
            for kind in () if question.observed or kinds is None else kinds:
                assert programme(code).current.event_label(kind).render({}, lang) in words  # type: ignore[arg-type]


# The findings ---------------------------------------------------------------------------------------------------------


def audited(path: Path) -> list[dict[str, Any]]:
    """The cases of the report of an audit."""
    result = call("audit", path, "--as-of", AS_OF, "--format", "json")
    assert result.exit_code in {0, 1}
    cases: list[dict[str, Any]] = json.loads(result.stdout)["cases"]
    return cases


def judged_at(question: str, code: str) -> set[str] | None:
    """The kinds of event at which the text asks a rule of the question, as the rows of the rulebook have them."""
    rules = listed("rules", question, code)
    if rules & set(CHART):
        return None
    rows = programme(code).current.rows
    table = next(each for each in DATA["question"] if each["code"] == question)
    asked = {row.event for row in rows if rules & {row.absent, *(guard.__name__ for guard in row.guards)}}
    return asked | set(table.get("at", {}).get(code, ()))


def recounted(path: Path) -> Iterator[tuple[str, str, str, Counter[str], set[str], dict[int, str]]]:
    """By loops over the report of an audit and the lines themselves: each case, its findings and its kinds of event."""
    kinds: dict[str, dict[int, str]] = {}
    for each in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(each)
        if told["occurred_on"] <= AS_OF.isoformat():
            kinds.setdefault(told["case_id"], {})[told["seq"]] = told["event"]
    for case in audited(path):
        code = case["programme"]
        of = kinds[case["case_id"]]
        for question in DATA["question"]:
            rules, also = listed("rules", question["code"], code), listed("also", question["code"], code)
            at = judged_at(question["code"], code)
            mine: Counter[str] = Counter()
            bad = set()
            for finding in case["findings"]:
                name = finding["rule"].partition(".")[2]
                if name in rules or (name in also and at is not None and of[finding["seq"]] in at):
                    mine[finding["rule"]] += 1
                    bad.add(finding["severity"])
            yield case["case_id"], code, question["code"], mine, bad, of


@pytest.fixture(scope="module", params=[3, 4])
def caseload(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made up caseload with many faults."""
    path = tmp_path_factory.mktemp("questions") / "cases.jsonl"
    simulate(120, request.param, 0.8, path)
    return path


def test_numbers_against_a_plain_count(caseload: Path) -> None:
    """Answers by rule, cases asked and cases found are those of a loop over the audit's report and the lines."""
    asking, _ = asked(caseload)
    rules: dict[tuple[str, str], Counter[str]] = {}
    asked_, found = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for _, code, question, mine, bad, of in recounted(caseload):
        rules.setdefault((question, code), Counter()).update(mine)
        if question != "effect":
            kinds = ASKED_OF[code, question]
            asked_[question, code] += kinds is None or not set(kinds.split()).isdisjoint(of.values())
        found[question, code] += bool(bad & {"violation", "observation"})
    by_rule = {key: +tally.rules for key, tally in asking.tallies.items()}
    assert {key: +count for key, count in rules.items()} == by_rule
    for (question, code), tally in asking.tallies.items():
        assert tally.found <= tally.asked
        if question == "effect":
            continue
        if question in {"lateness", "roles"}:
            assert asked_[question, code] == tally.asked
            continue
        assert (asked_[question, code], tally.found) == (tally.asked, tally.found)
        assert found[question, code] == tally.found


def test_no_finding_is_lost_and_none_is_new(caseload: Path) -> None:
    """Each finding of the audit stands once under each of its questions; the rest are those that are not asked."""
    asking, answers = asked(caseload)
    told = Counter((each.case_id, each.finding.rule.code, each.seq) for each in answers if each.finding is not None)
    all_of_them: Counter[tuple[str, str, int]] = Counter()
    severities: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for case in audited(caseload):
        code = case["programme"]
        for finding in case["findings"]:
            key = (case["case_id"], finding["rule"], finding["seq"])
            name = finding["rule"].partition(".")[2]
            under = [q["code"] for q in DATA["question"] if name in listed("rules", q["code"], code)]
            assert bool(under) != (name in answering(code).not_asked)
            if not under:
                left[finding["rule"]] += 1
            if under:
                all_of_them[key] += 1
                severities[finding["severity"]] += 1
                assert told[key] >= len(under) * all_of_them[key]
    assert set(all_of_them) == set(told)
    assert left == asking.not_asked.rules
    summary = asking.summary
    assert severities == Counter(violation=summary.violations, observation=summary.observations, note=summary.notes)


def all_witnesses(*, with_days: bool = False) -> list[Witness]:
    """Stories that break one rule each, of both programmes; ``with_days``: also those of the day asked about."""
    modules = (
        saitama_witnesses,
        saitama_witnesses_edges,
        saitama_witnesses_later,
        tsushima_witnesses,
        tsushima_witnesses_later,
        tsushima_witnesses_money,
    )
    return [each for module in modules for each in module.WITNESSES if with_days or (each.fails and not each.as_of)]


def test_every_rule_that_speaks_is_heard(tmp_path: Path) -> None:
    """Where an audit finds a rule broken, there is an answer under each question of that rule, in any office."""
    seen, heard = set(), set()
    for witness in all_witnesses():
        path = write(tmp_path / "one.jsonl", witness.story.events)
        _, answers = asked(path, FAR, office=witness.office, chosen=set(CODES) - {"effect"})
        report = replay(witness.story.events, as_of=FAR, office=witness.office)
        assert report is not None
        rule = f"{witness.story.programme}.{witness.rule}"
        if any(finding.rule.code == rule for finding in report.findings):
            under = {each.question for each in answers if each.finding and each.finding.rule.code == rule}
            assert set(answering(witness.story.programme).rules.get(witness.rule, ())) <= under, witness.id
            seen |= under
            heard.add(rule)
    assert {"papers", "eligibility", "quorum", "goals", "period", "extension", "notices", "money", "roles"} == seen
    assert len(heard) > 110


@pytest.mark.parametrize(
    ("question", "with_it", "without"),
    [
        ("papers", "S03", "S01"),
        ("eligibility", "T03", "T01"),
        ("quorum", "S02", "S01"),
        ("goals", "S06", "S01"),
        ("period", "S04", "S01"),
        ("period", "T08", "T01"),
        ("extension", "S05", "S01"),
        ("extension", "T09", "T01"),
        ("notices", "T04", "T01"),
        ("notices", "S08", "S01"),
        ("money", "T07", "T01"),
        ("effect", "S01", "S09"),
    ],
)
def test_each_question(tmp_path: Path, question: str, with_it: str, without: str) -> None:
    """Of two cases one answers the question, and the other does not; both are cases of the same programme."""
    path = write(tmp_path / "two.jsonl", story(with_it), story(without))
    asking, answers = asked(path, chosen=[question])
    graded = {Severity.NOTE} if question == "effect" else {Severity.VIOLATION, Severity.OBSERVATION}
    assert {with_it} == {answer.case_id for answer in answers if answer.severity in graded}
    assert [question] == list({answer.question for answer in answers})
    (tally,) = asking.tallies.values()
    assert 1 == tally.found


def test_support_after_the_close_is_support_outside_the_period(tmp_path: Path) -> None:
    """An event out of its place is a matter of order, and of the period only where it is support."""
    _, answers = asked(write(tmp_path / "a.jsonl", story("T08")))
    assert {"papers", "period"} == {each.question for each in answers if each.severity is Severity.VIOLATION}
    late = course().on("2025-08-20", story("S01")[10].data)  # an evaluation, once the case is closed
    _, answers = asked(write(tmp_path / "b.jsonl", late.events))
    assert {"papers"} == {each.question for each in answers if each.finding and each.seq == len(late.events)}


@pytest.mark.parametrize("support", [WorkplaceVisited(provider="bakery"), TRIAL])
@pytest.mark.parametrize("on", ["2026-04-02", "2025-06-25"])
def test_at_a_workplace_outside_the_period(tmp_path: Path, support: WorkplaceVisited | TrialStarted, on: str) -> None:
    """第8条第2項第3号: a visit or a work trial is support; after 31 March, or before use, it is outside the period."""
    told = tsushima_course("approval_notified", case_id="A").on(on, support)
    asking, answers = asked(write(tmp_path / "a.jsonl", told.events), chosen=["period"])
    outside = {"tsushima.after_close"} if on > "2026-03-31" else {"tsushima.out_of_place"}
    assert outside == {each.finding.rule.code for each in answers if each.finding and each.seq == told.last.seq}
    assert (1, 1) == (asking.tallies["period", "tsushima"].asked, asking.tallies["period", "tsushima"].found)


def test_at_a_workplace_within_the_period(tmp_path: Path) -> None:
    """There is nothing to tell of the ordinary work trial, nor of a visit during use."""
    told = workplace().on("2026-01-20", WorkplaceVisited(provider="bakery"))
    assert [] == asked(write(tmp_path / "a.jsonl", told.events), chosen=["period"])[1]


@pytest.mark.parametrize("days", [0, 1, 30, 76])
def test_goals_that_were_never_evaluated(tmp_path: Path, days: int) -> None:
    """4(3) sets no interval (S-14): a note with the days from the start of support, and no fault on any day."""
    begun = course("support_started", case_id="begun").events
    as_of = begun[-1].occurred_on + timedelta(days=days)
    asking, answers = asked(write(tmp_path / "a.jsonl", begun), as_of, chosen=["goals"])
    (answer,) = answers
    assert (Severity.NOTE, None, 6) == (answer.severity, answer.finding, answer.seq)
    assert f"({days} day{'' if days == 1 else 's'})" in answer.message("en")
    assert all("S-14" in answer.message(lang) for lang in ("ja", "en"))  # type: ignore[arg-type]
    assert (1, 0, 0) == (
        asking.tallies["goals", "saitama"].asked,
        asking.tallies["goals", "saitama"].found,
        asking.observed,
    )


def test_goals_whose_evaluation_is_owed_no_more(tmp_path: Path) -> None:
    """Evaluated, or out of support otherwise than by 4(4): nothing to tell; of an end by 4(4), the rule says it."""
    begun = course("support_started", case_id="A")
    died = begun.fork().on("2025-05-01", AssistanceAbolished(cause=AbolitionCause.DEATH))
    outside = begun.fork().on("2025-05-01", EndedOutside(reason=OutsideReason.DEATH))
    for name, told in (("died", died), ("outside", outside), ("evaluated", course("evaluated", case_id="A"))):
        _, answers = asked(write(tmp_path / f"{name}.jsonl", told.events), date(2025, 6, 30), chosen=["goals"])
        assert [] == [answer for answer in answers if answer.seen is not None]
    ended = course("ended", case_id="ended", evaluated=None).events
    _, answers = asked(write(tmp_path / "b.jsonl", ended), chosen=["goals"])
    assert ["saitama.goal_achieved"] == [each.finding and each.finding.rule.code for each in answers[:1]]
    assert all(each.seen is None for each in answers)


def test_what_was_withdrawn_is_in_no_denominator(tmp_path: Path) -> None:
    """An extension that was taken back was never there, unless the moment asked about is earlier."""
    told = Story("tsushima", "T01", events=story("T01")).on("2026-03-16", Extended())
    moment = datetime(2026, 3, 20, 9, tzinfo=JST)
    told.on("2026-03-20", Withdrawn(seq=told.last.seq, reason="slip", approved_by=SV), recorded_at=moment)
    path = write(tmp_path / "a.jsonl", told.events)
    now, _ = asked(path, chosen=["extension"])
    before, _ = asked(path, chosen=["extension"], known_at=moment - timedelta(seconds=1))
    assert [(0, 0)] == [(tally.asked, tally.found) for tally in now.tallies.values()]
    assert [(1, 1)] == [(tally.asked, tally.found) for tally in before.tallies.values()]


def test_a_question_that_there_is_not(tmp_path: Path) -> None:
    """It is an error at once, with those that there are."""
    with pytest.raises(InputError, match=r"there is no question 'moon'; known: papers, .*other"):
        Asking(as_of=AS_OF, chosen=["papers", "moon"])


def test_only_what_was_chosen_counts(tmp_path: Path) -> None:
    """A question that was not asked gives neither answers nor violations; the cases are the same."""
    path = write(tmp_path / "a.jsonl", story("S02"), story("S01"))
    asking, answers = asked(path, chosen=["period"])
    assert ([], 0, 2) == (answers, asking.summary.violations, asking.summary.cases)
    asking, answers = asked(path, chosen=["quorum"])
    assert (1, 1) == (len(answers), asking.summary.violations)


def test_a_case_that_began_later_is_counted_apart(tmp_path: Path) -> None:
    """It is in no denominator."""
    asking, answers = asked(write(tmp_path / "a.jsonl", story("S01")), date(2025, 4, 2))
    assert ([], {}, 1, 0) == (answers, asking.tallies, asking.summary.later, asking.summary.cases)


def test_a_case_that_cannot_be_folded_counts_nowhere(tmp_path: Path) -> None:
    """A correction of an event that is not there: the case is an error, and in no number."""
    events = story("S01")
    told = Story("saitama", "S01", events=events)
    told.on("2025-09-01", Withdrawn(seq=40, reason="slip", approved_by=SV))
    asking = Asking(as_of=AS_OF)
    (error,) = asking.answers(histories([write(tmp_path / "a.jsonl", told.events)]))
    assert isinstance(error, InputError)
    assert "S01" == error.case_id
    assert (1, 0, {}, {}) == (asking.summary.errors, asking.summary.cases, asking.tallies, asking.lateness.groups)


# A programme of one's own ---------------------------------------------------------------------------------------------


def test_a_rule_names_its_question() -> None:
    """``questions`` of a rule or duty is read with the table, and must be a list of codes."""
    clauses = programme("saitama").current.clauses
    rule = 'clause = "4(2)"\nseverity = "note"\nsays = {ja = "a", en = "a"}\nmend = {ja = "b", en = "b"}\n'
    duty = 'clause = "4(2)"\nlabel = {ja = "a", en = "a"}\n'
    one, three = 'questions = ["quorum", "papers"]\n', 'questions = ["goals"]\n'
    table = RuleTable.parse(f"[rule.one]\n{rule}{one}[rule.two]\n{rule}[duty.three]\n{duty}{three}", clauses)
    assert {"one": ("quorum", "papers"), "three": ("goals",)} == table.questions
    for wrong in ('"quorum"', "[1]", "true"):
        with pytest.raises(InputError, match="one: questions is no list of codes"):
            RuleTable.parse(f"[rule.one]\n{rule}questions = {wrong}\n", clauses)


# Memory ---------------------------------------------------------------------------------------------------------------


def test_memory_stays_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the cases, each with answers, take the memory of their index and no more: answers are not kept."""
    template = b"".join(line(event) for event in story("S02"))
    monkeypatch.setattr(caseindex, "_SMALL", 0)  # as a large file is read
    peaks = []
    for cases in (100, 1000):
        path = tmp_path / f"{cases}.jsonl"
        with path.open("wb") as file:
            for number in range(cases):
                file.write(template.replace(b'"case_id":"S02"', b'"case_id":"C%05d"' % number))
        for measured in (False, True):  # what is made once is not counted
            asking = Asking(as_of=AS_OF, late_days=0)
            if measured:
                tracemalloc.start()
            told = sum(1 for _ in asking.answers(histories([path])))
            if measured:
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
        assert told >= cases
        size = path.stat().st_size
    assert peaks[1] - peaks[0] < 900 * 600
    assert peaks[1] - peaks[0] < size / 4


def events_of(path: Path) -> list[Event]:
    """Every event of a file that is whole."""
    return [event for held in histories([path]) if not isinstance(held, InputError) for event in held.events]


@pytest.mark.parametrize("cause", list(AbolitionCause))
def test_a_death_is_no_effect(tmp_path: Path, cause: AbolitionCause) -> None:
    """The end of assistance is told with its cause, and not at all where that is the death of the person."""
    told = course("support_started", case_id="A").on("2025-05-01", AssistanceAbolished(cause=cause))
    asking, answers = asked(write(tmp_path / "a.jsonl", told.events), chosen=["effect"])
    by_own_work = cause is AbolitionCause.OWN_EMPLOYMENT
    died = cause is AbolitionCause.DEATH
    assert (1, int(not died)) == (asking.tallies["effect", "saitama"].asked, asking.tallies["effect", "saitama"].found)
    assert (not died) + by_own_work == len(answers)
    for lang in ("ja", "en"):
        messages = [answer.message(lang) for answer in answers]  # type: ignore[arg-type]
        assert died or any(cause.label(lang) in message for message in messages)  # type: ignore[arg-type]
    assert 1 == sum(each.numbers["abolished"] for each in asking.effect.tables.values())


@pytest.mark.parametrize(("as_of", "works"), [(date(2025, 6, 30), 0), (date(2025, 7, 1), 1)])
def test_work_that_has_not_begun_is_no_effect_yet(tmp_path: Path, as_of: date, works: int) -> None:
    """The end of support may name a first day of work to come: it is told, and counted, from that day."""
    told = course("evaluated", case_id="A").on("2025-06-20", Ended(employed_on=date(2025, 7, 1)))
    asking, answers = asked(write(tmp_path / "a.jsonl", told.events), as_of, chosen=["effect"])
    assert works == sum(each.numbers["employed"] for each in asking.effect.tables.values())
    assert works == sum(each.kind == "ended" for each in answers)


def test_what_came_of_no_support_is_no_effect(tmp_path: Path) -> None:
    """A case that was never under way is none of those asked, and nothing is told of it."""
    told = course("goals_set", case_id="A").on(
        "2025-05-01", AssistanceAbolished(cause=AbolitionCause.OWN_EMPLOYMENT, need=False)
    )
    asking, answers = asked(write(tmp_path / "a.jsonl", told.events), chosen=["effect"])
    tally = asking.tallies["effect", "saitama"]
    assert ([], 0, 0, 0) == (answers, tally.asked, tally.found, tally.severities.total())


def test_the_effect_is_that_of_the_statistics(caseload: Path) -> None:
    """Cases with work on record, of all years together, are those with such an event; none is counted twice."""
    asking, answers = asked(caseload, chosen=["effect"])
    employed = {each.case_id for each in events_of(caseload) if each.kind == "employment_started"}
    number = sum(each.numbers["employed"] for each in asking.effect.tables.values() if each.programme == "tsushima")
    told = [each for each in answers if each.programme == "tsushima" and each.kind == "employment_started"]
    assert len(employed) == number == len(told)
    assert [] == [each for each in answers if attrs.asdict(each)["finding"]]
