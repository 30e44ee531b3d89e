"""A later edition of a 要綱 is data beside the first: each event is judged by the one in force on its day."""

from __future__ import annotations

import sys
from datetime import date

import attrs
import pytest

from shuroflow.audit import replay
from shuroflow.errors import InputError
from shuroflow.events import saitama as e
from shuroflow.states import Programme, history, programme
from shuroflow.states.saitama.guards.meetings import three_parties_consulted
from shuroflow.vocabulary import Severity
from tests.audit.records import STORIES
from tests.states.saitama_stories import SELECTION
from tests.states.story import AS_OF, CW, ES, OFFICE, Story

NEW_TEXT = date(2025, 4, 1)


def with_later_edition() -> Programme:
    """The programme with an invented second edition that no longer asks for three parties at the selection."""
    first = programme("saitama").current
    rows = [
        attrs.evolve(row, guards=tuple(guard for guard in row.guards if guard is not three_parties_consulted))
        for row in first.rows
    ]
    later = first.amended(rows=rows, in_force_from=NEW_TEXT)
    return attrs.evolve(programme("saitama"), editions=(first, later))


def test_the_edition_in_force_on_the_day_is_taken() -> None:
    """The day before belongs to the first text, the day itself to the next; before all texts the first serves."""
    kind = with_later_edition()
    first, later = kind.editions
    assert first is kind.edition_on(date(2025, 3, 31))
    assert later is kind.edition_on(NEW_TEXT)
    assert first is kind.edition_on(date(1999, 1, 1))
    assert later is kind.current


@pytest.mark.parametrize(
    ("selected_on", "faults"), [("2025-03-31", ["saitama.three_parties_consulted"]), ("2025-04-01", [])]
)
def test_an_event_is_judged_by_the_text_of_its_day(
    monkeypatch: pytest.MonkeyPatch, selected_on: str, faults: list[str]
) -> None:
    """The same record is a breach on the last day of the first text and none on the first day of the next."""
    kind = with_later_edition()
    for module in (sys.modules[replay.__module__], history):
        monkeypatch.setattr(module, "programme", lambda _: kind)
    story = Story("saitama").on("2025-03-20", e.Listed())
    story.on(selected_on, attrs.evolve(SELECTION, attendees=(CW, ES)))
    report = replay(story.events, as_of=date(2025, 4, 30), office=OFFICE)
    assert report is not None
    assert faults == [each.rule.code for each in report.findings if each.severity is Severity.VIOLATION]


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_an_edition_without_amendments_judges_as_before(code: str) -> None:
    """Made anew of its own parts, it has the same rows, rules and diagram, and finds the same in every told record."""
    kind = programme(code)
    again = kind.current.amended()
    assert again is not kind.current
    assert (kind.current.rows, kind.current.table, kind.current.mermaid()) == (again.rows, again.table, again.mermaid())
    for name, told in STORIES.items():
        if told()[0].programme == code:
            reports = [
                replay(told(), as_of=AS_OF, office=OFFICE, under=each)
                for each in (None, attrs.evolve(kind, editions=(again,)))
            ]
            assert reports[0] is not None
            assert reports[1] is not None
            assert reports[0].findings == reports[1].findings, name


def test_an_amendment_that_does_not_fit() -> None:
    """A guard without a rule is told at once, and the edition that was to be amended stays as it is."""
    first = programme("saitama").current
    rules = {name: rule for name, rule in first.table.rules.items() if name != "three_parties_consulted"}
    with pytest.raises(InputError, match="three_parties_consulted"):
        first.amended(rules=attrs.evolve(first.table, rules=rules))
    assert "three_parties_consulted" in first.table.rules
