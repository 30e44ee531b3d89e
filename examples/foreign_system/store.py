"""What is kept: cases and acts as rows of SQLite, and beside them registers of periods and duties for the lists."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

SCHEMA = """
CREATE TABLE cases (id TEXT PRIMARY KEY, programme TEXT NOT NULL, state TEXT NOT NULL, last_day TEXT NOT NULL);
CREATE TABLE acts (
    case_id TEXT NOT NULL REFERENCES cases (id), number INTEGER NOT NULL, name TEXT NOT NULL, day TEXT NOT NULL,
    person TEXT NOT NULL, role TEXT NOT NULL, written TEXT NOT NULL, remark TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
);
CREATE TABLE periods (case_id TEXT PRIMARY KEY REFERENCES cases (id), first_day TEXT NOT NULL, last_day TEXT NOT NULL);
CREATE TABLE duties (
    case_id TEXT NOT NULL REFERENCES cases (id), clause TEXT NOT NULL, about TEXT NOT NULL, due TEXT, late_after TEXT,
    PRIMARY KEY (case_id, clause, about)
);
"""


@dataclass(frozen=True)
class Act:
    """Something that was done: its number in the case, its day, who wrote it down and when, what was filled in."""

    number: int
    name: str
    day: str
    person: str
    role: str
    written: str
    remark: str | None
    body: dict[str, Any]

    def __getitem__(self, field: str) -> Any:
        return self.body.get(field)


@dataclass(frozen=True)
class Duty:
    """Something still to be done. ``about`` tells two duties of one clause apart."""

    clause: str
    about: str = ""
    due: str | None = None
    late_after: str | None = None


class Store:
    """The tables."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(SCHEMA)

    def acts(self, case_id: str) -> list[Act]:
        """All acts of a case in the order in which they were written down."""
        rows = self._db.execute(
            "SELECT number, name, day, person, role, written, remark, body FROM acts WHERE case_id = ? ORDER BY number",
            (case_id,),
        )
        return [Act(*row[:-1], body=json.loads(row[-1])) for row in rows]

    def count(self, case_id: str) -> int:
        """How many acts of a case are written down."""
        (number,) = self._db.execute("SELECT count(*) FROM acts WHERE case_id = ?", (case_id,)).fetchone()
        return int(number)

    def programme(self, case_id: str) -> str | None:
        """The programme of a case, if there is such a case."""
        row = self._db.execute("SELECT programme FROM cases WHERE id = ?", (case_id,)).fetchone()
        return None if row is None else row[0]

    def last_day(self, case_id: str) -> str:
        """The latest day of any act of a case."""
        (day,) = self._db.execute("SELECT last_day FROM cases WHERE id = ?", (case_id,)).fetchone()
        return str(day)

    def period(self, case_id: str) -> tuple[str, str] | None:
        """First and last day, as the register has them."""
        row = self._db.execute("SELECT first_day, last_day FROM periods WHERE case_id = ?", (case_id,)).fetchone()
        return None if row is None else (row[0], row[1])

    def duties(self, case_id: str) -> list[Duty]:
        """What is open, as the register has it."""
        rows = self._db.execute("SELECT clause, about, due, late_after FROM duties WHERE case_id = ?", (case_id,))
        return [Duty(*row) for row in rows]

    def keep(
        self,
        case_id: str,
        programme: str,
        act: Act | None,
        *,
        state: str,
        day: str,
        period: tuple[str, str] | None,
        duties: Iterable[Duty],
    ) -> None:
        """Write an act and bring the registers up to date, all or nothing."""
        db = self._db
        db.execute("BEGIN")
        db.execute(
            "INSERT INTO cases VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET state = excluded.state, last_day = max(last_day, excluded.last_day)",
            (case_id, programme, state, day),
        )
        if act is not None:
            body = json.dumps(act.body, ensure_ascii=False)
            row = (case_id, act.number, act.name, act.day, act.person, act.role, act.written, act.remark, body)
            db.execute("INSERT INTO acts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        db.execute("DELETE FROM periods WHERE case_id = ?", (case_id,))
        if period is not None:
            db.execute("INSERT INTO periods VALUES (?, ?, ?)", (case_id, *period))
        db.execute("DELETE FROM duties WHERE case_id = ?", (case_id,))
        db.executemany(
            "INSERT INTO duties VALUES (?, ?, ?, ?, ?)",
            [(case_id, each.clause, each.about, each.due, each.late_after) for each in duties],
        )
        db.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        self._db.close()
