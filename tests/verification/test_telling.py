"""What is told of a difference: its clauses, the rule in words, the history; and the same as JUnit XML."""

from __future__ import annotations

import json
from collections import Counter
from xml.etree import ElementTree as ET

import attrs
import pytest

from shuroflow.columns import width
from shuroflow.events import Actor, Event
from shuroflow.states import programme
from shuroflow.storage.codec import decode
from shuroflow.verification.compliance import Report
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.coverage import Coverage, Witness, by_clause
from shuroflow.verification.junit import junit_xml
from shuroflow.verification.telling import (
    WHAT,
    clause_ids,
    clause_lines,
    difference_lines,
    difference_record,
    differences_by_clause,
    history_lines,
    result_line,
    rule_text,
)
from shuroflow.verification.walking import Difference
from shuroflow.vocabulary import Role

EDITION = programme("saitama").current
HISTORY = next(h for h in Corpus.of("saitama").histories if h[-1].kind == "support_started")


def difference(
    *clauses: str, rules: tuple[str, ...] = (), history: tuple[Event, ...] = HISTORY, what: str = "accepts"
) -> Difference:
    """A difference of 埼玉."""
    return Difference(what, history, clauses, rules, "refused: why", "accepted", case_id=history[-1].case_id)


# -- clauses


def test_the_clause_of_the_rule_comes_first() -> None:
    """Several rows share a citation: the rule tells which of them is meant; without one, the first row."""
    consent = difference("4(1)", rules=("saitama.consent_to_both",))

    assert ("4(1)④",) == clause_ids(EDITION, consent)
    assert ("4(1)①",) == clause_ids(EDITION, difference("4(1)"))
    assert ("5①", "4(1)④") == clause_ids(EDITION, difference("5", "4(1)", rules=("saitama.consent_to_both",)))
    assert () == clause_ids(EDITION, difference("9(9)"))


def test_differences_are_gathered_by_clause() -> None:
    """Each stands once, under its first clause; one that names none is not lost."""
    consent, other, none = difference("4(1)", rules=("saitama.consent_to_both",)), difference("4(5)"), difference()
    grouped = differences_by_clause(EDITION, [consent, other, none, other])

    assert {"4(1)④": [consent], "4(5)": [other, other], "": [none]} == grouped


# -- words


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_rule_can_be_said_without_a_case(code: str, lang: str) -> None:
    """What a rule asks for is one line of words, with a mark where a case would have a value."""
    texts = [rule_text(rule, lang) for rule in programme(code).current.table.rules.values()]  # type: ignore[arg-type]

    assert all(text and "{" not in text and "\n" not in text for text in texts)


def test_every_kind_of_difference_has_its_words() -> None:
    """In both languages, each its own."""
    assert {"accepts", "refuses", "history", "standing", "duties", "fails"} == set(WHAT)
    for lang in ("ja", "en"):
        assert len(WHAT) == len({what.render({}, lang) for what in WHAT.values()})


def test_a_difference_in_lines() -> None:
    """The clause and what is wrong first, then the clause and rule in words, the history, both answers, the file."""
    found = difference("4(1)", rules=("saitama.consent_to_both",))
    lines = list(difference_lines(found, lang="en", case=True, saved="a.jsonl", again="shuroflow check"))
    labels = [line.strip().partition(":")[0] for line in lines]

    assert "4(1): takes what the rules refuse" == lines[0]
    assert lines[1].startswith("  4(1)④: The person's consent is obtained")
    assert lines[2].startswith("  [saitama.consent_to_both] obtain the person's consent to both")
    assert ["case", "history"] == labels[3:5]
    assert ["expected", "found", "saved in", "again"] == labels[-4:]
    assert len(HISTORY) + 2 == len(lines) - 5 - 4
    assert all("\n" not in line for line in lines)


def test_a_history_as_a_short_list() -> None:
    """One line an event: number, day, name and code, who wrote it, and all that it says, in aligned columns."""
    head, rule, *rows = history_lines(HISTORY, EDITION, lang="ja")

    assert len(HISTORY) == len(rows)
    assert [str(event.seq) for event in HISTORY] == [row.split()[0] for row in rows]
    assert all(
        event.kind in row and event.occurred_on.isoformat() in row for event, row in zip(HISTORY, rows, strict=True)
    )
    start = width(head[: head.index("記録者")])
    for event, row in zip(HISTORY, rows, strict=True):
        assert start == width(row[: row.index(f"{event.recorded_by.role.value}:")])
    assert 'goals=[{"horizon": "short"' in next(row for row in rows if "goals_set" in row)
    assert rule.startswith("----")


def test_several_cases_are_told_apart() -> None:
    """With events of more than one case each line names its own."""
    other = tuple(attrs.evolve(event, case_id="case-b") for event in HISTORY[:1])
    lines = list(history_lines((*HISTORY, *other), EDITION))

    assert lines[-1].startswith("case-b/1 ")


def test_what_a_system_sent_cannot_steer_the_terminal() -> None:
    """Control characters of a history, an answer or a name are written out."""
    event = attrs.evolve(HISTORY[-1], recorded_by=Actor("a\u202eb", Role.SPECIALIST))
    found = attrs.evolve(difference("4(5)"), history=(event,), found="x\x1b[31m\ny")

    assert all(line.isprintable() for line in difference_lines(found))


def test_the_record_of_a_difference() -> None:
    """For a program the history is in the stored form."""
    record = json.loads(json.dumps(difference_record(difference("4(5)", rules=("saitama.basic_period",)), saved="f")))

    assert list(HISTORY) == [decode(json.dumps(each).encode()) for each in record["history"]]
    assert ("accepts", ["4(5)"], ["4(5)"], "f", None) == tuple(
        record[name] for name in ("difference", "clauses", "clause_ids", "saved", "again")
    )


# -- the summary


def seen() -> Coverage:
    """One rule of 4(5) seen both ways, one of 4(1)④ only kept."""
    coverage = Coverage()
    at = Witness("case-1", 1, "support_started", "2025-04-15")
    for holds in (True, False):
        coverage.note("saitama", ("saitama.basic_period", "4(5)"), at, holds=holds)
    coverage.note("saitama", ("saitama.consent_to_both", "4(1)④"), at, holds=True)
    return coverage


def test_the_summary_names_what_is_wrong_first() -> None:
    """Clauses with a difference, then those that were not seen both ways; of a part of a check the first alone."""
    report = Report("saitama", [difference("4(4)"), difference("4(4)", what="refuses")], cases=2, events=9)
    lines = list(clause_lines(report, seen(), lang="en"))
    names = [line.split()[0] for line in lines[2:] if (line and not line[0].isdigit()) or " " in line[:8]]

    assert ["4(4)", "2"] == lines[2].split()[:2]
    assert "4(4)" not in names[1:]
    assert not any(line.startswith("4(5) ") for line in lines)
    assert any(line.startswith("4(1)④") and "only held" in line for line in lines)
    assert 1 + 2 == len(list(clause_lines(report, seen(), lang="en", whole=False))) - 1
    assert "2 differences: 2 cases, 9 events put to the system." == result_line(report, lang="en")
    assert result_line(Report("saitama"), lang="ja").startswith("相違はありません")


# -- JUnit XML


def junit(*found: Difference, system: str = "a system") -> ET.Element:
    """The one suite in the XML."""
    text = junit_xml(Report("saitama", list(found)), seen(), system=system, seconds=1.25, lang="en")
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    (suite,) = ET.fromstring(text.encode())
    return suite


def test_a_test_case_for_each_clause_with_a_rule() -> None:
    """No more and no fewer; those that were not met are skipped, and the counts are right."""
    suite = junit(difference("4(5)"), difference("4(5)", what="refuses"))
    cases = {case.attrib["name"].partition(" ")[0]: case for case in suite.iter("testcase")}
    clauses = [each for each in by_clause(seen(), EDITION) if each.rules]
    outcome = Counter(child.tag for case in cases.values() for child in case)

    assert [each.clause.id for each in clauses] == list(cases)
    assert {"failure": 1, "skipped": len(clauses) - 2} == outcome
    assert (str(len(clauses)), "1", "0", str(len(clauses) - 2), "1.250") == tuple(
        suite.attrib[name] for name in ("tests", "failures", "errors", "skipped", "time")
    )
    (failure,) = cases["4(5)"]
    assert 2 == (failure.text or "").count("expected: ")
    assert {"shuroflow.saitama"} == {case.attrib["classname"] for case in cases.values()}


def test_a_difference_under_no_clause_of_the_table() -> None:
    """It is a failure of its own."""
    suite = junit(difference())

    assert "1" == suite.attrib["failures"]
    (failed,) = (case for case in suite.iter("testcase") if case.find("failure") is not None)
    assert "–" == failed.attrib["name"]


def test_what_xml_cannot_hold() -> None:
    """Signs of XML are escaped, characters that it does not know left out; it can be read, whatever a system says."""
    nasty = 'a<b> & "c" \x00\x08\x1b\ufffe\ud800 ]]> 字 \U0001f600'
    suite = junit(attrs.evolve(difference("4(5)"), found=nasty, expected=nasty), system=nasty)
    (failure,) = suite.iter("failure")
    (name,) = suite.iter("property")

    assert 'a<b> & "c"' in (failure.text or "")
    assert "]]> 字 \U0001f600" in (failure.text or "")
    assert "\x1b" not in (failure.text or "")
    assert 'a<b> & "c"  ]]> 字 \U0001f600' == name.attrib["value"]


def test_only_elements_and_attributes_of_the_usual_schema() -> None:
    """What build servers know: their order, and nothing besides."""
    known = {
        "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
        "properties": set(),
        "property": {"name", "value"},
        "testcase": {"classname", "name", "time"},
        "failure": {"type", "message"},
        "skipped": {"message"},
        "system-out": set(),
    }
    suite = junit(difference("4(5)"))

    assert {tag: set(attributes) for tag, attributes in known.items()} == {
        each.tag: set(each.attrib) for each in suite.iter()
    }
    tags = [child.tag for child in suite]
    assert ["properties", *["testcase"] * (len(tags) - 2), "system-out"] == tags
