"""An explanation as plain values: the same for ``--format json --explain`` and inside the page of ``--format html``.

Every text is in one language; beside it stand codes, ISO dates and event numbers for other programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import attrs

from shuroflow.audit.amending import Amendment, Effect
from shuroflow.audit.explanation import Asked, AtLast, DutyStory, Explanation, Step, overdue
from shuroflow.audit.watching import Look
from shuroflow.audit.words import MOST_SHOWN, content, describe, field_name, seen_name
from shuroflow.case import Duty, Period
from shuroflow.clauses import ClauseRegistry
from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.events.structure import structure
from shuroflow.states import Edition, Finding, Rule, Wording, programme
from shuroflow.states.subjects import subjects
from shuroflow.vocabulary import Lang, State

Record = dict[str, Any]


def explanation_record(explanation: Explanation, *, lang: Lang = "ja") -> Record:
    """``steps`` and ``duties`` of a case."""
    kinds = {step.event.seq: step.event.kind for step in explanation.steps}
    edition = programme(explanation.programme).current
    named = subjects([(story.duty, story.of) for story in explanation.duties], lang)
    return {
        "steps": [_step(step, explanation, edition, kinds, lang) for step in explanation.steps],
        "duties": [
            _duty(story, of, explanation.as_of, lang) for story, of in zip(explanation.duties, named, strict=True)
        ],
    }


def _step(step: Step, explanation: Explanation, edition: Edition, kinds: Mapping[int, str], lang: Lang) -> Record:
    event = step.event
    owed = explanation.duties
    record: Record = {
        "seq": event.seq,
        "event": event.kind,
        "name": edition.event_label(event.kind).render({}, lang),
        "status": step.status.value,
        "occurred_on": event.occurred_on.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "recorded_by": {"role": event.recorded_by.role.value, "shown": describe(event.recorded_by, lang)},
        "since": step.since,
        "days_since": step.days_since,
        "days_late": step.days_late,
        "content": _content(event, kinds, lang),
    }
    if event.note is not None:
        record["note"] = event.note
    if event.kind in {"corrected", "withdrawn"}:
        record["amends"] = event.data.seq
    if step.written is not None:
        record["written"] = {
            "occurred_on": step.written.occurred_on.isoformat(),
            "content": _content(step.written, kinds, lang),
        }
    if step.moved_to is not None:
        record["moved_to"] = step.moved_to.isoformat()
    if step.amended_by:
        record["amended_by"] = [_amendment(each, edition, lang) for each in step.amended_by]
    if step.source is not None and step.destination is not None and step.after is not None:
        record["from"], record["to"], record["after"] = step.source.value, step.destination.value, step.after.value
        record["clause"] = step.clause
        record["text"] = step.in_force_from.isoformat()
        looks: dict[str, Look] = {}
        for each in step.asked:
            looks.update(each.looked_at or {})
        places = {path: at for at, path in enumerate(looks)}
        record["rules"] = [_asked(each, places, lang) for each in step.asked]
        record["looked_at"] = [_look(path, look, edition, lang) for path, look in looks.items()]
    if step.means is not None:
        record["means_test"] = means_record(step.means, lang)
    if step.at_last:
        text = programme(explanation.programme).edition_on(explanation.as_of).in_force_from
        record["at_last"] = [_at_last(each, text, lang) for each in step.at_last]
    record["period"] = period_record(step.period)
    record["duties"] = {
        "arose": list(step.arose),
        "discharged": list(step.discharged),
        "replaced": list(step.replaced),
        "open": list(step.open),
        "overdue": [at for at in step.open if overdue(owed[at].duty, event.occurred_on)],
    }
    return record


def _content(event: Event, kinds: Mapping[int, str], lang: Lang) -> list[list[Any]]:
    """The fields of the payload: what each is called, and what it holds, a list entry by entry."""
    data = event.data
    if event.kind == "corrected" and data.data is not None and data.seq in kinds:
        try:
            right = structure(event.programme, kinds[data.seq], data.data)
        except InputError:  # a correction that never held, for it was withdrawn: it is shown as it was written
            return _fields(data, lang)
        return [*_fields(attrs.evolve(data, data=None), lang), *_fields(right, lang)]
    return _fields(data, lang)


def _fields(data: Any, lang: Lang) -> list[list[Any]]:
    return [[_called(data, name, lang), _held(part, name, lang)] for name, part in content(data)]


def _called(data: Any, name: str, lang: Lang) -> str:
    """The label of a field; a plug-in's own, for which we have none, is called as it describes itself."""
    of = type(data).__name__
    about = getattr(attrs.fields(type(data)), name).metadata.get("about")
    unnamed = field_name(name, "ja", of=of) == name  # in English a label may well be the name itself
    return str(about) if unnamed and about else field_name(name, lang, of=of)


def _held(part: Any, name: str, lang: Lang) -> str | list[str]:
    if not isinstance(part, tuple):
        return describe(part, lang, field=name)
    return [describe(each, lang, field=name) for each in part]


def _amendment(amendment: Amendment, edition: Edition, lang: Lang) -> Record:
    event = amendment.event
    record: Record = {
        "seq": event.seq,
        "event": event.kind,
        "name": edition.event_label(event.kind).render({}, lang),
        "on": event.occurred_on.isoformat(),
        "reason": event.data.reason,
        "effect": amendment.effect.value,
    }
    if amendment.effect is not Effect.HOLDS:
        record |= {"shown": amendment.effect.label(lang), "by": amendment.by}
    return record


def _asked(asked: Asked, places: Mapping[str, int], lang: Lang) -> Record:
    record = {**_of_rule(asked.rule), "outcome": asked.outcome.value}
    if asked.finding is not None:
        record |= _found(asked.finding, lang)
        if asked.first_at is not None:
            record["first_at"] = asked.first_at
    if asked.reason is not None:
        record["reason"] = asked.reason.render({}, lang)
    record["looked_at"] = None if asked.looked_at is None else [places[path] for path in asked.looked_at]
    return record


def _at_last(brought: AtLast, text: date, lang: Lang) -> Record:
    """A finding of the day asked about; its values are those that it says itself."""
    finding = brought.finding
    facts = ((name, value) for name, value in finding.values.items() if not isinstance(value, Wording))
    seen = {name: value for name, value in facts if value is not None and value != ""}
    if "{subject}" not in finding.rule.says.ja:  # it tells programs alone which finding it is
        seen.pop("subject", None)
    return {
        **_of_rule(finding.rule),
        **_found(finding, lang),
        "text": text.isoformat(),
        "on": finding.on.isoformat(),
        "duty": brought.duty,
        "values": [_value(name, seen_name(finding.rule.code, name, lang), seen[name], lang) for name in seen],
    }


def _of_rule(rule: Rule) -> Record:
    record: Record = {"rule": rule.code, "clause": rule.citation}
    if rule.clause != rule.citation:  # several clauses may share a citation
        record["clause_id"] = rule.clause
    return record


def _found(finding: Finding, lang: Lang) -> Record:
    rule = finding.rule
    return {
        "severity": rule.severity.value,
        "basis": rule.basis.value,
        "decision": rule.decision,
        "refuses": finding.refuses,
        "message": finding.message(lang),
        "mend": finding.mend(lang),
        "overridden": finding.overridden,
    }


def _look(path: str, look: Look, edition: Edition, lang: Lang) -> Record:
    """One value that rules of a step looked at, and where; ``value`` is for programs, where it is not as shown."""
    way = [field_name(name, lang, of=of) for of, name in look.within if (of, name) != ("Event", "data")]
    name = ": ".join([*way, field_name(look.name, lang, of=look.of)])
    if look.arguments:
        name += f"{'' if lang == 'ja' else ' '}({describe(look.arguments, lang)})"
    if look.of == "Event" and look.name == "kind":
        shown = edition.event_label(look.value).render({}, lang)
    elif isinstance(look.value, State):
        shown = edition.state_name(look.value).label(lang)
    else:
        shown = describe(look.value, lang, field=look.name, most=MOST_SHOWN)
    return _value(path, name, look.value, lang, shown)


def _value(at: str, name: str, value: Any, lang: Lang, shown: str | None = None) -> Record:
    shown = describe(value, lang) if shown is None else shown
    record: Record = {"at": at, "name": name, "shown": shown}
    if isinstance(value, Fraction):
        record["value"] = f"{value.numerator}/{value.denominator}"
    elif isinstance(value, date):
        record["value"] = value.isoformat()
    elif value is None or isinstance(value, bool | int):
        record["value"] = value
    elif isinstance(value, str) and value != shown:
        record["value"] = str(value)
    return record


def means_record(means: Any, lang: Lang) -> Record:
    """A calculation line by line and the sources of its figures; where a figure is missing, what is missing."""
    if not hasattr(means, "arithmetic"):
        return {"lines": [str(means)], "sources": []}
    return {"lines": means.arithmetic(lang).split("\n"), "sources": means.sources(lang).split("\n")}


def _duty(story: DutyStory, of: str, as_of: date, lang: Lang) -> Record:
    return {
        **duty_record(story.duty, story.label, of, story.clause, lang),
        "status": "open" if story.by is None else "replaced" if story.replaced else "discharged",
        "overdue": story.by is None and overdue(story.duty, as_of),
        "by": story.by,
        "on": _day(story.on),
    }


def duty_record(duty: Duty, label: Wording, of: str, clause: str, lang: Lang) -> Record:
    """What a duty is called, the clause it rests on, of what it is, the event that brought it, and its days.

    ``subject`` is plain, for programs; ``of`` has the words for a reader.
    """
    return {
        "duty": duty.code,
        "name": label.render({}, lang),
        "clause": clause,
        "subject": duty.subject,
        "of": of,
        "seq": duty.seq,
        "arose_on": duty.arose_on.isoformat(),
        "due": _day(duty.due),
        "in_time_until": _day(duty.in_time_until),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def period_record(period: Period | None) -> list[str] | None:
    """First and last day."""
    return None if period is None else [period.start.isoformat(), period.end.isoformat()]


# What the steps of all cases of a programme refer to ------------------------------------------------------------------


def programme_record(code: str, *, lang: Lang = "ja") -> Record:
    """What a programme calls its states, and of each edition of its text the clauses and rules that steps refer to."""
    kind = programme(code)
    return {
        "programme": code,
        "title": kind.title(lang),
        "states": {state.value: kind.current.state_name(state).label(lang) for state in State},
        "texts": {edition.in_force_from.isoformat(): _edition(edition, lang) for edition in kind.editions},
    }


def _edition(edition: Edition, lang: Lang) -> Record:
    return {
        "clauses": _clauses(edition.clauses, lang),
        "rules": {rule.code: _rule(rule) for rule in edition.table.rules.values()},
    }


def _clauses(clauses: ClauseRegistry, lang: Lang) -> Record:
    return {clause.id: {"clause": clause.citation, "summary": clause.summary.in_(lang)} for clause in clauses}


def _rule(rule: Rule) -> Record:
    """Its standing; what is asked says the clause that a step cites, for a rule may cite that of its row."""
    return {
        "severity": rule.severity.value,
        "basis": rule.basis.value,
        "decision": rule.decision,
        "blocks": rule.blocks,
    }


__all__ = ["Record", "duty_record", "explanation_record", "means_record", "period_record", "programme_record"]
