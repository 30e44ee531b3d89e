"""One pass over a journal: the roots at the sizes asked for, and where the chain of a case breaks.

Sealing, verifying and proving all go this way. It judges nothing: what follows from the findings is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Protocol

import attrs

from shuroflow.errors import Damaged
from shuroflow.seal.chains import Break, Chains
from shuroflow.seal.merkle import Tree, leaf_hash
from shuroflow.storage.journal import Record

Progress = Callable[[int, int | None], None]
"""``progress(done, total)``: events gone through, and of how many where that is known."""

_EVERY = 1000
"""Events between two calls of the progress."""

KEPT = 20
"""Breaks, and ids of cases, that are kept to be named; all are counted."""


@attrs.frozen
class Milestone:
    """The journal as it was after some number of events."""

    root: bytes
    cases: int
    unlinked: int


@attrs.define
class Walk:
    """What a pass found.

    ``size`` is the number of events that could be read; ``damage`` says why not more, where there is more.
    """

    tree: Tree = attrs.field(factory=Tree)
    chains: Chains = attrs.field(factory=Chains)
    milestones: dict[int, Milestone] = attrs.field(factory=dict)
    breaks: list[Break] = attrs.field(factory=list)
    broken: int = 0
    late_cases: dict[str, None] = attrs.field(factory=dict)
    damage: Damaged | None = None

    @property
    def size(self) -> int:
        """The number of events that could be read."""
        return self.tree.size

    def note_milestone(self) -> None:
        """Keep how things stand now."""
        self.milestones[self.size] = Milestone(self.tree.root(), len(self.chains), self.chains.unlinked)


class Watcher(Protocol):
    """Who wants to see every record: a proof in the making."""

    def see(self, record: Record, leaf: bytes, tree: Tree) -> None:
        """Look at a record before its leaf joins the tree."""


class Fed(Protocol):
    """As much of a journal as is gone through."""

    def feed(self) -> Iterator[Record]:
        """All records in order."""

    def size(self) -> int:
        """How many there are."""


def walk(
    journal: Fed, *, sizes: Collection[int] = (), watcher: Watcher | None = None, progress: Progress | None = None
) -> Walk:
    """Go through a journal from its first event to its present end, once.

    Args:
        journal: any journal; only its feed and its size are asked for.
        sizes: after how many events to take the root.
        watcher: sees every record.
        progress: called every now and then.

    Raises:
        Unavailable: if the journal cannot be read. Damage ends the walk and is part of what it found.
    """
    found = Walk()
    tree, chains, total = found.tree, found.chains, journal.size()
    wanted, last = frozenset(sizes), max(sizes, default=0)
    if 0 in wanted:
        found.note_milestone()
    try:
        for record in journal.feed():
            leaf = leaf_hash(record.body)
            if watcher is not None:
                watcher.see(record, leaf, tree)
            tree.append(leaf)
            if (broken := chains.take(record, leaf)) is not None:
                found.broken += 1
                if len(found.breaks) < KEPT:
                    found.breaks.append(broken)
            size = tree.size
            if size in wanted:
                found.note_milestone()
            elif size > last and len(found.late_cases) < KEPT:
                found.late_cases[record.event.case_id] = None
            if progress is not None and size % _EVERY == 0:
                progress(size, total)
    except Damaged as error:
        found.damage = error
    return found


__all__ = ["KEPT", "Break", "Milestone", "Progress", "Walk", "Watcher", "walk"]
