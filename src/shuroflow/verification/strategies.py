"""Hypothesis strategies of whole histories and of single events, compliant or not, with every rule's edges among them.

They draw from a corpus and from the edges that :mod:`~shuroflow.verification.probes` finds, so a limit among ten
million amounts is met at once; and they shrink to the shortest history and the event as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.states import Office
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.probes import Probe, probes
from shuroflow.verification.walking import Expected

DEFAULT = Office()


def histories(
    code: str, *, corpus: Corpus | None = None, office: Office = DEFAULT, case_id: str = "case-1"
) -> st.SearchStrategy[tuple[Event, ...]]:
    """Compliant histories: one of the corpus, up to any of its events, with up to two values moved to an edge.

    What the judge refuses after the move is left out, so that every history is one that the desk would have recorded.
    """
    corpus = Corpus.of(code) if corpus is None else corpus

    @st.composite
    def drawn(draw: st.DrawFn) -> tuple[Event, ...]:
        whole = draw(st.sampled_from(corpus.histories))
        history = whole[: draw(st.integers(1, len(whole)))]
        for _ in range(draw(st.integers(0, 2))):
            at = draw(st.integers(0, len(history) - 1))
            allowed = [probe.event for probe in at_edges(corpus, history, at, office) if probe.judgement.allowed]
            history = (*history[:at], draw(st.sampled_from([history[at], *allowed])), *history[at + 1 :])
        return as_recorded(history, office, case_id=case_id)

    return drawn()


def violating(
    code: str,
    rule: str | None = None,
    *,
    corpus: Corpus | None = None,
    office: Office = DEFAULT,
    case_id: str = "case-1",
) -> st.SearchStrategy[tuple[Event, ...]]:
    """Histories whose last event the judge refuses, by ``rule`` (its code, as ``saitama.consent_in_writing``) or any.

    Raises:
        InputError: if no event of the corpus meets such a rule with a value at its edge.
    """
    corpus = Corpus.of(code) if corpus is None else corpus
    found = _refused(corpus, office, rule)
    if not found:
        raise InputError(f"no history of the corpus comes to break {rule or 'any rule'}", field="rule")

    def told(case: tuple[tuple[Event, ...], Event]) -> tuple[Event, ...]:
        before, last = case
        kept = Expected(case_id, office)
        for event in before:
            kept.take(kept.next(event))
        return (*kept.events, kept.next(last))

    return st.sampled_from(found).map(told)


def next_events(
    before: Sequence[Event], *, corpus: Corpus | None = None, office: Office = DEFAULT
) -> st.SearchStrategy[Event]:
    """Events that may be recorded next, on top of those before; of any kind that the corpus has.

    Raises:
        InputError: if there is none.
    """
    code = before[0].programme
    corpus = Corpus.of(code) if corpus is None else corpus
    kept = Expected(before[0].case_id, office)
    for event in before:
        kept.take(kept.next(event))
    known = {(e.kind, e.occurred_on, e.recorded_by, e.data): e for history in corpus.histories for e in history}
    possible = [event for event in map(kept.next, known.values()) if kept.judge(event).allowed]
    if not possible:
        raise InputError("the judge allows no event of the corpus here", case_id=before[0].case_id)
    return st.sampled_from(possible)


def boundary_events(
    history: Sequence[Event],
    at: int = -1,
    *,
    corpus: Corpus | None = None,
    office: Office = DEFAULT,
    every: bool = False,
) -> st.SearchStrategy[Probe]:
    """Variants of one event of a history at the edges of rules, and what our judge says of each.

    One for each edge and each side of it, the value that touches the limit; with ``every`` all that there are.
    """
    corpus = Corpus.of(history[0].programme) if corpus is None else corpus
    found = at_edges(corpus, tuple(history), at % len(history), office)
    sharpest: dict[object, Probe] = {}
    for probe in found:
        sharpest.setdefault(probe.edge, probe)
    return st.sampled_from(found if every else list(sharpest.values()))


def days(history: Sequence[Event], *, office: Office = DEFAULT) -> st.SearchStrategy[date]:
    """Days on which the answer about a case may change, none before its last event.

    Due days and ends of period, the day before and after each, and the ends of the fiscal year and of the year.
    """
    kept = Expected(history[0].case_id, office)
    for event in history:
        kept.take(kept.next(event))
    return st.sampled_from(days_of(kept))


def days_of(case: Expected) -> list[date]:
    """The same days for a case that has an event."""
    last = max(event.occurred_on for event in case.events)
    ends = [date(year, *end) for year in (last.year, last.year + 1) for end in ((3, 31), (4, 1), (12, 31), (1, 1))]
    return [*case.days(), *(day for day in ends if day > last)]


@lru_cache(maxsize=512)
def at_edges(corpus: Corpus, history: tuple[Event, ...], at: int, office: Office) -> list[Probe]:
    """All variants of an event at an edge, found once."""
    return list(probes(history, at, office, donors=corpus.donors))


def as_recorded(history: Sequence[Event], office: Office, *, case_id: str) -> tuple[Event, ...]:
    """The events as a desk would have recorded them one by one, without those it refuses."""
    kept = Expected(case_id, office)
    for event in history:
        following = kept.next(event)
        if kept.judge(following).allowed:
            kept.take(following)
    return tuple(kept.events)


@lru_cache(maxsize=64)
def _refused(corpus: Corpus, office: Office, rule: str | None) -> list[tuple[tuple[Event, ...], Event]]:
    found = []
    for history in corpus.histories:
        for at in range(len(history)):
            for probe in at_edges(corpus, history, at, office):
                codes = {finding.rule.code for finding in probe.judgement.blocking}
                if codes and (rule is None or rule in codes):
                    found.append((history[:at], probe.event))
    return found


__all__ = ["as_recorded", "at_edges", "boundary_events", "days", "days_of", "histories", "next_events", "violating"]
