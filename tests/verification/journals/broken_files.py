"""Durable journals, each with one broken promise, and the tests of the kit that must say so."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from shuroflow.events import Event
from shuroflow.storage.codec import decode
from shuroflow.storage.journal import Appended
from tests.verification.journals.broken import breaks
from tests.verification.journals.sound import SoundFile, tamper

ALL = "durable shared processes threads"


# ---------------------------------------------------------------- closing and opening


@breaks("a_closed_journal_says_so", claims=ALL, tamper=tamper, machine=False)
class AnswersWhenClosed(SoundFile):
    """A closed journal goes on to answer from memory."""

    def catch_up(self) -> None:
        """Only while there is a file."""
        if not self.file.closed:
            super().catch_up()


@breaks("everything_is_there_again", claims=ALL, tamper=tamper)
class ForgetsItsOrder(SoundFile):
    """After opening the cases are in the order of their names."""

    def __init__(self, folder: Path) -> None:
        self.before: list[str] = []
        super().__init__(folder)
        self.before = sorted({record.event.case_id for record in self.taken})

    def order(self) -> list[str]:
        """Those that were there when it was opened are sorted."""
        return list(dict.fromkeys([*self.before, *super().order()]))


@breaks(
    "keys_are_known_again", "a_key_is_known_to_both", "killed_at_any_moment", claims=ALL, tamper=tamper, machine=True
)
class KeysOfThisSession(SoundFile):
    """Keys are known only to the journal that has used them, until it is closed."""

    def __init__(self, folder: Path) -> None:
        self.own: set[tuple[str, str | None]] = set()
        super().__init__(folder)

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Remember the key."""
        done = super().append(case_id, events, expected=expected, key=key)
        self.own.add((case_id, key))
        return done

    def first(self, case_id: str, key: str) -> list[Event]:
        """Nothing, unless it was used here."""
        return super().first(case_id, key) if (case_id, key) in self.own else []


@breaks("a_case_goes_on_after_opening", "a_case_goes_from_hand_to_hand", claims=ALL, tamper=tamper)
class LinksOfThisSession(SoundFile):
    """An event links only to what the same journal has recorded itself."""

    def __init__(self, folder: Path) -> None:
        self.own: dict[str, bytes] = {}
        super().__init__(folder)

    def keep(self, bodies: list[bytes]) -> None:
        """Remember the last."""
        super().keep(bodies)
        for body in bodies:
            self.own[decode(body).case_id] = body

    def last(self, case_id: str) -> bytes | None:
        """Nothing, unless it was recorded here."""
        return self.own.get(case_id)


# ---------------------------------------------------------------- crashes


@breaks("killed_at_any_moment", claims="durable threads", tamper=tamper, machine=False)
class AcknowledgesTooEarly(SoundFile):
    """What is acknowledged is written only with the next append but one, or when the journal is closed."""

    alone = True

    def __init__(self, folder: Path) -> None:
        self.waiting: list[bytes] = []
        super().__init__(folder)

    def write(self, block: bytes) -> None:
        """Take it in at once, write it later."""
        for body in block[:-1].split(b"\t"):
            self.take(body)
        self.end += len(block)
        self.waiting.append(block)
        if len(self.waiting) > 2:
            self.flush()

    def keep(self, bodies: list[bytes]) -> None:
        """Without a look at the file, which is behind."""
        if bodies:
            self.write(b"\t".join(bodies) + b"\n")

    def flush(self) -> None:
        """Write what waits."""
        while self.waiting:
            super().write(self.waiting.pop(0))

    def close(self) -> None:
        """The last chance."""
        if not self.file.closed:
            self.flush()
        super().close()


@breaks("killed_at_any_moment", claims=ALL, tamper=tamper, machine=False)
class WritesLineByLine(SoundFile):
    """The events of an append are written one after another, each for good."""

    def keep(self, bodies: list[bytes]) -> None:
        """Each by itself."""
        for at, body in enumerate(bodies):
            if at:
                busy(0.005)
            super().keep([body])


def busy(seconds: float) -> None:
    """Let time go by: what is only for a moment wrong is then wrong for longer."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


# ---------------------------------------------------------------- damage


@breaks("what_is_no_event_is_damage", claims=ALL, tamper=tamper, machine=False)
class BlamesTheCaller(SoundFile):
    """What cannot be read is told as an error of input."""

    def understood(self, body: bytes) -> Event:
        """As the codec tells it."""
        return decode(body)


@breaks("a_wrong_number_is_damage", claims=ALL, tamper=tamper, machine=False)
class LooksAtNoNumbers(SoundFile):
    """Numbers are taken as they come."""

    def numbered(self, event: Event, case: list[bytes]) -> None:
        """Any."""


@breaks("a_changed_event_is_damage", claims=ALL, tamper=tamper, machine=False)
class LooksAtNoLinks(SoundFile):
    """Links are taken as they come."""

    def chain(self, event: Event, case: list[bytes]) -> None:
        """Any."""


# ---------------------------------------------------------------- several at once


@breaks("two_see_the_same", "a_case_goes_from_hand_to_hand", claims=ALL, tamper=tamper)
class ReadsWhatItKnows(SoundFile):
    """Only an append looks for what others have recorded; all reading is from memory."""

    looking = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.looking = False

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """Now."""
        self.looking = True
        try:
            return super().append(case_id, events, expected=expected, key=key)
        finally:
            self.looking = False

    def catch_up(self) -> None:
        """Not now."""
        if self.looking or self.file.closed:
            super().catch_up()


@breaks("the_slower_of_two_gets_a_conflict", claims=ALL, tamper=tamper, machine=False)
class PutsItsOwnBehind(SoundFile):
    """Who is slower is not told: what he sends is numbered on."""

    def append(self, case_id: str, events: Sequence[Event], *, expected: int, key: str | None = None) -> Appended:
        """At the version that the case has by now, if another journal has recorded since."""
        known = len([record for record in self.taken if record.event.case_id == case_id])
        actual = self.version(case_id)
        if known == expected != actual and events:
            events = [attrs.evolve(event, seq=actual + at) for at, event in enumerate(events, 1)]
            expected = actual
        return super().append(case_id, events, expected=expected, key=key)


@breaks("processes_at_once", claims=ALL, tamper=tamper, machine=False)
class LocksNothing(SoundFile):
    """Between looking and writing another process may write."""

    def alone_with_the_file(self) -> contextlib.AbstractContextManager[None]:
        """Not alone at all."""
        return contextlib.nullcontext()

    def write(self, block: bytes) -> None:
        """A little later."""
        busy(0.005)
        super().write(block)


@breaks(
    "a_second_journal_is_refused_or_apart",
    "another_process_is_refused_or_apart",
    claims="durable threads",
    tamper=tamper,
    machine=False,
)
class LetsOthersIn(SoundFile):
    """Said to be for one journal alone, it lets a second one in."""
