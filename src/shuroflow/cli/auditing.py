"""``shuroflow audit``."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shuroflow.cli.options import Moment, day_option, lang_option, overlay_option, say, warn
from shuroflow.cli.output import Meter, placing, writing
from shuroflow.cli.workers import judging
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.audit import Item, Proof
    from shuroflow.states import Office


@click.command("audit", short_help="Replay histories against the 要綱. / 監査")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@day_option("--as-of", "The day asked about: what happened later is left out")
@click.option(
    "--known-at",
    type=Moment(),
    help="Only what was recorded up to this moment (2025-04-03T15:04:05+09:00, or a day: to its end).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "xlsx", "html"]),
    default="text",
    show_default=True,
    help="How it is written; an Excel file (xlsx) needs the extra `excel` and -o. / 書式。",
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(0, 256),
    default=1,
    show_default=True,
    help="Processes that judge; 0: one for each core. / 並列に判定するプロセスの数。",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Judge on a Dask cluster, such as tcp://host:8786 (extra `dask`). / Dask クラスターで判定する。",
)
@click.option("--notes", is_flag=True, help="Also the notes (注記), in the text; JSON and CSV always hold them.")
@click.option("--explain", is_flag=True, help="In JSON: every step, each rule and the values it looked at.")
@click.option(
    "--checkpoint",
    "checkpoints",
    metavar="FILE",
    multiple=True,
    help="In HTML, say what this checkpoint proves of SOURCE. / 封印による証明を表示。",
)
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
    jobs: int,
    dask: str | None,
    explain: bool,
    checkpoints: tuple[str, ...],
    office: Office,
    lang: Lang,
) -> None:
    """Replay histories against the 要綱 and report every finding.

    記録を要綱に照らして監査する。 A case with a line that cannot be used is left out and named; everything else is
    audited. Folders within a folder are not read. Exit status 2 where anything could not be used, else 1 where there
    are violations, else 0.
    """
    from shuroflow.audit import Receipt, audit, write_csv, write_html, write_json, write_text
    from shuroflow.audit.receipt import office_sha256

    if explain and form != "json":
        raise click.UsageError("--explain goes with --format json; --format html always explains", ctx)
    if checkpoints and (form != "html" or len(sources) != 1):
        raise click.UsageError("--checkpoint goes with --format html and one SOURCE, the journal that was sealed", ctx)
    to_stdout = output is None or output == "-"
    if form == "xlsx" and to_stdout:
        raise click.UsageError("an Excel file is written to a file: -o FILE is needed", ctx)
    meter = Meter(hidden=to_stdout and sys.stdout.isatty())
    if output is not None:
        check_output(output, sources)
    receipt = Receipt(as_of=as_of, known_at=known_at, office=office_sha256(office))
    proof = _proof(sources[0], checkpoints, lang) if checkpoints else None
    with contextlib.ExitStack() as stack:
        lost = _Lost(meter, lang)
        items = audit(
            sources,
            as_of=as_of,
            known_at=known_at,
            office=office,
            explained=explain or form == "html",
            progress=meter,
            executor=stack.enter_context(judging(jobs, dask, lost=lost)),
            lost=lost,
            read=receipt.inputs.append,
        )
        told = _told(items, meter, lang)
        if form == "xlsx":
            from shuroflow.audit.exports.excel import write_xlsx

            assert output is not None
            summary = write_xlsx(told, stack.enter_context(placing(output)), receipt=receipt, lang=lang)
        else:
            out = stack.enter_context(writing(output, as_is=form != "text"))
            if form == "text":
                summary = write_text(told, out, receipt=receipt, lang=lang, notes=notes)
            elif form == "html":
                summary = write_html(told, out, receipt=receipt, lang=lang, proof=proof)
            else:
                summary = (write_json if form == "json" else write_csv)(told, out, receipt=receipt, lang=lang)
    meter.clear()
    if summary.errors:
        ctx.exit(2)
    ctx.exit(1 if summary.violations or (proof is not None and not proof.proven) else 0)


def _proof(source: str, checkpoints: Sequence[str], lang: Lang) -> Proof:
    """What the checkpoints prove of the source, for the badge of the page."""
    from shuroflow.audit import Proof
    from shuroflow.cli.sealing import verify_journal
    from shuroflow.seal import Seal

    _, verdict = verify_journal(source, [Seal.read(path) for path in checkpoints], (), None)
    facts = [(fact.grade.label(lang), fact.text(lang)) for fact in verdict.facts]
    return Proof(proven=verdict.proven, sealed=verdict.sealed, facts=facts)


class _Lost:
    """Tells of lost workers on standard error: the work goes on, and nothing is left out."""

    def __init__(self, meter: Meter, lang: Lang) -> None:
        self._meter, self._lang = meter, lang

    def __call__(self, lots: int, why: str) -> None:
        self._meter.clear()
        said = say(
            f"判定していたプロセスが失われました({why})。その分({lots:,} 束)は判定し直します",
            f"a worker was lost ({why}); its work (lots: {lots:,}) is done once more",
        )
        warn(said, lang=self._lang)


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


def check_output(output: str, sources: Iterable[str]) -> None:
    """Refuse to write over what is read."""
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
