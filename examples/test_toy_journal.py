"""The toy journal keeps every promise of the port."""

from __future__ import annotations

from pathlib import Path

from examples.toy_journal import FolderJournal
from shuroflow.verification import JournalPromises


class TestFolderJournal(JournalPromises):
    """All that it claims is kept; that it takes nothing in bulk is seen at a glance."""

    durable, shared, processes, threads, bulk = True, True, True, True, False

    def open(self, folder: Path) -> FolderJournal:
        """The journal of a folder."""
        return FolderJournal(folder / "journal")

    def tamper(self, folder: Path, position: int, body: bytes) -> None:
        """Write the file anew in which the record stands."""
        for path in sorted((folder / "journal").glob("*.jsonl")):
            bodies = path.read_bytes().splitlines()
            if position <= len(bodies):
                bodies[position - 1] = body
                path.write_bytes(b"".join(each + b"\n" for each in bodies))
                return
            position -= len(bodies)
