"""``paths``: exit status, formats, files, and calls that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shuroflow.storage.codec import encode
from shuroflow.verification.corpus import Corpus
from tests.cli.calls import call, one_line

QUICK = ("paths", "saitama", "--bound", 1)


def test_a_sound_programme() -> None:
    """Exit status 0, in the language asked for; what is wrong is counted."""
    told = call(*QUICK, "--lang", "en")

    assert 0 == told.exit_code
    assert "wrong: 0" in told.stdout


def test_what_is_wrong_is_shown_with_its_history() -> None:
    """Exit status 1, the finding with its clause, and the events that lead there."""
    told = call(*QUICK, "--needs", "candidate=consented", "--lang", "en")

    assert 1 == told.exit_code
    assert 'without_step: the case comes to "candidate" without consent (4(1))' in told.stdout
    assert "(listed)" in told.stdout
    assert (
        "without_step: 「候補」に至りますが、同意がありません (4(1))"
        in call(*QUICK, "--needs", "candidate=consented").stdout
    )


def test_json_into_a_file(tmp_path: Path) -> None:
    """The report is in the file, with the programme and every history; nothing on standard output."""
    path = tmp_path / "paths.json"
    told = call(*QUICK, "--format", "json", "-o", path)
    (report,) = json.loads(path.read_text(encoding="utf-8"))["programmes"]

    assert (0, "") == (told.exit_code, told.stdout)
    assert ("saitama", True) == (report["programme"], report["passed"])
    assert all(move["history"] for move in report["moves"])


def test_the_diagram() -> None:
    """Mermaid, each arrow with how often it was taken."""
    told = call(*QUICK, "--format", "mermaid", "--lang", "en").stdout

    assert told.startswith("stateDiagram-v2\n")
    assert told.count("-->") == told.count(" times)")


def test_histories_of_ones_own(tmp_path: Path) -> None:
    """Cases from a file, in place of the programme's own; too few of them leave states out of reach."""
    path = tmp_path / "cases.jsonl"
    shortest = Corpus.of("saitama").histories[0]
    path.write_bytes(b"".join(encode(event) + b"\n" for event in shortest))
    told = call(*QUICK, "--examples", path, "--lang", "en")

    assert 1 == told.exit_code
    assert "from every step of 1 known histories" in told.stdout
    assert "dead_rule" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere"),
        (("saitama", "--bound", "0"), "--bound"),
        (("saitama", "--needs", "in_support"), "STATE=EVENT"),
        (("saitama", "--needs", "new=listed"), "unknown state 'new'"),
        (("saitama", "--needs", "in_support=agreed"), "出来事 'agreed' はありません"),
        (("--needs", "in_support=consented"), "of one programme"),
        (("saitama", "--examples", "missing.jsonl"), "missing.jsonl"),
    ],
)
def test_a_call_that_cannot_be_used(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that names what is wrong; exit status 2."""
    monkeypatch.chdir(tmp_path)

    assert said in one_line(call("paths", *arguments))
