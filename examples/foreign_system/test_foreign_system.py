"""The kit against a system that is not ours: it passes as it is, and each planted mistake is found by its clause."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from examples.foreign_system import Mistake, open_system, planted
from examples.foreign_system.days import clipped_end_of_months, end_of_months, next_open, plus
from shuroflow.verification.compliance import PROFILES, sweep
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Driver, TellsDuties, TellsStanding

HERE = Path(__file__).parent
DEFAULT = PROFILES["default"]


@pytest.mark.parametrize("programme", ["saitama", "tsushima"])
def test_without_a_mistake_nothing_is_found(programme: str) -> None:
    """With none planted, the default profile finds no difference in either programme, and a good deal was tried."""
    report = sweep(open_system, Corpus.of(programme), profile=DEFAULT, seed=1)

    assert [] == report.differences
    assert report.cases > 1_500
    assert report.events > 15_000


@pytest.mark.parametrize("mistake", Mistake, ids=lambda mistake: mistake.name)
def test_a_mistake_is_found_alone_and_by_its_clause(mistake: Mistake) -> None:
    """Each mistake, planted alone, is the first thing that is found, and the clause it breaks is named first."""
    report = sweep(lambda: open_system(mistake), Corpus.of(mistake.programme), profile=DEFAULT, most=1)

    (found,) = report.differences
    assert mistake.clause == found.clauses[0]
    assert len(found.history) <= 12


def test_there_are_mistakes_of_both_programmes() -> None:
    """At least twelve in all, and no two of one name or note."""
    assert len(Mistake) >= 12
    assert {"saitama", "tsushima"} == {mistake.programme for mistake in Mistake}
    assert len(Mistake) == len({mistake.note for mistake in Mistake})


def test_what_it_can_tell() -> None:
    """The driver tells all that the kit can compare."""
    with_all = open_system()

    assert isinstance(with_all, Driver)
    assert isinstance(with_all, TellsStanding)
    assert isinstance(with_all, TellsDuties)
    with_all.close()


def test_a_mistake_can_be_named_on_a_command_line() -> None:
    """The module of planted systems has one for each mistake and tells the names where there is none."""
    opened = planted.TWELVE_MONTHS()

    assert [] == list(opened.history("no such case"))
    with pytest.raises(AttributeError, match="TWELVE_MONTHS"):
        _ = planted.NO_SUCH_MISTAKE
    opened.close()


def test_only_the_driver_knows_the_library() -> None:
    """The system is written without the judge: no other module of it imports the library, and none the states."""
    imports = {
        path.stem: {
            node.module or ""
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom)
        }
        for path in HERE.glob("*.py")
        if not path.stem.startswith("test_")
    }

    known = {stem: {name for name in names if name.startswith("shuroflow")} for stem, names in imports.items()}
    assert {"driver"} == {stem for stem, names in known.items() if names}
    assert not any("states" in name or "caseload" in name for name in known["driver"])


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-04-15", "2026-07-14"),
        ("2025-11-30", "2026-02-28"),
        ("2023-11-30", "2024-02-29"),
        ("2026-02-28", "2026-05-27"),
        ("2025-10-31", "2026-01-30"),
        ("9999-11-01", "9999-12-31"),
    ],
)
def test_its_three_months(first: str, last: str) -> None:
    """Three months of which the first day is one."""
    assert last == end_of_months(first)


def test_its_wrong_months_are_wrong_at_the_end_of_a_month_only() -> None:
    """The planted way of counting differs where the month is too short, and only there."""
    assert "2026-02-27" == clipped_end_of_months("2025-11-30")
    assert "2026-07-14" == clipped_end_of_months("2026-04-15")


@pytest.mark.parametrize(
    ("received", "until"),
    [
        ("2026-04-10", "2026-05-11"),
        ("2026-04-03", "2026-05-07"),
        ("2026-12-01", "2027-01-04"),
        ("2026-08-23", "2026-09-24"),
        ("2030-12-20", None),
    ],
)
def test_its_thirty_days(received: str, until: str | None) -> None:
    """The thirtieth day, moved past days on which the office is closed; not known beyond its calendar."""
    assert until == next_open(plus(received, 30))
