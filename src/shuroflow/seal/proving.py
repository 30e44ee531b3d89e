"""The service: prove that an event is sealed, or that a checkpoint continues another; and check such proofs.

A proof is made in one pass over the journal and only from one that is as it was sealed. Checking needs no journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from shuroflow.errors import CaseNotFound, InputError
from shuroflow.seal.checkpoint import Seal
from shuroflow.seal.keys import PublicKey
from shuroflow.seal.merkle import Collector, Range, Tree, consistency_ranges, inclusion_ranges
from shuroflow.seal.proof import ContinuationProof, InclusionProof
from shuroflow.seal.sealing import origin_facts, refuse, signature_facts
from shuroflow.seal.verdict import Fact, Verdict, fact
from shuroflow.seal.walk import Progress, walk
from shuroflow.storage.codec import decode
from shuroflow.storage.journal import Journal, Record


@attrs.define
class _Path:
    """Gathers the proof of one event while the journal goes by."""

    case_id: str
    seq: int
    size: int
    case_met: bool = False
    body: bytes | None = None
    index: int = -1
    collector: Collector | None = None

    def see(self, record: Record, leaf: bytes, tree: Tree) -> None:
        """Look for the event, then take its siblings."""
        if self.body is None and record.event.case_id == self.case_id:
            self.case_met = True
            if record.event.seq == self.seq:
                self.body, self.index = record.body, tree.size
                if self.index < self.size:
                    self.collector = Collector(inclusion_ranges(self.index, self.size), before=tree)
        if self.collector is not None:
            self.collector.append(leaf)


@attrs.define
class _Subtrees:
    """Gathers the roots of subtrees while the journal goes by."""

    ranges: list[Range]
    collector: Collector = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.collector = Collector(self.ranges)

    def see(self, record: Record, leaf: bytes, tree: Tree) -> None:
        """Take the leaf."""
        self.collector.append(leaf)


def prove(
    journal: Journal, case_id: str, seq: int, *, sealed: Seal, carry: bool = True, progress: Progress | None = None
) -> InclusionProof:
    """The proof that an event is among those sealed.

    Args:
        journal: any journal.
        case_id: the case.
        seq: the number of the event in the case.
        sealed: the checkpoint, with its signatures.
        carry: put the event itself into the file, so that it can be checked without the journal.
        progress: called every now and then.

    Raises:
        CaseNotFound: if there is no such case.
        InputError: if the case has no such event, or it came after the checkpoint.
        Damaged: if the journal is not the one that was sealed, or cannot be read to its end.
        Unavailable: if the journal cannot be read.
    """
    size = sealed.checkpoint.size
    path = _Path(case_id, seq, size)
    refuse(journal, walk(journal, sizes={size}, watcher=path, progress=progress), [sealed])
    if path.body is None:
        if not path.case_met:
            raise CaseNotFound(case_id)
        raise InputError(f"the case has no event {seq}", field="seq", case_id=case_id)
    if path.collector is None:
        said = f"event {seq} is number {path.index + 1} of the journal, the checkpoint seals {size}: seal it anew first"
        raise InputError(said, field="seq", case_id=case_id)
    return InclusionProof(path.index, path.collector.hashes(), sealed, path.body if carry else None)


def prove_continuation(
    journal: Journal, earlier: Seal, *, sealed: Seal, progress: Progress | None = None
) -> ContinuationProof:
    """The proof that a checkpoint continues an earlier one.

    Raises:
        InputError: if the earlier one seals more events.
        Damaged: if the journal is not the one that was sealed, or cannot be read to its end.
        Unavailable: if the journal cannot be read.
    """
    old, new = earlier.checkpoint.size, sealed.checkpoint.size
    if old > new:
        raise InputError(f"the earlier checkpoint seals {old} events, the later one {new}", field="checkpoint")
    subtrees = _Subtrees(consistency_ranges(old, new))
    found = walk(journal, sizes={old, new}, watcher=subtrees, progress=progress)
    refuse(journal, found, [earlier, sealed])
    return ContinuationProof(old, subtrees.collector.hashes(), sealed)


def check_proof(
    proof: InclusionProof | ContinuationProof,
    *,
    seals: Sequence[Seal] = (),
    body: bytes | None = None,
    keys: Sequence[PublicKey] = (),
    name: str | None = None,
) -> Verdict:
    """What a proof shows, without the journal.

    A proof alone shows nothing, for anybody can make one up: it must lead to a checkpoint that the reader has from
    elsewhere, or to one that a given key has signed.

    Args:
        proof: read from a file.
        seals: checkpoints that the reader has from elsewhere. The earlier one of a continuation must be among them.
        body: the stored event, where the proof does not carry it or to compare with what it carries.
        keys: whose signatures count.
        name: the origin that every checkpoint must have.

    Raises:
        InputError: if the event, or the earlier checkpoint, is missing; if the event cannot be read.
    """
    own = proof.seal.checkpoint
    facts: list[Fact] = []
    earlier = [each for each in seals if isinstance(proof, ContinuationProof) and each.checkpoint.size == proof.old]
    if isinstance(proof, InclusionProof):
        anchored = any(each.checkpoint == own for each in seals) or _signed(proof.seal, keys)
        facts.extend(_included(proof, body, anchored=anchored))
        if not anchored:
            facts.append(fact("not_anchored"))
    elif not earlier:
        said = f"the earlier checkpoint, of {proof.old} events, is needed beside the proof"
        raise InputError(said, file=proof.seal.file, field="checkpoint")
    else:
        for each in earlier:
            code = "continued" if proof.holds(each.checkpoint) else "not_continued"
            names: dict[str, int | str] = {"checkpoint": proof.seal.name, "earlier": each.name}
            counts: dict[str, int | str] = {"count": own.size, "old": proof.old} if code == "continued" else {}
            facts.append(fact(code, **names, **counts))
        if not _signed(proof.seal, keys) and not any(each.checkpoint == own for each in seals):
            facts.append(fact("later_unanchored"))
    for each in seals:
        if each not in earlier:
            code = "same_checkpoint" if each.checkpoint == own else "other_checkpoint"
            facts.append(fact(code, checkpoint=each.name))
    facts.extend(origin_facts([proof.seal, *seals], name))
    for each in (proof.seal, *(seals if keys else ())):
        facts.extend(signature_facts(each, keys))
    return Verdict(tuple(facts), sealed=own.size)


def _signed(sealed: Seal, keys: Sequence[PublicKey]) -> bool:
    """Does a signature by one of the keys hold?"""
    return any(each.code == "signature_holds" for each in signature_facts(sealed, keys))


def _included(proof: InclusionProof, body: bytes | None, *, anchored: bool) -> Iterator[Fact]:
    held = proof.extra if proof.extra is not None else body
    if held is None:
        raise InputError("the proof does not carry its event: name the journal that holds it", file=proof.seal.file)
    position = proof.index + 1
    if body is not None and body != held:
        yield fact("other_event", position=position)
    if proof.holds(held):
        event, count = decode(held), proof.seal.checkpoint.size
        code = "event_sealed" if anchored else "event_fits"
        yield fact(code, case=event.case_id, seq=event.seq, position=position, count=count)
    else:
        yield fact("event_not_sealed", position=position)


__all__ = ["check_proof", "prove", "prove_continuation"]
