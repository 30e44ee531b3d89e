"""``shuroflow audit``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shuroflow.cli.options import Moment, day_option, lang_option, overlay_option, say, warn
from shuroflow.cli.output import Meter, writing
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.audit import Item
    from shuroflow.states import Office


@click.command("audit", short_help="Replay histories against the 要綱. / 監査")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@day_option("--as-of", "The day asked about: what happened later is left out")
@click.option(
    "--known-at",
    type=Moment(),
    help="Only what was recorded up to this moment (2025-04-03T15:04:05+09:00, or a day: to its end).",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@click.option("--notes", is_flag=True, help="Also the notes (注記), in the text; JSON and CSV always hold them.")
@overlay_option
@lang_option()
@click.pass_context
def audit_command(
    ctx: click.Context,
    sources: tuple[str, ...],
    as_of: date,
    known_at: datetime | None,
    form: str,
    output: str | None,
    notes: bool,
    office: Office,
    lang: Lang,
) -> None:
    """Replay histories against the 要綱 and report every finding.

    記録を要綱に照らして監査する。 A case with a line that cannot be used is left out and named; everything else is
    audited. Folders within a folder are not read. Exit status 2 where anything could not be used, else 1 where there
    are violations, else 0.
    """
    from shuroflow.audit import Receipt, audit, write_csv, write_json, write_text

    to_stdout = output is None or output == "-"
    meter = Meter(hidden=to_stdout and sys.stdout.isatty())
    items = audit(sources, as_of=as_of, known_at=known_at, office=office, progress=meter)
    if output is not None:
        _check_output(output, sources)
    told = _told(items, meter, lang)
    receipt = Receipt(as_of=as_of, known_at=known_at)
    with writing(output, as_is=form != "text") as out:
        if form == "text":
            summary = write_text(told, out, receipt=receipt, lang=lang, notes=notes)
        else:
            summary = (write_json if form == "json" else write_csv)(told, out, receipt=receipt, lang=lang)
    meter.clear()
    if summary.errors:
        ctx.exit(2)
    ctx.exit(1 if summary.violations else 0)


def _told(items: Iterable[Item], meter: Meter, lang: Lang) -> Iterator[Item]:
    """The items as they come; at the end one line on standard error for what cannot be used: the first, and how many.

    All of them are in the report.
    """
    from shuroflow.audit.report import error_text
    from shuroflow.errors import InputError

    first, errors = "", 0
    for item in items:
        if isinstance(item, InputError):
            errors += 1
            first = first or error_text(item, lang=lang)
        yield item
    if errors:
        more = errors - 1
        rest = say(f" (ほか {more:,} 件は報告書に記載)", f" (and {more:,} more, in the report)") if more else ""
        meter.clear()
        warn(first + rest, lang=lang)


def _check_output(output: str, sources: Iterable[str]) -> None:
    from shuroflow.audit import source_files

    place = os.path.realpath(output)
    for source in sources:
        file = source.partition(":///")[2].partition("?")[0]  # of a database that is a file
        held = [Path(file)] if file else source_files(source)
        if place in map(os.path.realpath, held):
            raise click.BadParameter(
                say(
                    f"{output} は監査の対象です。別のファイルを指定してください",
                    f"{output} is what is to be audited: name another file",
                ),
                param_hint="-o",
            )
