"""The words: every code is stable ASCII and has its label in both languages."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator

import pytest

from shuroflow.events import kinds_of
from shuroflow.states import programme_codes
from shuroflow.vocabulary import CLOSED, UNDER_WAY, Basis, Enforcement, Modality, Role, Severity, State, Term


def terms() -> Iterator[type[Term]]:
    """Every vocabulary, those of the events too."""
    for code in ("saitama", "tsushima"):
        assert code in programme_codes()
        kinds_of(code)  # imports the classes of the programme
    waiting = [Term]
    while waiting:
        cls = waiting.pop()
        waiting.extend(cls.__subclasses__())
        if len(cls) and cls.__module__.startswith("shuroflow."):
            yield cls


TERMS = sorted(terms(), key=lambda cls: (cls.__module__, cls.__name__))
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# Forms and grounds go by the numbers that they have in the text, modalities by those of the registry of clauses, and
# operators of mutants as they are written in the names of these.
OTHERWISE = {
    "Form": re.compile(r"\d+(?:-\d)?"),
    "Ground": re.compile(r"\d"),
    "Modality": re.compile("[A-Z]{3,5}"),
    "Operator": re.compile("[a-z]+(?:-[a-z]+)*"),
}


def test_the_vocabularies_are_found() -> None:
    """Those of the library, and those of both programmes; rooms loaded before may have words of their own."""
    assert {State, Role, Severity, Basis, Modality, Enforcement} <= set(TERMS)
    assert {"shuroflow.vocabulary", "shuroflow.events.saitama", "shuroflow.events.tsushima"} <= {
        cls.__module__ for cls in TERMS
    }


@pytest.mark.parametrize("cls", TERMS, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_word_has_labels_and_a_code(cls: type[Term]) -> None:
    """A label in Japanese and one in English, no two the same; a code in snake_case ASCII, no two the same."""
    members = list(cls.__members__.values())
    assert len(set(cls)) == len(members)
    for member in members:
        assert member.label("ja").strip()
        assert member.label("en").strip()
        assert member.label() == member.label("ja")
        assert member.value.isascii()
        assert OTHERWISE.get(cls.__name__, SNAKE_CASE).fullmatch(member.value)
    for lang in ("ja", "en"):
        assert len(members) == len({member.label(lang) for member in members})


@pytest.mark.parametrize("cls", TERMS, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_a_word_is_its_code(cls: type[Term]) -> None:
    """A word is found by its code, equals it, counts as it in a set, and stays itself when copied."""
    for member in cls:
        assert member is cls(member.value)
        assert {member} == {member.value}
        assert {member.value: 1}[member] == 1
        assert str(member) == member.value == f"{member}"
        assert member is pickle.loads(pickle.dumps(member)) is copy.deepcopy(member)
    with pytest.raises(ValueError, match="no such code"):
        cls("no such code")


def test_open_and_closed_states_do_not_meet() -> None:
    """A case under way is not closed; what comes before support is neither."""
    assert not UNDER_WAY & CLOSED
    assert {State.NEW, State.CANDIDATE, State.SELECTED, State.CONSENTED} == set(State) - UNDER_WAY - CLOSED


def test_how_a_clause_binds_is_how_grave_its_breach_is() -> None:
    """What must be, shall be or is done is a violation when it is not; what is as needed is looked at; else nothing."""
    grave = {modality: modality.severity for modality in Modality}
    assert {Modality.MUST, Modality.SHALL, Modality.DIRECT} == {m for m, s in grave.items() if s is Severity.VIOLATION}
    assert {Modality.AS_NEEDED} == {m for m, s in grave.items() if s is Severity.OBSERVATION}
    assert {Modality.MAY, Modality.DEFINITION} == {m for m, s in grave.items() if s is None}
