"""Pages of the audit for the tests, and a real browser to open them in. Nothing here judges anything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import attrs
from playwright.sync_api import Browser, Page, sync_playwright

from shuroflow.audit import CaseReport, Proof, Receipt, explain, replay, write_html
from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.vocabulary import Lang
from tests.states.story import AS_OF

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def reported(events: Sequence[Event], *, as_of: date = AS_OF, office: Office | None = None) -> CaseReport:
    """The report on a case with its explanation."""
    report = replay(events, as_of=as_of, office=office)
    assert report is not None
    return attrs.evolve(report, explanation=explain(events, as_of=as_of, office=office))


def write_page(path: Path, *items: Any, lang: Lang = "ja", as_of: date = AS_OF, proof: Proof | None = None) -> Path:
    """A page with these cases."""
    with path.open("w", encoding="utf-8", newline="") as out:
        write_html(items, out, receipt=Receipt(as_of=as_of), lang=lang, proof=proof)
    return path


@contextmanager
def chromium(home: Path) -> Iterator[Browser]:
    """A browser with an empty profile, whose home is a folder of the test's own."""
    found = shutil.which("chromium")
    assert found is not None, "the page is tested in Chromium: install it (Debian: apt install chromium)"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=found, args=list(QUIET), env={**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        )
        try:
            yield browser
        finally:
            browser.close()


@attrs.define
class Watch:
    """What a page says and asks for while it is open: it must be nothing."""

    said: list[str] = attrs.field(factory=list)
    asked: list[str] = attrs.field(factory=list)

    def over(self, page: Page) -> Page:
        """Watch a page."""
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: self.asked.append(request.url))
        return page
