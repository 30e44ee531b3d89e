"""The words of the field: stable ASCII codes, each with a Japanese and an English label.

This module knows nothing else of the package. Every code written to a journal, a report or a
schema comes from here or from the payload classes in :mod:`shuroflow.events`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

Lang = Literal["ja", "en"]


class Term(StrEnum):
    """A code with a label in each language; the value is what is stored."""

    _ja: str
    _en: str

    def __new__(cls, value: str, ja: str = "", en: str = "") -> Term:
        """Make a member of its code and its labels; looking one up takes the code alone."""
        term = str.__new__(cls, value)
        term._value_ = value
        term._ja = ja
        term._en = en
        return term

    # Enum hashes by name in Python code; hashing the value in C is several times as fast and as good.
    __hash__ = str.__hash__

    def label(self, lang: Lang = "ja") -> str:
        """The word for a reader: Japanese by default, English with ``lang="en"``."""
        return self._ja if lang == "ja" else self._en


class State(Term):
    """Where a case stands. ``NEW`` is the moment before the first event and is never stored."""

    NEW = "new", "未登録", "not opened"
    CANDIDATE = "candidate", "候補", "candidate"
    SELECTED = "selected", "選定", "selected"
    CONSENTED = "consented", "同意", "consented"
    IN_SUPPORT = "in_support", "支援中", "in support"
    EXTENDED = "extended", "延長", "extended"
    ENDED = "ended", "終了", "ended"
    DISCONTINUED = "discontinued", "中止", "discontinued"
    AFTERCARE = "aftercare", "廃止後支援", "aftercare"
    DECLINED = "declined", "不採択", "declined"


UNDER_WAY = frozenset({State.IN_SUPPORT, State.EXTENDED})
CLOSED = frozenset({State.ENDED, State.DISCONTINUED, State.AFTERCARE, State.DECLINED})


class Role(Term):
    """In which role a person or an office acts; people are known by role-bound ids, never by name."""

    OFFICE = "office", "福祉事務所", "welfare office"
    CASEWORKER = "caseworker", "ケースワーカー", "caseworker"
    SUPERVISOR = "supervisor", "査察指導員", "supervisor"
    SPECIALIST = "specialist", "就労支援専門員", "employment support specialist"
    HELLO_WORK = "hello_work", "ハローワークの就労支援担当者", "Hello Work employment support officer"
    CONSULTATION_AGENCY = "consultation_agency", "自立相談支援機関", "self-reliance consultation agency"
    PERSON = "person", "本人", "the person"
    DIRECTOR = "director", "所長", "director of the welfare office"
    OFFICER = "officer", "担当者", "officer in charge"
    APPLICANT = "applicant", "申込者", "applicant"
    PROVIDER = "provider", "事業所", "workplace provider"
    CLERK = "clerk", "事務職員", "clerk"


class Severity(Term):
    """How grave a finding is. A violation rests on the text; our own reading gives at most an observation."""

    VIOLATION = "violation", "違反", "violation"
    OBSERVATION = "observation", "要確認", "to be confirmed"
    NOTE = "note", "注記", "note"


class Basis(Term):
    """What a rule rests on: the words of the 要綱, or a decision of this project where they are silent."""

    TEXT = "text", "要綱の文言", "the text"
    DECISION = "decision", "当ライブラリの読み方", "our reading"


class Modality(Term):
    """How a clause binds the office, read off the end of its sentence."""

    MUST = "MUST", "しなければならない", "must"
    SHALL = "SHALL", "ものとする", "shall"
    DIRECT = "DIR", "する・行う", "does (plain form: still a duty of the office)"
    MAY = "MAY", "できる・可能とする・妨げない", "may"
    AS_NEEDED = "ASN", "必要に応じ・適宜・参考とする", "as needed"
    DEFINITION = "DEF", "定義・事実", "a definition or a fact"

    @property
    def severity(self) -> Severity | None:
        """What a missing or wrong record under such a clause amounts to; ``None``: nothing."""
        if self in {Modality.MUST, Modality.SHALL, Modality.DIRECT}:
            return Severity.VIOLATION
        return Severity.OBSERVATION if self is Modality.AS_NEEDED else None


class Enforcement(Term):
    """Where the library gives effect to a clause."""

    GUARD = "guard", "判定規則", "guard"
    DUTY = "duty", "未了事項", "duty"
    RECORD = "record", "記録項目", "record"
    DEFINITION = "definition", "定義", "definition"
    DISCRETION = "discretion", "福祉事務所の裁量", "left to the office's discretion"
