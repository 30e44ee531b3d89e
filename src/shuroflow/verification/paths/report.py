"""The report: what was explored, what was found, and how it is told as text, as JSON and as a diagram."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import attrs

from shuroflow.events import Event
from shuroflow.states import Arrow, Edition, programme
from shuroflow.states.judgement import Wording, show
from shuroflow.storage.codec import encode
from shuroflow.verification.paths.checks import PathFinding
from shuroflow.vocabulary import Lang, State


@attrs.frozen
class StateSeen:
    """A state, and the shortest history that leads there; no history: none was met."""

    state: State
    history: tuple[Event, ...]


@attrs.frozen
class MoveSeen:
    """An arrow of the diagram, how often it was taken, and the shortest history that takes it."""

    arrow: Arrow
    times: int
    history: tuple[Event, ...]


@attrs.frozen
class RuleSeen:
    """A rule, and the shortest histories in which it holds and in which it does not; ``None``: none was met."""

    rule: str
    clause: str
    held: tuple[Event, ...] | None
    broken: tuple[Event, ...] | None


@attrs.frozen
class DutySeen:
    """A duty, the shortest history that brings it, and by which events it was discharged."""

    duty: str
    clause: str
    arisen: tuple[Event, ...] | None
    discharged_by: tuple[str, ...]


@attrs.frozen
class NeedSeen:
    """What must have come before a state, and what secures it.

    ``secured_by`` is ``chart`` (there is no other way), ``rules`` (no exception up to the bound) or ``nothing``: a
    finding shows the history. The first two as far as nothing on record is corrected or withdrawn afterwards.
    """

    state: State
    label: Wording
    secured_by: str


@attrs.frozen
class Counts:
    """How much was explored.

    ``histories`` are the sequences of events and days up to the bound, ``situations`` what they come to where no two
    are alike; ``walks`` and ``ways`` are those of the chart alone, up to ``moves`` moves.
    """

    examples: int
    events: int
    situations: int
    histories: int
    judged: int
    allowed: int
    answers: int
    moves: int
    walks: int
    ways: int
    ways_walked: int


@attrs.frozen(kw_only=True)
class PathReport:
    """What an exploration of a programme's chart has shown.

    ``bound`` is the number of events by which a history may leave those of the corpus, a day that passes counting as
    one. ``complete``: everything up to the bound was explored; else ``most`` situations were too few, and what was not
    found may still be there.
    """

    programme: str
    in_force_from: date
    bound: int
    complete: bool
    counts: Counts
    findings: tuple[PathFinding, ...]
    notes: tuple[PathFinding, ...]
    states: tuple[StateSeen, ...]
    moves: tuple[MoveSeen, ...]
    rules: tuple[RuleSeen, ...]
    duties: tuple[DutySeen, ...]
    needs: tuple[NeedSeen, ...]

    @property
    def passed(self) -> bool:
        """Nothing is wrong, and nothing was left out."""
        return self.complete and not self.findings

    @property
    def edition(self) -> Edition:
        """The edition that was explored."""
        return programme(self.programme).edition_on(self.in_force_from)

    def text(self, lang: Lang = "ja") -> str:
        """For a reader."""
        return "\n".join(_lines(self, lang))

    def to_json(self, lang: Lang = "ja") -> dict[str, Any]:
        """As values that JSON knows; histories are lists of event lines."""
        return {
            "programme": self.programme,
            "in_force_from": self.in_force_from.isoformat(),
            "bound": self.bound,
            "complete": self.complete,
            "passed": self.passed,
            "counts": attrs.asdict(self.counts),
            "findings": [_finding(each, lang) for each in self.findings],
            "notes": [_finding(each, lang) for each in self.notes],
            "states": [{"state": each.state.value, "history": _events(each.history)} for each in self.states],
            "moves": [
                {
                    "from": each.arrow.source.value,
                    "to": each.arrow.dest.value,
                    "event": each.arrow.event,
                    "clause": self.edition.clauses[each.arrow.clause].citation,
                    "times": each.times,
                    "history": _events(each.history),
                }
                for each in self.moves
            ],
            "rules": [
                {
                    "rule": each.rule,
                    "clause": each.clause,
                    "held": None if each.held is None else _events(each.held),
                    "broken": None if each.broken is None else _events(each.broken),
                }
                for each in self.rules
            ],
            "duties": [
                {
                    "duty": each.duty,
                    "clause": each.clause,
                    "arisen": None if each.arisen is None else _events(each.arisen),
                    "discharged_by": list(each.discharged_by),
                }
                for each in self.duties
            ],
            "needs": [
                {
                    "state": each.state.value,
                    "needs": each.label.render({}, lang),
                    "secured_by": each.secured_by,
                }
                for each in self.needs
            ],
        }

    def mermaid(self, lang: Lang = "ja") -> str:
        """The state diagram; at each arrow how often it was taken, or that it was not."""
        times = {each.arrow: each.times for each in self.moves}

        def beside(arrow: Arrow) -> str:
            taken = times.get(arrow, 0)
            if lang == "ja":
                return f"({taken:,} 回)" if taken else "(通らず)"
            return f"({taken:,} times)" if taken else "(not taken)"

        return self.edition.mermaid(lang, beside=beside)


def _events(history: Sequence[Event]) -> list[Any]:
    return [json.loads(encode(event)) for event in history]


def _finding(finding: PathFinding, lang: Lang) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "clauses": list(finding.clauses),
        "message": finding.message(lang),
        "holds": "at_any_length" if finding.any_length else "up_to_the_bound",
        "history": _events(finding.history),
    }


def _lines(report: PathReport, lang: Lang) -> Iterator[str]:
    ja, counts = lang == "ja", report.counts
    yield programme(report.programme).title(lang)
    if ja:
        yield (
            f"範囲: 見本 {counts.examples} 件のどの時点からも、{counts.events} 通りの出来事を {report.bound} 件まで、"
            f"日の経過も 1 件と数える({counts.histories:,} 通り、異なる状況 {counts.situations:,})"
        )
        yield f"判定: {counts.judged:,} 回(うち認めたもの {counts.allowed:,} 回)、行ごとの異なる答え {counts.answers}"
        yield (
            f"図: {counts.moves} 手までの道 {counts.walks:,} 本、状態の並び {counts.ways} 通り"
            f"(うち記録で示したもの {counts.ways_walked})"
        )
        yield _tally("状態", [bool(each.history) or each.state is State.NEW for each in report.states])
        yield _tally("遷移", [each.times > 0 for each in report.moves])
        yield _tally("規則(破られる例)", [each.broken is not None for each in report.rules])
        yield _tally("未了事項(果たされる例)", [bool(each.discharged_by) for each in report.duties])
    else:
        yield (
            f"bound: from every step of {counts.examples} known histories, up to {report.bound} "
            f"of {counts.events} events, a day that passes counting as one "
            f"({counts.histories:,} histories, {counts.situations:,} different situations)"
        )
        yield f"judged: {counts.judged:,} times, {counts.allowed:,} allowed; {counts.answers} different answers of rows"
        yield (
            f"chart: {counts.walks:,} walks of up to {counts.moves} moves, {counts.ways} sequences of states, "
            f"{counts.ways_walked} of them shown by a history"
        )
        yield _tally("states", [bool(each.history) or each.state is State.NEW for each in report.states])
        yield _tally("moves", [each.times > 0 for each in report.moves])
        yield _tally("rules seen broken", [each.broken is not None for each in report.rules])
        yield _tally("duties seen discharged", [bool(each.discharged_by) for each in report.duties])
    for need in report.needs:
        by = _SECURED[need.secured_by].render({}, lang)
        state, label = report.edition.state_name(need.state).label(lang), need.label.render({}, lang)
        if ja:
            yield f"「{state}」の前に{label}: {by}"
        else:
            yield f'before "{state}", {label}: {by}'
    if not report.complete:
        yield (
            "状況の数が上限に達したため、範囲のすべてを調べていません"
            if ja
            else "the most situations were reached: not everything up to the bound was explored"
        )
    for head, found in ((("誤り", "wrong"), report.findings), (("注記", "notes"), report.notes)):
        yield f"{head[0] if ja else head[1]}: {len(found)}"
        for finding in found:
            yield from _told(report.edition, finding, lang)


def _tally(name: str, seen: list[bool]) -> str:
    return f"{name}: {sum(seen)}/{len(seen)}"


def _told(edition: Edition, finding: PathFinding, lang: Lang) -> Iterator[str]:
    cited = ("、" if lang == "ja" else ", ").join(finding.clauses)
    sure = {"ja": "〔長さによらない〕", "en": " [at any length]"}[lang] if finding.any_length else ""
    yield f"  - {finding.kind}: {finding.message(lang)}{f' ({cited})' if cited else ''}{sure}"
    if finding.kind in _WITHOUT_HISTORY:
        return
    for event in finding.history:
        label = edition.event_label(event.kind).render({}, lang)
        yield f"      {event.seq}. {show(event.occurred_on, lang)} {label} ({event.kind})"


_SECURED = {
    "chart": Wording(
        "図のとおりにしか至れない(後から記録が訂正・取消されない限り)",
        "the chart has no other way, as far as nothing on record is corrected or withdrawn afterwards",
    ),
    "rules": Wording(
        "ないものは規則が拒否する(後から記録が訂正・取消されない限り、範囲内で例外なし)",
        "the rules refuse what lacks it (no exception to the bound, as far as nothing on record is corrected or "
        "withdrawn afterwards)",
    ),
    "nothing": Wording("なしで至る記録がある", "a history does without it"),
}

_WITHOUT_HISTORY = frozenset({"always_speaks", "other_settings"})
"""Notes whose history is in the JSON alone: it would hide the others."""


__all__ = ["Counts", "DutySeen", "MoveSeen", "NeedSeen", "PathReport", "RuleSeen", "StateSeen"]
