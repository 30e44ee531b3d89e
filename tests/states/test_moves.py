"""Where each event may happen and where it leads: both charts, read off the text state by state, against the machine.

Written beside the 要綱 and our readings of it, not beside the rulebook: a state that is added to a row, or taken from
it, or another destination, stands out here.
"""

from __future__ import annotations

import pytest

from shuroflow.events import Corrected, Withdrawn, kinds_of
from shuroflow.vocabulary import Severity, State
from tests.states.story import edition_of

N, C, S, K = State.NEW, State.CANDIDATE, State.SELECTED, State.CONSENTED
I, X, E, D = State.IN_SUPPORT, State.EXTENDED, State.ENDED, State.DISCONTINUED  # noqa: E741 - one letter each
A, R = State.AFTERCARE, State.DECLINED

Moves = dict[str, list[tuple[set[State], State | None]]]
"""Event → from which states, to which one; ``None``: it stays."""

SAITAMA: Moves = {
    # 3(1): the person stays one that is supported for as long as the case is open
    "application_resolved": [({C, S, K, I, X}, None)],
    "target_recognised": [({C, S, K, I, X}, None)],
    # 4(1): list, selection, consent, decision, goals, start, each on top of the one before it
    "listed": [({N}, C)],
    "selected": [({C}, S)],
    "declined": [({C, S, K}, R)],
    "consented": [({S}, K), ({K, I, X}, None)],
    "consent_withdrawn": [({K, I, X}, None)],
    "support_decided": [({S, K}, None)],
    "goals_set": [({S, K, I, X}, None)],
    "support_started": [({K}, I)],
    # 4(2) to 4(6): only during support; a first visit may come between consent and start (S-04)
    "activity_recorded": [({K, I, X}, None)],
    "evaluated": [({I, X}, None)],
    "goals_changed": [({I, X}, None)],
    "ended": [({I, X}, E)],
    "ended_outside": [({I, X}, E)],
    "extended": [({I, X}, X)],
    "conference_held": [({I, X}, None)],
    # 4(7): advice is asked for at any time
    "advice_given": [({C, S, K, I, X}, None)],
    # 5: recognition once the person is selected, use during support
    "training_recognised": [({S, K, I, X}, None)],
    "training_used": [({I, X}, None)],
    # 6: before support there is nobody to inform yet; after its end only 6(1) leads on
    "assistance_suspended": [({C, S, K, I, X}, None)],
    "assistance_abolished": [({I, X}, A), ({E}, A), ({E}, None)],
    "information_given": [({A, E}, None)],
    # not in this text (S-06)
    "discontinued": [],
}

TSUSHIMA: Moves = {
    # 第5条: application, assessment (again during use, 第7条第1項第1号), decision, notice
    "applied": [({N}, C)],
    "application_withdrawn": [({C}, R)],
    "assessed": [({C, S, I, X}, None)],
    "use_approved": [({C}, S)],
    "approval_notified": [({S, I, X}, None)],
    "use_rejected": [({C}, R)],
    "rejection_notified": [({R}, None)],
    # 第6条: the period begins on the notified day; employment is a fact at any time (T-24)
    "use_started": [({S}, I), ({I}, None)],
    "employment_started": [({C, S, I, X, E, D}, None)],
    "self_support_recognised": [({I, X}, E)],
    # 第7条: an approved use that has not begun can be discontinued (T-32)
    "incident_recorded": [({C, S, I, X}, None)],
    "discontinued": [({S, I, X}, D)],
    "discontinuation_notified": [({D}, None)],
    # 第8条: the plan may be made before the first day (T-34)
    "plan_made": [({S, I, X}, None)],
    "plan_reviewed": [({I, X}, None)],
    "activity_recorded": [({I, X}, None)],
    # 第9条: agreements are made before there is any use (T-36); days at a workplace are days of use
    "agreement_made": [({C, S, I, X}, None)],
    "coverage_arranged": [({C, S, I, X}, None)],
    "coordination_recorded": [({S, I, X, E, D}, None)],
    "workplace_visited": [({I, X}, None)],
    "trial_confirmed": [({S, I, X}, None)],
    "trial_started": [({I, X}, None)],
    # papers and payments come after the use too
    "attendance_recorded": [({I, X, E, D}, None)],
    "wages_paid": [({I, X, E, D}, None)],
    "claim_received": [({I, X, E, D}, None)],
    "claim_returned": [({I, X, E, D}, None)],
    "claim_paid": [({I, X, E, D}, None)],
    # not in this text (T-22, T-26, T-33)
    "extended": [],
    "consented": [],
    "assistance_abolished": [],
}

CHARTS = {"saitama": SAITAMA, "tsushima": TSUSHIMA}


@pytest.mark.parametrize(("code", "kind"), [(code, kind) for code, chart in CHARTS.items() for kind in chart])
def test_an_event_moves_as_the_text_has_it(code: str, kind: str) -> None:
    """From each state it leads where it should, stays where it should, and is out of place everywhere else."""
    machine = edition_of(code).machine
    expected = {
        (source.value, None if dest is None else dest.value) for states, dest in CHARTS[code][kind] for source in states
    }
    moves = machine.get_transitions(kind) if kind in machine.events else []
    assert expected == {(move.source, move.dest) for move in moves}


@pytest.mark.parametrize("code", CHARTS)
def test_every_event_has_its_moves(code: str) -> None:
    """Nothing that can be recorded is left out here."""
    kinds = {name for name, cls in kinds_of(code).items() if cls not in (Corrected, Withdrawn)}
    assert kinds == set(CHARTS[code])


# Under which clause, by which reading, and in which place of its day -------------------------------------------------

PLACES = {
    "saitama": [
        # event, clause, our reading of where it may happen, turn on its day, the day from which it counts
        ("application_resolved", "3(1)ア", None, 0, None),
        ("target_recognised", "3(1)イ", None, 0, None),
        ("listed", "4(1)①", "S-27", 0, None),
        ("selected", "4(1)②", None, 0, None),
        ("declined", "4(1)②", None, 0, None),
        ("consented", "4(1)④", None, 0, None),
        ("consented", "4(1)④", None, 0, None),
        ("consent_withdrawn", "4(1)④", "S-05", 0, None),
        ("support_decided", "4(1)⑤", None, 0, None),
        ("goals_set", "4(1)⑤", None, 0, None),
        ("support_started", "4(1)⑤", None, 0, None),
        ("activity_recorded", "4(2)", None, 1, None),
        ("evaluated", "4(3)", None, 0, None),
        ("goals_changed", "4(3)変更", None, 0, None),
        ("ended", "4(4)", None, 0, None),
        ("ended_outside", "4(4)", "S-06", 0, None),
        ("discontinued", "4(4)", None, 0, None),
        ("extended", "4(5)但書", None, 0, "consulted_on"),
        ("conference_held", "4(6)", None, 0, None),
        ("advice_given", "4(7)前段", None, 0, None),
        ("training_recognised", "5①", None, 0, None),
        ("training_used", "5②", None, 1, None),
        ("assistance_suspended", "6(2)", "S-26", 0, None),
        ("assistance_abolished", "6(1)", "S-20", 0, None),
        ("assistance_abolished", "6(1)", None, 0, None),
        ("assistance_abolished", "6(1)", None, 0, None),
        ("information_given", "6(1)", "S-22", 1, None),
    ],
    "tsushima": [
        ("applied", "第5条第1項", "T-23", 0, None),
        ("application_withdrawn", "第5条第1項", "T-32", 0, None),
        ("assessed", "第5条第2項", None, 0, None),
        ("use_approved", "第5条第2項", None, 0, None),
        ("approval_notified", "第5条第3項", None, 0, None),
        ("use_rejected", "第5条第2項", None, 0, None),
        ("rejection_notified", "第5条第4項", None, 0, None),
        ("use_started", "第6条第1項", None, 0, None),
        ("use_started", "第6条第1項", None, 0, None),
        ("employment_started", "第6条第2項", "T-24", 0, None),
        ("self_support_recognised", "第6条第2項", None, 0, None),
        ("extended", "第6条第1項", None, 0, None),
        ("incident_recorded", "第7条第1項", "T-28", 0, None),
        ("discontinued", "第7条第1項", None, 0, None),
        ("discontinuation_notified", "第7条第2項", None, 0, None),
        ("plan_made", "第8条第1項第1号", "T-34", 0, None),
        ("plan_reviewed", "第8条第1項第2号", None, 0, None),
        ("activity_recorded", "第8条第2項", None, 1, None),
        ("agreement_made", "第9条第2項", "T-36", 0, None),
        ("coverage_arranged", "第9条第3項", "T-36", 0, None),
        ("coordination_recorded", "第9条第5項", "T-36", 0, None),
        ("workplace_visited", "第8条第2項第3号", None, 1, None),
        ("trial_confirmed", "第9条第6項", None, 0, None),
        ("trial_started", "第9条第6項", None, 1, None),
        ("attendance_recorded", "第9条第6項中段", None, 2, None),
        ("wages_paid", "第9条第4項", None, 0, None),
        ("claim_received", "第10条第1項", None, 3, None),
        ("claim_returned", "第10条第1項", None, 3, None),
        ("claim_paid", "第10条第2項", None, 4, None),
        ("consented", "第5条第1項", None, 0, None),
        ("assistance_abolished", "第4条", None, 0, None),
    ],
}

STEPS = {
    "saitama": {C: "4(1)①", S: "4(1)②", K: "4(1)④", I: "4(1)⑤", X: "4(5)但書", E: "4(4)", A: "6(1)"},
    "tsushima": {C: "第5条第1項", S: "第5条第2項", I: "第6条第1項", X: "第6条第1項", E: "第6条第1項", D: "第7条第1項"},
}
"""The clause of the step that leads to each state; a step that was left out is told by it."""

BY_ITSELF = {"saitama": [], "tsushima": [(S, I, "第6条第1項"), (I, E, "第6条第1項")]}
"""第6条第1項: use begins on the notified day and ends with 31 March, and no event says so."""


@pytest.mark.parametrize("code", CHARTS)
def test_each_event_stands_under_its_clause(code: str) -> None:
    """Clause, reading, turn and day of each row, in the order of the text: a paper comes before what rests on it."""
    rows = [(row.event, row.clause, row.place, row.turn, row.counts_from) for row in edition_of(code).rows]
    assert PLACES[code] == rows


@pytest.mark.parametrize("code", CHARTS)
def test_each_step_has_its_clause(code: str) -> None:
    """The steps, and the moves that a day brings."""
    edition = edition_of(code)
    assert STEPS[code] == edition.ladder
    assert BY_ITSELF[code] == [(lapse.source, lapse.dest, lapse.clause) for lapse in edition.by_itself]


OF_THE_DAY = {
    "saitama": {
        "period_lapsed": (Severity.NOTE, "S-12"),
        "extensions_counted": (Severity.NOTE, "S-10"),
        "contact_gap": (Severity.OBSERVATION, "S-17"),
        "contacts_counted": (Severity.NOTE, "S-17"),
    },
    "tsushima": {
        "days_to_decision": (Severity.NOTE, "T-17"),
        "legal_basis_stale": (Severity.NOTE, "T-47"),
        "review_interval": (Severity.OBSERVATION, "T-35"),
    },
}


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, rules in OF_THE_DAY.items() for name in rules])
def test_what_a_day_brings_refuses_nothing(code: str, name: str) -> None:
    """It is said of the day asked about, each time it is asked, and rests on a reading of ours."""
    rule = edition_of(code).table.rules[name]
    assert (*OF_THE_DAY[code][name], False, False) == (rule.severity, rule.decision, rule.blocks, rule.once)
