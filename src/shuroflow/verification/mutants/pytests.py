"""A suite of pytest: collected once, and run test by test in the process that also changes the rules.

Tests of Hypothesis are run without a database, without shrinking and with few examples, the same ones every time.
"""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO, TypeVar

import attrs
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, is_hypothesis_test, settings

from shuroflow.errors import InputError
from shuroflow.verification.mutants.checks import Check, Session
from shuroflow.verification.mutants.scope import is_memory

T = TypeVar("T")

EXAMPLES = 25
"""How many examples a test of Hypothesis gets, unless it asks for fewer."""

_IMPORTED = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
"""Plugins that this process knew before pytest began are not rewritten: their assertions are not what is asked."""

_SETTINGS = "_hypothesis_internal_use_settings"
"""Where Hypothesis keeps the settings of a test: it has no other door to change them after the fact."""


@attrs.define(eq=False)
class TestCheck:
    """One test."""

    __test__ = False

    item: pytest.Item

    @property
    def name(self) -> str:
        """Its node id."""
        return self.item.nodeid

    def fault(self) -> str | None:
        """Run it with its fixtures; what they share with other tests stays until the mutant is done."""
        here: Any = _Stays(self.item)
        self.item.session._setupstate.teardown_exact(here)  # what the last test shared with its own neighbours alone
        reports = runtestprotocol(self.item, log=False, nextitem=here)
        for report in reports:
            if report.failed:
                return _first_fault(report.longreprtext) or f"{report.when} failed"
        return None


class _Stays:
    """Stands for a next test in the same place, so that fixtures of the module and of the session are kept."""

    def __init__(self, item: pytest.Item) -> None:
        self._chain = item.listchain()[:-1]

    def listchain(self) -> list[Any]:
        """Everything around the test, without the test."""
        return self._chain


def _first_fault(text: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith("E ")]
    return lines[0].removeprefix("E").strip() if lines else next(iter(text.splitlines()[-1:]), "")


class _PytestSession:
    def __init__(self, session: pytest.Session, terminal: tuple[TextIO, TextIO]) -> None:
        self._session = session
        self._terminal = terminal
        self._memories = list(_memories(session))

    @contextmanager
    def shown(self) -> Iterator[None]:
        """What pytest says is kept back, but this is not."""
        out, err = self._terminal
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield

    def finish(self) -> None:
        """Fixtures that tests share are taken down: under the next mutant they are made anew."""
        with contextlib.suppress(Exception):  # a fixture that falls over while it is taken down
            self._session._setupstate.teardown_exact(None)

    def forget(self) -> None:
        """What the tests and their helpers have remembered may hold answers of the rules."""
        for memory in self._memories:
            memory.cache_clear()


def _memories(session: pytest.Session) -> Iterator[Any]:
    """Functions of the tests' own modules that remember answers."""
    root = session.config.rootpath
    homes = {Path(path).parent for path in {item.path for item in session.items}}
    names = {
        name
        for name, module in sys.modules.items()
        if (file := getattr(module, "__file__", None)) and (Path(file).parent in homes) and root in Path(file).parents
    }
    for found in gc.get_objects():
        if type(found).__name__ == "_lru_cache_wrapper" and getattr(found, "__module__", None) in names:
            with contextlib.suppress(ValueError, TypeError):
                if is_memory(found):
                    yield found


@attrs.define
class PytestSuite:
    """Tests by path or node id, as pytest takes them.

    Args:
        arguments: paths and node ids.
        examples: most examples of a test of Hypothesis.
    """

    arguments: tuple[str, ...]
    examples: int = EXAMPLES

    def with_checks(self, work: Callable[[Sequence[Check], Session], T]) -> T:
        """Collect the tests, and do the work where pytest would run them."""
        plugin = _Plugin(work, self.examples)
        quiet = ["-q", "-q", "--no-header", "--no-summary", *_IMPORTED]
        if find_spec("xdist") is not None:
            quiet += ["-n", "0"]  # the tests are run here, whatever the project's own settings say
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained), warnings.catch_warnings():
            status = pytest.main([*quiet, "--capture=sys", *self.arguments], plugins=[plugin])
        if plugin.error is not None:
            raise plugin.error
        if status == pytest.ExitCode.INTERRUPTED and not plugin.problems:
            raise KeyboardInterrupt
        if not plugin.done:
            lines = [*plugin.problems, *complained.getvalue().splitlines(), *said.getvalue().splitlines()]
            why = next((line.strip() for line in lines if line.strip()), f"pytest ended with status {int(status)}")
            raise InputError(f"the suite cannot be collected: {why}", field="--suite", problems=plugin.problems)
        return plugin.result  # type: ignore[no-any-return]


class _Plugin:
    def __init__(self, work: Callable[[Sequence[Check], Session], Any], examples: int) -> None:
        self._work = work
        self._examples = examples
        self._terminal = sys.stdout, sys.stderr
        self.problems: list[str] = []
        self.error: BaseException | None = None
        self.done = False
        self.result: Any = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            lines = [line for line in report.longreprtext.splitlines() if line.startswith("E ")]
            why = lines[-1].removeprefix("E").strip() if lines else _first_fault(report.longreprtext)
            self.problems.append(f"{report.nodeid}: {why}")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Tests of Hypothesis find the same few examples each time."""
        for item in items:
            test = getattr(item, "obj", None)
            if test is not None and is_hypothesis_test(test):
                inner = getattr(test, "__func__", test)
                setattr(inner, _SETTINGS, self._calm(getattr(inner, _SETTINGS, None) or settings()))
            machine: Any = getattr(item, "cls", None)
            if isinstance(getattr(machine, "settings", None), settings):
                machine.settings = self._calm(machine.settings)

    def _calm(self, usual: settings) -> settings:
        return settings(
            usual,
            max_examples=min(self._examples, usual.max_examples),
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of running the tests once."""
        if session.testsfailed:
            return True
        try:
            self.result = self._work(
                [TestCheck(item) for item in session.items], _PytestSession(session, self._terminal)
            )
            self.done = True
        except BaseException as error:  # pytest would print it; it belongs to the caller
            self.error = error
        return True


__all__ = ["EXAMPLES", "PytestSuite", "TestCheck"]
