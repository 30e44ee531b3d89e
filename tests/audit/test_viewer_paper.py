"""The page on paper and its time line, in a real browser: whole words, labels that can be read, duties told apart."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from shuroflow.audit import CaseReport
from shuroflow.audit.receipt import editions_of, rules_sha256
from shuroflow.vocabulary import Lang
from tests.audit.pages import A4, BROKEN, HOSTILE, reported, serious, write_page
from tests.audit.records import STORIES, story
from tests.states.story import AS_OF, OFFICER
from tests.states.tsushima_notices import AGAIN, history_of
from tests.states.tsushima_stories import claimed, course

Opened = Callable[..., Page]

PHONE = {"width": 390, "height": 844}


def twice(name: str, day: str | None = None) -> CaseReport:
    """A case approved twice, each on an application of its own and neither told; ``day``: both on that one day."""
    told = history_of("use_approved", AGAIN if day is None else [(day, data) for _, data in AGAIN])
    return reported([attrs.evolve(event, case_id=name) for event in told.events])


def claims(number: int) -> CaseReport:
    """A case with as many claims open, the first received long before the last and one of them named at length."""
    told = course(case_id="claims")
    names = [f"請求-{at:02}" for at in range(number - len(HOSTILE) - 1)]
    hostile = [text.translate(dict.fromkeys((*range(32), 127, 133, 8232, 8233))) for text in HOSTILE]
    for at, name in enumerate([*names, *hostile, "請求書の長い番号" * 20]):
        told.on(f"2026-0{1 + at % 3}-{10 + at % 15}", claimed(1000, claim=name), by=OFFICER)
    told.events.sort(key=lambda event: event.occurred_on)
    events = [attrs.evolve(event, seq=at) for at, event in enumerate(told.events, 1)]
    return reported(events, as_of=AS_OF)


# On paper -------------------------------------------------------------------------------------------------------------


def on_paper(page: Page) -> Page:
    """As a sheet of A4 shows it."""
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    return page


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_no_head_and_no_name_of_a_narrow_column_is_broken_within_a_word(
    lang: Lang, tmp_path: Path, opened: Opened
) -> None:
    """On A4: heads, states, clauses, days and badges of the list; and of a case the table of its duties."""
    reports = [reported(story(name)) for name in STORIES]
    path = write_page(tmp_path / "a.html", *reports, twice("two"), lang=lang)
    page = on_paper(opened(path, viewport=A4))
    for what in ("#cases thead th", "#cases .badge", "#cases .whole", "#cases time"):
        assert page.locator(what).count() > 5
        assert [] == page.locator(what).evaluate_all(BROKEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]
    for case in ("#two", "#S04", "#T07"):
        page = on_paper(opened(path, case, viewport=A4))
        table = page.locator("#print .pictures ~ .wide").first
        assert 5 == table.locator("thead th").count()
        assert [] == table.locator("thead th, time, .whole").evaluate_all(BROKEN)
        assert [] == table.locator("tbody th").evaluate_all(
            BROKEN.replace(r"[^\s、,]+", "終了|協議|延長|[a-z]+|利用|決定|通知")
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_list_fits_an_ordinary_window(lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """All its columns are seen without moving it sideways, and no head of them is broken."""
    path = write_page(tmp_path / "a.html", *(reported(story(name)) for name in STORIES), lang=lang)
    page = opened(path, viewport={"width": 1180, "height": 800})
    assert 0 == page.locator("#overview .wide").evaluate("(each) => each.scrollWidth - each.clientWidth")
    assert [] == page.locator("#cases thead th").evaluate_all(BROKEN)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_source_is_broken_between_its_folders_alone(lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """In the list on the screen and on A4, which still has room for all its columns, and in the head of a case."""
    names = ["記録/saitama.jsonl", "就労支援/令和7年度/tsushima.jsonl"]
    reports = [
        attrs.evolve(reported(story(name)), source=names[at % 2]) for at, name in enumerate([*STORIES]) if at % 3 != 2
    ]
    broken = BROKEN.replace(r"[^\s、,]+", "[^/]+[/]?")
    page = opened(write_page(tmp_path / "a.html", *reports, lang=lang), viewport={"width": 1280, "height": 900})
    assert set(names) == set(page.locator("#rows .path").all_text_contents())
    assert [] == page.locator("#rows .path").evaluate_all(broken)
    assert 0 == page.locator("#overview .wide").evaluate("(each) => each.scrollWidth - each.clientWidth")
    page.set_viewport_size(A4)
    page.emulate_media(media="print")
    assert [] == page.locator("#rows .path").evaluate_all(broken)
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]
    for what in ("#cases thead th", "#cases .badge", "#cases .whole", "#cases time"):
        assert [] == page.locator(what).evaluate_all(BROKEN)
    page.emulate_media(media="screen")
    page.evaluate(f"location.hash = '#{reports[0].case_id}'")
    expect(page.locator("#case .path")).to_have_text(names[0])
    assert [] == page.locator("#case .path").evaluate_all(broken)


def test_a_source_without_folders_does_not_widen_the_list(tmp_path: Path, opened: Opened) -> None:
    """A name longer than a column is broken where it must be."""
    reports = [attrs.evolve(reported(story(name)), source=f"{name}{'x' * 200}.jsonl") for name in ("S01", "T07")]
    page = opened(write_page(tmp_path / "a.html", *reports), viewport={"width": 1280, "height": 900})
    assert 0 == page.locator("#overview .wide").evaluate("(each) => each.scrollWidth - each.clientWidth")
    page.set_viewport_size(A4)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_without_scripts_neither(lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """The heads, how grave it is, the clauses and the days of the tables that need no scripts."""
    path = write_page(tmp_path / "a.html", *(reported(story(name)) for name in STORIES), lang=lang)
    page = opened(path, viewport=A4, java_script_enabled=False)
    page.emulate_media(media="print")
    for what in ("th", "td.whole", "td.when"):
        assert page.locator(f"noscript {what}").count() > 5
        assert [] == page.locator(f"noscript {what}").evaluate_all(BROKEN)


def printed(page: Page) -> tuple[list[str], set[str]]:
    """The text of each sheet and the heads of what is printed, both without spaces."""

    def plain(text: str) -> str:
        return "".join(unicodedata.normalize("NFKC", text).split())

    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            const heads = ":is(h2, h3, h4, h5, h6, thead, .clause, .step .head)";
            window.heads = [...document.querySelectorAll(`#print ${heads}`)].map((each) => each.textContent);
        }, { once: true })"""
    )
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    heads = page.evaluate("window.heads")
    return [plain(sheet.extract_text()) for sheet in pdf.pages], {plain(head) for head in heads if head.strip()}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_no_head_stands_alone_at_the_foot_of_a_sheet(lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """Of some forty sheets: below a head, or the head of a table or of its rows, is what it is of."""
    names = ("S02", "S04", "T07")
    path = write_page(tmp_path / "a.html", *(reported(story(name)) for name in names), lang=lang)
    page = opened(path)
    for name in names:
        page.evaluate(f"location.hash = '#{name}'")
        sheets, heads = printed(page)
        assert len(heads) > 10
        assert [] == [sheet[-60:] for sheet in sheets if sheet.endswith(tuple(heads))]


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_sheet_bears_the_cases_it_is_of(lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """The last one with the texts and their hashes too; it is printed once, and nothing on paper asks to be pressed."""
    names = [f"2025-{name}" for name in ("T07", "S02", "S09")]
    reports = [reported(story(name[5:], name)) for name in names]
    path = write_page(tmp_path / "a.html", *reports, lang=lang)
    page = opened(path, f"#{names[0]}")
    go = {"ja": "を見る", "en": "Seeevent"}[lang]
    hashes = [rules_sha256(edition) for _, edition in editions_of(["tsushima", "saitama"])]
    sheets, _ = printed(page)
    assert [True] * len(sheets) == [names[0] in sheet for sheet in sheets]
    assert [1] * len(hashes) == ["".join(sheets).count(each) for each in hashes]
    assert go not in "".join(sheets)
    expect(page.locator("#case .findings a").first).to_be_visible()
    page.evaluate("location.hash = ''")
    page.locator("#choose-all").check()
    sheets, _ = printed(page)
    assert all(any(name in sheet for name in names) for sheet in sheets)
    assert all(name in sheets[-1] for name in names)
    assert [1] * len(hashes) == ["".join(sheets).count(each) for each in hashes]
    assert go not in "".join(sheets)
    expect(page.locator("#foot")).to_be_visible()
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map((each) => each.id)).size") == (
        page.locator("[id]").count()
    )


@pytest.mark.parametrize("at", ["", "#S02/3"])
def test_paper_has_no_links_and_the_screen_has_them_again(at: str, samples_page: Path, opened: Opened) -> None:
    """A browser looks for the end of each link in the whole page while it prints: a long list took minutes."""
    page = opened(samples_page, at)
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            const all = document.querySelectorAll("#rows a, #print a");
            window.paper = [all.length, [...all].filter((each) => each.hasAttribute("href")).length];
        })"""
    )
    links = "[...document.querySelectorAll('#rows a')].map((each) => each.getAttribute('href'))"
    before = page.evaluate(links)
    page.pdf()
    drawn, linked = page.evaluate("window.paper")
    assert drawn >= len(STORIES)
    assert 0 == linked
    assert [f"#{name}" for name in STORIES] == before == page.evaluate(links)


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE, A4], ids=["wide", "narrow", "paper"])
def test_no_column_of_names_is_a_letter_wide(viewport: Any, samples_page: Path, opened: Opened) -> None:
    """What a programme and a duty are called has room for some letters in a line, whatever stands beside it."""
    for at, what in (("", "#rows td.word"), ("#S04", "#case > .wide th[scope=row]")):
        page = opened(samples_page, at, viewport=viewport)
        if viewport is A4:
            on_paper(page)
        widths = page.locator(what.replace("#case >", "#print") if viewport is A4 else what).evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect().width / parseFloat(getComputedStyle(each).fontSize))"
        )
        assert len(widths) > 2
        assert min(widths) >= 7.4


# The time line --------------------------------------------------------------------------------------------------------

LABELS = """(drawn) => {
    const view = drawn.viewBox.baseVal;
    const line = drawn.querySelector(".present-line");
    const boxes = [...drawn.querySelectorAll("text")].map((each) => [each.textContent, each.getBBox()]);
    const x = line && line.getAttribute("d") ? line.getBBox().x : null;
    const lit = (y) => {
        const point = drawn.createSVGPoint();
        [point.x, point.y] = [x, y];
        return line.isPointInStroke(point);
    };
    const rows = (box) => Array.from({length: Math.ceil(2 * box.height) + 1}, (_, at) => box.y + at / 2);
    const crossed = (box) => x !== null && box.x <= x && x <= box.x + box.width && rows(box).some(lit);
    const bars = [...drawn.querySelectorAll(".bar rect")].map((each) => each.getBBox());
    const apart = (one, other) =>
        one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y + 3 ||
        other.y + other.height <= one.y + 3;
    return {
        outside: boxes.filter(([, box]) => box.x < 0 || box.x + box.width > view.width + 0.5).map(([text]) => text),
        crossed: boxes.filter(([, box]) => crossed(box)).map(([text]) => text),
        touching: boxes.filter(([, one], at) => boxes.some(([, other], to) => at < to && !apart(one, other))).map(
            ([text]) => text),
        lined: x === null ? null : bars.filter((bar) => lit(bar.y + bar.height / 2)).length,
        bars: bars.length,
        bounds: bars.every((bar) => bar.x >= 0 && bar.x + bar.width <= view.width),
    };
}"""
"""Of a time line: labels cut off, labels crossed by the line of the present step, labels over each other."""


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE], ids=["wide", "narrow"])
def test_every_label_of_the_time_line_can_be_read(viewport: Any, lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """None is cut off or crossed by the line of the present step, which crosses every bar's row, at each step."""
    reports = [twice("two"), twice("one-day", "2025-06-20"), *(reported(story(name)) for name in ("S04", "S08", "T07"))]
    page = opened(write_page(tmp_path / "a.html", *reports, lang=lang), viewport=viewport)
    for report in reports:
        page.evaluate(f"location.hash = '#{report.case_id}/1'")
        for _ in range(report.events):
            told = page.locator("#now svg.timeline").evaluate(LABELS)
            assert ([], [], []) == (told["outside"], told["crossed"], told["touching"]), report.case_id
            assert told["bars"] == told["lined"] > 0
            assert told["bounds"]
            page.keyboard.press("j")


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE, A4], ids=["wide", "narrow", "paper"])
def test_so_it_is_with_many_duties_and_hostile_names(viewport: Any, tmp_path: Path, opened: Opened) -> None:
    """Forty bars are drawn, the others said to be in the table; an endless id is cut short, no mark steers a label."""
    report = claims(45)
    page = opened(write_page(tmp_path / "a.html", report), f"#claims/{report.events}", viewport=viewport)
    drawn = page.locator("#now svg.timeline")
    if viewport is A4:
        drawn = on_paper(page).locator("#print svg.timeline")
    told = drawn.evaluate(LABELS)
    assert ([], [], []) == (told["outside"], told["crossed"], told["touching"])
    assert 40 == told["bars"]
    assert "図にはこのほか" in page.locator("#print" if viewport is A4 else "#now").inner_text()
    labels = "".join(drawn.locator("text").all_text_contents())
    assert not set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\u200f\u061c\ufeff") & set(labels)
    assert viewport is A4 or told["lined"] == 40


LOOKS = """(drawn) => {
    const look = (each) => {
        const { fill, stroke, strokeWidth, strokeDasharray, opacity } = getComputedStyle(each);
        return [fill, stroke, strokeWidth, strokeDasharray, opacity].join();
    };
    return [...drawn.querySelectorAll("path, rect")].filter(
        (each) => each.getAttribute("d") !== "" && !each.matches(".axis")).map(look);
}"""
"""How each shape of a drawing looks."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_shape_of_the_time_line_is_in_its_legend(scheme: Any, lang: Lang, tmp_path: Path, opened: Opened) -> None:
    """At every step of every record each shape has the look of one in the legend, and no two of those look alike."""
    reports = [reported(story(name)) for name in STORIES]
    page = opened(write_page(tmp_path / "a.html", *reports, lang=lang), color_scheme=scheme)
    seen: set[str] = set()
    for report in reports:
        page.evaluate(f"location.hash = '#{report.case_id}/{report.events}'")
        expect(page.locator("#now .timeline")).to_be_visible()
        explained = page.locator("#now .legend").evaluate(LOOKS)
        assert 10 == len(explained) == len(set(explained)) == len(page.locator("#now .legend li").all())
        drawn = page.locator("#now .timeline").evaluate(LOOKS)
        assert set() == set(drawn) - set(explained)
        seen |= set(drawn)
    assert len(seen) >= 8
    words = page.locator("#now .legend li").all_inner_texts()
    assert len(set(words)) == len(words)
    marks = on_paper(page).locator("#print .legend li").all_inner_texts()
    assert marks == words[:-1]


# Duties told apart ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "lang", "expected"),
    [
        (None, "ja", ["令和7年6月20日の決定", "令和8年4月15日の決定"]),
        (None, "en", ["decision of 2025-06-20", "decision of 2026-04-15"]),
        ("2025-06-20", "ja", ["令和7年6月20日の決定(記録3)", "令和7年6月20日の決定(記録8)"]),
        ("2025-06-20", "en", ["decision of 2025-06-20 (event 3)", "decision of 2025-06-20 (event 8)"]),
    ],
)
def test_two_notices_owed_are_two_lines_that_differ(
    day: str | None, lang: Lang, expected: list[str], tmp_path: Path, opened: Opened
) -> None:
    """Each is named by the day of its decision, and where two were made on one day by its record; nowhere by a code."""
    name = {"ja": "利用決定の通知(様式第3号)", "en": "notice of approval (form 3)"}[lang]
    page = opened(write_page(tmp_path / "a.html", twice("two", day), lang=lang), "#two/8", bypass_csp=True)
    page.get_by_role("button", name="すべて開く" if lang == "ja" else "Open all").click()
    wanted = [f"{name} {each}" for each in expected]
    rows = page.locator("#case > .wide tbody th").all_inner_texts()
    assert wanted == [row for row in rows if row.startswith(name)]
    still = page.locator("#now-state li").all_inner_texts()
    assert wanted == [line.split(" 第5条")[0] for line in still]
    labels = [text.split(" 第5条")[0] for text in page.locator("#now .timeline .bar text").all_text_contents()]
    assert wanted == [label for label in labels if label.startswith(name)]
    at_last = page.locator("#steps .rules > li", has_text="未了" if lang == "ja" else "Still open").all_inner_texts()
    assert wanted == [each for each in wanted if any(each in told for told in at_last)]
    assert "2025-06-20#8" not in page.locator("body").inner_text()
    assert [] == serious(page)


def test_a_duty_put_anew_with_nothing_changed_is_one(tmp_path: Path, opened: Opened) -> None:
    """Of every record: no two rows or bars are alike in what they are and their days; one with another day is two."""
    reports = [reported(story(name)) for name in STORIES]
    page = opened(write_page(tmp_path / "a.html", *reports))
    saved = 0
    for report in reports:
        assert report.explanation is not None
        stories = report.explanation.duties
        alike = [
            (each.duty.code, each.duty.subject, each.duty.arose_on, each.duty.due, each.duty.in_time_until)
            for each in stories
        ]
        page.evaluate(f"location.hash = '#{report.case_id}/{report.events}'")
        expect(page.locator("#case-title")).to_have_text(report.case_id)
        rows = page.locator("#case > .wide tbody tr").count()
        assert len(set(alike)) == rows == page.locator("#now .timeline .bar").count()
        saved += len(alike) - rows
        first = {each: stories[alike.index(each)].duty.seq for each in alike}
        drawn = page.locator("#now .timeline .bar").evaluate_all("all => all.map((each) => each.dataset.arose)")
        assert sorted(first.values()) == sorted(map(int, drawn))
        last = dict(zip(alike, stories, strict=True))
        told = page.locator("#case > .wide tbody").inner_text() if rows else ""
        assert sum(each.replaced for each in last.values()) == told.count("改められた")
        page.get_by_role("button", name="すべて開く").click()
        text = page.locator("#steps").text_content() or ""
        assert ("改められた事項" in text) == any(each.replaced for each in last.values())
    assert saved > 5
    assert any(each.replaced for report in reports for each in report.explanation.duties)  # type: ignore[union-attr]
