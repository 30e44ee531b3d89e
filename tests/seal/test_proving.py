"""Proofs made from a journal and checked without it."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.errors import CaseNotFound, Damaged, InputError
from shuroflow.seal import (
    ContinuationProof,
    InclusionProof,
    Seal,
    check_proof,
    prove,
    prove_continuation,
    seal,
)
from shuroflow.storage import MemoryJournal
from shuroflow.verification.journals.events import example
from tests.seal import oracle
from tests.seal.journals import ORIGIN, OTHER, SIGNER, Given, fill, filled, records


def sealed(count: int = 9, *, signed: bool = False) -> Seal:
    """The checkpoint of the first events of the journal."""
    return seal(Given(records()[:count]), origin=ORIGIN, signer=SIGNER if signed else None)


# One event ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(1, 10))
def test_every_event_is_proven_in_one_pass(size: int) -> None:
    """Of every checkpoint, also when the journal goes on after it; the path is that of the definition."""
    journal, made = filled(), sealed(size)
    leaves = [record.body for record in journal.feed()][:size]
    for record in records()[:size]:
        event, index = record.event, record.position - 1
        proof = prove(journal, event.case_id, event.seq, sealed=made)
        assert InclusionProof(index, tuple(oracle.path(index, leaves)), made, leaves[index]) == proof
        (shown, *_, unsigned) = check_proof(proof, seals=[made]).facts
        values = {"case": event.case_id, "seq": event.seq, "position": index + 1, "count": size}
        assert ("event_sealed", values) == (shown.code, dict(shown.values))
        assert "not_signed" == unsigned.code


def test_a_proof_in_a_large_journal() -> None:
    """Twenty hashes at most for a million events: here eleven for two thousand."""
    journal = MemoryJournal()
    for number in range(500):
        journal.append(f"case-{number}", [example(f"case-{number}", seq) for seq in (1, 2, 3, 4)], expected=0)
    proof = prove(journal, "case-321", 3, sealed=seal(journal, origin=ORIGIN, signer=SIGNER))

    assert (1286, 11) == (proof.index, len(proof.path))
    assert ["event_sealed", "origin_unchecked", "signature_holds"] == check_proof(proof, keys=[SIGNER.public]).codes()


def test_the_event_may_be_left_out() -> None:
    """Then the reader brings it: the right one is proven, another is not, and without any there is nothing to check."""
    proof = prove(filled(), "B-1", 2, sealed=sealed(), carry=False)
    bodies = [record.body for record in records()]

    assert proof.extra is None
    assert check_proof(proof, body=bodies[3], seals=[sealed()]).proven
    assert "event_not_sealed" == check_proof(proof, body=bodies[4], seals=[sealed()]).codes()[0]
    with pytest.raises(InputError, match="name the journal"):
        check_proof(proof)


def test_the_event_of_the_journal_is_compared_with_that_of_the_proof() -> None:
    """They must be the same."""
    proof = prove(filled(), "B-1", 2, sealed=sealed())
    body = records()[3].body

    assert check_proof(proof, body=body, seals=[sealed()]).proven
    verdict = check_proof(proof, body=body + b" ")
    assert (False, "other_event") == (verdict.proven, verdict.facts[0].code)


def test_a_proof_that_was_changed() -> None:
    """Another event, number, hash or checkpoint is not proven."""
    proof = prove(filled(), "B-1", 2, sealed=sealed())
    checkpoint = proof.seal.checkpoint
    for wrong in (
        attrs.evolve(proof, extra=records()[4].body),
        attrs.evolve(proof, index=4),
        attrs.evolve(proof, index=999),
        attrs.evolve(proof, path=(bytes(32), *proof.path[1:])),
        attrs.evolve(proof, path=proof.path[:-1]),
        attrs.evolve(proof, seal=Seal(attrs.evolve(checkpoint, root=bytes(32)))),
        attrs.evolve(proof, seal=Seal(attrs.evolve(checkpoint, size=2 * checkpoint.size))),
    ):
        verdict = check_proof(wrong)
        assert not verdict.proven
        assert "event_not_sealed" == verdict.facts[0].code


def test_signatures_in_a_proof() -> None:
    """They count as in a checkpoint."""
    proof = prove(filled(), "B-1", 2, sealed=sealed(signed=True))

    assert check_proof(proof, keys=[SIGNER.public]).proven
    assert not check_proof(proof, keys=[OTHER.public]).proven
    assert "signature_unchecked" in check_proof(proof).codes()


def test_a_proof_that_anybody_can_make_up() -> None:
    """Without a checkpoint or a key from elsewhere nothing is proven, whatever the proof carries of its own."""
    proof = prove(filled(), "B-1", 2, sealed=sealed(signed=True))
    body = records()[3].body

    for verdict in (check_proof(proof), check_proof(proof, body=body), check_proof(proof, keys=[OTHER.public])):
        assert not verdict.proven
        assert ["event_fits", "not_anchored"] == verdict.codes()[:2]
    assert "give --checkpoint or --key" in check_proof(proof).text("en")
    assert "not_anchored" not in check_proof(proof, keys=[SIGNER.public]).codes()
    assert "later_unanchored" in (
        check_proof(prove_continuation(filled(), sealed(4), sealed=sealed(9)), seals=[sealed(4)]).codes()
    )


def test_the_origin_of_a_proof() -> None:
    """It is told, and compared with a name and with the checkpoints that were given."""
    proof = prove(filled(), "B-1", 2, sealed=sealed())

    assert check_proof(proof, seals=[sealed()], name=ORIGIN).proven
    assert "other_origin" in check_proof(proof, seals=[sealed()], name="example.jp/others").codes()


def test_a_checkpoint_of_the_readers_own() -> None:
    """A proof may rest on a checkpoint that the reader got elsewhere; it must be the same one."""
    proof = prove(filled(), "B-1", 2, sealed=sealed())

    assert ["event_sealed", "same_checkpoint", "origin_unchecked", "not_signed"] == (
        check_proof(proof, seals=[sealed()]).codes()
    )
    other = check_proof(proof, seals=[sealed(8)])
    assert (False, True) == (other.proven, "other_checkpoint" in other.codes())


@pytest.mark.parametrize(
    ("case", "seq", "error", "said"),
    [
        ("Z-9", 1, CaseNotFound, "no case 'Z-9'"),
        ("A-1", 4, InputError, "the case has no event 4"),
        ("C-1", 3, InputError, "number 9 of the journal, the checkpoint seals 6: seal it anew"),
    ],
)
def test_what_cannot_be_proven(case: str, seq: int, error: type[Exception], said: str) -> None:
    """No such case, no such event, or it came after the checkpoint."""
    with pytest.raises(error, match=said):
        prove(filled(), case, seq, sealed=sealed(6))


def test_no_proof_from_a_journal_that_was_changed() -> None:
    """It would not hold anyway."""
    changed = records()
    changed[0] = attrs.evolve(changed[0], body=changed[0].body + b" ")

    with pytest.raises(Damaged, match=r"are not those|does not link"):
        prove(Given(changed), "B-1", 2, sealed=sealed())
    with pytest.raises(Damaged, match="holds 5"):
        prove(Given(records()[:5]), "B-1", 2, sealed=sealed())
    with pytest.raises(Damaged, match="torn"):
        prove(Given(records()[:5], damage="torn"), "B-1", 2, sealed=sealed())


# A later checkpoint ---------------------------------------------------------------------------------------------------


@given(st.integers(0, 9), st.integers(0, 9))
def test_every_pair_of_checkpoints(one: int, other: int) -> None:
    """The later continues the earlier; the path is that of the definition."""
    old, new = sorted((one, other))
    leaves = [record.body for record in records()]
    proof = prove_continuation(filled(), sealed(old), sealed=sealed(new))
    verdict = check_proof(proof, seals=[sealed(old)])

    assert ContinuationProof(old, tuple(oracle.proof(old, leaves[:new]) if old else ()), sealed(new)) == proof
    assert verdict.proven
    assert "continued" == verdict.facts[0].code


def test_a_continuation_that_is_none() -> None:
    """Another earlier checkpoint of that size, or a changed path, is not continued."""
    proof = prove_continuation(filled(), sealed(4), sealed=sealed(9))
    stranger = MemoryJournal()
    fill(stranger, cases=("X", "Y"), rounds=2)
    other = seal(stranger, origin=ORIGIN)

    assert "not_continued" == check_proof(proof, seals=[other]).codes()[0]
    wrong = attrs.evolve(proof, path=proof.path[:-1])
    assert not check_proof(wrong, seals=[sealed(4)]).proven
    with pytest.raises(InputError, match="the earlier checkpoint, of 4 events, is needed"):
        check_proof(proof)
    with pytest.raises(InputError, match="of 4 events, is needed"):
        check_proof(proof, seals=[sealed(5)])


def test_signatures_of_both_checkpoints() -> None:
    """With a key, both must be signed."""
    proof = prove_continuation(filled(), sealed(4, signed=True), sealed=sealed(9, signed=True))

    assert ["continued", "origin_unchecked", "signature_holds", "signature_holds"] == (
        check_proof(proof, seals=[sealed(4, signed=True)], keys=[SIGNER.public]).codes()
    )
    assert not check_proof(proof, seals=[sealed(4)], keys=[SIGNER.public]).proven
    both = check_proof(proof, seals=[sealed(4), sealed(9)])
    assert ["continued", "same_checkpoint", "origin_unchecked", "signature_unchecked"] == both.codes()


def test_no_continuation_the_wrong_way_round() -> None:
    """Nor from a journal that is not what was sealed."""
    with pytest.raises(InputError, match="the earlier checkpoint seals 9 events, the later one 4"):
        prove_continuation(filled(), sealed(9), sealed=sealed(4))
    with pytest.raises(Damaged, match="holds 5"):
        prove_continuation(Given(records()[:5]), sealed(4), sealed=sealed(9))
