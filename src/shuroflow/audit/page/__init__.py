"""The audit as one HTML file that needs nothing else: it opens from a folder, without a network and for years to come.

Each case is JSON in an element of its own, beside a table for readers without scripts; the script shows what is
asked for. The policy in the head admits this script and this style by their hashes and nothing else at all.
"""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import chain
from typing import Any, TextIO

import attrs

from shuroflow.audit.export import case_record
from shuroflow.audit.page.diagram import diagram
from shuroflow.audit.page.markup import embedded, filled, text
from shuroflow.audit.page.tables import Words, case_table
from shuroflow.audit.questions import answering, audit_questions
from shuroflow.audit.receipt import Receipt, editions_of, rules_sha256
from shuroflow.audit.replay import CaseReport
from shuroflow.audit.report import Held, day_text, error_text, one_line, totals
from shuroflow.audit.steps import programme_record
from shuroflow.audit.summary import Item, Later, Summary
from shuroflow.calendar import eras
from shuroflow.errors import InputError
from shuroflow.states import programme
from shuroflow.vocabulary import Lang, Severity

CASES = "{{cases}}"


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
    words = _words(lang)
    summary = Summary()
    codes: dict[str, None] = {}
    style, script = _file("page.css"), _script()
    head, _, foot = _file("page.html").partition(CASES)
    about = {
        "lang": lang,
        "policy": _policy(style, script),
        "version": receipt.version,
        "title": words["title"],
        "style": style,
        "skip": words["skip"],
        "without": words["without"],
        "to_foot": words["to_foot"],
        "conditions": _conditions(receipt, words, lang),
        "proof": _proof(proof, words),
    }
    out.writelines(filled(head, about))
    with Held() as unusable, Held() as index:
        for item in items:
            summary.add(item)
            if isinstance(item, InputError):
                unusable.add(f"<li>{text(error_text(item, lang=lang))}</li>\n")
                continue
            if isinstance(item, Later):
                continue
            if item.programme not in codes:
                codes[item.programme] = None
                out.write(_programme(item.programme, lang))
            at = summary.cases - 1
            record = case_record(item, lang=lang)
            heading = _heading(item, lang)
            out.write(f'<script type="application/json" id="case-{at}">{embedded(record)}</script>\n')
            out.write(f"<noscript>{case_table(item, record, heading, words, lang)}</noscript>\n")
            index.add(("," if at else "") + embedded(_entry(record, item.source, receipt)) + "\n")
        ending = {
            "version": receipt.version,
            "unusable": _unusable(unusable, summary, words),
            "counts": "<br>".join(text(line) for line in totals(summary, lang)),
            "texts": _texts(codes, words, lang),
            "receipt": _receipt(receipt, words),
            "index": chain("[", index, "]"),
            "info": embedded(_info(receipt, codes, words, lang)),
            "script": script,
        }
        out.writelines(filled(foot, ending))
    return summary


# The parts ------------------------------------------------------------------------------------------------------------


@cache
def _file(name: str) -> str:
    return resources.files("shuroflow.audit.page").joinpath(name).read_text(encoding="utf-8")


SCRIPT = ("build.js", "list.js", "case.js", "step.js", "pictures.js", "paper.js", "main.js")
"""The parts of the script, in their order."""


@cache
def _script() -> str:
    """The parts as one script that leaves no name behind in the page."""
    parts = "\n".join(_file(f"script/{name}") for name in SCRIPT)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


@cache
def _words(lang: Lang) -> Words:
    return {name: said[lang] for name, said in tomllib.loads(_file("words.toml")).items()}


def _policy(style: str, script: str) -> str:
    def source(content: str) -> str:
        return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; script-src {source(script)}; style-src {source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _conditions(receipt: Receipt, words: Words, lang: Lang) -> str:
    said = words["as_of"].format(day=day_text(receipt.as_of, lang))
    if receipt.known_at is not None:
        moment = words["known_at"].format(moment=receipt.known_at.isoformat(timespec="seconds"))
        said += ("、" if lang == "ja" else ", ") + moment
    return said


def _proof(proof: Proof | None, words: Words) -> str:
    if proof is None:
        return ""
    said = words["proven"].format(n=f"{proof.sealed:,}") if proof.proven else words["not_proven"]
    facts = "".join(f"<li><b>{text(heading)}</b> {text(sentence)}</li>" for heading, sentence in proof.facts)
    kind = 'class="proof proven"' if proof.proven else 'class="proof unproven" open'  # what is amiss needs no click
    return f"<details {kind}><summary>{text(said)}</summary><ul>{facts}</ul></details>"


def _programme(code: str, lang: Lang) -> str:
    kind = programme(code)
    record = embedded(programme_record(code, lang=lang))
    return (
        f'<script type="application/json" id="programme-{code}">{record}</script>\n'
        f'<template id="diagram-{code}">{diagram(kind.current, lang=lang)}</template>\n'
    )


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
        "clauses": sorted({finding["clause"] for finding in record["findings"]}),
        "questions": _questions(record),
        "duties": len(open_duties),
        "overdue": sum(duty["in_time_until"] is not None and duty["in_time_until"] < today for duty in open_duties),
    }


def _questions(record: Mapping[str, Any]) -> list[str]:
    """The questions of an audit office under which a case has a finding, in their order."""
    kinds = {step["seq"]: step["event"] for step in record.get("steps", ())}
    answered_by = answering(record["programme"])
    found = {
        code for each in record["findings"] for code in answered_by.questions_of(each["rule"], kinds.get(each["seq"]))
    }
    return [question.code for question in audit_questions() if question.code in found]


def _unusable(lines: Iterable[str], summary: Summary, words: Words) -> Iterator[str]:
    if summary.errors:
        n = f"{summary.errors:,}"
        yield f'<section class="unusable" data-n="{n}" tabindex="-1"><h2>{words["unusable"]} ({n})</h2><ul>'
        yield from lines
        yield "</ul></section>"


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


def _receipt(receipt: Receipt, words: Words) -> str:
    """What was read, and with which figures and settings: as told once everything is read."""
    told = [
        words["input"].format(source=one_line(each.source), n=f"{each.lines:,}", hash=each.sha256)
        for each in receipt.inputs
    ]
    if receipt.office is not None:
        told.append(words["office"].format(hash=receipt.office))
    lines = "".join(f"<li>{text(line)}" for line in told)
    return f'<section id="receipt"><h2>{words["receipt"]}</h2><ul>{lines}</ul></section>' if lines else ""


def _info(receipt: Receipt, codes: Iterable[str], words: Words, lang: Lang) -> dict[str, Any]:
    return {
        "lang": lang,
        "as_of": receipt.as_of.isoformat(),
        "eras": [[name, first.isoformat(), one] for name, first, one in eras()],
        "programmes": list(codes),
        "questions": [[each.code, each.label.render({}, lang)] for each in audit_questions()],
        "words": words,
    }


__all__ = ["Proof", "write_html"]
