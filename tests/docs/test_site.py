"""The documentation builds strictly, every link in it leads somewhere, and it loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

from tests.docs.pages import PAGES, ROOT, name_of

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
