"""Check a journal of shuroflow against a checkpoint, with Python alone: this one file needs nothing else.

    python standalone.py JOURNAL --checkpoint FILE ... [--key KEY ...] [--name ORIGIN] [--lang ja|en]

JOURNAL is a .jsonl file or an SQLite database; it is only read. KEY is a public Ed25519 key: a PEM file (openssl), a
.pub file (ssh-keygen), or a verifier key (name+id+key). What is done, so that it can be read below and done again:

1. Every event is hashed as it is stored: SHA-256 over a zero byte and its bytes.
2. The hashes are put together to the Merkle tree of RFC 9162. Its root over the first N events must be that of the
   checkpoint: then these N events are what was sealed, each of them, in this order, and none is missing.
3. The signature under the checkpoint is verified (Ed25519, RFC 8032).
4. Each event must be the next one of its case and name the hash of the one before it. Events after the checkpoint are
   only chained like this: whoever can write the journal can make them anew.

Exit status: 0 proven, 1 not proven, 2 the call or a file cannot be used. Written apart from the rest of shuroflow.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

LINK = "rfc6962:"
COLUMNS = {
    "case_id": "case_id",
    "seq": "seq",
    "programme": "programme",
    "kind": "event",
    "occurred_on": "occurred_on",
    "recorded_at": "recorded_at",
    "key": "key",
}
"""Columns of the SQL table, and the field of the event that each repeats for plain SQL."""


PEM = r"-----BEGIN PUBLIC KEY-----\s"
Key = tuple[Any, bytes]  # its name, or None where it is not known, and its 32 bytes


class Unusable(Exception):
    """The call or a file cannot be used."""


class Bad(Exception):
    """A record that no journal wrote."""


# Ed25519 (RFC 8032), verification only --------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]  # x, y, z, t with x/z, y/z on the curve and t = xy/z


def _add(a: Point, b: Point) -> Point:
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = _add(total, point)
        point = _add(point, point)
        n >>= 1
    return total


def _point(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Is this the signature of the message by the holder of the key?"""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or BASE is None:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = _times(s, BASE), _add(r, _times(k, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


# The checkpoint and the keys ------------------------------------------------------------------------------------------


class Checkpoint:
    """The three lines and the signatures of a checkpoint file."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            with open(path, "rb") as file:
                whole = file.read(1_000_001).decode()
            text, empty, below = whole.rpartition("\n\n")
            self.text = text + "\n" if empty else whole
            lines = self.text.split("\n")
            self.origin, self.size, self.root = lines[0], int(lines[1]), decode64(lines[2])
            strict = re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]) and len(self.root) == 32 and len(whole) <= 1_000_000
            if not strict or not all(lines[:-1]) or not whole.endswith("\n") or min(whole.replace("\n", " ")) < " ":
                raise ValueError
            self.signatures = [self._signature(line) for line in below.split("\n")[:-1]] if empty else []
        except (ValueError, IndexError):
            raise Unusable(f"{path}: no checkpoint (origin, number of events, root in base64)") from None

    @staticmethod
    def _signature(line: str) -> tuple[str, bytes, bytes]:
        dash, name, encoded = line.split(" ")
        raw = decode64(encoded)
        if dash != "\u2014" or not name or "+" in name or len(name.split()) != 1 or len(raw) < 5:
            raise ValueError
        return name, raw[:4], raw[4:]


def decode64(text: str) -> bytes:
    """The bytes of base64 as it is written: there is one way only."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError
    return raw


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that stand before each signature of a key."""
    return hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]


def read_keys(given: str) -> list[Key]:
    """The public keys in a file (PEM blocks, or one on each line), or the verifier key itself."""
    try:
        text = Path(given).read_text(encoding="utf-8") if Path(given).is_file() else given
        pem = re.findall(f"{PEM}.*?-----END PUBLIC KEY-----", text, re.DOTALL)
        rest = re.sub(f"{PEM}.*?-----END PUBLIC KEY-----", "", text, flags=re.DOTALL).splitlines()
        lines = [line.strip() for line in rest if line.strip()[:1] not in ("", "#")]
        if pem:  # remarks of openssl may stand between
            lines = [line for line in lines if re.match(r"ssh-|-----|[^+\s]+\+[0-9a-f]{8}\+\S+$", line)]
        if pem + lines:
            return [read_key(each) for each in pem + lines]
    except (ValueError, IndexError):
        pass
    raise Unusable(f"{given}: no public Ed25519 key (PEM, OpenSSH or verifier key)")


def read_key(text: str) -> Key:
    """The name (if it is known) and the 32 bytes of a public key."""
    if re.match(PEM, text):
        der = base64.b64decode("".join(text.split("-----")[2].split()), validate=True)
        if der[:12].hex() == "302a300506032b6570032100" and len(der) == 44:
            return None, der[12:]
    elif text.startswith("ssh-ed25519 "):
        blob = base64.b64decode(text.split()[1], validate=True)
        if blob[:19] == b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" and len(blob) == 51:
            return None, blob[19:]
    elif text.count("+") >= 2:
        name, number, encoded = text.split("+", 2)
        raw = decode64(encoded)
        if raw[:1] == b"\x01" and len(raw) == 33 and key_id(name, raw[1:]).hex() == number:
            return name, raw[1:]
    raise ValueError


# The journal ----------------------------------------------------------------------------------------------------------


def read(path: str, out: Report) -> Iterator[tuple[str, bytes]]:
    """Where each event of a journal stands, and its bytes, in the order in which they were recorded."""
    with open(path, "rb") as file:
        database = file.read(16) == b"SQLite format 3\0"
    return read_rows(path) if database else read_lines(path, out)


def read_lines(path: str, out: Report) -> Iterator[tuple[str, bytes]]:
    """Where each event of a .jsonl file stands, and its bytes; a torn end was never part of the journal."""
    held: list[tuple[str, bytes]] = []
    left = 0
    with open(path, "rb") as file:
        for number, raw in enumerate(file, 1):
            line = raw[3:] if number == 1 and raw.startswith(b"\xef\xbb\xbf") else raw
            where = f"{path}:{number}"
            if not line.endswith(b"\n"):
                break
            body = line[: -2 if line.endswith(b"\r\n") else -1]
            count = 1
            if found := re.match(rb'\{"batch":([0-9]{1,15}),', body):
                count, body = int(found[1]), b"{" + body[found.end() :]
                if count < 2:
                    yield from held
                    raise Bad(f"{where}: batch {count}")
            if left and count != left - 1:
                yield from held
                raise Bad(f"{where}: an append of several events breaks off before this line")
            left = count
            held.append((where, body))
            if count == 1:
                yield from held
                held, left = [], 0
        else:
            line = b"\n"
    if held or not line.endswith(b"\n"):
        start = held[0][0] if held else where
        en = f"No part of the journal: what stands from {start} on, which no append completed"
        out.say(f"記録ではない: {start} からの書き終えられていない末尾", en)


def read_rows(path: str) -> Iterator[tuple[str, bytes]]:
    """Where each event of an SQLite database stands, and its bytes; the columns beside it must repeat it."""
    address = f"{Path(path).resolve().as_uri()}?mode=ro"
    with open(path, "rb") as file:
        logged = file.read(19)[18:] == b"\x02"
    if logged and not os.path.exists(path + "-wal"):  # nobody has it open: without this, SQLite would write files here
        address += "&immutable=1"
    try:
        db = sqlite3.connect(address, uri=True)
        names = [row[1] for row in db.execute("PRAGMA table_info(shuroflow_event)")]
    except sqlite3.Error as error:
        raise Unusable(f"{path}: {error}") from None
    if not {"position", "body", "case_id", "seq"} <= set(names):
        raise Unusable(f"{path}: holds no journal")
    shown = [name for name in COLUMNS if name in names]
    try:
        columns = ", ".join(f'"{name}"' for name in shown)
        rows = db.execute(f"SELECT position, CAST(body AS BLOB), {columns} FROM shuroflow_event ORDER BY position")
        for number, (position, body, *values) in enumerate(rows, 1):
            where = f"{path}: position {position}"
            if position != number:
                raise Bad(f"{where}: position {number} is missing")
            event = parse(where, body)
            for name, value in zip(shown, values):  # noqa: B905 - runs on Python 3.9
                said = event.get(COLUMNS[name])
                if value != (moment(said) if name == "recorded_at" else said):
                    raise Bad(f"{where}: the column {name} says {value!r}, the event {said!r}")
            yield where, body
    except sqlite3.Error as error:
        raise Bad(f"{path}: {error}") from None
    finally:
        db.close()


def moment(text: Any) -> Any:
    """A moment as the column has it: the event may also write Z, or more than six digits of a second."""
    found = re.fullmatch(r"(.{19})(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})", text) if isinstance(text, str) else None
    if found is None:
        return text
    micros = (int(((found[2] or ".")[1:] + "0" * 7)[:7]) + 5) // 10  # the seventh digit is rounded
    try:
        whole = datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00"))
        return (whole + timedelta(microseconds=micros)).isoformat()
    except (ValueError, OverflowError):
        return text


def parse(where: str, body: bytes) -> dict[str, Any]:
    """The event, as far as the chain needs it."""
    try:
        event = json.loads(body.decode())
        if isinstance(event["case_id"], str) and type(event["seq"]) is int:
            return event  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise Bad(f"{where}: this is no event")


# The check ------------------------------------------------------------------------------------------------------------


def leaf(body: bytes) -> bytes:
    """The hash of an event."""
    return hashlib.sha256(b"\x00" + body).digest()


def join(nodes: list[bytes]) -> bytes:
    """The root over the complete subtrees, the largest first."""
    root = nodes[-1] if nodes else hashlib.sha256(b"").digest()
    for node in reversed(nodes[:-1]):
        root = hashlib.sha256(b"\x01" + node + root).digest()
    return root


class Report:
    """What is found, line by line, in one of two languages."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.failed = False

    def say(self, ja: str, en: str) -> None:
        """Something that holds, or that is only told."""
        text = ja if self.lang == "ja" else en
        print("".join(char if char.isprintable() else "?" for char in text))  # a name in a file may hold anything

    def fail(self, ja: str, en: str) -> None:
        """Something that contradicts the checkpoint."""
        self.failed = True
        self.say(f"不一致: {ja}", f"CONTRADICTED: {en}")


Found = tuple[dict[int, bytes], int, int]  # root at each size asked for; events; of the last ones, how many not chained


def walk(journal: str, wanted: set[int], out: Report) -> Found:
    """Go through the journal once, from its first event to its end or to what cannot be read."""
    nodes: list[bytes] = []
    size = unlinked = 0
    last: dict[str, tuple[int, bytes]] = {}
    roots = {0: join([])}
    try:
        for where, body in read(journal, out):
            event = parse(where, body)
            found = leaf(body)
            seq, before = last.get(event["case_id"], (0, b""))
            last[event["case_id"]] = event["seq"], found
            prev = event.get("prev")
            if event["seq"] != seq + 1:
                en = f"{where}: event {event['seq']} of case {event['case_id']} stands where {seq + 1} belongs"
                out.fail(f"{where}: ケース {event['case_id']} の記録 {seq + 1} の所に {event['seq']} がある", en)
            elif isinstance(prev, str) and prev.startswith(LINK):
                if prev != LINK + before.hex():
                    en = f"{where}: event {event['seq']} of case {event['case_id']} does not link to the one before it"
                    out.fail(f"{where}: ケース {event['case_id']} の記録 {event['seq']} が前の記録とつながらない", en)
            elif seq and size >= max(wanted):
                unlinked += 1
            bits = size
            while bits & 1:
                found = hashlib.sha256(b"\x01" + nodes.pop() + found).digest()
                bits >>= 1
            nodes.append(found)
            size += 1
            if size in wanted:
                roots[size] = join(nodes)
    except Bad as error:
        out.fail(f"{size + 1} 件目が読めない: {error}", f"event number {size + 1} cannot be read: {error}")
    return roots, size, unlinked


def check(journal: str, checkpoints: list[Checkpoint], keys: list[Key], out: Report, named: str = "") -> bool:
    """Go through the journal, then say what the checkpoints prove."""
    roots, size, unlinked = walk(journal, {each.size for each in checkpoints}, out)
    sealed = 0
    for each in sorted(checkpoints, key=lambda one: one.size):
        if each.size > size:
            en = f"{each.path} sealed {each.size} events, {size} can be read: the end was cut off, set back or damaged"
            out.fail(f"{each.path} は {each.size} 件を封印、読めるのは {size} 件: 切取り、巻戻し又は破損", en)
        elif roots[each.size] != each.root:
            en = f"the first {each.size} events are not those that {each.path} sealed (after event {sealed})"
            out.fail(f"最初の {each.size} 件は {each.path} の封印と異なる({sealed} 件目より後)", en)
        else:
            sealed = each.size
            en = f"Proven: the first {sealed} events are exactly those that {each.path} sealed"
            out.say(f"証明: 最初の {sealed} 件は {each.path} が封印した記録と同じ", en)
        check_origin(each, named, named or checkpoints[0].origin, out)
        check_signatures(each, keys, out)
    if size > sealed:
        en = f"Not proven: events {sealed + 1} to {size}, which no checkpoint that holds has sealed (only chained)"
        out.say(f"証明の外: {sealed + 1} 件目から {size} 件目まで(封印がなく、鎖のみ)", en)
        if unlinked:
            out.say(f"  うち鎖のない記録 {unlinked} 件", f"  of them not chained: {unlinked}")
    elif not out.failed:
        en = f"Not proven: whether events were recorded after event {size} and removed again"
        out.say(f"証明の外: {size} 件目の後に記録が作られ、取り除かれたかどうか", en)
    ja, en = (
        ("証明されない", "not proven") if out.failed else ("上記の範囲で証明された", "proven, as far as said above")
    )
    out.say(f"結果: {ja}", f"Result: {en}")
    return not out.failed


def check_origin(one: Checkpoint, named: str, expected: str, out: Report) -> None:
    """Of which journal a checkpoint says it is."""
    if one.origin != expected:
        en = f"{one.path} is of the journal {one.origin}, not of {expected}"
        out.fail(f"{one.path} は記録簿 {one.origin} のもので、{expected} のものではない", en)
    elif named:
        out.say(f"証明: {one.path} は記録簿 {named} のもの", f"Proven: {one.path} names the journal {named}")
    else:
        en = f"Not checked: {one.path} says that it is of the journal {one.origin} (--name)"
        out.say(f"未確認: {one.path} は記録簿 {one.origin} のものと称する(--name)", en)


def check_signatures(one: Checkpoint, keys: list[Key], out: Report) -> None:
    """Whose signatures a checkpoint has."""
    if not keys:
        en = f"Not checked: the signatures of {one.path}, for no key was given"
        out.say(f"未確認: {one.path} の署名(鍵の指定なし)", en)
        return
    known, names = False, []
    for name, number, signature in one.signatures:
        for expected, public in keys:
            if expected in (None, name) and key_id(name, public) == number:
                known = True
                if ed25519_holds(public, one.text.encode(), signature):
                    en = f"Proven: {one.path} is signed by {name}+{number.hex()}"
                    names.append(name)
                    out.say(f"証明: {one.path} は {name}+{number.hex()} の署名がある", en)
                else:
                    en = f"{one.path}: the signature by {name}+{number.hex()} does not hold"
                    out.fail(f"{one.path}: {name}+{number.hex()} の署名が正しくない", en)
    if names and one.origin not in names:
        en = f"{one.path} says that it is of {one.origin}, but is signed under the name {names[0]}"
        out.fail(f"{one.path} は {one.origin} のものと称するが、署名の名は {names[0]}", en)
    if not known:
        en = f"{one.path} has no signature by a given key"
        out.fail(f"{one.path} に、指定された鍵の署名がない", en)


def main(arguments: list[str] | None = None) -> int:
    """The program; its exit status."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n", 1)[0], epilog="Exit status: 0 proven, 1 not, 2 unusable."
    )
    parser.add_argument("journal", metavar="JOURNAL")
    parser.add_argument("--checkpoint", metavar="FILE", action="append", required=True)
    parser.add_argument("--key", metavar="KEY", action="append", default=[])
    parser.add_argument("--name", metavar="ORIGIN", default="")
    parser.add_argument("--lang", choices=["ja", "en"], default="ja")
    given = parser.parse_args(arguments)
    journal = given.journal[len("sqlite:///") :] if given.journal.startswith("sqlite:///") else given.journal
    try:
        with open(journal, "rb"):
            pass
        checkpoints = [Checkpoint(path) for path in given.checkpoint]
        keys = [key for each in given.key for key in read_keys(each)]
        return 0 if check(journal, checkpoints, keys, Report(given.lang), given.name) else 1
    except (Unusable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a console without these characters
    sys.exit(main())
