"""What the pytest plug-in does once a test asks for it: checks, saved histories, and the coverage of the run.

The plug-in itself (:mod:`shuroflow_pytest`) knows only pytest; this module knows what it knows of the library.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, cast

import attrs
import pytest

from shuroflow.audit import load_plug_ins
from shuroflow.errors import ShuroflowError, installing
from shuroflow.states import Office, programme_codes
from shuroflow.verification.compliance import PROFILES, Report
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.coverage import Coverage, coverage_line, coverage_text, seen_lines
from shuroflow.verification.drivers import DriverFactory
from shuroflow.verification.listening import recording
from shuroflow.verification.saving import save, saved
from shuroflow.verification.telling import difference_lines, result_line
from shuroflow.vocabulary import Lang


@attrs.frozen
class Found:
    """A difference as it stands in the summary: the test, the clause first named, and the file."""

    test: str
    programme: str
    clause: str
    file: str


class Run:
    """What one run of pytest has seen: by one process, or with pytest-xdist by all of them in the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.coverage = Coverage()
        self.found: list[Found] = []
        self.lang = cast(Lang, self.setting("lang"))
        self._counting = False

    def setting(self, name: str, marker: pytest.Mark | None = None) -> Any:
        """An option of the command line, else of the marker, else of the ini file; empty if it is nowhere."""
        given = self.config.getoption(f"shuroflow_{name}")
        if given is None and marker is not None:
            given = marker.kwargs.get(name)
        return self.config.getini(f"shuroflow_{name}") if given is None else given

    @property
    def folder(self) -> Path:
        """Where failing histories are."""
        return self.config.rootpath / str(self.setting("failing"))

    def compliance(self, test: str, marker: pytest.Mark | None) -> Compliance:
        """The fixture for one test."""
        if marker is not None:
            unknown = set(marker.kwargs) - {"programme", "profile", "seed"}
            if marker.args or unknown:
                what = ", ".join(sorted(unknown)) or "an argument without a name"
                _fail(f"{test}: marker shuroflow takes programme=, profile= and seed=, not {what}")
        return Compliance(self, test, marker)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what is asked of the judge meanwhile."""
        if self._counting:  # a check within a test that is counted anyway
            yield
            return
        self._counting = True
        try:
            with recording(self.coverage):
                yield
        finally:
            self._counting = False

    # -- for the summary

    def dump(self) -> dict[str, Any]:
        """The same in plain values, for another process."""
        return {"coverage": self.coverage.dump(), "found": [attrs.astuple(each) for each in self.found]}

    def add(self, dumped: dict[str, Any]) -> None:
        """Add what another process has seen."""
        self.coverage.add(Coverage.load(dumped["coverage"]))
        self.found += [Found(*each) for each in dumped["found"]]

    def write(self, terminal: pytest.TerminalReporter) -> None:
        """The summary: differences first, then the counts by clause; with ``--shuroflow-coverage`` the whole table."""
        known = [code for code in self.coverage.tallies if code in programme_codes()]
        if not known and not self.found:
            return
        terminal.write_sep("=", "shuroflow")
        for found in self.found:
            terminal.write_line(f"{found.clause}  {found.test}  {found.file}", red=True)
        for code in known:
            if self.config.getoption("shuroflow_coverage"):
                terminal.write_line(f"[{code}]")
                terminal.write_line(coverage_text(self.coverage, code, lang=self.lang))
            else:
                terminal.write_line(f"[{code}] {coverage_line(self.coverage, code, lang=self.lang)}")
                for line in seen_lines(self.coverage, code, lang=self.lang):
                    terminal.write_line(f"  {line}")


class Compliance:
    """The fixture ``compliance``: checks a system, and fails the test with what it found."""

    def __init__(self, run: Run, test: str, marker: pytest.Mark | None) -> None:
        self._run = run
        self._test = test
        self._marker = marker

    def check(
        self,
        factory: DriverFactory,
        programme: str | None = None,
        *,
        office: Office | None = None,
        corpus: Corpus | None = None,
        profile: str | None = None,
        seed: int | None = None,
        most: int | None = None,
    ) -> Report:
        """Drive a system and compare it with our judge; saved histories are tried first.

        What is left out is taken from the options of the command line, from the marker, or from the ini file.

        Args:
            factory: opens the system; it is closed at the end.
            programme: code of the programme that it claims to follow.
            office: figures, calendar and settings that it claims to follow.
            corpus: the histories to start from.
            profile: ``quick``, ``default`` or ``thorough``.
            seed: of what is drawn.
            most: how many differences are enough; by default the check goes on to the end.

        Returns:
            What was tried, if no difference was found; otherwise the test fails.
        """
        __tracebackhide__ = True
        try:
            from shuroflow.verification.checking import check
        except ModuleNotFoundError as error:
            _fail(f"no module {error.name!r}: the check needs the extra, {installing('verification')}")
        code = programme or self._run.setting("programme", self._marker)
        if not code:
            known = ", ".join(programme_codes())
            _fail(f"name a programme in check(), in the marker or as shuroflow_programme; known: {known}")
        name = profile or self._run.setting("profile", self._marker)
        if name not in PROFILES:
            _fail(f"there is no profile {name!r}; there are {', '.join(PROFILES)}")
        number = self._run.setting("seed", self._marker) if seed is None else seed
        try:
            number = int(str(number))
        except ValueError:
            _fail(f"the seed has to be a whole number, not {number!r}")
        try:
            load_plug_ins()
            with self._run.counting():
                report = check(
                    factory,
                    code,
                    office=office,
                    corpus=corpus,
                    profile=PROFILES[name],
                    seed=number,
                    replay=self._saved(code),
                    most=most,
                )
            told = [*self._told(report)]
        except ShuroflowError as error:
            _fail(f"the check cannot be made: {error}")
        if told:
            _fail("\n\n".join([*told, result_line(report, lang=self._run.lang)]))
        return report

    def _saved(self, code: str) -> list[Any]:
        return list(saved(self._run.folder, programme=code)) if self._run.folder.is_dir() else []

    def _told(self, report: Report) -> Iterable[str]:
        for difference in report.differences:
            path = os.path.relpath(save(difference, self._run.folder), self._run.config.rootpath)
            clause = difference.clauses[0] if difference.clauses else "–"
            self._run.found.append(Found(self._test, report.programme, clause, path))
            yield "\n".join(difference_lines(difference, lang=self._run.lang, saved=path))


def _fail(message: str) -> NoReturn:
    __tracebackhide__ = True
    pytest.fail(message, pytrace=False)


__all__ = ["Compliance", "Found", "Run"]
