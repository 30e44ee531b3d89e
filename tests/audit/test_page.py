"""The file of the page: whole, streamed, closed to everything that is not its own, and the same data as the JSON."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit import CaseReport, Later, Receipt, case_record, write_html
from shuroflow.audit.page import DESIGN
from shuroflow.audit.page.diagram import diagram, moves_of
from shuroflow.audit.page.document import FIRST, LAST
from shuroflow.audit.page.markup import embedded, filled, text
from shuroflow.audit.receipt import Input, rules_sha256
from shuroflow.errors import InputError
from shuroflow.events import Corrected
from shuroflow.states import programme
from shuroflow.vocabulary import CLOSED, State
from tests.audit.pages import Read, closed_to_all_else, loads_nothing, reported, words_are_used, write_page
from tests.audit.records import STORIES, story
from tests.audit.test_explanation import amended
from tests.states.story import AS_OF, SV

RECEIPT = Receipt(as_of=AS_OF)
PAGE = resources.files("shuroflow.audit.page")


def source(name: str) -> str:
    """A file of the page as it stands in the package."""
    return PAGE.joinpath(name).read_text(encoding="utf-8")


def page_of(*items: Any, lang: Any = "ja") -> str:
    """The page of these items."""
    out = io.StringIO()
    write_html(items, out, receipt=RECEIPT, lang=lang)
    return out.getvalue()


# Whole and closed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_policy_admits_this_script_and_this_style_alone(lang: str) -> None:
    """The hashes in the policy are those of the two inline blocks; nothing else may run, load, frame or be sent."""
    closed_to_all_else(page_of(reported(story("S02")), lang=lang), DESIGN)


def test_every_part_of_the_script_is_in_it() -> None:
    """No file of the page is left out; a comparison shares those of the folder ``script``."""
    parts = [*FIRST, *DESIGN.script, *LAST]
    there = [f"{folder}/{file.name}" for folder in ("script", "audit") for file in PAGE.joinpath(folder).iterdir()]
    assert sorted(there) == sorted(parts)
    assert [] == [name for name in parts if source(name) not in DESIGN.code()]


def test_nothing_is_loaded_from_elsewhere() -> None:
    """No element names another file, no attribute is a handler or a style, and the script knows no network."""
    loads_nothing(page_of(*map(reported, map(story, STORIES))), DESIGN)


def test_every_word_is_there_and_used() -> None:
    """What the script and the writer say has both languages; no word is left over, nor one for a single thing."""
    kinds = ("violation", "observation", "note")
    made = {f"failed_{kind}" for kind in kinds} | {"held", "not_applicable"}
    made |= {f"status_{kind}" for kind in ("stands", "corrected", "withdrawn", "moved", "amending")}
    made |= {f"{word}_of" for word in ("days_since", "days_back", "same_day")}
    made |= {f"legend_{kind}" for kind in (*kinds, "discharged", "replaced", "open")}
    words_are_used(DESIGN, ("__init__.py", "tables.py"), made)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("ja", "訂正により 令和8年12月1日 (2026-12-01) へ(基準日の後)"),
        ("en", "moved to 2026-12-01, after the day asked about"),
    ],
)
def test_without_scripts_a_moved_event_names_its_day(lang: Any, said: str) -> None:
    """In the table of the record, in words and with the day filled in, in the row of that event alone."""
    moved = Corrected(seq=8, reason="正", approved_by=SV, occurred_on=date(2026, 12, 1))
    read = page_of(reported(amended(story("S01"), moved, AS_OF)), lang=lang)
    rows = read.rpartition("<noscript>")[2].partition("</noscript>")[0].split("<tr>")
    assert ["<td>8<"] == [row[:6] for row in rows if said in row]
    assert [] == [row for row in rows if "{day}" in row]


# The data -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_holds_what_the_json_says(lang: Any) -> None:
    """Each case in the page is the record of ``--format json --explain``, and the list names them all."""
    reports = [reported(story(name)) for name in STORIES]
    read = Read(page_of(*reports, lang=lang))
    held = [json.loads(read.scripts[f"case-{at}"]) for at in range(len(reports))]
    assert json.loads(json.dumps([case_record(report, lang=lang) for report in reports])) == held
    index = json.loads(read.scripts["index"])
    assert [report.case_id for report in reports] == [entry["id"] for entry in index]
    assert [len(report.case.duties) for report in reports] == [entry["duties"] for entry in index]


def test_errors_and_later_cases_are_said() -> None:
    """What cannot be used is listed with file and line; a case that began later is counted; no case is a page too."""
    error = InputError("is <b>bad</b>", file="a.jsonl", line=3, field="data.x", case_id="E")
    page = page_of(error, Later("L", "saitama"), reported(story("S01")))
    assert "a.jsonl:3: data.x: is &lt;b&gt;bad&lt;/b&gt;" in page
    assert "このほか 1ケースは" in page
    assert [] == json.loads(Read(page_of()).scripts["index"])


@pytest.mark.parametrize(("lang", "lines"), [("ja", "3行"), ("en", "lines: 3")])
def test_what_was_read_stands_at_the_foot(lang: Any, lines: str) -> None:
    """Every source with its lines and hash, told after it was read; the hash of the rules and of the settings."""
    receipt = Receipt(as_of=AS_OF, office="0f" * 32)
    hostile = "</li><script>alert(1)</script>\u202e\udcff.jsonl"

    def items() -> Iterator[CaseReport]:
        yield reported(story("S01"))
        receipt.inputs.extend([Input("記録/a.jsonl", 9, 3, "ab" * 32), Input(hostile, 9, 4, "cd" * 32)])

    out = io.StringIO()
    write_html(items(), out, receipt=receipt, lang=lang)
    page = out.getvalue()
    page.encode()
    foot = page[page.index("<footer") : page.index("</footer>")]
    assert 1 == len(
        [line for line in foot.split("<li>") if "記録/a.jsonl" in line and lines in line and "ab" * 32 in line]
    )
    assert "&lt;/li&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\udcff.jsonl" in foot
    assert "cd" * 32 in foot
    assert "0f" * 32 in foot
    assert rules_sha256(programme("saitama").current) in foot
    assert "<script" not in foot


def test_cases_are_written_as_they_come() -> None:
    """A case is in the file before the next one is asked for: memory does not grow with the caseload."""
    out = io.StringIO()
    seen: list[bool] = []

    def items() -> Iterator[CaseReport]:
        for number in range(5):
            seen.append(number == 0 or f"C-{number - 1}" in out.getvalue())
            yield attrs.evolve(reported(story("S01")), case_id=f"C-{number}")

    summary = write_html(items(), out, receipt=RECEIPT)
    assert ([True] * 5, 5) == (seen, summary.cases)


ANY = st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY)
def test_embedded_json_cannot_end_its_element(value: str) -> None:
    """Whatever a text holds, the JSON in the page has no ``<`` and no line separator, and reads back the same."""
    held = embedded({"note": value})
    assert not set(held) & {"<", "\u2028", "\u2029"}
    assert {"note": value} == json.loads(held)


def test_embedded_bytes_that_are_no_text_are_escapes() -> None:
    """The name of a file may hold them: the page can be written, and the name reads back the same."""
    held = embedded({"file": "a\udcff<.jsonl"})
    assert held.isascii()
    assert {"file": "a\udcff<.jsonl"} == json.loads(held)


@given(ANY)
def test_text_as_markup_is_the_text(value: str) -> None:
    """A parser finds the very text again (a NUL and a lone return aside, which no page can hold), in ``bdi`` alone."""

    class Texts(HTMLParser):
        found = ""
        tags: set[str] = set()  # noqa: RUF012 - one parser, one use

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags = self.tags | {tag}

        def handle_data(self, data: str) -> None:
            self.found += data

    parser = Texts()
    parser.feed(text(value))
    parser.close()
    assert value.replace("\x00", "").replace("\r", "") == parser.found
    assert {"bdi"} == parser.tags


def test_what_is_put_in_is_not_looked_at_again() -> None:
    """A text that looks like a place of the template stays as it is."""
    assert "a {{y}} b 2" == "".join(filled("a {{x}} b {{y}}", {"x": "{{y}}", "y": "2"}))


# The diagram ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_the_diagram_has_every_move_of_the_text(code: str) -> None:
    """Against the Mermaid diagram of the same edition: the same moves, each with every label; and always the same."""
    edition = programme(code).current
    mermaid = re.findall(r"(\S+) --> (\S+): (.*)", edition.mermaid("ja"))
    drawn = [
        (move.source.value.replace("new", "[*]"), move.dest.value, told)
        for move in moves_of(edition, "ja")
        for told in move.told
    ]
    assert sorted(mermaid) == sorted(drawn)
    assert diagram(edition) == diagram(edition)


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_no_two_states_overlap(code: str) -> None:
    """Each state has a place of its own, within the picture, closed ones in the right column."""
    drawn = diagram(programme(code).current)
    places = {
        state: (int(x), int(y))
        for state, x, y in re.findall(r'data-state="(\w+)" data-x="(\d+)" data-y="(\d+)"', drawn)
    }
    assert len(places) == len(set(places.values()))
    gaps = [abs(y - v) for x, y in places.values() for u, v in places.values() if x == u and y != v]
    assert min(gaps) >= 40
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn)
    assert box is not None
    assert all(x < int(box[1]) and y < int(box[2]) for x, y in places.values())
    right = max(x for x, _ in places.values())
    assert {state for state, (x, _) in places.items() if x == right} == {
        state.value for state in CLOSED if state.value in places
    }
    assert State.NEW.value in places


def test_a_page_can_be_written_anywhere(tmp_path: Path) -> None:
    """The file is UTF-8, says so in its head, and is the text of the writer."""
    path = write_page(tmp_path / "a.html", reported(story("S02")))
    assert page_of(reported(story("S02"))) == path.read_text(encoding="utf-8")
    assert b'<meta charset="utf-8">' in path.read_bytes()[:200]
