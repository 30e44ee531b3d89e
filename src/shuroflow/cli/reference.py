"""``shuroflow programmes``, ``schema``, ``simulate`` and ``demo``: what the library knows, and what it can make up."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shuroflow.cli.options import lang_option, say
from shuroflow.cli.output import table, writing
from shuroflow.vocabulary import Lang, State

if TYPE_CHECKING:
    from shuroflow.states import Edition, Programme


@click.command("demo", short_help="Real cases on SQLite, then an audit. / 実演")
@lang_option()
def demo_command(lang: Lang) -> None:
    """Open, move and refuse real cases on SQLite, then audit the sample histories.

    実際のケースを SQLite に記録し、要件を欠くものを断り、見本の記録を監査する。
    """
    from shuroflow.demo import run

    for line in run(lang):
        click.echo(line)
    click.echo(_to_try(lang))


def _to_try(lang: Lang) -> str:
    """What to try next, by the name under which this program was called, on the sample histories."""
    from shuroflow.samples import SAMPLES

    called = sys.argv[0] if os.path.basename(sys.argv[0]) == "shuroflow" else "shuroflow"
    folder = str(SAMPLES[0].parent)
    here = os.path.relpath(folder)
    folder = shlex.quote(folder if here.startswith(os.pardir) else here)
    english = "" if lang == "ja" else " --lang en"
    page = f"{called} audit {folder} --as-of 2026-11-21 --format html -o audit.html{english}"
    if lang == "ja":
        lines = [
            ("次に試すこと:", ""),
            (page, "見本の監査をページに出力する。ブラウザーで開く"),
            (f"{called} demo --lang en", "英語で表示する / in English"),
        ]
    else:
        lines = [
            ("To try next:", ""),
            (page, "the audit of the samples as a page, to be opened in a browser"),
            (f"{called} --help", "all commands; without --lang en they answer in Japanese"),
        ]
    (head, _), *rest = lines
    return "\n".join(["", head, *(f"  {command}\n    {what}" for command, what in rest)])


@click.command("programmes", short_help="Clauses, rules and diagrams of each 要綱. / 要綱の一覧")
@click.argument("code", metavar="[CODE]", required=False)
@click.option("--diagram", is_flag=True, help="Only the state diagram, in Mermaid. / 状態遷移図。")
@click.option("--clauses", is_flag=True, help="The clauses, and where each is given effect to. / 条項の一覧。")
@click.option("--rules", is_flag=True, help="The rules, their clauses and severities. / 判定規則の一覧。")
@lang_option()
def programmes_command(code: str | None, diagram: bool, clauses: bool, rules: bool, lang: Lang) -> None:
    """List the programmes; of one its editions, events, clauses, rules and state diagram.

    要綱の一覧と、その版・出来事・条項・判定規則・状態遷移図を表示する。
    """
    from shuroflow.audit import load_plug_ins
    from shuroflow.states import programme, programme_codes

    load_plug_ins()
    if code is None:
        if diagram or clauses or rules:
            raise click.UsageError("name a programme: " + ", ".join(programme_codes()), click.get_current_context())
        click.echo(_programmes([programme(each) for each in programme_codes()], lang))
        return
    kind = programme(code)
    edition = kind.current
    parts = [
        *([edition.mermaid(lang)] if diagram else []),
        *([_clauses(edition, lang)] if clauses else []),
        *([_rules(edition, lang)] if rules else []),
    ]
    click.echo("\n\n".join(parts or _overview(kind, lang)))


def _programmes(kinds: list[Programme], lang: Lang) -> str:
    from shuroflow.states.judgement import show

    head = (
        ("code", "要綱", "この日からの条文", "条項", "規則")
        if lang == "ja"
        else ("code", "programme", "text from", "clauses", "rules")
    )
    rows = [
        (
            kind.code,
            kind.title(lang),
            show(edition.in_force_from, lang),
            str(len(edition.clauses)),
            str(len(edition.table.rules) + len(edition.table.duties)),
        )
        for kind in kinds
        for edition in kind.editions
    ]
    return table(head, rows)


def _overview(kind: Programme, lang: Lang) -> Iterator[str]:
    edition = kind.current
    yield _programmes([kind], lang)
    rows: dict[tuple[str, ...], None] = {}
    for row in edition.rows:
        name = edition.event_label(row.event).render({}, lang)
        clause = edition.clauses[row.clause].citation
        if row.absent is not None:
            clause, sources, dest = "—", say("この要綱にない", "not in this text"), "—"
        else:
            sources = say("、", ", ").join(edition.state_name(s).label(lang) for s in State if s in row.sources)
            dest = "—" if row.dest is None else edition.state_name(row.dest).label(lang)
        rows[name, row.event, clause, sources, dest] = None
    head = (
        ("出来事", "code", "条項", "この状態から", "この状態へ")
        if lang == "ja"
        else ("event", "code", "clause", "from", "to")
    )
    yield table(head, list(rows))


def _clauses(edition: Edition, lang: Lang) -> str:
    head = ("条項", "程度", "反映", "要旨") if lang == "ja" else ("clause", "modality", "given effect by", "summary")
    return table(
        head,
        [
            (
                clause.id,
                clause.modality.value,
                say("・", ", ").join(each.label(lang) for each in clause.enforced),
                clause.text(lang),
            )
            for clause in edition.clauses
        ],
    )


def _rules(edition: Edition, lang: Lang) -> str:
    ja = lang == "ja"
    rows = []
    for rule in edition.table.rules.values():
        effect = ("拒否" if ja else "refuses") if rule.blocks else ""
        template = rule.says.ja if ja else rule.says.en
        basis = rule.decision or rule.basis.label(lang)
        rows.append((rule.code, rule.citation, rule.severity.label(lang), effect, basis, template))
    for duty in edition.table.duties.values():
        grades = {
            rule.severity.label(lang): None for rule in (duty.while_open, duty.when_overdue, duty.when_closed) if rule
        }
        name = f"{edition.programme}.{duty.code}"
        effect = "未了事項" if ja else "duty"
        rows.append((name, duty.citation, "→".join(grades), effect, "", duty.label.render({}, lang)))
    head = (
        ("規則", "条項", "重大度", "効果", "根拠", "内容")
        if ja
        else ("rule", "clause", "severity", "effect", "basis", "message")
    )
    return table(head, rows)


@click.command("schema", short_help="The JSON Schema of an event line. / 記録の書式")
@click.option("--programme", metavar="CODE", help="Only the events of this programme. / 一つの事業に限る。")
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@lang_option(expose=False)
def schema_command(programme: str | None, output: str | None) -> None:
    """Print the JSON Schema of an event line.

    記録の一行の JSON Schema を出力する。
    """
    from shuroflow.audit import load_plug_ins
    from shuroflow.storage import json_schema

    load_plug_ins()
    with writing(output, as_is=True) as out:
        out.write(json.dumps(json_schema(programme), ensure_ascii=False, indent=2) + "\n")


@click.command("simulate", short_help="Make up a caseload to try things on. / 模擬データ")
@click.option("--cases", type=click.IntRange(min=1), required=True, help="How many cases. / ケースの数。")
@click.option("--seed", type=int, required=True, help="The same seed gives the same file. / 乱数の種。")
@click.option(
    "--violations",
    type=click.FloatRange(0, 1),
    required=True,
    help="Share of cases with a planted fault, 0 to 1. / 誤りを含むケースの割合。",
)
@click.option("-o", "--output", metavar="FILE", required=True, help="The .jsonl file to write. / 出力先のファイル。")
@lang_option(expose=False)
def simulate_command(cases: int, seed: int, violations: float, output: str) -> None:
    """Make up a realistic caseload, with the truth beside it. No record is of a real person.

    実在しない人のケース記録を、正解とともに作る。
    """
    from shuroflow.audit.report import counted
    from shuroflow.simulation import write

    if Path(output).suffix.lower() != ".jsonl":
        said = say("の名前は .jsonl で終わる必要があります", ": name a .jsonl file, for no other one is audited")
        raise click.BadParameter(f"{output}{said}", param_hint="-o")
    path, truth, events = write(cases, seed, violations, output)
    click.echo(
        say(
            f"{cases:,} ケース・{events:,} 件の記録: {path}(正解: {truth})",
            f"{counted(cases, 'case')}, {counted(events, 'event')}: {path} (truth: {truth})",
        )
    )
