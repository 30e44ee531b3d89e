"""What the duties of a case are of, in words, so that one is told from another where a case owes the same twice.

It knows the duties and the words of their rules, and nothing of what they amount to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from shuroflow.case import Duty
from shuroflow.states.judgement import Wording
from shuroflow.vocabulary import Lang


def subjects(duties: Iterable[tuple[Duty, Wording | None]], lang: Lang = "ja") -> list[str]:
    """What each duty is of: the words of its rule, or else its subject; empty where a case owes it once at most.

    Args:
        duties: those that are told together, each with what its rule says of it (:attr:`.DutyRule.of`).
        lang: language of the reader.

    Where that is the same for two of a kind, such as notices of two decisions of one day, the number of the record
    that brought it is told besides, and where one record brought both, their subjects too.
    """
    told = [(duty, _ways(duty, of, lang)) for duty, of in duties]
    at = [0] * len(told)
    while raised := _alike(told, at):
        for place in raised:
            at[place] += 1
    return [ways[way] for (_, ways), way in zip(told, at, strict=True)]


def _ways(duty: Duty, of: Wording | None, lang: Lang) -> tuple[str, ...]:
    """How a duty may be called, the shortest first."""
    subject, seq = duty.subject, duty.seq
    words = subject if of is None else of.render({"subject": subject, "arose": duty.arose_on}, lang)
    if not words:
        return ("",)
    if lang == "ja":
        return words, f"{words}(記録{seq})", f"{words}、{subject}(記録{seq})"
    return words, f"{words} (event {seq})", f"{words}, {subject} (event {seq})"


def _alike(told: list[tuple[Duty, tuple[str, ...]]], at: list[int]) -> list[int]:
    """Of those that are called alike and are not the same duty, the ones that can be called at more length."""
    called: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, ((duty, ways), way) in enumerate(zip(told, at, strict=True)):
        called[duty.code, ways[way]].append(place)
    raised = []
    for places in called.values():
        if len({(told[place][0].seq, told[place][0].subject) for place in places}) > 1:
            longer = [place for place in places if at[place] + 1 < len(told[place][1])]
            shortest = min((at[place] for place in longer), default=0)
            raised += [place for place in longer if at[place] == shortest]
    return raised


__all__ = ["subjects"]
