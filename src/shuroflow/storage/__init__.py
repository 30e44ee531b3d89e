"""Journals: where events are kept, and how one is opened by name."""

from __future__ import annotations

from pathlib import Path

from shuroflow.errors import InputError, installing
from shuroflow.storage.codec import decode, encode
from shuroflow.storage.journal import Appended, Bulk, Journal, Record
from shuroflow.storage.jsonl import JsonlJournal
from shuroflow.storage.memory import MemoryJournal
from shuroflow.storage.schema import json_schema


def open_journal(source: str, *, create: bool = False) -> Journal:
    """The journal that a path (``.jsonl``) or a database URL (``sqlite:///…``) names.

    Without ``create`` a store that is not there is an error and is not made.

    Raises:
        InputError: if the source names no journal, or needs the extra ``sql`` that is not installed.
        Unavailable: if the store cannot be opened.
        Damaged: if it holds something that no journal wrote.
    """
    if "://" in source:
        try:
            from shuroflow.storage.sql import SqlJournal
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != "sqlalchemy":
                raise
            raise InputError(f"{source}: a database needs the extra `sql`: {installing('sql')}") from None
        return SqlJournal(source, create=create)
    path = Path(source)
    if path.is_dir():
        raise InputError(f"{source} is a folder: an audit reads a folder of .jsonl files, a journal is one of them")
    if path.suffix.lower() != ".jsonl":
        hint = f"; write sqlite:///{source}" if path.suffix.lower() in {".db", ".sqlite", ".sqlite3"} else ""
        raise InputError(f"{source}: a journal is a .jsonl file or a database URL such as sqlite:///cases.db{hint}")
    return JsonlJournal(path, create=create)


__all__ = [
    "Appended",
    "Bulk",
    "Journal",
    "JsonlJournal",
    "MemoryJournal",
    "Record",
    "decode",
    "encode",
    "json_schema",
    "open_journal",
]
