"""The demonstration: it moves, refuses, keeps and audits, in either language, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from shuroflow import demo
from shuroflow.errors import ShuroflowError
from shuroflow.samples import ExpectedFinding, expected
from shuroflow.vocabulary import Severity, State

ENDINGS = {
    "ja": "すべてのケースで、期待した指摘だけが見つかりました。",
    "en": "In every case exactly the expected findings were made.",
}
REFUSED = {
    "ja": ["4(1): 選定の協議に査察指導員の参加", "第4条第1号ア: "],
    "en": ["4(1): supervisor did not take part", "第4条第1号ア: "],
}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_it_shows_a_refusal_of_each_programme(lang: Any) -> None:
    """One step of each programme is refused with its clause and what would mend it, and the case goes on."""
    lines = list(demo.run(lang))
    text = "\n".join(lines)
    refused = [at for at, line in enumerate(lines) if "✗" in line and line.startswith("  20")]
    assert 2 == len(refused)
    for at, words in zip(refused, REFUSED[lang], strict=True):
        assert words in "\n".join(lines[at : at + 3])
        assert any("→" in line for line in lines[at + 1 : at + 4])
    assert "109,501" in text
    for case in ("demo-saitama", "demo-tsushima"):
        (verdict,) = [line for line in lines if line.startswith("  ✓ ") and case in line]
        assert State.IN_SUPPORT.label(lang) in verdict


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_it_ends_with_all_as_expected(lang: Any) -> None:
    """Every sample record is audited, and the last line says that exactly the expected was found."""
    lines = list(demo.run(lang))
    assert ENDINGS[lang] == lines[-1]
    for case in expected().values():
        mark = "✗" if case.expected else "✓"
        (verdict,) = [line for line in lines if line.strip().startswith((f"✓ {case.case_id} ", f"✗ {case.case_id} "))]
        assert verdict.strip().startswith(mark)
    found = [line for line in lines if line.lstrip().startswith(f"[{Severity.VIOLATION.label(lang)}]")]
    assert sum(len(case.expected) for case in expected().values()) + 2 == len(found)


def test_it_says_so_where_a_finding_is_not_as_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expectation that is not met is counted, and the demonstration fails."""
    wrong = attrs.evolve(expected()["S01"], expected=(ExpectedFinding(Severity.VIOLATION, "4(1)", 1),))
    monkeypatch.setattr(demo, "expected", lambda: {**expected(), "S01": wrong})
    with pytest.raises(ShuroflowError, match=r"1 case\(s\) differ from what is expected"):
        list(demo.run("en"))
    with pytest.raises(ShuroflowError, match="期待と異なるケースが1件あります"):
        list(demo.run("ja"))


def test_it_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal of the demonstration is on SQLite and gone afterwards, even if nobody listens to the end."""
    temporary, here = tmp_path / "tmp", tmp_path / "here"
    temporary.mkdir()
    here.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.chdir(here)
    first, *_ = demo.run("en")
    assert f"sqlite:///{temporary}" in first
    assert [] == [*temporary.iterdir(), *here.iterdir()]
    halfway = demo.run("en")
    for _ in range(4):
        next(halfway)
    assert [*temporary.iterdir()]
    halfway.close()
    assert [] == [*temporary.iterdir(), *here.iterdir()]


def test_it_knows_no_clock() -> None:
    """Its clock is told the day; two runs differ in the name of their folder at most."""
    clock = demo.DemoClock()
    clock.day = date(2025, 7, 4)
    assert "2025-07-04T17:00:00+09:00" == clock().isoformat()
    one, other = (list(demo.run("ja"))[1:] for _ in range(2))
    assert one == other
