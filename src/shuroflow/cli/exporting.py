"""``shuroflow export``: event logs for process-mining tools."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import Moment, day_option, lang_option, overlay_option, say, warn
from shuroflow.cli.output import Meter, placing, writing
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.audit.exports.log import Exported, Logged
    from shuroflow.states import Office

_FORMATS = ["xes", "ocel-json", "ocel-sqlite", "csv"]


@click.command("export", short_help="Event logs for process mining. / イベントログの出力")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(_FORMATS), required=True, help="Format of the log. / 形式。")
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@day_option("--as-of", "The day asked about: what happened later is left out")
@click.option(
    "--known-at",
    type=Moment(),
    help="Only what was recorded up to this moment (2025-04-03T15:04:05+09:00, or a day: to its end). / 知り得た時点。",
)
@click.option(
    "--as-recorded",
    is_flag=True,
    help="Events as they were written, corrections and withdrawals too; no states, no findings. / 訂正前のまま。",
)
@overlay_option
@lang_option()
@click.pass_context
def export_command(
    ctx: click.Context,
    sources: tuple[str, ...],
    form: str,
    output: str | None,
    as_of: date,
    known_at: datetime | None,
    as_recorded: bool,
    office: Office,
    lang: Lang,
) -> None:
    """Write histories as an event log: XES (IEEE 1849), OCEL 2.0 as JSON or SQLite, or a CSV table of events.

    プロセスマイニング用のイベントログを出力する。

    Events stand as they hold on the day: corrected, and without those withdrawn. A case with a record that cannot be
    used is left out and named. Exit status 2 where anything could not be used, else 0.

    \b
    shuroflow export cases.jsonl --format xes -o cases.xes
    shuroflow export sqlite:///cases.db --format ocel-sqlite -o log.sqlite
    """
    from shuroflow.audit import Receipt
    from shuroflow.audit.exports.log import case_logs
    from shuroflow.audit.exports.ocel_files import write_ocel_json, write_ocel_sqlite
    from shuroflow.audit.exports.table import write_event_csv
    from shuroflow.audit.exports.xes import write_xes

    to_stdout = output is None or output == "-"
    if form == "ocel-sqlite" and to_stdout:
        raise click.UsageError("a database is written to a file: -o FILE is needed", ctx)
    meter = Meter(hidden=to_stdout and sys.stdout.isatty(), ja="出力中 {} 行", en="exporting {} lines")
    logs = case_logs(sources, as_of=as_of, known_at=known_at, office=office, as_recorded=as_recorded, progress=meter)
    check_output(output)
    items = _told(logs, meter, lang)
    try:
        if form == "ocel-sqlite":
            assert output is not None
            with placing(output) as path:
                done = write_ocel_sqlite(items, path, lang=lang)
        else:
            with writing(output, as_is=True) as out:
                if form == "xes":
                    done = write_xes(items, out, receipt=Receipt(as_of=as_of, known_at=known_at), lang=lang)
                elif form == "ocel-json":
                    done = write_ocel_json(items, out, lang=lang)
                else:
                    done = write_event_csv(items, out, lang=lang)
    finally:
        meter.clear()
    _tell(done, output if not to_stdout else None)
    ctx.exit(2 if done.errors else 0)


def _told(items: Iterable[Logged], meter: Meter, lang: Lang) -> Iterator[Logged]:
    """The items as they come; what cannot be used is named on standard error, for a log has no place for it."""
    from shuroflow.audit.report import error_text
    from shuroflow.errors import InputError

    for item in items:
        if isinstance(item, InputError):
            meter.clear()
            warn(error_text(item, lang=lang), lang=lang)
        yield item


def _tell(done: Exported, output: str | None) -> None:
    """What was written, and everything that a reader of the log must know about it."""
    from shuroflow.audit.report import absences, counted, one_line

    where = f"{one_line(output)}: " if output else ""
    objects_ja = f"、オブジェクト {done.objects:,} 件" if done.objects else ""
    objects_en = f", {counted(done.objects, 'object')}" if done.objects else ""
    lines = [
        say(
            f"{where}ケース {done.cases:,} 件、記録 {done.events:,} 件{objects_ja}",
            f"{where}{counted(done.cases, 'case')}, {counted(done.events, 'event')}{objects_en}",
        )
    ]
    for ja, en in zip(absences(done, "ja"), absences(done, "en"), strict=True):
        lines.append(say(f"{ja}、含みません", f"left out: {en}"))
    if done.amended:
        ja = f"訂正・取消は適用済みです(関係する記録 {done.amended:,} 件)"
        en = f"corrections and withdrawals are applied ({counted(done.amended, 'event')} concerned)"
        lines.append(say(ja, en))
    if done.backwards:
        ja = "{} 件は、前の記録より早い時刻に書かれています。時刻で並べる道具では順序が変わります(正しい順序は seq)"
        en = "{} events were written at an earlier moment than the one before: sorted by time they stand elsewhere "
        en += "(the order recorded is that of seq)"
        lines.append(say(ja, en).format(f"{done.backwards:,}"))
    if done.replaced:
        ja = "XML に書けない文字 {} 個を [U+0001] の形に改めました: {}"
        en = "{} characters that XML cannot hold were written like [U+0001]: {}"
        more = ", …" if done.replaced > len(done.places) else ""
        lines.append(say(ja, en).format(f"{done.replaced:,}", one_line(", ".join(done.places)) + more))
    for line in lines:
        click.echo(line, err=True)
