"""A comparison as text, JSON and CSV: everything that differs stands there, and the counts are those of it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import attrs
import pytest

from shuroflow.audit import Absence, Compared, Receipt, compare, comparison, replay
from shuroflow.audit.comparison.data import COLUMNS, write_csv, write_json
from shuroflow.audit.comparison.difference import Aspect, Change
from shuroflow.audit.comparison.tally import Side
from shuroflow.audit.comparison.text import write_text
from shuroflow.audit.receipt import Input, office_sha256, rules_sha256
from shuroflow.states import Office, programme
from shuroflow.vocabulary import Lang, Severity
from tests.audit.comparison.compared import HERE, LANGUAGES, RECEIPT, SPOILT, compared, side
from tests.audit.comparison.conditions import CONDITIONS, NEW_TEXT, two_editions
from tests.audit.records import story
from tests.states.saitama_stories import VISIT, course
from tests.states.story import AS_OF, ES, JST
from tests.states.tsushima_stories import claimed, workplace


def text_of(items: Iterable[Compared], there: Side, here: Side = HERE, **options: Any) -> str:
    """The text as written."""
    out = io.StringIO()
    write_text(items, out, receipt=options.pop("receipt", RECEIPT), here=here, there=there, **options)
    return out.getvalue()


def json_of(items: Iterable[Compared], there: Side, here: Side = HERE, **options: Any) -> Any:
    """The JSON as read back."""
    out = io.StringIO()
    write_json(items, out, receipt=options.pop("receipt", RECEIPT), here=here, there=there, **options)
    return json.loads(out.getvalue())


def rows_of(items: Iterable[Compared], there: Side, here: Side = HERE, lang: Lang = "en") -> list[dict[str, str]]:
    """The rows of the table as read back."""
    out = io.StringIO()
    write_csv(items, out, receipt=RECEIPT, here=here, there=there, lang=lang)
    return list(csv.DictReader(io.StringIO(out.getvalue().removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("there", [Side(conditions=each) for each in CONDITIONS])
def test_all_that_differs_is_written(there: Side) -> None:
    """In JSON and in the table there is an entry for each change, in its order; in the text a place for each."""
    here = Side(conditions=two_editions(date(2025, 4, 11)))
    items = compared(there, here)
    cases = {case["case_id"]: case for case in json_of(items, there, here)["cases"]}
    rows = rows_of(items, there, here)
    for item in items:
        if not item.differs:
            assert item.case_id not in cases
            assert ["no difference"] == [row["what"] for row in rows if row["case_id"] == item.case_id]
            continue
        case = cases[item.case_id]
        told = [change["what"] for step in [*case["steps"], {"changes": case["at_last"]}] for change in step["changes"]]
        assert [change.aspect.value for change in item.changes] == told
        assert [step.event.seq for step in item.steps] == [step["seq"] for step in case["steps"]]
        assert (item.reordered is None) == ("reordered" not in case)
        mine = [row for row in rows if row["case_id"] == item.case_id and row["what"] != "order judged"]
        assert [change.aspect.label("en") for change in item.changes] == [row["what"] for row in mine]
        for lang in LANGUAGES:
            text = text_of([item], there, here, lang=lang, notes=True)
            for change in item.changes:
                assert change.aspect is Aspect.FINDING or change.aspect.label(lang) in text
                for finding in (change.here, change.there):
                    if change.aspect is Aspect.FINDING and finding is not None:
                        assert finding.message(lang) in text
                        assert finding.rule.code in text


@pytest.mark.parametrize("there", [Side(conditions=each) for each in CONDITIONS])
def test_the_counts_are_those_of_the_changes(there: Side) -> None:
    """Counted once more from the JSON itself: cases, steps, findings by rule, cases by what differs; of how many."""
    items = compared(there)
    told = json_of([*items, *SPOILT], there)
    summary, cases = told["summary"], told["cases"]
    assert (len(items), len(cases)) == (summary["cases"], summary["differ"])
    assert (1, 1) == (summary["errors"], summary["later"])
    assert sum(item.compared for item in items) == summary["steps"]
    assert sum(len(case["steps"]) for case in cases) == summary["steps_differ"]
    changes = [
        (case["case_id"], change)
        for case in cases
        for step in [*case["steps"], {"changes": case["at_last"]}]
        for change in step["changes"]
    ]
    by_aspect = {what: len({case for case, each in changes if each["what"] == what}) for what in Aspect}
    assert {what.value: number for what, number in by_aspect.items() if number} == summary["cases_by_aspect"]
    by_rule: dict[str, list[int]] = {}
    for _, change in changes:
        if change["what"] == "finding":
            at = 2 if change["here"] and change["there"] else 0 if change["here"] else 1
            by_rule.setdefault((change["here"] or change["there"])["rule"], [0, 0, 0])[at] += 1
    assert by_rule == {
        code: [each["here"], each["there"], each["other"]] for code, each in summary["findings_by_rule"].items()
    }
    for name in ("here", "there"):
        found = [finding for item in items for finding in getattr(item, name).findings]
        assert {each.value: sum(one.severity is each for one in found) for each in Severity} == summary[name]
        violating = [any(one.severity is Severity.VIOLATION for one in getattr(item, name).findings) for item in items]
        assert sum(violating) == summary["cases_with_violation"][name]
    of_case: dict[str, list[bool]] = {case["case_id"]: ["reordered" in case] for case in cases}
    for case_id, change in changes:
        sides = [side for side in (change["here"], change["there"]) if side and change["what"] == "finding"]
        of_case[case_id].append({side["severity"] for side in sides} != {"note"})
    assert sum(not any(more) for more in of_case.values()) == summary["only_notes"]
    # What the audits have more on one side is what the rules have more on that side.
    net = sum(summary["there"].values()) - sum(summary["here"].values())
    assert net == sum(there_only - here_only for here_only, there_only, _ in by_rule.values())


def test_the_conditions_stand_in_every_form() -> None:
    """Files, hashes, days and rules of both sides; the hash is that of the office, the rules those of the edition."""
    here = Side(conditions=two_editions(), overlay="今の設定.toml")
    there = Side(conditions=two_editions(NEW_TEXT, "first day"), overlay="new.toml")
    moment = datetime(2026, 11, 1, 9, tzinfo=JST)
    receipt = Receipt(as_of=AS_OF, known_at=moment, inputs=[Input("cases.jsonl", 5, 3, "ab" * 32)])
    items = compared(there, here, ["S02", "S03"])
    told = json_of(items, there, here, receipt=receipt)["receipt"]
    assert ("2026-11-21", moment.isoformat()) == (told["as_of"], told["known_at"])
    assert [{"source": "cases.jsonl", "size": 5, "lines": 3, "sha256": "ab" * 32}] == told["inputs"]
    for name, one in (("here", here), ("there", there)):
        assert one.overlay == told[name]["overlay"]
        assert office_sha256(one.conditions.office) == told[name]["office_sha256"]
    assert (None, "2025-04-12") == (told["here"]["edition"], told["there"]["edition"])
    first, later = two_editions().programme("saitama").editions
    texts = {
        name: [(each["in_force_from"], each["rules_sha256"]) for each in told[name]["texts"]]
        for name in ("here", "there")
    }
    assert [("2021-04-01", rules_sha256(first)), ("2025-04-12", rules_sha256(later))] == texts["here"]
    assert [("2025-04-12", rules_sha256(later))] == texts["there"]
    for lang in LANGUAGES:
        text = text_of(items, there, here, receipt=receipt, lang=lang)
        for part in (
            "今の設定.toml",
            "new.toml",
            office_sha256(there.conditions.office),
            rules_sha256(later),
            "ab" * 32,
        ):
            assert part in text
        assert "2026-11-01T09:00:00+09:00" in text
    assert "要綱は令和7年4月12日の版" in text_of(items, there, here)
    assert "the text of 2025-04-12 for everything" in text_of(items, there, here, lang="en")


def test_one_text_for_both_sides_is_named_once() -> None:
    """Where only the office differs, the texts and their rules stand once."""
    text = text_of(compared(side("first day")), side("first day"))
    for code in ("saitama", "tsushima"):
        assert 1 == text.count(rules_sha256(programme(code).current))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_differs(lang: Lang) -> None:
    """No case is listed, all are counted, and JSON is whole."""
    items = compared(side("built in"))
    text = text_of(items, side("built in"), lang=lang)
    assert "■" not in text
    assert ("20件のうち 0件" if lang == "ja" else "0 of 20 cases") in text
    assert [] == json_of(items, side("built in"), lang=lang)["cases"]
    assert len(items) == len(rows_of(items, side("built in")))


def test_no_case_at_all() -> None:
    """All forms are whole without a single case."""
    assert ([], 0) == ((told := json_of([], HERE))["cases"], told["summary"]["cases"])
    assert [] == rows_of([], HERE)
    assert "比べることのできたケースはありません。" in text_of([], HERE)
    assert "There was no case that could be compared." in text_of([], HERE, lang="en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_could_not_be_used(lang: Lang) -> None:
    """It is named with its place in every form, beside the others; cases that began later are counted."""
    items = [*compared(side("first day"), names=["S01"]), *SPOILT]
    text = text_of(items, side("first day"), lang=lang)
    assert "cases.jsonl:7: seq: is no line" in text
    assert (
        "このほか 1ケース" if lang == "ja" else "Not compared: 1 case that began only after the day asked about."
    ) in text
    told = json_of(items, side("first day"))
    assert [("cases.jsonl", 7, "C-9")] == [(each["file"], each["line"], each["case_id"]) for each in told["errors"]]
    *_, last, later = rows_of(items, side("first day"), lang=lang)
    names = [ja if lang == "ja" else en for en, ja in COLUMNS]
    assert ["C-9", "seq: is no line", "cases.jsonl", "7"] == [last[names[at]] for at in (0, 10, 12, 13)]
    assert ["C-8", Absence.BEGAN_LATER.label(lang)] == [later[names[at]] for at in (0, 10)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_notes_on_request(lang: Lang) -> None:
    """Without them the text says where they are, and how many cases differ in nothing else."""
    there = side("standard")
    items = compared(there, names=["T01", "T03"])
    text, whole = (text_of(items, there, lang=lang, notes=notes) for notes in (False, True))
    noted = [each.there.message(lang) for item in items for each in item.changes if _note(each)]
    assert noted
    assert all(message not in text and message in whole for message in noted)
    assert ("(うち 1件は注記だけ)" if lang == "ja" else ", at 1 of them in notes alone") in text
    only = [attrs.evolve(item, steps=item.steps[-1:], at_last=()) for item in items[:1]]
    text = text_of(only, there, lang=lang)
    assert "■" not in text
    assert ("このうち 1件は注記だけ" if lang == "ja" else "1 case of these in nothing but notes") in text
    text = text_of(only, there, lang=lang, notes=True)
    assert "■" in text
    assert "--notes" not in text
    assert ("このうち 1件は注記だけ" if lang == "ja" else "1 case of these in nothing but notes") in text


def _note(change: Any) -> bool:
    return change.aspect is Aspect.FINDING and change.there is not None and change.there.severity is Severity.NOTE


def test_both_calculations_stand_side_by_side() -> None:
    """Of the means test the text has the lines that differ, JSON both wholly; the table both in two cells."""
    items = compared(side("standard"), names=["T03"])
    (change,) = [each for each in items[0].changes if each.aspect is Aspect.MEANS_TEST]
    one, other = (test.arithmetic("ja").splitlines() for test in (change.here, change.there))
    text = text_of(items, side("standard"))
    for line in one:
        assert (f"- {line.strip()}\n" in text) == (line not in other)
    for line in other:
        assert (f"+ {line.strip()}\n" in text) == (line not in one)
    (told,) = json_of(items, side("standard"))["cases"][0]["steps"][0]["changes"]
    assert (one, other) == (told["here"]["lines"], told["there"]["lines"])
    row = next(row for row in rows_of(items, side("standard")) if row["what"] == "means test")
    assert change.here.arithmetic("en").splitlines()[1] in row["here"]


def test_a_finding_on_both_sides_and_not_the_same() -> None:
    """Severity and message of either side, one under the other; the table has both severities."""
    here, there = Side(conditions=two_editions(date(2025, 4, 11))), Side(conditions=two_editions(NEW_TEXT))
    items = compared(there, here, ["S03"])
    text = text_of(items, there, here)
    assert re.search(r"≠ saitama\.consent_to_both\n +- \[違反\] 4\(1\)\n.*\n +\+ \[要確認\] 4\(1\)\n", text)
    assert "  違反・要確認  saitama.consent_to_both  4(1)  -0 +0 ≠1\n    …への同意が確認できません" in text
    (row,) = rows_of(items, there, here)
    assert ("violation", "to be confirmed") == (row["severity_here"], row["severity_there"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_of_two_claims_under_one_id(lang: Lang) -> None:
    """As of the day asked about no event stands above them: the record tells them apart, in a list and in a table."""
    told = workplace("claim_received")
    told.on(told.events[-1].occurred_on, claimed(1000, "2025-10-06", claim="claim-1"))
    report = replay(told.events, as_of=AS_OF, office=Office())
    item = compare(told.events, as_of=AS_OF, here=HERE.conditions, there=HERE.conditions)
    assert report is not None
    assert item is not None
    found = [each for each in report.findings if each.rule.code == "tsushima.payment"]
    assert 1 == len({each.message(lang) for each in found})
    item = attrs.evolve(item, at_last=tuple(Change(Aspect.FINDING, each, None) for each in found))
    number = "記録{}" if lang == "ja" else "event {}"
    said = {f"{each.message(lang)} ({number.format(each.seq)})" for each in found}
    assert 2 == len(said)
    assert said <= {line.strip() for line in text_of([item], HERE, lang=lang).splitlines()}
    column = "元の条件" if lang == "ja" else "here"
    assert said == {row[column] for row in rows_of([item], HERE, lang=lang)}
    one = attrs.evolve(item, at_last=item.at_last[:1])
    assert [found[0].message(lang)] == [row[column] for row in rows_of([one], HERE, lang=lang)]


def test_another_order_is_told() -> None:
    """The numbers in the order judged on either side, in every form."""
    told = course("selected").on("2025-04-14", VISIT, by=ES)
    told.on("2025-04-14", course("consented").last.data)
    here, there = Side(conditions=two_editions(date(2025, 4, 11))), Side(conditions=two_editions(NEW_TEXT))
    found = compare(told.events, as_of=AS_OF, here=here.conditions, there=there.conditions)
    assert found is not None
    assert "判定の順: 1 2 4 3 → 1 2 3 4" in text_of([found], there, here)
    assert {"here": [1, 2, 4, 3], "there": [1, 2, 3, 4]} == json_of([found], there, here)["cases"][0]["reordered"]
    row = rows_of([found], there, here)[0]
    assert ("order judged", "1 2 4 3", "1 2 3 4") == (row["what"], row["here"], row["there"])


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    """A case id may hold anything: no control reaches a terminal, no formula a spreadsheet."""
    events = story("S01", "=1+1\x1b[2J\u202e")
    found = compare(events, as_of=AS_OF, here=HERE.conditions, there=side("first day").conditions)
    assert found is not None
    text = text_of([found], side("first day"))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert rows_of([found], side("first day"))[0]["case_id"].startswith("'=1+1")
    assert "=1+1\x1b[2J\u202e" == json_of([found], side("first day"))["cases"][0]["case_id"]


def test_it_is_written_while_the_cases_are_compared() -> None:
    """When the next case is asked for, the one before it is written: nothing is held back."""
    there = side("first day")
    for write in (write_text, write_json, write_csv):
        out = io.StringIO()

        def items(out: io.StringIO = out) -> Iterator[Compared]:
            for item in compared(there, names=["S01", "S02", "S03"]):
                yield item
                assert f"{item.case_id}" in out.getvalue()

        assert 3 == write(items(), out, receipt=RECEIPT, here=HERE, there=there).differ


def test_the_writers_are_had_from_the_room_itself() -> None:
    """Each public name of the comparison is that of the module that holds it; another name is none."""
    assert [write_csv, write_json, write_text, Side] == [
        getattr(comparison, name) for name in ("write_csv", "write_json", "write_text", "Side")
    ]
    assert all(getattr(comparison, name).__module__.startswith(comparison.__name__) for name in comparison.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nobody'"):
        comparison.nobody  # noqa: B018
