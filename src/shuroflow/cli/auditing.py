"""``shuroflow audit``."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import (
    day_option,
    known_at_option,
    lang_option,
    overlay_option,
    overlays_given,
    receipt_option,
    say,
    warn,
)
from shuroflow.cli.output import Meter, broken_off, placing, shortened, writing
from shuroflow.cli.workers import judging
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.audit import Item, Proof, Spool
    from shuroflow.states import Office

T = TypeVar("T")


@click.command("audit", short_help="Replay histories against the 要綱. / 監査")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@day_option("--as-of", "The day asked about: what happened later is left out")
@known_at_option
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
    "--resume",
    is_flag=True,
    help="Go on with an audit of the same call that was interrupted; needs -o. / 中断した監査を続ける。",
)
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
@click.option(
    "--notes", is_flag=True, help="Also the notes, in the text; every other form always holds them. / 注記も表示する。"
)
@click.option(
    "--explain", is_flag=True, help="In JSON: every step, each rule and the values it looked at. / 判定の過程。"
)
@click.option(
    "--checkpoint",
    "checkpoints",
    metavar="FILE",
    multiple=True,
    help="In HTML, say what this checkpoint proves of SOURCE. / 封印による証明を表示。",
)
@receipt_option
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
    resume: bool,
    notes: bool,
    jobs: int,
    dask: str | None,
    explain: bool,
    checkpoints: tuple[str, ...],
    receipt_file: str | None,
    office: Office,
    lang: Lang,
) -> None:
    """Replay histories against the 要綱 and report every finding.

    記録を要綱に照らして監査する。

    A case with a line that cannot be used is left out and named; everything else is audited. Folders within a folder
    are not read. Several sources are one caseload: two offices that use the same case numbers are audited apart.

    With -o, what was judged stands in FILE.partial until the report is written, so that an audit that was interrupted
    can go on with --resume; without it, the call is refused where something was kept, and FILE.partial is to be deleted
    to begin anew.

    JSON, HTML and Excel hold the receipt, and the last lines of the text have its hashes. --receipt FILE writes it
    beside any form, also CSV, and also where there are violations.

    Exit status 2 where anything could not be used, else 1 where there are violations, else 0.

    \b
    shuroflow audit cases.jsonl --as-of R8.11.21             # on the terminal / 画面に表示
    shuroflow audit cases.jsonl --format html -o audit.html  # as a page / ページに出力
    """
    import attrs

    from shuroflow.audit import (
        Receipt,
        audit,
        write_csv,
        write_html,
        write_json,
        write_receipt,
        write_text,
    )
    from shuroflow.audit.receipt import office_sha256

    if explain and form != "json":
        raise click.UsageError("--explain goes with --format json; --format html always explains", ctx)
    if checkpoints and (form != "html" or len(sources) != 1):
        raise click.UsageError("--checkpoint goes with --format html and one SOURCE, the journal that was sealed", ctx)
    to_stdout = output is None or output == "-"
    if form == "xlsx" and to_stdout:
        raise click.UsageError("an Excel file is written to a file: -o FILE is needed", ctx)
    if resume and to_stdout:
        raise click.UsageError("--resume goes with -o FILE: beside it stands what was judged so far", ctx)
    meter = Meter(hidden=to_stdout and sys.stdout.isatty())
    check_output(output)
    receipt = Receipt(as_of=as_of, known_at=known_at, office=office_sha256(office), overlays=overlays_given())
    proof, why = _proof(sources[0], checkpoints, lang) if checkpoints else (None, "")
    with contextlib.ExitStack() as stack:
        beside = stack.enter_context(receiving(receipt_file, output))
        lost = _Lost(meter, lang)
        spool = None if output is None or to_stdout else stack.enter_context(_spooling(output, resume, meter, lang))
        if spool is None:
            ja = "中断しました。途中経過は残っていません。-o FILE を付けた監査は --resume で続けられます"
            en = "broken off; nothing is kept: an audit with -o FILE can be resumed (--resume)"
            stack.enter_context(broken_off(meter, ja, en))
        items = audit(
            sources,
            as_of=as_of,
            known_at=known_at,
            office=office,
            explained=explain or form == "html",
            progress=meter,
            **stack.enter_context(judging(jobs, dask, lost=lost, careful=resume)),
            lost=lost,
            read=receipt.inputs.append,
            spool=spool,
        )
        codes: dict[str, None] = {}
        answers = _noting(told(items, meter, lang), codes)
        if form == "xlsx":
            from shuroflow.audit.exports.excel import write_xlsx

            assert output is not None
            summary = write_xlsx(answers, stack.enter_context(placing(output)), receipt=receipt, lang=lang)
        else:
            out = stack.enter_context(writing(output, as_is=form != "text"))
            if form == "text":
                summary = write_text(answers, out, receipt=receipt, lang=lang, notes=notes, sources=several(sources))
            elif form == "html":
                summary = write_html(answers, out, receipt=receipt, lang=lang, proof=proof)
            else:
                summary = (write_json if form == "json" else write_csv)(answers, out, receipt=receipt, lang=lang)
        if beside is not None:
            write_receipt(beside, receipt, codes=codes, summary=attrs.asdict(summary))
    meter.clear()
    if why:
        ja, en = "封印はこの記録簿を証明しません", "the checkpoint does not prove this journal"
        warn(f"{say(ja, en)}: {why}", lang=lang)
    if summary.errors:
        ctx.exit(2)
    ctx.exit(1 if summary.violations or (proof is not None and not proof.proven) else 0)


def several(sources: Iterable[str]) -> bool:
    """Is more than one file or database read?"""
    from shuroflow.audit import source_files

    return sum(len(source_files(source)) or 1 for source in sources) > 1


def _noting(items: Iterable[Item], codes: dict[str, None]) -> Iterator[Item]:
    """The items as they come; the programmes of the cases judged are taken down, in the order in which they came."""
    from shuroflow.audit import CaseReport

    for item in items:
        if isinstance(item, CaseReport):
            codes[item.programme] = None
        yield item


@contextlib.contextmanager
def _spooling(output: str, resume: bool, meter: Meter, lang: Lang) -> Iterator[Spool | None]:
    """Keeps what was judged beside the report until that is written; ``None`` where the output is no file."""
    from shuroflow.audit import Spool

    target = Path(os.path.realpath(output) if os.path.islink(output) else output)  # named as it was, where it can be
    if not target.parent.is_dir() or target.is_dir():  # refused when the report is to be written
        yield None
        return
    if target.exists() and not target.is_file():  # a device is written to as it goes
        if resume:
            said = say(
                "通常のファイルではないので、続きから始めることはできません", "is no file: nothing was kept beside it"
            )
            raise click.BadParameter(f"{output} {said}", param_hint="--resume")
        yield None
        return

    def given_up(why: str) -> None:
        meter.clear()
        ja = f"{spool.path}: 途中経過を保存できません({why})。監査は続けますが、中断すると続きからは始められません"
        en = f"{spool.path}: what is judged cannot be kept ({why}); the audit goes on, and could not be resumed"
        click.echo(say(ja, en), err=True)

    beside = target.with_name(f"{shortened(target.name, 240)}.partial")
    check_output(str(beside))
    spool = Spool(beside, resume=resume, given_up=given_up)
    try:
        with spool:
            yield spool
    except BaseException as error:
        if spool.holds:
            meter.clear()
            ja, en = "続けるには、同じ指定に --resume を付けてください", "to go on: the same call with --resume"
            click.echo(say(ja, en), err=True)
        elif isinstance(error, KeyboardInterrupt):
            meter.clear()
            ja = "中断しました。途中経過は残っていません。次は最初から行います"
            en = "broken off; nothing is kept yet: the next call begins at the beginning"
            click.echo(say(ja, en), err=True)
        raise
    if resume:
        meter.clear()
        if spool.resumed:
            ja = f"{spool.path}: 途中経過から {spool.resumed:,} 件のケースの判定を引き継ぎました"
            en = f"{spool.path}: the verdicts kept there were taken over (cases: {spool.resumed:,})"
        else:
            ja = f"{spool.path} に途中経過がないので、最初から行いました"
            en = f"{spool.path}: nothing was kept there; the audit began at the beginning"
        click.echo(say(ja, en), err=True)


def _proof(source: str, checkpoints: Sequence[str], lang: Lang) -> tuple[Proof, str]:
    """What the checkpoints prove of the source, for the badge of the page; and why not, where they do not prove it."""
    from shuroflow.audit import Proof
    from shuroflow.cli.sealing import verify_journal
    from shuroflow.seal import Seal
    from shuroflow.seal.verdict import Grade

    _, verdict = verify_journal(source, [Seal.read(path) for path in checkpoints], (), None)
    facts = [(fact.grade.label(lang), fact.text(lang)) for fact in verdict.facts]
    against = [*verdict.of(Grade.FAILED), *verdict.of(Grade.MISSING), *verdict.facts]
    why = "" if verdict.proven or not against else against[0].text(lang)
    return Proof(proven=verdict.proven, sealed=verdict.sealed, facts=facts), why


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


def told(items: Iterable[T], meter: Meter, lang: Lang) -> Iterator[T]:
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


@contextlib.contextmanager
def receiving(path: str | None, output: str | None) -> Iterator[TextIO | None]:
    """A stream to the file of a receipt, whole or not at all; ``None`` where none was asked for.

    What cannot be written is refused before anything is read.
    """
    if path is None:
        yield None
        return
    if path == "-":
        said = say("ファイル名を指定してください", "a receipt is written to a file: name one")
        raise click.BadParameter(said, param_hint="--receipt")
    check_output(path, option="--receipt")
    if output is not None and os.path.realpath(path) == os.path.realpath(f"{output}.partial"):
        said = say(
            "は監査の出力先です。別のファイルを指定してください", " is where the audit writes: name another file"
        )
        raise click.BadParameter(f"{path}{said}", param_hint="--receipt")
    with writing(path, as_is=True, option="--receipt") as out:
        yield out
