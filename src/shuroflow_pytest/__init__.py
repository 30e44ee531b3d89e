"""The pytest plug-in: options, a marker, the fixture ``compliance`` and a summary by clause.

pytest loads it wherever the library is installed, so it imports nothing of the library until a test asks for it, and
lives outside of it: to import a module of the library is to import the library.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shuroflow.verification.testing import Compliance, Run

MARKER = "shuroflow"
PROFILES = ("quick", "default", "thorough")
LANGS = ("ja", "en")
RUN: pytest.StashKey[Run] = pytest.StashKey()
"""What this run of pytest has seen so far; there from the first test on that needs it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line and of the ini file."""
    group = parser.getgroup("shuroflow", "compliance with the rules of a 要綱 (shuroflow)")
    group.addoption("--shuroflow-programme", metavar="CODE", help="the 要綱 that the systems claim to follow")
    group.addoption("--shuroflow-profile", choices=PROFILES, help="how much is tried; by default: default")
    group.addoption("--shuroflow-seed", type=int, metavar="N", help="seed of what is drawn; by default: 0")
    group.addoption("--shuroflow-failing", metavar="FOLDER", help="where failing histories are saved and replayed from")
    group.addoption(
        "--shuroflow-coverage",
        action="store_true",
        help="count the rules that any test meets, and show a table by clause at the end",
    )
    group.addoption("--shuroflow-lang", choices=LANGS, help="language of the messages; by default: ja")
    parser.addini("shuroflow_programme", "the 要綱 that the systems claim to follow")
    parser.addini("shuroflow_profile", f"how much is tried: {', '.join(PROFILES)}", default="default")
    parser.addini("shuroflow_seed", "seed of what is drawn", default="0")
    parser.addini(
        "shuroflow_failing",
        "where failing histories are saved and replayed from; below the root folder",
        default=".shuroflow/failing",
    )
    parser.addini("shuroflow_lang", "language of the messages: ja or en", default="ja")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and refuse settings of the ini file that cannot be used.

    Raises:
        pytest.UsageError: if one cannot.
    """
    config.addinivalue_line(
        "markers",
        "shuroflow(programme=None, profile=None, seed=None): what `compliance` checks in this test; "
        "the rules that the test meets are counted by clause",
    )
    for name, known in (("profile", PROFILES), ("lang", LANGS)):
        value = config.getini(f"shuroflow_{name}")
        if value not in known:
            raise pytest.UsageError(_wrong(config, name, value, " or ".join(known)))
    seed = config.getini("shuroflow_seed")
    try:
        int(seed)
    except ValueError:
        raise pytest.UsageError(_wrong(config, "seed", seed, "a whole number")) from None


def _wrong(config: pytest.Config, name: str, value: str, right: str) -> str:
    return f"{config.inipath or 'ini option'}: shuroflow_{name} has to be {right}, not {value!r}"


def _run(config: pytest.Config) -> Run:
    if RUN not in config.stash:
        from shuroflow.verification.testing import Run

        config.stash[RUN] = Run(config)
    return config.stash[RUN]


@pytest.hookimpl(hookwrapper=True)  # the form that every pytest from 7 on knows
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, None]:
    """Count what a marked test asks the judge, or with ``--shuroflow-coverage`` any test."""
    if not item.config.getoption("shuroflow_coverage") and item.get_closest_marker(MARKER) is None:
        yield
        return
    with _run(item.config).counting():
        yield


@pytest.fixture
def compliance(request: pytest.FixtureRequest) -> Compliance:
    """Checks a system against the rules of a 要綱: ``compliance.check(open_my_system, "saitama")``.

    A difference fails the test and is told by its clause, with the shortest history that shows it. The history is saved
    and tried first the next time.
    """
    marker = request.node.get_closest_marker(MARKER)
    return _run(request.config).compliance(request.node.nodeid, marker)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """pytest-xdist: a worker is done and hands over what it has seen."""
    sent = getattr(node, "workeroutput", {}).get(MARKER)
    if sent:
        _run(node.config).add(sent)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """pytest-xdist: this is a worker, and hands over what it has seen."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None and RUN in session.config.stash:
        output[MARKER] = session.config.stash[RUN].dump()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The differences, and what was seen of each clause."""
    if RUN in config.stash:
        config.stash[RUN].write(terminalreporter)
