"""What a row that is left out may be: of which cases, and whether it corrects or withdraws what is imported without it.

An import must not take a case without its withdrawal. So a row counts as an amendment unless it can be told that it is
none, and as of any case unless its case can be told. This module reads no file and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from shuroflow.importing.csvfile import Row
from shuroflow.importing.events import Builder
from shuroflow.importing.faults import Kind
from shuroflow.importing.mapping import Condition, Mapping, Rule, columns_of
from shuroflow.importing.settling import AMENDING


@attrs.frozen
class Concern:
    """``cases``: those that a row may be of. ``any_case``: that cannot be told, or not for certain.

    ``amends``: it is a correction or withdrawal, or may be one.
    """

    cases: frozenset[str] = frozenset()
    any_case: bool = False
    amends: bool = False

    def __or__(self, other: Concern) -> Concern:
        return Concern(self.cases | other.cases, self.any_case or other.any_case, self.amends or other.amends)


def meant(builder: Builder, row: Row, conditions: Iterable[Condition], unsure: frozenset[str] = frozenset()) -> bool:
    """Do the cells of a row fit? One of ``unsure`` columns, that cannot be read, fits whatever is asked of it."""
    return all(
        condition.column in unsure
        or (
            not builder.blank(row, condition.column)
            if condition.values is None
            else builder.text(row, condition.column) in condition.values
        )
        for condition in conditions
    )


def of_unreadable(builder: Builder, mapping: Mapping, row: Row) -> Concern:
    """A row whose cells are not where the headings say, or are no text."""
    if any(fault.kind is not Kind.BYTES for fault in row.faults) or len(row.cells) != builder.width:
        return Concern(any_case=True, amends=True)
    unsure = frozenset(fault.column for fault in row.faults if fault.column is not None)
    rules = [rule for rule in mapping.rules if meant(builder, row, rule.when, unsure)]
    return of_rules(builder, row, rules, unsure) if rules else of_no_rule(builder, mapping, row, unsure)


def of_no_rule(builder: Builder, mapping: Mapping, row: Row, unsure: frozenset[str] = frozenset()) -> Concern:
    """A row that no rule fits. One whose cells are all blank says nothing, and so amends nothing."""
    blank = not row.faults and all(cell in mapping.blank for cell in row.cells)
    return attrs.evolve(of_rules(builder, row, mapping.rules, unsure), amends=not blank)


def of_rules(builder: Builder, row: Row, rules: Sequence[Rule], unsure: frozenset[str] = frozenset()) -> Concern:
    """A row that these rules fit."""
    found = {
        None if unsure.intersection(columns_of(rule.envelope.of["case_id"])) else builder.case_id(rule, row)
        for rule in rules
    }
    amends = any(rule.event in AMENDING for rule in rules)
    return Concern(frozenset(case_id for case_id in found if case_id is not None), None in found, amends)


__all__ = ["Concern", "meant", "of_no_rule", "of_rules", "of_unreadable"]
