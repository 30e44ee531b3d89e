"""The service: seal a journal, and verify it against what was sealed.

Whatever is asked of a journal is its feed, so that every journal can be sealed. A journal that contradicts a checkpoint
is no error of the call: :func:`verify` answers with a :class:`~shuroflow.seal.verdict.Verdict` that says what is
proven, what is not, and why. A journal that was changed is not sealed anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shuroflow.errors import Damaged, InputError
from shuroflow.seal.checkpoint import Checkpoint, Seal
from shuroflow.seal.keys import PublicKey
from shuroflow.seal.note import encode64
from shuroflow.seal.remains import Remains
from shuroflow.seal.signing import Signer
from shuroflow.seal.verdict import Fact, Verdict, fact
from shuroflow.seal.walk import Progress, Walk, walk
from shuroflow.storage.journal import Journal

_NAMED = 5
"""Cases that a sentence names; the rest is counted."""


def seal(
    journal: Journal,
    *,
    origin: str,
    signer: Signer | None = None,
    previous: Checkpoint | None = None,
    progress: Progress | None = None,
) -> Seal:
    """The checkpoint of a journal as it stands.

    Args:
        journal: any journal.
        origin: which journal it is, the same every time; it also names the key. Best is an address without scheme,
            such as ``example.jp/shuroflow/cases``.
        signer: signs it; without one the checkpoint has no signature.
        previous: the checkpoint made before. A journal that does not continue it is not sealed.
        progress: called every now and then.

    Raises:
        InputError: if the origin is no line of text, cannot name a key, or is not that of the previous checkpoint.
        Damaged: if a record cannot be read, a case does not hang together, or the previous checkpoint does not hold.
        Unavailable: if the journal cannot be read.
    """
    if previous is not None and previous.origin != origin:
        said = f"is {origin!r}, that of the previous checkpoint is {previous.origin!r}: one journal has one origin"
        raise InputError(said, field="origin")
    if signer is not None:
        signer.public.vkey(origin)  # a name that no key can have is told before the long way
    found = walk(journal, sizes=() if previous is None else (previous.size,), progress=progress)
    refuse(journal, found, [] if previous is None else [Seal(previous)])
    checkpoint = Checkpoint(origin, found.size, found.tree.root())
    return Seal(checkpoint, () if signer is None else (signer.sign(checkpoint.text, name=origin),))


def verify(
    journal: Journal,
    seals: Sequence[Seal],
    *,
    keys: Sequence[PublicKey] = (),
    name: str | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """What the checkpoints prove of a journal, every event of which is read and hashed anew.

    Args:
        journal: any journal.
        seals: one or more; earlier ones tell roughly from where on a journal differs.
        keys: whose signatures count. Without any, signatures are not looked at, and the verdict says so.
        name: the origin that every checkpoint must have.
        progress: called every now and then.

    Raises:
        InputError: if there is no checkpoint.
        Unavailable: if the journal cannot be read. Damage is part of the verdict.
    """
    if not seals:
        raise InputError("at least one checkpoint is needed", field="checkpoint")
    found = walk(journal, sizes={each.checkpoint.size for each in seals}, progress=progress)
    return _verdict(found, seals, keys, name, torn=getattr(journal, "torn", None))


def unreadable(
    error: Damaged, seals: Sequence[Seal], *, keys: Sequence[PublicKey] = (), name: str | None = None
) -> Verdict:
    """The verdict on a journal that is damaged so that it cannot even be opened.

    The lines of a file are walked up to the damage, so that what is sealed before it is still proven.
    """
    if error.line is None:
        return _verdict(Walk(damage=error), seals, keys, name, opened=False)
    return _verdict(walk(Remains(error), sizes={each.checkpoint.size for each in seals}), seals, keys, name)


def _verdict(
    found: Walk,
    seals: Sequence[Seal],
    keys: Sequence[PublicKey],
    name: str | None,
    *,
    torn: Any = None,
    opened: bool = True,
) -> Verdict:
    seals = sorted(seals, key=lambda each: each.checkpoint.size)
    facts = [] if opened else [fact("not_opened", detail=str(found.damage))]
    facts += [*_judged(found, seals, opened=opened), *_chained(found)]
    held = [each.checkpoint.size for each in seals if _holds(found, each.checkpoint)]
    sealed = max(held, default=0)
    if held and found.damage is None:
        facts.extend(_window(found, sealed, seals[-1].checkpoint.size))
    if torn is not None:
        facts.append(fact("torn_end", line=torn.line, length=torn.length))
    facts.extend(origin_facts(seals, name))
    for each in seals:
        facts.extend(signature_facts(each, keys))
    return Verdict(tuple(facts), found.size, sealed)


def _holds(found: Walk, checkpoint: Checkpoint) -> bool:
    milestone = found.milestones.get(checkpoint.size)
    return milestone is not None and milestone.root == checkpoint.root


def _judged(found: Walk, seals: Sequence[Seal], *, opened: bool = True) -> Iterator[Fact]:
    """What the checkpoints say, the smallest first."""
    if found.damage is not None and opened:
        yield fact("unreadable", position=found.size + 1, detail=str(found.damage))
    held, differing = 0, None
    for each in seals:
        checkpoint, name = each.checkpoint, each.name
        milestone = found.milestones.get(checkpoint.size)
        if milestone is None:
            if found.damage is not None:
                yield fact("not_reached", checkpoint=name, sealed=checkpoint.size)
            else:
                yield fact("fewer_events", checkpoint=name, sealed=checkpoint.size, found=found.size)
        elif milestone.root == checkpoint.root:
            held = checkpoint.size
            yield fact("events_unchanged", checkpoint=name, count=checkpoint.size, cases=milestone.cases)
        else:
            yield fact(
                "root_differs",
                checkpoint=name,
                sealed=checkpoint.size,
                expected=encode64(checkpoint.root),
                computed=encode64(milestone.root),
            )
            if differing is None:
                differing = checkpoint.size
                yield fact("differs_between", first=held + 1, last=differing)


def _chained(found: Walk) -> Iterator[Fact]:
    for each in found.breaks:
        values: dict[str, int | str] = {"case": each.case_id, "seq": each.seq, "position": each.position}
        if each.code == "order_broken":
            values["expected"] = each.expected
        yield fact(each.code, **values)
    if found.broken > len(found.breaks):
        yield fact("more_breaks", count=found.broken - len(found.breaks))


def _window(found: Walk, sealed: int, largest: int) -> Iterator[Fact]:
    """What came after the last checkpoint that holds."""
    if found.size == sealed:
        yield fact("nothing_after")
    else:
        cases = found.chains.later(sealed)
        names = list(found.late_cases)[:_NAMED] if sealed == largest else []
        said = ", ".join(names) + ("" if len(names) == cases else ", …" if names else "…")
        yield fact(
            "events_after", first=sealed + 1, last=found.size, count=found.size - sealed, cases=cases, names=said
        )
    if unlinked := found.chains.unlinked - found.milestones[sealed].unlinked:
        yield fact("unlinked", count=unlinked)


def origin_facts(seals: Sequence[Seal], name: str | None) -> Iterator[Fact]:
    """Of which journal the checkpoints say they are: all of one, and of the one that was asked for, if any."""
    first = seals[0].checkpoint.origin if seals else ""
    for each in seals:
        origin, values = each.checkpoint.origin, {"checkpoint": each.name, "origin": each.checkpoint.origin}
        if origin != (first if name is None else name):
            yield fact("other_origin", **values, expected=first if name is None else name)
        elif name is not None:
            yield fact("origin_same", **values)
        elif each is seals[0]:
            yield fact("origin_unchecked", **values)


def signature_facts(sealed: Seal, keys: Sequence[PublicKey]) -> Iterator[Fact]:
    """What the signatures under a checkpoint are worth."""
    if not keys:
        yield fact("signature_unchecked" if sealed.signatures else "not_signed", checkpoint=sealed.name)
        return
    text, known = sealed.checkpoint.text.encode(), False
    names = []  # under which it is signed
    for each in sealed.signatures:
        by = [key for key in keys if key.knows(each)]
        code = "signature_unknown"
        if by:
            known = True
            code = "signature_holds" if any(key.verify(text, each.value) for key in by) else "signature_wrong"
            if code == "signature_holds":
                names.append(each.name)
        yield fact(code, checkpoint=sealed.name, key=f"{each.name}+{each.key_id.hex()}")
    origin = sealed.checkpoint.origin
    if names and origin not in names:
        yield fact("signer_differs", checkpoint=sealed.name, origin=origin, key=names[0])
    if not known:
        yield fact("no_known_signature", checkpoint=sealed.name)


def refuse(journal: Journal, found: Walk, seals: Sequence[Seal]) -> None:
    """Raise for the first thing that keeps a journal from being sealed, or proven from."""
    if found.damage is not None:
        raise found.damage
    for each in (*_chained(found), *_judged(found, seals)):
        if each.code not in {"events_unchanged", "differs_between"}:
            raise Damaged(each.text("en"), where=str(getattr(journal, "where", "journal")))


__all__ = ["origin_facts", "refuse", "seal", "signature_facts", "unreadable", "verify"]
