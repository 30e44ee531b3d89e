"""What an error says, for a reader of Japanese: the messages met most, as data (``errors.toml``).

Errors are raised in English, wherever they arise; here alone they are put into Japanese. A message that the table does
not have stays as it is. Values, names and paths are never touched, whatever they say: what a message begins with is
known, or it is a value as Python writes it, which has an end, or a single word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

import attrs

_LONGEST = 2000
"""Characters of a message that is looked up; what is longer is made of somebody's values for the most part."""

_VALUE = "|".join(
    (
        r"'(?:[^'\\]|\\.)*+'",
        r'"(?:[^"\\]|\\.)*+"',
        r"['\"\[{].{56}\.\.\.",  # cut, as a value of a record is that is too long to show
        r"[\[{].{0,58}[\]}]",
        r"-?\d[\d.e+-]*+",
        r"None|True|False|null|true|false",
    )
)
_WORD = r"[^\s'\"\[{]\S*"
"""A message may also begin with one word, such as a path: no other message is one."""


@attrs.frozen
class _Slot:
    """A value of a message, and the text that comes after it."""

    name: str
    text: str
    written: re.Pattern[str]
    last: bool

    def take(self, rest: str, *, leading: bool) -> tuple[str, str] | None:
        """The value that stands first, and what is left after the text that follows it."""
        found = self.written.match(rest)
        if found is not None:
            return found[1], rest[found.end() :]
        if leading:
            return None
        if self.last:
            value, there, left = rest.removesuffix(self.text), rest.endswith(self.text), ""
        else:
            value, text, left = rest.partition(self.text)
            there = bool(text)
        return (value, left) if there and value else None


@attrs.frozen
class _Said:
    begins: str
    slots: Sequence[_Slot]
    ja: str
    worded: Sequence[str]

    def values(self, message: str) -> dict[str, str] | None:
        """The values that a message of this kind names; ``None`` of any other message."""
        if not message.startswith(self.begins):
            return None
        rest = message[len(self.begins) :]
        values: dict[str, str] = {}
        for slot in self.slots:
            taken = slot.take(rest, leading=not self.begins and not values)
            if taken is None:
                return None
            values[slot.name], rest = taken
        return None if rest else values


def _parsed(en: str, ja: str, worded: Sequence[str]) -> _Said:
    begins, *parts = re.split(r"\{(\w+)\}", en)  # text and names by turns
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    slots = []
    for number, (name, text) in enumerate(pairs, 1):
        last = number == len(pairs)
        end = r"\Z" if last else ""
        value = _VALUE if begins or number > 1 else f"{_VALUE}|{_WORD}"
        written = re.compile(rf"({value}){re.escape(text)}{end}", re.DOTALL)
        slots.append(_Slot(name, text, written, last))
    return _Said(begins, slots, ja, worded)


@cache
def _said() -> tuple[list[_Said], dict[str, str]]:
    """The messages, those that begin with words of their own first; and the words."""
    tables = tomllib.loads(resources.files("shuroflow.audit").joinpath("errors.toml").read_text(encoding="utf-8"))
    made = [_parsed(each["en"], each["ja"], each.get("worded", ())) for each in tables["said"]]
    return sorted(made, key=lambda said: not said.begins), tables["word"]


def in_japanese(message: str) -> str:
    """The message in Japanese, with the values that it names; as it is where the table does not have it."""
    if len(message) > _LONGEST:
        return message
    table, _words = _said()
    for said in table:
        values = said.values(message)
        if values is not None:
            return said.ja.format_map({**values, **{name: worded(values[name]) for name in said.worded}})
    return message


def worded(text: str) -> str:
    """What the operating system says, or the name of a type, in Japanese; as it is where the table does not have it."""
    return _said()[1].get(text, text)


__all__ = ["in_japanese", "worded"]
