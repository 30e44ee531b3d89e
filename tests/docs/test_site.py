"""The documentation builds strictly, every link in it leads somewhere, and it loads nothing from elsewhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from markdown import Markdown
from playwright.sync_api import expect

from tests.audit.pages import chromium
from tests.docs.pages import DOCS, PAGES, ROOT, name_of

LOADING = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}


class Links(HTMLParser):
    """What an HTML page loads, links to and can be linked to at."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses of a tag."""
        for name, value in attrs:
            if value is None:
                continue
            if (tag, name) in LOADING:
                self.loaded.append(value)
            elif tag == "a" and name == "href":
                self.linked.append(value)
            elif name == "id":
                self.ids.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Links]:
    """The built site: file → what it loads and links to."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    found = {}
    for path in sorted(folder.rglob("*.html")):
        found[path] = Links()
        found[path].feed(path.read_text(encoding="utf-8"))
    return found


def test_every_page_is_built(site: dict[Path, Links]) -> None:
    """There is an HTML file for each page of the documentation."""
    names = {path.stem for path in site}

    assert set() == {page.stem for page in PAGES if page.is_relative_to(ROOT / "docs")} - names


def test_nothing_is_loaded_from_elsewhere(site: dict[Path, Links]) -> None:
    """No script, style, font or picture comes from another host."""
    assert [] == [(path.name, url) for path, page in site.items() for url in page.loaded if urlsplit(url).netloc]
    folder = min(site, key=lambda path: len(path.parts)).parent
    styles = list(folder.rglob("*.css"))

    assert styles
    assert [] == [(path.name, url) for path in styles for url in _urls(path.read_text(encoding="utf-8")) if "//" in url]


def _urls(style: str) -> list[str]:
    found = re.findall(r"(?:url\(|@import )\s*[\"']?([^)\"';]+)", style)
    return [url for url in found if not url.startswith("data:")]


def test_links_lead_somewhere(site: dict[Path, Links]) -> None:
    """Every link inside the site leads to a file, and its fragment to a place in it."""
    assert [] == list(_broken(site))


def _broken(site: dict[Path, Links]) -> Iterator[tuple[str, str]]:
    for path, page in site.items():
        if path.name == "404.html":  # it is served from any depth and links from the root
            continue
        for url in page.linked:
            if urlsplit(url).scheme or urlsplit(url).netloc:
                continue
            plain, fragment = urldefrag(url)
            target = (path.parent / unquote(plain)).resolve() if plain else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists() or (
                fragment and target.suffix == ".html" and unquote(fragment) not in site[target].ids
            ):
                yield path.name, url


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent == ROOT], ids=name_of)
def test_links_of_the_readmes_lead_to_files(page: Path) -> None:
    """A link in a README names a file of the project."""
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert len(links) > 10
    assert [] == [link for link in links if "://" not in link and not (ROOT / link).is_file()]


@pytest.mark.parametrize("asked", ["訂正", "封印", "overlay"])
def test_the_search_finds_terms_of_two_letters_too(asked: str, site: dict[Path, Links], tmp_path: Path) -> None:
    """In a real browser, from a server of this machine: most Japanese terms are that short."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    folder = min(site, key=lambda path: len(path.parts)).parent
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            with chromium(tmp_path) as browser:
                page = browser.new_page()
                page.goto(f"http://127.0.0.1:{server.server_port}/search.html?q={asked}")
                expect(page.locator("#mkdocs-search-results article").first).to_contain_text(asked, ignore_case=True)
        finally:
            server.shutdown()
            thread.join()


# Line breaks in Japanese ----------------------------------------------------------------------------------------------

LETTER = "[\u3001-\u30ff\u4e00-\u9fff\uff01-\uff5e]"
INLINE = {"a", "b", "em", "i", "strong", "span"}


class Read(HTMLParser):
    """The text of a page as it is read: elements that begin anew, and code, stand as a mark of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.code: list[str] = []
        self._codes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Another element within the line, or a new one."""
        self._codes += tag in {"code", "pre", "script", "style"}
        self.text += "" if tag in INLINE else "|"

    def handle_endtag(self, tag: str) -> None:
        """As at its beginning."""
        self._codes -= tag in {"code", "pre", "script", "style"}
        self.text += "" if tag in INLINE else "|"

    def handle_data(self, data: str) -> None:
        """Text, or code."""
        if self._codes:
            self.code.append(data)
        else:
            self.text += data


def read(page: str) -> Read:
    """A page read."""
    found = Read()
    found.feed(page)
    return found


@cache
def hooks() -> Any:
    """The module that the build calls."""
    spec = importlib.util.spec_from_file_location("docs_hooks", DOCS / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rendered(source: str, *, joined: bool) -> str:
    """A page of the documentation as HTML, without the frame of the site."""
    extensions: list[Any] = ["tables", "fenced_code", *([hooks().JapaneseLines()] if joined else [])]
    return Markdown(extensions=extensions).convert(source)


def test_no_line_break_of_the_source_is_a_space_in_japanese(site: dict[Path, Links]) -> None:
    """Nowhere on the built site, though the sources have many."""
    between = re.compile(rf"{LETTER} *\n *{LETTER}")
    sources = [len(between.findall(page.read_text(encoding="utf-8"))) for page in PAGES if page.is_relative_to(DOCS)]
    assert sum(sources) > 90
    for path in site:
        assert [] == between.findall(read(path.read_text(encoding="utf-8")).text), path.name


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("就労を\n支援する。", "<p>就労を支援する。</p>"),
        ("就労を\n**支援**\nする。", "<p>就労を<strong>支援</strong>する。</p>"),
        ("**就労を\n支援**する", "<p><strong>就労を支援</strong>する</p>"),
        ("葛󠄀\n城、\n𠮷野", "<p>葛󠄀城、𠮷野</p>"),
        ("* 一\n  二\n* 三", "<ul>\n<li>一\n二</li>\n<li>三</li>\n</ul>".replace("一\n", "一")),
        ("one\ntwo", "<p>one\ntwo</p>"),
        ("就労を\nsupport\nする", "<p>就労を\nsupport\nする</p>"),
        ("一  \n二", "<p>一<br />\n二</p>"),
        ("```\n一\n二\n```", "<pre><code>一\n二\n</code></pre>"),
        ("`一\n二`", "<p><code>一\n二</code></p>"),
        ("一\n\n二", "<p>一</p>\n<p>二</p>"),
    ],
)
def test_lines_are_joined_between_japanese_letters_alone(source: str, expected: str) -> None:
    """Across an emphasis too; not beside English, not at a break that is meant, not in code."""
    assert expected == rendered(source, joined=True)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_nothing_else_of_a_page_is_changed(page: Path) -> None:
    """Beside the line breaks every letter stays; code stays whole; a line without Japanese stays as it is."""
    source = page.read_text(encoding="utf-8")
    plain, joined = (rendered(source, joined=joined) for joined in (False, True))
    assert re.sub(r"\s", "", plain) == re.sub(r"\s", "", joined)
    assert read(plain).code == read(joined).code
    english = [line for line in plain.split("\n") if not re.search(LETTER, line)]
    assert english == [line for line in joined.split("\n") if not re.search(LETTER, line)]
