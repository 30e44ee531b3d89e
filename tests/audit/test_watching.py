"""The stand-ins: they answer like what they stand for, and note exactly what was read."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from shuroflow.audit.watching import Log, Watched, bare, leaves
from shuroflow.case import Case, Period


@attrs.define
class Inner:
    """A part that may change later."""

    amount: int = 3
    days: list[date] = attrs.field(factory=list)


@attrs.define(eq=False)
class Outer(Case):
    """A case with a part."""

    inner: Inner | None = attrs.field(factory=Inner)
    names: dict[str, Inner] = attrs.field(factory=dict)
    _hidden: int = 7


@pytest.fixture
def case() -> Outer:
    """A case with one period."""
    made = Outer("A", "saitama")
    made.periods.append(Period(date(2025, 4, 1), date(2025, 6, 30)))
    return made


def test_a_stand_in_answers_like_the_real_one(case: Outer) -> None:
    """isinstance, equality either way, hash, truth, membership and text are those of the object."""
    watched = Watched(case, "case", {})
    assert isinstance(watched, Outer)
    assert watched == case
    assert case.inner == watched.inner
    assert watched.inner == case.inner
    assert hash(case) == hash(watched)
    assert bool(watched)
    assert date(2025, 4, 1) in Watched(case.periods[0], "period", {})
    assert str(case) == str(watched)
    assert case is bare(watched)
    with pytest.raises(AttributeError):
        _ = watched.nonsense


def test_what_was_read_is_noted_with_its_value(case: Outer) -> None:
    """Attributes by their path, methods with their arguments and answer; the closest look alone is kept."""
    log: Log = {}
    watched = Watched(case, "case", log)
    assert 3 == watched.inner.amount
    assert watched.covers(date(2025, 4, 30))
    assert watched.closing is None
    seen = {path: look.value for path, look in leaves(log).items()}
    assert {"case.inner.amount": 3, "case.covers(2025-04-30)": True, "case.closing": None} == seen
    assert (("Outer", "inner"),) == log["case.inner.amount"].within
    assert (date(2025, 4, 30),) == log["case.covers(2025-04-30)"].arguments


def test_a_value_is_kept_as_it_was(case: Outer) -> None:
    """What the case becomes later does not reach back into what a guard saw."""
    log: Log = {}
    watched = Watched(case, "case", log)
    case.names["a"] = Inner()
    _ = watched.periods, watched.names, watched.inner
    case.periods.clear()
    case.names["a"].days.append(date(2025, 5, 1))
    assert case.inner is not None
    case.inner.amount = 4
    assert 1 == len(log["case.periods"].value)
    assert () == log["case.names"].value["a"].days
    assert 3 == log["case.inner"].value.amount


def test_private_names_are_nobody_s_business(case: Outer) -> None:
    """A guard may use them; the reader is not told."""
    log: Log = {}
    assert 7 == Watched(case, "case", log)._hidden
    assert {} == log
