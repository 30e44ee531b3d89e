"""One call: explore a programme and report."""

from __future__ import annotations

from collections.abc import Callable

from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.states import Edition, Office, programme
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.paths import checks
from shuroflow.verification.paths.charted import Charted, charted, secured_by_chart, ways
from shuroflow.verification.paths.coverage import Coverage, Seen
from shuroflow.verification.paths.exploring import Explorer
from shuroflow.verification.paths.needs import Need, Needs, stated
from shuroflow.verification.paths.report import (
    Counts,
    DutySeen,
    MoveSeen,
    NeedSeen,
    PathReport,
    RuleSeen,
    StateSeen,
)
from shuroflow.verification.paths.situations import Situation
from shuroflow.verification.paths.starting import beginnings, other_offices, variants
from shuroflow.vocabulary import State

BOUND = 2
"""By how many events a history may leave a known one, if nothing else is asked for."""

MOVES = 8
"""Up to how many moves the walks of the chart are counted, and sequences of states looked for in histories."""


def explore(
    programme_code: str,
    *,
    office: Office | None = None,
    corpus: Corpus | None = None,
    bound: int = BOUND,
    needs: Needs | None = None,
    most: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> PathReport:
    """Explore the paths of a programme's chart, and say what is wrong with its rules.

    Corrections (訂正) and withdrawals (取消) are not tried: what is said holds as far as nothing on record is corrected
    or withdrawn afterwards. A known history that has one is gone on from as it stands.

    Args:
        programme_code: of a built-in programme or of a plug-in; its newest edition is looked at.
        office: figures, calendar and settings.
        corpus: the histories to start from; by default those of the programme.
        bound: by how many events a history may leave those of the corpus, at least 1. A day that passes counts as one
            too: an event on its own day, or on the day the case has come to, takes one, on any other day two. Each
            more takes some twenty times as long.
        needs: for a state, what must have come before it: kinds of event, or a ``Need``. By default what the 要綱 of a
            built-in programme demands before support; nothing for a plug-in.
        most: how many situations are kept at most; if they do not suffice, the report is not ``complete``.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        InputError: if the programme has no examples to start from, the bound is below 1, or a need names an event that
            the programme does not have.
        UnknownProgramme: if there is no such programme.
    """
    if bound < 1:
        raise InputError(f"the bound is {bound}: give the number of events, at least 1", field="bound")
    kind = programme(programme_code)
    office = Office() if office is None else office
    corpus = Corpus.of(programme_code) if corpus is None else corpus
    wanted = stated(kind.current, needs)
    explorer = Explorer(kind, corpus, office, wanted, others=other_offices(office), most=most)
    if progress is not None:
        explorer.told = progress
    explorer.run(beginnings(explorer), variants(explorer), bound)
    checks.sought(explorer)
    chart = charted(kind.current, longest=MOVES)
    found, noted = tuple(checks.findings(explorer, chart)), tuple(checks.notes(explorer, chart))
    every = list(ways(kind.current, MOVES))
    walked = _walked(explorer, every)
    coverage, edition = explorer.coverage, kind.current
    return PathReport(
        programme=programme_code,
        in_force_from=edition.in_force_from,
        bound=bound,
        complete=not explorer.cut,
        counts=Counts(
            examples=len(corpus.histories),
            events=len(explorer.alphabet.letters(explorer.alphabet.openings()[0])),
            situations=len(explorer.situations),
            histories=_histories(explorer.situations, bound),
            judged=coverage.judged,
            allowed=coverage.allowed,
            answers=len(coverage.answers),
            moves=MOVES,
            walks=chart.walks,
            ways=len(every),
            ways_walked=walked,
        ),
        findings=found,
        notes=noted,
        states=_states(chart, coverage),
        moves=_moves(edition, coverage),
        rules=_rules(edition, coverage),
        duties=_duties(edition, coverage),
        needs=tuple(
            NeedSeen(need_of, need.label, _secured(coverage, need_of, at, need))
            for need_of, all_needs in wanted.items()
            for at, need in enumerate(all_needs)
        ),
    )


def _history(seen: Seen | None) -> tuple[Event, ...]:
    return () if seen is None else seen.history()


def _states(chart: Charted, coverage: Coverage) -> tuple[StateSeen, ...]:
    used = [state for state in State if state in chart.used - chart.claimed]
    return tuple(StateSeen(state, _history(coverage.states.get(state))) for state in used)


def _moves(edition: Edition, coverage: Coverage) -> tuple[MoveSeen, ...]:
    found = []
    for arrow in edition.arrows():
        move = arrow.source, arrow.dest, arrow.event, arrow.clause
        found.append(MoveSeen(arrow, coverage.times[move], _history(coverage.moves.get(move))))
    return tuple(found)


def _rules(edition: Edition, coverage: Coverage) -> tuple[RuleSeen, ...]:
    broken, held = {**coverage.elsewhere, **checks.broken(coverage)}, checks.held(coverage)
    of_chart = checks.of_the_chart(edition)

    def told(seen: Seen | None) -> tuple[Event, ...] | None:
        return None if seen is None else seen.history()

    return tuple(
        RuleSeen(rule.code, rule.citation, told(held.get(rule.code)), told(broken.get(rule.code)))
        for name, rule in edition.table.rules.items()
        if name not in of_chart
    )


def _duties(edition: Edition, coverage: Coverage) -> tuple[DutySeen, ...]:
    found = []
    for code, duty in edition.table.duties.items():
        by = sorted({event for each, event, how in coverage.discharged if each == code and how != "again"})
        arisen = coverage.arisen.get(code)
        history = None if arisen is None else arisen.history()
        found.append(DutySeen(code, duty.citation, history, tuple(by)))
    return tuple(found)


def _secured(coverage: Coverage, state: State, at: int, need: Need) -> str:
    if (state, at) in coverage.missing:
        return "nothing"
    return "chart" if secured_by_chart(coverage.edition, state, need) else "rules"


def _histories(situations: list[Situation], bound: int) -> int:
    """The number of sequences of up to ``bound`` steps that were explored; those that come to the same count apart."""
    ways: dict[int, int] = {}
    by_id = {id(situation): situation for situation in situations}
    total = 0
    for length in range(bound + 1):
        for situation in situations:
            if situation.distance == length and (length == 0 or situation.before is None):
                ways[id(situation)] = ways.get(id(situation), 0) + 1  # an exploration starts here
                total += length > 0
        if length == bound:
            break
        step: dict[int, int] = {}
        for key, number in ways.items():
            situation = by_id[key]
            for after in situation.after:
                step[id(after)] = step.get(id(after), 0) + number
            total += number * (len(situation.after) + situation.leaves)
        ways = step
    return total


def _walked(explorer: Explorer, every: list[tuple[State, ...]]) -> int:
    """How many sequences of states a history shows; one that goes on from a known one is looked for."""
    known = explorer.coverage.ways
    for way in every:
        if way in known or way[:-1] not in known:
            continue

        def along(each: Situation, way: tuple[State, ...] = way) -> bool:
            return each.way == way

        found = explorer.reach(known[way[:-1]].situation, along, steps=checks.FURTHER, most=checks.FEW)
        if found is not None:
            known[way] = Seen(found)
    return sum(way in known for way in every)


__all__ = ["BOUND", "explore"]
