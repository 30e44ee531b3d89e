"""Case records as files, for the tests of the audit and of the command line. Nothing here judges anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import attrs

from shuroflow.events import Event
from shuroflow.storage.codec import encode
from tests.states import saitama_stories, tsushima_stories

STORIES: dict[str, Callable[[], list[Event]]] = {**saitama_stories.STORIES, **tsushima_stories.STORIES}


def story(name: str, case_id: str | None = None) -> list[Event]:
    """The events of one record, under another id where one is given."""
    return [attrs.evolve(event, case_id=case_id or name) for event in STORIES[name]()]


def line(event: Event, /, **changes: Any) -> bytes:
    """The line of an event; a change sets a top-level key, ``...`` takes it away."""
    if not changes:
        return encode(event) + b"\n"
    value = json.loads(encode(event))
    for name, change in changes.items():
        if change is ...:
            del value[name]
        else:
            value[name] = change
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def write(path: Path, *records: Iterable[Event]) -> Path:
    """A file of the records, one after the other."""
    path.write_bytes(b"".join(line(event) for events in records for event in events))
    return path


def interleaved(path: Path, *records: list[Event]) -> Path:
    """A file of the records, their lines mixed, each record in its order."""
    waiting = [list(events) for events in records]
    out = []
    while any(waiting):
        out.extend(line(events.pop(0)) for events in waiting if events)
    path.write_bytes(b"".join(out))
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
