"""Lots of cases, and how one is judged where its cases can be read. It knows no executor, and sends nothing."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import attrs

from shuroflow.audit.judging import Question, Taken, Verdict, judged
from shuroflow.audit.summary import Item
from shuroflow.errors import InputError, Unavailable
from shuroflow.states import BUILT_IN
from shuroflow.storage.caseplaces import Reader

FIRST, MOST = 4_000, 16_000
"""Lines in the first lot, and in a later one: each takes a quarter more than the one before, up to the most.

Few, so that few cases are shared by all who judge, too; many, for the journey of each lot has its price, above all to a
cluster. Where every verdict has an explanation, none has more than the first: of an event it is several times as long.
"""


@attrs.frozen
class Lot:
    """Neighbouring cases, to be judged in one go."""

    cases: tuple[Taken, ...]

    def with_bytes(self) -> Lot:
        """The same cases, read.

        Raises:
            Unavailable: if they stand in a file that can no longer be read.
        """
        with Reader() as reader:
            return Lot(tuple([taken.with_bytes(reader) for taken in self.cases]))

    def halves(self) -> tuple[Lot, Lot]:
        """The same cases as two lots."""
        middle = len(self.cases) // 2
        return Lot(self.cases[:middle]), Lot(self.cases[middle:])


def lots(cases: Iterable[Taken], *, grow: bool, sizes: Sequence[int] = ()) -> Iterator[Lot]:
    """The cases in lots of at least :data:`FIRST` lines, the last one less; or of ever more, if they ``grow``.

    The first ones have as many cases as ``sizes`` says by the time that they are taken.
    """
    some: list[Taken] = []
    at, lines, enough = 0, 0, FIRST
    failed: Exception | None = None
    try:
        for case in cases:
            some.append(case)
            lines += len(case)
            given = at < len(sizes)
            if len(some) >= sizes[at] if given else lines >= enough:
                yield Lot(tuple(some))
                some, lines = [], 0
                at += 1
                if grow and not given:
                    enough = min(enough + enough // 4, MOST)
    except Exception as error:  # whatever a store raises: it is told in its turn
        failed = error
    if some:
        yield Lot(tuple(some))
    if failed is not None:
        raise failed


class Unread(Exception):
    """Raised where the cases of a lot cannot be read in the file where they stand, and why."""

    def __init__(self, cause: Unavailable) -> None:
        super().__init__(cause)
        self.cause = cause


def judged_in(lot: Lot, question: Question) -> Iterator[Verdict[Item]]:
    """The verdict of each case, each at once.

    Raises:
        Unread: if one cannot be read from here.
        InputError: if a verdict cannot be sent between processes: it is refused whoever judges.
        Exception: whatever judging a case raises.
    """
    with Reader() as reader:
        try:
            for case, verdict in judged(_read(lot, reader), question):
                if not all(type(item) is InputError or _is_built_in(item) for item in verdict.items):
                    fault = unsendable((*verdict,))
                    if fault is not None:
                        raise InputError(unsent(f"what was judged of case {case.case_id!r}", fault), file=case.source)
                yield verdict
        finally:  # of a file that was changed nothing holds, whatever came of it
            with _unread():
                reader.check()


def _is_built_in(item: Item) -> bool:
    return getattr(item, "programme", None) in BUILT_IN


def _read(lot: Lot, reader: Reader) -> Iterator[Taken]:
    for taken in lot.cases:
        with _unread():
            found = taken.with_bytes(reader)
        yield found


@contextmanager
def _unread() -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        raise Unread(error) from None


def unsendable(value: object) -> str | None:
    """Why a value cannot go from one process to another; only those of plug-ins can be such."""
    try:
        pickle.loads(pickle.dumps(value))
    except Exception as error:  # whatever the values of a plug-in raise
        return f"{type(error).__name__}: {error}"
    return None


def unsent(what: str, fault: str) -> str:
    """What is told of such a value."""
    return (
        f"{what} cannot go from one process to another ({fault}): "
        "have the guards give plain values, or judge in one process (--jobs 1)"
    )


__all__ = ["FIRST", "MOST", "Lot", "Unread", "judged_in", "lots", "unsendable", "unsent"]
