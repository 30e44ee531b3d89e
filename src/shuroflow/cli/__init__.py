"""The command line. It turns arguments into calls and answers into text; every decision is made in other rooms.

Exit status: 0 nothing wrong, 1 violations or differences found, or the event refused, 2 the input or the call cannot
be used. Importing this package loads no database and judges nothing: each command imports what it needs when it runs.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import click

from shuroflow.cli.annexes import annex_command
from shuroflow.cli.auditing import audit_command
from shuroflow.cli.cases import due_command, next_command, show_command
from shuroflow.cli.checking import check_command
from shuroflow.cli.comparing import compare_command
from shuroflow.cli.counting import statistics_command
from shuroflow.cli.exporting import export_command
from shuroflow.cli.importing import import_command
from shuroflow.cli.mutating import mutate_command
from shuroflow.cli.options import INTERRUPTED, Unusable, forget, lang_option, language, say
from shuroflow.cli.output import FULL, cause
from shuroflow.cli.paths import paths_command
from shuroflow.cli.questioning import questions_command
from shuroflow.cli.recording import record_command
from shuroflow.cli.reference import demo_command, programmes_command, schema_command, simulate_command
from shuroflow.cli.refreshing import refresh_command
from shuroflow.cli.sealing import prove_command, seal_command, verify_command
from shuroflow.cli.storing import convert_command, migrate_command

PIPE_CLOSED = 141
"""What a shell reports for a program that a reader that went away has stopped."""


class App(click.Group):
    """The group of commands: turns every expected failure into one line on standard error and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a newcomer meets them."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the command; some of them answer by themselves."""
        with _told(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _told(ctx):
            return super().invoke(ctx)


@contextlib.contextmanager
def _told(ctx: click.Context) -> Iterator[None]:
    """All that was written goes out; whatever cannot be done comes out as one line and a status."""
    from shuroflow.errors import ShuroflowError

    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        ctx.exit(INTERRUPTED)
    except BrokenPipeError:
        forget(sys.stdout)
        ctx.exit(PIPE_CLOSED)
    except click.UsageError as error:
        raise Unusable.of_call(error) from None
    except ShuroflowError as error:
        from shuroflow.audit.report import error_text

        raise Unusable(error_text(error, lang=language(), case=False)) from None
    except OSError as error:
        if not error.filename:  # what was written is what failed, or what is held back would
            forget(sys.stdout)
        where = error.filename or (say("標準出力", "standard output") if error.errno in FULL else "")
        raise Unusable(f"{where}{': ' if where else ''}{cause(error)}") from None


@click.group(
    cls=App,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=(
        "SOURCE is a .jsonl file, a folder of them (without its subfolders), or a database such as sqlite:///cases.db. "
        "Exit status: 0 nothing wrong, 1 violations or differences found, or the event refused, "
        "2 the input or the call cannot be used."
    ),
)
@click.version_option(package_name="shuroflow", message="%(prog)s %(version)s")
@lang_option(expose=False)
@click.pass_context
def app(ctx: click.Context) -> None:
    """Employment-support cases as state machines: recorded live, kept, audited against the 要綱.

    就労支援ケースを要綱に照らして記録し、保存し、監査する。
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for command in (
    demo_command,
    audit_command,
    questions_command,
    compare_command,
    statistics_command,
    export_command,
    show_command,
    next_command,
    due_command,
    record_command,
    refresh_command,
    seal_command,
    verify_command,
    prove_command,
    check_command,
    annex_command,
    import_command,
    convert_command,
    migrate_command,
    programmes_command,
    paths_command,
    schema_command,
    simulate_command,
    mutate_command,
):
    app.add_command(command)


def main() -> NoReturn:
    """The entry point ``shuroflow``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Where the locale names no encoding of its own, UTF-8; a character without a code is written out.
            blank = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding="utf-8" if blank else None, errors="backslashreplace")
    try:
        app(prog_name="shuroflow")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0)


__all__ = ["app", "main"]
