"""``shuroflow questions``."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from shuroflow.cli.auditing import receiving, several, told
from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import (
    day_option,
    known_at_option,
    lang_option,
    overlay_option,
    overlays_given,
    receipt_option,
)
from shuroflow.cli.output import Meter, writing
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.states import Office

CODES = (
    "papers",
    "eligibility",
    "quorum",
    "goals",
    "period",
    "extension",
    "notices",
    "money",
    "lateness",
    "roles",
    "effect",
    "other",
)
"""The codes of :func:`shuroflow.audit.questions.audit_questions`, known here before anything is loaded."""


@click.command("questions", short_help="The audit as the questions of an audit office. / 監査の着眼点")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@day_option("--as-of", "The day asked about: what happened later is left out")
@known_at_option
@click.option(
    "--question",
    "chosen",
    type=click.Choice(CODES),
    multiple=True,
    help="Only this question; may be given more than once. / 着眼点を選ぶ(繰り返し可)。",
)
@click.option(
    "--late-days",
    metavar="N",
    type=click.IntRange(0, 100_000),
    default=14,
    show_default=True,
    help="Written down more than N days later is late; no 要綱 sets a time. / 何日を超えたら遅れとするか。",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@click.option(
    "--notes", is_flag=True, help="Also the notes, in the text; JSON and CSV always hold them. / 注記も表示する。"
)
@receipt_option
@overlay_option
@lang_option()
@click.pass_context
def questions_command(
    ctx: click.Context,
    sources: tuple[str, ...],
    as_of: date,
    known_at: datetime | None,
    chosen: tuple[str, ...],
    late_days: int,
    form: str,
    output: str | None,
    notes: bool,
    receipt_file: str | None,
    office: Office,
    lang: Lang,
) -> None:
    """Put the findings of an audit under the questions that an audit office asks.

    監査の着眼点(書類、要件、協議、目標、期間、延長、通知、支払、記録の遅れ、一人二役、効果)ごとに、指摘と件数(分母を付記)を示す。

    The findings are those of `shuroflow audit`; late entries, one person in two roles and the effect are told as the
    record shows them, for no 要綱 speaks of them. Each source counts as an office. Exit status 2 where anything could
    not be used, else 1 where there are violations under the questions asked, else 0.
    """
    import attrs

    from shuroflow.audit import Receipt, answered, histories, write_receipt
    from shuroflow.audit.asking import Asking
    from shuroflow.audit.receipt import office_sha256

    to_stdout = output is None or output == "-"
    meter = Meter(hidden=to_stdout and sys.stdout.isatty())
    receipt = Receipt(as_of=as_of, known_at=known_at, office=office_sha256(office), overlays=overlays_given())
    cases = histories(sources, progress=meter, read=receipt.inputs.append)
    check_output(output)
    asking = Asking(as_of=as_of, known_at=known_at, office=office, chosen=chosen or CODES, late_days=late_days)
    answers = told(asking.answers(cases), meter, lang)
    with receiving(receipt_file, output) as beside, writing(output, as_is=form != "text") as out:
        if form == "text":
            summary = answered.write_text(
                answers, asking, out, receipt=receipt, lang=lang, notes=notes, sources=several(sources)
            )
        else:
            write = answered.write_json if form == "json" else answered.write_csv
            summary = write(answers, asking, out, receipt=receipt, lang=lang)
        if beside is not None:
            write_receipt(beside, receipt, codes=asking.programmes, summary=attrs.asdict(summary))
    meter.clear()
    ctx.exit(2 if summary.errors else 1 if summary.violations else 0)


__all__ = ["questions_command"]
