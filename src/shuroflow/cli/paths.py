"""``shuroflow paths``: are the rules of a programme sound, whatever happens in a case?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import lang_option, overlay_option
from shuroflow.cli.output import Meter, writing
from shuroflow.vocabulary import Lang, State

if TYPE_CHECKING:
    from shuroflow.states import Office
    from shuroflow.verification.paths import PathReport


@click.command("paths", short_help="Explore the chart of a 要綱: is it sound? / 規則の網羅検査")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@click.option(
    "--bound",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="By how many events a history may leave a known one, a day that passes counting as one; each more takes some "
    "twenty times as long. / 範囲(日の経過も 1 件と数える)。",
)
@click.option(
    "--needs",
    multiple=True,
    metavar="STATE=EVENT[,EVENT]",
    help="What must have come before a state, in place of what is built in. / 状態の前に必要な出来事。",
)
@click.option(
    "--examples",
    multiple=True,
    metavar="FILE",
    help="JSON Lines files of compliant cases to start from, in place of the programme's own. / 見本の記録。",
)
@click.option(
    "--most", type=click.IntRange(min=1), help="Stop after so many situations, and say so. / 調べる状況の上限。"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "mermaid"]),
    default="text",
    show_default=True,
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@overlay_option
@lang_option()
@click.pass_context
def paths_command(
    ctx: click.Context,
    codes: tuple[str, ...],
    bound: int,
    needs: tuple[str, ...],
    examples: tuple[str, ...],
    most: int | None,
    form: str,
    output: str | None,
    office: Office,
    lang: Lang,
) -> None:
    """Try every sequence of events up to a bound on the rules of a programme, and say what is wrong with them.

    起こりうる出来事の並びを範囲内で網羅し、規則に誤りがないかを調べる。

    Looked for are states out of reach, traps, dead rules, rows that overlap or leave a gap, support without what must
    come before it, and duties that nothing discharges. Corrections and withdrawals are not tried. Without a CODE all
    programmes are explored. JSON holds the history that shows each finding; mermaid is the state diagram with the
    number of times each arrow was taken. Exit status 1 where anything is wrong or was left out.
    """
    from shuroflow.audit import load_plug_ins
    from shuroflow.states import programme_codes
    from shuroflow.verification.corpus import Corpus
    from shuroflow.verification.paths import explore

    if len(codes) != 1 and (needs or examples):
        raise click.UsageError("--needs and --examples are of one programme: name it", ctx)
    check_output(output)
    wanted = _needs(needs) if needs else None
    load_plug_ins()
    reports: list[PathReport] = []
    for code in codes or programme_codes():
        meter = _Told(code, hidden=output is None and sys.stdout.isatty() and form != "text")
        try:
            corpus = Corpus.from_files(code, examples, office=office) if examples else None
            reports.append(
                explore(code, office=office, corpus=corpus, bound=bound, needs=wanted, most=most, progress=meter)
            )
        finally:
            meter.clear()
    with writing(output, as_is=form != "text") as out:
        if form == "json":
            told = {"programmes": [report.to_json(lang) for report in reports]}
            out.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        else:
            each = [report.text(lang) if form == "text" else report.mermaid(lang) for report in reports]
            out.write("\n\n".join(each) + "\n")
    ctx.exit(0 if all(report.passed for report in reports) else 1)


def _needs(given: tuple[str, ...]) -> dict[State, tuple[str, ...]]:
    found: dict[State, tuple[str, ...]] = {}
    for text in given:
        state, equals, events = text.partition("=")
        kinds = tuple(each.strip() for each in events.split(",") if each.strip())
        if not equals or not kinds:
            raise click.BadParameter(f"{text!r} is not STATE=EVENT, such as in_support=consented", param_hint="--needs")
        if state not in set(State) - {State.NEW}:
            known = ", ".join(each.value for each in State if each is not State.NEW)
            raise click.BadParameter(f"unknown state {state!r}; known: {known}", param_hint="--needs")
        found[State(state)] = (*found.get(State(state), ()), *kinds)
    return found


class _Told:
    """A line of progress for each part of the work."""

    def __init__(self, code: str, *, hidden: bool) -> None:
        self._code, self._hidden = code, hidden
        self._what = ""
        self._meter: Meter | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note of how far it is."""
        if what != self._what or self._meter is None:
            self.clear()
            self._what = what
            ja, en = _PARTS.get(what, (f"出来事 {what} 件目", f"event {what}"))
            self._meter = Meter(hidden=self._hidden, ja=f"{self._code} {ja}: {{}}", en=f"{self._code} {en}: {{}}")
        self._meter(done, total)

    def clear(self) -> None:
        """Take the line away."""
        if self._meter is not None:
            self._meter.clear()


_PARTS = {"histories": ("見本", "histories"), "edges": ("境界の値", "edges of rules")}


__all__ = ["paths_command"]
