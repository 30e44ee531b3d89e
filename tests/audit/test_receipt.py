"""What a report says of how it was made: the same conditions give the same hashes, and any change shows."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

import attrs
import pytest

from shuroflow.audit import Receipt, audit
from shuroflow.audit.receipt import Input, office_sha256, rules_sha256
from shuroflow.states import Office, programme
from shuroflow.states.judgement import RuleTable, Wording
from shuroflow.storage import encode, open_journal
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


def test_the_hash_of_an_office() -> None:
    """An overlay with the same content gives the same, any other another one."""
    closed = "[calendar]\nclosed = [2026-08-14]\n"
    assert office_sha256(Office()) == office_sha256(Office.parse(""))
    assert office_sha256(Office.parse(closed)) == office_sha256(Office.parse(closed))
    others = [Office.parse(closed), Office.parse('[settings]\nfirst_day = "excluded"\n')]
    assert 3 == len({office_sha256(office) for office in (Office(), *others)})


def test_the_reports_tell_it(tmp_path: Path) -> None:
    """JSON holds all of it; the text names each source with its hash."""
    file = interleaved(tmp_path / "a.jsonl", story("S01"))
    digest = sha256(file.read_bytes()).hexdigest()
    told = json.loads(call("audit", file, "--as-of", AS_OF, "--format", "json").stdout)["receipt"]
    assert [digest] == [each["sha256"] for each in told["inputs"]]
    assert office_sha256(Office()) == told["office_sha256"]
    assert [rules_sha256(programme("saitama").current)] == [each["rules_sha256"] for each in told["texts"]]
    assert digest in call("audit", file, "--as-of", AS_OF).stdout
