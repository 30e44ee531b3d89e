"""Words that a careless system alters: each way to alter them is found, at every place for words and in the notes."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

import attrs
import pytest
from msgspec import Meta

from shuroflow.events import Event
from shuroflow.events.envelope import Id, Text
from shuroflow.events.shapes import shape_of
from shuroflow.states import Office
from shuroflow.storage.codec import decode, encode
from shuroflow.verification.compliance import PROFILES, agenda, sweep, tried
from shuroflow.verification.corpus import Corpus
from shuroflow.verification.drivers import DeskDriver
from shuroflow.verification.planning import in_words
from shuroflow.verification.probes import general, places
from shuroflow.verification.wording import LONGEST, room_for_words, words

OFFICE = Office()
CODES = ["saitama", "tsushima"]

ALTERED: dict[str, Callable[[str], str]] = {
    "NFC": lambda text: unicodedata.normalize("NFC", text),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "NFKC": lambda text: unicodedata.normalize("NFKC", text),
    "blanks in front": lambda text: text.lstrip() or text,
    "blanks at the end": lambda text: text.rstrip() or text,
    "ASCII blanks at the end": lambda text: text.rstrip(" ") or text,
    "blanks drawn together": lambda text: " ".join(text.split(" ")) if "  " not in text else text.replace("  ", " "),
    "line ends of another kind": lambda text: text.replace("\n", "\r\n"),
    "one line": lambda text: text.replace("\n", " "),
    "19,999 characters": lambda text: text[:19_999],
    "255 characters": lambda text: text[:255],
    "the BMP": lambda text: "".join(char for char in text if ord(char) < 0x10000) or text,
    "surrogates apart": lambda text: text.encode("utf-16-le", "surrogatepass")[: 2 * 19_999].decode(
        "utf-16-le", "ignore"
    ),
    "no variation selectors": lambda text: text.replace("\U000e0100", ""),
    "Shift_JIS": lambda text: text.encode("cp932", "replace").decode("cp932"),
    "entities": lambda text: text.replace("&", "&amp;"),
}


def altering(alter: Callable[[str], str], *, note: bool, kinds: frozenset[str] | None = None) -> type[DeskDriver]:
    """A desk that gives its notes, or the words of its events, back otherwise."""

    def walked(value: Any) -> Any:
        if isinstance(value, str):
            return alter(value)[:LONGEST]  # a longer one would be no event
        if isinstance(value, list):
            return [walked(each) for each in value]
        return {name: walked(each) for name, each in value.items()} if isinstance(value, dict) else value

    def altered(event: Event) -> Event:
        if note:
            return event if event.note is None else attrs.evolve(event, note=alter(event.note))
        told = json.loads(encode(event))
        return decode(json.dumps(told | {"data": walked(told["data"])}, ensure_ascii=False))

    class Alters(DeskDriver):
        def history(self, case_id: str) -> list[Event]:
            return [altered(e) if kinds is None or e.kind in kinds else e for e in super().history(case_id)]

    return Alters


@pytest.mark.parametrize(("note", "code"), [(True, "saitama"), (False, "tsushima")], ids=["notes", "words"])
@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_words_that_are_altered(alter: Callable[[str], str], note: bool, code: str) -> None:
    """Whatever a system does to words, it is a record other than it was sent."""
    driver = altering(alter, note=note)()
    script = next(iter(in_words(Corpus.of(code), OFFICE)))
    found = tried(driver, script, OFFICE)

    assert found is not None
    assert "history" == found.what
    assert len(found.explain()) < 10_000


@pytest.mark.parametrize("code", CODES)
def test_every_place_for_words_is_filled(code: str) -> None:
    """In histories that the judge allows; a desk that cuts the words of one kind of event alone is found."""
    corpus = Corpus.of(code)
    scripts = list(in_words(corpus, OFFICE))
    wanted = {
        (event.kind, general(path))
        for history in corpus.histories
        for event in history
        for path, shape, _ in places(event)
        if room_for_words(shape)
    }
    filled = {
        (event.kind, general(path))
        for script in scripts
        for event in script.events
        for path, _, value in places(event)
        if value == words(LONGEST)
    }

    assert len(wanted) > 20
    assert wanted == filled
    assert {words(LONGEST)} == {event.note for script in scripts for event in script.events}
    for kind in {kind for kind, _ in wanted}:
        driver = altering(lambda text: text[:4_000], note=False, kinds=frozenset({kind}))()
        near = [script for script in scripts if kind in {event.kind for event in script.events}]
        assert any(tried(driver, script, OFFICE) for script in near), kind


@pytest.mark.parametrize("code", CODES)
def test_they_are_on_the_agenda(code: str) -> None:
    """Of every profile, and our desk gives each back as it was sent."""
    corpus = Corpus.of(code)
    scripts = list(in_words(corpus, OFFICE))
    todo = agenda(corpus, office=OFFICE, profile=PROFILES["quick"], seed=1)

    assert [] == [script for script in scripts if script not in todo]
    assert len(scripts) == len({script.key for script in scripts})
    assert [None] * len(scripts) == [tried(DeskDriver(), script, OFFICE) for script in scripts]


def test_a_sweep_finds_altered_notes_by_the_shortest_history() -> None:
    """One event is enough to show it."""
    (found,) = sweep(
        altering(str.strip, note=True), Corpus.made("saitama", Corpus.of("saitama").histories[:4]), most=1
    ).differences

    assert ("history", 1) == (found.what, len(found.history))


def test_room_for_words() -> None:
    """Words as long as the place allows; ids, numbers and codes are no words."""
    hints = [str, str | None, Text, Text | None, Annotated[str, Meta(max_length=80)], Id, int, bool]

    assert [LONGEST, LONGEST, LONGEST, LONGEST, 80, 0, 0, 0] == [room_for_words(shape_of(hint)) for hint in hints]
    assert [1, 80, LONGEST] == [len(words(room)) for room in (1, 80, LONGEST)]
