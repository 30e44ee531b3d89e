"""What a report says of how it was made: the same conditions give the same hashes, and any change shows."""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from hashlib import sha256
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import attrs
import pytest

from shuroflow.audit import Receipt, audit
from shuroflow.audit import code as hashing
from shuroflow.audit.code import code_sha256
from shuroflow.audit.receipt import Input, office_sha256, rules_sha256
from shuroflow.states import Office, programme
from shuroflow.states.judgement import Named, Seen, Wording
from shuroflow.states.rule_table import RuleTable
from shuroflow.storage import encode, open_journal
from shuroflow.verification.mutants import Scope
from shuroflow.vocabulary import State
from tests.audit.records import interleaved, story
from tests.cli.calls import call

AS_OF = date(2026, 11, 21)


def inputs(*sources: str | Path) -> list[Input]:
    """What an audit says that it read."""
    receipt = Receipt(as_of=AS_OF)
    list(audit(sources, as_of=AS_OF, read=receipt.inputs.append))
    return receipt.inputs


def test_a_file_is_hashed_as_it_stands(tmp_path: Path) -> None:
    """Every byte counts, damage included, and the hash is the one that public tools tell."""
    file = interleaved(tmp_path / "a.jsonl", story("S01"), story("S02"))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes() + b"nonsense")
    content = file.read_bytes()
    assert [Input(str(file), len(content), content.count(b"\n") + 1, sha256(content).hexdigest())] == inputs(file)


def test_a_database_is_hashed_case_by_case(tmp_path: Path) -> None:
    """The events as they are stored, in the order of the audit."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with open_journal(url, create=True) as journal:
        for name in ("S01", "S02"):
            journal.append(name, story(name), expected=0)
        stored = b"".join(encode(event) + b"\n" for event in journal.scan())
    assert [Input(url, len(stored), stored.count(b"\n"), sha256(stored).hexdigest())] == inputs(url)


def test_every_source_is_told(tmp_path: Path) -> None:
    """In the order in which they were read, also by workers."""
    files = [interleaved(tmp_path / f"{name}.jsonl", story(name)) for name in ("S01", "S02", "S08")]
    assert [str(file) for file in files] == [each.source for each in inputs(tmp_path)]


def test_the_hash_of_the_rules_hangs_on_nothing_else() -> None:
    """It is the same in another process, and each text has its own."""
    code = "from shuroflow.audit.receipt import rules_sha256 as h; from shuroflow.states import programme as p; "
    code += "print(h(p('saitama').current), h(p('tsushima').current))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert told == [rules_sha256(programme(name).current) for name in ("saitama", "tsushima")]
    assert told[0] != told[1]


@pytest.mark.parametrize("code", ["saitama", "tsushima"])
def test_the_hash_of_the_rules_counts_every_function_of_theirs(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Whatever a guard or a fold calls, in whichever module it stands: its file is read for the hash."""
    read: set[str] = set()

    def content(file: Traversable) -> bytes:
        read.add(str(file))
        return file.read_bytes()

    monkeypatch.setattr(hashing, "_content", content)
    monkeypatch.setattr(hashing, "_of_module", hashing._of_module.__wrapped__)
    rules_sha256.__wrapped__(programme(code).current)
    functions = {part.name: part.function.__code__.co_filename for part in Scope(programme(code)).parts}
    assert [] == [name for name, file in functions.items() if file not in read]
    assert {f"{code}.folds", f"{code}.case"} <= {".".join(name.split(".")[:2]) for name in functions}


def test_a_changed_rule_changes_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its wording, its weight, a guard that is gone, the day from which it holds."""
    edition = programme("saitama").current
    told = {rules_sha256(edition)}
    rule = edition.table.rules["consent_to_both"]
    for changed in (attrs.evolve(rule, blocks=False), attrs.evolve(rule, says=Wording(ja="別", en="other"))):
        table = attrs.evolve(edition.table, rules={**edition.table.rules, "consent_to_both": changed})
        assert isinstance(table, RuleTable)
        monkeypatch.setattr(edition, "table", table)
        told.add(rules_sha256.__wrapped__(edition))
        monkeypatch.undo()
    monkeypatch.setattr(edition, "rows", edition.rows[1:])
    told.add(rules_sha256.__wrapped__(edition))
    monkeypatch.undo()
    monkeypatch.setattr(edition, "in_force_from", date(2021, 4, 2))
    told.add(rules_sha256.__wrapped__(edition))
    assert 5 == len(told)


def _settle(case: Any, as_of: date, office: Office) -> Iterator[tuple[str, int, Seen]]:
    """Settles nothing."""
    return iter(())


def _always(case: Any, event: Any) -> bool:
    """A choice that is no choice."""
    return True


def test_what_is_changed_as_data_changes_the_hash() -> None:
    """Ladder, moves by a day, what settles and begins a case, when a row is chosen, names of events and states."""
    edition = programme("tsushima").current
    rows, table = edition.rows, edition.table
    (event, words), *_ = table.events.items()
    others = [
        edition.amended(),
        edition.amended(ladder=dict(list(edition.ladder.items())[1:])),
        edition.amended(by_itself=edition.by_itself[1:]),
        edition.amended(settle=_settle),
        edition.amended(new_case=partial(edition.new_case)),
        edition.amended(rows=[attrs.evolve(rows[0], when=_always), *rows[1:]]),
        edition.amended(rules=attrs.evolve(table, events={**table.events, event: Wording(words.ja, "other")})),
        edition.amended(
            rules=attrs.evolve(table, states={**table.states, State.ENDED: Named("ended", Wording("別", "other"))})
        ),
    ]
    assert rules_sha256(edition) == rules_sha256(others[0])
    assert len(others) == len({rules_sha256(each) for each in others})


THIRD = Path(__file__).resolve().parents[2] / "examples/third_programme/src/hoshimino"

TELL = """
import sys
sys.path.insert(0, sys.argv[1])
from hoshimino.rulebook import programme
from shuroflow.audit.code import code_sha256
from shuroflow.audit.receipt import rules_sha256
print(rules_sha256(programme().current))
"""


def told_of(place: Path) -> str:
    """The hash of the rules of the third programme that lies in a folder or a ZIP file."""
    command = [sys.executable, "-B", "-c", TELL, str(place)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def copied(folder: Path, changed: str | None = None) -> Path:
    """The sources of the third programme in a folder of their own, one of them with one more line end."""
    shutil.copytree(THIRD, folder / "hoshimino", ignore=shutil.ignore_patterns("__pycache__"))
    if changed is not None:
        file = folder / "hoshimino" / changed
        file.write_bytes((file.read_bytes() if file.exists() else b"") + b"\n")
    return folder


def test_a_plug_in_elsewhere(tmp_path: Path) -> None:
    """The same sources give the same hash, wherever they lie: in a folder, beside compiled ones, in a ZIP file."""
    first, second = copied(tmp_path / "a"), copied(tmp_path / "b" / "c")
    compileall.compile_dir(second, quiet=2)
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        for file in sorted((first / "hoshimino").iterdir()):
            archive.write(file, f"hoshimino/{file.name}")
    assert told_of(first) == told_of(second) == told_of(tmp_path / "d.zip")


@pytest.mark.parametrize("file", ["guards.py", "case.py", "events.py", "rulebook.py", "rules.toml", "reasons.py"])
def test_a_changed_plug_in(tmp_path: Path, file: str) -> None:
    """A byte of any of its modules: guards, folds, payloads, choices and ladder, wording, or a module these call."""
    assert told_of(copied(tmp_path / "a")) != told_of(copied(tmp_path / "b", file))


def test_a_plug_in_without_sources(tmp_path: Path) -> None:
    """Compiled modules count where there are no others: what they do, not when their sources were written."""
    told = []
    for name, changed, when in (("a", None, 1_000_000_000), ("b", None, 1_100_000_000), ("c", "QUORUM = 3", None)):
        folder = copied(tmp_path / name) / "hoshimino"
        if changed is not None:
            source = (folder / "guards.py").read_text(encoding="utf-8")
            assert changed in source
            (folder / "guards.py").write_text(source.replace(changed, "QUORUM = 4"), encoding="utf-8")
        for file in folder.glob("*.py"):
            if when is not None:
                os.utime(file, (when, when))
            py_compile.compile(str(file), f"{file}c", f"hoshimino/{file.name}", doraise=True)
            file.unlink()
        told.append(told_of(folder.parent))
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_code_without_a_file() -> None:
    """What was typed into a notebook is told by what it does; a partial by what it calls."""
    made: dict[str, Any] = {"__name__": "a notebook"}

    def typed(code: str) -> Any:
        exec(code, made)
        return made["guard"]

    guard = "def guard(case, event, office):\n    return {'seen': 1} if case in {'a', 'b', 'c'} else None"
    first, same = typed(guard), typed(f"\n\n{guard}")
    other = typed(guard.replace("1", "2"))
    assert code_sha256([first]) == code_sha256([same]) == code_sha256([partial(first, office=None)])
    assert code_sha256([first]) != code_sha256([other])


def test_the_hash_of_an_office() -> None:
    """An overlay with the same content gives the same, any other another one."""
    closed = "[calendar]\nclosed = [2026-08-14]\n"
    assert office_sha256(Office()) == office_sha256(Office.parse(""))
    # A figure, a holiday or a setting that is built in changes this; how they are looked up, and the words in which the
    # source of a figure is told, do not.
    assert "e8fc53a8cef50353c9beae6846a8ad38446c601287c89969fc982a7e0bd02751" == office_sha256(Office())
    assert office_sha256(Office.parse(closed)) == office_sha256(Office.parse(closed))
    others = [Office.parse(closed), Office.parse('[settings]\nfirst_day = "excluded"\n')]
    assert 3 == len({office_sha256(office) for office in (Office(), *others)})


LEVY = "[[figures.levy_base]]\nfrom = 2021\nto = 2026\nvalue = {value}\nsource = {source}\nverified = {verified}\n"
USUAL = {"value": "280_000", "source": '"条例"', "verified": "false"}


@pytest.mark.parametrize(
    ("change", "another"),
    [
        ({"source": '"市税条例第24条第2項"'}, False),
        ({"source": '{ ja = "条例", en = "the ordinance" }'}, False),
        ({"value": "280_001"}, True),
        ({"verified": "true"}, True),
        ({"verified": 'false\nflags = ["local"]'}, True),
    ],
)
def test_the_hash_of_an_office_is_that_of_what_decides(change: dict[str, str], another: bool) -> None:
    """An amount, its mark as verified and its flags change it; the words that tell where it was read do not."""
    one, other = (Office.parse(LEVY.format(**{**USUAL, **each})) for each in ({}, change))
    assert one != other
    assert another == (office_sha256(one) != office_sha256(other))


def test_the_reports_tell_it(tmp_path: Path) -> None:
    """JSON holds all of it; the text names each source with its hash."""
    file = interleaved(tmp_path / "a.jsonl", story("S01"))
    digest = sha256(file.read_bytes()).hexdigest()
    told = json.loads(call("audit", file, "--as-of", AS_OF, "--format", "json").stdout)["receipt"]
    assert [digest] == [each["sha256"] for each in told["inputs"]]
    assert office_sha256(Office()) == told["office_sha256"]
    assert [rules_sha256(programme("saitama").current)] == [each["rules_sha256"] for each in told["texts"]]
    assert digest in call("audit", file, "--as-of", AS_OF).stdout
