"""No command writes its output over the overlay that it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.records import interleaved, snapshot, story
from tests.cli.calls import call, one_line

CALLS = (
    ("audit", "cases.jsonl", "-o"),
    ("audit", "cases.jsonl", "--format", "json", "-o"),
    ("audit", "cases.jsonl", "--format", "html", "-o"),
    ("questions", "cases.jsonl", "-o"),
    ("statistics", "cases.jsonl", "-o"),
    ("export", "cases.jsonl", "--format", "xes", "-o"),
    ("export", "cases.jsonl", "--format", "ocel-sqlite", "-o"),
    ("compare", "cases.jsonl", "--against-edition", "2026-01-01", "-o"),
    ("paths", "saitama", "--bound", "2", "-o"),
    ("check", "--programme", "saitama", "--no-save", "-o"),
    ("check", "--programme", "saitama", "--no-save", "--junit"),
)


@pytest.mark.parametrize("place", ["a.toml", "./a.toml", "link.toml"])
@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_the_overlay_is_not_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], place: str
) -> None:
    """Under any name of the file the call is refused in one line that names the option, and nothing is changed."""
    monkeypatch.chdir(tmp_path)
    interleaved(tmp_path / "cases.jsonl", story("S01"))
    overlay = tmp_path / "a.toml"
    overlay.write_text('[settings]\nfirst_day = "excluded"\n', encoding="utf-8")
    (tmp_path / "link.toml").symlink_to(overlay)
    before = snapshot(tmp_path)
    assert arguments[-1] in one_line(call(*arguments, place, "--overlay", "a.toml"))
    assert before == snapshot(tmp_path)


@pytest.mark.parametrize("arguments", [each for each in CALLS if each[0] in {"audit", "questions", "statistics"}])
def test_another_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    """With an overlay, to a file of another name: the report is there."""
    monkeypatch.chdir(tmp_path)
    interleaved(tmp_path / "cases.jsonl", story("S01"))
    (tmp_path / "a.toml").write_text('[settings]\nfirst_day = "excluded"\n', encoding="utf-8")
    assert call(*arguments, "report", "--overlay", "a.toml").exit_code in {0, 1}
    assert (tmp_path / "report").stat().st_size > 0
