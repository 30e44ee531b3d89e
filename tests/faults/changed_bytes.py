"""One byte of a sealed JSON Lines journal is changed: is it noticed? Every byte of a small one, random ones of a large.

A change is noticed if the journal refuses to read what is there, or if the checkpoint does not hold. Whoever opens the
journal afterwards is given the same answer, so each change is made in the file itself and taken back.
"""

from __future__ import annotations

import itertools
import os
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import attrs

from shuroflow.errors import Damaged, InputError
from shuroflow.events import Event
from shuroflow.seal import Seal, Verdict, seal, verify
from shuroflow.seal.merkle import node_hash
from shuroflow.seal.note import encode64
from shuroflow.simulation.caseload import caseload
from shuroflow.storage import Journal, JsonlJournal, decode
from shuroflow.storage.codec import leaf_hash
from shuroflow.storage.journal import chained
from shuroflow.storage.lines import body_of
from tests.faults.ledger import Ledger

ORIGIN = "example.jp/shuroflow/faults"


@attrs.define
class Result:
    """By what changes were noticed, how many each; ``missed`` are those that were not.

    ``complete`` of them went through the complete check, the others through a shorter one that is held against it.
    """

    noticed: Counter[str] = attrs.field(factory=Counter)
    missed: list[str] = attrs.field(factory=list)
    complete: int = 0

    @property
    def changes(self) -> int:
        """All changes that were tried."""
        return self.noticed.total() + len(self.missed)

    def count(self, by: str, said: str) -> None:
        """One more change, noticed by something; by nothing: said what it was."""
        if by:
            self.noticed[by] += 1
        else:
            self.missed.append(said)

    def add(self, other: Result) -> None:
        """Take in what another part of the work found."""
        self.noticed += other.noticed
        self.missed += other.missed
        self.complete += other.complete


def fill_small(journal: Journal) -> Seal:
    """Four events of two cases in three appends, one of them of two events and one with a key; and their checkpoint."""
    ledger = Ledger()
    ledger.ask(1, "one", expected=0).of(journal)
    ledger.ask(2, "two", expected=0, count=2).of(journal)
    ledger.ask(3, "one", expected=1, key="key-1").of(journal)
    return seal(journal, origin=ORIGIN)


def answer(path: Path, sealed: Seal) -> tuple[str, Verdict | None]:
    """What the complete check says of the file: by what the change is noticed (nothing: ``""``), and the verdict."""
    try:
        with JsonlJournal(path) as journal:
            verdict = verify(journal, [sealed])
    except Damaged:
        return "not opened", None
    return "" if verdict.proven else verdict.codes()[0], verdict


@contextmanager
def changed(path: Path, offset: int, value: int) -> Iterator[None]:
    """The file with one byte changed."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        before = os.pread(descriptor, 1, offset)
        os.pwrite(descriptor, bytes([value]), offset)
        try:
            yield
        finally:
            os.pwrite(descriptor, before, offset)
    finally:
        os.close(descriptor)


def named(path: Path, offset: int, before: int, value: int) -> str:
    """A change in words."""
    return f"byte {offset} of {path.name} from {before} to {value}"


# A small journal: every byte -----------------------------------------------------------------------------------------


def every_value(_: int) -> Iterable[int]:
    """All bytes there are."""
    return range(256)


def some_values(byte: int) -> Iterable[int]:
    """A neighbour, a letter in the other case, a line end, a digit: the changes that look most like data."""
    return {byte ^ 1, byte ^ 32, 10, 49}


def small(folder: Path, *, values: Callable[[int], Iterable[int]], part: int = 0, parts: int = 1) -> Result:
    """Every byte of a small journal becomes each of ``values`` (given the byte) in turn, by the complete check.

    ``part`` of ``parts``: only every so many bytes, so that several processes share the work.
    """
    path, result = folder / f"small-{part}.jsonl", Result()
    with JsonlJournal(path, create=True) as journal:
        sealed = fill_small(journal)
    content = path.read_bytes()
    for offset in range(part, len(content), parts):
        for value in values(content[offset]):
            if value != content[offset]:
                with changed(path, offset, value):
                    by, _ = answer(path, sealed)
                result.count(by, named(path, offset, content[offset], value))
                result.complete += 1
    assert answer(path, sealed)[0] == ""
    return result


# A large journal: random bytes ----------------------------------------------------------------------------------------


def fill_large(path: Path, events: int, *, seed: int) -> Seal:
    """A simulated caseload of so many events, written by the journal in appends of one or several; its checkpoint."""
    random = Random(seed)
    bodies: list[bytes] = []
    last: dict[str, tuple[int, bytes]] = {}
    for event in itertools.islice(_simulated(seed), events):
        seq, before = last.get(event.case_id, (0, None))
        _, (body,) = chained([event], last=before, case_id=event.case_id, expected=seq)
        last[event.case_id] = event.seq, body
        bodies.append(body)
    with JsonlJournal(path, create=True) as journal:
        while bodies:
            count = random.choice((1, 1, 2, 20, 500))
            journal.load(bodies[:count])
            del bodies[:count]
        return seal(journal, origin=ORIGIN)


def _simulated(seed: int) -> Iterator[Event]:
    for number in itertools.count():
        for event, _ in caseload(1000, seed + number, 0.1):
            if event is not None:
                yield event


class Large:
    """A large sealed journal, and a way to see what one changed byte does to it without reading all of it again.

    The line that is changed is read as the journal reads it. If it still is an event, the root that the checkpoint is
    compared with is computed from the changed leaf and the kept hashes of all other subtrees.
    """

    def __init__(self, path: Path, sealed: Seal) -> None:
        self.path = path
        self.sealed = sealed
        self.content = path.read_bytes()
        self.starts = array("Q", [0])
        leaves = []
        for raw in self.content.split(b"\n")[:-1]:
            self.starts.append(self.starts[-1] + len(raw) + 1)
            leaves.append(leaf_hash(body_of(raw)))
        self.levels = [leaves]
        while len(below := self.levels[-1]) > 1:
            pairs = [node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)]
            self.levels.append(pairs + below[len(pairs) * 2 :])
        assert (len(leaves), self.levels[-1][0]) == (sealed.checkpoint.size, sealed.checkpoint.root)

    def check(self, offset: int, value: int, *, completely: bool, result: Result) -> None:
        """One change. ``completely`` asks the complete check too, and both must agree."""
        said = named(self.path, offset, self.content[offset], value)
        by, root = self.quickly(offset, value)
        if completely or not by:
            with changed(self.path, offset, value):
                slowly, verdict = answer(self.path, self.sealed)
            result.complete += 1
            if by and slowly not in {"not opened", by}:
                by, said = "", f"{said}: quickly {by}, completely {slowly or 'nothing'}"
            elif root is not None and verdict is not None and _computed(verdict) not in {None, encode64(root)}:
                by, said = "", f"{said}: the complete check computes another root"
            else:
                by = slowly
        result.count(by, said)

    def quickly(self, offset: int, value: int) -> tuple[str, bytes | None]:
        """By what the change is noticed, and the root it leads to; ``""``: only the complete check can tell."""
        number = bisect_right(self.starts, offset) - 1
        start, end = self.starts[number], self.starts[number + 1]
        line = bytearray(self.content[start:end])
        line[offset - start] = value
        if line.count(b"\n") != 1 or not line.endswith(b"\n"):
            return "", None  # other lines than before
        raw = bytes(line[:-1])
        try:
            decode(raw)
        except InputError:
            return "unreadable", None
        root = self.root(number, leaf_hash(body_of(raw)))
        return ("root_differs", root) if root != self.sealed.checkpoint.root else ("", None)

    def root(self, number: int, leaf: bytes) -> bytes:
        """The root of the tree with another leaf in the place of one."""
        found = leaf
        for level in self.levels[:-1]:
            sibling = number ^ 1
            if sibling < len(level):
                found = node_hash(found, level[sibling]) if sibling > number else node_hash(level[sibling], found)
            number >>= 1
        return found


def _computed(verdict: Verdict) -> object:
    """The root that the complete check computed, if it came so far."""
    return next((fact.values["computed"] for fact in verdict.facts if fact.code == "root_differs"), None)


def large(path: Path, sealed: bytes, *, changes: int, complete: int, seed: int) -> Result:
    """Random changes of a journal in ``path`` that ``sealed`` seals; so many of them by the complete check too."""
    journal, random, result = Large(path, Seal.parse(sealed)), Random(seed), Result()
    for number in range(changes):
        offset = random.randrange(len(journal.content))
        value = journal.content[offset] ^ random.randrange(1, 256)
        journal.check(offset, value, completely=number < complete, result=result)
    assert answer(path, journal.sealed)[0] == ""
    return result


__all__ = [
    "ORIGIN",
    "Large",
    "Result",
    "answer",
    "changed",
    "every_value",
    "fill_large",
    "fill_small",
    "large",
    "named",
    "small",
    "some_values",
]
