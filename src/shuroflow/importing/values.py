"""Text of a cell → the plain value of a field, by the type of the field.

Text stays as it is, to the character. Days are read in the Western and the Japanese reckoning; numbers with full-width
digits, grouping and 円; a code by itself or by its Japanese or English word. Everything else is said to be unreadable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from enum import Enum
from typing import Any

from shuroflow.calendar import parse_date
from shuroflow.errors import InputError
from shuroflow.events.shapes import bare
from shuroflow.events.structure import did_you_mean
from shuroflow.importing.faults import Kind
from shuroflow.vocabulary import Term

YES = frozenset({"true", "1", "はい", "有", "あり", "○", "〇", "◯", "yes"})
NO = frozenset({"false", "0", "いいえ", "無", "なし", "×", "✕", "no"})
_NUMBER = re.compile(r"[¥\\]?([+-]?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)円?")
_TIME = re.compile(
    r"([0-9]{1,2})[:時]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:\.([0-9]{1,6}))?秒?|分)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_SPLIT = re.compile(r"(.*?[0-9日])(?:T|\s+|(?<=日))([0-9]{1,2}[:時].*)", re.DOTALL)


class Unreadable(ValueError):
    """A cell that cannot be read, with what kind of fault that is."""

    def __init__(self, kind: Kind, detail: str) -> None:
        self.kind, self.detail = kind, detail
        super().__init__(detail)


def looked_up(text: str, table: Mapping[str, Any]) -> Any:
    """The value of a code table.

    Raises:
        Unreadable: if the table has no such code.
    """
    if text not in table:
        raise Unreadable(Kind.UNKNOWN_CODE, f"{text!r}; {did_you_mean(text, table, what='codes')}")
    return table[text]


def value_of(text: str, hint: Any, *, offset: tzinfo | None, form: str | None = None) -> Any:
    """The plain value (as a stored line holds it) that a text stands for in a field of a type.

    Args:
        text: the cell.
        hint: type of the field.
        offset: what a moment without an offset is taken to have.
        form: for days and moments, the form of the text as :meth:`datetime.strptime` knows it.

    Raises:
        Unreadable: if it stands for none.
    """
    base = bare(hint)
    if base is str:
        return text
    if base is date:
        return (_strptime(text, form).date() if form else day_of(text)).isoformat()
    if base is datetime:
        moment = _strptime(text, form) if form else moment_of(text)
        return with_offset(moment, text, offset).isoformat()
    plain = unicodedata.normalize("NFKC", text).strip()
    if base is bool:
        if plain.lower() in YES or plain.lower() in NO:
            return plain.lower() in YES
        words = ", ".join(sorted(YES | NO))
        raise Unreadable(Kind.VALUE, f"{text!r} is neither yes nor no; give a `table`, or write one of {words}")
    if base is int:
        match = _NUMBER.fullmatch(plain)
        digits = match[2].replace(",", "") if match is not None else ""
        if match is None or len(digits) > 20:
            raise Unreadable(Kind.VALUE, f"{text!r} is no whole number")
        return int(match[1] + digits)
    if isinstance(base, type) and issubclass(base, Term):
        return _term(text, base)
    if isinstance(base, type) and issubclass(base, Enum):
        return text
    return text


def _term(text: str, terms: type[Term]) -> str:
    """The code of a term that is written as its code or as one of its words."""
    for term in terms:
        if text in (term.value, term.label("ja"), term.label("en")):
            return term.value
    try:
        return terms(text).value
    except ValueError:
        known = [f"{term.value} ({term.label('ja')})" for term in terms]
        raise Unreadable(Kind.UNKNOWN_CODE, f"{text!r} is not one of {', '.join(known)}; give a `table`") from None


def day_of(text: str) -> date:
    """A day in either reckoning.

    Raises:
        Unreadable: if it is none.
    """
    try:
        return parse_date(text)
    except InputError as error:
        raise Unreadable(Kind.VALUE, error.message) from None


def moment_of(text: str) -> datetime:
    """A day and a time, with or without an offset.

    Raises:
        Unreadable: if it is none.
    """
    match = _SPLIT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        raise Unreadable(
            Kind.VALUE, f"{text!r} is no day with a time; where the time is missing, give `date` and `time`"
        )
    return datetime.combine(day_of(match[1]), time_of(match[2]))


def time_of(text: str) -> time:
    """A time of day: ``15:04``, ``15:04:05``, ``15時4分``, with or without an offset.

    Raises:
        Unreadable: if it is none.
    """
    match = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        if match is None:
            raise ValueError
        hour, minute, second, fraction, zone = match.groups()
        micro = int((fraction or "0").ljust(6, "0"))
        made = time(int(hour), int(minute), int(second or 0), micro)
        return made if zone is None else made.replace(tzinfo=time.fromisoformat(f"00:00{zone}").tzinfo)
    except ValueError:
        raise Unreadable(Kind.VALUE, f"{text!r} is no time of day; write it like 15:04 or 15:04:05") from None


def with_offset(moment: datetime, text: str, offset: tzinfo | None) -> datetime:
    """The moment with the offset that the mapping states, where it has none of its own.

    Raises:
        Unreadable: if the mapping states none.
    """
    if moment.tzinfo is not None:
        return moment
    if offset is None:
        raise Unreadable(
            Kind.VALUE, f'{text!r} has no offset from UTC; give `offset`, such as "+09:00", in the mapping'
        )
    return moment.replace(tzinfo=offset)


def _strptime(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), form)  # noqa: DTZ007 - the offset comes from the mapping
    except ValueError:
        raise Unreadable(Kind.VALUE, f"{text!r} is not written as {form!r}") from None


__all__ = ["NO", "YES", "Unreadable", "day_of", "looked_up", "moment_of", "time_of", "value_of", "with_offset"]
