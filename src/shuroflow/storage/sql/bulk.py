"""Many events at once, as another journal holds them: checked as strictly as one, written the quickest way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from shuroflow.errors import Conflict, InputError
from shuroflow.storage.codec import is_link, link
from shuroflow.storage.scanning import Scanned, scan
from shuroflow.storage.sql.link import Link
from shuroflow.storage.sql.migrations import recordable
from shuroflow.storage.sql.rows import number_of, text_of
from shuroflow.storage.sql.statements import Row

_LEAF = sha256(b"\x00")
"""What the hash of every leaf begins with: links are made here by the million, and :func:`.codec.link` by the call."""

_FORM = link(b"").removesuffix(_LEAF.hexdigest())
"""What stands before the hash in a link."""


def scanned(bodies: Sequence[bytes]) -> list[Scanned]:
    """What is known of canonical bodies before the lock is taken.

    Raises:
        InputError: if one is no event, is not canonical, or carries a key that no database takes.
    """
    found = scan(bodies)
    for fields in found:
        if fields.key is not None and "\x00" in fields.key:
            raise InputError("holds a NUL, which no database takes", field="key", case_id=fields.case_id)
    return found


def load(to: Link, bodies: Sequence[bytes], found: Sequence[Scanned]) -> int:
    """Append the bodies within a transaction that holds the lock; the new size.

    Raises:
        Conflict: if one is not the next event of its case, or links to another event than stands before it.
        Unavailable: if the tables are not of the present version.
    """
    size: int
    version, size, _, _ = to.rows(to.sql.stand, ("",))[0]
    recordable(version, where=to.where)
    if bodies:
        tails = to.tails(dict.fromkeys([fields.case_id for fields in found]))
        stand = {case_id: _told(case_id, seq, body, where=to.where) for case_id, seq, body in tails}
        to.load(_rows(bodies, found, stand, size))
    return size + len(bodies)


def _told(case_id: str, seq: object, body: object, *, where: str) -> tuple[int, bytes]:
    """Number and body of the last event of a case, both of the type they must have."""
    name = f"the last event of case {case_id!r}"
    return number_of(seq, f"the number of {name}", where=where), text_of(body, name, where=where).encode()


def _rows(
    bodies: Sequence[bytes], found: Sequence[Scanned], stand: dict[str, tuple[int, bytes]], size: int
) -> Iterator[tuple[object, ...]]:
    """The rows one by one, each checked against how its case stands by then."""
    new = 0, b""
    for position, (e, body) in enumerate(zip(found, bodies, strict=True), size + 1):
        case_id, seq, prev = e.case_id, e.seq, e.prev
        before, last = stand.get(case_id, new)
        if seq != before + 1:
            raise Conflict(case_id, expected=seq - 1, actual=before)
        if prev is not None and not (before and prev == _link(last)) and is_link(prev):
            raise Conflict(case_id, expected=before, actual=before)
        stand[case_id] = seq, body
        yield position, case_id, seq, e.programme, e.kind, e.occurred_on, e.recorded_at, e.key, body.decode()


def _link(body: bytes) -> str:
    leaf = _LEAF.copy()
    leaf.update(body)
    return _FORM + leaf.hexdigest()


assert Row._fields[1:8] == Scanned.__struct_fields__[:7]

__all__ = ["load", "scanned"]
