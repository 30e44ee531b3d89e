"""Plain mappings ↔ payloads: every fault told, and no type that could not be stored."""

from __future__ import annotations

import json
from datetime import date
from enum import Enum
from typing import Annotated, Any

import attrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuroflow.errors import InputError, UnknownEvent, UnknownProgramme
from shuroflow.events import Actor, kinds_of, payload
from shuroflow.events.saitama import Selected, TargetClass
from shuroflow.events.shapes import MAX_SAFE, fields_of, shape_of
from shuroflow.events.structure import check_plain, structure, unstructure
from shuroflow.verification.journals.events import KINDS, parts
from shuroflow.vocabulary import Role


@pytest.mark.parametrize(("programme", "kind"), KINDS)
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_round_trip(programme: str, kind: str, data: st.DataObject) -> None:
    """Every payload comes back equal from its plain form, which is JSON and leaves defaults out."""
    made = data.draw(parts(kinds_of(programme)[kind]))
    plain = unstructure(made)
    assert json.loads(json.dumps(plain)) == plain
    assert made == structure(programme, kind, plain)
    for field in attrs.fields(type(made)):
        left_out = field.name not in plain
        assert left_out == (field.default is not attrs.NOTHING and getattr(made, field.name) == field.default)


def test_typed_values_are_taken() -> None:
    """Values that are typed already (dates, codes, parts) are as good as their plain form."""
    actor = Actor("cw-1", Role.CASEWORKER)
    typed = {"attendees": (actor,), "target_class": TargetClass.A, "consulted_on": date(2025, 4, 1)}
    plain = {"attendees": [{"id": "cw-1", "role": "caseworker"}], "target_class": "a", "consulted_on": "2025-04-01"}
    wanted = Selected(attendees=(actor,), target_class=TargetClass.A, consulted_on=date(2025, 4, 1))
    assert wanted == structure("saitama", "selected", typed) == structure("saitama", "selected", plain)
    assert plain == unstructure(wanted)


def test_every_fault_with_its_path() -> None:
    """All faults at once, each with its path, what is allowed and the nearest known word."""
    with pytest.raises(InputError) as caught:
        structure(
            "saitama",
            "selected",
            {
                "attendees": [{"id": "a", "role": "caseworke"}, {"id": 5, "rol": "x"}, 5],
                "target_klass": "a",
                "consulted_on": "2025-02-30",
                "working": 1,
                "recognition": {"on": "2025-04-01"},
            },
        )
    found = dict(problem.split(": ", 1) for problem in caught.value.problems)
    assert caught.value.field == "data.attendees[0].role"
    assert "did you mean 'caseworker'" in found["data.attendees[0].role"]
    assert "office, caseworker, supervisor" in found["data.attendees[0].role"]
    assert "`str`" in found["data.attendees[1].id"]
    assert "missing (role in which" in found["data.attendees[1].role"]
    assert "did you mean 'role'" in found["data.attendees[1].rol"]
    assert "expected an object" in found["data.attendees[2]"]
    assert "missing" in found["data.target_class"]
    assert "did you mean 'target_class'" in found["data.target_klass"]
    assert "no day of the calendar" in found["data.consulted_on"]
    assert "`bool`" in found["data.working"]
    assert "missing" in found["data.recognition.reason"]
    assert len(found) == 10


@pytest.mark.parametrize("mapping", [None, [], "x", 5])
def test_no_mapping(mapping: Any) -> None:
    """Anything but a mapping is refused with the fields that are expected."""
    with pytest.raises(InputError, match="expected an object with reason, prior_case_id"):
        structure("saitama", "listed", mapping)


def test_unknown_names() -> None:
    """An unknown programme or event is told as such."""
    with pytest.raises(UnknownProgramme, match=r"saitama, .*tsushima"):
        structure("saitma", "listed", {})
    with pytest.raises(UnknownEvent, match="listed"):
        structure("saitama", "lsited", {})


@given(number=st.integers())
@settings(deadline=None, derandomize=True)
def test_integers_are_exact(number: int) -> None:
    """Integers beyond ±(2^53-1) are refused, wherever they stand."""
    good = abs(number) <= MAX_SAFE
    for value in ({"x": number}, {"x": [number]}, {"x": {"y": number}}):
        try:
            assert value == check_plain(value)
            assert good
        except ValueError:
            assert not good
    assert (0 <= number <= MAX_SAFE) == _taken("tsushima", "wages_paid", {"trial": "t", "amount": number})


@pytest.mark.parametrize(("number", "good"), [(0, True), (-1, False), (MAX_SAFE, True), (MAX_SAFE + 1, False)])
def test_yen_at_the_edges(number: int, good: bool) -> None:
    """Amounts run from 0 to 2^53-1."""
    assert good == _taken("tsushima", "wages_paid", {"trial": "t", "amount": number})


def _taken(programme: str, kind: str, mapping: dict[str, Any]) -> bool:
    try:
        structure(programme, kind, mapping)
    except InputError:
        return False
    return True


@pytest.mark.parametrize("text", ["a\n", "\n", "a\x00", "a\x7f", "a\tb", "", "x" * 201])
def test_ids_are_one_line(text: str) -> None:
    """An id is never empty, never long, and holds no control character, not even a line end at its end."""
    assert not _taken("tsushima", "wages_paid", {"trial": text, "amount": 1})


@pytest.mark.parametrize(
    ("month", "good"),
    [
        ("2025-04", True),
        ("2025-12", True),
        ("2025-13", False),
        ("2025-00", False),
        ("２０２５-04", False),
        ("2025-04\n", False),
    ],
)
def test_months(month: str, good: bool) -> None:
    """A month is written in ASCII digits and exists."""
    mapping = {"income_month": month, "income": 0, "assets": [], "assets_as_of": "2025-04-01"}
    assert good == _taken("tsushima", "assessed", mapping)


class Colour(Enum):
    """An enum of a plug-in."""

    RED = "red"


@attrs.frozen
class Swatch:
    """A part of a plug-in, with positional fields and types of its own."""

    colour: Colour
    number: int
    limited: Annotated[int, msgspec.Meta(gt=3, lt=5)] = 4


def test_limits_are_added() -> None:
    """A bare int of a plug-in gets the exact range; its own limits are kept."""
    for number, good in ((MAX_SAFE, True), (-MAX_SAFE, True), (MAX_SAFE + 1, False), (-MAX_SAFE - 1, False)):
        shape = fields_of(Swatch)[1].shape
        try:
            assert number == msgspec.convert(number, shape.type)  # type: ignore[union-attr]
            assert good
        except msgspec.ValidationError:
            assert not good
    assert unstructure(Swatch(Colour.RED, 1)) == {"colour": "red", "number": 1}


@pytest.mark.parametrize(
    "hint",
    [float, bytes, Any, object, list[str], set[str], dict[str, int], int | str, None, tuple[int, int], float | None],
)
def test_types_that_cannot_be_stored(hint: Any) -> None:
    """A type that the stored form cannot hold exactly is refused when the class is first used."""
    with pytest.raises(TypeError):
        shape_of(hint)


def test_classes_that_cannot_be_stored() -> None:
    """The refusal names the field and what to use."""

    @payload("measured")
    class Measured:
        weight: float

    @payload("collected")
    class Collected:
        items: tuple[str, ...] = attrs.field(factory=tuple)

    @payload("hidden")
    class Hidden:
        _secret: str

    for cls, said in ((Measured, r"weight: .*use str, int"), (Collected, "factory"), (Hidden, "own name")):
        with pytest.raises(TypeError, match=said):
            fields_of(cls)
    with pytest.raises(TypeError, match="no attrs class"):
        unstructure(5)
