"""What the commands on papers share: where the papers of a journal lie, which one is meant, and words for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shuroflow.cli.options import say, tell_torn, today
from shuroflow.events.shapes import MAX_SAFE
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.storage import Journal
    from shuroflow.storage.annexes import Act, Annexes, Disposed

paper_argument = click.argument("paper", metavar="PAPER")


@contextlib.contextmanager
def journal_of(source: str) -> Iterator[Journal]:
    """The journal that a source names, for reading."""
    from shuroflow.audit import load_plug_ins
    from shuroflow.storage import open_journal

    load_plug_ins()
    with open_journal(source) as journal:
        tell_torn(journal)
        yield journal


@contextlib.contextmanager
def store_of(source: str, *, create: bool = False) -> Iterator[Annexes]:
    """The papers of the journal that a source names."""
    from shuroflow.storage.annexes import open_annexes

    with open_annexes(source, create=create) as annexes:
        yield annexes


@contextlib.contextmanager
def store_if_any(source: str) -> Iterator[Annexes | None]:
    """The papers of a journal; none where it is a file beside which no paper has ever been put."""
    from shuroflow.storage.annexes import folder_of

    if "://" not in source and Path(source).is_file() and not folder_of(source).exists():
        yield None
        return
    with store_of(source) as annexes:
        yield annexes


def knows(source: str, case_id: str) -> bool:
    """Is anything recorded of the case?"""
    with journal_of(source) as journal:
        return journal.version(case_id) > 0


def commitment_named(source: str, paper: str) -> str:
    """The commitment that is meant: itself, or that of the event named as CASE#SEQ."""
    from shuroflow.errors import InputError
    from shuroflow.storage.annexes import checked_commitment

    case_id, mark, seq = paper.rpartition("#")
    if not mark or not seq.isdecimal():
        return checked_commitment(paper)
    with journal_of(source) as journal:
        events = journal.read(case_id, after=int(seq) - 1) if 0 < int(seq) <= MAX_SAFE else []
    if not events:
        raise InputError(f"there is no event {seq} of case {case_id!r}", file=source, case_id=case_id)
    if events[0].commitment is None:
        raise InputError(f"event {seq} of case {case_id!r} speaks of no paper", file=source, case_id=case_id)
    return events[0].commitment


def check_same_case(annexes: Annexes, paper: str, commitment: str, *, source: str) -> None:
    """A paper that an event names is of the case of that event, or a hold on one of the two would be passed by."""
    from shuroflow.errors import InputError

    case_id, mark, _ = paper.rpartition("#")
    if not mark:
        return
    kept = annexes.get(commitment)
    if kept.case_id != case_id:
        said = (
            f"the paper is kept for case {kept.case_id!r}, the event is of case {case_id!r}: name it by its commitment"
        )
        raise InputError(said, file=source, case_id=case_id)


def check_day(on: date) -> None:
    """Nothing is disposed of, and no hold set, on a day that is still to come."""
    from shuroflow.errors import InputError

    if on > today():
        raise InputError(f"{on} lies after today ({today()}); check the day", field="--on")


def one_line(text: str) -> str:
    """The text on one line, and nothing in it that a terminal would obey."""
    from shuroflow.audit.report import one_line

    return one_line(text)


def who_text(entry: Act, lang: Lang) -> str:
    """Who ordered it, in which role."""
    return f"{entry.by.role.label(lang)} {entry.by.id}"


def disposal_line(disposed: Disposed, lang: Lang) -> str:
    """What remains of a paper that is gone: when, by whom and why."""
    from shuroflow.states.judgement import show

    facts = f"{disposed.commitment} ({disposed.case_id}) {show(disposed.on, lang)} {who_text(disposed, lang)}"
    return one_line(say(f"廃棄済み: {facts}: {disposed.reason}", f"disposed of: {facts}: {disposed.reason}"))


__all__ = [
    "check_day",
    "commitment_named",
    "disposal_line",
    "journal_of",
    "knows",
    "one_line",
    "paper_argument",
    "store_if_any",
    "store_of",
    "who_text",
]
