"""Random use of a journal beside a model that does the same in a few lines, with bytes and links of its own.

The model uses nothing of the library but the classes and the errors: what it expects is worked out by
:mod:`~shuroflow.verification.journals.oracle`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shuroflow.errors import Conflict, DuplicateKey, InputError
from shuroflow.events import Event
from shuroflow.storage.journal import Appended, Bulk, Journal, Record
from shuroflow.verification.journals.claims import FEW
from shuroflow.verification.journals.events import example
from shuroflow.verification.journals.oracle import as_recorded, body_of, link_to, unlinked

CASES = ("a", "A", "\u304c", "\u304b\u3099")
_ELSEWHERE = "rfc6962:" + "f" * 64

_cases = st.sampled_from(CASES)
_notes = st.sampled_from(["x", None, "x ", "\u795e", "\ufa19", 'q"\\\n\x00'])
_some_notes = st.lists(_notes, max_size=3)
_keys = st.sampled_from([None, None, "k", "K"])
_which = st.integers(0, 1)


class _Model:
    """What a journal holds: its events in their order, and from them the cases."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def case(self, case_id: str) -> list[Event]:
        """The events of a case."""
        return [event for event in self.events if event.case_id == case_id]

    def last(self, case_id: str) -> Event | None:
        """The event at which a case stands."""
        return next((event for event in reversed(self.events) if event.case_id == case_id), None)

    def cases(self) -> list[str]:
        """The cases in the order of their first event."""
        return list(dict.fromkeys(event.case_id for event in self.events))

    def scan(self) -> list[Event]:
        """All events case by case."""
        return [event for case_id in self.cases() for event in self.case(case_id)]

    def feed(self, after: int = 0) -> list[Record]:
        """All records beyond a position."""
        return [Record(at, body_of(event), event) for at, event in enumerate(self.events, 1)][after:]

    def keyed(self) -> dict[tuple[str, str], list[Event]]:
        """The events that were recorded under each key of each case."""
        found: dict[tuple[str, str], list[Event]] = {}
        for event in self.events:
            if event.key is not None:
                found.setdefault((event.case_id, event.key), []).append(event)
        return found


def machine(
    opener: Callable[[Path], Journal],
    *,
    folder: Path,
    durable: bool,
    shared: bool = False,
    bulk: bool = False,
) -> type[RuleBasedStateMachine]:
    """A state machine of Hypothesis that uses journals at random and compares all that can be read with a model.

    Run it with ``hypothesis.stateful.run_state_machine_as_test``, or name its ``TestCase`` in a test module.

    Args:
        opener: opens the journal of a folder, making it if need be.
        folder: where each run gets a folder of its own.
        durable: closing and opening again is one of the things that happen.
        shared: so is using two journals on the same store.
        bulk: so is loading.
    """
    runs = count(1)

    class Machine(RuleBasedStateMachine):
        """The journals and the model side by side."""

        def __init__(self) -> None:
            super().__init__()
            self.folder = folder / f"run-{next(runs)}"
            self.folder.mkdir(parents=True)
            self.journals = [opener(self.folder) for _ in range(2 if shared else 1)]
            self.model = _Model()
            self.followed: list[Record] = []

        def journal(self, which: int) -> Journal:
            """One of the journals on the store."""
            return self.journals[which % len(self.journals)]

        # -------------------------------------------------------- writing

        @initialize(appends=st.lists(st.tuples(_which, _cases, _some_notes, _keys), max_size=5))
        def begin_with(self, appends: list[tuple[int, str, list[str | None], str | None]]) -> None:
            """A few appends, so that there is something to go on with."""
            for which, case_id, notes, key in appends:
                self.append(which=which, case_id=case_id, notes=notes, key=key)

        @rule(which=_which, case_id=_cases, notes=_some_notes, key=_keys)
        def append(self, which: int, case_id: str, notes: list[str | None], key: str | None) -> None:
            """Append at the version of the case, with or without a key: a new one, or one that the case knows."""
            known, journal = self.model.case(case_id), self.journal(which)
            batch = [example(case_id, len(known) + at, note=note) for at, note in enumerate(notes, 1)]
            first = self.model.keyed().get((case_id, key or ""), [])
            if first and notes != [event.note for event in first]:
                with pytest.raises(DuplicateKey) as refused:
                    journal.append(case_id, batch, expected=len(known), key=key)
                assert tuple(first) == refused.value.first
                return
            written = [] if first else as_recorded(batch, last=known[-1] if known else None, key=key)
            done = journal.append(case_id, batch, expected=len(known), key=key)
            if first:
                assert Appended(case_id, first[-1].seq, tuple(first), duplicate=True) == done
            else:
                assert Appended(case_id, len(known) + len(batch), tuple(written)) == done
            head = first or written or known
            assert (link_to(head[-1]) if head else None) == done.head
            self.model.events += written

        @rule(which=_which, case_id=_cases, notes=_some_notes, skew=st.sampled_from([1, -1, 5]), new=st.booleans())
        def append_at_another_version(
            self, which: int, case_id: str, notes: list[str | None], skew: int, new: bool
        ) -> None:
            """Append next to the version of the case: a conflict, under a new key too."""
            known = len(self.model.case(case_id))
            expected = known + (abs(skew) if known == 0 else skew)
            batch = [example(case_id, expected + at, note=note) for at, note in enumerate(notes, 1)]
            with pytest.raises(Conflict) as caught:
                self.journal(which).append(case_id, batch, expected=max(expected, 0), key="new" if new else None)
            assert (expected, known) == (caught.value.expected, caught.value.actual)

        @rule(which=_which, case_id=_cases, notes=_some_notes, wrong=st.sampled_from([None, None, 0, 1]))
        def append_with_links(self, which: int, case_id: str, notes: list[str | None], wrong: int | None) -> None:
            """Append events that bring their links; a wrong one is a conflict at the first, an error further on."""
            known, journal = self.model.case(case_id), self.journal(which)
            batch = [example(case_id, len(known) + at, note=note) for at, note in enumerate(notes, 1)]
            batch = as_recorded(batch, last=known[-1] if known else None)
            if wrong is None or wrong >= len(batch):
                done = journal.append(case_id, batch, expected=len(known))
                assert Appended(case_id, len(known) + len(batch), tuple(batch)) == done
                self.model.events += batch
            else:
                batch[wrong] = attrs.evolve(batch[wrong], prev=_ELSEWHERE)
                with pytest.raises(Conflict if wrong == 0 else InputError):
                    journal.append(case_id, batch, expected=len(known))

        @precondition(lambda self: self.model.keyed())
        @rule(which=_which, pick=st.integers(0, 9), expected=st.integers(0, 4), other=st.booleans())
        def send_again(self, which: int, pick: int, expected: int, other: bool) -> None:
            """Send an append again under its key, later and at whatever version; or one with another note."""
            (case_id, key), first = list(self.model.keyed().items())[pick % len(self.model.keyed())]
            later = first[0].recorded_at.replace(hour=20)
            plain = [attrs.evolve(event, recorded_at=later) for event in unlinked(first)]
            again = [attrs.evolve(event, seq=expected + at) for at, event in enumerate(plain, 1)]
            if other:
                again[-1] = attrs.evolve(again[-1], note="other")
                with pytest.raises(DuplicateKey):
                    self.journal(which).append(case_id, again, expected=expected, key=key)
            else:
                wanted = Appended(case_id, first[-1].seq, tuple(first), duplicate=True)
                assert wanted == self.journal(which).append(case_id, again, expected=expected, key=key)

        @rule(
            which=_which,
            case_id=_cases,
            good=st.integers(0, 2),
            change=st.sampled_from([{"note": "\ud800"}, {"data": None}, {"seq": 99}, {"case_id": "b"}, {"key": "l"}]),
        )
        def append_what_cannot_be(self, which: int, case_id: str, good: int, change: dict[str, Any]) -> None:
            """An append whose last event cannot be written is refused whole."""
            version = len(self.model.case(case_id))
            batch = [example(case_id, version + at) for at in range(1, good + 2)]
            batch[-1] = attrs.evolve(batch[-1], **change)
            with pytest.raises(InputError):
                self.journal(which).append(case_id, batch, expected=version)
            with pytest.raises(InputError):
                self.journal(which).append(case_id, batch[:good], expected=version, key="")

        @precondition(lambda self: bulk)
        @rule(
            which=_which,
            loaded=st.lists(st.tuples(_cases, _notes, _keys, st.booleans()), max_size=4),
            flaw=st.sampled_from([None, None, "number", "link", "form"]),
        )
        def load(self, which: int, loaded: list[tuple[str, str | None, str | None, bool]], flaw: str | None) -> None:
            """Load events of any cases, linked or not; a flaw in the last keeps all of them out."""
            journal, after = self.journal(which), _Model()
            assert isinstance(journal, Bulk)
            after.events = list(self.model.events)
            for case_id, note, key, linked in loaded:
                last, free = after.last(case_id), (case_id, key) not in after.keyed()
                event = example(case_id, last.seq + 1 if last else 1, note=note)
                (event,) = as_recorded([event], last=last if linked else None, key=key if free else None)
                after.events.append(event)
            bodies = [body_of(event) for event in after.events[len(self.model.events) :]]
            if flaw is None or not bodies:
                assert len(after.events) == journal.load(bodies)
                self.model = after
                for (case_id, key), first in after.keyed().items():
                    assert journal.append(case_id, unlinked(first), expected=first[0].seq - 1, key=key).duplicate
                return
            last = after.events[-1]
            if flaw == "form":
                bodies[-1] = bodies[-1].replace(b'":', b'": ', 1)
            else:
                change = {"seq": last.seq + 1} if flaw == "number" else {"prev": _ELSEWHERE}
                bodies[-1] = body_of(attrs.evolve(last, **change))
            with pytest.raises((Conflict, InputError)):
                journal.load(bodies)

        @precondition(lambda self: durable)
        @rule(which=_which)
        def reopen(self, which: int) -> None:
            """Close a journal and open it again."""
            self.journal(which).close()
            self.journals[which % len(self.journals)] = opener(self.folder)

        # -------------------------------------------------------- reading

        @rule(which=_which)
        def follow(self, which: int) -> None:
            """Go on from the last position seen: nothing was missed."""
            self.followed += self.journal(which).feed(after=len(self.followed))
            assert self.model.feed() == self.followed

        @rule(which=_which, other=_which, case_id=_cases, notes=_some_notes, key=_keys)
        def append_under_a_feed(
            self, which: int, other: int, case_id: str, notes: list[str | None], key: str | None
        ) -> None:
            """Append while a feed and a scan are under way: both go on with at least what was there before."""
            feed, scan = self.journal(which).feed(), self.journal(which).scan()
            records = [record for record in [next(feed, None)] if record is not None]
            events = [event for event in [next(scan, None)] if event is not None]
            before = list(self.model.events)
            self.append(which=other, case_id=case_id, notes=notes, key=key)
            records += feed
            events += scan
            assert self.model.feed()[: len(records)] == records
            assert len(records) >= len(before)
            for each in CASES:
                found = [event for event in events if event.case_id == each]
                assert self.model.case(each)[: len(found)] == found
                assert len(found) >= sum(event.case_id == each for event in before)

        @invariant()
        def same(self) -> None:
            """Everything that can be read is what the model holds."""
            for journal in self.journals:
                assert self.model.cases() == list(journal.cases())
                assert self.model.scan() == list(journal.scan())
                assert self.model.feed() == list(journal.feed())
                assert len(self.model.events) == journal.size()
                half = (len(self.model.events) + 1) // 2
                assert self.model.feed(half) == list(journal.feed(after=half))
                for case_id in CASES:
                    case, found = self.model.case(case_id), journal.read(case_id)
                    assert case == found
                    assert [event.recorded_at.tzinfo for event in case] == [event.recorded_at.tzinfo for event in found]
                    assert len(case) == journal.version(case_id)
                    half = (len(case) + 1) // 2
                    assert case[half:] == journal.read(case_id, after=half)

        def teardown(self) -> None:
            """Close what is open."""
            for journal in self.journals:
                journal.close()

    Machine.TestCase.settings = FEW
    return Machine


__all__ = ["machine"]
