"""From sources to verdicts: files of event lines, folders of them and databases, case by case with little memory.

What cannot be used is answered for and does not stop the rest. A case with a line that cannot be read, with a gap in
its numbers, with lines in two places or with a column beside it that says something else is left out of the verdict and
said so: judged with a hole in it, it would be blamed for what the missing line may well hold. The torn end of a file is
no such hole: no journal acknowledged it. A missing position of a database belongs to no case that is left, and is told.
This module reads no clock and changes no source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path

import attrs

from shuroflow.audit.ahead import Ahead
from shuroflow.audit.comparison.difference import Conditions, Difference, compare
from shuroflow.audit.judging import Held, Question, T, Taken, Verdict, held, judged, left_out
from shuroflow.audit.spool import Spool
from shuroflow.audit.stores import Read, Store, stores_of
from shuroflow.audit.summary import Item, Later, absent
from shuroflow.audit.workers import Executors, Lost, by_workers
from shuroflow.errors import InputError, MissingFigure, SameCaseNumber, UnknownEdition
from shuroflow.states import BUILT_IN, Office, programme, programme_codes

Progress = Callable[[int, int | None], None]
"""``progress(done, total)``: events or lines dealt with so far, and of how many where that is known."""


Compared = Difference | Later | InputError
"""What a comparison yields: what differs in a case, a case that began later, or what could not be used and why."""


def audit(
    sources: Sequence[str | Path],
    *,
    as_of: date,
    known_at: datetime | None = None,
    office: Office | None = None,
    explained: bool = False,
    progress: Progress | None = None,
    executor: Executors | None = None,
    in_flight: int | None = None,
    lost: Lost | None = None,
    read: Read | None = None,
    spool: Spool | None = None,
) -> Iterator[Item]:
    """Judge every case of the sources, in the order in which the cases first appear.

    Args:
        sources: ``.jsonl`` files, folders (their ``.jsonl`` files by name) and database URLs. Together they are one
            caseload: a case number whose events lie in two of them is an error that names both.
        as_of: the day asked about: what happened later is left out.
        known_at: the moment asked about, with its offset: what was written down later is left out.
        office: figures, calendar and settings; by default the built-in ones.
        explained: each report also has the explanation of every step, which takes several times as long.
        progress: called after each case.
        executor: who judges; by default this process. What is yielded is the same, in the same order. An executor of
            the host's is left as it is; one made by a function given here (see :func:`.process_pool`) is shut down at
            the end, and made anew if it breaks.
        in_flight: lots of up to 16,000 events that are handed to the executor at a time; by default 8, or three for
            each process of :func:`.process_pool`.
        lost: called with a number of lots and the reason when a worker was lost and these are judged once more.
        read: called once for each source with what was read of it, and its hash: ``receipt.inputs.append``.
        spool: keeps the verdicts in a file, so that the audit can be continued if it is interrupted.

    Yields:
        A report for each case that existed on the day, a :class:`~shuroflow.audit.Later` for each that began (or was
        recorded) only after what was asked about or of which everything is withdrawn, and an
        :class:`~shuroflow.errors.InputError` with file, line and field for each thing that cannot be used: a bad line,
        a case with a gap, a file without events. Where such an error has a ``case_id``, that case is not judged and has
        no report.

    Raises:
        InputError: at once, if there is no source, a folder without ``.jsonl`` files or a moment without offset, or if
            the spool is of an audit under other conditions; later, if a case is not the one whose verdict it holds.
        Unavailable: at once, if a source is not there or cannot be opened; later, if it can no longer be read, or an
            executor of the host's takes no more work.
    """
    _check_moment(known_at)
    if in_flight is not None and in_flight < 1:
        raise InputError(f"is {in_flight}: at least one lot is handed out at a time", field="in_flight")
    stores = _opened(sources)
    office = Office() if office is None else office
    question = Question(as_of=as_of, known_at=known_at, office=office, explained=explained, digests=spool is not None)

    ahead = None if executor is None else Ahead()

    def judge(cases: Iterator[Taken]) -> Iterator[tuple[Taken, Verdict[Item]]]:
        if executor is None:
            return judged(cases, question)
        return by_workers(cases, question, executor, in_flight=in_flight, lost=lost, ahead=ahead)

    if spool is not None:
        spool.begin(question, map(str, stores))
    through = judge if spool is None else partial(spool.through, judge=judge)
    return _walk(stores, through, progress, read, ahead)


def histories(
    sources: Sequence[str | Path], *, progress: Progress | None = None, read: Read | None = None
) -> Iterator[Held | InputError]:
    """The events of every case of the sources, in the order in which the cases first appear, and what is unusable.

    ``progress`` and ``read`` are as in :func:`audit`.

    Raises:
        InputError: at once, as :func:`audit` does.
        Unavailable: at once, as :func:`audit` does.
    """
    return _walk(_opened(sources), lambda cases: ((case, held(case)) for case in cases), progress, read)


def differences(
    sources: Sequence[str | Path],
    *,
    as_of: date,
    here: Conditions,
    there: Conditions,
    known_at: datetime | None = None,
    progress: Progress | None = None,
    read: Read | None = None,
) -> Iterator[Compared]:
    """Judge every case of the sources under two sets of conditions, in the order in which the cases first appear.

    The arguments are those of :func:`audit` and of :func:`~shuroflow.audit.compare`.

    Yields:
        For each case that existed on the day what differs (nothing, for most), and else what :func:`audit` yields.
        An :class:`~shuroflow.UnknownEdition` where no text of its programme is on hand for the day that a side names.

    Raises:
        InputError: at once, as :func:`audit` does.
        Unavailable: at once, as :func:`audit` does.
    """
    _check_moment(known_at)
    cases = histories(sources, progress=progress, read=read)

    def compared() -> Iterator[Compared]:
        for case in cases:
            if isinstance(case, InputError):
                yield case
                continue
            try:
                found = compare(case.events, as_of=as_of, known_at=known_at, here=here, there=there)
            except UnknownEdition as error:  # of this programme the question cannot be asked; the case is in order
                yield left_out(error, case.events[0].case_id).at(file=case.source)
            except (InputError, MissingFigure) as error:
                yield case.unusable(error)
            else:
                yield (
                    absent(case.events, known_at=known_at, source=case.source)
                    if found is None
                    else attrs.evolve(found, here=attrs.evolve(found.here, source=case.source))
                )

    return compared()


def _check_moment(known_at: datetime | None) -> None:
    if known_at is not None and known_at.tzinfo is None:
        raise InputError("a moment needs its offset: write it like 2025-04-03T15:04:05+09:00", field="known_at")


def _opened(sources: Sequence[str | Path]) -> list[Store]:
    if any(not str(source).strip() for source in sources):
        raise InputError("a source is empty: name a .jsonl file, a folder of them or a database URL", field="sources")
    stores = [store for source in sources for store in stores_of(str(source))]
    if not stores:
        raise InputError("no source was given: name a .jsonl file, a folder of them or a database URL", field="sources")
    places: set[str] = set()
    for store in stores:
        place = store.place
        if place in places:
            raise InputError(f"{store} is named twice: its cases would count twice", field="sources")
        places.add(place)
    load_plug_ins()
    for store in stores:
        store.check()
    return stores


def load_plug_ins() -> None:
    """Make the events of all installed plug-ins known, so that their lines can be read.

    Raises:
        InputError: if one cannot be loaded.
    """
    for code in programme_codes():
        if code not in BUILT_IN:
            try:
                programme(code)
            except Exception as error:  # whatever another project's code raises
                said = f"the plug-in of {code!r} cannot be loaded: {error}; mend it, or take its package away"
                raise InputError(said, field="programme") from error


# The verdicts ---------------------------------------------------------------------------------------------------------


def _walk(
    stores: Sequence[Store],
    judge: Callable[[Iterator[Taken]], Iterator[tuple[Taken, Verdict[T]]]],
    progress: Progress | None,
    read: Read | None = None,
    ahead: Ahead | None = None,
) -> Iterator[T | InputError]:
    named = {str(store): store for store in stores}
    done = 0
    source = ""
    torn: list[InputError] = []
    for case, verdict in judge(_cases(stores, read, ahead)):
        if case.source != source:
            yield from torn
            if source:
                named[source].settle()
            source, torn = case.source, []
        torn += verdict.torn
        yield from verdict.items
        done += len(case)
        if progress is not None:
            totals = [store.total for store in stores]
            progress(done, None if None in totals else sum(total or 0 for total in totals))
    yield from torn
    for store in stores:
        store.settle()


def _cases(stores: Sequence[Store], read: Read | None, ahead: Ahead | None) -> Iterator[Taken]:
    """The cases of all stores, one by one; in the place of those that lie in more than one store, what is wrong."""
    spread = _spread(stores)
    for store in stores:
        # Later ones are looked through while what came before is judged: there is enough to do.
        early = ahead if store is stores[0] else None
        for taken in store.taken(read, unread=ahead is not None, ahead=early):
            places = None if taken.case_id is None else spread.get(taken.case_id)
            if places is None:
                yield taken
            else:
                told = (_error_of_spread(taken.case_id, places),) if places[0] == str(store) else ()
                yield Taken(taken.source, taken.case, told)


def _spread(stores: Sequence[Store]) -> dict[str, tuple[str, str]]:
    """Cases that lie in more than one store, with the first two of them."""
    if len(stores) == 1:
        return {}
    home: dict[str, str] = {}
    spread: dict[str, tuple[str, str]] = {}
    for store in stores:
        here = str(store)
        for case_id in store.cases():
            first = home.setdefault(case_id, here)
            if first is not here:
                spread.setdefault(case_id, (first, here))
    return spread


def _error_of_spread(case_id: str | None, places: tuple[str, str]) -> InputError:
    first, second = places
    said = (
        f"has events in {first} and in {second}: bring what is one case together in one source; "
        "audit two offices that use the same number apart, each in a call of its own"
    )
    return left_out(SameCaseNumber(said, file=first, field="case_id"), case_id)


__all__ = ["Compared", "Held", "Progress", "audit", "differences", "histories", "load_plug_ins"]
