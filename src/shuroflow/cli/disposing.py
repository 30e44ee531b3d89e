"""``shuroflow annex hold``, ``release`` and ``dispose``: what a person orders about papers, with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from shuroflow.cli.options import Day, Who, case_argument, day_option, lang_option, say, source_argument
from shuroflow.cli.papers import (
    check_day,
    check_same_case,
    commitment_named,
    disposal_line,
    knows,
    one_line,
    paper_argument,
    store_if_any,
    store_of,
    who_text,
)
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.errors import Retained
    from shuroflow.events import Actor

by_option = click.option("--by", type=Who(), required=True, help="Who orders it, such as director:dr-01. / 決定者。")
reason_option = click.option("--reason", required=True, help="Why. / 理由。")


@click.command("hold", short_help="Let nothing of a case be disposed of. / 廃棄停止")
@source_argument
@case_argument
@day_option("--on", "The day it is set", refuses_ahead=True)
@by_option
@reason_option
@lang_option()
def hold_command(source: str, case_id: str, on: date, by: Actor, reason: str, lang: Lang) -> None:
    """Let no paper of a case be disposed of, while an appeal or an inspection is pending, say. Several holds add up.

    不服申立てや監査の間、ケースの書類の廃棄を停止する。
    """
    from shuroflow.errors import CaseNotFound, InputError

    check_day(on)
    if not knows(source, case_id):
        with store_if_any(source) as annexes:
            if annexes is None or not (any(annexes.kept(case_id)) or annexes.log(case_id)):
                unknown = CaseNotFound(case_id)  # a hold on a slip of the pen would protect nothing
                raise InputError(str(unknown), file=source, case_id=case_id) from unknown
    with store_of(source, create="://" not in source) as annexes:
        held = annexes.hold(case_id, on=on, by=by, reason=reason)
    click.echo(
        one_line(
            say(
                f"ケース {case_id} の書類の廃棄を停止しました(番号 {held.number})",
                f"nothing of case {case_id} is disposed of from now on (hold {held.number})",
            )
        )
    )


@click.command("release", short_help="Lift a hold. / 廃棄停止の解除")
@source_argument
@case_argument
@click.option("--hold", type=int, metavar="NUMBER", help="Which hold, where there are several. / 停止の番号。")
@click.option("--keep-until", type=Day(), help="Keep every paper of the case at least until then. / 保存の期限。")
@day_option("--on", "The day it is lifted", refuses_ahead=True)
@by_option
@reason_option
@lang_option()
def release_command(
    source: str,
    case_id: str,
    hold: int | None,
    keep_until: date | None,
    on: date,
    by: Actor,
    reason: str,
    lang: Lang,
) -> None:
    """Lift a hold of a case. Whether anything is disposed of afterwards is another decision.

    廃棄停止を解除する。書類がこれによって廃棄されることはない。
    """
    from shuroflow.states.judgement import show

    check_day(on)
    with store_of(source) as annexes:
        lifted = annexes.release(case_id, on=on, by=by, reason=reason, hold=hold, keep_until=keep_until)
    until = "" if keep_until is None else show(keep_until, lang)
    ja = f"ケース {case_id} の廃棄停止(番号 {lifted.hold})を解除しました"
    en = f"hold {lifted.hold} of case {case_id} is lifted"
    if until:
        ja, en = f"{ja}。書類は {until} まで保存します", f"{en}; its papers are kept until {until}"
    click.echo(one_line(say(ja, en)))


@click.command("dispose", short_help="Dispose of one paper. / 廃棄")
@source_argument
@paper_argument
@day_option("--on", "The day of the disposal", refuses_ahead=True)
@by_option
@reason_option
@lang_option()
@click.pass_context
def dispose_command(ctx: click.Context, source: str, paper: str, on: date, by: Actor, reason: str, lang: Lang) -> None:
    """Dispose of one paper and its salt, or say why it must still be kept. The event and its commitment stay.

    書類を廃棄する。保存期間中又は廃棄停止中のときは、理由を示して廃棄しない(終了コード 1)。

    What backups still hold of it goes when they expire.
    """
    from shuroflow.errors import Retained

    check_day(on)
    with store_of(source) as annexes:
        commitment = commitment_named(source, paper)
        check_same_case(annexes, paper, commitment, source=source)
        try:
            disposed = annexes.dispose(commitment, on=on, by=by, reason=reason)
        except Retained as refused:
            click.echo("\n".join(_refusal(refused, lang)))
            ctx.exit(1)
    click.echo(disposal_line(disposed, lang))


def _refusal(refused: Retained, lang: Lang) -> Iterator[str]:
    """Why a paper must still be kept, a line for each reason."""
    from shuroflow.states.judgement import show

    head = f"{refused.commitment} ({refused.case_id})"
    yield one_line(say(f"廃棄しません: {head}", f"Refused: {head}"))
    for hold in refused.holds:
        day = show(hold.on, lang)
        ja = f"  廃棄停止中です(番号 {hold.number}、{day} から、{who_text(hold, lang)}): {hold.reason}"
        yield one_line(say(ja, f"  hold {hold.number} stands since {day}, {who_text(hold, lang)}: {hold.reason}"))
    if refused.keep_until is not None:
        day = show(refused.keep_until, lang)
        yield say(f"  保存期間中です({day} まで)", f"  it is kept until {day}")


__all__ = ["dispose_command", "hold_command", "release_command"]
