"""Runs the tests of the kit on an adapter inside one test, and says which of them fail."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from _pytest.outcomes import Failed
from hypothesis import HealthCheck, Phase, settings

from shuroflow.storage.journal import Journal
from shuroflow.verification import JournalPromises
from shuroflow.verification.journals.claims import CLAIMS, promises

QUICK = settings(
    max_examples=200,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
"""Many examples, for the first that fails ends the search; nothing is made smaller."""

MACHINE = "test_any_calls_in_any_order"

SLOW = {
    MACHINE,
    "test_many_events_in_one_append",
    "test_any_event_comes_back",
    "test_another_process_is_refused_or_apart",
    "test_killed_at_any_moment",
    "test_processes_at_once",
    "test_threads_at_once",
}
"""Tests that take long, run only on adapters that are about them."""


@attrs.frozen
class Broken:
    """An adapter with one broken promise, and the tests of the kit that say so; the first is of that very promise."""

    adapter: type[Any]
    breaks: tuple[str, ...]
    claims: frozenset[str]
    tamper: Callable[[Path, int, bytes], None] | None


def kit(
    adapter: Callable[[Path], Any],
    claims: frozenset[str],
    tamper: Callable[[Path, int, bytes], None] | None,
    *,
    examples: settings = QUICK,
) -> type[JournalPromises]:
    """The tests of the kit for an adapter that is opened by a call with a folder."""
    said: dict[str, Any] = {claim: claim in claims for claim in CLAIMS}
    said |= {
        "settings": examples,
        "kills": 8,
        "open": lambda _self, folder: adapter(folder),
        "opener": lambda _self, folder: partial(adapter, folder),
        "tamper": lambda _self, folder, position, body: tamper(folder, position, body) if tamper else None,
    }
    return type(f"Test{adapter}", (JournalPromises,), said)


def failing(tests: type[JournalPromises], folder: Path, *, slow: set[str]) -> set[str]:
    """The names of the tests that fail, of all that are quick and of the slow ones that are named."""
    found = set()
    for name, _ in promises(JournalPromises):
        test = getattr(tests, name)
        if test is not None and (name not in SLOW or name in slow):
            for number, arguments in enumerate(_arguments(test)):
                place = folder / f"{name}-{number}"
                place.mkdir(parents=True)
                if not _passes(tests(), name, arguments, place):
                    found.add(name)
                    break
    return found


def _arguments(test: Callable[..., None]) -> Iterator[dict[str, object]]:
    """What the test is called with beside its fixtures, for each set of parameters."""
    sets = []
    for mark in getattr(test, "pytestmark", ()):
        assert mark.name == "parametrize"
        names = [mark.args[0]] if isinstance(mark.args[0], str) else list(mark.args[0])
        rows = [values if isinstance(mark.args[0], tuple) else (values,) for values in mark.args[1]]
        sets.append([dict(zip(names, row, strict=True)) for row in rows])
    for chosen in itertools.product(*sets):
        yield {name: value for one in chosen for name, value in one.items()}


def _passes(tests: JournalPromises, name: str, arguments: dict[str, object], folder: Path) -> bool:
    wanted = inspect.signature(getattr(tests, name)).parameters
    try:
        if "journal" in wanted:
            journal: Journal
            with closing(tests.open(folder)) as journal:
                getattr(tests, name)(journal=journal, **arguments)
        else:
            getattr(tests, name)(tmp_path=folder, **arguments)
    except (Exception, Failed):
        return False
    return True
