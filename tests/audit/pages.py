"""Pages of the audit for the tests, and a real browser to open them in. Nothing here judges anything."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tomllib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from shuroflow.audit import CaseReport, Proof, Receipt, explain, replay, write_html
from shuroflow.audit.page.document import HOME, Design
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


HOSTILE = (
    "</script><script>window.taken=1</script>",
    "<img src=x onerror=window.taken=1>",
    "<!-- ]]> {{index}} ${title}",
    "\u2028\u2029\u0085",
    'it\'s "quoted" `so` \\u0041 \\',
    "a\u202egnp.exe\u202c \u2067\u05d0\u2069 \u200f\u061c",
    "𠮷野家 葛󠄀城 辻󠄁 \ue000 👨‍👩‍👧",
    "&lt;b&gt; &amp; &#60;",
    "line one\nline two\tafter a tab",
    "\u0007\u001b[31m\x7f zero\u200bwidth\ufeff",
)

A4 = {"width": 688, "height": 1017}  # what the margins leave of the sheet, in pixels
BROKEN = """(all) => {
    const range = document.createRange();
    const broken = [];
    for (const each of all) {
        const walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            for (const word of node.data.matchAll(/[^\\s、,]+/g)) {
                range.setStart(node, word.index);
                range.setEnd(node, word.index + word[0].length);
                const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top)));
                if (lines.size > 1) broken.push(word[0]);
            }
        }
    }
    return broken;
}"""
"""The words of elements that stand on more than one line."""


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


def serious(page: Page) -> list[tuple[str, Any]]:
    """What axe-core finds that keeps somebody out."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]][:3])
        for each in found
        if each["impact"] in {"serious", "critical", "moderate"}
    ]


# The file of a page, without a browser --------------------------------------------------------------------------------


class Read(HTMLParser):
    """The elements of a page, without a browser: tags with attributes, and the data of scripts by their id."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self._at: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.tags.append((tag, dict(attrs)))
        self._at = (dict(attrs).get("id") or tag) if tag in {"script", "style"} else None

    def handle_endtag(self, tag: str) -> None:
        """The element is over."""
        self._at = None

    def handle_data(self, data: str) -> None:
        """Keep what stands in a script or a style."""
        if self._at is not None:
            self.scripts[self._at] = self.scripts.get(self._at, "") + data


def closed_to_all_else(page: str, design: Design) -> None:
    """The policy of the page admits its own script and style, which are those of the design, and nothing else."""
    read = Read(page)

    def hashed(content: str) -> str:
        return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"

    (policy,) = [have["content"] for tag, have in read.tags if have.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert {
        "default-src": "'none'",
        "script-src": hashed(read.scripts["script"]),
        "style-src": hashed(read.scripts["style"]),
        "base-uri": "'none'",
        "form-action": "'none'",
    } == directives
    assert (design.code(), design.look()) == (read.scripts["script"], read.scripts["style"])


def loads_nothing(page: str, design: Design) -> None:
    """No element of the page names another file, no attribute is a handler or a style; no script knows a network."""
    read = Read(page)
    loading = {"src", "srcset", "data", "poster", "action", "style", "formaction", "background"}
    assert [] == [have for _, have in read.tags if loading & have.keys() or any(name.startswith("on") for name in have)]
    assert {"#main", "#foot"} == {have["href"] for _, have in read.tags if "href" in have}
    network = "fetch|XMLHttpRequest|WebSocket|EventSource|import|serviceWorker|localStorage|sendBeacon"
    forbidden = rf"\b({network}|eval|Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b"
    assert [] == re.findall(forbidden, design.code())
    assert [] == re.findall(r"url\(|@import|@font-face|expression", design.look())
    assert [] == re.findall(r"</script|<!--", design.code(), re.IGNORECASE)


def words_are_used(design: Design, writers: Iterable[str], made: Iterable[str]) -> None:
    """Every word of a page is in both languages and said by its script or a writer; ``made`` are put together there."""
    ja, en = design.said("ja"), design.said("en")
    for package, name in ((HOME, "words.toml"), (design.package, design.words)):
        words = tomllib.loads(resources.files(package).joinpath(name).read_text(encoding="utf-8"))
        assert [] == [word for word, said in words.items() if set(said) != {"ja", "en"}]
    parts = {HOME: ["document.py"]}
    parts.setdefault(design.package, []).extend(writers)
    used = design.code() + "".join(
        resources.files(package).joinpath(name).read_text(encoding="utf-8")
        for package, names in parts.items()
        for name in names
    )
    single = {name for name in en if name.endswith("_one")}  # taken by ``fill`` where there is one
    assert set() == {name for name in single if "{n}" not in en.get(name.removesuffix("_one"), "")}
    made = {"violation", "observation", "note", *made, *single}
    assert [] == sorted(name for name in en if name not in made and not re.search(rf"\b{name}\b", used))
    named = set(re.findall(r"\bwords\.(\w+)", design.code())) | set(re.findall(r"""\bfill\("(\w+)\"""", design.code()))
    assert set() == named - set(ja)
