"""The questions that an audit office asks, and which rules of each programme answer them.

What is asked and which rule answers it is data (``questions.toml``; for the rules of a plug-in, its own
``rules.toml``). A pure module: it judges nothing and reads no record.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import attrs

from shuroflow.errors import InputError
from shuroflow.states import BUILT_IN, Programme, Row, Wording, programme

OTHER = "other"
"""The question of rules that name none: those of a plug-in."""

_CHART = "chart"


@attrs.frozen(kw_only=True)
class Owed:
    """A duty that is open and for which the text sets no time; ``unless`` is the rule that says it where one does."""

    duty: str
    unless: str
    says: Wording


@attrs.frozen(kw_only=True)
class AuditQuestion:
    """One question. ``observed``: no rule answers it, the record itself does; ``limits`` is what that does not tell.

    By programme: ``silent`` why its text has no rule for it, ``counts`` the counts of the statistics that answer it
    and ``but_not`` the codes of their breakdown that do not,
    ``owed`` the duty that the record is looked at for besides its rules.
    """

    code: str
    number: int
    label: Wording
    asks: Wording
    limits: Wording | None = None
    observed: bool = False
    silent: Mapping[str, Wording] = attrs.field(factory=dict)
    counts: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    but_not: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    owed: Mapping[str, Owed] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Answering:
    """How one programme answers the questions.

    ``rules`` has for each short code of a rule or duty its questions, ``also`` those that it answers besides where
    the event is one at which they are asked. ``judged_at`` has for each question the kinds of event at which a rule of
    it is asked; ``asked_at`` those that make a case one of which the question is asked: they are these, and the kinds
    with which its duties arise. ``None`` stands for every event. ``not_asked`` has the rules that no question asks,
    with the reason.
    """

    programme: str
    rules: Mapping[str, tuple[str, ...]]
    also: Mapping[str, tuple[str, ...]]
    judged_at: Mapping[str, frozenset[str] | None]
    asked_at: Mapping[str, frozenset[str] | None]
    not_asked: Mapping[str, Wording]

    def questions_of(self, rule: str, event: str | None) -> tuple[str, ...]:
        """The questions to which a finding belongs: of a rule, by its whole code, at an event of that kind."""
        name = rule.removeprefix(f"{self.programme}.")
        found = list(self.rules.get(name, ()))
        for code in self.also.get(name, ()):
            kinds = self.judged_at[code]
            if code not in found and (kinds is None or event in kinds):
                found.append(code)
        return tuple(found)


@cache
def audit_questions() -> tuple[AuditQuestion, ...]:
    """All questions, in the order in which they are asked; :data:`OTHER` comes last."""
    return tuple(_question(number, table) for number, table in enumerate(_tables()["question"], 1))


def answering(code: str) -> Answering:
    """How the programme of that code answers the questions.

    Raises:
        UnknownProgramme: if there is no such programme.
        InputError: if a rule of a plug-in names a question that there is not.
    """
    kind = programme(code)
    made = _MADE.get(code)
    if made is None or made[0] is not kind:  # a plug-in may have been put in the place of another
        made = _MADE[code] = kind, _answering(kind)
    return made[1]


_MADE: dict[str, tuple[Programme, Answering]] = {}


def _answering(kind: Programme) -> Answering:
    code = kind.code
    chart, named = _named(_CHART, "rules"), _named(code, "rules")
    not_asked = {**_not_asked(_CHART), **_not_asked(code)}
    rules: dict[str, tuple[str, ...]] = {}
    known = {question.code for question in audit_questions()}
    for edition in kind.editions:
        for name in (*edition.table.rules, *edition.table.duties):
            own = edition.table.questions.get(name, ())
            for question in own:
                if question not in known:
                    said = f"there is no question {question!r}; known: {', '.join(sorted(known))}"
                    raise InputError(said, field=f"{code}.{name}.questions")
            found = own or named.get(name) or (() if name in not_asked else chart.get(name, ()))
            if not found and name not in not_asked and code not in BUILT_IN:
                found = (OTHER,)
            if found:
                rules[name] = found
    also = {**_named(_CHART, "also")}
    for name, questions in _named(code, "also").items():
        also[name] = (*also.get(name, ()), *questions)
    judged = {each.code: _judged_at(each.code, rules, kind) for each in audit_questions()}
    return Answering(
        programme=code,
        rules=rules,
        also=also,
        judged_at=judged,
        asked_at={question: _asked_at(question, kinds, rules, kind) for question, kinds in judged.items()},
        not_asked=not_asked,
    )


def _judged_at(question: str, rules: Mapping[str, tuple[str, ...]], kind: Programme) -> frozenset[str] | None:
    mine = _rules_of(question, rules)
    if mine & set(_named(_CHART, "rules")):  # the chart itself is asked about every event
        return None
    rows = [row for edition in kind.editions for row in edition.rows if mine & _rules_at(row)]
    besides = next(each.get("at", {}).get(kind.code, ()) for each in _tables()["question"] if each["code"] == question)
    return frozenset({*(row.event for row in rows), *besides})


def _asked_at(
    question: str, judged: frozenset[str] | None, rules: Mapping[str, tuple[str, ...]], kind: Programme
) -> frozenset[str] | None:
    """What the denominator is of: besides the events that are judged, those with which its duties arise."""
    if judged is None:
        return None
    arises = _tables()["arises"].get(kind.code, {})
    kinds = set(judged)
    for name in _rules_of(question, rules) - {
        name for each in kind.editions for row in each.rows for name in _rules_at(row)
    }:
        if name not in arises:  # the duty of a plug-in: with which events it arises, its folds alone know
            return None
        kinds.update(arises[name])
    return frozenset(kinds)


def _rules_of(question: str, rules: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {name for name, questions in rules.items() if question in questions}


def _rules_at(row: Row) -> set[str]:
    """The rules that are asked at the event of a row."""
    return {*(guard.__name__ for guard in row.guards), *(() if row.absent is None else (row.absent,))}


# The data -------------------------------------------------------------------------------------------------------------


@cache
def _tables() -> Mapping[str, Any]:
    text = resources.files("shuroflow.audit").joinpath("questions.toml").read_text(encoding="utf-8")
    tables: Mapping[str, Any] = tomllib.loads(text)
    return tables


def _question(number: int, table: Mapping[str, Any]) -> AuditQuestion:
    owed = {
        code: Owed(duty=each["duty"], unless=each["unless"], says=_wording(each["says"]))
        for code, each in table.get("owed", {}).items()
    }
    return AuditQuestion(
        code=table["code"],
        number=number,
        label=_wording(table["label"]),
        asks=_wording(table["asks"]),
        limits=_wording(table["limits"]) if "limits" in table else None,
        observed=table.get("observed", False),
        silent={code: _wording(why) for code, why in table.get("silent", {}).items()},
        counts={code: tuple(names) for code, names in table.get("counts", {}).items()},
        but_not={code: tuple(names) for code, names in table.get("but_not", {}).items()},
        owed=owed,
    )


def _named(code: str, part: str) -> dict[str, tuple[str, ...]]:
    """Rule → questions, of the lists that one programme has in a part of the table."""
    found: dict[str, tuple[str, ...]] = {}
    for table in _tables()["question"]:
        for name in table.get(part, {}).get(code, ()):
            found[name] = (*found.get(name, ()), table["code"])
    return found


def _not_asked(code: str) -> dict[str, Wording]:
    return {name: _wording(why) for name, why in _tables()["not_asked"].get(code, {}).items()}


def _wording(table: Mapping[str, str]) -> Wording:
    return Wording(ja=table["ja"], en=table["en"])


__all__ = ["OTHER", "Answering", "AuditQuestion", "Owed", "answering", "audit_questions"]
