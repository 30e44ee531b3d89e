"""The chart: rows of the rulebook become transitions of one ``transitions.Machine``, which is the one judge.

The live desk drives the machine's own event engine, so that a host may hang callbacks on it and draw it.
The auditor asks the same transition objects directly, because millions of events must not pay for the
engine. Both get the same :class:`~shuroflow.states.judgement.Judgement`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from typing import Any

import attrs

from shuroflow.case import Case, Closing
from shuroflow.clauses import ClauseRegistry, UnknownClause
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.states.diagram import Arrow, arrows_of, mermaid
from shuroflow.states.judgement import Finding, Inapplicable, Judgement, Named, Rule, Seen, Wording
from shuroflow.states.machine import Cursor, Ruled, RuledMachine, finding_of
from shuroflow.states.office import Office
from shuroflow.states.rows import Guard, Lapse, Row
from shuroflow.states.rule_table import RuleTable
from shuroflow.vocabulary import CLOSED, UNDER_WAY, Basis, Lang, Severity, State

_EARLIER_TEXT = "text_not_on_hand"


class Edition:
    """One edition of one 要綱: its clauses, its rules, its rows and the machine made of them.

    Args:
        clauses: the clause registry of this edition.
        rules: wording, severity and basis of each rule.
        rows: the rulebook.
        ladder: for each state, the clause of the step that leads there.
        in_force_from: first day of the edition. Events before the first text on hand are judged by it all the same.
        new_case: makes an empty case.
        settle: what only the day asked about brings: (rule, seq, values).
        by_itself: moves that a day brings without an event, for the diagram.

    Raises:
        InputError: if the parts do not fit together; ``problems`` lists everything that does not.
    """

    def __init__(
        self,
        *,
        clauses: ClauseRegistry,
        rules: RuleTable,
        rows: Sequence[Row],
        ladder: Mapping[State, str],
        in_force_from: date,
        new_case: Callable[[str], Case],
        settle: Callable[[Any, date, Office], Iterator[tuple[str, int, Seen]]] | None = None,
        by_itself: Sequence[Lapse] = (),
    ) -> None:
        self.clauses = clauses
        self.table = rules.filled(clauses)
        self.rows = tuple(rows)
        self.ladder = dict(ladder)
        self.in_force_from = in_force_from
        self.text_known_from = in_force_from
        self.new_case = new_case
        self.by_itself = tuple(by_itself)
        self._notes = settle
        self._check()
        self.absent = {row.event: row for row in self.rows if row.absent is not None}
        self.moving = frozenset(row.event for row in self.rows if row.dest is not None)
        self.turns = {row.event: row.turn for row in self.rows if row.turn}
        self.counts_from = {row.event: row.counts_from for row in self.rows if row.counts_from is not None}
        self.opening = next(row.event for row in self.rows if State.NEW in row.sources and row.dest is not None)
        self._rows_of: dict[str, list[Row]] = {}
        for row in self.rows:
            self._rows_of.setdefault(row.event, []).append(row)
        self.machine = RuledMachine(
            model=None,
            states=[state.value for state in State],
            initial=State.NEW.value,
            auto_transitions=False,
            send_event=True,
        )
        for row in self.rows:
            for source in sorted(row.sources):
                self.machine.add_transition(
                    row.event, source.value, row.dest.value if row.dest else None, row=row, edition=self
                )
        self._transitions: dict[str, dict[State, tuple[Ruled, ...]]] = {
            name: {
                State(source): tuple(ruled for ruled in transitions if isinstance(ruled, Ruled))
                for source, transitions in event.transitions.items()
            }
            for name, event in self.machine.events.items()
        }

    def _check(self) -> None:
        """Do the parts fit together? What does not would show only when some event of some case meets it."""
        problems: list[str] = []
        for row in self.rows:
            for guard in row.guards:
                name = getattr(guard, "__name__", repr(guard))
                if name not in self.table.rules:
                    problems.append(f"{row.event}: the rules have no [rule.{name}] for the guard of that name")
            if row.absent is not None and row.absent not in self.table.rules:
                problems.append(f"{row.event}: the rules have no [rule.{row.absent}] for what the 要綱 does not know")
        named = [
            *((row.event, row.clause) for row in self.rows),
            *((f"the step to {state.value}", clause) for state, clause in self.ladder.items()),
            *((f"{lapse.source.value} by itself", lapse.clause) for lapse in self.by_itself),
        ]
        for where, clause in named:
            try:
                self.clauses[clause]
            except UnknownClause as error:
                problems.append(f"{where}: {error}")
        if not any(State.NEW in row.sources and row.dest is not None for row in self.rows):
            problems.append("no row leads from State.NEW to another state: no case could be opened")
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            said = f"the rulebook of {self.programme!r} does not fit together: {problems[0]}{more}"
            raise InputError(said, problems=problems)

    @property
    def programme(self) -> str:
        """Code of the programme."""
        return self.clauses.programme

    def amended(self, **parts: Any) -> Edition:
        """Another edition, made of the same parts but for those given (by the names of the arguments of the class).

        Raises:
            InputError: if they do not fit together.
        """
        held = {
            "clauses": self.clauses,
            "rules": self.table,
            "rows": self.rows,
            "ladder": self.ladder,
            "in_force_from": self.in_force_from,
            "new_case": self.new_case,
            "settle": self._notes,
            "by_itself": self.by_itself,
        }
        return type(self)(**{**held, **parts})

    def serving_from(self, day: date) -> Edition:
        """The same edition put in the place of earlier ones, of which the first is in force from ``day``.

        It judges what it is given. An event before ``day`` is still one of a time whose text is not on hand.
        """
        if day == self.text_known_from:
            return self
        made = copy(self)
        made.text_known_from = day
        return made

    def rule_of(self, guard: Guard, row: Row) -> Rule:
        """The rule that a guard tests; they share a name."""
        rule = self.table.rules[guard.__name__]
        return rule.citing(self.clauses[row.clause]) if rule.of_row else rule

    def event_label(self, event: str) -> Wording:
        """What an event is called."""
        return self.table.events.get(event) or Wording(ja=event, en=event)

    def state_name(self, state: State) -> State | Named:
        """The state, or its code under the name that this programme gives it; either has ``label(lang)``."""
        return self.table.states.get(state, state)

    def sources_of(self, event: str) -> frozenset[State]:
        """All states from which an event is possible."""
        return frozenset().union(*(row.sources for row in self._rows_of.get(event, ())))

    def place_of(self, event: Event) -> tuple[date, int]:
        """Where an event stands among others: the day from which it counts, and its turn on that day."""
        day = event.occurred_on
        field = self.counts_from.get(event.kind)
        if field is not None:
            day = min(getattr(event.data, field, None) or day, day)
        return day, self.turns.get(event.kind, 0)

    # -- judging

    def source_of(self, case: Case, event: Event) -> State:
        """The state in which an event meets the case."""
        return self.source_for(case, event.kind, event.occurred_on)

    def source_for(self, case: Case, kind: str, day: date) -> State:
        """The state in which an event of that kind would meet the case on ``day``.

        The last day of support still belongs to it: what happens on that day, or before, and moves nothing is met
        by the state from which the case was closed, unless it belongs to the closed state itself.
        """
        source = case.state_on(day)
        closing = case.closing
        if (
            closing is not None
            and day <= closing.on
            and kind not in self.moving
            and source not in self._transitions.get(kind, ())
        ):
            return case.closed_from
        return source

    def possible(
        self, case: Case, probe: Event, office: Office, source: State
    ) -> tuple[Row, tuple[Finding, ...], tuple[Rule, ...]]:
        """What the case alone says of an event without a payload yet: its row, why not, and the rules it will meet."""
        choices = self._transitions.get(probe.kind, {}).get(source, ())
        if not choices:
            return self._rows_of[probe.kind][0], self._out_of_place(case, probe, source).findings, ()
        ruled = choices[0]
        found: list[Finding] = []
        for rule, guard in ruled.rules:
            if not rule.asks_case_only:
                continue
            seen = guard(case, probe, office)
            if seen is not None and not isinstance(seen, Inapplicable):
                found.append(finding_of(rule, probe, seen))
        # Which of several rows it will be hangs on the payload: what any of them asks may be asked.
        asks = dict.fromkeys(rule for each in choices for rule, _ in each.rules if not rule.asks_case_only)
        return ruled.row, tuple(found), tuple(asks)

    def ending(self, case: Case, on: date) -> Iterator[Closing]:
        """The day on which the case will end by itself, if it is under way and there is one."""
        for lapse in self.by_itself:
            if lapse.dest in CLOSED and case.state_on(on) is lapse.source and case.period is not None:
                yield Closing(case.period.end, lapse.clause)

    def judge(self, case: Case, event: Event, office: Office) -> Judgement:
        """Judge without moving: the same transition objects that the engine drives."""
        source = self.source_for(case, event.kind, event.occurred_on)
        by_source = self._transitions.get(event.kind)
        if by_source is not None:
            for ruled in by_source.get(source, ()):
                when = ruled.row.when
                if when is None or when(case, event):
                    judgement = ruled.judge(case, event, office, source)
                    break
            else:
                judgement = self._out_of_place(case, event, source)
        else:
            judgement = self._out_of_place(case, event, source)
        return self._dated(judgement, event) if event.occurred_on < self.text_known_from else judgement

    def findings(self, case: Case, event: Event, office: Office) -> tuple[Finding, ...]:
        """The findings of :meth:`judge` alone, for an auditor who asks for nothing else, millions of times."""
        by_source = self._transitions.get(event.kind)
        if by_source is not None and event.occurred_on >= self.text_known_from:
            # What is possible in the state of its day is met by that state; by which all else is met, the judge knows.
            for ruled in by_source.get(case.state_on(event.occurred_on), ()):
                when = ruled.row.when
                if when is None or when(case, event):
                    return ruled.ask(case, event, office)
        return self.judge(case, event, office).findings

    def drive(self, cursor: Cursor) -> Judgement:
        """Let the machine's own engine try the event; ``cursor.state`` moves if it is allowed.

        ``cursor.passed`` is what the engine did: false for an event that the rules allow if a condition that the host
        hung on the transition did not hold.
        """
        event = cursor.event
        source = State(cursor.state)
        trigger = self.machine.events.get(event.kind)
        cursor.judgement = None
        if trigger is not None and source.value in trigger.transitions:
            cursor.passed = trigger.trigger(cursor)
        judgement = cursor.judgement
        if judgement is None:  # the chart has no way from here, or no row of this source wanted it
            judgement = self._out_of_place(cursor.case, event, source)
        if event.occurred_on < self.text_known_from:
            judgement = self._dated(judgement, event)
        cursor.judgement = judgement
        return judgement

    def fold(self, case: Case, event: Event, office: Office) -> None:
        """Put the event into the case, as the record claims it, whether or not a rule forbids it."""
        rows = self._rows_of.get(event.kind)
        if rows is not None:
            row = rows[0] if len(rows) == 1 else _row_for(rows, case, event)
            # A move that the 要綱 does not know cannot open again what has come to its end by it.
            if row.dest is None or (row.absent is not None and case.state in CLOSED):
                row.fold(case, event, office)
            else:
                left = case.state_on(event.occurred_on) if row.dest in CLOSED else None
                row.fold(case, event, office)
                if case.opened_on is None:
                    case.opened_on = event.occurred_on
                case.state = row.dest
                if left is None:
                    case.closing = None
                elif left not in CLOSED:
                    case.closed_from = left
        if event.seq > case.version:  # noqa: PLR1730 - for every event of an audit, a call less
            case.version = event.seq

    def _out_of_place(self, case: Case, event: Event, source: State) -> Judgement:
        row = self.absent.get(event.kind)
        if row is not None and row.absent is not None:
            rule = self.table.rules[row.absent]
            values: dict[str, Any] = {"event": self.event_label(event.kind), "state": self.state_name(source)}
            return Judgement(event, source, row.dest or source, (finding_of(rule, event, values),))
        rows = self._rows_of.get(event.kind)
        if rows is None:  # corrections are possible everywhere; they are applied before the fold
            return Judgement(event, source, source)
        row = rows[0]
        sources = self.sources_of(event.kind)
        closing = case.closing_on(event.occurred_on)
        if closing is not None and closing.on <= event.occurred_on:
            clause, name, basis = closing.clause, "after_close", closing.basis
        else:
            step = self._missing_step(source, sources) if row.place is None else None
            clause, name, basis = step or row.clause, "out_of_place", Basis.TEXT
        # A record that claims support is under way breaks the step it left out, even where its own clause only permits.
        binding = [row.clause, clause] if row.dest in UNDER_WAY else [row.clause]
        bound = any(self.clauses[each].modality.severity is Severity.VIOLATION for each in binding)
        if basis is Basis.DECISION or row.place is not None or not bound:
            name += "_observed"
        rule = self.table.rules[name].citing(self.clauses[clause])
        if row.place is not None and name == "out_of_place_observed":
            rule = attrs.evolve(rule, basis=Basis.DECISION, decision=row.place)
        values = {
            "event": self.event_label(event.kind),
            "state": self.state_name(source),
            "sources": [self.state_name(state) for state in State if state in sources],
            "closed_on": closing.on if closing is not None else None,
        }
        return Judgement(event, source, row.dest or source, (finding_of(rule, event, values),))

    def _missing_step(self, source: State, sources: frozenset[State]) -> str | None:
        if source in UNDER_WAY or source in CLOSED:  # from here on the chart branches: there is no one next step
            return None
        order = list(self.ladder)
        here = order.index(source) if source in order else -1
        ahead = [order.index(state) for state in sources if state in order and order.index(state) > here]
        return self.ladder[order[here + 1]] if ahead else None

    def _dated(self, judgement: Judgement, event: Event) -> Judgement:
        rule = self.table.rules[_EARLIER_TEXT]
        finding = finding_of(rule, event, {"from": self.in_force_from, "on": event.occurred_on})
        return attrs.evolve(judgement, findings=(*judgement.findings, finding))

    # -- as of a day

    def settle(self, case: Case, as_of: date, office: Office) -> tuple[Finding, ...]:
        """What is missing as of a day: open duties, by their clauses, and the notes of the programme."""
        findings: list[Finding] = []
        for duty in case.duties.values():
            graded = self.table.duties[duty.code]
            rule = graded.while_open
            if duty.in_time_until is not None and as_of > duty.in_time_until:
                rule = graded.when_overdue or rule
            if graded.when_closed is not None and case.is_closed_on(as_of):
                rule = graded.when_closed
            if rule is not None and as_of >= duty.arose_on:
                values: Seen = {
                    "subject": duty.subject,
                    "arose": duty.arose_on,
                    "due": duty.due,
                    "in_time_until": duty.in_time_until,
                    "days": (as_of - duty.arose_on).days,
                }
                findings.append(Finding(rule, duty.seq, duty.due or duty.arose_on, values))
        if self._notes is not None:
            for name, seq, seen in self._notes(case, as_of, office):
                findings.append(Finding(self.table.rules[name], seq, as_of, seen))
        return tuple(findings)

    def arrows(self) -> tuple[Arrow, ...]:
        """The moves that the text knows and a case can come to, in the order of their states."""
        return arrows_of(self)

    def mermaid(self, lang: Lang = "ja", *, beside: Callable[[Arrow], str] | None = None) -> str:
        """The state diagram, in Mermaid: the moves the text knows, with event and clause.

        Args:
            lang: language of the labels.
            beside: what else to write at an arrow; nothing by default.
        """
        return mermaid(self, lang, beside)


def _row_for(rows: Sequence[Row], case: Case, event: Event) -> Row:
    """The row whose source and ``when`` fit; for an event out of place, the first that claims a state."""
    state = case.state_on(event.occurred_on)
    for row in rows:
        if state in row.sources and (row.when is None or row.when(case, event)):
            return row
    return rows[0]


__all__ = ["Edition"]
