"""The Merkle tree of RFC 6962 and RFC 9162 (SHA-256): roots, proofs and their checks over a stream of leaves.

Leaves come one after the other and none is kept: :class:`Tree` holds a hash for each bit of the number of leaves, and
:class:`Collector` gathers the hashes of a proof while the leaves go by, because which subtrees a proof is made of is
known from the numbers alone. What the leaves are is known elsewhere. The checks follow the steps of RFC 9162 and share
nothing with what makes the proofs.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from shuroflow.storage.codec import leaf_hash

HASH_SIZE = 32
"""Bytes of a SHA-256."""

EMPTY = sha256().digest()
"""The root of a tree without leaves (RFC 9162, 2.1.1)."""

Range = tuple[int, int]
"""Leaves ``[first, end)`` under one node, counted from 0."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over a one byte and the hashes of its two children."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf and keeps only the roots of its complete subtrees, the largest first."""

    def __init__(self) -> None:
        self.nodes: list[bytes] = []
        self.size = 0

    def append(self, leaf: bytes) -> None:
        """Add a leaf, given by its hash."""
        size, nodes = self.size, self.nodes
        while size & 1:
            leaf = sha256(b"\x01" + nodes.pop() + leaf).digest()
            size >>= 1
        nodes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root of all leaves so far."""
        if not self.nodes:
            return EMPTY
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root


# Which subtrees a proof is made of -----------------------------------------------------------------------------------


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose roots prove that leaf ``index`` is in the tree of ``size`` leaves, from the leaf upwards.

    Raises:
        ValueError: if the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    first, end = 0, size
    ranges: list[Range] = []
    while end - first > 1:
        split = _split(first, end)
        if index < split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((first, split))
            first = split
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The subtrees whose roots prove that the tree of ``old`` leaves is the beginning of the tree of ``new`` leaves.

    None at all if either tree is known from the other: ``old`` is 0, or both are equal.

    Raises:
        ValueError: if ``old`` is negative or larger than ``new``.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves is no beginning of one of {new}")
    if old == 0:
        return []
    first, end, whole = 0, new, True
    ranges: list[Range] = []
    while old < end:
        split = _split(first, end)
        if old <= split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((first, split))
            first, whole = split, False
    if not whole:  # else the subtree is the old tree itself, whose root the reader has
        ranges.append((first, end))
    return ranges[::-1]


def _split(first: int, end: int) -> int:
    """Where the right child of a node begins: after the largest power of two that is smaller than its leaves."""
    return first + (1 << (end - first - 1).bit_length() - 1)


class Collector:
    """The roots of some subtrees, taken while the leaves stream by; at any moment it holds one growing subtree.

    Args:
        ranges: the subtrees, none in another; :meth:`hashes` answers in this order.
        before: the tree of the leaves that went by already. What of the ranges lies there must be one of its
            complete subtrees, as it is for the proof of inclusion of the next leaf.
    """

    def __init__(self, ranges: Sequence[Range], *, before: Tree | None = None) -> None:
        self._asked = list(ranges)
        self._at = before.size if before is not None else 0
        behind = sorted(each for each in ranges if each[1] <= self._at)
        self._found = dict(zip(behind, before.nodes if before is not None else [], strict=True)) if behind else {}
        self._ahead = sorted((each for each in ranges if each[1] > self._at), reverse=True)
        self._tree = Tree()

    def append(self, leaf: bytes) -> None:
        """Take note of the next leaf, given by its hash."""
        if self._ahead:
            first, end = self._ahead[-1]
            if self._at >= first:
                self._tree.append(leaf)
                if self._at + 1 == end:
                    self._found[self._ahead.pop()] = self._tree.root()
                    self._tree = Tree()
        self._at += 1

    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the subtrees, in the order asked for.

        Raises:
            ValueError: if not all leaves have gone by.
        """
        if self._ahead:
            raise ValueError(f"the leaves up to {self._ahead[0][1]} are needed, {self._at} went by")
        return tuple(self._found[each] for each in self._asked)


# Checking -------------------------------------------------------------------------------------------------------------


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Does the path lead from the hash of leaf ``index`` to the root of the tree of ``size`` leaves?

    RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    fn, sn = index, size - 1
    found = leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(sibling, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def verify_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Does the path show that the tree of ``old`` leaves is the beginning of the tree of ``new`` leaves?

    RFC 9162, 2.1.4.2, which speaks of trees that differ in size and are not empty. Equal trees need equal roots and no
    path; every tree begins with the empty one.
    """
    if not 0 <= old <= new:
        return False
    if old in {0, new}:
        return not path and old_root == (new_root if old == new else EMPTY)
    if not path:
        return False
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old_found = new_found = hashes[0]
    for sibling in hashes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old_found, new_found = node_hash(sibling, old_found), node_hash(sibling, new_found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new_found = node_hash(new_found, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old_found == old_root and new_found == new_root


__all__ = [
    "EMPTY",
    "HASH_SIZE",
    "Collector",
    "Range",
    "Tree",
    "consistency_ranges",
    "inclusion_ranges",
    "leaf_hash",
    "node_hash",
    "verify_consistency",
    "verify_inclusion",
]
