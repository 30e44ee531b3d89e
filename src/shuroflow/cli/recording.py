"""``shuroflow record``."""

from __future__ import annotations

import os
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from shuroflow.cli.options import (
    Moment,
    Unusable,
    Who,
    case_argument,
    check_lasting,
    day_option,
    lang_option,
    now,
    overlay_option,
    say,
    source_argument,
    tell_torn,
)
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.caseload import Recorded
    from shuroflow.errors import Refused
    from shuroflow.events import Actor
    from shuroflow.states import Office


@click.command("record", short_help="Record one event, or refuse it with reasons. / 記録")
@source_argument
@case_argument
@click.argument("event", metavar="EVENT")
@day_option("--on", "The day it happened")
@click.option("--by", type=Who(), required=True, help="Who writes it down, such as caseworker:cw-03. / 記録者。")
@click.option("--data", metavar="JSON", help="The data of the event: a JSON object, @FILE, or - for standard input.")
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="One field of the data; may be given often. Lists take commas, people ROLE:ID, days 和暦 as well.",
)
@click.option("--note", help="Free remark. / 備考。")
@click.option("--key", help="Idempotency key: the same one again records nothing twice. / 二重記録を防ぐキー。")
@click.option(
    "--commitment", metavar="HEX", help="Of a paper kept apart, as `annex put` prints it. / 別置きの書類の照合値。"
)
@click.option("--programme", metavar="CODE", help="Open a new case of this programme. / 新しいケースを開く事業。")
@click.option("--at", type=Moment(), default=None, help="The moment of recording; now by default. / 記録の時刻。")
@overlay_option
@lang_option()
@click.pass_context
def record_command(
    ctx: click.Context,
    source: str,
    case_id: str,
    event: str,
    on: date,
    by: Actor,
    data: str | None,
    settings: tuple[str, ...],
    note: str | None,
    key: str | None,
    commitment: str | None,
    programme: str | None,
    at: datetime | None,
    office: Office,
    lang: Lang,
) -> None:
    """Record one event of a case, or say why it is refused.

    一つの出来事を記録する。要件を欠くときは、条項と是正の方法を示して記録しない。

    With --programme a new case is opened, and the journal is made if it is not there. Refused: nothing is written,
    every unmet rule is told, exit status 1.

    \b
    shuroflow record cases.jsonl A-1 listed --programme saitama --by caseworker:cw-03 --on R7.4.3
    shuroflow record cases.jsonl A-1 consented --by specialist:es-07 --set scope=specialist_support,goal_setting
    """
    from shuroflow.audit import load_plug_ins
    from shuroflow.caseload import Caseload
    from shuroflow.cli.payload import gather
    from shuroflow.errors import CaseNotFound, InputError, Refused
    from shuroflow.states import programme as load
    from shuroflow.storage import MemoryJournal, open_journal

    check_lasting(source)
    moment = at or now()
    load_plug_ins()

    def clock() -> datetime:
        return moment

    facts: dict[str, Any] = {"on": on, "by": by, "note": note, "key": key, "commitment": commitment}
    try:
        if programme is not None:
            payload = gather(load(programme).code, event, data, settings)
            # Tried in memory first: a call that is refused or cannot be used leaves no journal behind.
            Caseload(MemoryJournal(), clock=clock, office=office).open(case_id, programme, payload, **facts)
            with open_journal(source, create=True) as journal:
                tell_torn(journal)
                recorded = Caseload(journal, clock=clock, office=office).open(case_id, programme, payload, **facts)
        else:
            if source.lower().endswith(".jsonl") and not os.path.lexists(source):
                opens = "--programme saitama"
                ja = f"ファイルがありません。パスを確かめるか、新しいケースなら {opens} のように事業を付けてください"
                en = f"there is no such file; check the path, or to open a new case name its programme, such as {opens}"
                raise Unusable(f"{source}: {say(ja, en)}")
            with open_journal(source) as journal:
                tell_torn(journal)
                events = journal.read(case_id)
                if not events:
                    unknown = CaseNotFound(case_id)
                    said = f"{unknown}; to open a new case, name its programme, such as --programme saitama"
                    raise InputError(said, file=source) from unknown
                payload = gather(events[0].programme, event, data, settings)
                caseload = Caseload(journal, clock=clock, office=office)
                recorded = caseload.record(case_id, payload, **facts)
    except Refused as refused:
        _tell_refused(refused, lang)
        ctx.exit(1)
    _tell_recorded(recorded, lang)


def _tell_refused(refused: Refused, lang: Lang) -> None:
    from shuroflow.audit.report import one_line
    from shuroflow.states import programme
    from shuroflow.states.judgement import show

    event = refused.judgement.event
    name = programme(event.programme).current.event_label(event.kind).render({}, lang)
    day = show(event.occurred_on, lang)
    case_id = one_line(event.case_id)
    click.echo(say(f"記録しません: {case_id} {day} {name}", f"Refused: {case_id} {day} {name}"))
    for finding in refused.findings:
        click.echo(f"  [{finding.severity.label(lang)}] {finding.clause}: {one_line(finding.message(lang))}")
        click.echo(f"      → {one_line(finding.mend(lang))}")
        if finding.rule.override:
            click.echo(
                say(
                    '      (別の読み方によるときは、理由を --set override_reason="…" で記録できます)',
                    '      (if the office reads the text otherwise, give its reason: --set override_reason="…")',
                )
            )


def _tell_recorded(recorded: Recorded, lang: Lang) -> None:
    from shuroflow.audit.report import finding_lines, one_line
    from shuroflow.states import programme
    from shuroflow.states.judgement import show

    event = recorded.event
    edition = programme(event.programme).current
    name = edition.event_label(event.kind).render({}, lang)
    day = show(event.occurred_on, lang)
    case_id = one_line(event.case_id)
    head = f"{case_id} #{event.seq} {day} {name}"
    if recorded.duplicate:
        click.echo(say(f"記録済みです(同じキー): {head}", f"Recorded before under this key: {head}"))
        return
    state = edition.state_name(recorded.case.state).label(lang)
    click.echo(say(f"記録しました: {head} → {state}", f"Recorded: {head} → {state}"))
    for finding in recorded.findings:
        click.echo("\n".join(finding_lines(finding, lang=lang)))
