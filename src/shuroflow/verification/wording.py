"""Words that a system has to keep as they are, and may well spoil; and which places of an event hold words.

All of it is found in the records of an office: names in old forms, what a person dictated, a page of findings.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

from shuroflow.events.shapes import Leaf, Maybe, Shape, bare

LONGEST = 20_000
"""How many characters words may have, as :data:`~shuroflow.events.envelope.Text` says."""

_HEAD = (
    " \u3000"  # blanks, of both widths, in front
    "\ufa19\u7530"  # a compatibility ideograph: any normalisation makes another name of it
    "\U00020bb7\u91ce"  # outside the BMP: four bytes in UTF-8, two units in UTF-16
    "\u845b\U000e0100"  # an ideographic variation sequence
    "\u304b\u3099\u30cf\u309a"  # kana with combining marks
    "\uff8a\uff9f\uff71\u2460\u3231"  # half-width kana, characters that NFKC takes apart
    "\u301c\uff5e\u2212\u9ad9"  # what the code pages of Japan map in more than one way
    "\n\t  "  # a line break, a tab, blanks inside
    "\"'\\<&>;--%{}\U0001f600"  # what other notations give a meaning
)
_TAIL = "\u7d42\n \u3000 "


def words(room: int) -> str:
    """Words of just so many characters, the most telling ones at both ends; the same each time."""
    fill = "\u6c42\u8077\u6d3b\u52d5\u3002"
    middle = max(0, room - len(_HEAD) - len(_TAIL))
    return (_HEAD + (fill * (middle // len(fill) + 1))[:middle] + _TAIL)[:room]


def room_for_words(shape: Shape) -> int:
    """How many characters of free words a place takes, at most ``LONGEST``; 0: it is no place for words."""
    if isinstance(shape, Maybe):
        return room_for_words(shape.of)
    if not isinstance(shape, Leaf) or bare(shape.type) is not str:
        return 0
    metas: tuple[Any, ...] = get_args(shape.type)[1:] if get_origin(shape.type) is Annotated else ()
    if any(meta.pattern is not None for meta in metas):  # an id, a code, a month
        return 0
    rooms: list[int] = [meta.max_length for meta in metas if meta.max_length is not None]
    return min([LONGEST, *rooms])


__all__ = ["LONGEST", "room_for_words", "words"]
