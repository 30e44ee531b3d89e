"""Failing histories as files that people read and a check tries first next time.

One ``.jsonl`` file has the events in the stored form, as any journal or audit reads it; beside it a ``.json`` file of
the same name tells what was expected and what was found. The case ids are made the same each time, so one and the same
history always makes the same two files, and saving it twice changes nothing.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.states import Rule
from shuroflow.storage.codec import encode
from shuroflow.storage.lines import read_lines
from shuroflow.verification.planning import Script, rules_of
from shuroflow.verification.walking import Difference


def save(difference: Difference, folder: str | Path) -> Path:
    """Write a failing history down; the folder is made if need be.

    The file is called ``PROGRAMME-CLAUSE-HASH.jsonl``: the clause that stands first, with ``-`` for signs, and eight
    digits that tell histories apart.

    Returns:
        The path of the ``.jsonl`` file.

    Raises:
        Unavailable: if the folder cannot be written to.
    """
    names = {old: f"case-{at}" for at, old in enumerate(dict.fromkeys(each.case_id for each in difference.history), 1)}
    # Under another case id, and without what was left out, no link and no key is what it was.
    events = [
        attrs.evolve(event, case_id=names[event.case_id], key=None, prev=None, hash=None)
        for event in difference.history
    ]
    body = b"".join(encode(event) + b"\n" for event in events)
    told = {
        "programme": events[-1].programme,
        "difference": difference.what,
        "case_id": names.get(difference.case_id, events[-1].case_id),
        "seq": events[-1].seq,
        "event": events[-1].kind,
        "on": None if difference.on is None else difference.on.isoformat(),
        "clauses": list(difference.clauses),
        "rules": list(difference.rules),
        "expected": difference.expected,
        "found": difference.found,
    }
    clause = difference.clauses[0] if difference.clauses else "no clause"
    slug = re.sub(r"\W+", "-", clause).strip("-")
    digest = sha256(difference.what.encode() + b"\n" + body).hexdigest()[:8]
    stem = f"{events[-1].programme}-{slug}-{digest}"
    at = Path(folder)
    try:
        at.mkdir(parents=True, exist_ok=True)
        # What is told comes first: where there is a history, what was found on it stands beside it.
        _write(at / f"{stem}.json", json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n")
        _write(at / f"{stem}.jsonl", body)
    except OSError as error:
        raise Unavailable(f"cannot be written to: {error.strerror}; check the folder", where=str(folder)) from None
    return at / f"{stem}.jsonl"


def saved(path: str | Path, *, programme: str | None = None) -> Iterator[Script]:
    """The histories of a file or of the ``.jsonl`` files of a folder, by name, ready to be tried.

    Any file in the stored form will do, whoever wrote it. A folder without such files has no history.

    Args:
        path: the file or the folder.
        programme: leave out the histories of other programmes.

    Raises:
        InputError: for a line that is no event, an event out of its place, a file without events or of two programmes.
        Unavailable: if a file cannot be read.
    """
    source = Path(path)
    for file in _files(source) if source.is_dir() else [source]:
        script = _script(file)
        if programme is None or script.events[0].programme == programme:
            yield script


def _files(folder: Path) -> Sequence[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".jsonl")
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the folder", where=str(folder)) from None


def _script(file: Path) -> Script:
    events: list[Event] = []
    count: Counter[str] = Counter()
    for line, found in read_lines(file):
        if isinstance(found, InputError):
            raise found
        count[found.case_id] += 1
        if found.seq != count[found.case_id]:
            said = f"is {found.seq}, expected {count[found.case_id]}: the events of a case are numbered without a gap"
            raise InputError(said, field="seq", case_id=found.case_id, file=str(file), line=line)
        if events and found.programme != events[0].programme:
            said = f"is {found.programme!r}, but the file began with {events[0].programme!r}: keep each in its own file"
            raise InputError(said, field="programme", case_id=found.case_id, file=str(file), line=line)
        events.append(found)
    if not events:
        raise InputError("holds no event: there is no history to try", file=str(file))
    return Script(tuple(events), 0, _near(file.with_suffix(".json"), events[-1]))


def _near(file: Path, event: Event) -> tuple[Rule, ...]:
    """The rules at stake, as they were told beside the history; none, if nothing was."""
    try:
        told: Any = json.loads(file.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise Unavailable(f"cannot be read: {error.strerror}; check the file", where=str(file)) from None
    except ValueError as error:
        raise InputError(f"is no JSON: {error}; mend it or take it away", file=str(file)) from None
    rules = told.get("rules", ()) if isinstance(told, dict) else None
    if not isinstance(rules, list | tuple) or not all(isinstance(rule, str) for rule in rules):
        raise InputError(
            "expected a list of codes of rules; mend it or take the file away", field="rules", file=str(file)
        )
    return rules_of(event, rules)


def _write(file: Path, body: bytes) -> None:
    """All of it or nothing, in place of what was there."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(body)
    part.replace(file)


__all__ = ["save", "saved"]
