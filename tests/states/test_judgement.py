"""Rules, findings and judgements: what is said to the reader, what blocks, and what a reason lets pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.clauses import load
from shuroflow.errors import Refused
from shuroflow.events import kinds_of
from shuroflow.states.chart import Edition
from shuroflow.states.judgement import Finding, Judgement, Rule, Wording
from shuroflow.states.rule_table import RuleTable
from shuroflow.vocabulary import Basis, Modality, Severity, State
from tests.states import tsushima_stories
from tests.states.saitama_stories import STORIES, course
from tests.states.story import edition_of, replay
from tests.states.test_rule_table import TABLE

PROGRAMMES = ("saitama", "tsushima")
EVENT = course("listed").last
PLACEHOLDER = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")


def rule(code: str = "saitama.test", **changes: Any) -> Rule:
    """A rule of the text, with changes."""
    usual = Rule(
        code=code,
        clause="4(1)②",
        citation="4(1)",
        severity=Severity.VIOLATION,
        basis=Basis.TEXT,
        says=Wording(ja="{day}は誤り", en="{day} is wrong"),
        mend=Wording(ja="{day}を直す", en="mend {day}"),
    )
    return attrs.evolve(usual, **changes)


def finding(rule: Rule, seq: int = 1, **changes: Any) -> Finding:
    """A finding of it."""
    return Finding(rule=rule, seq=seq, on=date(2025, 4, 3), values={"day": date(2025, 4, 3)}, **changes)


# Every rule of the two programmes -------------------------------------------------------------------------------------


def every_rule() -> Iterator[tuple[Edition, Rule]]:
    """All rules of both programmes, with those of their duties."""
    for programme in PROGRAMMES:
        edition = edition_of(programme)
        for each in edition.table.rules.values():
            yield edition, each
        for duty in edition.table.duties.values():
            for graded in (duty.while_open, duty.when_overdue, duty.when_closed):
                if graded is not None:
                    yield edition, graded


RULES = list(every_rule())


@pytest.mark.parametrize(("edition", "rule"), RULES, ids=[f"{each.code}-{each.severity}" for _, each in RULES])
def test_a_rule_says_the_same_in_both_languages(edition: Edition, rule: Rule) -> None:
    """Each rule rests on a clause and speaks both languages, of the same values, one line each."""
    for wording in (rule.says, rule.mend):
        assert wording.ja.strip()
        assert wording.en.strip()
        assert "\n" not in wording.ja + wording.en
        assert set(PLACEHOLDER.findall(wording.ja)) == set(PLACEHOLDER.findall(wording.en))
        assert wording.en.isascii() or re.search("[要綱年月日円アイウエオ第条項号]", wording.en)
    clause = edition.clauses[rule.clause]
    assert clause.citation == rule.citation
    assert rule.code.startswith(f"{edition.programme}.")


@pytest.mark.parametrize(("edition", "rule"), RULES, ids=[f"{each.code}-{each.severity}" for _, each in RULES])
def test_a_rule_claims_no_more_than_its_clause_gives(edition: Edition, rule: Rule) -> None:
    """A violation rests on the text, and on a clause that binds; what a reason lets pass rests on our reading."""
    modality = edition.clauses[rule.clause].modality
    if rule.severity is Severity.VIOLATION:
        assert Basis.TEXT is rule.basis
        assert rule.decision is None
        assert modality.severity is Severity.VIOLATION or modality in {Modality.DEFINITION, Modality.MAY}
    assert (rule.decision is not None) is (rule.basis is Basis.DECISION)
    if rule.override:
        assert rule.blocks
        assert Basis.DECISION is rule.basis


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_what_can_be_let_pass_can_carry_its_reason(programme: str) -> None:
    """Every event under a rule that a reason lets pass has a place for the reason."""
    edition = edition_of(programme)
    found = set()
    for row in edition.rows:
        for guard in row.guards:
            if edition.rule_of(guard, row).override:
                names = {field.name for field in attrs.fields(kinds_of(programme)[row.event])}
                assert "override_reason" in names
                found.add(edition.rule_of(guard, row).code)
    assert {each.code for _, each in RULES if each.override and each.code.startswith(programme)} == found


def test_every_finding_of_the_records_can_be_read() -> None:
    """No placeholder is left open in any message of any record, in either language."""
    for story in {**STORIES, **tsushima_stories.STORIES}.values():
        for each in replay(story()).findings:
            for text in (each.message("ja"), each.message("en"), each.mend("ja"), each.mend("en")):
                assert text
                assert not PLACEHOLDER.search(text)


# A finding ----------------------------------------------------------------------------------------------------------


def test_a_finding_speaks_both_languages() -> None:
    """The values stand in the message and in the mend as the reader writes them; Japanese unless told otherwise."""
    found = finding(rule())
    assert ("令和7年4月3日は誤り", "2025-04-03 is wrong") == (found.message(), found.message("en"))
    assert ("令和7年4月3日を直す", "mend 2025-04-03") == (found.mend(), found.mend("en"))
    assert (Severity.VIOLATION, "4(1)") == (found.severity, found.clause)


def test_our_reading_and_a_reason_are_told() -> None:
    """A rule of our own reading says so with its number; a reason that lets it pass is quoted."""
    ours = rule(severity=Severity.OBSERVATION, basis=Basis.DECISION, decision="S-14", blocks=True, override=True)
    assert "令和7年4月3日は誤り(当ライブラリの読み方 S-14)" == finding(ours).message()
    assert "2025-04-03 is wrong (our reading S-14)" == finding(ours).message("en")
    passed = finding(ours, overridden="本人の希望 {day}")
    assert passed.message().endswith("〔理由: 本人の希望 {day}〕")
    assert passed.message("en").endswith("[reason given: 本人の希望 {day}]")


@given(seqs=st.lists(st.integers(1, 3), min_size=2, max_size=2), subjects=st.lists(st.sampled_from("ab"), min_size=2))
def test_two_findings_are_the_same_fault(seqs: list[int], subjects: list[str]) -> None:
    """A rule that speaks once is about its subject, any other about the event."""
    for once in (False, True):
        one, other = (
            attrs.evolve(finding(rule(once=once), seq), values={"subject": subject})
            for seq, subject in zip(seqs, subjects, strict=False)
        )
        same = subjects[0] == subjects[1] if once else seqs[0] == seqs[1]
        assert same is (one.subject == other.subject)
        assert one.subject != finding(rule("saitama.other", once=once), seqs[0]).subject


def test_a_rule_of_a_row_cites_the_row() -> None:
    """The same rule resting on another clause keeps everything else."""
    clause = load("saitama")["4(5)但書"]
    moved = rule().citing(clause)
    assert ("4(5)但書", clause.citation) == (moved.clause, moved.citation)
    assert rule() == attrs.evolve(moved, clause="4(1)②", citation="4(1)")


# A judgement --------------------------------------------------------------------------------------------------------


@given(refusing=st.lists(st.booleans(), max_size=5))
def test_one_refusing_finding_blocks(refusing: list[bool]) -> None:
    """A judgement allows an event unless a finding refuses; it explains what blocks, or else what was observed."""
    found = tuple(
        finding(rule(f"saitama.r{n}"), overridden=None, refuses=refuses) for n, refuses in enumerate(refusing)
    )
    judgement = Judgement(EVENT, State.NEW, State.CANDIDATE, found)
    assert (not any(refusing)) is judgement.allowed
    assert tuple(each for each in found if each.refuses) == judgement.blocking
    told = (sum(refusing) or len(refusing)) * 2
    for lang in ("ja", "en"):
        assert told == len(judgement.explain(lang).splitlines())


def test_an_explanation_in_words() -> None:
    """Severity, citation and message on one line, what mends it on the next."""
    judgement = Judgement(EVENT, State.NEW, State.CANDIDATE, (finding(rule(), refuses=True),))
    assert "[違反] 4(1): 令和7年4月3日は誤り\n    → 令和7年4月3日を直す" == judgement.explain()
    assert "[violation] 4(1): 2025-04-03 is wrong\n    → mend 2025-04-03" == judgement.explain("en")
    assert judgement.explain() == str(Refused(judgement))


# Words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "told"), [(0, "0 days"), (1, "1 day"), (2, "2 days"), (1_001, "1,001 days")])
def test_a_number_agrees_with_its_noun(days: int, told: str) -> None:
    """In English the noun after the colon stands in the plural but for one; what was seen is put in as it is."""
    wording = Wording(ja="{days}日経過: {who}", en="{days:day} since: {who}")
    assert f"{told} since: a{{b}}" == wording.render({"days": days, "who": "a{b}"}, "en")
    assert ("… days since: …", "…日経過: …") == (wording.outline("en"), wording.outline("ja"))
    assert f"{days:,}日経過: a{{b}}" == wording.render({"days": days, "who": "a{b}"}, "ja")


def test_no_rule_leaves_the_plural_open() -> None:
    """Nowhere "day(s)", and no number before a noun that cannot follow it."""
    said = [wording.en for _, rule in RULES for wording in (rule.says, rule.mend)]
    assert [] == [text for text in said if "(s)" in text or re.search(r"\} (day|month|person|time|contact)s\b", text)]


def test_a_fault_told_elsewhere_says_whether_the_duty_is_open_still() -> None:
    """In the words of the duty, braces and all; what makes the finding one fault stays, and so does the first."""
    table = RuleTable.parse(TABLE.replace('"訪問なし"', '"{who}なし"'), load("saitama"))
    graded = table.duties["visit"].while_open
    assert graded is not None
    first = finding(attrs.evolve(table.rules["heavy"], duty="visit"), 7)
    first = attrs.evolve(first, values={"owed": 3, "subject": "x"})
    still = first.still(attrs.evolve(finding(graded, 3), values={"subject": "x", "who": "{甲}"}))
    assert ("重い", "heavy") == (first.message("ja"), first.message("en"))
    assert ("重い。{甲}なし", "heavy; no visit") == (still.message("ja"), still.message("en"))
    assert ("visit", "x", 3) == first.subject == still.subject
    assert ("visit", "x", 3) == attrs.evolve(finding(graded, 3), values={"subject": "x"}).subject


@pytest.mark.parametrize("once", [False, True])
def test_what_leaves_out_a_duty_that_nobody_owes(once: bool) -> None:
    """Where nothing was owed there is no duty to be one fault with: the rule says whether it speaks once."""
    table = RuleTable.parse(TABLE, load("saitama"))
    heavy = attrs.evolve(table.rules["heavy"], duty="visit", once=once)
    assert once == (finding(heavy, 1).subject == finding(heavy, 2).subject)
