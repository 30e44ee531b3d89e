"""Failing histories as files: written and read back they are the same, whoever wrote them."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

import attrs
import pytest
from hypothesis import given

from shuroflow.audit import CaseReport, audit
from shuroflow.errors import InputError, Unavailable
from shuroflow.events import Event
from shuroflow.storage.codec import encode
from shuroflow.verification.planning import rules_of
from shuroflow.verification.saving import save, saved
from shuroflow.verification.strategies import violating
from shuroflow.verification.walking import Difference

RULE = "saitama.consent_to_both"


def accepted(history: tuple[Event, ...], clause: str = "4(1)") -> Difference:
    """A difference at the end of a history."""
    return Difference("accepts", history, (clause,), (RULE,), "refused: 4(1) 同意", "accepted", case_id="case-7")


@given(history=violating("saitama", RULE, case_id="case-7"))
def test_a_saved_history_is_tried_as_it_was(history: tuple[Event, ...]) -> None:
    """The same events and the same rules at stake; saved again, it is the same file."""
    with tempfile.TemporaryDirectory() as folder:
        path = save(accepted(history), folder)
        before = path.read_bytes(), path.with_suffix(".json").read_bytes()
        (script,) = saved(folder)

        assert [(e.kind, e.occurred_on, e.data) for e in history] == [
            (e.kind, e.occurred_on, e.data) for e in script.events
        ]
        assert rules_of(history[-1], [RULE]) == script.near
        renamed = tuple(attrs.evolve(event, case_id="check-0a1b-99") for event in history)
        assert path == save(accepted(renamed), folder)
        assert before == (path.read_bytes(), path.with_suffix(".json").read_bytes())
        assert 2 == len(list(Path(folder).iterdir()))


@pytest.fixture
def consent() -> tuple[Event, ...]:
    """The shortest history that asks for one consent alone."""
    from shuroflow.verification.corpus import Corpus
    from shuroflow.verification.probes import with_value

    whole = next(h for h in Corpus.of("saitama").histories if "consented" in [event.kind for event in h])
    at = next(at for at, event in enumerate(whole) if event.kind == "consented")
    return (*whole[:at], with_value(whole[at], ("data", "scope"), whole[at].data.scope[:1]))


def test_what_a_file_says(consent: tuple[Event, ...], tmp_path: Path) -> None:
    """Its name has programme and clause; beside it stands what was expected and found; the audit reads it too."""
    path = save(attrs.evolve(accepted(consent, "第4条第1号ア"), on=date(2025, 4, 14)), tmp_path / "new" / "folder")
    told = json.loads(path.with_suffix(".json").read_text("utf-8"))

    assert path.name.startswith("saitama-第4条第1号ア-")
    assert ("accepts", "refused: 4(1) 同意", "accepted") == (told["difference"], told["expected"], told["found"])
    assert (["第4条第1号ア"], [RULE], "2025-04-14") == (told["clauses"], told["rules"], told["on"])
    assert ("case-1", 3, "consented") == (told["case_id"], told["seq"], told["event"])
    (report,) = audit([path], as_of=date(2025, 4, 30))
    assert isinstance(report, CaseReport)
    assert RULE in {finding.rule.code for finding in report.findings}


def test_links_and_keys_of_another_journal_are_left_behind(consent: tuple[Event, ...], tmp_path: Path) -> None:
    """Under a new case id no link fits: the audit of the file finds what the history shows, and no broken chain."""
    chained = [attrs.evolve(e, prev=f"{e.seq:064x}", hash=f"{e.seq + 1:064x}", key=f"k{e.seq}") for e in consent]
    path = save(accepted(tuple(chained)), tmp_path)

    (script,) = saved(path)
    assert {(None, None, None)} == {(event.prev, event.hash, event.key) for event in script.events}
    assert path == save(accepted(consent), tmp_path)
    (report,) = audit([path], as_of=date(2025, 4, 30))
    assert isinstance(report, CaseReport)
    assert RULE in {finding.rule.code for finding in report.findings}


def test_signs_in_a_clause_do_not_get_into_the_name(consent: tuple[Event, ...], tmp_path: Path) -> None:
    """No sign that a file system or a shell reads otherwise."""
    assert save(accepted(consent, "3(1)ア"), tmp_path).name.startswith("saitama-3-1-ア-")
    assert save(attrs.evolve(accepted(consent), clauses=()), tmp_path).name.startswith("saitama-no-clause-")


def test_histories_of_other_programmes_can_be_left_out(consent: tuple[Event, ...], tmp_path: Path) -> None:
    """One folder may hold those of several programmes."""
    save(accepted(consent), tmp_path)

    assert 1 == len(list(saved(tmp_path, programme="saitama")))
    assert [] == list(saved(tmp_path, programme="tsushima"))


def test_a_folder_without_histories(tmp_path: Path) -> None:
    """Nothing failed last time."""
    assert [] == list(saved(tmp_path))


def test_what_cannot_be_read_is_told_with_its_place(consent: tuple[Event, ...], tmp_path: Path) -> None:
    """File and line, and what is wrong; nothing is passed over."""
    path = save(accepted(consent), tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)

    def told(body: bytes) -> str:
        path.write_bytes(body)
        with pytest.raises(InputError) as caught:
            list(saved(path))
        return str(caught.value)

    assert f"{path}:2: not JSON" in told(lines[0] + b"{\n" + lines[2])
    assert f"{path}:2: seq: is 3, expected 2" in told(lines[0] + lines[2])
    assert f"{path}: holds no event" in told(b"")
    other = encode(attrs.evolve(consent[0], programme="tsushima", kind="withdrawn", data=_withdrawal(), case_id="b"))
    assert f"{path}:2: programme: is 'tsushima'" in told(lines[0] + other + b"\n")


def _withdrawal() -> object:
    from shuroflow.events import Actor, Withdrawn
    from shuroflow.vocabulary import Role

    return Withdrawn(seq=1, reason="重複", approved_by=Actor("sv-01", Role.SUPERVISOR))


@pytest.mark.parametrize("beside", ["{", "[]", '{"rules": 3}', '{"rules": [3]}'])
def test_a_bad_file_beside_a_history_is_told(consent: tuple[Event, ...], tmp_path: Path, beside: str) -> None:
    """By its own name."""
    path = save(accepted(consent), tmp_path).with_suffix(".json")
    path.write_text(beside, encoding="utf-8")

    with pytest.raises(InputError, match=path.name):
        list(saved(tmp_path))


def test_without_a_file_beside_it_a_history_can_be_tried(consent: tuple[Event, ...], tmp_path: Path) -> None:
    """Any file in the stored form will do."""
    path = save(accepted(consent), tmp_path)
    path.with_suffix(".json").unlink()

    assert [()] == [script.near for script in saved(path)]


def test_a_place_that_cannot_be_used(consent: tuple[Event, ...], tmp_path: Path) -> None:
    """A file where a folder should be, a file that is not there."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        save(accepted(consent), tmp_path / "file")
    with pytest.raises(Unavailable):
        list(saved(tmp_path / "missing.jsonl"))
