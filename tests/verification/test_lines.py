"""Judging a history with one event changed: the same answers as the desk's own way, and nothing is touched."""

from __future__ import annotations

from random import Random

import attrs
import pytest

from shuroflow.caseload.held import Held
from shuroflow.events import Corrected, Event, Withdrawn
from shuroflow.events.envelope import Actor
from shuroflow.states import Judgement, Office, programme
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.lines import Line, copied
from shuroflow.verification.probes import probes
from shuroflow.vocabulary import Role

OFFICE = Office()


def by_the_desk(history: list[Event], start: int) -> list[Judgement]:
    """The plain way: every event is judged by the machine on top of all before it."""
    held, said = Held(), []
    for at, event in enumerate(history):
        if at >= start:
            said.append(held.judge(event, OFFICE))
        held.take(event, OFFICE)
    return said


def told(said: list[Judgement]) -> list[object]:
    """What matters of judgements."""
    return [(each.source, each.allowed, [(f.rule.code, f.refuses, f.values) for f in each.findings]) for each in said]


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_the_answers_are_those_of_the_desk(code: str) -> None:
    """For a random fifth of all variants of a few histories, days out of order included, both ways say the same."""
    draw, histories = Random(code), Corpus.of(code).histories
    compared = moved = 0
    for history in [*histories[::6], histories[-1]]:
        for at in range(len(history)):
            for probe in probes(history, at, OFFICE):
                if draw.random() < 0.2:
                    changed = [*history[:at], probe.event, *history[at + 1 :]]
                    assert told(by_the_desk(changed, at)) == told([probe.judgement, *probe.later])
                    compared += 1
                    moved += probe.path == ("occurred_on",)
    assert compared > 100
    assert moved > 20


def amended() -> list[Event]:
    """A history with a correction and a withdrawal in it."""
    history = list(Corpus.of("saitama").histories[5])
    last, by = history[-1], Actor("sv-01", Role.SUPERVISOR)
    corrected = Corrected(seq=2, reason="slip", approved_by=by, occurred_on=history[1].occurred_on)
    withdrawn = Withdrawn(seq=3, reason="slip", approved_by=by)
    for number, data in enumerate((corrected, withdrawn), len(history) + 1):
        history.append(attrs.evolve(last, seq=number, kind=data.__event__, data=data))  # type: ignore[attr-defined]
    return history


def test_corrections_and_withdrawals_go_the_plain_way() -> None:
    """Where something is amended, the answers are those of the desk too, before and after the event in question."""
    history = amended()

    for start in range(len(history) + 1):
        assert told(by_the_desk(history, start)) == told(Line(history[:start], OFFICE).course(history[start:]))


def test_a_line_can_be_carried_on_again_and_again() -> None:
    """What was asked before leaves no trace: the same question gets the same answer."""
    history = Corpus.of("tsushima").histories[-1]
    line = Line(history[:15], OFFICE)

    first = told(line.course(history[15:]))
    line.course(history[16:])
    assert first == told(line.course(history[15:]))


def test_a_copy_of_a_case_stands_on_its_own() -> None:
    """Carrying a copy on to the end leaves the case as it was, down to the work trials in it."""
    history = Corpus.of("tsushima").histories[-1]
    edition = programme("tsushima").current
    case = edition.new_case("c")
    for event in history[:18]:
        edition.fold(case, event, OFFICE)
    before = repr(case)

    copy = copied(case)
    assert before == repr(copy)
    for event in history[18:]:
        edition.fold(copy, event, OFFICE)
    assert before == repr(case)
    assert before != repr(copy)
