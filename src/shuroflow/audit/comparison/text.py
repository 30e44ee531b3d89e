"""A comparison as a text for people: case by case and step by step, written while the cases are judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

import attrs

from shuroflow.audit.comparison.difference import Aspect, Difference, StepDifference
from shuroflow.audit.comparison.tally import Side, Tally
from shuroflow.audit.comparison.words import BOTH, ONLY_HERE, ONLY_THERE, Words, finding_of
from shuroflow.audit.receipt import Receipt, rules_sha256
from shuroflow.audit.report import Held, absences, counted, day_text, error_text, one_line, read_lines
from shuroflow.audit.source import Compared
from shuroflow.audit.summary import Later
from shuroflow.errors import InputError
from shuroflow.states import programme
from shuroflow.states.judgement import show
from shuroflow.vocabulary import Lang, Severity


def write_text(
    items: Iterable[Compared],
    out: TextIO,
    *,
    receipt: Receipt,
    here: Side,
    there: Side,
    lang: Lang = "ja",
    notes: bool = False,
) -> Tally:
    """Write what differs, case by case and step by step.

    Args:
        items: what :func:`~shuroflow.audit.differences` yields.
        out: where to.
        receipt: the day and moment asked about, and what was read.
        here: the one set of conditions.
        there: the other.
        lang: language of the reader.
        notes: also differences between findings of severity ``note``; without it they are counted.

    Returns:
        The counts that the last lines state.
    """
    tally = Tally()
    out.write(_head(receipt, here, there, lang))
    with Held() as unusable:
        for item in items:
            tally.add(item)
            if isinstance(item, InputError):
                unusable.add(f"  {error_text(item, lang=lang)}\n")
            elif not isinstance(item, Later):
                out.writelines(f"{line}\n" for line in _case_lines(item, here, there, lang, notes))
        if tally.errors:
            out.write("\n■ 使えない記録\n" if lang == "ja" else "\n■ Records that cannot be used\n")
            out.writelines(unusable)
    out.write(_foot(tally, receipt, here, there, lang, notes))
    return tally


def _head(receipt: Receipt, here: Side, there: Side, lang: Lang) -> str:
    ja = lang == "ja"
    day = day_text(receipt.as_of, lang)
    lines = [
        f"就労支援ケースの比較: 別の条件なら何が変わるか  基準日 {day}"
        if ja
        else f"Comparison of employment-support cases: what would change  as of {day}"
    ]
    if receipt.known_at is not None:
        moment = receipt.known_at.isoformat(timespec="seconds")
        lines.append(f"{moment} までに記録されたもの" if ja else f"as recorded up to {moment}")
    lines.append(f"shuroflow {receipt.version}")
    lines.append(f"  {ONLY_HERE} {'元の条件' if ja else 'these conditions'}: {here.text(lang)}")
    lines.append(f"  {ONLY_THERE} {'別の条件' if ja else 'other conditions'}: {there.text(lang)}")
    lines.append(
        f"{ONLY_HERE} は元の条件だけ、{ONLY_THERE} は別の条件だけ、{BOTH} と「元 → 別」は両方にあって異なるもの"
        if ja
        else f"{ONLY_HERE} is under these conditions only, {ONLY_THERE} under the other ones only; "
        f"{BOTH} and these → other are under both, but not the same"
    )
    return "\n".join(lines) + "\n"


def _case_lines(found: Difference, here: Side, there: Side, lang: Lang, notes: bool) -> Iterator[str]:
    """What differs in one case, line by line; nothing where nothing is to be shown."""
    ja = lang == "ja"
    words = Words(found, here, there, lang)
    steps = [step for each in found.steps if (step := _without_notes(each, notes)).changes]
    at_last = [each for each in found.at_last if notes or not each.only_note]
    if not (steps or at_last or found.reordered):
        return
    yield f"\n■ {one_line(found.case_id)}  {programme(found.programme).title(lang)}"
    hidden = len(found.steps) - len(steps)
    yield (
        f"  記録 {found.compared:,}件のうち {len(found.steps):,}件で異なる"
        + (f"(うち {hidden:,}件は注記だけ)" if hidden else "")
        if ja
        else f"  differs at {len(found.steps):,} of {counted(found.compared, 'event')}"
        + (f", at {hidden:,} of them in notes alone" if hidden else "")
    )
    if found.reordered is not None:
        one, other = (" ".join(map(str, order)) for order in found.reordered)
        yield f"  {'判定の順' if ja else 'order judged'}: {one} → {other}"
    for step in steps:
        event = step.event
        number = f"記録{event.seq}" if ja else f"event {event.seq}"
        yield f"  {number}  {show(event.occurred_on, lang)}  {words.event(step)}"
        for change in step.changes:
            yield from words.lines(change)
    if at_last:
        yield "  基準日の時点" if ja else "  as of the day asked about"
        for change in at_last:
            yield from words.lines(change)


def _without_notes(step: StepDifference, notes: bool) -> StepDifference:
    return step if notes else attrs.evolve(step, changes=tuple(each for each in step.changes if not each.only_note))


def _foot(tally: Tally, receipt: Receipt, here: Side, there: Side, lang: Lang, notes: bool) -> str:
    ja = lang == "ja"
    lines = ["", *read_lines(receipt, lang)]
    one, other = (list(texts(side, tally.codes, lang)) for side in (here, there))
    label = "照合した要綱" if ja else "Text"
    if one == other:
        lines += [f"{label}: {text}" for text in one]
    else:
        lines += [f"{label} {mark} {text}" for mark, told in ((ONLY_HERE, one), (ONLY_THERE, other)) for text in told]
    lines += totals(tally, lang, left_out=not notes)
    if tally.rules:
        lines.append(
            "規則ごとの指摘の違い(ケースではなく指摘の件数):"
            if ja
            else "Findings that differ, by rule (counts of findings, not of cases):"
        )
    for code, rule in sorted(tally.rules.items()):
        grade = ("・" if ja else ", ").join(each.label(lang) for each in rule.severities)
        marks = (("here", ONLY_HERE), ("there", ONLY_THERE), ("both", BOTH))
        counts = " ".join(f"{mark}{rule.count(side):,}" for side, mark in marks)
        lines.append(f"  {grade}  {code}  {rule.clause}  {counts}")
        lines.append(f"    {one_line(finding_of(rule.rule, lang))}")
    return "\n".join(lines) + "\n"


def texts(side: Side, codes: Iterable[str], lang: Lang = "ja") -> Iterator[str]:
    """The editions that judge the programmes on a side, a line for each."""
    for code, edition in side.editions(codes):
        title, since, rules = programme(code).title_ja, show(edition.in_force_from, lang), rules_sha256(edition)
        yield (
            f"{title}({since}からの条文)、規則 SHA-256 {rules}"
            if lang == "ja"
            else f"{title}, text from {since}, rules SHA-256 {rules}"
        )


def totals(tally: Tally, lang: Lang = "ja", *, left_out: bool = False) -> Iterator[str]:
    """What a comparison amounts to, line by line; ``left_out``: cases that differ in notes alone are not shown."""
    ja = lang == "ja"
    t = tally
    if t.cases:
        yield from _compared(t, lang, left_out)
    else:
        yield (
            f"比べることのできたケースはありません。使えない記録 {t.errors:,}件。"
            if ja
            else f"There was no case that could be compared. Unusable records: {t.errors:,}."
        )
    for said in absences(t, lang):
        yield f"このほか {said}、対象外です。" if ja else f"Not compared: {said}."


def _compared(t: Tally, lang: Lang, left_out: bool) -> Iterator[str]:
    ja = lang == "ja"
    yield (
        f"比べたケース {t.cases:,}件のうち {t.differ:,}件、記録 {t.steps:,}件のうち {t.steps_differ:,}件で異なります。"
        f"使えない記録 {t.errors:,}件。"
        if ja
        else f"{t.differ:,} of {counted(t.cases, 'case')} and {t.steps_differ:,} of {counted(t.steps, 'event')} differ."
        f" Unusable records: {t.errors:,}."
    )
    grades = (f"{each.label(lang)} {t.here[each]:,} → {t.there[each]:,}" for each in Severity)
    yield f"指摘: {'、'.join(grades)}" if ja else f"Findings: {', '.join(grades)}"
    violating = " → ".join(f"{t.violating[side]:,}" for side in ("here", "there"))
    yield f"違反のあるケース: {violating}" if ja else f"Cases with a violation: {violating}"
    if t.aspects:
        parts = (f"{each.label(lang)} {t.aspects[each]:,}" for each in Aspect if t.aspects[each])
        yield f"異なるもの(ケース数): {'、'.join(parts)}" if ja else f"What differs, in cases: {', '.join(parts)}"
    if t.only_notes and left_out:
        yield (
            f"このうち {t.only_notes:,}件は注記だけが異なり、上には載せていません(--notes で表示)。"
            if ja
            else f"{counted(t.only_notes, 'case')} of these in nothing but notes, not shown above (--notes shows them)."
        )
    elif t.only_notes:
        yield (
            f"このうち {t.only_notes:,}件は注記だけが異なります。"
            if ja
            else f"{counted(t.only_notes, 'case')} of these in nothing but notes."
        )


__all__ = ["texts", "totals", "write_text"]
