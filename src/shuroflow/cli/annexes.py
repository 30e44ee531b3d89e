"""``shuroflow annex``: papers kept apart from the events: put, written out, compared, listed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shuroflow.cli.disposing import dispose_command, hold_command, release_command
from shuroflow.cli.options import Day, case_argument, lang_option, say, source_argument
from shuroflow.cli.output import table, write_new
from shuroflow.cli.papers import (
    commitment_named,
    disposal_line,
    journal_of,
    knows,
    one_line,
    paper_argument,
    store_if_any,
    store_of,
    who_text,
)
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.storage.annexes import Act, Annexes


@click.group("annex", short_help="Papers kept apart: put, check, hold, dispose. / 書類")
@lang_option(expose=False)
def annex_command() -> None:
    """Papers that are kept apart from the events, and may be disposed of when their retention ends.

    記録とは別に保管する書類の登録・照合・廃棄停止・廃棄。

    An event carries only the commitment to its paper (照合値), which stays and shows nothing of it. PAPER is such a
    commitment, or CASE#SEQ for the paper of an event. The papers of cases.jsonl lie in the folder cases.annexes, those
    of a database in its tables.
    """


@annex_command.command("put", short_help="Keep a paper; prints its commitment. / 書類の登録")
@source_argument
@case_argument
@click.argument("file", metavar="FILE")
@click.option("--keep-until", type=Day(), help="The last day it must be kept. / 保存期間の末日。")
@click.option("--media-type", metavar="TYPE", help="Such as application/pdf; told from the name by default. / 種類。")
@click.option("--create", is_flag=True, help="Even if there is no journal yet. / 記録簿がまだなくても登録する。")
@lang_option(expose=False)
def put_command(
    source: str, case_id: str, file: str, keep_until: date | None, media_type: str | None, create: bool
) -> None:
    """Keep a paper of a case and print its commitment, for: shuroflow record … --commitment

    書類を保管し、記録に添える照合値を出力する。FILE に - を指定すると標準入力から読む。
    """
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    known = create or knows(source, case_id)
    with store_of(source, create="://" not in source or create) as annexes:
        kind = media_type or _media_type(file)
        click.echo(annexes.put(case_id, content, media_type=kind, keep_until=keep_until))
    if not known:
        said = say(f"注意: ケース {case_id} の記録はまだありません", f"note: nothing is recorded of case {case_id} yet")
        click.echo(one_line(said), err=True)


@annex_command.command("get", short_help="Write out a paper. / 書類の取出し")
@source_argument
@paper_argument
@click.option("-o", "--output", metavar="FILE", help="A new file; standard output by default. / 出力先。")
@lang_option()
@click.pass_context
def get_command(ctx: click.Context, source: str, paper: str, output: str | None, lang: Lang) -> None:
    """Write out a paper, after comparing it with its commitment. Of one that is gone, say who disposed of it and why.

    書類を照合のうえ書き出す。廃棄済みのときは、廃棄の記録を示す(終了コード 1)。
    """
    from shuroflow.storage.annexes import Disposed

    with store_of(source) as annexes:
        found = annexes.get(commitment_named(source, paper))
    if isinstance(found, Disposed):
        click.echo(disposal_line(found, lang), err=True)
        ctx.exit(1)
    if output is None or output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(found.content)
        sys.stdout.buffer.flush()
        return
    if os.path.lexists(output) or Path(output).suffix.lower() == ".jsonl":
        said = say(f"{output} は既にあるか、記録簿の名前です", f"{output} exists already, or is named like a journal")
        raise click.BadParameter(said, param_hint="-o")
    write_new(output, found.content)
    click.echo(say(f"書き出しました: {output}", f"written: {output}"))


@annex_command.command("check", short_help="Compare papers with their commitments. / 照合")
@source_argument
@click.argument("papers", metavar="[PAPER]...", nargs=-1)
@lang_option()
@click.pass_context
def check_command(ctx: click.Context, source: str, papers: Sequence[str], lang: Lang) -> None:
    """Hash papers again and compare them with their commitments: by default all, and all that the events speak of.

    書類を照合値と突き合わせる。指定がなければ、保管中のすべての書類と、記録が指すすべての書類を調べる。

    Exit status: 0 each paper is intact or its disposal on record, 1 one is changed, missing, or of another case.
    """
    from shuroflow.storage.annexes import Disposed

    named: dict[str, list[tuple[str, int]]] = {}
    with journal_of(source) as journal:
        if papers:
            chosen = [commitment_named(source, paper) for paper in papers]
        else:
            for record in journal.feed():
                if record.event.commitment is not None:
                    named.setdefault(record.event.commitment, []).append((record.event.case_id, record.event.seq))
    wrong = intact = gone = 0
    with store_if_any(source) as annexes:
        if not papers:
            disposals = [entry.commitment for entry in annexes.log() if isinstance(entry, Disposed)] if annexes else []
            chosen = sorted({*named, *disposals, *(annexes.commitments() if annexes else ())})
        for commitment in chosen:
            state, said = _checked(annexes, commitment, named.get(commitment, ()), lang)
            wrong, intact, gone = wrong + (state == "wrong"), intact + (state == "kept"), gone + (state == "gone")
            if papers or state == "wrong":
                click.echo(said)
    if not papers:
        unnamed = len([commitment for commitment in chosen if commitment not in named])
        click.echo(
            say(
                f"書類 {intact:,} 件は照合値のとおり、廃棄済み {gone:,} 件、異常 {wrong:,} 件"
                f"(うち、どの記録からも指されていないもの {unnamed:,} 件)",
                f"{intact:,} intact, {gone:,} disposed of, {wrong:,} wrong ({unnamed:,} of them named by no event)",
            )
        )
    ctx.exit(1 if wrong else 0)


def _checked(
    annexes: Annexes | None, commitment: str, events: Sequence[tuple[str, int]], lang: Lang
) -> tuple[str, str]:
    """What is to be said of a paper: kept, gone or wrong, and a line."""
    from shuroflow.errors import Damaged, InputError
    from shuroflow.storage.annexes import Disposed

    where = commitment + "".join(f" ({case_id} #{seq})" for case_id, seq in events[:1])
    lost = say("書類がなく、廃棄の記録もありません", "no such paper, and no record of its disposal")
    try:
        if annexes is None:
            raise InputError(lost)
        found = annexes.check(commitment)
    except (Damaged, InputError) as error:
        said = str(error) if isinstance(error, Damaged) else lost
        return "wrong", one_line(say(f"異常: {where}: {said}", f"wrong: {where}: {said}"))
    strangers = [f"{case_id} #{seq}" for case_id, seq in events if case_id != found.case_id]
    if strangers:
        ja = f"異常: {commitment}: ケース {found.case_id} の書類ですが、{strangers[0]} の記録が指しています"
        en = f"wrong: {commitment}: of case {found.case_id}, but named by {strangers[0]}"
        return "wrong", one_line(say(ja, en))
    if isinstance(found, Disposed):
        return "gone", disposal_line(found, lang)
    return "kept", one_line(say(f"照合値のとおり: {where}", f"intact: {where}"))


@annex_command.command("list", short_help="The papers that are kept. / 書類の一覧")
@source_argument
@click.argument("case_id", metavar="[CASE]", required=False)
@click.option("--expired", type=Day(), metavar="DAY", help="Only what could be disposed of on that day. / 期間満了。")
@lang_option()
def list_command(source: str, case_id: str | None, expired: date | None, lang: Lang) -> None:
    """List the papers that are kept, of a case or all, with the last day of their retention and the open holds.

    保管中の書類を、保存期間の末日と廃棄停止とともに一覧にする。
    """
    from shuroflow.states.judgement import show
    from shuroflow.storage.annexes import Ledger

    with store_if_any(source) as annexes:
        ledger = Ledger(annexes.log() if annexes else ())
        found = annexes.kept(case_id) if annexes and expired is None else iter(())
        if annexes and expired is not None:
            found = annexes.expired(on=expired)
        rows = [
            (
                kept.commitment,
                one_line(kept.case_id),
                "" if kept.keep_until is None else show(kept.keep_until, lang),
                ", ".join(str(hold.number) for hold in ledger.holds(kept.case_id)),
                f"{kept.size:,}",
                one_line(kept.media_type),
            )
            for kept in found
            if case_id in (None, kept.case_id)
        ]
    if not rows:
        click.echo(say("なし", "none"))
        return
    ja = ("照合値", "ケース", "保存期間の末日", "廃棄停止", "バイト", "種類")
    en = ("commitment", "case", "kept until", "holds", "bytes", "type")
    click.echo(table(ja if lang == "ja" else en, rows))


@annex_command.command("log", short_help="Every hold, release and disposal. / 廃棄と停止の記録")
@source_argument
@click.argument("case_id", metavar="[CASE]", required=False)
@lang_option()
def log_command(source: str, case_id: str | None, lang: Lang) -> None:
    """List every hold, release and disposal, of a case or all: when, by whom and why.

    廃棄、廃棄停止及びその解除の記録を一覧にする。
    """
    from shuroflow.states.judgement import show

    with store_if_any(source) as annexes:
        rows = [
            (
                str(entry.number),
                show(entry.on, lang),
                _act(entry, lang),
                one_line(entry.case_id),
                one_line(who_text(entry, lang)),
                one_line(entry.reason),
            )
            for entry in (annexes.log(case_id) if annexes else ())
        ]
    if not rows:
        click.echo(say("なし", "none"))
        return
    ja = ("番号", "日付", "内容", "ケース", "決定者", "理由")
    en = ("no", "day", "what", "case", "by", "why")
    click.echo(table(ja if lang == "ja" else en, rows))


def _act(entry: Act, lang: Lang) -> str:
    """What an entry of the log says was done."""
    from shuroflow.states.judgement import show
    from shuroflow.storage.annexes import Disposed, Released

    match entry:
        case Disposed():
            return say(f"廃棄 {entry.commitment}", f"disposed of {entry.commitment}")
        case Released():
            until = "" if entry.keep_until is None else show(entry.keep_until, lang)
            ja, en = f"停止 {entry.hold} の解除", f"hold {entry.hold} lifted"
            return say(f"{ja}({until} まで保存)", f"{en} (kept until {until})") if until else say(ja, en)
        case _:
            return say("廃棄停止", "hold")


def _media_type(file: str) -> str:
    """The media type that the name tells, by the table of Python alone: the same on every machine."""
    from mimetypes import MimeTypes

    kind, encoding = MimeTypes().guess_type(file)
    return kind if kind is not None and encoding is None else "application/octet-stream"


for command in (hold_command, release_command, dispose_command):
    annex_command.add_command(command)

__all__ = ["annex_command"]
