"""OCEL 2.0 as files: the SQLite form, and the JSON form written from it.

Both are filled while the log is read; what has been seen is kept in the SQLite file, not in memory. Times are written
in UTC; in JSON every value is a string, its type stands with the type of event or object. The state of a case is an
attribute that changes, with the moment of each change. The first value of an attribute has the time 1970-01-01.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from shuroflow.audit.exports.log import CaseLog, Exported, Logged, Type, attributes, types_of
from shuroflow.audit.exports.ocel import CASE, Thing, case_thing, event_id, states, touches
from shuroflow.vocabulary import Lang

EPOCH = "1970-01-01T00:00:00+00:00"
_CASE_TYPES: dict[str, Type] = {"name": "string", "programme": "string", "state": "string"}
_THING_TYPES: dict[str, Type] = {"name": "string"}
_SQL = {"string": "TEXT", "time": "TIMESTAMP", "integer": "INTEGER", "boolean": "BOOLEAN"}
_TABLES = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (
  ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES event_map_type (ocel_type)
);
CREATE TABLE object (
  ocel_id TEXT PRIMARY KEY, ocel_type TEXT, FOREIGN KEY (ocel_type) REFERENCES object_map_type (ocel_type)
);
CREATE TABLE event_object (
  ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
  PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier),
  FOREIGN KEY (ocel_event_id) REFERENCES event (ocel_id), FOREIGN KEY (ocel_object_id) REFERENCES object (ocel_id)
);
CREATE TABLE object_object (
  ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
  PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier),
  FOREIGN KEY (ocel_source_id) REFERENCES object (ocel_id), FOREIGN KEY (ocel_target_id) REFERENCES object (ocel_id)
);
"""


def write_ocel_sqlite(items: Iterable[Logged], path: str | Path, *, lang: Lang = "ja") -> Exported:
    """Write the log into a new or empty file ``path`` as an SQLite database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        return _fill(database, items, lang)


def write_ocel_json(
    items: Iterable[Logged],
    out: TextIO,
    *,
    lang: Lang = "ja",
) -> Exported:
    """Write the log as one JSON object, an event or object on each line. It passes through a temporary database."""
    with (
        tempfile.TemporaryDirectory(prefix="shuroflow-") as folder,
        closing(sqlite3.connect(Path(folder) / "log.sqlite", isolation_level=None)) as database,
    ):
        done = _fill(database, items, lang)
        out.writelines(_json(database))
    return done


# Into the tables ------------------------------------------------------------------------------------------------------


def _fill(database: sqlite3.Connection, items: Iterable[Logged], lang: Lang) -> Exported:
    done = Exported()
    database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")
    database.execute("BEGIN")
    for statement in _TABLES.split(";"):
        database.execute(statement)
    writer = _Writer(database)
    for item in items:
        done.count(item)
        if isinstance(item, CaseLog):
            writer.case(item, lang)
    database.execute("COMMIT")
    done.objects = database.execute("SELECT count(*) FROM object").fetchone()[0]
    return done


class _Writer:
    """Fills the tables; those of a type are made when the type is first met."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._run = database.execute
        self._made: set[str] = set()

    def case(self, case: CaseLog, lang: Lang) -> None:
        own = case_thing(case.case_id)
        self._thing(own, {"programme": case.programme})
        values = {"name": case.case_id, "programme": case.programme}
        changes = list(states(case))
        if changes:
            values["state"] = changes[0][1]
        # A case that another one named before it was read stands there without its attributes.
        self._run(f"DELETE FROM {_name('object', CASE)} WHERE ocel_id = ?", (own.id,))
        self._insert("object", CASE, {"ocel_id": own.id, "ocel_time": EPOCH, **values})
        for step, state in changes[1:]:
            change = {"ocel_id": own.id, "ocel_time": _utc(step.event.recorded_at), "ocel_changed_field": "state"}
            self._insert("object", CASE, {**change, "state": state})
        for step in case.steps:
            kind, of_event = step.event.kind, event_id(step)
            self._type("event", kind, types_of(kind))
            self._run("INSERT INTO event VALUES (?, ?)", (of_event, kind))
            row = {key: _stored(value) for key, _, value in attributes(step, lang=lang)}
            self._insert("event", kind, {"ocel_id": of_event, "ocel_time": _utc(step.event.recorded_at), **row})
            for touch in touches(step):
                self._thing(touch.thing, {})
                key = (of_event, touch.thing.id, touch.qualifier)
                self._run("INSERT INTO event_object VALUES (?, ?, ?)", key)
                if touch.qualifier == "prior_case_id":
                    self._link(own.id, touch.thing.id, "prior_case")

    def _thing(self, thing: Thing, values: dict[str, str]) -> None:
        self._type("object", thing.type, _CASE_TYPES if thing.type == CASE else _THING_TYPES)
        new = self._run("INSERT OR IGNORE INTO object VALUES (?, ?)", (thing.id, thing.type)).rowcount
        if new:
            row = {"ocel_id": thing.id, "ocel_time": EPOCH, "name": thing.name, **values}
            self._insert("object", thing.type, row)
            if thing.case_id is not None:
                self._link(thing.id, case_thing(thing.case_id).id, CASE)

    def _link(self, source: str, target: str, qualifier: str) -> None:
        self._run("INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)", (source, target, qualifier))

    def _type(self, table: str, kind: str, columns: dict[str, Type]) -> None:
        name = _name(table, kind)
        if name in self._made:
            return
        self._made.add(name)
        head = "ocel_id TEXT PRIMARY KEY" if table == "event" else "ocel_id TEXT"
        more = ", ocel_changed_field TEXT" if table == "object" else ""
        own = "".join(f", {_quoted(key)} {_SQL[of]}" for key, of in columns.items())
        refers = f"FOREIGN KEY (ocel_id) REFERENCES {table} (ocel_id)"
        self._run(f"CREATE TABLE {name} ({head}, ocel_time TIMESTAMP{more}{own}, {refers})")
        if table == "object":  # a type of event has its key; an object has a row for each change
            self._run(f"CREATE INDEX {_quoted(f'of_object_{_mapped(kind)}')} ON {name} (ocel_id)")
        self._run(f"INSERT INTO {table}_map_type VALUES (?, ?)", (kind, _mapped(kind)))

    def _insert(self, table: str, kind: str, row: dict[str, Any]) -> None:
        names = ", ".join(map(_quoted, row))
        places = ", ".join("?" for _ in row)
        self._run(f"INSERT INTO {_name(table, kind)} ({names}) VALUES ({places})", tuple(row.values()))


def _mapped(kind: str) -> str:
    """What the table of a type is called after ``event_`` or ``object_``: those two words are taken."""
    return f"{kind}_" if kind in {"map_type", "object"} else kind


def _name(table: str, kind: str) -> str:
    return _quoted(f"{table}_{_mapped(kind)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _stored(value: Any) -> Any:
    return _utc(value) if isinstance(value, datetime) else value


# Out as JSON ----------------------------------------------------------------------------------------------------------


def _json(database: sqlite3.Connection) -> Iterator[str]:
    database.row_factory = sqlite3.Row
    kinds = {
        table: {
            kind: {key: of for key, of in known(kind).items() if _used(database, table, kind, key)}
            for (kind,) in database.execute(f"SELECT ocel_type FROM {table}_map_type ORDER BY rowid")
        }
        for table, known in (("event", types_of), ("object", lambda k: _CASE_TYPES if k == CASE else _THING_TYPES))
    }
    yield "{"
    for table in ("event", "object"):
        types = [
            {"name": kind, "attributes": [{"name": key, "type": of} for key, of in columns.items()]}
            for kind, columns in kinds[table].items()
        ]
        yield f'"{table}Types": {_dumps(types)},\n'
    yield '"events": ['
    yield from _lines(_event(database, row, kinds["event"]) for row in _all(database, "event"))
    yield '],\n"objects": ['
    yield from _lines(_object(database, row, kinds["object"]) for row in _all(database, "object"))
    yield "]}\n"


def _all(database: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    yield from database.execute(f"SELECT ocel_id, ocel_type FROM {table} ORDER BY rowid")


def _used(database: sqlite3.Connection, table: str, kind: str, key: str) -> bool:
    found = database.execute(f"SELECT 1 FROM {_name(table, kind)} WHERE {_quoted(key)} IS NOT NULL LIMIT 1")
    return found.fetchone() is not None


def _event(database: sqlite3.Connection, head: sqlite3.Row, kinds: dict[str, dict[str, Type]]) -> dict[str, Any]:
    own, kind = head
    row = database.execute(f"SELECT * FROM {_name('event', kind)} WHERE ocel_id = ?", (own,)).fetchone()
    refers = database.execute(
        "SELECT ocel_object_id, ocel_qualifier FROM event_object WHERE ocel_event_id = ? ORDER BY rowid", (own,)
    )
    return {
        "id": own,
        "type": kind,
        "time": row["ocel_time"],
        "attributes": [
            {"name": key, "value": _text(row[key], of)} for key, of in kinds[kind].items() if row[key] is not None
        ],
        "relationships": [{"objectId": thing, "qualifier": qualifier} for thing, qualifier in refers],
    }


def _object(database: sqlite3.Connection, head: sqlite3.Row, kinds: dict[str, dict[str, Type]]) -> dict[str, Any]:
    own, kind = head
    rows = database.execute(f"SELECT * FROM {_name('object', kind)} WHERE ocel_id = ? ORDER BY rowid", (own,))
    values = [
        {"name": key, "time": row["ocel_time"], "value": _text(row[key], of)}
        for row in rows
        for key, of in kinds[kind].items()
        if row[key] is not None
    ]
    refers = database.execute(
        "SELECT ocel_target_id, ocel_qualifier FROM object_object WHERE ocel_source_id = ? ORDER BY rowid", (own,)
    )
    made: dict[str, Any] = {"id": own, "type": kind, "attributes": values}
    if links := [{"objectId": target, "qualifier": qualifier} for target, qualifier in refers]:
        made["relationships"] = links
    return made


def _text(value: Any, of: Type) -> str:
    if of == "boolean":
        return "true" if value else "false"
    return str(value)


def _lines(objects: Iterable[dict[str, Any]]) -> Iterator[str]:
    between = "\n"
    for each in objects:
        yield between + _dumps(each)
        between = ",\n"
    yield "\n"


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


__all__ = ["EPOCH", "write_ocel_json", "write_ocel_sqlite"]
