"""The text report: everything an official needs to check a finding, in either language, and no more."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, Later, Receipt, Summary, audit, replay, write_text
from shuroflow.audit.receipt import office_sha256, rules_sha256
from shuroflow.audit.report import error_text, one_line, period_text
from shuroflow.case import Period
from shuroflow.errors import (
    CaseNotFound,
    InputError,
    OutputTaken,
    SameCaseNumber,
    UnknownEdition,
    UnknownEvent,
    Unresumable,
    UnusableOffice,
)
from shuroflow.states import Office, programme
from shuroflow.vocabulary import Lang, Severity
from tests.audit.records import line, story
from tests.states.story import JST, SV
from tests.states.tsushima_stories import applied_on

AS_OF = date(2026, 11, 21)
RECEIPT = Receipt(as_of=AS_OF)


def report_of(name: str) -> CaseReport:
    """The verdict on one record."""
    report = replay(story(name), as_of=AS_OF, office=Office())
    assert report is not None
    return report


def text_of(*items: CaseReport | InputError, lang: Lang = "ja", notes: bool = False, receipt: Receipt = RECEIPT) -> str:
    """The report as written."""
    out = io.StringIO()
    write_text(items, out, receipt=receipt, lang=lang, notes=notes)
    return out.getvalue()


@pytest.mark.parametrize("name", ["S02", "S08", "T02", "T07"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_each_finding_is_told_whole(name: str, lang: Lang) -> None:
    """Severity, clause, what is wrong and what would mend it stand there for every finding but notes."""
    report = report_of(name)
    text = text_of(report, lang=lang)
    for finding in report.findings:
        told = finding.message(lang) in text
        assert told is (finding.severity is not Severity.NOTE)
        if told:
            assert f"[{finding.severity.label(lang)}] {finding.clause} " in text
            assert finding.mend(lang) in text


def test_notes_on_request() -> None:
    """With notes, every finding is told."""
    report = report_of("S02")
    text = text_of(report, notes=True)
    assert all(finding.message() in text for finding in report.findings)
    assert "[注記]" in text


def test_the_head_states_the_conditions() -> None:
    """The day in both reckonings, the moment, and the version of the library."""
    head = text_of(receipt=Receipt(as_of=AS_OF, known_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=JST), version="9.9"))
    assert "基準日 令和8年11月21日 (2026-11-21)" in head
    assert "2026-01-02T03:04:05+09:00" in head
    assert "shuroflow 9.9" in head


def test_the_foot_has_the_denominators_and_the_texts() -> None:
    """How many of how many, and by which text: in the last lines, and equal to the summary returned."""
    items = [report_of("S01"), report_of("S02"), InputError("bad", file="a.jsonl", line=3)]
    text = text_of(*items)
    s = Summary.of(items)
    assert f"ケース 2件・記録 {s.events}件のうち: 違反 1件(1ケース)" in text
    assert "使えない記録 1件" in text
    assert "埼玉県就労支援専門員事業実施要綱(令和3年4月1日からの条文)" in text
    assert "対馬" not in text
    english = text_of(*items, lang="en")
    assert f"2 cases, {s.events} events: 1 violation (in 1 case)" in english
    assert "text from 2021-04-01" in english


@pytest.mark.parametrize(
    ("count", "ja", "en"), [(1, "1ケース", "1 case that began"), (2, "2ケース", "2 cases that began")]
)
def test_cases_that_began_later_are_counted(count: int, ja: str, en: str) -> None:
    """They are in no other count, and the foot says how many there are; without any it says nothing."""
    items = [Later(f"S{number}", "saitama") for number in range(count)]
    out = io.StringIO()
    assert Summary(later=count) == write_text(items, out, receipt=RECEIPT)
    assert ja in out.getvalue()
    out = io.StringIO()
    write_text(items, out, receipt=RECEIPT, lang="en")
    assert en in out.getvalue()
    assert "対象外" not in text_of(report_of("S01"))


def test_frequent_errors_have_a_japanese_head() -> None:
    """By the kind of the error, or of what lies behind it; in English there is none."""
    error = UnknownEvent("no such event", file="a.jsonl", line=2, field="event")
    assert "この出来事は事業の定義にありません (a.jsonl:2: event: no such event)" == error_text(error)
    assert "a.jsonl:2: event: no such event" == error_text(error, lang="en")
    wrapped = InputError("no case", file="a.jsonl")
    wrapped.__cause__ = CaseNotFound("X")
    assert "このケースは記録簿にありません (a.jsonl: no case)" == error_text(wrapped)


HEADS: dict[type[InputError], str] = {
    UnusableOffice: "実施機関の設定が使えません。設定のファイルを直すか、別のファイルを指定してください",
    Unresumable: "中断した監査の途中経過があります。同じ指定・同じ記録なら --resume で続けられます。"
    "続けられないか、続けないときは、途中経過のファイルを消すと最初から行います",
    OutputTaken: "この出力先は使われています。別の出力先を指定してください",
    SameCaseNumber: "同じケース番号の記録が二つの入力にあります。一つのケースなら一つの入力にまとめ、"
    "番号が同じだけの別のケース(別の福祉事務所など)なら、所ごとに分けて実行してください",
    UnknownEdition: "この日の要綱の本文は手元にありません。本文のある日を指定してください",
}


@pytest.mark.parametrize("kind", HEADS)
def test_where_the_user_has_to_decide_the_head_says_what_he_can_do(kind: type[InputError]) -> None:
    """Whether a case is left out for it or nothing was audited at all; in English the sentence itself says it."""
    for case in (True, False):
        assert f"{HEADS[kind]} (a: f: x; mend it)" == error_text(kind("x; mend it", file="a", field="f"), case=case)
        assert "a: f: x; mend it" == error_text(kind("x; mend it", file="a", field="f"), case=case, lang="en")


@pytest.mark.parametrize("lang", ["ja", "en"])
@given(case_id=st.text("ケx%", min_size=1, max_size=450) | st.integers(199, 202).map("長".__mul__))
def test_an_id_too_long_to_be_one_is_cut(lang: Lang, case_id: str) -> None:
    """200 characters are told whole; of more the first forty, wherever in the line the id stands."""
    text = error_text(InputError(f"no {case_id} here", file="a.jsonl", line=1, case_id=case_id), lang=lang)
    shown = case_id if len(case_id) <= 200 else f"{case_id[:40]}…"
    whole = error_text(InputError(f"no {shown} here", file="a.jsonl", line=1, case_id=shown), lang=lang)
    assert whole == text
    assert len(text) < 2 * 200 + 100
    said = f"ケース {shown!r} はありません" if lang == "ja" else f"no case {shown!r}"
    assert said in error_text(CaseNotFound(case_id), lang=lang)


def _of_two_lines(path: Path, name: str) -> InputError:
    """What an audit says of a file whose second line is wrong."""
    first, second, *_ = story("S01")
    text = line(second)
    bad = {
        "no JSON": b"nonsense\n",
        "control character": text.replace(b"cw-03", b"cw\x0103"),
        "not UTF-8": text.replace(b"cw-03", b"\xff"),
        "blank": b"\n" + text,
        "field": line(second, occurred_on="2025-02-30"),
        "programme missing": line(second, programme=...),
        "gap": line(second, seq=9),
        "programme": line(applied_on("2025-06-10").events[0], case_id="S01", seq=2),
        "link": line(second, prev="rfc6962:" + "0" * 64),
        "correction": line(second, event="withdrawn", data={"seq": 5, "reason": "x", "approved_by": attrs.asdict(SV)}),
    }[name]
    path.write_bytes(line(first) + bad)
    (error,) = [item for item in audit([path], as_of=AS_OF) if isinstance(item, InputError)]
    return error


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("no JSON", "この行は記録として読めません"),
        ("control character", "この行は記録として読めません"),
        ("not UTF-8", "この行は記録として読めません"),
        ("blank", "この行は記録として読めません"),
        ("field", "記録の項目の内容が使えません"),
        ("programme missing", "記録の項目の内容が使えません"),
        ("gap", "記録の順序・番号が合いません"),
        ("programme", "一つのケースに別の事業の記録があります"),
        ("link", "前の記録とのつながりが合いません"),
        ("correction", "訂正・取消の対象が合いません"),
    ],
)
def test_every_record_that_cannot_be_used_has_a_japanese_head(tmp_path: Path, name: str, head: str) -> None:
    """By what is wrong with it; the rest of the line, from the file on, is that of the English line."""
    error = _of_two_lines(tmp_path / "a.jsonl", name)
    assert error_text(error, lang="ja").startswith(f"{head} ({tmp_path / 'a.jsonl'}")
    assert not [char for char in error_text(error, lang="en").removeprefix(str(tmp_path)) if ord(char) > 0x3000]


def test_a_clean_case_is_told_too() -> None:
    """State and period in the reckoning of the reader, and that nothing was found."""
    text = text_of(report_of("S01"))
    assert "■ S01  埼玉県就労支援専門員事業実施要綱" in text
    assert "状態: 終了  期間: 令和7年4月15日～令和7年7月14日" in text
    assert "指摘なし" in text
    assert "nothing found" in text_of(report_of("S01"), lang="en")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_each_case_names_its_source_where_that_is_asked(lang: Lang) -> None:
    """Under the head of its case, on one line; without it nothing is said."""
    reports = [attrs.evolve(report_of(name), source=f"{name}/\u202e.jsonl") for name in ("S01", "T02")]
    out = io.StringIO()
    write_text(reports, out, receipt=RECEIPT, lang=lang, sources=True)
    lines = out.getvalue().splitlines()
    label = "入力" if lang == "ja" else "source"
    after = {line.split()[1]: lines[at + 1] for at, line in enumerate(lines) if line.startswith("■")}
    assert {name: f"  {label}: {name}/\\u202e.jsonl" for name in ("S01", "T02")} == after
    assert ".jsonl" not in text_of(*reports, lang=lang)


@pytest.mark.parametrize(
    ("overlays", "ja", "en"),
    [
        ((), "組込みのまま", "built-in"),
        (("市/a.toml", "b.toml"), "設定ファイル 市/a.toml、b.toml", "overlay 市/a.toml, b.toml"),
    ],
)
def test_the_foot_has_the_hashes_of_rules_and_office(overlays: tuple[str, ...], ja: str, en: str) -> None:
    """Of each text the hash of its rules, and that of figures, calendar and settings, with the files they came from."""
    receipt = Receipt(as_of=AS_OF, office=office_sha256(Office()), overlays=overlays)
    for lang, whose in (("ja", ja), ("en", en)):
        text = text_of(report_of("S01"), report_of("T02"), lang=lang, receipt=receipt)
        for code in ("saitama", "tsushima"):
            assert f"SHA-256 {rules_sha256(programme(code).current)}\n" in text
        assert f": {whose}\n  SHA-256 {office_sha256(Office())}\n" in text
    assert "組込み" not in text_of(report_of("S01"))  # nothing is said of an office that is not known


def test_errors_stand_together_at_the_end() -> None:
    """File, line, every fault and the case that is left out, on one line each, before the summary."""
    error = InputError(
        "x (and 1 more: see problems)", file="a.jsonl", line=7, field="f", case_id="S09", problems=("f: x", "g: y")
    )
    text = text_of(error, report_of("S01"))
    assert text.index("指摘なし") < text.index("■ 使えない記録") < text.index("照合した要綱")
    assert "  記録の項目の内容が使えません (a.jsonl:7: f: x; g: y)(ケース S09 は監査の対象外)\n" in text


def test_the_last_line_counts_the_cases_left_out() -> None:
    """A case with several faults counts once; what belongs to no case leaves none out."""
    errors = [InputError(said, file="a.jsonl", case_id=case) for said, case in ("xA", "yA", "zB")]
    items = [*errors, InputError("torn", file="a.jsonl"), report_of("S01")]
    assert text_of(*items).endswith("使えない記録 4件(そのため対象外 2ケース)。\n")
    assert text_of(*items, lang="en").endswith("Unusable records: 4 (2 cases left out).\n")
    assert text_of(report_of("S01"), lang="en").endswith("Unusable records: 0.\n")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("ja", "記録の項目の内容が使えません (a.jsonl:1: f: bad)(ケース A は監査の対象外)"),
        ("en", "a.jsonl:1: f: bad (case A is not judged)"),
    ],
)
def test_error_text(lang: Lang, expected: str) -> None:
    """The case is named in the language of the reader; it is left out where nothing was to be audited."""
    error = InputError("bad", file="a.jsonl", line=1, field="f", case_id="A")
    assert expected == error_text(error, lang=lang)
    assert error_text(error, case=False) == "a.jsonl:1: f: bad"


def test_period_text() -> None:
    """Both ends, or none."""
    period = Period(date(2025, 4, 15), date(2025, 7, 14))
    assert period_text(period, "en") == "2025-04-15 to 2025-07-14"
    assert (period_text(None), period_text(None, "en")) == ("なし", "none")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("普通の文", "普通の文"),
        ("二行\nある\tもの\r", "二行 ある もの "),
        ("\x1b[31m赤", "\\x1b[31m赤"),
        ("a\u202eb", "a\\u202eb"),
        ("\u2028", "\\u2028"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("外字\ue000", "外字\ue000"),
        ("全角\u3000空白", "全角\u3000空白"),
        ("\udc80", "\\udc80"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    """What steers a terminal is written out; variation selectors, 外字 and wide blanks of names are kept."""
    assert expected == one_line(text)


def test_hostile_ids_do_not_break_the_page() -> None:
    """A case id with bidi marks stays on its line and steers nothing."""
    report = attrs.evolve(report_of("S01"), case_id="A\u202e\u009b31m")
    assert "■ A\\u202e\\x9b31m  埼玉" in text_of(report)


def test_many_errors_do_not_fill_the_memory() -> None:
    """Errors are kept aside in order; far more than are held in memory come out whole."""
    errors = [InputError("x" * 500, file="a.jsonl", line=number) for number in range(1, 4001)]
    text = text_of(*errors)
    assert list(range(1, 4001)) == [int(at) for at in re.findall(r"\(a\.jsonl:(\d+): x", text)]
    assert text.index("a.jsonl:1:") < text.index("a.jsonl:4000:")
