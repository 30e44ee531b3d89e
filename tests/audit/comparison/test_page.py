"""The file of a comparison's page: closed, streamed, the data of the JSON, and both conditions in words."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from html import unescape
from importlib import resources
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit import Compared, Difference, Later, Receipt, compare
from shuroflow.audit.comparison.data import write_json
from shuroflow.audit.comparison.difference import Aspect
from shuroflow.audit.comparison.page import DESIGN, write_html
from shuroflow.audit.comparison.settings import differing
from shuroflow.audit.comparison.tally import Side
from shuroflow.audit.receipt import Input, office_sha256, rules_sha256
from shuroflow.errors import InputError
from shuroflow.states import Office
from shuroflow.vocabulary import Lang, Severity
from tests.audit.comparison.compared import HERE, LANGUAGES, RECEIPT, SPOILT, compared, side
from tests.audit.comparison.conditions import CONDITIONS, NEW_TEXT, OVERLAYS, office, two_editions
from tests.audit.pages import Read, closed_to_all_else, loads_nothing, words_are_used
from tests.audit.records import STORIES, story


def page_of(
    items: Iterable[Compared], there: Side, here: Side = HERE, lang: Lang = "ja", receipt: Receipt = RECEIPT
) -> str:
    """The page of these items."""
    out = io.StringIO()
    write_html(items, out, receipt=receipt, here=here, there=there, lang=lang)
    return out.getvalue()


def told_in(page: str) -> str:
    """What a reader sees of a piece of markup."""
    return unescape(re.sub(r"<[^>]*>", " ", page))


# Whole and closed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_policy_admits_this_script_and_this_style_alone(lang: Lang) -> None:
    """As for the page of the audit; nothing else may run, load, frame or be sent."""
    page = page_of(compared(side("days")), side("days"), lang=lang)
    closed_to_all_else(page, DESIGN)
    loads_nothing(page, DESIGN)


def test_every_part_and_every_word_is_used() -> None:
    """No file of the page is left out of it, and no word is left over or missing."""
    home = resources.files(DESIGN.package)
    assert sorted(DESIGN.script) == sorted(f"script/{file.name}" for file in home.joinpath("script").iterdir())
    aspects = ("finding", "means_test", "duty", "duty_discharged")
    made = {f"no_{aspect}" for aspect in aspects} | {"only_here", "only_there", "on_both", "here", "there"}
    words_are_used(DESIGN, ("__init__.py", "tables.py"), made)


# The data -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [Side(conditions=each) for each in CONDITIONS])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_holds_what_the_json_says(there: Side, lang: Lang) -> None:
    """Cases, conditions and counts are those of ``--format json``; the list has every case compared, in its order."""
    here = Side(conditions=two_editions(date(2025, 4, 11)))
    items = [*compared(there, here), *SPOILT]
    out = io.StringIO()
    write_json(items, out, receipt=RECEIPT, here=here, there=there, lang=lang)
    told = json.loads(out.getvalue())
    scripts = Read(page_of(items, there, here, lang)).scripts
    index, info = json.loads(scripts["index"]), json.loads(scripts["info"])
    held = [json.loads(scripts[f"case-{at}"]) for at in range(len(index))]
    assert told["cases"] == [case for case, entry in zip(held, index, strict=True) if entry["differs"]]
    assert all(not case["steps"] and not case["at_last"] for case in held if case not in told["cases"])
    assert (told["receipt"], told["summary"]) == (info["receipt"], info["summary"])
    assert list(STORIES) == [entry["id"] for entry in index] == [case["case_id"] for case in held]


@pytest.mark.parametrize("there", [Side(conditions=each) for each in CONDITIONS])
def test_the_list_agrees_with_the_counts(there: Side) -> None:
    """What the list says of the cases adds up to the summary: cases, steps, what differs, findings on either side."""
    scripts = Read(page_of(compared(there), there)).scripts
    index, summary = json.loads(scripts["index"]), json.loads(scripts["info"])["summary"]
    assert summary["cases"] == len(index)
    assert summary["differ"] == sum(entry["differs"] for entry in index)
    assert (summary["steps"], summary["steps_differ"]) == tuple(
        sum(entry[name] for entry in index) for name in ("events", "steps")
    )
    assert summary["cases_by_aspect"] == {
        aspect: sum(aspect in entry["aspects"] for entry in index) for aspect in summary["cases_by_aspect"]
    }
    rules = summary["findings_by_rule"].values()
    told = [each for entry in index for each in entry["findings"]]
    for name, of in (("here", "here"), ("there", "there"), ("both", "other")):
        assert sum(rule[of] for rule in rules) == sum(number for side, _, number in told if side == name)
    pairs = [pair for _, found, _ in told for pair in found]
    assert {rule["clause"] for rule in rules} <= {clause for _, clause in pairs}
    assert {grade for rule in rules for grade in rule["severities"]} == {severity for severity, _ in pairs}


def test_cases_are_written_as_they_come() -> None:
    """A case is in the file before the next one is asked for: memory does not grow with the caseload."""
    out, seen = io.StringIO(), []
    there = side("first day")

    def items() -> Iterator[Difference]:
        for number, found in enumerate(compared(there)):
            yield found
            seen.append(f'id="case-{number}"' in out.getvalue())

    tally = write_html(items(), out, receipt=RECEIPT, here=HERE, there=there)
    assert ([True] * len(STORIES), len(STORIES)) == (seen, tally.cases)


def test_errors_and_later_cases_are_said() -> None:
    """What cannot be used stands with its place, marked up as text; a case that began later is counted."""
    error = InputError("is <b>bad</b>", file="a.jsonl", line=3, field="data.x", case_id="E")
    page = page_of([error, Later("L", "saitama"), *compared(side("days"), names=["S01"])], side("days"))
    assert "a.jsonl:3: data.x: is &lt;b&gt;bad&lt;/b&gt;" in page
    assert "このほか 1ケースは" in page
    read = Read(page_of([], side("days")))
    assert [] == json.loads(read.scripts["index"])


# The conditions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_conditions_stand_at_the_top(lang: Lang) -> None:
    """Names, editions, hashes and what is set differently stand above the cases; the texts that judged at the foot."""
    here = Side(conditions=two_editions(), overlay="今の設定.toml")
    there = Side(conditions=two_editions(NEW_TEXT, "first day"), overlay="</table><script>1</script>\u202e.toml")
    moment = datetime.fromisoformat("2026-11-01T09:00:00+09:00")
    receipt = attrs.evolve(RECEIPT, known_at=moment, inputs=[Input("記録.jsonl", 5, 3, "ab" * 32)])
    page = page_of(compared(there, here, ["S02", "S03"]), there, here, lang, receipt)
    head = page[page.index("<header") : page.index("</header>")]
    told = told_in(head)
    for part in (
        "今の設定.toml",
        "</table><script>1</script>\\u202e.toml",
        office_sha256(here.conditions.office),
        office_sha256(there.conditions.office),
        "2026-11-01T09:00:00+09:00",
        *(("期間の初日の算入", "算入する", "算入しない", "令和7年4月12日の版") if lang == "ja" else ()),
        *(("Counting of the first day", "counted", "excluded", "the text of 2025-04-12") if lang == "en" else ()),
    ):
        assert part in told
    assert "<script" not in head
    foot = page[page.index("<footer") : page.index("</footer>")]
    first, later = two_editions().programme("saitama").editions
    assert [("−", rules_sha256(first)), ("−", rules_sha256(later)), ("+", rules_sha256(later))] == [
        (line[0], line.split()[-1]) for line in re.findall(r"<li><bdi>([−+] .*?)</bdi>", foot)
    ]
    assert "ab" * 32 in foot


def test_the_same_settings_are_said_to_be_the_same() -> None:
    """Where only the edition differs, no row of settings stands there, and the page says why."""
    there = Side(conditions=two_editions(NEW_TEXT))
    head = page_of([], there, Side(conditions=two_editions())).partition("</header>")[0]
    assert "実施機関の設定は両方とも同じです。" in head
    assert [] == list(differing(office("built in"), there.conditions.office))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", OVERLAYS)
def test_every_overlay_is_told_by_what_it_sets(name: str, lang: Lang) -> None:
    """An office and itself differ in nothing; two with other hashes in something, and the other way about exchanged."""
    base, other = office("built in"), office(name)
    rows = list(differing(base, other, lang))
    assert (office_sha256(base) != office_sha256(other)) == bool(rows)
    assert [(label, there, here) for label, here, there in rows] == list(differing(other, base, lang))
    assert all(here != there for _, here, there in rows)


DAYS = st.lists(st.dates(date(2019, 1, 1), date(2030, 12, 31)), max_size=8, unique=True)


@given(DAYS, DAYS)
def test_of_the_calendar_only_the_days_of_one_side_are_named(one: list[date], other: list[date]) -> None:
    """Each closed day that one side has and the other has not is named on its side, and no other day."""
    offices = [Office.parse(f"[calendar]\nclosed = [{', '.join(map(str, days))}]") for days in (one, other)]
    rows = list(differing(*offices, "en"))
    told = [set(re.findall(r"\d{4}-\d\d-\d\d", text)) for row in rows for text in row[1:]] or [set(), set()]
    assert [{day.isoformat() for day in {*one} - {*other}}, {day.isoformat() for day in {*other} - {*one}}] == told


def test_figures_are_told_with_their_source() -> None:
    """Years, amount and where it was read; what both sides have is not repeated."""
    added = '[[figures.levy_base]]\nfrom = 2026\nto = 2026\nvalue = 315_000\nsource = "条例"\nverified = true'
    (row,) = differing(Office(), Office.parse(added))
    assert "均等割の非課税限度額の基本額" == row[0]
    assert "2026年 315,000円(条例、確認済)" in row[2]
    assert "315,000" not in row[1]


@pytest.mark.parametrize(("lang", "told"), [("ja", ("未確認", "確認済")), ("en", ("unverified", "verified"))])
def test_a_figure_that_was_only_verified_is_told_apart(lang: Lang, told: tuple[str, str]) -> None:
    """The amount and its source are the same on both sides; whether it was verified is said on either."""
    added = '[[figures.levy_base]]\nfrom = 2026\nto = 2026\nvalue = 315_000\nsource = "条例"\nverified = '
    ((_, one, other),) = differing(Office.parse(f"{added}false"), Office.parse(f"{added}true"), lang)
    assert told == tuple(cell.rpartition("条例")[2].strip("、, )") for cell in (one, other))


@pytest.mark.parametrize(("lang", "label"), [("ja", "追加の閉庁日"), ("en", "Further closed days")])
def test_closed_days_are_those_added_to_the_built_in_ones(lang: Lang, label: str) -> None:
    """The side that adds none has holidays and weekends all the same: the row does not read as if it had none."""
    ((name, one, _),) = differing(Office(), office("closed"), lang)
    assert (label, "なし" if lang == "ja" else "none") == (name, one)


# What it amounts to ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [Side(conditions=each) for each in CONDITIONS])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_rule_is_told_by_what_it_says_and_how_grave_it_is(there: Side, lang: Lang) -> None:
    """A row has the words of the rule, and on each side the findings by severity: a violation lost is no note lost."""
    here = Side(conditions=two_editions(date(2025, 4, 11)))
    items = compared(there, here)
    counts: dict[str, Counter[tuple[int, str]]] = {}
    for change in (change for item in items for change in item.changes if change.aspect is Aspect.FINDING):
        sides = [side for side in (change.here, change.there) if side is not None]
        grade = " → ".join(dict.fromkeys(side.severity.label(lang) for side in sides))
        column = 2 if len(sides) == 2 else 0 if change.there is None else 1
        counts.setdefault(sides[0].rule.code, Counter())[column, grade] += 1
    _, _, table = page_of(items, there, here, lang).partition('<div id="by-rule"')
    rows = {}
    for row in table.partition("</tbody>")[0].split("<tr>")[2:]:
        _, head, *cells = re.split("<t[hd][^>]*>", row)[1:]
        code = re.findall("<code>(.*?)</code>", head)[0]
        assert len(told_in(head).replace(code, "").strip()) > 5
        assert "{" not in head
        badges = [(at, told) for at, cell in enumerate(cells) for told in re.findall(r">([^<]+?) (\d+)</span>", cell)]
        rows[code] = Counter({(at, grade): int(number) for at, (grade, number) in badges})
        assert [at for at, cell in enumerate(cells) if cell == "0"] == [
            at for at in range(3) if not any(at == column for column, _ in rows[code])
        ]
    assert counts == rows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_totals_say_what_is_only_notes_and_how_many_cases_have_a_violation(lang: Lang) -> None:
    """Under the national table T03 alone loses its violation; what differs in nothing but notes is counted."""
    there = side("standard")
    items = compared(there)
    page = page_of(items, there, lang=lang)
    counts = told_in(page[page.index('<p id="counts">') :].partition("</p>")[0])
    violating = [
        sum(any(finding.severity is Severity.VIOLATION for finding in getattr(item, name).findings) for item in items)
        for name in ("here", "there")
    ]
    assert 1 == violating[0] - violating[1]
    arrow = " → ".join(map(str, violating))
    assert (f"違反のあるケース: {arrow}" if lang == "ja" else f"Cases with a violation: {arrow}") in counts
    noted = [
        attrs.evolve(item, at_last=(), steps=tuple(step for step in item.steps if step.changes[0].only_note))
        for item in items
    ]
    page = page_of(noted, there, lang=lang)
    number = sum(item.differs for item in noted)
    assert number > 0
    told = "このうち {}件は注記だけが異なります。" if lang == "ja" else "{} cases of these in nothing but notes."
    assert told.format(number) in page
    assert "--notes" not in page


NOTHING = {
    "ja": "比べることのできたケースはありません。使えない記録 1件。",
    "en": "There was no case that could be compared. Unusable records: 1.",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_that_nothing_could_be_compared_is_said(lang: Lang) -> None:
    """No count of nothing out of nothing."""
    page = page_of(SPOILT, side("days"), lang=lang)
    assert NOTHING[lang] in page
    assert "0件のうち" not in page
    assert "0 of 0" not in page


# Without scripts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [Side(conditions=each) for each in CONDITIONS])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tables_have_a_row_for_each_change(there: Side, lang: Lang) -> None:
    """All that differs, with both sides, reads without scripts; a case without a difference says so."""
    items = compared(there)
    tables = re.findall(r"<noscript>(.*?)</noscript>", page_of(items, there, lang=lang), re.DOTALL)[1:]
    assert len(items) == len(tables)
    for item, table in zip(items, tables, strict=True):
        changes: list[Any] = list(item.changes)
        assert len(changes) == max(0, table.count("<tr>") - 1)
        assert item.differs == ("<details>" in table)
        for change in changes:
            assert change.aspect.label(lang) in table
            for found in (change.here, change.there):
                if hasattr(found, "message"):
                    assert " ".join(found.message(lang).split()) in " ".join(told_in(table).split())


def test_another_order_is_told_without_scripts() -> None:
    """The numbers of the events in the order judged on either side."""
    (found,) = compared(side("built in"), names=["S01"])
    page = page_of([attrs.evolve(found, reordered=((1, 2, 4, 3), (1, 2, 3, 4)))], side("built in"))
    assert "判定の順: 1 2 4 3 → 1 2 3 4" in page


def test_hostile_ids_are_text() -> None:
    """A case id that holds markup stands in the tables as text, and in the data whole."""
    bad = "</script><img src=x onerror=1>\u202e"
    found = compare(story("S01", bad), as_of=RECEIPT.as_of, here=HERE.conditions, there=side("first day").conditions)
    assert found is not None
    page = page_of([found], side("first day"))
    read = Read(page)
    assert [] == [tag for tag, _ in read.tags if tag == "img"]
    assert bad == json.loads(read.scripts["case-0"])["case_id"]
