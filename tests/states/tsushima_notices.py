"""対馬 第5条第3項・第4項, 第7条第2項: histories with several decisions, and the notices that each leaves owed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shuroflow.events import tsushima as t
from tests.states.story import DIRECTOR, Story, day
from tests.states.tsushima_stories import APPLIED, APPROVED, ASSESSED, course, discontinued, paper

NAMES = ("approval_notice", "rejection_notice", "discontinuation_notice")
START = t.UseStarted()
AGAIN = (  # waived, told so, and in the next fiscal year applied for and approved once more under the same id
    ("2025-12-01", discontinued("5", continuation_reason="waived", reason="本人の申出")),
    ("2025-12-02", t.DiscontinuationNotified(paper=paper("5"))),
    ("2026-04-10", APPLIED),
    ("2026-04-12", ASSESSED),
    ("2026-04-15", APPROVED),
)


def notice(start: str) -> t.ApprovalNotified:
    """The notice that use is approved, and from when."""
    return t.ApprovalNotified(paper=paper("3"), start_on=day(start))


NOTICE_4 = t.RejectionNotified(paper=paper("4"))
NOTICE_5 = t.DiscontinuationNotified(paper=paper("5"))
REJECTED = t.UseRejected(decided_by=DIRECTOR, reason="要件に該当しない")
REFUSED = (("2025-06-20", REJECTED),)
DIED = ("2026-05-01", discontinued("5", continuation_reason=t.ContinuationReason.DEATH))
GIVEN_UP = t.ApplicationWithdrawn(reason="本人の申出")
FIRST, SECOND = ("approval_notice", 3), ("approval_notice", 8)
REFUSED_FIRST, REFUSED_SECOND = ("rejection_notice", 3), ("rejection_notice", 6)

DECISIONS: list[tuple[str, Iterable[tuple[str, Any]], list[tuple[str, int]]]] = [
    ("use_approved", AGAIN, [FIRST, SECOND]),
    ("use_approved", [*AGAIN, ("2026-04-20", notice("2026-05-01"))], [FIRST]),
    ("use_approved", [*AGAIN, ("2026-04-20", notice("2026-05-01")), ("2026-04-21", notice("2026-05-01"))], [FIRST]),
    ("use_approved", [("2025-06-25", notice("2025-07-01")), *AGAIN], [("approval_notice", 9)]),
    # Of the decision before it: the second is not made yet, the first was told in between.
    ("use_approved", [*AGAIN[:3], ("2026-04-11", notice("2026-05-01")), *AGAIN[3:]], [("approval_notice", 9)]),
    ("use_approved", [*AGAIN[:3], ("2026-04-11", GIVEN_UP)], [FIRST]),
    ("use_approved", [*AGAIN, DIED], [FIRST]),
    ("use_approved", [*AGAIN[:3], DIED], [FIRST]),
    ("use_approved", [*AGAIN, ("2026-04-20", notice("2026-05-01")), ("2026-05-02", START)], [FIRST]),
    # Decided twice on one application is out of place; what the person is to be told is the last decision.
    ("use_approved", [("2025-06-22", APPROVED)], [("approval_notice", 4)]),
    ("use_approved", [("2025-06-22", APPROVED), ("2025-06-25", notice("2025-07-01"))], []),
    ("use_approved", [("2025-06-20", APPROVED), ("2025-06-25", notice("2025-07-01"))], []),
    (
        "use_approved",
        [("2025-06-25", notice("2025-07-01")), ("2025-06-26", APPROVED)],
        [("approval_notice", 5)],
    ),
    ("assessed", [*REFUSED, *AGAIN[2:4], ("2026-04-15", REJECTED)], [REFUSED_FIRST, REFUSED_SECOND]),
    ("assessed", [*REFUSED, *AGAIN[2:4], ("2026-04-15", REJECTED), ("2026-04-16", NOTICE_4)], [REFUSED_FIRST]),
    (
        "assessed",
        [*REFUSED, ("2025-06-21", NOTICE_4), *AGAIN[2:4], ("2026-04-15", REJECTED)],
        [("rejection_notice", 7)],
    ),
    (
        "assessed",
        [*REFUSED, *AGAIN[2:4], ("2026-04-15", REJECTED), ("2026-04-16", NOTICE_4), ("2026-04-17", NOTICE_4)],
        [REFUSED_FIRST],
    ),
    ("assessed", [*REFUSED, *AGAIN[2:]], [REFUSED_FIRST, ("approval_notice", 6)]),
    ("assessed", [*REFUSED, ("2025-06-22", REJECTED), ("2025-06-23", NOTICE_4)], []),
    (
        "use_approved",
        [AGAIN[0], *AGAIN[2:], ("2026-04-16", AGAIN[0][1])],
        [FIRST, ("discontinuation_notice", 4), ("approval_notice", 7), ("discontinuation_notice", 8)],
    ),
    (
        "use_approved",
        [AGAIN[0], *AGAIN[2:], ("2026-04-16", AGAIN[0][1]), ("2026-04-17", NOTICE_5)],
        [FIRST, ("discontinuation_notice", 4), ("approval_notice", 7)],
    ),
    # All on one day: each application has its own decision all the same.
    (
        "use_approved",
        [("2025-06-20", data) for _, data in AGAIN],
        [FIRST, SECOND],
    ),
    (
        "use_approved",
        [*(("2025-06-20", data) for _, data in AGAIN), ("2025-06-20", notice("2025-07-01"))],
        [FIRST],
    ),
]
"""Up to which step the course goes, what comes then, and what is owed as of 2026-09-01: the duty and its decision."""


def history_of(upto: str, more: Iterable[tuple[str, Any]]) -> Story:
    """The course up to a step, and then what else there is, in the order recorded."""
    history = course(upto)
    for when, data in more:
        history.on(when, data)
    return history
