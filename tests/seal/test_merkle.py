"""The Merkle tree: published vectors, the definitions of the RFC, and proofs that hold for nothing else."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.seal.merkle import (
    EMPTY,
    Collector,
    Range,
    Tree,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.seal import oracle, vectors

LEAVES = [f"leaf {number}".encode() for number in range(70)]
GARBAGE = sha256(b"garbage").digest()


def tree_of(leaves: Sequence[bytes]) -> Tree:
    """The tree of these leaves."""
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    return tree


def collected(ranges: Sequence[Range], leaves: Sequence[bytes], *, start: int = 0) -> list[bytes]:
    """The hashes of subtrees, gathered while the leaves go by; from the middle on if asked for."""
    collector = Collector(ranges, before=tree_of(leaves[:start]) if start else None)
    for leaf in leaves[start:]:
        collector.append(leaf_hash(leaf))
    return list(collector.hashes())


def hexes(texts: Sequence[str]) -> list[bytes]:
    """Bytes of hexadecimal texts."""
    return [bytes.fromhex(text) for text in texts]


# Published ------------------------------------------------------------------------------------------------------------


def test_published_hashes() -> None:
    """The hash of a leaf, of a node and of no leaves at all."""
    assert [expected for _, expected in vectors.HASHED] == [
        leaf_hash(bytes.fromhex(leaf)).hex() for leaf, _ in vectors.HASHED
    ]
    left, right, parent = hexes(vectors.JOINED)
    assert parent == node_hash(left, right)
    assert vectors.EMPTY_ROOT == EMPTY.hex() == Tree().root().hex()


def test_published_roots() -> None:
    """The roots of the first 1, 2 … 8 leaves."""
    assert vectors.ROOTS == [tree_of(vectors.LEAVES[:size]).root().hex() for size in range(1, 9)]


@pytest.mark.parametrize(("index", "size", "path"), vectors.INCLUSION)
def test_published_paths(index: int, size: int, path: list[str]) -> None:
    """Paths of inclusion: made, and verified."""
    leaves = vectors.LEAVES[:size]

    assert hexes(path) == collected(inclusion_ranges(index, size), leaves)
    assert verify_inclusion(leaf_hash(leaves[index]), index, size, hexes(path), bytes.fromhex(vectors.ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new", "path"), vectors.CONSISTENCY)
def test_published_consistency_proofs(old: int, new: int, path: list[str]) -> None:
    """Proofs of consistency: made, and verified."""
    roots = hexes(vectors.ROOTS)

    assert hexes(path) == collected(consistency_ranges(old, new), vectors.LEAVES[:new])
    assert verify_consistency(old, new, hexes(path), roots[old - 1], roots[new - 1])


def test_published_path_of_a_log_in_use() -> None:
    """A leaf among 3,630,887."""
    leaf, root, path = bytes.fromhex(vectors.LONG_LEAF), bytes.fromhex(vectors.LONG_ROOT), hexes(vectors.LONG_PATH)

    assert len(path) == len(inclusion_ranges(vectors.LONG_INDEX, vectors.LONG_SIZE))
    assert verify_inclusion(leaf, vectors.LONG_INDEX, vectors.LONG_SIZE, path, root)
    assert not verify_inclusion(leaf, vectors.LONG_INDEX + 1, vectors.LONG_SIZE, path, root)
    assert not verify_inclusion(leaf, vectors.LONG_INDEX, vectors.LONG_SIZE, [*path[:-1], GARBAGE], root)


# Against the definitions ----------------------------------------------------------------------------------------------


def test_every_root_up_to_seventy() -> None:
    """The streaming root is MTH for each size."""
    tree = Tree()
    for size, leaf in enumerate(LEAVES, 1):
        tree.append(leaf_hash(leaf))
        assert oracle.head(LEAVES[:size]) == tree.root()
        assert (size, size.bit_count()) == (tree.size, len(tree.nodes))


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1))
def test_every_inclusion_proof_up_to_seventy(size: int) -> None:
    """PATH for each leaf of each size, also when gathering begins at the leaf itself; each verifies."""
    leaves, root = LEAVES[:size], oracle.head(LEAVES[:size])
    for index in range(size):
        expected = oracle.path(index, leaves)
        ranges = inclusion_ranges(index, size)
        assert expected == collected(ranges, leaves) == collected(ranges, leaves, start=index)
        assert verify_inclusion(leaf_hash(leaves[index]), index, size, expected, root)


@pytest.mark.parametrize("new", range(1, len(LEAVES) + 1))
def test_every_consistency_proof_up_to_seventy(new: int) -> None:
    """PROOF for each pair of sizes; each verifies."""
    leaves, root = LEAVES[:new], oracle.head(LEAVES[:new])
    for old in range(1, new + 1):
        expected = oracle.proof(old, leaves)
        assert expected == collected(consistency_ranges(old, new), leaves)
        assert verify_consistency(old, new, expected, oracle.head(LEAVES[:old]), root)


@given(st.data(), st.integers(1, 700))
def test_larger_trees(data: st.DataObject, size: int) -> None:
    """The same for random sizes beyond."""
    leaves = [number.to_bytes(2, "big") for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root = tree_of(leaves).root()
    path, proof = oracle.path(index, leaves), oracle.proof(old, leaves)

    assert oracle.head(leaves) == root
    assert path == collected(inclusion_ranges(index, size), leaves, start=data.draw(st.sampled_from([0, index])))
    assert proof == collected(consistency_ranges(old, size), leaves)
    assert verify_inclusion(leaf_hash(leaves[index]), index, size, path, root)
    assert verify_consistency(old, size, proof, tree_of(leaves[:old]).root(), root)


# Proofs hold for nothing else -----------------------------------------------------------------------------------------


def changed_paths(path: Sequence[bytes], root: bytes) -> Iterator[list[bytes]]:
    """Paths that are nearly right: a hash changed, one too many at either end, one too few."""
    for at, each in enumerate(path):
        yield [*path[:at], GARBAGE, *path[at + 1 :]]
        yield [*path[:at], bytes([each[0] ^ 1]) + each[1:], *path[at + 1 :]]
        yield [*path[:at], *path[at + 1 :]]
    for extra in (GARBAGE, root, EMPTY):
        yield [*path, extra]
        yield [extra, *path]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 20, 33])
def test_a_wrong_inclusion_proof_fails(size: int) -> None:
    """Another index, size, leaf, root or path does not verify."""
    leaves, root = LEAVES[:size], oracle.head(LEAVES[:size])
    for index in range(size):
        path, leaf = oracle.path(index, leaves), leaf_hash(leaves[index])
        for other in {index - 1, index + 1, index ^ 2} - {index}:
            assert not verify_inclusion(leaf, other, size, path, root)
        if size > 1:
            assert not verify_inclusion(leaf, index, size * 2, path, root)
            assert not verify_inclusion(leaf, index, size // 2, path, root)
        assert not verify_inclusion(GARBAGE, index, size, path, root)
        assert not verify_inclusion(leaf, index, size, path, GARBAGE)
        for wrong in changed_paths(path, root):
            assert not verify_inclusion(leaf, index, size, wrong, root)


@pytest.mark.parametrize("new", [1, 2, 3, 4, 5, 7, 8, 9, 20, 33])
def test_a_wrong_consistency_proof_fails(new: int) -> None:
    """Other sizes, roots or paths do not verify."""
    root = oracle.head(LEAVES[:new])
    for old in range(1, new):
        before, path = oracle.head(LEAVES[:old]), oracle.proof(old, LEAVES[:new])
        for other in {old - 1, old + 1, old ^ 2} - {old}:
            assert not verify_consistency(other, new, path, before, root)
        assert not verify_consistency(old, new * 2, path, before, root)
        assert not verify_consistency(old, new // 2, path, before, root)
        assert not verify_consistency(old, new, path, root, before)
        assert not verify_consistency(old, new, path, GARBAGE, root)
        assert not verify_consistency(old, new, path, before, GARBAGE)
        assert not verify_consistency(old, new, [], before, root)
        for wrong in changed_paths(path, root):
            assert not verify_consistency(old, new, wrong, before, root)


def test_edges() -> None:
    """Nothing is in the empty tree; every tree begins with it; a tree is the beginning of itself."""
    root = oracle.head(LEAVES[:3])

    assert not verify_inclusion(EMPTY, 0, 0, [], EMPTY)
    assert verify_consistency(0, 0, [], EMPTY, EMPTY)
    assert verify_consistency(0, 3, [], EMPTY, root)
    assert verify_consistency(3, 3, [], root, root)
    assert not verify_consistency(0, 3, [], root, root)
    assert not verify_consistency(0, 3, [root], EMPTY, root)
    assert not verify_consistency(3, 3, [], root, GARBAGE)
    assert not verify_consistency(3, 3, [root], root, root)
    assert not verify_consistency(3, 2, [], root, root)
    assert not verify_consistency(-1, 2, [], root, root)
    assert ([], []) == (consistency_ranges(0, 5), consistency_ranges(5, 5))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_path_to_a_leaf_that_is_not_there(index: int, size: int) -> None:
    """Asking for it is an error of the caller."""
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_no_proof_between_trees_the_wrong_way_round(old: int, new: int) -> None:
    """Asking for it is an error of the caller."""
    with pytest.raises(ValueError, match="no beginning"):
        consistency_ranges(old, new)


def test_hashes_are_there_only_at_the_end() -> None:
    """A proof is not answered before its last leaf went by."""
    collector = Collector(inclusion_ranges(0, 3))
    collector.append(leaf_hash(LEAVES[0]))

    with pytest.raises(ValueError, match="are needed, 1 went by"):
        collector.hashes()


def test_a_stream_is_hashed_in_little_memory() -> None:
    """The root of 50,000 leaves and a proof beside it hold some dozen hashes, whatever the number of leaves."""
    size = 50_000
    tree, collector = Tree(), Collector(inclusion_ranges(12_345, size))
    tracemalloc.start()
    for number in range(size):
        leaf = sha256(number.to_bytes(4, "big")).digest()
        tree.append(leaf)
        collector.append(leaf)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 40_000
    assert len(inclusion_ranges(12_345, size)) == len(collector.hashes())
