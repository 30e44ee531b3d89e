"""The questions and their answers written out: a text for people, JSON and CSV for programs.

Answers are written, or laid aside in a temporary file, as they come; only numbers are kept. Every number of cases
stands with the number it is of, and with what that one counts.
"""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

import attrs

from shuroflow.audit.asking import Answer, Asking, Tally
from shuroflow.audit.counted import records, table_lines
from shuroflow.audit.export import BOM, cell, error_record, receipt_record
from shuroflow.audit.lateness import Delay
from shuroflow.audit.questions import OTHER, AuditQuestion, answering
from shuroflow.audit.receipt import Receipt
from shuroflow.audit.report import Held, counted, error_text, finding_lines, foot_text, head_text, one_line
from shuroflow.audit.summary import Summary
from shuroflow.calendar import format_fiscal_year
from shuroflow.columns import table
from shuroflow.errors import InputError
from shuroflow.states import Wording, programme
from shuroflow.states.judgement import show
from shuroflow.vocabulary import Lang, Severity

Answers = Iterable[Answer | InputError]
"""What :meth:`Asking.answers` yields."""


_UNDER = Wording(ja="ここに示した着眼点について: ", en="Under the questions asked: ")


# Text -----------------------------------------------------------------------------------------------------------------


def write_text(
    answers: Answers,
    asking: Asking,
    out: TextIO,
    *,
    receipt: Receipt,
    lang: Lang = "ja",
    notes: bool = False,
    sources: bool = False,
) -> Summary:
    """Write a report question by question: the question, how many cases it is of, and its answers.

    ``notes``: also the findings of severity ``note``; what the record shows is always there. ``sources``: each answer
    names the source that its case was read from: for an audit of several.
    """
    out.write(head_text(receipt, "監査の着眼点ごとの確認", "The questions of an audit office", lang=lang))
    with contextlib.ExitStack() as stack:
        aside = {each.code: stack.enter_context(Held()) for each in asking.questions}
        filled: set[str] = set()
        unusable = stack.enter_context(Held())
        for answer in answers:
            if isinstance(answer, InputError):
                unusable.add(f"  {error_text(answer, lang=lang)}\n")
            elif notes or answer.severity is not Severity.NOTE or answer.seen is not None:
                filled.add(answer.question)
                for line in _answer_lines(answer, lang, sources):
                    aside[answer.question].add(f"{line}\n")
        for question in asking.questions:
            out.writelines(f"{line}\n" for line in _head_lines(question, asking, lang))
            if question.code in filled:
                out.write("\n")
                out.writelines(aside[question.code])
        if asking.summary.errors:
            out.write("\n■ 使えない記録\n" if lang == "ja" else "\n■ Records that cannot be used\n")
            out.writelines(unusable)
    out.write(foot_text(asking.summary, asking.programmes, receipt, lang=lang, of=_UNDER))
    if asking.not_asked.found:
        graded = _graded(asking.not_asked, lang)
        out.write(
            f"どの着眼点にも属さない規則によるもの: {graded}。shuroflow audit で確かめられます。\n"
            if lang == "ja"
            else f"By rules that belong to no question: {graded}; shuroflow audit tells them.\n"
        )
    if asking.observed:
        out.write(
            f"このほか、規則によらず記録から見えるもの {asking.observed:,}件。\n"
            if lang == "ja"
            else f"Besides, {asking.observed:,} to be confirmed that no rule says: the record shows it.\n"
        )
    return asking.summary


def _answer_lines(answer: Answer, lang: Lang, sources: bool) -> Iterator[str]:
    case = one_line(f"{answer.case_id} ({answer.office})" if sources else answer.case_id)
    if answer.finding is not None:
        first, *rest = finding_lines(answer.finding, lang=lang)
        yield f"  {case}{first}"
        yield from rest
        return
    event = f"記録{answer.seq}" if lang == "ja" else f"event {answer.seq}"
    where = f"{show(answer.on, lang)}  ({event})"
    message = one_line(answer.message(lang))
    if answer.severity is Severity.NOTE:
        yield f"  {case}  {message}  {where}"
    else:
        kind = _kind(answer.programme, answer.kind or "", lang)
        yield f"  {case}  [{answer.severity.label(lang)}] {kind}  {where}"
        yield f"      {message}"


def _head_lines(question: AuditQuestion, asking: Asking, lang: Lang) -> Iterator[str]:
    """The question with its numbers; nothing where no programme has a rule that belongs to none of the others."""
    codes = asking.programmes
    if question.code == OTHER:
        codes = [code for code in codes if answering(code).asked_at[OTHER] or asking.tallies[OTHER, code].asked]
        if not codes:
            return
    yield f"\n■ {question.number} {question.label.render({}, lang)} ({question.code})"
    yield f"  {question.asks.render({}, lang)}"
    if question.limits is not None:
        yield f"  {'※' if lang == 'ja' else 'Note:'} {question.limits.render({}, lang)}"
    for code in codes:
        yield f"  {programme(code).title(lang)}: {_numbers(question, code, asking.tallies[question.code, code], lang)}"
    if question.code == "lateness":
        yield from _delay_lines(asking, lang)
    elif question.code == "effect":
        yield from table_lines(asking.effect, lang=lang, only=question.counts)


_SHOWN = {
    "lateness": ("遅れた記録又は出来事より前の記録", "entries that are late or before their day"),
    "roles": ("一人二役の記録", "one person in two roles"),
    "effect": ("就労又は保護廃止の記録", "work or the end of assistance on record"),
}


def _numbers(question: AuditQuestion, code: str, tally: Tally, lang: Lang) -> str:
    ja = lang == "ja"
    if code in question.silent:
        return question.silent[code].render({}, lang)
    of = asked_of(question, code, lang)
    if question.observed:
        what, in_en = _SHOWN[question.code]
        shown = f"{of} {tally.asked:,}件のうち {tally.found:,}件に{what}"
        return shown if ja else f"{in_en} in {tally.found:,} of {tally.asked:,} ({of})"
    graded = _graded(tally, lang)
    return (
        f"{of} {tally.asked:,}件のうち {tally.found:,}件に違反又は要確認 ({graded})"
        if ja
        else f"{tally.found:,} of {tally.asked:,} ({of}): {graded}"
    )


def _graded(tally: Tally, lang: Lang) -> str:
    s = tally.severities
    return (
        f"違反 {s[Severity.VIOLATION]:,}、要確認 {s[Severity.OBSERVATION]:,}、注記 {s[Severity.NOTE]:,}"
        if lang == "ja"
        else f"{counted(s[Severity.VIOLATION], 'violation')}, {s[Severity.OBSERVATION]:,} to be confirmed, "
        f"{counted(s[Severity.NOTE], 'note')}"
    )


def asked_of(question: AuditQuestion, code: str, lang: Lang = "ja") -> str:
    """Which cases of a programme the question is asked of, in words: what the denominator counts."""
    ja = lang == "ja"
    if question.code == "effect":
        return "一日でも支援中だったケース" if ja else "cases under way on any day"
    kinds = None if question.observed else answering(code).asked_at[question.code]
    if kinds is None:
        return "すべてのケース" if ja else "all cases"
    labels = [_kind(code, kind, lang) for kind in _in_order(code, kinds)]
    if not labels:
        return "この着眼点の規則はありません" if ja else "no case: no rule of this text is asked here"
    return (
        f"「{'」「'.join(labels)}」の記録のあるケース"
        if ja
        else f"cases with any of these on record: {', '.join(labels)}"
    )


_DELAYS = (
    ("entries", "記録", "entries"),
    ("median", "中央値", "median"),
    ("p90", "90%", "90%"),
    ("p99", "99%", "99%"),
    ("longest", "最長", "longest"),
    ("early", "日付より前", "before the day"),
)


def _delay_lines(asking: Asking, lang: Lang) -> Iterator[str]:
    """By office, programme and fiscal year; then, of each programme, by kind of event."""
    ja = lang == "ja"
    n = asking.late_days
    yield (
        f"  遅れ: {n:,}日を超えて記録されたもの。日数の分布(90%は、記録の90%がその日数以内であること)は、"
        "出来事の日より前に記録されたものを除きます"
        if ja
        else f"  late: written down more than {counted(n, 'day')} later. Days (90%: nine in ten took no longer), "
        "without the entries written down before the day"
    )
    by_year = asking.lateness.by(lambda group: (group.office, group.programme, group.year))
    years = [(str(office), _title(code, lang), _year(year, lang)) for office, code, year in by_year]
    if years:
        yield ""
        yield from _delays(
            ("所", "事業", "年度") if ja else ("office", "programme", "year"), years, by_year.values(), lang
        )
    by_kind = asking.lateness.by(lambda group: (group.programme, group.event))
    for code in asking.programmes:
        mine = {
            kind: by_kind[code, kind] for kind in _in_order(code, {str(kind) for of, kind in by_kind if of == code})
        }
        yield f"\n  {_title(code, lang)}\n"
        kinds = [(_kind(code, kind, lang),) for kind in mine]
        yield from _delays(("出来事" if ja else "event",), kinds, mine.values(), lang)


def _delays(
    head: tuple[str, ...], names: Sequence[tuple[str, ...]], delays: Iterable[Delay], lang: Lang
) -> Iterator[str]:
    ja = lang == "ja"
    heads = [*head, *(in_ja if ja else in_en for _, in_ja, in_en in _DELAYS), "遅れ" if ja else "late"]
    rows = [
        [
            *map(one_line, name),
            *("–" if (number := getattr(delay, field)) is None else f"{number:,}" for field, _, _ in _DELAYS),
            f"{delay.late:,} ({delay.late / delay.entries:.0%} / {delay.entries:,})",
        ]
        for name, delay in zip(names, delays, strict=True)
    ]
    yield from (f"  {line}" for line in table(heads, rows).splitlines())


def _title(code: str | int, lang: Lang) -> str:
    return programme(str(code)).title(lang)


def _in_order(code: str, kinds: Collection[str]) -> list[str]:
    """Kinds of event in the order of the text; corrections and withdrawals come last."""
    order = dict.fromkeys(row.event for edition in programme(code).editions for row in edition.rows)
    return [kind for kind in (*order, "corrected", "withdrawn") if kind in kinds]


def _kind(code: str | int, kind: str | int, lang: Lang) -> str:
    return programme(str(code)).current.event_label(str(kind)).render({}, lang)


def _year(year: str | int, lang: Lang) -> str:
    return format_fiscal_year(int(year)) if lang == "ja" else f"FY {year}"


# JSON -----------------------------------------------------------------------------------------------------------------


def write_json(answers: Answers, asking: Asking, out: TextIO, *, receipt: Receipt, lang: Lang = "ja") -> Summary:
    """Write one JSON object: ``answers`` (one on each line), ``errors``, ``questions`` and the rest.

    ``receipt`` and ``summary`` are as in the report of an audit. An answer stands once under each question.
    """
    with Held() as errors:
        between, more = '{"answers": [\n', ""
        for answer in answers:
            if isinstance(answer, InputError):
                errors.add(more + _dumps(error_record(answer)))
                more = ",\n"
                continue
            out.write(between + _dumps(answer_record(answer, lang=lang)))
            between = ",\n"
        out.write(('{"answers": [' if between.startswith("{") else "\n") + '],\n"errors": [')
        out.writelines(errors)
        out.write("],\n")
    out.write('"questions": [\n' + ",\n".join(_dumps(each) for each in _question_records(asking, lang)) + "],\n")
    left = {"cases": asking.not_asked.found, **_tallied(asking.not_asked)}
    out.write(f'"not_asked": {_dumps(left)},\n')
    delays = asking.lateness.by(lambda group: (group.office, group.programme, group.year, group.event))
    groups = [
        {"office": o, "programme": p, "fiscal_year": y, "event": e, **attrs.asdict(delay)}
        for (o, p, y, e), delay in delays.items()
    ]
    out.write(f'"lateness": {_dumps({"late_days": asking.late_days, "groups": groups})},\n')
    effect = next((each.counts for each in asking.questions if each.code == "effect"), {})
    out.write(f'"effect": {_dumps(list(records(asking.effect, lang=lang, only=effect)))},\n')
    out.write(f'"receipt": {_dumps(receipt_record(receipt, asking.programmes))},\n')
    out.write(f'"summary": {_dumps(attrs.asdict(asking.summary))}}}\n')
    return asking.summary


def answer_record(answer: Answer, *, lang: Lang = "ja") -> dict[str, Any]:
    """One answer as plain values. ``rule`` and what follows from it are ``null`` for an observation of the record."""
    finding = answer.finding
    return {
        "question": answer.question,
        "office": answer.office,
        "case_id": answer.case_id,
        "programme": answer.programme,
        "severity": answer.severity.value,
        "rule": None if finding is None else finding.rule.code,
        "clause": None if finding is None else finding.clause,
        "decision": None if finding is None else finding.rule.decision,
        "seq": answer.seq,
        "event": answer.kind,
        "on": answer.on.isoformat(),
        "days": answer.days,
        "message": answer.message(lang),
        "mend": None if finding is None else finding.mend(lang),
    }


def _question_records(asking: Asking, lang: Lang) -> Iterator[dict[str, Any]]:
    for question in asking.questions:
        yield {
            "question": question.code,
            "label": question.label.render({}, lang),
            "asks": question.asks.render({}, lang),
            "limits": None if question.limits is None else question.limits.render({}, lang),
            "observed": question.observed,
            "programmes": [
                _tally_record(question, code, asking.tallies[question.code, code], lang) for code in asking.programmes
            ],
        }


def _tally_record(question: AuditQuestion, code: str, tally: Tally, lang: Lang) -> Mapping[str, Any]:
    silent = question.silent.get(code)
    return {
        "programme": code,
        "silent": None if silent is None else silent.render({}, lang),
        "asked_of": asked_of(question, code, lang),
        "asked": tally.asked,
        "found": tally.found,
        **_tallied(tally),
    }


def _tallied(tally: Tally) -> dict[str, Any]:
    return {
        "severities": {each.value: tally.severities[each] for each in Severity},
        "rules": dict(sorted(tally.rules.items())),
    }


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# CSV ------------------------------------------------------------------------------------------------------------------

COLUMNS = (
    ("question", "着眼点"),
    ("label", "着眼点の名"),
    ("office", "所"),
    ("case_id", "ケース"),
    ("programme", "事業"),
    ("severity", "重大度"),
    ("clause", "条項"),
    ("seq", "記録番号"),
    ("event", "出来事"),
    ("on", "日付"),
    ("days", "遅れの日数(負は出来事より前)"),
    ("message", "内容"),
    ("mend", "是正の方法"),
    ("rule", "規則"),
    ("asked_of", "分母の対象"),
    ("asked", "分母(件)"),
    ("found", "違反又は要確認のある件数"),
    ("file", "ファイル"),
    ("line", "行"),
)
"""The columns of the CSV report: English and Japanese heading."""


def write_csv(answers: Answers, asking: Asking, out: TextIO, *, receipt: Receipt, lang: Lang = "ja") -> Summary:
    """Write a table: a row for each answer and each thing that cannot be used, then one for each question.

    The last ones, one for each programme as well, have the numbers of cases with what they are of. Made as the CSV of
    an audit is.
    """
    del receipt
    out.write(BOM)
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([ja if lang == "ja" else en for en, ja in COLUMNS])
    labels = {each.code: each.label.render({}, lang) for each in asking.questions}

    def write(row: Mapping[str, Any]) -> None:
        told = {"label": labels.get(row.get("question", "")), **row}
        rows.writerow([cell(told.get(name)) for name, _ in COLUMNS])

    for answer in answers:
        if isinstance(answer, InputError):
            message = f"{answer.field}: {answer.message}" if answer.field else answer.message
            severity = "使えない記録" if lang == "ja" else "unusable"
            where = {"case_id": answer.case_id, "file": answer.file, "line": answer.line}
            write({**where, "severity": severity, "message": message})
        else:
            kind = None if answer.kind is None else _kind(answer.programme, answer.kind, lang)
            severity = answer.severity.label(lang)
            write({**answer_record(answer, lang=lang), "severity": severity, "event": kind})
    for record in _question_records(asking, lang):
        for each in record["programmes"]:
            write({**each, "question": record["question"], "message": each["silent"]})
    return asking.summary


__all__ = ["COLUMNS", "Answers", "answer_record", "asked_of", "write_csv", "write_json", "write_text"]
