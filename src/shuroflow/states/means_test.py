"""The means test of 対馬市 第4条第1号ア・イ: are the income and the savings of a household within their limits?

A pure module: it takes the figures and the facts of one application and returns the whole calculation. It knows neither
cases nor events, and it looks nothing up outside :class:`~shuroflow.states.figures.Figures`. How a calculation is told
in words, :mod:`~shuroflow.states.means_test_words` knows.

Money is whole yen. The text divides by 12 and names no rounding, so both tests compare integers and nothing is rounded:
``12 x (income - housing) <= annual`` and ``2 x assets <= annual``. A limit shown in yen is cut down to the yen, which
never changes who passes, because incomes and savings are whole yen themselves.

Two standards are known, and an office must say which one it uses:

* ``text``: the annual amount is the income limit of the levy plus a fixed minimum deduction, for every household size.
* ``national_table``: what the tables that other cities publish for 住居確保給付金 show by fit: the least salary whose
  income reaches that limit, divided by 12 and rounded up to 1,000 yen. Their cap of 1,000,000 yen on savings is not
  applied, for 第4条 has none.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, TypeVar, get_args

from attrs import frozen

from shuroflow.calendar import tax_fiscal_year
from shuroflow.errors import InputError
from shuroflow.states import means_test_words as words
from shuroflow.states.figures import DeductionBasis, Figure, Figures, Standard
from shuroflow.vocabulary import Lang

T = TypeVar("T")

_MONTHS = 12
_THOUSAND = 1000
_DANGLING = "reference_dangling"
_STANDARDS, _DEDUCTION_BASES = get_args(Standard), get_args(DeductionBasis)


@frozen
class MeansTest:
    """One calculation, with everything it rests on. Amounts are yen; ``income`` and ``housing`` are of a month.

    ``annual`` is the amount divided by 12: levy limit + deduction under ``text``; 12 times the rounded month under
    ``national_table``, where ``salary`` is the least annual salary reaching the limit and ``deduction`` what lies
    between that salary and its income. ``used`` are the figures it rests on, each with its source.
    """

    applied_on: date
    standard: Standard
    deduction_basis: DeductionBasis
    household_size: int
    levy_size: int
    tax_fy: int
    income_year: int
    levy_base: int
    levy_addition: int
    levy_supplement: int
    levy_limit: int
    deduction: int
    salary: int | None
    annual: int
    housing: int
    housing_overridden: bool
    income: int
    assets: int
    reference_dangling: bool
    used: tuple[Figure[Any], ...]

    @property
    def unverified(self) -> tuple[str, ...]:
        """Names of the figures used that nobody has verified."""
        return tuple([figure.parameter for figure in self.used if not figure.verified])

    @property
    def base(self) -> Fraction:
        """The monthly standard (基準額) in yen, exact."""
        return Fraction(self.annual, _MONTHS)

    @property
    def income_limit(self) -> Fraction:
        """The highest monthly income that passes, exact: the standard plus the housing ceiling (第1号ア)."""
        return self.base + self.housing

    @property
    def income_limit_yen(self) -> int:
        """The same cut down to the yen: the highest whole amount that passes."""
        return self.income_limit.__floor__()

    @property
    def asset_limit(self) -> Fraction:
        """The highest savings that pass, exact: six times the standard (第1号イ)."""
        return self.base * 6

    @property
    def asset_limit_yen(self) -> int:
        """The same cut down to the yen."""
        return self.asset_limit.__floor__()

    @property
    def income_passes(self) -> bool:
        """Whether the income is not above its limit (第1号ア); equality passes."""
        return _MONTHS * (self.income - self.housing) <= self.annual

    @property
    def assets_pass(self) -> bool:
        """Whether the savings are not above their limit (第1号イ); equality passes."""
        return 2 * self.assets <= self.annual

    @property
    def passes(self) -> bool:
        """Whether both tests pass; 第1号ウ and 第2号 are not questions of money and are asked elsewhere."""
        return self.income_passes and self.assets_pass

    def arithmetic(self, lang: Lang = "ja") -> str:
        """The calculation line by line, for an official to check by hand."""
        return words.arithmetic(self, lang)

    def sources(self, lang: Lang = "ja") -> str:
        """The figures it rests on, one on each line: what it is, how much, where it was read."""
        return words.sources(self, lang)


def means_test(
    *,
    applied_on: date,
    household_size: int,
    income: int,
    assets: int,
    figures: Figures | None = None,
    standard: Standard = "text",
    deduction_basis: DeductionBasis = "income_year",
    n_for_levy: int | None = None,
    housing: int | None = None,
) -> MeansTest:
    """Calculate 第4条第1号ア・イ for one application.

    ``household_size``: persons of the household; ``income``: of the whole household in the month of application;
    ``assets``: its savings on the day. ``n_for_levy``: persons counted in the levy limit (spouse + dependants + 1)
    where they are not the household; ``housing``: the ceiling in yen a month, instead of the one by size.
    ``deduction_basis="law_on_application_date"`` reads the article as in force on the day, under ``text`` only.

    Raises ``MissingFigure`` outside the dates of a figure and ``InputError`` for an argument that cannot be used.
    """
    levy_size = household_size if n_for_levy is None else n_for_levy
    _check_standard(standard, deduction_basis)
    _check_persons("household_size", household_size)
    _check_persons("n_for_levy", levy_size)
    _check_yen("income", income)
    _check_yen("assets", assets)
    if housing is not None:
        _check_yen("housing", housing)
    figures = Figures.default() if figures is None else figures
    tax_fy = tax_fiscal_year(applied_on)
    income_year = tax_fy - 1
    used: list[Figure[Any]] = []

    def take(figure: Figure[T]) -> T:
        used.append(figure)
        return figure.value

    levy_base = take(figures.levy_base(tax_fy))
    # The addition exists only for a taxpayer with a spouse or a dependant (地方税法施行令47条の3).
    levy_addition = take(figures.levy_addition(tax_fy)) if levy_size > 1 else 0
    levy_supplement = take(figures.levy_supplement(tax_fy))
    levy_limit = levy_base * levy_size + levy_addition + levy_supplement
    salary: int | None = None
    if standard == "national_table":
        schedule = take(figures.salary_schedule(income_year))
        salary = schedule.smallest_salary(levy_limit)
        deduction = salary - schedule.income(salary)
        annual = _MONTHS * _up_to_thousand(Fraction(salary, _MONTHS))
    else:
        by_year = deduction_basis == "income_year"
        deduction = take(figures.deduction_minimum(income_year) if by_year else figures.deduction_in_law(applied_on))
        annual = levy_limit + deduction
    overridden = housing is not None
    if housing is None:
        housing = take(figures.housing_ceiling(applied_on, size=household_size))
    # In the order of the class: to hand over so many by their names takes longer than to calculate them.
    return MeansTest(
        applied_on,
        standard,
        deduction_basis,
        household_size,
        levy_size,
        tax_fy,
        income_year,
        levy_base,
        levy_addition,
        levy_supplement,
        levy_limit,
        deduction,
        salary,
        annual,
        housing,
        overridden,
        income,
        assets,
        any(_DANGLING in figure.flags for figure in used),
        tuple(used),
    )


@frozen
class Standards:
    """The same application under both standards, which part as soon as the minimum deduction is exceeded."""

    text: MeansTest
    national_table: MeansTest

    @property
    def difference(self) -> Fraction:
        """By how many yen a month the national table is above the text, exact."""
        return self.national_table.base - self.text.base

    @property
    def same_result(self) -> bool:
        """Whether both tests come out the same under either standard."""
        return (self.text.income_passes, self.text.assets_pass) == (
            self.national_table.income_passes,
            self.national_table.assets_pass,
        )

    def explain(self, lang: Lang = "ja") -> str:
        """Both standards, the difference, and whether it changes the result, in one line each."""
        return words.comparison(self, lang)


def compare_standards(
    *,
    applied_on: date,
    household_size: int,
    income: int,
    assets: int,
    figures: Figures | None = None,
    n_for_levy: int | None = None,
    housing: int | None = None,
) -> Standards:
    """Both standards for one application, the deduction by income year; arguments and errors of :func:`means_test`."""

    def under(standard: Standard) -> MeansTest:
        return means_test(
            applied_on=applied_on,
            household_size=household_size,
            income=income,
            assets=assets,
            figures=figures,
            standard=standard,
            n_for_levy=n_for_levy,
            housing=housing,
        )

    return Standards(under("text"), under("national_table"))


def _check_standard(standard: str, deduction_basis: str) -> None:
    if standard not in _STANDARDS:
        raise InputError(f"{standard!r} is not a standard: use 'text' or 'national_table'", field="standard")
    if deduction_basis not in _DEDUCTION_BASES:
        raise InputError(
            f"{deduction_basis!r} is not a basis: use 'income_year' or 'law_on_application_date'",
            field="deduction_basis",
        )
    if standard == "national_table" and deduction_basis != "income_year":
        raise InputError("the national table has a schedule by income year only", field="deduction_basis")


def _check_persons(name: str, size: int) -> None:
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise InputError(f"{size!r} is not a number of persons: give 1 or more", field=name)


def _check_yen(name: str, amount: int) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
        raise InputError(f"{amount!r} is not whole yen, 0 or more", field=name)


def _up_to_thousand(amount: Fraction) -> int:
    return -(-amount // _THOUSAND) * _THOUSAND
