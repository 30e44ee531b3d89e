"""Tamper evidence: a journal sealed by a checkpoint that is kept elsewhere, and verified against it.

The forms are those of transparency logs, so that other people's tools read them: the Merkle tree of RFC 9162 over the
stored bytes of the events, checkpoints and signed notes as C2SP describes them, Ed25519. Signing needs the extra
``seal``; verifying needs nothing. :mod:`~shuroflow.seal.standalone` is a verifier in one file that can be read through.
"""

from __future__ import annotations

from shuroflow.seal.checkpoint import Checkpoint, Seal
from shuroflow.seal.keys import PublicKey, read_keys
from shuroflow.seal.proof import ContinuationProof, InclusionProof
from shuroflow.seal.proof import read as read_proof
from shuroflow.seal.proving import check_proof, prove, prove_continuation
from shuroflow.seal.sealing import seal, unreadable, verify
from shuroflow.seal.signing import Signer
from shuroflow.seal.verdict import Fact, Grade, Verdict

__all__ = [
    "Checkpoint",
    "ContinuationProof",
    "Fact",
    "Grade",
    "InclusionProof",
    "PublicKey",
    "Seal",
    "Signer",
    "Verdict",
    "check_proof",
    "prove",
    "prove_continuation",
    "read_keys",
    "read_proof",
    "seal",
    "unreadable",
    "verify",
]
