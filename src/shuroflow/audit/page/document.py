"""What every page of ours is: one file that needs nothing else and opens from a folder, for years to come.

Each case is JSON in an element of its own, beside a table for readers without scripts; the script shows what is
asked for. The policy in the head admits this script and this style by their hashes and nothing else at all. Knows
nothing of what a page is about.
"""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from itertools import chain
from typing import Any, Self, TextIO

import attrs

from shuroflow.audit.page.markup import embedded, filled, text
from shuroflow.audit.receipt import Receipt, office_sha256
from shuroflow.audit.report import Held, day_text, error_text, one_line
from shuroflow.calendar import eras
from shuroflow.errors import InputError
from shuroflow.states import Office
from shuroflow.vocabulary import Lang

Words = Mapping[str, str]

HOME = "shuroflow.audit.page"
FIRST = ("script/build.js", "script/list.js", "script/stepping.js", "script/paper.js")
LAST = ("script/main.js",)
"""The parts of every script, before and after those of the page itself."""
CASES = "{{cases}}"


@attrs.frozen(kw_only=True)
class Design:
    """What one kind of page has of its own, as files of ``package``: its words, parts of its script, and its style."""

    package: str
    words: str
    script: tuple[str, ...]
    style: tuple[str, ...] = ()

    def said(self, lang: Lang) -> Words:
        """What the page itself says."""
        return _words(HOME, "words.toml", lang) | _words(self.package, self.words, lang)

    def code(self) -> str:
        """The parts of the script as one that leaves no name behind in the page."""
        parts = [_file(HOME, name) for name in FIRST]
        parts += [_file(self.package, name) for name in self.script]
        parts += [_file(HOME, name) for name in LAST]
        joined = "\n".join(parts)
        return f'"use strict";\n(() => {{\n{joined}}})();\n'

    def look(self) -> str:
        """The style."""
        return "".join([_file(HOME, "page.css"), *(_file(self.package, name) for name in self.style)])


@cache
def _file(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


@cache
def _words(package: str, name: str, lang: Lang) -> dict[str, str]:
    return {word: said[lang] for word, said in tomllib.loads(_file(package, name)).items()}


class Document:
    """A page while it is written: a case at once, so that one is in memory at a time; what stands at the end is held.

    Use it as a context; :meth:`begin` first and :meth:`end` last.
    """

    def __init__(self, out: TextIO, design: Design, *, receipt: Receipt, lang: Lang) -> None:
        self._out, self._receipt, self._lang = out, receipt, lang
        self.words = design.said(lang)
        self._style, self._script = design.look(), design.code()
        self._head, _, self._foot = _file(HOME, "page.html").partition(CASES)
        self._unusable, self._index = Held(), Held()
        self._cases = self._errors = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for held in (self._unusable, self._index):
            held.__exit__()

    def begin(self, about: str = "") -> None:
        """Write the head; ``about`` is markup that stands below the title."""
        words = self.words
        parts = {name: words[name] for name in ("title", "skip", "without", "to_foot")}
        parts |= {
            "lang": self._lang,
            "policy": _policy(self._style, self._script),
            "version": self._receipt.version,
            "style": self._style,
            "conditions": self._conditions(),
            "about": about,
        }
        self._out.writelines(filled(self._head, parts))

    def programme(self, code: str, record: Mapping[str, Any], drawn: str = "") -> None:
        """Write what the cases of a programme refer to, before the first of them; ``drawn`` is its diagram."""
        self._out.write(f'<script type="application/json" id="programme-{code}">{embedded(record)}</script>\n')
        if drawn:
            self._out.write(f'<template id="diagram-{code}">{drawn}</template>\n')

    def case(self, entry: Mapping[str, Any], record: Mapping[str, Any], table: str) -> None:
        """Write a case: its line in the list, its record, and its table for who has no scripts."""
        at = self._cases
        self._out.write(f'<script type="application/json" id="case-{at}">{embedded(record)}</script>\n')
        self._out.write(f"<noscript>{table}</noscript>\n")
        self._index.add(("," if at else "") + embedded(entry) + "\n")
        self._cases += 1

    def unusable(self, error: InputError) -> None:
        """Keep what could not be used, for the end."""
        self._unusable.add(f"<li>{text(error_text(error, lang=self._lang))}</li>\n")
        self._errors += 1

    def end(
        self, *, counts: Iterable[str], codes: Iterable[str], info: Mapping[str, Any], texts: str = "", more: str = ""
    ) -> None:
        """Write the foot and the script.

        Args:
            counts: what it all amounts to, line by line.
            codes: the programmes of the cases.
            info: what the script knows besides the words, the day and the programmes.
            texts: the texts that judged, as markup.
            more: markup that stands after the counts.
        """
        told = {
            "lang": self._lang,
            "as_of": self._receipt.as_of.isoformat(),
            "eras": [[name, first.isoformat(), one] for name, first, one in eras()],
            "programmes": list(codes),
            "words": self.words,
        }
        parts: dict[str, str | Iterable[str]] = {
            "version": self._receipt.version,
            "unusable": self._unusable_part(),
            "counts": "<br>".join(text(line) for line in counts),
            "more": more,
            "texts": texts,
            "receipt": self._read(),
            "index": chain("[", self._index, "]"),
            "info": embedded({**told, **info}),
            "script": self._script,
        }
        self._out.writelines(filled(self._foot, parts))

    def _conditions(self) -> str:
        receipt, words = self._receipt, self.words
        said = words["as_of"].format(day=day_text(receipt.as_of, self._lang))
        if receipt.known_at is not None:
            moment = words["known_at"].format(moment=receipt.known_at.isoformat(timespec="seconds"))
            said += ("、" if self._lang == "ja" else ", ") + moment
        if receipt.overlays:
            said += f"{'、' if self._lang == 'ja' else ', '}{text(self._settings())}"
        return said

    def _settings(self) -> str:
        """Whose figures, closed days and settings: by the names of the overlays, or by the hash where none is named."""
        receipt, words = self._receipt, self.words
        if receipt.overlays:
            given = ("、" if self._lang == "ja" else ", ").join(map(one_line, receipt.overlays))
            return words["overlay_named"].format(names=given)
        return words["built_in" if receipt.office == office_sha256(Office()) else "overlaid"]

    def _unusable_part(self) -> Iterator[str]:
        if self._errors:
            n = f"{self._errors:,}"
            head = f"<h2>{self.words['unusable']} ({n})</h2>"
            yield f'<section class="unusable" data-n="{n}" tabindex="-1">{head}<ul>'
            yield from self._unusable
            yield "</ul></section>"

    def _read(self) -> str:
        """What was read, and with which figures and settings: as told once everything is read."""
        words = self.words
        told = [
            words["input"].format(source=one_line(each.source), n=f"{each.lines:,}", hash=each.sha256)
            for each in self._receipt.inputs
        ]
        if self._receipt.office is not None:
            told.append(words["office"].format(settings=self._settings(), hash=self._receipt.office))
        lines = "".join(f"<li>{text(line)}" for line in told)
        return f'<section id="receipt"><h2>{words["receipt"]}</h2><ul>{lines}</ul></section>' if lines else ""


def _policy(style: str, script: str) -> str:
    def source(content: str) -> str:
        return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; script-src {source(script)}; style-src {source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


__all__ = ["Design", "Document", "Words"]
