"""The clauses of a 要綱 as data: what each says in our words, how it binds, and where the library gives effect to it.

A programme's table is TOML text. The two built-in ones lie in the package; a plug-in hands its own text to
:meth:`ClauseRegistry.parse`. Nothing here knows events, guards or states: a clause names them in words only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeVar, cast

from attrs import field, frozen

from shuroflow.errors import InputError, UnknownProgramme
from shuroflow.vocabulary import Enforcement, Lang, Modality

BUILT_IN: Final = ("saitama", "tsushima")

_E = TypeVar("_E", bound=Enum)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_ITEM_CODE = re.compile(r"[a-z0-9][a-z0-9_-]*")
_DECISION = re.compile(r"[A-Z]+-[0-9]{2,}")
_TOML_PLACE = re.compile(r" \(at line (\d+), column \d+\)$")

# The published texts write one sign in several ways: full-width digits and brackets, a horizontal bar (U+2015) or
# the long-vowel sign (U+30FC) for a hyphen. NFKC would also turn ① into 1, so only these are folded.
_FOLD = str.maketrans("（）［］０１２３４５６７８９―–‐−ー－—", "()[]0123456789-------")


class UnknownClause(InputError, LookupError):
    """Raised when a registry has no clause or catalogue item of that name; ``nearest`` holds the likeliest ids."""

    def __init__(self, programme: str, asked: str, nearest: tuple[str, ...]) -> None:
        self.programme = programme
        self.asked = asked
        self.nearest = nearest
        hint = f"; nearest: {', '.join(nearest)}" if nearest else ""
        super().__init__(f"programme {programme!r} has no clause {asked!r}{hint}")


@frozen
class Text:
    """The same words for two readers."""

    ja: str
    en: str

    def in_(self, lang: Lang = "ja") -> str:
        """Japanese by default, English with ``lang="en"``."""
        return self.ja if lang == "ja" else self.en


@frozen
class Item:
    """One entry of a catalogue that a clause holds, such as 3(3)ア: ``id`` as cited, ``code`` as stored."""

    id: str
    code: str
    text: Text


@frozen(kw_only=True)
class Clause:
    """One row of a 要綱: an 項, a 号, a 但書, or a sentence that binds on its own.

    ``id`` is unique in the programme; ``citation`` is how an official writes it, so several ids may share one.
    ``also`` is a second modality where the sentence mixes two. ``in_force_to`` is the last day, ``None`` while it
    stands. ``decisions`` are ids of our readings, ``forms`` ids of the 様式 that the clause names.
    """

    id: str
    citation: str
    modality: Modality
    summary: Text
    in_force_from: date
    enforced: tuple[Enforcement, ...]
    where: Text
    also: Modality | None = None
    in_force_to: date | None = None
    decisions: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    forms: tuple[str, ...] = ()

    def text(self, lang: Lang = "ja") -> str:
        """Our one-sentence summary, in one language; never the words of the 要綱."""
        return self.summary.in_(lang)

    def in_force(self, day: date) -> bool:
        """Whether this row stands on ``day`` (both ends included)."""
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)


@frozen(kw_only=True, eq=False)
class ClauseRegistry:
    """The clauses of one programme in the order of its text; iterating gives :class:`Clause` objects.

    ``source_sha256`` is the SHA-256 of the text the table was checked against; ``in_force_from`` the first day of
    that text; ``editions`` the days on which it and those before it came into force, oldest first.
    """

    programme: str
    title: str
    source_sha256: str
    in_force_from: date
    editions: tuple[date, ...]
    clauses: Mapping[str, Clause]
    aliases: Mapping[str, str]
    _items: Mapping[str, tuple[Clause, Item]] = field(repr=False)
    _names: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> Clause:
        """The clause of an id, an alias or a catalogue item. Raises :class:`UnknownClause`."""
        found = self._resolve(name)
        return self._items[found][0] if found in self._items else self.clauses[found]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and fold(name) in self._names

    def __iter__(self) -> Iterator[Clause]:
        return iter(self.clauses.values())

    def __len__(self) -> int:
        return len(self.clauses)

    def item(self, name: str) -> Item:
        """The catalogue item of an id such as ``3(3)カ`` or of its alias. Raises :class:`UnknownClause`."""
        found = self._resolve(name)
        if found not in self._items:
            raise UnknownClause(self.programme, name, self._nearest(name, tuple(self._items)))
        return self._items[found][1]

    def in_force(self, day: date) -> tuple[Clause, ...]:
        """The clauses that stand on ``day``, in the order of the text."""
        return tuple(clause for clause in self if clause.in_force(day))

    def _resolve(self, name: str) -> str:
        found = self._names.get(fold(name))
        if found is None:
            raise UnknownClause(self.programme, name, self._nearest(name, (*self.clauses, *self._items)))
        return found

    @staticmethod
    def _nearest(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
        # An official's citation such as 4(1) opens several ids: those first, then what merely looks alike.
        opened = [each for each in known if name and each.startswith(fold(name))]
        import difflib  # only where a name is wrong

        alike = [each for each in difflib.get_close_matches(name, known, n=5, cutoff=0.5) if each not in opened]
        return tuple([*opened, *alike][:5])

    @classmethod
    def parse(cls, text: str) -> ClauseRegistry:
        """A registry from TOML text.

        Raises one :class:`~shuroflow.errors.InputError` whose ``problems`` names every fault with its path.
        """
        import tomllib

        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = _TOML_PLACE.search(str(error))
            line = int(place[1]) if place else None
            raise InputError(f"the clause table is not TOML: {error}", line=line, problems=[str(error)]) from error
        problems: list[str] = []
        registry = _registry(_Table(raw, "$", problems))
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise InputError(f"the clause table cannot be used: {problems[0]}{more}", problems=problems)
        return registry


@lru_cache(maxsize=len(BUILT_IN))
def load(programme: str) -> ClauseRegistry:
    """The registry of a built-in programme, read once.

    Raises :class:`~shuroflow.errors.UnknownProgramme` for any other code.
    """
    if programme not in BUILT_IN:
        raise UnknownProgramme(f"no built-in clause table for programme {programme!r}; known: {', '.join(BUILT_IN)}")
    from importlib import resources

    path = resources.files("shuroflow") / "states" / programme / "clauses.toml"
    return ClauseRegistry.parse(path.read_text(encoding="utf-8"))


def fold(name: str) -> str:
    """A clause name without spaces, with half-width digits, brackets and hyphens; nothing else is changed."""
    return "".join(name.split()).translate(_FOLD)


class _Table:
    """One TOML table while it is read: collects every fault with its path instead of stopping at the first."""

    def __init__(self, raw: Mapping[str, object], path: str, problems: list[str]) -> None:
        self._left = dict(raw)
        self._path = path
        self._problems = problems

    def fault(self, key: str, what: str) -> None:
        self._problems.append(f"{self._path}.{key}: {what}")

    def _take(self, key: str, *, required: bool) -> object:
        if key not in self._left and required:
            self.fault(key, "is missing")
        return self._left.pop(key, None)

    def string(self, key: str, *, form: re.Pattern[str] | None = None) -> str:
        raw = self._take(key, required=True)
        if raw is None:
            return ""
        if not isinstance(raw, str) or not raw.strip():
            self.fault(key, f"must be a non-empty string, not {raw!r}")
            return ""
        if form is not None and not form.fullmatch(raw):
            self.fault(key, f"{raw!r} does not have the form {form.pattern}")
        return raw

    def strings(
        self, key: str, *, required: bool, form: re.Pattern[str] | None = None, least: int = 0
    ) -> tuple[str, ...]:
        raw = self._take(key, required=required)
        if raw is None:
            return ()
        if not isinstance(raw, list) or not all(isinstance(each, str) and each.strip() for each in raw):
            self.fault(key, f"must be a list of non-empty strings, not {raw!r}")
            return ()
        if len(raw) < least:
            self.fault(key, f"must name at least {least}")
        for each in raw:
            if form is not None and not form.fullmatch(each):
                self.fault(key, f"{each!r} does not have the form {form.pattern}")
            if raw.count(each) > 1:
                self.fault(key, f"{each!r} stands twice")
        return tuple(raw)

    def day(self, key: str, *, required: bool = True) -> date | None:
        raw = self._take(key, required=required)
        return None if raw is None else self._day(key, raw)

    def days(self, key: str) -> tuple[date, ...]:
        raw = self._take(key, required=True)
        if raw is None:
            return ()
        if not isinstance(raw, list) or not raw:
            self.fault(key, f"must be a non-empty list of dates, not {raw!r}")
            return ()
        found = [self._day(key, each) for each in raw]
        return tuple(each for each in found if each is not None)

    def _day(self, key: str, raw: object) -> date | None:
        if isinstance(raw, date) and not isinstance(raw, datetime):
            return raw
        try:
            return date.fromisoformat(cast("str", raw))
        except (TypeError, ValueError):
            self.fault(key, f"must be a date such as 2021-04-01, not {raw!r}")
            return None

    def code(self, key: str, kind: type[_E], *, required: bool = True) -> _E | None:
        raw = self._take(key, required=required)
        return None if raw is None else self._code(key, kind, raw)

    def codes(self, key: str, kind: type[_E]) -> tuple[_E, ...]:
        found = [self._code(key, kind, each) for each in self.strings(key, required=True, least=1)]
        return tuple(each for each in found if each is not None)

    def _code(self, key: str, kind: type[_E], raw: object) -> _E | None:
        try:
            return kind(raw)
        except ValueError:
            self.fault(key, f"{raw!r} is none of {', '.join(str(each.value) for each in kind)}")
            return None

    def table(self, key: str, *, required: bool = True) -> _Table | None:
        raw = self._take(key, required=required)
        if raw is None:
            return None
        if not isinstance(raw, dict):
            self.fault(key, f"must be a table, not {raw!r}")
            return None
        return _Table(raw, f"{self._path}.{key}", self._problems)

    def tables(self, key: str, *, required: bool) -> list[_Table]:
        raw = self._take(key, required=required)
        if raw is None:
            return []
        if not isinstance(raw, list) or not raw or not all(isinstance(each, dict) for each in raw):
            self.fault(key, "must be a non-empty list of tables")
            return []
        return [_Table(each, f"{self._path}.{key}[{index}]", self._problems) for index, each in enumerate(raw)]

    def text(self, key: str) -> Text:
        table = self.table(key)
        return Text("", "") if table is None else table.pair()

    def pair(self) -> Text:
        text = Text(self.string("ja"), self.string("en"))
        self.done()
        return text

    def unread(self) -> tuple[str, ...]:
        return tuple(self._left)

    def done(self) -> None:
        """Name every key that nobody asked for: a misspelt one must not pass in silence."""
        for key in self._left:
            self.fault(key, "is not a known key")


def _registry(table: _Table) -> ClauseRegistry:
    programme = table.string("programme", form=_CODE)
    title = table.string("title")
    source = table.string("source_sha256", form=_SHA256)
    in_force_from = table.day("in_force_from") or date.min
    editions = table.days("editions")
    if list(editions) != sorted(set(editions)):
        table.fault("editions", "must rise from the oldest to the newest")
    elif editions and in_force_from not in editions:
        table.fault("in_force_from", "must be one of the editions")
    alias_table = table.table("aliases", required=False)
    rows = table.tables("clause", required=True)
    table.done()

    clauses: dict[str, Clause] = {}
    items: dict[str, tuple[Clause, Item]] = {}
    names: dict[str, str] = {}
    for row in rows:
        clause = _clause(row)
        _name(row, "id", names, clause.id, clause.id)
        clauses[clause.id] = clause
        for item in clause.items:
            _name(row, "items", names, item.id, item.id)
            items[item.id] = (clause, item)
    aliases: dict[str, str] = {}
    if alias_table is not None:
        for alias in alias_table.unread():
            target = alias_table.string(alias)
            if target and target not in clauses and target not in items:
                alias_table.fault(alias, f"{target!r} is neither a clause nor a catalogue item")
            _name(alias_table, alias, names, alias, target)
            aliases[alias] = target
    return ClauseRegistry(
        programme=programme,
        title=title,
        source_sha256=source,
        in_force_from=in_force_from,
        editions=editions,
        clauses=MappingProxyType(clauses),
        aliases=MappingProxyType(aliases),
        items=MappingProxyType(items),
        names=MappingProxyType(names),
    )


def _name(table: _Table, key: str, names: dict[str, str], name: str, target: str) -> None:
    folded = fold(name)
    if folded in names:
        table.fault(key, f"{name!r} already names {names[folded]!r}")
    names.setdefault(folded, target)


def _clause(row: _Table) -> Clause:
    clause = Clause(
        id=row.string("id"),
        citation=row.string("citation"),
        modality=row.code("modality", Modality) or Modality.DEFINITION,
        also=row.code("also", Modality, required=False),
        summary=row.text("summary"),
        in_force_from=row.day("in_force_from") or date.min,
        in_force_to=row.day("in_force_to", required=False),
        enforced=row.codes("enforced", Enforcement),
        where=row.text("where"),
        decisions=row.strings("decisions", required=True, form=_DECISION),
        items=tuple(_item(each) for each in row.tables("items", required=False)),
        forms=row.strings("form", required=False, form=_ITEM_CODE),
    )
    if clause.in_force_to is not None and clause.in_force_to < clause.in_force_from:
        row.fault("in_force_to", "lies before in_force_from")
    row.done()
    return clause


def _item(row: _Table) -> Item:
    item = Item(row.string("id"), row.string("code", form=_ITEM_CODE), Text(row.string("ja"), row.string("en")))
    row.done()
    return item
