"""Take the pictures of the guides from real pages: ``.venv/bin/python docs/pictures.py``.

The pages are made of the sample records that come with the package; each picture is a WebP below ``docs/img``.
"""

from __future__ import annotations

import shutil
import tempfile
from base64 import b64decode
from contextlib import chdir
from datetime import date
from pathlib import Path
from typing import cast

from playwright.sync_api import Page, sync_playwright

from shuroflow.audit import Conditions, Receipt, audit, differences, write_html
from shuroflow.audit.comparison import page as comparison
from shuroflow.audit.comparison.tally import Side
from shuroflow.samples import SAMPLES
from shuroflow.states import Office
from shuroflow.vocabulary import Lang

IMAGES = Path(__file__).resolve().parent / "img"
AS_OF = date(2026, 11, 21)
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def take(page: Page, name: str, *, top: float = 0, high: int = 760, wide: int = 1180) -> None:
    """Write what stands in the window, from ``top`` on, as a picture."""
    session = page.context.new_cdp_session(page)
    clip = {"x": 0, "y": top, "width": wide, "height": high, "scale": 1}
    shot = session.send(
        "Page.captureScreenshot", {"format": "webp", "quality": 60, "clip": clip, "captureBeyondViewport": True}
    )
    (IMAGES / f"{name}.webp").write_bytes(b64decode(shot["data"]))


def top_of(page: Page, what: str) -> float:
    """Where an element begins in the page, in pixels."""
    return cast(float, page.locator(what).first.evaluate("(each) => each.getBoundingClientRect().top + scrollY"))


def compared(sources: list[str], folder: Path, lang: Lang) -> Path:
    """The page of a comparison: the samples where periods begin on the day after."""
    path = folder / f"compared-{lang}.html"
    office = Office.parse('[settings]\nfirst_day = "excluded"')
    here, there = Side(conditions=Conditions()), Side(conditions=Conditions(office=office), overlay="first-day.toml")
    items = differences(sources, as_of=AS_OF, here=here.conditions, there=there.conditions)
    with path.open("w", encoding="utf-8", newline="") as out:
        comparison.write_html(items, out, receipt=Receipt(as_of=AS_OF), here=here, there=there, lang=lang)
    return path


def main() -> None:
    """Take all pictures in both languages."""
    IMAGES.mkdir(exist_ok=True)
    found = shutil.which("chromium")
    assert found is not None, "install Chromium (Debian: apt install chromium)"
    with tempfile.TemporaryDirectory() as folder, chdir(folder), sync_playwright() as driver:
        sources = [str(Path(shutil.copy(sample, "."))) for sample in SAMPLES]  # a page names what was read
        browser = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        languages: tuple[Lang, ...] = ("ja", "en")
        for lang in languages:
            path = Path(folder) / f"{lang}.html"
            with path.open("w", encoding="utf-8", newline="") as out:
                write_html(audit(sources, as_of=AS_OF, explained=True), out, receipt=Receipt(as_of=AS_OF), lang=lang)
            page = browser.new_page(viewport={"width": 1180, "height": 760}, color_scheme="light")
            page.goto(path.as_uri())
            take(page, f"list-{lang}")
            page.goto(f"{path.as_uri()}#T03/3")
            take(page, f"step-{lang}", top=page.evaluate("scrollY"))
            take(page, f"arithmetic-{lang}", top=top_of(page, "details.more-rules") - 8, high=470, wide=740)
            page.set_viewport_size({"width": 1180, "height": 960})  # the time line is part of it
            page.goto(f"{path.as_uri()}#S04/11")
            take(page, f"way-{lang}", top=page.evaluate("scrollY"), high=960)
            page.emulate_media(media="print")
            page.set_viewport_size({"width": 760, "height": 1000})
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
            take(page, f"paper-{lang}", high=1000, wide=760)
            page.close()
            page = browser.new_page(viewport={"width": 1180, "height": 760}, color_scheme="light")
            page.goto(f"{compared(sources, Path(folder), lang).as_uri()}#S05")
            take(page, f"compare-{lang}", high=1170)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
