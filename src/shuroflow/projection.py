"""The read model of a journal in a database: every case folded as of a day, and written as rows for plain SQL.

The rows say what :meth:`.Caseload.show` and :meth:`.Caseload.due` say of each case as of that day, no more and no less.
They are derived: dropping them loses nothing. This module folds; what the tables look like is the affair of
:mod:`shuroflow.storage.sql.readmodel`. It reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from itertools import groupby
from operator import attrgetter
from typing import Any

import attrs

from shuroflow.calendar import fiscal_year, format_fiscal_year
from shuroflow.case import Case
from shuroflow.caseload.standing import Due, dues
from shuroflow.errors import CaseNotFound, InputError, Unavailable
from shuroflow.events import Event, kinds_of
from shuroflow.states import Edition, Office, programme, programme_codes
from shuroflow.states.history import case_of, effective
from shuroflow.storage.codec import link
from shuroflow.storage.journal import Journal
from shuroflow.storage.sql import SqlJournal
from shuroflow.storage.sql.readmodel import CaseRow, DutyRow, Label, Progress, read_model
from shuroflow.vocabulary import CLOSED, Role, State

Told = Callable[[int, int | None], None]
"""``progress(done, total)``: how many records of a rebuild, or else cases, are folded."""

BATCH = 500
"""Cases whose rows are held in memory at one time."""

TRIES = 5
"""How often a refresh begins anew because another one was faster."""

FIRST_YEAR = 1989
YEARS_AHEAD = 20
"""Fiscal years that are given a name: from the first of 平成 to this many after the day asked about."""


@attrs.frozen(kw_only=True)
class Refreshed:
    """What a refresh did. ``cases``: how many were folded; ``position``: the last record that was taken into account.

    ``rebuilt``: all rows were dropped and filled again, because it was asked for, because there were none, or because
    those there were had been folded by other rules or from another journal.
    """

    as_of: date
    position: int
    cases: int
    rebuilt: bool


def refresh(
    journal: Journal,
    *,
    as_of: date,
    office: Office | None = None,
    rebuild: bool = False,
    progress: Told | None = None,
) -> Refreshed:
    """Bring the read model of a journal up to its present end, as of a day.

    Folded are the cases recorded since, and those that the day may have changed by itself: a period ended, a duty
    fell overdue. Everything takes effect at once, or nothing does. Where the journal works inside a transaction of
    the host, so does this.

    Args:
        journal: a journal in a database.
        as_of: the day asked about: what happened later is left out.
        office: figures, calendar and settings of the office.
        rebuild: drop all rows and fill them from the first event on.
        progress: told now and then how far it is.

    Raises:
        InputError: if the journal is none in a database, or a case cannot be folded.
        Damaged: if the journal holds something that no journal wrote.
        Unavailable: if the database cannot be read or written, or others refresh it again and again meanwhile.
    """
    sql = _in_database(journal)
    model = read_model(sql)
    model.prepare()
    codes = programme_codes()
    folded_by = _rules(codes, as_of, office := office or Office())
    for _ in range(TRIES):
        before = model.progress()
        goes_on = before if not rebuild and _is_of(before, sql, folded_by) else None
        todo = _Todo.all_of(sql) if goes_on is None else _Todo.since(sql, goes_on, model.stale(as_of))
        cases = 0
        with model.staging() as staged:
            batch: list[CaseRow] = []
            for events, done in todo.runs:
                batch.append(row_of(events, as_of=as_of, office=office))
                cases += 1
                if len(batch) == BATCH:
                    staged.add(batch)
                    batch.clear()
                if progress is not None:
                    progress(done, todo.total)
            staged.add(batch)
            now = Progress(position=todo.position, head=todo.head, as_of=as_of, folded_by=folded_by)
            if model.publish(staged, _labels(codes, as_of), now, before=before, afresh=goes_on is None):
                return Refreshed(as_of=as_of, position=todo.position, cases=cases, rebuilt=goes_on is None)
    raise Unavailable("others refresh the read model at the same time; try again when they are done", where=sql.where)


def refresh_case(journal: Journal, case_id: str, *, as_of: date, office: Office | None = None) -> CaseRow:
    """Bring the rows of one case up to date, within the host's own transaction where the journal works inside one.

    The rest of the read model stays as it is, and the next :func:`refresh` goes on from where the last one ended.

    Raises:
        CaseNotFound: if there is no such case.
        InputError: if the journal is none in a database, or the case cannot be folded.
        Damaged: if the case holds something that no journal wrote.
        Unavailable: if the database cannot be read or written.
    """
    sql = _in_database(journal)
    events = sql.read(case_id)
    if not events:
        raise CaseNotFound(case_id)
    row = row_of(events, as_of=as_of, office=office or Office())
    read_model(sql).put(row)
    return row


# -- one case


def row_of(events: Sequence[Event], *, as_of: date, office: Office) -> CaseRow:
    """How a case stands as of a day, as a row.

    Args:
        events: the whole case, in the order of ``seq``.
        as_of: the day asked about.
        office: figures, calendar and settings of the office.

    Raises:
        InputError: if the case cannot be folded; it names the case.
    """
    first = events[0]
    base = CaseRow(case_id=first.case_id, programme=first.programme, version=len(events), as_of=as_of)
    try:
        held = effective(events, as_of=as_of)
        to_come = len(effective(events)) - len(held)
        if not held:
            return attrs.evolve(base, settled=not to_come)
        case = case_of(events, office, as_of=as_of)
        edition = programme(case.programme).edition_on(as_of)
        state, period, closing = case.state_on(as_of), case.period, case.closing_on(as_of)
        return attrs.evolve(
            base,
            state=state.value,
            opened_on=case.opened_on,
            period_start=period.start if period is not None else None,
            period_end=period.end if period is not None else None,
            extensions=max(len(case.periods) - 1, 0),
            closed_on=closing.on if closing is not None else None,
            closing_clause=edition.clauses[closing.clause].citation if closing is not None else None,
            prior_case_id=case.prior_case_id,
            settled=not to_come and _settled(edition, case, state, as_of),
            duties=tuple(map(_duty, dues(edition, case, as_of))),
        )
    except InputError as error:
        error.case_id = error.case_id or first.case_id
        raise


def _duty(due: Due) -> DutyRow:
    return DutyRow(
        code=due.code,
        clause=due.clause,
        name_ja=due.name_ja,
        name_en=due.name_en,
        arose_on=due.arose_on,
        due=due.due,
        in_time_until=due.in_time_until,
        overdue=due.overdue,
    )


def _settled(edition: Edition, case: Case, state: State, as_of: date) -> bool:
    """Will days alone change nothing of it: closed for good, and no open duty that can still fall overdue?"""
    moves = any(lapse.source is state for lapse in edition.by_itself)
    waits = any(duty.in_time_until is not None and duty.in_time_until >= as_of for duty in case.duties.values())
    return state in CLOSED and not moves and not waits


# -- which cases


@attrs.frozen
class _Todo:
    """The cases to be folded, each with how many of ``total`` are done after it, and the record they reach up to."""

    runs: Iterator[tuple[Sequence[Event], int]]
    total: int
    position: int
    head: str | None

    @classmethod
    def all_of(cls, journal: SqlJournal) -> _Todo:
        """Every case of the journal, counted in records."""
        # The end is taken first: what is recorded during the scan is met again by the next refresh.
        position = journal.size()

        def runs() -> Iterator[tuple[Sequence[Event], int]]:
            done = 0
            for _, run in groupby(journal.scan(), key=attrgetter("case_id")):
                events = list(run)
                done += len(events)
                yield events, min(done, position)

        return cls(runs(), position, position, _link_to(journal, position))

    @classmethod
    def since(cls, journal: SqlJournal, before: Progress, stale: Sequence[str]) -> _Todo:
        """The cases recorded since the last time, and the stale ones, counted in cases."""
        position, head = before.position, before.head
        found = dict.fromkeys(stale)
        record = None
        for record in journal.feed(after=position):
            found[record.event.case_id] = None
        if record is not None:
            position, head = record.position, link(record.body)
        runs = ((journal.read(case_id), done) for done, case_id in enumerate(found, 1))
        return cls(runs, len(found), position, head)


def _link_to(journal: SqlJournal, position: int) -> str | None:
    """The link to the record at a position; ``None`` if there is none."""
    record = next(iter(journal.feed(after=position - 1)), None) if position else None
    return None if record is None else link(record.body)


def _is_of(before: Progress | None, journal: SqlJournal, folded_by: str) -> bool:
    """Can the rows be gone on from: folded by the same rules, from this journal, which still holds what it held?"""
    if before is None or before.folded_by != folded_by or before.position == 0:
        return False
    return _link_to(journal, before.position) == before.head


# -- by which rules, and under which names


def _rules(codes: Sequence[str], as_of: date, office: Office) -> str:
    """What folded the rows: the release, the edition of each programme as of the day, and the office's own settings."""
    editions = ", ".join(f"{code} {programme(code).edition_on(as_of).in_force_from}" for code in codes)
    told = sha256(repr(_plain(office)).encode()).hexdigest()[:16]
    return f"shuroflow {version('shuroflow')}; {editions}; office {told}"


def _plain(value: Any) -> Any:
    """The value without anything that differs between two runs, such as the order of a set."""
    if attrs.has(type(value)):
        return {field.name: _plain(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, Mapping):
        return sorted((str(key), _plain(each)) for key, each in value.items())
    if isinstance(value, set | frozenset):
        return sorted(repr(_plain(each)) for each in value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return str(value)


def _labels(codes: Sequence[str], as_of: date) -> Iterator[Label]:
    for state in State:
        yield Label("state", state.value, state.label("ja"), state.label("en"))
    for role in Role:
        yield Label("role", role.value, role.label("ja"), role.label("en"))
    for code in codes:
        kind = programme(code)
        yield Label("programme", code, kind.title("ja"), kind.title("en"))
        for event in kinds_of(code):
            name = kind.current.event_label(event)
            yield Label("event", f"{code}.{event}", name.ja, name.en)
    for year in range(FIRST_YEAR, min(fiscal_year(as_of) + YEARS_AHEAD, date.max.year) + 1):
        yield Label("fiscal_year", str(year), format_fiscal_year(year), f"FY{year}")


def _in_database(journal: Journal) -> SqlJournal:
    if isinstance(journal, SqlJournal):
        return journal
    said = "a read model lives in a database, and this journal does not; convert it first: shuroflow convert"
    raise InputError(f"{said} SOURCE sqlite:///cases.db", file=getattr(journal, "where", None))


__all__ = ["Refreshed", "refresh", "refresh_case", "row_of"]
