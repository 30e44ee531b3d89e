"""One browser for all tests of a process; every page is opened anew and watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.audit.pages import Watch, chromium, reported, write_page
from tests.audit.records import STORIES, story


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium."""
    with chromium(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="session")
def samples_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of all told records, in Japanese."""
    return write_page(tmp_path_factory.mktemp("page") / "audit.html", *[reported(story(name)) for name in STORIES])


@pytest.fixture
def watch() -> Watch:
    """What the pages of this test say and ask for."""
    return Watch()


@pytest.fixture
def opened(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open a file at an address within it; afterwards nothing was said and nothing but the file was asked for."""
    contexts = []
    files = set()

    def open_(path: Path, at: str = "", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = watch.over(context.new_page())
        files.add(path.as_uri())
        page.goto(path.as_uri() + at)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [] == watch.said
    assert files >= {url.partition("#")[0] for url in watch.asked}
