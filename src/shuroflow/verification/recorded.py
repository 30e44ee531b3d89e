"""A system that cannot be driven: its record is judged afterwards, and what it told of its cases is compared.

The cases are read as an audit reads them. The question is another one: an audit asks what is wrong with a case as the
record has it now; this asks whether the system took, at the time, what the judge would have refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import attrs
import msgspec

from shuroflow.audit import histories, replay
from shuroflow.errors import InputError, MissingFigure, Unavailable
from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.states import programme as programme_of
from shuroflow.verification.compliance import Report
from shuroflow.verification.drivers import Abilities, Answer, OpenDuty, Standing
from shuroflow.verification.drivers.wire import DutyAnswer
from shuroflow.verification.listening import heard
from shuroflow.verification.probes import course
from shuroflow.verification.walking import Difference, Walk, met, refusal


class _Told(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One line of what a system told of its cases."""

    case_id: str
    on: date
    state: str | None = None
    period: tuple[date, date] | None = None
    duties: tuple[DutyAnswer, ...] | None = None


def check_recorded(
    sources: Sequence[str | Path],
    programme: str,
    *,
    told: str | Path | None = None,
    duty_clauses: frozenset[str] | None = None,
    office: Office | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Report:
    """Judge the record of a system event by event, each on top of those recorded before it.

    Every event that the judge refuses is a difference, each of them told: the cases are what happened in an office and
    not variants of one another. An event after one that should have been refused is judged by the state that the record
    claims. A correction may put any truth on record.

    Args:
        sources: ``.jsonl`` files, folders of them, database URLs, as for an audit.
        programme: code of the programme; cases of other ones are left out.
        told: a file of JSON Lines in which the system tells how its cases stand: ``case_id``, ``on`` and any of
            ``state`` (with ``period``, first and last day, where there is one) and ``duties``.
        duty_clauses: the clauses whose duties it keeps; by default those that occur in ``told``.
        office: figures, calendar and settings; by default the built-in ones.
        progress: called after each case with events or lines done, and of how many where that is known.

    Returns:
        The report. ``unusable`` has whatever could not be judged: bad lines, cases with a gap, cases told that are not
        in the sources.

    Raises:
        UnknownProgramme: if there is no such programme.
        InputError: if there is no source, or no case of the programme in them.
        Unavailable: if a source cannot be read.
    """
    programme_of(programme)
    report = Report(programme)
    office = Office() if office is None else office
    lines = {} if told is None else _read(Path(told), report)
    kept = duty_clauses
    if kept is None:
        kept = frozenset(duty.clause for each in lines.values() for line in each for duty in line.duties or ())
    for found in histories(sources, progress=progress):
        if isinstance(found, InputError):
            report.unusable.append(found)
            continue
        events = found.events
        mine = lines.pop(events[0].case_id, [])
        if events[0].programme == programme:
            try:
                report.differences += [*_forbidden(events, office, report), *_apart(events, mine, kept, office)]
            except (InputError, MissingFigure) as error:
                report.unusable.append(found.unusable(error))
    if not report.cases and not report.unusable:
        raise InputError(f"there is no case of programme {programme!r} in the sources", field="sources")
    report.unusable += [
        InputError("is told of, and is not in the sources", file=str(told), field="case_id", case_id=case_id)
        for case_id in lines
    ]
    return report


def _forbidden(events: Sequence[Event], office: Office, report: Report) -> Iterator[Difference]:
    said = course(events, office)
    if heard():  # what the record exercises counts as of its last day
        replay(events, as_of=max(event.occurred_on for event in events), office=office)
    report.cases += 1
    report.events += len(events)
    report.stages["recorded"] += 1
    for at, (event, judgement) in enumerate(zip(events, said, strict=True)):
        report.rules.update(met(event, judgement))
        if not judgement.allowed:
            yield Difference(
                what="accepts",
                history=tuple(events[: at + 1]),
                clauses=tuple(dict.fromkeys(finding.clause for finding in judgement.blocking)),
                rules=tuple(dict.fromkeys(finding.rule.code for finding in judgement.blocking)),
                expected=refusal(judgement),
                found="on record",
                case_id=event.case_id,
            )


def _apart(
    events: Sequence[Event], lines: Sequence[_Told], duty_clauses: frozenset[str], office: Office
) -> Iterator[Difference]:
    for line in lines:
        tells_duties = None if line.duties is None else duty_clauses
        walk = Walk(_Recorded(events, line, Abilities(line.state is not None, tells_duties)), office)
        walk.expected.case_id = events[0].case_id
        for event in events:
            walk.expected.take(event)
        found = walk.compare(days=[line.on])
        if found is not None:
            yield found


@attrs.frozen
class _Recorded:
    """One case of a system that cannot be driven, as it told of it on one day."""

    events: Sequence[Event]
    line: _Told
    abilities: Abilities

    @property
    def duty_clauses(self) -> frozenset[str]:
        return self.abilities.duties or frozenset()

    def record(self, event: Event) -> Answer:
        raise InputError("this system cannot be driven: its record is judged as it is", case_id=event.case_id)

    def history(self, case_id: str) -> Sequence[Event]:
        return self.events

    def standing(self, case_id: str, on: date) -> Standing:
        return Standing(self.line.state or "", self.line.period)

    def duties(self, case_id: str, on: date) -> Sequence[OpenDuty]:
        return [OpenDuty(duty.clause, duty.due, duty.overdue) for duty in self.line.duties or ()]

    def close(self) -> None:
        """Nothing was opened."""


def _read(file: Path, report: Report) -> dict[str, list[_Told]]:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the path", where=str(file)) from None
    found: dict[str, list[_Told]] = {}
    for number, line in enumerate(body.splitlines(), 1):
        if line.strip():
            try:
                told = msgspec.json.decode(line, type=_Told)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                report.unusable.append(
                    InputError(f"tells nothing that can be used: {error}", file=str(file), line=number)
                )
            else:
                found.setdefault(told.case_id, []).append(told)
    return found


__all__ = ["check_recorded"]
