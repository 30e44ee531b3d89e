"""The page of a comparison in a real browser: filtered, stepped through, printed, without scripts, for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from playwright.sync_api import Page, expect

from shuroflow.audit import Change, Compared, Conditions, Difference, compare
from shuroflow.audit.comparison.difference import Aspect
from shuroflow.audit.comparison.page import write_html
from shuroflow.audit.comparison.tally import Side
from shuroflow.states import Office
from shuroflow.vocabulary import Lang, Severity, State
from tests.audit.comparison.compared import HERE, RECEIPT, SPOILT, compared, side
from tests.audit.comparison.conditions import NEW_TEXT, OVERLAYS, two_editions
from tests.audit.pages import A4, BROKEN, HOSTILE, Watch, serious
from tests.audit.records import STORIES, story
from tests.states.saitama_stories import VISIT, course
from tests.states.story import AS_OF, ES

Opened = Callable[..., Page]


def write_page(path: Path, *items: Compared, there: Side, here: Side = HERE, lang: Lang = "ja") -> Path:
    """A page with these differences."""
    with path.open("w", encoding="utf-8", newline="") as out:
        write_html(items, out, receipt=RECEIPT, here=here, there=there, lang=lang)
    return path


MANY = Side(
    conditions=Conditions(
        office=Office.parse(
            '[settings]\nfirst_day = "excluded"\nstandard = "national_table"\nplan_due_days = 5\n'
            "contact_gap_days = 14\n[calendar]\nclosed = [2026-05-11]\n" + OVERLAYS["figure"]
        )
    ),
    overlay="別の設定.toml",
)


@pytest.fixture(scope="session")
def many_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All told records under settings that change findings, periods, calculations and duties."""
    return write_page(tmp_path_factory.mktemp("compared") / "many.html", *compared(MANY), there=MANY)


@pytest.fixture(scope="session")
def first_day_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All told records where periods begin a day later: some cases differ, and most findings do not."""
    there = side("first day")
    return write_page(tmp_path_factory.mktemp("compared") / "first.html", *compared(there), there=there)


def hash_of(page: Page) -> str:
    """The part of the address after #."""
    return page.url.partition("#")[2]


def current(page: Page) -> str:
    """The number of the present step."""
    return page.locator("#steps [aria-current=step] .head .seq").inner_text()


# The list -------------------------------------------------------------------------------------------------------------


def test_it_opens_on_the_cases_that_differ(first_day_page: Path, opened: Opened, watch: Watch) -> None:
    """One file, nothing else asked for; conditions, totals with their denominators, and the cases that differ."""
    page = opened(first_day_page)
    assert [first_day_page.as_uri()] == watch.asked
    differ = [found.case_id for found in compared(side("first day")) if found.differs]
    assert differ == page.locator("#rows a").all_inner_texts()
    assert f"20 ケースのうち {len(differ)} ケース" == page.locator("#found").inner_text()
    assert "比べたケース 20件のうち 9件、記録 233件のうち 10件で異なります。" in page.locator(".totals").inner_text()
    assert ["期間の初日の算入\t算入する\t算入しない"] == [
        row for row in page.locator("#sides tr").all_inner_texts() if "初日" in row
    ]
    row = page.locator("#overview #by-rule tbody tr").locator(":scope > *").all_inner_texts()
    assert [
        "4(5)",
        "延長の協議(…)が期間の末日(…)を過ぎています\nsaitama.extended_before_the_end",
        "0",
        "0",
        "違反 1",
    ] == row


def test_filters_agree_with_what_differs(many_page: Path, first_day_page: Path, opened: Opened) -> None:
    """Each filter shows exactly the cases that the comparison says, and they work together."""
    for path, there in ((many_page, MANY), (first_day_page, side("first day"))):
        page = opened(path)
        found = compared(there)

        def shown(page: Page = page, **chosen: str) -> list[str]:
            page.get_by_role("button", name="条件を消す").click()
            expect(page.locator("#f-differs")).to_have_value("yes")
            for name, value in chosen.items():
                if name == "text":
                    page.locator("#f-text").fill(value)
                else:
                    page.locator(f"#f-{name}").select_option(value)
            return page.locator("#rows a").all_inner_texts()

        def having(fits: Callable[[Difference], bool], found: list[Difference] = found) -> list[str]:
            return [each.case_id for each in found if fits(each)]

        def findings(item: Difference) -> list[Any]:
            return [change for change in item.changes if change.aspect is Aspect.FINDING]

        assert having(lambda d: d.differs) == shown()
        assert having(lambda d: not d.differs) == shown(differs="no")
        assert having(lambda d: True) == shown(differs="")
        assert having(lambda d: d.differs and d.programme == "tsushima") == shown(programme="tsushima")
        for aspect in page.locator("#f-aspect option").evaluate_all("all => all.map(each => each.value)")[1:]:
            assert having(lambda d, a=aspect: any(c.aspect.value == a for c in d.changes)) == shown(aspect=aspect)  # type: ignore[misc]
        assert having(lambda d: any(c.there is None for c in findings(d))) == shown(side="here")
        assert having(lambda d: any(c.here is None for c in findings(d))) == shown(side="there")
        assert having(lambda d: any(c.here and c.there for c in findings(d))) == shown(side="both")
        for severity in Severity:
            expected = having(
                lambda d, s=severity: any(  # type: ignore[misc]
                    each.severity is s for c in findings(d) for each in (c.here, c.there) if each is not None
                )
            )
            assert expected == shown(severity=severity.value)
        assert having(lambda d: any((c.here or c.there).clause == "4(5)" for c in findings(d))) == shown(clause="4(5)")
        assert having(lambda d: d.differs and d.case_id.startswith("S0")) == shown(text="s０")
        assert [] == shown(text="nobody")


CLOSED = Side(conditions=Conditions(office=Office.parse("[calendar]\nclosed = [2026-05-11, 2026-05-12]")))
REVIEW = Side(
    conditions=Conditions(
        office=Office.parse("[settings]\nreview_interval_days = 30\ncontact_gap_days = 10\nplan_due_days = 7")
    )
)
MILDER = Side(conditions=two_editions(NEW_TEXT))


def filtered(page: Page, **chosen: str) -> list[str]:
    """The cases that the list shows under these filters and no others."""
    page.get_by_role("button", name="条件を消す").click()
    expect(page.locator("#f-differs")).to_have_value("yes")
    for name, value in chosen.items():
        page.locator(f"#f-{name}").select_option(value)
    return page.locator("#rows a").all_inner_texts()


@pytest.mark.parametrize(
    ("there", "chosen", "shown"),
    [
        (CLOSED, {"side": "there", "severity": "violation"}, []),
        (CLOSED, {"side": "here", "severity": "note"}, []),
        (CLOSED, {"side": "here", "severity": "violation"}, ["T07"]),
        (CLOSED, {"side": "there", "severity": "note"}, ["T07"]),
        (side("standard"), {"side": "there", "severity": "violation"}, []),
        (side("standard"), {"side": "here", "severity": "violation", "clause": "第4条第1号ア"}, ["T03"]),
        (side("standard"), {"side": "here", "severity": "note"}, []),
        (REVIEW, {"side": "here", "severity": "observation"}, []),
    ],
)
def test_filters_on_findings_ask_of_one_and_the_same(
    there: Side, chosen: dict[str, str], shown: list[str], tmp_path: Path, opened: Opened
) -> None:
    """T07 loses a violation and gains a note: it is no case that gains a violation. T03 likewise."""
    page = opened(write_page(tmp_path / "a.html", *compared(there), there=there))
    assert shown == filtered(page, **chosen)


@pytest.mark.parametrize("there", [MANY, REVIEW, MILDER])
def test_every_set_of_filters_on_findings(there: Side, tmp_path: Path, opened: Opened) -> None:
    """Side, severity and clause in every combination: the cases with a finding that is all three, on one side."""
    here = Side(conditions=two_editions(date(2025, 4, 11)))
    found = compared(there, here)
    page = opened(write_page(tmp_path / "a.html", *found, there=there, here=here))
    told = [
        (each.case_id, where, finding.severity.value, finding.clause)
        for each in found
        for change in each.changes
        if change.aspect is Aspect.FINDING
        for where in ["both" if change.here and change.there else "here" if change.there is None else "there"]
        for finding in (change.here, change.there)
        if finding is not None
    ]
    clauses = page.locator("#f-clause option").evaluate_all("all => all.map(each => each.value)")
    assert ["", *sorted({clause for *_, clause in told})] == clauses
    shown = page.evaluate(
        """(clauses) => {
            const found = [];
            for (const side of ["", "here", "there", "both"])
                for (const severity of ["", "violation", "observation", "note"])
                    for (const clause of clauses) {
                        for (const [name, value] of [["side", side], ["severity", severity], ["clause", clause]])
                            document.getElementById(`f-${name}`).value = value;
                        document.getElementById("f-side").dispatchEvent(new Event("change"));
                        const ids = [...document.querySelectorAll("#rows a")].map((each) => each.textContent);
                        found.push([side, severity, clause, ids]);
                    }
            return found;
        }""",
        clauses,
    )
    for *asked, ids in shown:
        fits = {case_id for case_id, *has in told if all(one in ("", two) for one, two in zip(asked, has, strict=True))}
        expected = [each.case_id for each in found if (each.case_id in fits if any(asked) else each.differs)]
        assert (asked, expected) == (asked, ids)
    assert any(ids for _, severity, _, ids in shown if severity)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_violation_lost_does_not_look_like_a_note_lost(lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """Badges in the list and at the steps say how grave the findings are, in words and by their colour."""
    violation, note = (each.label(lang) for each in (Severity.VIOLATION, Severity.NOTE))
    path = write_page(tmp_path / "a.html", *compared(CLOSED, names=["T07"]), there=CLOSED, lang=lang)
    for at, where in (("", "#rows"), ("#T07/20", "#step-1 .head")):
        page = opened(path, at)
        badges = page.locator(f"{where} .badge")
        assert [f"− {violation} 1", f"+ {note} 1"] == badges.all_inner_texts()
        colours = badges.evaluate_all("all => all.map((each) => getComputedStyle(each).color)")
        assert 2 == len(set(colours))
    here = Side(conditions=two_editions(date(2025, 4, 11)))
    page = opened(write_page(tmp_path / "b.html", *compared(MILDER, here, ["S03"]), there=MILDER, here=here, lang=lang))
    milder = f"≠ {violation} → {Severity.OBSERVATION.label(lang)} 1"
    assert milder in page.locator("#rows .badge.violation").all_inner_texts()


@pytest.mark.parametrize(("lang", "told"), [("ja", "違いのあるケースはありません。"), ("en", "No case differs.")])
def test_that_no_case_differs_is_said(lang: Lang, told: str, tmp_path: Path, opened: Opened) -> None:
    """It is not that the filters fit nothing; all cases are shown by the way that is told."""
    page = opened(write_page(tmp_path / "a.html", *compared(side("built in")), there=side("built in"), lang=lang))
    assert page.locator("#rows").inner_text().startswith(told)
    page.locator("#f-differs").select_option("")
    assert len(STORIES) == page.locator("#rows a").count()
    page.locator("#f-severity").select_option("note")
    assert ("条件に合うケースはありません。" if lang == "ja" else "No case fits.") == page.locator("#rows").inner_text()


def test_what_differs_as_of_the_day_alone_is_told_plainly(tmp_path: Path, opened: Opened) -> None:
    """At no event, but as of the day asked about; or at both."""
    (found,) = compared(REVIEW, names=["S01"])
    assert found.at_last
    (other,) = compared(MANY, names=["S01"])
    for steps, told in (((), "only as of the day asked about"), (other.steps, "and also as of the day asked about")):
        item = attrs.evolve(found, steps=steps)
        page = opened(write_page(tmp_path / "a.html", item, there=REVIEW, lang="en"))
        assert f"{len(item.steps)} of {found.compared}\n{told}" == page.locator("#rows .days").inner_text()


def test_a_very_long_id_leaves_room_for_the_rest(tmp_path: Path, opened: Opened) -> None:
    """It breaks within its column, on the screen and on paper."""
    (found,) = compared(MANY, names=["T03"])
    long = "Z" * 200
    item = attrs.evolve(
        found, here=attrs.evolve(found.here, case_id=long), there=attrs.evolve(found.there, case_id=long)
    )
    page = opened(write_page(tmp_path / "a.html", item, there=MANY))
    for medium in ("screen", "print"):
        page.emulate_media(media=medium)
        page.set_viewport_size({"width": 1280 if medium == "screen" else 690, "height": 900})
        widths = page.locator("#rows th, #rows td:not(.pick)").evaluate_all(
            "all => all.map((each) => each.clientWidth)"
        )
        assert widths[0] <= 300
        assert min(widths) >= 40


def test_errors_and_an_empty_page(tmp_path: Path, opened: Opened) -> None:
    """What cannot be used is named, with a link from the top; a page without a case breaks nowhere."""
    page = opened(write_page(tmp_path / "a.html", *SPOILT, there=side("days"), lang="en"))
    page.get_by_role("link", name="See the records that cannot be used (1)").click()
    expect(page.locator("footer .unusable")).to_be_focused()
    assert "cases.jsonl:7: seq: is no line" in page.locator(".unusable").inner_text()
    assert "There was no case that could be compared." == page.locator("#rows").inner_text()
    assert "null" not in page.locator("body").inner_text()


def test_of_several_files_each_case_names_its_own(tmp_path: Path, opened: Opened) -> None:
    """With one file nothing is repeated in every row; with two, each row says which one it is from."""
    there = side("first day")
    found = [
        attrs.evolve(each, here=attrs.evolve(each.here, source=f"{each.case_id}/<b>.jsonl"))
        for each in compared(there, names=["S01", "S02"])
    ]
    page = opened(write_page(tmp_path / "a.html", found[0], there=there))
    assert [] == page.locator("#rows th .quiet").all_inner_texts()
    page.evaluate("location.hash = '#S01'")
    assert "読込元" not in page.locator("#case .facts").inner_text()
    page = opened(write_page(tmp_path / "b.html", *found, there=there))
    assert ["S01/<b>.jsonl", "S02/<b>.jsonl"] == page.locator("#rows th .quiet").all_inner_texts()
    page.locator("#f-source").select_option("S02/<b>.jsonl")
    assert ["S02"] == page.locator("#rows a").all_inner_texts()
    page.evaluate("location.hash = '#S01'")
    assert "読込元\nS01/<b>.jsonl" in page.locator("#case .facts").inner_text()
    page = opened(tmp_path / "b.html", java_script_enabled=False)
    page.locator("noscript details summary").first.click()
    assert "読込元: S01/<b>.jsonl" in page.locator("noscript details").first.inner_text()


# Step by step ---------------------------------------------------------------------------------------------------------


def test_a_step_has_both_sides(many_page: Path, opened: Opened) -> None:
    """T03: the finding that would go, the one that would come, the one that would say something else; the sums."""
    page = opened(many_page, "#T03/3")
    assert "記録 3" == current(page)
    rows = page.locator("#step-1 .both-sides tbody tr")
    told = {row.locator("th .badge").inner_text(): row.locator("td").all_inner_texts() for row in rows.all()}
    assert {"− 元の条件だけ", "+ 別の条件だけ", "≠ 両方にあって異なる"} == set(told)
    here, there = told["− 元の条件だけ"]
    assert "違反" in here
    assert "第4条第1号ア" in here
    assert "世帯の収入109,501円が上限109,500円を超えています" in here
    assert "指摘なし" == there
    assert "指摘なし" == told["+ 別の条件だけ"][0]
    assert "別の設定.toml" in page.locator("#step-1 thead").inner_text()
    sums = page.locator("#step-0 .both-sides tbody tr td")
    assert "基準額: 930,000 ÷ 12 = 77,500円" in sums.nth(0).locator("mark").all_inner_texts()
    assert "申込日" in sums.nth(0).locator("div.line").first.inner_text()
    assert sums.nth(0).locator("div.line").first.inner_text() == sums.nth(1).locator("div.line").first.inner_text()


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("there", [MANY, side("days"), side("deduction"), Side(conditions=two_editions(NEW_TEXT))])
def test_every_change_of_every_case_is_shown(there: Side, lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """A row for each change, in the order of the comparison, with the words of either side."""
    here = Side(conditions=two_editions(date(2025, 4, 11)))
    items = [each for each in compared(there, here) if each.differs]
    page = opened(write_page(tmp_path / "a.html", *items, there=there, here=here, lang=lang))
    for item in items:
        page.evaluate(f"location.hash = '#{item.case_id}'")
        expect(page.locator("#case-title")).to_have_text(item.case_id)
        rows = page.locator("#steps .both-sides tbody tr").evaluate_all(
            "all => all.map(row => [...row.children].map(cell => cell.textContent))"
        )
        assert len(list(item.changes)) == len(rows)
        for change, (label, *sides) in zip(item.changes, rows, strict=True):
            assert label.startswith(change.aspect.label(lang))
            for value, told in zip((change.here, change.there), sides, strict=True):
                if change.aspect is Aspect.FINDING and value is not None:
                    assert value.message(lang) in told
                    assert value.rule.code in told
                if change.aspect in {Aspect.DUTY, Aspect.DISCHARGED} and value is not None and value.due:
                    assert value.due.isoformat() in told
                if change.aspect is Aspect.PERIOD and value is not None:
                    assert value.end.isoformat() in told
                assert told


def test_stepping_by_keys_and_links(first_day_page: Path, opened: Opened) -> None:
    """Keys and the address walk the steps and the day asked about; Esc leads back; an unknown step says so."""
    page = opened(first_day_page, "#S01")
    assert "記録 6" == current(page)
    for key, number, address in [
        ("j", "基準日", "S01/as-of"),
        ("j", "基準日", "S01/as-of"),
        ("k", "記録 6", "S01/6"),
        ("End", "基準日", "S01/as-of"),
        ("Home", "記録 6", "S01/6"),
    ]:
        page.keyboard.press(key)
        assert (number, address) == (current(page), hash_of(page))
    assert 2 == page.locator("#steps .body:visible").count()
    page.get_by_role("button", name="すべて閉じる").click()
    assert 0 == page.locator("#steps .body:visible").count()
    page.get_by_role("link", name="次のケース").click()
    assert "S02" == hash_of(page)
    page.evaluate("location.hash = '#S02/2'")
    expect(page.locator("#no-step")).to_have_text("記録 2 に違いはありません。")
    page.evaluate("location.hash = '#S02/as-of'")
    expect(page.locator("#no-step")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#overview-title")).to_be_focused()
    page.evaluate("location.hash = '#nobody'")
    expect(page.locator("#unknown")).to_have_text("このファイルにケース nobody はありません。")


def test_of_a_very_long_case_one_step_is_open(tmp_path: Path, opened: Opened) -> None:
    """A case that differs at 150 events is built piece by piece, with the present step open."""
    (found,) = compared(MANY, names=["T03"])
    step = found.steps[1]
    steps = tuple(attrs.evolve(step, event=attrs.evolve(step.event, seq=seq)) for seq in range(1, 151))
    page = opened(write_page(tmp_path / "a.html", attrs.evolve(found, steps=steps), there=MANY), "#T03/40")
    assert (100, 1) == (page.locator("#steps .step").count(), page.locator("#steps .body:visible").count())
    page.keyboard.press("End")
    assert "記録 150" == current(page)
    assert 1 == page.locator("#steps .body:visible").count()


def test_a_case_without_a_difference_says_so(first_day_page: Path, opened: Opened) -> None:
    """It is in the file, and keys do nothing in it."""
    page = opened(first_day_page, "#T01")
    assert "違いなし" == page.locator("#case .same").inner_text()
    for key in ("j", "k", "Home", "End", "o"):
        page.keyboard.press(key)
    assert "T01" == hash_of(page)


def test_another_order_and_another_state_are_told(tmp_path: Path, opened: Opened) -> None:
    """The head of the case has the orders judged; the list has the state on either side where it is not the same."""
    told = course("selected").on("2025-04-14", VISIT, by=ES)
    told.on("2025-04-14", course("consented").last.data)
    here, there = Side(conditions=two_editions(date(2025, 4, 11))), Side(conditions=two_editions(NEW_TEXT))
    found = compare(told.events, as_of=AS_OF, here=here.conditions, there=there.conditions)
    assert found is not None
    page = opened(write_page(tmp_path / "a.html", found, there=there, here=here), f"#{found.case_id}")
    assert "1 2 4 3 → 1 2 3 4" in page.locator("#case .facts").inner_text()
    (ended,) = compared(there, here, ["S01"])
    moved = attrs.evolve(
        ended,
        there=attrs.evolve(ended.there, state=State.EXTENDED, period=None),
        at_last=(Change(Aspect.STATE, State.ENDED, State.EXTENDED),),
    )
    page = opened(write_page(tmp_path / "b.html", moved, there=there, here=here))
    assert "終了 → 延長" in page.locator("#rows").inner_text()
    page.get_by_role("link", name="S01").click()
    assert "終了 → 延長" in page.locator("#case .facts").inner_text()
    assert "(2025-07-14) → なし" in page.locator("#case .facts").inner_text()
    page.keyboard.press("End")
    assert ["状態", "終了", "延長"] == page.locator("[aria-current] .both-sides tbody :is(th, td)").all_inner_texts()


def test_hostile_text_is_inert_and_unaltered(tmp_path: Path, opened: Opened) -> None:
    """Case ids, overlay names and what a finding quotes are shown and not obeyed; ids work as links too."""
    there = attrs.evolve(MANY, overlay=HOSTILE[0])
    cases = []
    for number, bad in enumerate(HOSTILE):
        line = re.sub(r"[\x00-\x1f\x7f]", "", bad) or "x"
        found = compare(story("T03", f"{number} {line}"), as_of=AS_OF, here=HERE.conditions, there=there.conditions)
        assert found is not None
        finding = next(each for each in found.changes if each.aspect is Aspect.FINDING and each.here)
        quoting = attrs.evolve(finding.here, overridden=bad)
        step = attrs.evolve(found.steps[0], changes=(attrs.evolve(finding, here=quoting),))
        cases.append(attrs.evolve(found, steps=(step, *found.steps[1:])))
    path = write_page(tmp_path / "a.html", *cases, there=there)
    page = opened(path)
    assert [found.case_id for found in cases] == page.locator("#rows a").evaluate_all(
        "all => all.map(e => e.textContent)"
    )
    for at, found in enumerate(cases):
        page.locator("#rows a").nth(at).click()
        assert found.case_id == page.locator("#case-title").text_content()
        texts = page.locator("#step-0 td bdi").evaluate_all("all => all.map(each => each.textContent)")
        assert HOSTILE[at] in texts
        page.reload()
        assert found.case_id == page.locator("#case-title").text_content()
        page.get_by_role("link", name="一覧へ戻る").click()
    assert page.evaluate("window.taken ?? null") is None
    plain = opened(path, java_script_enabled=False)
    texts = plain.locator("summary bdi").evaluate_all("all => all.map(each => each.textContent)")
    assert {found.case_id for found in cases} <= set(texts)


# Without scripts, on paper, for everybody -----------------------------------------------------------------------------


def test_without_scripts_the_tables_are_there(many_page: Path, opened: Opened) -> None:
    """Conditions, each case with both sides, totals and rules; nothing that needs a script is seen."""
    page = opened(many_page, java_script_enabled=False)
    assert page.locator("#sides").is_visible()
    assert page.locator("noscript .notice").is_visible()
    assert page.locator("footer #by-rule").is_visible()
    case = page.locator("details", has=page.locator("summary", has_text="T03"))
    assert not case.locator("table").first.is_visible()
    case.locator("summary").click()
    assert "世帯の収入109,501円が上限109,500円を超えています" in case.locator("table").inner_text()
    assert page.locator("#overview").is_hidden()
    assert len(STORIES) == page.locator("noscript details").count()


def test_printing_has_every_step_of_the_chosen_cases(many_page: Path, opened: Opened) -> None:
    """Conditions, then each chosen case on a page of its own with all that differs; no control; A4."""
    page = opened(many_page)
    for name in ("S05", "T03"):
        page.get_by_label(f"{name} を印刷する").check()
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            const all = (what) => [...document.querySelectorAll(`#print ${what}`)];
            window.paper = {
                cases: all(".sheets > h2").map((each) => each.textContent),
                rows: all(".printed").map((each) => each.querySelectorAll(".both-sides tbody tr").length),
                controls: all(":is(button, select, input, details)").length,
            };
        })"""
    )
    pdf = page.pdf(prefer_css_page_size=True)
    rows = [*(len(list(each.changes)) for each in compared(MANY, names=["S05", "T03"])), 0]
    assert {"cases": ["S05", "T03"], "rows": rows, "controls": 0} == page.evaluate("window.paper")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) >= 2
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][\d.]* 84[12]", pdf)
    assert "" == page.locator("#print").inner_text()


def test_every_sheet_names_its_case(many_page: Path, opened: Opened) -> None:
    """Id, programme, page and day stand in a head repeated on every sheet; of the rows, only sums are parted."""
    page = opened(many_page, "#T03")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    head = page.locator("#print .running")
    told = "対馬市生活困窮者等就労準備支援事業実施要綱 / 就労支援ケースの比較: 別の条件なら何が変わるか"
    assert f"T03 {told} / 基準日 令和8年11月21日 (2026-11-21)" == head.inner_text()
    style = "each => [getComputedStyle(each).display, getComputedStyle(each).breakInside]"
    assert ["table-header-group", "avoid"] == head.evaluate(style)
    breaks = page.locator("#print .both-sides tbody tr").evaluate_all(
        "all => all.map((each) => [each.cells[0].textContent.trim(), getComputedStyle(each).breakInside])"
    )
    assert {"auto", "avoid"} == {inside for _, inside in breaks}
    assert all((inside == "auto") == (what == "収入・資産の計算") for what, inside in breaks)
    assert "counter(page)" in page.evaluate(
        "[...document.styleSheets[0].cssRules].filter((each) => each instanceof CSSPageRule)[0].cssText"
    )


def test_the_printed_list_is_whole_and_says_how_it_is_filtered(tmp_path: Path, opened: Opened) -> None:
    """All rows that fit are on paper, though the screen has 300 of them; afterwards the screen is as before."""
    (found,) = compared(MANY, names=["T03"])
    items = [
        attrs.evolve(found, here=attrs.evolve(found.here, case_id=name), there=attrs.evolve(found.there, case_id=name))
        for name in [*(f"T-{at:03}" for at in range(310)), "S<b>"]
    ]
    page = opened(write_page(tmp_path / "a.html", *items, there=MANY))
    page.locator("#f-text").fill("t-")
    page.locator("#f-severity").select_option("violation")
    assert page.locator("#asked").is_hidden()
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            window.paper = [...document.querySelectorAll("#rows a")].map((each) => each.textContent);
        })"""
    )
    page.pdf()
    assert [f"T-{at:03}" for at in range(310)] == page.evaluate("window.paper")
    assert (300, "さらに 10 ケースを表示") == (page.locator("#rows a").count(), page.locator("#more").inner_text())
    page.emulate_media(media="print")
    told = "311 ケースのうち 310 ケース。絞り込み: ケース番号に含まれる文字: t-、違い: 違いのあるもの、重大度: 違反"
    assert told == page.locator("#asked").inner_text()


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_no_head_of_a_column_is_broken_within_a_word(lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """On the screen and on A4: the heads of the list, and on A4 all heads of the tables of a case."""
    path = write_page(tmp_path / "a.html", *compared(MANY), there=MANY, lang=lang)
    page = opened(path)
    heads = page.locator("#cases thead th")
    assert heads.count() > 8
    assert [] == heads.evaluate_all(BROKEN)
    page = opened(path, viewport=A4)
    page.emulate_media(media="print")
    assert [] == page.locator("#cases thead th").evaluate_all(BROKEN)
    page = opened(path, "#S05", viewport=A4)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    heads = page.locator("#print thead th")
    assert heads.count() > 2
    assert [] == heads.evaluate_all(BROKEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]


def test_printed_without_scripts_every_case_is_open(many_page: Path, opened: Opened) -> None:
    """On paper nothing can be opened: the tables of all cases are there."""
    page = opened(many_page, java_script_enabled=False)
    tables = page.locator("noscript details table")
    assert not tables.first.is_visible()
    page.emulate_media(media="print")
    differ = sum(each.differs for each in compared(MANY))
    assert differ == tables.count()
    for table in tables.all():
        expect(table).to_be_visible()
        box = table.bounding_box()
        assert box is not None
        assert box["height"] > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("at", ["", "#T03/3", "#S05"])
def test_nobody_is_kept_out(many_page: Path, opened: Opened, scheme: Any, at: str) -> None:
    """axe-core finds nothing serious in the list or in a case, light or dark."""
    page = opened(many_page, at, color_scheme=scheme, bypass_csp=True)
    assert [] == serious(page)


def test_the_same_in_english_and_on_a_phone(tmp_path: Path, opened: Opened) -> None:
    """The English page is English; on a narrow screen nothing but the wide tables scrolls sideways."""
    path = write_page(tmp_path / "a.html", *compared(MANY, names=["T03"]), there=MANY, lang="en")
    page = opened(path, "#T03/3", viewport={"width": 390, "height": 844}, bypass_csp=True)
    assert "en" == page.locator("html").get_attribute("lang")
    assert "event 3" == current(page)
    assert "income 109,501 yen is above the limit of 109,500 yen" in page.locator("#step-1").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [] == serious(page)


def test_the_skip_link_and_the_landmarks(many_page: Path, opened: Opened) -> None:
    """The first Tab leads to the way past the head; there is one of each landmark."""
    page = opened(many_page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    for landmark in ("banner", "main", "contentinfo", "search"):
        assert 1 == page.get_by_role(landmark).count()
