"""Compliant histories to start from: short ones that between them meet every rule of a programme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from itertools import groupby
from operator import attrgetter
from typing import Any

import attrs

from shuroflow.errors import InputError
from shuroflow.events import Event
from shuroflow.states import Office, programme
from shuroflow.storage.codec import decode
from shuroflow.storage.lines import read_lines
from shuroflow.verification.probes import Path, course, general, places

LENT = 8
"""How many values another history may lend to one place."""


@attrs.frozen(eq=False)
class Corpus:
    """Histories of one programme, the shortest first, and what they can lend to each other."""

    programme: str
    histories: tuple[tuple[Event, ...], ...]
    _seen: dict[tuple[str, Path], dict[Any, None]] = attrs.field(factory=dict, repr=False, init=False)

    def __attrs_post_init__(self) -> None:
        for history in self.histories:
            for event in history:
                for path, _, value in places(event):
                    self._seen.setdefault((event.kind, general(path)), {})[value] = None

    def donors(self, kind: str, path: Path) -> list[Any]:
        """Other values seen at a place of events of a kind."""
        return list(self._seen.get((kind, path), ()))[:LENT]

    @classmethod
    def of(cls, code: str) -> Corpus:
        """The corpus of a programme: the one that comes with the package, or the examples of a plug-in.

        Raises:
            InputError: if there is none.
        """
        return _shipped(code)

    @classmethod
    def made(cls, code: str, histories: Iterable[Sequence[Event]], *, office: Office | None = None) -> Corpus:
        """A corpus of given histories.

        Raises:
            InputError: if one is not of the programme, or the judge forbids one of its events.
        """
        found = sorted((tuple(history) for history in histories if history), key=len)
        for history in found:
            for event, judgement in zip(history, course(history, office or Office()), strict=True):
                where = f"event {event.seq} of case {event.case_id!r}"
                if event.programme != code:
                    said = f"{where} is of programme {event.programme!r}, not of {code!r}"
                    raise InputError(said, field="programme", case_id=event.case_id)
                if not judgement.allowed:
                    said = f"{where} is not compliant: {judgement.explain('en')}"
                    raise InputError(said, field="event", case_id=event.case_id)
        if not found:
            raise InputError(f"there is no history of programme {code!r} to start from")
        return cls(code, tuple(found))

    @classmethod
    def from_files(cls, code: str, paths: Iterable[str], *, office: Office | None = None) -> Corpus:
        """A corpus of the cases in JSON Lines files.

        Raises:
            InputError: if a line cannot be read, or a case is not compliant.
        """
        cases: dict[str, list[Event]] = {}
        homes: dict[str | None, str] = {}
        for path in paths:
            for _, found in read_lines(path):
                if isinstance(found, InputError):
                    raise found
                cases.setdefault(found.case_id, []).append(found)
                homes.setdefault(found.case_id, path)
        try:
            return cls.made(code, cases.values(), office=office)
        except InputError as error:
            raise error.at(file=homes.get(error.case_id)) from None


@cache
def _shipped(code: str) -> Corpus:
    kind = programme(code)
    file = resources.files("shuroflow.verification") / "histories" / f"{code}.jsonl"
    if file.is_file():
        events = [decode(line) for line in file.read_bytes().splitlines()]
        return Corpus.made(code, (tuple(run) for _, run in groupby(events, key=attrgetter("case_id"))))
    if kind.examples is None:
        said = f"programme {code!r} brings no examples; give Programme(examples=…), or histories of your own"
        raise InputError(said, field="programme")
    return Corpus.made(code, kind.examples())


__all__ = ["Corpus"]
