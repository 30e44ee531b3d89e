"""``shuroflow compare``."""

from __future__ import annotations

import sys
from datetime import date, datetime

import click

from shuroflow.cli.auditing import receiving, told
from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import Day, Moment, day_option, lang_option, office_of, receipt_option, say
from shuroflow.cli.output import Meter, broken_off, writing
from shuroflow.vocabulary import Lang


@click.command("compare", short_help="What would change under other rules? / 条件を変えた比較")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option(
    "--against-overlay",
    metavar="FILE",
    help="The other side's overlay; that of --overlay if left out. / 別の条件とする設定のファイル。",
)
@click.option(
    "--against-edition",
    metavar="DAY",
    type=Day(),
    help="The other side's edition: judge everything by the 要綱 in force on this day. / 別の条件とする版の日。",
)
@click.option(
    "--overlay",
    metavar="FILE",
    help="TOML file with the office's figures, holidays and settings. / 実施機関の設定。",
)
@click.option(
    "--edition",
    metavar="DAY",
    type=Day(),
    help="Judge everything by the 要綱 in force on this day; by default, of the day of each event. / 版の日。",
)
@day_option("--as-of", "The day asked about: what happened later is left out")
@click.option(
    "--known-at",
    type=Moment(),
    help="Only what was recorded up to this moment (2025-04-03T15:04:05+09:00, or a day: to its end). / 知り得た時点。",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "html"]),
    default="text",
    show_default=True,
    help="How it is written. / 書式。",
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@click.option(
    "--notes",
    is_flag=True,
    help="Also the notes, in the text; JSON, CSV and HTML always hold them. / 注記も表示する。",
)
@receipt_option
@lang_option()
@click.pass_context
def compare_command(
    ctx: click.Context,
    sources: tuple[str, ...],
    against_overlay: str | None,
    against_edition: date | None,
    overlay: str | None,
    edition: date | None,
    as_of: date,
    known_at: datetime | None,
    form: str,
    output: str | None,
    notes: bool,
    receipt_file: str | None,
    lang: Lang,
) -> None:
    """Replay histories twice, under two sets of conditions, and show step by step what differs.

    記録を二通りの条件で要綱に照らし、異なるところを一件ずつ示す。

    The conditions are an overlay and an edition of the 要綱. What the other side does not name is as on this side. A
    case that cannot be used is left out and named. --receipt FILE writes the conditions of both sides beside any form.

    Exit status 2 where anything could not be used, else 1 where anything differs, else 0.

    \b
    shuroflow compare cases.jsonl --against-overlay office.toml  # by other settings / 別の設定で
    shuroflow compare cases.jsonl --against-edition R8.4.1       # by the text of a day / ある日の版で
    """
    from shuroflow.audit import Conditions, Receipt, differences
    from shuroflow.audit.comparison import data, page, text
    from shuroflow.audit.comparison.tally import Side

    if against_overlay is None and against_edition is None:
        raise click.UsageError(
            "nothing to compare with: give --against-overlay FILE, --against-edition DAY or both", ctx
        )
    other = overlay if against_overlay is None else against_overlay
    here = Side(
        conditions=Conditions(
            office=office_of(overlay), edition=edition, name=_named(say("元の条件", "here"), overlay)
        ),
        overlay=overlay,
    )
    there = Side(
        conditions=Conditions(
            office=office_of(other), edition=against_edition or edition, name=_named(say("別の条件", "there"), other)
        ),
        overlay=other,
    )
    to_stdout = output is None or output == "-"
    meter = Meter(hidden=to_stdout and sys.stdout.isatty(), ja="比較中 {} 行", en="comparing {} lines")
    check_output(output)
    receipt = Receipt(as_of=as_of, known_at=known_at)
    items = differences(
        sources,
        as_of=as_of,
        known_at=known_at,
        here=here.conditions,
        there=there.conditions,
        progress=meter,
        read=receipt.inputs.append,
    )
    found = told(items, meter, lang)
    ja, en = (
        ("報告書は途中までです", "the report is not whole")
        if to_stdout
        else ("何も書いていません", "nothing was written")
    )
    with (
        receiving(receipt_file, output) as beside,
        broken_off(meter, f"中断しました。{ja}", f"broken off; {en}"),
        writing(output, as_is=form != "text") as out,
    ):
        if form == "text":
            tally = text.write_text(found, out, receipt=receipt, here=here, there=there, lang=lang, notes=notes)
        else:
            write = {"json": data.write_json, "csv": data.write_csv, "html": page.write_html}[form]
            tally = write(found, out, receipt=receipt, here=here, there=there, lang=lang)
        if beside is not None:
            data.write_receipt(beside, receipt, tally, here=here, there=there)
    meter.clear()
    ctx.exit(2 if tally.errors else 1 if tally.differ else 0)


def _named(side: str, overlay: str | None) -> str:
    return side if overlay is None else f"{side}: {overlay}"


__all__ = ["compare_command"]
