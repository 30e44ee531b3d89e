"""What every journal promises, as tests that each adapter runs: a class of examples and a machine of random use."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shuroflow.errors import Conflict, DuplicateKey, InputError, JournalError
from shuroflow.events import Event
from shuroflow.storage import Appended, Journal, open_journal
from tests.conformance.events import example, examples

Opener = Callable[[Path], Journal]


class JournalCases:
    """The promises of the port. A subclass sets ``opener``: it opens the journal of a folder, making it if need be."""

    opener: Opener

    @pytest.fixture
    def journal(self, tmp_path: Path) -> Iterator[Journal]:
        """An empty journal."""
        with type(self).opener(tmp_path) as journal:
            yield journal

    def test_is_a_journal(self, journal: Journal) -> None:
        """It has the methods of the port."""
        assert isinstance(journal, Journal)

    def test_empty(self, journal: Journal) -> None:
        """A new journal holds nothing, and says so without an error."""
        assert journal.read("case-1") == []
        assert journal.version("case-1") == 0
        assert list(journal.cases()) == []
        assert list(journal.scan()) == []

    def test_append_and_read(self, journal: Journal) -> None:
        """What was appended is read, in order, by case."""
        one, two = examples("one", 3), examples("two", 2)
        assert Appended("one", 1, tuple(one[:1])) == journal.append("one", one[:1], expected=0)
        assert Appended("two", 2, tuple(two)) == journal.append("two", two, expected=0)
        assert Appended("one", 3, tuple(one[1:])) == journal.append("one", one[1:], expected=1)
        assert one == journal.read("one")
        assert two == journal.read("two")
        assert (journal.version("one"), journal.version("two")) == (3, 2)
        assert list(journal.cases()) == ["one", "two"]
        assert one + two == list(journal.scan())

    @pytest.mark.parametrize("expected", [0, 1, 3, 100])
    def test_wrong_version(self, journal: Journal, expected: int) -> None:
        """Any version but that of the case is a conflict with both numbers, and nothing is written."""
        journal.append("one", examples("one", 2), expected=0)
        for batch in (examples("one", 2, after=expected), []):
            with pytest.raises(Conflict) as caught:
                journal.append("one", batch, expected=expected)
            assert (expected, 2) == (caught.value.expected, caught.value.actual)
        assert examples("one", 2) == journal.read("one")

    def test_no_events(self, journal: Journal) -> None:
        """An append of nothing checks the version and writes nothing."""
        assert Appended("one", 0, ()) == journal.append("one", [], expected=0)
        assert list(journal.cases()) == []

    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("case_id", {"case_id": "other"}),
            ("seq", {"seq": 3}),
            ("key", {"key": "another"}),
            ("occurred_on", {"occurred_on": "2025-04-03"}),
            ("recorded_by", {"recorded_by": None}),
            ("data", {"data": None}),
            ("note", {"note": "\ud800"}),
        ],
    )
    def test_all_or_nothing(self, journal: Journal, field: str, change: dict[str, Any]) -> None:
        """One event that cannot be written keeps all of its append out; the error names the field."""
        good, other = examples("one", 2)
        with pytest.raises(InputError) as caught:
            journal.append("one", [good, attrs.evolve(other, **change)], expected=0, key="k")
        assert field == caught.value.field
        assert journal.read("one") == []
        assert list(journal.cases()) == []

    def test_bad_arguments(self, journal: Journal) -> None:
        """A negative version and an empty key are errors of the caller."""
        for arguments in ({"expected": -1}, {"expected": 0, "key": ""}):
            with pytest.raises(InputError):
                journal.append("one", [], **arguments)

    def test_key_again(self, journal: Journal) -> None:
        """The same content under the same key gives the first result, whatever the version; nothing is written."""
        first = journal.append("one", examples("one", 2), expected=0, key="k")
        assert [event.key for event in first.events] == ["k", "k"]
        journal.append("one", examples("one", 1, after=2), expected=2)
        later = [attrs.evolve(event, recorded_at=event.recorded_at.replace(hour=20)) for event in examples("one", 2)]
        again = journal.append("one", later, expected=0, key="k")
        assert attrs.evolve(first, duplicate=True) == again
        moved = [attrs.evolve(event, seq=event.seq + 3) for event in later]
        assert again == journal.append("one", moved, expected=3, key="k")
        assert journal.version("one") == 3

    def test_key_for_something_else(self, journal: Journal) -> None:
        """Other content under a known key is refused with the first events; in another case the key is free."""
        first = journal.append("one", [example("one")], expected=0, key="k")
        for batch in ([example("one", note="other")], [example("one"), example("one", 2)], []):
            with pytest.raises(DuplicateKey) as caught:
                journal.append("one", batch, expected=0, key="k")
            assert ("one", "k", first.events) == (caught.value.case_id, caught.value.key, caught.value.first)
        journal.append("two", [example("two")], expected=0, key="k")
        assert journal.version("one") == 1

    def test_texts_as_they_are(self, journal: Journal) -> None:
        """Ids and texts come back code point by code point: no normalisation, no trouble with quotes or LIKE signs."""
        texts = ["\u795e", "\ufa19", "a'b\"c", "%_", "\u00a0", "ｶﾞ", "𠮷"]
        for case_id in texts:
            event = example(case_id, note=case_id + '\n\t\x00\x7f\\ "')
            journal.append(case_id, [event], expected=0, key=case_id)
            assert [attrs.evolve(event, key=case_id)] == journal.read(case_id)
        assert texts == list(journal.cases())

    def test_scan_while_appending(self, journal: Journal) -> None:
        """A scan under way is not disturbed by an append, and neither is the append."""
        journal.append("one", examples("one", 2), expected=0)
        journal.append("two", examples("two", 1), expected=0)
        scan = journal.scan()
        seen = [next(scan)]
        journal.append("two", examples("two", 1, after=1), expected=1)
        journal.append("new", examples("new", 1), expected=0)
        seen += scan
        for case_id in ("one", "two"):
            events = [event for event in seen if event.case_id == case_id]
            assert journal.read(case_id)[: len(events)] == events
        assert len(seen) >= 3


class DurableCases(JournalCases):
    """Further promises of journals that outlive the process. ``source`` names the journal of a folder for a worker."""

    @staticmethod
    def source(folder: Path) -> str:
        """What :func:`open_journal` takes."""
        raise NotImplementedError

    def test_reopened(self, tmp_path: Path) -> None:
        """Everything, the keys too, is there again after closing and opening."""
        opener = type(self).opener
        with opener(tmp_path) as journal:
            first = journal.append("one", examples("one", 3), expected=0, key="k")
        with opener(tmp_path) as journal:
            assert list(first.events) == journal.read("one")
            assert attrs.evolve(first, duplicate=True) == journal.append("one", examples("one", 3), expected=0, key="k")

    def test_closed(self, tmp_path: Path) -> None:
        """A closed journal says that it is closed; closing twice is fine."""
        journal = type(self).opener(tmp_path)
        journal.close()
        journal.close()
        for use in (lambda: journal.read("one"), lambda: journal.append("one", [example("one")], expected=0)):
            with pytest.raises(JournalError, match="closed"):
                use()

    def test_two_at_once(self, tmp_path: Path) -> None:
        """Two journals on one store see each other's events, and the slower one gets a conflict."""
        opener = type(self).opener
        with opener(tmp_path) as ours, opener(tmp_path) as theirs:
            ours.append("one", examples("one", 1), expected=0)
            assert examples("one", 1) == theirs.read("one")
            theirs.append("one", examples("one", 2, after=1), expected=1, key="k")
            with pytest.raises(Conflict):
                ours.append("one", examples("one", 1, after=1), expected=1)
            assert ours.append("one", examples("one", 2, after=1), expected=1, key="k").duplicate
            assert theirs.read("one") == ours.read("one")
            assert list(ours.cases()) == ["one"]

    def test_processes(self, tmp_path: Path) -> None:
        """Processes that append to the same cases: every acknowledged event exactly once, gapless, in order."""
        workers, rounds, cases = 3, 12, ["a", "b"]
        context = multiprocessing.get_context("spawn")
        source = self.source(tmp_path)
        running = [context.Process(target=work, args=(source, str(n), rounds, cases)) for n in range(workers)]
        for process in running:
            process.start()
        for process in running:
            process.join()
        assert [0] * workers == [process.exitcode for process in running]
        with type(self).opener(tmp_path) as journal:
            for case_id in cases:
                events = journal.read(case_id)
                assert list(range(1, len(events) + 1)) == [event.seq for event in events]
                wanted = Counter(
                    f"{n} {turn} {part}" for n in range(workers) for turn in range(rounds) for part in "xy"
                )
                assert wanted == Counter(event.note for event in events)
                for n in range(workers):
                    mine = [event.note for event in events if event.note and event.note.startswith(f"{n} ")]
                    assert [f"{n} {turn} {part}" for turn in range(rounds) for part in "xy"] == mine
                assert all(
                    a.note and b.note and a.note[:-1] == b.note[:-1] for a, b in zip(*[iter(events)] * 2, strict=True)
                )


def work(source: str, name: str, rounds: int, cases: list[str]) -> None:
    """One process: two events at once to each case in turn, again after each conflict until it is in."""
    with open_journal(source, create=True) as journal:
        for turn in range(rounds):
            for case_id in cases:
                while True:
                    version = journal.version(case_id)
                    batch = [
                        example(case_id, version + i, note=f"{name} {turn} {part}") for i, part in ((1, "x"), (2, "y"))
                    ]
                    try:
                        journal.append(case_id, batch, expected=version, key=f"{name}-{turn}" if turn % 2 else None)
                    except Conflict:
                        continue
                    break


def machine(opener: Opener, *, durable: bool) -> type[RuleBasedStateMachine]:
    """Random use of a journal against a dictionary that does the same in three lines."""
    case_ids, keys = st.sampled_from(["a", "b", "神"]), st.none() | st.sampled_from(["k", "l"])

    class Machine(RuleBasedStateMachine):
        """The journal and the model side by side."""

        def __init__(self) -> None:
            super().__init__()
            self.folder = TemporaryDirectory()
            self.journal = opener(Path(self.folder.name))
            self.model: dict[str, list[Event]] = {}

        @rule(case_id=case_ids, count=st.integers(0, 3), skew=st.sampled_from([0, 0, 0, 1, -1]), key=keys)
        def append(self, case_id: str, count: int, skew: int, key: str | None) -> None:
            """Append at the right version or next to it, with or without a key, known or not."""
            known = self.model.get(case_id, [])
            expected = max(0, len(known) + skew)
            batch = [example(case_id, expected + i) for i in range(1, count + 1)]
            first = [event for event in known if key is not None and event.key == key]
            if first and len(first) != count:
                with pytest.raises(DuplicateKey):
                    self.journal.append(case_id, batch, expected=expected, key=key)
            elif first:
                assert Appended(case_id, first[-1].seq, tuple(first), duplicate=True) == self.journal.append(
                    case_id, batch, expected=expected, key=key
                )
            elif expected != len(known):
                with pytest.raises(Conflict):
                    self.journal.append(case_id, batch, expected=expected, key=key)
            else:
                added = self.journal.append(case_id, batch, expected=expected, key=key)
                written = [attrs.evolve(event, key=key) for event in batch]
                assert Appended(case_id, expected + count, tuple(written)) == added
                if written:
                    self.model.setdefault(case_id, []).extend(written)

        @precondition(lambda self: durable)
        @rule()
        def reopen(self) -> None:
            """Close and open again."""
            self.journal.close()
            self.journal = opener(Path(self.folder.name))

        @invariant()
        def same(self) -> None:
            """Everything that can be read is what the model holds."""
            assert list(self.model) == list(self.journal.cases())
            assert [event for events in self.model.values() for event in events] == list(self.journal.scan())
            for case_id in ("a", "b", "神"):
                assert self.model.get(case_id, []) == self.journal.read(case_id)
                assert len(self.model.get(case_id, [])) == self.journal.version(case_id)

        def teardown(self) -> None:
            """Close and clear away."""
            self.journal.close()
            self.folder.cleanup()

    Machine.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None, derandomize=True)
    return Machine
