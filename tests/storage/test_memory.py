"""The journal in memory keeps the promises of the port."""

from __future__ import annotations

from pathlib import Path

from shuroflow.storage import MemoryJournal
from tests.conformance.journal_cases import JournalCases, machine


def open_memory(_folder: Path) -> MemoryJournal:
    """A new journal."""
    return MemoryJournal()


class TestMemory(JournalCases):
    """All promises that need no disk."""

    opener = staticmethod(open_memory)


TestMemoryMachine = machine(open_memory, durable=False).TestCase
