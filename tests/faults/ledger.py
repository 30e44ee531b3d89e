"""What was asked of a journal, what it acknowledged, and whether it holds exactly that. Knows the port and no store.

Each append gets a number, and each of its events says in its note which part of which append it is. So the events of a
journal answer by themselves for every append: acknowledged and there once, refused and not there, never a part of one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import attrs

from shuroflow.events import Actor, Event, kinds_of
from shuroflow.storage import Appended, Journal, Record
from shuroflow.vocabulary import Role

_START = datetime(2025, 4, 3, 6, 0, tzinfo=UTC)


@attrs.frozen
class Ask:
    """One append as it is asked for. ``key`` is given to the journal too."""

    number: int
    case_id: str
    expected: int
    events: tuple[Event, ...]
    key: str | None

    def of(self, journal: Journal) -> Appended:
        """Ask it of the journal."""
        return journal.append(self.case_id, self.events, expected=self.expected, key=self.key)


@attrs.define
class Ledger:
    """The appends asked for so far, and the numbers of those that were acknowledged and of those that were refused.

    What is neither has an unknown outcome: a process or a connection ended before the answer came.
    """

    asked: dict[int, Ask] = attrs.field(factory=dict)
    acknowledged: set[int] = attrs.field(factory=set)
    refused: set[int] = attrs.field(factory=set)

    def ask(
        self, number: int, case_id: str, *, expected: int, count: int = 1, key: str | None = None, filler: int = 0
    ) -> Ask:
        """Note an append of ``count`` events that is about to be asked for; ``filler`` characters make each larger."""
        events = tuple(
            Event(
                case_id=case_id,
                seq=expected + at,
                programme="saitama",
                kind="listed",
                occurred_on=date(2025, 4, 3),
                recorded_at=_START + timedelta(minutes=number),
                recorded_by=Actor("cw-1", Role.CASEWORKER),
                data=kinds_of("saitama")["listed"](reason="求職中"),
                note=f"{number}/{at}/{count} {'支援' * (filler // 2)}",
                key=key,
            )
            for at in range(1, count + 1)
        )
        made = self.asked[number] = Ask(number, case_id, expected, events, key)
        return made

    def acknowledge(self, ask: Ask) -> None:
        """The journal said yes, perhaps after it was asked again."""
        self.acknowledged.add(ask.number)
        self.refused.discard(ask.number)

    def refuse(self, ask: Ask) -> None:
        """The journal said that nothing was recorded."""
        self.refused.add(ask.number)

    def breaches(self, journal: Journal) -> list[str]:
        """Every promise that the journal does not keep, one sentence each; none if all is well."""
        records = list(journal.feed())
        return [*_order(journal, records), *self._appends(records)]

    def _appends(self, records: list[Record]) -> Iterator[str]:
        found: dict[int, list[Record]] = defaultdict(list)
        for record in records:
            found[int((record.event.note or "0").partition("/")[0])].append(record)
        for number in sorted(found.keys() - self.asked.keys()):
            yield f"append {number} is there and was never asked for"
        for number, ask in self.asked.items():
            there = found.get(number, [])
            positions = [record.position for record in there]
            if not there:
                if number in self.acknowledged:
                    yield f"append {number} was acknowledged and is lost"
            elif number in self.refused:
                yield f"append {number} was refused, and {len(there)} of its {len(ask.events)} events are there"
            elif [attrs.evolve(record.event, prev=None) for record in there] != list(ask.events):
                notes = [record.event.note for record in there]
                yield f"append {number} is not there once, whole and as it was asked for: {notes}"
            elif positions != list(range(positions[0], positions[0] + len(there))):
                yield f"append {number} is torn apart: its events have the positions {positions}"


def _order(journal: Journal, records: list[Record]) -> Iterator[str]:
    """The feed is dense and says the same as the cases do, each gapless from 1."""
    if [record.position for record in records] != list(range(1, len(records) + 1)):
        yield "the positions of the feed are not 1, 2, 3 …"
    if journal.size() != len(records):
        yield f"the journal says that it holds {journal.size()} records, its feed has {len(records)}"
    cases: dict[str, list[Event]] = defaultdict(list)
    for record in records:
        if _canonical(record.body) != record.body:
            yield f"record {record.position} is not in canonical form"
        cases[record.event.case_id].append(record.event)
    if list(journal.cases()) != list(cases):
        yield "the cases are not those of the feed in their order"
    for case_id, events in cases.items():
        if [event.seq for event in events] != list(range(1, len(events) + 1)):
            yield f"the events of case {case_id!r} are not numbered 1, 2, 3 …"
        if journal.read(case_id) != events:
            yield f"case {case_id!r} reads otherwise than the feed"


def _canonical(body: bytes) -> bytes:
    """The JSON value in canonical form, by the standard library alone."""
    return json.dumps(json.loads(body), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


__all__ = ["Ask", "Ledger"]
