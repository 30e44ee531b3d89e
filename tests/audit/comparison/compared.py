"""The told records compared, and sides to compare them under, for the tests of what is written of them."""

from __future__ import annotations

from collections.abc import Iterable

from shuroflow.audit import Conditions, Difference, Later, Receipt, compare
from shuroflow.audit.comparison.tally import Side
from shuroflow.errors import InputError
from shuroflow.vocabulary import Lang
from tests.audit.comparison.conditions import office
from tests.audit.records import STORIES, story
from tests.states.story import AS_OF

RECEIPT = Receipt(as_of=AS_OF)
HERE = Side(conditions=Conditions())
LANGUAGES: tuple[Lang, ...] = ("ja", "en")
BAD = InputError("is no line", file="cases.jsonl", line=7, field="seq", case_id="C-9")
SPOILT = [BAD, Later("C-8", "saitama")]


def side(name: str) -> Side:
    """An office with an overlay."""
    return Side(conditions=Conditions(office=office(name)), overlay=f"{name}.toml")


def compared(there: Side, here: Side = HERE, names: Iterable[str] = STORIES) -> list[Difference]:
    """The told records under two sides."""
    found = [compare(story(name), as_of=AS_OF, here=here.conditions, there=there.conditions) for name in names]
    return [each for each in found if each is not None]
