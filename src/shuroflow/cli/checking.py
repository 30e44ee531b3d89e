"""``shuroflow check``: does a system obey the rules of a 要綱?"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click
from click.core import ParameterSource

from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import INTERRUPTED, Unusable, lang_option, office_of, say, warn
from shuroflow.cli.output import Meter, writing
from shuroflow.cli.systems import System
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.states import Office
    from shuroflow.verification.compliance import Report
    from shuroflow.verification.coverage import Coverage
    from shuroflow.verification.planning import Script

FAILING = ".shuroflow/failing"
"""Where failing histories are saved, unless told otherwise; the pytest plug-in saves them there too."""

_WITHOUT_EFFECT: dict[str | None, tuple[str, ...]] = {
    "--recorded": ("replay", "corpus", "profile", "seed", "most", "save"),
    "--replay": ("corpus", "profile", "seed", "save"),
}
"""What would say nothing beside an option with which no history is made up and none is saved."""


@click.command("check", short_help="Does a system obey the rules? / 規則どおりかの検証")
@click.option("--driver", metavar="MODULE:FACTORY", help="A system in Python, by what opens it. / Python の接続部。")
@click.option("--command", metavar="COMMAND", help="A program that is spoken to over JSON Lines. / 外部プログラム。")
@click.option(
    "--recorded",
    metavar="SOURCE",
    multiple=True,
    help="What a system has on record, as for an audit. / 記録済みのもの。",
)
@click.option("--told", metavar="FILE", help="With --recorded: how the system says its cases stand. / 状態の申告。")
@click.option("--programme", metavar="CODE", help="The 要綱 that it claims to follow. / 事業のコード。")
@click.option(
    "--profile",
    type=click.Choice(["quick", "default", "thorough"]),
    default="default",
    show_default=True,
    help="How much is tried. / 分量。",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed tries the same. / 乱数の種。")
@click.option(
    "--overlay",
    "--office",
    "overlay",
    metavar="FILE",
    help="TOML file with the figures, holidays and settings that it claims to follow. / 実施機関の設定。",
)
@click.option("--corpus", metavar="FILE", multiple=True, help="Compliant histories to start from. / 事例集。")
@click.option("--most", type=click.IntRange(min=1), metavar="N", help="Stop after so many differences. / 相違の上限。")
@click.option("--save", metavar="FOLDER", default=FAILING, show_default=True, help="Where failing histories go.")
@click.option("--no-save", is_flag=True, help="Save none, and try none that was saved before. / 保存しない。")
@click.option("--replay", metavar="FILE", multiple=True, help="Only these histories, or those in a folder. / 再現。")
@click.option(
    "--coverage", is_flag=True, help="Also each clause and rule, and where it was seen. / 条項ごとの確認状況。"
)
@click.option("--junit", metavar="FILE", help="Also a JUnit XML file, with a test case for each clause.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@lang_option()
@click.pass_context
def check_command(
    ctx: click.Context, /, driver: str | None, command: str | None, recorded: Sequence[str], **options: Any
) -> None:
    """Drive a system along compliant histories and past the edges of every rule, and compare it with our judge.

    システムを要綱の規則に照らして検証する。

    Without --driver, --command or --recorded our own desk is checked. Each difference is told by its clause, with the
    shortest history that shows it. Failing histories are saved, and tried first the next time. With --recorded and
    --replay no history is made up and none is saved: --corpus, --profile, --seed and --save are refused there, and with
    --recorded --most as well. Exit status 0 no difference, 1 differences, 2 the call or the system cannot be used.
    """
    try:
        import hypothesis  # noqa: F401 - the extra that the check needs
    except ModuleNotFoundError:
        from shuroflow.errors import installing

        said = say("検証には追加の部品が要ります", "verification needs an extra")
        raise Unusable(f"{said}: {installing('verification')}") from None
    one = {"--driver": driver, "--command": command}
    given = {name: () if value is None else (value,) for name, value in one.items()}
    ctx.exit(_Call(system=System.named({**given, "--recorded": recorded}), **options).run())


@attrs.frozen(kw_only=True)
class _Call:
    """One call of the command: its options, and what is done with them."""

    system: System
    programme: str | None
    profile: str
    seed: int
    overlay: str | None
    corpus: Sequence[str]
    most: int | None
    save: str
    no_save: bool
    replay: Sequence[str]
    told: str | None
    coverage: bool
    junit: str | None
    form: str
    output: str | None
    lang: Lang

    def run(self) -> int:
        """Say what will be tried, try it, report; the exit status."""
        from shuroflow.audit import load_plug_ins
        from shuroflow.verification.compliance import Report
        from shuroflow.verification.listening import recording

        self._fits()
        for option, output in (("-o", self.output), ("--junit", self.junit)):
            check_output(output, option=option)
        self._room()
        load_plug_ins()
        office = office_of(self.overlay)
        scripts = self._scripts()
        code = self._code(scripts)
        started = time.monotonic()
        meter = Meter(hidden=False, ja="検証中 {}", en="checking {}")
        with _maybe(self.junit, "--junit") as junit, writing(self.output, as_is=self.form != "text") as out:

            def tell(lines: Iterator[str]) -> None:
                """What comes first is seen first: in the report, and by who waits for it."""
                text = "".join(f"{line}\n" for line in lines)
                if self.form == "text":
                    out.write(text)
                    out.flush()
                if self.form != "text" or self.output not in {None, "-"}:
                    click.echo(text, nl=False, err=True)

            partial, stopped = Report(code), False
            try:
                # Whatever the system prints is no part of the report.
                with contextlib.redirect_stdout(sys.stderr), recording() as coverage:
                    report = self._report(partial, office, scripts, tell, meter)
            except KeyboardInterrupt:
                if not partial.differences:
                    raise
                report, stopped = partial, True  # what it has found by then is not lost
            finally:
                meter.clear()
            self._write(out, report, coverage)
            if junit is not None:
                from shuroflow.verification.junit import junit_xml

                seconds = time.monotonic() - started
                junit.write(junit_xml(report, coverage, system=self.system.name, seconds=seconds, lang=self.lang))
        self._unusable(report)
        if stopped:
            warn(say("中断しました。それまでの結果です", "stopped; this is what was found by then"), lang=self.lang)
            return INTERRUPTED
        return 2 if report.unusable else 0 if report.passed else 1

    # -- what is asked for

    def _fits(self) -> None:
        """Are there no options that say nothing together?"""
        ctx = click.get_current_context()
        if self.told is not None and not self.system.recorded:
            raise click.UsageError(say("--told は --recorded とともに使います", "--told belongs to --recorded"), ctx)
        option = "--recorded" if self.system.recorded else "--replay" if self.replay else None
        # Some of them have defaults: only what stands in the call is refused.
        wrong = [
            f"--{name}"
            for name in _WITHOUT_EFFECT.get(option, ())
            if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        ]
        if wrong:
            said = say(f"{option} とともには使えません", f"cannot be used with {option}")
            raise click.UsageError(f"{', '.join(wrong)} {said}", ctx)

    def _room(self) -> None:
        """Can failing histories be saved? Asked before anything is tried, and not when they are found."""
        if self.no_save or self.replay or self.system.recorded:
            return
        place = Path(self.save)
        while not os.path.lexists(place) and place != place.parent:
            place = place.parent
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            said = say(
                "保存先として使えません。--save で書き込めるフォルダーを指定するか、--no-save を付けてください",
                "cannot hold saved histories; name a folder that can be written to with --save, or give --no-save",
            )
            raise Unusable(f"{self.save}: {said}")

    def _scripts(self) -> list[Script]:
        """The histories that were named, or else those saved before."""
        from shuroflow.verification.saving import saved

        if self.replay:
            found = [script for path in self.replay for script in saved(path)]
            if not found:
                raise Unusable(say("再現する履歴がありません: ", "no history to replay: ") + ", ".join(self.replay))
            return found
        if self.system.recorded or self.no_save or not Path(self.save).is_dir():
            return []
        return list(saved(self.save, programme=self.programme))

    def _code(self, scripts: Sequence[Script]) -> str:
        from shuroflow.states import programme, programme_codes

        if self.programme is not None:
            return programme(self.programme).code
        if self.replay:
            return scripts[0].events[0].programme
        known = ", ".join(programme_codes())
        said = say(f"事業を --programme で指定してください({known})", f"name a programme with --programme: {known}")
        raise click.UsageError(said, click.get_current_context())

    # -- what is tried

    def _report(
        self,
        partial: Report,
        office: Office,
        scripts: Sequence[Script],
        tell: Callable[[Iterator[str]], None],
        meter: Meter,
    ) -> Report:
        from shuroflow.verification.checking import check, plan, replayed
        from shuroflow.verification.compliance import PROFILES
        from shuroflow.verification.corpus import Corpus
        from shuroflow.verification.telling import head_lines, plan_lines

        code = partial.programme
        tell(head_lines(code, self.system.name, lang=self.lang))
        if self.system.recorded:
            from shuroflow.verification.recorded import check_recorded

            return check_recorded(self.system.values, code, told=self.told, office=office, progress=meter)

        def progress(stage: str, done: int, total: int) -> None:
            meter(done, total)

        factory = self.system.factory(office)

        if self.replay:
            tell(iter([say(f"  再現する履歴: {len(scripts):,}", f"  histories to replay: {len(scripts):,}")]))
            return replayed(factory, code, scripts, office=office, most=self.most, progress=progress)
        how: dict[str, Any] = {
            "office": office,
            "corpus": Corpus.from_files(code, self.corpus, office=office) if self.corpus else None,
            "profile": PROFILES[self.profile],
            "seed": self.seed,
            "replay": scripts,
        }
        meter.note(say("規則の境界を探しています", "looking for the edges of the rules"))
        todo = plan(factory, code, **how)
        meter.clear()
        tell(plan_lines(todo, lang=self.lang))
        return check(factory, code, **how, most=self.most, progress=progress, report=partial)

    # -- what is told

    def _write(self, out: Any, report: Report, coverage: Coverage) -> None:
        from shuroflow.verification.coverage import coverage_text
        from shuroflow.verification.saving import save
        from shuroflow.verification.telling import clause_lines, difference_lines, report_record, result_line

        places: list[tuple[str | None, str | None]] = []
        for found in report.differences:
            path = None if self.no_save or self.replay or self.system.recorded else str(save(found, self.save))
            places.append((path, None if path is None else self._again(report.programme, path)))
        if self.form == "json":
            record = report_record(report, coverage, system=self.system.name, seed=self.seed, places=places)
            out.write(json.dumps(record, ensure_ascii=False, indent=2) + "\n")
            return
        for number, (found, (path, again)) in enumerate(zip(report.differences, places, strict=True), 1):
            told = "\n".join(
                difference_lines(found, lang=self.lang, case=self.system.recorded, saved=path, again=again)
            )
            out.write("\n" + say(f"■ 相違 {number}  ", f"■ Difference {number}  ") + told + "\n")
        out.write("\n")
        if self.coverage:
            out.write(coverage_text(coverage, report.programme, lang=self.lang, rules=True) + "\n")
        else:
            out.writelines(
                f"{line}\n" for line in clause_lines(report, coverage, lang=self.lang, whole=not self.replay)
            )
        out.write(result_line(report, lang=self.lang) + "\n")

    def _unusable(self, report: Report) -> None:
        """What of a record cannot be judged: the first, and how many more."""
        from shuroflow.audit.report import error_text

        if report.unusable:
            more = len(report.unusable) - 1
            rest = say(f" (ほか {more:,} 件)", f" (and {more:,} more)") if more else ""
            warn(error_text(report.unusable[0], lang=self.lang) + rest, lang=self.lang)

    def _again(self, code: str, path: str) -> str:
        office = "" if self.overlay is None else f"--overlay {shlex.quote(self.overlay)} "
        return f"shuroflow check {self.system.arguments}--programme {code} {office}--replay {shlex.quote(path)}"


@contextlib.contextmanager
def _maybe(path: str | None, option: str) -> Iterator[Any]:
    """A file to write to, if one is asked for."""
    if path is None:
        yield None
    else:
        with writing(path, as_is=True, option=option) as file:
            yield file


__all__ = ["FAILING", "check_command"]
