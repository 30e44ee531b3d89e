"""Amounts that change with time, each with its dates, its source and whether it was verified.

The amounts live in ``figures.toml`` beside this module; an office lays its own over them with :meth:`Figures.overlay`.
A lookup outside the dates of a series raises ``MissingFigure``: the nearest value is never taken instead. A pure
module: it reads that one file of the package and knows nothing of who asks or why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from attrs import field, frozen

from shuroflow.errors import InputError, MissingFigure
from shuroflow.vocabulary import Lang

T = TypeVar("T")
Moment: TypeAlias = "int | date"
KeyedBy = Literal["income_year", "fiscal_year", "date"]
Standard = Literal["text", "national_table"]
DeductionBasis = Literal["income_year", "law_on_application_date"]

_THOUSAND = 1000


@frozen
class Bracket:
    """From ``first`` yen of salary: ``percent`` of the salary, or of its quarter, ``plus`` yen."""

    first: int
    of: Literal["salary", "quarter"]
    percent: int
    plus: int

    def income(self, salary: int) -> int:
        """The income in yen, cut to the yen; a quarter is first cut to the thousand (別表第五)."""
        base = salary if self.of == "salary" else salary // (4 * _THOUSAND) * _THOUSAND
        return base * self.percent // 100 + self.plus


@frozen
class Schedule:
    """The income (給与所得) that a year's salary gives; it never falls as the salary rises."""

    brackets: tuple[Bracket, ...]

    def income(self, salary: int) -> int:
        """The income in yen for a salary in yen of 0 or more."""
        return next(bracket for bracket in reversed(self.brackets) if bracket.first <= salary).income(salary)

    def smallest_salary(self, income: int) -> int:
        """The least annual salary, in yen, whose income reaches ``income``: the inverse of the schedule."""
        low, high = 0, 1
        while self.income(high) < income:
            low, high = high, high * 2
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.income(middle) >= income else (middle + 1, high)
        return low


@frozen
class Source:
    """Where an amount was read, told in Japanese and in English. It has no part in the amount itself."""

    ja: str
    en: str

    def label(self, lang: Lang = "ja") -> str:
        """The words for a reader."""
        return self.ja if lang == "ja" else self.en


@frozen
class Figure(Generic[T]):
    """One amount as found: what it is, where it was read and whether it was verified for this use."""

    parameter: str
    value: T
    source: Source
    verified: bool
    flags: frozenset[str] = frozenset()


@frozen
class Span:
    """A value and the years or days it holds for, both ends included."""

    first: Moment
    last: Moment
    value: int | tuple[int, ...] | Schedule
    source: Source
    verified: bool
    flags: frozenset[str] = frozenset()


def _answer(parameter: str, span: Span) -> Figure[Any]:
    """The value of a span with where it was read; of a value by size of household, such an answer for each size."""

    def read(value: T) -> Figure[T]:
        return Figure(parameter, value, span.source, span.verified, span.flags)

    return read(tuple(map(read, span.value)) if isinstance(span.value, tuple) else span.value)


# What the package knows of each parameter: what its dates mean, what its value is, what it is called.
_KINDS: Mapping[str, tuple[KeyedBy, Literal["yen", "by_size", "schedule"], str, str]] = {
    "salary_deduction_minimum": ("income_year", "yen", "給与所得控除の最低額", "minimum deduction from salary"),
    "salary_deduction_in_law": (
        "date",
        "yen",
        "申込日の法律による給与所得控除の最低額",
        "minimum deduction in the law of the day",
    ),
    "levy_base": ("fiscal_year", "yen", "均等割の非課税限度額の基本額", "base amount of the levy limit"),
    "levy_addition": ("fiscal_year", "yen", "均等割の非課税限度額の加算額", "addition of the levy limit"),
    "levy_supplement": ("fiscal_year", "yen", "均等割の非課税限度額の10万円", "supplement of the levy limit"),
    "housing_ceiling": ("date", "by_size", "住宅扶助の限度額", "ceiling of the housing assistance"),
    "salary_schedule": ("income_year", "schedule", "給与所得の計算表", "salary to income schedule"),
}
PARAMETERS = tuple(_KINDS)


def label(parameter: str, lang: Lang = "ja") -> str:
    """The name of a parameter for a reader."""
    return _KINDS[parameter][2 if lang == "ja" else 3]


def _frozen_series(series: Mapping[str, tuple[Span, ...]]) -> Mapping[str, tuple[Span, ...]]:
    return MappingProxyType(dict(series))


@frozen
class Figures:
    """All dated amounts; frozen, so the same figures always give the same result."""

    series: Mapping[str, tuple[Span, ...]] = field(converter=_frozen_series, hash=False)
    _found: Mapping[str, Sequence[tuple[int, int, Figure[Any]]]] = field(init=False, eq=False, repr=False)

    @_found.default
    def _ready(self) -> Mapping[str, Sequence[tuple[int, int, Figure[Any]]]]:
        """The answer for each span, made once: an audit asks for a few figures a million times."""
        return {
            parameter: [(_key(span.first), _key(span.last), _answer(parameter, span)) for span in spans]
            for parameter, spans in self.series.items()
        }

    def __reduce__(self) -> tuple[object, ...]:
        """To another process: the view of a table cannot go there, the table can."""
        return Figures, (dict(self.series),)

    @staticmethod
    def default() -> Figures:
        """The figures built in."""
        return _built_in()

    @staticmethod
    def parse(document: str | Mapping[str, Any]) -> Figures:
        """Figures from TOML text, or from what it says already read; ``InputError`` lists every fault found."""
        return Figures({}).overlay(document)

    def overlay(self, document: str | Mapping[str, Any]) -> Figures:
        """These figures with spans of an office laid over them; where both speak the office's span wins.

        ``document`` is TOML text, or the mapping it stands for, in the shape of ``figures.toml``. Raises ``InputError``
        for a parameter or field unknown, a wrong type, spans that overlap, or a result that leaves a gap.
        """
        if isinstance(document, str):
            import tomllib

            try:
                document = tomllib.loads(document)
            except tomllib.TOMLDecodeError as error:
                raise InputError(f"the figures are not TOML: {error}") from error
        problems: list[str] = []
        series = dict(self.series)
        for parameter, rows in document.items():
            spans = _read_series(parameter, rows, problems)
            if spans:
                series[parameter] = _laid_over(series.get(parameter, ()), spans)
                problems += _gaps(parameter, series[parameter])
        if problems:
            raise InputError(
                f"the figures cannot be used: {problems[0]}" + (f" (and {n} more)" if (n := len(problems) - 1) else ""),
                problems=problems,
            )
        return Figures(series)

    def deduction_minimum(self, income_year: int) -> Figure[int]:
        """The least deduction from salary, yen a year, by 年分 (所得税法28条3項1号)."""
        return self._at("salary_deduction_minimum", income_year)

    def deduction_in_law(self, day: date) -> Figure[int]:
        """The same amount in the law as in force on a day: the alternative reading of 第4条."""
        return self._at("salary_deduction_in_law", day)

    def levy_base(self, fiscal_year: int) -> Figure[int]:
        """Yen for each person counted in the income limit of the levy (均等割)."""
        return self._at("levy_base", fiscal_year)

    def levy_addition(self, fiscal_year: int) -> Figure[int]:
        """Yen added once to the limit when there is a spouse or a dependant."""
        return self._at("levy_addition", fiscal_year)

    def levy_supplement(self, fiscal_year: int) -> Figure[int]:
        """Yen added to the limit in every case: 0 up to fiscal year 2020, then 100,000."""
        return self._at("levy_supplement", fiscal_year)

    def housing_ceiling(self, day: date, *, size: int) -> Figure[int]:
        """The ceiling of the housing assistance, yen a month, for a household of ``size`` persons."""
        by_size: tuple[Figure[int], ...] = self._at("housing_ceiling", day).value
        return by_size[min(size, len(by_size)) - 1]

    def salary_schedule(self, income_year: int) -> Figure[Schedule]:
        """How a year's salary becomes income, by 年分; only the standard ``national_table`` needs it."""
        return self._at("salary_schedule", income_year)

    def _at(self, parameter: str, moment: Moment) -> Figure[Any]:
        key = _key(moment)
        for first, last, figure in self._found.get(parameter, ()):
            if first <= key <= last:
                return figure
        spans = self.series.get(parameter, ())
        known = f"{spans[0].first} to {spans[-1].last}" if spans else ""
        raise MissingFigure(parameter, moment, known=known)


@cache
def _built_in() -> Figures:
    from importlib import resources

    return Figures.parse((resources.files("shuroflow") / "states" / "figures.toml").read_text(encoding="utf-8"))


# Reading a document ---------------------------------------------------------------------------------------------------


def _key(moment: Moment) -> int:
    return moment.toordinal() if isinstance(moment, date) else moment


def _step(moment: Moment, by: int) -> Moment:
    return moment + timedelta(days=by) if isinstance(moment, date) else moment + by


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_yen(value: object) -> bool:
    return _is_int(value) and value >= 0  # type: ignore[operator]


def _read_series(parameter: str, rows: object, problems: list[str]) -> list[Span]:
    """The spans of one parameter, sorted; what cannot be used is added to ``problems``."""
    if parameter not in _KINDS:
        problems.append(f"{parameter}: not a parameter; use one of {', '.join(PARAMETERS)}")
        return []
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        problems.append(f"{parameter}: give one or more spans, each under [[{parameter}]]")
        return []
    before = len(problems)
    spans = [_read_span(f"{parameter}[{index}]", parameter, row, problems) for index, row in enumerate(rows)]
    if len(problems) > before:
        return []
    read = sorted((span for span in spans if span is not None), key=lambda span: _key(span.first))
    for one, other in pairwise(read):
        if _key(other.first) <= _key(one.last):
            problems.append(f"{parameter}: two spans overlap at {other.first}; each year or day needs one value")
    return read


def _read_span(path: str, parameter: str, row: object, problems: list[str]) -> Span | None:
    if not isinstance(row, Mapping):
        problems.append(f"{path}: not a table")
        return None
    keyed_by, kind, *_ = _KINDS[parameter]
    start = len(problems)

    def check(name: str, fits: Callable[[object], bool], wanted: str) -> Any:
        value = row.get(name)
        if name not in row:
            problems.append(f"{path}: {name} is missing: write {wanted}")
        elif not fits(value):
            problems.append(f"{path}.{name}: {value!r} is not {wanted}")
        return value

    moment: tuple[Callable[[object], bool], str] = (
        (lambda value: type(value) is date, "a date such as 2024-04-01")
        if keyed_by == "date"
        else (_is_int, f"a year ({keyed_by})")
    )
    first, last = check("from", *moment), check("to", *moment)
    source = check(
        "source", lambda given: _source(given) is not None, "the name of a source, or { ja = one, en = the same }"
    )
    verified = check("verified", lambda value: isinstance(value, bool), "true or false")
    flags = row.get("flags", [])
    if not isinstance(flags, Sequence) or isinstance(flags, str) or any(not isinstance(flag, str) for flag in flags):
        problems.append(f"{path}.flags: {flags!r} is not a list of words")
    problems += [
        f"{path}.{name}: not a field of a span"
        for name in row
        if name not in {"from", "to", "value", "source", "verified", "flags"}
    ]
    value: Any = row.get("value")
    if kind == "schedule":
        check("value", lambda given: True, "a list of brackets")
        value = _read_schedule(f"{path}.value", value, problems) if "value" in row else None
    elif kind == "by_size":
        check(
            "value",
            lambda given: isinstance(given, Sequence) and bool(given) and all(map(_is_yen, given)),
            "a list of whole yen by size of household",
        )
        value = tuple(value) if isinstance(value, Sequence) else value
    else:
        check("value", _is_yen, "a whole number of yen, 0 or more")
    if len(problems) > start:
        return None
    if _key(first) > _key(last):
        problems.append(f"{path}: from {first} is after to {last}")
        return None
    told = _source(source)
    assert told is not None
    return Span(first, last, value, told, verified, frozenset(flags))


def _source(given: object) -> Source | None:
    """One text stands in both languages; a table has one for each. ``None`` if it is neither."""
    if isinstance(given, str):
        given = {"ja": given, "en": given}
    if not isinstance(given, Mapping) or set(given) != {"ja", "en"}:
        return None
    if any(not isinstance(text, str) or not text.strip() for text in given.values()):
        return None
    return Source(**given)


def _read_schedule(path: str, rows: object, problems: list[str]) -> Schedule | None:
    fields = {"from", "of", "percent", "plus"}
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        problems.append(f"{path}: give a list of brackets")
        return None
    for index, row in enumerate(rows):
        if not (
            isinstance(row, Mapping)
            and set(row) == fields
            and row["of"] in {"salary", "quarter"}
            and _is_yen(row["from"])
            and _is_yen(row["percent"])
            and _is_int(row["plus"])
        ):
            problems.append(
                f"{path}[{index}]: a bracket is {{ from, of = salary or quarter, percent, plus }} in numbers"
            )
            return None
    brackets = tuple(Bracket(row["from"], row["of"], row["percent"], row["plus"]) for row in rows)
    if brackets[0].first != 0 or brackets[-1].percent == 0:
        problems.append(f"{path}: the first bracket begins at 0 and the last one rises without end")
        return None
    for one, other in pairwise(brackets):
        if other.first <= one.first or other.income(other.first) < one.income(other.first - 1):
            problems.append(f"{path}: at {other.first} yen the income falls or the brackets are out of order")
            return None
    return Schedule(brackets)


def _laid_over(base: Sequence[Span], over: Sequence[Span]) -> tuple[Span, ...]:
    """Both together; a span of ``base`` keeps only what no span of ``over`` speaks for."""
    kept = list(base)
    for new in over:
        pieces: list[Span] = []
        for old in kept:
            if _key(old.last) < _key(new.first) or _key(new.last) < _key(old.first):
                pieces.append(old)
                continue
            if _key(old.first) < _key(new.first):
                pieces.append(_cut(old, old.first, _step(new.first, -1)))
            if _key(new.last) < _key(old.last):
                pieces.append(_cut(old, _step(new.last, 1), old.last))
        kept = pieces
    return tuple(sorted([*kept, *over], key=lambda span: _key(span.first)))


def _cut(span: Span, first: Moment, last: Moment) -> Span:
    return Span(first, last, span.value, span.source, span.verified, span.flags)


def _gaps(parameter: str, spans: Sequence[Span]) -> list[str]:
    return [
        f"{parameter}: no value from {_step(one.last, 1)} to {_step(other.first, -1)}; add a span for it"
        for one, other in pairwise(spans)
        if _key(other.first) > _key(one.last) + 1
    ]
