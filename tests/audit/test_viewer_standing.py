"""The page in a real browser: what the day asked about brings, how duties stand, corrections, where a case is from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import attrs
import pytest
from playwright.sync_api import Locator, Page, expect

from shuroflow.audit import CaseReport, Receipt, write_html
from shuroflow.audit.lateness import LATE_DAYS
from shuroflow.audit.receipt import office_sha256
from shuroflow.calendar import format_wareki
from shuroflow.caseload.standing import Due, dues
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.states import Office, programme
from shuroflow.states.history import chronology, effective
from shuroflow.vocabulary import Lang, Severity
from tests.audit.pages import reported, serious, write_page
from tests.audit.records import STORIES, story
from tests.audit.test_explanation import amended
from tests.states.story import AS_OF, OFFICE, SV
from tests.states.tsushima_stories import workplace

Opened = Callable[..., Page]
SATURDAY, MONDAY = date(2025, 12, 13), date(2025, 12, 15)
"""The thirtieth day of a claim received on 13 November 2025, and the day to which closed days move it."""


def unpaid(case_id: str = "unpaid") -> list[Event]:
    """A claim that nobody paid."""
    events = workplace("claim_received", claim_received="2025-11-13").events
    return [attrs.evolve(event, case_id=case_id) for event in events]


def open_at(page: Page, case_id: str, seq: int) -> Locator:
    """The step of an event, opened by its address."""
    page.evaluate(f"location.hash = '#{case_id}/{seq}'")
    step = page.locator("#steps .step[aria-current=step]")
    expect(step.locator(".seq")).to_have_text(re.compile(rf"\b{seq}$"))
    return step


# What the day asked about brings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "head", "title", "still"),
    [
        (
            "ja",
            "基準日の時点: 違反 1",
            "基準日 令和8年11月21日 (2026-11-21) の時点の指摘",
            "基準日の時点で未了: 請求の支払 claim-1",
        ),
        (
            "en",
            "as of the day: violation 1",
            "Found as of 2026-11-21",
            "Still open as of the day: payment of the claim claim-1",
        ),
    ],
)
def test_a_duty_that_nobody_did_stands_at_the_step_that_began_it(
    lang: Lang, head: str, title: str, still: str, tmp_path: Path, opened: Opened
) -> None:
    """It has all that a finding of a rule has, and says that the day brings it; its stroke in time is thick."""
    events = unpaid()
    page = opened(write_page(tmp_path / "a.html", reported(events), lang=lang))
    step = open_at(page, "unpaid", len(events))
    assert head == step.locator(".head .badge.violation").inner_text()
    expect(page.locator(".step.violation")).to_have_count(1)
    part = step.locator(".part", has=page.locator("h5", has_text=title))
    found = part.locator("li.violation")
    text = found.inner_text()
    assert still in text
    for told in ("第10条第2項", "tsushima.payment", "claim-1", "2025-12-13", "2025-12-15"):
        assert told in text
    (finding,) = [each for each in reported(events).findings if each.severity is Severity.VIOLATION]
    assert finding.message(lang) in text
    assert finding.mend(lang) in text
    drawn = page.locator("#now .timeline .tick.violation").get_attribute("d")
    assert drawn is not None
    assert 1 == drawn.count("M")
    link = page.locator("#case > ol.findings > li.violation a")
    assert link.get_attribute("href") == f"#unpaid/{len(events)}"
    assert [] == serious(page)


def test_every_finding_of_every_case_is_at_the_step_that_its_link_leads_to(samples_page: Path, opened: Opened) -> None:
    """Of all told records, notes included: what "Findings" says stands at that step, with its clause and severity."""
    page = opened(samples_page)
    for report in map(reported, map(story, STORIES)):
        for finding in report.findings:
            step = open_at(page, report.case_id, finding.seq)
            item = step.locator(
                f".rules > li.{finding.severity.value}", has=page.locator(f"code:text-is('{finding.rule.code}')")
            )
            assert finding.message() in item.first.inner_text()
            assert finding.clause in item.first.inner_text()


def test_on_paper_the_finding_of_the_day_is_at_its_step(tmp_path: Path, opened: Opened) -> None:
    """A printed case has it too, below what was recorded."""
    page = opened(write_page(tmp_path / "a.html", reported(unpaid())), "#unpaid")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = page.locator("#print .step.violation")
    assert "基準日の時点: 違反 1" in printed.inner_text()
    assert "tsushima.payment" in printed.locator(".body").inner_text()


# How a duty stands ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "left", "late"),
    [
        (SATURDAY - timedelta(days=1), "期日まで 1 日", False),
        (SATURDAY, "期日 (令和7年12月15日 (2025-12-15) まで期限内(閉庁日の繰下げ))", False),
        (
            SATURDAY + timedelta(days=1),
            "期日から 1 日 (令和7年12月15日 (2025-12-15) まで期限内(閉庁日の繰下げ))",
            False,
        ),
        (MONDAY, "期日から 2 日 (令和7年12月15日 (2025-12-15) まで期限内(閉庁日の繰下げ))", False),
        (MONDAY + timedelta(days=1), "期限を 1 日経過", True),
    ],
)
def test_a_payment_is_late_after_the_day_to_which_it_moves(
    on: date, left: str, late: bool, tmp_path: Path, opened: Opened
) -> None:
    """民法142: at a step of that day, in the table and in the list, as the verdict has it as of the same day."""
    events = unpaid()
    visit = attrs.evolve(
        next(event for event in story("T01", "unpaid") if event.kind == "activity_recorded"),
        seq=len(events) + 1,
        occurred_on=on,
        recorded_at=events[-1].recorded_at + timedelta(days=60),
    )
    events.append(visit)
    report = reported(events, as_of=on)
    assert late == (Severity.VIOLATION in {each.severity for each in report.findings if "payment" in each.rule.code})
    page = opened(write_page(tmp_path / "a.html", report, as_of=on))
    open_at(page, "unpaid", visit.seq)
    owed = page.locator("#now-state li", has_text="請求の支払")
    assert owed.inner_text().endswith(left)
    assert late == (owed.locator(".badge.late").count() == 1)
    row = page.locator("#case > .wide tbody tr", has_text="請求の支払").last
    assert late == (row.locator(".badge.late").count() > 0)
    assert late == ("期限経過" in row.inner_text())
    page.evaluate("location.hash = ''")
    assert late == (page.locator("#rows .badge.late").count() == 1)
    assert 0 == page.locator("#rows .badge.status").count()
    for value in ("overdue", "past_due"):
        page.locator("#f-duties").select_option(value)
        assert (["unpaid"] if late else []) == page.locator("#rows a").all_inner_texts()


def of_the_desk(events: Sequence[Event]) -> dict[int, list[Due]]:
    """``seq`` → what ``due`` says as of the day of that event, by what was judged up to it."""
    kind = programme(events[0].programme)
    case = kind.current.new_case(events[0].case_id)
    found = {}
    for event in chronology(effective(events), kind.current):
        edition = kind.edition_on(event.occurred_on)
        edition.fold(case, event, OFFICE)
        items = dues(edition, case, event.occurred_on)
        found[event.seq] = [each for each in items if each.code != "period_end"]
    return found


def told_of(item: Due, on: date) -> str:
    """What the page says of a duty on a day."""
    if item.due is None:
        return "期日の定めなし"
    if item.overdue:
        assert item.in_time_until is not None
        return f"期限を {(on - item.in_time_until).days} 日経過"
    moved = item.in_time_until if item.in_time_until != item.due else None
    left = (item.due - on).days
    if left > 0:
        return f"期日まで {left} 日"
    past = f"期日から {-left} 日" if left else "期日"
    if moved is not None:
        return f"{past} ({format_wareki(moved)} ({moved.isoformat()}) まで期限内(閉庁日の繰下げ))"
    return past if left == 0 or item.in_time_until is not None else f"{past} (遅れの判定なし)"


def test_at_every_step_the_page_says_of_each_duty_what_the_desk_says(tmp_path: Path, opened: Opened) -> None:
    """All told records and two claims: the same open duties as ``due`` has on that day, late where it says so."""
    records = [*map(story, STORIES), unpaid("late"), [attrs.evolve(e, case_id="paid") for e in workplace().events]]
    page = opened(write_page(tmp_path / "a.html", *map(reported, records)))
    seen: set[str] = set()
    for events in records:
        days = {event.seq: event.occurred_on for event in events}
        for seq, items in of_the_desk(events).items():
            open_at(page, events[0].case_id, seq)
            rows = page.locator("#now-state li").all()
            told = [(row.inner_text(), row.locator(".badge.late").count() == 1) for row in rows]
            assert len(items) == len(told)
            for item in items:
                says = told_of(item, days[seq])
                assert 1 <= sum(text.startswith(item.name()) and text.endswith(says) for text, _ in told)
                seen.add(re.sub(r"\d+", "n", says))
            assert sorted(item.overdue for item in items) == sorted(late for _, late in told)
    assert {"期日の定めなし", "期日まで n 日"} <= seen


def test_cases_whose_period_ran_out_are_found_and_called_late_nowhere(tmp_path: Path, opened: Opened) -> None:
    """4(5): open past the last day of the period, which no text calls late; filter, list and table agree."""
    report = reported(story("S04"))
    page = opened(write_page(tmp_path / "a.html", report, reported(story("S01")), reported(unpaid())))

    def shown(value: str) -> list[str]:
        page.locator("#f-duties").select_option(value)
        return page.locator("#rows a").all_inner_texts()

    assert ["unpaid"] == shown("overdue")
    assert ["S04", "unpaid"] == shown("past_due")
    assert "期日を過ぎて未了のもの(遅れの判定のないものを含む)" in page.locator("#asked").inner_text()
    assert ["期日後 1"] == page.locator("#rows tr", has_text="S04").locator("td:last-child .badge").all_inner_texts()
    page.evaluate("location.hash = '#S04'")
    row = page.locator("#case > .wide tbody tr").last
    days = (AS_OF - date(2026, 5, 31)).days
    assert row.inner_text().endswith(f"未了 期日から {days} 日 (遅れの判定なし)")
    assert 0 == page.locator("#case > .wide tbody .badge.late").count()


# Corrections ----------------------------------------------------------------------------------------------------------


def test_a_correction_that_was_taken_back_does_not_look_like_one_that_holds(tmp_path: Path, opened: Opened) -> None:
    """Beside the one that holds, struck out, with its state in words and a link to what took it back."""
    events = amended(story("S01"), Corrected(seq=3, reason="正", approved_by=SV, occurred_on=date(2025, 4, 13)), AS_OF)
    events = amended(events, Corrected(seq=3, reason="誤", approved_by=SV, occurred_on=date(2025, 4, 12)), AS_OF)
    events = amended(events, Withdrawn(seq=15, reason="取消", approved_by=SV), AS_OF)
    page = opened(write_page(tmp_path / "a.html", reported(events)))
    lines = open_at(page, "S01", 3).locator(".amended > li")
    assert ["holds", "withdrawn"] == [line.get_attribute("class") for line in lines.all()]
    assert lines.nth(0).inner_text().endswith(": 正")
    assert lines.nth(1).inner_text().endswith(": 誤 取消済み 記録 16")
    decorated = "all => all.map((each) => getComputedStyle(each).textDecorationLine)"
    assert ["none", "line-through"] == lines.locator(".what").evaluate_all(decorated)
    lines.nth(1).get_by_role("link", name="記録 16").click()
    expect(page.locator("#steps [aria-current=step] .seq")).to_have_text("記録 16")
    assert [] == serious(page)


@pytest.mark.parametrize(
    ("lang", "badge", "nothing"),
    [
        ("ja", "訂正により 令和8年12月1日 (2026-12-01) へ(基準日の後)", "日付も内容も変えない"),
        (
            "en",
            "moved to 2026-12-01 (令和8年12月1日), after the day asked about",
            "changes nothing: neither a day nor a content",
        ),
    ],
)
def test_an_event_moved_beyond_the_day_names_its_new_day(
    tmp_path: Path, opened: Opened, lang: Lang, badge: str, nothing: str
) -> None:
    """It is no correction; a correction of neither day nor content is struck out and leads nowhere."""
    moved = Corrected(seq=8, reason="正", approved_by=SV, occurred_on=date(2026, 12, 1))
    events = amended(amended(story("S01"), moved, AS_OF), Corrected(seq=3, reason="無", approved_by=SV), AS_OF)
    page = opened(write_page(tmp_path / "a.html", reported(events), lang=lang))
    case = open_at(page, "S01", 8)
    assert badge in case.locator(".head .badge").all_inner_texts()
    assert 1 == case.locator("dd time[datetime='2026-12-01']").count()
    line = open_at(page, "S01", 3).locator(".amended > li")
    assert "nothing" == line.get_attribute("class")
    assert line.inner_text().endswith(f"無 {nothing}")
    assert 1 == line.get_by_role("link").count()
    assert [] == serious(page)


def test_the_days_between_name_the_event_they_count_from(tmp_path: Path, opened: Opened) -> None:
    """Where the record before is withdrawn, the days count from the event in force before it, and it is named."""
    plain = {event.seq: event.occurred_on for event in story("S01")}
    events = amended(story("S01"), Withdrawn(seq=8, reason="二重", approved_by=SV), AS_OF)
    page = opened(write_page(tmp_path / "a.html", reported(events)))
    days = (plain[9] - plain[7]).days
    assert f"記録 7 から {days} 日" == open_at(page, "S01", 9).locator(".head .elapsed").inner_text()
    days = (plain[10] - plain[9]).days
    assert f"前の出来事から {days} 日" == open_at(page, "S01", 10).locator(".head .elapsed").inner_text()


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_late_record_is_no_violation_and_marked_above_the_limit_alone(
    lang: Lang, tmp_path: Path, opened: Opened
) -> None:
    """It looks like no finding of any kind; above the limit of the questions it has a mark and says the limit."""
    days = [0, 1, LATE_DAYS, LATE_DAYS + 1, 400]
    events = [
        attrs.evolve(event, recorded_at=event.recorded_at.replace(hour=17) + timedelta(days=late))
        for event, late in zip(story("S01")[: len(days)], days, strict=True)
    ]
    found = [(event.recorded_at.date() - event.occurred_on).days for event in events]
    assert days == found
    page = opened(write_page(tmp_path / "a.html", reported(events), lang=lang))
    look = "(each) => { const { color, backgroundColor } = getComputedStyle(each); return [color, backgroundColor]; }"
    grave = page.evaluate(
        """() => ["violation", "observation", "note", "late"].map((kind) => {
            const probe = document.createElement("span");
            probe.className = `badge ${kind}`;
            document.body.append(probe);
            const { color, backgroundColor } = getComputedStyle(probe);
            probe.remove();
            return [color, backgroundColor];
        })"""
    )
    for event, late in zip(events, days, strict=True):
        step = open_at(page, "S01", event.seq)
        for badge in (step.locator(".head .badge.recorded"), step.locator(".body .badge.recorded")):
            expect(badge).to_have_count(1 if late else 0)
            if not late:
                continue
            text = badge.inner_text()
            assert str(late) in text
            over = late > LATE_DAYS
            assert over == ({"ja": "日を超える", "en": "more than"}[lang] in text)
            assert str(LATE_DAYS) in text or not over
            assert over == ("none" != badge.evaluate("(each) => getComputedStyle(each, '::before').content"))
            assert badge.evaluate(look) not in grave
    assert [] == serious(page)


# Where a case is from, and under what it was judged -------------------------------------------------------------------


def of_two_files() -> list[CaseReport]:
    """Two cases of one file and one of another."""
    files = {"S01": "所沢/<b>.jsonl", "S02": "秩父.jsonl", "S03": "秩父.jsonl"}
    return [attrs.evolve(reported(story(name)), source=file) for name, file in files.items()]


def test_a_case_of_several_files_names_its_own_opened_and_printed(tmp_path: Path, opened: Opened) -> None:
    """In its head on the screen and on paper; with one file it is told at the foot alone."""
    page = opened(write_page(tmp_path / "a.html", *of_two_files()), "#S01")
    facts = page.locator("#case .facts")
    assert "読込元\n所沢/<b>.jsonl" in facts.inner_text()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "所沢/<b>.jsonl" in page.locator("#print .facts").inner_text()
    page = opened(write_page(tmp_path / "b.html", *of_two_files()[1:]), "#S02")
    assert "読込元" not in page.locator("#case .facts").inner_text()
    expect(page.locator("#f-source")).to_have_count(0)


def test_the_list_is_filtered_by_file(tmp_path: Path, opened: Opened) -> None:
    """Each file can be chosen, alone and with other filters; printed, the list says which one."""
    page = opened(write_page(tmp_path / "a.html", *of_two_files()))
    options = page.locator("#f-source option").all_inner_texts()
    assert ["すべて", "所沢/<b>.jsonl", "秩父.jsonl"] == options
    page.locator("#f-source").select_option("秩父.jsonl")
    assert ["S02", "S03"] == page.locator("#rows a").all_inner_texts()
    assert "読込元: 秩父.jsonl" in page.locator("#asked").inner_text()
    page.locator("#f-text").fill("S03")
    assert ["S03"] == page.locator("#rows a").all_inner_texts()


def test_without_scripts_a_case_names_its_file_and_each_day_what_it_is(tmp_path: Path, opened: Opened) -> None:
    """The findings do not call a due day the day of the event, and the record has the moment of its writing."""
    report = attrs.evolve(reported(unpaid()), source="秩父.jsonl")
    page = opened(write_page(tmp_path / "a.html", report), java_script_enabled=False)
    case = page.locator("noscript details")
    case.locator("summary").click()
    assert "読込元: 秩父.jsonl" in case.inner_text()
    findings, record = case.locator("table").all()
    assert "日付" in findings.locator("th").all_inner_texts()
    assert "日付は、出来事の日、期日又は基準日です。" in findings.locator("caption").inner_text()
    assert "出来事の日" not in findings.locator("th").all_inner_texts()
    assert "令和7年12月13日 (2025-12-13)" in findings.inner_text()
    heads = record.locator("th").all_inner_texts()
    row = record.locator("tr").nth(1).locator("td").all_inner_texts()
    assert "令和7年6月10日 (2025-06-10) 17:00:00+09:00" == row[heads.index("記録", 1)]


@pytest.mark.parametrize(
    ("overlay", "lang", "told"),
    [
        ("", "ja", "組込みのまま"),
        ("[settings]\nplan_due_days = 5", "ja", "組込みと異なる(設定ファイルによる)"),
        ("[settings]\nplan_due_days = 5", "en", "not the built-in ones, an overlay was used"),
    ],
)
def test_the_foot_says_whether_an_overlay_was_used(
    overlay: str, lang: Lang, told: str, tmp_path: Path, opened: Opened
) -> None:
    """Beside the hash of figures, closed days and settings."""
    office = office_sha256(Office.parse(overlay))
    path = tmp_path / "a.html"
    with path.open("w", encoding="utf-8", newline="") as out:
        write_html([reported(story("S01"))], out, receipt=Receipt(as_of=AS_OF, office=office), lang=lang)
    line = opened(path).locator("#receipt li", has_text=office)
    assert told in line.inner_text()


@pytest.mark.parametrize(("lang", "told"), [("ja", "設定ファイル <b>.toml"), ("en", "overlay <b>.toml")])
@pytest.mark.parametrize("script", [True, False])
def test_an_overlay_is_named_at_the_head_and_at_the_foot(
    lang: Lang, told: str, script: bool, tmp_path: Path, opened: Opened
) -> None:
    """By the name that was given, as text; the foot has the hash of what came of it too."""
    office = office_sha256(Office.parse("[settings]\nplan_due_days = 5"))
    receipt = Receipt(as_of=AS_OF, office=office, overlays=("<b>.toml",))
    path = tmp_path / "a.html"
    with path.open("w", encoding="utf-8", newline="") as out:
        write_html([reported(story("S01"))], out, receipt=receipt, lang=lang)
    page = opened(path, java_script_enabled=script)
    assert told in page.locator("#top .conditions").inner_text()
    assert told in page.locator("#receipt li", has_text=office).inner_text()
