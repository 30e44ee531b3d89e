"""Proof files: read as written, in the published forms, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError, Unavailable
from shuroflow.seal import proof
from shuroflow.seal.checkpoint import Checkpoint, Seal
from shuroflow.seal.merkle import consistency_ranges
from shuroflow.seal.note import encode64
from shuroflow.seal.proof import ContinuationProof, InclusionProof
from tests.seal import oracle
from tests.seal.test_checkpoint import EXAMPLE, checkpoints
from tests.seal.test_note import signatures

HASH = encode64(bytes(range(32)))

# The example of a request to a witness in https://c2sp.org/tlog-witness, with one of its signatures.
REQUEST = f"""\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

{EXAMPLE}"""

seals = st.builds(Seal, checkpoints, st.lists(signatures, max_size=3).map(tuple))
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)
numbers = st.integers(0, 10**18)


@given(st.builds(InclusionProof, numbers, hashes, seals, st.none() | st.binary()))
def test_inclusion_proofs_are_read_as_written(made: InclusionProof) -> None:
    """With the event and without it."""
    assert made == proof.parse(made.encode())
    assert made.encode().startswith(b"c2sp.org/tlog-proof@v1\n")


@given(st.builds(ContinuationProof, numbers, hashes, seals))
def test_continuation_proofs_are_read_as_written(made: ContinuationProof) -> None:
    """Signatures of the checkpoint included."""
    assert made == proof.parse(made.encode())


def test_the_published_request() -> None:
    """It is read and written byte for byte."""
    made = proof.parse(REQUEST.encode())

    assert isinstance(made, ContinuationProof)
    assert (20852014, 4, 20852163) == (made.old, len(made.path), made.seal.checkpoint.size)
    assert REQUEST.encode() == made.encode()


@given(st.data(), st.integers(1, 40))
def test_proofs_hold_for_what_they_are_about(data: st.DataObject, size: int) -> None:
    """And for no other event, number or checkpoint."""
    leaves = [b"%d" % number for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    seal = Seal(Checkpoint("a", size, oracle.head(leaves)))
    earlier = Checkpoint("a", old, oracle.head(leaves[:old]))
    inclusion = InclusionProof(index, tuple(oracle.path(index, leaves)), seal)
    continuation = ContinuationProof(old, tuple(oracle.proof(old, leaves) if old else ()), seal)

    assert inclusion.holds(leaves[index])
    assert not inclusion.holds(b"else")
    assert continuation.holds(earlier)
    assert not continuation.holds(Checkpoint("a", old, bytes(32)))
    assert len(continuation.path) == len(consistency_ranges(old, size))
    if old:
        assert not continuation.holds(Checkpoint("a", old - 1, oracle.head(leaves[: old - 1])))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", None, "no proof"),
        (EXAMPLE, None, "no proof"),
        (f"c2sp.org/tlog-proof@v2\nindex 0\n\n{EXAMPLE}", None, "no proof"),
        ("c2sp.org/tlog-proof@v1\nindex 0\n", None, "no proof"),
        (f"c2sp.org/tlog-proof@v1\n\n{EXAMPLE}", 2, "'index' with a number"),
        (f"c2sp.org/tlog-proof@v1\nindex one\n\n{EXAMPLE}", 2, "'index' with a number"),
        (f"c2sp.org/tlog-proof@v1\nindex -5\n\n{EXAMPLE}", 2, "'index' with a number"),
        (f"c2sp.org/tlog-proof@v1\nindex 00\n\n{EXAMPLE}", 2, "'index' with a number"),
        (f"c2sp.org/tlog-proof@v1\nextra !!\nindex 0\n\n{EXAMPLE}", 2, "'extra' is not base64"),
        (f"c2sp.org/tlog-proof@v1\nextra AAAA\n\n{EXAMPLE}", 3, "'index' with a number"),
        (f"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n{EXAMPLE}", 3, "SHA-256 in base64"),
        (f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH}\n!\n\n{EXAMPLE}", 4, "SHA-256 in base64"),
        (f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH}x\n\n{EXAMPLE}", 3, "SHA-256 in base64"),
        (f"c2sp.org/tlog-proof@v1\nindex 0\n{(HASH + chr(10)) * 64}\n{EXAMPLE}", None, "at most 63"),
        ("c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n", None, "no checkpoint"),
        (f"c2sp.org/tlog-proof@v1\nindex \u0661\n\n{EXAMPLE}", None, "no proof"),
        (f"old x\n\n{EXAMPLE}", 1, "'old' with a number"),
        (f"old 1\nAAAA\n\n{EXAMPLE}", 2, "SHA-256 in base64"),
    ],
)
def test_what_is_no_proof(text: str, line: int | None, said: str) -> None:
    """An error names the file and the line."""
    with pytest.raises(InputError, match=said) as caught:
        proof.parse(text.encode(), file="p.tlog-proof")

    assert ("p.tlog-proof", line) == (caught.value.file, caught.value.line)


def test_files(tmp_path: Path) -> None:
    """A proof in a file; a missing one is unavailable."""
    path = tmp_path / "p.tlog-proof"
    path.write_bytes(REQUEST.encode())

    assert str(path) == proof.read(path).seal.name
    with pytest.raises(Unavailable, match="cannot be read"):
        proof.read(tmp_path / "none")
