"""Checkpoints: their text, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError, Unavailable
from shuroflow.seal.checkpoint import Checkpoint, Seal
from shuroflow.seal.note import MAX_SIZE

# The example of https://c2sp.org/tlog-checkpoint.
EXAMPLE = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
checkpoints = st.builds(
    Checkpoint,
    origin=lines,
    size=st.integers(0, 10**18),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(lines, max_size=3).map(tuple),
)


def test_the_published_example() -> None:
    """It is read, and written byte for byte."""
    sealed = Seal.parse(EXAMPLE.encode())

    assert ("example.com/behind-the-sofa", 20852163, ()) == (
        sealed.checkpoint.origin,
        sealed.checkpoint.size,
        sealed.checkpoint.extensions,
    )
    assert ["033de0ae"] == [signature.key_id.hex() for signature in sealed.signatures]
    assert EXAMPLE.encode() == sealed.encode()
    assert "example.com/behind-the-sofa 20852163" == sealed.name


@given(checkpoints)
def test_checkpoints_are_read_as_written(checkpoint: Checkpoint) -> None:
    """Extension lines included; unsigned ones end with the empty line."""
    assert checkpoint == Checkpoint.parse(checkpoint.text)
    assert Seal(checkpoint) == Seal.parse(Seal(checkpoint).encode())
    assert Seal(checkpoint).encode().endswith(b"\n\n")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a\n1\n", None, "three lines"),
        ("hello\n", None, "three lines"),
        (f"\n1\n{ROOT}\n", None, "three lines"),
        (f"a\n\n{ROOT}\n", 3, "no line of a signature"),
        (f"a\none\n{ROOT}\n", 2, "number of events"),
        (f"a\n01\n{ROOT}\n", 2, "number of events"),
        (f"a\n-1\n{ROOT}\n", 2, "number of events"),
        (f"a\n１\n{ROOT}\n", 2, "number of events"),
        (f"a\n{'9' * 5000}\n{ROOT}\n", 2, "number of events"),
        (f"a\n1\n{ROOT[:-1]}\n", 3, "SHA-256"),
        ("a\n1\nAAAA\n", 3, "SHA-256"),
        ("a\n1\n!\n", 3, "SHA-256"),
    ],
)
def test_what_is_no_checkpoint(text: str, line: int | None, said: str) -> None:
    """An error names the file, the line and what is expected."""
    with pytest.raises(InputError, match=said) as caught:
        Seal.parse(text.encode(), file="c.txt")

    assert ("c.txt", line) == (caught.value.file, caught.value.line)


@pytest.mark.parametrize(
    ("origin", "size", "root"), [("", 1, bytes(32)), ("a\nb", 1, bytes(32)), ("a", -1, bytes(32)), ("a", 1, b"")]
)
def test_no_checkpoint_can_be_made_that_could_not_be_read(origin: str, size: int, root: bytes) -> None:
    """Wrong values are refused when it is made."""
    with pytest.raises(InputError):
        Checkpoint(origin, size, root)


def test_files(tmp_path: Path) -> None:
    """A seal read from a file goes by its name; a large file is not read to its end; a missing one is unavailable."""
    path, large = tmp_path / "c.checkpoint", tmp_path / "large"
    path.write_bytes(EXAMPLE.encode())
    large.write_bytes(b"a\n" * MAX_SIZE)

    assert str(path) == Seal.read(path).name
    with pytest.raises(InputError, match="too long"):
        Seal.read(large)
    with pytest.raises(Unavailable, match="cannot be read"):
        Seal.read(tmp_path / "none")
