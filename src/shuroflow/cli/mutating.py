"""``shuroflow mutate``."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import lang_option, say, warn
from shuroflow.cli.output import Meter, writing
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.verification.mutants import Mutant, Suite


@click.command("mutate", short_help="Which mistakes in the rules go unnoticed. / 規則の変異")
@click.argument("programmes", metavar="PROGRAMME...", nargs=-1, required=True)
@click.option(
    "--suite",
    "paths",
    metavar="PATH",
    multiple=True,
    help="Tests for pytest, by path or node id; may be repeated. Without it, the kit's own histories. / 検査の場所。",
)
@click.option(
    "--equivalent",
    metavar="FILE",
    help="TOML file of name = argument: mutants that no input can tell from the rules. / 同値の変異。",
)
@click.option(
    "--operator", "operators", metavar="NAME", multiple=True, help="Only changes of this kind. / 変異の種類。"
)
@click.option("--clause", "clauses", metavar="CLAUSE", multiple=True, help="Only what touches this clause. / 条項。")
@click.option("--sample", type=click.IntRange(min=1), help="Only so many, drawn by --seed. / 抜き取る数。")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed draws the same ones. / 乱数の種。")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; as many as there are cores by default. / 並列数。")
@click.option("--list", "only_list", is_flag=True, help="Only name the mutants; nothing is run. / 一覧のみ。")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@lang_option()
@click.pass_context
def mutate_command(
    ctx: click.Context,
    programmes: tuple[str, ...],
    paths: tuple[str, ...],
    equivalent: str | None,
    operators: tuple[str, ...],
    clauses: tuple[str, ...],
    sample: int | None,
    seed: int,
    jobs: int | None,
    only_list: bool,
    form: str,
    output: str | None,
    lang: Lang,
) -> None:
    """Change the rules themselves, one at a time, and see whether a suite of properties notices.

    規則を一つずつ変え、検査がそれに気付くかを確かめる。 The rules are changed in running processes and never in a file.
    Exit status 0 where every change was noticed or argued equivalent, 1 where one survived, 2 where the suite fails on
    the rules as they are, or the call cannot be used.
    """
    try:
        from shuroflow.verification.mutants import (
            HistorySuite,
            PytestSuite,
            Report,
            Scope,
            check_names,
            gather,
            read_equivalents,
            run,
        )
    except ModuleNotFoundError as error:
        if error.name not in {"hypothesis", "pytest", "_pytest"}:
            raise
        from shuroflow.errors import installing

        said = say("追加機能 verification が必要です", "this needs the extra verification")
        raise click.UsageError(f"{said}: {installing('verification')}") from None
    from shuroflow.states import programme

    check_output(output)
    codes = tuple(dict.fromkeys(programmes))
    scopes = [Scope(programme(code)) for code in codes]
    every = gather(scopes)
    argued = {} if equivalent is None else read_equivalents(equivalent)
    if equivalent is not None:
        check_names(argued, _names(every, codes), file=equivalent)
    for each in dict.fromkeys(name for scope in scopes for name in scope.unread):
        told = say(
            "関数の中で作られた規則のため、行から外す変異だけを試します", "made by another function: only dropped whole"
        )
        click.echo(f"{each}: {told}", err=True)
    chosen = _chosen(every, operators, clauses, sample, seed)
    if only_list:
        with writing(output, as_is=form == "json") as out:
            out.write(_listed(chosen, form, lang))
        return
    suite: Suite = PytestSuite(paths) if paths else HistorySuite(codes, seed=seed)
    meters = {
        "checks": Meter(hidden=False, ja="規則のままの検査 {} 件", en="the rules as they are: {} checks"),
        "mutants": Meter(hidden=False, ja="変異 {} 件", en="{} mutants"),
    }

    def progress(phase: str, done: int, total: int) -> None:
        meters[phase](done, total)
        if done == total:
            meters[phase].clear()

    outcome = run(chosen, scopes, suite, jobs=jobs, progress=progress)
    named = " ".join(paths) if paths else say("用意された履歴", "the kit's histories")
    report = Report(codes, named, tuple(chosen), outcome, argued)
    with writing(output, as_is=form == "json") as out:
        if form == "json":
            out.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n")
        else:
            out.write(report.text(lang) + "\n")
    if report.refuted:
        more = f" (+{len(report.refuted) - 1})" if len(report.refuted) > 1 else ""
        told = say("同値とされた変異が検出されました。項目を削ってください", "argued equivalent, but a check tells it")
        warn(f"{equivalent}: {report.refuted[0]}{more}: {told}", lang=lang)
        ctx.exit(2)
    ctx.exit(1 if report.survivors else 0)


def _names(every: Sequence[Mutant], codes: tuple[str, ...]) -> set[str]:
    """The names of the chosen programmes' mutants and of the built-in ones: a file may serve several calls."""
    from shuroflow.states import BUILT_IN, programme
    from shuroflow.verification.mutants import Scope, mutants_of

    names = {mutant.name for mutant in every}
    for code in set(BUILT_IN) - set(codes):
        names |= {mutant.name for mutant in mutants_of(Scope(programme(code)))}
    return names


def _chosen(
    every: Sequence[Mutant], operators: tuple[str, ...], clauses: tuple[str, ...], sample: int | None, seed: int
) -> list[Mutant]:
    from shuroflow.verification.mutants import Operator

    known = [each.value for each in Operator]
    if unknown := [name for name in operators if name not in known]:
        raise click.BadParameter(f"{unknown[0]!r}; known: {', '.join(known)}", param_hint="--operator")
    cited = {clause for mutant in every for clause in mutant.clauses}
    if unknown := [name for name in clauses if name not in cited]:
        raise click.BadParameter(f"{unknown[0]!r}; known: {', '.join(sorted(cited))}", param_hint="--clause")
    found = [
        mutant
        for mutant in every
        if (not operators or mutant.operator.value in operators)
        and (not clauses or not set(clauses).isdisjoint(mutant.clauses))
    ]
    if not found:
        raise click.UsageError(
            say("該当する変異がありません", "no mutant is left to try: widen --operator or --clause"),
            click.get_current_context(),
        )
    if sample is not None and sample < len(found):
        drawn = set(random.Random(seed).sample(range(len(found)), sample))
        found = [mutant for at, mutant in enumerate(found) if at in drawn]
    return found


def _listed(mutants: Sequence[Mutant], form: str, lang: Lang) -> str:
    if form == "json":
        return (
            json.dumps(
                [
                    {
                        "name": mutant.name,
                        "operator": mutant.operator.value,
                        "clauses": list(mutant.clauses),
                        "where": mutant.where,
                        "before": mutant.before,
                        "after": mutant.after,
                    }
                    for mutant in mutants
                ],
                ensure_ascii=False,
                indent=2,
            )
            + "\n"
        )
    return "".join(f"{mutant.name}\n    {mutant.text(lang)}\n" for mutant in mutants)
