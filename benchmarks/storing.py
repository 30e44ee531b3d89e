"""The journals alone: one durable append, import in bulk, opening a large file; each against the bare driver."""

from __future__ import annotations

import gc
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import attrs
import psycopg

from benchmarks.histories import bodies, case_id, cases
from benchmarks.measure import Figure, figure, turns
from shuroflow.events import Event
from shuroflow.storage import Journal, JsonlJournal, MemoryJournal, decode, open_journal
from shuroflow.storage.journal import Bulk
from shuroflow.storage.sql.journal import KEPT
from tests.postgres import Server, connect, schema

ROUNDS, CALLS = 41, 25
HELD = 30_000
"""Events that stand in both tables before the first append: more cases than a journal remembers."""

AT_HAND = 100
"""Cases of an office that are worked on, each read before it is appended to."""

BULK, BULK_ROUNDS, CHUNK = 40_000, 7, 10_000
FILE, FILE_ROUNDS = 1_000_000, 3

COLUMNS = ("position", "case_id", "seq", "programme", "kind", "occurred_on", "recorded_at", "key", "body")
Row = tuple[int, str, int, str, str, str, str, str | None, str]

TABLE = """CREATE TABLE event (position BIGINT PRIMARY KEY, case_id TEXT NOT NULL, seq BIGINT NOT NULL,
programme TEXT NOT NULL, kind TEXT NOT NULL, occurred_on DATE NOT NULL, recorded_at TEXT NOT NULL, key TEXT,
body TEXT NOT NULL, UNIQUE (case_id, seq))"""
FIRST = "CREATE INDEX event_first ON event (position) WHERE seq = 1"
"""The columns, constraints and indexes of a journal's table, without its triggers."""

BARE, SAME = "event", "shuroflow_event"
"""The baselines of a bulk import write into either: the bare table, or the one that a journal has made for itself."""

INSERT = f"INSERT INTO event ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


def row(position: int, body: bytes) -> Row:
    """The row of an event, as the driver takes it."""
    event = decode(body)
    return (
        position,
        event.case_id,
        event.seq,
        event.programme,
        event.kind,
        event.occurred_on.isoformat(),
        event.recorded_at.isoformat(),
        event.key,
        body.decode(),
    )


def figures() -> Iterator[Figure]:
    """SQLite, PostgreSQL, JSON Lines."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        appends = [_prepared(at_hand=True), _prepared(at_hand=False)]
        yield from (_append_to_sqlite(folder, ready) for ready in appends)
        yield from _load_into_sqlite(folder)
        with Server(folder / "server", options={"shared_buffers": "256MB", "max_wal_size": "4GB"}) as server:
            yield from (_append_to_postgresql(server.url, ready) for ready in appends)
            yield from _load_into_postgresql(server.url)
        yield from _open_file(folder)


# ---------------------------------------------------------------- one append


class Prepared(NamedTuple):
    """What stands in both tables, and further events, one for each append; with the row that comes of each."""

    held: list[bytes]
    events: list[Event]
    rows: list[Row]
    at_hand: bool

    @property
    def name(self) -> str:
        """Whose append it is."""
        return "to a case that was read" if self.at_hand else "to a case that the journal has not seen"


def _prepared(*, at_hand: bool) -> Prepared:
    held = list(bodies(HELD))
    memory = MemoryJournal()
    for body in held:
        event = decode(body)
        memory.append(event.case_id, [event], expected=event.seq - 1)
    number = AT_HAND if at_hand else cases(HELD)
    assert at_hand or number > KEPT
    events = []
    for turn in range(ROUNDS * CALLS + 1):
        last = memory.read(case_id(turn % number))[-1]
        event = attrs.evolve(last, seq=last.seq + 1, prev=None)
        events.append(event)
        memory.append(event.case_id, [event], expected=last.seq)
    rows = [row(record.position, record.body) for record in memory.feed()]
    assert held == [record.body for record in memory.feed()][:HELD]
    return Prepared(held, events, rows, at_hand)


def _ours(journal: Journal, ready: Prepared) -> Callable[[], object]:
    _load(journal, ready.held)
    if ready.at_hand:
        for number in range(AT_HAND):
            journal.read(case_id(number))
    events = iter(ready.events)

    def append() -> None:
        event = next(events)
        journal.append(event.case_id, [event], expected=event.seq - 1)

    return append


def _append_to_sqlite(folder: Path, ready: Prepared) -> Figure:
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        open_journal(f"sqlite:///{name}/append.sqlite", create=True) as journal,
        closing(_bare_sqlite(Path(name) / "append-bare.sqlite")) as bare,
    ):
        _many(bare, ready.rows[:HELD])
        rows = iter(ready.rows[HELD:])

        def insert() -> None:
            bare.execute("BEGIN IMMEDIATE")
            bare.execute(INSERT, next(rows))
            bare.execute("COMMIT")

        return figure(
            f"one durable append, SQLite, {ready.name}",
            turns(_ours(journal, ready), insert, rounds=ROUNDS, calls=CALLS),
            baseline_name="bare sqlite3 INSERT + COMMIT of the same row, same constraints (WAL, synchronous=FULL)",
            target=1.4,
        )


def _append_to_postgresql(url: str, ready: Prepared) -> Figure:
    with (
        schema(url) as ours,
        schema(url) as theirs,
        open_journal(ours, create=True) as journal,
        connect(theirs) as bare,
    ):
        bare.execute(TABLE)
        bare.execute(FIRST)
        _copy(bare, ready.rows[:HELD])
        bare.autocommit = False
        rows = iter(ready.rows[HELD:])
        statement = INSERT.replace("?", "%s")

        def insert() -> None:
            bare.execute(statement, next(rows))
            bare.commit()

        return figure(
            f"one durable append, PostgreSQL, {ready.name}",
            turns(_ours(journal, ready), insert, rounds=ROUNDS, calls=CALLS),
            baseline_name="bare psycopg INSERT + COMMIT of the same row, same constraints (synchronous_commit=on)",
            target=1.4,
        )


# ---------------------------------------------------------------- in bulk


def _load(journal: Journal, ready: list[bytes]) -> None:
    assert isinstance(journal, Bulk)
    for start in range(0, len(ready), CHUNK):
        journal.load(ready[start : start + CHUNK])


def _bare_sqlite(path: Path) -> sqlite3.Connection:
    bare = sqlite3.connect(path, isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("PRAGMA synchronous=FULL")
    bare.execute(TABLE.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY"))
    bare.execute(FIRST)
    return bare


def _same_sqlite(path: Path) -> sqlite3.Connection:
    open_journal(f"sqlite:///{path}", create=True).close()
    same = sqlite3.connect(path, isolation_level=None)
    same.execute("PRAGMA synchronous=FULL")
    return same


def _many(bare: sqlite3.Connection, rows: list[Row], *, table: str = BARE) -> None:
    bare.execute("BEGIN IMMEDIATE")
    bare.executemany(INSERT.replace(f" {BARE} ", f" {table} "), rows)
    bare.execute("COMMIT")


def _copy(bare: psycopg.Connection, rows: list[Row], *, table: str = BARE) -> None:
    with (
        bare.transaction(),
        bare.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN") as to,
    ):
        for each in rows:
            to.write_row(each)


@contextmanager
def _still() -> Iterator[None]:
    """What was made ready is no business of the garbage collector while something else is timed."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _in_bulk(
    name: str,
    ours: Iterator[Journal],
    theirs: Iterator[Callable[[list[Row]], None]],
    baseline: str,
    *,
    target: float | None,
) -> Figure:
    """Each round into a store of its own: ours in chunks, each a transaction; the baseline in one.

    Ours is given bodies, and checks each: an event, canonical, the next of its case, linked to the one before it. The
    baseline is given the rows that come of it, ready, and checks nothing but what the table does.
    """
    ready = list(bodies(BULK))
    rows = [row(position, body) for position, body in enumerate(ready, 1)]
    with _still():
        pair = turns(lambda: _load(next(ours), ready), lambda: next(theirs)(rows), rounds=BULK_ROUNDS)
    each = pair._replace(ours=pair.ours / BULK, baseline=pair.baseline / BULK)
    told = f"{baseline}; processor time of this process: {pair.processor:.2f}"
    return figure(f"import in bulk, {name}, per event", each, baseline_name=told, target=target)


READINGS = {SAME: "into the same table, with its triggers", BARE: "into a table without the triggers"}
"""What a bulk import is compared with: the driver, which leaves the table as safe as ours does, or less so."""
TARGETS = {SAME: 2.0, BARE: None}
"""It is held against the same table; the other ratio is told, so that the price of the triggers is seen."""


def _load_into_sqlite(folder: Path) -> Iterator[Figure]:
    for table, said in READINGS.items():
        made = _same_sqlite if table == SAME else _bare_sqlite
        with ExitStack() as stack:
            names = [f"bulk-{table}-{number}" for number in range(BULK_ROUNDS + 1)]
            urls = [f"sqlite:///{folder / name}.sqlite" for name in names]
            ours = [stack.enter_context(open_journal(url, create=True)) for url in urls]
            dbs = [stack.enter_context(closing(made(folder / f"{name}-bare.sqlite"))) for name in names]
            theirs: list[Callable[[list[Row]], None]] = [partial(_many, db, table=table) for db in dbs]
            baseline = f"bare sqlite3 executemany of ready tuples in one transaction, {said}"
            yield _in_bulk(
                f"SQLite, against the driver {said}", iter(ours), iter(theirs), baseline, target=TARGETS[table]
            )


def _load_into_postgresql(url: str) -> Iterator[Figure]:
    for table, said in READINGS.items():
        with ExitStack() as stack:
            ours: list[Journal] = []
            theirs: list[Callable[[list[Row]], None]] = []
            for _ in range(BULK_ROUNDS + 1):
                ours.append(stack.enter_context(open_journal(stack.enter_context(schema(url)), create=True)))
                place = stack.enter_context(schema(url))
                db = stack.enter_context(connect(place))
                if table == SAME:
                    open_journal(place, create=True).close()
                else:
                    db.execute(TABLE)
                    db.execute(FIRST)
                theirs.append(partial(_copy, db, table=table))
            baseline = f"bare psycopg COPY of ready tuples in one transaction, {said}"
            yield _in_bulk(
                f"PostgreSQL, against the driver {said}", iter(ours), iter(theirs), baseline, target=TARGETS[table]
            )


# ---------------------------------------------------------------- opening a file


def _open_file(folder: Path) -> Iterator[Figure]:
    path = folder / "large.jsonl"
    with path.open("wb") as file:
        file.writelines(body + b"\n" for body in bodies(FILE))

    def again() -> None:
        with JsonlJournal(path) as journal:
            assert journal.size() == FILE

    def first() -> None:
        path.with_name("large.jsonl.index").unlink(missing_ok=True)
        again()

    def parsed() -> None:
        with path.open("rb") as file:
            for line in file:
                json.loads(line)

    for name, ours, target in (("for the first time", first, 1.0), ("from its index", again, 0.25)):
        yield figure(
            f"opening a file of {FILE:,} events, {name}",
            turns(ours, parsed, rounds=FILE_ROUNDS),
            baseline_name="json.loads of every line of it",
            target=target,
        )
