"""What a duty is of: a reader can tell every open duty of a case from every other one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuroflow.case import Duty
from shuroflow.caseload.standing import Due, dues
from shuroflow.events import tsushima as e
from shuroflow.states import Wording, programme
from shuroflow.states.judgement import show
from shuroflow.states.subjects import subjects
from shuroflow.vocabulary import Lang
from tests.states.story import day, replay
from tests.states.tsushima_notices import AGAIN, DECISIONS, NAMES, history_of
from tests.states.tsushima_stories import APPROVED, claimed, workplace

AS_OF = day("2026-09-01")
DUTIES = st.lists(
    st.builds(
        Duty,
        st.sampled_from(["notice", "payment"]),
        st.dates(date(2025, 4, 1), date(2025, 4, 3)),
        st.integers(1, 9),
        subject=st.sampled_from(["", "a", "a#7", "b", "a(記録7)", "a (event 7)", "a(記録7)(記録8)"]),
    ),
    unique_by=lambda duty: (duty.code, duty.seq, duty.subject),
)
OF = {"notice": Wording(ja="{arose}の決定", en="decision of {arose}"), "payment": None}


@given(DUTIES, st.sampled_from(["ja", "en"]))
def test_no_two_are_called_the_same(duties: list[Duty], lang: Lang) -> None:
    """The number of the record is told where the words are those of another duty too; the words stay whole."""
    told = subjects([(duty, OF[duty.code]) for duty in duties], lang)
    plain = [show(duty.arose_on, lang) if duty.code == "notice" else duty.subject for duty in duties]
    alike = Counter((duty.code, words) for duty, words in zip(duties, plain, strict=True))
    for duty, words, named in zip(duties, plain, told, strict=True):
        assert words in named
        number = f"(記録{duty.seq})" if lang == "ja" else f" (event {duty.seq})"
        if words and alike[duty.code, words] > 1:
            assert named.endswith(number)
        assert (words == "") is (named == "")
    of_one = [(duty.code, named) for duty, named in zip(duties, told, strict=True) if named]
    assert len(of_one) == len(set(of_one))


def test_a_claim_of_the_name_that_another_one_is_called_by() -> None:
    """An id that reads like an id with its record is told with its own record; what is alone needs none."""
    ids = {"claim-1": (14, 15), "claim-1(記録15)": (20,), "claim-2": (21,)}
    duties = [Duty("payment", date(2025, 4, 1), seq, subject=claim) for claim, seqs in ids.items() for seq in seqs]
    told = ["claim-1(記録14)", "claim-1(記録15)", "claim-1(記録15)(記録20)", "claim-2"]
    assert told == subjects([(duty, None) for duty in duties])


def test_two_duties_of_one_event_that_its_day_alone_does_not_tell() -> None:
    """Their plain subjects are told where the words of the rule say the day only."""
    duties = [Duty("notice", date(2025, 4, 1), 3, subject=subject) for subject in ("甲", "乙")]
    told = subjects([(duty, OF["notice"]) for duty in duties])
    assert ["令和7年4月1日の決定、甲(記録3)", "令和7年4月1日の決定、乙(記録3)"] == told


def test_the_same_duty_on_two_sides_is_one() -> None:
    """Another due day alone, as a comparison tells it, does not make two of it."""
    one = Duty("payment", date(2025, 4, 1), 3, subject="claim-1")
    other = Duty("payment", date(2025, 4, 1), 3, subject="claim-1", due=date(2025, 5, 1))
    assert ["claim-1", "claim-1"] == subjects([(one, None), (other, None)])


def owed(events: Iterable[Any]) -> list[Due]:
    """The open duties of a history, as a desk tells them."""
    return list(dues(programme("tsushima").current, replay(events, as_of=AS_OF.isoformat()).case, AS_OF))


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(("upto", "more", "told"), DECISIONS)
def test_a_notice_says_of_which_decision(
    upto: str, more: Iterable[tuple[str, Any]], told: list[tuple[str, int]], lang: Lang
) -> None:
    """第5条第3項・第4項, 第7条第2項: by its day, which is that of the record; no two lines of a list are the same."""
    history = history_of(upto, more)
    items = [item for item in owed(history) if item.code in NAMES]
    days = {event.seq: event.occurred_on for event in history.events}
    assert sorted((code, days[seq]) for code, seq in told) == sorted((item.code, item.arose_on) for item in items)
    for item in items:
        assert show(item.arose_on, lang) in item.of(lang)
        assert "#" not in item.of(lang)
        assert item.arose_on.isoformat() == item.subject
    assert len(items) == len({(item.name(lang), item.of(lang)) for item in items})


def test_a_decision_made_again_on_the_day_of_the_next_one() -> None:
    """第5条第3項: the first application's decision was moved to the day on which the second one was decided as well."""
    moved = [("2025-06-22", APPROVED), *(("2025-06-22", data) for _, data in AGAIN)]
    items = [item for item in owed(history_of("use_approved", moved)) if item.code == "approval_notice"]
    assert ["decision of 2025-06-22 (event 4)", "decision of 2025-06-22 (event 9)"] == [it.of_en for it in items]


def test_two_claims_under_one_id() -> None:
    """第10条第2項: each is owed by its own receipt, and called by the id that it bears."""
    story = workplace("claim_received")
    first = story.events[-1]
    story.on("2025-11-20", claimed(1000, "2025-10-06", claim="claim-1"))
    items = [item for item in owed(story) if item.code == "payment"]
    assert [f"claim-1(記録{first.seq})", f"claim-1(記録{first.seq + 1})"] == [item.of_ja for item in items]
    assert ["claim-1", "claim-1"] == [item.subject for item in items]
    assert isinstance(first.data, e.ClaimReceived)
