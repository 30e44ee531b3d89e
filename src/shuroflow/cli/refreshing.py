"""``shuroflow refresh``: the tables and views from which plain SQL tells how each case stands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from shuroflow.cli.options import day_option, lang_option, overlay_option, say, source_argument
from shuroflow.cli.output import Meter
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.projection import Refreshed
    from shuroflow.states import Office


@click.command("refresh", short_help="Bring the SQL views up to date. / 一覧表の更新")
@source_argument
@day_option("--as-of", "The day asked about: what happened later is left out")
@click.option("--rebuild", is_flag=True, help="Drop all rows and fill them from the first event on. / 作り直す。")
@overlay_option
@lang_option()
def refresh_command(source: str, as_of: date, rebuild: bool, office: Office, lang: Lang) -> None:
    """Bring the tables and views of a database up to date, from which plain SQL tells how each case stands.

    データベースの一覧表(支援ケース一覧・期間満了一覧・未了事項一覧など)を、記録から更新する。

    SOURCE is a database such as sqlite:///cases.db. Looked at are the cases recorded since the last time, and those
    that the day itself has moved on. No event is changed; what is written may be dropped and made again at any time.
    """
    from shuroflow.audit import load_plug_ins
    from shuroflow.errors import InputError
    from shuroflow.storage import open_journal

    if "://" not in source:
        said = say(
            "一覧表はデータベースに作ります。先に shuroflow convert でデータベースに写してください",
            "a read model lives in a database: convert the journal first with shuroflow convert",
        )
        raise InputError(said, file=source)
    load_plug_ins()
    meter = Meter(hidden=False, ja="更新中 {} 件", en="refreshing: {}")
    with open_journal(source) as journal:
        from shuroflow.projection import refresh

        try:
            done = refresh(journal, as_of=as_of, office=office, rebuild=rebuild, progress=meter)
        finally:
            meter.clear()
    click.echo(_told(done, lang))


def _told(done: Refreshed, lang: Lang) -> str:
    from shuroflow.audit.report import counted
    from shuroflow.states.judgement import show

    day = show(done.as_of, lang)
    if lang == "ja":
        how = "すべて作り直しました" if done.rebuilt else "更新しました"
        return f"{how}: 基準日 {day}、{done.cases:,} ケース、記録 {done.position:,} 件まで"
    how = "rebuilt" if done.rebuilt else "brought up to date"
    return f"{how} as of {day}: {counted(done.cases, 'case')}, up to record {done.position:,}"


__all__ = ["refresh_command"]
