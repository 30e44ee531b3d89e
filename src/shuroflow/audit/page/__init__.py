"""The audit as one HTML file that needs nothing else: cases with filters, and each of them step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

import attrs

from shuroflow.audit.export import case_record
from shuroflow.audit.lateness import LATE_DAYS
from shuroflow.audit.page.diagram import diagram
from shuroflow.audit.page.document import HOME, Design, Document, Words
from shuroflow.audit.page.markup import text
from shuroflow.audit.page.tables import case_table
from shuroflow.audit.questions import answering, audit_questions
from shuroflow.audit.receipt import Receipt, editions_of, rules_sha256
from shuroflow.audit.replay import CaseReport
from shuroflow.audit.report import day_text, one_line, totals
from shuroflow.audit.steps import programme_record
from shuroflow.audit.summary import Item, Later, Summary
from shuroflow.errors import InputError
from shuroflow.states import programme
from shuroflow.vocabulary import Lang, Severity

DESIGN = Design(
    package=HOME,
    words="audit.toml",
    script=("audit/cases.js", "audit/case.js", "audit/step.js", "audit/pictures.js"),
)


@attrs.frozen(kw_only=True)
class Proof:
    """What a checkpoint shows of the records. ``facts`` are (heading, sentence), what is not proven included."""

    proven: bool
    sealed: int
    facts: Sequence[tuple[str, str]]


def write_html(
    items: Iterable[Item], out: TextIO, *, receipt: Receipt, lang: Lang = "ja", proof: Proof | None = None
) -> Summary:
    """Write the page; one case is in memory at a time.

    Args:
        items: what :func:`~shuroflow.audit.source.audit` yields with ``explained=True``.
        out: where to, as UTF-8.
        receipt: the conditions of the audit.
        lang: language of everything in the page.
        proof: what a checkpoint shows of the records, where one was asked.

    Returns:
        The counts over everything written.
    """
    summary = Summary()
    codes: dict[str, None] = {}
    with Document(out, DESIGN, receipt=receipt, lang=lang) as page:
        words = page.words
        page.begin(_proof(proof, words))
        for item in items:
            summary.add(item)
            if isinstance(item, InputError):
                page.unusable(item)
                continue
            if isinstance(item, Later):
                continue
            kind = programme(item.programme)
            if item.programme not in codes:
                codes[item.programme] = None
                record = programme_record(item.programme, lang=lang)
                page.programme(item.programme, record, diagram(kind.current, lang=lang))
            record = case_record(item, lang=lang)
            heading = _heading(item, lang)
            page.case(_entry(record, item.source, receipt), record, case_table(item, record, heading, words, lang))
        page.end(
            counts=totals(summary, lang),
            codes=codes,
            info={
                "questions": [[each.code, each.label.render({}, lang)] for each in audit_questions()],
                "late_days": LATE_DAYS,
            },
            texts=_texts(codes, words, lang),
        )
    return summary


# The parts ------------------------------------------------------------------------------------------------------------


def _proof(proof: Proof | None, words: Words) -> str:
    if proof is None:
        return ""
    said = words["proven"].format(n=f"{proof.sealed:,}") if proof.proven else words["not_proven"]
    facts = "".join(f"<li><b>{text(heading)}</b> {text(sentence)}</li>" for heading, sentence in proof.facts)
    kind = 'class="proof proven"' if proof.proven else 'class="proof unproven" open'  # what is amiss needs no click
    return f"<details {kind}><summary>{text(said)}</summary><ul>{facts}</ul></details>"


def _heading(report: CaseReport, lang: Lang) -> dict[str, str]:
    kind = programme(report.programme)
    return {"programme": kind.title(lang), "state": kind.current.state_name(report.state).label(lang)}


def _entry(record: Mapping[str, Any], source: str | None, receipt: Receipt) -> dict[str, Any]:
    """What the list of cases shows of one, and what it can be filtered by."""
    severities = [finding["severity"] for finding in record["findings"]]
    today = receipt.as_of.isoformat()
    open_duties = [duty for duty in record.get("duties", ()) if duty["status"] == "open"]
    return {
        "id": record["case_id"],
        "source": None if source is None else one_line(source),
        "programme": record["programme"],
        "state": record["state"],
        "period": record["period"],
        "events": record["events"],
        **{f"{severity.value}s": severities.count(severity.value) for severity in Severity},
        "findings": _findings(record),
        "duties": len(open_duties),
        "overdue": sum(duty["overdue"] for duty in open_duties),
        "past_due": sum((duty["in_time_until"] or duty["due"] or today) < today for duty in open_duties),
    }


def _findings(record: Mapping[str, Any]) -> list[list[Any]]:
    """Of what severity and clause its findings are, each with the questions of an audit office it comes under."""
    kinds = {step["seq"]: step["event"] for step in record.get("steps", ())}
    answered_by = answering(record["programme"])
    order = [question.code for question in audit_questions()]
    found: dict[tuple[str, str, tuple[str, ...]], None] = {}
    for each in record["findings"]:
        asked = answered_by.questions_of(each["rule"], kinds.get(each["seq"]))
        found[each["severity"], each["clause"], tuple(code for code in order if code in asked)] = None
    return [list(each) for each in found]


def _texts(codes: Iterable[str], words: Words, lang: Lang) -> str:
    lines = "".join(
        "<li>"
        + text(
            words["text_from"].format(
                title=title,
                day=day_text(edition.in_force_from, lang),
                hash=edition.clauses.source_sha256,
                rules=rules_sha256(edition),
            )
        )
        for title, edition in editions_of(codes)
    )
    return f"<h2>{words['texts']}</h2><ul>{lines}</ul>" if lines else ""


__all__ = ["Proof", "write_html"]
