"""Proofs that can be handed over as a file and checked without the journal.

* that one event is among those that a checkpoint seals: https://c2sp.org/tlog-proof. The ``extra`` line may carry the
  event itself; it counts for nothing until its hash has led to the root.
* that one checkpoint continues an earlier one: the form in which a log submits a checkpoint to a witness
  (https://c2sp.org/tlog-witness), so that the file can also be sent to one.

This module reads, writes and checks them. They are made in :mod:`~shuroflow.seal.sealing`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from shuroflow.errors import InputError
from shuroflow.seal.checkpoint import Checkpoint, Seal, read_small
from shuroflow.seal.merkle import HASH_SIZE, leaf_hash, verify_consistency, verify_inclusion
from shuroflow.seal.note import decode64, encode64

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST = 63
"""Hashes that a proof has at most: one for each level of the tree."""

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@attrs.frozen
class InclusionProof:
    """Event number ``index + 1`` of the journal is sealed.

    ``path`` leads from its leaf to the root of the checkpoint, ``extra`` is the event as it was stored, if it is
    carried along.
    """

    index: int
    path: tuple[bytes, ...]
    seal: Seal
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The bytes of the file."""
        extra = [] if self.extra is None else [f"extra {encode64(self.extra)}"]
        return _encode([HEADER, *extra, f"index {self.index}"], self.path, self.seal)

    def holds(self, body: bytes) -> bool:
        """Is the event with these stored bytes the one that is sealed under this number?"""
        checkpoint = self.seal.checkpoint
        return verify_inclusion(leaf_hash(body), self.index, checkpoint.size, self.path, checkpoint.root)


@attrs.frozen
class ContinuationProof:
    """The checkpoint seals, before anything else, the same ``old`` events as an earlier one."""

    old: int
    path: tuple[bytes, ...]
    seal: Seal

    def encode(self) -> bytes:
        """The bytes of the file."""
        return _encode([f"old {self.old}"], self.path, self.seal)

    def holds(self, earlier: Checkpoint) -> bool:
        """Is this the earlier checkpoint that is continued?"""
        new = self.seal.checkpoint
        return self.old == earlier.size and verify_consistency(
            earlier.size, new.size, self.path, earlier.root, new.root
        )


def parse(data: bytes, *, file: str | None = None) -> InclusionProof | ContinuationProof:
    """The proof that these bytes are.

    Raises:
        InputError: if they are none; it names the file, if given, and the line.
    """
    head, empty, below = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        lines = [""]
    if not empty or not (lines[0] == HEADER or lines[0].startswith("old ")):
        raise InputError(f"no proof: its first line is {HEADER!r} or 'old' and a number", file=file)
    seal = attrs.evolve(Seal.parse(below, file=file), file=file)
    if lines[0] != HEADER:
        return ContinuationProof(_number(lines[0], "old", file, 1), _path(lines, 1, file), seal)
    at, extra = 1, None
    if lines[1:] and lines[1].startswith("extra "):
        at, extra = 2, decode64(lines[1].removeprefix("extra "))
        if extra is None:
            raise InputError("the line 'extra' is not base64", file=file, line=2)
    index = _number(lines[at] if len(lines) > at else "", "index", file, at + 1)
    return InclusionProof(index, _path(lines, at + 1, file), seal, extra)


def read(path: str | Path) -> InclusionProof | ContinuationProof:
    """The proof in a file.

    Raises:
        InputError: if it holds none.
        Unavailable: if it cannot be read.
    """
    return parse(read_small(path), file=str(path))


def _encode(head: Sequence[str], path: Sequence[bytes], seal: Seal) -> bytes:
    lines = [*head, *map(encode64, path)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + seal.encode()


def _number(line: str, word: str, file: str | None, number: int) -> int:
    found = line.removeprefix(f"{word} ")
    if not line.startswith(f"{word} ") or not _NUMBER.fullmatch(found):
        raise InputError(f"the line '{word}' with a number is expected here", file=file, line=number)
    return int(found)


def _path(lines: Sequence[str], start: int, file: str | None) -> tuple[bytes, ...]:
    if len(lines) - start > LONGEST:
        raise InputError(f"a proof has at most {LONGEST} hashes", file=file)
    path = []
    for number, line in enumerate(lines[start:], start + 1):
        found = decode64(line)
        if found is None or len(found) != HASH_SIZE:
            raise InputError("a SHA-256 in base64 is expected here", file=file, line=number)
        path.append(found)
    return tuple(path)


__all__ = ["HEADER", "LONGEST", "ContinuationProof", "InclusionProof", "parse", "read"]
