"""What the commands share: options, the kinds of values they take, and the only clock of the package."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.events import Actor
    from shuroflow.states import Office

F = TypeVar("F", bound=Callable[..., Any])

_LANG = "shuroflow.lang"
_OVERLAY = "shuroflow.overlay"
_HOURS = timezone(timedelta(hours=9))


def japan() -> tzinfo:
    """The time zone of the offices; a fixed +09:00 (there is no summer time) where the machine has no zone data."""
    try:
        return ZoneInfo("Asia/Tokyo")
    except ZoneInfoNotFoundError:
        return _HOURS


def now() -> datetime:
    """This moment, in Japan."""
    return datetime.now(japan()).replace(microsecond=0)


def today() -> date:
    """The day it is in Japan."""
    return now().date()


def language() -> Lang:
    """The language of the running command."""
    ctx = click.get_current_context(silent=True)
    return cast(Lang, ctx.meta.get(_LANG, "ja")) if ctx is not None else "ja"


def say(ja: str, en: str) -> str:
    """One of the two, by the language of the running command."""
    return ja if language() == "ja" else en


_CALLS: tuple[tuple[type[click.UsageError], str], ...] = (
    (click.MissingParameter, "必要な引数又はオプションがありません"),
    (click.NoSuchOption, "このオプションはありません"),
    (click.BadParameter, "引数又はオプションの値が使えません"),
)


INTERRUPTED = 130
"""What a shell reports for a program that Ctrl-C has stopped."""


class Unusable(click.ClickException):
    """Raised when the input or the call cannot be used: one line on standard error, exit status 2."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        self.lang = language()
        super().__init__(message)

    @classmethod
    def of_call(cls, error: click.UsageError) -> Unusable:
        """The same for a call that click could not read, with where to look it up."""
        said = " ".join(error.format_message().split())
        if language() == "ja":
            head = next((ja for kind, ja in _CALLS if isinstance(error, kind)), "指定に誤りがあります")
            said = f"{head}: {_in_japanese(said)}"
        if error.ctx is not None:
            said += say(" (使い方は", " (see") + f" {error.ctx.command_path} --help)"
        return cls(said)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the line."""
        warn(self.message, lang=self.lang, file=file)


def _in_japanese(said: str) -> str:
    """What click says: of which option or argument, and what is wrong with its value."""
    from shuroflow.audit.said import in_japanese

    head = "Invalid value for "
    name, colon, message = said.removeprefix(head).partition(": ")
    return f"{name}: {in_japanese(message)}" if said.startswith(head) and colon else in_japanese(said)


def warn(message: str, *, lang: Lang, file: IO[Any] | None = None) -> None:
    """One line on standard error. A password in the URL of a database is not shown."""
    from shuroflow.audit.report import one_line

    message = _PASSWORD.sub(r"\1:***@", one_line(message))
    try:
        click.echo(f"{'エラー' if lang == 'ja' else 'error'}: {message}", file=file, err=file is None)
    except OSError:  # where it cannot be said, the exit status still says it
        forget(sys.stderr)


def forget(stream: TextIO) -> None:
    """Nobody reads on, or there is no room: what is still held back must not be written at the end of the program."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


_PASSWORD = re.compile(r"(://[^:/@\s]*):[^@\s]*@")


def tell_torn(journal: object) -> None:
    """A line on standard error where the end of a journal's file was never finished and so is no record."""
    torn = getattr(journal, "torn", None)
    if torn is not None:
        ja = f"{torn.line} 行目以降の {torn.length} バイトは書きかけで、記録として扱いません"
        en = f"{torn.length} bytes from line {torn.line} on were never finished and are no record"
        more = say("次の記録のときに別のファイルへ移します", "the next append moves them to a file beside it")
        click.echo(f"{getattr(journal, 'where', '')}: {say(ja, en)}; {more}", err=True)


# Kinds of values ------------------------------------------------------------------------------------------------------


class Day(click.ParamType):  # type: ignore[type-arg] # generic only in later releases
    """A day, in the Western or the Japanese reckoning."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it."""
        from shuroflow.calendar import parse_date
        from shuroflow.errors import InputError

        if isinstance(value, date):
            return value
        try:
            return parse_date(value)
        except InputError as error:
            self.fail(error.message, param, ctx)


class Moment(click.ParamType):  # type: ignore[type-arg]
    """A moment with its offset; a day alone stands for its end in Japan."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it."""
        from shuroflow.calendar import parse_date
        from shuroflow.errors import InputError

        if isinstance(value, datetime):
            return value
        try:
            return datetime.combine(parse_date(value), time.max, japan())
        except InputError as error:
            if "is not a day of the calendar" in error.message:
                self.fail(error.message, param, ctx)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment: write it like 2025-04-03T15:04:05+09:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no offset: write it like {value}+09:00", param, ctx)
        return moment


class Who(click.ParamType):  # type: ignore[type-arg]
    """Someone in a role, as ``ROLE:ID``."""

    name = "role:id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Actor:
        """Read it."""
        from shuroflow.errors import InputError
        from shuroflow.events import Actor
        from shuroflow.events.structure import did_you_mean, structure_part
        from shuroflow.vocabulary import Role

        if isinstance(value, Actor):
            return value
        role, colon, name = value.partition(":")
        if not colon or not name:
            self.fail(f"{value!r} is not ROLE:ID, such as caseworker:cw-03", param, ctx)
        roles = [each.value for each in Role]
        if role not in roles:
            self.fail(f"unknown role {role!r}; {did_you_mean(role, roles, what='roles')}", param, ctx)
        actor, faults = structure_part(Actor, {"role": role, "id": name}, path="")
        if faults:
            self.fail(str(InputError(str(faults[0]))), param, ctx)
        return cast("Actor", actor)


# Options --------------------------------------------------------------------------------------------------------------


def _set_lang(ctx: click.Context, _: click.Parameter, value: str | None) -> Lang:
    if value is not None:
        ctx.meta[_LANG] = value
    return cast(Lang, ctx.meta.get(_LANG, "ja"))


def lang_option(*, expose: bool = True) -> Callable[[F], F]:
    """``--lang``: of the whole call, before or after the name of the command."""
    return click.option(
        "--lang",
        type=click.Choice(["ja", "en"]),
        callback=_set_lang,
        is_eager=True,
        expose_value=expose,
        help="Language of the answer; Japanese by default. / 表示の言語。",
    )


def overlay_option(command: F) -> F:
    """``--overlay``: an office's own figures, calendar and settings; the command gets an ``office``."""
    return click.option(
        "--overlay",
        "office",
        metavar="FILE",
        callback=_office,
        help="TOML file with the office's figures, holidays and settings. / 実施機関の設定。",
    )(command)


def _office(ctx: click.Context, param: click.Parameter, value: str | None) -> Office:
    ctx.meta[_OVERLAY] = value
    return office_of(value)


def overlay_given() -> str | None:
    """The file that the running command got as its :func:`overlay_option`."""
    given: str | None = click.get_current_context().meta.get(_OVERLAY)
    return given


def overlays_given() -> tuple[str, ...]:
    """The same, as a receipt has it: by the name given, and nothing without one."""
    given = overlay_given()
    return () if given is None else (given,)


def office_of(path: str | None) -> Office:
    """The office of an overlay; the built-in one without.

    Raises:
        UnusableOffice: if the file cannot be read or used.
    """
    from shuroflow.errors import UnusableOffice
    from shuroflow.states import Office

    if path is None:
        return Office()
    try:
        return Office.parse(Path(path).read_text(encoding="utf-8-sig"))
    except UnusableOffice as error:
        raise error.at(file=path) from None
    except UnicodeDecodeError:
        raise UnusableOffice("not UTF-8; save the file as UTF-8", file=path) from None
    except OSError as error:
        raise UnusableOffice(f"cannot be read: {error.strerror}; check the path", file=path) from None


_AHEAD = timedelta(days=3653)
"""So far ahead a day may be asked about on purpose, also by a clock that is years behind; what lies beyond is told."""


def _one_day(param: click.Parameter, value: date | tuple[date, ...] | None) -> date:
    """The day given, or today; by two flags it may be given twice."""
    days = list(dict.fromkeys(value)) if isinstance(value, tuple) else [] if value is None else [value]
    if len(days) > 1:
        given = say("と", " and ").join(day.isoformat() for day in days)
        said = say(
            f"異なる日({given})が指定されています。一つだけ指定してください",
            f"{given} are different days: give one",
        )
        raise click.BadParameter(said, param=param)
    return days[0] if days else today()


def _or_today(ctx: click.Context, param: click.Parameter, value: date | tuple[date, ...] | None) -> date:
    return _one_day(param, value)


def _day_or_today(ctx: click.Context, param: click.Parameter, value: date | tuple[date, ...] | None) -> date:
    """The day given, or today; a day far in the future is answered, and told to be one: it may be mistyped."""
    here = today()
    day_asked = _one_day(param, value)
    if day_asked - here > _AHEAD:
        from shuroflow.audit.report import day_text

        lang = language()
        name, day, since = param.opts[0], day_text(day_asked, lang), day_text(here, lang)
        ja = f"注意: {name} {day} は十年以上先の日です(今日は {since})。打ち間違いでないか確かめてください"
        en = f"note: {name} {day} lies more than ten years in the future (today is {since}): check that it is meant"
        click.echo(say(ja, en), err=True)
    return day_asked


def day_option(flag: str, help_text: str, *, also: str | None = None, refuses_ahead: bool = False) -> Callable[[F], F]:
    """An option for a day; today in Japan by default. ``also``: another flag for the same.

    ``refuses_ahead``: the command itself refuses a day to come, so that nothing is to be said of one beside that.
    """
    name = flag.lstrip("-").replace("-", "_")
    return click.option(
        *(each for each in (flag, also, name) if each is not None),
        type=Day(),
        default=None,
        multiple=also is not None,
        callback=_or_today if refuses_ahead else _day_or_today,
        help=f"{help_text}; today by default. Also 令和8年4月1日 or R8.4.1. / 基準となる日。",
    )


def known_at_option(command: F) -> F:
    """``--known-at``: the moment up to which records count; all of them without."""
    return click.option(
        "--known-at",
        type=Moment(),
        help="Only what was recorded up to this moment (2025-04-03T15:04:05+09:00, or a day: to its end). "
        "/ 知り得た時点。",
    )(command)


def receipt_option(command: F) -> F:
    """``--receipt``: a file for the conditions of the run, for a form that has no place for them or beside one."""
    return click.option(
        "--receipt",
        "receipt_file",
        metavar="FILE",
        help="Also write the receipt to a file, as JSON: days, hashes of input, rules and figures, counts. "
        "/ 監査の条件(ハッシュ、件数など)を別のファイルに出力。",
    )(command)


def _readable(_: click.Context, parameter: click.Parameter, value: str) -> str:
    """What is typed in another encoding than that of the terminal names nothing."""
    try:
        value.encode()
    except UnicodeEncodeError:
        said = say(
            "端末の文字コードで読めない文字があります", "holds bytes that are no text in the encoding of the terminal"
        )
        raise click.BadParameter(said, param=parameter) from None
    return value


source_argument = click.argument("source", metavar="SOURCE")
case_argument = click.argument("case_id", metavar="CASE", callback=_readable)


def check_lasting(source: str) -> None:
    """Refuse a database in memory where something is to be kept: it is gone when the command ends.

    Raises:
        Unusable: for such a database.
    """
    head, mark, rest = source.partition("://")
    place = rest.removeprefix("/").partition("?")[0]
    if mark and head.partition("+")[0] == "sqlite" and (place in {"", ":memory:"} or "mode=memory" in rest):
        said = say(
            "はメモリー上のデータベースで、コマンドの終了とともに消えます。sqlite:///cases.db のように指定してください",
            " is a database in memory, gone when the command ends; name a file, such as sqlite:///cases.db",
        )
        raise Unusable(f"{source}{said}")
