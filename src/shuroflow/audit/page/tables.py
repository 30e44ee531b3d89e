"""What a reader without scripts sees of a case: its findings and its record as tables, closed until asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from html import escape
from typing import Any

from shuroflow.audit.page.document import Words
from shuroflow.audit.page.markup import text
from shuroflow.audit.replay import CaseReport
from shuroflow.audit.report import day_text, one_line
from shuroflow.states import Finding
from shuroflow.vocabulary import Lang, Severity


def case_table(report: CaseReport, record: Mapping[str, Any], head: Mapping[str, str], words: Words, lang: Lang) -> str:
    """One case, between ``<details>`` and ``</details>``; ``record`` is its JSON, ``head`` its programme and state."""
    counts = ", ".join(
        f"{severity.label(lang)} {number}" for severity in Severity if (number := report.count(severity))
    )
    period = words["none"]
    if report.period is not None:
        period = words["to"].join(day_text(day, lang) for day in (report.period.start, report.period.end))
    return "".join(
        [
            f"<details><summary>{text(report.case_id)} {escape(head['programme'])} {escape(head['state'])} ",
            f"{counts or words['nothing_found']}</summary>",
            f"<p>{words['period']}: {period}</p>",
            f"<p>{words['source']}: {text(one_line(report.source))}</p>" if report.source is not None else "",
            *_findings(report.findings, words, lang),
            *_events(record.get("steps", ()), words, lang),
            "</details>",
        ]
    )


def _findings(findings: Iterable[Finding], words: Words, lang: Lang) -> Iterator[str]:
    rows = [
        (
            f'<td class="whole">{finding.severity.label(lang)}',
            f'<td class="whole">{escape(finding.clause)}',
            f"<td>{finding.seq}",
            f'<td class="when">{_broken(day_text(finding.on, lang))}',
            f"<td>{text(finding.message(lang))}",
            f"<td>{escape(finding.mend(lang))}",
        )
        for finding in sorted(findings, key=lambda each: list(Severity).index(each.severity))
    ]
    if not rows:
        yield f"<p>{words['nothing_found']}</p>"
        return
    names = ("severity_of", "clause", "events", "date", "message", "mend")
    caption = f"{words['findings']} <small>{words['dates_of_findings']}</small>"
    yield from _table(caption, [words[name] for name in names], rows)


def _events(steps: Iterable[Mapping[str, Any]], words: Words, lang: Lang) -> Iterator[str]:
    rows = []
    for step in steps:
        told = [
            f"{escape(name)}: {' / '.join(map(text, [held] if isinstance(held, str) else held))}"
            for name, held in step["content"]
        ]
        told += [f"{words['note_of']}: {text(step['note'])}"] if "note" in step else []
        if step["status"] != "stands":
            to = day_text(date.fromisoformat(step["moved_to"]), lang) if "moved_to" in step else ""
            told.append(words[f"status_{step['status']}"].replace("{day}", to))
        rows.append(
            (
                f"<td>{step['seq']}",
                f'<td class="when">{_broken(day_text(date.fromisoformat(step["occurred_on"]), lang))}',
                f'<td class="word">{escape(step["name"])}',
                f'<td class="when">{_broken(_moment(step["recorded_at"], lang))}',
                f"<td>{text(step['recorded_by']['shown'])}",
                f"<td>{'<br>'.join(told)}",
            )
        )
    names = ("events", "day", "event", "recorded", "recorded_by", "content")
    yield from _table(words["steps"], [words[name] for name in names], rows)


def _moment(iso: str, lang: Lang) -> str:
    """A moment with its day in both reckonings, as the page has it with scripts."""
    return f"{day_text(date.fromisoformat(iso[:10]), lang)} {iso[11:]}"


def _broken(days: str) -> str:
    """A day or a moment, broken at its spaces alone: see ``wbr`` in the style."""
    return days.replace(" ", " <wbr>")


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f'<div class="wide"><table><caption>{caption}</caption><tr>'
    yield from (f'<th scope="col">{head}' for head in heads)
    for row in rows:
        yield "<tr>"
        yield from row
    yield "</table></div>"


__all__ = ["case_table"]
