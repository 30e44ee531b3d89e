"""Tables that line up for wide characters, and the line of progress."""

from __future__ import annotations

import io

import pytest

from shuroflow.cli import output
from shuroflow.cli.output import Meter, table, width


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("abc", 3),
        ("漢字", 4),
        ("ｱｲｳ", 3),
        ("アイウ", 6),
        ("か\u3099", 2),
        ("葛\U000e0100", 2),
        ("𠮷野", 4),
    ],
)
def test_width(text: str, expected: int) -> None:
    """Wide characters take two columns, half-width ones one, combining ones none."""
    assert expected == width(text)


def test_table_lines_up() -> None:
    """Every column begins in the same place on each line, and no line ends in blanks."""
    rows = [("評価", "令和7年", "一"), ("a", "b", ""), ("", "期日なし", "二")]
    head, rule, *lines = table(("事項", "due", "x"), rows).splitlines()
    assert (head, rule) == ("事項  due       x", "----  --------  -")
    assert lines == ["評価  令和7年   一", "a     b", "      期日なし  二"]
    assert {18} == {width(lines[0]), width(lines[2])}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_meter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long audit shows how far it is, on one line that is taken away at the end; a short one shows nothing."""
    now = [0.0]
    terminal = _Terminal()
    monkeypatch.setattr(output.sys, "stderr", terminal)
    monkeypatch.setattr(output.time, "monotonic", lambda: now[0])
    meter = Meter(hidden=False)
    meter(1, 10)
    assert "" == terminal.getvalue()
    now[0] = 2.0
    meter(5, 10)
    assert "5 / 10 (50%)" in terminal.getvalue()
    meter(6, 10)
    assert "6 / 10" not in terminal.getvalue()
    now[0] = 3.0
    meter(7, None)
    meter.clear()
    *_, shown, blanks, rest = terminal.getvalue().split("\r")
    assert "7 行" in shown
    assert ("", "") == (blanks.strip(), rest)
    assert len(blanks) >= width(shown)


def test_meter_hides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal, or where the report itself scrolls by, nothing is shown."""
    for stream, hidden in ((io.StringIO(), False), (_Terminal(), True)):
        monkeypatch.setattr(output.sys, "stderr", stream)
        meter = Meter(hidden=hidden)
        meter._next = 0.0
        meter(5, 10)
        meter.clear()
        assert "" == stream.getvalue()
