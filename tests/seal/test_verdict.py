"""The wording of verdicts: complete in both languages, and the same facts in JSON."""

from __future__ import annotations

import string

import pytest

from shuroflow.seal.verdict import _WORDS, Grade, Verdict, fact


@pytest.mark.parametrize("code", sorted(_WORDS))
def test_both_wordings_say_the_same_things(code: str) -> None:
    """Each value that one language mentions, the other does too."""
    _, ja, en = _WORDS[code]

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert fields(ja) == fields(en)
    assert ja.isascii() is False
    assert en.isascii()


def test_text_and_outcome() -> None:
    """What is contradicted comes first; the last line is the outcome."""
    good, open_, bad = (
        fact("signature_holds", checkpoint="c", key="k"),
        fact("unlinked", count=2),
        fact("more_breaks", count=3),
    )

    assert (
        "証明されたこと:\n  - 封印 c の署名は、鍵 k によるものである\n結果: 上記の範囲で証明された"
        == Verdict((good,)).text()
    )
    assert Verdict((good, open_)).text("en").endswith("Result: proven, as far as said above")
    assert Verdict((good, open_)).text().endswith("結果: 上記の範囲で証明された")
    worst = Verdict((good, open_, bad)).text("en")
    assert worst.startswith("Contradicted:\n  - the chain is broken in 3 more places\nProven:")
    assert worst.endswith("Result: not proven")
    assert Verdict((open_,)).text().endswith("結果: 証明されない")


def test_nothing_shown_is_not_proven() -> None:
    """No fact, or only open ones, prove nothing."""
    assert (False, False) == (Verdict(()).proven, Verdict((fact("unlinked", count=1),)).proven)


def test_json() -> None:
    """Codes, grades, wording and values."""
    verdict = Verdict((fact("unlinked", count=2),), 5, 3)

    assert {
        "proven": False,
        "events": 5,
        "sealed": 3,
        "facts": [
            {
                "code": "unlinked",
                "grade": "open",
                "message": verdict.facts[0].text("en"),
                "values": {"count": 2},
            }
        ],
    } == verdict.to_json("en")


def test_headings() -> None:
    """Each grade has its heading."""
    assert ["証明されたこと", "証明されないこと", "足りないもの", "合わないこと"] == [grade.label() for grade in Grade]
