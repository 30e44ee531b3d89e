"""What a check will try and what it found, for a reader and for a program: the clause, the rule, the history.

Nothing is tried here, and nothing written to a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shuroflow.audit import error_record
from shuroflow.audit.report import counted, one_line
from shuroflow.clauses import ClauseRegistry
from shuroflow.columns import table
from shuroflow.events import Event
from shuroflow.states import Edition, Rule, programme
from shuroflow.states.judgement import Wording, show
from shuroflow.storage.codec import encode
from shuroflow.verification.checking import Plan
from shuroflow.verification.compliance import Report
from shuroflow.verification.coverage import Coverage, Seen, by_clause, coverage_line, coverage_record
from shuroflow.verification.planning import rules_of
from shuroflow.verification.walking import Difference
from shuroflow.vocabulary import Lang

WHAT = {
    "accepts": Wording("要綱では記録できないものを受け付けました", "takes what the rules refuse"),
    "refuses": Wording("要綱では記録できるものを受け付けません", "refuses what the rules allow"),
    "history": Wording("送った記録と読み返した記録が違います", "gives back another record than it was sent"),
    "standing": Wording("状態又は期間が違います", "tells another state or period"),
    "duties": Wording("未了事項が違います", "tells other duties"),
    "fails": Wording("応答が得られません", "gives no answer"),
}
"""What is wrong, by the kind of a difference."""


_SHOWN = 400


def rule_text(rule: Rule, lang: Lang = "ja") -> str:
    """What a rule asks for, in words, without the values of a case."""
    return one_line(rule.mend.outline(lang))


# ---------------------------------------------------------------- what will be tried


def head_lines(code: str, system: str, *, lang: Lang = "ja") -> Iterator[str]:
    """What is checked against which text."""
    ja = lang == "ja"
    kind = programme(code)
    since = show(kind.current.in_force_from, lang)
    yield ("■ 検証: " if ja else "■ Check: ") + one_line(system)
    yield f"  要綱: {kind.title()}({since}からの条文)" if ja else f"  text: {kind.title('en')}, from {since}"


def plan_lines(plan: Plan, *, lang: Lang = "ja") -> Iterator[str]:
    """What a check will compare, and how much it will try."""
    ja = lang == "ja"
    comma = "、" if ja else ", "
    able = plan.abilities
    compared = [("受付と拒否", "answers"), ("記録", "record")]
    compared += [("状態・期間", "state and period")] if able.standing else []
    compared += [("訂正・取消", "corrections")] if able.corrections else []
    if able.duties is not None:
        own = {clause.citation: None for clause in programme(plan.programme).current.clauses}
        kept = comma.join(each for each in own if each in able.duties)
        compared += [(f"未了事項({kept})", f"duties ({kept})")] if kept else []
    yield ("  比べるもの: " if ja else "  compared: ") + comma.join(each[0 if ja else 1] for each in compared)
    if ja:
        yield (
            f"  分量: {plan.profile}。保存済みの履歴 {plan.replayed:,}、事例集の履歴 {plan.histories:,}、"
            f"規則の境界の履歴 {plan.edges:,}、無作為の履歴 {plan.examples:,}。種 {plan.seed}"
        )
    else:
        yield (
            f"  profile {plan.profile}: {plan.replayed:,} saved, "
            f"{plan.histories:,} compliant, {plan.edges:,} at the edges of rules, {plan.examples:,} drawn; "
            f"seed {plan.seed}"
        )


# ---------------------------------------------------------------- a difference


def clause_ids(edition: Edition, difference: Difference) -> tuple[str, ...]:
    """Ids of the clauses that a difference is about, the nearest first: those of its rules, else those cited.

    A citation that several rows share stands for the first of them.
    """
    found = [rule.clause for rule in rules_of(difference.history[-1], difference.rules)]
    if difference.clauses:  # of the rules at stake, those of the clause that is named first
        first = difference.clauses[0]
        named = [each for each in found if edition.clauses[each].citation == first]
        found = [*(named or _cited(edition.clauses, first)), *found]
    return tuple(dict.fromkeys(found))


def _cited(clauses: ClauseRegistry, citation: str) -> list[str]:
    return [clause.id for clause in clauses if clause.citation == citation][:1]


def difference_lines(
    difference: Difference,
    *,
    lang: Lang = "ja",
    case: bool = False,
    saved: str | None = None,
    again: str | None = None,
) -> Iterator[str]:
    """One difference: its clauses, the rules in words, the history, and what was expected and found.

    Args:
        difference: what was found.
        lang: language of the reader.
        case: name the case; where the system was driven, its id says nothing.
        saved: where the history was saved.
        again: the command that replays it.
    """
    ja = lang == "ja"
    last = difference.history[-1]
    edition = programme(last.programme).edition_on(last.occurred_on)
    what = WHAT[difference.what].render({}, lang)
    yield f"{'、'.join(difference.clauses) if ja else ', '.join(difference.clauses)}: {what}"
    for clause in clause_ids(edition, difference)[:3]:
        yield f"  {clause}: {edition.clauses[clause].text(lang)}"
    for rule in rules_of(last, difference.rules):
        yield f"  [{rule.code}] {rule_text(rule, lang)}"
    if case:
        yield ("  ケース: " if ja else "  case: ") + one_line(difference.case_id)
    yield "  履歴" if ja else "  history"
    yield from (f"    {line}" for line in history_lines(difference.history, edition, lang=lang))
    if difference.on is not None:
        yield ("  基準日: " if ja else "  as of: ") + show(difference.on, lang)
    yield ("  期待: " if ja else "  expected: ") + one_line(difference.expected)
    yield ("  実際: " if ja else "  found: ") + one_line(difference.found)
    if saved is not None:
        yield ("  保存先: " if ja else "  saved in: ") + saved
    if again is not None:
        yield ("  再現: " if ja else "  again: ") + again


def history_lines(history: Sequence[Event], edition: Edition, *, lang: Lang = "ja") -> Iterator[str]:
    """A history as a short list: number, day, event, who recorded it, and what it says."""
    several = len({event.case_id for event in history}) > 1
    rows = [
        (
            f"{one_line(event.case_id)}/{event.seq}" if several else str(event.seq),
            event.occurred_on.isoformat(),
            f"{edition.event_label(event.kind).render({}, lang)} {event.kind}",
            f"{event.recorded_by.role.value}:{one_line(event.recorded_by.id)}",
            _data(event),
        )
        for event in history
    ]
    head = ("番号", "日付", "出来事", "記録者", "内容") if lang == "ja" else ("seq", "day", "event", "by", "data")
    yield from table(head, rows).splitlines()


def _data(event: Event) -> str:
    told: dict[str, Any] = json.loads(encode(event)).get("data") or {}
    return one_line(
        ", ".join(f"{name}={_short(json.dumps(value, ensure_ascii=False))}" for name, value in told.items())
    )


def _short(text: str) -> str:
    """A value as far as a reader wants it; the saved history has the whole."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def difference_record(difference: Difference, *, saved: str | None = None, again: str | None = None) -> dict[str, Any]:
    """The same for a program; the history in the stored form of events."""
    last = difference.history[-1]
    edition = programme(last.programme).edition_on(last.occurred_on)
    return {
        "difference": difference.what,
        "clauses": list(difference.clauses),
        "clause_ids": list(clause_ids(edition, difference)),
        "rules": list(difference.rules),
        "on": None if difference.on is None else difference.on.isoformat(),
        "expected": difference.expected,
        "found": difference.found,
        "history": [json.loads(encode(event)) for event in difference.history],
        "saved": saved,
        "again": again,
    }


# ---------------------------------------------------------------- by clause, and in one sentence


def clause_lines(report: Report, coverage: Coverage, *, lang: Lang = "ja", whole: bool = True) -> Iterator[str]:
    """The summary by clause: those with a difference first, then those that were not seen both ways.

    ``whole=False``: only a part was tried, so what was not seen says nothing.
    """
    ja = lang == "ja"
    edition = programme(report.programme).current
    wrong = differences_by_clause(edition, report.differences)
    rows: list[tuple[str, str, str, str]] = []
    for clause, found in wrong.items():
        rows.append(
            (clause, str(len(found)), "", edition.clauses[clause].text(lang) if clause in edition.clauses else "")
        )
    for each in by_clause(coverage, edition) if whole else ():
        if each.rules and each.seen is not Seen.BOTH and each.clause.id not in wrong:
            rows.append((each.clause.id, "–", each.seen.label(lang), each.clause.text(lang)))
    if rows:
        yield from table(
            ("条項", "相違", "確認", "要旨") if ja else ("clause", "found", "seen", "says"), rows
        ).splitlines()
        yield ""
    if whole:
        yield coverage_line(coverage, report.programme, lang=lang)


def differences_by_clause(edition: Edition, found: Iterable[Difference]) -> dict[str, list[Difference]]:
    """The differences under the id of the clause that stands first; an empty id for one that names none."""
    grouped: dict[str, list[Difference]] = {}
    for difference in found:
        ids = clause_ids(edition, difference)
        grouped.setdefault(ids[0] if ids else "", []).append(difference)
    return grouped


def result_line(report: Report, *, lang: Lang = "ja") -> str:
    """What was asked, and how many differences there are."""
    number = len(report.differences)
    if lang == "ja":
        told = f"相違 {number:,} 件" if number else "相違はありません"
        return f"{told}。{report.cases:,} ケース・{report.events:,} 件の出来事を送りました。"
    told = counted(number, "difference") if number else "No difference"
    return f"{told}: {counted(report.cases, 'case')}, {counted(report.events, 'event')} put to the system."


def report_record(
    report: Report,
    coverage: Coverage,
    *,
    system: str,
    seed: int,
    places: Sequence[tuple[str | None, str | None]],
) -> dict[str, Any]:
    """The whole of a check for a program. ``places``: for each difference its file, and the command that replays it."""
    return {
        "system": system,
        "programme": report.programme,
        "passed": report.passed,
        "seed": seed,
        "cases": report.cases,
        "events": report.events,
        "stages": dict(report.stages),
        "differences": [
            difference_record(each, saved=saved, again=again)
            for each, (saved, again) in zip(report.differences, places, strict=True)
        ],
        "unusable": [error_record(each) for each in report.unusable],
        "coverage": coverage_record(coverage, report.programme),
    }


__all__ = [
    "WHAT",
    "clause_ids",
    "clause_lines",
    "difference_lines",
    "difference_record",
    "differences_by_clause",
    "head_lines",
    "history_lines",
    "plan_lines",
    "report_record",
    "result_line",
    "rule_text",
]
