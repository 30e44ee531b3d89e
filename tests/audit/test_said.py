"""What errors say to a reader of Japanese: the frequent messages, with every value as it was."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.audit import said as said_module
from shuroflow.audit.report import error_text
from shuroflow.audit.said import in_japanese
from shuroflow.errors import InputError, Unavailable

TABLES: dict[str, Any] = tomllib.loads(
    resources.files("shuroflow.audit").joinpath("errors.toml").read_text(encoding="utf-8")
)
SAID: list[dict[str, Any]] = TABLES["said"]
NAME = re.compile(r"\{(\w+)\}")
TEXTS = st.text(st.sampled_from("aあ𠮷\U000e0100\n{}%'\"\\\\1"), min_size=1)
"""What a file, an id or a value may be made of."""


def filled(template: str, values: dict[str, str]) -> str:
    """A sentence of the table with its values."""
    return NAME.sub(lambda found: values[found[1]], template)


MESSAGES = st.sampled_from(SAID).flatmap(
    lambda said: st.fixed_dictionaries(dict.fromkeys(NAME.findall(said["en"]), TEXTS | TEXTS.map(repr))).map(
        lambda values: filled(said["en"], values)
    )
)
"""What a value may say of itself: it is a message of the table."""
WRITTEN = (TEXTS | MESSAGES | MESSAGES.map(lambda said: f"x {said} y")).map(repr) | st.sampled_from(
    ["5", "-1.5", "None"]
)
CUT = (TEXTS | MESSAGES).map(lambda text: repr(text.ljust(80, "x"))[:57] + "...")


@pytest.mark.parametrize("said", SAID, ids=[each["en"] for each in SAID])
def test_every_value_stays_as_it_is(said: dict[str, Any]) -> None:
    """Whatever is put in, be it a message itself: the sentence is the Japanese one, and holds each value whole."""
    names = NAME.findall(said["en"])
    assert set(NAME.findall(said["ja"])) <= set(names)
    values = dict.fromkeys(names, WRITTEN)
    if said["en"].startswith("{"):
        values[names[0]] = WRITTEN | CUT
    elif len(names) == 1:  # the words around it say where it begins and ends
        values[names[0]] = WRITTEN | TEXTS | MESSAGES

    @given(st.fixed_dictionaries(values))
    def check(values: dict[str, str]) -> None:
        assert filled(said["ja"], values) == in_japanese(filled(said["en"], values))

    check()


@given(MESSAGES)
def test_a_message_within_a_message_is_a_value(message: str) -> None:
    """What a case is called, or what is told before words of the table, is no message of its own."""
    assert f"ケース {message!r} はありません" == in_japanese(f"no case {message!r} in this journal")
    assert f"foo {message}" == in_japanese(f"foo {message}")


@pytest.mark.parametrize("size", [40, 20_000])
def test_a_long_value_takes_no_time(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a record repeats: it is looked through once for each message of the table, and not if too long."""
    parts = "' is not one of '; did you mean '" * size
    message = f"programme {parts} has no event {parts}"
    assert message == in_japanese(message)
    monkeypatch.setattr(said_module, "_LONGEST", len(message))
    assert message == in_japanese(message)
    assert f"{parts!r} は使えません。使えるもの: a" == in_japanese(f"{parts!r} is not one of a")


@given(st.text())
def test_what_is_not_in_the_table_stays(message: str) -> None:
    """A message that nobody foresaw is told as it was raised."""
    assert in_japanese(f"{message} zzz") == f"{message} zzz"


WORDS: dict[str, str] = TABLES["word"]


@pytest.mark.parametrize("said", [each for each in SAID if "worded" in each], ids=lambda each: each["en"])
@pytest.mark.parametrize("word", WORDS)
def test_words_of_the_system_and_of_types(said: dict[str, Any], word: str) -> None:
    """What the operating system says, and what a type is called, is put into Japanese within the sentence."""
    told = in_japanese(NAME.sub(word, said["en"]))
    assert NAME.sub(WORDS[word], said["ja"]) == told


def test_each_message_is_one_that_is_raised() -> None:
    """The longest of its words between the values stand in the code that raises it, save for those of click."""
    folder = Path(str(resources.files("shuroflow")))
    code = " ".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    code = re.sub(r'"\s+f?"', "", code)  # a message over several lines is one
    of_click = (
        "is not in the range",
        "is not a valid integer",
        "Missing argument",
        "Missing option",
        "No such command",
    )
    for said in SAID:
        words = max(re.split(r"\{\w+\}|[`'{}:;]|did you mean", said["en"]), key=len).strip(" ,.()?")
        assert words in code or words.startswith(of_click), said


PLACES = [
    (
        InputError("unknown field; fields: a, b", file="記録.jsonl", line=3, field="foo", case_id="A-1"),
        "記録の項目の内容が使えません (記録.jsonl:3: foo: この項目はありません。使える項目: a, b)"
        "(ケース A-1 は監査の対象外)",
    ),
    (
        InputError(
            "expected `int`, got `str` (and 1 more: see problems)",
            file="a.jsonl",
            line=1,
            field="x.y",
            problems=(
                "x.y: expected `int`, got `str`",
                "z: missing (the day)",
                "a blank line between events; remove it",
            ),
        ),
        "記録の項目の内容が使えません (a.jsonl:1: x.y: 整数でなければなりませんが、文字列です; "
        "z: 必要な項目がありません。加えてください; 出来事の間に空の行があります。取り除いてください)",
    ),
    (
        Unavailable("cannot be read: Permission denied; check the path", where="missing (a).jsonl"),
        "ファイル又は記録簿を開けないか、読み書きできません "
        "(missing (a).jsonl: 読めません(権限がありません)。パスを確かめてください)",
    ),
]


@pytest.mark.parametrize(("error", "said"), PLACES)
def test_the_place_is_told_as_before(error: InputError | Unavailable, said: str) -> None:
    """File, line, field and case stand where they stood; in English nothing is another."""
    assert said == error_text(error)
    assert "です" not in error_text(error, lang="en")
    assert str(error).partition(" (and")[0] in error_text(error, lang="en")
