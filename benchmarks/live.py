"""The live desk on SQLite: load a case, judge one event, append it durably."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.measure import Figure, figure, turns
from shuroflow import Actor, Caseload, Role, open_journal, saitama
from shuroflow.simulation.plan import JST
from shuroflow.storage.codec import encode

ROUNDS, CALLS = 41, 25
CASES = 500


class SupportCase(Aggregate):
    """The least that the other library needs to keep the same facts of a case."""

    @event("Opened")
    def __init__(self, case: str) -> None:
        self.case = case
        self.activities: list[dict[str, str]] = []

    @event("ActivityRecorded")
    def record_activity(self, activity: dict[str, str]) -> None:
        """Keep the fact."""
        self.activities.append(activity)


@contextmanager
def _desk(folder: Path) -> Iterator[tuple[Caseload, list[str]]]:
    """A journal with open cases, each in support."""
    e = saitama
    cw, sv, es = Actor("cw-1", Role.CASEWORKER), Actor("sv-1", Role.SUPERVISOR), Actor("es-1", Role.SPECIALIST)
    with open_journal(f"sqlite:///{folder / 'ours.sqlite'}", create=True) as journal:
        desk = Caseload(journal, clock=lambda: datetime(2025, 4, 15, 17, tzinfo=JST))
        names = [f"case-{number:04d}" for number in range(CASES)]
        for name in names:
            day = date(2025, 4, 1)
            desk.open(name, "saitama", e.Listed(), on=day, by=cw)
            selection = e.Selected(
                attendees=(sv, cw, es),
                target_class=e.TargetClass.A,
                status=e.AssistanceStatus.RECIPIENT,
                responsible_office=True,
                compelling_reason=False,
                working=False,
                ledger_consulted=True,
            )
            desk.record(name, selection, on=day, by=cw)
            desk.record(name, e.Consented(scope=tuple(e.ConsentObject)), on=day, by=es)
            goals = tuple(e.Goal(id=h.value, horizon=h, text="働く") for h in e.Horizon)
            desk.record(name, e.GoalsSet(goals=goals), on=day, by=es)
            specialist = e.Specialist(id="es-1", qualifications=(e.Qualification.EMPLOYMENT,))
            desk.record(name, e.SupportStarted(specialist=specialist, start_on=day), on=day, by=es)
        yield desk, names


def figures() -> Iterator[Figure]:
    """Against a bare INSERT and COMMIT of the same bytes, and against an event-sourcing library."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        es = Actor("es-1", Role.SPECIALIST)
        visit = saitama.ActivityRecorded(kind=saitama.SupportKind.CONSULTATION, mode=saitama.ContactMode.HOME_VISIT)
        with _desk(folder) as (desk, cases):
            turn = iter(range(1 << 62))

            def ours() -> None:
                desk.record(cases[next(turn) % CASES], visit, on=date(2025, 4, 15), by=es)

            body = encode(desk.journal.read(cases[0])[-1])
            bare = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
            bare.execute("PRAGMA journal_mode=WAL")
            bare.execute("PRAGMA synchronous=FULL")
            bare.execute("CREATE TABLE event (position INTEGER PRIMARY KEY, body BLOB NOT NULL)")

            def insert() -> None:
                bare.execute("BEGIN IMMEDIATE")
                bare.execute("INSERT INTO event (body) VALUES (?)", (body,))
                bare.execute("COMMIT")

            pair = turns(ours, insert, rounds=ROUNDS, calls=CALLS)
            yield figure(
                "live: load, judge, append durably on SQLite",
                pair,
                baseline_name="bare sqlite3 INSERT + COMMIT of the same bytes (WAL, synchronous=FULL)",
                target=1.6,
            )

            application = Application[str](
                env={
                    "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                    "SQLITE_DBNAME": str(folder / "other.sqlite"),
                    "SQLITE_LOCK_TIMEOUT": "10",
                }
            )
            ids = []
            for case in cases:
                aggregate = SupportCase(case=case)
                for number in range(4):
                    aggregate.record_activity(activity={"kind": "other", "day": f"2025-04-0{number + 1}"})
                application.save(aggregate)
                ids.append(aggregate.id)
            fact = {"kind": "consultation", "mode": "home_visit", "day": "2025-04-15"}
            other_turn = iter(range(1 << 62))

            def other() -> None:
                found = application.repository.get(ids[next(other_turn) % CASES])
                assert isinstance(found, SupportCase)
                found.record_activity(activity=fact)
                application.save(found)

            pair = turns(ours, other, rounds=ROUNDS, calls=CALLS)
            yield figure(
                "live: the same against another library",
                pair,
                baseline_name="eventsourcing: load + event + save on SQLite (WAL, synchronous=FULL)",
                target=0.5,
            )
            application.close()
            bare.close()
