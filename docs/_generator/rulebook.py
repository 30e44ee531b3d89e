"""Pages on clauses, rules, duties and states, from the rulebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from _generator.markdown import anchor, both, clause_anchor, page, plain, table
from shuroflow import Edition, Rule, Severity, State, programme, programme_codes
from shuroflow.audit.questions import OTHER, AuditQuestion, answering, audit_questions
from shuroflow.clauses import Clause
from shuroflow.states.judgement import DutyRule, Wording
from shuroflow.vocabulary import Basis, Enforcement, Lang

LANGS: tuple[tuple[Lang, str], ...] = (("ja", "日本語"), ("en", "English"))


def clause_link(edition: Edition, clause_id: str) -> str:
    """A citation that leads to its row."""
    clause = edition.clauses[clause_id]
    return f"[{clause.citation}](clauses-{edition.programme}.md#{clause_anchor(clause.id)})"


def decision_links(ids: Iterable[str]) -> str:
    """Our readings, each leading to its row."""
    return ", ".join(f"[{each}](../decisions.md#{each})" for each in ids) or "–"


def rules_of(edition: Edition, clause: Clause) -> Iterator[tuple[str, Rule]]:
    """Rules that cite a clause, by their short code; some cite the clause of the row in which they stand."""
    in_rows = {guard.__name__ for row in edition.rows if row.clause == clause.id for guard in row.guards}
    for name, rule in edition.table.rules.items():
        if name in in_rows if rule.of_row else rule.clause == clause.id:
            yield name, rule


def named_by(edition: Edition, clause: Clause) -> str:
    """Rules, duties and events that name a clause, each leading to its own page."""
    code = edition.programme
    rules = [f"[`{name}`](rules-{code}.md#{name})" for name, _ in rules_of(edition, clause)]
    duties = [
        f"[`{name}`](rules-{code}.md#duty-{name}) (duty)"
        for name, duty in edition.table.duties.items()
        if duty.clause == clause.id
    ]
    events = list(dict.fromkeys(row.event for row in edition.rows if row.clause == clause.id))
    moved = [f"[`{name}`](events-{code}.md#{name}) (event)" for name in events]
    return ", ".join([*rules, *duties, *moved]) or "–"


def clauses_page(code: str) -> str:
    """The traceability table of a programme."""
    edition = programme(code).current
    clauses = edition.clauses
    head = [
        f"{programme(code).title('en')}. {len(clauses)} rows; the text was compared as applied from "
        f"{clauses.in_force_from}. Editions of the 要綱: {', '.join(map(str, clauses.editions))}; the wording of the "
        "earlier ones is not on hand.",
        "",
        "The summaries are ours, and the 要綱 itself is the authority. "
        + (
            "Circled numbers and 前段, 後段, 変更, 例示 are ours too: they tell sentences apart that share a citation."
            if code == "saitama"
            else "The labels ア, イ, ウ under 第4条第1号 are lost in the published text; they are ours, in its order. "
            "なお書 and 中段 tell sentences apart that share a citation."
        ),
        "",
        f"SHA-256 of the text compared: `{clauses.source_sha256}`",
        "",
    ]
    counts = [
        (label.label("en"), label.label("ja"), sum(label in clause.enforced for clause in clauses))
        for label in Enforcement
    ]
    rows = []
    for clause in clauses:
        binds = " + ".join(each.value for each in (clause.modality, clause.also) if each is not None)
        until = f" – {clause.in_force_to}" if clause.in_force_to else ""
        rows.append(
            (
                f"{anchor(clause_anchor(clause.id))}{clause.id}"
                + (f"<br>cited as {clause.citation}" if clause.citation != clause.id else ""),
                binds,
                both(clause.summary),
                ", ".join(each.value for each in clause.enforced) + f"<br>{both(clause.where)}",
                named_by(edition, clause),
                decision_links(clause.decisions),
                f"{clause.in_force_from}{until}",
            )
        )
    items = [(item.id, f"`{item.code}`", both(item.text)) for clause in clauses for item in clause.items]
    return page(
        f"Clauses: {programme(code).title()}",
        head,
        ["## Where clauses take effect", ""],
        table(("enforced as", "日本語", "clauses"), counts),
        ["How a clause binds (`MUST`, `SHALL`, …) is explained in the [glossary](../glossary.md).", ""],
        ["## The table", ""],
        table(("clause", "binds", "what it says", "enforced by", "named by", "our readings", "in force"), rows),
        ["## Catalogues inside clauses", "", *table(("item", "code", "text"), items)] if items else [],
        [
            "## Signs that are read as another",
            "",
            *table(("as printed or written", "read as"), ((f"`{a}`", f"`{b}`") for a, b in clauses.aliases.items())),
        ]
        if clauses.aliases
        else [],
    )


def at_the_desk(rule: Rule) -> str:
    """What the live desk does when the rule does not hold."""
    if not rule.blocks:
        return "recorded, and said"
    return "refused, unless a reason is recorded" if rule.override else "refused"


def basis(rule: Rule) -> str:
    """What the rule rests on."""
    if rule.basis is Basis.TEXT:
        return "text"
    return f"decision {decision_links([rule.decision])}" if rule.decision else "decision"


def rules_page(code: str) -> str:
    """Rules and duties of a programme."""
    edition = programme(code).current
    guarded: dict[str, dict[str, None]] = {}
    for row in edition.rows:
        for guard in row.guards:
            guarded.setdefault(guard.__name__, {})[row.event] = None
        if row.absent:
            guarded.setdefault(row.absent, {})[row.event] = None
    sections: list[str] = []
    for name, rule in edition.table.rules.items():
        events = guarded.get(name)
        asked = (
            ", ".join(f"[`{event}`](events-{code}.md#{event})" for event in events)
            if events
            else "every event that is out of its place"
            if name.startswith(("out_of_place", "after_close"))
            else "every event before the text on hand"
            if name == "text_not_on_hand"
            else "the day asked about"
        )
        cites = "that of the row in which it stands" if rule.of_row else clause_link(edition, rule.clause)
        sections += [
            f"### {anchor(name)}{rule.code}",
            "",
            f"clause {cites} · **{rule.severity.value}** · basis: {basis(rule)} · at the desk: {at_the_desk(rule)}"
            + (" · reported once" if rule.once else ""),
            "",
            f"asked of: {asked}",
            "",
            *_wordings(rule.says, rule.mend),
        ]
    duties: list[str] = []
    for name, duty in edition.table.duties.items():
        duties += _duty(edition, name, duty)
    counts = [
        (
            severity.value,
            severity.label("ja"),
            sum(rule.severity is severity for rule in edition.table.rules.values()),
            sum(rule.severity is severity and rule.blocks for rule in edition.table.rules.values()),
        )
        for severity in Severity
    ]
    return page(
        f"Rules: {programme(code).title()}",
        [
            "Each rule has one clause, one severity and one basis. Names in braces stand for values that the rule saw.",
            f"How to read a finding is told in [its own guide](../how-to/read-a-finding.md); the clauses are listed in "
            f"[the traceability table](clauses-{code}.md).",
            "",
        ],
        table(("severity", "日本語", "rules", "of these, refused at the desk"), counts),
        ["## Rules", "", *sections],
        [
            "## Duties",
            "",
            "An open item that an event brings about and another one discharges. What it amounts to depends on the day "
            "asked about.",
            "",
            *duties,
        ],
    )


def _wordings(says: Wording, mend: Wording) -> list[str]:
    return [
        f"- {plain(says.ja)}",
        f"    - → {plain(mend.ja)}",
        f"- {plain(says.en)}",
        f"    - → {plain(mend.en)}",
        "",
    ]


def _duty(edition: Edition, name: str, duty: DutyRule) -> list[str]:
    grades = [
        f"{label}: {rule.severity.value} (basis: {basis(rule)})"
        for label, rule in (
            ("while open", duty.while_open),
            ("after its due day", duty.when_overdue),
            ("once the case is closed", duty.when_closed),
        )
        if rule is not None
    ]
    graded = duty.while_open or duty.when_overdue or duty.when_closed
    return [
        f"### {anchor(f'duty-{name}')}{edition.programme}.{name}",
        "",
        f"{both(duty.label)}",
        "",
        f"clause {clause_link(edition, duty.clause)} · {' · '.join(grades) or 'listed as open, no finding'}",
        "",
        *(_wordings(graded.says, graded.mend) if graded is not None else []),
    ]


def states_page() -> str:
    """States and the diagrams of both programmes."""
    parts: list[str] = [
        "`new` is the moment before the first event and is never stored. What each programme means by a state is in "
        "the [glossary](../glossary.md).",
        "",
        *table(("code", "日本語", "English"), ((f"`{s.value}`", s.label("ja"), s.label("en")) for s in State)),
        "The diagrams are Mermaid source, as `shuroflow programmes CODE --diagram` prints it. "
        "Each arrow names its event and its clause. Events that move nothing are not drawn.",
        "",
    ]
    for code in programme_codes():
        kind = programme(code)
        parts += [f"## {kind.title()}", "", kind.title("en"), ""]
        for lang, name in LANGS:
            parts += [f"### {name} ({code})", "", "```mermaid", kind.current.mermaid(lang), "```", ""]
    return page("States", parts)


def questions_page() -> str:
    """Which rules answer which question of an audit office."""
    lines = [
        "`shuroflow questions` puts the findings of an audit under these: [how to](../how-to/audit-questions.md). "
        "A rule may answer more than one question. What an asterisk marks answers it only where the event is one at "
        "which the question is asked: an event out of its place, say, is a matter of the period where it is support.",
    ]
    for question in audit_questions():
        lines += _question(question)
    lines += [
        "",
        "## Not asked",
        "",
        "Rules that belong to no question of an audit office. The audit reports them.",
        "",
    ]
    for code in programme_codes():
        made = answering(code)
        rows = [(rule_link(code, name), why.ja, why.en) for name, why in made.not_asked.items()]
        lines += [f"{programme(code).title('en')}:", "", *table(("rule", "日本語", "English"), rows), ""]
    return page("The questions of an audit office", lines)


def rule_link(code: str, name: str) -> str:
    """A rule or duty that leads to its row."""
    duty = name in programme(code).current.table.duties
    return f"[`{name}`](rules-{code}.md#{'duty-' if duty else ''}{name})"


def _question(question: AuditQuestion) -> Iterator[str]:
    yield from ("", f"## {question.number} {question.label.en}", "")
    yield f"`{question.code}` · {question.label.ja}"
    yield from ("", f"{question.asks.ja}", "", f"{question.asks.en}", "")
    if question.limits is not None:
        yield from (f"{question.limits.ja}", "", f"{question.limits.en[0].upper()}{question.limits.en[1:]}.", "")
    if question.code == OTHER:
        yield "Rules of a plug-in that name no question; the built-in programmes have none."
        return
    for code in programme_codes():
        made = answering(code)
        named = [rule_link(code, name) for name, under in made.rules.items() if question.code in under]
        named += [f"{rule_link(code, name)}\\*" for name, under in made.also.items() if question.code in under]
        counts = [f"`{name}` (statistics)" for name in question.counts.get(code, ())]
        if code in question.owed:
            counts.append(f"{rule_link(code, question.owed[code].duty)} while it is open (the record)")
        told = ", ".join([*named, *counts]) or ("the record" if question.observed else question.silent[code].en)
        yield from (f"{programme(code).title('en')}: {told}", "")
