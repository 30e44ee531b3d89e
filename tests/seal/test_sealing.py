"""Sealing and verifying: what is proven, what is not, and why."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import Damaged, InputError
from shuroflow.seal import Checkpoint, Grade, PublicKey, Seal, Signer, Verdict, prove, seal, unreadable, verify
from shuroflow.storage import MemoryJournal, open_journal
from shuroflow.storage.journal import Record
from shuroflow.verification.journals.events import example, examples
from tests.seal import oracle
from tests.seal.journals import (
    ORIGIN,
    OTHER,
    SIGNER,
    STORES,
    Given,
    bodies,
    fill,
    filled,
    made,
    records,
    sealed,
)


def keys(verdict: Verdict, grade: Grade) -> list[str]:
    """The codes of one grade."""
    return [each.code for each in verdict.of(grade)]


# Sealing --------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 25))
def test_a_checkpoint_says_how_many_and_their_root(count: int) -> None:
    """The root is MTH over the stored bytes."""
    journal = MemoryJournal()
    for number in range(count):
        journal.append(f"case-{number % 4}", [example(f"case-{number % 4}", number // 4 + 1)], expected=number // 4)
    leaves = [record.body for record in journal.feed()]

    assert Seal(Checkpoint(ORIGIN, count, oracle.head(leaves))) == seal(journal, origin=ORIGIN)


@pytest.mark.parametrize("store", STORES)
def test_every_store_of_the_same_events_has_the_same_root(store: str, tmp_path: Path) -> None:
    """The leaf is the event, not the line or the row."""
    source = made(store, tmp_path)

    assert seal(filled(), origin=ORIGIN) == sealed(source)
    assert [record.body for record in records()] == bodies(source)


def test_postgresql_has_the_same_root(postgres_url: str) -> None:
    """There too the leaf is the event; a later event lies in the window."""
    journal = filled()
    made = seal(journal, origin=ORIGIN)
    with open_journal(postgres_url, create=True) as other:
        fill(other)
        assert made == seal(other, origin=ORIGIN)
        other.append("D-1", [example("D-1")], expected=0)
        assert ["events_unchanged", "events_after", "origin_unchecked", "not_signed"] == verify(other, [made]).codes()
        assert prove(other, "B-1", 2, sealed=made) == prove(journal, "B-1", 2, sealed=made)


def test_a_signed_checkpoint() -> None:
    """The signature is by the key under the name of the origin."""
    made = seal(filled(), origin=ORIGIN, signer=SIGNER)
    (signature,) = made.signatures

    assert ORIGIN == signature.name
    assert SIGNER.public.knows(signature)
    assert SIGNER.public.verify(made.checkpoint.text.encode(), signature.value)


def test_a_journal_that_goes_on_is_sealed_again() -> None:
    """The checkpoint before is a part of the new one; the empty one is a part of all."""
    journal = MemoryJournal()
    empty = seal(journal, origin=ORIGIN)
    fill(journal)
    first = seal(journal, origin=ORIGIN, previous=empty.checkpoint)
    journal.append("D-1", [example("D-1")], expected=0)
    second = seal(journal, origin=ORIGIN, previous=first.checkpoint)

    assert (0, 9, 10) == (empty.checkpoint.size, first.checkpoint.size, second.checkpoint.size)


@pytest.mark.parametrize(
    ("other", "said"),
    [(records(rounds=2), "sealed 9 events, the journal holds 6"), (records()[::-1], r"stands where|not those")],
)
def test_a_journal_that_was_changed_is_not_sealed(other: list[Record], said: str) -> None:
    """Neither one that is shorter than the checkpoint before, nor one that differs."""
    before = seal(filled(), origin=ORIGIN).checkpoint

    with pytest.raises(Damaged, match=said):
        seal(Given(other), origin=ORIGIN, previous=before)


def test_another_journal_is_not_sealed_as_the_next() -> None:
    """The same number of events, other ones."""
    before = seal(filled(), origin=ORIGIN).checkpoint
    other = MemoryJournal()
    fill(other, cases=("X", "Y", "Z"))

    with pytest.raises(Damaged, match="are not those that"):
        seal(other, origin=ORIGIN, previous=before)


def test_a_broken_chain_is_not_sealed() -> None:
    """A seal on a journal that contradicts itself would say too much."""
    broken = records()
    del broken[4]

    with pytest.raises(Damaged, match=r"does not link|stands where"):
        seal(Given(broken), origin=ORIGIN)


def test_a_damaged_journal_is_not_sealed() -> None:
    """The error is that of the journal."""
    with pytest.raises(Damaged, match=r"given\.jsonl:10: torn"):
        seal(Given(records(), damage="torn"), origin=ORIGIN)


def test_one_journal_has_one_origin() -> None:
    """Another one than before is refused, and so is one that cannot name a key, before the journal is read."""
    before = seal(filled(), origin=ORIGIN).checkpoint

    with pytest.raises(InputError, match="one journal has one origin"):
        seal(filled(), origin="example.jp/others", previous=before)
    with pytest.raises(InputError, match="cannot name a key"):
        seal(Given([], damage="not read"), origin="two words", signer=SIGNER)
    with pytest.raises(InputError, match="one line"):
        seal(filled(), origin="")


def test_progress_is_told() -> None:
    """Every thousand events, with the number of all."""
    told: list[tuple[int, int | None]] = []
    journal = MemoryJournal()
    journal.append("A-1", examples("A-1", 2500), expected=0)

    made = seal(journal, origin=ORIGIN, progress=lambda done, total: told.append((done, total)))
    verify(journal, [made], progress=lambda done, total: told.append((done, total)))

    assert [(1000, 2500), (2000, 2500)] * 2 == told


# Verifying ------------------------------------------------------------------------------------------------------------


def test_the_whole_journal_is_proven() -> None:
    """Nothing after the checkpoint; whether something was there and is gone is not proven."""
    journal = filled()
    verdict = verify(journal, [seal(journal, origin=ORIGIN, signer=SIGNER)], keys=[SIGNER.public])

    assert verdict.proven
    assert ["events_unchanged", "nothing_after", "origin_unchecked", "signature_holds"] == verdict.codes()
    assert (9, 9) == (verdict.events, verdict.sealed)
    assert {"checkpoint": f"{ORIGIN} 9", "count": 9, "cases": 3} == dict(verdict.facts[0].values)


def test_the_window_after_the_checkpoint_is_not_proven() -> None:
    """How many events of which cases it holds is said."""
    journal = filled()
    made = seal(journal, origin=ORIGIN)
    journal.append("B-1", [example("B-1", 4)], expected=3)
    journal.append("D-1", examples("D-1", 2), expected=0)
    verdict = verify(journal, [made])

    assert verdict.proven
    assert ["events_after", "origin_unchecked", "not_signed"] == keys(verdict, Grade.OPEN)
    window = dict(verdict.of(Grade.OPEN)[0].values)
    assert {"first": 10, "last": 12, "count": 3, "cases": 2, "names": "B-1, D-1"} == window


def test_many_cases_in_the_window_are_counted() -> None:
    """Five are named."""
    journal = MemoryJournal()
    made = seal(journal, origin=ORIGIN)
    fill(journal, cases=tuple("ABCDEFG"), rounds=2)
    (window, *_) = verify(journal, [made]).of(Grade.OPEN)

    assert (7, "A, B, C, D, E, …") == (window.values["cases"], window.values["names"])


def test_events_without_a_link_are_counted_in_the_window() -> None:
    """Those that are sealed need none."""
    bare = [attrs.evolve(record, event=attrs.evolve(record.event, prev=None)) for record in records()]
    first = seal(Given(bare[:4]), origin=ORIGIN)

    assert ["events_after", "unlinked", "origin_unchecked", "not_signed"] == keys(
        verify(Given(bare), [first]), Grade.OPEN
    )
    assert 4 == verify(Given(bare), [first]).of(Grade.OPEN)[1].values["count"]
    assert "unlinked" not in verify(Given(bare), [seal(Given(bare), origin=ORIGIN)]).codes()


@pytest.mark.parametrize("size", range(9))
def test_fewer_events_than_were_sealed(size: int) -> None:
    """Cut off, whatever is left."""
    made = seal(filled(), origin=ORIGIN)
    verdict = verify(Given(records()[:size]), [made])

    assert not verdict.proven
    assert ["fewer_events"] == keys(verdict, Grade.FAILED)
    assert (9, size) == (verdict.facts[0].values["sealed"], verdict.facts[0].values["found"])


@pytest.mark.parametrize("at", range(9))
def test_an_event_that_was_changed(at: int) -> None:
    """Whichever it is; earlier checkpoints say between which two it lies."""
    journal = MemoryJournal()
    taken = [seal(Given(records()[:size]), origin=ORIGIN) for size in (3, 6, 9)]
    fill(journal)
    changed = list(journal.feed())
    changed[at] = attrs.evolve(changed[at], body=changed[at].body.replace(b"2025", b"2024"))
    verdict = verify(Given(changed), taken)
    first = at // 3 * 3

    assert not verdict.proven
    assert first == verdict.sealed
    between = next(each for each in verdict.facts if each.code == "differs_between")
    assert {"first": first + 1, "last": first + 3} == dict(between.values)
    assert (9 - first) // 3 == verdict.codes().count("root_differs")
    assert first // 3 == verdict.codes().count("events_unchanged")


def test_a_damaged_record() -> None:
    """The walk ends there; what was sealed before is still proven, what lies beyond is not reached."""
    first, whole = seal(Given(records()[:4]), origin=ORIGIN), seal(filled(), origin=ORIGIN)
    verdict = verify(Given(records()[:5], damage="no event"), [whole, first])

    assert not verdict.proven
    assert ["unreadable", "not_reached"] == keys(verdict, Grade.FAILED)
    assert ["events_unchanged"] == keys(verdict, Grade.PROVEN)
    assert (6, "given.jsonl:6: no event") == (verdict.facts[0].values["position"], verdict.facts[0].values["detail"])


def test_damage_after_the_checkpoint_is_told() -> None:
    """What is sealed is proven, but the journal is not in order."""
    verdict = verify(Given(records()[:5], damage="no event"), [seal(Given(records()[:4]), origin=ORIGIN)])

    assert not verdict.proven
    assert ["unreadable"] == keys(verdict, Grade.FAILED)


def test_a_journal_that_cannot_be_opened() -> None:
    """Nothing of it is proven."""
    verdict = unreadable(Damaged("broken", where="cases.jsonl"), [seal(filled(), origin=ORIGIN)])

    assert (False, 0, ["not_opened", "not_reached"]) == (verdict.proven, verdict.sealed, keys(verdict, Grade.FAILED))


def test_a_broken_chain_after_the_checkpoint() -> None:
    """Where and in which case is told; many breaks are counted."""
    taken = seal(Given(records()[:6]), origin=ORIGIN)
    broken = records()
    broken[7] = attrs.evolve(broken[7], event=attrs.evolve(broken[7].event, prev="rfc6962:" + "0" * 64))
    verdict = verify(Given(broken), [taken])

    assert not verdict.proven
    assert [{"case": "B-1", "seq": 3, "position": 8}] == [dict(each.values) for each in verdict.of(Grade.FAILED)]
    strays = [attrs.evolve(record, event=attrs.evolve(record.event, seq=99)) for record in records() * 3]
    many = verify(Given(strays), [seal(MemoryJournal(), origin=ORIGIN)])
    assert [*["order_broken"] * 20, "more_breaks"] == keys(many, Grade.FAILED)
    assert 7 == many.of(Grade.FAILED)[-1].values["count"]


@pytest.mark.parametrize(
    ("signed", "given", "codes", "proven"),
    [
        ([], [], ["not_signed"], True),
        ([SIGNER], [], ["signature_unchecked"], True),
        ([SIGNER], [SIGNER], ["signature_holds"], True),
        ([SIGNER, OTHER], [OTHER], ["signature_unknown", "signature_holds"], True),
        ([SIGNER, OTHER], [SIGNER, OTHER], ["signature_holds", "signature_holds"], True),
        ([SIGNER], [OTHER], ["signature_unknown", "no_known_signature"], False),
        ([], [SIGNER], ["no_known_signature"], False),
    ],
)
def test_signatures(signed: list[Signer], given: list[Signer], codes: list[str], proven: bool) -> None:
    """Only those by a key that was given count; unknown ones are named and do no harm."""
    journal = filled()
    bare = seal(journal, origin=ORIGIN)
    text = bare.checkpoint.text
    made = attrs.evolve(bare, signatures=tuple(signer.sign(text, name=ORIGIN) for signer in signed))
    verdict = verify(journal, [made], keys=[signer.public for signer in given])

    assert codes == [code for code in verdict.codes() if "sign" in code and code != "origin_unchecked"]
    assert proven == verdict.proven


def test_a_wrong_signature_fails_whatever_else_holds() -> None:
    """The text under a known key was changed, or the signature."""
    journal = filled()
    made = seal(journal, origin=ORIGIN, signer=SIGNER)
    (signature,) = made.signatures
    wrong = attrs.evolve(signature, value=bytes(64))
    for signatures in ((wrong,), (signature, wrong)):
        verdict = verify(journal, [attrs.evolve(made, signatures=signatures)], keys=[SIGNER.public])
        assert not verdict.proven
        assert "signature_wrong" in verdict.codes()
    moved = attrs.evolve(made, checkpoint=attrs.evolve(made.checkpoint, origin="example.jp/others"))
    assert ["signature_wrong"] == keys(verify(journal, [moved], keys=[SIGNER.public]), Grade.FAILED)


def test_a_key_under_another_name_does_not_count() -> None:
    """A verifier key says the name it signs under."""
    journal = filled()
    made = seal(journal, origin=ORIGIN, signer=SIGNER)

    assert verify(journal, [made], keys=[PublicKey(SIGNER.public.raw, ORIGIN)]).proven
    assert not verify(journal, [made], keys=[PublicKey(SIGNER.public.raw, "example.jp/others")]).proven


def test_a_checkpoint_is_needed() -> None:
    """Without one there is nothing to verify against."""
    with pytest.raises(InputError, match="at least one checkpoint"):
        verify(filled(), [])


def test_the_empty_journal() -> None:
    """It is sealed and verified like any other."""
    journal = MemoryJournal()
    made = seal(journal, origin=ORIGIN)

    assert ["events_unchanged", "nothing_after", "origin_unchecked", "not_signed"] == verify(journal, [made]).codes()


# The origin -----------------------------------------------------------------------------------------------------------


def test_the_origin_is_shown_and_checked() -> None:
    """All checkpoints are of one journal, of the one that was asked for, and signed under its name."""
    journal = filled()
    made = seal(journal, origin=ORIGIN, signer=SIGNER)
    other = seal(journal, origin="example.jp/others")

    told = next(each for each in verify(journal, [made]).facts if each.code == "origin_unchecked")
    assert ORIGIN == told.values["origin"]
    assert "origin_same" in keys(verify(journal, [made], name=ORIGIN), Grade.PROVEN)
    assert ["other_origin"] == keys(verify(journal, [made], name="example.jp/others"), Grade.FAILED)
    assert ["other_origin"] == keys(verify(journal, [made, other]), Grade.FAILED)
    stray = attrs.evolve(made, signatures=(SIGNER.sign(made.checkpoint.text, name="example.jp/others"),))
    assert ["signer_differs"] == keys(verify(journal, [stray], keys=[SIGNER.public]), Grade.FAILED)


def test_an_origin_that_is_no_text() -> None:
    """Bytes of a command line that are no UTF-8 are refused, with a key and without."""
    for signer in (None, SIGNER):
        with pytest.raises(InputError):
            seal(filled(), origin="x\udcff", signer=signer)


# Damage ---------------------------------------------------------------------------------------------------------------


def test_what_stands_before_the_damage_is_still_proven(tmp_path: Path) -> None:
    """A file that cannot be opened is walked up to its damage; the place is the right one."""
    source = made("jsonl", tmp_path)
    path, whole = Path(source), sealed(source)
    first = seal(Given(records()[:4]), origin=ORIGIN)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:6], b"broken\n", *lines[7:]]))
    with pytest.raises(Damaged) as caught:
        open_journal(source)
    verdict = unreadable(caught.value, [whole, first])

    assert ["unreadable", "not_reached"] == keys(verdict, Grade.FAILED)
    assert (7, 6, 4) == (verdict.facts[0].values["position"], verdict.events, verdict.sealed)
    assert ["events_unchanged"] == keys(verdict, Grade.PROVEN)


def test_a_torn_end_is_told(tmp_path: Path) -> None:
    """It is no part of the journal, and no reason to call it changed."""
    source = made("jsonl", tmp_path)
    one = sealed(source)
    with open(source, "ab") as file:
        file.write(b'{"case_id"')
    with open_journal(source) as journal:
        verdict = verify(journal, [one])

    assert verdict.proven
    torn = next(each for each in verdict.of(Grade.OPEN) if each.code == "torn_end")
    assert {"line": 10, "length": 10} == dict(torn.values)
