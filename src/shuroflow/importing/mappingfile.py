"""A mapping read from TOML; every wrong key and value is told by its key, all at once.

A field is given as a constant, as ``{ column = "…" }``, or as a table of the fields of a part; a list as a list of
these, as one cell that is ``split``, or as one element from each of several ``rows``. What a field may be is decided by
its type in the payload of the event.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time, timedelta, timezone, tzinfo
from typing import Any

from shuroflow.errors import InputError, UnknownEvent, UnknownProgramme
from shuroflow.events.envelope import payload_class
from shuroflow.events.shapes import Leaf, Many, Maybe, Part, Plain, Shape, fields_of
from shuroflow.events.structure import did_you_mean
from shuroflow.importing.csvfile import ENCODINGS
from shuroflow.importing.mapping import (
    Cell,
    Condition,
    Constant,
    Fields,
    Listed,
    Mapping,
    Moment,
    Order,
    Rows,
    Rule,
    Source,
    Split,
)
from shuroflow.storage.codec import Line

_TOP = ("encoding", "delimiter", "skip", "columns", "blank", "offset", "order", "ignore", "unused", "tables")
_CELL = ("column", "pattern", "table", "default", "format", "json")
_ENVELOPE = ("case_id", "occurred_on", "recorded_at", "recorded_by", "note", "commitment")
_NEEDED = ("case_id", "occurred_on", "recorded_at", "recorded_by")
_OFFSET = re.compile(r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))")


def parse_mapping(text: str) -> Mapping:
    """Read a mapping.

    Raises:
        InputError: if it is no TOML, or a key or value is wrong; ``problems`` names every one by its key.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the mapping is not TOML: {error}") from None
    return _Reader().mapping(table)


class _Reader:
    """Turns the tables of a mapping into its parts, and gathers what is wrong."""

    def __init__(self) -> None:
        self._problems: list[str] = []
        self._tables: dict[str, dict[str, Any]] = {}

    def mapping(self, table: dict[str, Any]) -> Mapping:
        self._known(table, (*_TOP, "programme", "common", "event"), "")
        for name, codes in self._table(table, "tables", "").items():
            if isinstance(codes, dict) and not any(isinstance(code, dict | list) for code in codes.values()):
                self._tables[name] = codes
            else:
                self._wrong(f"tables.{name}", "a code table holds one value for each code")
        values: dict[str, Any] = {
            "encoding": self._encoding(table),
            "delimiter": self._text(table, "delimiter", ",", lambda text: len(text) == 1, "one character"),
            "skip": self._skip(table),
            "blank": frozenset(self._texts(table, "blank", ("",))),
            "unused": frozenset(self._texts(table, "unused", ())),
            "offset": self._offset(table),
            "order": self._order(table),
            "ignore": tuple(self._conditions(table.get("ignore", []), "ignore")),
        }
        if "columns" in table:
            values["columns"] = self._texts(table, "columns", ())
            if len(set(values["columns"])) < len(values["columns"]):
                self._wrong("columns", "a name stands twice")
        rules = table.get("event")
        if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
            self._wrong("event", "needs at least one [[event]]")
            rules = []
        common = self._table(table, "common", "")
        self._known(common, (*_ENVELOPE, "programme"), "common")
        made = [self._rule(at, rule, common, table.get("programme")) for at, rule in enumerate(rules, 1)]
        if self._problems:
            more = f" (and {len(self._problems) - 1} more: see problems)" if len(self._problems) > 1 else ""
            raise InputError(f"{self._problems[0]}{more}", problems=self._problems)
        return Mapping(rules=tuple(rule for rule in made if rule is not None), **values)

    # -- the file

    def _encoding(self, table: dict[str, Any]) -> str:
        name = str(table.get("encoding", "utf-8")).lower().replace("_", "-").replace("shift-jis", "shift_jis")
        if name not in ENCODINGS:
            self._wrong("encoding", did_you_mean(name, ENCODINGS, what="encodings"))
        return name

    def _skip(self, table: dict[str, Any]) -> int:
        skip = table.get("skip", 0)
        if type(skip) is not int or skip < 0:
            self._wrong("skip", "a number of rows before the headings, from 0")
            return 0
        return skip

    def _offset(self, table: dict[str, Any]) -> tzinfo | None:
        text = table.get("offset")
        if text is None:
            return None
        match = _OFFSET.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            self._wrong("offset", f'{text!r} is no offset from UTC; write it like "+09:00"')
            return None
        sign = -1 if match[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(match[2] or 0), minutes=int(match[3] or 0)))

    def _order(self, table: dict[str, Any]) -> Order | Cell:
        order = table.get("order", "recorded_at")
        if isinstance(order, dict):
            cell = self._cell(order, Leaf(int), "order", piece=False)
            return cell if isinstance(cell, Cell) else "rows"
        if order not in ("recorded_at", "occurred_on", "rows"):
            self._wrong("order", 'one of "recorded_at", "occurred_on", "rows", or { column = "…" } with numbers')
            return "rows"
        found: Order = order
        return found

    # -- rules

    def _rule(self, number: int, table: dict[str, Any], common: dict[str, Any], programme: Any) -> Rule | None:
        path = f"event[{number}]"
        self._known(table, ("event", "when", "together", "data", "programme", *_ENVELOPE), path)
        code = table.get("programme", common.get("programme", programme))
        event = table.get("event")
        if not isinstance(code, str):
            self._wrong(
                f"{path}.programme", 'the code of a programme, such as "saitama", is needed, here or at the top'
            )
            return None
        if not isinstance(event, str):
            self._wrong(f"{path}.event", "the name of an event is needed")
            return None
        try:
            payload = payload_class(code, event)
        except UnknownProgramme as error:
            self._wrong(f"{path}.programme", error.message)
            return None
        except UnknownEvent as error:
            self._wrong(f"{path}.event", error.message)
            return None
        shapes = {field.name: field.shape for field in fields_of(Line)}
        given = {name: table.get(name, common.get(name)) for name in _ENVELOPE}
        for name in _NEEDED:
            if given[name] is None:
                self._wrong(f"{path}.{name}", "is needed, here or in [common]")
        envelope = {
            name: self._source(found, shapes[name], f"{path if name in table else 'common'}.{name}")
            for name, found in given.items()
            if found is not None
        }
        data = self._fields(self._table(table, "data", path), payload, f"{path}.data")
        together = self._texts(table, "together", (), path=path)
        if not together and any(isinstance(each, Rows) for each in _all(data)):
            self._wrong(f"{path}.together", "`rows` needs the columns in which the rows of one event agree")
        return Rule(
            number=number,
            event=event,
            programme=code,
            when=tuple(self._conditions(table.get("when", []), f"{path}.when")),
            together=together,
            envelope=Fields(envelope),
            data=data,
        )

    def _conditions(self, given: Any, path: str) -> Iterator[Condition]:
        for at, table in enumerate(given if isinstance(given, list) else [given], 1):
            where = f"{path}[{at}]" if isinstance(given, list) else path
            if not isinstance(table, dict) or not isinstance(table.get("column"), str):
                self._wrong(where, 'a condition is { column = "…", is = "…" } or { column = "…" }')
                continue
            self._known(table, ("column", "is"), where)
            values = self._texts(table, "is", (), path=where) if "is" in table else None
            yield Condition(table["column"], values)

    # -- sources

    def _source(self, given: Any, shape: Shape, path: str, *, piece: bool = False) -> Source:
        while isinstance(shape, Maybe):
            shape = shape.of
        match shape:
            case Part(cls):
                if isinstance(given, dict):
                    return self._fields(given, cls, path, piece=piece)
                self._wrong(path, f"a table of {', '.join(field.name for field in fields_of(cls))}")
                return Constant(None)
            case Many(of):
                return self._list(given, of, path)
            case Plain():
                if isinstance(given, dict) and given.get("json") is True:
                    return self._cell(given, shape, path, piece=piece)
                self._wrong(path, '{ column = "…", json = true }')
                return Constant(None)
            case Leaf():
                if isinstance(given, dict):
                    if set(given) == {"date", "time"}:
                        return self._moment(given, path)
                    return self._cell(given, shape, path, piece=piece)
                if isinstance(given, list):
                    self._wrong(path, "one value, not a list")
                return Constant(given.isoformat() if isinstance(given, date | time) else given)

    def _fields(self, given: dict[str, Any], cls: type, path: str, *, piece: bool = False) -> Fields:
        shapes = {field.name: field.shape for field in fields_of(cls)}
        self._known(given, tuple(shapes), path)
        return Fields(
            {
                name: self._source(found, shapes[name], f"{path}.{name}", piece=piece)
                for name, found in given.items()
                if name in shapes
            }
        )

    def _list(self, given: Any, of: Shape, path: str) -> Source:
        if isinstance(given, list):
            return Listed(tuple(self._source(each, of, f"{path}[{at}]") for at, each in enumerate(given, 1)))
        if isinstance(given, dict) and "rows" in given:
            self._known(given, ("rows",), path)
            return Rows(self._source(given["rows"], of, f"{path}.rows"))
        if isinstance(given, dict) and "split" in given:
            if isinstance(of, Leaf) and "each" not in given:
                each = self._cell(
                    {k: v for k, v in given.items() if k not in ("column", "split")}, of, path, piece=True
                )
            else:
                self._known(given, ("column", "split", "each"), path)
                each = self._source(given.get("each"), of, f"{path}.each", piece=True)
            column = given.get("column")
            at = self._texts(given, "split", (), path=path)
            if not isinstance(column, str) or not at or "" in at:
                self._wrong(path, '{ column = "…", split = "、" }')
                return Constant(None)
            return Split(column, at, each)
        self._wrong(path, 'a list [ … ], { column = "…", split = "…" } or { rows = … }')
        return Constant(None)

    def _moment(self, given: dict[str, Any], path: str) -> Source:
        day = self._cell(given["date"], Leaf(date), f"{path}.date", piece=False)
        at = given["time"]
        if isinstance(at, time):
            at = at.isoformat()
        clock: Source = self._cell(at, Leaf(str), f"{path}.time", piece=False) if isinstance(at, dict) else Constant(at)
        if isinstance(clock, Constant) and not isinstance(clock.value, str):
            self._wrong(f"{path}.time", 'a time such as "17:00", or { column = "…" }')
        if isinstance(day, Cell) and isinstance(clock, Cell | Constant):
            return Moment(day, clock)
        return Constant(None)

    def _cell(self, given: Any, shape: Leaf | Plain, path: str, *, piece: bool) -> Source:
        if not isinstance(given, dict):
            self._wrong(path, '{ column = "…" }')
            return Constant(None)
        self._known(given, _CELL, path)
        column = given.get("column")
        if not (isinstance(column, str) or (piece and column is None)):
            self._wrong(f"{path}.column", "the heading of a column is needed")
        default = given.get("default")
        return Cell(
            column=column,
            hint=shape.type if isinstance(shape, Leaf) else None,
            pattern=self._pattern(given, path),
            table=self._codes(given, path),
            default=default.isoformat() if isinstance(default, date | time) else default,
            form=self._text(given, "format", None, bool, "a form such as %Y%m%d", path=path),
            json=isinstance(shape, Plain),
        )

    def _pattern(self, given: dict[str, Any], path: str) -> re.Pattern[str] | None:
        if "pattern" not in given:
            return None
        try:
            pattern = re.compile(given["pattern"], re.DOTALL)
        except (re.error, TypeError) as error:
            self._wrong(f"{path}.pattern", f"is no regular expression: {error}")
            return None
        if pattern.groups > 1:
            self._wrong(f"{path}.pattern", "has more than one group; the value is what the one group matches")
        return pattern

    def _codes(self, given: dict[str, Any], path: str) -> dict[str, Any] | None:
        codes = given.get("table")
        if codes is None or isinstance(codes, dict):
            return codes
        if codes not in self._tables:
            self._wrong(
                f"{path}.table", f"there is no [tables.{codes}]; " + did_you_mean(codes, self._tables, what="tables")
            )
        return self._tables.get(codes, {})

    # -- simple values

    def _table(self, table: dict[str, Any], key: str, path: str) -> dict[str, Any]:
        found = table.get(key, {})
        if not isinstance(found, dict):
            self._wrong(f"{path}.{key}" if path else key, "is a table")
            return {}
        return found

    def _texts(self, table: dict[str, Any], key: str, default: Sequence[str], *, path: str = "") -> tuple[str, ...]:
        found = table.get(key, list(default))
        found = [found] if isinstance(found, str) else found
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            self._wrong(f"{path}.{key}" if path else key, "a text, or a list of texts")
            return ()
        return tuple(found)

    def _text(
        self, table: dict[str, Any], key: str, default: Any, fits: Callable[[str], bool], what: str, *, path: str = ""
    ) -> Any:
        found = table.get(key, default)
        if found is not default and not (isinstance(found, str) and fits(found)):
            self._wrong(f"{path}.{key}" if path else key, f"{found!r} is not {what}")
            return default
        return found

    def _known(self, table: Iterable[str], known: Sequence[str], path: str) -> None:
        for key in table:
            if key not in known:
                self._wrong(f"{path}.{key}" if path else key, f"unknown key; {did_you_mean(key, known, what='keys')}")

    def _wrong(self, key: str, said: str) -> None:
        problem = f"{key}: {said}"
        if problem not in self._problems:
            self._problems.append(problem)


def _all(source: Source) -> Iterator[Source]:
    yield source
    inner: Iterable[Source] = ()
    if isinstance(source, Fields):
        inner = source.of.values()
    elif isinstance(source, Listed):
        inner = source.of
    elif isinstance(source, Split | Rows):
        inner = (source.each,)
    for each in inner:
        yield from _all(each)


__all__ = ["parse_mapping"]
