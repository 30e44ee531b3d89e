"""Where exploring begins: what is tried besides the office that was given."""

from __future__ import annotations

from typing import get_args

import attrs
import pytest

from shuroflow.states import Office, Settings
from shuroflow.states.figures import DeductionBasis, Standard
from shuroflow.verification.paths.starting import other_offices

SETTINGS = [
    Settings(),
    Settings(first_day="excluded", plan_due_days=14),
    Settings(standard="national_table"),
    Settings(deduction_basis="law_on_application_date"),
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_other_offices(settings: Settings) -> None:
    """Each setting is otherwise in one of them, and all are offices that can be; the rest stands as it was.

    Of the standard and the basis of the deduction, whichever is not tried is the usual one where both cannot be.
    """
    office = Office(settings=settings)
    others = [each.settings for each in other_offices(office)]
    changed = [
        {field.name for field in attrs.fields(Settings) if getattr(each, field.name) != getattr(settings, field.name)}
        for each in others
    ]
    assert {frozenset(each) - {"standard", "deduction_basis"} for each in changed if len(each) > 1} <= {frozenset()}
    assert {field.name for field in attrs.fields(Settings)} == set().union(*changed)
    assert set(get_args(Standard)) == {each.standard for each in others}
    assert set(get_args(DeductionBasis)) == {each.deduction_basis for each in others}
    assert all(office.figures is each.figures for each in other_offices(office))
