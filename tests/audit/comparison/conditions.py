"""Conditions to compare under, and a programme with two editions. Nothing here judges or compares anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import attrs

from shuroflow.audit import Conditions
from shuroflow.events import Event
from shuroflow.states import Office, Programme, programme
from shuroflow.states.saitama.case import SaitamaCase
from shuroflow.states.saitama.guards.meetings import three_parties_consulted
from shuroflow.states.saitama.guards.selection import target_still_stands
from shuroflow.vocabulary import Severity

NEW_TEXT = date(2025, 4, 12)
"""First day of the invented second edition."""

OVERLAYS: Mapping[str, str] = {
    "built in": "",
    "first day": '[settings]\nfirst_day = "excluded"',
    "standard": '[settings]\nstandard = "national_table"',
    "deduction": '[settings]\ndeduction_basis = "law_on_application_date"',
    "days": "[settings]\nplan_due_days = 5\nreview_interval_days = 30\ncontact_gap_days = 14",
    "closed": "[calendar]\nclosed = [2026-05-11]",
    "figure": '[[figures.levy_base]]\nfrom = 2021\nto = 2026\nvalue = 315_000\nsource = "条例"\nverified = true',
}


@cache
def office(name: str) -> Office:
    """The office of one of the overlays."""
    return Office.parse(OVERLAYS[name])


def _counted(case: SaitamaCase, event: Event, office: Office) -> None:
    """An extension is counted and settles what was owed."""
    case.extensions += 1
    case.discharge("extend_or_end")


@cache
def amended() -> Programme:
    """埼玉 with an invented second edition.

    It no longer asks for three parties at the selection, nor whether the target still stands; a consent that lacks an
    object is only to be confirmed; an extension brings no further period; and visits have no turn within a day.
    """
    kind = programme("saitama")
    first = kind.current
    rows = [
        attrs.evolve(
            row,
            guards=tuple(guard for guard in row.guards if guard not in (three_parties_consulted, target_still_stands)),
            fold=_counted if row.event == "extended" else row.fold,
            turn=0,
        )
        for row in first.rows
    ]
    milder = attrs.evolve(first.table.rules["consent_to_both"], severity=Severity.OBSERVATION)
    rules = attrs.evolve(first.table, rules={**first.table.rules, "consent_to_both": milder})
    later = first.amended(rules=rules, rows=rows, in_force_from=NEW_TEXT)
    return attrs.evolve(kind, editions=(first, later))


def two_editions(day: date | None = None, overlay: str = "built in") -> Conditions:
    """Conditions under the amended programme: all by the edition of one day, or each event by that of its own."""
    return Conditions(office=office(overlay), edition=day, programmes={"saitama": amended()})


CONDITIONS: tuple[Conditions, ...] = (
    *(Conditions(office=office(name)) for name in OVERLAYS),
    Conditions(edition=date(2025, 4, 1)),
    two_editions(),
    two_editions(date(2025, 4, 11)),
    two_editions(NEW_TEXT),
    two_editions(NEW_TEXT, "first day"),
)
