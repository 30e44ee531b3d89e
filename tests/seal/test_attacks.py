"""The attack table: what was done to a sealed journal, whether reading it notices, and what the checkpoint says.

Whoever attacks can write the file, knows the format and computes links anew where that helps. Reading a journal checks
each event, its number and its link to the one before in the case: the bare chain.
"""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from shuroflow.errors import Damaged
from shuroflow.seal import Seal, Verdict, standalone, unreadable, verify
from shuroflow.storage import open_journal
from tests.seal.journals import STORES, bodies, edited, in_sqlite, made, overwrite, relinked, sealed

Bodies = list[bytes]


def rewound(whole: Bodies) -> Bodies:
    """The last four events taken back, and others recorded in their place, properly linked."""
    return relinked([*whole[:-4], *(edited(body, note="作り直し") for body in whole[-4:])])


def inserted(whole: Bodies) -> Bodies:
    """A case that never was, between the others."""
    return [*whole[:4], edited(whole[0], case_id="Z-1"), *whole[4:]]


@attrs.frozen
class Attack:
    """``noticed`` by reading the journal; ``said`` by the checkpoint."""

    name: str
    change: Callable[[Bodies], Bodies]
    noticed: bool
    said: str


# The journal: A1 A2 B1 B2 C1 C2 A3 B3 C3, all sealed.
ATTACKS = [
    Attack("an event edited", lambda w: [edited(w[0], note="else"), *w[1:]], True, "root_differs"),
    Attack("the last event of a case edited", lambda w: [*w[:-1], edited(w[-1], note="else")], False, "root_differs"),
    Attack("an event deleted from the middle", lambda w: [w[0], *w[2:]], True, "fewer_events"),
    Attack(
        "a whole case deleted", lambda w: [b for b in w if json.loads(b)["case_id"] != "B-1"], False, "fewer_events"
    ),
    Attack("the end cut off", lambda w: w[:-2], False, "fewer_events"),
    Attack("everything cut off", lambda w: [], False, "fewer_events"),
    Attack(
        "edited and all links computed anew",
        lambda w: relinked([edited(w[0], note="else"), *w[1:]]),
        False,
        "root_differs",
    ),
    Attack("cut off and other events recorded", rewound, False, "root_differs"),
    Attack(
        "replaced by another journal",
        lambda w: relinked(edited(b, recorded_by={"id": "x", "role": "office"}) for b in w),
        False,
        "root_differs",
    ),
    Attack("two events of two cases exchanged", lambda w: [*w[:6], w[7], w[6], w[8]], False, "root_differs"),
    Attack("an event inserted", inserted, False, "root_differs"),
    Attack("an event forged after the checkpoint", lambda w: [*w, edited(w[0], case_id="Z-1")], False, "events_after"),
]


def read_all(source: str) -> bool:
    """Does reading every case of the journal notice that something is wrong?"""
    try:
        with open_journal(source) as journal:
            for case_id in journal.cases():
                journal.read(case_id)
            list(journal.scan())
    except Damaged:
        return True
    return False


def verified(source: str, one: Seal) -> Verdict:
    """The verdict, as the command line asks for it."""
    try:
        with open_journal(source) as journal:
            return verify(journal, [one])
    except Damaged as error:
        return unreadable(error, [one])


def verified_alone(source: str, checkpoint: Path) -> int:
    """The exit status of the verifier in one file."""
    with contextlib.redirect_stdout(io.StringIO()):
        return standalone.main([source, "--checkpoint", str(checkpoint)])


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_table(store: str, attack: Attack, tmp_path: Path) -> None:
    """What the chain alone misses the checkpoint catches, but for what came after it: that is said to be unproven."""
    source, checkpoint = made(store, tmp_path), tmp_path / "checkpoint"
    one, whole = sealed(source), bodies(source)
    checkpoint.write_bytes(one.encode())
    assert (False, True, 0) == (read_all(source), verified(source, one).proven, verified_alone(source, checkpoint))

    overwrite(source, attack.change(whole))
    verdict = verified(source, one)

    assert attack.noticed == read_all(source)
    caught = attack.said != "events_after"
    assert caught != verdict.proven
    assert int(caught) == verified_alone(source, checkpoint)
    if not attack.noticed:
        assert attack.said in verdict.codes()


def test_a_row_taken_out_of_a_database(tmp_path: Path) -> None:
    """The gap it leaves in the positions is noticed as well."""
    source, checkpoint = made("sqlite", tmp_path), tmp_path / "checkpoint"
    one = sealed(source)
    checkpoint.write_bytes(one.encode())
    in_sqlite(source, lambda db: db.execute("DELETE FROM shuroflow_event WHERE position = 5"))

    assert not verified(source, one).proven
    assert 1 == verified_alone(source, checkpoint)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("case_id", "X-1"),
        ("seq", 7),
        ("programme", "tsushima"),
        ("kind", "selected"),
        ("occurred_on", "2025-04-04"),
        ("recorded_at", "2025-04-03T15:04:06+09:00"),
        ("key", "k"),
    ],
)
def test_a_column_that_contradicts_its_event(column: str, value: object, tmp_path: Path) -> None:
    """What plain SQL shows must be what was sealed, in every column; reading a case notices it too."""
    source, checkpoint = made("sqlite", tmp_path), tmp_path / "checkpoint"
    one = sealed(source)
    checkpoint.write_bytes(one.encode())

    def change(db: sqlite3.Connection) -> None:
        db.execute(f"UPDATE shuroflow_event SET {column} = ? WHERE position = 5", (value,))

    in_sqlite(source, change)

    assert read_all(source)
    assert "unreadable" in verified(source, one).codes()
    assert 1 == verified_alone(source, checkpoint)
