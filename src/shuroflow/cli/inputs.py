"""The files that the running call reads: nothing that it writes is put in the place of one.

What a call reads stands in its parameters, and which of them are files stands here, once for all commands. It opens
none of them.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from shuroflow.cli.options import overlay_given, say

Files = Callable[[str], Iterator[Path]]


def check_output(output: str | None, *, option: str = "-o") -> None:
    """Refuse to write over a file that the running call reads, or that another of its options writes.

    ``option``: by which the file was named. Nothing is refused of ``None`` and ``-``, nor outside of a command.

    Raises:
        click.BadParameter: if it is such a file, by whatever name.
        InputError: if a folder that is read cannot be used.
    """
    ctx = click.get_current_context(silent=True)
    if ctx is None or output is None or output == "-":
        return
    if os.path.exists(output) and not os.path.isfile(output):  # a device is written to, not replaced
        return
    for parameter in ctx.command.params:
        written = parameter.name in WRITTEN
        if option in parameter.opts or (parameter.name not in READ and not written):
            continue
        files = _file if written else READ[parameter.name or ""]
        if any(_same(file, output) for value in _values(ctx, parameter) for file in files(value)):
            name = parameter.opts[0] if isinstance(parameter, click.Option) else str(parameter.metavar).strip("[].")
            ja, en = (
                (f"{name} の出力先です", f"is written by {name}")
                if written
                else (f"{name} として読むファイルです", f"is read as {name}")
            )
            said = say(f"{output} は {ja}。別のファイルを指定してください", f"{output} {en}: name another file")
            raise click.BadParameter(said, param_hint=option)


def journal_files(source: str) -> Iterator[Path]:
    """The files in which the records of a source lie; none for a database on a server."""
    from shuroflow.audit import source_files

    head, mark, rest = source.partition(":///")
    if "://" not in source:
        yield from source_files(source)
    elif mark and head.startswith("sqlite"):
        place = rest.partition("?")[0].removeprefix("file:")
        yield from (Path(place + beside) for beside in ("", "-wal", "-shm", "-journal") if place)


def _file(value: str) -> Iterator[Path]:
    yield Path(value)


def _histories(value: str) -> Iterator[Path]:
    """Saved histories, and what is told beside them."""
    place = Path(value)
    if place.is_dir():
        yield from (file for file in place.iterdir() if file.suffix.lower() in {".jsonl", ".json"})
    else:
        yield from (place, place.with_suffix(".json"))


def _tests(value: str) -> Iterator[Path]:
    """The files of tests that a path or a node id names."""
    place = Path(value.partition("::")[0])
    yield from place.rglob("*.py") if place.is_dir() else (place,)


def _module(value: str) -> Iterator[Path]:
    place = value.partition(":")[0].replace(".", "/")
    yield from (Path(f"{place}.py"), Path(place, "__init__.py"))


def _program(value: str) -> Iterator[Path]:
    try:
        yield from map(Path, shlex.split(value))
    except ValueError:  # told when it is to be started
        return


READ: dict[str, Files] = {
    "sources": journal_files,
    "source": journal_files,
    "recorded": journal_files,
    "office": _file,
    "overlay": _file,
    "against_overlay": _file,
    "checkpoint": _file,
    "checkpoints": _file,
    "after": _file,
    "proof_file": _file,
    "key_file": _file,
    "key_files": _file,
    "told": _file,
    "corpus": _file,
    "examples": _file,
    "equivalent": _file,
    "replay": _histories,
    "save": _histories,
    "paths": _tests,
    "driver": _module,
    "command": _program,
}
"""By their names, the parameters of commands with an output that name what is read, and which files these are."""

WRITTEN = frozenset({"output", "receipt_file", "junit"})
"""The parameters that name what is written."""


def _values(ctx: click.Context, parameter: click.Parameter) -> Iterator[str]:
    found: Any = overlay_given() if parameter.name == "office" else ctx.params.get(parameter.name or "")
    for value in found if isinstance(found, tuple) else (found,):
        if value not in (None, "-"):
            yield value


def _same(file: Path, output: str) -> bool:
    try:
        return file.samefile(output)
    except (OSError, ValueError):  # one of them is not there, or what is no path: a key may be given as such
        return os.path.realpath(file) == os.path.realpath(output)


__all__ = ["READ", "WRITTEN", "check_output", "journal_files"]
