"""The verifier in one file: alone in its folder it says the same as the library, of JSON Lines and of SQLite."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.seal import Seal, seal, standalone, verify
from shuroflow.storage import decode, open_journal
from shuroflow.storage.journal import Record
from shuroflow.verification.journals.events import example, examples
from tests.seal.alone import SOURCE, check, written
from tests.seal.journals import (
    ORIGIN,
    OTHER,
    SIGNER,
    STORES,
    Given,
    bodies,
    edited,
    file_of,
    in_sqlite,
    made,
    overwrite,
    records,
    relinked,
    sealed,
)

# Alone ----------------------------------------------------------------------------------------------------------------


def test_it_needs_the_standard_library_alone() -> None:
    """Every import is of a module that comes with Python, wherever in the file it stands."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 9))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }

    assert names <= set(sys.stdlib_module_names)
    assert 500 > len(SOURCE.read_text(encoding="utf-8").splitlines())
    assert SOURCE.read_bytes() == resources.files("shuroflow.seal").joinpath("standalone.py").read_bytes()


@pytest.mark.parametrize("store", STORES)
def test_it_runs_by_itself(store: str, tmp_path: Path) -> None:
    """Copied into an empty folder, without the package and without anybody's packages; in Japanese by default."""
    source = made(store, tmp_path)
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    (alone / "check.py").write_bytes(SOURCE.read_bytes())
    (alone / "key.pem").write_text(SIGNER.public.pem())
    written(alone, sealed(source, signer=SIGNER), "c")

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "check.py", source, "--checkpoint", "c", *more]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(
            command, cwd=alone, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=60
        )

    good = run("--key", "key.pem")
    assert (0, "") == (good.returncode, good.stderr)
    assert "証明: 最初の 9 件は c が封印した記録と同じ" in good.stdout
    assert "結果: 上記の範囲で証明された\n" in good.stdout
    bad = run("--key", OTHER.public.vkey(ORIGIN))
    assert (1, "") == (bad.returncode, bad.stderr)
    assert "不一致: c に、指定された鍵の署名がない" in bad.stdout


# What it says ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
def test_proven_and_not_proven(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The events sealed, the window after the checkpoint, the signature."""
    source = made(store, tmp_path)
    file = written(tmp_path, sealed(source, signer=SIGNER))
    with open_journal(source) as journal:
        journal.append("A-1", [example("A-1", 4)], expected=3)
        journal.append("D-1", examples("D-1", 3), expected=0)
    status, said = check(capsys, str(file_of(source)), "--checkpoint", file, "--key", SIGNER.public.vkey(ORIGIN))

    assert 0 == status
    assert [
        f"Proven: the first 9 events are exactly those that {file} sealed",
        f"Not checked: {file} says that it is of the journal {ORIGIN} (--name)",
        f"Proven: {file} is signed by {ORIGIN}+{SIGNER.public.key_id(ORIGIN).hex()}",
        "Not proven: events 10 to 13, which no checkpoint that holds has sealed (only chained)",
        "Result: proven, as far as said above",
    ] == said.splitlines()


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("form", ["pem", "openssh", "vkey", "vkey in a file"])
def test_keys_in_every_form(store: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """PEM, OpenSSH, verifier key; a signature that does not hold is told."""
    source = made(store, tmp_path)
    one = sealed(source, signer=SIGNER)
    public, key = SIGNER.public, tmp_path / "key"
    key.write_text({"pem": public.pem(), "openssh": public.openssh() + " me\n"}.get(form, public.vkey(ORIGIN) + "\n"))
    given = public.vkey(ORIGIN) if form == "vkey" else str(key)

    assert 0 == check(capsys, source, "--checkpoint", written(tmp_path, one), "--key", given)[0]
    forged = one.encode().replace(b"\n9\n", b"\n8\n")
    (tmp_path / "forged").write_bytes(forged)
    status, said = check(capsys, source, "--checkpoint", str(tmp_path / "forged"), "--key", given)
    assert 1 == status
    assert "does not hold" in said


@pytest.mark.parametrize("store", STORES)
def test_a_changed_journal(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Edited, cut off, an order or a link broken: each is told with its place."""
    source = made(store, tmp_path)
    whole, file = bodies(source), written(tmp_path, sealed(source))
    changes = {
        "are not those that": relinked([edited(whole[0], note="else"), *whole[1:]]),
        "does not link to the one before it": [edited(whole[0], note="else"), *whole[1:]],
        "stands where 2 belongs": [whole[0], *whole[2:]],
        "sealed 9 events, 8 can be read": whole[:-1],
        "event number 2 cannot be read": [whole[0], edited(whole[1], seq="two"), *whole[2:]],
    }
    for said, new in changes.items():
        overwrite(source, new)
        status, text = check(capsys, source, "--checkpoint", file)
        assert 1 == status
        assert said in text
        assert text.endswith("Result: not proven\n")


def test_an_earlier_checkpoint_tells_from_where_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last one that holds is named by its number of events."""
    source = made("jsonl", tmp_path)
    whole = bodies(source)
    file = written(tmp_path, sealed(source))
    overwrite(source, whole[:4])
    early = written(tmp_path, sealed(source), "early")
    overwrite(source, relinked([*whole[:6], edited(whole[6], note="else"), *whole[7:]]))
    status, said = check(capsys, source, "--checkpoint", file, "--checkpoint", early)

    assert 1 == status
    assert f"Proven: the first 4 events are exactly those that {early} sealed" in said
    assert f"the first 9 events are not those that {file} sealed (after event 4)" in said


def test_appends_of_several_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The count that a file keeps of them is no part of the event; it must be in order."""
    path = tmp_path / "cases.jsonl"
    with open_journal(str(path), create=True) as journal:
        journal.append("A-1", examples("A-1", 3), expected=0)
        file = written(tmp_path, seal(journal, origin=ORIGIN))
    lines = path.read_bytes().splitlines(keepends=True)
    assert [b'{"batch":3,"case_id"', b'{"batch":2,"case_id"'] == [line[:20] for line in lines[:2]]
    assert lines[2].startswith(b'{"case_id"')

    assert 0 == check(capsys, str(path), "--checkpoint", file)[0]
    for wrong, said in (
        (lines[0].replace(b":3,", b":1,", 1) + lines[1] + lines[2], "batch 1"),
        (lines[0].replace(b":3,", b":9,", 1) + lines[1] + lines[2], "breaks off"),
        (lines[0] + lines[1], "sealed 3 events, 0 can be read"),
        (lines[0].replace(b":3,", b":" + b"3" * 5000 + b",", 1) + lines[1] + lines[2], "cannot be read"),
    ):
        path.write_bytes(wrong)
        status, text = check(capsys, str(path), "--checkpoint", file)
        assert 1 == status
        assert said in text


def test_the_torn_end_of_a_file_is_no_part_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It was never acknowledged; a byte order mark at the start is passed over."""
    source = made("jsonl", tmp_path)
    file, path = written(tmp_path, sealed(source)), Path(source)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b'{"case_id":"A-1"')

    assert 0 == check(capsys, source, "--checkpoint", file)[0]
    assert "No part of the journal" in check(capsys, source, "--checkpoint", file)[1]
    with open_journal(source) as journal:
        assert verify(journal, [Seal.read(file)]).proven
    path.write_bytes(path.read_bytes() + b'\n{"case_id"')
    assert "event number 10 cannot be read" in check(capsys, source, "--checkpoint", file)[1]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("case_id", "X-1"),
        ("seq", 9),
        ("programme", "tsushima"),
        ("kind", "selected"),
        ("occurred_on", "2025-04-04"),
        ("recorded_at", "2025-04-03T15:04:06+09:00"),
        ("key", "k"),
    ],
)
def test_columns_that_contradict_the_event(
    column: str, value: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What plain SQL shows must be what was sealed."""
    source = made("sqlite", tmp_path)
    file = written(tmp_path, sealed(source))
    in_sqlite(source, lambda db: db.execute(f"UPDATE shuroflow_event SET {column} = ? WHERE position = 3", (value,)))
    status, said = check(capsys, source, "--checkpoint", file)

    assert 1 == status
    assert f"position 3: the column {column} says {value!r}, the event " in said


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM shuroflow_event WHERE position = 4", "position 4 is missing"),
        ("UPDATE shuroflow_event SET body = x'ff' WHERE position = 4", "this is no event"),
        ("UPDATE shuroflow_event SET body = CAST(x'ff' AS TEXT) WHERE position = 4", "this is no event"),
        ("UPDATE shuroflow_event SET body = '[]' WHERE position = 4", "this is no event"),
        ("UPDATE shuroflow_event SET key = CAST(x'ff' AS TEXT) WHERE position = 4", "decode"),
    ],
)
def test_rows_that_no_journal_wrote(
    statement: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it stands is told."""
    source = made("sqlite", tmp_path)
    file = written(tmp_path, sealed(source))
    in_sqlite(source, lambda db: db.execute(statement))
    status, text = check(capsys, source, "--checkpoint", file)

    assert 1 == status
    assert "event number 4 cannot be read" in text
    assert said in text


def test_a_database_is_only_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No file appears beside it, and it may be in use by a journal; what that wrote last is seen."""
    source = made("sqlite", tmp_path)
    file = written(tmp_path, sealed(source))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert 0 == check(capsys, source, "--checkpoint", file)[0]
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with open_journal(source) as journal:
        journal.append("A-1", [example("A-1", 4)], expected=3)
        assert "events 10 to 10" in check(capsys, source, "--checkpoint", file)[1]


def test_events_without_a_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After the checkpoint they are counted."""
    source = made("jsonl", tmp_path)
    whole = [json.loads(body) for body in bodies(source)]
    bare = [
        edited(json.dumps({name: part for name, part in each.items() if name != "prev"}).encode()) for each in whole
    ]
    overwrite(source, bare[:4])
    file = written(tmp_path, sealed(source))
    overwrite(source, bare)

    assert "  of them not chained: 4" in check(capsys, source, "--checkpoint", file)[1].splitlines()


def test_lines_of_other_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The leaf is the line as it stands, with its blanks and its order of keys; its end is none of it."""
    path = tmp_path / "cases.jsonl"
    line = (
        b'{"schema": 1, "case_id": "A", "seq": 1, "programme": "saitama", "event": "listed", '
        b'"occurred_on": "2025-04-03", "recorded_at": "2025-04-03T15:04:05Z", '
        b'"recorded_by": {"id": "c", "role": "caseworker"}, "data": {}}'
    )
    path.write_bytes(line + b"\r\n")
    file = written(tmp_path, sealed(str(path)))

    for same in (line + b"\r\n", line + b"\n"):
        path.write_bytes(same)
        assert 0 == check(capsys, str(path), "--checkpoint", file)[0]
    path.write_bytes(line.replace(b'"A"', b' "A"') + b"\n")
    assert 1 == check(capsys, str(path), "--checkpoint", file)[0]


def test_names_that_a_terminal_would_obey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are not printed as they are."""
    source = made("jsonl", tmp_path)
    overwrite(source, [edited(body, case_id="A\x9b31m") for body in bodies(source)[1:2]])
    with open_journal(made("jsonl", tmp_path, name="else")) as journal:
        file = written(tmp_path, seal(journal, origin=ORIGIN))
    said = check(capsys, source, "--checkpoint", file)[1]

    assert "event 2 of case A?31m stands where 1 belongs" in said


def test_the_origin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told, compared with a name, among the checkpoints and with the name of the signature."""
    source = made("jsonl", tmp_path)
    one = sealed(source, signer=SIGNER)
    file, key = written(tmp_path, one), SIGNER.public.pem()
    (tmp_path / "key").write_text(key)
    with open_journal(source) as journal:
        other = written(tmp_path, seal(journal, origin="example.jp/others"), "other")
    stray = Seal(one.checkpoint, (SIGNER.sign(one.checkpoint.text, name="example.jp/others"),))
    strange = written(tmp_path, stray, "stray")

    assert 0 == check(capsys, source, "--checkpoint", file, "--name", ORIGIN)[0]
    assert 1 == check(capsys, source, "--checkpoint", file, "--name", "example.jp/others")[0]
    assert 1 == check(capsys, source, "--checkpoint", file, "--checkpoint", other)[0]
    status, said = check(capsys, source, "--checkpoint", strange, "--key", str(tmp_path / "key"))
    assert (1, True) == (status, "is signed under the name example.jp/others" in said)


@pytest.mark.parametrize(
    "text", ["2025-04-03T15:04:05Z", "2025-04-03T15:04:05.1234567+09:00", "2025-04-03T15:04:05.5+09:00"]
)
def test_moments_as_other_tools_write_them(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The column has the moment as Python writes it; that is no contradiction."""
    source = made("sqlite", tmp_path, cases=("A-1",), rounds=2)
    new = relinked([edited(body, recorded_at=text) for body in bodies(source)])
    moments = [decode(body).recorded_at.isoformat() for body in new]
    overwrite(source, new)
    in_sqlite(source, lambda db: db.execute("UPDATE shuroflow_event SET recorded_at = ?", moments[:1]))

    assert 0 == check(capsys, source, "--checkpoint", written(tmp_path, sealed(source)))[0]


@given(st.data())
def test_both_verifiers_agree(data: st.DataObject) -> None:
    """Whatever is deleted, doubled, moved or edited, in what is sealed or after it, both give the same answer."""
    size = data.draw(st.integers(0, 9), "sealed")
    one = seal(Given(records()[:size]), origin=ORIGIN)
    new = [record.body for record in records()]
    for _ in range(data.draw(st.integers(0, 2), "changes")):
        if not new:
            break
        at, to = data.draw(st.integers(0, len(new) - 1)), data.draw(st.integers(0, len(new) - 1))
        match data.draw(st.sampled_from(["delete", "double", "move", "edit", "relink", "cut"])):
            case "delete":
                del new[at]
            case "double":
                new.insert(to, new[at])
            case "move":
                new.insert(to, new.pop(at))
            case "edit":
                new[at] = edited(new[at], note="else")
            case "relink":
                new = relinked(new)
            case "cut":
                del new[at:]
    verdict = verify(Given([Record(number, body, decode(body)) for number, body in enumerate(new, 1)]), [one])
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path, file = Path(folder, "cases.jsonl"), Path(folder, "checkpoint")
        path.write_bytes(b"".join(body + b"\n" for body in new))
        file.write_bytes(one.encode())
        status = standalone.main([str(path), "--checkpoint", str(file)])

    assert verdict.proven == (status == 0)
