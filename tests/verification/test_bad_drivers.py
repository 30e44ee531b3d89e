"""A driver that is wrong in itself is never taken for a system that passes: it is told, in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.verification.checking import check, plan
from shuroflow.verification.compliance import PROFILES, sweep
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import Answer, DeskDriver, factory_of

QUICK = PROFILES["quick"]
SMALL = Corpus("saitama", Corpus.of("saitama").histories[:2])


class Leaves(DeskDriver):
    """Ends the whole program at the second event."""

    def record(self, event: Event) -> Answer:
        """Or not at all."""
        if event.seq > 1:
            sys.exit(0)
        return super().record(event)


class Stays(DeskDriver):
    """Cannot be closed."""

    def close(self) -> None:
        """Never."""
        raise RuntimeError("still busy")


class Misspells(DeskDriver):
    """Keeps a duty of a clause that there is not."""

    duty_clauses = frozenset({"4(5) "})

    def duties(self, case_id: str, on: object) -> Sequence[object]:  # type: ignore[override]
        """None."""
        return []


def test_a_system_that_ends_the_program() -> None:
    """It fails, and the check goes on to its verdict."""
    report = sweep(Leaves, SMALL, profile=QUICK, most=1)
    (found,) = report.differences
    assert ("fails", False) == (found.what, report.passed)
    assert "SystemExit" in found.found


def test_a_system_that_cannot_be_closed() -> None:
    """One sentence with the error, before anything is tried."""
    with pytest.raises(InputError, match="closing the system raises RuntimeError: still busy"):
        plan(Stays, "saitama", corpus=SMALL, profile=QUICK)


def test_what_went_wrong_before_is_what_is_told() -> None:
    """An error on the way is not covered by one of closing."""

    class Both(Stays):
        def record(self, event: Event) -> Answer:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(Both, SMALL, profile=QUICK)


def test_a_clause_misspelt() -> None:
    """A duty that would silently not be looked at is an error that names the nearest clause; a text is no set."""
    for asked in (plan, check):
        with pytest.raises(InputError, match=r"no duty rests on '4\(5\) '; did you mean 4\(5\)"):
            asked(Misspells, "saitama", corpus=SMALL, profile=QUICK)

    class OneText(Misspells):
        duty_clauses = "4(5)"  # type: ignore[assignment]

    with pytest.raises(InputError, match="give the clauses as a set"):
        plan(OneText, "saitama", corpus=SMALL, profile=QUICK)


@pytest.mark.parametrize("body", ["import sys\nsys.exit(0)\n", "def X():\n    raise SystemExit('bye')\n"])
def test_a_module_that_ends_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Importing it, or opening the system, is told like any other error of it."""
    name = f"leaves_{len(body)}"
    (tmp_path / f"{name}.py").write_text(body)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(InputError, match="SystemExit"):
        factory_of(f"{name}:X")()
