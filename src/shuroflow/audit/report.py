"""The audit as a text for people: case by case, with the clause, the day and what would mend it.

It is written while the audit runs and holds nothing back but what could not be used, which comes at the end.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Self, TextIO

from shuroflow.audit.receipt import Receipt, editions_of, rules_sha256
from shuroflow.audit.replay import CaseReport
from shuroflow.audit.said import in_japanese
from shuroflow.audit.summary import Absences, Item, Later, Summary
from shuroflow.case import Period
from shuroflow.errors import (
    CaseExists,
    CaseNotFound,
    Conflict,
    Damaged,
    DuplicateKey,
    InputError,
    MissingFigure,
    OutputTaken,
    Retained,
    SameCaseNumber,
    ShuroflowError,
    Unavailable,
    UnknownEdition,
    UnknownEvent,
    UnknownProgramme,
    Unresumable,
    UnusableOffice,
)
from shuroflow.states import Finding, Wording, programme
from shuroflow.states.judgement import show
from shuroflow.vocabulary import Lang, Severity

_HELD_IN_MEMORY = 1 << 20

_HEADS: tuple[tuple[type[ShuroflowError], str], ...] = (
    (UnknownProgramme, "この事業は登録されていません"),
    (UnknownEdition, "この日の要綱の本文は手元にありません。本文のある日を指定してください"),
    (UnknownEvent, "この出来事は事業の定義にありません"),
    (UnusableOffice, "実施機関の設定が使えません。設定のファイルを直すか、別のファイルを指定してください"),
    (
        Unresumable,
        "中断した監査の途中経過があります。同じ指定・同じ記録なら --resume で続けられます。"
        "続けられないか、続けないときは、途中経過のファイルを消すと最初から行います",
    ),
    (OutputTaken, "この出力先は使われています。別の出力先を指定してください"),
    (
        SameCaseNumber,
        "同じケース番号の記録が二つの入力にあります。一つのケースなら一つの入力にまとめ、"
        "番号が同じだけの別のケース(別の福祉事務所など)なら、所ごとに分けて実行してください",
    ),
    (CaseNotFound, "このケースは記録簿にありません"),
    (CaseExists, "このケース番号は既に使われています"),
    (Conflict, "ほかの人が先に記録しました。読み直してください"),
    (DuplicateKey, "このキーは別の記録に使われています"),
    (Retained, "この文書はまだ廃棄できません"),
    (Damaged, "記録簿に壊れた箇所があります"),
    (Unavailable, "ファイル又は記録簿を開けないか、読み書きできません"),
    (MissingFigure, "この日に使える数値がありません"),
)
"""What went wrong in a few words of Japanese, by the kind of error, and where the user has to decide, what he can do.

The place and the exact remedy follow in English.
"""


_LONGEST_ID = 200
_BEGINNING = 40
"""An id that is longer than any can be is told by its first characters."""

_PLACES = {
    "seq": "記録の順序・番号が合いません",
    "prev": "前の記録とのつながりが合いません",
    "case_id": "ケース番号が合いません",
    "programme": "一つのケースに別の事業の記録があります",
    "data.seq": "訂正・取消の対象が合いません",
}
"""The same of a record, by the field in which it does not fit the records beside it."""

_NO_RECORD_JA = "この行は記録として読めません"


def write_text(
    items: Iterable[Item],
    out: TextIO,
    *,
    receipt: Receipt,
    lang: Lang = "ja",
    notes: bool = False,
    sources: bool = False,
) -> Summary:
    """Write the report of an audit.

    Args:
        items: what :func:`~shuroflow.audit.source.audit` yields.
        out: where to.
        receipt: the conditions of the audit, for the head.
        lang: language of the reader.
        notes: also the findings of severity ``note``.
        sources: each case names the source that it was read from: for an audit of several.

    Returns:
        The counts that the last lines state.
    """
    ja = lang == "ja"
    summary = Summary()
    codes: dict[str, None] = {}
    out.write(head_text(receipt, "就労支援ケースの監査", "Audit of employment-support cases", lang=lang))
    with Held() as unusable:
        for item in items:
            summary.add(item)
            if isinstance(item, InputError):
                unusable.add(f"  {error_text(item, lang=lang)}\n")
                continue
            if isinstance(item, Later):
                continue
            codes[item.programme] = None
            out.write("\n")
            out.writelines(f"{line}\n" for line in case_lines(item, lang=lang, notes=notes, sources=sources))
        if summary.errors:
            out.write("\n■ 使えない記録\n" if ja else "\n■ Records that cannot be used\n")
            out.writelines(unusable)
    out.write(foot_text(summary, codes, receipt, lang=lang))
    return summary


def case_lines(report: CaseReport, *, lang: Lang = "ja", notes: bool = False, sources: bool = False) -> Iterator[str]:
    """The part of a text report that one case takes, line by line."""
    ja = lang == "ja"
    yield f"■ {one_line(report.case_id)}  {programme(report.programme).title(lang)}"
    if sources and report.source is not None:
        yield f"  {'入力' if ja else 'source'}: {one_line(report.source)}"
    state = programme(report.programme).current.state_name(report.state).label(lang)
    period = period_text(report.period, lang)
    yield (
        f"  状態: {state}  期間: {period}  記録: {report.events:,}件"
        if ja
        else f"  state: {state}  period: {period}  events: {report.events:,}"
    )
    chosen = [each for each in report.findings if notes or each.severity is not Severity.NOTE]
    if not chosen:
        yield "  指摘なし" if ja else "  nothing found"
    for finding in chosen:
        yield from finding_lines(finding, lang=lang)


def finding_lines(finding: Finding, *, lang: Lang = "ja") -> Iterator[str]:
    """One finding: severity, clause, day and event; what is wrong; what would mend it."""
    event = f"記録{finding.seq}" if lang == "ja" else f"event {finding.seq}"
    yield f"  [{finding.severity.label(lang)}] {finding.clause}  {show(finding.on, lang)}  ({event})"
    yield f"      {one_line(finding.message(lang))}"
    yield f"      → {one_line(finding.mend(lang))}"


def period_text(period: Period | None, lang: Lang = "ja") -> str:
    """First and last day of a period, in the reckoning of the language."""
    if period is None:
        return "なし" if lang == "ja" else "none"
    return ("～" if lang == "ja" else " to ").join((show(period.start, lang), show(period.end, lang)))


def error_text(error: ShuroflowError, *, lang: Lang = "ja", case: bool = True) -> str:
    """What cannot be used, on one line: file, line, field, every fault, and the case that is not judged for it.

    ``case=False`` leaves the case out, where nothing was to be audited. In Japanese, the frequent kinds of error and
    all records that cannot be used have a Japanese head, and so have the messages met most
    (:mod:`~shuroflow.audit.said`); the rest is English. An id too long to be one is cut.
    """
    text = _said(error, lang)
    head = next((ja for kind, ja in _HEADS if isinstance(error, kind) or isinstance(error.__cause__, kind)), None)
    if head is None and case and isinstance(error, InputError):
        head = _head(error)
    if lang == "ja" and head is not None:
        text = f"{head} ({text})"
    if case and isinstance(error, InputError) and error.case_id is not None:
        text += f"(ケース {error.case_id} は監査の対象外)" if lang == "ja" else f" (case {error.case_id} is not judged)"
    case_id: str | None = getattr(error, "case_id", None)
    if case_id is not None and len(case_id) > _LONGEST_ID:
        text = text.replace(case_id, f"{case_id[:_BEGINNING]}…")
    return one_line(text)


def _said(error: ShuroflowError, lang: Lang) -> str:
    """The error itself: where it was met, and every fault."""
    say = in_japanese if lang == "ja" else str
    if isinstance(error, InputError):
        where = ":".join(str(part) for part in (error.file, error.line) if part is not None)
        if len(error.problems) > 1:
            text = _problems(error.problems, lang)
        else:
            text = f"{error.field}: {say(error.message)}" if error.field else say(error.message)
        if lang == "en" and _no_record(error):
            text = f"this line cannot be read as a record: {text}"
        return f"{where}: {text}" if where else text
    if isinstance(error, Unavailable):
        return f"{error.where}: {say(str(error).removeprefix(f'{error.where}: '))}"
    return say(str(error))


_MISSING = re.compile(r"(?P<field>[^:]+): missing \((?P<about>.*)\)", re.DOTALL)


def _problems(problems: Sequence[str], lang: Lang) -> str:
    """All faults of one record; what is missing of it is told once, as one list."""
    missing = [found for found in map(_MISSING.fullmatch, problems) if found is not None]
    if len(missing) < _SEVERAL:
        return "; ".join(_problem(each) if lang == "ja" else each for each in problems)
    rest = [each for each in problems if _MISSING.fullmatch(each) is None]
    if lang == "ja":
        names = "、".join(found["field"] for found in missing)
        return "; ".join([f"必要な項目がありません。加えてください: {names}", *map(_problem, rest)])
    names = ", ".join(f"{found['field']} ({found['about']})" for found in missing)
    return "; ".join([f"fields are missing, add them: {names}", *rest])


_SEVERAL = 2


def _no_record(error: InputError) -> bool:
    """Is this a line that has not even what tells a record from anything else?"""
    told = {found["field"] for found in map(_MISSING.fullmatch, error.problems) if found is not None}
    return error.line is not None and told >= {"case_id", "seq", "event"}


def _problem(text: str) -> str:
    """One fault of several: its path, if it has one, and what is wrong."""
    told = in_japanese(text)
    if told != text:
        return told
    path, colon, message = text.partition(": ")
    return f"{path}{colon}{in_japanese(message)}" if colon else text


def _head(error: InputError) -> str:
    """What is wrong with a record that cannot be used, in a few words of Japanese, by where the fault lies."""
    if _no_record(error):
        return _NO_RECORD_JA
    known = _PLACES.get(error.field or "")
    if known is not None and not (error.problems and error.field == "programme"):
        return known
    if error.field is not None:
        return "記録の項目の内容が使えません"
    if error.line is not None:
        return _NO_RECORD_JA
    return "記録に使えない箇所があります" if error.case_id is None else "このケースは判定できません"


def day_text(day: date, lang: Lang = "ja") -> str:
    """A day for the head of a page: in Japanese in both reckonings."""
    shown = show(day, lang)
    return shown if shown == day.isoformat() else f"{shown} ({day.isoformat()})"


def moment_text(known_at: datetime, lang: Lang = "ja") -> str:
    """Up to which moment records count, for the head of an answer."""
    moment = known_at.isoformat(timespec="seconds")
    return f"{moment} までに記録されたもの" if lang == "ja" else f"as recorded up to {moment}"


def head_text(receipt: Receipt, ja_title: str, en_title: str, *, lang: Lang = "ja") -> str:
    """The first lines of a report: what it is, and under which conditions it was made."""
    ja = lang == "ja"
    day = day_text(receipt.as_of, lang)
    lines = [f"{ja_title}  基準日 {day}" if ja else f"{en_title}  as of {day}"]
    if receipt.known_at is not None:
        lines.append(moment_text(receipt.known_at, lang))
    lines.append(f"shuroflow {receipt.version}")
    return "\n".join(lines) + "\n"


def foot_text(
    summary: Summary, codes: Iterable[str], receipt: Receipt, *, lang: Lang = "ja", of: Wording | None = None
) -> str:
    """The last lines of a report: what was read, the texts it was compared with, and what it amounts to.

    ``of``: of which part of an audit the numbers of findings are, if not of all of it.
    """
    lines = ["", *condition_lines(receipt, codes, lang)]
    first, *rest = totals(summary, lang)
    return "\n".join([*lines, first if of is None else of.render({}, lang) + first, *rest]) + "\n"


def condition_lines(receipt: Receipt, codes: Iterable[str], lang: Lang = "ja") -> Iterator[str]:
    """What was read, by which texts and rules, and by whose figures and settings, each with its hash."""
    ja = lang == "ja"
    yield from read_lines(receipt, lang)
    for title, edition in editions_of(codes):
        since = show(edition.in_force_from, lang)
        yield f"照合した要綱: {title}({since}からの条文)" if ja else f"Text: {title}, text from {since}"
        yield f"  {'規則' if ja else 'rules'} SHA-256 {rules_sha256(edition)}"
    if receipt.office is not None:
        given = ("、" if ja else ", ").join(map(one_line, receipt.overlays))
        whose = (
            (f"設定ファイル {given}" if ja else f"overlay {given}") if given else "組込みのまま" if ja else "built-in"
        )
        yield f"数値・閉庁日・細則: {whose}" if ja else f"Figures, calendar, settings: {whose}"
        yield f"  SHA-256 {receipt.office}"


def read_lines(receipt: Receipt, lang: Lang = "ja") -> Iterator[str]:
    """What was read, a line for each source, with its hash."""
    for each in receipt.inputs:
        yield (
            f"読んだもの: {one_line(each.source)} {each.lines:,}行 SHA-256 {each.sha256}"
            if lang == "ja"
            else f"Read: {one_line(each.source)}, {counted(each.lines, 'line')}, SHA-256 {each.sha256}"
        )


def totals(summary: Summary, lang: Lang = "ja") -> list[str]:
    """What an audit amounts to, in a sentence or two."""
    ja = lang == "ja"
    s = summary
    left_out = ""
    if s.left_out:
        left_out = f"(そのため対象外 {s.left_out:,}ケース)" if ja else f" ({counted(s.left_out, 'case')} left out)"
    lines = [
        f"ケース {s.cases:,}件・記録 {s.events:,}件のうち: 違反 {s.violations:,}件({s.cases_with_violations:,}ケース)、"
        f"要確認 {s.observations:,}件、注記 {s.notes:,}件。使えない記録 {s.errors:,}件{left_out}。"
        if ja
        else f"{counted(s.cases, 'case')}, {counted(s.events, 'event')}: {counted(s.violations, 'violation')} "
        f"(in {counted(s.cases_with_violations, 'case')}), {s.observations:,} to be confirmed, "
        f"{counted(s.notes, 'note')}. Unusable records: {s.errors:,}{left_out}."
    ]
    lines += [f"このほか {said}、対象外です。" if ja else f"Not judged: {said}." for said in absences(s, lang)]
    return lines


def absences(counts: Absences, lang: Lang = "ja") -> Iterator[str]:
    """How many cases are no part of a report, and why; a clause for each reason there is."""
    ja = lang == "ja"
    if began := counts.later - counts.recorded_later:
        said = f"{counted(began, 'case')} that began only after the day asked about"
        yield f"{began:,}ケースは、基準日の後に始まったため" if ja else said
    if unknown := counts.recorded_later:
        said = f"{counted(unknown, 'case')} of which nothing was on record yet at the moment asked about"
        yield f"{unknown:,}ケースは、その時点ではまだ記録がないため" if ja else said
    if gone := counts.withdrawn:
        names = ", ".join(map(one_line, counts.withdrawn_cases)) + (", …" if gone > len(counts.withdrawn_cases) else "")
        said = f"{counted(gone, 'case')} of which everything on record is withdrawn ({names})"
        yield f"{gone:,}ケース({names})は、記録がすべて取り消されているため" if ja else said


def counted(number: int, noun: str) -> str:
    """A number with its English noun, in the plural where it is not one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one_line(text: str) -> str:
    """The text on one line and without anything a terminal would obey: controls and bidi marks are written out."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or unicodedata.category(char) in {"Zs", "Co", "Cn"} else _written_out(char)
        for char in text
    )


def _written_out(char: str) -> str:
    if char in "\n\r\t":
        return " "
    # Selectors and joiners belong to the characters they follow (names are written with them); the rest of Cf steers.
    return char if char in "\u200c\u200d" else char.encode("unicode_escape").decode("ascii")


class Held:
    """Lines kept for the end of a report: in memory while they are few, in a temporary file beyond that."""

    def __init__(self) -> None:
        self._file: tempfile.SpooledTemporaryFile[str] | None = None

    def add(self, line: str) -> None:
        """Keep one line, with its line end."""
        if self._file is None:
            self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by __exit__
                max_size=_HELD_IN_MEMORY, mode="w+", encoding="utf-8", errors="surrogatepass", newline="\n"
            )
        self._file.write(line)

    def __iter__(self) -> Iterator[str]:
        if self._file is None:
            return iter(())
        self._file.seek(0)
        return iter(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


__all__ = [
    "Held",
    "absences",
    "case_lines",
    "condition_lines",
    "counted",
    "day_text",
    "error_text",
    "finding_lines",
    "foot_text",
    "head_text",
    "moment_text",
    "one_line",
    "period_text",
    "read_lines",
    "totals",
    "write_text",
]
