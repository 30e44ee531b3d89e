"""The programme beside the built-in ones: the table of clauses, the desk, the audit, the commands, and the kit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner
from hoshimino import guards
from hoshimino.case import HoshiminoCase, months_from
from hoshimino.events import Accepted, Extended, Supported
from hoshimino.examples import BEGUN, examples, history

from shuroflow import Caseload, Event, MemoryJournal, Office, Refused, State, programme, programme_codes, replay
from shuroflow.audit.answered import asked_of
from shuroflow.audit.questions import answering, audit_questions
from shuroflow.case import ONE_DAY
from shuroflow.cli import app
from shuroflow.errors import InputError
from shuroflow.storage.codec import encode
from shuroflow.verification.checking import check
from shuroflow.verification.compliance import PROFILES
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.coverage import Kind, Seen, by_clause
from shuroflow.verification.drivers import Answer, DeskDriver
from shuroflow.verification.listening import recording
from shuroflow.verification.paths import explore
from shuroflow.verification.testing import Compliance
from shuroflow.vocabulary import Enforcement

HOME = Path(__file__).resolve().parents[1]
QUICK = PROFILES["quick"]


def written(folder: Path, told: Sequence[Event]) -> Path:
    """A file of a case."""
    path = folder / "cases.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in told))
    return path


def call(*arguments: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(app, arguments, prog_name="shuroflow")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


# -- the text as data


def test_the_table_was_made_from_this_text() -> None:
    """The fingerprint in the table of clauses is that of TEXT.md, and each article of it stands in the table."""
    text = (HOME / "TEXT.md").read_bytes()
    clauses = programme("hoshimino").current.clauses

    assert sha256(text).hexdigest() == clauses.source_sha256
    assert {f"第{number}条" for number in range(1, 11)} == {
        each.id.partition("条")[0] + "条" for each in clauses if each.id != "附則"
    }


@pytest.mark.parametrize("kind", [Enforcement.GUARD, Enforcement.DUTY])
def test_the_clause_table_tells_what_the_code_does(kind: Enforcement) -> None:
    """A clause says guard or duty exactly where a rule or a duty serves it."""
    edition = programme("hoshimino").current
    table = edition.table.rules if kind is Enforcement.GUARD else edition.table.duties
    own = {rule.clause for rule in table.values()}

    assert own == {clause.id for clause in edition.clauses if kind in clause.enforced}


# -- the desk and the audit


def test_it_stands_beside_the_built_in_ones() -> None:
    """It is found by its entry point."""
    assert "hoshimino" in programme_codes()
    assert programme("hoshimino").title("en").startswith("Hoshimino")


def test_the_desk_refuses_with_the_clause() -> None:
    """Without consent the committee cannot accept; the refusal names the clause and the states as this text does."""
    told = history("case-1", BEGUN[0], BEGUN[2])
    desk = Caseload(MemoryJournal(), clock=lambda: told[-1].recorded_at)
    desk.open("case-1", "hoshimino", told[0].data, on=told[0].occurred_on, by=told[0].recorded_by)
    with pytest.raises(Refused) as refused:
        desk.record("case-1", told[1].data, on=told[1].occurred_on, by=told[1].recorded_by)

    (finding,) = refused.value.findings
    assert "第2条第1項第4号" == finding.clause
    assert "「支援決定」は「申込中」の段階では行えません(行える段階: 同意)" == finding.message()


def test_the_period_ends_by_itself() -> None:
    """第6条: six months from the first interview; the day after, the case has ended, and the outcome is due."""
    told = history("case-1", *BEGUN)
    desk = Caseload(MemoryJournal(), clock=lambda: told[-1].recorded_at)
    desk.journal.append("case-1", told, expected=0)
    last = desk.show("case-1", as_of=date(2025, 11, 11))
    after = desk.show("case-1", as_of=date(2025, 11, 12))

    assert (State.IN_SUPPORT, State.ENDED) == (last.state, after.state)
    assert [("confirm_outcome", date(2025, 12, 11))] == [(due.code, due.due) for due in after.duties]


def test_an_audit_finds_what_was_left_undone() -> None:
    """An application that nobody decided, by its clause, from the day after the last on."""
    (report, later) = (replay(history("case-1", BEGUN[0]), as_of=date(2025, 5, day)) for day in (7, 8))

    assert report is not None
    assert later is not None
    assert ([], ["第4条第3項"]) == (
        [finding.clause for finding in report.findings],
        [finding.clause for finding in later.findings],
    )


# -- the questions of an audit office


def asked(path: Path) -> dict[str, dict[str, int]]:
    """Under each question, the rules that were broken and how often."""
    told = json.loads(call("questions", str(path), "--as-of", "2026-03-01", "--format", "json"))
    return {each["question"]: each["programmes"][0]["rules"] for each in told["questions"]}


def test_each_rule_stands_under_its_questions(tmp_path: Path) -> None:
    """What names a question is under it, what names none under "other", and the chart's own rules under order."""
    alone = Accepted(committee=BEGUN[2][1].committee[:2])
    told = history("case-1", *BEGUN[:2], ("2025-04-24", alone), *BEGUN[3:], ("2025-12-01", Supported(content="電話")))
    found = asked(written(tmp_path, told))

    assert {"hoshimino.committee_complete": 1} == found["quorum"]
    assert {"hoshimino.after_close": 1} == found["papers"]
    assert {"hoshimino.confirm_outcome": 1} == found["other"]
    assert all(not rules for question, rules in found.items() if question not in {"quorum", "papers", "other"})


def test_the_denominator_is_of_the_events_at_which_it_is_asked() -> None:
    """A question is asked where a row asks a guard that names it; where a duty answers it, it is asked of all cases."""
    made = answering("hoshimino")

    assert {"accepted", "rejected", "extended"} == made.asked_at["quorum"]
    assert {"extended"} == made.asked_at["extension"]
    assert {"accepted", "rejected", "outcome_confirmed"} == made.judged_at["other"]
    assert (None, None, None) == (made.asked_at["other"], made.asked_at["notices"], made.asked_at["papers"])
    assert "all cases" == asked_of(next(each for each in audit_questions() if each.code == "other"), "hoshimino", "en")
    assert ("papers",) == made.questions_of("hoshimino.after_close", "supported")


def test_a_question_that_there_is_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the rule that names it, with those that there are."""
    edition = programme("hoshimino").current
    monkeypatch.setattr(edition, "table", attrs.evolve(edition.table, questions={"notify": ("notice",)}))
    monkeypatch.setattr("shuroflow.audit.questions._MADE", {})
    with pytest.raises(
        InputError, match=r"hoshimino\.notify\.questions: there is no question 'notice'; known: .*notices"
    ):
        answering("hoshimino")


# -- the command line


def test_the_commands_know_it(tmp_path: Path) -> None:
    """Overview, diagram, recording, what is next and what is due: the plug-in needs nothing of its own."""
    assert "hoshimino" in call("programmes")
    assert 'state "伴走中" as in_support' in call("programmes", "hoshimino", "--diagram", "--lang", "ja")
    file = str(tmp_path / "cases.jsonl")
    facts = json.dumps({"born_on": "2004-05-09", "resident": True, "working": False})
    told = call(
        *("record", file, "case-1", "applied", "--programme", "hoshimino", "--by", "officer:of-01"),
        *("--on", "2025-04-07", "--data", facts, "--lang", "ja"),
    )
    assert "申込み → 申込中" in told
    assert "第4条第3項" in call("due", file, "--on", "2025-05-01", "--lang", "ja")
    assert "同意 (consented)" in call("next", file, "case-1", "--on", "2025-04-10", "--lang", "ja")
    assert "第4条第3項" in call("audit", file, "--as-of", "2025-06-01", "--lang", "ja")


def test_a_journal_opens_in_a_fresh_python(tmp_path: Path, site: Path) -> None:
    """A program that names no programme reads a file of its events: the codec finds them by the entry point."""
    path = written(tmp_path, history("case-1", *BEGUN))
    code = f"from shuroflow import open_journal; print([e.kind for e in open_journal({str(path)!r}).read('case-1')])"
    paths = os.pathsep.join([str(site), str(HOME / "src"), *sys.path])
    made = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": paths},
    )

    assert "['applied', 'consented', 'accepted', 'notified', 'interviewed']" == made.stdout.strip()


# -- the kit


def test_the_examples_are_compliant_and_use_every_event() -> None:
    """They make a corpus, and every event of the programme is in one of them."""
    corpus = Corpus.of("hoshimino")

    assert len(list(examples())) == len(corpus.histories)
    assert {row.event for row in programme("hoshimino").current.rows} == {
        event.kind for told in corpus.histories for event in told
    }


def test_the_rulebook_is_sound() -> None:
    """Every path: nothing is out of reach, dead, in conflict or a trap; no support before consent, decision, notice."""
    before = {State.IN_SUPPORT: ("consented", "accepted", "notified"), State.EXTENDED: ("consented",)}
    report = explore("hoshimino", bound=3, needs=before)

    assert report.passed, report.text("en")
    assert () == report.notes
    assert report.counts.ways == report.counts.ways_walked


def test_the_command_explores_it() -> None:
    """The plug-in states what must have come before support on the command line."""
    told = call("paths", "hoshimino", "--needs", "in_support=consented,accepted,notified", "--lang", "en")

    assert "wrong: 0" in told
    assert 'before "being supported", decision to support: the chart has no other way' in told


class OneDayLong(DeskDriver):
    """A system that lets an extension run one day too long."""

    def record(self, event: Event) -> Answer:
        """Take an extension of three months and a day, as if it were of three months."""
        answer = super().record(event)
        if isinstance(event.data, Extended) and answer.clauses == ("第7条第2項",):
            case = self._desk.show(event.case_id, as_of=event.occurred_on).case
            assert isinstance(case, HoshiminoCase)
            assert case.end_on is not None
            latest = months_from(case.end_on + ONE_DAY, guards.EXTENSION_MONTHS, Office())
            if event.data.new_end == latest + ONE_DAY:
                return Answer(True)
        return answer


def test_the_desk_obeys_and_every_rule_is_met(compliance: Compliance) -> None:
    """The fixture of the pytest plug-in: our desk passes, and each guard and duty was seen to hold and seen broken."""
    with recording() as coverage:
        report = compliance.check(DeskDriver, "hoshimino", profile="quick")
    clauses = by_clause(coverage, programme("hoshimino").current)

    assert report.cases > 100
    assert set() == {
        rule.code
        for each in clauses
        for rule in each.rules
        if rule.kind in {Kind.GUARD, Kind.DUTY} and rule.seen is not Seen.BOTH
    }
    assert set() == {each.clause.id for each in clauses if each.rules and each.seen is not Seen.BOTH}


def test_an_extension_a_day_too_long_is_found() -> None:
    """By its clause, with a history that ends with the extension."""
    (found,) = check(OneDayLong, "hoshimino", profile=QUICK, most=1).differences

    assert ("accepts", "第7条第2項", "extended") == (found.what, found.clauses[0], found.history[-1].kind)
    assert ["applied", "consented", "accepted", "notified", "interviewed"] == [each.kind for each in found.history[:-1]]


def test_the_command_checks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``shuroflow check`` names the text and tells the counts by clause."""
    monkeypatch.chdir(tmp_path)
    told = call("check", "--programme", "hoshimino", "--profile", "quick", "--lang", "en", "--coverage")

    assert "  text: Hoshimino (an invented town): a companion on the way to work, from " in told
    assert "  extension_within_three_months  both" in told
    assert told.splitlines()[-1].startswith("No difference: ")
