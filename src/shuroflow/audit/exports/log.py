"""What an event log says of a case, whatever the format: its events in order, with states, clauses and findings.

Order: the events of a case stand in the order of ``seq``, the order in which they were recorded. The time of an event
is ``recorded_at``, the only moment with an offset that a record has; the day it happened is the attribute
``occurred_on``. Days are written as their first moment in Japan. This module knows no format and writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import attrs

from shuroflow.audit.replay import replay
from shuroflow.audit.source import Held, Progress, histories
from shuroflow.audit.summary import Absence, Later, absent, count_absent
from shuroflow.errors import InputError, MissingFigure
from shuroflow.events import Event, kinds_of, programme_codes
from shuroflow.events.shapes import Leaf, Many, Maybe, Part, Plain, Shape, bare, fields_of
from shuroflow.events.structure import unstructure
from shuroflow.states import Edition, Finding, Office, programme
from shuroflow.states.history import chronology, effective, known
from shuroflow.vocabulary import Lang, Severity, State

JAPAN = timezone(timedelta(hours=9))
"""The offset in which a day begins for these offices. There is no summer time."""

Type = Literal["string", "time", "integer", "boolean"]

Attribute = tuple[str, Type, Any]
"""Key, type and value; a ``time`` is a datetime with its offset."""

DATA = "data."
"""What the keys of payload fields begin with: ``data.amount``, ``data.paper.form``."""


@attrs.frozen
class Step:
    """One event of a log. States and clause are ``None`` where the record is given as it was written."""

    event: Event
    clause: str | None = None
    before: State | None = None
    after: State | None = None
    findings: tuple[Finding, ...] = ()


@attrs.frozen
class CaseLog:
    """One case of a log: its steps in the order of ``seq``.

    ``state`` is where the case stands on the day asked about: a day may have brought what no event did. ``apart`` are
    findings on no event of the log. ``amended`` counts events that a correction or withdrawal has changed or taken out,
    and those corrections and withdrawals themselves.
    """

    case_id: str
    programme: str
    steps: tuple[Step, ...]
    state: State | None = None
    apart: tuple[Finding, ...] = ()
    amended: int = 0


Logged = CaseLog | Later | InputError
"""What a log is made of: a case, a case of which nothing holds, or what could not be used and why."""


@attrs.define
class Exported:
    """What was written; ``errors`` could not be used.

    ``later`` cases began, or were recorded, only after what was asked about, ``recorded_later`` of them were not on
    record yet; of ``withdrawn`` cases everything recorded is withdrawn, ``withdrawn_cases`` names the first of them.

    ``backwards`` counts events whose ``recorded_at`` lies before that of the event recorded before them: a tool that
    sorts by time shows them elsewhere. ``replaced`` counts characters that the format cannot hold; the first places are
    in ``places``, all of them in the file. ``objects`` is for OCEL.
    """

    cases: int = 0
    events: int = 0
    objects: int = 0
    amended: int = 0
    later: int = 0
    recorded_later: int = 0
    withdrawn: int = 0
    withdrawn_cases: list[str] = attrs.field(factory=list)
    errors: int = 0
    backwards: int = 0
    replaced: int = 0
    places: list[str] = attrs.field(factory=list)

    def count(self, item: Logged) -> None:
        """Count one item."""
        if isinstance(item, InputError):
            self.errors += 1
        elif isinstance(item, Later):
            count_absent(self, item)
        else:
            self.cases += 1
            self.events += len(item.steps)
            self.amended += item.amended
            moments = [step.event.recorded_at for step in item.steps]
            self.backwards += sum(later < before for before, later in pairwise(moments))


def case_logs(
    sources: Sequence[str | Path],
    *,
    as_of: date,
    known_at: datetime | None = None,
    office: Office | None = None,
    as_recorded: bool = False,
    progress: Progress | None = None,
) -> Iterator[Logged]:
    """The log of every case of the sources, as an audit would judge it, in the order in which cases first appear.

    Args:
        sources: as for :func:`~shuroflow.audit.audit`.
        as_of: what happened later is left out.
        known_at: what was written down later is left out.
        office: figures, calendar and settings; by default the built-in ones.
        as_recorded: give every event as it was written, corrections and withdrawals among them, without states,
            clauses and findings.
        progress: called after each case.

    Raises:
        InputError: at once, as an audit does.
        Unavailable: at once, as an audit does.
    """
    found = histories(sources, progress=progress)
    office = Office() if office is None else office
    return (
        item if isinstance(item, InputError) else _log_of(item, as_of, known_at, office, as_recorded) for item in found
    )


def _log_of(held: Held, as_of: date, known_at: datetime | None, office: Office, as_recorded: bool) -> Logged:
    events = held.events
    first = events[0]
    try:
        if as_recorded:
            written = [event for event in events if known_at is None or event.recorded_at <= known_at]
            steps = tuple(Step(event) for event in written if event.occurred_on <= as_of)
            if not steps:
                why = Absence.BEGAN_LATER if written else Absence.RECORDED_LATER
                return Later(first.case_id, first.programme, why, held.source)
            return CaseLog(first.case_id, first.programme, steps)
        valid = effective(events, as_of=as_of, known_at=known_at)
        report = replay(events, as_of=as_of, known_at=known_at, office=office)
        if report is None:
            return absent(events, known_at=known_at, source=held.source)
        moves = _moves(valid, office)
    except (InputError, MissingFigure) as error:
        return held.unusable(error)
    on: dict[int, list[Finding]] = {event.seq: [] for event in valid}
    apart: list[Finding] = []
    for finding in report.findings:
        on.get(finding.seq, apart).append(finding)
    return CaseLog(
        case_id=first.case_id,
        programme=first.programme,
        steps=tuple(Step(event, *moves[event.seq], tuple(on[event.seq])) for event in valid),
        state=report.state,
        apart=tuple(apart),
        amended=_amended(events if known_at is None else known(events, known_at)),
    )


def _amended(events: Sequence[Event]) -> int:
    """How many of the events known do not hold as they were written."""
    held = effective(events)
    if held is events:
        return 0
    written = {event.seq: event for event in events}
    return len(events) - sum(written[event.seq] == event for event in held)


def _moves(held: Sequence[Event], office: Office) -> dict[int, tuple[str, State, State]]:
    """``seq`` → clause, and the state before and after, in the order in which the events are judged."""
    kind = programme(held[0].programme)
    case = kind.current.new_case(held[0].case_id)
    moves = {}
    for event in chronology(held, kind.current):
        edition = kind.edition_on(event.occurred_on)
        before = edition.judge(case, event, office).source
        edition.fold(case, event, office)
        moves[event.seq] = _clause(edition, event, before), before, case.state_on(event.occurred_on)
    return moves


def _clause(edition: Edition, event: Event, source: State) -> str:
    """The clause of the row that the event stands in: of its state, or else the first."""
    rows = [row for row in edition.rows if row.event == event.kind]
    row = next((row for row in rows if source in row.sources), rows[0] if rows else None)
    return edition.clauses[row.clause].citation if row is not None else ""


# Attributes -----------------------------------------------------------------------------------------------------------


def midnight(day: date) -> datetime:
    """The first moment of a day in Japan."""
    return datetime.combine(day, time.min, JAPAN)


OF_EVENT: tuple[tuple[str, Type], ...] = (
    ("seq", "integer"),
    ("label", "string"),
    ("occurred_on", "time"),
    ("programme", "string"),
    ("recorded_by", "string"),
    ("role", "string"),
    ("note", "string"),
    ("clause", "string"),
    ("state_before", "string"),
    ("state_after", "string"),
    ("violations", "integer"),
    ("observations", "integer"),
    ("rules", "string"),
    ("findings", "string"),
)
"""The attributes that every kind of event has; ``note`` only where there is one."""


def attributes(step: Step, *, lang: Lang = "ja") -> Iterator[Attribute]:
    """The attributes of an event: those of :data:`OF_EVENT`, then the fields of its payload."""
    event = step.event
    values: dict[str, Any] = {
        "seq": event.seq,
        "label": programme(event.programme).edition_on(event.occurred_on).event_label(event.kind).render({}, lang),
        "occurred_on": midnight(event.occurred_on),
        "programme": event.programme,
        "recorded_by": event.recorded_by.id,
        "role": event.recorded_by.role.value,
        "note": event.note,
    }
    if step.before is not None and step.after is not None:
        values |= {
            "clause": step.clause or None,
            "state_before": step.before.value,
            "state_after": step.after.value,
            "violations": sum(finding.severity is Severity.VIOLATION for finding in step.findings),
            "observations": sum(finding.severity is Severity.OBSERVATION for finding in step.findings),
            "rules": " ".join(finding.rule.code for finding in step.findings) or None,
            "findings": told(step.findings, lang) or None,
        }
    for key, kind in OF_EVENT:
        if values.get(key) is not None:
            yield key, kind, values[key]
    yield from _of_payload(event.data, DATA)


def told(findings: Sequence[Finding], lang: Lang) -> str:
    """The findings in words, a line each."""
    return "\n".join(
        f"[{finding.severity.label(lang)}] {finding.clause}: {finding.message(lang)}" for finding in findings
    )


def _of_payload(value: Any, prefix: str) -> Iterator[Attribute]:
    cls: Any = type(value)
    for field in fields_of(cls):
        yield from _of_field(getattr(value, field.name), field.shape, f"{prefix}{field.name}")


def _of_field(value: Any, shape: Shape, key: str) -> Iterator[Attribute]:
    if value is None:
        return
    match shape:
        case Maybe(of):
            yield from _of_field(value, of, key)
        case Part():
            yield from _of_payload(value, f"{key}.")
        case Many():
            plain = [unstructure(part) if attrs.has(type(part)) else part for part in value]
            yield key, "string", json.dumps(plain, ensure_ascii=False, default=date.isoformat)
        case Plain():
            yield key, "string", json.dumps(value, ensure_ascii=False)
        case Leaf(hint):
            kind = _type(hint)
            moment = midnight(value) if kind == "time" and not isinstance(value, datetime) else value
            yield key, kind, str(moment) if kind == "string" else moment


def _type(hint: Any) -> Type:
    base = bare(hint)
    if base is bool:
        return "boolean"
    if base is int:
        return "integer"
    return "time" if base in (date, datetime) else "string"


@cache
def types_of(kind: str) -> dict[str, Type]:
    """Key → type of every attribute that an event of a kind may have, in any programme that is known."""
    found: dict[str, Type] = dict(OF_EVENT)
    for code in programme_codes():
        cls = kinds_of(code).get(kind)
        if cls is not None:
            for key, of in _payload_types(cls, DATA):
                found[key] = of if found.get(key, of) == of else "string"
    return found


def _payload_types(cls: type, prefix: str) -> Iterator[tuple[str, Type]]:
    for field in fields_of(cls):
        shape = field.shape.of if isinstance(field.shape, Maybe) else field.shape
        if isinstance(shape, Part):
            yield from _payload_types(shape.cls, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", _type(shape.type) if isinstance(shape, Leaf) else "string"


__all__ = ["JAPAN", "Attribute", "CaseLog", "Exported", "Logged", "Step", "Type", "attributes", "case_logs", "midnight"]
__all__ += ["told", "types_of"]
