"""What an explanation says is so: each sentence about the record is checked against the events, told here in own words.

The events of a history are read anew; no guard, no fold and no case is asked what is on record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given

from shuroflow.events import Event
from shuroflow.events import saitama as s
from shuroflow.events import tsushima as t
from shuroflow.states import Inapplicable, Office
from tests.states import saitama_stories as saitama
from tests.states import tsushima_stories as tsushima
from tests.states.inapplicable import TOLD
from tests.states.story import OFFICE, OFFICER, Story, any_events, gone_astray
from tests.states.test_inapplicable import REASONS, STORIES, WITNESSES, answers

Claim = Callable[[Sequence[Event], Event], bool]
"""Is a sentence so, given the events before and the event it is said of?"""


def none_of(*kinds: str) -> Claim:
    """No such event went before."""
    return lambda before, event: not [each for each in before if each.kind in kinds]


def blank(field: str) -> Claim:
    """The event itself leaves the field open."""
    return lambda before, event: not getattr(event.data, field)


def outcome_of_application(before: Sequence[Event]) -> Event | None:
    """The last word on an application for public assistance."""
    return next((each for each in reversed(before) if each.kind == "application_resolved"), None)


def did_not_fail(before: Sequence[Event], event: Event) -> bool:
    """Nothing became of the application so far, or assistance did."""
    last = outcome_of_application(before)
    return last is None or last.data.result is s.ApplicationResult.GRANTED


def failed_later(before: Sequence[Event], event: Event) -> bool:
    """It failed, but on a later day than that of the event."""
    last = outcome_of_application(before)
    return (
        last is not None
        and last.data.result is not s.ApplicationResult.GRANTED
        and last.occurred_on > event.occurred_on
    )


def nothing_owed_after_employment(before: Sequence[Event], event: Event) -> bool:
    """Every end of assistance through own work with more support needed was followed by the information."""
    owed = False
    for each in before:
        if each.kind == "assistance_abolished" and each.data.cause is s.AbolitionCause.OWN_EMPLOYMENT:
            owed = owed or bool(each.data.need)
        elif each.kind == "information_given" and not each.data.attempted_only:
            owed = False
    return not owed


def nothing_owed_unfinished(before: Sequence[Event], event: Event) -> bool:
    """No first word of an end of assistance for another reason, but death, while support ran, is left unanswered."""
    owed = running = False
    for each in before:
        if each.kind in {"ended", "ended_outside", "discontinued", "declined"}:
            running = False
        elif each.kind == "support_started":
            running = True
        elif each.kind == "assistance_abolished":
            others = {s.AbolitionCause.OWN_EMPLOYMENT, s.AbolitionCause.DEATH}
            owed, running = owed or (running and each.data.cause not in others), False
        elif each.kind == "information_given":
            owed = False
    return not owed


def of_present(before: Sequence[Event]) -> list[Event]:
    """The events for the present application: those from the last one on, where there were several."""
    places = [at for at, each in enumerate(before) if each.kind == "applied"]
    return list(before[places[-1] :]) if len(places) > 1 else list(before)


def none_for_present(*kinds: str) -> Claim:
    """No such event for the present application went before."""
    return lambda before, event: not [each for each in of_present(before) if each.kind in kinds]


def not_assessed_after_application(before: Sequence[Event], event: Event) -> bool:
    """No application was followed by an assessment of it."""
    places = [at for at, each in enumerate(before) if each.kind == "applied"]
    return not places or not [each for each in before[places[-1] :] if each.kind == "assessed"]


def not_applied_for_consultation(before: Sequence[Event], event: Event) -> bool:
    """The last application does not say that the person is one."""
    last = next((each for each in reversed(before) if each.kind == "applied"), None)
    return last is None or last.data.person_class is not t.PersonClass.CONSULTATION_APPLICANT


def membership_left_open(before: Sequence[Event], event: Event) -> bool:
    """Of somebody concerned nothing is known."""
    return None in membership(before)


def membership(before: Sequence[Event]) -> list[bool | None]:
    """What is on record of everyone concerned, in the last assessment."""
    data = next(each.data for each in reversed(of_present(before)) if each.kind == "assessed")
    return [data.gang_member, *(each.gang_member for each in data.household if each.shares_livelihood)]


def papers(event: Event) -> Sequence[t.Paper]:
    """Those of an event."""
    return event.data.papers if hasattr(event.data, "papers") else (event.data.paper,)


def no_such_claim(before: Sequence[Event], event: Event) -> bool:
    """The claim that bore the id was given back, or there was none; while one bears it, it names no other (T-41)."""
    borne = paid = False
    for each in before:
        if getattr(each.data, "claim", None) != event.data.claim:
            continue
        if each.kind == "claim_received":
            borne = True
        elif each.kind == "claim_paid":
            paid = borne
        elif each.kind == "claim_returned":
            borne = paid
    return not borne


def all_of(*claims: Claim) -> Claim:
    """A sentence that says several things."""
    return lambda before, event: all(each(before, event) for each in claims)


def never_ran(before: Sequence[Event], event: Event) -> bool:
    """What went before came to no use."""
    return event.data.prior_outcome in {t.PriorOutcome.REJECTED, t.PriorOutcome.WITHDRAWN}


SAITAMA: dict[str, Claim] = {
    "no specialist is on record for the case (no start of support)": none_of("support_started"),
    "no recognition by the office is on record whose reason could be looked at": blank("recognition"),
    "no application for assistance stands on record as failed": did_not_fail,
    "the last outcome on record of the application for assistance, a failure, is of a later day": failed_later,
    "the day of the listing is not on record": none_of("listed"),
    "no selection of the person is on record": none_of("selected"),
    "no consent is on record": none_of("consented"),
    "neither a decision nor a consent is on record": none_of("support_decided", "consented"),
    "the first day of support is not on record": blank("start_on"),
    "no period of support is on record": none_of("support_started"),
    "the day of the consultation on the extension is not on record": blank("consulted_on"),
    "no authority to place people is on record, of which another rule speaks": blank("authority"),
    "no end of the support is on record": none_of("ended", "ended_outside", "discontinued"),
    "no duty to inform under 6(1) is open by the record of this case (it is done, or never arose)": (
        nothing_owed_after_employment
    ),
    "no duty to inform under 6(2) is open by the record of this case (it is done, or never arose)": (
        nothing_owed_unfinished
    ),
}
TSUSHIMA: dict[str, Claim] = {
    "the person is not on record as an applicant for consultation support": not_applied_for_consultation,
    "no assessment is on record for the present application, of which another rule speaks": none_for_present(
        "assessed"
    ),
    "no assessment that follows the present application is on record, so income and assets are not calculated": (
        not_assessed_after_application
    ),
    "the day of application is not on record": none_of("applied"),
    "membership is not on record for everyone concerned, so it cannot be judged; another rule speaks of that": (
        membership_left_open
    ),
    "membership is not on record for everyone concerned, so it cannot be judged": membership_left_open,
    "everyone concerned is recorded as a member, of which another rule speaks": (
        lambda before, event: all(membership(before))
    ),
    "no day of receipt is on record beside the day of application": blank("received_on"),
    "no receipt of an application is on record": none_of("applied"),
    "no decision is on record for the present application": none_for_present(
        "use_approved", "use_rejected", "discontinued"
    ),
    "neither an approval nor a rejection is on record for the present application": none_for_present(
        "use_approved", "use_rejected"
    ),
    "neither an outcome nor a last day of an earlier use is on record": all_of(
        blank("prior_outcome"), blank("prior_last_day")
    ),
    "the earlier application was rejected or taken back, and no last day of a use is on record": all_of(
        never_ran, blank("prior_last_day")
    ),
    "the last day of the earlier use is not on record, so the day of application cannot be compared with it": (
        blank("prior_last_day")
    ),
    "how an earlier use ended is not on record": blank("prior_outcome"),
    "no month of earlier use is on record": blank("prior_months"),
    "no notice of a first day is on record so far for the present application": none_for_present("approval_notified"),
    "no plan is on record for the present application with whose problems the support could be compared": (
        none_for_present("plan_made")
    ),
    "no day is recorded that could be looked at": blank("days"),
    "no claim that bears this id is on record as received and not given back, of which another rule speaks": (
        no_such_claim
    ),
    "no paper is on record for the event, of which another rule speaks": lambda before, event: not papers(event),
    "the edition of the form is not on record for every paper": (
        lambda before, event: any(each.edition is None for each in papers(event))
    ),
}
CLAIMS = {"saitama": SAITAMA, "tsushima": TSUSHIMA}
"""Programme → what is said of the record, word by word → when it is so."""

HELD: dict[str, dict[str, Claim]] = {
    "saitama": {},
    "tsushima": {
        "no_gang_member": lambda before, event: False in membership(before),
        "nobody_a_gang_member": lambda before, event: not any(membership(before)) and None not in membership(before),
        "gang_member_under_item_2": lambda before, event: (
            not any(membership(before)) and None not in membership(before)
        ),
        "form_edition": lambda before, event: bool(papers(event)) and all(each.edition for each in papers(event)),
        "no_running_period": lambda before, event: event.data.prior_last_day is not None,
    },
}
"""Programme → rule → what has to be on record for the rule to be called held."""


def falsehoods(events: list[Event], office: Office = OFFICE) -> Iterator[tuple[int, str, str]]:
    """Number of the event, rule and sentence (or ``held``), wherever the events tell otherwise."""
    for at, (event, said, _) in enumerate(answers(events, office)):
        before = events[:at]
        for rule, answer in said.items():
            if isinstance(answer, Inapplicable):
                sentence = answer.reason.en
                if not CLAIMS[event.programme].get(sentence, lambda before, event: True)(before, event):
                    yield event.seq, rule, sentence
            elif answer is None and not HELD[event.programme].get(rule, lambda before, event: True)(before, event):
                yield event.seq, rule, "held"


@pytest.mark.parametrize("code", REASONS)
def test_whatever_is_said_of_the_record_has_its_check(code: str) -> None:
    """No sentence on what is or is not recorded goes without one, and none is checked that nobody says."""
    told = {each.reason.en for each in REASONS[code].values()}
    assert {each for each in told if re.search(r"\brecord(ed)?\b", each)} == set(CLAIMS[code])


@pytest.mark.parametrize("code", REASONS)
def test_what_is_told_of_the_stories_is_so(code: str) -> None:
    """Every witness, told history and record that leaves steps out."""
    told = [(witness.story.events, witness.office) for witness in WITNESSES[code].values()]
    told += [(story(), OFFICE) for story in STORIES[code].values()]
    told += [(story.events, OFFICE) for _, _, story in TOLD if story.programme == code]
    told += [(story.events, OFFICE) for story in CAREFUL if story.programme == code]
    assert [] == [wrong for events, office in told for wrong in falsehoods(events, office)]


@pytest.mark.parametrize("code", REASONS)
def test_what_is_told_of_any_history_is_so(code: str) -> None:
    """Events of any kind, on any days and in any order."""

    @given(any_events(code) | gone_astray(STORIES[code]))
    def check(events: list[Event]) -> None:
        assert [] == list(falsehoods(events))

    check()


INFORMED = s.InformationGiven(content="相談支援の窓口", agency="agency-1")
REJECTED, GRANTED = s.ApplicationResult.REJECTED, s.ApplicationResult.GRANTED


def _resolved(*results: tuple[str, s.ApplicationResult], visit: str) -> Story:
    story = saitama.course("support_started")
    for when, result in results:
        story.on(when, s.ApplicationResolved(result=result))
    return story.on(visit, saitama.VISIT)


def _informed(cause: s.AbolitionCause, *before: Any, need: bool | None = None) -> Story:
    story = saitama.course("support_started")
    for data in before:
        story.on("2025-05-20", data)
    story.on("2025-06-01", s.AssistanceAbolished(cause=cause, need=need))
    return story.on("2025-06-05", INFORMED)


AGAIN = tsushima.course("plan_made").on("2026-04-01", tsushima.COURSE["applied"].data, by=OFFICER)

CAREFUL: tuple[Story, ...] = (
    _resolved(("2025-05-01", REJECTED), ("2025-05-20", GRANTED), visit="2025-06-01"),
    _resolved(("2025-05-01", REJECTED), ("2025-05-20", REJECTED), visit="2025-05-10"),
    _informed(s.AbolitionCause.DEATH),
    _informed(s.AbolitionCause.OWN_EMPLOYMENT),
    _informed(s.AbolitionCause.WAIVED, s.EndedOutside(reason=s.OutsideReason.TRANSFER)),
    AGAIN.fork().on("2026-04-02", tsushima.APPROVED),
    AGAIN.fork().on("2026-04-02", tsushima.RECOGNISED),
    AGAIN.fork().on("2026-04-02", tsushima.NOTIFIED),
    AGAIN.fork().on("2026-04-02", tsushima.ADVICE),
)
"""Records in which what is missing now was there before."""
