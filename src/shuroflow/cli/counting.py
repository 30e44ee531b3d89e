"""``shuroflow statistics``."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from shuroflow.cli.auditing import check_output
from shuroflow.cli.options import Moment, day_option, lang_option, overlay_given, overlay_option, warn
from shuroflow.cli.output import Meter, writing
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.states import Office


@click.command("statistics", short_help="Count by fiscal year, office and programme. / 統計")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@day_option("--as-of", "The day asked about: what happened later is left out")
@click.option(
    "--known-at",
    type=Moment(),
    help="Only what was recorded up to this moment (2025-04-03T15:04:05+09:00, or a day: to its end). / 知り得た時点。",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@overlay_option
@lang_option()
@click.pass_context
def statistics_command(
    ctx: click.Context,
    sources: tuple[str, ...],
    as_of: date,
    known_at: datetime | None,
    form: str,
    output: str | None,
    office: Office,
    lang: Lang,
) -> None:
    """Count cases and events by fiscal year, office and programme, each share with the number it is of.

    年度・所・事業ごとに、件数と割合(分母を付記)を数える。

    Each source counts as an office. Corrections are applied. A case that cannot be used is left out and named. Exit
    status 2 where anything could not be used, else 0.
    """
    from shuroflow.audit import Receipt, counted, histories
    from shuroflow.audit.receipt import office_sha256
    from shuroflow.audit.report import error_text
    from shuroflow.audit.statistics import statistics

    to_stdout = output is None or output == "-"
    meter = Meter(hidden=to_stdout and sys.stdout.isatty(), ja="集計中 {} 行", en="counting {} lines")
    receipt = Receipt(as_of=as_of, known_at=known_at, office=office_sha256(office))
    cases = histories(sources, progress=meter, read=receipt.inputs.append)
    if output is not None:
        check_output(output, sources, overlays=(overlay_given(),))
    found = statistics(cases, as_of=as_of, known_at=known_at, office=office)
    meter.clear()
    with writing(output, as_is=form != "text") as out:
        write = {"text": counted.write_text, "json": counted.write_json, "csv": counted.write_csv}[form]
        write(found, out, receipt=receipt, lang=lang)
    for error in found.errors[:1]:
        more = len(found.errors) - 1
        warn(error_text(error, lang=lang) + (f" (+{more:,})" if more else ""), lang=lang)
    ctx.exit(2 if found.errors else 0)


__all__ = ["statistics_command"]
