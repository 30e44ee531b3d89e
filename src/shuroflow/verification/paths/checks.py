"""From what was seen to what is wrong: each question of the report, with a witness or a counterexample.

What the chart alone decides holds for histories of any length. The rest holds up to the bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from shuroflow.events import Event
from shuroflow.states import Arrow, Edition, RuleTable
from shuroflow.states.judgement import Wording
from shuroflow.verification.paths import wording
from shuroflow.verification.paths.charted import Charted
from shuroflow.verification.paths.coverage import Coverage, Seen, is_end
from shuroflow.verification.paths.exploring import Explorer
from shuroflow.verification.paths.situations import Situation
from shuroflow.vocabulary import Lang, State

FURTHER, MOST, FEW = 4, 3_000, 500
"""How many steps beyond the bound, and among how many situations, an end, a discharge or a move is looked for."""


@attrs.frozen
class PathFinding:
    """One thing that is wrong with a rulebook, or worth knowing about it.

    ``kind`` is one of the keys of ``wording.FINDINGS`` or ``wording.NOTES``; ``subject`` the code of what it is about.
    ``history`` is the shortest that shows it, empty where nothing but its absence does. ``any_length``: it follows
    from the chart alone; else it holds up to the bound.
    """

    kind: str
    subject: str
    clauses: tuple[str, ...]
    values: Mapping[str, Any]
    history: tuple[Event, ...] = ()
    any_length: bool = False

    def message(self, lang: Lang = "ja") -> str:
        """What it is, in words."""
        says = wording.FINDINGS.get(self.kind) or wording.NOTES[self.kind]
        return says.render(self.values, lang)


def findings(explorer: Explorer, chart: Charted) -> Iterator[PathFinding]:
    """All that is wrong."""
    coverage = explorer.coverage
    edition = coverage.edition
    yield from _of_states(chart, coverage)
    yield from _traps(explorer, chart)
    yield from _of_rows(edition, chart, coverage)
    yield from _of_rules(edition, coverage)
    yield from _of_duties(explorer)
    for (state, at), seen in coverage.missing.items():
        need = explorer.needs[state][at]
        values = {"state": edition.state_name(state), "need": need.label}
        yield PathFinding("without_step", state.value, _ladder(edition, state), values, seen.history())
    for (event, error), seen in coverage.fell.items():
        yield PathFinding(
            "falls_over", event, (), {"event": _event_or_day(edition, event), "error": error}, seen.history()
        )


def _event_or_day(edition: Edition, event: str) -> Wording:
    return Wording("日の経過", "a day") if event == "day" else edition.event_label(event)


def sought(explorer: Explorer) -> None:
    """Look beyond the bound for the moves that were not met: the coverage knows those that are found."""
    coverage = explorer.coverage
    for arrow in coverage.edition.arrows():
        start = coverage.states.get(arrow.source)
        if start is None or (arrow.source, arrow.dest, arrow.event, arrow.clause) in coverage.moves:
            continue

        def there(each: Situation, arrow: Arrow = arrow) -> bool:
            kind = None if each.event is None else each.event.kind
            return each.state is arrow.dest and kind == arrow.event

        explorer.reach(start.situation, there, steps=FURTHER, most=FEW)


def _ladder(edition: Edition, state: State) -> tuple[str, ...]:
    clause = edition.ladder.get(state)
    return () if clause is None else (edition.clauses[clause].citation,)


def _of_states(chart: Charted, coverage: Coverage) -> Iterator[PathFinding]:
    edition = coverage.edition
    for state in State:
        if state not in chart.used - chart.claimed or state in coverage.states:
            continue
        kind = "end_not_reached" if is_end(state) else "unreachable_state"
        values = {"state": edition.state_name(state)}
        sure = state in chart.unreachable
        yield PathFinding(kind, state.value, _ladder(edition, state), values, any_length=sure)
    for (source, dest), seen in coverage.undrawn.items():
        values = {"source": edition.state_name(source), "dest": edition.state_name(dest)}
        yield PathFinding("move_not_drawn", f"{source.value}>{dest.value}", (), values, seen.history())


def _traps(explorer: Explorer, chart: Charted) -> Iterator[PathFinding]:
    """States from which the chart has no way to an end; situations from which the judge leaves none."""
    edition, told = explorer.coverage.edition, set()
    for state in State:
        if state in chart.trapped and state is not State.NEW:
            told.add(state)
            seen = explorer.coverage.states.get(state)
            history = () if seen is None else seen.history()
            values = {"state": edition.state_name(state)}
            yield PathFinding("trap", state.value, _ladder(edition, state), values, history, any_length=True)
    for situation in _stuck(explorer):
        state = situation.state
        if state in told or state is State.NEW:
            continue
        if explorer.reach(situation, lambda each: is_end(each.state), steps=FURTHER, most=MOST) is None:
            told.add(state)
            history = Seen(situation).history()
            values = {"state": edition.state_name(state)}
            yield PathFinding("trap", state.value, _ladder(edition, state), values, history)


def _stuck(explorer: Explorer) -> list[Situation]:
    """The situations from which no explored sequence comes to an end, the shortest first."""
    before: dict[int, list[Situation]] = {}
    for situation in explorer.situations:
        for after in situation.after:
            before.setdefault(id(after), []).append(situation)
    can = {id(each): each for each in explorer.situations if each.ends or is_end(each.state)}
    todo = list(can.values())
    while todo:
        for each in before.get(id(todo.pop()), ()):
            if id(each) not in can:
                can[id(each)] = each
                todo.append(each)
    return sorted((s for s in explorer.situations if id(s) not in can), key=lambda s: s.length)


def _of_rows(edition: Edition, chart: Charted, coverage: Coverage) -> Iterator[PathFinding]:
    for number, row in enumerate(edition.rows):
        if row.absent is not None or number in coverage.taken or only_refuses(coverage, number):
            continue
        yield PathFinding("row_not_taken", row.event, (_cited(edition, row.clause),), _row_values(edition, number))
    untaken = {row.event for n, row in enumerate(edition.rows) if n not in coverage.taken}
    for arrow in edition.arrows():
        move = arrow.source, arrow.dest, arrow.event, arrow.clause
        if move not in coverage.moves and (arrow.event is None or arrow.event not in untaken):
            values = {
                "source": edition.state_name(arrow.source),
                "dest": edition.state_name(arrow.dest),
                "event": arrow.label,
            }
            subject = f"{arrow.source.value}>{arrow.dest.value}"
            yield PathFinding("move_not_taken", subject, (_cited(edition, arrow.clause),), values)
    pairs: dict[tuple[int, ...], Seen | None] = dict.fromkeys(chart.overlaps)
    for numbers, seen in {**pairs, **coverage.overlaps}.items():
        event = edition.rows[numbers[0]].event
        rows = [_row_name(edition, number) for number in numbers]
        told: dict[str, Any] = {"event": edition.event_label(event), "rows": rows}
        clauses = tuple(dict.fromkeys(_cited(edition, edition.rows[number].clause) for number in numbers))
        history = () if seen is None else seen.history()
        yield PathFinding("overlapping_rows", event, clauses, told, history, any_length=numbers in pairs)
    for (event, state), seen in coverage.gaps.items():
        values = {"event": edition.event_label(event), "state": edition.state_name(state)}
        cited = _cited(edition, next(row.clause for row in edition.rows if row.event == event))
        yield PathFinding("no_row_applies", event, (cited,), values, seen.history())
    for event in chart.unknown_events:
        yield PathFinding("event_without_row", event, (), {"event": event}, any_length=True)


def only_refuses(coverage: Coverage, number: int) -> bool:
    """Is a row asked and always refused, while the case takes each of its steps in another way?"""
    row = coverage.edition.rows[number]
    asked = any(each == number for each, _ in coverage.answers)
    taken = {(source, dest) for source, dest, _, _ in coverage.moves}
    return asked and row.dest is not None and all((s, row.dest) in taken for s in row.sources)


def _row_name(edition: Edition, number: int) -> str:
    row = edition.rows[number]
    sources = "|".join(state.value for state in State if state in row.sources)
    return f"{row.event}: {sources} → {'–' if row.dest is None else row.dest.value}"


def _row_values(edition: Edition, number: int) -> dict[str, Any]:
    row = edition.rows[number]
    sources = [edition.state_name(state) for state in State if state in row.sources]
    return {"event": edition.event_label(row.event), "sources": sources}


def _cited(edition: Edition, clause: str) -> str:
    return edition.clauses[clause].citation


def broken(coverage: Coverage) -> dict[str, Seen]:
    """The rules that were seen not to hold, each with its shortest history."""
    found = {**coverage.refused, **coverage.settled}
    for (_, codes), seen in coverage.answers.items():
        for code in codes:
            if code not in found or seen.length < found[code].length:
                found[code] = seen
    return found


def held(coverage: Coverage) -> dict[str, Seen]:
    """The rules that were asked and found nothing, held or not applying, each with its shortest history."""
    found: dict[str, Seen] = {}
    for (number, codes), seen in coverage.answers.items():
        if number < 0:
            continue
        row = coverage.edition.rows[number]
        for code in {coverage.edition.rule_of(guard, row).code for guard in row.guards} - set(codes):
            if code not in found or seen.length < found[code].length:
                found[code] = seen
    return found


def of_the_chart(edition: Edition) -> frozenset[str]:
    """Names of the rules that come with the chart, whatever the programme: they need no row."""
    return frozenset(RuleTable.parse("", edition.clauses).filled(edition.clauses).rules)


def _of_rules(edition: Edition, coverage: Coverage) -> Iterator[PathFinding]:
    asked_by: dict[str, list[int]] = {}
    for number, row in enumerate(edition.rows):
        for guard in row.guards:
            asked_by.setdefault(guard.__name__, []).append(number)
    absent = {row.absent for row in edition.rows}
    asked = {number for number, _ in coverage.answers}
    seen = broken(coverage)
    for name, rule in edition.table.rules.items():
        if rule.code in seen or rule.code in coverage.elsewhere or name in absent or name in of_the_chart(edition):
            continue
        if name not in asked_by:
            why = wording.NOT_USED
        else:
            why = wording.NEVER_SPEAKS if asked & set(asked_by[name]) else wording.NEVER_ASKED
        held_in = held(coverage)[rule.code].history() if why is wording.NEVER_SPEAKS else ()
        yield PathFinding("dead_rule", rule.code, (rule.citation,), {"rule": rule.code, "why": why}, held_in)


def _of_duties(explorer: Explorer) -> Iterator[PathFinding]:
    coverage = explorer.coverage
    edition = coverage.edition
    for code, duty in edition.table.duties.items():
        values = {"duty": duty.label}
        seen = coverage.arisen.get(code)
        if seen is None:
            yield PathFinding("duty_never_arises", code, (duty.citation,), values)
        elif not _gone(coverage, code) and not _discharged_later(explorer, code, seen):
            yield PathFinding("duty_never_discharged", code, (duty.citation,), values, seen.history())


def _gone(coverage: Coverage, code: str) -> bool:
    return any(each == code and how != "again" for each, _, how in coverage.discharged)


def _discharged_later(explorer: Explorer, code: str, seen: Seen) -> bool:
    """Is it discharged a few steps beyond the bound? Then the coverage knows it from now on."""
    situation: Situation | None = seen.situation
    for event in seen.events:
        if situation is not None:
            situation = explorer.step(situation, event)
    if situation is None:
        return False

    def gone(each: Situation) -> bool:
        return all(duty != code for duty, _ in each.case.duties)

    return explorer.reach(situation, gone, steps=FURTHER, most=MOST) is not None


def notes(explorer: Explorer, chart: Charted) -> Iterator[PathFinding]:
    """What is worth knowing and may be meant so."""
    coverage = explorer.coverage
    edition = coverage.edition
    for state in sorted(chart.claimed):
        yield PathFinding("claimed_state", state.value, (), {"state": edition.state_name(state)}, any_length=True)
    for number, row in enumerate(edition.rows):
        if row.absent is None and number not in coverage.taken and only_refuses(coverage, number):
            clause = _cited(edition, row.clause)
            yield PathFinding("only_refuses", row.event, (clause,), _row_values(edition, number))
    speaks, silent = broken(coverage), held(coverage)
    for name, rule in edition.table.rules.items():
        guarded = any(guard.__name__ == name for row in edition.rows for guard in row.guards)
        if guarded and rule.code in speaks and rule.code not in silent:
            history = speaks[rule.code].history()
            yield PathFinding("always_speaks", rule.code, (rule.citation,), {"rule": rule.code}, history)
        if rule.code not in speaks and rule.code in coverage.elsewhere:
            history = coverage.elsewhere[rule.code].history()
            yield PathFinding("other_settings", rule.code, (rule.citation,), {"rule": rule.code}, history)
    for code, duty in edition.table.duties.items():
        if {how for each, _, how in coverage.discharged if each == code} == {"end"}:
            yield PathFinding("lapses_only", code, (duty.citation,), {"duty": duty.label})
    yield from _never_broken_here(edition, coverage, frozenset(speaks))


def _never_broken_here(edition: Edition, coverage: Coverage, speaks: frozenset[str]) -> Iterator[PathFinding]:
    told: dict[int, set[str]] = {}
    for number, codes in coverage.answers:
        told.setdefault(number, set()).update(codes)
    for number, row in enumerate(edition.rows):
        for guard in row.guards:
            rule = edition.rule_of(guard, row)
            if number in told and rule.code in speaks and rule.code not in told[number]:
                values = {"rule": rule.code, "event": Wording(_row_name(edition, number), _row_name(edition, number))}
                yield PathFinding("never_broken_here", rule.code, (rule.citation,), values)


__all__ = ["PathFinding", "broken", "findings", "held", "notes", "only_refuses", "sought"]
