"""Coverage by clause: every enforced clause is seen kept and broken by our own corpus and suite, and what is told."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from shuroflow.audit import replay
from shuroflow.states import Office, Settings, programme
from shuroflow.verification.compliance import PROFILES, sweep
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.coverage import (
    ClauseCoverage,
    Coverage,
    Kind,
    Seen,
    Witness,
    by_clause,
    coverage_line,
    coverage_record,
    coverage_text,
    seen_lines,
)
from shuroflow.verification.drivers import DeskDriver
from shuroflow.verification.listening import recording
from shuroflow.vocabulary import Enforcement
from tests.states import (
    saitama_witnesses,
    saitama_witnesses_later,
    tsushima_witnesses,
    tsushima_witnesses_later,
    tsushima_witnesses_money,
)
from tests.states.story import AS_OF
from tests.states.story import replay as told

SUITE = {
    "saitama": [*saitama_witnesses.WITNESSES, *saitama_witnesses_later.WITNESSES],
    "tsushima": [
        *tsushima_witnesses.WITNESSES,
        *tsushima_witnesses_later.WITNESSES,
        *tsushima_witnesses_money.WITNESSES,
    ],
}
NEVER_HOLD = {
    "saitama.end_known_to_the_text": "every end outside the text is one the text does not know",
    "saitama.suspension_goes_on": "says of every suspension that the case goes on",
    "saitama.abolished_before_support": "speaks of everyone selected before assistance ended, and reaches nobody else",
    "tsushima.prior_use_counted": "counts the months of earlier use, and reaches nobody without them",
}
"""Rules that speak of every event they reach: of another they hold nothing, for it is none of theirs."""

STRICT = Settings(contact_gap_days=14, review_interval_days=60)
"""The settings without which some rules never speak."""

OUT_OF_REACH = {
    # By its day such an event comes before the step it has to follow, and the chart refuses it first.
    "saitama.support_after_consent",
    "tsushima.notified_after_decision",
    # It speaks only in an office that uses the national tables, and there of every decision.
    "tsushima.text_standard_used",
    # It holds only where somebody has verified the figures for the city; those that come with the library are not.
    "tsushima.figures_verified",
}
"""Rules that no event at an edge of a compliant history shows both ways; the suite's own stories do."""


def names(clauses: Iterable[ClauseCoverage]) -> set[str]:
    """The rules of some clauses that were not seen both ways, those of the chart under borrowed clauses left out."""
    return {
        rule.code
        for each in clauses
        for rule in each.missing
        if rule.kind is not Kind.CHART or rule.code.partition(".")[2].startswith("no_")
    }


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_the_suite_keeps_and_breaks_every_rule_of_every_clause(code: str) -> None:
    """Our stories and our corpus: each rule and duty has a passing and a failing witness under its clause."""
    with recording() as coverage:
        for witness in SUITE[code]:
            told(witness.story, as_of=witness.as_of or AS_OF, office=witness.office)
        for history in Corpus.of(code).histories:
            for day in {event.occurred_on for event in history}:
                replay(history, as_of=day, office=Office(settings=STRICT))
    clauses = by_clause(coverage, programme(code).current)

    assert {each.clause.id for each in clauses if each.rules} == {
        each.clause.id for each in clauses if each.seen is Seen.BOTH
    }
    assert set() == names(clauses) - set(NEVER_HOLD)


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_the_corpus_and_its_edges_keep_and_break_every_clause(code: str) -> None:
    """What a check puts to a system: every enforced clause is met with both answers, nearly every rule too."""
    office = Office(settings=STRICT)
    with recording() as coverage:
        report = sweep(lambda: DeskDriver(office), Corpus.of(code), office=office, profile=PROFILES["quick"])
    clauses = by_clause(coverage, programme(code).current)

    assert [] == report.differences
    assert set() == {each.clause.id for each in clauses if each.rules and each.seen is not Seen.BOTH}
    assert set() == names(clauses) - set(NEVER_HOLD) - OUT_OF_REACH


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_every_clause_has_its_row(code: str) -> None:
    """All rows of the table are there, in its order; those with a guard or duty have rules, and no others."""
    edition = programme(code).current
    clauses = by_clause(Coverage(), edition)

    assert [clause.id for clause in edition.clauses] == [each.clause.id for each in clauses]
    assert {"saitama": 29, "tsushima": 49}[code] == len(clauses)
    enforced = {Enforcement.GUARD, Enforcement.DUTY}
    assert {each.clause.id for each in clauses if each.rules} == {
        clause.id for clause in edition.clauses if enforced & set(clause.enforced)
    }
    assert {Seen.NEITHER, Seen.NO_RULE} == {each.seen for each in clauses}
    rules = {rule.code for each in clauses for rule in each.rules}
    assert {f"{code}.{name}" for name in (*edition.table.rules, *edition.table.duties)} == rules


def test_what_binds_nobody_is_told_apart() -> None:
    """A permission without a rule, a definition, and a clause that is enforced and was not met are three things."""
    found = {each.clause.id: each for each in by_clause(Coverage(), programme("saitama").current)}

    assert (False, Seen.NO_RULE) == (found["4(7)前段"].binds, found["4(7)前段"].seen)
    assert (False, Seen.NO_RULE) == (found["1"].binds, found["1"].seen)
    assert (True, Seen.NO_RULE) == (found["3(2)前段"].binds, found["3(2)前段"].seen)
    assert Seen.NEITHER is found["4(5)"].seen
    lines = coverage_text(Coverage(), "saitama", lang="en").splitlines()
    assert "  definition (binds nobody): 1, 2" in lines
    assert "  record: 3(2)前段" in lines
    assert ["4(5)", "not", "seen", "0", "0", "0/7"] == next(x for x in lines if x.startswith("4(5) ")).split()[:6]


def seen_once() -> Coverage:
    """One rule seen to hold once and broken twice, another only held, and one of a clause that has it not."""
    coverage = Coverage()
    held, broken = (Witness("case-1", seq, "support_started", f"2025-04-1{seq}") for seq in (1, 2))
    period, start = ("saitama.basic_period", "4(5)"), ("saitama.start_day_recorded", "4(5)")
    coverage.note("saitama", period, held, holds=True)
    coverage.note("saitama", period, broken, holds=False)
    coverage.note("saitama", period, held, holds=False)
    coverage.note("saitama", start, held, holds=True)
    coverage.note("saitama", ("saitama.out_of_place", "6(2)"), broken, holds=False)
    coverage.note("saitama", ("saitama.out_of_place", "6(1)"), held, holds=True)
    return coverage


def test_counts_and_first_examples() -> None:
    """Each rule is counted both ways and keeps the first example of each; the clause adds its rules up."""
    found = {each.clause.id: each for each in by_clause(seen_once(), programme("saitama").current)}
    rules = {rule.code: rule for rule in found["4(5)"].rules}
    period = rules["saitama.basic_period"]

    assert (2, 2, Seen.BOTH) == (found["4(5)"].holds, found["4(5)"].breaks, found["4(5)"].seen)
    assert (1, 2, Seen.BOTH) == (period.tally.holds, period.tally.breaks, period.seen)
    assert ("2025-04-11", "2025-04-12") == (period.tally.held.on, period.tally.broken.on)  # type: ignore[union-attr]
    assert Seen.HOLDS is rules["saitama.start_day_recorded"].seen
    assert Kind.DUTY is rules["saitama.extend_or_end"].kind
    assert period not in found["4(5)"].missing


def test_the_chart_serves_the_clause_for_whose_sake_it_refused() -> None:
    """Its rule stands under a clause that it was broken for, and not under one that it only held for."""
    found = {each.clause.id: each for each in by_clause(seen_once(), programme("saitama").current)}

    assert "saitama.out_of_place" in {rule.code for rule in found["6(2)"].rules}
    assert "saitama.out_of_place" not in {rule.code for rule in found["6(1)"].rules}


def test_coverage_of_processes_is_added_up() -> None:
    """What one process dumps another loads and adds; the first example stays."""
    one = seen_once()
    one.add(Coverage.load(json.loads(json.dumps(seen_once().dump()))))
    (tally,) = (tally for (code, _), tally in one.tallies["saitama"].items() if code == "saitama.basic_period")

    assert (2, 4) == (tally.holds, tally.breaks)
    assert seen_once().tallies["saitama"]["saitama.basic_period", "4(5)"].held == tally.held
    assert seen_once() == Coverage.load(seen_once().dump())


def test_the_table_in_both_languages() -> None:
    """One line for each enforced clause, the rules below it where asked for, and the counts in one sentence."""
    clauses = by_clause(seen_once(), programme("saitama").current)
    enforced = [each for each in clauses if each.rules]
    for lang in ("ja", "en"):
        short = coverage_text(seen_once(), "saitama", lang=lang).splitlines()  # type: ignore[arg-type]
        whole = coverage_text(seen_once(), "saitama", lang=lang, rules=True).splitlines()  # type: ignore[arg-type]
        assert len(short) + sum(len(each.rules) for each in enforced) == len(whole)
        assert coverage_line(seen_once(), "saitama", lang=lang) == short[-1] == whole[-1]  # type: ignore[arg-type]
    (line,) = (line for line in whole if line.startswith("  basic_period "))
    assert ["basic_period", "both", "1", "2", "case-1/1"] == line.split()[:5]
    assert line.endswith("case-1/2 support_started 2025-04-12")


def test_the_clauses_in_a_few_lines() -> None:
    """Each enforced clause stands once, under what was seen of it."""
    lines = dict(line.split(": ") for line in seen_lines(seen_once(), "saitama", lang="en"))
    listed = [clause for line in lines.values() for clause in line.split(", ")]
    clauses = by_clause(seen_once(), programme("saitama").current)

    assert ("4(5)", "6(2)") == (lines["both"], lines["only broken"])
    assert sorted(each.clause.id for each in clauses if each.rules) == sorted(listed)


def test_the_record_for_programs() -> None:
    """JSON holds every clause with its rules and examples, and the counts."""
    record = json.loads(json.dumps(coverage_record(seen_once(), "saitama"), ensure_ascii=False))
    by_id = {each["id"]: each for each in record["clauses"]}
    (rule,) = (rule for rule in by_id["4(5)"]["rules"] if rule["code"] == "saitama.basic_period")

    assert 29 == len(record["clauses"])
    assert {"case_id": "case-1", "seq": 2, "event": "support_started", "on": "2025-04-12"} == rule["broken_in"]
    assert ("both", "guard") == (rule["seen"], rule["kind"])
    assert (1, 1, 1) == tuple(record["counts"][name] for name in ("rules_both", "rules_holds", "rules_breaks"))
    assert record["counts"]["rules"] == sum(len(each["rules"]) for each in record["clauses"])
