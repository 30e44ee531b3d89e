"""What the documentation does with Japanese: a line break of the source between two Japanese letters is no space.

MkDocs calls this while it builds (``hooks`` in ``mkdocs.yml``). A browser shows a line break as a space, as English
needs it and Japanese does not have it. Code stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from mkdocs.config.defaults import MkDocsConfig

JAPANESE = "[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
"""Kana, 漢字, their punctuation and full-width forms."""
_BREAK = re.compile(rf"(?<={JAPANESE})[\ufe00-\ufe0f\U000e0100-\U000e01ef]?( *\n *)(?={JAPANESE})")
_CODE = frozenset({"code", "pre", "kbd", "samp", "script", "style", "textarea"})


class JoinedLines(Treeprocessor):
    """Takes out the line breaks, also where what stands beside one begins or ends with an element, as a bold word."""

    def run(self, root: Element) -> None:
        """Look at the text as it is read, from one element into the next."""
        slots = list(_slots(root))
        read = "".join(text for _, _, text, _ in slots)
        drop = {at for found in _BREAK.finditer(read) for at in range(*found.span(1))}
        start = 0
        for element, name, text, is_code in slots:
            end = start + len(text)
            if not is_code and not drop.isdisjoint(range(start, end)):
                kept = "".join(letter for at, letter in enumerate(text, start) if at not in drop)
                setattr(element, name, type(text)(kept))
            start = end


def _slots(element: Element, *, in_code: bool = False) -> Iterator[tuple[Element, str, str, bool]]:
    """Every text below an element in its order: the element, ``text`` or ``tail``, the text, and whether it is code."""
    is_code = in_code or element.tag in _CODE
    yield element, "text", element.text or "", is_code
    for child in element:
        yield from _slots(child, in_code=is_code)
        yield child, "tail", child.tail or "", is_code


class JapaneseLines(Extension):
    """The extension of Python-Markdown."""

    def extendMarkdown(self, md: Markdown) -> None:
        """After the elements within lines are made (20), before the tree is set out in lines (10)."""
        md.treeprocessors.register(JoinedLines(md), "japanese_lines", 15)


def on_config(config: MkDocsConfig, **_: Any) -> MkDocsConfig:
    """MkDocs has read its configuration."""
    config.markdown_extensions.append(JapaneseLines())
    return config
