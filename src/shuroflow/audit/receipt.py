"""Under which conditions an audit was made: enough to make the same one again, and to see that it is the same.

Hashes are SHA-256 in hexadecimal. That of a file is the hash of its bytes, as ``sha256sum`` tells it; that of a
database is the hash of its events as they are stored, each with a line end, case by case in the order of the audit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import attrs

from shuroflow.audit.code import code_sha256
from shuroflow.events import kinds_of
from shuroflow.states import Edition, Office, programme
from shuroflow.states.figures import Source


def library_version() -> str:
    """The version of this library."""
    from shuroflow import __version__  # the package itself imports this room

    return __version__


@attrs.frozen
class Input:
    """What was read of one source: its name, how many bytes and lines (of a database: records), and their hash."""

    source: str
    size: int
    lines: int
    sha256: str


@attrs.frozen(kw_only=True)
class Receipt:
    """Under which conditions a report was made.

    ``as_of`` is the day asked about, ``known_at`` the moment up to which records count (``None``: all of them),
    ``office`` the hash of figures, calendar and settings, ``overlays`` the files from which an office
    laid its own over the built-in ones, by the names given. ``inputs`` grows while the sources are read: hand
    ``receipt.inputs.append`` to the audit.
    """

    as_of: date
    known_at: datetime | None = None
    version: str = attrs.field(factory=library_version)
    office: str | None = None
    overlays: tuple[str, ...] = ()
    inputs: list[Input] = attrs.field(factory=list)


def editions_of(codes: Iterable[str]) -> Iterator[tuple[str, Edition]]:
    """The editions of the programmes, each with the name of its 要綱 in Japanese."""
    for code in codes:
        kind = programme(code)
        for edition in kind.editions:
            yield kind.title_ja, edition


@cache
def rules_sha256(edition: Edition) -> str:
    """The hash of all that a verdict hangs on besides the office and the day: the rules as data, and their code.

    As data: the rows, the wording and weight of each rule and duty, the names of events and states, the clauses, the
    ladder and what a day brings by itself. As code: the files that :func:`~shuroflow.audit.code.code_sha256` names for
    the guards, folds and choices of the rows, for what settles and begins a case, and for the payloads of the events.

    It is another one as soon as a byte of these files changes, and does not hang on where they lie.
    """
    told = sha256()
    parts: list[object] = [edition.new_case, edition._notes, *kinds_of(edition.programme).values()]
    told.update(_canonical(_names(parts)))
    for row in edition.rows:
        code = [*row.guards, row.fold, row.when]
        facts = [row.event, row.clause, sorted(row.sources), row.dest, row.absent, row.place, row.turn, row.counts_from]
        told.update(_canonical([*facts, _names(code)]))
        parts += code
    table = edition.table
    for named in (table.rules, table.duties, table.events):
        told.update(_canonical({name: attrs.asdict(each) for name, each in named.items()}))
    told.update(_canonical({code: attrs.asdict(named.wording) for code, named in table.states.items()}))
    told.update(_canonical(table.questions))
    told.update(_canonical([[attrs.asdict(clause) for clause in edition.clauses], edition.clauses.source_sha256]))
    told.update(_canonical([edition.in_force_from, list(edition.ladder.items())]))
    told.update(_canonical([attrs.asdict(lapse) for lapse in edition.by_itself]))
    told.update(code_sha256(parts))
    return told.hexdigest()


def office_sha256(office: Office, *, worded: bool = False) -> str:
    """The hash of the figures, the calendar and the settings that an audit goes by.

    Where a figure was read is told in words and has no part in it: the same amounts give the same hash. ``worded``: it
    has, for explanations show these words.
    """
    return sha256(_canonical(office, worded=worded)).hexdigest()


def _names(parts: Iterable[object]) -> list[str | None]:
    return [getattr(part, "__qualname__", None) for part in parts]


def _canonical(value: Any, *, worded: bool = False) -> bytes:
    return json.dumps(_plain(value, worded), ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _plain(value: Any, worded: bool) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner, worded) for name, inner in value.items()}
    if attrs.has(type(value)):
        told = {field.name: getattr(value, field.name) for field in attrs.fields(type(value)) if field.init}
        return {name: _plain(inner, worded) for name, inner in told.items() if worded or not isinstance(inner, Source)}
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(inner, worded) for inner in value]
    return value if value is None or isinstance(value, bool | int) else str(value)


__all__ = ["Input", "Receipt", "editions_of", "library_version", "office_sha256", "rules_sha256"]
