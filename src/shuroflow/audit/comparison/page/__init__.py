"""The comparison as one HTML file that needs nothing else: both conditions, what differs, and each case step by step.

It is made as the page of the audit is (:mod:`shuroflow.audit.page.document`), and shares its style and its script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any, TextIO

from shuroflow.audit.comparison.data import difference_record, receipt_record
from shuroflow.audit.comparison.difference import Aspect, Change, Difference
from shuroflow.audit.comparison.page.tables import MARKS, case_table
from shuroflow.audit.comparison.settings import differing
from shuroflow.audit.comparison.tally import RuleCount, Side, Tally
from shuroflow.audit.comparison.text import texts, totals
from shuroflow.audit.comparison.words import Words as Names
from shuroflow.audit.comparison.words import finding_of
from shuroflow.audit.page.document import Design, Document, Words
from shuroflow.audit.page.markup import text
from shuroflow.audit.receipt import Receipt, office_sha256
from shuroflow.audit.report import one_line
from shuroflow.audit.source import Compared
from shuroflow.audit.steps import period_record
from shuroflow.audit.summary import Later
from shuroflow.errors import InputError
from shuroflow.vocabulary import Lang, Severity, State

DESIGN = Design(
    package="shuroflow.audit.comparison.page",
    words="words.toml",
    script=("script/cases.js", "script/case.js"),
    style=("page.css",),
)


def write_html(
    items: Iterable[Compared], out: TextIO, *, receipt: Receipt, here: Side, there: Side, lang: Lang = "ja"
) -> Tally:
    """Write the page; one case is in memory at a time. Notes are included.

    Args:
        items: what :func:`~shuroflow.audit.differences` yields.
        out: where to, as UTF-8.
        receipt: the day and moment asked about, and what was read.
        here: the one set of conditions.
        there: the other.
        lang: language of everything in the page.

    Returns:
        The counts that the page states.
    """
    tally = Tally()
    codes: dict[str, None] = {}
    with Document(out, DESIGN, receipt=receipt, lang=lang) as page:
        page.begin(_sides(here, there, page.words, lang))
        for item in items:
            tally.add(item)
            if isinstance(item, InputError):
                page.unusable(item)
                continue
            if isinstance(item, Later):
                continue
            if item.programme not in codes:
                codes[item.programme] = None
                page.programme(item.programme, _programme(item.programme, here, lang))
            record = difference_record(item, here=here, there=there, lang=lang)
            names = Names(item, here, there, lang)
            page.case(_entry(item), record, case_table(item, names, page.words, receipt.as_of))
        page.end(
            counts=totals(tally, lang),
            codes=codes,
            info={
                "aspects": [[each.value, each.label(lang)] for each in Aspect],
                "marks": MARKS,
                "sides": {"here": here.name(lang), "there": there.name(lang)},
                "receipt": receipt_record(receipt, codes, here=here, there=there),
                "summary": tally.record(),
            },
            texts=_texts(codes, here, there, page.words, lang),
            more=_by_rule(tally, page.words, lang),
        )
    return tally


# The parts ------------------------------------------------------------------------------------------------------------


def _sides(here: Side, there: Side, words: Words, lang: Lang) -> str:
    """Under which two sets of conditions it was judged, side by side."""
    rows = [
        (words["overlay"], here.name(lang), there.name(lang)),
        (words["edition"], here.edition(lang), there.edition(lang)),
    ]
    rows += differing(here.conditions.office, there.conditions.office, lang)
    hashes = [f"<code>{office_sha256(side.conditions.office)}</code>" for side in (here, there)]
    same = f'<tr><td colspan="3">{words["same_settings"]}' if hashes[0] == hashes[1] else ""
    lines = "".join(f'<tr><th scope="row">{text(name)}<td>{text(one)}<td>{text(other)}' for name, one, other in rows)
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{escape(words["sides"])}"><table id="sides">'
        f"<caption>{words['sides']}</caption>"
        f'<thead><tr><th scope="col">{words["condition"]}{_heads(words)}</thead>'
        f'<tbody>{lines}{same}<tr><th scope="row">{words["office_hash"]}<td>{"<td>".join(hashes)}</tbody></table></div>'
    )


def _heads(words: Words) -> str:
    """The headings of the two sides."""
    return "".join(f'<th scope="col" class="{side}">{MARKS[side]} {words[side]}' for side in ("here", "there"))


def _programme(code: str, here: Side, lang: Lang) -> dict[str, Any]:
    """What a programme is called, and what it calls its states."""
    kind = here.conditions.programme(code)
    return {
        "programme": code,
        "title": kind.title(lang),
        "states": {state.value: kind.current.state_name(state).label(lang) for state in State},
    }


def _entry(found: Difference) -> dict[str, Any]:
    """What the list of cases shows of one, and what it can be filtered by."""
    return {
        "id": found.case_id,
        "source": None if found.here.source is None else one_line(found.here.source),
        "programme": found.programme,
        "events": found.compared,
        "steps": len(found.steps),
        "at_last": bool(found.at_last),
        "differs": found.differs,
        "aspects": [each.value for each in Aspect if any(change.aspect is each for change in found.changes)],
        "findings": _findings(found.changes),
        "state": [found.here.state.value, found.there.state.value],
        "period": [period_record(found.here.period), period_record(found.there.period)],
    }


def _findings(changes: Iterable[Change]) -> list[list[Any]]:
    """The findings that differ: on which side, of which severity and clause either of them is, and how many are so."""
    kinds = Counter(
        (change.side, tuple(dict.fromkeys((each.severity.value, each.clause) for each in change.findings)))
        for change in changes
        if change.aspect is Aspect.FINDING
    )
    return [[side, found, number] for (side, found), number in kinds.items()]


def _texts(codes: Iterable[str], here: Side, there: Side, words: Words, lang: Lang) -> str:
    """The texts that judged: once where both sides have the same."""
    one, other = (list(texts(side, codes, lang)) for side in (here, there))
    if one == other:
        lines = one
    else:
        lines = [f"{MARKS[side]} {told}" for side, all_ in (("here", one), ("there", other)) for told in all_]
    items = "".join(f"<li>{text(line)}" for line in lines)
    return f"<h2>{words['texts']}</h2><ul>{items}</ul>" if items else ""


def _by_rule(tally: Tally, words: Words, lang: Lang) -> str:
    """For each rule, the findings on one side only and those on both that are not the same."""
    if not tally.rules:
        return ""
    return "".join(_rule_table(tally, words, lang))


def _rule_table(tally: Tally, words: Words, lang: Lang) -> Iterator[str]:
    yield f'<div id="by-rule" class="wide" tabindex="0" role="group" aria-label="{escape(words["by_rule"])}">'
    yield f'<table><caption>{words["by_rule"]}</caption><thead><tr><th scope="col">{words["clause"]}'
    yield f'<th scope="col">{words["rule"]}'
    for side, word in (("here", "only_here"), ("there", "only_there"), ("both", "on_both")):
        yield f'<th scope="col">{MARKS[side]} {words[word]}'
    yield "</thead><tbody>"
    for code, rule in sorted(tally.rules.items()):
        name = f'{text(finding_of(rule.rule, lang))}<div class="quiet"><code>{escape(code)}</code></div>'
        counts = "".join(f'<td class="number">{_graded(rule, side, words)}' for side in ("here", "there", "both"))
        yield f'<tr><td>{escape(rule.clause)}<th scope="row">{name}{counts}'
    yield "</tbody></table></div>"


def _graded(rule: RuleCount, side: str, words: Words) -> str:
    """How many findings there are of a side, by how grave they are."""
    found = [(grade, number) for (where, grade), number in rule.grades.items() if where == side]
    return (
        " ".join(
            f'<span class="badge {grade[0].value}">{" → ".join(words[each.value] for each in grade)} {number:,}</span>'
            for grade, number in sorted(found, key=lambda each: list(Severity).index(each[0][0]))
        )
        or "0"
    )


__all__ = ["write_html"]
