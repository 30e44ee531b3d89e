"""The report: for a reader in both languages, as JSON with its histories, and as a diagram that shows coverage."""

from __future__ import annotations

import json

import attrs
import pytest

from shuroflow.errors import InputError, UnknownProgramme
from shuroflow.states import Office, programme
from shuroflow.storage.codec import decode
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.paths import Need, PathReport, explore
from shuroflow.verification.paths.wording import FINDINGS, NOTES
from shuroflow.verification.probes import course
from shuroflow.vocabulary import State
from tests.verification.paths import seats
from tests.verification.paths.conftest import Install
from tests.verification.paths.seats import ROWS, rule
from tests.verification.paths.test_planted import never


@pytest.fixture
def report(install: Install) -> PathReport:
    """A sound programme."""
    install(seats.seats())
    return explore(seats.CODE, needs={State.IN_SUPPORT: ("agreed",)})


def test_every_history_of_it_is_one_that_the_desk_would_record(report: PathReport) -> None:
    """Read back from JSON, each witness of a move is a history of which the judge allows every event."""
    for move in report.to_json()["moves"]:
        history = tuple(decode(json.dumps(line, ensure_ascii=False).encode()) for line in move["history"])

        assert history
        assert list(range(1, len(history) + 1)) == [event.seq for event in history]
        assert all(judgement.allowed for judgement in course(history, Office()))


def test_a_rule_has_a_history_that_breaks_it(report: PathReport) -> None:
    """The last event of the witness is refused, or noted, by that very rule; before it everything is allowed."""
    for seen in report.rules:
        assert seen.broken is not None
        *before, last = course(seen.broken, Office())

        assert all(judgement.allowed for judgement in before)
        assert seen.rule in {finding.rule.code for finding in last.findings}


def test_the_text_says_what_was_explored(report: PathReport) -> None:
    """Bound and numbers, and that nothing is wrong, in both languages."""
    assert "up to 2 of 10 events, a day that passes counting as one (" in report.text("en")
    assert "wrong: 0" in report.text("en")
    assert "10 通りの出来事を 2 件まで、日の経過も 1 件と数える(" in report.text("ja")
    assert "誤り: 0" in report.text("ja")
    assert "the chart has no other way, as far as nothing on record is corrected or withdrawn" in report.text("en")
    assert "図のとおりにしか至れない(後から記録が訂正・取消されない限り)" in report.text("ja")


def test_the_diagram_shows_how_often_an_arrow_was_taken(report: PathReport) -> None:
    """The lines of the programme's own diagram, each arrow with its number."""
    plain = programme(seats.CODE).current.mermaid("en").splitlines()
    shown = report.mermaid("en").splitlines()
    arrows = [line for line in shown if "-->" in line]

    assert [line.rpartition(" (")[0] if "-->" in line else line for line in shown] == plain
    assert len(report.moves) == len(arrows)
    assert all(line.endswith(" times)") for line in arrows)
    assert [f"({move.times:,} times)" in line for move, line in zip(report.moves, arrows, strict=True)] == [True] * len(
        arrows
    )


def test_the_diagram_marks_what_is_not_taken(install: Install) -> None:
    """An arrow that no history takes is told from the others."""
    lost = attrs.evolve(ROWS["lost"], guards=(never,))
    rows = [*(row for name, row in ROWS.items() if name != "lost"), lost]
    install(seats.seats(rows, rules=seats.RULES + rule("never")))
    report = explore(seats.CODE, corpus=Corpus(seats.CODE, tuple(seats.examples())))
    marked = [line.split(":")[0].strip() for line in report.mermaid("en").splitlines() if "(not taken)" in line]

    assert ["in_support --> discontinued", "extended --> discontinued"] == marked
    assert 2 == report.mermaid("ja").count("(通らず)")


def test_the_json_is_plain(report: PathReport) -> None:
    """It can be written and read again, and says whether it passed."""
    told = report.to_json("en")

    assert told == json.loads(json.dumps(told, ensure_ascii=False))
    assert (True, True, 2) == (told["passed"], told["complete"], told["bound"])
    assert [{"state": "in_support", "needs": "agreed", "secured_by": "chart"}] == told["needs"]


@pytest.mark.parametrize("kind", [*FINDINGS, *NOTES])
def test_every_kind_is_worded_in_both_languages(kind: str) -> None:
    """Both say something, with the same values."""
    says = {**FINDINGS, **NOTES}[kind]
    names = [{part.partition("}")[0] for part in text.split("{")[1:]} for text in (says.ja, says.en)]

    assert names[0] == names[1]
    assert not says.ja.isascii()
    assert says.en.replace("→", "").isascii()


def test_progress_is_told(install: Install) -> None:
    """Each part of the work says how much of it is done, and comes to its end."""
    install(seats.seats())
    told: dict[str, list[tuple[int, int]]] = {}
    explore(seats.CODE, bound=2, progress=lambda what, done, total: told.setdefault(what, []).append((done, total)))

    assert ["histories", "edges", "1/2", "2/2"] == list(told)
    assert all(steps == sorted(steps) and steps[-1][0] == steps[-1][1] for steps in told.values())


def test_what_cannot_be_explored_is_said(install: Install) -> None:
    """A bound below one, a need that names no event, a programme without examples, an unknown programme."""
    install(seats.seats())
    with pytest.raises(InputError, match="at least 1"):
        explore(seats.CODE, bound=0)
    with pytest.raises(InputError, match="no event 'agreeed'") as wrong:
        explore(seats.CODE, needs={State.IN_SUPPORT: ("agreeed",)})
    assert "needs.in_support" == wrong.value.field
    install(attrs.evolve(seats.seats(), examples=None))
    with pytest.raises(InputError, match="brings no examples"):
        explore(seats.CODE)
    with pytest.raises(UnknownProgramme):
        explore("nowhere")


def test_a_need_of_ones_own(install: Install) -> None:
    """A function of the events may be asked for: here, that somebody was reminded before the seat was given back."""
    install(seats.seats())
    own = Need(
        label=attrs.evolve(programme(seats.CODE).current.event_label("reminded"), en="a reminder in time"),
        events=frozenset({"reminded"}),
        holds=lambda history, day: any(event.kind == "reminded" and event.occurred_on < day for event in history),
    )
    (finding,) = explore(seats.CODE, needs={State.ENDED: (own,)}).findings

    assert ("without_step", "ended") == (finding.kind, finding.subject)
    assert "a reminder in time" in finding.message("en")
    assert "reminded" not in [event.kind for event in finding.history]
