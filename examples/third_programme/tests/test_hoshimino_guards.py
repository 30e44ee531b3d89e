"""Each rule with a history that breaks it by as little as can be, and one that just keeps it."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
import pytest
from hoshimino import events as e
from hoshimino.examples import APPLIED, BEGUN, COMMITTEE, NO, OFFICER, YES, history
from hoshimino.rulebook import ROWS, programme

from shuroflow import Office
from shuroflow.verification.probes import course

CODES = set(programme().current.table.rules)
A, C, D, N, I = BEGUN  # noqa: E741 - applied, consented, decided, notified, interviewed
TWO = COMMITTEE[:2]
OF_CHART = {"out_of_place", "out_of_place_observed", "after_close", "after_close_observed", "text_not_on_hand"}

Steps = tuple[tuple[str, Any], ...]


def applied(**changes: Any) -> Steps:
    """Up to the decision, with other facts on the day of application."""
    return ((A[0], attrs.evolve(APPLIED, **changes)), C, D)


def decided(on: str = "2025-04-24", *, consent: str = "2025-04-10", committee: Any = COMMITTEE) -> Steps:
    """A decision on another day, after another consent, by another committee."""
    return (A, (consent, e.Consented()), (on, e.Accepted(committee=committee)))


def extension(to: date, on: str = "2025-11-04") -> Steps:
    """An extension to a day."""
    return (*BEGUN, (on, e.Extended(committee=COMMITTEE, new_end=to)))


def work(first: date) -> Steps:
    """The person found work in summer, from another first day on."""
    return (*BEGUN, ("2025-07-01", e.FoundWork(first_day=first)))


def confirmed(on: str) -> Steps:
    """The outcome was confirmed after a period that ended on 11 November."""
    return (*BEGUN, (on, e.OutcomeConfirmed(content="通勤を続けている")))


VISIT = e.Supported(content="職場見学")
TWICE = (*TWO, TWO[1])
NO_CHAIR = tuple(attrs.evolve(member, seat=e.Seat.MEMBER) for member in COMMITTEE)
YES_ON = "2025-04-28"
CHART: Steps = (*BEGUN, ("2025-05-20", VISIT))

# rule → (steps that break it, steps that just keep it)
WITNESSES: list[tuple[str, Steps, Steps]] = [
    ("age_within_limits", applied(born_on=date(2010, 4, 8)), applied(born_on=date(2010, 4, 7))),
    ("age_within_limits", applied(born_on=date(1985, 4, 7)), applied(born_on=date(1985, 4, 8))),
    ("lives_in_town", applied(resident=False), applied()),
    ("not_in_work", applied(working=True), applied()),
    ("consent_in_writing", (A, (C[0], e.Consented(medium=e.Medium.ORAL))), (A, C)),
    ("consent_before_decision", decided(consent="2025-04-25"), decided(consent="2025-04-24")),
    ("decided_after_application", decided("2025-04-06", consent="2025-04-06"), decided("2025-04-07", consent=A[0])),
    ("committee_complete", decided(committee=TWO), decided()),
    ("committee_complete", decided(committee=TWICE), decided()),
    ("committee_complete", decided(committee=NO_CHAIR), decided()),
    ("decided_in_time", decided("2025-05-08"), decided("2025-05-07")),
    ("right_form", (A, C, D, (YES_ON, NO)), (A, C, D, N)),
    ("notified_in_time", (A, C, D, ("2025-05-02", YES)), (A, C, D, ("2025-05-01", YES))),
    ("notified_before_interview", (A, C, D, N, ("2025-04-27", I[1])), (A, C, D, N, (YES_ON, I[1]))),
    (
        "extended_during_support",
        extension(date(2026, 1, 31), on="2025-05-11"),
        extension(date(2026, 1, 31), on="2025-05-12"),
    ),
    ("extension_forward", extension(date(2025, 11, 11)), extension(date(2025, 11, 12))),
    ("extension_within_three_months", extension(date(2026, 2, 12)), extension(date(2026, 2, 11))),
    ("work_begun", work(date(2025, 7, 2)), work(date(2025, 7, 1))),
    ("work_begun", work(date(2025, 5, 11)), work(date(2025, 5, 12))),
    (
        "withdrawn_after_consent",
        (A, C, ("2025-04-09", e.ConsentWithdrawn())),
        (A, C, ("2025-04-10", e.ConsentWithdrawn())),
    ),
    ("confirmed_in_time", confirmed("2025-12-12"), confirmed("2025-12-11")),
    # the chart itself
    ("out_of_place", (A, (D[0], D[1])), (A, C, D)),
    ("out_of_place", (*extension(date(2025, 12, 31)), ("2025-11-20", extension(date(2026, 1, 31))[-1][1])), CHART),
    ("out_of_place_observed", (A, C, C), (A, C)),
    ("after_close", (*BEGUN, ("2025-11-12", VISIT)), (*BEGUN, ("2025-11-11", VISIT))),
    ("text_not_on_hand", (("2024-03-31", APPLIED),), (("2024-04-01", APPLIED),)),
]


def rules(steps: Steps, by: Any = None) -> set[str]:
    """The rules that speak of the last step."""
    told = history("case-1", *steps, **({} if by is None else {"by": by}))
    return {finding.rule.code.partition(".")[2] for finding in course(told, Office())[-1].findings}


@pytest.mark.parametrize(("rule", "breaking", "keeping"), WITNESSES, ids=[each[0] for each in WITNESSES])
def test_breaks_and_keeps(rule: str, breaking: Steps, keeping: Steps) -> None:
    """The rule, and it alone, speaks of what breaks it; none speaks of what just keeps it."""
    assert ({rule}, set()) == (rules(breaking), rules(keeping))


def test_support_is_given_by_the_companion() -> None:
    """第8条: what an officer records of their own support is refused; the same recorded of the companion is not."""
    by_other = (*BEGUN[:4], (I[0], e.Interviewed(by=OFFICER)))

    assert ({"by_companion"}, set()) == (rules(by_other), rules(BEGUN, by=None))


def test_every_rule_has_witnesses() -> None:
    """No rule without a history that breaks it, and no guard without a rule."""
    guards = {guard.__name__ for row in ROWS for guard in row.guards}
    shown = {rule for rule, _, _ in WITNESSES} | {"by_companion"}

    assert guards == CODES - OF_CHART
    assert CODES - {"after_close_observed"} == shown  # each way to close a case here is in the text
