"""``shuroflow convert`` and ``migrate``: into another store, and tables of an earlier release brought up to date."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shuroflow.cli.inputs import journal_files
from shuroflow.cli.options import check_lasting, lang_option, say, source_argument
from shuroflow.cli.output import Meter

if TYPE_CHECKING:
    from shuroflow.storage import Journal
    from shuroflow.storage.copying import Copied


@click.command("convert", short_help="Copy a journal into another store. / 変換")
@source_argument
@click.argument("target", metavar="TARGET")
@lang_option(expose=False)
def convert_command(source: str, target: str) -> None:
    """Copy every record of SOURCE into TARGET, in the same order, and compare the two record by record.

    記録簿を別の保存先に写し、全件を照合する。中断したときは、同じ指定で続きから再開する。

    TARGET is made if it is not there. If it holds the beginning of SOURCE, from a call that was stopped or an earlier
    one, the copy goes on from there; if it holds anything else, nothing is changed. What is recorded in SOURCE
    meanwhile is left for the next call. SOURCE is only read.

    \b
    shuroflow convert cases.jsonl sqlite:///cases.db
    shuroflow convert sqlite:///cases.db postgresql+psycopg://desk@db.example/cases
    """
    from shuroflow.audit import load_plug_ins, source_files
    from shuroflow.cli.desk import Folder
    from shuroflow.errors import InputError
    from shuroflow.storage import open_journal
    from shuroflow.storage.copying import copy

    check_lasting(target)
    if _read(source, target):
        raise InputError("SOURCE and TARGET are the same, or TARGET is in SOURCE; name another TARGET")
    load_plug_ins()
    meter = Meter(hidden=False, ja="変換中 {} 件", en="converting {} records")
    journal: Journal = Folder(source_files(source)) if Path(source).is_dir() else open_journal(source)
    with contextlib.ExitStack() as stack:
        stack.enter_context(journal).size()  # a source that cannot be read makes no target
        into = stack.enter_context(open_journal(target, create=True))
        try:
            copied = copy(journal, into, progress=meter)
        except KeyboardInterrupt:
            meter.clear()
            click.echo(
                say(
                    "中断しました。同じ指定でもう一度実行すると、続きから再開します",
                    "stopped; the same call goes on from here",
                ),
                err=True,
            )
            raise
        finally:
            meter.clear()
        _tell(
            copied,
            torn=getattr(journal, "torn", None) is not None,
            source=_name(journal, source),
            target=_name(into, target),
        )


def _read(source: str, target: str) -> bool:
    """Is the target what is read, or a file in the folder that is?"""
    if source == target:
        return True
    if "://" in source and "://" in target:
        here, there = (set(map(os.path.realpath, journal_files(each))) for each in (source, target))
        return not here.isdisjoint(there)
    if "://" in source or "://" in target:
        return False
    return os.path.realpath(source) in {os.path.realpath(target), os.path.realpath(Path(target).parent)}


def _name(journal: Journal, given: str) -> str:
    """What a journal calls itself: a URL without its password."""
    return str(getattr(journal, "where", given))


def _tell(copied: Copied, *, torn: bool, source: str, target: str) -> None:
    from shuroflow.audit.report import counted, one_line

    source, target = one_line(source), one_line(target)
    size, before = copied.size, copied.size - copied.copied
    records = counted(size, "record")
    if not copied.copied:
        line = say(
            f"{target} は {source} と同じです({size:,} 件、全件照合済み)",
            f"{target} holds the same as {source} ({records}, all compared)",
        )
    else:
        had = say(f"、うち {before:,} 件は前回まで", f", {before:,} of them from before") if before else ""
        line = say(
            f"{target} に写しました({size:,} 件{had}、全件照合済み)",
            f"copied to {target} ({records}{had}, all compared)",
        )
    click.echo(line)
    if copied.identical and size:
        click.echo(
            say(
                "どの記録も元と同じバイト列です。元の記録簿の封印は写しにも使えます",
                "every record is the same to the byte: checkpoints of the source hold for the copy",
            )
        )
    elif size:
        click.echo(
            say(
                f"{copied.rewritten:,} 件は書式を整えました。これまでの封印は元の記録簿にしか使えません",
                f"{counted(copied.rewritten, 'record')} brought into canonical form: "
                "checkpoints made so far hold for the source only",
            )
        )
    if copied.annexed:
        click.echo(
            say(
                f"{copied.annexed:,} 件の記録が指す別置きの書類は写していません",
                f"papers kept apart, of which {counted(copied.annexed, 'record')} speak, were not copied",
            )
        )
    if torn:
        click.echo(
            say(
                "元のファイルの末尾にある書きかけの行は記録ではなく、写していません",
                "the torn end of the source is no record and was not copied",
            )
        )


@click.command("migrate", short_help="Bring the tables of a database up to date. / 更新")
@source_argument
@lang_option(expose=False)
def migrate_command(source: str) -> None:
    """Bring the tables of a database up to the version of this release. No event is changed.

    データベースの表を、この版の形に更新する。記録そのものは変わらない。

    Make a backup first. Where the tables are up to date already, nothing is done.
    """
    from shuroflow.errors import InputError, installing

    if "://" not in source:
        said = "only the tables of a database are brought up to date; a .jsonl file of any release is read as it is"
        raise InputError(said, file=source)
    try:
        from shuroflow.storage.sql.migrations import migrate
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sqlalchemy":
            raise
        raise InputError(f"{source}: a database needs the extra `sql`: {installing('sql')}") from None
    meter = Meter(hidden=False, ja="更新中 {} 件", en="migrating {} rows")
    try:
        before, after = migrate(source, meter)
    finally:
        meter.clear()
    if before == after:
        click.echo(say(f"表は最新です(版 {after})", f"the tables are up to date (version {after})"))
    else:
        click.echo(
            say(f"表を版 {before} から版 {after} に更新しました", f"the tables went from version {before} to {after}")
        )
