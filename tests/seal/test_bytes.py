"""One byte of a sealed journal is changed: both verifiers notice, whichever byte it is.

A sample of values for each byte; the campaign of all values, and of a large journal, is in ``tests/faults``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from shuroflow.errors import Damaged
from shuroflow.seal import Seal, seal, standalone, verify
from shuroflow.storage import JsonlJournal
from shuroflow.verification.journals.events import example, examples
from tests.seal.journals import ORIGIN, bodies, in_sqlite, made, sealed

TELLING = b'\n \r\t"\\{}[]:,0123456789-x\x00\x7f\xc3\xff'
"""Bytes that mean something in JSON, in lines or in UTF-8."""


class Silent(standalone.Report):
    """A report that is not printed."""

    def say(self, ja: str, en: str) -> None:
        """Nothing."""


def noticed(path: Path, one: Seal, checkpoint: standalone.Checkpoint) -> tuple[bool, bool]:
    """Whether the library, and the verifier in one file, notice that the journal is not as it was."""
    try:
        with JsonlJournal(path) as journal:
            library = not verify(journal, [one]).proven
    except Damaged:
        library = True
    return library, not standalone.check(str(path), [checkpoint], [], Silent("en"))


def test_every_byte_of_a_journal_in_a_file(tmp_path: Path) -> None:
    """Each is replaced by one with a bit turned, and by one that means something."""
    path, file = tmp_path / "cases.jsonl", tmp_path / "checkpoint"
    with JsonlJournal(path, create=True) as journal:
        journal.append("A", [example("A", 1)], expected=0)
        journal.append("B", examples("B", 2), expected=0)
        journal.append("A", [example("A", 2, note="記録")], expected=1)
        one = seal(journal, origin=ORIGIN)
    file.write_bytes(one.encode())
    whole, checkpoint = path.read_bytes(), standalone.Checkpoint(str(file))
    assert (False, False) == noticed(path, one, checkpoint)

    missed = []
    for at, byte in enumerate(whole):
        for value in {byte ^ 1 << at % 8, TELLING[at % len(TELLING)]} - {byte}:
            path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            if noticed(path, one, checkpoint) != (True, True):
                missed.append((at, value))

    assert [] == missed


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_bytes_of_a_journal_in_a_database(at: int, tmp_path: Path) -> None:
    """A byte of an event in its row."""
    from shuroflow.storage import open_journal

    source = made("sqlite", tmp_path, cases=("A",))
    one, file = sealed(source), tmp_path / "checkpoint"
    file.write_bytes(one.encode())
    body = bytearray(bodies(source)[-1])
    body[at % len(body)] ^= 1 << at % 8
    in_sqlite(
        source,
        lambda db: db.execute("UPDATE shuroflow_event SET body = CAST(? AS TEXT) WHERE position = 3", (bytes(body),)),
    )

    with open_journal(source) as journal:
        assert not verify(journal, [one]).proven
    assert not standalone.check(str(tmp_path / "cases.db"), [standalone.Checkpoint(str(file))], [], Silent("en"))
