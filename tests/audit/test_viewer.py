"""The page in a real browser: opened from a folder, stepped through by keys, filtered, printed, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from playwright.sync_api import Page, expect

from shuroflow.audit import Proof, Receipt, write_html
from shuroflow.audit.questions import answering, audit_questions
from shuroflow.audit.receipt import Input
from shuroflow.audit.report import day_text
from shuroflow.errors import InputError
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.events import saitama as s
from shuroflow.states import programme
from shuroflow.vocabulary import Lang, Severity, State
from tests.audit.pages import HOSTILE, Watch, reported, serious, write_page
from tests.audit.records import STORIES, story
from tests.states.saitama_stories import VISIT
from tests.states.saitama_stories import course as saitama_course
from tests.states.story import AS_OF, ES, JST, SV, Story

Opened = Callable[..., Page]


def hash_of(page: Page) -> str:
    """The part of the address after #."""
    return page.url.partition("#")[2]


def open_steps(page: Page) -> list[str]:
    """The numbers of the events whose steps are open."""
    return [
        re.sub(r"\D", "", head.inner_text().split("\n")[0])
        for head in page.locator("#steps .head[aria-expanded=true] .seq").all()
    ]


def current(page: Page) -> str:
    """What stands in the head of the present step."""
    return page.locator("#steps [aria-current=step] .head").inner_text()


# Opening --------------------------------------------------------------------------------------------------------------


def test_it_opens_from_a_folder(samples_page: Path, opened: Opened, watch: Watch) -> None:
    """One file, nothing else asked for, nothing said; all cases are in the list with their counts."""
    page = opened(samples_page)
    assert len(STORIES) == page.locator("#rows tr").count()
    assert [samples_page.as_uri()] == watch.asked
    row = page.locator("#rows tr", has=page.get_by_role("link", name="T06", exact=True))
    assert ["対馬市生活困窮者等就労準備支援事業実施要綱", "中止"] == row.locator("td").all_inner_texts()[1:3]
    assert "ケース 20件" in page.locator(".totals").inner_text()


def test_a_page_without_a_case_opens_too(tmp_path: Path, opened: Opened) -> None:
    """Nothing was found in the sources, or nothing of it could be used: the page says so and breaks nowhere."""
    page = opened(write_page(tmp_path / "a.html", InputError("is bad", file="a.jsonl", line=3)))
    assert "条件に合うケースはありません。" == page.locator("#rows").inner_text()
    assert "a.jsonl:3: is bad" in page.locator(".unusable").inner_text()
    assert page.locator("#choose-all").is_disabled()
    assert page.locator("#print-chosen").is_disabled()


def test_the_policy_holds(samples_page: Path, opened: Opened, watch: Watch) -> None:
    """Script and style that are not the page's own do not run; nothing can be fetched, sent or embedded."""
    page = opened(samples_page)
    page.evaluate(
        """async () => {
            document.head.append(Object.assign(document.createElement("script"), {textContent: "window.taken = 1"}));
            document.body.insertAdjacentHTML("beforeend", "<p id=p style='color:red' onclick='window.taken=1'>x</p>");
            document.getElementById("p").click();
            window.fetched = await fetch("data:text/plain,x").then(() => "yes", () => "no");
        }"""
    )
    assert [None, "no"] == page.evaluate("[window.taken ?? null, window.fetched]")
    assert "rgb(255, 0, 0)" != page.evaluate("getComputedStyle(document.getElementById('p')).color")
    assert len(watch.said) >= 4
    assert all("Content Security Policy" in said for said in watch.said)
    watch.said.clear()
    watch.asked[:] = [url for url in watch.asked if not url.startswith("data:")]


# Stepping -------------------------------------------------------------------------------------------------------------


def test_stepping_by_keys(samples_page: Path, opened: Opened) -> None:
    """j k, arrows, Home and End walk the steps, as fast as they are pressed; Esc leads back to the list."""
    page = opened(samples_page, "#S02")
    expect(page.locator("#case-title")).to_be_focused()
    assert "リストアップ" in current(page)
    for key, seq in [
        ("j", 2),
        ("ArrowRight", 3),
        ("k", 2),
        ("ArrowLeft", 1),
        ("k", 1),
        ("End", 13),
        ("j", 13),
        ("Home", 1),
    ]:
        page.keyboard.press(key)
        assert f"記録 {seq}" == current(page).split("\n")[0]
        assert [str(seq)] == open_steps(page)
    page.evaluate(
        """() => { for (const key of "jjjjj") document.body.dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})) }"""
    )
    assert "記録 6" == current(page).split("\n")[0]
    assert "S02/6" == hash_of(page)
    page.locator("#step-5 .head").focus()
    page.keyboard.press("ArrowDown")
    assert "記録 7" == current(page).split("\n")[0]
    expect(page.locator("#step-6 .head")).to_be_focused()
    assert "13 件中 7 件目" in page.locator("#live").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#overview-title")).to_be_focused()
    assert page.locator("#case").is_hidden()


@pytest.mark.parametrize(
    "viewport",
    [{"width": 1280, "height": 900}, {"width": 1920, "height": 1080}, {"width": 390, "height": 844}],
    ids=["wide", "wider", "narrow"],
)
def test_a_step_is_shown_from_its_head(samples_page: Path, opened: Opened, viewport: Any) -> None:
    """By key, button, link, back and forward: the head is below the bar at the top, or as high as the page goes."""
    page = opened(samples_page, "#T07/5", viewport=viewport)

    def at(seq: int) -> None:
        expect(page.locator("#steps [aria-current=step] .seq")).to_have_text(f"記録 {seq}")
        head, bar, left = page.evaluate(
            """() => [
                document.querySelector("#steps [aria-current=step] .head").getBoundingClientRect().top,
                document.querySelector("#case .toolbar").getBoundingClientRect().bottom,
                document.documentElement.scrollHeight - innerHeight - scrollY,
            ]"""
        )
        assert bar <= head
        assert head <= bar + 16 or left < 1
        assert head < viewport["height"] - 40

    at(5)
    for key, seq in [("k", 4), ("ArrowLeft", 3), ("j", 4), ("End", 20), ("k", 19), ("Home", 1), ("ArrowRight", 2)]:
        page.keyboard.press(key)
        at(seq)
    for name, seq in [("最後", 20), ("前へ", 19), ("最初", 1), ("次へ", 2)]:
        page.get_by_role("button", name=name, exact=True).click()
        at(seq)
    page.evaluate("scrollTo(0, 0)")
    page.go_back()
    at(1)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.go_back()
    at(19)
    page.go_forward()
    at(1)
    page.evaluate("location.hash = '#T07/6'")
    at(6)
    page.reload()
    at(6)
    page.get_by_role("button", name="すべて開く").click()
    for key, seq in [("k", 5), ("k", 4), ("j", 5), ("Home", 1)]:
        page.keyboard.press(key)
        at(seq)
    page.evaluate("location.hash = '#T08/2'")
    at(2)


def test_keys_are_left_alone_in_fields(samples_page: Path, opened: Opened) -> None:
    """Typing a j into the search field is typing; so is anything with a modifier."""
    page = opened(samples_page)
    page.locator("#f-text").fill("")
    page.keyboard.type("jk")
    assert ("jk", "") == (page.locator("#f-text").input_value(), hash_of(page))
    page = opened(samples_page, "#S02/3")
    page.keyboard.press("Control+j")
    page.keyboard.press("Alt+k")
    assert "S02/3" == hash_of(page)


def test_links_lead_to_a_step_and_back(samples_page: Path, opened: Opened) -> None:
    """``#case/step`` opens there; back and forward walk the same way; an unknown case says so."""
    page = opened(samples_page, "#T03/3")
    assert "利用決定" in current(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "記録 5" == current(page).split("\n")[0]
    page.go_back()
    expect(page.locator("#step-3[aria-current]")).to_have_count(1)
    assert "T03/4" == hash_of(page)
    page.go_back()
    expect(page.locator("#step-2[aria-current]")).to_have_count(1)
    page.go_forward()
    expect(page.locator("#step-3[aria-current]")).to_have_count(1)
    page.get_by_role("link", name="次のケース").click()
    assert "T04" == hash_of(page)
    page.get_by_role("link", name="一覧へ戻る").click()
    assert page.locator("#overview").is_visible()
    page.evaluate("location.hash = '#nobody/1'")
    expect(page.locator("#unknown")).to_have_text("このファイルにケース nobody はありません。")
    page.evaluate("location.hash = '#T03/99'")
    expect(page.locator("#no-step")).to_have_text("このケースに記録 99 はありません。")
    assert "記録 1" == current(page).split("\n")[0]


@pytest.mark.parametrize(("asked", "lang"), [("99", "ja"), ("abc", "en"), ("%3Cb%3E", "ja")])
def test_a_step_that_is_not_there_is_said_and_not_left_in_the_address(
    asked: str, lang: Lang, tmp_path: Path, opened: Opened
) -> None:
    """In view above the case, whether the page opens so or is led there; going on takes the notice away."""
    path = write_page(tmp_path / "a.html", reported(story("T07")), lang=lang)
    name = asked.replace("%3Cb%3E", "<b>")
    told = {"ja": f"このケースに記録 {name} はありません。", "en": f"This case has no event {name}."}[lang]
    page = opened(path, f"#T07/{asked}")
    for _ in range(2):
        expect(page.locator("#no-step")).to_have_text(told)
        expect(page.locator("#no-step")).to_be_in_viewport(ratio=1)
        expect(page.locator("#live")).to_have_text(told)
        assert "T07" == hash_of(page)
        page.keyboard.press("End")
        expect(page.locator("#no-step")).to_be_hidden()
        page.keyboard.press("k")
        assert "T07/19" == hash_of(page)
        page.evaluate(f"location.hash = '#T07/{asked}'")
    page.go_back()
    expect(page.locator("#step-18[aria-current]")).to_have_count(1)
    assert "T07/19" == hash_of(page)
    expect(page.locator("#no-step")).to_be_hidden()


def test_several_steps_stay_open(samples_page: Path, opened: Opened) -> None:
    """Clicked steps stay open beside the present one; o keeps one open; all can be opened and closed."""
    page = opened(samples_page, "#S02/1")
    page.locator("#step-4 .head").click()
    page.locator("#step-6 .head").click()
    assert ["5", "7"] == open_steps(page)
    page.keyboard.press("j")
    assert ["5", "7", "8"] == open_steps(page)
    page.keyboard.press("o")
    page.keyboard.press("j")
    assert ["5", "7", "8", "9"] == open_steps(page)
    page.locator("#step-4 .head").click()
    assert ["7", "8", "9"] == open_steps(page)
    page.get_by_role("button", name="すべて開く").click()
    assert 13 == len(open_steps(page))
    page.get_by_role("button", name="すべて閉じる").click()
    assert [] == open_steps(page)
    assert "S02/9" == hash_of(page)


def test_a_step_says_what_was_done_and_which_rule_forbade_it(samples_page: Path, opened: Opened) -> None:
    """T03 was approved one yen above the limit: the rule, its clause, the values and the arithmetic are there."""
    page = opened(samples_page, "#T03/3")
    body = page.locator("#step-2 .body")
    failed = body.locator(".rules > .violation")
    assert 1 == failed.count()
    told = failed.inner_text()
    assert "第4条第1号ア" in told
    assert "世帯の収入109,501円が上限109,500円を超えています" in told
    assert "第4条第2号により所長が必要と認めるか、却下してください" in told
    assert "収入(円): 109,501" in told
    assert "収入 109,501円 → 超過: 非該当" in body.locator(".arithmetic").inner_text()
    held = body.locator("details.more-rules", has_text="守られている規則")
    assert held.get_attribute("open") is None
    held.locator("summary").click()
    decided = held.locator("tr", has_text="査定の日")
    assert "査定の日: 令和7年6月18日 (2025-06-18)" in decided.first.inner_text()
    assert "所長 dir-01" in body.locator("dl.content").inner_text()


@pytest.mark.parametrize(
    ("lang", "heading", "reason", "clause", "fact"),
    [
        (
            "ja",
            "適用のない規則",
            "専門員は受託事業者の者ではない",
            "2 県は、事業を担うことのできる民間事業者に実施を任せてもよい。",
            "専門員の所属: 県",
        ),
        (
            "en",
            "Rules that did not apply",
            "the specialist is not employed by a contractor",
            "2 The prefecture may entrust the work to a private operator able to carry it out.",
            "employer of the specialist: the prefecture",
        ),
    ],
)
def test_a_step_says_which_rules_did_not_apply_and_why(
    lang: Lang, heading: str, reason: str, clause: str, fact: str, opened: Opened, tmp_path: Path
) -> None:
    """S01 is supported by the prefecture's own specialist: the contract is asked of none, and the page says so."""
    page = opened(write_page(tmp_path / "a.html", reported(story("S01")), lang=lang), "#S01/6")
    out = page.locator("#step-5 .body details.more-rules", has_text=heading)
    assert f"{heading} (2)" == out.locator("summary").inner_text()
    (row,) = [row.inner_text() for row in out.locator("tbody").all() if reason in row.inner_text()]
    assert clause in row
    assert "saitama.contract_covers_day" in row
    assert fact in row


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", ["S04", "T03"])
def test_of_a_rule_that_held_stands_what_its_clause_says_and_not_how_to_mend_it(
    name: str, lang: Lang, opened: Opened, tmp_path: Path
) -> None:
    """Each row has the summary of the clause and the code of the rule, and tells nobody to mend what was kept."""
    kind = programme({"S": "saitama", "T": "tsushima"}[name[0]])
    remedies = {rule.mend.render({}, lang) for rule in kind.current.table.rules.values()}
    summaries = {clause.summary.in_(lang) for clause in kind.current.clauses}
    page = opened(write_page(tmp_path / "a.html", reported(story(name)), lang=lang), f"#{name}/3")
    page.get_by_role("button", name=re.compile("すべて開く|Open all")).click()
    codes = {rule.code for rule in kind.current.table.rules.values()}
    groups = page.locator("table.rules-table tbody").all()
    assert groups
    for group in groups:
        told = group.text_content() or ""
        assert (group.locator("tr.clause").text_content() or "").partition(" ")[2] in summaries
        assert [] == [remedy for remedy in remedies if remedy in told]
        assert {code.text_content() for code in group.locator("code").all()} <= codes


def test_a_copied_value_keeps_its_name_apart(opened: Opened, tmp_path: Path) -> None:
    """What is selected in the table of values has a sign between name and value, and between one value and the next."""
    page = opened(write_page(tmp_path / "a.html", reported(story("S04")), lang="en"), "#S04/1")
    page.get_by_role("button", name="Open all").click()
    copied = page.locator(".rules-table .values dl").all_text_contents()
    assert copied
    assert "done by: not recorded; recorded by: role: employment support specialist" in copied
    for told in copied:
        assert all(": " in each for each in told.split("; "))


def test_numbers_and_words_read_as_english(opened: Opened, tmp_path: Path) -> None:
    """One day is not said to be days, and no word of the list is cut in two."""
    told = saitama_course("listed").on("2025-04-04", VISIT, by=ES)
    page = opened(write_page(tmp_path / "a.html", reported(told.events), lang="en"), "#case-1/2")
    assert "1 day after the event before" in page.locator("#step-1").inner_text()
    assert "Rules that concern this event: " in page.locator("#step-1").inner_text()
    page = opened(write_page(tmp_path / "b.html", reported(story("S04")), lang="en"))
    lines = page.get_by_role("cell", name="extended", exact=True).evaluate(
        """(cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return range.getClientRects().length;
        }"""
    )
    assert 1 == lines


def test_the_diagram_lights_the_way(samples_page: Path, opened: Opened) -> None:
    """At each step, the states passed and the arrows between them, and the present state alone as present."""
    page = opened(samples_page, "#S01/1")

    def lit() -> tuple[list[str | None], str | None, int]:
        passed = [shape.get_attribute("data-state") for shape in page.locator("#now .state.passed").all()]
        present = page.locator("#now .state.present")
        assert 1 == present.count()
        return passed, present.get_attribute("data-state"), page.locator("#now .arrow.passed").count()

    assert (["new", "candidate"], "candidate", 1) == lit()
    for _ in range(5):
        page.keyboard.press("j")
    assert (["new", "candidate", "selected", "consented", "in_support"], "in_support", 4) == lit()
    page.keyboard.press("End")
    passed = ["new", "candidate", "selected", "consented", "in_support", "ended"]
    assert (passed, "ended", 5) == lit()
    name = page.locator("#now svg.diagram").get_attribute("aria-label")
    assert name is not None
    assert "現在: 終了" in name
    page.keyboard.press("Home")
    assert "candidate" == lit()[1]


def test_what_the_days_did_after_the_last_event_is_said(samples_page: Path, opened: Opened) -> None:
    """T03 ended by itself on 31 March; S04 stands as its last event left it."""
    page = opened(samples_page, "#T03")
    told = "基準日 令和8年11月21日 (2026-11-21) の状態: 終了 (日の経過により 支援中 → 終了)"
    assert told == page.locator(".as-of").inner_text()
    page = opened(samples_page, "#S04")
    assert "基準日 令和8年11月21日 (2026-11-21) の状態: 延長" == page.locator(".as-of").inner_text()


def test_a_move_that_the_text_does_not_know_is_drawn_apart(samples_page: Path, opened: Opened) -> None:
    """S09 claims a discontinuation, which this 要綱 does not have."""
    page = opened(samples_page, "#S09")
    page.keyboard.press("End")
    assert 1 == page.locator("#now path.off-chart").count()
    assert "discontinued" == page.locator("#now .state.off-chart.present").get_attribute("data-state")
    page.keyboard.press("Home")
    assert 0 == page.locator("#now .off-chart").count()


@pytest.mark.parametrize("name", ["S01", "T01"])
def test_such_a_move_runs_behind_no_state_and_has_a_tip(name: str, tmp_path: Path, opened: Opened) -> None:
    """Between any two states: it leaves the border of the one, has its tip at the other, and touches none between."""
    report = reported(story(name)[:1])
    explained = report.explanation
    assert explained is not None
    kind = programme(report.programme).current
    states = sorted({arrow.source for arrow in kind.arrows()} | {arrow.dest for arrow in kind.arrows()})
    ways = [(one, other) for one in states for other in (*states, State.DISCONTINUED) if one != other != State.NEW]
    reports = []
    for one, other in dict.fromkeys(ways):
        step = attrs.evolve(explained.steps[0], source=one, destination=other, after=other)
        told = attrs.evolve(explained, case_id=f"{one.value} {other.value}", steps=(step,))
        reports.append(attrs.evolve(report, case_id=told.case_id, explanation=told))
    page = opened(write_page(tmp_path / "a.html", *reports))
    drawn = 0
    for each in reports:
        page.evaluate("(id) => { location.hash = `#${encodeURIComponent(id)}/1`; }", each.case_id)
        expect(page.locator("#case-title")).to_have_text(each.case_id)
        lines = page.locator("#now svg.diagram").evaluate(
            """(chart) => {
                const boxes = [...chart.querySelectorAll(".state")].map((state) =>
                    [state.dataset.state, state.querySelector("rect, circle").getBBox()]);
                const within = ({ x, y }, box, by) =>
                    box.x + by < x && x < box.x + box.width - by && box.y + by < y && y < box.y + box.height - by;
                return [...chart.querySelectorAll("path.off-chart")].map((path) => {
                    const length = path.getTotalLength();
                    const points = [];
                    for (let at = 0; at <= length; at += 0.5) points.push(path.getPointAtLength(at));
                    points.push(path.getPointAtLength(length));
                    const on = (point) => boxes.filter(([, box]) => within(point, box, -1)).map(([state]) => state);
                    const tip = chart.querySelector(path.getAttribute("marker-end").slice(4, -1));
                    return {
                        ends: [on(points[0]), on(points.at(-1))].flat(),
                        behind: boxes.filter(([, box]) => points.some((each) => within(each, box, 1))).map(String),
                        tip: tip !== null && tip.tagName,
                        cut: points.some(({ x, y }) => x < 0 || y < 0 || x > chart.viewBox.baseVal.width
                            || y > chart.viewBox.baseVal.height),
                    };
                });
            }"""
        )
        asked = each.case_id.split(" ")
        for line in lines:
            assert ([], "marker", False) == (line["behind"], line["tip"], line["cut"]), each.case_id
            assert line["ends"] in (asked, ["new", asked[0]])
        drawn += len(lines)
    assert drawn > 20


def test_duties_stand_on_the_time_line_and_in_the_table(samples_page: Path, opened: Opened) -> None:
    """S04: the evaluation was made, the first decision was put anew by the extension, the second is open."""
    page = opened(samples_page, "#S04/11")
    assert 3 == page.locator("#now .timeline .bar").count()
    assert ["bar discharged", "bar replaced", "bar open"] == [
        bar.get_attribute("class") for bar in page.locator("#now .timeline .bar").all()
    ]
    rows = page.locator("#case > .wide tbody tr").all_inner_texts()
    assert "令和8年5月26日 (2026-05-26) 記録 13" in rows[0]
    assert "記録 10 により改められた" in rows[1]
    assert "令和8年5月31日 (2026-05-31)" in rows[2]
    assert "期限経過" in rows[2] or "未了" in rows[2]
    assert "延長の協議又は終了" in page.locator("#now-state").inner_text()
    assert "期日まで 68 日" in page.locator("#now-state").inner_text()


def test_corrections_are_seen_from_both_sides(tmp_path: Path, opened: Opened) -> None:
    """The corrected event shows what it said first and the correction; the correction leads to it; a withdrawn one."""
    events = story("S01")

    def amend(data: Corrected | Withdrawn, kind: str) -> None:
        on = date(2025, 9, len(events))
        at = datetime.combine(on, time(9), JST)
        changed = {"seq": len(events) + 1, "kind": kind, "data": data, "occurred_on": on, "recorded_at": at}
        events.append(attrs.evolve(events[-1], **changed))

    amend(Corrected(seq=3, reason="転記の誤り", approved_by=SV, occurred_on=date(2025, 4, 12)), "corrected")
    amend(Withdrawn(seq=8, reason="二重に記録", approved_by=SV), "withdrawn")
    page = opened(write_page(tmp_path / "a.html", reported(events)), "#S01/3")
    body = page.locator("#step-2 .body").inner_text()
    assert "訂正後の内容で有効" in current(page)
    assert "令和7年4月12日 (2025-04-12)" in body
    assert re.search(r"訂正前の内容\s+出来事の日\s+令和7年4月14日 \(2025-04-14\)", body)
    assert "転記の誤り" in body
    page.locator("#step-2 .body").get_by_role("link", name="記録 14").click()
    assert "訂正" in current(page)
    page.evaluate("location.hash = '#S01/8'")
    expect(page.locator(".step.withdrawn[aria-current]")).to_have_count(1)
    assert "取消済み" in current(page)
    assert "二重に記録" in page.locator(".step.withdrawn .body").inner_text()


def test_every_day_is_written_in_both_reckonings(tmp_path: Path, opened: Opened) -> None:
    """The page's own reckoning is that of the library, at the borders of the eras too."""
    told = Story("saitama", case_id="days")
    days = ["1872-12-31", "1873-01-01", "1912-07-29", "1912-07-30", "1926-12-24", "1926-12-25", "1989-01-07"]
    days += ["1989-01-08", "2019-04-30", "2019-05-01", "2019-12-31", "2020-01-01", "2025-04-10"]
    for day in days:
        told.on(day, s.Listed())
    page = opened(write_page(tmp_path / "a.html", reported(told.events)), "#days")
    page.get_by_role("button", name="すべて開く").click()
    seen = {(shown.get_attribute("datetime"), shown.inner_text()) for shown in page.locator("#steps .head time").all()}
    assert {(day, day_text(date.fromisoformat(day))) for day in days} == seen


def test_a_long_case_is_built_piece_by_piece(tmp_path: Path, opened: Opened) -> None:
    """Of 350 steps only those around the present one are in the page; the others come when they are asked for."""
    told = Story("saitama", case_id="long", events=story("S01")[:6], recorder=ES)
    told.events[:] = [attrs.evolve(event, case_id="long") for event in told.events]
    for number in range(344):
        told.on(date(2025, 4, 16) + timedelta(days=number // 4), VISIT)
    page = opened(write_page(tmp_path / "a.html", reported(told.events)), "#long/250")
    assert 100 == page.locator("#steps .step").count()
    assert "記録 250" == current(page).split("\n")[0]
    page.keyboard.press("Home")
    assert "記録 1" == current(page).split("\n")[0]
    assert 100 == page.locator("#steps .step").count()
    page.get_by_role("button", name="101～200 件目を表示").click()
    assert 200 == page.locator("#steps .step").count()
    page.keyboard.press("End")
    assert "記録 350" == current(page).split("\n")[0]


# Finding --------------------------------------------------------------------------------------------------------------


def test_filters_agree_with_the_reports(samples_page: Path, opened: Opened) -> None:
    """Each filter shows exactly the cases that the reports say, and they work together."""
    page = opened(samples_page)
    reports = [reported(story(name)) for name in STORIES]

    def shown(**chosen: str) -> list[str]:
        page.get_by_role("button", name="条件を消す").click()
        expect(page.locator("#rows tr")).to_have_count(len(reports))
        for name, value in chosen.items():
            if name == "text":
                page.locator("#f-text").fill(value)
            else:
                page.locator(f"#f-{name}").select_option(value)
        return page.locator("#rows a").all_inner_texts()

    def having(fits: Callable[[Any], bool]) -> list[str]:
        return [report.case_id for report in reports if fits(report)]

    assert having(lambda r: r.programme == "tsushima") == shown(programme="tsushima")
    assert having(lambda r: r.count(Severity.VIOLATION) > 0) == shown(severity="violation")
    assert having(lambda r: r.count(Severity.OBSERVATION) > 0) == shown(severity="observation")
    assert having(lambda r: not r.findings) == shown(severity="none")
    assert having(lambda r: any(f.clause == "4(5)" for f in r.findings)) == shown(clause="4(5)")
    by_question = {
        "quorum": ["S02"],
        "extension": ["S04", "S05", "T09"],
        "money": ["T07"],
        "notices": ["S08", "T04", "T06"],
    }
    for question, names in by_question.items():
        assert names == shown(question=question)
    kinds = {name: {event.seq: event.kind for event in story(name)} for name in STORIES}
    for question in ("papers", "eligibility", "period", "goals"):
        under = having(
            lambda r, q=question: any(  # type: ignore[misc]
                q in answering(r.programme).questions_of(f.rule.code, kinds[r.case_id].get(f.seq)) for f in r.findings
            )
        )
        assert under == shown(question=question)
    offered = page.locator("#f-question option").evaluate_all("all => all.map(each => each.value)")
    assert [each.code for each in audit_questions() if each.code in offered] == offered[1:]
    assert not {"roles", "lateness", "effect", "other"} & set(offered)
    assert having(lambda r: bool(r.case.duties)) == shown(duties="open")
    assert having(lambda r: not r.case.duties) == shown(duties="none")
    overdue = having(
        lambda r: any(d.in_time_until and d.in_time_until < date(2026, 11, 21) for d in r.case.duties.values())
    )
    assert overdue == shown(duties="overdue")
    assert having(lambda r: r.case_id.startswith("S0")) == shown(text="s０")
    assert having(lambda r: r.programme == "saitama" and bool(r.case.duties)) == shown(
        programme="saitama", duties="open"
    )
    assert having(lambda r: r.state.label() == "中止") == shown(state="中止")
    assert [] == shown(text="nobody")
    assert "20 ケースのうち 0 ケース" == page.locator("#found").inner_text()


# Text of unknown origin -----------------------------------------------------------------------------------------------


def hostile_case(number: int) -> list[Event]:
    """A case with a hostile text wherever a text may stand."""
    bad = HOSTILE[number]
    line = re.sub(r"[\x00-\x1f\x7f]", "", bad) or "x"
    who = attrs.evolve(ES, id=line)
    told = Story("saitama", case_id=f"{number} {line}", recorder=who)
    told.on("2025-04-03", s.Listed(reason=bad, prior_case_id=line), note=bad)
    told.on("2025-04-10", s.GoalsSet(goals=(s.Goal(id=line, text=bad, horizon=s.Horizon.SHORT),)), note=bad)
    told.on("2025-04-11", Corrected(seq=1, reason=bad, approved_by=who, data={"reason": bad + "2"}))
    return told.events


def test_hostile_text_is_inert_and_unaltered(tmp_path: Path, opened: Opened) -> None:
    """Wherever it stands, the page shows the very characters and obeys none of them; ids work as links too."""
    cases = [hostile_case(number) for number in range(len(HOSTILE))]
    path = write_page(tmp_path / "a.html", *map(reported, cases))
    page = opened(path)
    assert [events[0].case_id for events in cases] == [link.text_content() for link in page.locator("#rows a").all()]
    for at, events in enumerate(cases):
        bad = HOSTILE[at]
        page.locator("#rows a").nth(at).click()
        assert events[0].case_id == page.locator("#case-title").text_content()
        page.get_by_role("button", name="すべて開く").click()
        texts = page.locator("#steps dd > bdi, #steps li > bdi").evaluate_all(
            "all => all.map(each => each.textContent)"
        )
        assert {bad, bad + "2", events[0].data.prior_case_id} <= {
            *texts,
            *(text.removeprefix("理由: ") for text in texts),
        }
        assert page.locator("#steps .part", has_text="訂正前").count() == 1
        assert page.evaluate("[...document.querySelectorAll('bdi.mark')].every(mark => mark.textContent.length <= 1)")
        page.reload()
        assert events[0].case_id == page.locator("#case-title").text_content()
        page.get_by_role("link", name="一覧へ戻る").click()
    assert page.evaluate("window.taken ?? null") is None
    plain = opened(path, java_script_enabled=False)
    texts = plain.locator("td bdi").evaluate_all("all => all.map((each) => each.textContent)")
    assert [bad for bad in HOSTILE if bad + "2" not in texts] == []


# Without scripts, on paper, for everybody -----------------------------------------------------------------------------


def test_without_scripts_the_tables_are_there(samples_page: Path, opened: Opened) -> None:
    """Each case is a closed part with its findings and its record; the notice says why nothing moves."""
    page = opened(samples_page, java_script_enabled=False)
    assert page.locator("noscript .notice").is_visible()
    assert len(STORIES) == page.locator("details").count()
    case = page.locator("details", has=page.locator("summary", has_text="T03"))
    assert not case.locator("table").first.is_visible()
    case.locator("summary").click()
    assert case.locator("table").first.is_visible()
    assert "世帯の収入109,501円が上限109,500円を超えています" in case.locator("table").first.inner_text()
    assert len(story("T03")) == case.locator("table").nth(1).locator("td:first-child").count()
    assert page.locator("#overview").is_hidden()


def test_filters_on_findings_ask_of_one_and_the_same(samples_page: Path, opened: Opened) -> None:
    """Severity, clause and question in every combination: the cases with a finding that is all three."""
    page = opened(samples_page)
    codes = [question.code for question in audit_questions()]
    told = [
        (
            name,
            each.severity.value,
            each.clause,
            answering(report.programme).questions_of(each.rule.code, kinds[each.seq]),
        )
        for name in STORIES
        for report in [reported(story(name))]
        for kinds in [{event.seq: event.kind for event in story(name)}]
        for each in report.findings
    ]
    clauses = sorted({clause for _, _, clause, _ in told})
    shown = page.evaluate(
        """([clauses, codes]) => {
            const found = [];
            for (const severity of ["", "any", "none", "violation", "observation", "note"])
                for (const clause of ["", ...clauses])
                    for (const question of ["", ...codes]) {
                        const asked = [["severity", severity], ["clause", clause], ["question", question]];
                        for (const [name, value] of asked) document.getElementById(`f-${name}`).value = value;
                        if (document.getElementById("f-question").value !== question) continue;
                        document.getElementById("f-clause").dispatchEvent(new Event("change"));
                        const ids = [...document.querySelectorAll("#rows a")].map((each) => each.textContent);
                        found.push([severity, clause, question, ids]);
                    }
            return found;
        }""",
        [clauses, codes],
    )
    assert len(shown) > 6 * len(clauses)
    for severity, clause, question, ids in shown:
        fits = {
            name
            for name, grade, citation, asked in told
            if severity in ("", "any", grade) and clause in ("", citation) and (not question or question in asked)
        }
        if severity == "none":
            fits = set() if clause or question else set(STORIES) - {name for name, *_ in told}
        elif not (severity or clause or question):
            fits = set(STORIES)
        assert (severity, clause, question, [name for name in STORIES if name in fits]) == (
            severity,
            clause,
            question,
            ids,
        )


def test_the_printed_list_is_whole_and_says_how_it_is_filtered(tmp_path: Path, opened: Opened) -> None:
    """All rows that fit are on paper, though the screen has 300 of them; afterwards the screen is as before."""
    report = reported(story("S02"))
    names = [f"S-{at:03}" for at in range(310)]
    page = opened(write_page(tmp_path / "a.html", *(attrs.evolve(report, case_id=name) for name in names)))
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            window.paper = [...document.querySelectorAll("#rows a")].map((each) => each.textContent);
        })"""
    )
    page.pdf()
    assert names == page.evaluate("window.paper")
    assert (300, "さらに 10 ケースを表示") == (page.locator("#rows a").count(), page.locator("#more").inner_text())
    page.emulate_media(media="print")
    assert "310 ケースのうち 310 ケース。絞り込みなし" == page.locator("#asked").inner_text()
    page.emulate_media(media="screen")
    page.locator("#f-programme").select_option("saitama")
    page.emulate_media(media="print")
    assert "絞り込み: 事業: 埼玉県就労支援専門員事業実施要綱" in page.locator("#asked").inner_text()


def test_printed_without_scripts_every_case_is_open(samples_page: Path, opened: Opened) -> None:
    """On paper nothing can be opened: the findings and the record of all cases are there."""
    page = opened(samples_page, java_script_enabled=False)
    page.emulate_media(media="print")
    for case in page.locator("noscript details").all():
        expect(case.locator("table").last).to_be_visible()


def test_printing_has_every_step_of_the_chosen_cases(samples_page: Path, opened: Opened) -> None:
    """Chosen cases and the foot begin a page each; steps are open, no control is on paper; then all is as before."""
    page = opened(samples_page)
    for name in ("S02", "T03"):
        page.get_by_label(f"{name} を印刷する").check()
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            const all = (what) => [...document.querySelectorAll(`#print ${what}`)];
            window.paper = {
                cases: all(".sheets > h2").map((each) => each.textContent),
                steps: all(".printed").map((each) => each.querySelectorAll(".step .body:not([hidden])").length),
                controls: all(":is(button, select, input, details)").length,
                text: document.getElementById("print").textContent,
            };
        })"""
    )
    pdf = page.pdf(prefer_css_page_size=True)
    paper = page.evaluate("window.paper")
    assert (["S02", "T03"], [len(story("S02")), len(story("T03")), 0], 0) == (
        paper["cases"],
        paper["steps"],
        paper["controls"],
    )
    assert "世帯の収入109,501円が上限109,500円を超えています" in paper["text"]
    assert "市内に居住" in paper["text"]
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) >= 4
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][\d.]* 84[12]", pdf)
    assert "" == page.locator("#print").inner_text()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#overview").is_hidden()
    assert ["auto", "page", "page"] == page.evaluate(
        "[...document.querySelectorAll('#print .printed')].map((each) => getComputedStyle(each).breakBefore)"
    )
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("#overview").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("at", ["", "#T03/3", "#S04/11"])
def test_nobody_is_kept_out(samples_page: Path, opened: Opened, watch: Watch, scheme: Any, at: str) -> None:
    """axe-core finds nothing serious in the list or in a case, light or dark."""
    page = opened(samples_page, at, color_scheme=scheme, bypass_csp=True)
    assert [] == serious(page)


def test_the_same_in_english_and_on_a_phone(tmp_path: Path, opened: Opened) -> None:
    """The English page is English; on a narrow screen nothing but the wide tables scrolls sideways."""
    proof = Proof(proven=True, sealed=11, facts=[("Proven", "the first 11 events are as sealed"), ("Not proven", "x")])
    path = write_page(tmp_path / "a.html", reported(story("T03")), lang="en", proof=proof)
    page = opened(path, "#T03/3", viewport={"width": 390, "height": 844}, bypass_csp=True)
    assert "en" == page.locator("html").get_attribute("lang")
    assert "violation 1" in current(page)
    page.get_by_role("button", name="Open all").click()
    left = page.locator("#steps").inner_text()
    assert "Rules that did not hold" in left
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [] == serious(page)
    badge = page.locator(".proof")
    assert "A checkpoint proves 11 events" == badge.locator("summary").inner_text()
    badge.locator("summary").click()
    assert ["Proven the first 11 events are as sealed", "Not proven x"] == badge.locator("li").all_inner_texts()


def test_motion_is_reduced_for_who_asks(samples_page: Path, opened: Opened) -> None:
    """Nothing moves by itself for a reader who asked for that."""
    for motion, moves in (("reduce", False), ("no-preference", True)):
        page = opened(samples_page, "#S01", reduced_motion=motion)
        duration = page.evaluate("getComputedStyle(document.querySelector('#now .state rect')).transitionDuration")
        assert moves == (duration != "0s")


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_ring_of_a_field_leaves_its_label_readable(width: int, lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """Of every filter: the ring that a focus by keyboard draws ends below the last line of the label."""
    path = write_page(tmp_path / "a.html", reported(story("S02")), lang=lang)
    page = opened(path, viewport={"width": width, "height": 844})
    page.locator("#f-text").focus()
    for _ in range(page.locator("#filters label").count()):
        gap, ring = page.evaluate(
            """() => {
                const field = document.activeElement;
                const range = document.createRange();
                range.selectNodeContents(field.closest("label").firstChild);
                const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(field);
                return [
                    field.getBoundingClientRect().top - range.getBoundingClientRect().bottom,
                    outlineStyle === "solid" ? parseFloat(outlineWidth) + parseFloat(outlineOffset) : 0,
                ];
            }"""
        )
        assert 0 < ring <= gap
        page.keyboard.press("Tab")


@pytest.mark.parametrize("script", [True, False])
def test_the_findings_at_the_head_stand_by_gravity(script: bool, samples_page: Path, opened: Opened) -> None:
    """The gravest first, then by record; of every record, with scripts and without."""
    page = opened(samples_page, java_script_enabled=script)
    order = list(Severity)
    mixed = 0
    for report in [reported(story(name)) for name in STORIES]:
        expected = sorted(report.findings, key=lambda each: order.index(each.severity))
        mixed += expected != list(report.findings)
        if not expected:
            continue
        if script:
            page.evaluate(f"location.hash = '#{report.case_id}'")
            expect(page.locator("#case-title")).to_have_text(report.case_id)
            told = page.locator("#case > .findings > li").all_text_contents()
        else:
            case = page.locator("noscript details", has=page.locator("summary", has_text=report.case_id))
            told = case.locator("table").first.locator("tr").all_text_contents()[1:]
        assert len(expected) == len(told)
        for finding, text in zip(expected, told, strict=True):
            assert text.startswith(finding.severity.label("ja"))
            assert finding.message() in text
    assert mixed > 1


def test_the_skip_link_and_the_landmarks(samples_page: Path, opened: Opened) -> None:
    """The first Tab leads to the way past the head; there is one of each landmark."""
    page = opened(samples_page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert "" == hash_of(page)
    for landmark in ("banner", "main", "contentinfo", "search"):
        assert 1 == page.get_by_role(landmark).count()


def test_of_several_files_each_case_names_its_own(opened: Opened, tmp_path: Path) -> None:
    """With one file nothing is repeated in every row; with two, each row says which one it is from."""
    one, other = (attrs.evolve(reported(story(name)), source=f"{name}/<b>.jsonl") for name in ("S01", "S02"))
    page = opened(write_page(tmp_path / "a.html", one, attrs.evolve(other, source=one.source)))
    assert [] == page.locator("#rows th .quiet").all_inner_texts()
    page = opened(write_page(tmp_path / "b.html", one, other))
    assert ["S01/<b>.jsonl", "S02/<b>.jsonl"] == page.locator("#rows th .quiet").all_inner_texts()


def test_a_link_at_the_top_leads_to_what_cannot_be_used(opened: Opened, tmp_path: Path) -> None:
    """It says how many there are and brings the list into view; where there is none, there is no link."""
    errors = [InputError("bad", file="a.jsonl", line=at, case_id="E") for at in range(3)]
    page = opened(write_page(tmp_path / "a.html", reported(story("S01")), *errors, lang="en"))
    link = page.get_by_role("link", name="See the records that cannot be used (3)")
    link.click()
    expect(page.locator("footer .unusable")).to_be_focused()
    expect(page.locator("footer .unusable h2")).to_be_in_viewport()
    assert "" == hash_of(page)
    page = opened(write_page(tmp_path / "b.html", reported(story("S01")), lang="en"))
    expect(page.locator("#to-unusable")).to_have_count(0)
    page = opened(tmp_path / "a.html", java_script_enabled=False)
    page.get_by_role("link", name="stand at the end").click()
    expect(page.locator("footer .unusable h2")).to_be_in_viewport()


@pytest.mark.parametrize("script", [True, False])
def test_what_was_read_is_seen_and_printed(opened: Opened, tmp_path: Path, script: bool) -> None:
    """The sources and the settings stand at the foot, on the screen and on paper, with and without scripts."""
    receipt = Receipt(as_of=AS_OF, office="0f" * 32, inputs=[Input("a.jsonl", 9, 3, "ab" * 32)])
    path = tmp_path / "a.html"
    with path.open("w", encoding="utf-8", newline="") as out:
        write_html([reported(story("S01"))], out, receipt=receipt)
    page = opened(path, java_script_enabled=script)
    for medium in ("screen", "print"):
        page.emulate_media(media=medium)
        for told in ("a.jsonl 3行 SHA-256 " + "ab" * 32, "0f" * 32):
            expect(page.locator("#receipt").get_by_text(told)).to_be_visible()
