"""The journal in memory keeps the promises of the port."""

from __future__ import annotations

from pathlib import Path

from shuroflow.storage import MemoryJournal
from shuroflow.verification import JournalPromises


class TestMemory(JournalPromises):
    """All promises that need no disk."""

    durable, shared, processes, threads, bulk = False, False, False, True, False

    def open(self, _folder: Path) -> MemoryJournal:
        """A new journal."""
        return MemoryJournal()
