"""Signed notes: published examples, the form, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import InputError
from shuroflow.seal.keys import PublicKey
from shuroflow.seal.note import MAX_SIZE, Note, Signature, decode64, encode64, is_key_name
from shuroflow.seal.signing import Signer
from tests.seal import vectors

GOOD = vectors.EXAMPLE_LINE


def parsed(text: str) -> Note:
    """The note of that text."""
    return Note.parse(text.encode())


# Published ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines", "keys"),
    [
        (vectors.EXAMPLE_TEXT, [vectors.EXAMPLE_LINE], [vectors.EXAMPLE_KEY]),
        (vectors.PETER_TEXT, [vectors.PETER_LINE], [vectors.PETER_KEY]),
        (vectors.PETER_TEXT, [vectors.PETER_LINE, vectors.ENOCH_LINE], [vectors.PETER_KEY, vectors.ENOCH_KEY]),
    ],
)
def test_published_notes(text: str, lines: list[str], keys: list[str]) -> None:
    """They are read and written byte for byte, and each signature holds for its key and for no other text."""
    data = (text + "\n" + "".join(f"{line}\n" for line in lines)).encode()
    note = Note.parse(data)

    assert (text, data) == (note.text, note.encode())
    for signature, key in zip(note.signatures, map(PublicKey.parse, keys), strict=True):
        assert key.knows(signature)
        assert key.verify(text.encode(), signature.value)
        assert not key.verify(text.encode() + b" ", signature.value)


def test_a_published_signature_is_made_again() -> None:
    """Ed25519 has one signature for a key and a text: ours is that of the reference."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = decode64(vectors.PETER_SEED)
    assert seed is not None
    signer = Signer(Ed25519PrivateKey.from_private_bytes(seed[1:]))

    assert vectors.PETER_KEY == signer.public.vkey("PeterNeumann")
    assert vectors.PETER_LINE + "\n" == signer.sign(vectors.PETER_TEXT, name="PeterNeumann").line()


# The form -------------------------------------------------------------------------------------------------------------

names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="+"), min_size=1)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
signatures = st.builds(Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))
notes = st.builds(
    Note,
    st.lists(lines, min_size=1, max_size=5).map(lambda rows: "\n".join(rows) + "\n"),
    st.lists(signatures, min_size=1, max_size=16).map(tuple),
)


@given(notes)
def test_notes_are_read_as_written(note: Note) -> None:
    """Whatever the text, empty lines included, and up to sixteen signatures."""
    assert note == Note.parse(note.encode())


def test_text_without_signatures() -> None:
    """A note to be signed later ends with the empty line; a bare text is one too."""
    note = Note("a\nb\n")

    assert note == Note.parse(note.encode()) == parsed("a\nb\n")
    assert b"a\nb\n\n" == note.encode()


def test_the_last_empty_line_divides() -> None:
    """A text may hold empty lines."""
    note = parsed(f"a\n\nb\n\n{GOOD}\n")

    assert ("a\n\nb\n", 1) == (note.text, len(note.signatures))


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"\xff\n", None, "not UTF-8"),
        (f"a\r\n\n{GOOD}\n".encode(), 1, "control character"),
        (f"a\n\n{GOOD}\r\n".encode(), 3, "control character"),
        (f"a\tb\n\n{GOOD}\n".encode(), 1, "control character"),
        (f"a\n\n{GOOD}".encode(), None, "no line end"),
        (b"a", None, "no line end"),
        (b"", None, "no line end"),
        (f"a\n\n{GOOD}\nmore\n".encode(), 4, "no line of a signature"),
        (f"a\n\n-{GOOD[1:]}\n".encode(), 3, "no line of a signature"),
        ("a\n\n\u2014 name\n".encode(), 3, "no line of a signature"),
        ("a\n\n\u2014  AAAAAAAA\n".encode(), 3, "no line of a signature"),
        ("a\n\n\u2014 na+me AAAAAAAA\n".encode(), 3, "no line of a signature"),
        ("a\n\n\u2014 na\u3000me AAAAAAAA\n".encode(), 3, "no line of a signature"),
        ("a\n\n\u2014 name AAAAAAA\n".encode(), 3, "base64"),
        ("a\n\n\u2014 name AAAAAA=\n".encode(), 3, "base64"),
        ("a\n\n\u2014 name AAAAAB==\n".encode(), 3, "base64"),
        ("a\n\n\u2014 name AAAAAA==\n".encode(), 3, "too short"),
        ("a\n\n\u2014 name AAAAAAAA AAAAAAAA\n".encode(), 3, "base64"),
        (b"a\n" * MAX_SIZE, None, "too long"),
    ],
)
def test_malformed_notes_are_refused(data: bytes, line: int | None, said: str) -> None:
    """With one error that names the file and the line."""
    with pytest.raises(InputError, match=said) as caught:
        Note.parse(data, file="note.txt")

    assert ("note.txt", line) == (caught.value.file, caught.value.line)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_note_or_an_input_error(data: bytes) -> None:
    """No other error comes out."""
    try:
        note = Note.parse(data)
    except InputError:
        return
    assert data in {note.encode(), note.text.encode()}


@given(st.binary(max_size=40))
def test_base64_has_one_form(raw: bytes) -> None:
    """Only what would be written is read."""
    text = encode64(raw)

    assert raw == decode64(text)
    assert decode64(text + "=") is None
    assert decode64(" " + text) is None


@pytest.mark.parametrize(("name", "may"), [("example.jp/cases", True), ("", False), ("a b", False), ("a+b", False)])
def test_names_of_keys(name: str, may: bool) -> None:
    """Neither empty nor with a blank or a plus."""
    assert may == is_key_name(name)
