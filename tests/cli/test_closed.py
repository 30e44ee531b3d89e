"""How ``next`` says that a case is closed: no day, clause or state is that of another closing."""

from __future__ import annotations

import pytest

from shuroflow.cli.closed import closed_line
from shuroflow.events import Event
from shuroflow.events import saitama as s
from shuroflow.states import Office
from shuroflow.states.history import effective
from tests.states.saitama_stories import course
from tests.states.story import day
from tests.states.tsushima_notices import REJECTED, history_of
from tests.states.tsushima_stories import discontinued

NEEDED = s.AssistanceAbolished(cause=s.AbolitionCause.OWN_EMPLOYMENT, need=True, need_judged_on=day("2025-09-01"))
AFTER = course("ended").on("2025-09-01", NEEDED).events
WAIVED = discontinued("5", continuation_reason="waived", reason="本人")
LATER = discontinued("5", continuation_reason="waived", reason="本人", effective_on=day("2025-12-31"))
TWICE = history_of("plan_made", [("2025-12-01", WAIVED), ("2025-12-03", REJECTED)]).events
AHEAD = history_of("plan_made", [("2025-12-01", LATER)]).events
AHEAD_TWICE = history_of("plan_made", [("2025-12-01", LATER), ("2025-12-03", REJECTED)]).events
IN_USE = history_of("plan_made", []).events
TOO_LATE = history_of("plan_made", [("2026-04-10", WAIVED)]).events


@pytest.mark.parametrize(
    ("events", "on", "ja", "en"),
    [
        (IN_USE, "2026-03-31", None, None),
        (AFTER, "2025-06-19", None, None),
        (
            AFTER,
            "2025-06-20",
            "このケースは令和7年6月20日に閉じています(終了、4(4))。",
            "The case has been closed since 2025-06-20 (ended, 4(4)).",
        ),
        (
            AFTER,
            "2026-01-10",
            "このケースは令和7年6月20日に閉じています(終了、4(4))。令和7年9月1日からは廃止後支援です。",
            "The case has been closed since 2025-06-20 (ended, 4(4)). Since 2025-09-01 its state is: aftercare.",
        ),
        (
            TWICE,
            "2026-01-10",
            "このケースは令和7年12月1日に閉じています(中止、第7条第1項)。令和7年12月3日からは不採択です。",
            "The case has been closed since 2025-12-01 (discontinued, 第7条第1項). "
            "Since 2025-12-03 its state is: declined.",
        ),
        (
            AHEAD,
            "2025-12-31",
            "このケースは令和7年12月1日に中止と決まり(第7条第1項)、令和7年12月31日まで続きます。",
            "The case was set on 2025-12-01 to be closed as discontinued (第7条第1項), and goes on until 2025-12-31.",
        ),
        (
            AHEAD,
            "2026-01-01",
            "このケースは令和7年12月31日に閉じています(中止、第7条第1項)。",
            "The case has been closed since 2025-12-31 (discontinued, 第7条第1項).",
        ),
        (
            AHEAD_TWICE,
            "2025-12-03",
            "このケースは令和7年12月1日に中止と決まり(第7条第1項)、令和7年12月31日まで続きます。令和7年12月3日からは不採択です。",
            "The case was set on 2025-12-01 to be closed as discontinued (第7条第1項), and goes on until 2025-12-31. "
            "Since 2025-12-03 its state is: declined.",
        ),
        (
            IN_USE,
            "2026-04-01",
            "このケースは令和8年3月31日に閉じています(終了、第6条第1項)。",
            "The case has been closed since 2026-03-31 (ended, 第6条第1項).",
        ),
        (
            TOO_LATE,
            "2026-04-10",
            "このケースは令和8年3月31日に閉じています(終了、第6条第1項)。令和8年4月10日からは中止です。",
            "The case has been closed since 2026-03-31 (ended, 第6条第1項). "
            "Since 2026-04-10 its state is: discontinued.",
        ),
    ],
)
def test_each_closing_by_its_own_day_and_clause(events: list[Event], on: str, ja: str | None, en: str | None) -> None:
    """4(4), 6; 第6条第1項, 第7条第1項: what came to its end, and apart from it what the state is since then."""
    held = effective(events, as_of=day(on))
    told, in_english = (closed_line(held, day(on), office=Office(), any_more=False, lang=lang) for lang in ("ja", "en"))
    assert ja == (told and told.partition("訂正と取消")[0].strip())
    assert en == (in_english and in_english.partition("Besides")[0].strip())
