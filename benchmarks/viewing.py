"""The page of an audit in Chromium: a thousand cases in one file, and a case of two thousand events."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs
from playwright.sync_api import Browser, sync_playwright

from benchmarks.measure import Figure, limit
from shuroflow.audit import Receipt, audit, write_html
from shuroflow.samples import SAMPLES
from shuroflow.simulation import write
from shuroflow.storage import decode, encode

CASES = 1_000
EVENTS = 2_000
AS_OF = date(2027, 1, 1)
OPENINGS = 7
STEPS = 200
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")

# From the start of the navigation until the first step is open and two frames have been drawn since.
USABLE = """() => new Promise((done) => {
    const frames = () => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    const look = () => (document.querySelector("#step-0[aria-current] .body dl") ? frames() : setTimeout(look, 1));
    look();
})"""

# From the key until the next step has been laid out and drawn.
STEP = """async (count) => {
    const taken = [];
    for (let number = 0; number < count; number++) {
        await new Promise((done) => setTimeout(done, 5));
        const start = performance.now();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        taken.push(performance.now() - start);
    }
    return taken;
}"""


def figures() -> Iterator[Figure]:
    """Open the page at a step; step on in a long case."""
    found = shutil.which("chromium")
    assert found is not None, "install Chromium (Debian: apt install chromium)"
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name, sync_playwright() as driver:
        folder = Path(name)
        browser = driver.chromium.launch(
            executable_path=found, args=list(FLAGS), env={**os.environ, "HOME": name, "XDG_CONFIG_HOME": name}
        )
        write(CASES, 1, 0.2, folder / "many.jsonl")
        first = next(iter(audit([folder / "many.jsonl"], as_of=AS_OF)))
        many = _page(folder / "many.jsonl")
        size = many.stat().st_size / 2**20
        openings = [_usable(browser, f"{many.as_uri()}#{getattr(first, 'case_id', '')}/1") for _ in range(OPENINGS + 1)]
        yield limit(
            f"page of {CASES:,} cases ({size:.0f} MB): first step usable, median of {OPENINGS}",
            statistics.median(openings[1:]) / 1000,  # the first opening starts the browser's own processes
            1.0,
            "s",
        )
        taken = _steps(browser, f"{_long(folder).as_uri()}#long/300")
        yield limit(f"case of {EVENTS:,} events: next step, median of {STEPS}", statistics.median(taken), 50.0, "ms")
        slow = sorted(taken)[STEPS * 95 // 100]
        yield limit(f"case of {EVENTS:,} events: next step, 19 of 20 within", slow, 50.0, "ms")
        browser.close()


def _page(source: Path) -> Path:
    page = source.with_suffix(".html")
    with page.open("w", encoding="utf-8", newline="") as out:
        write_html(audit([source], as_of=AS_OF, explained=True), out, receipt=Receipt(as_of=AS_OF))
    return page


def _long(folder: Path) -> Path:
    """The page of one compliant case with visits on every day of its period, several on most."""
    lines = SAMPLES[1].read_bytes().splitlines()
    *events, visit = [event for event in map(decode, lines) if event.case_id == "T01"][:7]
    for number in range(EVENTS - len(events)):
        day = visit.occurred_on + timedelta(days=number * 240 // EVENTS)
        events.append(attrs.evolve(visit, seq=len(events) + 1, occurred_on=day))
    source = folder / "long.jsonl"
    source.write_bytes(b"".join(encode(attrs.evolve(event, case_id="long")) + b"\n" for event in events))
    return _page(source)


def _usable(browser: Browser, address: str) -> float:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address, wait_until="commit")
    taken: float = page.evaluate(USABLE)
    page.close()
    return taken


def _steps(browser: Browser, address: str) -> list[float]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    taken: Any = page.evaluate(STEP, STEPS)
    page.close()
    return list(taken)
