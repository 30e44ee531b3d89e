"""``shuroflow statistics``."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from shuroflow.cli.auditing import receiving
from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import (
    day_option,
    known_at_option,
    lang_option,
    overlay_option,
    overlays_given,
    receipt_option,
    warn,
)
from shuroflow.cli.output import Meter, writing
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.states import Office


@click.command("statistics", short_help="Count by fiscal year, office and programme. / 統計")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@day_option("--as-of", "The day asked about: what happened later is left out")
@known_at_option
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@receipt_option
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
    receipt_file: str | None,
    office: Office,
    lang: Lang,
) -> None:
    """Count cases and events by fiscal year, office and programme, each share with the number it is of.

    年度・所・事業ごとに、件数と割合(分母を付記)を数える。

    Each source counts as an office; offices that use the same case numbers are counted apart, in a call for each.
    Corrections are applied. A case that cannot be used is left out and named. Where a fiscal year runs on after the
    day asked about, its numbers are those of that day, and the head says so. Exit status 2 where anything could not be
    used, else 0.
    """
    from shuroflow.audit import Receipt, counted, histories, write_receipt
    from shuroflow.audit.receipt import office_sha256
    from shuroflow.audit.report import error_text
    from shuroflow.audit.statistics import statistics

    to_stdout = output is None or output == "-"
    meter = Meter(hidden=to_stdout and sys.stdout.isatty(), ja="集計中 {} 行", en="counting {} lines")
    receipt = Receipt(as_of=as_of, known_at=known_at, office=office_sha256(office), overlays=overlays_given())
    cases = histories(sources, progress=meter, read=receipt.inputs.append)
    check_output(output)
    with receiving(receipt_file, output) as beside:
        found = statistics(cases, as_of=as_of, known_at=known_at, office=office)
        meter.clear()
        with writing(output, as_is=form != "text") as out:
            write = {"text": counted.write_text, "json": counted.write_json, "csv": counted.write_csv}[form]
            write(found, out, receipt=receipt, lang=lang)
        if beside is not None:
            codes = dict.fromkeys(each.programme for each in found.tables.values())
            summary = {"cases": found.cases, "errors": len(found.errors)}
            summary |= {name: getattr(found, name) for name in ("later", "recorded_later", "withdrawn")}
            write_receipt(beside, receipt, codes=codes, summary=summary)
    if form == "csv":  # a table of numbers by year has no place for it
        for line in counted.absence_lines(found, lang):
            click.echo(line, err=True)
    for error in found.errors[:1]:
        more = len(found.errors) - 1
        warn(error_text(error, lang=lang) + (f" (+{more:,})" if more else ""), lang=lang)
    ctx.exit(2 if found.errors else 0)


__all__ = ["statistics_command"]
