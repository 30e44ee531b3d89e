"""``shuroflow import``: CSV exports of other systems, under a mapping, into a journal."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shuroflow.cli.options import lang_option, say, warn
from shuroflow.cli.output import Meter
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.importing import Imported, Mapping


def _print_example(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from shuroflow.importing import example

        click.echo(example(), nl=False)
        ctx.exit(0)


@click.command("import", short_help="CSV exports of other systems. / CSVの取込み")
@click.argument("files", metavar="CSV...", nargs=-1, required=True)
@click.option("--mapping", "mapping_file", metavar="FILE", required=True, help="TOML: which column is what. / 対応表。")
@click.option("-o", "--output", "target", metavar="TARGET", help="A .jsonl file or a database. / 取込み先。")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported. / 確認だけ行う。")
@click.option(
    "--partial", is_flag=True, help="Import the rest where rows cannot be mapped. / 取り込める行だけ取り込む。"
)
@click.option(
    "--rejects", metavar="FOLDER", help="Where the rows left out go; beside TARGET by default. / 除いた行の置き場所。"
)
@click.option(
    "--example",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_example,
    help="Print a mapping with every key explained. / 対応表の見本。",
)
@lang_option()
@click.pass_context
def import_command(
    ctx: click.Context,
    files: tuple[str, ...],
    mapping_file: str,
    target: str | None,
    dry_run: bool,
    partial: bool,
    rejects: str | None,
    lang: Lang,
) -> None:
    """Import CSV exports of another system into a journal, under a mapping.

    他システムのCSVを、対応表に従って記録簿に取り込む。

    Everything that cannot be mapped is listed by file, line and column, and then nothing is written; with --partial the
    rows concerned are left out and written to NAME.rejects.csv with the reason. No rule of the 要綱 is asked here: that
    is what shuroflow audit is for.

    A correction or withdrawal names its event by the number in the column of `order`, or, without one, by its place in
    the case. Where it could mean another event, the case is refused. No case is imported without a correction or
    withdrawal of it: if a row that cannot be mapped is or may be one, its case is left out with all its rows; if that
    case cannot be told, nothing is imported, with --partial either.

    訂正・取消がどの出来事を指すか決まらないケースは取り込まない。取り込めない行が訂正・取消であり得るときは、そのケース
    全体を除く。どのケースのものか判別できなければ、--partial でも何も取り込まない。

    Exit status: 0 everything was imported, 2 something could not be mapped.

    \b
    shuroflow import --example > mapping.toml
    shuroflow import visits.csv --mapping mapping.toml --dry-run
    shuroflow import visits.csv --mapping mapping.toml -o cases.jsonl
    """
    from shuroflow.audit import load_plug_ins
    from shuroflow.audit.report import counted
    from shuroflow.importing import read, write, write_rejects

    if target is None and not dry_run:
        raise click.UsageError("-o TARGET or --dry-run is needed", ctx)
    load_plug_ins()
    mapping = _mapping(mapping_file)
    meter = Meter(hidden=False, ja="取込み中 {} 行", en="importing {} rows")
    try:
        imported = read(files, mapping, progress=meter)
    finally:
        meter.clear()
    if target is not None:
        _leave_out_taken(imported, target, dry_run=dry_run)
    for fault in imported.faults:
        click.echo(_one_line(fault.text(lang)))
    writes = not dry_run and bool(imported.cases) and (partial or not imported.faults)
    paths: list[Path] = []
    if writes and target is not None:
        folder = rejects or ("." if "://" in target else str(Path(target).parent))
        if not Path(folder).is_dir():
            raise click.BadParameter(f"there is no folder {folder!r}: make it first", param_hint="--rejects")
        paths = write_rejects(imported, folder, lang=lang)
        try:
            write(imported, target)
        except BaseException:
            for path in paths:
                path.unlink()
            raise
    _tell(imported, mapping, target if writes else None, paths)
    if not imported.events and not imported.faults:
        ja = "取り込む出来事がありません(見出しだけの CSV か、対応表がすべての行を除いています)。何も書き込んでいません"
        en = "there is nothing to import: no row below the headings, or all ignored by the mapping; nothing was written"
        click.echo(say(ja, en), err=True)
    if imported.faults:
        count = len(imported.faults)
        rest = (
            say("それ以外は取り込みました", "the rest was imported")
            if writes
            else say("何も書き込んでいません", "nothing was written")
        )
        ja, en = f"取り込めない箇所が {count:,} 件あります", f"{counted(count, 'thing')} cannot be mapped"
        ja, en = f"{ja}。{rest}", f"{en}; {rest}"
        if imported.unplaced:
            more_ja, more_en = _unplaced(imported)
            ja, en = f"{ja}。{more_ja}", f"{en}, and nothing can be with --partial: {more_en}"
        warn(_one_line(say(ja, en)), lang=lang)
        ctx.exit(2)


def _unplaced(imported: Imported) -> tuple[str, str]:
    """Why nothing of it can be imported, in Japanese and English."""
    from shuroflow.importing import Kind

    first, others = imported.unplaced[0], len({(each.file, each.line) for each in imported.unplaced}) - 1
    where = f"{first.file}:{first.line}"
    ja, en = (f"{where} ほか {others:,} 行", f"{where} (and {others:,} more)") if others else (where, where)
    # A row that cannot be read is told before `ignore` is asked.
    ignorable = any(fault.kind not in (Kind.LAYOUT, Kind.BYTES) for fault in imported.unplaced)
    more_ja = "行を直すか、対応表の ignore で除いてください" if ignorable else "行を直してください"
    more_en = "put it right" + (", or leave it out with `ignore`" if ignorable else "")
    return (
        "どのケースの訂正・取消であるか(または、ないか)を判別できない行があり、--partial でも取り込めません: "
        f"{ja}。{more_ja}",
        f"{en} is or may be a correction or withdrawal of a case that cannot be told; {more_en}",
    )


def _mapping(path: str) -> Mapping:
    from shuroflow.errors import InputError
    from shuroflow.importing import parse_mapping

    try:
        return parse_mapping(Path(path).read_text(encoding="utf-8-sig"))
    except InputError as error:
        if len(error.problems) > 1:
            raise InputError("; ".join(error.problems), file=path) from None
        raise error.at(file=path) from None
    except UnicodeDecodeError:
        raise InputError("not UTF-8; save the mapping as UTF-8", file=path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}; check the path", file=path) from None


def _leave_out_taken(imported: Imported, target: str, *, dry_run: bool) -> None:
    """Look which cases a journal has already. One that is not there has none, and a dry run makes none."""
    from shuroflow.errors import Unavailable
    from shuroflow.importing.writing import exists, leave_out_taken
    from shuroflow.storage import open_journal

    if not exists(target):
        if Path(target).suffix.lower() != ".jsonl":
            open_journal(target)  # says what a journal is called
        return
    with contextlib.ExitStack() as stack:
        try:
            journal = stack.enter_context(open_journal(target))
        except Unavailable:
            if "://" in target:  # a database that is not there yet; where it cannot be made, writing says so
                return
            raise
        leave_out_taken(imported, journal)


def _tell(imported: Imported, mapping: Mapping, target: str | None, paths: list[Path]) -> None:
    for line in _lines(imported, mapping):
        click.echo(_one_line(line))
    for path in paths:
        click.echo(_one_line(say(f"除いた行: {path}", f"rows left out: {path}")))
    if target is not None:
        head, _, rest = target.partition("://")
        name = f"{head}://…@{rest.rpartition('@')[2]}" if "@" in rest else target  # a password is not shown
        click.echo(_one_line(say(f"取込み先: {name}", f"imported into: {name}")))


def _lines(imported: Imported, mapping: Mapping) -> Iterator[str]:
    from shuroflow.audit.report import counted

    rows, out = imported.rows, len(imported.rejected)
    yield say(
        f"行 {rows:,}、出来事 {imported.events:,}、ケース {len(imported.cases):,}、取り込めない行 {out:,}",
        f"{counted(rows, 'row')}, {counted(imported.events, 'event')}, {counted(len(imported.cases), 'case')}, "
        f"{counted(out, 'row')} left out",
    )
    if imported.amending:
        yield _how_amended(imported.amending, mapping)
    if imported.ignored:
        ignored = imported.ignored
        yield say(f"対応表により除いた行 {ignored:,}", f"{counted(ignored, 'row')} ignored by the mapping")
    if imported.unused:
        names = ", ".join(imported.unused)
        yield say(f"対応表にない列: {names}", f"columns that the mapping does not speak of: {names}")
    if imported.twice:
        shown = ", ".join(imported.twice[:5]) + (", …" if len(imported.twice) > 5 else "")
        count = len(imported.twice)
        yield say(
            f"同じ内容の出来事が重なっています({count:,} 件、どれも取込みの対象): {shown}",
            f"{counted(count, 'event')} the same as one before, and taken all the same: {shown}",
        )
    if imported.shared:
        yield _in_several_files(imported.shared)
    if imported.whole:
        shown = _some([f"{case_id} ({fault.file}:{fault.line})" for case_id, fault in sorted(imported.whole.items())])
        count = len(imported.whole)
        yield say(
            f"すべての行を除いたケース {count:,} 件"
            f"(取り込めない行により、訂正・取消が欠けるか、別の出来事を指し得るため): {shown}",
            f"{counted(count, 'case')} left out whole, since without a row a correction or withdrawal may be missing "
            f"or mean another event: {shown}",
        )
    holes = sorted(imported.holes & set(imported.cases))
    if holes:
        yield say(
            f"一部の行が欠けるケース {len(holes):,} 件: {_some(holes)}",
            f"{counted(len(holes), 'case')} with a row left out: {_some(holes)}",
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


def _in_several_files(shared: dict[str, tuple[str, ...]]) -> str:
    """Two exports of one office, or two offices with the same numbers: only the user knows."""
    from shuroflow.audit.report import counted

    of: dict[tuple[str, ...], list[str]] = {}
    for case_id, files in sorted(shared.items()):
        of.setdefault(files, []).append(case_id)
    shown = "; ".join(f"{_some(cases)} ({', '.join(files)})" for files, cases in of.items())
    return say(
        f"複数のファイルにあるケース番号 {len(shared):,} 件(それぞれ一つのケースとして扱う): {shown}。"
        "別々の事業所が同じ番号を使っているなら、ファイルごとに別の記録簿に取り込んでください",
        f"{counted(len(shared), 'case number')} in several files, each taken for one case: {shown}; if two offices use "
        "the same numbers, import each file into a journal of its own",
    )


def _how_amended(count: int, mapping: Mapping) -> str:
    """What the numbers of corrections and withdrawals were taken to be: where that is wrong, all else looks sound."""
    en = f"{count:,} corrections and withdrawals" if count > 1 else "1 correction or withdrawal"
    en += ": the event meant is "
    if not isinstance(mapping.order, str):
        name = mapping.order.column
        return say(
            f"訂正・取消 {count:,} 件: 対象は、列「{name}」の番号による",
            f"{en}named by its number in the column {name}",
        )
    return say(
        f"訂正・取消 {count:,} 件: 対象は、ケースの中で何番目の出来事か(並び順 {mapping.order})による。"
        "相手のシステムの記録番号なら、その列を対応表の order に指定してください",
        f"{en}named by its place in the case (in the order of {mapping.order}); if it is a number that the other "
        "system gives its records, name that column in `order`",
    )


def _one_line(text: str) -> str:
    from shuroflow.audit.report import one_line

    return one_line(text)
