"""Journals for the tests of sealing: in memory, in JSON Lines, in SQLite; and who changes them behind their back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shuroflow.errors import Damaged
from shuroflow.seal import Seal, Signer, seal
from shuroflow.storage import Journal, MemoryJournal, open_journal
from shuroflow.storage.codec import leaf_hash
from shuroflow.storage.journal import Record
from shuroflow.verification.journals.events import example, examples

ORIGIN = "example.jp/shuroflow/cases"
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))

STORES = ("jsonl", "sqlite")


def source_of(store: str, folder: Path, name: str = "cases") -> str:
    """The name of a journal in a folder."""
    return str(folder / f"{name}.jsonl") if store == "jsonl" else f"sqlite:///{folder / name}.db"


def file_of(source: str) -> Path:
    """The file behind a name."""
    return Path(source.removeprefix("sqlite:///"))


def fill(journal: Journal, *, cases: Sequence[str] = ("A-1", "B-1", "C-1"), rounds: int = 3) -> None:
    """Cases side by side with so many events each: first an append of two for each case, then one after the other."""
    for case in cases:
        journal.append(case, examples(case, 2), expected=0)
    for done in range(2, rounds):
        for case in cases:
            journal.append(case, [example(case, done + 1, note=f"{case} {done + 1} 記録")], expected=done)


def made(store: str, folder: Path, *, name: str = "cases", **named: Any) -> str:
    """A filled journal in a file; its name."""
    source = source_of(store, folder, name)
    with open_journal(source, create=True) as journal:
        fill(journal, **named)
    return source


def sealed(source: str, *, signer: Signer | None = None) -> Seal:
    """The checkpoint of a journal in a file."""
    with open_journal(source) as journal:
        return seal(journal, origin=ORIGIN, signer=signer)


def bodies(source: str) -> list[bytes]:
    """What the journal holds."""
    with open_journal(source) as journal:
        return [record.body for record in journal.feed()]


class Given(MemoryJournal):
    """A journal that feeds what it is told to, and may break off damaged."""

    def __init__(self, records: list[Record], *, damage: str | None = None) -> None:
        super().__init__()
        self._given = records
        self._damage = damage

    def feed(self, *, after: int = 0) -> Iterator[Record]:
        """The records given."""
        yield from self._given[after:]
        if self._damage:
            raise Damaged(self._damage, where="given.jsonl", line=len(self._given) + 1)

    def size(self) -> int:
        """How many they are said to be."""
        return len(self._given)


def filled(**named: int) -> MemoryJournal:
    """A journal of three cases."""
    journal = MemoryJournal()
    fill(journal, **named)
    return journal


def records(**named: int) -> list[Record]:
    """Its records."""
    return list(filled(**named).feed())


# Behind the back of the journal ---------------------------------------------------------------------------------------


def edited(body: bytes, **changes: Any) -> bytes:
    """The event with other values, as canonical as before."""
    value = {**json.loads(body), **changes}
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def relinked(new: Iterable[bytes]) -> list[bytes]:
    """The events with their links computed anew, as the journal would have."""
    last: dict[str, bytes] = {}
    out = []
    for body in new:
        case = json.loads(body)["case_id"]
        before = last.get(case)
        value = {name: part for name, part in json.loads(body).items() if name != "prev"}
        if before is not None:
            value["prev"] = "rfc6962:" + leaf_hash(before).hex()
        last[case] = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        out.append(last[case])
    return out


def overwrite(source: str, new: Sequence[bytes]) -> None:
    """Put these events in the place of all that were there, with the means of whoever can write the file."""
    path = file_of(source)
    if path.suffix == ".jsonl":
        path.write_bytes(b"".join(body + b"\n" for body in new))
        return
    rows = []
    for position, body in enumerate(new, 1):
        event = json.loads(body)
        named = [event[name] for name in ("case_id", "seq", "programme", "event", "occurred_on", "recorded_at")]
        rows.append((position, *named, event.get("key"), body.decode()))

    def change(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM shuroflow_event")
        db.executemany(
            "INSERT INTO shuroflow_event (position, case_id, seq, programme, kind, occurred_on, recorded_at, key, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    in_sqlite(source, change)


def in_sqlite(source: str, change: Callable[[sqlite3.Connection], object]) -> None:
    """Change a database after taking away what guards its rows."""
    db = sqlite3.connect(file_of(source))
    try:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        change(db)
        db.commit()
    finally:
        db.close()


__all__ = [
    "ORIGIN",
    "OTHER",
    "SIGNER",
    "STORES",
    "Given",
    "bodies",
    "edited",
    "file_of",
    "fill",
    "filled",
    "in_sqlite",
    "made",
    "overwrite",
    "records",
    "relinked",
    "sealed",
    "source_of",
]
