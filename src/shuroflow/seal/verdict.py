"""What a check has shown, what it has not, and what contradicts it: facts with codes, worded in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import attrs

from shuroflow.vocabulary import Lang

Value = int | str


class Grade(Enum):
    """What a fact is for the reader."""

    PROVEN = "proven"
    OPEN = "open"
    MISSING = "missing"
    FAILED = "failed"

    def label(self, lang: Lang = "ja") -> str:
        """The heading it stands under."""
        return _HEADINGS[self][lang == "en"]


_HEADINGS = {
    Grade.PROVEN: ("証明されたこと", "Proven"),
    Grade.OPEN: ("証明されないこと", "Not proven"),
    Grade.MISSING: ("足りないもの", "Missing"),
    Grade.FAILED: ("合わないこと", "Contradicted"),
}

_WORDS: dict[str, tuple[Grade, str, str]] = {
    "events_unchanged": (
        Grade.PROVEN,
        "最初の {count:,} 件({cases:,} ケース)は、封印 {checkpoint} のときの記録とまったく同じである",
        "the first {count:,} events (of {cases:,} cases) are exactly those that {checkpoint} sealed",
    ),
    "nothing_after": (
        Grade.OPEN,
        "記録簿は封印の所で終わっている。封印の後に記録が作られ、取り除かれたかどうかは分からない",
        "the journal ends where the checkpoint does; whether events were recorded after it and removed, nothing shows",
    ),
    "torn_end": (
        Grade.OPEN,
        "{line:,} 行目からの {length:,} バイトは書き終えられていない。受け付けられたことがなく、記録簿の一部ではない",
        "the last {length:,} bytes, from line {line:,} on, were never completed or acknowledged and are no part of the "
        "journal",
    ),
    "origin_unchecked": (
        Grade.OPEN,
        "封印 {checkpoint} は、記録簿 {origin} のものと称している。その名は指定されていないため確かめていない",
        "{checkpoint} says that it is of the journal {origin}; no name was given to compare that with",
    ),
    "origin_same": (
        Grade.PROVEN,
        "封印 {checkpoint} は、指定された名の記録簿 {origin} のものと記している",
        "{checkpoint} names the journal that was asked for, {origin}",
    ),
    "other_origin": (
        Grade.FAILED,
        "封印 {checkpoint} は、記録簿 {origin} のものであって、{expected} のものではない",
        "{checkpoint} is of the journal {origin}, not of {expected}",
    ),
    "signer_differs": (
        Grade.FAILED,
        "封印 {checkpoint} は記録簿 {origin} のものと称するが、署名は別の名 {key} によるものである",
        "{checkpoint} says that it is of the journal {origin}, but is signed under another name, {key}",
    ),
    "signature_holds": (
        Grade.PROVEN,
        "封印 {checkpoint} の署名は、鍵 {key} によるものである",
        "the signature of {checkpoint} is by the key {key}",
    ),
    "event_sealed": (
        Grade.PROVEN,
        "ケース {case} の記録 {seq} は、封印された {count:,} 件のうち {position:,} 件目であり、書き換えられていない",
        "event {seq} of case {case} is number {position:,} of the {count:,} events that are sealed, unchanged",
    ),
    "event_fits": (
        Grade.OPEN,
        "ケース {case} の記録 {seq} は、証明書そのものに書かれた封印({count:,} 件)の {position:,} 件目に当たる",
        "event {seq} of case {case} is number {position:,} of the {count:,} events of the proof's own checkpoint",
    ),
    "not_anchored": (
        Grade.MISSING,
        "この証明書を裏付ける、別に得たものがない。--checkpoint 又は --key を指定すること",
        "nothing from elsewhere anchors this proof: give --checkpoint or --key",
    ),
    "later_unanchored": (
        Grade.OPEN,
        "後の封印は証明書にあるだけで、その出所は確かめていない。前の封印の続きであることだけが示されている",
        "the later checkpoint comes from the proof alone: shown is that it continues the earlier one, not whose it is",
    ),
    "continued": (
        Grade.PROVEN,
        "封印 {checkpoint}({count:,} 件)は、前の封印 {earlier}({old:,} 件)の記録をそのまま含む",
        "{checkpoint} ({count:,} events) contains the events of the earlier {earlier} ({old:,}) unchanged",
    ),
    "same_checkpoint": (
        Grade.PROVEN,
        "証明書の封印は、封印 {checkpoint} と同じである",
        "the checkpoint of the proof is {checkpoint}",
    ),
    "events_after": (
        Grade.OPEN,
        "{first:,} 件目から {last:,} 件目まで({count:,} 件、{cases:,} ケース: {names})は封印の後の記録である。"
        "前の記録のハッシュ値でつながっているだけで、書き込める者は作り直すことができる。次の封印で証明される",
        "events {first:,} to {last:,} ({count:,} events of {cases:,} cases: {names}) came after the checkpoint: they "
        "are only chained, and whoever can write the journal can make them anew; the next checkpoint seals them",
    ),
    "unlinked": (
        Grade.OPEN,
        "そのうち {count:,} 件は、前の記録のハッシュ値を持たない(古い版又は他のツールによる記録)",
        "{count:,} of them carry no link to the event before them (written by an early version or another tool)",
    ),
    "signature_unchecked": (
        Grade.OPEN,
        "封印 {checkpoint} の署名は、鍵が指定されていないため確かめていない。この封印の出所は別に確かめること",
        "the signatures of {checkpoint} were not checked, for no key was given: make sure where it comes from",
    ),
    "not_signed": (
        Grade.OPEN,
        "封印 {checkpoint} には署名がない。書き換えられない場所にあったことを別に確かめること",
        "{checkpoint} is not signed: make sure that it was kept where nobody could change it",
    ),
    "signature_unknown": (
        Grade.OPEN,
        "封印 {checkpoint} には、指定された鍵によらない署名がある({key})",
        "{checkpoint} also has a signature by a key that was not given ({key})",
    ),
    "fewer_events": (
        Grade.FAILED,
        "封印 {checkpoint} は {sealed:,} 件を封印したが、記録簿には {found:,} 件しかない: "
        "末尾が切り取られたか、古い状態に戻されている",
        "{checkpoint} sealed {sealed:,} events, the journal holds {found:,}: its end was cut off, or it was set back",
    ),
    "root_differs": (
        Grade.FAILED,
        "最初の {sealed:,} 件は、封印 {checkpoint} のときの記録と異なる: "
        "書換え、削除、挿入又は差替えがある(封印 {expected}、計算 {computed})",
        "the first {sealed:,} events are not those that {checkpoint} sealed: something was edited, deleted, inserted "
        "or replaced (sealed {expected}, computed {computed})",
    ),
    "differs_between": (
        Grade.FAILED,
        "異なるのは {first:,} 件目から {last:,} 件目までの間である",
        "the difference lies in events {first:,} to {last:,}",
    ),
    "unreadable": (
        Grade.FAILED,
        "{position:,} 件目の記録が読めない({detail})",
        "event number {position:,} cannot be read ({detail})",
    ),
    "not_opened": (
        Grade.FAILED,
        "記録簿を開いて読むことができない({detail})",
        "the journal cannot be opened and read ({detail})",
    ),
    "not_reached": (
        Grade.FAILED,
        "封印 {checkpoint} の {sealed:,} 件目までは、読めない記録があるため確かめられない",
        "the {sealed:,} events of {checkpoint} cannot all be read",
    ),
    "order_broken": (
        Grade.FAILED,
        "ケース {case} の記録 {expected} があるべき所に記録 {seq} がある({position:,} 件目)",
        "event {seq} of case {case} stands where event {expected} belongs (number {position:,})",
    ),
    "link_broken": (
        Grade.FAILED,
        "ケース {case} の記録 {seq} は、その前の記録とつながらない({position:,} 件目): "
        "どちらかが、記録されたままのものではない",
        "event {seq} of case {case} does not link to the event before it (number {position:,}): one of the two is not "
        "what was recorded",
    ),
    "more_breaks": (
        Grade.FAILED,
        "このほか {count:,} か所でつながりが切れている",
        "the chain is broken in {count:,} more places",
    ),
    "signature_wrong": (
        Grade.FAILED,
        "封印 {checkpoint} の署名が、鍵 {key} と合わない: 本文か署名が書き換えられている",
        "a signature of {checkpoint} does not hold for the key {key}: the text or the signature was changed",
    ),
    "no_known_signature": (
        Grade.FAILED,
        "封印 {checkpoint} には、指定された鍵による署名がない",
        "{checkpoint} has no signature by a key that was given",
    ),
    "event_not_sealed": (
        Grade.FAILED,
        "この記録は、封印された {position:,} 件目の記録ではない: 記録か証明書が書き換えられている",
        "the event is not the one that is sealed as number {position:,}: it or the proof was changed",
    ),
    "not_continued": (
        Grade.FAILED,
        "封印 {checkpoint} は、前の封印 {earlier} の続きであると示されていない",
        "{checkpoint} is not shown to continue the earlier {earlier}",
    ),
    "other_checkpoint": (
        Grade.FAILED,
        "証明書の封印は、封印 {checkpoint} と異なる",
        "the checkpoint of the proof is not {checkpoint}",
    ),
    "other_event": (
        Grade.FAILED,
        "証明書の記録は、記録簿の {position:,} 件目の記録と異なる",
        "the event in the proof is not the one that the journal holds as number {position:,}",
    ),
}


@attrs.frozen
class Fact:
    """One thing that a check has to say; ``values`` are what its wording is filled with."""

    code: str
    values: Mapping[str, Value] = attrs.field(factory=dict)

    @property
    def grade(self) -> Grade:
        """What it is for the reader."""
        return _WORDS[self.code][0]

    def text(self, lang: Lang = "ja") -> str:
        """The fact in words."""
        _, ja, en = _WORDS[self.code]
        return (en if lang == "en" else ja).format(**self.values)


def fact(code: str, **values: Value) -> Fact:
    """A fact of that code."""
    return Fact(code, values)


@attrs.frozen
class Verdict:
    """The facts of a check. ``events`` is how many the journal holds, ``sealed`` how many of them are proven."""

    facts: tuple[Fact, ...]
    events: int = 0
    sealed: int = 0

    @property
    def proven(self) -> bool:
        """Is all that was asked proven, and nothing contradicted?"""
        grades = {each.grade for each in self.facts}
        return Grade.PROVEN in grades and not grades & {Grade.FAILED, Grade.MISSING}

    def of(self, grade: Grade) -> tuple[Fact, ...]:
        """The facts of one grade."""
        return tuple(each for each in self.facts if each.grade is grade)

    def codes(self) -> list[str]:
        """The codes of the facts, in order."""
        return [each.code for each in self.facts]

    def text(self, lang: Lang = "ja") -> str:
        """All facts under their headings, what is contradicted first, and the outcome on the last line."""
        lines = []
        for grade in (Grade.FAILED, Grade.MISSING, Grade.PROVEN, Grade.OPEN):
            if facts := self.of(grade):
                lines.append(f"{grade.label(lang)}:")
                lines.extend(f"  - {each.text(lang)}" for each in facts)
        if not self.proven:
            lines.append("結果: 証明されない" if lang == "ja" else "Result: not proven")
        else:  # never more than that: there is always something that a checkpoint does not say
            lines.append("結果: 上記の範囲で証明された" if lang == "ja" else "Result: proven, as far as said above")
        return "\n".join(lines)

    def to_json(self, lang: Lang = "ja") -> dict[str, Any]:
        """The verdict for other programs."""
        return {
            "proven": self.proven,
            "events": self.events,
            "sealed": self.sealed,
            "facts": [
                {"code": each.code, "grade": each.grade.value, "message": each.text(lang), "values": dict(each.values)}
                for each in self.facts
            ],
        }


__all__ = ["Fact", "Grade", "Verdict", "fact"]
