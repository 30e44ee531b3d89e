"""Where a rule does not apply: for the facts of the text, said in both languages, and never as a finding or as kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given

from shuroflow.events import Event
from shuroflow.states import Inapplicable, Office
from shuroflow.states.saitama.guards import reasons as reasons_of_saitama
from shuroflow.states.tsushima.guards import reasons as reasons_of_tsushima
from tests.states import (
    saitama_stories,
    saitama_witnesses,
    saitama_witnesses_edges,
    saitama_witnesses_later,
    tsushima_stories,
    tsushima_witnesses,
    tsushima_witnesses_edges,
    tsushima_witnesses_later,
    tsushima_witnesses_money,
)
from tests.states.inapplicable import ALONE, SHOWN, TOLD
from tests.states.story import OFFICE, Witness, any_events, edition_of, gone_astray, programme_of

REASONS: dict[str, dict[str, Inapplicable]] = {
    code: {name: value for name, value in vars(room).items() if isinstance(value, Inapplicable)}
    for code, room in (("saitama", reasons_of_saitama), ("tsushima", reasons_of_tsushima))
}
WITNESSES: dict[str, dict[str, Witness]] = {
    code: {witness.id: witness for room in rooms for witness in room.WITNESSES}
    for code, rooms in (
        ("saitama", (saitama_witnesses, saitama_witnesses_later, saitama_witnesses_edges)),
        (
            "tsushima",
            (
                tsushima_witnesses,
                tsushima_witnesses_later,
                tsushima_witnesses_money,
                tsushima_witnesses_edges,
            ),
        ),
    )
}
STORIES = {"saitama": saitama_stories.STORIES, "tsushima": tsushima_stories.STORIES}

GUARDS = {code: {guard.__name__: guard for row in edition_of(code).rows for guard in row.guards} for code in REASONS}

NEVER_HOLD = {"abolished_before_support", "prior_use_counted"}
"""Rules that speak of every event they reach: what they say is a remark, and asks for nothing that could be kept."""

Answer = Mapping[str, Any] | Inapplicable | None


def answers(events: list[Event], office: Office = OFFICE) -> Iterator[tuple[Event, dict[str, Answer], set[str]]]:
    """Each event of a history, what each guard of its row answers, and the rules of which the judge found something."""
    programme = programme_of(events[0].programme)
    case = programme.current.new_case(events[0].case_id)
    for event in events:
        edition = programme.edition_on(event.occurred_on)
        judgement = edition.judge(case, event, office)
        trigger = edition.machine.events.get(event.kind)
        choices: Any = trigger.transitions.get(judgement.source.value, ()) if trigger is not None else ()
        row = next((each.row for each in choices if each.row.when is None or each.row.when(case, event)), None)
        said = {guard.__name__: guard(case, event, office) for guard in row.guards} if row is not None else {}
        yield event, said, {finding.rule.code.partition(".")[2] for finding in judgement.findings}
        edition.fold(case, event, office)


def last_answer(witness: Witness, rule: str) -> Answer:
    """What the guard of a rule says of the last event of a witness."""
    *_, (_, said, _) = answers(witness.story.events, witness.office)
    return said[rule]


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_is_a_fact_in_both_languages(code: str) -> None:
    """Each is said once, without a value to fill in, in Japanese and in English."""
    told = REASONS[code].values()
    for words in ([each.reason.ja for each in told], [each.reason.en for each in told]):
        assert len(words) == len(set(words))
        assert not [text for text in words if re.search(r"[{}]|[.。]$", text)]
    assert not [each.reason.ja for each in told if not re.search(r"[ぁ-ん]", each.reason.ja)]
    assert not [each.reason.en for each in told if not re.fullmatch(r"[ -~アイ]+", each.reason.en)]


@pytest.mark.parametrize(
    ("code", "rule", "reason", "shown"),
    [
        (code, rule, reason, shown)
        for code, rules in SHOWN.items()
        for rule, reasons in rules.items()
        for reason, shown in reasons.items()
    ],
)
def test_a_rule_does_not_apply_for_the_reason_told(code: str, rule: str, reason: str, shown: str) -> None:
    """The story of the witness shows the fact that puts the rule out of play."""
    assert REASONS[code][reason] is last_answer(WITNESSES[code][shown], rule)


@pytest.mark.parametrize(("rule", "reason", "story"), TOLD, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_not_on_record_is_the_reason(rule: str, reason: str, story: Any) -> None:
    """A record that leaves steps out: what a rule needs is not there, and the rule is not said to be kept."""
    *_, (_, said, found) = answers(story.events)
    assert REASONS[story.programme][reason] is said[rule]
    assert rule not in found


@pytest.mark.parametrize(
    ("rule", "reason", "case", "event"), ALONE, ids=lambda value: value if type(value) is str else ""
)
def test_a_guard_asked_alone_says_what_it_misses(rule: str, reason: str, case: Any, event: Event) -> None:
    """No record leads there, but guards are public and may be asked anywhere."""
    assert REASONS[event.programme][reason] is GUARDS[event.programme][rule](case, event, OFFICE)


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_shown(code: str) -> None:
    """None of the programme's reasons is without a story."""
    more = {reason for _, reason, story in TOLD if story.programme == code}
    more |= {reason for _, reason, _, event in ALONE if event.programme == code}
    shown = {reason for reasons in SHOWN[code].values() for reason in reasons}
    assert set(REASONS[code]) == shown | more


@pytest.mark.parametrize("code", REASONS)
def test_a_rule_applies_or_not_only_as_told(code: str) -> None:
    """Over all witnesses and records, a rule is out of play for the reasons named above and for no other."""
    named = {rule: {REASONS[code][reason] for reason in reasons} for rule, reasons in SHOWN[code].items()}
    for rule, reason, story in TOLD:
        if story.programme == code:
            named.setdefault(rule, set()).add(REASONS[code][reason])
    told = [(witness.story.events, witness.office) for witness in WITNESSES[code].values()]
    told += [(story(), OFFICE) for story in STORIES[code].values()]
    for events, office in told:
        for _, said, _ in answers(events, office):
            given = {rule: answer for rule, answer in said.items() if isinstance(answer, Inapplicable)}
            assert {} == {rule: answer for rule, answer in given.items() if answer not in named.get(rule, set())}


@pytest.mark.parametrize("code", REASONS)
def test_a_rule_that_may_not_apply_also_holds(code: str) -> None:
    """For each there is a witness of its own in which it applies and is kept."""
    kept = {
        witness.rule
        for witness in WITNESSES[code].values()
        if not witness.fails and witness.rule in SHOWN[code] and last_answer(witness, witness.rule) is None
    }
    assert set(SHOWN[code]) - NEVER_HOLD == kept


@pytest.mark.parametrize("code", REASONS)
def test_what_does_not_apply_is_no_finding(code: str) -> None:
    """Whatever is on record: the judge finds what a guard saw, and nothing where it does not apply."""

    @given(any_events(code) | gone_astray(STORIES[code]))
    def check(events: list[Event]) -> None:
        for _, said, found in answers(events):
            seen = {rule for rule, answer in said.items() if isinstance(answer, Mapping)}
            assert seen == found & set(said)
            assert all(answer is None or isinstance(answer, Mapping | Inapplicable) for answer in said.values())

    check()


@pytest.mark.parametrize("code", REASONS)
def test_what_does_not_apply_stands_in_nobodys_way(code: str) -> None:
    """What may be recorded next: of the rules that ask the case alone, those that saw something speak, and no other."""
    edition = edition_of(code)

    @given(any_events(code) | gone_astray(STORIES[code]))
    def check(events: list[Event]) -> None:
        case = edition.new_case(events[0].case_id)
        for event in events:
            edition.fold(case, event, OFFICE)
        for kind, trigger in edition.machine.events.items():
            probe = attrs.evolve(events[-1], kind=kind, data=None)
            source = edition.source_of(case, probe)
            choices: Any = trigger.transitions.get(source.value, ())
            if not choices:
                continue
            alone = [guard for guard in choices[0].row.guards if edition.rule_of(guard, choices[0].row).asks_case_only]
            seen = {guard.__name__ for guard in alone if isinstance(guard(case, probe, OFFICE), Mapping)}
            _, findings, _ = edition.possible(case, probe, OFFICE, source)
            assert seen == {finding.rule.code.partition(".")[2] for finding in findings}

    check()
