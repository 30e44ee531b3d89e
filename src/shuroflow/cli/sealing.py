"""``shuroflow seal``, ``verify`` and ``prove``: checkpoints of a journal, and what they prove."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from shuroflow.cli.inputs import check_output
from shuroflow.cli.options import lang_option, language, say, source_argument, tell_torn, warn
from shuroflow.cli.output import Meter, write_new, writing
from shuroflow.vocabulary import Lang

if TYPE_CHECKING:
    from shuroflow.errors import Damaged
    from shuroflow.seal import ContinuationProof, InclusionProof, PublicKey, Seal, Verdict
    from shuroflow.storage import Journal

PASSPHRASE = "SHUROFLOW_SEAL_PASSPHRASE"
"""The environment variable with the passphrase of an encrypted key."""

STANDALONE = "standalone.py"

_LINE = 1 << 20
"""Bytes of a line that are looked at to tell whether it was once an event."""


# seal -----------------------------------------------------------------------------------------------------------------


@click.command("seal", short_help="Make a checkpoint of a journal. / 封印")
@source_argument
@click.option("-o", "--output", metavar="FILE", help="A new file for the checkpoint. / 出力先の新しいファイル。")
@click.option(
    "--key", "key_file", metavar="FILE", help="Private Ed25519 key that signs it: PEM or OpenSSH. / 署名する秘密鍵。"
)
@click.option(
    "--name", "origin", metavar="ORIGIN", help="Which journal it is, such as example.jp/cases. / 記録簿の名。"
)
@click.option("--after", metavar="CHECKPOINT", help="The checkpoint before, which must still hold. / 前の封印。")
@click.option("--ssh-signature", is_flag=True, help="Also FILE.sig, for ssh-keygen -Y verify. / OpenSSH の署名も作る。")
@lang_option(expose=False)
@click.pass_context
def seal_command(
    ctx: click.Context,
    source: str,
    output: str | None,
    key_file: str | None,
    origin: str | None,
    after: str | None,
    ssh_signature: bool,
) -> None:
    """Make a checkpoint: how many events a journal holds and one hash over all of them. Keep it elsewhere.

    記録簿の件数と全体のハッシュ値を、別の場所に保管するための封印として書き出す。

    With --after the journal is sealed only if it still holds what the checkpoint before has sealed; otherwise exit
    status 1. An encrypted key is opened with the passphrase in SHUROFLOW_SEAL_PASSPHRASE. A file that exists is never
    overwritten.
    """
    from shuroflow.errors import Damaged
    from shuroflow.seal import Seal, Signer, seal

    to_file = output not in {None, "-"}
    if ssh_signature and (key_file is None or not to_file):
        raise click.UsageError("--ssh-signature needs --key and -o", ctx)
    passphrase = os.environ.get(PASSPHRASE)
    signer = Signer.read(key_file, passphrase=os.fsencode(passphrase) if passphrase else None) if key_file else None
    previous = Seal.read(after).checkpoint if after else None
    name = origin or (previous.origin if previous else _origin(source))
    if output is not None and to_file:
        _check_new(output, f"{output}.sig" if ssh_signature else None)
    try:
        with _opened(source) as journal, _meter("封印中 {} 件", "sealing {} events") as progress:
            tell_torn(journal)
            made = seal(journal, origin=name, signer=signer, previous=previous, progress=progress)
    except Damaged as error:
        _exit_damaged(ctx, error)
    if output is None or not to_file:
        with writing(None, as_is=True) as out:
            out.write(made.encode().decode())
    else:
        write_new(output, made.encode())
        click.echo(
            say(f"封印 {made.checkpoint.size:,} 件: {output}", f"sealed {made.checkpoint.size:,} events: {output}")
        )
        if signer is not None:
            click.echo(say(f"公開鍵: {signer.public.vkey(name)}", f"public key: {signer.public.vkey(name)}"))
            if ssh_signature:
                write_new(f"{output}.sig", signer.ssh_signature(made.checkpoint.text).encode())
    if signer is None:
        said = say(
            "注意: 署名がありません。--key で署名するか、書き換えられない場所に保管してください",
            "note: not signed; sign with --key, or keep it where nobody can change it",
        )
        click.echo(said, err=True)


# verify ---------------------------------------------------------------------------------------------------------------


@click.command("verify", short_help="Check a journal or a proof against checkpoints. / 検証")
@click.argument("source", metavar="[SOURCE]", required=False)
@click.option(
    "--checkpoint", "checkpoints", metavar="FILE", multiple=True, help="A checkpoint; may be given often. / 封印。"
)
@click.option(
    "--key",
    "key_files",
    metavar="KEY",
    multiple=True,
    help="Public key whose signatures count: a PEM or .pub file, or a verifier key. / 公開鍵。",
)
@click.option("--proof", "proof_file", metavar="FILE", help="Check this proof, with or without the journal. / 証明書。")
@click.option("--name", metavar="ORIGIN", help="The journal that every checkpoint must name. / 記録簿の名。")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--standalone", is_flag=True, help="Write out the verifier that needs Python alone. / 単独の検証プログラム。"
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all. / 出力先のファイル。")
@lang_option()
@click.pass_context
def verify_command(
    ctx: click.Context,
    source: str | None,
    checkpoints: Sequence[str],
    key_files: Sequence[str],
    proof_file: str | None,
    name: str | None,
    form: str,
    standalone: bool,
    output: str | None,
    lang: Lang,
) -> None:
    """Say what checkpoints prove of a journal, and what they do not. Every event is read and hashed anew.

    封印によって記録簿の何が証明され、何が証明されないかを示す。

    A proof counts only with a checkpoint from elsewhere, or with the key that signed its own.
    Exit status: 0 proven, 1 not proven or contradicted, 2 the input or the call cannot be used.
    """
    from importlib import resources

    from shuroflow.audit.report import one_line
    from shuroflow.seal import Seal, read_keys

    if standalone:
        if source or checkpoints or key_files or proof_file or name:
            raise click.UsageError("--standalone goes with -o alone", ctx)
        _check_report(output)
        with writing(output, as_is=True) as out:
            out.write(resources.files("shuroflow.seal").joinpath(STANDALONE).read_text(encoding="utf-8"))
        return
    if proof_file is None and (source is None or not checkpoints):
        raise click.UsageError("SOURCE and --checkpoint are needed, or --proof", ctx)
    _check_report(output)
    seals = [Seal.read(path) for path in checkpoints]
    keys = [key for given in key_files for key in read_keys(given)]
    if proof_file is not None:
        where, verdict = proof_file, _verify_proof(ctx, proof_file, source, seals, keys, name)
    else:
        assert source is not None
        where, verdict = verify_journal(source, seals, keys, name)
    with writing(output, as_is=form == "json") as out:
        if form == "json":
            report = {"source": where, **verdict.to_json(lang)}
            out.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
        else:
            count = say(f": {verdict.events:,} 件", f": {verdict.events:,} events") if proof_file is None else ""
            lines = [say("検証", "Checked") + f" {where}{count}", *verdict.text(lang).split("\n")]
            out.write("".join(f"{one_line(line)}\n" for line in lines))  # a name in a file may hold anything
    ctx.exit(0 if verdict.proven else 1)


def verify_journal(
    source: str, seals: Sequence[Seal], keys: Sequence[PublicKey], name: str | None
) -> tuple[str, Verdict]:
    """The name of the journal, without a password, and the verdict on it."""
    from shuroflow.errors import Damaged
    from shuroflow.seal import unreadable, verify

    try:
        with _opened(source) as journal, _meter("検証中 {} 件", "checking {} events") as progress:
            return str(getattr(journal, "where", source)), verify(
                journal, seals, keys=keys, name=name, progress=progress
            )
    except Damaged as error:  # so badly that it cannot be opened
        return error.where, unreadable(error, seals, keys=keys, name=name)


def _verify_proof(
    ctx: click.Context,
    path: str,
    source: str | None,
    seals: Sequence[Seal],
    keys: Sequence[PublicKey],
    name: str | None,
) -> Verdict:
    from shuroflow.audit import load_plug_ins
    from shuroflow.errors import Damaged, InputError
    from shuroflow.seal import InclusionProof, check_proof, read_proof

    proof = read_proof(path)
    body = None
    if source is not None:
        if not isinstance(proof, InclusionProof):
            raise click.UsageError("a continuation is checked without a journal: leave SOURCE out", ctx)
        try:
            with _opened(source) as journal:
                tell_torn(journal)
                record = next(islice(journal.feed(after=proof.index), 1), None)
        except Damaged as error:
            _exit_damaged(ctx, error)
        if record is None:
            said = f"holds fewer events than the {proof.index + 1} that the proof counts"
            raise InputError(said, file=source.rpartition("@")[2])
        body = record.body
    load_plug_ins()
    return check_proof(proof, seals=seals, body=body, keys=keys, name=name)


# prove ----------------------------------------------------------------------------------------------------------------


@click.command("prove", short_help="Prove that an event is sealed. / 記録の証明書")
@source_argument
@click.argument("case_id", metavar="[CASE", required=False)
@click.argument("seq", metavar="SEQ]", type=click.IntRange(min=1), required=False)
@click.option("--checkpoint", metavar="FILE", required=True, help="The checkpoint it is proven against. / 封印。")
@click.option("--after", metavar="CHECKPOINT", help="Prove that this earlier checkpoint is continued. / 前の封印。")
@click.option(
    "--without-event", is_flag=True, help="Leave the event itself out of the file. / 記録そのものを含めない。"
)
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="A new file for the proof. / 出力先の新しいファイル。"
)
@lang_option(expose=False)
@click.pass_context
def prove_command(
    ctx: click.Context,
    source: str,
    case_id: str | None,
    seq: int | None,
    checkpoint: str,
    after: str | None,
    without_event: bool,
    output: str,
) -> None:
    """Write a file that proves, without the journal, that one event is sealed; or that a checkpoint continues another.

    一つの記録が封印されていること、又は封印が前の封印の続きであることを、記録簿なしで確かめられる証明書を作る。

    The file holds the event, unless --without-event is given. It is checked with: shuroflow verify --proof FILE
    """
    from shuroflow.errors import Damaged
    from shuroflow.seal import Seal, prove, prove_continuation

    if (seq is None) == (after is None):
        raise click.UsageError("either CASE and SEQ, or --after, is needed", ctx)
    sealed = Seal.read(checkpoint)
    earlier = Seal.read(after) if after else None
    _check_new(output)
    made: InclusionProof | ContinuationProof
    try:
        with _opened(source) as journal, _meter("証明書を作成中 {} 件", "proving {} events") as progress:
            tell_torn(journal)
            if earlier is not None:
                made = prove_continuation(journal, earlier, sealed=sealed, progress=progress)
            else:
                assert case_id is not None
                assert seq is not None
                made = prove(journal, case_id, seq, sealed=sealed, carry=not without_event, progress=progress)
    except Damaged as error:
        _exit_damaged(ctx, error)
    write_new(output, made.encode())
    click.echo(say(f"証明書: {output}", f"proof: {output}"))


# What they share ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(source: str) -> Iterator[Journal]:
    from shuroflow.audit import load_plug_ins
    from shuroflow.errors import InputError
    from shuroflow.storage import open_journal

    load_plug_ins()
    if "://" not in source and not _speaks_of_a_case(source):
        raise InputError("is no journal: none of its lines speaks of a case; check the path", file=source)
    with open_journal(source) as journal:
        yield journal


def _speaks_of_a_case(path: str) -> bool:
    """Is there any line that was once an event? Otherwise a damaged journal is no answer: the file never was one.

    An empty file is a journal in which nothing was recorded; whatever else cannot be opened is told by the journal.
    """
    if not os.path.isfile(path) or Path(path).suffix.lower() != ".jsonl":
        return True
    try:
        with open(path, "rb") as file:
            lines = iter(lambda: file.readline(_LINE), b"")
            return os.fstat(file.fileno()).st_size == 0 or any(b'"case_id"' in line for line in lines)
    except OSError:
        return True


@contextlib.contextmanager
def _meter(ja: str, en: str) -> Iterator[Meter]:
    meter = Meter(hidden=False, ja=ja, en=en)
    try:
        yield meter
    finally:
        meter.clear()


def _exit_damaged(ctx: click.Context, error: Damaged) -> NoReturn:
    """The journal contradicts what was sealed, or itself: that is an answer, not a call that cannot be used."""
    from shuroflow.audit.report import error_text

    warn(error_text(error, lang=language()), lang=language())
    ctx.exit(1)


def _origin(source: str) -> str:
    """A name for a journal that was given none: that of its file or database."""
    from urllib.parse import urlsplit

    path = urlsplit(source).path if "://" in source else source
    name = re.sub(r"[\s+\x00-\x1f\ud800-\udfff]", "-", Path(path).name)
    return f"shuroflow/{name or 'journal'}"


def _check_report(output: str | None) -> None:
    """Refuse to write a report over what is read, or over any other seal, proof or key."""
    check_output(output)
    if output is not None and os.path.isfile(output) and _is_evidence(output):
        said = say(
            f"{output} は封印、証明書又は鍵です", f"{output} is a checkpoint, a proof or a key: name another file"
        )
        raise click.BadParameter(said, param_hint="-o")


def _is_evidence(path: str) -> bool:
    from shuroflow.errors import ShuroflowError
    from shuroflow.seal import Seal, read_keys, read_proof

    with contextlib.suppress(OSError), open(path, "rb") as file:
        if b"-----BEGIN " in file.read(1_000_000):
            return True
    for read in (Seal.read, read_proof, lambda given: list(read_keys(given))):
        with contextlib.suppress(ShuroflowError):
            read(path)
            return True
    return False


def _check_new(*paths: str | None) -> None:
    """Tell what cannot become a new file, before the long way."""
    for path in paths:
        if path is not None:
            if os.path.lexists(path):
                said = say(f"{path} は既にあります。上書きしません", f"{path} exists already and is not overwritten")
                raise click.BadParameter(said, param_hint="-o")
            if Path(path).suffix.lower() == ".jsonl":
                said = say(f"{path} は記録簿の名前です", f"{path} is named like a journal: name another file")
                raise click.BadParameter(said, param_hint="-o")


__all__ = ["prove_command", "seal_command", "verify_command", "verify_journal"]
